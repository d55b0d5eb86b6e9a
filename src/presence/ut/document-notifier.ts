/**
 * TS 24.141 §5.3.3.5 and §5.3.4.4: a server tells of changes of the XML documents that it keeps, by the xcap-diff event
 * package (RFC 5875).
 */
import { isDocumentError, printXcapDiff, readOnce, resourceListsFormat, type XcapDiff } from '../../documents/index.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import {
  accepted,
  acceptedAgain,
  type Ending,
  goneSubscriber,
  granted,
  isInOrder,
  type NotifierPolicy,
  notification,
  type Watch,
} from '../../sip/events/notifier.ts'
import { packages } from '../../sip/events/packages.ts'
import { endingStatuses } from '../../sip/events/subscriber.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { allUsages, type DocumentChange, type DocumentStore, type Usage } from '../../xcap/index.ts'
import { addressOfRecord } from '../address-of-record.ts'
import { assertedIdentity, noIdentity } from '../notifier/authorization.ts'
import { isAcceptable } from '../notifier/subscription-demands.ts'
import type { Host, Role } from '../role.ts'
import { type DiffProcessing, reportOf, stateOf, type WatchedResource } from './document-report.ts'
import { mayRead, watchedResources } from './watched-documents.ts'

/** What the topology says of a server that tells of its documents. */
export interface DocumentNotifierSettings {
  readonly subscribing: NotifierPolicy
  /** The XCAP root by its absolute URI, as it stands in what is told. */
  readonly root: string
  /** The application usages of the server; all that there are if undefined. */
  readonly usages?: readonly Usage[]
  /** The XCAP user identifiers of each user, by canonical identity. */
  readonly users: Readonly<Record<string, readonly string[]>>
}

/** The subscriptions to documents of one server. */
export interface DocumentNotifier {
  readonly settings: DocumentNotifierSettings
  /** By this side's tag. */
  readonly watches: Map<string, DocumentWatch>
}

/** One subscription to changes of documents. */
export interface DocumentWatch extends Watch {
  readonly subscriber: string
  watched: readonly WatchedResource[]
  processing: DiffProcessing
  /** The changes since the last NOTIFY, oldest first. */
  changes: readonly DocumentChange[]
  notifiedAt: Micros
  isHeld: boolean
}

const authorize = rule(
  'TS 24.141 §5.3.3.5',
  'changes of documents are told to the users of the server, of what they may read',
  ['R5.3.3.5-a', 'R5.3.4.4-a'],
  'authorize subscriber',
)
const notUser = rule('TS 24.229 §5.7.1.5', 'who is no user of the server is answered 403', ['R5.3.3.5-a', 'R5.3.4.4-a'])
const wrongBody = rule('RFC 5875 §4.4', 'a body that is no list of resources is answered 415', ['R5.3.3.5-a'])
const badBody = rule('RFC 5875 §4.4', 'a list of resources that can not be read is answered 400', ['R5.3.3.5-a'])
const tellState = rule('RFC 5875 §4.7', 'the first NOTIFY, and each that answers a SUBSCRIBE, tells all as it is', [
  'R5.3.3.5-a',
  'R5.3.4.4-a',
])
const tellChanges = rule('RFC 5875 §4.7', 'a later NOTIFY tells what has changed since', ['R5.3.3.5-a', 'R5.3.4.4-a'])
const keepPace = rule('RFC 5875 §4.10', 'changes of documents are not told more often than every five seconds')
const expire = rule('RFC 6665 §4.2.2', 'a subscription to documents that is not refreshed ends')

const mediaType = 'application/xcap-diff+xml'
const content = { value: mediaType, params: {} }
const listType = 'application/resource-lists+xml'
const shortestGap = seconds(packages['xcap-diff']!.shortestGap)

/** §5.3.3.5, §5.3.4.4: the role. */
export const documentNotifierRole: Role<DocumentNotifier> = {
  name: 'documentNotifier',
  clause: 'TS 24.141 §5.3.3.5',
  timers: ['document subscription expiry', 'document notification gap'],
  commands: [],
  sends: ['NOTIFY'],
  start: (settings) => ({ settings: settings as DocumentNotifierSettings, watches: new Map() }),
  takes: ({ method, headers }) => method === 'SUBSCRIBE' && headers.event?.value === 'xcap-diff',
  owns: ({ headers }, notifier) => notifier.watches.has(String(headers.from?.params.tag)),

  onRequest(notifier, request, host, turn) {
    if (request.headers.to?.params.tag === undefined) accept(notifier, request, host, turn)
    else acceptAgain(notifier, request, host, turn)
  },
  onResponse(notifier, response, request, _host, turn) {
    if (response.status >= 200 && endingStatuses.has(response.status)) drop(notifier, request, turn)
  },
  onTimeout: (notifier, request, _host, turn) => drop(notifier, request, turn),
  onTimer(notifier, timer, host, turn) {
    const watch = notifier.watches.get(timer.of)
    if (watch === undefined) return
    if (timer.name === 'document notification gap') return tellHeld(notifier, watch, host, turn)
    if (turn.now < watch.expiresAt || turn.without(expire)) return
    watch.state = 'terminated'
    turn.decide(expire, 'terminated', { subscriber: watch.subscriber })
    tell(notifier, watch, { reason: 'timeout' }, host, turn)
  },
  onDocuments(notifier, changes, host, turn) {
    for (const watch of [...notifier.watches.values()]) takeChanges(notifier, watch, changes, host, turn)
  },
}

/** An initial SUBSCRIBE: identity, authorization, then the event package. */
function accept(notifier: DocumentNotifier, request: SipRequest, host: Host, turn: SipTurn): void {
  const subscriber = assertedIdentity(request, turn)
  if (subscriber === undefined) return turn.reply(request, 403, noIdentity)
  const { settings } = notifier
  const known = settings.users[addressOfRecord(subscriber)]
  const identifiers = known ?? (turn.without(authorize) ? [] : undefined)
  turn.decide(authorize, identifiers === undefined ? 'refuse' : 'allow', { subscriber })
  if (identifiers === undefined) return turn.reply(request, 403, notUser)
  const duration = granted(request, settings.subscribing, turn)
  if (duration === undefined || !isAcceptable(request, [mediaType], turn)) return
  const watched = resourcesOf(notifier, request, identifiers, turn)
  if (watched === undefined) return
  const tag = host.tag(turn)
  const local = { tag, contact: host.contact, firstSequence: host.firstSequence }
  const [response, dialog] = accepted(request, duration, local, turn)
  host.respond(request, response, turn)
  const watch: DocumentWatch = {
    dialog,
    event: 'xcap-diff',
    state: duration === 0 ? 'terminated' : 'active',
    expiresAt: turn.now + seconds(duration),
    subscriber,
    watched,
    processing: processingOf(request),
    changes: [],
    notifiedAt: turn.now,
    isHeld: false,
  }
  const { id } = request.headers.event!.params
  if (typeof id === 'string') watch.eventId = id
  notifier.watches.set(tag, watch)
  if (duration > 0) turn.start({ name: 'document subscription expiry', of: tag }, seconds(duration))
  tellAll(notifier, watch, host, turn)
}

/** A SUBSCRIBE within the dialog; with a body, it says anew what is watched. */
function acceptAgain(notifier: DocumentNotifier, request: SipRequest, host: Host, turn: SipTurn): void {
  const tag = String(request.headers.to!.params.tag)
  const watch = notifier.watches.get(tag)
  if (!isInOrder(watch, request, turn)) return
  const { settings } = notifier
  const duration = granted(request, settings.subscribing, turn)
  if (duration === undefined || !isAcceptable(request, [mediaType], turn)) return
  const identifiers = settings.users[addressOfRecord(watch.subscriber)] ?? []
  const watched = request.body === '' ? watch.watched : resourcesOf(notifier, request, identifiers, turn)
  if (watched === undefined) return
  host.respond(request, acceptedAgain(watch, request, duration, host.contact, turn), turn)
  watch.watched = watched
  watch.expiresAt = turn.now + seconds(duration)
  if (duration === 0) watch.state = 'terminated'
  else turn.start({ name: 'document subscription expiry', of: tag }, seconds(duration))
  tellAll(notifier, watch, host, turn)
}

/**
 * RFC 5875 §4.4: what a SUBSCRIBE asks for; without a body, all documents of the subscriber. Answers it and returns
 * undefined if its body is no list of resources.
 */
function resourcesOf(
  { settings }: DocumentNotifier,
  request: SipRequest,
  identifiers: readonly string[],
  turn: SipTurn,
): readonly WatchedResource[] | undefined {
  const { contentType } = request.headers
  if (request.body !== '' && contentType?.value !== listType) {
    turn.reply(request, 415, wrongBody, { accept: [{ value: listType, params: {} }] })
    return undefined
  }
  const lists = request.body === '' ? undefined : readOnce(resourceListsFormat, request.body)
  if (lists !== undefined && isDocumentError(lists)) {
    turn.reply(request, 400, badBody)
    return undefined
  }
  return watchedResources(lists, settings.usages ?? allUsages, identifiers)
}

/** RFC 5875 §4.3: how much of each change is told; the least if it is not said. */
function processingOf({ headers }: SipRequest): DiffProcessing {
  const asked = headers.event?.params['diff-processing']
  return asked === 'xcap-patching' || asked === 'aggregate' ? asked : 'no-patching'
}

/** Tells everything as it is now. */
function tellAll(notifier: DocumentNotifier, watch: DocumentWatch, host: Host, turn: SipTurn): void {
  const state = stateOf(watch.watched, host.documents ?? nothing, notifier.settings.root)
  tell(notifier, watch, { told: state, why: tellState }, host, turn)
}

/** A server without documents. */
const nothing: DocumentStore = { read: () => undefined, write: () => {}, remove: () => {}, paths: () => [] }

/** What a NOTIFY tells and by which rule, or how the subscription ends. */
type News = { readonly told: XcapDiff; readonly why: Rule } | Ending

function tell(notifier: DocumentNotifier, watch: DocumentWatch, news: News, host: Host, turn: SipTurn): void {
  const isEnding = 'reason' in news
  const bare = notification(watch, host.contact, isEnding ? news : undefined, turn)
  watch.notifiedAt = turn.now
  watch.isHeld = false
  watch.changes = []
  const request = isEnding ? bare : turn.amend(bare, news.why, { contentType: content, body: printXcapDiff(news.told) })
  host.send(request, turn)
  if (watch.state === 'terminated') notifier.watches.delete(tagOf(watch))
}

const tagOf = ({ dialog }: Watch): string => String(dialog.local.params.tag)

/** Documents have changed: a subscriber is told of those that it watches, not too often. */
function takeChanges(
  notifier: DocumentNotifier,
  watch: DocumentWatch,
  changes: readonly DocumentChange[],
  host: Host,
  turn: SipTurn,
): void {
  const identifiers = notifier.settings.users[addressOfRecord(watch.subscriber)] ?? []
  const concerned = changes.filter(({ path }) => mayRead(path, identifiers))
  if (reportOf(watch.watched, concerned, 'no-patching', notifier.settings.root) === undefined) return
  watch.changes = [...watch.changes, ...concerned]
  if (watch.isHeld) return
  const pause = turn.without(keepPace) ? 0 : watch.notifiedAt + shortestGap - turn.now
  if (pause <= 0) return tellHeld(notifier, watch, host, turn)
  watch.isHeld = true
  turn.decide(keepPace, 'the change waits', { subscriber: watch.subscriber, microseconds: pause })
  turn.start({ name: 'document notification gap', of: tagOf(watch) }, pause)
}

/** What has changed since the last NOTIFY is told, unless it has been undone in the meantime. */
function tellHeld(notifier: DocumentNotifier, watch: DocumentWatch, host: Host, turn: SipTurn): void {
  if (watch.changes.length === 0 || (watch.isHeld && turn.now < watch.notifiedAt + shortestGap)) return
  const report = reportOf(watch.watched, watch.changes, watch.processing, notifier.settings.root)
  if (report !== undefined) return tell(notifier, watch, { told: report, why: tellChanges }, host, turn)
  watch.isHeld = false
  watch.changes = []
}

function drop(notifier: DocumentNotifier, { headers }: SipRequest, turn: SipTurn): void {
  const tag = String(headers.from?.params.tag)
  const watch = notifier.watches.get(tag)
  if (watch === undefined) return
  turn.decide(goneSubscriber, 'dropped', { subscriber: watch.subscriber })
  notifier.watches.delete(tag)
}
