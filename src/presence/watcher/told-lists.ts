/** Notifications about lists (RFC 4662 §5), taken apart. */
import {
  isDocumentError,
  type MimePart,
  type Multipart,
  parseContentType,
  parseMultipart,
  parseRlmi,
  partOf,
  type Rlmi,
  rootPart,
} from '../../documents/index.ts'
import type { SipRequest } from '../../sip/message.ts'

/** The media type of the root of such a notification. */
export const rlmiType = 'application/rlmi+xml'

/** RFC 4662 §5: true of a request that carries the state of a list. */
export function carriesList({ headers }: SipRequest): boolean {
  const { contentType } = headers
  return contentType?.value.toLowerCase() === 'multipart/related' && isList(contentType.params.type)
}

/** RFC 4662 §5.3: true of a part that is a list in its turn. */
export function isListPart({ contentType = '' }: MimePart): boolean {
  const type = parseContentType(contentType)
  return type?.type === 'multipart/related' && isList(type.parameters.type)
}

/** The type in the parameter of a content type, quoted or not. */
const isList = (type: string | true | undefined): boolean =>
  typeof type === 'string' && type.replaceAll('"', '').toLowerCase() === rlmiType

/** A list that was told: its RLMI document, and the message of several parts of which that is the root. */
export interface ToldList {
  readonly kind: 'told'
  readonly rlmi: Rlmi
  readonly multipart: Multipart
}

/** Why what should tell of a list does not, and which of its documents can not be read. */
export interface UnreadableList {
  readonly kind: 'unreadable'
  readonly what?: 'parts' | 'RLMI'
  readonly reason: string
}

/** RFC 4662 §5: the list that a body of several parts tells of. */
export function readList(contentType: string, body: MimePart['body']): ToldList | UnreadableList {
  const multipart = parseMultipart(contentType, body)
  if (isDocumentError(multipart)) return { kind: 'unreadable', what: 'parts', reason: multipart.reason }
  const root = rootPart(multipart)
  if (root === undefined) return { kind: 'unreadable', reason: 'the part that is to be the root is missing' }
  const rlmi = parseRlmi(root.body)
  if (isDocumentError(rlmi)) return { kind: 'unreadable', what: 'RLMI', reason: rlmi.reason }
  return { kind: 'told', rlmi, multipart }
}

/** What a NOTIFY tells of a list; undefined if it is about something else; a sentence if it cannot be read. */
export const listIn = (notify: SipRequest): ToldList | string | undefined =>
  carriesList(notify) ? listOf(notify.headers.text('contentType')!, notify.body) : undefined

function listOf(contentType: string, body: MimePart['body']): ToldList | string {
  const read = readList(contentType, body)
  if (read.kind === 'told') return read
  return read.what === undefined ? read.reason : `its ${read.what} cannot be read: ${read.reason}`
}

/** The list that a part of another one is; undefined if it is no list. */
export const innerList = (part: MimePart): ToldList | string | undefined =>
  isListPart(part) ? listOf(part.contentType!, part.body) : undefined

/** What was told of one resource: the part that its instance refers to, itself no list. */
export interface ToldState {
  readonly uri: string
  /** The state of the subscription behind the list, and why it ended. */
  readonly state: Rlmi['resources'][number]['instances'][number]['state']
  readonly reason: string | undefined
  readonly part: MimePart
}

/** What is told of all resources of a list, and of those of the lists in it. */
export function statesIn({ rlmi, multipart }: ToldList): ToldState[] {
  return rlmi.resources.flatMap(({ uri, instances }) =>
    instances.flatMap(({ cid, state, reason }): ToldState[] => {
      const part = cid === undefined ? undefined : partOf(multipart, cid)
      if (part === undefined) return []
      const inner = innerList(part)
      if (typeof inner === 'object') return statesIn(inner)
      return [{ uri: uri.toLowerCase(), state, reason, part }]
    }),
  )
}
