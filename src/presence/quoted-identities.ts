import { quote, unquote } from '../sip/grammar/scanner.ts'
import { addressOfRecord } from './address-of-record.ts'

/** TS 24.109 §7.2, §7.3: identities, or flags, each between quotation marks, as a list. */
export const printQuoted = (values: readonly string[]): string => values.map(quote).join(', ')

/** The values in such a list; undefined for a text that is none. */
export function readQuoted(text: string): string[] | undefined {
  const list = /^[ \t]*"(?:\\.|[^"\\])*"(?:[ \t]*,[ \t]*"(?:\\.|[^"\\])*")*[ \t]*$/
  if (!list.test(text)) return undefined
  return (text.match(/"(?:\\.|[^"\\])*"/g) ?? []).map(unquote)
}

/** True if two public identities are the same one. */
export const isSameIdentity = (one: string, other: string): boolean => addressOfRecord(one) === addressOfRecord(other)
