import type { Address, Facts, Timer, Transport, Turn } from './node.ts'
import type { Rule } from './rule.ts'
import type { Micros } from './time.ts'

/** A turn that also makes identifiers, for a node without a protocol layer that would make them. */
export class IdentifiedTurn<M> implements Turn<M> {
  private readonly turn: Turn<M>

  constructor(turn: Turn<M>) {
    this.turn = turn
  }

  /** The name of the node and a serial number: no other node makes the same. */
  identifier(): string {
    return [this.turn.self, this.turn.serial()].join('-')
  }

  get self(): Address {
    return this.turn.self
  }
  get now(): Micros {
    return this.turn.now
  }
  get step(): number {
    return this.turn.step
  }
  get listening(): boolean {
    return this.turn.listening
  }
  send(to: Address, message: M, transport?: Transport): void {
    this.turn.send(to, message, transport)
  }
  start(timer: Timer, after: Micros): void {
    this.turn.start(timer, after)
  }
  random(bound: number): number {
    return this.turn.random(bound)
  }
  serial(): number {
    return this.turn.serial()
  }
  without(why: Rule): boolean {
    return this.turn.without(why)
  }
  amended(why: Rule, before: M | undefined, after: M, changed: readonly string[], source?: M | number): void {
    this.turn.amended(why, before, after, changed, source)
  }
  decide(why: Rule, outcome: string, facts?: Facts): void {
    this.turn.decide(why, outcome, facts)
  }
}
