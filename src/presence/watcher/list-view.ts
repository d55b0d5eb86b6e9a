import {
  type MimePart,
  type Multipart,
  type Note,
  partOf,
  type Rlmi,
  type RlmiInstance,
  type RlmiResource,
} from '../../documents/index.ts'
import type { SipRequest } from '../../sip/message.ts'
import { applyPart, type LostTrack, type PresenceKnown } from './presence-view.ts'
import { isListPart, readList } from './told-lists.ts'

/** What a watcher knows of a list (RFC 4662). */
export interface ListView {
  readonly kind: 'list'
  readonly uri: string
  /** The version of the last RLMI document. */
  readonly version: number
  readonly names: readonly Note[]
  readonly resources: readonly ListedResource[]
}

/** What is known of a resource of a list; without instances nothing is. */
export interface ListedResource {
  readonly uri: string
  readonly names: readonly Note[]
  readonly instances: readonly ListedInstance[]
}

/** A subscription to a resource, and what it has told: presence, or the state of a list. */
export interface ListedInstance {
  readonly id: string
  readonly state: RlmiInstance['state']
  readonly reason?: string
  readonly known: PresenceKnown | ListView | undefined
}

/** RFC 4662 §4.6: what is known of a list after a NOTIFY. Only full state helps who has lost track. */
export function applyListNotification(
  known: ListView | LostTrack | undefined,
  request: SipRequest,
): ListView | LostTrack {
  return applyList(known, request.headers.text('contentType')!, request.body)
}

function applyList(known: ListView | LostTrack | undefined, contentType: string, body: MimePart['body']) {
  const before = known?.kind === 'lost' ? (known.before as ListView | undefined) : known
  const lost = (reason: string): LostTrack => (known?.kind === 'lost' ? known : { kind: 'lost', reason, before })
  const told = readList(contentType, body)
  if (told.kind === 'unreadable') return lost(told.reason)
  const { rlmi, multipart } = told
  if (!rlmi.fullState) {
    if (known?.kind === 'lost') return known
    if (before === undefined) return lost('a change came before the full state')
    if (rlmi.version <= before.version) return before
    if (rlmi.version > before.version + 1) return lost(`version ${rlmi.version} came after version ${before.version}`)
  }
  return merged(before, rlmi, multipart)
}

/** RFC 4662 §5.2: full state is all there is; what a partial one names takes the place of what was known of it. */
function merged(before: ListView | undefined, rlmi: Rlmi, parts: Multipart): ListView | LostTrack {
  const old = new Map(before?.resources.map((one) => [one.uri, one] as const))
  const told = rlmi.resources.map((one) => resourceOf(old.get(one.uri), one, parts))
  const problem = told.flatMap(({ instances }) => instances).find(({ known }) => known?.kind === 'lost')
  if (problem !== undefined) return { kind: 'lost', reason: (problem.known as LostTrack).reason, before }
  const fresh = new Map(told.map((one) => [one.uri, one] as const))
  const kept = rlmi.fullState ? [] : (before?.resources ?? [])
  const resources = kept.map((one) => fresh.get(one.uri) ?? one)
  for (const [uri, one] of fresh) if (rlmi.fullState || !old.has(uri)) resources.push(one)
  const names = rlmi.fullState || rlmi.names.length > 0 ? rlmi.names : before!.names
  return { kind: 'list', uri: rlmi.uri, version: rlmi.version, names, resources }
}

function resourceOf(before: ListedResource | undefined, told: RlmiResource, parts: Multipart): ListedResource {
  const instances = told.instances.map(({ id, state, reason, cid }): ListedInstance => {
    const known = before?.instances.find((one) => one.id === id)?.known
    const instance = { id, state, ...(reason !== undefined && { reason }) }
    if (cid === undefined) return { ...instance, known: state === 'terminated' ? undefined : known }
    const part = partOf(parts, cid)
    if (part === undefined)
      return { ...instance, known: { kind: 'lost', reason: `no part is ${cid}`, before: undefined } }
    return { ...instance, known: applyMember(known, part) }
  })
  return { uri: told.uri, names: told.names, instances }
}

/** A part about a resource, which may be a list in its turn. */
function applyMember(known: PresenceKnown | ListView | undefined, part: MimePart): PresenceKnown | ListView {
  if (isListPart(part)) return applyList(known?.kind === 'list' ? known : undefined, part.contentType!, part.body)
  return applyPart(known?.kind === 'list' ? undefined : known, part)
}
