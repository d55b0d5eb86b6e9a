import { describe, expect, it } from 'vitest'
import type { CxMessage } from '../../src/ims/cx.ts'
import type { InterrogatingCscf, InterrogatingCscfSettings } from '../../src/ims/i-cscf/i-cscf.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, names, type Sent, theRequest, theResponse } from './alone.ts'

const pcscf = 'pcscf1.visited1.net'
const hss = 'hss.home1.net'
const settings: InterrogatingCscfSettings = {
  host: 'icscf1.home1.net',
  hss,
  servers: [
    { name: 'sip:scscf1.home1.net', capabilities: [1] },
    { name: 'sip:scscf2.home1.net', capabilities: [1, 2] },
  ],
}
const register = `
  REGISTER sip:registrar.home1.net SIP/2.0
  Via: SIP/2.0/UDP ${pcscf};branch=z9hG4bK2, SIP/2.0/UDP [5555::1];branch=z9hG4bK1
  Max-Forwards: 69
  P-Visited-Network-ID: "visited1.net"
  Path: <sip:term@${pcscf};lr>
  From: <sip:user1_public1@home1.net>;tag=4fa3
  To: <sip:user1_public1@HOME1.net>
  Call-ID: call1
  CSeq: 1 REGISTER
  Require: path
  Contact: <sip:[5555::1]>
  Expires: 600000
  Authorization: Digest username="p@home1.net", realm="home1.net", nonce="", uri="sip:home1.net", response=""
`
const protectedOne = edited(register, {
  Authorization: 'Digest username="p@home1.net", realm="home1.net", nonce="abc", uri="sip:home1.net", response="1"',
})
const cscf = () => new Alone('i-cscf', 'icscf1.home1.net', settings)
const queries = (sent: readonly Sent[]): CxMessage[] =>
  sent.flatMap(({ message }) => (message.protocol === 'cx' ? [message] : []))

function hssSays(one: Alone, asked: readonly Sent[], avps: CxMessage['avps']): Sent[] {
  const { session } = queries(asked).at(-1)!
  return one.receive({ protocol: 'cx', kind: 'answer', command: 'UAA', session, avps }, hss)
}
/** What comes of a REGISTER once the HSS has answered. */
function authorized(avps: CxMessage['avps'], text = register): [Alone, Sent[]] {
  const one = cscf()
  return [one, hssSays(one, one.receive(text, pcscf), avps)]
}
const first = { 'Experimental-Result-Code': 'DIAMETER_FIRST_REGISTRATION' }
const again = {
  'Experimental-Result-Code': 'DIAMETER_SUBSEQUENT_REGISTRATION',
  'Server-Name': 'sip:scscf2.home1.net',
}

describe('TS 24.229 §5.3.1.2: the I-CSCF asks the HSS about a REGISTER', () => {
  it('by the identities in it, in their canonical form, and by the visited network', () => {
    expect(queries(cscf().receive(register, pcscf))[0]).toMatchObject({
      command: 'UAR',
      avps: {
        'User-Name': 'p@home1.net',
        'Public-Identity': 'sip:user1_public1@home1.net',
        'Visited-Network-Identifier': 'visited1.net',
        'User-Authorization-Type': 'REGISTRATION',
      },
    })
  })
  it('without credentials, by the private identity that the public one implies', () => {
    const [query] = queries(cscf().receive(edited(register, { Authorization: undefined }), pcscf))
    expect(query!.avps['User-Name']).toBe('user1_public1@home1.net')
  })
  it.each([
    ['Expires', edited(register, { Expires: '0' })],
    ['the contact', edited(register, { Contact: '<sip:[5555::1]>;expires=0' })],
  ])('as a de-registration, if %s has a duration of zero', (_what, text) => {
    expect(queries(cscf().receive(text, pcscf))[0]!.avps['User-Authorization-Type']).toBe('DE_REGISTRATION')
  })
})

describe('TS 24.229 §5.3.1.2: what the HSS answers decides', () => {
  it('the S-CSCF that it names stands in the Request-URI; nothing else is changed', () => {
    const [, sent] = authorized(again)
    expect(sent[0]!.to).toBe('scscf2.home1.net')
    const request = theRequest(sent)
    expect(request.uri).toBe('sip:scscf2.home1.net')
    expect(field(request, 'Max-Forwards')).toBe('68')
    expect(names(request)).not.toContain('Route')
    for (const name of ['Path', 'Authorization', 'Contact', 'P-Visited-Network-ID', 'To'])
      expect(field(request, name), name).toBe(/^ *(.*)$/m.exec(register.split(` ${name}:`)[1]!)![1])
  })
  it('an S-CSCF is selected by the capabilities that it tells', () => {
    expect(authorized(first)[1][0]!.to).toBe('scscf1.home1.net')
    expect(authorized({ ...first, 'Mandatory-Capability': '1, 2' })[1][0]!.to).toBe('scscf2.home1.net')
    expect(authorized({ ...first, 'Optional-Capability': '2' })[1][0]!.to).toBe('scscf2.home1.net')
  })
  it.each([
    ['unknown user', { 'Experimental-Result-Code': 'DIAMETER_ERROR_USER_UNKNOWN' }, 403],
    ['no roaming', { 'Experimental-Result-Code': 'DIAMETER_ERROR_ROAMING_NOT_ALLOWED' }, 403],
    ['identities of two users', { 'Experimental-Result-Code': 'DIAMETER_ERROR_IDENTITIES_DONT_MATCH' }, 403],
    ['barred', { 'Result-Code': 'DIAMETER_AUTHORIZATION_REJECTED' }, 403],
    ['a result that is not known', { 'Result-Code': 'DIAMETER_NONSENSE' }, 480],
    ['capabilities that nobody has', { ...first, 'Mandatory-Capability': '3' }, 600],
  ])('%s', (_what, avps, status) => {
    expect(theResponse(authorized(avps)[1]).status).toBe(status)
  })
  it('an answer that comes twice, or too late, is nothing', () => {
    const one = cscf()
    const asked = one.receive(register, pcscf)
    const late = one.pass(11)
    expect(theResponse(late.filter(({ to }) => to === pcscf).slice(-1)).status).toBe(480)
    expect(hssSays(one, asked, again)).toEqual([])
    expect(one.state<InterrogatingCscf>().waiting.size).toBe(0)
  })
})

describe('TS 24.229 §5.3.1.3: an S-CSCF that does not take a REGISTER', () => {
  function refused(status: string, text: string): [Alone, Sent[]] {
    const [one, sent] = authorized(again, text)
    return [one, one.receive(answerTo(theRequest(sent), status), 'scscf2.home1.net')]
  }

  it.each(['480 Temporarily Unavailable', '305 Use Proxy'])('%s: another one is asked for and taken', (status) => {
    const [one, asked] = refused(status, register)
    expect(queries(asked)[0]!.avps['User-Authorization-Type']).toBe('REGISTRATION_AND_CAPABILITIES')
    const sent = hssSays(one, asked, { 'Result-Code': 'DIAMETER_SUCCESS', 'Mandatory-Capability': '1' })
    expect(sent[0]!.to).toBe('scscf1.home1.net')
    const response = theResponse(one.receive(answerTo(theRequest(sent), '401 Unauthorized'), 'scscf1.home1.net'))
    expect(response.status).toBe(401)
  })
  it('all of them: 600', () => {
    const [one, asked] = refused('480 Temporarily Unavailable', register)
    const capable = { 'Result-Code': 'DIAMETER_SUCCESS' }
    const sent = hssSays(one, asked, capable)
    const again = one.receive(answerTo(theRequest(sent), '480 Temporarily Unavailable'), 'scscf1.home1.net')
    expect(theResponse(hssSays(one, again, capable)).status).toBe(600)
  })
  it('after it has challenged the UE, its refusal goes back', () => {
    const [, sent] = refused('480 Temporarily Unavailable', protectedOne)
    expect(theResponse(sent).status).toBe(480)
  })
  it('any other refusal goes back', () => {
    expect(theResponse(refused('403 Forbidden', register)[1]).status).toBe(403)
  })
  it('silence: another one for a first REGISTER, 504 for one that was challenged', () => {
    const [one] = authorized(again)
    expect(queries(one.pass(17)).map(({ avps }) => avps['User-Authorization-Type'])).toEqual([
      'REGISTRATION_AND_CAPABILITIES',
    ])
    const [other] = authorized(again, protectedOne)
    const late = other.pass(17).flatMap(({ message, to }) => (to === pcscf ? [message as SipResponse] : []))
    expect(late.at(-1)!.status).toBe(504)
  })
})

describe('TS 24.229 §5.3.2.1: a user with services while unregistered', () => {
  const subscribe = edited(register, { CSeq: '1 SUBSCRIBE', Event: 'presence', Require: undefined }).replace(
    'REGISTER sip:registrar.home1.net',
    'SUBSCRIBE sip:user1_public1@home1.net',
  )
  const service = { 'Experimental-Result-Code': 'DIAMETER_UNREGISTERED_SERVICE' }

  it('gets an S-CSCF by the capabilities that the HSS tells', () => {
    const [, sent] = authorized({ ...service, 'Mandatory-Capability': '2' }, subscribe)
    expect(sent[0]!.to).toBe('scscf2.home1.net')
    expect(field(sent[0]!.message as SipRequest, 'Route')).toBe('<sip:scscf2.home1.net;lr>')
  })
  it('is answered 480 if there is none', () => {
    expect(theResponse(authorized({ ...service, 'Mandatory-Capability': '9' }, subscribe)[1]).status).toBe(480)
  })
  it('is answered 480 if the HSS is silent', () => {
    const one = cscf()
    one.receive(subscribe, pcscf)
    const late = one.pass(11).flatMap(({ message, to }) => (to === pcscf ? [message as SipResponse] : []))
    expect(late.at(-1)!.status).toBe(480)
  })
})
