/**
 * TS 23.218 §6.5: a request on its way past the application servers of a user, and what they are told of her
 * (RFC 5502).
 */
import { rule } from '../../sim/rule.ts'
import { sameUri } from '../../sip/grammar/uri-comparison.ts'
import type { NameAddr } from '../../sip/headers.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { InitialFilterCriterion, SessionCase } from './filter-criteria.ts'
import type { ServedUser } from './s-cscf.ts'

/** Where the evaluation of initial filter criteria goes on when a request comes back from an application server. */
export interface Chain {
  readonly identity: string
  /** The identity itself, where the one above is a wildcarded one that stands for it. */
  readonly served: string
  readonly sessionCase: SessionCase
  /** Whether the user was registered when the request came. */
  readonly isRegistered: boolean
  /** That of the last criterion that has had its turn. */
  readonly priority: number
  /** True as long as the request has not been at any application server. */
  readonly isFirst: boolean
}

/** A request that is at an application server. A row that is replaced, never changed. */
export interface Excursion extends Chain {
  /** As it came to this S-CSCF before it was routed to the server. */
  readonly received: SipRequest
  readonly server: string
  readonly defaultHandling: InitialFilterCriterion['defaultHandling']
  /** True once the server has sent the request back: whatever happens then is not the server's failure. */
  readonly isBack: boolean
}

const evaluate = rule(
  'TS 24.229 §5.4.3.2',
  'the S-CSCF evaluates the initial filter criteria of the user',
  ['R5.3.3.1-b'],
  'evaluate initial filter criteria',
)
const tellServed = rule(
  'TS 24.229 §5.4.3.2',
  'an application server is told in P-Served-User for whom it is asked, in which session case and registration state',
)
const takeServed = rule('TS 24.229 §5.4.3.2', 'P-Served-User is for application servers and goes no further')
const elsewhere = rule(
  'TS 24.229 §5.4.3.3',
  'a request to which an application server has given another target goes there, by the criteria for diverted ones',
)

/** Tells which criterion decides where a request goes. */
export function tellEvaluation(
  at: Chain,
  { criteria }: ServedUser,
  match: InitialFilterCriterion | undefined,
  request: SipRequest,
  turn: SipTurn,
): void {
  const event = request.headers.event?.value
  const outcome = match === undefined ? 'no criterion matches' : `criterion ${match.priority}: ${match.serverName}`
  turn.decide(evaluate, outcome, {
    user: at.identity,
    'session case': at.sessionCase,
    method: request.method,
    uri: request.uri,
    ...(event !== undefined && { event }),
    criteria: criteria.length,
  })
}

/** §5.4.3.2, §5.4.3.3, RFC 5502 §6: what an application server is told of the user whom it is to serve. */
export function withServedUser(
  { served, sessionCase, isRegistered }: Chain,
  request: SipRequest,
  turn: SipTurn,
): SipRequest {
  const sescase = sessionCase.startsWith('originating') ? 'orig' : 'term'
  const regstate = isRegistered ? 'reg' : 'unreg'
  const pServedUser: NameAddr = { display: undefined, uri: served, params: { sescase, regstate } }
  return turn.amend(request, tellServed, { pServedUser })
}

/** §5.4.3.2, §5.4.3.3: a request as it may leave the application servers. */
export const withoutServedUser = (request: SipRequest, turn: SipTurn): SipRequest =>
  request.headers.pServedUser === undefined ? request : turn.amend(request, takeServed, { pServedUser: undefined })

/**
 * §5.4.3.3: has an application server given a request for a user another target, which is not another way to write an
 * identity of hers? `identityOf` finds the identity by which this S-CSCF knows a URI.
 */
export function isElsewhere(
  { sessionCase, received, identity }: Excursion,
  request: SipRequest,
  identityOf: (uri: string) => string | undefined,
  turn: SipTurn,
): boolean {
  if (!sessionCase.startsWith('terminating') || sameUri(received.uri, request.uri)) return false
  if (identityOf(request.uri) === identity) return false
  turn.decide(elsewhere, 'the request goes on', { from: received.uri, to: request.uri })
  return true
}
