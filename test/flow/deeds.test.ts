import { describe, expect, it } from 'vitest'
import { danglingNames } from '../../src/flow/form/dangling-names.ts'
import { scriptForm } from '../../src/flow/form/deed-form.ts'
import { topologyForm } from '../../src/flow/form/topology.ts'
import { commandsOf } from '../../src/flow/world.ts'
import { seconds } from '../../src/sim/time.ts'

const written = {
  lanes: ['UE'],
  nodes: {
    UE: { role: 'ue', network: 'home1.net', host: '[5555::1]', user: 'user1', proxy: 'P-CSCF' },
    'P-CSCF': { role: 'p-cscf', network: 'home1.net', host: 'pcscf.home1.net' },
    'S-CSCF': { role: 's-cscf', network: 'home1.net', host: 'scscf.home1.net' },
  },
  users: { user1: { identities: ['sip:user1@home1.net'], sCscf: 'S-CSCF' } },
}
const topology = topologyForm.parse(written)

const deed = (what: object): object => ({ at: '1 s', node: 'UE', ...what })
const commandsFor = (what: object) => commandsOf(scriptForm.parse([deed(what)]), topology)
const to = 'sip:user2@home2.net'

/** What is wrong with a deed. */
function problems(what: object): string[] {
  const { error } = scriptForm.safeParse([deed(what)])
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`)
}

describe('what a script has a UE do', () => {
  it('is a command without the place, the time and what is not given', () => {
    expect(commandsFor({ do: 'fetch', to })).toEqual([
      { after: seconds(1), to: '[5555::1]', command: { do: 'fetch', to } },
    ])
  })

  it('Accept and durations are read', () => {
    const [scheduled] = commandsFor({
      do: 'poll',
      to,
      every: '10 min',
      times: 2,
      accept: 'application/pidf+xml;q=0.5',
    })
    expect(scheduled!.command).toEqual({
      do: 'poll',
      to,
      every: seconds(600),
      times: 2,
      accept: [{ value: 'application/pidf+xml', params: { q: '0.5' } }],
    })
  })

  it.each([
    { do: 'subscribe', to, event: 'presence.winfo', filter: '<filter-set/>' },
    { do: 'subscribe', to, event: 'xcap-diff', documents: ['pres-rules/users/u/index'] },
    { do: 'refresh', to, filter: '<filter-set/>' },
    { do: 'unsubscribe', to, event: 'presence.winfo' },
    { do: 'publish', attributes: { willingness: 'willing', means: [{ id: 'im' }] }, partial: true, expires: 60 },
    { do: 'publish', document: '<presence/>', objects: [{ id: 'i@x', type: 'image/png', url: 'http://x/y' }] },
  ])('$do with its arguments', (what) => {
    expect(commandsFor(what)[0]!.command).toEqual(what)
  })

  it.each([
    [{ do: 'publish' }, /either a document or attributes/],
    [{ do: 'publish', document: '<presence/>', attributes: {} }, /either a document or attributes/],
    [{ do: 'publish', attributes: { moods: ['happy'] } }, /moods/],
    [{ do: 'publish', attributes: { means: [{ id: '1' }] } }, /XML identifier/],
    [{ do: 'publish', attributes: { location: { city: 'Oulu' } } }, /location/],
    [{ do: 'publish', document: '', objects: [{ id: 'i', type: 'image/png' }] }, /a body or base64, or a url/],
    [{ do: 'poll', to }, /every/],
    [{ do: 'subscribe', to, event: 'dialog' }, /event/],
  ] as const)('%o is refused', (what, why) => {
    expect(problems(what).join('\n')).toMatch(why)
  })
})

describe('documents in a script', () => {
  const document = 'resource-lists/users/u/index'
  const wrong = (nodes: object) =>
    danglingNames(topologyForm.parse({ ...written, nodes: { ...written.nodes, ...nodes } }), {
      script: scriptForm.parse([deed({ do: 'xcap-get', document })]),
    })

  it('are for a UE that is an XCAP client', () => {
    const xcap = { root: 'http://xcap.home1.net/services' }
    expect(wrong({ UE: { ...written.nodes.UE, xcap } })).toEqual([])
  })
  it('another one has no client: that is told with its place and those who have', () => {
    expect(wrong({})).toEqual([
      { path: ['script', 0, 'node'], name: 'UE', kind: 'UE with an XCAP client (xcap:)', known: [] },
    ])
  })
  it.each([
    [
      { do: 'xcap-get', document: 'resource-list/users/u/index' },
      /^0.document Not an application usage; expected .*resource-lists/,
    ],
    [{ do: 'xcap-get', document: '/resource-lists/users/u/index' }, /^0.document Not a document selector/],
    [{ do: 'xcap-put', document }, /What is put is either a body or base64/],
    [{ do: 'xcap-put', document, body: 'a', base64: 'YQ==' }, /What is put is either a body or base64/],
    [{ do: 'xcap-get', document, only: 'newer' }, /^0.only /],
    [{ do: 'xcap-delete', document, body: 'a' }, /body/],
  ])('%j is refused', (what, message) => {
    expect(problems(what)).toEqual([expect.stringMatching(message)])
  })
  it('bytes are read from base64', () => {
    const [scheduled] = commandsFor({ do: 'xcap-put', document, base64: 'AP8=' })
    expect(scheduled!.command).toMatchObject({ body: Uint8Array.of(0, 255) })
  })
})
