import { endingStatuses } from '../../sip/events/subscriber.ts'
import { addressOfRecord } from '../address-of-record.ts'
import type { Role } from '../role.ts'
import {
  memberAnew,
  memberAnswered,
  memberDue,
  memberOutlived,
  memberUnanswered,
  memberUnheard,
  takeMember,
} from './back-ends.ts'
import { fetchTimer, listFetched } from './list-fetching.ts'
import { followServices, servicesIn } from './list-membership.ts'
import { dropList, listAnswered, tellDue } from './list-notifications.ts'
import { acceptListSubscription, changeMembers, expireList, refreshList } from './list-subscriptions.ts'
import type { ResourceListServer, ResourceListServerSettings } from './resource-list-state.ts'

/** TS 24.141 §5.3.4: the resource list server. */
export const resourceListServerRole: Role<ResourceListServer> = {
  name: 'resourceListServer',
  clause: 'TS 24.141 §5.3.4',
  timers: ['list expiry', 'list notification', 'Timer N', 'member refresh', 'member end', 'member anew', fetchTimer],
  commands: [],
  sends: ['SUBSCRIBE', 'NOTIFY'],
  start: (given) => {
    const settings = given as ResourceListServerSettings
    const services = servicesIn(settings.documents)
    return { settings, services, lists: new Map(), backEnds: new Map(), waiting: new Map() }
  },
  takes: ({ method, uri, headers }, rls) => {
    if (method === 'NOTIFY') return rls.backEnds.has(headers.callId!)
    const tag = headers.to?.params.tag
    if (method !== 'SUBSCRIBE') return false
    return rls.settings.isAlone || (tag === undefined ? rls.services.has(addressOfRecord(uri)) : isOurs(rls, tag))
  },
  owns: ({ method, headers }, rls) =>
    method === 'SUBSCRIBE' ? rls.backEnds.has(headers.callId!) : isOurs(rls, headers.from?.params.tag),
  ownsTimer: ({ name, of }, rls) =>
    name === fetchTimer ? rls.waiting.has(of) : name !== 'Timer N' || rls.backEnds.has(of),
  takesHttp: (message, rls) => rls.waiting.has(message.exchange),

  onRequest(rls, request, host, turn) {
    if (request.method === 'NOTIFY') return takeMember(rls, request, host, turn)
    if (request.headers.to?.params.tag !== undefined) return refreshList(rls, request, host, turn)
    acceptListSubscription(rls, request, new Map(), host, turn)
  },
  onResponse(rls, response, request, host, turn) {
    if (response.status < 200) return
    if (request.method === 'SUBSCRIBE') return memberAnswered(rls, response, request, host, turn)
    if (endingStatuses.has(response.status)) dropList(rls, request, host, turn)
    else listAnswered(rls, request, host, turn)
  },
  onTimeout(rls, request, host, turn) {
    if (request.method === 'SUBSCRIBE') memberUnanswered(rls, request, host, turn)
    else dropList(rls, request, host, turn)
  },
  onTimer(rls, { name, of }, host, turn) {
    if (name === fetchTimer) return listFetched(rls, of, undefined, host, turn)
    if (name === 'Timer N') return memberUnheard(rls, of, host, turn)
    if (name === 'member refresh') return memberDue(rls, of, host, turn)
    if (name === 'member end') return memberOutlived(rls, of, host, turn)
    if (name === 'member anew') return memberAnew(rls, of, host, turn)
    const list = rls.lists.get(of)
    if (list === undefined) return
    if (name === 'list expiry') expireList(rls, list, host, turn)
    else tellDue(rls, list, host, turn)
  },
  onDocuments(rls, changes, host, turn) {
    for (const change of changes) followServices(rls.services, change)
    for (const list of [...rls.lists.values()])
      if (changes.some(({ path }) => list.sources.includes(path))) changeMembers(rls, list, host, turn)
  },
  onHttp: (rls, message, _from, host, turn) => listFetched(rls, message.exchange, message, host, turn as never),
  onHttpFailed: (rls, message, host, turn) => listFetched(rls, message.exchange, undefined, host, turn as never),
}

const isOurs = (rls: ResourceListServer, tag: string | true | undefined): boolean => rls.lists.has(String(tag))
