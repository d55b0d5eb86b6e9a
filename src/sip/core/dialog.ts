import { rule } from '../../sim/rule.ts'
import { hasParam, hostOf } from '../grammar/uri.ts'
import type { NameAddr } from '../headers.ts'
import type { HeaderChanges, SipRequest, SipResponse } from '../message.ts'
import type { SipTurn } from '../transaction/transaction-user.ts'

/** RFC 3261 §12: what a user agent remembers of another. A row that is replaced, never changed. */
export interface Dialog {
  readonly callId: string
  /** The local URI and tag. */
  readonly local: NameAddr
  /** The remote URI and tag. */
  readonly remote: NameAddr
  /** The URI in the Contact of the other side. */
  readonly remoteTarget: string
  readonly routeSet: readonly NameAddr[]
  readonly localSequence: number
  readonly remoteSequence: number
  /** The step in which it was made, whose message gave it all these values. */
  readonly since: number
}

/** §12.1.1: the dialog of whoever answers a request with 2xx; `local` is its To with the tag it chose. */
export function dialogAsServer(request: SipRequest, local: NameAddr, localSequence: number, step: number): Dialog {
  const { callId, from, contact, recordRoute, cseq } = request.headers
  return {
    callId: callId!,
    local,
    remote: from!,
    remoteTarget: contact?.[0]?.uri ?? from!.uri,
    routeSet: shared(recordRoute ?? noRoute),
    localSequence,
    remoteSequence: cseq!.number,
    since: step,
  }
}

const noRoute: readonly NameAddr[] = []
/** The route sets made last. Thousands of dialogs by the same way share one. */
const lately: (readonly NameAddr[])[] = []

/** A route set with the same entries that is there already, or else this one. */
function shared(route: readonly NameAddr[]): readonly NameAddr[] {
  const same = lately.find((one) => one.length === route.length && one.every((entry, i) => entry === route[i]))
  if (same !== undefined) return same
  if (lately.push(route) > 8) lately.shift()
  return route
}

/** §12.1.2: the dialog of whoever sent the request, made by a 2xx response. */
export function dialogAsClient(request: SipRequest, response: SipResponse, step: number): Dialog {
  const { callId, from, cseq } = request.headers
  const { to, contact, recordRoute } = response.headers
  return {
    callId: callId!,
    local: from!,
    remote: to!,
    remoteTarget: contact?.[0]?.uri ?? request.uri,
    routeSet: recordRoute === undefined ? noRoute : shared(recordRoute.toReversed()),
    localSequence: cseq!.number,
    remoteSequence: 0,
    since: step,
  }
}

/** §12.2.1.2, §12.2.2: the dialog after a target refresh by the other side. */
export function withTarget(dialog: Dialog, contact: readonly NameAddr[] | undefined): Dialog {
  const uri = contact?.[0]?.uri
  return uri === undefined || uri === dialog.remoteTarget ? dialog : { ...dialog, remoteTarget: uri }
}

const buildWithin = rule(
  'RFC 3261 §12.2.1.1',
  'a request within a dialog takes its addresses, route and number from it',
)

/** §12.2.1.1: a request within the dialog, and the dialog after it. */
export function requestWithin<Other>(
  dialog: Dialog,
  method: string,
  turn: SipTurn<Other>,
): [request: SipRequest, after: Dialog] {
  const after = { ...dialog, localSequence: dialog.localSequence + 1 }
  const { uri, route } = routed(dialog)
  const headers: HeaderChanges = {
    maxForwards: 70,
    ...(route.length > 0 && { route }),
    from: dialog.local,
    to: dialog.remote,
    callId: dialog.callId,
    cseq: { number: after.localSequence, method },
  }
  return [turn.compose(buildWithin, method, uri, headers, '', dialog.since), after]
}

/** Where a request within a dialog is addressed, and by which route: a strict router comes into the Request-URI. */
function routed({ routeSet, remoteTarget }: Dialog): { uri: string; route: readonly NameAddr[] } {
  const first = routeSet[0]
  if (first === undefined || hasParam(first.uri, 'lr')) return { uri: remoteTarget, route: routeSet }
  const last = { display: undefined, uri: remoteTarget, params: {} }
  return { uri: first.uri, route: [...routeSet.slice(1), last] }
}

/** §8.1.2: the host to which a request goes next: that of its first Route, or else of its Request-URI. */
export function nextHop(request: SipRequest): string {
  return hostOf(request.headers.route?.[0]?.uri ?? request.uri) ?? request.uri
}

/** Who is told a lower number than the last answers so. */
export const outOfOrder = rule('RFC 3261 §12.2.2', 'a request with a lower number than the last is answered 500')

/** §12.2.2: the other side's request is in order if its number grows. */
export const isOutOfOrder = (dialog: Dialog, request: SipRequest): boolean =>
  request.headers.cseq!.number < dialog.remoteSequence
