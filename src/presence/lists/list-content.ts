/**
 * The body of a notification about a list (RFC 4662 §5): RLMI as the root, and beside it what each member has told.
 */
import {
  type MimePart,
  type Note,
  pidfDiffType,
  pidfFull,
  printMultipart,
  printRlmi,
  printXml,
  type RlmiInstance,
  type RlmiResource,
  related,
} from '../../documents/index.ts'
import type { Body } from '../../sip/message.ts'
import type { ListView } from '../watcher/list-view.ts'
import type { PresenceKnown } from '../watcher/presence-view.ts'
import { rlmiType } from '../watcher/told-lists.ts'
import type { Member, MemberContent } from './resource-list-state.ts'

/** A list at one moment, as it is told. */
export interface ToldList {
  readonly uri: string
  readonly version: number
  readonly fullState: boolean
  readonly names: readonly Note[]
  readonly resources: readonly ToldResource[]
}

/** A resource of it, and what its instances carry. */
export interface ToldResource {
  readonly uri: string
  readonly names: readonly Note[]
  readonly instances: readonly (Omit<RlmiInstance, 'cid' | 'others'> & {
    readonly content: MemberContent | undefined
  })[]
}

/** A body with its content type. */
export interface ListBody {
  readonly contentType: string
  readonly body: Body
}

/** The parts of a list; their Content-IDs end in `mark`, which no other message has. */
export function listBody({ resources, ...list }: ToldList, mark: string): ListBody {
  const parts: MimePart[] = []
  const told = resources.map(({ uri, names, instances }): RlmiResource => {
    const all = instances.map(({ content, ...instance }): RlmiInstance => {
      if (content === undefined) return { ...instance, others: [] }
      const contentId = `${parts.length + 1}.${mark}`
      parts.push({ contentType: content.contentType, contentId, headers: [binary], body: content.body })
      return { ...instance, cid: contentId, others: [] }
    })
    return { uri, names, instances: all }
  })
  const root: MimePart = {
    contentType: `${rlmiType};charset="UTF-8"`,
    contentId: `0.${mark}`,
    headers: [binary],
    body: printRlmi({ kind: 'list', ...list, resources: told }),
  }
  return printMultipart(related([root, ...parts], root.contentId, rlmiType))
}

/** RFC 4662 §5.6 shows each part so: it goes as it is. */
const binary = { name: 'Content-Transfer-Encoding', value: 'binary' }

/**
 * What is told of a member: its last body, or, if that is only a change of a state that the watcher of the list has not
 * got, the whole state.
 */
export function contentOf(
  { content, news }: Member,
  known: PresenceKnown | ListView | undefined,
  isFull: boolean,
  mark: string,
): MemberContent | undefined {
  if (content === undefined || (news <= 1 && !isFull) || known === undefined) return content
  return wholeOf(known, content, mark)
}

function wholeOf(known: PresenceKnown | ListView, content: MemberContent, mark: string): MemberContent {
  if (known.kind === 'list') return listBody(toldOf(known, mark), mark)
  if (known.kind !== 'view' || known.version === undefined) return content
  return { contentType: pidfDiffType, body: pidfFull(known.document, known.version) }
}

/** A list that is a member of another, whole. */
function toldOf({ uri, version, names, resources }: ListView, mark: string): ToldList {
  return {
    uri,
    version,
    fullState: true,
    names,
    resources: resources.map((one, i) => ({
      uri: one.uri,
      names: one.names,
      instances: one.instances.map(({ known, ...instance }, j) => ({
        ...instance,
        content: known && innerContent(known, `${i + 1}.${j + 1}.${mark}`),
      })),
    })),
  }
}

function innerContent(known: PresenceKnown | ListView, mark: string): MemberContent | undefined {
  if (known.kind === 'list') return listBody(toldOf(known, mark), mark)
  if (known.kind !== 'view') return undefined
  if (known.version !== undefined) return { contentType: pidfDiffType, body: pidfFull(known.document, known.version) }
  return { contentType: 'application/pidf+xml', body: printXml(known.document) }
}
