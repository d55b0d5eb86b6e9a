/**
 * What a topology says of the UEs and of the nodes of the IM CN subsystem, in the words of those nodes.
 */
import type { ApplicationServerSettings } from '../../ims/application-server.ts'
import type { HssSettings } from '../../ims/hss/hss.ts'
import type { IdentityState, ImsSubscription } from '../../ims/hss/subscription.ts'
import type { InterrogatingCscfSettings } from '../../ims/i-cscf/i-cscf.ts'
import type { ProxyCscfSettings, RegisteredUe } from '../../ims/p-cscf/p-cscf.ts'
import type { AccessSettings } from '../../ims/p-cscf/proxy-access.ts'
import type { RegisteredSet, RegistrarSettings } from '../../ims/s-cscf/registrar-state.ts'
import type { ServedUser, ServingCscfSettings } from '../../ims/s-cscf/s-cscf.ts'
import type { RegistrationSettings } from '../../ims/ue/registration-state.ts'
import { nameAddr, radioLeg, type UeSettings } from '../../ims/ue/ue.ts'
import type { RegistrationListenerSettings } from '../../presence/network/registration-listener.ts'
import type { PuaSettings } from '../../presence/publisher/pua.ts'
import { momentOf } from '../../presence/wall-clock.ts'
import type { NetworkWatcherSettings } from '../../presence/watcher/network-watcher.ts'
import type { Address } from '../../sim/node.ts'
import { seconds } from '../../sim/time.ts'
import { headerValue } from '../../sip/message.ts'
import { readDuration } from '../duration.ts'
import { xcapClientSettings } from './document-server-settings.ts'
import { publicServices } from './list-server-settings.ts'
import { homeOf, privateIdentityOf, secretOf, sqnOf } from './subscriber-settings.ts'
import { domainsOf, type NodeOf, type Topology, type TopologyUser } from './topology.ts'
import { securityOf, utAccessSettings, utServiceSettings } from './ut-settings.ts'

/** The UE as its settings have it. */
export function ueSettings(topology: Topology, ue: NodeOf<'ue'>): UeSettings {
  const proxy = topology.nodes[ue.proxy] as NodeOf<'p-cscf'>
  const user = topology.users[ue.user]!
  const comp = ue.comp === undefined ? '' : `;comp=${ue.comp}`
  const proxyPort = proxy.port === undefined || !ue.registered ? '' : `:${proxy.port}`
  const proxyUri = `sip:${ue.proxyName ?? proxy.host}${proxyPort};lr${comp}`
  const isSecure = ue.registered && ue.security !== undefined
  return {
    identity: ue.identity ?? user.identities[0]!,
    leg: radioLeg(portOf(ue), compOf(ue)),
    route: [nameAddr(proxyUri), ...(ue.registered ? serviceRoute(topology, ue.user) : [])],
    contact: nameAddr(contactUri(ue, portOf(ue))),
    accessNetwork: headerValue('pAccessNetworkInfo', ue.accessNetwork)!,
    privacy: ue.privacy,
    security: isSecure ? headerValue('securityVerify', ue.security!)! : [],
    callIds: ue.callIds,
    tags: ue.tags,
    firstSequence: ue.firstSequence,
    roles: {
      pua: { publishGap: readDuration(ue.publishGap)! } satisfies PuaSettings,
      ...(ue.xcap && { xcapClient: xcapClientSettings(topology, ue) }),
    },
    ...(!ue.registered && { registration: registrationSettings(topology, ue) }),
    ...(ue.ut && { ut: utAccessSettings(topology, ue, ue.ut) }),
  }
}

/** The port at which a UE that registers takes what comes over its security associations, if it says none. */
const usualPort = 1357
/** The same of a P-CSCF. */
const usualProxyPort = 7531

const portOf = (ue: NodeOf<'ue'>): number | undefined => ue.port ?? (ue.registered ? undefined : usualPort)
const compOf = ({ comp }: { readonly comp?: string | undefined }) => (comp === undefined ? {} : { comp })

const contactUri = ({ host, comp }: NodeOf<'ue'>, port: number | undefined): string =>
  `sip:${host}${port === undefined ? '' : `:${port}`}${comp === undefined ? '' : `;comp=${comp}`}`

function registrationSettings(topology: Topology, ue: NodeOf<'ue'>): RegistrationSettings {
  const { registrar, duration, clientPort, spis, algorithms, subscribes, callIds, tags, isim } = ue.registration
  const user = topology.users[ue.user]!
  const { k, opc } = secretOf(ue.user, user)
  return {
    privateIdentity: privateIdentityOf(topology, ue.user),
    identity: ue.identity ?? user.identities[0]!,
    registrar: registrar ?? homeOf(topology, user),
    proxy: topology.nodes[ue.proxy]!.host,
    bareContact: nameAddr(contactUri(ue, undefined)),
    bareLeg: radioLeg(undefined, compOf(ue)),
    duration,
    secret: { k: isim.key ?? k, opc: isim.opc ?? opc },
    sqn: sqnOf(isim.sqn ?? user.subscription.sqn),
    isFaulty: isim.faulty,
    portServer: portOf(ue)!,
    portClient: clientPort,
    spis,
    algorithms,
    subscribes,
    callIds,
    tags,
  }
}

const serviceRoute = (topology: Topology, user: string) => [
  nameAddr(`sip:orig@${topology.nodes[topology.users[user]!.sCscf]!.host};lr`),
]

/** The P-CSCF as its settings have it. */
export function proxySettings(topology: Topology, name: string, node: NodeOf<'p-cscf'>): ProxyCscfSettings {
  const ues = uesOf(topology).filter((ue) => ue.proxy === name)
  const registered = ues
    .filter((ue) => ue.registered)
    .map((ue): readonly [Address, RegisteredUe] => [
      ue.host,
      {
        identities: topology.users[ue.user]!.identities,
        serviceRoute: serviceRoute(topology, ue.user),
        security: ue.security === undefined ? [] : headerValue('securityVerify', ue.security)!,
      },
    ])
  const isRegistering = ues.some((ue) => !ue.registered)
  return {
    hosts: [node.host, ...node.aliases],
    ueLeg: radioLeg(node.port ?? (isRegistering ? usualProxyPort : undefined), compOf(node)),
    registered: Object.fromEntries(registered),
    chargingIds: node.chargingIds,
    ...(isRegistering && { access: accessSettings(topology, ues, node) }),
  }
}

function accessSettings(
  topology: Topology,
  ues: readonly NodeOf<'ue'>[],
  { network, port, registration }: NodeOf<'p-cscf'>,
): AccessSettings {
  const { visitedNetwork, clientPort, spis, algorithms, subscribes } = registration
  return {
    addresses: ues.map(({ host }) => host),
    network,
    visitedNetwork: visitedNetwork ?? network,
    domains: domainsOf(topology),
    portServer: port ?? usualProxyPort,
    portClient: clientPort,
    spis,
    algorithms,
    subscribes,
  }
}

/** The S-CSCF as its settings have it. */
export function servingSettings(topology: Topology, name: string, node: NodeOf<'s-cscf'>): ServingCscfSettings {
  const users = Object.entries(topology.users).filter(
    ([id, user]) => user.sCscf === name && stateOf(topology, id) !== 'not registered',
  )
  const hss = Object.values(topology.nodes).find((one) => one.role === 'hss' && one.network === node.network)
  return {
    host: node.host,
    network: node.network,
    users: users.flatMap(([id, { profiles }]) =>
      profiles.flatMap(({ identities, criteria }) =>
        identities.map(({ identity }): ServedUser => {
          const ue = uesOfUser(topology, id)[0]
          return { identity, criteria, contact: ue && registeredContact(topology, ue) }
        }),
      ),
    ),
    recordRoute: node.recordRoute,
    untrusted: node.untrusted,
    domains: domainsOf(topology),
    ...(hss !== undefined && {
      registrar: registrarSettings(
        node,
        hss.host,
        users.flatMap(([id, user]) => registeredSets(topology, id, user)),
      ),
    }),
  }
}

const registeredContact = (topology: Topology, ue: NodeOf<'ue'>) => ({
  uri: contactUri(ue, portOf(ue)),
  path: [nameAddr(`sip:term@${topology.nodes[ue.proxy]!.host};lr`)],
})

function registrarSettings(
  { registration }: NodeOf<'s-cscf'>,
  hss: Address,
  registered: readonly RegisteredSet[],
): RegistrarSettings {
  const { shortest, longest, authenticates, callIds, firstSequence } = registration
  return {
    hss,
    shortestDuration: shortest,
    longestDuration: longest,
    authenticates,
    callIds,
    firstSequence,
    registered,
  }
}

/** How long the registration of a user lasts who is registered from the beginning: as long as a UE would ask for. */
const usualDuration = 600000

/** The sets of a user who is registered from the beginning, or has none but unregistered services. */
function registeredSets(topology: Topology, name: string, user: TopologyUser): RegisteredSet[] {
  const privateIdentity = privateIdentityOf(topology, name)
  const ues = uesOfUser(topology, name)
  return user.profiles.map((profile) => ({
    key: (profile.identities.find(({ isBarred }) => !isBarred) ?? profile.identities[0]!).identity,
    privateIdentity,
    profiles: [profile],
    chargingFunctions: user.subscription.charging,
    bindings: ues.map((ue) => ({
      ...registeredContact(topology, ue),
      id: `${ue.host}-0`,
      params: {},
      privateIdentity,
      identity: ue.identity ?? profile.identities[0]!.identity,
      callId: `${ue.host}-0`,
      sequence: 1,
      registeredAt: 0,
      expiresAt: seconds(usualDuration),
      event: 'registered',
    })),
    register: undefined,
    told: {},
    isReauthenticating: false,
  }))
}

/** The I-CSCF as its settings have it. */
export function interrogatingSettings(topology: Topology, node: NodeOf<'i-cscf'>): InterrogatingCscfSettings {
  const nodes = Object.values(topology.nodes).filter(({ network }) => network === node.network)
  const hss = nodes.find(({ role }) => role === 'hss')
  return {
    host: node.host,
    untrusted: node.untrusted,
    hss: hss?.host ?? `hss.${node.network}`,
    servers: nodes.flatMap((one) =>
      one.role === 's-cscf' ? [{ name: `sip:${one.host}`, capabilities: one.capabilities }] : [],
    ),
  }
}

/** The application server that is told of registrations, as its settings have it. */
export function listenerSettings(topology: Topology, node: NodeOf<'application-server'>): ApplicationServerSettings {
  const { host, network, tags, chargingIds, firstSequence, subscribes, actsFor } = node
  const registrationListener: RegistrationListenerSettings = { subscribes, epoch: momentOf(topology.date)! }
  const networkWatcher: NetworkWatcherSettings = { users: representedUsers(topology, actsFor) }
  const roles = { registrationListener, networkWatcher }
  const ut = utServiceSettings(topology, node)
  return { identity: `sip:${host}`, network, tags, chargingIds, firstSequence, ...ut, roles }
}

/** The S-CSCFs of users on whose behalf an application server acts, by their identities. */
const representedUsers = (topology: Topology, names: readonly string[]): Record<string, Address> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const { identities, sCscf } = topology.users[name]!
      return identities.map((identity) => [identity, topology.nodes[sCscf]!.host] as const)
    }),
  )

/** The HSS as its settings have it. */
export function hssSettings(topology: Topology, node: NodeOf<'hss'>): HssSettings {
  const users = Object.entries(topology.users).filter(([, user]) => homeOf(topology, user) === node.network)
  return {
    users: publicServices(topology, node.network),
    subscriptions: users.map(([name, user]) => subscriptionOf(topology, name, user)),
    challenges: node.challenges,
  }
}

function subscriptionOf(topology: Topology, name: string, user: TopologyUser): ImsSubscription {
  const { sqn, amf, mandatory, optional, roams, charging } = user.subscription
  return {
    privateIdentity: privateIdentityOf(topology, name),
    secret: secretOf(name, user),
    sqn: sqnOf(sqn),
    amf,
    sets: user.profiles,
    capabilities: { mandatory, optional },
    networks: roams,
    chargingFunctions: charging,
    state: stateOf(topology, name),
    serverName: `sip:${topology.nodes[user.sCscf]!.host}`,
    security: securityOf(user),
  }
}

/** A user is registered by a UE of hers that is; without any, she is served while unregistered. */
function stateOf(topology: Topology, name: string): IdentityState {
  const ues = uesOfUser(topology, name)
  if (ues.length === 0) return 'unregistered'
  return ues.some((ue) => ue.registered) ? 'registered' : 'not registered'
}

const uesOf = (topology: Topology): readonly NodeOf<'ue'>[] => uesBy(topology).all

const uesOfUser = (topology: Topology, user: string): readonly NodeOf<'ue'>[] => uesBy(topology).user.get(user) ?? []

interface Ues {
  readonly all: NodeOf<'ue'>[]
  readonly user: Map<string, NodeOf<'ue'>[]>
}

/** The UEs of a topology, found once. */
const found = new WeakMap<Topology, Ues>()

function uesBy(topology: Topology): Ues {
  const known = found.get(topology)
  if (known !== undefined) return known
  const all = Object.values(topology.nodes).filter((node) => node.role === 'ue')
  const ues: Ues = { all, user: new Map() }
  for (const ue of all) {
    const others = ues.user.get(ue.user)
    if (others === undefined) ues.user.set(ue.user, [ue])
    else others.push(ue)
  }
  found.set(topology, ues)
  return ues
}
