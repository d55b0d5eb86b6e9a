/**
 * Who may see what of one presentity: the dumb reference with which a swarm compares what watchers saw. It knows the
 * history that the presence server accepted, and nothing of SIP dialogs, documents or notifications.
 */

/** How the presentity handles a watcher (RFC 5025 §3.2.1); `bare` is allowed, but is given no tuples. */
export type Handling = 'block' | 'confirm' | 'polite-block' | 'bare' | 'allow'

export const handlings: readonly Handling[] = ['block', 'confirm', 'polite-block', 'bare', 'allow']

/** What a watcher sees: what each device says, in a fixed order; undefined for nothing at all, not even a document. */
export type Sight = readonly string[] | undefined

export class Reference {
  /** By entity-tag: which device said what, as the how-manieth, and until when it holds, in microseconds. */
  private readonly publications = new Map<string, { device: string; says: string; order: number; until: number }>()
  private count = 0
  private readonly rules = new Map<string, Handling>()

  /** A PUBLISH that was accepted under a new entity-tag, perhaps in the place of another one. */
  publish(tag: string, replaced: string | undefined, device: string, says: string | undefined, until: number): void {
    const before = replaced === undefined ? undefined : this.publications.get(replaced)
    if (replaced !== undefined) this.publications.delete(replaced)
    // A refresh says nothing new, and does not come after what was said since.
    if (says !== undefined) this.publications.set(tag, { device, says, order: this.count++, until })
    else if (before !== undefined) this.publications.set(tag, { ...before, until })
  }

  /** A PUBLISH that took its state back. */
  remove(tag: string): void {
    this.publications.delete(tag)
  }

  /** Time passes: what was not refreshed is gone. */
  expire(now: number): void {
    for (const [tag, { until }] of this.publications) if (until <= now) this.publications.delete(tag)
  }

  /** New rules: the watchers that are named, and all others. */
  decide(rules: Readonly<Record<string, Handling>>): void {
    this.rules.clear()
    for (const [watcher, handling] of Object.entries(rules)) this.rules.set(watcher, handling)
  }

  /** RFC 4745 §10: whom no rule names is granted nothing. */
  handling(watcher: string): Handling {
    return this.rules.get(watcher) ?? 'block'
  }

  /** Whether a watcher is answered at all, and how: refused, waiting for a decision, or accepted. */
  standing(watcher: string): 'refused' | 'pending' | 'active' {
    const handling = this.handling(watcher)
    return handling === 'block' ? 'refused' : handling === 'confirm' ? 'pending' : 'active'
  }

  /** What a watcher may see now. */
  sight(watcher: string): Sight {
    if (this.standing(watcher) !== 'active') return undefined
    if (this.handling(watcher) !== 'allow') return []
    // A device that has lost its entity-tag publishes anew beside what it said before: the last word counts.
    const words = [...this.publications.values()].toSorted((a, b) => a.order - b.order)
    const last = new Map(words.map(({ device, says }) => [device, says]))
    return [...last].map(([device, says]) => `${device} ${says}`).toSorted()
  }
}
