import { rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { accepted, acceptedAgain, granted, isInOrder } from '../../sip/events/notifier.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { ofIdentity } from '../address-of-record.ts'
import { assertedIdentity, authorizeWatcher, noIdentity } from '../notifier/authorization.ts'
import type { Filters } from '../notifier/event-filters.ts'
import { ratesOf } from '../notifier/notification-rates.ts'
import {
  isAcceptable,
  presenceTypes,
  takesObjects,
  wantsPartial,
  withFilters,
} from '../notifier/subscription-demands.ts'
import type { Host } from '../role.ts'
import { endSubscription, notify } from './presence-notifications.ts'
import { watcherIdentity } from './presence-rules.ts'
import type { InformedWatch, Particulars, PresenceServer, PresenceWatch, Presentity } from './presence-server-state.ts'
import { viewFor, viewOf } from './views.ts'
import {
  endWaiting,
  informAgain,
  informSubscriber,
  recordOf,
  watcherEnded,
  watcherMoved,
} from './watcher-information.ts'
import { awaitBoundary, judged, tellProvided } from './watcher-judgement.ts'

export const notServed = rule('RFC 3856 §6.6', 'a presentity that the server does not know is answered 404', [
  'R5.3.3.2-b',
])
const blocked = rule('RFC 5025 §3.2.1', 'a watcher whom the presentity blocks is answered 403', ['R5.3.3.2-b'])
const pend = rule('RFC 5025 §3.2.1', 'a subscription about which the presentity has yet to decide is pending', [
  'R5.3.3.2-b',
])
const undecided = rule('RFC 3857 §4.7.1', 'a subscription about which nobody has decided for long enough is given up', [
  'R5.3.3.4-b',
])

/** §5.3.3.2, §5.3.3.4: an initial SUBSCRIBE: identity, authorization, then the event package. */
export function acceptSubscription(ps: PresenceServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const watcher = assertedIdentity(request, turn)
  if (watcher === undefined) return turn.reply(request, 403, noIdentity)
  const presentity = ofIdentity(ps.presentities, request.uri)
  if (presentity === undefined) return turn.reply(request, 404, notServed)
  const { event } = request.headers
  const isServed = ps.settings.subscribing.packages.includes(event?.value ?? '')
  if (isServed && event!.value === 'presence.winfo')
    return informSubscriber(ps, presentity, watcher, request, host, turn)
  acceptWatcher(ps, presentity, watcher, request, host, turn)
}

/** §5.3.3.2: a SUBSCRIBE to presence, by RFC 6665 and RFC 3856. */
function acceptWatcher(
  ps: PresenceServer,
  presentity: Presentity,
  watcher: string,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): void {
  const judgement = judged(ps, presentity, watcher, turn)
  const { handling } = judgement.permissions
  turn.decide(authorizeWatcher, handling, { watcher, presentity: presentity.uri, rules: judgement.rules.join(', ') })
  // RFC 3857 §4.7.2: a state that lasts no time is not told to whoever watches the watchers.
  if (handling === 'block' && !turn.without(blocked)) return turn.reply(request, 403, blocked)
  tellProvided(judgement.permissions, watcher, turn)
  const duration = granted(request, ps.settings.subscribing, turn)
  if (duration === undefined || !isAcceptable(request, presenceTypes, turn)) return
  const filters = withFilters(request, undefined, { event: 'presence', resource: presentity.uri }, turn)
  if (filters === 'refused') return
  const tag = host.tag(turn)
  const local = { tag, contact: host.contact, firstSequence: host.firstSequence }
  const [response, dialog] = accepted(request, duration, local, turn)
  host.respond(request, response, turn)
  const isUndecided = handling === 'confirm' && !turn.without(pend)
  if (isUndecided) turn.decide(pend, 'pending', { watcher })
  const watch: PresenceWatch = {
    dialog,
    event: 'presence',
    state: isUndecided ? 'pending' : 'active',
    expiresAt: turn.now + seconds(duration),
    presentity: presentity.uri,
    watcher,
    view: viewFor(ps, presentity, judgement.permissions, filters),
    version: wantsPartial(request) ? 0 : undefined,
    told: undefined,
    notifiedAt: undefined,
    progress: 'idle',
    since: Math.floor(turn.now / seconds(1)),
    particulars: particularsOf(request, filters, undefined),
  }
  const { id } = request.headers.event!.params
  if (typeof id === 'string') watch.eventId = id
  // RFC 3857 §4.7.1: a waiting watcher who comes again is waiting no more.
  endWaiting(ps, presentity, watcherIdentity(watcher), 'giveup', host, turn)
  if (presentity.watchers.size === 0) awaitBoundary(ps, presentity, turn)
  ps.subscriptions.set(tag, watch)
  presentity.watchers.add(tag)
  begin(ps, presentity, watch, tag, duration, host, turn)
}

/** The first notification and the timers of a new subscription; a fetch (RFC 6665 §4.4.3) is over with it. */
function begin(
  ps: PresenceServer,
  presentity: Presentity,
  watch: PresenceWatch,
  tag: string,
  duration: number,
  host: Host,
  turn: SipTurn,
): void {
  const { notifyAfter, giveUpAfter } = ps.settings
  const isPending = watch.state === 'pending'
  if (duration === 0) watch.state = 'terminated'
  else turn.start({ name: 'subscription expiry', of: tag }, seconds(duration))
  if (isPending && giveUpAfter !== undefined && duration > 0)
    turn.start({ name: 'decision overdue', of: tag }, giveUpAfter)
  if (notifyAfter > 0) turn.start({ name: 'composed', of: tag }, notifyAfter)
  else notify(ps, watch, undefined, host, turn)
  // RFC 3857 §4.7.2: nor is a fetch that is allowed told.
  if (duration === 0 && isPending) watcherEnded(ps, presentity, watch, true, 'timeout', host, turn)
  if (duration > 0 && presentity.informed.size > 0) watcherMoved(ps, presentity, recordOf(watch), host, turn)
}

/** What few subscriptions have; undefined for all others. */
function particularsOf(
  request: SipRequest,
  filters: Filters | undefined,
  before: Particulars | undefined,
): Particulars | undefined {
  const rates = ratesOf(request.headers.event!.params)
  const { accept } = request.headers
  const takes = accept === undefined ? before?.takesObjects === true : takesObjects(request)
  if (filters === undefined && rates === undefined && before === undefined && !takes) return undefined
  const { wasApproved, history } = before ?? {}
  return {
    ...(wasApproved !== undefined && { wasApproved }),
    ...(history !== undefined && rates?.averageGap === before?.averageGap && { history }),
    ...(takes && { takesObjects: true }),
    ...(filters !== undefined && { filters }),
    ...rates,
  }
}

/** §5.3.3.2, RFC 6665 §4.2.1.2: a SUBSCRIBE within the dialog refreshes or ends the subscription. */
export function refreshSubscription(ps: PresenceServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const tag = String(request.headers.to!.params.tag)
  const watch: PresenceWatch | InformedWatch | undefined = ps.subscriptions.get(tag) ?? ps.informed.get(tag)
  if (!isInOrder(watch, request, turn)) return
  if ('subscriber' in watch) return informAgain(ps, watch as InformedWatch, request, host, turn)
  refreshWatcher(ps, watch as PresenceWatch, request, host, turn)
}

function refreshWatcher(
  ps: PresenceServer,
  watch: PresenceWatch,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): void {
  const duration = granted(request, ps.settings.subscribing, turn)
  if (duration === undefined || !isAcceptable(request, presenceTypes, turn)) return
  const watched = { event: 'presence', resource: watch.presentity }
  const filters = withFilters(request, watch.particulars?.filters, watched, turn)
  if (filters === 'refused') return
  host.respond(request, acceptedAgain(watch, request, duration, host.contact, turn), turn)
  watch.expiresAt = turn.now + seconds(duration)
  if (request.headers.accept !== undefined) watch.version = wantsPartial(request) ? (watch.version ?? 0) : undefined
  demandAnew(ps, watch, request, filters)
  // RFC 5263 §4.3: a refresh is answered with the full state.
  watch.told = undefined
  if (duration === 0) return endSubscription(ps, watch, { reason: 'timeout' }, host, turn)
  turn.start({ name: 'subscription expiry', of: String(request.headers.to!.params.tag) }, seconds(duration))
  notify(ps, watch, undefined, host, turn)
}

/** RFC 4660 §5.2.2, RFC 6446 §4: filters last until they are changed, rates as long as they are repeated. */
function demandAnew(ps: PresenceServer, watch: PresenceWatch, request: SipRequest, filters: Filters | undefined): void {
  const before = watch.particulars
  watch.particulars = particularsOf(request, filters, before)
  if (before === undefined && filters === undefined) return
  const presentity = ps.presentities.get(watch.presentity)!
  watch.view = viewFor(ps, presentity, viewOf(presentity, watch).permissions, filters)
}

/** RFC 6665 §4.2.2: a subscription that was not refreshed ends, and its watcher is told. */
export function expireSubscription(ps: PresenceServer, watch: PresenceWatch, host: Host, turn: SipTurn): void {
  if (turn.now >= watch.expiresAt) endSubscription(ps, watch, { reason: 'timeout' }, host, turn)
}

/** RFC 3857 §4.7.1: nobody has decided about a watcher for long enough: the server gives its subscription up. */
export function giveUpSubscription(ps: PresenceServer, watch: PresenceWatch, host: Host, turn: SipTurn): void {
  if (watch.state !== 'pending' || turn.without(undecided)) return
  turn.decide(undecided, 'given up', { watcher: watch.watcher })
  endSubscription(ps, watch, { reason: 'giveup' }, host, turn)
}
