/** Ten thousand users register with IMS AKA, each with a UE of her own, through P-, I- and S-CSCF and HSS. */
import { behaviours, isShared } from '../../src/flow/world.ts'
import type { HssSettings } from '../../src/ims/hss/hss.ts'
import type { ImsSubscription } from '../../src/ims/hss/subscription.ts'
import type { InterrogatingCscfSettings } from '../../src/ims/i-cscf/i-cscf.ts'
import type { ProxyCscfSettings } from '../../src/ims/p-cscf/p-cscf.ts'
import type { ServingCscf, ServingCscfSettings } from '../../src/ims/s-cscf/s-cscf.ts'
import { nameAddr, radioLeg, type UeSettings } from '../../src/ims/ue/ue.ts'
import type { Message } from '../../src/message.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import { millis, seconds } from '../../src/sim/time.ts'
import type { SipState } from '../../src/sip/transaction/transaction.ts'
import type { Figure } from './figure.ts'

const network = 'home1.net'
const hosts = {
  proxy: 'pcscf1.home1.net',
  entry: 'icscf1.home1.net',
  serving: 'scscf1.home1.net',
  hss: 'hss.home1.net',
}

const identityOf = (user: number): string => `sip:user${user}@${network}`
const addressOf = (user: number): string => `[5555::${user.toString(16)}]`
/** A key of 16 octets that no other user has. */
const keyOf = (user: number): string => user.toString(16).padStart(32, '1')
const opc = 'cd63cb71954a9f4e48a5994e37a02baf'

const subscriptionOf = (user: number): ImsSubscription => ({
  privateIdentity: `user${user}@${network}`,
  secret: { k: keyOf(user), opc },
  sqn: 0,
  amf: '8000',
  sets: [{ identities: [{ identity: identityOf(user), isBarred: false }], criteria: [] }],
  capabilities: { mandatory: [1], optional: [] },
  networks: [network],
  chargingFunctions: [],
  state: 'not registered',
  serverName: '',
})

function ueOf(user: number): UeSettings {
  const address = addressOf(user)
  return {
    identity: identityOf(user),
    leg: radioLeg(1357, {}),
    route: [nameAddr(`sip:${hosts.proxy};lr`)],
    contact: nameAddr(`sip:${address}:1357`),
    accessNetwork: { value: '3GPP-UTRAN-TDD', params: { 'utran-cell-id-3gpp': '234151D0FCE11' } },
    privacy: ['none'],
    security: [],
    callIds: [],
    tags: [],
    firstSequence: 1,
    registration: {
      privateIdentity: `user${user}@${network}`,
      identity: identityOf(user),
      registrar: network,
      proxy: hosts.proxy,
      bareContact: nameAddr(`sip:${address}`),
      bareLeg: radioLeg(undefined, {}),
      duration: 600_000,
      secret: { k: keyOf(user), opc },
      sqn: 0,
      isFaulty: false,
      portServer: 1357,
      portClient: 2468,
      spis: [],
      algorithms: ['hmac-sha-1-96'],
      subscribes: false,
      callIds: [],
      tags: [],
    },
  }
}

const domains = { [network]: hosts.entry }

const proxySettings: ProxyCscfSettings = {
  hosts: [hosts.proxy],
  ueLeg: radioLeg(7531, {}),
  registered: {},
  chargingIds: [],
  access: {
    addresses: [],
    prefix: '[5555::',
    network,
    visitedNetwork: network,
    domains,
    portServer: 7531,
    portClient: 8642,
    spis: [],
    algorithms: ['hmac-sha-1-96'],
    subscribes: false,
  },
}

const servingSettings: ServingCscfSettings = {
  host: hosts.serving,
  network,
  users: [],
  recordRoute: { originating: true, terminating: false },
  domains,
  registrar: {
    hss: hosts.hss,
    shortestDuration: 60,
    longestDuration: 600_000,
    authenticates: 'first',
    callIds: [],
    firstSequence: 1,
    registered: [],
  },
}

function worldOf(users: number): Simulation<Message> {
  const simulation = new Simulation<Message>({ behaviours, isShared, seed: 1 })
  simulation.world.network.otherwise = { latency: millis(2), jitter: 0, lossOneIn: 0, duplicateOneIn: 0 }
  simulation.add(hosts.proxy, 'p-cscf', proxySettings)
  const servers = [{ name: `sip:${hosts.serving}`, capabilities: [1, 2] }]
  const entry: InterrogatingCscfSettings = { host: hosts.entry, hss: hosts.hss, servers }
  simulation.add(hosts.entry, 'i-cscf', entry)
  simulation.add(hosts.serving, 's-cscf', servingSettings)
  const subscriptions = Array.from({ length: users }, (_, user) => subscriptionOf(user))
  simulation.add(hosts.hss, 'hss', { users: {}, subscriptions } satisfies HssSettings)
  for (let user = 0; user < users; user++) simulation.add(addressOf(user), 'ue', ueOf(user))
  return simulation
}

/** One user every 10 ms, and on until all timers of the transactions have fired. */
export function* registrationFigures(users = 10_000): Generator<Figure> {
  const simulation = worldOf(users)
  const start = performance.now()
  for (let user = 0; user < users; user++) simulation.command(user * millis(10), addressOf(user), { do: 'register' })
  const steps = simulation.run(users * millis(10) + seconds(400))
  const wall = (performance.now() - start) / 1000
  const serving = (simulation.world.seats.get(hosts.serving)!.state as SipState<ServingCscf>).user
  if (serving.registrar?.sets.size !== users) throw new Error(`${serving.registrar?.sets.size} users are registered`)
  const name = `${users / 1000} k registrations with AKA`
  yield { name: `${name}: wall time`, value: wall, unit: 's' }
  yield { name: `${name}: steps`, value: steps, unit: 'steps' }
}
