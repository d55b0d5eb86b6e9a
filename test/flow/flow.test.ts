import { describe, expect, it } from 'vitest'
import { readFlow } from '../../src/flow/flow.ts'
import { FlowErrors, printFlowError } from '../../src/flow/flow-error.ts'
import { flowSchema } from '../../src/flow/schema.ts'

const good = `# yaml-language-server: $schema=./flow.schema.json
flow: X.1
title: A small one
clause: TS 24.141 X.1
about: |
  Nothing much.
topology:
  lanes: [UE, P-CSCF]
  nodes:
    UE:
      role: ue
      network: home1.net
      host: ue.home1.net
      user: ann
      proxy: P-CSCF
    P-CSCF: { role: p-cscf, network: home1.net, host: pcscf1.home1.net }
    S-CSCF: { role: s-cscf, network: home1.net, host: scscf1.home1.net }
  users:
    ann: { identities: ['sip:ann@home1.net'], sCscf: S-CSCF }
precondition:
  about: Ann waits.
  script: []
  lasts: 10 s
script:
  - { at: 0 s, node: UE, do: subscribe, to: 'sip:bob@home1.net' }
lasts: 1.5 s
seed: 7
expect: |
  match visible

  1 UE -> P-CSCF : SUBSCRIBE as $sub
    { Event: presence }
  2 P-CSCF -> UE : 200 to $sub
`

/** What is printed for a flow file with something replaced. */
const printed = (...changes: [from: string, to: string][]): string => {
  const text = changes.reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`the file has no ${from}`)
    return changed.replace(from, to)
  }, good)
  try {
    return readFlow(text, 'x.flow.yaml').warnings.map(printFlowError).join('\n')
  } catch (error) {
    if (error instanceof FlowErrors) return error.message
    throw error
  }
}

/** The first line of what is printed, without the file. */
const first = (...changes: [from: string, to: string][]): string => {
  const [line = '', ...more] = printed(...changes).split('\n')
  const advice = more.filter((one) => /^ {2}(expected|did you mean)/.test(one)).map((one) => one.trim())
  return [line.replace('x.flow.yaml:', ''), ...advice].join(' | ')
}

describe('a flow file', () => {
  it('is read', () => {
    expect(readFlow(good, 'x.flow.yaml')).toMatchObject({
      id: 'X.1',
      title: 'A small one',
      clause: 'TS 24.141 X.1',
      about: 'Nothing much.\n',
      file: 'x.flow.yaml',
      precondition: { lasts: 10_000_000, about: 'Ann waits.' },
      lasts: 1_500_000,
      seed: 7,
      expect: { match: 'visible', steps: [{ number: '1', place: { line: 31, column: 3 } }, { number: '2' }] },
      warnings: [],
    })
  })

  it('shows the line and the place of what is wrong, in the ladder too', () => {
    expect(printed(['Event: presence', 'Event presence'], ['seed: 7', 'seed: seven'])).toBe(
      `x.flow.yaml:27:7: seed is a text
  expected a number
  seed: seven
        ^
x.flow.yaml:32:13: "Event" is followed by "presence"
  expected ":", "~", "<=", ">=" or "= prev" after the name, or +Event
      { Event presence }
              ^`,
    )
  })

  it('may have what is doubtful', () => {
    expect(printed(['Event: presence', 'Evnt: presence'])).toBe(
      `x.flow.yaml:32:7: warning: no header field is called "Evnt"; it is compared as text
  did you mean Event?
      { Evnt: presence }
        ^`,
    )
  })

  it('shows a part of a long line', () => {
    const long = `Event: presence; To: <sip:${'a'.repeat(60)}@home1.net>; Route presence; Via: <sip:b>${' '.repeat(40)}`
    const lines = printed(['Event: presence', long]).split('\n')
    const [source, caret] = lines.slice(-2)
    expect(source!.slice(caret!.length - 1)).toMatch(/^Route presence; Via/)
    expect(source!.length).toBeLessThanOrEqual(78)
  })
})

describe('what is wrong with the form', () => {
  const table: [[string, string], string][] = [
    [['seed: 7\n', ''], '2:1: the flow lacks the key "seed" | expected a number'],
    [['seed: 7', 'sede: 7'], '2:1: the flow lacks the key "seed" | expected a number | did you mean seed?'],
    [['seed: 7', 'seed: 7\ntitel: x'], '28:1: the flow has no key "titel" | did you mean title?'],
    [
      ['seed: 7', 'seed: 7\nzzzzzz: x'],
      expect.stringMatching(/^28:1: the flow has no key "zzzzzz" \| expected flow, title/) as never,
    ],
    [['seed: 7', 'seed: -7'], expect.stringMatching(/^27:7: seed: /) as never],
    [
      ['lasts: 1.5 s', 'lasts: 1.5 sec'],
      '26:8: lasts: not a duration | expected a duration such as 5 s, 200 ms or 1.5 h',
    ],
    [
      ['lasts: 10 s', 'lasts: soon'],
      '23:10: precondition.lasts: not a duration | expected a duration such as 5 s, 200 ms or 1.5 h',
    ],
    [['flow: X.1', 'flow: X 1'], '2:7: flow: a flow id has only letters, digits, ".", "-" and "_"'],
    [
      ['about: Ann waits.', 'abuot: Ann waits.'],
      expect.stringMatching(/^20:1: precondition lacks the key "about"/) as never,
    ],
    [
      ['role: s-cscf', 'role: s-cscff'],
      '17:21: topology.nodes.S-CSCF.role can not be "s-cscff" | did you mean s-cscf?',
    ],
    [
      ['role: ue', 'roel: ue'],
      expect.stringMatching(/^10:5: topology.nodes.UE lacks the key "role" \| expected ue, p-cscf/) as never,
    ],
    [
      ['host: ue.home1.net', 'hots: ue.home1.net'],
      '10:5: topology.nodes.UE lacks the key "host" | expected a text | did you mean host?',
    ],
    [['do: subscribe', 'do: subscibe'], '25:30: script[0].do can not be "subscibe" | did you mean subscribe?'],
    [['- { at', '- 5 # { at'], '25:5: script[0] is a number | expected a map'],
    [['script:\n  -', 'script: #'], '24:9: script is empty | expected a list'],
    [['proxy: P-CSCF', 'proxy: PCSCF'], '15:14: no P-CSCF is called "PCSCF" | did you mean P-CSCF?'],
    [['node: UE', 'node: UEE'], '25:22: no node is called "UEE" | did you mean UE?'],
    [['user: ann', 'user: bob'], '14:13: no user is called "bob" | expected ann'],
    [
      ['expect: |', 'expect: >'],
      '28:9: the ladder must be a block, so that its lines stay lines | expected "expect: |" and the ladder in the lines below, indented',
    ],
    [['UE -> P-CSCF', 'UE -> PCSCF'], '31:11: no lane is called "PCSCF" | did you mean P-CSCF?'],
    [['flow: X.1', 'flow: X.1\nflow: X.2'], '3:1: YAML: Map keys must be unique'],
    [['lanes: [UE', 'lanes: [UE, ['], expect.stringMatching(/YAML: /) as never],
  ]
  it.each(table)('%j', (change, problem) => {
    expect(first(change)).toEqual(problem)
  })

  it('is said at once', () => {
    const lines = printed(['role: s-cscf', 'role: x'], ['lasts: 1.5 s', 'lasts: x'], ['2 P-CSCF', '2 P-CCSF'])
    expect(lines.match(/^x\.flow\.yaml:\d+:\d+/gm)).toEqual([
      'x.flow.yaml:17:21',
      'x.flow.yaml:26:8',
      'x.flow.yaml:33:5',
    ])
  })

  it.each(['', 'just text', '- 1\n- 2', '42'])('is said of %j as a whole', (text) => {
    expect(() => readFlow(text, 'x')).toThrow('x:1:1: this is not a flow file')
  })
})

describe('the ladder has its places', () => {
  it.each([
    ['deeper', good.replace(/^ {2}(match|1|2|\n)/gm, '      $1').replace(/^ {4}\{/m, '        {'), 7],
    ['with an indicator', good.replace('expect: |', 'expect: |2'), 3],
    ['after blank lines', good.replace('expect: |\n', 'expect: |\n\n\n'), 3],
    ['with Windows line ends', good.replaceAll('\n', '\r\n'), 3],
  ])('%s', (_, text, column) => {
    const { place } = readFlow(text, 'x').expect.steps[0]!
    expect(place.column).toBe(column)
    expect(text.split(/\r?\n/)[place.line - 1]!.slice(column - 1)).toMatch(/^1 UE ->/)
  })
})

describe('the JSON Schema', () => {
  const schema = flowSchema() as { properties: Record<string, object>; required: string[]; $schema: string }
  it('has all keys, with what each is for', () => {
    expect(Object.keys(schema.properties)).toEqual([
      'flow',
      'title',
      'clause',
      'about',
      'topology',
      'precondition',
      'script',
      'lasts',
      'seed',
      'expect',
    ])
    for (const property of Object.values(schema.properties)) expect(property).toHaveProperty('description')
  })

  it('asks for no more than a file must have', () => {
    expect(schema.required).not.toContain('precondition')
    expect(JSON.stringify(schema.properties.topology)).toContain('"required":["lanes","nodes","users"]')
  })
})
