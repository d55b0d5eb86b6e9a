/**
 * Location objects (RFC 4119): where something is, and what may be done with that knowledge; with the civic addresses
 * of RFC 4119 and of RFC 5139.
 */

import type { Note } from './note.ts'
import { noteShape } from './note.ts'
import type { UnknownExtension } from './shape/children.ts'
import { choice, leaf, maybe, one, otherElements } from './shape/children.ts'
import type { Part, Shape, Vocabulary } from './shape/shape.ts'
import { complain, content, kind, lang, otherAttributes, shape, wrapper, written } from './shape/shape.ts'
import type { DataType } from './xml/datatypes.ts'
import { boolean, dateTime, text, token, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlAttribute, XmlElement } from './xml/tree.ts'

/** RFC 4119 §2.2: a location with the rules for its use. */
export interface Geopriv {
  readonly kind: 'geopriv'
  /** RFC 4119 §2.2.1: one or more ways of saying where; positions in GML are kept as elements. */
  readonly location: readonly Location[]
  readonly usageRules: UsageRules
  /** RFC 4119 §2.2.3: how the location was found, such as `GPS`. */
  readonly method?: Note
  /** RFC 4119 §2.2.4: who provided it, as elements that are not looked into. */
  readonly providedBy?: readonly XmlElement[]
  /** Elements of other namespaces. */
  readonly others: readonly XmlElement[]
}

/** A way of saying where. */
export type Location = CivicAddress | CivicLocation | UnknownExtension

/** RFC 4119 §2.2.2: what the receiver of a location may do with it. */
export interface UsageRules {
  /** Whether it may be passed on; not, if nothing is said. */
  readonly retransmissionAllowed?: boolean
  /** Until when it may be kept (xs:dateTime); a day after receipt, if nothing is said. */
  readonly retentionExpiry?: string
  /** Where more rules are. */
  readonly externalRuleset?: string
  /** A notice in words. */
  readonly noteWell?: Note
  /** Elements of other namespaces. */
  readonly others: readonly XmlElement[]
}

// biome-ignore format: a list of names
const locationNames = [
  'country', 'A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'PRD', 'POD', 'STS', 'HNO', 'HNS', 'LMK', 'LOC', 'FLR', 'NAM', 'PC',
] as const
// biome-ignore format: a list of names
const addressNames = [
  'country', 'A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'PRM', 'PRD', 'RD', 'STS', 'POD', 'POM', 'RDSEC', 'RDBR', 'RDSUBBR',
  'HNO', 'HNS', 'LMK', 'LOC', 'FLR', 'NAM', 'PC', 'BLD', 'UNIT', 'ROOM', 'SEAT', 'PLC', 'PCN', 'POBOX', 'ADDCODE',
] as const

/** The fields of an address of RFC 5139, in the order of its schema. */
export { addressNames as civicAddressNames }

/** A part of an address, such as `A3` for the city (RFC 4119 §2.2.1, RFC 5139 §3). */
export interface CivicField<N extends string> {
  readonly name: N
  readonly value: string
  /** The language of the value; RFC 5139 only, and neither of a country nor of a type of place. */
  readonly lang?: string
}

/** An address in the form of RFC 5139. Each field comes at most once, in the order of the schema. */
export interface CivicAddress {
  readonly kind: 'civicAddress'
  readonly fields: readonly CivicField<(typeof addressNames)[number]>[]
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

/** An address in the form of RFC 4119 §2.2.1, which has fewer fields. */
export interface CivicLocation {
  readonly kind: 'civicLocation'
  readonly fields: readonly CivicField<(typeof locationNames)[number]>[]
  readonly others: readonly XmlElement[]
}

const geopriv: Vocabulary = { prefix: 'gp', namespace: namespaces.geopriv, clause: 'RFC 4119 §2.2' }
const policy: Vocabulary = { prefix: 'gbp', namespace: namespaces.geoprivPolicy, clause: 'RFC 4119 §2.2.2' }
const civicAddress: Vocabulary = { prefix: 'ca', namespace: namespaces.civicAddress, clause: 'RFC 5139 §4' }
const civicLocation: Vocabulary = { prefix: 'cl', namespace: namespaces.civicLoc, clause: 'RFC 4119 §2.2.1' }

/** ISO 3166-1: two capital letters. */
const country: DataType<string> = {
  ...token,
  name: 'a country in two capital letters',
  parse: (given) => (/^\s*[A-Z]{2}\s*$/.test(given) ? given.trim() : undefined),
}

/** A field as an element: in RFC 5139 with a language, but for the two that are codes. */
function fieldShape(vocabulary: Vocabulary, name: string): Shape<{ value: string; lang?: string }> {
  const type = vocabulary === civicLocation ? text : name === 'country' ? country : token
  const plain = vocabulary === civicLocation || name === 'country' || name === 'PLC'
  if (!plain) return shape<{ value: string; lang?: string }>(vocabulary, name, { lang, value: content(type) })
  const inner = leaf(vocabulary, name, type)
  return {
    ...inner,
    read: (element, reading) => ({ value: inner.read(element, reading) }),
    write: ({ value }) => inner.write(value),
  }
}

/** The fields of an address: any of the names, in their order. */
function fieldsOf<N extends string>(vocabulary: Vocabulary, names: readonly N[]): Part<readonly CivicField<N>[]> {
  const shapes = new Map(names.map((name) => [name as string, fieldShape(vocabulary, name)]))
  return {
    read: (taking, reading) => {
      const fields: CivicField<N>[] = []
      let rank = -1
      for (; taking.taken < taking.children.length; taking.taken++) {
        const child = taking.children[taking.taken]!
        const of = child.namespace === vocabulary.namespace ? shapes.get(child.name) : undefined
        if (of === undefined) break
        const at = names.indexOf(child.name as N)
        if (at <= rank) complain(reading, child, vocabulary, `${written(child)} comes once, before what follows it`)
        rank = at
        fields.push({ name: child.name as N, ...of.read(child, reading) })
      }
      return fields
    },
    write: (fields, making) => {
      for (const field of fields) making.children.push(shapes.get(field.name)!.write(field))
    },
  }
}

/** The shape of an address in the form of RFC 5139, which is a global element. */
export const civicAddressShape = shape<CivicAddress>(civicAddress, 'civicAddress', {
  kind: kind('civicAddress'),
  fields: fieldsOf(civicAddress, addressNames),
  others: otherElements,
  attributes: otherAttributes(),
})

const civicLocationShape = shape<CivicLocation>(civicLocation, 'civicAddress', {
  kind: kind('civicLocation'),
  fields: fieldsOf(civicLocation, locationNames),
  others: otherElements,
})

const usageRulesShape = shape<UsageRules>(
  geopriv,
  'usage-rules',
  {
    retransmissionAllowed: maybe(leaf(policy, 'retransmission-allowed', boolean)),
    retentionExpiry: maybe(leaf(policy, 'retention-expiry', dateTime)),
    externalRuleset: maybe(leaf(policy, 'external-ruleset', uri)),
    noteWell: maybe(noteShape(policy, 'note-well')),
    others: otherElements,
  },
  policy,
)

const locations: Part<readonly Location[]> = choice<Location>(
  () => ({ civicAddress: civicAddressShape, civicLocation: civicLocationShape }),
  { unknown: true, foreign: true },
)

/** The schema has them skipped, not checked. */
const providers: Part<readonly XmlElement[]> = {
  ...otherElements,
  read: (taking, reading) => {
    const elements = otherElements.read(taking, { ...reading, globals: undefined })
    if (elements?.length === 0) complain(reading, taking.element, geopriv, '<provided-by> says who')
    return elements
  },
}

/** The shape of `<geopriv>`. */
export const geoprivShape: Shape<Geopriv> = shape<Geopriv>(geopriv, 'geopriv', {
  kind: kind('geopriv'),
  location: one(wrapper<readonly Location[]>(geopriv, 'location-info', locations)),
  usageRules: one(usageRulesShape),
  method: maybe(noteShape(geopriv, 'method')),
  providedBy: maybe(wrapper<readonly XmlElement[]>(geopriv, 'provided-by', providers)),
  others: otherElements,
})

/** A location object; nothing is said of its use unless it is given. */
export function geoprivLocation(location: readonly Location[], usageRules: UsageRules = { others: [] }): Geopriv {
  return { kind: 'geopriv', location, usageRules, others: [] }
}
