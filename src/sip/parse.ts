import { decodeUtf8, encodeUtf8, utf8Length } from './grammar/utf8.ts'
import { Head } from './head.ts'
import type { Body, SipMessage, SipRequest } from './message.ts'

/** What came is no SIP message. A peer's mistake is a value, never an exception. */
export interface Malformed {
  readonly protocol: 'sip'
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

/**
 * Parses one message that came as a datagram, or that is a whole text. Header values are parsed later, when they are
 * read. Bytes beyond the Content-Length are dropped; without a Content-Length the body goes to the end (RFC 3261
 * §18.3). Bare line feeds are taken for line ends, empty lines in front are skipped (§7.5).
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
  // A copy: the caller may use its buffer again.
  return head.message(bodyOf(new Uint8Array(bytes.subarray(end, end + declared))))
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
  // Back to where the character starts that is cut short there.
  while (decodeUtf8(bytes.subarray(0, low)) === undefined) low--
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
  return { protocol: 'sip', kind: 'malformed', status, reason, at, request }
}

function refuse(head: Head, text: string): Malformed {
  const fault = head.fault!
  return malformed(fault.status, fault.reason, utf8Length(text.slice(0, fault.at)), head.request(''))
}
