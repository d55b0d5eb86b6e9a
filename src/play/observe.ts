import { Observable } from 'rxjs'
import type { Micros } from '../sim/time.ts'
import type { TraceEvent } from '../sim/trace.ts'

/** A run that is over, or one that goes on when asked: `Rewind` is one. */
export interface Run<M> {
  readonly trace: readonly TraceEvent<M>[]
  forward?(until?: Micros): TraceEvent<M> | undefined
}

/**
 * All turns of a run, from its first one: those that it has recorded, then, if it can go on, those that follow up to
 * `until`. Nothing runs further than its readers ask: a reader that unsubscribes stops it, and a second reader is told
 * the same turns again.
 */
export function observe<M>(run: Run<M>, until: Micros = Number.POSITIVE_INFINITY): Observable<TraceEvent<M>> {
  return new Observable((reader) => {
    for (let step = 0; !reader.closed; step++) {
      const event = run.trace[step] ?? run.forward?.(until)
      if (event === undefined || event.at > until) return reader.complete()
      reader.next(event)
    }
  })
}
