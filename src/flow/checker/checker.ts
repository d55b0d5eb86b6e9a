/** The checker: holds what happened against a flow's ladder and gives the verdict. */

import { otherNames, type Topology } from '../form/topology.ts'
import type { Ladder } from '../ladder/expectation.ts'
import { findingsOf } from './findings.ts'
import { isRepeated, type Matching, matchLadder } from './matching.ts'
import type { MessageRow, SequenceRow } from './sequence.ts'
import type { CheckContext, Finding, RowMark, RowVerdict, StepMark, StepVerdict, Verdict } from './verdict.ts'

/** The lanes of a flow's topology with all the names of their hosts. */
export function lanesOf(topology: Topology): CheckContext['lanes'] {
  return Object.entries(topology.nodes).map(([name, node]) => ({ name, hosts: [node.host, ...otherNames(node)] }))
}

/** The verdict on a sequence of rows, which are in the order in which things happened. */
export function checkSequence(ladder: Ladder, rows: readonly SequenceRow[], context: CheckContext): Verdict {
  const matching = matchLadder(ladder, rows, context)
  const findings = findingsOf(ladder, rows, matching, context)
  const steps = stepVerdicts(ladder, matching, findings)
  return {
    outcome: findings.length === 0 ? 'pass' : 'fail',
    match: ladder.match,
    findings,
    steps,
    rows: rowVerdicts(ladder, rows, matching, findings, steps),
  }
}

function stepVerdicts(ladder: Ladder, matching: Matching, findings: readonly Finding[]): StepVerdict[] {
  const rows = new Map<number, number[]>()
  const skipped = new Set<number>()
  for (const leaf of matching.leaves) {
    const fit = matching.fits.get(leaf.index)
    const own = rows.get(leaf.step.index) ?? []
    rows.set(leaf.step.index, [...own, ...(fit?.rows ?? []).map((row) => row.index)])
    if (matching.skipped.has(leaf.index)) skipped.add(leaf.step.index)
  }
  return ladder.steps.map(({ index, number, evidence }) => {
    const own = findings.flatMap((finding, i) => (finding.step === index ? [i] : []))
    const finding = own.map((i) => findings[i]!)[0]
    const taken = finding?.kind === 'reordered' ? finding.rows : rows.get(index)!
    return { step: index, number, evidence, mark: stepMark(finding, skipped.has(index)), rows: taken, findings: own }
  })
}

function stepMark(finding: Finding | undefined, skipped: boolean): StepMark {
  if (skipped) return 'skipped'
  if (finding === undefined) return 'met'
  return finding.kind === 'missing' || finding.kind === 'reordered' ? finding.kind : 'wrong'
}

function rowVerdicts(
  ladder: Ladder,
  rows: readonly SequenceRow[],
  matching: Matching,
  findings: readonly Finding[],
  steps: readonly StepVerdict[],
): RowVerdict[] {
  const stepOf = new Map<number, StepVerdict>()
  for (const step of steps) for (const row of step.rows) stepOf.set(row, step)
  const found = new Map<number, number[]>()
  findings.forEach((finding, i) => {
    for (const row of finding.rows) found.set(row, [...(found.get(row) ?? []), i])
  })
  return rows.map((row) => {
    const own = found.get(row.index) ?? []
    const original = isRepeated(row) ? matching.journeys.original(row as MessageRow) : undefined
    const step = stepOf.get(row.index)
    const named = step ?? (original && stepOf.get(original.index))
    const mark = rowMark(
      row,
      step,
      own.map((i) => findings[i]!),
    )
    return {
      row: row.index,
      mark,
      step: step?.step,
      number: named?.number,
      evidence: step === undefined ? undefined : ladder.steps[step.step]!.evidence,
      findings: own,
    }
  })
}

function rowMark(row: SequenceRow, step: StepVerdict | undefined, findings: readonly Finding[]): RowMark {
  if (findings.some(({ kind }) => kind === 'forbidden')) return 'forbidden'
  if (findings.some(({ kind }) => kind === 'extra')) return 'extra'
  if (step === undefined) return isRepeated(row) ? 'repeated' : 'free'
  if (step.mark === 'reordered') return 'reordered'
  const own = findings.filter(({ kind }) => kind !== 'missing')
  return own.length > 0 ? 'wrong' : 'met'
}
