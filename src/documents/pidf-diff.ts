/**
 * Partial presence (RFC 5262): the whole document as `pidf-full`, what changed in it as `pidf-diff`.
 *
 * Operations select by `*`, `presence` or the name of the root; the document they apply to has `<presence>` as its root
 * here, whatever root it came with, because that is how the examples of RFC 5262 to 5264 address it.
 */

import { diffTrees, freePrefix, patchDocument } from './patch/diff.ts'
import { formatFailure, patchTree } from './patch/patch.ts'
import type { PatchFailure } from './patch/patch-error.ts'
import { operations } from './patch/patch-operation.ts'
import type { Presence } from './pidf.ts'
import { parsePresence, pidfFormat, presenceParts } from './pidf.ts'
import type { Vocabulary } from './shape/shape.ts'
import { optional, shape } from './shape/shape.ts'
import { unsignedInt, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import { printXml, withDeclarations } from './xml/print.ts'
import type { DocumentError, XmlAttribute, XmlDocument, XmlElement } from './xml/tree.ts'
import { attribute, isDocumentError, plainAttribute } from './xml/tree.ts'
import { parseXml } from './xml/xml.ts'

const partial: Vocabulary = { prefix: 'p', namespace: namespaces.pidfDiff, clause: 'RFC 5262 §7' }

/** The shape of `<pidf-full>`, whose content is that of `<presence>`. */
export const pidfFullShape = shape<Omit<Presence, 'kind'> & { readonly version?: number }>(
  partial,
  'pidf-full',
  { version: optional('version', unsignedInt), ...presenceParts },
  pidfFormat.shape.vocabulary,
)

/** The shape of `<pidf-diff>`, with its operations as elements. */
export const pidfDiffShape = shape<
  Omit<PidfDiff, 'kind' | 'document'> & { readonly operations: readonly XmlElement[] }
>(partial, 'pidf-diff', {
  entity: optional('entity', uri),
  version: optional('version', unsignedInt),
  operations: operations(partial),
})

/** The MIME type of both documents of RFC 5262. */
export const pidfDiffType = 'application/pidf-diff+xml'

/** RFC 5262 §4.1: the whole of a presence document. */
export interface PidfFull {
  readonly kind: 'pidf-full'
  /** The number of the notification in its subscription; there is none in a publication. */
  readonly version?: number
  /** The document with `<presence>` as its root, as `applyPidfDiff` takes it. */
  readonly document: XmlDocument
}

/** RFC 5262 §4.2: what changed in a presence document. */
export interface PidfDiff {
  readonly kind: 'pidf-diff'
  readonly version?: number
  readonly entity?: string
  /** The patch document. */
  readonly document: XmlDocument
}

/** A presence document as a value, a tree or a text. */
export type PresenceDocument = Presence | XmlDocument | string

/** The tree of a presence document with `<presence>` as its root. Throws a RangeError for a text that is none. */
export function presenceTree(document: PresenceDocument): XmlDocument {
  if (typeof document !== 'string' && document.kind === 'presence') return pidfFormat.tree(document)
  const tree = typeof document === 'string' ? parseXml(document) : document
  if (isDocumentError(tree)) throw new RangeError(tree.reason)
  return tree.root.namespace === namespaces.pidfDiff ? withPresenceRoot(tree) : tree
}

function withPresenceRoot(tree: XmlDocument): XmlDocument {
  const { root } = tree
  const prefix = root.children.find((child) => typeof child === 'object' && isPidf(child))
  const attributes = root.attributes.filter((each) => each.namespace !== '' || each.name !== 'version')
  const name = {
    prefix: (prefix as XmlElement | undefined)?.prefix ?? '',
    namespace: namespaces.pidf,
    name: 'presence',
  }
  return { ...tree, root: withDeclarations({ ...root, ...name, attributes }) }
}

function isPidf(node: object): boolean {
  return 'namespace' in node && node.namespace === namespaces.pidf
}

/** The text of `<pidf-full>` (RFC 5262 §4.1), with a version in a notification and without in a publication. */
export function pidfFull(document: PresenceDocument, version?: number): string {
  const tree = presenceTree(document)
  const { root } = tree
  const prefix = unusedPrefix(root)
  const attributes = [...root.attributes, ...versionAttribute(version)]
  const full = { ...root, prefix, namespace: namespaces.pidfDiff, name: 'pidf-full', attributes }
  return printXml({ ...tree, root: withDeclarations(full) })
}

function unusedPrefix(root: XmlElement): string {
  let prefix = 'p'
  while (root.attributes.some((each) => each.prefix === 'xmlns' && each.name === prefix)) prefix += 'p'
  return prefix
}

function versionAttribute(version: number | undefined): XmlAttribute[] {
  return version === undefined ? [] : [plainAttribute('version', String(version))]
}

/** The text of the `<pidf-diff>` (RFC 5262 §4.2) that makes one presence document out of another. */
export function pidfDiff(from: PresenceDocument, to: PresenceDocument, version?: number): string {
  const before = presenceTree(from)
  const after = presenceTree(to)
  const plan = diffTrees(before, after)
  const entity = attribute(after.root, 'entity')
  const root: XmlElement = {
    kind: 'element',
    prefix: freePrefix(plan),
    namespace: namespaces.pidfDiff,
    name: 'pidf-diff',
    attributes: [...(entity === undefined ? [] : [plainAttribute('entity', entity)]), ...versionAttribute(version)],
    children: [],
  }
  return printXml(patchDocument(root, plan))
}

/** A document of RFC 5262, or what is wrong with it. The patch operations are checked when they are applied. */
export function parsePidfDiff(input: string | Uint8Array | XmlDocument): PidfFull | PidfDiff | DocumentError {
  const tree = typeof input === 'string' || input instanceof Uint8Array ? parseXml(input) : input
  if (isDocumentError(tree)) return tree
  const { root } = tree
  if (root.namespace !== namespaces.pidfDiff || (root.name !== 'pidf-full' && root.name !== 'pidf-diff')) {
    return rootError(`RFC 5262 §4: the root element is <pidf-full> or <pidf-diff>, not <${root.name}>`)
  }
  const given = attribute(root, 'version')
  const version = given === undefined ? undefined : unsignedInt.parse(given)
  if (given !== undefined && version === undefined) return rootError(`RFC 5262 §7: version is ${unsignedInt.name}`)
  const entity = attribute(root, 'entity')
  if (entity !== undefined && uri.parse(entity) === undefined) return rootError(`RFC 5262 §7: entity is ${uri.name}`)
  const numbered = version === undefined ? {} : { version }
  if (root.name === 'pidf-diff') {
    return { kind: 'pidf-diff', ...numbered, ...(entity === undefined ? {} : { entity }), document: tree }
  }
  const document = withPresenceRoot(tree)
  const presence = parsePresence(document)
  return isDocumentError(presence) ? presence : { kind: 'pidf-full', ...numbered, document }
}

function rootError(reason: string): DocumentError {
  return { kind: 'document-error', reason, line: 1, column: 1, path: '' }
}

/**
 * The presence document that a `<pidf-diff>` leaves (RFC 5262 §4.2, RFC 5261), or why it cannot be applied. The result
 * is a tree, so that layout and unknown elements stay what they were; `parsePresence` gives its value. It is a valid
 * presence document, or else there is an error and the old document stays.
 */
export function applyPidfDiff(
  document: PresenceDocument,
  diff: string | Uint8Array | XmlDocument | PidfDiff,
): XmlDocument | PatchFailure {
  const patch = patchOf(diff)
  if (isDocumentError(patch)) return formatFailure(patch)
  const result = patchTree(presenceTree(document), patch)
  if (result.kind === 'patch-failure') return result
  const presence = parsePresence(result)
  return isDocumentError(presence) ? { ...formatFailure(presence), phrase: presence.reason } : result
}

function patchOf(diff: string | Uint8Array | XmlDocument | PidfDiff): XmlDocument | DocumentError {
  if (typeof diff === 'object' && 'kind' in diff && diff.kind === 'pidf-diff') return diff.document
  const parsed = parsePidfDiff(diff as string | Uint8Array | XmlDocument)
  if (isDocumentError(parsed)) return parsed
  return parsed.kind === 'pidf-diff' ? parsed.document : rootError('RFC 5262 §4.2: the root element is <pidf-diff>')
}
