/** A swarm of lists: random histories over bad links, in which watchers see by a list what the reference lets them see. */
import { Subject } from 'rxjs'
import { violations } from '../../src/check/checks.ts'
import { listIn, statesIn } from '../../src/check/told-lists.ts'
import { isDocumentError, parsePresence } from '../../src/documents/index.ts'
import type { Message } from '../../src/message.ts'
import type { ListedResource } from '../../src/presence/watcher/list-view.ts'
import type { Watcher } from '../../src/presence/watcher/watcher.ts'
import { below, stream } from '../../src/sim/random.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import { headerValue, type SipRequest } from '../../src/sip/message.ts'
import { list, listOf, listPath, listServer, listWorld, presentities } from './list-world.ts'
import { handlings, type PlainRule, Reference } from './reference.ts'
import type { SwarmOptions, SwarmResult } from './swarm.ts'
import { documentOf, presenceServer, rulesFor, setFaults, watchers } from './world.ts'

const accepting = headerValue(
  'accept',
  'application/pidf-diff+xml, application/pidf+xml;q=0.3, application/rlmi+xml, multipart/related',
)!

/** One history by its seed. */
export function listSwarm(seed: number, options: Pick<SwarmOptions, 'without'> = {}): SwarmResult {
  return new Run(seed, options.without ?? []).result()
}

class Run {
  private readonly references = new Map(
    presentities.map(({ identity }) => [identity, new Reference(identity)] as const),
  )
  private readonly random
  private readonly simulation: Simulation<Message>
  private readonly violations: string[] = []
  private readonly turns = new Subject<TraceEvent<Message>>()
  /** By watcher and presentity: all that the presentity's server might tell her up to now. */
  private readonly told = new Map<string, Set<string>>()
  private readonly known = new Set<string>()
  private members: readonly string[]
  private compared = 0
  private steps = 0
  private words = 0

  constructor(seed: number, without: readonly string[]) {
    this.random = stream(seed, 'list swarm')
    this.members = this.someMembers()
    const rules = new Map(presentities.map(({ identity }) => [identity, this.someRules(identity)] as const))
    this.simulation = listWorld(seed, rules, this.members, without)
    violations(this.turns).subscribe(({ at, what }) => this.violations.push(`${at / 1e6} s: ${what}`))
    setFaults(this.simulation, { lossOneIn: 15, duplicateOneIn: 10, jitter: 80 })
    for (let deeds = 10 + this.below(10); deeds > 0; deeds--) {
      this.act()
      this.pass(seconds(this.below(3) === 0 ? 0 : 1 + this.below(25)))
    }
    setFaults(this.simulation, undefined)
    this.pass(seconds(300))
    for (const watcher of watchers) this.compareAtTheEnd(watcher)
  }

  result(): SwarmResult {
    return { violations: this.violations, compared: this.compared, steps: this.steps }
  }

  private readonly below = (bound: number): number => below(this.random, bound)
  private pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  private someMembers(): string[] {
    const chosen = presentities.flatMap(({ identity }) => (this.below(3) === 0 ? [] : [identity]))
    return chosen.length > 0 ? chosen : [presentities[0]!.identity]
  }

  /** A rule or none for each watcher, in the reference and as a document. */
  private someRules(of: string): string {
    const rules = watchers.flatMap(({ identity }): PlainRule[] =>
      this.below(8) === 0 ? [] : [{ watchers: [identity], handling: this.pick([...handlings, 'allow', 'allow']) }],
    )
    this.references.get(of)!.decide(rules)
    return rulesFor(rules)
  }

  private act(): void {
    const { host } = this.pick(watchers)
    const one = this.pick(presentities)
    const kind = this.below(15)
    if (kind < 4) {
      const document = documentOf(one.host, `word${this.words++}`, undefined, one.identity)
      return this.tell(one.host, { do: 'publish', document, expires: 3600 })
    }
    if (kind === 4) return this.tell(one.host, { do: 'unpublish' })
    if (kind < 9) {
      const accept = this.below(2) === 0 ? { accept: accepting } : {}
      return this.tell(host, { do: 'subscribe', to: list, list: true, expires: 600, ...accept })
    }
    if (kind === 9) return this.tell(host, { do: 'unsubscribe', to: list })
    if (kind < 12) {
      const { identity } = one
      return this.tell(presenceServer, { do: 'policy', of: identity, rules: this.someRules(identity) })
    }
    if (kind === 12) {
      const body = listOf(this.someMembers())
      return this.tell(watchers[0].host, { do: 'xcap-put', document: listPath, body })
    }
    const node = this.pick([listServer, presenceServer])
    this.tell('world', { do: 'down', node })
    this.pass(seconds(1 + this.below(20)))
    this.tell('world', { do: 'up', node })
  }

  private tell(to: string, command: { readonly do: string; readonly [argument: string]: unknown }): void {
    this.simulation.command(0, to, command)
    this.pass(0)
  }

  private pass(time: number): void {
    const { simulation } = this
    const until = simulation.now + time
    for (let due = simulation.next; due !== undefined && due <= until; due = simulation.next) {
      const event = simulation.step()!
      if (!event.missed && event.node === presenceServer) this.observePresence(event)
      if (!event.missed && event.node === listServer) this.observeLists(event)
      this.turns.next(event)
      this.steps++
    }
    simulation.command(until - simulation.now, 'world', { do: 'heal' })
    simulation.step()
  }

  /** What the presence server accepts makes the history; what it might tell a watcher is written down. */
  private observePresence({ input, effects, at }: TraceEvent<Message>): void {
    for (const reference of this.references.values()) reference.pass(at)
    const sent = effects.flatMap((one) => (one.kind === 'send' && one.message.protocol === 'sip' ? [one.message] : []))
    if (input.kind === 'message' && input.message.protocol === 'sip' && input.message.kind === 'request') {
      const request = input.message
      const answer = sent.find((one) => one.kind === 'response' && one.headers.cseq!.method === 'PUBLISH')
      if (answer?.kind === 'response' && answer.status === 200 && this.isNew(request)) {
        const until = at + seconds(answer.headers.expires!)
        this.accepted(request, answer.headers.sipEtag, until)
      }
    }
    for (const one of sent)
      if (one.kind === 'request' && one.method === 'NOTIFY' && one.body !== '' && this.isNew(one)) {
        const watcher = one.headers.to!.uri
        const presentity = one.headers.from!.uri
        const sight = this.references.get(presentity)!.sight(watcher)
        const key = `${watcher} ${presentity}`
        this.told.set(key, (this.told.get(key) ?? new Set()).add(String(sight)))
      }
  }

  private isNew({ headers }: SipRequest): boolean {
    const key = `${headers.callId} ${headers.cseq!.number} ${headers.from!.params.tag}`
    if (this.known.has(key)) return false
    this.known.add(key)
    return true
  }

  private accepted(request: SipRequest, tag: string | undefined, until: number): void {
    const reference = this.references.get(request.uri)!
    const { sipIfMatch, expires } = request.headers
    if (expires === 0) return reference.remove(sipIfMatch!)
    const [, device, says] = /<tuple id="d(\w+)".*(word\d+)/.exec(String(request.body)) ?? []
    const said = says === undefined ? undefined : { device: device!, says, sphere: undefined }
    reference.publish(tag!, sipIfMatch, said, until)
  }

  /** What the list server accepts says who is in the list; what it tells a watcher is what she might be told. */
  private observeLists({ input, effects }: TraceEvent<Message>): void {
    if (input.kind === 'message' && input.message.protocol === 'http' && input.message.kind === 'request') {
      const answered = effects.find((one) => one.kind === 'send' && one.message.protocol === 'http')
      const answer = answered?.kind === 'send' ? answered.message : undefined
      if (answer?.protocol === 'http' && answer.kind === 'response' && answer.status < 300)
        this.members = [...String(input.message.body).matchAll(/entry uri="([^"]+)"/g)].map(([, uri]) => uri!)
    }
    for (const one of effects) {
      if (one.kind !== 'send' || one.message.protocol !== 'sip' || one.message.kind !== 'request') continue
      const told = listIn(one.message)
      if (typeof told !== 'object' || !this.isNew(one.message)) continue
      const watcher = one.message.headers.to!.uri
      if (told.rlmi.fullState)
        this.compare(`${watcher} is told of`, told.rlmi.resources.map(({ uri }) => uri).join(), this.members.join())
      for (const { uri, part } of statesIn(told)) {
        const might = this.told.get(`${watcher} ${uri}`)
        const words = [...String(part.body).matchAll(/word\d+/g)].map(([word]) => word)
        const isFine = words.every((word) => [...(might ?? [])].some((sight) => sight.split(/[ ,]/).includes(word)))
        this.compare(`${watcher} might be told ${words} of ${uri}`, isFine, true)
      }
    }
  }

  /** When all is quiet: who watches the list sees of each member what is so now. */
  private compareAtTheEnd({ identity, host }: { identity: string; host: string }): void {
    const { user } = this.simulation.world.seats.get(host)!.state as { user: { roles: { watcher?: Watcher } } }
    for (const watching of user.roles.watcher?.watching ?? []) {
      if (watching.state === 'terminated') continue
      this.compare(`at the end the list of ${identity} is`, watching.known?.kind, 'list')
      if (watching.known?.kind !== 'list') continue
      const { resources } = watching.known
      this.compare(`at the end ${identity} watches`, resources.map(({ uri }) => uri).join(), this.members.join())
      for (const one of resources) this.compareMember(identity, one)
    }
  }

  private compareMember(watcher: string, { uri, instances: [instance] }: ListedResource): void {
    const reference = this.references.get(uri)!
    reference.pass(this.simulation.now)
    const standing = reference.standing(watcher)
    // Who was refused is not asked for again while the list is subscribed to.
    if (instance?.state === 'terminated' && instance.reason === 'rejected') return
    const state = instance?.state ?? 'not known'
    this.compare(`at the end ${watcher} is at ${uri}`, state, standing === 'refused' ? 'terminated' : standing)
    const sight = reference.sight(watcher)
    if (sight !== undefined)
      this.compare(`at the end ${watcher} sees of ${uri}`, seenBy(instance?.known), sight.join(', '))
  }

  private compare(what: string, found: unknown, expected: unknown): void {
    this.compared++
    if (found !== expected) this.violations.push(`${this.simulation.now / 1e6} s: ${what} ${found}, not ${expected}`)
  }
}

/** What a watcher sees: what each tuple of the document says; undefined if there is none. */
function seenBy(known: ListedResource['instances'][number]['known']): string | undefined {
  if (known?.kind !== 'view') return undefined
  const presence = parsePresence(known.document)
  if (isDocumentError(presence)) return presence.reason
  return presence.tuples
    .map(({ id, notes }) => `${id.slice(1)} ${notes[0]?.text}`)
    .toSorted()
    .join(', ')
}
