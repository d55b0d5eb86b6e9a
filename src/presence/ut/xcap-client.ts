/**
 * TS 24.141 §6.3.1: the XCAP client of a UE, which reads and changes the XML documents of its user: resource lists,
 * presence rules and hard state (§6.3.1.2 to §6.3.1.4), and the objects to which they refer.
 */
import { applyPatch, diff, PatchError } from '../../documents/index.ts'
import {
  answeredHttp,
  awaitHttp,
  type HttpClient,
  hostOfRequest,
  httpAmended,
  httpRequest,
  httpTimer,
} from '../../http/exchange.ts'
import type { HttpBody, HttpRequest, HttpResponse } from '../../http/message.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { allUsages, type StoredDocument } from '../../xcap/index.ts'
import { encodePath } from '../../xcap/target.ts'
import type { Host, Role } from '../role.ts'
import { dateOf } from '../wall-clock.ts'
import { following, type KnownDocument } from './document-following.ts'
import { isSameRoot, pathOfSelector, type ToldDocument } from './document-news.ts'
import { type Beginning, capabilitiesDocument, stepFrom, usagesIn } from './xcap-beginning.ts'

type HttpTurn = SipTurn<HttpRequest>

/** What the topology says of the XCAP client of a UE. */
export interface XcapClientSettings {
  /** The XCAP root by its absolute URI. */
  readonly root: string
  /** What the client says of itself in User-Agent. */
  readonly userAgent: string
  /** The XCAP user identifier of the user; her identity if undefined. */
  readonly xui?: string
  /** The moment of time 0, in microseconds since the beginning of 1970. */
  readonly epoch: Micros
}

/** The state of the client; changed in place. */
export interface XcapClient extends HttpClient<Pending> {
  readonly settings: XcapClientSettings | undefined
  /** The application usages that the server has, once it was asked. */
  usages: readonly string[] | undefined
  /** By document selector. */
  readonly known: Map<string, KnownDocument>
  /** The documents that have changed and are to be read, by document selector: the entity-tag that was told. */
  readonly outdated: Map<string, string>
  /** What the last request for each resource came to: a status, or that nobody answered. */
  readonly outcomes: Map<string, string>
}

/** A request on its way: what was asked for, and how often it was begun anew. */
interface Pending {
  readonly command: XcapCommand
  readonly request: HttpRequest
  readonly attempt: number
  /** What the client makes of the answer when it begins. */
  readonly begins?: Beginning
  /** For a document that is read to try again: what it was, and the command that has failed. */
  readonly recovers?: { readonly command: XcapCommand; readonly base: KnownDocument | undefined }
  /** True of a document that is read because it was told to have changed. */
  readonly follows?: true
}

/** Why a request was made, if not because of a command alone. */
type Occasion = Pick<Pending, 'begins' | 'recovers' | 'follows'>

/** What `xcap-get`, `xcap-put` and `xcap-delete` ask for. */
export interface XcapCommand {
  readonly do: string
  /** The document selector below the XCAP root, such as `resource-lists/users/sip:user1@home1.net/index`. */
  readonly document: string
  /** The node selector, as it is before it is percent-encoded. */
  readonly select?: string
  /** Declarations of prefixes in the node selector. */
  readonly prefixes?: Readonly<Record<string, string>>
  readonly body?: HttpBody
  /** The media type; that of the usage or of the node if it is not said. */
  readonly type?: string
  /** `match`: only if the document is still as it is known here; `new`: only if there is none yet. */
  readonly only?: 'match' | 'new'
}

const readDocument = rule('TS 24.141 §6.3.1.1', 'the XCAP client reads a document or a part of it', [
  'R6.3.1.1-a',
  'R6.2.1-a',
])
const readCapabilities = rule('RFC 4825 §12', 'a client that begins asks what the server can do', ['R6.3.1.1-a'])
const readOwn = rule('TS 24.141 §6.3.1.1', 'a client that begins reads the documents that its user has', ['R6.3.1.1-a'])
const changeLists = rule('TS 24.141 §6.3.1.2', 'the XCAP client changes resource lists', ['R6.3.1.2-a'])
const changeRules = rule('TS 24.141 §6.3.1.3', 'the XCAP client changes who may see what', ['R6.3.1.3-a'])
const changeState = rule('TS 24.141 §6.3.1.4', 'the XCAP client changes the hard state', ['R6.3.1.4-a'])
const storeObject = rule('TS 24.141 §6.3.1.4', 'an object is stored before anything refers to it', [
  'R6.3.1.4-b',
  'R5.3.1.4-b',
])
const changeOther = rule('RFC 4825 §7', 'the XCAP client changes a document')
const sayClient = rule('RFC 9110 §10.1.5', 'a client says in User-Agent what it is')
const sayDate = rule('RFC 9110 §6.6.1', 'a client that has a clock may say when it asks')
const onlyIfSame = rule('RFC 4825 §7.11', 'a change is made only to the version that is known', ['R6.3.1.2-a'])
const onlyIfNew = rule('RFC 4825 §7.11', 'a document or object is made only where there is none', ['R5.3.1.4-c'])
const onlyIfChanged = rule('RFC 4825 §7.11', 'a document that is known is read only if it has changed')
const readAgain = rule('RFC 4825 §7.11', 'after 412, the client reads the document and makes its change anew', [
  'R6.3.1.2-a',
])
const giveUp = rule('RFC 4825 §7.11', 'a change that can not be made to the document as it is now is given up')
const remember = rule('RFC 4825 §7.11', 'the client remembers the entity-tag of what it has read and written')
const readTold = rule(
  'RFC 5875 §4.7',
  'a document whose change does not follow from what is known of it is read anew',
  ['R5.3.1.6-a', 'R5.3.2.5-a'],
)
const applyTold = rule('RFC 5874 §4', 'a change that follows from what is known of a document is made to it', [
  'R5.3.1.6-a',
  'R5.3.2.5-a',
])
const notAnswered = rule('RFC 9112 §9.5', 'a request without an answer has failed')

/** How often a change is tried on versions that turn out to be old. */
const mostAttempts = 4

/** §6.3.1: the role. */
export const xcapClientRole: Role<XcapClient> = {
  name: 'xcapClient',
  clause: 'TS 24.141 §6.3.1',
  timers: [httpTimer],
  commands: ['xcap-begin', 'xcap-get', 'xcap-put', 'xcap-delete'],
  sends: [],
  start: (settings) => ({
    settings: settings as XcapClientSettings | undefined,
    usages: undefined,
    waiting: new Map(),
    known: new Map(),
    outdated: new Map(),
    outcomes: new Map(),
  }),
  takes: () => false,
  takesHttp: ({ exchange }, client) => client.waiting.has(exchange),
  ownsTimer: ({ of }, client) => client.waiting.has(of),

  onCommand(client, command, host, turn) {
    if (command.do !== 'xcap-begin') return ask(client, command as unknown as XcapCommand, 1, host, turn)
    ask(client, get(capabilitiesDocument), 1, host, turn, { begins: 'capabilities' })
  },
  onHttp(client, message, _from, host, turn) {
    const pending = answeredHttp(client, message.exchange)
    if (pending !== undefined && message.kind === 'response') onAnswer(client, pending, message, host, turn)
    readOutdated(client, host, turn)
  },
  onHttpFailed(client, message, host, turn) {
    onFailure(client, message.exchange, turn)
    readOutdated(client, host, turn)
  },
  onTimer(client, timer, host, turn) {
    onFailure(client, timer.of, turn as HttpTurn)
    readOutdated(client, host, turn as HttpTurn)
  },
  onDocumentNews(client, news, host, turn) {
    if (news.kind !== 'told' || !isSameRoot(news.root, client.settings?.root ?? '')) return
    for (const told of news.documents) follow(client, told, turn)
    readOutdated(client, host, turn as HttpTurn)
  },
}

/** The methods of the commands. */
const methods: Readonly<Record<string, string>> = { 'xcap-get': 'GET', 'xcap-put': 'PUT', 'xcap-delete': 'DELETE' }

const get = (document: string): XcapCommand => ({ do: 'xcap-get', document })

/** Sends what a command asks for. */
function ask(
  client: XcapClient,
  command: XcapCommand,
  attempt: number,
  host: Host,
  turn: HttpTurn,
  occasion: Occasion = {},
): void {
  const { settings } = client
  if (settings === undefined) return
  const method = methods[command.do]!
  const changes = method === 'PUT' ? { headers: { 'content-type': typeOf(command) }, body: command.body ?? '' } : {}
  const why = occasion.follows === true ? readTold : ruleOf(command)
  let request = httpRequest(turn, why, method, targetOf(settings.root, command), changes)
  request = httpAmended(turn, request, sayClient, { headers: { 'user-agent': settings.userAgent } })
  request = httpAmended(turn, request, sayDate, { headers: { date: dateOf(settings.epoch + turn.now) } })
  request = withCondition(client, command, request, turn)
  awaitHttp(client, { command, request, attempt, ...occasion }, request, turn)
  host.sendHttp(hostOfRequest(request), request, turn)
}

/** RFC 4825 §6: the absolute URI of a document, or of a node in it. */
function targetOf(root: string, { document, select, prefixes = {} }: XcapCommand): string {
  const resource = `${root.replace(/\/$/, '')}/${document}`
  if (select === undefined) return resource
  const declared = Object.entries(prefixes).map(([prefix, uri]) => `xmlns(${prefix}=${uri})`)
  const query = declared.length === 0 ? '' : `?${encodeQuery(declared.join(''))}`
  return `${resource}/~~/${encodePath(select)}${query}`
}

/** RFC 3986 §3.4: what may stand in a query stays as it is. */
const encodeQuery = (text: string): string =>
  text.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/?]/gu, (character) => encodeURIComponent(character))

const usageOf = ({ document }: XcapCommand) => allUsages.find(({ auid }) => document.startsWith(`${auid}/`))

function typeOf(command: XcapCommand): string {
  const { type, select } = command
  if (type !== undefined) return type
  if (select !== undefined) return /\/@[^/"'\]]*$/.test(select) ? 'application/xcap-att+xml' : 'application/xcap-el+xml'
  const usage = usageOf(command)
  return usage === undefined || usage.kind === 'objects' ? 'application/octet-stream' : usage.contentType
}

const rules: Readonly<Record<string, Rule>> = {
  'resource-lists': changeLists,
  'rls-services': changeLists,
  'pres-rules': changeRules,
  'org.openmobilealliance.pres-rules': changeRules,
  'pidf-manipulation': changeState,
  'org.openmobilealliance.pres-content': storeObject,
}

function ruleOf(command: XcapCommand): Rule {
  if (command.do === 'xcap-get') return command.document === capabilitiesDocument ? readCapabilities : readDocument
  return rules[usageOf(command)?.auid ?? ''] ?? changeOther
}

/** RFC 4825 §7.11: the condition under which something is to be done. */
function withCondition(client: XcapClient, command: XcapCommand, request: HttpRequest, turn: HttpTurn): HttpRequest {
  const known = client.known.get(command.document)
  const { only, select } = command
  if (only === 'new') return httpAmended(turn, request, onlyIfNew, { headers: { 'if-none-match': '*' } })
  if (only !== 'match' || known === undefined) return request
  const tag = `"${known.etag}"`
  if (request.method !== 'GET') return httpAmended(turn, request, onlyIfSame, { headers: { 'if-match': tag } })
  if (select !== undefined || known.body === undefined) return request
  return httpAmended(turn, request, onlyIfChanged, { headers: { 'if-none-match': tag } })
}

function onAnswer(client: XcapClient, pending: Pending, response: HttpResponse, host: Host, turn: HttpTurn): void {
  const { command, request, recovers } = pending
  client.outcomes.set(nameOf(command), `${response.status} ${response.reason}`)
  const base = client.known.get(command.document)
  if (response.status < 300) learn(client, command, request, response, turn)
  if (isWholeRead(pending) && (response.status === 200 || response.status === 304))
    host.documentsHeardOf({ kind: 'read', root: client.settings!.root, path: pathOfSelector(command.document) }, turn)
  if (response.status === 404 && command.select === undefined) client.known.delete(command.document)
  if (pending.begins !== undefined) return begin(client, pending.begins, response, host, turn)
  if (recovers !== undefined) return changeAgain(client, pending, response, host, turn)
  if (response.status !== 412 || command.only !== 'match' || turn.without(readAgain)) return
  if (pending.attempt >= mostAttempts) return stop(command, turn)
  turn.decide(readAgain, 'reads the document', { document: command.document, attempt: pending.attempt })
  ask(client, get(command.document), pending.attempt, host, turn, { recovers: { command, base } })
}

const isWholeRead = ({ request, command }: Pending): boolean => request.method === 'GET' && command.select === undefined

/** RFC 5875 §4.7, RFC 5874 §4: what was told of a document, for what is known of it here. */
function follow(client: XcapClient, told: ToldDocument, turn: SipTurn): void {
  const { known, outdated } = client
  const path = pathOfSelector(told.sel)
  const document = [...known.keys()].find((one) => pathOfSelector(one) === path) ?? told.sel
  const what = following(known.get(document), told)
  outdated.delete(document)
  if (what.kind === 'gone') known.delete(document)
  if (what.kind === 'changed' && !turn.without(applyTold)) {
    turn.decide(applyTold, 'changed', { document, ETag: what.now.etag })
    return void known.set(document, what.now)
  }
  if (what.kind === 'changed' || what.kind === 'outdated') outdated.set(document, told.newEtag!)
}

/**
 * RFC 5875 §4.7: reads the documents that are out of date, each once for what was told of it. One that is asked about
 * already has to wait: the answer may be what was told.
 */
function readOutdated(client: XcapClient, host: Host, turn: HttpTurn): void {
  const { outdated, known, waiting } = client
  if (outdated.size === 0 || turn.without(readTold)) return
  for (const [document, etag] of [...outdated]) {
    if ([...waiting.values()].some(({ command }) => command.document === document)) continue
    outdated.delete(document)
    if (known.get(document)?.etag === etag) continue
    ask(client, { ...get(document), only: 'match' }, 1, host, turn, { follows: true })
  }
}

/** RFC 4825 §12: from what the server can do to what there is of the user's, and from there to the documents. */
function begin(client: XcapClient, begins: Beginning, response: HttpResponse, host: Host, turn: HttpTurn): void {
  const { root, xui = host.identity } = client.settings!
  if (begins === 'capabilities') client.usages = usagesIn(response)
  const { next, documents } = stepFrom(begins, response, { root, xui, usages: client.usages })
  turn.decide(readOwn, next ?? 'documents', { user: xui, documents: documents.join(', ') })
  if (next !== undefined) return ask(client, get(documents[0]!), 1, host, turn, { begins: next })
  for (const document of documents) ask(client, get(document), 1, host, turn)
}

/** RFC 4825 §7.11: what was read to try again has come: the change is made to it. */
function changeAgain(client: XcapClient, pending: Pending, response: HttpResponse, host: Host, turn: HttpTurn): void {
  const { command, base } = pending.recovers!
  const now = client.known.get(command.document)
  if (response.status >= 300 || now === undefined) return stop(command, turn)
  const body = command.select === undefined && command.do === 'xcap-put' ? merged(base, command, now) : command.body
  if (body === undefined && command.do === 'xcap-put') return stop(command, turn)
  ask(client, { ...command, ...(body !== undefined && { body }) }, pending.attempt + 1, host, turn)
}

/** The own change made to what others have made of the document; undefined if the two do not go together. */
function merged(base: KnownDocument | undefined, { body }: XcapCommand, now: KnownDocument): HttpBody | undefined {
  if (typeof base?.body !== 'string' || typeof body !== 'string' || typeof now.body !== 'string') return undefined
  try {
    return applyPatch(now.body, diff(base.body, body))
  } catch (error) {
    // What is no document, or has not what is to be changed, can not be changed.
    if (error instanceof RangeError || error instanceof PatchError) return undefined
    throw error
  }
}

function stop(command: XcapCommand, turn: HttpTurn): void {
  turn.decide(giveUp, 'given up', { document: command.document })
}

/** What an answer says of a document. */
function learn(
  client: XcapClient,
  command: XcapCommand,
  request: HttpRequest,
  response: HttpResponse,
  turn: HttpTurn,
): void {
  const { document, select } = command
  const etag = /^"(.*)"$/.exec(response.headers.etag ?? '')?.[1]
  if (request.method === 'DELETE' && select === undefined) return void client.known.delete(document)
  if (etag === undefined) return
  turn.decide(remember, 'remembered', { document, ETag: etag })
  const whole = select === undefined ? wholeOf(request, response) : {}
  client.known.set(document, { etag, ...whole })
}

/** The text of a document that was read or written as a whole. */
function wholeOf(request: HttpRequest, response: HttpResponse): Pick<StoredDocument, 'contentType' | 'body'> {
  const { headers, body } = request.method === 'PUT' ? request : response
  return { contentType: headers['content-type'] ?? '', body }
}

const nameOf = ({ document, select }: XcapCommand): string =>
  select === undefined ? document : `${document}/~~/${select}`

function onFailure(client: XcapClient, exchange: string, turn: HttpTurn): void {
  const pending = answeredHttp(client, exchange)
  if (pending === undefined) return
  client.outcomes.set(nameOf(pending.command), 'no answer')
  turn.decide(notAnswered, 'failed', { document: pending.command.document })
}
