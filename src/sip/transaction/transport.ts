import type { Facts } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { lengthOfVia, type Via } from '../grammar/via.ts'
import type { SipRequest } from '../message.ts'
import { wireLength } from '../print.ts'
import type { DnsTable, Hop, SipTransport } from './locate.ts'
import type { Leg } from './transaction-user.ts'

/** What the settings of a node may say of the ways that its requests can take. */
export interface TransportSettings {
  /** What DNS would say, if this world has it. */
  readonly dns?: DnsTable
  /** The path MTU in bytes, if it is known. */
  readonly mtu?: number
}

/** What the settings of a node say of the ways that its requests can take. */
export function transportSettings(settings: unknown): TransportSettings {
  const { dns, mtu } = (settings ?? {}) as TransportSettings
  return { ...(dns !== undefined && { dns }), ...(mtu !== undefined && { mtu }) }
}

const bySize = rule(
  'RFC 3261 §18.1.1',
  'a request near the path MTU, or of more than 1300 bytes where that is not known, goes over TCP',
)

/** §18.1.1: the longest request that goes as a datagram where the path MTU is not known. */
const longestDatagram = 1300
/** §18.1.1: so many bytes a datagram stays below the path MTU: its response may be longer. */
const margin = 200

/** §18.1.1, RFC 3263 §4.1: the transport by which a request goes; over TCP instead of UDP if it is too large. */
export function transportFor(
  { transport, isAnySize }: Hop,
  leg: Leg,
  mtu: number | undefined,
  request: SipRequest,
  own: Via,
  ground: { decide(why: Rule, outcome: string, facts?: Facts): void },
): { readonly transport: SipTransport; readonly isUpgraded: boolean } {
  const chosen = transport ?? leg.transport
  if (chosen !== 'UDP' || isAnySize) return { transport: chosen, isUpgraded: false }
  const bytes = wireLength(request) + lengthOfVia(own) + (request.headers.via === undefined ? 'Via: \r\n' : ', ').length
  if (bytes <= (mtu === undefined ? longestDatagram : mtu - margin)) return overUdp
  ground.decide(bySize, 'TCP', { bytes })
  return overTcp
}

const overUdp = { transport: 'UDP', isUpgraded: false } as const
const overTcp = { transport: 'TCP', isUpgraded: true } as const
