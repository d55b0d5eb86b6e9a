/**
 * Event notification filters (RFC 4661): what of a document a watcher wants, and which changes it wants to hear of.
 */
import { leaf, many, maybe, otherElements } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Vocabulary } from './shape/shape.ts'
import { content, foreignAttributes, kind, optional, required, shape, wrapper } from './shape/shape.ts'
import { boolean, decimal, oneOf, text, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlAttribute, XmlElement } from './xml/tree.ts'

/** RFC 4661 §3.1: the filters of a subscription. */
export interface FilterSet {
  readonly kind: 'filter-set'
  /** The event package; that of the subscription, if nothing is said. */
  readonly package?: string
  /** RFC 4661 §3.2: the prefixes of the filters' expressions. */
  readonly bindings?: readonly NamespaceBinding[]
  readonly filters: readonly Filter[]
  readonly attributes?: readonly XmlAttribute[]
}

/** RFC 4661 §3.2: what a prefix stands for. */
export interface NamespaceBinding {
  readonly prefix: string
  readonly urn: string
}

/** RFC 4661 §3.3: a filter; for one resource, for a domain, or for all. */
export interface Filter {
  readonly id: string
  readonly uri?: string
  readonly domain?: string
  /** Whether the filter of this identifier is deleted; not, if nothing is said. */
  readonly remove?: boolean
  /** Whether the filter works; it does, if nothing is said. */
  readonly enabled?: boolean
  readonly what?: FilterWhat
  /** A notification is sent if one of them holds. */
  readonly triggers: readonly FilterTrigger[]
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

/** RFC 4661 §3.4: what of the document is delivered. */
export interface FilterWhat {
  readonly include: readonly FilterSelection[]
  readonly exclude: readonly FilterSelection[]
  readonly others: readonly XmlElement[]
}

/** RFC 4661 §3.5: nodes by expression, or everything in a namespace. */
export interface FilterSelection {
  /** What the value is: an expression, if nothing is said. */
  readonly type?: 'xpath' | 'namespace'
  readonly value: string
  readonly attributes?: readonly XmlAttribute[]
}

/** RFC 4661 §3.6: changes that must come together. */
export interface FilterTrigger {
  readonly changed: readonly FilterChange[]
  /** Expressions of what must have come. */
  readonly added: readonly string[]
  /** Expressions of what must have gone. */
  readonly removed: readonly string[]
  readonly others: readonly XmlElement[]
}

/** RFC 4661 §3.6.1: a value that must have changed: from something, to something, by at least a number. */
export interface FilterChange {
  readonly from?: string
  readonly to?: string
  readonly by?: string
  /** The expression of the value. */
  readonly value: string
  readonly attributes?: readonly XmlAttribute[]
}

const filters: Vocabulary = { prefix: '', namespace: namespaces.simpleFilter, clause: 'RFC 4661 §7' }

const bindingShape = shape<NamespaceBinding>(filters, 'ns-binding', {
  prefix: required('prefix', text),
  urn: required('urn', uri),
})

function selection(name: string) {
  return shape<FilterSelection>(filters, name, {
    type: optional('type', oneOf(['xpath', 'namespace'])),
    attributes: foreignAttributes,
    value: content(text),
  })
}

const whatShape = shape<FilterWhat>(filters, 'what', {
  include: many(selection('include')),
  exclude: many(selection('exclude')),
  others: otherElements,
})

const changedShape = shape<FilterChange>(filters, 'changed', {
  from: optional('from', text),
  to: optional('to', text),
  by: optional('by', decimal),
  attributes: foreignAttributes,
  value: content(text),
})

const triggerShape = shape<FilterTrigger>(filters, 'trigger', {
  changed: many(changedShape),
  added: many(leaf(filters, 'added', text)),
  removed: many(leaf(filters, 'removed', text)),
  others: otherElements,
})

const filterShape = shape<Filter>(filters, 'filter', {
  id: required('id', text),
  uri: optional('uri', uri),
  domain: optional('domain', text),
  remove: optional('remove', boolean),
  enabled: optional('enabled', boolean),
  attributes: foreignAttributes,
  what: maybe(whatShape),
  triggers: many(triggerShape),
  others: otherElements,
})

/** `application/simple-filter+xml` (RFC 4661). */
export const filterSetFormat: Format<FilterSet> = format(
  'application/simple-filter+xml',
  shape<FilterSet>(filters, 'filter-set', {
    kind: kind('filter-set'),
    package: optional('package', text),
    attributes: foreignAttributes,
    bindings: maybe(wrapper<readonly NamespaceBinding[]>(filters, 'ns-bindings', many(bindingShape, 1))),
    filters: many(filterShape, 1),
  }),
)

/** The filters in a text or a tree, or what is wrong with them. */
export const parseFilterSet = filterSetFormat.parse

/** The text of filters. */
export const printFilterSet = filterSetFormat.print
