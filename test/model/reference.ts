/**
 * Who may see what of one presentity: the dumb reference with which a swarm compares what watchers saw. It knows the
 * history that the presence server accepted, and nothing of SIP dialogs, documents or notifications.
 */

/** How the presentity handles a watcher (RFC 5025 §3.2.1), the weakest first; `bare` is allowed, but given no tuples. */
export const handlings = ['block', 'confirm', 'polite-block', 'bare', 'allow'] as const

export type Handling = (typeof handlings)[number]

/** A rule as a person would say it: it applies if all that it asks for is so. */
export interface PlainRule {
  /** Whom it means. */
  readonly watchers: readonly string[]
  /** Where the presentity has to be. */
  readonly sphere?: string
  /** From when, and until when, in microseconds. */
  readonly from?: number
  readonly until?: number
  /** It asks for something that nobody understands. */
  readonly isOdd?: boolean
  readonly handling: Handling
}

/** What a device says of the presentity. */
export interface Saying {
  readonly device: string
  readonly says: string
  readonly sphere: string | undefined
}

/** What a watcher sees: what each device says, in a fixed order; undefined for nothing at all, not even a document. */
export type Sight = readonly string[] | undefined

export class Reference {
  private readonly presentity: string
  /** By entity-tag: what was said, as the how-manieth, and until when it holds, in microseconds. */
  private readonly publications = new Map<string, { said: Saying; order: number; until: number }>()
  private count = 0
  private rules: readonly PlainRule[] = []
  private now = 0

  constructor(presentity: string) {
    this.presentity = presentity
  }

  /** Only she speaks for herself. */
  mayPublish(publisher: string | undefined): boolean {
    return publisher === this.presentity
  }

  /** A PUBLISH that was accepted under a new entity-tag, perhaps in the place of another one. */
  publish(tag: string, replaced: string | undefined, said: Saying | undefined, until: number): void {
    const before = replaced === undefined ? undefined : this.publications.get(replaced)
    if (replaced !== undefined) this.publications.delete(replaced)
    // A refresh says nothing new, and does not come after what was said since.
    if (said !== undefined) this.publications.set(tag, { said, order: this.count++, until })
    else if (before !== undefined) this.publications.set(tag, { ...before, until })
  }

  /** A PUBLISH that took its state back. */
  remove(tag: string): void {
    this.publications.delete(tag)
  }

  /** Time passes: what was not refreshed is gone. */
  pass(now: number): void {
    this.now = now
    for (const [tag, { until }] of this.publications) if (until <= now) this.publications.delete(tag)
  }

  /** New rules in the place of all before. */
  decide(rules: readonly PlainRule[]): void {
    this.rules = rules
  }

  /** The last word of each device: one that has lost its entity-tag publishes anew beside what it said before. */
  private lastWords(): Saying[] {
    const words = [...this.publications.values()].toSorted((a, b) => a.order - b.order)
    return [...new Map(words.map(({ said }) => [said.device, said])).values()]
  }

  private applies({ watchers, sphere, from = 0, until = Infinity, isOdd = false }: PlainRule, who: string): boolean {
    const isThere = sphere === undefined || this.lastWords().some((said) => said.sphere === sphere)
    return watchers.includes(who) && isThere && from <= this.now && this.now < until && !isOdd
  }

  /** RFC 4745 §10: the greatest that any rule grants; whom none is for is granted nothing. */
  handling(watcher: string | undefined): Handling {
    const applying = this.rules.filter((rule) => watcher !== undefined && this.applies(rule, watcher))
    const levels = applying.map(({ handling }) => handlings.indexOf(handling))
    return handlings[Math.max(0, ...levels)]!
  }

  /** Whether a watcher is answered at all, and how: refused, waiting for a decision, or accepted. */
  standing(watcher: string | undefined): 'refused' | 'pending' | 'active' {
    const handling = this.handling(watcher)
    return handling === 'block' ? 'refused' : handling === 'confirm' ? 'pending' : 'active'
  }

  /** What a watcher may see now. */
  sight(watcher: string): Sight {
    if (this.standing(watcher) !== 'active') return undefined
    if (this.handling(watcher) !== 'allow') return []
    return this.lastWords()
      .map(({ device, says }) => `${device} ${says}`)
      .toSorted()
  }

  /** RFC 3857 §4.6: whose watching somebody may know of. */
  mayKnow(who: string | undefined): 'of all' | 'of its own' | 'refused' {
    if (who === this.presentity) return 'of all'
    return this.standing(who) === 'active' ? 'of its own' : 'refused'
  }
}
