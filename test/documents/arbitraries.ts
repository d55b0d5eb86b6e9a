/** Values of every format, with every field present and absent: what the printed documents are checked with. */
import fc from 'fast-check'
import type {
  Condition,
  FilterSet,
  ListMember,
  PatchErrorDocument,
  Permission,
  Reginfo,
  ResourceList,
  ResourceLists,
  Rlmi,
  RlsServices,
  Ruleset,
  Watcherinfo,
  XcapCaps,
  XcapChange,
  XcapDiff,
  XcapErrorDocument,
} from '../../src/documents/index.ts'
import { attributePermissions, patchErrorNames, plainXcapErrors } from '../../src/documents/index.ts'
import {
  attributes,
  count,
  dateTime,
  foreign,
  having,
  lang,
  name,
  note,
  notes,
  others,
  text,
  unknown,
  uri,
  withIdentifiers,
} from './arbitrary-basics.ts'

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

export { presences } from './arbitrary-presence.ts'
