import { isDocumentError, listEntry, parseFilterSet, printResourceLists, resourceList } from '../../documents/index.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { packages } from '../../sip/events/packages.ts'
import type { Parameterised } from '../../sip/headers.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { Host } from '../role.ts'
import type { DiffProcessing } from '../ut/document-report.ts'

/** What a user wants to be told, beside of whom. */
export interface Wish {
  /** The media types to accept, with parameters such as `q`. */
  readonly accept?: readonly Parameterised[]
  /** What of it and when, as `application/simple-filter+xml` (RFC 4660, RFC 4661). */
  readonly filter?: string
  /** True if the URI stands for a list (RFC 4662). */
  readonly list?: boolean
  /** For `xcap-diff`: selectors below the XCAP root (RFC 5875 §4.4). */
  readonly documents?: readonly string[]
  /** For `xcap-diff`: how changes are to be told (RFC 5875 §4.3); left to the notifier if it is not said. */
  readonly diffs?: DiffProcessing
  /** How often to be told, as parameters of Event: `max-rate`, `min-rate`, `adaptive-min-rate` (RFC 6446). */
  readonly rates?: Readonly<Record<string, string>>
}

const subscribeToPresence = rule('TS 24.141 §5.3.2.2', 'a watcher subscribes to the presence of a presentity', [
  'R5.3.2.2-a',
])
const fetchPresence = rule('RFC 6665 §4.4.3', 'a fetch is a SUBSCRIBE with Expires 0 outside any dialog', [
  'R5.3.2.1-a',
])
const subscribeToOwnWatchers = rule('TS 24.141 §5.3.1.5', 'a PUA subscribes to the watcher information of its user', [
  'R5.3.1.5-a',
])
const subscribeToWatchers = rule('TS 24.141 §5.3.2.4', 'a watcher subscribes to watcher information about itself', [
  'R5.3.2.4-a',
])
const subscribeToOwnDocuments = rule('TS 24.141 §5.3.1.6', 'a PUA subscribes to changes of XML documents', [
  'R5.3.1.6-a',
  'R5.3.2.5-a',
])
const knowLists = rule('TS 24.141 §5.3.2.3', 'who subscribes to a list says that it knows lists', ['R5.3.2.3-a'])
const acceptLists = rule('RFC 4662 §4.3', 'who subscribes to a list accepts lists, and what tells of a resource', [
  'R5.3.2.3-a',
])
const acceptPartial = rule('TS 24.141 §5.3.2.2', 'a watcher lists in Accept what it understands, partial state too', [
  'R5.3.2.2-b',
  'R5.3.2.2-e',
])
const filterPresence = rule('RFC 4660 §5', 'a subscription says in its body what the subscriber wants to hear', [
  'R5.3.2.2-d',
])
const filterWatchers = rule('RFC 4660 §5.1', 'a subscription to watcher information says which watchers it is about', [
  'R5.3.1.5-c',
  'R5.3.2.4-a',
])
const nameDocuments = rule('RFC 5875 §4.4', 'a subscription to XML documents lists them in its body', ['R5.3.1.6-a'])
const askRates = rule('RFC 6446 §4', 'a subscriber says with its event how often it wants to be told', ['R5.3.2.2-a'])
const askDiffs = rule('RFC 5875 §4.3', 'a subscriber says with its event how changes of documents are to be told', [
  'R5.3.1.6-a',
  'R5.3.2.5-a',
])
const badFilter = rule('RFC 4661 §7', 'a filter that is no filter document is not sent')

/** The event packages that a UE subscribes to: by which rule, and which filters it sends. */
const rules: Readonly<Record<string, { readonly own: Rule; readonly others: Rule; readonly filter: Rule }>> = {
  presence: { own: subscribeToPresence, others: subscribeToPresence, filter: filterPresence },
  'presence.winfo': { own: subscribeToOwnWatchers, others: subscribeToWatchers, filter: filterWatchers },
  'xcap-diff': { own: subscribeToOwnDocuments, others: subscribeToOwnDocuments, filter: filterPresence },
}

const isKnown = (event: string): boolean => Object.hasOwn(rules, event)

/** §5.3.1.5, §5.3.1.6, §5.3.2.2, §5.3.2.4: a SUBSCRIBE outside any dialog; without a duration it is a fetch. */
export function subscription(
  event: string,
  to: string,
  expires: number | undefined,
  wish: Wish | undefined,
  host: Host,
  turn: SipTurn,
): SipRequest | undefined {
  if (!isKnown(event) || !isSound(wish, turn)) return undefined
  const { own, others } = rules[event]!
  const duration = expires ?? packages[event]!.defaultDuration
  const why = duration === 0 ? fetchPresence : to === host.identity ? own : others
  const bare = turn.amend(host.compose('SUBSCRIBE', to, turn), why, { event: events[event]!, expires: duration })
  return withWish(bare, event, wish, turn)
}

/** One value for all subscriptions to a package. */
const events: Readonly<Record<string, Parameterised>> = Object.fromEntries(
  Object.keys(rules).map((value) => [value, { value, params: {} }]),
)

/** False, and said so, if a filter is no filter document: the user would be told something else than she wants. */
export function isSound(wish: Wish | undefined, turn: SipTurn): boolean {
  if (wish?.filter === undefined) return true
  const read = parseFilterSet(wish.filter)
  if (!isDocumentError(read) || turn.without(badFilter)) return true
  turn.decide(badFilter, 'nothing is sent', { reason: read.reason })
  return false
}

/** Adds to a SUBSCRIBE what its user wishes: Accept, and a body with filters or with the names of documents. */
export function withWish(bare: SipRequest, event: string, wish: Wish | undefined, turn: SipTurn): SipRequest {
  if (wish === undefined) return bare
  const { accept, filter, documents, diffs, rates, list } = wish
  let request = bare
  if (list === true) request = asList(request, turn)
  if (rates !== undefined) {
    const { value, params } = bare.headers.event!
    request = turn.amend(request, askRates, { event: { value, params: { ...params, ...rates } } })
  }
  if (diffs !== undefined && event === 'xcap-diff') {
    const { value, params } = request.headers.event!
    request = turn.amend(request, askDiffs, { event: { value, params: { ...params, 'diff-processing': diffs } } })
  }
  if (accept !== undefined) request = turn.amend(request, acceptPartial, { accept })
  if (filter !== undefined) {
    const contentType = { value: 'application/simple-filter+xml', params: {} }
    return turn.amend(request, rules[event]!.filter, { contentType, body: filter })
  }
  if (documents === undefined || event !== 'xcap-diff') return request
  const contentType = { value: 'application/resource-lists+xml', params: {} }
  return turn.amend(request, nameDocuments, { contentType, body: listOf(documents) })
}

/** §5.3.2.3, RFC 4662 §4.1: says that the subscriber knows lists. */
function asList(bare: SipRequest, turn: SipTurn): SipRequest {
  const request = turn.amend(bare, knowLists, { supported: ['eventlist'] })
  return turn.amend(request, acceptLists, { accept: listTypes })
}

/** RFC 4662 §4.3: what a watcher of a list of presentities accepts, if the user wishes nothing else. */
const listTypes: readonly Parameterised[] = ['application/pidf+xml', 'application/rlmi+xml', 'multipart/related'].map(
  (value) => ({ value, params: {} }),
)

function listOf(documents: readonly string[]): string {
  const members = documents.map((selector) => listEntry(selector))
  return printResourceLists({ kind: 'resource-lists', lists: [resourceList(undefined, members)] })
}
