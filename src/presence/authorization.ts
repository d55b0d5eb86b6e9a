import { type Rule, rule } from '../sim/rule.ts'
import type { SipRequest } from '../sip/message.ts'
import { sameUri } from '../sip/uri-comparison.ts'

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

/** The internal step of the PS in which a publication is judged. */
export const authorizePublication = rule(
  'TS 24.141 §5.3.3.3',
  'the presence server authorizes whoever publishes for a presentity',
  ['R5.3.3.3-a'],
  'authorize publication',
)

export const noIdentity: Rule = rule('TS 24.229 §5.7.1.4', 'a request without an asserted identity is refused', [
  'R5.3.3.2-a',
  'R5.3.3.3-a',
])

/** The identity that the network vouches for (TS 24.229 §5.7.1.4); undefined for an anonymous request. */
export function assertedIdentity(request: SipRequest): string | undefined {
  return request.headers.pAssertedIdentity?.[0]?.uri
}

/** How the policy handles a watcher; identities are compared as URIs (RFC 3261 §19.1.4). */
export function handlingOf(policy: WatcherPolicy, watcher: string): SubHandling {
  const { watchers, otherwise } = policy
  if (Object.hasOwn(watchers, watcher)) return watchers[watcher]!
  for (const one in watchers) if (sameUri(one, watcher)) return watchers[one]!
  return otherwise
}
