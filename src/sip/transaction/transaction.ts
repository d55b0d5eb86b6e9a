import type { Address, Node, Timer, Turn } from '../../sim/node.ts'
import type { Rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import { isLooping, withoutStrictRoute } from '../core/proxy.ts'
import type { Via } from '../headers.ts'
import { anyEndpoint, anyProxy, type Element, judge, judgeForm, type Verdict } from '../judge.ts'
import type { HeaderChanges, MessageChanges, SipMessage, SipRequest, SipResponse } from '../message.ts'
import type { Malformed } from '../parse.ts'
import {
  type ClientGround,
  type ClientTransaction,
  cancelClient,
  clientKey,
  type Failure,
  onTimerC,
  openClient,
  runClient,
  runResponse,
} from './client-transaction.ts'
import { type Hop, hopsTo } from './locate.ts'
import { MessageTurn } from './message-turn.ts'
import {
  awaitAnswer,
  mergeKey,
  openServer,
  respond,
  runServer,
  type ServerGround,
  type ServerTransaction,
  serverKey,
  serverKeyOf,
} from './server-transaction.ts'
import * as rules from './transaction-rules.ts'
import { type Leg, networkLeg, type SipTurn, type TransactionUser } from './transaction-user.ts'
import { type TransportSettings, transportFor, transportSettings } from './transport.ts'

/** The state of a node with a transaction layer: its transactions, and that of what sits upon it. */
export interface SipState<S> {
  /** What the node's tags, branches and Call-IDs begin with. */
  readonly label: string
  readonly clients: Map<string, ClientTransaction>
  readonly servers: Map<string, ServerTransaction>
  /** The requests that are being answered, by what they have in common with copies that come by another way. */
  readonly ongoing: Set<string>
  /** What it knows of the ways that its requests can take. */
  readonly ways: TransportSettings
  readonly user: S
}

/**
 * Lays the transaction layer (RFC 3261 §17) under a transaction user. What comes over a real wire and is no SIP message
 * (`Malformed`) is for the layer as well, though few buses carry it.
 */
export function sipNode<S, Other extends { readonly protocol: string } = never>(
  user: TransactionUser<S, Other>,
): Node<SipState<S>, SipMessage | Other> {
  const layer = new TransactionLayer<S, Other>(user)
  return {
    title: user.title,
    clause: user.clause,
    start: (address, settings) => ({
      label: address.replaceAll(/[^A-Za-z0-9.-]+/g, '.').replaceAll(/^\.|\.$/g, ''),
      clients: new Map(),
      servers: new Map(),
      ongoing: new Set(),
      ways: transportSettings(settings),
      user: user.start(address, settings),
    }),
    handle(state, input, turn) {
      layer.begin(state, turn)
      if (input.kind === 'timer') return layer.fire(input.timer)
      if (input.kind === 'command') return user.onCommand?.(state.user, input.command, layer)
      const message: SipMessage | Other | Malformed = input.message
      if (message.protocol !== 'sip') {
        if (input.kind === 'failure') return user.onOtherFailed?.(state.user, message as Other, input.to, layer)
        return user.onOther?.(state.user, message as Other, input.from, layer)
      }
      const sip = message as SipMessage | Malformed
      if (sip.kind === 'malformed') {
        if (input.kind === 'message') layer.receiveMalformed(sip, input.from)
        return
      }
      if (input.kind === 'failure') return layer.onFailure(sip)
      if (sip.kind === 'request') return layer.receiveRequest(sip, input.from)
      return layer.receiveResponse(sip)
    },
  }
}

const nowhere: readonly Hop[] = []

class TransactionLayer<S, Other> extends MessageTurn<Other> implements SipTurn<Other>, ServerGround, ClientGround {
  private readonly user: TransactionUser<S, Other>
  private state!: SipState<S>
  /** The request whose key was made last, and that key. */
  private keyed: SipRequest | undefined
  private key = ''
  /** The server transaction whose request was forwarded last, if Timer E of the client transaction comes back to it. */
  private tended: string | undefined

  constructor(user: TransactionUser<S, Other>) {
    super()
    this.user = user
  }

  begin(state: SipState<S>, turn: Turn<SipMessage | Other>): void {
    this.state = state
    this.beginTurn(state.label, turn)
  }

  get clients(): Map<string, ClientTransaction> {
    return this.state.clients
  }
  get servers(): Map<string, ServerTransaction> {
    return this.state.servers
  }
  get ongoing(): Set<string> {
    return this.state.ongoing
  }

  request(to: Address, message: SipRequest): void {
    this.launch(to, message, undefined)
  }

  forward(received: SipRequest, bare: SipRequest, to: Address, patience?: Micros): void {
    const message = withoutStrictRoute(bare, this)
    this.launch(to, message, this.keyOf(received), patience)
  }

  reply(to: SipRequest, status: number, why: Rule, changes?: MessageChanges, reason?: string): void {
    if (this.without(why)) return
    const bare = this.answer(to, status, why, changes, reason)
    this.respond(to, this.user.onReply?.(this.state.user, bare, to, this) ?? bare)
  }

  respond(to: SipRequest, response: SipResponse): void {
    // §17.1.1.3: an ACK is never answered.
    if (to.method !== 'ACK') respond(this, this.keyOf(to), response)
  }

  receiveRequest(message: SipRequest, from: Address): void {
    if (message.headers.via === undefined) return this.decide(rules.unanswerable, 'dropped', { method: message.method })
    const key = this.keyOf(message)
    const known = this.state.servers.get(key)
    if (known !== undefined) return this.receiveAgain(key, known, message, from)
    const { user, state } = this
    const element = user.element?.(state.user, message, from)
    const fault = element === undefined ? judgeForm(message) : judge(message, element)
    if (message.method === 'ACK' || message.method === 'CANCEL') return this.receiveKin(message, from, element, fault)
    const isEndpoint = element?.role === 'endpoint'
    const copies = isEndpoint ? mergeKey(message) : undefined
    const isCopy = copies !== undefined && state.ongoing.has(copies)
    const server = openServer(this, key, message, from, this.legTo(from).timers, isCopy ? undefined : copies)
    if (fault !== undefined && !this.without(fault.why)) return this.refuse(message, fault.status, fault.why, fault)
    if (isCopy && !this.without(rules.merged)) return this.refuse(message, 482, rules.merged)
    if (element?.role === 'proxy' && isLooping(message, this.self, this.earlier) && !this.without(rules.looped))
      return this.refuse(message, 482, rules.looped)
    this.tended = undefined
    user.onRequest?.(state.user, message, this, from)
    if (this.tended !== key || server.isInvite) awaitAnswer(this, key, server)
  }

  /** §17.2.3: what matches a transaction is a retransmission, or the ACK of its response. */
  private receiveAgain(key: string, server: ServerTransaction, message: SipRequest, from: Address): void {
    if (message.method !== 'ACK') return void runServer(this, key, 'Request')
    // RFC 6026 §7.1: the ACK of a 2xx is for the user.
    if (server.state === 'Accepted') this.user.onRequest?.(this.state.user, message, this, from)
    runServer(this, key, 'ACK')
  }

  /** An ACK that is in no transaction, or a CANCEL, which is about another one. */
  private receiveKin(
    message: SipRequest,
    from: Address,
    element: Element | undefined,
    fault: Verdict | undefined,
  ): void {
    const { user, state } = this
    const { method } = message
    if (method === 'ACK' && fault !== undefined) return this.decide(fault.why, 'dropped', { method })
    const inviteKey = serverKey(message, 'INVITE')
    const invite = state.servers.get(inviteKey)
    // §16.10: a proxy forwards a CANCEL of which it knows nothing, as it does an ACK, without a transaction.
    if (method === 'ACK' || (invite === undefined && fault === undefined && element?.role === 'proxy'))
      return user.onRequest?.(state.user, message, this, from)
    openServer(this, this.keyOf(message), message, from, this.legTo(from).timers, undefined)
    // §9.2: whether CANCEL is among the methods of an endpoint does not matter.
    if (fault !== undefined && fault.status !== 405) return this.refuse(message, fault.status, fault.why, fault)
    if (invite === undefined) return this.refuse(message, 481, rules.nothingToCancel)
    this.reply(message, 200, rules.cancelled)
    this.cancel(inviteKey, invite)
  }

  /** §9.2, §16.10: an INVITE is cancelled where it was forwarded to, or else answered. */
  private cancel(key: string, { request, state }: ServerTransaction): void {
    if (request === undefined || state !== 'Proceeding') return
    let isElsewhere = false
    for (const [branch, client] of this.state.clients) {
      if (client.upstream !== key) continue
      isElsewhere = true
      cancelClient(this, branch, client)
    }
    if (!isElsewhere) this.reply(request, 487, rules.cancelled)
  }

  private refuse(
    message: SipRequest,
    status: number,
    why: Rule,
    { headers, reason }: { readonly headers?: HeaderChanges; readonly reason?: string } = {},
  ): void {
    this.reply(message, status, why, headers, reason)
  }

  /** What is no SIP message: if enough of it could be read, it is answered with what is wrong with it. */
  receiveMalformed({ request, status, reason }: Malformed, from: Address): void {
    if (request?.headers.via === undefined || request.method === 'ACK')
      return this.decide(rules.unanswerable, 'dropped', { reason })
    const key = this.keyOf(request)
    if (runServer(this, key, 'Request') || this.state.servers.has(key)) return
    openServer(this, key, request, from, this.legTo(from).timers, undefined)
    this.refuse(request, status, rules.unreadable, { reason })
  }

  receiveResponse(response: SipResponse): void {
    const { via, cseq } = response.headers
    const method = String(cseq?.method)
    const branch = String(via?.[0]?.params.branch)
    const key = clientKey(branch, method)
    const client = this.state.clients.get(key)
    // §17.1.3: the branch and the method in CSeq both have to match.
    if (client === undefined || client.request.method !== method) return this.receiveStray(response, branch)
    const fault = judge(response, client.upstream === undefined ? anyEndpoint : anyProxy)
    if (fault !== undefined) return this.decide(rules.badResponse, 'dropped', { reason: fault.reason })
    runResponse(this, key, response)
  }

  /** RFC 6026 §7.3: only the answer to a CANCEL that was forwarded without a transaction goes on (§16.10). */
  private receiveStray(response: SipResponse, branch: string): void {
    const [own, next, ...rest] = response.headers.via ?? []
    if (next === undefined || own!.host !== this.self || response.headers.cseq?.method !== 'CANCEL')
      return this.decide(rules.strayResponse, 'dropped', { branch })
    const stripped = this.amend(response, rules.removeVia, { via: [next, ...rest] })
    this.transmit(next.host, stripped, next.transport.toUpperCase() !== 'UDP')
  }

  /** A stream could not be delivered (§18.4). */
  onFailure(message: SipMessage): void {
    if (message.kind === 'response') return void runServer(this, serverKeyOf(message), 'Transport Err.')
    const key = clientKey(String(message.headers.via?.[0]?.params.branch), message.method)
    if (this.state.clients.get(key)?.request === message) runClient(this, key, 'Transport Err.')
  }

  /** A timer of a transaction, or one of the transaction user's. */
  fire(timer: Timer): void {
    const { name, of } = timer
    switch (name) {
      case 'Timer E':
      case 'Timer F':
      case 'Timer K':
      case 'Timer A':
      case 'Timer B':
      case 'Timer D':
      case 'Timer M':
        return runClient(this, of, name)
      case 'Timer J':
      case 'Timer 100':
      case 'transaction expiry':
      case 'Timer G':
      case 'Timer H':
      case 'Timer I':
      case 'Timer L':
        return void runServer(this, of, name)
      case 'Timer C':
        return onTimerC(this, of)
      case 'answer overdue':
        return this.onOverdue(of)
      default:
        return this.user.onTimer?.(this.state.user, timer, this)
    }
  }

  private legTo(peer: Address): Leg {
    return this.user.leg?.(this.state.user, peer, this.turn.self) ?? networkLeg
  }

  transmit(to: Address, message: SipMessage, isStream: boolean): void {
    this.send(to, message, isStream ? 'stream' : 'datagram')
  }

  /** Sends a request to the first of the hops that lead to a host. */
  private launch(to: Address, message: SipRequest, upstream: string | undefined, patience?: Micros): void {
    this.sendBy(hopsTo(to, message, this.state.ways.dns, this), message, upstream, patience)
  }

  private sendBy(hops: readonly Hop[], message: SipRequest, upstream: string | undefined, patience?: Micros): void {
    const hop = hops[0]
    if (hop === undefined) return this.giveUp(message, upstream, 'transport')
    const leg = this.legTo(hop.address)
    const branch = this.branch()
    const below = this.viasBelow(message, upstream)
    const own: Via = { transport: 'UDP', host: this.self, port: leg.port, params: { ...leg.params, branch } }
    const { transport, isUpgraded } = transportFor(hop, leg, this.state.ways.mtu, message, own, this)
    const isStream = transport !== 'UDP'
    const via = [isStream ? { ...own, transport } : own, ...below]
    const sent = this.amend(message, upstream === undefined ? rules.addVia : rules.addViaForward, { via })
    // §17.1.1.3, §16.10: an ACK of its own branch, and a CANCEL of what was not forwarded, make no transaction.
    if (message.method === 'ACK' || message.method === 'CANCEL') return this.transmit(hop.address, sent, isStream)
    const others = hops.length === 1 ? nowhere : hops.slice(1)
    openClient(this, branch, sent, { to: hop.address, leg, isStream, isUpgraded, upstream, others })
    if (!isStream) this.tended = upstream
    if (patience !== undefined) this.start({ name: 'answer overdue', of: branch }, patience)
  }

  /** The Vias under the own one. A request that was sent in this turn, with nobody listening, has its own already. */
  private viasBelow(message: SipRequest, upstream: string | undefined): readonly Via[] {
    const { via } = message.headers
    if (via === undefined) return []
    // What this node received from itself and forwards as it is keeps the Via of that way.
    if (upstream !== undefined && this.keyed === message) return via
    const branch = String(via[0]!.params.branch)
    return this.state.clients.get(branch)?.request === message ? via.slice(1) : via
  }

  deliver(client: ClientTransaction, response: SipResponse): void {
    const { upstream, request } = client
    // §16.10: the answer to a CANCEL is for this hop alone, as is 100 (§16.7 step 5).
    if (request.method === 'CANCEL') return
    // RFC 3263 §4.3
    if (response.status === 503 && this.tryNext(client, client.others, rules.tryNextServer)) return
    const { user, state } = this
    if (upstream === undefined) return user.onResponse?.(state.user, response, request, this)
    if (response.status === 100) return
    const rest = response.headers.via!.slice(1)
    const stripped = this.amend(response, rules.removeVia, { via: rest.length === 0 ? undefined : rest })
    const relayed = user.onRelay === undefined ? stripped : user.onRelay(state.user, stripped, request, this)
    if (relayed !== undefined) respond(this, upstream, relayed)
    else this.remind(upstream)
  }

  remind(key: string): void {
    const server = this.state.servers.get(key)
    if (server !== undefined) awaitAnswer(this, key, server)
  }

  fail(client: ClientTransaction, cause: Failure): void {
    const { upstream, request, others, isUpgraded, to } = client
    if (request.method === 'CANCEL') return
    if (cause === 'transport' && isUpgraded) {
      const again: Hop = { address: to, transport: 'UDP', isAnySize: true }
      return void this.tryNext(client, [again, ...others], rules.tryDatagram)
    }
    if (!this.tryNext(client, others, rules.tryNextServer)) this.giveUp(request, upstream, cause)
  }

  /** Sends the request of a transaction that has failed to another hop; false if there is none. */
  private tryNext({ request, upstream }: ClientTransaction, hops: readonly Hop[], why: Rule): boolean {
    if (hops.length === 0) return false
    // Nobody waits for it any more.
    if (upstream !== undefined && this.state.servers.get(upstream)?.request === undefined) return true
    const rest = request.headers.via!.slice(1)
    this.decide(why, hops[0]!.address)
    this.sendBy(hops, this.amend(request, why, { via: rest.length === 0 ? undefined : rest }), upstream)
    return true
  }

  /** No hop is left. */
  private giveUp(request: SipRequest, upstream: string | undefined, cause: Failure): void {
    const { user, state } = this
    if (upstream === undefined) return user.onTimeout?.(state.user, request, this)
    const received = state.servers.get(upstream)?.request
    if (received === undefined) return
    if (user.onUnanswered?.(state.user, request, received, this)) return this.remind(upstream)
    if (cause === 'transport') return this.reply(received, 503, rules.unreachable)
    if (received.method === 'INVITE') return this.reply(received, 408, rules.noAnswer)
    this.decide(rules.noTimeoutAnswer, 'nothing is sent', { method: received.method })
  }

  /** The next hop has not said anything for as long as the transaction user would wait. */
  private onOverdue(branch: string): void {
    const client = this.state.clients.get(branch)
    if (client === undefined || (client.state !== 'Trying' && client.state !== 'Calling')) return
    this.state.clients.delete(branch)
    this.fail(client, 'timeout')
  }

  /** The request that this node forwarded under a branch of its own, as it came, while it has no final response. */
  private readonly earlier = (branch: string): SipRequest | undefined => {
    const upstream = this.state.clients.get(branch)?.upstream
    return upstream === undefined ? undefined : this.state.servers.get(upstream)?.request
  }

  /** What identifies the server transaction of a request (§17.2.3). */
  private keyOf(message: SipRequest): string {
    if (this.keyed === message) return this.key
    this.keyed = message
    this.key = serverKey(message)
    return this.key
  }
}
