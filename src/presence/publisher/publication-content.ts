import {
  externalBodyPart,
  type MimePart,
  pidfDiff,
  pidfDiffType,
  pidfFull,
  printMultipart,
  related,
} from '../../documents/index.ts'
import { sha1Of } from '../../http/content-hash.ts'
import { byteLength } from '../../http/exchange.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import type { Publication, PublishedContent, PublishKind } from '../../sip/events/publisher.ts'
import type { Parameterised } from '../../sip/headers.ts'
import { type Body, headerValue } from '../../sip/message.ts'

/** A MIME object to which a presence document refers by its `cid:` URI (TS 24.141 §5.3.1.4). */
export interface AttachedObject {
  /** The Content-ID without angle brackets. */
  readonly id: string
  /** The media type, such as `image/png`. */
  readonly type: string
  /** The object itself, for direct content; beside a URL, what is stored there. */
  readonly body?: Body
  /** Where the object is stored, for content indirection (RFC 4483). */
  readonly url?: string
  /**
   * Its size in bytes, its SHA-1 digest in hexadecimal, and until when it can be fetched. Of an object that is known,
   * size and digest need not be said.
   */
  readonly size?: number
  readonly hash?: string
  readonly expiration?: string
}

/** RFC 5264 §4: how far the compositor and the publisher agree on the state of a partial publication. */
export interface PartialPublication {
  /** The document as the last 200 left it at the compositor; undefined if it is not known. */
  stored: string | undefined
  /** The document of the PUBLISH on its way. */
  sent: string | undefined
}

/** A publication of a PUA, with how its content travels. */
export interface OwnPublication extends Publication {
  /** Undefined if the state is published whole each time. */
  partial: PartialPublication | undefined
  /** The compositor has refused partial state: it is not tried again. */
  isPartialRefused: boolean
  objects: readonly AttachedObject[]
}

const publishWhole = rule('RFC 5264 §4.1', 'the first PUBLISH of a partial publication carries the full state', [
  'R5.3.1.2-i',
  'R5.3.1.2-j',
])
const publishChange = rule('RFC 5264 §4.2', 'later ones carry what changed, under the entity-tag of the last', [
  'R5.3.1.2-i',
  'R5.3.1.2-k',
])
const publishPlain = rule('RFC 3863 §4', 'presence is published as a document of its presentity', ['R5.3.1.2-c'])
const attach = rule('RFC 2387 §3', 'what the presence document refers to travels beside it as a part of its own', [
  'R5.3.1.4-a',
])
const refer = rule('RFC 4483 §5', 'an object that is stored elsewhere is published by reference', ['R5.3.1.4-b'])

/** §5.3.1.2, §5.3.1.4: what a PUBLISH of this kind carries; undefined if nothing. */
export function contentOf(publication: OwnPublication, kind: PublishKind): PublishedContent | undefined {
  const { partial, objects } = publication
  if (kind === 'refresh' || kind === 'remove') return undefined
  const root = partial === undefined ? plainContent(publication) : partialContent(publication, partial, kind)
  return objects.length === 0 ? root : withObjects(root, objects)
}

const ofType = (value: string): Parameterised => ({ value, params: {} })

const plainContent = ({ mediaType, body }: OwnPublication): PublishedContent => ({
  why: publishPlain,
  contentType: ofType(mediaType),
  body,
})

/** RFC 5264 §4.1, §4.2: the whole state first and whenever the compositor may have another one, else what changed. */
function partialContent({ body }: OwnPublication, partial: PartialPublication, kind: PublishKind): PublishedContent {
  partial.sent = body
  const isChange = kind === 'modify' && partial.stored !== undefined
  return {
    why: isChange ? publishChange : publishWhole,
    contentType: ofType(pidfDiffType),
    body: isChange ? pidfDiff(partial.stored!, body) : pidfFull(body),
  }
}

/** §5.3.1.4: the presence document as the root of a `multipart/related`, with the objects behind it. */
function withObjects(root: PublishedContent, objects: readonly AttachedObject[]): PublishedContent {
  const first: MimePart = {
    contentType: root.contentType.value,
    contentId: rootId(objects),
    headers: [],
    body: root.body,
  }
  const { contentType, body } = printMultipart(related([first, ...objects.map(partFor)]))
  const isReference = objects.some(({ url }) => url !== undefined)
  return { why: isReference ? refer : attach, contentType: headerValue('contentType', contentType)!, body }
}

/** A Content-ID for the root that no object has. */
function rootId(objects: readonly AttachedObject[]): string {
  let id = 'presence'
  while (objects.some((one) => one.id === id)) id += '.'
  return id
}

function partFor({ id, type, body, url, ...told }: AttachedObject): MimePart {
  if (url === undefined) return { contentType: type, contentId: id, headers: [], body: body ?? '' }
  // RFC 4483 §5.9, §5.12: by which whoever fetches it knows it again.
  const known = body === undefined ? {} : { size: byteLength(body), hash: sha1Of(body) }
  return externalBodyPart({ kind: 'external-body', url, ...known, ...told, contentType: type }, id)
}

/** The `cid:` URIs in a document that lead to none of its objects (RFC 2392 §2). */
export function danglingReferences(document: string, objects: readonly AttachedObject[]): string[] {
  const named = document.match(/(?<![\w-])cid:[^\s"'<>]+/g) ?? []
  return [...new Set(named)].filter((uri) => !objects.some(({ id }) => decodeCid(uri) === id))
}

const decodeCid = (uri: string): string =>
  uri.slice(4).replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))

/** RFC 5264 §4.1: the compositor has now the state that was sent, or none. */
export function agree(publication: OwnPublication, status: number): void {
  const { partial, entityTag } = publication
  if (partial === undefined) return
  // A refresh sends no state and leaves the stored one as it is.
  if (status < 300 && partial.sent !== undefined) partial.stored = partial.sent
  partial.sent = undefined
  if (entityTag === undefined) partial.stored = undefined
}

export const fallBack: Rule = rule('RFC 5264 §4.3', 'a compositor that refuses partial state is given the whole', [
  'R5.3.1.2-i',
])

/**
 * RFC 5264 §4.3: after 400 to a change the whole state is published, after 400 to that, or 415, the document of RFC
 * 3863. Returns the rule if there is something else to try, undefined if not.
 */
export function retreat(publication: OwnPublication, status: number, body: Body): Rule | undefined {
  const { partial } = publication
  if (partial === undefined || body === '' || (status !== 400 && status !== 415)) return undefined
  if (status === 400 && partial.stored !== undefined) partial.stored = undefined
  else {
    publication.partial = undefined
    publication.isPartialRefused = true
  }
  return fallBack
}
