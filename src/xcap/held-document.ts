import {
  type Format,
  isDocumentError,
  type PrintedElements,
  parseOnce,
  printXml,
  readStrictly,
  type XmlDocument,
  type XmlElement,
} from '../documents/index.ts'
import type { HttpBody } from '../http/message.ts'
import type { StoredDocument } from './document-store.ts'

/** What is known of a stored document besides its text. */
interface HeldDocument {
  readonly tree: XmlDocument | undefined
  /** The texts of its elements, as far as they were printed. */
  readonly printed: PrintedElements
  /** White space behind the root element, which is in no tree. */
  readonly end: string
  /** Whether the text is what printing the tree gives, and not as a client wrote it. */
  readonly isPrinted: boolean
}

/** An element in the place of another, and its text there. */
export interface Replacement {
  readonly old: XmlElement
  readonly element: XmlElement
  readonly text: string
}

/** Stored documents never change, so that what was made of one holds for as long as it exists. */
const held = new WeakMap<StoredDocument, HeldDocument>()

function heldOf(document: StoredDocument): HeldDocument {
  let known = held.get(document)
  if (known === undefined) {
    const tree = parseOnce(document.body)
    const end = endOf(document.body)
    known = { tree: isDocumentError(tree) ? undefined : tree, printed: new WeakMap(), end, isPrinted: false }
    held.set(document, known)
  }
  return known
}

function endOf(body: HttpBody): string {
  return typeof body === 'string' ? /\s*$/.exec(body.slice(-80))![0] : ''
}

/** The tree of a stored document; undefined if it is not XML. It is parsed once. */
export function treeOf(document: StoredDocument): XmlDocument | undefined {
  return heldOf(document).tree
}

/** The value of a stored document in a format; undefined if it is none. Such a value is read once. */
export function readStored<T extends object>(document: StoredDocument, format: Format<T>): T | undefined {
  const tree = treeOf(document)
  const value = tree === undefined ? undefined : readStrictly(format, tree)
  return value === undefined || isDocumentError(value) ? undefined : value
}

/** The text of a tree that was made from a stored document by changing some of its nodes. */
export function printChanged(tree: XmlDocument, from: StoredDocument, replacement?: Replacement): string {
  const { printed, end } = heldOf(from)
  const spliced = replacement === undefined ? undefined : spliceText(from, replacement)
  return spliced ?? printXml(tree, printed) + end
}

/** The text with one element replaced; undefined if the text does not say for sure where that element stands. */
function spliceText(from: StoredDocument, { old, element, text }: Replacement): string | undefined {
  const { printed, isPrinted } = heldOf(from)
  const before = printed.get(old)
  if (!isPrinted || before === undefined || typeof from.body !== 'string') return undefined
  const at = from.body.indexOf(before)
  if (at < 0 || from.body.indexOf(before, at + 1) >= 0) return undefined
  printed.set(element, text)
  return from.body.slice(0, at) + text + from.body.slice(at + before.length)
}

/** Keeps a tree with the document that was stored for it, and what was printed with the one that it was made from. */
export function hold(document: StoredDocument, tree: XmlDocument, from?: StoredDocument): void {
  const known = from === undefined ? { printed: new WeakMap(), end: endOf(document.body) } : heldOf(from)
  held.set(document, { ...known, tree, isPrinted: from !== undefined })
}
