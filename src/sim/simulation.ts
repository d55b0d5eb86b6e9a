import { assert, Bug } from './assert.ts'
import { copyOf } from './copy.ts'
import { changeLink, delays, heal, type Link, makeNetwork, type Network, partition, perfectLink } from './network.ts'
import type { Address, Command, Effect, Facts, Input, Node, Timer, Transport, Turn } from './node.ts'
import { copyOfQueue, type EventQueue, emptyQueue, nextAt, pop, push } from './queue.ts'
import { below, type Random, stream } from './random.ts'
import type { Rule } from './rule.ts'
import type { Micros } from './time.ts'
import type { TraceEvent } from './trace.ts'

/** A node in its place: behaviour by name, state by value. */
export interface Seat {
  readonly address: Address
  readonly behaviour: string
  readonly settings: unknown
  state: unknown
  readonly random: Random
  serial: number
  up: boolean
  /** The timers that fired while it was down, in order: it is told of them when it is up again. */
  readonly overdue: { readonly name: string; readonly of: string; readonly to: Address }[]
}

/** Something scheduled: a timer, a command, a message on its way or back. One object each; there may be millions. */
type Scheduled<M> = {
  /** The step that scheduled it; -1 for the script. */
  readonly cause: number
  readonly to: Address
} & (
  | Only<Timer>
  | Only<{ readonly from: Address; readonly message: M; readonly isStream: boolean }>
  | Only<{ readonly from: Address; readonly failed: M }>
  | Only<{ readonly command: Command | WorldAct }>
)

/** One kind of scheduled thing, which has nothing of what tells the others apart. */
type Only<T> = T & { readonly [Mark in Exclude<'of' | 'message' | 'isStream' | 'failed' | 'command', keyof T>]?: never }

/** Everything there is, as plain data: what a keyframe copies. */
export interface World<M> {
  /** How many turns there have been. */
  step: number
  readonly queue: EventQueue<Scheduled<M>>
  readonly seats: Map<Address, Seat>
  /** Other names of hosts, by the name. */
  readonly aliases: Map<Address, Address>
  /** Seats that stand for every address that begins so: whole populations of UEs. */
  readonly populations: { readonly prefix: string; readonly seat: Address }[]
  readonly network: Network
}

export interface SimulationOptions<M> {
  /** The nodes by the names that seats give. */
  readonly behaviours: Readonly<Record<string, Node<unknown, M>>>
  /** A whole number; the same seed gives the same run. */
  readonly seed: number
  /** True of values that nobody changes and that copies of the world may share: messages. */
  readonly isShared: (value: object) => boolean
  /** The ids of rules that this run leaves out. */
  readonly without?: readonly string[]
  /** What the wire makes of a message: given, each message is handed over as this returns it. */
  readonly wire?: (message: M) => M
}

/** What a script or a person does to the world itself, at the address `worldAddress`. */
export type WorldAct =
  | { readonly do: 'down' | 'up' | 'restart'; readonly node: Address }
  | { readonly do: 'partition'; readonly some: readonly Address[]; readonly others: readonly Address[] }
  | { readonly do: 'heal' }
  | { readonly do: 'link'; readonly one: Address; readonly other: Address; readonly link: Link }

/** The address at which the world itself takes commands. */
export const worldAddress: Address = 'world'

/** A discrete-event simulation of nodes that only know messages, timers and commands. */
export class Simulation<M> {
  readonly options: SimulationOptions<M>
  world: World<M>
  private readonly turn: RunningTurn<M>

  constructor(options: SimulationOptions<M>, world?: World<M>) {
    this.options = options
    this.world = world ?? emptyWorld(options.seed)
    this.turn = new RunningTurn(this, new Set(options.without ?? []))
  }

  /** Seats a node; `settings` is what the topology says of it and must be plain data. */
  add(address: Address, behaviour: string, settings?: unknown): void {
    const node = this.options.behaviours[behaviour]
    assert(node !== undefined, `there is no behaviour "${behaviour}"`)
    assert(!this.world.seats.has(address), `two nodes have the address ${address}`)
    this.world.seats.set(address, {
      address,
      behaviour,
      settings,
      state: node.start(address, settings),
      random: stream(this.options.seed, address),
      serial: 0,
      up: true,
      overdue: [],
    })
  }

  /** Gives a node another name. */
  alias(name: Address, address: Address): void {
    this.world.aliases.set(name, address)
  }

  /** Has a host refuse streams: who sends one is told that it failed. */
  refuseStreams(address: Address): void {
    this.world.network.closed.add(address)
  }

  /** Lets one seat stand for all addresses that begin with this prefix. */
  populate(prefix: string, address: Address): void {
    this.world.populations.push({ prefix, seat: address })
  }

  /** Has a node (or the world, at `worldAddress`) do something after a while. */
  command(after: Micros, to: Address, command: Command | WorldAct): void {
    push(this.world.queue, after, { cause: -1, to, command })
  }

  get now(): Micros {
    return this.world.queue.now
  }

  /** When the next thing happens; undefined if nothing more will. */
  get next(): Micros | undefined {
    return nextAt(this.world.queue)
  }

  /** Lets the next thing happen and tells all about it; undefined if nothing more will happen. */
  step(): TraceEvent<M> | undefined {
    const effects: Effect<M>[] = []
    const step = this.world.step
    const event = this.advance(effects)
    if (event === undefined) return undefined
    const { self, input, missed } = this.turn
    return { step, cause: event.cause, at: this.now, node: self, input, effects, missed }
  }

  /** Lets everything happen that is due at this time or before, without telling; returns the number of turns. */
  run(until: Micros): number {
    const first = this.world.step
    for (let due = nextAt(this.world.queue); due !== undefined && due <= until; due = nextAt(this.world.queue))
      this.advance(undefined)
    return this.world.step - first
  }

  /** Lets at most so many things happen, without telling; returns the number of turns. */
  skip(count: number): number {
    let done = 0
    while (done < count && this.advance(undefined) !== undefined) done++
    return done
  }

  /** A copy of everything there is; messages are shared with it. */
  keyframe(): World<M> {
    return copyOfWorld(this.world, this.options.isShared)
  }

  /** Schedules an effect of the running turn. */
  schedule(after: Micros, what: Scheduled<M>): void {
    push(this.world.queue, after, what)
  }

  /** The seat for an address, an alias, or a member of a population. */
  seat(address: Address): Seat | undefined {
    const { seats, aliases, populations } = this.world
    const seat = seats.get(address)
    if (seat !== undefined) return seat
    const name = aliases.get(address)
    if (name !== undefined) return seats.get(name)
    for (const population of populations) if (address.startsWith(population.prefix)) return seats.get(population.seat)
    return undefined
  }

  private advance(effects: Effect<M>[] | undefined): Scheduled<M> | undefined {
    const event = pop(this.world.queue)
    if (event === undefined) return undefined
    const { turn } = this
    const seat = this.seat(event.to)
    turn.missed = false
    turn.input = inputOf(event, effects !== undefined)
    turn.self = event.to
    if (seat === undefined) {
      assert(event.to === worldAddress, `nobody is at ${event.to}`)
      this.act(event.command as WorldAct)
    } else {
      // A node knows itself by its own name, whichever it was called by; a member of a population by its own.
      if (this.world.aliases.size > 0 && this.world.aliases.has(event.to)) turn.self = seat.address
      if (this.isReached(event, seat)) this.handle(event, seat, effects)
      else this.miss(event, seat)
    }
    this.world.step++
    return event
  }

  private isReached(event: Scheduled<M>, seat: Seat): boolean {
    if (!seat.up) return false
    return event.isStream !== true || !this.world.network.closed.has(seat.address)
  }

  /** Nobody takes it in. A stream is refused, which its sender is told; a datagram vanishes; a timer has to wait. */
  private miss(event: Scheduled<M>, seat: Seat): void {
    this.turn.missed = true
    if (event.of !== undefined) seat.overdue.push({ name: event.name, of: event.of, to: event.to })
    if (event.isStream !== true) return
    const sender = this.seat(event.from)
    if (sender === undefined) return
    const [delay] = delays(this.world.network, seat.address, sender.address, 'stream', this.now)
    const failure = { cause: this.world.step, to: event.from, from: event.to, failed: event.message }
    if (delay !== undefined) this.schedule(delay, failure)
  }

  private handle(event: Scheduled<M>, seat: Seat, effects: Effect<M>[] | undefined): void {
    const { turn, options } = this
    let { input } = turn
    turn.begin(seat, effects)
    try {
      if (input.kind === 'message' && options.wire !== undefined)
        turn.input = input = { kind: 'message', from: input.from, message: options.wire(input.message) }
      options.behaviours[seat.behaviour]!.handle(seat.state, input, turn)
    } catch (error) {
      throw this.bug(error, event)
    }
  }

  private bug(error: unknown, event: Scheduled<M>): Bug {
    const what = error instanceof Error ? error.message : String(error)
    const where = `step ${this.world.step} at ${event.to}, ${this.now} µs, seed ${this.options.seed}`
    return new Bug(`${what} (${where})`, { cause: error })
  }

  private act(act: WorldAct): void {
    const { network } = this.world
    switch (act.do) {
      case 'partition':
        return partition(network, act.some, act.others)
      case 'heal':
        return heal(network)
      case 'link':
        return changeLink(network, act.one, act.other, act.link, this.now)
      default: {
        const seat = this.seat(act.node)
        assert(seat !== undefined, `nobody is at ${act.node}`)
        seat.up = act.do !== 'down'
        // A node that comes back as it was looks first at what has fallen due while it was away.
        if (act.do === 'up') for (const timer of seat.overdue) this.schedule(0, { cause: this.world.step, ...timer })
        if (seat.up) seat.overdue.length = 0
        // A restart is a new start: what was not stored is gone.
        if (act.do === 'restart')
          seat.state = this.options.behaviours[seat.behaviour]!.start(seat.address, seat.settings)
      }
    }
  }
}

/** A copy of everything there is. What is scheduled nobody changes, so it is shared like messages. */
export function copyOfWorld<M>(world: World<M>, isShared: (value: object) => boolean): World<M> {
  const { queue, ...rest } = world
  return { ...copyOf(rest, isShared), queue: copyOfQueue(queue) }
}

/** What a node is given. Unless it is told to somebody, the scheduled timer itself will do. */
function inputOf<M>(event: Scheduled<M>, isTold: boolean): Input<M> {
  if (event.of !== undefined) return { kind: 'timer', timer: isTold ? { name: event.name, of: event.of } : event }
  if (event.command !== undefined) return { kind: 'command', command: event.command as Command }
  if (event.failed !== undefined) return { kind: 'failure', to: event.from, message: event.failed }
  return { kind: 'message', from: event.from, message: event.message as M }
}

function emptyWorld<M>(seed: number): World<M> {
  return {
    step: 0,
    queue: emptyQueue(),
    seats: new Map(),
    aliases: new Map(),
    populations: [],
    network: makeNetwork(stream(seed, 'network'), perfectLink),
  }
}

/** The one turn object of a simulation, used anew for every input. */
class RunningTurn<M> implements Turn<M> {
  self: Address = ''
  listening = false
  /** The input as the node got it. */
  input!: Input<M>
  /** True if the node was down. */
  missed = false
  private seat!: Seat
  private effects: Effect<M>[] | undefined
  private readonly simulation: Simulation<M>
  private readonly leftOut: ReadonlySet<string>

  constructor(simulation: Simulation<M>, leftOut: ReadonlySet<string>) {
    this.simulation = simulation
    this.leftOut = leftOut
  }

  begin(seat: Seat, effects: Effect<M>[] | undefined): void {
    this.seat = seat
    this.effects = effects
    this.listening = effects !== undefined
  }

  get now(): Micros {
    return this.simulation.world.queue.now
  }

  get step(): number {
    return this.simulation.world.step
  }

  send(to: Address, message: M, transport: Transport = 'datagram'): void {
    const seat = this.simulation.seat(to)
    const { network } = this.simulation.world
    const after = seat === undefined ? [] : delays(network, this.seat.address, seat.address, transport, this.now)
    if (after.length > 0) {
      const what: Scheduled<M> = { cause: this.step, to, from: this.self, message, isStream: transport === 'stream' }
      for (const delay of after) this.simulation.schedule(delay, what)
    }
    const arrives = after.length === 0 ? undefined : this.now + after[0]!
    this.effects?.push({ kind: 'send', to, message, arrives })
  }

  start(timer: Timer, after: Micros): void {
    const { name, of } = timer
    this.simulation.schedule(after, { cause: this.step, to: this.self, name, of })
    this.effects?.push({ kind: 'start', timer, after })
  }

  random(bound: number): number {
    return below(this.seat.random, bound)
  }

  serial(): number {
    return ++this.seat.serial
  }

  without(rule: Rule): boolean {
    return this.leftOut.size > 0 && this.leftOut.has(rule.id)
  }

  amended(rule: Rule, before: M | undefined, after: M, changed: readonly string[], source?: M | number): void {
    this.effects?.push({ kind: 'amend', rule, before, after, changed, source })
  }

  decide(rule: Rule, outcome: string, facts: Facts = {}): void {
    this.effects?.push({ kind: 'decide', rule, outcome, facts })
  }
}
