import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SequenceRow } from '../../src/flow/checker/sequence.ts'
import type { Chart } from '../../src/render/chart.ts'
import { ascii } from '../../src/render/glyphs.ts'
import { layOut } from '../../src/render/layout.ts'
import { printLadder } from '../../src/render/text.ts'
import { textWidth } from '../../src/render/width.ts'
import { a321, a321Verdict, cx, internalRow, lanes, messageRow, request, response } from './rows.ts'

const chart: Chart = { lanes, rows: a321(), verdict: a321Verdict() }
const print = (width: number, of: Chart = chart) => `${printLadder(of, { width }).join('\n')}\n`

describe('the ladder of A.3.2.1 as text', () => {
  it.each([60, 72, 80, 120, 160])('at %i columns', async (width) => {
    await expect(print(width)).toMatchFileSnapshot(`golden/a321-${width}.txt`)
  })

  it('in ASCII', async () => {
    const lines = printLadder(chart, { width: 80, glyphs: ascii })
    expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/)
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/a321-80-ascii.txt')
  })

  it('has all seven lanes and the name of every message on its arrow at 80 columns', () => {
    const lines = print(80).split('\n')
    for (const { name } of lanes) expect(lines[1]).toContain(` ${name}`)
    expect(lines.filter((line) => /─SUBSCRIBE─*▶/.test(line))).toHaveLength(5)
    expect(lines.filter((line) => /◀─+ ?NOTIFY ?─+│/.test(line))).toHaveLength(3)
    expect(lines.filter((line) => /200 OK/.test(line))).toHaveLength(8)
  })

  it('keeps to its width, the legend too', () => {
    for (let width = 60; width <= 160; width++) {
      for (const line of printLadder(chart, { width })) expect(textWidth(line)).toBeLessThanOrEqual(width)
    }
  })

  it('leaves a chart without a check without marks and steps', () => {
    const lines = print(80, { lanes, rows: a321() }).split('\n')
    expect(lines[1]).toMatch(/^ # {2}time/)
    expect(lines[2]).toMatch(/^ 1 0\.000 {3}│/)
  })

  it('counts times from the beginning of the flow', () => {
    const rows = [messageRow(0, 'UE', 'PS', request('PUBLISH', 'sip:a@b'), 10_040_000)]
    expect(print(80, { lanes, rows, beginsAt: 10_000_000 })).toContain(' 0.040 ')
  })
})

describe('what went otherwise', () => {
  const subscribe = request('SUBSCRIBE', 'sip:user2_public1@home2.net')

  it('a lost message, one sent again, one still on its way, and a step that never happened', async () => {
    const rows: SequenceRow[] = [
      { ...(messageRow(0, 'UE', 'P-CSCF', subscribe) as SequenceRow & { kind: 'message' }), lost: true },
      { ...(messageRow(1, 'UE', 'P-CSCF', subscribe, 500_000) as SequenceRow & { kind: 'message' }), repeated: true },
      {
        ...(messageRow(2, 'P-CSCF', 'PS', subscribe, 505_000) as SequenceRow & { kind: 'message' }),
        arrival: undefined,
      },
    ]
    const row = { step: 0, number: '1', evidence: 'read', findings: [] } as const
    const place = { line: 1, column: 1 }
    const step = { constraints: [], evidence: 'derived', place, text: '' } as const
    const missing = {
      ...step,
      kind: 'hop',
      index: 1,
      number: '2',
      from: 'PS',
      to: 'UE',
      message: { kind: 'response', protocol: 'SIP', status: '200', method: 'SUBSCRIBE', to: undefined },
    } as const
    const of: Chart = {
      lanes,
      rows,
      steps: [{ ...missing, index: 0, number: '1' }, missing],
      verdict: {
        outcome: 'fail',
        match: 'complete',
        findings: [],
        steps: [
          { step: 0, number: '1', evidence: 'read', mark: 'met', rows: [0], findings: [] },
          { step: 1, number: '2', evidence: 'derived', mark: 'missing', rows: [], findings: [] },
        ],
        rows: [
          { ...row, row: 0, mark: 'met' },
          { ...row, row: 1, mark: 'repeated' },
          { ...row, row: 2, mark: 'extra', step: undefined, number: undefined, evidence: undefined },
        ],
      },
    }
    await expect(print(100, of)).toMatchFileSnapshot('golden/otherwise-100.txt')
  })

  it('puts a missing step before the first row of a later step', () => {
    const rows = [messageRow(0, 'UE', 'PS', subscribe), messageRow(1, 'PS', 'UE', response(200, 'OK'))]
    const verdictOf = (mark: 'met' | 'missing', step: number, row: number[]) =>
      ({ step, number: String(step + 1), evidence: 'read', mark, rows: row, findings: [] }) as const
    const internal = (index: number) =>
      ({ kind: 'internal', index, number: String(index + 1), name: `s${index}` }) as const
    const common = {
      from: 'PS',
      to: 'PS',
      evidence: 'read',
      constraints: [],
      place: { line: 1, column: 1 },
      text: '',
    } as const
    const layout = layOut(
      {
        lanes,
        rows,
        steps: [0, 1, 2].map((index) => ({ ...common, ...internal(index) })),
        verdict: {
          outcome: 'fail',
          match: 'complete',
          findings: [],
          steps: [verdictOf('met', 0, [0]), verdictOf('missing', 1, []), verdictOf('met', 2, [1])],
          rows: [],
        },
      },
      { width: 80 },
    )
    expect([0, 1, 2].map((index) => layout.lines.line(index).kind)).toEqual(['message', 'missing', 'message'])
    expect([0, 1].map((row) => layout.lines.indexOf(row))).toEqual([0, 2])
  })

  it('shows a lane that only the run has', () => {
    const rows = [messageRow(0, 'PS', 'RLS', cx('LIR'))]
    expect(print(120, { lanes, rows }).split('\n')[1]).toMatch(/PS +RLS$/)
  })
})

describe('any ladder', () => {
  const name = fc.string({ unit: fc.constantFrom('A', 'S', '#', '1', '-', '日'), minLength: 1, maxLength: 12 })
  const anyChart = fc
    .record({
      names: fc.uniqueArray(name, { minLength: 2, maxLength: 10 }),
      ends: fc.array(fc.tuple(fc.nat(), fc.nat())),
    })
    .map(({ names, ends }): Chart => {
      const rows = ends.map(([a, b], index) => {
        const [from, to] = [names[a % names.length]!, names[b % names.length]!]
        if (from === to) return internalRow(index, from, 'evaluate initial filter criteria', 'none')
        return messageRow(index, from, to, a % 2 ? response(200, 'OK') : request('SUBSCRIBE', 'sip:a@b'))
      })
      return { lanes: names.map((lane, index) => ({ name: lane, network: `home${index >> 2}.net` })), rows }
    })

  it('fits its width, with all lifelines apart and inside', () => {
    fc.assert(
      fc.property(anyChart, fc.integer({ min: 60, max: 200 }), (of, width) => {
        for (const line of printLadder(of, { width })) expect(textWidth(line)).toBeLessThanOrEqual(width)
        const xs = layOut(of, { width }).lanes.map(({ x }) => x)
        xs.forEach((x, index) => {
          expect(x).toBeLessThan(width)
          if (index > 0) expect(x - xs[index - 1]!).toBeGreaterThanOrEqual(2)
        })
      }),
    )
  })
})
