/**
 * TS 24.141 §5.3.4.3: the resource list server as a watcher: it subscribes to each member of a list on behalf of who
 * subscribed to the list, so that the rules of the members are applied to her.
 */
import { pidfDiffType } from '../../documents/index.ts'
import { rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import {
  awaitNotify,
  onNotify,
  onSubscribeResponse,
  onTimerN,
  refreshInTime,
  subscribeAgain,
} from '../../sip/events/subscriber.ts'
import type { SipRequest, SipResponse } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { type Filters, filterType } from '../notifier/event-filters.ts'
import type { Host } from '../role.ts'
import { applyListNotification, type ListView } from '../watcher/list-view.ts'
import { onBehalfOf } from '../watcher/on-behalf.ts'
import { applyNotification, type LostTrack, type PresenceKnown } from '../watcher/presence-view.ts'
import { afterEnd } from '../watcher/resubscription.ts'
import { carriesList, rlmiType } from '../watcher/told-lists.ts'
import { refreshAfter } from '../watcher/watcher.ts'
import { filterBody, filtersOf, isFilteredAnew } from './list-filters.ts'
import { tagOf, tellSoon } from './list-notifications.ts'
import type { BackEnd, ListWatch, Member, ResourceListServer } from './resource-list-state.ts'

const subscribeBehind = rule(
  'TS 24.141 §5.3.4.3',
  'the list server subscribes to each member of a list, for as long as the list is subscribed to',
  ['R5.3.4.3-a', 'R5.3.4.3-b', 'R5.3.4.3-c'],
)
const acceptAlike = rule('TS 24.141 §5.3.4.2', 'a member is asked for what the watcher of the list accepts', [
  'R5.3.4.2-b',
])
const passFilters = rule('RFC 4660 §4.1', 'each member is given the filters that are for it, or for all', [
  'R5.3.4.2-c',
])
const knowLists = rule('RFC 4662 §4.3', 'a member that is a list is asked as one', ['R5.3.4.3-d'])
const countHops = rule('RFC 7332 §4', 'what follows from a request has fewer hops left than the request', [
  'R5.3.4.3-d',
])
const isListItself = rule('RFC 4662 §4.4', 'a member that answers 421 and requires eventlist is a list', ['R5.3.4.3-d'])
const failedMember = rule('RFC 4662 §5.5', 'a member whose subscription ended is told as terminated, with why', [
  'R5.3.4.3-d',
])
const tryAgain = rule('RFC 6665 §4.1.3', 'a subscription to a member that ended for a while is tried again', [
  'R5.3.4.3-d',
])
const endBehind = rule('TS 24.141 §5.3.4.3', 'the subscriptions to the members end with the one to the list', [
  'R5.3.4.3-c',
])
const resynchronise = rule('RFC 5263 §4.4', 'a list server that missed a change of a member asks for full state', [
  'R5.3.4.2-b',
])
const learnMember = rule('TS 24.141 §5.3.4.3', 'what a member notifies is kept, to be told with the list', [
  'R5.3.4.3-a',
])

const represented = (list: Pick<ListWatch, 'watcher' | 'server' | 'privacy'>, host: Host): Host =>
  onBehalfOf(host, { identity: list.watcher, server: list.server, privacy: list.privacy })

const event = { value: 'presence', params: {} }

/** Subscribes to a member, in a new dialog. */
export function subscribeMember(
  rls: ResourceListServer,
  list: ListWatch,
  member: Member,
  host: Host,
  turn: SipTurn,
): void {
  const expires = Math.ceil((list.expiresAt - turn.now) / seconds(1))
  if (expires <= 0 || turn.without(subscribeBehind)) return
  const behalf = represented(list, host)
  let request = turn.amend(behalf.compose('SUBSCRIBE', member.uri, turn), subscribeBehind, { event, expires })
  request = turn.amend(request, countHops, { maxForwards: list.hops - 1 })
  const filters = filtersOf(list, member.uri)
  request = withFilters(asWished(request, list, member, turn), undefined, filters, turn)
  const callId = request.headers.callId!
  member.callId = callId
  member.instance++
  const subscription = awaitNotify<PresenceKnown | ListView, never, Filters>(request, host.t1, turn, filters)
  rls.backEnds.set(callId, { list: tagOf(list), member: member.uri, subscription, isUnwanted: false, isEnding: false })
  behalf.send(request, turn)
}

const listTypes = ['multipart/related', rlmiType].map((value) => ({ value, params: {} }))

function asWished(bare: SipRequest, list: ListWatch, member: Member, turn: SipTurn): SipRequest {
  const { accept } = list
  let request = bare
  if (accept !== undefined || member.isList) {
    const plain = accept ?? [{ value: 'application/pidf+xml', params: {} }]
    request = turn.amend(request, acceptAlike, { accept: member.isList ? [...plain, ...listTypes] : plain })
  }
  if (member.isList) request = turn.amend(request, knowLists, { supported: ['eventlist'] })
  return request
}

function withFilters(
  request: SipRequest,
  before: Filters | undefined,
  after: Filters | undefined,
  turn: SipTurn,
): SipRequest {
  const body = filterBody(before, after)
  if (body === undefined) return request
  return turn.amend(request, passFilters, { contentType: { value: filterType, params: {} }, body })
}

/** The response to a SUBSCRIBE to a member. */
export function memberAnswered(
  rls: ResourceListServer,
  response: SipResponse,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): void {
  const backEnd = rls.backEnds.get(request.headers.callId!)
  if (backEnd === undefined || response.status < 200) return
  const { subscription } = backEnd
  onSubscribeResponse(subscription, response, request, turn)
  const list = rls.lists.get(backEnd.list)
  if (backEnd.isUnwanted || list === undefined) return endUnwanted(rls, backEnd, host, turn)
  const of = subscription.callId
  if (subscription.state !== 'terminated') {
    if (response.status < 300) {
      turn.start({ name: 'member refresh', of }, refreshAfter(Math.max(1, subscription.duration)))
      return void refilter(list, backEnd, host, turn)
    }
    return turn.start({ name: 'member end', of }, Math.max(0, subscription.expiresAt - turn.now))
  }
  const member = list.members.get(backEnd.member)
  const isList = response.status === 421 && response.headers.require?.includes('eventlist') === true
  if (member !== undefined && isList && !member.isList && !turn.without(isListItself)) {
    turn.decide(isListItself, 'asked as a list', { member: member.uri })
    member.isList = true
    rls.backEnds.delete(of)
    return subscribeMember(rls, list, member, host, turn)
  }
  const wait = response.headers.retryAfter?.seconds
  fail(rls, backEnd, reasonOf(response.status), wait === undefined ? undefined : seconds(wait), host, turn)
}

/** RFC 4662 §5.5, RFC 6665 §4.1.3: a refusal in the words of Subscription-State. */
function reasonOf(status: number): string {
  if ([404, 410, 484, 485, 604].includes(status)) return 'noresource'
  if (status === 408) return 'timeout'
  if (status === 480 || status === 481 || status === 486 || (status >= 500 && status < 600)) return 'probation'
  return 'rejected'
}

/** RFC 6665 §4.1.2.1: a SUBSCRIBE without an answer is as good as refused; after a refresh some time is left. */
export function memberUnanswered(rls: ResourceListServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const backEnd = rls.backEnds.get(request.headers.callId!)
  if (backEnd === undefined || request.headers.to?.params.tag === undefined || backEnd.isUnwanted)
    return memberSilent(rls, request.headers.callId!, host, turn)
  const after = Math.max(0, backEnd.subscription.expiresAt - turn.now)
  turn.start({ name: 'member end', of: backEnd.subscription.callId }, after)
}

/** Nothing is heard of a member any more. */
function memberSilent(rls: ResourceListServer, callId: string, host: Host, turn: SipTurn): void {
  const backEnd = rls.backEnds.get(callId)
  if (backEnd === undefined) return
  backEnd.subscription.state = 'terminated'
  fail(rls, backEnd, 'timeout', undefined, host, turn)
}

/** A subscription to a member has come to an end that nobody wanted. */
function fail(
  rls: ResourceListServer,
  backEnd: BackEnd,
  reason: string,
  wait: Micros | undefined,
  host: Host,
  turn: SipTurn,
): void {
  const { callId } = backEnd.subscription
  const list = rls.lists.get(backEnd.list)
  const member = list?.members.get(backEnd.member)
  if (list === undefined || member === undefined || member.callId !== callId) return void rls.backEnds.delete(callId)
  const isFinal = reason === 'noresource' || reason === 'rejected' || reason === 'invariant'
  const isNews = member.state !== 'terminated' || member.reason !== reason
  if (!turn.without(failedMember)) {
    turn.decide(failedMember, reason, { member: member.uri })
    member.state = 'terminated'
    member.reason = reason
    member.content = undefined
    if (isNews) member.news++
    if (isNews) tellSoon(rls, list, host, turn)
  }
  if (isFinal || turn.without(tryAgain)) {
    rls.backEnds.delete(callId)
    member.callId = undefined
    return
  }
  const after = wait ?? (reason === 'deactivated' ? 0 : rls.settings.retryAfter)
  turn.decide(tryAgain, after === 0 ? 'at once' : 'later', { member: member.uri, microseconds: after })
  turn.start({ name: 'member anew', of: callId }, after)
}

/** §5.3.4.3: a NOTIFY of a member. */
export function takeMember(rls: ResourceListServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const backEnd = rls.backEnds.get(request.headers.callId!)
  const notified = onNotify(backEnd === undefined ? [] : [backEnd.subscription], request, turn)
  if ('status' in notified) return host.respond(request, turn.answer(request, notified.status, notified.why), turn)
  host.respond(request, turn.answer(request, 200, notified.why), turn)
  const { subscription } = notified
  const list = rls.lists.get(backEnd!.list)
  const member = list?.members.get(backEnd!.member)
  if (backEnd!.isUnwanted || list === undefined || member === undefined) return endUnwanted(rls, backEnd!, host, turn)
  if (subscription.state === 'terminated') {
    const { reason, params } = endOf(request)
    return fail(rls, backEnd!, reason, afterEnd(params, turn).after, host, turn)
  }
  if (turn.without(learnMember)) return
  learn(rls, list, member, backEnd!, request, host, turn)
}

function endOf({ headers }: SipRequest) {
  const { params } = headers.subscriptionState!
  return { reason: typeof params.reason === 'string' ? params.reason : 'giveup', params }
}

function learn(
  rls: ResourceListServer,
  list: ListWatch,
  member: Member,
  backEnd: BackEnd,
  request: SipRequest,
  host: Host,
  turn: SipTurn,
): void {
  const { subscription } = backEnd
  const state = subscription.state === 'pending' ? 'pending' : 'active'
  const known = knownAfter(subscription.known, request)
  if (known?.kind === 'lost') {
    const wasLost = subscription.known?.kind === 'lost'
    subscription.known = known
    if (wasLost || turn.without(resynchronise)) return
    turn.decide(resynchronise, 'asked for full state', { member: member.uri, because: known.reason })
    return again(list, backEnd, Math.max(1, subscription.duration), host, turn)
  }
  const hasBody = request.body !== ''
  const contentType = request.headers.text('contentType') ?? ''
  const content = hasBody ? { contentType, body: request.body } : undefined
  const isSame = member.state === state && member.content?.body === content?.body && known === undefined
  subscription.known = known
  member.state = state
  member.reason = undefined
  if (isSame) return
  member.content = content
  member.news++
  tellSoon(rls, list, host, turn)
}

/** What has to be known to tell the whole of a state of which only changes come; else undefined. */
function knownAfter(before: PresenceKnown | ListView | undefined, request: SipRequest) {
  if (carriesList(request)) {
    const known = before?.kind === 'list' || before?.kind === 'lost' ? before : undefined
    return applyListNotification(known as ListView | LostTrack | undefined, request)
  }
  if (request.headers.contentType?.value.toLowerCase() !== pidfDiffType) return undefined
  return applyNotification(before?.kind === 'list' ? undefined : before, request)
}

/** A SUBSCRIBE within the dialog of a member, with the filters of the watcher if they have changed. */
function again(list: ListWatch, backEnd: BackEnd, duration: number, host: Host, turn: SipTurn): void {
  const { subscription, member } = backEnd
  const request = subscribeAgain(subscription, duration, turn)
  if (request === undefined) return
  const before = subscription.wish
  subscription.wish = filtersOf(list, member)
  represented(list, host).send(withFilters(request, before, subscription.wish, turn), turn)
}

/** RFC 6665 §4.1.2.2: a subscription to a member is refreshed if that to the list lasts longer. */
export function memberDue(rls: ResourceListServer, callId: string, host: Host, turn: SipTurn): void {
  const backEnd = rls.backEnds.get(callId)
  const list = backEnd && rls.lists.get(backEnd.list)
  if (list === undefined) return
  const { state, expiresAt, duration } = backEnd!.subscription
  if (backEnd!.isUnwanted || state === 'terminated' || list.expiresAt <= expiresAt) return
  if (expiresAt - turn.now > seconds(duration + 1) - refreshAfter(duration)) return
  turn.decide(refreshInTime, 'refreshed', { target: backEnd!.member })
  again(list, backEnd!, Math.ceil((list.expiresAt - turn.now) / seconds(1)), host, turn)
}

/**
 * The subscription to the list was refreshed, or has other filters or members: who is to have other filters is given
 * them (RFC 4660 §4.1, §5.2.2), and the subscriptions that are due are refreshed.
 */
export function renewMembers(rls: ResourceListServer, list: ListWatch, host: Host, turn: SipTurn): void {
  for (const { callId } of list.members.values()) {
    const backEnd = rls.backEnds.get(callId ?? '')
    if (backEnd !== undefined && !refilter(list, backEnd, host, turn)) memberDue(rls, callId!, host, turn)
  }
}

/**
 * Gives a member the filters that it is to have; false if it has them. Before there is a dialog, that has to wait for
 * one.
 */
function refilter(list: ListWatch, backEnd: BackEnd, host: Host, turn: SipTurn): boolean {
  if (!isFilteredAnew(backEnd.subscription.wish, filtersOf(list, backEnd.member))) return false
  again(list, backEnd, Math.ceil((list.expiresAt - turn.now) / seconds(1)), host, turn)
  return true
}

/** RFC 6665 §4.1.2.2: a refresh has failed, and the time is up. */
export function memberOutlived(rls: ResourceListServer, callId: string, host: Host, turn: SipTurn): void {
  const backEnd = rls.backEnds.get(callId)
  if (backEnd === undefined) return
  if (backEnd.isUnwanted) return void rls.backEnds.delete(callId)
  if (backEnd.subscription.expiresAt > turn.now || backEnd.subscription.state === 'terminated') return
  memberSilent(rls, callId, host, turn)
}

/** RFC 6665 §4.1.3: tries again to subscribe to a member. */
export function memberAnew(rls: ResourceListServer, callId: string, host: Host, turn: SipTurn): void {
  const backEnd = rls.backEnds.get(callId)
  const list = backEnd && rls.lists.get(backEnd.list)
  const member = list?.members.get(backEnd!.member)
  rls.backEnds.delete(callId)
  if (list !== undefined && member?.callId === callId) subscribeMember(rls, list, member, host, turn)
}

/** Timer N: the NOTIFY has not come. */
export function memberUnheard(rls: ResourceListServer, callId: string, host: Host, turn: SipTurn): void {
  const backEnd = rls.backEnds.get(callId)
  if (backEnd === undefined || !onTimerN(backEnd.subscription, turn)) return
  memberSilent(rls, callId, host, turn)
}

/** §5.3.4.3: nobody watches the list any more: nor does the server watch its members. */
export function endMembers(rls: ResourceListServer, list: ListWatch, host: Host, turn: SipTurn): void {
  if (turn.without(endBehind)) return
  turn.decide(endBehind, 'ended', { list: list.uri, members: list.members.size })
  for (const member of list.members.values()) endMember(rls, member, host, turn)
}

/** Ends the subscription to one member. */
export function endMember(rls: ResourceListServer, member: Member, host: Host, turn: SipTurn): void {
  const backEnd = rls.backEnds.get(member.callId ?? '')
  member.callId = undefined
  if (backEnd === undefined) return
  backEnd.isUnwanted = true
  const { state, callId } = backEnd.subscription
  if (state !== 'terminated') turn.start({ name: 'member end', of: callId }, 64 * host.t1)
  endUnwanted(rls, backEnd, host, turn)
}

/** RFC 6665 §4.1.2.3: what is not wanted any more is told so once, as soon as there is a dialog. */
function endUnwanted(rls: ResourceListServer, backEnd: BackEnd, host: Host, turn: SipTurn): void {
  const { state, callId, dialog } = backEnd.subscription
  if (state === 'terminated') return void rls.backEnds.delete(callId)
  if (backEnd.isEnding || dialog === undefined) return
  backEnd.isEnding = true
  const request = subscribeAgain(backEnd.subscription, 0, turn)
  const watcher = dialog.local.uri
  if (request !== undefined) represented({ watcher, server: undefined, privacy: undefined }, host).send(request, turn)
}
