/**
 * The report on a verdict, for a terminal and for programs: what is wrong, where it was expected, what happened
 * instead and why; then what was expected and what happened, side by side.
 */
import type { Micros } from '../sim/time.ts'
import { rowText } from './checker/row-text.ts'
import type { SequenceRow } from './checker/sequence.ts'
import { type Ink, sideBySide } from './checker/side-by-side.ts'
import type { Difference, Finding, Verdict } from './checker/verdict.ts'
import type { Flow } from './flow.ts'

/** Gives a piece of text its colour; it must not change its width. */
export type Paint = (ink: Ink, text: string) => string

export interface ReportOptions {
  /** Columns; 80 by default, and never less than 60. */
  readonly width?: number
  /** No colour by default. */
  readonly paint?: Paint
  /** The virtual time from which the report counts; 0 by default. */
  readonly beginsAt?: Micros
  /** False leaves out the part that stands side by side. */
  readonly sideBySide?: boolean
}

type ReportedFlow = Pick<Flow, 'id' | 'title' | 'clause' | 'file' | 'expect'>

/** The report as text, ending with a newline. */
export function printVerdict(
  flow: ReportedFlow,
  verdict: Verdict,
  rows: readonly SequenceRow[],
  options: ReportOptions = {},
): string {
  const report = new Report(flow, verdict, rows, options)
  report.head()
  for (const [i, finding] of verdict.findings.entries()) report.finding(finding, i + 1)
  if (verdict.findings.length > 0 && options.sideBySide !== false) report.sides()
  return `${report.lines.map((line) => line.trimEnd()).join('\n')}\n`
}

/** The verdict with what a program needs to know of its flow; plain data for JSON. */
export function verdictData(flow: ReportedFlow, verdict: Verdict): object {
  const { id, title, clause, file } = flow
  return { flow: id, title, clause, file, ...verdict }
}

class Report {
  readonly lines: string[] = []
  readonly #flow: ReportedFlow
  readonly #verdict: Verdict
  readonly #rows: ReadonlyMap<number, SequenceRow>
  readonly #width: number
  readonly #paint: Paint
  readonly #beginsAt: Micros

  constructor(flow: ReportedFlow, verdict: Verdict, rows: readonly SequenceRow[], options: ReportOptions) {
    this.#flow = flow
    this.#verdict = verdict
    this.#rows = new Map(rows.map((row) => [row.index, row]))
    this.#width = Math.max(60, options.width ?? 80)
    this.#paint = options.paint ?? ((_, text) => text)
    this.#beginsAt = options.beginsAt ?? 0
  }

  /** `A.3.2.1  pass: 21 steps met, 1 repeated` */
  head(): void {
    const { outcome, findings, steps, rows } = this.#verdict
    const met = steps.filter((step) => step.mark === 'met').length
    const repeated = rows.filter((row) => row.mark === 'repeated').length
    const parts = [
      ...(findings.length > 0 ? [`${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}`] : []),
      `${met} of ${steps.length} steps met`,
      ...(repeated > 0 ? [`${repeated} repeated`] : []),
    ]
    const [ink, word] = outcome === 'pass' ? (['good', 'pass'] as const) : (['bad', 'fail'] as const)
    this.lines.push(`${this.#paint('strong', this.#flow.id)}  ${this.#paint(ink, word)}: ${parts.join(', ')}`)
  }

  finding(finding: Finding, number: number): void {
    const { kind, place, evidence } = finding
    const subject = finding.number === undefined ? '' : ` at step ${finding.number}`
    const sure = evidence === undefined ? '' : ` [${evidence}]`
    const where = `${this.#flow.file}:${place.line}:${place.column}`
    const title = `${number}. ${kind}${subject}`
    this.lines.push('')
    if (title.length + sure.length + where.length + 2 > this.#width) {
      this.lines.push(`${this.#paint('bad', title)}${this.#paint('faint', sure)}`, this.#paint('faint', `   ${where}`))
    } else {
      const gap = ' '.repeat(this.#width - title.length - sure.length - where.length)
      this.lines.push(`${this.#paint('bad', title)}${this.#paint('faint', `${sure}${gap}${where}`)}`)
    }
    if (finding.differences.length > 0 && finding.differences.every((one) => one.inherited !== undefined)) {
      this.#carriedOn(finding)
      return
    }
    if (finding.expected !== '') this.#entry(3, 'expected', finding.expected)
    if (finding.happened !== '') this.#entry(3, 'happened', `${finding.happened}${this.#when(finding.rows)}`)
    if (finding.kind === 'missing' && finding.happened === '') this.#nearest(finding)
    if (finding.order !== undefined) this.#entry(3, 'order', finding.order)
    for (const group of sameDifferences(finding.differences)) this.#difference(group)
  }

  /** A finding that says only what was said of an earlier hop. */
  #carriedOn({ differences }: Finding): void {
    const fields = [...new Set(differences.map((one) => one.what))].join(', ')
    this.#entry(3, 'since', `${this.#named(differences[0]!.inherited!)}: ${fields}`)
  }

  /** ` (row 3 at 20.000 ms)`, ` (rows 3 to 5)` */
  #when(rows: readonly number[]): string {
    const first = this.#rows.get(rows[0] ?? -1)
    if (first === undefined) return ''
    const time = `${((first.at - this.#beginsAt) / 1000).toFixed(3)}${joint}ms`
    const which = rows.length > 1 ? `rows ${rows.join(', ')}, from` : `row${joint}${rows[0]} at`
    return ` (${which}${joint}${time})`
  }

  #nearest({ nearest }: Finding): void {
    const row = nearest === undefined ? undefined : this.#rows.get(nearest)
    if (row === undefined) {
      this.#entry(3, 'happened', 'nothing like it')
      return
    }
    const own = this.#verdict.rows.find((one) => one.row === row.index)
    const taken =
      own?.step === undefined ? '' : own.number === undefined ? ', taken for another line' : `, step ${own.number}`
    this.#entry(3, 'nearest', `${rowText(row)}${this.#when([row.index])}${taken}`)
  }

  #difference(group: readonly Difference[]): void {
    const [first] = group as readonly [Difference]
    this.lines.push(`   ${this.#paint('strong', first.what)}`)
    this.#entry(5, 'expected', `${first.expected} [${first.evidence}]`, 'good')
    this.#entry(5, 'got', first.got === undefined ? 'nothing' : first.got, 'bad')
    if (first.why !== undefined) {
      this.#entry(5, 'why', `${first.why.node}: ${first.why.rule} (${first.why.clause})`)
    }
    if (first.inherited !== undefined) this.#entry(5, 'since', this.#named(first.inherited))
    if (group.length > 1)
      this.#entry(
        5,
        'also',
        `in ${group
          .slice(1)
          .map(({ row }) => this.#named(row))
          .join(', ')}`,
      )
  }

  /** `row 5 (step 8)` */
  #named(row: number): string {
    const number = this.#verdict.rows.find((one) => one.row === row)?.number
    return number === undefined ? `row ${row}` : `row ${row} (step ${number})`
  }

  /** A word and its text, which goes on below itself. */
  #entry(indent: number, word: string, text: string, ink?: Ink): void {
    const left = indent + 10
    const wrapped = wrap(text.replaceAll('\n', ', '), this.#width - left)
    const [first = '', ...rest] = wrapped.map((line) => line.replaceAll(joint, ' '))
    const painted = (line: string): string => (ink === undefined ? line : this.#paint(ink, line))
    this.lines.push(`${' '.repeat(indent)}${this.#paint('faint', word.padEnd(10))}${painted(first)}`)
    for (const line of rest) this.lines.push(`${' '.repeat(left)}${painted(line)}`)
  }

  sides(): void {
    this.lines.push('')
    for (const line of sideBySide(this.#flow.expect, this.#verdict, [...this.#rows.values()], this.#width)) {
      this.lines.push(line.ink === undefined ? line.text : this.#paint(line.ink, line.text))
    }
  }
}

/** A blank at which no line is broken. */
const joint = '\u00a0'

/** Differences that say the same of several rows, together. */
function sameDifferences(differences: readonly Difference[]): Difference[][] {
  const groups: Difference[][] = []
  for (const one of differences) {
    const group = groups.find(
      ([first]) => first!.what === one.what && first!.expected === one.expected && first!.got === one.got,
    )
    if (group === undefined) groups.push([one])
    else group.push(one)
  }
  return groups
}

/** Lines of at most so many characters, broken at blanks where that is possible. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width)
    const cut = blank > width / 3 ? blank : width
    lines.push(rest.slice(0, cut).trimEnd())
    rest = rest.slice(cut).trimStart()
  }
  return [...lines, rest]
}

export type { Ink }
