/**
 * Contact information (RFC 4482): where a person's card, picture and pages are.
 */
import { valued } from './shape/children.ts'
import type { Vocabulary } from './shape/shape.ts'
import { text, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'

/** An element of RFC 4482. `display-name` is a text, the others are URIs. */
export interface CipidElement<K extends string = 'card' | 'display-name' | 'homepage' | 'icon' | 'map' | 'sound'> {
  readonly kind: K
  readonly value: string
}

const cipid: Vocabulary = { prefix: 'cipid', namespace: namespaces.cipid, clause: 'RFC 4482 §4' }

/** The shapes of RFC 4482, by the name of the element. */
export const cipidShapes = {
  card: valued(cipid, 'card', uri),
  'display-name': valued(cipid, 'display-name', text),
  homepage: valued(cipid, 'homepage', uri),
  icon: valued(cipid, 'icon', uri),
  map: valued(cipid, 'map', uri),
  sound: valued(cipid, 'sound', uri),
} as const
