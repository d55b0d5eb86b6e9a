import type { Micros } from '../../src/sim/time.ts'

/** What a queue of events is by its definition: a list sorted by (at, order of scheduling). */
export class NaiveQueue {
  readonly waiting: { readonly at: Micros; readonly order: number }[] = []
  now: Micros = 0
  private order = 0

  /** Schedules something and returns the number by which it is known. */
  push(delay: Micros): number {
    const item = { at: this.now + delay, order: this.order++ }
    const { waiting } = this
    let low = 0
    for (let high = waiting.length; low < high; ) {
      const middle = (low + high) >> 1
      // Later numbers are larger: it goes behind everything that is due at the same time.
      if (waiting[middle]!.at <= item.at) low = middle + 1
      else high = middle
    }
    waiting.splice(low, 0, item)
    return item.order
  }

  pop(): number | undefined {
    const first = this.waiting.shift()
    if (first !== undefined) this.now = first.at
    return first?.order
  }

  nextAt(): Micros | undefined {
    return this.waiting[0]?.at
  }
}
