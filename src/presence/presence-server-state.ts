import { type Presence, presence } from '../documents/index.ts'
import type { Micros } from '../sim/time.ts'
import type { CompositorPolicy, EventState } from '../sip/compositor.ts'
import type { NotifierPolicy, Watch } from '../sip/notifier.ts'
import type { SubHandling, WatcherPolicy } from './authorization.ts'

/** TS 24.141 §5.3.3: the PS accepts, stores and distributes presence information. */
export interface PresenceServer {
  readonly settings: PresenceServerSettings
  /** By this side's tag: one watcher's subscription to one presentity. */
  readonly subscriptions: Map<string, PresenceWatch>
  /** By entity-tag: what PUBLISH brought and has not expired. */
  readonly publications: Map<string, EventState>
  /** By URI. */
  readonly presentities: Map<string, Presentity>
}

/** What the topology says of a presence server. */
export interface PresenceServerSettings {
  /** The presentities of its network and their policies. */
  readonly presentities: Readonly<Record<string, WatcherPolicy>>
  readonly subscribing: NotifierPolicy
  readonly publishing: CompositorPolicy
  /** How long it takes to compose the first document for a watcher, in microseconds; 0 notifies in the same turn. */
  readonly notifyAfter: Micros
}

/** One subscription to presence at the PS. */
export interface PresenceWatch extends Watch {
  readonly presentity: string
  /** The asserted identity of the watcher. */
  readonly watcher: string
  /** How the presentity handles the watcher: what it may see follows from this alone, however the subscription ends. */
  handling: SubHandling
  /** True if the watcher understands partial state (RFC 5263). */
  isPartial: boolean
  /** The version of the last partial notification; 0 before the first. */
  version: number
  /** The document that the watcher was told last; undefined before the first. */
  told: Presence | undefined
  /** When it was told last; undefined before the first time. */
  notifiedAt: Micros | undefined
  /** A change waits for the shortest gap between two notifications to pass. */
  isHeld: boolean
}

/** A presentity, what is known of it and who watches. */
export interface Presentity {
  readonly uri: string
  readonly policy: WatcherPolicy
  /** Entity-tags, oldest first. */
  readonly publications: string[]
  /** The tags of the subscriptions to it. */
  readonly watchers: Set<string>
  /** What all publications say together. */
  document: Presence
  /** The texts of the document that were made last, by what they are: many watchers get the same. */
  printed: { readonly from: Presence | undefined; readonly version: number; readonly text: string } | undefined
  plain: string | undefined
}

/** A presentity of which nothing is known yet. */
export function newPresentity(uri: string, policy: WatcherPolicy): Presentity {
  return {
    uri,
    policy,
    publications: [],
    watchers: new Set(),
    document: presence(uri),
    printed: undefined,
    plain: undefined,
  }
}
