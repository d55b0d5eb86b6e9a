/**
 * TS 24.229 §5.7.1.1: an application server that is told of registrations by third-party REGISTER, and may subscribe to
 * the registration state of the users it is told of.
 */

import { rule } from '../sim/rule.ts'
import { type Micros, seconds } from '../sim/time.ts'
import type { SipRequest } from '../sip/message.ts'
import { bareAddress } from '../sip/name-addr.ts'
import { withExpiry } from '../sip/registrar.ts'
import { awaitNotify } from '../sip/subscriber.ts'
import type { SipTurn } from '../sip/transaction-user.ts'
import { hostOf } from '../sip/uri.ts'
import {
  asRegistrationSubscribe,
  onSubscribed,
  onSubscriptionTimer,
  type RegistrationSubscription,
  registrationTimers,
  takeRegistrationNotify,
} from './registration-subscription.ts'
import type { RegistrationView } from './registration-view.ts'
import type { Host, Role } from './role.ts'

/** What the topology says of it. */
export interface RegistrationListenerSettings {
  readonly subscribes: boolean
}

/** A user whose registration the server was told of; a row that is replaced. */
export interface ToldRegistration {
  /** The S-CSCF that told. */
  readonly server: string
  /** When the registration ends unless it is told again. */
  readonly expiresAt: Micros
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
const subscribe = rule(
  'TS 24.229 §5.7.1.1',
  'an application server subscribes to the registration state of a user it is told of',
  ['R5.3.5.2-a'],
)
const straight = rule('TS 24.229 §5.7.1.1', 'the subscription goes straight to the S-CSCF that told', ['R5.3.5.2-a'])

/** The role. */
export const registrationListenerRole: Role<RegistrationListener> = {
  name: 'registrationListener',
  clause: 'TS 24.229 §5.7.1.1',
  timers: registrationTimers,
  commands: [],
  sends: ['SUBSCRIBE'],
  start: (settings) => ({
    settings: settings as RegistrationListenerSettings,
    users: new Map(),
    subscriptions: new Map(),
  }),
  takes: ({ method, headers }) => method === 'REGISTER' || (method === 'NOTIFY' && headers.event?.value === 'reg'),

  onRequest(listener, request, host, turn) {
    if (request.method === 'REGISTER') onRegister(listener, request, host, turn)
    else onNotify(listener, request, host, turn)
  },
  onResponse(listener, response, request, _host, turn) {
    const subscription = listener.subscriptions.get(request.headers.callId!)
    if (subscription !== undefined) onSubscribed(subscription, response, request, turn)
  },
  onTimeout(listener, request, _host, turn) {
    const subscription = listener.subscriptions.get(request.headers.callId!)
    if (subscription !== undefined) onSubscribed(subscription, undefined, request, turn)
  },
  onTimer(listener, timer, host, turn) {
    const subscription = listener.subscriptions.get(timer.of)
    const again = subscription && onSubscriptionTimer(subscription, timer, turn)
    if (again !== undefined) host.send(inOwnName(again, host, turn), turn)
  },
}

function onRegister(listener: RegistrationListener, request: SipRequest, host: Host, turn: SipTurn): void {
  const { contact, expires, to } = request.headers
  const server = contact?.[0]
  if (server === undefined || expires === undefined)
    return host.respond(request, turn.answer(request, 400, badRegister), turn)
  host.respond(request, turn.answer(request, 200, take, { contact: [withExpiry(server, expires)] }), turn)
  const identity = to!.uri
  if (expires === 0) return void listener.users.delete(identity)
  const isNew = !listener.users.has(identity)
  listener.users.set(identity, { server: server.uri, expiresAt: turn.now + seconds(expires) })
  if (isNew && listener.settings.subscribes) watch(listener, identity, server.uri, expires, host, turn)
}

/** §5.7.1.1: a subscription as long as the registration, by the S-CSCF and no other node. */
function watch(
  listener: RegistrationListener,
  identity: string,
  server: string,
  duration: number,
  host: Host,
  turn: SipTurn,
): void {
  let request = asRegistrationSubscribe(host.compose('SUBSCRIBE', identity, turn), duration, turn)
  request = inOwnName(request, host, turn)
  request = turn.amend(request, straight, { route: [bareAddress(`sip:${hostOf(server)};lr`)] })
  listener.subscriptions.set(request.headers.callId!, awaitNotify<RegistrationView, never>(request, host.t1, turn))
  host.send(request, turn)
}

/** §5.7.1.1: every SUBSCRIBE, the first or not, is in the name of the server and tells where it is. */
const inOwnName = (request: SipRequest, host: Host, turn: SipTurn): SipRequest =>
  turn.amend(request, subscribe, { pAssertedIdentity: [bareAddress(host.identity)], contact: [host.contact] })

function onNotify(listener: RegistrationListener, request: SipRequest, host: Host, turn: SipTurn): void {
  const found = listener.subscriptions.get(request.headers.callId!)
  const { status, why, subscription, again } = takeRegistrationNotify(found === undefined ? [] : [found], request, turn)
  host.respond(request, turn.answer(request, status, why), turn)
  if (again !== undefined) host.send(inOwnName(again, host, turn), turn)
  if (subscription?.state === 'terminated') listener.subscriptions.delete(subscription.callId)
}
