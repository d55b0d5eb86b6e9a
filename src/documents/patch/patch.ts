/**
 * XML patch operations (RFC 5261): add, replace and remove, applied to a document in order, all or nothing.
 */
import { adopt, adoptedPrefix, prefixScope } from '../xml/adopt.ts'
import { replaceElement, spliceChildren } from '../xml/edit.ts'
import type { AttributePlace, DocumentPlace, ElementPlace, MarkupPlace, Place, TextPlace } from '../xml/locate.ts'
import { childrenOf, endOfText, hasIdentifiers, isText, select, textBetween } from '../xml/locate.ts'
import { namespaces } from '../xml/namespaces.ts'
import { printXml } from '../xml/print.ts'
import type { Selector } from '../xml/selector.ts'
import { parseSelector } from '../xml/selector.ts'
import type { DocumentError, NamespaceScope, XmlDocument, XmlElement, XmlNode } from '../xml/tree.ts'
import {
  attribute,
  declaration,
  declaredPrefix,
  isDeclaration,
  isDocumentError,
  isElement,
  isWhiteSpace,
  namespaceOf,
  scopeWithin,
  textOf,
} from '../xml/tree.ts'
import { parseXml } from '../xml/xml.ts'
import type { PatchErrorName, PatchFailure } from './patch-error.ts'
import { PatchError } from './patch-error.ts'

/**
 * Applies a patch document to a document, both as texts. The operations are the children of the patch's root element
 * that have the namespace of that root.
 *
 * Throws a PatchError that names the error element of RFC 5261 §5.1 if the patch is no patch or cannot be applied, and
 * a RangeError if the document itself is not well-formed.
 */
export function applyPatch(document: string, patch: string): string {
  const target = parseXml(document)
  if (isDocumentError(target)) throw new RangeError(`Line ${target.line}, column ${target.column}: ${target.reason}`)
  const patchDocument = parseXml(patch)
  if (isDocumentError(patchDocument)) throw new PatchError(formatFailure(patchDocument))
  const result = patchTree(target, patchDocument)
  if (result.kind === 'patch-failure') throw new PatchError(result)
  return printXml(result)
}

/** What is wrong with a patch document that is not well-formed. */
export function formatFailure(error: DocumentError): PatchFailure {
  const name: PatchErrorName = /ncoding/.test(error.reason)
    ? 'invalid-character-set'
    : /entity/.test(error.reason)
      ? 'invalid-entity-declaration'
      : 'invalid-diff-format'
  return failure(name, `line ${error.line}, column ${error.column}: ${error.reason}`)
}

/** Applies the operations below the root of a patch document to a document. The given document is not changed. */
export function patchTree(document: XmlDocument, patch: XmlDocument): XmlDocument | PatchFailure {
  const scope = scopeWithin(patch.root, undefined)
  const operations: XmlElement[] = []
  for (const child of patch.root.children) {
    if (isElement(child, undefined, patch.root.namespace)) operations.push(child)
    else if (typeof child === 'string' && !isWhiteSpace(child)) {
      return failure('invalid-diff-format', 'there is text between the operations')
    }
  }
  return patchWith(document, operations, scope)
}

/** More than a document could need that is not replaced as a whole. */
const mostOperations = 10_000

/** Applies operations whose prefixes are declared in a scope, and by the operations themselves. */
export function patchWith(
  document: XmlDocument,
  operations: readonly XmlElement[],
  scope: NamespaceScope | undefined,
): XmlDocument | PatchFailure {
  if (operations.length > mostOperations) {
    return failure('invalid-diff-format', `a patch has ${mostOperations} operations at most`)
  }
  let current = document
  for (const operation of operations) {
    const result = applyOperation(current, operation, scopeWithin(operation, scope))
    if (result.kind === 'patch-failure') return { ...result, operation }
    current = result
  }
  return current
}

function failure(error: PatchErrorName, phrase: string): PatchFailure {
  return { kind: 'patch-failure', error, phrase }
}

/** The attributes that each operation may have (RFC 5261 §8). */
const directives: Readonly<Record<string, readonly string[]>> = {
  add: ['sel', 'pos', 'type'],
  replace: ['sel'],
  remove: ['sel', 'ws'],
}

function applyOperation(document: XmlDocument, operation: XmlElement, scope: NamespaceScope | undefined) {
  const allowed = directives[operation.name]
  if (allowed === undefined) return failure('invalid-patch-directive', `<${operation.name}> is no patch operation`)
  const strange = operation.attributes.find((each) => each.namespace === '' && !allowed.includes(each.name))
  if (strange) return failure('invalid-patch-directive', `<${operation.name}> has no attribute ${strange.name}`)
  const place = locate(document, operation, scope)
  if (place.kind === 'patch-failure') return place
  if (operation.name === 'add') return add(place, operation, scope)
  return operation.name === 'replace' ? replace(place, operation, scope) : remove(place, operation)
}

/** The one place that `sel` leads to (RFC 5261 §4.1). */
function locate(
  document: XmlDocument,
  operation: XmlElement,
  scope: NamespaceScope | undefined,
): Exclude<Place, DocumentPlace> | PatchFailure {
  const sel = attribute(operation, 'sel')
  if (sel === undefined) return failure('invalid-diff-format', `<${operation.name}> has no attribute sel`)
  const selector = parseSelector(sel, 'patch', (prefix) => namespaceOf(prefix, scope))
  if (selector.kind === 'selector-error') {
    return failure(
      selector.cause === 'prefix' ? 'invalid-namespace-prefix' : 'invalid-attribute-value',
      selector.reason,
    )
  }
  const places = select(document, selector)
  const [place] = places
  if (place === undefined || place.kind === 'document') return notLocated(document, selector, sel)
  if (places.length > 1) return failure('unlocated-node', `${places.length} nodes are at ${sel}`)
  return place
}

function notLocated(document: XmlDocument, selector: Selector, sel: string): PatchFailure {
  if (selector.steps[0]?.test.kind === 'id' && !hasIdentifiers(document.root)) {
    return failure('unsupported-id-function', 'no attribute of the document is known to be an identifier')
  }
  return failure('unlocated-node', `there is no node at ${sel}`)
}

/** RFC 5261 §4.3. */
function add(place: Exclude<Place, DocumentPlace>, operation: XmlElement, scope: NamespaceScope | undefined) {
  const pos = attribute(operation, 'pos')
  const type = attribute(operation, 'type')
  if (type !== undefined) {
    if (pos !== undefined) return failure('invalid-patch-directive', 'pos has no meaning beside type')
    return addAttribute(place, type, operation, scope)
  }
  if (pos !== undefined && pos !== 'before' && pos !== 'after' && pos !== 'prepend') {
    return failure('invalid-attribute-value', `pos is before, after or prepend, not ${pos}`)
  }
  if (pos === 'before' || pos === 'after') return addBeside(place, pos, operation, scope)
  if (place.kind !== 'element') return failure('invalid-patch-directive', 'only an element can be given children')
  const nodes = adopt(operation.children, scope, prefixScope(place), place.element.prefix)
  const at = pos === 'prepend' ? 0 : place.element.children.length
  return spliceChildren(place, at, at, nodes)
}

function addBeside(
  place: Exclude<Place, DocumentPlace>,
  pos: 'before' | 'after',
  operation: XmlElement,
  scope: NamespaceScope | undefined,
) {
  if (place.kind === 'attribute' || place.kind === 'namespace') {
    return failure('invalid-patch-directive', 'nothing can stand beside an attribute')
  }
  const { parent } = place
  if (parent.kind === 'document') {
    const nodes = operation.children.filter((node) => typeof node !== 'string' || !isWhiteSpace(node))
    if (nodes.some((node) => isElement(node))) {
      return failure('invalid-root-element-operation', 'a document has one root element')
    }
    if (nodes.some(isText)) return failure('invalid-xml-prolog-operation', 'no text stands outside the root element')
    const at = pos === 'before' ? place.index : place.index + 1
    return spliceChildren(parent, at, at, nodes)
  }
  const at = pos === 'before' ? place.index : place.kind === 'text' ? place.end : place.index + 1
  return spliceChildren(parent, at, at, adopt(operation.children, scope, prefixScope(parent), parent.element.prefix))
}

/** RFC 5261 §4.3.2 and §4.3.3: `@name` adds an attribute, `namespace::prefix` a declaration. */
function addAttribute(
  place: Exclude<Place, DocumentPlace>,
  type: string,
  operation: XmlElement,
  scope: NamespaceScope | undefined,
) {
  if (place.kind !== 'element') return failure('invalid-patch-directive', 'only an element has attributes')
  const selector = parseSelector(type, 'patch', (prefix) => namespaceOf(prefix, scope))
  if (selector.kind === 'selector-error') {
    return failure(
      selector.cause === 'prefix' ? 'invalid-namespace-prefix' : 'invalid-attribute-value',
      selector.reason,
    )
  }
  const value = singleText(operation)
  if (value === undefined) return failure('invalid-attribute-value', 'an attribute has a text and nothing else')
  const [step] = selector.steps
  const { element } = place
  if (selector.steps.length === 1 && step?.test.kind === 'prefix') {
    return declare(place, step.test.prefix, value)
  }
  if (selector.steps.length !== 1 || step?.axis !== 'attribute' || step.test.kind !== 'name') {
    return failure('invalid-attribute-value', `type is an attribute or a namespace, not ${type}`)
  }
  const { name, namespace } = step.test
  if (attribute(element, name, namespace) !== undefined) {
    return failure('invalid-patch-directive', `there is already an attribute ${name}`)
  }
  const prefix = namespace === '' ? '' : adoptedPrefix(type.slice(1).split(':')[0]!, namespace, prefixScope(place))
  return replaceElement(place, { ...element, attributes: [...element.attributes, { prefix, namespace, name, value }] })
}

function declare(place: ElementPlace, prefix: string, namespace: string): XmlDocument | PatchFailure {
  const { element } = place
  if (!isNamespaceName(namespace)) return failure('invalid-namespace-uri', `${namespace} can have no prefix`)
  if (prefix === 'xml' || prefix === 'xmlns') return failure('invalid-namespace-prefix', `${prefix} is never declared`)
  if (element.attributes.some((each) => isDeclaration(each) && declaredPrefix(each) === prefix)) {
    return failure('invalid-patch-directive', `there is already a declaration of ${prefix}`)
  }
  return replaceElement(place, { ...element, attributes: [...element.attributes, declaration(prefix, namespace)] })
}

function isNamespaceName(uri: string): boolean {
  return uri !== '' && uri !== namespaces.xml && uri !== namespaces.xmlns
}

/** The text that an operation carries, if it carries nothing else; CDATA sections are no attribute's (§5.1). */
function singleText(operation: XmlElement): string | undefined {
  return operation.children.every((child) => typeof child === 'string') ? textOf(operation) : undefined
}

/** RFC 5261 §4.4. */
function replace(place: Exclude<Place, DocumentPlace>, operation: XmlElement, scope: NamespaceScope | undefined) {
  switch (place.kind) {
    case 'attribute':
    case 'namespace':
      return replaceValue(place, operation)
    case 'text':
      if (!operation.children.every(isText)) return failure('invalid-node-types', 'a text is replaced by a text')
      return spliceChildren(place.parent, place.index, place.end, operation.children)
    default:
      return replaceMarkup(place, operation, scope)
  }
}

function replaceValue(place: AttributePlace, operation: XmlElement): XmlDocument | PatchFailure {
  if (operation.children.some((child) => isElement(child))) {
    return failure('invalid-node-types', 'an attribute is replaced by a text')
  }
  const value = singleText(operation)
  if (value === undefined) return failure('invalid-attribute-value', 'an attribute has a text and nothing else')
  const { element } = place.parent
  const attributes = element.attributes.slice()
  attributes[place.index] = { ...place.attribute, value }
  if (place.kind === 'attribute') return replaceElement(place.parent, { ...element, attributes })
  if (!isNamespaceName(value)) return failure('invalid-namespace-uri', `${value} can have no prefix`)
  const prefix = declaredPrefix(place.attribute)
  return replaceElement(place.parent, rebind({ ...element, attributes }, prefix, value, true))
}

/** The element with a prefix bound to another namespace, down to where the prefix is declared anew. */
function rebind(element: XmlElement, prefix: string, namespace: string, declares: boolean): XmlElement {
  const redeclared = element.attributes.some((each) => isDeclaration(each) && declaredPrefix(each) === prefix)
  if (redeclared && !declares) return element
  const attributes = element.attributes.map((each) =>
    each.prefix === prefix && prefix !== '' ? { ...each, namespace } : each,
  )
  const children = element.children.map((child) => (isElement(child) ? rebind(child, prefix, namespace, false) : child))
  return { ...element, namespace: element.prefix === prefix ? namespace : element.namespace, attributes, children }
}

function replaceMarkup(place: ElementPlace | MarkupPlace, operation: XmlElement, scope: NamespaceScope | undefined) {
  const nodes = operation.children.filter((node) => typeof node !== 'string' || !isWhiteSpace(node))
  const [node] = nodes
  if (nodes.length !== 1 || typeof node !== 'object' || node.kind !== place.kind) {
    return failure('invalid-node-types', `one ${place.kind} is replaced by one of its kind`)
  }
  const { parent } = place
  if (place.kind === 'element' && parent.kind === 'document') {
    const [root] = adopt([node], scope, undefined, '')
    return replaceElement(place, root as XmlElement)
  }
  const outer = parent.kind === 'document' ? undefined : prefixScope(parent)
  const adopted = adopt([node], scope, outer, parent.kind === 'document' ? '' : parent.element.prefix)
  return spliceChildren(parent, place.index, place.index + 1, adopted)
}

/** RFC 5261 §4.5. */
function remove(place: Exclude<Place, DocumentPlace>, operation: XmlElement): XmlDocument | PatchFailure {
  const ws = attribute(operation, 'ws')
  if (ws !== undefined && ws !== 'before' && ws !== 'after' && ws !== 'both') {
    return failure('invalid-attribute-value', `ws is before, after or both, not ${ws}`)
  }
  if (operation.children.length > 0) return failure('invalid-diff-format', '<remove> is empty')
  if ('attribute' in place || place.kind === 'text') {
    if (ws !== undefined) return failure('invalid-patch-directive', `ws has no meaning for this ${place.kind}`)
    return place.kind === 'text' ? removeText(place) : removeAttribute(place)
  }
  if (place.kind === 'element' && place.parent.kind === 'document') {
    return failure('invalid-root-element-operation', 'a document has one root element')
  }
  return removeMarkup(place, ws)
}

function removeText(place: TextPlace): XmlDocument {
  return spliceChildren(place.parent, place.index, place.end, [])
}

function removeAttribute(place: AttributePlace): XmlDocument | PatchFailure {
  const { element } = place.parent
  const attributes = element.attributes.filter((_, index) => index !== place.index)
  if (place.kind === 'namespace') {
    const prefix = declaredPrefix(place.attribute)
    if (uses({ ...element, attributes }, prefix)) {
      return failure('invalid-namespace-prefix', `the prefix ${prefix} is in use`)
    }
  }
  return replaceElement(place.parent, { ...element, attributes })
}

function uses(element: XmlElement, prefix: string): boolean {
  if (element.attributes.some((each) => isDeclaration(each) && declaredPrefix(each) === prefix)) return false
  const own = element.prefix === prefix || element.attributes.some((each) => each.prefix === prefix)
  return own || element.children.some((child) => isElement(child) && uses(child, prefix))
}

function removeMarkup(place: ElementPlace | MarkupPlace, ws: string | undefined): XmlDocument | PatchFailure {
  const nodes: readonly XmlNode[] = childrenOf(place.parent)
  let from = place.index
  let end = place.index + 1
  if (ws === 'before' || ws === 'both') {
    while (from > 0 && isText(nodes[from - 1])) from--
    if (!isSpace(nodes, from, place.index)) return noSpace('before')
  }
  if (ws === 'after' || ws === 'both') {
    end = endOfText(nodes, end)
    if (!isSpace(nodes, place.index + 1, end)) return noSpace('after')
  }
  return spliceChildren(place.parent, from, end, [])
}

function isSpace(nodes: readonly XmlNode[], from: number, end: number): boolean {
  const text = textBetween(nodes, from, end)
  return text !== '' && isWhiteSpace(text)
}

function noSpace(where: string): PatchFailure {
  return failure('invalid-whitespace-directive', `there is no white space ${where} the node`)
}
