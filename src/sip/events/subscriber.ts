import { rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import {
  type Dialog,
  dialogAsClient,
  dialogAsServer,
  isOutOfOrder,
  outOfOrder,
  requestWithin,
  withTarget,
} from '../core/dialog.ts'
import type { Parameterised } from '../headers.ts'
import type { SipRequest, SipResponse } from '../message.ts'
import type { SipTurn } from '../transaction/transaction-user.ts'
import { packageOf } from './packages.ts'

/** RFC 6665 §4.1.2, Figure 1: the states of a subscriber. */
export type SubscriberState = 'notify_wait' | 'pending' | 'active' | 'terminated'

/** One subscription as its subscriber sees it; its owner changes it in place. */
export interface Subscription<Known = unknown, Wish = unknown> {
  readonly callId: string
  readonly localTag: string
  /** The event package, e.g. `presence`. */
  readonly event: string
  /** The URI subscribed to. */
  readonly target: string
  /** The number in CSeq of the first SUBSCRIBE. */
  readonly sequence: number
  state: SubscriberState
  dialog: Dialog | undefined
  /** The duration asked for, in seconds. */
  duration: number
  /** When it ends unless refreshed. */
  expiresAt: Micros
  /** Why it ended: the `reason` of the last NOTIFY, the status of a refusal, or `no NOTIFY`. */
  reason?: string
  /** What the notifications have told so far. */
  known: Known | undefined
  /** What was asked for beside the state itself; undefined if nothing was. */
  wish: Wish | undefined
}

const waitForNotify = rule('RFC 6665 §4.1.2.4', 'without a NOTIFY before Timer N the subscription has failed')
const refused = rule('RFC 6665 §4.1.2.1', 'a refusal ends the subscription')
const acceptNotify = rule('RFC 6665 §4.1.3', 'a NOTIFY of a known subscription is answered 200')
/** A subscriber refreshes in time. */
export const refreshInTime = rule('RFC 6665 §4.1.2.2', 'a subscription is refreshed before it expires')
/** The answer to a NOTIFY that nobody waits for. */
export const unknownNotify = rule('RFC 6665 §4.1.3', 'a NOTIFY that belongs to no subscription is answered 481')
const badEvent = rule('RFC 6665 §4.1.3', 'a NOTIFY of an event package that is not known is answered 489')
const badNotify = rule('RFC 6665 §4.1.3', 'a NOTIFY without Subscription-State is answered 400')

/**
 * The responses to SUBSCRIBE and NOTIFY after which the dialog's subscription is over; after any other failure of a
 * refresh it lasts until it expires (RFC 6665 §4.1.2.2, RFC 5057 §5.1).
 */
export const endingStatuses: ReadonlySet<number> = new Set([
  404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604,
])

/** Keeps account of a SUBSCRIBE just sent, and waits for its NOTIFY as long as 64 times T1 (Timer N). */
export function awaitNotify<Known, Other, Wish = unknown>(
  sent: SipRequest,
  t1: Micros,
  turn: SipTurn<Other>,
  wish?: Wish,
): Subscription<Known, Wish> {
  const { callId, from, event, expires } = sent.headers
  turn.start({ name: 'Timer N', of: callId! }, 64 * t1)
  return {
    callId: callId!,
    localTag: String(from!.params.tag),
    event: event!.value,
    target: sent.uri,
    sequence: sent.headers.cseq!.number,
    state: 'notify_wait',
    dialog: undefined,
    duration: expires ?? 0,
    expiresAt: turn.now + seconds(expires ?? 0),
    known: undefined,
    wish,
  }
}

/** RFC 6665 §4.1.2.4: Timer N fired. Returns true if that ended the subscription. */
export function onTimerN<Other>(subscription: Subscription, turn: SipTurn<Other>): boolean {
  if (subscription.state !== 'notify_wait') return false
  subscription.state = 'terminated'
  subscription.reason = 'no NOTIFY'
  turn.decide(waitForNotify, 'the subscription has failed', { event: subscription.event })
  return true
}

/** RFC 6665 §4.1.2.1, §4.1.2.2: the response to a SUBSCRIBE, initial or refreshing. */
export function onSubscribeResponse<Other>(
  subscription: Subscription,
  response: SipResponse,
  sent: SipRequest,
  turn: SipTurn<Other>,
): void {
  if (response.status < 200 || subscription.state === 'terminated') return
  if (response.status >= 300) return onRefusal(subscription, response, sent, turn)
  const granted = response.headers.expires ?? subscription.duration
  subscription.duration = sent.headers.expires === 0 ? 0 : granted
  subscription.expiresAt = turn.now + seconds(granted)
  const { dialog } = subscription
  const { to, contact, recordRoute } = response.headers
  if (dialog === undefined) subscription.dialog = dialogAsClient(sent, response, turn.step)
  // RFC 6665 §4.4.1: the notifier whose NOTIFY came first has the dialog, also when another one's 200 was chosen.
  else if (dialog.remote.params.tag === to?.params.tag) {
    // A NOTIFY that came first has made the dialog; the route set of this side is that of the response.
    const isWithoutRoute = isInitial(sent) && dialog.routeSet.length === 0 && recordRoute !== undefined
    const routed = isWithoutRoute ? { ...dialog, routeSet: recordRoute.toReversed() } : dialog
    subscription.dialog = withTarget(routed, contact)
  }
}

const isInitial = (sent: SipRequest): boolean => sent.headers.to?.params.tag === undefined

function onRefusal<Other>(
  subscription: Subscription,
  response: SipResponse,
  sent: SipRequest,
  turn: SipTurn<Other>,
): void {
  if (!isInitial(sent) && !endingStatuses.has(response.status)) return
  subscription.state = 'terminated'
  subscription.reason = String(response.status)
  turn.decide(refused, 'terminated', { status: response.status })
}

/** What a NOTIFY is to its receiver: the subscription it belongs to, or the answer that refuses it. */
export type Notified<S extends Subscription> =
  | { readonly subscription: S; readonly why: typeof acceptNotify }
  | { readonly status: number; readonly why: typeof acceptNotify }

/** RFC 6665 §4.1.3: takes a NOTIFY in, if it belongs to one of these subscriptions. The caller answers it. */
export function onNotify<S extends Subscription, Other>(
  subscriptions: readonly S[],
  request: SipRequest,
  turn: SipTurn<Other>,
): Notified<S> {
  const { callId, to, event } = request.headers
  if (packageOf(request) === undefined) return { status: 489, why: badEvent }
  const subscription = subscriptions.find(
    (one) => one.callId === callId && one.localTag === to?.params.tag && one.event === event?.value,
  )
  if (subscription === undefined || subscription.state === 'terminated') return { status: 481, why: unknownNotify }
  const { dialog } = subscription
  const remoteTag = request.headers.from?.params.tag
  // RFC 3856 §6.9: the first notifier keeps the dialog, those of other branches are refused.
  if (dialog !== undefined && dialog.remote.params.tag !== remoteTag) return { status: 481, why: unknownNotify }
  if (dialog !== undefined && isOutOfOrder(dialog, request)) return { status: 500, why: outOfOrder }
  const state = request.headers.subscriptionState
  if (state === undefined) return { status: 400, why: badNotify }
  subscription.dialog = withTarget(
    { ...(dialog ?? madeByNotify(subscription, request, turn.step)), remoteSequence: request.headers.cseq!.number },
    request.headers.contact,
  )
  follow(subscription, state, turn)
  return { subscription, why: acceptNotify }
}

/** RFC 6665 §4.4.1: the NOTIFY that comes before the 2xx makes the dialog. */
function madeByNotify(subscription: Subscription, request: SipRequest, step: number): Dialog {
  return dialogAsServer(request, request.headers.to!, subscription.sequence, step)
}

/** RFC 6665 §4.1.3: the state that the notifier tells, and the time that is left. */
function follow<Other>(subscription: Subscription, told: Parameterised, turn: SipTurn<Other>): void {
  const { expires, reason } = told.params
  subscription.state = told.value === 'active' || told.value === 'pending' ? told.value : 'terminated'
  if (told.value === 'terminated') subscription.reason = typeof reason === 'string' ? reason : 'terminated'
  else if (typeof expires === 'string' && /^\d+$/.test(expires))
    subscription.expiresAt = turn.now + seconds(Number(expires))
}

/** RFC 6665 §4.1.2.2, §4.1.2.3: a SUBSCRIBE within the dialog, to refresh or (0 seconds) to end the subscription. */
export function subscribeAgain<Other>(
  subscription: Subscription,
  duration: number,
  turn: SipTurn<Other>,
): SipRequest | undefined {
  if (subscription.dialog === undefined || subscription.state === 'terminated') return undefined
  const [request, after] = requestWithin(subscription.dialog, 'SUBSCRIBE', turn)
  subscription.dialog = after
  return turn.amend(request, refresh, { event: { value: subscription.event, params: {} }, expires: duration })
}

const refresh = rule('RFC 6665 §4.1.2.2', 'a SUBSCRIBE within the dialog asks for a new duration')
