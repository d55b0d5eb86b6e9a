import { describe, expect, it } from 'vitest'
import { isDocumentError, parsePresence, parseRuleset, printPresence, type Ruleset } from '../../src/documents/index.ts'
import type { Circumstances } from '../../src/presence/server/conditions.ts'
import { judge, nextBoundary, writtenRules } from '../../src/presence/server/presence-rules.ts'
import { transformed } from '../../src/presence/server/transformation.ts'
import { momentOf } from '../../src/presence/wall-clock.ts'
import { leftOut } from '../left-out.ts'
import { everybody, everything, handle, one, rule, ruleset } from './rules.ts'
import { pidf, published, server, subscribed } from './server.ts'

const alice = 'sip:alice@example.com'
const at = (text: string) => momentOf(text)!
const now = at('2016-03-01T12:00:00Z')

function read(text: string): Ruleset {
  const parsed = parseRuleset(text)
  if (isDocumentError(parsed)) throw new Error(parsed.reason)
  return parsed
}

/** How the rules handle a watcher, and which of them apply. */
function judged(text: string, changes: Partial<Circumstances> = {}) {
  const circumstances = { watcher: alice, sphere: undefined, moment: now, ...changes }
  const { rules, permissions } = judge(read(text), circumstances, { without: ({ id }) => leftOut.includes(id) })
  return { handling: permissions.handling, rules }
}

describe('RFC 4745 §7: the conditions of a rule', () => {
  const allowIf = (conditions: string) => ruleset(rule('r', conditions, handle('allow')))

  it.each([
    ['no condition', '', true],
    ['one that is the watcher', one(alice), true],
    ['one of several', one('sip:bob@example.com', alice), true],
    ['another one', one('sip:bob@example.com'), false],
    ['the same by another scheme (RFC 3859)', one('pres:alice@example.com'), true],
    ['the same with a port and a parameter', one('sip:alice@EXAMPLE.com:5060;user=phone'), true],
    ['the user in another case', one('sip:Alice@example.com'), false],
    ['everybody', everybody, true],
    ['the domain', '<identity><many domain="example.com"/></identity>', true],
    ['the domain in another case', '<identity><many domain="Example.COM"/></identity>', true],
    ['another domain', '<identity><many domain="example.org"/></identity>', false],
    ['everybody except the watcher', `<identity><many><except id="${alice}"/></many></identity>`, false],
    ['everybody except the domain', '<identity><many><except domain="example.com"/></many></identity>', false],
    ['everybody except somebody else', '<identity><many><except id="sip:bob@example.com"/></many></identity>', true],
    [
      'the domain except the watcher, or the watcher',
      `<identity><many domain="example.com"><except id="${alice}"/></many><one id="${alice}"/></identity>`,
      true,
    ],
    ['a condition that nobody knows', '<x:moon xmlns:x="urn:x"/>', false],
    [
      'a person with a restriction that nobody knows',
      `<identity><one id="${alice}"><x:y xmlns:x="urn:x"/></one></identity>`,
      false,
    ],
    ['two conditions of which one does not hold (they are ANDed)', `${one(alice)}<sphere value="work"/>`, false],
  ])('%s', (_case, conditions, holds) => {
    expect(judged(allowIf(conditions))).toEqual(
      holds ? { handling: 'allow', rules: ['r'] } : { handling: 'block', rules: [] },
    )
  })

  it('RFC 4745 §7.2: the sphere holds when the presentity is in it, and not when nobody knows', () => {
    const text = allowIf('<sphere value="work"/>')
    expect(judged(text, { sphere: 'work' }).handling).toBe('allow')
    expect(judged(text, { sphere: 'home' }).handling).toBe('block')
    expect(judged(text).handling).toBe('block')
  })

  it('RFC 4745 §7.3: validity holds from its beginning up to its end, in any of its periods, in any time zone', () => {
    const text = allowIf(
      `<validity><from>2016-03-01T12:00:00Z</from><until>2016-03-01T13:00:00Z</until>
       <from>2016-03-02T00:00:00+02:00</from><until>2016-03-02T01:00:00+02:00</until></validity>`,
    )
    const cases = ['11:59:59', '12:00:00', '12:59:59', '13:00:00', '21:59:59', '22:00:00', '22:59:59', '23:00:00']
    const found = cases.filter((time) => judged(text, { moment: at(`2016-03-01T${time}Z`) }).handling === 'allow')
    expect(found).toEqual(['12:00:00', '12:59:59', '22:00:00', '22:59:59'])
    expect(nextBoundary(read(text), now)).toBe(at('2016-03-01T13:00:00Z'))
    expect(nextBoundary(read(text), at('2016-03-01T23:00:00Z'))).toBeUndefined()
  })
})

describe('RFC 4745 §10.2: combining what several rules permit', () => {
  it.each([
    [['block', 'confirm'], 'confirm'],
    [['confirm', 'polite-block'], 'polite-block'],
    [['allow', 'block'], 'allow'],
    [['polite-block', 'allow', 'confirm'], 'allow'],
  ])('of the levels %j the highest stands: %s', (levels, handling) => {
    const text = ruleset(...levels.map((level, i) => rule(`r${i}`, everybody, handle(level))))
    expect(judged(text)).toEqual({ handling, rules: levels.map((_, i) => `r${i}`) })
  })

  it('no rule that applies permits nothing: block (RFC 5025 §3.2.1)', () => {
    expect(judged(ruleset())).toEqual({ handling: 'block', rules: [] })
    expect(judged(ruleset(rule('r', one('sip:bob@example.com'), handle('allow')))).handling).toBe('block')
  })

  it('the short form says the same as rules: those named, and all others', () => {
    const rules = writtenRules({ watchers: { [alice]: 'confirm', 'sip:bob@example.com': 'block' }, otherwise: 'allow' })
    const of = (watcher: string) => judge(rules, { watcher, sphere: undefined, moment: now }).permissions.handling
    expect([alice, 'sip:bob@example.com', 'sip:carol@example.com'].map(of)).toEqual(['confirm', 'block', 'allow'])
  })

  it('whoever is permitted the same, by whatever rules, has the same key', () => {
    const services = '<pr:provide-services><pr:class>a</pr:class><pr:class>b</pr:class></pr:provide-services>'
    const turned = '<pr:provide-services><pr:class>b</pr:class></pr:provide-services>'
    const first = '<pr:provide-services><pr:class>a</pr:class></pr:provide-services>'
    const text = ruleset(
      rule('alice', one(alice), handle('allow'), services),
      rule('bob-1', one('sip:bob@example.com'), handle('allow'), turned),
      rule('bob-2', one('sip:bob@example.com'), '', first),
      rule('carol', one('sip:carol@example.com'), handle('allow'), first),
    )
    const rules = read(text)
    const key = (watcher: string) => judge(rules, { watcher, sphere: undefined, moment: now }).permissions.key
    expect(key('sip:bob@example.com')).toBe(key(alice))
    expect(key('sip:carol@example.com')).not.toBe(key(alice))
  })
})

const document = `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
    xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" xmlns:c="urn:ietf:params:xml:ns:pidf:cipid" xmlns:x="urn:x"
    entity="sip:p@example.com">
  <tuple id="im"><status><basic>open</basic></status><rpid:class>public</rpid:class><dm:deviceID>urn:d:1</dm:deviceID>
    <rpid:privacy><rpid:audio/></rpid:privacy><rpid:relationship><rpid:self/></rpid:relationship>
    <contact priority="0.8">sip:p@example.com</contact><note>tuple note</note><timestamp>2016-03-01T00:00:00Z</timestamp></tuple>
  <tuple id="mail"><status><basic>open</basic></status><rpid:class>private</rpid:class>
    <contact>mailto:p@example.com</contact></tuple>
  <note>document note</note>
  <dm:person id="p1"><rpid:activities><rpid:meeting/></rpid:activities><rpid:class>public</rpid:class>
    <rpid:mood><rpid:happy/></rpid:mood><rpid:place-is><rpid:audio><rpid:ok/></rpid:audio></rpid:place-is>
    <rpid:place-type><rpid:other>attic</rpid:other></rpid:place-type><rpid:sphere><rpid:work/></rpid:sphere>
    <rpid:status-icon>http://example.com/i</rpid:status-icon><rpid:time-offset>60</rpid:time-offset>
    <rpid:user-input idle-threshold="600" last-input="2016-03-01T00:00:00Z">active</rpid:user-input>
    <c:card>http://example.com/c</c:card><x:foo>bar</x:foo><dm:note>person note</dm:note></dm:person>
  <dm:device id="d1"><rpid:class>public</rpid:class><dm:deviceID>urn:d:1</dm:deviceID></dm:device>
</presence>`

/** What is left of the document under transformations, as text. */
function seen(transformations: string): string {
  const presence = parsePresence(document)
  if (isDocumentError(presence)) throw new Error(presence.reason)
  const rules = read(ruleset(rule('r', everybody, handle('allow'), transformations)))
  const { permissions } = judge(rules, { watcher: alice, sphere: undefined, moment: now })
  return printPresence(transformed(presence, permissions))
}

const all = `<pr:provide-services><pr:all-services/></pr:provide-services>
  <pr:provide-persons><pr:all-persons/></pr:provide-persons>
  <pr:provide-devices><pr:all-devices/></pr:provide-devices>`
/** The names of the elements in a text. */
const elements = (text: string) => new Set([...text.matchAll(/<(?:\w+:)?([\w-]+)[ />]/g)].map(([, name]) => name!))

describe('RFC 5025 §3.3.1: which tuples, persons and devices are seen', () => {
  const ids = (text: string) => [...text.matchAll(/ id="(\w+)"/g)].map(([, id]) => id)

  it.each([
    ['nothing', '', []],
    ['all services', '<pr:provide-services><pr:all-services/></pr:provide-services>', ['im', 'mail']],
    ['a class of services', '<pr:provide-services><pr:class>public</pr:class></pr:provide-services>', ['im']],
    [
      'a service by id',
      '<pr:provide-services><pr:occurrence-id>mail</pr:occurrence-id></pr:provide-services>',
      ['mail'],
    ],
    [
      'a service by URI',
      '<pr:provide-services><pr:service-uri>sip:p@EXAMPLE.com</pr:service-uri></pr:provide-services>',
      ['im'],
    ],
    [
      'a scheme',
      '<pr:provide-services><pr:service-uri-scheme>mailto</pr:service-uri-scheme></pr:provide-services>',
      ['mail'],
    ],
    [
      'two members, which are a union',
      '<pr:provide-services><pr:class>public</pr:class><pr:service-uri-scheme>mailto</pr:service-uri-scheme></pr:provide-services>',
      ['im', 'mail'],
    ],
    ['all persons', '<pr:provide-persons><pr:all-persons/></pr:provide-persons>', ['p1']],
    ['a class of persons', '<pr:provide-persons><pr:class>public</pr:class></pr:provide-persons>', ['p1']],
    ['another class of persons', '<pr:provide-persons><pr:class>other</pr:class></pr:provide-persons>', []],
    ['all devices', '<pr:provide-devices><pr:all-devices/></pr:provide-devices>', ['d1']],
    ['a device by URN', '<pr:provide-devices><pr:deviceID>urn:d:1</pr:deviceID></pr:provide-devices>', ['d1']],
    ['another device', '<pr:provide-devices><pr:deviceID>urn:d:2</pr:deviceID></pr:provide-devices>', []],
  ])('%s', (_case, transformations, expected) => {
    expect(ids(seen(transformations))).toEqual(expected)
  })
})

describe('RFC 5025 §3.3.2: which attributes are seen', () => {
  it('without any permission: the basic status, the contact and the timestamp, and nothing else', () => {
    expect([...elements(seen(all))].sort()).toEqual(
      ['basic', 'contact', 'device', 'deviceID', 'person', 'presence', 'status', 'timestamp', 'tuple'].sort(),
    )
    expect(seen(all)).not.toMatch(/note|meeting|happy|foo|card/)
  })

  const attributes = [
    'activities',
    'class',
    'mood',
    'place-is',
    'place-type',
    'privacy',
    'relationship',
    'status-icon',
    'sphere',
    'time-offset',
    'note',
  ]

  it.each(attributes)('provide-%s shows this attribute and no other', (name) => {
    const found = elements(seen(`${all}<pr:provide-${name}>true</pr:provide-${name}>`))
    for (const each of attributes) expect(found.has(each), each).toBe(each === name)
  })

  it('a permission that is false permits nothing; together with one that is true it does not count', () => {
    expect(seen(`${all}<pr:provide-mood>false</pr:provide-mood>`)).not.toContain('happy')
    expect(seen(`${all}<pr:provide-mood>false</pr:provide-mood><pr:provide-mood>true</pr:provide-mood>`)).toContain(
      'happy',
    )
  })

  it('provide-deviceID shows which device a tuple runs on; a device has its own in any case', () => {
    expect(seen(all).match(/deviceID>urn:d:1</g)).toHaveLength(1)
    expect(seen(`${all}<pr:provide-deviceID>true</pr:provide-deviceID>`).match(/deviceID>urn:d:1</g)).toHaveLength(2)
  })

  it.each([
    ['false', undefined],
    ['bare', '<rpid:user-input>active</rpid:user-input>'],
    ['thresholds', '<rpid:user-input idle-threshold="600">active</rpid:user-input>'],
    ['full', '<rpid:user-input idle-threshold="600" last-input="2016-03-01T00:00:00Z">active</rpid:user-input>'],
  ])('provide-user-input %s', (level, expected) => {
    const text = seen(`${all}<pr:provide-user-input>${level}</pr:provide-user-input>`)
    expect(/<rpid:user-input.*<\/rpid:user-input>/.exec(text)?.[0]).toBe(expected)
  })

  it('provide-unknown-attribute shows an element by name and namespace', () => {
    const show = (ns: string, name: string) =>
      seen(`${all}<pr:provide-unknown-attribute ns="${ns}" name="${name}">true</pr:provide-unknown-attribute>`)
    expect(show('urn:x', 'foo')).toContain('bar')
    expect(show('urn:y', 'foo')).not.toContain('bar')
    expect(show('urn:ietf:params:xml:ns:pidf:cipid', 'card')).toContain('http://example.com/c')
  })

  it('provide-all-attributes shows all: the document as it is', () => {
    const presence = parsePresence(document)
    expect(seen(everything)).toBe(printPresence(presence as never))
  })
})

describe('RFC 4745 §7, RFC 5025 §3.3: rules at a presence server', () => {
  const odd = '<x:weather xmlns:x="urn:example:weather">fine</x:weather>'
  const early = '<validity><from>1970-01-02T00:00:00Z</from><until>1970-01-03T00:00:00Z</until></validity>'
  const handled = (...rules: readonly string[]) => {
    const ps = server({ given: { rules: ruleset(...rules) } })
    published(ps, pidf({ im: 'open' }))
    const { response, notifies } = subscribed(ps)
    return [response.status, notifies[0]?.headers.subscriptionState?.value, String(notifies[0]?.body ?? '')]
  }

  it.each([
    ['RFC 4745 §7: of a condition that is not understood', odd],
    ['RFC 4745 §7.1: of an identity that is another', one('sip:bob@example.com')],
    ['RFC 4745 §7.2: of a sphere in which the presentity is not', '<sphere value="work"/>'],
    ['RFC 4745 §7.3: of a time that is not now', early],
  ])('%s a rule does not apply', (_case, condition) => {
    expect(handled(rule('r', condition, handle('allow'), everything))[0]).toBe(403)
  })

  it('RFC 4745 §10.2: the strongest of the rules that apply counts', () => {
    const [status, state] = handled(rule('a', everybody, handle('confirm')), rule('b', everybody, handle('allow')))
    expect([status, state]).toEqual([200, 'active'])
  })

  it('RFC 5025 §3.2.1: without any rule the watcher is refused', () => {
    expect(handled()[0]).toBe(403)
  })

  it('RFC 5025 §3.3: what the rules do not provide is not in the document', () => {
    expect(handled(rule('a', everybody, handle('allow')))[2]).toMatch(/<presence [^>]*\/>$/)
    expect(handled(rule('a', everybody, handle('allow'), everything))[2]).toContain('"im"')
  })
})

describe('RFC 4745 §10.3: its example of six rules, in the permissions of presence', () => {
  const day = (from: string, until: string) => `<validity><from>${from}</from><until>${until}</until></validity>`
  const a = ['2003-12-24T17:00:00+01:00', '2003-12-24T21:00:00+01:00', '2003-12-24T23:30:00+01:00'] as const
  const b = ['2003-12-22T17:00:00+01:00', '2003-12-23T17:00:00+01:00'] as const
  // X is a boolean: the mood. Y is a number: the handling, by its rank. Z has three values: the input of the user.
  const handlingOf = { 3: 'block', 5: 'confirm', 10: 'polite-block', 12: 'allow' } as const
  const inputOf = { '-': 'false', o: 'bare', '+': 'full' } as const
  type Row = readonly [
    who: string,
    sphere: string,
    from: string,
    until: string,
    x: boolean | null,
    y: 3 | 5 | 10 | 12,
    z: '-' | 'o' | '+',
  ]
  const rows: readonly Row[] = [
    ['bob', 'home', a[0], a[1], true, 10, 'o'],
    ['alice', 'work', a[0], a[1], false, 5, '+'],
    ['bob', 'work', a[0], a[1], true, 3, '-'],
    ['tom', 'work', a[0], a[1], true, 5, '+'],
    ['bob', 'work', a[0], a[2], null, 12, 'o'],
    ['bob', 'work', b[0], b[1], false, 10, '-'],
  ]
  const text = ruleset(
    ...rows.map(([who, sphere, from, until, x, y, z], i) =>
      rule(
        String.fromCharCode(97 + i),
        `${one(`sip:${who}@example.com`)}<sphere value="${sphere}"/>${day(from, until)}`,
        handle(handlingOf[y]),
        `${x === null ? '' : `<pr:provide-mood>${x}</pr:provide-mood>`}<pr:provide-user-input>${inputOf[z]}</pr:provide-user-input>`,
      ),
    ),
  )

  it('of Bob, at work, on that evening: rules 3 and 5 apply; X is true, Y is 12, Z is o', () => {
    const moment = at('2003-12-24T17:15:00+01:00')
    const { rules, permissions } = judge(read(text), { watcher: 'sip:bob@example.com', sphere: 'work', moment })
    expect(rules).toEqual(['c', 'e'])
    expect(permissions).toMatchObject({ handling: 'allow', userInput: 'bare', attributes: new Set(['mood']) })
  })
})
