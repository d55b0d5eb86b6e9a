/** Why the transaction layer does what it does: each rule by the clause that asks for it. */
import { rule } from '../../sim/rule.ts'

export const addVia = rule('RFC 3261 §8.1.1.7', 'Via names the sender and the transaction by its branch')
export const addViaForward = rule('RFC 3261 §16.6 step 8', 'a proxy puts its own Via on top')
export const removeVia = rule('RFC 3261 §16.7 step 3', 'a proxy takes its own Via from a response')
export const unreadable = rule(
  'RFC 3261 §21.4.1',
  'a request that can not be read is answered with what is wrong with it',
)
export const unanswerable = rule(
  'RFC 3261 §8.2.6.2',
  'what has no Via, or is an ACK, can not be answered and is dropped',
)
export const badResponse = rule('RFC 3261 §18.1.2', 'a response that can not be read is dropped')
export const strayResponse = rule('RFC 3261 §17.1.3', 'a response that matches no client transaction is dropped')
export const merged = rule('RFC 3261 §8.2.2.2', 'a copy of a request that came by another way is answered 482')
export const looped = rule('RFC 3261 §16.3 step 4', 'a request that comes back to be routed as before is answered 482')
export const cancelled = rule('RFC 3261 §9.2', 'a CANCEL is answered 200, and its INVITE 487 if it had no answer')
export const nothingToCancel = rule('RFC 3261 §9.2', 'a CANCEL that matches no transaction is answered 481')
export const unreachable = rule('RFC 3261 §16.9', 'a request whose next hop can not be reached is answered 503')
export const noAnswer = rule('RFC 3261 §16.7 step 6', 'an INVITE to which no answer came is answered 408')
export const noTimeoutAnswer = rule('RFC 4320 §4.2', 'a proxy does not answer 408 when a non-INVITE request times out')
export const tryNextServer = rule('RFC 3263 §4.3', 'a request to which a server did not answer goes to the next one')
export const tryDatagram = rule('RFC 3261 §18.1.1', 'a large request goes over UDP if its next hop takes no streams')
