/** Publications (RFC 3903), as publishers and compositors tell of them. */
import type { Message } from '../message.ts'
import type { Address } from '../sim/node.ts'
import { type Micros, seconds } from '../sim/time.ts'
import type { TraceEvent } from '../sim/trace.ts'
import type { SipRequest, SipResponse } from '../sip/message.ts'
import { type Check, check } from './check.ts'
import { branchOf, newRequests, newResponses, requestKey, restarted, taken } from './sip-traffic.ts'

/** RFC 3903 §6 step 6: each success has an entity-tag that never was before, and a duration within what was asked. */
export const publicationGranted: Check = check(
  'A PUBLISH that succeeds is given a new entity-tag, for no longer than was asked for',
  'RFC 3903 §6 step 6',
  () => {
    const answers = answersToPublish()
    const given = new Set<string>()
    return (event) =>
      answers(event).flatMap(({ request, response }) => {
        const { status, headers } = response
        if (status >= 300) return []
        const found: string[] = []
        const { sipEtag, expires } = headers
        const asked = request.headers.expires
        if (sipEtag === undefined) found.push(`PUBLISH ${request.uri} succeeds without an entity-tag`)
        else if (given.has(`${event.node} ${sipEtag}`))
          found.push(`${event.node} gives the entity-tag ${sipEtag} again`)
        given.add(`${event.node} ${sipEtag}`)
        if (expires === undefined) found.push(`PUBLISH ${request.uri} succeeds without a duration`)
        else if (asked !== undefined && expires > asked)
          found.push(`PUBLISH ${request.uri} is granted ${expires} s, where ${asked} s were asked for`)
        return found
      })
  },
)

/** RFC 3903 §6 step 3: SIP-If-Match names the last state of a publication that has not run out, or gets 412. */
export const publicationMatch: Check = check(
  'A PUBLISH with the entity-tag of a state that there is succeeds, and one with another is answered 412',
  'RFC 3903 §6 step 3',
  () => {
    const answers = answersToPublish()
    const live = new Map<Address, Map<string, State>>()
    return (event) => {
      const gone = restarted(event)
      if (gone !== undefined) live.delete(gone)
      return answers(event).flatMap(({ request, response }) => {
        const own = live.get(event.node) ?? new Map<string, State>()
        live.set(event.node, own)
        return compare(own, request, response, event.at)
      })
    }
  },
)

/** What an entity-tag stands for: for whom, and until when. */
interface State {
  readonly resource: string
  readonly until: Micros
}

function compare(live: Map<string, State>, request: SipRequest, response: SipResponse, now: Micros): string[] {
  const { sipIfMatch } = request.headers
  const { sipEtag, expires = 0 } = response.headers
  const state = sipIfMatch === undefined ? undefined : live.get(sipIfMatch)
  const isThere = state !== undefined && state.resource === request.uri && now <= state.until
  const name = `PUBLISH ${request.uri}`
  if (response.status === 412) return isThere && now < state.until ? [`${name} for ${sipIfMatch} is answered 412`] : []
  if (response.status >= 300) return []
  if (sipIfMatch !== undefined) live.delete(sipIfMatch)
  if (sipEtag !== undefined && expires > 0) live.set(sipEtag, { resource: request.uri, until: now + seconds(expires) })
  if (sipIfMatch !== undefined && !isThere) return [`${name} for ${sipIfMatch} succeeds, which names no state`]
  // RFC 3903 §6 step 5
  return sipIfMatch === undefined && request.body === '' ? [`${name} without a state succeeds`] : []
}

interface Answer {
  readonly request: SipRequest
  readonly response: SipResponse
}

/** The final answers to PUBLISH that a node gives itself. */
function answersToPublish(): (event: TraceEvent<Message>) => Answer[] {
  const isNew = newResponses()
  const asked = new Map<string, SipRequest>()
  return (event) => {
    const message = taken(event)
    if (message?.kind === 'request' && message.method === 'PUBLISH')
      asked.set(`${event.node} ${requestKey(message)}`, message)
    return isNew(event).flatMap((response) => {
      const request = asked.get(`${event.node} ${requestKey(response)}`)
      return request === undefined || response.status < 200 ? [] : [{ request, response }]
    })
  }
}

/** RFC 3903 §4.1, §4.3: who publishes again does so for the entity-tag that the last 2xx has brought. */
export const publicationTag: Check = check(
  'A publisher names the entity-tag that it was given last, and none after 412',
  'RFC 3903 §4.1',
  () => {
    const publishers = new Publishers()
    return (event) =>
      publishers.follow(event, ({ tags }, { uri, headers: { sipIfMatch } }) =>
        sipIfMatch === undefined || tags.has(sipIfMatch)
          ? undefined
          : `PUBLISH ${uri} names ${sipIfMatch}, which is not what its publisher was given last`,
      )
  },
)

/** RFC 3903 §4: a publisher waits for the answer, or for its end, before it publishes again. */
export const publicationTurn: Check = check(
  'A publisher sends no PUBLISH before the one before it is answered or given up',
  'RFC 3903 §4',
  () => {
    const publishers = new Publishers()
    return (event) =>
      publishers.follow(event, ({ waiting }, { uri }) =>
        waiting === undefined ? undefined : `PUBLISH ${uri} is sent while another one waits for its answer`,
      )
  },
)

/** What a publisher knows of what it publishes for somebody. */
interface Publisher {
  /** The entity-tags that may be named. */
  readonly tags: Set<string>
  /** The PUBLISH that has no answer yet. */
  waiting: SipRequest | undefined
}

class Publishers {
  private readonly isNew = newRequests('PUBLISH')
  /** By node and Request-URI. */
  private readonly publishers = new Map<string, Publisher>()
  /** The PUBLISH requests without an answer, by the node and the branch. */
  private readonly open = new Map<string, { readonly publisher: Publisher; readonly request: SipRequest }>()

  /** Asks what is wrong with each PUBLISH, given what its publisher knows by then. */
  follow(
    event: TraceEvent<Message>,
    fault: (publisher: Publisher, request: SipRequest) => string | undefined,
  ): string[] {
    const { node, input } = event
    const gone = restarted(event)
    if (gone !== undefined) this.forget(gone)
    const message = taken(event)
    if (message?.kind === 'response' && message.status >= 200) this.answer(node, message)
    if (input.kind === 'timer' && input.timer.name === 'Timer F') this.close(`${node} ${input.timer.of}`)
    if (input.kind === 'failure' && input.message.protocol === 'sip') this.close(`${node} ${branchOf(input.message)}`)
    return this.isNew(event).flatMap((request) => {
      const place = `${node} ${request.uri}`
      const publisher = this.publishers.get(place) ?? { tags: new Set<string>(), waiting: undefined }
      this.publishers.set(place, publisher)
      const what = fault(publisher, request)
      publisher.waiting = request
      this.open.set(`${node} ${branchOf(request)}`, { publisher, request })
      return what === undefined ? [] : [what]
    })
  }

  private answer(node: Address, response: SipResponse): void {
    const { publisher, request } = this.open.get(`${node} ${branchOf(response)}`) ?? {}
    if (publisher === undefined || request === undefined) return
    this.close(`${node} ${branchOf(response)}`)
    const { sipIfMatch, expires } = request.headers
    const { sipEtag } = response.headers
    const isOver = response.status < 300 || response.status === 412
    if (isOver && sipIfMatch !== undefined) publisher.tags.delete(sipIfMatch)
    if (response.status < 300 && sipEtag !== undefined && expires !== 0) publisher.tags.add(sipEtag)
  }

  private close(key: string): void {
    const { publisher, request } = this.open.get(key) ?? {}
    this.open.delete(key)
    if (publisher !== undefined && publisher.waiting === request) publisher.waiting = undefined
  }

  private forget(node: Address): void {
    for (const key of this.publishers.keys()) if (key.startsWith(`${node} `)) this.publishers.delete(key)
    for (const key of this.open.keys()) if (key.startsWith(`${node} `)) this.open.delete(key)
  }
}
