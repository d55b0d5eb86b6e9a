/**
 * TS 24.229 §5.1.1: how a UE registers, stays registered and ends its registration.
 */

import { refreshAfter } from '../../presence/network/registration-subscription.ts'
import type { Command, Timer } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { durationGranted } from '../../sip/core/registrar.ts'
import { requestOutsideDialog } from '../../sip/core/user-agent.ts'
import { quote } from '../../sip/grammar/scanner.ts'
import type { Authentication, NameAddr } from '../../sip/headers.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import { radioTimers } from '../../sip/transaction/timers.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { answerChallenge } from './registration-challenge.ts'
import type { Registration, UeAssociations } from './registration-state.ts'
import { watchOwnRegistration } from './registration-watch.ts'
import { established, mechanismsOf, type SecurityEnd, withoutTemporary } from './security-agreement.ts'
import { nameAddr, type Ue } from './ue.ts'

/** A UE that registers itself. */
export type RegisteringUe = Ue & { readonly registration: Registration }

export const canRegister = (ue: Ue): ue is RegisteringUe => ue.registration !== undefined

const discover = rule('TS 24.229 §9.2.1', 'the UE finds its P-CSCF', [], 'discover the P-CSCF')
const askToRegister = rule('TS 24.229 §5.1.1.2.1', 'the UE asks its home network to register one of its identities')
const askToEnd = rule('TS 24.229 §5.1.1.6.1', 'the UE ends its registration with a duration of zero')
const knowsPath = rule('TS 24.229 §5.1.1.2.1', 'the UE supports Path')
const tellAccess = rule('TS 24.229 §5.1.1.2.1', 'the UE tells its access network in P-Access-Network-Info')
const nameItself = rule('TS 24.229 §5.1.1.2.2', 'the first REGISTER names the private identity, and answers nothing')
const answerRule = rule('TS 24.229 §5.1.1.5.1', 'the UE answers the challenge with RES as the password of Digest')
const repeatCredentials = rule('TS 24.229 §5.1.1.4.2', 'a further REGISTER repeats the credentials of the last one')
const offerSecurity = rule('TS 24.229 §5.1.1.2.2', 'the UE offers its security mechanisms, indexes and ports')
const proveSecurity = rule(
  'TS 24.229 §5.1.1.5.1',
  'over security associations the UE repeats what the P-CSCF has offered',
)
const agree = rule('TS 24.229 §5.1.1.2.2', 'the UE requires the security agreement of the next hop')
const refresh = rule('TS 24.229 §5.1.1.4.1', 'a registration is refreshed ten minutes before its end, or half-way')
const registered = rule(
  'TS 24.229 §5.1.1.2.1',
  'the UE keeps the identities, the Service-Route and the duration granted',
)
const failed = rule('TS 24.229 §5.1.1.2.1', 'a REGISTER that is refused or not answered leaves the UE unregistered')
const ended = rule('TS 24.229 §5.1.1.6.1', 'a UE that is not registered keeps no security association')
const lost = rule('TS 24.229 §5.1.1.4.1', 'a refresh that is not answered makes the UE register anew')
const longer = rule('RFC 3261 §10.2.8', 'after 423 at least Min-Expires is asked for')
const notYet = rule('TS 24.229 §5.1.2A.1', 'a UE that is not registered sends no other request')

/** The timer that reminds a UE of its registration. */
const refreshTimer = 're-registration'

/** A command to the registration: `register` or `deregister`. True if it was one. */
export function takeRegistrationCommand(ue: RegisteringUe, command: Command, turn: SipTurn): boolean {
  const { registration } = ue
  if (command.do === 'register') {
    if (registration.state === 'registering') return true
    if (typeof command.expires === 'number') registration.duration = command.expires
    else registration.duration = registration.settings.duration
    if (registration.state === 'registered') reregister(ue, turn)
    else begin(ue, turn)
    return true
  }
  if (command.do === 'deregister') {
    if (registration.state === 'registered') end(ue, turn)
    return true
  }
  if (registration.state === 'registered') return false
  turn.decide(notYet, 'nothing is done', { command: command.do })
  return true
}

/** §5.1.1.2: an initial registration, in a call of its own. */
export function begin(ue: RegisteringUe, turn: SipTurn): void {
  const { registration } = ue
  const { callIds, tags, proxy } = registration.settings
  const call = registration.calls++
  registration.callId = callIds[call] ?? turn.identifier()
  registration.tag = tags[call] ?? turn.identifier()
  registration.sequence = 0
  registration.state = 'registering'
  registration.failure = undefined
  registration.invalidChallenges = 0
  registration.isProtected = false
  registration.credentials = undefined
  registration.associations = []
  registration.access = undefined
  turn.decide(discover, proxy)
  sendRegister(ue, undefined, turn)
}

/** §5.1.1.4: a refresh, over the associations that there are. */
function reregister(ue: RegisteringUe, turn: SipTurn): void {
  ue.registration.invalidChallenges = 0
  sendRegister(ue, undefined, turn)
}

/** §5.1.1.6.1: the end of the registration, asked for by the user. */
function end(ue: RegisteringUe, turn: SipTurn): void {
  ue.registration.state = 'ending'
  ue.registration.duration = 0
  ue.registration.invalidChallenges = 0
  sendRegister(ue, undefined, turn)
}

/** §5.1.1.2.2, §5.1.1.4.2, §5.1.1.5.1: one REGISTER; `credentials` answer a challenge. */
export function sendRegister(ue: RegisteringUe, credentials: Authentication | undefined, turn: SipTurn): void {
  const { registration } = ue
  const { settings, duration } = registration
  const uri = `sip:${settings.registrar}`
  const { callId, tag } = registration
  const identifiers = { callId, tag, sequence: ++registration.sequence }
  const identity = nameAddr(settings.identity)
  let request = requestOutsideDialog('REGISTER', uri, settings.identity, identifiers, turn)
  const contact = [ownContact(ue)]
  request = turn.amend(request, duration === 0 ? askToEnd : askToRegister, { to: identity, contact, expires: duration })
  request = turn.amend(request, tellAccess, { pAccessNetworkInfo: ue.settings.accessNetwork })
  request = turn.amend(request, knowsPath, { supported: ['path'] })
  request = withCredentials(ue, request, credentials, turn)
  request = withSecurity(ue, request, credentials !== undefined, turn)
  turn.request(settings.proxy, request)
}

/** §5.1.1.2.1: with the protected port once requests go over associations. */
const ownContact = ({ registration, settings }: RegisteringUe): NameAddr =>
  registration.isProtected ? settings.contact! : registration.settings.bareContact

function withCredentials(
  { registration }: RegisteringUe,
  request: SipRequest,
  credentials: Authentication | undefined,
  turn: SipTurn,
): SipRequest {
  if (credentials !== undefined) {
    registration.credentials = credentials
    return turn.amend(request, answerRule, { authorization: [credentials] }, turn.step)
  }
  if (registration.credentials !== undefined)
    return turn.amend(request, repeatCredentials, { authorization: [registration.credentials] })
  const { privateIdentity, registrar } = registration.settings
  const params = {
    username: quote(privateIdentity),
    realm: quote(registrar),
    nonce: '""',
    uri: quote(request.uri),
    response: '""',
  }
  return turn.amend(request, nameItself, { authorization: [{ scheme: 'Digest', params }] })
}

/** §5.1.1.2.2, §5.1.1.5.1: the offer for the next associations, and over which ones this request goes. */
function withSecurity(ue: RegisteringUe, bare: SipRequest, isAnswer: boolean, turn: SipTurn): SipRequest {
  const { registration } = ue
  const inUse = registration.isProtected ? registration.associations.at(-1) : undefined
  // The answer to a challenge repeats the offer that its associations were made from; anything else offers anew.
  if (!(isAnswer && inUse?.state === 'temporary')) registration.offer = nextEnd(registration, turn)
  const securityClient = mechanismsOf(registration.settings.algorithms, registration.offer!, false)
  const offered = turn.amend(bare, offerSecurity, { securityClient })
  const required = turn.amend(offered, agree, { require: ['sec-agree'], proxyRequire: ['sec-agree'] })
  return inUse === undefined ? required : turn.amend(required, proveSecurity, { securityVerify: inUse.server })
}

/** TS 33.203 §7.2: new indexes and a new client port for each set of associations. */
function nextEnd(registration: Registration, turn: SipTurn): SecurityEnd {
  const { spis, portClient, portServer } = registration.settings
  const count = registration.offers++
  const spi = (which: number): number => spis[2 * count + which] ?? 0x10000 + turn.serial()
  return { spiClient: spi(0), spiServer: spi(1), portClient: portClient + count, portServer }
}

/** The answer to a REGISTER; undefined if there was none. */
export function onRegisterAnswer(
  ue: RegisteringUe,
  response: SipResponse | undefined,
  sent: SipRequest,
  turn: SipTurn,
): void {
  const { registration } = ue
  const { callId, cseq } = sent.headers
  // An answer to a REGISTER that another one has followed tells nothing.
  if (callId !== registration.callId || cseq!.number !== registration.sequence) return
  if (response === undefined) return onSilence(ue, turn)
  if (response.status < 200) return
  if (response.status === 401) return answerChallenge(ue, response, turn)
  const { minExpires } = response.headers
  if (response.status === 423 && minExpires !== undefined && minExpires > registration.duration) {
    registration.duration = minExpires
    turn.decide(longer, 'asked again', { 'Min-Expires': minExpires })
    dropTemporary(registration)
    return sendRegister(ue, undefined, turn)
  }
  if (response.status >= 300) return onRefusal(ue, response.status, turn)
  if (registration.duration === 0) return endRegistration(ue, 'ended by the user', turn)
  onSuccess(ue, response, sent, turn)
}

/** §5.1.1.5.1: associations that were set up for an authentication are of no use after a final answer. */
function dropTemporary(registration: Registration): void {
  registration.associations = withoutTemporary(registration.associations)
  if (registration.associations.length > 0) return
  registration.isProtected = false
  registration.credentials = undefined
}

/** §5.1.1.4.1: without an answer to a refresh the associations are as good as gone. */
function onSilence(ue: RegisteringUe, turn: SipTurn): void {
  if (ue.registration.state === 'registered') {
    turn.decide(lost, 'registered anew')
    return begin(ue, turn)
  }
  endRegistration(ue, 'no answer', turn)
}

/** §5.1.1.2.1, §5.1.1.4.1: a refused refresh leaves the registration as it is, until its time is up. */
function onRefusal(ue: RegisteringUe, status: number, turn: SipTurn): void {
  const { registration } = ue
  if (registration.state !== 'registered') return endRegistration(ue, String(status), turn)
  // §5.1.1.4.1: 408, 500 and 504 say that the network has lost track of the UE.
  if (status === 408 || status === 500 || status === 504) return onSilence(ue, turn)
  registration.failure = String(status)
  dropTemporary(registration)
  turn.decide(failed, 'not refreshed', { because: status })
}

/** §5.1.1.2.1, §5.1.1.5.1: the UE is registered, and its associations are established. */
function onSuccess(ue: RegisteringUe, response: SipResponse, sent: SipRequest, turn: SipTurn): void {
  const { registration } = ue
  const granted = durationGranted(response, sent.headers.contact![0]!)
  if (granted === undefined) return endRegistration(ue, 'the contact is not registered', turn)
  const isFirst = registration.state !== 'registered'
  registration.state = 'registered'
  registration.failure = undefined
  prolong(ue, granted, turn)
  const { pAssociatedUri, serviceRoute } = response.headers
  registration.identities = pAssociatedUri?.map(({ uri }) => uri) ?? [registration.settings.identity]
  const inUse = registration.associations.at(-1)
  if (inUse !== undefined)
    registration.associations = established<UeAssociations>([inUse], inUse, registration.expiresAt + seconds(30))
  registration.access = {
    identity: preferredIdentity(registration),
    route: [proxyEntry(ue, inUse), ...(serviceRoute ?? [])],
    contact: sent.headers.contact![0]!,
    security: inUse?.server ?? [],
  }
  turn.decide(registered, 'registered', { seconds: granted, identities: registration.identities.join(', ') })
  if (isFirst && registration.settings.subscribes) watchOwnRegistration(ue, turn)
}

/** The registered identity that was asked for, if it may be used; else the default one. */
const preferredIdentity = ({ identities, settings }: Registration): string =>
  identities.includes(settings.identity) ? settings.identity : (identities[0] ?? settings.identity)

/** §5.1.2A.1.1: the P-CSCF with its protected server port. */
function proxyEntry({ settings }: RegisteringUe, inUse: UeAssociations | undefined): NameAddr {
  const entry = settings.route[0]!
  if (inUse === undefined) return entry
  return nameAddr(entry.uri.replace(/^(sips?:(?:\[[^\]]*\]|[^:;]*))(?::\d+)?/, `$1:${inUse.proxy.portServer}`))
}

/** The registration lasts so many seconds from now on; it is refreshed in time. */
export function prolong({ registration }: RegisteringUe, duration: number, turn: SipTurn): void {
  registration.expiresAt = turn.now + seconds(duration)
  turn.start({ name: refreshTimer, of: `${registration.callId} ${registration.expiresAt}` }, refreshAfter(duration))
  turn.start({ name: refreshTimer, of: `${registration.callId} ${registration.expiresAt}` }, seconds(duration))
}

/** A timer of the registration. True if it was one. */
export function takeRegistrationTimer(ue: RegisteringUe, timer: Timer, turn: SipTurn): boolean {
  if (timer.name !== refreshTimer) return false
  const { registration } = ue
  const { callId, expiresAt, state } = registration
  if (timer.of !== `${callId} ${expiresAt}` || state !== 'registered') return true
  if (turn.now >= expiresAt) endRegistration(ue, 'expired', turn)
  else {
    turn.decide(refresh, 'refreshed', { identity: registration.settings.identity })
    registration.duration = registration.settings.duration
    reregister(ue, turn)
  }
  return true
}

/** §5.1.1.6.1: the UE is not registered any more, or has not become so. */
export function endRegistration({ registration }: RegisteringUe, because: string, turn: SipTurn): void {
  const wasRegistered = registration.access !== undefined
  registration.state = 'not registered'
  registration.failure = because
  registration.associations = []
  registration.isProtected = false
  registration.identities = []
  registration.access = undefined
  registration.subscription = undefined
  turn.decide(wasRegistered ? ended : failed, 'not registered', { because })
}

/** T1 at the UE, in microseconds. */
export const ueT1 = radioTimers.t1
