/** The order of the leaves of a block, as a search walks it: which leaves wait for which, and whose turn it is. */
import type { Block, Leaf } from './plan.ts'

/** A block whose leaves are known by their places in it. */
export interface Course {
  readonly leaves: readonly Leaf[]
  /** The places of all leaves. */
  readonly all: readonly number[]
  /** For each leaf those that come before it, and those that come after. */
  readonly before: readonly (readonly number[])[]
  readonly after: readonly (readonly number[])[]
  /** Groups that may be left out as a whole, with what comes before them. */
  readonly optional: readonly { readonly members: readonly number[]; readonly before: readonly number[] }[]
}

export function courseOf(block: Block): Course {
  const { leaves } = block
  const before = block.before.map(placesIn)
  const after: number[][] = leaves.map(() => [])
  before.forEach((waits, leaf) => {
    for (const one of waits) after[one]!.push(leaf)
  })
  const optional = block.optional.map(({ set, before: waits }) => ({ members: placesIn(set), before: placesIn(waits) }))
  return { leaves, all: leaves.map((_, place) => place), before, after, optional }
}

/** The places of the bits of a set. */
function placesIn(set: bigint): number[] {
  const places: number[] = []
  const digits = set.toString(16)
  for (let at = digits.length - 1, place = 0; at >= 0; at--, place += 4) {
    const digit = Number.parseInt(digits[at]!, 16)
    for (let bit = 0; bit < 4; bit++) if ((digit >> bit) & 1) places.push(place + bit)
  }
  return places
}

export const isDone = (done: Uint32Array, leaf: number): boolean => ((done[leaf >>> 5]! >>> (leaf & 31)) & 1) === 1

/** A copy in which more leaves are done with. */
export function withDone(done: Uint32Array, leaves: readonly number[]): Uint32Array {
  const copy = done.slice()
  for (const leaf of leaves) copy[leaf >>> 5]! |= 1 << (leaf & 31)
  return copy
}

export const allDone = ({ all }: Course, done: Uint32Array): boolean => {
  const count = all.length
  for (let word = 0; word < done.length; word++) {
    const bits = Math.min(32, count - word * 32)
    if (done[word] !== (bits === 32 ? 0xffffffff : (1 << bits) - 1)) return false
  }
  return true
}

/** The leaves that wait for nothing. */
export const firstDue = ({ all, before }: Course): number[] => all.filter((leaf) => before[leaf]!.length === 0)

/** The leaves whose turn it is, when some more are done with than before; those that are begun are not among them. */
export function dueAfter(
  { before, after }: Course,
  due: readonly number[],
  done: Uint32Array,
  leaves: readonly number[],
  begun: readonly number[],
): number[] {
  const next = due.filter((leaf) => !isDone(done, leaf))
  const found = new Set<number>()
  for (const leaf of leaves)
    for (const one of after[leaf]!)
      if (!isDone(done, one) && !begun.includes(one) && before[one]!.every((wait) => isDone(done, wait))) found.add(one)
  if (found.size === 0) return next
  for (const one of next) found.delete(one)
  return [...next, ...found].sort((a, b) => a - b)
}
