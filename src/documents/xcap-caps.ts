/**
 * What an XCAP server can do (RFC 4825 §12): the document `xcap-caps/global/index`.
 */
import { leaf, many, maybe, one, otherElements } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Vocabulary } from './shape/shape.ts'
import { kind, shape, wrapper } from './shape/shape.ts'
import { text, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlElement } from './xml/tree.ts'

/** RFC 4825 §12.1: the capabilities of a server. */
export interface XcapCaps {
  readonly kind: 'xcap-caps'
  /** The application usages. */
  readonly auids: readonly string[]
  readonly extensions?: readonly string[]
  /** The namespaces of which the server has the schema. */
  readonly namespaces: readonly string[]
  /** Elements of other namespaces. */
  readonly others: readonly XmlElement[]
}

const caps: Vocabulary = { prefix: '', namespace: namespaces.xcapCaps, clause: 'RFC 4825 §12.2' }

/** `application/xcap-caps+xml` (RFC 4825). */
export const xcapCapsFormat: Format<XcapCaps> = format(
  'application/xcap-caps+xml',
  shape<XcapCaps>(caps, 'xcap-caps', {
    kind: kind('xcap-caps'),
    auids: one(wrapper<readonly string[]>(caps, 'auids', many(leaf(caps, 'auid', text)))),
    extensions: maybe(wrapper<readonly string[]>(caps, 'extensions', many(leaf(caps, 'extension', text)))),
    namespaces: one(wrapper<readonly string[]>(caps, 'namespaces', many(leaf(caps, 'namespace', uri)))),
    others: otherElements,
  }),
)

/** The capabilities in a text or a tree, or what is wrong with them. */
export const parseXcapCaps = xcapCapsFormat.parse

/** The text of capabilities. */
export const printXcapCaps = xcapCapsFormat.print
