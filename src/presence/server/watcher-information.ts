import {
  isDocumentError,
  parseWatcherinfo,
  printWatcherinfo,
  type WatcherEntry,
  type Watcherinfo,
  watcherinfoFormat,
} from '../../documents/index.ts'
import { assert } from '../../sim/assert.ts'
import { rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import {
  accepted,
  acceptedAgain,
  type Ending,
  type EndReason,
  goneSubscriber,
  granted,
  notification,
} from '../../sip/events/notifier.ts'
import { packages } from '../../sip/events/packages.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { addressOfRecord } from '../address-of-record.ts'
import { authorizeInformed, notForWatcher } from '../notifier/authorization.ts'
import { filtered, type IsMandatory, isTriggered } from '../notifier/event-filters.ts'
import { isAcceptable, withFilters } from '../notifier/subscription-demands.ts'
import type { Host } from '../role.ts'
import { identityOf } from './conditions.ts'
import {
  type InformedWatch,
  type PresenceServer,
  type PresenceWatch,
  type Presentity,
  rememberedFor,
  type WatcherRecord,
} from './presence-server-state.ts'
import { judged } from './watcher-judgement.ts'

const tellWatchers = rule(
  'RFC 3857 §4.7.2',
  'the first NOTIFY, and each that answers a SUBSCRIBE, tells of all watchers',
  ['R5.3.3.4-a', 'R5.3.3.4-b'],
)
const tellChanged = rule('RFC 3857 §4.7.2', 'a later NOTIFY tells of the watchers whose state has changed', [
  'R5.3.3.4-b',
])
const tellOwn = rule('RFC 3857 §4.6', 'a watcher is told of its own subscription, and of no other', ['R5.3.3.4-a'])
const keepPace = rule('RFC 3857 §4.10', 'watcher information is not told more often than every five seconds', [
  'R5.3.3.4-b',
])
const wait = rule('RFC 3857 §4.7.1', 'a watcher who left before there was a decision is remembered as waiting', [
  'R5.3.3.4-b',
])
const giveUp = rule('RFC 3857 §4.7.1', 'a waiting watcher about whom nothing is decided is forgotten in the end', [
  'R5.3.3.4-b',
])

/** The media type of watcher information. */
const mediaType = 'application/watcherinfo+xml'
const content = { value: mediaType, params: {} }

/** §5.3.3.4: a SUBSCRIBE to watcher information: authorization, then RFC 3857. Identity has been verified. */
export function informSubscriber(
  ps: PresenceServer,
  presentity: Presentity,
  subscriber: string,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): void {
  const canonical = addressOfRecord(subscriber)
  const isOwner = presentity.owners.includes(canonical)
  const isNamed = presentity.confidants.includes(canonical)
  const isOther = !isOwner && !isNamed && !turn.without(authorizeInformed)
  const isWatcher = isOther && mayWatch(ps, presentity, subscriber, turn)
  const isNobody = isOther && !isWatcher
  const because = isOwner ? 'the presentity itself' : isNobody ? 'nobody' : isWatcher ? 'its own subscription' : 'named'
  const facts = { subscriber, presentity: presentity.uri, because }
  turn.decide(authorizeInformed, isNobody ? 'refuse' : 'allow', facts)
  if (isNobody && !turn.without(notForWatcher)) return turn.reply(request, 403, notForWatcher)
  const duration = granted(request, ps.settings.subscribing, turn)
  if (duration === undefined || !isAcceptable(request, [mediaType], turn)) return
  const filters = withFilters(request, undefined, { event: 'presence.winfo', resource: presentity.uri }, turn)
  if (filters === 'refused') return
  const tag = host.tag(turn)
  const local = { tag, contact: host.contact, firstSequence: host.firstSequence }
  const [response, dialog] = accepted(request, duration, local, turn)
  host.respond(request, response, turn)
  const watch: InformedWatch = {
    dialog,
    event: 'presence.winfo',
    state: duration === 0 ? 'terminated' : 'active',
    expiresAt: turn.now + seconds(duration),
    presentity: presentity.uri,
    subscriber,
    own: isWatcher && !turn.without(tellOwn) ? canonical : undefined,
    version: -1,
    notifiedAt: undefined,
    isHeld: false,
    changed: new Map(),
    filters,
  }
  const { id } = request.headers.event!.params
  if (typeof id === 'string') watch.eventId = id
  ps.informed.set(tag, watch)
  presentity.informed.add(tag)
  if (duration > 0) turn.start({ name: 'subscription expiry', of: tag }, seconds(duration))
  if (ps.settings.notifyAfter > 0) turn.start({ name: 'composed', of: tag }, ps.settings.notifyAfter)
  else tell(ps, watch, true, undefined, host, turn)
}

/** The first document for a subscriber is composed; a refresh in the meantime has told it already. */
export function tellComposed(ps: PresenceServer, watch: InformedWatch, host: Host, turn: SipTurn): void {
  if (watch.notifiedAt === undefined) tell(ps, watch, true, undefined, host, turn)
}

/** RFC 3857 §4.7.2: a SUBSCRIBE within the dialog is answered with the full state. */
export function informAgain(
  ps: PresenceServer,
  watch: InformedWatch,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): void {
  const duration = granted(request, ps.settings.subscribing, turn)
  if (duration === undefined || !isAcceptable(request, [mediaType], turn)) return
  const filters = withFilters(request, watch.filters, { event: 'presence.winfo', resource: watch.presentity }, turn)
  if (filters === 'refused') return
  host.respond(request, acceptedAgain(watch, request, duration, host.contact, turn), turn)
  watch.filters = filters
  watch.expiresAt = turn.now + seconds(duration)
  if (duration === 0) watch.state = 'terminated'
  else turn.start({ name: 'subscription expiry', of: tagOf(watch) }, seconds(duration))
  tell(ps, watch, true, undefined, host, turn)
}

/** RFC 6665 §4.2.2: a subscription to watcher information that was not refreshed ends. */
export function endInformed(ps: PresenceServer, watch: InformedWatch, ending: Ending, host: Host, turn: SipTurn): void {
  watch.state = 'terminated'
  tell(ps, watch, true, ending, host, turn)
}

/** RFC 6665 §4.2.2: one that does not answer a NOTIFY, or refuses it, is forgotten. */
export function dropInformed(ps: PresenceServer, watch: InformedWatch, turn: SipTurn): void {
  if (turn.without(goneSubscriber)) return
  turn.decide(goneSubscriber, 'dropped', { subscriber: watch.subscriber })
  forget(ps, watch)
}

function forget(ps: PresenceServer, watch: InformedWatch): void {
  const tag = tagOf(watch)
  ps.informed.delete(tag)
  ps.presentities.get(watch.presentity)!.informed.delete(tag)
}

const tagOf = (watch: InformedWatch): string => String(watch.dialog.local.params.tag)

/** Tells of all watchers, or of those that have changed. */
function tell(
  ps: PresenceServer,
  watch: InformedWatch,
  isFull: boolean,
  ending: Ending | undefined,
  host: Host,
  turn: SipTurn,
): void {
  const presentity = ps.presentities.get(watch.presentity)!
  const all = isFull ? allWatchers(ps, presentity) : [...watch.changed.values()]
  const records = all.filter((record) => mayBeTold(watch, record))
  const bare = notification(watch, host.contact, ending, turn)
  watch.version++
  watch.notifiedAt = turn.now
  watch.isHeld = false
  watch.changed.clear()
  const body = textOf(watch, isFull, records, turn.now)
  host.send(turn.amend(bare, isFull ? tellWatchers : tellChanged, { contentType: content, body }), turn)
  if (watch.state === 'terminated') forget(ps, watch)
}

/** RFC 3857 §4.6: a watcher is told of its own subscription alone, and no more than its own NOTIFYs tell it. */
const mayBeTold = ({ own }: InformedWatch, { uri, status }: WatcherRecord): boolean =>
  own === undefined || (addressOfRecord(uri) === own && status !== 'waiting')

/** RFC 3857 §4.6: whoever may watch. One who is blocked politely can not tell the difference here either. */
export function mayWatch(ps: PresenceServer, presentity: Presentity, subscriber: string, turn: SipTurn): boolean {
  const { handling } = judged(ps, presentity, subscriber, turn).permissions
  return handling === 'allow' || handling === 'polite-block'
}

/** RFC 3857 §4.7.1: those who watch, and those who came in vain. */
function allWatchers(ps: PresenceServer, { watchers, waiting }: Presentity): WatcherRecord[] {
  const live = [...watchers].map((tag) => recordOf(ps.subscriptions.get(tag)!))
  return [...live.filter(({ status }) => status !== 'terminated'), ...waiting.values()]
}

/** A subscription as watcher information tells of it. */
export function recordOf(watch: PresenceWatch): WatcherRecord {
  const { state: status, watcher: uri, particulars } = watch
  const id = String(watch.dialog.local.params.tag)
  const event = particulars?.wasApproved === true ? 'approved' : 'subscribe'
  return { id, uri, status, event, since: seconds(watch.since), expiresAt: watch.expiresAt }
}

function textOf(watch: InformedWatch, isFull: boolean, records: readonly WatcherRecord[], now: Micros): string {
  const info = watcherinfo(watch, isFull, records, now)
  if (watch.filters === undefined) return printWatcherinfo(info)
  const left = parseWatcherinfo(filtered(watcherinfoFormat.tree(info), watch.filters, watch.presentity, isMandatory))
  assert(!isDocumentError(left), 'filtered watcher information is watcher information')
  return printWatcherinfo(left)
}

/** RFC 3858 §4: a document of watchers; times are whole seconds. */
function watcherinfo(
  { presentity, version }: InformedWatch,
  isFull: boolean,
  records: readonly WatcherRecord[],
  now: Micros,
): Watcherinfo {
  const watchers = records.map(
    ({ id, uri, status, event, since, expiresAt }): WatcherEntry => ({
      id,
      status,
      event,
      ...(expiresAt !== undefined && { expiration: Math.max(0, Math.ceil((expiresAt - now) / seconds(1))) }),
      durationSubscribed: Math.max(0, Math.floor((now - since) / seconds(1))),
      uri,
    }),
  )
  const lists = [{ resource: presentity, package: 'presence', watchers, others: [] }]
  return { kind: 'watcherinfo', version, state: isFull ? 'full' : 'partial', lists, others: [] }
}

/** RFC 3858 §4: what has to be there in watcher information: all but what the watchers are. */
const isMandatory: IsMandatory = (name, parent) => name.startsWith('@') || parent.name === 'watcherinfo'

/** A watcher is in another state than before: whoever watches the watchers is told, each at its pace. */
export function watcherMoved(
  ps: PresenceServer,
  presentity: Presentity,
  record: WatcherRecord,
  host: Host,
  turn: SipTurn,
): void {
  for (const tag of [...presentity.informed]) {
    const watch = ps.informed.get(tag)!
    if (!wantsToHear(watch, record, turn.now)) continue
    watch.changed.set(record.id, record)
    if (watch.isHeld || watch.notifiedAt === undefined) continue
    const pause = watch.notifiedAt + shortestGap - turn.now
    if (pause <= 0 || turn.without(keepPace)) {
      tell(ps, watch, false, undefined, host, turn)
      continue
    }
    watch.isHeld = true
    turn.decide(keepPace, 'the change waits', { subscriber: watch.subscriber, microseconds: pause })
    turn.start({ name: 'notification gap', of: tag }, pause)
  }
}

const shortestGap = seconds(packages['presence.winfo']!.shortestGap)

/** RFC 4660 §4.2: whether the filters of a subscription let a change through. */
function wantsToHear(watch: InformedWatch, record: WatcherRecord, now: Micros): boolean {
  const { filters } = watch
  if (!mayBeTold(watch, record)) return false
  if (filters === undefined) return true
  const none = watcherinfoFormat.tree(watcherinfo(watch, false, [], now))
  const one = watcherinfoFormat.tree(watcherinfo(watch, false, [record], now))
  if (!isTriggered(filters, watch.presentity, none, one)) return false
  const left = parseWatcherinfo(filtered(one, filters, watch.presentity, isMandatory))
  return !isDocumentError(left) && left.lists.some(({ watchers }) => watchers.length > 0)
}

/** The gap after the last notification has passed: all that has changed since is told. */
export function tellHeld(ps: PresenceServer, watch: InformedWatch, host: Host, turn: SipTurn): void {
  if (!watch.isHeld || turn.now < watch.notifiedAt! + shortestGap) return
  tell(ps, watch, false, undefined, host, turn)
}

/**
 * RFC 3857 §4.7.1: a subscription has ended. If nothing had been decided about the watcher and it left by itself, it is
 * remembered as waiting, so that the presentity learns that it came.
 */
export function watcherEnded(
  ps: PresenceServer,
  presentity: Presentity,
  watch: PresenceWatch,
  wasPending: boolean,
  reason: EndReason,
  host: Host,
  turn: SipTurn,
): void {
  const event = reason === 'invariant' ? 'noresource' : reason
  const waits = wasPending && event === 'timeout' && !turn.without(wait)
  if (!waits && presentity.informed.size === 0) return
  const status = waits ? ('waiting' as const) : ('terminated' as const)
  const record: WatcherRecord = { ...recordOf(watch), status, event, expiresAt: undefined }
  if (waits) {
    const identity = identityOf(watch.watcher)
    endWaiting(ps, presentity, identity, 'giveup', host, turn)
    turn.decide(wait, 'waiting', { watcher: watch.watcher, presentity: presentity.uri })
    presentity.waiting.set(identity, record)
    const after = ps.settings.rememberFor ?? rememberedFor
    turn.start({ name: 'waiting watcher', of: `${presentity.uri} ${identity} ${record.id}` }, after)
  }
  watcherMoved(ps, presentity, record, host, turn)
}

/** RFC 3857 §4.7.1: nobody has decided about a waiting watcher for long enough. */
export function forgetWaiting(ps: PresenceServer, of: string, host: Host, turn: SipTurn): void {
  const [uri, identity, id] = of.split(' ') as [string, string, string]
  const presentity = ps.presentities.get(uri)
  const record = presentity?.waiting.get(identity)
  if (presentity === undefined || record?.id !== id || turn.without(giveUp)) return
  turn.decide(giveUp, 'forgotten', { watcher: record.uri, presentity: uri })
  endWaiting(ps, presentity, identity, 'giveup', host, turn)
}

/** RFC 3857 §4.7.1: a waiting watcher is decided about, or forgotten. */
export function endWaiting(
  ps: PresenceServer,
  presentity: Presentity,
  identity: string,
  event: WatcherRecord['event'],
  host: Host,
  turn: SipTurn,
): void {
  const record = presentity.waiting.get(identity)
  if (record === undefined) return
  presentity.waiting.delete(identity)
  watcherMoved(ps, presentity, { ...record, status: 'terminated', event }, host, turn)
}
