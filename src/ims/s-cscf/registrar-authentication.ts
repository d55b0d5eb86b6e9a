/**
 * TS 24.229 §5.4.1.2.1, TS 33.203 §6.1: the challenge of the S-CSCF, and whether the answer is right.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { addressOfRecord } from '../../presence/address-of-record.ts'
import { rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { isProof, paramText } from '../../sip/digest.ts'
import { fromBase64 } from '../../sip/grammar/base64.ts'
import { quote } from '../../sip/grammar/scanner.ts'
import type { Authentication } from '../../sip/headers.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { challengeOf, nonceOf } from '../aka.ts'
import { type Avps, ask, avp, type CxMessage, isSuccess } from '../cx.ts'
import { akaScheme } from '../hss/user-authentication.ts'
import { privateIdentity } from '../i-cscf/interrogation.ts'
import type { PendingAuthentication } from './registrar-state.ts'
import type { Registering } from './served-users.ts'

type CxTurn = SipTurn<CxMessage>

const askVector = rule('TS 24.229 §5.4.1.2.1', 'the S-CSCF asks the HSS for an authentication vector')
const askAgain = rule('TS 24.229 §5.4.1.2.3', 'the S-CSCF hands the token of a UE that is out of step to the HSS')
const chooseVector = rule(
  'TS 33.203 §6.1.1',
  'the S-CSCF takes the next unused authentication vector',
  [],
  'select authentication vector',
)
const challenge = rule(
  'TS 24.229 §5.4.1.2.1',
  'the challenge carries RAND and AUTN as nonce, and IK and CK for the P-CSCF',
)
const noVector = rule('TS 24.229 §5.4.1.2.1', 'a user for whom the HSS makes no vector is answered 403')

/** TS 24.229 §7.8: how long the answer to a challenge may take. */
const regAwaitAuth = seconds(240)

/** What a UE that is out of step has sent, with the nonce that it answers. */
interface Token {
  /** Base64 of AUTS. */
  readonly auts: string
  readonly nonce: string
}

/** §5.4.1.2.1 step 3: asks for a vector; with a token, for one that the UE will take. */
export function requestVector(cscf: Registering, received: SipRequest, token: Token | undefined, turn: CxTurn): void {
  cscf.registrar.pending.delete(privateIdentity(received))
  const avps: Avps = {
    'User-Name': privateIdentity(received),
    'Public-Identity': addressOfRecord(received.headers.to?.uri ?? ''),
    'SIP-Number-Auth-Items': 1,
    'SIP-Authentication-Scheme': akaScheme,
    ...(token && { 'SIP-Authorization': tokenOctets(token) }),
    'Server-Name': cscf.registrarUri,
  }
  const why = token === undefined ? askVector : askAgain
  const question = { to: cscf.registrar.settings.hss, command: 'MAR', avps, why, source: received }
  const isResynchronised = token !== undefined
  ask(cscf.registrar, { kind: 'authentication', received, isResynchronised }, question, turn)
}

/** TS 29.229 §6.3.11: RAND and AUTS, one behind the other. */
function tokenOctets({ auts, nonce }: Token): string {
  const rand = challengeOf(nonce)?.rand ?? new Uint8Array()
  return bytesToHex(rand) + bytesToHex(fromBase64(auts) ?? new Uint8Array())
}

/** §5.4.1.2.1: challenges the UE with the vector of the HSS, and waits for the answer. */
export function onVector(
  cscf: Registering,
  received: SipRequest,
  isResynchronised: boolean,
  answer: CxMessage,
  turn: CxTurn,
): void {
  const name = privateIdentity(received)
  if (!isSuccess(answer)) return turn.reply(received, 403, noVector)
  const octets = hexToBytes(avp(answer, 'SIP-Authenticate'))
  const nonce = nonceOf({ rand: octets.slice(0, 16), autn: octets.slice(16) })
  const credentials = received.headers.authorization?.[0]
  const named = credentials === undefined ? undefined : paramText(credentials, 'realm')
  const realm = named === undefined || named === '' ? cscf.settings.network : named
  const pending: PendingAuthentication = {
    privateIdentity: name,
    identity: addressOfRecord(received.headers.to?.uri ?? ''),
    callId: received.headers.callId!,
    realm,
    nonce,
    xres: avp(answer, 'SIP-Authorization'),
    isResynchronised,
  }
  turn.decide(chooseVector, 'taken', { user: name, vectors: Number(avp(answer, 'SIP-Number-Auth-Items')) })
  cscf.registrar.pending.set(name, pending)
  turn.start({ name: 'reg-await-auth', of: nonce }, regAwaitAuth)
  const params = {
    realm: quote(realm),
    nonce: quote(nonce),
    algorithm: 'AKAv1-MD5',
    qop: quote('auth,auth-int'),
    ik: quote(avp(answer, 'Integrity-Key')),
    ck: quote(avp(answer, 'Confidentiality-Key')),
  }
  turn.respond(received, challengeFor(received, params, turn))
}

/** The 401; its values came with the answer of the HSS, which is what this turn took in. */
function challengeFor(received: SipRequest, params: Authentication['params'], turn: CxTurn) {
  const bare = turn.answer(received, 401, challenge)
  return turn.amend(bare, challenge, { wwwAuthenticate: [{ scheme: 'Digest', params }] }, turn.step)
}

/** TS 33.203 §6.1.1, RFC 3310 §3.3: with the octets of XRES as password; to the challenge that was sent last. */
export function isAnswerRight(
  { privateIdentity: username, realm, nonce, xres }: PendingAuthentication,
  credentials: Authentication,
  { method, body }: SipRequest,
): boolean {
  if (paramText(credentials, 'nonce') !== nonce) return false
  return isProof(credentials, { username, realm, password: hexToBytes(xres) }, { method, body })
}
