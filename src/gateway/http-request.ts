/** A request of Node's server as values: its head, what is wrong with that by itself, and its body. */
import type { IncomingMessage } from 'node:http'
import type { HttpBody, HttpHeaders } from '../http/message.ts'
import { decodeUtf8 } from '../sip/grammar/utf8.ts'

/** A request before its body has come. */
export interface HttpHead {
  readonly method: string
  /** The request target exactly as it was sent. */
  readonly target: string
  readonly headers: HttpHeaders
}

/** The head of a request; the values of its header fields are UTF-8 where they can be. */
export function headOf({ method, url, headers }: IncomingMessage): HttpHead {
  const read: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '')
    // Node reads header fields as Latin-1; those of IMS are UTF-8 where they are not ASCII.
    read[name] = /[\x80-\xff]/.test(text) ? (decodeUtf8(Buffer.from(text, 'latin1')) ?? text) : text
  }
  return { method: method ?? '', target: url ?? '', headers: read }
}

/** A host and perhaps a port (RFC 3986 §3.2.2); the host may be empty (RFC 9110 §7.2). */
const hostValue = /^(?:\[[\da-f:.]+\]|(?:[\w\-.~!$&'()*+,;=]|%[\da-f]{2})*)(?::\d*)?$/i

/** The status by which a head is refused by itself; undefined if it is not. */
export function faultOfHead({ method, target, headers }: HttpHead, { httpVersion }: IncomingMessage) {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 505
  // Neither bytes beyond ASCII nor a fragment are part of a target (RFC 3986 §2).
  if (!/^[!-~]+$/.test(target)) return 400
  // RFC 9112 §3.2: one Host, which HTTP/1.0 may leave out; two of them are joined by what no host has.
  const { host, 'transfer-encoding': coding, 'content-length': length } = headers
  if (host === undefined ? httpVersion === '1.1' : !hostValue.test(host)) return 400
  // RFC 9112 §6.1: HTTP/1.0 has no transfer codings, and of those of HTTP/1.1 there is one here.
  if (coding !== undefined) return httpVersion === '1.0' ? 400 : /^chunked$/i.test(coding) ? undefined : 501
  // RFC 1945 §7.2.2: without its length a body of HTTP/1.0 can not be told from what comes behind it.
  return httpVersion === '1.0' && length === undefined && /^(PUT|POST)$/.test(method) ? 411 : undefined
}

/** RFC 9112 §6.3: a request has a body if it says how long that is, or that it comes in chunks. */
export function hasBody({ headers }: HttpHead): boolean {
  const { 'content-length': length, 'transfer-encoding': coding } = headers
  return coding !== undefined || (length !== undefined && Number(length) !== 0)
}

/** The memory for bodies that are coming, of all connections together. */
export class Room {
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  /** Takes some of it; false if there is not so much. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  give(bytes: number): void {
    this.#left += bytes
  }
}

/** What a piece of a body takes besides its bytes, however small it is. */
const bytesOfPiece = 128

/** A body that has come; or, of one that is too long or for which there is no room, the status that says so. */
export type Received =
  | { readonly kind: 'body'; readonly body: HttpBody }
  | { readonly kind: 'refused'; readonly status: number }

/** Reads a body, or refuses it as soon as that is due. One that is cut off is never handed over. */
export function receiveBody(
  request: IncomingMessage,
  limit: number,
  room: Room,
  done: (received: Received) => void,
): void {
  const pieces: Buffer[] = []
  let length = 0
  let taken = 0
  const leave = (): void => {
    request.off('data', onData)
    request.off('end', onEnd)
    room.give(taken)
    taken = 0
    pieces.length = 0
  }
  const refuse = (status: number): void => {
    leave()
    done({ kind: 'refused', status })
  }
  const onData = (piece: Buffer): void => {
    length += piece.length
    if (length > limit) return refuse(413)
    if (!room.take(piece.length + bytesOfPiece)) return refuse(503)
    taken += piece.length + bytesOfPiece
    pieces.push(piece)
  }
  const onEnd = (): void => {
    if (!request.complete) return
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
    leave()
    done({ kind: 'body', body: decodeUtf8(bytes) ?? new Uint8Array(bytes) })
  }
  request.on('data', onData)
  request.on('end', onEnd)
  request.on('close', leave)
  // A connection that is lost is the client's affair; the request was not whole, and nothing comes of it.
  request.on('error', () => {})
}
