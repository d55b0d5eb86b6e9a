import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarHead, emptyCalendar, popCalendar, pushCalendar } from '../../src/sim/calendar.ts'
import { below, stream } from '../../src/sim/random.ts'
import { NaiveQueue } from './naive-queue.ts'

/** Pushes these times in this order and returns the times and numbers as they come out. */
function sorted(times: readonly number[]): (readonly [at: number, order: number])[] {
  const calendar = emptyCalendar<number>()
  times.forEach((at, order) => {
    pushCalendar(calendar, at, order, order)
  })
  expect(calendar.size).toBe(times.length)
  return times.map(() => {
    const { at, order } = calendarHead(calendar)
    expect(popCalendar(calendar)).toBe(order)
    return [at, order] as const
  })
}

const inOrder = (times: readonly number[]) =>
  times.map((at, order) => [at, order] as const).sort(([a, x], [b, y]) => a - b || x - y)

describe('the calendar', () => {
  it('has infinity at its head when it is empty', () => {
    expect(calendarHead(emptyCalendar()).at).toBe(Number.POSITIVE_INFINITY)
  })

  it('is exact at the edges of the buckets of every level', () => {
    const edges = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((level) =>
      [1, 2, 63].flatMap((times) => [-1, 0, 1].map((beside) => times * 64 ** level + beside)),
    )
    const times = edges.filter((at) => at >= 0 && at <= Number.MAX_SAFE_INTEGER).toReversed()
    expect(sorted(times)).toEqual(inOrder(times))
  })

  it.each([
    [1, 1000],
    [64, 1000],
    [4096, 3000],
    [1e6, 5000],
    [6e8, 5000],
    [2 ** 32, 5000],
  ])('opens crowded buckets level by level (times below %d, %d of them)', (spread, count) => {
    const random = stream(1, `spread ${spread}`)
    const times = Array.from({ length: count }, () => 12_345_678 + below(random, spread))
    expect(sorted(times)).toEqual(inOrder(times))
  })

  it('takes what is due before things that were already looked at', () => {
    const calendar = emptyCalendar<string>()
    pushCalendar(calendar, 1_000_000, 0, 'late')
    expect(calendarHead(calendar)).toEqual({ at: 1_000_000, order: 0 })
    pushCalendar(calendar, 3, 1, 'early')
    pushCalendar(calendar, 1_000_000, 2, 'late too')
    expect([1, 2, 3].map(() => popCalendar(calendar))).toEqual(['early', 'late', 'late too'])
  })

  it('stays exact over a long hold: each thing taken out schedules another one', () => {
    const calendar = emptyCalendar<number>()
    const random = stream(9, 'hold')
    let order = 0
    const waiting = new Map<number, number>()
    const schedule = (at: number) => {
      waiting.set(order, at)
      pushCalendar(calendar, at, order, order++)
    }
    const delay = () => below(random, below(random, 4) === 0 ? 2 ** 31 : 20_000)
    for (let i = 0; i < 400; i++) schedule(delay())
    let [lastAt, lastOrder] = [0, -1]
    for (let i = 0; i < 30_000; i++) {
      const { at } = calendarHead(calendar)
      const item = popCalendar(calendar)
      expect(waiting.get(item)).toBe(at)
      waiting.delete(item)
      if (at < lastAt || (at === lastAt && item < lastOrder)) throw new Error(`${item} at ${at} came late`)
      ;[lastAt, lastOrder] = [at, item]
      schedule(at + delay())
    }
    expect(waiting.size).toBe(400)
  })

  it('keeps the order of scheduling among things due at the same time, wherever they wait', () => {
    const delay = fc.oneof(fc.nat(2), fc.nat(70), fc.nat(5000))
    const act = fc.oneof({ weight: 3, arbitrary: delay }, { weight: 2, arbitrary: fc.constant('pop' as const) })
    fc.assert(
      fc.property(fc.array(act, { maxLength: 120, size: 'max' }), (acts) => {
        const calendar = emptyCalendar<number>()
        const naive = new NaiveQueue()
        const popBoth = () => expect(popCalendar(calendar)).toBe(naive.pop())
        for (const one of acts)
          if (one !== 'pop') {
            const order = naive.push(one)
            pushCalendar(calendar, naive.now + one, order, order)
          } else if (calendar.size > 0) popBoth()
        while (calendar.size > 0) popBoth()
        expect(naive.waiting).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})
