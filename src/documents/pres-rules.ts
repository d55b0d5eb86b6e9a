/**
 * Permissions of presence authorization rules (RFC 5025 §3): how a subscription is handled, and what of a presence
 * document a watcher gets to see. Those that OMA added are among them.
 */
import type { UnknownExtension } from './shape/children.ts'
import { choice, empty, valued } from './shape/children.ts'
import type { Part, Shape, Vocabulary } from './shape/shape.ts'
import { content, kind, required, shape } from './shape/shape.ts'
import { boolean, oneOf, oneTokenOf, text, token, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'

/** An action or a transformation of a rule. */
export type Permission =
  | SubscriptionHandling
  | ProvideServices
  | ProvideDevices
  | ProvidePersons
  | AttributePermission
  | ProvideUserInput
  | ProvideUnknownAttribute
  | ProvideAllAttributes
  | ProvideGeopriv
  | UnknownExtension

/** RFC 5025 §3.2.1: what becomes of a subscription; the higher one wins: block, confirm, polite-block, allow. */
export interface SubscriptionHandling {
  readonly kind: 'sub-handling'
  readonly value: 'block' | 'confirm' | 'polite-block' | 'allow'
}

/** What says of which tuples, devices or persons a permission speaks. */
export interface Selection<K extends string> {
  readonly kind: K
  readonly value: string
}

/** RFC 5025 §3.3.1.2: which tuples are seen: all, or those to which one of the members applies. */
export interface ProvideServices {
  readonly kind: 'provide-services'
  readonly services: 'all' | readonly ServiceSelection[]
}

/** A class, an identifier, a URI, a URI scheme, or, by OMA, a service identifier. */
export type ServiceSelection =
  | Selection<'class'>
  | Selection<'occurrence-id'>
  | Selection<'service-uri'>
  | Selection<'service-uri-scheme'>
  | Selection<'service-id'>
  | UnknownExtension

/** RFC 5025 §3.3.1.1: which devices are seen. */
export interface ProvideDevices {
  readonly kind: 'provide-devices'
  readonly devices: 'all' | readonly DeviceSelection[]
}

/** A class, an identifier or a device URN. */
export type DeviceSelection = Selection<'class'> | Selection<'occurrence-id'> | Selection<'deviceID'> | UnknownExtension

/** RFC 5025 §3.3.1.3: which persons are seen. */
export interface ProvidePersons {
  readonly kind: 'provide-persons'
  readonly persons: 'all' | readonly PersonSelection[]
}

/** A class or an identifier. */
export type PersonSelection = Selection<'class'> | Selection<'occurrence-id'> | UnknownExtension

/** RFC 5025 §3.3.2: the attributes that are seen or not seen; the last five are OMA's. */
export const attributePermissions = [
  'provide-activities',
  'provide-class',
  'provide-deviceID',
  'provide-mood',
  'provide-place-is',
  'provide-place-type',
  'provide-privacy',
  'provide-relationship',
  'provide-status-icon',
  'provide-sphere',
  'provide-time-offset',
  'provide-note',
  'provide-willingness',
  'provide-network-availability',
  'provide-session-participation',
  'provide-registration-state',
  'provide-barring-state',
] as const

/** RFC 5025 §3.3.2: whether an attribute is seen. */
export type AttributePermission = {
  [K in (typeof attributePermissions)[number]]: { readonly kind: K; readonly value: boolean }
}[(typeof attributePermissions)[number]]

/** RFC 5025 §3.3.2.12: how much of `<user-input>` is seen. */
export interface ProvideUserInput {
  readonly kind: 'provide-user-input'
  readonly value: 'false' | 'bare' | 'thresholds' | 'full'
}

/** RFC 5025 §3.3.2.14: whether an attribute that this specification has no name for is seen. */
export interface ProvideUnknownAttribute {
  readonly kind: 'provide-unknown-attribute'
  /** The local name of the element. */
  readonly name: string
  /** Its namespace. */
  readonly ns: string
  readonly value: boolean
}

/** RFC 5025 §3.3.2.15: that all attributes are seen. */
export interface ProvideAllAttributes {
  readonly kind: 'provide-all-attributes'
}

/** OMA presence authorization: whether the location is seen. */
export interface ProvideGeopriv {
  readonly kind: 'provide-geopriv'
  readonly value: 'false' | 'full'
}

const rules: Vocabulary = { prefix: 'pr', namespace: namespaces.presRules, clause: 'RFC 5025 §7' }
const oma: Vocabulary = { prefix: 'op', namespace: namespaces.omaPresRules, clause: 'OMA presence rules' }

const classShape = valued(rules, 'class', token)
const occurrenceShape = valued(rules, 'occurrence-id', token)

/** All of a sort by one empty element, or some by what selects them. */
function allOr<U extends { readonly kind: string }>(all: string, some: Part<readonly U[]>): Part<'all' | readonly U[]> {
  const allShape = empty(rules, all)
  return {
    read: (taking, reading) => {
      const first = taking.children[0]
      if (first?.name !== all || first.namespace !== rules.namespace) return some.read(taking, reading)
      taking.taken = 1
      allShape.read(first, reading)
      return 'all'
    },
    write: (value, making) => {
      if (value === 'all') making.children.push(allShape.write(true))
      else some.write(value, making)
    },
  }
}

const provideServices = shape<ProvideServices>(rules, 'provide-services', {
  kind: kind('provide-services'),
  services: allOr(
    'all-services',
    choice<ServiceSelection>(
      () => ({
        class: classShape,
        'occurrence-id': occurrenceShape,
        'service-uri': valued(rules, 'service-uri', uri),
        'service-uri-scheme': valued(rules, 'service-uri-scheme', token),
        'service-id': valued(oma, 'service-id', text),
      }),
      { unknown: true },
    ),
  ),
})

const provideDevices = shape<ProvideDevices>(rules, 'provide-devices', {
  kind: kind('provide-devices'),
  devices: allOr(
    'all-devices',
    choice<DeviceSelection>(
      () => ({
        class: classShape,
        'occurrence-id': occurrenceShape,
        deviceID: valued(rules, 'deviceID', uri),
      }),
      { unknown: true },
    ),
  ),
})

const providePersons = shape<ProvidePersons>(rules, 'provide-persons', {
  kind: kind('provide-persons'),
  persons: allOr(
    'all-persons',
    choice<PersonSelection>(() => ({ class: classShape, 'occurrence-id': occurrenceShape }), { unknown: true }),
  ),
})

/** Where the list of attribute permissions turns from RFC 5025 to OMA. */
const firstOfOma = attributePermissions.indexOf('provide-willingness')

type AttributeShapes = {
  readonly [K in AttributePermission['kind']]: Shape<Extract<AttributePermission, { readonly kind: K }>>
}

const attributeShapes = Object.fromEntries(
  attributePermissions.map((name, index) => [name, valued(index < firstOfOma ? rules : oma, name, boolean)]),
) as unknown as AttributeShapes

/** The shapes of all permissions, by kind. */
export const permissionShapes = {
  'sub-handling': valued(rules, 'sub-handling', oneTokenOf(['block', 'confirm', 'polite-block', 'allow'])),
  'provide-services': provideServices,
  'provide-devices': provideDevices,
  'provide-persons': providePersons,
  ...attributeShapes,
  'provide-user-input': valued(rules, 'provide-user-input', oneOf(['false', 'bare', 'thresholds', 'full'])),
  'provide-unknown-attribute': shape<ProvideUnknownAttribute>(rules, 'provide-unknown-attribute', {
    kind: kind('provide-unknown-attribute'),
    name: required('name', text),
    ns: required('ns', text),
    value: content(boolean),
  }),
  'provide-all-attributes': shape<ProvideAllAttributes>(rules, 'provide-all-attributes', {
    kind: kind('provide-all-attributes'),
  }),
  'provide-geopriv': valued(oma, 'provide-geopriv', oneOf(['false', 'full'])),
}

/** The children of actions or transformations. */
export const permissions: Part<readonly Permission[]> = choice<Permission>(() => permissionShapes, { unknown: true })
