/**
 * The authentication proxy (TS 33.222 §6, TS 24.109 §7): a reverse proxy before application servers, which finds out
 * who asks, so that the servers need not.
 */
import { httpTimer } from '../../http/exchange.ts'
import type { HttpMessage } from '../../http/message.ts'
import { IdentifiedTurn } from '../../sim/identified-turn.ts'
import type { Node } from '../../sim/node.ts'
import { answered, type CxMessage, cxTimer } from '../cx.ts'
import {
  type AuthenticationProxy,
  type AuthenticationProxySettings,
  newAuthenticationProxy,
} from './authentication-proxy-state.ts'
import { onKeys, sessionTimer, takeRequest } from './proxy-authentication.ts'
import { onServerAnswer, onServerFailure } from './proxy-forwarding.ts'

type ProxyMessage = HttpMessage | CxMessage

/** TS 24.109 §7.1: an authentication proxy. */
export const authenticationProxyNode: Node<AuthenticationProxy, ProxyMessage> = {
  title: 'Authentication proxy',
  clause: 'TS 24.109 §7',
  start: (_address, settings) => newAuthenticationProxy(settings as AuthenticationProxySettings),
  handle(proxy, input, bare) {
    const turn = new IdentifiedTurn(bare)
    switch (input.kind) {
      case 'message': {
        const { message, from } = input
        if (message.protocol === 'cx') return takeKeys(proxy, message.session, message, turn)
        if (message.kind === 'request') takeRequest(proxy, message, from, turn)
        else onServerAnswer(proxy, message, turn)
        return
      }
      case 'failure': {
        const { message } = input
        if (message.protocol === 'cx') return takeKeys(proxy, message.session, undefined, turn)
        if (message.kind === 'request') onServerFailure(proxy, message.exchange, 'unreachable', turn)
        return
      }
      case 'timer': {
        const { name, of } = input.timer
        if (name === cxTimer) takeKeys(proxy, of, undefined, turn)
        if (name === httpTimer) onServerFailure(proxy, of, 'silent', turn)
        if (name === sessionTimer && (proxy.sessions.get(of)?.expiresAt ?? 0) <= turn.now) proxy.sessions.delete(of)
      }
    }
  },
}

/** What a session with the BSF came to: an answer, or nothing. */
function takeKeys(
  proxy: AuthenticationProxy,
  session: string,
  answer: CxMessage | undefined,
  turn: IdentifiedTurn<ProxyMessage>,
): void {
  const waiting = answered(proxy, session)
  if (waiting !== undefined) onKeys(proxy, waiting, answer, turn)
}
