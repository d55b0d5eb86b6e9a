import { rule } from '../../sim/rule.ts'
import type { SipRequest } from '../message.ts'
import type { SipTurn } from '../transaction/transaction-user.ts'

/** The identifiers of a request outside any dialog. */
export interface NewIdentifiers {
  readonly callId: string
  readonly tag: string
  readonly sequence: number
}

const outsideDialog = rule('RFC 3261 §8.1.1', 'a request has To, From, Call-ID, CSeq and Max-Forwards')

/** RFC 3261 §8.1.1: a request outside any dialog, from one URI to another. */
export function requestOutsideDialog<Other>(
  method: string,
  uri: string,
  from: string,
  { callId, tag, sequence }: NewIdentifiers,
  turn: SipTurn<Other>,
): SipRequest {
  return turn.compose(outsideDialog, method, uri, {
    maxForwards: 70,
    from: { display: undefined, uri: from, params: { tag } },
    to: { display: undefined, uri, params: {} },
    callId,
    cseq: { number: sequence, method },
  })
}
