/**
 * TS 24.229 §5.4.2.1: the S-CSCF as notifier of registration state (RFC 3680).
 */
import { printReginfo } from '../../documents/index.ts'
import type { Timer } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { nextHop } from '../../sip/core/dialog.ts'
import {
  accepted,
  acceptedAgain,
  type EndReason,
  goneSubscriber,
  granted,
  isInOrder,
  notification,
} from '../../sip/events/notifier.ts'
import { packages } from '../../sip/events/packages.ts'
import { endingStatuses } from '../../sip/events/subscriber.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import { sameUri } from '../../sip/grammar/uri-comparison.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { CxMessage } from '../cx.ts'
import { nameAddr } from '../ue/ue.ts'
import { isWildcarded, standsFor } from '../wildcard.ts'
import { type EndedBinding, type RegisteredSet, type RegistrationWatch, usableIdentities } from './registrar-state.ts'
import { gistOf, reginfoOf, registrationsOf } from './registration-information.ts'
import { type Registering, setOf } from './served-users.ts'

type CxTurn = SipTurn<CxMessage>

const authorize = rule(
  'TS 24.229 §5.4.2.1.1',
  'the registration state is for the user herself, the P-CSCF on her path and her application servers',
)
const forbidden = rule('TS 24.229 §5.4.2.1.1', 'whoever else asks for the registration state is answered 403')
const unknownSet = rule('TS 24.229 §5.4.2.1.1', 'the registration state of a user not served here is answered 404')
const tell = rule('TS 24.229 §5.4.2.1.2', 'a NOTIFY tells of each identity that is not barred where it is registered')
const charge = rule('TS 24.229 §5.4.2.1.2', 'the S-CSCF starts a charging identifier and names its network')
const keepPace = rule('RFC 3680 §4.10', 'a subscriber is not notified more often than every five seconds')

/** True of a request for the registration state. */
export const isForRegistrationState = ({ method, headers }: SipRequest): boolean =>
  method === 'SUBSCRIBE' && headers.event?.value === 'reg'

/** §5.4.2.1.1: an initial SUBSCRIBE to the registration state of a user. */
export function takeWatch(cscf: Registering, received: SipRequest, turn: CxTurn): void {
  const set = setOf(cscf, received.uri)
  if (set === undefined) return turn.reply(received, 404, unknownSet)
  const asserted = received.headers.pAssertedIdentity?.map(({ uri }) => uri) ?? []
  const subscriber = asserted.find((uri) => whatIs(uri, set) !== undefined)
  const kind = subscriber === undefined ? undefined : whatIs(subscriber, set)
  turn.decide(authorize, kind ?? 'refused', { user: set.key, subscriber: subscriber ?? asserted[0] ?? 'nobody' })
  if (subscriber === undefined) return turn.reply(received, 403, forbidden)
  const duration = granted(received, policyOf(cscf), turn)
  if (duration === undefined) return
  const tag = turn.identifier()
  const local = { tag, contact: ownContact(cscf), firstSequence: 1 }
  const [response, dialog] = accepted(received, duration, local, turn)
  turn.respond(received, response)
  const watch: RegistrationWatch = {
    dialog,
    event: 'reg',
    state: duration === 0 ? 'terminated' : 'active',
    expiresAt: turn.now + seconds(duration),
    set: set.key,
    subscriber,
    version: 0,
    told: undefined,
    notifiedAt: undefined,
    isHeld: false,
    ended: [],
  }
  const { watches, watchers } = cscf.registrar
  watches.set(tag, watch)
  watchers.set(set.key, (watchers.get(set.key) ?? new Set()).add(tag))
  if (duration > 0) turn.start({ name: 'subscription expiry', of: tag }, seconds(duration))
  notify(cscf, watch, set, undefined, turn)
}

/** What a subscriber is to a user; undefined for one who has no business with her registration. */
function whatIs(uri: string, set: RegisteredSet): 'the user' | 'her P-CSCF' | 'her application server' | undefined {
  const isUser = (identity: string): boolean =>
    isWildcarded(identity) ? standsFor(identity, uri) : sameUri(identity, uri)
  if (usableIdentities(set).some(isUser)) return 'the user'
  const host = hostOf(uri)
  if (set.bindings.some(({ path }) => path.some((entry) => hostOf(entry.uri) === host))) return 'her P-CSCF'
  const isServer = set.profiles.some(({ criteria }) => criteria.some(({ serverName }) => hostOf(serverName) === host))
  return isServer ? 'her application server' : undefined
}

/** A subscription may outlive the registration, so that its end can be told. */
const policyOf = ({ registrar }: Registering) => ({
  packages: ['reg'],
  shortestDuration: 60,
  longestDuration: registrar.settings.longestDuration + 3600,
})

const ownContact = (cscf: Registering) => nameAddr(`sip:${cscf.settings.host}`)

/** RFC 6665 §4.2.1.2: a SUBSCRIBE within the dialog refreshes or ends the subscription. */
export function refreshWatch(cscf: Registering, received: SipRequest, turn: CxTurn): void {
  const tag = String(received.headers.to!.params.tag)
  const watch = cscf.registrar.watches.get(tag)
  if (!isInOrder(watch, received, turn)) return
  const current = watch as RegistrationWatch
  const duration = granted(received, policyOf(cscf), turn)
  if (duration === undefined) return
  turn.respond(received, acceptedAgain(current, received, duration, ownContact(cscf), turn))
  current.expiresAt = turn.now + seconds(duration)
  // RFC 3680 §4.7.2: a refresh is answered with the full state.
  current.told = undefined
  if (duration === 0) current.state = 'terminated'
  else turn.start({ name: 'subscription expiry', of: tag }, seconds(duration))
  notify(cscf, current, cscf.registrar.sets.get(current.set), undefined, turn)
}

/** §5.4.2.1.2: tells the watchers of a set what has changed, each at its pace. */
export function tellWatchers(
  cscf: Registering,
  set: RegisteredSet,
  ended: readonly EndedBinding[],
  turn: CxTurn,
): void {
  for (const watch of watchesOf(cscf, set)) {
    watch.ended = [...watch.ended, ...ended]
    if (!hasNews(watch, set, turn) || watch.isHeld) continue
    const pause = (watch.notifiedAt ?? Number.NEGATIVE_INFINITY) + shortestGap - turn.now
    if (pause <= 0) {
      notify(cscf, watch, set, undefined, turn)
      continue
    }
    watch.isHeld = true
    turn.decide(keepPace, 'the change waits', { subscriber: watch.subscriber, microseconds: pause })
    turn.start({ name: 'notification gap', of: tagOf(watch) }, pause)
  }
}

const shortestGap = seconds(packages.reg!.shortestGap)

function hasNews(watch: RegistrationWatch, set: RegisteredSet, turn: CxTurn): boolean {
  const { told } = watch
  if (told === undefined) return true
  const now = gistOf(registrationsOf(set, watch.ended, turn.now, told))
  return Object.keys(now).some((aor) => now[aor] !== told[aor])
}

/** §5.4.2.1.2: a set is gone: its watchers are told at once, for the last time. */
export function endWatches(cscf: Registering, set: RegisteredSet, ended: readonly EndedBinding[], turn: CxTurn): void {
  for (const watch of watchesOf(cscf, set)) {
    watch.ended = [...watch.ended, ...ended]
    watch.state = 'terminated'
    notify(cscf, watch, set, 'noresource', turn)
  }
}

function watchesOf({ registrar }: Registering, set: RegisteredSet): RegistrationWatch[] {
  return [...(registrar.watchers.get(set.key) ?? [])].map((tag) => registrar.watches.get(tag)!)
}

/** RFC 6665 §4.2.2: tells a subscriber all, or what is new; forgets the subscription if that was the last time. */
function notify(
  cscf: Registering,
  watch: RegistrationWatch,
  set: RegisteredSet | undefined,
  reason: EndReason | undefined,
  turn: CxTurn,
): void {
  let request = notification(watch, ownContact(cscf), reason, turn)
  if (set !== undefined) {
    const registrations = registrationsOf(set, watch.ended, turn.now, watch.told)
    const body = printReginfo(reginfoOf(registrations, watch.told, watch.version++))
    watch.told = gistOf(registrationsOf(set, [], turn.now))
    request = turn.amend(request, tell, { contentType: { value: 'application/reginfo+xml', params: {} }, body })
  }
  watch.ended = []
  watch.notifiedAt = turn.now
  const charging = { 'icid-value': `"${turn.identifier()}"`, 'orig-ioi': cscf.settings.network }
  request = turn.amend(request, charge, { pChargingVector: charging })
  turn.request(nextHop(request), request)
  if (watch.state === 'terminated') forget(cscf, watch)
}

function forget({ registrar }: Registering, watch: RegistrationWatch): void {
  const tag = tagOf(watch)
  registrar.watches.delete(tag)
  const rest = registrar.watchers.get(watch.set)
  rest?.delete(tag)
  if (rest?.size === 0) registrar.watchers.delete(watch.set)
}

const tagOf = (watch: RegistrationWatch): string => String(watch.dialog.local.params.tag)

/** RFC 6665 §4.2.2: the answer to a NOTIFY, undefined if there is none. */
export function onNotifyAnswer(cscf: Registering, sent: SipRequest, status: number | undefined, turn: CxTurn): void {
  if (status !== undefined && !endingStatuses.has(status)) return
  const watch = cscf.registrar.watches.get(String(sent.headers.from?.params.tag))
  if (watch === undefined) return
  turn.decide(goneSubscriber, 'dropped', { subscriber: watch.subscriber })
  forget(cscf, watch)
}

/** The timers of a subscription: its end, and the pace of its notifications. */
export function onWatchTimer(cscf: Registering, timer: Timer, turn: CxTurn): void {
  const watch = cscf.registrar.watches.get(timer.of)
  if (watch === undefined) return
  const set = cscf.registrar.sets.get(watch.set)
  if (timer.name === 'notification gap') {
    if (!watch.isHeld) return
    watch.isHeld = false
    if (set !== undefined && hasNews(watch, set, turn)) notify(cscf, watch, set, undefined, turn)
  } else if (turn.now >= watch.expiresAt) {
    watch.state = 'terminated'
    notify(cscf, watch, set, 'timeout', turn)
  }
}
