import type { ListMember, ResourceLists } from '../../documents/index.ts'
import type { Usage } from '../../xcap/index.ts'
import { parseNodeSelector } from '../../xcap/node-selector.ts'
import { targetOfReference } from '../../xcap/target.ts'
import type { WatchedResource } from './document-report.ts'

/**
 * RFC 5875 §4.4, §4.7: the resources that a list names below the XCAP root, as far as the subscriber may read them: its
 * own and the global ones. What it may not read, and what names nothing, is left out silently. Without a list: all
 * documents of the subscriber.
 */
export function watchedResources(
  lists: ResourceLists | undefined,
  usages: readonly Usage[],
  identifiers: readonly string[],
): readonly WatchedResource[] {
  if (lists === undefined) return usages.flatMap(({ auid }) => identifiers.map((xui) => ownDocuments(auid, xui)))
  return lists.lists
    .flatMap((list) => entriesOf(list.members))
    .map((uri) => watchedResource(uri, usages))
    .filter((one) => one !== undefined)
    .filter(({ path }) => mayRead(path, identifiers))
}

function ownDocuments(auid: string, xui: string): WatchedResource {
  const path = `${auid}/users/${xui}/`
  return { kind: 'collection', sel: path, path }
}

/** The entries of a list and of the lists within it; other members name nothing that can be watched. */
const entriesOf = (members: readonly ListMember[]): string[] =>
  members.flatMap((one) => (one.kind === 'entry' ? [one.uri] : one.kind === 'list' ? entriesOf(one.members) : []))

/** A document, a node of one, or, with a slash at the end, all documents of a folder; undefined if it is none. */
export function watchedResource(uri: string, usages: readonly Usage[]): WatchedResource | undefined {
  const sel = uri.replace(/^\//, '')
  // A folder is named like a document in it, whose name is then taken off.
  const isCollection = sel.endsWith('/')
  const target = targetOfReference(isCollection ? `${sel}*` : sel)
  const usage = usages.find(({ auid }) => auid === target?.auid)
  if (target === undefined || usage === undefined) return undefined
  const { path } = target
  if (isCollection) return { kind: 'collection', sel, path: path.slice(0, -1) }
  if (target.selector === undefined) return { kind: 'document', sel, path }
  if (usage.kind === 'objects') return undefined
  const node = parseNodeSelector(target.selector, target.query, usage.defaultNamespace)
  if (node.kind !== 'node-selector' || node.terminal?.axis === 'namespace') return undefined
  return { kind: 'node', sel, path, node }
}

/** RFC 4825 §5.7: the default policy: a user reads her own documents and the global ones. */
export function mayRead(path: string, identifiers: readonly string[]): boolean {
  const [, tree, xui] = path.split('/')
  return tree === 'global' || (tree === 'users' && identifiers.includes(String(xui)))
}
