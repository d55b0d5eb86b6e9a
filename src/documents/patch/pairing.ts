/**
 * Which nodes of two lists are the same node, before and after: the longest common subsequence, first of nodes that
 * did not change at all, then, between those, of nodes that have the same name and the same identifier.
 */
import { printFragment } from '../xml/print.ts'
import type { XmlComment, XmlElement, XmlInstruction } from '../xml/tree.ts'
import { attribute } from '../xml/tree.ts'

/** Markup: a child that is not character data. */
export type Markup = XmlElement | XmlComment | XmlInstruction

/** A node before and the same node after, as indexes into the two lists. */
export interface Pair {
  readonly before: number
  readonly after: number
}

/** The attributes by which elements of the presence service's documents are told apart, the most telling first. */
const identifying = ['id', 'uri', 'ref', 'anchor', 'sel', 'resource', 'aor', 'name'] as const

/** The attribute that identifies an element among its siblings, if it has one. */
export function identifierOf(element: XmlElement): { readonly name: string; readonly value: string } | undefined {
  for (const name of identifying) {
    const value = attribute(element, name)
    if (value !== undefined) return { name, value }
  }
  return undefined
}

/** What two nodes must share to be one node that changed. */
export function signature(node: Markup): string {
  if (node.kind === 'comment') return '!'
  if (node.kind === 'instruction') return `?${node.target}`
  const identifier = identifierOf(node)
  const suffix = identifier === undefined ? '' : ` ${identifier.name} ${identifier.value}`
  return `${node.prefix} ${node.namespace} ${node.name}${suffix}`
}

/** The pairs of two lists, in order. */
export function pairUp(before: readonly Markup[], after: readonly Markup[]): Pair[] {
  const exact = common(
    before.map((node) => printFragment([node], undefined)),
    after.map((node) => printFragment([node], undefined)),
  )
  const pairs: Pair[] = []
  let from: Pair = { before: 0, after: 0 }
  for (const anchor of [...exact, { before: before.length, after: after.length }]) {
    const gap = common(
      before.slice(from.before, anchor.before).map(signature),
      after.slice(from.after, anchor.after).map(signature),
    )
    for (const pair of gap) pairs.push({ before: from.before + pair.before, after: from.after + pair.after })
    if (anchor.before < before.length || anchor.after < after.length) pairs.push(anchor)
    from = { before: anchor.before + 1, after: anchor.after + 1 }
  }
  return pairs
}

/** A longest common subsequence of keys, or a good one where the longest would take too long. */
function common(left: readonly string[], right: readonly string[]): Pair[] {
  let start = 0
  while (start < left.length && start < right.length && left[start] === right[start]) start++
  let end = 0
  while (
    end < left.length - start &&
    end < right.length - start &&
    left[left.length - 1 - end] === right[right.length - 1 - end]
  ) {
    end++
  }
  const inner = between(left.slice(start, left.length - end), right.slice(start, right.length - end))
  const pairs: Pair[] = []
  for (let i = 0; i < start; i++) pairs.push({ before: i, after: i })
  for (const pair of inner) pairs.push({ before: start + pair.before, after: start + pair.after })
  for (let i = end; i > 0; i--) pairs.push({ before: left.length - i, after: right.length - i })
  return pairs
}

/** Cells of the table of a longest common subsequence beyond which only keys that occur once are paired. */
const tableLimit = 250_000

function between(left: readonly string[], right: readonly string[]): Pair[] {
  if (left.length === 0 || right.length === 0) return []
  return left.length * right.length <= tableLimit ? longest(left, right) : unique(left, right)
}

function longest(left: readonly string[], right: readonly string[]): Pair[] {
  const width = right.length + 1
  const table = new Uint32Array((left.length + 1) * width)
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      table[i * width + j] =
        left[i] === right[j]
          ? table[(i + 1) * width + j + 1]! + 1
          : Math.max(table[(i + 1) * width + j]!, table[i * width + j + 1]!)
    }
  }
  const pairs: Pair[] = []
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) pairs.push({ before: i++, after: j++ })
    else if (table[(i + 1) * width + j]! >= table[i * width + j + 1]!) i++
    else j++
  }
  return pairs
}

/** The longest rising sequence of the keys that occur once on each side (patience). */
function unique(left: readonly string[], right: readonly string[]): Pair[] {
  const places = once(right)
  const candidates: Pair[] = []
  for (const [key, before] of once(left)) {
    const after = places.get(key)
    if (after !== undefined) candidates.push({ before, after })
  }
  const tails: number[] = []
  const previous: number[] = []
  candidates.forEach((pair, index) => {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (candidates[tails[middle]!]!.after < pair.after) low = middle + 1
      else high = middle
    }
    previous[index] = low > 0 ? tails[low - 1]! : -1
    tails[low] = index
  })
  const pairs: Pair[] = []
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at]!) pairs.push(candidates[at]!)
  return pairs.reverse()
}

/** The keys that occur once, with their index, in order. */
function once(keys: readonly string[]): Map<string, number> {
  const places = new Map<string, number>()
  const repeated = new Set<string>()
  keys.forEach((key, index) => {
    if (places.has(key)) repeated.add(key)
    places.set(key, index)
  })
  for (const key of repeated) places.delete(key)
  return places
}
