import { isDocumentError, readOnce, type XcapChange, xcapDiffFormat } from '../../documents/index.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { LostTrack } from './presence-view.ts'

/** What is known of the XML documents that are watched at an XCAP server (RFC 5875). */
export interface XcapView {
  readonly kind: 'xcap-diff'
  /** The XCAP root, by its URI. */
  readonly root: string
  /** By document selector: the documents that there are. */
  readonly documents: Readonly<Record<string, WatchedDocument>>
  /** By node selector: elements and attributes as they were told last. */
  readonly nodes: Readonly<Record<string, Exclude<XcapChange, { readonly kind: 'document' }>>>
}

export interface WatchedDocument {
  readonly etag: string
  /** True if a change was missed: the document has to be fetched (RFC 5875 §4.7). */
  readonly isStale: boolean
}

/** RFC 5875 §4.7, RFC 5874 §4: what is known after a NOTIFY. Each one stands for itself: none needs those before it. */
export function applyXcapDiff(known: XcapView | LostTrack | undefined, request: SipRequest): XcapView | LostTrack {
  const told = readOnce(xcapDiffFormat, request.body)
  const before = known?.kind === 'lost' ? (known.before as XcapView | undefined) : known
  if (isDocumentError(told)) return { kind: 'lost', reason: told.reason, before }
  const documents: Record<string, WatchedDocument> = { ...before?.documents }
  const nodes = { ...before?.nodes }
  for (const change of told.changes) {
    if (change.kind !== 'document') nodes[change.sel] = change
    else if (change.newEtag === undefined) delete documents[change.sel]
    else documents[change.sel] = { etag: change.newEtag, isStale: isMissed(documents[change.sel], change.previousEtag) }
  }
  return { kind: 'xcap-diff', root: told.root, documents, nodes }
}

/** RFC 5875 §4.7: the entity-tag before this change is not the one known: a change between them was missed. */
function isMissed(known: WatchedDocument | undefined, previous: string | undefined): boolean {
  if (known === undefined || previous === undefined) return false
  return known.isStale || known.etag !== previous
}
