/** A swarm of lists: random histories over bad links, in which watchers see by a list what the reference lets them see. */
import { isDocumentError, parsePresence } from '../../src/documents/index.ts'
import type { Message } from '../../src/message.ts'
import type { ListedResource } from '../../src/presence/watcher/list-view.ts'
import type { Watcher, Watching } from '../../src/presence/watcher/watcher.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import { headerValue, type SipRequest } from '../../src/sip/message.ts'
import { History, type SwarmResult } from './history.ts'
import { ListObserver } from './list-observer.ts'
import {
  close,
  concern,
  filtersFor,
  friends,
  hide,
  ListReference,
  none,
  type PlainFilter,
  type PlainLists,
  silent,
} from './list-reference.ts'
import {
  documentOf,
  filterDocument,
  listPath,
  listServer,
  listWorld,
  otherListServer,
  outsider,
  presentities,
  stranger,
  targets,
  team,
  teamMembers,
} from './list-world.ts'
import { handlings, type PlainRule, Reference } from './reference.ts'
import type { SwarmOptions } from './swarm.ts'
import { documentOf as presenceOf, presenceServer, rulesFor, watchers } from './world.ts'

const accepting = headerValue(
  'accept',
  'application/pidf-diff+xml, application/pidf+xml;q=0.3, application/rlmi+xml, multipart/related',
)!
const owner = watchers[0]

/** One history by its seed. */
export function listSwarm(seed: number, options: Pick<SwarmOptions, 'without'> = {}): SwarmResult {
  return new Run(seed, options.without ?? []).result()
}

class Run {
  private readonly references = new Map(
    presentities.map(({ identity }) => [identity, new Reference(identity)] as const),
  )
  private readonly history: History
  private readonly simulation: Simulation<Message>
  private readonly lists: ListReference
  private readonly observer: ListObserver
  /** By watcher and presentity: all words that the presentity's server might tell her up to now. */
  private readonly told = new Map<string, Set<string>>()
  private readonly listsByText = new Map<string, PlainLists>()
  private readonly filtersByText = new Map<string, readonly PlainFilter[]>()
  private words = 0

  constructor(seed: number, without: readonly string[]) {
    this.history = new History(seed, 'list swarm')
    const { history } = this
    const begin: PlainLists = { friends: this.somebody(), more: [], close: this.somebody() }
    const rules = new Map(presentities.map(({ identity }) => [identity, this.someRules(identity)] as const))
    this.lists = new ListReference(owner.identity, begin)
    this.observer = new ListObserver({
      history,
      reference: this.lists,
      lists: this.listsByText,
      filters: this.filtersByText,
      might: (watcher, presentity, word) => this.told.get(`${watcher} ${presentity}`)?.has(word) === true,
    })
    this.simulation = listWorld(seed, rules, begin, without)
    const act = () => this.act()
    const observe = (event: TraceEvent<Message>) => this.observe(event)
    history.play(this.simulation, { lossOneIn: 15, calm: seconds(300), checked: true, act, observe })
    for (const watcher of watchers) this.compareAtTheEnd(watcher)
  }

  result(): SwarmResult {
    return this.history.result()
  }

  /** Presentities, one at least. */
  private somebody(): string[] {
    const chosen = presentities.flatMap(({ identity }) => (this.history.chance(3) ? [] : [identity]))
    return chosen.length > 0 ? chosen : [presentities[0]!.identity]
  }

  /** Lists with users of whom some come twice, and now and then a list of this or of another network. */
  private someLists(): PlainLists {
    const { history } = this
    const often = <T>(oneIn: number, one: T): T[] => (history.chance(oneIn) ? [one] : [])
    return {
      friends: [...often(6, close), ...this.somebody(), ...often(3, team), ...often(6, stranger)],
      more: history.chance(2) ? this.somebody() : [],
      close: [...this.somebody(), ...often(8, friends)],
    }
  }

  /** A rule or none for each watcher, in the reference and as a document. */
  private someRules(of: string): string {
    const { history } = this
    const rules = watchers.flatMap(({ identity }): PlainRule[] =>
      history.chance(8) ? [] : [{ watchers: [identity], handling: history.pick([...handlings, 'allow', 'allow']) }],
    )
    this.references.get(of)!.decide(rules)
    return rulesFor(rules)
  }

  private someFilters(): string {
    const { history } = this
    const filters = targets.flatMap((about): PlainFilter[] =>
      history.chance(2) ? [] : [{ about, hides: history.chance(2) }],
    )
    const text = filterDocument(filters)
    this.filtersByText.set(text, filters)
    return text
  }

  private act(): void {
    const { history } = this
    const one = history.pick(presentities)
    const kind = history.below(22)
    if (kind < 5) return this.publish()
    if (kind === 5) return history.tell(one.host, { do: 'unpublish' })
    if (kind < 15) return this.watch(kind)
    if (kind < 17) {
      const { identity } = one
      return history.tell(presenceServer, { do: 'policy', of: identity, rules: this.someRules(identity) })
    }
    if (kind < 20) return this.changeLists()
    history.takeDown(history.pick([listServer, presenceServer, otherListServer]), seconds(1 + history.below(20)))
  }

  /** One of two presentities says something new. */
  private publish(): void {
    for (const { host, identity } of presentities) {
      if (this.history.chance(2)) continue
      const document = presenceOf(host, `word${this.words++}`, undefined, identity)
      this.history.tell(host, { do: 'publish', document, expires: 3600 })
    }
  }

  private watch(kind: number): void {
    const { history } = this
    const { host } = history.pick(watchers)
    if (kind === 6) return history.tell(host, { do: 'unsubscribe', to: history.pick([friends, close]) })
    if (kind < 9) return history.tell(host, { do: 'refresh', to: friends, list: true, ...this.someWish() })
    const wish = { list: true, expires: history.pick([600, 3600]), ...this.someWish() }
    if (kind < 13) return history.tell(host, { do: 'subscribe', to: friends, ...wish })
    if (kind === 13) return history.tell(host, { do: 'subscribe', to: history.pick([close, silent, none]), ...wish })
    const [asker, asList] = history.pick([[outsider.host, true] as const, [host, false] as const])
    history.tell(asker, { do: 'subscribe', to: friends, expires: 600, list: asList })
  }

  private someWish() {
    const { history } = this
    return {
      ...(!history.chance(3) && { accept: accepting }),
      ...(history.chance(2) && { filter: this.someFilters() }),
      ...(history.chance(4) && { rates: { 'max-rate': '0.1' } }),
    }
  }

  private changeLists(): void {
    if (this.history.chance(5)) return this.history.tell(owner.host, { do: 'xcap-delete', document: listPath })
    const lists = this.someLists()
    const body = documentOf(lists)
    this.listsByText.set(body, lists)
    this.history.tell(owner.host, { do: 'xcap-put', document: listPath, body })
  }

  private observe(event: TraceEvent<Message>): void {
    if (event.missed) return
    if (event.node === presenceServer) this.observePresence(event)
    if (event.node === listServer) this.observer.observe(event)
  }

  /** What the presence server accepts makes the history; what it might tell a watcher is written down. */
  private observePresence({ input, effects, at }: TraceEvent<Message>): void {
    for (const reference of this.references.values()) reference.pass(at)
    const sent = effects.flatMap((one) => (one.kind === 'send' && one.message.protocol === 'sip' ? [one.message] : []))
    if (input.kind === 'message' && input.message.protocol === 'sip' && input.message.kind === 'request') {
      const request = input.message
      const answer = sent.find((one) => one.kind === 'response' && one.headers.cseq!.method === 'PUBLISH')
      if (answer?.kind === 'response' && answer.status === 200 && this.history.isNew(request)) {
        const until = at + seconds(answer.headers.expires!)
        this.accepted(request, answer.headers.sipEtag, until)
      }
    }
    for (const one of sent)
      if (one.kind === 'request' && one.method === 'NOTIFY' && one.body !== '' && this.history.isNew(one))
        this.mayTell(one.headers.to!.uri, one.headers.from!.uri)
  }

  private mayTell(watcher: string, presentity: string): void {
    const key = `${watcher} ${presentity}`
    const words = this.told.get(key) ?? new Set()
    for (const sight of this.references.get(presentity)!.sight(watcher) ?? []) words.add(sight.split(' ')[1]!)
    this.told.set(key, words)
  }

  private accepted(request: SipRequest, tag: string | undefined, until: number): void {
    const reference = this.references.get(request.uri)!
    const { sipIfMatch, expires } = request.headers
    if (expires === 0) return reference.remove(sipIfMatch!)
    const [, device, says] = /<tuple id="d(\w+)".*(word\d+)/.exec(String(request.body)) ?? []
    const said = says === undefined ? undefined : { device: device!, says, sphere: undefined }
    reference.publish(tag!, sipIfMatch, said, until)
  }

  /** When all is quiet: who watches a list sees of each member what is so now. */
  private compareAtTheEnd({ identity, host }: { identity: string; host: string }): void {
    const { user } = this.simulation.world.seats.get(host)!.state as { user: { roles: { watcher?: Watcher } } }
    for (const watching of user.roles.watcher?.watching ?? [])
      if (watching.state !== 'terminated') this.compareList(identity, watching)
  }

  private compareList(watcher: string, { callId, target, known }: Watching): void {
    const { history } = this
    if (this.observer.givenUp.has(callId)) return
    const granted = this.observer.granted.get(callId)
    const members = this.lists.membersOf(target)?.members ?? []
    history.compare(`at the end the list of ${watcher} is`, granted && known?.kind, 'list')
    if (known?.kind !== 'list' || granted === undefined) return
    const uris = known.resources.map(({ uri }) => uri)
    history.compare(`at the end ${watcher} watches`, uris.join(), members.join())
    for (const one of known.resources) this.compareResource(watcher, one, filtersFor(granted.filters, one.uri, members))
  }

  private compareResource(watcher: string, resource: ListedResource, filters: readonly PlainFilter[]): void {
    const { history } = this
    const [instance] = resource.instances
    if (resource.uri === stranger) {
      const told = `${instance?.state} ${instance?.reason}`
      return history.compare(`at the end ${watcher} is told of ${stranger}`, told, 'terminated noresource')
    }
    if (resource.uri !== team) return this.compareMember(watcher, resource, filters)
    history.compare(`at the end ${watcher} sees ${team} as`, instance?.known?.kind, 'list')
    if (instance?.known?.kind !== 'list') return
    const { resources } = instance.known
    history.compare(`at the end ${team} has`, resources.map(({ uri }) => uri).join(), teamMembers.join())
    for (const one of resources) this.compareMember(watcher, one, filtersFor(filters, one.uri, teamMembers))
  }

  private compareMember(
    watcher: string,
    { uri, instances: [instance] }: ListedResource,
    filters: readonly PlainFilter[],
  ): void {
    const { history } = this
    const reference = this.references.get(uri)!
    reference.pass(this.simulation.now)
    const standing = reference.standing(watcher)
    const sight = reference.sight(watcher)
    // Who was refused is not asked for again while the list is subscribed to.
    if (instance?.state === 'terminated' && instance.reason === 'rejected') return
    // RFC 4660 §5.3.1, RFC 4662 §5.5: if filters leave nothing, no document comes, and a list can not tell of it.
    if (instance === undefined && sight?.length === 0 && concern(filters, uri)) return
    const state = instance?.state ?? 'not known'
    history.compare(`at the end ${watcher} is at ${uri}`, state, standing === 'refused' ? 'terminated' : standing)
    if (sight === undefined) return
    const isHidden = hide(filters, uri)
    const seen = sight.map((one) => (isHidden ? `${one.split(' ')[0]} hidden` : one)).join(', ')
    history.compare(`at the end ${watcher} sees of ${uri}`, seenBy(instance?.known), seen)
  }
}

/** What a watcher sees: what each tuple of the document says; undefined if there is none. */
function seenBy(known: ListedResource['instances'][number]['known']): string | undefined {
  if (known?.kind !== 'view') return undefined
  const presence = parsePresence(known.document)
  if (isDocumentError(presence)) return presence.reason
  return presence.tuples
    .map(({ id, notes }) => `${id.slice(1)} ${notes[0]?.text ?? 'hidden'}`)
    .toSorted()
    .join(', ')
}
