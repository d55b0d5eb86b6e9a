import type { ResourceListServer, ResourceListServerSettings } from '../../src/presence/lists/resource-list-state.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { contentTag, type StoredDocument } from '../../src/xcap/index.ts'
import { Alone, answerTo, edited, type Sent } from '../ims/alone.ts'

export const list = 'sip:user1_list1@home1.net'
export const watcher = 'sip:user1_public1@home1.net'
export const servicesPath = `rls-services/users/${watcher}/index`
export const listsPath = `resource-lists/users/${watcher}/index`
export const root = 'http://xcap.home1.net/services'

/** A document as a server keeps it. */
export function stored(path: string, body: string): StoredDocument {
  const contentType = path.startsWith('rls-services')
    ? 'application/rls-services+xml'
    : 'application/resource-lists+xml'
  return { etag: contentTag({ path, contentType, body }), contentType, body }
}

/** A document of services, each with the content of its list, or with the URI of one. */
export function services(
  given: Readonly<Record<string, string>>,
  packages = '<packages><package>presence</package></packages>',
) {
  const all = Object.entries(given).map(([uri, content]) => {
    const source = content.startsWith('http') ? `<resource-list>${content}</resource-list>` : `<list>${content}</list>`
    return `<service uri="${uri}">${source}${packages}</service>`
  })
  const namespaces = 'xmlns="urn:ietf:params:xml:ns:rls-services" xmlns:rl="urn:ietf:params:xml:ns:resource-lists"'
  return `<rls-services ${namespaces}>${all.join('')}</rls-services>`
}

/** Entries of a list in the vocabulary of services. */
export const entries = (...uris: string[]): string => uris.map((uri) => `<rl:entry uri="${uri}"/>`).join('')

export const member = (number: number): string => `sip:user${number}_public1@home${number}.net`

export interface ListServerParts {
  readonly documents?: Readonly<Record<string, string>>
  readonly more?: Partial<ResourceListServerSettings>
  readonly domains?: Readonly<Record<string, string>>
  /** What else the server is, by role. */
  readonly roles?: Readonly<Record<string, unknown>>
}

/** A resource list server alone, with a list of user 2 and user 3. */
export function listServer({ documents, more = {}, domains = {}, roles = {} }: ListServerParts = {}): Alone {
  const texts = documents ?? { [servicesPath]: services({ [list]: entries(member(2), member(3)) }) }
  const kept = Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, stored(path, text)]))
  const settings: ResourceListServerSettings = {
    subscribing: { packages: ['presence'], shortestDuration: 60, longestDuration: 7200 },
    root,
    documents: kept,
    users: { [watcher]: [watcher] },
    subscribers: {},
    window: 500_000,
    gap: 5_000_000,
    retryAfter: 60_000_000,
    isAlone: true,
    ...more,
  }
  const alone = new Alone('resource-list-server', 'rls.home1.net', {
    identity: 'sip:rls.home1.net',
    network: 'home1.net',
    tags: ['151170'],
    chargingIds: [],
    firstSequence: 42,
    documents: kept,
    domains,
    roles: { ...roles, resourceListServer: settings },
  })
  alone.peers = (request) => (request.method === 'NOTIFY' ? answerTo(request, '200 OK') : undefined)
  return alone
}

let branches = 0

/** A SUBSCRIBE as the S-CSCF of the watcher sends it (TS 24.141 A.3.3.1 step 4). */
export function subscribe(changes: Readonly<Record<string, string | undefined>> = {}, uri = list): string {
  const text = `
    SUBSCRIBE ${uri} SIP/2.0
    Via: SIP/2.0/UDP scscf1.home1.net;branch=z9hG4bKl${++branches}
    Max-Forwards: 68
    Route: <sip:rls.home1.net;lr>, <sip:odi-1@scscf1.home1.net;lr>
    Record-Route: <sip:scscf1.home1.net;lr>, <sip:pcscf1.visited1.net;lr>
    P-Asserted-Identity: <${watcher}>
    Privacy: none
    From: <${watcher}>;tag=31415
    To: <${uri}>
    Call-ID: b89rjhnedlrfjflslj40a222
    CSeq: 61 SUBSCRIBE
    Supported: eventlist
    Event: presence
    Expires: 7200
    Accept: application/pidf+xml, application/rlmi+xml, multipart/related
    Contact: <sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp>
  `
  return edited(text, changes)
}

/** A SUBSCRIBE within the dialog of the one above. */
export const again = (sequence: number, expires: number, changes: Readonly<Record<string, string>> = {}): string =>
  subscribe(
    {
      Route: '<sip:rls.home1.net;lr>',
      'Record-Route': undefined,
      To: `<${list}>;tag=151170`,
      CSeq: `${sequence} SUBSCRIBE`,
      Expires: String(expires),
      ...changes,
    },
    'sip:rls.home1.net',
  )

/** What a member answers to a SUBSCRIBE, and the NOTIFY that follows it. */
export function accepted(alone: Alone, request: SipRequest, expires = 7200): Sent[] {
  const more = { Contact: '<sip:ps.example>', Expires: String(expires) }
  return alone.receive(answerTo(request, '200 OK', more), nextOf(request))
}

const nextOf = (request: SipRequest): string =>
  /sip:([^;>@]*@)?([^;>]+)/.exec(request.headers.text('route') ?? '')?.[2] ?? request.uri

export interface News {
  readonly state?: string
  readonly body?: string
  readonly type?: string
  readonly sequence?: number
}

/** A NOTIFY of a member, in the dialog of the SUBSCRIBE to it. */
export function notify(
  request: SipRequest,
  { state = 'active;expires=7200', body = '', type, sequence = 1 }: News,
): string {
  const { headers } = request
  const text = `
    NOTIFY sip:rls.home1.net SIP/2.0
    Via: SIP/2.0/UDP ps.example;branch=z9hG4bKm${++branches}
    Max-Forwards: 68
    From: <${request.uri}>;tag=peer
    To: ${headers.text('from')}
    Call-ID: ${headers.callId}
    CSeq: ${sequence} NOTIFY
    Event: presence
    Subscription-State: ${state}
    Contact: <sip:ps.example>
  `
  if (body === '') return edited(text, {})
  return `${edited(text, { 'Content-Type': type ?? 'application/pidf+xml' })}\n\n${body}`
}

export const pidf = (uri: string, basic: string): string =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${uri}"><tuple id="t"><status><basic>${basic}</basic></status></tuple></presence>`

export const stateOf = (alone: Alone): ResourceListServer =>
  alone.state<{ roles: { resourceListServer: ResourceListServer } }>().roles.resourceListServer
