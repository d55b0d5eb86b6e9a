/**
 * IMS authentication and key agreement (TS 33.203 §6.1, TS 33.102 §6.3): the vectors of the home network, the check
 * of the ISIM, sequence numbers and their resynchronisation, and the nonce that carries a challenge (RFC 3310 §3.2).
 */
import { fromBase64, toBase64 } from '../sip/grammar/base64.ts'
import { codes, keyMaterial, resynchronisationKey, type Secret, xor } from './milenage.ts'

/** TS 33.102 §6.3.2: what the home network needs for one authentication. */
export interface AuthenticationVector {
  /** The challenge, 16 octets. */
  readonly rand: Uint8Array
  /** What proves the network: SQN hidden by AK, AMF and MAC; 16 octets. */
  readonly autn: Uint8Array
  /** The expected response, 8 octets. */
  readonly xres: Uint8Array
  readonly ck: Uint8Array
  readonly ik: Uint8Array
}

/** TS 33.102 §6.3.2: the vector for a challenge and a sequence number below 2^48; AMF has two octets. */
export function authenticationVector(
  secret: Secret,
  rand: Uint8Array,
  sqn: number,
  amf: Uint8Array,
): AuthenticationVector {
  const { res, ck, ik, ak } = keyMaterial(secret, rand)
  const number = sqnOctets(sqn)
  const { mac } = codes(secret, rand, number, amf)
  return { rand, autn: Uint8Array.of(...xor(number, ak), ...amf, ...mac), xres: res, ck, ik }
}

/**
 * TS 33.102 Annex C.2: the sequence numbers that an ISIM has accepted: the highest SEQ of each index IND. SQN is
 * SEQ in 43 bits, then IND in 5. The owner changes it in place.
 */
export type AcceptedSequences = number[]

/** TS 33.102 C.3.2: 32 indexes. */
export const indexes = 32

/** TS 33.102 C.3.2: a SEQ may run ahead of the highest one by so much. */
const mostAhead = 2 ** 28

/** A fresh ISIM, or one that has accepted all numbers up to this one, as the home network gives them out. */
export function acceptedSequences(sqn = 0): AcceptedSequences {
  const accepted = new Array<number>(indexes).fill(0)
  const highest = Math.floor(sqn / indexes)
  const last = sqn % indexes
  for (let before = 0; before < indexes; before++)
    accepted[(last - before + indexes) % indexes] = Math.max(0, highest - before)
  return accepted
}

/** TS 33.102 C.2.2: is the sequence number fresh? */
export function isFresh(accepted: AcceptedSequences, sqn: number): boolean {
  const sequence = Math.floor(sqn / indexes)
  return sequence > accepted[sqn % indexes]! && sequence - Math.max(...accepted) <= mostAhead
}

/** TS 33.102 C.2.2: SQN_MS, the highest number accepted, with its index. */
export function highestAccepted(accepted: AcceptedSequences): number {
  const sequence = Math.max(...accepted)
  return sequence * indexes + accepted.indexOf(sequence)
}

/** TS 33.102 C.1.1.2, C.3.2: the next sequence number that the home network gives out: both SEQ and IND go on. */
export function nextSqn(sqn: number): number {
  return ((Math.floor(sqn / indexes) + 1) * indexes + (((sqn % indexes) + 1) % indexes)) % 2 ** 48
}

/** How an ISIM takes a challenge. */
export type ChallengeOutcome =
  | {
      readonly kind: 'accepted'
      readonly res: Uint8Array
      readonly ck: Uint8Array
      readonly ik: Uint8Array
      readonly sqn: number
    }
  | { readonly kind: 'wrong MAC' }
  | { readonly kind: 'SQN out of range'; readonly sqn: number; readonly auts: Uint8Array }

/**
 * TS 33.102 §6.3.3: checks the MAC, then the sequence number, which is noted if it is fresh. Any challenge that is not
 * 16 octets of RAND and 16 of AUTN has a wrong MAC.
 */
export function takeChallenge(
  secret: Secret,
  accepted: AcceptedSequences,
  { rand, autn }: Pick<AuthenticationVector, 'rand' | 'autn'>,
): ChallengeOutcome {
  const { res, ck, ik, ak } = keyMaterial(secret, rand)
  const number = xor(autn.slice(0, 6), ak)
  const { mac } = codes(secret, rand, number, autn.slice(6, 8))
  if (!sameOctets(mac, autn.slice(8))) return { kind: 'wrong MAC' }
  const sqn = sqnOf(number)
  if (!isFresh(accepted, sqn))
    return { kind: 'SQN out of range', sqn, auts: resynchronisationToken(secret, rand, highestAccepted(accepted)) }
  accepted[sqn % indexes] = Math.floor(sqn / indexes)
  return { kind: 'accepted', res, ck, ik, sqn }
}

/** TS 33.102 §6.3.3: in a resynchronisation AMF is zero. */
const dummyAmf = new Uint8Array(2)

/** TS 33.102 §6.3.3: AUTS, 14 octets: SQN_MS hidden by AK*, and MAC-S. */
export function resynchronisationToken(secret: Secret, rand: Uint8Array, sqn: number): Uint8Array {
  const number = sqnOctets(sqn)
  const { macStar } = codes(secret, rand, number, dummyAmf)
  return Uint8Array.of(...xor(number, resynchronisationKey(secret, rand)), ...macStar)
}

/** TS 33.102 §6.3.5: SQN_MS from AUTS; undefined if MAC-S is wrong, so that the token is none of this ISIM. */
export function resynchronisedSqn(secret: Secret, rand: Uint8Array, auts: Uint8Array): number | undefined {
  if (auts.length !== 14 || rand.length !== 16) return undefined
  const number = xor(auts.slice(0, 6), resynchronisationKey(secret, rand))
  const { macStar } = codes(secret, rand, number, dummyAmf)
  return sameOctets(macStar, auts.slice(6)) ? sqnOf(number) : undefined
}

/** RFC 3310 §3.2: the nonce of a challenge: Base64 of RAND, AUTN and possibly data of the server. */
export function nonceOf({ rand, autn }: Pick<AuthenticationVector, 'rand' | 'autn'>): string {
  return toBase64(Uint8Array.of(...rand, ...autn))
}

/** RFC 3310 §3.2: RAND and AUTN of a nonce; undefined for one that is too short or no Base64. */
export function challengeOf(nonce: string): Pick<AuthenticationVector, 'rand' | 'autn'> | undefined {
  const octets = fromBase64(nonce)
  if (octets === undefined || octets.length < 32) return undefined
  return { rand: octets.slice(0, 16), autn: octets.slice(16, 32) }
}

function sqnOctets(sqn: number): Uint8Array {
  const octets = new Uint8Array(6)
  for (let at = 5, rest = sqn; at >= 0; at--, rest = Math.floor(rest / 256)) octets[at] = rest % 256
  return octets
}

const sqnOf = (octets: Uint8Array): number => octets.reduce((sqn, octet) => sqn * 256 + octet, 0)

const sameOctets = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((octet, at) => octet === other[at])
