import { describe, expect, it } from 'vitest'
import { nameAddr, radioLeg } from '../../src/ims/ue/ue.ts'
import { headerValue, type SipResponse } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, names, type Sent, theRequest, theResponse } from './alone.ts'

const scscf = 'scscf1.home1.net'
const pcscf = 'pcscf1.home1.net'
const icscf = 'icscf1.home1.net'
const host = '[5555::1]'
const identity = 'sip:user1@home1.net'

const ue = () =>
  new Alone('ue', host, {
    identity,
    leg: radioLeg(1357, {}),
    route: [nameAddr(`sip:${pcscf};lr`)],
    contact: nameAddr(`sip:${host}:1357`),
    accessNetwork: headerValue('pAccessNetworkInfo', '3GPP-UTRAN-TDD')!,
    privacy: ['none'],
    security: [],
    callIds: [],
    tags: [],
    firstSequence: 1,
    roles: { pua: { publishGap: 0 } },
  })
const server = () =>
  new Alone('application-server', 'as1.home1.net', {
    identity: 'sip:as1.home1.net',
    network: 'home1.net',
    tags: [],
    chargingIds: [],
    firstSequence: 1,
    roles: { registrationListener: { subscribes: false } },
  })
const endpoints = { 'a UE': ue, 'an application server': server } as const

let branch = 0
const asking = (method: string, to: string, more: Record<string, string | undefined> = {}) =>
  edited(
    `
  ${method} ${to} SIP/2.0
  Via: SIP/2.0/UDP peer.home1.net;branch=z9hG4bKm${++branch}
  Max-Forwards: 60
  P-Asserted-Identity: <sip:user2@home1.net>
  P-Charging-Vector: icid-value="1"
  From: <sip:user2@home1.net>;tag=1
  To: <${to}>
  Call-ID: c${branch}
  CSeq: 1 ${method}
  Contact: <sip:peer.home1.net>
`,
    more,
  )

describe.each(['a UE', 'an application server'] as const)('RFC 3261 §8.2.1: what %s does not serve', (what) => {
  const to = what === 'a UE' ? `sip:${host}:1357` : 'sip:as1.home1.net'
  const answered = (method: string): readonly Sent[] =>
    endpoints[what]()
      .receive(asking(method, to), 'peer.home1.net')
      .filter(({ message }) => message.protocol === 'sip' && message.kind === 'response' && message.status !== 100)

  it.each(['INVITE', 'PRACK', 'UPDATE', 'INFO', 'REFER', 'MESSAGE'])(
    'RFC 3261 §8.2.1: %s is answered 405, and Allow says what is served',
    (method) => {
      const response = theResponse(answered(method))
      expect(response.status).toBe(405)
      expect(response.headers.allow).toEqual(expect.arrayContaining(['NOTIFY', 'OPTIONS']))
      expect(response.headers.allow).not.toContain(method)
    },
  )

  it('RFC 3261 §15.1.2, §9.2: BYE and CANCEL of what is not there are answered 481, ACK not at all', () => {
    expect(theResponse(answered('BYE')).status).toBe(481)
    expect(theResponse(answered('CANCEL')).status).toBe(481)
    expect(answered('ACK')).toEqual([])
  })

  it('RFC 3261 §21.5.2: a method that is not known is answered 501', () => {
    expect(theResponse(answered('DANCE')).status).toBe(501)
  })

  it('RFC 3261 §11.2: an OPTIONS is answered 200 with the methods and extensions that are served', () => {
    const response = theResponse(answered('OPTIONS'))
    expect(response.status).toBe(200)
    const methods = { 'a UE': ['NOTIFY', 'OPTIONS'], 'an application server': ['REGISTER', 'NOTIFY', 'OPTIONS'] }
    expect(response.headers.allow).toEqual(methods[what])
    expect(field(response, 'Supported')).toBe(what === 'a UE' ? 'eventlist' : '')
    // TS 24.229 §5.1.2A.2.1, §5.7.2: it is an answer like any other.
    expect(names(response)).toContain(what === 'a UE' ? 'P-Access-Network-Info' : 'P-Charging-Vector')
  })
})

describe('RFC 3261 §16.3: a CSCF forwards what it need not understand', () => {
  const all = ['INVITE', 'OPTIONS', 'INFO', 'MESSAGE', 'REFER', 'UPDATE', 'DANCE']
  const serving = () =>
    new Alone('s-cscf', scscf, {
      host: scscf,
      network: 'home1.net',
      users: [
        { identity, criteria: [], contact: { uri: `sip:${host}:1357`, path: [nameAddr(`sip:term@${pcscf};lr`)] } },
      ],
      recordRoute: { originating: true, terminating: true },
      domains: { 'home2.net': 'icscf2.home2.net' },
    })
  const proxy = () =>
    new Alone('p-cscf', pcscf, {
      hosts: [pcscf],
      ueLeg: radioLeg(7531, {}),
      registered: {
        [host]: { identities: [identity], serviceRoute: [nameAddr(`sip:orig@${scscf};lr`)], security: [] },
      },
      chargingIds: [],
    })

  it.each(all)(
    'RFC 3261 §16.3: %s from the UE through P-CSCF and S-CSCF to another network, and back to it',
    (method) => {
      const uri = 'sip:user2@home2.net'
      const route = {
        Route: `<sip:${pcscf};lr>, <sip:orig@${scscf};lr>`,
        Via: `SIP/2.0/UDP ${host}:1357;branch=z9hG4bK1`,
      }
      const first = theRequest(proxy().receive(asking(method, uri, route), host), method)
      expect(field(first, 'Route')).toBe(`<sip:orig@${scscf};lr>`)
      const own = {
        Route: `<sip:orig@${scscf};lr>`,
        Via: `SIP/2.0/UDP ${pcscf};branch=z9hG4bK2`,
        'P-Asserted-Identity': `<${identity}>`,
      }
      const home = serving()
      const second = theRequest(home.receive(asking(method, uri, own), pcscf), method)
      expect(second.uri).toBe(uri)
      // RFC 3261 §12.1: a proxy stays on the path of what makes a dialog.
      expect(names(second).includes('Record-Route')).toBe(method === 'INVITE' || method === 'REFER')
      const [back] = home
        .receive(answerTo(second, '606 Not Acceptable'), 'icscf2.home2.net')
        .filter(({ message }) => message.protocol === 'sip' && message.kind === 'response')
      expect([back!.to, (back!.message as SipResponse).status]).toEqual([pcscf, 606])
    },
  )

  it.each(all)('RFC 3261 §16.3: %s for the UE through S-CSCF and P-CSCF', (method) => {
    const request = theRequest(
      serving().receive(asking(method, identity, { Route: `<sip:${scscf};lr>` }), icscf),
      method,
    )
    expect([request.uri, field(request, 'Route')]).toEqual([`sip:${host}:1357`, `<sip:term@${pcscf};lr>`])
    const last = theRequest(
      proxy().receive(asking(method, request.uri, { Route: `<sip:term@${pcscf};lr>` }), scscf),
      method,
    )
    expect(names(last)).not.toContain('Route')
  })
})
