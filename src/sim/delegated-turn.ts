import type { Address, Facts, Timer, Transport, Turn } from './node.ts'
import type { Rule } from './rule.ts'
import type { Micros } from './time.ts'

/** A turn that hands everything on to another one: what is built upon it says only what it does otherwise. */
export class DelegatedTurn<M, T extends Turn<M> = Turn<M>> implements Turn<M> {
  /** The turn that everything is handed on to: given at once, or anew for each turn of a node. */
  protected turn!: T

  constructor(turn?: T) {
    if (turn !== undefined) this.turn = turn
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
