/** The PUBLISH that the measures of presence servers send. */
import { request, type SipRequest } from '../../src/sip/message.ts'

/** The longest duration that is asked for, in seconds. */
export const longest = 600_000

export const address = (uri: string) => ({ display: undefined, uri, params: {} })

/** A presentity publishes a document: anew, or in the place of what an entity-tag stands for. */
export function publication(of: string, number: number, document: string, sipIfMatch?: string): SipRequest {
  return request(
    'PUBLISH',
    of,
    {
      maxForwards: 70,
      pAssertedIdentity: [address(of)],
      from: { ...address(of), params: { tag: `p${number}` } },
      to: address(of),
      callId: `publication${number}`,
      cseq: { number: 1, method: 'PUBLISH' },
      event: { value: 'presence', params: {} },
      expires: longest,
      ...(sipIfMatch !== undefined && { sipIfMatch }),
      contentType: { value: 'application/pidf+xml', params: {} },
    },
    document,
  )
}
