import { parsePresence } from '../../src/documents/index.ts'
import { nameAddr, radioLeg } from '../../src/ims/ue/ue.ts'
import type { PresenceUserAgent } from '../../src/presence/publisher/pua.ts'
import type { Watcher, Watching } from '../../src/presence/watcher/watcher.ts'
import { headerValue, type SipRequest } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, requests, type Sent, theRequest } from '../ims/alone.ts'

export const address = '[5555::aaa:bbb:ccc:ddd]'
export const proxy = 'pcscf1.home1.net'
export const user = 'sip:user1_public1@home1.net'
export const target = 'sip:user2_public1@home2.net'

/** A registered UE alone, with a PUA, a watcher and whatever else its roles are told; nobody answers it. */
export function device(roles: Readonly<Record<string, unknown>> = {}): Alone {
  return new Alone('ue', address, {
    identity: user,
    leg: radioLeg(1357, {}),
    route: [nameAddr('sip:pcscf1.home1.net:7531;lr'), nameAddr('sip:orig@scscf1.home1.net;lr')],
    contact: nameAddr(`sip:${address}:1357`),
    accessNetwork: headerValue('pAccessNetworkInfo', '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11')!,
    privacy: ['none'],
    security: [],
    callIds: [],
    tags: [],
    firstSequence: 1,
    roles,
  })
}

interface Roles {
  readonly roles: { readonly watcher: Watcher; readonly pua: PresenceUserAgent }
}

/** What the watcher of a UE knows of its only subscription. */
export function watchingOf(ue: Alone): Watching {
  const { watching } = ue.state<Roles>().roles.watcher
  if (watching.length !== 1) throw new Error(`${watching.length} subscriptions, not one`)
  return watching[0]!
}

const partial = headerValue('accept', 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1')

/** Has the UE subscribe; gives its SUBSCRIBE. */
export const begin = (ue: Alone, expires = 3600): SipRequest =>
  theRequest(ue.command({ do: 'subscribe', to: target, expires, accept: partial }))

/** The 200 to a SUBSCRIBE. */
export const granted = (request: SipRequest, expires = field(request, 'Expires')!): string =>
  answerTo(request, '200 OK', { Expires: expires, Contact: '<sip:ps.home2.net>' })

/** A UE whose SUBSCRIBE was granted; no NOTIFY has come yet. */
export function accepted(expires = 3600): { ue: Alone; subscribe: SipRequest } {
  const ue = device()
  const subscribe = begin(ue, expires)
  ue.receive(granted(subscribe), proxy)
  return { ue, subscribe }
}

let branches = 0

/** A NOTIFY within the dialog that a SUBSCRIBE makes. */
export function notify(
  subscribe: SipRequest,
  sequence: number,
  body = '',
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const text = `
    NOTIFY sip:${address}:1357 SIP/2.0
    Via: SIP/2.0/UDP pcscf1.home1.net:7531;branch=z9hG4bKn${++branches}
    Max-Forwards: 68
    From: <${target}>;tag=peer
    To: ${field(subscribe, 'From')}
    Call-ID: ${field(subscribe, 'Call-ID')}
    CSeq: ${sequence} NOTIFY
    Event: presence
    Subscription-State: active;expires=3600
    Contact: <sip:ps.home2.net>
  `
  const type = body.includes('pidf-full') || body.includes('pidf-diff') ? 'pidf-diff' : 'pidf'
  const head = edited(text, { ...(body !== '' && { 'Content-Type': `application/${type}+xml` }), ...changes })
  return body === '' ? head : `${head}\n\n${body}`
}

/** A presence document of the target with a tuple for each id. */
export const pidf = (tuples: Readonly<Record<string, string>>, more = '') =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${target}">${Object.entries(tuples)
    .map(([id, basic]) => `<tuple id="${id}"><status><basic>${basic}</basic></status></tuple>`)
    .join('')}${more}</presence>`

/** What the watcher sees: each tuple with its status. */
export function view(ue: Alone): Record<string, string | undefined> | undefined {
  const { known } = watchingOf(ue)
  const seen = known?.kind === 'lost' ? known.before : known
  if (seen?.kind !== 'view') return undefined
  const presence = parsePresence(seen.document)
  if (presence.kind !== 'presence') throw new Error(presence.reason)
  return Object.fromEntries(presence.tuples.map(({ id, status }) => [id, status.basic]))
}

/** The SUBSCRIBEs among what was sent. */
export const subscribes = (sent: readonly Sent[]): SipRequest[] => requests(sent, 'SUBSCRIBE')
