import { messageText } from '../flow/checker/row-text.ts'
import type { SequenceRow } from '../flow/checker/sequence.ts'
import type { Ink } from '../flow/report.ts'
import { printVerdict, verdictData } from '../flow/report.ts'
import { type FlowRun, type RunOptions, runFlow } from '../flow/run.ts'
import { printMessage } from '../message.ts'
import { ascii } from '../render/glyphs.ts'
import type { Style } from '../render/span.ts'
import { printLadder } from '../render/text.ts'
import { chartOf } from './catalogue.ts'
import { exitCode } from './exit-code.ts'
import { loadFlow } from './flow-files.ts'
import type { Output } from './output.ts'

/** What `run` and `view` can be told. */
export interface LadderOptions {
  readonly seed?: number
  readonly wire?: boolean
  readonly json?: boolean
  readonly width?: number
  readonly ascii?: boolean
}

/** The options of the simulation among those of the command line. */
export const runOptions = ({ seed, wire }: LadderOptions): RunOptions => ({
  ...(seed !== undefined && { seed }),
  ...(wire && { wire }),
})

/** `presim run`: runs a flow and prints its ladder and verdict. */
export function run(name: string, options: LadderOptions, output: Output): number {
  const done = runFlow(loadFlow(name), runOptions(options))
  if (options.json) writeJson(name, done, options, output)
  else writeLadder(done, options, output)
  return exitCode.ok
}

/** The ladder, the verdict and the digest, for people. */
export function writeLadder(done: FlowRun, options: LadderOptions, output: Output): void {
  const { flow, verdict, rows, beginsAt } = done
  const width = options.width ?? Math.min(160, Math.max(60, output.columns))
  const glyphs = options.ascii ? ascii : output.glyphs
  output.line(output.painter(`${flow.id}  ${flow.title}`, 'title'))
  output.line()
  for (const line of printLadder(chartOf(done), { width, glyphs, painter: output.painter })) output.line(line)
  output.line()
  output.write(printVerdict(flow, verdict, rows, { width, paint: inkOf(output), beginsAt }))
  output.line(output.painter(`digest ${done.digest}, seed ${done.seed}, ${done.trace.length} events`, 'dim'))
}

const styles: Readonly<Record<Ink, Style>> = {
  good: 'pass',
  bad: 'fail',
  doubtful: 'warn',
  faint: 'dim',
  strong: 'strong',
}

/** The colours of a report. */
export const inkOf =
  (output: Output) =>
  (ink: Ink, text: string): string =>
    output.painter(text, styles[ink])

function writeJson(name: string, done: FlowRun, options: LadderOptions, output: Output): void {
  const { flow, seed, lanes, rows, verdict, digest, trace } = done
  output.json({
    type: 'run',
    flow: name,
    clause: flow.clause,
    title: flow.title,
    seed,
    wire: options.wire === true,
    lanes,
  })
  for (const row of rows) output.json({ type: 'row', ...rowData(row) })
  output.json({ type: 'verdict', ...verdictData(flow, verdict) })
  output.json({ type: 'end', digest, events: trace.length })
}

/** A row as plain data: times in microseconds of virtual time. */
export function rowData(row: SequenceRow): object {
  const { index, step, at, from, to, cause } = row
  const common = { kind: row.kind, index, step, at, from, to, cause }
  if (row.kind === 'internal') {
    const { rule, outcome, facts } = row.decision
    return { ...common, name: rule.step, clause: rule.clause, outcome, facts }
  }
  const { message, arrival, lost, repeated } = row
  const said = { protocol: message.protocol, summary: messageText(message), text: printMessage(message) }
  return { ...common, ...said, arrival, lost, repeated }
}
