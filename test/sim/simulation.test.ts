import { describe, expect, it } from 'vitest'
import { Bug } from '../../src/sim/assert.ts'
import type { Address } from '../../src/sim/node.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import { type Diary, digestOfRun, newSimulation, type Order, type Rumour, village } from './gossip.ts'

function withDiaries(...addresses: readonly Address[]): Simulation<Rumour> {
  const simulation = newSimulation()
  for (const address of addresses) simulation.add(address, 'diary')
  return simulation
}

const linesOf = (simulation: Simulation<Rumour>, address: Address): readonly string[] =>
  (simulation.world.seats.get(address)!.state as Diary).lines.slice(1)

function stepAll(simulation: Simulation<Rumour>): TraceEvent<Rumour>[] {
  const trace: TraceEvent<Rumour>[] = []
  for (let event = simulation.step(); event !== undefined; event = simulation.step()) trace.push(event)
  return trace
}

const order = (what: Order): Order => what

describe('a run', () => {
  it('lets things happen in order of time, then in order of scheduling', () => {
    const simulation = withDiaries('a', 'b')
    simulation.command(20, 'a', order({ do: 'wake', after: 0, name: 'second' }))
    simulation.command(20, 'b', { do: 'first' })
    simulation.command(10, 'a', order({ do: 'wake', after: 10, name: 'third' }))
    const trace = stepAll(simulation)
    expect(trace.map(({ step, at, node, input }) => [step, at, node, input.kind])).toEqual([
      [0, 10, 'a', 'command'],
      [1, 20, 'a', 'command'],
      [2, 20, 'b', 'command'],
      [3, 20, 'a', 'timer'],
      [4, 20, 'a', 'timer'],
    ])
    expect(linesOf(simulation, 'a').slice(2)).toEqual(['20 a woke for third of a', '20 a woke for second of a'])
  })

  it('names the step that caused each turn, and -1 for the script', () => {
    const simulation = withDiaries('a', 'b')
    simulation.world.network.otherwise = { latency: 5, jitter: 0, lossOneIn: 0, duplicateOneIn: 1 }
    simulation.command(0, 'a', order({ do: 'wake', after: 100, name: 'later' }))
    simulation.command(0, 'b', order({ do: 'tell', to: 'a', text: 'hello' }))
    expect(stepAll(simulation).map(({ cause, input }) => [cause, input.kind])).toEqual([
      [-1, 'command'],
      [-1, 'command'],
      [1, 'message'],
      [1, 'message'],
      [0, 'timer'],
    ])
  })

  it('tells what was sent, when it arrives, and which timers were started', () => {
    const simulation = withDiaries('a', 'b')
    simulation.world.network.otherwise = { latency: 7, jitter: 0, lossOneIn: 0, duplicateOneIn: 0 }
    simulation.command(3, 'a', order({ do: 'tell', to: 'b', text: 'hello' }))
    simulation.command(3, 'a', order({ do: 'wake', after: 4, name: 'T' }))
    const [tell, wake, ...rest] = stepAll(simulation)
    expect(tell!.effects).toEqual([{ kind: 'send', to: 'b', message: { text: 'hello', hops: 0 }, arrives: 10 }])
    expect(wake!.effects).toEqual([{ kind: 'start', timer: { name: 'T', of: 'a' }, after: 4 }])
    expect(rest.map(({ at, input }) => [at, input])).toEqual([
      [7, { kind: 'timer', timer: { name: 'T', of: 'a' } }],
      [10, { kind: 'message', from: 'a', message: { text: 'hello', hops: 0 } }],
    ])
  })

  it('says of a lost message that it does not arrive', () => {
    const simulation = withDiaries('a', 'b')
    simulation.world.network.otherwise = { latency: 7, jitter: 0, lossOneIn: 1, duplicateOneIn: 0 }
    simulation.command(0, 'a', order({ do: 'tell', to: 'b', text: 'hello' }))
    simulation.command(0, 'a', order({ do: 'tell', to: 'nowhere', text: 'hello' }))
    simulation.command(0, 'a', order({ do: 'tell', to: 'b', text: 'surely', transport: 'stream' }))
    const arrivals = stepAll(simulation).flatMap(({ effects }) => effects.map((one) => 'arrives' in one && one.arrives))
    expect(arrivals).toEqual([undefined, undefined, 7])
    expect(linesOf(simulation, 'b')).toEqual(['7 b got surely from a'])
  })

  it('runs until a time, that time included, and no further', () => {
    const simulation = withDiaries('a')
    for (const after of [10, 20, 20, 21]) simulation.command(after, 'a', { do: 'nothing' })
    expect(simulation.run(9)).toBe(0)
    expect(simulation.run(20)).toBe(3)
    expect([simulation.now, simulation.next]).toEqual([20, 21])
    expect(simulation.run(1e9)).toBe(1)
    expect([simulation.now, simulation.next, simulation.step()]).toEqual([21, undefined, undefined])
  })

  it('skips at most so many turns', () => {
    const simulation = withDiaries('a')
    for (const after of [1, 2, 3]) simulation.command(after, 'a', { do: 'nothing' })
    expect([simulation.skip(2), simulation.world.step, simulation.skip(5), simulation.skip(5)]).toEqual([2, 2, 1, 0])
  })
})

describe('names of nodes', () => {
  it('a node knows itself by its own name, whichever it was called by', () => {
    const simulation = withDiaries('ps.home1.net', 'a')
    simulation.alias('sip.home1.net', 'ps.home1.net')
    simulation.command(0, 'a', order({ do: 'tell', to: 'sip.home1.net', text: 'hello' }))
    simulation.command(1, 'sip.home1.net', order({ do: 'tell', to: 'a', text: 'answer' }))
    stepAll(simulation)
    expect(linesOf(simulation, 'ps.home1.net')).toEqual([
      '0 ps.home1.net got hello from a',
      '1 ps.home1.net was told to tell',
    ])
    expect(linesOf(simulation, 'a').at(-1)).toBe('1 a got answer from ps.home1.net')
  })

  it('a member of a population knows itself by its own address, and others know it so', () => {
    const simulation = withDiaries('crowd', 'a')
    simulation.populate('ue-', 'crowd')
    simulation.command(0, 'ue-17', order({ do: 'tell', to: 'a', text: 'from one' }))
    simulation.command(1, 'ue-18', order({ do: 'wake', after: 5, name: 'T' }))
    simulation.command(2, 'a', order({ do: 'tell', to: 'ue-99', text: 'to one' }))
    stepAll(simulation)
    expect(linesOf(simulation, 'a')[0]).toBe('0 a got from one from ue-17')
    expect(linesOf(simulation, 'crowd').slice(2)).toEqual(['2 ue-99 got to one from a', '6 ue-18 woke for T of ue-18'])
  })

  it('a seat of its own comes before a population', () => {
    const simulation = withDiaries('crowd', 'ue-1')
    simulation.populate('ue-', 'crowd')
    simulation.command(0, 'ue-1', { do: 'nothing' })
    stepAll(simulation)
    expect([linesOf(simulation, 'ue-1').length, linesOf(simulation, 'crowd').length]).toEqual([1, 0])
  })

  it('nobody has two seats, and nobody sits without a behaviour', () => {
    const simulation = withDiaries('a')
    expect(() => simulation.add('a', 'diary')).toThrow(Bug)
    expect(() => simulation.add('b', 'no such')).toThrow('no such')
  })

  it('a command to nobody is a bug of the script', () => {
    const simulation = withDiaries('a')
    simulation.command(0, 'b', { do: 'nothing' })
    expect(() => simulation.step()).toThrow('nobody is at b')
  })
})

describe('chance and serial numbers', () => {
  const numbersOf = (seed: number, ...addresses: readonly Address[]): readonly string[] => {
    const simulation = newSimulation({ seed })
    for (const address of ['clerk', 'a', 'b']) simulation.add(address, 'diary')
    for (const address of addresses) simulation.command(0, address, order({ do: 'number' }))
    stepAll(simulation)
    return linesOf(simulation, 'clerk').map((line) => line.split(' ').slice(3, 6).join(' '))
  }

  it('are each node’s own: what others draw changes nothing', () => {
    const alone = numbersOf(1, 'a', 'a')
    const among = numbersOf(1, 'b', 'a', 'b', 'b', 'a').filter((line) => line.startsWith('a'))
    expect(among).toEqual(alone)
    expect(alone.map((line) => line.split(' ')[1])).toEqual(['1', '2'])
  })

  it('differ between nodes and between seeds', () => {
    const drawn = [...numbersOf(1, 'a', 'b'), ...numbersOf(2, 'a', 'b')].map((line) => line.split(' ')[2])
    expect(new Set(drawn).size).toBe(4)
  })
})

describe('the digest of a run', () => {
  it('is the same for the same seed and another for another one', () => {
    const digests = [1, 2, 3, 4, 5, 6].map((seed) => digestOfRun(village(seed)))
    expect([1, 2, 3, 4, 5, 6].map((seed) => digestOfRun(village(seed)))).toEqual(digests)
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('changes with anything that happens: one more command, one more microsecond', () => {
    const [more, later, plain] = [village(1), village(1), village(1)]
    more.command(50, 'a', { do: 'begin' })
    later.world.network.otherwise = { ...later.world.network.otherwise, latency: 101 }
    expect(new Set([digestOfRun(more), digestOfRun(later), digestOfRun(plain)]).size).toBe(3)
  })

  it('does not depend on whether somebody listened before', () => {
    const [listened, unheard] = [village(3), village(3)]
    for (let i = 0; i < 40; i++) listened.step()
    unheard.skip(40)
    expect(listened.keyframe()).toEqual(unheard.keyframe())
    expect(digestOfRun(listened)).toBe(digestOfRun(unheard))
  })
})
