import {
  duplicates,
  type ListMember,
  namespaces,
  type RlsService,
  resourceListsFormat,
  rlsServicesFormat,
  type XcapError,
  type XmlDocument,
} from '../documents/index.ts'
import { rule } from '../sim/rule.ts'
import type { Conflict } from './answer.ts'
import { type Target, targetOfReference, targetOfUri } from './target.ts'
import { type DocumentUsage, type Surroundings, valid } from './usage.ts'

const uniqueMember = rule('RFC 4826 §3.4.5', 'members of a list differ in what names them')
const relativeReference = rule('RFC 4826 §3.4.5', 'an entry-ref is relative to the XCAP root and selects an entry')
const absoluteAnchor = rule('RFC 4826 §3.4.5', 'the anchor of an external list is an absolute HTTP URI')
const uniqueService = rule('RFC 4826 §4.4.5', 'the URI of a service is unique among the services of all users')
const ownList = rule('RFC 4826 §4.4.5', 'the list of a service is one of its user, at this server')

/** RFC 4826 §3.4: the lists of a user. */
export const resourceListsUsage: DocumentUsage = {
  kind: 'documents',
  auid: 'resource-lists',
  clause: 'RFC 4826 §3.4',
  contentType: resourceListsFormat.type,
  defaultNamespace: namespaces.resourceLists,
  schemas: [namespaces.resourceLists],
  conflict: valid(resourceListsFormat, ({ lists }) => conflictOfLists(lists, 'resource-lists')),
}

/** OMA XDM: lists of the groups that a user takes part in, with the schema of resource lists. */
export const groupUsageListUsage: DocumentUsage = {
  ...resourceListsUsage,
  auid: 'org.openmobilealliance.group-usage-list',
  clause: 'OMA Shared List XDM §5.2',
  contentType: 'application/vnd.oma.group-usage-list+xml',
}

/** RFC 4826 §4.4: the services of a user, and of all users in `global/index` (§4.4.8). */
export const rlsServicesUsage: DocumentUsage = {
  kind: 'documents',
  auid: 'rls-services',
  clause: 'RFC 4826 §4.4',
  contentType: rlsServicesFormat.type,
  defaultNamespace: namespaces.rlsServices,
  schemas: [namespaces.rlsServices],
  conflict: valid(rlsServicesFormat, ({ services }, around) => conflictOfServices(services, around)),
  aggregate: { index: allServices },
}

/** RFC 4826 §3.4.5: what lists must be besides valid. */
function conflictOfLists(lists: readonly ListMember[], above: string): Conflict | undefined {
  const [repeated] = duplicates(lists)
  if (repeated === undefined) return conflictOfReferences(lists)
  const { field, value } = repeated
  const element = { name: 'list', uri: 'entry', ref: 'entry-ref', anchor: 'external' }[field]
  const path = field === 'name' ? `${above}/list/@name` : `${above}/list/${element}/@${field}`
  const alternatives = field === 'name' ? [freeName(value, namesIn(lists))] : []
  const phrase = `Two members have the ${field} ${value}`
  return { why: uniqueMember, error: { kind: 'uniqueness-failure', phrase, exists: [{ field: path, alternatives }] } }
}

function namesIn(members: readonly ListMember[]): Set<string> {
  const names = new Set<string>()
  for (const member of members) {
    if (member.kind !== 'list') continue
    if (member.name !== undefined) names.add(member.name)
    for (const name of namesIn(member.members)) names.add(name)
  }
  return names
}

/** A name that is not taken: the given one with the lowest number from 2 behind it. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 2; ; number++) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`
}

function conflictOfReferences(members: readonly ListMember[]): Conflict | undefined {
  for (const member of members) {
    const conflict = conflictOfMember(member)
    if (conflict !== undefined) return conflict
  }
  return undefined
}

function conflictOfMember(member: ListMember): Conflict | undefined {
  switch (member.kind) {
    case 'entry':
      return undefined
    case 'list':
      return conflictOfReferences(member.members)
    case 'entry-ref': {
      const target = targetOfReference(member.ref)
      if (target?.auid === 'resource-lists' && target.selector !== undefined) return undefined
      return { why: relativeReference, error: failure(`No path to an entry below the XCAP root: ${member.ref}`) }
    }
    case 'external':
      if (member.anchor === undefined || /^https?:\/\/[^/?#]/i.test(member.anchor)) return undefined
      return { why: absoluteAnchor, error: failure(`No absolute HTTP URI: ${member.anchor}`) }
  }
}

function failure(phrase: string): XcapError {
  return { kind: 'constraint-failure', phrase }
}

/** RFC 4826 §4.4.5: what services must be besides valid. */
function conflictOfServices(services: readonly RlsService[], around: Surroundings): Conflict | undefined {
  return conflictOfUris(services, around) ?? conflictOfSources(services, around)
}

function conflictOfUris(services: readonly RlsService[], around: Surroundings): Conflict | undefined {
  const own = new Set<string>()
  let repeated: string | undefined
  for (const { uri } of services) {
    if (own.has(uri) || around.isTaken(uri)) repeated ??= uri
    own.add(uri)
  }
  const taken = new Set(own)
  for (const path of around.store.paths('rls-services/')) {
    if (path === around.path) continue
    for (const { uri } of around.readAs(path, rlsServicesFormat)?.services ?? []) {
      if (own.has(uri)) repeated ??= uri
      taken.add(uri)
    }
  }
  if (repeated === undefined) return undefined
  const phrase = `There is a service with the URI ${repeated}`
  const exists = [{ field: 'rls-services/service/@uri', alternatives: [freeUri(repeated, taken, around)] }]
  return { why: uniqueService, error: { kind: 'uniqueness-failure', phrase, exists } }
}

/** A URI that is not taken: the given one with the lowest number from 2 behind its user part. */
function freeUri(uri: string, taken: ReadonlySet<string>, around: Surroundings): string {
  const at = uri.lastIndexOf('@') < 0 ? uri.length : uri.lastIndexOf('@')
  for (let number = 2; ; number++) {
    const candidate = `${uri.slice(0, at)}-${number}${uri.slice(at)}`
    if (!taken.has(candidate) && !around.isTaken(candidate)) return candidate
  }
}

function conflictOfSources(services: readonly RlsService[], around: Surroundings): Conflict | undefined {
  for (const { resourceList, list } of services) {
    if (list !== undefined) {
      const conflict = conflictOfLists([list], 'rls-services/service')
      if (conflict !== undefined) return conflict
    }
    if (resourceList === undefined) continue
    if (!isOwnList(targetOfUri(resourceList, around.root), around)) {
      const phrase = `No list of the same user at this server: ${resourceList}`
      return { why: ownList, error: failure(phrase) }
    }
  }
  return undefined
}

/** A list of the user herself, or one that is everybody's. */
function isOwnList(target: Target | undefined, { xui }: Surroundings): boolean {
  if (target?.auid !== 'resource-lists' || target.selector === undefined) return false
  return target.tree === 'global' || xui === undefined || target.xui === xui
}

/** RFC 4826 §4.4.8: the services in the documents `index` of all users, as one document. */
function allServices({ store, readAs }: Surroundings): XmlDocument {
  const services: RlsService[] = []
  for (const path of store.paths('rls-services/users/')) {
    if (path.endsWith('/index')) services.push(...(readAs(path, rlsServicesFormat)?.services ?? []))
  }
  return rlsServicesFormat.tree({ kind: 'rls-services', services })
}
