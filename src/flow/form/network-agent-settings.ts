/**
 * From a topology to what a presence network agent is told.
 */
import type { ApplicationServerSettings } from '../../ims/application-server.ts'
import type { PresenceNetworkAgentSettings } from '../../presence/network/presence-network-agent.ts'
import { momentOf } from '../../presence/wall-clock.ts'
import type { NodeOf, Topology } from './topology.ts'

/** A node that is a presence network agent, alone or beside a presence server. */
type AgentNode = NodeOf<'presence-network-agent'> | NodeOf<'presence-server'>

/** The settings of a server that is a presence network agent and nothing else. */
export function networkAgentSettings(
  topology: Topology,
  node: NodeOf<'presence-network-agent'>,
): ApplicationServerSettings {
  const { host, network, tags, chargingIds, firstSequence } = node
  const server = node.presenceServer === undefined ? undefined : topology.nodes[node.presenceServer]
  const nearest = Object.values(topology.nodes).find((one) => one.role === 'presence-server' && one.network === network)
  const presenceServer = (server ?? nearest)?.host ?? `ps.${network}`
  const roles = { presenceNetworkAgent: agentOf(topology, node, presenceServer) }
  return { identity: `sip:${host}`, network, tags, chargingIds, firstSequence, roles }
}

/** What the role is told. */
export function agentOf(
  { date }: Topology,
  form: Pick<NodeOf<'presence-network-agent'>, 'publicationDuration' | 'atLoss' | 'cells'>,
  presenceServer: string,
): PresenceNetworkAgentSettings {
  const { publicationDuration: duration, atLoss, cells } = form
  return { listener: { subscribes: true, epoch: momentOf(date)! }, presenceServer, duration, atLoss, cells }
}

/** The names of the nodes that are presence network agents. */
export const agentNames = ({ nodes }: Pick<Topology, 'nodes'>): string[] =>
  Object.entries(nodes).flatMap(([name, node]) => (isAgent(node) ? [name] : []))

const isAgent = (node: Topology['nodes'][string]): node is AgentNode =>
  node.role === 'presence-network-agent' || (node.role === 'presence-server' && node.networkAgent !== undefined)

/** The identities of the agents that a presence server lets publish: those it names, or all of its network. */
export function trustedAgents(topology: Topology, { networkAgents, network }: NodeOf<'presence-server'>): string[] {
  const names = networkAgents ?? agentNames(topology).filter((name) => topology.nodes[name]!.network === network)
  return names.map((name) => `sip:${topology.nodes[name]!.host}`)
}
