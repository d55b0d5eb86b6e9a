import type { Address, Timer } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import type { HeaderChanges, SipMessage, SipRequest, SipResponse } from '../message.ts'
import type { Hop } from './locate.ts'
import {
  type Arrow,
  type ClientAction,
  type ClientEvent,
  clientTable,
  type InviteClientEvent,
  inviteClientTable,
  type TransactionState,
} from './transaction-tables.ts'
import type { Leg } from './transaction-user.ts'

/** A client transaction (RFC 3261 §17.1); its owner changes it in place. */
export interface ClientTransaction {
  state: TransactionState
  /** As it was sent, with the Via of this node on top. */
  readonly request: SipRequest
  readonly to: Address
  readonly leg: Leg
  /** True over a transport that loses nothing. */
  readonly isStream: boolean
  /** True if it went over a stream only because of its size (§18.1.1). */
  readonly isUpgraded: boolean
  /** The interval of Timer A or E. */
  interval: Micros
  /** The server transaction whose request this one forwards. */
  readonly upstream: string | undefined
  /** Where else the request can go if this hop fails (RFC 3263 §4.3). */
  readonly others: readonly Hop[]
  /** When Timer C fires, at a proxy, and whether the INVITE is to be cancelled; undefined for other methods. */
  readonly invite: { timerC: Micros; isCancelled: boolean } | undefined
}

/** What client transactions stand on. */
export interface ClientGround {
  readonly now: Micros
  readonly clients: Map<string, ClientTransaction>
  transmit(to: Address, message: SipMessage, isStream: boolean): void
  start(timer: Timer, after: Micros): void
  compose(
    why: Rule,
    method: string,
    uri: string,
    headers: HeaderChanges,
    body?: string,
    source?: SipMessage,
  ): SipRequest
  /** A response that the transaction user is to have. */
  deliver(client: ClientTransaction, response: SipResponse): void
  /** The server transaction of this key still has no answer when its request is sent again. */
  remind(upstream: string): void
  /** No answer came, or the transport failed. */
  fail(client: ClientTransaction, cause: 'timeout' | 'transport'): void
}

/** Why a client transaction ended without an answer. */
export type Failure = 'timeout' | 'transport'

const acknowledge = rule('RFC 3261 §17.1.1.3', 'the transaction itself acknowledges a final response other than 2xx')
const cancel = rule('RFC 3261 §9.1', 'a CANCEL has the branch, Request-URI, route and identifiers of its request')

/** §16.6 step 11: Timer C is longer than three minutes. */
const timerC = seconds(181)

/** §17.1.3: a transaction is found by branch; that of a CANCEL shares the branch of its INVITE. */
export const clientKey = (branch: string, method: string): string => (method === 'CANCEL' ? `${branch} CANCEL` : branch)

/** §17.1: sends the request and starts the timers. */
export function openClient(
  ground: ClientGround,
  key: string,
  request: SipRequest,
  hop: Pick<ClientTransaction, 'to' | 'leg' | 'isStream' | 'isUpgraded' | 'upstream' | 'others'>,
): void {
  const { to, leg, isStream, isUpgraded, upstream, others } = hop
  const isInvite = request.method === 'INVITE'
  const { t1 } = leg.timers
  ground.clients.set(key, {
    state: isInvite ? 'Calling' : 'Trying',
    request,
    to,
    leg,
    isStream,
    isUpgraded,
    interval: t1,
    upstream,
    others,
    invite: isInvite ? { timerC: ground.now + timerC, isCancelled: false } : undefined,
  })
  ground.transmit(to, request, isStream)
  // §17.1.1.2, §17.1.2.2: nothing is sent again over a reliable transport.
  if (!isStream) ground.start({ name: isInvite ? 'Timer A' : 'Timer E', of: key }, t1)
  ground.start({ name: isInvite ? 'Timer B' : 'Timer F', of: key }, 64 * t1)
  // §16.6 step 11
  if (isInvite && upstream !== undefined) ground.start({ name: 'Timer C', of: key }, timerC)
}

/** §17.1.1.2, §17.1.2.2: a response to the request of the transaction. */
export function runResponse(ground: ClientGround, key: string, response: SipResponse): void {
  const { status } = response
  const client = ground.clients.get(key)
  if (client === undefined) return
  const { invite } = client
  if (invite === undefined) return runClient(ground, key, status < 200 ? '1xx' : '200-699', response)
  // §16.7 step 2
  if (status > 100 && status < 200) invite.timerC = ground.now + timerC
  const isFirst = client.state === 'Calling'
  runClient(ground, key, status < 200 ? '1xx' : status < 300 ? '2xx' : '300-699', response)
  // §9.1: a CANCEL waits for a provisional response.
  if (status < 200 && isFirst && invite.isCancelled) sendCancel(ground, key, client)
}

/** One event of a client transaction. */
export function runClient(
  ground: ClientGround,
  key: string,
  event: ClientEvent | InviteClientEvent,
  response?: SipResponse,
): void {
  const client = ground.clients.get(key)
  if (client === undefined) return
  const table = client.invite === undefined ? clientTable : inviteClientTable
  const arrow = (table[client.state] as Readonly<Record<string, Arrow<ClientAction>>> | undefined)?.[event]
  if (arrow === undefined) return
  client.state = arrow.next
  if (arrow.next === 'Terminated') ground.clients.delete(key)
  const cause = event === 'Transport Err.' ? 'transport' : 'timeout'
  for (const action of arrow.actions) act(ground, action, key, client, response, cause)
}

function act(
  ground: ClientGround,
  action: ClientAction,
  key: string,
  client: ClientTransaction,
  response: SipResponse | undefined,
  cause: Failure,
): void {
  const { t1, t2, t4 } = client.leg.timers
  switch (action) {
    case 'send request':
      if (client.upstream !== undefined) ground.remind(client.upstream)
      return ground.transmit(client.to, client.request, client.isStream)
    case 'send ACK':
      return ground.transmit(client.to, ackTo(ground, client.request, response!), client.isStream)
    case 'Timer A doubles':
      client.interval *= 2
      return ground.start({ name: 'Timer A', of: key }, client.interval)
    case 'Timer E doubles up to T2':
      client.interval = Math.min(2 * client.interval, t2)
      return ground.start({ name: 'Timer E', of: key }, client.interval)
    case 'Timer E = T2':
      return ground.start({ name: 'Timer E', of: key }, t2)
    case 'start Timer D':
      return client.isStream ? runClient(ground, key, 'Timer D') : ground.start({ name: 'Timer D', of: key }, 64 * t1)
    case 'start Timer K':
      // §17.1.2.2: no time at all over a reliable transport.
      return client.isStream ? runClient(ground, key, 'Timer K') : ground.start({ name: 'Timer K', of: key }, t4)
    case 'start Timer M':
      return ground.start({ name: 'Timer M', of: key }, 64 * t1)
    case 'response to TU':
      return ground.deliver(client, response!)
    case 'inform TU':
      return ground.fail(client, cause)
  }
}

/** §16.8: Timer C: the INVITE has rung too long and is cancelled, or nothing came of its CANCEL either. */
export function onTimerC(ground: ClientGround, key: string): void {
  const client = ground.clients.get(key)
  if (client?.invite === undefined || (client.state !== 'Calling' && client.state !== 'Proceeding')) return
  const left = client.invite.timerC - ground.now
  if (left > 0) return ground.start({ name: 'Timer C', of: key }, left)
  if (!client.invite.isCancelled) return cancelClient(ground, key, client)
  ground.clients.delete(key)
  ground.fail(client, 'timeout')
}

/** §9.1, §16.10: cancels an INVITE that has no final response, once it has a provisional one. */
export function cancelClient(ground: ClientGround, key: string, client: ClientTransaction): void {
  const { invite, state } = client
  if (invite === undefined || invite.isCancelled || (state !== 'Calling' && state !== 'Proceeding')) return
  invite.isCancelled = true
  if (state === 'Proceeding') sendCancel(ground, key, client)
}

function sendCancel(ground: ClientGround, branch: string, client: ClientTransaction): void {
  const { to, leg, isStream } = client
  const request = within(ground, cancel, client.request, 'CANCEL', {})
  const hop = { to, leg, isStream, isUpgraded: false, upstream: undefined, others: [] }
  openClient(ground, clientKey(branch, 'CANCEL'), request, hop)
  // §9.1: so long the final response may take.
  client.invite!.timerC = ground.now + 64 * leg.timers.t1
  ground.start({ name: 'Timer C', of: branch }, 64 * leg.timers.t1)
}

/** §17.1.1.3: To is that of the response, all else that of the request. */
const ackTo = (ground: ClientGround, request: SipRequest, response: SipResponse): SipRequest =>
  within(ground, acknowledge, request, 'ACK', { to: response.headers.to })

/** ACK and CANCEL: of the request they have what tells its transaction, and its route. */
function within(
  ground: ClientGround,
  why: Rule,
  request: SipRequest,
  method: string,
  changes: HeaderChanges,
): SipRequest {
  const { via, route, from, to, callId, cseq } = request.headers
  const headers: HeaderChanges = {
    via: via!.slice(0, 1),
    maxForwards: 70,
    ...(route !== undefined && { route }),
    from,
    to,
    callId,
    cseq: { number: cseq!.number, method },
    ...changes,
  }
  return ground.compose(why, method, request.uri, headers, '', request)
}
