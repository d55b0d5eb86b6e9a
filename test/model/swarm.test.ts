import { describe, expect, it } from 'vitest'
import { type Handling, handlings, Reference } from './reference.ts'
import { type SwarmOptions, type SwarmResult, swarm } from './swarm.ts'

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

/** The first run that violates the reference. */
function caught(count: number, options: SwarmOptions): SwarmResult | undefined {
  for (const seed of seeds(count)) {
    const result = swarm(seed, options)
    if (result.violations.length > 0) return result
  }
  return undefined
}

describe('a swarm: what watchers saw is what the reference says they may see', () => {
  it('over loss, doubling, reordering and outages of a presence server that keeps its state', () => {
    let compared = 0
    for (const seed of seeds(100)) {
      const result = swarm(seed)
      expect(result.violations, `npm run swarm -- ${seed} 1`).toEqual([])
      compared += result.compared
    }
    expect(compared).toBeGreaterThan(3000)
  })

  it('the same seed is the same history, another one is another', () => {
    expect(swarm(7)).toEqual(swarm(7))
    expect(swarm(7).steps).not.toBe(swarm(8).steps)
  })
})

/** Who is allowed but given no tuples sees the same as who is blocked politely: that is what the latter is for. */
const looksTheSame = (one: Handling, other: Handling): boolean =>
  [one, other].every((each) => each === 'polite-block' || each === 'bare')

const pairs = handlings.flatMap((from) =>
  handlings.flatMap((to) => (from === to || looksTheSame(from, to) ? [] : [[from, to] as const])),
)

describe('a presence server that mistakes one handling for another is caught', () => {
  it.each(pairs)('%s for %s', (from, to) => {
    expect(caught(20, { misread: (handling) => (handling === from ? to : handling) })).toBeDefined()
  })

  it('but not that a watcher who is given nothing is blocked politely: nobody can tell', () => {
    expect(caught(10, { misread: (handling) => (handling === 'bare' ? 'polite-block' : handling) })).toBeUndefined()
  })
})

describe('a presence server that leaves out a rule about what a watcher is told is caught', () => {
  it.each([
    'RFC 5025 §3.2.1: a watcher whom the presentity blocks politely is shown that nobody is available',
    'RFC 3856 §6.6.1: a NOTIFY carries the presence document that the watcher may see',
    'RFC 5263 §4.3: the first partial notification carries the full state',
    'RFC 5263 §4.3: later partial notifications carry only what changed',
  ])('%s', (rule) => {
    expect(caught(20, { without: [rule] })).toBeDefined()
  })
})

describe('the reference', () => {
  const watcher = 'sip:w@home1.net'
  const seenAs = (handling: Handling) => {
    const reference = new Reference()
    reference.publish('t1', undefined, 'a', 'one', 100)
    reference.decide({ [watcher]: handling })
    return [reference.standing(watcher), reference.sight(watcher)]
  }

  it.each([
    ['block', 'refused', undefined],
    ['confirm', 'pending', undefined],
    ['polite-block', 'active', []],
    ['bare', 'active', []],
    ['allow', 'active', ['a one']],
  ] as const)('%s: %s', (handling, standing, sight) => {
    expect(seenAs(handling)).toEqual([standing, sight])
  })

  it('whom no rule names is refused', () => {
    expect(new Reference().standing(watcher)).toBe('refused')
  })

  it('a refresh keeps what was said, a change replaces it, the end takes it away, time too', () => {
    const reference = new Reference()
    reference.decide({ [watcher]: 'allow' })
    reference.publish('t1', undefined, 'a', 'one', 100)
    reference.publish('t2', 't1', 'a', undefined, 200)
    reference.expire(150)
    expect(reference.sight(watcher)).toEqual(['a one'])
    reference.publish('t3', 't2', 'a', 'two', 300)
    reference.publish('t4', undefined, 'b', 'three', 250)
    expect(reference.sight(watcher)).toEqual(['a two', 'b three'])
    reference.publish('t5', undefined, 'a', 'four', 300)
    expect(reference.sight(watcher), 'the last word of a device counts').toEqual(['a four', 'b three'])
    reference.remove('t5')
    reference.remove('t3')
    expect(reference.sight(watcher)).toEqual(['b three'])
    reference.expire(250)
    expect(reference.sight(watcher)).toEqual([])
  })
})
