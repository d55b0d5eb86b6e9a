import type { HttpMessage } from '../../http/message.ts'
import { puaRole } from '../../presence/publisher/pua.ts'
import type { Host } from '../../presence/role.ts'
import type { DocumentNews } from '../../presence/ut/document-news.ts'
import { xcapClientRole } from '../../presence/ut/xcap-client.ts'
import { watcherRole } from '../../presence/watcher/watcher.ts'
import type { Address } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { nextHop } from '../../sip/core/dialog.ts'
import { mayMakeDialog } from '../../sip/core/proxy.ts'
import { requestOutsideDialog } from '../../sip/core/user-agent.ts'
import { bareAddress as nameAddr } from '../../sip/grammar/name-addr.ts'
import type { NameAddr, Parameterised } from '../../sip/headers.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import { radioTimers } from '../../sip/transaction/timers.ts'
import type { Leg, SipTurn, TransactionUser } from '../../sip/transaction/transaction-user.ts'
import { bootstrap, bootstrappingTimer } from '../gba/bootstrapping-client.ts'
import { failOverUt, sendOverUt, takeOverUt, type UtOutcome } from '../gba/ut-access.ts'
import { newUtAccess, type UtAccess, type UtAccessSettings } from '../gba/ut-access-state.ts'
import { type RoleStates, Roles } from '../roles.ts'
import {
  canRegister,
  onRegisterAnswer,
  type RegisteringUe,
  takeRegistrationCommand,
  takeRegistrationTimer,
} from './registration.ts'
import {
  newRegistration,
  type RegisteredAccess,
  type Registration,
  type RegistrationSettings,
} from './registration-state.ts'
import { isOfOwnRegistration, onOwnSubscribed, takeOwnNotification, takeWatchTimer } from './registration-watch.ts'

/** What the topology says of a UE that is registered, with security associations in place. */
export interface UeSettings {
  /** The public user identity in use. */
  readonly identity: string
  readonly leg: Leg
  /** The P-CSCF with its protected server port, then the Service-Route of the registration. */
  readonly route: readonly NameAddr[]
  /** The registered Contact; undefined in a population, where it is the UE's address. */
  readonly contact: NameAddr | undefined
  readonly accessNetwork: Parameterised
  readonly privacy: readonly string[]
  /** The Security-Server of the registration, which every request repeats; empty without security agreement. */
  readonly security: readonly Parameterised[]
  /** Identifiers to use before any are made up. */
  readonly callIds: readonly string[]
  readonly tags: readonly string[]
  /** The number in CSeq of the first request outside a dialog. */
  readonly firstSequence: number
  /** What its roles are told, by the names of the roles; nothing if undefined. */
  readonly roles?: Readonly<Record<string, unknown>>
  /** How to register; a UE without it is registered for ever. */
  readonly registration?: RegistrationSettings
  /** How to prove who it is to servers of Ut; a UE without it proves nothing. */
  readonly ut?: UtAccessSettings
}

/** TS 24.229 §5.1: a UE and its roles. */
export interface Ue {
  /** Shared by the UEs of a population. */
  readonly settings: UeSettings
  /** The public user identity in use. */
  readonly identity: string
  readonly roles: RoleStates
  /** The last number in CSeq outside dialogs, which also counts the Call-IDs and tags that were used. */
  sequence: number
  readonly registration?: Registration
  readonly ut?: UtAccess
}

/** RFC 3261 §21.4.6: a UE serves no method but NOTIFY. */
const roles = new Roles([puaRole, watcherRole, xcapClientRole], ['NOTIFY'], ['eventlist'])

const tellAccess = rule('TS 24.229 §5.1.2A.1.1', 'the UE tells its access network in P-Access-Network-Info', [
  'R5.3.1.1-b',
  'R5.3.2.1-b',
])
const preloadRoute = rule('TS 24.229 §5.1.2A.1.1', 'the UE routes by the P-CSCF and the Service-Route', [
  'R5.3.1.1-b',
  'R5.3.2.1-b',
])
const preferIdentity = rule('TS 24.229 §5.1.2A.1.1', 'the UE says in P-Preferred-Identity in whose name it asks', [
  'R5.3.1.1-b',
  'R5.3.2.1-b',
])
const askPrivacy = rule('RFC 3323 §4.2', 'the UE says what privacy it wants')
const agreeSecurity = rule('RFC 3329 §2.3.1', 'every request over the security association repeats Security-Server', [
  'R5.3.1.1-b',
  'R5.3.2.1-b',
])
const giveContact = rule('TS 24.229 §5.1.2A.1.1', 'a request that makes a dialog gives the registered Contact')

/** A registered UE with the roles of TS 24.141 §5.2.1: PUA and watcher. */
export const ueNode: TransactionUser<Ue, HttpMessage> = {
  title: 'UE',
  clause: 'TS 24.229 §5.1',
  start: (_address, settings) => newUe(settings as UeSettings, (settings as UeSettings).identity),
  leg: legOf,
  element: () => roles.element,
  onReply: withAccess,
  onRequest(ue, request, turn) {
    if (canRegister(ue) && isOfOwnRegistration(request)) return takeOwnNotification(ue, request, turn)
    roles.request(ue.roles, request, hostFor(ue, turn), turn)
  },
  onResponse(ue, response, request, turn) {
    if (canRegister(ue) && takeOwnAnswer(ue, response, request, turn)) return
    roles.response(ue.roles, response, request, hostFor(ue, turn), turn)
  },
  onTimeout(ue, request, turn) {
    if (canRegister(ue) && takeOwnAnswer(ue, undefined, request, turn)) return
    roles.timeout(ue.roles, request, hostFor(ue, turn), turn)
  },
  onTimer(ue, timer, turn) {
    if (canRegister(ue) && (takeRegistrationTimer(ue, timer, turn) || takeWatchTimer(ue, timer, turn))) return
    if (ue.ut !== undefined && timer.name === bootstrappingTimer)
      return tellRoles(ue, failOverUt(ue.ut, timer.of, turn), ue.ut.settings.bootstrapping.bsf, turn)
    roles.timer(ue.roles, timer, hostFor(ue, turn), turn)
  },
  onCommand(ue, command, turn) {
    // TS 33.220 §4.4: bootstrapping needs IP connectivity, and no registration.
    if (ue.ut !== undefined && command.do === 'bootstrap') return bootstrap(ue.ut, turn)
    if (canRegister(ue) && takeRegistrationCommand(ue, command, turn)) return
    roles.command(ue.roles, command, hostFor(ue, turn), turn)
  },
  onOther(ue, message, from, turn) {
    if (ue.ut === undefined || message.kind === 'request')
      return roles.http(ue.roles, message, from, hostFor(ue, turn), turn)
    tellRoles(ue, takeOverUt(ue.ut, message, turn), from, turn)
  },
  onOtherFailed(ue, message, to, turn) {
    if (ue.ut === undefined || message.kind === 'response')
      return roles.httpFailed(ue.roles, message, hostFor(ue, turn), turn)
    tellRoles(ue, failOverUt(ue.ut, message.exchange, turn), to, turn)
  },
}

/** Tells the roles what has become of their requests. */
function tellRoles(ue: Ue, outcomes: readonly UtOutcome[], from: Address, turn: SipTurn<HttpMessage>): void {
  for (const outcome of outcomes)
    if (outcome.kind === 'response') roles.http(ue.roles, outcome.response, from, hostFor(ue, turn), turn)
    else roles.httpFailed(ue.roles, outcome.request, hostFor(ue, turn), turn)
}

/** TS 24.229 §5.1.2A.2.1: every answer of a UE tells its access network. */
function withAccess({ settings }: Ue, response: SipResponse, _request: SipRequest, turn: SipTurn): SipResponse {
  return turn.amend(response, tellAccess, { pAccessNetworkInfo: settings.accessNetwork })
}

/** The leg to the P-CSCF: with the protected port, unless there are no security associations yet. */
function legOf({ settings, registration }: Ue): Leg {
  return registration === undefined || registration.isProtected ? settings.leg : registration.settings.bareLeg
}

/** The answer to a request of the registration's own; true if it was one. */
function takeOwnAnswer(ue: RegisteringUe, response: SipResponse | undefined, sent: SipRequest, turn: SipTurn): boolean {
  if (sent.method === 'REGISTER') onRegisterAnswer(ue, response, sent, turn)
  else if (isOfOwnRegistration(sent)) onOwnSubscribed(ue, response, sent, turn)
  else return false
  return true
}

/** The settings of one UE of a population, from what all have in common. */
export interface UePopulationSettings {
  readonly common: UeSettings
}

/** Many UEs in one node, a row each, made when first heard of: the idle ones cost nothing. */
export interface UePopulation {
  readonly common: UeSettings
  readonly ues: Map<Address, Ue>
}

/** A population of registered UEs: the UE at an address is told its identity by its first command. */
export const uePopulationNode: TransactionUser<UePopulation, HttpMessage> = {
  title: 'UEs',
  clause: 'TS 24.229 §5.1',
  start: (_address, settings) => ({ common: (settings as UePopulationSettings).common, ues: new Map() }),
  leg: (all, _peer, self) => {
    const ue = all.ues.get(self)
    return ue === undefined ? all.common.leg : legOf(ue)
  },
  element: () => roles.element,
  onReply: (all, response, request, turn) => withAccess(rowOf(all, turn), response, request, turn),
  onRequest: (all, request, turn) => ueNode.onRequest!(rowOf(all, turn), request, turn, ''),
  onResponse: (all, response, request, turn) => ueNode.onResponse!(rowOf(all, turn), response, request, turn),
  onTimeout: (all, request, turn) => ueNode.onTimeout!(rowOf(all, turn), request, turn),
  onTimer: (all, timer, turn) => ueNode.onTimer!(rowOf(all, turn), timer, turn),
  onCommand: (all, command, turn) => ueNode.onCommand!(rowOf(all, turn, String(command.as)), command, turn),
}

function rowOf({ ues, common }: UePopulation, turn: SipTurn, identity = common.identity): Ue {
  const row = ues.get(turn.self)
  if (row !== undefined) return row
  const ue = newUe(common, identity)
  ues.set(turn.self, ue)
  return ue
}

function newUe(settings: UeSettings, identity: string): Ue {
  const none = { pua: undefined, watcher: undefined, xcapClient: undefined }
  const told = settings.roles === undefined ? none : { ...none, ...roles.start(settings.roles) }
  const sequence = settings.firstSequence - 1
  const registration = settings.registration && newRegistration(settings.registration)
  return {
    settings,
    identity,
    roles: told,
    sequence,
    ...(registration && { registration }),
    // One USIM takes the challenges of both.
    ...(settings.ut && { ut: newUtAccess(settings.ut, registration?.accepted) }),
  }
}

/** One host object for all UEs, pointed at the UE whose turn it is. */
class UeHost implements Host {
  ue!: Ue
  self!: Address

  get identity(): string {
    return this.registered?.identity ?? this.ue.identity
  }
  get contact(): NameAddr {
    return this.registered?.contact ?? this.ue.settings.contact ?? nameAddr(['sip', this.self].join(':'))
  }
  /** What the UE's own registration has brought; undefined for one that is registered for ever, or not yet. */
  private get registered(): RegisteredAccess | undefined {
    return this.ue.registration?.access
  }
  get documents(): undefined {
    return undefined
  }
  get t1(): number {
    return this.ue.settings.leg.timers.t1
  }
  get firstSequence(): number {
    return this.ue.settings.firstSequence
  }

  compose(method: string, uri: string, turn: SipTurn): SipRequest {
    const { ue } = this
    const { callIds, tags, firstSequence } = ue.settings
    const sequence = ++ue.sequence
    const callId = callIds[sequence - firstSequence] ?? turn.identifier()
    const tag = tags[sequence - firstSequence] ?? turn.identifier()
    return requestOutsideDialog(method, uri, this.identity, { callId, tag, sequence }, turn)
  }

  tag(turn: SipTurn): string {
    return turn.identifier()
  }

  /** TS 24.229 §5.1.2A.1.1: what a UE adds to every request, and to those outside dialogs. */
  send(bare: SipRequest, turn: SipTurn): void {
    const { settings } = this.ue
    const { route, security } = this.registered ?? settings
    let request = turn.amend(bare, tellAccess, { pAccessNetworkInfo: settings.accessNetwork })
    if (request.headers.to!.params.tag === undefined) {
      request = turn.amend(request, preloadRoute, { route })
      request = turn.amend(request, preferIdentity, { pPreferredIdentity: [nameAddr(this.identity)] })
      request = turn.amend(request, askPrivacy, { privacy: settings.privacy })
    }
    if (security.length > 0) {
      const tags = { require: ['sec-agree'], proxyRequire: ['sec-agree'] }
      request = turn.amend(request, agreeSecurity, { ...tags, securityVerify: security })
    }
    if (mayMakeDialog(request) || request.method === 'SUBSCRIBE')
      request = turn.amend(request, giveContact, { contact: [this.contact] })
    turn.request(nextHop(request), request)
  }

  respond(request: SipRequest, response: SipResponse, turn: SipTurn): void {
    turn.respond(request, withAccess(this.ue, response, request, turn))
  }

  /** TS 24.141 §6.2.1: requests over Ut prove who asks. */
  sendHttp(to: Address, message: HttpMessage, turn: SipTurn<HttpMessage>): void {
    const { ut } = this.ue
    if (ut === undefined || message.kind === 'response') turn.send(to, message, 'stream')
    else sendOverUt(ut, to, message, turn)
  }

  /** A UE keeps none. */
  documentsChanged(): void {}

  documentsHeardOf(news: DocumentNews, turn: SipTurn): void {
    roles.documentNews(this.ue.roles, news, this, turn)
  }
}

const host = new UeHost()

/** The host of the roles of this UE, until another one is asked for. */
export function hostFor(ue: Ue, turn: SipTurn): Host {
  host.ue = ue
  host.self = turn.self
  return host
}

/** An address of a URI alone. */
export { nameAddr }

/** The leg of a UE to its P-CSCF: the timers of TS 24.229 §7.7. */
export const radioLeg = (port: number | undefined, params: Leg['params']): Leg => ({
  timers: radioTimers,
  transport: 'UDP',
  port,
  params,
})
