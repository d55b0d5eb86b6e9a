import { lowerCase } from '../sip/grammar/scanner.ts'
import { parseUri, unescapeUri } from '../sip/grammar/uri.ts'

/**
 * The canonical form of a public identity (TS 23.003 §13.4, RFC 3261 §10.3 step 5), under which it is kept and looked
 * up: `sip:user@host` without parameters and port, or `tel:+number` without visual separators. What is no such URI
 * stays as it is.
 */
export function addressOfRecord(uri: string): string {
  const parsed = parseUri(uri)
  if (parsed?.kind === 'tel') return `tel:${parsed.number.replace(/[-.()]/g, '')}`
  if (parsed?.kind !== 'sip') return uri
  const user = parsed.user === undefined ? '' : `${unescapeUri(parsed.user)}@`
  return `${parsed.scheme}:${user}${lowerCase(parsed.host)}`
}

/** What is kept of an identity: found at once as it is usually written, else by its canonical form. */
export const ofIdentity = <T>(known: ReadonlyMap<string, T>, uri: string): T | undefined =>
  known.get(uri) ?? known.get(addressOfRecord(uri))
