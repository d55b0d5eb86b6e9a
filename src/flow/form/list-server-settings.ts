/**
 * From a topology to what a resource list server is told.
 */
import type { z } from 'zod'
import type { ApplicationServerSettings } from '../../ims/application-server.ts'
import type { HssUser } from '../../ims/hss/hss.ts'
import { addressOfRecord } from '../../presence/address-of-record.ts'
import type { ResourceListServerSettings } from '../../presence/lists/resource-list-state.ts'
import type { StoredDocument } from '../../xcap/index.ts'
import { readDuration } from '../duration.ts'
import { identifiersOf, xcapSettings } from './document-server-settings.ts'
import type { listServerForm } from './list-server-form.ts'
import { domainsOf, type NodeOf, type Topology } from './topology.ts'
import { utServiceSettings } from './ut-settings.ts'

type ListServerForm = { readonly [Name in keyof typeof listServerForm]: z.infer<(typeof listServerForm)[Name]> }

/** The settings of a server that is a resource list server, and keeps the documents of its lists. */
export function listServerSettings(
  topology: Topology,
  node: NodeOf<'resource-list-server'>,
): ApplicationServerSettings {
  const { host, network, tags, chargingIds, firstSequence, shortestDuration, longestDuration, xcap } = node
  const durations = { shortestDuration, longestDuration }
  const { documents, roles } = xcapSettings(topology, xcap, network, node.ut !== undefined, durations)
  const resourceListServer = listsOf(topology, node, { root: xcap.root, documents, network, durations, isAlone: true })
  return {
    identity: `sip:${host}`,
    network,
    tags,
    chargingIds,
    firstSequence,
    documents,
    domains: domainsOf(topology),
    ...utServiceSettings(topology, node),
    roles: { ...roles, resourceListServer },
  }
}

/** What is known of the server that has the role. */
interface Surroundings {
  readonly root: string
  readonly documents: Readonly<Record<string, StoredDocument>>
  readonly network: string
  readonly durations: { readonly shortestDuration: number; readonly longestDuration: number }
  readonly isAlone: boolean
}

/** What the role is told. */
export function listsOf(
  topology: Topology,
  { window, gap, retryAfter, subscribers }: ListServerForm,
  { root, documents, network, durations, isAlone }: Surroundings,
): ResourceListServerSettings {
  const named = Object.entries(subscribers).map(([uri, who]) => [addressOfRecord(uri), who] as const)
  return {
    subscribing: { packages: ['presence'], ...durations },
    root,
    documents,
    users: identifiersOf(topology, network),
    subscribers: Object.fromEntries(named),
    window: readDuration(window)!,
    gap: readDuration(gap)!,
    retryAfter: readDuration(retryAfter)!,
    isAlone,
  }
}

/** TS 23.228 §5.4.12: what the HSS of a network knows of its public service identities. */
export function publicServices({ services, nodes }: Topology, network: string): Record<string, HssUser> {
  const own = Object.entries(services).filter(([, { server }]) => nodes[server]!.network === network)
  return Object.fromEntries(
    own.map(([uri, { server }]) => [
      uri,
      { serverName: `sip:${nodes[server]!.host}`, kind: 'service', isRegistered: true } as const,
    ]),
  )
}
