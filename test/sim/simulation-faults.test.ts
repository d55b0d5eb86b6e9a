import { describe, expect, it } from 'vitest'
import { Bug } from '../../src/sim/assert.ts'
import { perfectLink } from '../../src/sim/network.ts'
import { type Simulation, type WorldAct, worldAddress } from '../../src/sim/simulation.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import { aRule, type Diary, newSimulation, type Order, print, type Rumour } from './gossip.ts'

function withDiaries(options: Parameters<typeof newSimulation>[0] = {}): Simulation<Rumour> {
  const simulation = newSimulation(options)
  for (const address of ['a', 'b']) simulation.add(address, 'diary', { of: address })
  return simulation
}

const diaryOf = (simulation: Simulation<Rumour>, address: string): readonly string[] =>
  (simulation.world.seats.get(address)!.state as Diary).lines

function stepAll(simulation: Simulation<Rumour>): TraceEvent<Rumour>[] {
  const trace: TraceEvent<Rumour>[] = []
  for (let event = simulation.step(); event !== undefined; event = simulation.step()) trace.push(event)
  return trace
}

/** A world act, an order to a node, or both, after a while. */
function script(simulation: Simulation<Rumour>, ...lines: readonly [number, string, Order | WorldAct][]): void {
  for (const [after, to, what] of lines) simulation.command(after, to, what)
}

const tell = (text: string, to = 'b'): Order => ({ do: 'tell', to, text })

describe('a node that is down', () => {
  it('misses messages, timers and commands, which the trace says, and does nothing', () => {
    const simulation = withDiaries()
    script(
      simulation,
      [0, 'b', { do: 'wake', after: 3, name: 'T' }],
      [1, worldAddress, { do: 'down', node: 'b' }],
      [2, 'a', tell('lost')],
      [4, 'b', { do: 'number' }],
    )
    const trace = stepAll(simulation)
    expect(trace.map(({ node, input, missed }) => [node, input.kind, missed])).toEqual([
      ['b', 'command', false],
      ['world', 'command', false],
      ['a', 'command', false],
      ['b', 'message', true],
      ['b', 'timer', true],
      ['b', 'command', true],
    ])
    expect(trace.slice(3).flatMap(({ effects }) => effects)).toEqual([])
    expect(diaryOf(simulation, 'b')).toHaveLength(2)
  })

  it('has all its state when it is up again', () => {
    const simulation = withDiaries()
    script(
      simulation,
      [0, 'a', tell('before')],
      [1, worldAddress, { do: 'down', node: 'b' }],
      [2, 'a', tell('missed')],
      [3, worldAddress, { do: 'up', node: 'b' }],
      [4, 'a', tell('after')],
    )
    stepAll(simulation)
    expect(diaryOf(simulation, 'b')).toEqual(['start b {"of":"b"}', '0 b got before from a', '4 b got after from a'])
  })

  it('is told when it is up again of the timers that fired meanwhile, in their order, each once', () => {
    const simulation = withDiaries()
    script(
      simulation,
      [0, 'b', { do: 'wake', after: 30, name: 'late' }],
      [0, 'b', { do: 'wake', after: 3, name: 'T' }],
      [0, 'b', { do: 'wake', after: 2, name: 'S' }],
      [1, worldAddress, { do: 'down', node: 'b' }],
      [5, worldAddress, { do: 'up', node: 'b' }],
      [6, worldAddress, { do: 'down', node: 'b' }],
      [7, worldAddress, { do: 'up', node: 'b' }],
    )
    const told = stepAll(simulation).filter(({ input, missed }) => input.kind === 'timer' && !missed)
    expect(told.map(({ at, input }) => [at, input.kind === 'timer' && input.timer.name])).toEqual([
      [5, 'S'],
      [5, 'T'],
      [30, 'late'],
    ])
  })

  it('is not told of them after a restart', () => {
    const simulation = withDiaries()
    script(
      simulation,
      [0, 'b', { do: 'wake', after: 3, name: 'T' }],
      [1, worldAddress, { do: 'down', node: 'b' }],
      [5, worldAddress, { do: 'restart', node: 'b' }],
      [6, worldAddress, { do: 'up', node: 'b' }],
    )
    expect(stepAll(simulation).filter(({ input, missed }) => input.kind === 'timer' && !missed)).toEqual([])
  })

  it('has lost its state when it restarts, and starts from its settings', () => {
    const simulation = withDiaries()
    simulation.alias('alias-of-b', 'b')
    script(
      simulation,
      [0, 'a', tell('before')],
      [1, worldAddress, { do: 'down', node: 'b' }],
      [3, worldAddress, { do: 'restart', node: 'alias-of-b' }],
      [4, 'a', tell('after')],
    )
    stepAll(simulation)
    expect(diaryOf(simulation, 'b')).toEqual(['start b {"of":"b"}', '4 b got after from a'])
  })

  it('never gives a serial number twice, not even after a restart', () => {
    const simulation = withDiaries()
    simulation.add('clerk', 'diary')
    script(
      simulation,
      [0, 'a', { do: 'number' }],
      [1, worldAddress, { do: 'restart', node: 'a' }],
      [2, 'a', { do: 'number' }],
    )
    stepAll(simulation)
    expect(
      diaryOf(simulation, 'clerk')
        .slice(1)
        .map((line) => line.split(' ').slice(3, 5).join(' ')),
    ).toEqual(['a 1', 'a 2'])
  })
})

describe('what is done to the world', () => {
  it('a partition stops messages until it is healed', () => {
    const simulation = withDiaries()
    script(
      simulation,
      [0, worldAddress, { do: 'partition', some: ['a'], others: ['b'] }],
      [1, 'a', tell('lost')],
      [2, worldAddress, { do: 'heal' }],
      [3, 'a', tell('arrives')],
    )
    stepAll(simulation)
    expect(diaryOf(simulation, 'b').slice(1)).toEqual(['3 b got arrives from a'])
  })

  it('what was on its way when the cut came still arrives', () => {
    const simulation = withDiaries()
    simulation.world.network.otherwise = { ...perfectLink, latency: 10 }
    script(simulation, [0, 'a', tell('under way')], [5, worldAddress, { do: 'partition', some: ['a'], others: ['b'] }])
    stepAll(simulation)
    expect(diaryOf(simulation, 'b').slice(1)).toEqual(['10 b got under way from a'])
  })

  it('a link changes from then on', () => {
    const simulation = withDiaries()
    script(
      simulation,
      [0, 'a', tell('fast')],
      [1, worldAddress, { do: 'link', one: 'b', other: 'a', link: { ...perfectLink, latency: 100 } }],
      [2, 'a', tell('slow')],
    )
    stepAll(simulation)
    expect(diaryOf(simulation, 'b').slice(1)).toEqual(['0 b got fast from a', '102 b got slow from a'])
  })

  it('an act upon nobody is a bug of the script', () => {
    const simulation = withDiaries()
    script(simulation, [0, worldAddress, { do: 'down', node: 'c' }])
    expect(() => simulation.step()).toThrow('nobody is at c')
  })
})

describe('what the wire makes of messages', () => {
  it('is what nodes get and the trace shows', () => {
    const simulation = withDiaries({ wire: ({ text, hops }) => ({ text: text.toUpperCase(), hops }) })
    script(simulation, [0, 'a', tell('hello')])
    const trace = stepAll(simulation)
    expect(trace[0]!.effects[0]).toMatchObject({ message: { text: 'hello' } })
    expect(trace[1]!.input).toEqual({ kind: 'message', from: 'a', message: { text: 'HELLO', hops: 0 } })
    expect(diaryOf(simulation, 'b').at(-1)).toBe('0 b got HELLO from a')
  })

  it('is asked once for each message that is handed over, and not for those that are missed', () => {
    let asked = 0
    const simulation = withDiaries({
      wire: (message) => {
        asked++
        return { ...message }
      },
    })
    script(simulation, [0, 'a', tell('x')], [1, worldAddress, { do: 'down', node: 'b' }], [2, 'a', tell('y')])
    stepAll(simulation)
    expect(asked).toBe(1)
  })
})

describe('rules', () => {
  const judged = (without: readonly string[]) => {
    const simulation = withDiaries({ without })
    script(simulation, [0, 'a', { do: 'judge' }])
    return simulation.step()!.effects
  }

  it('are recorded with what they made and decided while somebody listens', () => {
    expect(judged([])).toEqual([
      {
        kind: 'amend',
        rule: aRule,
        before: undefined,
        after: { text: 'made', hops: 0 },
        changed: ['text'],
        source: undefined,
      },
      { kind: 'decide', rule: aRule, outcome: 'yes', facts: { listening: true } },
    ])
  })

  it('can be left out of a run, by clause and title', () => {
    expect(aRule.id).toBe('clause 1: a toy decides')
    expect(judged(['clause 1: a toy decides'])).toEqual([])
    expect(judged(['clause 1: another rule'])).toHaveLength(2)
  })

  it('leave no mark on the print of a turn, so that listening changes no digest', () => {
    const simulation = withDiaries()
    script(simulation, [5, 'a', { do: 'judge' }])
    expect(print(simulation.step()!)).toBe('0 -1 5 a\ncommand {"do":"judge"}\n')
  })
})

describe('a bug in a node', () => {
  it('carries the seed, the step, the time and the node, and what it was', () => {
    const simulation = withDiaries({ seed: 77 })
    script(simulation, [0, 'b', { do: 'number' }], [9, 'a', { do: 'crash' }])
    simulation.step()
    let caught: unknown
    try {
      simulation.step()
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(Bug)
    const { message, cause } = caught as Bug
    for (const part of ['it fell over', 'step 1', ' a,', '9 µs', 'seed 77']) expect(message).toContain(part)
    expect(cause).toBeInstanceOf(Error)
  })

  it('is also what the wire can not carry', () => {
    const simulation = withDiaries({
      wire: () => {
        throw new Error('unreadable')
      },
    })
    script(simulation, [0, 'a', tell('x')])
    simulation.step()
    expect(() => simulation.step()).toThrow(/unreadable.*step 1/)
  })
})

describe('the print of a turn', () => {
  it('has the step, the cause, the time, the node, what came in and what went out', () => {
    const simulation = withDiaries()
    script(
      simulation,
      [2, 'a', tell('hello')],
      [2, 'a', tell('hello', 'nowhere')],
      [2, worldAddress, { do: 'down', node: 'a' }],
      [2, 'b', { do: 'wake', after: 1, name: 'T' }],
      [2, 'a', tell('never')],
    )
    expect(stepAll(simulation).map(print)).toEqual([
      '0 -1 2 a\ncommand {"do":"tell","to":"b","text":"hello"}\n> b 2\nhello (0 more)\n',
      '1 -1 2 a\ncommand {"do":"tell","to":"nowhere","text":"hello"}\n> nowhere lost\nhello (0 more)\n',
      '2 -1 2 world\ncommand {"do":"down","node":"a"}\n',
      '3 -1 2 b\ncommand {"do":"wake","after":1,"name":"T"}\nstart T of b 1\n',
      '4 -1 2 a down\ncommand {"do":"tell","to":"b","text":"never"}\n',
      '5 0 2 b\n< a\nhello (0 more)\n',
      '6 3 3 b\ntimer T of b\n',
    ])
  })
})
