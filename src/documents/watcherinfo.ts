/**
 * Watcher information (RFC 3858): who watches a resource, and how far each of them has come.
 */
import { many, otherElements } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Vocabulary } from './shape/shape.ts'
import { content, kind, lang, optional, required, shape } from './shape/shape.ts'
import { count, oneOf, text, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlElement } from './xml/tree.ts'

/** RFC 3858 §4.1: the watchers of some resources, or those of them that changed. */
export interface Watcherinfo {
  readonly kind: 'watcherinfo'
  /** The number of the document in its subscription, from 0. */
  readonly version: number
  readonly state: 'full' | 'partial'
  readonly lists: readonly WatcherList[]
  /** Elements of other namespaces. */
  readonly others: readonly XmlElement[]
}

/** RFC 3858 §4.2: the watchers of one resource in one event package. */
export interface WatcherList {
  /** The URI that is watched. */
  readonly resource: string
  readonly package: string
  readonly watchers: readonly WatcherEntry[]
  readonly others: readonly XmlElement[]
}

/** RFC 3857 §4.7.1: the states of a watcher. */
export type WatcherStatus = 'pending' | 'active' | 'waiting' | 'terminated'

/** RFC 3857 §4.7.1: what brought a watcher into its state. */
export type WatcherEvent =
  | 'subscribe'
  | 'approved'
  | 'deactivated'
  | 'probation'
  | 'rejected'
  | 'timeout'
  | 'giveup'
  | 'noresource'

/** RFC 3858 §4.3: one watcher. */
export interface WatcherEntry {
  /** A name that is this watcher's in all documents of the subscription. */
  readonly id: string
  readonly status: WatcherStatus
  readonly event: WatcherEvent
  readonly uri: string
  readonly displayName?: string
  /** Seconds until the subscription expires. */
  readonly expiration?: number
  /** Seconds since the subscription began. */
  readonly durationSubscribed?: number
  /** The language of the display name. */
  readonly lang?: string
}

const winfo: Vocabulary = { prefix: '', namespace: namespaces.watcherinfo, clause: 'RFC 3858 §4' }

const watcherShape = shape<WatcherEntry>(winfo, 'watcher', {
  id: required('id', text),
  status: required('status', oneOf(['pending', 'active', 'waiting', 'terminated'])),
  event: required(
    'event',
    oneOf(['subscribe', 'approved', 'deactivated', 'probation', 'rejected', 'timeout', 'giveup', 'noresource']),
  ),
  displayName: optional('display-name', text),
  expiration: optional('expiration', count),
  durationSubscribed: optional('duration-subscribed', count),
  lang,
  uri: content(uri),
})

const listShape = shape<WatcherList>(winfo, 'watcher-list', {
  resource: required('resource', uri),
  package: required('package', text),
  watchers: many(watcherShape),
  others: otherElements,
})

/** `application/watcherinfo+xml` (RFC 3858). */
export const watcherinfoFormat: Format<Watcherinfo> = format(
  'application/watcherinfo+xml',
  shape<Watcherinfo>(winfo, 'watcherinfo', {
    kind: kind('watcherinfo'),
    version: required('version', count),
    state: required('state', oneOf(['full', 'partial'])),
    lists: many(listShape),
    others: otherElements,
  }),
)

/** The watcher information in a text or a tree, or what is wrong with it. */
export const parseWatcherinfo = watcherinfoFormat.parse

/** The text of watcher information. */
export const printWatcherinfo = watcherinfoFormat.print
