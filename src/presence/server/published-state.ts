import {
  applyPidfDiff,
  isDocumentError,
  type MimePart,
  type PatchFailure,
  type Presence,
  parseExternalBody,
  parseMultipart,
  parsePidfDiff,
  parsePresence,
  patchErrorDocument,
  pidfDiffType,
  pidfFormat,
  printPatchError,
  printPresence,
  printXml,
  readOnce,
  rootPart,
} from '../../documents/index.ts'
import { type Rule, rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import type { EventState } from '../../sip/events/compositor.ts'
import { type Body, headerValue, type MessageChanges, type SipRequest } from '../../sip/message.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import { isMeant } from '../referenced-content.ts'

/** What one PUBLISH brought, as the presence server keeps it. */
export interface PresencePublication extends EventState {
  /** The identity of whoever published it. */
  readonly publisher: string
  /** When it was last changed, on the wall clock. */
  readonly moment: Micros
  readonly document: Presence
  /** The MIME objects to which the document refers (RFC 2387, RFC 4483), by Content-ID. */
  readonly objects: readonly MimePart[]
}

/** What can be fetched for whoever publishes a URL in the place of a body (RFC 4483), by URL. */
export type StoredObjects = Readonly<Record<string, { readonly contentType: string; readonly body: string }>>

/** The presence state that a PUBLISH leaves, or why it leaves none. */
export type PublishedState = ReadState | RefusedState

/** State that was understood. */
export interface ReadState {
  readonly kind: 'read'
  readonly document: Presence
  /** The document as `application/pidf+xml`: what a later partial publication applies to. */
  readonly body: string | Uint8Array
  readonly objects: readonly MimePart[]
}

/** State that was not. */
export interface RefusedState {
  readonly kind: 'refused'
  readonly status: 400 | 415
  readonly why: Rule
  readonly changes?: MessageChanges
}

const notUnderstood = rule('RFC 3903 §6 step 5', 'a presence document that can not be read is answered 400', [
  'R5.3.3.3-a',
])
const noBase = rule('RFC 5264 §4.3', 'a change with nothing that it could change is answered 400', ['R5.3.3.3-b'])
const badChange = rule('RFC 5264 §4.3', 'a change that can not be applied is answered 400 and changes nothing', [
  'R5.3.3.3-b',
])
const badParts = rule('RFC 2387 §3', 'a multipart body whose root can not be found is answered 400', ['R5.3.3.3-c'])
const wrongPart = rule('RFC 2387 §3.1', 'a multipart body whose root is no presence document is answered 415', [
  'R5.3.3.3-c',
])
const notFetched = rule('RFC 4483 §4', 'a body that is elsewhere and can not be fetched is answered 415', [
  'R5.3.3.3-c',
])

/** What takes the place of a part that is elsewhere; undefined if nothing does. */
type Fetch = (part: MimePart) => MimePart | undefined

/** The types of body that a presence server understands in a PUBLISH, when it is told nothing else. */
export const publishedTypes = ['application/pidf+xml', pidfDiffType, 'multipart/related', 'message/external-body']

/** RFC 3903 §6 step 5, RFC 5264 §4.3: reads the body of a PUBLISH; `current` is the state that it modifies. */
export function readPublished(
  request: SipRequest,
  current: PresencePublication | undefined,
  stored: StoredObjects,
  turn: SipTurn,
): PublishedState {
  const contentType = request.headers.fieldText('Content-Type') ?? ''
  const fetch = (part: MimePart): MimePart | undefined => fetched(part, stored, turn)
  return readPart({ contentType, headers: [], body: request.body }, current, fetch, true)
}

/** A whole body, or the root of a multipart one. */
function readPart(
  part: MimePart,
  current: PresencePublication | undefined,
  fetch: Fetch,
  isWhole: boolean,
): PublishedState {
  const type = headerValue('contentType', part.contentType ?? '')?.value ?? ''
  if (type === 'application/pidf+xml') return readDocument(part.body)
  if (type === pidfDiffType) return readPartial(part.body, current)
  if (type === 'message/external-body') return readElsewhere(part, current, fetch)
  if (isWhole && type === 'multipart/related') return readParts(part, current, fetch)
  return { kind: 'refused', status: 415, why: wrongPart }
}

function readDocument(body: Body): PublishedState {
  const document = readOnce(pidfFormat, body)
  if (isDocumentError(document)) return { kind: 'refused', status: 400, why: notUnderstood }
  return { kind: 'read', document, body, objects: [] }
}

/** RFC 5264 §4.3: the whole state takes the place of what was there; a change needs something that it changes. */
function readPartial(body: Body, current: PresencePublication | undefined): PublishedState {
  const partial = parsePidfDiff(body)
  if (isDocumentError(partial)) return { kind: 'refused', status: 400, why: notUnderstood }
  if (partial.kind === 'pidf-diff' && current === undefined) return { kind: 'refused', status: 400, why: noBase }
  const tree = partial.kind === 'pidf-full' ? partial.document : applyPidfDiff(textOfState(current!), partial)
  if (tree.kind === 'patch-failure') return refusedChange(tree)
  const document = parsePresence(tree)
  if (isDocumentError(document)) return { kind: 'refused', status: 400, why: badChange }
  return { kind: 'read', document, body: printXml(tree), objects: current?.objects ?? [] }
}

const textOfState = ({ body, document }: PresencePublication): string =>
  typeof body === 'string' ? body : printPresence(document)

/** RFC 5264 §4.3, RFC 5261 §5: says which operation failed, and why. */
function refusedChange(failure: PatchFailure): PublishedState {
  const contentType = { value: 'application/patch-ops-error+xml', params: {} }
  const body = printPatchError(patchErrorDocument(failure))
  return { kind: 'refused', status: 400, why: badChange, changes: { contentType, body } }
}

/** RFC 2387: the root is the document, the other parts are what it refers to. */
function readParts(
  { contentType, body }: MimePart,
  current: PresencePublication | undefined,
  fetch: Fetch,
): PublishedState {
  const parts = parseMultipart(contentType ?? '', body)
  const root = isDocumentError(parts) ? undefined : rootPart(parts)
  if (isDocumentError(parts) || root === undefined) return { kind: 'refused', status: 400, why: badParts }
  const read = readPart(root, current, fetch, false)
  if (read.kind === 'refused') return read
  const objects: MimePart[] = []
  for (const part of parts.parts) {
    if (part === root) continue
    // RFC 4483 §5: what is not here is left to those who are told of it.
    objects.push(fetch(part) ?? part)
  }
  const replaced = new Set(objects.map(({ contentId }) => contentId))
  return { ...read, objects: [...read.objects.filter(({ contentId }) => !replaced.has(contentId)), ...objects] }
}

/** RFC 4483: the state stands elsewhere. */
function readElsewhere(part: MimePart, current: PresencePublication | undefined, fetch: Fetch): PublishedState {
  const object = fetch(part)
  if (object === undefined) return { kind: 'refused', status: 415, why: notFetched }
  return readPart(object, current, fetch, false)
}

/** A part, or what is fetched in its place; undefined if it can not be, or is not what was meant. */
function fetched(part: MimePart, stored: StoredObjects, turn: SipTurn): MimePart | undefined {
  const external = parseExternalBody(part)
  if (external === undefined) return part
  if (isDocumentError(external) || !Object.hasOwn(stored, external.url)) return undefined
  const { contentType, body } = stored[external.url]!
  // What is fetched is there: it does not lead elsewhere again.
  if (/^message\/external-body/i.test(contentType) || !isMeant(external, body, turn)) return undefined
  const contentId = external.contentId ?? part.contentId
  return { contentType, ...(contentId !== undefined && { contentId }), headers: [], body }
}
