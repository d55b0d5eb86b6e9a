import { describe, expect, it } from 'vitest'
import {
  anyEndpoint,
  anyProxy,
  type Element,
  judge,
  parse,
  type SipMessage,
  type Verdict,
} from '../../src/sip/index.ts'

const base: Readonly<Record<string, string>> = {
  Via: 'SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bK776asdhds',
  'Max-Forwards': '70',
  From: '<sip:alice@atlanta.com>;tag=1',
  To: '<sip:bob@biloxi.com>',
  'Call-ID': 'a84b4c76e66710',
  CSeq: '1 METHOD',
}

/** A message with this start line and the usual header fields, some of them changed or, with `null`, left out. */
function message(line: string, changes: Readonly<Record<string, string | null>> = {}, body = ''): SipMessage {
  const method = line.startsWith('SIP') ? 'OPTIONS' : line.split(' ')[0]!
  const lines = Object.entries({ ...base, ...changes })
    .filter(([, text]) => text !== null)
    .map(([name, text]) => `${name}: ${text!.replace('METHOD', method)}`)
  const parsed = parse(`${[line, ...lines].join('\r\n')}\r\n\r\n${body}`)
  if (parsed.kind === 'malformed') throw new Error(parsed.reason)
  return parsed
}

const options = 'OPTIONS sip:bob@biloxi.com SIP/2.0'
const register = 'REGISTER sip:home1.net SIP/2.0'
const subscribe = 'SUBSCRIBE sip:bob@biloxi.com SIP/2.0'
const notify = 'NOTIFY sip:bob@biloxi.com SIP/2.0'
const publish = 'PUBLISH sip:bob@biloxi.com SIP/2.0'
const dialog = { Event: 'presence', Contact: '<sip:a@b>' }

type Row = readonly [
  why: string,
  line: string,
  changes: Readonly<Record<string, string | null>>,
  atEndpoint: Partial<Verdict> | undefined,
  atProxy: Partial<Verdict> | undefined,
]

const bad = (about?: Verdict['about']): Partial<Verdict> => ({ status: 400, about })

const rows: readonly Row[] = [
  ['nothing wrong', options, {}, undefined, undefined],
  ['no Via (RFC 3261 §8.1.1)', options, { Via: null }, bad('via'), bad('via')],
  ['no From', options, { From: null }, bad('from'), bad('from')],
  ['no To', options, { To: null }, bad('to'), bad('to')],
  ['no Call-ID', options, { 'Call-ID': null }, bad('callId'), bad('callId')],
  ['no CSeq', options, { CSeq: null }, bad('cseq'), bad('cseq')],
  ['no Max-Forwards: §16.3 lets it pass', options, { 'Max-Forwards': null }, undefined, undefined],
  ['a malformed Max-Forwards', options, { 'Max-Forwards': 'x' }, bad('maxForwards'), bad('maxForwards')],
  ['two To', options, { To: '<sip:a@b>\r\nt: <sip:c@d>' }, bad('to'), bad('to')],
  ['two Subjects: nobody needs it (§8.2.2)', options, { Subject: 'a\r\nSubject: b' }, undefined, undefined],
  ['a From that is no URI', options, { From: '<sip:a@b@c>' }, bad('from'), bad('from')],
  ['a To with an unknown scheme', options, { To: '<isbn:2983792873>' }, undefined, undefined],
  ['the CSeq of another method', options, { CSeq: '1 INVITE' }, bad('cseq'), bad('cseq')],
  ['a branch of the cookie alone', options, { Via: 'SIP/2.0/UDP a;branch=z9hG4bK' }, bad('via'), bad('via')],
  ['a branch of RFC 2543', options, { Via: 'SIP/2.0/UDP a;branch=1' }, undefined, undefined],
  ['a Request-URI that is none', 'OPTIONS <sip:a@b> SIP/2.0', {}, bad(), bad()],
  ['header fields in the Request-URI', 'OPTIONS sip:a@b?Subject=x SIP/2.0', {}, bad(), bad()],
  ['a method in the Request-URI', 'OPTIONS sip:a@b;method=INVITE SIP/2.0', {}, bad(), bad()],
  ['a tel URI', 'OPTIONS tel:+12015550123 SIP/2.0', {}, undefined, undefined],
  ['a pres URI', 'SUBSCRIBE pres:bob@biloxi.com SIP/2.0', dialog, undefined, undefined],
  ['an unknown scheme (§8.2.2.1, §16.3)', 'OPTIONS soap.beep://a SIP/2.0', {}, { status: 416 }, { status: 416 }],
  ['a method nobody knows (§21.5.2)', 'FROB sip:a@b SIP/2.0', {}, { status: 501 }, undefined],
  ['no hop left (§16.3 step 3)', options, { 'Max-Forwards': '0' }, undefined, { status: 483, about: 'maxForwards' }],
  ['an unknown Require (§8.2.2.3)', options, { Require: 'sec-agree, x' }, { status: 420, about: 'require' }, undefined],
  ['Require in an ACK (§8.2.2.3)', 'ACK sip:a@b SIP/2.0', { Require: 'x' }, undefined, undefined],
  ['Require in a CANCEL (§8.2.2.3)', 'CANCEL sip:a@b SIP/2.0', { Require: 'x' }, undefined, undefined],
  ['an option tag in capitals', options, { Require: 'Path', 'Proxy-Require': 'SEC-AGREE' }, undefined, undefined],
  ['an unknown Proxy-Require (§16.3 step 5)', options, { 'Proxy-Require': 'x' }, undefined, { status: 420 }],
  ['a malformed Route', options, { Route: 'x' }, undefined, bad('route')],
  ['a malformed Contact', options, { Contact: 'x' }, bad('contact'), undefined],
  ['a malformed Date', options, { Date: 'x' }, undefined, undefined],
  ['a malformed Expires', register, { Expires: 'x' }, undefined, undefined],
  ['a registration', register, { Contact: '*' }, undefined, undefined],
  ['a registration of what is no SIP URI (§10.2)', register, { To: '<tel:+1>' }, bad('to'), undefined],
  ['a subscription', subscribe, dialog, undefined, undefined],
  ['one without Event (RFC 6665 §4.2.1.1)', subscribe, { Contact: '<sip:a@b>' }, { status: 489 }, undefined],
  ['one without Contact', subscribe, { Event: 'presence' }, bad('contact'), undefined],
  ['one to two events', subscribe, { ...dialog, Event: 'a\r\nEvent: b' }, bad('event'), undefined],
  ['a notification without its state', notify, dialog, bad('subscriptionState'), undefined],
  ['a notification', notify, { ...dialog, 'Subscription-State': 'active' }, undefined, undefined],
  ['a publication without Event (RFC 3903 §6)', publish, {}, { status: 489 }, undefined],
  ['a publication', publish, { Event: 'presence', 'SIP-If-Match': 'a' }, undefined, undefined],
  ['one of two', publish, { Event: 'presence', 'SIP-If-Match': 'a, b' }, bad('sipIfMatch'), undefined],
  ['two Content-Lengths', options, { 'Content-Length': '0\r\nl: 0' }, bad('contentLength'), bad('contentLength')],
  ['a negative Content-Length', options, { l: '-1' }, bad('contentLength'), bad('contentLength')],
  ['a response', 'SIP/2.0 200 OK', {}, undefined, undefined],
  ['one without CSeq', 'SIP/2.0 200 OK', { CSeq: null }, bad('cseq'), bad('cseq')],
  ['one with two Vias (§8.1.3.3)', 'SIP/2.0 200 OK', { v: 'SIP/2.0/UDP a;branch=1' }, bad('via'), undefined],
]

describe('what an endpoint and a proxy make of a message', () => {
  it.each(rows)('%s', (_, line, changes, atEndpoint, atProxy) => {
    const expected = (verdict: Partial<Verdict> | undefined) => verdict && expect.objectContaining(verdict)
    expect(judge(message(line, changes), anyEndpoint)).toEqual(expected(atEndpoint))
    expect(judge(message(line, changes), anyProxy)).toEqual(expected(atProxy))
  })
})

describe('bodies at an endpoint (RFC 3261 §8.2.3)', () => {
  const element: Element = { ...anyEndpoint, contentTypes: ['application/pidf+xml'] }
  const event = { Event: 'presence' }

  it.each([
    ['a type it knows', { 'Content-Type': 'Application/PIDF+xml;charset="UTF-8"' }, undefined],
    ['a type it does not know', { 'Content-Type': 'text/plain' }, 415],
    ['no type (§20.15)', {}, 400],
    ['a coding', { 'Content-Type': 'application/pidf+xml', 'Content-Encoding': 'gzip' }, 415],
    ['no coding', { 'Content-Type': 'application/pidf+xml', 'Content-Encoding': 'identity' }, undefined],
    ['one it need not understand', { 'Content-Type': 'a/b', 'Content-Disposition': 'x;handling=optional' }, undefined],
  ])('%s', (_, changes, status) => {
    expect(judge(message(publish, { ...event, ...changes } as never, '<presence/>'), element)?.status).toBe(status)
  })

  it('does not matter when it is empty', () => {
    expect(judge(message(publish, { ...event, 'Content-Type': 'text/plain' }), element)).toBeUndefined()
  })
})

describe('what the answer carries', () => {
  const at = (element: Element, line: string, changes: Record<string, string>, body = '') =>
    judge(message(line, changes, body), element)?.headers

  it('names the extensions that are not supported, as they were written', () => {
    expect(at(anyEndpoint, options, { Require: 'X, path, y' })).toEqual({ unsupported: ['X', 'y'] })
  })

  it('names the methods that are served, with 405 for a known method and 501 for others (§8.2.1)', () => {
    const element = { ...anyEndpoint, methods: ['NOTIFY'] }
    expect(judge(message(options), element)).toMatchObject({ status: 405, headers: { allow: ['NOTIFY'] } })
    expect(judge(message('FROB sip:a@b SIP/2.0'), element)).toMatchObject({
      status: 501,
      headers: { allow: ['NOTIFY'] },
    })
  })

  it('names the types and codings that are accepted', () => {
    const element = { ...anyEndpoint, contentTypes: ['a/b'] }
    expect(at(element, options, { 'Content-Type': 'c/d' }, 'x')).toEqual({ accept: [{ value: 'a/b', params: {} }] })
    expect(at(element, options, { 'Content-Type': 'a/b', e: 'gzip' }, 'x')).toEqual({
      acceptEncoding: [{ value: 'identity', params: {} }],
    })
  })
})
