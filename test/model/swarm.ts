/** A swarm: random histories over bad links, each compared with what the reference says that watchers may see. */

import { isDocumentError, parsePresence } from '../../src/documents/index.ts'
import type { Message } from '../../src/message.ts'
import type { Watcher, Watching } from '../../src/presence/watcher.ts'
import { below, stream } from '../../src/sim/random.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import { headerValue, type SipMessage, type SipRequest } from '../../src/sip/message.ts'
import { type Handling, handlings, Reference, type Sight } from './reference.ts'
import { devices, documentOf, modelWorld, presenceServer, presentity, rulesFor, setFaults, watchers } from './world.ts'

export interface SwarmOptions {
  /** The ids of rules that the run leaves out. */
  readonly without?: readonly string[]
  /** What the presence server is given in the place of a handling: it then does what the reference does not expect. */
  readonly misread?: (handling: Handling) => Handling
}

/** What one run came to. */
export interface SwarmResult {
  readonly violations: readonly string[]
  /** How many notified documents, and how many states at the end, were compared. */
  readonly compared: number
  readonly steps: number
}

/** One history by its seed. */
export function swarm(seed: number, options: SwarmOptions = {}): SwarmResult {
  return new Run(seed, options).result()
}

class Run {
  private readonly reference = new Reference()
  private readonly random
  private readonly simulation: Simulation<Message>
  private readonly violations: string[] = []
  /** By Call-ID and number: what a NOTIFY with a body may show. */
  private readonly expected = new Map<string, Sight>()
  private readonly answered = new Set<string>()
  private readonly misread: (handling: Handling) => Handling
  private compared = 0
  private steps = 0
  private words = 0

  constructor(seed: number, { without = [], misread = (handling) => handling }: SwarmOptions) {
    this.random = stream(seed, 'swarm')
    this.misread = misread
    const rules = this.someRules()
    this.reference.decide(rules)
    this.simulation = modelWorld(seed, this.given(rules), without)
    const outage = this.chance(2)
    setFaults(this.simulation, { lossOneIn: 12, duplicateOneIn: 10, jitter: 80 })
    for (let deeds = 10 + this.below(10); deeds > 0; deeds--) {
      this.act(outage)
      this.pass(seconds(this.below(3) === 0 ? 0 : 1 + this.below(25)))
    }
    setFaults(this.simulation, undefined)
    this.pass(seconds(1500))
    for (const watcher of watchers) this.compareAtTheEnd(watcher)
  }

  result(): SwarmResult {
    return { violations: this.violations, compared: this.compared, steps: this.steps }
  }

  private readonly below = (bound: number): number => below(this.random, bound)
  private readonly chance = (oneIn: number): boolean => this.below(oneIn) === 0
  private pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  private someRules(): Record<string, Handling> {
    return Object.fromEntries(watchers.map(({ identity }) => [identity, this.pick(handlings)]))
  }

  /** The rules as the presence server is given them. */
  private given(rules: Readonly<Record<string, Handling>>): string {
    return rulesFor(Object.fromEntries(Object.entries(rules).map(([who, how]) => [who, this.misread(how)])))
  }

  private act(outage: boolean): void {
    const { host } = this.pick(watchers)
    const device = this.pick(devices)
    const kind = this.below(12)
    if (kind < 4) {
      const document = documentOf(device, `word${++this.words}`)
      const expires = !outage && this.chance(3) ? 60 : 3600
      return this.tell(device, { do: 'publish', document, expires, partial: device === devices[1] })
    }
    if (kind === 4) return this.tell(device, { do: 'unpublish' })
    if (kind < 8) {
      const accept = headerValue('accept', 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1')!
      return this.tell(host, { do: 'subscribe', to: presentity, expires: 600, ...(this.chance(2) && { accept }) })
    }
    if (kind === 8) return this.tell(host, { do: 'unsubscribe', to: presentity })
    if (kind < 11 || !outage) return this.changeRules()
    this.tell('world', { do: 'down', node: presenceServer })
    this.pass(seconds(1 + this.below(20)))
    this.tell('world', { do: 'up', node: presenceServer })
  }

  private changeRules(): void {
    const rules = this.someRules()
    this.simulation.command(0, presenceServer, { do: 'policy', of: presentity, rules: this.given(rules), told: rules })
    this.pass(0)
  }

  private tell(to: string, command: { readonly do: string; readonly [argument: string]: unknown }): void {
    this.simulation.command(0, to, command)
    this.pass(0)
  }

  private pass(time: number): void {
    const { simulation } = this
    const until = simulation.now + time
    for (let due = simulation.next; due !== undefined && due <= until; due = simulation.next) {
      this.observe(simulation.step()!)
      this.steps++
    }
    simulation.command(until - simulation.now, 'world', { do: 'heal' })
    simulation.step()
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
    if (input.kind === 'command') this.reference.decide(input.command.told as Record<string, Handling>)
    if (input.kind === 'message' && input.message.protocol === 'sip' && input.message.kind === 'request') {
      const request = input.message
      const answer = sent.find((one) => one.kind === 'response' && one.headers.cseq!.method === request.method)
      const key = `${request.headers.callId} ${request.headers.cseq!.number}`
      if (answer?.kind === 'response' && !this.answered.has(key)) {
        this.answered.add(key)
        if (request.method === 'PUBLISH' && answer.status === 200) this.accepted(request, answer, at)
        if (request.method === 'SUBSCRIBE') this.compareAnswer(request, answer.status)
      }
    }
    this.reference.expire(at)
    for (const one of sent) if (one.kind === 'request' && one.method === 'NOTIFY') this.expect(one)
  }

  private accepted(request: SipRequest, answer: SipMessage, at: number): void {
    const { sipIfMatch, via } = request.headers
    const device = via!.at(-1)!.host.replace(/\W/g, '')
    if (request.headers.expires === 0) return this.reference.remove(sipIfMatch!)
    const says = /word\d+/.exec(String(request.body))?.[0]
    const until = at + seconds(answer.headers.expires!)
    this.reference.publish(answer.headers.sipEtag!, sipIfMatch, `d${device}`, says, until)
  }

  /** RFC 5025 §3.2.1: who is blocked is refused, everybody else is not. */
  private compareAnswer(request: SipRequest, status: number): void {
    const who = request.headers.pAssertedIdentity?.[0]?.uri
    if (who === undefined || request.headers.to!.params.tag !== undefined) return
    this.compare(`${who} is answered`, status, this.reference.standing(who) === 'refused' ? 403 : 200)
  }

  /** What a NOTIFY, when it is sent first, says of the state, and what its body may show. */
  private expect(notify: SipRequest): void {
    const key = `${notify.headers.callId} ${notify.headers.cseq!.number}`
    if (this.expected.has(key)) return
    const who = notify.headers.to!.uri
    const sight = this.reference.sight(who)
    this.expected.set(key, sight)
    if (sight === undefined) this.compare(`${who} is told a body`, notify.body, '')
    else if (notify.body === '') this.violations.push(`${who} is told nothing, but may see ${sight.join(', ')}`)
    const state = notify.headers.subscriptionState!.value
    if (state !== 'terminated') this.compare(`${who} is`, state, this.reference.standing(who))
  }

  /** What a watcher has made of a NOTIFY: exactly what it might see when that was sent. */
  private compareView({ identity, host }: { identity: string; host: string }, notify: SipRequest): void {
    const { callId, cseq } = notify.headers
    const watching = this.watchingAt(host).find((one) => one.callId === callId)
    if (watching?.dialog?.remoteSequence !== cseq!.number || watching.known?.kind !== 'view' || notify.body === '')
      return
    const sight = this.expected.get(`${callId} ${cseq!.number}`)
    this.compare(`${identity} sees`, seenBy(watching), sight?.join(', '))
  }

  /** When all is quiet: who is subscribed sees what is so now, and who may not be, is not. */
  private compareAtTheEnd({ identity, host }: { identity: string; host: string }): void {
    this.reference.expire(this.simulation.now)
    for (const watching of this.watchingAt(host)) {
      if (watching.state === 'terminated') continue
      const standing = this.reference.standing(identity)
      this.compare(`at the end ${identity} is`, watching.state, standing === 'refused' ? 'terminated' : standing)
      const sight = this.reference.sight(identity)
      if (sight !== undefined) this.compare(`at the end ${identity} sees`, seenBy(watching), sight.join(', '))
    }
  }

  private watchingAt(host: string): readonly Watching[] {
    const { user } = this.simulation.world.seats.get(host)!.state as { user: { roles: { watcher?: Watcher } } }
    return user.roles.watcher?.watching ?? []
  }

  private compare(what: string, found: unknown, expected: unknown): void {
    this.compared++
    if (found !== expected) this.violations.push(`${this.simulation.now / 1e6} s: ${what} ${found}, not ${expected}`)
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
