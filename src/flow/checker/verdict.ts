/**
 * What came out of holding a flow's ladder against what happened: plain data, for a report, a picture or a program.
 */
import type { Evidence, MatchMode, Place } from '../ladder/expectation.ts'

/** The verdict on one run of a flow. */
export interface Verdict {
  readonly outcome: 'pass' | 'fail'
  readonly match: MatchMode
  /** What is wrong, in the order of the ladder; empty exactly when the outcome is `pass`. */
  readonly findings: readonly Finding[]
  /** One entry a line of the ladder, in the order of the text. */
  readonly steps: readonly StepVerdict[]
  /** One entry a row that happened, in the order in which it happened. */
  readonly rows: readonly RowVerdict[]
}

/** How a line of the ladder fared. `skipped` is an optional line that did not happen. */
export type StepMark = 'met' | 'wrong' | 'reordered' | 'missing' | 'skipped'

/** A line of the ladder and the rows that it stands for. */
export interface StepVerdict {
  /** The index of the step in the ladder. */
  readonly step: number
  readonly number: string | undefined
  readonly evidence: Evidence
  readonly mark: StepMark
  /** The indices (`SequenceRow.index`) of its rows: one for a hop, several for `~>`, two for `<->`. */
  readonly rows: readonly number[]
  /** Indices into the verdict's findings. */
  readonly findings: readonly number[]
}

/** How a row fared. `repeated` is a retransmission; `free` is a row that the match mode does not compare. */
export type RowMark = 'met' | 'wrong' | 'reordered' | 'extra' | 'forbidden' | 'repeated' | 'free'

/** A row that happened and the line of the ladder that expected it. */
export interface RowVerdict {
  /** `SequenceRow.index`. */
  readonly row: number
  readonly mark: RowMark
  /** The step that expected it, by its index in the ladder; undefined for what no line expects. */
  readonly step: number | undefined
  /** The annex's number of that step, also for a retransmission of its message. */
  readonly number: string | undefined
  readonly evidence: Evidence | undefined
  /** Indices into the verdict's findings. */
  readonly findings: readonly number[]
}

export type FindingKind =
  | 'missing'
  | 'extra'
  | 'reordered'
  | 'wrong lane'
  | 'wrong message'
  | 'wrong header'
  | 'wrong body'
  | 'wrong fact'
  | 'forbidden'
  | 'late'

/** One thing that is not as expected. */
export interface Finding {
  readonly kind: FindingKind
  /** The line of the ladder, by its index; undefined for what no line expects. */
  readonly step: number | undefined
  readonly number: string | undefined
  readonly evidence: Evidence | undefined
  /** Where in the flow file the expectation stands. For `extra`, the line before which it happened. */
  readonly place: Place
  /** What was expected, as the flow file says it; empty for `extra`. */
  readonly expected: string
  /** What happened instead, in the words of the ladder; empty if nothing did. */
  readonly happened: string
  /** The rows it is about: for `missing` none, for `extra` the whole way of a message. */
  readonly rows: readonly number[]
  /** For `missing`: the row that comes nearest to what was expected. */
  readonly nearest: number | undefined
  /** For `reordered`: where it was expected, in words (`before step 12`). */
  readonly order: string | undefined
  readonly differences: readonly Difference[]
}

/** One thing in which a row differs from what was expected of it. */
export interface Difference {
  /** A header field, `Request-URI`, `body`, a fact or AVP; `from`, `to`, `message`, `way`, `time`, `answer to`. */
  readonly what: string
  /** What was expected, in words or as the flow file says it. */
  readonly expected: string
  /** What was there; undefined for nothing. */
  readonly got: string | undefined
  readonly evidence: Evidence
  /** Where in the flow file the constraint stands. */
  readonly place: Place
  /** The row in which the difference was found. */
  readonly row: number
  /** The rule by which the value was set, if the run recorded it. */
  readonly why: Reason | undefined
  /** The row of the hop before, if the same message had the same value there: the fault was made earlier. */
  readonly inherited: number | undefined
}

/** Why a message has a header, a Request-URI or a body as it is. */
export interface Reason {
  /** The lane that set or removed it. */
  readonly node: string
  /** What the rule does, as a short sentence. */
  readonly rule: string
  /** The specification and clause, e.g. `TS 24.229 §5.2.6.3`. */
  readonly clause: string
}

/** What the checker needs to know of the run beside its rows. */
export interface CheckContext {
  /** The lanes of the topology with the names of their hosts, the one that each puts in Via first. */
  readonly lanes: readonly { readonly name: string; readonly hosts: readonly string[] }[]
  /**
   * The reason for which a field (a header's name, `Request-URI` or `body`) is, or is not, in the message of a row.
   * Undefined if the run has not recorded it.
   */
  readonly whyOf?: ((row: number, field: string) => Reason | undefined) | undefined
}
