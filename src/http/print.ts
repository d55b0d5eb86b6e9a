import { orderedFields, writtenName } from './headers.ts'
import type { HttpMessage } from './message.ts'

/** The first line of a message: request line or status line (RFC 9112 §3, §4). */
export const httpStartLine = (message: HttpMessage): string =>
  message.kind === 'request'
    ? `${message.method} ${message.target} HTTP/1.1`
    : `HTTP/1.1 ${message.status} ${message.reason}`

/** A message up to its body: the start line, the header fields and the empty line (RFC 9112 §2.1). */
export function printHttpHead(message: HttpMessage): string {
  const fields = orderedFields(message.headers).map(([name, value]) => `${writtenName(name)}: ${value}`)
  return [httpStartLine(message), ...fields, '', ''].join('\r\n')
}
