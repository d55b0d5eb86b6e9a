/**
 * How an event publication agent publishes presence: one PUBLISH at a time, not too close to each other, refreshed in
 * time, and again in another way or later if it is refused or not answered (RFC 3903 §4). The PUA (TS 24.141 §5.3.1.2)
 * and the PNA (§5.3.5.3) do so alike.
 */
import { rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import { asPublish, type Next, onPublishResponse, type PublishKind } from '../../sip/events/publisher.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { Host } from '../role.ts'
import { agree, contentOf, fallBack, type OwnPublication, retreat } from './publication-content.ts'

/** A publication and when it may be sent. */
export interface PacedPublication extends OwnPublication {
  /** Before this time no PUBLISH is sent: because of the spacing, or because the server said so. */
  notBefore: Micros
  /** A timer runs for something that waits. */
  isHeld: boolean
  /** How many PUBLISH requests in a row have come to nothing. */
  failures: number
  /** What is to be tried again, and when. */
  retry: { readonly kind: Next; readonly at: Micros } | undefined
}

/** Who sends the PUBLISH requests, and how far apart. */
export interface Publishing {
  readonly host: Pick<Host, 'compose' | 'send'>
  /** The shortest time between two PUBLISH requests, in microseconds. */
  readonly gap: Micros
}

const oneAtATime = rule('RFC 3903 §4', 'a new PUBLISH waits until the one before is answered', ['R5.3.1.2-m'])
const refreshInTime = rule('RFC 3903 §4.3', 'a publication is refreshed before it expires', ['R5.3.1.2-m'])
const keepSpacing = rule('TS 24.141 §5.3.1.2', 'a PUA keeps the time between two PUBLISH requests that is set', [
  'R5.3.1.2-l',
])
const waitAsTold = rule('RFC 3261 §20.33', 'a PUBLISH that is to be tried later is sent again after Retry-After', [
  'R5.3.1.2-m',
])

const tryAgain = rule(
  'RFC 3261 §8.1.3.1',
  'a PUBLISH without an answer counts as answered 408, and is tried again, later each time',
  ['R5.3.1.2-m', 'R5.3.5.3-a'],
)
const beginAnew = rule('RFC 3903 §4.3', 'state that has run out is published anew, and not refreshed', ['R5.3.1.2-m'])

/** RFC 3261 §21.4.9, §21.5.1, §21.5.4, §21.5.5: what may be repeated later as it is. */
const passingStatuses: ReadonlySet<number> = new Set([408, 500, 503, 504])

/** RFC 5626 §4.5: the pause after the first failure is at most twice the one, and after any at most the other. */
const basePause = seconds(30)
const longestPause = seconds(1800)

/** The timers of a publication: the first is of its entity-tag, the others of its resource. */
export const publicationTimers: readonly string[] = ['publication refresh', 'publication pause', 'publication retry']

/** A publication of which nothing has been sent yet. */
export function newPublication(resource: string): PacedPublication {
  return {
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
    failures: 0,
    retry: undefined,
  }
}

/** Asks for a PUBLISH: what was last asked for counts, but a refresh never takes the place of anything else. */
export function want(publication: PacedPublication, kind: Next, publishing: Publishing, turn: SipTurn): void {
  if (kind !== 'refresh' || publication.next === undefined) publication.next = kind
  if (kind !== 'refresh') publication.retry = undefined
  proceed(publication, publishing, turn)
}

/** §5.3.1.2, RFC 3903 §4: sends what waits, unless a PUBLISH is on its way or it is too early. */
function proceed(publication: PacedPublication, publishing: Publishing, turn: SipTurn): void {
  if (publication.next === undefined) return
  const { resource, notBefore } = publication
  if (publication.isOutstanding && !turn.without(oneAtATime))
    return turn.decide(oneAtATime, 'the publication waits', { resource })
  forgetOver(publication, turn)
  const { next, entityTag } = publication
  // Without an entity-tag nothing is published that could be removed or refreshed.
  if (entityTag === undefined && next !== 'modify') {
    publication.next = undefined
    return
  }
  if (turn.now < notBefore && !turn.without(keepSpacing)) return hold(publication, turn)
  publication.next = undefined
  publication.notBefore = turn.now + publishing.gap
  send(publication, entityTag === undefined ? 'initial' : next, publishing, turn)
}

/** RFC 3903 §4.3: what has run out can be neither refreshed, nor changed, nor removed. */
function forgetOver(publication: PacedPublication, turn: SipTurn): void {
  const { entityTag, expiresAt, partial, next } = publication
  if (entityTag === undefined || turn.now < expiresAt || turn.without(beginAnew)) return
  turn.decide(beginAnew, next === 'remove' ? 'it is gone' : 'published anew', { 'SIP-ETag': entityTag })
  publication.entityTag = undefined
  if (partial !== undefined) partial.stored = undefined
  if (next === 'refresh') publication.next = 'modify'
}

/** §5.3.1.2: keeps the spacing; of what changes meanwhile, the last state wins. */
function hold(publication: PacedPublication, turn: SipTurn): void {
  const { resource, notBefore, isHeld } = publication
  turn.decide(keepSpacing, 'the publication waits', { resource, microseconds: notBefore - turn.now })
  if (!isHeld) turn.start({ name: 'publication pause', of: resource }, notBefore - turn.now)
  publication.isHeld = true
}

function send(publication: PacedPublication, kind: PublishKind, { host }: Publishing, turn: SipTurn): void {
  const { partial, body } = publication
  // RFC 5264 §4.2: a change of nothing is a refresh.
  const isSame = kind === 'modify' && partial?.stored === body && publication.objects.length === 0
  const asked = isSame ? 'refresh' : kind
  const bare = host.compose('PUBLISH', publication.resource, turn)
  host.send(asPublish(bare, publication, asked, turn, contentOf(publication, asked)), turn)
}

/** RFC 3903 §4: what waited comes first, whatever became of the PUBLISH before it. */
export function onPublished(
  publication: PacedPublication,
  response: SipResponse,
  request: SipRequest,
  publishing: Publishing,
  turn: SipTurn,
): void {
  const after = onPublishResponse(publication, response, request, turn)
  agree(publication, response.status)
  if (response.status < 300) publication.failures = 0
  const again = after === 'failed' ? insist(publication, response, request, turn) : after
  if (again === 'done' && publication.next === undefined) return refreshLater(publication, turn)
  if (publication.next === undefined && again !== 'done' && again !== 'failed')
    publication.next = again === 'initial' ? 'modify' : again
  proceed(publication, publishing, turn)
}

/** What a PUBLISH that was refused can be followed by: the same in another form (RFC 5264), or later. */
function insist(
  publication: PacedPublication,
  response: SipResponse,
  request: SipRequest,
  turn: SipTurn,
): Next | 'failed' {
  const { status } = response
  const other = turn.without(fallBack) ? undefined : retreat(publication, status, request.body)
  if (other !== undefined) {
    turn.decide(other, publication.partial === undefined ? 'published plain' : 'published whole', { status })
    return 'modify'
  }
  const { retryAfter } = response.headers
  if (status < 500 || retryAfter === undefined || turn.without(waitAsTold)) {
    if (passingStatuses.has(status)) later(publication, request, status, turn)
    return 'failed'
  }
  publication.notBefore = Math.max(publication.notBefore, turn.now + seconds(retryAfter.seconds))
  turn.decide(waitAsTold, 'tried again later', { status, seconds: retryAfter.seconds })
  return purposeOf(request)
}

/** What a PUBLISH was for. */
function purposeOf({ headers, body }: SipRequest): Next {
  if (headers.expires === 0) return 'remove'
  return body === '' ? 'refresh' : 'modify'
}

/**
 * Asks for the same again after a pause, as RFC 5626 §4.5 has it for registrations, unless something else waits. While
 * the state lasts no pause is longer than half of what is left, but for half a minute.
 */
function later(publication: PacedPublication, request: SipRequest, status: number, turn: SipTurn): void {
  if (publication.next !== undefined || turn.without(tryAgain)) return
  publication.failures++
  const { entityTag, expiresAt, failures } = publication
  const left = entityTag === undefined || expiresAt <= turn.now ? Infinity : expiresAt - turn.now
  const most = Math.min(longestPause, basePause * 2 ** failures, Math.max(basePause, left / 2))
  const longest = 2 * Math.floor(most / 2)
  const pause = longest / 2 + turn.random(longest / 2)
  publication.retry = { kind: purposeOf(request), at: turn.now + pause }
  turn.decide(tryAgain, 'tried again later', { status, microseconds: pause })
  turn.start({ name: 'publication retry', of: publication.resource }, pause)
}

/** RFC 3903 §4.3: ten minutes before the end, or at half time if there are less than twenty (as TS 24.229 §5.1.1.4). */
function refreshLater({ entityTag, expiresAt }: PacedPublication, turn: SipTurn): void {
  if (entityTag === undefined) return
  const left = expiresAt - turn.now
  const pause = left > seconds(1200) ? left - seconds(600) : Math.ceil(left / 2)
  turn.start({ name: 'publication refresh', of: entityTag }, pause)
}

/** No answer came, or the PUBLISH could not be sent. */
export function onUnanswered(
  publication: PacedPublication,
  request: SipRequest,
  publishing: Publishing,
  turn: SipTurn,
): void {
  publication.isOutstanding = false
  // Whether the compositor took the state in is not known: what comes next has to be the whole.
  if (publication.partial !== undefined) publication.partial.stored = publication.partial.sent = undefined
  later(publication, request, 408, turn)
  proceed(publication, publishing, turn)
}

/** The timer `publication retry` of the publication: nothing is left to do if something else was published since. */
export function onRetryDue(publication: PacedPublication, publishing: Publishing, turn: SipTurn): void {
  const { retry } = publication
  if (retry === undefined || turn.now < retry.at) return
  publication.retry = undefined
  want(publication, retry.kind, publishing, turn)
}

/** The timer `publication refresh` of an entity-tag that is the publication's. */
export function onRefreshDue(publication: PacedPublication, publishing: Publishing, turn: SipTurn): void {
  const { isOutstanding, retry, entityTag } = publication
  // What is to be removed is not kept up; what is to be changed is, by the change.
  if (isOutstanding || retry?.kind === 'remove' || turn.without(refreshInTime)) return
  turn.decide(refreshInTime, 'refreshed', { 'SIP-ETag': entityTag! })
  want(publication, retry?.kind ?? 'refresh', publishing, turn)
}

/** The timer `publication pause` of the publication. */
export function onPauseOver(publication: PacedPublication, publishing: Publishing, turn: SipTurn): void {
  publication.isHeld = false
  proceed(publication, publishing, turn)
}
