import { describe, expect, it } from 'vitest'
import {
  escapeHeader,
  escapeParam,
  escapeUser,
  hasParam,
  hostOf,
  paramOf,
  parseUri,
  portOf,
  printUri,
  sameUri,
  type Uri,
  unescapeUri,
  userOf,
} from '../../src/sip/index.ts'

const sip = {
  kind: 'sip',
  scheme: 'sip',
  user: undefined,
  password: undefined,
  port: undefined,
  params: {},
  headers: [],
}

/** Examples of RFC 3261 §19.1.3, RFC 3966 §6, RFC 3859 §3.2, RFC 5118 §4 and of the flows. */
const good: readonly (readonly [text: string, uri: object])[] = [
  ['sip:alice@atlanta.com', { ...sip, user: 'alice', host: 'atlanta.com' }],
  [
    'sip:alice:secretword@atlanta.com;transport=tcp',
    { ...sip, user: 'alice', password: 'secretword', host: 'atlanta.com', params: { transport: 'tcp' } },
  ],
  [
    'sips:alice@atlanta.com?subject=project%20x&priority=urgent',
    {
      ...sip,
      scheme: 'sips',
      user: 'alice',
      host: 'atlanta.com',
      headers: [
        { name: 'subject', value: 'project%20x' },
        { name: 'priority', value: 'urgent' },
      ],
    },
  ],
  [
    'sip:+1-212-555-1212:1234@gateway.com;user=phone',
    { ...sip, user: '+1-212-555-1212', password: '1234', host: 'gateway.com', params: { user: 'phone' } },
  ],
  ['sips:1212@gateway.com', { ...sip, scheme: 'sips', user: '1212', host: 'gateway.com' }],
  ['sip:alice@192.0.2.4', { ...sip, user: 'alice', host: '192.0.2.4' }],
  [
    'sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com',
    {
      ...sip,
      host: 'atlanta.com',
      params: { method: 'REGISTER' },
      headers: [{ name: 'to', value: 'alice%40atlanta.com' }],
    },
  ],
  ['sip:alice;day=tuesday@atlanta.com', { ...sip, user: 'alice;day=tuesday', host: 'atlanta.com' }],
  ['SIP:a@B.Example.', { ...sip, user: 'a', host: 'B.Example.' }],
  ['sip:a@b?Subject=', { ...sip, user: 'a', host: 'b', headers: [{ name: 'Subject', value: '' }] }],
  [
    'sip:pcscf1.visited1.net:7531;lr;comp=sigcomp',
    { ...sip, host: 'pcscf1.visited1.net', port: 7531, params: { lr: true, comp: 'sigcomp' } },
  ],
  [
    'sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp',
    { ...sip, host: '[5555::aaa:bbb:ccc:ddd]', port: 1357, params: { comp: 'sigcomp' } },
  ],
  ['sip:user@[::ffff:192.0.2.10]:19823', { ...sip, user: 'user', host: '[::ffff:192.0.2.10]', port: 19823 }],
  ['sip:[::]', { ...sip, host: '[::]' }],
  ['sip:[2001:db8:1:2:3:4:5:6]', { ...sip, host: '[2001:db8:1:2:3:4:5:6]' }],
  ['sip:[2001:db8:1:2:3:4:192.0.2.1]', { ...sip, host: '[2001:db8:1:2:3:4:192.0.2.1]' }],
  ['sip:chatlist!.*!@example.com', { ...sip, user: 'chatlist!.*!', host: 'example.com' }],
  ['tel:+1-201-555-0123', { kind: 'tel', scheme: 'tel', number: '+1-201-555-0123', params: {} }],
  [
    'tel:7042;phone-context=example.com',
    { kind: 'tel', scheme: 'tel', number: '7042', params: { 'phone-context': 'example.com' } },
  ],
  ['tel:*21#', { kind: 'tel', scheme: 'tel', number: '*21#', params: {} }],
  ['pres:fred@example.com', { kind: 'pres', scheme: 'pres', user: 'fred', host: 'example.com', headers: [] }],
  ['urn:service:sos', { kind: 'other', scheme: 'urn', rest: 'service:sos' }],
  ['HTTPS://example.com/a?b#c', { kind: 'other', scheme: 'https', rest: '//example.com/a?b#c' }],
]

describe('parsing', () => {
  it.each(good)('%s', (text, uri) => {
    expect(parseUri(text)).toEqual(uri)
    expect(parseUri(printUri(uri as Uri))).toEqual(uri)
  })

  it.each([
    ['', 'nothing'],
    ['alice@atlanta.com', 'no scheme'],
    ['sip:', 'no host'],
    ['sip:alice@', 'no host'],
    ['sip:@atlanta.com', 'an empty user'],
    ['sip:a@b@c', 'a second at sign'],
    ['sip:a b@c', 'white space'],
    ['sip:a@b c', 'white space'],
    ['<sip:a@b>', 'brackets (RFC 4475 §3.1.2.7)'],
    ['sip:a@b:', 'no port behind the colon'],
    ['sip:a@b:65536', 'no such port'],
    ['sip:a@b;', 'an empty parameter'],
    ['sip:a@b;x=', 'an empty value'],
    ['sip:a@b;x=1;X=2', 'a parameter twice (RFC 3261 §19.1.1)'],
    ['sip:a@b?', 'no header field'],
    ['sip:a@b?x', 'a header field without an equals sign'],
    ['sip:a%4@b', 'half an escape'],
    ['sip:a%zz@b', 'no escape'],
    ['sip:a@b..c', 'an empty label'],
    ['sip:a@-b', 'a label with a hyphen in front'],
    ['sip:a@b-.c', 'a label with a hyphen at the end'],
    ['sip:2001:db8::10', 'IPv6 without brackets (RFC 5118 §4.2)'],
    ['sip:[2001:db8::10', 'an open bracket'],
    ['sip:[1:2:3:4:5:6:7]', 'seven groups'],
    ['sip:[1:2:3:4:5:6:7:8:9]', 'nine groups'],
    ['sip:[1::2::3]', 'shortened twice'],
    ['sip:[1:2:3:4:5:6:7::8]', 'shortened by nothing'],
    ['sip:[12345::]', 'a group of five digits'],
    ['sip:[::1:]', 'a colon at the end'],
    ['sip:[:1::2]', 'a colon in front'],
    ['sip:[::192.0.2.256]', 'no IPv4 address'],
    ['sip:[::192.0.2.1:1]', 'an IPv4 address in the middle'],
    ['tel:', 'no number'],
    ['tel:+', 'no digits'],
    ['tel:+1;x=1;x=2', 'a parameter twice'],
    ['tel:+12ab', 'letters in a global number'],
    ['pres:example.com', 'no user'],
    ['x y:z', 'no scheme'],
    ['urn:', 'nothing behind the scheme'],
    ['urn:a"b', 'a quote'],
  ])('%s is none: %s', (text) => {
    expect(parseUri(text)).toBeUndefined()
    expect(parseUri(text)).toBeUndefined() // from memory
  })

  it('remembers what it parsed, and no more than it should', () => {
    const first = parseUri('sip:remembered@home1.net')
    expect(parseUri('sip:remembered@home1.net')).toBe(first)
    for (let i = 0; i < 10_000; i++) parseUri(`sip:user${i}@home1.net`)
    expect(parseUri('sip:remembered@home1.net')).not.toBe(first)
    expect(parseUri('sip:remembered@home1.net')).toEqual(first)
  })
})

/** RFC 3261 §19.1.4: its lists of equal and of different URIs, then RFC 3966 §4, then what its rules say besides. */
const comparisons: readonly (readonly [left: string, right: string, same: boolean])[] = [
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp', true],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5', true],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on', true],
  ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on', true],
  [
    'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
    'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
    true,
  ],
  [
    'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
    'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
    true,
  ],
  ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP', false],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060', false],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp', false],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp', false],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting', false],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4', false],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off', false],
  ['sip:a@b', 'sips:a@b', false],
  ['sip:a@b', 'sip:A@b', false],
  ['sip:a:x@b', 'sip:a@b', false],
  ['sip:b', 'sip:a@b', false],
  ['sip:a@b;user=phone', 'sip:a@b', false],
  ['sip:a@b;ttl=1', 'sip:a@b', false],
  ['sip:a@b;method=INVITE', 'sip:a@b', false],
  ['sip:a@b;maddr=1.2.3.4', 'sip:a@b', false],
  ['sip:a@b;lr', 'sip:a@b', true],
  ['sip:a%3Bb@c', 'sip:a;b@c', false], // an escaped reserved character is another one
  ['sip:a%3bb@c', 'sip:a%3Bb@c', true],
  ['sip:null-%00-null@example.com', 'sip:null-null@example.com', false], // RFC 4475 §3.1.1.4
  ['sip:%00@host5.example.com', 'sip:%00%00@host5.example.com', false],
  ['sip:a@b?x=1', 'sip:a@b?x=2', false],
  ['sip:a@b?X=1', 'sip:a@b?x=1', true],
  ['tel:+1-201-555-0123', 'tel:+12015550123', true],
  ['tel:+1(201)5550123;A=b', 'tel:+12015550123;a=B', true],
  ['tel:+12015550123;a=b', 'tel:+12015550123', false],
  ['tel:+12015550123', 'tel:12015550123', false],
  ['tel:7042;phone-context=+1-201', 'tel:7042;phone-context=+1201', true],
  ['tel:7042;phone-context=example.com', 'tel:7042;phone-context=Example.COM', true],
  ['tel:7042;phone-context=example.com', 'tel:7042;phone-context=example.net', false],
  ['tel:7042;isub=1;ext=2', 'tel:7042;ext=2;isub=1', true],
  ['pres:fred@example.com', 'pres:fred@EXAMPLE.com', true],
  ['pres:fred@example.com', 'pres:Fred@example.com', false],
  ['pres:fred@example.com', 'im:fred@example.com', false],
  ['pres:fred@example.com', 'sip:fred@example.com', false],
  ['urn:service:sos', 'URN:service:sos', true],
  ['urn:service:sos', 'urn:service:SOS', false],
  ['no uri', 'no uri', true],
  ['no uri', 'No URI', false],
  ['no uri', 'sip:a@b', false],
]

describe('comparison', () => {
  it.each(comparisons)('%s and %s: %s', (left, right, same) => {
    expect(sameUri(left, right)).toBe(same)
    expect(sameUri(right, left)).toBe(same)
    expect(sameUri(left, left)).toBe(true)
  })
})

describe('parts', () => {
  it('gives the host in lower case', () => {
    expect(hostOf('sip:orig@SCSCF1.Home1.net:5060;lr')).toBe('scscf1.home1.net')
    expect(hostOf('sip:[5555::AAA]:1357')).toBe('[5555::aaa]')
    expect(hostOf('pres:a@Home1.net')).toBe('home1.net')
    expect(hostOf('tel:+123')).toBeUndefined()
    expect(hostOf('nonsense')).toBeUndefined()
  })

  it('gives port, user and parameters', () => {
    expect(portOf('sip:a@b:1357')).toBe(1357)
    expect(portOf('sip:a@b')).toBeUndefined()
    expect(userOf('sip:%6frig@b')).toBe('orig')
    expect(userOf('sip:b')).toBeUndefined()
    expect(userOf('tel:+1-2')).toBe('+1-2')
    expect(userOf('urn:service:sos')).toBeUndefined()
    expect(hasParam('sip:b;LR', 'lr')).toBe(true)
    expect(hasParam('sip:b;lr=on', 'lr')).toBe(true)
    expect(hasParam('sip:lr@b', 'lr')).toBe(false)
    expect(hasParam('sip:b', 'constructor')).toBe(false)
    expect(paramOf('sip:b;lr', 'lr')).toBe(true)
    expect(paramOf('sip:b;comp=sig%63omp', 'comp')).toBe('sigcomp')
    expect(paramOf('sip:b', 'comp')).toBeUndefined()
    expect(paramOf('sip:b', 'toString')).toBeUndefined()
  })
})

describe('escapes', () => {
  it.each([
    ['a%20b', 'a b'],
    ['%D0%BF', 'п'],
    ['%2541', '%41'],
    ['%FF%41', 'ÿA'], // not UTF-8: byte by byte
    ['100%', '100%'],
  ])('%s stands for %s', (text, meaning) => expect(unescapeUri(text)).toBe(meaning))

  it.each([
    ['user;par=u@example.net', 'user;par=u%40example.net'],
    ['a:b', 'a%3Ab'],
    ['%', '%25'],
    ['п', '%D0%BF'],
    ['\ud800', '%EF%BF%BD'],
  ])('%s as a user: %s', (text, escaped) => {
    expect(escapeUser(text)).toBe(escaped)
    expect(parseUri(`sip:${escaped}@b`)).toBeDefined()
  })

  it('keeps in parameters and header fields what may stand there', () => {
    expect(escapeParam('a=b;[c]&d')).toBe('a%3Db%3B[c]&d')
    expect(escapeHeader('<sip:a@b>&c?')).toBe('%3Csip:a%40b%3E%26c?')
  })
})
