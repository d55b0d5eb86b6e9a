/**
 * TS 24.229 §5.4.1.4, §5.4.1.5: how registrations end: by the user, by the passing of time, by the S-CSCF and by the
 * HSS.
 */
import { isDocumentError } from '../../documents/index.ts'
import { addressOfRecord } from '../../presence/address-of-record.ts'
import type { Timer } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { sameUri } from '../../sip/grammar/uri-comparison.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { type AssignmentType, ask, avp, avpList, type CxMessage, cxAnswer, type DeregistrationReason } from '../cx.ts'
import { readUserData } from '../hss/user-data.ts'
import { privateIdentity } from '../i-cscf/interrogation.ts'
import { type Binding, type EndEvent, identitiesOf, type RegisteredSet } from './registrar-state.ts'
import { endWatches, tellWatchers } from './registration-notifier.ts'
import { dropSet, keepSet, type Registering, setOf } from './served-users.ts'
import { contactsOf } from './successful-registration.ts'
import { informServers } from './third-party-registration.ts'

type CxTurn = SipTurn<CxMessage>

const release = rule('TS 24.229 §5.4.1.4', 'the HSS is told that the S-CSCF does not serve the user any more')
const released = rule('TS 24.229 §5.4.1.4', 'the end of a registration is answered 200 with the contacts that remain')
const expire = rule('TS 24.229 §5.4.1.5', 'a contact that is not refreshed in time is removed')
const endAtOnce = rule('TS 24.229 §5.4.1.5', 'the network ends a registration and tells the user why')
const obey = rule('TS 29.228 §6.1.3.1', 'the S-CSCF ends the registrations that the HSS names')
const stranger = rule('TS 29.228 §6.1.3.1', 'the S-CSCF does not know a user whose registration the HSS ends')
const takeProfile = rule('TS 29.228 §6.2.1.1', 'the S-CSCF takes over the profile that the HSS pushes')
const noProfile = rule(
  'TS 29.228 §6.2.1.1',
  'a profile that can not be read, or of a user not served here, is an error',
)
const shorten = rule('TS 24.229 §5.4.1.6', 'to see a user authenticated again the S-CSCF shortens her registration')

/** §5.4.1.4: the user ends the registration of one contact, or with `*` of all. */
export function removeByUser(
  cscf: Registering,
  set: RegisteredSet | undefined,
  received: SipRequest,
  turn: CxTurn,
): void {
  const uri = received.headers.contact?.[0]?.uri ?? '*'
  const gone = set?.bindings.filter((binding) => uri === '*' || sameUri(binding.uri, uri)) ?? []
  const rest =
    set === undefined ? undefined : removeBindings(cscf, { ...set, register: received }, gone, 'unregistered', turn)
  if (rest !== undefined && rest.bindings.length > 0)
    return turn.reply(received, 200, released, { contact: contactsOf(rest, turn) })
  const identity = addressOfRecord(received.headers.to?.uri ?? '')
  tellHss(cscf, privateIdentity(received), [identity], 'USER_DEREGISTRATION', received, turn)
}

/** §5.4.1.4: the HSS has taken note, or is silent: the user is not registered here any more in either case. */
export function onReleased(received: SipRequest, turn: CxTurn): void {
  turn.reply(received, 200, released)
}

function tellHss(
  { registrar, registrarUri }: Registering,
  name: string,
  identities: readonly string[],
  type: AssignmentType,
  received: SipRequest | undefined,
  turn: CxTurn,
): void {
  const avps = {
    'User-Name': name,
    'Public-Identity': identities.join(', '),
    'Server-Name': registrarUri,
    'Server-Assignment-Type': type,
  }
  const question = { to: registrar.settings.hss, command: 'SAR', avps, why: release, source: received }
  ask(registrar, received === undefined ? { kind: 'notice' } : { kind: 'release', received }, question, turn)
}

/** Removes contacts from a set, and the set with the last of them; tells all who want to know. Returns what is left. */
function removeBindings(
  cscf: Registering,
  set: RegisteredSet,
  gone: readonly Binding[],
  event: EndEvent,
  turn: CxTurn,
): RegisteredSet {
  const rest = { ...set, bindings: set.bindings.filter((binding) => !gone.includes(binding)) }
  const ended = gone.map((binding) => ({ binding, event }))
  if (rest.bindings.length > 0) {
    keepSet(cscf, rest)
    tellWatchers(cscf, rest, ended, turn)
    return rest
  }
  dropSet(cscf, rest)
  endWatches(cscf, rest, ended, turn)
  // What the network does by itself no REGISTER has asked for; of what the user asks, the 200 waits for the HSS.
  const asked = event === 'unregistered' && set.register !== undefined ? { request: set.register } : {}
  informServers(cscf, rest, 'de-registration', 0, turn, asked)
  return rest
}

/** §5.4.1.5: a contact may have lived its time. */
export function onExpiry(cscf: Registering, timer: Timer, turn: CxTurn): void {
  const [id, key] = timer.of.split(' ') as [string, string]
  const set = cscf.registrar.sets.get(key)
  const binding = set?.bindings.find((one) => one.id === id)
  // A contact that was refreshed since lives on.
  if (set === undefined || binding === undefined || binding.expiresAt > turn.now) return
  turn.decide(expire, 'removed', { contact: binding.uri })
  const rest = removeBindings(cscf, set, [binding], 'expired', turn)
  if (rest.bindings.length === 0)
    tellHss(cscf, set.privateIdentity, namesOf(set), 'TIMEOUT_DEREGISTRATION', undefined, turn)
}

const namesOf = (set: RegisteredSet): string[] => identitiesOf(set).map(({ identity }) => identity)

/** §5.4.1.5: the S-CSCF itself ends all registrations of a set. */
export function endByNetwork(cscf: Registering, set: RegisteredSet, event: EndEvent, turn: CxTurn): void {
  turn.decide(endAtOnce, event, { user: set.key })
  removeBindings(cscf, set, set.bindings, event, turn)
  tellHss(cscf, set.privateIdentity, namesOf(set), 'ADMINISTRATIVE_DEREGISTRATION', undefined, turn)
}

/** What the user is told for each reason of the HSS (§5.4.1.5): whether she may come back at once. */
const events: Readonly<Record<DeregistrationReason, EndEvent>> = {
  PERMANENT_TERMINATION: 'rejected',
  NEW_SERVER_ASSIGNED: 'deactivated',
  SERVER_CHANGE: 'deactivated',
  'REMOVE_S-CSCF': 'deactivated',
}

/** TS 29.228 §6.1.3: the HSS ends registrations. */
export function onTermination(cscf: Registering, request: CxMessage, hss: string, turn: CxTurn): void {
  const reason = avp(request, 'Reason-Code') as DeregistrationReason
  const named = avpList(request, 'Public-Identity').flatMap((identity) => setOf(cscf, identity) ?? [])
  const sets = [...new Set(named)].filter((set) => set.privateIdentity === avp(request, 'User-Name'))
  const result = sets.length === 0 ? 'DIAMETER_UNABLE_TO_COMPLY' : 'DIAMETER_SUCCESS'
  const answer = cxAnswer(request, { 'Result-Code': result }, sets.length === 0 ? stranger : obey, turn)
  for (const set of sets) removeBindings(cscf, set, set.bindings, events[reason] ?? 'deactivated', turn)
  turn.send(hss, answer, 'stream')
}

/** TS 29.228 §6.2.1: the HSS hands over a profile that has changed. */
export function onProfile(cscf: Registering, request: CxMessage, hss: string, turn: CxTurn): void {
  const data = readUserData(avp(request, 'User-Data'))
  const profiles = isDocumentError(data) ? [] : data.profiles
  let changed = 0
  for (const profile of profiles) {
    const set = profile.identities.flatMap(({ identity }) => setOf(cscf, identity) ?? [])[0]
    if (set === undefined) continue
    changed++
    const after = { ...set, profiles: set.profiles.map((one) => (sharesIdentity(one, profile) ? profile : one)) }
    keepSet(cscf, after)
    tellWatchers(cscf, after, [], turn)
  }
  const result = changed === 0 ? 'DIAMETER_ERROR_NOT_SUPPORTED_USER_DATA' : 'DIAMETER_SUCCESS'
  const name = changed === 0 ? 'Experimental-Result-Code' : 'Result-Code'
  turn.send(hss, cxAnswer(request, { [name]: result }, changed === 0 ? noProfile : takeProfile, turn), 'stream')
}

type Profile = RegisteredSet['profiles'][number]

const sharesIdentity = (one: Profile, other: Profile): boolean =>
  one.identities.some(({ identity }) => other.identities.some((each) => each.identity === identity))

/** §5.4.1.6: the registration of a user shrinks to so many seconds; the next REGISTER will be challenged. */
export function reauthenticate(cscf: Registering, set: RegisteredSet, duration: number, turn: CxTurn): void {
  turn.decide(shorten, 'shortened', { user: set.key, seconds: duration })
  const latest = turn.now + seconds(duration)
  const bindings = set.bindings.map((binding) =>
    binding.expiresAt <= latest ? binding : { ...binding, expiresAt: latest, event: 'shortened' as const },
  )
  for (const { id } of bindings) turn.start({ name: 'registration expiry', of: `${id} ${set.key}` }, seconds(duration))
  const after = { ...set, bindings, isReauthenticating: true }
  keepSet(cscf, after)
  tellWatchers(cscf, after, [], turn)
}
