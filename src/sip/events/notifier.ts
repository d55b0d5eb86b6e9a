import { rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import { type Dialog, dialogAsServer, isOutOfOrder, outOfOrder, requestWithin, withTarget } from '../core/dialog.ts'
import type { NameAddr, Params } from '../headers.ts'
import type { SipRequest, SipResponse } from '../message.ts'
import { withTag } from '../transaction/message-turn.ts'
import type { SipTurn } from '../transaction/transaction-user.ts'
import { packageOf } from './packages.ts'

/** RFC 6665 §4.2.1, Figure 4: the states of a subscription at its notifier. */
export type NotifierState = 'pending' | 'active' | 'terminated'

/** The `reason` of a subscription that has ended (RFC 6665 §4.1.3). */
export type EndReason = 'deactivated' | 'probation' | 'rejected' | 'timeout' | 'giveup' | 'noresource' | 'invariant'

/** How a subscription ends, and when its subscriber may try again, in seconds (RFC 6665 §4.1.3). */
export interface Ending {
  readonly reason: EndReason
  readonly retryAfter?: number
}

/** One subscription as its notifier keeps it; the owner changes it in place. */
export interface Watch {
  dialog: Dialog
  readonly event: string
  /** The `id` of Event, by which a subscriber tells its subscriptions apart (RFC 6665 §8.2.1). */
  eventId?: string
  state: NotifierState
  expiresAt: Micros
}

const badEvent = rule('RFC 6665 §4.2.1.1', 'an event package that the notifier does not know is answered 489')
const noContact = rule('RFC 3261 §8.1.1.8', 'a request that makes a dialog needs a Contact', [])
const tooBrief = rule('RFC 6665 §4.2.1.1', 'a duration below the shortest allowed is answered 423')
const noSubscription = rule('RFC 6665 §4.2.1.2', 'a SUBSCRIBE within a dialog that has no subscription is answered 481')
/** A subscriber that is gone is not told any more. */
export const goneSubscriber = rule(
  'RFC 6665 §4.2.2',
  'a subscriber that does not answer a NOTIFY, or refuses it, is dropped',
)
const accept = rule('RFC 6665 §4.2.1.1', 'an accepted subscription is answered 200 with the duration granted')
const acceptDialog = rule('RFC 3261 §12.1.1', 'the answer that makes a dialog has a Contact and repeats Record-Route')
const notifyState = rule('RFC 6665 §4.2.2', 'each NOTIFY tells the event package and the state of the subscription')

/** What a notifier allows: its event packages and the durations it grants, in seconds. */
export interface NotifierPolicy {
  readonly packages: readonly string[]
  readonly shortestDuration: number
  readonly longestDuration: number
}

/**
 * RFC 6665 §4.2.1.1: may this SUBSCRIBE, initial or not, be taken up? Answers it and returns undefined if not; else
 * returns the duration granted, in seconds.
 */
export function granted<Other>(request: SipRequest, policy: NotifierPolicy, turn: SipTurn<Other>): number | undefined {
  const { event, expires, contact } = request.headers
  const eventPackage = packageOf(request)
  if (eventPackage === undefined || !policy.packages.includes(event!.value)) {
    turn.reply(request, 489, badEvent, { allowEvents: policy.packages })
    return undefined
  }
  if (contact?.[0] === undefined) {
    turn.reply(request, 400, noContact)
    return undefined
  }
  const asked = expires ?? eventPackage.defaultDuration
  // 423 is only allowed below an hour.
  if (asked > 0 && asked < 3600 && asked < policy.shortestDuration) {
    turn.reply(request, 423, tooBrief, { minExpires: policy.shortestDuration })
    return undefined
  }
  return Math.min(asked, policy.longestDuration)
}

/** RFC 6665 §4.2.1.2: is this SUBSCRIBE in order within its dialog? Answers it and returns false if not. */
export function isInOrder<Other>(watch: Watch | undefined, request: SipRequest, turn: SipTurn<Other>): watch is Watch {
  const { callId, from, event } = request.headers
  const isOurs =
    watch !== undefined &&
    watch.dialog.callId === callId &&
    watch.dialog.remote.params.tag === from?.params.tag &&
    watch.event === event?.value &&
    watch.eventId === event?.params.id
  if (!isOurs) turn.reply(request, 481, noSubscription)
  else if (isOutOfOrder(watch.dialog, request)) turn.reply(request, 500, outOfOrder)
  else return true
  return false
}

/** The 200 to an initial SUBSCRIBE, and the dialog it makes. */
export function accepted<Other>(
  request: SipRequest,
  duration: number,
  local: { readonly tag: string; readonly contact: NameAddr; readonly firstSequence: number },
  turn: SipTurn<Other>,
): [response: SipResponse, dialog: Dialog] {
  const { recordRoute } = request.headers
  const to = withTag(request.headers.to!, local.tag)
  const response = turn.answer(request, 200, accept, { to, expires: duration })
  const made = turn.amend(response, acceptDialog, { recordRoute, contact: [local.contact] }, request)
  return [made, dialogAsServer(request, to, local.firstSequence - 1, turn.step)]
}

/** The 200 to a SUBSCRIBE within the dialog, whose Contact and number the watch takes over. */
export function acceptedAgain<Other>(
  watch: Watch,
  request: SipRequest,
  duration: number,
  contact: NameAddr,
  turn: SipTurn<Other>,
): SipResponse {
  const dialog = withTarget(watch.dialog, request.headers.contact)
  watch.dialog = { ...dialog, remoteSequence: request.headers.cseq!.number }
  return turn.answer(request, 200, accept, { expires: duration, contact: [contact] })
}

/**
 * RFC 6665 §4.2.2: a NOTIFY of the state of a subscription, still without a body; `more` are further parameters of
 * Subscription-State.
 */
export function notification<Other>(
  watch: Watch,
  contact: NameAddr,
  ending: EndReason | Ending | undefined,
  turn: SipTurn<Other>,
  more?: Params,
): SipRequest {
  const [request, after] = requestWithin(watch.dialog, 'NOTIFY', turn)
  watch.dialog = after
  const left = Math.max(0, Math.ceil((watch.expiresAt - turn.now) / seconds(1)))
  const params = watch.state === 'terminated' ? endingParams(ending) : { expires: String(left), ...more }
  return turn.amend(request, notifyState, {
    event: { value: watch.event, params: watch.eventId === undefined ? {} : { id: watch.eventId } },
    subscriptionState: { value: watch.state, params },
    contact: [contact],
  })
}

function endingParams(ending: EndReason | Ending | undefined): Params {
  if (ending === undefined || typeof ending === 'string') return { reason: ending ?? 'timeout' }
  const { reason, retryAfter } = ending
  return retryAfter === undefined ? { reason } : { reason, 'retry-after': String(retryAfter) }
}
