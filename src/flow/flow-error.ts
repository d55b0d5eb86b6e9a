/**
 * What is wrong with a flow file, said to the person who wrote it: where, what was expected, what was perhaps meant.
 */
import type { Place } from './ladder/expectation.ts'

/** Something wrong (or doubtful) at one place of a flow file. */
export class FlowError extends Error {
  override readonly name = 'FlowError'
  readonly file: string
  /** Both numbers start at 1 and count characters of the file, also inside the ladder's block. */
  readonly line: number
  readonly column: number
  /** The sentence, without the place: `no lane is called "PSC"`. */
  readonly problem: string
  /** What was expected there instead, if it can be said. */
  readonly expected: string | undefined
  /** What was perhaps meant. */
  readonly suggestion: string | undefined
  /** The line of the file. */
  readonly source: string
  /** A warning leaves the flow usable. */
  readonly severity: 'error' | 'warning'

  constructor(
    source: SourceText,
    place: Place,
    problem: string,
    more: { expected?: string | undefined; suggestion?: string | undefined; severity?: 'error' | 'warning' } = {},
  ) {
    super(`${source.file}:${place.line}:${place.column}: ${problem}`)
    this.file = source.file
    this.line = place.line
    this.column = place.column
    this.problem = problem
    this.expected = more.expected
    this.suggestion = more.suggestion
    this.source = source.lines[place.line - 1] ?? ''
    this.severity = more.severity ?? 'error'
  }
}

/** All that is wrong with a flow file. */
export class FlowErrors extends Error {
  override readonly name = 'FlowErrors'
  /** Never empty, in the order of the file; warnings are among them. */
  readonly errors: readonly FlowError[]

  constructor(errors: readonly FlowError[]) {
    const sorted = [...errors].sort((a, b) => a.line - b.line || a.column - b.column)
    super(sorted.map(printFlowError).join('\n'))
    this.errors = sorted
  }
}

/** A file's name and its lines. */
export interface SourceText {
  readonly file: string
  readonly lines: readonly string[]
}

/** The lines of a text, for errors that point into it. */
export function sourceText(text: string, file: string): SourceText {
  return { file, lines: text.split(/\r\n|\r|\n/) }
}

/**
 * An error as a compiler prints it: the place and the sentence, the line, and a caret under the place. Without a
 * newline at its end.
 */
export function printFlowError(error: FlowError): string {
  const kind = error.severity === 'warning' ? 'warning: ' : ''
  const rows = [`${error.file}:${error.line}:${error.column}: ${kind}${error.problem}`]
  if (error.expected !== undefined) rows.push(`  expected ${error.expected}`)
  if (error.suggestion !== undefined) rows.push(`  did you mean ${error.suggestion}?`)
  if (error.source.trim() !== '') {
    const [line, column] = windowOn(error.source, error.column)
    rows.push(`  ${line}`, `  ${' '.repeat(column - 1)}^`)
  }
  return rows.join('\n')
}

/** At most 76 characters of a line around a column, and the column in them. */
function windowOn(line: string, column: number): [string, number] {
  const plain = line.replaceAll('\t', ' ')
  if (plain.length <= 76 || column <= 70) return [plain.length > 76 ? `${plain.slice(0, 75)}…` : plain, column]
  const start = column - 38
  const end = Math.min(plain.length, start + 74)
  return [`…${plain.slice(start, end)}${end < plain.length ? '…' : ''}`, column - start + 1]
}

/** The known word that is nearest to one that is not known, of equally near ones that with the same beginning. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase()
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const other = candidate.toLowerCase()
    const cost = distance(wanted, other) - commonStart(wanted, other) / 1000
    if (cost < least) {
      least = cost
      best = candidate
    }
  }
  return best
}

function commonStart(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

/** The number of inserted, dropped, changed and exchanged characters from one word to another. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      let cost = Math.min(change, previous[j]! + 1, current[j - 1]! + 1)
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? cost) + 1)
      current.push(cost)
    }
    before = previous
    previous = current
  }
  return previous[b.length]!
}
