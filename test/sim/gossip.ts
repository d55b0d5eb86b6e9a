import { digestOf, extend, printDigest } from '../../src/sim/digest.ts'
import type { Address, Input, Node, Transport, Turn } from '../../src/sim/node.ts'
import { rule } from '../../src/sim/rule.ts'
import { Simulation, type SimulationOptions } from '../../src/sim/simulation.ts'
import { printTurn, type TraceEvent } from '../../src/sim/trace.ts'

/** A message of the toy protocol, which nobody changes. */
export interface Rumour {
  readonly text: string
  readonly hops: number
}

export const isRumour = (value: object): boolean => 'hops' in value

/** What a node did, in its own words. */
export interface Diary {
  readonly lines: string[]
}

/** Writes down all that it is given, as it sees it, and does what a command tells it. */
export const diary: Node<Diary, Rumour> = {
  title: 'diary',
  clause: 'none',
  start: (address, settings) => ({ lines: [`start ${address} ${JSON.stringify(settings)}`] }),
  handle(state, input, turn) {
    state.lines.push(`${turn.now} ${turn.self} ${lineOf(input)}`)
    if (input.kind === 'command') obey(input.command as unknown as Order, turn)
  },
}

export type Order =
  | { readonly do: 'tell'; readonly to: Address; readonly text: string; readonly transport?: Transport }
  | { readonly do: 'wake'; readonly after: number; readonly name: string }
  | { readonly do: 'number' }
  | { readonly do: 'judge' }
  | { readonly do: 'crash' }

export const aRule = rule('clause 1', 'a toy decides', ['R1'])

function obey(order: Order, turn: Turn<Rumour>): void {
  if (order.do === 'tell') turn.send(order.to, { text: order.text, hops: 0 }, order.transport)
  else if (order.do === 'wake') turn.start({ name: order.name, of: turn.self }, order.after)
  else if (order.do === 'number')
    turn.send('clerk', { text: `${turn.self} ${turn.serial()} ${turn.random(1e9)}`, hops: 0 })
  else if (order.do === 'judge') {
    if (turn.without(aRule)) return
    turn.amended(aRule, undefined, { text: 'made', hops: 0 }, ['text'])
    turn.decide(aRule, 'yes', { listening: turn.listening })
  } else if (order.do === 'crash') throw new Error('it fell over')
}

function lineOf(input: Input<Rumour>): string {
  if (input.kind === 'message') return `got ${input.message.text} from ${input.from}`
  if (input.kind === 'failure') return `can not reach ${input.to} with ${input.message.text}`
  if (input.kind === 'timer') return `woke for ${input.timer.name} of ${input.timer.of}`
  return `was told to ${input.command.do}`
}

interface Gossiper {
  heard: number
  readonly friends: Address[]
  readonly seen: Map<string, { times: number }>
  last: Rumour | undefined
}

/** Passes rumours on at random, with pauses: it uses chance, serial numbers, timers and all shapes of state. */
export const gossiper: Node<Gossiper, Rumour> = {
  title: 'gossiper',
  clause: 'none',
  start: (_, settings) => ({
    heard: 0,
    friends: [...(settings as { readonly friends: readonly Address[] }).friends],
    seen: new Map(),
    last: undefined,
  }),
  handle(state, input, turn) {
    const friend = () => state.friends[turn.random(state.friends.length)]!
    if (input.kind === 'command') turn.send(friend(), { text: `${turn.self}-${turn.serial()}`, hops: 9 })
    else if (input.kind === 'timer') {
      if (state.last !== undefined) turn.send(friend(), { ...state.last, hops: state.last.hops - 1 }, 'stream')
    } else {
      const { message } = input
      state.heard++
      state.last = message
      const entry = state.seen.get(message.text) ?? { times: 0 }
      state.seen.set(message.text, { times: entry.times + 1 })
      if (message.hops <= 0) return
      turn.send(friend(), { text: message.text, hops: message.hops - 1 })
      if (turn.random(2) === 0) turn.start({ name: 'again', of: message.text }, turn.random(3) * 500 + turn.random(2))
    }
  },
}

export const behaviours = { diary, gossiper } as SimulationOptions<Rumour>['behaviours']

export const newSimulation = (options: Partial<SimulationOptions<Rumour>> = {}) =>
  new Simulation<Rumour>({ behaviours, seed: 1, isShared: isRumour, ...options })

/** A village in which rumours spread over bad links. */
export function village(seed: number, options: Partial<SimulationOptions<Rumour>> = {}): Simulation<Rumour> {
  const simulation = newSimulation({ ...options, seed })
  const friends = ['a', 'b', 'c', 'd']
  for (const address of friends) simulation.add(address, 'gossiper', { friends })
  simulation.world.network.otherwise = { latency: 100, jitter: 300, lossOneIn: 12, duplicateOneIn: 8 }
  for (const address of friends) simulation.command(0, address, { do: 'begin' })
  return simulation
}

/** The digest of the rest of a run, at most so many turns. */
export function digestOfRun(simulation: Simulation<Rumour>, most = 400): string {
  let digest = digestOf('')
  for (let i = 0; i < most; i++) {
    const event = simulation.step()
    if (event === undefined) break
    digest = extend(digest, print(event))
  }
  return printDigest(digest)
}

export const print = (event: TraceEvent<Rumour>): string =>
  printTurn(event, ({ text, hops }) => `${text} (${hops} more)`)
