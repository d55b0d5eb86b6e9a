/** Presence documents with every extension that presim knows, and some that it does not. */
import fc from 'fast-check'
import type {
  DeviceId,
  Extension,
  Geopriv,
  NamedValue,
  Presence,
  PresenceExtension,
  TimedStatus,
  Tuple,
} from '../../src/documents/index.ts'
import { activityNames, moodNames } from '../../src/documents/index.ts'
import {
  attributes,
  dateTime,
  foreign,
  having,
  lang,
  note,
  notes,
  other,
  others,
  text,
  token,
  unknown,
  uri,
  withIdentifiers,
} from './arbitrary-basics.ts'

function named<N extends string>(names: readonly N[], alone: N, least: number, withOther = true) {
  const single = fc.constantFrom(...names.filter((each) => each !== alone))
  const value = withOther ? fc.oneof(single, other, foreign) : fc.oneof(single, foreign)
  return fc.oneof(
    { weight: 4, arbitrary: fc.array(value, { minLength: least, maxLength: 3 }) as fc.Arbitrary<NamedValue<N>[]> },
    { weight: 1, arbitrary: fc.constant<NamedValue<N>[]>([alone]) },
  )
}

const identifiers = { id: fc.constant('unset') }
const timed = { from: dateTime, until: dateTime, attributes }

const rpid: fc.Arbitrary<Extension>[] = [
  having(
    { kind: fc.constant('activities' as const), notes, values: named(activityNames, 'unknown', 0) },
    { ...timed, ...identifiers },
  ),
  fc.record({ kind: fc.constant('class' as const), value: token }),
  having(
    { kind: fc.constant('mood' as const), notes, values: named(moodNames, 'unknown', 1) },
    { ...timed, ...identifiers },
  ),
  having(
    { kind: fc.constant('place-is' as const), notes },
    {
      ...timed,
      ...identifiers,
      audio: fc.constantFrom('noisy', 'ok', 'quiet', 'unknown'),
      video: fc.constantFrom('toobright', 'ok', 'dark', 'unknown'),
      text: fc.constantFrom('uncomfortable', 'inappropriate', 'ok', 'unknown'),
    },
  ) as fc.Arbitrary<Extension>,
  having(
    {
      kind: fc.constant('place-type' as const),
      notes,
      values: fc.oneof(fc.tuple(other), fc.array(foreign, { minLength: 1, maxLength: 2 })),
    },
    { ...timed, ...identifiers },
  ),
  having(
    {
      kind: fc.constant('privacy' as const),
      notes,
      values: fc.oneof(
        fc.constant(['unknown' as const]),
        fc.tuple(fc.subarray(['audio', 'text', 'video'] as const), others).map(([media, rest]) => [...media, ...rest]),
      ),
    },
    { ...timed, ...identifiers },
  ),
  fc.record({
    kind: fc.constant('relationship' as const),
    notes,
    values: fc.oneof(
      fc
        .constantFrom('assistant', 'associate', 'family', 'friend', 'self', 'supervisor', 'unknown')
        .map((each) => [each]),
      fc.tuple(other),
      fc.array(foreign, { minLength: 1, maxLength: 2 }),
    ),
  }) as fc.Arbitrary<Extension>,
  fc.record({
    kind: fc.constant('service-class' as const),
    notes,
    values: fc.oneof(
      fc.constantFrom('courier', 'electronic', 'freight', 'in-person', 'postal', 'unknown').map((each) => [each]),
      fc.array(foreign, { minLength: 1, maxLength: 2 }),
    ),
  }) as fc.Arbitrary<Extension>,
  having(
    {
      kind: fc.constant('sphere' as const),
      values: fc.oneof(
        fc.constantFrom('home' as const, 'work' as const, 'unknown' as const).map((each) => [each]),
        others,
      ),
    },
    { ...timed, ...identifiers },
  ),
  having({ kind: fc.constant('status-icon' as const), uri }, { ...timed, ...identifiers }),
  having(
    { kind: fc.constant('time-offset' as const), minutes: fc.integer({ min: -840, max: 840 }) },
    { ...timed, ...identifiers, description: text },
  ),
  having(
    { kind: fc.constant('user-input' as const), value: fc.constantFrom('active' as const, 'idle' as const) },
    { ...identifiers, idleThreshold: fc.integer({ min: 1, max: 10_000 }), lastInput: dateTime, attributes },
  ),
]

const cipid = fc.oneof(
  fc.record({ kind: fc.constantFrom('card', 'homepage', 'icon', 'map', 'sound'), value: uri }),
  fc.record({ kind: fc.constant('display-name'), value: text }),
) as fc.Arbitrary<Extension>

const support = <V>(of: fc.Arbitrary<V>) => having({}, { supported: of, notSupported: of })
const capabilityNames = (names: readonly string[]) =>
  support(fc.tuple(fc.subarray([...names]), others).map(([known, rest]) => [...known, ...rest]))
const strings = support(fc.array(text, { minLength: 1, maxLength: 3 }))
const integer = fc.integer({ min: -100, max: 100 })
const limits = support(
  fc.record({
    equals: fc.array(fc.record({ value: integer }), { maxLength: 2 }),
    higherThan: fc.array(fc.record({ minimum: integer }), { maxLength: 2 }),
    lowerThan: fc.array(fc.record({ maximum: integer }), { maxLength: 2 }),
    ranges: fc.array(fc.record({ minimum: integer, maximum: integer }), { maxLength: 2 }),
    extensions: others,
  }),
)
const flags = Object.fromEntries(
  ['application', 'audio', 'automata', 'control', 'data', 'isFocus', 'message', 'text', 'video'].map((key) => [
    key,
    fc.boolean(),
  ]),
)
const capabilities: fc.Arbitrary<Extension>[] = [
  having(
    { kind: fc.constant('servcaps'), description: notes, type: fc.array(text, { maxLength: 2 }), others },
    {
      ...flags,
      actor: capabilityNames(['attendant', 'information', 'msg-taker', 'principal']),
      class: capabilityNames(['business', 'personal']),
      duplex: capabilityNames(['full', 'half', 'receive-only', 'send-only']),
      eventPackages: capabilityNames(['conference', 'presence', 'Siemens-RTP-Stats', 'winfo']),
      extensions: capabilityNames(['rel100', 'eventlist', 'timer']),
      methods: capabilityNames(['ACK', 'INVITE', 'UPDATE']),
      languages: strings,
      priority: limits,
      schemes: strings,
      attributes,
    },
  ) as fc.Arbitrary<Extension>,
  having(
    { kind: fc.constant('devcaps'), description: notes, others },
    { mobility: capabilityNames(['fixed', 'mobile']), attributes },
  ) as fc.Arbitrary<Extension>,
]

const civic = having(
  {
    kind: fc.constant('civicAddress' as const),
    fields: fc
      .tuple(
        fc.subarray(['A1', 'A3', 'RD', 'HNO', 'LOC', 'ROOM', 'ADDCODE'] as const),
        token,
        fc.option(lang, { nil: undefined }),
      )
      .map(([names, value, tongue]) => [
        { name: 'country' as const, value: 'AT' },
        ...names.map((each) => ({ name: each, value, ...(tongue === undefined ? {} : { lang: tongue }) })),
      ]),
    others,
  },
  { attributes },
)
const civicLocation = fc.record({
  kind: fc.constant('civicLocation' as const),
  fields: fc
    .tuple(fc.subarray(['country', 'A1', 'A6', 'PRD', 'HNO', 'PC'] as const), text)
    .map(([names, value]) => names.map((each) => ({ name: each, value }))),
  others,
})
/** Location objects. */
export const geoprivs: fc.Arbitrary<Geopriv> = having(
  {
    kind: fc.constant('geopriv' as const),
    location: fc.array(fc.oneof(civic, civicLocation, unknown), { maxLength: 2 }),
    usageRules: having(
      { others },
      { retransmissionAllowed: fc.boolean(), retentionExpiry: dateTime, externalRuleset: uri, noteWell: note },
    ),
    others,
  },
  { method: note, providedBy: fc.array(foreign, { minLength: 1, maxLength: 2 }) },
)

const deviceId = fc.record({ kind: fc.constant('deviceID' as const), value: uri })
const plain = fc.oneof(...rpid, cipid, ...capabilities, geoprivs, unknown) as fc.Arbitrary<
  Exclude<Extension, DeviceId | TimedStatus>
>
const timedStatus: fc.Arbitrary<TimedStatus> = having(
  {
    kind: fc.constant('timed-status' as const),
    from: dateTime,
    extensions: fc.array(fc.oneof(plain, deviceId), { maxLength: 2 }),
  },
  { until: dateTime, basic: fc.constantFrom('open' as const, 'closed' as const), note },
)
const extension: fc.Arbitrary<Extension> = fc.oneof({ weight: 9, arbitrary: plain }, timedStatus, deviceId)
const extensions = fc.array(extension, { maxLength: 3 })
const dataModelExtensions = fc.array(fc.oneof({ weight: 9, arbitrary: plain }, timedStatus), { maxLength: 3 })

const tuple: fc.Arbitrary<Tuple> = having(
  {
    id: fc.constant('unset'),
    status: having({ extensions }, { basic: fc.constantFrom('open' as const, 'closed' as const) }),
    extensions,
    notes,
  },
  {
    contact: having({ uri }, { priority: fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000) }),
    timestamp: dateTime,
  },
)
const person = having(
  { kind: fc.constant('person' as const), id: fc.constant('unset'), extensions: dataModelExtensions, notes },
  { timestamp: dateTime },
)
const device = having(
  {
    kind: fc.constant('device' as const),
    id: fc.constant('unset'),
    extensions: dataModelExtensions,
    deviceId: uri,
    notes,
  },
  { timestamp: dateTime },
)

/** Presence documents with extensions of all formats. */
export const presences: fc.Arbitrary<Presence> = fc
  .record({
    kind: fc.constant('presence' as const),
    entity: uri,
    tuples: fc.array(tuple, { maxLength: 3 }),
    notes,
    extensions: fc.array(fc.oneof(person, device, extension) as fc.Arbitrary<PresenceExtension>, { maxLength: 3 }),
  })
  .map((value) => withIdentifiers(value))
