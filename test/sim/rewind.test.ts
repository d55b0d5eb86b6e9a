import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyOf } from '../../src/sim/copy.ts'
import { pop } from '../../src/sim/queue.ts'
import { Rewind } from '../../src/sim/rewind.ts'
import { Simulation, type World, worldAddress } from '../../src/sim/simulation.ts'
import { digestOfRun, isRumour, newSimulation, print, type Rumour, village } from './gossip.ts'

/**
 * All that a world is, whatever the inside of its queue looks like: what will happen is told in the order in which it
 * would.
 */
function told(world: World<Rumour>): unknown {
  const { step, queue, seats, aliases, populations, network } = copyOf(world, isRumour)
  const { now, order } = queue
  const waiting: unknown[] = []
  for (let item = pop(queue); item !== undefined; item = pop(queue)) waiting.push([queue.now, item])
  return { step, now, order, waiting, seats, aliases, populations, network }
}

/** What a person does in the middle of a run: after so many turns, a command. */
interface Deed {
  readonly turns: number
  readonly after: number
  readonly act: 'begin' | 'down' | 'up' | 'restart' | 'partition' | 'heal' | 'link'
  readonly node: string
}

function perform(rewind: Rewind<Rumour>, { act, node, after }: Deed): void {
  const toWorld = rewind.command.bind(rewind, after, worldAddress)
  if (act === 'begin') rewind.command(after, node, { do: 'begin' })
  else if (act === 'partition') toWorld({ do: act, some: [node], others: ['c', 'd'] })
  else if (act === 'heal') toWorld({ do: act })
  else if (act === 'link')
    toWorld({
      do: act,
      one: node,
      other: 'a',
      link: { latency: 20, jitter: 50, lossOneIn: 3, duplicateOneIn: 2 },
    })
  else toWorld({ do: act, node })
}

const deed: fc.Arbitrary<Deed> = fc.record({
  turns: fc.nat(80),
  after: fc.nat(900),
  act: fc.constantFrom('begin', 'begin', 'begin', 'down', 'up', 'restart', 'partition', 'heal', 'link'),
  node: fc.constantFrom('a', 'b', 'c', 'd'),
})

/** Runs with these deeds and tells the world after each turn, when the deeds of that moment are done. */
function record(simulation: Simulation<Rumour>, deeds: readonly Deed[], interval: number, turns = 80) {
  const rewind = new Rewind(simulation, interval)
  const states: unknown[] = []
  for (let turn = 0; turn <= turns; turn++) {
    for (const one of deeds) if (one.turns === turn) perform(rewind, one)
    states.push(told(simulation.world))
    if (turn < turns && rewind.forward() === undefined) break
  }
  return { rewind, states }
}

describe('stepping back', () => {
  it('finds at each turn of any run the world as it was then, with all that was done to it by then', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.integer({ min: 1, max: 100 }),
        fc.array(deed, { maxLength: 8 }),
        (seed, interval, deeds) => {
          const { rewind, states } = record(village(seed), deeds, interval)
          for (let turn = states.length - 1; turn >= 0; turn -= 1 + (turn % 3))
            expect(told(rewind.at(turn))).toEqual(states[turn])
        },
      ),
      { numRuns: 25 },
    )
  })

  it.each([1, 7, 500])('finds every single turn with a keyframe every %i turns', (interval) => {
    const deeds: Deed[] = [
      { turns: 0, after: 0, act: 'begin', node: 'a' },
      { turns: 7, after: 10, act: 'begin', node: 'b' },
      { turns: 14, after: 0, act: 'partition', node: 'a' },
      { turns: 14, after: 400, act: 'heal', node: 'a' },
      { turns: 21, after: 0, act: 'restart', node: 'b' },
    ]
    const { rewind, states } = record(village(11), deeds, interval)
    expect(states).toHaveLength(81)
    states.forEach((state, turn) => {
      expect(told(rewind.at(turn))).toEqual(state)
    })
  })

  it('does not disturb the run, nor what is found another time', () => {
    const [looked, plain] = [village(4), village(4)]
    const rewind = new Rewind(looked, 10)
    for (let turn = 0; turn < 60; turn++) {
      rewind.forward()
      const past = rewind.at(turn >> 1)
      for (const seat of past.seats.values()) (seat.state as { heard: number }).heard = -1
      past.network.links.set('a', new Map())
    }
    plain.skip(60)
    expect(told(looked.world)).toEqual(told(plain.world))
    expect(digestOfRun(looked)).toBe(digestOfRun(plain))
  })

  it('gives a world from which a run goes on as it did', () => {
    const { rewind } = record(village(8), [{ turns: 5, after: 3, act: 'begin', node: 'd' }], 9)
    const again = new Simulation(newSimulation({ seed: 8 }).options, rewind.at(30))
    for (const event of rewind.trace.slice(30)) expect(print(again.step()!)).toBe(print(event))
  })

  it('keeps the whole trace, step by step', () => {
    const { rewind } = record(village(2), [], 10, 50)
    expect(rewind.trace.map(({ step }) => step)).toEqual(Array.from({ length: 50 }, (_, step) => step))
    expect(rewind.now).toBe(rewind.trace.at(-1)!.at)
  })

  it('takes over a simulation that has already run, and counts from there', () => {
    const simulation = village(6)
    simulation.skip(33)
    const { rewind, states } = record(simulation, [{ turns: 20, after: 1, act: 'begin', node: 'c' }], 8, 40)
    expect(rewind.trace[0]!.step).toBe(33)
    for (const turn of [0, 1, 8, 20, 21, 40]) expect(told(rewind.at(turn))).toEqual(states[turn])
  })

  it('goes forward only to what is due', () => {
    const simulation = newSimulation()
    simulation.add('a', 'diary')
    const rewind = new Rewind(simulation)
    rewind.command(10, 'a', { do: 'nothing' })
    expect(rewind.forward(9)).toBe(undefined)
    expect(rewind.forward(10)?.at).toBe(10)
    expect(rewind.forward()).toBe(undefined)
    expect(rewind.trace).toHaveLength(1)
  })

  it('refuses a turn that the run has not come to', () => {
    const { rewind } = record(village(2), [], 10, 20)
    for (const turns of [-1, 21]) expect(() => rewind.at(turns)).toThrow(RangeError)
    expect(() => rewind.at(21)).toThrow('the run has 20 turns')
  })
})
