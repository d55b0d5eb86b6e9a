/** A random history of a world, held against what a reference expects: what swarms of every kind have in common. */
import { Subject } from 'rxjs'
import { violations } from '../../src/check/checks.ts'
import type { Message } from '../../src/message.ts'
import { below, stream } from '../../src/sim/random.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { setFaults } from './world.ts'

/** What one history came to. */
export interface SwarmResult {
  readonly violations: readonly string[]
  /** How many things were compared with the reference. */
  readonly compared: number
  readonly steps: number
}

/** What happens in a history, and what is seen of it. */
export interface Plot {
  /** One in so many messages is lost while deeds are done. */
  readonly lossOneIn: number
  /** How long all is quiet after the last deed, in microseconds. */
  readonly calm: number
  /** Whether the turns are held against the checks of every trace too. */
  readonly checked: boolean
  act(): void
  observe(event: TraceEvent<Message>): void
}

export class History {
  private readonly violations: string[] = []
  private readonly turns = new Subject<TraceEvent<Message>>()
  private readonly random
  private readonly known = new Set<string>()
  private simulation!: Simulation<Message>
  private observe!: Plot['observe']
  private compared = 0
  private steps = 0

  /** A history by its seed, and the kind of swarm that it is of. */
  constructor(seed: number, kind: string) {
    this.random = stream(seed, kind)
  }

  readonly below = (bound: number): number => below(this.random, bound)
  readonly chance = (oneIn: number): boolean => this.below(oneIn) === 0
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!
  }

  /** Ten to nineteen deeds over bad links, each with some time behind it; then quiet over perfect links. */
  play(simulation: Simulation<Message>, { lossOneIn, calm, checked, act, observe }: Plot): void {
    this.simulation = simulation
    this.observe = observe
    if (checked)
      violations(this.turns).subscribe(({ at, node, what }) => this.violations.push(`${at / 1e6} s, ${node}: ${what}`))
    setFaults(simulation, { lossOneIn, duplicateOneIn: 10, jitter: 80 })
    for (let deeds = 10 + this.below(10); deeds > 0; deeds--) {
      act()
      this.pass(seconds(this.chance(3) ? 0 : 1 + this.below(25)))
    }
    setFaults(simulation, undefined)
    this.pass(calm)
  }

  /** Has a node do something at once. */
  tell(to: string, command: { readonly do: string; readonly [argument: string]: unknown }): void {
    this.simulation.command(0, to, command)
    this.pass(0)
  }

  /** A node is away for a while; it comes back with all that it knew. */
  takeDown(node: string, time: number): void {
    this.tell('world', { do: 'down', node })
    this.pass(time)
    this.tell('world', { do: 'up', node })
  }

  pass(time: number): void {
    const { simulation } = this
    const until = simulation.now + time
    for (let due = simulation.next; due !== undefined && due <= until; due = simulation.next) {
      const event = simulation.step()!
      this.observe(event)
      this.turns.next(event)
      this.steps++
    }
    simulation.command(until - simulation.now, 'world', { do: 'heal' })
    simulation.step()
  }

  compare(what: string, found: unknown, expected: unknown): void {
    this.compared++
    if (found !== expected) this.violate(`${what} ${found}, not ${expected}`)
  }

  violate(what: string): void {
    this.violations.push(`${this.simulation.now / 1e6} s: ${what}`)
  }

  /** True for the first time that a message is shown, however often it is sent. */
  isNew({ headers }: SipMessage, what = ''): boolean {
    const key = `${headers.callId} ${headers.cseq!.number} ${headers.from!.params.tag} ${what}`
    if (this.known.has(key)) return false
    this.known.add(key)
    return true
  }

  result(): SwarmResult {
    return { violations: this.violations, compared: this.compared, steps: this.steps }
  }
}
