/** DNS as a table in the topology (RFC 3263): what its names lead to. */
import { z } from 'zod'
import type { DnsTable } from '../../sip/transaction/locate.ts'

const name = z.string().regex(/^[A-Za-z0-9_.-]+$/, { error: 'Not a name in DNS; expected such as _sip._udp.home2.net' })

const naptrForm = z
  .strictObject({
    order: z.int().min(0).max(65535),
    preference: z.int().min(0).max(65535).default(0),
    service: z
      .enum(['SIP+D2U', 'SIP+D2T', 'SIPS+D2T', 'SIP+D2S'])
      .meta({ description: 'SIP+D2U for UDP, SIP+D2T for TCP, SIPS+D2T for TLS, SIP+D2S for SCTP.' }),
    replacement: name.meta({ description: 'The name whose SRV records come next.' }),
  })
  .meta({ description: 'A NAPTR record: by order, then by preference, the transports of a domain.' })

const srvForm = z
  .strictObject({
    priority: z.int().min(0).max(65535).default(0),
    weight: z.int().min(0).max(65535).default(0),
    port: z.int().min(0).max(65535).default(5060),
    target: name.meta({ description: 'The host of a node, or a name with addresses of its own.' }),
  })
  .meta({ description: 'An SRV record: the lowest priority first, among equals by lot and weight.' })

const recordsForm = z
  .strictObject({
    naptr: z.array(naptrForm).min(1).optional(),
    srv: z.array(srvForm).min(1).optional(),
    addresses: z.array(z.string()).optional().meta({ description: 'A and AAAA records: hosts of nodes.' }),
  })
  .meta({ description: 'What DNS knows of a name.' })

/** The form of `dns:` in a topology. */
export const dnsForm = z
  .strictObject({
    shown: z.boolean().default(false).meta({ description: 'Whether a query is a step of the ladder.' }),
    records: z.record(name, recordsForm).meta({ description: 'By name. A name that is not here is its own address.' }),
  })
  .optional()
  .meta({ description: 'What DNS knows; without it every host is its own address (RFC 3263).' })

export type DnsForm = z.infer<typeof dnsForm>

/** The table as nodes have it, with its names in lower case. */
export function dnsTable({ shown, records }: NonNullable<DnsForm>): DnsTable {
  const entries = Object.entries(records).map(([key, value]) => [key.toLowerCase(), value] as const)
  return { isShown: shown, records: Object.fromEntries(entries) }
}

/** The domains for which the table names servers: those that can stand in a URI. */
export const domainsIn = (dns: DnsForm): string[] =>
  Object.keys(dns?.records ?? {}).filter((one) => !one.startsWith('_'))

/** A name in the table to which nothing is found: where it stands. */
export interface DanglingRecord {
  readonly path: readonly (string | number)[]
  readonly name: string
  readonly known: readonly string[]
}

/** What the table leads to without there being anything; `hosts` are those of the nodes. */
export function danglingRecords(dns: DnsForm, hosts: readonly string[]): DanglingRecord[] {
  const records = dns?.records ?? {}
  const names = Object.keys(records).map((one) => one.toLowerCase())
  const found: DanglingRecord[] = []
  const check = (path: DanglingRecord['path'], one: string, known: readonly string[]): void => {
    if (!known.includes(one) && !known.includes(one.toLowerCase())) found.push({ path, name: one, known })
  }
  for (const [key, { naptr = [], srv = [], addresses = [] }] of Object.entries(records)) {
    const at = ['topology', 'dns', 'records', key]
    for (const [i, { replacement }] of naptr.entries()) check([...at, 'naptr', i, 'replacement'], replacement, names)
    for (const [i, { target }] of srv.entries()) check([...at, 'srv', i, 'target'], target, [...hosts, ...names])
    for (const [i, address] of addresses.entries()) check([...at, 'addresses', i], address, hosts)
  }
  return found
}
