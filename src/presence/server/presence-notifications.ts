import { type Rule, rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import { type Ending, notification, type Watch } from '../../sip/events/notifier.ts'
import type { Params } from '../../sip/headers.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import {
  adaptedGap,
  keepRate,
  ratesOf,
  remind,
  remindOnAverage,
  shortestGap,
  toldNow,
} from '../notifier/notification-rates.ts'
import type { Host } from '../role.ts'
import type { PresenceServer, PresenceWatch, Presentity, View } from './presence-server-state.ts'
import { isEmptied, told, viewOf, withObjects } from './views.ts'
import { watcherEnded } from './watcher-information.ts'

const tellState = rule('RFC 3856 §6.6.1', 'a NOTIFY carries the presence document that the watcher may see', [
  'R5.3.3.2-b',
])
const tellFull = rule('RFC 5263 §4.3', 'the first partial notification carries the full state', ['R5.3.3.2-d'])
const tellChange = rule('RFC 5263 §4.3', 'later partial notifications carry only what changed', ['R5.3.3.2-d'])
const pretend = rule(
  'RFC 5025 §3.2.1',
  'a watcher whom the presentity blocks politely is shown that nobody is available',
  ['R5.3.3.2-b'],
)
const changeRates = rule('RFC 6446 §9.3', 'a watcher changes its rates in the answer to a NOTIFY', ['R5.3.3.2-e'])
const emptied = rule(
  'RFC 4660 §5.3.1',
  'where the filters leave nothing, the NOTIFY that answers a SUBSCRIBE is empty',
  ['R5.3.3.2-c'],
)
const addObjects = rule('RFC 2387 §3', 'objects to which the document refers travel beside it to whoever takes them', [
  'R5.3.3.2-f',
])
const hide = rule('RFC 3856 §6.6.2', 'nothing is told to a watcher about whom nobody has decided', [
  'R5.3.3.2-b',
  'R5.3.3.2-h',
])
const keepPace = rule('RFC 3856 §6.10', 'a watcher is not notified more often than every five seconds', ['R5.3.3.2-e'])
const keepOrder = rule('RFC 5263 §4.4', 'a change is not told in part before the notification before it is answered', [
  'R5.3.3.2-d',
])
const noWatcher = rule('RFC 6665 §4.2.2', 'a watcher that does not answer a NOTIFY, or refuses it, is dropped')

/** The tag of this side, by which a subscription is known. */
export const tagOf = (watch: Watch): string => String(watch.dialog.local.params.tag)

/** §5.3.3.2: tells a watcher what it may see now, and forgets the subscription if that was the last time. */
export function notify(
  ps: PresenceServer,
  watch: PresenceWatch,
  ending: Ending | undefined,
  host: Host,
  turn: SipTurn,
): void {
  const { particulars } = watch
  const request = notification(watch, host.contact, ending, turn, particulars?.rates)
  const presentity = ps.presentities.get(watch.presentity)!
  watch.notifiedAt = turn.now
  watch.progress = 'unanswered'
  host.send(withState(ps, request, watch, presentity, turn), turn)
  if (watch.state === 'terminated') return forget(ps, presentity, watch)
  awaitNext(watch, turn)
}

/** RFC 6446 §6, §7: wakes the server when the watcher is to be told again even if nothing changes. */
function awaitNext(watch: PresenceWatch, turn: SipTurn): void {
  const { particulars } = watch
  if (particulars?.averageGap !== undefined) {
    const history = toldNow(particulars.history, particulars.averageGap, turn.now)
    watch.particulars = { ...particulars, history }
  }
  const longest = longestSilence(watch, turn)
  if (longest !== undefined) turn.start({ name: 'notification due', of: tagOf(watch) }, longest.pause)
}

/** How long a watcher may go without a notification, and by which rule; undefined for as long as nothing changes. */
function longestSilence(
  { particulars }: PresenceWatch,
  turn: SipTurn,
): { readonly pause: Micros; readonly why: Rule } | undefined {
  const { longestGap, averageGap, history } = particulars ?? {}
  const steady = longestGap === undefined || turn.without(remind) ? undefined : { pause: longestGap, why: remind }
  if (averageGap === undefined || history === undefined || turn.without(remindOnAverage)) return steady
  const pause = adaptedGap(history, averageGap)
  return steady !== undefined && steady.pause <= pause ? steady : { pause, why: remindOnAverage }
}

function forget(ps: PresenceServer, presentity: Presentity, watch: PresenceWatch): void {
  const tag = tagOf(watch)
  ps.subscriptions.delete(tag)
  presentity.watchers.delete(tag)
}

/**
 * The body of a NOTIFY: nothing while the presentity has not decided (RFC 3856 §6.6.2), else what the watcher may see.
 */
function withState(
  ps: PresenceServer,
  request: SipRequest,
  watch: PresenceWatch,
  presentity: Presentity,
  turn: SipTurn,
): SipRequest {
  const view = viewOf(presentity, watch)
  const { handling } = view.permissions
  if ((handling === 'confirm' || handling === 'block') && !turn.without(hide)) {
    turn.decide(hide, 'no document', { watcher: watch.watcher })
    return request
  }
  if (watch.told === undefined && isEmptied(view) && !turn.without(emptied)) {
    turn.decide(emptied, 'no document', { watcher: watch.watcher })
    return request
  }
  const { isFull, changes } = told(presentity, watch)
  const plainly = watch.version !== undefined ? (isFull ? tellFull : tellChange) : tellState
  const made = turn.amend(request, handling === 'polite-block' ? pretend : plainly, changes)
  const more = watch.particulars?.takesObjects === true ? withObjects(ps, presentity, changes) : undefined
  return more === undefined ? made : turn.amend(made, addObjects, more)
}

/** RFC 6665 §4.2.2: ends a subscription, tells its watcher so, and whoever watches the watchers. */
export function endSubscription(
  ps: PresenceServer,
  watch: PresenceWatch,
  ending: Ending,
  host: Host,
  turn: SipTurn,
): void {
  const presentity = ps.presentities.get(watch.presentity)!
  const wasPending = watch.state === 'pending'
  watch.state = 'terminated'
  notify(ps, watch, ending, host, turn)
  watcherEnded(ps, presentity, watch, wasPending, ending.reason, host, turn)
}

/** RFC 6665 §4.2.2: a watcher that is not there any more is dropped without another NOTIFY. */
export function dropWatcher(ps: PresenceServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const watch = ps.subscriptions.get(String(request.headers.from?.params.tag))
  if (watch === undefined || turn.without(noWatcher)) return
  turn.decide(noWatcher, 'dropped', { watcher: watch.watcher })
  const presentity = ps.presentities.get(watch.presentity)!
  const wasPending = watch.state === 'pending'
  watch.state = 'terminated'
  forget(ps, presentity, watch)
  watcherEnded(ps, presentity, watch, wasPending, 'timeout', host, turn)
}

/** §5.3.3.2: tells the watchers who have one of these views, and were not told since, each at its pace. */
export function notifyAll(
  ps: PresenceServer,
  presentity: Presentity,
  due: ReadonlySet<View>,
  host: Host,
  turn: SipTurn,
): void {
  if (due.size === 0) return
  for (const tag of [...presentity.watchers]) {
    const watch = ps.subscriptions.get(tag)
    if (watch === undefined) continue
    const view = viewOf(presentity, watch)
    if (due.has(view) && watch.told !== view.document) tellAtItsPace(ps, watch, host, turn)
  }
}

/** Tells a watcher that what it sees has changed: now, or when the gap after the last notification has passed. */
export function tellAtItsPace(ps: PresenceServer, watch: PresenceWatch, host: Host, turn: SipTurn): void {
  // Who was told nothing yet is told all anyway; who is not allowed is told nothing, not even that there is a change.
  if (watch.state !== 'active' || isHeld(watch) || watch.notifiedAt === undefined) return
  const gap = gapOf(watch, turn)
  const pause = watch.notifiedAt + gap - turn.now
  const isUnanswered = watch.progress === 'unanswered'
  const hasToWait = isUnanswered && watch.version !== undefined && !turn.without(keepOrder)
  if (pause <= 0 && !hasToWait) return notify(ps, watch, undefined, host, turn)
  watch.progress = isUnanswered ? 'unanswered and held' : 'held'
  if (pause <= 0) return turn.decide(keepOrder, 'the change waits', { watcher: watch.watcher })
  const why = gap > shortestGap ? keepRate : keepPace
  turn.decide(why, 'the change waits', { watcher: watch.watcher, microseconds: pause })
  turn.start({ name: 'notification gap', of: tagOf(watch) }, pause)
}

/** RFC 3856 §6.10, RFC 6446 §5: the longer of the package's gap and the watcher's own. */
function gapOf({ particulars }: PresenceWatch, turn: SipTurn): Micros {
  const own = turn.without(keepRate) ? 0 : (particulars?.shortestGap ?? 0)
  return Math.max(turn.without(keepPace) ? 0 : shortestGap, own)
}

/** The first document for a watcher is composed; a refresh in the meantime has told it already. */
export function notifyComposed(ps: PresenceServer, watch: PresenceWatch, host: Host, turn: SipTurn): void {
  if (watch.notifiedAt === undefined) notify(ps, watch, undefined, host, turn)
}

/** The gap after the last notification has passed: the last state wins. */
export function notifyHeld(ps: PresenceServer, watch: PresenceWatch, host: Host, turn: SipTurn): void {
  // A refresh in the meantime has told it, and a later change waits for a gap of its own.
  if (!isHeld(watch) || turn.now < watch.notifiedAt! + gapOf(watch, turn)) return
  if (watch.progress === 'held' || watch.version === undefined) return notify(ps, watch, undefined, host, turn)
  turn.decide(keepOrder, 'the change waits', { watcher: watch.watcher })
}

const isHeld = ({ progress }: PresenceWatch): boolean => progress === 'held' || progress === 'unanswered and held'

/** RFC 5263 §4.4: the last notification is answered: what has waited for that is told. */
export function notifyAnswered(
  ps: PresenceServer,
  response: SipResponse,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): void {
  const watch = ps.subscriptions.get(String(request.headers.from?.params.tag))
  // An answer to an earlier one says nothing of the last.
  if (watch === undefined || request.headers.cseq!.number !== watch.dialog.localSequence) return
  const { event } = response.headers
  if (event?.value === watch.event && !turn.without(changeRates)) askAnew(watch, event.params, turn)
  const wasHeld = watch.progress === 'unanswered and held'
  watch.progress = wasHeld ? 'held' : 'idle'
  if (wasHeld) notifyHeld(ps, watch, host, turn)
}

/** RFC 6446 §9.3: the answer to a NOTIFY says anew how often the watcher wants to be told. */
function askAnew(watch: PresenceWatch, params: Params, turn: SipTurn): void {
  const { shortestGap: _s, longestGap: _l, averageGap: _a, rates: _r, history, ...others } = watch.particulars ?? {}
  const asked = ratesOf(params)
  turn.decide(changeRates, 'changed', { watcher: watch.watcher, ...asked?.rates })
  const isSame = asked?.averageGap === watch.particulars?.averageGap
  watch.particulars = { ...others, ...asked, ...(isSame && history !== undefined && { history }) }
  const longest = longestSilence(watch, turn)
  if (longest !== undefined) turn.start({ name: 'notification due', of: tagOf(watch) }, longest.pause)
}

/** RFC 6446 §6, §7: nothing has been told for as long as the watcher has asked for. */
export function notifyDue(ps: PresenceServer, watch: PresenceWatch, host: Host, turn: SipTurn): void {
  const longest = longestSilence(watch, turn)
  if (longest === undefined || watch.notifiedAt === undefined || turn.now < watch.notifiedAt + longest.pause) return
  turn.decide(longest.why, 'notified again', { watcher: watch.watcher })
  notify(ps, watch, undefined, host, turn)
}
