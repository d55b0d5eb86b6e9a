import { describe, expect, it } from 'vitest'
import type { ProxyCscfSettings } from '../../src/ims/p-cscf/p-cscf.ts'
import { nameAddr, radioLeg } from '../../src/ims/ue/ue.ts'
import { headerValue, type SipRequest } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, names, theRequest, theResponse } from './alone.ts'

const ue = '[5555::aaa:bbb:ccc:ddd]'
const scscf = 'scscf1.home1.net'
const agreed = 'ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=98765432;spi-s=87654321;port-c=8642;port-s=7531'

const settings: ProxyCscfSettings = {
  hosts: ['pcscf1.home1.net', 'pcscf1.visited1.net'],
  ueLeg: radioLeg(7531, { comp: 'sigcomp' }),
  registered: {
    [ue]: {
      identities: ['sip:user1_public1@home1.net', 'sip:user1_public2@home1.net', 'tel:+12125551111'],
      serviceRoute: [nameAddr('sip:orig@scscf1.home1.net;lr')],
      security: headerValue('securityVerify', agreed)!,
    },
  },
  chargingIds: ['AyretyU0dm+6O2IrT5tAFrbHLso=023551024'],
}

const proxy = () => new Alone('p-cscf', 'pcscf1.home1.net', settings)

const subscribe = `
  SUBSCRIBE sip:user2_public1@home2.net SIP/2.0
  Via: SIP/2.0/UDP ${ue}:1357;comp=sigcomp;branch=z9hG4bKnashds7
  Max-Forwards: 70
  P-Access-Network-Info: 3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11
  Route: <sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf1.home1.net;lr>
  P-Preferred-Identity: <sip:user1_public1@home1.net>
  Privacy: none
  From: <sip:user1_public1@home1.net>;tag=31415
  To: <sip:user2_public1@home2.net>
  Call-ID: b89rjhnedlrfjflslj40a222
  CSeq: 61 SUBSCRIBE
  Require: sec-agree
  Proxy-Require: sec-agree
  Security-Verify: ${agreed}
  Event: presence
  Expires: 7200
  Accept: application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1
  Contact: <sip:${ue}:1357;comp=sigcomp>
`
const publish = edited(subscribe, {
  To: '<sip:user1_public1@home1.net>',
  CSeq: '61 PUBLISH',
  Accept: undefined,
  Contact: undefined,
  'Content-Type': 'application/pidf+xml',
})
  .replace('SUBSCRIBE sip:user2_public1@home2.net', 'PUBLISH sip:user1_public1@home1.net')
  .concat('\n\n<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:user1_public1@home1.net"/>')

const notify = `
  NOTIFY sip:${ue}:1357;comp=sigcomp SIP/2.0
  Via: SIP/2.0/UDP scscf1.home1.net;branch=z9hG4bK2, SIP/2.0/UDP ps.home2.net;branch=z9hG4bK1
  Max-Forwards: 69
  P-Charging-Vector: icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=523551024";orig-ioi=home2.net
  P-Charging-Function-Addresses: ccf=[5555::b99:c88:d77:e66]
  Route: <sip:pcscf1.home1.net;lr>
  From: <sip:user2_public1@home2.net>;tag=151170
  To: <sip:user1_public1@home1.net>;tag=31415
  Call-ID: b89rjhnedlrfjflslj40a222
  CSeq: 42 NOTIFY
  Event: presence
  Subscription-State: active;expires=7200
  Contact: <sip:ps.home2.net>
`
const message = edited(notify, {
  To: '<sip:user1_public1@home1.net>',
  'P-Asserted-Identity': '<sip:user2_public1@home2.net>',
  CSeq: '1 SUBSCRIBE',
  'Subscription-State': undefined,
}).replace('NOTIFY sip:', 'SUBSCRIBE sip:')

const fromUe = (text: string): SipRequest => theRequest(proxy().receive(text, ue))
const toUe = (text: string): SipRequest => theRequest(proxy().receive(text, scscf))

describe('TS 24.229 §5.2.6.3: an initial request of a UE', () => {
  it('goes to the S-CSCF of the Service-Route, one hop poorer, under a Via of the P-CSCF', () => {
    const [sent] = proxy().receive(subscribe, ue)
    expect(sent!.to).toBe(scscf)
    const request = sent!.message as SipRequest
    expect(request.uri).toBe('sip:user2_public1@home2.net')
    expect(field(request, 'Route')).toBe('<sip:orig@scscf1.home1.net;lr>')
    expect(field(request, 'Max-Forwards')).toBe('69')
    expect(request.headers.via!.map(({ host }) => host)).toEqual(['pcscf1.home1.net', ue])
  })

  it('keeps what is not for the P-CSCF', () => {
    const request = fromUe(subscribe)
    for (const name of ['P-Access-Network-Info', 'Privacy', 'From', 'To', 'Call-ID', 'CSeq', 'Event', 'Expires'])
      expect(field(request, name), name).toBe(/^ *(.*)$/m.exec(subscribe.split(`${name}:`)[1]!)![1])
    expect(field(request, 'Accept')).toBe('application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1')
    expect(field(request, 'Contact')).toBe(`<sip:${ue}:1357;comp=sigcomp>`)
  })

  it('§5.2.6.3.2: a preferred identity that is registered is asserted', () => {
    const request = fromUe(edited(subscribe, { 'P-Preferred-Identity': '<sip:user1_public2@home1.net>' }))
    expect(field(request, 'P-Asserted-Identity')).toBe('<sip:user1_public2@home1.net>')
    expect(names(request)).not.toContain('P-Preferred-Identity')
  })

  it('§5.2.6.3.2: the preferred identity is compared as a URI, and asserted as it was registered', () => {
    const request = fromUe(edited(subscribe, { 'P-Preferred-Identity': '"U" <sip:user1_public2@HOME1.net>' }))
    expect(field(request, 'P-Asserted-Identity')).toBe('<sip:user1_public2@home1.net>')
  })

  it.each([
    ['is not registered', '<sip:user2_public1@home2.net>'],
    ['is missing', undefined],
  ])('§5.2.6.3.2: the default identity is asserted where the preferred one %s', (_case, preferred) => {
    const request = fromUe(edited(subscribe, { 'P-Preferred-Identity': preferred }))
    expect(field(request, 'P-Asserted-Identity')).toBe('<sip:user1_public1@home1.net>')
    expect(names(request)).not.toContain('P-Preferred-Identity')
  })

  it('what only the network may say is not believed of a UE: its own P-Asserted-Identity and charging go', () => {
    const request = fromUe(
      edited(subscribe, {
        'P-Asserted-Identity': '<sip:user2_public1@home2.net>',
        'P-Charging-Vector': 'icid-value="stolen";orig-ioi=home2.net',
        'P-Charging-Function-Addresses': 'ccf=[5555::1]',
      }),
    )
    expect(field(request, 'P-Asserted-Identity')).toBe('<sip:user1_public1@home1.net>')
    expect(field(request, 'P-Charging-Vector')).toBe('icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=023551024"')
    expect(names(request)).not.toContain('P-Charging-Function-Addresses')
  })

  it('§5.2.1: access information that claims to be from the network is removed, that of the UE stays', () => {
    const claimed = '3GPP-UTRAN-TDD;utran-cell-id-3gpp=234151D0FCE11;network-provided'
    expect(names(fromUe(edited(subscribe, { 'P-Access-Network-Info': claimed })))).not.toContain(
      'P-Access-Network-Info',
    )
    expect(names(fromUe(subscribe))).toContain('P-Access-Network-Info')
  })

  it('RFC 3329 §2.3.1: the security agreement ends here', () => {
    const request = fromUe(subscribe)
    for (const name of ['Require', 'Proxy-Require', 'Security-Verify']) expect(names(request)).not.toContain(name)
  })

  it.each(['Require', 'Proxy-Require', 'Security-Verify'])('RFC 3329 §2.3.1: also where there is only %s', (kept) => {
    const others = ['Require', 'Proxy-Require', 'Security-Verify'].filter((name) => name !== kept)
    const request = fromUe(edited(subscribe, Object.fromEntries(others.map((name) => [name, undefined]))))
    expect(names(request)).not.toContain(kept)
  })

  it('RFC 3329 §2.3.1: other option tags go on', () => {
    const request = fromUe(edited(subscribe, { Require: 'eventlist, sec-agree' }))
    expect(field(request, 'Require')).toBe('eventlist')
  })

  it.each([
    ['too short', '<sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>'],
    ['to another server', '<sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf9.home9.net;lr>'],
    ['with a detour', '<sip:pcscf1.home1.net;lr>, <sip:x.home9.net;lr>, <sip:orig@scscf1.home1.net;lr>'],
    ['missing', undefined],
  ])('§5.2.6.3.3: a preloaded route that is %s is put right', (_case, route) => {
    const [sent] = proxy().receive(edited(subscribe, { Route: route }), ue)
    expect(field(sent!.message as SipRequest, 'Route')).toBe('<sip:orig@scscf1.home1.net;lr>')
    expect(sent!.to).toBe(scscf)
  })

  it('§5.2.6.3.3: gets a charging identifier, another one each time', () => {
    const one = proxy()
    const first = theRequest(one.receive(subscribe, ue))
    const again = edited(subscribe, { Via: `SIP/2.0/UDP ${ue}:1357;branch=z9hG4bKnashds8`, 'Call-ID': 'other' })
    const second = theRequest(one.receive(again, ue))
    expect(field(first, 'P-Charging-Vector')).toBe('icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=023551024"')
    expect(field(second, 'P-Charging-Vector')).toMatch(/^icid-value="[^"]+"$/)
    expect(field(second, 'P-Charging-Vector')).not.toBe(field(first, 'P-Charging-Vector'))
  })

  it('§5.2.6.3.3: a request that makes a dialog is record-routed, without port and compression', () => {
    expect(field(fromUe(subscribe), 'Record-Route')).toBe('<sip:pcscf1.home1.net;lr>')
  })

  it('§5.2.6.3.7: a standalone request is not record-routed, but otherwise treated alike', () => {
    const request = fromUe(publish)
    expect(names(request)).not.toContain('Record-Route')
    expect(field(request, 'P-Asserted-Identity')).toBe('<sip:user1_public1@home1.net>')
    expect(field(request, 'Route')).toBe('<sip:orig@scscf1.home1.net;lr>')
    for (const name of ['Require', 'Proxy-Require', 'Security-Verify', 'P-Preferred-Identity'])
      expect(names(request)).not.toContain(name)
    expect(request.body).toContain('<presence')
  })
})

describe('TS 24.229 §5.2.6.3: a request of a UE within a dialog', () => {
  const refresh = edited(subscribe, {
    To: '<sip:user2_public1@home2.net>;tag=151170',
    CSeq: '62 SUBSCRIBE',
    Route: '<sip:pcscf1.home1.net:7531;lr;comp=sigcomp>, <sip:scscf1.home1.net;lr>',
    'P-Preferred-Identity': undefined,
  }).replace('SUBSCRIBE sip:user2_public1@home2.net', 'SUBSCRIBE sip:ps.home2.net')

  it('follows its own route, is not record-routed again and asserts no identity', () => {
    const request = fromUe(refresh)
    expect(request.uri).toBe('sip:ps.home2.net')
    expect(field(request, 'Route')).toBe('<sip:scscf1.home1.net;lr>')
    expect(names(request)).not.toContain('Record-Route')
    expect(names(request)).not.toContain('P-Asserted-Identity')
  })

  it('does not take the security agreement along', () => {
    for (const name of ['Require', 'Proxy-Require', 'Security-Verify'])
      expect(names(fromUe(refresh))).not.toContain(name)
  })

  it('can not slip in an asserted identity', () => {
    const request = fromUe(edited(refresh, { 'P-Asserted-Identity': '<sip:user2_public1@home2.net>' }))
    expect(names(request)).not.toContain('P-Asserted-Identity')
  })
})

describe('TS 24.229 §5.2.6.3: the answer to a UE', () => {
  function answered(more: Readonly<Record<string, string>>) {
    const cscf = proxy()
    const request = theRequest(cscf.receive(subscribe, ue))
    const routes = '<sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net;lr>'
    return theResponse(cscf.receive(answerTo(request, '200 OK', { 'Record-Route': routes, ...more }), scscf))
  }

  it('shows only the Via of the UE', () => {
    expect(field(answered({}), 'Via')).toBe(`SIP/2.0/UDP ${ue}:1357;comp=sigcomp;branch=z9hG4bKnashds7`)
  })

  it('§5.2.6.3.3: the own Record-Route entry is rewritten to the protected port and the compression', () => {
    expect(field(answered({}), 'Record-Route')).toBe(
      '<sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net:7531;lr;comp=sigcomp>',
    )
  })

  it('§5.2.1: charging information stays in the network', () => {
    const response = answered({
      'P-Charging-Vector': 'icid-value="x";orig-ioi=home1.net;term-ioi=home2.net',
      'P-Charging-Function-Addresses': 'ccf=[5555::b99:c88:d77:e66]',
    })
    expect(names(response)).not.toContain('P-Charging-Vector')
    expect(names(response)).not.toContain('P-Charging-Function-Addresses')
  })

  it('the rest stays as it is', () => {
    const response = answered({ Expires: '7200', Contact: '<sip:ps.home2.net>' })
    expect(field(response, 'Expires')).toBe('7200')
    expect(field(response, 'Contact')).toBe('<sip:ps.home2.net>')
    expect(field(response, 'To')).toBe('<sip:user2_public1@home2.net>;tag=peer')
  })
})

describe('TS 24.229 §5.2.6.4: a request towards a UE', () => {
  it('goes to the UE over its protected port, by the Request-URI, with the Route used up', () => {
    const [sent] = proxy().receive(notify, scscf)
    const request = sent!.message as SipRequest
    expect(sent!.to).toBe(ue)
    expect(request.uri).toBe(`sip:${ue}:1357;comp=sigcomp`)
    expect(names(request)).not.toContain('Route')
    expect(field(request, 'Max-Forwards')).toBe('68')
    expect(field(request, 'Via')).toMatch(/^SIP\/2\.0\/UDP pcscf1\.home1\.net:7531;comp=sigcomp;branch=z9hG4bK/)
  })

  it('§5.2.1: carries no charging information', () => {
    expect(names(toUe(notify))).not.toContain('P-Charging-Vector')
    expect(names(toUe(notify))).not.toContain('P-Charging-Function-Addresses')
  })

  it('§5.2.6.4.3: an initial one is record-routed with the protected port, one within a dialog is not', () => {
    expect(field(toUe(message), 'Record-Route')).toBe('<sip:pcscf1.home1.net:7531;lr;comp=sigcomp>')
    expect(names(toUe(notify))).not.toContain('Record-Route')
  })

  it('RFC 3325 §7: an asserted identity is shown to the UE unless it is to be kept private', () => {
    expect(field(toUe(message), 'P-Asserted-Identity')).toBe('<sip:user2_public1@home2.net>')
    expect(names(toUe(edited(message, { Privacy: 'id' })))).not.toContain('P-Asserted-Identity')
    expect(names(toUe(edited(message, { Privacy: 'none' })))).toContain('P-Asserted-Identity')
  })

  it('§5.2.6.4.3: in the answer the own Record-Route entry is that of the network side again', () => {
    const cscf = proxy()
    const request = theRequest(cscf.receive(message, scscf))
    const response = theResponse(cscf.receive(answerTo(request, '200 OK'), ue))
    expect(field(response, 'Record-Route')).toBe('<sip:pcscf1.home1.net;lr>')
  })

  it('§5.2.1: the answer of the UE goes back with its access information, but not with what only the network says', () => {
    const cscf = proxy()
    const request = theRequest(cscf.receive(notify, scscf))
    const more = {
      'P-Access-Network-Info': '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11',
      'P-Asserted-Identity': '<sip:user2_public1@home2.net>',
      'P-Charging-Vector': 'icid-value="stolen"',
      'P-Charging-Function-Addresses': 'ccf=[5555::1]',
    }
    const [sent] = cscf.receive(answerTo(request, '200 OK', more), ue)
    expect(sent!.to).toBe(scscf)
    const response = sent!.message
    if (response.protocol !== 'sip') throw new Error('not SIP')
    expect(field(response, 'P-Access-Network-Info')).toBe(more['P-Access-Network-Info'])
    for (const name of ['P-Asserted-Identity', 'P-Charging-Vector', 'P-Charging-Function-Addresses'])
      expect(names(response)).not.toContain(name)
    expect(response.headers.via!.map(({ host }) => host)).toEqual([scscf, 'ps.home2.net'])
  })
})

describe('what the P-CSCF refuses', () => {
  it('TS 24.229 §5.2.6.3: a request from a UE that is not registered: 403', () => {
    const stranger = edited(subscribe, { Via: 'SIP/2.0/UDP [5555::9]:1357;branch=z9hG4bK9' })
    const [sent] = proxy().receive(stranger, '[5555::9]')
    expect(sent).toMatchObject({ to: '[5555::9]', message: { status: 403 } })
  })

  it('a request for a UE that is not registered: 403', () => {
    expect(theResponse(proxy().receive(notify.replaceAll(ue, '[5555::9]'), scscf)).status).toBe(403)
  })

  it('RFC 3261 §16.3 step 3: a request that has no hop left: 483', () => {
    expect(theResponse(proxy().receive(edited(subscribe, { 'Max-Forwards': '0' }), ue)).status).toBe(483)
    expect(fromUe(edited(subscribe, { 'Max-Forwards': '1' })).headers.maxForwards).toBe(0)
  })

  it('RFC 3261 §16.3 step 5: an extension in Proxy-Require that it does not know: 420 with Unsupported', () => {
    const response = theResponse(proxy().receive(edited(subscribe, { 'Proxy-Require': 'sec-agree, foo' }), ue))
    expect(response.status).toBe(420)
    expect(field(response, 'Unsupported')).toBe('foo')
  })

  it('RFC 3261 §16.3: an extension in Require is not its business', () => {
    expect(field(fromUe(edited(subscribe, { Require: 'foo' })), 'Require')).toBe('foo')
  })
})
