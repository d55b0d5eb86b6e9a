/**
 * From a topology to a simulation: seats every node with what the topology says of it.
 */
import { presenceServerNode } from '../ims/application-server.ts'
import type { InitialFilterCriterion, ServicePointTrigger } from '../ims/filter-criteria.ts'
import { type HssSettings, hssNode } from '../ims/hss.ts'
import { interrogatingCscfNode } from '../ims/i-cscf.ts'
import { type ProxyCscfSettings, proxyCscfNode, type RegisteredUe } from '../ims/p-cscf.ts'
import { type ServedUser, type ServingCscfSettings, servingCscfNode } from '../ims/s-cscf.ts'
import { nameAddr, radioLeg, type UeSettings, ueNode, uePopulationNode } from '../ims/ue.ts'
import type { Message } from '../message.ts'
import type { PuaSettings } from '../presence/pua.ts'
import { type Link, setLink } from '../sim/network.ts'
import type { Address, Node } from '../sim/node.ts'
import { Simulation, type SimulationOptions, type WorldAct, worldAddress } from '../sim/simulation.ts'
import type { Micros } from '../sim/time.ts'
import { headerValue } from '../sip/message.ts'
import { sipNode } from '../sip/transaction.ts'
import { readDuration } from './duration.ts'
import { presenceServerSettings } from './presence-server-settings.ts'
import type { Deed, NodeOf, Script, Topology, TopologyCriterion, TopologyLink, TopologyTrigger } from './topology.ts'

/** All behaviours that a seat may have, by the roles of the topology. */
export const behaviours: Readonly<Record<string, Node<unknown, Message>>> = {
  ue: sipNode(ueNode),
  'ue-population': sipNode(uePopulationNode),
  'p-cscf': sipNode(proxyCscfNode),
  's-cscf': sipNode(servingCscfNode),
  'i-cscf': sipNode(interrogatingCscfNode),
  hss: hssNode,
  'presence-server': sipNode(presenceServerNode),
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
    simulation.add(node.host, node.role, settingsOf(topology, name))
    if (node.role === 'p-cscf') for (const alias of node.aliases) simulation.alias(alias, node.host)
  }
  for (const link of topology.links) layLink(simulation, topology, link)
  return simulation
}

function settingsOf(topology: Topology, name: string): unknown {
  const node = topology.nodes[name]!
  switch (node.role) {
    case 'ue':
      return ueSettings(topology, node)
    case 'p-cscf':
      return proxySettings(topology, name, node)
    case 's-cscf':
      return servingSettings(topology, name, node)
    case 'i-cscf':
      return { host: node.host, hss: hostOfRole(topology, 'hss', node.network) }
    case 'hss':
      return hssSettings(topology, node)
    case 'presence-server':
      return presenceServerSettings(topology, node)
  }
}

function ueSettings(topology: Topology, ue: NodeOf<'ue'>): UeSettings {
  const proxy = topology.nodes[ue.proxy] as NodeOf<'p-cscf'>
  const user = topology.users[ue.user]!
  const comp = ue.comp === undefined ? '' : `;comp=${ue.comp}`
  const portOf = (port: number | undefined): string => (port === undefined ? '' : `:${port}`)
  const proxyUri = `sip:${ue.proxyName ?? proxy.host}${portOf(proxy.port)};lr${comp}`
  return {
    identity: ue.identity ?? user.identities[0]!,
    leg: radioLeg(ue.port, ue.comp === undefined ? {} : { comp: ue.comp }),
    route: [nameAddr(proxyUri), ...serviceRoute(topology, ue.user)],
    contact: nameAddr(contactUri(ue)),
    accessNetwork: headerValue('pAccessNetworkInfo', ue.accessNetwork)!,
    privacy: ue.privacy,
    security: ue.security === undefined ? [] : headerValue('securityVerify', ue.security)!,
    callIds: ue.callIds,
    tags: ue.tags,
    firstSequence: ue.firstSequence,
    roles: { pua: { publishGap: readDuration(ue.publishGap)! } satisfies PuaSettings },
  }
}

const contactUri = ({ host, port, comp }: NodeOf<'ue'>): string =>
  `sip:${host}${port === undefined ? '' : `:${port}`}${comp === undefined ? '' : `;comp=${comp}`}`

const serviceRoute = (topology: Topology, user: string) => [
  nameAddr(`sip:orig@${topology.nodes[topology.users[user]!.sCscf]!.host};lr`),
]

function proxySettings(topology: Topology, name: string, node: NodeOf<'p-cscf'>): ProxyCscfSettings {
  const ues = uesOf(topology).filter((ue) => ue.proxy === name)
  const registered = ues.map((ue): readonly [Address, RegisteredUe] => [
    ue.host,
    {
      identities: topology.users[ue.user]!.identities,
      serviceRoute: serviceRoute(topology, ue.user),
      security: ue.security === undefined ? [] : headerValue('securityVerify', ue.security)!,
    },
  ])
  return {
    hosts: [node.host, ...node.aliases],
    ueLeg: radioLeg(node.port, node.comp === undefined ? {} : { comp: node.comp }),
    registered: Object.fromEntries(registered),
    chargingIds: node.chargingIds,
  }
}

function servingSettings(topology: Topology, name: string, node: NodeOf<'s-cscf'>): ServingCscfSettings {
  const users = Object.entries(topology.users).filter(([, user]) => user.sCscf === name)
  const entries = Object.values(topology.nodes).filter((one) => one.role === 'i-cscf')
  return {
    host: node.host,
    network: node.network,
    users: users.flatMap(([id, { identities, criteria }]) =>
      identities.map((identity): ServedUser => {
        const ue = uesOf(topology).find(({ user }) => user === id)
        return { identity, criteria: criteria.map(criterionOf), contact: ue && registeredContact(topology, ue) }
      }),
    ),
    recordRoute: node.recordRoute,
    domains: Object.fromEntries(entries.map(({ network, host }) => [network, host] as const)),
  }
}

const registeredContact = (topology: Topology, ue: NodeOf<'ue'>) => ({
  uri: contactUri(ue),
  path: [nameAddr(`sip:term@${topology.nodes[ue.proxy]!.host};lr`)],
})

function criterionOf(criterion: TopologyCriterion): InitialFilterCriterion {
  const { priority, condition, groups, server } = criterion
  return {
    priority,
    conditionType: condition,
    groups: groups.map((group) => group.map(triggerOf)),
    serverName: server,
    defaultHandling: criterion.default,
  }
}

function triggerOf(trigger: TopologyTrigger): ServicePointTrigger {
  const { method, requestUri, header, content, line, negated } = trigger
  if (method !== undefined) return { kind: 'method', method, negated }
  if (requestUri !== undefined) return { kind: 'requestUri', pattern: requestUri, negated }
  if (header !== undefined) return { kind: 'sipHeader', header, content, negated }
  if (line !== undefined) return { kind: 'sessionDescription', line, content, negated }
  return { kind: 'sessionCase', sessionCase: trigger.case!, negated }
}

function hssSettings(topology: Topology, node: NodeOf<'hss'>): HssSettings {
  const users = Object.entries(topology.users).filter(
    ([, { sCscf }]) => topology.nodes[sCscf]!.network === node.network,
  )
  return {
    users: Object.fromEntries(
      users.flatMap(([id, { identities, sCscf }]) => {
        const serverName = `sip:${topology.nodes[sCscf]!.host}`
        const isRegistered = uesOf(topology).some(({ user }) => user === id)
        return identities.map((identity) => [identity, { serverName, kind: 'user', isRegistered }] as const)
      }),
    ),
  }
}

const uesOf = (topology: Topology): NodeOf<'ue'>[] => Object.values(topology.nodes).filter((node) => node.role === 'ue')

function hostOfRole(topology: Topology, role: string, network: string): Address {
  const node = Object.values(topology.nodes).find((one) => one.role === role && one.network === network)
  return node?.host ?? `${role}.${network}`
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
      return [{ to: hostOf(deed.node), command: ofUser(deed) }]
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
function ofUser(deed: Deed): { readonly do: string; readonly [argument: string]: unknown } {
  const command: Record<string, unknown> & { do: string } = { do: deed.do }
  for (const [name, value] of Object.entries(deed)) {
    // What the file does not give stays ungiven.
    if (name === 'at' || name === 'node' || value === undefined) continue
    command[name] = value
    if (name === 'accept') command.accept = headerValue('accept', String(value))
    if (name === 'every') command.every = readDuration(String(value))
  }
  return command
}
