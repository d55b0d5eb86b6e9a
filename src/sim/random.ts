import { digestOf } from './digest.ts'

/** A stream of whole numbers: the state of xoshiro128** (Blackman and Vigna). No float leaves this file. */
export interface Random {
  a: number
  b: number
  c: number
  d: number
}

/** The stream of this name in the run of this seed; other names and other seeds give unrelated streams. */
export function stream(seed: number, name: string): Random {
  const { high, low } = digestOf(`${seed}/${name}`)
  return { a: scramble(high), b: scramble(low), c: scramble(high ^ 0x9e3779b9), d: scramble(low ^ 0x85ebca6b) | 1 }
}

/** The next whole number from 0 to `bound` - 1, each equally likely; `bound` is from 1 to 2^32. */
export function below(random: Random, bound: number): number {
  // What lies above the largest multiple of the bound would favour the small numbers: it is thrown away.
  const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound)
  for (;;) {
    const word = next(random)
    if (word < limit) return word % bound
  }
}

/** The next 32 bits, from 0 to 2^32 - 1. */
export function next(random: Random): number {
  const { a, b } = random
  const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
  random.c ^= a
  random.d ^= b
  random.b ^= random.c
  random.a ^= random.d
  random.c ^= b << 9
  random.d = rotate(random.d, 11)
  return result
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))

/** The finalizer of splitmix32: spreads every bit of a word over all of it. */
function scramble(seed: number): number {
  let word = (seed + 0x9e3779b9) | 0
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad)
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97)
  return word ^ (word >>> 15)
}
