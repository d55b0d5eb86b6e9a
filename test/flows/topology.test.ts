import { describe, expect, it } from 'vitest'
import { readFlow } from '../../src/flow/flow.ts'
import { FlowErrors } from '../../src/flow/flow-error.ts'
import { flowOf, textOf } from './catalogue.ts'

/** What is said of a flow file; empty if it can be read. */
function errorsOf(text: string): string {
  try {
    readFlow(text, 'x.flow.yaml')
    return ''
  } catch (error) {
    if (error instanceof FlowErrors) return error.message
    throw error
  }
}

describe('initial filter criteria in a topology (TS 29.228 Annex B)', () => {
  const text = textOf('A.3.2.1')
  const pattern = "content: '^presence(;|$)'"

  it('are read as they are written: in CNF, to be continued when the server does not answer', () => {
    const [first] = flowOf('A.3.2.1').topology.users.user2!.profiles[0]!.criteria
    expect(first).toEqual({
      priority: 0,
      conditionType: 'CNF',
      groups: [
        [{ kind: 'method', method: 'SUBSCRIBE', negated: false }],
        [{ kind: 'sipHeader', header: 'Event', content: '^presence(;|$)', negated: false }],
        [
          { kind: 'sessionCase', sessionCase: 'terminating', negated: false },
          { kind: 'sessionCase', sessionCase: 'terminating-unregistered', negated: false },
        ],
      ],
      serverName: 'sip:ps.home2.net',
      defaultHandling: 'continue',
    })
  })

  it.each([
    ['a regular expression that is none', pattern, "content: '^presence(;'", /not a regular expression/i],
    [
      'a trigger on two things',
      '{ method: SUBSCRIBE }',
      '{ method: SUBSCRIBE, header: Event }',
      /exactly one of method/,
    ],
    ['an unknown session case', 'case: originating', 'case: orig', /originating/],
    ['a server that is no SIP URI', 'server: sip:ps.home2.net', 'server: ps.home2.net', /not a SIP URI/i],
  ])('%s is refused with its place', (_case, right, wrong, expected) => {
    expect(text).toContain(right)
    const line = text.slice(0, text.indexOf(right)).split('\n').length
    const errors = errorsOf(text.replace(right, wrong))
    expect(errors).toMatch(expected)
    expect(errors).toContain(`x.flow.yaml:${line}:`)
  })
})

describe('presence network agents in a topology (TS 24.141 §5.3.5)', () => {
  const text = textOf('pna/network-sources')
  const event = "{ at: 20 s, node: PNA, do: network-event, of: 'sip:user1_public1@home1.net', call: active }"

  it('publish to the presence server of their network, which trusts them, if nothing else is said', () => {
    const { nodes } = flowOf('pna/network-sources').topology
    expect(nodes.PNA).toMatchObject({ publicationDuration: 3600, atLoss: 'closed' })
    expect(nodes.PNA).not.toHaveProperty('presenceServer')
    expect(nodes.PS).not.toHaveProperty('networkAgents')
  })

  it.each([
    [
      'a presence server that is none',
      'host: pna1.home1.net',
      'host: pna1.home1.net\n      presenceServer: PSS',
      /PSS.*PS/s,
    ],
    ['an agent that is none', 'host: ps.home1.net', 'host: ps.home1.net, networkAgents: [watcher]', /watcher.*PNA/s],
    [
      'an event at a node that is no agent',
      event,
      event.replace('PNA', 'PS'),
      /"PS".*presence network agent|presence network agent.*"PS"/s,
    ],
    ['an event of nothing', event, event.replace(', call: active', ''), /bearer, a location or a call/],
    [
      'a device without URN',
      "device: 'urn:uuid:00000000-0000-1000-8000-001122334455', state: attached",
      'device: phone, state: attached',
      /not a URN/,
    ],
    ['an end that is none', 'host: pna1.home1.net', 'host: pna1.home1.net\n      atLoss: gone', /atLoss.*closed/s],
  ])('%s is refused with its place', (_case, right, wrong, expected) => {
    expect(text).toContain(right)
    const errors = errorsOf(text.replace(right, wrong))
    expect(errors).toMatch(expected)
    expect(errors).toMatch(/x\.flow\.yaml:\d+:/)
  })
})
