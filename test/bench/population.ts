/**
 * A world of four nodes for measuring: a population of UEs, a P-CSCF, an S-CSCF and a presence server of one network,
 * with users that are registered and one presentity that all of them watch.
 */
import { presence, printPresence, tuple } from '../../src/documents/index.ts'
import { behaviours, isShared } from '../../src/flow/world.ts'
import type { ApplicationServerSettings } from '../../src/ims/application-server.ts'
import type { ProxyCscf, ProxyCscfSettings, RegisteredUe } from '../../src/ims/p-cscf/p-cscf.ts'
import type { InitialFilterCriterion } from '../../src/ims/s-cscf/filter-criteria.ts'
import type { ServingCscf, ServingCscfSettings } from '../../src/ims/s-cscf/s-cscf.ts'
import { nameAddr, radioLeg, type UePopulationSettings, type UeSettings } from '../../src/ims/ue/ue.ts'
import type { Message } from '../../src/message.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import { millis, seconds } from '../../src/sim/time.ts'
import { headerValue } from '../../src/sip/message.ts'
import type { SipState } from '../../src/sip/transaction/transaction.ts'

export const presentity = 'sip:presentity@home1.net'
const hosts = { proxy: 'pcscf1.home1.net', serving: 'scscf1.home1.net', server: 'ps.home1.net' }
const document = printPresence(
  presence(presentity, { tuples: [tuple('im', 'open', { contact: { uri: presentity, priority: 0.8 } })] }),
)
const serviceRoute = [nameAddr(`sip:orig@${hosts.serving};lr`)]
const security = headerValue('securityVerify', 'ipsec-3gpp;alg=hmac-sha-1-96;spi-c=1;spi-s=2;port-c=8642;port-s=7531')!

/** The world for measuring, with the names of its watchers. */
export interface Population {
  readonly simulation: Simulation<Message>
  /** By watcher: the address of the UE and the public user identity, the last being the presentity's. */
  readonly addresses: readonly string[]
  readonly identities: readonly string[]
}

const toServer = (method: string): InitialFilterCriterion => ({
  priority: method === 'PUBLISH' ? 1 : 0,
  conditionType: 'CNF',
  groups: [
    [{ kind: 'method', method, negated: false }],
    [{ kind: 'sipHeader', header: 'Event', content: '^presence(;|$)', negated: false }],
    [{ kind: 'sessionCase', sessionCase: 'originating', negated: false }],
  ],
  serverName: `sip:${hosts.server}`,
  defaultHandling: 'continue',
})
const criteria = [toServer('SUBSCRIBE'), toServer('PUBLISH')]

/** The world with so many registered watchers, and the presentity's publication in place. */
export function population(watchers: number): Population {
  const simulation = new Simulation<Message>({ behaviours, isShared, seed: 1 })
  simulation.world.network.otherwise = { latency: millis(2), jitter: 0, lossOneIn: 0, duplicateOneIn: 0 }
  simulation.add('ues', 'ue-population', { common: commonUe } satisfies UePopulationSettings)
  simulation.populate('[5555::', 'ues')
  simulation.add(hosts.proxy, 'p-cscf', proxySettings)
  simulation.add(hosts.serving, 's-cscf', servingSettings)
  simulation.add(hosts.server, 'presence-server', serverSettings)
  const proxy = (simulation.world.seats.get(hosts.proxy)!.state as SipState<ProxyCscf>).user
  const serving = (simulation.world.seats.get(hosts.serving)!.state as SipState<ServingCscf>).user
  const numbers = Array.from({ length: watchers }, (_, watcher) => watcher)
  const addresses = [...numbers, watchers].map((watcher) =>
    ['[5555', '', (watcher >> 16).toString(16), `${(watcher & 0xffff).toString(16)}]`].join(':'),
  )
  const identities = [...numbers.map((watcher) => ['sip:watcher', '@home1.net'].join(`${watcher}`)), presentity]
  for (const [watcher, identity] of identities.entries()) {
    const contact = { uri: `sip:${addresses[watcher]}`, path: [nameAddr(`sip:term@${hosts.proxy};lr`)] }
    serving.users.set(identity, { identity, criteria, contact })
    proxy.ues.set(addresses[watcher]!, { identities: [identity], serviceRoute, security } satisfies RegisteredUe)
  }
  simulation.command(0, addresses[watchers]!, { do: 'publish', as: presentity, document, expires: 600_000 })
  simulation.run(seconds(200))
  return { simulation, addresses, identities }
}

/** Has a watcher subscribe after a while. */
export function subscribe({ simulation, addresses, identities }: Population, watcher: number, after: number): void {
  simulation.command(after, addresses[watcher]!, {
    do: 'subscribe',
    as: identities[watcher]!,
    to: presentity,
    expires: 600_000,
    accept,
  })
}

const accept = [
  { value: 'application/pidf+xml', params: { q: '0.3' } },
  { value: 'application/pidf-diff+xml', params: { q: '1' } },
]

const commonUe: UeSettings = {
  identity: presentity,
  leg: radioLeg(1357, { comp: 'sigcomp' }),
  route: [nameAddr(`sip:${hosts.proxy}:7531;lr;comp=sigcomp`), ...serviceRoute],
  contact: undefined,
  accessNetwork: { value: '3GPP-UTRAN-TDD', params: { 'utran-cell-id-3gpp': '234151D0FCE11' } },
  privacy: ['none'],
  security,
  callIds: [],
  tags: [],
  firstSequence: 61,
}

const proxySettings: ProxyCscfSettings = {
  hosts: [hosts.proxy],
  ueLeg: radioLeg(7531, { comp: 'sigcomp' }),
  registered: {},
  chargingIds: [],
}

const servingSettings: ServingCscfSettings = {
  host: hosts.serving,
  network: 'home1.net',
  users: [],
  recordRoute: { originating: true, terminating: false },
  domains: {},
}

export const serverSettings: ApplicationServerSettings = {
  identity: `sip:${hosts.server}`,
  network: 'home1.net',
  tags: [],
  chargingIds: [],
  firstSequence: 42,
  roles: {
    presenceServer: {
      presentities: { [presentity]: { watchers: {}, otherwise: 'allow' } },
      subscribing: { packages: ['presence'], shortestDuration: 60, longestDuration: 600_000 },
      publishing: {
        packages: ['presence'],
        mediaTypes: ['application/pidf+xml'],
        defaultDuration: 3600,
        shortestDuration: 60,
        longestDuration: 600_000,
      },
      notifyAfter: 0,
    },
  },
}
