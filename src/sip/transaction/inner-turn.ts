/**
 * A request between two parts of one functional entity: it meets what is between two entities, a transaction and an
 * answer, but never leaves the node.
 */
import { DelegatedTurn } from '../../sim/delegated-turn.ts'
import type { Address } from '../../sim/node.ts'
import type { Rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import type { Body, HeaderChanges, MessageChanges, SipMessage, SipRequest, SipResponse } from '../message.ts'
import type { SipTurn } from './transaction-user.ts'

/** The turn of the node, in which the answer to one request goes to the part that sent it. */
export class InnerTurn extends DelegatedTurn<SipMessage, SipTurn> implements SipTurn {
  private readonly inner: SipRequest
  /** The final answer, once there is one. */
  answered: SipResponse | undefined

  constructor(turn: SipTurn, inner: SipRequest) {
    super(turn)
    this.inner = inner
  }

  reply(request: SipRequest, status: number, why: Rule, changes?: MessageChanges): void {
    this.respond(request, this.answer(request, status, why, changes))
  }
  respond(request: SipRequest, response: SipResponse): void {
    if (request !== this.inner) return this.turn.respond(request, response)
    if (response.status >= 200) this.answered ??= response
  }

  amend<T extends SipMessage>(message: T, why: Rule, changes: MessageChanges, source?: SipMessage | number): T {
    return this.turn.amend(message, why, changes, source)
  }
  compose(
    why: Rule,
    method: string,
    uri: string,
    headers: HeaderChanges,
    body?: Body,
    source?: SipMessage | number,
  ): SipRequest {
    return this.turn.compose(why, method, uri, headers, body, source)
  }
  request(to: Address, request: SipRequest): void {
    this.turn.request(to, request)
  }
  answer(request: SipRequest, status: number, why: Rule, changes?: MessageChanges, reason?: string): SipResponse {
    return this.turn.answer(request, status, why, changes, reason)
  }
  forward(received: SipRequest, request: SipRequest, to: Address, patience?: Micros): void {
    this.turn.forward(received, request, to, patience)
  }
  identifier(): string {
    return this.turn.identifier()
  }
}
