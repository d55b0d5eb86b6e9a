import type { SipRequest } from '../sip/message.ts'

/** The session case of a request (TS 29.228 Annex B.2.3). */
export type SessionCase = 'originating' | 'terminating' | 'terminating-unregistered' | 'originating-unregistered'

/** A service point trigger (TS 29.228 Annex B.2.3): one condition on a request. */
export type ServicePointTrigger = (
  | { readonly kind: 'requestUri'; readonly pattern: string }
  | { readonly kind: 'method'; readonly method: string }
  | { readonly kind: 'sipHeader'; readonly header: string; readonly content: string | undefined }
  | { readonly kind: 'sessionCase'; readonly sessionCase: SessionCase }
  | { readonly kind: 'sessionDescription'; readonly line: string; readonly content: string | undefined }
) & { readonly negated: boolean }

/** An initial filter criterion of a service profile (TS 29.228 Annex B.2.2). */
export interface InitialFilterCriterion {
  /** The lowest goes first; no two criteria of a profile have the same. */
  readonly priority: number
  /** `CNF`: all groups must hold, each by one of its triggers; `DNF`: one group must hold, by all of its triggers. */
  readonly conditionType: 'CNF' | 'DNF'
  readonly groups: readonly (readonly ServicePointTrigger[])[]
  /** The SIP URI of the application server. */
  readonly serverName: string
  /** What to do when the server does not answer. */
  readonly defaultHandling: 'continue' | 'terminate'
}

/** TS 23.218 §6.5.2: the criterion that decides where a request goes next: the first that matches after a priority. */
export function firstMatch(
  criteria: readonly InitialFilterCriterion[],
  request: SipRequest,
  sessionCase: SessionCase,
  after = Number.NEGATIVE_INFINITY,
): InitialFilterCriterion | undefined {
  let first: InitialFilterCriterion | undefined
  for (const criterion of criteria) {
    if (criterion.priority <= after || (first !== undefined && criterion.priority > first.priority)) continue
    if (matches(criterion, request, sessionCase)) first = criterion
  }
  return first
}

/** A criterion without trigger point matches every request. */
function matches({ groups, conditionType }: InitialFilterCriterion, request: SipRequest, which: SessionCase): boolean {
  if (groups.length === 0) return true
  const holds = (trigger: ServicePointTrigger): boolean => isTrue(trigger, request, which) !== trigger.negated
  if (conditionType === 'CNF') return groups.every((group) => group.some(holds))
  return groups.some((group) => group.every(holds))
}

function isTrue(trigger: ServicePointTrigger, request: SipRequest, sessionCase: SessionCase): boolean {
  switch (trigger.kind) {
    case 'requestUri':
      return expression(trigger.pattern).test(request.uri)
    case 'method':
      return trigger.method === request.method
    case 'sessionCase':
      return trigger.sessionCase === sessionCase
    case 'sipHeader': {
      const text = request.headers.fieldText(trigger.header)
      return text !== undefined && (trigger.content === undefined || expression(trigger.content).test(text))
    }
    case 'sessionDescription': {
      const body = typeof request.body === 'string' ? request.body : ''
      const lines = body.split(/\r?\n/).filter((line) => line.startsWith(`${trigger.line}=`))
      return lines.some((line) => trigger.content === undefined || expression(trigger.content).test(line.slice(2)))
    }
  }
}

/** The expressions of all criteria by their text, compiled once; they hold no state between tests. */
const expressions = new Map<string, RegExp>()

function expression(pattern: string): RegExp {
  const known = expressions.get(pattern)
  if (known !== undefined) return known
  const compiled = new RegExp(pattern)
  expressions.set(pattern, compiled)
  return compiled
}
