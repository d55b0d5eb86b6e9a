/** A server of HTTP for tests, whose requests and answers can be looked at. */
import type { HttpLimits } from '../../src/gateway/http-limits.ts'
import type { HttpHead } from '../../src/gateway/http-request.ts'
import { type HttpExchange, type HttpHandler, type HttpServer, listen } from '../../src/gateway/http-server.ts'
import type { HttpBody } from '../../src/http/message.ts'

export interface Got {
  readonly head: HttpHead
  readonly body: HttpBody
}

const open: HttpServer[] = []

/** Ends all servers; for `afterEach`. */
export async function closeAll(): Promise<void> {
  await Promise.all(open.splice(0).map((server) => server.close()))
}

/** A server that keeps what it was asked, and answers each request with its target. */
export async function serving(limits: Partial<HttpLimits> = {}, handler?: HttpHandler) {
  const got: Got[] = []
  const exchanges: HttpExchange[] = []
  const failures: unknown[] = []
  const echo: HttpHandler = (head) => (body) => {
    got.push({ head, body })
    return { status: 200, headers: { 'content-type': 'text/plain', etag: '"1"' }, body: head.target }
  }
  const server = await listen(handler ?? echo, 0, '127.0.0.1', {
    limits: { graceMillis: 300, lingerMillis: 200, ...limits },
    onExchange: (one) => exchanges.push(one),
    onFailure: (error) => failures.push(error),
  })
  open.push(server)
  return { port: server.port, server, got, exchanges, failures }
}

export const get = (target: string, more = ''): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`
export const put = (body: string, more = ''): string =>
  `PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`
