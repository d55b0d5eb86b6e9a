/**
 * The order that a ladder asks for, as a search can walk it: blocks one after the other, and in each block leaves
 * that wait for some of the others.
 */
import type { Item, Ladder, Step } from '../ladder/expectation.ts'

/** What one row, or for `~>` one way of a message, can meet: a line, or the query or the answer of a `<->` line. */
export interface Leaf {
  readonly index: number
  readonly step: Step
  readonly part: 'line' | 'query' | 'answer'
}

/** Leaves whose order among each other is partly free; sets of them are bits of a number. */
export interface Block {
  readonly leaves: readonly Leaf[]
  /** For each leaf those that come before it. */
  readonly before: readonly bigint[]
  /** Sets that may be left out as a whole, with what comes before them. */
  readonly optional: readonly { readonly set: bigint; readonly before: bigint }[]
  /** All leaves. */
  readonly all: bigint
}

/** The blocks of a ladder, in their order. */
export function planOf(ladder: Ladder): Block[] {
  let index = 0
  const blocks = topLevel(ladder.items).map((item) => {
    const leaves: Leaf[] = []
    const before: bigint[] = []
    const optional: { set: bigint; before: bigint }[] = []
    const all = add(item, 0n)
    return { leaves, before, optional, all }

    /** Adds an item that waits for a set of leaves; the answer is the set of its own. */
    function add(one: Item, after: bigint): bigint {
      if ('items' in one) {
        const waits = one.kind !== 'unordered'
        const set = one.items.reduce((done, child) => done | add(child, waits ? after | done : after), 0n)
        if (one.kind === 'optional') optional.push({ set, before: after })
        return set
      }
      if (one.kind !== 'query') return addLeaf(one, 'line', after)
      const query = addLeaf(one, 'query', after)
      return query | addLeaf(one, 'answer', after | query)
    }

    function addLeaf(step: Step, part: Leaf['part'], after: bigint): bigint {
      leaves.push({ index: index++, step, part })
      before.push(after)
      return 1n << BigInt(leaves.length - 1)
    }
  })
  return blocks.filter((block) => block.leaves.length > 0)
}

/** A sequence at the top is no more than its items. */
function topLevel(items: readonly Item[]): Item[] {
  return items.flatMap((item) => (item.kind === 'sequence' ? topLevel(item.items) : [item]))
}
