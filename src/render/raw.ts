import { orderedFields, writtenName } from '../http/headers.ts'
import type { HttpMessage } from '../http/message.ts'
import type { CxMessage } from '../ims/cx.ts'
import type { Message } from '../message.ts'
import { type Body, type SipMessage, textOf } from '../sip/message.ts'
import { type Span, span } from './span.ts'
import { indentXml, splitLines, valueSpans, xmlLines } from './syntax.ts'

/** A message as it stands on the wire, line by line, each piece in the style of what it is. */
export function rawLines(message: Message): Span[][] {
  if (message.protocol === 'cx') return cxLines(message)
  const lines = [startLine(message)]
  if (message.protocol === 'http') {
    for (const [name, value] of orderedFields(message.headers)) lines.push(headerLine(writtenName(name), value))
    return withBody(lines, message)
  }
  for (const field of message.headers.fields) {
    for (const line of textOf(field).split('\n')) {
      lines.push(headerLine(field.name, line))
    }
  }
  return withBody(lines, message)
}

const headerLine = (name: string, value: string): Span[] => [
  span(name, 'header-name'),
  span(': ', 'punctuation'),
  ...valueSpans(value),
]

function withBody(lines: Span[][], message: SipMessage | HttpMessage): Span[][] {
  const body = bodyLines(message.body, mediaType(message))
  return body.length > 0 ? [...lines, [], ...body] : lines
}

/** The first line of a message: request line, status line, or the name of a Diameter command. */
export function startLine(message: Message): Span[] {
  if (message.protocol === 'cx') {
    const { interface: on = 'Cx', command, kind } = message
    const clause = on === 'Cx' ? 'TS 29.228' : 'TS 29.109'
    return [span(command, 'start-line'), span(` (Diameter ${on} ${kind}, ${clause})`, 'dim')]
  }
  const version = message.protocol === 'http' ? 'HTTP/1.1' : 'SIP/2.0'
  if (message.kind === 'response') {
    return [span(`${version} `, 'dim'), span(`${message.status} ${message.reason}`, 'start-line')]
  }
  const uri = message.protocol === 'http' ? message.target : message.uri
  return [span(message.method, 'start-line'), span(' '), span(uri, 'uri'), span(` ${version}`, 'dim')]
}

function cxLines(message: CxMessage): Span[][] {
  const avps = Object.entries(message.avps).map(([name, value]) => headerLine(name, String(value)))
  return [startLine(message), headerLine('Session-Id', message.session), ...avps]
}

/** The media type of a message's body, in lower case and without parameters; empty if there is none. */
export function mediaType(message: SipMessage | HttpMessage): string {
  const { protocol, headers } = message
  const text = (protocol === 'http' ? headers['content-type'] : headers.text('contentType')) ?? ''
  return text.split(';')[0]!.trim().toLowerCase()
}

export interface BodyOptions {
  /** Puts every XML element on a line of its own. */
  readonly indent?: boolean
}

/** A body, line by line: XML and multipart with their syntax, bytes as a hexadecimal dump; none if it is empty. */
export function bodyLines(body: Body, type: string, options: BodyOptions = {}): Span[][] {
  if (body.length === 0) return []
  if (typeof body !== 'string') return hexLines(body)
  const lines = type.startsWith('multipart/') ? multipartLines(body, options) : partLines(body, options)
  while (lines.length > 0 && lines.at(-1)!.length === 0) lines.pop()
  return lines
}

function partLines(text: string, options: BodyOptions): Span[][] {
  if (!text.trimStart().startsWith('<')) return splitLines([span(text, 'text')])
  return xmlLines(options.indent ? indentXml(text) : text)
}

/** Boundaries, part headers and parts of a multipart body (RFC 2046 §5.1). */
function multipartLines(body: string, options: BodyOptions): Span[][] {
  const lines: Span[][] = []
  let part: string[] = []
  let where: 'preamble' | 'headers' | 'part' = 'preamble'
  const flush = () => {
    if (part.length > 0) lines.push(...partLines(part.join('\n'), options))
    part = []
  }
  for (const line of body.split(/\r?\n/)) {
    if (line.startsWith('--')) {
      flush()
      lines.push([span(line, 'comment')])
      where = 'headers'
    } else if (where !== 'headers') part.push(line)
    else if (line === '') {
      lines.push([])
      where = 'part'
    } else {
      const colon = line.indexOf(':')
      lines.push([span(line.slice(0, colon + 1), 'header-name'), ...valueSpans(line.slice(colon + 1))])
    }
  }
  flush()
  return lines
}

function hexLines(bytes: Uint8Array): Span[][] {
  const lines: Span[][] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push([span(at.toString(16).padStart(6, '0'), 'dim'), span(`  ${hex.padEnd(47)}  `), span(text, 'text')])
  }
  return lines
}
