import type { Device, Extension, Person, Presence, PresenceExtension, Tuple } from '../../documents/index.ts'
import { presence } from '../../documents/index.ts'
import { rule } from '../../sim/rule.ts'
import type { Micros } from '../../sim/time.ts'
import { momentOf } from '../wall-clock.ts'

/** The rule by which many publications become one document. */
export const compose = rule('TS 23.141 §5.1', 'the presence server composes one document from all publications', [
  'R4-b',
  'R4-c',
  'R5.3.3.3-d',
])

/** One of the sources from which a document is composed. */
export interface Source {
  readonly document: Presence
  /** `hard-state`, or the identity of whoever published it. */
  readonly origin: string
  /** When it was said, on the wall clock. */
  readonly moment: Micros
  /** True of what a presence network agent has published. */
  readonly isOfNetwork?: true
}

/**
 * How elements that are about the same thing are brought together: `union` keeps all, and of those with the same id the
 * one that came last; `newest` keeps the one with the latest timestamp; `priority` the one of the strongest source.
 */
export type Resolution = 'union' | 'newest' | 'priority'

/** The composition policy, for each component of the data model (RFC 4479 §3). */
export interface CompositionPolicy {
  readonly tuples: Resolution
  readonly persons: Resolution
  readonly devices: Resolution
  /**
   * Origins from the weakest to the strongest. A publisher that is not named is `network`, if it is a server that tells
   * what the network knows, and `publication` else.
   */
  readonly ranking: readonly string[]
}

/** What a presence server does that is told nothing else. */
export const unionPolicy: CompositionPolicy = {
  tuples: 'union',
  persons: 'union',
  devices: 'union',
  ranking: ['hard-state', 'network', 'publication'],
}

/** One presence document from all sources for a presentity, those that came first at the beginning. */
export function composed(
  entity: string,
  sources: readonly Source[],
  policy: CompositionPolicy = unionPolicy,
): Presence {
  if (sources.length === 1) return { ...sources[0]!.document, entity }
  const { ranking } = policy
  const of = <T>(take: (document: Presence) => readonly T[]): Candidate<T>[] => candidates(sources, ranking, take)
  const tuples = resolved(
    of(({ tuples }) => tuples),
    policy.tuples,
    conflictOfTuples,
  )
  const persons = of((document) => document.extensions.filter((one) => one.kind === 'person'))
  const devices = of((document) => document.extensions.filter((one) => one.kind === 'device'))
  const others = of((document) => document.extensions.filter(({ kind }) => kind !== 'person' && kind !== 'device'))
  const kept = new Set<PresenceExtension>([
    ...resolved(persons, policy.persons, conflictOfPersons),
    ...resolved(devices, policy.devices, conflictOfDevices),
    ...others.map(({ value }) => value),
  ])
  return presence(entity, {
    tuples,
    notes: sources.flatMap(({ document }) => document.notes),
    extensions: inPlace(sources, kept),
  })
}

/** Something that one source says, with what decides whether it stands against what others say. */
interface Candidate<T> {
  readonly value: T
  readonly order: number
  readonly rank: number
  readonly moment: Micros
}

function candidates<T>(
  sources: readonly Source[],
  ranking: readonly string[],
  take: (document: Presence) => readonly T[],
): Candidate<T>[] {
  return sources.flatMap(({ document, origin, moment, isOfNetwork }, order) => {
    const named = ranking.indexOf(origin)
    const kind = isOfNetwork && ranking.includes('network') ? 'network' : 'publication'
    const rank = named >= 0 || origin === 'hard-state' ? named : ranking.indexOf(kind)
    return take(document).map((value) => ({ value, order, rank, moment: timeOf(value) ?? moment }))
  })
}

/** RFC 3863 §4.1.7, RFC 4479 §4.3: when a component was last changed, if it says so. */
function timeOf(value: unknown): Micros | undefined {
  const { timestamp } = value as { readonly timestamp?: string }
  return timestamp === undefined ? undefined : momentOf(timestamp)
}

type Conflict<T> = (one: T, other: T, resolution: Resolution) => boolean

/** What stands of all that is said, in the order in which each thing was first said. */
function resolved<T>(said: readonly Candidate<T>[], resolution: Resolution, conflict: Conflict<T>): T[] {
  if (said.length < 2) return said.map(({ value }) => value)
  const strongest = said.map((one, at) => ({ ...one, at })).toSorted((a, b) => strength(b, a, resolution))
  const places: { readonly value: T; at: number }[] = []
  for (const { value, at } of strongest) {
    const stronger = places.find((place) => conflict(place.value, value, resolution))
    if (stronger === undefined) places.push({ value, at })
    else stronger.at = Math.min(stronger.at, at)
  }
  return places.toSorted((a, b) => a.at - b.at).map(({ value }) => value)
}

function strength<T>(one: Candidate<T>, other: Candidate<T>, resolution: Resolution): number {
  const byRank = resolution === 'priority' ? one.rank - other.rank : 0
  const byTime = resolution === 'union' ? 0 : one.moment - other.moment
  return byRank || byTime || one.order - other.order
}

/** RFC 4479 §3.2: tuples of the same name, and, beyond a union, those that describe the same service. */
const conflictOfTuples: Conflict<Tuple> = (one, other, resolution) =>
  one.id === other.id ||
  (resolution !== 'union' &&
    one.contact !== undefined &&
    one.contact.uri === other.contact?.uri &&
    classOf(one.extensions) === classOf(other.extensions))

/** RFC 4479 §3.1: there is one person, of whom different classes (RFC 4480 §3.3) give different views. */
const conflictOfPersons: Conflict<Person> = (one, other, resolution) =>
  one.id === other.id || (resolution !== 'union' && classOf(one.extensions) === classOf(other.extensions))

/** RFC 4479 §3.3: a device is known by its URN. */
const conflictOfDevices: Conflict<Device> = (one, other, resolution) =>
  one.id === other.id || (resolution !== 'union' && one.deviceId === other.deviceId)

function classOf(extensions: readonly Extension[]): string | undefined {
  const found = extensions.find((one) => one.kind === 'class')
  return found?.kind === 'class' ? found.value : undefined
}

/** The components that stand, each where something of its kind and name was first said. */
function inPlace(sources: readonly Source[], kept: ReadonlySet<PresenceExtension>): PresenceExtension[] {
  const placed = new Map<string, PresenceExtension | undefined>()
  let ordinal = 0
  for (const { document } of sources)
    for (const one of document.extensions) {
      const key = 'id' in one && one.id !== undefined ? `${one.kind} ${one.id}` : `${one.kind} #${ordinal++}`
      if (kept.has(one)) placed.set(key, one)
      else if (!placed.has(key)) placed.set(key, undefined)
    }
  return [...placed.values()].filter((one) => one !== undefined)
}

/**
 * RFC 5025 §3.1.2: the sphere that the presentity is in: what all persons that say one say. Undefined if none does, or
 * if two say different things.
 */
export function sphereOf({ extensions }: Presence): string | undefined {
  const said = new Set<string | undefined>()
  for (const one of extensions)
    if (one.kind === 'person')
      for (const each of one.extensions)
        if (each.kind === 'sphere')
          for (const value of each.values)
            said.add(typeof value === 'string' ? value : 'name' in value ? value.name : undefined)
  return said.size === 1 ? [...said][0] : undefined
}
