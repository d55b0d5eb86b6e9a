/**
 * What an authentication proxy keeps (TS 33.222 §6, TS 24.109 §7): bootstrapping sessions, nonces, and the requests
 * that wait for a BSF or for an application server.
 */
import {
  type Accepted,
  type DigestServer,
  digestServer,
  type ReadCredentials,
} from '../../http/digest-authentication.ts'
import type { HttpClient } from '../../http/exchange.ts'
import type { HttpRequest } from '../../http/message.ts'
import type { Address } from '../../sim/node.ts'
import type { Micros } from '../../sim/time.ts'
import type { DigestAlgorithm, HashedPassword } from '../../sip/digest.ts'
import type { CxClient } from '../cx.ts'
import type { NafSession } from './naf.ts'
import type { RequestLimit, UnprovedRequests } from './request-limit.ts'

/** An application server behind the proxy. */
export interface ProxiedServer {
  /** The name by which UEs call it. */
  readonly name: string
  readonly address: Address
  /** The GAA service identifier of what it offers (TS 29.109 §6.3.1.4). */
  readonly service: string
  /** The flag that the settings of a subscriber must have; undefined if it is enough that there are settings. */
  readonly requires: string | undefined
}

/** A user who has a name and a password, of plain HTTP Digest. */
export interface UtAccount {
  readonly password: string | HashedPassword
  readonly identities: readonly string[]
  readonly flags: readonly string[]
}

/** How users may prove who they are: with bootstrapped keys, or with a password of their own. */
export type UtMethod = 'gba' | 'digest'

/** What the topology says of an authentication proxy. */
export interface AuthenticationProxySettings {
  readonly servers: readonly ProxiedServer[]
  readonly methods: readonly UtMethod[]
  /** The hash functions for passwords, in the order in which they are offered (RFC 7616 §3.7). */
  readonly algorithms: readonly DigestAlgorithm[]
  /** The BSFs that are trusted, by the names in B-TIDs. */
  readonly bsfs: readonly Address[]
  /** By user name. */
  readonly accounts: Readonly<Record<string, UtAccount>>
  /** What nobody else knows, by which its nonces are recognised. */
  readonly secret: string
  readonly nonceLife: Micros
  /** How long bootstrapped keys are good here, if that is shorter than for the BSF (TS 33.220 §4.5.3). */
  readonly keyLife: Micros | undefined
  readonly limit: RequestLimit
  /** The moment of time 0, in microseconds since the beginning of 1970. */
  readonly epoch: Micros
}

/** A request whose B-TID the BSF is asked about. */
export interface WaitingForKeys {
  readonly request: HttpRequest
  readonly from: Address
  readonly server: ProxiedServer
  readonly read: ReadCredentials
}

/** A request that is with an application server. */
export interface Forwarded {
  /** The request as it came. */
  readonly received: HttpRequest
  readonly from: Address
  readonly accepted: Accepted
  readonly digest: DigestServer
}

/** The state of an authentication proxy; changed in place. */
export interface AuthenticationProxy extends CxClient<WaitingForKeys> {
  readonly settings: AuthenticationProxySettings
  /** What judges credentials, by realm. */
  readonly digests: Map<string, DigestServer>
  /** By the name of the server and the B-TID. */
  readonly sessions: Map<string, NafSession>
  readonly unproved: UnprovedRequests
  readonly forwarded: HttpClient<Forwarded>
}

export const newAuthenticationProxy = (settings: AuthenticationProxySettings): AuthenticationProxy => ({
  settings,
  waiting: new Map(),
  digests: new Map(),
  sessions: new Map(),
  unproved: new Map(),
  forwarded: { waiting: new Map() },
})

/** TS 24.109 §5.2.4: with what the realm of a NAF begins that asks for bootstrapped keys. */
const bootstrappingRealm = '3GPP-bootstrapping@'

/** The realm of a server by a method: its name, with a mark if bootstrapped keys are asked for. */
export const realmOf = (name: string, method: UtMethod): string =>
  method === 'gba' ? `${bootstrappingRealm}${name}` : name

/** The name of the NAF in a realm; undefined for a realm that does not ask for bootstrapped keys. */
export const nafInRealm = (realm: string): string | undefined =>
  realm.startsWith(bootstrappingRealm) ? realm.slice(bootstrappingRealm.length) : undefined

/** What judges credentials for a realm. With bootstrapped keys there is MD5 alone (TS 24.109 §5.2.2). */
export function digestFor(proxy: AuthenticationProxy, realm: string): DigestServer {
  const known = proxy.digests.get(realm)
  if (known !== undefined) return known
  const { secret, nonceLife, algorithms } = proxy.settings
  const isBootstrapped = nafInRealm(realm) !== undefined
  const made = digestServer(realm, secret, { nonceLife, algorithms: isBootstrapped ? ['MD5'] : algorithms })
  proxy.digests.set(realm, made)
  return made
}
