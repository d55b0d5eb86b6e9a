/**
 * From a topology to what servers of documents, and the clients of UEs, are told.
 */
import type { z } from 'zod'
import { addressOfRecord } from '../../presence/address-of-record.ts'
import type { DocumentNotifierSettings } from '../../presence/ut/document-notifier.ts'
import type { DocumentServerSettings } from '../../presence/ut/document-server.ts'
import type { XcapClientSettings } from '../../presence/ut/xcap-client.ts'
import { momentOf } from '../../presence/wall-clock.ts'
import { fromBase64 } from '../../sip/grammar/base64.ts'
import { allUsages, contentTag, type StoredDocument } from '../../xcap/index.ts'
import type { xcapForm } from './document-server-form.ts'
import type { NodeOf, Topology, TopologyUser } from './topology.ts'

type XcapForm = z.infer<typeof xcapForm>

/** What an application server that keeps documents is told: the documents, and the roles that it has for them. */
export function xcapSettings(
  topology: Topology,
  form: XcapForm,
  network: string,
  isProved: boolean,
  durations: { readonly shortestDuration: number; readonly longestDuration: number },
) {
  const users = identifiersOf(topology, network)
  const documentServer: DocumentServerSettings = {
    root: form.root,
    users,
    isProved,
  }
  const documentNotifier: DocumentNotifierSettings = {
    root: form.root,
    users,
    subscribing: { packages: ['xcap-diff'], ...durations },
  }
  const documents = Object.entries(form.documents).map(([path, given]) => [path, storedDocument(path, given)] as const)
  return { documents: Object.fromEntries(documents), roles: { documentServer, documentNotifier } }
}

/** The XCAP user identifiers of the users of a network, by canonical identity: all identities of the same user. */
export function identifiersOf(topology: Topology, network: string): Readonly<Record<string, readonly string[]>> {
  const served = Object.values(topology.users).filter(({ sCscf }) => topology.nodes[sCscf]!.network === network)
  return Object.fromEntries(
    served.flatMap((user) => user.identities.map((identity) => [addressOfRecord(identity), xuisOf(user)] as const)),
  )
}

/** RFC 4825 §6.2, RFC 3261: a user is called by its identities, or by what the operator has called it. */
export const xuisOf = ({ identities, xuis }: TopologyUser): readonly string[] => [...identities, ...xuis]

function storedDocument(path: string, given: XcapForm['documents'][string]): StoredDocument {
  const usage = allUsages.find(({ auid }) => path.startsWith(`${auid}/`))!
  const contentType =
    typeof given === 'object' ? given.type : usage.kind === 'objects' ? 'text/plain' : usage.contentType
  const body = typeof given === 'string' ? given : (given.body ?? fromBase64(given.base64 ?? '')!)
  return { etag: contentTag({ path, contentType, body }), contentType, body }
}

/** What the XCAP client of a UE is told. */
export const xcapClientSettings = (topology: Topology, { xcap }: NodeOf<'ue'>): XcapClientSettings | undefined =>
  xcap && {
    root: xcap.root,
    userAgent: xcap.userAgent,
    ...(xcap.xui !== undefined && { xui: xcap.xui }),
    epoch: momentOf(topology.date)!,
  }
