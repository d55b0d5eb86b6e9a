/**
 * How a node asks and answers over HTTP: messages made and changed by rules, and what a client waits for.
 */
import type { Address, Turn } from '../sim/node.ts'
import type { Rule } from '../sim/rule.ts'
import { type Micros, seconds } from '../sim/time.ts'
import type { HttpBody, HttpHeaders, HttpMessage, HttpRequest, HttpResponse } from './message.ts'
import { httpReason } from './status.ts'

/** A turn of a node that speaks HTTP, and perhaps other protocols beside it. */
export type HttpTurn<Other = never> = Turn<HttpMessage | Other> & { identifier(): string }

/** What a rule changes in a message: header fields to set or, undefined, to remove, by their names in lower case. */
export interface HttpChanges {
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?: HttpBody
  /** Of a request. */
  readonly target?: string
  /** Of a request that is sent once more: the exchange that it begins. */
  readonly exchange?: string
}

/** A request made by a rule, in a new exchange. */
export function httpRequest<Other>(
  turn: HttpTurn<Other>,
  why: Rule,
  method: string,
  target: string,
  { headers = {}, body = '' }: HttpChanges,
  source?: HttpMessage | Other | number,
): HttpRequest {
  const message: HttpRequest = {
    protocol: 'http',
    kind: 'request',
    method,
    target,
    headers: { ...set({}, headers), ...lengthOf(body, method === 'PUT' || method === 'POST') },
    body,
    exchange: turn.identifier(),
  }
  if (turn.listening) turn.amended(why, undefined, message, ['method', 'target', ...namesOf(message)], source)
  return message
}

/** The answer to a request, made by a rule; its exchange is that of the request. */
export function httpResponse<Other>(
  turn: HttpTurn<Other>,
  request: HttpRequest,
  status: number,
  why: Rule,
  { headers = {}, body = '' }: HttpChanges = {},
): HttpResponse {
  const message: HttpResponse = {
    protocol: 'http',
    kind: 'response',
    status,
    reason: httpReason(status),
    headers: { ...set({}, headers), ...lengthOf(body, status >= 200 && status !== 204 && status !== 304) },
    body,
    exchange: request.exchange,
  }
  if (turn.listening) turn.amended(why, undefined, message, ['status', ...namesOf(message)], request)
  return message
}

/** A message changed by a rule; it is returned as it is if this run leaves the rule out. */
export function httpAmended<T extends HttpMessage, Other>(
  turn: Turn<HttpMessage | Other>,
  message: T,
  why: Rule,
  changes: HttpChanges,
  source?: HttpMessage | Other | number,
): T {
  if (turn.without(why)) return message
  const { headers = {}, body, target, exchange } = changes
  const length = body === undefined ? {} : lengthOf(body, true)
  const after: T = {
    ...message,
    headers: { ...set(message.headers, headers), ...length },
    ...(body !== undefined && { body }),
    ...(target !== undefined && { target }),
    ...(exchange !== undefined && { exchange }),
  }
  const names = [...Object.keys(headers), ...(target === undefined ? [] : ['target'])]
  const ofBody = body === undefined ? [] : ['body', 'content-length']
  if (turn.listening) turn.amended(why, message, after, [...names, ...ofBody], source)
  return after
}

function set(headers: HttpHeaders, changes: Readonly<Record<string, string | undefined>>): HttpHeaders {
  const after: Record<string, string> = { ...headers }
  for (const [name, value] of Object.entries(changes))
    if (value === undefined) delete after[name]
    else after[name] = value
  return after
}

const namesOf = ({ headers, body }: HttpMessage): string[] => [
  ...Object.keys(headers),
  ...(body.length === 0 ? [] : ['body']),
]

/** RFC 9110 §8.6: a message with a body says how long it is, and so does one that could have one. */
const lengthOf = (body: HttpBody, couldHave: boolean): HttpHeaders =>
  body.length > 0 || couldHave ? { 'content-length': String(byteLength(body)) } : {}

/** The bytes of a body: of a text, those of UTF-8. */
export function byteLength(body: HttpBody): number {
  if (typeof body !== 'string') return body.length
  let bytes = body.length
  for (let i = 0; i < body.length; i++) {
    const unit = body.charCodeAt(i)
    // Each half of a surrogate pair is half of four bytes.
    if (unit > 0x7f) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2
  }
  return bytes
}

/** How long a client waits for an answer. */
export const httpPatience: Micros = seconds(30)

/** The timer with which a client waits; it belongs to the exchange. */
export const httpTimer = 'HTTP answer'

/** What a client has asked and not yet heard of, by exchange; `Waiting` says what to do with the answer. */
export interface HttpClient<Waiting> {
  readonly waiting: Map<string, Waiting>
}

/** Sends a request, keeps in mind what its answer is for, and waits no longer than its patience lasts. */
export function askHttp<Waiting, Other>(
  client: HttpClient<Waiting>,
  what: Waiting,
  to: Address,
  request: HttpRequest,
  turn: HttpTurn<Other>,
): void {
  awaitHttp(client, what, request, turn)
  turn.send(to, request, 'stream')
}

/** As `askHttp`, for a request that somebody else sends: the host of a role. */
export function awaitHttp<Waiting, Other>(
  { waiting }: HttpClient<Waiting>,
  what: Waiting,
  { exchange }: HttpRequest,
  turn: HttpTurn<Other>,
): void {
  waiting.set(exchange, what)
  turn.start({ name: httpTimer, of: exchange }, httpPatience)
}

/** What an exchange was for, which is over then; undefined if it is not known, or over already. */
export function answeredHttp<Waiting>({ waiting }: HttpClient<Waiting>, exchange: string): Waiting | undefined {
  const what = waiting.get(exchange)
  waiting.delete(exchange)
  return what
}

/** The host that a request is for: of an absolute target, else of Host (RFC 9112 §3.2), without the port. */
export function hostOfRequest({ target, headers }: HttpRequest): Address {
  return hostOfUri(target) || plainHost(headers.host ?? '')
}

/** The host of an absolute HTTP URI, in lower case and without the port; empty if it is none. */
export const hostOfUri = (uri: string): Address => plainHost(/^https?:\/\/([^/?#]*)/i.exec(uri)?.[1] ?? '')

const plainHost = (authority: string): Address => authority.replace(/:\d*$/, '').toLowerCase()

/** RFC 4825 §6: true of a target that names an XML document of an XCAP server; an object that it keeps is none. */
export const isXcapTarget = (target: string): boolean =>
  /\/(?:users\/[^/]+|global)\/./.test(target) && !target.includes('/org.openmobilealliance.pres-content/')
