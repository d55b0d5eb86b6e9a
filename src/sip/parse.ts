import { rowAt } from './header-index.ts'
import { headerRows, rowOf } from './headers.ts'
import {
  type Body,
  type Field,
  type Headers,
  headersOf,
  noHeaders,
  type SipMessage,
  type SipRequest,
} from './message.ts'
import { isToken } from './scanner.ts'
import { decodeUtf8, encodeUtf8, utf8Length } from './utf8.ts'

/** What came is no SIP message. A peer's mistake is a value, never an exception. */
export interface Malformed {
  readonly kind: 'malformed'
  /** The status with which a request like this is answered; a response like this is dropped. */
  readonly status: number
  readonly reason: string
  /** Where the fault is, as a byte offset. */
  readonly at: number
  /** What could be read of a request, so that it can be answered; `undefined` for a response or when nothing could. */
  readonly request: SipRequest | undefined
}

/** The longest message that is read, in bytes; a longer one is refused with 513 (RFC 3261 §21.5.7). */
export const mostBytes = 1 << 22
/** The most header field lines that a message may have. */
export const mostHeaderLines = 1 << 14

const contentLengthRow = rowOf('contentLength')
const isList = headerRows.map((row) => row.kind === 'list')
const isSingle = headerRows.map((row) => row.kind === 'single')

/**
 * Parses one message that came as a datagram, or that is a whole text. Header values are parsed later, when they are
 * read. Bytes beyond the Content-Length are dropped; without a Content-Length the body goes to the end (RFC 3261 §18.3).
 * Bare line feeds are taken for line ends, empty lines in front are skipped (§7.5).
 */
export function parse(input: Uint8Array | string): SipMessage | Malformed {
  if (input.length > mostBytes) return malformed(513, 'Message too large', mostBytes)
  if (typeof input === 'string') return parseText(input, undefined)
  const text = decodeUtf8(input)
  return text === undefined ? parseBinary(input) : parseText(text, input)
}

/** A message at the front of a stream, and the bytes that it takes. */
export interface Framed {
  readonly message: SipMessage | Malformed
  /** The bytes up to the next message; all there are when the stream can't be followed any more. */
  readonly length: number
}

/**
 * Parses the message at the front of a stream, `undefined` when more bytes are needed. RFC 3261 §18.3: on a stream
 * the Content-Length frames the message; without a usable one the stream is lost after the fault.
 */
export function parseStream(bytes: Uint8Array): Framed | undefined {
  let start = 0
  while (bytes[start] === 0x0d || bytes[start] === 0x0a) start++
  const end = headEnd(bytes, start)
  if (end < 0) {
    if (bytes.length <= mostBytes) return undefined
    return { message: malformed(513, 'Message too large', mostBytes), length: bytes.length }
  }
  const head = new Head(decodeUtf8(bytes.subarray(0, end)) ?? '')
  const declared = head.declaredLength()
  if (declared === undefined) {
    const broken = parse(bytes.subarray(0, end))
    const request = broken.kind === 'request' ? broken : broken.kind === 'malformed' ? broken.request : undefined
    const message = broken.kind === 'malformed' ? broken : malformed(400, 'Missing Content-Length', end, request)
    return { message, length: bytes.length }
  }
  if (end + declared > mostBytes) return { message: malformed(513, 'Message too large', end), length: bytes.length }
  if (end + declared > bytes.length) return undefined
  return { message: parse(bytes.subarray(0, end + declared)), length: end + declared }
}

function parseText(text: string, bytes: Uint8Array | undefined): SipMessage | Malformed {
  const head = new Head(text)
  const { bodyAt } = head
  if (head.fault !== undefined) return refuse(head, text)
  const declared = head.declaredLength()
  const isAscii = bytes !== undefined && bytes.length === text.length
  if (declared === undefined) return head.message(text.slice(bodyAt))
  const available = isAscii ? text.length - bodyAt : utf8Length(text.slice(bodyAt))
  if (declared > available) {
    const fault = `Content-Length is ${declared}, but ${available} bytes follow`
    return malformed(400, fault, utf8Length(text), head.request(''))
  }
  if (declared === available) return head.message(text.slice(bodyAt))
  // RFC 3261 §18.3: what a datagram holds beyond the Content-Length is discarded.
  if (isAscii) return head.message(text.slice(bodyAt, bodyAt + declared))
  return head.message(bodyOf(encodeUtf8(text.slice(bodyAt)).slice(0, declared)))
}

/** A message that is not UTF-8 as a whole: its head has to be, its body is kept as bytes. */
function parseBinary(bytes: Uint8Array): SipMessage | Malformed {
  let start = 0
  while (bytes[start] === 0x0d || bytes[start] === 0x0a) start++
  const found = headEnd(bytes, start)
  const end = found < 0 ? bytes.length : found
  const text = decodeUtf8(bytes.subarray(0, end))
  if (text === undefined) return malformed(400, 'Bytes that are not UTF-8', firstStray(bytes))
  const head = new Head(text)
  if (head.fault !== undefined) return refuse(head, text)
  const declared = head.declaredLength() ?? bytes.length - end
  if (declared > bytes.length - end) {
    const fault = `Content-Length is ${declared}, but ${bytes.length - end} bytes follow`
    return malformed(400, fault, bytes.length, head.request(''))
  }
  return head.message(bodyOf(bytes.slice(end, end + declared)))
}

function bodyOf(bytes: Uint8Array): Body {
  return decodeUtf8(bytes) ?? bytes
}

/** The place behind the empty line that ends the head, -1 when there is none. */
function headEnd(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0x0a, start); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3
  }
  return -1
}

/** The offset of the first byte at which the bytes stop being UTF-8. */
function firstStray(bytes: Uint8Array): number {
  let low = 0
  let high = bytes.length
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (isUtf8Front(bytes.subarray(0, middle))) low = middle
    else high = middle - 1
  }
  return low
}

/** True when the bytes are UTF-8, or would be with at most three more. */
function isUtf8Front(bytes: Uint8Array): boolean {
  for (let cut = 0; cut < 4; cut++) {
    const whole = bytes.length - cut
    if (whole < 0 || decodeUtf8(bytes.subarray(0, whole)) !== undefined)
      return cut === 0 || isLeadByte(bytes[whole], cut)
  }
  return false
}

/** True when this byte starts a character that needs more than `have` bytes. */
function isLeadByte(byte: number | undefined, have: number): boolean {
  if (byte === undefined) return true
  const needs = byte >= 0xf0 && byte <= 0xf4 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
  return byte <= 0xf4 && needs > have
}

function malformed(status: number, reason: string, at: number, request?: SipRequest): Malformed {
  return { kind: 'malformed', status, reason, at, request }
}

function refuse(head: Head, text: string): Malformed {
  const fault = head.fault!
  return malformed(fault.status, fault.reason, utf8Length(text.slice(0, fault.at)), head.request(''))
}

interface Fault {
  readonly status: number
  readonly reason: string
  /** In UTF-16 units of the text. */
  readonly at: number
}

/** The place of each row among the fields of the message being read, plus one. */
const places = new Int32Array(headerRows.length)

/** Start line and header fields of one message. */
class Head {
  readonly text: string
  readonly fields: Field[] = []
  method = ''
  uri = ''
  status = 0
  reason = ''
  /** The first fault; what follows it was read as far as possible. */
  fault: Fault | undefined
  bodyAt = 0
  private contentLength: string | undefined

  constructor(text: string) {
    this.text = text
    let at = 0
    while (isLineEnd(text.charCodeAt(at))) at++
    this.readFields(this.readStartLine(at))
  }

  message(body: Body): SipMessage {
    const headers = headersOf(this.fields)
    if (this.status === 0) {
      return { protocol: 'sip', kind: 'request', method: this.method, uri: this.uri, headers, body }
    }
    return { protocol: 'sip', kind: 'response', status: this.status, reason: this.reason, headers, body }
  }

  /** What there is of a request; `undefined` for a response. */
  request(body: Body): SipRequest | undefined {
    if (this.status !== 0 || this.method === '') return undefined
    const headers: Headers = this.fields.length === 0 ? noHeaders : headersOf(this.fields)
    return { protocol: 'sip', kind: 'request', method: this.method, uri: this.uri, headers, body }
  }

  /** The value of the first Content-Length; `undefined` when there is none or it is no number. */
  declaredLength(): number | undefined {
    const { contentLength } = this
    return contentLength !== undefined && /^[0-9]{1,10}$/.test(contentLength) ? Number(contentLength) : undefined
  }

  private fail(status: number, reason: string, at: number): void {
    this.fault ??= { status, reason, at }
  }

  /** Reads the first line; gives the place behind it. */
  private readStartLine(at: number): number {
    const { text } = this
    const lineFeed = text.indexOf('\n', at)
    const next = lineFeed < 0 ? text.length : lineFeed + 1
    let end = lineFeed < 0 ? text.length : lineFeed
    if (text.charCodeAt(end - 1) === 0x0d) end--
    if (text.startsWith('SIP/2.0 ', at)) {
      this.readStatus(at + 8, end)
      return next
    }
    const first = text.indexOf(' ', at)
    const second = text.indexOf(' ', first + 1)
    if (first > at && second > first + 1 && second + 8 === end && text.startsWith('SIP/2.0', second + 1)) {
      this.method = text.slice(at, first)
      this.uri = text.slice(first + 1, second)
      if (!isToken(this.method)) this.fail(400, 'The method is not a token', at)
      return next
    }
    this.explainStartLine(at, text.slice(at, end))
    return next
  }

  private readStatus(at: number, end: number): void {
    const { text } = this
    const code = Number(text.slice(at, at + 3))
    // RFC 3261 §7.2: three digits, and the first is 1 to 6.
    if (!(code >= 100 && code <= 699) || (at + 3 !== end && text.charCodeAt(at + 3) !== 0x20)) {
      this.status = -1
      this.fail(400, 'The status code is not a number from 100 to 699', at)
      return
    }
    this.status = code
    this.reason = text.slice(at + 4, end)
  }

  /** Reads a start line that is not as it should be, as far as it can be read. */
  private explainStartLine(at: number, line: string): void {
    const status = /^sip\/([0-9]+\.[0-9]+) +(.*)$/i.exec(line)
    if (status !== null) {
      this.status = -1
      if (status[1] !== '2.0') return this.fail(505, `Version SIP/${status[1]} is not supported`, at)
      return this.readStatus(at + line.length - status[2]!.length, at + line.length)
    }
    const words = line.split(' ')
    const version = /^sip\/([0-9]+\.[0-9]+)$/i.exec(words.at(-1)!)
    this.method = isToken(words[0]!) ? words[0]! : ''
    this.uri = words[1] ?? ''
    if (line === '') return this.fail(400, 'There is no start line', at)
    if (this.method === '') return this.fail(400, 'The method is not a token', at)
    if (version !== null && version[1] !== '2.0') {
      return this.fail(505, `Version SIP/${version[1]} is not supported`, at + line.length - version[0].length)
    }
    if (words.length === 3 && version !== null) return
    // RFC 3261 §7.1: single spaces, and none within the elements or at the end (RFC 4475 §3.1.2.8 to §3.1.2.10).
    const stray = at + (words[0]!.length + 1) + (words[1]?.length ?? 0)
    if (version === null && words.length < 3) return this.fail(400, 'The request line has no version', at + line.length)
    this.fail(400, 'The request line has stray spaces', stray)
  }

  /** Reads header lines up to the empty line. */
  private readFields(start: number): void {
    const { text } = this
    let at = start
    let lines = 0
    let nextReturn = -1
    places.fill(0)
    for (;;) {
      const lineFeed = text.indexOf('\n', at)
      if (lineFeed < 0) {
        this.bodyAt = text.length
        return this.fail(400, 'No empty line ends the header', text.length)
      }
      if (nextReturn < at) {
        nextReturn = text.indexOf('\r', at)
        if (nextReturn < 0) nextReturn = text.length
      }
      const end = nextReturn < lineFeed ? nextReturn : lineFeed
      if (end + 1 < lineFeed) this.fail(400, 'A carriage return without a line feed', end)
      if (end === at) {
        this.bodyAt = lineFeed + 1
        return
      }
      if (++lines > mostHeaderLines) return this.fail(513, `More than ${mostHeaderLines} header lines`, at)
      at = this.readField(at, end, lineFeed + 1)
    }
  }

  /** Reads the header field whose first line stands between these places; gives the place behind its last line. */
  private readField(at: number, end: number, next: number): number {
    const { text } = this
    const colon = text.indexOf(':', at)
    if (colon < 0 || colon >= end) {
      this.fail(400, 'A header line without a colon', at)
      return next
    }
    let nameEnd = colon
    while (nameEnd > at && isBlank(text.charCodeAt(nameEnd - 1))) nameEnd--
    const row = rowAt(text, at, nameEnd)
    let from = colon + 1
    let to = end
    while (from < to && isBlank(text.charCodeAt(from))) from++
    while (to > from && isBlank(text.charCodeAt(to - 1))) to--
    let value = text.slice(from, to)
    // RFC 3261 §7.3.1: a line that starts with white space goes on with the line before it.
    if (isBlank(text.charCodeAt(next))) {
      const last = foldedEnd(text, next)
      value = unfold(text.slice(from, last))
      next = last
    }
    if (row >= 0) {
      this.add(row, value)
      return next
    }
    const name = text.slice(at, nameEnd)
    if (isToken(name)) this.fields.push({ row: -1, name, text: value, value: undefined })
    else this.fail(400, 'The name of a header field is not a token', at)
    return next
  }

  /** Adds a field the table knows. Lists on several lines become one (RFC 3261 §7.3.1), other repeats stay. */
  private add(row: number, value: string): void {
    const place = places[row]!
    if (row === contentLengthRow && place === 0) this.contentLength = value
    if (place === 0 || isSingle[row]) {
      this.fields.push({ row, name: headerRows[row]!.name, text: value, value: undefined })
      if (place === 0) places[row] = this.fields.length
      return
    }
    const field = this.fields[place - 1]!
    if (!isList[row]) field.text = `${field.text}\n${value}`
    else if (field.text === '') field.text = value
    else if (value !== '') field.text = `${field.text}, ${value}`
  }
}

/** The place behind the last of the lines that start with white space. */
function foldedEnd(text: string, start: number): number {
  let at = start
  while (isBlank(text.charCodeAt(at))) {
    const lineFeed = text.indexOf('\n', at)
    if (lineFeed < 0) return text.length
    at = lineFeed + 1
  }
  return at
}

function unfold(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '').join(' ')
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function isLineEnd(code: number): boolean {
  return code === 0x0d || code === 0x0a
}
