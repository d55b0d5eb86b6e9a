/**
 * User agent capabilities (RFC 5196): what a service and a device can do, as a presence document says it.
 */

import type { Note } from './note.ts'
import { noteShape } from './note.ts'
import { leaf, many, maybe, otherElements } from './shape/children.ts'
import { type NamedValue, valuesOf } from './shape/named-values.ts'
import type { Shape, Vocabulary } from './shape/shape.ts'
import { kind, otherAttributes, required, shape, wrapper } from './shape/shape.ts'
import { boolean, integer, text } from './xml/datatypes.ts'
import { namespaces } from './xml/namespaces.ts'
import type { XmlAttribute, XmlElement } from './xml/tree.ts'

/** What is supported of something, and what is expressly not; what is in neither list is not known. */
export interface Support<V> {
  readonly supported?: V
  readonly notSupported?: V
}

/** Capabilities by name; one that presim has no name for, or that has a text of its own, is kept as an element. */
export type Names = readonly NamedValue<string>[]

/** RFC 5196 §3.2.13: the priorities that are handled. The schema writes the second name `higherhan`. */
export interface Priorities {
  readonly equals: readonly { readonly value: number }[]
  readonly higherThan: readonly { readonly minimum: number }[]
  readonly lowerThan: readonly { readonly maximum: number }[]
  readonly ranges: readonly { readonly minimum: number; readonly maximum: number }[]
  readonly extensions: readonly XmlElement[]
}

/** RFC 5196 §3.2: what a service can do; in a tuple. */
export interface ServiceCapabilities {
  readonly kind: 'servcaps'
  readonly actor?: Support<Names>
  readonly application?: boolean
  readonly audio?: boolean
  readonly automata?: boolean
  readonly class?: Support<Names>
  readonly control?: boolean
  readonly data?: boolean
  readonly description: readonly Note[]
  readonly duplex?: Support<Names>
  readonly eventPackages?: Support<Names>
  readonly extensions?: Support<Names>
  readonly isFocus?: boolean
  readonly message?: boolean
  readonly methods?: Support<Names>
  readonly languages?: Support<readonly string[]>
  readonly priority?: Support<Priorities>
  readonly schemes?: Support<readonly string[]>
  readonly text?: boolean
  readonly type: readonly string[]
  readonly video?: boolean
  /** Elements of other namespaces. */
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

/** RFC 5196 §3.3: what a device can do; in a device. */
export interface DeviceCapabilities {
  readonly kind: 'devcaps'
  readonly description: readonly Note[]
  readonly mobility?: Support<Names>
  /** Elements of other namespaces. */
  readonly others: readonly XmlElement[]
  readonly attributes?: readonly XmlAttribute[]
}

const caps: Vocabulary = { prefix: 'caps', namespace: namespaces.caps, clause: 'RFC 5196 §4' }

const actors = ['attendant', 'information', 'msg-taker', 'principal'] as const
const classes = ['business', 'personal'] as const
const duplexes = ['full', 'half', 'receive-only', 'send-only'] as const
const mobilities = ['fixed', 'mobile'] as const
// biome-ignore format: a list of names
const packages = [
  'conference', 'dialog', 'kpml', 'message-summary', 'poc-settings', 'presence', 'reg', 'refer', 'Siemens-RTP-Stats',
  'spirits-INDPs', 'spirits-user-prof', 'winfo',
] as const
// biome-ignore format: a list of names
const methods = [
  'ACK', 'BYE', 'CANCEL', 'INFO', 'INVITE', 'MESSAGE', 'NOTIFY', 'OPTIONS', 'PRACK', 'PUBLISH', 'REFER', 'REGISTER',
  'SUBSCRIBE', 'UPDATE',
] as const
// biome-ignore format: a list of names
const optionTags = [
  'rel100', 'early-session', 'eventlist', 'from-change', 'gruu', 'hist-info', 'join', 'norefersub', 'path',
  'precondition', 'pref', 'privacy', 'recipient-list-invite', 'recipient-list-subscribe', 'replaces',
  'resource-priority', 'sdp-anat', 'sec-agree', 'tdialog', 'timer',
] as const

/** `<supported>` and `<notsupported>` around the same thing. */
function support<V extends object>(name: string, of: (name: string) => Shape<V>): Shape<Support<V>> {
  return shape<Support<V>>(caps, name, {
    supported: maybe(of('supported')),
    notSupported: maybe(of('notsupported')),
  })
}

function named(name: string, names: readonly string[]): Shape<Support<Names>> {
  const value = valuesOf<string>(caps, names, { foreign: true, ordered: true, texts: true })
  return support(name, (inner) => wrapper<Names>(caps, inner, value))
}

function listed(name: string, item: string): Shape<Support<readonly string[]>> {
  const value = many(leaf(caps, item, text), 1)
  return support(name, (inner) => wrapper<readonly string[]>(caps, inner, value))
}

const priorityShape = support('priority', (inner) =>
  shape<Priorities>(caps, inner, {
    equals: many(shape<{ value: number }>(caps, 'equals', { value: required('value', integer) })),
    higherThan: many(shape<{ minimum: number }>(caps, 'higherhan', { minimum: required('minvalue', integer) })),
    lowerThan: many(shape<{ maximum: number }>(caps, 'lowerthan', { maximum: required('maxvalue', integer) })),
    ranges: many(
      shape<{ minimum: number; maximum: number }>(caps, 'range', {
        minimum: required('minvalue', integer),
        maximum: required('maxvalue', integer),
      }),
    ),
    extensions: otherElements,
  }),
)

const flag = (name: string) => maybe(leaf(caps, name, boolean))

/** The shapes of RFC 5196, by the name of the element. */
export const capabilityShapes = {
  servcaps: shape<ServiceCapabilities>(caps, 'servcaps', {
    kind: kind('servcaps'),
    actor: maybe(named('actor', actors)),
    application: flag('application'),
    audio: flag('audio'),
    automata: flag('automata'),
    class: maybe(named('class', classes)),
    control: flag('control'),
    data: flag('data'),
    description: many(noteShape(caps, 'description')),
    duplex: maybe(named('duplex', duplexes)),
    eventPackages: maybe(named('event-packages', packages)),
    extensions: maybe(named('extensions', optionTags)),
    isFocus: flag('isfocus'),
    message: flag('message'),
    methods: maybe(named('methods', methods)),
    languages: maybe(listed('languages', 'l')),
    priority: maybe(priorityShape),
    schemes: maybe(listed('schemes', 's')),
    text: flag('text'),
    type: many(leaf(caps, 'type', text)),
    video: flag('video'),
    others: otherElements,
    attributes: otherAttributes(),
  }),
  devcaps: shape<DeviceCapabilities>(caps, 'devcaps', {
    kind: kind('devcaps'),
    description: many(noteShape(caps, 'description')),
    mobility: maybe(named('mobility', mobilities)),
    others: otherElements,
    attributes: otherAttributes(),
  }),
}

/** Capabilities of a service; what is not given is not said. */
export function serviceCapabilities(parts: Partial<Omit<ServiceCapabilities, 'kind'>>): ServiceCapabilities {
  return { kind: 'servcaps', description: [], type: [], others: [], ...parts }
}

/** Capabilities of a device; what is not given is not said. */
export function deviceCapabilities(parts: Partial<Omit<DeviceCapabilities, 'kind'>>): DeviceCapabilities {
  return { kind: 'devcaps', description: [], others: [], ...parts }
}
