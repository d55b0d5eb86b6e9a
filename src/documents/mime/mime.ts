/**
 * Messages of several parts: multipart/related (RFC 2387) and multipart/mixed (RFC 2046 §5.1), and references between
 * the parts (RFC 2392).
 */

import type { DocumentError } from '../xml/tree.ts'
import { parseContentType, printContentType } from './content-type.ts'

/** The platform's codecs (WHATWG Encoding), declared as far as they are used here. */
declare const TextDecoder: new (label: string, options?: { fatal: boolean }) => { decode(bytes: Uint8Array): string }
declare const TextEncoder: new () => { encode(text: string): Uint8Array }

/** A body: text if its bytes are UTF-8, else the bytes. */
export type Body = string | Uint8Array

/** A message of several parts. */
export interface Multipart {
  readonly kind: 'multipart'
  /** What is after `multipart/`: related, mixed, … */
  readonly subtype: string
  /** The parameters of the content type, without the boundary. */
  readonly parameters: Readonly<Record<string, string>>
  readonly parts: readonly MimePart[]
}

/** A part of a message. */
export interface MimePart {
  /** The Content-Type header field value; without one the part is `text/plain` (RFC 2046 §5.1). */
  readonly contentType?: string
  /** The Content-ID header field value without angle brackets. */
  readonly contentId?: string
  /** The header fields besides these two, in order. */
  readonly headers: readonly MimeHeader[]
  readonly body: Body
}

/** A header field of a part, unfolded. */
export interface MimeHeader {
  readonly name: string
  readonly value: string
}

/** How many parts a message may have. */
const partLimit = 10_000

/**
 * The parts of a body with a content type of `multipart/…`, or what is wrong. Lines may end with a line feed alone.
 * Bytes of a part are exactly those between its header and the line end before the next boundary.
 */
export function parseMultipart(contentType: string, body: Body): Multipart | DocumentError {
  const type = parseContentType(contentType)
  if (type === undefined || !type.type.startsWith('multipart/')) return mimeError('The content type is no multipart')
  const { boundary, ...parameters } = type.parameters
  if (boundary === undefined || boundary === '' || boundary.length > 70) return mimeError('There is no boundary')
  const source = sourceOf(body)
  const sections = split(source, boundary)
  if (!Array.isArray(sections)) return sections
  const parts: MimePart[] = []
  for (const section of sections) {
    const part = parsePart(source, section)
    if ('kind' in part) return part
    parts.push(part)
  }
  const result: Multipart = { kind: 'multipart', subtype: type.type.slice('multipart/'.length), parameters, parts }
  return result
}

/** What is wrong with a body of several parts; lines are not counted in it. */
export function mimeError(reason: string): DocumentError {
  return { kind: 'document-error', reason, line: 1, column: 1, path: '' }
}

/** A body in which characters can be looked for, and from which it can be cut. */
interface Source {
  /** The text; of bytes, one character a byte. */
  readonly text: string
  readonly cut: (start: number, end: number) => Body
}

function sourceOf(body: Body): Source {
  if (typeof body === 'string') return { text: body, cut: (start, end) => body.slice(start, end) }
  const pieces: string[] = []
  for (let i = 0; i < body.length; i += 8192) pieces.push(String.fromCharCode(...body.subarray(i, i + 8192)))
  return { text: pieces.join(''), cut: (start, end) => readable(body.slice(start, end)) }
}

function readable(bytes: Uint8Array): Body {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // A byte order mark is dropped by the decoder, so that the text would not give the bytes back.
    return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes : text
  } catch {
    return bytes
  }
}

/** From the first character of a part's header to the last of its body. */
interface Section {
  readonly start: number
  readonly end: number
}

/** The sections between the boundaries (RFC 2046 §5.1.1). */
function split({ text }: Source, boundary: string): Section[] | DocumentError {
  const sections: Section[] = []
  const mark = `--${boundary}`
  let start = -1
  for (let at = nextMark(text, mark, 0); at >= 0; at = nextMark(text, mark, at + mark.length)) {
    if (start >= 0) sections.push({ start, end: Math.max(start, beforeLineEnd(text, at)) })
    if (sections.length > partLimit) return mimeError(`There are more than ${partLimit} parts`)
    const after = at + mark.length
    if (text.startsWith('--', after)) return sections.length > 0 ? sections : mimeError('There is no part')
    start = text.indexOf('\n', after) + 1
    if (start === 0) return mimeError('The last boundary is missing')
  }
  return mimeError(start < 0 ? 'There is no boundary in the body' : 'The last boundary is missing')
}

/** The next line that is the boundary, with `--` or white space behind it at most. */
function nextMark(text: string, mark: string, from: number): number {
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) {
    const atLineStart = at === 0 || text[at - 1] === '\n'
    if (atLineStart && /^(--)?[ \t]*(\r?\n|$)/.test(text.slice(at + mark.length, at + mark.length + 200))) return at
  }
  return -1
}

function beforeLineEnd(text: string, at: number): number {
  return text[at - 2] === '\r' ? at - 2 : at - 1
}

function parsePart(source: Source, { start, end }: Section): MimePart | DocumentError {
  const { text } = source
  const fields: MimeHeader[] = []
  let at = start
  while (at < end) {
    // The empty line ends the header, even if white space follows it, which would continue a header field.
    const blank = text[at] === '\n' ? 1 : text.startsWith('\r\n', at) ? 2 : 0
    if (blank > 0) {
      at = Math.min(at + blank, end)
      break
    }
    const lineEnd = endOfField(text, at, end)
    const line = text
      .slice(at, lineEnd)
      .replace(/\r?\n[ \t]+/g, ' ')
      .replace(/\r$/, '')
    at = Math.min(lineEnd + 1, end)
    const colon = line.indexOf(':')
    if (colon <= 0) return mimeError(`A part has a line that is no header field: ${line.slice(0, 60)}`)
    fields.push({ name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() })
  }
  const find = (name: string) => fields.find((each) => each.name.toLowerCase() === name)?.value
  const identifier = /^<(.*)>$/.exec(find('content-id') ?? '')?.[1]
  const contentType = find('content-type')
  return {
    ...(contentType === undefined ? {} : { contentType }),
    ...(identifier === undefined ? {} : { contentId: identifier }),
    headers: fields.filter((each) => !/^content-(type|id)$/i.test(each.name)),
    body: source.cut(at, end),
  }
}

/** The header fields of a body that has nothing else, as the part that they describe. */
export function parseHead(body: Body): MimePart | DocumentError {
  const source = sourceOf(body)
  return parsePart(source, { start: 0, end: source.text.length })
}

/** The end of a header field: the line feed that is not followed by white space. */
function endOfField(text: string, from: number, end: number): number {
  let at = text.indexOf('\n', from)
  while (at >= 0 && at < end && (text[at + 1] === ' ' || text[at + 1] === '\t')) at = text.indexOf('\n', at + 1)
  return at < 0 || at > end ? end : at
}

/** A message of several parts as it is sent. */
export interface PrintedMultipart {
  /** The Content-Type header field value, with the boundary. */
  readonly contentType: string
  /** Text if all parts are text, else bytes. */
  readonly body: Body
}

/**
 * The content type and the body of a message of several parts. The boundary is the given one, with a number behind it
 * if a part contains it.
 */
export function printMultipart(multipart: Multipart, boundary = 'part'): PrintedMultipart {
  const free = freeBoundary(multipart, boundary)
  const pieces: Body[] = []
  for (const part of multipart.parts) {
    pieces.push(`--${free}\r\n${printHead(part)}\r\n`, part.body, '\r\n')
  }
  pieces.push(`--${free}--\r\n`)
  const contentType = {
    type: `multipart/${multipart.subtype}`,
    parameters: { ...multipart.parameters, boundary: free },
  }
  return { contentType: printContentType(contentType), body: join(pieces) }
}

function freeBoundary({ parts }: Multipart, wanted: string): string {
  const texts = parts.map(({ body }) => (typeof body === 'string' ? body : sourceOf(body).text))
  let boundary = wanted
  for (let serial = 1; texts.some((text) => text.includes(`--${boundary}`)); serial++) boundary = `${wanted}-${serial}`
  return boundary
}

function printHead({ contentType, contentId, headers }: MimePart): string {
  let text = contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`
  if (contentId !== undefined) text += `Content-ID: <${contentId}>\r\n`
  for (const { name, value } of headers) text += `${name}: ${value}\r\n`
  return text
}

function join(pieces: readonly Body[]): Body {
  if (pieces.every((piece) => typeof piece === 'string')) return pieces.join('')
  const encoder = new TextEncoder()
  const bytes = pieces.map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece))
  const result = new Uint8Array(bytes.reduce((length, each) => length + each.length, 0))
  let at = 0
  for (const each of bytes) {
    result.set(each, at)
    at += each.length
  }
  return result
}

/**
 * A `multipart/related` (RFC 2387) whose first part is the root, which has the type that all are about; who knows that
 * type may say it.
 */
export function related(
  parts: readonly [MimePart, ...MimePart[]],
  start = parts[0].contentId,
  type = parseContentType(parts[0].contentType ?? '')?.type ?? 'text/plain',
): Multipart {
  const parameters = { type, ...(start === undefined ? {} : { start: `<${start}>` }) }
  return { kind: 'multipart', subtype: 'related', parameters, parts }
}

/** The root of a `multipart/related`: the part that `start` names, or the first (RFC 2387 §3.2). */
export function rootPart({ parameters, parts }: Multipart): MimePart | undefined {
  const start = parameters.start === undefined ? undefined : /^<?(.*?)>?$/.exec(parameters.start)?.[1]
  return start === undefined ? parts[0] : parts.find((part) => part.contentId === start)
}

/** The part that a `cid:` URI (RFC 2392 §2) or a Content-ID without angle brackets leads to. */
export function partOf({ parts }: Multipart, reference: string): MimePart | undefined {
  const identifier = reference.startsWith('cid:') ? decodePercent(reference.slice(4)) : reference
  return parts.find((part) => part.contentId === identifier)
}

/** The `cid:` URI of a Content-ID without angle brackets (RFC 2392 §2). */
export function cidUri(contentId: string): string {
  return `cid:${contentId.replace(/[^A-Za-z0-9@._~!$&'()*+,;=:-]/g, encodePercent)}`
}

function encodePercent(character: string): string {
  const bytes = new TextEncoder().encode(character)
  return [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}

function decodePercent(text: string): string {
  if (!text.includes('%')) return text
  const bytes: number[] = []
  for (let i = 0; i < text.length; i++) {
    const octet = /^%([0-9A-Fa-f]{2})/.exec(text.slice(i, i + 3))?.[1]
    if (octet === undefined) bytes.push(...new TextEncoder().encode(text[i]!))
    else {
      bytes.push(Number.parseInt(octet, 16))
      i += 2
    }
  }
  return new TextDecoder('utf-8').decode(new Uint8Array(bytes))
}
