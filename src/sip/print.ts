import { rowOf } from './headers.ts'
import { type SipMessage, textOf } from './message.ts'
import { encodeShared, encodeUtf8, showUtf8, utf8Length } from './utf8.ts'

const contentLengthRow = rowOf('contentLength')

/**
 * Prints a message as it stands on the wire. Header fields whose text is known stand as they came; the Content-Length
 * is counted and stands last.
 */
export function print(message: SipMessage): Uint8Array {
  const { body } = message
  if (typeof body === 'string') return encodeShared(printText(message))
  const head = encodeUtf8(`${printHead(message)}Content-Length: ${body.length}\r\n\r\n`)
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(head)
  bytes.set(body, head.length)
  return bytes
}

/** Prints a message as text. A body that is not UTF-8 is shown with U+FFFD in it: such a message travels as bytes. */
export function printText(message: SipMessage): string {
  const body = typeof message.body === 'string' ? message.body : showUtf8(message.body)
  return `${printHead(message)}Content-Length: ${body === '' ? 0 : utf8Length(body)}\r\n\r\n${body}`
}

/** The start line and the header fields, without the Content-Length and the empty line. */
export function printHead(message: SipMessage): string {
  let text =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0\r\n`
      : `SIP/2.0 ${message.status} ${message.reason}\r\n`
  for (const field of message.headers.fields) {
    if (field.row === contentLengthRow) continue
    const value = field.text ?? textOf(field)
    // A repeated field keeps its lines apart by `\n` (RFC 3261 §7.3.1: its lines are never joined by commas).
    if (value.includes('\n')) for (const line of value.split('\n')) text += `${field.name}: ${line}\r\n`
    else text += `${field.name}: ${value}\r\n`
  }
  return text
}
