/**
 * What the HSS keeps of a user: one IMS subscription with its secret, its identities and its state (TS 29.228 §6,
 * TS 33.102 §6.3).
 */
import type { UserSecuritySetting } from '../../documents/user-security-settings.ts'
import { addressOfRecord } from '../../presence/address-of-record.ts'
import { type Avps, avp, avpList, type CxMessage } from '../cx.ts'
import { isWildcarded, standsFor } from '../wildcard.ts'
import type { ServiceProfile } from './user-data.ts'

/** What an S-CSCF must and may be able to do for a user (TS 29.229 §6.3.4). */
export interface Capabilities {
  readonly mandatory: readonly number[]
  readonly optional: readonly number[]
}

/** An IMS subscription, as the operator provisions it. Octets are hexadecimal text. */
export interface ImsSubscription {
  readonly privateIdentity: string
  /** K and OPc, 16 octets each. */
  readonly secret: { readonly k: string; readonly opc: string }
  /** The last sequence number that was given out, below 2^48. */
  readonly sqn: number
  /** The authentication management field, 2 octets. */
  readonly amf: string
  /** The implicit registration sets (TS 23.228 §5.2.1a): what is registered together, the default identity first. */
  readonly sets: readonly ServiceProfile[]
  readonly capabilities: Capabilities
  /** The visited networks in which the user may register; undefined for any. */
  readonly networks: readonly string[] | undefined
  /** The charging collection functions of the user (TS 29.229 §6.3.19). */
  readonly chargingFunctions: readonly string[]
  /** The state of all sets in the beginning, and the S-CSCF that serves them unless they are not registered. */
  readonly state: IdentityState
  readonly serverName: string
  /** What the user may do with bootstrapped keys; undefined if nothing is laid down (TS 29.109 Annex A). */
  readonly security?: SubscriberSecurity
}

/** The security settings of a subscriber (GUSS, TS 29.109 Annex A), as the operator provisions them. */
export interface SubscriberSecurity {
  /** How long her keys hold, in seconds; undefined to leave it to the BSF. */
  readonly lifetime?: number
  readonly services: readonly UserSecuritySetting[]
}

/** The state of a public identity, and of all that are registered with it (TS 29.228 §3.1, §6.1.2). */
export type IdentityState = 'registered' | 'unregistered' | 'not registered'

/** A subscription with its state; the HSS changes it in place. */
export interface Subscriber {
  subscription: ImsSubscription
  sqn: number
  /** The S-CSCF that serves the user, or that is authenticating her. */
  serverName: string | undefined
  /** True between a challenge and its outcome (TS 29.228 §6.3). */
  isAuthenticationPending: boolean
  /** By implicit registration set. */
  readonly states: IdentityState[]
}

/** The subscriptions of an HSS. */
export interface Subscribers {
  readonly byPrivate: Map<string, Subscriber>
  /** Private identities by public ones, which several may share (TS 23.228 §4.3.3.4). */
  readonly byPublic: Map<string, readonly string[]>
  /** Private identities by wildcarded public ones, as they are written. */
  readonly byWildcard: Map<string, string>
}

/** All subscriptions in their first state. */
export function subscribersOf(subscriptions: readonly ImsSubscription[]): Subscribers {
  const byPrivate = new Map<string, Subscriber>()
  const byPublic = new Map<string, readonly string[]>()
  const byWildcard = new Map<string, string>()
  for (const subscription of subscriptions) {
    const { privateIdentity, sets, sqn, serverName, state } = subscription
    byPrivate.set(privateIdentity, {
      subscription,
      sqn,
      serverName: state === 'not registered' ? undefined : serverName,
      isAuthenticationPending: false,
      states: sets.map(() => state),
    })
    for (const { identities } of sets)
      for (const { identity } of identities)
        if (isWildcarded(identity)) byWildcard.set(identity, privateIdentity)
        else {
          const address = addressOfRecord(identity)
          byPublic.set(address, [...(byPublic.get(address) ?? []), privateIdentity])
        }
  }
  return { byPrivate, byPublic, byWildcard }
}

/** A public identity that the HSS knows. */
export interface KnownIdentity {
  readonly subscriber: Subscriber
  /** The index of its implicit registration set. */
  readonly set: number
  readonly isBarred: boolean
  /** The wildcarded identity that it was found by; undefined if it has an entry of its own. */
  readonly wildcarded: string | undefined
}

/**
 * The public identity, by its own entry or else by a wildcarded one. If several private identities share it, it is that
 * of the one who asks, or else of one who is registered.
 */
export function knownIdentity(
  subscribers: Subscribers,
  identity: string,
  privateIdentity?: string,
): KnownIdentity | undefined {
  const { byPrivate, byPublic, byWildcard } = subscribers
  const address = addressOfRecord(identity)
  const owners = (byPublic.get(address) ?? []).map((owner) => byPrivate.get(owner)!)
  const wildcarded = owners.length === 0 ? wildcardFor(subscribers, identity) : undefined
  const own = owners.find(({ subscription }) => subscription.privateIdentity === privateIdentity)
  const registered = owners.find(({ states }) => states.some((state) => state !== 'not registered'))
  const subscriber = own ?? registered ?? owners[0] ?? byPrivate.get(byWildcard.get(wildcarded ?? '') ?? '')
  if (subscriber === undefined) return undefined
  const isEntry = (one: string): boolean =>
    wildcarded === undefined ? addressOfRecord(one) === address : one === wildcarded
  const { sets } = subscriber.subscription
  const set = sets.findIndex(({ identities }) => identities.some((one) => isEntry(one.identity)))
  const isBarred = sets[set]?.identities.find((one) => isEntry(one.identity))?.isBarred === true
  return { subscriber, set, isBarred, wildcarded }
}

/** The wildcarded identity that is meant, or that stands for the one that is. */
function wildcardFor({ byWildcard }: Subscribers, identity: string): string | undefined {
  if (byWildcard.has(identity)) return identity
  return [...byWildcard.keys()].find((pattern) => standsFor(pattern, identity))
}

/** What a command asks about, if its identities fit together; else the name of the error (TS 29.228 §6.1.1.1). */
export function askedAbout(
  subscribers: Subscribers,
  request: CxMessage,
): KnownIdentity | 'DIAMETER_ERROR_USER_UNKNOWN' | 'DIAMETER_ERROR_IDENTITIES_DONT_MATCH' {
  const privateIdentity = avp(request, 'User-Name')
  const known = knownIdentity(subscribers, avp(request, 'Public-Identity'), privateIdentity)
  if (known === undefined) return 'DIAMETER_ERROR_USER_UNKNOWN'
  if (privateIdentity === '') return known
  if (!subscribers.byPrivate.has(privateIdentity)) return 'DIAMETER_ERROR_USER_UNKNOWN'
  if (known.subscriber.subscription.privateIdentity !== privateIdentity) return 'DIAMETER_ERROR_IDENTITIES_DONT_MATCH'
  return known
}

/** TS 29.229 §6.3.4: the capabilities as AVPs; none are told where there are none. */
export function capabilityAvps({ mandatory, optional }: Capabilities): Avps {
  return {
    ...(mandatory.length > 0 && { 'Mandatory-Capability': mandatory.join(', ') }),
    ...(optional.length > 0 && { 'Optional-Capability': optional.join(', ') }),
  }
}

/** TS 29.229 §6.3.4: the capabilities that an answer tells. */
export const capabilitiesOf = (answer: CxMessage): Capabilities => ({
  mandatory: avpList(answer, 'Mandatory-Capability').map(Number),
  optional: avpList(answer, 'Optional-Capability').map(Number),
})

/** True if the profile has services for a user who is not registered (TS 29.228 §6.1.4). */
export const hasUnregisteredServices = ({ criteria }: ServiceProfile): boolean =>
  criteria.some(
    ({ groups, profilePart }) =>
      profilePart === 'unregistered' ||
      groups.some((group) =>
        group.some(
          (trigger) =>
            trigger.kind === 'sessionCase' && !trigger.negated && trigger.sessionCase.endsWith('-unregistered'),
        ),
      ),
  )
