/** What a server of lists answers, tells and asks, held against the reference as it happens. */

import type { Message } from '../../src/message.ts'
import { listIn, statesIn, type ToldList } from '../../src/presence/watcher/told-lists.ts'
import { type Micros, seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import { endingStatuses } from '../../src/sip/events/subscriber.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message.ts'
import type { History } from './history.ts'
import { filtersFor, hide, type ListReference, type PlainFilter, type PlainLists } from './list-reference.ts'
import { team } from './list-world.ts'

/** A subscription to a list, as it has been granted. */
export interface Granted {
  readonly watcher: string
  readonly list: string
  /** Max-Forwards of the request that began it. */
  readonly hops: number
  /** The media types that the watcher accepts, but for those of lists. */
  accept: string
  filters: readonly PlainFilter[]
  /** True if the filters are not those that it began with. */
  isRefiltered: boolean
  /** The shortest time between two notifications of changes. */
  gap: Micros
  notifiedAt: Micros
  /** The number of the NOTIFY that waits for its answer. */
  unanswered: number | undefined
}

/** RFC 3856 §6.10: of presence nobody is told more often, in microseconds. */
const packageGap = seconds(5)

export class ListObserver {
  /** By Call-ID. */
  readonly granted = new Map<string, Granted>()
  /** The Call-IDs of those that the server has given up, as a NOTIFY had no answer (RFC 6665 §4.2.2). */
  readonly givenUp = new Set<string>()
  /** By branch: the Call-ID and the number of a NOTIFY that was sent. */
  private readonly notified = new Map<string, readonly [callId: string, number: number]>()
  private readonly history: History
  private readonly reference: ListReference
  /** What documents of lists and of filters mean, by their texts. */
  private readonly lists: ReadonlyMap<string, PlainLists>
  private readonly filters: ReadonlyMap<string, readonly PlainFilter[]>
  /** Whether a watcher may have been told a word of a presentity. */
  private readonly might: (watcher: string, presentity: string, word: string) => boolean

  constructor(given: {
    history: History
    reference: ListReference
    lists: ReadonlyMap<string, PlainLists>
    filters: ReadonlyMap<string, readonly PlainFilter[]>
    might: (watcher: string, presentity: string, word: string) => boolean
  }) {
    this.history = given.history
    this.reference = given.reference
    this.lists = given.lists
    this.filters = given.filters
    this.might = given.might
  }

  observe(event: TraceEvent<Message>): void {
    const { input, effects } = event
    const message = input.kind === 'message' ? input.message : undefined
    const sent = effects.flatMap((one) => (one.kind === 'send' ? [one.message] : []))
    if (input.kind === 'timer' && input.timer.name === 'Timer F') this.giveUp(input.timer.of)
    if (message?.protocol === 'http' && message.kind === 'request') this.takeDocument(message, sent)
    const sip = sent.flatMap((one) => (one.protocol === 'sip' ? [one] : []))
    const asked = message?.protocol === 'sip' ? message : undefined
    if (asked?.kind === 'response') this.takeAnswer(asked)
    if (asked?.kind === 'request' && asked.method === 'SUBSCRIBE')
      for (const one of sip)
        if (one.kind === 'response' && one.headers.cseq!.method === 'SUBSCRIBE' && this.history.isNew(one, 'answer'))
          this.compareAnswer(asked, one, event.at)
    for (const one of sip) {
      if (one.kind !== 'request' || !this.history.isNew(one, 'sent')) continue
      if (one.method === 'NOTIFY') this.compareNotify(one, asked, event.at)
      else if (one.headers.to!.params.tag === undefined) this.compareBehind(one)
    }
  }

  /** What the server accepts says who is in the lists. */
  private takeDocument(request: Message & { protocol: 'http'; kind: 'request' }, sent: readonly Message[]): void {
    const answer = sent.find((one) => one.protocol === 'http')
    if (answer?.kind !== 'response' || answer.status >= 300) return
    if (request.method === 'DELETE') this.reference.change(undefined)
    if (request.method === 'PUT') this.reference.change(this.lists.get(String(request.body))!)
  }

  private compareAnswer(request: SipRequest, { status, headers }: SipResponse, at: Micros): void {
    const { callId, to, supported, pAssertedIdentity } = request.headers
    const who = pAssertedIdentity?.[0]?.uri
    const list = request.uri
    if (status === 200) this.history.compare(`${who} has to know lists:`, headers.require?.includes('eventlist'), true)
    if (to!.params.tag === undefined) {
      const knowsLists = supported?.includes('eventlist') === true
      const expected = this.reference.answer({ who, list, knowsLists })
      this.history.compare(`${who} asks for ${list} and is answered`, status, expected)
      if (status === 200) this.granted.set(callId!, this.newlyGranted(request, at))
    } else if (status === 200) this.grantAgain(request)
  }

  private newlyGranted({ headers, body, uri }: SipRequest, at: Micros): Granted {
    return {
      watcher: headers.pAssertedIdentity![0]!.uri,
      list: uri,
      hops: headers.maxForwards!,
      accept: acceptedOf(headers.accept),
      filters: this.filters.get(String(body)) ?? [],
      isRefiltered: false,
      gap: gapOf(headers.event!.params['max-rate']),
      notifiedAt: at,
      unanswered: undefined,
    }
  }

  /** RFC 4660 §5.2.2, RFC 6446 §5: filters stay unless others are sent, a rate holds until the next SUBSCRIBE. */
  private grantAgain({ headers, body }: SipRequest): void {
    const granted = this.granted.get(headers.callId!)
    if (granted === undefined) return
    granted.gap = gapOf(headers.event!.params['max-rate'])
    if (headers.accept !== undefined) granted.accept = acceptedOf(headers.accept)
    if (body === '') return
    granted.filters = this.filters.get(String(body))!
    granted.isRefiltered = true
  }

  /** RFC 6665 §4.2.2: who does not know the subscription any more is not told any more. */
  private takeAnswer({ headers, status }: SipResponse): void {
    const granted = this.granted.get(headers.callId!)
    if (granted === undefined || headers.cseq!.method !== 'NOTIFY' || status < 200) return
    if (headers.cseq!.number === granted.unanswered) granted.unanswered = undefined
    if (endingStatuses.has(status)) this.granted.delete(headers.callId!)
  }

  /**
   * Who does not answer a NOTIFY is not told any more, and does not know of it before the next refresh: over TCP nothing
   * is sent again, and a server that is away misses the answer.
   */
  private giveUp(branch: string): void {
    const [callId, number] = this.notified.get(branch) ?? []
    if (callId === undefined || this.granted.get(callId)?.unanswered !== number) return
    this.granted.delete(callId)
    this.givenUp.add(callId)
  }

  private compareNotify(notify: SipRequest, asked: Message | undefined, at: Micros): void {
    const { callId, cseq, subscriptionState, require } = notify.headers
    const granted = this.granted.get(callId!)
    const told = listIn(notify)
    if (granted === undefined || typeof told !== 'object')
      return this.history.violate(`what nobody has subscribed to is told: ${callId} ${cseq!.number}`)
    const { watcher, list } = granted
    const isLast = subscriptionState!.value === 'terminated'
    const isAsked = asked?.protocol === 'sip' && asked.kind === 'request' && asked.headers.callId === callId
    this.history.compare(`${watcher} has to know lists:`, require?.includes('eventlist'), true)
    if (!isAsked && !isLast) this.compareTime(granted, told, at)
    const members = this.reference.membersOf(list)?.members
    if (told.rlmi.fullState && members !== undefined) {
      const uris = told.rlmi.resources.map(({ uri }) => uri)
      this.history.compare(`${watcher} is told of`, uris.join(), members.join())
    }
    if (isLast && !isAsked && members === undefined)
      this.history.compare(`${list} is gone, as`, subscriptionState!.params.reason, 'noresource')
    this.compareWords(granted, told)
    granted.notifiedAt = at
    granted.unanswered = cseq!.number
    this.notified.set(notify.headers.via![0]!.params.branch as string, [callId!, cseq!.number])
    if (isLast) this.granted.delete(callId!)
  }

  /** RFC 4662 §4.8, §5.2, RFC 6446 §5: when a change is told, and that there is one. */
  private compareTime({ watcher, gap, notifiedAt, unanswered }: Granted, { rlmi }: ToldList, at: Micros): void {
    this.history.compare(
      `${watcher} is told after ${(at - notifiedAt) / 1e6} s, which is due`,
      at - notifiedAt >= gap,
      true,
    )
    this.history.compare(`${watcher} is told before an answer to`, unanswered, undefined)
    if (!rlmi.fullState) this.history.compare(`${watcher} is told of a change`, rlmi.resources.length > 0, true)
  }

  /** What a watcher is told by a list she might be told, and has not asked to be spared. */
  private compareWords(granted: Granted, told: ToldList): void {
    const { watcher, list, filters, isRefiltered } = granted
    const members = this.reference.membersOf(list)?.members ?? []
    for (const { uri, part } of statesIn(told)) {
      const words = [...String(part.body).matchAll(/word\d+/g)].map(([word]) => word)
      const isFine = words.every((word) => this.might(watcher, uri, word))
      this.history.compare(`${watcher} might be told ${words} of ${uri}`, isFine, true)
      // What came before the filters changed is told once more; who is in a list of another server is under its eyes.
      if (isRefiltered || !members.includes(uri) || members.includes(team)) continue
      if (hide(filtersFor(filters, uri, members), uri))
        this.history.compare(`${watcher} is spared the notes of ${uri}, but told`, words.join(), '')
    }
  }

  /** TS 24.141 §5.3.4.3: in whose name a member is subscribed to, and what for. */
  private compareBehind({ uri, headers }: SipRequest): void {
    const watcher = headers.pAssertedIdentity?.[0]?.uri
    this.history.compare(`${uri} is asked in the name of`, headers.from!.uri, watcher)
    const mine = [...this.granted.values()].filter((one) => one.watcher === watcher)
    const lists = mine.filter(({ list }) => this.reference.membersOf(list)?.members.includes(uri))
    this.history.compare(`${watcher} watches a list with ${uri}`, lists.length > 0, true)
    const accept = acceptedOf(headers.accept)
    this.history.compare(
      `${uri} is asked for ${accept}, as ${watcher} takes that`,
      lists.some((one) => one.accept === accept),
      true,
    )
    this.history.compare(
      `${uri} is asked with ${headers.maxForwards} hops left, one less than by ${watcher}`,
      lists.some(({ hops }) => hops - 1 === headers.maxForwards),
      true,
    )
    if (headers.supported?.includes('eventlist')) this.history.compare('what is asked as a list is', uri, team)
  }
}

/** The types of presence in Accept: the types of lists are for the server. */
function acceptedOf(accept: readonly { readonly value: string }[] | undefined): string {
  const ofPresence = (accept ?? []).map(({ value }) => value).filter((type) => type.startsWith('application/pidf'))
  return ofPresence.length === 0 ? 'application/pidf+xml' : ofPresence.join()
}

/** RFC 6446 §5.1: the shortest gap, by the rate that was asked for, in notifications a second. */
const gapOf = (rate: string | true | undefined): Micros =>
  typeof rate === 'string' ? Math.max(packageGap, Math.ceil(seconds(1) / Number(rate))) : packageGap
