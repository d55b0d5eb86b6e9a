// The codec of the platform: browsers and Node.js have the same one, the core's compiler settings name neither.
declare const TextDecoder: new (
  label: string,
  options: { fatal?: boolean; ignoreBOM?: boolean },
) => { decode(bytes: Uint8Array): string }
declare const TextEncoder: new () => {
  encode(text: string): Uint8Array
  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

/** The text of these bytes, a byte order mark included; `undefined` when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

/** The text of these bytes, with U+FFFD where they are not UTF-8. */
export function showUtf8(bytes: Uint8Array): string {
  return lenient.decode(bytes)
}

/** The bytes of this text. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text)
}

let scratch = new Uint8Array(1 << 16)

/** The number of bytes that this text takes. */
export function utf8Length(text: string): number {
  if (text.length * 3 > scratch.length) scratch = new Uint8Array(text.length * 3)
  return encoder.encodeInto(text, scratch).written
}

/** As `utf8Length`; faster for the short texts of header fields, slower for bodies. */
export function byteCountOf(text: string): number {
  let count = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // Each half of a surrogate pair is half of four bytes.
    count += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3
  }
  return count
}

/** Printed messages share slabs of this many bytes, as a buffer of its own costs more than the message. */
const slabBytes = 1 << 16
let slab = new Uint8Array(slabBytes)
let used = 0

/** The bytes of this text, in memory that is shared with other texts and never written again. */
export function encodeShared(text: string): Uint8Array {
  const most = text.length * 3
  if (most > slabBytes / 4) return encoder.encode(text)
  if (most > slabBytes - used) {
    slab = new Uint8Array(slabBytes)
    used = 0
  }
  const start = used
  used += encoder.encodeInto(text, slab.subarray(start)).written
  return slab.subarray(start, used)
}
