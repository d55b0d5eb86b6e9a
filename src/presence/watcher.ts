import { rule } from '../sim/rule.ts'
import { seconds } from '../sim/time.ts'
import type { Parameterised } from '../sip/headers.ts'
import type { SipRequest } from '../sip/message.ts'
import { packages } from '../sip/packages.ts'
import {
  awaitNotify,
  onNotify,
  onSubscribeResponse,
  onTimerN,
  type Subscription,
  subscribeAgain,
} from '../sip/subscriber.ts'
import type { SipTurn } from '../sip/transaction-user.ts'
import { applyNotification, type LostTrack, type PresenceView } from './presence-view.ts'
import type { Host, Role } from './role.ts'

/** TS 24.141 §5.3.2: one presentity that a watcher watches, and what it knows of it. */
export type Watching = Subscription<PresenceView | LostTrack>

/** The state of a watcher: what it watches. */
export interface Watcher {
  watching: readonly Watching[]
}

/** What the command `subscribe` asks for. */
export interface SubscribeCommand {
  readonly do: 'subscribe'
  /** The URI of the presentity. */
  readonly to: string
  /** The duration in seconds. */
  readonly expires?: number
  /** The media types to accept, with parameters such as `q`. */
  readonly accept?: readonly Parameterised[]
}

const subscribeToPresence = rule('TS 24.141 §5.3.2.2', 'a watcher subscribes to the presence of a presentity', [
  'R5.3.2.2-a',
])
const acceptPartial = rule('TS 24.141 §5.3.2.2', 'a watcher lists in Accept what it understands, partial state too', [
  'R5.3.2.2-b',
  'R5.3.2.2-e',
])
const resynchronise = rule('RFC 5263 §4.4', 'a watcher that missed a partial notification asks for full state', [
  'R5.3.2.2-e',
])
const outlived = rule('RFC 6665 §4.1.2.2', 'after a refresh that failed, a subscription lasts until it expires')
const refreshInTime = rule('RFC 6665 §4.1.2.2', 'a subscription is refreshed before it expires')

/** TS 24.141 §5.3.2: who subscribes to presence information. */
export const watcherRole: Role<Watcher> = {
  name: 'watcher',
  clause: 'TS 24.141 §5.3.2',
  timers: ['Timer N', 'subscription refresh', 'subscription end'],
  commands: ['subscribe', 'unsubscribe'],
  sends: ['SUBSCRIBE'],
  start: () => ({ watching: [] }),
  takes: (request) => request.method === 'NOTIFY',

  onCommand(watcher, command, host, turn) {
    if (command.do === 'subscribe') return subscribe(watcher, command as never, host, turn)
    const watching = watcher.watching.find(({ target }) => target === command.to)
    if (watching === undefined) return
    // From now on it is neither refreshed nor asked about.
    watching.duration = 0
    again(watching, 0, host, turn)
  },

  onRequest: takeNotification,

  onResponse(watcher, response, request, _host, turn) {
    const watching = ofCall(watcher, request.headers.callId)
    if (watching === undefined) return
    onSubscribeResponse(watching, response, request, turn)
    const { state, duration } = watching
    if (state === 'terminated' || duration === 0 || response.status < 200) return
    if (response.status >= 300) return endInTime(watching, turn)
    turn.start({ name: 'subscription refresh', of: request.headers.callId! }, refreshAfter(duration))
  },

  onTimeout(watcher, request, _host, turn) {
    const watching = ofCall(watcher, request.headers.callId)
    // RFC 6665 §4.1.2.1: a SUBSCRIBE without an answer is as good as refused.
    if (watching === undefined) return
    if (watching.dialog !== undefined) return endInTime(watching, turn)
    watching.state = 'terminated'
    watching.reason = 'no answer'
  },

  onTimer(watcher, timer, host, turn) {
    const watching = ofCall(watcher, timer.of)
    if (watching === undefined) return
    if (timer.name === 'Timer N') return void onTimerN(watching, turn)
    const { expiresAt, state, target, duration } = watching
    if (timer.name === 'subscription end') return end(watching, turn)
    if (state === 'terminated' || duration === 0) return
    // Since refreshed, it has more time left than it had to have when this timer was started.
    if (expiresAt - turn.now > seconds(duration + 1) - refreshAfter(duration)) return
    turn.decide(refreshInTime, 'refreshed', { target })
    again(watching, duration, host, turn)
  },
}

/** §5.3.2.2: subscribes to one presentity. */
function subscribe(watcher: Watcher, command: SubscribeCommand, host: Host, turn: SipTurn): void {
  forgetEnded(watcher, command.to)
  const expires = command.expires ?? packages.presence!.defaultDuration
  let request = host.compose('SUBSCRIBE', command.to, turn)
  request = turn.amend(request, subscribeToPresence, { event: presenceEvent, expires })
  if (command.accept !== undefined) request = turn.amend(request, acceptPartial, { accept: command.accept })
  watcher.watching = watcher.watching.concat(awaitNotify<PresenceView, never>(request, host.t1, turn))
  host.send(request, turn)
}

const presenceEvent: Parameterised = { value: 'presence', params: {} }

/** §5.3.2.2, RFC 6665 §4.1.3: a NOTIFY and what it says. */
function takeNotification(watcher: Watcher, request: SipRequest, host: Host, turn: SipTurn): void {
  const notified = onNotify(watcher.watching, request, turn)
  if ('status' in notified) return host.respond(request, turn.answer(request, notified.status, notified.why), turn)
  host.respond(request, turn.answer(request, 200, notified.why), turn)
  if (request.body !== '') learn(notified.subscription, request, host, turn)
}

/** RFC 3856 §6.7, RFC 5263 §4.4: takes in what a NOTIFY says; whoever has lost track asks for full state, once. */
function learn(watching: Watching, request: SipRequest, host: Host, turn: SipTurn): void {
  const wasLost = watching.known?.kind === 'lost'
  const known = applyNotification(watching.known, request)
  watching.known = known
  if (known.kind === 'view' || wasLost || watching.duration === 0) return
  turn.decide(resynchronise, 'asked for full state', { because: known.reason })
  again(watching, watching.duration, host, turn)
}

/** RFC 6665 §4.1.2.2: the subscription is not over by a refresh that failed, but it will be when its time is up. */
function endInTime({ callId, expiresAt }: Watching, turn: SipTurn): void {
  turn.start({ name: 'subscription end', of: callId }, Math.max(0, expiresAt - turn.now))
}

function end(watching: Watching, turn: SipTurn): void {
  if (watching.state === 'terminated' || turn.now < watching.expiresAt) return
  watching.state = 'terminated'
  watching.reason = 'not refreshed'
  turn.decide(outlived, 'the subscription has expired', { target: watching.target })
}

function again(watching: Watching, duration: number, host: Host, turn: SipTurn): void {
  const request = subscribeAgain(watching, duration, turn)
  if (request !== undefined) host.send(request, turn)
}

/** When to refresh: ten minutes before the end, or half-way if there are less than twenty (as TS 24.229 §5.1.1.4). */
const refreshAfter = (duration: number): number => seconds(duration > 1200 ? duration - 600 : Math.ceil(duration / 2))

const ofCall = (watcher: Watcher, callId: string | undefined): Watching | undefined =>
  watcher.watching.find((one) => one.callId === callId)

/** What was seen of a presentity stays until it is subscribed to anew. */
function forgetEnded(watcher: Watcher, target: string): void {
  watcher.watching = watcher.watching.filter((one) => one.target !== target || one.state !== 'terminated')
}
