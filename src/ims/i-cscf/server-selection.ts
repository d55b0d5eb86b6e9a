import type { Capabilities } from '../hss/subscription.ts'

/** An S-CSCF of the network, as the I-CSCF knows it. */
export interface SelectableServer {
  /** Its SIP URI. */
  readonly name: string
  readonly capabilities: readonly number[]
}

/**
 * TS 29.228 §6.7, TS 24.229 §5.3.1.2: the S-CSCF for a user: one that has all mandatory capabilities, of these the one
 * with most of the optional ones, of these the first. Undefined if none is left that will do.
 */
export function selectServer(
  servers: readonly SelectableServer[],
  { mandatory, optional }: Capabilities,
  tried: readonly string[],
): SelectableServer | undefined {
  let best: SelectableServer | undefined
  let most = -1
  for (const server of servers) {
    if (tried.includes(server.name) || !mandatory.every((one) => server.capabilities.includes(one))) continue
    const count = optional.filter((one) => server.capabilities.includes(one)).length
    if (count <= most) continue
    best = server
    most = count
  }
  return best
}
