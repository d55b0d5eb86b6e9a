import { checkSequence } from '../../src/flow/checker/checker.ts'
import type { Verdict } from '../../src/flow/checker/verdict.ts'
import { printFlowError, sourceText } from '../../src/flow/flow-error.ts'
import type { Ladder } from '../../src/flow/ladder/expectation.ts'
import { readLadder } from '../../src/flow/ladder/ladder.ts'
import { inOrder, type Loose, lanes } from './rows.ts'

/** A ladder that must be right; warnings are let through. */
export function ladderOf(text: string): Ladder {
  const names = lanes.map(({ name }) => name)
  const { ladder, problems } = readLadder(text, sourceText(text, 'x'), { line: 1, column: 1 }, names)
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map(printFlowError).join('\n'))
  return ladder
}

export function check(ladder: string, rows: readonly Loose[]): Verdict {
  return checkSequence(ladderOf(ladder), inOrder(rows), { lanes })
}

/** A verdict in short: `pass`, or kind, step and what differs of each finding. */
export function gist(verdict: Verdict): string[] {
  if (verdict.outcome === 'pass') return ['pass']
  return verdict.findings.map(({ kind, number, differences, rows }) => {
    const what = [...new Set(differences.map((one) => one.what))].join(', ')
    return `${kind} ${number ?? `at ${rows.join(' ')}`}${what === '' || kind === 'missing' ? '' : `: ${what}`}`
  })
}
