import type { HttpHeaders, HttpRequest, HttpResponse } from '../http/message.ts'
import { httpReason } from '../http/status.ts'
import type { Answer } from './answer.ts'
import { answerDelete, answerPut } from './document-changing.ts'
import { answerRead } from './document-reading.ts'
import { type DocumentChange, type DocumentStore, memoryStore } from './document-store.ts'
import { contentTag, type UntaggedDocument } from './entity-tag.ts'
import { groupUsageListUsage, resourceListsUsage, rlsServicesUsage } from './list-usages.ts'
import { hardStateUsage, omaPresenceRulesUsage, presenceContentUsage, presenceRulesUsage } from './presence-usages.ts'
import { resourceOf, type Serving, type XcapRequest } from './resource.ts'
import { capabilitiesUsage, directoryUsage } from './server-usages.ts'
import { parseRoot } from './target.ts'
import type { Usage } from './usage.ts'

/** What an XCAP server is told; all of it has defaults. */
export interface XcapServerOptions {
  /** Where its resources begin: a path, such as `/xcap-root`, or an absolute HTTP URI. `/xcap-root` by default. */
  readonly root: string
  /** Where documents are kept; in memory by default. */
  readonly store: DocumentStore
  /** The application usages; all that presim has by default. */
  readonly usages: readonly Usage[]
  /** Makes the entity-tag of a document; never the same for two contents of one path. By default of the content. */
  readonly etag: (document: UntaggedDocument) => string
  /** Whether an identity is that of an XCAP User Identifier; by default if both are the same URI. */
  readonly owns: (identity: string, xui: string) => boolean
  /** Whether there is a user; by default everybody is one. */
  readonly isUser: (xui: string) => boolean
  /** Whether a URI can not be that of a service of a list, as it is something else's; by default none is. */
  readonly isTaken: (uri: string) => boolean
  /** How many bytes the content of a request may have. */
  readonly largestBody: number
  /** Hears of each change after it was made. */
  readonly onChange: (changes: readonly DocumentChange[]) => void
}

/** A request as it is given: only method and target have to be there, and header fields are named in any case. */
export type GivenRequest = Pick<HttpRequest, 'method' | 'target'> & Partial<HttpRequest>

/** What a request came to: the answer, and the response that it makes. */
export interface Served extends Answer {
  readonly response: HttpResponse
}

/** An XCAP server (RFC 4825), which is asked by a value and answers by one. */
export interface XcapServer {
  /**
   * Answers a request and does what it asks. `identity` is who asks, as authenticated, by one identity or several of
   * the same user; without it there is no access control. Never throws, whatever the request is.
   */
  handle(request: GivenRequest, identity?: string | readonly string[]): HttpResponse
  /** As `handle`; tells besides which rule decided, which set each header field, and which documents changed. */
  serve(request: GivenRequest, identity?: string | readonly string[]): Served
}

/** The usages that presim has. */
export const allUsages: readonly Usage[] = [
  capabilitiesUsage,
  resourceListsUsage,
  rlsServicesUsage,
  presenceRulesUsage,
  hardStateUsage,
  omaPresenceRulesUsage,
  presenceContentUsage,
  groupUsageListUsage,
  directoryUsage,
]

/** How many bytes the content of a request may have: far above any document, far below what hurts. */
export const largestBody = 1_000_000

/** An XCAP server, by default an empty one in memory. */
export function xcapServer(options: Partial<XcapServerOptions> = {}): XcapServer {
  const serving: Serving = {
    root: parseRoot(options.root ?? '/xcap-root'),
    store: options.store ?? memoryStore(),
    usages: new Map((options.usages ?? allUsages).map((usage) => [usage.auid, usage])),
    etag: options.etag ?? contentTag,
    owns: options.owns ?? isSameUser,
    isUser: options.isUser ?? (() => true),
    isTaken: options.isTaken ?? (() => false),
    largestBody: options.largestBody ?? largestBody,
  }
  const serve = (request: GivenRequest, identity?: string | readonly string[]): Served => {
    const answer = answerTo(readable(request, identity), serving)
    for (const { path, after } of answer.changes) {
      if (after === undefined) serving.store.remove(path)
      else serving.store.write(path, after)
    }
    if (answer.changes.length > 0) options.onChange?.(answer.changes)
    const shown = request.method === 'HEAD' ? { ...answer, body: '' } : answer
    return { ...shown, response: responseOf(shown, request.exchange ?? '') }
  }
  return { serve, handle: (request, identity) => serve(request, identity).response }
}

/** The answer to a request; the change that it asks for is in the answer, and not made yet. */
export function answerTo(request: XcapRequest, serving: Serving): Answer {
  const resource = resourceOf(request, serving)
  if (resource.kind === 'answer') return resource
  if (request.method === 'PUT') return answerPut(resource, request, serving)
  return request.method === 'DELETE' ? answerDelete(resource, request, serving) : answerRead(resource, request, serving)
}

function readable(given: GivenRequest, identity: string | readonly string[] | undefined): XcapRequest {
  const { method, target, body = '' } = given
  const identities = typeof identity === 'string' ? [identity] : identity
  return { method, target, headers: lowerCased(given.headers ?? {}), body, identities }
}

/** Header fields by their names in lower case. */
function lowerCased(headers: HttpHeaders): HttpHeaders {
  const names = Object.keys(headers)
  if (!names.some((name) => /[A-Z]/.test(name))) return headers
  return Object.fromEntries(names.map((name) => [name.toLowerCase(), headers[name]!]))
}

function responseOf({ status, fields, body }: Answer, exchange: string): HttpResponse {
  const headers: Record<string, string> = {}
  for (const { headers: each } of fields) Object.assign(headers, each)
  return { protocol: 'http', kind: 'response', status, reason: httpReason(status), headers, body, exchange }
}

/** Whether an identity and an XCAP User Identifier are the same URI, or the same without `sip:`. */
function isSameUser(identity: string, xui: string): boolean {
  return identity === xui || identity === `sip:${xui}` || `sip:${identity}` === xui
}
