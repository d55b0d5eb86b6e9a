/** An XCAP server (RFC 4825) on a real port. */

import type { HttpBody } from '../http/message.ts'
import { type DocumentStore, type XcapServer, xcapServer } from '../xcap/index.ts'
import { digestGate } from './digest-gate.ts'
import type { HttpAnswer } from './http-answer.ts'
import { usualLimits } from './http-limits.ts'
import type { HttpHead } from './http-request.ts'
import type { HttpHandler } from './http-server.ts'
import { type HttpServer, type HttpServerOptions, listen } from './http-server.ts'
import type { Users } from './users-file.ts'

export interface XcapPort {
  readonly port: number
  /** The loopback address by default. */
  readonly host?: string
  readonly root: string
  /** Where documents are kept; in memory by default. */
  readonly store?: DocumentStore
  /** Who may do what with her own documents; without users everybody may do everything. */
  readonly users?: Users | undefined
}

/** Opens the port. Rejects with the system's error if it can not be had. */
export function openXcapPort(port: XcapPort, options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const { users, store } = port
  const server = xcapServer({
    root: port.root,
    largestBody: options.limits?.largestBody ?? usualLimits.largestBody,
    ...(store && { store }),
    ...(users && { isUser: isUserOf(users) }),
  })
  return listen(handlerOf(server, users), port.port, port.host ?? '127.0.0.1', options)
}

/** Whether an XCAP User Identifier is somebody's, with or without `sip:`. */
function isUserOf(users: Users): (xui: string) => boolean {
  const plain = (identity: string): string => identity.replace(/^sip:/, '')
  const identities = new Set([...users.byName.values()].flatMap((user) => user.identities.map(plain)))
  return (xui) => identities.has(plain(xui))
}

function handlerOf(server: XcapServer, users: Users | undefined): HttpHandler {
  if (users === undefined) return (head) => (body) => answer(server, head, body, undefined)
  return digestGate(users, (head, body, { identities }) => answer(server, head, body, identities))
}

/** HEAD is answered as GET; the port leaves the content out, and so tells its length (RFC 9110 §9.3.2). */
function answer(
  server: XcapServer,
  { method, target, headers }: HttpHead,
  body: HttpBody,
  identities: readonly string[] | undefined,
): HttpAnswer {
  return server.handle({ method: method === 'HEAD' ? 'GET' : method, target, headers, body }, identities)
}
