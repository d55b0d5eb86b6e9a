import { describe, expect, it } from 'vitest'
import { type Simulation, type WorldAct, worldAddress } from '../../src/sim/simulation.ts'
import { type Diary, newSimulation, type Order, type Rumour } from './gossip.ts'

const latency = 10

function world(): Simulation<Rumour> {
  const simulation = newSimulation()
  for (const address of ['a', 'b']) simulation.add(address, 'diary', {})
  simulation.world.network.otherwise = { latency, jitter: 0, lossOneIn: 0, duplicateOneIn: 0 }
  return simulation
}

function play(simulation: Simulation<Rumour>, ...lines: readonly [number, string, Order | WorldAct][]): string[] {
  for (const [after, to, what] of lines) simulation.command(after, to, what)
  while (simulation.step() !== undefined);
  return (simulation.world.seats.get('a')!.state as Diary).lines.slice(1)
}

const stream = (to: string): Order => ({ do: 'tell', to, text: 'hello', transport: 'stream' })
const failures = (lines: readonly string[]) => lines.filter((line) => line.includes('can not reach'))

describe('a stream', () => {
  it('to a node that is down fails, which its sender is told one way there and back later', () => {
    const lines = play(world(), [0, worldAddress, { do: 'down', node: 'b' }], [5, 'a', stream('b')])
    expect(failures(lines)).toEqual([`${5 + 2 * latency} a can not reach b with hello`])
  })

  it('to a host that takes none fails as well, while datagrams arrive', () => {
    const simulation = world()
    simulation.refuseStreams('b')
    const lines = play(simulation, [0, 'a', stream('b')], [1, 'a', { do: 'tell', to: 'b', text: 'small' }])
    expect(failures(lines)).toHaveLength(1)
    expect((simulation.world.seats.get('b')!.state as Diary).lines.slice(1)).toEqual([
      `${1 + latency} b got small from a`,
    ])
  })

  it('fails when the node goes down while it is on its way', () => {
    const lines = play(world(), [0, 'a', stream('b')], [latency - 1, worldAddress, { do: 'down', node: 'b' }])
    expect(failures(lines)).toHaveLength(1)
  })

  it('into a partition tells nothing: no refusal comes back', () => {
    const cut: WorldAct = { do: 'partition', some: ['a'], others: ['b'] }
    expect(failures(play(world(), [0, worldAddress, cut], [1, 'a', stream('b')]))).toEqual([])
  })

  it('to a host that is up does not fail; nor does a datagram to one that is down', () => {
    expect(failures(play(world(), [0, 'a', stream('b')]))).toEqual([])
    const datagram: Order = { do: 'tell', to: 'b', text: 'hello' }
    expect(failures(play(world(), [0, worldAddress, { do: 'down', node: 'b' }], [1, 'a', datagram]))).toEqual([])
  })

  it('fails again at the same step of a run that goes on from a keyframe', () => {
    const simulation = world()
    simulation.command(0, worldAddress, { do: 'down', node: 'b' })
    simulation.command(5, 'a', stream('b'))
    simulation.run(6)
    const keyframe = simulation.keyframe()
    while (simulation.step() !== undefined);
    const after = simulation.world.step
    simulation.world = keyframe
    while (simulation.step() !== undefined);
    expect([simulation.world.step, (simulation.world.seats.get('a')!.state as Diary).lines.at(-1)]).toEqual([
      after,
      `${5 + 2 * latency} a can not reach b with hello`,
    ])
  })
})
