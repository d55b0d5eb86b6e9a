import type { Message } from '../message.ts'
import { listIn } from '../presence/watcher/told-lists.ts'
import type { Address } from '../sim/node.ts'
import { worldAddress } from '../sim/simulation.ts'
import { type Micros, seconds } from '../sim/time.ts'
import type { TraceEvent } from '../sim/trace.ts'
import { endingStatuses } from '../sip/events/subscriber.ts'
import type { SipMessage, SipRequest, SipResponse } from '../sip/message.ts'
import { type Check, check } from './check.ts'
import { authorOf, dialogOf, newRequests, sentRequests, taken } from './sip-traffic.ts'

/** After how long without a message to or from a server all that it has collected has been told, in microseconds. */
const quiet = seconds(10)

/**
 * TS 24.141 §5.3.4.3: a server of lists is subscribed to each member of each list that is watched, in the name of who
 * watches it, and to nobody else. A moment counts if no message has passed for ten seconds, none waits for its answer,
 * and the watcher of the list has not asked for a rate of its own.
 */
export const listMembers: Check = check(
  'When all is quiet, a server of lists is subscribed to the members of the lists that are watched',
  'TS 24.141 §5.3.4.3',
  () => {
    const isNew = newRequests('NOTIFY')
    const servers = new Map<Address, ListServer>()
    return (event) => {
      const found = [...servers.values()].flatMap((server) => server.faultsBefore(event.at))
      const told = isNew(event).some((notify) => listIn(notify) !== undefined)
      if (told && !servers.has(event.node)) servers.set(event.node, new ListServer(event.node))
      servers.get(event.node)?.follow(event)
      if (event.node === worldAddress) for (const server of servers.values()) server.followWorld(event)
      return found
    }
  },
)

/** RFC 3261 §17.1.2.2: how long a request waits for its answer, in microseconds, and a little more. */
const timerF = seconds(33)

/** A subscription to a list, by what its watcher has been told. */
interface Watched {
  readonly list: string
  readonly watcher: string
  readonly hasOwnRate: boolean
  /** By URI: the state of the instance that was told last; undefined if nothing is known of the member. */
  members: Map<string, string | undefined>
}

/** A subscription to a member. */
interface Behind {
  readonly watcher: string
  readonly member: string
  /** When it ends if nothing is heard of it. */
  until: Micros
}

/** A server of lists, as it is seen from outside, from the first NOTIFY about a list on. */
class ListServer {
  private readonly node: Address
  private readonly lists = new Map<string, Watched>()
  private readonly behind = new Map<string, Behind>()
  private readonly sent = new Set<string>()
  private readonly unanswered = new Map<string, { readonly request: SipRequest; readonly at: Micros }>()
  private readonly watchers = new Map<string, Pick<Watched, 'watcher' | 'hasOwnRate'>>()
  private lastMessageAt: Micros = 0
  private isCompared = true
  private isDown = false

  constructor(node: Address) {
    this.node = node
  }

  follow(event: TraceEvent<Message>): void {
    const message = taken(event)
    const requests = sentRequests(event)
    if (event.input.kind === 'message' || requests.length > 0) {
      this.lastMessageAt = event.at
      this.isCompared = false
    }
    if (message?.kind === 'request') this.takeRequest(message)
    if (message?.kind === 'response' && message.status >= 200) this.takeResponse(message, event.at)
    for (const request of requests) this.send(request, event.at)
  }

  /** A server that was down has yet to catch up with what was due meanwhile. */
  followWorld({ input, at }: TraceEvent<Message>): void {
    if (input.kind !== 'command' || input.command.node !== this.node) return
    this.isDown = input.command.do === 'down'
    this.lastMessageAt = at
    this.isCompared = false
  }

  private takeRequest(request: SipRequest): void {
    const { callId, event, subscriptionState } = request.headers
    if (request.method === 'NOTIFY' && subscriptionState?.value === 'terminated') this.behind.delete(callId!)
    if (request.method !== 'SUBSCRIBE' || this.watchers.has(callId!)) return
    this.watchers.set(callId!, { watcher: authorOf(request), hasOwnRate: event?.params['max-rate'] !== undefined })
  }

  private takeResponse({ headers, status }: SipResponse, at: Micros): void {
    const { callId, cseq, expires } = headers
    const key = keyOf(headers)
    const asked = this.unanswered.get(key)?.request
    this.unanswered.delete(key)
    // RFC 6665 §4.2.2: whoever answers so is not told anything more.
    if (asked?.method === 'NOTIFY' && endingStatuses.has(status)) this.lists.delete(dialogOf(asked))
    const one = this.behind.get(callId!)
    if (one === undefined || cseq!.method !== 'SUBSCRIBE') return
    if (status < 300) one.until = at + seconds(expires ?? 0)
    else if (headers.to?.params.tag === undefined || endingStatuses.has(status) || one.until === Infinity)
      this.behind.delete(callId!)
  }

  private send(request: SipRequest, at: Micros): void {
    const { callId, expires, to } = request.headers
    const key = keyOf(request.headers)
    if (this.sent.has(key)) return
    this.sent.add(key)
    this.unanswered.set(key, { request, at })
    if (request.method === 'NOTIFY') return this.tell(request)
    if (request.method !== 'SUBSCRIBE') return
    if (expires === 0) this.behind.delete(callId!)
    else if (to!.params.tag === undefined && !this.behind.has(callId!)) {
      const member = request.uri.toLowerCase()
      this.behind.set(callId!, { watcher: authorOf(request), member, until: Number.POSITIVE_INFINITY })
    }
  }

  private tell(notify: SipRequest): void {
    const told = listIn(notify)
    const dialog = dialogOf(notify)
    if (typeof told !== 'object') return
    if (notify.headers.subscriptionState?.value === 'terminated') return void this.lists.delete(dialog)
    const { uri, fullState, resources } = told.rlmi
    const known = this.watchers.get(notify.headers.callId!)
    const whose = known ?? { watcher: notify.headers.to!.uri.toLowerCase(), hasOwnRate: false }
    const members = new Map(fullState ? [] : this.lists.get(dialog)?.members)
    for (const one of resources) members.set(one.uri.toLowerCase(), one.instances[0]?.state)
    this.lists.set(dialog, { list: uri, ...whose, members })
  }

  /** What is wrong if it has been quiet up to a moment; each quiet time is looked at once. */
  faultsBefore(at: Micros): string[] {
    if (this.isDown || this.isCompared || at - this.lastMessageAt < quiet) return []
    this.giveUp(at)
    if (this.unanswered.size > 0) return []
    this.isCompared = true
    const now = this.lastMessageAt + quiet
    const all = [...this.lists.values()]
    const hurried = new Set(all.flatMap(({ watcher, hasOwnRate }) => (hasOwnRate ? [watcher] : [])))
    const behind = [...this.behind.values()].filter(({ until }) => until > now)
    const wanted = new Set(all.flatMap(({ watcher, members }) => [...members.keys()].map((one) => `${watcher} ${one}`)))
    const surplus = behind.filter(({ watcher, member }) => !hurried.has(watcher) && !wanted.has(`${watcher} ${member}`))
    return [
      ...all.flatMap((one) => this.missing(one, behind)),
      ...surplus.map(({ watcher, member }) => `${this.node} watches ${member}, who is in no list of ${watcher}`),
    ]
  }

  /** RFC 3261 §17.1.2.2, RFC 6665 §4.2.2: what has no answer by now gets none; who gives none is told nothing more. */
  private giveUp(now: Micros): void {
    for (const [key, { request, at }] of this.unanswered) {
      if (now - at < timerF) continue
      this.unanswered.delete(key)
      if (request.method === 'NOTIFY') this.lists.delete(dialogOf(request))
    }
  }

  private missing({ list, watcher, hasOwnRate, members }: Watched, behind: readonly Behind[]): string[] {
    if (hasOwnRate) return []
    return [...members].flatMap(([uri, state]) => {
      const isWatched = behind.some((one) => one.watcher === watcher && one.member === uri)
      return isWatched || state === 'terminated' ? [] : [`${this.node} does not watch ${uri} of ${list} for ${watcher}`]
    })
  }
}

const keyOf = ({ callId, from, cseq }: SipMessage['headers']): string =>
  `${callId} ${from!.params.tag} ${cseq!.number} ${cseq!.method}`
