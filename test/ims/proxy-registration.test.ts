import { describe, expect, it } from 'vitest'
import type { ProxyCscf, ProxyCscfSettings } from '../../src/ims/p-cscf/p-cscf.ts'
import { radioLeg } from '../../src/ims/ue/ue.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, names, type Sent, theRequest, theResponse } from './alone.ts'

const ue = '[5555::aaa:bbb:ccc:ddd]'
const icscf = 'icscf1.home1.net'

const settings: ProxyCscfSettings = {
  hosts: ['pcscf1.visited1.net'],
  ueLeg: radioLeg(7531, { comp: 'sigcomp' }),
  registered: {},
  chargingIds: [],
  access: {
    addresses: [ue],
    network: 'visited1.net',
    visitedNetwork: 'Visited "Network"',
    domains: { 'home1.net': icscf },
    portServer: 7531,
    portClient: 8642,
    spis: [98765432, 87654321],
    algorithms: ['hmac-sha-1-96'],
    subscribes: false,
  },
}
const client = 'ipsec-3gpp;alg=hmac-sha-1-96;spi-c=23456789;spi-s=12345678;port-c=2468;port-s=1357'
const server = 'ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=98765432;spi-s=87654321;port-c=8642;port-s=7531'

const register = `
  REGISTER sip:home1.net SIP/2.0
  Via: SIP/2.0/UDP ${ue};comp=sigcomp;branch=z9hG4bK1
  Max-Forwards: 70
  From: <sip:user1_public1@home1.net>;tag=4fa3
  To: <sip:user1_public1@home1.net>
  Call-ID: apb03a0s09dkjdfglkj49111
  CSeq: 1 REGISTER
  Require: sec-agree
  Proxy-Require: sec-agree
  Supported: path
  Security-Client: ${client}
  Contact: <sip:${ue};comp=sigcomp>
  Expires: 600000
  Authorization: Digest username="p@home1.net", realm="home1.net", nonce="", uri="sip:home1.net", response=""
`
const answer = edited(register, {
  Via: `SIP/2.0/UDP ${ue}:1357;comp=sigcomp;branch=z9hG4bK2`,
  CSeq: '2 REGISTER',
  Contact: `<sip:${ue}:1357;comp=sigcomp>`,
  'Security-Verify': server,
  Authorization: 'Digest username="p@home1.net", realm="home1.net", nonce="abc", uri="sip:home1.net", response="1"',
})
const keys = 'ik="00112233445566778899aabbccddeeff", ck="ffeeddccbbaa11223344556677889900"'
const challenge = { 'WWW-Authenticate': `Digest realm="home1.net", nonce="abc", algorithm=AKAv1-MD5, ${keys}` }
const success = {
  Contact: `<sip:${ue}:1357;comp=sigcomp>;expires=600000`,
  'Service-Route': '<sip:orig@scscf1.home1.net;lr>',
  'P-Associated-URI': '<sip:user1_public1@home1.net>, <sip:user1_public2@home1.net>',
  'P-Charging-Vector': 'icid-value="1";orig-ioi=visited1.net;term-ioi=home1.net',
}

/** A P-CSCF after the home network has answered a REGISTER, with what it sent then. */
function answered(request: string, status: string, more: Record<string, string>, one = proxy()): [Alone, Sent[]] {
  const forwarded = theRequest(one.receive(request, ue))
  return [one, one.receive(answerTo(forwarded, status, more), icscf)]
}
const proxy = () => new Alone('p-cscf', 'pcscf1.visited1.net', settings)
const challenged = () => answered(register, '401 Unauthorized', challenge)[0]
const registered = () => answered(answer, '200 OK', success, challenged())[0]
const forwarded = (text: string): SipRequest => theRequest(proxy().receive(text, ue))

describe('TS 24.229 §5.2.2.1: a REGISTER of a UE', () => {
  it('goes to the entry point of the home network, under a Via and a Path of the P-CSCF', () => {
    const [sent] = proxy().receive(register, ue)
    expect(sent!.to).toBe(icscf)
    const request = sent!.message as SipRequest
    expect(request.headers.via!.map(({ host }) => host)).toEqual(['pcscf1.visited1.net', ue])
    expect(field(request, 'Path')).toBe('<sip:term@pcscf1.visited1.net;lr>')
    expect(field(request, 'Require')).toBe('path')
    expect(field(request, 'Max-Forwards')).toBe('69')
  })
  it('is put above a Path that is there', () => {
    expect(field(forwarded(edited(register, { Path: '<sip:edge.visited1.net;lr>' })), 'Path')).toBe(
      '<sip:term@pcscf1.visited1.net;lr>, <sip:edge.visited1.net;lr>',
    )
  })
  it('tells the visited network as a quoted text, and its own charging identifier', () => {
    const request = forwarded(edited(register, { 'P-Charging-Vector': 'icid-value="stolen"' }))
    expect(field(request, 'P-Visited-Network-ID')).toBe('"Visited \\"Network\\""')
    expect(field(request, 'P-Charging-Vector')).toMatch(/^icid-value="pcscf[^"]+";orig-ioi=visited1\.net$/)
  })
  it('is routed by its Request-URI alone', () => {
    expect(names(forwarded(edited(register, { Route: '<sip:x.home9.net;lr>' })))).not.toContain('Route')
  })
  it('keeps the security agreement to itself', () => {
    for (const name of ['Security-Client', 'Security-Verify', 'Proxy-Require'])
      expect(names(forwarded(register))).not.toContain(name)
  })
  it('says that it came without protection, whatever the UE says', () => {
    const liar = `${/Authorization: (.*)/.exec(register)![1]}, integrity-protected="yes"`
    for (const text of [register, edited(register, { Authorization: liar })])
      expect(field(forwarded(text), 'Authorization')).toMatch(/integrity-protected="no"$/)
  })
  it('of a domain that can not be found: 404', () => {
    expect(
      theResponse(proxy().receive(register.replace('REGISTER sip:home1.net', 'REGISTER sip:x.net'), ue)).status,
    ).toBe(404)
  })
  it('that the home network does not answer: 504', () => {
    const one = proxy()
    one.receive(register, ue)
    const late = one.pass(40).filter(({ message }) => message.protocol === 'sip' && message.kind === 'response')
    expect(late.map(({ message }) => (message as { status: number }).status)).toContain(504)
  })
})

describe('RFC 3329 §2.3.1: the offer of a UE', () => {
  it('is missing: 421 with Require', () => {
    const response = theResponse(proxy().receive(edited(register, { 'Security-Client': undefined }), ue))
    expect([response.status, field(response, 'Require')]).toEqual([421, 'sec-agree'])
  })
  it('has nothing that the P-CSCF knows: 494 with what it knows', () => {
    const other = { 'Security-Client': client.replace('sha-1-96', 'sha-512') }
    const response = theResponse(proxy().receive(edited(register, other), ue))
    expect([response.status, field(response, 'Security-Server')]).toEqual([494, server])
  })
})

describe('TS 24.229 §5.2.2.2: the challenge', () => {
  it('goes on without the keys, with the other end of the associations', () => {
    const [one, sent] = answered(register, '401 Unauthorized', challenge)
    expect(sent[0]!.to).toBe(ue)
    const response = theResponse(sent)
    expect(field(response, 'WWW-Authenticate')).toBe('Digest realm="home1.net", nonce="abc", algorithm=AKAv1-MD5')
    expect(field(response, 'Security-Server')).toBe(server)
    const [set] = one.state<ProxyCscf>().access!.ues.get(ue)!.associations
    expect(set).toMatchObject({
      state: 'temporary',
      integrityKey: '00112233445566778899aabbccddeeff',
      cipherKey: 'ffeeddccbbaa11223344556677889900',
      ue: { spiClient: 23456789, spiServer: 12345678, portClient: 2468, portServer: 1357 },
      proxy: { spiClient: 98765432, spiServer: 87654321, portClient: 8642, portServer: 7531 },
    })
  })
  it('TS 33.203 §7.1: with indexes that are not those of the UE', () => {
    const same = edited(register, { 'Security-Client': client.replace('23456789', '98765432') })
    const response = theResponse(answered(same, '401 Unauthorized', challenge)[1])
    expect(field(response, 'Security-Server')).toMatch(/spi-c=87654321;spi-s=(?!98765432)\d+;/)
  })
  it('waits four minutes for its answer (§7.8)', () => {
    const one = challenged()
    one.pass(239)
    expect(one.state<ProxyCscf>().access!.ues.get(ue)!.associations).toHaveLength(1)
    one.pass(2)
    expect(one.state<ProxyCscf>().access!.ues.has(ue)).toBe(false)
  })
})

describe('TS 24.229 §5.2.2.2: the answer to the challenge', () => {
  it('over the associations: is passed on as protected', () => {
    const request = theRequest(challenged().receive(answer, ue))
    expect(field(request, 'Authorization')).toMatch(/integrity-protected="yes"$/)
    for (const name of ['Security-Client', 'Security-Verify']) expect(names(request)).not.toContain(name)
  })
  it('from another port: is not protected', () => {
    const other = edited(answer, { Via: `SIP/2.0/UDP ${ue}:1400;branch=z9hG4bK2` })
    expect(field(theRequest(challenged().receive(other, ue)), 'Authorization')).toMatch(/integrity-protected="no"$/)
  })
  it.each([
    ['a Security-Verify that is not what was sent', { 'Security-Verify': server.replace('sha-1-96', 'md5-96') }, 494],
    ['no Security-Verify', { 'Security-Verify': undefined }, 421],
    ['another offer than before', { 'Security-Client': client.replace('23456789', '1') }, 494],
  ] as const)('with %s: %s', (_what, change, status) => {
    expect(theResponse(challenged().receive(edited(answer, change), ue)).status).toBe(status)
  })
  it('is refused: the associations are deleted', () => {
    const [one, sent] = answered(answer, '403 Forbidden', {}, challenged())
    expect(theResponse(sent).status).toBe(403)
    expect(one.state<ProxyCscf>().access!.ues.get(ue)!.associations).toEqual([])
  })
  it('is accepted: the UE gets the Service-Route, but no charging', () => {
    const [one, sent] = answered(answer, '200 OK', success, challenged())
    const response = theResponse(sent)
    expect(field(response, 'Service-Route')).toBe('<sip:orig@scscf1.home1.net;lr>')
    expect(names(response)).not.toContain('P-Charging-Vector')
    expect(one.state<ProxyCscf>().ues.get(ue)).toMatchObject({
      identities: ['sip:user1_public1@home1.net', 'sip:user1_public2@home1.net'],
    })
  })
})

const publish = `
  PUBLISH sip:user1_public1@home1.net SIP/2.0
  Via: SIP/2.0/UDP ${ue}:1357;comp=sigcomp;branch=z9hG4bK3
  Max-Forwards: 70
  Route: <sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf1.home1.net;lr>
  P-Preferred-Identity: <sip:user1_public2@home1.net>
  From: <sip:user1_public1@home1.net>;tag=31415
  To: <sip:user1_public1@home1.net>
  Call-ID: b89rjhnedlrfjflslj40a222
  CSeq: 61 PUBLISH
  Require: sec-agree
  Proxy-Require: sec-agree
  Security-Verify: ${server}
  Event: presence
`

describe('TS 33.203 §7.1: what a registered UE sends', () => {
  it('over its associations goes to its S-CSCF, in the name of a registered identity', () => {
    const [sent] = registered().receive(publish, ue)
    expect(sent!.to).toBe('scscf1.home1.net')
    expect(field(sent!.message as SipRequest, 'P-Asserted-Identity')).toBe('<sip:user1_public2@home1.net>')
  })
  it.each([
    ['from another port', { Via: `SIP/2.0/UDP ${ue};branch=z9hG4bK3` }, 403],
    ['without Security-Verify', { 'Security-Verify': undefined }, 421],
    ['with a wrong Security-Verify', { 'Security-Verify': server.replace('7531', '7532') }, 494],
  ] as const)('%s is refused: %s', (_what, change, status) => {
    expect(theResponse(registered().receive(edited(publish, change), ue)).status).toBe(status)
  })
  it('before it is registered is refused', () => {
    expect(theResponse(proxy().receive(publish, ue)).status).toBe(403)
    expect(theResponse(challenged().receive(publish, ue)).status).toBe(403)
  })
  it('after it has left is refused', () => {
    const one = registered()
    const bye = edited(answer, { Via: `SIP/2.0/UDP ${ue}:1357;branch=z9hG4bK4`, CSeq: '3 REGISTER', Expires: '0' })
    answered(bye, '200 OK', {}, one)
    expect(theResponse(one.receive(publish, ue)).status).toBe(403)
  })
})

describe('TS 24.229 §5.2.3, §5.2.5.2: the P-CSCF watches the registration', () => {
  const watching: ProxyCscfSettings = { ...settings, access: { ...settings.access!, subscribes: true } }
  function watched(): [Alone, SipRequest] {
    const one = new Alone('p-cscf', 'pcscf1.visited1.net', watching)
    answered(register, '401 Unauthorized', challenge, one)
    const [, sent] = answered(answer, '200 OK', success, one)
    return [one, theRequest(sent, 'SUBSCRIBE')]
  }
  const reginfo = (version: number, state: string, contact: string, aors = ['user1_public1', 'user1_public2']) =>
    [
      `<?xml version="1.0"?><reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="${version}" state="full">`,
      ...aors.map(
        (aor) =>
          `<registration aor="sip:${aor}@home1.net" id="${aor}" state="${state}">` +
          `<contact id="c${aor}" state="${state}" event="${contact}"><uri>sip:${ue}:1357;comp=sigcomp</uri></contact>` +
          '</registration>',
      ),
      '</reginfo>',
    ].join('')
  const notify = (subscribe: SipRequest, number: number, state: string, body: string) => `
    NOTIFY sip:pcscf1.visited1.net SIP/2.0
    Via: SIP/2.0/UDP scscf1.home1.net;branch=z9hG4bKn${number}
    Max-Forwards: 70
    From: <sip:user1_public1@home1.net>;tag=n
    To: ${field(subscribe, 'From')}
    Call-ID: ${field(subscribe, 'Call-ID')}
    CSeq: ${number} NOTIFY
    Event: reg
    Subscription-State: ${state}
    Contact: <sip:scscf1.home1.net>
    Content-Type: application/reginfo+xml

${body}`

  it('in its own name, by the entry point of the home network, and longer than the registration lasts', () => {
    const [, subscribe] = watched()
    expect(subscribe.uri).toBe('sip:user1_public1@home1.net')
    expect(field(subscribe, 'P-Asserted-Identity')).toBe('<sip:pcscf1.visited1.net>')
    expect(Number(field(subscribe, 'Expires'))).toBeGreaterThan(600000)
    expect(names(subscribe)).toContain('P-Charging-Vector')
  })
  it('vouches for no identity whose registration is over', () => {
    const [one, subscribe] = watched()
    const body = reginfo(0, 'active', 'registered', ['user1_public1'])
    expect(theResponse(one.receive(notify(subscribe, 1, 'active;expires=9', body), 'scscf1.home1.net')).status).toBe(
      200,
    )
    expect(field(theRequest(one.receive(publish, ue)), 'P-Asserted-Identity')).toBe('<sip:user1_public1@home1.net>')
  })
  it('forgets a UE whose contact the network has ended', () => {
    const [one, subscribe] = watched()
    const body = reginfo(0, 'terminated', 'rejected')
    one.receive(notify(subscribe, 1, 'terminated;reason=noresource', body), 'scscf1.home1.net')
    expect(theResponse(one.receive(publish, ue)).status).toBe(403)
    expect(one.state<ProxyCscf>().access!.subscriptions.size).toBe(0)
  })
  it('answers a NOTIFY that is none of its subscriptions 481', () => {
    const [one, subscribe] = watched()
    const other = notify(subscribe, 1, 'active', '').replace(/Call-ID: .*/, 'Call-ID: other')
    expect(theResponse(one.receive(other, 'scscf1.home1.net')).status).toBe(481)
  })
  it('asks for the full state when it has missed a document', () => {
    const [one, subscribe] = watched()
    const gap = reginfo(3, 'active', 'refreshed').replace('state="full"', 'state="partial"')
    const sent = one.receive(notify(subscribe, 1, 'active;expires=900', gap), 'scscf1.home1.net')
    const again = theRequest(sent, 'SUBSCRIBE')
    expect(field(again, 'To')).toContain('tag=n')
    expect(field(again, 'Contact')).toBe('<sip:pcscf1.visited1.net>')
  })
})
