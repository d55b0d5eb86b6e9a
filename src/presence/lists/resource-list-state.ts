import type { Note } from '../../documents/index.ts'
import type { HttpBody } from '../../http/message.ts'
import type { Address } from '../../sim/node.ts'
import type { Micros } from '../../sim/time.ts'
import type { NotifierPolicy, Watch } from '../../sip/events/notifier.ts'
import type { Subscription } from '../../sip/events/subscriber.ts'
import type { Parameterised } from '../../sip/headers.ts'
import type { Body, SipRequest } from '../../sip/message.ts'
import type { StoredDocument } from '../../xcap/index.ts'
import type { Filters } from '../notifier/event-filters.ts'
import type { ListView } from '../watcher/list-view.ts'
import type { PresenceKnown } from '../watcher/presence-view.ts'

/** What the topology says of a resource list server. */
export interface ResourceListServerSettings {
  /** What it grants; the packages are those that it can serve at all. */
  readonly subscribing: NotifierPolicy
  /** The XCAP root of its documents by its absolute URI. */
  readonly root: string
  /** The documents that its host keeps from the beginning, by path. */
  readonly documents: Readonly<Record<string, StoredDocument>>
  /** The XCAP user identifiers of each user of its network, by canonical identity. */
  readonly users: Readonly<Record<string, readonly string[]>>
  /** Who may subscribe to a list besides its owner, by the URI of the list. */
  readonly subscribers: Readonly<Record<string, readonly string[] | 'anybody'>>
  /** How long changes are collected after the first of them, in microseconds. */
  readonly window: Micros
  /** The shortest time between two notifications of one subscription, in microseconds. */
  readonly gap: Micros
  /** After how long it tries again to subscribe to a member, in microseconds, if nobody says when. */
  readonly retryAfter: Micros
  /** True if it is asked for whatever is not a list as well, as no other role of the server serves it. */
  readonly isAlone: boolean
}

/** TS 24.141 §5.3.4: the state of a resource list server. */
export interface ResourceListServer {
  readonly settings: ResourceListServerSettings
  /** The path of the document in which each list is a service, by the canonical URI of the list. */
  readonly services: Map<string, string>
  /** The subscriptions to lists, by this side's tag. */
  readonly lists: Map<string, ListWatch>
  /** The subscriptions to members, by Call-ID. */
  readonly backEnds: Map<string, BackEnd>
  /** What waits for lists of other servers, by the exchange in which one is fetched. */
  readonly waiting: Map<string, Fetching>
}

/** A subscription to a list. */
export interface ListWatch extends Watch {
  /** The identity that the network vouches for. */
  readonly watcher: string
  /** The S-CSCF that serves the watcher, if she is a user of this network. */
  readonly server: Address | undefined
  readonly privacy: readonly string[] | undefined
  /** The URI of the list, as it was subscribed to. */
  readonly uri: string
  /** Max-Forwards of the request that began it. */
  readonly hops: number
  /** By URI, in the order of the list. */
  members: Map<string, Member>
  /** The paths of the documents that say who is a member. */
  sources: readonly string[]
  /** What came of fetching lists elsewhere. */
  fetched: ReadonlyMap<string, HttpBody | undefined>
  /** What the watcher accepts, as it is asked for behind. */
  accept: readonly Parameterised[] | undefined
  filters: Filters | undefined
  /** The gap that the watcher has asked for (RFC 6446), and its parameters. */
  shortestGap: Micros | undefined
  rates: Readonly<Record<string, string>> | undefined
  /** The version of the next RLMI document. */
  version: number
  /** True if the next one has to tell of all members. */
  isFullDue: boolean
  notifiedAt: Micros
  /** True while the last NOTIFY has no answer. */
  isUnanswered: boolean
  /** When what has changed is to be told; undefined if nothing has, or it waits for an answer. */
  dueAt: Micros | undefined
}

/** A member of a list that is subscribed to. */
export interface Member {
  readonly uri: string
  /** What the list calls it. */
  readonly name: Note | undefined
  /** The Call-ID of the subscription to it. */
  callId: string | undefined
  state: 'unknown' | 'pending' | 'active' | 'terminated'
  /** Why it was terminated. */
  reason: string | undefined
  /** Which of the subscriptions to it that there were; it names the instance. */
  instance: number
  /** True if it has turned out to be a list itself. */
  isList: boolean
  /** What its last NOTIFY carried. */
  content: MemberContent | undefined
  /** How many notifications of it have not been told. */
  news: number
}

/** The body of a NOTIFY of a member. */
export interface MemberContent {
  readonly contentType: string
  readonly body: Body
}

/** A subscription to a member, on behalf of a watcher. */
export interface BackEnd {
  /** The tag of the subscription to the list; it may be over already. */
  readonly list: string
  /** The URI of the member. */
  readonly member: string
  /** Its wish is the filters that its server was told of last. */
  readonly subscription: Subscription<PresenceKnown | ListView, Filters>
  /** True if it is to end as soon as it can. */
  isUnwanted: boolean
  /** True if its server has been told that it is to end. */
  isEnding: boolean
}

/** A request, or a running subscription, that needs lists of other servers. */
export interface Fetching {
  /** The URI of the list. */
  readonly uri: string
  /** The request to answer, or the tag of the subscription. */
  readonly what: { readonly request: SipRequest } | { readonly list: string }
  /** What has been fetched so far. */
  readonly fetched: ReadonlyMap<string, HttpBody | undefined>
  /** The URI of what is being fetched. */
  readonly reference: string
}
