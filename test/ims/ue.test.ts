import { describe, expect, it } from 'vitest'
import { nameAddr, radioLeg, type UeSettings } from '../../src/ims/ue/ue.ts'
import { headerValue, type SipRequest } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, names, requests, theRequest, theResponse } from './alone.ts'

const host = '[5555::aaa:bbb:ccc:ddd]'
const pcscf = 'pcscf1.visited1.net'
const agreed = 'ipsec-3gpp; q=0.1; alg=hmac-sha-1-96; spi-c=98765432; spi-s=87654321; port-c=8642; port-s=7531'
const access = '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11'

const settings: UeSettings = {
  identity: 'sip:user1_public1@home1.net',
  leg: radioLeg(1357, { comp: 'sigcomp' }),
  route: [nameAddr('sip:pcscf1.visited1.net:7531;lr;comp=sigcomp'), nameAddr('sip:orig@scscf1.home1.net;lr')],
  contact: nameAddr(`sip:${host}:1357;comp=sigcomp`),
  accessNetwork: headerValue('pAccessNetworkInfo', access)!,
  privacy: ['none'],
  security: headerValue('securityVerify', agreed)!,
  callIds: ['b89rjhnedlrfjflslj40a222'],
  tags: ['31415'],
  firstSequence: 61,
}

const ue = (parts: Partial<UeSettings> = {}) => new Alone('ue', host, { ...settings, ...parts })

const document = '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:user1_public1@home1.net"/>'
const publish = { do: 'publish', document, expires: 7200 }
const subscribe = {
  do: 'subscribe',
  to: 'sip:user2_public1@home2.net',
  expires: 7200,
  accept: headerValue('accept', 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1'),
}

/** What every request outside a dialog has in common in steps 1 of A.3.2.1 and A.4.2.1, without white space. */
const common = {
  'Max-Forwards': '70',
  'P-Access-Network-Info': access,
  Route: '<sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf1.home1.net;lr>',
  'P-Preferred-Identity': '<sip:user1_public1@home1.net>',
  Privacy: 'none',
  From: '<sip:user1_public1@home1.net>;tag=31415',
  'Call-ID': 'b89rjhnedlrfjflslj40a222',
  Require: 'sec-agree',
  'Proxy-Require': 'sec-agree',
  'Security-Verify': agreed,
  Event: 'presence',
  Expires: '7200',
}

function expectFields(request: SipRequest, expected: Readonly<Record<string, string>>): void {
  const tight = (text: string | undefined) => text?.replaceAll(/\s+/g, '')
  for (const [name, value] of Object.entries(expected)) expect(tight(field(request, name)), name).toBe(tight(value))
}

describe('TS 24.229 §5.1.2A: a request of a UE outside a dialog', () => {
  it('a PUBLISH is that of TS 24.141 A.4.2.1 step 1', () => {
    const [sent] = ue().command(publish)
    expect(sent!.to).toBe(pcscf)
    const request = sent!.message as SipRequest
    expect(`${request.method} ${request.uri}`).toBe('PUBLISH sip:user1_public1@home1.net')
    expectFields(request, {
      ...common,
      To: '<sip:user1_public1@home1.net>',
      CSeq: '61 PUBLISH',
      'Content-Type': 'application/pidf+xml',
    })
    expect(field(request, 'Via')).toMatch(/^SIP\/2\.0\/UDP \[5555::aaa:bbb:ccc:ddd\]:1357;comp=sigcomp;branch=z9hG4bK/)
    expect(names(request)).not.toContain('Contact')
    expect(names(request)).not.toContain('SIP-If-Match')
    expect(request.body).toBe(document)
  })

  it('a SUBSCRIBE is that of TS 24.141 A.3.2.1 step 1', () => {
    const [sent] = ue().command(subscribe)
    expect(sent!.to).toBe(pcscf)
    const request = sent!.message as SipRequest
    expect(`${request.method} ${request.uri}`).toBe('SUBSCRIBE sip:user2_public1@home2.net')
    expectFields(request, {
      ...common,
      To: '<sip:user2_public1@home2.net>',
      CSeq: '61 SUBSCRIBE',
      Accept: 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1',
      Contact: `<sip:${host}:1357;comp=sigcomp>`,
    })
    expect(request.body).toBe('')
  })

  it('has a Call-ID, a tag and a branch of its own, and the next number', () => {
    const one = ue()
    const first = theRequest(one.command(subscribe))
    const second = theRequest(one.command({ ...subscribe, to: 'sip:user3_public1@home3.net' }))
    expect(second.headers.callId).not.toBe(first.headers.callId)
    expect(second.headers.from!.params.tag).not.toBe(first.headers.from!.params.tag)
    expect(second.headers.via![0]!.params.branch).not.toBe(first.headers.via![0]!.params.branch)
    expect(second.headers.cseq!.number).toBe(62)
  })

  it('never asserts an identity or makes up charging information', () => {
    for (const command of [publish, subscribe])
      for (const name of ['P-Asserted-Identity', 'P-Charging-Vector', 'Record-Route'])
        expect(names(theRequest(ue().command(command)))).not.toContain(name)
  })

  it('RFC 3329: without a security agreement there is nothing of one', () => {
    const request = theRequest(ue({ security: [] }).command(subscribe))
    for (const name of ['Require', 'Proxy-Require', 'Security-Verify']) expect(names(request)).not.toContain(name)
  })
})

describe('TS 24.229 §5.1.2A: a UE within a dialog', () => {
  const recordRoute = '<sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net:7531;lr;comp=sigcomp>'

  /** A UE with a subscription. */
  function subscribed() {
    const one = ue()
    const request = theRequest(one.command(subscribe))
    const accepted = { Expires: '7200', Contact: '<sip:ps.home2.net>', 'Record-Route': recordRoute }
    one.receive(answerTo(request, '200 OK', accepted), 'pcscf1.home1.net')
    return one
  }
  const notify = `
    NOTIFY sip:${host}:1357;comp=sigcomp SIP/2.0
    Via: SIP/2.0/UDP pcscf1.home1.net:7531;comp=sigcomp;branch=z9hG4bK3, SIP/2.0/UDP ps.home2.net;branch=z9hG4bK1
    Max-Forwards: 68
    From: <sip:user2_public1@home2.net>;tag=peer
    To: <sip:user1_public1@home1.net>;tag=31415
    Call-ID: b89rjhnedlrfjflslj40a222
    CSeq: 42 NOTIFY
    Event: presence
    Subscription-State: active;expires=7200
    Contact: <sip:ps.home2.net>
  `

  it('sends a SUBSCRIBE along the route set and to the Contact of the 200, without a preferred identity', () => {
    const [sent] = subscribed().command({ do: 'unsubscribe', to: 'sip:user2_public1@home2.net' })
    expect(sent!.to).toBe('pcscf1.home1.net')
    const request = sent!.message as SipRequest
    expect(`${request.method} ${request.uri}`).toBe('SUBSCRIBE sip:ps.home2.net')
    expectFields(request, {
      Route: '<sip:pcscf1.home1.net:7531;lr;comp=sigcomp>, <sip:scscf1.home1.net;lr>',
      From: common.From,
      To: '<sip:user2_public1@home2.net>;tag=peer',
      CSeq: '62 SUBSCRIBE',
      'P-Access-Network-Info': access,
      Require: 'sec-agree',
      'Proxy-Require': 'sec-agree',
      'Security-Verify': agreed,
      Contact: `<sip:${host}:1357;comp=sigcomp>`,
      Expires: '0',
    })
    expect(names(request)).not.toContain('P-Preferred-Identity')
  })

  it('answers a NOTIFY 200 by its Via, with the access network', () => {
    const [sent] = subscribed().receive(notify, 'pcscf1.home1.net')
    expect(sent!.to).toBe('pcscf1.home1.net')
    const response = theResponse([sent!])
    expect(response.status).toBe(200)
    expect(field(response, 'P-Access-Network-Info')).toMatch(/^3GPP-UTRAN-TDD; ?utran-cell-id-3gpp=234151D0FCE11$/)
    expect(field(response, 'Via')).toBe(/Via: (.*)/.exec(notify)![1])
    expect(field(response, 'CSeq')).toBe('42 NOTIFY')
  })

  it('RFC 3261 §8.2.2.3: answers a request that requires an extension it does not know 420 with Unsupported', () => {
    const response = theResponse(subscribed().receive(edited(notify, { Require: 'foo' }), 'pcscf1.home1.net'))
    expect(response.status).toBe(420)
    expect(field(response, 'Unsupported')).toBe('foo')
  })

  it('RFC 6665 §4.1.3: a NOTIFY of an event package that is not known is answered 489', () => {
    expect(theResponse(subscribed().receive(edited(notify, { Event: 'foo' }), 'pcscf1.home1.net')).status).toBe(489)
  })

  it('RFC 6665 §4.1.3: a NOTIFY without Subscription-State is answered 400, with the access network', () => {
    const response = theResponse(
      subscribed().receive(edited(notify, { 'Subscription-State': undefined }), 'pcscf1.home1.net'),
    )
    expect(response.status).toBe(400)
    expect(names(response)).toContain('P-Access-Network-Info')
  })

  it('RFC 6665 §4.1.3: answers a NOTIFY that belongs to no subscription 481', () => {
    for (const changes of [{ 'Call-ID': 'other' }, { To: '<sip:user1_public1@home1.net>;tag=other' }])
      expect(theResponse(subscribed().receive(edited(notify, changes), 'pcscf1.home1.net')).status).toBe(481)
    expect(theResponse(ue().receive(notify, 'pcscf1.home1.net')).status).toBe(481)
  })
})

describe('RFC 3261 §8.2: what a UE does not serve', () => {
  it.each(['MESSAGE', 'SUBSCRIBE', 'PUBLISH'])('%s is answered 405, and Allow does not list it', (method) => {
    const request = `
      ${method} sip:${host}:1357 SIP/2.0
      Via: SIP/2.0/UDP pcscf1.home1.net:7531;branch=z9hG4bK3
      Max-Forwards: 68
      From: <sip:user2_public1@home2.net>;tag=1
      To: <sip:user1_public1@home1.net>
      Call-ID: x
      CSeq: 1 ${method}
      Event: presence
    `
    const response = theResponse(ue().receive(request, 'pcscf1.home1.net'))
    expect(response.status).toBe(405)
    expect(response.headers.allow).toContain('NOTIFY')
    expect(response.headers.allow).not.toContain(method)
    expect(response.headers.to!.params.tag).toBeDefined()
  })
})

describe('a population of UEs in one node', () => {
  const all = { common: { ...settings, contact: undefined, callIds: [], tags: [] } }
  const address = (number: number) => `[6666::${number}]`

  it('each has its own address, identity, numbers and state, and answers for itself', () => {
    const crowd = new Alone('ue-population', 'crowd', all)
    crowd.simulation.populate('[6666:', 'crowd')
    const sent = [1, 2, 1].map((number) => {
      const identity = `sip:user${number}@home1.net`
      crowd.simulation.command(0, address(number), { ...subscribe, as: identity })
      return theSendOf(crowd)
    })
    expect(sent.map(({ headers }) => headers.via![0]!.host)).toEqual([address(1), address(2), address(1)])
    expect(sent.map(({ headers }) => headers.contact![0]!.uri)).toEqual([1, 2, 1].map((n) => `sip:${address(n)}`))
    expect(sent.map(({ headers }) => headers.pPreferredIdentity![0]!.uri)).toEqual(
      [1, 2, 1].map((n) => `sip:user${n}@home1.net`),
    )
    expect(sent.map(({ headers }) => headers.cseq!.number)).toEqual([61, 61, 62])
    expect(new Set(sent.map(({ headers }) => headers.callId)).size).toBe(3)
    expect(crowd.state<{ ues: Map<string, unknown> }>().ues.size).toBe(2)
  })
})

/** The request that the next turn of a population sends. */
function theSendOf(crowd: Alone): SipRequest {
  for (const effect of crowd.simulation.step()!.effects) if (effect.kind === 'send') return effect.message as SipRequest
  throw new Error('nothing was sent')
}

describe('TS 24.229 §7.7: the timers of the radio leg', () => {
  it('an unanswered request is repeated after 2, 4, 8 and then every 16 seconds, for 128 seconds', () => {
    const one = ue()
    const [first] = one.command(publish)
    const branch = (first!.message as SipRequest).headers.via![0]!.params.branch
    const times: number[] = []
    for (let second = 1; second <= 300; second++)
      for (const { message, at } of one.passRepeating(1))
        if (message.protocol === 'sip' && message.headers.via![0]!.params.branch === branch) times.push(at)
    expect(times).toEqual([2, 6, 14, 30, 46, 62, 78, 94, 110, 126])
  })

  it('RFC 3261 §17.1.2.2: after that it gives up', () => {
    const one = ue()
    one.command(subscribe)
    expect(requests(one.pass(127))).toEqual([])
    expect(one.decisions.map(({ outcome }) => outcome)).toEqual([])
    one.pass(2)
    const { roles } = one.state<{ roles: { watcher: { watching: readonly { state: string }[] } } }>()
    expect(roles.watcher.watching[0]!.state).toBe('terminated')
  })
})
