/** Subscriptions (RFC 6665), as what a notifier says and does tells of them. */
import type { Message } from '../message.ts'
import type { Address } from '../sim/node.ts'
import { type Micros, seconds } from '../sim/time.ts'
import type { TraceEvent } from '../sim/trace.ts'
import { packageOf } from '../sip/events/packages.ts'
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts'
import { type Check, check, type Finder } from './check.ts'
import { newRequests, newResponses, requestKey, stopped, taken } from './sip-traffic.ts'

/** RFC 6665 §4.2.1.1: a 2xx says for how long, which is no longer than was asked for. */
export const subscriptionGranted: Check = check(
  'A subscription is granted for no longer than was asked for',
  'RFC 6665 §4.2.1.1',
  () => finderOf(({ accepted }) => accepted.flatMap(faultsOfGrant)),
)

/** RFC 6665 §4.1.3, §4.2.1.2: a NOTIFY is of the dialog and the event of a SUBSCRIBE that its sender was given. */
export const subscriptionExists: Check = check(
  'Every NOTIFY follows a SUBSCRIBE of its dialog and event that was not refused',
  'RFC 6665 §4.2.2',
  () =>
    finderOf(({ notified }) =>
      notified.flatMap(({ notify, subscription }) =>
        subscription === undefined ? [`${nameOf(notify)} is sent, for which nobody has subscribed`] : [],
      ),
    ),
)

/** RFC 6665 §4.2.1.2: a NOTIFY follows at once, and before the subscriber takes it that none will (Timer N). */
export const subscriptionNotified: Check = check(
  'Every SUBSCRIBE that is accepted is followed by a NOTIFY before Timer N of its subscriber',
  'RFC 6665 §4.2.1.2',
  () => {
    const due = new Map<Subscription, Micros>()
    const follow = finderOf(({ accepted, notified, gone }, { at }) => {
      const found: string[] = []
      for (const [one, time] of due) {
        if (time >= at) break
        due.delete(one)
        found.push(`${one.node} has told nothing of ${one.uri} after a SUBSCRIBE`)
      }
      for (const { subscription } of accepted) {
        due.delete(subscription)
        due.set(subscription, at + timerN)
      }
      for (const { subscription } of notified) if (subscription !== undefined) due.delete(subscription)
      if (gone !== undefined) for (const one of due.keys()) if (one.node === gone) due.delete(one)
      return found
    })
    return follow
  },
)

/** RFC 6665 §4.1.2.4: 64 times T1 between elements of the network, in microseconds. */
const timerN = seconds(32)

/** RFC 6665 §4.2.2: a NOTIFY tells of no more time than is left, and of nothing when none is. */
export const subscriptionTime: Check = check(
  'A NOTIFY tells of no more time than is left of what was granted',
  'RFC 6665 §4.2.2',
  () => finderOf(({ notified }, { at }) => notified.flatMap((one) => faultsOfTime(one, at))),
)

/** RFC 6665 §4.2.1, Figure 4: pending, then active, then terminated; there is no way back. */
export const subscriptionStates: Check = check(
  'A subscription is pending, active, terminated, in this order',
  'RFC 6665 §4.2.1',
  () => {
    const order = ['pending', 'active', 'terminated']
    const states = new Map<Subscription, number>()
    return finderOf(({ notified }) =>
      notified.flatMap(({ notify, subscription }) => {
        if (subscription === undefined) return []
        const value = notify.headers.subscriptionState?.value
        const state = order.indexOf(value ?? '')
        const before = states.get(subscription) ?? 0
        states.set(subscription, Math.max(before, state))
        if (state < 0) return [`${nameOf(notify)} does not tell the state of its subscription`]
        const isOver = before === 2 || state < before
        return isOver ? [`${nameOf(notify)} tells ${value} after ${order[before]}`] : []
      }),
    )
  },
)

const nameOf = ({ uri, headers }: SipRequest): string => `NOTIFY of ${headers.from?.uri} to ${uri}`

/** A subscription at a node that has been given its SUBSCRIBE. */
interface Subscription {
  readonly node: Address
  readonly uri: string
  /** When it ends if it is not refreshed; unknown before a 2xx. */
  until: Micros | undefined
}

/** What a turn has to do with subscriptions. */
interface Subscribed {
  /** The 2xx to SUBSCRIBE that the node itself has given. */
  readonly accepted: readonly Accepted[]
  /** What the node itself tells, of which subscription; undefined if there is none. */
  readonly notified: readonly Notified[]
  /** The node that is no more what it was. */
  readonly gone: Address | undefined
}

interface Accepted {
  readonly subscription: Subscription
  readonly request: SipRequest
  readonly response: SipResponse
}

interface Notified {
  readonly subscription: Subscription | undefined
  readonly notify: SipRequest
}

function finderOf(find: (turn: Subscribed, event: TraceEvent<Message>) => readonly string[]): Finder {
  const isNewResponse = newResponses()
  const isNewNotify = newRequests('NOTIFY')
  const subscriptions = new Map<string, Subscription>()
  const asked = new Map<string, SipRequest>()
  return (event) => {
    const { node, at } = event
    const message = taken(event)
    if (message?.kind === 'request' && message.method === 'SUBSCRIBE') {
      asked.set(`${node} ${requestKey(message)}`, message)
      const key = `${node} ${subscriptionKey(message, message.headers.from)}`
      if (!subscriptions.has(key)) subscriptions.set(key, { node, uri: message.uri, until: undefined })
    }
    const accepted = isNewResponse(event).flatMap((response): Accepted[] => {
      const request = asked.get(`${node} ${requestKey(response)}`)
      if (request === undefined || response.status < 200) return []
      const key = `${node} ${subscriptionKey(request, request.headers.from)}`
      const subscription = subscriptions.get(key)!
      if (response.status >= 300) {
        // RFC 6665 §4.2.1.2: what is refused at first is no subscription.
        if (request.headers.to?.params.tag === undefined) subscriptions.delete(key)
        return []
      }
      subscription.until = at + seconds(response.headers.expires ?? 0)
      return [{ subscription, request, response }]
    })
    const notified = isNewNotify(event).map((notify) => {
      const subscription = subscriptions.get(`${node} ${subscriptionKey(notify, notify.headers.to)}`)
      return { subscription, notify }
    })
    return find({ accepted, notified, gone: stopped(event) }, event)
  }
}

/** RFC 6665 §4.4.1, §8.2.1: dialog, event package and id of a subscription; `subscriber` has its tag. */
function subscriptionKey({ headers }: SipMessage, subscriber: SipMessage['headers']['from']): string {
  const { callId, event } = headers
  return `${callId} ${subscriber?.params.tag} ${event?.value} ${event?.params.id}`
}

function faultsOfGrant({ request, response }: Accepted): string[] {
  const asked = request.headers.expires ?? packageOf(request)?.defaultDuration ?? 0
  const { expires } = response.headers
  if (expires === undefined) return [`SUBSCRIBE ${request.uri} is accepted without a duration`]
  return expires > asked ? [`SUBSCRIBE ${request.uri} is granted ${expires} s, where ${asked} s were asked for`] : []
}

function faultsOfTime({ notify, subscription }: Notified, now: Micros): string[] {
  const { subscriptionState } = notify.headers
  const until = subscription?.until
  if (until === undefined || subscriptionState === undefined || subscriptionState.value === 'terminated') return []
  const left = Math.ceil((until - now) / seconds(1))
  const { expires } = subscriptionState.params
  if (left < 0) return [`${nameOf(notify)} is sent ${-left} s after the end of its subscription`]
  if (typeof expires !== 'string') return [`${nameOf(notify)} does not tell how much time is left`]
  return Number(expires) > left ? [`${nameOf(notify)} tells of ${expires} s, where ${left} s are left`] : []
}
