/** The world of the swarm of lists: three presentities, and three watchers who watch them by one list. */
import { topologyForm } from '../../src/flow/form/topology.ts'
import { worldOf } from '../../src/flow/world.ts'
import type { Message } from '../../src/message.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { criterion, cscfs, presenceServer, ue, watchers } from './world.ts'

export const listServer = 'rls.home1.net'
export const list = 'sip:friends@home1.net'
export const listPath = `rls-services/users/${watchers[0].identity}/index`
export const presentities = [1, 2, 3].map((number) => ({
  identity: `sip:p${number}@home2.net`,
  host: `[5555::a${number}]`,
}))

/** The document that says who is in the list. */
export function listOf(members: readonly string[]): string {
  const entries = members.map((uri) => `<l:entry uri="${uri}"/>`).join('')
  return `<rls-services xmlns="urn:ietf:params:xml:ns:rls-services" xmlns:l="urn:ietf:params:xml:ns:resource-lists"><service uri="${list}"><list>${entries}</list><packages><package>presence</package></packages></service></rls-services>`
}

const xcap = { root: 'http://xcap.home1.net/services' }

/** The world, given the rules of each presentity as a document, and who is in the list. */
export function listWorld(
  seed: number,
  rules: ReadonlyMap<string, string>,
  members: readonly string[],
  without: readonly string[],
): Simulation<Message> {
  const asked = criterion(0, 'SUBSCRIBE', ['originating'])
  const toList = {
    ...asked,
    groups: [...asked.groups, [{ requestUri: '^sip:friends@home1.net' }]],
    server: `sip:${listServer}`,
  }
  const topology = topologyForm.parse({
    lanes: ['RLS', 'PS'],
    date: '1970-01-01T00:00:00Z',
    nodes: {
      ...Object.fromEntries(watchers.map(({ host, identity }) => [host, { ...ue(host, identity, 'home1'), xcap }])),
      ...Object.fromEntries(presentities.map(({ host, identity }) => [host, ue(host, identity, 'home2')])),
      ...cscfs('home1'),
      ...cscfs('home2'),
      I: { role: 'i-cscf', network: 'home2.net', host: 'icscf.home2.net' },
      HSS: { role: 'hss', network: 'home2.net', host: 'hss.home2.net' },
      PS: { role: 'presence-server', network: 'home2.net', host: presenceServer },
      RLS: {
        role: 'resource-list-server',
        network: 'home1.net',
        host: listServer,
        subscribers: { [list]: 'anybody' },
        retryAfter: '20 s',
        xcap: { ...xcap, documents: { [listPath]: listOf(members) } },
      },
    },
    users: {
      ...Object.fromEntries(
        watchers.map(({ identity }) => [
          identity,
          { identities: [identity], sCscf: 'S-CSCF home1', criteria: [toList] },
        ]),
      ),
      ...Object.fromEntries(
        presentities.map(({ identity }) => [
          identity,
          {
            identities: [identity],
            sCscf: 'S-CSCF home2',
            rules: rules.get(identity)!,
            criteria: [
              criterion(0, 'SUBSCRIBE', ['terminating']),
              criterion(1, 'PUBLISH', ['originating', 'terminating']),
            ],
          },
        ]),
      ),
    },
    links: [{ latency: '10 ms' }],
  })
  return worldOf(topology, { seed, without })
}
