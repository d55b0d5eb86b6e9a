/**
 * The shape of an element: which attributes and children it has, in which order and how often, and which field of a
 * typed value each of them is. One table per element says it once; reading, writing and checking all follow from it.
 *
 * A shape is made of parts, one for each field. The order of the parts is the order of the children in the schema, so
 * that what is written is in the right order and what is read out of order is an error.
 */
import { boolean, type DataType, language } from '../xml/datatypes.ts'
import { namespaces } from '../xml/namespaces.ts'
import type { XmlAttribute, XmlElement, XmlNode } from '../xml/tree.ts'
import { attribute, isDeclaration, isElement, isWhiteSpace, plainAttribute, textOf, xmlAttribute } from '../xml/tree.ts'

/** The elements of one namespace as one specification defines them. */
export interface Vocabulary {
  /** The prefix that presim writes; empty for the default namespace. */
  readonly prefix: string
  readonly namespace: string
  /** The specification whose rule is broken when an element does not fit, such as `RFC 3863 §4.4`. */
  readonly clause: string
}

/** How one element is read into a value and written from it. */
export interface Shape<T> {
  readonly vocabulary: Vocabulary
  readonly name: string
  /** The value; what does not fit is added to the problems of the reading, and the value is then of no use. */
  readonly read: (element: XmlElement, reading: Reading) => T
  /** The element, without any namespace declaration. */
  readonly write: (value: T) => XmlElement
}

/** Something in a document that its specification does not allow. */
export interface Problem {
  readonly element: XmlElement
  /** The rule that is broken, in one sentence, with the clause it stands in. */
  readonly rule: string
}

/** One pass over one document. */
export interface Reading {
  readonly problems: Problem[]
  /** Identifiers (xs:ID) met so far. */
  readonly identifiers: Set<string>
  /**
   * The elements that are checked wherever a schema leaves room for foreign ones, by `namespace name`. Without them
   * a known extension that does not fit is no problem, but kept as an unknown element.
   */
  readonly globals: ReadonlyMap<string, Shape<unknown>> | undefined
  /** Whether elements that were found without a problem are known again; only for strict readings. */
  readonly remembers: boolean
}

/**
 * A fresh reading; with global elements a strict one. One that remembers takes from earlier ones what they made of the
 * elements that it meets again, so that a document is read anew only along the way to a change.
 */
export function reading(globals?: Reading['globals'], remembers = false): Reading {
  return { problems: [], identifiers: new Set(), globals, remembers }
}

/** What a remembering reading found in an element that had no problem. */
interface Known<T> {
  readonly value: T
  /** The identifiers in the element. */
  readonly identifiers: readonly string[]
}

/** Lax processing (XML Schema part 1 §3.10.1): what is known is checked, however deep it stands in the unknown. */
export function checkLax(element: XmlElement, reading: Reading): void {
  const of = reading.globals?.get(`${element.namespace} ${element.name}`)
  if (of !== undefined) of.read(element, reading)
  else for (const child of element.children) if (isElement(child)) checkLax(child, reading)
}

/** Attributes of the two namespaces that have them for every element (xml.xsd, RFC 3863 §4.4), checked laxly too. */
function checkLaxAttributes(attributes: readonly XmlAttribute[], taking: Taking, reading: Reading): void {
  if (reading.globals === undefined) return
  for (const { namespace, name, value } of attributes) {
    if (namespace === namespaces.xml && name === 'lang' && value !== '') {
      readText(value, language, 'xml:lang', taking, reading)
    }
    if (namespace === namespaces.pidf && name === 'mustUnderstand') {
      readText(value, boolean, 'mustUnderstand', taking, reading)
    }
  }
}

/** An element while its parts take from it what is theirs. */
export interface Taking {
  readonly element: XmlElement
  readonly vocabulary: Vocabulary
  readonly children: readonly XmlElement[]
  /** How many children have been taken. */
  taken: number
}

/** An element while its parts add to it. */
export interface Making {
  readonly attributes: XmlAttribute[]
  readonly children: XmlNode[]
}

/** One field of a typed value: an attribute, some children or the text of an element. */
export interface Part<V> {
  /** The field's value, or undefined if there is nothing of it in the element. */
  readonly read: (taking: Taking, reading: Reading) => V | undefined
  readonly write: (value: V, making: Making) => void
  /** The attribute that the part reads, as `namespace name`; `*` if it reads all, `* *` if all in other namespaces. */
  readonly attribute?: string
  /** Whether the element may contain text. */
  readonly text?: true
}

/** The parts of a value, one for each field; optional fields have parts too. */
export type Parts<T> = { readonly [K in keyof T]-?: Part<NonNullable<T[K]>> }

/**
 * A shape of parts. `within` is the vocabulary that the element's type comes from, if that is another than the one the
 * element itself is in: what counts as a foreign element depends on it.
 */
export function shape<T extends object>(
  vocabulary: Vocabulary,
  name: string,
  parts: Parts<T>,
  within: Vocabulary = vocabulary,
): Shape<T> {
  const entries = Object.entries(parts) as [keyof T & string, Part<unknown>][]
  const attributes = new Set(entries.flatMap(([, part]) => part.attribute ?? []))
  const hasText = entries.some(([, part]) => part.text === true)
  const readAnew = (element: XmlElement, reading: Reading): T => {
    const children = elementsIn(element, hasText, within, reading)
    const taking: Taking = { element, vocabulary: within, children, taken: 0 }
    const value: Record<string, unknown> = {}
    for (const [key, part] of entries) {
      const field = part.read(taking, reading)
      if (field !== undefined) value[key] = field
    }
    checkLeftovers(taking, attributes, reading)
    return value as T
  }
  const remembered = new WeakMap<XmlElement, Known<T>>()
  const read = (element: XmlElement, reading: Reading): T => {
    if (!reading.remembers || isSmall(element)) return readAnew(element, reading)
    const { problems, identifiers } = reading
    const known = remembered.get(element)
    if (known?.identifiers.every((each) => !identifiers.has(each))) {
      for (const each of known.identifiers) identifiers.add(each)
      return known.value
    }
    const before = [problems.length, identifiers.size] as const
    const value = readAnew(element, reading)
    if (problems.length === before[0]) {
      const own = identifiers.size === before[1] ? [] : [...identifiers].slice(before[1])
      remembered.set(element, { value, identifiers: own })
    }
    return value
  }
  const write = (value: T): XmlElement => {
    const making: Making = { attributes: [], children: [] }
    for (const [key, part] of entries) {
      const field = value[key]
      if (field !== undefined) part.write(field, making)
    }
    const { prefix, namespace } = vocabulary
    return { kind: 'element', prefix, namespace, name, attributes: making.attributes, children: making.children }
  }
  return { vocabulary, name, read, write }
}

/** An element with one child at most, which has no elements: it is read as soon as it would be found again. */
function isSmall({ children }: XmlElement): boolean {
  if (children.length > 1) return false
  const child = children[0]
  return child === undefined || !isElement(child) || child.children.every((each) => !isElement(each))
}

/** The shape of an element that has one part and nothing else: its value is the value of the part. */
export function wrapper<V>(vocabulary: Vocabulary, name: string, part: Part<NonNullable<V>>): Shape<V> {
  const inner = shape<{ readonly value: V }>(vocabulary, name, { value: part })
  return {
    ...inner,
    read: (element, reading) => inner.read(element, reading).value,
    write: (value) => inner.write({ value }),
  }
}

/** Adds a problem. */
export function complain(reading: Reading, element: XmlElement, vocabulary: Vocabulary, what: string): void {
  reading.problems.push({ element, rule: `${vocabulary.clause}: ${what}` })
}

function elementsIn(element: XmlElement, hasText: boolean, vocabulary: Vocabulary, reading: Reading): XmlElement[] {
  const elements: XmlElement[] = []
  for (const child of element.children) {
    if (isElement(child)) elements.push(child)
    else if (!hasText && (typeof child === 'string' || child.kind === 'cdata')) {
      if (isWhiteSpace(typeof child === 'string' ? child : child.value)) continue
      complain(reading, element, vocabulary, `${written(element)} has no text of its own`)
    }
  }
  return elements
}

function checkLeftovers(taking: Taking, attributes: ReadonlySet<string>, reading: Reading): void {
  const { element, vocabulary, children } = taking
  const next = children[taking.taken]
  if (next !== undefined) {
    complain(reading, next, vocabulary, `${written(next)} is not allowed here in ${written(element)}`)
  }
  if (element.attributes.length === 0 || attributes.has('*')) return
  for (const each of element.attributes) {
    if (each.namespace === '' ? attributes.has(` ${each.name}`) : isDeclaration(each)) continue
    if (each.namespace === namespaces.xsi || attributes.has(`${each.namespace} ${each.name}`)) continue
    if (attributes.has('* *') && each.namespace !== '' && each.namespace !== vocabulary.namespace) continue
    complain(reading, element, vocabulary, `${written(element)} has no attribute ${each.name}`)
  }
}

/** An element as an error names it. */
export function written(element: XmlElement): string {
  return `<${element.prefix === '' ? '' : `${element.prefix}:`}${element.name}>`
}

/** The value of a text, with a problem if it has none. */
export function readText<V>(
  given: string,
  type: DataType<V>,
  what: string,
  taking: Taking,
  reading: Reading,
): V | undefined {
  const value = type.parse(given)
  const shown = given.length > 60 ? `${given.slice(0, 60)}…` : given
  if (value === undefined) {
    complain(reading, taking.element, taking.vocabulary, `${what} is ${type.name}, not "${shown}"`)
  } else if (type.identifies) {
    if (reading.identifiers.has(String(value))) {
      complain(reading, taking.element, taking.vocabulary, `${what} is unique in a document, but "${shown}" is not`)
    }
    reading.identifiers.add(String(value))
  }
  return value
}

/** A field that is always the same and is not written: what kind of value it is. */
export function kind<const K extends string>(name: K): Part<K> {
  return { read: () => name, write: () => {} }
}

/** An attribute that must be there. */
export function required<V>(name: string, type: DataType<V>): Part<V> {
  const part = optional(name, type)
  return {
    ...part,
    read: (taking, reading) => {
      if (attribute(taking.element, name) === undefined) {
        const what = `${written(taking.element)} needs the attribute ${name}`
        complain(reading, taking.element, taking.vocabulary, what)
      }
      return part.read(taking, reading)
    },
  }
}

/** An attribute that may be there. */
export function optional<V>(name: string, type: DataType<V>): Part<V> {
  return {
    attribute: ` ${name}`,
    read: (taking, reading) => {
      const given = attribute(taking.element, name)
      if (given === undefined) return undefined
      return readText(given, type, `The attribute ${name} of ${written(taking.element)}`, taking, reading)
    },
    write: (value, making) => making.attributes.push(plainAttribute(name, type.print(value))),
  }
}

/** The attribute `xml:lang`. */
export const lang: Part<string> = {
  attribute: `${namespaces.xml} lang`,
  read: (taking, reading) => {
    const given = attribute(taking.element, 'lang', namespaces.xml)
    return given === undefined ? undefined : given === '' ? '' : readText(given, language, 'xml:lang', taking, reading)
  },
  write: (value, making) => making.attributes.push(xmlAttribute('lang', value)),
}

/**
 * All attributes but the given ones (by name, `xml:lang` for that one) and the declarations, kept as they are;
 * undefined if there are none.
 */
export function otherAttributes(...known: readonly string[]): Part<readonly XmlAttribute[]> {
  return {
    attribute: '*',
    read: (taking, reading) => {
      const { element } = taking
      if (element.attributes.length === 0) return undefined
      const others = element.attributes.filter((each) => {
        const name = each.namespace === namespaces.xml ? `xml:${each.name}` : each.name
        const isKnown = (each.namespace === '' || each.namespace === namespaces.xml) && known.includes(name)
        return !isKnown && !isDeclaration(each)
      })
      checkLaxAttributes(others, taking, reading)
      return others.length === 0 ? undefined : others
    },
    write: (value, making) => making.attributes.push(...value),
  }
}

/** The attributes of other namespaces, kept as they are; undefined if there are none. */
export const foreignAttributes: Part<readonly XmlAttribute[]> = {
  attribute: '* *',
  read: (taking, reading) => {
    const { element } = taking
    if (element.attributes.length === 0) return undefined
    const others = element.attributes.filter((each) => each.namespace !== '' && !isDeclaration(each))
    checkLaxAttributes(others, taking, reading)
    return others.length === 0 ? undefined : others
  },
  write: (value, making) => making.attributes.push(...value),
}

/** The text of an element that has no children. */
export function content<V>(type: DataType<V>): Part<V> {
  return {
    text: true,
    read: (taking, reading) =>
      readText(textOf(taking.element), type, `The content of ${written(taking.element)}`, taking, reading),
    write: (value, making) => {
      const given = type.print(value)
      if (given !== '') making.children.push(given)
    },
  }
}
