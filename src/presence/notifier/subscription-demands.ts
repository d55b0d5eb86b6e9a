import { rule } from '../../sim/rule.ts'
import type { Parameterised } from '../../sip/headers.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { type Filters, filtersAfter, filterType } from './event-filters.ts'

const notAcceptable = rule(
  'RFC 3261 §8.2.3',
  'a SUBSCRIBE that accepts nothing of what the package has is answered 406',
  ['R5.3.3.2-b'],
)
const wrongBody = rule('RFC 4660 §5.2', 'a body that is no filter is answered 415', ['R5.3.3.2-c', 'R5.3.3.4-a'])
const badFilter = rule('RFC 4660 §5.2', 'filters that can not be understood are answered 488', [
  'R5.3.3.2-c',
  'R5.3.3.4-a',
])

/** RFC 3261 §20.1: whether one of the media types is acceptable. Answers 406 if not. */
export function isAcceptable(request: SipRequest, mediaTypes: readonly string[], turn: SipTurn): boolean {
  const { accept } = request.headers
  if (accept === undefined || mediaTypes.some((type) => qualityOf(accept, type) > 0)) return true
  if (turn.without(notAcceptable)) return true
  turn.reply(request, 406, notAcceptable, { accept: mediaTypes.map((value) => ({ value, params: {} })) })
  return false
}

/** RFC 3261 §20.1: how much a type is liked, from 0 to 1, by the most specific range that it is in. */
function qualityOf(accept: readonly Parameterised[], type: string): number {
  const exact = accept.find(({ value }) => value === type)
  const range = exact ?? accept.find(({ value }) => value === anySubtype(type)) ?? accept.find(isAny)
  return range === undefined ? 0 : Number(range.params.q ?? 1)
}

const anySubtype = (type: string): string => type.replace(/\/.*/, '/*')
const isAny = ({ value }: Parameterised): boolean => value === '*/*'

const plainType = 'application/pidf+xml'
const partialType = 'application/pidf-diff+xml'

/** The types of which a watcher has to accept one. */
export const presenceTypes = [plainType, partialType]

/** RFC 5263 §4.1: partial state is for whoever accepts it by name, and likes full state no better (RFC 3261 §20.1). */
export function wantsPartial({ headers: { accept } }: SipRequest): boolean {
  if (accept === undefined) return false
  const partial = named(accept, partialType)
  return partial > 0 && partial >= qualityOf(accept, plainType)
}

/** RFC 2387: objects beside the document are for whoever accepts them by name. */
export const takesObjects = ({ headers: { accept } }: SipRequest): boolean =>
  accept !== undefined && named(accept, 'multipart/related') > 0

/** How much a type is liked by its own name; 0 if it is not named. */
function named(accept: readonly Parameterised[], type: string): number {
  const range = accept.find(({ value }) => value === type)
  return range === undefined ? 0 : Number(range.params.q ?? 1)
}

/**
 * RFC 4660 §5.2: the filters after a SUBSCRIBE; without a body those from before stay. `refused`, when the request has
 * been answered 415 or 488.
 */
export function withFilters(
  request: SipRequest,
  before: Filters | undefined,
  watched: { readonly event: string; readonly resource: string },
  turn: SipTurn,
): Filters | undefined | 'refused' {
  if (request.body === '') return before
  if (request.headers.contentType?.value !== filterType) {
    turn.reply(request, 415, wrongBody, { accept: [{ value: filterType, params: {} }] })
    return 'refused'
  }
  const after = filtersAfter(before, request.body, watched)
  if (after !== undefined) return after
  turn.reply(request, 488, badFilter)
  return 'refused'
}
