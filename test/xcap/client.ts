/** A client of an XCAP server in tests: requests by their paths below the root, and what came back. */
import { readFileSync } from 'node:fs'
import { isDocumentError, parseXcapError, type XcapError } from '../../src/documents/index.ts'
import type { HttpBody, HttpHeaders, HttpResponse } from '../../src/http/message.ts'
import {
  type DocumentChange,
  memoryStore,
  type Served,
  type StoredDocument,
  type XcapServer,
  type XcapServerOptions,
  xcapServer,
} from '../../src/xcap/index.ts'

export const user = 'sip:user1_public1@home1.net'
export const element = 'application/xcap-el+xml'
export const attribute = 'application/xcap-att+xml'
export const lists = 'application/resource-lists+xml'

/** A server with what its store holds and what its watchers heard. */
export class Client {
  readonly documents = new Map<string, StoredDocument>()
  readonly changes: DocumentChange[] = []
  readonly server: XcapServer
  identity: string | readonly string[] | undefined

  constructor(options: Partial<XcapServerOptions> = {}, identity?: string | readonly string[]) {
    this.identity = identity
    this.server = xcapServer({
      root: 'http://xcap.home1.net/services',
      store: memoryStore(this.documents),
      onChange: (changes) => this.changes.push(...changes),
      ...options,
    })
  }

  serve(method: string, path: string, body: HttpBody = '', headers: HttpHeaders = {}): Served {
    const target = path === '*' || path.startsWith('http') ? path : `/services/${path}`
    return this.server.serve({ method, target, headers, body }, this.identity)
  }
  request(method: string, path: string, body: HttpBody = '', headers: HttpHeaders = {}): HttpResponse {
    return this.serve(method, path, body, headers).response
  }
  get(path: string, headers: HttpHeaders = {}): HttpResponse {
    return this.request('GET', path, '', headers)
  }
  put(path: string, body: HttpBody, type: string, headers: HttpHeaders = {}): HttpResponse {
    return this.request('PUT', path, body, { 'Content-Type': type, ...headers })
  }
  delete(path: string, headers: HttpHeaders = {}): HttpResponse {
    return this.request('DELETE', path, '', headers)
  }
  /** The text of a document; throws if there is none. */
  text(path: string): string {
    const { status, body } = this.get(path)
    if (status !== 200 || typeof body !== 'string') throw new Error(`${path} is answered ${status}`)
    return body
  }
}

/** The error that a response explains; throws if it explains none. */
export function errorOf(response: HttpResponse): XcapError {
  if (response.headers['content-type'] !== 'application/xcap-error+xml') {
    throw new Error(`${response.status} with no xcap-error: ${response.body}`)
  }
  const parsed = parseXcapError(response.body)
  if (isDocumentError(parsed)) throw new Error(parsed.reason)
  return parsed.error
}

/** The worked examples of RFC 4825. */
export const rfc4825 = JSON.parse(readFileSync(new URL('material/rfc4825.json', import.meta.url), 'utf8')) as {
  readonly insertion: {
    readonly document: string
    readonly cases: readonly { node_selector: string; body: string; result: string; why: string }[]
  }
  readonly node_selection: readonly [
    { readonly document: string; readonly default_namespace: string; readonly selector: string },
    {
      readonly document: string
      readonly default_namespace: string
      readonly uris: readonly { uri: string; body?: string; body_infoset?: string; content_type?: string }[]
    },
  ]
  readonly flow: { readonly user: string; readonly steps: readonly FlowStep[] }
  readonly non_idempotent: readonly FlowStep[]
}

/** A request of an example and what is expected of the response. */
export interface FlowStep {
  readonly section?: string
  readonly method: string
  readonly path: string
  readonly content_type?: string
  readonly body?: string
  readonly expect: {
    readonly status: readonly number[]
    readonly content_type?: string
    readonly etag?: boolean
    readonly body_exact?: string
    readonly xcap_error?: string
  }
}
