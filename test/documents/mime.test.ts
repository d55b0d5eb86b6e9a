import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MimePart, Multipart } from '../../src/documents/index.ts'
import {
  cidUri,
  externalBodyPart,
  isDocumentError,
  parseContentType,
  parseExternalBody,
  parseMultipart,
  parseRlmi,
  partOf,
  printContentType,
  printMultipart,
  related,
  rootPart,
} from '../../src/documents/index.ts'
import { material } from './material.ts'

function parts(contentType: string, body: string | Uint8Array): Multipart {
  const multipart = parseMultipart(contentType, body)
  if (isDocumentError(multipart)) throw new Error(multipart.reason)
  return multipart
}

/** The Content-Type and the body of a SIP message. */
function contentOf(message: string): [contentType: string, body: string] {
  const end = message.indexOf('\r\n\r\n')
  const head = message.slice(0, end).replace(/\r\n[ \t]+/g, ' ')
  return [/^Content-Type: (.*)$/m.exec(head)![1]!.trim(), message.slice(end + 4)]
}

const part = (body: string | Uint8Array, contentType = 'text/plain', contentId?: string): MimePart => ({
  contentType,
  ...(contentId === undefined ? {} : { contentId }),
  headers: [],
  body,
})

describe('RFC 4662 §6: the notifications of the example', () => {
  it('a list with parts, referred to by cid', () => {
    const [contentType, body] = contentOf(material('rfc4662/notify-13.sip'))
    const message = parts(contentType, body)
    expect(message.subtype).toBe('related')
    const root = rootPart(message)
    expect(root?.contentId).toBe('2BEI83@pres.vancouver.example.com')
    const rlmi = parseRlmi(root!.body)
    if (isDocumentError(rlmi)) return expect.unreachable()
    const cid = rlmi.resources[1]!.instances[0]!.cid!
    const signed = partOf(message, cid)
    expect(parseContentType(signed!.contentType!)).toMatchObject({
      type: 'multipart/signed',
      parameters: { protocol: 'application/pkcs7-signature', micalg: 'sha1' },
    })
    const inner = parts(signed!.contentType!, signed!.body)
    expect(inner.parts).toHaveLength(2)
    const nested = parts(inner.parts[0]!.contentType!, inner.parts[0]!.body)
    expect(parseRlmi(rootPart(nested)!.body)).toMatchObject({
      uri: 'sip:adam-friends@stockholm.example.org',
      fullState: true,
    })
    expect(partOf(nested, 'cid:mrEakg@stockholm.example.org')?.contentType).toContain('application/pidf+xml')
  })

  it('a list that is signed: the list, its parts and the signature', () => {
    const signed = parts(...contentOf(material('rfc4662/notify-11.sip')))
    expect(signed.subtype).toBe('signed')
    expect(signed.parts.map((each) => parseContentType(each.contentType!)?.type)).toEqual([
      'multipart/related',
      'application/pkcs7-signature',
    ])
    const message = parts(signed.parts[0]!.contentType!, signed.parts[0]!.body)
    const rlmi = parseRlmi(rootPart(message)!.body)
    if (isDocumentError(rlmi)) return expect.unreachable()
    const cids = rlmi.resources.flatMap((each) => each.instances.map((instance) => instance.cid!))
    expect(cids).toEqual(['mrEakg@stockholm.example.org', 'KKMDmv@stockholm.example.org'])
    for (const cid of cids) expect(partOf(message, cidUri(cid))?.contentType).toContain('application/pidf+xml')
  })
})

describe('RFC 2046 §5.1: what is between boundaries', () => {
  const cases: [rule: string, body: string, bodies: string[]][] = [
    ['what is before the first and behind the last is ignored', 'before\r\n--x\r\n\r\n1\r\n--x--\r\nbehind', ['1']],
    [
      'the line end before a boundary belongs to the boundary',
      '--x\r\n\r\n1\r\n\r\n--x\r\n\r\n2\r\n--x--',
      ['1\r\n', '2'],
    ],
    ['white space may follow a boundary', '--x \t\r\n\r\n1\r\n--x-- \r\n', ['1']],
    ['a longer line is no boundary', '--x\r\n\r\n--xy\r\n -- x\r\n--x--', ['--xy\r\n -- x']],
    ['a boundary in the middle of a line is none', '--x\r\n\r\na --x\r\n--x--', ['a --x']],
    ['a part may be empty', '--x\r\n\r\n\r\n--x--', ['']],
    ['a part may have no header and no body', '--x\r\n\r\n--x--', ['']],
    ['line feeds alone will do', '--x\n\n1\n--x\nContent-Type: a/b\n\n2\n--x--\n', ['1', '2']],
  ]
  it.each(cases)('%s', (_, body, bodies) => {
    expect(parts('multipart/mixed; boundary="x"', body).parts.map((each) => each.body)).toEqual(bodies)
  })

  it('header fields are unfolded, names are told in any case', () => {
    const body = '--x\r\ncontent-TYPE: text/plain;\r\n charset=utf-8\r\nContent-Id: <a@b>\r\nX-Y:  z \r\n\r\n1\r\n--x--'
    expect(parts('multipart/mixed;boundary=x', body).parts).toEqual([
      { contentType: 'text/plain; charset=utf-8', contentId: 'a@b', headers: [{ name: 'X-Y', value: 'z' }], body: '1' },
    ])
  })

  it.each([
    ['no multipart', 'text/plain', '--x\r\n\r\n--x--'],
    ['no boundary parameter', 'multipart/mixed', '--x\r\n\r\n--x--'],
    ['a boundary that is too long', `multipart/mixed;boundary=${'x'.repeat(71)}`, ''],
    ['no boundary in the body', 'multipart/mixed;boundary=x', 'x'],
    ['no part', 'multipart/mixed;boundary=x', '--x--'],
    ['a body cut short', 'multipart/mixed;boundary=x', '--x\r\n\r\n1\r\n'],
    ['a body cut in a boundary', 'multipart/mixed;boundary=x', '--x\r\n\r\n1\r\n--x'],
    ['a line that is no header field', 'multipart/mixed;boundary=x', '--x\r\nwhat\r\n\r\n1\r\n--x--'],
    ['a content type that is none', 'multipart', ''],
  ])('%s is refused', (_, contentType, body) => {
    expect(parseMultipart(contentType, body)).toMatchObject({ kind: 'document-error' })
  })
})

describe('bytes', () => {
  it('every byte of every part comes back', () => {
    const body = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary', maxLength: 50 }))
    const wellFormed = body.map((each) => (typeof each === 'string' ? each.replace(/[\uD800-\uDFFF]/gu, '?') : each))
    fc.assert(
      fc.property(fc.array(wellFormed, { minLength: 1, maxLength: 4 }), fc.boolean(), (bodies, asBytes) => {
        const message: Multipart = {
          kind: 'multipart',
          subtype: 'mixed',
          parameters: {},
          parts: bodies.map((each) => part(each)),
        }
        const printed = printMultipart(message)
        const sent = typeof printed.body === 'string' && asBytes ? new TextEncoder().encode(printed.body) : printed.body
        const read = parts(printed.contentType, sent)
        const bytes = (each: string | Uint8Array) => (typeof each === 'string' ? new TextEncoder().encode(each) : each)
        expect(read.parts.map((each) => [...bytes(each.body)])).toEqual(bodies.map((each) => [...bytes(each)]))
      }),
      { numRuns: 200 },
    )
  })

  it('a boundary that is in a part is not taken', () => {
    const printed = printMultipart(related([part('--b\r\n--b-1'), part('--b--')]), 'b')
    expect(parts(printed.contentType, printed.body).parts.map((each) => each.body)).toEqual(['--b\r\n--b-1', '--b--'])
  })

  it('text stays text, and is told from bytes that are none', () => {
    const image = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0xff, 0x00])
    const { contentType, body } = printMultipart(
      related([part('<x/>', 'application/pidf+xml', 'r@a'), part(image, 'image/png', 'i@a')]),
    )
    expect(body).toBeInstanceOf(Uint8Array)
    expect(parts(contentType, body).parts.map((each) => each.body)).toEqual(['<x/>', image])
  })
})

describe('RFC 2387 and RFC 2392: the root and the others', () => {
  it('type and start tell the root', () => {
    const message = related([
      part('<x/>', 'application/pidf+xml;charset="UTF-8"', 'root@a'),
      part('1', 'image/png', 'icon@a'),
    ])
    const { contentType } = printMultipart(message, 'b')
    expect(parseContentType(contentType)).toEqual({
      type: 'multipart/related',
      parameters: { type: 'application/pidf+xml', start: '<root@a>', boundary: 'b' },
    })
    expect(rootPart(message)?.contentId).toBe('root@a')
  })

  it('without start the first part is the root, with one that is not there none is', () => {
    const message: Multipart = { kind: 'multipart', subtype: 'related', parameters: {}, parts: [part('1'), part('2')] }
    expect(rootPart(message)?.body).toBe('1')
    expect(rootPart({ ...message, parameters: { start: '<x@y>' } })).toBeUndefined()
  })

  it('RFC 2392 §2: cid URIs are percent-encoded Content-IDs', () => {
    const message = related([part('1', 'text/plain', 'a%b/c@d'), part('2', 'text/plain', 'foo4%foo1@bar.net')])
    expect(cidUri('foo4%foo1@bar.net')).toBe('cid:foo4%25foo1@bar.net')
    expect(partOf(message, 'cid:foo4%25foo1@bar.net')?.body).toBe('2')
    expect(partOf(message, cidUri('a%b/c@d'))?.body).toBe('1')
    expect(partOf(message, 'cid:nobody@d')).toBeUndefined()
  })
})

describe('RFC 4483: bodies elsewhere', () => {
  it('§5: a part with a URL for a body', () => {
    const text = part(
      'Content-Type: application/sdp\r\nContent-ID: <4232423424@www.example.com>\r\n\r\n',
      'message/external-body; ACCESS-TYPE=URL; URL="http://www.example.com/party/06/2002/an\r\n nouncement"; ' +
        'EXPIRATION="Sat, 20 Jun 2002 12:00:00 GMT"; size=231; hash=10AB568E91245681AC1B10AB568E91245681AC1B',
    )
    expect(parseExternalBody(text)).toEqual({
      kind: 'external-body',
      url: 'http://www.example.com/party/06/2002/announcement',
      expiration: 'Sat, 20 Jun 2002 12:00:00 GMT',
      size: 231,
      hash: '10AB568E91245681AC1B10AB568E91245681AC1B',
      contentType: 'application/sdp',
      contentId: '4232423424@www.example.com',
    })
  })

  it('what is printed is read as the same, within a message too', () => {
    const external = {
      kind: 'external-body' as const,
      url: 'http://ps.home1.net/icon?a=1&b="2"',
      size: 7,
      contentType: 'image/png',
    }
    const { contentType, body } = printMultipart(
      related([part('<x/>', 'application/pidf+xml'), externalBodyPart(external, 'i@a')]),
    )
    const read = partOf(parts(contentType, body), 'i@a')
    expect(parseExternalBody(read!)).toEqual(external)
  })

  it.each([
    ['another access type', 'message/external-body;access-type=FTP;URL="ftp://a"'],
    ['no URL', 'message/external-body;access-type=URL'],
    ['a size that is no number', 'message/external-body;access-type=URL;URL="a:b";size=big'],
    ['a hash that is none', 'message/external-body;access-type=URL;URL="a:b";hash=12'],
  ])('%s is refused', (_, contentType) => {
    expect(parseExternalBody(part('', contentType))).toMatchObject({ kind: 'document-error' })
  })

  it('another type is no body elsewhere', () => {
    expect(parseExternalBody(part('', 'image/png'))).toBeUndefined()
  })
})

describe('content types (RFC 2045 §5.1)', () => {
  it.each([
    ['text/plain', 'text/plain', {}],
    ['Multipart/Related ; TYPE="a/b"; start="<x@y>"', 'multipart/related', { type: 'a/b', start: '<x@y>' }],
    ['a/b;c="d\\"e\\\\f;g"', 'a/b', { c: 'd"e\\f;g' }],
    ['a/b;c=', 'a/b', { c: '' }],
    ['a/b;__proto__=x', 'a/b', Object.fromEntries([['__proto__', 'x']])],
  ])('%s', (text, type, parameters) => {
    const parsed = parseContentType(text)
    expect(parsed).toEqual({ type, parameters })
    expect(parseContentType(printContentType(parsed!))).toEqual(parsed)
  })

  it.each(['', 'text', 'text/', '/plain', 'text/plain;what', 'text/plain "x"'])('%j is none', (text) => {
    expect(parseContentType(text)).toBeUndefined()
  })
})
