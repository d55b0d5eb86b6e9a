/**
 * One line of a ladder: number, lanes and arrow, message, and the blocks of conditions after it.
 */

import { httpReason } from '../../http/status.ts'
import type { DiameterInterface } from '../../ims/cx.ts'
import { nearest } from '../flow-error.ts'
import { readConstraints, type Subject } from './constraint.ts'
import type { Constraint, Evidence, MessagePattern, Step, Template } from './expectation.ts'
import { type LadderText, oneOf } from './ladder-text.ts'

/** What a line needs of the ladder that it stands in. */
export interface LineReading {
  readonly text: LadderText
  readonly nextIndex: number
  /** The methods of the requests that have a name (`as $sub`). */
  readonly requests: Map<string, string>
  checkLane(name: string, offset: number): void
}

type Arrow = '->' | '~>' | '<->' | '::'

/** Reads a line with its blocks, which may stand on the lines after it. */
export function readStep(reading: LineReading): Step {
  const { text } = reading
  const start = text.at
  const number = text.take(/(\d+[a-z]?(?:-\d+[a-z]?)?)\.?[ \t]+/y)?.[1]
  const from = readFrom(reading)
  const common = { index: reading.nextIndex, number, from: from.lane, place: text.place(start) }
  if (from.arrow === '::') return readInternal(reading, common, from.at)
  const toAt = text.at
  const to = text.take(/([^\n{}]*?[^\s{}])[ \t]*:[ \t]*/y)?.[1]
  if (to === undefined || text.atLineEnd) {
    throw text.stop(to === undefined ? toAt : text.at, `no message after "${from.lane} ${from.arrow}"`, {
      expected: to === undefined ? 'a lane, then ": message"' : messageForms,
    })
  }
  reading.checkLane(to, toAt)
  const messageAt = text.at
  const message = readMessage(reading)
  checkQuery(reading, from.arrow, message, messageAt)
  const written = text.text.slice(from.at, text.at).trim()
  const blocks = readBlocks(reading, subjectOf(message))
  endOfLine(text, blocks.constraints.length > 0)
  const kind = from.arrow === '~>' ? 'hops' : from.arrow === '<->' ? 'query' : 'hop'
  return { ...common, kind, to, message, text: written, ...blocks }
}

/** What the conditions after a message are about. */
export function subjectOf(message: MessagePattern): Subject {
  if (message.kind === 'cx') return 'facts'
  return message.kind !== 'any' && message.protocol !== 'SIP' ? 'http' : 'message'
}

function readFrom(reading: LineReading): { lane: string; arrow: Arrow; at: number } {
  const { text } = reading
  const at = text.at
  const found = text.take(/([^\n{}:]*?[^\s{}:<>~-])[ \t]*(<->|->|~>|::)[ \t]*/y)
  if (found === undefined) {
    throw text.stop(at, 'this line is neither a message nor an internal step', {
      expected: '"UE -> PS : message", "UE ~> PS : message", "PS <-> HSS : message" or "PS :: step"',
    })
  }
  const [, lane, arrow] = found as unknown as [string, string, Arrow]
  reading.checkLane(lane, at)
  return { lane, arrow, at }
}

function readInternal(
  reading: LineReading,
  common: { index: number; number: string | undefined; from: string; place: Step['place'] },
  start: number,
): Step {
  const { text } = reading
  const name = text.take(/[^\n{}[#]*/y)?.[0].trim() ?? ''
  if (name === '') {
    throw text.stop(text.at, `no internal step after "${common.from} ::"`, {
      expected: 'a name such as authorize watcher',
    })
  }
  const written = text.text.slice(start, text.at).trim()
  const blocks = readBlocks(reading, 'facts')
  endOfLine(text, blocks.constraints.length > 0)
  return { ...common, kind: 'internal', to: common.from, name, text: written, ...blocks }
}

const messageForms = 'METHOD, METHOD sip:…, 200, 200 (METHOD), 200 to $name, Cx LIR, XCAP PUT http://…, HTTP 201 or *'

const methods = [
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'MESSAGE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'PUBLISH',
  'REFER',
  'REGISTER',
  'SUBSCRIBE',
  'UPDATE',
]

const commandsOn: Readonly<Record<DiameterInterface, string>> = {
  Cx: 'LIR, LIA, UAR, …',
  Zh: 'MAR or MAA',
  Zn: 'BIR or BIA',
}

/** Reads what stands after the colon of a line, up to its blocks. */
export function readMessage(reading: LineReading): MessagePattern {
  const { text } = reading
  const start = text.at
  if (text.take(/\*(?=\s|$)[ \t]*/y)) return { kind: 'any' }
  const on = text.take(/(Cx|Zh|Zn)\b[ \t]*/y)?.[1] as DiameterInterface | undefined
  if (on !== undefined) {
    const command = text.take(/[A-Z]{2}[RA](?![\w-])[ \t]*/y)?.[0].trim()
    if (command === undefined)
      throw text.stop(text.at, `"${text.ahead}" is not a ${on} command`, { expected: commandsOn[on] })
    return { kind: 'cx', interface: on, command }
  }
  const protocol = text.take(/(HTTP|XCAP)(?![\w-])[ \t]*/y)?.[1]
  if (protocol !== undefined) return readHttp(reading, protocol as 'HTTP' | 'XCAP')
  const status = text.take(statusPattern)?.[1]
  if (status !== undefined) return readResponse(reading, status)
  const method = text.take(/[A-Z][A-Z0-9.!%*_+`'~-]*(?![\w:])[ \t]*/y)?.[0].trim()
  if (method === undefined) throw text.stop(start, `"${text.ahead}" is not a message`, { expected: messageForms })
  if (!methods.includes(method)) {
    text.warn(start, `${method} is not a method that presim knows`, { suggestion: nearest(method, methods) })
  }
  const uri = readUri(text)
  const as = text.take(/as[ \t]+/y) === undefined ? undefined : readName(text)
  if (as !== undefined) reading.requests.set(as, method)
  return { kind: 'request', protocol: 'SIP', method, uri, as }
}

const statusPattern = /([1-6]\d\d|[1-6]xx)(?![\w-])[ \t]*/y
const httpMethods = ['GET', 'PUT', 'DELETE', 'POST', 'HEAD', 'OPTIONS', 'PATCH']

/** `XCAP PUT http://…`, `HTTP GET /`, `HTTP 201`, `HTTP 201 (Created)`, `HTTP 201 to $put` */
function readHttp(reading: LineReading, protocol: 'HTTP' | 'XCAP'): MessagePattern {
  const { text } = reading
  const at = text.at
  const status = text.take(statusPattern)?.[1]
  if (status !== undefined) return readHttpResponse(reading, protocol, status, at)
  const method = text.take(/[A-Z]+(?![\w:-])[ \t]*/y)?.[0].trim()
  if (method === undefined)
    throw text.stop(at, `"${text.ahead}" is no message over HTTP`, { expected: 'PUT, GET, DELETE or a status' })
  if (!httpMethods.includes(method))
    text.warn(at, `${method} is not a method of HTTP`, { suggestion: nearest(method, httpMethods) })
  const uriAt = text.at
  const found = text.take(/(?!as[ \t]+\$)[^\s{}<>]+(?=\s|$)[ \t]*/y)?.[0].trim()
  const isTarget = found !== undefined && /^[*/]|:|\$\w|\(\.\.\.\)/.test(found)
  if (found !== undefined && !isTarget)
    throw text.stop(uriAt, `"${found}" is no target`, { expected: 'a URI such as http://xcap.home1.net/… or a path' })
  const uri = found === undefined ? undefined : { text: found, place: text.place(uriAt) }
  const as = text.take(/as[ \t]+/y) === undefined ? undefined : readName(text)
  if (as !== undefined) reading.requests.set(as, method)
  return { kind: 'request', protocol, method, uri, as }
}

function readHttpResponse(reading: LineReading, protocol: 'HTTP' | 'XCAP', status: string, at: number): MessagePattern {
  const { text } = reading
  if (protocol === 'XCAP') text.note(at, 'an answer over HTTP is named HTTP', { suggestion: `HTTP ${status}` })
  const reasonAt = text.at
  const reason = text.take(/\(([A-Za-z][A-Za-z -]*)\)[ \t]*/y)?.[1]
  const usual = httpReason(Number(status))
  if (reason !== undefined && usual !== '' && reason !== usual)
    text.note(reasonAt, `HTTP ${status} is not called "${reason}"`, { suggestion: usual })
  const { to } = readAnswered(reading, undefined)
  return { kind: 'response', protocol: 'HTTP', status, method: undefined, to }
}

/** A Request-URI: a word with a colon, or a hole. */
function readUri(text: LadderText): Template | undefined {
  const at = text.at
  const found = text.take(/(?:\*|(?=[^\s{}<>]*(?::|\$\w|\(\.\.\.\)))[^\s{}<>]+)(?=\s|$)[ \t]*/y)
  return found === undefined ? undefined : { text: found[0].trim(), place: text.place(at) }
}

function readName(text: LadderText): string {
  const name = text.take(/\$([A-Za-z]\w*)[ \t]*/y)?.[1]
  if (name === undefined) throw text.stop(text.at, `"${text.ahead}" is not a name`, { expected: 'a name such as $sub' })
  return name
}

/** `200`, `200 (SUBSCRIBE)`, `200 to $sub` */
function readResponse(reading: LineReading, status: string): MessagePattern {
  const method = reading.text.take(/\(([A-Z]+)\)[ \t]*/y)?.[1]
  const { to, named } = readAnswered(reading, method)
  return { kind: 'response', protocol: 'SIP', status, method: method ?? named, to }
}

/** `to $sub`: the request that is answered, and its method. */
function readAnswered(
  { text, requests }: LineReading,
  method: string | undefined,
): { readonly to: string | undefined; readonly named: string | undefined } {
  if (text.take(/to(?![\w-])[ \t]*/y) === undefined) return { to: undefined, named: undefined }
  const at = text.at
  const to = readName(text)
  const named = requests.get(to)
  if (named === undefined) {
    const known = [...requests.keys()].map((name) => `$${name}`)
    const suggestion = nearest(`$${to}`, known)
    const expected = known.length === 0 ? `a line "… as $${to}" before this one` : oneOf(known)
    text.note(
      at,
      `no request before this line is called $${to}`,
      suggestion === undefined ? { expected } : { suggestion },
    )
  } else if (method !== undefined && method !== named) {
    text.note(at, `$${to} is a ${named}, not a ${method}`)
  }
  return { to, named }
}

function checkQuery({ text }: LineReading, arrow: Arrow, message: MessagePattern, offset: number): void {
  if (arrow !== '<->') return
  const asks = message.kind === 'request' || (message.kind === 'cx' && message.command.endsWith('R'))
  if (!asks) text.note(offset, 'a query (<->) starts with a request', { expected: 'a request such as Cx LIR' })
}

const evidences: readonly Evidence[] = ['read', 'derived', 'memory']

/** Reads `[read] { … } [derived] { … }`, on this line and the next ones. The first tag is the step's own evidence. */
export function readBlocks(
  reading: LineReading,
  subject: Subject,
): { evidence: Evidence; constraints: readonly Constraint[] } {
  const { text } = reading
  const constraints: Constraint[] = []
  let first: Evidence | undefined
  let evidence: Evidence = 'derived'
  for (;;) {
    text.skipBlanks()
    if (text.atLineEnd && text.sees(/[[{]/y, text.following(text.at))) text.skipLines()
    if (text.text[text.at] === '[') {
      evidence = readEvidence(text)
      first ??= evidence
    } else if (text.text[text.at] === '{') {
      const checkLane = (name: string, offset: number): void => reading.checkLane(name, offset)
      constraints.push(...readConstraints(text, { subject, evidence, checkLane }))
    } else return { evidence: first ?? 'derived', constraints }
  }
}

function readEvidence(text: LadderText): Evidence {
  const start = text.at
  const word = text.take(/\[[ \t]*([\w -]*?)[ \t]*\]/y)?.[1]
  const evidence = evidences.find((one) => one === word)
  if (evidence !== undefined) return evidence
  const suggestion = word === undefined ? undefined : nearest(word, evidences)
  const expected = oneOf(evidences.map((one) => `[${one}]`))
  if (word === undefined) throw text.stop(start, 'this [ is never closed', { expected })
  text.note(
    start,
    `[${word}] does not say how sure the annex is`,
    suggestion === undefined ? { expected } : { suggestion: `[${suggestion}]` },
  )
  return 'derived'
}

function endOfLine(text: LadderText, afterBlock: boolean): void {
  text.skipBlanks()
  if (text.atLineEnd || text.text[text.at] === '}') return
  throw text.stop(text.at, `"${text.ahead}" is out of place`, {
    expected: afterBlock
      ? 'the end of the line'
      : 'as $name, [read], [derived], [memory], { conditions } or the end of the line',
  })
}
