/**
 * Bodies that were read lately, so that a body is parsed once however many nodes look at it, and in however many copies
 * of the message it travels. What comes out is never changed, so that sharing it cannot be noticed.
 */

import type { DocumentError, XmlDocument } from '../xml/tree.ts'
import { isDocumentError } from '../xml/tree.ts'
import { parseXml } from '../xml/xml.ts'
import type { Format } from './format.ts'
import { parseTree } from './format.ts'

/** How many texts are remembered at least, and at most twice as many. */
const remembered = 256

/** Two generations of texts: what is not asked for while a generation fills is forgotten. */
let recent = new Map<string, XmlDocument | DocumentError>()
let older = new Map<string, XmlDocument | DocumentError>()
const ofBytes = new WeakMap<Uint8Array, XmlDocument | DocumentError>()
const values = new WeakMap<XmlDocument, Map<object, unknown>>()

/** The tree of a body, or what is wrong with it; as `parseXml`, but the same tree for the same body. */
export function parseOnce(body: string | Uint8Array): XmlDocument | DocumentError {
  if (typeof body !== 'string') {
    const known = ofBytes.get(body) ?? parseXml(body)
    ofBytes.set(body, known)
    return known
  }
  const known = recent.get(body)
  if (known !== undefined) return known
  const tree = older.get(body) ?? parseXml(body)
  if (recent.size >= remembered) {
    older = recent
    recent = new Map()
  }
  recent.set(body, tree)
  return tree
}

/** The value of a body in a format, or what is wrong with it; the same value for the same body. */
export function readOnce<T extends object>(format: Format<T>, body: string | Uint8Array): T | DocumentError {
  const tree = parseOnce(body)
  if (isDocumentError(tree)) return tree
  let known = values.get(tree)
  if (known === undefined) {
    known = new Map()
    values.set(tree, known)
  }
  let value = known.get(format)
  if (value === undefined) {
    value = parseTree(tree, format.shape, body)
    known.set(format, value)
  }
  return value as T | DocumentError
}
