/**
 * Ut at an application server (TS 24.141 §6.2.2): it believes what an authentication proxy asserts, or finds out itself
 * who asks, or does not ask.
 */
import { type HttpTurn, httpResponse } from '../../http/exchange.ts'
import type { HttpMessage, HttpRequest } from '../../http/message.ts'
import type { Address, Timer } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { answered, type CxMessage, cxTimer } from '../cx.ts'
import {
  type AuthenticationProxy,
  type AuthenticationProxySettings,
  newAuthenticationProxy,
} from './authentication-proxy-state.ts'
import { onKeys, sessionTimer, takeRequest } from './proxy-authentication.ts'
import { onServerAnswer } from './proxy-forwarding.ts'

type UtTurn = HttpTurn<CxMessage>

/** What the topology says of who is believed. */
export type UtServiceSettings =
  /** Requests come through one of these authentication proxies, which have found out who asks. */
  | { readonly kind: 'behind a proxy'; readonly proxies: readonly Address[] }
  /** The server is a NAF itself, or asks for a name and a password. */
  | { readonly kind: 'on its own'; readonly own: AuthenticationProxySettings }

/** How an application server knows who asks; changed in place. */
export interface UtService {
  readonly settings: UtServiceSettings
  readonly own: AuthenticationProxy | undefined
}

export const newUtService = (settings: UtServiceSettings): UtService => ({
  settings,
  own: settings.kind === 'on its own' ? newAuthenticationProxy(settings.own) : undefined,
})

const bypass = rule('TS 24.141 §6.2.2', 'a server behind a proxy serves nobody who has not come through it', [
  'R6.2.2-b',
])
const rely = rule(
  'TS 24.141 §6.2.2',
  'a server behind a proxy relies on the identities that it asserts',
  ['R6.2.2-b'],
  'rely on the asserted identity',
)

/** §6.2.2: a request as it is for the roles of the server; undefined if it is not for them, or not yet. */
export function admit(ut: UtService, request: HttpRequest, from: Address, turn: UtTurn): HttpRequest | undefined {
  if (ut.own !== undefined) return takeRequest(ut.own, request, from, turn)
  const { settings } = ut
  const isTrusted = settings.kind === 'behind a proxy' && settings.proxies.includes(from)
  if (!isTrusted) return void turn.send(from, httpResponse(turn, request, 403, bypass), 'stream')
  const identity = request.headers['x-3gpp-asserted-identity']
  turn.decide(rely, identity === undefined ? 'nobody' : 'believed', { from, identity: identity ?? '' })
  return request
}

/** What the BSF has answered, or (undefined) has not: the request that waited for it, if it may be answered now. */
export function admitByKeys(
  { own }: UtService,
  session: string,
  answer: CxMessage | undefined,
  turn: UtTurn,
): { readonly request: HttpRequest; readonly from: Address } | undefined {
  const waiting = own && answered(own, session)
  const request = waiting && onKeys(own, waiting, answer, turn)
  return request && { request, from: waiting.from }
}

/** True of a timer that is about authentication. */
export function takeUtTimer(ut: UtService, { name, of }: Timer, turn: UtTurn): boolean {
  if (name === cxTimer) admitByKeys(ut, of, undefined, turn)
  if (name === sessionTimer && (ut.own?.sessions.get(of)?.expiresAt ?? 0) <= turn.now) ut.own?.sessions.delete(of)
  return name === cxTimer || name === sessionTimer
}

/** An answer of a role: with Authentication-Info, if the server has authenticated the request itself. */
export function sendFromService(ut: UtService, to: Address, message: HttpMessage, turn: HttpTurn): void {
  const isAnswer = message.kind === 'response' && ut.own?.forwarded.waiting.has(message.exchange)
  if (isAnswer) onServerAnswer(ut.own!, message, turn)
  else turn.send(to, message, 'stream')
}
