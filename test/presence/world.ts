import { type TopologyNode, topologyForm } from '../../src/flow/form/topology.ts'
import { worldOf } from '../../src/flow/world.ts'
import { type Message, overTheWire } from '../../src/message.ts'
import type { SubHandling } from '../../src/presence/notifier/authorization.ts'
import type { PresenceUserAgent } from '../../src/presence/publisher/pua.ts'
import type { PresenceServer } from '../../src/presence/server/presence-server-state.ts'
import type { Watcher, Watching } from '../../src/presence/watcher/watcher.ts'
import type { Decision } from '../../src/sim/node.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import { headerValue, type SipRequest, type SipResponse } from '../../src/sip/message.ts'
import { leftOut } from '../left-out.ts'

export const watcher = 'sip:user1_public1@home1.net'
export const presentity = 'sip:user2_public1@home2.net'

interface RoleStates {
  readonly watcher: Watcher
  readonly pua: PresenceUserAgent
  readonly presenceServer: PresenceServer
}

/** A message on one hop, by the names of the nodes. */
export interface Hop<M = SipRequest | SipResponse> {
  readonly from: string
  readonly to: string
  /** In seconds. */
  readonly at: number
  readonly message: M
}

/**
 * Two networks: a watcher at home1.net, a presentity at home2.net with two devices, each network with all its
 * functions. Everything that is sent travels over the wire.
 */
export class TwoNetworks {
  readonly hops: Hop[] = []
  readonly decisions: (Decision & { readonly node: string })[] = []
  readonly simulation: Simulation<Message>
  private readonly names: ReadonlyMap<string, string>

  /** The policy of the presentity, and what else the topology says of her first device. */
  constructor(
    policy: { readonly watchers?: Readonly<Record<string, SubHandling>>; otherwise?: SubHandling } = {},
    ofDevice: Readonly<Record<string, string>> = {},
  ) {
    const own = { ...nodes, 'UE#2a': { ...nodes['UE#2a'], ...ofDevice } }
    const links = [{ latency: '5 ms' }]
    const topology = topologyForm.parse({ lanes: ['UE#1'], nodes: own, users: users(policy), links })
    this.simulation = worldOf(topology, { seed: 1, wire: overTheWire, without: leftOut })
    this.names = new Map(Object.entries(topology.nodes).map(([name, { host }]) => [host, name]))
  }

  /** Has a node, or the `world`, do something, and lets a second pass. */
  do(name: string, command: { readonly do: string; readonly [argument: string]: unknown }): void {
    this.simulation.command(0, name === 'world' ? name : this.hostOf(name), command)
    this.pass(1)
  }

  subscribe(accept?: string, expires = 7200): void {
    const ranges = accept === undefined ? {} : { accept: headerValue('accept', accept) }
    this.do('UE#1', { do: 'subscribe', to: presentity, expires, ...ranges })
  }

  publish(device: string, document: string, expires = 7200): void {
    this.do(device, { do: 'publish', document, expires })
  }

  /** Lets so many seconds pass. */
  pass(time: number): void {
    const until = this.simulation.now + seconds(time)
    for (let due = this.simulation.next; due !== undefined && due <= until; due = this.simulation.next)
      this.note(this.simulation.step()!)
    this.simulation.command(until - this.simulation.now, 'world', { do: 'heal' })
    this.simulation.step()
  }

  /** The requests of a method on one hop, retransmissions left out. */
  requests(method: string, from: string, to: string): Hop<SipRequest>[] {
    return this.hops.filter(
      (hop): hop is Hop<SipRequest> =>
        hop.from === from && hop.to === to && hop.message.kind === 'request' && hop.message.method === method,
    )
  }

  /** The responses to a method on one hop. */
  responses(method: string, from: string, to: string): Hop<SipResponse>[] {
    return this.hops.filter(
      (hop): hop is Hop<SipResponse> =>
        hop.from === from &&
        hop.to === to &&
        hop.message.kind === 'response' &&
        hop.message.headers.cseq!.method === method,
    )
  }

  /** What the watcher knows of the presentity. */
  known(): Watching['known'] {
    return this.roles('UE#1').watcher.watching.at(-1)?.known
  }

  /** The states of the roles of a node. */
  roles(name: string): RoleStates {
    const { user } = this.simulation.world.seats.get(this.hostOf(name))!.state as { user: { roles: RoleStates } }
    return user.roles
  }

  private hostOf(name: string): string {
    const found = [...this.names].find(([, one]) => one === name)
    if (found === undefined) throw new Error(`no node is called ${name}`)
    return found[0]
  }

  private note(event: TraceEvent<Message>): void {
    const from = this.names.get(event.node) ?? event.node
    for (const effect of event.effects) {
      if (effect.kind === 'decide') this.decisions.push({ ...effect, node: from })
      if (effect.kind !== 'send' || effect.message.protocol !== 'sip') continue
      const to = this.names.get(effect.to) ?? effect.to
      if (this.hops.some((hop) => hop.message === effect.message)) continue
      this.hops.push({ from, to, at: event.at / seconds(1), message: effect.message })
    }
  }
}

const device = (address: string, user: string, number: 1 | 2): Extract<TopologyInput, { role: 'ue' }> => ({
  role: 'ue',
  network: `home${number}.net`,
  host: address,
  port: 1357,
  comp: 'sigcomp',
  user,
  proxy: `P-CSCF#${number}`,
  security: 'ipsec-3gpp; q=0.1; alg=hmac-sha-1-96; spi-c=98765432; spi-s=87654321; port-c=8642; port-s=7531',
})

type TopologyInput = Partial<TopologyNode> & { readonly role: TopologyNode['role'] }

const functions = (number: 1 | 2): Record<string, TopologyInput> => {
  const network = `home${number}.net`
  const at = (host: string) => ({ network, host: `${host}.${network}` })
  return {
    [`P-CSCF#${number}`]: { role: 'p-cscf', ...at('pcscf'), port: 7531, comp: 'sigcomp' },
    [`S-CSCF#${number}`]: { role: 's-cscf', ...at('scscf') },
    [`I-CSCF#${number}`]: { role: 'i-cscf', ...at('icscf') },
    [`HSS#${number}`]: { role: 'hss', ...at('hss') },
    [`PS#${number}`]: { role: 'presence-server', ...at('ps') },
  }
}

const nodes: Record<string, TopologyInput> = {
  'UE#1': device('[5555::1]', 'user1', 1),
  'UE#2a': device('[5555::2a]', 'user2', 2),
  'UE#2b': device('[5555::2b]', 'user2', 2),
  ...functions(1),
  ...functions(2),
}

const criterion = (priority: number, method: string, cases: readonly string[], server: string) => ({
  priority,
  groups: [[{ method }], [{ header: 'Event', content: '^presence(;|$)' }], cases.map((one) => ({ case: one }))],
  server,
})

const users = (policy: object) => ({
  user1: { identities: [watcher], sCscf: 'S-CSCF#1' },
  user2: {
    identities: [presentity],
    sCscf: 'S-CSCF#2',
    policy,
    criteria: [
      criterion(0, 'SUBSCRIBE', ['terminating', 'terminating-unregistered'], 'sip:ps.home2.net'),
      criterion(1, 'PUBLISH', ['originating'], 'sip:ps.home2.net'),
    ],
  },
})
