import { isDocumentError, readOnce, type XcapChange, xcapDiffFormat } from '../../documents/index.ts'
import type { SipRequest } from '../../sip/message.ts'
import {
  type DocumentRead,
  type DocumentsTold,
  isSameRoot,
  pathOfSelector,
  type ToldDocument,
} from '../ut/document-news.ts'
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
  /** True if a change was missed: the document has to be read (RFC 5875 §4.7), and has not been yet. */
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

/** RFC 5875 §4.7: what a NOTIFY that has been understood tells of documents; `before` is what was known before it. */
export function toldBy(before: XcapView | LostTrack | undefined, request: SipRequest): DocumentsTold | undefined {
  const told = readOnce(xcapDiffFormat, request.body)
  if (isDocumentError(told)) return undefined
  const view = before?.kind === 'lost' ? (before.before as XcapView | undefined) : before
  const etags = new Map(Object.entries(view?.documents ?? {}).map(([sel, { etag }]) => [sel, etag]))
  const documents: ToldDocument[] = []
  for (const change of told.changes) {
    if (change.kind !== 'document') continue
    const { sel, newEtag, previousEtag } = change
    const etag = etags.get(sel)
    documents.push({ ...change, isMissed: etag !== undefined && previousEtag !== undefined && etag !== previousEtag })
    if (newEtag === undefined) etags.delete(sel)
    else etags.set(sel, newEtag)
  }
  return documents.length === 0 ? undefined : { kind: 'told', root: told.root, documents }
}

/** What is known once a document has been read: nothing that was missed of it matters any more. */
export function afterReading(view: XcapView, { root, path }: DocumentRead): XcapView {
  const stale = Object.entries(view.documents).filter(([sel, one]) => one.isStale && pathOfSelector(sel) === path)
  if (stale.length === 0 || !isSameRoot(view.root, root)) return view
  const fresh = stale.map(([sel, one]) => [sel, { ...one, isStale: false }] as const)
  return { ...view, documents: { ...view.documents, ...Object.fromEntries(fresh) } }
}

/** RFC 5875 §4.7: the entity-tag before this change is not the one known: a change between them was missed. */
function isMissed(known: WatchedDocument | undefined, previous: string | undefined): boolean {
  if (known === undefined || previous === undefined) return false
  return known.isStale || known.etag !== previous
}
