const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values = new Map([...digits].map((digit, value) => [digit.charCodeAt(0), value] as const))

/** The Base64 text of these bytes (RFC 4648 §4), padded. */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const rest = bytes.length - at
    const word = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
    text += digits[word >> 18]! + digits[(word >> 12) & 63]!
    text += rest > 1 ? digits[(word >> 6) & 63]! : '='
    text += rest > 2 ? digits[word & 63]! : '='
  }
  return text
}

/** The bytes of a Base64 text (RFC 4648 §4); undefined for a text that is none, or whose padding is wrong. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let word = 0
  let filled = 0
  for (let at = 0; at < text.length; at++) {
    const value = at < text.length - padding ? values.get(text.charCodeAt(at)) : 0
    if (value === undefined) return undefined
    word = (word << 6) | value
    if (at % 4 !== 3) continue
    for (let shift = 16; shift >= 0 && filled < bytes.length; shift -= 8) bytes[filled++] = (word >> shift) & 255
    word = 0
  }
  return bytes
}
