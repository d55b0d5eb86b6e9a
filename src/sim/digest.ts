/** A 64-bit FNV-1a digest of text as it is met, in two halves of 32 bits, so that it is plain data. */
export interface Digest {
  readonly high: number
  readonly low: number
}

/** The digest of nothing: the offset basis of FNV-1a. */
export const emptyDigest: Digest = { high: 0xcbf29ce4 | 0, low: 0x84222325 | 0 }

/** The digest of what was digested so far and this text, a UTF-16 unit at a time (both bytes where there are two). */
export function extend(digest: Digest, text: string): Digest {
  let { high, low } = digest
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    low ^= unit & 0xff
    for (let rest = unit >>> 8; ; rest = 0) {
      // Times 2^40 + 0x1b3, modulo 2^64, in 16-bit limbs where a product would not fit.
      const lowest = (low & 0xffff) * 0x1b3
      const middle = (low >>> 16) * 0x1b3 + (lowest >>> 16)
      high = (Math.imul(high, 0x1b3) + (middle >>> 16) + (low << 8)) | 0
      low = ((middle & 0xffff) << 16) | (lowest & 0xffff)
      if (rest === 0) break
      low ^= rest
    }
  }
  return { high, low }
}

export const digestOf = (text: string): Digest => extend(emptyDigest, text)

/** Sixteen hexadecimal digits. */
export function printDigest({ high, low }: Digest): string {
  return (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0')
}
