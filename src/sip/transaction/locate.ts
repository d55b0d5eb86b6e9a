/**
 * RFC 3263: from a SIP URI to the servers that can be tried, in their order. What DNS would say is a table; a host that
 * it does not name is its own address.
 */
import type { Address, Facts } from '../../sim/node.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { hostOf, parseSipUri, portOf } from '../grammar/uri.ts'
import type { SipRequest } from '../message.ts'

/** The transports between which a client chooses. */
export type SipTransport = 'UDP' | 'TCP' | 'TLS' | 'SCTP'

/** A NAPTR record (RFC 3263 §4.1). */
export interface Naptr {
  readonly order: number
  readonly preference: number
  /** `SIP+D2U`, `SIP+D2T`, `SIPS+D2T`, `SIP+D2S`. */
  readonly service: string
  /** The name whose SRV records come next. */
  readonly replacement: string
}

/** An SRV record (RFC 2782). */
export interface Srv {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: string
}

/** What DNS knows of one name. */
export interface DnsRecords {
  readonly naptr?: readonly Naptr[] | undefined
  readonly srv?: readonly Srv[] | undefined
  /** A and AAAA records: addresses on the bus. */
  readonly addresses?: readonly Address[] | undefined
}

/** DNS, as far as this world knows it. */
export interface DnsTable {
  /** True if lookups are steps of the ladder. */
  readonly isShown: boolean
  readonly records: Readonly<Record<string, DnsRecords>>
}

/** Where a request can be sent. */
export interface Hop {
  readonly address: Address
  /** Undefined where nothing says which. */
  readonly transport: SipTransport | undefined
  /** True if it goes over that transport however large it is. */
  readonly isAnySize?: boolean
}

/** What looking up stands on. */
export interface LookupGround {
  random(bound: number): number
  decide(why: Rule, outcome: string, facts?: Facts): void
}

const lookUp = rule('RFC 3263 §4', 'transport, port and address of the next hop follow from NAPTR, SRV and A records')
const showLookUp = rule('RFC 3263 §4', 'DNS is asked for the servers of the next hop', [], 'DNS query')

const servicesOf: Readonly<Record<string, SipTransport>> = {
  'SIP+D2U': 'UDP',
  'SIP+D2T': 'TCP',
  'SIPS+D2T': 'TLS',
  'SIP+D2S': 'SCTP',
}

/** The names under which SRV records stand where there is no NAPTR, in the order in which they are asked for. */
const guesses: readonly (readonly [prefix: string, transport: SipTransport])[] = [
  ['_sip._udp.', 'UDP'],
  ['_sip._tcp.', 'TCP'],
  ['_sips._tcp.', 'TLS'],
]

/**
 * The hops by which a request can reach a host, the first to be tried first; at least one, unless DNS has a name
 * without any address.
 */
export function hopsTo(host: Address, request: SipRequest, dns: DnsTable | undefined, ground: LookupGround): Hop[] {
  const uri = request.headers.route?.[0]?.uri ?? request.uri
  const isOurs = hostOf(uri) === host || hostOf(uri) === host.toLowerCase()
  const transport = isOurs ? transportOf(uri) : undefined
  if (dns === undefined || recordsOf(dns, host) === undefined) return [{ address: host, transport }]
  const hops = resolve(host, transport, isOurs ? portOf(uri) : undefined, dns, ground)
  const outcome = hops.map((hop) => `${hop.address}${hop.transport === undefined ? '' : `/${hop.transport}`}`)
  ground.decide(dns.isShown ? showLookUp : lookUp, outcome.join(', ') || 'nothing is found', { name: host })
  return hops
}

/** §4.1: the transport that the URI names; TLS for a sips URI. */
function transportOf(text: string): SipTransport | undefined {
  const uri = parseSipUri(text)
  if (uri === undefined) return undefined
  if (uri.scheme === 'sips') return 'TLS'
  const { transport } = uri.params
  if (transport === undefined) return undefined
  const named = String(transport).toUpperCase()
  return named === 'UDP' || named === 'TCP' || named === 'TLS' || named === 'SCTP' ? named : undefined
}

/** §4.1, §4.2: a port of its own leaves only addresses to be asked for, a transport of its own no NAPTR. */
function resolve(
  host: string,
  transport: SipTransport | undefined,
  port: number | undefined,
  dns: DnsTable,
  ground: LookupGround,
): Hop[] {
  if (port !== undefined) return addressed(host, transport, dns)
  if (transport === undefined) {
    const naptr = preferred(recordsOf(dns, host)?.naptr ?? [])
    if (naptr !== undefined) return served(naptr.replacement, servicesOf[naptr.service]!, dns, ground)
  }
  for (const [prefix, guess] of guesses) {
    if (transport !== undefined && guess !== transport) continue
    if (recordsOf(dns, `${prefix}${host}`)?.srv !== undefined) return served(`${prefix}${host}`, guess, dns, ground)
  }
  return addressed(host, transport, dns)
}

/** §4.1: of the services that presim speaks, the one with the lowest order, then the lowest preference. */
function preferred(records: readonly Naptr[]): Naptr | undefined {
  const usable = records.filter(({ service }) => Object.hasOwn(servicesOf, service.toUpperCase()))
  return usable.toSorted((a, b) => a.order - b.order || a.preference - b.preference)[0]
}

/** §4.2: the targets of the SRV records in the order in which they are tried. */
function served(name: string, transport: SipTransport, dns: DnsTable, ground: LookupGround): Hop[] {
  const targets = inOrder(recordsOf(dns, name)?.srv ?? [], ground)
  return targets.flatMap(({ target }) => addressed(target, transport, dns))
}

const addressed = (host: string, transport: SipTransport | undefined, dns: DnsTable): Hop[] =>
  (recordsOf(dns, host)?.addresses ?? [host]).map((address) => ({ address, transport }))

/** RFC 2782: by priority; among equals by lot, in proportion to their weights. */
function inOrder(records: readonly Srv[], ground: LookupGround): Srv[] {
  const waiting = records.toSorted((a, b) => a.priority - b.priority || a.weight - b.weight)
  const ordered: Srv[] = []
  while (waiting.length > 0) {
    const { priority } = waiting[0]!
    const equals = waiting.filter((one) => one.priority === priority)
    const total = equals.reduce((sum, { weight }) => sum + weight, 0)
    const lot = total === 0 ? 0 : ground.random(total + 1)
    const chosen = drawn(equals, lot)
    ordered.push(chosen)
    waiting.splice(waiting.indexOf(chosen), 1)
  }
  return ordered
}

/** The first whose weight, added to those before it, comes to the lot. */
function drawn(records: readonly Srv[], lot: number): Srv {
  let sum = 0
  for (const record of records) {
    sum += record.weight
    if (sum >= lot) return record
  }
  return records[0]!
}

function recordsOf({ records }: DnsTable, name: string): DnsRecords | undefined {
  const key = name.toLowerCase()
  return Object.hasOwn(records, key) ? records[key] : undefined
}
