/**
 * The parts of a shape that are children of the element (see `shape.ts`).
 */
import type { DataType } from '../xml/datatypes.ts'
import type { XmlElement, XmlNode } from '../xml/tree.ts'
import { isDeclaration, isElement, textOf } from '../xml/tree.ts'
import type { Part, Reading, Shape, Taking, Vocabulary } from './shape.ts'
import { checkLax, complain, readText, written } from './shape.ts'

/** The shape of an element that has nothing but text. */
export function leaf<V>(vocabulary: Vocabulary, name: string, type: DataType<V>): Shape<V> {
  const { prefix, namespace } = vocabulary
  return {
    vocabulary,
    name,
    read: (element, reading) => {
      refuseAttributes(element, vocabulary, reading)
      const child = element.children.find((each) => isElement(each))
      if (child !== undefined) {
        complain(reading, child, vocabulary, `${written(element)} has text only, no ${written(child)}`)
      }
      const taking: Taking = { element, vocabulary, children: [], taken: 0 }
      // A text that is none is a problem, so that nobody gets to see the undefined that comes back.
      return readText(textOf(element), type, `The content of ${written(element)}`, taking, reading) as V
    },
    write: (value) => {
      const text = type.print(value)
      return { kind: 'element', prefix, namespace, name, attributes: [], children: text === '' ? [] : [text] }
    },
  }
}

/** The shape of an element that has nothing but text, and whose name is the kind of the value. */
export function valued<const K extends string, V>(
  vocabulary: Vocabulary,
  kind: K,
  type: DataType<V>,
): Shape<{ readonly kind: K; readonly value: V }> {
  const inner = leaf(vocabulary, kind, type)
  return {
    ...inner,
    read: (element, reading) => ({ kind, value: inner.read(element, reading) }),
    write: ({ value }) => inner.write(value),
  }
}

/** The shape of an element that has nothing at all: it is there, or it is not. */
export function empty(vocabulary: Vocabulary, name: string): Shape<true> {
  const { prefix, namespace } = vocabulary
  return {
    vocabulary,
    name,
    read: (element, reading) => {
      refuseAttributes(element, vocabulary, reading)
      requireEmpty(element, vocabulary, reading)
      return true
    },
    write: () => ({ kind: 'element', prefix, namespace, name, attributes: [], children: [] }),
  }
}

function requireEmpty(element: XmlElement, vocabulary: Vocabulary, reading: Reading): void {
  const hasContent = (node: XmlNode) => typeof node === 'string' || node.kind === 'element' || node.kind === 'cdata'
  if (element.children.some(hasContent)) complain(reading, element, vocabulary, `${written(element)} is empty`)
}

function refuseAttributes(element: XmlElement, vocabulary: Vocabulary, reading: Reading): void {
  for (const each of element.attributes) {
    if (isDeclaration(each) || each.namespace.endsWith('/XMLSchema-instance')) continue
    complain(reading, element, vocabulary, `${written(element)} has no attribute ${each.name}`)
  }
}

/** Whether an element is of a shape. */
export function matches<V>(element: XmlElement | undefined, shape: Shape<V>): element is XmlElement {
  return element !== undefined && element.name === shape.name && element.namespace === shape.vocabulary.namespace
}

/** A child that must be there. */
export function one<V>(of: Shape<V>): Part<V> {
  return {
    read: (taking, reading) => {
      const child = taking.children[taking.taken]
      if (matches(child, of)) {
        taking.taken++
        return of.read(child, reading)
      }
      const next = child === undefined ? 'at the end' : `before ${written(child)}`
      complain(reading, taking.element, taking.vocabulary, `${written(taking.element)} needs <${of.name}> ${next}`)
      return undefined
    },
    write: (value, making) => making.children.push(of.write(value)),
  }
}

/** A child that may be there. */
export function maybe<V>(of: Shape<V>): Part<V> {
  return {
    read: (taking, reading) => {
      const child = taking.children[taking.taken]
      if (!matches(child, of)) return undefined
      taking.taken++
      return of.read(child, reading)
    },
    write: (value, making) => making.children.push(of.write(value)),
  }
}

/** Any number of children, at least `least`. */
export function many<V>(of: Shape<V>, least = 0): Part<readonly V[]> {
  return {
    read: (taking, reading) => {
      const values: V[] = []
      for (let child = taking.children[taking.taken]; matches(child, of); child = taking.children[taking.taken]) {
        taking.taken++
        values.push(of.read(child, reading))
      }
      if (values.length < least) {
        complain(reading, taking.element, taking.vocabulary, `${written(taking.element)} needs a <${of.name}>`)
      }
      return values
    },
    write: (values, making) => {
      for (const value of values) making.children.push(of.write(value))
    },
  }
}

/** The shapes of a union, whose values carry the key of their shape as `kind`. */
export type ShapesOf<U extends { readonly kind: string }> = {
  readonly [K in Exclude<U['kind'], 'unknown'>]: Shape<Extract<U, { readonly kind: K }>>
}

/** How often the members of a choice come: at least `least`, at most `most` of them, in any order. */
export interface Times {
  readonly least?: number
  readonly most?: number
}

/** Children of a choice, all of them good and without identifiers, with their values. */
interface Choice<U> {
  readonly children: readonly XmlElement[]
  readonly values: readonly U[]
}

/** How many children are read each time, though most of them were read before. */
const fewChildren = 16

const none = { start: 0, end: 0 }

/** How many items two lists have in common at their start, and of the others at their end. */
export function sharedEnds<T>(
  before: readonly T[],
  after: readonly T[],
): { readonly start: number; readonly end: number } {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start++
  let end = 0
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  return { start, end }
}

/**
 * Children of several shapes in any order, each told by its `kind` (xs:choice). The shapes are asked for when the first
 * document is read, so that they may contain each other. With `unknown`, other elements of other namespaces are taken
 * too; with `foreign`, nothing but elements of other namespaces is, which is what a wildcard of a schema allows.
 */
export function choice<U extends { readonly kind: string }>(
  shapes: () => ShapesOf<U>,
  times: Times & { readonly unknown?: boolean; readonly foreign?: boolean } = {},
): Part<readonly U[]> {
  let byName: Map<string, Map<string, Shape<U>>> | undefined
  let byKind: Record<string, Shape<U>> | undefined
  const prepare = () => {
    byKind = shapes() as unknown as Record<string, Shape<U>>
    byName = new Map()
    for (const each of Object.values(byKind)) {
      const { namespace } = each.vocabulary
      byName.set(namespace, (byName.get(namespace) ?? new Map()).set(each.name, each))
    }
    return byName
  }
  const remembered = new WeakMap<XmlElement, Choice<U>>()
  return {
    read: (taking, reading) => {
      const known = byName ?? prepare()
      const before = { problems: reading.problems.length, identifiers: reading.identifiers.size }
      const isPlain = reading.remembers && taking.taken === 0 && Object.keys(times).length === 0
      const last = isPlain ? remembered.get(taking.children[0]!) : undefined
      const { start, end } = last === undefined ? none : sharedEnds(last.children, taking.children)
      const values: U[] = last === undefined ? [] : last.values.slice(0, start)
      taking.taken = start + taking.taken
      for (; taking.taken < taking.children.length - end; taking.taken++) {
        const child = taking.children[taking.taken]!
        const foreign = isOther(child, taking.vocabulary)
        const of = foreign || !times.foreign ? known.get(child.namespace)?.get(child.name) : undefined
        if (of !== undefined) values.push(readKnown(of, child, reading, times.unknown === true))
        else if (times.unknown && foreign) {
          checkLax(child, reading)
          values.push({ kind: 'unknown', element: child } as unknown as U)
        } else break
        if (values.length === times.most) {
          taking.taken++
          break
        }
      }
      if (last !== undefined && taking.taken === taking.children.length - end) {
        for (let i = last.values.length - end; i < last.values.length; i++) values.push(last.values[i]!)
        taking.taken = taking.children.length
      }
      const isSound = reading.problems.length === before.problems && reading.identifiers.size === before.identifiers
      if (isPlain && isSound && values.length === taking.children.length && values.length > fewChildren) {
        remembered.set(taking.children[0]!, { children: taking.children, values })
      }
      if (values.length < (times.least ?? 0)) {
        const names = Object.values(byKind!)
          .map((each) => `<${each.name}>`)
          .join(', ')
        complain(reading, taking.element, taking.vocabulary, `${written(taking.element)} needs one of ${names}`)
      }
      return values
    },
    write: (values, making) => {
      if (byKind === undefined) prepare()
      for (const value of values) {
        if (value.kind === 'unknown') making.children.push((value as unknown as UnknownExtension).element)
        else making.children.push(byKind![value.kind]!.write(value))
      }
    },
  }
}

/** A known element is read; where extensions may stand, one that does not fit is kept as it is. */
function readKnown<U extends { readonly kind: string }>(
  of: Shape<U>,
  child: XmlElement,
  reading: Reading,
  isExtensible: boolean,
): U {
  if (reading.globals !== undefined || !isExtensible) return of.read(child, reading)
  const before = reading.problems.length
  const value = of.read(child, reading)
  if (reading.problems.length === before) return value
  reading.problems.length = before
  return { kind: 'unknown', element: child } as unknown as U
}

/** An element that presim does not know, or that is not as it should be: kept, and printed where it stood. */
export interface UnknownExtension {
  readonly kind: 'unknown'
  readonly element: XmlElement
}

/** `##other` of XML Schema part 1 §3.10: in a namespace, but not in that of the parent. */
export function isOther(element: XmlElement, vocabulary: Vocabulary): boolean {
  return element.namespace !== '' && element.namespace !== vocabulary.namespace
}

/** Elements of other namespaces, kept as they are. */
export const otherElements: Part<readonly XmlElement[]> = {
  read: (taking, reading) => {
    const elements: XmlElement[] = []
    for (let child = taking.children[taking.taken]; child !== undefined; child = taking.children[taking.taken]) {
      if (!isOther(child, taking.vocabulary)) break
      taking.taken++
      checkLax(child, reading)
      elements.push(child)
    }
    return elements
  },
  write: (values, making) => {
    making.children.push(...values)
  },
}

/** All elements that are left, of whatever namespace, kept as they are. */
export const anyElements: Part<readonly XmlElement[]> = {
  read: (taking, reading) => {
    const elements = taking.children.slice(taking.taken)
    for (const each of elements) checkLax(each, reading)
    taking.taken = taking.children.length
    return elements
  },
  write: otherElements.write,
}
