import { describe, expect, it } from 'vitest'
import type { ProxyCscfSettings } from '../../src/ims/p-cscf/p-cscf.ts'
import type { ServingCscfSettings } from '../../src/ims/s-cscf/s-cscf.ts'
import { nameAddr, radioLeg } from '../../src/ims/ue/ue.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, names, theRequest, theResponse } from '../ims/alone.ts'
import { type Otherwise, Registering, requestsOf, responsesOf } from '../ims/registering.ts'

const ue = '[5555::1]'
const scscf = 'scscf1.home1.net'
const pcscf = 'pcscf1.home1.net'
const own = 'sip:user1_public1@home1.net'

const proxySettings: ProxyCscfSettings = {
  hosts: [pcscf],
  ueLeg: radioLeg(7531, {}),
  registered: {
    [ue]: {
      identities: [own, 'sip:user1_public2@home1.net', 'tel:+12125551111'],
      serviceRoute: [nameAddr(`sip:orig@${scscf};lr`)],
      security: [],
    },
  },
  chargingIds: ['icid-1'],
}
const proxy = () => new Alone('p-cscf', pcscf, proxySettings)

/** What only the network may say, each with a value that somebody might make up. */
const claims = {
  'P-Visited-Network-ID': '"home9.net"',
  'P-Charging-Vector': 'icid-value="made up";orig-ioi=home9.net',
  'P-Charging-Function-Addresses': 'ccf=[5555::9]',
  'P-Asserted-Service': 'urn:urn-7:3gpp-service.ims.icsi.mmtel',
  'P-Served-User': '<sip:user9_public1@home9.net>;sescase=orig;regstate=reg',
  'P-Profile-Key': '<sip:service-!.*!@home9.net>',
  'P-User-Database': '<aaa://hss.home9.net;transport=tcp>',
  'P-Private-Network-Indication': 'home9.net',
  'Relayed-Charge': 'ccf=[5555::9]',
  'Restoration-Info': '"made up"',
}
const ofAccess = {
  'P-Access-Network-Info': '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11',
  'Cellular-Network-Info': '3GPP-E-UTRAN-FDD; utran-cell-id-3gpp=234151D0FCE11',
}
const asserted = { 'P-Asserted-Identity': '<sip:user9_public1@home9.net>' }

const ofUe = `
  SUBSCRIBE sip:user2_public1@home2.net SIP/2.0
  Via: SIP/2.0/UDP ${ue}:1357;branch=z9hG4bK1
  Max-Forwards: 70
  Route: <sip:${pcscf}:7531;lr>, <sip:orig@${scscf};lr>
  From: <${own}>;tag=1
  To: <sip:user2_public1@home2.net>
  Call-ID: a
  CSeq: 1 SUBSCRIBE
  Event: presence
  Expires: 7200
  Contact: <sip:${ue}:1357>
`
const ofNetwork = edited(ofUe, {
  Via: `SIP/2.0/UDP ${scscf};branch=z9hG4bK2`,
  Route: `<sip:term@${pcscf};lr>`,
  'P-Called-Party-ID': '<sip:user1_public2@home1.net>',
  Contact: '<sip:ps.home2.net>',
}).replace('SUBSCRIBE sip:user2_public1@home2.net', `SUBSCRIBE sip:${ue}:1357`)

/** Which of these header fields a message has. */
const among = (message: SipMessage, fields: object): string[] =>
  Object.keys(fields).filter((name) => field(message, name) !== undefined)

describe('TS 24.229 §5.2.6.3: what the P-CSCF believes of a UE', () => {
  it('TS 24.229 §5.2.6.3.3: what only the network may say is removed from a UE request', () => {
    const request = theRequest(proxy().receive(edited(ofUe, { ...claims, ...asserted }), ue))
    expect(among(request, claims)).toEqual(['P-Charging-Vector'])
    expect(field(request, 'P-Charging-Vector')).toBe('icid-value="icid-1"')
    expect(field(request, 'P-Asserted-Identity')).toBe(`<${own}>`)
  })

  it('TS 24.229 §5.2.6.3.3: also within a dialog, where no identity takes the place of the one made up', () => {
    const within = edited(ofUe, { ...claims, ...asserted, To: '<sip:user2_public1@home2.net>;tag=2' })
    const request = theRequest(proxy().receive(within, ue))
    expect(among(request, { ...claims, ...asserted })).toEqual(['P-Charging-Vector'])
    expect(field(request, 'P-Charging-Vector')).toBe('icid-value="icid-1"')
  })

  it('RFC 3325 §5: of a called or registered user, which only registrars and S-CSCFs tell, it hears nothing', () => {
    const told = { 'P-Called-Party-ID': `<${own}>`, 'P-Associated-URI': `<${own}>` }
    expect(among(theRequest(proxy().receive(edited(ofUe, told), ue)), told)).toEqual([])
  })

  it('TS 24.229 §4.4.3: what the UE says of its own access goes on, unless it says that the network says so', () => {
    expect(among(theRequest(proxy().receive(edited(ofUe, ofAccess), ue)), ofAccess)).toEqual(Object.keys(ofAccess))
    const claimed = edited(ofUe, { 'P-Access-Network-Info': '3GPP-UTRAN-TDD;network-provided' })
    expect(among(theRequest(proxy().receive(claimed, ue)), ofAccess)).toEqual([])
  })

  it.each([
    ['registered', '<sip:user1_public2@home1.net>', '<sip:user1_public2@home1.net>'],
    ['registered, as a tel URI', '<tel:+1-212-555-1111>', '<tel:+12125551111>'],
    ['not registered', '<sip:user9_public1@home9.net>', `<${own}>`],
    ['one that is not and one that is', '<sip:x@home9.net>, <tel:+12125551111>', '<tel:+12125551111>'],
    ['none', undefined, `<${own}>`],
  ])('TS 24.229 §5.2.6.3.2: preferred is an identity that is %s', (_case, preferred, expected) => {
    const request = theRequest(proxy().receive(edited(ofUe, { 'P-Preferred-Identity': preferred }), ue))
    expect(field(request, 'P-Asserted-Identity')).toBe(expected)
    expect(names(request)).not.toContain('P-Preferred-Identity')
  })

  it('TS 24.229 §5.2.6.3.3: the P-CSCF gives a request its charging identifier, each another', () => {
    const cscf = proxy()
    const one = theRequest(cscf.receive(ofUe, ue))
    const other = theRequest(cscf.receive(edited(ofUe, { 'Call-ID': 'b' }).replace('z9hG4bK1', 'z9hG4bK9'), ue))
    expect(field(one, 'P-Charging-Vector')).toBe('icid-value="icid-1"')
    expect(field(other, 'P-Charging-Vector')).toMatch(/^icid-value="[^"]+"$/)
    expect(field(other, 'P-Charging-Vector')).not.toBe(field(one, 'P-Charging-Vector'))
  })
})

describe('TS 24.229 §5.2.6.4: what the P-CSCF tells a UE, and believes of its answers', () => {
  it('TS 24.229 §5.2.6.4.3: what the network says to itself is not told to a UE', () => {
    const request = theRequest(proxy().receive(edited(ofNetwork, { ...claims, ...ofAccess, ...asserted }), scscf))
    expect(among(request, { ...claims, ...ofAccess })).toEqual([])
    expect(field(request, 'P-Called-Party-ID')).toBe('<sip:user1_public2@home1.net>')
    expect(field(request, 'P-Asserted-Identity')).toBe('<sip:user9_public1@home9.net>')
  })

  it.each([
    ['id', false],
    ['header;id', false],
    ['none', true],
    ['user', true],
  ])('RFC 3325 §7: with Privacy %s the asserted identity is shown to the UE: %s', (privacy, isShown) => {
    const request = theRequest(proxy().receive(edited(ofNetwork, { ...asserted, Privacy: privacy }), scscf))
    expect(among(request, asserted).length === 1).toBe(isShown)
  })

  it('RFC 3325 §7: in an answer too', () => {
    const cscf = proxy()
    const request = theRequest(cscf.receive(ofUe, ue))
    const answer = answerTo(request, '200 OK', { ...asserted, ...claims, Privacy: 'id', Contact: '<sip:ps.home2.net>' })
    expect(among(theResponse(cscf.receive(answer, scscf)), { ...asserted, ...claims })).toEqual([])
  })

  it('TS 24.229 §5.2.6.4.4: in the answer of a UE the P-CSCF vouches for the identity that was called', () => {
    const answered = (status: string, more: object = {}, request = ofNetwork) => {
      const cscf = proxy()
      const forwarded = theRequest(cscf.receive(request, scscf))
      return theResponse(cscf.receive(answerTo(forwarded, status, { ...more }), ue))
    }
    const preferred = { 'P-Preferred-Identity': `<${own}>`, ...asserted }
    const response = answered('200 OK', preferred)
    expect(field(response, 'P-Asserted-Identity')).toBe('<sip:user1_public2@home1.net>')
    expect(names(response)).not.toContain('P-Preferred-Identity')
    expect(names(answered('404 Not Found', preferred))).not.toContain('P-Asserted-Identity')
    const within = edited(ofNetwork, { To: `<${own}>;tag=2` })
    expect(names(answered('200 OK', preferred, within))).not.toContain('P-Asserted-Identity')
  })
})

const servingSettings: ServingCscfSettings = {
  host: scscf,
  network: 'home1.net',
  users: [
    {
      identity: own,
      criteria: [
        {
          priority: 0,
          conditionType: 'CNF',
          groups: [[{ kind: 'method', method: 'PUBLISH', negated: false }]],
          serverName: 'sip:as.elsewhere.net',
          defaultHandling: 'continue',
        },
      ],
      contact: { uri: `sip:${ue}:1357`, path: [nameAddr(`sip:term@${pcscf};lr`)] },
    },
  ],
  recordRoute: { originating: true, terminating: false },
  domains: { 'home2.net': 'icscf.home2.net', 'home9.net': 'icscf.home9.net' },
  untrusted: ['home9.net', 'elsewhere.net'],
}
const serving = () => new Alone('s-cscf', scscf, servingSettings)
const { 'P-Served-User': _, ...ofNetworks } = claims
const ofProxy = edited(ofUe, {
  ...ofNetworks,
  ...ofAccess,
  Via: `SIP/2.0/UDP ${pcscf};branch=z9hG4bK3`,
  Route: `<sip:orig@${scscf};lr>`,
  'P-Asserted-Identity': `<${own}>`,
})
const toNetwork = (network: string, more: Record<string, string> = {}) =>
  theRequest(serving().receive(edited(ofProxy, more).replaceAll('home2.net', network), pcscf))

describe('TS 24.229 §4.4: where the trust domain ends', () => {
  it('TS 24.229 §4.4.1: what is said inside the trust domain is not told outside', () => {
    expect(among(toNetwork('home9.net'), { ...claims, ...ofAccess })).toEqual([])
    const inside = among(toNetwork('home2.net'), { ...claims, ...ofAccess })
    expect(inside).toContain('P-Charging-Vector')
    expect(inside).toContain('P-Asserted-Service')
  })

  it('TS 24.229 §5.4.3.2: access and charging details do not leave the network, though the other one is trusted', () => {
    const details = ['P-Access-Network-Info', 'P-Charging-Function-Addresses']
    expect(names(toNetwork('home2.net'))).not.toEqual(expect.arrayContaining(details))
    for (const name of details) expect(names(toNetwork('home2.net'))).not.toContain(name)
  })

  it.each([
    ['home9.net', 'id', false],
    ['home9.net', 'none', true],
    ['home9.net', undefined, true],
    ['home2.net', 'id', true],
  ])('RFC 3325 §7: the asserted identity goes to %s with Privacy %s: %s', (network, privacy, isTold) => {
    const request = toNetwork(network, privacy === undefined ? {} : { Privacy: privacy })
    expect(names(request).includes('P-Asserted-Identity')).toBe(isTold)
  })

  it('TS 24.229 §4.4.1: an application server outside is told no more, and not believed in its answer', () => {
    const cscf = serving()
    const publish = edited(ofProxy, { CSeq: '1 PUBLISH', Contact: undefined }).replace('SUBSCRIBE', 'PUBLISH')
    const request = theRequest(cscf.receive(publish, pcscf))
    expect(field(request, 'Route')).toMatch(/^<sip:as\.elsewhere\.net;lr>/)
    expect(among(request, { ...claims, ...ofAccess })).toEqual([])
    const answer = answerTo(request, '200 OK', { ...claims, ...asserted })
    expect(among(theResponse(cscf.receive(answer, 'as.elsewhere.net')), { ...claims, ...asserted })).toEqual([])
  })

  it('TS 24.229 §5.3.2.1: what comes from outside the trust domain is not believed', () => {
    const settings = { host: 'icscf.home1.net', hss: 'hss.home1.net', untrusted: ['home9.net'] }
    const passed = (from: string) => {
      const cscf = new Alone('i-cscf', 'icscf.home1.net', settings)
      const text = edited(ofUe, { ...claims, ...ofAccess, ...asserted, Route: undefined, Via: `SIP/2.0/UDP ${from}` })
      const [query] = cscf.receive(text.replace(`UDP ${from}`, `UDP ${from};branch=z9hG4bK4`), from)
      const { session } = query!.message as { session: string }
      const avps = { 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': `sip:${scscf}` }
      return theRequest(
        cscf.receive({ protocol: 'cx', kind: 'answer', command: 'LIA', session, avps }, 'hss.home1.net'),
      )
    }
    expect(among(passed('scscf.home9.net'), { ...claims, ...ofAccess, ...asserted })).toEqual([])
    expect(among(passed('scscf.home2.net'), asserted)).toEqual(['P-Asserted-Identity'])
  })

  it('TS 24.229 §5.4.3.2: a served user whose name comes from outside is not believed to be her', () => {
    const outside = { Via: 'SIP/2.0/UDP as.elsewhere.net;branch=z9hG4bK5' }
    expect(theResponse(serving().receive(edited(ofProxy, outside), 'as.elsewhere.net')).status).toBe(403)
    expect(theRequest(serving().receive(ofProxy, pcscf)).uri).toBe('sip:user2_public1@home2.net')
  })
})

describe('TS 24.229 §5.4.3.2: in whose name nothing is sent', () => {
  it('TS 24.229 §5.4.3.2: a request in the name of a barred identity is answered 403', () => {
    const users = [{ ...servingSettings.users[0]!, isBarred: true }]
    const cscf = new Alone('s-cscf', scscf, { ...servingSettings, users })
    expect(theResponse(cscf.receive(ofProxy, pcscf)).status).toBe(403)
  })
})

describe('TS 24.229 §4.5: charging', () => {
  const server = { role: 'application-server', network: 'home1.net', host: 'as1.home1.net', subscribes: false }
  const visited = {
    UE: { network: 'visited1.net' },
    'P-CSCF': { network: 'visited1.net', host: 'pcscf1.visited1.net' },
  }
  const ccf = '[5555::b99:c88:d77:e66]'
  const registered = (otherwise: Otherwise) => {
    const home = new Registering(otherwise)
    home.do({ do: 'register', node: 'UE' })
    return home
  }
  const user = { subscription: { charging: [ccf] } }
  const okay = (home: Registering, from: string) =>
    responsesOf(home.passed, from, 'REGISTER').find(({ status }) => status === 200)!

  it('TS 24.229 §5.4.1.2.2F: a P-CSCF of the network is told where to charge, one of another network is not', () => {
    const addresses = 'P-Charging-Function-Addresses'
    const home = registered({ user })
    expect(field(okay(home, 'S-CSCF'), addresses)).toBe(`ccf=${ccf}`)
    expect(names(okay(home, 'P-CSCF'))).not.toContain(addresses)
    expect(names(okay(registered({ user, nodes: visited }), 'S-CSCF'))).not.toContain(addresses)
  })

  it('TS 24.229 §5.4.1.7: an application server is told where to charge', () => {
    const criteria = [{ priority: 0, groups: [[{ method: 'REGISTER' }]], server: 'sip:as1.home1.net' }]
    const home = registered({ user: { ...user, criteria }, nodes: { AS: server } })
    const [told] = requestsOf(home.passed, 'S-CSCF', 'REGISTER')
    expect(field(told!, 'P-Charging-Function-Addresses')).toBe(`ccf=${ccf}`)
    const [other] = requestsOf(registered({ user: { criteria }, nodes: { AS: server } }).passed, 'S-CSCF', 'REGISTER')
    expect(names(other!)).not.toContain('P-Charging-Function-Addresses')
  })

  it('TS 24.229 §5.4.1.7: the charging identifier is that of the REGISTER of the user, the network that of the S-CSCF', () => {
    const criteria = [{ priority: 0, groups: [[{ method: 'REGISTER' }]], server: 'sip:as1.home1.net' }]
    const home = registered({ user: { criteria }, nodes: { AS: server, ...visited } })
    const [, second] = requestsOf(home.passed, 'P-CSCF', 'REGISTER')
    const vector = field(second!, 'P-Charging-Vector')!
    expect(vector).toMatch(/^icid-value="[^"]+";orig-ioi=visited1\.net$/)
    const [told] = requestsOf(home.passed, 'S-CSCF', 'REGISTER')
    expect(field(told!, 'P-Charging-Vector')).toBe(vector.replace('orig-ioi=visited1.net', 'orig-ioi=home1.net'))
  })

  it('TS 24.229 §5.4.2.1.2: each NOTIFY of a registration has a charging identifier and names the network', () => {
    const subscribing = { UE: { registration: { subscribes: true } } }
    const home = registered({ nodes: subscribing })
    home.pass(5)
    home.do({ do: 'register', node: 'UE' }, 10)
    const vectors = requestsOf(home.passed, 'S-CSCF', 'NOTIFY').map((notify) => field(notify, 'P-Charging-Vector'))
    expect(vectors.length).toBeGreaterThan(1)
    for (const vector of vectors) expect(vector).toMatch(/^icid-value="[^"]+";orig-ioi=home1\.net$/)
    expect(new Set(vectors).size).toBe(vectors.length)
    for (const notify of requestsOf(home.passed, 'P-CSCF', 'NOTIFY'))
      expect(names(notify)).not.toContain('P-Charging-Vector')
  })

  it('TS 24.229 §5.4.3.2: the nodes of the network are told where to charge, and the answer names term-ioi', () => {
    const criteria = [{ priority: 0, groups: [[{ method: 'PUBLISH' }]], server: 'sip:ps.home1.net' }]
    const nodes = { PS: { role: 'presence-server', network: 'home1.net', host: 'ps.home1.net' } }
    const home = registered({ user: { ...user, criteria }, nodes })
    home.do({ do: 'publish', node: 'UE', attributes: { means: [{ id: 'im' }] } } as never)
    const [request] = requestsOf(home.passed, 'S-CSCF', 'PUBLISH')
    expect(field(request!, 'P-Charging-Function-Addresses')).toBe(`ccf=${ccf}`)
    const of = (from: string) => responsesOf(home.passed, from, 'PUBLISH')[0]!
    expect(field(of('S-CSCF'), 'P-Charging-Function-Addresses')).toBe(`ccf=${ccf}`)
    expect(names(of('P-CSCF')).filter((name) => name.startsWith('P-Charging'))).toEqual([])
  })

  it('TS 24.229 §5.7.2: the answer of an application server names its network in term-ioi, also if it refuses', () => {
    const criteria = [{ priority: 0, groups: [[{ method: 'PUBLISH' }]], server: 'sip:ps.home1.net' }]
    const nodes = { PS: { role: 'presence-server', network: 'home1.net', host: 'ps.home1.net' } }
    const home = registered({ user: { criteria }, nodes })
    home.do({ do: 'publish', node: 'UE', attributes: { means: [{ id: 'im' }] } } as never)
    const [request] = requestsOf(home.passed, 'S-CSCF', 'PUBLISH')
    const vector = field(request!, 'P-Charging-Vector')
    expect(vector).toMatch(/^icid-value="[^"]+";orig-ioi=home1\.net$/)
    const [answer] = responsesOf(home.passed, 'PS', 'PUBLISH')
    expect(field(answer!, 'P-Charging-Vector')).toBe(`${vector};term-ioi=home1.net`)
  })

  it('TS 24.229 §5.2.2.1, §5.4.1.2.2F: in a registration orig-ioi is the network of the UE, term-ioi its home', () => {
    const home = registered({ user, nodes: visited })
    const [request] = requestsOf(home.passed, 'P-CSCF', 'REGISTER')
    const vector = field(request!, 'P-Charging-Vector')
    expect(vector).toMatch(/^icid-value="[^"]+";orig-ioi=visited1\.net$/)
    const [, second] = requestsOf(home.passed, 'P-CSCF', 'REGISTER')
    expect(field(okay(home, 'S-CSCF'), 'P-Charging-Vector')).toBe(
      `${field(second!, 'P-Charging-Vector')};term-ioi=home1.net`,
    )
    expect(names(okay(home, 'P-CSCF'))).not.toContain('P-Charging-Vector')
  })
})
