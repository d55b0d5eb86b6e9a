/**
 * What an S-CSCF keeps as registrar (TS 24.229 §5.4.1): implicit registration sets with their contacts, authentications
 * that go on, and what it has asked the HSS.
 */
import type { Address } from '../../sim/node.ts'
import type { Micros } from '../../sim/time.ts'
import type { RegistrarPolicy } from '../../sip/core/registrar.ts'
import type { Watch } from '../../sip/events/notifier.ts'
import { sameUri } from '../../sip/grammar/uri-comparison.ts'
import type { NameAddr, Params } from '../../sip/headers.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { CxClient } from '../cx.ts'
import type { ProfileIdentity, ServiceProfile } from '../hss/user-data.ts'
import type { InitialFilterCriterion, RegistrationType } from './filter-criteria.ts'

/** What the topology says of an S-CSCF as registrar. */
export interface RegistrarSettings extends RegistrarPolicy {
  readonly hss: Address
  /** Whether only a first REGISTER is challenged, or every one (TS 24.229 §5.4.1.2.2). */
  readonly authenticates: 'first' | 'every'
  /** Call-IDs of third-party REGISTERs, to use before any are made up, and the number with which their CSeq begins. */
  readonly callIds: readonly string[]
  readonly firstSequence: number
  /** The sets that are registered from the beginning. */
  readonly registered: readonly RegisteredSet[]
}

/** One contact of a registered user. A row that is replaced, never changed. */
export interface Binding {
  /** Its name in registration information. */
  readonly id: string
  readonly uri: string
  /** The parameters of the Contact, without its duration. */
  readonly params: Params
  readonly privateIdentity: string
  /** The public identity that was registered expressly. */
  readonly identity: string
  readonly path: readonly NameAddr[]
  readonly callId: string
  readonly sequence: number
  readonly registeredAt: Micros
  readonly expiresAt: Micros
  /** What brought it into its state last: the words of RFC 3680 §4.7.1. */
  readonly event: 'registered' | 'refreshed' | 'shortened'
}

/** TS 23.228 §5.2.1a: public identities that are registered together. A row that is replaced, never changed. */
export interface RegisteredSet {
  /** The default public identity, by which the set is kept. */
  readonly key: string
  readonly privateIdentity: string
  readonly profiles: readonly ServiceProfile[]
  /** The charging collection functions of the user; none if the HSS names none. */
  readonly chargingFunctions: readonly string[]
  /** The contacts, the one that was registered or refreshed last behind; none while the user is unregistered. */
  readonly bindings: readonly Binding[]
  /** The REGISTER that came last, by which filter criteria are evaluated; undefined before the first. */
  readonly register: SipRequest | undefined
  /** The application servers that have been told of the registration, by their URI. */
  readonly told: Readonly<Record<string, ThirdParty>>
  /** True while the network wants to see the user authenticated again (TS 24.229 §5.4.1.6). */
  readonly isReauthenticating: boolean
}

/** What a third-party registration is known by to its application server. */
export interface ThirdParty {
  readonly callId: string
  readonly tag: string
  readonly sequence: number
}

/** A user who has been challenged and whose answer is awaited; a row that is replaced. */
export interface PendingAuthentication {
  readonly privateIdentity: string
  readonly identity: string
  readonly callId: string
  readonly realm: string
  readonly nonce: string
  /** The expected response, as hexadecimal text. */
  readonly xres: string
  /** True after one resynchronisation: a second one in a row is one too many. */
  readonly isResynchronised: boolean
}

/** What the registrar waits for the HSS to say. */
export type RegistrarWaiting =
  | { readonly kind: 'authentication'; readonly received: SipRequest; readonly isResynchronised: boolean }
  | { readonly kind: 'assignment'; readonly received: SipRequest; readonly duration: number }
  | { readonly kind: 'release'; readonly received: SipRequest }
  | { readonly kind: 'service'; readonly received: SipRequest; readonly request: SipRequest }
  | { readonly kind: 'notice' }

/** One subscription to the registration state of a set. */
export interface RegistrationWatch extends Watch {
  /** The key of the set. */
  readonly set: string
  /** Who watches: an identity of the user, the P-CSCF on her path, or an application server. */
  readonly subscriber: string
  /** The version of the next document. */
  version: number
  /** What was told last of each identity, without the times that pass by themselves. */
  told: Readonly<Record<string, string>> | undefined
  notifiedAt: Micros | undefined
  /** True while a change waits until the last notification is old enough. */
  isHeld: boolean
  /** The contacts that have ended since the last notification. */
  ended: readonly EndedBinding[]
}

/** A contact that is not registered any more, with what ended it (RFC 3680 §4.7.1). */
export interface EndedBinding {
  readonly binding: Binding
  readonly event: EndEvent
}

export type EndEvent = 'expired' | 'unregistered' | 'deactivated' | 'rejected' | 'probation'

/** The state of a registrar. */
export interface Registrar extends CxClient<RegistrarWaiting> {
  readonly settings: RegistrarSettings
  readonly sets: Map<string, RegisteredSet>
  /** By private identity. */
  readonly pending: Map<string, PendingAuthentication>
  /** By the tag of this side. */
  readonly watches: Map<string, RegistrationWatch>
  /** The tags of the watches of each set. */
  readonly watchers: Map<string, Set<string>>
  /** Third-party REGISTERs that are not yet answered, by Call-ID. */
  readonly informing: Map<string, Informing>
  callIds: number
}

/** A third-party REGISTER on its way. */
export interface Informing {
  readonly set: string
  readonly type: RegistrationType
  readonly server: string
  readonly defaultHandling: InitialFilterCriterion['defaultHandling']
}

export function newRegistrar(settings: RegistrarSettings): Registrar {
  return {
    settings,
    sets: new Map(settings.registered.map((set) => [set.key, set] as const)),
    pending: new Map(),
    watches: new Map(),
    watchers: new Map(),
    informing: new Map(),
    waiting: new Map(),
    callIds: 0,
  }
}

/** The identities of a set, in the order of its profiles: the default one first. */
export const identitiesOf = ({ profiles }: Pick<RegisteredSet, 'profiles'>): readonly ProfileIdentity[] =>
  profiles.flatMap(({ identities }) => identities)

/** The identities of a set in whose name messages may be sent and received. */
export const usableIdentities = (set: Pick<RegisteredSet, 'profiles'>): string[] =>
  identitiesOf(set).flatMap(({ identity, isBarred }) => (isBarred ? [] : [identity]))

/** The identity by which a set is kept: the first that is not barred. */
export const keyOf = (profiles: readonly ServiceProfile[]): string =>
  usableIdentities({ profiles })[0] ?? identitiesOf({ profiles })[0]!.identity

/** The contact of a set with this URI. */
export const bindingOf = ({ bindings }: RegisteredSet, uri: string): Binding | undefined =>
  bindings.find((binding) => sameUri(binding.uri, uri))
