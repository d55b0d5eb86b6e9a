/**
 * Registration information (RFC 3680): which contacts are registered for an address of record.
 */

import type { Note } from './note.ts'
import { noteShape } from './note.ts'
import { leaf, many, maybe, one, otherElements } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Vocabulary } from './shape/shape.ts'
import { content, kind, optional, required, shape } from './shape/shape.ts'
import { count, oneOf, text, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlElement } from './xml/tree.ts'

/** RFC 3680 §5.1: the registrations of some addresses of record, or those of them that changed. */
export interface Reginfo {
  readonly kind: 'reginfo'
  /** The number of the document in its subscription, from 0. */
  readonly version: number
  readonly state: 'full' | 'partial'
  readonly registrations: readonly Registration[]
  /** Elements of other namespaces. */
  readonly others: readonly XmlElement[]
}

/** RFC 3680 §5.2: one address of record. */
export interface Registration {
  /** The address of record. */
  readonly aor: string
  /** A name that is this registration's in all documents of the subscription. */
  readonly id: string
  readonly state: 'init' | 'active' | 'terminated'
  readonly contacts: readonly RegisteredContact[]
  readonly others: readonly XmlElement[]
}

/** RFC 3680 §4.7.1: what brought a contact into its state. */
export type ContactEvent =
  | 'registered'
  | 'created'
  | 'refreshed'
  | 'shortened'
  | 'expired'
  | 'deactivated'
  | 'probation'
  | 'unregistered'
  | 'rejected'

/** RFC 3680 §5.3: one contact. */
export interface RegisteredContact {
  readonly id: string
  readonly state: 'active' | 'terminated'
  readonly event: ContactEvent
  readonly uri: string
  readonly displayName?: Note
  /** Seconds since the contact was registered. */
  readonly durationRegistered?: number
  /** Seconds until it expires. */
  readonly expires?: number
  /** Seconds after which to try again; only with the event `probation`. */
  readonly retryAfter?: number
  /** The preference, as the Contact header field gave it. */
  readonly q?: string
  readonly callId?: string
  readonly cseq?: number
  /** Parameters of the Contact header field that RFC 3680 has no place for. */
  readonly unknownParameters: readonly UnknownParameter[]
  readonly others: readonly XmlElement[]
}

/** RFC 3680 §5.3.2: a parameter of the Contact header field. */
export interface UnknownParameter {
  readonly name: string
  readonly value: string
}

const reginfo: Vocabulary = { prefix: '', namespace: namespaces.reginfo, clause: 'RFC 3680 §5' }

const parameterShape = shape<UnknownParameter>(reginfo, 'unknown-param', {
  name: required('name', text),
  value: content(text),
})

const contactShape = shape<RegisteredContact>(reginfo, 'contact', {
  id: required('id', text),
  state: required('state', oneOf(['active', 'terminated'])),
  event: required(
    'event',
    oneOf([
      'registered',
      'created',
      'refreshed',
      'shortened',
      'expired',
      'deactivated',
      'probation',
      'unregistered',
      'rejected',
    ]),
  ),
  durationRegistered: optional('duration-registered', count),
  expires: optional('expires', count),
  retryAfter: optional('retry-after', count),
  q: optional('q', text),
  callId: optional('callid', text),
  cseq: optional('cseq', count),
  uri: one(leaf(reginfo, 'uri', uri)),
  displayName: maybe(noteShape(reginfo, 'display-name')),
  unknownParameters: many(parameterShape),
  others: otherElements,
})

const registrationShape = shape<Registration>(reginfo, 'registration', {
  aor: required('aor', uri),
  id: required('id', text),
  state: required('state', oneOf(['init', 'active', 'terminated'])),
  contacts: many(contactShape),
  others: otherElements,
})

/** `application/reginfo+xml` (RFC 3680). */
export const reginfoFormat: Format<Reginfo> = format(
  'application/reginfo+xml',
  shape<Reginfo>(reginfo, 'reginfo', {
    kind: kind('reginfo'),
    version: required('version', count),
    state: required('state', oneOf(['full', 'partial'])),
    registrations: many(registrationShape),
    others: otherElements,
  }),
)

/** The registration information in a text or a tree, or what is wrong with it. */
export const parseReginfo = reginfoFormat.parse

/** The text of registration information. */
export const printReginfo = reginfoFormat.print
