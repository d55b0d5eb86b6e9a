import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  changeLink,
  delays,
  heal,
  type Link,
  makeNetwork,
  partition,
  perfectLink,
  setLink,
} from '../../src/sim/network.ts'
import { stream } from '../../src/sim/random.ts'

const networkWith = (link: Partial<Link>, seed = 1) => makeNetwork(stream(seed, 'network'), { ...perfectLink, ...link })

describe('a datagram on its way', () => {
  it('takes the latency of the link, without jitter exactly', () => {
    const network = networkWith({ latency: 20_000 })
    for (let i = 0; i < 100; i++) expect(delays(network, 'a', 'b', 'datagram', i)).toEqual([20_000])
  })

  it('takes from latency to latency + jitter, both ends included, each equally often', () => {
    const network = networkWith({ latency: 100, jitter: 4 })
    const counts = new Map<number, number>()
    for (let i = 0; i < 10_000; i++) {
      const [delay] = delays(network, 'a', 'b', 'datagram', 0)
      counts.set(delay!, (counts.get(delay!) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual([100, 101, 102, 103, 104])
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(5 * Math.sqrt(1600))
  })

  it.each([1, 2, 3, 10, 100])('is lost once in %i', (lossOneIn) => {
    const network = networkWith({ latency: 5, lossOneIn })
    const sent = 20_000
    let lost = 0
    for (let i = 0; i < sent; i++) if (delays(network, 'a', 'b', 'datagram', 0).length === 0) lost++
    const spread = Math.sqrt((sent / lossOneIn) * (1 - 1 / lossOneIn))
    expect(Math.abs(lost - sent / lossOneIn)).toBeLessThanOrEqual(5 * spread)
  })

  it.each([1, 2, 7])('arrives twice once in %i, each time with a jitter of its own', (duplicateOneIn) => {
    const network = networkWith({ latency: 10, jitter: 1000, duplicateOneIn })
    const sent = 20_000
    let apart = 0
    const doubled = Array.from({ length: sent }, () => delays(network, 'a', 'b', 'datagram', 0)).filter((arrivals) => {
      for (const delay of arrivals) expect(delay >= 10 && delay <= 1010).toBe(true)
      if (arrivals[0] !== arrivals[1]) apart++
      return arrivals.length === 2
    }).length
    const spread = Math.sqrt((sent / duplicateOneIn) * (1 - 1 / duplicateOneIn))
    expect(Math.abs(doubled - sent / duplicateOneIn)).toBeLessThanOrEqual(5 * spread)
    expect(apart).toBeGreaterThan(0.99 * doubled)
  })

  it('is neither lost nor doubled by a network that does neither', () => {
    const network = networkWith({ latency: 1, jitter: 5 })
    for (let i = 0; i < 5000; i++) expect(delays(network, 'a', 'b', 'datagram', 0)).toHaveLength(1)
  })

  it('may overtake another one', () => {
    const network = networkWith({ jitter: 1000 })
    const arrivals = Array.from({ length: 100 }, (_, i) => i + delays(network, 'a', 'b', 'datagram', i)[0]!)
    expect(arrivals).not.toEqual(arrivals.toSorted((x, y) => x - y))
  })
})

describe('a stream message on its way', () => {
  it('is never lost, doubled or overtaken, however bad the link, and no earlier than the latency', () => {
    const gaps = fc.array(fc.nat(2000), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(fc.nat(), fc.nat(500), fc.nat(5000), gaps, (seed, latency, jitter, pauses) => {
        const network = networkWith({ latency, jitter, lossOneIn: 2, duplicateOneIn: 2 }, seed)
        let [now, last] = [0, 0]
        for (const pause of pauses) {
          now += pause
          const arrivals = delays(network, 'a', 'b', 'stream', now)
          expect(arrivals).toHaveLength(1)
          const arrival = now + arrivals[0]!
          expect(arrival).toBeGreaterThanOrEqual(Math.max(last, now + latency))
          expect(arrival).toBeLessThanOrEqual(Math.max(last, now + latency + jitter))
          last = arrival
        }
      }),
    )
  })

  it('does not wait for messages of other pairs, nor for those of the other direction', () => {
    const network = networkWith({ latency: 10 })
    setLink(network, 'a', 'b', { ...perfectLink, latency: 1_000_000, jitter: 10 })
    expect(delays(network, 'a', 'b', 'stream', 0)[0]).toBeGreaterThanOrEqual(1_000_000)
    expect(delays(network, 'a', 'c', 'stream', 1)).toEqual([10])
    setLink(network, 'a', 'b', { ...perfectLink, latency: 10 })
    expect(delays(network, 'b', 'a', 'stream', 2)).toEqual([10])
    expect(delays(network, 'a', 'b', 'stream', 3)[0]).toBeGreaterThanOrEqual(1_000_000 - 3)
  })

  it('is not overtaken either when the link becomes faster meanwhile, in either direction', () => {
    const change = fc.record({
      pause: fc.nat(500),
      link: fc.option(fc.record({ latency: fc.nat(1000), jitter: fc.constantFrom(0, 0, 300) })),
    })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 40 }), (changes) => {
        const network = networkWith({ latency: 700 })
        const last = { ab: 0, ba: 0 }
        let now = 0
        for (const { pause, link } of changes) {
          now += pause
          if (link !== null) changeLink(network, 'b', 'a', { ...perfectLink, ...link }, now)
          const [ab, ba] = [delays(network, 'a', 'b', 'stream', now)[0]!, delays(network, 'b', 'a', 'stream', now)[0]!]
          expect([now + ab >= last.ab, now + ba >= last.ba]).toEqual([true, true])
          Object.assign(last, { ab: now + ab, ba: now + ba })
        }
      }),
    )
  })

  it('goes as fast as a new link lets it, once all that was under way has arrived', () => {
    const network = networkWith({ latency: 700 })
    delays(network, 'a', 'b', 'stream', 0)
    changeLink(network, 'a', 'b', { ...perfectLink, latency: 10 }, 100)
    expect([600, 790, 791].map((now) => delays(network, 'a', 'b', 'stream', now))).toEqual([[200], [10], [10]])
  })

  it('passes no cut', () => {
    const network = networkWith({})
    partition(network, ['a'], ['b'])
    expect(delays(network, 'a', 'b', 'stream', 0)).toEqual([])
  })
})

describe('links and cuts', () => {
  it('a link of a pair holds in both directions and for this pair alone', () => {
    const network = networkWith({ latency: 10 })
    setLink(network, 'ue', 'pcscf', { ...perfectLink, latency: 200 })
    setLink(network, 'ue', 'ap', { ...perfectLink, latency: 300 })
    const latency = (from: string, to: string) => delays(network, from, to, 'datagram', 0)[0]
    expect([latency('ue', 'pcscf'), latency('pcscf', 'ue'), latency('ap', 'ue')]).toEqual([200, 200, 300])
    expect([latency('ue', 'scscf'), latency('pcscf', 'ap'), latency('ue2', 'pcscf')]).toEqual([10, 10, 10])
  })

  it('a link given later replaces the one before', () => {
    const network = networkWith({})
    setLink(network, 'a', 'b', { ...perfectLink, lossOneIn: 1 })
    expect(delays(network, 'b', 'a', 'datagram', 0)).toEqual([])
    setLink(network, 'b', 'a', { ...perfectLink, latency: 7 })
    expect(delays(network, 'a', 'b', 'datagram', 0)).toEqual([7])
  })

  it('a partition cuts every way between the two groups, and nothing within them', () => {
    const network = networkWith({})
    partition(network, ['a', 'b'], ['c', 'd'])
    const passes = (from: string, to: string) => delays(network, from, to, 'datagram', 0).length > 0
    for (const one of ['a', 'b'])
      for (const other of ['c', 'd']) expect([passes(one, other), passes(other, one)]).toEqual([false, false])
    expect([passes('a', 'b'), passes('b', 'a'), passes('c', 'd'), passes('a', 'e')]).toEqual([true, true, true, true])
  })

  it('partitions add up, and healing mends them all', () => {
    const network = networkWith({})
    partition(network, ['a'], ['b'])
    partition(network, ['a'], ['c'])
    expect(['b', 'c'].map((to) => delays(network, 'a', to, 'datagram', 0))).toEqual([[], []])
    heal(network)
    expect(['b', 'c'].map((to) => delays(network, 'a', to, 'datagram', 0))).toEqual([[0], [0]])
  })

  it('a cut takes no chance: what happens after it does not depend on what it stopped', () => {
    const [one, other] = [networkWith({ jitter: 1000 }), networkWith({ jitter: 1000 })]
    partition(one, ['a'], ['b'])
    for (let i = 0; i < 10; i++) delays(one, 'a', 'b', 'datagram', 0)
    const rest = (network: typeof one) => Array.from({ length: 20 }, () => delays(network, 'c', 'd', 'datagram', 0)[0])
    expect(rest(one)).toEqual(rest(other))
  })
})
