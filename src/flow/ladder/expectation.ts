/**
 * What a flow expects to happen, as plain data: the ladder of a flow file after it was read. `ladder.ts` makes it from
 * text, `checker.ts` holds it against what happened.
 */
import type { DiameterInterface } from '../../ims/cx.ts'
import type { Micros } from '../../sim/time.ts'

/** How sure Annex A is about a line: `read` in it, `derived` from what it and other clauses say, or from `memory`. */
export type Evidence = 'read' | 'derived' | 'memory'

/**
 * Which of the things that happened must stand in the ladder.
 * - `complete`: all of them.
 * - `visible`: those between lanes that the ladder names, and the internal steps that it names.
 * - `initial`: all of them up to the last line of the ladder; what comes later is free.
 * - `free`: none; the lines of the ladder must happen in their order, with anything in between.
 */
export type MatchMode = 'complete' | 'visible' | 'initial' | 'free'

/** A position in the flow file; both numbers start at 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** The expected ladder of a flow. */
export interface Ladder {
  readonly match: MatchMode
  readonly items: readonly Item[]
  /** The steps of all items, in the order of the text: `steps[n].index === n`. */
  readonly steps: readonly Step[]
  readonly conditions: readonly Condition[]
  /** The lanes that the ladder names, in the order of their first appearance. */
  readonly lanes: readonly string[]
  /** The text of the ladder as it stands in the flow file. */
  readonly text: string
}

export type Item = Step | Group

/** `sequence`: in this order; `unordered`: in any order; `optional`: in this order, or not at all. */
export interface Group {
  readonly kind: 'sequence' | 'unordered' | 'optional'
  readonly items: readonly Item[]
  readonly place: Place
}

/** One line of the ladder. */
export type Step = HopStep | HopsStep | QueryStep | InternalStep

interface AnyStep {
  /** Its place among all steps of the ladder: 0, 1, 2, … */
  readonly index: number
  /** The annex's number, such as `4`, `7a` or `5-7`. */
  readonly number: string | undefined
  readonly from: string
  readonly to: string
  /** How sure the annex is about the line. Each constraint has its own. */
  readonly evidence: Evidence
  readonly constraints: readonly Constraint[]
  readonly place: Place
  /** The line as written, without number and constraints: `UE -> P-CSCF : SUBSCRIBE sip:user2_public1@home2.net`. */
  readonly text: string
}

/** `UE -> P-CSCF : SUBSCRIBE`: one message from a node to the next one. */
export interface HopStep extends AnyStep {
  readonly kind: 'hop'
  readonly message: MessagePattern
}

/** `PS ~> UE : NOTIFY`: one message on all its hops between two nodes. */
export interface HopsStep extends AnyStep {
  readonly kind: 'hops'
  readonly message: MessagePattern
}

/** `I-CSCF <-> HSS : Cx LIR`: a query and its answer, two rows under one number. */
export interface QueryStep extends AnyStep {
  readonly kind: 'query'
  readonly message: MessagePattern
}

/** `PS :: authorize watcher`: an internal step; `from` and `to` are the same. */
export interface InternalStep extends AnyStep {
  readonly kind: 'internal'
  /** The name of the internal step. */
  readonly name: string
}

/** What kind of message a line expects. */
export type MessagePattern =
  | {
      readonly kind: 'request'
      /** `XCAP` for a request over HTTP whose URI is that of a document, `HTTP` for any over HTTP. */
      readonly protocol: 'SIP' | 'HTTP' | 'XCAP'
      readonly method: string
      readonly uri: Template | undefined
      /** The name under which later lines may refer to it (`200 to $sub`). */
      readonly as: string | undefined
    }
  | {
      readonly kind: 'response'
      readonly protocol: 'SIP' | 'HTTP'
      /** `200`, or a class such as `2xx`. */
      readonly status: string
      /** The method of the request it answers, if the line says so. */
      readonly method: string | undefined
      /** The name of the request it answers, if the line says so. */
      readonly to: string | undefined
    }
  | { readonly kind: 'cx'; readonly interface: DiameterInterface; readonly command: string }
  | { readonly kind: 'any' }

/** A text with holes: `(...)` and, as a whole value, `*` stand for any text; `$name` for a text equal in all places. */
export interface Template {
  readonly text: string
  readonly place: Place
}

/** How a value is tested. */
export type ValueTest =
  | { readonly kind: 'equals'; readonly value: Template }
  | { readonly kind: 'contains'; readonly text: string }
  | { readonly kind: 'matches'; readonly pattern: string; readonly flags: string }
  | { readonly kind: 'present' }
  | { readonly kind: 'absent' }
  /** As on the hop before of the same message. */
  | { readonly kind: 'unchanged' }
  /** The number on the hop before of the same message, plus `by`. */
  | { readonly kind: 'counted'; readonly by: number }
  /** A number that is at most, or at least, this one. */
  | { readonly kind: 'at most' | 'at least'; readonly number: number }
  /** The hosts of these lanes, top first (Via only). */
  | { readonly kind: 'lanes'; readonly lanes: readonly string[] }

interface AnyConstraint {
  readonly evidence: Evidence
  readonly place: Place
  /** As written, e.g. `Max-Forwards: 69`. */
  readonly text: string
}

/** A condition on one header field, or on the item of a list. */
export interface HeaderConstraint extends AnyConstraint {
  readonly kind: 'header'
  readonly name: string
  /** The item of a list, from 0; negative numbers count from the end. */
  readonly item: number | undefined
  readonly test: ValueTest
}

/** A condition on the body: its media type, that it is empty, or what an XPath-like expression finds in it. */
export interface BodyConstraint extends AnyConstraint {
  readonly kind: 'body'
  readonly what:
    | { readonly kind: 'empty' }
    | { readonly kind: 'unchanged' }
    | { readonly kind: 'type'; readonly type: string }
    | { readonly kind: 'path'; readonly path: string; readonly test: ValueTest }
}

/** A condition on the outcome or a fact of an internal step, or on an AVP of a Cx message. */
export interface FactConstraint extends AnyConstraint {
  readonly kind: 'fact'
  readonly name: string
  readonly test: ValueTest
}

export type Constraint = HeaderConstraint | BodyConstraint | FactConstraint

/** A condition on the flow as a whole. */
export type Condition = AbsentCondition | WithinCondition

/** `absent PS -> * : NOTIFY from 4 until 10`: no such message between the rows of two steps. */
export interface AbsentCondition {
  readonly kind: 'absent'
  /** A lane, or `*` for any. */
  readonly from: string
  readonly to: string
  readonly message: MessagePattern
  readonly constraints: readonly Constraint[]
  /** The index of the step after which it holds; undefined from the start. */
  readonly after: number | undefined
  /** The index of the step up to which it holds; undefined to the end. */
  readonly until: number | undefined
  readonly place: Place
  readonly text: string
}

/** `within 5 s 4 .. 10`: no more virtual time than this from one step to another. */
export interface WithinCondition {
  readonly kind: 'within'
  readonly time: Micros
  readonly first: number
  readonly last: number
  readonly place: Place
  readonly text: string
}
