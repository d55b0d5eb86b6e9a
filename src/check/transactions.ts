/** Transactions (RFC 3261 §17), as they are seen between one hop and the next. */
import type { Message } from '../message.ts'
import type { Address } from '../sim/node.ts'
import { type Micros, seconds } from '../sim/time.ts'
import type { TraceEvent } from '../sim/trace.ts'
import type { Via } from '../sip/headers.ts'
import { isFinal, type SipRequest, type SipResponse } from '../sip/message.ts'
import { type Check, check } from './check.ts'
import {
  branchOf,
  requestKey,
  restarted,
  sentRequests,
  sentResponses,
  stopped,
  taken,
  transactionKey,
} from './sip-traffic.ts'

/** RFC 3261 §8.2.6.2, §17.1.3: a response repeats what its request is known by, and goes back the way it came. */
export const responsesMatch: Check = check(
  'A response answers a request that its sender was given, and repeats of it what it has to',
  'RFC 3261 §8.2.6.2',
  () => {
    const given = new Map<string, SipRequest>()
    const asked = new Set<string>()
    return (event) => {
      const { node } = event
      const message = taken(event)
      const found: string[] = []
      if (message?.kind === 'request') given.set(`${node} ${transactionKey(message)}`, message)
      if (message?.kind === 'response' && !asked.has(`${node} ${transactionKey(message)}`))
        found.push(`${node} is given ${nameOf(message)}, for which it has not asked`)
      for (const request of sentRequests(event)) asked.add(`${node} ${transactionKey(request)}`)
      for (const response of sentResponses(event)) {
        const request = given.get(`${node} ${transactionKey(response)}`)
        if (request === undefined) found.push(`${node} sends ${nameOf(response)}, for which nobody has asked`)
        else found.push(...differences(request, response))
      }
      return found
    }
  },
)

const nameOf = ({ status, headers }: SipResponse): string => `${status} to ${headers.cseq?.method}`

function differences(request: SipRequest, response: SipResponse): string[] {
  const [before, after] = [request.headers, response.headers]
  const names = ['from', 'callId', 'cseq'] as const
  const found = names
    .filter((name) => before.text(name) !== after.text(name))
    .map((name) => `${nameOf(response)} has another ${before.field(name)?.name ?? name} than its request`)
  const tag = before.to?.params.tag
  if (before.to?.uri !== after.to?.uri || (tag !== undefined && tag !== after.to?.params.tag))
    found.push(`${nameOf(response)} has another To than its request`)
  if (before.via?.length !== after.via?.length || before.via?.some((via, i) => !isSameHop(via, after.via![i]!)))
    found.push(`${nameOf(response)} has another Via than its request`)
  return found
}

const isSameHop = (one: Via, other: Via): boolean =>
  one.host === other.host && one.port === other.port && one.params.branch === other.params.branch

/** RFC 3261 §17.2.2: the final response of a transaction is its last one, and sent again as it was. */
export const oneFinalResponse: Check = check(
  'A request is answered once: what follows a final response is the same again',
  'RFC 3261 §17.2.2',
  () => {
    const last = new Map<Address, Map<string, SipResponse>>()
    return (event) => {
      const gone = restarted(event)
      if (gone !== undefined) last.delete(gone)
      return sentResponses(event).flatMap((response) => {
        const { node } = event
        // RFC 6026 §7.1: an INVITE may be accepted by several.
        if (response.headers.cseq?.method === 'INVITE') return []
        const own = last.get(node) ?? new Map<string, SipResponse>()
        last.set(node, own)
        const key = transactionKey(response)
        const before = own.get(key)
        if (before === undefined) {
          if (isFinal(response)) own.set(key, response)
          return []
        }
        if (isSame(before, response)) return []
        return [`${node} sends ${nameOf(response)} after ${before.status} to the same request`]
      })
    }
  },
)

const isSame = (one: SipResponse, other: SipResponse): boolean =>
  one.status === other.status && one.headers.text('to') === other.headers.text('to') && one.body === other.body

/** RFC 4320 §4.1, §4.2: a request other than INVITE is answered 100 at most before its end, and never 408. */
export const noEarlyAnswers: Check = check(
  'A request other than INVITE has no provisional response but 100, and is never answered 408',
  'RFC 4320 §4',
  () => (event) =>
    sentResponses(event).flatMap((response) => {
      const { status, headers } = response
      const isWrong = (status > 100 && status < 200) || status === 408
      return isWrong && headers.cseq?.method !== 'INVITE' ? [`${event.node} sends ${nameOf(response)}`] : []
    }),
)

/** A request on one hop, from when it is sent first until its client gives it up. */
interface Passage {
  readonly request: SipRequest
  isAnswered: boolean
  /** Who was given the request, unless it has gone down or begun anew since, and when. */
  server: { readonly node: Address; readonly since: Micros } | undefined
  /** Whether the server has sent a final response. */
  hasFinal: boolean
  /** Where the server has passed the request on. */
  readonly onwards: Passage[]
}

/** RFC 3261 §17.1.1.1: who is given a request that late, before its client gives up, need not have answered yet. */
const grace = seconds(4)

/** RFC 3261 §8.2, §17.1.2.2: whoever takes a request answers it, or passes it on, and then passes the answer back. */
export const everyRequestAnswered: Check = check(
  'Who is given a request answers it before its client gives up, unless another has left it without an answer',
  'RFC 3261 §17.1.2.2',
  () => {
    const passages = new Passages()
    return (event) => passages.follow(event)
  },
)

class Passages {
  /** By the branch of the client, for as long as the client waits. */
  private readonly open = new Map<string, Passage>()
  /** By the server and the request. */
  private readonly at = new Map<string, Passage[]>()

  follow(event: TraceEvent<Message>): string[] {
    const { node, input, missed, at } = event
    const gone = stopped(event)
    if (gone !== undefined) for (const one of this.open.values()) if (one.server?.node === gone) one.server = undefined
    const message = taken(event)
    if (message?.kind === 'request') this.arrive(node, message, at)
    if (message?.kind === 'response' && isFinal(message)) this.answer(message, 'isAnswered')
    for (const response of sentResponses(event)) if (isFinal(response)) this.answer(response, 'hasFinal')
    for (const request of sentRequests(event)) this.send(node, request)
    const isOver = input.kind === 'timer' && input.timer.name === 'Timer F' && !missed
    return isOver ? this.giveUp(input.timer.of, at) : []
  }

  private send(node: Address, request: SipRequest): void {
    const branch = branchOf(request)
    if (['ACK', 'INVITE', 'CANCEL'].includes(request.method) || this.open.has(branch)) return
    const passage = { request, isAnswered: false, server: undefined, hasFinal: false, onwards: [] }
    this.open.set(branch, passage)
    for (const before of this.at.get(`${node} ${requestKey(request)}`) ?? []) before.onwards.push(passage)
  }

  private arrive(node: Address, request: SipRequest, since: Micros): void {
    const passage = this.open.get(branchOf(request))
    if (passage === undefined || passage.server !== undefined || passage.hasFinal) return
    passage.server = { node, since }
    const place = `${node} ${requestKey(request)}`
    const others = this.at.get(place)
    if (others === undefined) this.at.set(place, [passage])
    else others.push(passage)
  }

  private answer(response: SipResponse, what: 'isAnswered' | 'hasFinal'): void {
    const passage = this.open.get(branchOf(response))
    if (passage !== undefined) passage[what] = true
  }

  /** Timer F of a branch: what is wrong if nobody has answered. */
  private giveUp(branch: string, now: Micros): string[] {
    const passage = this.open.get(branch)
    if (passage?.server === undefined) return []
    this.open.delete(branch)
    const { request, server, hasFinal, onwards } = passage
    this.at.delete(`${server.node} ${requestKey(request)}`)
    const isLeft = onwards.some(({ isAnswered }) => !isAnswered)
    if (hasFinal || isLeft || now - server.since < grace) return []
    return [`${server.node} has not answered ${request.method} ${request.uri}`]
  }
}
