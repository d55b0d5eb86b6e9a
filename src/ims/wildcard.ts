import { addressOfRecord } from '../presence/address-of-record.ts'

/** The expressions of wildcarded identities by their text, compiled once; undefined for one that can not be. */
const compiled = new Map<string, RegExp | undefined>()

/** True of an identity that stands for many: with an expression between two exclamation marks (TS 23.003 §13.4A). */
export const isWildcarded = (identity: string): boolean => /!.*!/.test(identity)

/** TS 23.003 §13.4A: is the identity one of those that the wildcarded one stands for? */
export function standsFor(wildcarded: string, identity: string): boolean {
  if (!compiled.has(wildcarded)) compiled.set(wildcarded, expressionOf(wildcarded))
  return compiled.get(wildcarded)?.test(addressOfRecord(identity)) === true
}

/** What stands outside the exclamation marks is literal; a text that is no regular expression matches nothing. */
function expressionOf(wildcarded: string): RegExp | undefined {
  const parts = /^([^!]*)!(.*)!([^!]*)$/.exec(wildcarded)
  if (parts === null) return undefined
  const [, before, middle, after] = parts as unknown as [string, string, string, string]
  try {
    return new RegExp(`^${literal(before)}(?:${middle})${literal(after)}$`)
  } catch {
    return undefined
  }
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** What is kept under the first of these wildcarded identities that stands for this one. */
export function ofWildcard<T>(wildcarded: ReadonlyMap<string, T>, identity: string): T | undefined {
  for (const [pattern, kept] of wildcarded) if (standsFor(pattern, identity)) return kept
  return undefined
}
