import {
  type AttributePlace,
  childrenOf,
  type DocumentPlace,
  declaredPrefix,
  type ElementPlace,
  isDeclaration,
  type NamespaceScope,
  type NodeTest,
  namespaces,
  parseSelector,
  type Step,
  scopeWithin,
  type XmlDocument,
  type XmlElement,
} from '../documents/index.ts'
import { rule } from '../sim/rule.ts'
import { type Answer, refusal } from './answer.ts'
import { queryBindings } from './target.ts'

/** A node selector of RFC 4825 §6.3: the steps to an element, and perhaps to something that belongs to it. */
export interface NodeSelector {
  readonly kind: 'node-selector'
  readonly text: string
  readonly elements: readonly Step[]
  /** An attribute or the namespace bindings of the element; undefined if the element itself is selected. */
  readonly terminal: Step | undefined
  /** The prefixes that the query declares. */
  readonly bindings: ReadonlyMap<string, string>
}

const extension = rule('RFC 4825 §8', 'a node selector that the server does not understand finds nothing')
const unbound = rule('RFC 4825 §6.4', 'a prefix in a node selector is bound by xmlns() in the query')
const noPointer = rule('RFC 4825 §6.4', 'the query of a node selector is an XPointer')
const none: ReadonlyMap<string, string> = new Map()

/** The node selector of a target, in a usage whose names without prefix are in a namespace (RFC 4825 §5.2, §6.4). */
export function parseNodeSelector(text: string, query: string | undefined, defaultNamespace: string) {
  return readSelector(text, query === undefined ? none : queryBindings(query), defaultNamespace)
}

function readSelector(
  text: string,
  bindings: ReadonlyMap<string, string> | undefined,
  defaultNamespace: string,
): NodeSelector | Answer {
  if (bindings === undefined) return refusal(400, noPointer, 'The query is no list of xmlns(prefix=URI)')
  const namespaceOf = (prefix: string) => {
    if (prefix === '') return defaultNamespace
    return prefix === 'xml' ? namespaces.xml : bindings.get(prefix)
  }
  const selector = parseSelector(text, 'node', namespaceOf)
  if (selector.kind === 'selector-error') {
    if (selector.cause === 'prefix') return refusal(400, unbound, `${selector.reason}, character ${selector.at + 1}`)
    return refusal(404, extension, `No node selector: ${selector.reason}, character ${selector.at + 1}`)
  }
  const last = selector.steps.at(-1)!
  const terminal = last.axis === 'child' ? undefined : last
  const elements = terminal === undefined ? selector.steps : selector.steps.slice(0, -1)
  if (elements.length === 0) return refusal(404, extension, `No node selector: it begins with no element: ${text}`)
  return { kind: 'node-selector', text, elements, terminal, bindings }
}

/** The elements to which steps lead in a document, in its order (RFC 4825 §6.3). */
export function elementsAt(document: XmlDocument, steps: readonly Step[]): readonly ElementPlace[] {
  let parents: readonly (DocumentPlace | ElementPlace)[] = [{ kind: 'document', document }]
  for (const step of steps) {
    const found: ElementPlace[] = []
    for (const parent of parents) collect(parent, step, found)
    parents = found
  }
  return parents as readonly ElementPlace[]
}

/** The one element that is selected; undefined if there is none, or more than one: such a selector matches nothing. */
export function elementAt(document: XmlDocument, steps: readonly Step[]): ElementPlace | undefined {
  const found = elementsAt(document, steps)
  return found.length === 1 ? found[0] : undefined
}

function collect(parent: DocumentPlace | ElementPlace, step: Step, found: ElementPlace[]): void {
  const children = childrenOf(parent)
  const [first] = step.predicates
  if (first?.kind === 'compare' && parent.kind === 'element' && children.length > fewChildren) {
    const index = indexOf(parent.element)
    if (index !== undefined) return collectIndexed(parent, step, index.get(first.value) ?? [], found)
  }
  const position = first?.kind === 'position' ? first.position : undefined
  let ordinal = 0
  for (let index = 0; index < children.length; index++) {
    const child = children[index]!
    if (typeof child === 'string' || child.kind !== 'element' || !isNamed(child, step.test)) continue
    ordinal++
    if (position !== undefined && ordinal !== position) continue
    if (hasAttributes(child, step)) found.push({ kind: 'element', element: child, parent, index })
    if (position !== undefined) return
  }
}

/** How many children are looked through each time. */
const fewChildren = 32

/** The child elements by the values of their attributes: their places among the children. */
type AttributeIndex = ReadonlyMap<string, readonly number[]>

/** The indexes of elements that were looked through before; none as long as it was only once. */
const indexes = new WeakMap<XmlElement, AttributeIndex | 'once'>()

/** The index of an element, which is made when it is looked through for the second time. */
function indexOf(element: XmlElement): AttributeIndex | undefined {
  const known = indexes.get(element)
  if (known === undefined) {
    indexes.set(element, 'once')
    return undefined
  }
  if (known !== 'once') return known
  const index = new Map<string, number[]>()
  element.children.forEach((child, at) => {
    if (typeof child === 'string' || child.kind !== 'element') return
    for (const { value } of child.attributes) {
      const places = index.get(value)
      if (places === undefined) index.set(value, [at])
      else if (places.at(-1) !== at) places.push(at)
    }
  })
  indexes.set(element, index)
  return index
}

/** Keeps the index of a parent for the one that it becomes, if a child is replaced by one with the same values. */
export function keepIndex(
  { parent, element: old, index }: ElementPlace,
  element: XmlElement,
  after: XmlDocument,
): void {
  if (parent.kind !== 'element') return
  const known = indexes.get(parent.element)
  const { attributes } = old
  const isSame =
    attributes.length === element.attributes.length &&
    attributes.every(({ value }, at) => value === element.attributes[at]!.value)
  if (known === undefined || !isSame) return
  const above = elementLike(parent, after)
  if (above?.children[index] === element) indexes.set(above, known)
}

/** The element of another document that stands where one does. */
function elementLike({ parent, index }: ElementPlace, document: XmlDocument): XmlElement | undefined {
  if (parent.kind === 'document') return document.root
  const child = elementLike(parent, document)?.children[index]
  return child !== undefined && typeof child !== 'string' && child.kind === 'element' ? child : undefined
}

function collectIndexed(parent: ElementPlace, step: Step, places: readonly number[], found: ElementPlace[]): void {
  for (const index of places) {
    const element = parent.element.children[index] as XmlElement
    if (isSelected(element, step)) found.push({ kind: 'element', element, parent, index })
  }
}

/** Whether a step would select an element, its position aside. */
export function isSelected(element: XmlElement, step: Step): boolean {
  return isNamed(element, step.test) && hasAttributes(element, step)
}

/** Whether an element has the name that a step asks for. */
export function isNamed(element: XmlElement, test: NodeTest): boolean {
  return (
    test.kind === 'any' || (test.kind === 'name' && test.name === element.name && test.namespace === element.namespace)
  )
}

function hasAttributes(element: XmlElement, { predicates }: Step): boolean {
  for (const predicate of predicates) {
    if (predicate.kind === 'compare' && !hasAttribute(element, predicate.path[0]!.test, predicate.value)) return false
  }
  return true
}

function hasAttribute({ attributes }: XmlElement, test: NodeTest, value: string): boolean {
  if (test.kind !== 'name') return false
  for (const each of attributes) {
    if (each.value === value && each.name === test.name && each.namespace === test.namespace) return true
  }
  return false
}

/** The attribute of an element that a terminal step names; undefined if it has none. */
export function attributeAt(place: ElementPlace, { test }: Step): AttributePlace | undefined {
  if (test.kind !== 'name') return undefined
  const index = place.element.attributes.findIndex(
    (each) => each.name === test.name && each.namespace === test.namespace && !isDeclaration(each),
  )
  const attribute = place.element.attributes[index]
  return attribute === undefined ? undefined : { kind: 'attribute', attribute, parent: place, index }
}

/** The prefixes in scope within an element, its own declarations among them unless only its parent is asked for. */
export function scopeAt(place: DocumentPlace | ElementPlace): NamespaceScope | undefined {
  return place.kind === 'document' ? undefined : scopeWithin(place.element, scopeAt(place.parent))
}

/** The namespace bindings in scope at an element, the inner before the outer; of a prefix the innermost one. */
export function bindingsAt(place: ElementPlace): ReadonlyMap<string, string> {
  const bindings = new Map<string, string>()
  for (let link = scopeAt(place); link !== undefined; link = link.outer) {
    if (!bindings.has(link.prefix)) bindings.set(link.prefix, link.namespace)
  }
  return bindings
}

/** The declarations that an element makes itself, by prefix. */
export function ownBindings(element: XmlElement): ReadonlyMap<string, string> {
  return new Map(element.attributes.filter(isDeclaration).map((each) => [declaredPrefix(each), each.value]))
}

/** The steps of a selector as they were written: cut at the slashes that stand in no quotes. */
export function stepTexts(text: string): readonly string[] {
  const steps: string[] = []
  let from = 0
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '/') {
      steps.push(text.slice(from, i))
      from = i + 1
    }
  }
  steps.push(text.slice(from))
  return steps
}
