import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ansiPainter } from '../../src/render/ansi.ts'
import { ascii } from '../../src/render/glyphs.ts'
import { plain } from '../../src/render/span.ts'
import { textWidth } from '../../src/render/width.ts'
import { frame } from '../../src/ui/frame.ts'
import { bindings } from '../../src/ui/keys.ts'
import type { State } from '../../src/ui/model.ts'
import { reduce } from '../../src/ui/state.ts'
import { demoCatalogue, demoSession, longSession, wrongChart } from './demo.ts'
import { press, start } from './walk.ts'

const screen = (state: State) =>
  `${frame(state, plain)
    .map((line) => line.trimEnd())
    .join('\n')}\n`

describe('the screen', () => {
  it.each([
    ['list-80x24', start(), ''],
    ['about-80x24', start('A.3.2.1'), ''],
    ['raw-80x24', start('A.3.2.1'), 'n n n n'],
    ['headers-160x45', start('A.3.2.1', { columns: 160, rows: 45 }), 'n n n n l'],
    ['body-100x40', start('A.3.2.1', { columns: 100, rows: 40 }), ': 1 5 enter l l'],
    ['why-80x24', start('A.3.2.1'), 'n n !'],
    ['state-80x24', start('A.3.2.1'), 'n n n n n o'],
    ['end-60x15', start('A.3.2.1', { columns: 60, rows: 15 }), 'G N N N'],
    ['help-100x30', start('A.3.2.1', { columns: 100, rows: 30 }), '?'],
    ['small-50x10', start('A.3.2.1', { columns: 50, rows: 10 }), ''],
  ] as const)('%s', async (name, state, keys) => {
    await expect(screen(press(state, keys))).toMatchFileSnapshot(`golden/${name}.txt`)
  })

  it('shows what a check found wrong, above the message and in the beginning', () => {
    const catalogue = { ...demoCatalogue(), open: () => demoSession('A.3.2.1', wrongChart()) }
    const state = start('A.3.2.1', { columns: 100, rows: 40 }, catalogue)
    expect(screen(state)).toContain('✗ 1 finding')
    expect(frame(state, plain)[22]!.trim()).toBe('✗ 1 thing is not as expected:')
    expect(screen(state)).toContain('  wrong header at step 2: expected Max-Forwards: 69; happened P-CSCF -> S-CSCF#1')
    const second = screen(press(state, 'n n'))
    expect(second).toContain('wrong header: expected Max-Forwards: 69\n')
    expect(second).toContain('  Max-Forwards should be 69, is 70 (P-CSCF, RFC 3261 §16.6)')
  })

  it('has no state to show of what is no node', () => {
    const session = demoSession()
    const trace = session.trace.map((event) => ({ ...event, node: 'world' }))
    const stateAt = () => {
      throw new Error('nobody is at world')
    }
    const catalogue = { ...demoCatalogue(), open: () => ({ ...session, trace, stateAt }) }
    expect(screen(press(start('A.3.2.1', undefined, catalogue), 'n o'))).toContain('world is no node of the flow.')
  })

  it('dims what has not happened yet, unless all is asked for', () => {
    const painter = ansiPainter('sixteen')
    const last = (state: State) => frame(state, painter)[11]!
    const state = start('A.3.2.1')
    expect(last(state)).toMatch(/^\x1b\[90m.*SUBSCRIBE.*\x1b\[0m$/)
    expect(last(press(state, 'a'))).toContain('\x1b[36m')
    expect(last(press(state, 'G g a a'))).toMatch(/^\x1b\[90m/)
  })

  it('marks the line under the cursor in inverse from edge to edge, and with a sign', () => {
    const line = frame(press(start('A.3.2.1'), 'n'), ansiPainter('mono'))[3]!
    expect(line).toMatch(/^\x1b\[7m▸ .*\x1b\[0m$/)
  })

  it('has no colour without colours, and no escape at all for a plain terminal', () => {
    const lines = (colours: 'mono' | 'none') => frame(press(start('A.3.2.1'), 'n l'), ansiPainter(colours)).join('')
    expect(
      lines('mono')
        .match(/\x1b\[[^m]*m/g)!
        .every((code) => /^\x1b\[[0127]m$/.test(code)),
    ).toBe(true)
    expect(lines('none')).not.toContain('\x1b')
  })

  it('is all ASCII where nothing else can be shown', () => {
    let state: State = { ...start('A.3.2.1'), glyphs: ascii }
    for (const keys of ['', 'n', 'n', '!', 'o', '?', 'q', ': 4']) {
      state = press(state, keys)
      expect(frame(state, plain).join('')).toMatch(/^[\x20-\x7e]*$/)
    }
  })
})

describe('any walk through the terminal', () => {
  const keys = [...new Set(bindings.flatMap((binding) => binding.keys))].filter(
    (key) => key !== 'Q' && key !== 'ctrl-c',
  )
  const sizes = [
    { columns: 60, rows: 15 },
    { columns: 80, rows: 24 },
    { columns: 131, rows: 17 },
    { columns: 160, rows: 45 },
    { columns: 40, rows: 8 },
    { columns: 1, rows: 1 },
  ]
  const action = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...keys).map((key) => ({ do: 'key', key }) as const) },
    { weight: 2, arbitrary: fc.constantFrom(...'1245Sx#').map((key) => ({ do: 'key', key }) as const) },
    { weight: 2, arbitrary: fc.constantFrom(...sizes).map((size) => ({ do: 'resize', size }) as const) },
    { weight: 2, arbitrary: fc.nat(9000).map((millis) => ({ do: 'tick', millis }) as const) },
  )

  it('gives screens of exactly the size of the terminal', () => {
    fc.assert(
      fc.property(fc.constantFrom(undefined, 'A.3.2.1'), fc.array(action, { maxLength: 60 }), (flow, actions) => {
        let state = start(flow)
        for (const one of actions) {
          state = reduce(state, one)
          const lines = frame(state, plain)
          expect(lines).toHaveLength(state.size.rows)
          expect(lines.filter((line) => textWidth(line) !== state.size.columns)).toEqual([])
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('a hundred thousand messages', () => {
  /** How many rows are looked at for a step back at the end of a run, and the frame after it. */
  function rowsLookedAt(count: number): number {
    const session = longSession(count)
    let looks = 0
    const rows = new Proxy(session.chart.rows, {
      get(target, name, receiver) {
        if (typeof name === 'string' && /^\d+$/.test(name)) looks++
        return Reflect.get(target, name, receiver)
      },
    })
    const open = () => ({ ...session, chart: { ...session.chart, rows } })
    let state = press(start('A.3.2.1', { columns: 160, rows: 45 }, { ...demoCatalogue(), open }), 'G')
    frame(state, plain)
    looks = 0
    state = press(state, 'N')
    frame(state, plain)
    return looks
  }

  it('cost a frame no more than a hundred do', () => {
    expect(rowsLookedAt(100)).toBeGreaterThan(20)
    expect(rowsLookedAt(100_000)).toBeLessThanOrEqual(rowsLookedAt(100))
  })
})
