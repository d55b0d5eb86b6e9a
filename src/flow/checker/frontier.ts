/** States of a search that are still to be looked at, the best first; of equals the one that was added first. */
export class Frontier<T> {
  readonly #better: (a: T, b: T) => number
  #heap: { readonly item: T; readonly order: number }[] = []
  #count = 0

  /** `compare` is negative if its first argument goes first. */
  constructor(compare: (a: T, b: T) => number) {
    this.#better = compare
  }

  add(item: T): void {
    const heap = this.#heap
    heap.push({ item, order: this.#count++ })
    let at = heap.length - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#goesFirst(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  /** Takes the best out; undefined if there is none. */
  take(): T | undefined {
    const heap = this.#heap
    const best = heap[0]
    const last = heap.pop()
    if (best === undefined || last === undefined) return undefined
    if (heap.length === 0) return best.item
    heap[0] = last
    for (let at = 0; ; ) {
      let first = at
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && this.#goesFirst(child, first)) first = child
      }
      if (first === at) return best.item
      this.#swap(at, first)
      at = first
    }
  }

  /** All that is still to be looked at, in no order that means anything. */
  all(): T[] {
    return this.#heap.map(({ item }) => item)
  }

  clear(): void {
    this.#heap = []
  }

  #goesFirst(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!]
    return (this.#better(one.item, other.item) || one.order - other.order) < 0
  }

  #swap(a: number, b: number): void {
    const one = this.#heap[a]!
    this.#heap[a] = this.#heap[b]!
    this.#heap[b] = one
  }
}
