import { printPresence } from '../documents/index.ts'
import { rule } from '../sim/rule.ts'
import { type Micros, seconds } from '../sim/time.ts'
import type { SipRequest, SipResponse } from '../sip/message.ts'
import { asPublish, type Next, onPublishResponse, type PublishKind } from '../sip/publisher.ts'
import type { SipTurn } from '../sip/transaction-user.ts'
import { documentOf, type PresenceAttributes } from './presence-attributes.ts'
import {
  type AttachedObject,
  agree,
  contentOf,
  danglingReferences,
  type OwnPublication,
  retreat,
} from './publication-content.ts'
import type { Host, Role } from './role.ts'

/** TS 24.141 §5.3.1: the state of a presence user agent. */
export interface PresenceUserAgent {
  readonly publications: PacedPublication[]
  /** The shortest time between two PUBLISH requests, in microseconds. */
  readonly gap: Micros
}

/** A publication and when it may be sent. */
export interface PacedPublication extends OwnPublication {
  /** Before this time no PUBLISH is sent: because of the spacing, or because the server said so. */
  notBefore: Micros
  /** A timer runs for something that waits. */
  isHeld: boolean
}

/** What the topology says of a PUA. */
export interface PuaSettings {
  readonly publishGap: Micros
}

/** What the command `publish` asks for: the first publication, or a modification of what is published. */
export interface PublishCommand {
  readonly do: 'publish'
  /** A presence document: the presentity's own view. */
  readonly document?: string
  /** The same in the words of stage 2, for which the PUA makes the document (§5.3.1.3). */
  readonly attributes?: PresenceAttributes
  /** The duration in seconds. */
  readonly expires?: number
  /** Whether only changes are published after the first time (RFC 5264). */
  readonly partial?: boolean
  /** What the document refers to by `cid:` (§5.3.1.4). */
  readonly objects?: readonly AttachedObject[]
}

const oneAtATime = rule('RFC 3903 §4', 'a new PUBLISH waits until the one before is answered', ['R5.3.1.2-m'])
const refreshInTime = rule('RFC 3903 §4.3', 'a publication is refreshed before it expires', ['R5.3.1.2-m'])
const keepSpacing = rule('TS 24.141 §5.3.1.2', 'a PUA keeps the time between two PUBLISH requests that is set', [
  'R5.3.1.2-l',
])
const waitAsTold = rule('RFC 3261 §20.33', 'a PUBLISH that is to be tried later is sent again after Retry-After', [
  'R5.3.1.2-m',
])
// biome-ignore format: a list of ids
const mapAttributes = rule('TS 24.141 §5.3.1.3', 'the PUA maps the presentity attributes to person and tuples', [
  'R5.3.1.2-d', 'R5.3.1.2-e', 'R5.3.1.2-f', 'R5.3.1.2-g', 'R5.3.1.2-h', 'R5.3.1.3-a', 'R5.3.1.3-b', 'R5.3.1.3-c',
  'R5.3.1.3-d', 'R5.3.1.3-e', 'R5.3.1.3-f', 'R5.3.1.3-g', 'R5.3.1.3-h', 'R7.1-a',
])
const completeReferences = rule('RFC 2392 §2', 'what a document refers to by cid is published with it, or neither is', [
  'R5.3.1.4-a',
])

/** §5.3.1: the role. */
export const puaRole: Role<PresenceUserAgent> = {
  name: 'pua',
  clause: 'TS 24.141 §5.3.1',
  timers: ['publication refresh', 'publication pause'],
  commands: ['publish', 'unpublish'],
  sends: ['PUBLISH'],
  start: (settings) => ({ publications: [], gap: (settings as PuaSettings | undefined)?.publishGap ?? 0 }),
  takes: () => false,

  onCommand(pua, command, host, turn) {
    if (command.do === 'publish') return publish(pua, command as unknown as PublishCommand, host, turn)
    const current = pua.publications[0]
    if (current !== undefined) want(pua, current, 'remove', host, turn)
  },

  onResponse(pua, response, request, host, turn) {
    const publication = pua.publications.find(({ resource }) => resource === request.uri)
    if (publication === undefined || response.status < 200) return
    onAnswer(pua, publication, response, request, host, turn)
  },

  onTimeout(pua, request, host, turn) {
    const publication = pua.publications.find(({ resource }) => resource === request.uri)
    if (publication === undefined) return
    publication.isOutstanding = false
    // Whether the compositor took the state in is not known: what comes next has to be the whole.
    if (publication.partial !== undefined) publication.partial.stored = publication.partial.sent = undefined
    proceed(pua, publication, host, turn)
  },

  onTimer(pua, timer, host, turn) {
    if (timer.name === 'publication pause') {
      const waiting = pua.publications.find(({ resource }) => resource === timer.of)
      if (waiting === undefined) return
      waiting.isHeld = false
      return proceed(pua, waiting, host, turn)
    }
    const publication = pua.publications.find(({ entityTag }) => entityTag === timer.of)
    // An entity-tag that was replaced since takes its timer along.
    if (publication === undefined || publication.isOutstanding) return
    turn.decide(refreshInTime, 'refreshed', { 'SIP-ETag': timer.of })
    want(pua, publication, 'refresh', host, turn)
  },
}

/** §5.3.1.2, §5.3.1.3: takes in what the user wants to have published. */
function publish(pua: PresenceUserAgent, command: PublishCommand, host: Host, turn: SipTurn): void {
  const { expires, objects = [], partial } = command
  const body = command.document ?? mapped(command.attributes ?? {}, host, turn)
  const missing = danglingReferences(body, objects)
  if (missing.length > 0) return turn.decide(completeReferences, 'nothing is published', { missing: missing.join(' ') })
  const publication = pua.publications[0] ?? newPublication(pua, host.identity)
  publication.body = body
  publication.objects = objects
  publication.duration = expires ?? publication.duration
  if (partial === false) publication.partial = undefined
  else if (partial && !publication.isPartialRefused) publication.partial ??= { stored: undefined, sent: undefined }
  want(pua, publication, 'modify', host, turn)
}

function mapped(attributes: PresenceAttributes, host: Host, turn: SipTurn): string {
  turn.decide(mapAttributes, 'mapped', { attributes: Object.keys(attributes).join(' ') })
  return printPresence(documentOf(host.identity, attributes))
}

function newPublication(pua: PresenceUserAgent, resource: string): PacedPublication {
  const publication: PacedPublication = {
    event: 'presence',
    resource,
    mediaType: 'application/pidf+xml',
    body: '',
    duration: 3600,
    entityTag: undefined,
    expiresAt: 0,
    isOutstanding: false,
    next: undefined,
    partial: undefined,
    isPartialRefused: false,
    objects: [],
    notBefore: 0,
    isHeld: false,
  }
  pua.publications.push(publication)
  return publication
}

/** Asks for a PUBLISH: what was last asked for counts, but a refresh never takes the place of anything else. */
function want(pua: PresenceUserAgent, publication: PacedPublication, kind: Next, host: Host, turn: SipTurn): void {
  if (kind !== 'refresh' || publication.next === undefined) publication.next = kind
  proceed(pua, publication, host, turn)
}

/** §5.3.1.2, RFC 3903 §4: sends what waits, unless a PUBLISH is on its way or it is too early. */
function proceed(pua: PresenceUserAgent, publication: PacedPublication, host: Host, turn: SipTurn): void {
  const { next, entityTag, resource, notBefore } = publication
  if (next === undefined) return
  if (publication.isOutstanding) return turn.decide(oneAtATime, 'the publication waits', { resource })
  // Without an entity-tag nothing is published that could be removed or refreshed.
  if (entityTag === undefined && next !== 'modify') {
    publication.next = undefined
    return
  }
  if (turn.now < notBefore) return hold(publication, turn)
  publication.next = undefined
  publication.notBefore = turn.now + pua.gap
  send(publication, entityTag === undefined ? 'initial' : next, host, turn)
}

/** §5.3.1.2: keeps the spacing; of what changes meanwhile, the last state wins. */
function hold(publication: PacedPublication, turn: SipTurn): void {
  const { resource, notBefore, isHeld } = publication
  turn.decide(keepSpacing, 'the publication waits', { resource, microseconds: notBefore - turn.now })
  if (!isHeld) turn.start({ name: 'publication pause', of: resource }, notBefore - turn.now)
  publication.isHeld = true
}

function send(publication: PacedPublication, kind: PublishKind, host: Host, turn: SipTurn): void {
  const { partial, body } = publication
  // RFC 5264 §4.2: a change of nothing is a refresh.
  const isSame = kind === 'modify' && partial?.stored === body && publication.objects.length === 0
  const asked = isSame ? 'refresh' : kind
  const bare = host.compose('PUBLISH', publication.resource, turn)
  host.send(asPublish(bare, publication, asked, turn, contentOf(publication, asked)), turn)
}

/** RFC 3903 §4: what waited comes first, whatever became of the PUBLISH before it. */
function onAnswer(
  pua: PresenceUserAgent,
  publication: PacedPublication,
  response: SipResponse,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): void {
  const after = onPublishResponse(publication, response, request, turn)
  agree(publication, response.status)
  const again = after === 'failed' ? insist(publication, response, request, turn) : after
  if (again === 'done' && publication.next === undefined) return refreshLater(publication, turn)
  if (publication.next === undefined && again !== 'done' && again !== 'failed')
    publication.next = again === 'initial' ? 'modify' : again
  proceed(pua, publication, host, turn)
}

/** What a PUBLISH that was refused can be followed by: the same in another form (RFC 5264), or later. */
function insist(
  publication: PacedPublication,
  response: SipResponse,
  request: SipRequest,
  turn: SipTurn,
): Next | 'failed' {
  const { status } = response
  const other = retreat(publication, status, request.body)
  if (other !== undefined) {
    turn.decide(other, publication.partial === undefined ? 'published plain' : 'published whole', { status })
    return 'modify'
  }
  const { retryAfter } = response.headers
  if (status < 500 || retryAfter === undefined) return 'failed'
  publication.notBefore = Math.max(publication.notBefore, turn.now + seconds(retryAfter.seconds))
  turn.decide(waitAsTold, 'tried again later', { status, seconds: retryAfter.seconds })
  if (request.headers.expires === 0) return 'remove'
  return request.body === '' ? 'refresh' : 'modify'
}

/** RFC 3903 §4.3: ten minutes before the end, or at half time if there are less than twenty (as TS 24.229 §5.1.1.4). */
function refreshLater({ entityTag, expiresAt }: PacedPublication, turn: SipTurn): void {
  if (entityTag === undefined) return
  const left = expiresAt - turn.now
  const pause = left > seconds(1200) ? left - seconds(600) : Math.ceil(left / 2)
  turn.start({ name: 'publication refresh', of: entityTag }, pause)
}
