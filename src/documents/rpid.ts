/**
 * Rich presence (RFC 4480): what a person does, where and in which mood, and what kind of service a tuple is.
 */

import type { Note } from './note.ts'
import { noteShape } from './note.ts'
import { empty, many, maybe, valued } from './shape/children.ts'
import { type NamedValue, valuesOf } from './shape/named-values.ts'
import type { Part, Shape, Vocabulary } from './shape/shape.ts'
import { complain, content, kind, optional, otherAttributes, shape, wrapper, written } from './shape/shape.ts'
import { dateTime, identifier, integer, oneOf, positive, text, token, uri } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlAttribute, XmlElement } from './xml/tree.ts'

/** RFC 4480 §3.2: activities, in the order of the schema. */
// biome-ignore format: a list of names
export const activityNames = [
  'appointment', 'away', 'breakfast', 'busy', 'dinner', 'holiday', 'in-transit', 'looking-for-work', 'meal', 'meeting',
  'on-the-phone', 'performance', 'permanent-absence', 'playing', 'presentation', 'shopping', 'sleeping', 'spectator',
  'steering', 'travel', 'tv', 'vacation', 'working', 'worship', 'unknown',
] as const

/** RFC 4480 §3.4: moods, in the order of the schema. */
// biome-ignore format: a list of names
export const moodNames = [
  'afraid', 'amazed', 'angry', 'annoyed', 'anxious', 'ashamed', 'bored', 'brave', 'calm', 'cold', 'confused',
  'contented', 'cranky', 'curious', 'depressed', 'disappointed', 'disgusted', 'distracted', 'embarrassed', 'excited',
  'flirtatious', 'frustrated', 'grumpy', 'guilty', 'happy', 'hot', 'humbled', 'humiliated', 'hungry', 'hurt',
  'impressed', 'in_awe', 'in_love', 'indignant', 'interested', 'invincible', 'jealous', 'lonely', 'mean', 'moody',
  'nervous', 'neutral', 'offended', 'playful', 'proud', 'relieved', 'remorseful', 'restless', 'sad', 'sarcastic',
  'serious', 'shocked', 'shy', 'sick', 'sleepy', 'stressed', 'surprised', 'thirsty', 'worried', 'unknown',
] as const

/** When a status holds, and what its publisher calls it: the attributes that most elements of RFC 4480 share (§3.1). */
export interface Timed {
  /** From when the element holds (xs:dateTime). */
  readonly from?: string
  /** Until when the element holds (xs:dateTime). */
  readonly until?: string
  /** A name that is unique in the document (xs:ID). */
  readonly id?: string
  /** Attributes that RFC 4480 does not define, kept as they are. */
  readonly attributes?: readonly XmlAttribute[]
}

/** RFC 4480 §3.2: what the person is doing. `unknown` stands alone; other things are a note or a foreign element. */
export interface Activities extends Timed {
  readonly kind: 'activities'
  readonly notes: readonly Note[]
  readonly values: readonly NamedValue<(typeof activityNames)[number]>[]
}

/** RFC 4480 §3.3: a free label that rules can refer to. */
export interface Class {
  readonly kind: 'class'
  readonly value: string
}

/** RFC 4480 §3.4. */
export interface Mood extends Timed {
  readonly kind: 'mood'
  readonly notes: readonly Note[]
  readonly values: readonly NamedValue<(typeof moodNames)[number]>[]
}

/** RFC 4480 §3.5: what the place is like for each medium. */
export interface PlaceIs extends Timed {
  readonly kind: 'place-is'
  readonly notes: readonly Note[]
  readonly audio?: 'noisy' | 'ok' | 'quiet' | 'unknown'
  readonly video?: 'toobright' | 'ok' | 'dark' | 'unknown'
  readonly text?: 'uncomfortable' | 'inappropriate' | 'ok' | 'unknown'
}

/** RFC 4480 §3.6: where the person is: a note, or elements such as those of RFC 4589. */
export interface PlaceType extends Timed {
  readonly kind: 'place-type'
  readonly notes: readonly Note[]
  readonly values: readonly NamedValue<never>[]
}

/** RFC 4480 §3.7: which media others nearby cannot follow. */
export interface Privacy extends Timed {
  readonly kind: 'privacy'
  readonly notes: readonly Note[]
  readonly values: readonly NamedValue<'audio' | 'text' | 'video' | 'unknown'>[]
}

/** RFC 4480 §3.8: what the contact is to the presentity. */
export interface Relationship {
  readonly kind: 'relationship'
  readonly notes: readonly Note[]
  readonly values: readonly NamedValue<
    'assistant' | 'associate' | 'family' | 'friend' | 'self' | 'supervisor' | 'unknown'
  >[]
}

/** RFC 4480 §3.9: what kind of service the tuple is. */
export interface ServiceClass {
  readonly kind: 'service-class'
  readonly notes: readonly Note[]
  readonly values: readonly NamedValue<'courier' | 'electronic' | 'freight' | 'in-person' | 'postal' | 'unknown'>[]
}

/** RFC 4480 §3.10: the role the person is in. */
export interface Sphere extends Timed {
  readonly kind: 'sphere'
  readonly values: readonly NamedValue<'home' | 'work' | 'unknown'>[]
}

/** RFC 4480 §3.11. */
export interface StatusIcon extends Timed {
  readonly kind: 'status-icon'
  readonly uri: string
}

/** RFC 4480 §3.12. */
export interface TimeOffset extends Timed {
  readonly kind: 'time-offset'
  /** Minutes east of UTC. */
  readonly minutes: number
  readonly description?: string
}

/** RFC 4480 §3.13: whether the service or device is in use. */
export interface UserInput {
  readonly kind: 'user-input'
  readonly value: 'active' | 'idle'
  /** After how many seconds without input the value becomes idle. */
  readonly idleThreshold?: number
  /** When there was input last (xs:dateTime). */
  readonly lastInput?: string
  readonly id?: string
  readonly attributes?: readonly XmlAttribute[]
}

/** Every element of RFC 4480. */
export type RpidElement =
  | Activities
  | Class
  | Mood
  | PlaceIs
  | PlaceType
  | Privacy
  | Relationship
  | ServiceClass
  | Sphere
  | StatusIcon
  | TimeOffset
  | UserInput

/** Activities of the given names, without time, note or identifier. */
export function activities(...values: Activities['values']): Activities {
  return { kind: 'activities', notes: [], values }
}

/** A mood of the given names. */
export function mood(...values: Mood['values']): Mood {
  return { kind: 'mood', notes: [], values }
}

/** A class. */
export function rpidClass(value: string): Class {
  return { kind: 'class', value }
}

/** A type of place, as elements such as those of RFC 4589 or as a note. */
export function placeType(...values: PlaceType['values']): PlaceType {
  return { kind: 'place-type', notes: [], values }
}

/** A place of RFC 4589, such as `residence` or `train-station`, as a value of a type of place. */
export function place(name: string): XmlElement {
  return { kind: 'element', prefix: 'lt', namespace: namespaces.locationType, name, attributes: [], children: [] }
}

/** A sphere. */
export function sphere(...values: Sphere['values']): Sphere {
  return { kind: 'sphere', values }
}

const rpid: Vocabulary = { prefix: 'rpid', namespace: namespaces.rpid, clause: 'RFC 4480 §5' }
const notes: Part<readonly Note[]> = many(noteShape(rpid))
const timed = {
  from: optional('from', dateTime),
  until: optional('until', dateTime),
  id: optional('id', identifier),
}
const timedAttributes = otherAttributes('from', 'until', 'id')

/** A child that holds one empty element out of a few, such as `<audio><noisy/></audio>`. */
function enclosed<const V extends string>(name: string, values: readonly V[]): Shape<V> {
  const names = new Map<string, Shape<true>>(values.map((each) => [each, empty(rpid, each)]))
  return wrapper<V>(rpid, name, {
    read: (taking, reading) => {
      const child = taking.children[0]
      const of = child?.namespace === rpid.namespace ? names.get(child.name) : undefined
      if (child === undefined || of === undefined) {
        complain(reading, taking.element, rpid, `${written(taking.element)} needs one of ${values.join(', ')}`)
        return undefined
      }
      taking.taken++
      of.read(child, reading)
      return child.name as NonNullable<V>
    },
    write: (value, making) => making.children.push(names.get(value)!.write(true)),
  })
}

/** The shapes of RFC 4480, by the name of the element. */
export const rpidShapes: { readonly [K in RpidElement['kind']]: Shape<Extract<RpidElement, { readonly kind: K }>> } = {
  activities: shape<Activities>(rpid, 'activities', {
    kind: kind('activities'),
    ...timed,
    attributes: timedAttributes,
    notes,
    values: valuesOf(rpid, activityNames, { other: true, foreign: true, alone: 'unknown' }),
  }),
  class: valued(rpid, 'class', token),
  mood: shape<Mood>(rpid, 'mood', {
    kind: kind('mood'),
    ...timed,
    attributes: timedAttributes,
    notes,
    values: valuesOf(rpid, moodNames, { other: true, foreign: true, alone: 'unknown', least: 1 }),
  }),
  'place-is': shape<PlaceIs>(rpid, 'place-is', {
    kind: kind('place-is'),
    ...timed,
    attributes: timedAttributes,
    notes,
    audio: maybe(enclosed('audio', ['noisy', 'ok', 'quiet', 'unknown'])),
    video: maybe(enclosed('video', ['toobright', 'ok', 'dark', 'unknown'])),
    text: maybe(enclosed('text', ['uncomfortable', 'inappropriate', 'ok', 'unknown'])),
  }),
  'place-type': shape<PlaceType>(rpid, 'place-type', {
    kind: kind('place-type'),
    ...timed,
    attributes: timedAttributes,
    notes,
    values: valuesOf(rpid, [], { other: true, foreign: true, single: true, least: 1 }),
  }),
  privacy: shape<Privacy>(rpid, 'privacy', {
    kind: kind('privacy'),
    ...timed,
    attributes: timedAttributes,
    notes,
    values: valuesOf(rpid, ['audio', 'text', 'video', 'unknown'], { foreign: true, alone: 'unknown', ordered: true }),
  }),
  relationship: shape<Relationship>(rpid, 'relationship', {
    kind: kind('relationship'),
    notes,
    values: valuesOf(rpid, ['assistant', 'associate', 'family', 'friend', 'self', 'supervisor', 'unknown'], {
      other: true,
      foreign: true,
      single: true,
    }),
  }),
  'service-class': shape<ServiceClass>(rpid, 'service-class', {
    kind: kind('service-class'),
    notes,
    values: valuesOf(rpid, ['courier', 'electronic', 'freight', 'in-person', 'postal', 'unknown'], {
      foreign: true,
      single: true,
      least: 1,
    }),
  }),
  sphere: shape<Sphere>(rpid, 'sphere', {
    kind: kind('sphere'),
    ...timed,
    attributes: timedAttributes,
    values: valuesOf(rpid, ['home', 'work', 'unknown'], { foreign: true, single: true }),
  }),
  'status-icon': shape<StatusIcon>(rpid, 'status-icon', {
    kind: kind('status-icon'),
    ...timed,
    attributes: timedAttributes,
    uri: content(uri),
  }),
  'time-offset': shape<TimeOffset>(rpid, 'time-offset', {
    kind: kind('time-offset'),
    ...timed,
    description: optional('description', text),
    attributes: otherAttributes('from', 'until', 'id', 'description'),
    minutes: content(integer),
  }),
  'user-input': shape<UserInput>(rpid, 'user-input', {
    kind: kind('user-input'),
    idleThreshold: optional('idle-threshold', positive),
    lastInput: optional('last-input', dateTime),
    id: optional('id', identifier),
    attributes: otherAttributes('idle-threshold', 'last-input', 'id'),
    value: content(oneOf(['active', 'idle'])),
  }),
}
