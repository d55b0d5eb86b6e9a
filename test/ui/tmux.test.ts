import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const entry = join(root, 'dist/cli/presim.js')

/** Why the tests can't be run here; undefined if they can. */
function obstacle(): string | undefined {
  if (!existsSync(entry)) return 'presim is not built: npm run build'
  try {
    execFileSync('tmux', ['-V'], { stdio: 'pipe' })
    return undefined
  } catch {
    return 'tmux is not installed'
  }
}

const reason = obstacle()
/** Each test has a server of its own: one that is going down takes no new sessions. */
let socket = ''
let servers = 0
const tmux = (...args: string[]): string =>
  execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8', stdio: 'pipe' })

const screen = (): string[] =>
  tmux('capture-pane', '-p', '-t', 'main')
    .split('\n')
    .map((line) => line.trimEnd())

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** Waits until the screen is as it should be; fails with what it shows instead. */
async function until(what: string, holds: (lines: string[]) => boolean, millis = 10_000): Promise<string[]> {
  const deadline = Date.now() + millis
  for (;;) {
    const lines = screen()
    if (holds(lines)) return lines
    if (Date.now() > deadline) throw new Error(`${what} did not come; the screen is:\n${lines.join('\n')}`)
    await pause(50)
  }
}

const shows = (text: string) => (lines: string[]) => lines.some((line) => line.includes(text))

/** Opens a shell in a terminal of this size. */
async function openShell(columns: number, rows: number): Promise<void> {
  socket = `presim-test-${process.pid}-${servers++}`
  tmux('new-session', '-d', '-s', 'main', '-x', String(columns), '-y', String(rows), 'env PS1="$ " bash --norc')
  await until('the prompt', shows('$'))
}

/** Opens a shell in which something was printed before, and presim in it. */
async function open(columns: number, rows: number, ...args: string[]): Promise<void> {
  await openShell(columns, rows)
  const command = [process.execPath, entry, ...args].map((word) => `'${word}'`).join(' ')
  type(`clear; echo before; ${command}; echo left with $?`, 'Enter')
}

const type = (...keys: string[]) => tmux('send-keys', '-t', 'main', ...keys)

afterEach(() => {
  if (reason !== undefined) return
  try {
    tmux('kill-server')
  } catch {
    // It is gone with its last session.
  }
})

describe.skipIf(reason !== undefined)(`presim in tmux${reason === undefined ? '' : ` (skipped: ${reason})`}`, () => {
  it('lists the flows, opens one, steps forward and back, and leaves no trace', async () => {
    await open(80, 24)
    const list = await until('the list', shows('flow by flow'))
    expect(list.some((line) => line.includes('A.3.2.1'))).toBe(true)
    type('/', 'A.3.2.1', 'Enter', 'Enter')
    const about = await until('the flow', shows('About A.3.2.1'))
    for (const lane of ['UE', 'P-CSCF', 'S-CSCF#1', 'I-CSCF', 'HSS', 'S-CSCF#2', 'PS']) expect(about[2]).toContain(lane)
    type('n')
    await until('step 1', shows('step 1 SUBSCRIBE, UE → P-CSCF'))
    type('Right', 'Down')
    await until('step 3', shows('step 3 S-CSCF#1: evaluate initial'))
    type('N')
    await until('step 2', shows('step 2 SUBSCRIBE, P-CSCF → S-CSCF#1'))
    type('!')
    await until('the reasons', shows('TS 24.229'))
    type('q')
    await until('the list', shows('flow by flow'))
    type('q')
    const lines = await until('the shell', shows('left with 0'))
    expect(lines.slice(0, 2)).toEqual(['before', 'left with 0'])
  })

  it('is as large as the terminal at 160×45 and after each resize, and leaves it clean then too', async () => {
    await open(160, 45, 'view', 'A.3.2.1')
    await until('both panes side by side', (lines) => /│── About A\.3\.2\.1/.test(lines[1] ?? ''))
    for (const [columns, rows] of [
      [80, 24],
      [60, 15],
      [120, 40],
    ] as const) {
      tmux('resize-window', '-t', 'main', '-x', String(columns), '-y', String(rows))
      const lines = await until(`the hints in row ${rows}`, (now) => now[rows - 1]?.includes('? help') === true)
      expect(lines[0]).toMatch(/^ A\.3\.2\.1/)
    }
    tmux('resize-window', '-t', 'main', '-x', '50', '-y', '10')
    await until('the request for more room', shows('presim needs 60 columns and 15 rows;'))
    tmux('resize-window', '-t', 'main', '-x', '100', '-y', '30')
    await until('the ladder', (now) => now[29]?.includes('? help') === true)
    type('q')
    const lines = await until('the shell', shows('left with 0'))
    expect(lines.slice(0, 2)).toEqual(['before', 'left with 0'])
  })

  it('gives the terminal back on Ctrl-C, with its echo', async () => {
    await open(80, 24, 'view', 'A.3.2.1')
    await until('the ladder', shows('About A.3.2.1'))
    type('C-c')
    await until('the shell', shows('left with 0'))
    type('echo typed', 'Enter')
    await until(
      'what was typed',
      (lines) => lines.includes('typed') && lines.some((line) => line.endsWith('echo typed')),
    )
  })

  it('gives the terminal back when it is terminated', async () => {
    await open(80, 24, 'view', 'A.3.2.1')
    await until('the ladder', shows('About A.3.2.1'))
    const shell = tmux('list-panes', '-t', 'main', '-F', '#{pane_pid}').trim()
    const child = execFileSync('pgrep', ['-P', shell], { encoding: 'utf8' }).trim()
    process.kill(Number(child), 'SIGTERM')
    const lines = await until('the shell', shows('left with 143'))
    expect(lines[0]).toBe('before')
    expect(tmux('display-message', '-p', '-t', 'main', '#{alternate_on} #{cursor_flag}').trim()).toBe('0 1')
  })
})
