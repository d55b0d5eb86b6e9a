import {
  cidUri,
  isDocumentError,
  type MimePart,
  type Presence,
  parsePresence,
  pidfDiff,
  pidfFull,
  presence,
  presenceTree,
  printMultipart,
  printPresence,
  related,
} from '../../documents/index.ts'
import { assert } from '../../sim/assert.ts'
import { headerValue, type MessageChanges } from '../../sip/message.ts'
import {
  type Filters,
  filtered,
  type IsMandatory,
  isChoosing,
  isTriggered,
  keyOfFilters,
} from '../notifier/event-filters.ts'
import type { Permissions } from './permissions.ts'
import type { PresenceServer, PresenceWatch, Presentity, View } from './presence-server-state.ts'
import { transformed } from './transformation.ts'

/** The key of what a watcher with these permissions and filters sees of a presentity; the view is there afterwards. */
export function viewFor(
  ps: PresenceServer,
  presentity: Presentity,
  permissions: Permissions,
  filters: Filters | undefined,
): string {
  const asked = keyOfFilters(filters)
  const key = asked === '' ? permissions.key : `${permissions.key}\n${asked}`
  const { views } = presentity
  if (views.has(key)) return key
  if (views.size >= mostViews) forgetUnused(ps, presentity)
  views.set(key, newView(presentity, permissions, asked === '' ? undefined : filters))
  return key
}

/** So many views are kept before those are looked for that nobody has any more. */
const mostViews = 64

/** Forgets what nobody sees any more. */
export function forgetUnused(ps: PresenceServer, { views, watchers }: Presentity): void {
  const used = new Set<string>()
  for (const tag of watchers) used.add(ps.subscriptions.get(tag)!.view)
  for (const key of views.keys()) if (!used.has(key)) views.delete(key)
}

function newView(presentity: Presentity, permissions: Permissions, filters: Filters | undefined): View {
  const nothing = presence(presentity.uri)
  const view: View = {
    permissions,
    filters,
    source: undefined,
    permitted: nothing,
    document: nothing,
    plain: '',
    printed: undefined,
  }
  refreshed(presentity, view)
  return view
}

/** The view that a watcher has. */
export const viewOf = (presentity: Presentity, watch: PresenceWatch): View => presentity.views.get(watch.view)!

/** Brings all views up to the composed document. Returns those whose watchers are to be told. */
export function refreshViews(presentity: Presentity): ReadonlySet<View> {
  const due = new Set<View>()
  for (const view of presentity.views.values()) if (refreshed(presentity, view)) due.add(view)
  return due
}

/**
 * Brings a view up to the composed document. Returns whether those who have it are to be told: what they see has
 * changed, and their filters want to hear of such a change.
 */
function refreshed(presentity: Presentity, view: View): boolean {
  if (view.source === presentity.document) return false
  const before = view.source === undefined ? undefined : view.permitted
  view.source = presentity.document
  const permitted = permittedOf(presentity, view.permissions)
  const document = view.filters === undefined ? permitted : filteredOf(presentity, permitted, view.filters)
  const plain =
    document === presentity.document ? textOf(presentity) : document === before ? view.plain : printPresence(document)
  const isTriggering =
    view.filters === undefined ||
    isTriggered(view.filters, presentity.uri, before && presenceTree(before), presenceTree(permitted))
  view.permitted = permitted
  if (plain === view.plain) return false
  view.document = document
  view.plain = plain
  return isTriggering
}

/** The text of the composed document. */
export function textOf(presentity: Presentity): string {
  presentity.plain ??= printPresence(presentity.document)
  return presentity.plain
}

/** RFC 5025 §3.2.1: whom the presentity blocks politely sees what there is of one who has published nothing. */
function permittedOf({ uri, document }: Presentity, permissions: Permissions): Presence {
  return permissions.handling === 'allow' ? transformed(document, permissions) : presence(uri)
}

function filteredOf({ uri }: Presentity, document: Presence, filters: Filters): Presence {
  const left = parsePresence(filtered(presenceTree(document), filters, uri, isMandatory))
  assert(!isDocumentError(left), 'a filtered presence document is a presence document')
  return left
}

/** RFC 3863 §4.4, RFC 4479 §5: what has to be there in a presence document. */
const isMandatory: IsMandatory = (name, parent) => {
  switch (parent.name) {
    case 'presence':
      return name === '@entity'
    case 'tuple':
      return name === '@id' || name === 'status'
    case 'status':
      return name === 'basic'
    case 'person':
      return name === '@id'
    case 'device':
      return name === '@id' || name === 'deviceID'
    case 'timed-status':
      return name === '@from'
    default:
      return false
  }
}

/** RFC 4660 §5.3.1: whether the filters of those who have this view leave nothing of what there is. */
export const isEmptied = ({ filters, document: { entity, tuples, notes, extensions } }: View): boolean =>
  tuples.length + notes.length + extensions.length === 0 && filters !== undefined && isChoosing(filters, entity)

/** What a NOTIFY tells a watcher of its view: the whole, or what changed since the last one. */
export interface Told {
  readonly isFull: boolean
  readonly changes: MessageChanges & { readonly body: string }
}

/** The content of a NOTIFY for a watcher, which has been told this afterwards. */
export function told(presentity: Presentity, watch: PresenceWatch): Told {
  const view = viewOf(presentity, watch)
  const before = watch.told
  watch.told = view.document
  const isPartial = watch.version !== undefined
  if (watch.version !== undefined) watch.version++
  const body = isPartial ? partialText(view, before, watch.version!) : view.plain
  const changes = { contentType: isPartial ? partialContent : plainContent, body }
  return { isFull: !isPartial || before === undefined, changes }
}

const plainContent = { value: 'application/pidf+xml', params: {} }
const partialContent = { value: 'application/pidf-diff+xml', params: {} }

function partialText(view: View, from: Presence | undefined, version: number): string {
  const { printed, document } = view
  const isSame = printed !== undefined && printed.from === from && printed.to === document
  if (isSame && printed.version === version) return printed.text
  const text = from === undefined ? pidfFull(document, version) : pidfDiff(from, document, version)
  view.printed = { from, to: document, version, text }
  return text
}

/** The objects that came with the publications of a presentity. */
const objectsOf = (ps: PresenceServer, { publications }: Presentity): MimePart[] =>
  publications.flatMap((tag) => ps.publications.get(tag)!.objects)

/** RFC 2387: a document with those objects to which it refers; undefined if it refers to none. */
export function withObjects(
  ps: PresenceServer,
  presentity: Presentity,
  { contentType: type, body: document }: Told['changes'],
): MessageChanges | undefined {
  const objects = objectsOf(ps, presentity)
  const meant = objects.filter(({ contentId }) => contentId !== undefined && document.includes(cidUri(contentId)))
  if (meant.length === 0) return undefined
  const root: MimePart = { contentType: type!.value, contentId: 'presence@ps', headers: [], body: document }
  const { contentType, body } = printMultipart(related([root, ...meant]))
  return { contentType: headerValue('contentType', contentType)!, body }
}
