import {
  isDocumentError,
  type Presence,
  parsePresence,
  presence,
  type Ruleset,
  type WatcherEvent,
  type WatcherStatus,
} from '../../documents/index.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import type { CompositorPolicy } from '../../sip/events/compositor.ts'
import type { NotifierPolicy, Watch } from '../../sip/events/notifier.ts'
import { addressOfRecord } from '../address-of-record.ts'
import type { WatcherPolicy } from '../notifier/authorization.ts'
import type { Filters } from '../notifier/event-filters.ts'
import type { Rates } from '../notifier/notification-rates.ts'
import type { CompositionPolicy } from './composition.ts'
import type { Permissions } from './permissions.ts'
import { writtenRules } from './presence-rules.ts'
import type { PresencePublication, StoredObjects } from './published-state.ts'

/** TS 24.141 §5.3.3: the PS accepts, stores and distributes presence information. */
export interface PresenceServer {
  readonly settings: PresenceServerSettings
  /** By this side's tag: one watcher's subscription to one presentity. */
  readonly subscriptions: Map<string, PresenceWatch>
  /** By this side's tag: subscriptions to watcher information. */
  readonly informed: Map<string, InformedWatch>
  /** By entity-tag: what PUBLISH brought and has not expired. */
  readonly publications: Map<string, PresencePublication>
  /** By URI. */
  readonly presentities: Map<string, Presentity>
}

/** What the topology says of a presence server. */
export interface PresenceServerSettings {
  /** The presentities of its network. */
  readonly presentities: Readonly<Record<string, PresentitySettings>>
  readonly subscribing: NotifierPolicy
  readonly publishing: CompositorPolicy
  /** How long it takes to compose the first document for a watcher, in microseconds; 0 notifies in the same turn. */
  readonly notifyAfter: Micros
  readonly composition?: CompositionPolicy
  /** The identities of the servers that may publish what the network knows (TS 24.141 §5.3.5.3). */
  readonly networkAgents?: readonly string[]
  /** The wall clock at time 0: microseconds since the beginning of 1970. */
  readonly epoch?: Micros
  /** Whose documents of Ut it follows: the identity of a presentity, by XCAP user identifier. */
  readonly documentUsers?: Readonly<Record<string, string>>
  /** What can be fetched for publications whose content is elsewhere. */
  readonly stored?: StoredObjects
  /**
   * How long a watcher waits for a decision before the server gives its subscription up; as long as it lasts if not
   * said.
   */
  readonly giveUpAfter?: Micros
  /** How long a watcher who came in vain is remembered (RFC 3857 §4.7.1). */
  readonly rememberFor?: Micros
}

/** What the topology says of a presentity: its rules as a document, or in the short form. */
export interface PresentitySettings extends Partial<WatcherPolicy> {
  /** A document of presence rules (RFC 5025), which takes the place of the short form. */
  readonly rules?: string
  /** All identities of the same user. */
  readonly identities?: readonly string[]
  /** Who besides the user may publish for her. */
  readonly publishers?: readonly string[]
  /** Who besides the user may see who watches. */
  readonly watcherInfo?: readonly string[]
  /** A presence document that is always there (RFC 4827). */
  readonly hardState?: string
}

/** Three days. */
export const rememberedFor: Micros = seconds(3 * 86_400)

/** One subscription to presence at the PS. */
export interface PresenceWatch extends Watch {
  readonly presentity: string
  /** The asserted identity of the watcher, as it stands in the request. */
  readonly watcher: string
  /** The key of the view that the watcher has: what it sees follows from this alone, however the subscription ends. */
  view: string
  /** The version of the last partial notification, 0 before the first; undefined for who is told the full state. */
  version: number | undefined
  /** The document that the watcher was told last; undefined before the first. */
  told: Presence | undefined
  /** When it was told last; undefined before the first time. */
  notifiedAt: Micros | undefined
  progress: NotifyProgress
  /** When the subscription began, in whole seconds. */
  readonly since: number
  particulars: Particulars | undefined
}

/**
 * How far the notifications of a subscription are: whether the last one has been answered, and whether a change is held
 * back, until the shortest gap has passed or, where it is told in part, until there is an answer (RFC 5263 §4.4).
 */
export type NotifyProgress = 'idle' | 'unanswered' | 'held' | 'unanswered and held'

/** What only few subscriptions have. */
export interface Particulars extends Rates {
  /** True after the presentity has let the watcher in, who was pending before (RFC 3857 §4.7.1). */
  readonly wasApproved?: boolean
  /** True if the watcher takes objects beside the document (RFC 2387). */
  readonly takesObjects?: boolean
  readonly filters?: Filters
  /** When it was told lately, if that decides when it is told again (RFC 6446 §7). */
  readonly history?: readonly Micros[]
}

/** One subscription to the watcher information of a presentity (RFC 3857). */
export interface InformedWatch extends Watch {
  readonly presentity: string
  readonly subscriber: string
  /** The canonical identity of a subscriber who sees nothing but its own subscription (RFC 3857 §4.6). */
  readonly own: string | undefined
  /** The version of the last document; -1 before the first. */
  version: number
  notifiedAt: Micros | undefined
  isHeld: boolean
  /** The watchers whose state has changed since, by id. */
  readonly changed: Map<string, WatcherRecord>
  filters: Filters | undefined
}

/** A watcher as watcher information tells of it (RFC 3857 §4.7.1). */
export interface WatcherRecord {
  readonly id: string
  readonly uri: string
  readonly status: WatcherStatus
  readonly event: WatcherEvent
  readonly since: Micros
  /** When its subscription ends; undefined if it has ended. */
  readonly expiresAt: Micros | undefined
}

/** A presentity, what is known of it and who watches. */
export interface Presentity {
  readonly uri: string
  /** The canonical identities that publish for it and see who watches. */
  readonly owners: readonly string[]
  /** The canonical identities of others who publish for it. */
  readonly publishers: readonly string[]
  /** The canonical identities of others who see who watches. */
  readonly confidants: readonly string[]
  rules: Ruleset
  /** The sphere that the rules are judged by. */
  sphere: string | undefined
  /** Entity-tags, oldest first. */
  readonly publications: string[]
  /** What is always there, and since when on the wall clock. */
  hardState: { readonly document: Presence; readonly moment: Micros } | undefined
  /** The tags of the subscriptions to it. */
  readonly watchers: Set<string>
  /** The tags of the subscriptions to its watcher information. */
  readonly informed: Set<string>
  /** Those who came while there was no decision, by canonical identity. */
  readonly waiting: Map<string, WatcherRecord>
  /** What all sources say together. */
  document: Presence
  /** Its text, once it has been printed. */
  plain: string | undefined
  /** What the different kinds of watchers see, by key. */
  readonly views: Map<string, View>
}

/** A partial notification as text: from which document to which, in which version. */
export interface PrintedChange {
  readonly from: Presence | undefined
  readonly to: Presence
  readonly version: number
  readonly text: string
}

/** What one kind of watcher sees of a presentity: all who have the same permissions and the same filters. */
export interface View {
  readonly permissions: Permissions
  readonly filters: Filters | undefined
  /** The composed document from which the others were made. */
  source: Presence | undefined
  /** What the permissions leave of it, before any filter. */
  permitted: Presence
  /** What the watcher sees, and its text. */
  document: Presence
  plain: string
  /** The text of the last partial notification, by what it was made from: many watchers get the same. */
  printed: PrintedChange | undefined
}

/** A presentity of which nothing is known yet but its hard state. */
export function newPresentity(uri: string, given: PresentitySettings, epoch: Micros): Presentity {
  const { watchers = {}, otherwise = 'block', rules, identities = [], publishers = [] } = given
  const { watcherInfo = [], hardState } = given
  const canonical = addressOfRecord(uri)
  return {
    uri: canonical,
    owners: [...new Set([canonical, ...identities.map(addressOfRecord)])],
    publishers: publishers.map(addressOfRecord),
    confidants: watcherInfo.map(addressOfRecord),
    rules: writtenRules(rules ?? { watchers, otherwise }),
    sphere: undefined,
    publications: [],
    hardState: hardState === undefined ? undefined : { document: writtenPresence(hardState), moment: epoch },
    watchers: new Set(),
    informed: new Set(),
    waiting: new Map(),
    document: presence(canonical),
    plain: undefined,
    views: new Map(),
  }
}

/** A presence document that a person wrote; throws a RangeError that says what is wrong with it. */
export function writtenPresence(text: string): Presence {
  const document = parsePresence(text)
  if (!isDocumentError(document)) return document
  throw new RangeError(`Line ${document.line}, column ${document.column}: ${document.reason}`)
}

/** TS 24.141 §5.3.5.3: true of the identity of a server that may publish what the network knows. */
export const isNetworkAgent = ({ settings }: PresenceServer, identity: string): boolean =>
  (settings.networkAgents ?? []).some((one) => one === addressOfRecord(identity))

/** The moment on the wall clock of the server at some virtual time. */
export const wallClock = ({ settings }: PresenceServer, now: Micros): Micros => (settings.epoch ?? 0) + now
