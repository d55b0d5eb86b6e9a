import { printPresence } from '../../documents/index.ts'
import { rule } from '../../sim/rule.ts'
import { checkPublish, published, replyPublished } from '../../sip/events/compositor.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { addressOfRecord, ofIdentity } from '../address-of-record.ts'
import { assertedIdentity, authorizePublication, noIdentity } from '../notifier/authorization.ts'
import type { Host } from '../role.ts'
import { compose, composed, type Source } from './composition.ts'
import { notifyAll } from './presence-notifications.ts'
import {
  isNetworkAgent,
  type PresenceServer,
  type Presentity,
  wallClock,
  writtenPresence,
} from './presence-server-state.ts'
import { notServed } from './presence-subscriptions.ts'
import { type PresencePublication, readPublished } from './published-state.ts'
import { followSphere } from './rule-changes.ts'
import { refreshViews, textOf } from './views.ts'

const forbidden = rule('RFC 3903 §6 step 1', 'whoever may not publish for a presentity is answered 403', ['R5.3.3.3-a'])
const expire = rule('RFC 3903 §6', 'a publication that is not refreshed is removed, and nothing else', ['R5.3.3.3-d'])
const changeHardState = rule(
  'RFC 4827 §3',
  'hard state is composed with what is published, and lasts until it is changed',
  ['R5.3.3.3-d', 'R6.1-b'],
  'change hard state',
)

/** What the command `hard-state` brings: a presence document that is always there; without one there is none. */
export interface HardStateCommand {
  readonly do: 'hard-state'
  /** The URI of the presentity. */
  readonly of: string
  readonly document?: string
}

/** §5.3.3.3: a PUBLISH: identity, authorization, then RFC 3903. */
export function takePublication(ps: PresenceServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const publisher = assertedIdentity(request, turn)
  if (publisher === undefined) return turn.reply(request, 403, noIdentity)
  const presentity = ofIdentity(ps.presentities, request.uri)
  if (presentity === undefined) return turn.reply(request, 404, notServed)
  const isAllowed = mayPublish(ps, presentity, publisher) || turn.without(authorizePublication)
  turn.decide(authorizePublication, isAllowed ? 'allow' : 'refuse', { publisher, presentity: presentity.uri })
  if (!isAllowed && !turn.without(forbidden)) return turn.reply(request, 403, forbidden)
  carryOut(ps, presentity, publisher, request, host, turn)
}

/** RFC 3903 §6 step 1: the user herself, by any of her identities, whom she has publish for her, and the network. */
function mayPublish(ps: PresenceServer, { owners, publishers }: Presentity, publisher: string): boolean {
  const canonical = addressOfRecord(publisher)
  return owners.includes(canonical) || publishers.includes(canonical) || isNetworkAgent(ps, publisher)
}

/** RFC 3903 §6, from step 2 on. */
function carryOut(
  ps: PresenceServer,
  presentity: Presentity,
  publisher: string,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): void {
  const find = (tag: string): PresencePublication | undefined => {
    const state = ps.publications.get(tag)
    return state?.resource === presentity.uri ? state : undefined
  }
  const publishing = checkPublish(request, ps.settings.publishing, find, turn)
  if (publishing === undefined) return
  const current = publishing.current && find(publishing.current.entityTag)
  const read = request.body === '' ? undefined : readPublished(request, current, ps.settings.stored ?? {}, turn)
  if (read?.kind === 'refused') return turn.reply(request, read.status, read.why, read.changes)
  const entityTag = turn.identifier()
  replyPublished(request, entityTag, publishing.duration, turn)
  const made = published(request, publishing, entityTag, turn)
  // A refresh changes nothing that a watcher sees, now or when the document is next composed.
  if (publishing.kind === 'refresh') return replace(ps, presentity, { ...current!, ...made! }, current!.entityTag, turn)
  if (current !== undefined) remove(ps, presentity, current.entityTag)
  if (made !== undefined && read !== undefined) {
    const { document, body, objects } = read
    const moment = wallClock(ps, turn.now)
    add(ps, presentity, { ...made, resource: presentity.uri, body, publisher, moment, document, objects }, turn)
  }
  recompose(ps, presentity, host, turn)
}

/** Puts an event state behind all others: of what several say, the latest stands. */
function add(ps: PresenceServer, presentity: Presentity, state: PresencePublication, turn: SipTurn): void {
  presentity.publications.push(state.entityTag)
  keep(ps, state, turn)
}

/** Puts an event state in the place of another. */
function replace(
  ps: PresenceServer,
  presentity: Presentity,
  state: PresencePublication,
  old: string,
  turn: SipTurn,
): void {
  presentity.publications[presentity.publications.indexOf(old)] = state.entityTag
  ps.publications.delete(old)
  keep(ps, state, turn)
}

function keep(ps: PresenceServer, state: PresencePublication, turn: SipTurn): void {
  ps.publications.set(state.entityTag, state)
  turn.start({ name: 'publication expiry', of: state.entityTag }, state.expiresAt - turn.now)
}

function remove(ps: PresenceServer, presentity: Presentity, entityTag: string): void {
  presentity.publications.splice(presentity.publications.indexOf(entityTag), 1)
  ps.publications.delete(entityTag)
}

/** RFC 3903 §6: a publication that was not refreshed goes, and its contribution with it. */
export function expirePublication(ps: PresenceServer, entityTag: string, host: Host, turn: SipTurn): void {
  const state = ps.publications.get(entityTag)
  if (state === undefined || turn.now < state.expiresAt || turn.without(expire)) return
  const presentity = ps.presentities.get(state.resource)!
  turn.decide(expire, 'removed', { presentity: presentity.uri, 'SIP-ETag': entityTag })
  remove(ps, presentity, entityTag)
  recompose(ps, presentity, host, turn)
}

/** RFC 4827 §3: other hard state, which is one more source. */
export function takeHardState(ps: PresenceServer, command: HardStateCommand, host: Host, turn: SipTurn): void {
  const presentity = ofIdentity(ps.presentities, command.of)
  if (presentity === undefined || turn.without(changeHardState)) return
  const { document } = command
  presentity.hardState =
    document === undefined ? undefined : { document: writtenPresence(document), moment: wallClock(ps, turn.now) }
  turn.decide(changeHardState, document === undefined ? 'removed' : 'changed', { presentity: presentity.uri })
  recompose(ps, presentity, host, turn)
}

/** What is known of a presentity, the oldest first: its hard state, and what is published for it. */
export function sourcesOf(ps: PresenceServer, { hardState, publications }: Presentity): Source[] {
  const soft = publications.map((tag): Source => {
    const { document, publisher: origin, moment } = ps.publications.get(tag)!
    return isNetworkAgent(ps, origin) ? { document, origin, moment, isOfNetwork: true } : { document, origin, moment }
  })
  return hardState === undefined ? soft : [{ ...hardState, origin: 'hard-state' }, ...soft]
}

/** §5.3.3.3: composes the document anew and, if it has changed, tells the watchers who see something of the change. */
function recompose(ps: PresenceServer, presentity: Presentity, host: Host, turn: SipTurn): void {
  if (turn.without(compose)) return
  const sources = sourcesOf(ps, presentity)
  const document = composed(presentity.uri, sources, ps.settings.composition)
  turn.decide(compose, 'composed', { presentity: presentity.uri, publications: presentity.publications.length })
  const { watchers, views } = presentity
  // While nobody sees it, nothing is printed.
  const plain = watchers.size === 0 ? undefined : printPresence(document)
  if (plain !== undefined && plain === textOf(presentity)) return
  presentity.document = document
  presentity.plain = plain
  if (watchers.size === 0) views.clear()
  const due = refreshViews(presentity)
  // First who may see it, then what they see.
  followSphere(ps, presentity, host, turn)
  notifyAll(ps, presentity, due, host, turn)
}
