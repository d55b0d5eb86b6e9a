/**
 * Which rows a ladder takes for which of its lines: the prices of taking a row for a line, and the cheapest alignment
 * at these prices.
 *
 * What `$name` stands for is only known once lines are matched, and how well a row matches depends on it. So the
 * alignment is made without it, and again with what came out, until nothing changes.
 */
import { answerName, commandName } from '../../ims/cx.ts'
import type { Ladder, MatchMode, MessagePattern, Step } from '../ladder/expectation.ts'
import { type Alignment, align } from './align.ts'
import { compare, isKind, type Mismatch, notAnswering, type Surroundings } from './difference.ts'
import { Journeys } from './journey.ts'
import { type Block, type Leaf, planOf } from './plan.ts'
import { messageText } from './row-text.ts'
import type { MessageRow, SequenceRow } from './sequence.ts'
import type { Capture } from './value.ts'
import type { CheckContext } from './verdict.ts'

/** How well a row suits a leaf. */
export interface Fit {
  readonly cost: number
  /** The rows: several for the way of a message. */
  readonly rows: readonly SequenceRow[]
  readonly differs: Difference
  readonly mismatches: readonly RowMismatch[]
  readonly captures: readonly Capture[]
}

/** The coarsest thing in which a row differs from its line. */
export type Difference = 'nothing' | 'conditions' | 'way' | 'lane' | 'message'

export type RowMismatch = Mismatch & { readonly row: number }

/** A ladder's lines with the rows that were found for them. */
export interface Matching {
  readonly plan: readonly Block[]
  readonly leaves: readonly Leaf[]
  readonly journeys: Journeys
  /** The rows that the match mode compares. */
  readonly counted: readonly SequenceRow[]
  /** For each leaf that was met, by its index. */
  readonly fits: ReadonlyMap<number, Fit>
  readonly skipped: ReadonlySet<number>
  /** With `match initial`: the index into `counted` from which on all is free. */
  readonly end: number
  readonly around: Surroundings
  /** How well any row suits any leaf; undefined if it can not stand for it at all. */
  fit(leaf: Leaf, row: SequenceRow): Fit | undefined
}

/** Prices: two wrong rows cost more than one that is out of order, and one less than a missing line. */
const price = { missing: 2000, extra: 1000, conditions: 1600, way: 1650, oneLane: 1700, bothLanes: 1850, message: 1900 }

/** Finds the rows of a ladder's lines. */
export function matchLadder(ladder: Ladder, rows: readonly SequenceRow[], context: CheckContext): Matching {
  const plan = planOf(ladder)
  const leaves = plan.flatMap((block) => block.leaves)
  const journeys = new Journeys(rows)
  const counted = countedRows(ladder, rows, journeys)
  const hosts = new Map(context.lanes.map(({ name, hosts }) => [name, hosts]))
  const before = (row: SequenceRow): MessageRow | undefined => journeys.before(row)
  let around: Surroundings = { hosts, captured: new Map(), requests: new Map(), before }
  let print = ''
  for (let round = 0; ; round++) {
    const fitter = new Fitter(ladder.match, journeys, around)
    const alignment = alignRows(plan, counted, fitter, ladder.match)
    const fits = new Map<number, Fit>()
    for (const [leaf, [row]] of alignment.met) fits.set(leaf, fitter.fit(leaves[leaf]!, counted[row!]!)!)
    const learned = learn(leaves, fits)
    const newPrint = JSON.stringify([[...alignment.met], [...learned.captured], [...learned.requests.keys()]])
    if (newPrint === print || round === 5) {
      const { skipped, end } = alignment
      return { plan, leaves, journeys, counted, fits, skipped, end, around, fit: (leaf, row) => fitter.fit(leaf, row) }
    }
    print = newPrint
    around = { ...around, ...learned }
  }
}

function alignRows(plan: readonly Block[], rows: readonly SequenceRow[], fitter: Fitter, match: MatchMode): Alignment {
  const places = new Map(rows.map((row, place) => [row.index, place]))
  return align(plan, rows.length, {
    suits: (leaf, row) => isOfStep(leaf, rows[row]!) && isOnLanes(leaf, rows[row]!),
    isPossible: (leaf, row) =>
      isOfKind(leaf, rows[row]!) && (isOfStep(leaf, rows[row]!) || isOnLanes(leaf, rows[row]!)),
    meet: (leaf, row) => fitter.fit(leaf, rows[row]!)?.cost,
    way: (leaf, row) => {
      if (leaf.step.kind !== 'hops') return undefined
      return fitter.fit(leaf, rows[row]!)?.rows.flatMap((one) => places.get(one.index) ?? [])
    },
    extra: (row) => (match === 'free' || isRepeated(rows[row]!) ? 0 : price.extra),
    missing: price.missing,
    least: price.extra,
    freeRows: match === 'free',
    openEnd: match === 'initial',
  })
}

export function isRepeated(row: SequenceRow): boolean {
  return row.kind === 'message' && row.repeated
}

/** In `visible` mode the rows between named lanes, named internal steps, and the ways of `~>` lines; else all rows. */
function countedRows(ladder: Ladder, rows: readonly SequenceRow[], journeys: Journeys): readonly SequenceRow[] {
  if (ladder.match !== 'visible') return rows
  const lanes = new Set(ladder.lanes)
  const names = new Set(ladder.steps.flatMap((step) => (step.kind === 'internal' ? [step.name] : [])))
  const onWay = new Set<number>()
  const known = new Set<string>()
  for (const step of ladder.steps) {
    if (step.kind !== 'hops') continue
    // Lines that differ in their conditions alone are about the same ways.
    const sort = `${step.from}>${step.to} ${patternText(step.message)}`
    if (known.has(sort)) continue
    known.add(sort)
    for (const row of rows) {
      if (row.kind !== 'message' || row.from !== step.from || !isKind(step.message, row.message)) continue
      const way = journeys.onwards(row, step.to)
      if (way.complete) for (const hop of way.rows) onWay.add(hop.index)
    }
  }
  return rows.filter((row) => {
    if (row.kind === 'internal') return lanes.has(row.from) && names.has(row.decision.rule.step ?? '')
    return (lanes.has(row.from) && lanes.has(row.to)) || onWay.has(row.index)
  })
}

/** What the matched rows say of `$names`: the value that most of them have, of equally many the first. */
function learn(leaves: readonly Leaf[], fits: ReadonlyMap<number, Fit>): Pick<Surroundings, 'captured' | 'requests'> {
  const requests = new Map<string, SipOrCx>()
  const votes = new Map<string, Map<string, number>>()
  const inOrder = [...fits].sort(([, a], [, b]) => a.rows[0]!.index - b.rows[0]!.index)
  for (const [index, fit] of inOrder) {
    const { step, part } = leaves[index]!
    const row = fit.rows[0]!
    for (const { name, value } of fit.captures) {
      const counts = votes.get(name) ?? new Map<string, number>()
      votes.set(name, counts.set(value, (counts.get(value) ?? 0) + 1))
    }
    if (row.kind !== 'message' || step.kind === 'internal') continue
    if (step.message.kind === 'request' && step.message.as !== undefined) requests.set(step.message.as, row.message)
    if (part === 'query') requests.set(queryName(step), row.message)
  }
  const captured = new Map<string, string>()
  for (const [name, counts] of votes) {
    const most = Math.max(...counts.values())
    captured.set(name, [...counts].find(([, count]) => count === most)![0])
  }
  return { captured, requests }
}

type SipOrCx = MessageRow['message']

/** The name under which the query of a `<->` line is known to its answer. */
function queryName(step: Step): string {
  return `<${step.index}>`
}

/** Judges rows; each pair of leaf and row once. */
class Fitter {
  readonly #match: MatchMode
  readonly #journeys: Journeys
  readonly #around: Surroundings
  /** By leaf, by row. */
  readonly #known = new Map<number, Map<number, Fit | undefined>>()

  constructor(match: MatchMode, journeys: Journeys, around: Surroundings) {
    this.#match = match
    this.#journeys = journeys
    this.#around = around
  }

  fit(leaf: Leaf, row: SequenceRow): Fit | undefined {
    const own = this.#known.get(leaf.index) ?? new Map<number, Fit | undefined>()
    this.#known.set(leaf.index, own)
    if (!own.has(row.index)) own.set(row.index, this.#judge(leaf, row))
    return own.get(row.index)
  }

  #judge(leaf: Leaf, row: SequenceRow): Fit | undefined {
    const { step, part } = leaf
    const [from, to] = part === 'answer' ? [step.to, step.from] : [step.from, step.to]
    const isRight = isOfStep(leaf, row)
    const lanes = lanesOff(step, row, from, to)
    if (!isRight && (lanes.length > 0 || row.kind !== (step.kind === 'internal' ? 'internal' : 'message')))
      return undefined
    if (this.#match === 'free' && (!isRight || lanes.length > 0)) return undefined
    if (!isRight) return this.#wrongMessage(leaf, row)
    return step.kind === 'hops' ? this.#judgeWay(leaf, row as MessageRow, lanes) : this.#judgeRow(leaf, row, lanes)
  }

  #wrongMessage({ step, part }: Leaf, row: SequenceRow): Fit {
    const expected = step.kind === 'internal' ? step.name : patternText(step.message, part)
    const got = row.kind === 'internal' ? (row.decision.rule.step ?? '') : messageText(row.message)
    const mismatch = {
      what: 'message',
      expected,
      got,
      evidence: step.evidence,
      place: step.place,
      untold: false,
      row: row.index,
    }
    return { cost: price.message, rows: [row], differs: 'message', mismatches: [mismatch], captures: [] }
  }

  #judgeRow(leaf: Leaf, row: SequenceRow, lanes: readonly Mismatch[]): Fit {
    const { mismatches, captures } = this.#compare(leaf, row)
    return fitOf([row], lanes, [], mismatches, captures)
  }

  /** A way starts where the message was made; it may start or end elsewhere than expected. */
  #judgeWay(leaf: Leaf, row: MessageRow, lanes: readonly Mismatch[]): Fit | undefined {
    const { step } = leaf
    if (row.repeated || (row.from !== step.from && this.#journeys.before(row) !== undefined)) return undefined
    const way = this.#journeys.onwards(row, step.to)
    if (this.#match === 'free' && !way.complete) return undefined
    const off: RowMismatch[] = []
    if (!way.complete) {
      const got = [row.from, ...way.rows.map((hop) => hop.to)].join(' -> ')
      const expected = `all hops from ${step.from} to ${step.to}`
      off.push({
        what: 'way',
        expected,
        got,
        evidence: step.evidence,
        place: step.place,
        untold: false,
        row: way.rows.at(-1)!.index,
      })
    }
    const compared = way.rows.map((hop) => this.#compare(leaf, hop))
    const mismatches = compared.flatMap((one) => one.mismatches)
    return fitOf(way.rows, lanes, off, mismatches, compared[0]!.captures)
  }

  #compare({ step, part }: Leaf, row: SequenceRow): { mismatches: RowMismatch[]; captures: readonly Capture[] } {
    const constraints = step.constraints.filter((one) => {
      if (step.kind !== 'query' || row.kind !== 'message') return true
      const query = this.#around.requests.get(queryName(step))
      if (row.message.protocol !== 'cx' || one.kind !== 'fact') return part === 'query'
      const inQuery = query?.protocol === 'cx' && one.name in query.avps
      if (part === 'query') return one.name in row.message.avps
      return one.name in row.message.avps ? !inQuery : query !== undefined && !inQuery
    })
    const message = step.kind === 'internal' || part === 'answer' ? {} : { message: step.message }
    const { mismatches, captures } = compare({ ...step, constraints, ...message }, row, this.#around)
    const query = part === 'answer' ? this.#around.requests.get(queryName(step)) : undefined
    const unrelated = query !== undefined && row.kind === 'message' ? notAnswering(row.message, query, step) : []
    return { mismatches: [...unrelated, ...mismatches].map((one) => ({ ...one, row: row.index })), captures }
  }
}

function fitOf(
  rows: readonly SequenceRow[],
  lanes: readonly Mismatch[],
  way: readonly RowMismatch[],
  conditions: readonly RowMismatch[],
  captures: readonly Capture[],
): Fit {
  const mismatches = [...lanes.map((one) => ({ ...one, row: rows[0]!.index })), ...way, ...conditions]
  const make = (differs: Difference, cost: number): Fit => ({ cost, rows, differs, mismatches, captures })
  const told = conditions.filter((one) => !one.untold).length
  const more = Math.min(40, told)
  if (lanes.length > 0) return make('lane', (lanes.length > 1 ? price.bothLanes : price.oneLane) + more)
  if (way.length > 0) return make('way', price.way + more)
  if (told > 0) return make('conditions', price.conditions + more)
  return make(mismatches.length > 0 ? 'conditions' : 'nothing', 0)
}

/** The ends of a row that are other lanes than expected. */
function lanesOff({ kind, evidence, place }: Step, row: SequenceRow, from: string, to: string): Mismatch[] {
  const off: Mismatch[] = []
  if (row.from !== from) off.push({ what: 'from', expected: from, got: row.from, evidence, place, untold: false })
  if (row.to !== to && kind !== 'internal' && kind !== 'hops') {
    off.push({ what: 'to', expected: to, got: row.to, evidence, place, untold: false })
  }
  return off
}

/** True if both are messages, or both are internal steps. */
const isOfKind = ({ step }: Leaf, { kind }: SequenceRow): boolean =>
  (kind === 'internal') === (step.kind === 'internal')

/** True if a row goes from and to the lanes that the leaf names. */
function isOnLanes({ step, part }: Leaf, row: SequenceRow): boolean {
  if (part === 'answer') return row.from === step.to && row.to === step.from
  return row.from === step.from && (row.to === step.to || step.kind === 'internal' || step.kind === 'hops')
}

/** True if a row is what the leaf names, whatever its lanes and values are. */
function isOfStep({ step, part }: Leaf, row: SequenceRow): boolean {
  if (step.kind === 'internal') return row.kind === 'internal' && row.decision.rule.step === step.name
  if (row.kind !== 'message') return false
  return part === 'answer' ? isAnswer(step.message, row.message) : isKind(step.message, row.message)
}

/** True if a message is of the kind that answers what a pattern names. */
function isAnswer(query: MessagePattern, message: SipOrCx): boolean {
  if (query.kind === 'cx') return message.protocol === 'cx' && commandName(message) === answerName(query)
  if (query.kind !== 'request' || message.protocol === 'cx' || message.kind !== 'response') return false
  if (message.status < 200 || (query.protocol === 'SIP') !== (message.protocol === 'sip')) return false
  return message.protocol === 'http' || message.headers.cseq?.method === query.method
}

/** A pattern in the words of the ladder. */
export function patternText(pattern: MessagePattern, part: Leaf['part'] = 'line'): string {
  if (pattern.kind === 'any') return 'any message'
  if (pattern.kind === 'cx') return part === 'answer' ? answerName(pattern) : commandName(pattern)
  if (pattern.kind === 'request') {
    const method = pattern.protocol === 'SIP' ? pattern.method : `${pattern.protocol} ${pattern.method}`
    return part === 'answer' ? `an answer to ${method}` : method
  }
  if (pattern.protocol === 'HTTP') return `HTTP ${pattern.status}`
  return pattern.method === undefined ? pattern.status : `${pattern.status} (${pattern.method})`
}
