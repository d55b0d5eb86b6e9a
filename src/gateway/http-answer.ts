/** What a request is answered, and how Node's server is told so. */
import { STATUS_CODES } from 'node:http'
import { writtenName } from '../http/headers.ts'
import type { HttpBody, HttpHeaders } from '../http/message.ts'

/** What a request is answered. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: HttpHeaders
  readonly body: HttpBody
  /** The values of WWW-Authenticate, which are sent in header fields of their own. */
  readonly challenges?: readonly string[]
  /** Who asked, if that was proved. */
  readonly user?: string
}

/** An answer that says no more than its status does. */
export function plainAnswer(status: number, headers: HttpHeaders = {}): HttpAnswer {
  const body = `${STATUS_CODES[status] ?? ''}\n`
  return { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' }, body }
}

/** RFC 9110 §15.6.4: what those are told for whom there is no room. */
export const busyAnswer = plainAnswer(503, { 'retry-after': '1' })

/** An answer as Node takes it. Node adds Connection, Keep-Alive and Date (RFC 9110 §6.6.1). */
export interface OutgoingAnswer {
  readonly fields: Record<string, string | string[]>
  readonly content: string | Uint8Array
}

/** The header fields of an answer and its content, text where Node can send both in one piece. */
export function outgoing({ status, headers, body, challenges = [] }: HttpAnswer): OutgoingAnswer {
  const fields: Record<string, string | string[]> = {}
  let isAscii = challenges.every((each) => ascii.test(each))
  for (const name in headers) {
    const value = headers[name]!
    if (!ascii.test(value)) isAscii = false
    fields[writtenName(name)] = octetsOf(value)
  }
  if (challenges.length > 0) fields['WWW-Authenticate'] = challenges.map(octetsOf)
  // RFC 9110 §8.6: a 304 may say the length of what it does not send; ours does not.
  if (status !== 304) fields['Content-Length'] = String(Buffer.byteLength(body))
  // Node writes head and text together as UTF-8, and the head alone as Latin-1.
  return { fields, content: typeof body === 'string' && !isAscii ? Buffer.from(body) : body }
}

const ascii = /^[\0-\x7f]*$/

/** A value as Node is to be given it: a character for each byte of its UTF-8. */
const octetsOf = (value: string): string => (ascii.test(value) ? value : Buffer.from(value).toString('latin1'))
