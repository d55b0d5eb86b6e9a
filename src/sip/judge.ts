import { type Rule, rule } from '../sim/rule.ts'
import { parseUri } from './grammar/uri.ts'
import { type HeaderName, headerRows, rowOf } from './headers.ts'
import { type HeaderChanges, readField, type SipMessage, type SipRequest, type SipResponse } from './message.ts'
import { reasonPhrase } from './status.ts'

/** What an element does with requests, as far as it matters to whether one can be accepted. */
export interface Element {
  /** An endpoint answers requests itself; a proxy forwards what it need not understand (RFC 3261 §16.3). */
  readonly role: 'endpoint' | 'proxy'
  /** The methods that an endpoint serves. */
  readonly methods: readonly string[]
  /** The option tags that it supports, in lower case. */
  readonly options: readonly string[]
  /** The URI schemes that it understands in a Request-URI, in lower case. */
  readonly schemes: readonly string[]
  /** The media types that an endpoint understands in a body, in lower case; `undefined` for any. */
  readonly contentTypes: readonly string[] | undefined
  /**
   * True of an endpoint whose transaction user itself sees to what single methods cannot do without, in the order that
   * the specifications of those methods have.
   */
  readonly knowsMethods?: boolean
}

/** The methods of RFC 3261 and of its extensions. */
export const knownMethods: readonly string[] = [
  ...['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'PRACK', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'INFO'],
  ...['REFER', 'MESSAGE', 'UPDATE'],
]

/** An endpoint that serves every method and takes any body. */
export const anyEndpoint: Element = {
  role: 'endpoint',
  methods: knownMethods,
  options: ['path', 'sec-agree', 'eventlist', 'privacy'],
  schemes: ['sip', 'sips', 'tel', 'pres', 'im'],
  contentTypes: undefined,
}

/** A proxy of an IMS core. */
export const anyProxy: Element = { ...anyEndpoint, role: 'proxy' }

/** Why a message is not acceptable. */
export interface Verdict {
  /** The status of the answer. */
  readonly status: number
  readonly reason: string
  /** What the answer carries because of its status: Unsupported, Allow, Accept, Accept-Encoding, Allow-Events. */
  readonly headers: HeaderChanges
  /** The header field at fault, `undefined` for the start line or the body. */
  readonly about: HeaderName | undefined
  /** The rule that asks for the answer. */
  readonly why: Rule
}

const complete = rule(
  'RFC 3261 §8.1.1',
  'a request without a mandatory header, or with one that is no use, is answered 400',
)
const once = rule('RFC 3261 §7.3.1', 'a header whose value is no list stands once, or the request is answered 400')
const oneWay = rule('RFC 3261 §8.1.3.3', 'a user agent drops a response with more than one Via')
const knownMethod = rule('RFC 3261 §8.2.1', 'a method that is not served is answered 405, one that is not known 501')
const noSession = rule('RFC 3261 §15.1.2', 'a BYE that ends nothing is answered 481')
const readable = rule('RFC 3261 §8.2.2.1', 'a Request-URI that can not be read is answered 400')
const scheme = rule('RFC 3261 §8.2.2.1', 'a Request-URI of an unknown scheme is answered 416')
const proxyScheme = rule('RFC 3261 §16.3 step 2', 'a proxy answers 416 to a Request-URI of an unknown scheme')
const sameMethod = rule('RFC 3261 §8.1.1.5', 'a request whose CSeq is of another method is answered 400')
const tooManyHops = rule('RFC 3261 §16.3 step 3', 'a request that may not be forwarded any more is answered 483')
const required = rule('RFC 3261 §8.2.2.3', 'an extension in Require that is not known is answered 420')
const proxyRequired = rule('RFC 3261 §16.3 step 5', 'an unknown extension in Proxy-Require is answered 420')
const understood = rule('RFC 3261 §8.2.3', 'a body that can not be understood is answered 415')
const typed = rule('RFC 3261 §20.15', 'a body without Content-Type is answered 400')
const named = rule('RFC 6665 §7.2.1', 'a SUBSCRIBE, NOTIFY or PUBLISH without Event is answered 489')
const reachable = rule('RFC 6665 §4.1.1', 'a SUBSCRIBE or NOTIFY without Contact is answered 400')
const notified = rule('RFC 6665 §4.1.3', 'a NOTIFY that does not say the state of its subscription is answered 400')
const addressOfRecord = rule('RFC 3261 §10.2', 'a REGISTER for what is no SIP URI is answered 400')

/**
 * Says with what an element must answer a request that can be parsed but not accepted; `undefined` when the request is
 * acceptable (RFC 3261 §8.2, §16.3). A response is never answered: one with a verdict must be dropped.
 */
export function judge(message: SipMessage, element: Element = anyEndpoint): Verdict | undefined {
  const read = message.kind === 'response' ? forResponse : element.role === 'proxy' ? forProxy : forEndpoint
  const fault = judgeSyntax(message, read)
  if (fault !== undefined) return fault
  if (message.kind === 'response') return judgeResponse(message, element)
  return element.role === 'proxy' ? judgeForProxy(message, element) : judgeForEndpoint(message, element)
}

/** Says whether a message has what a transaction is known by, as every element needs it (RFC 3261 §8.1.1). */
export const judgeForm = (message: SipMessage): Verdict | undefined => judgeSyntax(message, forAnybody)

/** RFC 3261 §8.1.1: without these no message can be handled. Max-Forwards may lack: RFC 2543 had none (§16.3). */
const mandatory: readonly HeaderName[] = ['via', 'from', 'to', 'callId', 'cseq']

/** What a proxy reads besides. §16.3: it must not refuse a message for a fault in what it does not read. */
const readByProxy: readonly HeaderName[] = ['maxForwards', 'route', 'proxyRequire', 'contentLength']

/** What an endpoint reads besides. §8.2: faults in what it does not need should be ignored. */
const readByEndpoint: readonly HeaderName[] = [
  ...(['maxForwards', 'recordRoute', 'require', 'event', 'subscriptionState', 'sipIfMatch', 'contact'] as const),
  ...(['contentType', 'contentLength'] as const),
]

/** What a response is read for. */
const readInResponse: readonly HeaderName[] = ['recordRoute', 'contact', 'contentLength']

const forAnybody = flags(mandatory)
const forProxy = flags([...mandatory, ...readByProxy])
const forEndpoint = flags([...mandatory, ...readByEndpoint])
const forResponse = flags([...mandatory, ...readInResponse])

/** By row: 0 for a header field that is not read, 2 for one that must be there, else 1. */
function flags(names: readonly HeaderName[]): Uint8Array {
  const rows = new Uint8Array(headerRows.length)
  for (const name of names) rows[rowOf(name)] = mandatory.includes(name) ? 2 : 1
  return rows
}

/** The message in which each header field was seen last, by number: so that nothing has to be cleared. */
const seen = new Float64Array(headerRows.length)
let judged = 0

/** Header fields that are missing, that stand more often than they may, or that do not follow their grammar. */
function judgeSyntax({ headers }: SipMessage, read: Uint8Array): Verdict | undefined {
  judged++
  let missing = mandatory.length
  for (const field of headers.fields) {
    const { row } = field
    if (row < 0 || read[row] === 0) continue
    const isRepeated = seen[row] === judged
    // RFC 3261 §7.3.1: only fields whose value is a list may stand more than once (RFC 4475 §3.3.8, §3.3.9).
    if (isRepeated && headerRows[row]!.kind === 'single') return faulty(once, 'More than one', row)
    if (readField(field) === undefined) return faulty(complete, 'Malformed', row)
    if (read[row] === 2 && !isRepeated) missing--
    seen[row] = judged
  }
  if (missing > 0) return faulty(complete, 'Missing', rowOf(mandatory.find((name) => seen[rowOf(name)] !== judged)!))
  const { from, to, via } = headers
  if (parseUri(from!.uri) === undefined) return faulty(complete, 'Malformed URI in', rowOf('from'))
  if (parseUri(to!.uri) === undefined) return faulty(complete, 'Malformed URI in', rowOf('to'))
  // RFC 3261 §8.1.1.7: the cookie is followed by what makes the branch unique (RFC 4475 §3.2.1).
  if (via![0]!.params.branch === 'z9hG4bK') return verdict(complete, 400, 'Branch without an identifier', 'via')
  return undefined
}

function faulty(why: Rule, what: string, row: number): Verdict {
  const { name, property } = headerRows[row]!
  return verdict(why, 400, `${what} ${name}`, property)
}

function judgeResponse(response: SipResponse, element: Element): Verdict | undefined {
  // RFC 3261 §8.1.3.3: a client drops a response that was meant for somebody else.
  if (element.role === 'endpoint' && response.headers.via!.length > 1)
    return verdict(oneWay, 400, 'More than one Via', 'via')
  return undefined
}

/** RFC 3261 §16.3, steps 1 to 5. */
function judgeForProxy(request: SipRequest, element: Element): Verdict | undefined {
  const { headers, method } = request
  const fault = judgeRequestUri(request, element) ?? judgeSequence(request)
  if (fault !== undefined) return fault
  // Step 3. A request that may not travel on is not forwarded.
  if (headers.maxForwards === 0) return verdict(tooManyHops, 483, reasonPhrase(483), 'maxForwards')
  // Step 5; RFC 3261 §20.29. An ACK can't be refused.
  if (method === 'ACK') return undefined
  return judgeOptions(headers.proxyRequire, element, 'proxyRequire')
}

/** RFC 3261 §8.2.1 to §8.2.3, in that order. */
function judgeForEndpoint(request: SipRequest, element: Element): Verdict | undefined {
  const { headers, method } = request
  if (!element.methods.includes(method)) {
    // §15.1.2: whoever serves no INVITE has no dialog that a BYE could end.
    if (method === 'BYE') return verdict(noSession, 481, reasonPhrase(481))
    // §8.2.1 and §21.5.2: 405 for a method that is known but not served, 501 for one that is not known.
    const status = knownMethods.includes(method) ? 405 : 501
    return verdict(knownMethod, status, reasonPhrase(status), undefined, { allow: element.methods })
  }
  const byMethod = element.knowsMethods ? undefined : judgeByMethod(request)
  const fault = judgeRequestUri(request, element) ?? judgeSequence(request) ?? byMethod
  if (fault !== undefined) return fault
  // §8.2.2.3: Require is ignored in a CANCEL and in an ACK.
  const options = method === 'ACK' || method === 'CANCEL' ? undefined : headers.require
  return judgeOptions(options, element, 'require') ?? judgeBody(request, element)
}

function judgeRequestUri(request: SipRequest, element: Element): Verdict | undefined {
  const uri = parseUri(request.uri)
  if (uri === undefined) return verdict(readable, 400, 'Malformed Request-URI')
  if (!element.schemes.includes(uri.scheme))
    return verdict(element.role === 'proxy' ? proxyScheme : scheme, 416, reasonPhrase(416))
  if (uri.kind !== 'sip') return undefined
  // RFC 3261 §19.1.1, table 1: neither header fields nor a method stand in a Request-URI (RFC 4475 §3.1.2.11).
  if (uri.headers.length > 0) return verdict(readable, 400, 'Header fields in the Request-URI')
  return Object.hasOwn(uri.params, 'method') ? verdict(readable, 400, 'A method in the Request-URI') : undefined
}

/** RFC 3261 §8.1.1.5: the method of the CSeq is that of the request. */
function judgeSequence(request: SipRequest): Verdict | undefined {
  if (request.headers.cseq!.method === request.method) return undefined
  return verdict(sameMethod, 400, 'CSeq is of another method', 'cseq')
}

/** What single methods cannot do without. */
function judgeByMethod(request: SipRequest): Verdict | undefined {
  const { headers, method } = request
  const isEvent = method === 'SUBSCRIBE' || method === 'NOTIFY'
  if (headers.event === undefined && (isEvent || method === 'PUBLISH')) {
    return verdict(named, 489, reasonPhrase(489), 'event') // RFC 6665 §4.2.1.1, RFC 3903 §6 step 2
  }
  if (headers.contact === undefined && isEvent) return verdict(reachable, 400, 'Missing Contact', 'contact')
  if (headers.subscriptionState === undefined && method === 'NOTIFY') {
    return verdict(notified, 400, 'Missing Subscription-State', 'subscriptionState')
  }
  if (method !== 'REGISTER') return undefined
  // RFC 3261 §10.2: the To of a REGISTER is an address of record, which is a SIP or SIPS URI (RFC 4475 §3.3.4).
  if (parseUri(headers.to!.uri)?.kind === 'sip') return undefined
  return verdict(addressOfRecord, 400, 'To is no address of record', 'to')
}

function judgeOptions(
  tags: readonly string[] | undefined,
  element: Element,
  about: 'require' | 'proxyRequire',
): Verdict | undefined {
  if (tags === undefined) return undefined
  const unsupported = tags.filter((tag) => !element.options.includes(tag.toLowerCase()))
  if (unsupported.length === 0) return undefined
  return verdict(about === 'require' ? required : proxyRequired, 420, reasonPhrase(420), about, { unsupported })
}

/** RFC 3261 §8.2.3. */
function judgeBody(request: SipRequest, element: Element): Verdict | undefined {
  const { headers, body } = request
  if (body.length === 0 || headers.contentDisposition?.params.handling === 'optional') return undefined
  if (headers.contentEncoding?.some((coding) => coding.toLowerCase() !== 'identity')) {
    const acceptEncoding = [{ value: 'identity', params: {} }]
    return verdict(understood, 415, reasonPhrase(415), 'contentEncoding', { acceptEncoding })
  }
  if (element.knowsMethods) return undefined
  if (headers.contentType === undefined) return verdict(typed, 400, 'Missing Content-Type', 'contentType')
  const types = element.contentTypes
  if (types === undefined || types.includes(headers.contentType.value)) return undefined
  const accept = types.map((value) => ({ value, params: {} }))
  return verdict(understood, 415, reasonPhrase(415), 'contentType', { accept })
}

function verdict(why: Rule, status: number, reason: string, about?: HeaderName, headers: HeaderChanges = {}): Verdict {
  return { status, reason, headers, about, why }
}
