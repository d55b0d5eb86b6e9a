/** The world of the swarm: two devices of a presentity, three watchers, and two networks between them. */
import { topologyForm } from '../../src/flow/topology.ts'
import { worldOf } from '../../src/flow/world.ts'
import type { Message } from '../../src/message.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { millis } from '../../src/sim/time.ts'
import type { Handling } from './reference.ts'

export const presentity = 'sip:presentity@home2.net'
export const presenceServer = 'ps.home2.net'
export const devices = ['[5555::da]', '[5555::db]'] as const
export const watchers = ['w1', 'w2', 'w3'].map((name) => ({
  identity: `sip:${name}@home1.net`,
  host: `[5555::${name.replace('w', '')}]`,
}))

const ue = (host: string, user: string, network: string) => ({
  role: 'ue' as const,
  network: `${network}.net`,
  host,
  user,
  proxy: `P-CSCF ${network}`,
})

const cscfs = (network: string) => ({
  [`P-CSCF ${network}`]: { role: 'p-cscf' as const, network: `${network}.net`, host: `pcscf.${network}.net` },
  [`S-CSCF ${network}`]: { role: 's-cscf' as const, network: `${network}.net`, host: `scscf.${network}.net` },
})

const criterion = (priority: number, method: string, cases: readonly string[]) => ({
  priority,
  groups: [[{ method }], cases.map((one) => ({ case: one }))],
  server: `sip:${presenceServer}`,
})

/** RFC 5025: the rules that handle these watchers so, and nobody else. */
export function rulesFor(handlings: Readonly<Record<string, Handling>>): string {
  const rules = Object.entries(handlings).map(([watcher, handling], i) => {
    const sub = handling === 'bare' ? 'allow' : handling
    const services = '<pr:provide-services><pr:all-services/></pr:provide-services><pr:provide-all-attributes/>'
    return `<rule id="r${i}"><conditions><identity><one id="${watcher}"/></identity></conditions><actions><pr:sub-handling>${sub}</pr:sub-handling></actions><transformations>${handling === 'allow' ? services : ''}</transformations></rule>`
  })
  return `<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules">${rules.join('')}</ruleset>`
}

/** What a device says, as a presence document. */
export const documentOf = (device: string, says: string): string =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${presentity}"><tuple id="d${device.replace(/\W/g, '')}"><status><basic>open</basic></status><note>${says}</note></tuple></presence>`

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
    nodes: {
      ...home1,
      ...Object.fromEntries(devices.map((host) => [host, ue(host, presentity, 'home2')])),
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
        criteria: [criterion(0, 'SUBSCRIBE', ['terminating']), criterion(1, 'PUBLISH', ['originating'])],
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
