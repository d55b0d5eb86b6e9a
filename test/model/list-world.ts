/**
 * The world of the swarm of lists: three presentities of one network, three watchers of others who watch them by lists,
 * the server of these lists, and that of a list which is in the presentities' network.
 */
import { topologyForm } from '../../src/flow/form/topology.ts'
import { worldOf } from '../../src/flow/world.ts'
import type { Message } from '../../src/message.ts'
import { below, stream } from '../../src/sim/random.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { changed, type SipMessage } from '../../src/sip/message.ts'
import { close, friends, type PlainFilter, type PlainLists, silent } from './list-reference.ts'
import { criterion, cscfs, presenceServer, ue, watchers } from './world.ts'

export const listServer = 'rls.home1.net'
export const otherListServer = 'rls.home2.net'
export const listPath = `rls-services/users/${watchers[0].identity}/index`
export const presentities = [1, 2, 3].map((number) => ({
  identity: `sip:p${number}@home2.net`,
  host: `[5555::a${number}]`,
}))
/** A list of another server, and who is in it. */
export const team = 'sip:team@home2.net'
export const teamMembers = [presentities[1]!.identity, presentities[2]!.identity]
/** Whom the other network does not know. */
export const stranger = 'sip:nobody@home2.net'
/** One who talks to the server of lists past the network, for whom nobody vouches. */
export const outsider = { identity: watchers[0].identity, host: '[5555::bad]' }

const namespaces = 'xmlns="urn:ietf:params:xml:ns:rls-services" xmlns:l="urn:ietf:params:xml:ns:resource-lists"'
const entries = (uris: readonly string[]): string => uris.map((uri) => `<l:entry uri="${uri}"/>`).join('')
const service = (uri: string, list: string, event = 'presence'): string =>
  `<service uri="${uri}"><list>${list}</list><packages><package>${event}</package></packages></service>`

/** The document that says who is in the lists. */
export function documentOf(lists: PlainLists): string {
  const more = `<l:list name="more">${entries(lists.more)}</l:list>`
  return `<rls-services ${namespaces}>${service(friends, entries(lists.friends) + more)}${service(close, entries(lists.close))}${service(silent, '', 'dialog')}</rls-services>`
}

const teamDocument = `<rls-services ${namespaces}>${service(team, entries(teamMembers))}</rls-services>`

/** The targets that filters may have; each has an id of its own. */
export const targets: readonly PlainFilter['about'][] = [
  'all',
  { domain: 'home2.net' },
  { domain: 'home1.net' },
  ...presentities.slice(0, 2).map(({ identity }) => ({ uri: identity })),
]

/** Filters as a document, which takes away those of all other targets. */
export function filterDocument(filters: readonly PlainFilter[]): string {
  const all = targets.map((about, id) => {
    const filter = filters.find((one) => one.about === about)
    if (filter === undefined) return `<filter id="f${id}" remove="true"/>`
    const attributes = about === 'all' ? '' : Object.entries(about).map(([name, value]) => ` ${name}="${value}"`)
    const hidden = filter.hides ? '//p:note' : '//p:contact'
    return `<filter id="f${id}"${attributes}><what><exclude>${hidden}</exclude></what></filter>`
  })
  return `<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter"><ns-bindings><ns-binding prefix="p" urn="urn:ietf:params:xml:ns:pidf"/></ns-bindings>${all.join('')}</filter-set>`
}

/** Of two changes of presence one comes with a version that is not the next, as if one before it had been lost. */
function withGaps(seed: number): (message: Message) => Message {
  const skips = (message: SipMessage): boolean => {
    const { callId, cseq } = message.headers
    return below(stream(seed, `gap ${callId} ${cseq!.number}`), 2) === 0
  }
  return (message) => {
    if (message.protocol !== 'sip' || message.kind !== 'request' || message.method !== 'NOTIFY') return message
    const { body, headers } = message
    if (headers.contentType?.value !== 'application/pidf-diff+xml' || typeof body !== 'string') return message
    if (!/<\w+:pidf-diff /.test(body) || !skips(message)) return message
    return changed(message, { body: body.replace(/ version="\d+"/, ' version="999999"') })
  }
}

const xcap = { root: 'http://xcap.home1.net/services' }

const nodes = (lists: PlainLists) => ({
  ...Object.fromEntries(watchers.map(({ host, identity }) => [host, { ...ue(host, identity, 'home1'), xcap }])),
  ...Object.fromEntries(presentities.map(({ host, identity }) => [host, ue(host, identity, 'home2')])),
  [outsider.host]: { ...ue(outsider.host, outsider.identity, 'home1'), proxy: 'RLS' },
  ...cscfs('home1'),
  ...cscfs('home2'),
  I: { role: 'i-cscf', network: 'home2.net', host: 'icscf.home2.net' },
  HSS: { role: 'hss', network: 'home2.net', host: 'hss.home2.net' },
  PS: { role: 'presence-server', network: 'home2.net', host: presenceServer },
  RLS: {
    role: 'resource-list-server',
    network: 'home1.net',
    host: listServer,
    subscribers: { [friends]: 'anybody' },
    retryAfter: '20 s',
    xcap: { ...xcap, documents: { [listPath]: documentOf(lists) } },
  },
  'RLS home2': {
    role: 'resource-list-server',
    network: 'home2.net',
    host: otherListServer,
    subscribers: { [team]: 'anybody' },
    retryAfter: '20 s',
    xcap: {
      root: 'http://xcap.home2.net/services',
      documents: { [`rls-services/users/${teamMembers[0]}/index`]: teamDocument },
    },
  },
})

/** The world, given the rules of each presentity as a document, and who is in the lists. */
export function listWorld(
  seed: number,
  rules: ReadonlyMap<string, string>,
  lists: PlainLists,
  without: readonly string[],
): Simulation<Message> {
  const asked = criterion(0, 'SUBSCRIBE', ['originating'])
  const toList = {
    ...asked,
    groups: [...asked.groups, [{ requestUri: '^sip:(friends|close|silent|none)@home1.net' }]],
    server: `sip:${listServer}`,
  }
  const ofWatchers = watchers.map(({ identity }) => [
    identity,
    { identities: [identity], sCscf: 'S-CSCF home1', criteria: [toList] },
  ])
  const criteria = [criterion(0, 'SUBSCRIBE', ['terminating']), criterion(1, 'PUBLISH', ['originating', 'terminating'])]
  const ofPresentities = presentities.map(({ identity }) => [
    identity,
    { identities: [identity], sCscf: 'S-CSCF home2', rules: rules.get(identity)!, criteria },
  ])
  const topology = topologyForm.parse({
    lanes: ['RLS', 'PS'],
    date: '1970-01-01T00:00:00Z',
    nodes: nodes(lists),
    users: Object.fromEntries([...ofWatchers, ...ofPresentities]),
    services: { [team]: { server: 'RLS home2' } },
    links: [{ latency: '10 ms' }],
  })
  return worldOf(topology, { seed, without, wire: withGaps(seed) })
}
