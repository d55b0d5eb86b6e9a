/**
 * TS 24.229 §5.1.1.3, §5.1.1.7: the UE watches its own registration, and follows what the network does to it.
 */

import {
  asRegistrationSubscribe,
  onSubscribed,
  onSubscriptionTimer,
  registrationTimers,
  takeRegistrationNotify,
} from '../../presence/network/registration-subscription.ts'
import type { RegistrationView } from '../../presence/network/registration-view.ts'
import type { Timer } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { awaitNotify } from '../../sip/events/subscriber.ts'
import { sameUri } from '../../sip/grammar/uri-comparison.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { begin, endRegistration, prolong, type RegisteringUe, ueT1 } from './registration.ts'
import { hostFor } from './ue.ts'

const endedByNetwork = rule('TS 24.229 §5.1.1.7', 'a registration that the network has ended is over')
const comeBack = rule('TS 24.229 §5.1.1.7', 'a UE whose registration was deactivated registers anew at once')
const comeBackLater = rule('TS 24.229 §5.1.1.7', 'a UE on probation registers anew after a while')
const hurry = rule('TS 24.229 §5.1.1.5.2', 'a registration that the network has shortened is refreshed in time')
const follow = rule('TS 24.229 §5.1.1.3', 'the UE keeps the identities that the network tells as registered')

const probationTimer = 'probation'

/** §5.1.1.3: after an initial registration. */
export function watchOwnRegistration(ue: RegisteringUe, turn: SipTurn): void {
  const host = hostFor(ue, turn)
  const bare = host.compose('SUBSCRIBE', ue.registration.access!.identity, turn)
  const request = asRegistrationSubscribe(bare, ue.registration.settings.duration, turn)
  ue.registration.subscription = awaitNotify<RegistrationView, never>(request, ueT1, turn)
  host.send(request, turn)
}

/** True of the messages of this subscription. */
export const isOfOwnRegistration = ({ headers }: SipRequest): boolean => headers.event?.value === 'reg'

/** A NOTIFY of the UE's own registration state. */
export function takeOwnNotification(ue: RegisteringUe, request: SipRequest, turn: SipTurn): void {
  const { subscription: own } = ue.registration
  const { status, why, subscription, again } = takeRegistrationNotify(own === undefined ? [] : [own], request, turn)
  const host = hostFor(ue, turn)
  host.respond(request, turn.answer(request, status, why), turn)
  if (again !== undefined) host.send(again, turn)
  if (subscription?.known !== undefined) obey(ue, subscription.known, turn)
}

/** §5.1.1.7, §5.1.1.5.2: what the network says of the contact of this UE. */
function obey(ue: RegisteringUe, { registrations, latest }: RegistrationView, turn: SipTurn): void {
  const { registration } = ue
  const own = registration.access?.contact.uri
  if (own === undefined || registration.state === 'ending') return
  const told = latest.flatMap((aor) => registrations[aor]!.contacts.filter(({ uri }) => sameUri(uri, own)))
  const identities = Object.values(registrations).flatMap(({ aor, contacts }) =>
    contacts.some(({ uri, state }) => state === 'active' && sameUri(uri, own)) ? [aor] : [],
  )
  if (identities.length === 0) {
    const end = told.find(({ state }) => state === 'terminated')
    return end === undefined ? undefined : onEnd(ue, end.event, end.retryAfter, turn)
  }
  const kept = registration.identities.filter((identity) => identities.some((aor) => sameUri(aor, identity)))
  const added = identities.filter((aor) => !kept.some((identity) => sameUri(aor, identity)))
  if (added.length > 0 || kept.length < registration.identities.length) {
    registration.identities = [...kept, ...added]
    turn.decide(follow, 'changed', { identities: registration.identities.join(', ') })
  }
  const shortened = told.find(({ event }) => event === 'shortened')?.expires
  if (shortened === undefined || turn.now + seconds(shortened) >= registration.expiresAt) return
  turn.decide(hurry, 'shortened', { seconds: shortened })
  prolong(ue, shortened, turn)
}

function onEnd(ue: RegisteringUe, event: string, retryAfter: number | undefined, turn: SipTurn): void {
  turn.decide(endedByNetwork, event)
  endRegistration(ue, event, turn)
  if (event === 'deactivated') {
    turn.decide(comeBack, 'registered anew')
    begin(ue, turn)
  } else if (event === 'probation') turn.start({ name: probationTimer, of: ue.identity }, seconds(retryAfter ?? 60))
}

/** The answer to a SUBSCRIBE; undefined if there was none. */
export function onOwnSubscribed(
  { registration }: RegisteringUe,
  response: SipResponse | undefined,
  sent: SipRequest,
  turn: SipTurn,
): void {
  if (registration.subscription !== undefined) onSubscribed(registration.subscription, response, sent, turn)
}

/** A timer of the subscription. True if it was one. */
export function takeWatchTimer(ue: RegisteringUe, timer: Timer, turn: SipTurn): boolean {
  const { subscription, state } = ue.registration
  if (timer.name === probationTimer) {
    turn.decide(comeBackLater, 'registered anew')
    if (state === 'not registered') begin(ue, turn)
    return true
  }
  if (subscription === undefined || !registrationTimers.includes(timer.name) || timer.of !== subscription.callId)
    return false
  const again = onSubscriptionTimer(subscription, timer, turn)
  if (again !== undefined) hostFor(ue, turn).send(again, turn)
  return true
}
