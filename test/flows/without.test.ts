import { describe, expect, it } from 'vitest'
import type { FlowRun } from '../../src/flow/run.ts'
import { runFlow } from '../../src/flow/run.ts'
import type { Message } from '../../src/message.ts'
import { annex, flowOf } from './catalogue.ts'

/** The rules by which the messages that the ladder shows were made, each in the turn that sent it. */
function rulesIn({ trace, rows }: FlowRun): string[] {
  const found = new Set<string>()
  for (const row of rows) {
    if (row.kind !== 'message') continue
    let made: Message | undefined = row.message
    for (const effect of trace[row.step]!.effects.toReversed()) {
      if (effect.kind !== 'amend' || effect.after !== made) continue
      found.add(effect.rule.id)
      made = effect.before ?? made
    }
  }
  return [...found]
}

/** What a run without a rule comes to; a run that breaks over it is found as well. */
function outcome(id: string, rule: string): { readonly digest: string; readonly passes: boolean } {
  try {
    const { digest, verdict } = runFlow(flowOf(id), { without: [rule] })
    return { digest, passes: verdict.outcome === 'pass' }
  } catch {
    return { digest: 'broken', passes: false }
  }
}

describe.each(annex)('%s: the ladder knows each rule by what it does', (id) => {
  const run = runFlow(flowOf(id))
  const rules = rulesIn(run)

  it('has rules', () => {
    expect(rules.length).toBeGreaterThan(run.rows.length > 8 ? 10 : 4)
  })

  it.each(rules)('without "%s" the flow fails, unless nothing changes', (rule) => {
    const { digest, passes } = outcome(id, rule)
    expect(passes).toBe(digest === run.digest)
  })

  it('most rules make a difference', () => {
    const idle = rules.slice(0, 12).filter((rule) => outcome(id, rule).digest === run.digest)
    expect(idle.length).toBeLessThan(6)
  })
})
