/**
 * Bytes to characters: UTF-8, with or without a byte order mark, and UTF-16 with one (XML 1.0 §4.3.3, Appendix F).
 */
import type { DocumentError } from './tree.ts'

/** The platform's decoder (WHATWG Encoding), which every host of the core has, declared as far as it is used here. */
declare const TextDecoder: new (label: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string }

/** The encodings that presim reads. */
export type Encoding = 'UTF-8' | 'UTF-16'

/** A text and the encoding it was found in; a string has been decoded by somebody else. */
export interface DecodedText {
  readonly kind: 'text'
  /** The characters, without a byte order mark. */
  readonly text: string
  readonly encoding: Encoding | 'string'
}

/** The characters of a document. Bytes that are not what their byte order mark promises give an error. */
export function decode(input: string | Uint8Array): DecodedText | DocumentError {
  if (typeof input === 'string') {
    return { kind: 'text', text: input.startsWith('\uFEFF') ? input.slice(1) : input, encoding: 'string' }
  }
  const [first, second] = [input[0], input[1]]
  if (first === 0xff && second === 0xfe) return decodeUtf16(input, 'utf-16le')
  if (first === 0xfe && second === 0xff) return decodeUtf16(input, 'utf-16be')
  if (input.length > 1 && (first === 0 || second === 0)) {
    return encodingError('UTF-16 and UTF-32 without a byte order mark are not read')
  }
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(input), encoding: 'UTF-8' }
  } catch {
    return { ...encodingError('These bytes are not UTF-8'), ...placeOf(input, firstBadByte(input)) }
  }
}

/** What a declared encoding says against how the text was really encoded; undefined if they agree. */
export function encodingConflict(declared: string | undefined, actual: DecodedText['encoding']): string | undefined {
  const name = declared?.toUpperCase()
  if (name !== undefined && name !== 'UTF-8' && name !== 'UTF-16') return `The encoding ${declared} is not read`
  if (actual === 'UTF-16' && name !== 'UTF-16') return 'A document in UTF-16 needs a declaration that says so'
  if (actual === 'UTF-8' && name === 'UTF-16') return 'The declaration says UTF-16, but the document is in UTF-8'
  return undefined
}

function decodeUtf16(bytes: Uint8Array, label: string): DecodedText | DocumentError {
  try {
    return { kind: 'text', text: new TextDecoder(label, { fatal: true }).decode(bytes), encoding: 'UTF-16' }
  } catch {
    return encodingError('These bytes are not UTF-16')
  }
}

function encodingError(reason: string): DocumentError {
  return { kind: 'document-error', reason, line: 1, column: 1, path: '' }
}

/** The line and, in bytes, the column of an index. */
function placeOf(bytes: Uint8Array, index: number): { line: number; column: number } {
  let line = 1
  let start = 0
  for (let i = 0; i < index; i++) {
    if (bytes[i] === 0x0a) {
      line++
      start = i + 1
    }
  }
  return { line, column: index - start + 1 }
}

/** The index of the first byte that starts no well-formed sequence (Unicode 15 §3.9, table 3-7). */
function firstBadByte(bytes: Uint8Array): number {
  let i = 0
  while (i < bytes.length) {
    const length = sequenceLength(bytes, i)
    if (length === 0) return i
    i += length
  }
  return i
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!
  if (lead < 0x80) return 1
  const length =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0
    if (byte < (i === 1 ? lowest : 0x80) || byte > (i === 1 ? highest : 0xbf)) return 0
  }
  return length
}
