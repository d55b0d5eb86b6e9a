import type { Address, Facts, Node, Timer, Transport, Turn } from '../sim/node.ts'
import { type Rule, rule } from '../sim/rule.ts'
import type { Micros } from '../sim/time.ts'
import type { Params, Via } from './headers.ts'
import {
  type Body,
  change,
  changed,
  type HeaderChanges,
  type MessageChanges,
  request,
  responseFields,
  responseTo,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from './message.ts'
import { reasonPhrase } from './status.ts'
import {
  type ClientAction,
  type ClientEvent,
  clientTable,
  type ServerAction,
  type ServerEvent,
  serverTable,
  type TransactionState,
} from './transaction-tables.ts'
import { type Leg, networkLeg, type SipTurn, type TransactionUser } from './transaction-user.ts'

interface ClientTransaction {
  state: TransactionState
  readonly request: SipRequest
  readonly to: Address
  readonly leg: Leg
  /** The interval of Timer E. */
  interval: Micros
  /** The server transaction whose request this one forwards. */
  readonly upstream: string | undefined
}

interface ServerTransaction {
  state: TransactionState
  readonly from: Address
  readonly leg: Leg
  response: SipResponse | undefined
}

/** The state of a node with a transaction layer: its transactions, and that of what sits upon it. */
export interface SipState<S> {
  /** What the node's tags, branches and Call-IDs begin with. */
  readonly label: string
  readonly clients: Map<string, ClientTransaction>
  readonly servers: Map<string, ServerTransaction>
  readonly user: S
}

/** Lays the transaction layer (RFC 3261 §17) under a transaction user. */
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
      user: user.start(address, settings),
    }),
    handle(state, input, turn) {
      layer.begin(state, turn)
      if (input.kind === 'timer') return layer.fire(input.timer)
      if (input.kind === 'command') return user.onCommand?.(state.user, input.command, layer)
      if (input.kind === 'failure') return
      const { message } = input
      if (message.protocol !== 'sip') return user.onOther?.(state.user, message as Other, input.from, layer)
      const sip = message as SipMessage
      if (sip.kind === 'request') return layer.receiveRequest(sip, input.from)
      return layer.receiveResponse(sip)
    },
  }
}

const addVia = rule('RFC 3261 §8.1.1.7', 'Via names the sender and the transaction by its branch')
const addViaForward = rule('RFC 3261 §16.6 step 8', 'a proxy puts its own Via on top')
const removeVia = rule('RFC 3261 §16.7 step 3', 'a proxy takes its own Via from a response')
const copyForResponse = rule('RFC 3261 §8.2.6.2', 'a response repeats Via, From, To, Call-ID and CSeq of the request')
const tagResponse = rule('RFC 3261 §8.2.6.2', 'whoever answers adds its tag to To')
const noTimeoutAnswer = rule('RFC 4320 §4.2', 'a proxy does not answer 408 when a non-INVITE request times out')
const strayResponse = rule('RFC 3261 §17.1.3', 'a response that matches no client transaction is dropped')

class TransactionLayer<S, Other> implements SipTurn<Other> {
  private readonly user: TransactionUser<S, Other>
  private state!: SipState<S>
  private turn!: Turn<SipMessage | Other>
  /** The message that was made last in this turn, as long as only its maker has seen it. */
  private draft: SipMessage | undefined
  /** The request whose key was made last, and that key. */
  private keyed: SipRequest | undefined
  private key = ''

  constructor(user: TransactionUser<S, Other>) {
    this.user = user
  }

  begin(state: SipState<S>, turn: Turn<SipMessage | Other>): void {
    this.state = state
    this.turn = turn
    this.draft = undefined
  }

  get self(): Address {
    return this.turn.self
  }
  get now(): Micros {
    return this.turn.now
  }
  get step(): number {
    return this.turn.step
  }
  get listening(): boolean {
    return this.turn.listening
  }
  send(to: Address, message: SipMessage | Other, transport?: Transport): void {
    this.draft = undefined
    this.turn.send(to, message, transport)
  }
  start(timer: Timer, after: Micros): void {
    this.turn.start(timer, after)
  }
  random(bound: number): number {
    return this.turn.random(bound)
  }
  serial(): number {
    return this.turn.serial()
  }
  without(why: Rule): boolean {
    return this.turn.without(why)
  }
  amended(
    why: Rule,
    before: SipMessage | Other | undefined,
    after: SipMessage | Other,
    names: readonly string[],
    source?: SipMessage | Other | number,
  ): void {
    this.turn.amended(why, before, after, names, source)
  }
  decide(why: Rule, outcome: string, facts?: Facts): void {
    this.turn.decide(why, outcome, facts)
  }

  identifier(): string {
    // Joined, since a string that was put together by + or a template keeps its parts for as long as it lives.
    return [this.state.label, this.turn.serial()].join('-')
  }

  amend<T extends SipMessage>(message: T, why: Rule, changes: MessageChanges, source?: SipMessage | number): T {
    if (this.turn.without(why)) return message
    if (!this.turn.listening) return this.amendQuietly(message, changes)
    const after = changed(message, changes)
    const names = Object.keys(changes)
    if (changes.body !== undefined) names.push('contentLength')
    this.turn.amended(why, message, after, names, source)
    return after
  }

  /** With nobody listening, a message that was made in this turn need not be copied at every rule. */
  private amendQuietly<T extends SipMessage>(message: T, changes: MessageChanges): T {
    if (message === this.draft) {
      change(message, changes)
      return message
    }
    const after = changed(message, changes)
    this.draft = after
    return after
  }

  compose(
    why: Rule,
    method: string,
    uri: string,
    headers: HeaderChanges,
    body?: Body,
    source?: SipMessage | number,
  ): SipRequest {
    const made = request(method, uri, headers, body)
    this.draft = made
    if (this.turn.listening) {
      const names = ['method', 'requestUri', ...Object.keys(headers), 'contentLength']
      this.turn.amended(why, undefined, made, body ? [...names, 'body'] : names, source)
    }
    return made
  }

  request(to: Address, message: SipRequest): void {
    this.startClient(to, message, undefined)
  }

  forward(received: SipRequest, message: SipRequest, to: Address): void {
    this.startClient(to, message, this.keyOf(received))
  }

  reply(to: SipRequest, status: number, why: Rule, changes?: MessageChanges): void {
    this.respond(to, this.answer(to, status, why, changes))
  }

  answer(to: SipRequest, status: number, why: Rule, changes?: MessageChanges): SipResponse {
    const bare = responseTo(to, status, reasonPhrase(status))
    this.draft = bare
    if (this.turn.listening) {
      this.turn.amended(copyForResponse, undefined, bare, responseFields, to)
      this.turn.amended(why, bare, bare, ['status'], to)
    }
    let response = bare
    const addressee = to.headers.to!
    if (addressee.params.tag === undefined && changes?.to === undefined && status > 100)
      response = this.amend(response, tagResponse, { to: withTag(addressee, this.identifier()) })
    return changes === undefined ? response : this.amend(response, why, changes, to)
  }

  respond(to: SipRequest, response: SipResponse): void {
    this.runServer(this.keyOf(to), response.status < 200 ? '1xx from TU' : '200-699 from TU', response)
  }

  receiveRequest(message: SipRequest, from: Address): void {
    const key = this.keyOf(message)
    // §17.2.3: what matches a transaction is a retransmission.
    if (this.state.servers.has(key)) return this.runServer(key, 'Request')
    this.state.servers.set(key, { state: 'Trying', from, leg: this.legTo(from), response: undefined })
    this.user.onRequest?.(this.state.user, message, this, from)
  }

  receiveResponse(response: SipResponse): void {
    const branch = String(response.headers.via?.[0]?.params.branch)
    const client = this.state.clients.get(branch)
    // §17.1.3: the branch and the method in CSeq both have to match.
    if (client === undefined || client.request.method !== response.headers.cseq?.method)
      return this.turn.decide(strayResponse, 'dropped', { branch })
    this.runClient(branch, response.status < 200 ? '1xx' : '200-699', response)
  }

  /** A timer of a transaction, or one of the transaction user's. */
  fire(timer: Timer): void {
    const { name } = timer
    if (name === 'Timer E' || name === 'Timer F' || name === 'Timer K') return this.runClient(timer.of, name)
    if (name === 'Timer J') return this.runServer(timer.of, name)
    this.user.onTimer?.(this.state.user, timer, this)
  }

  private legTo(peer: Address): Leg {
    return this.user.leg?.(this.state.user, peer, this.turn.self) ?? networkLeg
  }

  private startClient(to: Address, message: SipRequest, upstream: string | undefined): void {
    const leg = this.legTo(to)
    const branch = `z9hG4bK${this.state.label}-${this.turn.serial()}`
    const own: Via = {
      transport: leg.transport,
      host: this.turn.self,
      port: leg.port,
      params: { ...leg.params, branch },
    }
    const via = [own, ...this.viasBelow(message, upstream)]
    const sent = this.amend(message, upstream === undefined ? addVia : addViaForward, { via })
    const { t1 } = leg.timers
    this.state.clients.set(branch, { state: 'Trying', request: sent, to, leg, interval: t1, upstream })
    this.transmit(to, sent, leg)
    if (leg.transport === 'UDP') this.turn.start({ name: 'Timer E', of: branch }, t1)
    this.turn.start({ name: 'Timer F', of: branch }, 64 * t1)
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

  private transmit(to: Address, message: SipMessage, leg: Leg): void {
    this.draft = undefined
    this.turn.send(to, message, leg.transport === 'UDP' ? 'datagram' : 'stream')
  }

  private runClient(branch: string, event: ClientEvent, response?: SipResponse): void {
    const client = this.state.clients.get(branch)
    const arrow = client && clientTable[client.state]?.[event]
    if (client === undefined || arrow === undefined) return
    client.state = arrow.next
    if (arrow.next === 'Terminated') this.state.clients.delete(branch)
    for (const action of arrow.actions) this.actAsClient(action, branch, client, response)
  }

  private actAsClient(
    action: ClientAction,
    branch: string,
    client: ClientTransaction,
    response: SipResponse | undefined,
  ): void {
    const { t2, t4 } = client.leg.timers
    switch (action) {
      case 'send request':
        return this.transmit(client.to, client.request, client.leg)
      case 'Timer E doubles up to T2':
        client.interval = Math.min(2 * client.interval, t2)
        return this.turn.start({ name: 'Timer E', of: branch }, client.interval)
      case 'Timer E = T2':
        return this.turn.start({ name: 'Timer E', of: branch }, t2)
      case 'start Timer K':
        // §17.1.2.2: no time at all over a reliable transport.
        if (client.leg.transport !== 'UDP') return this.runClient(branch, 'Timer K')
        return this.turn.start({ name: 'Timer K', of: branch }, t4)
      case 'response to TU':
        return this.deliver(client, response!)
      case 'inform TU':
        if (client.upstream === undefined) return this.user.onTimeout?.(this.state.user, client.request, this)
        this.turn.decide(noTimeoutAnswer, 'nothing is sent', { branch })
        return this.abandon(client.upstream)
    }
  }

  private deliver(client: ClientTransaction, response: SipResponse): void {
    if (client.upstream === undefined) return this.user.onResponse?.(this.state.user, response, client.request, this)
    // §16.7 step 5: 100 is meant for this hop alone.
    if (response.status === 100) return
    const rest = response.headers.via!.slice(1)
    const stripped = this.amend(response, removeVia, { via: rest.length === 0 ? undefined : rest })
    const { user } = this
    const relayed =
      user.onRelay === undefined ? stripped : user.onRelay(this.state.user, stripped, client.request, this)
    if (relayed === undefined) return
    this.runServer(client.upstream, relayed.status < 200 ? '1xx from TU' : '200-699 from TU', relayed)
  }

  /** RFC 4320 §4.2: without a final response the server transaction ends too, after the last retransmission. */
  private abandon(key: string): void {
    const server = this.state.servers.get(key)
    if (server !== undefined) this.actAsServer('start Timer J', key, server)
  }

  private runServer(key: string, event: ServerEvent, response?: SipResponse): void {
    const server = this.state.servers.get(key)
    const arrow = server && serverTable[server.state]?.[event]
    if (server === undefined || arrow === undefined) return
    server.state = arrow.next
    if (response !== undefined) server.response = response
    if (arrow.next === 'Terminated') this.state.servers.delete(key)
    for (const action of arrow.actions) this.actAsServer(action, key, server)
  }

  private actAsServer(action: ServerAction, key: string, server: ServerTransaction): void {
    switch (action) {
      case 'send response':
        return this.transmit(server.from, server.response!, server.leg)
      case 'start Timer J':
        // §17.2.2: no time at all over a reliable transport.
        if (server.leg.transport !== 'UDP') return this.runServer(key, 'Timer J')
        return this.turn.start({ name: 'Timer J', of: key }, 64 * server.leg.timers.t1)
      case 'inform TU':
        return
    }
  }

  /** What identifies the server transaction of a request (§17.2.3). */
  private keyOf(message: SipRequest): string {
    if (this.keyed === message) return this.key
    this.keyed = message
    this.key = serverKey(message)
    return this.key
  }
}

/** §17.2.3: by branch, sent-by and method; by what RFC 2543 has where the branch lacks the magic cookie. */
function serverKey({ method, uri, headers }: SipRequest): string {
  const via = headers.via![0]!
  const { branch } = via.params
  const sentBy = via.port === undefined ? via.host : `${via.host}:${via.port}`
  if (typeof branch === 'string' && branch.startsWith('z9hG4bK')) return `${branch} ${sentBy} ${method}`
  const { from, to, callId, cseq } = headers
  return `${uri} ${to?.params.tag} ${from?.params.tag} ${callId} ${cseq?.number} ${method} ${sentBy} ${branch}`
}

/** An address with a tag. */
export function withTag<T extends { readonly params: Params }>(address: T, tag: string): T {
  return { ...address, params: { ...address.params, tag } }
}
