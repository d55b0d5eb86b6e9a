import { describe, expect, it } from 'vitest'
import { faultPlace, type HeaderName, type HeaderValues, headerCard, headerRows, rowOf } from '../../src/sip/index.ts'

type Good = { [Name in HeaderName]: readonly [name: Name, text: string, value: HeaderValues[Name]] }[HeaderName]

const no = undefined

/** Texts and what they mean, from the examples and the grammar of the defining RFC. */
const good: readonly Good[] = [
  [
    'via', // RFC 3261 §20.42: white space around the slashes and the colon
    'SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1',
    [
      {
        transport: 'UDP',
        host: 'first.example.com',
        port: 4000,
        params: { ttl: '16', maddr: '224.2.0.1', branch: 'z9hG4bKa7c6a8dlze.1' },
      },
    ],
  ],
  [
    'via',
    'SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp;branch=z9hG4bKnashds7, SIP/2.0/TLS p.home1.net;rport',
    [
      {
        transport: 'UDP',
        host: '[5555::aaa:bbb:ccc:ddd]',
        port: 1357,
        params: { comp: 'sigcomp', branch: 'z9hG4bKnashds7' },
      },
      { transport: 'TLS', host: 'p.home1.net', port: no, params: { rport: true } },
    ],
  ],
  ['maxForwards', '0070', 70],
  [
    'from', // §20.20
    '"A. G. Bell" <sip:agb@bell-telephone.com> ;tag=a48s',
    { display: 'A. G. Bell', uri: 'sip:agb@bell-telephone.com', params: { tag: 'a48s' } },
  ],
  [
    'from', // §20.10: without angle brackets the parameters are those of the header
    'sip:+12125551212@server.phone2net.com;tag=887s',
    { display: no, uri: 'sip:+12125551212@server.phone2net.com', params: { tag: '887s' } },
  ],
  [
    'from',
    'Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8',
    { display: 'Anonymous', uri: 'sip:c8oqz84zk7z@privacy.org', params: { tag: 'hyh8' } },
  ],
  ['to', '"" <sip:b@c>;TAG=X', { display: '', uri: 'sip:b@c', params: { tag: 'X' } }], // names compare without case
  [
    'to',
    'Mr.  Watson <sip:w@bell.com;user=phone?Subject=x>',
    { display: 'Mr.  Watson', uri: 'sip:w@bell.com;user=phone?Subject=x', params: {} },
  ],
  [
    'contact', // §20.10
    '"Mr. Watson" <sip:watson@worcester.example.com>;q=0.7; expires=3600,"Mr, Watson" <mailto:w@bell.com> ;q=0.1',
    [
      { display: 'Mr. Watson', uri: 'sip:watson@worcester.example.com', params: { q: '0.7', expires: '3600' } },
      { display: 'Mr, Watson', uri: 'mailto:w@bell.com', params: { q: '0.1' } },
    ],
  ],
  ['contact', '*', [{ display: no, uri: '*', params: {} }]],
  [
    'contact', // RFC 5626 §4.1
    '<sip:c@192.0.2.2;transport=tcp>;reg-id=1;+sip.instance="<urn:uuid:0000-0001>"',
    [
      {
        display: no,
        uri: 'sip:c@192.0.2.2;transport=tcp',
        params: { 'reg-id': '1', '+sip.instance': '"<urn:uuid:0000-0001>"' },
      },
    ],
  ],
  [
    'route',
    '<sip:bigbox3.site3.atlanta.com;lr>,<sip:server10.biloxi.com;lr>',
    [
      { display: no, uri: 'sip:bigbox3.site3.atlanta.com;lr', params: {} },
      { display: no, uri: 'sip:server10.biloxi.com;lr', params: {} },
    ],
  ],
  [
    'pAssertedIdentity', // RFC 3325 §9.1
    '"Cullen Jennings" <sip:fluffy@cisco.com>, tel:+14085264000',
    [
      { display: 'Cullen Jennings', uri: 'sip:fluffy@cisco.com', params: {} },
      { display: no, uri: 'tel:+14085264000', params: {} },
    ],
  ],
  ['callId', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6@biloxi.com', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6@biloxi.com'],
  ['inReplyTo', '70710@saturn.bell-tel.com, 17320@saturn', ['70710@saturn.bell-tel.com', '17320@saturn']],
  ['cseq', '4711   INVITE', { number: 4711, method: 'INVITE' }],
  ['cseq', '2147483647 INVITE', { number: 2147483647, method: 'INVITE' }], // §8.1.1.5: less than 2^31
  ['rack', '776656 1 INVITE', { response: 776656, number: 1, method: 'INVITE' }], // RFC 3262 §7.2
  ['rseq', '988789', 988789],
  ['require', '100rel ,sec-agree', ['100rel', 'sec-agree']],
  ['supported', '', []], // §20.37: empty means that there are none
  ['accept', '', []], // §20.1
  [
    'accept', // §7.3.1: types compare without case
    'application/sdp;level=1, Application/X-Private, text/html;q=0.5, */*',
    [
      { value: 'application/sdp', params: { level: '1' } },
      { value: 'application/x-private', params: {} },
      { value: 'text/html', params: { q: '0.5' } },
      { value: '*/*', params: {} },
    ],
  ],
  [
    'acceptLanguage',
    'da, en-gb;q=0.8, *;q=0.1',
    [
      { value: 'da', params: {} },
      { value: 'en-gb', params: { q: '0.8' } },
      { value: '*', params: { q: '0.1' } },
    ],
  ],
  ['allow', 'INVITE, ACK, OPTIONS', ['INVITE', 'ACK', 'OPTIONS']],
  ['event', 'presence.winfo;id=Q1', { value: 'presence.winfo', params: { id: 'Q1' } }],
  [
    'subscriptionState',
    'Terminated;reason=probation;retry-after=30',
    { value: 'terminated', params: { reason: 'probation', 'retry-after': '30' } },
  ],
  ['sipEtag', 'dx200xyz', 'dx200xyz'],
  ['expires', '4294967295', 4294967295], // §20.19: up to 2^32-1
  ['minExpires', '60', 60],
  ['privacy', 'header;user ; CRITICAL', ['header', 'user', 'critical']], // RFC 3323 §4.2
  [
    'contentType', // §20.15, and a boundary with characters that have to be quoted
    'multipart / related;type="application/rlmi+xml";boundary="50UBfW7LSCVLtggUPe5z"',
    {
      value: 'multipart/related',
      params: { type: '"application/rlmi+xml"', boundary: '"50UBfW7LSCVLtggUPe5z"' },
    },
  ],
  ['contentDisposition', 'session;handling=optional', { value: 'session', params: { handling: 'optional' } }],
  ['contentLength', '349', 349],
  [
    'pAccessNetworkInfo',
    '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11',
    { value: '3GPP-UTRAN-TDD', params: { 'utran-cell-id-3gpp': '234151D0FCE11' } },
  ],
  [
    'pVisitedNetworkId', // RFC 7315 §5.3
    'other.net, "Visited network number 1"',
    [
      { value: 'other.net', params: {} },
      { value: '"Visited network number 1"', params: {} },
    ],
  ],
  [
    'pChargingVector',
    'icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=023551024"; orig-ioi=home1.net',
    { 'icid-value': '"AyretyU0dm+6O2IrT5tAFrbHLso=023551024"', 'orig-ioi': 'home1.net' },
  ],
  [
    'pChargingFunctionAddresses', // RFC 7315 §5.5: two of a kind, one to replace the other
    'ccf=[5555::b99:c88:d77:e66]; ccf=[5555::a55:b44:c33:d22]; ecf=[5555::1ff:2ee:3dd:4cc]',
    { ccf: ['[5555::b99:c88:d77:e66]', '[5555::a55:b44:c33:d22]'], ecf: ['[5555::1ff:2ee:3dd:4cc]'] },
  ],
  [
    'securityVerify', // RFC 3329 §2.2, TS 33.203 annex H
    'ipsec-3gpp; q=0.1; alg=hmac-sha-1-96; spi-c=98765432; spi-s=87654321; port-c=8642; port-s=7531',
    [
      {
        value: 'ipsec-3gpp',
        params: {
          q: '0.1',
          alg: 'hmac-sha-1-96',
          'spi-c': '98765432',
          'spi-s': '87654321',
          'port-c': '8642',
          'port-s': '7531',
        },
      },
    ],
  ],
  [
    'authorization', // RFC 3310 §3.3
    'Digest username="jon.dough@mobile.biz",\trealm="RoamingUsers@mobile.biz", ' +
      'nonce="CjPk9mRqNuT25eRkajM09uTl9nM09uTl9nMz5OX25PZz==", uri="sip:home.mobile.biz", ' +
      'qop=auth-int, nc=00000001, algorithm=AKAv1-MD5',
    [
      {
        scheme: 'Digest',
        params: {
          username: '"jon.dough@mobile.biz"',
          realm: '"RoamingUsers@mobile.biz"',
          nonce: '"CjPk9mRqNuT25eRkajM09uTl9nM09uTl9nMz5OX25PZz=="',
          uri: '"sip:home.mobile.biz"',
          qop: 'auth-int',
          nc: '00000001',
          algorithm: 'AKAv1-MD5',
        },
      },
    ],
  ],
  [
    'wwwAuthenticate', // §7.3.1: one challenge a line, never joined by commas
    'Digest realm="a", stale=FALSE\nDigest realm="b"',
    [
      { scheme: 'Digest', params: { realm: '"a"', stale: 'FALSE' } },
      { scheme: 'Digest', params: { realm: '"b"' } },
    ],
  ],
  ['authenticationInfo', 'nextnonce="47364c", qop=auth', { nextnonce: '"47364c"', qop: 'auth' }],
  ['retryAfter', '18000;duration=3600', { seconds: 18000, comment: no, params: { duration: '3600' } }], // §20.33
  ['retryAfter', "120 (I'm in a (long) meeting)", { seconds: 120, comment: "(I'm in a (long) meeting)", params: {} }],
  [
    'warning', // §20.43
    '307 isi.edu "Session parameter \'foo\' not understood", 301 [::1]:5060 "a \\"b\\""',
    [
      { code: 307, agent: 'isi.edu', text: "Session parameter 'foo' not understood" },
      { code: 301, agent: '[::1]:5060', text: 'a "b"' },
    ],
  ],
  ['date', 'Sat, 13 Nov 2010 23:29:00 GMT', 'Sat, 13 Nov 2010 23:29:00 GMT'], // §20.17
  ['timestamp', '54 0.25', '54 0.25'],
  ['mimeVersion', '1.0', '1.0'],
  ['subject', 'Tech Support: "a, b;c', 'Tech Support: "a, b;c'],
  [
    'replaces',
    '98732@s.com;from-tag=r33;to-tag=23',
    { value: '98732@s.com', params: { 'from-tag': 'r33', 'to-tag': '23' } },
  ],
  ['sessionExpires', '4000;refresher=uac', { value: '4000', params: { refresher: 'uac' } }],
  [
    'historyInfo', // RFC 7044 §5
    '<sip:UserA@ims.example.com>;index=1, <sip:b@c;cause=302>;index=1.1;mp=1',
    [
      { display: no, uri: 'sip:UserA@ims.example.com', params: { index: '1' } },
      { display: no, uri: 'sip:b@c;cause=302', params: { index: '1.1', mp: '1' } },
    ],
  ],
  [
    'pServedUser',
    '<sip:u@home1.net>; sescase=orig; regstate=reg',
    { display: no, uri: 'sip:u@home1.net', params: { sescase: 'orig', regstate: 'reg' } },
  ],
  ['pAssertedService', 'urn:urn-7:3gpp-service.ims.icsi.mmtel', ['urn:urn-7:3gpp-service.ims.icsi.mmtel']],
  [
    'reason',
    'SIP ;cause=200 ;text="Call completed elsewhere"',
    [{ value: 'SIP', params: { cause: '200', text: '"Call completed elsewhere"' } }],
  ],
  ['acceptContact', '*;audio;require', [{ value: '*', params: { audio: true, require: true } }]],
  ['resourcePriority', 'dsn.flash, wps.3', ['dsn.flash', 'wps.3']],
]

const grammarOf = (name: HeaderName) => headerRows[rowOf(name)]!.grammar

describe('values', () => {
  it.each(good)('%s: %s', (name, text, value) => {
    const grammar = grammarOf(name)
    expect(grammar.parse(text)).toEqual(value)
    expect(faultPlace(name, text)).toBeUndefined()
    expect(grammar.parse(grammar.print(value))).toEqual(value)
  })
})

/** Texts that do not follow the grammar, the place from which they don't, and why. */
const bad: readonly (readonly [name: HeaderName, text: string, at: number, why: string])[] = [
  ['via', '', 0, 'a list that must have an element'],
  ['via', 'SIP/2.0/UDP 192.0.2.15;;,;,,', 23, 'a parameter without a name (RFC 4475 §3.1.2.1)'],
  ['via', 'SIP/2.0/UDPhost.example.com', 27, 'no white space before the host'],
  ['via', 'SIP/2.0/UDP a:65536', 19, 'no such port'],
  ['via', 'SIP/2.0/UDP [::g]', 17, 'no IPv6 address'],
  ['via', 'SIP/2.0/UDP a;branch=1;branch=2', 29, 'a parameter twice (RFC 3261 §7.3.1)'],
  ['maxForwards', '256', 3, 'over 255 (§20.22)'],
  ['maxForwards', '-1', 0, 'a sign'],
  ['expires', '4294967296', 10, 'over 2^32-1'],
  ['expires', '3600, 7200', 4, 'a list'],
  ['contentLength', '-999', 0, 'a sign (RFC 4475 §3.1.2.3)'],
  ['cseq', '2147483648 INVITE', 10, 'not less than 2^31 (§8.1.1.5)'],
  ['cseq', 'INVITE 1', 0, 'the wrong way round'],
  ['from', 'Bell, Alexander <sip:a.g.bell@example.com>', 4, 'a comma outside quotes (RFC 4475 §3.1.2.15)'],
  ['to', '"Mr. J. User <sip:j.user@example.com>', 0, 'an open quote (RFC 4475 §3.1.2.6)'],
  ['to', '"Watson" < sip:t.watson@example.org >', 9, 'white space around the URI (RFC 4475 §3.1.2.14)'],
  ['to', '<sip:a@b', 0, 'an open bracket'],
  ['contact', 'sip:user@example.com?Route=%3Csip:sip.example.com%3E', 0, 'a question mark outside brackets (§20.10)'],
  ['contact', '*, <sip:a@b>', 1, 'all and one'],
  ['callId', 'a b', 2, 'white space'],
  ['callId', 'a@b@c', 3, 'a second at sign'],
  ['sipIfMatch', 'abc, def', 3, 'two entity tags (RFC 3903 §11.3.2)'],
  ['require', 'a,,b', 2, 'an empty element'],
  ['contentType', 'text', 4, 'no subtype'],
  ['date', 'Fri, 01 Jan 2010 16:00:00 EST', 0, 'not GMT (RFC 4475 §3.1.2.12)'],
  ['warning', '1812 overture "In Progress"', 27, 'four digits (RFC 4475 §3.1.2.5)'],
  ['retryAfter', '60 (open', 3, 'an open comment'],
  ['authorization', 'Digest realm="a', 13, 'an open quote'],
  ['wwwAuthenticate', 'Digest realm="a"\nDigest', 23, 'a second challenge without parameters'],
  ['privacy', 'id;;user', 3, 'an empty element'],
  ['pChargingVector', ';icid-value=1', 0, 'no name'],
]

describe('what does not follow the grammar', () => {
  it.each(bad)('%s: %s stops at %i: %s', (name, text, at) => {
    expect(grammarOf(name).parse(text)).toBeUndefined()
    expect(faultPlace(name, text)).toBe(at)
  })
})

describe('the table', () => {
  it('gives each row a name, a property and a clause of its own', () => {
    expect(new Set(headerRows.map(({ name }) => name.toLowerCase())).size).toBe(headerRows.length)
    expect(new Set(headerRows.map(({ property }) => property)).size).toBe(headerRows.length)
    for (const { property, clause } of headerRows) {
      expect(headerRows[rowOf(property)]?.property).toBe(property)
      expect(clause).toMatch(/^(RFC \d{4}( §[\d.]+)?|TS 24\.229 §[\d.]+)$/)
    }
  })

  it('has every field of RFC 3261 §20', () => {
    const names =
      'Accept Accept-Encoding Accept-Language Alert-Info Allow Authentication-Info Authorization Call-ID Call-Info ' +
      'Contact Content-Disposition Content-Encoding Content-Language Content-Length Content-Type CSeq Date ' +
      'Error-Info Expires From In-Reply-To Max-Forwards Min-Expires MIME-Version Organization Priority ' +
      'Proxy-Authenticate Proxy-Authorization Proxy-Require Record-Route Reply-To Require Retry-After Route Server ' +
      'Subject Supported Timestamp To Unsupported User-Agent Via Warning WWW-Authenticate'
    const known = headerRows.map(({ name }) => name)
    for (const name of names.split(' ')) expect(known).toContain(name)
  })

  it('knows the compact forms that the RFCs define', () => {
    const forms = Object.fromEntries(headerRows.filter((row) => row.compact).map((row) => [row.compact, row.name]))
    expect(forms).toEqual({
      a: 'Accept-Contact',
      b: 'Referred-By',
      c: 'Content-Type',
      d: 'Request-Disposition',
      e: 'Content-Encoding',
      f: 'From',
      i: 'Call-ID',
      j: 'Reject-Contact',
      k: 'Supported',
      l: 'Content-Length',
      m: 'Contact',
      n: 'Identity-Info',
      o: 'Event',
      r: 'Refer-To',
      s: 'Subject',
      t: 'To',
      u: 'Allow-Events',
      v: 'Via',
      x: 'Session-Expires',
      y: 'Identity',
    })
  })

  it('has the order of the tables of TS 24.228', () => {
    const order =
      'Via Max-Forwards P-Access-Network-Info P-Charging-Vector Route P-Preferred-Identity P-Asserted-Identity ' +
      'Privacy From To Call-ID CSeq Require Proxy-Require Security-Verify Event Expires Accept Contact Content-Type ' +
      'Content-Length'
    const indexes = order.split(' ').map((name) => headerRows.findIndex((row) => row.name === name))
    expect(indexes).not.toContain(-1)
    expect(indexes).toEqual([...indexes].sort((a, b) => a - b))
  })

  it('has a card for every field, which tells what it is, who adds it, who removes it, and the clause', () => {
    for (const { property } of headerRows) {
      const card = headerCard(property)
      expect(card.what).toMatch(/^[A-Z].{15,}[.…]$/)
      expect(card.addedBy).toMatch(/^[A-Z].{5,}\.$/)
      expect(card.removedBy).toMatch(/^[A-Z].{5,}\.$/)
      expect(card.clause).toMatch(/^(RFC \d{4}|TS 24\.\d{3} §\d)/)
    }
  })
})
