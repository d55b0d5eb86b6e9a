/** A swarm: random histories over bad links, each compared with what the reference says that watchers may see. */

import { isDocumentError, parsePresence } from '../../src/documents/index.ts'
import type { Message } from '../../src/message.ts'
import type { Watcher, Watching } from '../../src/presence/watcher/watcher.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { millis, seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import { headerValue, type SipMessage, type SipRequest } from '../../src/sip/message.ts'
import { History, type SwarmResult } from './history.ts'
import { type Handling, handlings, type PlainRule, Reference, type Saying, type Sight } from './reference.ts'
import { devices, documentOf, modelWorld, outsider, presenceServer, presentity, rulesFor, watchers } from './world.ts'

export interface SwarmOptions {
  /** The ids of rules that the run leaves out. */
  readonly without?: readonly string[]
  /** What the presence server is given in the place of a handling: it then does what the reference does not expect. */
  readonly misread?: (handling: Handling) => Handling
  /** Whether the turns are held against the checks of every trace too. */
  readonly checked?: boolean
}

/** One history by its seed. */
export function swarm(seed: number, options: SwarmOptions = {}): SwarmResult {
  return new Run(seed, options).result()
}

class Run {
  private readonly reference = new Reference(presentity)
  private readonly history: History
  private readonly simulation: Simulation<Message>
  /** By Call-ID and number: what a NOTIFY with a body may show. */
  private readonly expected = new Map<string, Sight>()
  /** By Call-ID and number: requests that were sent or answered already, so that they come again. */
  private readonly answered = new Set<string>()
  private readonly misread: (handling: Handling) => Handling
  private readonly sayings = new Map<string, Saying>()
  private readonly outage: boolean
  /** The devices that are switched off for good. */
  private readonly off = new Set<string>()

  constructor(seed: number, { without = [], misread = (handling) => handling, checked = false }: SwarmOptions) {
    this.history = new History(seed, 'swarm')
    this.misread = misread
    this.outage = this.history.chance(2)
    const rules = this.someRules(0)
    this.reference.decide(rules)
    this.simulation = modelWorld(seed, this.given(rules), without)
    const act = () => this.act()
    const observe = (event: TraceEvent<Message>) => this.observe(event)
    this.history.play(this.simulation, { lossOneIn: 12, calm: seconds(1500), checked, act, observe })
    for (const watcher of watchers) this.compareAtTheEnd(watcher)
  }

  result(): SwarmResult {
    return this.history.result()
  }

  /** A rule or none for each watcher, and up to two more that mean several, or hold at times. */
  private someRules(now: number): PlainRule[] {
    const all = watchers.map(({ identity }) => identity)
    const single = all.flatMap((one): PlainRule[] =>
      this.history.chance(6) ? [] : [{ watchers: [one], handling: this.history.pick(handlings) }],
    )
    const more = Array.from({ length: this.history.below(3) }, (): PlainRule => {
      const rule: PlainRule = {
        watchers: all.filter(() => !this.history.chance(3)),
        handling: this.history.pick(handlings),
      }
      const condition = this.history.below(4)
      if (condition === 0) return { ...rule, sphere: this.history.pick(['work', 'home']) }
      // A server that is away can not tell when a rule begins to hold.
      if (condition === 1 && !this.outage) return { ...rule, ...this.someTime(now) }
      return condition === 2 ? { ...rule, isOdd: true } : rule
    })
    return single.concat(more)
  }

  private someTime(now: number): { readonly from: number; readonly until: number } {
    const from = seconds(Math.floor(now / seconds(1)) + this.history.below(60) - 30) + millis(537)
    return { from: Math.max(0, from), until: from + seconds(40 + this.history.below(60)) }
  }

  /** The rules as the presence server is given them. */
  private given(rules: readonly PlainRule[]): string {
    return rulesFor(rules.map((rule) => ({ ...rule, handling: this.misread(rule.handling) })))
  }

  private act(): void {
    const { host } = this.history.pick(watchers)
    const device = this.history.pick(devices)
    const kind = this.history.below(15)
    if (kind < 4) return this.publish(device)
    if (kind === 4) return this.history.tell(device, { do: 'unpublish' })
    if (kind < 8) {
      const accept = headerValue('accept', 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1')!
      return this.history.tell(host, {
        do: 'subscribe',
        to: presentity,
        expires: 600,
        ...(this.history.chance(2) && { accept }),
      })
    }
    if (kind === 8) return this.history.tell(host, { do: 'unsubscribe', to: presentity })
    if (kind === 9) return this.history.tell(host, { do: 'publish', of: presentity, document: documentOf(host, 'lie') })
    if (kind === 10) return this.history.tell(outsider.host, { do: 'subscribe', to: presentity, expires: 600 })
    if (kind === 11) {
      const asker = this.history.chance(2) ? devices[0] : host
      return this.history.tell(asker, { do: 'subscribe', to: presentity, event: 'presence.winfo', expires: 600 })
    }
    if (kind < 14) return this.changeRules()
    // A device that is switched off for good leaves behind what it has published, until that runs out.
    if (this.off.has(device)) return
    if (!this.outage && this.history.chance(2)) return this.switchOff(device)
    // A server comes back with all that it knew; what a device has published may be gone when it does.
    const [node, longest] = this.outage ? [presenceServer, 20] : [device, 80]
    this.history.takeDown(node, seconds(1 + this.history.below(longest)))
  }

  private switchOff(device: string): void {
    this.off.add(device)
    this.history.tell('world', { do: 'down', node: device })
  }

  private publish(device: string): void {
    const says = `word${this.sayings.size}`
    // Only one of the devices knows where she is.
    const sphere = device === devices[0] ? this.history.pick(['work', 'home']) : undefined
    this.sayings.set(says, { device: `d${device.replace(/\W/g, '')}`, says, sphere })
    const expires = !this.outage && this.history.chance(3) ? 60 : 3600
    const document = documentOf(device, says, sphere)
    this.history.tell(device, { do: 'publish', document, expires, partial: device === devices[1] })
  }

  private changeRules(): void {
    const rules = this.someRules(this.simulation.now)
    this.simulation.command(0, presenceServer, { do: 'policy', of: presentity, rules: this.given(rules), told: rules })
    this.history.pass(0)
  }

  private observe(event: TraceEvent<Message>): void {
    if (event.missed) return
    if (event.node === presenceServer) return this.observeServer(event)
    const { input } = event
    const watcher = watchers.find(({ host }) => host === event.node)
    if (watcher === undefined || input.kind !== 'message' || input.message.protocol !== 'sip') return
    if (input.message.kind === 'request' && input.message.method === 'NOTIFY') this.compareView(watcher, input.message)
  }

  /** What the presence server accepts makes the history; what it answers and tells is held against it. */
  private observeServer({ input, effects, at }: TraceEvent<Message>): void {
    const sent = effects.flatMap((one) => (one.kind === 'send' && one.message.protocol === 'sip' ? [one.message] : []))
    this.reference.pass(at)
    if (input.kind === 'command') this.reference.decide(input.command.told as PlainRule[])
    if (input.kind === 'message' && input.message.protocol === 'sip' && input.message.kind === 'request') {
      const request = input.message
      const answer = sent.find((one) => one.kind === 'response' && one.headers.cseq!.method === request.method)
      const key = `${request.headers.callId} ${request.headers.cseq!.number}`
      if (answer?.kind === 'response' && !this.answered.has(key)) {
        this.answered.add(key)
        this.compareAnswer(request, answer.status)
        if (request.method === 'PUBLISH' && answer.status === 200) this.accepted(request, answer, at)
      }
    }
    for (const one of sent)
      if (one.kind === 'request' && one.method === 'NOTIFY')
        if (one.headers.event!.value === 'presence') this.expect(one)
        else this.compareInformation(one)
  }

  private accepted(request: SipRequest, answer: SipMessage, at: number): void {
    const { sipIfMatch } = request.headers
    if (request.headers.expires === 0) return this.reference.remove(sipIfMatch!)
    const says = this.sayings.get(String(/word\d+/.exec(String(request.body))?.[0]))
    this.reference.publish(answer.headers.sipEtag!, sipIfMatch, says, at + seconds(answer.headers.expires!))
  }

  /** Who may not ask for something is refused, everybody else is not. */
  private compareAnswer(request: SipRequest, status: number): void {
    const { pAssertedIdentity, event, to } = request.headers
    if (to!.params.tag !== undefined) return
    const who = pAssertedIdentity?.[0]?.uri
    const isRefused =
      request.method === 'PUBLISH'
        ? !this.reference.mayPublish(who)
        : event!.value === 'presence'
          ? this.reference.standing(who) === 'refused'
          : this.reference.mayKnow(who) === 'refused'
    this.history.compare(`${who} is refused ${request.method} ${event!.value}`, status === 403, isRefused)
  }

  /** RFC 3857 §4.6: whose watching a NOTIFY tells of, and what of it. */
  private compareInformation(notify: SipRequest): void {
    const key = `${notify.headers.callId} ${notify.headers.cseq!.number}`
    if (this.answered.has(key)) return
    this.answered.add(key)
    const who = notify.headers.to!.uri
    const may = this.reference.mayKnow(who)
    for (const [, status, uri] of String(notify.body).matchAll(/<watcher [^>]*status="(\w+)"[^>]*>([^<]+)</g)) {
      if (may !== 'of all') this.history.compare(`${who} is told of`, uri, who)
      if (status === 'terminated') continue
      const standing = this.reference.standing(uri)
      if (may !== 'of all' || status !== 'waiting')
        this.history.compare(`${who} is told that ${uri} is`, status, standing)
      else this.history.compare(`${who} is told that ${uri} waits for a decision, it is`, standing, 'pending')
    }
  }

  /** What a NOTIFY, when it is sent first, says of the state, and what its body may show. */
  private expect(notify: SipRequest): void {
    const key = `${notify.headers.callId} ${notify.headers.cseq!.number}`
    if (this.expected.has(key)) return
    const who = notify.headers.to!.uri
    const sight = this.reference.sight(who)
    this.expected.set(key, sight)
    if (sight === undefined) this.history.compare(`${who} is told a body`, notify.body, '')
    else if (notify.body === '') this.history.violate(`${who} is told nothing, but may see ${sight.join(', ')}`)
    const state = notify.headers.subscriptionState!.value
    if (state !== 'terminated') this.history.compare(`${who} is`, state, this.reference.standing(who))
  }

  /** What a watcher has made of a NOTIFY: exactly what it might see when that was sent. */
  private compareView({ identity, host }: { identity: string; host: string }, notify: SipRequest): void {
    const { callId, cseq } = notify.headers
    const watching = this.watchingAt(host).find((one) => one.callId === callId)
    if (watching?.dialog?.remoteSequence !== cseq!.number || watching.known?.kind !== 'view' || notify.body === '')
      return
    const sight = this.expected.get(`${callId} ${cseq!.number}`)
    this.history.compare(`${identity} sees`, seenBy(watching), sight?.join(', '))
  }

  /** When all is quiet: who is subscribed sees what is so now, and who may not be, is not. */
  private compareAtTheEnd({ identity, host }: { identity: string; host: string }): void {
    this.reference.pass(this.simulation.now)
    for (const watching of this.watchingAt(host)) {
      if (watching.state === 'terminated') continue
      if (watching.event === 'presence.winfo')
        this.history.compare(`at the end ${identity} may know`, this.reference.mayKnow(identity), 'of its own')
      if (watching.event !== 'presence') continue
      const standing = this.reference.standing(identity)
      this.history.compare(
        `at the end ${identity} is`,
        watching.state,
        standing === 'refused' ? 'terminated' : standing,
      )
      const sight = this.reference.sight(identity)
      if (sight !== undefined) this.history.compare(`at the end ${identity} sees`, seenBy(watching), sight.join(', '))
    }
  }

  private watchingAt(host: string): readonly Watching[] {
    const { user } = this.simulation.world.seats.get(host)!.state as { user: { roles: { watcher?: Watcher } } }
    return user.roles.watcher?.watching ?? []
  }
}

/** What a watcher sees: what each tuple of the document says; undefined if it has none. */
function seenBy({ known }: Watching): string | undefined {
  if (known?.kind !== 'view') return undefined
  const presence = parsePresence(known.document)
  if (isDocumentError(presence)) return presence.reason
  return presence.tuples
    .map(({ id, notes }) => `${id} ${notes[0]?.text}`)
    .toSorted()
    .join(', ')
}
