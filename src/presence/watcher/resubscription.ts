import { type Rule, rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import type { Subscription } from '../../sip/events/subscriber.ts'
import type { Params } from '../../sip/headers.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'

/** What a subscriber does after the end of a subscription that it still wants. */
export interface Resubscription {
  readonly why: Rule
  /** After how long to subscribe anew, in microseconds; undefined for never. */
  readonly after: Micros | undefined
  /** The duration to ask for, in seconds, if another than before. */
  readonly duration?: number
}

const atOnce = rule('RFC 6665 §4.1.3', 'after "deactivated" a subscriber subscribes anew at once')
const afterProbation = rule('RFC 6665 §4.1.3', 'after "probation" a subscriber subscribes anew, but later')
const afterTimeout = rule('RFC 6665 §4.1.3', 'after "timeout" a subscriber may subscribe anew at once')
const afterGiveup = rule('RFC 6665 §4.1.3', 'after "giveup" a subscriber may subscribe anew, but later')
const never = rule('RFC 6665 §4.1.3', 'after "rejected", "noresource" and "invariant" nobody subscribes anew')
const unknown = rule('RFC 6665 §4.1.3', 'after a reason that is not known a subscriber may subscribe anew, but later')

/** How long "later" is if the notifier does not say. */
const later = seconds(60)

/** RFC 6665 §4.1.3: by the reason for which the notifier ended the subscription. */
const byReason: Readonly<Record<string, Resubscription>> = {
  deactivated: { why: atOnce, after: 0 },
  timeout: { why: afterTimeout, after: 0 },
  probation: { why: afterProbation, after: later },
  giveup: { why: afterGiveup, after: later },
  rejected: { why: never, after: undefined },
  noresource: { why: never, after: undefined },
  invariant: { why: never, after: undefined },
}

/** RFC 6665 §4.1.3: what follows a NOTIFY that ended the subscription, by the parameters of its Subscription-State. */
export function afterEnd(told: Params, turn: Pick<SipTurn, 'without'>): Resubscription {
  const { reason } = told
  const found = typeof reason === 'string' && Object.hasOwn(byReason, reason) ? byReason[reason]! : undefined
  const isKnown = found !== undefined && !turn.without(found.why)
  const { why, after } = isKnown ? found : { why: unknown, after: later }
  const wait = told['retry-after']
  // With "deactivated", "timeout" and the final reasons a retry-after has no meaning.
  if (after !== later || typeof wait !== 'string' || !/^\d{1,10}$/.test(wait)) return { why, after }
  return { why, after: seconds(Number(wait)) }
}

const lostByNotifier = rule('RFC 6665 §4.1.2.2', 'a refresh answered 481 is followed by a new subscription')
const tooBrief = rule('RFC 6665 §4.1.2.1', 'a subscription that is too brief is asked for with Min-Expires')
const tryLater = rule('RFC 3261 §20.33', 'a SUBSCRIBE that is to be tried later is sent again after Retry-After')

/** RFC 6665 §4.1.2.1, §4.1.2.2: what follows a SUBSCRIBE that was refused; undefined if nothing does. */
export function afterRefusal(
  { state, duration }: Subscription,
  response: SipResponse,
  sent: SipRequest,
): Resubscription | undefined {
  if (state !== 'terminated' || duration === 0) return undefined
  const { minExpires, retryAfter } = response.headers
  const isRefresh = sent.headers.to?.params.tag !== undefined
  if (isRefresh) return response.status === 481 ? { why: lostByNotifier, after: 0 } : undefined
  if (response.status === 423 && minExpires !== undefined && minExpires > duration)
    return { why: tooBrief, after: 0, duration: minExpires }
  if (response.status >= 500 && retryAfter !== undefined) return { why: tryLater, after: seconds(retryAfter.seconds) }
  return undefined
}
