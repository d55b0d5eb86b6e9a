import { type Rule, rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import type { Parameterised } from '../headers.ts'
import type { Body, SipRequest, SipResponse } from '../message.ts'
import type { SipTurn } from '../transaction/transaction-user.ts'

/** One publication as its event publication agent sees it (RFC 3903 §4); its owner changes it in place. */
export interface Publication {
  readonly event: string
  /** The URI for which is published. */
  readonly resource: string
  readonly mediaType: string
  /** The state to publish: what the next PUBLISH with a body carries. */
  body: string
  /** The duration to ask for, in seconds. */
  duration: number
  /** The entity-tag of the last 200; undefined before the first and after 412. */
  entityTag: string | undefined
  expiresAt: Micros
  /** A PUBLISH is on its way: another one has to wait for its answer (RFC 3903 §4). */
  isOutstanding: boolean
  /** What to do when the answer has come. */
  next: Next | undefined
}

/** What can wait for the answer to another PUBLISH. */
export type Next = 'modify' | 'refresh' | 'remove'

/** What a PUBLISH with a body carries in the place of the plain state, and the rule by which it does. */
export interface PublishedContent {
  readonly why: Rule
  readonly contentType: Parameterised
  readonly body: Body
}

const publish = rule('RFC 3903 §4.2', 'an initial PUBLISH carries the event state', [
  'R5.3.1.1-a',
  'R5.3.1.2-a',
  'R5.3.1.2-c',
])
const modify = rule('RFC 3903 §4.4', 'a modifying PUBLISH carries the entity-tag and the new state', ['R5.3.1.2-m'])
const refresh = rule('RFC 3903 §4.3', 'a refreshing PUBLISH carries the entity-tag and no body', ['R5.3.1.2-m'])
const remove = rule('RFC 3903 §4.5', 'a PUBLISH with Expires 0 and no body removes the state', ['R5.3.1.2-m'])
const keepTag = rule('RFC 3903 §4.1', 'the entity-tag of the last 200 is kept for the next PUBLISH', ['R5.3.1.2-m'])
const forgetTag = rule('RFC 3903 §4.3', 'after 412 the state is published anew', ['R5.3.1.2-m'])
const askForLonger = rule('RFC 3903 §4.3', 'after 423 at least Min-Expires is asked for', ['R5.3.1.2-m'])

/** RFC 3903 Table 1: what a PUBLISH is for. */
export type PublishKind = 'initial' | 'refresh' | 'modify' | 'remove'

/**
 * Adds to a PUBLISH what makes it initial, refreshing, modifying or removing (RFC 3903 §4.1, Table 1). If `content` is
 * given, an initial or modifying one carries that, and not the plain state.
 */
export function asPublish<Other>(
  request: SipRequest,
  publication: Publication,
  kind: PublishKind,
  turn: SipTurn<Other>,
  content?: PublishedContent,
): SipRequest {
  const { event, entityTag, duration, mediaType, body } = publication
  publication.isOutstanding = true
  const common = { event: { value: event, params: {} }, expires: kind === 'remove' ? 0 : duration }
  const condition = kind === 'initial' ? {} : { sipIfMatch: entityTag }
  const why = { initial: publish, modify, refresh, remove }[kind]
  if (kind === 'refresh' || kind === 'remove') return turn.amend(request, why, { ...common, ...condition })
  if (content === undefined) {
    const state = { contentType: { value: mediaType, params: {} }, body }
    return turn.amend(request, why, { ...common, ...condition, ...state })
  }
  const { contentType } = content
  const bare = turn.amend(request, why, { ...common, ...condition })
  return turn.amend(bare, content.why, { contentType, body: content.body })
}

/** What the publisher does after an answer: publish again in this way, be done, or give up. */
export type AfterAnswer = PublishKind | 'done' | 'failed'

/** RFC 3903 §4.1 to §4.5: takes the answer to a PUBLISH in. */
export function onPublishResponse<Other>(
  publication: Publication,
  response: SipResponse,
  sent: SipRequest,
  turn: SipTurn<Other>,
): AfterAnswer {
  publication.isOutstanding = false
  const { status } = response
  const { sipEtag, expires, minExpires } = response.headers
  if (status >= 200 && status < 300) {
    if (sent.headers.expires === 0) {
      publication.entityTag = undefined
      return 'done'
    }
    if (!turn.without(keepTag)) publication.entityTag = sipEtag
    publication.expiresAt = turn.now + seconds(expires ?? publication.duration)
    turn.decide(keepTag, 'kept', { 'SIP-ETag': sipEtag ?? '' })
    return 'done'
  }
  if (status === 412 && !turn.without(forgetTag)) {
    publication.entityTag = undefined
    turn.decide(forgetTag, 'published anew', {})
    return sent.headers.expires === 0 ? 'done' : 'initial'
  }
  if (status === 423 && minExpires !== undefined && minExpires > publication.duration && !turn.without(askForLonger)) {
    publication.duration = minExpires
    turn.decide(askForLonger, 'asked again', { 'Min-Expires': minExpires })
    if (publication.entityTag === undefined) return 'initial'
    return sent.body === '' ? 'refresh' : 'modify'
  }
  return 'failed'
}
