/**
 * Presence documents: PIDF (RFC 3863) with the data model of RFC 4479.
 */

import type { DataModelExtension, Extension } from './extension.ts'
import { dataModel, dataModelExtensions, deviceIdText, extensionShapes, extensions } from './extension.ts'
import type { Note } from './note.ts'
import { noteShape, timestampShape } from './note.ts'
import { choice, leaf, many, maybe, one, type UnknownExtension } from './shape/children.ts'
import { type Format, format } from './shape/format.ts'
import type { Parts, Shape, Vocabulary } from './shape/shape.ts'
import { content, kind, optional, required, shape } from './shape/shape.ts'
import { identifier, oneOf, priority, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'

/** RFC 3863 §4.1.1: what is known of a presentity. */
export interface Presence {
  readonly kind: 'presence'
  /** The URI of the presentity. */
  readonly entity: string
  readonly tuples: readonly Tuple[]
  readonly notes: readonly Note[]
  /** Persons, devices and everything else, in the order of the document. */
  readonly extensions: readonly PresenceExtension[]
}

/** What may follow the notes of a presence document. */
export type PresenceExtension = Person | Device | Extension

/** RFC 3863 §4.1.2: a means of communication, or with RFC 4479 §3.2 a service. */
export interface Tuple {
  /** A name that is unique in the document and stays the same from document to document. */
  readonly id: string
  readonly status: Status
  /** Between status and contact, which is where the schema wants them. */
  readonly extensions: readonly Extension[]
  readonly contact?: Contact
  readonly notes: readonly Note[]
  /** When the tuple was last changed (xs:dateTime). */
  readonly timestamp?: string
}

/** RFC 3863 §4.1.4. */
export interface Status {
  readonly basic?: 'open' | 'closed'
  readonly extensions: readonly Extension[]
}

/** RFC 3863 §4.1.5. */
export interface Contact {
  readonly uri: string
  /** From 0 to 1 with at most three decimals; the highest is preferred. */
  readonly priority?: number
}

/** RFC 4479 §3.1: the human being, of whom there is one, although several views of the same may be told apart. */
export interface Person {
  readonly kind: 'person'
  readonly id: string
  readonly extensions: readonly DataModelExtension[]
  readonly notes: readonly Note[]
  readonly timestamp?: string
}

/** RFC 4479 §3.3: a thing that services run on. */
export interface Device {
  readonly kind: 'device'
  readonly id: string
  readonly extensions: readonly DataModelExtension[]
  /** The URN by which tuples refer to the device. */
  readonly deviceId: string
  readonly notes: readonly Note[]
  readonly timestamp?: string
}

const pidf: Vocabulary = { prefix: '', namespace: namespaces.pidf, clause: 'RFC 3863 §4.4' }

const statusShape = shape<Status>(pidf, 'status', {
  basic: maybe(leaf(pidf, 'basic', oneOf(['open', 'closed']))),
  extensions,
})

const contactShape = shape<Contact>(pidf, 'contact', { priority: optional('priority', priority), uri: content(uri) })

const tupleShape = shape<Tuple>(pidf, 'tuple', {
  id: required('id', identifier),
  status: one(statusShape),
  extensions,
  contact: maybe(contactShape),
  notes: many(noteShape(pidf)),
  timestamp: maybe(timestampShape(pidf)),
})

/** The shape of a person. */
export const personShape = shape<Person>(dataModel, 'person', {
  kind: kind('person'),
  id: required('id', identifier),
  extensions: dataModelExtensions,
  notes: many(noteShape(dataModel)),
  timestamp: maybe(timestampShape(dataModel)),
})

/** The shape of a device. */
export const deviceShape = shape<Device>(dataModel, 'device', {
  kind: kind('device'),
  id: required('id', identifier),
  extensions: dataModelExtensions,
  deviceId: one(deviceIdText),
  notes: many(noteShape(dataModel)),
  timestamp: maybe(timestampShape(dataModel)),
})

/** The parts of a presence document, which `pidf-full` of RFC 5262 shares. */
export const presenceParts: Parts<Omit<Presence, 'kind'>> = {
  entity: required('entity', uri),
  tuples: many(tupleShape),
  notes: many(noteShape(pidf)),
  extensions: choice<PresenceExtension>(() => ({ person: personShape, device: deviceShape, ...extensionShapes }), {
    unknown: true,
    foreign: true,
  }),
}

/** The shape of `<presence>`. */
export const presenceShape: Shape<Presence> = shape<Presence>(pidf, 'presence', {
  kind: kind('presence'),
  ...presenceParts,
})

/** `application/pidf+xml` (RFC 3863). */
export const pidfFormat: Format<Presence> = format('application/pidf+xml', presenceShape)

/** The presence document in a text or a tree, or what is wrong with it. */
export const parsePresence = pidfFormat.parse

/** The text of a presence document. */
export const printPresence = pidfFormat.print

/** A presence document of a presentity; what is not given is empty. */
export function presence(entity: string, parts: Partial<Omit<Presence, 'kind' | 'entity'>> = {}): Presence {
  return { kind: 'presence', entity, tuples: [], notes: [], extensions: [], ...parts }
}

/** A tuple that is open or closed; what is not given is empty. */
export function tuple(
  id: string,
  basic: 'open' | 'closed' | undefined,
  parts: Partial<Omit<Tuple, 'id' | 'status'>> = {},
): Tuple {
  return {
    id,
    status: { ...(basic === undefined ? {} : { basic }), extensions: [] },
    extensions: [],
    notes: [],
    ...parts,
  }
}

/** A person with its characteristics; what is not given is empty. */
export function person(id: string, parts: Partial<Omit<Person, 'kind' | 'id'>> = {}): Person {
  return { kind: 'person', id, extensions: [], notes: [], ...parts }
}

/** A device; what is not given is empty. */
export function device(
  id: string,
  deviceId: string,
  parts: Partial<Omit<Device, 'kind' | 'id' | 'deviceId'>> = {},
): Device {
  return { kind: 'device', id, deviceId, extensions: [], notes: [], ...parts }
}

/** The persons of a presence document. */
export function personsOf(document: Presence): Person[] {
  return document.extensions.filter((each) => each.kind === 'person')
}

/** The devices of a presence document. */
export function devicesOf(document: Presence): Device[] {
  return document.extensions.filter((each) => each.kind === 'device')
}

export type { UnknownExtension }
