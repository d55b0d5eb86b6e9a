/**
 * How a UE proves itself to the servers of Ut (TS 24.141 §6.2.1, TS 24.109 §5.2): the requests of its roles go through
 * here, and what comes back; the roles see neither challenges nor keys.
 */
import { challengesIn } from '../../http/challenges.ts'
import { printAuthentication } from '../../http/digest-authentication.ts'
import { type HttpTurn, hostOfRequest, httpAmended } from '../../http/exchange.ts'
import type { HttpRequest, HttpResponse } from '../../http/message.ts'
import { printQuoted } from '../../presence/quoted-identities.ts'
import type { Address } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { algorithmOf, credentialsFor, paramText, serverProof } from '../../sip/digest.ts'
import type { Authentication } from '../../sip/headers.ts'
import { headerValue } from '../../sip/message.ts'
import { nafInRealm } from './authentication-proxy-state.ts'
import { bootstrap, isOfRun, onBsfAnswer } from './bootstrapping-client.ts'
import { httpDigestProtocol, nafId, nafKey, nafPassword, printNafId } from './gba-keys.ts'
import type { UtAccess, UtExchange, UtProof, UtSession } from './ut-access-state.ts'

const offer = rule('TS 24.109 §5.2.4', 'the UE says in User-Agent that it can bootstrap', ['R6.2.1-b'])
const intend = rule('TS 24.109 §7.2', 'the UE says between quotation marks as whom it asks', ['R6.2.3-d'])
const forge = rule('TS 24.109 §7.3', 'a UE may say what it likes of itself: it is not believed')
const derive = rule(
  'TS 33.220 §4.5.3',
  'the UE makes the key for the server of Ks and the name of the server',
  ['R6.2.1-b'],
  'derive key',
)
const useKey = rule('TS 24.109 §5.2.2', 'the UE proves itself with the B-TID and the key for the server', ['R6.2.1-b'])
const usePassword = rule('RFC 7616 §3.4', 'the client proves that it knows the password', ['R6.2.1-d'])
const again = rule('RFC 7616 §3.4', 'a request that is challenged is sent again')
const expired = rule('TS 24.109 §5.2.5', 'a UE whose keys have expired bootstraps before it asks', ['R6.2.1-b'])
const otherName = rule('TS 24.109 §5.2.2', 'a UE takes no challenge of another name than that of the server it asks', [
  'R6.2.1-e',
])
const unusable = rule(
  'RFC 7616 §3.3',
  'a challenge of an algorithm or a protection that the client does not know is ignored',
  ['R6.2.1-d'],
)
const noMore = rule('RFC 7616 §3.4', 'a client that is refused with good credentials asks no more')
const notProved = rule('RFC 7616 §3.5', 'an answer whose server does not know the password is not believed', [
  'R6.2.1-e',
])

/** TS 24.109 §5.2.4: the product token of a UE that can bootstrap. */
const gbaToken = '3gpp-gba'

/** How often a request is sent: without proof, with one that has expired, with a new one. */
const mostSent = 3

/** What a role is to be told of one of its requests. */
export type UtOutcome =
  | { readonly kind: 'response'; readonly response: HttpResponse }
  /** No answer can come any more. */
  | { readonly kind: 'failed'; readonly request: HttpRequest }

/** Sends a request of a role, with all that proves who asks; keys that have expired are made anew before. */
export function sendOverUt<Other>(access: UtAccess, to: Address, original: HttpRequest, turn: HttpTurn<Other>): void {
  const { method, identity, userAgent, forged } = access.settings
  let request = original
  const product = original.headers['user-agent'] ?? userAgent
  if (method === 'gba')
    request = httpAmended(turn, request, offer, { headers: { 'user-agent': `${product} ${gbaToken}` } })
  if (identity !== undefined) {
    const headers = { 'x-3gpp-intended-identity': printQuoted([identity]) }
    request = httpAmended(turn, request, intend, { headers })
  }
  if (Object.keys(forged).length > 0) request = httpAmended(turn, request, forge, { headers: forged })
  const exchange = { original, to, sent: 0, last: request, proof: undefined, refusal: undefined }
  if (method !== 'gba' || access.session === undefined || isGood(access.session, turn))
    return transmit(access, exchange, request, turn)
  turn.decide(expired, 'bootstraps anew', { 'B-TID': access.session.transaction })
  access.session = undefined
  access.waiting.push(exchange)
  bootstrap(access, turn)
}

const isGood = ({ expiresAt }: UtSession, { now }: { readonly now: number }): boolean => now < expiresAt

/** Sends, with proof if the server has been heard of and there is something to prove it with. */
function transmit<Other>(access: UtAccess, exchange: UtExchange, bare: HttpRequest, turn: HttpTurn<Other>): void {
  const name = hostOfRequest(bare)
  const known = access.challenges.get(name)
  const made = known && proofFor(access, known.challenge, known.count + 1, bare, turn)
  let request = bare
  if (made !== undefined) {
    access.challenges.set(name, { ...known!, count: known!.count + 1 })
    const headers = { authorization: printAuthentication(made.credentials) }
    request = httpAmended(turn, bare, access.settings.method === 'gba' ? useKey : usePassword, { headers })
  }
  const sent: UtExchange = { ...exchange, sent: exchange.sent + 1, last: request, proof: made, refusal: undefined }
  access.exchanges.set(request.exchange, sent)
  turn.send(exchange.to, request, 'stream')
}

/** TS 24.109 §5.2.2, RFC 7616 §3.4: the credentials that answer a challenge; undefined without a key or password. */
function proofFor<Other>(
  { settings, session }: UtAccess,
  challenge: Authentication,
  count: number,
  { method, target, body }: HttpRequest,
  turn: HttpTurn<Other>,
): UtProof | undefined {
  const realm = paramText(challenge, 'realm') ?? ''
  const naf = nafInRealm(realm)
  if (naf !== undefined && session === undefined) return undefined
  const account =
    naf === undefined
      ? { username: settings.username, password: settings.password }
      : {
          username: session!.transaction,
          password: keyFor(settings.bootstrapping.privateIdentity, session!, naf, turn),
        }
  const part = { clientNonce: turn.identifier(), count }
  const credentials = credentialsFor(challenge, account, { method, uri: target, body }, part)
  return credentials && { credentials, realm, ...account }
}

/** TS 33.220 §4.5.3: the password for a NAF. */
function keyFor<Other>(privateIdentity: string, session: UtSession, name: string, turn: HttpTurn<Other>): string {
  const naf = nafId(name, httpDigestProtocol)
  turn.decide(derive, 'derived', { 'B-TID': session.transaction, 'NAF-Id': printNafId(naf) })
  return nafPassword(nafKey({ ...session, privateIdentity, naf }))
}

/** What a message that came in means for the roles: for each of their requests that it ends, the outcome. */
export function takeOverUt<Other>(access: UtAccess, response: HttpResponse, turn: HttpTurn<Other>): UtOutcome[] {
  if (isOfRun(access, response.exchange)) return afterRun(access, response, turn)
  const exchange = access.exchanges.get(response.exchange)
  if (exchange === undefined) return []
  access.exchanges.delete(response.exchange)
  if (response.status === 401) return takeChallenge(access, exchange, response, turn)
  return isBelieved(access, exchange, response, turn) ? [passed(exchange, response)] : [failed(exchange)]
}

/** A request could not be delivered, or the BSF has not answered in time. */
export function failOverUt<Other>(access: UtAccess, exchange: string, turn: HttpTurn<Other>): UtOutcome[] {
  if (isOfRun(access, exchange)) return afterRun(access, undefined, turn)
  const found = access.exchanges.get(exchange)
  access.exchanges.delete(exchange)
  return found === undefined ? [] : [failed(found)]
}

/** The role knows its request by the exchange that it began. */
const passed = ({ original }: UtExchange, response: HttpResponse): UtOutcome => ({
  kind: 'response',
  response: original.exchange === response.exchange ? response : { ...response, exchange: original.exchange },
})
const failed = ({ original }: UtExchange): UtOutcome => ({ kind: 'failed', request: original })

/** RFC 7616 §3.5: checks Authentication-Info, and keeps the nonce that is to be used next. */
function isBelieved<Other>(access: UtAccess, exchange: UtExchange, response: HttpResponse, turn: HttpTurn<Other>) {
  const { proof, last } = exchange
  const info = headerValue('authenticationInfo', response.headers['authentication-info'] ?? '')
  if (info === undefined || proof === undefined) return true
  const params = { scheme: '', params: info }
  const given = paramText(params, 'rspauth')
  if (given !== undefined && given !== serverProof(proof.credentials, proof, response.body)) {
    turn.decide(notProved, 'not believed', { server: hostOfRequest(last) })
    return false
  }
  const next = info.nextnonce
  const known = access.challenges.get(hostOfRequest(last))
  if (next !== undefined && known !== undefined) {
    const { scheme, params } = known.challenge
    const challenge = { scheme, params: { ...params, nonce: next } }
    access.challenges.set(hostOfRequest(last), { challenge, count: 0 })
  }
  return true
}

/** TS 24.109 §5.2.2 to §5.2.5: a server asks for proof, or for a new one. */
function takeChallenge<Other>(
  access: UtAccess,
  exchange: UtExchange,
  response: HttpResponse,
  turn: HttpTurn<Other>,
): UtOutcome[] {
  const { settings, session } = access
  const name = hostOfRequest(exchange.last)
  const offered = challengesIn(response.headers['www-authenticate'] ?? '').filter((one) => isFor(settings.method, one))
  const challenge = offered.find(isKnown)
  const naf = challenge && nafInRealm(paramText(challenge, 'realm') ?? '')
  const isStale = challenge !== undefined && paramText(challenge, 'stale')?.toLowerCase() === 'true'
  if (naf !== undefined && naf.toLowerCase() !== name) {
    turn.decide(otherName, 'given up', { asked: name, 'says it is': naf })
    return [passed(exchange, response)]
  }
  if (challenge === undefined && offered.length > 0) {
    turn.decide(unusable, 'given up', { server: name })
    return [passed(exchange, response)]
  }
  const isRefused = exchange.proof !== undefined && !isStale && settings.method === 'digest'
  if (challenge === undefined || exchange.sent >= mostSent || isRefused) {
    turn.decide(noMore, 'given up', { server: name })
    return [passed(exchange, response)]
  }
  access.challenges.set(name, { challenge, count: 0 })
  const isOver = session === undefined || !isGood(session, turn) || isUsedInVain(exchange, session, isStale)
  const refused = { ...exchange, refusal: response }
  if (settings.method === 'digest' || !isOver) {
    repeat(access, refused, turn)
    return []
  }
  access.session = undefined
  access.waiting.push(refused)
  bootstrap(access, turn)
  return []
}

/** True of a challenge of Digest for the method of the UE: for bootstrapped keys, or for a password. */
function isFor(method: UtAccess['settings']['method'], challenge: Authentication): boolean {
  const isBootstrapped = nafInRealm(paramText(challenge, 'realm') ?? '') !== undefined
  return challenge.scheme.toLowerCase() === 'digest' && method !== 'none' && isBootstrapped === (method === 'gba')
}

/** True of a challenge that can be answered with a key or a password. */
function isKnown(challenge: Authentication): boolean {
  const algorithm = algorithmOf(challenge)
  const protections = paramText(challenge, 'qop')?.split(',') ?? ['auth']
  const isProtection = (one: string): boolean => /^\s*auth(-int)?\s*$/i.test(one)
  return algorithm !== undefined && algorithm !== 'AKAv1-MD5' && protections.some(isProtection)
}

/** §5.2.5: true if the server has refused the keys of this session. */
const isUsedInVain = ({ proof }: UtExchange, { transaction }: UtSession, isStale: boolean): boolean =>
  proof?.username === transaction && !isStale

/** Sends a request once more, as the answer to a challenge. */
function repeat<Other>(access: UtAccess, exchange: UtExchange, turn: HttpTurn<Other>): void {
  const { last, refusal, sent } = exchange
  if (sent === 0) return transmit(access, exchange, last, turn)
  // Another request, on the same connection or another one.
  const changes = { headers: { authorization: undefined }, exchange: turn.identifier() }
  const anew = httpAmended(turn, last, again, changes, refusal)
  transmit(access, exchange, anew, turn)
}

/** What the BSF has answered, or that it has not: the requests that wait for keys go on, or are over. */
function afterRun<Other>(access: UtAccess, response: HttpResponse | undefined, turn: HttpTurn<Other>): UtOutcome[] {
  const outcome = onBsfAnswer(access, response, turn)
  if (outcome === 'goes on') return []
  const waiting = access.waiting.splice(0)
  if (outcome === 'done') {
    for (const exchange of waiting) repeat(access, exchange, turn)
    return []
  }
  return waiting.map((exchange) =>
    exchange.refusal === undefined ? failed(exchange) : passed(exchange, exchange.refusal),
  )
}
