import {
  type EntryReference,
  type ExternalList,
  isDocumentError,
  isElement,
  type ListEntry,
  type ListMember,
  listShape,
  type Note,
  namespaces,
  type ResourceList,
  type RlsService,
  readStrictly,
  rlsServicesFormat,
  type XmlElement,
} from '../documents/index.ts'
import { format } from '../documents/shape/format.ts'
import type { HttpBody } from '../http/message.ts'
import { readElement } from './content.ts'
import type { DocumentStore } from './document-store.ts'
import { readStored, treeOf } from './held-document.ts'
import { elementAt, parseNodeSelector } from './node-selector.ts'
import { parseRoot, type Target, targetOfReference, targetOfUri } from './target.ts'

/** Where lists are found that other lists refer to. */
export interface ListReach {
  /** The XCAP root of the store, as the server has it. */
  readonly root: string
  readonly store: DocumentStore
  /** The user in whose name lists are read; lists of others at this server are then out of reach (RFC 4825 §5.7). */
  readonly xui?: string
  /** What came of fetching lists elsewhere, by their URIs: the content, or undefined if there is none to be had. */
  readonly fetched?: ReadonlyMap<string, HttpBody | undefined>
  /** A form of a URI that is the same for URIs of one resource; by default the URI itself. */
  readonly sameAs?: (uri: string) => string
}

/** A resource of a list. */
export interface ListResource {
  readonly uri: string
  readonly displayName?: Note
}

/** A reference that leads nowhere, and why. */
export interface ListProblem {
  readonly kind: 'missing' | 'loop' | 'forbidden' | 'too-many'
  readonly reference: string
}

/** A list without lists in it. */
export interface FlatList {
  /** The resources in the order of the lists, each once. */
  readonly members: readonly ListResource[]
  /** Absolute URIs of lists elsewhere, which have to be fetched; resolving again with them goes on from there. */
  readonly toFetch: readonly string[]
  readonly problems: readonly ListProblem[]
}

/** How many references are followed in one resolution. */
export const mostReferences = 1000

interface Resolving {
  readonly reach: ListReach
  readonly members: Map<string, ListResource>
  readonly toFetch: Set<string>
  readonly problems: ListProblem[]
  /** Lists that were referred to: `open` while the resolution is within them. */
  readonly lists: Map<string, 'open' | 'done'>
  references: number
}

/** RFC 4826 §3.1: the resources of a list, with those of the lists in it and of those that it refers to. */
export function resolveList(list: ResourceList, reach: ListReach): FlatList {
  return resolve(reach, (resolving) => addMembers(list.members, resolving))
}

/** RFC 4826 §4.1: the resources of a service, whose list is its own or elsewhere. */
export function resolveService(service: RlsService, reach: ListReach): FlatList {
  return resolve(reach, (resolving) => {
    if (service.list !== undefined) addMembers(service.list.members, resolving)
    if (service.resourceList !== undefined) addListAt(service.resourceList, resolving)
  })
}

/** The service with a URI, and the path of its document (RFC 4826 §4.4.8); undefined if no user has it. */
export function findService(uri: string, store: DocumentStore): { service: RlsService; path: string } | undefined {
  for (const path of store.paths('rls-services/')) {
    const document = store.read(path)
    const services = document === undefined ? undefined : readStored(document, rlsServicesFormat)?.services
    const service = services?.find((each) => each.uri === uri)
    if (service !== undefined) return { service, path }
  }
  return undefined
}

function resolve(reach: ListReach, add: (resolving: Resolving) => void): FlatList {
  const resolving: Resolving = {
    reach,
    members: new Map(),
    toFetch: new Set(),
    problems: [],
    lists: new Map(),
    references: 0,
  }
  add(resolving)
  const { members, toFetch, problems } = resolving
  return { members: [...members.values()], toFetch: [...toFetch], problems }
}

function addMembers(members: readonly ListMember[], resolving: Resolving): void {
  for (const member of members) {
    switch (member.kind) {
      case 'list':
        addMembers(member.members, resolving)
        break
      case 'entry':
        addEntry(member, member.displayName, resolving)
        break
      case 'entry-ref':
        addReferred(member, resolving)
        break
      case 'external':
        addExternal(member, resolving)
    }
  }
}

/** A resource that is there already is not added again. */
function addEntry({ uri }: Pick<ListEntry, 'uri'>, displayName: Note | undefined, { members, reach }: Resolving): void {
  const key = reach.sameAs?.(uri) ?? uri
  if (!members.has(key)) members.set(key, { uri, ...(displayName === undefined ? {} : { displayName }) })
}

/** RFC 4826 §3.1: an entry of another list, by its path below the XCAP root. */
function addReferred({ ref, displayName }: EntryReference, resolving: Resolving): void {
  if (!mayFollow(ref, resolving)) return
  const target = targetOfReference(ref)
  const entry = target === undefined ? 'missing' : elementOf(target, resolving.reach)
  if (typeof entry === 'string' || !isElement(entry, 'entry', namespaces.resourceLists)) {
    resolving.problems.push({ kind: typeof entry === 'string' ? entry : 'missing', reference: ref })
    return
  }
  const [read] = readList({ ...entryHolder, children: [entry] })?.members ?? []
  if (read?.kind === 'entry') addEntry(read, displayName ?? read.displayName, resolving)
}

const entryHolder: XmlElement = {
  kind: 'element',
  prefix: '',
  namespace: namespaces.resourceLists,
  name: 'list',
  attributes: [],
  children: [],
}

function addExternal({ anchor }: ExternalList, resolving: Resolving): void {
  if (anchor !== undefined) addListAt(anchor, resolving)
}

/** The members of the list at an absolute HTTP URI: in the store, or fetched, or still to be fetched. */
function addListAt(uri: string, resolving: Resolving): void {
  if (!mayFollow(uri, resolving)) return
  const { reach, lists, problems, toFetch } = resolving
  const target = targetOfUri(uri, parseRoot(reach.root))
  const key = target === undefined ? uri : `${target.path}/~~/${target.selector}`
  const known = lists.get(key)
  if (known === 'open') problems.push({ kind: 'loop', reference: uri })
  if (known !== undefined) return
  if (target === undefined && reach.fetched?.has(uri) !== true) {
    toFetch.add(uri)
    return
  }
  const found = target === undefined ? fetchedElement(reach.fetched!.get(uri)) : elementOf(target, reach)
  const list = typeof found === 'string' ? undefined : readList(found)
  if (list === undefined) {
    problems.push({ kind: typeof found === 'string' ? found : 'missing', reference: uri })
    return
  }
  lists.set(key, 'open')
  addMembers(list.members, resolving)
  lists.set(key, 'done')
}

function mayFollow(reference: string, resolving: Resolving): boolean {
  if (++resolving.references <= mostReferences) return true
  if (resolving.references === mostReferences + 1) resolving.problems.push({ kind: 'too-many', reference })
  return false
}

/** The element of the store that a target names, or why there is none. */
function elementOf(target: Target, { store, xui }: ListReach): XmlElement | 'missing' | 'forbidden' {
  if (xui !== undefined && target.tree === 'users' && target.xui !== xui) return 'forbidden'
  const document = store.read(target.path)
  const tree = document === undefined ? undefined : treeOf(document)
  if (tree === undefined || target.selector === undefined) return 'missing'
  const selector = parseNodeSelector(target.selector, target.query, namespaces.resourceLists)
  if (selector.kind === 'answer' || selector.terminal !== undefined) return 'missing'
  return elementAt(tree, selector.elements)?.element ?? 'missing'
}

/** RFC 4825 §8.3: an element that was fetched comes without the declarations that stood above it. */
function fetchedElement(body: HttpBody | undefined): XmlElement | 'missing' {
  if (body === undefined) return 'missing'
  const scope = { prefix: '', namespace: namespaces.resourceLists, outer: undefined }
  const element = readElement(body, 'application/xcap-el+xml', scope)
  return element.kind === 'content' ? element.value : 'missing'
}

const listFormat = format('application/xcap-el+xml', listShape())

function readList(root: XmlElement): ResourceList | undefined {
  const value = readStrictly(listFormat, { kind: 'document', prolog: [], root, epilog: [] })
  return isDocumentError(value) ? undefined : value
}
