/**
 * RLS services (RFC 4826 §4): the URIs of resource lists, and which list and which event packages each stands for.
 */

import type { ResourceList } from './resource-lists.ts'
import { listShape } from './resource-lists.ts'
import { isOther, leaf, many, maybe, otherElements } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Part, Vocabulary } from './shape/shape.ts'
import { checkLax, complain, foreignAttributes, kind, required, shape, wrapper, written } from './shape/shape.ts'
import { text, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlAttribute, XmlElement } from './xml/tree.ts'

/** RFC 4826 §4.1: a document of services. */
export interface RlsServices {
  readonly kind: 'rls-services'
  readonly services: readonly RlsService[]
}

/** A resource list as a service: exactly one of `resourceList` and `list` says which list it is. */
export interface RlsService {
  /** The URI to which list subscriptions are made; unique among all services. */
  readonly uri: string
  /** The absolute HTTP URI of a list in a resource-lists document. */
  readonly resourceList?: string
  /** The list itself. */
  readonly list?: ResourceList
  /** The event packages that the service takes, and foreign elements among them; any package if there is none. */
  readonly packages?: readonly (string | XmlElement)[]
  /** Elements of other namespaces. */
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

const services: Vocabulary = { prefix: '', namespace: namespaces.rlsServices, clause: 'RFC 4826 §4.2' }

const packageShape = leaf(services, 'package', text)

/** A package must come before anything foreign does. */
const packageList: Part<readonly (string | XmlElement)[]> = {
  read: (taking, reading) => {
    const packages: (string | XmlElement)[] = []
    for (; taking.taken < taking.children.length; taking.taken++) {
      const child = taking.children[taking.taken]!
      if (child.name === 'package' && child.namespace === services.namespace) {
        packages.push(packageShape.read(child, reading))
      } else if (packages.length > 0 && isOther(child, services)) {
        checkLax(child, reading)
        packages.push(child)
      } else break
    }
    return packages
  },
  write: (packages, making) => {
    for (const each of packages) making.children.push(typeof each === 'string' ? packageShape.write(each) : each)
  },
}

const inlineList = maybe(listShape(services))

const serviceShape = shape<RlsService>(services, 'service', {
  uri: required('uri', uri),
  resourceList: maybe(leaf(services, 'resource-list', uri)),
  list: {
    ...inlineList,
    read: (taking, reading) => {
      if (taking.taken > 0) return undefined
      const list = inlineList.read(taking, reading)
      if (list === undefined) {
        complain(reading, taking.element, services, `${written(taking.element)} needs <resource-list> or <list>`)
      }
      return list
    },
  },
  packages: maybe(wrapper<readonly (string | XmlElement)[]>(services, 'packages', packageList)),
  others: otherElements,
  attributes: foreignAttributes,
})

/** `application/rls-services+xml` (RFC 4826). */
export const rlsServicesFormat: Format<RlsServices> = format(
  'application/rls-services+xml',
  shape<RlsServices>(services, 'rls-services', { kind: kind('rls-services'), services: many(serviceShape) }),
)

/** The services in a text or a tree, or what is wrong with them. */
export const parseRlsServices = rlsServicesFormat.parse

/** The text of services. */
export const printRlsServices = rlsServicesFormat.print

/** A service with a list elsewhere (a URI) or a list of its own, for some event packages. */
export function rlsService(uri: string, list: string | ResourceList, packages: readonly string[] = []): RlsService {
  const source = typeof list === 'string' ? { resourceList: list } : { list }
  return { uri, ...source, ...(packages.length > 0 ? { packages } : {}), others: [] }
}
