import { addressOfRecord } from '../presence/address-of-record.ts'
import { expressionOf } from './expression.ts'

/** The expressions of wildcarded identities by their text; undefined for one that is none. */
const expressions = new Map<string, RegExp | undefined>()

/** True of an identity that stands for many: with an expression between two exclamation marks (TS 23.003 §13.4A). */
export const isWildcarded = (identity: string): boolean => /!.*!/.test(identity)

/** TS 23.003 §13.4A: is the identity one of those that the wildcarded one stands for? */
export function standsFor(wildcarded: string, identity: string): boolean {
  if (!expressions.has(wildcarded)) expressions.set(wildcarded, wholeExpression(wildcarded))
  return expressions.get(wildcarded)?.test(addressOfRecord(identity)) === true
}

/** What stands outside the exclamation marks is literal; a text that is no regular expression matches nothing. */
function wholeExpression(wildcarded: string): RegExp | undefined {
  const parts = /^([^!]*)!(.*)!([^!]*)$/.exec(wildcarded)
  if (parts === null) return undefined
  const [, before, middle, after] = parts as unknown as [string, string, string, string]
  return expressionOf(`^${literal(before)}(?:${middle})${literal(after)}$`)
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** What is kept under the first of these wildcarded identities that stands for this one. */
export function ofWildcard<T>(wildcarded: ReadonlyMap<string, T>, identity: string): T | undefined {
  for (const [pattern, kept] of wildcarded) if (standsFor(pattern, identity)) return kept
  return undefined
}
