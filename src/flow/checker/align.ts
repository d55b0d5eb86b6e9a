/**
 * Alignment of what was expected with what happened, at the least cost: a shortest path through the states "so many
 * rows seen, these leaves met", where each step meets a leaf, passes over a row, or gives up a leaf.
 *
 * Nothing that costs more than the answer is ever looked at, so a run that is as expected takes one step a row.
 */
import { Frontier } from './frontier.ts'
import type { Block, Leaf } from './plan.ts'

/** What the alignment needs to know of leaves and rows; rows are numbered from 0. Costs are whole numbers. */
export interface AlignmentCosts {
  /** What it costs to take the row for the leaf; undefined if it can not be. */
  meet(leaf: Leaf, row: number): number | undefined
  /** For a leaf that stands for the whole way of a message: the rows of the way that starts with this one. */
  way(leaf: Leaf, row: number): readonly number[] | undefined
  /** What it costs to pass over a row. */
  extra(row: number): number
  readonly missing: number
  /** True if what comes after the last leaf is free. */
  readonly openEnd: boolean
}

/** Which rows meet which leaf. */
export interface Alignment {
  /** For each leaf that was met, by its index, its rows in their order. */
  readonly met: ReadonlyMap<number, readonly number[]>
  /** The optional leaves that were left out, by their index. */
  readonly skipped: ReadonlySet<number>
  /** With an open end: the row from which on all is free; else the number of rows. */
  readonly end: number
  readonly cost: number
}

/** A way that was begun and not yet seen to its end. */
interface OpenWay {
  readonly leaf: Leaf
  readonly bit: bigint
  readonly rest: readonly number[]
}

interface State {
  readonly row: number
  readonly block: number
  /** The leaves of the block that are done with. */
  readonly done: bigint
  readonly open: readonly OpenWay[]
  readonly cost: number
  /** Rows and leaves that are done with; of states of one cost the furthest goes first. */
  readonly progress: number
  readonly from: State | undefined
  readonly act: Act | undefined
}

type Act =
  | { readonly kind: 'meet'; readonly leaf: Leaf; readonly rows: readonly number[] }
  | { readonly kind: 'skip'; readonly leaves: readonly Leaf[] }

/** After so many states the search keeps to those that are furthest, so that it ends in any case. */
const patience = 200_000
const kept = 500

/** The cheapest alignment of a plan with so many rows; of several equally cheap ones always the same. */
export function align(plan: readonly Block[], rows: number, costs: AlignmentCosts): Alignment {
  const frontier = new Frontier<State>((a, b) => a.cost - b.cost || b.progress - a.progress)
  const seen = new Set<string>()
  frontier.add({ row: 0, block: 0, done: 0n, open: [], cost: 0, progress: 0, from: undefined, act: undefined })
  for (let count = 1; ; count++) {
    const state = frontier.take()
    if (state === undefined) throw new Error('an alignment always exists')
    const key = keyOf(state)
    if (seen.has(key)) continue
    seen.add(key)
    if (isEnd(state, plan, rows, costs)) return alignmentOf(state)
    for (const next of nextStates(state, plan, rows, costs)) frontier.add(next)
    if (count % patience === 0) frontier.keep(kept, (a, b) => b.progress - a.progress || a.cost - b.cost)
  }
}

function keyOf({ row, block, done, open }: State): string {
  return `${row} ${block} ${done} ${open.map(({ leaf, rest }) => `${leaf.index}:${rest[0]}`).join(' ')}`
}

function isEnd(state: State, plan: readonly Block[], rows: number, costs: AlignmentCosts): boolean {
  return state.block === plan.length && (state.row === rows || costs.openEnd)
}

function nextStates(state: State, plan: readonly Block[], rows: number, costs: AlignmentCosts): State[] {
  const next: State[] = []
  const block = plan[state.block]
  const open = state.row < rows ? state.open.find((one) => one.rest[0] === state.row) : undefined
  if (open !== undefined) return [goOn(state, open, plan)]
  if (block !== undefined && state.row < rows) next.push(...meetings(state, block, plan, costs))
  if (state.row < rows) {
    const cost = costs.extra(state.row)
    next.push({
      ...state,
      row: state.row + 1,
      cost: state.cost + cost,
      progress: state.progress + 1,
      from: state,
      act: undefined,
    })
  }
  if (block !== undefined) next.push(...omissions(state, block, plan, costs))
  return next
}

/** The next hop of a way that was begun. */
function goOn(state: State, way: OpenWay, plan: readonly Block[]): State {
  const rest = way.rest.slice(1)
  const others = state.open.filter((one) => one !== way)
  const step = { ...state, row: state.row + 1, progress: state.progress + 1, from: state, act: undefined }
  if (rest.length > 0) return { ...step, open: [...others, { ...way, rest }] }
  return settle({ ...step, open: others, done: state.done | way.bit, progress: step.progress + 1 }, plan)
}

/** All leaves whose turn it is, met by the row. */
function meetings(state: State, block: Block, plan: readonly Block[], costs: AlignmentCosts): State[] {
  const next: State[] = []
  const step = { ...state, row: state.row + 1, progress: state.progress + 1, from: state }
  for (const [i, leaf] of block.leaves.entries()) {
    const bit = 1n << BigInt(i)
    if (!isDue(state, block, i)) continue
    const price = costs.meet(leaf, state.row)
    if (price === undefined) continue
    const cost = state.cost + price
    const way = costs.way(leaf, state.row)
    const act: Act = { kind: 'meet', leaf, rows: way ?? [state.row] }
    if (way !== undefined && way.length > 1) {
      next.push({ ...step, cost, act, open: [...state.open, { leaf, bit, rest: way.slice(1) }] })
    } else {
      next.push(settle({ ...step, cost, act, done: state.done | bit, progress: step.progress + 1 }, plan))
    }
  }
  return next
}

/** Leaves that are given up, and optional ones that are left out. */
function omissions(state: State, block: Block, plan: readonly Block[], costs: AlignmentCosts): State[] {
  const next: State[] = []
  for (const { set, before } of block.optional) {
    const begun = (state.done & set) !== 0n || state.open.some((one) => (one.bit & set) !== 0n)
    if (begun || (before & ~state.done) !== 0n) continue
    const leaves = block.leaves.filter((_, i) => ((set >> BigInt(i)) & 1n) === 1n)
    const progress = state.progress + leaves.length
    next.push(settle({ ...state, done: state.done | set, progress, from: state, act: { kind: 'skip', leaves } }, plan))
  }
  for (let i = 0; i < block.leaves.length; i++) {
    if (!isDue(state, block, i)) continue
    const done = state.done | (1n << BigInt(i))
    const cost = state.cost + costs.missing
    next.push(settle({ ...state, done, cost, progress: state.progress + 1, from: state, act: undefined }, plan))
  }
  return next
}

/** True if a leaf is not done with, not begun, and waits for nothing. */
function isDue(state: State, block: Block, leaf: number): boolean {
  const bit = 1n << BigInt(leaf)
  if ((state.done & bit) !== 0n || state.open.some((one) => one.bit === bit)) return false
  return (block.before[leaf]! & ~state.done) === 0n
}

/** Goes on to the next block when this one is done with. */
function settle(state: State, plan: readonly Block[]): State {
  return plan[state.block]?.all === state.done ? { ...state, block: state.block + 1, done: 0n } : state
}

function alignmentOf(end: State): Alignment {
  const met = new Map<number, readonly number[]>()
  const skipped = new Set<number>()
  for (let state: State | undefined = end; state !== undefined; state = state.from) {
    if (state.act?.kind === 'meet') met.set(state.act.leaf.index, state.act.rows)
    if (state.act?.kind === 'skip') for (const leaf of state.act.leaves) skipped.add(leaf.index)
  }
  return { met, skipped, end: end.row, cost: end.cost }
}
