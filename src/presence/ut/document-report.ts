/**
 * What the xcap-diff package tells of documents (RFC 5875 §4.7, RFC 5874 §4): how they are now, and what has become of
 * them since. Pure: from stored documents and their changes to the value of an `application/xcap-diff+xml` document.
 */
import {
  canonical,
  changeOperations,
  type DocumentChange as DocumentReport,
  type XcapChange,
  type XcapDiff,
  type XmlNode,
} from '../../documents/index.ts'
import { type DocumentChange, type DocumentStore, type StoredDocument, treeOf } from '../../xcap/index.ts'
import { attributeAt, elementAt, type NodeSelector } from '../../xcap/node-selector.ts'
import { encodePath } from '../../xcap/target.ts'

/** RFC 5875 §4.3: how much is told of a change: entity-tags alone, every single change, or all changes as one. */
export type DiffProcessing = 'no-patching' | 'xcap-patching' | 'aggregate'

/** One thing that a subscriber watches, by its selector below the XCAP root as it was asked for. */
export type WatchedResource =
  | { readonly kind: 'document'; readonly sel: string; readonly path: string }
  /** All documents whose paths begin so. */
  | { readonly kind: 'collection'; readonly sel: string; readonly path: string }
  | { readonly kind: 'node'; readonly sel: string; readonly path: string; readonly node: NodeSelector }

/** RFC 5875 §4.7: the first NOTIFY, and that after a SUBSCRIBE: everything as it is now. */
export function stateOf(watched: readonly WatchedResource[], store: DocumentStore, root: string): XcapDiff {
  return xcapDiff(
    root,
    watched.flatMap((one) => presentState(one, store)),
  )
}

function presentState(one: WatchedResource, store: DocumentStore): XcapChange[] {
  if (one.kind === 'node') return [nodeReport(one, store.read(one.path))]
  if (one.kind === 'document') return documentState(one.sel, store.read(one.path))
  return store.paths(one.path).flatMap((path) => documentState(encodePath(path), store.read(path)))
}

const documentState = (sel: string, document: StoredDocument | undefined): DocumentReport[] =>
  document === undefined ? [] : [{ kind: 'document', sel, newEtag: document.etag }]

/** RFC 5875 §4.7: what has changed, in the order in which it did; undefined if there is nothing to tell. */
export function reportOf(
  watched: readonly WatchedResource[],
  changes: readonly DocumentChange[],
  processing: DiffProcessing,
  root: string,
): XcapDiff | undefined {
  const told = processing === 'xcap-patching' ? changes : together(changes)
  const reports = [
    ...told.flatMap((change) => documentReports(watched, change, processing)),
    ...together(changes).flatMap((change) => nodeReports(watched, change)),
  ]
  return reports.length === 0 ? undefined : xcapDiff(root, reports)
}

const xcapDiff = (root: string, changes: readonly XcapChange[]): XcapDiff => ({
  kind: 'xcap-diff',
  root,
  changes,
  others: [],
})

/** The changes of each document as one, from before the first to after the last. */
function together(changes: readonly DocumentChange[]): DocumentChange[] {
  const byPath = new Map<string, DocumentChange>()
  for (const change of changes) {
    const { path } = change
    byPath.set(path, { path, before: (byPath.get(path) ?? change).before, after: change.after })
  }
  return [...byPath.values()].filter(({ before, after }) => before?.etag !== after?.etag)
}

function documentReports(
  watched: readonly WatchedResource[],
  change: DocumentChange,
  processing: DiffProcessing,
): DocumentReport[] {
  const { path, before, after } = change
  const one = watched.find(
    (each) => each.kind !== 'node' && (each.kind === 'document' ? each.path === path : path.startsWith(each.path)),
  )
  if (one === undefined) return []
  const body = processing === 'no-patching' ? undefined : patchOf(before, after)
  return [
    {
      kind: 'document',
      sel: one.kind === 'document' ? one.sel : encodePath(path),
      ...(after !== undefined && { newEtag: after.etag }),
      ...(before !== undefined && { previousEtag: before.etag }),
      ...(body !== undefined && { body }),
    },
  ]
}

/** RFC 5874 §4: the operations from one version to the next; nothing for what is new, gone, or no XML. */
function patchOf(before: StoredDocument | undefined, after: StoredDocument | undefined): DocumentReport['body'] {
  const [from, to] = [before && treeOf(before), after && treeOf(after)]
  if (from === undefined || to === undefined) return undefined
  return canonical(from) === canonical(to) ? 'not-changed' : changeOperations(from, to)
}

type WatchedNode = WatchedResource & { readonly kind: 'node' }

function nodeReports(watched: readonly WatchedResource[], { path, before, after }: DocumentChange): XcapChange[] {
  return watched.flatMap((one) => {
    if (one.kind !== 'node' || one.path !== path) return []
    const [then, now] = [nodeReport(one, before), nodeReport(one, after)]
    return isSameReport(then, now) ? [] : [now]
  })
}

/** RFC 5874 §4: an element or an attribute as it is in a document, or that it is not there. */
function nodeReport({ sel, node }: WatchedNode, document: StoredDocument | undefined): XcapChange {
  const tree = document && treeOf(document)
  const place = tree && elementAt(tree, node.elements)
  const prefixes = node.bindings.size === 0 ? {} : { prefixes: Object.fromEntries(node.bindings) }
  if (node.terminal === undefined) {
    const content: readonly XmlNode[] = place === undefined ? [] : [place.element]
    return { kind: 'element', sel, ...prefixes, ...(place === undefined && { exists: false }), content }
  }
  const value = place && attributeAt(place, node.terminal)?.attribute.value
  return { kind: 'attribute', sel, ...prefixes, ...(value === undefined && { exists: false }), value: value ?? '' }
}

function isSameReport(one: XcapChange, other: XcapChange): boolean {
  if (one.kind === 'attribute' && other.kind === 'attribute')
    return one.exists === other.exists && one.value === other.value
  if (one.kind !== 'element' || other.kind !== 'element' || one.exists !== other.exists) return false
  const [then, now] = [one.content[0], other.content[0]]
  if (typeof then !== 'object' || typeof now !== 'object' || then.kind !== 'element' || now.kind !== 'element')
    return then === now
  return canonical(then) === canonical(now)
}
