/**
 * The flows of the catalogue, held against ladders from which one line was dropped, swapped or changed: each change
 * must be found, and found where it was made.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkSequence, lanesOf } from '../../src/flow/checker/checker.ts'
import type { Verdict } from '../../src/flow/checker/verdict.ts'
import { readFlow } from '../../src/flow/flow.ts'
import { runFlow } from '../../src/flow/run.ts'
import { gist } from './check.ts'

const ids = ['A.3.2.1', 'A.4.2.1', 'A.5.2.1']
const textOf = (id: string): string => readFileSync(new URL(`../../flows/${id}.flow.yaml`, import.meta.url), 'utf8')
const runs = new Map(ids.map((id) => [id, runFlow(readFlow(textOf(id), id))]))

/** The verdict on the run of a flow with another text of its file. */
function checked(id: string, text: string): Verdict {
  const flow = readFlow(text, id)
  return checkSequence(flow.expect, runs.get(id)!.rows, { lanes: lanesOf(flow.topology) })
}

/** The first and last line (from 0) of each step: its own line and its blocks. */
function stepsOf(id: string): { number: string; from: number; to: number }[] {
  const lines = textOf(id).split('\n')
  return readFlow(textOf(id), id).expect.steps.map(({ number, place }) => {
    let to = place.line - 1
    for (let depth = 0; ; to++) {
      depth += lines[to]!.split('{').length - lines[to]!.split('}').length
      if (depth === 0 && !/^\s*[[{]/.test(lines[to + 1] ?? '')) break
    }
    return { number: number!, from: place.line - 1, to }
  })
}

describe.each(ids)('%s', (id) => {
  const lines = textOf(id).split('\n')
  const steps = stepsOf(id)

  it('goes as expected', () => {
    expect(gist(checked(id, textOf(id)))).toEqual(['pass'])
  })

  it('has each line of the annex, in its order', () => {
    const count = { 'A.3.2.1': 20, 'A.4.2.1': 8, 'A.5.2.1': 6 }[id]!
    expect(steps.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, i) => String(i + 1)))
  })

  it.each(steps.slice(1).map((step) => [step.number, step] as const))(
    'without line %s: something is extra',
    (_, step) => {
      const dropped = lines.toSpliced(step.from, step.to - step.from + 1).join('\n')
      const names = /as \$(\w+)$/.exec(lines[step.from]!)?.[1]
      const text = names === undefined ? dropped : dropped.replaceAll(`to $${names}`, '(NOTIFY)')
      expect(gist(checked(id, text))).toEqual([expect.stringMatching(/^extra at/)])
    },
  )

  const swaps = steps.slice(0, -1).flatMap((one, i) => {
    const next = steps[i + 1]!
    const between = lines.slice(one.to + 1, next.from)
    const moved = [...lines.slice(next.from, next.to + 1), ...between, ...lines.slice(one.from, one.to + 1)]
    // A request must stay before the lines that name it, and a line in its group.
    if (/sequence|as \$/.test(moved.join('\n'))) return []
    return [[one.number, [...lines.slice(0, one.from), ...moved, ...lines.slice(next.to + 1)].join('\n')] as const]
  })
  it.each(swaps)('line %s after the next one: one is out of order', (_, text) => {
    expect(gist(checked(id, text))).toEqual([expect.stringMatching(/^reordered/)])
  })

  const conditions = lines.flatMap((line, at) => {
    const found = at < steps[0]!.from ? null : /^\s+([A-Z][\w-]+): \S/.exec(line)
    return found === null ? [] : [[at, found[1]!] as const]
  })
  it.each(conditions)('with another value in line %i (%s): that is found', (at, name) => {
    const text = lines.with(at, lines[at]!.replace(/: (<[^>]*>|[^\s;,]+)/, ': wrong')).join('\n')
    expect(gist(checked(id, text))).toEqual([expect.stringMatching(new RegExp(`^wrong (header|fact) \\d+: ${name}`))])
  })
})
