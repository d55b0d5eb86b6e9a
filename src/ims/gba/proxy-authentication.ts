/**
 * How an authentication proxy finds out who asks (TS 24.109 §5.2, §7.2): HTTP Digest, with a B-TID and the key for it,
 * or with a name and a password.
 */
import {
  challengesOf,
  freshNonce,
  judgeCredentials,
  printAuthentication,
  type ReadCredentials,
  type Rejection,
  readCredentials,
} from '../../http/digest-authentication.ts'
import { type HttpChanges, type HttpTurn, hostOfRequest, httpAmended, httpResponse } from '../../http/exchange.ts'
import type { HttpRequest } from '../../http/message.ts'
import type { Address } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { ask, type CxMessage, isSuccess, resultOf } from '../cx.ts'
import {
  type AuthenticationProxy,
  digestFor,
  nafInRealm,
  type ProxiedServer,
  realmOf,
  type UtMethod,
  type WaitingForKeys,
} from './authentication-proxy-state.ts'
import { bsfOf, httpDigestProtocol, nafId, printNafId } from './gba-keys.ts'
import { type NafSession, sessionIn } from './naf.ts'
import { type AuthenticatedUser, forwardFor } from './proxy-forwarding.ts'
import { noteUnproved, waitOf } from './request-limit.ts'

type ProxyTurn = HttpTurn<CxMessage>

const misdirected = rule('RFC 9110 §15.5.20', 'a request for a server that is not behind the proxy is misdirected', [
  'R6.2.3-a',
])
const noWay = rule('TS 24.109 §5.2.4', 'a UE that does not offer bootstrapping is refused where nothing else will do')
const required = rule('TS 24.109 §5.2.4', 'a NAF asks for bootstrapped keys by its realm', ['R6.2.3-a', 'R6.2.1-b'])
const plain = rule('RFC 7616 §3.3', 'a server asks for proof of a name and a password', ['R6.2.1-d'])
const stale = rule('RFC 7616 §3.3', 'a right password with a nonce that is over is asked for once more', ['R6.2.1-d'])
const renegotiate = rule('TS 24.109 §5.2.5', 'a UE whose keys are not good any more is asked to bootstrap anew', [
  'R6.2.3-a',
])
const improper = rule('RFC 7616 §3.4', 'credentials that can not be read are a bad request')
const shield = rule('RFC 6585 §4', 'a peer that proves nothing too often is told to wait, and is heard no further', [
  'R6.2.3-i',
])
const askKeys = rule('TS 29.109 §5.2', 'a NAF asks the BSF that is named in the B-TID for the key', ['R6.2.3-a'])
const unreachable = rule('RFC 9110 §15.6.4', 'while the BSF does not answer nobody can be authenticated')
const forbidden = rule('TS 29.109 §6.2.2.2', 'what the BSF does not allow the NAF refuses')
const verify = rule('TS 24.109 §5.2.2', 'a NAF verifies the response with Ks_NAF', ['R6.2.3-a'], 'verify credentials')
const verifyPassword = rule('RFC 7616 §3.4.6', 'a server verifies the response', ['R6.2.1-d'], 'verify credentials')

/** A request for this node itself, as a server gets it; undefined if it was answered, passed on, or has to wait. */
type Admitted = HttpRequest | undefined

/** §7.1, §7.2: a request of a UE. What is for this node itself is given back, if it may be answered. */
export function takeRequest(
  proxy: AuthenticationProxy,
  request: HttpRequest,
  from: Address,
  turn: ProxyTurn,
): Admitted {
  const name = hostOfRequest(request)
  const server = proxy.settings.servers.find((one) => one.name === name)
  if (server === undefined) return answer(request, from, 421, misdirected, turn)
  const method = methodOf(proxy, request)
  if (method === undefined) return answer(request, from, 403, noWay, turn)
  const realm = realmOf(name, method)
  const read = readCredentials(digestFor(proxy, realm), request.headers.authorization, request.target)
  if (read.kind !== 'read') return reject(proxy, { request, from, realm }, read, turn)
  if (method === 'digest') return judge(proxy, { request, from, server, read }, undefined, turn)
  return withSession(proxy, { request, from, server, read }, turn)
}

/** §5.2.4: bootstrapped keys for a UE that offers or uses them, else a password. */
function methodOf({ settings: { methods } }: AuthenticationProxy, { headers }: HttpRequest): UtMethod | undefined {
  const offers = /(^|[ \t])3gpp-gba($|[ \t/])/i.test(headers['user-agent'] ?? '')
  if (methods.includes('gba') && offers) return 'gba'
  return methods.includes('digest') ? 'digest' : undefined
}

/** TS 33.220 §4.5.3: finds the session of a B-TID, here or at the BSF. */
function withSession(proxy: AuthenticationProxy, waiting: WaitingForKeys, turn: ProxyTurn): Admitted {
  const { request, from, server, read } = waiting
  const { settings, sessions } = proxy
  const session = sessions.get(keyOf(server, read))
  if (session !== undefined && isGood(proxy, session, turn.now)) return judge(proxy, waiting, session, turn)
  if (session !== undefined) return expired(proxy, waiting, turn)
  if (isTooMuch(proxy, request, from, turn)) return undefined
  const bsf = bsfOf(read.username)
  const asked = { request, from, realm: realmOf(server.name, 'gba') }
  if (bsf === undefined || !settings.bsfs.includes(bsf))
    return reject(proxy, asked, { kind: 'refused', why: 'no B-TID of a BSF that is trusted' }, turn)
  const avps = {
    'GAA-Service-Identifier': server.service,
    'Transaction-Identifier': read.username,
    'NAF-Id': printNafId(nafId(server.name, httpDigestProtocol)),
  }
  ask(proxy, waiting, { interface: 'Zn', to: bsf, command: 'BIR', avps, why: askKeys, source: request }, turn)
  return undefined
}

const keyOf = ({ name }: ProxiedServer, { username }: ReadCredentials): string => `${name} ${username}`

function isGood({ settings }: AuthenticationProxy, { createdAt, expiresAt }: NafSession, now: number): boolean {
  return now < expiresAt && (settings.keyLife === undefined || now < createdAt + settings.keyLife)
}

/** §5.2.5: the UE is to bootstrap anew. */
function expired(proxy: AuthenticationProxy, waiting: WaitingForKeys, turn: ProxyTurn): undefined {
  const { request, from, server, read } = waiting
  proxy.sessions.delete(keyOf(server, read))
  turn.decide(verify, 'the keys are not good any more', { 'B-TID': read.username })
  return challenge(proxy, { request, from, realm: realmOf(server.name, 'gba') }, renegotiate, false, turn)
}

/** §5.2.2: what the BSF has answered; undefined if nothing. */
export function onKeys(
  proxy: AuthenticationProxy,
  waiting: WaitingForKeys,
  bia: CxMessage | undefined,
  turn: ProxyTurn,
): Admitted {
  const { request, from, server, read } = waiting
  const result = bia && resultOf(bia)
  if (result === 'DIAMETER_ERROR_TRANSACTION_IDENTIFIER_INVALID') return expired(proxy, waiting, turn)
  if (result === 'DIAMETER_ERROR_NOT_AUTHORIZED') return answer(request, from, 403, forbidden, turn)
  const session = bia && isSuccess(bia) ? sessionIn(bia, proxy.settings.epoch) : undefined
  if (session === undefined) return answer(request, from, 503, unreachable, turn)
  if (!isGood(proxy, session, turn.now)) return expired(proxy, waiting, turn)
  proxy.sessions.set(keyOf(server, read), session)
  turn.start({ name: sessionTimer, of: keyOf(server, read) }, session.expiresAt - turn.now)
  return judge(proxy, waiting, session, turn)
}

/** The timer with which a session is forgotten; it belongs to its key. */
export const sessionTimer = 'key lifetime'

/** §5.2.2: are the credentials right? `session` is that of the B-TID; without one, there is an account or nothing. */
function judge(
  proxy: AuthenticationProxy,
  { request, from, server, read }: WaitingForKeys,
  session: NafSession | undefined,
  turn: ProxyTurn,
): Admitted {
  const { username } = read
  const { accounts } = proxy.settings
  const account = Object.hasOwn(accounts, username) ? accounts[username] : undefined
  const realm = realmOf(server.name, session === undefined ? 'digest' : 'gba')
  const digest = digestFor(proxy, realm)
  const password = session === undefined ? account?.password : session.password
  const known = password === undefined ? undefined : { username, realm, password }
  const outcome = judgeCredentials(digest, read, known, request, turn.now)
  const facts = session === undefined ? { user: username } : { 'B-TID': username, user: session.privateIdentity }
  const isRight = outcome.kind === 'accepted'
  turn.decide(session === undefined ? verifyPassword : verify, isRight ? 'right' : outcome.why, facts)
  if (!isRight) return reject(proxy, { request, from, realm }, outcome, turn)
  proxy.unproved.delete(from)
  const user = session === undefined ? { ...account!, isKnown: true } : userOf(session, server)
  return forwardFor(proxy, { received: request, from, accepted: outcome, digest }, user, server, turn)
}

/** §7.3: what the settings of a subscriber say of the services of a server. */
function userOf({ services }: NafSession, server: ProxiedServer): AuthenticatedUser {
  const setting = services.find(({ service }) => service === server.service)
  return { identities: setting?.identities ?? [], flags: setting?.flags ?? [], isKnown: setting !== undefined }
}

/** A request, and the realm by which it is judged. */
interface Asked {
  readonly request: HttpRequest
  readonly from: Address
  readonly realm: string
}

/** §5.2.3: a request whose credentials are not good. */
function reject(proxy: AuthenticationProxy, asked: Asked, { kind }: Rejection, turn: ProxyTurn): undefined {
  const { request, from, realm } = asked
  if (kind === 'malformed') return answer(request, from, 400, improper, turn)
  if (kind === 'stale') return challenge(proxy, asked, stale, true, turn)
  if (isTooMuch(proxy, request, from, turn)) return undefined
  return challenge(proxy, asked, nafInRealm(realm) === undefined ? plain : required, false, turn)
}

/** TS 33.222 §6.1: whether the peer has asked without proof too often; then it is answered. */
function isTooMuch({ settings, unproved }: AuthenticationProxy, request: HttpRequest, from: Address, turn: ProxyTurn) {
  const wait = waitOf(unproved, settings.limit, from, turn.now)
  if (wait === 0) return false
  const headers = { 'retry-after': String(Math.ceil(wait / seconds(1))) }
  answer(request, from, 429, shield, turn, { headers })
  return true
}

/** A 401 with the challenges of the realm. */
function challenge(proxy: AuthenticationProxy, asked: Asked, why: Rule, isStale: boolean, turn: ProxyTurn): undefined {
  const { request, from, realm } = asked
  noteUnproved(proxy.unproved, proxy.settings.limit, from, turn.now)
  const digest = digestFor(proxy, realm)
  const challenges = challengesOf(digest, freshNonce(digest, turn.now, turn.serial().toString(36)), isStale)
  const bare = httpResponse(turn, request, 401, why)
  const headers = { 'www-authenticate': challenges.map(printAuthentication).join(', ') }
  return void turn.send(from, httpAmended(turn, bare, why, { headers }), 'stream')
}

function answer(
  request: HttpRequest,
  from: Address,
  status: number,
  why: Rule,
  turn: ProxyTurn,
  changes?: HttpChanges,
): undefined {
  return void turn.send(from, httpResponse(turn, request, status, why, changes), 'stream')
}
