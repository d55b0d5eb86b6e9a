import {
  applyPidfDiff,
  type DocumentError,
  type PatchFailure,
  type PidfDiff,
  type PidfFull,
  parseOnce,
  parsePidfDiff,
  pidfDiffType,
  type XmlDocument,
} from '../documents/index.ts'
import type { Body, SipRequest } from '../sip/message.ts'

/** What a watcher knows of a presentity: the document with `<presence>` as its root, shared and never changed. */
export interface PresenceView {
  readonly kind: 'view'
  readonly document: XmlDocument
  /** The version of the last partial notification; undefined if the state came whole. */
  readonly version: number | undefined
}

/** A notification that does not follow from what the watcher knows: it needs full state. */
export interface LostTrack {
  readonly kind: 'lost'
  readonly reason: string
  /** What was known before; it may be out of date. */
  readonly before: PresenceView | undefined
}

/** RFC 3856 §6.7, RFC 5263 §4.4: what is known after a NOTIFY with a body. Only full state helps who has lost track. */
export function applyNotification(
  known: PresenceView | LostTrack | undefined,
  request: SipRequest,
): PresenceView | LostTrack {
  const isPartial = request.headers.contentType?.value.toLowerCase() === pidfDiffType
  const content = isPartial ? readPartial(request.body) : parseOnce(request.body)
  switch (content.kind) {
    case 'document-error':
      return lost(known, content.reason)
    case 'document':
      return remembered(views, content, (document) => ({ kind: 'view', document, version: undefined }))
    case 'pidf-full':
      return remembered(views, content.document, (document) => ({ kind: 'view', document, version: content.version }))
    case 'pidf-diff':
      return known?.kind === 'lost' ? known : applyChange(known, content)
  }
}

/** RFC 5263 §4.4: a change applies to the version before it, and to no other. */
function applyChange(view: PresenceView | undefined, change: PidfDiff): PresenceView | LostTrack {
  if (view?.version === undefined) return lost(view, 'a change came before the full state')
  if (change.version === undefined || change.version <= view.version) return view
  if (change.version > view.version + 1)
    return lost(view, `version ${change.version} came after version ${view.version}`)
  const document = patched(view.document, change)
  if (document.kind === 'patch-failure') return lost(view, document.phrase)
  return { kind: 'view', document, version: change.version }
}

const lost = (known: PresenceView | LostTrack | undefined, reason: string): LostTrack =>
  known?.kind === 'lost' ? known : { kind: 'lost', reason, before: known }

/** What was made of documents lately: however many watchers get the same document, it is made once. */
const partial = new Map<XmlDocument, PidfFull | PidfDiff | DocumentError>()
const changes = new Map<PidfDiff, { readonly from: XmlDocument; readonly to: XmlDocument | PatchFailure }>()
const views = new Map<XmlDocument, PresenceView>()
const kept = 64

/** A partial document; like its tree, it is read once for each body. */
function readPartial(body: Body): PidfFull | PidfDiff | DocumentError {
  const tree = parseOnce(body)
  return tree.kind === 'document' ? remembered(partial, tree, parsePidfDiff) : tree
}

function patched(from: XmlDocument, change: PidfDiff): XmlDocument | PatchFailure {
  const before = changes.get(change)
  if (before !== undefined && before.from === from) return before.to
  const to = applyPidfDiff(from, change)
  makeRoom(changes)
  changes.set(change, { from, to })
  return to
}

function remembered<K, V>(memory: Map<K, V>, key: K, make: (key: K) => V): V {
  const known = memory.get(key)
  if (known !== undefined) return known
  const made = make(key)
  makeRoom(memory)
  memory.set(key, made)
  return made
}

function makeRoom<K>(memory: Map<K, unknown>): void {
  if (memory.size < kept) return
  for (const oldest of memory.keys()) {
    memory.delete(oldest)
    return
  }
}
