/** What is answered to that which is no request (RFC 9112 §2.2), by what the parser of Node says of it. */
import { STATUS_CODES } from 'node:http'

export interface HttpFault {
  readonly status: number
  readonly reason: string
}

/** The fault that an error of a connection stands for; undefined if there is nobody to tell. */
export function faultOf(
  error: Error & { code?: string; rawPacket?: Buffer; bytesParsed?: number },
): HttpFault | undefined {
  const { code = '', rawPacket, bytesParsed = 0 } = error
  if (code === 'ECONNRESET' || code === 'EPIPE') return undefined
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return { status: 408, reason: 'the request took too long to come' }
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return { status: 413, reason: 'the chunks say too much of themselves' }
  const text = rawPacket?.toString('latin1') ?? ''
  const start = text.slice(text.lastIndexOf('\n', bytesParsed) + 1)
  if (code === 'HPE_HEADER_OVERFLOW') {
    const isTarget = /^[A-Z]+ [^\s]{8192}/.test(text)
    return isTarget
      ? { status: 414, reason: 'the request target is too long' }
      : { status: 431, reason: 'the header fields are too long' }
  }
  if (code === 'HPE_INVALID_VERSION') return { status: 505, reason: 'this is a server of HTTP/1.1' }
  if (code === 'HPE_INVALID_METHOD' && /^[A-Za-z-]{1,40} \S+ HTTP\/1\.[01]\r?\n/.test(start))
    return { status: 501, reason: 'there is no such method' }
  return { status: 400, reason: error.message }
}

/** A fault as a response of a given time, after which the connection ends (RFC 9110 §6.6.1: it is dated). */
export function printFault({ status, reason }: HttpFault, now: Date): string {
  const body = `${reason}\n`
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Date: ${now.toUTCString()}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}
