/**
 * What an XCAP client makes of being told that a document has changed (RFC 5875 §4.7, RFC 5874 §4). Pure: from what it
 * knows of the document and what it is told to what it knows then, or that it has to read the document.
 */
import {
  document,
  isDocumentError,
  namespaces,
  parseXml,
  patchTree,
  printXml,
  type XmlElement,
} from '../../documents/index.ts'
import type { StoredDocument } from '../../xcap/index.ts'
import type { ToldDocument } from './document-news.ts'

/** What a client knows of a document: its entity-tag, and, of one that was read or written whole, its text. */
export interface KnownDocument extends Pick<StoredDocument, 'etag'>, Partial<Omit<StoredDocument, 'etag'>> {}

/** What follows from a change that was told. */
export type Following =
  /** It is known already, or there is nothing known that it could change. */
  | { readonly kind: 'nothing' }
  /** The document is gone. */
  | { readonly kind: 'gone' }
  /** The change could be made to what is known. */
  | { readonly kind: 'changed'; readonly now: KnownDocument }
  /** How the document is now is not known. */
  | { readonly kind: 'outdated' }

/** What a change means for a client that knows this of the document. */
export function following(known: KnownDocument | undefined, told: ToldDocument): Following {
  const { newEtag: etag, previousEtag, body: change, isMissed } = told
  if (etag === undefined) return { kind: 'gone' }
  if (known?.etag === etag) return { kind: 'nothing' }
  if (known === undefined) return { kind: isMissed ? 'outdated' : 'nothing' }
  if (known.etag !== previousEtag || change === undefined) return { kind: 'outdated' }
  if (change === 'not-changed') return { kind: 'changed', now: { ...known, etag } }
  const body = typeof known.body === 'string' ? patched(known.body, change) : undefined
  return body === undefined ? { kind: 'outdated' } : { kind: 'changed', now: { ...known, etag, body } }
}

/** RFC 5261: the text after the operations; undefined if they can not be applied to it. */
function patched(text: string, operations: readonly XmlElement[]): string | undefined {
  const before = parseXml(text)
  if (isDocumentError(before)) return undefined
  const after = patchTree(before, document({ ...patchRoot, children: operations }))
  return after.kind === 'patch-failure' ? undefined : printXml(after)
}

const patchRoot: XmlElement = {
  kind: 'element',
  prefix: 'd',
  namespace: namespaces.xcapDiff,
  name: 'document',
  attributes: [],
  children: [],
}
