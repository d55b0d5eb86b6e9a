/**
 * Ub at the UE (TS 24.109 §4.2 to §4.5): a run of HTTP Digest AKA with the BSF of the home network, whose outcome is a
 * bootstrapping session.
 */
import { hexToBytes } from '@noble/hashes/utils.js'
import { bootstrappingInfoFormat, parseBootstrappingInfo } from '../../documents/bootstrapping-info.ts'
import { isDocumentError } from '../../documents/xml/tree.ts'
import { challengesIn } from '../../http/challenges.ts'
import { printAuthentication } from '../../http/digest-authentication.ts'
import { type HttpTurn, httpAmended, httpPatience, httpRequest } from '../../http/exchange.ts'
import type { HttpResponse } from '../../http/message.ts'
import { momentOf } from '../../presence/wall-clock.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { algorithmOf, credentialsFor, paramText, serverProof } from '../../sip/digest.ts'
import { toBase64 } from '../../sip/grammar/base64.ts'
import { quote } from '../../sip/grammar/scanner.ts'
import type { Authentication } from '../../sip/headers.ts'
import { headerValue } from '../../sip/message.ts'
import { type ChallengeOutcome, challengeOf, takeChallenge } from '../aka.ts'
import { bootstrappedKey } from './gba-keys.ts'
import type { BootstrappingRun, UtAccess, UtSession } from './ut-access-state.ts'

/** The timer with which a UE waits for the BSF; it belongs to the exchange. */
export const bootstrappingTimer = 'BSF answer'

/** What a run has come to. */
export type BootstrappingOutcome = 'goes on' | 'done' | 'failed'

const begin = rule('TS 24.109 §4.2', 'the UE begins with its private identity and an empty response', ['R6.2.1-b'])
const generate = rule(
  'TS 24.109 §4.2',
  'the UE checks AUTN, and makes RES, CK and IK of the challenge',
  ['R6.2.1-b'],
  'generate response',
)
const respond = rule('TS 24.109 §4.2', 'the UE answers with a response of RES that covers the body too', ['R6.2.1-b'])
const outOfStep = rule('TS 24.109 §4.5', 'a challenge with a sequence number out of range is answered with AUTS')
const wrongMac = rule('TS 24.109 §4.4', 'a challenge that does not come from the home network ends the run')
const enough = rule('TS 24.109 §4.5', 'a UE answers no more than two invalid challenges in a row')
const useless = rule('TS 24.109 §4.2', 'a challenge of another realm, or without AKA and auth-int, ends the run')
const otherServer = rule('RFC 3310 §3.3', 'an answer that does not prove that the server knows RES too ends the run')
const keep = rule(
  'TS 24.109 §4.2',
  'the UE makes Ks of CK and IK and keeps it with the B-TID for as long as the BSF says',
  ['R6.2.1-b'],
  'generate keys',
)
const refused = rule('TS 24.109 §4.3', 'a UE that the BSF refuses, or does not answer, has no keys')

/** §4.2: begins a run, unless one is under way. */
export function bootstrap<Other>(access: UtAccess, turn: HttpTurn<Other>): void {
  if (access.run !== undefined) return
  const { bsf, privateIdentity } = access.settings.bootstrapping
  const params = { username: quote(privateIdentity), realm: quote(bsf), nonce: '""', uri: '"/"', response: '""' }
  ask(access, begin, { scheme: 'Digest', params }, { invalid: 0, answer: undefined }, undefined, turn)
}

function ask<Other>(
  access: UtAccess,
  why: Rule,
  credentials: Authentication,
  run: Omit<BootstrappingRun, 'exchange'>,
  source: HttpResponse | undefined,
  turn: HttpTurn<Other>,
): void {
  const { settings } = access
  const { bsf } = settings.bootstrapping
  const bare = httpRequest(turn, begin, 'GET', '/', { headers: { host: bsf, 'user-agent': settings.userAgent } })
  const headers = { authorization: printAuthentication(credentials) }
  const request = httpAmended(turn, bare, why, { headers }, source)
  access.run = { ...run, exchange: request.exchange }
  turn.send(bsf, request, 'stream')
  turn.start({ name: bootstrappingTimer, of: request.exchange }, httpPatience)
}

/** True of the answer to the last request of a run. */
export const isOfRun = ({ run }: UtAccess, exchange: string): boolean => run?.exchange === exchange

/** §4.2 to §4.5: an answer of the BSF; undefined if there is none. */
export function onBsfAnswer<Other>(
  access: UtAccess,
  response: HttpResponse | undefined,
  turn: HttpTurn<Other>,
): BootstrappingOutcome {
  const { run } = access
  if (run === undefined) return 'failed'
  if (response?.status === 401) return takeBsfChallenge(access, run, response, turn)
  if (response?.status === 200 && run.answer !== undefined) return finish(access, run.answer, response, turn)
  const because = response === undefined ? 'no answer' : String(response.status)
  return end(access, refused, because, turn)
}

function end<Other>(access: UtAccess, why: Rule, because: string, turn: HttpTurn<Other>): 'failed' {
  access.run = undefined
  turn.decide(why, 'given up', { because })
  return 'failed'
}

function takeBsfChallenge<Other>(
  access: UtAccess,
  run: BootstrappingRun,
  response: HttpResponse,
  turn: HttpTurn<Other>,
): BootstrappingOutcome {
  const { bsf, secret } = access.settings.bootstrapping
  const challenge = challengesIn(response.headers['www-authenticate'] ?? '').find(
    (one) => algorithmOf(one) === 'AKAv1-MD5' && paramText(one, 'realm') === bsf,
  )
  const parts = challenge && challengeOf(paramText(challenge, 'nonce') ?? '')
  const offers = (challenge && paramText(challenge, 'qop'))?.split(',').map((one) => one.trim().toLowerCase())
  if (challenge === undefined || parts === undefined || offers?.includes('auth-int') !== true)
    return end(access, useless, 'no usable challenge', turn)
  // Whoever is challenged again after the right answer would be so for ever.
  if (run.answer !== undefined) return end(access, refused, 'challenged again', turn)
  const keys = { k: hexToBytes(secret.k), opc: hexToBytes(secret.opc) }
  const outcome = takeChallenge(keys, access.accepted, parts)
  turn.decide(generate, outcome.kind, outcome.kind === 'wrong MAC' ? {} : { SQN: outcome.sqn })
  if (outcome.kind === 'wrong MAC') return end(access, wrongMac, outcome.kind, turn)
  if (outcome.kind === 'SQN out of range' && run.invalid >= 2) return end(access, enough, outcome.kind, turn)
  answerChallenge(access, run, { challenge, outcome, rand: parts.rand, response }, turn)
  return 'goes on'
}

/** RFC 3310 §3.3, §3.4: with RES as password; or with none, and AUTS. */
function answerChallenge<Other>(
  access: UtAccess,
  run: BootstrappingRun,
  taken: {
    readonly challenge: Authentication
    readonly outcome: Exclude<ChallengeOutcome, { kind: 'wrong MAC' }>
    readonly rand: Uint8Array
    readonly response: HttpResponse
  },
  turn: HttpTurn<Other>,
): void {
  const { challenge, outcome, rand, response } = taken
  const { privateIdentity: username, isFaulty } = access.settings.bootstrapping
  const right = outcome.kind === 'accepted' ? outcome.res : new Uint8Array()
  const password = isFaulty ? right.map((octet) => octet ^ 0xff) : right
  // The body is empty, and is protected all the same.
  const protectedOnly = { ...challenge, params: { ...challenge.params, qop: '"auth-int"' } }
  const request = { method: 'GET', uri: '/', body: '' }
  const made = credentialsFor(protectedOnly, { username, password }, request, {
    clientNonce: turn.identifier(),
    count: 1,
  })!
  if (outcome.kind === 'accepted') {
    const answer = { credentials: made, res: password, ks: bootstrappedKey(outcome), rand }
    return ask(access, respond, made, { invalid: 0, answer }, response, turn)
  }
  const credentials = { ...made, params: { ...made.params, auts: quote(toBase64(outcome.auts)) } }
  ask(access, outOfStep, credentials, { invalid: run.invalid + 1, answer: undefined }, response, turn)
}

/** §4.2: the BSF has taken the response, and has told the B-TID and the lifetime. */
function finish<Other>(
  access: UtAccess,
  { credentials, res, ks, rand }: NonNullable<BootstrappingRun['answer']>,
  response: HttpResponse,
  turn: HttpTurn<Other>,
): BootstrappingOutcome {
  const { bsf: realm, privateIdentity: username } = access.settings.bootstrapping
  const proof = headerValue('authenticationInfo', response.headers['authentication-info'] ?? '')
  const expected = serverProof(credentials, { username, realm, password: res }, response.body)
  const given = proof && paramText({ scheme: '', params: proof }, 'rspauth')
  if (given === undefined || given !== expected) return end(access, otherServer, 'no proof of the server', turn)
  const session = sessionFrom(access, response, { ks, rand })
  if (session === undefined) return end(access, refused, 'an answer that can not be read', turn)
  access.session = session
  access.run = undefined
  turn.decide(keep, 'kept', { 'B-TID': session.transaction, seconds: Math.floor((session.expiresAt - turn.now) / 1e6) })
  return 'done'
}

function sessionFrom(
  { settings }: UtAccess,
  { headers, body }: HttpResponse,
  keys: Pick<UtSession, 'ks' | 'rand'>,
): UtSession | undefined {
  if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== bootstrappingInfoFormat.type) return undefined
  const info = parseBootstrappingInfo(body)
  const expiry = isDocumentError(info) ? undefined : momentOf(info.lifetime)
  if (isDocumentError(info) || expiry === undefined) return undefined
  return { ...keys, transaction: info.transaction, expiresAt: expiry - settings.epoch }
}
