import { concatMap, defer, type Observable } from 'rxjs'
import type { Message } from '../message.ts'
import type { Address } from '../sim/node.ts'
import type { Micros } from '../sim/time.ts'
import type { TraceEvent } from '../sim/trace.ts'

/** A property of every trace. It never sees a node, only what happened. */
export interface Check {
  readonly title: string
  readonly clause: string
  /** What in a trace, from its first turn on, goes against the property. */
  find(trace$: Observable<TraceEvent<Message>>): Observable<Violation>
}

/** A turn in which something went against a property. */
export interface Violation {
  /** The title of the check, and its clause. */
  readonly title: string
  readonly clause: string
  readonly step: number
  readonly at: Micros
  readonly node: Address
  /** What happened, in words. */
  readonly what: string
}

/** What is wrong with a turn, given those before it: a sentence for each fault. */
export type Finder = (event: TraceEvent<Message>) => readonly string[]

/** A check that looks at turn after turn; each reader begins with a finder of its own. */
export function check(title: string, clause: string, begin: () => Finder): Check {
  const find = (trace$: Observable<TraceEvent<Message>>): Observable<Violation> =>
    defer(() => {
      const finder = begin()
      return trace$.pipe(
        concatMap((event) => {
          const { step, at, node } = event
          return finder(event).map((what) => ({ title, clause, step, at, node, what }))
        }),
      )
    })
  return { title, clause, find }
}
