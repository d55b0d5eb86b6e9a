import { describe, expect, it } from 'vitest'
import { listSwarm } from './list-swarm.ts'

const seeds = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)

describe('a swarm of lists: what watchers saw by a list is what the reference says they may see', () => {
  it('over loss, doubling, reordering, changes of the list and outages of both servers, which keep their state', () => {
    let compared = 0
    for (const seed of seeds(40)) {
      const result = listSwarm(seed)
      expect(result.violations, `npm run swarm -- ${seed} 1`).toEqual([])
      compared += result.compared
    }
    expect(compared).toBeGreaterThan(1000)
  })

  it('the same seed is the same history, another one is another', () => {
    expect(listSwarm(7)).toEqual(listSwarm(7))
    expect(listSwarm(7).steps).not.toBe(listSwarm(8).steps)
  })
})

describe('a server of lists, or of presence, that leaves out a rule is caught', () => {
  it.each([
    'RFC 4662 §4.5: the first NOTIFY after each SUBSCRIBE tells of all members, of those that are not known too',
    'RFC 4662 §5.2: a later NOTIFY tells of the members that have changed',
    'RFC 6665 §4.1.3: a subscription to a member that ended for a while is tried again',
    'TS 24.141 §5.3.4.3: the list server subscribes to each member of a list, for as long as the list is subscribed to',
    'TS 24.141 §5.3.4.3: the subscriptions to the members end with the one to the list',
    'TS 24.141 §5.3.4.3: what a member notifies is kept, to be told with the list',
    'TS 24.141 §5.3.4.3: who has come into a list is subscribed to',
    'TS 24.141 §5.3.4.3: who has left a list is not subscribed to any more',
    'RFC 5025 §3.3: a watcher sees of the document what the rules that apply provide',
  ])('%s', (rule) => {
    expect(seeds(30).some((seed) => listSwarm(seed, { without: [rule] }).violations.length > 0)).toBe(true)
  })
})
