import { type Rule, rule } from '../../sim/rule.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'

/** What a presentity's policy does with a watcher (RFC 5025 §3.2.1, `sub-handling`). */
export type SubHandling = 'block' | 'confirm' | 'polite-block' | 'allow'

/** The subscription authorization policy of one presentity: how each watcher is handled, and all others. */
export interface WatcherPolicy {
  readonly watchers: Readonly<Record<string, SubHandling>>
  readonly otherwise: SubHandling
}

/** The internal step of the PS in which a watcher's request is judged. */
export const authorizeWatcher = rule(
  'TS 24.141 §5.3.3.2',
  'the presence server authorizes the watcher by the policy of the presentity',
  ['R5.3.3.2-a', 'R5.3.3.2-b'],
  'authorize watcher',
)

/** The internal step of the PS in which a subscription to watcher information is judged. */
export const authorizeInformed = rule(
  'TS 24.141 §5.3.3.4',
  'watcher information is for the presentity itself and for whom it names; a watcher sees its own subscription',
  ['R5.3.3.4-a'],
  'authorize subscriber',
)

/** RFC 3857 §4.6: watcher information is sensitive. */
export const notForWatcher = rule('RFC 3857 §4.6', 'who may not see who watches is answered 403', ['R5.3.3.4-a'])

/** The internal step of the PS in which a publication is judged. */
export const authorizePublication = rule(
  'TS 24.141 §5.3.3.3',
  'the presence server authorizes whoever publishes for a presentity',
  ['R5.3.3.3-a', 'R5.3.5.3-b'],
  'authorize publication',
)

export const noIdentity: Rule = rule('TS 24.229 §5.7.1.4', 'a request without an asserted identity is refused', [
  'R5.3.3.2-a',
  'R5.3.3.3-a',
])

/**
 * The identity that the network vouches for (TS 24.229 §5.7.1.4); undefined for an anonymous request. A server without
 * that rule believes what the request says itself.
 */
export function assertedIdentity({ headers }: SipRequest, turn: SipTurn): string | undefined {
  return headers.pAssertedIdentity?.[0]?.uri ?? (turn.without(noIdentity) ? headers.from?.uri : undefined)
}
