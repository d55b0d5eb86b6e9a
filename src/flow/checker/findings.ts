/**
 * What is wrong, said once: a matching of lines and rows becomes findings, at most one a line and one for each message
 * that no line expects.
 */

import { printDuration } from '../duration.ts'
import type { AbsentCondition, Ladder, Place, Step, WithinCondition } from '../ladder/expectation.ts'
import { compare, isKind } from './difference.ts'
import { type Fit, isRepeated, type Matching, type RowMismatch } from './matching.ts'
import type { Leaf } from './plan.ts'
import { rowText } from './row-text.ts'
import type { SequenceRow } from './sequence.ts'
import type { CheckContext, Difference, Finding, FindingKind } from './verdict.ts'

/** All that is wrong, in the order of the ladder. */
export function findingsOf(
  ladder: Ladder,
  rows: readonly SequenceRow[],
  matching: Matching,
  context: CheckContext,
): Finding[] {
  return new Findings(ladder, rows, matching, context).all()
}

/** A finding, and what puts it in its place among the others. */
interface Draft {
  readonly finding: Finding
  /** The line, then the row; what no line expects stands before the line that comes next. */
  readonly order: readonly [line: number, after: number, row: number]
}

class Findings {
  readonly #ladder: Ladder
  readonly #rows: readonly SequenceRow[]
  readonly #matching: Matching
  readonly #context: CheckContext
  readonly #byIndex: ReadonlyMap<number, SequenceRow>
  /** The step that each row was taken for. */
  readonly #stepOfRow = new Map<number, Step>()
  readonly #rowsOfStep = new Map<number, SequenceRow[]>()
  readonly #leavesOfStep = new Map<number, Leaf[]>()
  /** Rows that no line has taken, in their order. */
  #extra: SequenceRow[] = []
  readonly #drafts: Draft[] = []

  constructor(ladder: Ladder, rows: readonly SequenceRow[], matching: Matching, context: CheckContext) {
    this.#ladder = ladder
    this.#rows = rows
    this.#matching = matching
    this.#context = context
    this.#byIndex = new Map(rows.map((row) => [row.index, row]))
    for (const leaf of matching.leaves) {
      const { index } = leaf.step
      this.#leavesOfStep.set(index, [...(this.#leavesOfStep.get(index) ?? []), leaf])
      const fit = matching.fits.get(leaf.index)
      for (const row of fit?.rows ?? []) this.#stepOfRow.set(row.index, leaf.step)
      this.#rowsOfStep.set(index, [...(this.#rowsOfStep.get(index) ?? []), ...(fit?.rows ?? [])])
    }
    this.#extra = matching.counted.filter((row) => !this.#stepOfRow.has(row.index) && !isRepeated(row))
  }

  all(): Finding[] {
    for (const step of this.#ladder.steps) this.#judgeStep(step)
    for (const condition of this.#ladder.conditions) {
      if (condition.kind === 'absent') this.#judgeAbsent(condition)
      else this.#judgeWithin(condition)
    }
    this.#judgeExtra()
    this.#drafts.sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1] || a.order[2] - b.order[2])
    return withInherited(
      this.#drafts.map((draft) => draft.finding),
      this.#matching,
      this.#byIndex,
    )
  }

  #judgeStep(step: Step): void {
    const leaves = this.#leavesOfStep.get(step.index)!
    const { fits, skipped } = this.#matching
    if (leaves.every((leaf) => skipped.has(leaf.index))) return
    const met = leaves.flatMap((leaf) => fits.get(leaf.index) ?? [])
    const unmet = leaves.filter((leaf) => !fits.has(leaf.index) && !skipped.has(leaf.index))
    const moved = unmet.flatMap((leaf) => this.#takeMoved(leaf) ?? [])
    const wrong = met.filter((fit) => fit.mismatches.some((one) => !one.untold || !this.#isHopMissing(one)))
    if (unmet.length > moved.length) this.#missing(step, unmet[0]!, met)
    else if (moved.length > 0) this.#reordered(step, moved)
    else if (wrong.length > 0) this.#wrong(step, met, wrong)
  }

  /** True if the hop before a row is what a line expected and did not get: then that is said, and nothing more. */
  #isHopMissing({ row }: RowMismatch): boolean {
    const hop = this.#byIndex.get(row)
    if (hop?.kind !== 'message') return false
    return this.#matching.leaves.some(({ index, step }) => {
      const isLost = !this.#matching.fits.has(index) && step.kind !== 'internal' && step.to === hop.from
      return isLost && isKind(step.message, hop.message)
    })
  }

  /** A row that suits a leaf fully, but stands elsewhere than the ladder has it. */
  #takeMoved(leaf: Leaf): Fit | undefined {
    for (const row of this.#extra) {
      const fit = this.#matching.fit(leaf, row)
      if (fit === undefined || fit.cost > 0) continue
      const taken = new Set(fit.rows)
      if (!fit.rows.every((one) => this.#extra.includes(one))) continue
      this.#extra = this.#extra.filter((one) => !taken.has(one))
      for (const one of taken) this.#stepOfRow.set(one.index, leaf.step)
      return fit
    }
    return undefined
  }

  #missing(step: Step, leaf: Leaf, met: readonly Fit[]): void {
    const near = this.#nearest(step, leaf)
    const fit = near && this.#matching.fit(leaf, near)
    const differences = near === undefined || met.length > 0 ? [] : this.#differences(step, near, fit)
    this.#add(
      'missing',
      step,
      met.flatMap((one) => one.rows),
      {
        expected: leaf.part === 'line' ? step.text : `${step.text} (the ${leaf.part})`,
        happened: '',
        nearest: near?.index,
        differences,
      },
    )
  }

  /** What differs between a line and the row that comes nearest to it. */
  #differences(step: Step, row: SequenceRow, fit: Fit | undefined): Difference[] {
    if (fit !== undefined) return this.#explain(fit.mismatches.filter((one) => !one.untold))
    const { evidence, place } = step
    const off: RowMismatch[] = []
    const end = (what: string, expected: string, got: string): void => {
      if (expected !== got) off.push({ what, expected, got, evidence, place, untold: false, row: row.index })
    }
    end('from', step.from, row.from)
    if (step.kind !== 'hops') end('to', step.to, row.to)
    return this.#explain(off)
  }

  #reordered(step: Step, fits: readonly Fit[]): void {
    const rows = fits.flatMap((fit) => fit.rows)
    const order = this.#orderOf(step, rows[0]!)
    this.#add('reordered', step, rows, { expected: step.text, happened: rowText(rows[0]!), order, differences: [] })
  }

  #wrong(step: Step, met: readonly Fit[], wrong: readonly Fit[]): void {
    const mismatches = wrong.flatMap((fit) => fit.mismatches)
    const coarsest = (['message', 'lane', 'way'] as const).find((one) => wrong.some((fit) => fit.differs === one))
    const happened = rowText(wrong[0]!.rows[0]!)
    const rows = met.flatMap((fit) => fit.rows)
    this.#add(coarsest === undefined ? conditionKind(step, mismatches) : kinds[coarsest], step, rows, {
      expected: step.text,
      happened,
      differences: this.#explain(mismatches),
    })
  }

  /** The row that is most like what a line expects: one of the same kind, best one that no other line has taken. */
  #nearest(step: Step, leaf: Leaf): SequenceRow | undefined {
    const around = this.#expectedAt(step)
    let best: SequenceRow | undefined
    let most = 0
    for (const row of this.#rows) {
      const alike = likeness(step, leaf, row)
      if (alike === 0) continue
      const near = 1 / (2 + Math.abs(row.index - around))
      const score = alike + (this.#stepOfRow.has(row.index) ? 0 : 2) + near
      if (score > most) {
        most = score
        best = row
      }
    }
    return best
  }

  /** About where the row of a line should be: after that of the line before it. */
  #expectedAt(step: Step): number {
    for (let i = step.index - 1; i >= 0; i--) {
      const row = this.#rowsOfStep.get(i)?.at(-1)
      if (row !== undefined) return row.index + 1
    }
    return this.#rows[0]?.index ?? 0
  }

  /** Says where a row that came out of order was expected. */
  #orderOf(step: Step, row: SequenceRow): string {
    const others = this.#ladder.steps.filter((one) => one !== step)
    const late = others.find((one) => one.index > step.index && this.#isBefore(one, row))
    if (late !== undefined) return `expected before ${nameOf(late)}`
    const early = others.findLast((one) => one.index < step.index && this.#isAfter(one, row))
    return early === undefined ? 'expected elsewhere' : `expected after ${nameOf(early)}`
  }

  #isBefore(step: Step, row: SequenceRow): boolean {
    const first = this.#rowsOfStep.get(step.index)?.[0]
    return first !== undefined && first.index < row.index
  }

  #isAfter(step: Step, row: SequenceRow): boolean {
    const last = this.#rowsOfStep.get(step.index)?.at(-1)
    return last !== undefined && last.index > row.index
  }

  #judgeAbsent(condition: AbsentCondition): void {
    const { around } = this.#matching
    const after = condition.after === undefined ? -1 : (this.#rowsOfStep.get(condition.after)?.at(-1)?.index ?? -1)
    const first = condition.until === undefined ? undefined : this.#rowsOfStep.get(condition.until)?.[0]
    const until = first?.index ?? Number.POSITIVE_INFINITY
    for (const row of this.#rows) {
      if (row.kind !== 'message' || row.index <= after || row.index >= until || isRepeated(row)) continue
      if (condition.from !== '*' && condition.from !== row.from) continue
      if (condition.to !== '*' && condition.to !== row.to) continue
      if (!isKind(condition.message, row.message)) continue
      const subject = { ...condition, evidence: 'derived' as const }
      if (compare(subject, row, around).mismatches.length > 0) continue
      this.#extra = this.#extra.filter((one) => one !== row)
      this.#addFor(condition, 'forbidden', [row], condition.text, rowText(row))
    }
  }

  #judgeWithin(condition: WithinCondition): void {
    const first = this.#rowsOfStep.get(condition.first)?.[0]
    const last = this.#rowsOfStep.get(condition.last)?.at(-1)
    if (first === undefined || last === undefined || last.at - first.at <= condition.time) return
    const taken = last.at - first.at
    const expected = `at most ${printDuration(condition.time)}`
    const { place } = condition
    const late: RowMismatch = {
      what: 'time',
      expected,
      got: printDuration(taken),
      evidence: 'derived',
      place,
      row: last.index,
      untold: false,
    }
    this.#addFor(condition, 'late', [last], condition.text, rowText(last), this.#explain([late]))
  }

  /** Rows that no line expects; the further hops of a message and the answer of a query go with their first row. */
  #judgeExtra(): void {
    if (this.#ladder.match === 'free') return
    const { counted, end, journeys } = this.#matching
    const places = new Map(counted.map((row, place) => [row, place]))
    const groups: SequenceRow[][] = []
    for (const row of this.#extra) {
      if (places.get(row)! >= end) continue
      const before = journeys.before(row)
      const group = groups.find((one) => one.some((other) => other === before || answers(row, other)))
      if (group === undefined) groups.push([row])
      else group.push(row)
    }
    for (const rows of groups) {
      const next = this.#stepAfter(rows[0]!)
      const place = (next ?? this.#ladder.steps.at(-1))!.place
      const finding: Finding = {
        kind: 'extra',
        step: undefined,
        number: undefined,
        evidence: undefined,
        place,
        expected: '',
        happened: rowText(rows[0]!),
        rows: rows.map((row) => row.index),
        nearest: undefined,
        order: next === undefined ? 'at the end' : `before ${nameOf(next)}`,
        differences: [],
      }
      this.#drafts.push({ finding, order: [next?.place.line ?? Number.POSITIVE_INFINITY, 0, rows[0]!.index] })
    }
  }

  #stepAfter(row: SequenceRow): Step | undefined {
    for (const later of this.#rows) {
      if (later.index > row.index && this.#stepOfRow.has(later.index)) return this.#stepOfRow.get(later.index)
    }
    return undefined
  }

  #explain(mismatches: readonly RowMismatch[]): Difference[] {
    return mismatches.map(({ what, expected, got, evidence, place, row }) => {
      const field = what.startsWith('body') ? 'body' : what.replace(/\[.*/, '')
      const isField = !['from', 'to', 'message', 'way', 'answer to', 'time'].includes(what)
      const message = this.#byIndex.get(row)?.kind === 'message'
      const why = isField && message ? this.#context.whyOf?.(row, field) : undefined
      return { what, expected, got, evidence, place, row, why, inherited: undefined }
    })
  }

  #add(
    kind: FindingKind,
    step: Step,
    rows: readonly SequenceRow[],
    more: Pick<Finding, 'expected' | 'happened' | 'differences'> & { nearest?: number | undefined; order?: string },
  ): void {
    const { index, number, evidence, place } = step
    const indices = rows.map((row) => row.index)
    const common = { kind, step: index, number, evidence, place, rows: indices, nearest: undefined, order: undefined }
    this.#drafts.push({ finding: { ...common, ...more }, order: [place.line, 1, indices[0] ?? 0] })
  }

  #addFor(
    condition: { readonly place: Place },
    kind: FindingKind,
    rows: readonly SequenceRow[],
    expected: string,
    happened: string,
    differences: readonly Difference[] = [],
  ): void {
    const { place } = condition
    const indices = rows.map((row) => row.index)
    const nothing = { step: undefined, number: undefined, evidence: undefined, nearest: undefined, order: undefined }
    const finding: Finding = { kind, place, rows: indices, expected, happened, differences, ...nothing }
    this.#drafts.push({ finding, order: [place.line, 1, indices[0] ?? 0] })
  }
}

const kinds = { message: 'wrong message', lane: 'wrong lane', way: 'missing' } as const

function conditionKind(step: Step, mismatches: readonly RowMismatch[]): FindingKind {
  if (step.kind === 'internal' || step.message.kind === 'cx') return 'wrong fact'
  return mismatches.every(({ what }) => what.startsWith('body')) ? 'wrong body' : 'wrong header'
}

/** A step by its number, or by its line if it has none. */
export function nameOf(step: Step): string {
  return step.number === undefined ? `the line "${step.text}"` : `step ${step.number}`
}

/** How much a row is like a line: its kind counts most, then its ends. */
function likeness(step: Step, leaf: Leaf, row: SequenceRow): number {
  if ((row.kind === 'internal') !== (step.kind === 'internal')) return 0
  const [from, to] = leaf.part === 'answer' ? [step.to, step.from] : [step.from, step.to]
  const ends = (row.from === from ? 1 : 0) + (row.to === to ? 1 : 0)
  if (row.kind === 'internal') return step.kind === 'internal' && row.decision.rule.step === step.name ? 4 + ends : 0
  if (step.kind === 'internal' || step.message.kind === 'any') return 0
  const kind = leaf.part === 'answer' ? undefined : isKind(step.message, row.message)
  return kind === true ? 4 + ends : 0
}

/** True if a Cx answer goes with its query. */
function answers(row: SequenceRow, query: SequenceRow): boolean {
  if (row.kind !== 'message' || query.kind !== 'message') return false
  if (row.message.protocol !== 'cx' || query.message.protocol !== 'cx') return false
  return row.message.kind === 'answer' && row.message.session === query.message.session
}

/** Marks what a message has carried on from an earlier hop, where it was found already. */
function withInherited(findings: Finding[], matching: Matching, rows: ReadonlyMap<number, SequenceRow>): Finding[] {
  const found = new Map<string, Difference>()
  for (const { differences } of findings) for (const one of differences) found.set(`${one.row} ${one.what}`, one)
  return findings.map((finding) => ({
    ...finding,
    differences: finding.differences.map((one) => {
      const row = rows.get(one.row)
      const before = row && matching.journeys.before(row)
      const earlier = before && found.get(`${before.index} ${one.what}`)
      return earlier !== undefined && earlier.got === one.got ? { ...one, inherited: earlier.row } : one
    }),
  }))
}
