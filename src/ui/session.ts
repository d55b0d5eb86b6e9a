import type { Reason } from '../flow/checker/verdict.ts'
import type { Evidence } from '../flow/ladder/expectation.ts'
import type { Message } from '../message.ts'
import type { Chart } from '../render/chart.ts'
import type { Address } from '../sim/node.ts'
import type { TraceEvent } from '../sim/trace.ts'

/** The flows that can be opened. */
export interface Catalogue {
  readonly entries: readonly CatalogueEntry[]
  /** Runs a flow; throws what went wrong with it. */
  open(id: string): Session
}

/** What the catalogue says of a flow before it is run. */
export interface CatalogueEntry {
  readonly id: string
  readonly title: string
  readonly clause: string
  /** What the flow shows, in a few sentences. */
  readonly about: string
  /** How many steps of its ladder were read in the standard, derived, or are from memory. */
  readonly evidence: Readonly<Record<Evidence, number>>
}

/** A flow that was run: all that the terminal shows of it. */
export interface Session {
  readonly entry: CatalogueEntry
  readonly chart: Chart
  /** All turns of the run, those of the preconditions first. */
  readonly trace: readonly TraceEvent<Message>[]
  /** The first turn that belongs to the flow. */
  readonly firstEvent: number
  readonly digest: string
  /** The lane of a host. */
  laneOf(address: Address): string
  /** Why the message of a row is as it is: an entry for each header field, in the order of the wire. */
  why(row: number): readonly Origin[]
  /** The state of a node after a turn, as plain data; of -1 before the first turn. */
  stateAt(event: number, lane: string): unknown
}

/** Where a field of a message comes from. */
export interface Origin extends Reason {
  /** The header field, `Request-URI` or `body`. */
  readonly field: string
  /** The row of the message from which its value was taken; undefined if it was made here. */
  readonly source: number | undefined
  /** The ids of the requirements that the rule serves. */
  readonly serves: readonly string[]
}

/** A catalogue that runs each flow once. */
export function remembering(catalogue: Catalogue): Catalogue {
  const sessions = new Map<string, Session>()
  return {
    entries: catalogue.entries,
    open(id) {
      const session = sessions.get(id) ?? catalogue.open(id)
      sessions.set(id, session)
      return session
    },
  }
}
