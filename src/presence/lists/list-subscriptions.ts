/**
 * TS 24.141 §5.3.4.2: subscriptions to lists.
 */
import type { HttpBody } from '../../http/message.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import { seconds } from '../../sim/time.ts'
import { accepted, acceptedAgain, granted, isInOrder } from '../../sip/events/notifier.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import type { Parameterised } from '../../sip/headers.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { addressOfRecord } from '../address-of-record.ts'
import { assertedIdentity, noIdentity } from '../notifier/authorization.ts'
import type { Filters } from '../notifier/event-filters.ts'
import { ratesOf } from '../notifier/notification-rates.ts'
import { isAcceptable, presenceTypes, withFilters } from '../notifier/subscription-demands.ts'
import type { Host } from '../role.ts'
import { rlmiType } from '../watcher/told-lists.ts'
import { endMember, renewMembers, subscribeMember } from './back-ends.ts'
import { needLists } from './list-fetching.ts'
import { type ListService, listAt, type Membership, membersOf, newMember } from './list-membership.ts'
import { endList, notifyList, tagOf, tellSoon } from './list-notifications.ts'
import type { ListWatch, Member, ResourceListServer } from './resource-list-state.ts'

const noList = rule('RFC 4826 §4.5', 'a URI that is no list is answered 404', ['R5.3.4.2-a'])
const otherPackage = rule('RFC 4826 §4.5', 'an event package that the list does not have is answered 489', [
  'R5.3.4.2-a',
])
const authorize = rule(
  'TS 24.141 §5.3.4.2',
  'a list may be subscribed to by its owner, and by those whom the operator names',
  ['R5.3.4.2-a', 'R5.3.4.1-b'],
  'authorize subscriber',
)
const notAllowed = rule('TS 24.229 §5.7.1.5', 'who may not subscribe to a list is answered 403', ['R5.3.4.2-a'])
const needsExtension = rule('RFC 4662 §4.4', 'who does not know lists is answered 421', ['R5.3.4.2-a'])
const notToBeHad = rule('RFC 4826 §4.5', 'a list with a reference that leads nowhere is answered 502', ['R5.3.4.2-a'])
const acceptList = rule('RFC 4662 §4.4', 'a subscription to a list is accepted by an answer that requires eventlist', [
  'R5.3.4.2-a',
])
const expire = rule('RFC 6665 §4.2.2', 'a subscription to a list that is not refreshed ends', ['R5.3.4.3-c'])
const isGone = rule('RFC 6665 §4.2.2', 'a subscription to a list that is deleted ends as noresource', ['R5.3.4.3-a'])
const addMember = rule('TS 24.141 §5.3.4.3', 'who has come into a list is subscribed to', ['R5.3.4.3-a'])
const removeMember = rule('TS 24.141 §5.3.4.3', 'who has left a list is not subscribed to any more', ['R5.3.4.3-a'])

/** An initial SUBSCRIBE: identity, the list, authorization, then RFC 4662. */
export function acceptListSubscription(
  rls: ResourceListServer,
  request: SipRequest,
  fetched: ReadonlyMap<string, HttpBody | undefined>,
  host: Host,
  turn: SipTurn,
): void {
  const watcher = assertedIdentity(request, turn)
  if (watcher === undefined) return turn.reply(request, 403, noIdentity)
  const { documents } = host
  const found = documents && listAt(rls, request.uri, documents)
  if (found === undefined) return turn.reply(request, 404, noList)
  const duration = grantedFor(rls, found, request, turn)
  if (duration === undefined || !isAllowed(rls, found, watcher, request, turn)) return
  const knowsLists = request.headers.supported?.some((tag) => tag.toLowerCase() === 'eventlist') === true
  if (!knowsLists && !turn.without(needsExtension))
    return turn.reply(request, 421, needsExtension, { require: ['eventlist'] })
  if (!acceptsLists(request, turn)) return
  const filters = withFilters(request, undefined, { event: 'presence', resource: request.uri }, turn)
  if (filters === 'refused') return
  const membership = membersOf(rls, found, fetched, documents, turn)
  if (membership.toFetch.length > 0)
    return needLists(rls, { uri: request.uri, what: { request }, fetched }, membership.toFetch[0]!, turn)
  if (membership.problems.length > 0 && !turn.without(notToBeHad)) return turn.reply(request, 502, notToBeHad)
  begin(rls, request, { watcher, duration, filters, membership, fetched }, host, turn)
}

/** RFC 4826 §4.5, RFC 6665 §4.2.1.1: the duration, if the list has the event package. */
function grantedFor(
  { settings }: ResourceListServer,
  { service }: ListService,
  request: SipRequest,
  turn: SipTurn,
): number | undefined {
  const { subscribing } = settings
  const { packages } = service
  const named = packages?.filter((one) => typeof one === 'string').map((one) => one.trim())
  const served = subscribing.packages.filter((one) => named === undefined || named.includes(one))
  const asked = request.headers.event?.value
  if (asked !== undefined && subscribing.packages.includes(asked) && !served.includes(asked)) {
    if (!turn.without(otherPackage)) {
      turn.reply(request, 489, otherPackage, { allowEvents: served })
      return undefined
    }
  }
  return granted(request, subscribing, turn)
}

function isAllowed(
  { settings }: ResourceListServer,
  { service, owner }: ListService,
  watcher: string,
  request: SipRequest,
  turn: SipTurn,
): boolean {
  const canonical = addressOfRecord(watcher)
  const isOwner = owner !== undefined && settings.users[canonical]?.includes(owner) === true
  const others = settings.subscribers[addressOfRecord(service.uri)] ?? []
  const isNamed = others === 'anybody' || others.some((one) => addressOfRecord(one) === canonical)
  const isFine = isOwner || isNamed || turn.without(authorize)
  turn.decide(authorize, isFine ? 'allow' : 'refuse', { watcher, list: service.uri })
  if (!isFine) turn.reply(request, 403, notAllowed)
  return isFine
}

/** RFC 4662 §4.3: what carries a list has to be acceptable, and what tells of a member too. */
const acceptsLists = (request: SipRequest, turn: SipTurn): boolean =>
  [['multipart/related'], [rlmiType], presenceTypes].every((types) => isAcceptable(request, types, turn))

interface Accepted {
  readonly watcher: string
  readonly duration: number
  readonly filters: Filters | undefined
  readonly membership: Membership
  readonly fetched: ReadonlyMap<string, HttpBody | undefined>
}

function begin(rls: ResourceListServer, request: SipRequest, given: Accepted, host: Host, turn: SipTurn): void {
  const { watcher, duration, filters, membership, fetched } = given
  const tag = host.tag(turn)
  const local = { tag, contact: host.contact, firstSequence: host.firstSequence }
  const [bare, dialog] = accepted(request, duration, local, turn)
  host.respond(request, turn.amend(bare, acceptList, { require: ['eventlist'] }), turn)
  const list: ListWatch = {
    dialog,
    event: 'presence',
    state: duration === 0 ? 'terminated' : 'active',
    expiresAt: turn.now + seconds(duration),
    watcher,
    server: servingOf(rls, watcher, request, turn),
    privacy: request.headers.privacy,
    uri: request.uri,
    hops: request.headers.maxForwards ?? 70,
    members: new Map(membership.members.map((one) => [one.uri, newMember(one)])),
    sources: membership.sources,
    fetched,
    accept: acceptOf(request),
    filters,
    ...rateOf(request),
    version: 0,
    isFullDue: true,
    notifiedAt: turn.now,
    isUnanswered: false,
    dueAt: undefined,
  }
  const { id } = request.headers.event!.params
  if (typeof id === 'string') list.eventId = id
  rls.lists.set(tag, list)
  notifyList(rls, list, { reason: 'timeout' }, host, turn)
  if (duration === 0) return
  turn.start({ name: 'list expiry', of: tag }, seconds(duration))
  for (const member of list.members.values()) subscribeMember(rls, list, member, host, turn)
}

/** TS 24.229 §5.7.3: the S-CSCF of the watcher, which has sent the request, if she is of this network. */
function servingOf(
  { settings }: ResourceListServer,
  watcher: string,
  { headers }: SipRequest,
  turn: SipTurn,
): string | undefined {
  if (settings.users[addressOfRecord(watcher)] === undefined) return undefined
  const route = headers.route?.find(({ uri }) => hostOf(uri) !== turn.self)
  return route && hostOf(route.uri)
}

/** What of Accept concerns members; undefined if it is not said. */
function acceptOf({ headers }: SipRequest): readonly Parameterised[] | undefined {
  const ofMembers = headers.accept?.filter(({ value }) => value !== rlmiType && value !== 'multipart/related')
  return ofMembers === undefined || ofMembers.length === 0 ? undefined : ofMembers
}

/** RFC 6446 §5: how often the watcher wants to be told at most; a list server follows no other rate. */
function rateOf({ headers }: SipRequest): Pick<ListWatch, 'shortestGap' | 'rates'> {
  const { params } = headers.event!
  const shortestGap = ratesOf(params)?.shortestGap
  return { shortestGap, rates: shortestGap === undefined ? undefined : { 'max-rate': String(params['max-rate']) } }
}

/** RFC 6665 §4.2.1.2: a SUBSCRIBE within the dialog refreshes or ends the subscription. */
export function refreshList(rls: ResourceListServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const tag = String(request.headers.to!.params.tag)
  const list = rls.lists.get(tag)
  if (!isInOrder(list, request, turn)) return
  const found = host.documents && listAt(rls, list.uri, host.documents)
  const duration = found === undefined ? undefined : grantedFor(rls, found, request, turn)
  if (found === undefined) turn.reply(request, 404, noList)
  if (duration === undefined || !acceptsLists(request, turn)) return
  const filters = withFilters(request, list.filters, { event: 'presence', resource: list.uri }, turn)
  if (filters === 'refused') return
  const response = acceptedAgain(list, request, duration, host.contact, turn)
  host.respond(request, turn.amend(response, acceptList, { require: ['eventlist'] }), turn)
  list.expiresAt = turn.now + seconds(duration)
  list.filters = filters
  if (request.headers.accept !== undefined) list.accept = acceptOf(request)
  Object.assign(list, rateOf(request))
  list.isFullDue = true
  if (duration === 0) list.state = 'terminated'
  notifyList(rls, list, { reason: 'timeout' }, host, turn)
  if (duration === 0) return
  turn.start({ name: 'list expiry', of: tag }, seconds(duration))
  renewMembers(rls, list, host, turn)
}

/** RFC 6665 §4.2.2: a subscription that was not refreshed ends, and its watcher is told. */
export function expireList(rls: ResourceListServer, list: ListWatch, host: Host, turn: SipTurn): void {
  if (turn.now < list.expiresAt || turn.without(expire)) return
  endList(rls, list, { reason: 'timeout' }, expire, host, turn)
}

/** §5.3.4.3: the documents that say who is a member have changed: who came is subscribed to, who left is not. */
export function changeMembers(rls: ResourceListServer, list: ListWatch, host: Host, turn: SipTurn): void {
  const { documents } = host
  const found = documents && listAt(rls, list.uri, documents)
  if (found === undefined) {
    if (turn.without(isGone)) return
    return endList(rls, list, { reason: 'noresource' }, isGone, host, turn)
  }
  const membership = membersOf(rls, found, list.fetched, documents, turn)
  if (membership.toFetch.length > 0) {
    const what = { list: tagOf(list) }
    return needLists(rls, { uri: list.uri, what, fetched: list.fetched }, membership.toFetch[0]!, turn)
  }
  const before = list.members
  const after = new Map<string, Member>()
  for (const one of membership.members) {
    const known = before.get(one.uri)
    after.set(one.uri, known === undefined ? newMember(one) : { ...known, name: one.displayName })
  }
  const gone = [...before.values()].filter(({ uri }) => !after.has(uri))
  const come = [...after.values()].filter(({ uri }) => !before.has(uri))
  list.sources = membership.sources
  list.members = after
  each(gone, removeMember, (member) => endMember(rls, member, host, turn), turn)
  // A filter for somebody who has come or gone may be one for others.
  if (gone.length + come.length > 0 && list.filters !== undefined) renewMembers(rls, list, host, turn)
  each(come, addMember, (member) => subscribeMember(rls, list, member, host, turn), turn)
  const isSame = [...before.keys()].join('\n') === [...after.keys()].join('\n')
  if (isSame && [...after.values()].every(({ uri, name }) => sameName(name, before.get(uri)!.name))) return
  // RFC 4662 §5.2: that somebody has left can only be told by full state.
  list.isFullDue = true
  tellSoon(rls, list, host, turn)
}

const sameName = (one: Member['name'], other: Member['name']): boolean =>
  one?.text === other?.text && one?.lang === other?.lang

function each(members: readonly Member[], why: Rule, act: (member: Member) => void, turn: SipTurn): void {
  for (const member of members) {
    if (turn.without(why)) continue
    turn.decide(why, 'done', { member: member.uri })
    act(member)
  }
}
