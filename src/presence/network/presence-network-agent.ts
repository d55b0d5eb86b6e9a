/**
 * TS 24.141 §5.3.5: the presence network agent, an application server that publishes what the network knows of users:
 * their registrations, and what other parts of the network tell it of bearers, places and calls.
 */
import { printPresence, type Registration } from '../../documents/index.ts'
import type { Command, Timer } from '../../sim/node.ts'
import { rule } from '../../sim/rule.ts'
import { bareAddress } from '../../sip/grammar/name-addr.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { addressOfRecord } from '../address-of-record.ts'
import {
  newPublication,
  onPauseOver,
  onPublished,
  onRefreshDue,
  onRetryDue,
  onUnanswered,
  type PacedPublication,
  type Publishing,
  publicationTimers,
  want,
} from '../publisher/paced-publication.ts'
import type { Host, Role } from '../role.ts'
import { type Cells, cellOf, type NetworkEvent, placeOfCell, takeNetworkEvent } from './network-event.ts'
import {
  isAlive,
  isEmpty,
  type NetworkInformation,
  networkDocument,
  nothingKnown,
  withoutRegistration,
  withRegistration,
} from './network-information.ts'
import {
  isOfRegistration,
  listenerTimers,
  newListener,
  type RegistrationListener,
  registrationListenerRole,
  type SubscriptionNews,
  takeAnswer,
  takeNews,
  takeRegister,
  takeTimer,
} from './registration-listener.ts'
import type { RegistrationView } from './registration-view.ts'

/** What the topology says of a presence network agent. */
export interface PresenceNetworkAgentSettings {
  readonly listener: RegistrationListener['settings']
  /** The host of the presence server. */
  readonly presenceServer: string
  /** How long it asks its publications to be kept, in seconds. */
  readonly duration: number
  /** What becomes of the contacts of a user who is no longer registered. */
  readonly atLoss: 'closed' | 'removed'
  /** Where the cells of the network are. */
  readonly cells: Cells
}

/** The state of the role. */
export interface PresenceNetworkAgent {
  readonly settings: PresenceNetworkAgentSettings
  readonly listener: RegistrationListener
  /** By public identity in its canonical form. */
  readonly subjects: Map<string, Subject>
  /** The subjects of the entity-tags in use, by their keys. */
  readonly tags: Map<string, string>
}

/** A user of whom the network knows something. */
export interface Subject {
  readonly identity: string
  known: NetworkInformation
  publication: PacedPublication | undefined
  /** The document that was to be published last; undefined if there was none, or it was to be removed. */
  said: string | undefined
}

const mapRegistration = rule(
  'TS 24.141 §5.3.5.3',
  'a contact that is registered is an open way to reach the user, one that is so no longer a closed one',
  ['R5.3.5.3-a'],
)
const nothingNew = rule('TS 24.141 §5.3.5.3', 'what the watchers know already is not published again', ['R5.3.5.3-a'])
const letExpire = rule(
  'TS 24.141 §5.3.5.3',
  'a presence network agent does not keep up what it has said last of a user who is gone',
  ['R5.3.5.3-a'],
)
const ownIdentity = rule(
  'TS 24.229 §5.7.3',
  'an application server that publishes of its own accord asserts its own identity',
  ['R5.3.5.3-b'],
)
const toServer = rule('TS 23.141 §4.3', 'a presence network agent publishes straight to the presence server', [
  'R5.3.5.3-a',
  'R5.3.5.3-b',
])

/** §5.3.5: the role. */
export const presenceNetworkAgentRole: Role<PresenceNetworkAgent> = {
  name: 'presenceNetworkAgent',
  clause: 'TS 24.141 §5.3.5',
  timers: [...listenerTimers, ...publicationTimers],
  commands: ['network-event'],
  sends: ['SUBSCRIBE', 'PUBLISH'],
  start: (given) => {
    const settings = given as PresenceNetworkAgentSettings
    return { settings, listener: newListener(settings.listener), subjects: new Map(), tags: new Map() }
  },
  takes: isOfRegistration,
  owns: (request, { listener, subjects }) =>
    request.method === 'PUBLISH'
      ? subjects.has(addressOfRecord(request.uri))
      : registrationListenerRole.owns!(request, listener),
  ownsTimer: (timer, { listener, subjects, tags }) => {
    if (timer.name === 'publication refresh') return tags.has(timer.of)
    if (publicationTimers.includes(timer.name)) return subjects.has(addressOfRecord(timer.of))
    return registrationListenerRole.ownsTimer!(timer, listener)
  },

  onRequest(pna, request, host, turn) {
    if (request.method === 'REGISTER') return onRegister(pna, request, host, turn)
    onNews(pna, takeNews(pna.listener, request, host, turn), host, turn)
  },
  onResponse(pna, response, request, host, turn) {
    if (request.method === 'SUBSCRIBE')
      return onNews(pna, takeAnswer(pna.listener, response, request, host, turn), host, turn)
    if (response.status < 200) return
    follow(pna, addressOfRecord(request.uri), host, (publication, publishing) =>
      onPublished(publication, response, request, publishing, turn),
    )
  },
  onTimeout(pna, request, host, turn) {
    if (request.method === 'SUBSCRIBE')
      return onNews(pna, takeAnswer(pna.listener, undefined, request, host, turn), host, turn)
    follow(pna, addressOfRecord(request.uri), host, (publication, publishing) => {
      onUnanswered(publication, request, publishing, turn)
    })
  },
  onTimer,
  onCommand(pna, command: Command, host, turn) {
    const event = command as unknown as NetworkEvent
    const subject = subjectOf(pna, event.of)
    learn(pna, subject, takeNetworkEvent(subject.known, event, pna.settings.cells, turn), host, turn)
  },
}

function onTimer(pna: PresenceNetworkAgent, timer: Timer, host: Host, turn: SipTurn): void {
  const go = { 'publication pause': onPauseOver, 'publication retry': onRetryDue }[timer.name]
  if (go !== undefined)
    return follow(pna, addressOfRecord(timer.of), host, (publication, publishing) => go(publication, publishing, turn))
  if (timer.name !== 'publication refresh') return onNews(pna, takeTimer(pna.listener, timer, host, turn), host, turn)
  const key = pna.tags.get(timer.of)!
  const { known, publication } = pna.subjects.get(key)!
  if (!isAlive(known) && !turn.without(letExpire)) return letGo(pna, key, publication!, turn)
  follow(pna, key, host, (publication, publishing) => onRefreshDue(publication, publishing, turn))
}

/** §5.3.5.3: a publication that is not kept up, and the user it is about, are forgotten when its time is over. */
function letGo(
  pna: PresenceNetworkAgent,
  key: string,
  { entityTag, expiresAt }: PacedPublication,
  turn: SipTurn,
): void {
  if (turn.now < expiresAt) {
    turn.decide(letExpire, 'not refreshed', { 'SIP-ETag': entityTag! })
    return turn.start({ name: 'publication refresh', of: entityTag! }, expiresAt - turn.now)
  }
  pna.subjects.delete(key)
  pna.tags.delete(entityTag!)
}

/** §5.3.5.2: a third-party REGISTER. What it tells of the contacts, the subscription tells better, except their end. */
function onRegister(pna: PresenceNetworkAgent, request: SipRequest, host: Host, turn: SipTurn): void {
  const news = takeRegister(pna.listener, request, host, turn)
  if (news === undefined) return
  const subject = subjectOf(pna, news.identity)
  if (news.isEnd) return learn(pna, subject, lost(pna, subject.known), host, turn)
  const cell = cellOf(request)
  const found = cell === undefined ? undefined : placeOfCell(cell, pna.settings.cells)
  if (found === undefined) return
  const known = { ...subject.known, place: found }
  // Of a new registration the first NOTIFY is about to tell, and both are published at once.
  if (news.isNew) subject.known = known
  else learn(pna, subject, known, host, turn)
}

/** §5.3.5.2: what a subscription to a registration state has brought. */
function onNews(pna: PresenceNetworkAgent, { known, lost: over }: SubscriptionNews, host: Host, turn: SipTurn): void {
  if (known !== undefined) for (const one of latestOf(known)) onRegistration(pna, one, host, turn)
  if (over === undefined) return
  // What is no longer told is no longer known; what was told as ended is.
  for (const { aor, state } of registrationsOf(over)) {
    const subject = pna.subjects.get(addressOfRecord(aor))
    if (subject !== undefined && state === 'active') learn(pna, subject, { ...subject.known, contacts: [] }, host, turn)
  }
}

/** The registrations of identities that can be published for: one with a wildcard is none (TS 23.003 §13.4A). */
const registrationsOf = ({ registrations }: RegistrationView): Registration[] =>
  Object.values(registrations).filter(({ others }) => others.every(({ name }) => name !== 'wildcardedIdentity'))

const latestOf = (view: RegistrationView): Registration[] =>
  registrationsOf(view).filter(({ aor }) => view.latest.includes(aor))

function onRegistration(pna: PresenceNetworkAgent, registration: Registration, host: Host, turn: SipTurn): void {
  if (turn.without(mapRegistration)) return
  const { aor } = registration
  const subject = subjectOf(pna, aor)
  const after = withRegistration(subject.known, registration)
  const open = after.contacts.filter(({ isRegistered }) => isRegistered).length
  turn.decide(mapRegistration, open === 0 ? 'not registered' : 'registered', { user: aor, contacts: open })
  learn(pna, subject, open === 0 ? lost(pna, subject.known) : after, host, turn)
}

/** §5.3.5.3: what is left to say of the contacts of a user who is no longer registered. */
const lost = ({ settings }: PresenceNetworkAgent, known: NetworkInformation): NetworkInformation =>
  settings.atLoss === 'closed' ? withoutRegistration(known) : { ...known, contacts: [] }

function subjectOf({ subjects }: PresenceNetworkAgent, identity: string): Subject {
  const key = addressOfRecord(identity)
  const subject = subjects.get(key) ?? { identity, known: nothingKnown, publication: undefined, said: undefined }
  subjects.set(key, subject)
  return subject
}

/** §5.3.5.3: takes in what is known of a user, and publishes it if that is something new. */
function learn(
  pna: PresenceNetworkAgent,
  subject: Subject,
  known: NetworkInformation,
  host: Host,
  turn: SipTurn,
): void {
  subject.known = known
  const { identity } = subject
  const body = isEmpty(known) ? undefined : printPresence(networkDocument(identity, known))
  if (body === subject.said && !turn.without(nothingNew)) {
    if (subject.publication === undefined && isEmpty(known)) pna.subjects.delete(addressOfRecord(identity))
    return turn.decide(nothingNew, 'nothing is published', { user: identity })
  }
  subject.said = body
  const publication = subject.publication ?? newPublication(identity)
  subject.publication = publication
  publication.duration = pna.settings.duration
  if (body !== undefined) publication.body = body
  const kind = body === undefined ? 'remove' : 'modify'
  follow(pna, addressOfRecord(identity), host, (one, publishing) => want(one, kind, publishing, turn))
}

/** Has something done with the publication of a user, and keeps account of its entity-tag; forgets who is unknown. */
function follow(
  pna: PresenceNetworkAgent,
  key: string,
  host: Host,
  act: (publication: PacedPublication, publishing: Publishing) => void,
): void {
  const subject = pna.subjects.get(key)
  const publication = subject?.publication
  if (subject === undefined || publication === undefined) return
  const before = publication.entityTag
  act(publication, publishingOf(pna, host))
  const { entityTag, isOutstanding, next } = publication
  if (before !== entityTag) {
    if (before !== undefined) pna.tags.delete(before)
    if (entityTag !== undefined) pna.tags.set(entityTag, key)
  }
  const isOver = entityTag === undefined && !isOutstanding && next === undefined
  if (isOver && isEmpty(subject.known)) pna.subjects.delete(key)
}

/** §5.3.5.3, TS 24.229 §5.7.3: in the name of the server, straight to the presence server. */
function publishingOf({ settings }: PresenceNetworkAgent, host: Host): Publishing {
  return {
    gap: 0,
    host: {
      compose: (method, uri, turn) => host.compose(method, uri, turn),
      send(bare, turn) {
        const own = turn.amend(bare, ownIdentity, { pAssertedIdentity: [bareAddress(host.identity)] })
        const route = [bareAddress(`sip:${settings.presenceServer};lr`)]
        host.send(turn.amend(own, toServer, { route }), turn)
      },
    },
  }
}
