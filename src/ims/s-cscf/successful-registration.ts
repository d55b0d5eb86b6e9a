/**
 * TS 24.229 §5.4.1.2.2F: what the S-CSCF does once a registration has succeeded.
 */
import { isDocumentError } from '../../documents/index.ts'
import { rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { withExpiry } from '../../sip/core/registrar.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import { sameUri } from '../../sip/grammar/uri-comparison.ts'
import type { NameAddr } from '../../sip/headers.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { avp, avpList, type CxMessage } from '../cx.ts'
import { readUserData, type ServiceProfile } from '../hss/user-data.ts'
import { privateIdentity } from '../i-cscf/interrogation.ts'
import { nameAddr } from '../ue/ue.ts'
import { type Binding, type EndedBinding, keyOf, type RegisteredSet, usableIdentities } from './registrar-state.ts'
import { tellWatchers } from './registration-notifier.ts'
import { keepSet, type Registering, setOf } from './served-users.ts'
import { informServers } from './third-party-registration.ts'

type CxTurn = SipTurn<CxMessage>

const accept = rule('RFC 3261 §10.3 step 8', 'the answer to a REGISTER lists the contacts with their durations')
const repeatPath = rule('RFC 3327 §5.3', 'the answer to a REGISTER repeats Path')
const giveRoute = rule('TS 24.229 §5.4.1.2.2F', 'the S-CSCF gives the Service-Route for what the user will send')
const tellIdentities = rule('TS 24.229 §5.4.1.2.2F', 'P-Associated-URI lists the identities, the default one first')
const tellWhereToCharge = rule('TS 24.229 §5.4.1.2.2F', 'a P-CSCF of the network is told where to charge')
const nameNetwork = rule('TS 24.229 §5.4.1.2.2F', 'the S-CSCF names its network in term-ioi')

/** Stores the registration, answers the REGISTER, and tells who wants to know. False if the profile is not readable. */
export function storeRegistration(
  cscf: Registering,
  received: SipRequest,
  duration: number,
  answer: CxMessage,
  turn: CxTurn,
): boolean {
  const known = setOf(cscf, received.headers.to?.uri ?? '')
  const profiles = profilesOf(answer) ?? known?.profiles
  if (profiles === undefined) return false
  const bindings = known?.bindings ?? []
  const binding = bindingFor(bindings, received, duration, turn)
  // Without multiple registrations a UE has one contact: another one of the same ISIM takes its place.
  const replaced = bindings.filter((one) => one.privateIdentity === binding.privateIdentity)
  const charging = avpList(answer, 'Primary-Charging-Collection-Function-Name')
  const set: RegisteredSet = {
    key: keyOf(profiles),
    privateIdentity: binding.privateIdentity,
    profiles,
    chargingFunctions: charging.length > 0 ? charging : (known?.chargingFunctions ?? []),
    bindings: [...bindings.filter((one) => !replaced.includes(one)), binding],
    register: received,
    told: known?.told ?? {},
    isReauthenticating: false,
  }
  keepSet(cscf, set)
  turn.start({ name: 'registration expiry', of: `${binding.id} ${set.key}` }, seconds(duration))
  const response = successFor(cscf, set, received, turn)
  turn.respond(received, response)
  const ended = replaced.filter((one) => !sameUri(one.uri, binding.uri))
  tellWatchers(cscf, set, ended.map(deactivated), turn)
  const type = binding.event === 'registered' ? 'initial' : 're-registration'
  informServers(cscf, set, type, duration, turn, { request: received, response })
  return true
}

const deactivated = (binding: Binding): EndedBinding => ({ binding, event: 'deactivated' })

/** The profile in the answer of the HSS; undefined if there is none that can be read. */
function profilesOf(answer: CxMessage): readonly ServiceProfile[] | undefined {
  const xml = avp(answer, 'User-Data')
  const data = xml === '' ? undefined : readUserData(xml)
  return data === undefined || isDocumentError(data) ? undefined : data.profiles
}

function bindingFor(bindings: readonly Binding[], received: SipRequest, duration: number, turn: CxTurn): Binding {
  const { contact, path, callId, cseq, to } = received.headers
  const { uri, params } = contact?.[0] ?? nameAddr(to!.uri)
  const { expires: _, ...rest } = params
  const before = bindings.find((one) => sameUri(one.uri, uri))
  return {
    id: before?.id ?? turn.identifier(),
    uri,
    params: rest,
    privateIdentity: privateIdentity(received),
    identity: to!.uri,
    path: path ?? before?.path ?? [],
    callId: callId!,
    sequence: cseq!.number,
    registeredAt: before?.registeredAt ?? turn.now,
    expiresAt: turn.now + seconds(duration),
    event: before === undefined ? 'registered' : 'refreshed',
  }
}

/** §5.4.1.2.2F: the 200 to a REGISTER. */
function successFor(cscf: Registering, set: RegisteredSet, received: SipRequest, turn: CxTurn): SipResponse {
  let response = turn.answer(received, 200, accept, { contact: contactsOf(set, turn) })
  const { path, pChargingVector } = received.headers
  if (path !== undefined) response = turn.amend(response, repeatPath, { path }, received)
  const serviceRoute = [nameAddr(`sip:orig@${cscf.settings.host};lr`)]
  response = turn.amend(response, giveRoute, { serviceRoute })
  const identities = usableIdentities(set)
  if (identities.length > 0)
    response = turn.amend(response, tellIdentities, { pAssociatedUri: identities.map(nameAddr) })
  response = chargedAt(cscf, set, response, turn)
  if (pChargingVector === undefined) return response
  const charging = { ...pChargingVector, 'term-ioi': cscf.settings.network }
  return turn.amend(response, nameNetwork, { pChargingVector: charging }, received)
}

/** §5.4.1.2.2F: the P-CSCF is told where to charge, if it is of this network. */
function chargedAt(cscf: Registering, set: RegisteredSet, response: SipResponse, turn: CxTurn): SipResponse {
  const ccf = set.chargingFunctions
  const proxy = hostOf(set.bindings.at(-1)?.path[0]?.uri ?? '') ?? ''
  if (ccf.length === 0 || !proxy.endsWith(`.${cscf.settings.network}`)) return response
  return turn.amend(response, tellWhereToCharge, { pChargingFunctionAddresses: { ccf } })
}

/** The contacts of a set with the times that they have left. */
export const contactsOf = ({ bindings }: RegisteredSet, turn: CxTurn): readonly NameAddr[] =>
  bindings.map(({ uri, params, expiresAt }) =>
    withExpiry({ display: undefined, uri, params }, Math.ceil((expiresAt - turn.now) / seconds(1))),
  )
