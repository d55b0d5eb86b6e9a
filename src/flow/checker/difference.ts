/**
 * What a row has that its line of the ladder did not expect: the conditions of the line, held against the message or
 * the decision of the row.
 */

import { isXcapTarget } from '../../http/exchange.ts'
import type { HttpMessage } from '../../http/message.ts'
import { commandName } from '../../ims/cx.ts'
import type { Message } from '../../message.ts'
import { headerRows } from '../../sip/headers.ts'
import type { SipMessage } from '../../sip/message.ts'
import type {
  BodyConstraint,
  Constraint,
  Evidence,
  MessagePattern,
  Place,
  Step,
  ValueTest,
} from '../ladder/expectation.ts'
import { findInXml, readXmlPath } from '../ladder/xml-path.ts'
import { documentsIn } from './body-documents.ts'
import { transactionKey } from './journey.ts'
import type { MessageRow, SequenceRow } from './sequence.ts'
import { type Capture, isLiteral, itemsOf, unify, unifyText, unifyUri } from './value.ts'

/** A message with header fields and a body. */
type TextMessage = SipMessage | HttpMessage

/** One condition that a row does not meet. */
export interface Mismatch {
  /** The header field, `Request-URI`, `body`, the fact or AVP, `answer to`, `from`, `to`, `message`, `way`. */
  readonly what: string
  readonly expected: string
  /** What is there instead; undefined for nothing. */
  readonly got: string | undefined
  readonly evidence: Evidence
  readonly place: Place
  /** True if it could not be told, because the hop before is not among the rows. */
  readonly untold: boolean
}

/** What holds for a whole comparison of a ladder with a sequence. */
export interface Surroundings {
  readonly hosts: ReadonlyMap<string, readonly string[]>
  /** What each `$name` stands for; undefined as long as that is not known. */
  readonly captured: ReadonlyMap<string, string>
  /** The requests that have a name, as far as they are known. */
  readonly requests: ReadonlyMap<string, Message>
  before(row: SequenceRow): MessageRow | undefined
}

/** The conditions that a row does not meet, and what the holes in those that it meets stand for. */
export interface Comparison {
  readonly mismatches: readonly Mismatch[]
  readonly captures: readonly Capture[]
}

/** True if a message is of the kind that a line names: method, status, command. */
export function isKind(pattern: MessagePattern, message: Message): boolean {
  if (pattern.kind === 'any') return true
  if (pattern.kind === 'cx') return message.protocol === 'cx' && commandName(message) === commandName(pattern)
  if (message.protocol !== (pattern.protocol === 'SIP' ? 'sip' : 'http')) return false
  if (message.kind !== pattern.kind) return false
  if (pattern.kind === 'request') return isOfMethod(pattern, message)
  if (message.kind !== 'response') return false
  const status = String(message.status)
  const right = pattern.status.endsWith('xx') ? pattern.status[0] === status[0] : pattern.status === status
  if (pattern.method === undefined || message.protocol === 'http') return right
  return right && message.headers.cseq?.method === pattern.method
}

function isOfMethod({ protocol, method }: MessagePattern & { readonly kind: 'request' }, message: Message): boolean {
  if (message.kind !== 'request' || message.protocol === 'cx' || message.method !== method) return false
  return protocol !== 'XCAP' || (message.protocol === 'http' && isXcapTarget(message.target))
}

/** Holds the pattern and the conditions of a line against a row; the kind of message has been found right. */
export function compare(
  step: Pick<Step, 'constraints' | 'evidence' | 'place'> & { readonly message?: MessagePattern },
  row: SequenceRow,
  around: Surroundings,
): Comparison {
  const mismatches: Mismatch[] = []
  const captures: Capture[] = []
  const { evidence } = step
  if (step.message !== undefined && row.kind === 'message') comparePattern(step.message, row.message)
  for (const one of step.constraints) note(wantedText(one), test(one, row, around), one)
  return { mismatches, captures }

  function comparePattern(pattern: MessagePattern, message: Message): void {
    if (pattern.kind === 'request' && pattern.uri !== undefined && message.protocol !== 'cx') {
      const uri = message.kind === 'response' ? '' : message.protocol === 'sip' ? message.uri : message.target
      const found = (message.protocol === 'sip' ? unifyUri : unifyText)(pattern.uri.text, uri)
      note(pattern.uri.text, { what: 'Request-URI', got: uri, captures: found }, { evidence, place: pattern.uri.place })
    }
    const asked = pattern.kind === 'response' && pattern.to !== undefined ? around.requests.get(pattern.to) : undefined
    if (pattern.kind === 'response' && asked !== undefined) mismatches.push(...notAnswering(message, asked, step))
  }

  function note(expected: string, result: Result, at: { evidence: Evidence; place: Place }): void {
    const wrong = result.captures?.find(({ name, value }) => (around.captured.get(name) ?? value) !== value)
    if (result.captures !== undefined && wrong === undefined) {
      captures.push(...result.captures)
      return
    }
    if (result.captures !== undefined) captures.push(...result.captures)
    const words =
      wrong === undefined
        ? (result.expected ?? expected)
        : `${expected} with $${wrong.name} = ${around.captured.get(wrong.name)}`
    const { what, got, untold = false } = result
    mismatches.push({ what, expected: words, got, evidence: at.evidence, place: at.place, untold })
  }
}

/** What a condition wants, without the name of what it is about. */
function wantedText(constraint: Constraint): string {
  if (constraint.kind === 'body' && constraint.what.kind !== 'path')
    return constraint.text.replace(/^-?body\s*/, '') || 'empty'
  const wanted = constraint.kind === 'body' && constraint.what.kind === 'path' ? constraint.what.test : undefined
  const test = wanted ?? (constraint as { readonly test: ValueTest }).test
  switch (test.kind) {
    case 'equals':
      return test.value.text
    case 'contains':
      return `~ ${test.text}`
    case 'matches':
      return `~ /${test.pattern}/${test.flags}`
    case 'present':
      return 'any'
    case 'absent':
      return 'none'
    case 'at most':
      return `<= ${test.number}`
    case 'at least':
      return `>= ${test.number}`
    case 'lanes':
      return test.lanes.join(' / ')
    case 'unchanged':
      return 'as on the hop before'
    case 'counted':
      return `that of the hop before ${test.by < 0 ? '-' : '+'} ${Math.abs(test.by)}`
  }
}

/** That a message does not answer a request, if so. */
export function notAnswering(
  message: Message,
  request: Message,
  { evidence, place }: { evidence: Evidence; place: Place },
): Mismatch[] {
  const [expected, got] = [request, message].map(transactionKey)
  return got === expected ? [] : [{ what: 'answer to', expected: expected!, got, evidence, place, untold: false }]
}

/** What came of one test: captures if it was met. */
interface Result {
  readonly what: string
  readonly got: string | undefined
  readonly captures: readonly Capture[] | undefined
  /** What was expected, if the condition's own text does not say it. */
  readonly expected?: string
  readonly untold?: boolean
}

function test(constraint: Constraint, row: SequenceRow, around: Surroundings): Result {
  if (constraint.kind === 'fact') return testFact(constraint.name, constraint.test, row)
  if (row.kind !== 'message' || row.message.protocol === 'cx') {
    const what = constraint.kind === 'body' ? 'body' : constraint.name
    return { what, got: 'no message with header fields', captures: undefined }
  }
  const { message } = row
  const before = around.before(row)?.message
  const earlier = before?.protocol === 'cx' ? undefined : before
  if (constraint.kind === 'body') return testBody(constraint, message, earlier)
  return testHeader(constraint, message, earlier, around)
}

function testFact(name: string, wanted: ValueTest, row: SequenceRow): Result {
  let value: string | number | boolean | undefined
  if (row.kind === 'internal') value = name === 'outcome' ? row.decision.outcome : row.decision.facts[name]
  else if (row.message.protocol === 'cx') value = row.message.avps[name]
  const got = value === undefined ? undefined : String(value)
  return { what: name, got, captures: testText(wanted, got) }
}

/** The tests that need no structure. */
function testText(wanted: ValueTest, got: string | undefined): readonly Capture[] | undefined {
  if (wanted.kind === 'absent') return got === undefined ? [] : undefined
  if (got === undefined) return undefined
  if (wanted.kind === 'present') return []
  if (wanted.kind === 'contains') return got.includes(wanted.text) ? [] : undefined
  if (wanted.kind === 'matches') return new RegExp(wanted.pattern, wanted.flags).test(got) ? [] : undefined
  if (wanted.kind === 'equals') return unifyText(wanted.value.text, got)
  if (wanted.kind !== 'at most' && wanted.kind !== 'at least') return undefined
  if (!/^\s*-?\d+(\.\d+)?\s*$/.test(got)) return undefined
  return (wanted.kind === 'at most' ? Number(got) <= wanted.number : Number(got) >= wanted.number) ? [] : undefined
}

/** What a condition on the hop before says where there is none. */
const untold = { captures: undefined, expected: 'a hop before this one', untold: true } as const

function testHeader(
  { name, item, test: wanted }: Extract<Constraint, { kind: 'header' }>,
  message: TextMessage,
  before: TextMessage | undefined,
  around: Surroundings,
): Result {
  const what = item === undefined ? name : `${name}[${item}]`
  const got = headerText(message, name, item)
  const earlier = before && headerText(before, name, item)
  const result = (captures: readonly Capture[] | undefined, expected?: string): Result =>
    expected === undefined ? { what, got, captures } : { what, got, captures, expected }
  if (before === undefined && (wanted.kind === 'unchanged' || wanted.kind === 'counted'))
    return { ...untold, what, got }
  switch (wanted.kind) {
    case 'equals':
      return result(got === undefined ? undefined : sameValue(name, item, wanted.value.text, got))
    case 'unchanged':
      if (earlier === undefined || got === undefined) {
        return result(
          earlier === got ? [] : undefined,
          earlier === undefined ? `no ${what}, as on the hop before` : earlier,
        )
      }
      return result(sameParsed(name, earlier, got) ? [] : undefined, `${earlier} (as on the hop before)`)
    case 'counted': {
      const number = Number(earlier) + wanted.by
      if (earlier === undefined || !Number.isInteger(number)) {
        return result(undefined, `a number counted from the hop before, where ${what} is ${earlier ?? 'absent'}`)
      }
      return result(got?.trim() === String(number) ? [] : undefined, `${number} (${earlier} on the hop before)`)
    }
    case 'lanes':
      return result(got !== undefined && areHosts(got, wanted.lanes, around.hosts) ? [] : undefined)
    default:
      return result(testText(wanted, got))
  }
}

const rowsByName = new Map(headerRows.map((row) => [row.name.toLowerCase(), row]))

/** Equal in its parts, with holes filled; without holes also if the header table parses both to the same. */
function sameValue(
  name: string,
  item: number | undefined,
  expected: string,
  got: string,
): readonly Capture[] | undefined {
  const captures = unify(expected, got)
  if (captures !== undefined || item !== undefined || !isLiteral(expected)) return captures
  return sameParsed(name, expected, got) ? [] : undefined
}

function sameParsed(name: string, expected: string, got: string): boolean {
  const row = rowsByName.get(name.toLowerCase())
  if (expected === got || row === undefined) return expected === got
  const [wanted, found] = [row.grammar.parse(expected), row.grammar.parse(got)]
  return wanted !== undefined && found !== undefined && sameData(wanted, found)
}

function sameData(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length && keys.every((key) => key in other && sameData(one[key], other[key]))
  )
}

function headerText(message: TextMessage, name: string, item: number | undefined): string | undefined {
  const text = fieldText(message, name)
  return text === undefined || item === undefined ? text : itemsOf(text).at(item)
}

function fieldText({ protocol, headers }: TextMessage, name: string): string | undefined {
  return protocol === 'http' ? headers[name.toLowerCase()] : headers.fieldText(name)
}

/** True if the hosts of a Via are those of these lanes, top first. */
function areHosts(via: string, lanes: readonly string[], hosts: Surroundings['hosts']): boolean {
  const hops = itemsOf(via)
  return (
    hops.length === lanes.length &&
    lanes.every((lane, i) => {
      const host = /^\S+\s*\/\s*\S+\s*\/\s*\S+\s+(\[[^\]]*\]|[^\s;:]+)/.exec(hops[i]!)?.[1]?.toLowerCase()
      return (hosts.get(lane)?.[0] ?? lane).toLowerCase() === host
    })
  )
}

function testBody({ what: wanted }: BodyConstraint, message: TextMessage, before: TextMessage | undefined): Result {
  const type = mediaType(message)
  const size = message.body.length === 0 ? undefined : `${type ?? 'a body without Content-Type'}`
  if (wanted.kind === 'empty') return { what: 'body', got: size, captures: message.body.length === 0 ? [] : undefined }
  if (wanted.kind === 'unchanged') {
    if (before === undefined) return { ...untold, what: 'body', got: size }
    const same = sameData(before.body, message.body) && mediaType(before) === type
    return { what: 'body', got: size, captures: same ? [] : undefined, expected: 'the body of the hop before' }
  }
  if (wanted.kind === 'type') {
    const [main, sub] = wanted.type.split('/')
    const [gotMain, gotSub] = (type ?? '').split('/')
    const right = (main === '*' || main === gotMain) && (sub === '*' || sub === gotSub)
    return { what: 'body', got: size, captures: right && message.body.length > 0 ? [] : undefined }
  }
  return testPath(wanted.path, wanted.test, message)
}

function testPath(text: string, wanted: ValueTest, message: TextMessage): Result {
  const path = readXmlPath(text)
  const documents = documentsIn(fieldText(message, 'Content-Type'), message.body)
  const what = `body ${text}`
  if (path.kind !== 'path') return { what, got: path.reason, captures: undefined }
  if (!Array.isArray(documents)) {
    const got = message.body.length === 0 ? undefined : `no XML (${documents.reason})`
    return { what, got, captures: undefined }
  }
  const found = findInXml(path, ...documents)
  const got = found.length === 0 ? undefined : found.join(', ')
  if (wanted.kind === 'absent') return { what, got, captures: found.length === 0 ? [] : undefined }
  for (const one of found) {
    const captures = testText(wanted, one)
    if (captures !== undefined) return { what, got, captures }
  }
  return { what, got, captures: undefined }
}

const mediaType = (message: TextMessage): string | undefined =>
  fieldText(message, 'Content-Type')?.replace(/;.*/s, '').trim().toLowerCase()
