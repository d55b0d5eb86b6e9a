import { describe, expect, it } from 'vitest'
import {
  attribute,
  duplicates,
  isDocumentError,
  listEntry,
  namespaces,
  parseFilterSet,
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
  printXcapDiff,
  resourceList,
  rlsService,
  rlsServicesFormat,
  rulesetFormat,
  sameXml,
  validateDocument,
} from '../../src/documents/index.ts'
import { examples, material } from './material.ts'

function value<T extends object>(parsed: T): Exclude<T, { kind: 'document-error' }> {
  if (isDocumentError(parsed)) throw new Error(`${parsed.line}:${parsed.column} ${parsed.path} ${parsed.reason}`)
  return parsed as Exclude<T, { kind: 'document-error' }>
}

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
