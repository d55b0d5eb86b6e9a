import type { HttpRequest } from '../../src/http/message.ts'
import { Alone, answerTo } from '../ims/alone.ts'
import { subscribe } from './server.ts'

export const owner = 'sip:user1_public1@home1.net'
export const list = 'resource-lists/users/user1/pf.xml'
export const lists = (...uris: string[]): string =>
  `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="a">${uris
    .map((uri) => `<entry uri="${uri}"/>`)
    .join('')}</list></resource-lists>`
const stored = (etag: string, body: string) => ({ etag, contentType: 'application/resource-lists+xml', body })

/** A server of documents alone. */
export function documentServer(): Alone {
  const durations = { shortestDuration: 60, longestDuration: 7200 }
  const users = { [owner]: [owner, 'user1'], 'sip:user2@home1.net': ['user2'] }
  const root = 'http://xcap.home1.net/services'
  const alone = new Alone('presence-server', 'ps.home2.net', {
    identity: 'sip:ps.home2.net',
    network: 'home1.net',
    tags: ['151170'],
    chargingIds: [],
    firstSequence: 42,
    documents: {
      [list]: stored('one', lists('sip:a@b')),
      'resource-lists/users/user2/hers.xml': stored('other', lists('sip:c@d')),
      'resource-lists/global/all.xml': stored('all', lists()),
    },
    roles: {
      documentServer: { root, users, isProved: false },
      documentNotifier: { root, users, subscribing: { packages: ['xcap-diff'], ...durations } },
    },
  })
  alone.peers = (request) => answerTo(request, '200 OK')
  return alone
}

/** A SUBSCRIBE to documents, named in its body if any are. */
export function watching(
  documents: readonly string[] | undefined,
  more: Readonly<Record<string, string | undefined>> = {},
) {
  const changes = { Event: 'xcap-diff', 'P-Asserted-Identity': `<${owner}>`, ...more }
  if (documents === undefined) return subscribe(changes)
  const body = lists(...documents)
  return `${subscribe({ ...changes, 'Content-Type': 'application/resource-lists+xml' })}\n\n${body}`
}

let exchanges = 0
export const http = (
  method: string,
  path: string,
  body = '',
  type = 'application/resource-lists+xml',
): HttpRequest => ({
  protocol: 'http',
  kind: 'request',
  method,
  target: `http://xcap.home1.net/services/${path}`,
  headers: method === 'PUT' ? { 'content-type': type } : {},
  body,
  exchange: `x-${++exchanges}`,
})
