/**
 * The server's side of HTTP Digest authentication (RFC 2617 §3, RFC 7616 §3): challenges, the judgement of credentials,
 * and what the server says of itself in Authentication-Info. Who has which password, and what time it is, is the
 * caller's to know.
 */
import type { Micros } from '../sim/time.ts'
import { seconds } from '../sim/time.ts'
import {
  type Account,
  algorithmOf,
  type DigestAlgorithm,
  isProof,
  type Protection,
  paramText,
  serverProof,
} from '../sip/digest.ts'
import { printParamsByComma } from '../sip/grammar/params.ts'
import { quote } from '../sip/grammar/scanner.ts'
import type { Authentication } from '../sip/headers.ts'
import { headerValue } from '../sip/message.ts'
import { type NonceUse, nonceGiven, timeOfNonce, unusedNonce, withCount } from './digest-nonce.ts'
import type { HttpBody } from './message.ts'

/** How a server authenticates. */
export interface DigestSettings {
  readonly realm: string
  /** What it takes, in the order in which it is offered. */
  readonly algorithms: readonly DigestAlgorithm[]
  readonly protections: readonly Protection[]
  /** How long a nonce is good after it was given out. */
  readonly nonceLife: Micros
  /** How old a nonce is when the next one goes out with an answer; 0 for one with each answer. */
  readonly renewAfter: Micros
  /** How many used nonces are remembered. Those that are forgotten are stale, as are all that were given before. */
  readonly mostNonces: number
}

/** A server that authenticates: plain data, which its owner changes in place by the functions below. */
export interface DigestServer {
  readonly settings: DigestSettings
  /** What nobody else knows, by which its nonces are recognised. */
  readonly secret: string
  /** The nonces that were used with good credentials. */
  readonly uses: Map<string, NonceUse>
  /** No nonce given out until then is good unless it is in `uses`. */
  forgotten: Micros
}

/** A server of a realm, by default with MD5 and SHA-256, both protections, and nonces that live for five minutes. */
export function digestServer(realm: string, secret: string, changes: Partial<DigestSettings> = {}): DigestServer {
  const nonceLife = changes.nonceLife ?? seconds(300)
  const settings: DigestSettings = {
    realm,
    algorithms: ['MD5', 'SHA-256'],
    protections: ['auth', 'auth-int'],
    nonceLife,
    renewAfter: Math.floor(nonceLife / 2),
    mostNonces: 100_000,
    ...changes,
  }
  return { settings, secret, uses: new Map(), forgotten: -1 }
}

/** A nonce to give out now. `salt`, of letters and digits, is never the same twice at one time. */
export const freshNonce = (server: DigestServer, now: Micros, salt: string): string =>
  nonceGiven(server.secret, now, salt)

/**
 * RFC 7616 §3.3, §3.7: the challenges of a 401, one for each algorithm, to be sent as header fields of their own.
 * `isStale` tells the client that its password was right, so that it need not ask its user again.
 */
export function challengesOf({ settings }: DigestServer, nonce: string, isStale: boolean): Authentication[] {
  const { realm, algorithms, protections } = settings
  return algorithms.map((algorithm) => ({
    scheme: 'Digest',
    params: {
      realm: quote(realm),
      nonce: quote(nonce),
      algorithm,
      qop: quote(protections.join(',')),
      ...(isStale && { stale: 'true' }),
    },
  }))
}

/** A challenge or credentials as the value of a header field. */
export const printAuthentication = ({ scheme, params }: Authentication): string =>
  `${scheme} ${printParamsByComma(params)}`

/** What came of reading or judging credentials, where they are not good. */
export type Rejection =
  /** No credentials, those of another scheme or realm, or wrong ones: 401. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The password is right, but the nonce or its count can not be used (again): 401 with `stale=true`. */
  | { readonly kind: 'stale'; readonly why: string }
  /** RFC 2617 §3.2.2.5: a parameter is missing or improper, or the URI is that of something else: 400. */
  | { readonly kind: 'malformed'; readonly why: string }

/** Credentials as they were read: nothing is proved yet. */
export interface ReadCredentials {
  readonly kind: 'read'
  /** Who the client says it is: a user name, or a B-TID; the account to judge by is found with it. */
  readonly username: string
  readonly nonce: string
  readonly credentials: Authentication
}

/** Credentials that were found good. */
export interface Accepted {
  readonly kind: 'accepted'
  readonly username: string
  readonly credentials: Authentication
  readonly account: Account
  /** When the nonce was given out. */
  readonly givenAt: Micros
}

const refused = (why: string): Rejection => ({ kind: 'refused', why })
const stale = (why: string): Rejection => ({ kind: 'stale', why })
const malformed = (why: string): Rejection => ({ kind: 'malformed', why })

/** RFC 7616 §3.4: the parameters without which credentials say nothing. */
const necessary = ['username', 'realm', 'nonce', 'uri', 'response'] as const

/** Reads the value of an Authorization header field, for a request with this request target. */
export function readCredentials(
  { settings }: DigestServer,
  authorization: string | undefined,
  target: string,
): ReadCredentials | Rejection {
  if (authorization === undefined) return refused('no credentials')
  if (!/^[ \t]*digest[ \t]/i.test(authorization)) return refused('credentials of another scheme than Digest')
  const credentials = headerValue('authorization', authorization)?.[0]
  if (credentials === undefined) return malformed('credentials that do not follow the grammar')
  const missing = necessary.find((name) => paramText(credentials, name) === undefined)
  if (missing !== undefined) return malformed(`credentials without ${missing}`)
  const text = (name: string): string => paramText(credentials, name) ?? ''
  if (text('realm') !== settings.realm) return refused('credentials for another realm')
  const algorithm = algorithmOf(credentials)
  if (algorithm === undefined || !settings.algorithms.includes(algorithm)) return refused('another algorithm')
  const qop = paramText(credentials, 'qop')?.toLowerCase() ?? 'auth'
  if (!settings.protections.some((protection) => protection === qop)) return refused('another quality of protection')
  if (!isSameTarget(text('uri'), target)) return malformed('credentials for another URI')
  if (countOf(credentials) === undefined) return malformed('a nonce count that is not one')
  return { kind: 'read', username: text('username'), nonce: text('nonce'), credentials }
}

/**
 * RFC 7616 §3.4: how many requests the client has sent with the nonce; undefined if it is not eight hexadecimal digits
 * above zero. A client that names no quality of protection does not count (RFC 2617 §3.2.2): its nonces are good once.
 */
function countOf(credentials: Authentication): number | undefined {
  if (paramText(credentials, 'qop') === undefined) return 1
  const text = paramText(credentials, 'nc') ?? ''
  const count = /^[0-9a-f]{8}$/i.test(text) ? Number.parseInt(text, 16) : 0
  return count === 0 ? undefined : count
}

/**
 * RFC 7616 §3.4.6: whether the URI of credentials is that of the request. Either may be absolute where the other is a
 * path (RFC 9112 §3.2); nothing else is made equal, as escapes and dot segments are the client's own.
 */
function isSameTarget(uri: string, target: string): boolean {
  return uri === target || pathOf(uri) === pathOf(target)
}

function pathOf(uri: string): string {
  const path = uri.replace(/^https?:\/\/[^/?]*/i, '')
  return path.startsWith('/') ? path : `/${path}`
}

/**
 * RFC 7616 §3.4.6: whether credentials are good for an account, undefined if there is none of that name. Good ones are
 * noted, so that they are not good a second time.
 */
export function judgeCredentials(
  server: DigestServer,
  { username, nonce, credentials }: ReadCredentials,
  account: Account | undefined,
  request: { readonly method: string; readonly body: HttpBody },
  now: Micros,
): Accepted | Rejection {
  if (account === undefined) return refused('nobody of that name')
  if (!isProof(credentials, account, request)) return refused('a wrong password')
  const use = server.uses.get(nonce) ?? firstUse(server, nonce)
  if (use === undefined) return stale('a nonce that this server does not know')
  if (now - use.at >= server.settings.nonceLife || use.at > now) return stale('a nonce that has expired')
  const noted = withCount(use, countOf(credentials)!)
  if (noted === undefined) return stale('a nonce count that was used before')
  note(server, nonce, noted, now)
  return { kind: 'accepted', username, credentials, account, givenAt: use.at }
}

/** The use of a nonce that nobody has used yet; undefined if this server has not given it out, or has forgotten it. */
function firstUse({ secret, forgotten }: DigestServer, nonce: string): NonceUse | undefined {
  const at = timeOfNonce(secret, nonce)
  return at === undefined || at <= forgotten ? undefined : unusedNonce(at)
}

/** Keeps a use. The first that were kept make room: expired ones, and what is above the limit. */
function note(server: DigestServer, nonce: string, noted: NonceUse, now: Micros): void {
  const { uses, settings } = server
  uses.set(nonce, noted)
  for (const [oldest, { at }] of uses) {
    const isExpired = now - at >= settings.nonceLife
    if (!isExpired && uses.size <= settings.mostNonces) return
    uses.delete(oldest)
    if (!isExpired) server.forgotten = Math.max(server.forgotten, at)
  }
}

/** Whether the next nonce should go out with the answer: the one in use is old, or can not be used again. */
export function isRenewalDue({ settings }: DigestServer, { givenAt, credentials }: Accepted, now: Micros): boolean {
  return now - givenAt >= settings.renewAfter || paramText(credentials, 'qop') === undefined
}

/**
 * RFC 7616 §3.5: the value of Authentication-Info for an answer with this body: the proof that the server knows the
 * password too, and the nonce to use next, if there is one. Undefined if it would be empty.
 */
export function authenticationInfo(
  { credentials, account }: Accepted,
  body: HttpBody,
  nextNonce: string | undefined,
): string | undefined {
  const qop = paramText(credentials, 'qop')
  const proof = serverProof(credentials, account, body)
  const params = {
    ...(nextNonce !== undefined && { nextnonce: quote(nextNonce) }),
    ...(qop !== undefined &&
      proof !== undefined && {
        qop: qop.toLowerCase(),
        rspauth: quote(proof),
        cnonce: quote(paramText(credentials, 'cnonce') ?? ''),
        nc: paramText(credentials, 'nc') ?? '',
      }),
  }
  return Object.keys(params).length === 0 ? undefined : printParamsByComma(params)
}
