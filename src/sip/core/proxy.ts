import { rule } from '../../sim/rule.ts'
import { hasParam, hostOf } from '../grammar/uri.ts'
import type { NameAddr } from '../headers.ts'
import type { SipRequest } from '../message.ts'
import type { SipTurn } from '../transaction/transaction-user.ts'

const removeOwnRoute = rule('RFC 3261 §16.4', 'a proxy takes its own entry from the top of Route')
const undoStrictRoute = rule(
  'RFC 3261 §16.4',
  'after a strict router the target of a request is at the end of Route and comes back into the Request-URI',
)
const obeyStrictRoute = rule(
  'RFC 3261 §16.6 step 6',
  'before a strict router the target goes to the end of Route and the router into the Request-URI',
)
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

/** §16.4: the request as it is to be routed: without this proxy's own entry in Route; and that entry. */
export function withoutOwnRoute<Other>(
  received: SipRequest,
  isOwn: (host: string) => boolean,
  turn: SipTurn<Other>,
): { readonly request: SipRequest; readonly own: NameAddr | undefined } {
  const request = afterStrictRouter(received, isOwn, turn)
  const route = request.headers.route
  const first = route?.[0]
  if (route === undefined || first === undefined || !isOwn(hostOf(first.uri) ?? '')) return { request, own: undefined }
  const rest = route.slice(1)
  return {
    request: turn.amend(request, removeOwnRoute, { route: rest.length === 0 ? undefined : rest }),
    own: first,
  }
}

/**
 * §16.4: a strict router before this one has put the Record-Route entry of this proxy into the Request-URI; what was
 * there is at the end of Route.
 */
function afterStrictRouter<Other>(
  request: SipRequest,
  isOwn: (host: string) => boolean,
  turn: SipTurn<Other>,
): SipRequest {
  const { route } = request.headers
  if (route === undefined || !hasParam(request.uri, 'lr') || !isOwn(hostOf(request.uri) ?? '')) return request
  const rest = route.slice(0, -1)
  const changes = { requestUri: route.at(-1)!.uri, route: rest.length === 0 ? undefined : rest }
  return turn.amend(request, undoStrictRoute, changes)
}

/**
 * §16.6 step 6: a strict router as the next hop finds itself in the Request-URI, and the target at the end of Route.
 */
export function withoutStrictRoute<Other>(request: SipRequest, turn: SipTurn<Other>): SipRequest {
  const { route } = request.headers
  const first = route?.[0]
  if (route === undefined || first === undefined || hasParam(first.uri, 'lr')) return request
  const last: NameAddr = { display: undefined, uri: request.uri, params: {} }
  return turn.amend(request, obeyStrictRoute, { requestUri: first.uri, route: [...route.slice(1), last] })
}

/**
 * §16.3 step 4: has this proxy forwarded the request before, and would do so in the same way again? A spiral, in which
 * something that it routes by has changed, is legal. `earlier` finds the request that it got and forwarded under a
 * branch of its own, while it waits for the answer: that takes the place of a digest in the branch (§16.6 step 8).
 */
export function isLooping(
  request: SipRequest,
  self: string,
  earlier: (branch: string) => SipRequest | undefined,
): boolean {
  for (const { host, params } of request.headers.via!) {
    if (host !== self) continue
    const before = earlier(String(params.branch))
    if (before !== undefined && isRoutedAlike(request, before)) return true
  }
  return false
}

/** §16.6 step 8: the fields by which this house routes; From, Call-ID and CSeq are the same as the branch was found. */
const isRoutedAlike = (one: SipRequest, other: SipRequest): boolean =>
  one.uri === other.uri &&
  one.method === other.method &&
  one.headers.text('route') === other.headers.text('route') &&
  one.headers.to?.params.tag === other.headers.to?.params.tag &&
  one.headers.text('proxyRequire') === other.headers.text('proxyRequire')

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
