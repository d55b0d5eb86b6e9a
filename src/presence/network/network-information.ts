/**
 * TS 24.141 §5.3.5.3, TS 23.141: what the network knows of a user, and the presence document that it makes. What is
 * true of a way to reach her stands in a tuple, what is true of a thing in a device, what is true of her in the
 * person (RFC 4479 §3).
 */
import {
  activities,
  type Device,
  device,
  type Extension,
  type Geopriv,
  geoprivLocation,
  namespaces,
  type Person,
  type Presence,
  person,
  place,
  placeType,
  presence,
  type RegisteredContact,
  type Registration,
  type Tuple,
  tuple,
  unknownExtension,
  type XmlElement,
} from '../../documents/index.ts'
import { digestOf, printDigest } from '../../sim/digest.ts'
import { addressOf, type CivicFields } from '../publisher/presence-attributes.ts'

/** What the network knows of a user, source by source; a value that is replaced, never changed. */
export interface NetworkInformation {
  /** From the S-CSCF: her contacts in the IM CN subsystem; empty if nothing is known of them. */
  readonly contacts: readonly ImsContact[]
  /** From the SGSN or another access node: one a device and network. */
  readonly bearers: readonly Bearer[]
  /** From the MSC or the GMLC; undefined if it is not known. */
  readonly place: NetworkPlace | undefined
  /** From the MSC: whether she is in a call. */
  readonly isCalling: boolean
}

/** A contact by which a user is registered, or was registered last. */
export interface ImsContact {
  /** The same in all documents of the S-CSCF. */
  readonly id: string
  readonly isRegistered: boolean
  /** The preference as the registration gave it. */
  readonly q: string | undefined
}

/** The connection of a device to an access network. */
export interface Bearer {
  /** The access network, such as `GPRS`. */
  readonly network: string
  /** The URN of the device. */
  readonly device: string
  readonly isAttached: boolean
}

/** Where a user is, as the network sees it. */
export interface NetworkPlace {
  /** The type of place, by its name of RFC 4589. */
  readonly placeType?: string | undefined
  /** A civic address: its fields by name (RFC 5139). */
  readonly address?: CivicFields | undefined
}

/** Nothing is known. */
export const nothingKnown: NetworkInformation = { contacts: [], bearers: [], place: undefined, isCalling: false }

/** RFC 3680 §4.7.1: after the state of a registration; the contacts that were the last ones stay, as gone. */
export function withRegistration(
  before: NetworkInformation,
  { state, contacts }: Pick<Registration, 'state' | 'contacts'>,
): NetworkInformation {
  const active = state === 'active' ? contacts.filter((one) => one.state === 'active') : []
  if (active.length === 0) return withoutRegistration(before)
  return { ...before, contacts: active.map(({ id, q }: RegisteredContact) => ({ id, isRegistered: true, q })) }
}

/** After the end of a registration. */
export function withoutRegistration(before: NetworkInformation): NetworkInformation {
  return { ...before, contacts: before.contacts.map((one) => ({ ...one, isRegistered: false })) }
}

/** After a device has attached to a network, or detached from it. */
export function withBearer(before: NetworkInformation, bearer: Bearer): NetworkInformation {
  const isSame = (one: Bearer): boolean => one.device === bearer.device && one.network === bearer.network
  const isKnown = before.bearers.some(isSame)
  const bearers = before.bearers.map((one) => (isSame(one) ? bearer : one))
  return { ...before, bearers: isKnown ? bearers : [...bearers, bearer] }
}

/** True while there is something that will end: what is left after that is told once, and not kept up. */
export const isAlive = ({ contacts, bearers, place, isCalling }: NetworkInformation): boolean =>
  isCalling ||
  place !== undefined ||
  contacts.some(({ isRegistered }) => isRegistered) ||
  bearers.some(({ isAttached }) => isAttached)

/** True if a document of it would have nothing in it. */
export const isEmpty = ({ contacts, bearers, place, isCalling }: NetworkInformation): boolean =>
  contacts.length + bearers.length === 0 && place === undefined && !isCalling

/** §5.3.5.3: the document of a user, by the table of docs/decisions/network-agent.md. */
export function networkDocument(identity: string, known: NetworkInformation): Presence {
  const said = personExtensions(known)
  const persons = said.length === 0 ? [] : [person('network', { extensions: said as Person['extensions'] })]
  return presence(identity, {
    tuples: known.contacts.map((one) => tupleOf(identity, one)),
    extensions: [...persons, ...devicesOf(known.bearers)],
  })
}

/** A registered contact is a way to reach the user at her public identity: where the contact itself is, is not told. */
function tupleOf(identity: string, { id, isRegistered, q }: ImsContact): Tuple {
  const priority = q === undefined ? Number.NaN : Number(q)
  const preference = priority >= 0 && priority <= 1 ? { priority } : {}
  return tuple(`ims-${opaque(id)}`, isRegistered ? 'open' : 'closed', { contact: { uri: identity, ...preference } })
}

/** A name that is the same for the same thing, and tells nothing of it (RFC 3863 §4.1.2). */
const opaque = (name: string): string => printDigest(digestOf(name))

/** RFC 4480 §3.2, §3.6, RFC 4119: what the network knows of the person. */
function personExtensions({ isCalling, place: where }: NetworkInformation): Extension[] {
  const { placeType: type, address } = where ?? {}
  return [
    ...(isCalling ? [activities('on-the-phone')] : []),
    ...(type === undefined ? [] : [placeType(place(type))]),
    ...(address === undefined ? [] : [locationOf(address)]),
  ]
}

/** RFC 4119 §2.2.3: the location was found by the cell. */
const locationOf = (address: CivicFields): Geopriv => ({
  ...geoprivLocation([addressOf(address)]),
  method: { text: 'Cell' },
})

/** RFC 4479 §3.3: the devices of a user, each with the networks that it was seen in. */
function devicesOf(bearers: readonly Bearer[]): Device[] {
  const urns = [...new Set(bearers.map((one) => one.device))]
  return urns.map((urn) =>
    device(`device-${opaque(urn)}`, urn, {
      extensions: [unknownExtension(availability(bearers.filter((one) => one.device === urn)))],
    }),
  )
}

/** OMA Presence SIMPLE data extensions: the access networks of a device. */
const availability = (bearers: readonly Bearer[]): XmlElement =>
  omaElement(
    'network-availability',
    bearers.map(({ network, isAttached }) => ({
      ...omaElement('network', [omaElement(isAttached ? 'active' : 'terminated')]),
      attributes: [{ kind: 'attribute', prefix: '', namespace: '', name: 'id', value: network }],
    })),
  )

const omaElement = (name: string, children: XmlElement['children'] = []): XmlElement => ({
  kind: 'element',
  prefix: 'op',
  namespace: namespaces.omaPresence,
  name,
  attributes: [],
  children,
})
