import { readFileSync } from 'node:fs'
import { runFlow } from '../flow/run.ts'
import { openTerminal } from '../ui/terminal.ts'
import { catalogueOf } from './catalogue.ts'
import { exitCode, Misuse } from './exit-code.ts'
import { flowFileOf, loadFlow } from './flow-files.ts'
import type { Output } from './output.ts'
import { type LadderOptions, run, runOptions, writeLadder } from './run.ts'

/** A recorded run: what is needed to run it again, since the past is recomputed and not stored. */
interface Recorded {
  readonly flow: string
  readonly seed: number
  readonly wire: boolean
  readonly digest: string
}

/** `presim view`: shows a flow, or a run recorded by `presim run --json`, in the terminal; its ladder without one. */
export async function view(name: string, options: LadderOptions, output: Output): Promise<number> {
  const recorded = recordedRun(name)
  const flow = recorded?.flow ?? name
  const chosen = recorded === undefined ? options : { ...options, seed: recorded.seed, wire: recorded.wire }
  if (recorded !== undefined) compare(recorded, name, output)
  if (options.json) return run(flow, chosen, output)
  if (!output.isTerminal) {
    writeLadder(runFlow(loadFlow(flow), runOptions(chosen)), chosen, output)
    return exitCode.ok
  }
  flowFileOf(flow)
  await openTerminal(catalogueOf([flow], runOptions(chosen)), terminalOptions(output, options, flow))
  return exitCode.ok
}

/** `presim` alone: the catalogue in the terminal. */
export async function openCatalogue(options: LadderOptions, output: Output): Promise<number> {
  await openTerminal(catalogueOf([], runOptions(options)), terminalOptions(output, options, undefined))
  return exitCode.ok
}

const terminalOptions = ({ colours, isUnicode }: Output, options: LadderOptions, flow: string | undefined) => ({
  flow,
  colours,
  unicode: isUnicode && !options.ascii,
})

/** A run that differs from its record was recorded by another presim, or of another flow file. */
function compare({ flow, seed, wire, digest }: Recorded, file: string, output: Output): void {
  const now = runFlow(loadFlow(flow), { seed, wire }).digest
  if (now !== digest)
    output.error(
      `${file}: the run has digest ${now} now, ${digest} when it was recorded: ${flow} or presim has changed`,
    )
}

/** The record in a file of NDJSON; undefined if the name is not that of such a file. */
function recordedRun(name: string): Recorded | undefined {
  if (!/\.(nd)?jsonl?$/.test(name)) return undefined
  const lines = textOf(name)
    .split('\n')
    .filter((line) => line !== '')
  const objects = lines.map((line, i) => objectOf(line, name, i + 1))
  const start = objects.find(({ type }) => type === 'run')
  const end = objects.find(({ type }) => type === 'end')
  if (start === undefined || end === undefined)
    throw new Misuse(`${name}:1:1: this is no recorded run; expected what \`presim run <flow> --json\` prints`)
  return { flow: String(start.flow), seed: Number(start.seed), wire: start.wire === true, digest: String(end.digest) }
}

function objectOf(line: string, file: string, number: number): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch (error) {
    throw new Misuse(`${file}:${number}:1: this is no JSON: ${error instanceof Error ? error.message : error}`)
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Misuse(`${file} can not be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
