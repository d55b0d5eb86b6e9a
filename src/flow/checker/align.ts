/**
 * Alignment of what was expected with what happened, at the least cost: a shortest path through the states "so many
 * rows seen, these leaves met", where each step meets a leaf, passes over a row, or gives up leaves.
 *
 * Nothing that costs more than the answer is ever looked at, so a run that is as expected takes one step a row. A leaf
 * is given up only when one that waits for it is met, or its block is left: so it does not matter when it is, and the
 * branches of a block that are wrong are not multiplied by each other.
 */

import { allDone, type Course, courseOf, dueAfter, firstDue, isDone, withDone } from './course.ts'
import { Frontier } from './frontier.ts'
import { Partners } from './partners.ts'
import type { Block, Leaf } from './plan.ts'

/** What the alignment needs to know of leaves and rows; rows are numbered from 0. Costs are whole numbers. */
export interface AlignmentCosts {
  /** False if the row can not be taken for the leaf at no cost: what is quickly seen, and asked for each pair. */
  suits(leaf: Leaf, row: number): boolean
  /** False if the row can not be taken for the leaf at any price: what is quickly seen. */
  isPossible(leaf: Leaf, row: number): boolean
  /** What it costs to take the row for the leaf; undefined if it can not be. */
  meet(leaf: Leaf, row: number): number | undefined
  /** For a leaf that stands for the whole way of a message: the rows of the way that starts with this one. */
  way(leaf: Leaf, row: number): readonly number[] | undefined
  /** What it costs to pass over a row. */
  extra(row: number): number
  readonly missing: number
  /** Whatever costs anything costs so much at least. */
  readonly least: number
  /** True if no row costs anything to pass over. */
  readonly freeRows: boolean
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
}

/** A way that was begun and not yet seen to its end; `leaf` is a place in the block. */
interface OpenWay {
  readonly leaf: number
  readonly rest: readonly number[]
}

interface State {
  readonly row: number
  readonly block: number
  /** The leaves of the block that are done with, as bits. */
  readonly done: Uint32Array
  /** The leaves whose turn it is: neither done with nor begun, and what they wait for is done with. */
  readonly due: readonly number[]
  readonly open: readonly OpenWay[]
  readonly cost: number
  /** Rows and leaves that are done with; of states of one cost the furthest goes first. */
  readonly progress: number
  readonly from: State | undefined
  readonly act: Act | undefined
}

interface Act {
  readonly met: { readonly leaf: Leaf; readonly rows: readonly number[] } | undefined
  /** The optional leaves that were left out. */
  readonly skipped: readonly Leaf[]
}

/**
 * What is to be looked at next: a state, of whose successors those that cost nothing are made first, the first of
 * them alone (`cursor` is the place in `due` to go on from), and the others when it is their turn by what they cost; or
 * a successor that is not made yet.
 */
interface Item {
  readonly cost: number
  readonly progress: number
  readonly state: State
  readonly stage: 'perfect' | 'faulty' | 'incomplete' | Step
  readonly cursor: number
  /** When its state was looked at first, or the one before a state that was not yet: of equals the older goes first. */
  readonly since: number
}

/** A successor that is made when it is looked at: leaves given up, and one met by the row, unless the block is left. */
interface Step {
  readonly leaf: number | undefined
  readonly omitted: readonly number[]
  readonly skipped: readonly number[]
}

/** After so many items the search keeps to the states that are furthest, so that it ends in any case. */
const patience = 20_000
const kept = 100

/** The cheapest alignment of a plan with so many rows; of several equally cheap ones always the same. */
export function align(plan: readonly Block[], rows: number, costs: AlignmentCosts): Alignment {
  return new Search(plan, rows, costs).run()
}

class Search {
  private readonly frontier = new Frontier<Item>(
    (a, b) => a.cost - b.cost || b.progress - a.progress || a.since - b.since,
  )
  private readonly seen = new Set<string>()
  /** By row and block: what was done with in states that have begun no way. */
  private readonly ahead = new Map<string, Uint32Array[]>()
  private readonly hopeless = new Map<number, boolean>()
  private readonly partners: Partners
  private readonly courses: readonly Course[]
  private readonly rows: number
  private readonly costs: AlignmentCosts
  /** How many states were looked at, and when the one at hand was looked at first. */
  private count = 0
  private since = 0

  constructor(plan: readonly Block[], rows: number, costs: AlignmentCosts) {
    this.courses = plan.map(courseOf)
    this.rows = rows
    this.costs = costs
    this.partners = new Partners(plan, rows, costs)
  }

  run(): Alignment {
    const start = { row: 0, open: [], cost: 0, progress: 0, from: undefined, act: undefined }
    this.add({ ...start, ...this.begun(0) })
    for (let count = 1; ; count++) {
      const item = this.frontier.take()
      if (item === undefined) throw new Error('an alignment always exists')
      const end = this.look(item)
      if (end !== undefined) return alignmentOf(end)
      if (count % patience === 0) this.prune()
    }
  }

  /** Begins anew with the states that are furthest. */
  private prune(): void {
    const states = new Set<State>()
    for (const { state, stage } of this.frontier.all())
      states.add(typeof stage === 'object' ? this.taken(state, stage) : state)
    const furthest = [...states].sort((a, b) => b.progress - a.progress || a.cost - b.cost).slice(0, kept)
    this.frontier.clear()
    this.seen.clear()
    this.ahead.clear()
    for (const state of furthest) this.add(state)
  }

  private add(state: State): void {
    const { cost, progress } = state
    this.frontier.add({ cost, progress, state, stage: 'perfect', cursor: 0, since: this.since })
  }

  /** Looks at an item; returns the state if it is the end. */
  private look({ state, stage, cursor, since }: Item): State | undefined {
    this.since = since
    if (typeof stage === 'object') this.add(this.taken(state, stage))
    else if (stage === 'faulty') this.addFaulty(state)
    else if (stage === 'incomplete') this.addIncomplete(state)
    else {
      if (cursor === 0) {
        if (!this.isNew(state) || this.isBehind(state)) return undefined
        this.since = ++this.count
      }
      const { row, block } = state
      if (block === this.courses.length && (row === this.rows || this.costs.openEnd)) return state
      this.addPerfect(state, cursor)
    }
    return undefined
  }

  private isNew({ row, block, done, open }: State): boolean {
    const key = `${row} ${block} ${done.join()} ${open.map(({ leaf, rest }) => `${leaf}:${rest[0]}`).join(' ')}`
    if (this.seen.has(key)) return false
    this.seen.add(key)
    return true
  }

  /** Where rows are free: true if as many of them have been seen at no more cost with more leaves done with. */
  private isBehind({ row, block, done, open }: State): boolean {
    if (!this.costs.freeRows) return false
    const key = `${row} ${block}`
    const others = this.ahead.get(key) ?? []
    const all = withDone(
      done,
      open.map(({ leaf }) => leaf),
    )
    if (others.some((other) => all.every((word, i) => (word & ~other[i]!) === 0))) return true
    if (open.length === 0) this.ahead.set(key, [...others, done])
    return false
  }

  /** What costs nothing: the next hop of a way, the next leaf that the row suits, a free row, an optional group. */
  private addPerfect(state: State, cursor: number): void {
    const { row } = state
    const open = row < this.rows ? state.open.find((one) => one.rest[0] === row) : undefined
    if (open !== undefined) return this.add(this.goneOn(state, open))
    const isMet = this.addMeeting(state, cursor)
    if (cursor > 0) return
    if (!isMet && this.isHopeless(row))
      this.add({ ...state, row: row + 1, progress: state.progress + 1, from: state, act: undefined })
    else if (!isMet || !this.isForced(state)) this.addRest(state)
  }

  /** True if there is no way but to pass over the row, wherever it is: what that costs changes nothing. */
  private isHopeless(row: number): boolean {
    if (row >= this.rows || this.costs.openEnd) return false
    const known = this.hopeless.get(row)
    if (known !== undefined) return known
    const isSo = !this.courses.some(({ leaves }) => leaves.some((leaf) => this.costs.isPossible(leaf, row)))
    this.hopeless.set(row, isSo)
    return isSo
  }

  /** The next leaf, from a place in `due` on, that the row meets at no cost; false if there is none. */
  private addMeeting(state: State, cursor: number): boolean {
    const { row, due } = state
    const course = this.courses[state.block]
    if (course === undefined || row >= this.rows) return false
    for (let at = cursor; at < due.length; at++) {
      const leaf = course.leaves[due[at]!]!
      if (!this.costs.suits(leaf, row) || this.costs.meet(leaf, row) !== 0) continue
      const next = this.taken(state, { leaf: due[at]!, omitted: [], skipped: [] })
      this.add(next)
      const { cost, progress } = next
      if (at + 1 < due.length)
        this.frontier.add({ cost, progress, state, stage: 'perfect', cursor: at + 1, since: this.since })
      return true
    }
    return false
  }

  /**
   * True if the row suits one leaf, whose turn it is, and the leaf no later row. Nothing is cheaper than to have them
   * meet: without each other both would have to be given up, or meet others badly. Looked for if the search takes long.
   */
  private isForced({ row, block, due }: State): boolean {
    if (this.count < 4 * (this.rows + 50)) return false
    const partner = this.partners.of(row)
    return partner !== undefined && partner.block === block && due.includes(partner.leaf)
  }

  /** All successors but those by which the row is met at no cost. */
  private addRest(state: State): void {
    const { row, block, cost, done, open } = state
    const course = this.courses[block]
    const { least, missing } = this.costs
    if (row < this.rows) {
      const extra = this.costs.extra(row)
      const next = { ...state, row: row + 1, cost: cost + extra, progress: state.progress + 1, from: state }
      this.add({ ...next, act: undefined })
      if (course !== undefined) this.later(state, least, 'faulty')
    }
    if (course === undefined) return
    for (const { members, before } of course.optional) {
      const isBegun = members.some((leaf) => isDone(done, leaf) || open.some((one) => one.leaf === leaf))
      if (isBegun || !before.every((leaf) => isDone(done, leaf))) continue
      this.add(this.taken(state, { leaf: undefined, omitted: [], skipped: members }))
    }
    this.later(state, Math.min(missing, least * 2), 'incomplete')
  }

  /** Before anything else that costs as much. */
  private later(state: State, more: number, stage: 'faulty' | 'incomplete'): void {
    const progress = Number.POSITIVE_INFINITY
    this.frontier.add({ cost: state.cost + more, progress, state, stage, cursor: 0, since: this.since })
  }

  /** The leaves whose turn it is and that the row meets badly. */
  private addFaulty(state: State): void {
    const course = this.courses[state.block]!
    for (const leaf of state.due) {
      const price = this.costs.meet(course.leaves[leaf]!, state.row)
      if (price !== undefined && price > 0) this.addStep(state, { leaf, omitted: [], skipped: [] }, price)
    }
  }

  /** Leaves whose turn it would be if others were given up, met by the row; and what comes after the block. */
  private addIncomplete(state: State): void {
    const { row, done, open, due, block } = state
    const course = this.courses[block]!
    const isUntouched = (leaf: number): boolean => !isDone(done, leaf) && !open.some((one) => one.leaf === leaf)
    const groups = course.optional.filter(({ members }) => members.every(isUntouched))
    const step = (leaf: number | undefined, waits: readonly number[]): Step => {
      const free = groups.filter(({ members }) => leaf === undefined || !members.includes(leaf))
      const left = waits.filter((one) => !isDone(done, one))
      const skipped = left.filter((one) => free.some(({ members }) => members.includes(one)))
      return { leaf, skipped, omitted: left.filter((one) => !skipped.includes(one)) }
    }
    const { missing } = this.costs
    if (open.length === 0) {
      const end = step(undefined, course.all)
      this.addStep(state, end, end.omitted.length * missing)
    }
    if (row >= this.rows) return
    const isDue = new Set(due)
    for (const leaf of course.all) {
      const waits = course.before[leaf]!
      if (isDue.has(leaf) || !isUntouched(leaf) || open.some((one) => waits.includes(one.leaf))) continue
      const price = this.costs.meet(course.leaves[leaf]!, row)
      if (price === undefined) continue
      const one = step(leaf, waits)
      this.addStep(state, one, price + one.omitted.length * missing)
    }
  }

  private addStep(state: State, step: Step, price: number): void {
    const { leaf, omitted, skipped } = step
    const progress = state.progress + omitted.length + skipped.length + (leaf === undefined ? 0 : 2)
    this.frontier.add({ cost: state.cost + price, progress, state, stage: step, cursor: 0, since: this.since })
  }

  /** The state after a step. */
  private taken(state: State, { leaf, omitted, skipped }: Step): State {
    const course = this.courses[state.block]!
    const { missing } = this.costs
    const gone = [...omitted, ...skipped]
    const left: State = {
      ...this.without(state, gone),
      cost: state.cost + omitted.length * missing,
      progress: state.progress + gone.length,
      from: state,
      act: { met: undefined, skipped: skipped.map((one) => course.leaves[one]!) },
    }
    if (leaf === undefined) return this.settled(left)
    const { row } = state
    const met = course.leaves[leaf]!
    const way = this.costs.way(met, row)
    const act: Act = { met: { leaf: met, rows: way ?? [row] }, skipped: left.act!.skipped }
    const cost = left.cost + this.costs.meet(met, row)!
    const step = { ...left, row: row + 1, cost, act, progress: left.progress + 1 }
    if (way === undefined || way.length === 1)
      return this.settled({ ...step, ...this.without(step, [leaf]), progress: step.progress + 1 })
    const due = left.due.filter((one) => one !== leaf)
    return { ...step, due, open: [...state.open, { leaf, rest: way.slice(1) }] }
  }

  /** The state with leaves done with. */
  private without(state: State, leaves: readonly number[]): State {
    if (leaves.length === 0) return state
    const done = withDone(state.done, leaves)
    const begun = state.open.map(({ leaf }) => leaf)
    return { ...state, done, due: dueAfter(this.courses[state.block]!, state.due, done, leaves, begun) }
  }

  /** The next hop of a way that was begun. */
  private goneOn(state: State, way: OpenWay): State {
    const rest = way.rest.slice(1)
    const others = state.open.filter((one) => one !== way)
    const step = { ...state, row: state.row + 1, progress: state.progress + 1, from: state, act: undefined }
    if (rest.length > 0) return { ...step, open: [...others, { ...way, rest }] }
    return this.settled({ ...this.without({ ...step, open: others }, [way.leaf]), progress: step.progress + 1 })
  }

  /** Goes on to the next block when this one is done with. */
  private settled(state: State): State {
    if (!allDone(this.courses[state.block]!, state.done)) return state
    return { ...state, ...this.begun(state.block + 1) }
  }

  private begun(block: number): Pick<State, 'block' | 'done' | 'due'> {
    const course = this.courses[block]
    if (course === undefined) return { block, done: new Uint32Array(0), due: [] }
    return { block, done: new Uint32Array(Math.ceil(course.all.length / 32)), due: firstDue(course) }
  }
}

function alignmentOf(end: State): Alignment {
  const met = new Map<number, readonly number[]>()
  const skipped = new Set<number>()
  for (let state: State | undefined = end; state !== undefined; state = state.from) {
    if (state.act?.met !== undefined) met.set(state.act.met.leaf.index, state.act.met.rows)
    for (const leaf of state.act?.skipped ?? []) skipped.add(leaf.index)
  }
  return { met, skipped, end: end.row }
}
