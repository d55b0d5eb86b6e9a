/** Every format: what the examples of its RFC say, and that what is printed is valid and read as the same. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Format, XmlElement } from '../../src/documents/index.ts'
import {
  attribute,
  device,
  duplicates,
  extension,
  filterSetFormat,
  geoprivLocation,
  isDocumentError,
  listEntry,
  namespaces,
  parseFilterSet,
  parsePresence,
  parseReginfo,
  parseResourceLists,
  parseRlmi,
  parseRlsServices,
  parseRuleset,
  parseSelector,
  parseWatcherinfo,
  parseXcapCaps,
  parseXcapDiff,
  parseXcapError,
  parseXml,
  patchErrorFormat,
  person,
  personsOf,
  pidfFormat,
  presence,
  printPresence,
  printXcapDiff,
  reginfoFormat,
  resourceList,
  resourceListsFormat,
  rlmiFormat,
  rlsService,
  rlsServicesFormat,
  rulesetFormat,
  sameXml,
  serviceCapabilities,
  tuple,
  validateDocument,
  watcherinfoFormat,
  xcapCapsFormat,
  xcapDiffFormat,
  xcapErrorFormat,
} from '../../src/documents/index.ts'
import * as arbitraries from './arbitraries.ts'
import { examples, material } from './material.ts'

const runs = 100 * Number(process.env.PRESIM_FUZZ ?? 1)

function value<T extends object>(parsed: T): Exclude<T, { kind: 'document-error' }> {
  if (isDocumentError(parsed)) throw new Error(`${parsed.line}:${parsed.column} ${parsed.path} ${parsed.reason}`)
  return parsed as Exclude<T, { kind: 'document-error' }>
}

const formats: [name: string, format: Format<object>, values: fc.Arbitrary<object>, type: string][] = [
  of('PIDF', pidfFormat, arbitraries.presences, 'application/pidf+xml'),
  of('watcherinfo', watcherinfoFormat, arbitraries.watcherinfos, 'application/watcherinfo+xml'),
  of('reginfo', reginfoFormat, arbitraries.reginfos, 'application/reginfo+xml'),
  of('RLMI', rlmiFormat, arbitraries.rlmis, 'application/rlmi+xml'),
  of('resource-lists', resourceListsFormat, arbitraries.resourceLists, 'application/resource-lists+xml'),
  of('rls-services', rlsServicesFormat, arbitraries.rlsServices, 'application/rls-services+xml'),
  of('common-policy with pres-rules', rulesetFormat, arbitraries.rulesets, 'application/auth-policy+xml'),
  of('simple-filter', filterSetFormat, arbitraries.filterSets, 'application/simple-filter+xml'),
  of('xcap-diff', xcapDiffFormat, arbitraries.xcapDiffs, 'application/xcap-diff+xml'),
  of('xcap-caps', xcapCapsFormat, arbitraries.xcapCaps, 'application/xcap-caps+xml'),
  of('xcap-error', xcapErrorFormat, arbitraries.xcapErrors, 'application/xcap-error+xml'),
  of('patch-ops-error', patchErrorFormat, arbitraries.patchErrors, 'application/patch-ops-error+xml'),
]

function of<T extends object>(
  name: string,
  format: Format<T>,
  values: fc.Arbitrary<T>,
  type: string,
): (typeof formats)[number] {
  return [name, format as unknown as Format<object>, values, type]
}

describe.each(formats)('%s', (_, format, values, type) => {
  it('any value is printed as a valid document, from which the same document comes back', () => {
    fc.assert(
      fc.property(values, (given) => {
        const text = format.print(given)
        expect(validateDocument(text)).toEqual({ type, errors: [] })
        const read = value(format.parse(text))
        expect(format.print(read)).toBe(text)
        expect(withoutElements(read)).toEqual(withoutElements(given))
      }),
      { numRuns: runs },
    )
  })

  it('is not taken for another', () => {
    fc.assert(
      fc.property(values, (given) => {
        const text = format.print(given)
        for (const [, other] of formats)
          if (other !== format) expect(other.parse(text)).toMatchObject({ kind: 'document-error' })
      }),
      { numRuns: 3 },
    )
  })
})

/** Foreign elements come back with declarations where the printer put them: the values are compared without. */
function withoutElements(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(withoutElements)
  if (typeof given !== 'object' || given === null) return typeof given === 'string' ? given.replace(/\r/g, '\n') : given
  if ('kind' in given && given.kind === 'element') return 'an element'
  const plain = Object.entries(given).map(([key, inner]) => [key, withoutElements(inner)])
  return Object.fromEntries(plain)
}

/** A document without what its types let be written in several ways, and without hints to schema processors. */
function essence(text: string): XmlElement {
  const clean = (element: XmlElement): XmlElement => ({
    ...element,
    attributes: element.attributes
      .filter((each) => each.namespace !== namespaces.xsi)
      .map((each) => (each.name === 'priority' ? { ...each, value: String(Number(each.value)) } : each)),
    children: element.children.map((child) => {
      if (typeof child === 'string') return child.replace(/\s+/g, ' ').trim()
      return child.kind === 'element' ? clean(child) : child
    }),
  })
  return clean(value(parseXml(text)).root)
}

describe('what nobody knows is never lost', () => {
  it.each(examples.filter((each) => each.valid && each.schema !== 'pidf-diff.xsd'))('$file', ({ file }) => {
    const text = material(file)
    const format = formats.map(([, each]) => each).find((each) => !isDocumentError(each.parse(text)))
    if (format === undefined) return expect(file).toMatch(/rfc526[2-4]/)
    const printed = format.print(value(format.parse(text)))
    expect(sameXml(essence(text), essence(printed), { ignoreLayout: true })).toBe(true)
  })

  it('foreign elements and attributes at every place where the schema has room for them', () => {
    const x = 'xmlns:x="urn:x"'
    const text =
      `<presence xmlns="urn:ietf:params:xml:ns:pidf" ${x} entity="sip:a@b"><tuple id="t"><status><basic>open</basic><x:a/></status>` +
      `<x:b x:c="1">text<x:d/>more</x:b></tuple><x:e><tuple id="not ours"/></x:e></presence>`
    const parsed = value(parsePresence(text))
    expect(parsed.tuples[0]?.status.extensions).toMatchObject([{ kind: 'unknown', element: { name: 'a' } }])
    expect(sameXml(value(parseXml(printPresence(parsed))).root, value(parseXml(text)).root)).toBe(true)
  })

  it('a known extension that is not as it should be is kept as it is, and is no reason to refuse the document', () => {
    const parsed = value(parsePresence(material('rfc4480/4-example-as-printed.xml')))
    const [each] = personsOf(parsed)
    expect(extension(each!.extensions, 'sphere')).toBeUndefined()
    expect(each!.extensions.filter((one) => one.kind === 'unknown')).toMatchObject([
      { element: { name: 'sphere', children: ['bowling league'] } },
    ])
    expect(validateDocument(material('rfc4480/4-example-as-printed.xml')).errors).toHaveLength(1)
  })
})

describe('PIDF and its extensions: the examples', () => {
  it('RFC 4480 §4: everything that the person does', () => {
    const parsed = value(parsePresence(material('rfc4480/4-example-corrected.xml')))
    expect(parsed.tuples.map((each) => [each.id, each.contact?.uri, each.contact?.priority])).toEqual([
      ['bs35r9', 'im:someone@mobile.example.net', 0.8],
      ['ty4658', 'mailto:secretary@example.com', 1],
      ['eg92n8', 'mailto:someone@example.com', 1],
    ])
    expect(parsed.tuples[0]?.notes).toEqual([
      { text: "Don't Disturb Please!", lang: 'en' },
      { text: "Ne derangez pas, s'il vous plait", lang: 'fr' },
    ])
    expect(parsed.tuples[0]?.extensions).toEqual([
      { kind: 'deviceID', value: 'urn:device:0003ba4811e3' },
      { kind: 'relationship', notes: [], values: ['self'] },
      { kind: 'service-class', notes: [], values: ['electronic'] },
    ])
    const [someone] = personsOf(parsed)
    expect(someone).toMatchObject({
      id: 'p1',
      notes: [{ text: 'Scoring 120' }],
      timestamp: '2005-05-30T16:09:44+05:00',
    })
    expect(someone!.extensions.map((each) => each.kind)).toEqual([
      'activities',
      'class',
      'mood',
      'place-is',
      'place-type',
      'privacy',
      'sphere',
      'status-icon',
      'time-offset',
    ])
    expect(extension(someone!.extensions, 'activities')).toEqual({
      kind: 'activities',
      from: '2005-05-30T12:00:00+05:00',
      until: '2005-05-30T17:00:00+05:00',
      notes: [{ text: 'Far away' }],
      values: ['away'],
    })
    expect(extension(someone!.extensions, 'mood')?.values).toEqual(['angry', { kind: 'other', text: 'brooding' }])
    expect(extension(someone!.extensions, 'place-is')).toMatchObject({ audio: 'noisy' })
    expect(extension(someone!.extensions, 'place-type')?.values).toMatchObject([
      { name: 'residence', namespace: namespaces.locationType },
    ])
    expect(extension(someone!.extensions, 'time-offset')?.minutes).toBe(-240)
    expect(parsed.extensions.find((each) => each.kind === 'device')).toMatchObject({
      deviceId: 'urn:device:0003ba4811e3',
      extensions: [{ kind: 'user-input', value: 'idle', idleThreshold: 600, lastInput: '2004-10-21T13:20:00-05:00' }],
    })
  })

  it('RFC 4481 §3: a status to come', () => {
    const parsed = value(parsePresence(material('rfc4481/4-timed-status.xml')))
    expect(extension(parsed.tuples[0]!.extensions, 'timed-status')).toEqual({
      kind: 'timed-status',
      from: '2005-08-15T10:20:00.000-05:00',
      until: '2005-08-22T19:30:00.000-05:00',
      basic: 'closed',
      extensions: [],
    })
  })

  it('RFC 4482 §4: where the card is', () => {
    const parsed = value(parsePresence(material('rfc4482/4-cipid.xml')))
    const all = parsed.tuples.flatMap((each) => each.extensions)
    expect(all.length + personsOf(parsed).flatMap((each) => each.extensions).length).toBeGreaterThan(0)
    const kinds = [...all, ...personsOf(parsed).flatMap((each) => each.extensions)].map((each) => each.kind)
    expect(kinds).toContain('card')
  })

  it('RFC 5196 §5: what the service and the device can do', () => {
    const parsed = value(parsePresence(material('rfc5196/5-capabilities.xml')))
    expect(extension(parsed.tuples[0]!.extensions, 'servcaps')).toMatchObject({
      audio: true,
      video: false,
      message: true,
      duplex: { supported: ['full'] },
      methods: { supported: ['ACK', 'BYE', 'INVITE', 'MESSAGE'] },
      priority: { supported: { lowerThan: [{ maximum: 10 }] } },
      schemes: { supported: ['sip'] },
    })
    expect(parsed.extensions).toMatchObject([
      { kind: 'device', extensions: [{ kind: 'devcaps', mobility: { supported: ['mobile'] } }] },
    ])
  })

  it('RFC 4119 §2: where, and what may be done with it', () => {
    const text = `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"
      xmlns:cl="urn:ietf:params:xml:ns:pidf:geopriv10:civicLoc" xmlns:gml="http://www.opengis.net/gml"
      xmlns:b="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy" entity="pres:geotarget@example.com">
      <tuple id="sg89ae"><status><gp:geopriv><gp:location-info>
        <cl:civicAddress><cl:country>US</cl:country><cl:A1>New York</cl:A1><cl:HNO>123</cl:HNO></cl:civicAddress>
        <gml:location><gml:Point srsName="epsg:4326"><gml:coordinates>37:46:30N 122:25:10W</gml:coordinates></gml:Point></gml:location>
      </gp:location-info><gp:usage-rules><b:retransmission-allowed>no</b:retransmission-allowed></gp:usage-rules>
      <gp:method>GPS</gp:method></gp:geopriv></status></tuple></presence>`
    // The RFC's own example says "no", which is no xs:boolean.
    expect(validateDocument(text).errors.map((each) => each.path)).toEqual([
      '/presence/tuple/status/gp:geopriv/gp:usage-rules/b:retransmission-allowed',
    ])
    const parsed = value(parsePresence(text.replace('>no<', '>false<')))
    expect(extension(parsed.tuples[0]!.status.extensions, 'geopriv')).toMatchObject({
      location: [
        {
          kind: 'civicLocation',
          fields: [
            { name: 'country', value: 'US' },
            { name: 'A1', value: 'New York' },
            { name: 'HNO', value: '123' },
          ],
        },
        { kind: 'unknown', element: { name: 'location', namespace: namespaces.gml } },
      ],
      usageRules: { retransmissionAllowed: false },
      method: { text: 'GPS' },
    })
  })

  it('what is built by hand is what it looks like', () => {
    const document = presence('sip:a@b', {
      tuples: [
        tuple('t', undefined, {
          extensions: [serviceCapabilities({ audio: true, methods: { notSupported: ['REFER'] } })],
        }),
      ],
      extensions: [
        person('p', {
          extensions: [
            geoprivLocation([{ kind: 'civicAddress', fields: [{ name: 'country', value: 'AT' }], others: [] }]),
          ],
        }),
        device('d', 'urn:x:d'),
      ],
    })
    const text = printPresence(document)
    expect(validateDocument(text).errors).toEqual([])
    expect(text).toContain(
      '<tuple id="t"><status/><caps:servcaps><caps:audio>true</caps:audio><caps:methods><caps:notsupported><caps:REFER/>' +
        '</caps:notsupported></caps:methods></caps:servcaps></tuple>',
    )
    expect(parsePresence(text)).toEqual(document)
  })
})

describe('the other formats: the examples', () => {
  it('RFC 3858 §5: watchers', () => {
    expect(parseWatcherinfo(material('rfc3858/5-example.xml'))).toEqual({
      kind: 'watcherinfo',
      version: 0,
      state: 'full',
      lists: [
        {
          resource: 'sip:professor@example.net',
          package: 'presence',
          watchers: [
            {
              id: '8ajksjda7s',
              status: 'active',
              event: 'approved',
              durationSubscribed: 509,
              uri: 'sip:userA@example.net',
            },
            {
              id: 'hh8juja87s997-ass7',
              status: 'pending',
              event: 'subscribe',
              displayName: 'Mr. Subscriber',
              uri: 'sip:userB@example.org',
            },
          ],
          others: [],
        },
      ],
      others: [],
    })
  })

  it('RFC 3680 §5.3: contacts', () => {
    const parsed = value(parseReginfo(material('rfc3680/5.3-example.xml')))
    expect(parsed.registrations).toMatchObject([
      {
        aor: 'sip:user@example.com',
        id: 'as9',
        state: 'active',
        contacts: [
          {
            id: '76',
            state: 'active',
            event: 'registered',
            durationRegistered: 7322,
            q: '0.8',
            uri: 'sip:user@pc887.example.com',
          },
          {
            id: '77',
            state: 'terminated',
            event: 'expired',
            durationRegistered: 3600,
            q: '0.5',
            uri: 'sip:user@university.edu',
          },
        ],
      },
    ])
  })

  it('RFC 4662 §6: a list', () => {
    const parsed = value(parseRlmi(material('rfc4662/rlmi-13-partial.xml')))
    expect(parsed).toMatchObject({ uri: 'sip:adam-friends@pres.vancouver.example.com', version: 2, fullState: false })
    expect(parsed.names).toEqual([
      { text: 'Buddy List at COM', lang: 'en' },
      { text: 'Liste der Freunde an COM', lang: 'de' },
    ])
    expect(parsed.resources.map((each) => each.instances)).toMatchObject([
      [{ id: 'sdlkmeopdf', state: 'pending' }],
      [{ id: 'cmpqweitlp', state: 'active', cid: '1KQhyE@pres.vancouver.example.com' }],
    ])
  })

  it('RFC 4826 §3.3: lists in lists', () => {
    const parsed = value(parseResourceLists(material('rfc4826/3.3-resource-lists.xml')))
    const [friends] = parsed.lists
    expect(friends?.name).toBe('friends')
    expect(friends?.members.map((each) => each.kind)).toEqual(['entry', 'entry-ref', 'list'])
    expect(friends?.members[2]).toMatchObject({
      name: 'close-friends',
      displayName: { text: 'Close Friends' },
      members: [
        { uri: 'sip:joe@example.com' },
        { uri: 'sip:nancy@example.com' },
        { kind: 'external', displayName: { text: 'Marketing' } },
      ],
    })
  })

  it('RFC 4826 §3.4.5: what may not be there twice', () => {
    const inner = resourceList('a', [listEntry('sip:x'), listEntry('sip:x'), resourceList('a', [])])
    expect(duplicates([inner, resourceList('b', [listEntry('sip:x')]), resourceList('a', [])])).toEqual([
      { field: 'uri', value: 'sip:x' },
      { field: 'name', value: 'a' },
    ])
    expect(duplicates([resourceList(undefined, []), resourceList(undefined, [])])).toEqual([])
  })

  it('RFC 4826 §4.3: services', () => {
    const parsed = value(parseRlsServices(material('rfc4826/4.3-rls-services.xml')))
    expect(parsed.services).toMatchObject(
      [
        { uri: 'sip:mybuddies@example.com', resourceList: /^http:\/\/xcap\.example\.com/, packages: ['presence'] },
        {
          uri: 'sip:marketing@example.com',
          list: { name: 'marketing', members: [{ uri: 'sip:joe@example.com' }, { uri: 'sip:sudhir@example.com' }] },
        },
      ].map((each) =>
        typeof each.resourceList === 'object'
          ? { ...each, resourceList: expect.stringMatching(each.resourceList) }
          : each,
      ),
    )
    const text = rlsServicesFormat.print({
      kind: 'rls-services',
      services: [rlsService('sip:l@a', resourceList('x', [listEntry('sip:m')]), ['presence'])],
    })
    expect(text).toContain('<list name="x">')
    expect(validateDocument(text).errors).toEqual([])
  })

  it('RFC 5025 §6: who sees what', () => {
    const parsed = value(parseRuleset(material('rfc5025/6-example.xml')))
    expect(parsed.rules).toEqual([
      {
        id: 'a',
        conditions: [{ kind: 'identity', members: [{ kind: 'one', id: 'sip:user@example.com', restrictions: [] }] }],
        actions: [{ kind: 'sub-handling', value: 'allow' }],
        transformations: [
          {
            kind: 'provide-services',
            services: [
              { kind: 'service-uri-scheme', value: 'sip' },
              { kind: 'service-uri-scheme', value: 'mailto' },
            ],
          },
          { kind: 'provide-persons', persons: 'all' },
          { kind: 'provide-activities', value: true },
          { kind: 'provide-user-input', value: 'bare' },
          { kind: 'provide-unknown-attribute', ns: 'urn:vendor-specific:foo-namespace', name: 'foo', value: true },
        ],
      },
    ])
  })

  it('RFC 4745 §7: validity, sphere, domains with exceptions, and nothing at all', () => {
    const text =
      '<ruleset xmlns="urn:ietf:params:xml:ns:common-policy"><rule id="a"><conditions><sphere value="work"/><identity>' +
      '<many domain="example.com"><except id="sip:alice@example.com"/><except domain="x.example.com"/></many><many/></identity>' +
      '<validity><from>2003-08-15T10:20:00Z</from><until>2003-09-15T10:20:00Z</until>' +
      '<from>2004-08-15T10:20:00Z</from><until>2004-09-15T10:20:00Z</until></validity></conditions></rule><rule id="b"/></ruleset>'
    expect(value(parseRuleset(text)).rules).toEqual([
      {
        id: 'a',
        conditions: [
          { kind: 'sphere', value: 'work' },
          {
            kind: 'identity',
            members: [
              {
                kind: 'many',
                domain: 'example.com',
                exceptions: [
                  { kind: 'except', id: 'sip:alice@example.com' },
                  { kind: 'except', domain: 'x.example.com' },
                ],
              },
              { kind: 'many', exceptions: [] },
            ],
          },
          {
            kind: 'validity',
            periods: [
              { from: '2003-08-15T10:20:00Z', until: '2003-09-15T10:20:00Z' },
              { from: '2004-08-15T10:20:00Z', until: '2004-09-15T10:20:00Z' },
            ],
          },
        ],
      },
      { id: 'b' },
    ])
  })

  it('OMA: conditions and permissions that are in use are understood, the rest is kept', () => {
    const text =
      '<cr:ruleset xmlns:ocp="urn:oma:xml:xdm:common-policy" xmlns:op="urn:oma:xml:prs:pres-rules" ' +
      'xmlns:pr="urn:ietf:params:xml:ns:pres-rules" xmlns:cr="urn:ietf:params:xml:ns:common-policy" xmlns:z="urn:z">' +
      '<cr:rule id="a"><cr:conditions><ocp:external-list><ocp:entry anc="http://xcap.home1.net/l"/></ocp:external-list></cr:conditions></cr:rule>' +
      '<cr:rule id="b"><cr:conditions><ocp:anonymous-request/></cr:conditions></cr:rule>' +
      '<cr:rule id="c"><cr:conditions><ocp:other-identity/><z:new x="1"/></cr:conditions><cr:transformations>' +
      '<pr:provide-services><op:service-id>org.openmobilealliance:PoC-session</op:service-id></pr:provide-services>' +
      '<op:provide-willingness>true</op:provide-willingness><op:provide-geopriv>full</op:provide-geopriv></cr:transformations></cr:rule></cr:ruleset>'
    const parsed = value(parseRuleset(text))
    expect(parsed.rules).toMatchObject([
      { conditions: [{ kind: 'external-list', entries: ['http://xcap.home1.net/l'] }] },
      { conditions: [{ kind: 'anonymous-request' }] },
      {
        conditions: [{ kind: 'other-identity' }, { kind: 'unknown', element: { name: 'new' } }],
        transformations: [
          { kind: 'provide-services', services: [{ kind: 'service-id', value: 'org.openmobilealliance:PoC-session' }] },
          { kind: 'provide-willingness', value: true },
          { kind: 'provide-geopriv', value: 'full' },
        ],
      },
    ])
    expect(sameXml(value(parseXml(rulesetFormat.print(parsed))).root, value(parseXml(text)).root)).toBe(true)
  })

  it('RFC 4661 §6.3: what and when, with expressions that can be read', () => {
    const parsed = value(parseFilterSet(material('rfc4661/6.3-what-trigger-winfo.xml')))
    expect(parsed.bindings).toEqual([{ prefix: 'wi', urn: 'urn:ietf:params:xml:ns:watcherinfo' }])
    const [filter] = parsed.filters
    expect(filter).toMatchObject({ id: '123', uri: 'sip:presentity@example.com' })
    expect(filter?.triggers.map((each) => each.changed[0]?.to)).toEqual(['pending', 'waiting'])
    const prefixes = (prefix: string) => parsed.bindings?.find((each) => each.prefix === prefix)?.urn
    const expressions = [filter!.what!.include[0]!.value, ...filter!.triggers.map((each) => each.changed[0]!.value)]
    for (const each of expressions) expect(parseSelector(each, 'filter', prefixes)).toMatchObject({ kind: 'selector' })
  })

  it('RFC 5874 §5: what changed below an XCAP root', () => {
    const parsed = value(parseXcapDiff(material('rfc5874/5-example.xml')))
    expect(parsed.root).toBe('http://xcap.example.com/root/')
    expect(parsed.changes).toMatchObject([
      {
        kind: 'document',
        sel: 'resource-lists/users/sip:joe@example.com/coworkers',
        newEtag: '7ahggs',
        previousEtag: '8a77f8d',
      },
      { kind: 'element', content: [{ kind: 'element', name: 'service', namespace: namespaces.rlsServices }] },
      { kind: 'attribute', value: 'sip:marketing@example.com' },
    ])
    expect(parsed.changes[0]).not.toHaveProperty('body')
  })

  it('RFC 5874 §4: operations keep what their prefixes stand for, and so do selectors', () => {
    const text =
      '<d:xcap-diff xmlns:d="urn:ietf:params:xml:ns:xcap-diff" xmlns:r="urn:r" xcap-root="http://x/"><d:document sel="a" new-etag="2" previous-etag="1" xmlns="urn:s">' +
      '<d:remove sel="*/r:b"/></d:document><d:document sel="b"><d:body-not-changed/></d:document><d:element sel="c/~~/r:x" exists="false"/></d:xcap-diff>'
    const parsed = value(parseXcapDiff(text))
    const [changed, same, gone] = parsed.changes
    if (changed?.kind !== 'document' || changed.body === undefined || changed.body === 'not-changed')
      return expect.unreachable()
    const declared = changed.body[0]!.attributes.filter((each) => each.namespace === namespaces.xmlns).map((each) => [
      each.name,
      each.value,
    ])
    expect(Object.fromEntries(declared)).toMatchObject({ r: 'urn:r', xmlns: 'urn:s' })
    expect(attribute(changed.body[0]!, 'sel')).toBe('*/r:b')
    expect(same).toMatchObject({ body: 'not-changed' })
    expect(gone).toMatchObject({ exists: false, prefixes: { r: 'urn:r' } })
    expect(value(parseXcapDiff(printXcapDiff(parsed)))).toEqual(parsed)
  })

  it('RFC 4825 §11 and §12: errors and capabilities', () => {
    expect(parseXcapError(material('rfc4825/11.1-xcap-error-uniqueness.xml'))).toEqual({
      kind: 'xcap-error',
      error: {
        kind: 'uniqueness-failure',
        exists: [{ field: 'rls-services/service/@uri', alternatives: ['sip:mybuddies@example.com'] }],
      },
    })
    expect(parseXcapCaps(material('rfc4825/12-xcap-caps-minimal.xml'))).toMatchObject({
      auids: ['rls-services', 'resource-lists', 'xcap-caps'],
      namespaces: ['urn:ietf:params:xml:ns:xcap-caps', 'urn:ietf:params:xml:ns:xcap-error'],
    })
    for (const { file } of examples.filter((each) => /xcap-error-/.test(each.file))) {
      expect(value(parseXcapError(material(file))).error.kind).toBe(
        /error-(.*)\.xml/.exec(file)![1]!.replace('uniqueness', 'uniqueness-failure'),
      )
    }
  })
})
