/**
 * From a topology to a simulation: seats every node with what the topology says of it.
 */
import {
  presenceNetworkAgentNode,
  presenceServerNode,
  registrationListenerNode,
  resourceListServerNode,
} from '../ims/application-server.ts'
import { authenticationProxyNode } from '../ims/gba/authentication-proxy.ts'
import { bsfNode } from '../ims/gba/bsf.ts'
import { hssNode } from '../ims/hss/hss.ts'
import { interrogatingCscfNode } from '../ims/i-cscf/i-cscf.ts'
import { proxyCscfNode } from '../ims/p-cscf/p-cscf.ts'
import { servingCscfNode } from '../ims/s-cscf/s-cscf.ts'
import { ueNode, uePopulationNode } from '../ims/ue/ue.ts'
import type { Message } from '../message.ts'
import { type Link, setLink } from '../sim/network.ts'
import type { Address, Node } from '../sim/node.ts'
import { Simulation, type SimulationOptions, type WorldAct, worldAddress } from '../sim/simulation.ts'
import type { Micros } from '../sim/time.ts'
import { fromBase64 } from '../sip/grammar/base64.ts'
import { headerValue } from '../sip/message.ts'
import { sipNode } from '../sip/transaction/transaction.ts'
import type { TransportSettings } from '../sip/transaction/transport.ts'
import { readDuration } from './duration.ts'
import type { Deed, Script } from './form/deed-form.ts'
import { dnsTable } from './form/dns-form.ts'
import {
  hssSettings,
  interrogatingSettings,
  listenerSettings,
  proxySettings,
  servingSettings,
  ueSettings,
} from './form/ims-settings.ts'
import { listServerSettings } from './form/list-server-settings.ts'
import { networkAgentSettings } from './form/network-agent-settings.ts'
import { presenceServerSettings } from './form/presence-server-settings.ts'
import { criterionOf } from './form/service-form.ts'
import { privateIdentityOf } from './form/subscriber-settings.ts'
import { otherNames, type Topology, type TopologyLink, type TopologyNode } from './form/topology.ts'
import { authenticationProxySettings, bsfSettings } from './form/ut-settings.ts'

/** All behaviours that a seat may have, by the roles of the topology. */
export const behaviours: Readonly<Record<string, Node<unknown, Message>>> = {
  ue: sipNode(ueNode),
  'ue-population': sipNode(uePopulationNode),
  'p-cscf': sipNode(proxyCscfNode),
  's-cscf': sipNode(servingCscfNode),
  'i-cscf': sipNode(interrogatingCscfNode),
  hss: hssNode,
  'presence-server': sipNode(presenceServerNode),
  'resource-list-server': sipNode(resourceListServerNode),
  'presence-network-agent': sipNode(presenceNetworkAgentNode),
  'application-server': sipNode(registrationListenerNode),
  bsf: bsfNode,
  'authentication-proxy': authenticationProxyNode,
}

const documents = new Set<unknown>(['document', 'presence', 'ruleset', 'filter-set', 'permissions'])

/** What copies of the world share, since nobody changes it: messages, dialogs, and documents as values or trees. */
export const isShared = (value: object): boolean =>
  'protocol' in value || 'remoteTarget' in value || ('kind' in value && documents.has(value.kind))

/** A simulation of a topology, before anything happens. */
export function worldOf(
  topology: Topology,
  options: Omit<SimulationOptions<Message>, 'behaviours' | 'isShared'>,
): Simulation<Message> {
  const simulation = new Simulation<Message>({ ...options, behaviours, isShared })
  for (const [name, node] of Object.entries(topology.nodes)) {
    simulation.add(node.host, node.role, { ...settingsOf(topology, name), ...transportOf(topology, node) })
    if (!node.tcp) simulation.refuseStreams(node.host)
    for (const alias of otherNames(node)) simulation.alias(alias, node.host)
  }
  for (const link of topology.links) layLink(simulation, topology, link)
  return simulation
}

/** What the transaction layer of a node knows of the ways that its requests can take. */
function transportOf({ dns }: Topology, { mtu }: TopologyNode): TransportSettings {
  return { ...(dns !== undefined && { dns: dnsTable(dns) }), ...(mtu !== undefined && { mtu }) }
}

function settingsOf(topology: Topology, name: string): object {
  const node = topology.nodes[name]!
  switch (node.role) {
    case 'ue':
      return ueSettings(topology, node)
    case 'p-cscf':
      return proxySettings(topology, name, node)
    case 's-cscf':
      return servingSettings(topology, name, node)
    case 'i-cscf':
      return interrogatingSettings(topology, node)
    case 'hss':
      return hssSettings(topology, node)
    case 'presence-server':
      return presenceServerSettings(topology, node)
    case 'bsf':
      return bsfSettings(topology, node)
    case 'authentication-proxy':
      return authenticationProxySettings(topology, node)
    case 'resource-list-server':
      return listServerSettings(topology, node)
    case 'application-server':
      return listenerSettings(topology, node)
    case 'presence-network-agent':
      return networkAgentSettings(topology, node)
  }
}

function layLink(simulation: Simulation<Message>, topology: Topology, form: TopologyLink): void {
  const link = linkOf(form)
  const { network } = simulation.world
  if (form.between === undefined) network.otherwise = link
  else for (const [one, other] of linkedHosts(topology, form.between)) setLink(network, one, other, link)
}

const linkOf = ({ latency, jitter, lossOneIn, duplicateOneIn }: Omit<TopologyLink, 'between'>): Link => ({
  latency: readDuration(latency)!,
  jitter: readDuration(jitter)!,
  lossOneIn,
  duplicateOneIn,
})

/** A link between two networks is one between each node of the one and each node of the other. */
function linkedHosts(topology: Topology, [one, other]: readonly [string, string]): [Address, Address][] {
  const hosts = (name: string): Address[] => {
    const node = topology.nodes[name]
    if (node !== undefined) return [node.host]
    return Object.values(topology.nodes).flatMap(({ network, host }) => (network === name ? [host] : []))
  }
  return hosts(one).flatMap((a) => hosts(other).flatMap((b): [Address, Address][] => (a === b ? [] : [[a, b]])))
}

/** Whom a scripted deed is for, when, and what it comes to. */
export interface Scheduled {
  readonly after: Micros
  readonly to: Address
  readonly command: { readonly do: string; readonly [argument: string]: unknown } | WorldAct
}

/** What a script has the nodes and the world do. */
export function commandsOf(script: Script, topology: Topology): Scheduled[] {
  return script.flatMap((deed) => {
    const after = readDuration(deed.at)!
    return commandOf(deed, topology).map(({ to, command }) => ({ after, to, command }))
  })
}

function commandOf(deed: Deed, topology: Topology): Omit<Scheduled, 'after'>[] {
  const hostOf = (name: string): Address => topology.nodes[name]!.host
  const toWorld = (command: WorldAct) => [{ to: worldAddress, command }]
  switch (deed.do) {
    case 'subscribe':
    case 'refresh':
    case 'fetch':
    case 'poll':
    case 'unsubscribe':
    case 'publish':
    case 'unpublish':
    case 'policy':
    case 'hard-state':
    case 'terminate':
    case 'network-event':
    case 'register':
    case 'bootstrap':
    case 'xcap-begin':
    case 'xcap-get':
    case 'xcap-put':
    case 'xcap-delete':
      return [{ to: hostOf(deed.node), command: ofUser(deed, topology) }]
    case 'deregister':
    case 'reauthenticate':
    case 'change-profile':
      return [{ to: hostOf(deed.node), command: ofOperator(deed, topology) }]
    case 'partition':
      return toWorld({ do: 'partition', some: deed.some.map(hostOf), others: deed.others.map(hostOf) })
    case 'heal':
      return toWorld({ do: 'heal' })
    case 'link':
      return linkedHosts(topology, deed.between).flatMap(([one, other]) =>
        toWorld({ do: 'link', one, other, link: linkOf(deed) }),
      )
    default:
      return toWorld({ do: deed.do, node: hostOf(deed.node) })
  }
}

/** What a user has her UE do: the deed without its place and time, with its values read. */
function ofUser(deed: Deed, topology: Topology): { readonly do: string; readonly [argument: string]: unknown } {
  const command: Record<string, unknown> & { do: string } = { do: deed.do }
  for (const [name, value] of Object.entries(deed)) {
    // What the file does not give stays ungiven.
    if (name === 'at' || name === 'node' || value === undefined) continue
    command[name] = value
    if (name === 'accept') command.accept = headerValue('accept', String(value))
    if (name === 'rates') command.rates = rateParams(value as Readonly<Record<string, number>>)
    if (name === 'as') command.as = topology.users[String(value)]?.identities[0]
    if (name === 'base64') command.body = fromBase64(String(value))
    if (name === 'objects') command.objects = (value as readonly object[]).map(withBytes)
    if (name === 'every') command.every = readDuration(String(value))
  }
  return command
}

/** What a script attaches to a publication, with its bytes as its body. */
function withBytes({ base64, ...object }: { readonly base64?: string }): object {
  return base64 === undefined ? object : { ...object, body: fromBase64(base64) }
}

/** RFC 6446 §9: the parameters of Event by which a subscriber says how often it wants to be told. */
function rateParams(rates: Readonly<Record<string, number>>): Record<string, string> {
  const names: Readonly<Record<string, string>> = { max: 'max-rate', min: 'min-rate', adaptive: 'adaptive-min-rate' }
  return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [names[name]!, String(rate)]))
}

type OperatorDeed = Extract<Deed, { do: 'deregister' | 'reauthenticate' | 'change-profile' }>

/** What an operator has a node of the network do to a user; a UE ends its own registration. */
function ofOperator(deed: OperatorDeed, topology: Topology): { readonly do: string; readonly [name: string]: unknown } {
  if (deed.user === undefined) return { do: deed.do }
  const user = topology.users[deed.user]!
  const whose = { privateIdentity: privateIdentityOf(topology, deed.user), identity: user.identities[0]! }
  switch (deed.do) {
    case 'deregister': {
      const { reason = 'PERMANENT_TERMINATION', event = 'deactivated' } = deed
      return { do: deed.do, ...whose, reason, event }
    }
    case 'reauthenticate':
      return { do: deed.do, ...whose, expires: deed.expires }
    case 'change-profile':
      return { do: deed.do, ...whose, criteria: deed.criteria.map(criterionOf) }
  }
}
