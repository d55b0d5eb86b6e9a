/** Content that is told of by reference (RFC 4483): whether what is found there is what was meant. */
import type { ExternalBody } from '../documents/index.ts'
import { sha1Of } from '../http/content-hash.ts'
import { byteLength } from '../http/exchange.ts'
import type { HttpBody } from '../http/message.ts'
import type { Turn } from '../sim/node.ts'
import { rule } from '../sim/rule.ts'

const otherLength = rule('RFC 4483 §5.9', 'what is not as long as was said is something else', [
  'R5.3.2.2-g',
  'R5.3.3.3-c',
])
const otherDigest = rule(
  'RFC 4483 §5.12',
  'what has another digest than was said is something else',
  ['R5.3.2.2-g', 'R5.3.3.3-c'],
  'compare content',
)

/** True of a body that has the size and the SHA-1 digest that the reference to it says, if it says any. */
export function isMeant<M>({ url, size, hash }: ExternalBody, body: HttpBody, turn: Turn<M>): boolean {
  const bytes = byteLength(body)
  if (size !== undefined && size !== bytes && !turn.without(otherLength)) {
    turn.decide(otherLength, 'something else', { url, expected: size, bytes })
    return false
  }
  if (hash === undefined || turn.without(otherDigest)) return true
  const found = sha1Of(body)
  if (found === hash.toLowerCase()) return true
  turn.decide(otherDigest, 'something else', { url, expected: hash.toLowerCase(), found })
  return false
}
