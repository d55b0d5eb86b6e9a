/**
 * TS 24.229 §5.2.2: the P-CSCF between a UE that registers and its home network.
 */
import type { Address } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { counted } from '../../sip/core/proxy.ts'
import { durationGranted, requestedExpiry } from '../../sip/core/registrar.ts'
import { paramText } from '../../sip/digest.ts'
import { quote } from '../../sip/grammar/scanner.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import type { Authentication, Params } from '../../sip/headers.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import { radioTimers } from '../../sip/transaction/timers.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { believedOfUe } from '../trust-domain.ts'
import {
  choose,
  established,
  mechanismsOf,
  type SecurityEnd,
  sameMechanisms,
  withoutTemporary,
} from '../ue/security-agreement.ts'
import { nameAddr } from '../ue/ue.ts'
import { withoutSecurity } from './agreement-end.ts'
import type { ProxyCscf } from './p-cscf.ts'
import {
  type AgreedAssociations,
  contactsWith,
  noAccess,
  type Protection,
  type ProxyAccess,
  protectionOf,
  type SecurityOffer,
  type UeAccess,
} from './proxy-access.ts'
import { subscribeForUe } from './proxy-subscription.ts'

/** A P-CSCF that registers UEs. */
export type Accessing = ProxyCscf & { readonly access: ProxyAccess }

export const isAccessing = (cscf: ProxyCscf): cscf is Accessing => cscf.access !== undefined

const needAgreement = rule('RFC 3329 §2.3.1', 'a REGISTER that offers no security agreement is answered 421')
const noMechanism = rule('RFC 3329 §2.3.1', 'a REGISTER that offers no mechanism known here is answered 494')
const proofMissing = rule('TS 24.229 §5.2.2.2', 'a protected request without Security-Verify is answered 421')
const proofWrong = rule('TS 24.229 §5.2.2.2', 'a Security-Verify that is not what was sent is answered 494')
const notProtected = rule('TS 33.203 §7.1', 'a request that does not come over a security association is answered 403')
const takeOffer = rule('RFC 3329 §2.3.1', 'Security-Client is for the P-CSCF: it goes no further')
const sayProtection = rule(
  'TS 24.229 §5.2.2.2',
  'the P-CSCF says whether the REGISTER came over a security association',
)
const addPath = rule('TS 24.229 §5.2.2.1', 'the P-CSCF puts itself into Path, and requires that the registrar knows it')
const nameNetwork = rule('TS 24.229 §5.2.2.1', 'the P-CSCF says in whose network the UE is')
const charge = rule('TS 24.229 §5.2.2.1', 'the P-CSCF gives a REGISTER its charging identifier and names its network')
const dropRoute = rule('TS 24.229 §5.2.2.1', 'a REGISTER is routed by its Request-URI alone')
const locate = rule(
  'TS 24.229 §5.2.2.1',
  'the P-CSCF finds the entry point of the home network by DNS',
  ['R4-a'],
  'locate the I-CSCF',
)
const noHome = rule('RFC 3261 §16.6 step 7', 'a REGISTER for a domain that can not be resolved is answered 404')
const keepKeys = rule('TS 24.229 §5.2.2.2', 'the keys in the challenge are for the P-CSCF: the UE makes its own')
const offerBack = rule(
  'TS 24.229 §5.2.2.2',
  'the challenge tells the UE the mechanism, indexes and ports of the P-CSCF',
)
const setUp = rule('TS 24.229 §5.2.2.2', 'with the keys temporary security associations are set up')
const establish = rule(
  'TS 24.229 §5.2.2.2',
  'the security associations of a registered UE last a little longer than it',
)
const tearDown = rule('TS 24.229 §5.2.2.2', 'without a registration temporary security associations are deleted')
const end = rule('TS 24.229 §5.2.5.1', 'what a UE sends is not accepted once its registration has ended')
const forget = rule('TS 24.229 §5.2.5.1', 'of a UE that is not registered any more nothing is kept')

/** TS 24.229 §7.8: how long temporary associations wait for the answer to the challenge. */
const regAwaitAuth = seconds(240)

/** §5.2.2.1, §5.2.2.2: a REGISTER of a UE on its way to the home network. */
export function registerFromUe(cscf: Accessing, received: SipRequest, ue: Address, turn: SipTurn): void {
  const row = cscf.access.ues.get(ue) ?? noAccess
  const protection = protectionOf(row, received)
  const { algorithms } = cscf.access.settings
  const { securityClient: client } = received.headers
  const chosen = choose(client, algorithms)
  if (protection.kind === 'no proof') return refuseProof(received, protection.isMissing, turn)
  if (protection.kind === 'none' && client === undefined)
    return turn.reply(received, 421, needAgreement, { require: ['sec-agree'] })
  if (client !== undefined && chosen === undefined) {
    const securityServer = mechanismsOf(algorithms, ownEnd(cscf, undefined, turn), true)
    return turn.reply(received, 494, noMechanism, { securityServer })
  }
  if (isStolen(protection, received)) return refuseProof(received, false, turn)
  const offer: SecurityOffer | undefined = client && chosen && { client, chosen }
  // Without protection an authentication begins anew: what was set up for the one before is gone.
  const isBare = protection.kind === 'none'
  const associations = isBare ? withoutTemporary(row.associations) : row.associations
  cscf.access.ues.set(ue, { ...row, associations, offer, over: isBare ? undefined : protection.associations })
  toHome(cscf, received, protection, turn)
}

/**
 * TS 33.203 §7.1, RFC 3329 §2.3.1: may this request of a UE, other than REGISTER, be taken? A UE that has security
 * associations has to use them, and one whose registration has ended may send nothing. Answers it and returns false if
 * not.
 */
export function isAdmitted(cscf: Accessing, received: SipRequest, ue: Address, turn: SipTurn): boolean {
  const row = cscf.access.ues.get(ue) ?? noAccess
  const protection = protectionOf(row, received)
  const isBare = protection.kind === 'none' && row.associations.length > 0
  if (isBare || cscf.ues.get(ue)?.isEnding) turn.reply(received, 403, notProtected)
  else if (protection.kind === 'no proof') refuseProof(received, protection.isMissing, turn)
  else return true
  return false
}

function refuseProof(received: SipRequest, isMissing: boolean, turn: SipTurn): void {
  if (isMissing) return turn.reply(received, 421, proofMissing, { require: ['sec-agree'] })
  turn.reply(received, 494, proofWrong)
}

/** §5.2.2.2: over temporary associations the UE repeats the offer that they were made from. */
function isStolen(protection: Protection, { headers }: SipRequest): boolean {
  if (protection.kind !== 'associations' || protection.associations.state !== 'temporary') return false
  return !sameMechanisms(headers.securityClient, protection.associations.client)
}

function toHome(cscf: Accessing, received: SipRequest, protection: Protection, turn: SipTurn): void {
  const { settings } = cscf.access
  const domain = hostOf(received.uri) ?? ''
  const entry = Object.hasOwn(settings.domains, domain) ? settings.domains[domain] : undefined
  turn.decide(locate, entry ?? 'unknown', { domain })
  if (entry === undefined) return turn.reply(received, 404, noHome)
  let request = believedOfUe(withoutSecurity(counted(received, turn), turn), turn)
  if (request.headers.securityClient !== undefined)
    request = turn.amend(request, takeOffer, { securityClient: undefined })
  if (request.headers.route !== undefined) request = turn.amend(request, dropRoute, { route: undefined })
  request = marked(request, protection.kind === 'associations', turn)
  const path = [nameAddr(`sip:term@${cscf.settings.hosts[0]};lr`), ...(request.headers.path ?? [])]
  request = turn.amend(request, addPath, { path, require: [...(request.headers.require ?? []), 'path'] })
  request = turn.amend(request, nameNetwork, {
    pVisitedNetworkId: [{ value: quote(settings.visitedNetwork), params: {} }],
  })
  const id = cscf.settings.chargingIds[cscf.chargingIds++] ?? turn.identifier()
  const pChargingVector = { 'icid-value': `"${id}"`, 'orig-ioi': settings.network }
  request = turn.amend(request, charge, { pChargingVector })
  turn.forward(received, request, entry)
}

/** §5.2.2.2: whatever the UE says of its own protection, the P-CSCF knows it. */
function marked(request: SipRequest, isProtected: boolean, turn: SipTurn): SipRequest {
  const { authorization } = request.headers
  if (authorization === undefined) return request
  const mark = quote(isProtected ? 'yes' : 'no')
  const [first, ...others] = authorization as [Authentication, ...Authentication[]]
  const one = { ...first, params: { ...first.params, 'integrity-protected': mark } }
  return turn.amend(request, sayProtection, { authorization: [one, ...others] })
}

/** §5.2.2: the answer of the home network to a REGISTER, on its way to the UE. */
export function registeredAnswer(
  cscf: Accessing,
  response: SipResponse,
  forwarded: SipRequest,
  turn: SipTurn,
): SipResponse {
  // The UE stands in the Via below the P-CSCF's own.
  const ue = forwarded.headers.via?.[1]?.host ?? ''
  const row = cscf.access.ues.get(ue)
  if (row === undefined || response.status < 200) return response
  if (response.status === 401) return challenged(cscf, ue, row, response, turn)
  if (response.status >= 300) {
    const associations = withoutTemporary(row.associations)
    if (associations.length < row.associations.length) turn.decide(tearDown, 'deleted', { ue })
    cscf.access.ues.set(ue, { ...row, associations, offer: undefined, over: undefined })
    return response
  }
  accepted(cscf, ue, row, response, forwarded, turn)
  return response
}

/** §5.2.2.2: keeps the keys, sets up temporary associations, and tells the UE the other end of them. */
function challenged(cscf: Accessing, ue: Address, row: UeAccess, bare: SipResponse, turn: SipTurn): SipResponse {
  const challenge = bare.headers.wwwAuthenticate?.[0]
  const integrityKey = challenge && paramText(challenge, 'ik')
  if (challenge === undefined || integrityKey === undefined) return bare
  const params: Record<string, Params[string]> = { ...challenge.params }
  delete params.ik
  delete params.ck
  const response = turn.amend(bare, keepKeys, { wwwAuthenticate: [{ ...challenge, params }] })
  const { offer } = row
  if (offer === undefined) return response
  const proxy = ownEnd(cscf, offer.chosen.end, turn)
  const server = mechanismsOf(cscf.access.settings.algorithms, proxy, true)
  const associations: AgreedAssociations = {
    state: 'temporary',
    ue: offer.chosen.end,
    proxy,
    algorithm: offer.chosen.algorithm,
    integrityKey,
    cipherKey: paramText(challenge, 'ck') ?? '',
    expiresAt: turn.now + regAwaitAuth,
    client: offer.client,
    server,
  }
  turn.decide(setUp, 'set up', { ue, algorithm: associations.algorithm, port: proxy.portServer })
  cscf.access.ues.set(ue, {
    ...row,
    associations: [...withoutTemporary(row.associations), associations],
    offer: undefined,
  })
  turn.start({ name: 'association lifetime', of: ue }, regAwaitAuth)
  return turn.amend(response, offerBack, { securityServer: server })
}

/**
 * TS 33.203 §7.1: this end of new associations: no index is one that the UE has chosen, lest a message be reflected.
 */
function ownEnd({ access }: Accessing, offered: SecurityEnd | undefined, turn: SipTurn): SecurityEnd {
  const { spis, portClient, portServer } = access.settings
  const spi = (): number => {
    for (;;) {
      // Indexes up to 255 are reserved (RFC 4303 §2.1).
      const index = spis[access.spis++] ?? 0x10000 + turn.serial()
      if (index !== offered?.spiClient && index !== offered?.spiServer) return index
    }
  }
  return { spiClient: spi(), spiServer: spi(), portClient, portServer }
}

/** §5.2.2.1: a 2xx: what the home network says of the UE is kept, or with the last contact forgotten. */
function accepted(
  cscf: Accessing,
  ue: Address,
  row: UeAccess,
  response: SipResponse,
  forwarded: SipRequest,
  turn: SipTurn,
): void {
  const contact = forwarded.headers.contact?.[0]
  const duration = contact && requestedExpiry(forwarded) !== 0 ? durationGranted(response, contact) : undefined
  const until = duration === undefined ? undefined : turn.now + seconds(duration + margin)
  const contacts = contact?.uri === '*' ? {} : contactsWith(row.contacts, contact?.uri ?? '', until)
  if (until === undefined || duration === undefined) {
    if (Object.keys(contacts).length === 0) return endUe(cscf, ue, 'the user has ended the registration', turn)
    cscf.access.ues.set(ue, { ...row, contacts })
    return
  }
  const before = cscf.ues.get(ue)
  const { over } = row
  const associations = over === undefined ? [] : established(row.associations, over, until)
  turn.decide(establish, 'prolonged', { ue, seconds: duration + margin })
  turn.start({ name: 'association lifetime', of: ue }, seconds(duration + margin))
  cscf.access.ues.set(ue, { associations, offer: undefined, over: undefined, contacts })
  const identities = response.headers.pAssociatedUri?.map(({ uri }) => uri) ?? [forwarded.headers.to!.uri]
  const serviceRoute = response.headers.serviceRoute ?? []
  cscf.ues.set(ue, { identities, serviceRoute, security: over?.server ?? [] })
  const isFirst = before === undefined || before.isEnding === true
  if (isFirst && cscf.access.settings.subscribes) subscribeForUe(cscf, ue, forwarded, duration, turn)
}

/** §5.2.2.2: the associations outlive the registration by 30 seconds. */
const margin = 30

/**
 * §5.2.5: a UE is not registered any more. Its associations last a little longer, so that it still gets the answers and
 * notifications that are on their way.
 */
export function endUe(cscf: Accessing, ue: Address, because: string, turn: SipTurn): void {
  const { access, ues } = cscf
  const row = access.ues.get(ue)
  const registered = ues.get(ue)
  if (row === undefined || registered === undefined) return
  turn.decide(end, 'the associations are deleted soon', { ue, because })
  const expiresAt = turn.now + 64 * radioTimers.t1
  const associations = row.associations.map((one) => ({ ...one, expiresAt }))
  access.ues.set(ue, { associations, offer: undefined, over: undefined, contacts: {} })
  ues.set(ue, { ...registered, isEnding: true })
  turn.start({ name: 'association lifetime', of: ue }, 64 * radioTimers.t1)
  for (const [callId, { ue: other }] of access.subscriptions) if (other === ue) access.subscriptions.delete(callId)
}

/** §5.2.2.2: the lifetime of some associations of a UE may be over; with the last of them it is forgotten. */
export function onLifetime(cscf: Accessing, ue: Address, turn: SipTurn): void {
  const row = cscf.access.ues.get(ue)
  if (row === undefined) return
  const associations = row.associations.filter(({ expiresAt }) => expiresAt > turn.now)
  if (associations.length > 0) return void cscf.access.ues.set(ue, { ...row, associations })
  turn.decide(forget, 'forgotten', { ue })
  cscf.access.ues.delete(ue)
  cscf.ues.delete(ue)
  for (const [callId, { ue: other }] of cscf.access.subscriptions)
    if (other === ue) cscf.access.subscriptions.delete(callId)
}
