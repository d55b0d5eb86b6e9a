import type { SubHandling } from '../../src/presence/notifier/authorization.ts'
import type { PresenceServerSettings, PresentitySettings } from '../../src/presence/server/presence-server-state.ts'
import { publishedTypes } from '../../src/presence/server/published-state.ts'
import type { DocumentServerSettings } from '../../src/presence/ut/document-server.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, requests, type Sent, theResponse } from '../ims/alone.ts'

export const presentity = 'sip:user2_public1@home2.net'
export const watcher = 'sip:user1_public1@home1.net'
export const partial = 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1'

export interface ServerParts {
  readonly watchers?: Readonly<Record<string, SubHandling>>
  readonly otherwise?: SubHandling
  /** Presentities beside the usual one. */
  readonly others?: readonly string[]
  /** In microseconds. */
  readonly notifyAfter?: number
  /** What is said of the usual presentity beside the policy. */
  readonly given?: PresentitySettings
  /** What else the server is told. */
  readonly more?: Partial<PresenceServerSettings>
  /** What it is told as a server of XML documents, if it is one. */
  readonly documentServer?: DocumentServerSettings
  /** The authentication proxies through which requests over HTTP have to come; any way if undefined. */
  readonly proxies?: readonly string[]
  /** The event packages that it serves. */
  readonly packages?: readonly string[]
  /** The status of the answer to each NOTIFY; undefined for none. */
  readonly answer?: (notify: SipRequest) => string | undefined
}

/** A presence server alone, whose watchers answer 200; durations from 60 to 7200 seconds. */
export function server(parts: ServerParts = {}): Alone {
  const { watchers = {}, otherwise = 'allow', others = [], notifyAfter = 0, answer = () => '200 OK' } = parts
  const { given = {}, more = {}, packages = ['presence'], documentServer, proxies } = parts
  const durations = { shortestDuration: 60, longestDuration: 7200 }
  const alone = new Alone('presence-server', 'ps.home2.net', {
    identity: 'sip:ps.home2.net',
    network: 'home2.net',
    tags: ['151170'],
    chargingIds: [],
    firstSequence: 42,
    ...(documentServer && { documents: {} }),
    ...(proxies && { ut: { kind: 'behind a proxy', proxies } }),
    roles: {
      ...(documentServer && { documentServer }),
      presenceServer: {
        presentities: Object.fromEntries(
          [presentity, ...others].map((uri) => [uri, { watchers, otherwise, ...given }]),
        ),
        subscribing: { packages, ...durations },
        publishing: { packages: ['presence'], mediaTypes: publishedTypes, defaultDuration: 3600, ...durations },
        notifyAfter,
        ...more,
      },
    },
  })
  alone.peers = (request) => {
    const status = answer(request)
    return status === undefined ? undefined : answerTo(request, status)
  }
  return alone
}

let branches = 0

/** A SUBSCRIBE as the S-CSCF of the presentity sends it (TS 24.141 A.3.2.1 step 8). */
export function subscribe(changes: Readonly<Record<string, string | undefined>> = {}, uri = presentity): string {
  const text = `
    SUBSCRIBE ${uri} SIP/2.0
    Via: SIP/2.0/UDP scscf2.home2.net;branch=z9hG4bKs${++branches}
    Max-Forwards: 66
    Route: <sip:ps.home2.net;lr>, <sip:odi-1@scscf2.home2.net;lr>
    Record-Route: <sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net;lr>
    P-Asserted-Identity: <${watcher}>
    From: <${watcher}>;tag=31415
    To: <${uri}>
    Call-ID: b89rjhnedlrfjflslj40a222
    CSeq: 61 SUBSCRIBE
    Event: presence
    Expires: 7200
    Contact: <sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp>
  `
  return edited(text, changes)
}

/** A SUBSCRIBE within the dialog of the one above. */
export function again(sequence: number, expires: number, changes: Readonly<Record<string, string>> = {}): string {
  return subscribe(
    {
      Route: '<sip:ps.home2.net;lr>',
      'Record-Route': undefined,
      'P-Asserted-Identity': undefined,
      To: `<${presentity}>;tag=151170`,
      CSeq: `${sequence} SUBSCRIBE`,
      Expires: String(expires),
      ...changes,
    },
    'sip:ps.home2.net',
  )
}

/** A PUBLISH as the S-CSCF of the presentity sends it (TS 24.141 A.4.2.1 step 4). */
export function publish(body: string, changes: Readonly<Record<string, string | undefined>> = {}, uri = presentity) {
  const text = `
    PUBLISH ${uri} SIP/2.0
    Via: SIP/2.0/UDP scscf2.home2.net;branch=z9hG4bKp${++branches}
    Max-Forwards: 68
    Route: <sip:ps.home2.net;lr>, <sip:odi-2@scscf2.home2.net;lr>
    P-Asserted-Identity: <${presentity}>
    From: <${presentity}>;tag=31415
    To: <${uri}>
    Call-ID: publication-${branches}
    CSeq: 61 PUBLISH
    Event: presence
    Expires: 3600
  `
  const type = body === '' ? {} : { 'Content-Type': 'application/pidf+xml' }
  const head = edited(text, { ...type, ...changes })
  return body === '' ? head : `${head}\n\n${body}`
}

/** A presence document with a tuple for each id, open or closed. */
export function pidf(tuples: Readonly<Record<string, string>>, more = ''): string {
  const parts = Object.entries(tuples).map(
    ([id, basic]) => `<tuple id="${id}"><status><basic>${basic}</basic></status></tuple>`,
  )
  return `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${presentity}">${parts.join('')}${more}</presence>`
}

/** Publishes, and gives the entity-tag of the answer. */
export function published(alone: Alone, body: string, changes: Readonly<Record<string, string | undefined>> = {}) {
  const sent = alone.receive(publish(body, changes), 'scscf2.home2.net')
  const response = theResponse(sent)
  if (response.status !== 200) throw new Error(`the publication was answered ${response.status}`)
  return { response, entityTag: response.headers.sipEtag!, sent }
}

/** Subscribes, and gives the answer and what follows. */
export function subscribed(alone: Alone, changes: Readonly<Record<string, string | undefined>> = {}) {
  const sent = alone.receive(subscribe(changes), 'scscf2.home2.net')
  return { response: theResponse(sent), notifies: requests(sent, 'NOTIFY'), sent }
}

/** The answer to a message alone. */
export const answered = (alone: Alone, text: string): SipResponse =>
  theResponse(alone.receive(text, 'scscf2.home2.net'))

/** The only NOTIFY among what was sent. */
export function theNotify(sent: readonly Sent[]): SipRequest {
  const found = requests(sent, 'NOTIFY')
  if (found.length !== 1) throw new Error(`expected one NOTIFY, not ${found.length}`)
  return found[0]!
}

export const stateOf = (notify: SipRequest): string => notify.headers.text('subscriptionState')!

/** The ids and basic values of the tuples in a body, in their order. */
export function tuplesOf({ body }: SipRequest): string[] {
  return [...String(body).matchAll(/<tuple id="([^"]+)">.*?<basic>(\w+)<\/basic>/gs)].map(([, id, is]) => `${id} ${is}`)
}
