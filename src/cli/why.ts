import { rowText } from '../flow/checker/row-text.ts'
import type { SequenceRow } from '../flow/checker/sequence.ts'
import { nearest } from '../flow/flow-error.ts'
import { type FlowRun, runFlow } from '../flow/run.ts'
import { fieldRows } from '../render/fields.ts'
import type { Origin } from '../ui/session.ts'
import { originsOf } from './catalogue.ts'
import { exitCode, Misuse } from './exit-code.ts'
import { loadFlow } from './flow-files.ts'
import type { Output } from './output.ts'
import { type LadderOptions, runOptions } from './run.ts'

/** `presim why`: who put a header there, by which rule of which clause, and from which message its value came. */
export function why(
  name: string,
  step: string,
  header: string | undefined,
  options: LadderOptions,
  output: Output,
): number {
  const run = runFlow(loadFlow(name), runOptions(options))
  const rows = rowsOfStep(run, step)
  for (const row of rows) {
    if (row.kind === 'internal') whyDecided(row, options, output)
    else whySent(run, row, header, options, output)
  }
  return exitCode.ok
}

/** The rows of a step by its number in the clause, or of a row by its own number with a `#` in front. */
export function rowsOfStep({ rows, verdict, flow }: FlowRun, step: string): SequenceRow[] {
  const own = /^#(\d+)$/.exec(step)
  const found =
    own === null
      ? verdict.rows.filter(({ number }) => number === step).map(({ row }) => rows[row]!)
      : rows.filter(({ index }) => index === Number(own[1]) - 1)
  if (found.length > 0) return found
  const numbers = flow.expect.steps.flatMap(({ number }) => number ?? [])
  throw new Misuse(
    `${flow.id} has no step ${step}; its steps are ${numbers[0]} to ${numbers.at(-1)}, its rows #1 to #${rows.length}`,
  )
}

type InternalRow = Extract<SequenceRow, { kind: 'internal' }>
type MessageRow = Extract<SequenceRow, { kind: 'message' }>

function whyDecided(row: InternalRow, { json }: LadderOptions, output: Output): void {
  const { rule, outcome, facts } = row.decision
  if (json) {
    const reason = { rule: rule.title, clause: rule.clause, serves: rule.serves }
    return output.json({ type: 'decision', row: row.index, node: row.from, outcome, facts, ...reason })
  }
  output.line(output.painter(rowText(row), 'strong'))
  output.line(`  ${outcome}`)
  output.line(`  because ${rule.title} (${rule.clause}${servedBy(rule.serves)})`)
  for (const [name, value] of Object.entries(facts)) output.line(`  ${name}: ${value}`)
  output.line()
}

/** Every header of a message, or the one asked for. */
function whySent(run: FlowRun, row: MessageRow, header: string | undefined, { json }: LadderOptions, output: Output) {
  const origins = originsOf(run, row.index)
  const isAsked = ({ field }: Origin): boolean => header === undefined || field.toLowerCase() === header.toLowerCase()
  const chosen = origins.filter(isAsked)
  if (header !== undefined && chosen.length === 0) return whyAbsent(run, row, header, origins, json === true, output)
  if (json) {
    for (const origin of chosen) output.json({ type: 'origin', row: row.index, ...origin })
    return
  }
  output.line(output.painter(rowText(row), 'strong'))
  for (const origin of chosen) writeOrigin(run, row, origin, output)
  output.line()
}

function writeOrigin(run: FlowRun, row: MessageRow, origin: Origin, output: Output): void {
  const { field, node, rule, clause, serves, source } = origin
  const values = fieldRows(row.message).find(({ name }) => name === field)?.values ?? []
  const value = values.map(({ text }) => text).join(', ')
  output.line(`${output.painter(field, 'header-name')}${value === '' ? '' : `: ${value}`}`)
  output.line(`  ${node}: ${rule} (${clause}${servedBy(serves)})`)
  if (source === undefined) return
  const step = run.verdict.rows[source]?.number
  output.line(`  from #${source + 1}${step === undefined ? '' : ` (step ${step})`}: ${rowText(run.rows[source]!)}`)
}

const servedBy = (serves: readonly string[]): string => (serves.length === 0 ? '' : `; ${serves.join(', ')}`)

/** Why a header is not there: the rule that took it out, or that nobody put it in. */
function whyAbsent(
  run: FlowRun,
  row: MessageRow,
  header: string,
  present: readonly Origin[],
  json: boolean,
  output: Output,
): void {
  const removal = run.provenance.removalOf(row.message, header)
  if (removal === undefined) {
    const suggestion = nearest(
      header,
      present.map(({ field }) => field),
    )
    const hint = suggestion === undefined ? '' : `; did you mean ${suggestion}?`
    throw new Misuse(`${rowText(row)} has no ${header}, and no node took it out${hint}`)
  }
  const node = run.laneOf(removal.node)
  const { title: rule, clause, serves } = removal.rule
  if (json) return output.json({ type: 'removal', row: row.index, field: header, node, rule, clause, serves })
  output.line(output.painter(rowText(row), 'strong'))
  output.line(`${output.painter(header, 'header-name')} is not there`)
  output.line(`  ${node}: ${rule} (${clause}${servedBy(serves)})`)
  output.line()
}
