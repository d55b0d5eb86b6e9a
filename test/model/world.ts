/** The world of the swarm: two devices of a presentity, three watchers, and two networks between them. */
import { topologyForm } from '../../src/flow/form/topology.ts'
import { worldOf } from '../../src/flow/world.ts'
import type { Message } from '../../src/message.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { millis } from '../../src/sim/time.ts'
import type { PlainRule } from './reference.ts'

export const presentity = 'sip:presentity@home2.net'
export const presenceServer = 'ps.home2.net'
export const devices = ['[5555::da]', '[5555::db]'] as const
export const watchers = [
  { identity: 'sip:w1@home1.net', host: '[5555::1]' },
  { identity: 'sip:w2@home1.net', host: '[5555::2]' },
  { identity: 'sip:w3@guests.net', host: '[5555::3]' },
] as const
/** One who talks to the presence server past the network, for whom nobody vouches; it says that it is a watcher. */
export const outsider = { identity: watchers[0].identity, host: '[5555::bad]' }

export const ue = (host: string, user: string, network: string) => ({
  role: 'ue' as const,
  network: `${network}.net`,
  host,
  user,
  proxy: `P-CSCF ${network}`,
})

export const cscfs = (network: string) => ({
  [`P-CSCF ${network}`]: { role: 'p-cscf' as const, network: `${network}.net`, host: `pcscf.${network}.net` },
  [`S-CSCF ${network}`]: { role: 's-cscf' as const, network: `${network}.net`, host: `scscf.${network}.net` },
})

export const criterion = (priority: number, method: string, cases: readonly string[]) => ({
  priority,
  groups: [[{ method }], cases.map((one) => ({ case: one }))],
  server: `sip:${presenceServer}`,
})

/** RFC 4745, RFC 5025: rules as a document; the same watchers are meant now in one way and now in another. */
export function rulesFor(rules: readonly PlainRule[]): string {
  const texts = rules.map((rule, i) => {
    const { handling } = rule
    const sub = handling === 'bare' ? 'allow' : handling
    const services = '<pr:provide-services><pr:all-services/></pr:provide-services><pr:provide-all-attributes/>'
    return `<rule id="r${i}"><conditions>${conditionsFor(rule, i)}</conditions><actions><pr:sub-handling>${sub}</pr:sub-handling></actions><transformations>${handling === 'allow' ? services : ''}</transformations></rule>`
  })
  return `<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules">${texts.join('')}</ruleset>`
}

function conditionsFor({ watchers: meant, sphere, from, until, isOdd }: PlainRule, variant: number): string {
  const identity = membersFor(meant, variant)
  return [
    identity === '' ? '' : `<identity>${identity}</identity>`,
    sphere === undefined ? '' : `<sphere value="${sphere}"/>`,
    from === undefined ? '' : `<validity><from>${dateOf(from)}</from><until>${dateOf(until!)}</until></validity>`,
    isOdd ? '<x:weather xmlns:x="urn:example:weather">fine</x:weather>' : '',
  ].join('')
}

const dateOf = (micros: number): string => new Date(micros / 1000).toISOString()

function membersFor(meant: readonly string[], variant: number): string {
  const others = watchers.flatMap(({ identity }) => (meant.includes(identity) ? [] : [identity]))
  const ones = (meant.length === 0 ? ['sip:nobody@home1.net'] : meant).map((id) => `<one id="${id}"/>`).join('')
  if (others.length === 0) return ['', '<many/>', ones][variant % 3]!
  if (others.length === 1 && others[0] === 'sip:w3@guests.net')
    return [ones, '<many domain="home1.net"/>', '<many><except domain="guests.net"/></many>'][variant % 3]!
  if (others.length === 1) return [ones, `<many><except id="${others[0]}"/></many>`][variant % 2]!
  return ones
}

/** What a device says, as a presence document. */
export function documentOf(device: string, says: string, sphere?: string, entity: string = presentity): string {
  const person = `<dm:person xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" id="p"><r:sphere><r:${sphere}/></r:sphere></dm:person>`
  return `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${entity}"><tuple id="d${device.replace(/\W/g, '')}"><status><basic>open</basic></status><note>${says}</note></tuple>${sphere === undefined ? '' : person}</presence>`
}

export interface Faults {
  readonly lossOneIn: number
  readonly duplicateOneIn: number
  /** In milliseconds: datagrams overtake each other within it. */
  readonly jitter: number
}

export function modelWorld(seed: number, rules: string, without: readonly string[]): Simulation<Message> {
  const home1 = Object.fromEntries(watchers.map(({ host, identity }) => [host, ue(host, identity, 'home1')]))
  const topology = topologyForm.parse({
    lanes: ['PS'],
    date: '1970-01-01T00:00:00Z',
    nodes: {
      ...home1,
      ...Object.fromEntries(devices.map((host) => [host, ue(host, presentity, 'home2')])),
      [outsider.host]: { ...ue(outsider.host, outsider.identity, 'home1'), proxy: 'PS' },
      ...cscfs('home1'),
      ...cscfs('home2'),
      I: { role: 'i-cscf', network: 'home2.net', host: 'icscf.home2.net' },
      HSS: { role: 'hss', network: 'home2.net', host: 'hss.home2.net' },
      PS: { role: 'presence-server', network: 'home2.net', host: presenceServer },
    },
    users: {
      ...Object.fromEntries(
        watchers.map(({ identity }) => [identity, { identities: [identity], sCscf: 'S-CSCF home1' }]),
      ),
      [presentity]: {
        identities: [presentity],
        sCscf: 'S-CSCF home2',
        rules,
        criteria: [criterion(0, 'SUBSCRIBE', ['terminating']), criterion(1, 'PUBLISH', ['originating', 'terminating'])],
      },
    },
    links: [{ latency: '10 ms' }],
  })
  return worldOf(topology, { seed, without })
}

/** From now on all links are so; without faults they are perfect. */
export function setFaults(simulation: Simulation<Message>, faults: Faults | undefined): void {
  const { lossOneIn = 0, duplicateOneIn = 0, jitter = 0 } = faults ?? {}
  simulation.world.network.otherwise = { latency: millis(10), jitter: millis(jitter), lossOneIn, duplicateOneIn }
}
