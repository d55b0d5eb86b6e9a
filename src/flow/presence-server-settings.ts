/**
 * From a topology to what a presence server is told.
 */
import type { ApplicationServerSettings } from '../ims/application-server.ts'
import type { PresenceServerSettings, PresentitySettings } from '../presence/presence-server-state.ts'
import { publishedTypes } from '../presence/published-state.ts'
import { momentOf } from '../presence/wall-clock.ts'
import { readDuration } from './duration.ts'
import { agentOf, trustedAgents } from './network-agent-settings.ts'
import type { NodeOf, Topology, TopologyUser } from './topology.ts'
import { utServiceSettings } from './ut-settings.ts'

/** The settings of a presence server: it serves the users of its network. */
export function presenceServerSettings(topology: Topology, node: NodeOf<'presence-server'>): ApplicationServerSettings {
  const { shortestDuration, longestDuration, notifyAfter, composition, objects, giveUpAfter, rememberFor } = node
  const users = Object.values(topology.users).filter(({ sCscf }) => topology.nodes[sCscf]!.network === node.network)
  const presenceServer: PresenceServerSettings = {
    presentities: Object.fromEntries(
      users.flatMap((user) => user.identities.map((identity) => [identity, presentityOf(user)] as const)),
    ),
    subscribing: { packages: ['presence', 'presence.winfo'], shortestDuration, longestDuration },
    publishing: {
      packages: ['presence'],
      mediaTypes: publishedTypes,
      defaultDuration: 3600,
      shortestDuration,
      longestDuration,
    },
    notifyAfter: readDuration(notifyAfter)!,
    composition,
    networkAgents: trustedAgents(topology, node),
    epoch: momentOf(topology.date)!,
    stored: objects,
    ...(giveUpAfter !== undefined && { giveUpAfter: readDuration(giveUpAfter)! }),
    rememberFor: readDuration(rememberFor)!,
  }
  return {
    identity: `sip:${node.host}`,
    network: node.network,
    tags: node.tags,
    chargingIds: node.chargingIds,
    firstSequence: node.firstSequence,
    ...utServiceSettings(topology, node),
    roles: {
      presenceServer,
      ...(node.networkAgent && { presenceNetworkAgent: agentOf(topology, node.networkAgent, node.host) }),
    },
  }
}

function presentityOf({
  identities,
  policy,
  rules,
  publishers,
  watcherInfo,
  hardState,
}: TopologyUser): PresentitySettings {
  return {
    ...policy,
    identities,
    publishers,
    watcherInfo,
    ...(rules !== undefined && { rules }),
    ...(hardState !== undefined && { hardState }),
  }
}
