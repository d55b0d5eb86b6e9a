/**
 * Changes of XCAP documents (RFC 5874): which documents, elements and attributes changed, and how.
 */

import { diffTrees, freePrefix } from './patch/diff.ts'
import { operationShapes } from './patch/patch-operation.ts'
import { choice, empty, isOther, otherElements } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Part, Vocabulary } from './shape/shape.ts'
import {
  checkLax,
  complain,
  content,
  kind,
  optional,
  otherAttributes,
  required,
  shape,
  written,
} from './shape/shape.ts'
import { boolean, text, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import { withDeclarations } from './xml/print.ts'
import type { DocumentError, NamespaceScope, XmlAttribute, XmlDocument, XmlElement, XmlNode } from './xml/tree.ts'
import {
  attribute,
  declaration,
  declaredPrefix,
  isDeclaration,
  isDocumentError,
  isElement,
  scopeWithin,
} from './xml/tree.ts'
import { parseXml } from './xml/xml.ts'

/** RFC 5874 §4: what changed below an XCAP root. */
export interface XcapDiff {
  readonly kind: 'xcap-diff'
  /** The XCAP root, by its URI. */
  readonly root: string
  readonly changes: readonly XcapChange[]
  /** Elements of other namespaces. */
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

/** A change of a document, of an element or of an attribute. */
export type XcapChange = DocumentChange | ElementChange | AttributeChange

/** RFC 5874 §4: with a new entity-tag only it was created, with a previous one only deleted, with both changed. */
export interface DocumentChange {
  readonly kind: 'document'
  /** The document selector, below the XCAP root. */
  readonly sel: string
  readonly newEtag?: string
  readonly previousEtag?: string
  /** Patch operations with all their prefixes declared; that the body is the same; nothing if it is not said. */
  readonly body?: 'not-changed' | readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

/** RFC 5874 §4: an element, as it is now. */
export interface ElementChange {
  readonly kind: 'element'
  /** The node selector. */
  readonly sel: string
  /** What the prefixes of the selector stand for. */
  readonly prefixes?: Readonly<Record<string, string>>
  /** Whether the element is there; it is, if nothing is said. */
  readonly exists?: boolean
  /** The element, and white space around it. */
  readonly content: readonly XmlNode[]
  readonly attributes?: readonly XmlAttribute[]
}

/** RFC 5874 §4: an attribute, as it is now. */
export interface AttributeChange {
  readonly kind: 'attribute'
  readonly sel: string
  readonly prefixes?: Readonly<Record<string, string>>
  readonly exists?: boolean
  readonly value: string
  readonly attributes?: readonly XmlAttribute[]
}

const changes: Vocabulary = { prefix: '', namespace: namespaces.xcapDiff, clause: 'RFC 5874 §4' }

const notChanged = empty(changes, 'body-not-changed')
const patch = operationShapes(changes, otherAttributes())

/** `<body-not-changed>`, or operations and foreign elements, or nothing. */
const body: Part<'not-changed' | readonly XmlElement[]> = {
  read: (taking, reading) => {
    const first = taking.children[0]
    if (first === undefined) return undefined
    if (first.name === 'body-not-changed' && first.namespace === changes.namespace) {
      taking.taken = 1
      notChanged.read(first, reading)
      return 'not-changed'
    }
    const found: XmlElement[] = []
    for (; taking.taken < taking.children.length; taking.taken++) {
      const child = taking.children[taking.taken]!
      const of = patch.find((each) => each.name === child.name && child.namespace === changes.namespace)
      if (of === undefined && !isOther(child, changes)) break
      if (of === undefined) checkLax(child, reading)
      found.push(of === undefined ? child : of.read(child, reading))
    }
    return found
  },
  write: (value, making) => {
    if (value === 'not-changed') making.children.push(notChanged.write(true))
    else making.children.push(...value)
  },
}

/** One element at most, with text around it. */
const anyNodes: Part<readonly XmlNode[]> = {
  text: true,
  read: (taking, reading) => {
    if (taking.children.length > 1) {
      complain(reading, taking.element, changes, `${written(taking.element)} shows one element`)
    }
    for (const child of taking.children) checkLax(child, reading)
    taking.taken = taking.children.length
    return taking.element.children
  },
  write: (nodes, making) => {
    making.children.push(...nodes)
  },
}

/** The declarations of the prefixes that the selector uses. */
const prefixes: Part<Readonly<Record<string, string>>> = {
  read: ({ element }) => {
    const found: Record<string, string> = {}
    for (const each of usedPrefixes(element)) found[declaredPrefix(each)] = each.value
    return Object.keys(found).length === 0 ? undefined : found
  },
  write: (value, making) => {
    for (const [prefix, namespace] of Object.entries(value)) making.attributes.push(declaration(prefix, namespace))
  },
}

function usedPrefixes(element: XmlElement): XmlAttribute[] {
  const sel = attribute(element, 'sel') ?? ''
  const uses = (prefix: string) => prefix !== '' && [`/${prefix}:`, `@${prefix}:`].some((each) => sel.includes(each))
  return element.attributes.filter((each) => isDeclaration(each) && uses(declaredPrefix(each)))
}

const changeShapes = {
  document: shape<DocumentChange>(changes, 'document', {
    kind: kind('document'),
    sel: required('sel', uri),
    newEtag: optional('new-etag', text),
    previousEtag: optional('previous-etag', text),
    attributes: otherAttributes('sel', 'new-etag', 'previous-etag'),
    body,
  }),
  element: shape<ElementChange>(changes, 'element', {
    kind: kind('element'),
    sel: required('sel', text),
    prefixes,
    exists: optional('exists', boolean),
    attributes: otherAttributes('sel', 'exists'),
    content: anyNodes,
  }),
  attribute: shape<AttributeChange>(changes, 'attribute', {
    kind: kind('attribute'),
    sel: required('sel', text),
    prefixes,
    exists: optional('exists', boolean),
    attributes: otherAttributes('sel', 'exists'),
    value: content(text),
  }),
}

const whole: Format<XcapDiff> = format(
  'application/xcap-diff+xml',
  shape<XcapDiff>(changes, 'xcap-diff', {
    kind: kind('xcap-diff'),
    root: required('xcap-root', uri),
    attributes: otherAttributes('xcap-root'),
    changes: choice<XcapChange>(() => changeShapes),
    others: otherElements,
  }),
)

/** `application/xcap-diff+xml` (RFC 5874). */
export const xcapDiffFormat: Format<XcapDiff> = { ...whole, parse: parseXcapDiff }

/** The changes in a text or a tree, or what is wrong with them. */
export function parseXcapDiff(input: string | Uint8Array | XmlDocument): XcapDiff | DocumentError {
  const tree = typeof input === 'string' || input instanceof Uint8Array ? parseXml(input) : input
  if (isDocumentError(tree)) return tree
  const error = whole.parse(input)
  return isDocumentError(error) ? error : (whole.parse({ ...tree, root: selfContained(tree.root) }) as XcapDiff)
}

/**
 * The operations that make one version of a document out of another, as the body of a `DocumentChange`: each declares
 * the prefixes that its selector uses.
 */
export function changeOperations(from: XmlDocument, to: XmlDocument): readonly XmlElement[] {
  const plan = diffTrees(from, to)
  const name = { prefix: freePrefix(plan), namespace: changes.namespace }
  const declarations = [...plan.prefixes]
    .filter(([, uri]) => uri !== '')
    .map(([prefix, uri]) => declaration(prefix, uri))
  return plan.operations.map((each) =>
    withDeclarations({ ...each, ...name, attributes: [...declarations, ...each.attributes] }),
  )
}

/** The text of changes. */
export const printXcapDiff = xcapDiffFormat.print

/** The selectors of the operations use prefixes, so each operation declares those that are in scope. */
function selfContained(root: XmlElement): XmlElement {
  const outer = scopeWithin(root, undefined)
  const children = root.children.map((child) => {
    if (!isElement(child, undefined, changes.namespace)) return child
    if (child.name !== 'document') return withScope(child, outer)
    const scope = scopeWithin(child, outer)
    const inner = child.children.map((each) => (isElement(each) ? withScope(each, scope) : each))
    return { ...child, children: inner }
  })
  return { ...root, children }
}

function withScope(element: XmlElement, scope: NamespaceScope | undefined): XmlElement {
  const known = new Set(element.attributes.filter(isDeclaration).map(declaredPrefix))
  const added: XmlAttribute[] = []
  for (let link = scope; link !== undefined; link = link.outer) {
    if (known.has(link.prefix)) continue
    known.add(link.prefix)
    added.push(declaration(link.prefix, link.namespace))
  }
  return added.length === 0 ? element : { ...element, attributes: [...added, ...element.attributes] }
}
