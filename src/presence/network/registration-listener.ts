/**
 * TS 24.229 §5.7.1.1: an application server that is told of registrations by third-party REGISTER, and may subscribe to
 * the registration state of the users it is told of.
 */
import { rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import { withExpiry } from '../../sip/core/registrar.ts'
import { awaitNotify } from '../../sip/events/subscriber.ts'
import { bareAddress } from '../../sip/grammar/name-addr.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { Host, Role } from '../role.ts'
import { dateOf } from '../wall-clock.ts'
import { afterEnd, afterRefusal, type Resubscription } from '../watcher/resubscription.ts'
import {
  asRegistrationSubscribe,
  onSubscribed,
  onSubscriptionTimer,
  type RegistrationSubscription,
  registrationTimers,
  takeRegistrationNotify,
} from './registration-subscription.ts'
import type { RegistrationView } from './registration-view.ts'

/** What the topology says of it. */
export interface RegistrationListenerSettings {
  readonly subscribes: boolean
  /** The wall clock at time 0: microseconds since the beginning of 1970. */
  readonly epoch: Micros
}

/** A user whose registration the server was told of; a row that is replaced. */
export interface ToldRegistration {
  /** The S-CSCF that told. */
  readonly server: string
  /** When the registration ends unless it is told again. */
  readonly expiresAt: Micros
  /** The Call-ID of the last subscription to her registration state; undefined if there was none. */
  readonly callId: string | undefined
}

/** The state of the role. */
export interface RegistrationListener {
  readonly settings: RegistrationListenerSettings
  /** By public identity. */
  readonly users: Map<string, ToldRegistration>
  /** By Call-ID. */
  readonly subscriptions: Map<string, RegistrationSubscription>
}

const badRegister = rule(
  'RFC 3261 §10.3 step 5',
  'a REGISTER without Contact or expiry tells an application server nothing',
)
const take = rule('TS 24.229 §5.7.1.1', 'an application server takes note of a third-party REGISTER', ['R5.3.5.1-b'])
const tellTime = rule('RFC 3261 §10.3 step 8', 'the 200 to a REGISTER tells the time', ['R5.3.5.1-b'])
const subscribe = rule(
  'TS 24.229 §5.7.1.1',
  'an application server subscribes to the registration state of a user it is told of',
  ['R5.3.5.2-a'],
)
const straight = rule('TS 24.229 §5.7.1.1', 'the subscription goes straight to the S-CSCF that told', ['R5.3.5.2-a'])
const keepUp = rule(
  'TS 24.229 §5.7.1.1',
  'an application server keeps its subscription up as long as it wants to know, and the user is registered',
  ['R5.3.5.2-c'],
)

const anewTimer = 'registration subscription anew'

/** Its timers; the last one is of a user, the others are of a Call-ID. */
export const listenerTimers: readonly string[] = [...registrationTimers, anewTimer]

/** The role. */
export const registrationListenerRole: Role<RegistrationListener> = {
  name: 'registrationListener',
  clause: 'TS 24.229 §5.7.1.1',
  timers: listenerTimers,
  commands: [],
  sends: ['SUBSCRIBE'],
  start: (settings) => newListener(settings as RegistrationListenerSettings),
  takes: isOfRegistration,
  owns: ({ headers }, listener) => listener.subscriptions.has(headers.callId!),
  ownsTimer: ({ name, of }, listener) => (name === anewTimer ? listener.users : listener.subscriptions).has(of),

  onRequest(listener, request, host, turn) {
    if (request.method === 'REGISTER') takeRegister(listener, request, host, turn)
    else takeNews(listener, request, host, turn)
  },
  onResponse: takeAnswer,
  onTimeout: (listener, request, host, turn) => void takeAnswer(listener, undefined, request, host, turn),
  onTimer: (listener, timer, host, turn) => void takeTimer(listener, timer, host, turn),
}

/** A listener that was told nothing yet. */
export const newListener = (settings: RegistrationListenerSettings): RegistrationListener => ({
  settings,
  users: new Map(),
  subscriptions: new Map(),
})

/** True of a third-party REGISTER, and of a NOTIFY of a registration state. */
export function isOfRegistration({ method, headers }: SipRequest): boolean {
  return method === 'REGISTER' || (method === 'NOTIFY' && headers.event?.value === 'reg')
}

/** What a third-party REGISTER has told: whose registration, whether for the first time, and whether it has ended. */
export interface RegisterNews {
  readonly identity: string
  readonly isNew: boolean
  readonly isEnd: boolean
}

/** §5.7.1.1: a third-party REGISTER is answered; undefined if it was refused. */
export function takeRegister(
  listener: RegistrationListener,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): RegisterNews | undefined {
  const { contact, expires, to } = request.headers
  const server = contact?.[0]
  if (server === undefined || expires === undefined) {
    if (!turn.without(badRegister)) host.respond(request, turn.answer(request, 400, badRegister), turn)
    return undefined
  }
  const accepted = turn.answer(request, 200, take, { contact: [withExpiry(server, expires)] })
  host.respond(request, turn.amend(accepted, tellTime, { date: dateOf(listener.settings.epoch + turn.now) }), turn)
  const identity = to!.uri
  const before = listener.users.get(identity)
  const news = { identity, isNew: before === undefined, isEnd: expires === 0 }
  if (expires === 0) listener.users.delete(identity)
  else {
    const user = { server: server.uri, expiresAt: turn.now + seconds(expires), callId: before?.callId }
    listener.users.set(identity, user)
    if (!isWatched(listener, user, turn.now)) watch(listener, identity, expires, host, turn)
  }
  return news
}

function isWatched({ subscriptions }: RegistrationListener, { callId }: ToldRegistration, now: Micros): boolean {
  const subscription = callId === undefined ? undefined : subscriptions.get(callId)
  return subscription !== undefined && subscription.state !== 'terminated' && now < subscription.expiresAt
}

/** §5.7.1.1: a subscription as long as the registration, by the S-CSCF and no other node. */
function watch(listener: RegistrationListener, identity: string, duration: number, host: Host, turn: SipTurn): void {
  const user = listener.users.get(identity)
  if (!listener.settings.subscribes || user === undefined || duration <= 0) return
  let request = asRegistrationSubscribe(host.compose('SUBSCRIBE', identity, turn), duration, turn)
  request = inOwnName(request, host, turn)
  request = turn.amend(request, straight, { route: [bareAddress(`sip:${hostOf(user.server)};lr`)] })
  const callId = request.headers.callId!
  if (user.callId !== undefined) listener.subscriptions.delete(user.callId)
  listener.users.set(identity, { ...user, callId })
  listener.subscriptions.set(callId, awaitNotify<RegistrationView, never>(request, host.t1, turn))
  host.send(request, turn)
}

/** §5.7.1.1: every SUBSCRIBE, the first or not, is in the name of the server and tells where it is. */
const inOwnName = (request: SipRequest, host: Host, turn: SipTurn): SipRequest =>
  turn.amend(request, subscribe, { pAssertedIdentity: [bareAddress(host.identity)], contact: [host.contact] })

/** What a subscription has brought: news of the registrations, its end for good, both, or neither. */
export interface SubscriptionNews {
  /** What is known of the registrations now; undefined if nothing has changed. */
  readonly known: RegistrationView | undefined
  /** What was known last in a subscription that is over and not followed by another. */
  readonly lost: RegistrationView | undefined
}

const nothingNew: SubscriptionNews = { known: undefined, lost: undefined }

/** A NOTIFY of a registration state: answers it. */
export function takeNews(
  listener: RegistrationListener,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): SubscriptionNews {
  const found = listener.subscriptions.get(request.headers.callId!)
  const before = found?.known
  const { status, why, subscription, again } = takeRegistrationNotify(found === undefined ? [] : [found], request, turn)
  host.respond(request, turn.answer(request, status, why), turn)
  if (again !== undefined) host.send(inOwnName(again, host, turn), turn)
  if (subscription === undefined) return nothingNew
  const known = subscription.known === before ? undefined : subscription.known
  if (subscription.state !== 'terminated') return { known, lost: undefined }
  const next = afterEnd(request.headers.subscriptionState!.params, turn)
  return { known, lost: onEnd(listener, subscription, next, host, turn) }
}

/** The answer to a SUBSCRIBE; undefined if there was none. */
export function takeAnswer(
  listener: RegistrationListener,
  response: SipResponse | undefined,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): SubscriptionNews {
  const subscription = listener.subscriptions.get(request.headers.callId!)
  if (subscription === undefined || (response !== undefined && response.status < 200)) return nothingNew
  onSubscribed(subscription, response, request, turn)
  if (subscription.state !== 'terminated') return nothingNew
  const next = response === undefined ? undefined : afterRefusal(subscription, response, request)
  return { known: undefined, lost: onEnd(listener, subscription, next, host, turn) }
}

/** One of the timers of the role. */
export function takeTimer(
  listener: RegistrationListener,
  timer: { readonly name: string; readonly of: string },
  host: Host,
  turn: SipTurn,
): SubscriptionNews {
  if (timer.name === anewTimer) {
    const user = listener.users.get(timer.of)
    if (user !== undefined && !isWatched(listener, user, turn.now))
      watch(listener, timer.of, secondsLeft(user, turn.now), host, turn)
    return nothingNew
  }
  const subscription = listener.subscriptions.get(timer.of)
  if (subscription === undefined) return nothingNew
  const again = onSubscriptionTimer(subscription, timer, turn)
  if (again !== undefined && !turn.without(keepUp)) {
    turn.decide(keepUp, 'refreshed', { user: subscription.target })
    host.send(inOwnName(again, host, turn), turn)
  }
  if (subscription.state !== 'terminated') return nothingNew
  return { known: undefined, lost: onEnd(listener, subscription, undefined, host, turn) }
}

const secondsLeft = ({ expiresAt }: ToldRegistration, now: Micros): number => Math.ceil((expiresAt - now) / seconds(1))

/**
 * RFC 6665 §4.1.3: a subscription is over. It is followed by another one if there is reason to and the user is still
 * registered; else what was known last is returned, as it is known no more.
 */
function onEnd(
  listener: RegistrationListener,
  subscription: RegistrationSubscription,
  next: Resubscription | undefined,
  host: Host,
  turn: SipTurn,
): RegistrationView | undefined {
  const { callId, target, known } = subscription
  listener.subscriptions.delete(callId)
  const user = listener.users.get(target)
  const left = user === undefined ? 0 : secondsLeft(user, turn.now)
  if (next?.after === undefined || left <= 0 || turn.without(keepUp)) return known
  turn.decide(keepUp, next.after === 0 ? 'subscribed anew' : 'later', { user: target })
  if (next.after === 0) watch(listener, target, Math.max(left, next.duration ?? 0), host, turn)
  else turn.start({ name: anewTimer, of: target }, next.after)
  return undefined
}
