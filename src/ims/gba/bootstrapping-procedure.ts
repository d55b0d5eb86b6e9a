/**
 * Ub at the BSF (TS 24.109 §4.2 to §4.5): HTTP Digest with the one-time passwords of AKA (RFC 3310), whose outcome is a
 * bootstrapping session.
 */
import { bytesToHex } from '@noble/hashes/utils.js'
import { bootstrappingInfoFormat, printBootstrappingInfo } from '../../documents/bootstrapping-info.ts'
import { gussFormat } from '../../documents/user-security-settings.ts'
import { isDocumentError } from '../../documents/xml/tree.ts'
import { printAuthentication } from '../../http/digest-authentication.ts'
import { type HttpChanges, type HttpTurn, httpAmended, httpResponse } from '../../http/exchange.ts'
import type { HttpRequest } from '../../http/message.ts'
import { dateTimeOf } from '../../presence/wall-clock.ts'
import type { Address } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { isProof, paramText, serverProof } from '../../sip/digest.ts'
import { fromBase64 } from '../../sip/grammar/base64.ts'
import { printParamsByComma } from '../../sip/grammar/params.ts'
import { quote } from '../../sip/grammar/scanner.ts'
import type { Authentication } from '../../sip/headers.ts'
import { headerValue } from '../../sip/message.ts'
import { nonceOf } from '../aka.ts'
import { ask, avp, type CxMessage, isSuccess, resultOf } from '../cx.ts'
import { vectorIn } from '../hss/user-authentication.ts'
import {
  type Bsf,
  challengePatience,
  challengeTimer,
  type OpenChallenge,
  type SecurityInformation,
  sessionTimer,
  type WaitingUe,
} from './bsf-state.ts'
import { bootstrappedKey, transactionIdentifier } from './gba-keys.ts'

type BsfTurn = HttpTurn<CxMessage>

const onlyGet = rule('RFC 9110 §15.5.6', 'a server says which methods a resource has')
const nothingElse = rule('RFC 9110 §15.5.5', 'a BSF has no resource but its root')
const whoAsks = rule('TS 24.109 §4.2', 'a UE that does not say its private identity can not be bootstrapped')
const askVector = rule('TS 24.109 §4.2', 'the BSF asks the HSS for a vector and the security settings of the user')
const askAgain = rule('TS 24.109 §4.5', 'a UE whose sequence number is out of range is resynchronised through the HSS')
const noHss = rule('RFC 9110 §15.6.4', 'while the HSS does not answer nobody can be bootstrapped')
const unknownUser = rule('TS 24.109 §4.3', 'a user whom the HSS does not know is refused')
const challenge = rule('TS 24.109 §4.2', 'the BSF challenges the UE with RAND and AUTN; the answer protects its body', [
  'R6.2.1-b',
])
const verify = rule(
  'TS 24.109 §4.2',
  'the BSF verifies the response with XRES, and makes Ks of CK and IK and a B-TID of RAND',
  ['R6.2.1-b'],
  'verify response and generate keys',
)
const wrong = rule('TS 24.109 §4.3', 'a UE with a wrong response is refused, and its challenge is over')
const succeed = rule('TS 24.109 §4.2', 'the BSF tells the UE the B-TID and until when the keys hold', ['R6.2.1-b'])
const proveItself = rule('RFC 3310 §3.3', 'the server proves with the same password that it is the one that asked')

/** §4.2: a request of a UE. */
export function takeUeRequest(bsf: Bsf, request: HttpRequest, from: Address, turn: BsfTurn): void {
  const answer = (status: number, why: Rule, changes?: HttpChanges) =>
    turn.send(from, httpResponse(turn, request, status, why, changes), 'stream')
  if (request.target.replace(/^https?:\/\/[^/]*/i, '') !== '/') return answer(404, nothingElse)
  if (request.method !== 'GET') return answer(405, onlyGet, { headers: { allow: 'GET' } })
  const credentials = headerValue('authorization', request.headers.authorization ?? '')?.[0]
  const privateIdentity = credentials && paramText(credentials, 'username')
  if (credentials === undefined || !privateIdentity) return answer(400, whoAsks)
  const nonce = paramText(credentials, 'nonce') ?? ''
  const open = bsf.challenges.get(nonce)
  const asked: WaitingUe = { request, from, privateIdentity, isStale: nonce !== '' }
  if (open === undefined || open.privateIdentity !== privateIdentity)
    return askHss(bsf, asked, { 'User-Name': privateIdentity }, askVector, turn)
  bsf.challenges.delete(nonce)
  if (paramText(credentials, 'auts') !== undefined) return resynchronise(bsf, asked, open, credentials, turn)
  judge(bsf, asked, open, credentials, turn)
}

function askHss(bsf: Bsf, what: WaitingUe, avps: CxMessage['avps'], why: Rule, turn: BsfTurn): void {
  const question = { interface: 'Zh', to: bsf.settings.hss, command: 'MAR', avps, why, source: what.request } as const
  ask(bsf, what, question, turn)
}

/** §4.5, RFC 3310 §3.4: the response is made with an empty password; what AUTS says only the HSS can tell. */
function resynchronise(
  bsf: Bsf,
  asked: WaitingUe,
  { privateIdentity, vector }: OpenChallenge,
  credentials: Authentication,
  turn: BsfTurn,
): void {
  const { request, from } = asked
  const auts = fromBase64(paramText(credentials, 'auts') ?? '')
  const account = { username: privateIdentity, realm: bsf.settings.host, password: '' }
  if (auts === undefined || auts.length !== 14 || !isProof(credentials, account, request))
    return turn.send(from, httpResponse(turn, request, 403, wrong), 'stream')
  const token = bytesToHex(vector.rand) + bytesToHex(auts)
  const avps = { 'User-Name': privateIdentity, 'SIP-Authorization': token }
  askHss(bsf, { ...asked, isStale: false }, avps, askAgain, turn)
}

/** §4.2, §4.3: the response to a challenge. */
function judge(bsf: Bsf, asked: WaitingUe, open: OpenChallenge, credentials: Authentication, turn: BsfTurn): void {
  const { settings } = bsf
  const { request, from, privateIdentity } = asked
  const account = { username: privateIdentity, realm: settings.host, password: open.vector.xres }
  const isProtected = paramText(credentials, 'qop')?.toLowerCase() === 'auth-int'
  const isRight = isProtected && paramText(credentials, 'uri') === '/' && isProof(credentials, account, request)
  if (!isRight) {
    turn.decide(verify, 'the response is wrong', { user: privateIdentity })
    return turn.send(from, httpResponse(turn, request, 403, wrong), 'stream')
  }
  const transaction = transactionIdentifier(open.vector.rand, settings.host)
  const life = seconds(open.security.lifetime ?? settings.lifetime)
  const expiresAt = turn.now + life
  bsf.sessions.set(transaction, {
    privateIdentity,
    ks: bootstrappedKey(open.vector),
    rand: open.vector.rand,
    createdAt: turn.now,
    expiresAt,
    services: open.security.services,
  })
  turn.start({ name: sessionTimer, of: transaction }, life)
  const lifetime = dateTimeOf(settings.epoch + expiresAt)
  turn.decide(verify, 'the response is right', { user: privateIdentity, 'B-TID': transaction, until: lifetime })
  const body = printBootstrappingInfo({ kind: 'bootstrapping-info', transaction, lifetime, others: [] })
  const proof = {
    qop: 'auth-int',
    rspauth: quote(serverProof(credentials, account, body)!),
    cnonce: quote(paramText(credentials, 'cnonce')!),
    nc: paramText(credentials, 'nc')!,
  }
  const bare = httpResponse(turn, request, 200, succeed, {
    headers: { 'content-type': bootstrappingInfoFormat.type },
    body,
  })
  const headers = { 'authentication-info': printParamsByComma(proof) }
  turn.send(from, httpAmended(turn, bare, proveItself, { headers }, request), 'stream')
}

/** §4.2, §4.5: what the HSS has answered; undefined if nothing. */
export function onVector(bsf: Bsf, asked: WaitingUe, answer: CxMessage | undefined, turn: BsfTurn): void {
  const { request, from, privateIdentity, isStale } = asked
  const refuse = (status: number, why: Rule) => turn.send(from, httpResponse(turn, request, status, why), 'stream')
  if (answer !== undefined && resultOf(answer) === 'DIAMETER_ERROR_IDENTITY_UNKNOWN') return refuse(403, unknownUser)
  const vector = answer && isSuccess(answer) ? vectorIn(answer) : undefined
  if (answer === undefined || vector === undefined) return refuse(503, noHss)
  const nonce = nonceOf(vector)
  bsf.challenges.set(nonce, { privateIdentity, vector, security: securityIn(answer) })
  turn.start({ name: challengeTimer, of: nonce }, challengePatience)
  const params = {
    realm: quote(bsf.settings.host),
    nonce: quote(nonce),
    algorithm: 'AKAv1-MD5',
    qop: quote('auth-int'),
    ...(isStale && { stale: 'true' }),
  }
  const headers = { 'www-authenticate': printAuthentication({ scheme: 'Digest', params }) }
  const bare = httpResponse(turn, request, 401, challenge)
  turn.send(from, httpAmended(turn, bare, challenge, { headers }, turn.step), 'stream')
}

/** TS 29.109 §6.3.1.1: the security settings that an answer brings; none if there are none, or none to be read. */
function securityIn(answer: CxMessage): SecurityInformation {
  const text = avp(answer, 'GBA-UserSecSettings')
  const settings = text === '' ? undefined : gussFormat.parse(text)
  if (settings === undefined || isDocumentError(settings)) return { lifetime: undefined, services: [] }
  return { lifetime: settings.bsf?.lifetime, services: settings.services }
}
