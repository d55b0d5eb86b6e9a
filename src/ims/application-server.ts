import type { HttpMessage } from '../http/message.ts'
import { resourceListServerRole } from '../presence/lists/resource-list-server.ts'
import { presenceNetworkAgentRole } from '../presence/network/presence-network-agent.ts'
import { registrationListenerRole } from '../presence/network/registration-listener.ts'
import type { Host, Role } from '../presence/role.ts'
import { presenceServerRole } from '../presence/server/presence-server.ts'
import type { DocumentNews } from '../presence/ut/document-news.ts'
import { documentNotifierRole } from '../presence/ut/document-notifier.ts'
import { documentServerRole } from '../presence/ut/document-server.ts'
import { networkWatcherRole } from '../presence/watcher/network-watcher.ts'
import type { Address } from '../sim/node.ts'
import { rule } from '../sim/rule.ts'
import { nextHop } from '../sip/core/dialog.ts'
import { requestOutsideDialog } from '../sip/core/user-agent.ts'
import type { NameAddr } from '../sip/headers.ts'
import type { SipRequest, SipResponse } from '../sip/message.ts'
import { InnerTurn } from '../sip/transaction/inner-turn.ts'
import { networkLeg, type SipTurn, type TransactionUser } from '../sip/transaction/transaction-user.ts'
import { type DocumentChange, type DocumentStore, memoryStore, type StoredDocument } from '../xcap/index.ts'
import type { CxMessage } from './cx.ts'
import {
  admit,
  admitByKeys,
  newUtService,
  sendFromService,
  takeUtTimer,
  type UtService,
  type UtServiceSettings,
} from './gba/ut-service.ts'
import { type RoleStates, Roles } from './roles.ts'
import { nameAddr } from './ue/ue.ts'

/** What the topology says of an application server. */
export interface ApplicationServerSettings {
  /** The URI of the server. */
  readonly identity: string
  /** The domain of its network, which goes into the inter operator identifiers. */
  readonly network: string
  /** Identifiers to use before any are made up. */
  readonly tags: readonly string[]
  readonly chargingIds: readonly string[]
  /** The number in CSeq of its first request in a dialog. */
  readonly firstSequence: number
  /** The XML documents that it keeps from the beginning, by path; undefined if it is no XCAP server (R6.2.2-a). */
  readonly documents?: Readonly<Record<string, StoredDocument>>
  /** How it knows who asks over Ut; undefined if it does not ask. */
  readonly ut?: UtServiceSettings
  /** The entry points of other networks, by domain (RFC 3263); what is not there is called by its name. */
  readonly domains?: Readonly<Record<string, Address>>
  /** What its roles are told, by the names of the roles. */
  readonly roles: Readonly<Record<string, unknown>>
}

/** TS 24.229 §5.7: an application server and its roles. */
export interface ApplicationServer {
  readonly settings: ApplicationServerSettings
  readonly roles: RoleStates
  /** The XML documents that it keeps, by their paths below the XCAP root; undefined if it is no XCAP server. */
  readonly documents: Map<string, StoredDocument> | undefined
  readonly ut: UtService | undefined
  tags: number
  chargingIds: number
}

const charge = rule('TS 24.229 §5.7.2', 'the application server starts a charging identifier and names its network', [
  'R5.3.3.1-b',
])

const chargeAnswer = rule('TS 24.229 §5.7.2', 'the answer of an application server names its network in term-ioi', [
  'R5.3.3.1-b',
])
const within = rule(
  'TS 24.141 §5.2.2',
  'roles of one application server talk to each other within it',
  ['R5.2.2-a'],
  'hand over within the server',
)

/** The roles that an application server can host (TS 24.141 §5.2.2), and the methods that each serves. */
// biome-ignore lint/suspicious/noExplicitAny: each role has a state of its own, which only it looks into.
const hostable: readonly { readonly role: Role<any>; readonly methods: readonly string[] }[] = [
  { role: presenceNetworkAgentRole, methods: ['REGISTER', 'NOTIFY'] },
  { role: networkWatcherRole, methods: ['NOTIFY'] },
  { role: registrationListenerRole, methods: ['REGISTER', 'NOTIFY'] },
  { role: documentServerRole, methods: [] },
  { role: documentNotifierRole, methods: ['SUBSCRIBE', 'NOTIFY'] },
  { role: resourceListServerRole, methods: ['SUBSCRIBE', 'NOTIFY'] },
  // The last one, as it takes whatever else there is to subscribe to.
  { role: presenceServerRole, methods: ['SUBSCRIBE', 'NOTIFY', 'PUBLISH'] },
]

/** What application servers host, by what the topology says of their roles. */
const hosted = new WeakMap<object, Roles>()

function rolesOf({ settings }: ApplicationServer): Roles {
  const known = hosted.get(settings.roles)
  if (known !== undefined) return known
  const chosen = hostable.filter(({ role }) => settings.roles[role.name] !== undefined)
  const methods = new Set(chosen.flatMap((one) => one.methods))
  const roles = new Roles(
    chosen.map(({ role }) => role),
    [...methods],
    // RFC 4662 §4.5: who subscribes to members that are lists is told of them as lists.
    settings.roles[resourceListServerRole.name] === undefined ? [] : ['eventlist'],
  )
  hosted.set(settings.roles, roles)
  return roles
}

/** TS 24.141 §5.2.2: an application server that is a presence server, and what else it may be. */
export const presenceServerNode: TransactionUser<ApplicationServer, OtherMessage> = applicationServer('Presence server')

/** TS 24.141 §5.3.5: an application server that is a presence network agent. */
export const presenceNetworkAgentNode: TransactionUser<ApplicationServer, OtherMessage> =
  applicationServer('Presence network agent')

/** TS 24.141 §5.3.4: an application server that is a resource list server. */
export const resourceListServerNode: TransactionUser<ApplicationServer, OtherMessage> =
  applicationServer('Resource list server')

/** TS 24.229 §5.7.1.1: an application server that does no more than take note of registrations. */
export const registrationListenerNode: TransactionUser<ApplicationServer, OtherMessage> =
  applicationServer('Application server')

/** What an application server is sent that is not SIP. */
type OtherMessage = HttpMessage | CxMessage

function applicationServer(title: string): TransactionUser<ApplicationServer, OtherMessage> {
  return {
    title,
    clause: 'TS 24.229 §5.7',
    start(_address, given) {
      const settings = given as ApplicationServerSettings
      const as: ApplicationServer = {
        settings,
        roles: {},
        documents: settings.documents && new Map(Object.entries(settings.documents)),
        ut: settings.ut && newUtService(settings.ut),
        tags: 0,
        chargingIds: 0,
      }
      return { ...as, roles: rolesOf(as).start(as.settings.roles) }
    },
    element: (as) => rolesOf(as).element,
    onReply: withTerminus,
    onRequest: (as, request, turn) => rolesOf(as).request(as.roles, request, hostFor(as), turn),
    onResponse: (as, response, request, turn) => rolesOf(as).response(as.roles, response, request, hostFor(as), turn),
    onTimeout: (as, request, turn) => rolesOf(as).timeout(as.roles, request, hostFor(as), turn),
    onTimer(as, timer, turn) {
      if (as.ut !== undefined && takeUtTimer(as.ut, timer, turn)) return
      rolesOf(as).timer(as.roles, timer, hostFor(as), turn)
    },
    onCommand: (as, command, turn) => rolesOf(as).command(as.roles, command, hostFor(as), turn),
    onOther: takeOther,
    onOtherFailed(as, message, _to, turn) {
      if (message.protocol === 'http') return rolesOf(as).httpFailed(as.roles, message, hostFor(as), turn)
      if (as.ut !== undefined) admitByKeys(as.ut, message.session, undefined, turn)
    },
  }
}

/** A message over HTTP, or on Zn: a request goes to a role once it is known who asks. */
function takeOther(as: ApplicationServer, message: OtherMessage, from: Address, turn: SipTurn<OtherMessage>): void {
  const hand = (one: HttpMessage, sender: Address) => rolesOf(as).http(as.roles, one, sender, hostFor(as), turn)
  if (message.protocol === 'cx') {
    const admitted = as.ut && admitByKeys(as.ut, message.session, message, turn)
    if (admitted !== undefined) hand(admitted.request, admitted.from)
    return
  }
  const request = message.kind === 'request' && as.ut !== undefined ? admit(as.ut, message, from, turn) : message
  if (request !== undefined) hand(request, from)
}

/** One host object for all servers, pointed at the one whose turn it is. */
class ApplicationServerHost implements Host {
  server!: ApplicationServer

  get identity(): string {
    return this.server.settings.identity
  }
  get contact(): NameAddr {
    return nameAddr(this.server.settings.identity)
  }
  get t1(): number {
    return networkLeg.timers.t1
  }
  get documents(): DocumentStore | undefined {
    const { documents } = this.server
    return documents && memoryStore(documents)
  }
  get firstSequence(): number {
    return this.server.settings.firstSequence
  }

  compose(method: string, uri: string, turn: SipTurn): SipRequest {
    const identifiers = { callId: turn.identifier(), tag: this.tag(turn), sequence: this.firstSequence }
    return requestOutsideDialog(method, uri, this.identity, identifiers, turn)
  }

  tag(turn: SipTurn): string {
    const { server } = this
    return server.settings.tags[server.tags++] ?? turn.identifier()
  }

  send(bare: SipRequest, turn: SipTurn): void {
    if (nextHop(bare) === turn.self && !turn.without(within)) return this.handOver(bare, turn)
    const { settings } = this.server
    const id = settings.chargingIds[this.server.chargingIds++] ?? turn.identifier()
    const pChargingVector = { 'icid-value': `"${id}"`, 'orig-ioi': settings.network }
    const request = turn.amend(bare, charge, { pChargingVector })
    const next = nextHop(request)
    turn.request(settings.domains?.[next] ?? next, request)
  }

  /** TS 24.141 §5.2.2: what a role has for another one of the same server does not leave the server. */
  private handOver(request: SipRequest, turn: SipTurn): void {
    const { server } = this
    const inner = new InnerTurn(turn, request)
    turn.decide(within, 'handed over', { method: request.method, for: request.uri })
    rolesOf(server).request(server.roles, request, this, inner)
    if (inner.answered === undefined) rolesOf(server).timeout(server.roles, request, this, turn)
    else rolesOf(server).response(server.roles, inner.answered, request, this, turn)
  }

  respond(request: SipRequest, response: SipResponse, turn: SipTurn): void {
    turn.respond(request, withTerminus(this.server, response, request, turn))
  }

  sendHttp(to: Address, message: HttpMessage, turn: SipTurn<HttpMessage>): void {
    const { ut } = this.server
    if (ut === undefined) turn.send(to, message, 'stream')
    else sendFromService(ut, to, message, turn)
  }

  documentsChanged(changes: readonly DocumentChange[], turn: SipTurn): void {
    const { server } = this
    rolesOf(server).documents(server.roles, changes, this, turn)
  }

  documentsHeardOf(news: DocumentNews, turn: SipTurn): void {
    const { server } = this
    rolesOf(server).documentNews(server.roles, news, this, turn)
  }
}

/** §5.7.2: every answer to a request that came with a charging identifier. */
function withTerminus(
  { settings }: ApplicationServer,
  response: SipResponse,
  { headers }: SipRequest,
  turn: SipTurn,
): SipResponse {
  if (headers.pChargingVector === undefined) return response
  const pChargingVector = { ...headers.pChargingVector, 'term-ioi': settings.network }
  return turn.amend(response, chargeAnswer, { pChargingVector })
}

const host = new ApplicationServerHost()

function hostFor(server: ApplicationServer): Host {
  host.server = server
  return host
}
