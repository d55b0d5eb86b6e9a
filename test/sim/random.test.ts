import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { below, next, type Random, stream } from '../../src/sim/random.ts'

const take = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw)

/** A state whose next word is the given one: the scrambler of xoshiro128** run backwards on its second word. */
function stateBefore(word: number): Random {
  const ninth = Math.imul(word, 0x38e38e39)
  const turned = (ninth >>> 7) | (ninth << 25)
  return { a: 1, b: Math.imul(turned, 0xcccccccd), c: 3, d: 4 }
}

describe('next: xoshiro128** of Blackman and Vigna', () => {
  it('gives the numbers of the reference implementation from the state 1, 2, 3, 4', () => {
    const random: Random = { a: 1, b: 2, c: 3, d: 4 }
    const expected = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]
    expect(take(10, () => next(random))).toEqual(expected)
  })

  it('gives the same numbers as the recurrence computed with big integers', () => {
    const word = fc.integer({ min: 0, max: 0xffffffff })
    fc.assert(
      fc.property(word, word, word, word, (a, b, c, d) => {
        const random: Random = { a: a | 0, b: b | 0, c: c | 0, d: d | 0 }
        expect(take(20, () => next(random))).toEqual(reference([a, b, c, d], 20))
      }),
    )
  })
})

/** xoshiro128** as its authors print it, with big integers cut to 32 bits. */
function reference(seed: readonly number[], count: number): number[] {
  const cut = (x: bigint): bigint => x & 0xffffffffn
  const rotate = (x: bigint, k: bigint): bigint => cut((x << k) | (x >> (32n - k)))
  const s = seed.map(BigInt) as [bigint, bigint, bigint, bigint]
  return take(count, () => {
    const result = cut(rotate(cut(s[1] * 5n), 7n) * 9n)
    const shifted = cut(s[1] << 9n)
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= shifted
    s[3] = rotate(s[3], 11n)
    return Number(result)
  })
}

describe('below', () => {
  it('gives only 0 below 1', () => {
    const random = stream(1, 'node')
    expect(new Set(take(100, () => below(random, 1)))).toEqual(new Set([0]))
  })

  it('gives the words themselves below 2^32', () => {
    const random = stream(1, 'node')
    const same = { ...random }
    expect(take(100, () => below(random, 2 ** 32))).toEqual(take(100, () => next(same)))
  })

  it('throws away the one word that would favour 0 below 3', () => {
    const random = stateBefore(0xffffffff)
    const same = { ...random }
    expect(next(same)).toBe(0xffffffff)
    expect(below(random, 3)).toBe(next(same) % 3)
    expect(random).toEqual(same)
  })

  it('keeps the last word that does not favour any number', () => {
    expect(below(stateBefore(0xfffffffe), 3)).toBe(0xfffffffe % 3)
    expect(below(stateBefore(0xffffffff), 4)).toBe(3)
  })

  it('throws away what lies above the largest multiple of a bound above half of 2^32', () => {
    const bound = 3_000_000_000
    const random = stateBefore(bound)
    const same = { ...random }
    next(same)
    let word = next(same)
    while (word >= bound) word = next(same)
    expect(below(random, bound)).toBe(word)
  })

  it('stays below any bound', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
        const random = stream(seed, 'node')
        for (const number of take(20, () => below(random, bound))) {
          expect(number).toBeGreaterThanOrEqual(0)
          expect(number).toBeLessThan(bound)
          expect(Number.isInteger(number)).toBe(true)
        }
      }),
    )
  })

  it.each([2, 3, 6, 10, 17])('gives each number below %i equally often', (bound) => {
    const draws = 60_000
    const random = stream(7, 'dice')
    const counts = new Array<number>(bound).fill(0)
    for (let i = 0; i < draws; i++) counts[below(random, bound)]!++
    const spread = Math.sqrt((draws / bound) * (1 - 1 / bound))
    for (const count of counts) expect(Math.abs(count - draws / bound)).toBeLessThan(5 * spread)
  })
})

describe('stream', () => {
  it('gives the same numbers for the same seed and name', () => {
    const [one, other] = [stream(42, 'ps.home1.net'), stream(42, 'ps.home1.net')]
    expect(take(50, () => next(one))).toEqual(take(50, () => next(other)))
  })

  it('gives other numbers for another name or another seed', () => {
    const seeds = [0, 1, 2, 3, 42, 2 ** 31, 2 ** 32 + 1]
    const names = ['a', 'b', 'ab', 'network', 'ue1', 'ue11', '']
    const runs = seeds.flatMap((seed) => names.map((name) => stream(seed, name)))
    const prints = runs.map((random) => take(4, () => next(random)).join())
    expect(new Set(prints).size).toBe(runs.length)
  })

  it('keeps seed and name apart, so that 1 and 2x are not 12 and x', () => {
    const [one, other] = [stream(1, '2x'), stream(12, 'x')]
    expect(take(4, () => next(one))).not.toEqual(take(4, () => next(other)))
  })

  it('starts well mixed: the first numbers of neighbouring seeds are spread evenly', () => {
    const counts = new Array<number>(8).fill(0)
    for (let seed = 0; seed < 8000; seed++) counts[below(stream(seed, 'node'), 8)]!++
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(875))
  })
})
