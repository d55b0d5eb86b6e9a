/**
 * RFC 4826 §3.1, §4.5: lists of other servers, to which `<external>` refers, are fetched by XCAP.
 */
import { answeredHttp, askHttp, hostOfRequest, httpRequest, httpTimer } from '../../http/exchange.ts'
import type { HttpBody, HttpMessage } from '../../http/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { Host } from '../role.ts'
import { fetchList } from './list-membership.ts'
import { acceptListSubscription, changeMembers } from './list-subscriptions.ts'
import type { Fetching, ResourceListServer } from './resource-list-state.ts'

/** The timer that limits how long the server waits for another one. */
export const fetchTimer = httpTimer

/** Fetches one list; what it is for goes on when it is there, or when it is clear that it will not come. */
export function needLists(
  rls: ResourceListServer,
  what: Omit<Fetching, 'reference'>,
  reference: string,
  turn: SipTurn,
): void {
  const request = httpRequest(turn as SipTurn<HttpMessage>, fetchList, 'GET', reference, {
    headers: { host: hostOf(reference), accept: 'application/xcap-el+xml, application/resource-lists+xml' },
  })
  askHttp(rls, { ...what, reference }, hostOfRequest(request), request, turn as SipTurn<HttpMessage>)
}

const hostOf = (uri: string): string => /^https?:\/\/([^/?#]*)/i.exec(uri)?.[1] ?? ''

/** The answer of another server, or (undefined) that there is none. */
export function listFetched(
  rls: ResourceListServer,
  exchange: string,
  answer: HttpMessage | undefined,
  host: Host,
  turn: SipTurn,
): void {
  const waiting = answeredHttp(rls, exchange)
  if (waiting === undefined) return
  const { what, reference } = waiting
  const body: HttpBody | undefined =
    answer?.kind === 'response' && answer.status === 200 && answer.body !== '' ? answer.body : undefined
  const fetched = new Map([...waiting.fetched, [reference, body]])
  if ('request' in what) return acceptListSubscription(rls, what.request, fetched, host, turn)
  const list = rls.lists.get(what.list)
  if (list === undefined) return
  list.fetched = fetched
  changeMembers(rls, list, host, turn)
}
