import type { Message } from '../message.ts'
import type { Address } from '../sim/node.ts'
import { worldAddress } from '../sim/simulation.ts'
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

/** RFC 3261 §8.1.1.7, §8.2.6.2: what a request and its responses have in common, whatever way they go. */
export const requestKey = ({ headers }: SipMessage): string =>
  `${headers.callId} ${headers.from?.params.tag} ${headers.cseq?.number} ${headers.cseq?.method}`

/** RFC 3261 §17.2.3: what a request and its responses have in common between one hop and the next. */
export function transactionKey({ headers }: SipMessage): string {
  const [via] = headers.via ?? []
  return `${via?.params.branch} ${via?.host} ${via?.port} ${headers.cseq?.method}`
}

/** RFC 3261 §8.1.1.7: the branch of the client that sends a request, which is that of the response too. */
export const branchOf = ({ headers }: SipMessage): string => String(headers.via?.[0]?.params.branch)

/** The requests that nobody has sent before, neither their author again nor a proxy on their way. */
export function newRequests(method?: string): (event: TraceEvent<Message>) => SipRequest[] {
  const known = new Set<string>()
  return (event) =>
    sentRequests(event).filter((request) => {
      if (method === undefined ? isWithin(request) : request.method !== method) return false
      const key = requestKey(request)
      if (known.has(key)) return false
      known.add(key)
      return true
    })
}

/** RFC 3261 §9.1, §17.1.1.3: what has its number from another request. */
const isWithin = ({ method }: SipRequest): boolean => method === 'ACK' || method === 'CANCEL'

/** The responses that nobody has sent before, neither their author again nor a proxy on their way. */
export function newResponses(): (event: TraceEvent<Message>) => SipResponse[] {
  const known = new Set<string>()
  return (event) =>
    sentResponses(event).filter((response) => {
      const key = `${requestKey(response)} ${response.status} ${response.headers.to?.params.tag}`
      if (known.has(key)) return false
      known.add(key)
      return true
    })
}

/** The node that went down in a turn, or began anew. */
export const stopped = (event: TraceEvent<Message>): Address | undefined =>
  actOf(event, 'down') ?? actOf(event, 'restart')

/** The node that began anew in a turn, without what it did not store. */
export const restarted = (event: TraceEvent<Message>): Address | undefined => actOf(event, 'restart')

function actOf({ node, input }: TraceEvent<Message>, act: string): Address | undefined {
  const isAct = node === worldAddress && input.kind === 'command' && input.command.do === act
  return isAct ? String(input.command.node) : undefined
}

/** The dialog of a request or response, as its user agent client sees it, without the tag of the other side. */
export const dialogOf = ({ headers }: SipMessage): string => `${headers.callId} ${headers.from!.params.tag}`

/** Whose request it is: whom the network vouches for, or who says to be it. */
export const authorOf = ({ headers }: SipRequest): string =>
  (headers.pAssertedIdentity?.[0]?.uri ?? headers.from!.uri).toLowerCase()
