import {
  type DataModelExtension,
  type Device,
  type Extension,
  namespaces,
  type Person,
  type Presence,
  type PresenceExtension,
  presence,
  type Tuple,
  textOf,
  type UserInput,
  type XmlElement,
} from '../../documents/index.ts'
import { lowerCase } from '../../sip/grammar/scanner.ts'
import { sameUri } from '../../sip/grammar/uri-comparison.ts'
import type { Permissions } from './permissions.ts'

/** RFC 5025 §3.3: what of a presence document may be seen with these permissions; the document itself if all of it. */
export function transformed(document: Presence, permissions: Permissions): Presence {
  const { services, devices, persons, attributes } = permissions
  if (services === 'all' && devices === 'all' && persons === 'all' && attributes === 'all') return document
  return presence(document.entity, {
    tuples: document.tuples.filter((one) => seesTuple(one, permissions)).map((one) => seenTuple(one, permissions)),
    notes: mayAttribute(permissions, 'note') ? document.notes : [],
    extensions: document.extensions.flatMap((one) => seenComponent(one, permissions)),
  })
}

/** RFC 5025 §3.3.1.2: a tuple is seen if one of the members of `provide-services` applies to it. */
function seesTuple(tuple: Tuple, { services }: Permissions): boolean {
  if (services === 'all') return true
  return services.some((one) => {
    switch (one.kind) {
      case 'class':
        return hasClass([...tuple.extensions, ...tuple.status.extensions], one.value)
      case 'occurrence-id':
        return tuple.id === one.value
      case 'service-uri':
        return tuple.contact !== undefined && sameUri(tuple.contact.uri, one.value)
      case 'service-uri-scheme':
        return tuple.contact !== undefined && schemeOf(tuple.contact.uri) === lowerCase(one.value)
      case 'service-id':
        return tuple.extensions.some((each) => each.kind === 'unknown' && serviceOf(each.element) === one.value)
      default:
        return false
    }
  })
}

/** §3.3.2: basic status, contact, service class and timestamp come with the tuple; all else needs a permission. */
function seenTuple(tuple: Tuple, permissions: Permissions): Tuple {
  const { status } = tuple
  return {
    ...tuple,
    status: { ...status, extensions: status.extensions.flatMap((one) => seenExtension(one, permissions)) },
    extensions: tuple.extensions.flatMap((one) => seenExtension(one, permissions)),
    notes: mayAttribute(permissions, 'note') ? tuple.notes : [],
  }
}

/** A person, a device, or something else that stands beside them. */
function seenComponent(one: PresenceExtension, permissions: Permissions): PresenceExtension[] {
  if (one.kind === 'person') return seesPerson(one, permissions) ? [seenDataComponent(one, permissions)] : []
  if (one.kind === 'device') return seesDevice(one, permissions) ? [seenDataComponent(one, permissions)] : []
  return seenExtension(one, permissions)
}

/** RFC 5025 §3.3.1.3. */
function seesPerson(person: Person, { persons }: Permissions): boolean {
  if (persons === 'all') return true
  return persons.some((one) => {
    if (one.kind === 'class') return hasClass(person.extensions, one.value)
    return one.kind === 'occurrence-id' && person.id === one.value
  })
}

/** RFC 5025 §3.3.1.1. */
function seesDevice(device: Device, { devices }: Permissions): boolean {
  if (devices === 'all') return true
  return devices.some((one) => {
    if (one.kind === 'class') return hasClass(device.extensions, one.value)
    if (one.kind === 'deviceID') return device.deviceId === one.value
    return one.kind === 'occurrence-id' && device.id === one.value
  })
}

function seenDataComponent<T extends Person | Device>(one: T, permissions: Permissions): T {
  return {
    ...one,
    extensions: one.extensions.flatMap((each) => seenExtension(each, permissions)) as readonly DataModelExtension[],
    notes: mayAttribute(permissions, 'note') ? one.notes : [],
  }
}

const hasClass = (extensions: readonly Extension[], value: string): boolean =>
  extensions.some((one) => one.kind === 'class' && one.value === value)

/** The scheme of a URI in lower case. */
const schemeOf = (uri: string): string => lowerCase(uri.slice(0, Math.max(0, uri.indexOf(':'))))

/** The service identifier in a `<service-description>` of OMA. */
function serviceOf({ namespace, name, children }: XmlElement): string | undefined {
  if (namespace !== omaPresence || name !== 'service-description') return undefined
  for (const child of children)
    if (typeof child !== 'string' && child.kind === 'element' && child.name === 'service-id')
      return textOf(child).trim()
  return undefined
}

/** OMA presence: the elements of which some permissions speak. */
const { omaPresence } = namespaces

/** RFC 5025 §3.3.2: an attribute as far as it may be seen: whole, in part, or not at all. */
function seenExtension<T extends Extension>(one: T, permissions: Permissions): T[] {
  if (permissions.attributes === 'all') return [one]
  if (one.kind === 'user-input') return seenUserInput(one, permissions) as T[]
  return mayExtension(one, permissions) ? [one] : []
}

function mayExtension(one: Extension, permissions: Permissions): boolean {
  switch (one.kind) {
    case 'unknown':
      return mayElement(one.element, permissions)
    case 'servcaps':
    case 'devcaps':
      return mayUnknown(permissions, namespaces.caps, one.kind)
    case 'card':
    case 'display-name':
    case 'homepage':
    case 'icon':
    case 'map':
    case 'sound':
      return mayUnknown(permissions, namespaces.cipid, one.kind)
    case 'timed-status':
      return mayUnknown(permissions, namespaces.timedStatus, one.kind)
    case 'service-class':
      return true
    case 'geopriv':
      return mayAttribute(permissions, 'geopriv') || mayUnknown(permissions, namespaces.geopriv, one.kind)
    default:
      return mayAttribute(permissions, one.kind)
  }
}

const mayAttribute = ({ attributes }: Permissions, name: string): boolean =>
  attributes === 'all' || attributes.has(name)

/** RFC 5025 §3.3.2.14: an attribute for which there is no permission of its own, by name and namespace. */
const mayUnknown = ({ unknown }: Permissions, namespace: string, name: string): boolean =>
  unknown.has(`${namespace} ${name}`)

/** An element that presim does not know: by name and namespace, or, for those of OMA, by OMA's permissions. */
function mayElement({ namespace, name }: XmlElement, permissions: Permissions): boolean {
  if (mayUnknown(permissions, namespace, name)) return true
  return namespace === omaPresence && mayAttribute(permissions, name.replace(/^overriding-/, ''))
}

/** RFC 5025 §3.3.2.12: with `bare` without attributes, with `thresholds` without the time of the last input. */
function seenUserInput(one: UserInput, { userInput }: Permissions): UserInput[] {
  const { kind, value, id, idleThreshold } = one
  const bare = { kind, value, ...(id !== undefined && { id }) }
  switch (userInput) {
    case 'false':
      return []
    case 'bare':
      return [bare]
    case 'thresholds':
      return [{ ...bare, ...(idleThreshold !== undefined && { idleThreshold }) }]
    case 'full':
      return [one]
  }
}
