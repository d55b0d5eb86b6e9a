import { type Rule, rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import { rowOf } from '../headers.ts'
import type { Body, HeaderChanges, SipRequest } from '../message.ts'
import type { SipTurn } from '../transaction/transaction-user.ts'

/** The event state that one PUBLISH brought, as the event state compositor keeps it (RFC 3903 §6). */
export interface EventState {
  readonly entityTag: string
  /** The URI for which it was published. */
  readonly resource: string
  readonly mediaType: string
  readonly body: Body
  expiresAt: Micros
}

/** What an event state compositor allows. */
export interface CompositorPolicy {
  /** The event packages for which it takes publications. */
  readonly packages: readonly string[]
  readonly mediaTypes: readonly string[]
  /** Durations in seconds. */
  readonly defaultDuration: number
  readonly shortestDuration: number
  readonly longestDuration: number
}

/** What an acceptable PUBLISH asks for. */
export interface Publishing {
  readonly kind: 'initial' | 'refresh' | 'modify' | 'remove'
  /** The state that SIP-If-Match names; undefined for an initial one. */
  readonly current: EventState | undefined
  /** The duration granted, in seconds. */
  readonly duration: number
}

const badEvent = rule('RFC 3903 §6 step 2', 'an event package that is not served is answered 489', ['R5.3.3.3-a'])
const badMatch = rule('RFC 3903 §6 step 3', 'a SIP-If-Match that is not one entity-tag is answered 400', ['R5.3.3.3-a'])
const noMatch = rule('RFC 3903 §6 step 3', 'an entity-tag that names no state is answered 412', ['R5.3.3.3-a'])
const tooBrief = rule('RFC 3903 §6 step 4', 'a duration below the shortest allowed is answered 423', ['R5.3.3.3-a'])
const noBody = rule('RFC 3903 §6 step 5', 'an initial PUBLISH without a body is answered 400', ['R5.3.3.3-a'])
const badType = rule('RFC 3903 §6 step 5', 'a body of a type that is not understood is answered 415', ['R5.3.3.3-c'])

/**
 * RFC 3903 §6, steps 2 to 5: may this PUBLISH be carried out? Answers it and returns undefined if not. `find` gives the
 * live state of an entity-tag.
 */
export function checkPublish<Other>(
  request: SipRequest,
  policy: CompositorPolicy,
  find: (entityTag: string) => EventState | undefined,
  turn: SipTurn<Other>,
): Publishing | undefined {
  const { event, sipIfMatch, expires, contentType } = request.headers
  const refuse = (status: number, why: Rule, changes?: HeaderChanges): undefined => {
    turn.reply(request, status, why, changes)
    return undefined
  }
  if (event === undefined || !policy.packages.includes(event.value))
    return refuse(489, badEvent, { allowEvents: policy.packages })
  const conditions = request.headers.fields.filter(({ row }) => row === conditionRow)
  if (conditions.length > 1 || (conditions.length === 1 && sipIfMatch === undefined)) return refuse(400, badMatch)
  const current = sipIfMatch === undefined ? undefined : find(sipIfMatch)
  if (sipIfMatch !== undefined && current === undefined) return refuse(412, noMatch)
  const asked = expires ?? policy.defaultDuration
  if (asked > 0 && asked < policy.shortestDuration)
    return refuse(423, tooBrief, { minExpires: policy.shortestDuration })
  if (request.body === '' && current === undefined) return refuse(400, noBody)
  if (request.body !== '' && !policy.mediaTypes.includes(contentType?.value.toLowerCase() ?? ''))
    return refuse(415, badType, { accept: policy.mediaTypes.map((value) => ({ value, params: {} })) })
  return { kind: kindOf(request, current, asked), current, duration: Math.min(asked, policy.longestDuration) }
}

const conditionRow = rowOf('sipIfMatch')

function kindOf(request: SipRequest, current: EventState | undefined, asked: number): Publishing['kind'] {
  if (asked === 0) return 'remove'
  if (current === undefined) return 'initial'
  return request.body === '' ? 'refresh' : 'modify'
}

const grant = rule('RFC 3903 §6 step 6', 'each successful PUBLISH is answered with a new entity-tag and a duration', [
  'R5.3.3.3-a',
])

/** The answer to a PUBLISH that was carried out. */
export function replyPublished<Other>(
  request: SipRequest,
  entityTag: string,
  duration: number,
  turn: SipTurn<Other>,
): void {
  turn.reply(request, 200, grant, { sipEtag: entityTag, expires: duration })
}

/** The state after a PUBLISH; undefined when it was removed. */
export function published<Other>(
  request: SipRequest,
  { kind, current, duration }: Publishing,
  entityTag: string,
  turn: SipTurn<Other>,
): EventState | undefined {
  if (kind === 'remove') return undefined
  const expiresAt = turn.now + seconds(duration)
  if (kind === 'refresh') return { ...current!, entityTag, expiresAt }
  const mediaType = request.headers.contentType!.value.toLowerCase()
  return { entityTag, resource: request.uri, mediaType, body: request.body, expiresAt }
}
