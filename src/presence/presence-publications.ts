import { isDocumentError, type Presence, parsePresence, printPresence } from '../documents/index.ts'
import { rule } from '../sim/rule.ts'
import { checkPublish, type EventState, published, replyPublished } from '../sip/compositor.ts'
import type { SipRequest } from '../sip/message.ts'
import type { SipTurn } from '../sip/transaction-user.ts'
import { addressOfRecord, ofIdentity } from './address-of-record.ts'
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
  const presentity = ofIdentity(ps.presentities, request.uri)
  if (presentity === undefined) return turn.reply(request, 404, notServed)
  const isOwn = addressOfRecord(publisher) === presentity.uri
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
  const made = published(request, publishing, entityTag, turn)
  const state = made && { ...made, resource: presentity.uri }
  // A refresh changes nothing that a watcher sees, now or when the document is next composed.
  if (publishing.kind === 'refresh') return replace(ps, presentity, state!, publishing.current!.entityTag, turn)
  remove(ps, presentity, publishing.current?.entityTag)
  if (state !== undefined) add(ps, presentity, state, turn)
  recompose(ps, presentity, host, turn)
}

/** Puts an event state behind all others: of what several say, the latest stands. */
function add(ps: PresenceServer, presentity: Presentity, state: EventState, turn: SipTurn): void {
  presentity.publications.push(state.entityTag)
  keep(ps, state, turn)
}

/** Puts an event state in the place of another. */
function replace(ps: PresenceServer, presentity: Presentity, state: EventState, old: string, turn: SipTurn): void {
  presentity.publications[presentity.publications.indexOf(old)] = state.entityTag
  ps.publications.delete(old)
  keep(ps, state, turn)
}

function keep(ps: PresenceServer, state: EventState, turn: SipTurn): void {
  ps.publications.set(state.entityTag, state)
  turn.start({ name: 'publication expiry', of: state.entityTag }, state.expiresAt - turn.now)
}

function remove(ps: PresenceServer, presentity: Presentity, entityTag: string | undefined): void {
  if (entityTag === undefined) return
  presentity.publications.splice(presentity.publications.indexOf(entityTag), 1)
  ps.publications.delete(entityTag)
}

/** RFC 3903 §6: a publication that was not refreshed goes, and its contribution with it. */
export function expirePublication(ps: PresenceServer, entityTag: string, host: Host, turn: SipTurn): void {
  const state = ps.publications.get(entityTag)
  if (state === undefined || turn.now < state.expiresAt) return
  const presentity = ps.presentities.get(state.resource)!
  turn.decide(expire, 'removed', { presentity: presentity.uri, 'SIP-ETag': entityTag })
  remove(ps, presentity, entityTag)
  recompose(ps, presentity, host, turn)
}

/** §5.3.3.3: composes the document anew and tells the watchers, if it has changed. */
function recompose(ps: PresenceServer, presentity: Presentity, host: Host, turn: SipTurn): void {
  const documents = presentity.publications.map((tag) => ({
    document: parsePresence(ps.publications.get(tag)!.body) as Presence,
    origin: 'publication',
    moment: 0,
  }))
  const document = composed(presentity.uri, documents)
  const plain = printPresence(document)
  turn.decide(compose, 'composed', { presentity: presentity.uri, publications: documents.length })
  if (plain === (presentity.plain ?? printPresence(presentity.document))) return
  presentity.document = document
  presentity.plain = plain
  notifyAll(ps, presentity, host, turn)
}
