/**
 * Who takes part in a flow: networks, nodes and users, as a flow file writes them. `world.ts` makes nodes of it.
 */
import { z } from 'zod'
import { hostOfUri } from '../../http/exchange.ts'
import type { Address } from '../../sim/node.ts'
import { durationForm, readDuration } from '../duration.ts'
import { dnsForm, domainsIn } from './dns-form.ts'
import { xcapClientForm, xcapForm } from './document-server-form.ts'
import { listDurations, listServerForm, servicesForm } from './list-server-form.ts'
import { networkAgentForm } from './network-agent-form.ts'
import { dateForm, presenceServerForm } from './presence-server-form.ts'
import {
  capabilitiesForm,
  challengesForm,
  proxyRegistrationForm,
  registrarForm,
  ueRegistrationForm,
} from './registration-form.ts'
import { sipUri, userForm } from './user-form.ts'
import { authenticationProxyForm, bsfForm, ueUtForm, utServiceForm } from './ut-form.ts'

export const duration = z
  .string()
  .refine((text) => readDuration(text) !== undefined, { error: `Not a duration; expected ${durationForm}` })
  .meta({ description: 'A duration such as 5 s, 200 ms or 1.5 h.', examples: ['5 s', '200 ms'] })

const host = z
  .string()
  .regex(/^([A-Za-z0-9.-]+|\[[0-9A-Za-z:.]+\])$/, {
    error: 'Not a host; expected such as pcscf1.home1.net or [5555::1]',
  })
  .meta({ description: 'The host name, or the IPv6 address in brackets, by which others reach the node.' })

const place = {
  network: z.string().meta({ description: 'The domain of the network in which the node stands.' }),
  host,
  tcp: z.boolean().default(true).meta({ description: 'False for a node that takes no streams.' }),
  mtu: z.int().min(400).optional().meta({
    description: 'The path MTU in bytes that the node knows; requests near it go over TCP (RFC 3261 §18.1.1).',
  }),
}

const chargingIds = z
  .array(z.string())
  .default([])
  .meta({ description: 'Charging identifiers (icid-value) to use before any are made up.' })

const tags = z.array(z.string()).default([]).meta({ description: 'Tags to use before any are made up.' })

const port = z.int().min(1).max(65535)

const ue = z
  .strictObject({
    role: z.literal('ue'),
    ...place,
    user: z.string().meta({ description: 'The user whose UE it is, one of users:.' }),
    identity: sipUri.optional().meta({ description: 'The identity in use; the first of the user by default.' }),
    registered: z.boolean().default(true).meta({ description: 'Whether it is registered from the beginning.' }),
    registration: ueRegistrationForm.prefault({}),
    xcap: xcapClientForm.optional(),
    port: port.optional().meta({ description: 'The protected server port.' }),
    comp: z.string().optional().meta({ description: 'The compression it offers, such as sigcomp.' }),
    proxy: z.string().meta({ description: 'The P-CSCF, one of nodes:.' }),
    proxyName: host.optional().meta({ description: 'The name by which the UE calls its P-CSCF, if not its own.' }),
    accessNetwork: z
      .string()
      .default('3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11')
      .meta({ description: 'The value of P-Access-Network-Info.' }),
    privacy: z.array(z.string()).default(['none']).meta({ description: 'The values of Privacy.' }),
    security: z.string().optional().meta({ description: 'The Security-Server of the registration, to be repeated.' }),
    callIds: z.array(z.string()).default([]).meta({ description: 'Call-IDs to use before any are made up.' }),
    tags,
    firstSequence: z.int().min(1).default(1).meta({ description: 'The number in CSeq of its first request.' }),
    publishGap: duration.default('0 s').meta({ description: 'The shortest time between two PUBLISH requests.' }),
    ut: ueUtForm.optional(),
  })
  .meta({ description: 'A UE with PUA and watcher (TS 24.141 §5.2.1).' })

const pCscf = z
  .strictObject({
    role: z.literal('p-cscf'),
    ...place,
    aliases: z.array(host).default([]).meta({ description: 'Other names of the same host.' }),
    port: port.optional().meta({ description: 'The protected server port.' }),
    comp: z.string().optional().meta({ description: 'The compression towards UEs.' }),
    chargingIds,
    registration: proxyRegistrationForm.prefault({}),
  })
  .meta({ description: 'A P-CSCF (TS 24.229 §5.2).' })

const untrusted = z
  .array(z.string())
  .default([])
  .meta({ description: 'The networks and servers outside its trust domain, by domain.' })

const sCscf = z
  .strictObject({
    role: z.literal('s-cscf'),
    ...place,
    recordRoute: z
      .strictObject({ originating: z.boolean().default(true), terminating: z.boolean().default(false) })
      .default({ originating: true, terminating: false })
      .meta({ description: 'Whether it stays on the path of dialogs, by the session case.' }),
    capabilities: capabilitiesForm,
    untrusted,
    registration: registrarForm.prefault({}),
  })
  .meta({ description: 'An S-CSCF (TS 24.229 §5.4).' })

const iCscf = z
  .strictObject({
    role: z.literal('i-cscf'),
    ...place,
    domains: z
      .array(z.string())
      .default([])
      .meta({ description: 'Domains besides that of its network for which DNS names it.' }),
    untrusted,
  })
  .meta({ description: 'An I-CSCF, the entry point of its network (TS 24.229 §5.3).' })

const hss = z
  .strictObject({ role: z.literal('hss'), ...place, challenges: challengesForm })
  .meta({ description: 'The HSS of its network.' })

const presenceServer = z
  .strictObject({
    role: z.literal('presence-server'),
    ...place,
    tags,
    chargingIds,
    firstSequence: z
      .int()
      .min(1)
      .default(1)
      .meta({ description: 'The number in CSeq of the first NOTIFY of a dialog.' }),
    ...presenceServerForm,
    ut: utServiceForm.optional(),
    xcap: xcapForm.optional(),
    networkAgent: z
      .strictObject(networkAgentForm)
      .optional()
      .meta({ description: 'The presence network agent that the same server is.' }),
    lists: z
      .strictObject(listServerForm)
      .optional()
      .meta({ description: 'The resource list server that the same server is; its lists are among the documents.' }),
    networkAgents: z.array(z.string()).optional().meta({
      description: 'The presence network agents that may publish, of nodes:; all of its network by default.',
    }),
  })
  .meta({ description: 'A presence server (TS 24.141 §5.3.3).' })

const applicationServer = z
  .strictObject({
    role: z.literal('application-server'),
    ...place,
    tags,
    chargingIds,
    firstSequence: z.int().min(1).default(1).meta({ description: 'The number in CSeq of its first request.' }),
    subscribes: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether it subscribes to the registration state of the users that it is told of.' }),
    actsFor: z.array(z.string()).default([]).meta({ description: 'The users on whose behalf it watches, of users:.' }),
    ut: utServiceForm.optional(),
  })
  .meta({
    description: 'An application server that is told of registrations or watches on behalf of users (TS 24.229 §5.7).',
  })

const resourceListServer = z
  .strictObject({
    role: z.literal('resource-list-server'),
    ...place,
    tags,
    chargingIds,
    firstSequence: z.int().min(1).default(1).meta({ description: 'The number in CSeq of its first request.' }),
    ...listDurations,
    ...listServerForm,
    xcap: xcapForm,
    ut: utServiceForm.optional(),
  })
  .meta({ description: 'A resource list server (TS 24.141 §5.3.4).' })

const presenceNetworkAgent = z
  .strictObject({
    role: z.literal('presence-network-agent'),
    ...place,
    tags,
    chargingIds,
    firstSequence: z.int().min(1).default(1).meta({ description: 'The number in CSeq of its first request.' }),
    presenceServer: z
      .string()
      .optional()
      .meta({ description: 'Where it publishes, one of nodes:; the presence server of its network by default.' }),
    ...networkAgentForm,
  })
  .meta({ description: 'A presence network agent (TS 24.141 §5.3.5).' })

const bsf = z
  .strictObject({ role: z.literal('bsf'), ...place, ...bsfForm })
  .meta({ description: 'A bootstrapping server function (TS 33.220 §4.2.1).' })

const authenticationProxy = z
  .strictObject({ role: z.literal('authentication-proxy'), ...place, ...authenticationProxyForm })
  .meta({ description: 'An authentication proxy before application servers (TS 24.109 §7).' })

export const nodeForm = z.discriminatedUnion('role', [
  ue,
  pCscf,
  sCscf,
  iCscf,
  hss,
  presenceServer,
  resourceListServer,
  presenceNetworkAgent,
  applicationServer,
  bsf,
  authenticationProxy,
])

export const linkForm = z
  .strictObject({
    between: z
      .tuple([z.string(), z.string()])
      .optional()
      .meta({ description: 'Two nodes or networks; without it, the link is what all others are like.' }),
    latency: duration,
    jitter: duration.default('0 s'),
    lossOneIn: z.int().min(0).default(0).meta({ description: 'One message in so many is lost; 0 for none.' }),
    duplicateOneIn: z.int().min(0).default(0).meta({ description: 'One message in so many is doubled; 0 for none.' }),
  })
  .meta({ description: 'What messages meet between two nodes or networks.' })

/** The form of `topology:` in a flow file. */
export const topologyForm = z
  .strictObject({
    lanes: z.array(z.string()).min(1).meta({ description: 'The nodes that the ladder shows, from left to right.' }),
    nodes: z.record(z.string(), nodeForm),
    users: z.record(z.string(), userForm),
    services: servicesForm,
    links: z.array(linkForm).default([]),
    dns: dnsForm,
    date: dateForm,
  })
  .meta({ description: 'The networks, nodes and users that take part.' })

export type Topology = z.infer<typeof topologyForm>
export type TopologyNode = z.infer<typeof nodeForm>
export type TopologyUser = z.infer<typeof userForm>
export type TopologyLink = z.infer<typeof linkForm>
export type NodeOf<Role extends TopologyNode['role']> = Extract<TopologyNode, { role: Role }>

/**
 * The names of the host of a node besides its own. An authentication proxy stands at the names of its servers; without
 * one, a server of documents is called by its XCAP root.
 */
export function otherNames(node: TopologyNode): readonly string[] {
  if (node.role === 'authentication-proxy') return node.servers.map(({ name }) => name)
  if (node.role === 'p-cscf') return node.aliases
  if (node.role !== 'presence-server' && node.role !== 'resource-list-server') return []
  if (node.xcap === undefined || node.ut?.proxies !== undefined) return []
  const name = hostOfUri(node.xcap.root)
  return name === node.host ? [] : [name]
}

/** The entry points by domain: the I-CSCFs, unless DNS has servers for the domain. */
export function domainsOf(topology: Topology): Record<string, Address> {
  const entries = Object.values(topology.nodes).filter((one) => one.role === 'i-cscf')
  return Object.fromEntries([
    ...entries.flatMap(({ network, domains, host }) => [network, ...domains].map((domain) => [domain, host] as const)),
    ...domainsIn(topology.dns).map((domain) => [domain, domain] as const),
  ])
}
