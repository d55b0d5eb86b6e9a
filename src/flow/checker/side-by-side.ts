/** What was expected and what happened, line beside line, with a mark in the margin. */
import type { Ladder, Step } from '../ladder/expectation.ts'
import { rowText } from './row-text.ts'
import type { SequenceRow } from './sequence.ts'
import type { RowMark, RowVerdict, StepVerdict, Verdict } from './verdict.ts'

/** What a piece of the report is, for its colour. */
export type Ink = 'good' | 'bad' | 'doubtful' | 'faint' | 'strong'

/** A line of the comparison; without ink it is as expected. */
export interface SideLine {
  readonly text: string
  readonly ink: Ink | undefined
}

const marks: Readonly<Record<RowMark | 'missing', { readonly mark: string; readonly ink: Ink | undefined }>> = {
  met: { mark: ' ', ink: undefined },
  wrong: { mark: '!', ink: 'bad' },
  reordered: { mark: '~', ink: 'bad' },
  extra: { mark: '+', ink: 'bad' },
  forbidden: { mark: 'x', ink: 'bad' },
  missing: { mark: '-', ink: 'bad' },
  repeated: { mark: '"', ink: 'faint' },
  free: { mark: '.', ink: 'faint' },
}

/** A line of the ladder, a row, or both. */
interface Pair {
  readonly mark: RowMark | 'missing'
  readonly number: string
  readonly expected: string
  readonly happened: string
  /** True if there is nothing to say about the row beside its line. */
  readonly same: boolean
}

/** Rows as expected that are shown around what is not; longer runs of them are left out. */
const context = 2

/** The comparison as lines of at most `width` columns: a heading, the lines, and what the marks mean. */
export function sideBySide(ladder: Ladder, verdict: Verdict, rows: readonly SequenceRow[], width: number): SideLine[] {
  const pairs = pairsOf(ladder, verdict, rows)
  const numbers = Math.max(1, ...pairs.map(({ number }) => number.length))
  const half = Math.floor((width - numbers - 6) / 2)
  const row = (mark: string, number: string, left: string, right: string): string =>
    `${mark} ${number.padStart(numbers)} ${clip(left, half).padEnd(half)} | ${clip(right, half)}`
  const lines: SideLine[] = [{ text: row(' ', '', 'expected', 'happened'), ink: 'strong' }]
  let left = 0
  pairs.forEach((pair, i) => {
    if (!pairs.slice(Math.max(0, i - context), i + context + 1).some(isOff)) {
      left++
      return
    }
    if (left > 0) lines.push(omission(left))
    left = 0
    const { mark, ink } = marks[pair.mark]
    lines.push({ text: row(mark, pair.number, pair.expected, pair.same ? 'the same' : pair.happened), ink })
  })
  if (left > 0) lines.push(omission(left))
  const used = new Set(pairs.map((pair) => pair.mark))
  const legend = [...used].filter((mark) => mark !== 'met').map((mark) => `${marks[mark].mark} ${mark}`)
  return [...lines, { text: `  ${legend.join('   ')}`, ink: 'faint' }]
}

function isOff(pair: Pair): boolean {
  return pair.mark !== 'met' && pair.mark !== 'free' && pair.mark !== 'repeated'
}

function omission(count: number): SideLine {
  return { text: `  (${count} ${count === 1 ? 'line' : 'lines'} left out)`, ink: 'faint' }
}

/** Rows in their order, each with its line; lines without a row stand where the ladder has them. */
function pairsOf(ladder: Ladder, verdict: Verdict, rows: readonly SequenceRow[]): Pair[] {
  const byRow = new Map(verdict.rows.map((row) => [row.row, row]))
  const lost = verdict.steps.filter((step) => step.rows.length === 0 && step.mark === 'missing')
  const pairs: Pair[] = []
  for (const row of rows) {
    const own = byRow.get(row.index)!
    const step = own.step === undefined ? undefined : ladder.steps[own.step]
    if (step !== undefined && own.mark !== 'reordered') {
      while (lost.length > 0 && lost[0]!.step < step.index) pairs.push(lostPair(ladder, lost.shift()!))
    }
    pairs.push({
      mark: own.mark,
      number: own.number ?? '',
      expected: step === undefined ? '' : expectedText(step, own, verdict),
      happened: rowText(row),
      same: own.mark === 'met' && (step?.kind === 'hop' || step?.kind === 'internal'),
    })
  }
  return [...pairs, ...lost.map((step) => lostPair(ladder, step))]
}

/** The line at its first row; the others of `~>` and `<->` go on with it. */
function expectedText(step: Step, row: RowVerdict, verdict: Verdict): string {
  return verdict.steps[step.index]!.rows[0] === row.row ? step.text.replace(/ as \$\w+$/, '') : '  as above'
}

function lostPair(ladder: Ladder, { step, number }: StepVerdict): Pair {
  return { mark: 'missing', number: number ?? '', expected: ladder.steps[step]!.text, happened: '', same: false }
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
