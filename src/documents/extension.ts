/**
 * What extends a presence document: the elements of all formats that presim knows, each by its `kind`, and the unknown
 * ones as they are. A list of extensions keeps the order of the document.
 */
import type { DeviceCapabilities, ServiceCapabilities } from './capabilities.ts'
import { capabilityShapes } from './capabilities.ts'
import type { CipidElement } from './cipid.ts'
import { cipidShapes } from './cipid.ts'
import type { Geopriv } from './geopriv.ts'
import { geoprivShape } from './geopriv.ts'
import type { RpidElement } from './rpid.ts'
import { rpidShapes } from './rpid.ts'
import type { UnknownExtension } from './shape/children.ts'
import { choice, leaf } from './shape/children.ts'
import type { Part, Shape, Vocabulary } from './shape/shape.ts'
import type { TimedStatus } from './timed-status.ts'
import { timedStatusShape } from './timed-status.ts'
import { uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlElement } from './xml/tree.ts'

/** RFC 4479 §4.3: the device that a tuple runs on, by its URN. */
export interface DeviceId {
  readonly kind: 'deviceID'
  readonly value: string
}

/** An element that extends a tuple, a status or a whole presence document. */
export type Extension =
  | RpidElement
  | CipidElements
  | TimedStatus
  | DeviceId
  | ServiceCapabilities
  | DeviceCapabilities
  | Geopriv
  | UnknownExtension

/** An element that extends a person or a device: whose device it is, a person does not say (RFC 4479 §5). */
export type DataModelExtension = Exclude<Extension, DeviceId>

/** The elements of RFC 4482, one member each. */
export type CipidElements =
  | CipidElement<'card'>
  | CipidElement<'display-name'>
  | CipidElement<'homepage'>
  | CipidElement<'icon'>
  | CipidElement<'map'>
  | CipidElement<'sound'>

/** The vocabulary of RFC 4479. */
export const dataModel: Vocabulary = { prefix: 'dm', namespace: namespaces.dataModel, clause: 'RFC 4479 §5' }

/** The device identifier of RFC 4479 §4.3 as a text. */
export const deviceIdText: Shape<string> = leaf(dataModel, 'deviceID', uri)

const deviceId: Shape<DeviceId> = {
  ...deviceIdText,
  read: (element, reading) => ({ kind: 'deviceID', value: deviceIdText.read(element, reading) }),
  write: ({ value }) => deviceIdText.write(value),
}

/** The children that are extensions, in any order. */
export const extensions: Part<readonly Extension[]> = choice<Extension>(() => extensionShapes, {
  unknown: true,
  foreign: true,
})

/** The same for a person and a device; elements of the data model are none of them, as they are not foreign there. */
export const dataModelExtensions = extensions as Part<readonly unknown[]> as Part<readonly DataModelExtension[]>

/** The shapes of all extensions, by kind. */
export const extensionShapes = {
  ...rpidShapes,
  ...cipidShapes,
  ...capabilityShapes,
  geopriv: geoprivShape,
  'timed-status': timedStatusShape(extensions as Part<readonly unknown[]> as Part<TimedStatus['extensions']>),
  deviceID: deviceId,
}

/** The first extension of a kind. */
export function extension<K extends Extension['kind']>(
  of: readonly Extension[],
  kind: K,
): Extract<Extension, { readonly kind: K }> | undefined {
  return of.find((each): each is Extract<Extension, { readonly kind: K }> => each.kind === kind)
}

/** An element of which presim knows nothing, as an extension. */
export function unknownExtension(element: XmlElement): UnknownExtension {
  return { kind: 'unknown', element }
}
