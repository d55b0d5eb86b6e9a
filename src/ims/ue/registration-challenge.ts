/**
 * TS 24.229 §5.1.1.5: how a UE answers the challenge of its home network.
 */
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { type Rule, rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { algorithmOf, credentialsFor, paramText } from '../../sip/digest.ts'
import { toBase64 } from '../../sip/grammar/base64.ts'
import { quote } from '../../sip/grammar/scanner.ts'
import type { Authentication } from '../../sip/headers.ts'
import type { SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { type ChallengeOutcome, challengeOf, takeChallenge } from '../aka.ts'
import { endRegistration, type RegisteringUe, sendRegister } from './registration.ts'
import { choose, withoutTemporary } from './security-agreement.ts'

const generate = rule(
  'TS 24.229 §5.1.1.5.1',
  'the UE checks AUTN, and makes RES, IK and CK of the challenge',
  [],
  'generate response and session keys',
)
const wrongMac = rule('TS 24.229 §5.1.1.5.3', 'a challenge that does not come from the home network gets no response')
const outOfStep = rule('TS 24.229 §5.1.1.5.3', 'a challenge with a sequence number out of range is answered with AUTS')
const enough = rule('TS 24.229 §5.1.1.5.3', 'a UE answers no more than two invalid challenges in a row')
const useless = rule('TS 24.229 §5.1.1.5.1', 'a challenge without AKA or without Security-Server is given up')

/** §5.1.1.5.1, §5.1.1.5.3: a 401 to the last REGISTER. */
export function answerChallenge(ue: RegisteringUe, response: SipResponse, turn: SipTurn): void {
  const challenge = response.headers.wwwAuthenticate?.[0]
  const parts = challenge && challengeOf(paramText(challenge, 'nonce') ?? '')
  const offered = choose(response.headers.securityServer, ue.registration.settings.algorithms)
  const isAka = challenge !== undefined && algorithmOf(challenge) === 'AKAv1-MD5'
  if (!isAka || parts === undefined || offered === undefined) return giveUp(ue, useless, 'no usable challenge', turn)
  const { secret, isFaulty } = ue.registration.settings
  const keys = { k: hexToBytes(secret.k), opc: hexToBytes(secret.opc) }
  const outcome = takeChallenge(keys, ue.registration.accepted, parts)
  if (turn.listening) tell(outcome, turn)
  if (outcome.kind !== 'accepted') return refuse(ue, challenge, outcome, turn)
  ue.registration.invalidChallenges = 0
  setUp(ue, outcome, offered, response, turn)
  const res = isFaulty ? outcome.res.map((octet) => octet ^ 0xff) : outcome.res
  answer(ue, challenge, res, undefined, turn)
}

function tell(outcome: ChallengeOutcome, turn: SipTurn): void {
  const facts = outcome.kind === 'wrong MAC' ? {} : { SQN: outcome.sqn }
  turn.decide(generate, outcome.kind, facts)
}

/** §5.1.1.5.1: temporary associations with the keys of the ISIM; the answer goes over them. */
function setUp(
  { registration }: RegisteringUe,
  { ck, ik }: Extract<ChallengeOutcome, { kind: 'accepted' }>,
  { algorithm, end }: NonNullable<ReturnType<typeof choose>>,
  response: SipResponse,
  turn: SipTurn,
): void {
  registration.associations = [
    ...withoutTemporary(registration.associations),
    {
      state: 'temporary',
      ue: registration.offer!,
      proxy: end,
      algorithm,
      integrityKey: bytesToHex(ik),
      cipherKey: bytesToHex(ck),
      // TS 24.229 §7.8: reg-await-auth.
      expiresAt: turn.now + seconds(240),
      server: response.headers.securityServer!,
    },
  ]
  registration.isProtected = true
}

/** §5.1.1.5.3: the challenge is deemed invalid. */
function refuse(
  ue: RegisteringUe,
  challenge: Authentication,
  outcome: Exclude<ChallengeOutcome, { kind: 'accepted' }>,
  turn: SipTurn,
): void {
  const { registration } = ue
  if (++registration.invalidChallenges > 2) return giveUp(ue, enough, outcome.kind, turn)
  registration.associations = withoutTemporary(registration.associations)
  registration.isProtected = registration.associations.length > 0
  const why = outcome.kind === 'wrong MAC' ? wrongMac : outOfStep
  turn.decide(why, 'the challenge is deemed invalid')
  if (outcome.kind === 'wrong MAC') return answer(ue, challenge, undefined, undefined, turn)
  // RFC 3310 §3.4: the response is made with an empty password.
  answer(ue, challenge, new Uint8Array(), toBase64(outcome.auts), turn)
}

/** RFC 3310 §3.3, §3.4: the credentials; without a password the response is empty. */
function answer(
  ue: RegisteringUe,
  challenge: Authentication,
  password: Uint8Array | undefined,
  auts: string | undefined,
  turn: SipTurn,
): void {
  const { privateIdentity: username, registrar } = ue.registration.settings
  const request = { method: 'REGISTER', uri: `sip:${registrar}`, body: '' }
  const part = { clientNonce: turn.identifier(), count: 1 }
  const made = credentialsFor(challenge, { username, password: password ?? '' }, request, part)
  if (made === undefined) return giveUp(ue, useless, 'no usable challenge', turn)
  const params = {
    ...made.params,
    ...(password === undefined && { response: '""' }),
    ...(auts !== undefined && { auts: quote(auts) }),
  }
  sendRegister(ue, { scheme: made.scheme, params }, turn)
}

function giveUp(ue: RegisteringUe, why: Rule, because: string, turn: SipTurn): void {
  turn.decide(why, 'given up', { because })
  // A user who is registered stays so until the time is up.
  if (ue.registration.state === 'registered') ue.registration.failure = because
  else endRegistration(ue, because, turn)
}
