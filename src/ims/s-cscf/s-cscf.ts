import { addressOfRecord } from '../../presence/address-of-record.ts'
import { rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { nextHop } from '../../sip/core/dialog.ts'
import { counted, mayMakeDialog, recorded, withoutOwnRoute } from '../../sip/core/proxy.ts'
import { hasParam, hostOf, userOf } from '../../sip/grammar/uri.ts'
import type { NameAddr } from '../../sip/headers.ts'
import { anyProxy, type Element } from '../../sip/judge.ts'
import { isFinal, type SipMessage, type SipRequest, type SipResponse } from '../../sip/message.ts'
import type { SipTurn, TransactionUser } from '../../sip/transaction/transaction-user.ts'
import type { CxMessage } from '../cx.ts'
import { believedOfStranger, forStranger, isStranger } from '../trust-domain.ts'
import { nameAddr } from '../ue/ue.ts'
import { isWildcarded } from '../wildcard.ts'
import { firstMatch, type InitialFilterCriterion } from './filter-criteria.ts'
import {
  askForService,
  takeAnswer,
  takeCommand,
  takeCx,
  takeCxFailure,
  takeRequest,
  takeTimer,
} from './registrar-events.ts'
import { newRegistrar, type Registrar, type RegistrarSettings } from './registrar-state.ts'
import { isRegistering, keepSet, servedUser } from './served-users.ts'
import {
  type Chain,
  type Excursion,
  isElsewhere,
  tellEvaluation,
  withoutServedUser,
  withServedUser,
} from './service-chain.ts'

/** A public user identity that an S-CSCF serves, with its service profile (TS 29.228 Annex B). */
export interface ServedUser {
  readonly identity: string
  readonly criteria: readonly InitialFilterCriterion[]
  /** The registered contact and the Path to it; undefined while the user is not registered. */
  readonly contact: { readonly uri: string; readonly path: readonly NameAddr[] } | undefined
  /** True of an identity in whose name nothing may be sent or received. */
  readonly isBarred?: boolean
  /** The key of its implicit registration set. */
  readonly set?: string
  /** The charging collection functions of the user; none if the HSS names none. */
  readonly chargingFunctions?: readonly string[]
}

/** What the topology says of an S-CSCF. */
export interface ServingCscfSettings {
  /** Its host name. */
  readonly host: string
  /** The domain of its network. */
  readonly network: string
  readonly users: readonly ServedUser[]
  /** Whether it stays on the path of dialogs, by the case in which it meets their first request. */
  readonly recordRoute: { readonly originating: boolean; readonly terminating: boolean }
  /** The entry points of the networks, by domain: what DNS would say. */
  readonly domains: Readonly<Record<string, string>>
  /** What it is told as registrar; without it, its users are those above for ever. */
  readonly registrar?: RegistrarSettings
  /** The networks and servers outside its trust domain, by domain. */
  readonly untrusted?: readonly string[]
}

/** The state of an S-CSCF. */
export interface ServingCscf {
  readonly settings: ServingCscfSettings
  /** By public user identity. */
  readonly users: Map<string, ServedUser>
  /** By wildcarded public user identity. */
  readonly wildcarded: Map<string, ServedUser>
  /** Requests that are at an application server, by the dialog identifier in the Route that leads back. */
  readonly chains: Map<string, Excursion>
  /** Its entry in Record-Route. */
  readonly ownEntry: NameAddr
  /** The URI by which the HSS knows it. */
  readonly registrarUri: string
  readonly registrar: Registrar | undefined
}

const toServer = rule('TS 24.229 §5.4.3.2', 'a matching criterion routes to the application server, and back', [
  'R5.3.4.x-a',
])
const passOver = rule('TS 24.229 §5.4.3.2', 'without an application server that is not essential a request goes on')
const essential = rule('TS 24.229 §5.4.3.2', 'without an application server that is essential a request fails')
const notServed = rule('TS 24.229 §5.4.3.2', 'a request in the name of a user not served here is answered 403')
const unknownUser = rule('TS 24.229 §5.4.3.3', 'a request for a user not known here is answered 404')
const notRegistered = rule('TS 24.229 §5.4.3.3', 'a request for a user without contact is answered 480')
const nameOrigin = rule('TS 24.229 §5.4.3.2', 'the S-CSCF names the network from which a request comes in orig-ioi')
const nameTerminus = rule('TS 24.229 §5.4.3.3', 'the S-CSCF names the network that answers in term-ioi')
const tellWhereToCharge = rule('TS 24.229 §5.4.3.2', 'the nodes of the network are told where to charge')
const leaveNetwork = rule('TS 24.229 §5.4.3.2', 'access and charging details do not leave the network')
const toContact = rule(
  'TS 24.229 §5.4.3.3',
  'a request for a registered user goes to its contact by its Path, and P-Called-Party-ID tells who was called',
)
const barredServed = rule('TS 24.229 §5.4.3.2', 'a request in the name of a barred identity is answered 403')
const barredCalled = rule('TS 24.229 §5.4.3.3', 'a request for a barred identity is answered 404')
const noEntry = rule('TS 24.229 §5.4.3.2', 'a domain that can not be resolved is answered 404')

/** RFC 3261 §16.3: what it is to requests. */
const element: Element = { ...anyProxy, options: [] }

/** TS 24.229 §5.4: the S-CSCF serves its users, whether they ask or are asked for. */
export const servingCscfNode: TransactionUser<ServingCscf, CxMessage> = {
  title: 'S-CSCF',
  clause: 'TS 24.229 §5.4',
  start(_address, given) {
    const settings = given as ServingCscfSettings
    const users = new Map<string, ServedUser>()
    for (const user of settings.users) {
      const identity = addressOfRecord(user.identity)
      users.set(identity, { ...user, identity })
    }
    const registrarUri = `sip:${settings.host}`
    const registrar = settings.registrar && newRegistrar(settings.registrar)
    const ownEntry = nameAddr(`${registrarUri};lr`)
    const state = { settings, users, wildcarded: new Map(), chains: new Map() }
    const cscf: ServingCscf = { ...state, ownEntry, registrarUri, registrar }
    if (isRegistering(cscf)) for (const set of cscf.registrar.settings.registered) keepSet(cscf, set)
    return cscf
  },

  element: () => element,
  onRequest(cscf, came, turn, from) {
    const received = isStranger(cscf.settings.untrusted, from) ? believedOfStranger(came, turn) : came
    if (isRegistering(cscf) && takeRequest(cscf, received, turn)) return
    const { request, own } = stripped(cscf, received, turn)
    if (request.headers.to?.params.tag !== undefined) return pass(cscf, received, request, turn)
    const mark = own === undefined ? undefined : userOf(own.uri)
    const chain = mark === undefined ? undefined : cscf.chains.get(mark)
    if (chain !== undefined) return resume(cscf, mark!, chain, received, request, turn)
    // §7.2A.6: an application server that acts on behalf of a user says so by a parameter.
    const isOriginating = mark === 'orig' || (own !== undefined && hasParam(own.uri, 'orig'))
    if (isOriginating) return originate(cscf, received, request, turn)
    terminate(cscf, received, request, turn)
  },

  onRelay(cscf, bare, forwarded, turn) {
    if (isFinal(bare) && isContinued(cscf, forwarded, bare.status, turn)) return undefined
    const isForeign = isStranger(cscf.settings.untrusted, nextHop(forwarded))
    let response = isForeign ? believedOfStranger(bare, turn) : bare
    if (isTerminating(cscf, forwarded)) response = withTerminus(cscf, response, forwarded, turn)
    else if (isRegistering(cscf) && forwarded.headers.to?.params.tag === undefined)
      response = chargedAt(servedIdentity(cscf, forwarded), response, turn)
    return leaving(cscf, response, response.headers.via?.[0]?.host ?? '', turn)
  },

  onUnanswered: (cscf, forwarded, _received, turn) => isContinued(cscf, forwarded, undefined, turn),

  onResponse(cscf, response, request, turn) {
    if (isRegistering(cscf)) takeAnswer(cscf, request, response.status, turn)
  },
  onTimeout(cscf, request, turn) {
    if (isRegistering(cscf)) takeAnswer(cscf, request, undefined, turn)
  },
  onOther(cscf, message, from, turn) {
    if (isRegistering(cscf)) takeCx(cscf, message, from, continuing(cscf, turn), turn)
  },
  onOtherFailed(cscf, message, _to, turn) {
    if (isRegistering(cscf)) takeCxFailure(cscf, message, continuing(cscf, turn), turn)
  },
  onTimer(cscf, timer, turn) {
    if (isRegistering(cscf)) takeTimer(cscf, timer, continuing(cscf, turn), turn)
  },
  onCommand(cscf, command, turn) {
    if (isRegistering(cscf)) takeCommand(cscf, command, turn)
  },
}

type CxTurn = SipTurn<CxMessage>

/** §5.4.3.3: a request goes on once the HSS has handed over the profile of its user, or has said that there is none. */
const continuing = (cscf: ServingCscf, turn: CxTurn) => (received: SipRequest, request: SipRequest) =>
  terminateFor(cscf, servedUser(cscf, request.uri), received, request, turn)

/** RFC 3261 §16.4, §16.6: the request without the own entry in Route, one hop poorer, and that entry. */
function stripped(cscf: ServingCscf, received: SipRequest, turn: SipTurn) {
  const { request, own } = withoutOwnRoute(received, (host) => host === cscf.settings.host, turn)
  return { request: counted(request, turn), own }
}

/** §5.4.3.2: an initial request of a user served here; one who is not registered has an application server send it. */
function originate(cscf: ServingCscf, received: SipRequest, request: SipRequest, turn: SipTurn): void {
  const user = servedIdentity(cscf, request)
  if (user === undefined) return turn.reply(received, 403, notServed)
  if (user.isBarred) return turn.reply(received, 403, barredServed)
  const sessionCase = user.contact === undefined ? 'originating-unregistered' : 'originating'
  const { pServedUser, pAssertedIdentity } = request.headers
  const asked = pServedUser ?? pAssertedIdentity!.find(({ uri }) => servedUser(cscf, uri) === user)!
  proceed(cscf, { ...chainFor(user, asked.uri), sessionCase }, received, request, turn)
}

/** A chain from the top, for a user who is meant by this URI. */
const chainFor = ({ identity, contact }: ServedUser, uri: string) => ({
  identity,
  isRegistered: contact !== undefined,
  served: isWildcarded(identity) ? addressOfRecord(uri) : identity,
  priority: Number.NEGATIVE_INFINITY,
  isFirst: true,
})

/** §5.4.3.2, §5.4.3.3: what the S-CSCF does to a request that it meets for the first time, before any service. */
function proceed(cscf: ServingCscf, at: Chain, received: SipRequest, bare: SipRequest, turn: SipTurn): void {
  const { recordRoute, network } = cscf.settings
  const isOriginating = at.sessionCase.startsWith('originating')
  let request = bare
  if (at.isFirst && isOriginating)
    request = turn.amend(request, nameOrigin, {
      pChargingVector: { ...request.headers.pChargingVector, 'orig-ioi': network },
    })
  const stays = isOriginating ? recordRoute.originating : recordRoute.terminating
  if (at.isFirst && stays && mayMakeDialog(request)) request = recorded(request, cscf.ownEntry, turn)
  along(at, cscf, received, request, turn)
}

/**
 * §5.4.3.2: the user in whose name a request is made: the one that an application server names (RFC 5502), or else the
 * first asserted identity that is served here.
 */
function servedIdentity(cscf: ServingCscf, { headers }: SipRequest): ServedUser | undefined {
  if (headers.pServedUser !== undefined) return servedUser(cscf, headers.pServedUser.uri)
  for (const { uri } of headers.pAssertedIdentity ?? []) {
    const user = servedUser(cscf, uri)
    if (user !== undefined) return user
  }
  return undefined
}

/** §5.4.3.3: an initial request for a user served here. */
function terminate(cscf: ServingCscf, received: SipRequest, request: SipRequest, turn: CxTurn): void {
  const user = servedUser(cscf, request.uri)
  if (user === undefined && isRegistering(cscf)) return askForService(cscf, received, request, turn)
  terminateFor(cscf, user, received, request, turn)
}

function terminateFor(
  cscf: ServingCscf,
  user: ServedUser | undefined,
  received: SipRequest,
  request: SipRequest,
  turn: SipTurn,
): void {
  if (user === undefined) return turn.reply(received, 404, unknownUser)
  if (user.isBarred) return turn.reply(received, 404, barredCalled)
  const sessionCase = user.contact === undefined ? 'terminating-unregistered' : 'terminating'
  proceed(cscf, { ...chainFor(user, request.uri), sessionCase }, received, request, turn)
}

/** §5.4.3.2, §5.4.3.3: a request that comes back from an application server goes on where it left. */
function resume(
  cscf: ServingCscf,
  mark: string,
  excursion: Excursion,
  received: SipRequest,
  request: SipRequest,
  turn: SipTurn,
): void {
  cscf.chains.set(mark, { ...excursion, isBack: true })
  const isDiverted = isElsewhere(excursion, request, (uri) => servedUser(cscf, uri)?.identity, turn)
  const anew = { sessionCase: 'originating-cdiv', priority: Number.NEGATIVE_INFINITY } as const
  proceed(cscf, { ...excursion, ...(isDiverted && anew), isFirst: false }, received, request, turn)
}

/**
 * §5.4.3.2, TS 23.218 §6.5.2: a server that a request was routed to has answered finally, or not at all (`status`
 * undefined). True if the request goes on without a server that failed and is not essential.
 */
function isContinued(cscf: ServingCscf, forwarded: SipRequest, status: number | undefined, turn: SipTurn): boolean {
  const mark = userOf(forwarded.headers.route?.[1]?.uri ?? '') ?? ''
  const excursion = cscf.chains.get(mark)
  if (excursion === undefined) return false
  cscf.chains.delete(mark)
  const { defaultHandling, isBack, server, received } = excursion
  const isFailure = status === undefined || status === 408 || (status >= 500 && status < 600)
  if (!isFailure || isBack) return false
  const facts = { server, because: status ?? 'no answer' }
  if (defaultHandling === 'terminate') {
    turn.decide(essential, 'the request fails', facts)
    return false
  }
  turn.decide(passOver, 'the server is passed over', facts)
  // The request as it was sent is not what goes on: it is made anew of what came.
  proceed(cscf, excursion, received, stripped(cscf, received, turn).request, turn)
  return true
}

/** TS 23.218 §6.5: to the next application server whose criterion matches, or else where the request is going. */
function along(at: Chain, cscf: ServingCscf, received: SipRequest, request: SipRequest, turn: SipTurn): void {
  const user = cscf.users.get(at.identity) ?? cscf.wildcarded.get(at.identity)
  // The registration may have ended while the request was with an application server.
  if (user === undefined) return turn.reply(received, 480, notRegistered)
  const match = firstMatch(user.criteria, request, at.sessionCase, at.priority)
  if (turn.listening) tellEvaluation(at, user, match, request, turn)
  if (match !== undefined) return toApplicationServer(cscf, at, match, received, request, turn)
  if (at.sessionCase.startsWith('originating')) return toDomain(cscf, received, request, turn)
  if (user.contact === undefined) return turn.reply(received, 480, notRegistered)
  const { uri, path } = user.contact
  const called = { pCalledPartyId: nameAddr(request.uri) }
  const alone = withoutServedUser(request, turn)
  const routed = turn.amend(alone, toContact, { requestUri: uri, ...called, ...(path.length > 0 && { route: path }) })
  const next = nextHop(routed)
  turn.forward(received, leaving(cscf, chargedAt(user, routed, turn), next, turn), next)
}

/** TS 24.229 §5.4.3.2: Route names the server, then this S-CSCF with an identifier of the dialog in the user part. */
function toApplicationServer(
  cscf: ServingCscf,
  at: Chain,
  match: InitialFilterCriterion,
  received: SipRequest,
  request: SipRequest,
  turn: SipTurn,
): void {
  const mark = `odi-${turn.serial()}`
  const { priority, serverName, defaultHandling } = match
  const excursion = { received, server: serverName, defaultHandling, isBack: false }
  cscf.chains.set(mark, { ...at, priority, ...excursion })
  const server = match.serverName.includes(';lr') ? match.serverName : `${match.serverName};lr`
  const route = [nameAddr(server), nameAddr(`sip:${mark}@${cscf.settings.host};lr`)]
  const routed = turn.amend(request, toServer, { route })
  const next = nextHop(routed)
  const user = cscf.users.get(at.identity) ?? cscf.wildcarded.get(at.identity)
  const told = isStranger(cscf.settings.untrusted, next) ? routed : withServedUser(at, routed, turn)
  turn.forward(received, leaving(cscf, chargedAt(user, told, turn), next, turn), next, serverPatience)
}

/** §5.4.3.2: how long an application server may say nothing at all, before whoever asked loses patience. */
const serverPatience = seconds(8)

/** §5.4.3.2: by the domain of the Request-URI, whose entry point may not be a loose router: no Route is added. */
function toDomain(cscf: ServingCscf, received: SipRequest, request: SipRequest, turn: SipTurn): void {
  const domain = hostOf(request.uri) ?? ''
  const known = Object.hasOwn(cscf.settings.domains, domain) ? cscf.settings.domains[domain] : undefined
  const entry = request.headers.route === undefined ? known : nextHop(request)
  if (entry === undefined) return turn.reply(received, 404, noEntry, {})
  turn.forward(received, leaving(cscf, withoutServedUser(request, turn), entry, turn), entry)
}

/** §5.4.3.2, §5.4.3.3: a request within a dialog follows its route. */
function pass(cscf: ServingCscf, received: SipRequest, request: SipRequest, turn: SipTurn): void {
  const next = nextHop(request)
  turn.forward(received, leaving(cscf, request, next, turn), next)
}

/** §5.4.3.2, §4.4.1: a message as it may go to this host. */
function leaving<T extends SipMessage>(cscf: ServingCscf, message: T, next: string, turn: SipTurn): T {
  if (isStranger(cscf.settings.untrusted, next)) return forStranger(message, turn)
  return isOutside(cscf, next) ? withoutDetails(message, turn) : message
}

/** §5.4.3.2, §5.4.3.3: where to charge, as the HSS has it; for the nodes of this network alone. */
function chargedAt<T extends SipMessage>(user: ServedUser | undefined, message: T, turn: SipTurn): T {
  const ccf = user?.chargingFunctions ?? []
  return ccf.length === 0 ? message : turn.amend(message, tellWhereToCharge, { pChargingFunctionAddresses: { ccf } })
}

/** §5.4.3.2: P-Access-Network-Info and P-Charging-Function-Addresses stay in the trust domain of the network. */
function withoutDetails<T extends SipMessage>(message: T, turn: SipTurn): T {
  const { pAccessNetworkInfo, pChargingFunctionAddresses } = message.headers
  if (pAccessNetworkInfo === undefined && pChargingFunctionAddresses === undefined) return message
  return turn.amend(message, leaveNetwork, { pAccessNetworkInfo: undefined, pChargingFunctionAddresses: undefined })
}

/** §5.4.3.3: the answer to a request for a user served here, on its way back to another network. */
function withTerminus(cscf: ServingCscf, response: SipResponse, forwarded: SipRequest, turn: SipTurn): SipResponse {
  const asked = forwarded.headers.pChargingVector
  if (asked === undefined) return response
  const pChargingVector = { ...asked, ...response.headers.pChargingVector, 'term-ioi': cscf.settings.network }
  return turn.amend(response, nameTerminus, { pChargingVector }, forwarded)
}

/** True of an initial request that came from elsewhere for a user served here. */
function isTerminating(cscf: ServingCscf, forwarded: SipRequest): boolean {
  const origin = forwarded.headers.pChargingVector?.['orig-ioi']
  return forwarded.headers.to?.params.tag === undefined && origin !== cscf.settings.network
}

const isOutside = ({ settings }: ServingCscf, host: string): boolean =>
  host !== settings.network && !host.endsWith(`.${settings.network}`)
