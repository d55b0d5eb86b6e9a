/**
 * The nonces of a server (RFC 7616 §3.3, §5.4): each says when it was given out and proves that this server gave it, so
 * that nothing is kept of those that nobody uses; and the counts that clients have used with one.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Micros } from '../sim/time.ts'
import { isSameText } from '../sip/digest.ts'
import { encodeUtf8 } from '../sip/grammar/utf8.ts'

/**
 * A nonce that was given out at a time. `salt` tells apart those of the same time: letters and digits. Without
 * `secret`, which is text of any length, nobody can make one.
 */
export function nonceGiven(secret: string, at: Micros, salt: string): string {
  const plain = `${at.toString(36)}.${salt}`
  return `${plain}.${seal(secret, plain)}`
}

/** When a nonce was given out; undefined for one that was not made with this secret. */
export function timeOfNonce(secret: string, nonce: string): Micros | undefined {
  const parts = /^(([0-9a-z]{1,11})\.[0-9A-Za-z]*)\.([0-9a-f]+)$/.exec(nonce)
  if (parts === null || !isSameText(parts[3]!, seal(secret, parts[1]!))) return undefined
  return Number.parseInt(parts[2]!, 36)
}

const seal = (secret: string, plain: string): string =>
  bytesToHex(hmac(sha256, encodeUtf8(secret), encodeUtf8(plain))).slice(0, 32)

/** The counts that were used with a nonce. */
export interface NonceUse {
  /** When the nonce was given out. */
  readonly at: Micros
  /** The highest count; 0 if there is none. */
  readonly highest: number
  /** Which of the 32 counts before the highest were used: bit n stands for `highest - 1 - n`. */
  readonly before: number
}

/** A nonce that nobody has used. */
export const unusedNonce = (at: Micros): NonceUse => ({ at, highest: 0, before: 0 })

/**
 * RFC 7616 §3.4, `nc`: notes a count. Undefined if it was used before, so that the request is a replay, or if it is too
 * far behind to know. Requests on several connections may overtake each other by 32.
 */
export function withCount(use: NonceUse, count: number): NonceUse | undefined {
  const ahead = count - use.highest
  if (ahead > 0) return { at: use.at, highest: count, before: shifted(use.before, ahead) }
  const bit = -ahead - 1
  if (bit < 0 || bit > 31 || ((use.before >>> bit) & 1) === 1) return undefined
  return { ...use, before: (use.before | (1 << bit)) >>> 0 }
}

/** The counts before a highest one that is ahead of the last by so much; that one is before it now. */
function shifted(before: number, ahead: number): number {
  if (ahead > 32) return 0
  const moved = ahead === 32 ? 0 : before << ahead
  return (moved | (1 << (ahead - 1))) >>> 0
}
