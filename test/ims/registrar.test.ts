import { describe, expect, it } from 'vitest'
import type { CxMessage } from '../../src/ims/cx.ts'
import { printUserData } from '../../src/ims/hss/user-data.ts'
import type { ServingCscf, ServingCscfSettings } from '../../src/ims/s-cscf/s-cscf.ts'
import { credentialsFor, paramText } from '../../src/sip/digest.ts'
import type { Authentication } from '../../src/sip/headers.ts'
import { Alone, edited, field, names, type Sent, type sip, theResponse } from './alone.ts'
import vectors from './material/milenage-35207.json' with { type: 'json' }

const [vector] = vectors.sets
const icscf = 'icscf1.home1.net'
const hss = 'hss.home1.net'
const identity = 'sip:user1_public1@home1.net'

const settings: ServingCscfSettings = {
  host: 'scscf1.home1.net',
  network: 'home1.net',
  users: [],
  recordRoute: { originating: true, terminating: false },
  domains: {},
  registrar: {
    hss,
    shortestDuration: 60,
    longestDuration: 600_000,
    authenticates: 'first',
    callIds: [],
    firstSequence: 1,
    registered: [],
  },
}
const cscf = () => new Alone('s-cscf', 'scscf1.home1.net', settings)

const register = `
  REGISTER sip:scscf1.home1.net SIP/2.0
  Via: SIP/2.0/UDP ${icscf};branch=z9hG4bK3, SIP/2.0/UDP pcscf1.visited1.net;branch=z9hG4bK2
  Max-Forwards: 68
  P-Visited-Network-ID: "visited1.net"
  P-Charging-Vector: icid-value="1";orig-ioi=visited1.net
  Path: <sip:term@pcscf1.visited1.net;lr>
  From: <${identity}>;tag=4fa3
  To: <${identity}>
  Call-ID: call1
  CSeq: 1 REGISTER
  Require: path
  Contact: <sip:[5555::1]>
  Expires: 600000
  Authorization: Digest username="p@home1.net", realm="home1.net", nonce="", uri="sip:home1.net", response="", integrity-protected="no"
`
const maa = {
  'Result-Code': 'DIAMETER_SUCCESS',
  'SIP-Number-Auth-Items': 1,
  'SIP-Authenticate': vector!.rand + vector!.autn,
  'SIP-Authorization': vector!.f2,
  'Confidentiality-Key': vector!.f3,
  'Integrity-Key': vector!.f4,
}
const profiles = [{ identities: [{ identity, isBarred: false }], criteria: [] }]
const saa = {
  'Result-Code': 'DIAMETER_SUCCESS',
  'User-Data': printUserData({ privateIdentity: 'p@home1.net', profiles }),
}

const cxOf = (sent: readonly Sent[]): CxMessage => {
  const found = sent.find(({ to, message }) => to === hss && message.protocol === 'cx')
  if (found === undefined) throw new Error('the HSS was not asked')
  return found.message as CxMessage
}

/** The answer of the HSS to what it was asked last. */
function hssSays(one: Alone, asked: readonly Sent[], avps: CxMessage['avps']): Sent[] {
  const { command, session } = cxOf(asked)
  const answer: CxMessage = { protocol: 'cx', kind: 'answer', command: `${command.slice(0, -1)}A`, session, avps }
  return one.receive(answer, hss)
}

/** An S-CSCF that has challenged the user, and its challenge. */
function challenged(): [Alone, Authentication] {
  const one = cscf()
  const response = theResponse(hssSays(one, one.receive(register, icscf), maa))
  return [one, response.headers.wwwAuthenticate![0]!]
}

let branches = 10
/** The REGISTER that follows, with other credentials. */
const next = (changes: Record<string, string>, authorization: Authentication, isProtected = true): string => {
  const params = Object.entries(authorization.params).map(([name, value]) => `${name}=${value}`)
  const mark = `integrity-protected="${isProtected ? 'yes' : 'no'}"`
  return edited(register, {
    Via: `SIP/2.0/UDP ${icscf};branch=z9hG4bK${++branches}`,
    CSeq: '2 REGISTER',
    Contact: '<sip:[5555::1]:1357>',
    Authorization: `Digest ${[...params, mark].join(', ')}`,
    ...changes,
  })
}
const res = Uint8Array.from(Buffer.from(vector!.f2, 'hex'))
const request = { method: 'REGISTER', uri: 'sip:home1.net', body: '' }
const part = { clientNonce: 'c', count: 1 }
const right = (challenge: Authentication, password: Uint8Array = res): Authentication =>
  credentialsFor(challenge, { username: 'p@home1.net', password }, request, part)!

/** An S-CSCF at which the user is registered. */
function registered(): [Alone, Authentication] {
  const [one, challenge] = challenged()
  const asked = one.receive(next({}, right(challenge)), icscf)
  expect(theResponse(hssSays(one, asked, saa)).status).toBe(200)
  return [one, right(challenge)]
}

describe('TS 24.229 §5.4.1.2.1: a REGISTER without protection', () => {
  it('makes the S-CSCF ask for a vector', () => {
    expect(cxOf(cscf().receive(register, icscf))).toMatchObject({
      command: 'MAR',
      avps: {
        'User-Name': 'p@home1.net',
        'Public-Identity': identity,
        'SIP-Authentication-Scheme': 'Digest-AKAv1-MD5',
        'Server-Name': 'sip:scscf1.home1.net',
      },
    })
  })
  it('TS 23.003 §13.3: without credentials the private identity is what the public one implies', () => {
    const sent = cscf().receive(edited(register, { Authorization: undefined }), icscf)
    expect(cxOf(sent).avps['User-Name']).toBe('user1_public1@home1.net')
  })
  it('is challenged with RAND and AUTN as nonce, in the realm of the UE', () => {
    const [, challenge] = challenged()
    expect(challenge.scheme).toBe('Digest')
    expect(paramText(challenge, 'nonce')).toBe(vector!.nonce)
    expect(paramText(challenge, 'realm')).toBe('home1.net')
    expect([paramText(challenge, 'ik'), paramText(challenge, 'ck')]).toEqual([vector!.f4, vector!.f3])
  })
  it('of a user for whom there is no vector: 403', () => {
    const one = cscf()
    const failure = { 'Experimental-Result-Code': 'DIAMETER_ERROR_USER_UNKNOWN' }
    expect(theResponse(hssSays(one, one.receive(register, icscf), failure)).status).toBe(403)
  })
  it('RFC 3261 §8.2.2.3: that needs an unknown extension: 420', () => {
    const response = theResponse(cscf().receive(edited(register, { Require: 'path, foo' }), icscf))
    expect([response.status, field(response, 'Unsupported')]).toEqual([420, 'foo'])
  })
  it('of a registered user is challenged too, and changes nothing before it is answered', () => {
    const [one] = registered()
    const again = edited(register, { Via: `SIP/2.0/UDP ${icscf};branch=z9hG4bK9`, 'Call-ID': 'call2' })
    expect(cxOf(one.receive(again, icscf)).command).toBe('MAR')
    expect(one.state<ServingCscf>().users.get(identity)!.contact!.uri).toBe('sip:[5555::1]:1357')
  })
})

describe('TS 24.229 §5.4.1.2.2: the answer to the challenge', () => {
  it('right: the HSS is told, and the 200 says all there is', () => {
    const [one, challenge] = challenged()
    const asked = one.receive(next({}, right(challenge)), icscf)
    expect(cxOf(asked).avps).toMatchObject({ 'Server-Assignment-Type': 'REGISTRATION', 'User-Name': 'p@home1.net' })
    const response = theResponse(hssSays(one, asked, saa))
    expect(field(response, 'Path')).toBe('<sip:term@pcscf1.visited1.net;lr>')
    expect(field(response, 'Service-Route')).toBe('<sip:orig@scscf1.home1.net;lr>')
    expect(field(response, 'P-Associated-URI')).toBe(`<${identity}>`)
    expect(field(response, 'Contact')).toBe('<sip:[5555::1]:1357>;expires=600000')
    expect(field(response, 'P-Charging-Vector')).toBe('icid-value="1";orig-ioi=visited1.net;term-ioi=home1.net')
  })
  it('takes the duration of the contact before that of the request, and cuts it', () => {
    for (const [contact, granted] of [
      ['<sip:[5555::1]:1357>;expires=3600', '3600'],
      ['<sip:[5555::1]:1357>;expires=999999999', '600000'],
    ] as const) {
      const [one, challenge] = challenged()
      const asked = one.receive(next({ Contact: contact }, right(challenge)), icscf)
      expect(field(theResponse(hssSays(one, asked, saa)), 'Contact')).toBe(`<sip:[5555::1]:1357>;expires=${granted}`)
    }
  })
  it.each([
    ['made with another password', (one: Authentication) => right(one, new Uint8Array(8))],
    ['to another challenge', (one: Authentication) => right({ ...one, params: { ...one.params, nonce: '"abc"' } })],
    [
      'empty, since the UE does not believe the network',
      (one: Authentication) => {
        const { scheme, params } = right(one)
        return { scheme, params: { ...params, response: '""' } }
      },
    ],
  ])('%s: 403, and the HSS is told', (_what, made) => {
    const [one, challenge] = challenged()
    const sent = one.receive(next({}, made(challenge)), icscf)
    expect(theResponse(sent).status).toBe(403)
    expect(cxOf(sent).avps['Server-Assignment-Type']).toBe('AUTHENTICATION_FAILURE')
    expect(one.state<ServingCscf>().registrar!.pending.size).toBe(0)
  })
  it('in another call: 403', () => {
    const [one, challenge] = challenged()
    expect(theResponse(one.receive(next({ 'Call-ID': 'call2' }, right(challenge)), icscf)).status).toBe(403)
  })
  it('without protection is none: the user is challenged anew', () => {
    const [one, challenge] = challenged()
    expect(cxOf(one.receive(next({}, right(challenge), false), icscf)).command).toBe('MAR')
  })
  it('with a profile that can not be read: 403', () => {
    const [one, challenge] = challenged()
    const asked = one.receive(next({}, right(challenge)), icscf)
    expect(theResponse(hssSays(one, asked, { ...saa, 'User-Data': '<nonsense/>' })).status).toBe(403)
  })
  it('that the HSS does not accept: 403', () => {
    const [one, challenge] = challenged()
    const asked = one.receive(next({}, right(challenge)), icscf)
    const refusal = { 'Experimental-Result-Code': 'DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED' }
    expect(theResponse(hssSays(one, asked, refusal)).status).toBe(403)
  })
  it('§7.8: takes longer than four minutes: the authentication has failed', () => {
    const [one, challenge] = challenged()
    const sent = one.pass(241)
    expect(cxOf(sent).avps['Server-Assignment-Type']).toBe('AUTHENTICATION_TIMEOUT')
    expect(cxOf(one.receive(next({}, right(challenge)), icscf)).command).toBe('MAR')
  })
})

describe('TS 24.229 §5.4.1.2.3: a UE that is out of step', () => {
  const objection = (challenge: Authentication): Authentication => {
    const { scheme, params } = right(challenge, new Uint8Array())
    return { scheme, params: { ...params, auts: `"${Buffer.from(vector!.auts, 'hex').toString('base64')}"` } }
  }

  it.each([true, false])('is challenged anew with what it told (protected: %s)', (isProtected) => {
    const [one, challenge] = challenged()
    const asked = one.receive(next({}, objection(challenge), isProtected), icscf)
    expect(cxOf(asked)).toMatchObject({
      command: 'MAR',
      avps: { 'SIP-Authorization': vector!.rand + vector!.auts },
    })
    expect(theResponse(hssSays(one, asked, maa)).status).toBe(401)
  })
  it('twice in a row: 403', () => {
    const [one, challenge] = challenged()
    hssSays(one, one.receive(next({}, objection(challenge)), icscf), maa)
    expect(theResponse(one.receive(next({ CSeq: '3 REGISTER' }, objection(challenge)), icscf)).status).toBe(403)
  })
  it('that answers another nonce begins anew', () => {
    const [one, challenge] = challenged()
    const stale = objection({ ...challenge, params: { ...challenge.params, nonce: `"${vectors.sets[1]!.nonce}"` } })
    const asked = one.receive(next({}, stale, false), icscf)
    expect(cxOf(asked).avps).not.toHaveProperty('SIP-Authorization')
  })
})

describe('TS 24.229 §5.4.1.2.2: a protected REGISTER of a registered user', () => {
  it('of her contact refreshes it', () => {
    const [one, credentials] = registered()
    const asked = one.receive(next({ CSeq: '3 REGISTER' }, credentials), icscf)
    expect(cxOf(asked).avps).toMatchObject({
      'Server-Assignment-Type': 'RE_REGISTRATION',
      'User-Data-Already-Available': 'USER_DATA_ALREADY_AVAILABLE',
    })
    const response = theResponse(hssSays(one, asked, { 'Result-Code': 'DIAMETER_SUCCESS' }))
    expect(field(response, 'Contact')).toBe('<sip:[5555::1]:1357>;expires=600000')
  })
  it('of another contact: 403', () => {
    const [one, credentials] = registered()
    const other = next({ CSeq: '3 REGISTER', Contact: '<sip:[5555::2]:1357>' }, credentials)
    expect(theResponse(one.receive(other, icscf)).status).toBe(403)
  })
  it.each(['<sip:[5555::1]:1357>', '*'])('with a duration of zero ends %s', (contact) => {
    const [one, credentials] = registered()
    const asked = one.receive(next({ CSeq: '3 REGISTER', Contact: contact, Expires: '0' }, credentials), icscf)
    expect(cxOf(asked).avps['Server-Assignment-Type']).toBe('USER_DEREGISTRATION')
    const response = theResponse(hssSays(one, asked, { 'Result-Code': 'DIAMETER_SUCCESS' }))
    expect(response.status).toBe(200)
    expect(names(response)).not.toContain('Contact')
    expect(one.state<ServingCscf>().users.size).toBe(0)
  })
  it('of another private identity is challenged', () => {
    const [one, credentials] = registered()
    const stranger = { ...credentials, params: { ...credentials.params, username: '"q@home1.net"' } }
    expect(cxOf(one.receive(next({ CSeq: '3 REGISTER' }, stranger), icscf)).command).toBe('MAR')
  })
})

describe('TS 24.229 §5.4.2.1.1: who may know of a registration', () => {
  const subscribe = (asserted: string | undefined, uri = identity) =>
    edited(
      `
      SUBSCRIBE ${uri} SIP/2.0
      Via: SIP/2.0/UDP x.home1.net;branch=z9hG4bKs${++branches}
      Max-Forwards: 70
      Route: <sip:scscf1.home1.net;lr>
      From: <sip:x.home1.net>;tag=1
      To: <${uri}>
      Call-ID: s${branches}
      CSeq: 1 SUBSCRIBE
      Event: reg
      Expires: 3600
      Contact: <sip:x.home1.net>
      P-Asserted-Identity: <${asserted}>
    `,
      asserted === undefined ? { 'P-Asserted-Identity': undefined } : {},
    )
  const statusOf = (sent: readonly Sent[]) =>
    sent.flatMap(({ message }) =>
      message.protocol === 'sip' && message.kind === 'response' ? [message.status] : [],
    )[0]

  it.each([
    ['the user herself', identity, 200],
    ['the P-CSCF on her Path', 'sip:pcscf1.visited1.net', 200],
    ['another P-CSCF', 'sip:pcscf9.visited1.net', 403],
    ['another user', 'sip:user2_public1@home1.net', 403],
    ['an application server that her profile does not name', 'sip:as1.home1.net', 403],
    ['nobody', undefined, 403],
  ] as const)('%s: %s', (_who, asserted, status) => {
    const [one] = registered()
    expect(statusOf(one.receive(subscribe(asserted), 'x.home1.net'))).toBe(status)
  })
  it('of a user who is not registered: 404', () => {
    expect(statusOf(registered()[0].receive(subscribe(identity, 'sip:x@home1.net'), 'x.home1.net'))).toBe(404)
  })
  it('a NOTIFY follows at once, and a SUBSCRIBE with zero ends it with another one', () => {
    const [one] = registered()
    const sent = one.receive(subscribe(identity), 'x.home1.net')
    const response = theResponse(
      sent.filter(({ message }) => message.protocol === 'sip' && message.kind === 'response'),
    )
    const notified = sent.filter(({ message }) => (message as { method?: string }).method === 'NOTIFY')
    expect(notified).toHaveLength(1)
    const tag = /tag=(.*)/.exec(field(response, 'To')!)![1]
    const bye = edited(subscribe(identity), {
      'Call-ID': field(response, 'Call-ID')!,
      To: `<${identity}>;tag=${tag}`,
      CSeq: '2 SUBSCRIBE',
      Expires: '0',
    }).replace(`SUBSCRIBE ${identity}`, 'SUBSCRIBE sip:scscf1.home1.net')
    const last = one.receive(bye, 'x.home1.net')
    expect(statusOf(last)).toBe(200)
    const [notify] = last.flatMap(({ message }) =>
      (message as { method?: string }).method === 'NOTIFY' ? [message] : [],
    )
    expect(field(notify as ReturnType<typeof sip>, 'Subscription-State')).toMatch(/^terminated/)
    expect(one.state<ServingCscf>().registrar!.watches.size).toBe(0)
  })
  it('RFC 6665 §4.2.1.2: within a dialog that is not known: 481', () => {
    const stray = edited(subscribe(identity), { To: `<${identity}>;tag=x` }).replace(
      `SUBSCRIBE ${identity}`,
      'SUBSCRIBE sip:scscf1.home1.net',
    )
    expect(statusOf(registered()[0].receive(stray, 'x.home1.net'))).toBe(481)
  })
})

describe('TS 29.228 §6.1.3, §6.2.1: what the HSS asks of an S-CSCF', () => {
  const asks = (one: Alone, command: string, avps: CxMessage['avps']) => {
    const sent = one.receive({ protocol: 'cx', kind: 'request', command, session: 'h1', avps }, hss)
    return (sent.find(({ to }) => to === hss)!.message as CxMessage).avps
  }
  it('RTR of a user who is registered, and of one who is not', () => {
    const [one] = registered()
    const rtr = { 'User-Name': 'p@home1.net', 'Public-Identity': identity, 'Reason-Code': 'SERVER_CHANGE' }
    expect(asks(one, 'RTR', { ...rtr, 'User-Name': 'q@home1.net' })).toEqual({
      'Result-Code': 'DIAMETER_UNABLE_TO_COMPLY',
    })
    expect(one.state<ServingCscf>().users.size).toBe(1)
    expect(asks(one, 'RTR', rtr)).toEqual({ 'Result-Code': 'DIAMETER_SUCCESS' })
    expect(one.state<ServingCscf>().users.size).toBe(0)
  })
  it('PPR with a profile, and with none that can be read', () => {
    const [one] = registered()
    const criterion = {
      priority: 0,
      conditionType: 'CNF',
      groups: [],
      serverName: 'sip:as9.home1.net',
      defaultHandling: 'continue',
    } as const
    const changed = [{ identities: profiles[0]!.identities, criteria: [criterion] }]
    const data = printUserData({ privateIdentity: 'p@home1.net', profiles: changed })
    expect(asks(one, 'PPR', { 'User-Data': '<nonsense/>' })).toEqual({
      'Experimental-Result-Code': 'DIAMETER_ERROR_NOT_SUPPORTED_USER_DATA',
    })
    expect(asks(one, 'PPR', { 'User-Data': data })).toEqual({ 'Result-Code': 'DIAMETER_SUCCESS' })
    expect(one.state<ServingCscf>().users.get(identity)!.criteria).toEqual([criterion])
  })
  it('anything else is an error', () => {
    expect(asks(cscf(), 'LIR', {})).toEqual({ 'Result-Code': 'DIAMETER_UNABLE_TO_COMPLY' })
  })
})
