/**
 * From a topology to what a presence server is told.
 */
import type { ApplicationServerSettings } from '../../ims/application-server.ts'
import { type DocumentEffect, effectOf } from '../../presence/server/document-effects.ts'
import type { PresenceServerSettings, PresentitySettings } from '../../presence/server/presence-server-state.ts'
import { publishedTypes } from '../../presence/server/published-state.ts'
import { userDocument } from '../../presence/ut/document-server.ts'
import { momentOf } from '../../presence/wall-clock.ts'
import type { StoredDocument } from '../../xcap/index.ts'
import { readDuration } from '../duration.ts'
import { xcapSettings, xuisOf } from './document-server-settings.ts'
import { listsOf } from './list-server-settings.ts'
import { agentOf, trustedAgents } from './network-agent-settings.ts'
import { domainsOf, type NodeOf, type Topology, type TopologyUser } from './topology.ts'
import { utServiceSettings } from './ut-settings.ts'

/** The settings of a presence server: it serves the users of its network. */
export function presenceServerSettings(topology: Topology, node: NodeOf<'presence-server'>): ApplicationServerSettings {
  const { shortestDuration, longestDuration, notifyAfter, composition, objects, giveUpAfter, rememberFor } = node
  const users = Object.values(topology.users).filter(({ sCscf }) => topology.nodes[sCscf]!.network === node.network)
  const presenceServer: PresenceServerSettings = {
    presentities: Object.fromEntries(
      users.flatMap((user) => {
        const presentity = presentityOf(user, node.xcap?.documents)
        return user.identities.map((identity) => [identity, presentity] as const)
      }),
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
    documentUsers: usersOfIdentifiers(users),
    ...(giveUpAfter !== undefined && { giveUpAfter: readDuration(giveUpAfter)! }),
    rememberFor: readDuration(rememberFor)!,
  }
  const xcap =
    node.xcap &&
    xcapSettings(topology, node.xcap, node.network, node.ut !== undefined, {
      shortestDuration,
      longestDuration,
    })
  return {
    ...(xcap && { documents: xcap.documents }),
    ...(node.lists && { domains: domainsOf(topology) }),
    identity: `sip:${node.host}`,
    network: node.network,
    tags: node.tags,
    chargingIds: node.chargingIds,
    firstSequence: node.firstSequence,
    ...utServiceSettings(topology, node),
    roles: {
      ...xcap?.roles,
      ...(node.lists && { resourceListServer: listsBeside(topology, node, xcap?.documents ?? {}) }),
      presenceServer,
      ...(node.networkAgent && { presenceNetworkAgent: agentOf(topology, node.networkAgent, node.host) }),
    },
  }
}

/** The identity of each user, by XCAP user identifier. */
const usersOfIdentifiers = (users: readonly TopologyUser[]): Readonly<Record<string, string>> =>
  Object.fromEntries(users.flatMap((user) => xuisOf(user).map((xui) => [xui, user.identities[0]!] as const)))

/** What is said of a presentity; what stands in its documents goes before what stands beside them. */
/** The role of a resource list server beside that of a presence server: it has the lists, the other all else. */
function listsBeside(
  topology: Topology,
  { lists, network, xcap, shortestDuration, longestDuration }: NodeOf<'presence-server'>,
  documents: Readonly<Record<string, StoredDocument>>,
) {
  const durations = { shortestDuration, longestDuration }
  const root = xcap?.root ?? ''
  return listsOf(topology, lists!, { root, documents, network, durations, isAlone: false })
}

function presentityOf(user: TopologyUser, documents: Readonly<Record<string, unknown>> = {}): PresentitySettings {
  const { identities, policy, publishers, watcherInfo } = user
  const documentOf = (effect: DocumentEffect): string | undefined =>
    Object.entries(documents).flatMap(([path, text]) => {
      const one = userDocument({ path })
      const isIt = one !== undefined && effectOf(one) === effect && xuisOf(user).includes(one.xui)
      return isIt && typeof text === 'string' ? [text] : []
    })[0]
  const rules = documentOf('rules') ?? user.rules
  const hardState = documentOf('hard state') ?? user.hardState
  return {
    ...policy,
    identities,
    publishers,
    watcherInfo,
    ...(rules !== undefined && { rules }),
    ...(hardState !== undefined && { hardState }),
  }
}
