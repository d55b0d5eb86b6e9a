import type { HttpHeaders, HttpRequest, HttpResponse } from './message.ts'

/** What the head of a message says. */
export type HttpHead =
  | Omit<HttpRequest, 'body' | 'exchange'>
  | Omit<HttpResponse, 'body' | 'exchange'>
  | { readonly kind: 'malformed'; readonly reason: string }

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Reads a message up to the empty line before its body (RFC 9112 §2.1); lines end with CRLF, or LF alone (§2.2). */
export function parseHttpHead(text: string): HttpHead {
  const [first = '', ...lines] = text.split(/\r?\n/)
  const headers = headersOf(lines)
  if (typeof headers === 'string') return { kind: 'malformed', reason: headers }
  const status = /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]*))?$/.exec(first)
  if (status !== null)
    return { protocol: 'http', kind: 'response', status: Number(status[1]), reason: status[2] ?? '', headers }
  const request = /^(\S+) (\S+) HTTP\/1\.[01]$/.exec(first)
  if (request === null || !token.test(request[1]!))
    return { kind: 'malformed', reason: `"${first.slice(0, 60)}" is neither a request line nor a status line` }
  return { protocol: 'http', kind: 'request', method: request[1]!, target: request[2]!, headers }
}

/** The header fields by name, those that stand more than once joined (RFC 9110 §5.3); or what is wrong with them. */
function headersOf(lines: readonly string[]): HttpHeaders | string {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    if (line === '') continue
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (colon < 0 || !token.test(name)) return `"${line.slice(0, 60)}" is no header field`
    const value = line.slice(colon + 1).replaceAll(/^[ \t]+|[ \t]+$/g, '')
    headers[name] = Object.hasOwn(headers, name) ? `${headers[name]}, ${value}` : value
  }
  return headers
}
