import type { Address, Facts, Timer } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { type Micros, millis } from '../../sim/time.ts'
import type { SipMessage, SipRequest, SipResponse } from '../message.ts'
import type { TimerValues } from './timers.ts'
import {
  type Arrow,
  type InviteServerEvent,
  inviteServerTable,
  type ServerAction,
  type ServerEvent,
  serverTable,
  type TransactionState,
} from './transaction-tables.ts'

/** A server transaction (RFC 3261 §17.2); its owner changes it in place. */
export interface ServerTransaction {
  state: TransactionState
  readonly from: Address
  readonly timers: TimerValues
  /** True if the request came over a transport that loses nothing. */
  readonly isStream: boolean
  readonly isInvite: boolean
  /** The request, until it has a final response. */
  request: SipRequest | undefined
  /** The response sent last. */
  response: SipResponse | undefined
  /** When 100 is due, until a timer is set for that. */
  due: Micros | undefined
  /** The interval of Timer G. */
  interval: Micros
  /** By what another copy of the request is known that came by another way (§8.2.2.2); undefined at proxies. */
  readonly merged: string | undefined
}

/** What server transactions stand on. */
export interface ServerGround {
  readonly now: Micros
  readonly servers: Map<string, ServerTransaction>
  /** The keys of the requests that are being answered here, by which copies of them are known. */
  readonly ongoing: Set<string>
  transmit(to: Address, message: SipMessage, isStream: boolean): void
  start(timer: Timer, after: Micros): void
  decide(why: Rule, outcome: string, facts?: Facts): void
  answer(to: SipRequest, status: number, why: Rule): SipResponse
}

const sayTrying = rule(
  'RFC 4320 §4.1',
  'a non-INVITE request without an answer is answered 100 when Timer E of its client has come to T2',
)
const inviteTrying = rule('RFC 3261 §17.2.1', 'an INVITE without an answer after 200 ms is answered 100')
const noProvisional = rule(
  'RFC 4320 §4.1',
  'a non-INVITE request has no provisional response but 100, and over UDP no early one',
)
const tooLate = rule('RFC 4320 §4.2', 'a final response that comes too late for its client is not sent')

/** §17.2.1: so long the transaction user may take before an INVITE is answered 100. */
const inviteQuiet = millis(200)

/** §17.2: the transaction of a request that was not there before. */
export function openServer(
  ground: ServerGround,
  key: string,
  request: SipRequest,
  from: Address,
  timers: TimerValues,
  merged: string | undefined,
): ServerTransaction {
  const isInvite = request.method === 'INVITE'
  const server: ServerTransaction = {
    state: isInvite ? 'Proceeding' : 'Trying',
    from,
    timers,
    isStream: request.headers.via![0]!.transport.toUpperCase() !== 'UDP',
    isInvite,
    request,
    response: undefined,
    due: ground.now + (isInvite ? inviteQuiet : untilSteady(timers)),
    interval: timers.t1,
    merged,
  }
  ground.servers.set(key, server)
  if (merged !== undefined) ground.ongoing.add(merged)
  return server
}

/** Has the transaction say 100 in time, if the transaction user has not answered at once. */
export function awaitAnswer(ground: ServerGround, key: string, server: ServerTransaction): void {
  const { due } = server
  if (due === undefined || server.request === undefined) return
  server.due = undefined
  ground.start({ name: 'Timer 100', of: key }, Math.max(0, due - ground.now))
}

/** RFC 4320 §4.1: the time after which Timer E of a client is set to T2. */
function untilSteady({ t1, t2 }: TimerValues): Micros {
  let time = 0
  for (let interval = t1; interval < t2; interval *= 2) time += interval
  return time
}

/** What the transaction user answers. */
export function respond(ground: ServerGround, key: string, response: SipResponse): void {
  const server = ground.servers.get(key)
  const { status } = response
  const isOver = server === undefined || (server.state === 'Completed' && server.response === undefined)
  if (isOver) return ground.decide(tooLate, 'nothing is sent', { status })
  if (server.isInvite) {
    const event = status < 200 ? '1xx from TU' : status < 300 ? '2xx from TU' : '300-699 from TU'
    return void runServer(ground, key, event, response)
  }
  if (status >= 200) return void runServer(ground, key, '200-699 from TU', response)
  // RFC 4320 §4.1: Timer 100 will say it in time.
  const isEarly = server.state === 'Trying' && !server.isStream
  if (status !== 100 || isEarly) return ground.decide(noProvisional, 'nothing is sent', { status })
  runServer(ground, key, '1xx from TU', response)
}

/** One event of a server transaction; true if it means anything in its state. */
export function runServer(
  ground: ServerGround,
  key: string,
  event: ServerEvent | InviteServerEvent,
  response?: SipResponse,
): boolean {
  const server = ground.servers.get(key)
  if (server === undefined) return false
  const table = server.isInvite ? inviteServerTable : serverTable
  const arrow = (table[server.state] as Readonly<Record<string, Arrow<ServerAction>>> | undefined)?.[event]
  if (arrow === undefined) return false
  server.state = arrow.next
  if (response !== undefined || event === 'transaction expiry') server.response = response
  if (arrow.next !== 'Trying' && arrow.next !== 'Proceeding') server.request = undefined
  if (arrow.next === 'Terminated') close(ground, key, server)
  for (const action of arrow.actions) act(ground, action, key, server)
  return true
}

function close(ground: ServerGround, key: string, server: ServerTransaction): void {
  ground.servers.delete(key)
  if (server.merged !== undefined) ground.ongoing.delete(server.merged)
}

function act(ground: ServerGround, action: ServerAction, key: string, server: ServerTransaction): void {
  const { t1, t2, t4 } = server.timers
  switch (action) {
    case 'send response':
      // Whoever let the time of its client pass has none.
      if (server.response !== undefined) ground.transmit(server.from, server.response, server.isStream)
      return
    case 'send 100':
      return sendTrying(ground, server)
    case 'start expiry':
      return ground.start({ name: 'transaction expiry', of: key }, 64 * t1 - untilSteady(server.timers))
    case 'start Timer G':
      // §17.2.1: nothing is sent again over a reliable transport.
      return server.isStream ? undefined : ground.start({ name: 'Timer G', of: key }, t1)
    case 'Timer G doubles up to T2':
      server.interval = Math.min(2 * server.interval, t2)
      return ground.start({ name: 'Timer G', of: key }, server.interval)
    case 'start Timer H':
      return ground.start({ name: 'Timer H', of: key }, 64 * t1)
    case 'start Timer I':
      return server.isStream ? void runServer(ground, key, 'Timer I') : ground.start({ name: 'Timer I', of: key }, t4)
    case 'start Timer J':
      // §17.2.2: no time at all over a reliable transport.
      if (server.isStream) return void runServer(ground, key, 'Timer J')
      return ground.start({ name: 'Timer J', of: key }, 64 * t1)
    case 'start Timer L':
      return ground.start({ name: 'Timer L', of: key }, 64 * t1)
    case 'ACK to TU':
    case 'inform TU':
      return
  }
}

function sendTrying(ground: ServerGround, server: ServerTransaction): void {
  if (server.response !== undefined || server.request === undefined) return
  server.response = ground.answer(server.request, 100, server.isInvite ? inviteTrying : sayTrying)
  ground.transmit(server.from, server.response, server.isStream)
}

/** §17.2.3: by branch, sent-by and method; by what RFC 2543 has where the branch lacks the magic cookie. */
export function serverKey({ method: own, uri, headers }: SipRequest, method = own === 'ACK' ? 'INVITE' : own): string {
  const via = headers.via![0]!
  const { branch } = via.params
  const sentBy = via.port === undefined ? via.host : `${via.host}:${via.port}`
  if (typeof branch === 'string' && branch.startsWith('z9hG4bK')) return `${branch} ${sentBy} ${method}`
  const { from, to, callId, cseq } = headers
  // The ACK has the tag that the response gave to To.
  const tag = method === 'INVITE' ? '' : to?.params.tag
  return `${uri} ${tag} ${from?.params.tag} ${callId} ${cseq?.number} ${method} ${sentBy} ${branch}`
}

/** §8.2.2.2: by what a request is known, whichever way it comes; undefined within a dialog. */
export function mergeKey({ method, headers }: SipRequest): string | undefined {
  const { from, to, callId, cseq } = headers
  if (to?.params.tag !== undefined) return undefined
  return [callId, from?.params.tag, cseq?.number, method].join(' ')
}

/** The transaction that a response of this node belongs to. */
export function serverKeyOf({ headers }: SipResponse): string {
  const [via] = headers.via ?? []
  const sentBy = via?.port === undefined ? via?.host : `${via.host}:${via.port}`
  return `${via?.params.branch} ${sentBy} ${headers.cseq?.method}`
}
