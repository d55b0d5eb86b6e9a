import type { z } from 'zod'
import { type Script, scriptForm } from '../../src/flow/form/deed-form.ts'
import { type Topology, topologyForm } from '../../src/flow/form/topology.ts'
import { commandsOf, worldOf } from '../../src/flow/world.ts'
import type { CxMessage } from '../../src/ims/cx.ts'
import type { Hss } from '../../src/ims/hss/hss.ts'
import type { Subscriber } from '../../src/ims/hss/subscription.ts'
import type { ProxyCscf } from '../../src/ims/p-cscf/p-cscf.ts'
import type { ServingCscf } from '../../src/ims/s-cscf/s-cscf.ts'
import type { Registration } from '../../src/ims/ue/registration-state.ts'
import type { Ue } from '../../src/ims/ue/ue.ts'
import { type Message, overTheWire } from '../../src/message.ts'
import type { Address, Decision } from '../../src/sim/node.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { seconds } from '../../src/sim/time.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message.ts'

/** A message on the bus, by the names of the topology. */
export interface Passed {
  readonly at: number
  readonly from: string
  readonly to: string
  readonly message: Message
}

type Forms = Record<string, Record<string, unknown>>

/** What a test has otherwise than the usual home network: by node, further nodes, of the user, and links. */
export interface Otherwise {
  readonly nodes?: Forms
  readonly user?: Record<string, unknown>
  readonly users?: Forms
  readonly links?: readonly unknown[]
  readonly seed?: number
}

const usual: Forms = {
  UE: {
    role: 'ue',
    network: 'home1.net',
    host: '[5555::1]',
    port: 1357,
    user: 'user1',
    proxy: 'P-CSCF',
    registered: false,
    registration: { subscribes: false },
  },
  'P-CSCF': {
    role: 'p-cscf',
    network: 'home1.net',
    host: 'pcscf1.home1.net',
    port: 7531,
    registration: { subscribes: false },
  },
  'I-CSCF': { role: 'i-cscf', network: 'home1.net', host: 'icscf1.home1.net' },
  HSS: { role: 'hss', network: 'home1.net', host: 'hss.home1.net' },
  'S-CSCF': { role: 's-cscf', network: 'home1.net', host: 'scscf1.home1.net' },
}

export const identity = 'sip:user1_public1@home1.net'
export const privateIdentity = 'user1_private@home1.net'
const user = { identities: [identity], sCscf: 'S-CSCF' }

function topologyOf({ nodes = {}, user: changes = {}, users = {}, links = [] }: Otherwise): Topology {
  const names = [...new Set([...Object.keys(usual), ...Object.keys(nodes)])]
  const merged = Object.fromEntries(names.map((name) => [name, { ...usual[name], ...nodes[name] }]))
  return topologyForm.parse({
    lanes: ['UE'],
    nodes: merged,
    users: { user1: { ...user, ...changes }, ...users },
    links: [{ latency: '2 ms' }, ...links],
  })
}

type DeedInput = z.input<typeof scriptForm>[number] extends infer One
  ? One extends { at: string }
    ? Omit<One, 'at'>
    : never
  : never

/** A home network with a UE that can register; the test has it do things and reads what happened. */
export class Registering {
  readonly topology: Topology
  readonly simulation: Simulation<Message>
  /** All that was sent, each message once however often it was repeated. */
  readonly passed: Passed[] = []
  readonly decisions: (Decision & { readonly node: string })[] = []
  private readonly seen = new Set<Message>()
  private readonly names: Map<Address, string>

  constructor(otherwise: Otherwise = {}) {
    this.topology = topologyOf(otherwise)
    this.simulation = worldOf(this.topology, { seed: otherwise.seed ?? 1, wire: overTheWire })
    this.names = new Map(Object.entries(this.topology.nodes).map(([name, { host }]) => [host, name]))
  }

  /** Has something done now, and lets so many seconds pass; returns what was sent meanwhile. */
  do(deed: DeedInput, lasts = 5): Passed[] {
    const script = scriptForm.parse([{ at: '0 s', ...(deed as object) }]) as Script
    const idle = this.clock - this.simulation.now
    for (const { to, command } of commandsOf(script, this.topology)) this.simulation.command(idle, to, command)
    return this.pass(lasts)
  }

  /** Lets so many seconds pass; returns what was sent meanwhile. */
  pass(lasts: number): Passed[] {
    const from = this.passed.length
    this.clock += seconds(lasts)
    for (let due = this.simulation.next; due !== undefined && due <= this.clock; due = this.simulation.next) this.step()
    return this.passed.slice(from)
  }

  private clock = 0

  private step(): void {
    const { node, at, effects } = this.simulation.step()!
    const name = this.names.get(node) ?? node
    for (const effect of effects) {
      if (effect.kind === 'decide') this.decisions.push({ ...effect, node: name })
      if (effect.kind !== 'send' || this.seen.has(effect.message)) continue
      this.seen.add(effect.message)
      const to = this.names.get(effect.to) ?? effect.to
      this.passed.push({ at: at / seconds(1), from: name, to, message: effect.message })
    }
  }

  get registration(): Registration {
    return this.stateOf<Ue>('UE').registration!
  }
  get proxy(): ProxyCscf {
    return this.stateOf('P-CSCF')
  }
  get serving(): ServingCscf {
    return this.stateOf('S-CSCF')
  }
  get subscriber(): Subscriber {
    const { host } = this.topology.nodes.HSS!
    const { subscribers } = this.simulation.world.seats.get(host)!.state as Hss
    return subscribers.byPrivate.get(privateIdentity)!
  }

  /** The state of a node on top of its transaction layer. */
  stateOf<T>(name: string): T {
    return (this.simulation.world.seats.get(this.topology.nodes[name]!.host)!.state as { user: T }).user
  }
}

/** What passed as a reader of ladders sees it: `UE -> P-CSCF : REGISTER`, `S-CSCF -> I-CSCF : 401`. */
export const ladder = (passed: readonly Passed[]): string[] =>
  passed.map(({ from, to, message }) => `${from} -> ${to} : ${gist(message)}`)

function gist(message: Message): string {
  if (message.protocol === 'cx') return message.command
  if (message.protocol === 'http') return `HTTP ${message.kind === 'request' ? message.method : message.status}`
  return message.kind === 'request' ? message.method : `${message.status} (${message.headers.cseq?.method})`
}

/** The requests of this method from a node. */
export const requestsOf = (passed: readonly Passed[], from: string, method: string): SipRequest[] =>
  passed.flatMap((one) =>
    one.from === from &&
    one.message.protocol === 'sip' &&
    one.message.kind === 'request' &&
    one.message.method === method
      ? [one.message]
      : [],
  )

/** The responses from a node to requests of this method. */
export const responsesOf = (passed: readonly Passed[], from: string, method: string): SipResponse[] =>
  passed.flatMap((one) =>
    one.from === from &&
    one.message.protocol === 'sip' &&
    one.message.kind === 'response' &&
    one.message.headers.cseq?.method === method
      ? [one.message]
      : [],
  )

/** The Cx commands of this name. */
export const commandsOver = (passed: readonly Passed[], command: string): CxMessage[] =>
  passed.flatMap(({ message }) => (message.protocol === 'cx' && message.command === command ? [message] : []))
