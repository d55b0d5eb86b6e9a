import type { Address, Command } from './node.ts'
import { copyOfWorld, Simulation, type World, type WorldAct } from './simulation.ts'
import type { Micros } from './time.ts'
import type { TraceEvent } from './trace.ts'

/** What was done from outside when so many turns had happened. */
interface Deed {
  readonly step: number
  readonly after: Micros
  readonly to: Address
  readonly command: Command | WorldAct
}

/** How many keyframes are kept: of more, every second one goes, as a large world has large keyframes. */
const mostKeyframes = 24

/**
 * A run that remembers: its trace, a keyframe of the world every so many turns, and a journal of what was done to it
 * from outside. The past is not stored but run again from the nearest keyframe.
 */
export class Rewind<M> {
  readonly trace: TraceEvent<M>[] = []
  private readonly simulation: Simulation<M>
  private interval: number
  private keyframes: World<M>[]
  private readonly journal: Deed[] = []

  /** Takes over a simulation as it stands; `interval` is the number of turns between keyframes in the beginning. */
  constructor(simulation: Simulation<M>, interval = 500) {
    this.simulation = simulation
    this.interval = interval
    this.keyframes = [simulation.keyframe()]
  }

  get now(): Micros {
    return this.simulation.now
  }

  /** Lets the next thing happen, if it is due at this time or before. */
  forward(until: Micros = Number.POSITIVE_INFINITY): TraceEvent<M> | undefined {
    const due = this.simulation.next
    if (due === undefined || due > until) return undefined
    const event = this.simulation.step()!
    this.trace.push(event)
    if (this.trace.length % this.interval === 0) this.keep()
    return event
  }

  private keep(): void {
    this.keyframes.push(this.simulation.keyframe())
    if (this.keyframes.length <= mostKeyframes) return
    this.keyframes = this.keyframes.filter((_, index) => index % 2 === 0)
    this.interval *= 2
  }

  /** Has a node or the world do something, after what has happened so far. */
  command(after: Micros, to: Address, command: Command | WorldAct): void {
    this.journal.push({ step: this.trace.length, after, to, command })
    this.simulation.command(after, to, command)
  }

  /**
   * The world as it was when so many turns of this run had happened: run again from the nearest keyframe before it.
   * Throws a RangeError if the run has not come so far.
   */
  at(turns: number): World<M> {
    if (turns < 0 || turns > this.trace.length)
      throw new RangeError(`Turn ${turns} is out of range: the run has ${this.trace.length} turns`)
    const index = Math.floor(turns / this.interval)
    const { options } = this.simulation
    const again = new Simulation(options, copyOfWorld(this.keyframes[index]!, options.isShared))
    let done = index * this.interval
    for (const { step, after, to, command } of this.journal) {
      // A keyframe is taken right after its turn: it holds what the script did before, not what it did then.
      if (step < index * this.interval || step > turns) continue
      done += again.skip(step - done)
      again.command(after, to, command)
    }
    again.skip(turns - done)
    return again.world
  }
}
