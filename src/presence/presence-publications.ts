import { isDocumentError, type Presence, parsePresence, printPresence } from '../documents/index.ts'
import { rule } from '../sim/rule.ts'
import { checkPublish, type EventState, published, replyPublished } from '../sip/compositor.ts'
import type { SipRequest } from '../sip/message.ts'
import type { SipTurn } from '../sip/transaction-user.ts'
import { assertedIdentity, authorizePublication, noIdentity } from './authorization.ts'
import { compose, composed } from './composition.ts'
import type { PresenceServer, Presentity } from './presence-server-state.ts'
import { notifyAll, notServed } from './presence-subscriptions.ts'
import type { Host } from './role.ts'

const forbidden = rule('RFC 3903 §6 step 1', 'whoever may not publish for a presentity is answered 403', ['R5.3.3.3-a'])
const notUnderstood = rule('RFC 3903 §6 step 5', 'a presence document that can not be read is answered 400', [
  'R5.3.3.3-a',
])
const expire = rule('RFC 3903 §6', 'a publication that is not refreshed is removed, and nothing else', ['R5.3.3.3-d'])

/** §5.3.3.3: a PUBLISH: identity, authorization, then RFC 3903. */
export function takePublication(ps: PresenceServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const publisher = assertedIdentity(request)
  if (publisher === undefined) return turn.reply(request, 403, noIdentity)
  const presentity = ps.presentities.get(request.uri)
  if (presentity === undefined) return turn.reply(request, 404, notServed)
  const isOwn = publisher === presentity.uri
  turn.decide(authorizePublication, isOwn ? 'allow' : 'refuse', { publisher, presentity: presentity.uri })
  if (!isOwn) return turn.reply(request, 403, forbidden)
  const find = (tag: string): EventState | undefined => {
    const state = ps.publications.get(tag)
    return state?.resource === presentity.uri ? state : undefined
  }
  const publishing = checkPublish(request, ps.settings.publishing, find, turn)
  if (publishing === undefined) return
  if (request.body !== '' && isDocumentError(parsePresence(request.body)))
    return turn.reply(request, 400, notUnderstood)
  const entityTag = turn.identifier()
  replyPublished(request, entityTag, publishing.duration, turn)
  store(ps, presentity, published(request, publishing, entityTag, turn), publishing.current?.entityTag, turn)
  // A refresh changes nothing that a watcher sees.
  if (publishing.kind !== 'refresh') recompose(ps, presentity, host, turn)
}

/** Puts an event state in the place of another, or of none; either may be undefined. */
function store(
  ps: PresenceServer,
  presentity: Presentity,
  state: EventState | undefined,
  replaced: string | undefined,
  turn: SipTurn,
): void {
  const place = replaced === undefined ? -1 : presentity.publications.indexOf(replaced)
  if (place >= 0) presentity.publications.splice(place, 1)
  if (replaced !== undefined) ps.publications.delete(replaced)
  if (state === undefined) return
  presentity.publications.push(state.entityTag)
  ps.publications.set(state.entityTag, state)
  turn.start({ name: 'publication expiry', of: state.entityTag }, state.expiresAt - turn.now)
}

/** RFC 3903 §6: a publication that was not refreshed goes, and its contribution with it. */
export function expirePublication(ps: PresenceServer, entityTag: string, host: Host, turn: SipTurn): void {
  const state = ps.publications.get(entityTag)
  if (state === undefined || turn.now < state.expiresAt) return
  const presentity = ps.presentities.get(state.resource)!
  turn.decide(expire, 'removed', { presentity: presentity.uri, 'SIP-ETag': entityTag })
  store(ps, presentity, undefined, entityTag, turn)
  recompose(ps, presentity, host, turn)
}

/** §5.3.3.3: composes the document anew and tells the watchers, if it has changed. */
function recompose(ps: PresenceServer, presentity: Presentity, host: Host, turn: SipTurn): void {
  const documents = presentity.publications.map((tag) => parsePresence(ps.publications.get(tag)!.body) as Presence)
  const document = composed(presentity.uri, documents)
  const plain = printPresence(document)
  turn.decide(compose, 'composed', { presentity: presentity.uri, publications: documents.length })
  if (plain === (presentity.plain ?? printPresence(presentity.document))) return
  presentity.document = document
  presentity.plain = plain
  notifyAll(ps, presentity, host, turn)
}
