/**
 * Resource list meta-information (RFC 4662 §5): the states of the subscriptions behind a list subscription, as the root
 * part of the notification that carries the documents of the resources.
 */

import type { Note } from './note.ts'
import { noteShape } from './note.ts'
import { anyElements, many } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Vocabulary } from './shape/shape.ts'
import { kind, optional, otherAttributes, required, shape } from './shape/shape.ts'
import { boolean, oneOf, text, unsignedInt, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlAttribute, XmlElement } from './xml/tree.ts'

/** RFC 4662 §5.2: a list and its resources, or those of them that changed. */
export interface Rlmi {
  readonly kind: 'list'
  readonly uri: string
  /** The number of the document in its subscription, from 0; each list counts for itself. */
  readonly version: number
  readonly fullState: boolean
  /** The part of the message that the list is in, without angle brackets. */
  readonly cid?: string
  readonly names: readonly Note[]
  readonly resources: readonly RlmiResource[]
  readonly attributes?: readonly XmlAttribute[]
}

/** RFC 4662 §5.3: a resource; without an instance while nothing is known of it. */
export interface RlmiResource {
  readonly uri: string
  readonly names: readonly Note[]
  readonly instances: readonly RlmiInstance[]
  readonly attributes?: readonly XmlAttribute[]
}

/** RFC 4662 §5.5: a subscription to a resource. */
export interface RlmiInstance {
  readonly id: string
  readonly state: 'active' | 'pending' | 'terminated'
  /** Why it was terminated, in the words of the Subscription-State header field. */
  readonly reason?: string
  /** The part of the message with the state of the resource, without angle brackets. */
  readonly cid?: string
  /** Elements that extend the format. */
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

const rlmi: Vocabulary = { prefix: '', namespace: namespaces.rlmi, clause: 'RFC 4662 §5' }

const instanceShape = shape<RlmiInstance>(rlmi, 'instance', {
  id: required('id', text),
  state: required('state', oneOf(['active', 'pending', 'terminated'])),
  reason: optional('reason', text),
  cid: optional('cid', text),
  attributes: otherAttributes('id', 'state', 'reason', 'cid'),
  others: anyElements,
})

const resourceShape = shape<RlmiResource>(rlmi, 'resource', {
  uri: required('uri', uri),
  attributes: otherAttributes('uri'),
  names: many(noteShape(rlmi, 'name')),
  instances: many(instanceShape),
})

/** `application/rlmi+xml` (RFC 4662). */
export const rlmiFormat: Format<Rlmi> = format(
  'application/rlmi+xml',
  shape<Rlmi>(rlmi, 'list', {
    kind: kind('list'),
    uri: required('uri', uri),
    version: required('version', unsignedInt),
    fullState: required('fullState', boolean),
    cid: optional('cid', text),
    attributes: otherAttributes('uri', 'version', 'fullState', 'cid'),
    names: many(noteShape(rlmi, 'name')),
    resources: many(resourceShape),
  }),
)

/** The meta-information in a text or a tree, or what is wrong with it. */
export const parseRlmi = rlmiFormat.parse

/** The text of meta-information. */
export const printRlmi = rlmiFormat.print
