/**
 * What a UE keeps of its registration (TS 24.229 §5.1.1) and what its ISIM keeps (TS 33.203 §6.1).
 */
import type { RegistrationView } from '../../presence/network/registration-view.ts'
import type { Address } from '../../sim/node.ts'
import type { Micros } from '../../sim/time.ts'
import type { Subscription } from '../../sip/events/subscriber.ts'
import type { Authentication, NameAddr, Parameterised } from '../../sip/headers.ts'
import type { Leg } from '../../sip/transaction/transaction-user.ts'
import { type AcceptedSequences, acceptedSequences } from '../aka.ts'
import type { IntegrityAlgorithm, SecurityAssociations, SecurityEnd } from './security-agreement.ts'

/** What the topology says of a UE that is to register. Octets are hexadecimal text. */
export interface RegistrationSettings {
  readonly privateIdentity: string
  /** The public identity that it registers. */
  readonly identity: string
  /** The domain of the home network, to which REGISTERs are addressed. */
  readonly registrar: string
  readonly proxy: Address
  /** Its address without the protected port. */
  readonly bareContact: NameAddr
  readonly bareLeg: Leg
  /** The duration to ask for, in seconds. */
  readonly duration: number
  /** K and OPc of the ISIM. */
  readonly secret: { readonly k: string; readonly opc: string }
  /** The highest sequence number that the ISIM has accepted. */
  readonly sqn: number
  /** An ISIM that is broken: it makes a wrong RES. */
  readonly isFaulty: boolean
  readonly portServer: number
  /** The protected client port of the first set of associations; each further set has the next one. */
  readonly portClient: number
  /** Security parameter indexes to use before any are made up, two for each set of associations. */
  readonly spis: readonly number[]
  readonly algorithms: readonly IntegrityAlgorithm[]
  /** Whether it subscribes to its registration state. */
  readonly subscribes: boolean
  /** Identifiers of the calls of REGISTERs, to use before any are made up. */
  readonly callIds: readonly string[]
  readonly tags: readonly string[]
}

/** What follows from being registered, and is told of every request: as the settings of a UE that always is. */
export interface RegisteredAccess {
  readonly identity: string
  readonly route: readonly NameAddr[]
  readonly contact: NameAddr
  readonly security: readonly Parameterised[]
}

/** The registration of a UE; its owner changes it in place. */
export interface Registration {
  readonly settings: RegistrationSettings
  state: 'not registered' | 'registering' | 'registered' | 'ending'
  /** Why it is not registered, if it has tried. */
  failure: string | undefined
  /** The call of the REGISTERs, with the number of the last one. */
  callId: string
  tag: string
  sequence: number
  /** How many calls there have been. */
  calls: number
  /** The duration that is asked for, in seconds. */
  duration: number
  /** How many challenges in a row have been invalid. */
  invalidChallenges: number
  /** The sequence numbers that the ISIM has accepted. */
  readonly accepted: AcceptedSequences
  /** The end of the next associations, as the last REGISTER offered it. */
  offer: SecurityEnd | undefined
  /** How many sets of associations have been offered. */
  offers: number
  associations: readonly UeAssociations[]
  /** True while requests go over the associations. */
  isProtected: boolean
  /** The Authorization that was sent last. */
  credentials: Authentication | undefined
  /** All that the network has registered, the default identity first. */
  identities: readonly string[]
  expiresAt: Micros
  access: RegisteredAccess | undefined
  subscription: Subscription<RegistrationView> | undefined
}

/** Security associations with the Security-Server that every request repeats. */
export interface UeAssociations extends SecurityAssociations {
  readonly server: readonly Parameterised[]
}

export const newRegistration = (settings: RegistrationSettings): Registration => ({
  settings,
  state: 'not registered',
  failure: undefined,
  callId: '',
  tag: '',
  sequence: 0,
  calls: 0,
  duration: settings.duration,
  invalidChallenges: 0,
  accepted: acceptedSequences(settings.sqn),
  offer: undefined,
  offers: 0,
  associations: [],
  isProtected: false,
  credentials: undefined,
  identities: [],
  expiresAt: 0,
  access: undefined,
  subscription: undefined,
})
