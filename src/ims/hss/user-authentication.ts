import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Turn } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { type AuthenticationVector, authenticationVector, nextSqn, resynchronisedSqn } from '../aka.ts'
import { type Avps, avp, type CxMessage, failed } from '../cx.ts'
import type { Secret } from '../milenage.ts'
import { askedAbout, type Subscriber, type Subscribers } from './subscription.ts'

/** The name of IMS AKA as an authentication scheme (TS 29.229 §6.3.9). */
export const akaScheme = 'Digest-AKAv1-MD5'

const noUser = rule('TS 29.228 §6.3.1', 'identities that do not exist, or not together, are errors')
const noScheme = rule('TS 29.228 §6.3.1', 'an authentication scheme that the user does not have is an error')
const challenge = rule(
  'TS 29.228 §6.3.1',
  'the HSS makes an authentication vector and notes who authenticates the user',
)
const resynchronise = rule('TS 33.102 §6.3.5', 'the home network takes over the sequence number that the ISIM tells')
const foreign = rule('TS 33.102 §6.3.5', 'a resynchronisation with a wrong MAC-S changes no sequence number')

/** TS 29.228 §6.3.1: a vector with which the S-CSCF can authenticate the user; `rand` makes the challenge. */
export function authenticate(
  subscribers: Subscribers,
  request: CxMessage,
  rand: () => Uint8Array,
  turn: Turn<CxMessage>,
): [avps: Avps, why: Rule] {
  const asked = askedAbout(subscribers, request)
  if (typeof asked === 'string') return [failed(asked), noUser]
  const scheme = avp(request, 'SIP-Authentication-Scheme')
  if (scheme !== akaScheme) return [failed('DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED'), noScheme]
  const { subscriber } = asked
  const vector = nextVector(subscriber, request, rand, turn)
  subscriber.serverName = avp(request, 'Server-Name')
  subscriber.isAuthenticationPending = true
  const avps: Avps = {
    'Result-Code': 'DIAMETER_SUCCESS',
    'User-Name': subscriber.subscription.privateIdentity,
    'Public-Identity': avp(request, 'Public-Identity'),
    'SIP-Number-Auth-Items': 1,
    'SIP-Item-Number': 1,
    ...vectorAvps(vector),
  }
  return [avps, challenge]
}

/** TS 33.102 §6.3.2: the next vector of a subscriber, after a resynchronisation if the command asks for one. */
export function nextVector(
  subscriber: Subscriber,
  request: CxMessage,
  rand: () => Uint8Array,
  turn: Turn<CxMessage>,
): AuthenticationVector {
  const { subscription } = subscriber
  const secret = { k: hexToBytes(subscription.secret.k), opc: hexToBytes(subscription.secret.opc) }
  if (avp(request, 'SIP-Authorization') !== '') takeOver(subscriber, secret, avp(request, 'SIP-Authorization'), turn)
  subscriber.sqn = nextSqn(subscriber.sqn)
  return authenticationVector(secret, rand(), subscriber.sqn, hexToBytes(subscription.amf))
}

/** TS 29.229 §6.3.13: the vector in the AVPs of a SIP-Auth-Data-Item. */
export function vectorAvps({ rand, autn, xres, ck, ik }: AuthenticationVector): Avps {
  return {
    'SIP-Authentication-Scheme': akaScheme,
    'SIP-Authenticate': bytesToHex(rand) + bytesToHex(autn),
    'SIP-Authorization': bytesToHex(xres),
    'Confidentiality-Key': bytesToHex(ck),
    'Integrity-Key': bytesToHex(ik),
  }
}

/** TS 29.229 §6.3.13: the vector that an answer brings; undefined if its octets are not those of one. */
export function vectorIn(answer: CxMessage): AuthenticationVector | undefined {
  const octets = (name: string, count: number): Uint8Array | undefined => {
    const text = avp(answer, name)
    return text.length === 2 * count && /^[0-9a-f]*$/i.test(text) ? hexToBytes(text) : undefined
  }
  const challenge = octets('SIP-Authenticate', 32)
  const [xres, ck, ik] = [
    octets('SIP-Authorization', 8),
    octets('Confidentiality-Key', 16),
    octets('Integrity-Key', 16),
  ]
  if (challenge === undefined || xres === undefined || ck === undefined || ik === undefined) return undefined
  return { rand: challenge.slice(0, 16), autn: challenge.slice(16), xres, ck, ik }
}

/** TS 33.102 §6.3.5: RAND and AUTS, if they are of this ISIM, tell where to count on from. */
function takeOver(subscriber: Subscriber, secret: Secret, token: string, turn: Turn<CxMessage>): void {
  const octets = /^([0-9a-f]{2})*$/i.test(token) ? hexToBytes(token) : new Uint8Array()
  const sqn = resynchronisedSqn(secret, octets.slice(0, 16), octets.slice(16))
  if (sqn === undefined) return turn.decide(foreign, 'nothing is changed')
  turn.decide(resynchronise, 'the sequence number is changed', { from: subscriber.sqn, to: sqn })
  subscriber.sqn = sqn
}
