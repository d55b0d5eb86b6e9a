import type { Evidence } from '../flow/ladder/expectation.ts'
import { type FlowRun, runFlow } from '../flow/run.ts'
import { pad } from '../render/width.ts'
import { evidenceOf } from './catalogue.ts'
import { exitCode } from './exit-code.ts'
import { flowNames, loadFlow } from './flow-files.ts'
import type { Output } from './output.ts'

/** `presim list`: the flows, what they are about, how sure the annex is of their steps, and their verdicts. */
export function list(options: { readonly json?: boolean }, output: Output): number {
  const runs = flowNames().map((name) => ({ name, run: runFlow(loadFlow(name)) }))
  const width = Math.max(...runs.map(({ name }) => name.length))
  for (const { name, run } of runs) {
    const { title, clause, expect } = run.flow
    const { outcome } = run.verdict
    const evidence = evidenceOf(run.flow)
    if (options.json) output.json({ type: 'flow', name, clause, title, steps: expect.steps.length, evidence, outcome })
    else writeFlow(pad(name, width), run, evidence, output)
  }
  if (!options.json) {
    output.line()
    output.line('steps: read in the annex, derived from its rules, from memory')
  }
  return exitCode.ok
}

function writeFlow(name: string, { flow, verdict }: FlowRun, evidence: Record<Evidence, number>, output: Output): void {
  const { painter } = output
  const passed = verdict.outcome === 'pass'
  const { read, derived, memory } = evidence
  const counts = `${flow.expect.steps.length} steps (${read} read, ${derived} derived, ${memory} memory)`
  output.line(`${painter(name, 'strong')} ${painter(passed ? 'pass' : 'FAIL', passed ? 'pass' : 'fail')}  ${counts}`)
  output.line(`  ${flow.title}`)
}
