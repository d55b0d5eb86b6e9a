import { lowerCase } from './scanner.ts'
import { type PresUri, parseUri, type SipUri, type TelUri, type Uri, type UriHeader } from './uri.ts'

/** Parameters that make two SIP URIs differ when only one of them has it (RFC 3261 §19.1.4 and its examples). */
const decisive = ['user', 'ttl', 'method', 'maddr', 'transport']

/**
 * True when two URIs are equal: SIP by RFC 3261 §19.1.4, tel by RFC 3966 §4, presence by its mailbox, others letter by
 * letter behind the scheme. A text that is no URI equals nothing but itself.
 */
export function sameUri(left: string, right: string): boolean {
  if (left === right) return true
  const one = parseUri(left)
  const other = parseUri(right)
  return one !== undefined && other !== undefined && equalUris(one, other)
}

/** True when two parsed URIs are equal. Not transitive for SIP, as RFC 3261 §19.1.4 has it. */
export function equalUris(left: Uri, right: Uri): boolean {
  if (left.scheme !== right.scheme) return false
  if (left.kind === 'sip') return equalSipUris(left, right as SipUri)
  if (left.kind === 'tel') return equalTelUris(left, right as TelUri)
  if (left.kind === 'pres') return equalPresUris(left, right as PresUri)
  return right.kind === 'other' && left.rest === right.rest
}

function equalSipUris(left: SipUri, right: SipUri): boolean {
  // The user information compares with case, all the rest without.
  if (canonical(left.user) !== canonical(right.user) || canonical(left.password) !== canonical(right.password)) {
    return false
  }
  // A port that is left out does not equal the default port.
  if (lowerCase(left.host) !== lowerCase(right.host) || left.port !== right.port) return false
  for (const name in left.params) {
    if (Object.hasOwn(right.params, name) && !sameValue(left.params[name], right.params[name])) return false
  }
  for (const name of decisive) {
    if (Object.hasOwn(left.params, name) !== Object.hasOwn(right.params, name)) return false
  }
  return sameHeaders(left.headers, right.headers)
}

/** RFC 3966 §4: visual separators do not count, and each parameter has to stand in both. */
function equalTelUris(left: TelUri, right: TelUri): boolean {
  if (digitsOf(left.number) !== digitsOf(right.number)) return false
  const names = Object.keys(left.params)
  if (names.length !== Object.keys(right.params).length) return false
  return names.every((name) => {
    const one = left.params[name]
    const other = right.params[name]
    if (name === 'phone-context' && typeof one === 'string' && typeof other === 'string' && one.startsWith('+')) {
      return digitsOf(one) === digitsOf(other)
    }
    return Object.hasOwn(right.params, name) && sameValue(one, other)
  })
}

function equalPresUris(left: PresUri, right: PresUri): boolean {
  return (
    canonical(left.user) === canonical(right.user) &&
    lowerCase(left.host) === lowerCase(right.host) &&
    sameHeaders(left.headers, right.headers)
  )
}

function digitsOf(number: string): string {
  return number.replace(/[-.()]/g, '').toLowerCase()
}

function sameValue(left: string | true | undefined, right: string | true | undefined): boolean {
  if (typeof left !== 'string' || typeof right !== 'string') return left === right
  return left === right || canonical(left)!.toLowerCase() === canonical(right)!.toLowerCase()
}

/** Header components are never ignored, and their order does not count. */
function sameHeaders(left: readonly UriHeader[], right: readonly UriHeader[]): boolean {
  if (left.length !== right.length) return false
  if (left.length === 0) return true
  const one = left.map(headerKey).sort()
  const other = right.map(headerKey).sort()
  return one.every((key, index) => key === other[index])
}

function headerKey(header: UriHeader): string {
  return `${canonical(header.name)!.toLowerCase()}=${canonical(header.value)}`
}

/**
 * A part of a URI with each escape resolved that stands for a character outside the reserved set; the other escapes
 * do not equal the character that they stand for (RFC 3261 §19.1.4).
 */
function canonical(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes('%')) return text
  return text.replace(/%[0-9A-Fa-f]{2}/g, (triplet) => {
    const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
    return /[!-~]/.test(character) && !/[;/?:@&=+$,%]/.test(character) ? character : triplet.toUpperCase()
  })
}
