import { afterEach, describe, expect, it } from 'vitest'
import type { Catalogue } from '../../src/ui/session.ts'
import { openTerminal } from '../../src/ui/terminal.ts'
import { demoCatalogue, demoSession } from './demo.ts'
import { FakeTerminal } from './fake-terminal.ts'

let running: { terminal: FakeTerminal; over: Promise<void> } | undefined

/** Opens the terminal UI on a fake terminal. */
function open(columns: number, rows: number, flow?: string, catalogue: Catalogue = demoCatalogue()): FakeTerminal {
  const terminal = new FakeTerminal(columns, rows)
  const { stdin, stdout } = terminal
  const over = openTerminal(catalogue, { flow, colours: 'sixteen', unicode: true, stdin, stdout })
  over.catch(() => {})
  running = { terminal, over }
  return terminal
}

afterEach(async () => {
  running?.terminal.type('Q')
  await running?.over.catch(() => {})
  running = undefined
})

const shows = (text: string) => (lines: string[]) => lines.some((line) => line.includes(text))

describe('cells of the screen', () => {
  it.each([
    [80, 24],
    [160, 45],
    [60, 15],
  ])('at %i columns and %i rows', async (columns, rows) => {
    const terminal = open(columns, rows, 'A.3.2.1')
    await terminal.until('the ladder', shows('About A.3.2.1'))
    expect([terminal.isAlternate, terminal.raw]).toEqual([true, true])
    terminal.type('n')
    const lines = await terminal.until('the first message', shows('step 1 SUBSCRIBE'))
    expect(lines[0]).toMatch(/^ A\.3\.2\.1 .*✓ met {2}1\/21/)
    expect(lines[1]).toContain('home1.net')
    expect(lines[2]).toMatch(/UE +P-CSCF +S-CSCF#1 +I-CSCF +HSS +S-CSCF#2 +PS/)
    expect(lines.at(-1)).toContain('? help')
    // The line under the cursor is inverse from edge to edge; the arrow below it is not.
    const width = columns === 160 ? 90 : columns
    expect([terminal.cell(0, 3), terminal.cell(width - 1, 3)].map(({ inverse }) => inverse)).toEqual([true, true])
    expect(terminal.cell(0, 3).text).toBe('▸')
    expect(terminal.cell(0, 4).inverse).toBe(false)
  })

  it('pins the header while the ladder scrolls', async () => {
    const terminal = open(80, 24, 'A.3.2.1')
    const before = await terminal.until('the ladder', shows('About A.3.2.1'))
    terminal.type('G')
    const after = await terminal.until('the end', shows('step 20'))
    expect(after.slice(1, 3)).toEqual(before.slice(1, 3))
    expect(after[3]).not.toBe(before[3])
  })

  it('follows the size of the terminal, and asks for more of it kindly', async () => {
    const terminal = open(80, 24, 'A.3.2.1')
    await terminal.until('the ladder', shows('About A.3.2.1'))
    terminal.resize(160, 45)
    await terminal.until('the message beside the ladder', (lines) => lines[1]!.includes('│── About A.3.2.1'))
    terminal.resize(50, 10)
    await terminal.until('the request', shows('presim needs 60 columns and 15 rows;'))
    terminal.resize(60, 15)
    const lines = await terminal.until('the ladder', shows('About A.3.2.1'))
    expect(lines).toHaveLength(15)
    expect(lines[0]).toMatch(/^ A\.3\.2\.1/)
    expect(lines[14]).toContain('? help')
  })

  it('plays by the clock', async () => {
    const terminal = open(80, 24, 'A.3.2.1')
    await terminal.until('the ladder', shows('About A.3.2.1'))
    terminal.type('9 ')
    await terminal.until('the end', shows('21/21'))
  })

  it('draws anew on ^L what something else wrote over', async () => {
    const terminal = open(80, 24, 'A.3.2.1')
    await terminal.until('the ladder', shows('About A.3.2.1'))
    terminal.stdout.write('\x1b7\x1b[3;1HNOISE\x1b8')
    await terminal.until('the noise', shows('NOISE'))
    terminal.type('\x0c')
    await terminal.until('a clean screen', (lines) => !shows('NOISE')(lines) && shows('P-CSCF')(lines))
  })
})

describe('the list of flows', () => {
  it('tells how each flow came out, one after the other', async () => {
    const terminal = open(80, 24, undefined, demoCatalogue(['A.5.2.1']))
    const lines = await terminal.until('the outcomes', shows('✗ error'))
    expect(lines.filter((line) => line.endsWith('✓ met'))).toHaveLength(2)
  })

  it('opens a flow and comes back', async () => {
    const terminal = open(80, 24)
    await terminal.until('the list', shows('flow by flow'))
    terminal.type('j\r')
    await terminal.until('the flow', shows('About A.4.2.1'))
    terminal.type('q')
    await terminal.until('the list', shows('flow by flow'))
  })
})

describe('leaving', () => {
  it.each([
    ['q', 'q'],
    ['Ctrl-C', '\x03'],
    ['Q in the help', '?Q'],
  ])('by %s gives the terminal back as it was', async (_, keys) => {
    const terminal = open(80, 24, 'A.3.2.1')
    await terminal.until('the ladder', shows('About A.3.2.1'))
    for (const key of keys) terminal.type(key)
    await running!.over
    expect([terminal.isAlternate, terminal.raw, terminal.lines.join('')]).toEqual([false, false, ''])
  })

  it('because of a bug does so too, and tells what went wrong', async () => {
    const why = () => {
      throw new Error('a bug in why')
    }
    const catalogue = { ...demoCatalogue(), open: () => ({ ...demoSession(), why }) }
    const terminal = open(80, 24, 'A.3.2.1', catalogue)
    await terminal.until('the ladder', shows('About A.3.2.1'))
    terminal.type('n')
    terminal.type('!')
    await expect(running!.over).rejects.toThrow('a bug in why')
    expect([terminal.isAlternate, terminal.raw, terminal.lines.join('')]).toEqual([false, false, ''])
  })

  it('does not happen to a terminal that was never entered, if the flow can not be run', async () => {
    const terminal = open(80, 24, 'A.5.2.1', demoCatalogue(['A.5.2.1']))
    await expect(running!.over).rejects.toThrow('unknown node "S-CSCF#3"')
    expect([terminal.isAlternate, terminal.raw]).toEqual([false, false])
  })
})
