import {
  isDocumentError,
  readOnce,
  type WatcherEntry,
  type Watcherinfo,
  type WatcherList,
  watcherinfoFormat,
} from '../../documents/index.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { LostTrack } from './presence-view.ts'

/** What is known of those who watch: a list for each resource, as RFC 3858 §4 has it merged. */
export interface WatcherinfoView {
  readonly kind: 'watcherinfo'
  readonly version: number
  readonly lists: readonly WatcherList[]
}

/** RFC 3858 §4.1: what is known after a NOTIFY; partial state applies to the version before it, and to no other. */
export function applyWatcherinfo(
  known: WatcherinfoView | LostTrack | undefined,
  request: SipRequest,
): WatcherinfoView | LostTrack {
  const told = readOnce(watcherinfoFormat, request.body)
  const before = known?.kind === 'lost' ? (known.before as WatcherinfoView | undefined) : known
  if (isDocumentError(told)) return known?.kind === 'lost' ? known : { kind: 'lost', reason: told.reason, before }
  if (told.state === 'full') return wholeOf(told)
  if (known?.kind === 'lost') return known
  if (before === undefined) return { kind: 'lost', reason: 'a change came before the full state', before }
  if (told.version <= before.version) return before
  if (told.version > before.version + 1)
    return { kind: 'lost', reason: `version ${told.version} came after version ${before.version}`, before }
  return { kind: 'watcherinfo', version: told.version, lists: merged(before.lists, told.lists) }
}

const wholeOf = ({ version, lists }: Watcherinfo): WatcherinfoView => ({
  kind: 'watcherinfo',
  version,
  lists: lists.map((list) => ({ ...list, watchers: list.watchers.filter(isThere) })),
})

/** RFC 3858 §4.2: each list is that of one resource and package. */
function merged(before: readonly WatcherList[], told: readonly WatcherList[]): readonly WatcherList[] {
  const lists = [...before]
  for (const list of told) {
    const at = lists.findIndex(({ resource, package: name }) => resource === list.resource && name === list.package)
    const watchers = mergedWatchers(lists[at]?.watchers ?? [], list.watchers)
    if (at < 0) lists.push({ ...list, watchers })
    else lists[at] = { ...list, watchers }
  }
  return lists
}

/** RFC 3858 §4.3: a watcher is known by its id; one that is told as terminated is gone. */
function mergedWatchers(before: readonly WatcherEntry[], told: readonly WatcherEntry[]): readonly WatcherEntry[] {
  const byId = new Map(before.map((watcher) => [watcher.id, watcher]))
  for (const watcher of told) {
    if (isThere(watcher)) byId.set(watcher.id, watcher)
    else byId.delete(watcher.id)
  }
  return [...byId.values()]
}

const isThere = ({ status }: WatcherEntry): boolean => status !== 'terminated'
