import { from } from 'rxjs'
import type { Violation } from '../check/check.ts'
import { violations } from '../check/checks.ts'
import { FlowErrors, printFlowError } from '../flow/flow-error.ts'
import { printVerdict, verdictData } from '../flow/report.ts'
import { type FlowRun, runFlow } from '../flow/run.ts'
import { formatSeconds } from '../render/time.ts'
import { exitCode } from './exit-code.ts'
import { flowNames, loadFlow } from './flow-files.ts'
import type { Output } from './output.ts'
import { inkOf, type LadderOptions, runOptions } from './run.ts'

/** `presim check`: runs flows, all of the catalogue if none is named, and holds them against ladders and checks. */
export function check(names: readonly string[], options: LadderOptions, output: Output): number {
  const count = { passed: 0, failed: 0, unreadable: 0 }
  for (const name of names.length > 0 ? names : flowNames()) {
    try {
      count[checkOne(name, options, output) ? 'passed' : 'failed']++
    } catch (error) {
      if (!(error instanceof FlowErrors)) throw error
      count.unreadable++
      for (const one of error.errors) {
        if (options.json) output.json({ type: 'error', flow: name, ...one, text: printFlowError(one) })
        else output.error(printFlowError(one))
      }
    }
  }
  if (options.json) output.json({ type: 'summary', ...count })
  else {
    const unreadable = count.unreadable > 0 ? `, ${count.unreadable} unreadable` : ''
    output.line(`${count.passed} passed, ${count.failed} failed${unreadable}`)
  }
  if (count.unreadable > 0) return exitCode.misuse
  return count.failed > 0 ? exitCode.different : exitCode.ok
}

/** Runs one flow and reports on it; true if it went as expected, and against no check. */
function checkOne(name: string, options: LadderOptions, output: Output): boolean {
  const flow = loadFlow(name)
  for (const warning of flow.warnings) if (!options.json) output.error(printFlowError(warning))
  const run = runFlow(flow, runOptions(options))
  const { verdict, rows, digest, seed, beginsAt } = run
  const found = violationsIn(run)
  if (options.json) {
    output.json({ type: 'verdict', name, seed, digest, ...verdictData(flow, verdict) })
    for (const one of found) output.json({ type: 'violation', name, ...one })
  } else {
    const width = options.width ?? Math.min(120, Math.max(60, output.columns))
    output.write(printVerdict(flow, verdict, rows, { width, paint: inkOf(output), beginsAt }))
    for (const one of found) output.line(printViolation(one, run))
  }
  return verdict.outcome === 'pass' && found.length === 0
}

function violationsIn({ trace }: FlowRun): Violation[] {
  const found: Violation[] = []
  violations(from(trace)).subscribe((one) => found.push(one))
  return found
}

/** What went against which property, of which clause, when and where. */
const printViolation = ({ title, clause, at, node, what }: Violation, { laneOf, beginsAt }: FlowRun): string =>
  `  violated: ${title} (${clause})\n    ${formatSeconds(at - beginsAt)} ${laneOf(node)}: ${what}`
