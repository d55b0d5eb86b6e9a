/**
 * Content that a watcher is told of by reference (TS 24.141 §5.3.2.2, RFC 4483): where it is, it is fetched over HTTP,
 * be it the presence document itself or an object beside it.
 */
import { type ExternalBody, type MimePart, parseExternalBody } from '../../documents/index.ts'
import { awaitHttp, type HttpClient, hostOfUri, httpRequest } from '../../http/exchange.ts'
import type { HttpMessage, HttpResponse } from '../../http/message.ts'
import { rule } from '../../sim/rule.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { isMeant } from '../referenced-content.ts'
import type { Host } from '../role.ts'
import { applyPart, type PresenceKnown } from './presence-view.ts'

/** What is being fetched: for which subscription, by its Call-ID, and what was said of it. */
export interface ContentFetch {
  readonly callId: string
  readonly external: ExternalBody
}

/** What a watcher has asked for and has not got yet, by exchange. */
export type ContentFetches = HttpClient<ContentFetch>

const fetchReference = rule('RFC 4483 §5', 'a watcher fetches what it is told of by reference', ['R5.3.2.2-g'])
const takeContent = rule('RFC 4483 §5', 'what was fetched takes the place of the reference', ['R5.3.2.2-g'])
const notFetched = rule('RFC 4483 §7', 'a reference that leads to nothing stays one', ['R5.3.2.2-g'])

/** Asks for all that is known by reference only, once each. */
export function fetchReferences(
  fetches: ContentFetches,
  known: PresenceKnown,
  callId: string,
  host: Host,
  turn: SipTurn<HttpMessage>,
): void {
  if (turn.without(fetchReference)) return
  for (const external of referencesIn(known)) {
    const address = hostOfUri(external.url)
    const isAsked = [...fetches.waiting.values()].some(
      (one) => one.callId === callId && one.external.url === external.url,
    )
    if (address === '' || isAsked) continue
    const request = httpRequest(turn, fetchReference, 'GET', external.url, {})
    awaitHttp(fetches, { callId, external }, request, turn)
    host.sendHttp(address, request, turn)
  }
}

/** Where the parts are that are not there themselves. */
function referencesIn(known: PresenceKnown): ExternalBody[] {
  if (known.kind === 'reference') return [known.body]
  if (known.kind !== 'view' || known.objects === undefined) return []
  return known.objects.map(parseExternalBody).filter((one) => one?.kind === 'external-body')
}

/** What is known after an answer: with the content in the place of the reference, if it is what was promised. */
export function withContent(
  known: PresenceKnown,
  { external }: ContentFetch,
  response: HttpResponse,
  turn: SipTurn<HttpMessage>,
): PresenceKnown {
  const { url } = external
  if (response.status !== 200) {
    turn.decide(notFetched, 'stays', { url, status: response.status })
    return known
  }
  if (!isMeant(external, response.body, turn) || turn.without(takeContent)) return known
  turn.decide(takeContent, 'taken', { url })
  const contentType = response.headers['content-type'] ?? external.contentType ?? 'application/octet-stream'
  const content: MimePart = { contentType, headers: [], body: response.body }
  if (known.kind === 'reference') return known.body.url === url ? applyPart(known.before, content) : known
  if (known.kind !== 'view' || known.objects === undefined) return known
  const objects = known.objects.map((part): MimePart => {
    const one = parseExternalBody(part)
    if (one?.kind !== 'external-body' || one.url !== url) return part
    const contentId = one.contentId ?? part.contentId
    return { ...content, ...(contentId !== undefined && { contentId }) }
  })
  return { ...known, objects }
}

/** No answer came, or none could. */
export function notAnswered({ external }: ContentFetch, turn: SipTurn<HttpMessage>): void {
  turn.decide(notFetched, 'stays', { url: external.url, status: 'none' })
}
