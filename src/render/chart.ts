import { httpKind } from '../flow/checker/row-text.ts'
import type { MessageRow, SequenceRow } from '../flow/checker/sequence.ts'
import type { RowMark, RowVerdict, Verdict } from '../flow/checker/verdict.ts'
import type { Evidence, MessagePattern, Step } from '../flow/ladder/expectation.ts'
import type { HttpMessage } from '../http/message.ts'
import { commandName } from '../ims/cx.ts'
import type { Message } from '../message.ts'
import type { Micros } from '../sim/time.ts'
import type { Style } from './span.ts'

/** A participant of the ladder, in the order in which the figure shows them. */
export interface Lane {
  readonly name: string
  /** The network in whose band it stands; undefined for one that stands in none. */
  readonly network: string | undefined
}

/** All that a ladder is drawn from: what happened and, where a flow was checked, what was expected. */
export interface Chart {
  readonly lanes: readonly Lane[]
  readonly rows: readonly SequenceRow[]
  readonly verdict?: Verdict | undefined
  /** When the flow begins: times are shown since then. */
  readonly beginsAt?: Micros
  /** The steps of the flow's ladder, to draw those that never happened. */
  readonly steps?: readonly Step[] | undefined
}

/** What a check says of a line: of a row, or of an expected step that never happened. */
export type Mark = RowMark | 'missing'

/** One line of a ladder before it has a place: a row that happened, or an expected step that did not. */
export interface Line {
  readonly kind: 'message' | 'internal' | 'missing'
  /** The index of the row; undefined for a missing step. */
  readonly row: number | undefined
  readonly at: Micros | undefined
  readonly from: string
  readonly to: string
  /** What stands on the arrow: forms of the same name, the longest first. */
  readonly labels: readonly string[]
  readonly stroke: 'sip' | 'cx' | 'http'
  readonly style: Style
  readonly end: 'taken' | 'open' | 'lost'
  readonly repeated: boolean
  readonly mark: Mark | undefined
  /** The number of the step in the clause, e.g. `7`, `7a` or `5-7`. */
  readonly step: string | undefined
  readonly evidence: Evidence | undefined
}

/** The lines of a ladder in order, each made when it is asked for. */
export interface Lines {
  readonly count: number
  line(index: number): Line
  /** The line of a row. */
  indexOf(row: number): number
}

/** The lines of a chart: its rows, with the missing steps where they were looked for. */
export function linesOf({ rows, verdict, steps, beginsAt = 0 }: Chart): Lines {
  const missing = missingOf(rows.length, verdict, steps)
  return {
    count: rows.length + missing.length,
    indexOf(row) {
      let passed = 0
      while (passed < missing.length && missing[passed]!.before <= row) passed++
      return row + passed
    },
    line(index) {
      let passed = 0
      for (; passed < missing.length; passed++) {
        const at = missing[passed]!.before + passed
        if (at === index) return missingLine(missing[passed]!.step)
        if (at > index) break
      }
      return rowLine(rows[index - passed]!, verdict?.rows[index - passed], beginsAt)
    },
  }
}

/** The steps that never happened, each before the first row of a later step. */
function missingOf(count: number, verdict: Verdict | undefined, steps: readonly Step[] | undefined): MissingStep[] {
  if (!verdict || !steps) return []
  const missing: MissingStep[] = []
  let before = count
  for (const { step, mark, rows } of verdict.steps.toReversed()) {
    if (rows.length > 0) before = Math.min(before, ...rows)
    if (mark === 'missing') missing.unshift({ step: steps[step]!, before })
  }
  return missing
}

interface MissingStep {
  readonly step: Step
  /** The index of the row that follows it. */
  readonly before: number
}

function missingLine(step: Step): Line {
  const label = step.kind === 'internal' ? step.name : patternLabel(step.message)
  return {
    kind: 'missing',
    row: undefined,
    at: undefined,
    from: step.from,
    to: step.to,
    labels: [`${label} (missing)`, label],
    stroke: step.kind === 'internal' ? 'sip' : strokeOf(step.message),
    style: 'missing',
    end: 'open',
    repeated: false,
    mark: 'missing',
    step: step.number,
    evidence: step.evidence,
  }
}

function strokeOf(pattern: MessagePattern): Line['stroke'] {
  if (pattern.kind === 'cx') return 'cx'
  return pattern.kind === 'any' || pattern.protocol === 'SIP' ? 'sip' : 'http'
}

function patternLabel(pattern: MessagePattern): string {
  if (pattern.kind === 'request')
    return pattern.protocol === 'SIP' ? pattern.method : `${pattern.protocol} ${pattern.method}`
  if (pattern.kind === 'cx') return pattern.command
  if (pattern.kind === 'any') return 'any message'
  if (pattern.protocol === 'HTTP') return `HTTP ${pattern.status}`
  return pattern.method === undefined ? pattern.status : `${pattern.status} (${pattern.method})`
}

function rowLine(row: SequenceRow, verdict: RowVerdict | undefined, beginsAt: Micros): Line {
  const common = {
    row: row.index,
    at: row.at - beginsAt,
    from: row.from,
    to: row.to,
    mark: verdict?.mark,
    step: verdict?.number,
    evidence: verdict?.evidence,
  }
  if (row.kind === 'internal') {
    const { rule, outcome } = row.decision
    const label = rule.step ?? rule.title
    return {
      ...common,
      kind: 'internal',
      labels: outcome === '' ? [label] : [`${label}: ${outcome}`, label],
      stroke: 'sip',
      style: 'internal',
      end: 'taken',
      repeated: false,
    }
  }
  return {
    ...common,
    kind: 'message',
    labels: messageLabels(row.message),
    stroke: row.message.protocol,
    style: messageStyle(row.message),
    end: endOf(row),
    repeated: row.repeated,
  }
}

function endOf(row: MessageRow): Line['end'] {
  return row.lost ? 'lost' : row.arrival ? 'taken' : 'open'
}

/** The names of a message, the longest first: `200 (SUBSCRIBE)` as in the figures of the annex, `200 OK`, `200`. */
export function messageLabels(message: Message): readonly string[] {
  if (message.protocol === 'cx') return [commandName(message), message.command]
  if (message.protocol === 'http') return httpLabels(message)
  if (message.kind === 'request') return [message.method]
  const method = message.headers.cseq?.method
  const short = [`${message.status} ${message.reason}`, String(message.status)]
  return method === undefined ? short : [`${message.status} (${method})`, ...short]
}

/** As the annex writes them: `XCAP PUT`, `HTTP 201 (Created)`. */
function httpLabels(message: HttpMessage): readonly string[] {
  if (message.kind === 'request') return [`${httpKind(message)} ${message.method}`, message.method]
  const { status, reason } = message
  return [`HTTP ${status} (${reason})`, `HTTP ${status}`, String(status)]
}

const methodStyles: Readonly<Record<string, Style>> = {
  SUBSCRIBE: 'subscribe',
  NOTIFY: 'notify',
  PUBLISH: 'publish',
}

/** The style in which a message is shown wherever it is named. */
export function messageStyle(message: Message): Style {
  if (message.protocol === 'cx') return 'cx'
  if (message.kind === 'request' && message.protocol === 'http') return 'http'
  if (message.kind === 'request') return methodStyles[message.method] ?? 'request'
  return message.status < 300 ? 'success' : 'failure'
}
