/**
 * One rule of one clause of a specification: the reason for which a node changes a message or takes a decision.
 * Rules are data, so that a trace can say of every header and every decision where it comes from.
 */
export interface Rule {
  /** Unique among all rules: clause and title, the name by which a run can leave the rule out. */
  readonly id: string
  /** The specification and clause, e.g. `TS 24.229 §5.2.6.3`. */
  readonly clause: string
  /** What the rule does, as a short sentence in the present tense. */
  readonly title: string
  /** The ids of the requirements (docs/requirements.md) that it serves, e.g. `R5.3.1.1-b`. */
  readonly serves: readonly string[]
  /** The name of the internal step, for a decision that stands in the ladder as a row of its own. */
  readonly step: string | undefined
}

/** Makes a rule; written once, beside the code that follows it. */
export function rule(clause: string, title: string, serves: readonly string[] = [], step?: string): Rule {
  return { id: `${clause}: ${title}`, clause, title, serves, step }
}
