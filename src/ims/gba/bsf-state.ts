/**
 * What a bootstrapping server function keeps (TS 33.220 §4.4.2): challenges that are not answered yet, and sessions
 * with their keys.
 */
import type { UserSecuritySetting } from '../../documents/user-security-settings.ts'
import type { HttpRequest } from '../../http/message.ts'
import type { Address } from '../../sim/node.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import type { AuthenticationVector } from '../aka.ts'
import type { CxClient } from '../cx.ts'

/** What the topology says of a BSF. */
export interface BsfSettings {
  /** Its name, which is the realm on Ub and the end of each B-TID. */
  readonly host: string
  readonly hss: Address
  /** How long keys hold, in seconds, unless the security settings of the subscriber say otherwise. */
  readonly lifetime: number
  /** The moment of time 0, in microseconds since the beginning of 1970. */
  readonly epoch: Micros
  /** The NAFs that may ask for keys. */
  readonly nafs: readonly KnownNaf[]
}

/** A NAF as the operator of the BSF knows it. */
export interface KnownNaf {
  readonly address: Address
  /** The names under which UEs use it. */
  readonly names: readonly string[]
  /** The group by which the security settings of subscribers may name it. */
  readonly group?: string | undefined
}

/** A request of a UE that waits for a vector of the HSS. */
export interface WaitingUe {
  readonly request: HttpRequest
  readonly from: Address
  readonly privateIdentity: string
  /** True if its credentials were for a challenge that is over, so that it need only answer the next one. */
  readonly isStale: boolean
}

/** What the HSS has said of a subscriber. */
export interface SecurityInformation {
  /** How long her keys hold, in seconds; undefined to leave it to the BSF. */
  readonly lifetime: number | undefined
  readonly services: readonly UserSecuritySetting[]
}

/** A challenge that a UE has been sent and has not answered yet. */
export interface OpenChallenge {
  readonly privateIdentity: string
  readonly vector: AuthenticationVector
  readonly security: SecurityInformation
}

/** How long a challenge may be answered: as the registrar waits, `reg-await-auth` of TS 24.229 §7.8. */
export const challengePatience: Micros = seconds(240)

/** The timers of a BSF: the life of a challenge belongs to its nonce, that of a session to its B-TID. */
export const challengeTimer = 'challenge'
export const sessionTimer = 'key lifetime'

/** A bootstrapping session (TS 33.220 §4.5.2). */
export interface BootstrappingSession {
  readonly privateIdentity: string
  /** Ks, 32 octets, and the RAND that it came with, 16. */
  readonly ks: Uint8Array
  readonly rand: Uint8Array
  readonly createdAt: Micros
  readonly expiresAt: Micros
  readonly services: readonly UserSecuritySetting[]
}

/** The state of a BSF; changed in place. */
export interface Bsf extends CxClient<WaitingUe> {
  readonly settings: BsfSettings
  /** By nonce. */
  readonly challenges: Map<string, OpenChallenge>
  /** By B-TID. */
  readonly sessions: Map<string, BootstrappingSession>
}

export const newBsf = (settings: BsfSettings): Bsf => ({
  settings,
  waiting: new Map(),
  challenges: new Map(),
  sessions: new Map(),
})
