/**
 * What a topology says of access to Ut, in the words of the nodes.
 */
import type { UserSecuritySetting } from '../../documents/user-security-settings.ts'
import type {
  AuthenticationProxySettings,
  ProxiedServer,
  UtAccount,
  UtMethod,
} from '../../ims/gba/authentication-proxy-state.ts'
import type { BsfSettings, KnownNaf } from '../../ims/gba/bsf-state.ts'
import type { UtAccessSettings } from '../../ims/gba/ut-access-state.ts'
import type { UtServiceSettings } from '../../ims/gba/ut-service.ts'
import type { SubscriberSecurity } from '../../ims/hss/subscription.ts'
import { momentOf } from '../../presence/wall-clock.ts'
import { digestOf, printDigest } from '../../sim/digest.ts'
import { readDuration } from '../duration.ts'
import { homeOf, privateIdentityOf, secretOf, sqnOf } from './subscriber-settings.ts'
import type { NodeOf, Topology, TopologyNode, TopologyUser } from './topology.ts'
import { presenceService } from './ut-form.ts'

/** How a UE proves who it is. */
export function utAccessSettings(
  topology: Topology,
  ue: NodeOf<'ue'>,
  { authentication, identity, bsf, username, password, headers }: NonNullable<NodeOf<'ue'>['ut']>,
): UtAccessSettings {
  const user = topology.users[ue.user]!
  const { isim } = ue.registration
  const { k, opc } = secretOf(ue.user, user)
  const home = homeOf(topology, user)
  const server = bsf === undefined ? nodesOf(topology, 'bsf', home)[0] : topology.nodes[bsf]
  return {
    method: authentication,
    identity: identity ?? ue.identity ?? user.identities[0]!,
    userAgent: 'presim',
    username: username ?? user.digest?.username ?? '',
    password: password ?? user.digest?.password ?? '',
    forged: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    bootstrapping: {
      bsf: server?.host ?? `bsf.${home}`,
      privateIdentity: privateIdentityOf(topology, ue.user),
      secret: { k: isim.key ?? k, opc: isim.opc ?? opc },
      sqn: sqnOf(isim.sqn ?? user.subscription.sqn),
      isFaulty: isim.faulty,
    },
    epoch: momentOf(topology.date)!,
  }
}

function nodesOf<Role extends TopologyNode['role']>(topology: Topology, role: Role, network: string): NodeOf<Role>[] {
  const isOne = (node: TopologyNode): node is NodeOf<Role> => node.role === role && node.network === network
  return Object.values(topology.nodes).filter(isOne)
}

/** The BSF as its settings have it; it knows the NAFs of its network. */
export function bsfSettings(topology: Topology, { host, network, lifetime }: NodeOf<'bsf'>): BsfSettings {
  return {
    host,
    hss: nodesOf(topology, 'hss', network)[0]?.host ?? `hss.${network}`,
    lifetime: wholeSeconds(lifetime),
    epoch: momentOf(topology.date)!,
    nafs: Object.values(topology.nodes).flatMap((node) => (node.network === network ? nafsOf(node) : [])),
  }
}

function nafsOf(node: TopologyNode): KnownNaf[] {
  if (node.role === 'authentication-proxy') return [{ address: node.host, names: node.servers.map(({ name }) => name) }]
  const isOwn = 'ut' in node && node.ut !== undefined && node.role !== 'ue' && node.ut.authentication?.includes('gba')
  return isOwn === true ? [{ address: node.host, names: [node.host] }] : []
}

/** The authentication proxy as its settings have it. */
export function authenticationProxySettings(
  topology: Topology,
  node: NodeOf<'authentication-proxy'>,
): AuthenticationProxySettings {
  const servers = node.servers.map(
    ({ name, node: server, service, requires }): ProxiedServer => ({
      name: name.toLowerCase(),
      address: topology.nodes[server]!.host,
      service,
      requires,
    }),
  )
  return findingSettings(topology, node, node, node.authentication, servers)
}

/** How an application server knows who asks; nothing if it does not ask. */
export function utServiceSettings(
  topology: Topology,
  node: NodeOf<'presence-server' | 'application-server' | 'resource-list-server'>,
): { readonly ut?: UtServiceSettings } {
  const { ut, host } = node
  if (ut === undefined) return {}
  const proxies = (ut.proxies ?? []).map((name) => topology.nodes[name]!.host)
  if (ut.authentication === undefined) return { ut: { kind: 'behind a proxy', proxies } }
  const server = { name: host.toLowerCase(), address: host, service: ut.service, requires: ut.requires }
  return { ut: { kind: 'on its own', own: findingSettings(topology, node, ut, ut.authentication, [server]) } }
}

/** What is common to all that find out who asks. */
function findingSettings(
  topology: Topology,
  { host, network }: TopologyNode,
  {
    algorithms,
    nonceLife,
    keyLife,
    limit,
  }: Pick<NodeOf<'authentication-proxy'>, 'algorithms' | 'nonceLife' | 'keyLife' | 'limit'>,
  methods: readonly UtMethod[],
  servers: readonly ProxiedServer[],
): AuthenticationProxySettings {
  return {
    servers,
    methods,
    algorithms,
    bsfs: nodesOf(topology, 'bsf', network).map((bsf) => bsf.host),
    accounts: accountsOf(topology, network),
    secret: printDigest(digestOf(`nonces of ${host}`)),
    nonceLife: readDuration(nonceLife)!,
    keyLife: keyLife === undefined ? undefined : readDuration(keyLife)!,
    limit: { requests: limit.requests, within: readDuration(limit.within)! },
    epoch: momentOf(topology.date)!,
  }
}

/** The users of a network who have a password. */
function accountsOf(topology: Topology, network: string): Record<string, UtAccount> {
  const users = Object.values(topology.users).filter((user) => homeOf(topology, user) === network)
  return Object.fromEntries(
    users.flatMap((user) => {
      if (user.digest === undefined) return []
      const { username, password } = user.digest
      const presence = securityOf(user).services.find(({ service }) => service === presenceService)
      return [[username, { password, identities: presence?.identities ?? [], flags: presence?.flags ?? [] }] as const]
    }),
  )
}

/** The security settings of a user: those for presence, unless the topology says otherwise. */
export function securityOf({ identities, subscription, gba }: TopologyUser): SubscriberSecurity {
  const usable = identities.filter((one) => !subscription.barred.includes(one))
  if (gba === undefined) return { services: [{ service: presenceService, type: 3, identities: usable, others: [] }] }
  const services = gba.services.map(
    ({ id, type, group, identities: own, flags }): UserSecuritySetting => ({
      service: id,
      type,
      ...(group !== undefined && { nafGroup: group }),
      identities: own ?? usable,
      ...(flags.length > 0 && { flags }),
      others: [],
    }),
  )
  return { ...(gba.lifetime !== undefined && { lifetime: wholeSeconds(gba.lifetime) }), services }
}

const wholeSeconds = (text: string): number => Math.ceil(readDuration(text)! / 1_000_000)
