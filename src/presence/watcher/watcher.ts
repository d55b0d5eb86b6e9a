import { answeredHttp, httpTimer } from '../../http/exchange.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import {
  awaitNotify,
  onNotify,
  onSubscribeResponse,
  onTimerN,
  refreshInTime,
  type Subscription,
  subscribeAgain,
} from '../../sip/events/subscriber.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { Host, Role } from '../role.ts'
import { type ContentFetches, fetchReferences, notAnswered, withContent } from './content-fetching.ts'
import { applyListNotification, type ListView } from './list-view.ts'
import { applyNotification, type PresenceKnown } from './presence-view.ts'
import { afterEnd, afterRefusal, type Resubscription } from './resubscription.ts'
import { isSound, subscription, type Wish, withWish } from './subscription-request.ts'
import { carriesList } from './told-lists.ts'
import { applyWatcherinfo, type WatcherinfoView } from './winfo-view.ts'
import { afterReading, applyXcapDiff, toldBy, type XcapView } from './xcap-view.ts'

/** What the notifications of a subscription have told, by its event package. */
export type Known = PresenceKnown | WatcherinfoView | XcapView | ListView

/** TS 24.141 §5.3.2: one resource that a UE watches, and what it knows of it. */
export type Watching = Subscription<Known, Wish>

/** The state of a watcher: what it watches. */
export interface Watcher {
  watching: readonly Watching[]
  /** What it fetches again and again; not there if nothing is. */
  polls?: readonly Poll[]
  /** What it fetches over HTTP; not there before anything was. */
  fetches?: ContentFetches
}

/** A resource that is fetched at regular times (RFC 6665 §4.4.3). */
export interface Poll {
  readonly to: string
  readonly event: string
  readonly wish: Wish | undefined
  readonly every: Micros
  /** How often yet; undefined for until it is ended. */
  left: number | undefined
}

/** What the commands `subscribe`, `refresh`, `fetch`, `poll` and `unsubscribe` ask for. */
export interface WatchCommand extends Wish {
  readonly do: string
  /** The URI of the presentity. */
  readonly to: string
  /** The event package; `presence` by default. */
  readonly event?: string
  /** The duration in seconds. */
  readonly expires?: number
  /** For `poll`: the time between two fetches, in microseconds, and how many there are. */
  readonly every?: Micros
  readonly times?: number
}

const resynchronise = rule('RFC 5263 §4.4', 'a watcher that missed a partial notification asks for full state', [
  'R5.3.2.2-e',
])
const readState = rule('RFC 3856 §6.7', 'a NOTIFY tells the watcher of the person and of the ways to reach her', [
  'R5.2.1-a',
  'R5.3.2.2-b',
  'R5.3.2.2-c',
  'R5.3.2.2-f',
  'R5.3.2.2-g',
])
const readReference = rule('RFC 4483 §5', 'a document that came by reference is to be fetched', ['R5.3.2.2-g'])
const resynchroniseWatchers = rule('RFC 3857 §4.9', 'who missed a change of watcher information asks for full state', [
  'R5.3.1.5-b',
])
const resynchroniseDocuments = rule('RFC 5875 §4.7', 'who cannot read a change of documents asks for them again')
const nothingLeft = rule(
  'RFC 4660 §3.4',
  'an empty NOTIFY to a watcher with a filter says that the filter leaves nothing',
  ['R5.3.2.2-d'],
)
const resynchroniseList = rule('RFC 4662 §4.6', 'who missed a change of a list asks for full state', ['R5.3.2.3-b'])
const readList = rule('TS 24.141 §5.3.2.3', 'a NOTIFY about a list tells of its resources, each by its part', [
  'R5.3.2.3-b',
])
const outlived = rule('RFC 6665 §4.1.2.2', 'after a refresh that failed, a subscription lasts until it expires')
const fetchAgain = rule('RFC 6665 §4.4.3', 'a resource that is polled is fetched again when its time has come')

/** TS 24.141 §5.3.2, §5.3.1.5, §5.3.1.6: who subscribes to presence, to watchers and to XML documents. */
export const watcherRole: Role<Watcher> = {
  name: 'watcher',
  clause: 'TS 24.141 §5.3.2',
  timers: ['Timer N', 'subscription refresh', 'subscription end', 'subscription anew', 'poll', httpTimer],
  commands: ['subscribe', 'refresh', 'fetch', 'poll', 'unsubscribe'],
  sends: ['SUBSCRIBE'],
  start: () => ({ watching: [] }),
  takes: (request) => request.method === 'NOTIFY',
  takesHttp: ({ exchange }, { fetches }) => fetches?.waiting.has(exchange) === true,
  ownsTimer: ({ name, of }, { fetches }) => name !== httpTimer || fetches?.waiting.has(of) === true,

  onCommand(watcher, given, host, turn) {
    const command = given as unknown as WatchCommand
    const { to, event = 'presence', expires } = command
    const wish = wishOf(command)
    if (command.do === 'subscribe') return subscribe(watcher, { to, event, expires, wish }, host, turn)
    if (command.do === 'fetch') return subscribe(watcher, { to, event, expires: 0, wish }, host, turn)
    if (command.do === 'poll') return poll(watcher, command, host, turn)
    const watching = watcher.watching.find((one) => isOf(one, to, event) && one.state !== 'terminated')
    if (command.do === 'unsubscribe') return unsubscribe(watcher, to, event, host, turn)
    if (watching !== undefined && isSound(wish, turn)) again(watching, watching.duration, host, turn, wish)
  },

  onRequest: takeNotification,

  onResponse(watcher, response, request, host, turn) {
    const watching = ofCall(watcher, request.headers.callId)
    if (watching === undefined) return
    const isUnwanted = watching.duration === 0 && request.headers.expires !== 0
    onSubscribeResponse(watching, response, request, turn)
    if (isUnwanted) return endGranted(watching, host, turn)
    const next = afterRefusal(watching, response, request)
    if (next !== undefined) return anew(watcher, watching, next, host, turn)
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

  onHttp(watcher, message, _from, _host, turn) {
    const fetched = answeredHttp(watcher.fetches!, message.exchange)
    const watching = ofCall(watcher, fetched?.callId)
    if (fetched === undefined || watching === undefined || message.kind === 'request') return
    watching.known = withContent(watching.known as PresenceKnown, fetched, message, turn)
  },
  onHttpFailed: (watcher, { exchange }, _host, turn) => endFetch(watcher, exchange, turn),

  onDocumentNews(watcher, news) {
    if (news.kind !== 'read') return
    for (const watching of watcher.watching)
      if (watching.known?.kind === 'xcap-diff') watching.known = afterReading(watching.known, news)
  },

  onTimer(watcher, timer, host, turn) {
    if (timer.name === httpTimer) return endFetch(watcher, timer.of, turn)
    if (timer.name === 'poll') return fetchInTurn(watcher, timer.of, host, turn)
    const watching = ofCall(watcher, timer.of)
    if (watching === undefined) return
    if (timer.name === 'Timer N') return void onTimerN(watching, turn)
    if (timer.name === 'subscription anew') return subscribeAnew(watcher, watching, watching.duration, host, turn)
    const { expiresAt, state, target, duration } = watching
    if (timer.name === 'subscription end') return end(watching, turn)
    if (state === 'terminated' || duration === 0) return
    // Since refreshed, it has more time left than it had to have when this timer was started.
    if (expiresAt - turn.now > seconds(duration + 1) - refreshAfter(duration)) return
    turn.decide(refreshInTime, 'refreshed', { target })
    again(watching, duration, host, turn)
  },
}

/** The wish made last that has Accept alone: thousands of watchers that accept the same share one. */
let lastWish: Wish | undefined

/** What is asked for beside the state itself; undefined if nothing is. */
function wishOf({ accept, filter, documents, diffs, rates, list }: WatchCommand): Wish | undefined {
  if ([filter, documents, diffs, rates].every((one) => one === undefined) && list !== true) {
    if (accept !== undefined && lastWish?.accept !== accept) lastWish = { accept }
    return accept && lastWish
  }
  return {
    ...(accept && { accept }),
    ...(filter !== undefined && { filter }),
    ...(documents && { documents }),
    ...(diffs && { diffs }),
    ...(rates && { rates }),
    ...(list === true && { list }),
  }
}

const isOf = ({ target, event }: Watching, to: string, name: string): boolean => target === to && event === name

interface Target {
  readonly to: string
  readonly event: string
  readonly expires: number | undefined
  readonly wish: Wish | undefined
}

/** §5.3.2.2: subscribes to one resource, or fetches it if the duration is 0. */
function subscribe(watcher: Watcher, { to, event, expires, wish }: Target, host: Host, turn: SipTurn): void {
  const request = subscription(event, to, expires, wish, host, turn)
  if (request === undefined) return
  // What was seen of a resource stays until it is subscribed to anew.
  const others = watcher.watching.filter((one) => !isOf(one, to, event) || one.state !== 'terminated')
  watcher.watching = others.concat(awaitNotify<Known, never, Wish>(request, host.t1, turn, wish))
  host.send(request, turn)
}

/** RFC 6665 §4.4.3: fetches now, and from now on at regular times. */
function poll(watcher: Watcher, command: WatchCommand, host: Host, turn: SipTurn): void {
  const { to, event = 'presence', every = 0, times } = command
  const one: Poll = { to, event, wish: wishOf(command), every, left: times }
  watcher.polls = [...withoutPoll(watcher, to, event), one]
  fetchInTurn(watcher, pollName(one), host, turn)
}

const pollName = ({ to, event }: Pick<Poll, 'to' | 'event'>): string => `${event} ${to}`

const withoutPoll = ({ polls = [] }: Watcher, to: string, event: string): readonly Poll[] =>
  polls.filter((one) => one.to !== to || one.event !== event)

function fetchInTurn(watcher: Watcher, name: string, host: Host, turn: SipTurn): void {
  const found = watcher.polls?.find((one) => pollName(one) === name)
  if (found === undefined || found.left === 0) return
  if (turn.without(fetchAgain)) return
  if (found.left !== undefined) found.left--
  turn.decide(fetchAgain, 'fetched', { target: found.to })
  subscribe(watcher, { ...found, expires: 0 }, host, turn)
  if (found.left !== 0) turn.start({ name: 'poll', of: name }, found.every)
}

/** RFC 6665 §4.1.2.3: ends what is watched; it is neither refreshed nor asked about, nor subscribed to anew. */
function unsubscribe(watcher: Watcher, to: string, event: string, host: Host, turn: SipTurn): void {
  if (watcher.polls !== undefined) watcher.polls = withoutPoll(watcher, to, event)
  for (const watching of watcher.watching) {
    if (!isOf(watching, to, event)) continue
    watching.duration = 0
    again(watching, 0, host, turn)
  }
}

/** RFC 6665 §4.1.2.3: the user ended it before it was granted, which can be told once there is a dialog. */
function endGranted(watching: Watching, host: Host, turn: SipTurn): void {
  watching.duration = 0
  if (watching.dialog?.localSequence === watching.sequence) again(watching, 0, host, turn)
}

/** §5.3.2.2, RFC 6665 §4.1.3: a NOTIFY and what it says. */
function takeNotification(watcher: Watcher, request: SipRequest, host: Host, turn: SipTurn): void {
  const notified = onNotify(watcher.watching, request, turn)
  if ('status' in notified) return host.respond(request, turn.answer(request, notified.status, notified.why), turn)
  host.respond(request, turn.answer(request, 200, notified.why), turn)
  const { subscription: watching } = notified
  if (request.body === '') heedNothing(watching, turn)
  else if (!turn.without(readState)) learn(watcher, watching, request, host, turn)
  if (watching.state !== 'terminated' || watching.duration === 0) return
  anew(watcher, watching, afterEnd(request.headers.subscriptionState!.params, turn), host, turn)
}

/** RFC 4660 §3.4: an empty NOTIFY to whoever has asked for a part of the state says that there is nothing of it. */
function heedNothing(watching: Watching, turn: SipTurn): void {
  const { wish, state, known } = watching
  if (wish?.filter === undefined || state !== 'active' || known === undefined || turn.without(nothingLeft)) return
  turn.decide(nothingLeft, 'forgotten', { target: watching.target })
  watching.known = undefined
}

/** How the notifications of each event package are read, and by which rule who lost track asks for full state. */
const reading: Readonly<Record<string, readonly [(known: never, request: SipRequest) => Known, Rule]>> = {
  presence: [applyNotification, resynchronise],
  'presence.winfo': [applyWatcherinfo, resynchroniseWatchers],
  'xcap-diff': [applyXcapDiff, resynchroniseDocuments],
}

/** The same, of a notification about a list (RFC 4662). */
const readingList = [applyListNotification, resynchroniseList] as const

/** RFC 3856 §6.7, RFC 5263 §4.4: takes in what a NOTIFY says; whoever has lost track asks for full state, once. */
function learn(watcher: Watcher, watching: Watching, request: SipRequest, host: Host, turn: SipTurn): void {
  const wasLost = watching.known?.kind === 'lost'
  const isList = carriesList(request)
  const [apply, resync] = isList ? readingList : reading[watching.event]!
  const before = watching.known
  const known = apply(before as never, request)
  watching.known = known
  if (known.kind === 'xcap-diff') {
    const news = toldBy(before as Parameters<typeof toldBy>[0], request)
    if (news !== undefined) host.documentsHeardOf(news, turn)
  }
  if (known.kind === 'view') turn.decide(readState, known.objects === undefined ? 'read' : 'read with its objects')
  else if (known.kind === 'list' && !turn.without(readList))
    turn.decide(readList, 'read', { version: known.version, resources: known.resources.length })
  else if (known.kind === 'reference') turn.decide(readReference, 'to be fetched', { url: known.body.url })
  if (known.kind === 'reference' || (known.kind === 'view' && known.objects !== undefined)) {
    watcher.fetches ??= { waiting: new Map() }
    fetchReferences(watcher.fetches, known, watching.callId, host, turn)
  }
  if (known.kind !== 'lost' || wasLost || watching.duration === 0 || turn.without(resync)) return
  turn.decide(resync, 'asked for full state', { because: known.reason })
  again(watching, watching.duration, host, turn)
}

/** RFC 6665 §4.1.3: what follows the end of a subscription that the user still wants. */
function anew(watcher: Watcher, watching: Watching, next: Resubscription, host: Host, turn: SipTurn): void {
  const { why, after, duration = watching.duration } = next
  if (turn.without(why)) return
  const outcome = after === undefined ? 'not subscribed anew' : after === 0 ? 'subscribed anew' : 'later'
  turn.decide(why, outcome, { target: watching.target, ...(after !== undefined && { microseconds: after }) })
  if (after === 0) return subscribeAnew(watcher, watching, duration, host, turn)
  if (after !== undefined) turn.start({ name: 'subscription anew', of: watching.callId }, after)
}

/** A new subscription in a new dialog; what the old one told is no basis for changes that come in the new one. */
function subscribeAnew(watcher: Watcher, watching: Watching, expires: number, host: Host, turn: SipTurn): void {
  const { target, event, wish } = watching
  if (expires > 0) subscribe(watcher, { to: target, event, expires, wish }, host, turn)
}

/** RFC 6665 §4.1.2.2: the subscription is not over by a refresh that failed, but it will be when its time is up. */
function endInTime({ callId, expiresAt }: Watching, turn: SipTurn): void {
  turn.start({ name: 'subscription end', of: callId }, Math.max(0, expiresAt - turn.now))
}

function end(watching: Watching, turn: SipTurn): void {
  if (watching.state === 'terminated' || turn.now < watching.expiresAt || turn.without(outlived)) return
  watching.state = 'terminated'
  watching.reason = 'not refreshed'
  turn.decide(outlived, 'the subscription has expired', { target: watching.target })
}

/** RFC 4483 §7: what is fetched does not come. */
function endFetch({ fetches }: Watcher, exchange: string, turn: SipTurn): void {
  const fetched = fetches && answeredHttp(fetches, exchange)
  if (fetched !== undefined) notAnswered(fetched, turn)
}

/** RFC 4662 §4.1: a subscription to a list stays one: its refreshes say what its first request said. */
function listAgain({ wish }: Watching): Wish {
  if (wish?.list !== true) return {}
  return { list: true, ...(wish.accept && { accept: wish.accept }) }
}

/** A SUBSCRIBE within the dialog; with a wish, that replaces or adds to what was asked for (RFC 4660 §5.3). */
function again(watching: Watching, duration: number, host: Host, turn: SipTurn, wish?: Wish): void {
  const request = subscribeAgain(watching, duration, turn)
  if (wish !== undefined) watching.wish = { ...watching.wish, ...wish }
  if (request !== undefined)
    host.send(
      withWish(request, watching.event, { ...listAgain(watching), ...wish, ...ratesAgain(watching) }, turn),
      turn,
    )
}

/** RFC 6446 §4: rates hold as long as they are repeated. */
const ratesAgain = ({ wish }: Watching): Wish | undefined => wish?.rates && { rates: wish.rates }

/** When to refresh: ten minutes before the end, or half-way if there are less than twenty (as TS 24.229 §5.1.1.4). */
export const refreshAfter = (duration: number): number =>
  seconds(duration > 1200 ? duration - 600 : Math.ceil(duration / 2))

const ofCall = (watcher: Watcher, callId: string | undefined): Watching | undefined =>
  watcher.watching.find((one) => one.callId === callId)
