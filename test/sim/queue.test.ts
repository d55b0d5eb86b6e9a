import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyOf } from '../../src/sim/copy.ts'
import { copyOfQueue, type EventQueue, emptyQueue, nextAt, pop, push } from '../../src/sim/queue.ts'
import { below, stream } from '../../src/sim/random.ts'
import type { Micros } from '../../src/sim/time.ts'
import { NaiveQueue } from './naive-queue.ts'

/** Pops both until nothing is left and expects the same things at the same times. */
function expectSameRest(queue: EventQueue<number>, naive: NaiveQueue): void {
  for (const { at, order } of naive.waiting.slice()) {
    expect([pop(queue), queue.now]).toEqual([order, at])
  }
  expect(queue.size).toBe(0)
  expect(nextAt(queue)).toBe(undefined)
  expect(pop(queue)).toBe(undefined)
}

describe('the event queue', () => {
  it('is empty at first', () => {
    expectSameRest(emptyQueue(), new NaiveQueue())
  })

  it('lets simultaneous things happen as they were scheduled, by whichever delays', () => {
    const queue = emptyQueue<string>()
    push(queue, 10, 'a')
    push(queue, 5, 'b')
    push(queue, 5, 'c')
    push(queue, 5, 'd')
    expect([pop(queue), queue.now]).toEqual(['b', 5])
    push(queue, 5, 'e')
    push(queue, 0, 'f')
    expect([1, 2, 3, 4, 5].map(() => [pop(queue), queue.now])).toEqual([
      ['c', 5],
      ['d', 5],
      ['f', 5],
      ['a', 10],
      ['e', 10],
    ])
  })

  it('does not move its time when asked for the next thing', () => {
    const queue = emptyQueue<string>()
    push(queue, 6e11, 'late')
    expect(nextAt(queue)).toBe(6e11)
    expect(queue.now).toBe(0)
    push(queue, 1, 'soon')
    expect(nextAt(queue)).toBe(1)
    expect([pop(queue), pop(queue)]).toEqual(['soon', 'late'])
  })

  it('takes delays as long as Expires can name: 2^32 - 1 seconds (RFC 3261 §20.19)', () => {
    const queue = emptyQueue<string>()
    const longest = (2 ** 32 - 1) * 1e6
    push(queue, longest, 'longest')
    push(queue, longest - 1, 'before')
    push(queue, longest, 'longest too')
    expect(nextAt(queue)).toBe(longest - 1)
    expect([pop(queue), pop(queue), pop(queue)]).toEqual(['before', 'longest', 'longest too'])
    expect(queue.now).toBe(longest)
  })

  type Act =
    | { readonly do: 'push'; readonly delay: Micros }
    | { readonly do: 'burst'; readonly count: number; readonly spread: number; readonly seed: number }
    | { readonly do: 'pop'; readonly count: number }
    | { readonly do: 'peek' | 'copy' }

  const delay = fc.oneof(
    fc.constantFrom(0, 1, 63, 64, 65, 4095, 4096, 500_000, 1_000_000, 4_000_000, 5_000_000, 32_000_000),
    fc.nat(1000),
    fc.nat(40_000_000),
    fc.integer({ min: 0, max: 6e11 }),
    fc.integer({ min: 0, max: 1e14 }),
  )
  const act: fc.Arbitrary<Act> = fc.oneof(
    { weight: 8, arbitrary: delay.map((micros) => ({ do: 'push', delay: micros }) as const) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('burst' as const),
        count: fc.integer({ min: 1, max: 400 }),
        spread: fc.constantFrom(1, 3, 64, 5000, 300_000, 6e8, 2 ** 32),
        seed: fc.nat(1e6),
      }),
    },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 12 }).map((count) => ({ do: 'pop', count }) as const) },
    { weight: 1, arbitrary: fc.integer({ min: 50, max: 500 }).map((count) => ({ do: 'pop', count }) as const) },
    { weight: 2, arbitrary: fc.constant({ do: 'peek' } as const) },
    { weight: 1, arbitrary: fc.constant({ do: 'copy' } as const) },
  )

  function perform(queue: EventQueue<number>, naive: NaiveQueue, acts: readonly Act[]): EventQueue<number> {
    for (const one of acts) {
      if (one.do === 'push') push(queue, one.delay, naive.push(one.delay))
      else if (one.do === 'burst') {
        const random = stream(one.seed, 'burst')
        for (let i = 0; i < one.count; i++) {
          const micros = below(random, one.spread)
          push(queue, micros, naive.push(micros))
        }
      } else if (one.do === 'pop')
        for (let i = 0; i < one.count; i++) {
          const order = naive.pop()
          if (pop(queue) !== order || queue.now !== naive.now) expect([queue.now, 'popped']).toEqual([naive.now, order])
        }
      else if (one.do === 'peek') expect(nextAt(queue)).toBe(naive.nextAt())
      else queue = copyOfQueue(queue)
      expect(queue.size).toBe(naive.waiting.length)
    }
    return queue
  }

  it('gives what the sorted list gives, for any mix of delays, pushes, pops and copies', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60, size: 'max' }), (acts) => {
        const naive = new NaiveQueue()
        expectSameRest(perform(emptyQueue(), naive, acts), naive)
      }),
      { numRuns: 150 },
    )
  })

  it.each([
    ['a copy of its own', (queue: EventQueue<number>) => copyOfQueue(queue)],
    ['a copy as of any plain data', (queue: EventQueue<number>) => copyOf(queue, () => false)],
  ])('%s goes on as the original does, and neither touches the other', (_, copy) => {
    fc.assert(
      fc.property(someActs, someActs, someActs, (acts, more, others) => {
        const naive = new NaiveQueue()
        const queue = perform(emptyQueue(), naive, acts)
        const [other, otherNaive] = [copy(queue), copyNaive(naive)]
        expectSameRest(perform(queue, naive, more), naive)
        expectSameRest(perform(other, otherNaive, others), otherNaive)
      }),
      { numRuns: 50 },
    )
  })

  it('a copy keeps its times when the lanes of the original go round', () => {
    const queue = emptyQueue<number>()
    for (let i = 0; i < 8; i++) push(queue, 500, i)
    const other = copyOfQueue(queue)
    for (let i = 0; i < 100; i++) {
      pop(queue)
      push(queue, 500, i)
    }
    for (let i = 0; i < 8; i++) expect([pop(other), other.now]).toEqual([i, 500])
  })

  const someActs = fc.array(act, { maxLength: 30 })
  const copyNaive = (naive: NaiveQueue): NaiveQueue =>
    Object.assign(new NaiveQueue(), naive, { waiting: [...naive.waiting] })

  it('keeps the order while more delays repeat than there are lanes, and lanes run empty and come back', () => {
    const queue = emptyQueue<number>()
    const naive = new NaiveQueue()
    const random = stream(3, 'lanes')
    for (let round = 0; round < 40; round++) {
      // Other delays in each round, each several times: lanes of the rounds before have to give way.
      for (let i = 0; i < 300; i++) {
        const micros = 1000 * (round % 7) + below(random, 100)
        push(queue, micros, naive.push(micros))
      }
      const most = round % 3 === 0 ? 400 : 250
      for (let i = 0; i < most; i++) expect([pop(queue), queue.now]).toEqual([naive.pop(), naive.now])
    }
    expectSameRest(queue, naive)
  })

  it('has lanes for delays that repeat and not for those that do not', () => {
    const queue = emptyQueue<number>()
    const random = stream(5, 'once')
    for (let i = 0; i < 500; i++) {
      push(queue, 500_000, i)
      push(queue, 1_000_000 + below(random, 2 ** 32), i)
    }
    expect([...queue.lanes.keys()]).toContain(500_000)
    expect(queue.lanes.size).toBeLessThan(4)
  })

  it('lets go of what was taken out', () => {
    const queue = emptyQueue<{ readonly n: number }>()
    for (let n = 0; n < 3000; n++) push(queue, n % 3 === 0 ? 500_000 : n * 7, { n })
    while (pop(queue) !== undefined);
    expect(JSON.stringify(queue, (_, value) => (value instanceof Map ? [...value.values()] : value))).not.toContain(
      '"n"',
    )
  })
})
