/**
 * What a P-CSCF keeps of the UEs in its access network (TS 24.229 §5.2.2): security associations, agreements that go
 * on, and its subscriptions to their registration state.
 */

import type { RegistrationSubscription } from '../../presence/network/registration-subscription.ts'
import type { Address } from '../../sim/node.ts'
import type { Micros } from '../../sim/time.ts'
import { sameUri } from '../../sip/grammar/uri-comparison.ts'
import type { Parameterised } from '../../sip/headers.ts'
import type { SipRequest } from '../../sip/message.ts'
import {
  type ChosenMechanism,
  type IntegrityAlgorithm,
  type SecurityAssociations,
  sameMechanisms,
} from '../ue/security-agreement.ts'

/** What the topology says of a P-CSCF that registers UEs. */
export interface AccessSettings {
  /** The addresses of its UEs. */
  readonly addresses: readonly Address[]
  /** What the addresses of further UEs begin with; none but those above if undefined. */
  readonly prefix?: string
  /** The domain of its network, for orig-ioi. */
  readonly network: string
  /** The text of P-Visited-Network-ID. */
  readonly visitedNetwork: string
  /** The entry points of the networks, by domain: what DNS would say. */
  readonly domains: Readonly<Record<string, Address>>
  /** The protected ports of this side. */
  readonly portServer: number
  readonly portClient: number
  /** Security parameter indexes to use before any are made up, two for each set of associations. */
  readonly spis: readonly number[]
  /** The integrity algorithms, the most preferred first. */
  readonly algorithms: readonly IntegrityAlgorithm[]
  /** Whether it subscribes to the registration state of its users. */
  readonly subscribes: boolean
}

/** One UE that has sent a REGISTER. A row that is replaced, never changed. */
export interface UeAccess {
  readonly associations: readonly AgreedAssociations[]
  /** The offer in the REGISTER that was forwarded last, which a challenge would answer. */
  readonly offer: SecurityOffer | undefined
  /** The associations over which that REGISTER came; undefined if it came without protection. */
  readonly over: AgreedAssociations | undefined
  /** The contacts that are registered over it, and until when. */
  readonly contacts: Readonly<Record<string, Micros>>
}

/** What a UE offered in Security-Client. */
export interface SecurityOffer {
  readonly client: readonly Parameterised[]
  readonly chosen: ChosenMechanism
}

/** Security associations with the header fields that led to them. */
export interface AgreedAssociations extends SecurityAssociations {
  readonly client: readonly Parameterised[]
  readonly server: readonly Parameterised[]
}

/** The state of the access side. */
export interface ProxyAccess {
  readonly settings: AccessSettings
  readonly addresses: ReadonlySet<Address>
  /** By the address of the UE. */
  readonly ues: Map<Address, UeAccess>
  /** By Call-ID, with the UE that each is for. */
  readonly subscriptions: Map<string, { readonly ue: Address; readonly subscription: RegistrationSubscription }>
  /** How many security parameter indexes have been given out. */
  spis: number
}

export const newAccess = (settings: AccessSettings): ProxyAccess => ({
  settings,
  addresses: new Set(settings.addresses),
  ues: new Map(),
  subscriptions: new Map(),
  spis: 0,
})

export const noAccess: UeAccess = { associations: [], offer: undefined, over: undefined, contacts: {} }

/** True of an address in the access network. */
export const isInAccess = ({ addresses, settings: { prefix } }: ProxyAccess, address: Address): boolean =>
  addresses.has(address) || (prefix !== undefined && address.startsWith(prefix))

/** How a request of a UE came. */
export type Protection =
  | { readonly kind: 'none' }
  | { readonly kind: 'associations'; readonly associations: AgreedAssociations }
  /** Over associations, but with Security-Verify missing or wrong. */
  | { readonly kind: 'no proof'; readonly isMissing: boolean }

/**
 * RFC 3329 §2.3.1, TS 24.229 §5.2.2.2: the associations over which a request came: those whose protected server port
 * of the UE stands in the Via, and whose Security-Server the UE repeats in Security-Verify.
 */
export function protectionOf({ associations }: UeAccess, { headers }: SipRequest): Protection {
  const port = headers.via?.[0]?.port
  const byPort = associations.filter(({ ue }) => ue.portServer === port)
  if (byPort.length === 0) return { kind: 'none' }
  const { securityVerify } = headers
  const proven = byPort.findLast(({ server }) => sameMechanisms(securityVerify, server))
  if (proven === undefined) return { kind: 'no proof', isMissing: securityVerify === undefined }
  return { kind: 'associations', associations: proven }
}

/** The contacts without one, or with a new time for it. */
export function contactsWith(
  contacts: UeAccess['contacts'],
  uri: string,
  until: Micros | undefined,
): UeAccess['contacts'] {
  const others = Object.entries(contacts).filter(([other]) => !sameUri(other, uri))
  return Object.fromEntries(until === undefined ? others : [...others, [uri, until]])
}
