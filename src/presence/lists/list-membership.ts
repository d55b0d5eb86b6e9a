/**
 * TS 24.141 §5.3.4.3, RFC 4826 §4.5: who is a member of a list, by the documents of rls-services and resource-lists.
 */

import type { RlsService } from '../../documents/index.ts'
import { isDocumentError, readOnce, rlsServicesFormat } from '../../documents/index.ts'
import type { HttpBody } from '../../http/message.ts'
import { rule } from '../../sim/rule.ts'
import type { SipTurn } from '../../sip/transaction/transaction-user.ts'
import {
  type DocumentChange,
  type DocumentStore,
  type FlatList,
  type ListResource,
  memoryStore,
  resolveService,
  type StoredDocument,
} from '../../xcap/index.ts'
import { addressOfRecord } from '../address-of-record.ts'
import type { Member, ResourceListServer } from './resource-list-state.ts'

/** A list as a service (RFC 4826 §4.1), and whose it is. */
export interface ListService {
  readonly service: RlsService
  /** The path of the document in which it stands. */
  readonly path: string
  /** The XCAP user identifier of the owner; undefined for a list of the provider. */
  readonly owner: string | undefined
}

const flatten = rule(
  'RFC 4826 §4.5',
  'a list is made flat: its references are followed, lists that are services here too, and each member counts once',
  ['R5.3.4.3-a'],
)

/** The rule by which lists of other servers are looked for at all. */
export const fetchList = rule('RFC 4826 §3.1', 'a list of another server is fetched by XCAP', ['R5.3.4.3-a'])

/** The paths of the documents of all services, by the canonical URIs of the lists. */
export function servicesIn(documents: Readonly<Record<string, StoredDocument>>): Map<string, string> {
  const found = new Map<string, string>()
  for (const [path, document] of Object.entries(documents)) enter(found, path, document)
  return found
}

/** RFC 4826 §4.4.7: of all documents of services only those called `index` count. */
const isIndex = (path: string): boolean => /^rls-services\/users\/[^/]+\/index$/.test(path)

function enter(services: Map<string, string>, path: string, { body }: StoredDocument): void {
  if (!isIndex(path)) return
  const read = readOnce(rlsServicesFormat, body)
  if (!isDocumentError(read)) for (const { uri } of read.services) services.set(addressOfRecord(uri), path)
}

/** Services that came, changed or went with a document. */
export function followServices(services: Map<string, string>, { path, after }: DocumentChange): void {
  if (!isIndex(path)) return
  for (const [uri, where] of services) if (where === path) services.delete(uri)
  if (after !== undefined) enter(services, path, after)
}

/** The list that a URI stands for. */
export function listAt(rls: ResourceListServer, uri: string, store: DocumentStore): ListService | undefined {
  const canonical = addressOfRecord(uri)
  const path = rls.services.get(canonical)
  const document = path === undefined ? undefined : store.read(path)
  if (document === undefined) return undefined
  const read = readOnce(rlsServicesFormat, document.body)
  if (isDocumentError(read)) return undefined
  const service = read.services.find((one) => addressOfRecord(one.uri) === canonical)
  return service && { service, path: path!, owner: path!.split('/')[2] }
}

/** Who is a member, and what was looked at to find out. */
export interface Membership extends FlatList {
  /** The paths of the documents that were read. */
  readonly sources: readonly string[]
}

/** RFC 4826 §4.5: the members of a list; lists in it that are services of this server too are opened. */
export function membersOf(
  rls: ResourceListServer,
  { service, path }: ListService,
  fetched: ReadonlyMap<string, HttpBody | undefined>,
  store: DocumentStore | undefined,
  turn: SipTurn,
): Membership {
  const sources = new Set<string>([path])
  const reading = reader(store ?? memoryStore(), sources)
  const members = new Map<string, ListResource>()
  const toFetch = new Set<string>()
  const problems: FlatList['problems'][number][] = []
  const open = (one: RlsService, above: readonly string[]): void => {
    const flat = resolveService(one, { root: rls.settings.root, store: reading, fetched })
    if (!turn.without(fetchList)) for (const uri of flat.toFetch) toFetch.add(uri)
    problems.push(...flat.problems)
    for (const member of flat.members) {
      const canonical = addressOfRecord(member.uri)
      const inner = turn.without(flatten) ? undefined : listAt(rls, member.uri, reading)
      if (above.includes(canonical)) problems.push({ kind: 'loop', reference: member.uri })
      else if (inner !== undefined) open(inner.service, [...above, canonical])
      else if (isSubscribable(member.uri) && !members.has(member.uri)) members.set(member.uri, member)
    }
  }
  open(service, [addressOfRecord(service.uri)])
  const facts = { list: service.uri, members: members.size, problems: problems.length }
  turn.decide(flatten, toFetch.size > 0 ? 'to be fetched' : 'flat', facts)
  return { members: [...members.values()], toFetch: [...toFetch], problems, sources: [...sources] }
}

/** RFC 4826 §4.5: URIs of which presence can be subscribed to. */
const isSubscribable = (uri: string): boolean => /^(sips?|pres|tel):/i.test(uri)

/** A store that keeps in mind what was read of it. */
const reader = (store: DocumentStore, sources: Set<string>): DocumentStore => ({
  ...store,
  read: (path) => {
    sources.add(path)
    return store.read(path)
  },
})

/** A member to whom nobody has subscribed yet. */
export const newMember = ({ uri, displayName }: ListResource): Member => ({
  uri,
  name: displayName,
  callId: undefined,
  state: 'unknown',
  reason: undefined,
  instance: 0,
  isList: false,
  content: undefined,
  news: 0,
})
