/**
 * What an authentication proxy does with the requests of users whom it knows (TS 24.109 §7.2, §7.3): checks in whose
 * name they ask and whether they may, and passes them on to the application server.
 */
import { authenticationInfo, freshNonce, isRenewalDue } from '../../http/digest-authentication.ts'
import { answeredHttp, askHttp, type HttpTurn, httpAmended, httpResponse } from '../../http/exchange.ts'
import type { HttpRequest, HttpResponse } from '../../http/message.ts'
import { isSameIdentity, printQuoted, readQuoted } from '../../presence/quoted-identities.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import type { AuthenticationProxy, Forwarded, ProxiedServer } from './authentication-proxy-state.ts'

/** A user who has proved who she is. */
export interface AuthenticatedUser {
  readonly identities: readonly string[]
  readonly flags: readonly string[]
  /** True if anything is laid down for her at the service of the server. */
  readonly isKnown: boolean
}

const authorize = rule(
  'TS 24.109 §7.3',
  'the proxy decides whether the user may use the server, and in whose name',
  ['R6.2.3-e', 'R6.2.3-f'],
  'authorize user',
)
const noService = rule('TS 24.109 §7.3', 'a user who may not use the server is refused', ['R6.2.3-f'])
const foreign = rule('TS 24.109 §7.2', 'a user who asks in the name of somebody else is refused', ['R6.2.3-e'])
const unquoted = rule('TS 24.109 §7.2', 'an intended identity stands between quotation marks', ['R6.2.3-d'])
const strip = rule('TS 24.109 §7.2', 'the proxy takes off Authorization: the server never sees it', ['R6.2.3-b'])
const forge = rule('TS 24.109 §7.3', 'what a UE says of asserted identities and flags is taken off', ['R6.2.3-g'])
const assertIdentity = rule('TS 24.109 §7.3', 'the proxy tells the server who asks, between quotation marks', [
  'R6.2.3-g',
])
const tellFlags = rule('TS 24.109 §7.3', 'the proxy tells the server what the settings of the user permit', [
  'R6.2.3-h',
])
const pass = rule('RFC 9110 §7.6.3', 'a proxy says that a request came through it', ['R6.2.3-a'])
const proveItself = rule('TS 24.109 §7.2', 'the proxy adds Authentication-Info to what comes back', ['R6.2.3-c'])
const serverDown = rule('RFC 9110 §15.6.3', 'a proxy that can not reach the server answers 502')
const serverSilent = rule('RFC 9110 §15.6.5', 'a proxy that gets no answer from the server in time answers 504')

/**
 * §7.2, §7.3: a request of a user who is known. If it is for this node itself, which needs no other one before it, the
 * request is given back as a server gets it, for the node to answer through `onServerAnswer`.
 */
export function forwardFor(
  proxy: AuthenticationProxy,
  forwarded: Forwarded,
  user: AuthenticatedUser,
  server: ProxiedServer,
  turn: HttpTurn,
): HttpRequest | undefined {
  const { received, from } = forwarded
  const refuse = (status: number, why: Rule): undefined =>
    void turn.send(from, httpResponse(turn, received, status, why), 'stream')
  const { requires, name } = server
  if (!user.isKnown || (requires !== undefined && !user.flags.includes(requires))) {
    turn.decide(authorize, 'not at this server', { server: name })
    return refuse(403, noService)
  }
  const text = received.headers['x-3gpp-intended-identity']
  const intended = text === undefined ? undefined : readQuoted(text)
  if (text !== undefined && intended?.length !== 1) return refuse(400, unquoted)
  const identities = user.identities.filter((own) => intended === undefined || isSameIdentity(own, intended[0]!))
  if (identities.length === 0) {
    turn.decide(authorize, 'not in this name', { identity: intended?.[0] ?? '' })
    return refuse(403, foreign)
  }
  turn.decide(authorize, 'permitted', { server: name, identities: identities.join(', ') })
  const request = requestFor(received, identities, user.flags, turn)
  if (server.address === turn.self) {
    proxy.forwarded.waiting.set(request.exchange, forwarded)
    return request
  }
  const via = [request.headers.via, `1.1 ${turn.self}`].filter((one) => one !== undefined).join(', ')
  const passed = httpAmended(turn, request, pass, { headers: { via } })
  askHttp(proxy.forwarded, forwarded, server.address, passed, turn)
  return undefined
}

/** §7.2, §7.3: the request as the server gets it. */
function requestFor(
  received: HttpRequest,
  identities: readonly string[],
  flags: readonly string[],
  turn: HttpTurn,
): HttpRequest {
  const { headers } = received
  let request = httpAmended(turn, received, strip, { headers: { authorization: undefined } })
  const forged = ['x-3gpp-asserted-identity', 'x-3gpp-authorization-flags'].filter((name) => name in headers)
  if (forged.length > 0)
    request = httpAmended(turn, request, forge, {
      headers: Object.fromEntries(forged.map((name) => [name, undefined])),
    })
  const asserted = { 'x-3gpp-asserted-identity': printQuoted(identities) }
  request = httpAmended(turn, request, assertIdentity, { headers: asserted })
  if (flags.length > 0) {
    const told = { 'x-3gpp-authorization-flags': printQuoted(flags) }
    request = httpAmended(turn, request, tellFlags, { headers: told })
  }
  return request
}

/** §7.2: the answer of the server, for the UE. */
export function onServerAnswer(proxy: AuthenticationProxy, response: HttpResponse, turn: HttpTurn): void {
  const forwarded = answeredHttp(proxy.forwarded, response.exchange)
  if (forwarded !== undefined) passBack(forwarded, response, turn)
}

/** The server can not be reached, or has not answered in time. */
export function onServerFailure(
  proxy: AuthenticationProxy,
  exchange: string,
  cause: 'unreachable' | 'silent',
  turn: HttpTurn,
): void {
  const forwarded = answeredHttp(proxy.forwarded, exchange)
  if (forwarded === undefined) return
  const [status, why] = cause === 'silent' ? ([504, serverSilent] as const) : ([502, serverDown] as const)
  passBack(forwarded, httpResponse(turn, forwarded.received, status, why), turn)
}

function passBack({ accepted, digest, from }: Forwarded, response: HttpResponse, turn: HttpTurn): void {
  const next = isRenewalDue(digest, accepted, turn.now)
    ? freshNonce(digest, turn.now, turn.serial().toString(36))
    : undefined
  const info = authenticationInfo(accepted, response.body, next)
  const passed =
    info === undefined
      ? response
      : httpAmended(turn, response, proveItself, { headers: { 'authentication-info': info } })
  turn.send(from, passed, 'stream')
}
