import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf, emptyDigest, extend, printDigest } from '../../src/sim/digest.ts'

/** FNV-1a of 64 bits by its definition. */
function fnv1a(bytes: readonly number[]): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, '0')
}

const bytesOf = (text: string): number[] =>
  Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)).flatMap((unit) =>
    unit < 0x100 ? [unit] : [unit & 0xff, unit >> 8],
  )

/** Any UTF-16 units, lone surrogates included. */
const unit = fc.oneof(fc.nat(0x7f), fc.nat(0xffff))
const anyText = fc.array(unit, { maxLength: 40 }).map((units) => String.fromCharCode(...units))

describe('digest: FNV-1a of 64 bits', () => {
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['b', 'af63df4c8601f1a5'],
    ['foo', 'dcb27518fed9d577'],
    ['foobar', '85944171f73967e8'],
    ['chongo was here!\n', '46810940eff5f915'],
    ['ch\0', 'f5fadd190cf8edaa'],
  ])('of %j is the published %s', (text, expected) => {
    expect(printDigest(digestOf(text))).toBe(expected)
  })

  it('is that of the definition for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printDigest(digestOf(text))).toBe(fnv1a(bytesOf(text)))
      }),
    )
  })

  it('of two pieces one after the other is that of the whole', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, other) => {
        expect(extend(extend(emptyDigest, one), other)).toEqual(digestOf(one + other))
      }),
    )
  })

  it('prints sixteen digits even when they begin with zeros', () => {
    expect(printDigest({ high: 0, low: 15 })).toBe('000000000000000f')
    expect(printDigest({ high: -1, low: -2 })).toBe('fffffffffffffffe')
  })
})
