import type { Address, Command, Timer, Turn } from '../../sim/node.ts'
import type { Rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import type { Params } from '../headers.ts'
import type { Element } from '../judge.ts'
import type { Body, HeaderChanges, MessageChanges, SipMessage, SipRequest, SipResponse } from '../message.ts'
import type { SipTransport } from './locate.ts'
import { networkTimers, type TimerValues } from './timers.ts'

/** How a node talks to a peer. */
export interface Leg {
  readonly timers: TimerValues
  /** The transport in the Via: over `UDP` messages are retransmitted, over others not. */
  readonly transport: SipTransport
  /** The port at which this node takes responses and requests from the peer, if it is not the default. */
  readonly port: number | undefined
  /** Further parameters of the Via, such as `comp`. */
  readonly params: Params
}

/** Between elements of the network: UDP, default ports, the timers of RFC 3261. */
export const networkLeg: Leg = { timers: networkTimers, transport: 'UDP', port: undefined, params: {} }

/** What the transaction layer offers to what sits upon it; `Other` are messages that are not SIP. */
export interface SipTurn<Other = never> extends Turn<SipMessage | Other> {
  /** Changes a message by a rule; the message is returned as it is if this run leaves the rule out. */
  amend<T extends SipMessage>(message: T, why: Rule, changes: MessageChanges, source?: SipMessage | number): T
  /** Makes a request by a rule. */
  compose(
    why: Rule,
    method: string,
    uri: string,
    headers: HeaderChanges,
    body?: Body,
    source?: SipMessage | number,
  ): SipRequest
  /** Sends a request in a new client transaction (RFC 3261 §17.1.2). */
  request(to: Address, request: SipRequest): void
  /**
   * Answers a request through its server transaction (§8.2.6); `why` is the rule that demands this answer. A run that
   * leaves it out does not answer.
   */
  reply(request: SipRequest, status: number, why: Rule, changes?: MessageChanges): void
  /** Makes the answer to a request without sending it. */
  answer(request: SipRequest, status: number, why: Rule, changes?: MessageChanges, reason?: string): SipResponse
  /** Sends an answer through the server transaction of the request. */
  respond(request: SipRequest, response: SipResponse): void
  /**
   * Forwards `request`, made from `received`; its responses are relayed back (§16.6, §16.7). With `patience`, the next
   * hop counts as failed if it has said nothing at all after so long; else after 64 times T1 (Timer F).
   */
  forward(received: SipRequest, request: SipRequest, to: Address, patience?: Micros): void
  /** A new tag, or the beginning of some other identifier, that no other node makes. */
  identifier(): string
}

/** RFC 3261 §5: what sits on the transaction layer. */
export interface TransactionUser<S, Other = never> {
  readonly title: string
  readonly clause: string
  start(address: Address, settings: unknown): S
  /** How to talk to a peer; `networkLeg` unless told otherwise. */
  leg?(state: S, peer: Address, self: Address): Leg
  /**
   * What it is to a request: by that the transaction layer refuses one that can not be accepted (RFC 3261 §8.2, §16.3).
   * Without it, a request need only have what a transaction is known by.
   */
  element?(state: S, request: SipRequest, from: Address): Element | undefined
  /** An answer by `reply`, or by which the transaction layer refuses a request: what is returned is sent. */
  onReply?(state: S, response: SipResponse, request: SipRequest, turn: SipTurn<Other>): SipResponse
  onRequest?(state: S, request: SipRequest, turn: SipTurn<Other>, from: Address): void
  /** The response to a request of its own. */
  onResponse?(state: S, response: SipResponse, request: SipRequest, turn: SipTurn<Other>): void
  /**
   * The response to a request that it forwarded, before it is relayed: what is returned is sent on. With undefined
   * nothing is: the transaction user tries another way.
   */
  onRelay?(state: S, response: SipResponse, forwarded: SipRequest, turn: SipTurn<Other>): SipResponse | undefined
  /**
   * A request that it forwarded has come to nothing: no server of the next hop answered, or none could be reached. True
   * if the transaction user has taken another way, or answered; else the answer is that of RFC 3261 §16.9.
   */
  onUnanswered?(state: S, forwarded: SipRequest, received: SipRequest, turn: SipTurn<Other>): boolean
  /** Timer F or B fired, or the transport failed, for a request of its own. */
  onTimeout?(state: S, request: SipRequest, turn: SipTurn<Other>): void
  onTimer?(state: S, timer: Timer, turn: SipTurn<Other>): void
  onCommand?(state: S, command: Command, turn: SipTurn<Other>): void
  /** A message that is not SIP, sent by this node, could not be delivered. */
  onOtherFailed?(state: S, message: Other, to: Address, turn: SipTurn<Other>): void
  /** A message that is not SIP. */
  onOther?(state: S, message: Other, from: Address, turn: SipTurn<Other>): void
}
