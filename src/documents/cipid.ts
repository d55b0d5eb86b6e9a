/**
 * Contact information (RFC 4482): where a person's card, picture and pages are.
 */
import { leaf } from './children.ts'
import type { DataType } from './datatypes.ts'
import { text, uri } from './datatypes.ts'
import { namespaces } from './namespaces.ts'
import type { Shape, Vocabulary } from './shape.ts'

/** An element of RFC 4482. `display-name` is a text, the others are URIs. */
export interface CipidElement<K extends string = 'card' | 'display-name' | 'homepage' | 'icon' | 'map' | 'sound'> {
  readonly kind: K
  readonly value: string
}

const cipid: Vocabulary = { prefix: 'cipid', namespace: namespaces.cipid, clause: 'RFC 4482 §4' }

function valued<const K extends string>(name: K, type: DataType<string>): Shape<CipidElement<K>> {
  const inner = leaf(cipid, name, type)
  return {
    ...inner,
    read: (element, reading) => ({ kind: name, value: inner.read(element, reading) }),
    write: ({ value }) => inner.write(value),
  }
}

/** The shapes of RFC 4482, by the name of the element. */
export const cipidShapes = {
  card: valued('card', uri),
  'display-name': valued('display-name', text),
  homepage: valued('homepage', uri),
  icon: valued('icon', uri),
  map: valued('map', uri),
  sound: valued('sound', uri),
} as const
