/** What the measures of the resource list server share: lists as documents, its settings, and SUBSCRIBEs to lists. */
import type { ApplicationServerSettings } from '../../src/ims/application-server.ts'
import type { ResourceListServerSettings } from '../../src/presence/lists/resource-list-state.ts'
import { seconds } from '../../src/sim/time.ts'
import { request, type SipRequest } from '../../src/sip/message.ts'
import { contentTag, type StoredDocument } from '../../src/xcap/index.ts'
import { address, longest } from './publication.ts'

export const server = 'rls.home1.net'
/** The rule of what a bare user agent answers: it follows none. */
export const answered = { id: '', clause: '', title: '', serves: [], step: undefined }

export const watcherOf = (number: number): string => `sip:watcher${number}@home1.net`
const listOf = (number: number): string => `sip:list${number}@home1.net`

function documentOf(list: number, members: readonly string[]): [path: string, document: StoredDocument] {
  const entries = members.map((uri) => `<l:entry uri="${uri}"/>`).join('')
  const body = `<rls-services xmlns="urn:ietf:params:xml:ns:rls-services" xmlns:l="urn:ietf:params:xml:ns:resource-lists"><service uri="${listOf(list)}"><list>${entries}</list><packages><package>presence</package></packages></service></rls-services>`
  const path = `rls-services/users/${watcherOf(list)}/index`
  const contentType = 'application/rls-services+xml'
  return [path, { etag: contentTag({ path, contentType, body }), contentType, body }]
}

/** A server with so many lists, each of another watcher, and what it waits for before it tells. */
export function listServerSettings(
  lists: number,
  membersOf: (list: number) => readonly string[],
  waits: Pick<ResourceListServerSettings, 'window' | 'gap'>,
): ApplicationServerSettings {
  const numbers = Array.from({ length: lists }, (_, list) => list)
  const documents = Object.fromEntries(numbers.map((list) => documentOf(list, membersOf(list))))
  const resourceListServer: ResourceListServerSettings = {
    subscribing: { packages: ['presence'], shortestDuration: 60, longestDuration: longest },
    root: 'http://xcap.home1.net/services',
    documents,
    users: Object.fromEntries(numbers.map((list) => [watcherOf(list), [watcherOf(list)]])),
    subscribers: {},
    ...waits,
    retryAfter: seconds(60),
    isAlone: true,
  }
  return {
    identity: `sip:${server}`,
    network: 'home1.net',
    tags: [],
    chargingIds: [],
    firstSequence: 1,
    documents,
    roles: { resourceListServer },
  }
}

/** The SUBSCRIBE of a watcher to its list from the host where it answers; with an S-CSCF, as that sends it. */
export function subscription(list: number, agent: string, serving?: string): SipRequest {
  return request('SUBSCRIBE', listOf(list), {
    maxForwards: 70,
    ...(serving !== undefined && { route: [address(`sip:${server};lr`), address(`sip:orig@${serving};lr`)] }),
    pAssertedIdentity: [address(watcherOf(list))],
    from: { ...address(watcherOf(list)), params: { tag: `w${list}` } },
    to: address(listOf(list)),
    callId: `call${list}`,
    cseq: { number: 1, method: 'SUBSCRIBE' },
    supported: ['eventlist'],
    event: { value: 'presence', params: {} },
    expires: longest,
    contact: [address(`sip:${agent}`)],
  })
}
