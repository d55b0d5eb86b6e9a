/**
 * TS 24.141 §5.3.1.3: the attributes that stage 2 gives a presentity, in a presence document: what is true of the
 * person stands in `<person>`, what is true of one way to reach her in a `<tuple>`. Read both ways by one table.
 */
import {
  activities,
  activityNames,
  type CipidElement,
  type CivicAddress,
  civicAddressNames,
  type Extension,
  extension,
  geoprivLocation,
  mood,
  moodNames,
  type NamedValue,
  type Person,
  type Presence,
  person,
  personsOf,
  place,
  placeType,
  presence,
  rpidClass,
  type ServiceCapabilities,
  serviceCapabilities,
  sphere,
  type Tuple,
  tuple,
} from '../../documents/index.ts'

/** TS 23.141 §6.1.1: whether the subscriber wants to communicate. */
export type Willingness = 'willing' | 'willing with limitations' | 'not willing' | 'not disclosed'

type Medium = 'application' | 'audio' | 'control' | 'data' | 'message' | 'text' | 'video'
type CivicName = CivicAddress['fields'][number]['name']

/** A civic address: its fields by name, such as `country`, `A3` for the city (RFC 5139). */
export type CivicFields = Readonly<Partial<Record<CivicName, string>>>

/** What is said of the person; what is not given is not said (R5.3.1.3-g). */
export interface PersonAttributes {
  /** The subscriber's status. */
  readonly willingness?: Willingness
  /** RFC 4480 §3.2, by name; words that it has no name for are `other`. */
  readonly activities?: readonly string[]
  readonly mood?: readonly string[]
  /** The type of place, by its name of RFC 4589, such as `train-station`. */
  readonly placeType?: string
  readonly sphere?: 'home' | 'work' | 'unknown'
  /** Which media others nearby cannot follow (RFC 4480 §3.7). */
  readonly privacy?: readonly PrivateMedium[]
  /** Minutes east of UTC. */
  readonly timeOffset?: number
  readonly class?: string
  /** The location as a civic address: its fields by name, such as `country`, `A3` for the city (RFC 5139). */
  readonly location?: CivicFields
  readonly card?: string
  readonly displayName?: string
  readonly homepage?: string
  readonly icon?: string
  readonly map?: string
  readonly sound?: string
  /** A text for people. */
  readonly text?: string
}

/** One way to reach the presentity. */
export interface CommunicationMeans {
  /** A name that is unique in the document. */
  readonly id: string
  readonly status?: 'online' | 'offline'
  readonly contact?: string
  /** From 0 to 1 with at most three decimals. */
  readonly priority?: number
  readonly text?: string
  readonly class?: string
  /** What the service can carry (RFC 5196). */
  readonly media?: readonly Medium[]
  /** The methods it takes (RFC 5196). */
  readonly methods?: readonly string[]
  /** For an alternate contact: what that one is to the presentity (RFC 4480 §3.8). */
  readonly relationship?: 'assistant' | 'associate' | 'family' | 'friend' | 'self' | 'supervisor' | 'unknown'
  /** The device that the service runs on, by its URN (RFC 4479). */
  readonly device?: string
}

/** The attributes of a presentity. */
export interface PresenceAttributes extends PersonAttributes {
  /** Without any, the presentity is reached at her own address, if her status says whether. */
  readonly means?: readonly CommunicationMeans[]
}

/** How one attribute becomes an element, and is read from it again. */
interface Mapping<V> {
  readonly write: (value: V) => Extension
  readonly read: (from: readonly Extension[]) => V | undefined
}

type Mappings<T> = { readonly [K in keyof T]-?: Mapping<NonNullable<T[K]>> }

/** R5.3.1.3-c: an element of RFC 4482. */
const cipid = (kind: CipidElement['kind']): Mapping<string> => ({
  write: (value) => ({ kind, value }) as Extension,
  read: (from) => (from.find((one) => one.kind === kind) as CipidElement | undefined)?.value,
})

/** Words as values of an enumeration: those without a name of their own are `other` (RFC 4480 §3.2, §3.4). */
const named = <N extends string>(words: readonly string[], names: readonly N[]): NamedValue<N>[] =>
  words.map((word) => names.find((name) => name === word) ?? { kind: 'other', text: word })

/** The words again; an element of another namespace is known by its name. */
const wordsIn = (values: readonly NamedValue<string>[] | undefined): string[] | undefined =>
  values?.map((value) => (typeof value === 'string' ? value : value.kind === 'other' ? value.text : value.name))

/** R5.3.1.3-b, -c, -f: elements of `<person>`, in the order in which they are written. */
const personTable: Mappings<Omit<PersonAttributes, 'willingness' | 'text'>> = {
  activities: {
    write: (words) => activities(...named(words, activityNames)),
    read: (from) => wordsIn(extension(from, 'activities')?.values),
  },
  mood: {
    write: (words) => mood(...named(words, moodNames)),
    read: (from) => wordsIn(extension(from, 'mood')?.values),
  },
  placeType: {
    write: (name) => placeType(place(name)),
    read: (from) => wordsIn(extension(from, 'place-type')?.values)?.[0],
  },
  sphere: {
    write: (name) => sphere(name),
    read: (from) => extension(from, 'sphere')?.values.find((value) => typeof value === 'string'),
  },
  privacy: {
    write: (media) => ({ kind: 'privacy', notes: [], values: media.toSorted() }),
    read: (from) => extension(from, 'privacy')?.values.filter((value) => isMedium(value)),
  },
  timeOffset: {
    write: (minutes) => ({ kind: 'time-offset', minutes }),
    read: (from) => extension(from, 'time-offset')?.minutes,
  },
  class: { write: rpidClass, read: (from) => extension(from, 'class')?.value },
  location: { write: locationOf, read: addressIn },
  card: cipid('card'),
  displayName: cipid('display-name'),
  homepage: cipid('homepage'),
  icon: cipid('icon'),
  map: cipid('map'),
  sound: cipid('sound'),
}

type PrivateMedium = 'audio' | 'text' | 'video'

const isMedium = (value: unknown): value is PrivateMedium => value === 'audio' || value === 'text' || value === 'video'

/** R5.3.1.3-f: a civic address in a location object, of whose use nothing is said (RFC 4119, RFC 5139). */
function locationOf(address: CivicFields): Extension {
  return geoprivLocation([addressOf(address)])
}

/** An address with its fields in the order of RFC 5139. */
export function addressOf(address: CivicFields): CivicAddress {
  const fields = civicAddressNames.flatMap((name) => {
    const value = address[name]
    return value === undefined ? [] : [{ name, value }]
  })
  return { kind: 'civicAddress', fields, others: [] }
}

function addressIn(from: readonly Extension[]): CivicFields | undefined {
  const address = extension(from, 'geopriv')?.location.find((one) => one.kind === 'civicAddress')
  return address && Object.fromEntries(address.fields.map(({ name, value }) => [name, value]))
}

/** R5.3.1.2-h, R5.3.1.3-d: elements of `<tuple>` between status and contact, in the order in which they are written. */
const tupleTable: Mappings<Pick<CommunicationMeans, 'relationship' | 'class' | 'device'>> = {
  relationship: {
    write: (name) => ({ kind: 'relationship', notes: [], values: [name] }),
    read: (from) => extension(from, 'relationship')?.values.find((value) => typeof value === 'string'),
  },
  class: { write: rpidClass, read: (from) => extension(from, 'class')?.value },
  device: {
    write: (value) => ({ kind: 'deviceID', value }),
    read: (from) => extension(from, 'deviceID')?.value,
  },
}

function written<T extends object>(table: Mappings<T>, attributes: Partial<T>): Extension[] {
  const names = Object.keys(table) as (keyof T)[]
  return names.flatMap((name) => {
    const value = attributes[name]
    return value === undefined || value === null ? [] : [table[name].write(value)]
  })
}

function read<T extends object>(table: Mappings<T>, from: readonly Extension[]): Partial<T> {
  const names = Object.keys(table) as (keyof T)[]
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = table[name].read(from)
      return value === undefined ? [] : [[name, value]]
    }),
  ) as Partial<T>
}

/** §5.3.1.3: the presence document of a presentity with these attributes. */
export function documentOf(entity: string, attributes: PresenceAttributes): Presence {
  const { willingness, text } = attributes
  const means = attributes.means ?? (basicOf(willingness) === undefined ? [] : [{ id: 'own', contact: entity }])
  const limits = willingness === 'willing with limitations' && attributes.activities === undefined
  const said = written(personTable, limits ? { ...attributes, activities: ['busy'] } : attributes)
  const notes = text === undefined ? [] : [{ text }]
  const isSaid = said.length > 0 || notes.length > 0
  return presence(entity, {
    tuples: means.map((one) => tupleOf(one, willingness)),
    extensions: isSaid ? [person('person', { extensions: said as Person['extensions'], notes })] : [],
  })
}

/** R5.3.1.3-h: what the subscriber's status says of each way to reach her that has no status of its own. */
function basicOf(willingness: Willingness | undefined): 'open' | 'closed' | undefined {
  if (willingness === 'willing' || willingness === 'willing with limitations') return 'open'
  return willingness === 'not willing' ? 'closed' : undefined
}

/** R5.3.1.3-a: means, status, contact address and priority. */
function tupleOf(means: CommunicationMeans, willingness: Willingness | undefined): Tuple {
  const { id, status, contact, priority, text } = means
  const basic = status === undefined ? basicOf(willingness) : status === 'online' ? 'open' : 'closed'
  return tuple(id, basic, {
    extensions: [...written(tupleTable, means), ...capabilitiesOf(means)],
    ...(contact !== undefined && { contact: { uri: contact, ...(priority !== undefined && { priority }) } }),
    notes: text === undefined ? [] : [{ text }],
  })
}

/** R5.3.1.2-h: what kind of service it is, by its capabilities (RFC 5196). */
function capabilitiesOf({ media, methods }: CommunicationMeans): ServiceCapabilities[] {
  if (media === undefined && methods === undefined) return []
  const carried = Object.fromEntries((media ?? []).map((medium) => [medium, true]))
  return [serviceCapabilities({ ...carried, ...(methods && { methods: { supported: methods.toSorted() } }) })]
}

/**
 * §5.3.2.2: the attributes that a presence document tells a watcher, the inverse of `documentOf`. Several persons are
 * read as views of one. The subscriber's status follows from the tuples: she is willing if one is open, with
 * limitations if activities are told too, and not willing if all are closed.
 */
export function attributesOf(document: Presence): PresenceAttributes {
  const persons = personsOf(document)
  const said = read(
    personTable,
    persons.flatMap(({ extensions }) => extensions),
  )
  const text = persons.flatMap(({ notes }) => notes)[0]?.text
  const means = document.tuples.map(meansOf)
  return {
    willingness: willingnessOf(means, said.activities !== undefined),
    ...said,
    ...(text !== undefined && { text }),
    ...(means.length > 0 && { means }),
  }
}

function willingnessOf(means: readonly CommunicationMeans[], isLimited: boolean): Willingness {
  if (means.some(({ status }) => status === 'online')) return isLimited ? 'willing with limitations' : 'willing'
  return means.some(({ status }) => status === 'offline') ? 'not willing' : 'not disclosed'
}

const media = ['application', 'audio', 'control', 'data', 'message', 'text', 'video'] as const

function meansOf({ id, status, extensions, contact, notes }: Tuple): CommunicationMeans {
  const capabilities = extension(extensions, 'servcaps')
  const carried = media.filter((medium) => capabilities?.[medium] === true)
  const methods = wordsIn(capabilities?.methods?.supported)
  return {
    id,
    ...(status.basic !== undefined && { status: status.basic === 'open' ? 'online' : 'offline' }),
    ...(contact !== undefined && { contact: contact.uri }),
    ...(contact?.priority !== undefined && { priority: contact.priority }),
    ...(notes[0] !== undefined && { text: notes[0].text }),
    ...(carried.length > 0 && { media: carried }),
    ...(methods !== undefined && { methods }),
    ...read(tupleTable, extensions),
  }
}
