import { describe, expect, it } from 'vitest'
import {
  acceptedSequences,
  authenticationVector,
  challengeOf,
  highestAccepted,
  isFresh,
  nextSqn,
  nonceOf,
  resynchronisationToken,
  resynchronisedSqn,
  takeChallenge,
} from '../../src/ims/aka.ts'
import { codes, keyMaterial, opcOf, resynchronisationKey } from '../../src/ims/milenage.ts'
import { fromBase64, toBase64 } from '../../src/sip/grammar/base64.ts'
import vectors from './material/milenage-35207.json' with { type: 'json' }

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair: string) => Number.parseInt(pair, 16))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe.each(vectors.sets.map((set) => [set.set, set] as const))('TS 35.208 test set %i', (_number, set) => {
  const rand = octets(set.rand)
  const secret = { k: octets(set.k), opc: octets(set.opc) }
  const sqn = Number.parseInt(set.sqn, 16)

  it('OPc is made of K and OP', () => {
    expect(hex(opcOf(octets(set.k), octets(set.op)))).toBe(set.opc)
  })
  it('f1 and f1*', () => {
    const { mac, macStar } = codes(secret, rand, octets(set.sqn), octets(set.amf))
    expect([hex(mac), hex(macStar)]).toEqual([set.f1, set.f1star])
  })
  it('f2, f3, f4, f5 and f5*', () => {
    const { res, ck, ik, ak } = keyMaterial(secret, rand)
    expect([res, ck, ik, ak].map(hex)).toEqual([set.f2, set.f3, set.f4, set.f5])
    expect(hex(resynchronisationKey(secret, rand))).toBe(set.f5star)
  })
  it('AUTN, and the nonce of RFC 3310 §3.2', () => {
    const vector = authenticationVector(secret, rand, sqn, octets(set.amf))
    expect(hex(vector.autn)).toBe(set.autn)
    expect([vector.xres, vector.ck, vector.ik].map(hex)).toEqual([set.f2, set.f3, set.f4])
    expect(nonceOf(vector)).toBe(set.nonce)
    expect(challengeOf(set.nonce)).toEqual({ rand, autn: octets(set.autn) })
  })
  it('AUTS, and SQN_MS from it', () => {
    const auts = resynchronisationToken(secret, rand, sqn)
    expect(hex(auts)).toBe(set.auts)
    expect(resynchronisedSqn(secret, rand, auts)).toBe(sqn)
    auts[13]! ^= 1
    expect(resynchronisedSqn(secret, rand, auts)).toBeUndefined()
  })
  it('TS 33.102 §6.3.3: an ISIM that is just behind accepts it', () => {
    const outcome = takeChallenge(secret, acceptedSequences(sqn - 32), { rand, autn: octets(set.autn) })
    expect(outcome).toEqual({ kind: 'accepted', res: octets(set.f2), ck: octets(set.f3), ik: octets(set.f4), sqn })
  })
})

const secret = { k: octets(vectors.sets[0]!.k), opc: octets(vectors.sets[0]!.opc) }
const rand = octets(vectors.sets[0]!.rand)
const vectorAt = (sqn: number) => authenticationVector(secret, rand, sqn, octets('8000'))

describe('TS 33.102 §6.3.3: the challenge as the ISIM takes it', () => {
  it('with a wrong MAC it is refused, whatever octet is wrong, and nothing is noted', () => {
    for (let at = 0; at < 16; at++) {
      const { autn } = vectorAt(64)
      autn[at]! ^= 0x10
      const accepted = acceptedSequences(32)
      expect(takeChallenge(secret, accepted, { rand, autn })).toEqual({ kind: 'wrong MAC' })
      expect(accepted).toEqual(acceptedSequences(32))
    }
  })
  it('too short to be one: a wrong MAC', () => {
    expect(takeChallenge(secret, acceptedSequences(), { rand, autn: new Uint8Array(3) }).kind).toBe('wrong MAC')
  })
  it('taken twice it is not fresh any more', () => {
    const accepted = acceptedSequences()
    expect(takeChallenge(secret, accepted, vectorAt(64)).kind).toBe('accepted')
    expect(takeChallenge(secret, accepted, vectorAt(64)).kind).toBe('SQN out of range')
  })
  it('out of range the highest number accepted is told in AUTS, which the home network can read', () => {
    const accepted = acceptedSequences(3205)
    const outcome = takeChallenge(secret, accepted, vectorAt(3205))
    if (outcome.kind !== 'SQN out of range') throw new Error(outcome.kind)
    expect(outcome.sqn).toBe(3205)
    expect(resynchronisedSqn(secret, rand, outcome.auts)).toBe(3205)
  })
})

describe('TS 33.102 C.2.2, C.3.2: which sequence numbers are fresh', () => {
  const sqn = (sequence: number, index: number): number => sequence * 32 + index
  it.each([
    ['a later one at the same index', 5, 3, 6, 3, true],
    ['the same one at the same index', 5, 3, 5, 3, false],
    ['an earlier one at the same index', 5, 3, 4, 3, false],
    ['an earlier one at another index', 5, 3, 4, 7, true],
    ['the furthest ahead', 5, 3, 5 + 2 ** 28, 3, true],
    ['one further than that', 5, 3, 6 + 2 ** 28, 3, false],
    ['one further than that at another index', 5, 3, 6 + 2 ** 28, 7, false],
  ])('%s', (_what, seen, at, sequence, index, expected) => {
    expect(isFresh(acceptedSequences(sqn(seen, at)), sqn(sequence, index))).toBe(expected)
  })
  it('the highest is that of all indexes', () => {
    const accepted = acceptedSequences(sqn(5, 3))
    accepted[9] = 8
    expect(highestAccepted(accepted)).toBe(sqn(8, 9))
  })
  it('the home network counts both SEQ and IND on, so that the next is always fresh', () => {
    expect(nextSqn(sqn(5, 3))).toBe(sqn(6, 4))
    expect(nextSqn(sqn(5, 31))).toBe(sqn(6, 0))
    const accepted = acceptedSequences()
    let number = 0
    for (let i = 0; i < 100; i++) {
      number = nextSqn(number)
      expect(takeChallenge(secret, accepted, vectorAt(number)).kind).toBe('accepted')
    }
  })
  it('the largest number goes over the wire whole', () => {
    const accepted = acceptedSequences(2 ** 48 - 64)
    const outcome = takeChallenge(secret, accepted, vectorAt(2 ** 48 - 1))
    expect(outcome).toMatchObject({ kind: 'accepted', sqn: 2 ** 48 - 1 })
  })
})

describe('RFC 3310 §3.2: the nonce', () => {
  it('may carry data of the server behind RAND and AUTN', () => {
    const { autn } = vectorAt(32)
    const nonce = toBase64(Uint8Array.of(...rand, ...autn, 1, 2, 3))
    expect(challengeOf(nonce)).toEqual({ rand, autn })
  })
  it('that is too short or no Base64 is no challenge', () => {
    expect(challengeOf(toBase64(new Uint8Array(31)))).toBeUndefined()
    expect(challengeOf('not base64!')).toBeUndefined()
    expect(fromBase64('not base64!')).toBeUndefined()
  })
})
