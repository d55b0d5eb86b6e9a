/**
 * TS 24.229 §5.2.3: the P-CSCF subscribes to the registration state of its users, so that it learns when the network
 * ends a registration (§5.2.5.2).
 */

import {
  asRegistrationSubscribe,
  onSubscribed,
  onSubscriptionTimer,
  takeRegistrationNotify,
} from '../../presence/network/registration-subscription.ts'
import type { RegistrationView } from '../../presence/network/registration-view.ts'
import type { Address, Timer } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { nextHop } from '../../sip/core/dialog.ts'
import { requestOutsideDialog } from '../../sip/core/user-agent.ts'
import { awaitNotify } from '../../sip/events/subscriber.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import { sameUri } from '../../sip/grammar/uri-comparison.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import { networkTimers } from '../../sip/transaction/timers.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { nameAddr } from '../ue/ue.ts'
import { type Accessing, endUe } from './proxy-registration.ts'

const subscribe = rule('TS 24.229 §5.2.3', 'the P-CSCF subscribes in its own name to the default identity of the user')
const charge = rule('TS 24.229 §5.2.3', 'the P-CSCF starts a charging identifier for its subscription')
const learn = rule('TS 24.229 §5.2.5.2', 'what the network has ended is ended here too')

/** §5.2.3: after the first registration of a UE. */
export function subscribeForUe(
  cscf: Accessing,
  ue: Address,
  register: SipRequest,
  duration: number,
  turn: SipTurn,
): void {
  const target = cscf.ues.get(ue)!.identities.find((identity) => hostOf(identity) !== undefined)
  const entry = cscf.access.settings.domains[hostOf(register.uri) ?? '']
  if (target === undefined || entry === undefined) return
  const own = ownUri(cscf)
  const identifiers = { callId: turn.identifier(), tag: turn.identifier(), sequence: 1 }
  // It has to last longer than the registration.
  const bare = requestOutsideDialog('SUBSCRIBE', target, own, identifiers, turn)
  const request = asRegistrationSubscribe(bare, duration + 600, turn)
  const subscription = awaitNotify<RegistrationView, never>(request, networkTimers.t1, turn)
  cscf.access.subscriptions.set(identifiers.callId, { ue, subscription })
  send(cscf, request, entry, turn)
}

const ownUri = (cscf: Accessing): string => `sip:${cscf.settings.hosts[0]}`

function send(cscf: Accessing, bare: SipRequest, to: Address, turn: SipTurn): void {
  const own = [nameAddr(ownUri(cscf))]
  const id = cscf.settings.chargingIds[cscf.chargingIds++] ?? turn.identifier()
  const named = turn.amend(bare, subscribe, { pAssertedIdentity: own, contact: own })
  turn.request(to, turn.amend(named, charge, { pChargingVector: { 'icid-value': `"${id}"` } }))
}

/** True of a request for the P-CSCF itself: the notifications of its subscriptions. */
export const isForSubscription = (cscf: Accessing, { method, uri, headers }: SipRequest): boolean =>
  method === 'NOTIFY' && headers.event?.value === 'reg' && cscf.settings.hosts.includes(hostOf(uri) ?? '')

/** §5.2.5.2: the registration state of a user, as the S-CSCF tells it. */
export function takeNotification(cscf: Accessing, received: SipRequest, turn: SipTurn): void {
  const { subscriptions } = cscf.access
  const found = subscriptions.get(received.headers.callId!)
  const known = found === undefined ? [] : [found.subscription]
  const { status, why, subscription, again } = takeRegistrationNotify(known, received, turn)
  turn.reply(received, status, why)
  if (again !== undefined) send(cscf, again, nextHop(again), turn)
  if (found === undefined || subscription === undefined) return
  if (subscription.known !== undefined) follow(cscf, found.ue, subscription.known, turn)
  if (subscription.state === 'terminated') subscriptions.delete(subscription.callId)
}

/** §5.2.5.2: identities whose registration is over are not vouched for any more; without a contact the UE is gone. */
function follow(cscf: Accessing, ue: Address, { registrations }: RegistrationView, turn: SipTurn): void {
  const row = cscf.ues.get(ue)
  const contacts = Object.keys(cscf.access.ues.get(ue)?.contacts ?? {})
  if (row === undefined || row.isEnding) return
  const active = Object.values(registrations).filter(
    ({ state, contacts: told }) =>
      state === 'active' && told.some((one) => one.state === 'active' && contacts.some((uri) => sameUri(uri, one.uri))),
  )
  if (active.length === 0) return endUe(cscf, ue, 'the network has ended the registration', turn)
  const identities = row.identities.filter((identity) => active.some(({ aor }) => sameUri(aor, identity)))
  if (identities.length === row.identities.length || identities.length === 0) return
  turn.decide(learn, 'fewer identities', { ue, identities: identities.join(', ') })
  cscf.ues.set(ue, { ...row, identities })
}

/** The answer to a SUBSCRIBE of its own; undefined if there was none. */
export function onOwnAnswer(cscf: Accessing, response: SipResponse | undefined, sent: SipRequest, turn: SipTurn): void {
  const found = cscf.access.subscriptions.get(sent.headers.callId!)
  if (found === undefined) return
  onSubscribed(found.subscription, response, sent, turn)
  if (found.subscription.state === 'terminated') cscf.access.subscriptions.delete(sent.headers.callId!)
}

/** A timer of one of its subscriptions. */
export function onOwnTimer(cscf: Accessing, timer: Timer, turn: SipTurn): void {
  const found = cscf.access.subscriptions.get(timer.of)
  if (found === undefined) return
  const again = onSubscriptionTimer(found.subscription, timer, turn)
  if (again !== undefined) send(cscf, again, nextHop(again), turn)
  if (found.subscription.state === 'terminated') cscf.access.subscriptions.delete(timer.of)
}
