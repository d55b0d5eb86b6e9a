import { httpResponse } from '../http/exchange.ts'
import type { HttpMessage } from '../http/message.ts'
import type { Host, Role } from '../presence/role.ts'
import type { DocumentNews } from '../presence/ut/document-news.ts'
import type { Address, Command, Timer } from '../sim/node.ts'
import { rule } from '../sim/rule.ts'
import { unknownNotify } from '../sip/events/subscriber.ts'
import { anyEndpoint, type Element } from '../sip/judge.ts'
import type { SipRequest, SipResponse } from '../sip/message.ts'
import type { SipTurn } from '../sip/transaction/transaction-user.ts'
import type { DocumentChange } from '../xcap/index.ts'

/** The states of the roles that one functional entity hosts, by role name; made when first needed. */
export type RoleStates = Record<string, unknown>

const tellAbilities = rule(
  'RFC 3261 §11.2',
  'an OPTIONS is answered 200 with the methods and extensions that are served',
)
const servesNothing = rule('RFC 9110 §15.5.5', 'a server that has nothing of that name answers 404')

/** Hands what happens to a functional entity to the role that it concerns. */
export class Roles {
  // biome-ignore lint/suspicious/noExplicitAny: each role has a state of its own, which only it looks into.
  private readonly roles: readonly Role<any>[]
  /** What the functional entity is to requests: the transaction layer refuses those that no role can take. */
  readonly element: Element

  /** The roles, the methods that they take between them, and the option tags that they support. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  constructor(roles: readonly Role<any>[], methods: readonly string[], options: readonly string[] = []) {
    this.roles = roles
    this.element = { ...anyEndpoint, methods: [...methods, 'OPTIONS'], options, knowsMethods: true }
  }

  /** The states of the roles that are told something by the topology; the others begin when they are first needed. */
  start(settings: Readonly<Record<string, unknown>>): RoleStates {
    const states: RoleStates = {}
    for (const role of this.roles)
      if (settings[role.name] !== undefined) states[role.name] = role.start(settings[role.name])
    return states
  }

  request(states: RoleStates, request: SipRequest, host: Host, turn: SipTurn): void {
    if (request.method === 'OPTIONS') {
      const { methods: allow, options: supported } = this.element
      return host.respond(request, turn.answer(request, 200, tellAbilities, { allow, supported }), turn)
    }
    const role = this.roles.find((one) => one.takes(request, stateOf(states, one)))
    if (role?.onRequest !== undefined) return role.onRequest(stateOf(states, role), request, host, turn)
    // What else gets here is an ACK, which is for an INVITE that nobody took.
    if (request.method === 'NOTIFY') host.respond(request, turn.answer(request, 481, unknownNotify), turn)
  }

  response(states: RoleStates, response: SipResponse, request: SipRequest, host: Host, turn: SipTurn): void {
    const role = this.sender(states, request)
    role?.onResponse?.(stateOf(states, role), response, request, host, turn)
  }

  timeout(states: RoleStates, request: SipRequest, host: Host, turn: SipTurn): void {
    const role = this.sender(states, request)
    role?.onTimeout?.(stateOf(states, role), request, host, turn)
  }

  timer(states: RoleStates, timer: Timer, host: Host, turn: SipTurn): void {
    const role = this.roles.find(
      (one) => one.timers.includes(timer.name) && (one.ownsTimer?.(timer, stateOf(states, one)) ?? true),
    )
    role?.onTimer?.(stateOf(states, role), timer, host, turn)
  }

  command(states: RoleStates, command: Command, host: Host, turn: SipTurn): void {
    const role = this.roles.find((one) => one.commands.includes(command.do))
    role?.onCommand?.(stateOf(states, role), command, host, turn)
  }

  /** Documents of the functional entity have changed: every role hears of it. */
  documents(states: RoleStates, changes: readonly DocumentChange[], host: Host, turn: SipTurn): void {
    for (const role of this.roles) role.onDocuments?.(stateOf(states, role), changes, host, turn)
  }

  /** A role has heard of documents elsewhere: the others that are at work hear of it. */
  documentNews(states: RoleStates, news: DocumentNews, host: Host, turn: SipTurn): void {
    for (const role of this.roles)
      if (states[role.name] !== undefined) role.onDocumentNews?.(states[role.name], news, host, turn)
  }

  /** An HTTP message; a request that is for no role is answered 404. */
  http(states: RoleStates, message: HttpMessage, from: Address, host: Host, turn: SipTurn<HttpMessage>): void {
    const role = this.roles.find((one) => one.takesHttp?.(message, stateOf(states, one)) === true)
    if (role?.onHttp !== undefined) return role.onHttp(stateOf(states, role), message, from, host, turn)
    if (message.kind === 'request') host.sendHttp(from, httpResponse(turn, message, 404, servesNothing), turn)
  }

  httpFailed(states: RoleStates, message: HttpMessage, host: Host, turn: SipTurn<HttpMessage>): void {
    const role = this.roles.find((one) => one.takesHttp?.(message, stateOf(states, one)) === true)
    role?.onHttpFailed?.(stateOf(states, role), message, host, turn)
  }

  private sender(states: RoleStates, request: SipRequest) {
    return this.roles.find(
      (one) => one.sends.includes(request.method) && (one.owns?.(request, stateOf(states, one)) ?? true),
    )
  }
}

function stateOf(states: RoleStates, role: Role<unknown>): unknown {
  states[role.name] ??= role.start(undefined)
  return states[role.name]
}
