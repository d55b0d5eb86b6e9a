/** Values of every format, with every field present and absent: what the printed documents are checked with. */
import fc from 'fast-check'
import type {
  Condition,
  DeviceId,
  Extension,
  FilterSet,
  Geopriv,
  ListMember,
  NamedValue,
  Note,
  OtherValue,
  PatchErrorDocument,
  Permission,
  Presence,
  PresenceExtension,
  Reginfo,
  ResourceList,
  ResourceLists,
  Rlmi,
  RlsServices,
  Ruleset,
  TimedStatus,
  Tuple,
  Watcherinfo,
  XcapCaps,
  XcapChange,
  XcapDiff,
  XcapErrorDocument,
  XmlAttribute,
  XmlElement,
} from '../../src/documents/index.ts'
import {
  activityNames,
  attributePermissions,
  declaration,
  moodNames,
  patchErrorNames,
  plainXcapErrors,
} from '../../src/documents/index.ts'

/** A record of which the fields in `may` can be absent; absent, not undefined. */
function having<T extends object, O extends object = object>(
  must: { [K in keyof T]: fc.Arbitrary<T[K]> },
  may: { [K in keyof O]: fc.Arbitrary<O[K]> } = {} as never,
): fc.Arbitrary<T & Partial<O>> {
  const all = { ...must, ...may }
  return fc.record(all, { requiredKeys: Object.keys(must) as never[] }) as never
}

/** Text that XML can carry, with markup, quotes, line ends and other scripts in it. */
export const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((given) => given.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '<'))
const token = text.map((given) => given.replace(/[\s]+/g, ' ').trim())
const uri = fc.constantFrom(
  'sip:user1_public1@home1.net',
  'tel:+1-555',
  'pres:a@b',
  'http://example.com/~a/b?c=d&e=f#g',
  'urn:x:y',
)
const name = fc.constantFrom('a1', '_b', 'tuple-3', 'é')
const lang = fc.constantFrom('en', 'de-AT', 'x-klingon')
const dateTime = fc.constantFrom(
  '2026-01-01T10:00:00Z',
  '2004-02-29T23:59:59.123+14:00',
  '1999-12-31T24:00:00',
  '-0044-03-15T12:00:00-01:30',
)
const count = fc.nat()
const note: fc.Arbitrary<Note> = having({ text }, { lang })
const notes = fc.array(note, { maxLength: 2 })

/** An element that presim knows nothing of, with its namespace declared on it. */
export const foreign: fc.Arbitrary<XmlElement> = fc
  .record({ prefix: fc.constantFrom('x', 'y'), name: fc.constantFrom('thing', 'note', 'status'), value: text })
  .map(({ prefix, name: local, value }) => ({
    kind: 'element',
    prefix,
    namespace: `urn:x-foreign:${prefix}`,
    name: local,
    attributes: [declaration(prefix, `urn:x-foreign:${prefix}`)],
    children: value === '' ? [] : [value.replace(/\r/g, ' ')],
  }))
const others = fc.array(foreign, { maxLength: 2 })
const unknown = foreign.map((element) => ({ kind: 'unknown' as const, element }))

/** An attribute of another namespace; the printer declares it. */
const attributes: fc.Arbitrary<XmlAttribute[]> = text.map((value) => [
  { prefix: 'x', namespace: 'urn:x-foreign:x', name: 'flag', value },
])

const other: fc.Arbitrary<OtherValue> = note.map((each) => ({ kind: 'other', ...each }))

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

/** Identifiers (xs:ID) are unique in a document, so they are numbered in the end. */
function withIdentifiers<T>(value: T): T {
  let serial = 0
  const visit = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(visit)
    if (typeof each !== 'object' || each === null) return each
    return Object.fromEntries(
      Object.entries(each).map(([key, inner]) => [key, inner === 'unset' ? `i${serial++}` : visit(inner)]),
    )
  }
  return visit(value) as T
}

/** Watcher information. */
export const watcherinfos: fc.Arbitrary<Watcherinfo> = fc.record({
  kind: fc.constant('watcherinfo' as const),
  version: count,
  state: fc.constantFrom('full' as const, 'partial' as const),
  lists: fc.array(
    fc.record({
      resource: uri,
      package: text,
      watchers: fc.array(
        having(
          {
            id: text,
            status: fc.constantFrom('pending' as const, 'active' as const, 'waiting' as const, 'terminated' as const),
            event: fc.constantFrom('subscribe' as const, 'approved' as const, 'giveup' as const, 'noresource' as const),
            uri,
          },
          { displayName: text, expiration: count, durationSubscribed: count, lang },
        ),
        { maxLength: 3 },
      ),
      others,
    }),
    { maxLength: 2 },
  ),
  others,
})

/** Registration information. */
export const reginfos: fc.Arbitrary<Reginfo> = fc.record({
  kind: fc.constant('reginfo' as const),
  version: count,
  state: fc.constantFrom('full' as const, 'partial' as const),
  registrations: fc.array(
    fc.record({
      aor: uri,
      id: text,
      state: fc.constantFrom('init' as const, 'active' as const, 'terminated' as const),
      contacts: fc.array(
        having(
          {
            id: text,
            state: fc.constantFrom('active' as const, 'terminated' as const),
            event: fc.constantFrom(
              'registered' as const,
              'created' as const,
              'probation' as const,
              'rejected' as const,
            ),
            uri,
            unknownParameters: fc.array(fc.record({ name: text, value: text }), { maxLength: 2 }),
            others,
          },
          {
            displayName: note,
            durationRegistered: count,
            expires: count,
            retryAfter: count,
            q: text,
            callId: text,
            cseq: count,
          },
        ),
        { maxLength: 3 },
      ),
      others,
    }),
    { maxLength: 2 },
  ),
  others,
})

/** List meta-information. */
export const rlmis: fc.Arbitrary<Rlmi> = having(
  {
    kind: fc.constant('list' as const),
    uri,
    version: count,
    fullState: fc.boolean(),
    names: notes,
    resources: fc.array(
      having(
        {
          uri,
          names: notes,
          instances: fc.array(
            having(
              {
                id: text,
                state: fc.constantFrom('active' as const, 'pending' as const, 'terminated' as const),
                others,
              },
              { reason: text, cid: text, attributes },
            ),
            { maxLength: 2 },
          ),
        },
        { attributes },
      ),
      { maxLength: 3 },
    ),
  },
  { cid: text, attributes },
)

const memberParts = { displayName: note, attributes }
const list: fc.Arbitrary<ResourceList> = fc.letrec<{ list: ResourceList }>((tie) => ({
  list: having(
    {
      kind: fc.constant('list' as const),
      members: fc.array(
        fc.oneof(
          { depthSize: 'small', withCrossShrink: true },
          having({ kind: fc.constant('entry' as const), uri, others }, memberParts),
          having({ kind: fc.constant('entry-ref' as const), ref: uri, others }, memberParts),
          having({ kind: fc.constant('external' as const), others }, { ...memberParts, anchor: uri }),
          tie('list'),
        ) as fc.Arbitrary<ListMember>,
        { maxLength: 3 },
      ),
      others,
    },
    { ...memberParts, name: text },
  ),
})).list

/** Resource lists. */
export const resourceLists: fc.Arbitrary<ResourceLists> = fc.record({
  kind: fc.constant('resource-lists' as const),
  lists: fc.array(list, { maxLength: 3 }),
})

/** RLS services. */
export const rlsServices: fc.Arbitrary<RlsServices> = fc.record({
  kind: fc.constant('rls-services' as const),
  services: fc.array(
    fc
      .tuple(
        having(
          { uri, others },
          {
            packages: fc
              .tuple(text, fc.array(fc.oneof(text, foreign), { maxLength: 2 }))
              .map(([first, rest]) => [first, ...rest]),
            attributes,
          },
        ),
        fc.oneof(
          uri.map((resourceList) => ({ resourceList })),
          list.map((each) => ({ list: each })),
        ),
      )
      .map(([service, source]) => ({ ...service, ...source })),
    { maxLength: 2 },
  ),
})

const selections = (kinds: readonly string[]) =>
  fc.oneof(
    fc.constant('all'),
    fc.array(
      fc.oneof(fc.record({ kind: fc.constantFrom(...kinds), value: fc.constantFrom('x', 'sip:y@z') }), unknown),
      { maxLength: 3 },
    ),
  )
const permission = fc.oneof(
  fc.record({ kind: fc.constant('sub-handling'), value: fc.constantFrom('block', 'confirm', 'polite-block', 'allow') }),
  fc.record({
    kind: fc.constant('provide-services'),
    services: selections(['class', 'occurrence-id', 'service-uri', 'service-uri-scheme', 'service-id']),
  }),
  fc.record({ kind: fc.constant('provide-devices'), devices: selections(['class', 'occurrence-id', 'deviceID']) }),
  fc.record({ kind: fc.constant('provide-persons'), persons: selections(['class', 'occurrence-id']) }),
  fc.record({ kind: fc.constantFrom(...attributePermissions), value: fc.boolean() }),
  fc.record({ kind: fc.constant('provide-user-input'), value: fc.constantFrom('false', 'bare', 'thresholds', 'full') }),
  fc.record({ kind: fc.constant('provide-unknown-attribute'), name: text, ns: text, value: fc.boolean() }),
  fc.record({ kind: fc.constant('provide-all-attributes') }),
  fc.record({ kind: fc.constant('provide-geopriv'), value: fc.constantFrom('false', 'full') }),
  unknown,
) as fc.Arbitrary<Permission>
const condition = fc.oneof(
  fc.record({
    kind: fc.constant('identity'),
    members: fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('one'), id: uri, restrictions: fc.array(unknown, { maxLength: 1 }) }),
        having(
          {
            kind: fc.constant('many'),
            exceptions: fc.array(
              fc.oneof(having({ kind: fc.constant('except') }, { domain: text, id: uri }), unknown),
              { maxLength: 2 },
            ),
          },
          { domain: text },
        ),
        unknown,
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({ kind: fc.constant('sphere'), value: text }),
  fc.record({
    kind: fc.constant('validity'),
    periods: fc.array(fc.record({ from: dateTime, until: dateTime }), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({ kind: fc.constant('external-list'), entries: fc.array(uri, { maxLength: 2 }) }),
  fc.constantFrom({ kind: 'other-identity' }, { kind: 'anonymous-request' }),
  unknown,
) as fc.Arbitrary<Condition>

/** Rules with the permissions of RFC 5025. */
export const rulesets: fc.Arbitrary<Ruleset> = fc
  .record({
    kind: fc.constant('ruleset' as const),
    rules: fc.array(
      having(
        { id: fc.constant('unset') },
        {
          conditions: fc.array(condition, { maxLength: 3 }),
          actions: fc.array(permission, { maxLength: 2 }),
          transformations: fc.array(permission, { maxLength: 3 }),
        },
      ),
      { maxLength: 3 },
    ),
  })
  .map(withIdentifiers)

const selection = having({ value: text }, { type: fc.constantFrom('xpath' as const, 'namespace' as const), attributes })

/** Filters. */
export const filterSets: fc.Arbitrary<FilterSet> = having(
  {
    kind: fc.constant('filter-set' as const),
    filters: fc.array(
      having(
        {
          id: text,
          triggers: fc.array(
            fc.record({
              changed: fc.array(
                having({ value: text }, { from: text, to: text, by: fc.constantFrom('1', '-0.5', '+3.'), attributes }),
                { maxLength: 2 },
              ),
              added: fc.array(text, { maxLength: 2 }),
              removed: fc.array(text, { maxLength: 2 }),
              others,
            }),
            { maxLength: 2 },
          ),
          others,
        },
        {
          uri,
          domain: text,
          remove: fc.boolean(),
          enabled: fc.boolean(),
          what: fc.record({
            include: fc.array(selection, { maxLength: 2 }),
            exclude: fc.array(selection, { maxLength: 2 }),
            others,
          }),
          attributes,
        },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  },
  {
    package: text,
    bindings: fc.array(fc.record({ prefix: name, urn: uri }), { minLength: 1, maxLength: 2 }),
    attributes,
  },
)

/** Changes of XCAP documents. */
export const xcapDiffs: fc.Arbitrary<XcapDiff> = having(
  {
    kind: fc.constant('xcap-diff' as const),
    root: uri,
    changes: fc.array(
      fc.oneof(
        having(
          { kind: fc.constant('document'), sel: uri },
          { newEtag: text, previousEtag: text, body: fc.constantFrom('not-changed'), attributes },
        ),
        having(
          { kind: fc.constant('element'), sel: text, content: fc.oneof(fc.constant([]), fc.tuple(foreign)) },
          { exists: fc.boolean(), attributes },
        ),
        having({ kind: fc.constant('attribute'), sel: text, value: text }, { exists: fc.boolean(), attributes }),
      ) as fc.Arbitrary<XcapChange>,
      { maxLength: 3 },
    ),
    others,
  },
  { attributes },
)

/** XCAP capabilities. */
export const xcapCaps: fc.Arbitrary<XcapCaps> = having(
  { kind: fc.constant('xcap-caps' as const), auids: fc.array(text), namespaces: fc.array(uri), others },
  { extensions: fc.array(text) },
)

/** XCAP errors. */
export const xcapErrors: fc.Arbitrary<XcapErrorDocument> = fc.record({
  kind: fc.constant('xcap-error' as const),
  error: fc.oneof(
    having({ kind: fc.constantFrom(...plainXcapErrors) }, { phrase: text }),
    having({ kind: fc.constant('no-parent') }, { phrase: text, ancestor: uri }),
    having(
      {
        kind: fc.constant('uniqueness-failure'),
        exists: fc.array(fc.record({ field: text, alternatives: fc.array(text, { maxLength: 2 }) }), {
          minLength: 1,
          maxLength: 2,
        }),
      },
      { phrase: text },
    ),
    fc.record({ kind: fc.constant('extension'), elements: others }),
  ) as fc.Arbitrary<XcapErrorDocument['error']>,
})

/** Patch errors. */
export const patchErrors: fc.Arbitrary<PatchErrorDocument> = fc.record({
  kind: fc.constant('patch-ops-error' as const),
  errors: fc.array(
    fc.constantFrom(...patchErrorNames).chain((kind) => {
      const simple = kind === 'invalid-character-set' || kind === 'invalid-diff-format'
      return having(
        { kind: fc.constant(kind), operations: simple ? fc.constant([]) : fc.tuple(foreign) },
        { phrase: text, lang, attributes },
      )
    }),
    { maxLength: 2 },
  ),
  others,
})
