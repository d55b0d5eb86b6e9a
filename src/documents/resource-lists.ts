/**
 * Resource lists (RFC 4826 §3): lists of URIs that a user keeps on the XCAP server.
 */

import type { Note } from './note.ts'
import { noteShape } from './note.ts'
import { choice, many, maybe, otherElements, sharedEnds } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Part, Shape, Vocabulary } from './shape/shape.ts'
import { foreignAttributes, kind, optional, required, shape } from './shape/shape.ts'
import { text, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlAttribute, XmlElement } from './xml/tree.ts'

/** RFC 4826 §3.1: a document of lists. */
export interface ResourceLists {
  readonly kind: 'resource-lists'
  readonly lists: readonly ResourceList[]
}

/** A list of resources and of other lists, in order. */
export interface ResourceList {
  readonly kind: 'list'
  /** Unique among the lists beside it. */
  readonly name?: string
  readonly displayName?: Note
  readonly members: readonly ListMember[]
  /** Elements of other namespaces, behind the members. */
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

/** A member of a list: a list within it, a list elsewhere, a resource, or a resource named elsewhere. */
export type ListMember = ResourceList | ExternalList | ListEntry | EntryReference

/** A list of another document, by its absolute HTTP URI. */
export interface ExternalList {
  readonly kind: 'external'
  readonly anchor?: string
  readonly displayName?: Note
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

/** A resource. */
export interface ListEntry {
  readonly kind: 'entry'
  /** Unique among the entries beside it. */
  readonly uri: string
  readonly displayName?: Note
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

/** A resource that is an entry of another list, by its path below the XCAP root. */
export interface EntryReference {
  readonly kind: 'entry-ref'
  readonly ref: string
  readonly displayName?: Note
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

const lists: Vocabulary = { prefix: '', namespace: namespaces.resourceLists, clause: 'RFC 4826 §3.2' }

const displayName: Part<Note> = maybe(noteShape(lists, 'display-name'))
const common = { displayName, others: otherElements, attributes: foreignAttributes }

const externalShape = shape<ExternalList>(lists, 'external', {
  kind: kind('external'),
  anchor: optional('anchor', uri),
  ...common,
})

const entryShape = shape<ListEntry>(lists, 'entry', { kind: kind('entry'), uri: required('uri', uri), ...common })

const referenceShape = shape<EntryReference>(lists, 'entry-ref', {
  kind: kind('entry-ref'),
  ref: required('ref', uri),
  ...common,
})

/** The shape of `<list>`, which is also, with the name in another namespace, the list of an RLS service. */
export function listShape(vocabulary: Vocabulary = lists): Shape<ResourceList> {
  const parts = {
    kind: kind('list'),
    name: optional('name', text),
    displayName,
    members: choice<ListMember>(() => ({
      list: innerListShape,
      external: externalShape,
      entry: entryShape,
      'entry-ref': referenceShape,
    })),
    others: otherElements,
    attributes: foreignAttributes,
  }
  return shape<ResourceList>(vocabulary, 'list', parts, lists)
}

const innerListShape = listShape()

/** `application/resource-lists+xml` (RFC 4826). */
export const resourceListsFormat: Format<ResourceLists> = format(
  'application/resource-lists+xml',
  shape<ResourceLists>(lists, 'resource-lists', { kind: kind('resource-lists'), lists: many(innerListShape) }),
)

/** The lists in a text or a tree, or what is wrong with them. */
export const parseResourceLists = resourceListsFormat.parse

/** The text of lists. */
export const printResourceLists = resourceListsFormat.print

/** An entry; what is not given is not there. */
export function listEntry(uri: string, displayName?: string): ListEntry {
  return {
    kind: 'entry',
    uri,
    ...(displayName === undefined ? {} : { displayName: { text: displayName } }),
    others: [],
  }
}

/** A list with a name and members. */
export function resourceList(name: string | undefined, members: readonly ListMember[]): ResourceList {
  return { kind: 'list', ...(name === undefined ? {} : { name }), members, others: [] }
}

/** Two members of a list that may not stand beside each other (RFC 4826 §3.4.5), by the field that they share. */
export interface Duplicate {
  readonly field: 'name' | 'uri' | 'ref' | 'anchor'
  readonly value: string
}

/** The members, at any depth, that repeat what must be unique beside them (RFC 4826 §3.4.5). */
export function duplicates(siblings: readonly ListMember[]): Duplicate[] {
  if (areDistinct(siblings)) return []
  const found: Duplicate[] = []
  const seen = { name: new Set(), uri: new Set(), ref: new Set(), anchor: new Set() }
  for (const member of siblings) {
    const field = distinguishing[member.kind]
    const value = distinction(member)
    if (value !== undefined) {
      if (seen[field].has(value)) found.push({ field, value })
      seen[field].add(value)
    }
    if (member.kind === 'list') found.push(...duplicates(member.members))
  }
  return found
}

/** Whether no member repeats another, which is nearly always so and is seen at half the cost. */
function areDistinct(siblings: readonly ListMember[]): boolean {
  const first = siblings[0]
  if (first === undefined) return true
  const before = distinct.get(first)
  if (before !== undefined && isDistinctStill(before, siblings)) {
    distinct.set(first, siblings)
    return true
  }
  if (!areDistinctAnew(siblings)) return false
  distinct.set(first, siblings)
  return true
}

/** Members that do not repeat each other, by the first of them, as they were last seen. */
const distinct = new WeakMap<ListMember, readonly ListMember[]>()

/** Whether members differ by one from those that were distinct, and this one repeats none of the others. */
function isDistinctStill(before: readonly ListMember[], siblings: readonly ListMember[]): boolean {
  const { start, end } = sharedEnds(before, siblings)
  const changed = siblings.length - start - end
  if (changed === 0) return true
  if (changed > 1) return false
  const member = siblings[start]!
  if (member.kind === 'list' && !areDistinct(member.members)) return false
  const value = distinction(member)
  if (value === undefined) return true
  const old = before[start]
  if (before.length === siblings.length && old?.kind === member.kind && distinction(old) === value) return true
  return siblings.every((each, at) => at === start || each.kind !== member.kind || distinction(each) !== value)
}

function areDistinctAnew(siblings: readonly ListMember[]): boolean {
  const entries = new Set<string>()
  const others = new Set<string>()
  let named = 0
  for (const member of siblings) {
    if (member.kind === 'list' && !areDistinct(member.members)) return false
    const value = distinction(member)
    if (value === undefined) continue
    named++
    if (member.kind === 'entry') entries.add(value)
    else others.add(`${member.kind} ${value}`)
  }
  return entries.size + others.size === named
}

const distinguishing = { list: 'name', entry: 'uri', 'entry-ref': 'ref', external: 'anchor' } as const

function distinction(member: ListMember): string | undefined {
  switch (member.kind) {
    case 'list':
      return member.name
    case 'entry':
      return member.uri
    case 'entry-ref':
      return member.ref
    case 'external':
      return member.anchor
  }
}
