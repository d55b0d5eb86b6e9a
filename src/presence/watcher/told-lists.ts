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
import { carriesList, rlmiType } from './list-view.ts'

/** A list that was told: its RLMI document, and the message of several parts of which that is the root. */
export interface ToldList {
  readonly rlmi: Rlmi
  readonly multipart: Multipart
}

/** What a NOTIFY tells of a list; undefined if it is about something else; a sentence if it cannot be read. */
export function listIn(notify: SipRequest): ToldList | string | undefined {
  if (!carriesList(notify)) return undefined
  return listOf({ contentType: notify.headers.text('contentType')!, headers: [], body: notify.body })
}

function listOf({ contentType = '', body }: MimePart): ToldList | string {
  const multipart = parseMultipart(contentType, body)
  if (isDocumentError(multipart)) return `its parts cannot be read: ${multipart.reason}`
  const root = rootPart(multipart)
  if (root === undefined) return 'the part that is to be the root is missing'
  const rlmi = parseRlmi(root.body)
  return isDocumentError(rlmi) ? `its RLMI cannot be read: ${rlmi.reason}` : { rlmi, multipart }
}

/** The list that a part of another one is; undefined if it is no list. */
export function innerList(part: MimePart): ToldList | string | undefined {
  const type = parseContentType(part.contentType ?? '')
  if (type?.type !== 'multipart/related' || type.parameters.type?.toLowerCase() !== rlmiType) return undefined
  return listOf(part)
}

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
