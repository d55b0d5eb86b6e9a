import {
  type Filter,
  type FilterChange,
  type FilterSet,
  type FilterTrigger,
  isDocumentError,
  isElement,
  type Place,
  parseFilterSet,
  parseSelector,
  printFilterSet,
  type Selector,
  select,
  stringValue,
  type XmlDocument,
  type XmlElement,
  type XmlNode,
} from '../../documents/index.ts'
import { lowerCase } from '../../sip/grammar/scanner.ts'
import { hostOf } from '../../sip/grammar/uri.ts'
import { identityOf } from '../server/conditions.ts'

/** RFC 4661: what a subscriber has asked to be filtered, through all the SUBSCRIBEs of its subscription. */
export type Filters = FilterSet

/** The media type of filters (RFC 4661 §8). */
export const filterType = 'application/simple-filter+xml'

/**
 * RFC 4660 §5.2.2: the filters after a SUBSCRIBE: a filter with a known id takes the place of the one before, or
 * removes it; the others stay. Undefined, if the body is not acceptable or an expression can not be understood.
 */
export function filtersAfter(
  before: Filters | undefined,
  body: string | Uint8Array,
  { event, resource }: { readonly event: string; readonly resource: string },
): Filters | undefined {
  const asked = parseFilterSet(body)
  if (isDocumentError(asked) || (asked.package ?? event) !== event) return undefined
  const left = new Map((before?.filters ?? []).map((one) => [one.id, one] as const))
  for (const filter of asked.filters) {
    if (filter.remove === true) left.delete(filter.id)
    else left.set(filter.id, filter)
  }
  const bindings = new Map([...(before?.bindings ?? []), ...(asked.bindings ?? [])].map((one) => [one.prefix, one]))
  const after: Filters = {
    kind: 'filter-set',
    ...(bindings.size > 0 && { bindings: [...bindings.values()] }),
    filters: [...left.values()],
  }
  // RFC 4660 §5.2: there is one filter for a resource or a domain, also if it comes later under another name.
  if (new Set(after.filters.map((one) => targetOf(one, resource))).size < left.size) return undefined
  return expressionsOf(after).every((one) => selectorOf(after, one) !== undefined) ? after : undefined
}

/** RFC 4660 §5.2.1: whom a filter is about; without saying so, the resource that is subscribed to. */
const targetOf = ({ uri, domain }: Filter, resource: string): string =>
  domain === undefined ? identityOf(uri ?? resource) : `domain ${lowerCase(domain)}`

/** All expressions of a set of filters. */
const expressionsOf = ({ filters }: Filters): string[] =>
  filters.flatMap(({ what, triggers }) => [
    ...[...(what?.include ?? []), ...(what?.exclude ?? [])].flatMap(({ type, value }) =>
      type === 'namespace' ? [] : [value],
    ),
    ...triggers.flatMap(({ changed, added, removed }) => [...changed.map(({ value }) => value), ...added, ...removed]),
  ])

/** RFC 4661 §5: prefixes are those of the bindings; a name without a prefix is in no namespace. */
function selectorOf({ bindings = [] }: Filters, expression: string): Selector | undefined {
  const resolve = (prefix: string) => (prefix === '' ? '' : bindings.find((one) => one.prefix === prefix)?.urn.trim())
  // Within an expression white space means nothing but in front of `and` and `or` (RFC 4661 §5).
  const text = expression
    .trim()
    .replace(/"[^"]*"|'[^']*'|\s*\/\s*/g, (part) => (part.includes('/') && !/["']/.test(part) ? '/' : part))
  const selector = parseSelector(text, 'filter', resolve)
  return selector.kind === 'selector' ? selector : undefined
}

/** A text that is the same for the same filters: those who asked for the same get the same document. */
export const keyOfFilters = (filters: Filters | undefined): string =>
  filters === undefined || filters.filters.length === 0 ? '' : printFilterSet(filters)

/** RFC 4661 §3.3: the filters that work for a resource: not disabled, and for it, for its domain, or for all. */
function working({ filters }: Filters, resource: string): Filter[] {
  return filters.filter(({ enabled, uri, domain }) => {
    if (enabled === false) return false
    if (uri !== undefined) return identityOf(uri) === identityOf(resource)
    return domain === undefined || hostOf(resource) === lowerCase(domain)
  })
}

/** RFC 4660 §5.3: whether a filter that works for a resource chooses what of it is told. */
export const isChoosing = (filters: Filters, resource: string): boolean =>
  working(filters, resource).some(({ what }) => what !== undefined && what.include.length + what.exclude.length > 0)

/** The elements and attributes without which a document would not be valid: they stay if their parent does. */
export type IsMandatory = (name: string, parent: XmlElement) => boolean

/**
 * RFC 4660 §5.3.1, RFC 4661 §3.4: what of a document the filters deliver: what one of them includes and the way to it,
 * without what one of them excludes, and with what the document needs to be valid.
 */
export function filtered(
  document: XmlDocument,
  filters: Filters,
  resource: string,
  isMandatory: IsMandatory,
): XmlDocument {
  // RFC 4660 §5.4: what is empty counts as absent.
  const whats = working(filters, resource)
    .flatMap(({ what }) => what ?? [])
    .filter(({ include, exclude }) => include.length + exclude.length > 0)
  if (whats.length === 0) return document
  const places = (value: string): Place[] => select(document, selectorOf(filters, value)!)
  const included = new Chosen()
  const excluded = new Chosen()
  for (const { include, exclude } of whats) {
    for (const { type, value } of include) included.add(type === 'namespace' ? value.trim() : places(value))
    for (const { type, value } of exclude) excluded.add(type === 'namespace' ? value.trim() : places(value))
  }
  const isAllIncluded = whats.some(({ include }) => include.length === 0)
  const root = keep(document.root, isAllIncluded, { included, excluded, isMandatory })
  return { ...document, root: root ?? { ...document.root, children: [] } }
}

/** What expressions lead to, and namespaces whose elements are meant. */
class Chosen {
  private readonly elements = new Set<XmlElement>()
  private readonly attributes = new Map<XmlElement, Set<string>>()
  private readonly namespaces = new Set<string>()

  add(what: string | readonly Place[]): void {
    if (typeof what === 'string') this.namespaces.add(what)
    else for (const place of what) this.addPlace(place)
  }

  private addPlace(place: Place): void {
    if (place.kind === 'element') this.elements.add(place.element)
    else if (place.kind === 'document') this.elements.add(place.document.root)
    else if (place.kind === 'attribute') {
      const { element } = place.parent
      const names = this.attributes.get(element) ?? new Set()
      this.attributes.set(element, names.add(place.attribute.name))
    }
  }

  has(element: XmlElement): boolean {
    return this.elements.has(element)
  }
  hasNamespace(element: XmlElement): boolean {
    return this.namespaces.has(element.namespace)
  }
  hasAttribute(element: XmlElement, name: string): boolean {
    return this.attributes.get(element)?.has(name) === true
  }
  hasAttributeOf(element: XmlElement): boolean {
    return this.attributes.has(element)
  }
}

interface Choice {
  readonly included: Chosen
  readonly excluded: Chosen
  readonly isMandatory: IsMandatory
}

/** An element with what is left of it; undefined if nothing is. `isWhole` says that an element above is included. */
function keep(element: XmlElement, isWhole: boolean, choice: Choice): XmlElement | undefined {
  const { included, excluded, isMandatory } = choice
  if (excluded.has(element) || excluded.hasNamespace(element)) return undefined
  const isSelected = isWhole || included.has(element)
  const isOfNamespace = included.hasNamespace(element)
  const kept = new Map<XmlElement, XmlElement>()
  for (const child of element.children) {
    if (!isElement(child)) continue
    const left = keep(child, isSelected, choice)
    if (left !== undefined) kept.set(child, left)
  }
  const isKept = isSelected || isOfNamespace || kept.size > 0 || included.hasAttributeOf(element)
  if (!isKept) return undefined
  const children = element.children.flatMap((child): readonly XmlNode[] => {
    if (!isElement(child)) return isSelected || isOfNamespace ? [child] : []
    const left = kept.get(child) ?? (isMandatory(child.name, element) ? mandatoryPart(child, isMandatory) : undefined)
    return left === undefined ? [] : [left]
  })
  const attributes = element.attributes.filter(
    ({ name, namespace }) =>
      namespace !== '' ||
      isMandatory(`@${name}`, element) ||
      attributeStays(element, name, isSelected || isOfNamespace),
  )
  return { ...element, attributes, children }

  function attributeStays(of: XmlElement, name: string, isGiven: boolean): boolean {
    return (isGiven || included.hasAttribute(of, name)) && !excluded.hasAttribute(of, name)
  }
}

/** An element that has to be there, with what has to be there of it, and with its text. */
function mandatoryPart(element: XmlElement, isMandatory: IsMandatory): XmlElement {
  const children = element.children.flatMap((child): readonly XmlNode[] => {
    if (!isElement(child)) return [child]
    return isMandatory(child.name, element) ? [mandatoryPart(child, isMandatory)] : []
  })
  return { ...element, children }
}

/**
 * RFC 4660 §5.3.1, RFC 4661 §3.6: whether a change is to be told: one of the filters has no trigger, or has one of
 * whose conditions each holds. Before the first document, everything is to be told.
 */
export function isTriggered(
  filters: Filters,
  resource: string,
  before: XmlDocument | undefined,
  after: XmlDocument,
): boolean {
  const effective = working(filters, resource)
  if (before === undefined || effective.length === 0) return true
  return effective.some(
    ({ triggers }) => triggers.length === 0 || triggers.some((one) => fires(one, filters, before, after)),
  )
}

function fires(trigger: FilterTrigger, filters: Filters, before: XmlDocument, after: XmlDocument): boolean {
  const hasMore = (expression: string, sign: 1 | -1): boolean => {
    const selector = selectorOf(filters, expression)!
    return sign * (select(after, selector).length - select(before, selector).length) > 0
  }
  const hasChanged = (change: FilterChange): boolean => {
    const selector = selectorOf(filters, change.value)!
    return isChange(change, valuesOf(select(before, selector)), valuesOf(select(after, selector)))
  }
  return (
    trigger.changed.every(hasChanged) &&
    trigger.added.every((one) => hasMore(one, 1)) &&
    trigger.removed.every((one) => hasMore(one, -1))
  )
}

/** The values of places, by where they stand: names and identifiers of the elements on the way. */
function valuesOf(places: readonly Place[]): Map<string, string> {
  const values = new Map<string, string>()
  for (const place of places) {
    const way = wayTo(place)
    let key = way
    for (let more = 2; values.has(key); more++) key = `${way} ${more}`
    values.set(key, stringValue(place))
  }
  return values
}

function wayTo(place: Place): string {
  if (place.kind === 'document') return ''
  const above = wayTo(place.parent)
  if (place.kind === 'element') {
    const id = place.element.attributes.find(({ name, namespace }) => name === 'id' && namespace === '')?.value
    return `${above}/${place.element.name}${id === undefined ? '' : `#${id}`}`
  }
  return 'attribute' in place ? `${above}/@${place.attribute.name}` : `${above}/text`
}

/** RFC 4661 §3.6.1: one of the values has changed, from something, to something, by at least a number. */
function isChange(
  { from, to, by }: FilterChange,
  old: ReadonlyMap<string, string>,
  fresh: ReadonlyMap<string, string>,
): boolean {
  for (const key of new Set([...old.keys(), ...fresh.keys()])) {
    const [was, is] = [old.get(key), fresh.get(key)]
    if (was === is || (from !== undefined && was !== from) || (to !== undefined && is !== to)) continue
    if (by === undefined || Math.abs(Number(is) - Number(was)) >= Number(by)) return true
  }
  return false
}
