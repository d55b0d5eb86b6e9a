import {
  type DocumentPlace,
  declaration,
  type ElementPlace,
  isElement,
  type NamespaceScope,
  namespaceOf,
  namespaces,
  printFragment,
  replaceElement,
  type Step,
  spliceChildren,
  type XmlAttribute,
  type XmlDocument,
  type XmlElement,
  xmlLimits,
} from '../documents/index.ts'
import { rule } from '../sim/rule.ts'
import { closestAncestor } from './ancestor.ts'
import type { Conflict } from './answer.ts'
import { readAttribute, readElement } from './content.ts'
import type { Replacement } from './held-document.ts'
import {
  attributeAt,
  elementAt,
  elementsAt,
  isSelected,
  keepIndex,
  type NodeSelector,
  scopeAt,
} from './node-selector.ts'
import { placeElement } from './placement.ts'
import type { Resource, XcapRequest } from './resource.ts'
import type { Root } from './target.ts'

/** A document with one node changed, or why it can not be. */
export type NodeChange = ChangedNode | { readonly kind: 'unchanged' } | (Conflict & { readonly kind: 'conflict' })

/** A document with one node changed. */
export interface ChangedNode {
  readonly kind: 'changed'
  readonly tree: XmlDocument
  readonly isNew: boolean
  /** What was done, said so that it and the tree before give the tree after. */
  readonly change: string
  /** The element that took the place of another, if that is all that was done. */
  readonly replacement?: Replacement
}

const noParent = rule('RFC 4825 §8.2.1', 'a node is put into an element that exists')
const noPlace = rule('RFC 4825 §8.2.3', 'an element is put where its selector finds it afterwards')
const noBinding = rule('RFC 4825 §6.3', 'a namespace declaration is no attribute')
const idempotent = rule('RFC 4825 §8.2.3', 'a GET after a PUT shows what was put')
const withinLimits = rule('RFC 4825 §8.2.5', 'with a changed node a document stays within what the server can keep')
const deletable = rule('RFC 4825 §8.4', 'the selector of what was deleted finds nothing afterwards')
const rootStays = rule('RFC 4825 §8.4', 'a document keeps its root element', ['R6.3.2.2-a'])

function conflict(why: Conflict['why'], error: Conflict['error']): Conflict & { readonly kind: 'conflict' } {
  return { kind: 'conflict', why, error }
}

/** RFC 4825 §8.2.1 to §8.2.3: the document with an element or an attribute put where a selector says. */
export function changeNode(tree: XmlDocument, resource: Resource, request: XcapRequest, root: Root): NodeChange {
  const selector = resource.selector!
  const parentSteps = selector.elements.slice(0, -1)
  const parent: DocumentPlace | ElementPlace | undefined =
    selector.terminal !== undefined
      ? elementAt(tree, selector.elements)
      : parentSteps.length === 0
        ? { kind: 'document', document: tree }
        : elementAt(tree, parentSteps)
  if (parent === undefined) {
    const ancestor = closestAncestor(tree, resource.target, selector, root)
    return conflict(noParent, { kind: 'no-parent', phrase: 'There is no one such element to put it in', ancestor })
  }
  if (selector.terminal === undefined) return putElement(tree, parent, selector, request)
  return putAttribute(parent as ElementPlace, selector, selector.terminal, request)
}

function putElement(
  tree: XmlDocument,
  parent: DocumentPlace | ElementPlace,
  selector: NodeSelector,
  { body, headers }: XcapRequest,
): NodeChange {
  const { elements } = selector
  const read = readElement(body, headers['content-type'] ?? '', scopeAt(parent))
  if (read.kind === 'conflict') return read
  const element = read.value
  const existing = elementAt(tree, elements)
  const step = elements.at(-1)!
  const after = existing === undefined ? placeElement(parent, step, element) : replaceElement(existing, element)
  if (after === undefined) {
    return conflict(noPlace, { kind: 'cannot-insert', phrase: 'There is no place for it where the selector points' })
  }
  // In the place of one that was selected, it is selected if it is called the same.
  const isFound = existing === undefined ? elementAt(after, elements)?.element === element : isSelected(element, step)
  if (!isFound) {
    return conflict(idempotent, { kind: 'cannot-insert', phrase: 'The selector would not find what was put' })
  }
  if (elements.length + depthOf(element) - 1 > xmlLimits.depth) {
    const phrase = `Elements stand in each other ${xmlLimits.depth} deep at most`
    return conflict(withinLimits, { kind: 'constraint-failure', phrase })
  }
  const text = printFragment([element], scopeAt(parent))
  const change = `${key(selector)} ${text}`
  if (existing === undefined) return { kind: 'changed', tree: after, isNew: true, change }
  if (text === printFragment([existing.element], scopeAt(parent))) return { kind: 'unchanged' }
  keepIndex(existing, element, after)
  const replacement = { old: existing.element, element, text }
  return { kind: 'changed', tree: after, isNew: false, change, replacement }
}

/** A selector with what its prefixes stand for. */
function key({ text, bindings }: NodeSelector): string {
  return bindings.size === 0 ? text : `${text} ${JSON.stringify([...bindings])}`
}

function depthOf(element: XmlElement): number {
  let deepest = 0
  for (const child of element.children) if (isElement(child)) deepest = Math.max(deepest, depthOf(child))
  return deepest + 1
}

function putAttribute(
  place: ElementPlace,
  selector: NodeSelector,
  terminal: Step,
  { body, headers }: XcapRequest,
): NodeChange {
  const { elements, bindings } = selector
  const read = readAttribute(body, headers['content-type'] ?? '')
  if (read.kind === 'conflict') return read
  const { test } = terminal
  if (test.kind !== 'name' || (test.namespace === '' && test.name === 'xmlns')) {
    return conflict(noBinding, { kind: 'cannot-insert', phrase: 'Namespace declarations are put with their element' })
  }
  const existing = attributeAt(place, terminal)
  if (existing?.attribute.value === read.value) return { kind: 'unchanged' }
  const attributes = place.element.attributes.slice()
  if (existing !== undefined) attributes[existing.index] = { ...existing.attribute, value: read.value }
  else attributes.push(...newAttribute(test, read.value, scopeAt(place), bindings))
  const after = replaceElement(place, { ...place.element, attributes })
  const found = elementAt(after, elements)
  if (found === undefined || attributeAt(found, terminal)?.attribute.value !== read.value) {
    return conflict(idempotent, { kind: 'cannot-insert', phrase: 'The selector would not find what was put' })
  }
  if (attributes.length > xmlLimits.attributes || read.value.length > xmlLimits.attributeCharacters) {
    const { attributes: most, attributeCharacters } = xmlLimits
    const phrase = `An element has ${most} attributes of ${attributeCharacters} characters at most`
    return conflict(withinLimits, { kind: 'constraint-failure', phrase })
  }
  return { kind: 'changed', tree: after, isNew: existing === undefined, change: `${key(selector)} ${read.value}` }
}

/** A new attribute, with a declaration of its prefix where there is none for its namespace in scope. */
function newAttribute(
  { namespace, name }: { readonly namespace: string; readonly name: string },
  value: string,
  scope: NamespaceScope | undefined,
  bindings: ReadonlyMap<string, string>,
): XmlAttribute[] {
  if (namespace === '') return [{ prefix: '', namespace, name, value }]
  if (namespace === namespaces.xml) return [{ prefix: 'xml', namespace, name, value }]
  for (let link = scope; link !== undefined; link = link.outer) {
    if (link.prefix === '' || link.namespace !== namespace) continue
    if (namespaceOf(link.prefix, scope) === namespace) return [{ prefix: link.prefix, namespace, name, value }]
  }
  let prefix = [...bindings].find(([, each]) => each === namespace)?.[0] ?? 'ns1'
  for (let serial = 1; namespaceOf(prefix, scope) !== undefined; serial++) prefix = `ns${serial}`
  return [declaration(prefix, namespace), { prefix, namespace, name, value }]
}

/** RFC 4825 §8.4: the document without a node; undefined if there is no such node. The text around it stays. */
export function removeNode(tree: XmlDocument, selector: NodeSelector): NodeChange | undefined {
  const { elements, terminal } = selector
  const change = `${key(selector)} deleted`
  const place = elementAt(tree, elements)
  if (place === undefined) return undefined
  if (terminal !== undefined) {
    const found = attributeAt(place, terminal)
    if (found === undefined) return undefined
    const attributes = place.element.attributes.filter((_, index) => index !== found.index)
    return { kind: 'changed', tree: replaceElement(place, { ...place.element, attributes }), isNew: false, change }
  }
  if (place.parent.kind === 'document') {
    return conflict(rootStays, { kind: 'schema-validation-error', phrase: 'A document has a root element' })
  }
  const after = spliceChildren(place.parent, place.index, place.index + 1, [])
  if (elementsAt(after, elements).length === 1) {
    return conflict(deletable, { kind: 'cannot-delete', phrase: 'The selector would find another element' })
  }
  return { kind: 'changed', tree: after, isNew: false, change }
}
