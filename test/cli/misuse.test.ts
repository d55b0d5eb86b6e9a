import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { presim, root, temporary } from './presim.ts'

const good = readFileSync(join(root, 'flows/A.3.2.1.flow.yaml'), 'utf8')

describe('the command line', () => {
  it.each([
    [['run', 'A.3.2.2'], 'there is no flow "A.3.2.2", and no such file; did you mean A.3.2.1?'],
    [['chek'], 'there is no verb "chek"; did you mean check?'],
    [['run', 'A.3.2.1', '--sed', '1'], "unknown option '--sed'"],
    [['run', 'A.3.2.1', '--seed', 'one'], 'Expected a whole number'],
    [['run', 'A.3.2.1', '--width', '12'], 'Expected a whole number from 60'],
    [['run'], "missing required argument 'flow'"],
    [['why', 'A.3.2.1', '99'], 'A.3.2.1 has no step 99; its steps are 1 to 20'],
    [['why', 'A.3.2.1', '1', 'Viaa'], 'did you mean Via?'],
    [['view', 'nothing.ndjson'], 'can not be read'],
  ])('%j exits 2 and says what was expected', (args, said) => {
    const { status, out, error } = presim(args)
    expect(status).toBe(2)
    expect(out).toBe('')
    expect(error).toContain(said)
  })
  it.each(['run', 'check', 'list', 'view', 'why'])('%s --help has examples', (verb) => {
    const { status, out } = presim([verb, '--help'])
    expect(status).toBe(0)
    expect(out).toContain('Examples:')
  })
})

/** The line and column of some text in the good flow, both from 1. */
function placeOf(text: string): string {
  const before = good.slice(0, good.indexOf(text)).split('\n')
  return `${before.length}:${before.at(-1)!.length + 1}`
}

describe('a flow file that can not be used', () => {
  it.each([
    [
      'a broken line of the ladder',
      '3  S-CSCF#1 :: eval',
      '3  S-CSCF#1 => eval',
      `flow.yaml:${placeOf('S-CSCF#1 :: evaluate')}: `,
    ],
    ['a lane that does not exist', '2  P-CSCF -> S-CSCF#1 :', '2  P-CSCV -> S-CSCF#1 :', 'did you mean P-CSCF?'],
    ['a node that does not exist', '    node: UE\n', '    node: UF\n', 'UF'],
    ['a user that does not exist', 'user: user1\n', 'user: user7\n', 'user7'],
    ['a key that does not exist', 'lasts: 3 s', 'last: 3 s', 'did you mean lasts?'],
  ])('%s: file, line, column, exit code 2', (_what, from, to, said) => {
    expect(good).toContain(from)
    const file = temporary('broken.flow.yaml', good.replace(from, to))
    for (const verb of ['check', 'run']) {
      const { status, error } = presim([verb, file])
      expect(status).toBe(2)
      expect(error).toMatch(/broken\.flow\.yaml:\d+:\d+: /)
      if (said !== undefined) expect(error).toContain(said)
    }
  })
  it('broken YAML: file, line, column, exit code 2', () => {
    const { status, error } = presim(['check', temporary('broken.flow.yaml', 'flow: [A\ntitle: "x\n')])
    expect(status).toBe(2)
    expect(error).toMatch(/broken\.flow\.yaml:\d+:\d+: YAML: /)
  })
  it('a condition on an unknown header is a warning, and is checked', () => {
    const file = temporary('odd.flow.yaml', good.replace('Max-Forwards: 69\n', 'Max-Forwards: 69; X-Odd: 1\n'))
    const { status, error } = presim(['check', file])
    expect(status).toBe(1)
    expect(error).toMatch(/odd\.flow\.yaml:\d+:\d+: warning: .*X-Odd/)
  })
})
