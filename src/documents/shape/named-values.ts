/**
 * Values written as empty elements, such as `<busy/>`: enumerations that other namespaces may extend.
 */

import type { Note } from '../note.ts'
import { noteShape } from '../note.ts'
import { text } from '../xml/datatypes.ts'
import type { XmlElement } from '../xml/tree.ts'
import { textOf } from '../xml/tree.ts'
import { empty, isOther, leaf } from './children.ts'
import type { Part, Reading, Shape, Taking, Vocabulary } from './shape.ts'
import { checkLax, complain, written } from './shape.ts'

/** A value of an enumeration by name, a note for one that has no name, or an element of another namespace. */
export type NamedValue<N extends string> = N | OtherValue | XmlElement

/** `<other>`: a value in words. */
export interface OtherValue extends Note {
  readonly kind: 'other'
}

/** What besides the names may stand in an enumeration, and how often. */
export interface NamedValuesRule {
  /** Whether `<other>` with a text is among the values. */
  readonly other?: boolean
  /** Whether elements of other namespaces are. */
  readonly foreign?: boolean
  /** The name that excludes all others. */
  readonly alone?: string
  /** Whether there is one value only; elements of other namespaces may still be several. */
  readonly single?: boolean
  /** Whether the names come in their order and at most once, elements of other namespaces last. */
  readonly ordered?: boolean
  /** Whether the elements may have a text, as those of RFC 5196 may; one that has is kept as an element. */
  readonly texts?: boolean
  /** How many there are at least; 0 if nothing is said. */
  readonly least?: number
}

/** The children that are values of an enumeration. */
export function valuesOf<const N extends string>(
  vocabulary: Vocabulary,
  names: readonly N[],
  rule: NamedValuesRule,
): Part<readonly NamedValue<N>[]> {
  const shapes = new Map<string, Shape<true>>(names.map((name) => [name, empty(vocabulary, name)]))
  const other = noteShape(vocabulary, 'other')
  const readValue = (child: XmlElement, reading: Reading): NamedValue<N> | undefined => {
    if (child.namespace !== vocabulary.namespace) {
      if (!rule.foreign || !isOther(child, vocabulary)) return undefined
      checkLax(child, reading)
      return child
    }
    if (rule.other && child.name === 'other') return { kind: 'other', ...other.read(child, reading) }
    const of = shapes.get(child.name)
    if (of !== undefined && rule.texts && textOf(child) !== '') {
      leaf(vocabulary, child.name, text).read(child, reading)
      return child
    }
    of?.read(child, reading)
    return of === undefined ? undefined : (child.name as N)
  }
  return {
    read: (taking, reading) => {
      const values: NamedValue<N>[] = []
      for (; taking.taken < taking.children.length; taking.taken++) {
        const value = readValue(taking.children[taking.taken]!, reading)
        if (value === undefined) break
        values.push(value)
      }
      checkRule(values, names, rule, taking, reading)
      return values
    },
    write: (values, making) => {
      for (const value of values) {
        if (typeof value === 'string') making.children.push(shapes.get(value)!.write(true))
        else making.children.push(value.kind === 'other' ? other.write(value) : value)
      }
    },
  }
}

function checkRule(
  values: readonly NamedValue<string>[],
  names: readonly string[],
  rule: NamedValuesRule,
  taking: Taking,
  reading: Reading,
): void {
  const tag = written(taking.element)
  const say = (what: string) => complain(reading, taking.element, taking.vocabulary, what)
  if (values.length < (rule.least ?? 0)) say(`${tag} needs a value`)
  if (values.length < 2) return
  if (rule.alone !== undefined && values.includes(rule.alone)) say(`<${rule.alone}> stands alone in ${tag}`)
  const isForeign = (value: NamedValue<string>) => typeof value !== 'string' && value.kind === 'element'
  if (rule.single && !values.every(isForeign)) say(`${tag} has one value only`)
  if (!rule.ordered) return
  const ranks = values.map((value) => {
    const name = typeof value === 'string' ? value : value.kind === 'element' ? value.name : ''
    const known = typeof value === 'string' || (value.kind === 'element' && !isOther(value, taking.vocabulary))
    return known ? names.indexOf(name) : names.length
  })
  const inOrder = ranks.every((rank, i) => i === 0 || rank > ranks[i - 1]! || rank === names.length)
  if (!inOrder) say(`The values of ${tag} come once each, in the order ${names.join(', ')}`)
}
