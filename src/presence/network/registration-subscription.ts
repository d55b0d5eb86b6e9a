/**
 * RFC 3680 as its subscribers see it: the UE (TS 24.229 §5.1.1.3), the P-CSCF (§5.2.3) and application servers
 * (§5.7.1.1). What each of them adds to the requests is its own.
 */

import type { Timer } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import {
  onNotify,
  onSubscribeResponse,
  onTimerN,
  refreshInTime,
  type Subscription,
  subscribeAgain,
} from '../../sip/events/subscriber.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { applyReginfo, type RegistrationView } from './registration-view.ts'

/** A subscription to the registration state of a user. */
export type RegistrationSubscription = Subscription<RegistrationView>

const ask = rule(
  'RFC 3680 §4.1',
  'a SUBSCRIBE to the registration state names the package, a duration and its format',
  ['R5.3.5.2-a'],
)
const resynchronise = rule('RFC 3680 §4.7.2', 'a subscriber that missed a document asks for the full state')

/** The timers of a subscription; each belongs to its Call-ID. */
export const registrationTimers: readonly string[] = ['Timer N', 'registration subscription refresh']

/** RFC 3680 §4.1 to §4.5: what makes a SUBSCRIBE one to the registration state. */
export function asRegistrationSubscribe<Other>(bare: SipRequest, duration: number, turn: SipTurn<Other>): SipRequest {
  return turn.amend(bare, ask, {
    event: { value: 'reg', params: {} },
    expires: duration,
    accept: [{ value: 'application/reginfo+xml', params: {} }],
  })
}

/** The answer to a SUBSCRIBE; undefined if there was none. */
export function onSubscribed<Other>(
  subscription: RegistrationSubscription,
  response: SipResponse | undefined,
  sent: SipRequest,
  turn: SipTurn<Other>,
): void {
  if (response === undefined) {
    if (subscription.dialog !== undefined) return
    subscription.state = 'terminated'
    subscription.reason = 'no answer'
    return
  }
  onSubscribeResponse(subscription, response, sent, turn)
  const { state, duration, callId } = subscription
  if (state === 'terminated' || duration === 0 || response.status < 200 || response.status >= 300) return
  turn.start({ name: 'registration subscription refresh', of: callId }, refreshAfter(duration))
}

/** When to refresh: ten minutes before the end, or half-way if there are less than twenty (as TS 24.229 §5.1.1.4). */
export const refreshAfter = (duration: number): Micros =>
  seconds(duration > 1200 ? duration - 600 : Math.ceil(duration / 2))

/** A timer of the subscription; returns the SUBSCRIBE that is due, still without what its sender adds. */
export function onSubscriptionTimer<Other>(
  subscription: RegistrationSubscription,
  timer: Timer,
  turn: SipTurn<Other>,
): SipRequest | undefined {
  if (timer.name === 'Timer N') {
    onTimerN(subscription, turn)
    return undefined
  }
  const { duration, expiresAt, state, target } = subscription
  // Since refreshed, it has more time left than it had to have when this timer was started.
  if (state === 'terminated' || duration === 0) return undefined
  if (expiresAt - turn.now > seconds(duration + 1) - refreshAfter(duration)) return undefined
  turn.decide(refreshInTime, 'refreshed', { target })
  return subscribeAgain(subscription, duration, turn)
}

/** What came of a NOTIFY. */
export interface RegistrationNews {
  /** How to answer it. */
  readonly status: number
  readonly why: Rule
  /** Its subscription; undefined if it belongs to none. */
  readonly subscription: RegistrationSubscription | undefined
  /** The SUBSCRIBE that asks for the full state, if that is needed. */
  readonly again: SipRequest | undefined
}

/** RFC 3680 §4.7, §4.8: takes a NOTIFY in. The caller answers it. */
export function takeRegistrationNotify<Other>(
  subscriptions: readonly RegistrationSubscription[],
  request: SipRequest,
  turn: SipTurn<Other>,
): RegistrationNews {
  const notified = onNotify(subscriptions, request, turn)
  if ('status' in notified) return { ...notified, subscription: undefined, again: undefined }
  const { subscription, why } = notified
  const news = { status: 200, why, subscription, again: undefined }
  if (request.body === '') return news
  const after = applyReginfo(subscription.known, request)
  if (after.kind === 'registrations') {
    subscription.known = after
    return news
  }
  if (turn.without(resynchronise)) return news
  turn.decide(resynchronise, 'asked for the full state', { because: after.reason })
  return { ...news, again: subscribeAgain(subscription, subscription.duration, turn) }
}
