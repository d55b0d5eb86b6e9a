import { type Matrix, matrixOf } from '../flow/matrix.ts'
import { type FlowRun, runFlow } from '../flow/run.ts'
import type { VisibleComponent } from '../presence/server/visibility.ts'
import { pad, textWidth } from '../render/width.ts'
import { exitCode } from './exit-code.ts'
import { loadFlow } from './flow-files.ts'
import type { Output } from './output.ts'
import { type LadderOptions, runOptions } from './run.ts'
import { rowsOfStep } from './why.ts'

/** What `matrix` can be told. */
export interface MatrixOptions extends LadderOptions {
  readonly at?: string
}

/** `presim matrix`: who may see what of whom, and which rules decide it, at a step of a flow or at its end. */
export function matrix(name: string, options: MatrixOptions, output: Output): number {
  const run = runFlow(loadFlow(name), runOptions(options))
  const made = matrixOf(run, options.at === undefined ? run.trace.length : turnsAt(run, options.at))
  if (options.json) writeJson(name, run, made, output)
  else writeMatrix(run, made, options, output)
  return exitCode.ok
}

/** How many turns have happened when a step is done: with the last of its rows. */
const turnsAt = (run: FlowRun, step: string): number => Math.max(...rowsOfStep(run, step).map((row) => row.step)) + 1

function writeJson(name: string, run: FlowRun, { at, turns, cells }: Matrix, output: Output): void {
  output.json({ type: 'matrix', flow: name, seed: run.seed, at: at - run.beginsAt, turns, cells: cells.length })
  for (const cell of cells) output.json({ type: 'cell', ...cell })
}

function writeMatrix(run: FlowRun, { at, cells }: Matrix, options: MatrixOptions, output: Output): void {
  const { painter } = output
  const when = options.at === undefined ? 'at the end' : `after step ${options.at}`
  output.line(painter(`${run.flow.id}  who may see what ${when}, ${(at - run.beginsAt) / 1e6} s`, 'title'))
  if (cells.length === 0) output.line('\nno presence server knows of a presentity or a watcher')
  const columns = ['watcher', 'handling', 'by rule', 'subscription', 'sees']
  for (const presentity of new Set(cells.map((cell) => cell.presentity))) {
    const rows = cells
      .filter((cell) => cell.presentity === presentity)
      .map(({ watcher, handling, rules, subscriptions, visible }) => [
        watcher,
        handling,
        rules.length === 0 ? 'none applies' : rules.join(', '),
        subscriptions.length === 0 ? 'none' : subscriptions.join(', '),
        visible.length === 0 ? 'nothing' : visible.map(componentText).join('; '),
      ])
    output.line()
    output.line(painter(presentity, 'strong'))
    for (const line of table([columns, ...rows])) output.line(`  ${line}`)
  }
}

const componentText = ({ kind, id, attributes }: VisibleComponent): string =>
  `${id === '' ? kind : `${kind} ${id}`}${attributes.length === 0 ? '' : `: ${attributes.join(', ')}`}`

/** Rows with their columns below each other; the last column is as long as it is. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => textWidth(row[column]!))))
  return rows.map((row) => row.map((text, i) => (i === row.length - 1 ? text : pad(text, widths[i]!))).join('  '))
}
