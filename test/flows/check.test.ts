import { describe, expect, it } from 'vitest'
import { checkSequence, lanesOf } from '../../src/flow/checker/checker.ts'
import type { Verdict } from '../../src/flow/checker/verdict.ts'
import { readFlow } from '../../src/flow/flow.ts'
import type { Group, Item, Step } from '../../src/flow/ladder/expectation.ts'
import { runFlow } from '../../src/flow/run.ts'
import { annex, flowOf, ids, textOf } from './catalogue.ts'

/** A step and the lines of the file (from 0, the last one excluded) that are its own: header and blocks. */
interface Written {
  readonly step: Step
  readonly from: number
  readonly to: number
}

function stepsOf(id: string): Written[] {
  const lines = textOf(id).split('\n')
  return flowOf(id).expect.steps.map((step) => {
    const from = step.place.line - 1
    let to = from
    for (let depth = 0; to < lines.length; to++) {
      depth += lines[to]!.split('{').length - lines[to]!.split('}').length
      if (depth === 0 && !/^\s*[[{]/.test(lines[to + 1] ?? '')) break
    }
    return { step, from, to: to + 1 }
  })
}

/** Steps that follow each other in a group whose order counts. */
function neighbours(items: readonly Item[], isOrdered: boolean): [Step, Step][] {
  const pairs = items.flatMap((item, i): [Step, Step][] => {
    if (isGroup(item)) return neighbours(item.items, item.kind !== 'unordered')
    const next = items[i + 1]
    return isOrdered && next !== undefined && !isGroup(next) ? [[item, next]] : []
  })
  return pairs
}

const isGroup = (item: Item): item is Group => 'items' in item

/** A text in which no line names a request any more, for ladders from which that request is gone. */
const withoutName = (text: string, line: string): string => {
  const name = /as \$(\w+)/.exec(line)?.[1]
  if (name === undefined) return text
  const method = /: (?!XCAP|HTTP)(\w+)/.exec(line)?.[1]
  return text.replaceAll(` to $${name}`, method === undefined ? '' : ` (${method})`)
}

/** Number, sender, arrow and receiver of a line; the names of lanes may have blanks in them. */
const lanesOfLine = /^(\s*(?:\d\S*\s+)?)(\S.*?)( (?:->|<->|~>) )(\S.*?)(?= : )/

const mutations: readonly (readonly [what: string, isInternal: boolean, change: (line: string) => string])[] = [
  [
    'method or command',
    false,
    (line) =>
      line
        .replace(/ : (Cx )?(?!XCAP|HTTP)[A-Z]+\b/, (_, cx?: string) =>
          cx ? (line.includes('UAR') ? ' : Cx LIR' : ' : Cx UAR') : ' : INFO',
        )
        .replace(/ : (XCAP|HTTP) [A-Z]+\b/, ' : $1 POST')
        .replace(/ : HTTP [24]\d\d(?: \([A-Za-z ]+\))?/, ' : HTTP 404')
        .replace(/ : [24]\d\d/, ' : 404'),
  ],
  ['sender', false, (line) => line.replace(lanesOfLine, '$1OTHER$3$4')],
  ['receiver', false, (line) => line.replace(lanesOfLine, '$1$2$3OTHER')],
  ['name', true, (line) => line.replace(/ :: .*?( \[| \{|$)/, ' :: do something else$1')],
  ['node', true, (line) => line.replace(/^(\s*(?:\d\S*\s+)?)\S.*?( :: )/, '$1OTHER$2')],
]

describe.each(ids)('%s goes as its ladder says', (id) => {
  const flow = flowOf(id)

  it.each([false, true])('each line is met by a row of its own (over the wire: %s)', (wire) => {
    const { verdict } = runFlow(flow, { wire })
    expect(verdict.findings).toEqual([])
    expect(verdict.outcome).toBe('pass')
    const met = verdict.steps.filter(({ mark }) => mark !== 'skipped')
    expect(met.map(({ mark }) => mark)).toEqual(met.map(() => 'met'))
    const rows = met.flatMap((step) => [...step.rows])
    expect(rows.length).toBeGreaterThanOrEqual(met.length)
    expect(new Set(rows).size).toBe(rows.length)
  })

  it('has lines and no warnings', () => {
    expect(flow.expect.steps.length).toBeGreaterThan(0)
    expect(flow.warnings).toEqual([])
  })
})

describe.each(annex)('%s: the checker finds exactly what is wrong', (id) => {
  const text = textOf(id)
  const lines = text.split('\n')
  const run = runFlow(flowOf(id))
  const steps = stepsOf(id)

  /** The verdict on the run of this flow if its file had another text. */
  function checked(other: string): Verdict {
    const flow = readFlow(other, id)
    return checkSequence(flow.expect, run.rows, { lanes: lanesOf(flow.topology) })
  }
  const rowsOf = ({ step }: Written): readonly number[] => run.verdict.steps[step.index]!.rows
  const instead = (written: Written, ...other: string[]): string =>
    lines.toSpliced(written.from, written.to - written.from, ...other).join('\n')

  /** `match visible` looks at the internal steps that the ladder names, and at no others. */
  const isUnseen = ({ step }: Written): boolean =>
    run.flow.expect.match === 'visible' &&
    step.kind === 'internal' &&
    !steps.some((other) => other.step !== step && other.step.text === step.text)

  it('each line dropped: its rows, and nothing else, are extra', () => {
    for (const one of steps) {
      const verdict = checked(withoutName(instead(one), lines[one.from]!))
      if (isUnseen(one)) {
        expect(verdict.findings, one.step.text).toEqual([])
        continue
      }
      expect(verdict.outcome, one.step.text).toBe('fail')
      expect(
        verdict.findings.map(({ kind }) => kind),
        one.step.text,
      ).toEqual(['extra'])
      expect(verdict.findings[0]!.rows, one.step.text).toEqual(rowsOf(one))
    }
  })

  it('each line swapped with its successor: one of the two, and nothing else, is out of order', () => {
    const pairs = neighbours(run.flow.expect.items, true)
    expect(pairs.length).toBeGreaterThan(steps.length > 6 ? 3 : 1)
    for (const [first, second] of pairs) {
      const [one, next] = [steps[first.index]!, steps[second.index]!]
      // A line has to stand behind the one that gives the name it uses.
      if (
        /as \$(\w+)/.exec(lines[one.from]!)?.[1] === /to \$(\w+)/.exec(lines[next.from]!)?.[1] &&
        /to \$/.test(lines[next.from]!)
      )
        continue
      const swapped = [
        ...lines.slice(0, one.from),
        ...lines.slice(next.from, next.to),
        ...lines.slice(one.to, next.from),
        ...lines.slice(one.from, one.to),
        ...lines.slice(next.to),
      ].join('\n')
      const { outcome, findings } = checked(swapped)
      expect(outcome, first.text).toBe('fail')
      expect(
        findings.map(({ kind }) => kind),
        first.text,
      ).toEqual(['reordered'])
      expect([first.number, second.number], first.text).toContain(findings[0]!.number)
    }
  })

  it.each(mutations)(
    'each line with another %s: that line, and nothing else, is wrong',
    (_what, isInternal, change) => {
      const concerned = steps.filter(({ step }) => (step.kind === 'internal') === isInternal)
      for (const one of concerned) {
        const { from, to, index } = one.step
        const line = lines[one.from]!
        // Where the ladder shows no third lane, one of the other nodes will do.
        const { lanes: shown, nodes } = run.flow.topology
        const other = [...shown, ...Object.keys(nodes)].find((lane) => lane !== from && lane !== to)!
        const changed = change(line).replace('OTHER', other)
        expect(changed).not.toBe(line)
        const rest = lines.slice(one.from + 1, one.to)
        const verdict = checked(withoutName(instead(one, changed.replace(/ as \$\w+/, ''), ...rest), line))
        expect(verdict.outcome, changed).toBe('fail')
        for (const { step, rows } of verdict.findings)
          expect(step === index || rowsOf(one).some((row) => rows.includes(row)), changed).toBe(true)
      }
    },
  )
})
