/** The library: flows are read, run, checked, and their traces observed. */
import type { Observable } from 'rxjs'
import type { Violation } from './check/check.ts'
import { violations } from './check/checks.ts'
import type { Verdict } from './flow/checker/verdict.ts'
import type { Flow } from './flow/flow.ts'
import { type FlowRun, type RunOptions, runFlow } from './flow/run.ts'
import type { Message } from './message.ts'
import { observe } from './play/observe.ts'
import type { TraceEvent } from './sim/trace.ts'

export { loadFlow } from './cli/flow-files.ts'
export type { SequenceRow } from './flow/checker/sequence.ts'
export { readFlow } from './flow/flow.ts'
export { FlowError, FlowErrors } from './flow/flow-error.ts'
export type { FieldOrigin, Provenance } from './flow/provenance.ts'
export { userProfile } from './flow/user-profile.ts'
export type { ProfileIdentity, ServiceProfile, UserData } from './ims/hss/user-data.ts'
export { printUserData, readUserData } from './ims/hss/user-data.ts'
export type { InitialFilterCriterion, ServicePointTrigger } from './ims/s-cscf/filter-criteria.ts'
export type { Flow, FlowRun, Message, RunOptions, TraceEvent, Verdict, Violation }

/** Runs a flow from its preconditions to its end: rows, trace, verdict, digest, and the origin of every header. */
export function simulate(flow: Flow, options: RunOptions = {}): FlowRun {
  return runFlow(flow, options)
}

/** Runs a flow and holds it against its ladder. */
export function checkFlow(flow: Flow, options: RunOptions = {}): Verdict {
  return runFlow(flow, options).verdict
}

/**
 * What in a trace goes against the properties that hold in every run: of transactions, dialogs, subscriptions,
 * publications, privacy and lists.
 */
export function violations$(turns$: Observable<TraceEvent<Message>>): Observable<Violation> {
  return violations(turns$)
}

/** All turns of a run, from its first one, each with what the node was given and all that came of it. */
export function trace$(run: FlowRun): Observable<TraceEvent<Message>> {
  return observe({ trace: run.trace })
}
