import { isHost, readHostPort } from './host.ts'
import type { Params } from './params.ts'
import { lowerCase } from './scanner.ts'

/** A SIP or SIPS URI (RFC 3261 §19.1.1). Its parts are as written, escapes included. */
export interface SipUri {
  readonly kind: 'sip'
  readonly scheme: 'sip' | 'sips'
  readonly user: string | undefined
  readonly password: string | undefined
  /** A name or an address; an IPv6 address stands in brackets. */
  readonly host: string
  readonly port: number | undefined
  /** Names in lower case with their escapes resolved, values as written. */
  readonly params: Params
  /** The header fields that a request to this URI would carry. */
  readonly headers: readonly UriHeader[]
}

export interface UriHeader {
  readonly name: string
  readonly value: string
}

/** A telephone number (RFC 3966). */
export interface TelUri {
  readonly kind: 'tel'
  readonly scheme: 'tel'
  /** As written; with a leading `+` when it is a global number. */
  readonly number: string
  readonly params: Params
}

/** A presence or instant inbox URI (RFC 3859, RFC 3860): a mailbox whose protocol is found by its domain. */
export interface PresUri {
  readonly kind: 'pres'
  readonly scheme: 'pres' | 'im'
  readonly user: string
  readonly host: string
  readonly headers: readonly UriHeader[]
}

/** Any other absolute URI. */
export interface OtherUri {
  readonly kind: 'other'
  /** In lower case. */
  readonly scheme: string
  readonly rest: string
}

export type Uri = SipUri | TelUri | PresUri | OtherUri

/** URIs parsed lately, by their text: the older half is dropped when the younger one is full. */
let young = new Map<string, Uri | undefined>()
let old = new Map<string, Uri | undefined>()
const mostRemembered = 4096
const longestRemembered = 256

/** Parses a URI; `undefined` when it does not follow the grammar. The result is remembered and shared. */
export function parseUri(text: string): Uri | undefined {
  let uri = young.get(text)
  if (uri !== undefined) return uri
  uri = old.get(text) ?? readUri(text)
  if (text.length > longestRemembered) return uri
  if (young.size >= mostRemembered) {
    old = young
    young = new Map()
  }
  young.set(text, uri)
  return uri
}

/** Parses a SIP or SIPS URI; `undefined` for any other. */
export function parseSipUri(text: string): SipUri | undefined {
  const uri = parseUri(text)
  return uri?.kind === 'sip' ? uri : undefined
}

/** The host of a SIP or presence URI in lower case; `undefined` when it has none. */
export function hostOf(text: string): string | undefined {
  const uri = parseUri(text)
  return uri?.kind === 'sip' || uri?.kind === 'pres' ? lowerCase(uri.host) : undefined
}

/** The port of a SIP URI, `undefined` when it is not given. */
export function portOf(text: string): number | undefined {
  return parseSipUri(text)?.port
}

/** The user of a SIP or presence URI, or the number of a tel URI, with its escapes resolved. */
export function userOf(text: string): string | undefined {
  const uri = parseUri(text)
  if (uri === undefined || uri.kind === 'other') return undefined
  if (uri.kind === 'tel') return uri.number
  return uri.user === undefined ? undefined : unescapeUri(uri.user)
}

/** True when the URI has this parameter, with a value or without; the name is in lower case. */
export function hasParam(text: string, name: string): boolean {
  const uri = parseUri(text)
  return (uri?.kind === 'sip' || uri?.kind === 'tel') && Object.hasOwn(uri.params, name)
}

/** The value of a parameter of the URI with its escapes resolved, `true` when it has none; the name in lower case. */
export function paramOf(text: string, name: string): string | true | undefined {
  const uri = parseUri(text)
  if ((uri?.kind !== 'sip' && uri?.kind !== 'tel') || !Object.hasOwn(uri.params, name)) return undefined
  const value = uri.params[name]
  return typeof value === 'string' ? unescapeUri(value) : value
}

/** Prints a URI; parsing the text again gives the same URI. */
export function printUri(uri: Uri): string {
  if (uri.kind === 'other') return `${uri.scheme}:${uri.rest}`
  if (uri.kind === 'tel') return `tel:${uri.number}${printUriParams(uri.params)}`
  if (uri.kind === 'pres') return `${uri.scheme}:${uri.user}@${uri.host}${printUriHeaders(uri.headers)}`
  const password = uri.password === undefined ? '' : `:${uri.password}`
  const user = uri.user === undefined ? '' : `${uri.user}${password}@`
  const port = uri.port === undefined ? '' : `:${uri.port}`
  return `${uri.scheme}:${user}${uri.host}${port}${printUriParams(uri.params)}${printUriHeaders(uri.headers)}`
}

function printUriParams(params: Params): string {
  let text = ''
  for (const name in params) {
    const value = params[name]
    text += `;${escapeWith(name, paramLetters)}${value === true ? '' : `=${value}`}`
  }
  return text
}

function printUriHeaders(headers: readonly UriHeader[]): string {
  return headers.length === 0 ? '' : `?${headers.map(({ name, value }) => `${name}=${value}`).join('&')}`
}

/** Resolves the escapes of a part of a URI, as UTF-8; once only, so that `%2541` gives `%41` (RFC 4475 §3.1.1.3). */
export function unescapeUri(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // Not UTF-8: each escape stands for one byte (RFC 3261 §19.1.2 names no character set).
    return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  }
}

const unreserved = "0-9A-Za-z\\-_.!~*'()"
const userLetters = new RegExp(`[^${unreserved}&=+$,;?/]`, 'gu')
const paramLetters = new RegExp(`[^${unreserved}\\[\\]/:&+$]`, 'gu')
const headerLetters = new RegExp(`[^${unreserved}\\[\\]/?:+$]`, 'gu')

/** Escapes what must not stand in the user part of a SIP URI (RFC 3261 §25.1). */
export function escapeUser(text: string): string {
  return escapeWith(text, userLetters)
}

/** Escapes what must not stand in a parameter of a SIP URI. */
export function escapeParam(text: string): string {
  return escapeWith(text, paramLetters)
}

/** Escapes what must not stand in a header field of a SIP URI. */
export function escapeHeader(text: string): string {
  return escapeWith(text, headerLetters)
}

function escapeWith(text: string, letters: RegExp): string {
  return text.replace(letters, (letter) => (/[\uD800-\uDFFF]/u.test(letter) ? '%EF%BF%BD' : encodeURIComponent(letter)))
}

function readUri(text: string): Uri | undefined {
  const colon = text.indexOf(':')
  if (colon < 1) return undefined
  const scheme = lowerCase(text.slice(0, colon))
  const rest = text.slice(colon + 1)
  if (scheme === 'sip' || scheme === 'sips') return readSipUri(scheme, rest)
  if (scheme === 'tel') return readTelUri(rest)
  if (scheme === 'pres' || scheme === 'im') return readPresUri(scheme, rest)
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme) || !/^[0-9A-Za-z;/?:@&=+$,\-_.!~*'()%#[\]]+$/.test(rest)) return undefined
  return { kind: 'other', scheme, rest }
}

// An escape is a percent sign and two hexadecimal digits (RFC 3261 §25.1). None of these patterns can backtrack.
const userPattern = /^(?:[0-9A-Za-z\-_.!~*'()&=+$,;?/]|%[0-9A-Fa-f]{2})+$/
const passwordPattern = /^(?:[0-9A-Za-z\-_.!~*'()&=+$,]|%[0-9A-Fa-f]{2})*$/
const paramPattern = /^(?:[0-9A-Za-z\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+$/
const headerPattern = /^(?:[0-9A-Za-z\-_.!~*'()[\]/?:+$]|%[0-9A-Fa-f]{2})*$/

function readSipUri(scheme: 'sip' | 'sips', rest: string): SipUri | undefined {
  const at = rest.indexOf('@')
  let user: string | undefined
  let password: string | undefined
  if (at >= 0) {
    // A user part may hold semicolons and question marks of its own (RFC 4475 §3.1.1.9), so it is cut off first.
    const info = rest.slice(0, at)
    const colon = info.indexOf(':')
    user = colon < 0 ? info : info.slice(0, colon)
    password = colon < 0 ? undefined : info.slice(colon + 1)
    if (!userPattern.test(user) || (password !== undefined && !passwordPattern.test(password))) return undefined
  }
  const question = rest.indexOf('?', at + 1)
  const headers = readHeaders(question < 0 ? '' : rest.slice(question + 1))
  if (headers === undefined || question === rest.length - 1) return undefined
  const end = question < 0 ? rest.length : question
  const semicolon = rest.indexOf(';', at + 1)
  const hostEnd = semicolon >= 0 && semicolon < end ? semicolon : end
  const place = readHostPort(rest.slice(at + 1, hostEnd))
  const params = readParams(rest.slice(hostEnd, end))
  if (place === undefined || params === undefined) return undefined
  return { kind: 'sip', scheme, user, password, host: place.host, port: place.port, params, headers }
}

function readHeaders(text: string): readonly UriHeader[] | undefined {
  if (text === '') return noHeaders
  const headers: UriHeader[] = []
  for (const part of text.split('&')) {
    const equals = part.indexOf('=')
    if (equals < 1) return undefined
    const header = { name: part.slice(0, equals), value: part.slice(equals + 1) }
    if (!headerPattern.test(header.name) || !headerPattern.test(header.value)) return undefined
    headers.push(header)
  }
  return headers
}

const noHeaders: readonly UriHeader[] = Object.freeze([])
const noUriParams: Params = Object.freeze({})

/** Reads `;name=value;name…`; a name that stands twice does not follow the grammar (RFC 3261 §19.1.1). */
function readParams(text: string): Params | undefined {
  if (text === '') return noUriParams
  const params: Record<string, string | true> = {}
  for (const part of text.slice(1).split(';')) {
    const equals = part.indexOf('=')
    const name = equals < 0 ? part : part.slice(0, equals)
    const value = equals < 0 ? true : part.slice(equals + 1)
    if (!paramPattern.test(name) || (value !== true && !paramPattern.test(value))) return undefined
    const key = lowerCase(unescapeUri(name))
    if (Object.hasOwn(params, key) || key === '__proto__') return undefined
    params[key] = value
  }
  return params
}

/**
 * RFC 3966 §3: a global number starts with `+`. A local one must have a phone-context there; one without it is let
 * through, because emergency and service numbers are written so.
 */
function readTelUri(rest: string): TelUri | undefined {
  const semicolon = rest.indexOf(';')
  const number = semicolon < 0 ? rest : rest.slice(0, semicolon)
  if (!/^\+[0-9\-.()]*$/.test(number) && !/^[0-9A-Fa-f*#\-.()]+$/.test(number)) return undefined
  if (!/[0-9A-Fa-f*#]/.test(number)) return undefined
  const params = readParams(semicolon < 0 ? '' : rest.slice(semicolon))
  return params === undefined ? undefined : { kind: 'tel', scheme: 'tel', number, params }
}

function readPresUri(scheme: 'pres' | 'im', rest: string): PresUri | undefined {
  const question = rest.indexOf('?')
  const mailbox = question < 0 ? rest : rest.slice(0, question)
  const at = mailbox.lastIndexOf('@')
  const user = mailbox.slice(0, Math.max(at, 0))
  const host = mailbox.slice(at + 1)
  const headers = readHeaders(question < 0 ? '' : rest.slice(question + 1))
  if (!userPattern.test(user) || !isHost(host) || headers === undefined) return undefined
  return { kind: 'pres', scheme, user, host, headers }
}
