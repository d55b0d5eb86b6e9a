import type { Rule } from './rule.ts'
import type { Micros } from './time.ts'

/** A host on the bus, e.g. `ps.home1.net` or `[5555::aaa:bbb:ccc:ddd]`. */
export type Address = string

/** A timer by the name that its spec gives it, and the branch, dialog or subscription it belongs to. */
export interface Timer {
  readonly name: string
  readonly of: string
}

/** What a person or an application does at a node: one step of a script. */
export interface Command {
  readonly do: string
  readonly [argument: string]: unknown
}

/** How a message travels: `datagram` may be lost, doubled and overtaken, `stream` may not. */
export type Transport = 'datagram' | 'stream'

/** Everything that can happen to a node. */
export type Input<M> =
  | { readonly kind: 'message'; readonly from: Address; readonly message: M }
  | { readonly kind: 'timer'; readonly timer: Timer }
  | { readonly kind: 'command'; readonly command: Command }
  /** What this node sent as a stream and could not be delivered: `to` is down, or takes no streams. */
  | { readonly kind: 'failure'; readonly to: Address; readonly message: M }

/** Facts behind a decision, as a person would note them. */
export type Facts = Readonly<Record<string, string | number | boolean>>

/** A message made from nothing (`before` undefined) or from another one, by a rule. */
export interface Amendment<M> {
  readonly kind: 'amend'
  readonly rule: Rule
  readonly before: M | undefined
  readonly after: M
  /** What the rule set or removed: header properties, `requestUri`, `method`, `status`, `body`. */
  readonly changed: readonly string[]
  /** The message from which the values came, or the step whose input it was. */
  readonly source: M | number | undefined
}

/** A decision of a node, with what it was based on. */
export interface Decision {
  readonly kind: 'decide'
  readonly rule: Rule
  readonly outcome: string
  readonly facts: Facts
}

/** Everything that a node can do. Amendments and decisions are recorded only while somebody listens. */
export type Effect<M> =
  | {
      readonly kind: 'send'
      readonly to: Address
      readonly message: M
      /** When it will arrive; undefined if the network loses it. */
      readonly arrives: Micros | undefined
    }
  | { readonly kind: 'start'; readonly timer: Timer; readonly after: Micros }
  | Amendment<M>
  | Decision

/** One input being handled: a node's only window on the world. */
export interface Turn<M> {
  readonly self: Address
  readonly now: Micros
  /** The number of this turn in the run. */
  readonly step: number
  send(to: Address, message: M, transport?: Transport): void
  /** Wakes this node after a while. Timers are never stopped: a node ignores a wake-up it has outlived. */
  start(timer: Timer, after: Micros): void
  /** The next of this node's own numbers below `bound`: same seed and address, same numbers. */
  random(bound: number): number
  /** 1, 2, 3, … for this node: for tags, branches and Call-IDs that a reader can recognise. */
  serial(): number
  /** True while somebody listens: only then do amendments and decisions need to be told. */
  readonly listening: boolean
  /** True if this run leaves the rule out (exercises, tests of the checks). */
  without(rule: Rule): boolean
  /** Tells that `after` was made from `before` by a rule. */
  amended(rule: Rule, before: M | undefined, after: M, changed: readonly string[], source?: M | number): void
  /** Tells what the node decided, and on what grounds. */
  decide(rule: Rule, outcome: string, facts?: Facts): void
}

/** A behaviour without state: the state is plain data, kept by the simulation. */
export interface Node<State, M> {
  readonly title: string
  readonly clause: string
  /** The state in which a node at this address starts, from what the topology says of it. */
  start(address: Address, settings: unknown): State
  handle(state: State, input: Input<M>, turn: Turn<M>): void
}
