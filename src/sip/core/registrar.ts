/**
 * Registration of RFC 3261 §10, as far as it is the same for every registrar and every client.
 */
import { rule } from '../../sim/rule.ts'
import { sameUri } from '../grammar/uri-comparison.ts'
import type { NameAddr } from '../headers.ts'
import type { SipRequest, SipResponse } from '../message.ts'
import type { SipTurn } from '../transaction/transaction-user.ts'

const tooBrief = rule('RFC 3261 §10.3 step 7', 'a duration below the shortest allowed is answered 423')

/**
 * RFC 3261 §10.2.1.1: the duration that a REGISTER asks for, in seconds: that of the contact goes before that of the
 * request. Undefined if it leaves the duration to the registrar.
 */
export function requestedExpiry({ headers }: SipRequest): number | undefined {
  const own = headers.contact?.[0] === undefined ? undefined : expiryOf(headers.contact[0])
  return own ?? headers.expires
}

/** The duration of a contact by its own parameter, in seconds. */
export function expiryOf({ params }: NameAddr): number | undefined {
  const { expires } = params
  return typeof expires === 'string' && /^\d{1,10}$/.test(expires) ? Number(expires) : undefined
}

/** What durations a registrar grants, in seconds. */
export interface RegistrarPolicy {
  readonly shortestDuration: number
  readonly longestDuration: number
}

/** RFC 3261 §10.3 step 7: the duration granted, in seconds; a request for too little is answered and gets undefined. */
export function grantedDuration<Other>(
  request: SipRequest,
  { shortestDuration, longestDuration }: RegistrarPolicy,
  turn: SipTurn<Other>,
): number | undefined {
  const asked = requestedExpiry(request) ?? longestDuration
  // 423 is only allowed below an hour.
  if (asked > 0 && asked < shortestDuration && asked < 3600) {
    turn.reply(request, 423, tooBrief, { minExpires: shortestDuration })
    return undefined
  }
  return Math.min(asked, longestDuration)
}

/** The duration that the 200 to a REGISTER grants to a contact, in seconds; undefined if it is not registered. */
export function durationGranted({ headers }: SipResponse, contact: NameAddr): number | undefined {
  const own = headers.contact?.find(({ uri }) => sameUri(uri, contact.uri))
  return own === undefined ? undefined : (expiryOf(own) ?? headers.expires)
}

/** A contact with the time that it has left, in seconds. */
export const withExpiry = ({ display, uri, params }: NameAddr, seconds: number): NameAddr => ({
  display,
  uri,
  params: { ...params, expires: String(seconds) },
})
