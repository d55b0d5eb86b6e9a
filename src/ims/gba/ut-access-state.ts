/**
 * What a UE keeps to prove itself to the servers of Ut (TS 24.141 §6.2.1): a bootstrapping session, the run that makes
 * one, the challenges of servers, and the requests on their way.
 */
import type { HttpRequest, HttpResponse } from '../../http/message.ts'
import type { Address } from '../../sim/node.ts'
import type { Micros } from '../../sim/time.ts'
import type { Authentication } from '../../sip/headers.ts'
import { type AcceptedSequences, acceptedSequences } from '../aka.ts'

/** What the topology says of how a UE proves itself. Octets are hexadecimal text. */
export interface UtAccessSettings {
  readonly method: 'gba' | 'digest' | 'none'
  /** The public identity that it asks in the name of; undefined if it says none. */
  readonly identity: string | undefined
  /** What it says of itself in User-Agent, where a client has said nothing. */
  readonly userAgent: string
  /** The name and the password of plain HTTP Digest. */
  readonly username: string
  readonly password: string
  /** What it adds of its own, be it allowed to or not: header fields by their names in lower case. */
  readonly forged: Readonly<Record<string, string>>
  readonly bootstrapping: BootstrappingSettings
  /** The moment of time 0, in microseconds since the beginning of 1970. */
  readonly epoch: Micros
}

/** What a UE needs to bootstrap. */
export interface BootstrappingSettings {
  readonly bsf: Address
  readonly privateIdentity: string
  /** K and OPc of the USIM or ISIM. */
  readonly secret: { readonly k: string; readonly opc: string }
  /** The highest sequence number that it has accepted. */
  readonly sqn: number
  /** One that is broken: it makes a wrong RES. */
  readonly isFaulty: boolean
}

/** A bootstrapping session (TS 33.220 §4.5.2). */
export interface UtSession {
  /** The B-TID. */
  readonly transaction: string
  /** Ks, 32 octets, and the RAND that it came with, 16. */
  readonly ks: Uint8Array
  readonly rand: Uint8Array
  readonly expiresAt: Micros
}

/** A run of bootstrapping that has begun. */
export interface BootstrappingRun {
  /** The exchange of its last request. */
  readonly exchange: string
  /** How many challenges in a row have been invalid. */
  readonly invalid: number
  /** What a challenge that was accepted came to. */
  readonly answer:
    | {
        readonly credentials: Authentication
        readonly res: Uint8Array
        readonly ks: Uint8Array
        readonly rand: Uint8Array
      }
    | undefined
}

/** A request of a role on its way. */
export interface UtExchange {
  /** The request as the role made it. */
  readonly original: HttpRequest
  readonly to: Address
  /** How often it has been sent. */
  readonly sent: number
  /** The request that was sent last. */
  readonly last: HttpRequest
  /** With what it proved itself the last time; undefined if it did not. */
  readonly proof: UtProof | undefined
  /** The 401 that it waits to answer, once there are keys; undefined before it was sent. */
  readonly refusal: HttpResponse | undefined
}

/** Credentials with the account that they are of. */
export interface UtProof {
  readonly credentials: Authentication
  readonly username: string
  readonly realm: string
  readonly password: string
}

/** A challenge of a server, and how many requests have answered it. */
export interface KnownChallenge {
  readonly challenge: Authentication
  readonly count: number
}

/** The state of the access to Ut; changed in place. */
export interface UtAccess {
  readonly settings: UtAccessSettings
  /** The sequence numbers that the USIM has accepted, which registration goes on with. */
  readonly accepted: AcceptedSequences
  session: UtSession | undefined
  run: BootstrappingRun | undefined
  /** By the name of the server. */
  readonly challenges: Map<string, KnownChallenge>
  /** By the exchange of the request that was sent last. */
  readonly exchanges: Map<string, UtExchange>
  /** The requests that wait for keys. */
  readonly waiting: UtExchange[]
}

/** `accepted` is shared with the registration of the UE, if it has one. */
export const newUtAccess = (settings: UtAccessSettings, accepted?: AcceptedSequences): UtAccess => ({
  settings,
  accepted: accepted ?? acceptedSequences(settings.bootstrapping.sqn),
  session: undefined,
  run: undefined,
  challenges: new Map(),
  exchanges: new Map(),
  waiting: [],
})
