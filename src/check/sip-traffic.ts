import type { Message } from '../message.ts'
import type { TraceEvent } from '../sim/trace.ts'
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts'

/** The SIP message that a node was given in a turn; undefined if it was something else, or the node was down. */
export function taken({ input, missed }: TraceEvent<Message>): SipMessage | undefined {
  if (missed || input.kind !== 'message' || input.message.protocol !== 'sip') return undefined
  return input.message
}

/** The SIP requests that a node sent in a turn, with those that it repeated. */
export const sentRequests = ({ effects }: TraceEvent<Message>): SipRequest[] =>
  effects.flatMap((one) =>
    one.kind === 'send' && one.message.protocol === 'sip' && one.message.kind === 'request' ? [one.message] : [],
  )

/** The SIP responses that a node sent in a turn. */
export const sentResponses = ({ effects }: TraceEvent<Message>): SipResponse[] =>
  effects.flatMap((one) =>
    one.kind === 'send' && one.message.protocol === 'sip' && one.message.kind === 'response' ? [one.message] : [],
  )

/** The requests that nobody has sent before, neither their author again nor a proxy on their way. */
export function newRequests(method: string): (event: TraceEvent<Message>) => SipRequest[] {
  const known = new Set<string>()
  return (event) =>
    sentRequests(event).filter((request) => {
      if (request.method !== method) return false
      const { callId, from, cseq } = request.headers
      const key = `${callId} ${from!.params.tag} ${cseq!.number}`
      if (known.has(key)) return false
      known.add(key)
      return true
    })
}

/** The dialog of a request or response, as its user agent client sees it, without the tag of the other side. */
export const dialogOf = ({ headers }: SipMessage): string => `${headers.callId} ${headers.from!.params.tag}`

/** Whose request it is: whom the network vouches for, or who says to be it. */
export const authorOf = ({ headers }: SipRequest): string =>
  (headers.pAssertedIdentity?.[0]?.uri ?? headers.from!.uri).toLowerCase()
