/**
 * Digest authentication (RFC 2617, RFC 7616; in SIP RFC 3261 §22 and RFC 8760), with the one-time passwords of AKA
 * (RFC 3310).
 */
import { md5 } from '@noble/hashes/legacy.js'
import { sha256, sha512_256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { assert } from '../sim/assert.ts'
import { quote, unquote } from './grammar/scanner.ts'
import { encodeUtf8 } from './grammar/utf8.ts'
import type { Authentication, Params } from './headers.ts'
import { type Body, byteLength } from './message.ts'

/** The hash functions by the names that `algorithm` may have; AKAv1-MD5 is MD5 with RES as password (RFC 3310 §3.2). */
const hashes = {
  MD5: md5,
  'MD5-sess': md5,
  'SHA-256': sha256,
  'SHA-256-sess': sha256,
  'SHA-512-256': sha512_256,
  'SHA-512-256-sess': sha512_256,
  'AKAv1-MD5': md5,
} as const

/** The value of `algorithm`. */
export type DigestAlgorithm = keyof typeof hashes

/** What the quality of protection covers: the request line, or the body too. */
export type Protection = 'auth' | 'auth-int'

/**
 * RFC 7616 §3.4.2: what a server may keep in place of a password: the hash of user name, realm and password, in
 * lower-case hexadecimal digits, by the names of the hash functions without `-sess`.
 */
export interface HashedPassword {
  readonly hashed: { readonly [algorithm in DigestAlgorithm]?: string }
}

/** Who authenticates: a name and a password, which for AKA is the octets of RES. */
export interface Account {
  readonly username: string
  readonly realm: string
  readonly password: string | Uint8Array | HashedPassword
}

/** All that goes into a response (RFC 7616 §3.4.1). */
export interface DigestInput extends Account {
  readonly algorithm: DigestAlgorithm
  readonly nonce: string
  /** Empty for the `rspauth` of a server (RFC 7616 §3.5). */
  readonly method: string
  readonly uri: string
  /** Undefined for the way of RFC 2069, which RFC 2617 keeps for old servers. */
  readonly protection:
    | undefined
    | { readonly qop: Protection; readonly clientNonce: string; readonly nonceCount: string }
  /** The body; only `auth-int` looks at it. */
  readonly body?: Body
}

/** RFC 7616 §3.4.1: the value of `response`, in lower-case hexadecimal digits. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, nonce, method, uri, protection, body } = input
  const bodyPart = protection?.qop === 'auth-int' ? `:${hash(algorithm, bytesOf(body ?? ''))}` : ''
  const secret = hashedAccount(input)
  assert(secret !== undefined, `a password is not hashed by ${algorithm}`)
  const what = hash(algorithm, encodeUtf8(`${method}:${uri}${bodyPart}`))
  if (protection === undefined) return hash(algorithm, encodeUtf8(`${secret}:${nonce}:${what}`))
  const { nonceCount, clientNonce, qop } = protection
  return hash(algorithm, encodeUtf8(`${secret}:${nonce}:${nonceCount}:${clientNonce}:${qop}:${what}`))
}

/** RFC 7616 §3.4.4: a name that does not give itself away. */
export function hashedName(algorithm: DigestAlgorithm, username: string, realm: string): string {
  return hash(algorithm, encodeUtf8(`${username}:${realm}`))
}

/** RFC 7616 §3.4.2: H(A1); undefined for a password that was hashed by other algorithms only. */
function hashedAccount(input: DigestInput): string | undefined {
  const { algorithm, nonce, protection } = input
  const plain = hashedPassword(algorithm, input)
  if (!algorithm.endsWith('-sess') || plain === undefined) return plain
  return hash(algorithm, encodeUtf8(`${plain}:${nonce}:${protection?.clientNonce ?? ''}`))
}

/** RFC 7616 §3.4.2: the hash of name, realm and password. A password may be octets that are no text. */
export function hashedPassword(algorithm: DigestAlgorithm, account: Account): string | undefined {
  const { username, realm, password } = account
  if (isHashed(password)) return password.hashed[algorithm.replace(/-sess$/, '') as DigestAlgorithm]
  const name = encodeUtf8(`${username}:${realm}:`)
  const secret = bytesOf(password)
  const whole = new Uint8Array(name.length + secret.length)
  whole.set(name)
  whole.set(secret, name.length)
  return hash(algorithm, whole)
}

const isHashed = (password: Account['password']): password is HashedPassword =>
  typeof password === 'object' && 'hashed' in password

const hash = (algorithm: DigestAlgorithm, bytes: Uint8Array): string => bytesToHex(hashes[algorithm](bytes))

const bytesOf = (text: string | Uint8Array): Uint8Array => (typeof text === 'string' ? encodeUtf8(text) : text)

/** A parameter of a challenge or of credentials without its quotes; undefined for one that is missing. */
export function paramText({ params }: Authentication, name: string): string | undefined {
  const value = Object.hasOwn(params, name) ? params[name] : undefined
  return typeof value === 'string' ? unquote(value) : undefined
}

/** The algorithm of a challenge or of credentials, MD5 where none is named; undefined for one that is not known. */
export function algorithmOf(authentication: Authentication): DigestAlgorithm | undefined {
  const name = paramText(authentication, 'algorithm')?.toLowerCase() ?? 'md5'
  return (Object.keys(hashes) as DigestAlgorithm[]).find((known) => known.toLowerCase() === name)
}

/** The request that credentials stand for. */
export interface Authorised {
  readonly method: string
  readonly uri: string
  readonly body: Body
}

/** What a client adds of its own to the answer to a challenge. */
export interface ClientPart {
  readonly clientNonce: string
  /** How many requests have been sent with this nonce, this one included. */
  readonly count: number
}

/**
 * RFC 7616 §3.4: the credentials that answer a challenge, for the Authorization header field; undefined if the
 * challenge is not one of Digest, or asks for what is not known here.
 */
export function credentialsFor(
  challenge: Authentication,
  { username, password }: Omit<Account, 'realm'>,
  request: Authorised,
  { clientNonce, count }: ClientPart,
): Authentication | undefined {
  const algorithm = algorithmOf(challenge)
  const nonce = paramText(challenge, 'nonce')
  const qop = protectionFor(paramText(challenge, 'qop'), request)
  if (challenge.scheme.toLowerCase() !== 'digest' || algorithm === undefined || nonce === undefined) return undefined
  if (qop === 'unknown') return undefined
  const realm = paramText(challenge, 'realm') ?? ''
  const protection = qop && { qop, clientNonce, nonceCount: count.toString(16).padStart(8, '0') }
  const response = digestResponse({ algorithm, username, realm, password, nonce, protection, ...request })
  const opaque = paramText(challenge, 'opaque')
  const params: Params = {
    username: quote(username),
    realm: quote(realm),
    nonce: quote(nonce),
    uri: quote(request.uri),
    response: quote(response),
    algorithm,
    ...(protection && { cnonce: quote(clientNonce), qop: protection.qop, nc: protection.nonceCount }),
    ...(opaque !== undefined && { opaque: quote(opaque) }),
  }
  return { scheme: 'Digest', params }
}

/** The best protection offered: that of the body where there is one. Undefined where nothing is offered. */
function protectionFor(offered: string | undefined, { body }: Authorised): Protection | undefined | 'unknown' {
  if (offered === undefined) return undefined
  const options = offered.split(',').map((option) => option.trim().toLowerCase())
  const known = (['auth', 'auth-int'] as const).filter((option) => options.includes(option))
  if (known.length === 0) return 'unknown'
  return byteLength(body) > 0 ? known.at(-1) : known[0]
}

/**
 * RFC 7616 §3.4.6: do these credentials prove that the client knows the password? The URI is that of the credentials,
 * since proxies may have changed the Request-URI; comparing the two is left to whoever asks.
 */
export function isProof(credentials: Authentication, account: Account, request: Omit<Authorised, 'uri'>): boolean {
  const expected = expectedResponse(credentials, account, request.method, request.body)
  return expected !== undefined && isSameText(expected, paramText(credentials, 'response')?.toLowerCase() ?? '')
}

/** Whether two texts of ASCII are the same, in a time that does not tell where they differ. */
export function isSameText(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}

/** RFC 7616 §3.5: `rspauth`, by which the server proves that it knows the password too. */
export function serverProof(credentials: Authentication, account: Account, body: Body): string | undefined {
  return expectedResponse(credentials, account, '', body)
}

function expectedResponse(
  credentials: Authentication,
  account: Account,
  method: string,
  body: Body,
): string | undefined {
  const algorithm = algorithmOf(credentials)
  const nonce = paramText(credentials, 'nonce')
  const uri = paramText(credentials, 'uri')
  if (algorithm === undefined || nonce === undefined || uri === undefined) return undefined
  if (isHashed(account.password) && hashedPassword(algorithm, account) === undefined) return undefined
  if (paramText(credentials, 'username') !== account.username) return undefined
  if (paramText(credentials, 'realm') !== account.realm) return undefined
  const qop = paramText(credentials, 'qop')?.toLowerCase()
  const nonceCount = paramText(credentials, 'nc')
  const clientNonce = paramText(credentials, 'cnonce')
  if (qop === undefined)
    return digestResponse({ ...account, algorithm, nonce, method, uri, body, protection: undefined })
  if ((qop !== 'auth' && qop !== 'auth-int') || nonceCount === undefined || clientNonce === undefined) return undefined
  return digestResponse({
    ...account,
    algorithm,
    nonce,
    method,
    uri,
    body,
    protection: { qop, nonceCount, clientNonce },
  })
}
