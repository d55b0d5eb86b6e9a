import { type Presence, pidfDiff, pidfFull, presence, printPresence, tuple } from '../documents/index.ts'
import { rule } from '../sim/rule.ts'
import { seconds } from '../sim/time.ts'
import type { Parameterised } from '../sip/headers.ts'
import type { Body, SipRequest } from '../sip/message.ts'
import {
  accepted,
  acceptedAgain,
  type EndReason,
  granted,
  isInOrder,
  notification,
  type Watch,
} from '../sip/notifier.ts'
import { packages } from '../sip/packages.ts'
import type { SipTurn } from '../sip/transaction-user.ts'
import { ofIdentity } from './address-of-record.ts'
import { assertedIdentity, authorizeWatcher, handlingOf, noIdentity } from './authorization.ts'
import type { PresenceServer, PresenceWatch, Presentity } from './presence-server-state.ts'
import type { Host } from './role.ts'

export const notServed = rule('RFC 3856 §6.6', 'a presentity that the server does not know is answered 404', [
  'R5.3.3.2-b',
])
const blocked = rule('RFC 5025 §3.2.1', 'a watcher whom the presentity blocks is answered 403', ['R5.3.3.2-b'])
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
const keepPace = rule('RFC 3856 §6.10', 'a watcher is not notified more often than every five seconds', ['R5.3.3.2-e'])
const noWatcher = rule('RFC 6665 §4.2.2', 'a watcher that does not answer a NOTIFY, or refuses it, is dropped')
/** §5.3.3.2: an initial SUBSCRIBE: identity, authorization, then RFC 6665 and RFC 3856. */
export function acceptSubscription(ps: PresenceServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const watcher = assertedIdentity(request)
  if (watcher === undefined) return turn.reply(request, 403, noIdentity)
  const presentity = ofIdentity(ps.presentities, request.uri)
  if (presentity === undefined) return turn.reply(request, 404, notServed)
  const handling = handlingOf(presentity.policy, watcher)
  turn.decide(authorizeWatcher, handling, { watcher, presentity: presentity.uri })
  if (handling === 'block') return turn.reply(request, 403, blocked)
  const duration = granted(request, ps.settings.subscribing, turn)
  if (duration === undefined) return
  const tag = host.tag(turn)
  const local = { tag, contact: host.contact, firstSequence: host.firstSequence }
  const [response, dialog] = accepted(request, duration, local, turn)
  host.respond(request, response, turn)
  const watch: PresenceWatch = {
    dialog,
    event: 'presence',
    state: duration === 0 ? 'terminated' : handling === 'confirm' ? 'pending' : 'active',
    expiresAt: turn.now + seconds(duration),
    presentity: presentity.uri,
    watcher,
    handling,
    isPartial: acceptsPartial(request),
    version: 0,
    told: undefined,
    notifiedAt: undefined,
    isHeld: false,
  }
  ps.subscriptions.set(tag, watch)
  presentity.watchers.add(tag)
  if (duration > 0) turn.start({ name: 'subscription expiry', of: tag }, seconds(duration))
  if (ps.settings.notifyAfter > 0) return turn.start({ name: 'composed', of: tag }, ps.settings.notifyAfter)
  notify(ps, watch, undefined, host, turn)
}

/** §5.3.3.2, RFC 6665 §4.2.1.2: a SUBSCRIBE within the dialog refreshes or ends the subscription. */
export function refreshSubscription(ps: PresenceServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const tag = String(request.headers.to!.params.tag)
  const watch = ps.subscriptions.get(tag)
  if (!isInOrder(watch, request, turn)) return
  const current = watch as PresenceWatch
  const duration = granted(request, ps.settings.subscribing, turn)
  if (duration === undefined) return
  host.respond(request, acceptedAgain(current, request, duration, host.contact, turn), turn)
  current.expiresAt = turn.now + seconds(duration)
  if (request.headers.accept !== undefined) current.isPartial = acceptsPartial(request)
  // RFC 5263 §4.3: a refresh is answered with the full state.
  current.told = undefined
  if (duration === 0) current.state = 'terminated'
  else turn.start({ name: 'subscription expiry', of: tag }, seconds(duration))
  notify(ps, current, undefined, host, turn)
}

/** RFC 5263 §4.1: partial state is for whoever accepts it, and likes full state no better (RFC 3261 §20.1). */
function acceptsPartial({ headers }: SipRequest): boolean {
  const partial = qualityOf(headers.accept, partialType)
  return partial > 0 && partial >= qualityOf(headers.accept, plainType)
}

function qualityOf(accept: readonly Parameterised[] | undefined, type: string): number {
  const range = accept?.find(({ value }) => value.toLowerCase() === type)
  return range === undefined ? 0 : Number(range.params.q ?? 1)
}

const plainType = 'application/pidf+xml'
const partialType = 'application/pidf-diff+xml'

/** RFC 6665 §4.2.2: a subscription that was not refreshed ends, and its watcher is told. */
export function expireSubscription(ps: PresenceServer, watch: PresenceWatch, host: Host, turn: SipTurn): void {
  if (turn.now < watch.expiresAt) return
  watch.state = 'terminated'
  notify(ps, watch, 'timeout', host, turn)
}

/** §5.3.3.2: tells a watcher what it may see now, and forgets the subscription if that was the last time. */
export function notify(
  ps: PresenceServer,
  watch: PresenceWatch,
  reason: EndReason | undefined,
  host: Host,
  turn: SipTurn,
): void {
  const request = notification(watch, host.contact, reason, turn)
  const presentity = ps.presentities.get(watch.presentity)!
  watch.notifiedAt = turn.now
  watch.isHeld = false
  host.send(withState(request, watch, presentity, turn), turn)
  if (watch.state !== 'terminated') return
  const tag = tagOf(watch)
  ps.subscriptions.delete(tag)
  presentity.watchers.delete(tag)
}

/** The body of a NOTIFY: nothing while the presentity has not decided (RFC 3856 §6.6.2), else what the watcher may see. */
function withState(request: SipRequest, watch: PresenceWatch, presentity: Presentity, turn: SipTurn): SipRequest {
  if (watch.handling === 'confirm') return request
  if (watch.handling === 'polite-block') return withPretence(request, watch, turn)
  const before = watch.told
  watch.told = presentity.document
  if (!watch.isPartial) {
    presentity.plain ??= printPresence(presentity.document)
    return turn.amend(request, tellState, { contentType: plainContent, body: presentity.plain })
  }
  watch.version++
  const body = partialText(presentity, before, watch.version)
  return turn.amend(request, before === undefined ? tellFull : tellChange, { contentType: partialContent, body })
}

/** RFC 5025 §3.2.1: nothing but a service that is closed, the same each time. */
function withPretence(request: SipRequest, watch: PresenceWatch, turn: SipTurn): SipRequest {
  const document = presence(watch.presentity, { tuples: [tuple('unavailable', 'closed')] })
  if (!watch.isPartial)
    return turn.amend(request, pretend, { contentType: plainContent, body: printPresence(document) })
  watch.version++
  return turn.amend(request, pretend, { contentType: partialContent, body: pidfFull(document, watch.version) })
}

const plainContent = { value: plainType, params: {} }
const partialContent = { value: partialType, params: {} }

function partialText(presentity: Presentity, from: Presence | undefined, version: number): Body {
  const { printed, document } = presentity
  if (printed !== undefined && printed.from === from && printed.version === version) return printed.text
  const text = from === undefined ? pidfFull(document, version) : pidfDiff(from, document, version)
  presentity.printed = { from, version, text }
  return text
}

/** RFC 6665 §4.2.2: a watcher that is not there any more is dropped without another NOTIFY. */
export function dropWatcher(ps: PresenceServer, request: SipRequest, turn: SipTurn): void {
  const tag = String(request.headers.from?.params.tag)
  const watch = ps.subscriptions.get(tag)
  if (watch === undefined) return
  turn.decide(noWatcher, 'dropped', { watcher: watch.watcher })
  ps.subscriptions.delete(tag)
  ps.presentities.get(watch.presentity)!.watchers.delete(tag)
}

const tagOf = (watch: Watch): string => String(watch.dialog.local.params.tag)

const shortestGap = seconds(packages.presence!.shortestGap)

/** §5.3.3.2: tells all watchers of a presentity that its document has changed, each at its pace. */
export function notifyAll(ps: PresenceServer, presentity: Presentity, host: Host, turn: SipTurn): void {
  for (const tag of [...presentity.watchers]) {
    const watch = ps.subscriptions.get(tag)!
    // Who was told nothing yet is told all anyway; who is not allowed is told nothing, not even that there is a change.
    if (watch.handling !== 'allow' || watch.isHeld || watch.notifiedAt === undefined) continue
    const pause = watch.notifiedAt + shortestGap - turn.now
    if (pause <= 0) {
      notify(ps, watch, undefined, host, turn)
      continue
    }
    watch.isHeld = true
    turn.decide(keepPace, 'the change waits', { watcher: watch.watcher, microseconds: pause })
    turn.start({ name: 'notification gap', of: tag }, pause)
  }
}

/** The first document for a watcher is composed; a refresh in the meantime has told it already. */
export function notifyComposed(ps: PresenceServer, watch: PresenceWatch, host: Host, turn: SipTurn): void {
  if (watch.notifiedAt === undefined) notify(ps, watch, undefined, host, turn)
}

/** The gap after the last notification has passed: the last state wins. */
export function notifyHeld(ps: PresenceServer, watch: PresenceWatch, host: Host, turn: SipTurn): void {
  // A refresh in the meantime has told it, and a later change waits for a gap of its own.
  if (!watch.isHeld || turn.now < watch.notifiedAt! + shortestGap) return
  notify(ps, watch, undefined, host, turn)
}
