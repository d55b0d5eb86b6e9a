/** Lets those in who prove who they are by HTTP Digest (RFC 7616), before a real server. */
import { randomBytes } from 'node:crypto'
import {
  type Accepted,
  authenticationInfo,
  challengesOf,
  type DigestServer,
  digestServer,
  freshNonce,
  isRenewalDue,
  judgeCredentials,
  printAuthentication,
  type Rejection,
  readCredentials,
} from '../http/digest-authentication.ts'
import type { HttpBody } from '../http/message.ts'
import type { Micros } from '../sim/time.ts'
import type { HttpAnswer } from './http-answer.ts'
import type { HttpHead } from './http-request.ts'
import type { HttpHandler } from './http-server.ts'
import type { User, Users } from './users-file.ts'

/** What answers a request of somebody who was let in. */
export type UserHandler = (head: HttpHead, body: HttpBody, user: User) => HttpAnswer

/** A gate before a handler. `now` tells the time; what is challenged at one time may be answered at a later one. */
export function digestGate(users: Users, handler: UserHandler, now: () => Micros = wallClock): HttpHandler {
  const { realm, algorithms, byName } = users
  const server = digestServer(realm, randomBytes(32).toString('hex'), { algorithms })
  return (head) => {
    const read = readCredentials(server, head.headers.authorization, head.target)
    if (read.kind !== 'read') return rejection(server, read, now())
    return (body) => {
      const user = byName.get(read.username)
      const judged = judgeCredentials(server, read, user?.account, { method: head.method, body }, now())
      if (judged.kind !== 'accepted') return rejection(server, judged, now())
      return welcome(server, judged, head, handler(head, body, user!), now())
    }
  }
}

const wallClock = (): Micros => Date.now() * 1000

const nextNonce = (server: DigestServer, now: Micros): string => freshNonce(server, now, randomBytes(8).toString('hex'))

/** RFC 7616 §3.3: 401 with challenges; 400 for credentials that are none. */
function rejection(server: DigestServer, { kind, why }: Rejection, now: Micros): HttpAnswer {
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  if (kind === 'malformed') return { status: 400, headers, body: `${why}\n` }
  const challenges = challengesOf(server, nextNonce(server, now), kind === 'stale').map(printAuthentication)
  return { status: 401, headers, body: `${why}\n`, challenges }
}

/** RFC 7616 §3.5: the answer, with what the server says of itself. */
function welcome(
  server: DigestServer,
  accepted: Accepted,
  { method }: HttpHead,
  answer: HttpAnswer,
  now: Micros,
): HttpAnswer {
  const next = isRenewalDue(server, accepted, now) ? nextNonce(server, now) : undefined
  const info = authenticationInfo(accepted, method === 'HEAD' ? '' : answer.body, next)
  const headers = info === undefined ? answer.headers : { ...answer.headers, 'authentication-info': info }
  return { ...answer, headers, user: accepted.username }
}
