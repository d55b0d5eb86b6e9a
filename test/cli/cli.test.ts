import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { objects, presim, root, temporary } from './presim.ts'

const flows = ['A.3.2.1', 'A.4.2.1', 'A.5.2.1']
const textOf = (flow: string): string => readFileSync(join(root, 'flows', `${flow}.flow.yaml`), 'utf8')

describe('presim without a terminal', () => {
  const ran = presim([])

  it('runs A.3.2.1 and prints its ladder and verdict', () => {
    expect(ran.status).toBe(0)
    expect(ran.out).toMatch(/^A\.3\.2\.1 {2}Watcher and presentity in different networks/)
    expect(ran.out).toContain('evaluate initial filter criteria')
    expect(ran.out).toMatch(/^A\.3\.2\.1 {2}pass: 20 of 20 steps met$/m)
    expect(ran.out).toMatch(/^digest [0-9a-f]{16}, seed 1, \d+ events$/m)
  })
  it('prints no escape code', () => {
    expect(ran.out).not.toContain('\x1b')
  })
  it('colours when FORCE_COLOR asks for it, but not against NO_COLOR', () => {
    expect(presim([], { env: { FORCE_COLOR: '1' } }).out).toContain('\x1b[')
    expect(presim([], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }).out).not.toContain('\x1b')
  })
  it('keeps to ASCII where the locale knows no more', () => {
    const { out } = presim([], { env: { LANG: 'C', LC_ALL: 'C' } })
    expect([...out].filter((sign) => sign.charCodeAt(0) > 126)).toEqual([])
  })
})

describe('presim list', () => {
  it('names each flow with its steps, how sure they are, and its verdict', () => {
    const { status, out } = presim(['list'])
    expect(status).toBe(0)
    for (const flow of flows)
      expect(out).toMatch(new RegExp(`^${flow.replaceAll('.', '\\.')} +pass +\\d+ steps \\(`, 'm'))
  })
  it('--json prints an object a flow', () => {
    const listed = objects(presim(['list', '--json']).out)
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(flows))
    expect(listed[0]).toMatchObject({ schemaVersion: 1, type: 'flow', outcome: 'pass' })
  })
})

describe('presim run', () => {
  it.each([72, 80, 120, 160])('--width %i keeps to the width', (width) => {
    const { out } = presim(['run', 'A.3.2.1', '--width', String(width)])
    const ladder = out.split('\n').slice(2, 24)
    expect(Math.max(...ladder.map((line) => [...line].length))).toBeLessThanOrEqual(width)
    for (const lane of ['UE', 'P-CSCF', 'S-CSCF#1', 'I-CSCF', 'HSS', 'S-CSCF#2', 'PS']) expect(out).toContain(lane)
  })
  it('--seed 7 --json is the same to the byte on every run', () => {
    const args = ['run', 'A.3.2.1', '--seed', '7', '--json']
    const once = presim(args).out
    expect(presim(args).out).toBe(once)
    expect(objects(once)[0]).toMatchObject({ schemaVersion: 1, type: 'run', flow: 'A.3.2.1', seed: 7 })
  })
  it.each(flows)('--wire gives %s the same digest', (flow) => {
    const [plain, wire] = [[], ['--wire']].map((more) => objects(presim(['run', flow, '--json', ...more]).out).at(-1))
    expect(wire).toEqual(plain)
    expect(plain).toMatchObject({ type: 'end', digest: expect.stringMatching(/^[0-9a-f]{16}$/) })
  })
  it('ends quietly when its reader goes away', () => {
    const command = `"${process.execPath}" dist/cli/presim.js run A.3.2.1 --json | head -1 > /dev/null; echo "\${PIPESTATUS[0]}"`
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { cwd: root, encoding: 'utf8' })
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' })
  })
})

describe('presim check', () => {
  it('exits 0 when all flows go as expected', () => {
    const { status, out } = presim(['check', ...flows])
    expect({ status, last: out.trimEnd().split('\n').at(-1) }).toEqual({ status: 0, last: '3 passed, 0 failed' })
  })
  it('exits 1 with a report that names the header, both values, the rule and the line of the file', () => {
    const file = temporary('changed.flow.yaml', textOf('A.3.2.1').replace('Max-Forwards: 69', 'Max-Forwards: 68'))
    const { status, out } = presim(['check', file])
    expect(status).toBe(1)
    expect(out).toContain('Max-Forwards')
    expect(out).toMatch(/expected +68[\s\S]*got +69[\s\S]*P-CSCF: [\s\S]*RFC 3261\s+§16\.6 step 3/)
    expect(out).toMatch(/changed\.flow\.yaml:\d+/)
    expect(out).toContain('0 passed, 1 failed')
  })
  it('exits 1 when an expected line is dropped, and says what was too much', () => {
    const file = temporary('dropped.flow.yaml', textOf('A.3.2.1').replace(/^ {2}9 {2}PS :: .*\n/m, ''))
    const { status, out } = presim(['check', file])
    expect(status).toBe(1)
    expect(out).toMatch(/extra|not expected|too much/i)
  })
  it('--json gives the verdict as data', () => {
    const file = temporary('changed.flow.yaml', textOf('A.3.2.1').replace('Max-Forwards: 69', 'Max-Forwards: 68'))
    const [verdict, summary] = objects(presim(['check', file, '--json']).out)
    expect(verdict).toMatchObject({ type: 'verdict', outcome: 'fail' })
    expect(summary).toMatchObject({ type: 'summary', passed: 0, failed: 1 })
  })
})

describe('presim why', () => {
  it('says node, rule, clause and the message a value came from', () => {
    const { status, out } = presim(['why', 'A.3.2.1', '4', 'P-Asserted-Identity'])
    expect(status).toBe(0)
    expect(out).toMatch(/P-CSCF: .*P-Asserted-Identity \(TS 24\.229 §5\.2\.6\.3/)
    expect(out).toContain('(step 1): UE -> P-CSCF : SUBSCRIBE')
  })
  it('says who took a header out', () => {
    const { out } = presim(['why', 'A.3.2.1', '4', 'Security-Verify'])
    expect(out).toMatch(/Security-Verify is not there\n {2}P-CSCF: /)
  })
  it('says on what an internal step was decided', () => {
    const { out } = presim(['why', 'A.3.2.1', '9'])
    expect(out).toContain('watcher: sip:user1_public1@home1.net')
  })
})

describe('presim view without a terminal', () => {
  it('prints the ladder of a run recorded with --json', () => {
    const record = temporary('run.ndjson', presim(['run', 'A.4.2.1', '--seed', '3', '--json']).out)
    const { status, out, error } = presim(['view', record])
    expect({ status, error }).toEqual({ status: 0, error: '' })
    expect(out).toMatch(/^A\.4\.2\.1/)
    expect(out).toContain('seed 3')
  })
})
