import { describe, expect, it } from 'vitest'
import { parseMultipart } from '../../src/documents/index.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message.ts'
import { parse } from '../../src/sip/parse.ts'
import { field, names } from './alone.ts'
import { commandsOver, identity, ladder, type Otherwise, Registering, requestsOf, responsesOf } from './registering.ts'

const listener = (host: string, subscribes = false) => ({
  role: 'application-server',
  network: 'home1.net',
  host,
  subscribes,
})
const server = 'sip:as1.home1.net'
const told = (more: object = {}, trigger: object = {}) => [
  { priority: 0, groups: [[{ method: 'REGISTER', ...trigger }]], server, ...more },
]

function registered(otherwise: Otherwise, lasts = 5): Registering {
  const home = new Registering(otherwise)
  home.do({ do: 'register', node: 'UE' }, lasts)
  return home
}

describe('TS 24.229 §5.4.1.7: application servers are told of a registration', () => {
  const nodes = { AS: listener('as1.home1.net'), 'AS#2': listener('as2.home1.net') }

  it('each whose criterion matches, in the order of their priorities', () => {
    const criteria = [
      { priority: 2, groups: [[{ method: 'REGISTER' }]], server: 'sip:as2.home1.net' },
      { priority: 1, groups: [[{ method: 'REGISTER' }]], server },
      { priority: 0, groups: [[{ method: 'PUBLISH' }]], server: 'sip:as3.home1.net' },
    ]
    const home = registered({ nodes, user: { criteria } })
    const own = requestsOf(home.passed, 'S-CSCF', 'REGISTER')
    expect(own.map(({ uri }) => uri)).toEqual([server, 'sip:as2.home1.net'])
    expect(new Set(own.map((request) => field(request, 'Call-ID'))).size).toBe(2)
  })

  it('after the user has got her answer', () => {
    const lines = ladder(registered({ nodes, user: { criteria: told() } }).passed)
    expect(lines.indexOf('S-CSCF -> AS : REGISTER')).toBeGreaterThan(lines.indexOf('S-CSCF -> I-CSCF : 200 (REGISTER)'))
  })

  it('in the name of an identity that is not barred', () => {
    const identities = [identity, 'sip:user1_public2@home1.net']
    const subscription = { barred: [identity] }
    const home = registered({ nodes, user: { identities, subscription, criteria: told() } })
    const [request] = requestsOf(home.passed, 'S-CSCF', 'REGISTER')
    expect(field(request!, 'To')).toBe('<sip:user1_public2@home1.net>')
  })

  it('with what the profile has for the server as body (§7.6)', () => {
    const criteria = told({ serviceInfo: 'key <1> & "more"' })
    const [request] = requestsOf(registered({ nodes, user: { criteria } }).passed, 'S-CSCF', 'REGISTER')
    expect(field(request!, 'Content-Type')).toBe('application/3gpp-ims+xml')
    expect(request!.body).toContain('<ims-3gpp version="1"><service-info>key &lt;1')
    const [plain] = requestsOf(registered({ nodes, user: { criteria: told() } }).passed, 'S-CSCF', 'REGISTER')
    expect([plain!.body, names(plain!).includes('Content-Type')]).toEqual(['', false])
  })

  it('TS 24.229 §5.4.1.7: with the REGISTER of the user as body where the criterion says so (TS 29.228 Annex B.2.2)', () => {
    const criteria = told({ include: ['request'] })
    const home = registered({ nodes, user: { criteria } })
    home.do({ do: 'deregister', node: 'UE' })
    const own = requestsOf(home.passed, 'S-CSCF', 'REGISTER')
    const users = requestsOf(home.passed, 'I-CSCF', 'REGISTER').slice(1)
    expect(own.map((request) => field(request, 'Content-Type'))).toEqual(['message/sip', 'message/sip'])
    for (const [i, request] of own.entries()) {
      const told = parse(String(request.body))
      expect(told).toMatchObject({ kind: 'request', method: 'REGISTER', uri: users[i]!.uri })
      expect((told as SipRequest).headers.text('cseq')).toBe(users[i]!.headers.text('cseq'))
      expect((told as SipRequest).headers.text('path')).toBe('<sip:term@pcscf1.home1.net;lr>')
    }
  })

  it('TS 24.229 §5.4.1.7: with the 200 to it too, and all that there is in parts', () => {
    const criteria = told({ include: ['request', 'response'], serviceInfo: 'gold' })
    const home = registered({ nodes, user: { criteria } })
    const [request] = requestsOf(home.passed, 'S-CSCF', 'REGISTER')
    const multipart = parseMultipart(field(request!, 'Content-Type')!, request!.body)
    if (multipart.kind !== 'multipart') throw new Error(multipart.reason)
    expect(multipart.subtype).toBe('mixed')
    expect(multipart.parts.map(({ contentType }) => contentType)).toEqual([
      'application/3gpp-ims+xml',
      'message/sip',
      'message/sip',
    ])
    expect(multipart.parts[0]!.body).toContain('<service-info>gold</service-info>')
    const [, register, okay] = multipart.parts.map(({ body }) => parse(String(body)))
    expect(register).toMatchObject({ kind: 'request', method: 'REGISTER' })
    expect(okay).toMatchObject({ kind: 'response', status: 200 })
    expect((okay as SipResponse).headers.serviceRoute).toMatchObject([{ uri: 'sip:orig@scscf1.home1.net;lr' }])
  })

  it('TS 24.229 §5.4.1.7: what the network ends by itself comes without a body: nobody has asked for it', () => {
    const home = registered({ nodes, user: { criteria: told({ include: ['request', 'response'] }) } })
    home.do({ do: 'deregister', node: 'S-CSCF', user: 'user1' })
    const last = requestsOf(home.passed, 'S-CSCF', 'REGISTER').at(-1)!
    expect([field(last, 'Expires'), last.body]).toEqual(['0', ''])
  })

  it('again at each refresh, in the same call, and at the end with a duration of zero', () => {
    const home = registered({ nodes, user: { criteria: told() } })
    home.do({ do: 'register', node: 'UE' })
    home.do({ do: 'deregister', node: 'UE' })
    const own = requestsOf(home.passed, 'S-CSCF', 'REGISTER')
    expect(own.map((request) => field(request, 'Expires'))).toEqual(['600000', '600000', '0'])
    expect(own.map((request) => field(request, 'CSeq'))).toEqual(['1 REGISTER', '2 REGISTER', '3 REGISTER'])
    expect(new Set(own.map((request) => field(request, 'Call-ID'))).size).toBe(1)
    expect(responsesOf(home.passed, 'AS', 'REGISTER').map(({ status }) => status)).toEqual([200, 200, 200])
    expect(
      home.stateOf<{ roles: { registrationListener: { users: Map<string, unknown> } } }>('AS').roles,
    ).toMatchObject({ registrationListener: { users: new Map() } })
  })

  it.each([
    ['initial', ['600000']],
    ['re-registration', ['600000']],
    ['de-registration', ['0']],
  ] as const)('TS 29.228 Annex B.2.3: with the registration type %s only of that', (type, expires) => {
    const home = registered({ nodes, user: { criteria: told({}, { registrations: [type] }) } })
    const first = requestsOf(home.passed, 'S-CSCF', 'REGISTER').length
    expect(first).toBe(type === 'initial' ? 1 : 0)
    home.do({ do: 'register', node: 'UE' })
    home.do({ do: 'deregister', node: 'UE' })
    const own = requestsOf(home.passed, 'S-CSCF', 'REGISTER')
    expect(own.map((request) => field(request, 'Expires'))).toEqual(expires)
  })
})

describe('TS 24.229 §5.4.1.7: an application server that does not take the registration', () => {
  // The presence server does not serve REGISTER.
  const refusing = { AS: { role: 'presence-server', network: 'home1.net', host: 'as1.home1.net' } }

  it.each([
    ['continue', 'registered'],
    ['terminate', 'not registered'],
  ] as const)('and refuses it: with the default handling %s the user is %s', (handling, state) => {
    const watching = { registration: { subscribes: true } }
    const nodes = { ...refusing, UE: watching }
    // The server takes its time, so that the UE watches its registration when it ends.
    const links = [{ between: ['S-CSCF', 'AS'], latency: '1 s' }]
    const home = registered({ nodes, links, user: { criteria: told({ default: handling }) } }, 20)
    expect(responsesOf(home.passed, 'AS', 'REGISTER')[0]!.status).toBe(405)
    expect(home.serving.registrar!.sets.size).toBe(state === 'registered' ? 1 : 0)
    expect(home.registration.state).toBe(state)
    const outcome = state === 'registered' ? 'nothing changes' : 'the registration is ended'
    expect(home.decisions).toContainEqual(
      expect.objectContaining({ node: 'S-CSCF', outcome, facts: { server: 'sip:as1.home1.net', because: 405 } }),
    )
    if (state === 'registered') return
    expect(home.registration.failure).toBe('rejected')
    expect(commandsOver(home.passed, 'SAR').at(-1)!.avps['Server-Assignment-Type']).toBe(
      'ADMINISTRATIVE_DEREGISTRATION',
    )
  })

  it('and does not answer: the same, when the transaction has failed', () => {
    const nodes = { AS: listener('as1.home1.net') }
    const home = new Registering({ nodes, user: { criteria: told({ default: 'terminate' }) } })
    home.do({ do: 'down', node: 'AS' })
    home.do({ do: 'register', node: 'UE' }, 20)
    expect(home.serving.registrar!.sets.size).toBe(1)
    home.pass(20)
    expect(home.serving.registrar!.sets.size).toBe(0)
  })

  it('at the end of a registration: nothing comes of it', () => {
    const home = registered({
      nodes: refusing,
      user: { criteria: told({ default: 'terminate' }, { registrations: ['de-registration'] }) },
    })
    const later = home.do({ do: 'deregister', node: 'UE' })
    expect(commandsOver(later, 'SAR')).toHaveLength(1)
  })
})

describe('TS 24.229 §5.7.1.1: an application server that subscribes to the registration state', () => {
  const nodes = { AS: listener('as1.home1.net', true) }
  const home = registered({ nodes, user: { criteria: told() } })

  it('asks once, straight at the S-CSCF, and is let in because the profile names it', () => {
    expect(ladder(home.passed).filter((line) => /SUBSCRIBE|NOTIFY/.test(line))).toEqual([
      'AS -> S-CSCF : SUBSCRIBE',
      'S-CSCF -> AS : 200 (SUBSCRIBE)',
      'S-CSCF -> AS : NOTIFY',
      'AS -> S-CSCF : 200 (NOTIFY)',
    ])
    expect(requestsOf(home.do({ do: 'register', node: 'UE' }), 'AS', 'SUBSCRIBE')).toEqual([])
  })

  it('is told when the registration ends', () => {
    const later = home.do({ do: 'deregister', node: 'UE' })
    const [last] = requestsOf(later, 'S-CSCF', 'NOTIFY')
    expect(field(last!, 'Subscription-State')).toMatch(/^terminated/)
    expect(last!.body).toContain('event="unregistered"')
  })

  it('refreshes its subscription in time', () => {
    const other = registered({ nodes, user: { criteria: told() } })
    other.pass(1_500_000)
    expect(requestsOf(other.passed, 'AS', 'SUBSCRIBE').length).toBeGreaterThan(1)
    expect(other.serving.registrar!.watches.size).toBe(1)
  })
})

describe('TS 24.229 §5.4.3.2: an application server on the way of a request', () => {
  const nodes = {
    AS: listener('as1.home1.net'),
    PS: { role: 'presence-server', network: 'home1.net', host: 'ps.home1.net' },
  }
  const onTheWay = (handling: 'continue' | 'terminate') => [
    { priority: 0, groups: [[{ method: 'PUBLISH' }]], server, default: handling },
    { priority: 1, groups: [[{ method: 'PUBLISH' }]], server: 'sip:ps.home1.net' },
  ]
  const document = `<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${identity}"/>`
  const publish = { do: 'publish', node: 'UE', document, expires: 3600 } as const

  function published(handling: 'continue' | 'terminate'): Registering {
    const home = registered({ nodes, user: { criteria: onTheWay(handling) } })
    home.do({ do: 'down', node: 'AS' })
    home.do({ ...publish }, 40)
    return home
  }

  it('that does not answer is passed over, if it is not essential: the next one has its turn', () => {
    const home = published('continue')
    const sent = requestsOf(home.passed, 'S-CSCF', 'PUBLISH')
    expect(sent.map((request) => request.headers.route![0]!.uri)).toEqual([`${server};lr`, 'sip:ps.home1.net;lr'])
    expect(field(sent[1]!, 'Max-Forwards')).toBe(field(sent[0]!, 'Max-Forwards'))
    expect(responsesOf(home.passed, 'P-CSCF', 'PUBLISH').filter(({ status }) => status > 100)).toMatchObject([
      { status: 200 },
    ])
    expect(home.serving.chains.size).toBe(0)
  })

  it('that is essential makes the request fail', () => {
    const home = published('terminate')
    expect(requestsOf(home.passed, 'S-CSCF', 'PUBLISH')).toHaveLength(1)
    expect(responsesOf(home.passed, 'P-CSCF', 'PUBLISH').some(({ status }) => status === 200)).toBe(false)
    expect(home.decisions).toContainEqual(
      expect.objectContaining({
        node: 'S-CSCF',
        outcome: 'the request fails',
        facts: { server, because: 'no answer' },
      }),
    )
  })

  it('that refuses for a reason of its own is no failure', () => {
    const home = registered({ nodes, user: { criteria: onTheWay('continue') } })
    home.do({ ...publish })
    expect(responsesOf(home.passed, 'P-CSCF', 'PUBLISH')).toMatchObject([{ status: 405 }])
  })
})

describe('TS 24.229 §5.4.3.3: a request for a user who is not registered', () => {
  const nodes = {
    PS: { role: 'presence-server', network: 'home1.net', host: 'ps.home1.net' },
    'UE#2': { role: 'ue', network: 'home1.net', host: '[5555::2]', user: 'user2', proxy: 'P-CSCF' },
  }
  const users = { user2: { identities: ['sip:user2_public1@home1.net'], sCscf: 'S-CSCF' } }
  const watch = { do: 'subscribe', node: 'UE#2', to: identity, expires: 3600 } as const
  const service = (sessionCase: string) => [
    { priority: 0, groups: [[{ case: sessionCase }]], server: 'sip:ps.home1.net' },
  ]

  it('is served by an S-CSCF that is selected, takes the profile and leads it to the service', () => {
    const home = new Registering({ nodes, users, user: { criteria: service('terminating-unregistered') } })
    home.do({ ...watch })
    expect(commandsOver(home.passed, 'LIA')[0]!.avps).toEqual({
      'Experimental-Result-Code': 'DIAMETER_UNREGISTERED_SERVICE',
    })
    expect(commandsOver(home.passed, 'SAR')[0]!.avps['Server-Assignment-Type']).toBe('UNREGISTERED_USER')
    expect(responsesOf(home.passed, 'P-CSCF', 'SUBSCRIBE')).toMatchObject([{ status: 200 }])
    expect(home.subscriber).toMatchObject({ serverName: 'sip:scscf1.home1.net', states: ['unregistered'] })
    // The next one is led there straight, and the user may register later.
    home.do({ do: 'unsubscribe', node: 'UE#2', to: identity })
    const later = home.do({ ...watch })
    expect(commandsOver(later, 'SAR')).toEqual([])
    home.do({ do: 'register', node: 'UE' })
    expect(home.registration.state).toBe('registered')
    expect(home.subscriber.states).toEqual(['registered'])
  })

  it('without a service for that case is answered 480', () => {
    const home = new Registering({ nodes, users, user: { criteria: service('terminating') } })
    home.do({ ...watch })
    expect(responsesOf(home.passed, 'P-CSCF', 'SUBSCRIBE')).toMatchObject([{ status: 480 }])
  })

  it('who does not exist is answered 404', () => {
    const home = new Registering({ nodes, users })
    home.do({ ...watch, to: 'sip:nobody@home1.net' })
    expect(responsesOf(home.passed, 'P-CSCF', 'SUBSCRIBE')).toMatchObject([{ status: 404 }])
  })

  it('TS 23.003 §13.4A: of one of the identities of a wildcarded one that is registered reaches the user', () => {
    const wildcarded = 'sip:desk!.*!@home1.net'
    const home = new Registering({ nodes, users, user: { identities: [identity, wildcarded] } })
    home.do({ do: 'register', node: 'UE' })
    const later = home.do({ ...watch, to: 'sip:desk42@home1.net' })
    expect(commandsOver(later, 'LIA')[0]!.avps).toMatchObject({ 'Wildcarded-Public-Identity': wildcarded })
    const [atUe] = requestsOf(later, 'P-CSCF', 'SUBSCRIBE').slice(-1)
    expect(atUe!.uri).toBe('sip:[5555::1]:1357')
    expect(field(atUe!, 'P-Called-Party-ID')).toBe('<sip:desk42@home1.net>')
  })

  it('of a barred identity is answered 404', () => {
    const barred = 'sip:user1_public9@home1.net'
    const user = { identities: [identity, barred], subscription: { barred: [barred] } }
    const home = new Registering({ nodes, users, user })
    home.do({ do: 'register', node: 'UE' })
    home.do({ ...watch, to: barred })
    expect(responsesOf(home.passed, 'P-CSCF', 'SUBSCRIBE')).toMatchObject([{ status: 404 }])
  })
})
