/**
 * Where a selector leads: nodes of a document with the way to them, so that they can be replaced in a new document.
 */
import { namespaces } from './namespaces.ts'
import type { NodeTest, Predicate, Selector, Step } from './selector.ts'
import type { XmlAttribute, XmlCdata, XmlDocument, XmlElement, XmlNode } from './tree.ts'
import { attribute, declaredPrefix, isDeclaration, isElement } from './tree.ts'

/** A place in a document: the document itself, or a place below another. */
export type Place = DocumentPlace | ElementPlace | TextPlace | MarkupPlace | AttributePlace

/** The document node. Its children are the prolog, the root element and the epilog. */
export interface DocumentPlace {
  readonly kind: 'document'
  readonly document: XmlDocument
}

/** An element, at an index among the children of its parent. */
export interface ElementPlace {
  readonly kind: 'element'
  readonly element: XmlElement
  readonly parent: DocumentPlace | ElementPlace
  readonly index: number
}

/** A text node of XPath: all character data between two pieces of markup, from `index` up to `end`. */
export interface TextPlace {
  readonly kind: 'text'
  readonly value: string
  readonly parent: ElementPlace
  readonly index: number
  readonly end: number
}

/** A comment or a processing instruction. */
export interface MarkupPlace {
  readonly kind: 'comment' | 'instruction'
  readonly value: string
  readonly parent: DocumentPlace | ElementPlace
  readonly index: number
}

/** An attribute, or a namespace declaration, at an index among the attributes of its element. */
export interface AttributePlace {
  readonly kind: 'attribute' | 'namespace'
  readonly attribute: XmlAttribute
  readonly parent: ElementPlace
  readonly index: number
}

/** The children of a document or an element. */
export function childrenOf(place: DocumentPlace | ElementPlace): readonly XmlNode[] {
  if (place.kind === 'element') return place.element.children
  const { prolog, root, epilog } = place.document
  return [...prolog, root, ...epilog]
}

/** The places that a selector leads to in a document, in document order. */
export function select(document: XmlDocument, selector: Selector): Place[] {
  let places: Place[] = [{ kind: 'document', document }]
  let deep = false
  for (const step of selector.steps) {
    places = places.flatMap((place) => follow(place, step))
    // What is below two places that are below each other is found twice.
    if (deep) places = distinct(places)
    deep ||= step.axis === 'descendant'
  }
  return places
}

function distinct(places: readonly Place[]): Place[] {
  const known = new Map<unknown, Set<string>>()
  return places.filter((place) => {
    if (place.kind === 'document') return true
    const parent = place.parent.kind === 'document' ? place.parent.document : place.parent.element
    const indexes = known.get(parent) ?? new Set()
    known.set(parent, indexes)
    const key = 'attribute' in place ? `@${place.index}` : String(place.index)
    if (indexes.has(key)) return false
    indexes.add(key)
    return true
  })
}

function follow(place: Place, step: Step): Place[] {
  if (place.kind !== 'document' && place.kind !== 'element') return []
  let found: Place[]
  if (step.test.kind === 'id') found = byIdentifier(place, step.test.value)
  else if (step.axis === 'attribute' || step.axis === 'namespace') found = attributes(place, step)
  else if (step.axis === 'child') return filtered(children(place, step.test), step.predicates)
  else return descendants(place, step)
  return filtered(found, step.predicates)
}

function filtered(places: Place[], predicates: readonly Predicate[]): Place[] {
  let left = places
  for (const predicate of predicates) {
    if (predicate.kind === 'position') left = left.slice(predicate.position - 1, predicate.position)
    else left = left.filter((place, index) => holds(place, predicate, index + 1))
  }
  return left
}

/** `//name` is the children of that name of every descendant-or-self, so that positions count within a parent. */
function descendants(place: DocumentPlace | ElementPlace, step: Step): Place[] {
  const own = filtered(children(place, step.test), step.predicates)
  const found: Place[] = []
  let next = 0
  for (const child of children(place, { kind: 'any' })) {
    if (child.kind !== 'element') continue
    const match = own[next]
    if (match?.kind === 'element' && match.index === child.index) {
      found.push(match)
      next++
    }
    found.push(...descendants(child, step))
  }
  return found
}

function children(parent: DocumentPlace | ElementPlace, test: NodeTest): Place[] {
  const nodes = childrenOf(parent)
  const found: Place[] = []
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index]!
    if (isElement(node)) {
      if (test.kind === 'any' || (test.kind === 'name' && isElement(node, test.name, test.namespace))) {
        found.push({ kind: 'element', element: node, parent, index })
      }
    } else if (isText(node)) {
      const end = endOfText(nodes, index)
      if (test.kind === 'text' && parent.kind === 'element') {
        // XPath 1.0 §5.7: a text node has at least one character, which an empty CDATA section has not.
        const value = textBetween(nodes, index, end)
        if (value !== '') found.push({ kind: 'text', value, parent, index, end })
      }
      index = end - 1
    } else if (node.kind === test.kind && (node.kind === 'comment' || matchesTarget(node.target, test))) {
      found.push({ kind: node.kind, value: node.value, parent, index })
    }
  }
  return found
}

function matchesTarget(target: string, test: NodeTest): boolean {
  return test.kind === 'instruction' && (test.target === undefined || test.target === target)
}

/** Whether a node is character data. */
export function isText(node: XmlNode | undefined): node is string | XmlCdata {
  return typeof node === 'string' || node?.kind === 'cdata'
}

/** The index after the character data that starts at an index. */
export function endOfText(nodes: readonly XmlNode[], from: number): number {
  let end = from
  while (end < nodes.length && isText(nodes[end])) end++
  return end
}

/** The character data from an index up to another. */
export function textBetween(nodes: readonly XmlNode[], from: number, end: number): string {
  let text = ''
  for (let i = from; i < end; i++) {
    const node = nodes[i]!
    if (typeof node === 'string') text += node
    else if (node.kind === 'cdata') text += node.value
  }
  return text
}

function attributes(place: DocumentPlace | ElementPlace, step: Step): Place[] {
  if (place.kind === 'document') return []
  const found: Place[] = []
  place.element.attributes.forEach((each, index) => {
    const declares = isDeclaration(each)
    if (declares !== (step.axis === 'namespace') || !matchesAttribute(each, step.test)) return
    found.push({ kind: declares ? 'namespace' : 'attribute', attribute: each, parent: place, index })
  })
  return found
}

function matchesAttribute(each: XmlAttribute, test: NodeTest): boolean {
  if (test.kind === 'any') return true
  if (test.kind === 'prefix') return test.prefix === '*' || declaredPrefix(each) === test.prefix
  return test.kind === 'name' && each.name === test.name && each.namespace === test.namespace
}

/** Namespaces whose schemas give their `id` attributes the type xs:ID (RFC 5261 §4.1). */
const identifying: ReadonlySet<string> = new Set([
  namespaces.pidf,
  namespaces.dataModel,
  namespaces.rpid,
  namespaces.commonPolicy,
])

/** Whether a document has attributes that are known to be identifiers, so that `id()` can be answered. */
export function hasIdentifiers(element: XmlElement): boolean {
  if (identifying.has(element.namespace) || attribute(element, 'id', namespaces.xml) !== undefined) return true
  return element.children.some((child) => isElement(child) && hasIdentifiers(child))
}

function byIdentifier(place: DocumentPlace | ElementPlace, value: string): Place[] {
  const found: Place[] = []
  for (const child of children(place, { kind: 'any' })) {
    if (child.kind !== 'element') continue
    const { element } = child
    const own = identifying.has(element.namespace) ? attribute(element, 'id') : undefined
    if (own === value || attribute(element, 'id', namespaces.xml) === value) found.push(child)
    found.push(...byIdentifier(child, value))
  }
  return found
}

function holds(place: Place, predicate: Predicate, position: number): boolean {
  switch (predicate.kind) {
    case 'position':
      return predicate.position === position
    case 'and':
      return holds(place, predicate.left, position) && holds(place, predicate.right, position)
    case 'or':
      return holds(place, predicate.left, position) || holds(place, predicate.right, position)
    case 'exists':
      return along(place, predicate.path).length > 0
    case 'compare':
      return along(place, predicate.path).some((each) =>
        compare(stringValue(each), predicate.operator, predicate.value),
      )
  }
}

function along(place: Place, path: readonly Step[]): Place[] {
  let places: Place[] = [place]
  for (const step of path) places = places.flatMap((each) => follow(each, step))
  return places
}

/** XPath 1.0 §3.4: equality compares texts, order compares numbers, and what is no number is in no order. */
function compare(left: string, operator: string, right: string): boolean {
  if (operator === '=') return left === right
  if (operator === '!=') return left !== right
  const [a, b] = [numberOf(left), numberOf(right)]
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    default:
      return a >= b
  }
}

function numberOf(text: string): number {
  const trimmed = text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '')
  return /^-?(\d+(\.\d*)?|\.\d+)$/.test(trimmed) ? Number(trimmed) : Number.NaN
}

/** The string value of a place (XPath 1.0 §5): of an element all text below it, of anything else its own value. */
export function stringValue(place: Place): string {
  if (place.kind === 'document') return deepText(place.document.root)
  if (place.kind === 'element') return deepText(place.element)
  return 'attribute' in place ? place.attribute.value : place.value
}

function deepText(element: XmlElement): string {
  let text = ''
  for (const child of element.children) {
    if (typeof child === 'string') text += child
    else if (child.kind === 'cdata') text += child.value
    else if (child.kind === 'element') text += deepText(child)
  }
  return text
}
