/** Dialogs (RFC 3261 §12), as they are seen from outside. */
import type { Message } from '../message.ts'
import type { Address } from '../sim/node.ts'
import type { TraceEvent } from '../sim/trace.ts'
import { endingStatuses } from '../sip/events/subscriber.ts'
import type { SipMessage, SipRequest } from '../sip/message.ts'
import { type Check, check } from './check.ts'
import { branchOf, newRequests, sentResponses, taken } from './sip-traffic.ts'

/** RFC 3261 §8.1.3.5, §12.2.1.1: the requests that one side sends with one Call-ID are numbered without a gap. */
export const dialogNumbers: Check = check(
  'The number in CSeq grows by one with each request that one side of a dialog sends',
  'RFC 3261 §12.2.1.1',
  () => {
    const isNew = newRequests()
    const last = new Map<string, number>()
    return (event) =>
      isNew(event).flatMap((request) => {
        const { callId, from, to, cseq } = request.headers
        const own = `${callId} ${from?.params.tag}`
        const key = `${own} ${to?.params.tag}`
        // The first request of whoever makes the dialog has no tag in To yet.
        const before = last.get(key) ?? last.get(`${own} undefined`)
        last.set(key, cseq!.number)
        if (before === undefined || cseq!.number === before + 1) return []
        return [`${nameOf(request)} has number ${cseq!.number}, where ${before + 1} is due`]
      })
  },
)

const nameOf = ({ method, uri }: SipRequest): string => `${method} ${uri}`

/** RFC 3261 §12.2.1.1: a request within a dialog has the tags and the URIs of both its sides. */
export const dialogTags: Check = check(
  'A request within a dialog has the tags and URIs by which both sides know it',
  'RFC 3261 §12.2.1.1',
  () => {
    const isNew = newRequests()
    /** By Call-ID and tag: the URI of a side, known from the first request, from responses, or from NOTIFY. */
    const sides = new Map<string, string>()
    return (event) => {
      const found = isNew(event).flatMap((request) => {
        const { callId, from, to } = request.headers
        const [own, other] = [from?.params.tag, to?.params.tag]
        const faults: string[] = []
        const hasOther = other === undefined || sides.has(`${callId} ${other}`)
        if (!hasOther) faults.push(`${nameOf(request)} belongs to no dialog: nobody has made the tag ${other}`)
        else if (other !== undefined && sides.get(`${callId} ${other}`) !== to!.uri)
          faults.push(`${nameOf(request)} has another URI in To than the side that it is for`)
        const before = sides.get(`${callId} ${own}`)
        if (before !== undefined && other !== undefined && before !== from!.uri)
          faults.push(`${nameOf(request)} has another URI in From than before`)
        // RFC 6665 §4.4.1: a NOTIFY makes the dialog, and so the tag of its sender; nothing else does.
        if (other !== undefined && before === undefined && request.method !== 'NOTIFY')
          faults.push(`${nameOf(request)} belongs to no dialog: its sender has not made the tag ${own}`)
        sides.set(`${callId} ${own}`, from!.uri)
        return faults
      })
      for (const { status, headers } of sentResponses(event)) {
        const { callId, to } = headers
        const key = `${callId} ${to?.params.tag}`
        if (status >= 200 && status < 300 && to?.params.tag !== undefined && !sides.has(key)) sides.set(key, to.uri)
      }
      return found
    }
  },
)

/** RFC 6665 §4.1.3, §4.2.2: a subscription that has ended takes its dialog along; nothing more is said in it. */
export const dialogEnd: Check = check(
  'Nobody sends a request in a dialog after its subscription has ended',
  'RFC 6665 §4.4.1',
  () => {
    const isNew = newRequests()
    const ends = new DialogEnds()
    return (event) => {
      ends.follow(event)
      return isNew(event).flatMap((request) => {
        const why = ends.of(event.node, request)
        if (isEnding(request)) ends.end(event.node, sideOf(request), 'a NOTIFY that ends the subscription')
        return why === undefined ? [] : [`${nameOf(request)} is sent in a dialog that was over by ${why}`]
      })
    }
  },
)

const isEnding = ({ method, headers }: SipRequest): boolean =>
  method === 'NOTIFY' && headers.subscriptionState?.value === 'terminated'

/** A dialog as who sends the request has it. */
const sideOf = ({ headers: { callId, from, to } }: SipMessage): string =>
  `${callId} ${from?.params.tag} ${to?.params.tag}`

/** A dialog as who is given the request has it. */
const otherSideOf = ({ headers: { callId, from, to } }: SipMessage): string =>
  `${callId} ${to?.params.tag} ${from?.params.tag}`

/** For whom which dialogs are over, and by what. */
class DialogEnds {
  private readonly ended = new Map<string, string>()
  private readonly waiting = new Map<string, SipRequest>()

  of(node: Address, request: SipRequest): string | undefined {
    return this.ended.get(`${node} ${sideOf(request)}`)
  }

  end(node: Address, side: string, why: string): void {
    const key = `${node} ${side}`
    if (!this.ended.has(key)) this.ended.set(key, why)
  }

  follow(event: TraceEvent<Message>): void {
    const { node, input, effects } = event
    const message = taken(event)
    // Who takes the end, and does not pass it on, is told of it.
    if (message?.kind === 'request' && isEnding(message) && sentResponses(event).some(({ status }) => status === 200))
      this.end(node, otherSideOf(message), 'a NOTIFY that ends the subscription')
    if (message?.kind === 'response' && endingStatuses.has(message.status)) {
      const { to, cseq } = message.headers
      const isWithin = this.waiting.has(`${node} ${branchOf(message)}`) && to?.params.tag !== undefined
      const isEvent = cseq?.method === 'NOTIFY' || cseq?.method === 'SUBSCRIBE'
      if (isWithin && isEvent) this.end(node, sideOf(message), String(message.status))
    }
    if (message?.kind === 'response' && message.status >= 200) this.waiting.delete(`${node} ${branchOf(message)}`)
    if (input.kind === 'timer' && input.timer.name === 'Timer F' && !event.missed) this.leave(node, input.timer.of)
    for (const one of effects)
      if (one.kind === 'send' && one.message.protocol === 'sip' && one.message.kind === 'request')
        this.await(node, one.message)
  }

  private await(node: Address, request: SipRequest): void {
    if (request.method === 'NOTIFY' || request.method === 'SUBSCRIBE')
      this.waiting.set(`${node} ${branchOf(request)}`, request)
  }

  /** RFC 6665 §4.2.2: who does not answer a NOTIFY is not told more. */
  private leave(node: Address, branch: string): void {
    const request = this.waiting.get(`${node} ${branch}`)
    this.waiting.delete(`${node} ${branch}`)
    if (request?.method === 'NOTIFY') this.end(node, sideOf(request), 'a NOTIFY without an answer')
  }
}
