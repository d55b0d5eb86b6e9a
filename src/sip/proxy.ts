import { rule } from '../sim/rule.ts'
import type { NameAddr } from './headers.ts'
import type { SipRequest } from './message.ts'
import type { SipTurn } from './transaction-user.ts'
import { hostOf } from './uri.ts'

const tooManyHops = rule('RFC 3261 §16.3 step 3', 'a request that may not be forwarded any more is answered 483')
const badExtension = rule('RFC 3261 §16.3 step 5', 'an unknown extension in Proxy-Require is answered 420')
const removeOwnRoute = rule('RFC 3261 §16.4', 'a proxy takes its own entry from the top of Route')
const countHop = rule('RFC 3261 §16.6 step 3', 'each proxy counts Max-Forwards down by one')
const addMaxForwards = rule('RFC 3261 §16.6 step 3', 'a proxy adds Max-Forwards where there is none')
const recordRoute = rule(
  'RFC 3261 §16.6 step 4',
  'a proxy that wants to stay on the path of the dialog puts itself into Record-Route',
)

/** The methods whose first request makes a dialog (RFC 3261 §12.1, RFC 6665, RFC 3515). */
const dialogMethods = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY'])

/** True of a request outside any dialog that may make one: the kind that proxies record-route. */
export const mayMakeDialog = (request: SipRequest): boolean =>
  dialogMethods.has(request.method) && request.headers.to?.params.tag === undefined

/**
 * §16.3: may this proxy forward the request? Answers it and returns false if not. `supported` are the option tags that
 * the proxy knows.
 */
export function isForwardable<Other>(request: SipRequest, supported: readonly string[], turn: SipTurn<Other>): boolean {
  if (request.headers.maxForwards === 0) {
    turn.reply(request, 483, tooManyHops)
    return false
  }
  const unsupported = request.headers.proxyRequire?.filter((tag) => !supported.includes(tag)) ?? []
  if (unsupported.length === 0) return true
  turn.reply(request, 420, badExtension, { unsupported })
  return false
}

/** §16.4: the request without this proxy's own entry in Route, and that entry. */
export function withoutOwnRoute<Other>(
  request: SipRequest,
  isOwn: (host: string) => boolean,
  turn: SipTurn<Other>,
): { readonly request: SipRequest; readonly own: NameAddr | undefined } {
  const route = request.headers.route
  const first = route?.[0]
  if (route === undefined || first === undefined || !isOwn(hostOf(first.uri) ?? '')) return { request, own: undefined }
  const rest = route.slice(1)
  return {
    request: turn.amend(request, removeOwnRoute, { route: rest.length === 0 ? undefined : rest }),
    own: first,
  }
}

/** §16.6 step 3: one hop less. */
export function counted<Other>(request: SipRequest, turn: SipTurn<Other>): SipRequest {
  const { maxForwards } = request.headers
  if (maxForwards === undefined) return turn.amend(request, addMaxForwards, { maxForwards: 70 })
  return turn.amend(request, countHop, { maxForwards: maxForwards - 1 })
}

/** §16.6 step 4: this proxy's own entry on top of Record-Route. */
export function recorded<Other>(request: SipRequest, own: NameAddr, turn: SipTurn<Other>): SipRequest {
  return turn.amend(request, recordRoute, { recordRoute: [own].concat(request.headers.recordRoute ?? []) })
}
