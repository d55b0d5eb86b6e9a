import {
  applyPidfDiff,
  type DocumentError,
  type ExternalBody,
  type MimePart,
  type PatchFailure,
  type PidfDiff,
  type PidfFull,
  parseContentType,
  parseExternalBody,
  parseMultipart,
  parseOnce,
  parsePidfDiff,
  pidfDiffType,
  rootPart,
  type XmlDocument,
} from '../../documents/index.ts'
import type { Body, SipRequest } from '../../sip/message.ts'
import type { ListView } from './list-view.ts'
import type { WatcherinfoView } from './winfo-view.ts'
import type { XcapView } from './xcap-view.ts'

/** What a watcher knows of a presentity: the document with `<presence>` as its root, shared and never changed. */
export interface PresenceView {
  readonly kind: 'view'
  readonly document: XmlDocument
  /** The version of the last partial notification; undefined if the state came whole. */
  readonly version: number | undefined
  /** What came beside the document, to which it refers by `cid:` (§5.3.2.2); not there if it came alone. */
  readonly objects?: readonly MimePart[]
}

/** A document that is elsewhere and has to be fetched (RFC 4483). */
export interface PresenceReference {
  readonly kind: 'reference'
  readonly body: ExternalBody
  /** What was known before. */
  readonly before: PresenceView | undefined
}

/** A notification that does not follow from what the watcher knows: it needs full state. */
export interface LostTrack {
  readonly kind: 'lost'
  readonly reason: string
  /** What was known before; it may be out of date. */
  readonly before: PresenceView | WatcherinfoView | XcapView | ListView | undefined
}

/** What is known of a presentity. */
export type PresenceKnown = PresenceView | PresenceReference | LostTrack

/** RFC 3856 §6.7, RFC 5263 §4.4: what is known after a NOTIFY with a body. Only full state helps who has lost track. */
export function applyNotification(known: PresenceKnown | undefined, request: SipRequest): PresenceKnown {
  const media = request.headers.contentType?.value.toLowerCase() ?? ''
  if (!media.startsWith('multipart/') && media !== externalType) return applyDocument(known, media, request.body)
  const contentType = request.headers.text('contentType')!
  const alone: MimePart = { contentType, headers: [], body: request.body }
  if (media === externalType) return applyPart(known, alone)
  const parts = parseMultipart(contentType, request.body)
  if (parts.kind === 'document-error') return lost(known, parts.reason)
  const root = rootPart(parts)
  if (root === undefined) return lost(known, 'the part that is to be the root is missing')
  const applied = applyPart(known, root)
  if (applied.kind !== 'view') return applied
  return { ...applied, objects: parts.parts.filter((part) => part !== root) }
}

const externalType = 'message/external-body'

/** RFC 4483 §5: a part that is the document, or says where it is. */
export function applyPart(known: PresenceKnown | undefined, part: MimePart): PresenceKnown {
  const body = parseExternalBody(part)
  if (body === undefined) return applyDocument(known, parseContentType(part.contentType ?? '')?.type ?? '', part.body)
  if (body.kind === 'document-error') return lost(known, body.reason)
  return { kind: 'reference', body, before: viewIn(known) }
}

function applyDocument(known: PresenceKnown | undefined, media: string, body: Body): PresenceKnown {
  const content = media === pidfDiffType ? readPartial(body) : parseOnce(body)
  switch (content.kind) {
    case 'document-error':
      return lost(known, content.reason)
    case 'document':
      return remembered(views, content, (document) => ({ kind: 'view', document, version: undefined }))
    case 'pidf-full':
      return remembered(views, content.document, (document) => ({ kind: 'view', document, version: content.version }))
    case 'pidf-diff':
      return known?.kind === 'lost' ? known : applyChange(viewIn(known), content)
  }
}

/** The last view there was. */
function viewIn(known: PresenceKnown | undefined): PresenceView | undefined {
  if (known === undefined || known.kind === 'view') return known
  return known.before as PresenceView | undefined
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

const lost = (known: PresenceKnown | undefined, reason: string): LostTrack =>
  known?.kind === 'lost' ? known : { kind: 'lost', reason, before: viewIn(known) }

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
