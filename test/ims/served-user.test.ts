import { describe, expect, it } from 'vitest'
import type { InitialFilterCriterion, SessionCase } from '../../src/ims/s-cscf/filter-criteria.ts'
import type { ServedUser, ServingCscfSettings } from '../../src/ims/s-cscf/s-cscf.ts'
import { nameAddr } from '../../src/ims/ue/ue.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, names, theRequest, theResponse } from './alone.ts'

const scscf = 'scscf1.home1.net'
const pcscf = 'pcscf1.home1.net'
const icscf = 'icscf1.home1.net'
const contact = 'sip:[5555::1]:1357'

const at = (priority: number, serverName: string, sessionCase: SessionCase): InitialFilterCriterion => ({
  priority,
  conditionType: 'CNF',
  groups: [[{ kind: 'sessionCase', sessionCase, negated: false }]],
  serverName,
  defaultHandling: 'continue',
})

const user = (identity: string, criteria: InitialFilterCriterion[], isRegistered = true): ServedUser => ({
  identity,
  criteria,
  contact: isRegistered ? { uri: contact, path: [nameAddr(`sip:term@${pcscf};lr`)] } : undefined,
})

const settings: ServingCscfSettings = {
  host: scscf,
  network: 'home1.net',
  users: [
    user('sip:user1@home1.net', [
      at(1, 'sip:as1.home1.net', 'originating'),
      at(2, 'sip:as2.home1.net', 'originating'),
      at(3, 'sip:as3.home1.net', 'terminating'),
      at(4, 'sip:as4.home1.net', 'terminating'),
      at(0, 'sip:as5.home1.net', 'originating-cdiv'),
    ]),
    user('sip:plain@home1.net', [at(3, 'sip:as3.home1.net', 'terminating')]),
    user('sip:away@home1.net', [at(1, 'sip:as1.home1.net', 'terminating-unregistered')], false),
    user('sip:sender@home1.net', [at(1, 'sip:as1.home1.net', 'originating-unregistered')], false),
    user('sip:outside@home1.net', [at(1, 'sip:as.elsewhere.net', 'originating')]),
  ],
  recordRoute: { originating: true, terminating: false },
  domains: { 'home1.net': icscf, 'home2.net': 'icscf2.home2.net' },
  untrusted: ['elsewhere.net'],
}
const cscf = () => new Alone('s-cscf', scscf, settings)

let branch = 0
const message = (from: string, to: string, route: string, via: string, more: Record<string, string> = {}) =>
  edited(
    `
  MESSAGE ${to} SIP/2.0
  Via: SIP/2.0/UDP ${via};branch=z9hG4bKs${++branch}
  Max-Forwards: 60
  Route: <${route}>
  P-Asserted-Identity: <${from}>
  From: <${from}>;tag=1
  To: <${to}>
  Call-ID: a
  CSeq: 1 MESSAGE
`,
    more,
  )
const sent = (from: string, to: string, more: Record<string, string> = {}) =>
  message(from, to, `sip:orig@${scscf};lr`, pcscf, more)
const received = (to: string, more: Record<string, string> = {}) =>
  message('sip:user2@home2.net', to, `sip:${scscf};lr`, icscf, more)

/** What an application server sends back: the request without its own Route entry, changed in what is given. */
function backFrom(request: SipRequest, server: string, change: { uri?: string; servedUser?: string } = {}): string {
  const [, ...route] = request.headers.text('route')!.split(', ')
  const text = message('sip:user1@home1.net', change.uri ?? request.uri, 'sip:x', server)
  const servedUser = change.servedUser ?? field(request, 'P-Served-User')!
  return edited(text, { Route: route.join(', '), 'P-Served-User': servedUser })
}

describe('TS 24.229 §5.4.3.2, RFC 5502: P-Served-User tells an application server for whom it is asked', () => {
  it.each([
    [
      'originating',
      sent('sip:user1@home1.net', 'sip:user2@home2.net'),
      '<sip:user1@home1.net>;sescase=orig;regstate=reg',
    ],
    ['terminating', received('sip:user1@home1.net'), '<sip:user1@home1.net>;sescase=term;regstate=reg'],
    ['terminating-unregistered', received('sip:away@home1.net'), '<sip:away@home1.net>;sescase=term;regstate=unreg'],
    [
      'originating-unregistered',
      message('sip:sender@home1.net', 'sip:user2@home2.net', `sip:${scscf};lr;orig`, 'as9.home1.net'),
      '<sip:sender@home1.net>;sescase=orig;regstate=unreg',
    ],
  ])('TS 24.229 §5.4.3.2: in the %s case', (_case, text, expected) => {
    expect(field(theRequest(cscf().receive(text, pcscf)), 'P-Served-User')).toBe(expected)
  })

  it('TS 24.229 §5.4.3.3: the user is the one called, under which of her names she was called matters not', () => {
    const request = theRequest(cscf().receive(received('sip:user1@HOME1.net;x=y'), icscf))
    expect(field(request, 'P-Served-User')).toBe('<sip:user1@home1.net>;sescase=term;regstate=reg')
  })

  it('TS 24.229 §5.4.3.2: each server is told anew, whatever the one before it has made of the field', () => {
    const home = cscf()
    const first = theRequest(home.receive(sent('sip:user1@home1.net', 'sip:user2@home2.net'), pcscf))
    const servedUser = '<sip:user9@home1.net>;sescase=term;regstate=unreg'
    const second = theRequest(home.receive(backFrom(first, 'as1.home1.net', { servedUser }), 'as1.home1.net'))
    expect(field(second, 'Route')).toMatch(/^<sip:as2\.home1\.net;lr>/)
    expect(field(second, 'P-Served-User')).toBe('<sip:user1@home1.net>;sescase=orig;regstate=reg')
  })

  it('TS 24.229 §5.4.3.2: it goes no further: neither to another network', () => {
    const home = cscf()
    const first = theRequest(home.receive(sent('sip:user1@home1.net', 'sip:user2@home2.net'), pcscf))
    const second = theRequest(home.receive(backFrom(first, 'as1.home1.net'), 'as1.home1.net'))
    const [out] = home.receive(backFrom(second, 'as2.home1.net'), 'as2.home1.net')
    expect(out!.to).toBe('icscf2.home2.net')
    expect(names(out!.message as SipRequest)).not.toContain('P-Served-User')
  })

  it('TS 24.229 §5.4.3.3: nor to the UE', () => {
    const home = cscf()
    const first = theRequest(home.receive(received('sip:user1@home1.net'), icscf))
    const second = theRequest(home.receive(backFrom(first, 'as3.home1.net'), 'as3.home1.net'))
    const [out] = home.receive(backFrom(second, 'as4.home1.net'), 'as4.home1.net')
    expect(out!.to).toBe(pcscf)
    expect(names(out!.message as SipRequest)).not.toContain('P-Served-User')
  })

  it('RFC 5502 §6: nor is a server outside the trust domain told', () => {
    const request = theRequest(cscf().receive(sent('sip:outside@home1.net', 'sip:user2@home2.net'), pcscf))
    expect(field(request, 'Route')).toMatch(/^<sip:as\.elsewhere\.net;lr>/)
    expect(names(request)).not.toContain('P-Served-User')
  })

  it('TS 24.229 §5.4.3.2: a server that acts for a user may name her in it, whoever else is asserted', () => {
    const served = { 'P-Served-User': '<sip:user1@home1.net>;sescase=orig;regstate=reg' }
    const request = theRequest(
      cscf().receive(
        message('sip:as9.home1.net', 'sip:user2@home2.net', `sip:${scscf};lr;orig`, 'as9.home1.net', served),
        'as9.home1.net',
      ),
    )
    expect(field(request, 'Route')).toMatch(/^<sip:as1\.home1\.net;lr>/)
    expect(field(request, 'P-Served-User')).toBe(served['P-Served-User'])
    expect(field(request, 'P-Asserted-Identity')).toBe('<sip:as9.home1.net>')
  })

  it('TS 24.229 §5.4.3.2: one who is named and not served here is answered 403, though another one is asserted', () => {
    const served = { 'P-Served-User': '<sip:user9@home1.net>;sescase=orig;regstate=reg' }
    expect(theResponse(cscf().receive(sent('sip:user1@home1.net', 'sip:x@home2.net', served), pcscf)).status).toBe(403)
  })
})

describe('TS 24.229 §5.4.3.3: an application server that gives a request another target', () => {
  const diverted = (uri: string, called = 'sip:plain@home1.net', home = cscf()) => {
    const first = theRequest(home.receive(received(called), icscf))
    expect(field(first, 'Route')).toMatch(/^<sip:as3\.home1\.net;lr>/)
    return home.receive(backFrom(first, 'as3.home1.net', { uri }), 'as3.home1.net')
  }

  it('TS 24.229 §5.4.3.3: is obeyed: the request goes there, past the other criteria and the contact of the user', () => {
    const [out] = diverted('sip:user3@home2.net')
    expect(out!.to).toBe('icscf2.home2.net')
    const request = out!.message as SipRequest
    expect(request.uri).toBe('sip:user3@home2.net')
    expect(names(request)).not.toContain('P-Served-User')
    expect(names(request)).not.toContain('P-Called-Party-ID')
  })

  it('TS 24.229 §5.4.3.3: criteria for ORIGINATING_CDIV see it first (TS 29.228 Annex B.2.3), and once', () => {
    const home = cscf()
    const request = theRequest(diverted('sip:user3@home2.net', 'sip:user1@home1.net', home))
    expect(field(request, 'Route')).toMatch(/^<sip:as5\.home1\.net;lr>/)
    expect(field(request, 'P-Served-User')).toBe('<sip:user1@home1.net>;sescase=orig;regstate=reg')
    const [out] = home.receive(backFrom(request, 'as5.home1.net'), 'as5.home1.net')
    expect([out!.to, names(out!.message as SipRequest).includes('P-Served-User')]).toEqual(['icscf2.home2.net', false])
  })

  it('TS 24.229 §5.4.3.3: but with another name of the same user it is still for her', () => {
    const request = theRequest(diverted('sip:user1@home1.net;user=phone', 'sip:user1@home1.net'))
    expect(field(request, 'Route')).toMatch(/^<sip:as4\.home1\.net;lr>/)
  })

  it('TS 24.229 §5.4.3.3: and to nowhere it is answered 404', () => {
    expect(theResponse(diverted('sip:user3@home7.net')).status).toBe(404)
  })

  it('RFC 3261 §16.7: the answer comes back all the way', () => {
    const home = cscf()
    const out = theRequest(diverted('sip:user3@home2.net', 'sip:plain@home1.net', home))
    const [back] = home.receive(answerTo(out, '200 OK'), 'icscf2.home2.net')
    expect(back!.to).toBe('as3.home1.net')
  })
})
