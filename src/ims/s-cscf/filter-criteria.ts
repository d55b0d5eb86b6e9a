import {
  isDocumentError,
  parseContentType,
  parseMultipart,
  type registrationTypes,
  type sessionCases,
} from '../../documents/index.ts'
import { type SipRequest, textOf } from '../../sip/message.ts'
import { expressionOf } from '../expression.ts'

/** The session case of a request (TS 29.228 Annex B.2.3); `originating-cdiv` of one that was called and is diverted. */
export type SessionCase = (typeof sessionCases)[number]

/** What a REGISTER is for (TS 29.228 Annex B.2.3, RegistrationType). */
export type RegistrationType = (typeof registrationTypes)[number]

/** The REGISTER of the user, or the 200 to it (TS 29.228 Annex B.2.2, IncludeRegisterRequest). */
export type RegistrationPart = 'request' | 'response'

/**
 * A service point trigger (TS 29.228 Annex B.2.3): one condition on a request. Patterns and contents are regular
 * expressions that hold if they are found anywhere; the names of header fields and lines are ones that have to cover
 * the whole name.
 */
export type ServicePointTrigger = (
  | { readonly kind: 'requestUri'; readonly pattern: string }
  | {
      readonly kind: 'method'
      readonly method: string
      /** Of REGISTER: only if it is one of these; any, if nothing is said. */
      readonly registrations?: readonly RegistrationType[]
    }
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
  /** What the server is told in a third-party REGISTER, as it stands in the profile. */
  readonly serviceInfo?: string
  /** What a third-party REGISTER carries of what the user and the S-CSCF have said to each other. */
  readonly includes?: readonly RegistrationPart[]
  /** The criterion is only for users who are registered, or only for those who are not (ProfilePartIndicator). */
  readonly profilePart?: 'registered' | 'unregistered'
}

/** TS 23.218 §6.5.2: the criterion that decides where a request goes next: the first that matches after a priority. */
export function firstMatch(
  criteria: readonly InitialFilterCriterion[],
  request: SipRequest,
  sessionCase: SessionCase,
  after = Number.NEGATIVE_INFINITY,
  registration?: RegistrationType,
): InitialFilterCriterion | undefined {
  let first: InitialFilterCriterion | undefined
  for (const criterion of criteria) {
    if (criterion.priority <= after || (first !== undefined && criterion.priority > first.priority)) continue
    if (matches(criterion, { request, sessionCase, registration })) first = criterion
  }
  return first
}

/**
 * TS 24.229 §5.4.1.7: all criteria that a REGISTER of the user meets, in their order: each of their servers is told.
 */
export function allMatches(
  criteria: readonly InitialFilterCriterion[],
  request: SipRequest,
  registration: RegistrationType,
): InitialFilterCriterion[] {
  const found: InitialFilterCriterion[] = []
  for (;;) {
    const next = firstMatch(criteria, request, 'originating', found.at(-1)?.priority, registration)
    if (next === undefined) return found
    found.push(next)
  }
}

/** What the triggers look at. */
interface Occasion {
  readonly request: SipRequest
  readonly sessionCase: SessionCase
  /** What a REGISTER is for; undefined for other requests. */
  readonly registration: RegistrationType | undefined
}

/** A criterion without trigger point matches every request. */
function matches({ groups, conditionType, profilePart }: InitialFilterCriterion, on: Occasion): boolean {
  if (profilePart !== undefined && on.sessionCase.endsWith('-unregistered') !== (profilePart === 'unregistered'))
    return false
  if (groups.length === 0) return true
  const holds = (trigger: ServicePointTrigger): boolean => isTrue(trigger, on) !== trigger.negated
  if (conditionType === 'CNF') return groups.every((group) => group.some(holds))
  return groups.some((group) => group.every(holds))
}

function isTrue(trigger: ServicePointTrigger, { request, sessionCase, registration }: Occasion): boolean {
  switch (trigger.kind) {
    case 'requestUri':
      return isFound(trigger.pattern, request.uri)
    case 'method':
      if (trigger.method !== request.method) return false
      return (
        trigger.registrations === undefined ||
        registration === undefined ||
        trigger.registrations.includes(registration)
      )
    case 'sessionCase':
      return trigger.sessionCase === sessionCase
    case 'sipHeader':
      return headerTexts(request, trigger.header).some((text) => isFound(trigger.content, text))
    case 'sessionDescription':
      return descriptionLines(request).some(
        ([type, text]) => isWhole(trigger.line, type, '') && isFound(trigger.content, text),
      )
  }
}

/** An expression that is none is found nowhere; one that is not given, everywhere. */
const isFound = (pattern: string | undefined, text: string): boolean =>
  pattern === undefined || expressionOf(pattern)?.test(text) === true

const isWhole = (pattern: string, name: string, flags: '' | 'i'): boolean =>
  pattern === name || expressionOf(`^(?:${pattern})$`, flags)?.test(name) === true

const plainName = /^[\w-]+$/

/** What the header fields of a name have, line by line where lines stay apart. */
function headerTexts({ headers }: SipRequest, header: string): string[] {
  // Most requests have none of that name.
  if (plainName.test(header) && headers.field(header) === undefined) return []
  return headers.fields.flatMap((field) => (isWhole(header, field.name, 'i') ? textOf(field).split('\n') : []))
}

/** RFC 4566 §5: the lines of the session descriptions in a request, each as its type and its value. */
function descriptionLines(request: SipRequest): [type: string, value: string][] {
  const lines = sessionDescriptions(request).flatMap((text) => text.split(/\r?\n/))
  return lines.flatMap((line) => (line[1] === '=' ? [[line[0]!, line.slice(2)] as [string, string]] : []))
}

/** The body, if it is a session description, or the parts of it that are. */
function sessionDescriptions({ headers, body }: SipRequest): string[] {
  const type = headers.contentType?.value.toLowerCase()
  if (type === 'application/sdp') return typeof body === 'string' ? [body] : []
  if (type?.startsWith('multipart/') !== true) return []
  const multipart = parseMultipart(headers.text('contentType')!, body)
  if (isDocumentError(multipart)) return []
  return multipart.parts.flatMap(({ contentType = '', body: part }) =>
    parseContentType(contentType)?.type === 'application/sdp' && typeof part === 'string' ? [part] : [],
  )
}
