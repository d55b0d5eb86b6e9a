import { describe, expect, it } from 'vitest'
import type { CxMessage } from '../../src/ims/cx.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, type Sent, theResponse } from './alone.ts'

const scscf1 = 'scscf1.home1.net'

const subscribe = `
  SUBSCRIBE sip:user2_public1@home2.net SIP/2.0
  Via: SIP/2.0/UDP ${scscf1};branch=z9hG4bK3, SIP/2.0/UDP pcscf1.home1.net;branch=z9hG4bK2
  Max-Forwards: 68
  P-Charging-Vector: icid-value="i1";orig-ioi=home1.net
  Record-Route: <sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net;lr>
  P-Asserted-Identity: <sip:user1_public1@home1.net>
  From: <sip:user1_public1@home1.net>;tag=31415
  To: <sip:user2_public1@home2.net>
  Call-ID: b89rjhnedlrfjflslj40a222
  CSeq: 61 SUBSCRIBE
  Event: presence
  Expires: 7200
  Contact: <sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp>
`

const cscf = () => new Alone('i-cscf', 'icscf2.home2.net', { host: 'icscf2.home2.net', hss: 'hss.home2.net' })

const query = (sent: readonly Sent[]): CxMessage => sent[0]!.message as CxMessage

const answered = ({ session }: CxMessage, avps: CxMessage['avps']): CxMessage => ({
  protocol: 'cx',
  kind: 'answer',
  command: 'LIA',
  session,
  avps,
})

/** What comes of a request once the HSS has answered. */
function located(avps: CxMessage['avps'], text = subscribe): Sent[] {
  const one = cscf()
  return one.receive(answered(query(one.receive(text, scscf1)), avps), 'hss.home2.net')
}

const serving = { 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': 'sip:scscf2.home2.net' }

describe('TS 24.229 §5.3.2.1: the I-CSCF finds who serves a user', () => {
  it('asks the HSS by the Request-URI and sends nothing else before the answer', () => {
    const sent = cscf().receive(subscribe, scscf1)
    expect(sent).toHaveLength(1)
    expect(sent[0]!.to).toBe('hss.home2.net')
    expect(query(sent)).toMatchObject({ kind: 'request', command: 'LIR' })
    expect(query(sent).avps).toEqual({ 'Public-Identity': 'sip:user2_public1@home2.net' })
  })

  it('TS 29.229 §6.3.2: asks by the canonical form of the identity, without parameters and port', () => {
    const text = subscribe.replace('sip:user2_public1@home2.net SIP', 'sip:user2_public1@HOME2.net:5060;user=phone SIP')
    expect(query(cscf().receive(text, scscf1)).avps).toEqual({ 'Public-Identity': 'sip:user2_public1@home2.net' })
  })

  it('routes to the S-CSCF that the HSS names, under its own Via', () => {
    const [sent] = located(serving)
    expect(sent!.to).toBe('scscf2.home2.net')
    const request = sent!.message as SipRequest
    expect(field(request, 'Route')).toBe('<sip:scscf2.home2.net;lr>')
    expect(request.uri).toBe('sip:user2_public1@home2.net')
    expect(field(request, 'Max-Forwards')).toBe('67')
    expect(request.headers.via!.map(({ host }) => host)).toEqual(['icscf2.home2.net', scscf1, 'pcscf1.home1.net'])
  })

  it('TS 24.229 §5.3.2.1: with orig in its Route it asks for the user in whose name a server acts, and hands orig on', () => {
    const orig = { Route: '<sip:icscf2.home2.net;lr;orig>', 'P-Asserted-Identity': '<sip:user3_public1@home2.net>' }
    const asked = (more: Record<string, string | undefined> = {}) =>
      query(cscf().receive(edited(subscribe, { ...orig, ...more }), scscf1)).avps
    const origin = { 'Originating-Request': 'ORIGINATING' }
    expect(asked()).toEqual({ 'Public-Identity': 'sip:user3_public1@home2.net', ...origin })
    // RFC 5502: the served user, if one is named.
    const served = { 'P-Served-User': '<sip:user4_public1@home2.net>;sescase=orig;regstate=unreg' }
    expect(asked(served)).toEqual({ 'Public-Identity': 'sip:user4_public1@home2.net', ...origin })
    const [sent] = located(serving, edited(subscribe, { ...orig, ...served }))
    expect(sent!.to).toBe('scscf2.home2.net')
    expect(field(sent!.message as SipRequest, 'Route')).toBe('<sip:scscf2.home2.net;lr;orig>')
    expect(field(sent!.message as SipRequest, 'P-Served-User')).toBe(served['P-Served-User'])
  })

  it('TS 24.229 §5.3.2.1: a request in the name of nobody is answered 403', () => {
    const text = edited(subscribe, { Route: '<sip:icscf2.home2.net;lr;orig>', 'P-Asserted-Identity': undefined })
    expect(theResponse(cscf().receive(text, scscf1)).status).toBe(403)
  })

  it('never puts itself into Record-Route', () => {
    const [sent] = located(serving)
    expect(field(sent!.message as SipRequest, 'Record-Route')).toBe(
      '<sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net;lr>',
    )
  })

  it('leaves all other header fields as they came', () => {
    const request = located(serving)[0]!.message as SipRequest
    for (const name of [
      'P-Charging-Vector',
      'P-Asserted-Identity',
      'From',
      'To',
      'Call-ID',
      'CSeq',
      'Event',
      'Contact',
    ])
      expect(field(request, name), name).toBe(/^ *(.*)$/m.exec(subscribe.split(` ${name}:`)[1]!)![1])
  })

  it('TS 23.228: for a public service identity it sends straight to the application server', () => {
    const [sent] = located({ ...serving, 'Server-Name': 'sip:rls.home2.net' })
    expect(sent!.to).toBe('rls.home2.net')
    expect(field(sent!.message as SipRequest, 'Route')).toBe('<sip:rls.home2.net;lr>')
  })

  it('a user whom the HSS does not know: 404', () => {
    expect(theResponse(located({ 'Experimental-Result-Code': 'DIAMETER_ERROR_USER_UNKNOWN' })).status).toBe(404)
  })

  it('a user whom nobody serves: 480', () => {
    const response = theResponse(located({ 'Experimental-Result-Code': 'DIAMETER_ERROR_IDENTITY_NOT_REGISTERED' }))
    expect(response.status).toBe(480)
  })

  it('keeps several requests apart by the session of their queries', () => {
    const one = cscf()
    const first = query(one.receive(subscribe, scscf1))
    const other = edited(subscribe, { Via: `SIP/2.0/UDP ${scscf1};branch=z9hG4bK9`, 'Call-ID': 'other' })
    const second = query(one.receive(other, scscf1))
    expect(second.session).not.toBe(first.session)
    const [late] = one.receive(answered(second, serving), 'hss.home2.net')
    expect(field(late!.message as SipRequest, 'Call-ID')).toBe('other')
    expect(one.receive(answered(second, serving), 'hss.home2.net'), 'an answer serves once').toEqual([])
    const [early] = one.receive(answered(first, serving), 'hss.home2.net')
    expect(field(early!.message as SipRequest, 'Call-ID')).toBe('b89rjhnedlrfjflslj40a222')
  })

  it('sends the answer back by the Via', () => {
    const one = cscf()
    const [sent] = one.receive(answered(query(one.receive(subscribe, scscf1)), serving), 'hss.home2.net')
    const response = answerTo(sent!.message as SipRequest, '200 OK', { Expires: '7200' })
    const [back] = one.receive(response, 'scscf2.home2.net')
    expect(back!.to).toBe(scscf1)
    expect(field(back!.message as SipRequest, 'Record-Route')).toBe(
      '<sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net;lr>',
    )
    expect((back!.message as SipRequest).headers.via!.map(({ host }) => host)).toEqual([scscf1, 'pcscf1.home1.net'])
  })
})

describe('RFC 3261 §16: the I-CSCF as a proxy', () => {
  it('a request with a Route beyond itself follows it and needs no HSS', () => {
    const [sent] = cscf().receive(
      edited(subscribe, { Route: '<sip:icscf2.home2.net;lr>, <sip:x.home2.net;lr>' }),
      scscf1,
    )
    expect(sent!.to).toBe('x.home2.net')
    expect(field(sent!.message as SipRequest, 'Route')).toBe('<sip:x.home2.net;lr>')
  })

  it('takes its own entry off the Route and asks the HSS', () => {
    const [sent] = located(serving, edited(subscribe, { Route: '<sip:icscf2.home2.net;lr>' }))
    expect(field(sent!.message as SipRequest, 'Route')).toBe('<sip:scscf2.home2.net;lr>')
  })

  it('a request that has no hop left: 483, and the HSS is not asked', () => {
    const sent = cscf().receive(edited(subscribe, { 'Max-Forwards': '0' }), scscf1)
    expect(sent).toHaveLength(1)
    expect(theResponse(sent).status).toBe(483)
  })

  it('an extension in Proxy-Require that it does not know: 420', () => {
    expect(theResponse(cscf().receive(edited(subscribe, { 'Proxy-Require': 'foo' }), scscf1)).status).toBe(420)
  })
})
