import { byteCountOf, encodeShared, encodeUtf8, showUtf8, utf8Length } from './grammar/utf8.ts'
import { headerRows, rowOf } from './headers.ts'
import { byteLength, type Field, type SipMessage, textOf } from './message.ts'

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

/** The bytes that a message takes on the wire. Each field is counted once, however many hops it travels. */
export function wireLength(message: SipMessage): number {
  const { body } = message
  const start =
    message.kind === 'request'
      ? message.method.length + message.uri.length + ' '.length + ' SIP/2.0\r\n'.length
      : 'SIP/2.0 200 \r\n'.length + utf8Length(message.reason)
  const length = byteLength(body)
  let size = start + `Content-Length: ${length}\r\n\r\n`.length + length
  for (const field of message.headers.fields) if (field.row !== contentLengthRow) size += field.size || sizeOf(field)
  return size
}

function sizeOf(field: Field): number {
  const { name, row } = field
  const line = name.length + ': \r\n'.length
  const length = field.text === undefined && row >= 0 ? headerRows[row]!.grammar.length : undefined
  field.size = length === undefined ? lengthOfLines(textOf(field), line) : line + length(field.value)
  return field.size
}

/** The lines of a repeated field are kept apart by `\n`, which itself is not sent. */
function lengthOfLines(text: string, line: number): number {
  const length = line + byteCountOf(text)
  return text.includes('\n') ? length + (text.split('\n').length - 1) * (line - 1) : length
}
