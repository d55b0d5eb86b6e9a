/**
 * TS 24.229 §5.4.1.2: the S-CSCF as registrar: whom it challenges, whose answer it takes, and what it tells the HSS.
 */
import { addressOfRecord } from '../../presence/address-of-record.ts'
import type { Timer } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { grantedDuration, requestedExpiry } from '../../sip/core/registrar.ts'
import { algorithmOf, paramText } from '../../sip/digest.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { type AssignmentType, ask, type CxMessage, isSuccess } from '../cx.ts'
import { privateIdentity } from '../i-cscf/interrogation.ts'
import { removeByUser } from './deregistration.ts'
import { isAnswerRight, onVector, requestVector } from './registrar-authentication.ts'
import { bindingOf, type PendingAuthentication, type RegisteredSet } from './registrar-state.ts'
import { type Registering, setOf } from './served-users.ts'
import { storeRegistration } from './successful-registration.ts'

type CxTurn = SipTurn<CxMessage>

const unknownExtension = rule('RFC 3261 §8.2.2.3', 'a REGISTER that needs an unknown extension is answered 420')
const noContact = rule('TS 24.229 §5.4.1.2.2', 'a REGISTER of a contact that is not registered is answered 403')
const otherCall = rule('TS 24.229 §5.4.1.2.2', 'an answer to a challenge comes in the call that was challenged')
const authenticated = rule(
  'TS 24.229 §5.4.1.2.2',
  'the answer of the UE has to be the one that the authentication vector makes',
  [],
  'authenticate',
)
const wrongAnswer = rule('TS 24.229 §5.4.1.2.3', 'a wrong answer to the challenge is answered 403')
const badNetwork = rule('TS 24.229 §5.4.1.2.3', 'a UE that does not believe the network is answered 403')
const again = rule('TS 24.229 §5.4.1.2.3', 'a UE that is out of step is challenged once more with its own number')
const tooOften = rule('TS 24.229 §5.4.1.2.3', 'a UE that is out of step twice in a row is answered 403')
const giveUp = rule('TS 24.229 §5.4.1.2.3', 'the HSS is told of an authentication that failed')
const lapse = rule('TS 24.229 §5.4.1.2.3', 'a challenge that is not answered in four minutes has failed')
const trust = rule('TS 24.229 §5.4.1.2.2', 'a protected REGISTER of a registered user need not be challenged')
const assign = rule('TS 24.229 §5.4.1.2.2', 'the S-CSCF tells the HSS that it serves the user, and gets the profile')
const noProfile = rule('TS 24.229 §5.4.1.2.2', 'a registration that the HSS refuses is answered 403')
const noHss = rule('RFC 3261 §21.5.5', 'a REGISTER that needs the HSS is answered 504 while the HSS is silent')

/** What an S-CSCF understands as registrar. */
const extensions = ['path', 'gruu', 'outbound']

/** §5.4.1.2: a REGISTER that the I-CSCF brought. */
export function register(cscf: Registering, received: SipRequest, turn: CxTurn): void {
  const unsupported = received.headers.require?.filter((tag) => !extensions.includes(tag)) ?? []
  if (unsupported.length > 0) return turn.reply(received, 420, unknownExtension, { unsupported })
  const credentials = received.headers.authorization?.[0]
  const isProtected = credentials !== undefined && paramText(credentials, 'integrity-protected') === 'yes'
  const pending = cscf.registrar.pending.get(privateIdentity(received))
  if (pending !== undefined && (isProtected || isObjection(pending, received)))
    return onAnswer(cscf, pending, received, turn)
  // §5.4.1.2.1: without protection everything begins anew.
  if (!isProtected) return requestVector(cscf, received, undefined, turn)
  const set = setOf(cscf, received.headers.to?.uri ?? '')
  const isKnown = set?.privateIdentity === privateIdentity(received) && set.bindings.length > 0
  const mustProve = cscf.registrar.settings.authenticates === 'every' || set?.isReauthenticating === true
  if (!isKnown || mustProve) return requestVector(cscf, received, undefined, turn)
  if (!isOfContact(set, received)) return turn.reply(received, 403, noContact)
  turn.decide(trust, 'not challenged', { user: set.privateIdentity })
  carryOut(cscf, received, turn)
}

/**
 * §5.4.1.2.3: a UE that deems the challenge invalid has no keys, and so no security associations to say it over. Of
 * what comes without protection no more than that is believed.
 */
function isObjection({ nonce }: PendingAuthentication, { headers }: SipRequest): boolean {
  const credentials = headers.authorization?.[0]
  if (credentials === undefined || paramText(credentials, 'nonce') !== nonce) return false
  return paramText(credentials, 'auts') !== undefined || (paramText(credentials, 'response') ?? '') === ''
}

/** §5.4.1.2.2: without a challenge only a contact that is registered may be refreshed or removed. */
function isOfContact(set: RegisteredSet, { headers }: SipRequest): boolean {
  const uri = headers.contact?.[0]?.uri
  return uri === undefined || uri === '*' || bindingOf(set, uri) !== undefined
}

/** §5.4.1.2.2, §5.4.1.2.3: a REGISTER of a user whose answer to a challenge is awaited. */
function onAnswer(cscf: Registering, pending: PendingAuthentication, received: SipRequest, turn: CxTurn): void {
  const credentials = received.headers.authorization![0]!
  const auts = paramText(credentials, 'auts')
  if (received.headers.callId !== pending.callId) return fail(cscf, pending, received, otherCall, turn)
  if (auts !== undefined) {
    if (pending.isResynchronised) return fail(cscf, pending, received, tooOften, turn)
    turn.decide(again, 'a new vector is asked for')
    return requestVector(cscf, received, { auts, nonce: pending.nonce }, turn)
  }
  if ((paramText(credentials, 'response') ?? '') === '') return fail(cscf, pending, received, badNetwork, turn)
  const isRight = isAnswerRight(pending, credentials, received)
  turn.decide(authenticated, isRight ? 'the response is right' : 'the response is wrong', {
    user: pending.privateIdentity,
    algorithm: algorithmOf(credentials) ?? 'unknown',
  })
  if (!isRight) return fail(cscf, pending, received, wrongAnswer, turn)
  cscf.registrar.pending.delete(pending.privateIdentity)
  carryOut(cscf, received, turn)
}

function fail(
  cscf: Registering,
  pending: PendingAuthentication,
  received: SipRequest,
  why: typeof wrongAnswer,
  turn: CxTurn,
): void {
  cscf.registrar.pending.delete(pending.privateIdentity)
  turn.reply(received, 403, why)
  tellFailure(cscf, pending, 'AUTHENTICATION_FAILURE', turn)
}

/** §5.4.1.2.3: the HSS forgets that this S-CSCF authenticates the user. */
function tellFailure(cscf: Registering, pending: PendingAuthentication, type: AssignmentType, turn: CxTurn): void {
  const { privateIdentity: name, identity } = pending
  const avps = {
    'User-Name': name,
    'Public-Identity': identity,
    'Server-Name': cscf.registrarUri,
    'Server-Assignment-Type': type,
  }
  const { hss } = cscf.registrar.settings
  ask(cscf.registrar, { kind: 'notice' }, { to: hss, command: 'SAR', avps, why: giveUp, source: undefined }, turn)
}

/** §5.4.1.2.3: the timer reg-await-auth has fired. */
export function onAwaitAuth(cscf: Registering, timer: Timer, turn: CxTurn): void {
  for (const pending of cscf.registrar.pending.values()) {
    if (pending.nonce !== timer.of) continue
    cscf.registrar.pending.delete(pending.privateIdentity)
    turn.decide(lapse, 'the authentication has failed', { user: pending.privateIdentity })
    tellFailure(cscf, pending, 'AUTHENTICATION_TIMEOUT', turn)
  }
}

/** §5.4.1.2.2, §5.4.1.4: what an authenticated REGISTER asks for. */
function carryOut(cscf: Registering, received: SipRequest, turn: CxTurn): void {
  const set = setOf(cscf, received.headers.to?.uri ?? '')
  if (requestedExpiry(received) === 0) return removeByUser(cscf, set, received, turn)
  const duration = grantedDuration(received, cscf.registrar.settings, turn)
  if (duration === undefined) return
  const isKnown = set !== undefined && set.bindings.length > 0
  const name = privateIdentity(received)
  const avps = {
    'User-Name': name,
    'Public-Identity': addressOfRecord(received.headers.to?.uri ?? ''),
    'Server-Name': cscf.registrarUri,
    'Server-Assignment-Type': isKnown ? 'RE_REGISTRATION' : 'REGISTRATION',
    'User-Data-Already-Available': isKnown ? 'USER_DATA_ALREADY_AVAILABLE' : 'USER_DATA_NOT_AVAILABLE',
  }
  const question = { to: cscf.registrar.settings.hss, command: 'SAR', avps, why: assign, source: received }
  ask(cscf.registrar, { kind: 'assignment', received, duration }, question, turn)
}

/** §5.4.1.2.2: the HSS has said what came of the assignment; undefined if it is silent. */
export function onAssignment(
  cscf: Registering,
  received: SipRequest,
  duration: number,
  answer: CxMessage | undefined,
  turn: CxTurn,
): void {
  if (answer === undefined) return turn.reply(received, 504, noHss)
  if (!isSuccess(answer) || !storeRegistration(cscf, received, duration, answer, turn))
    turn.reply(received, 403, noProfile)
}

/** §5.4.1.2.1: the HSS has made a vector, or has not; undefined if it is silent. */
export function onAuthentication(
  cscf: Registering,
  received: SipRequest,
  isResynchronised: boolean,
  answer: CxMessage | undefined,
  turn: CxTurn,
): void {
  if (answer === undefined) return turn.reply(received, 504, noHss)
  onVector(cscf, received, isResynchronised, answer, turn)
}
