import { registrationTimers } from '../../presence/network/registration-subscription.ts'
import type { Address } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { nextHop } from '../../sip/core/dialog.ts'
import { counted, mayMakeDialog, recorded, withoutOwnRoute } from '../../sip/core/proxy.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import { sameUri } from '../../sip/grammar/uri-comparison.ts'
import type { NameAddr, Parameterised } from '../../sip/headers.ts'
import { anyProxy, type Element } from '../../sip/judge.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import { type Leg, networkLeg, type SipTurn, type TransactionUser } from '../../sip/transaction/transaction-user.ts'
import { believedOfUe, forUe } from '../trust-domain.ts'
import { nameAddr } from '../ue/ue.ts'
import { isWildcarded, standsFor } from '../wildcard.ts'
import { withoutSecurity } from './agreement-end.ts'
import { type AccessSettings, isInAccess, newAccess, type ProxyAccess } from './proxy-access.ts'
import { isAccessing, isAdmitted, onLifetime, registeredAnswer, registerFromUe } from './proxy-registration.ts'
import { isForSubscription, onOwnAnswer, onOwnTimer, takeNotification } from './proxy-subscription.ts'

/** What a P-CSCF keeps of a registered UE (TS 24.229 §5.2.2). */
export interface RegisteredUe {
  /** The public user identities of the registration, the default one first. */
  readonly identities: readonly string[]
  readonly serviceRoute: readonly NameAddr[]
  /** The Security-Server that was sent to the UE; empty without security agreement. */
  readonly security: readonly Parameterised[]
  /** True once the registration has ended, while what is on its way to the UE may still arrive. */
  readonly isEnding?: boolean
}

/** What the topology says of a P-CSCF. */
export interface ProxyCscfSettings {
  /** All names of this host, its own first. */
  readonly hosts: readonly string[]
  /** How to talk to UEs: with the protected server port and the compression of the UE side. */
  readonly ueLeg: Leg
  readonly registered: Readonly<Record<Address, RegisteredUe>>
  /** Charging identifiers to use before any are made up. */
  readonly chargingIds: readonly string[]
  /** What it is told of its access network; without it, only the UEs above are registered, and for ever. */
  readonly access?: AccessSettings
}

/** The state of a P-CSCF. */
export interface ProxyCscf {
  readonly settings: ProxyCscfSettings
  /** By the address of the UE. */
  readonly ues: Map<Address, RegisteredUe>
  chargingIds: number
  /** Its entry in Record-Route, as the network sees it and as UEs do: with the protected port. */
  readonly ownEntry: NameAddr
  readonly ueSideEntry: NameAddr
  readonly access: ProxyAccess | undefined
}

const unknownUe = rule('TS 24.229 §5.2.6.3.2', 'a request from a UE that is not registered is answered 403')
const homeSilent = rule('TS 24.229 §5.2.2.1', 'a REGISTER that the home network does not answer is answered 504')
const followServiceRoute = rule('TS 24.229 §5.2.6.3.3', 'the route of a request is that of the registration')
const assertIdentity = rule(
  'TS 24.229 §5.2.6.3.3',
  'the P-CSCF vouches for the registered identity in P-Asserted-Identity',
  ['R5.3.1.1-b', 'R5.3.2.1-b'],
)
const dropPreferred = rule('TS 24.229 §5.2.6.3.3', 'P-Preferred-Identity has served and goes', ['R5.3.1.1-b'])
const startCharging = rule('TS 24.229 §5.2.6.3.3', 'the P-CSCF gives a request its charging identifier')
const vouchForCalled = rule(
  'TS 24.229 §5.2.6.4.4',
  'in the answer of a UE the P-CSCF vouches for the identity that was called',
)
const repeatRoute = rule('TS 24.229 §5.2.6.3.3', 'towards the UE the own Record-Route entry names the protected port')
const restoreRoute = rule('TS 24.229 §5.2.6.4.3', 'towards the network the own Record-Route entry has no port')

/** RFC 3261 §16.3: what it is to requests. */
const element: Element = { ...anyProxy, options: ['sec-agree'] }

/** TS 24.229 §5.2: the first contact of a UE with the network. */
export const proxyCscfNode: TransactionUser<ProxyCscf> = {
  title: 'P-CSCF',
  clause: 'TS 24.229 §5.2',
  start(_address, given) {
    const settings = given as ProxyCscfSettings
    const entries = { ownEntry: nameAddr(`sip:${settings.hosts[0]};lr`), ueSideEntry: nameAddr(ueSideUri(settings)) }
    const access = settings.access && newAccess(settings.access)
    return { settings, ues: new Map(Object.entries(settings.registered)), chargingIds: 0, ...entries, access }
  },
  leg: ({ ues, settings, access }, peer) =>
    ues.has(peer) || (access !== undefined && isInAccess(access, peer)) ? settings.ueLeg : networkLeg,

  element: () => element,
  onRequest(cscf, received, turn, from) {
    if (isAccessing(cscf)) {
      if (isForSubscription(cscf, received)) return takeNotification(cscf, received, turn)
      const isOfUe = isInAccess(cscf.access, from)
      if (isOfUe && received.method === 'REGISTER') return registerFromUe(cscf, received, from, turn)
      if (isOfUe && !isAdmitted(cscf, received, from, turn)) return
    }
    const ue = cscf.ues.get(from)
    const stripped = withoutOwnRoute(received, (host) => cscf.settings.hosts.includes(host), turn).request
    const request = counted(stripped, turn)
    if (ue !== undefined) return fromUe(cscf, ue, received, request, turn)
    if (!cscf.ues.has(hostOf(request.uri) ?? '')) return turn.reply(received, 403, unknownUe)
    towardsUe(cscf, received, request, turn)
  },

  onRelay(cscf, response, forwarded, turn) {
    if (isAccessing(cscf) && forwarded.method === 'REGISTER')
      return forUe(registeredAnswer(cscf, response, forwarded, turn), turn)
    const next = response.headers.via?.[0]
    if (next === undefined || !cscf.ues.has(next.host)) return fromUeAnswer(cscf, response, forwarded, turn)
    return towardsUeAnswer(cscf, response, forwarded, turn)
  },

  onUnanswered(cscf, forwarded, received, turn) {
    if (!isAccessing(cscf) || forwarded.method !== 'REGISTER') return false
    turn.reply(received, 504, homeSilent)
    return true
  },

  onResponse(cscf, response, request, turn) {
    if (isAccessing(cscf)) onOwnAnswer(cscf, response, request, turn)
  },
  onTimeout(cscf, request, turn) {
    if (isAccessing(cscf)) onOwnAnswer(cscf, undefined, request, turn)
  },
  onTimer(cscf, timer, turn) {
    if (!isAccessing(cscf)) return
    if (timer.name === 'association lifetime') onLifetime(cscf, timer.of, turn)
    else if (registrationTimers.includes(timer.name)) onOwnTimer(cscf, timer, turn)
  },
}

/** §5.2.6.3: a request of the UE, initial, standalone or within a dialog. */
function fromUe(cscf: ProxyCscf, ue: RegisteredUe, received: SipRequest, bare: SipRequest, turn: SipTurn): void {
  let request = withoutSecurity(bare, turn)
  request = believedOfUe(request, turn)
  if (request.headers.to?.params.tag === undefined) {
    request = onServiceRoute(ue, request, turn)
    const identity = assertedFor(ue, request)
    request = turn.amend(request, assertIdentity, { pAssertedIdentity: [nameAddr(identity)] }, received)
  }
  if (request.headers.pPreferredIdentity !== undefined)
    request = turn.amend(request, dropPreferred, { pPreferredIdentity: undefined })
  const id = cscf.settings.chargingIds[cscf.chargingIds++] ?? turn.identifier()
  request = turn.amend(request, startCharging, { pChargingVector: { 'icid-value': `"${id}"` } })
  // §5.2.6.3.7: a standalone transaction has no dialog whose path to stay on.
  if (mayMakeDialog(request)) request = recorded(request, cscf.ownEntry, turn)
  turn.forward(received, request, nextHop(request))
}

/** §5.2.6.3.3: a UE that routes otherwise than its registration says is put right. */
function onServiceRoute(ue: RegisteredUe, request: SipRequest, turn: SipTurn): SipRequest {
  const route = request.headers.route ?? []
  const isSame =
    route.length === ue.serviceRoute.length && route.every(({ uri }, i) => sameUri(uri, ue.serviceRoute[i]!.uri))
  return isSame ? request : turn.amend(request, followServiceRoute, { route: ue.serviceRoute })
}

/** §5.2.6.3.2: a preferred identity if it is registered, or one of a wildcarded that is; else the default one. */
function assertedFor(ue: RegisteredUe, request: SipRequest): string {
  for (const { uri: preferred } of request.headers.pPreferredIdentity ?? [])
    for (const identity of ue.identities) {
      if (sameUri(identity, preferred)) return identity
      if (isWildcarded(identity) && standsFor(identity, preferred)) return preferred
    }
  return ue.identities.find((identity) => !isWildcarded(identity)) ?? ue.identities[0]!
}

/** §5.2.6.4: a request for the UE. */
function towardsUe(cscf: ProxyCscf, received: SipRequest, bare: SipRequest, turn: SipTurn): void {
  let request = forUe(bare, turn)
  if (mayMakeDialog(request)) request = recorded(request, cscf.ueSideEntry, turn)
  turn.forward(received, request, nextHop(request))
}

/** §5.2.6.3: the answer to the UE. */
function towardsUeAnswer(cscf: ProxyCscf, bare: SipResponse, forwarded: SipRequest, turn: SipTurn): SipResponse {
  return withOwnEntry(cscf, forUe(bare, turn), forwarded, repeatRoute, cscf.ueSideEntry, turn)
}

/** §5.2.6.4: the answer of the UE; what only the network may say does not come from it. */
function fromUeAnswer(cscf: ProxyCscf, bare: SipResponse, forwarded: SipRequest, turn: SipTurn): SipResponse {
  const believed = withCalledIdentity(believedOfUe(bare, turn), forwarded, turn)
  return withOwnEntry(cscf, believed, forwarded, restoreRoute, cscf.ownEntry, turn)
}

/** §5.2.6.4.4, §5.2.6.4.6: the identity that was called is one of this UE, whatever it says it prefers. */
function withCalledIdentity(bare: SipResponse, { headers }: SipRequest, turn: SipTurn): SipResponse {
  const response =
    bare.headers.pPreferredIdentity === undefined
      ? bare
      : turn.amend(bare, dropPreferred, { pPreferredIdentity: undefined })
  const { pCalledPartyId: called, to } = headers
  if (called === undefined || to?.params.tag !== undefined || response.status >= 300) return response
  return turn.amend(response, vouchForCalled, { pAssertedIdentity: [nameAddr(called.uri)] })
}

/**
 * §5.2.6.3.3, §5.2.6.4.3: in the answer that makes a dialog, the own Record-Route entry is the one for its receiver.
 */
function withOwnEntry(
  cscf: ProxyCscf,
  response: SipResponse,
  forwarded: SipRequest,
  why: Rule,
  own: NameAddr,
  turn: SipTurn,
): SipResponse {
  const { recordRoute } = response.headers
  if (recordRoute === undefined || forwarded.headers.to?.params.tag !== undefined) return response
  const rewritten = recordRoute.map((entry) => (cscf.settings.hosts.includes(hostOf(entry.uri) ?? '') ? own : entry))
  return turn.amend(response, why, { recordRoute: rewritten })
}

function ueSideUri(settings: ProxyCscfSettings): string {
  const { port, params } = settings.ueLeg
  const comp = params.comp === undefined ? '' : `;comp=${params.comp}`
  return `sip:${settings.hosts[0]}${port === undefined ? '' : `:${port}`};lr${comp}`
}
