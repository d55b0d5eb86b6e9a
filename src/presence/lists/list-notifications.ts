import { type Rule, rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import { type Ending, goneSubscriber, notification } from '../../sip/events/notifier.ts'
import { headerValue, type SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import type { Host } from '../role.ts'
import { endMembers } from './back-ends.ts'
import { contentOf, listBody, type ToldResource } from './list-content.ts'
import type { ListWatch, Member, ResourceListServer } from './resource-list-state.ts'

const requireList = rule('RFC 4662 §4.5', 'each NOTIFY about a list requires that its receiver knows lists', [
  'R5.3.4.2-a',
])
const tellAll = rule(
  'RFC 4662 §4.5',
  'the first NOTIFY after each SUBSCRIBE tells of all members, of those that are not known too',
  ['R5.3.4.2-e', 'R5.3.4.1-b'],
)
const tellChanged = rule('RFC 4662 §5.2', 'a later NOTIFY tells of the members that have changed', ['R5.3.4.2-a'])
const collect = rule('RFC 4662 §4.8', 'changes of members that come together are told together', ['R5.3.4.2-d'])
const keepOrder = rule('RFC 4662 §5.2', 'a change is not told before the notification before it is answered', [
  'R5.3.4.2-d',
])

/** The tag of this side, by which a subscription is known. */
export const tagOf = ({ dialog }: Pick<ListWatch, 'dialog'>): string => String(dialog.local.params.tag)

/** §5.3.4.2: tells the watcher of a list what is to be told, and forgets the subscription if it has ended. */
export function notifyList(
  rls: ResourceListServer,
  list: ListWatch,
  ending: Ending | undefined,
  host: Host,
  turn: SipTurn,
): void {
  const tag = tagOf(list)
  const bare = notification(list, host.contact, ending, turn, list.rates)
  const request = turn.amend(bare, requireList, { require: ['eventlist'] })
  list.notifiedAt = turn.now
  list.isUnanswered = true
  list.dueAt = undefined
  host.send(withState(rls, list, request, turn), turn)
  if (list.state !== 'terminated') return
  rls.lists.delete(tag)
  endMembers(rls, list, host, turn)
}

function withState(rls: ResourceListServer, list: ListWatch, request: SipRequest, turn: SipTurn): SipRequest {
  const isFull = list.isFullDue
  const version = list.version++
  const mark = `${version}.${tagOf(list)}@${turn.self}`
  const members = isFull ? list.members.values() : [...list.members.values()].filter(({ news }) => news > 0)
  const resources: ToldResource[] = []
  for (const member of members) {
    resources.push(toldOf(rls, member, isFull, `${resources.length + 1}.${mark}`))
    member.news = 0
  }
  list.isFullDue = false
  const { contentType, body } = listBody({ uri: list.uri, version, fullState: isFull, names: [], resources }, mark)
  const changes = { contentType: headerValue('contentType', contentType)!, body }
  return turn.amend(request, isFull ? tellAll : tellChanged, changes)
}

/** RFC 4662 §5.5: active always with what it has told, terminated always with why. */
function toldOf(rls: ResourceListServer, member: Member, isFull: boolean, mark: string): ToldResource {
  const { uri, name, state, reason, instance } = member
  const names = name === undefined ? [] : [name]
  if (state === 'unknown' || (state === 'active' && member.content === undefined)) return { uri, names, instances: [] }
  const known = rls.backEnds.get(member.callId ?? '')?.subscription.known
  const content = state === 'terminated' ? undefined : contentOf(member, known, isFull, mark)
  const why = reason === undefined ? {} : { reason }
  return { uri, names, instances: [{ id: String(instance), state, ...why, content }] }
}

/** §5.3.4.2: something is to be told: when the window closes, and no earlier than the gap since the last time. */
export function tellSoon(rls: ResourceListServer, list: ListWatch, host: Host, turn: SipTurn): void {
  if (list.state === 'terminated' || list.dueAt !== undefined) return
  const { window, gap } = rls.settings
  const earliest = list.notifiedAt + Math.max(gap, list.shortestGap ?? 0)
  const dueAt = turn.without(collect) ? turn.now : Math.max(turn.now + window, earliest)
  list.dueAt = dueAt
  if (dueAt <= turn.now) return tellDue(rls, list, host, turn)
  turn.decide(collect, 'the change waits for others', { list: list.uri, microseconds: dueAt - turn.now })
  wake(list, dueAt, turn)
}

function wake(list: ListWatch, at: Micros, turn: SipTurn): void {
  turn.start({ name: 'list notification', of: tagOf(list) }, at - turn.now)
}

/** The time has come, unless something else was told in the meantime, or the last notification is on its way. */
export function tellDue(rls: ResourceListServer, list: ListWatch, host: Host, turn: SipTurn): void {
  if (list.dueAt === undefined || turn.now < list.dueAt) return
  if (list.isUnanswered && !turn.without(keepOrder))
    return turn.decide(keepOrder, 'the change waits', { list: list.uri })
  notifyList(rls, list, undefined, host, turn)
}

/** The last notification is answered: what has waited for that is told. */
export function listAnswered(rls: ResourceListServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const list = rls.lists.get(String(request.headers.from?.params.tag))
  if (list === undefined || request.headers.cseq!.number !== list.dialog.localSequence) return
  list.isUnanswered = false
  tellDue(rls, list, host, turn)
}

/** RFC 6665 §4.2.2: a watcher that is not there any more is told nothing more, and nothing is watched for it. */
export function dropList(rls: ResourceListServer, request: SipRequest, host: Host, turn: SipTurn): void {
  const tag = String(request.headers.from?.params.tag)
  const list = rls.lists.get(tag)
  if (list === undefined || turn.without(goneSubscriber)) return
  turn.decide(goneSubscriber, 'dropped', { watcher: list.watcher, list: list.uri })
  list.state = 'terminated'
  rls.lists.delete(tag)
  endMembers(rls, list, host, turn)
}

export const endList = (
  rls: ResourceListServer,
  list: ListWatch,
  ending: Ending,
  why: Rule,
  host: Host,
  turn: SipTurn,
): void => {
  turn.decide(why, 'terminated', { list: list.uri, watcher: list.watcher })
  list.state = 'terminated'
  notifyList(rls, list, ending, host, turn)
}
