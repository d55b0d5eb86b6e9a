import { describe, expect, it } from 'vitest'
import { readFlow } from '../../src/flow/flow.ts'
import { FlowErrors } from '../../src/flow/flow-error.ts'
import { runFlow } from '../../src/flow/run.ts'

/** A flow with nodes of its own; the one given stands in line 10. */
const flow = (node: string, user = '') => `flow: x
title: x
clause: TS 24.109 §7
about: x
topology:
  lanes: [UE]
  nodes:
    UE: { role: ue, network: home1.net, host: ue.home1.net, user: user1, proxy: P-CSCF, ut: { authentication: gba } }
    BSF: { role: bsf, network: home1.net, host: bsf.home1.net }
    ${node}
    P-CSCF: { role: p-cscf, network: home1.net, host: pcscf1.home1.net }
    S-CSCF: { role: s-cscf, network: home1.net, host: scscf1.home1.net }
    HSS: { role: hss, network: home1.net, host: hss.home1.net }
    PS: { role: presence-server, network: home1.net, host: ps.home1.net }
  users:
    user1: { identities: ['sip:user1@home1.net'], sCscf: S-CSCF${user} }
script: [{ at: 0 s, node: UE, do: bootstrap }]
lasts: 1 s
seed: 1
expect: |
  match free
  UE :: generate keys
`
const proxy = (more: string) => `AP: { role: authentication-proxy, network: home1.net, host: ap.home1.net, ${more} }`
const server = 'servers: [{ name: xcap.home1.net, node: PS }]'

function problemsOf(text: string): string[] {
  try {
    readFlow(text, 'x.flow.yaml')
    return []
  } catch (error) {
    if (!(error instanceof FlowErrors)) throw error
    return error.errors.map(({ line, column, problem, expected, suggestion }) =>
      [`${line}:${column}`, problem, expected ?? suggestion ?? ''].join(' | '),
    )
  }
}

describe('authentication over Ut in a flow file', () => {
  it('a proxy, a BSF and a UE with a USIM: the UE has keys', () => {
    const run = runFlow(readFlow(flow(proxy(server)), 'x.flow.yaml'))
    expect(run.verdict.outcome).toBe('pass')
  })

  it.each([
    [proxy('servers: [{ name: xcap.home1.net, node: PSS }]'), '', /^10:\d+ \| no node is called "PSS" \| PS$/],
    [proxy('servers: []'), '', /^10:\d+ \| .*servers/],
    [proxy(`${server}, authentication: [gbb]`), '', /^10:\d+ \| .*"gbb".* \| gba$/],
    [proxy(`${server}, keyLife: soon`), '', /^10:\d+ \| .*not a duration/],
    [proxy('servers: [{ name: "a b", node: PS }]'), '', /^10:\d+ \| .*not a host name/],
    [
      'X: { role: presence-server, network: home1.net, host: x.net, ut: { proxies: [BSF] } }',
      '',
      /^10:\d+ \| no authentication proxy is called "BSF"/,
    ],
    ['X: { role: presence-server, network: home1.net, host: x.net, ut: {} }', '', /^10:\d+ \| .*relies on proxies/],
    [proxy(server), ', digest: { username: a }', /^16:\d+ \| .*lacks the key "password"/],
    [proxy(server), ', gba: { services: [{ type: three }] }', /^16:\d+ \| .*type/],
  ])('%s%s', (node, user, expected) => {
    const problems = problemsOf(flow(node, user))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
  })
})
