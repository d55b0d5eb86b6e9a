import type { Address } from '../../sim/node.ts'
import type { Micros } from '../../sim/time.ts'

/** How many requests that prove nothing a peer may send, and within what time. */
export interface RequestLimit {
  readonly requests: number
  readonly within: Micros
}

/** The requests without proof of each peer: when the time began, and how many there have been since. */
export type UnprovedRequests = Map<Address, { readonly since: Micros; readonly count: number }>

/** How many peers are remembered; the first that were noted make room for others. */
const mostPeers = 10_000

/** Notes a request that proves nothing. */
export function noteUnproved(seen: UnprovedRequests, limit: RequestLimit, peer: Address, now: Micros): void {
  const before = current(seen, limit, peer, now)
  seen.delete(peer)
  seen.set(peer, { since: before?.since ?? now, count: (before?.count ?? 0) + 1 })
  const [oldest] = seen.keys()
  if (seen.size > mostPeers) seen.delete(oldest!)
}

/** After how long a peer may try again that has sent too many of them; 0 if it has not. */
export function waitOf(seen: UnprovedRequests, limit: RequestLimit, peer: Address, now: Micros): Micros {
  const found = current(seen, limit, peer, now)
  return found === undefined || found.count < limit.requests ? 0 : found.since + limit.within - now
}

function current(seen: UnprovedRequests, { within }: RequestLimit, peer: Address, now: Micros) {
  const found = seen.get(peer)
  return found === undefined || now - found.since >= within ? undefined : found
}
