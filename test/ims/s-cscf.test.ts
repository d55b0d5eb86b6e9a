import { describe, expect, it } from 'vitest'
import type { InitialFilterCriterion } from '../../src/ims/s-cscf/filter-criteria.ts'
import type { ServedUser, ServingCscfSettings } from '../../src/ims/s-cscf/s-cscf.ts'
import { nameAddr } from '../../src/ims/ue/ue.ts'
import type { SipMessage, SipRequest } from '../../src/sip/message.ts'
import { Alone, answerTo, edited, field, names, type Sent, theRequest, theResponse } from './alone.ts'

const pcscf = 'pcscf1.home1.net'
const contact = 'sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp'

const when = (method: string, server: string, priority: number): InitialFilterCriterion => ({
  priority,
  conditionType: 'CNF',
  groups: [[{ kind: 'method', method, negated: false }]],
  serverName: server,
  defaultHandling: 'continue',
})

const user = (identity: string, parts: Partial<ServedUser> = {}): ServedUser => ({
  identity,
  criteria: [],
  contact: { uri: contact, path: [nameAddr('sip:term@pcscf1.home1.net;lr')] },
  ...parts,
})

const settings: ServingCscfSettings = {
  host: 'scscf1.home1.net',
  network: 'home1.net',
  users: [
    user('sip:user1_public1@home1.net', { criteria: [when('PUBLISH', 'sip:ps.home1.net', 10)] }),
    user('sip:user2_public1@home1.net', {
      criteria: [
        when('SUBSCRIBE', 'sip:ps.home1.net', 20),
        when('SUBSCRIBE', 'sip:log.home1.net;lr', 10),
        when('PUBLISH', 'sip:as.elsewhere.net', 30),
      ],
    }),
    user('sip:user3_public1@home1.net'),
    user('sip:user4_public1@home1.net', { contact: undefined }),
    user('sip:user5_public1@home1.net', {
      contact: undefined,
      criteria: [
        {
          ...when('SUBSCRIBE', 'sip:ps.home1.net', 0),
          groups: [[{ kind: 'sessionCase', sessionCase: 'terminating-unregistered', negated: false }]],
        },
      ],
    }),
  ],
  recordRoute: { originating: true, terminating: false },
  domains: { 'home1.net': 'icscf1.home1.net', 'home2.net': 'icscf2.home2.net' },
}

const cscf = (parts: Partial<ServingCscfSettings> = {}) =>
  new Alone('s-cscf', 'scscf1.home1.net', { ...settings, ...parts })

/** What the P-CSCF sends for a user of the S-CSCF. */
const originating = `
  SUBSCRIBE sip:user2_public1@home2.net SIP/2.0
  Via: SIP/2.0/UDP ${pcscf};branch=z9hG4bK2, SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;branch=z9hG4bK1
  Max-Forwards: 69
  P-Access-Network-Info: 3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11
  P-Charging-Vector: icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=023551024"
  P-Charging-Function-Addresses: ccf=[5555::b99:c88:d77:e66]
  Route: <sip:orig@scscf1.home1.net;lr>
  Record-Route: <sip:pcscf1.home1.net;lr>
  P-Asserted-Identity: <sip:user1_public1@home1.net>
  Privacy: none
  From: <sip:user1_public1@home1.net>;tag=31415
  To: <sip:user2_public1@home2.net>
  Call-ID: b89rjhnedlrfjflslj40a222
  CSeq: 61 SUBSCRIBE
  Event: presence
  Expires: 7200
  Contact: <${contact}>
`
const publish = edited(originating, {
  To: '<sip:user1_public1@home1.net>',
  CSeq: '61 PUBLISH',
  'Record-Route': undefined,
  Contact: undefined,
}).replace('SUBSCRIBE sip:user2_public1@home2.net', 'PUBLISH sip:user1_public1@home1.net')

/** What the I-CSCF sends for a user of the S-CSCF. */
const terminating = (to: string) =>
  edited(originating, {
    Via: 'SIP/2.0/UDP icscf1.home1.net;branch=z9hG4bK4, SIP/2.0/UDP scscf9.home9.net;branch=z9hG4bK3',
    Route: '<sip:scscf1.home1.net;lr>',
    'P-Charging-Vector': 'icid-value="i9";orig-ioi=home9.net',
    'P-Asserted-Identity': '<sip:user9_public1@home9.net>',
    From: '<sip:user9_public1@home9.net>;tag=31415',
    To: `<${to}>`,
    'P-Access-Network-Info': undefined,
    'P-Charging-Function-Addresses': undefined,
  }).replace('SUBSCRIBE sip:user2_public1@home2.net', `SUBSCRIBE ${to}`)

const sip = (sent: readonly Sent[]): SipMessage => sent[0]!.message as SipMessage

describe('TS 24.229 §5.4.3.2: an initial request of a served user', () => {
  it('without a matching criterion goes to the entry point of the domain in the Request-URI, without a Route', () => {
    const [sent] = cscf().receive(originating, pcscf)
    expect(sent!.to).toBe('icscf2.home2.net')
    const request = sent!.message as SipRequest
    expect(request.uri).toBe('sip:user2_public1@home2.net')
    expect(names(request)).not.toContain('Route')
    expect(field(request, 'Max-Forwards')).toBe('68')
    expect(request.headers.via!.map(({ host }) => host)).toEqual(['scscf1.home1.net', pcscf, '[5555::aaa:bbb:ccc:ddd]'])
  })

  it('names its network in orig-ioi and leaves the charging identifier', () => {
    expect(field(theRequest(cscf().receive(originating, pcscf)), 'P-Charging-Vector')).toBe(
      'icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=023551024";orig-ioi=home1.net',
    )
  })

  it('is record-routed above the P-CSCF if it may make a dialog', () => {
    expect(field(theRequest(cscf().receive(originating, pcscf)), 'Record-Route')).toBe(
      '<sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net;lr>',
    )
  })

  it('is not record-routed if it is a standalone transaction', () => {
    expect(names(theRequest(cscf().receive(publish, pcscf)))).not.toContain('Record-Route')
  })

  it('takes no access information and no charging addresses to another network', () => {
    const request = theRequest(cscf().receive(originating, pcscf))
    expect(names(request)).not.toContain('P-Access-Network-Info')
    expect(names(request)).not.toContain('P-Charging-Function-Addresses')
    expect(field(request, 'P-Asserted-Identity')).toBe('<sip:user1_public1@home1.net>')
  })

  it('takes them along to an entry point of its own network', () => {
    const [sent] = cscf().receive(originating.replaceAll('user2_public1@home2.net', 'user4_public1@home1.net'), pcscf)
    expect(sent!.to).toBe('icscf1.home1.net')
    expect(names(sent!.message as SipRequest)).toContain('P-Access-Network-Info')
  })

  it('for a domain that can not be resolved: 404', () => {
    for (const domain of ['home7.net', 'constructor']) {
      const text = originating.replaceAll('user2_public1@home2.net', `user2_public1@${domain}`)
      expect(theResponse(cscf().receive(text, pcscf)).status, domain).toBe(404)
    }
  })

  it('in the name of a user who is not served here, or of nobody: 403', () => {
    const stranger = edited(originating, { 'P-Asserted-Identity': '<sip:user9_public1@home1.net>' })
    expect(theResponse(cscf().receive(stranger, pcscf)).status).toBe(403)
    expect(theResponse(cscf().receive(edited(originating, { 'P-Asserted-Identity': undefined }), pcscf)).status).toBe(
      403,
    )
  })

  it('knows the served user by a second asserted identity too', () => {
    const both = '<tel:+12125551111>, <sip:user1_public1@home1.net>'
    expect(cscf().receive(edited(originating, { 'P-Asserted-Identity': both }), pcscf)[0]!.to).toBe('icscf2.home2.net')
  })

  it('the answer goes back by the Via, with the access information of nobody else touched', () => {
    const one = cscf()
    const request = theRequest(one.receive(originating, pcscf))
    const more = { 'P-Charging-Vector': 'icid-value="x";orig-ioi=home1.net;term-ioi=home2.net', Expires: '7200' }
    const sent = one.receive(answerTo(request, '200 OK', more), 'icscf2.home2.net')
    expect(sent[0]!.to).toBe(pcscf)
    expect(field(sip(sent), 'P-Charging-Vector')).toBe(more['P-Charging-Vector'])
    expect(sip(sent).headers.via!.map(({ host }) => host)).toEqual([pcscf, '[5555::aaa:bbb:ccc:ddd]'])
  })
})

describe('TS 24.229 §5.4.3.2: a matching criterion', () => {
  it('routes to the application server and back to the own URI with an identifier of the dialog', () => {
    const [sent] = cscf().receive(publish, pcscf)
    expect(sent!.to).toBe('ps.home1.net')
    expect(field(sent!.message as SipRequest, 'Route')).toMatch(
      /^<sip:ps\.home1\.net;lr>, <sip:[^@>]+@scscf1\.home1\.net;lr>$/,
    )
  })

  it('is told as a decision, with the user, the session case and what the request was', () => {
    const one = cscf()
    one.receive(publish, pcscf)
    expect(one.decisions.filter(({ rule }) => rule.step === 'evaluate initial filter criteria')).toMatchObject([
      {
        outcome: 'criterion 10: sip:ps.home1.net',
        facts: {
          user: 'sip:user1_public1@home1.net',
          'session case': 'originating',
          method: 'PUBLISH',
          event: 'presence',
          criteria: 1,
        },
      },
    ])
    const other = cscf()
    other.receive(originating, pcscf)
    expect(other.decisions[0]!.outcome).toBe('no criterion matches')
  })

  it('uses another identifier for another dialog', () => {
    const one = cscf()
    const first = theRequest(one.receive(publish, pcscf))
    const other = edited(publish, { Via: `SIP/2.0/UDP ${pcscf};branch=z9hG4bK7`, 'Call-ID': 'other' })
    expect(field(theRequest(one.receive(other, pcscf)), 'Route')).not.toBe(field(first, 'Route'))
  })

  it('takes access information along to a server of its own network, not to one elsewhere', () => {
    expect(names(theRequest(cscf().receive(publish, pcscf)))).toContain('P-Access-Network-Info')
    const away = edited(publish, { 'P-Asserted-Identity': '<sip:user2_public1@home1.net>' })
    const [sent] = cscf().receive(away, pcscf)
    expect(sent!.to).toBe('as.elsewhere.net')
    expect(names(sent!.message as SipRequest)).not.toContain('P-Access-Network-Info')
    expect(names(sent!.message as SipRequest)).not.toContain('P-Charging-Function-Addresses')
  })

  it('TS 23.218 §6.5: what returns from a server goes on with the next criterion, and at last to its destination', () => {
    const one = cscf()
    const hops: string[] = []
    let [sent] = one.receive(terminating('sip:user2_public1@home1.net'), 'icscf1.home1.net')
    for (let turn = 0; turn < 3; turn++) {
      const request = sent!.message as SipRequest
      hops.push(sent!.to)
      if (sent!.to === pcscf) break
      // The server acts as a proxy: its own Route entry goes, its Via comes on top.
      const back = edited(originalText(request), {
        Route: field(request, 'Route')!.split(', ').slice(1).join(', '),
        Via: `SIP/2.0/UDP ${sent!.to};branch=z9hG4bKas${turn}, ${field(request, 'Via')}`,
      })
      ;[sent] = one.receive(back, sent!.to)
    }
    expect(hops).toEqual(['log.home1.net', 'ps.home1.net', pcscf])
  })

  it('does not name the network a second time, nor record-route again, when a request returns', () => {
    const one = cscf()
    const request = theRequest(one.receive(publish, pcscf))
    const back = edited(originalText(request), {
      Route: field(request, 'Route')!.split(', ')[1],
      Via: `SIP/2.0/UDP ps.home1.net;branch=z9hG4bKas, ${field(request, 'Via')}`,
    })
    const [sent] = one.receive(back, 'ps.home1.net')
    expect(sent!.to).toBe('icscf1.home1.net')
    const after = sent!.message as SipRequest
    expect(field(after, 'P-Charging-Vector')).toBe(field(request, 'P-Charging-Vector'))
    expect(names(after)).not.toContain('Record-Route')
    expect(names(after)).not.toContain('Route')
  })
})

/** The text of a request, for a server that sends it on. */
function originalText(request: SipRequest): string {
  const lines = names(request).map((name) => `${name}: ${field(request, name)}`)
  return [`${request.method} ${request.uri} SIP/2.0`, ...lines].join('\n')
}

describe('TS 24.229 §5.4.3.3: an initial request for a served user', () => {
  it('goes to the server of the first matching criterion, and the S-CSCF does not stay on the path', () => {
    const [sent] = cscf().receive(terminating('sip:user2_public1@home1.net'), 'icscf1.home1.net')
    expect(sent!.to).toBe('log.home1.net')
    const request = sent!.message as SipRequest
    expect(field(request, 'Record-Route')).toBe('<sip:pcscf1.home1.net;lr>')
    expect(field(request, 'P-Charging-Vector')).toBe('icid-value="i9";orig-ioi=home9.net')
  })

  it('stays on the path if the topology says so', () => {
    const one = cscf({ recordRoute: { originating: true, terminating: true } })
    const request = theRequest(one.receive(terminating('sip:user3_public1@home1.net'), 'icscf1.home1.net'))
    expect(field(request, 'Record-Route')).toBe('<sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net;lr>')
  })

  it('without a criterion goes to the registered contact by its Path, and the called identity is told', () => {
    const [sent] = cscf().receive(terminating('sip:user3_public1@home1.net'), 'icscf1.home1.net')
    expect(sent!.to).toBe(pcscf)
    const request = sent!.message as SipRequest
    expect(request.uri).toBe(contact)
    expect(field(request, 'Route')).toBe('<sip:term@pcscf1.home1.net;lr>')
    expect(field(request, 'P-Called-Party-ID')).toBe('<sip:user3_public1@home1.net>')
    expect(field(request, 'To')).toBe('<sip:user3_public1@home1.net>')
  })

  it('RFC 3261 §19.1.4: the host of the Request-URI compares without case', () => {
    const [sent] = cscf().receive(terminating('sip:user3_public1@HOME1.net'), 'icscf1.home1.net')
    expect(sent!.to).toBe(pcscf)
  })

  it('for a user who is not registered: 480', () => {
    expect(theResponse(cscf().receive(terminating('sip:user4_public1@home1.net'), 'icscf1.home1.net')).status).toBe(480)
  })

  it('for a user who is not registered, but has a service for that case: to its server', () => {
    const [sent] = cscf().receive(terminating('sip:user5_public1@home1.net'), 'icscf1.home1.net')
    expect(sent!.to).toBe('ps.home1.net')
  })

  it('for a user who is not known: 404', () => {
    expect(theResponse(cscf().receive(terminating('sip:nobody@home1.net'), 'icscf1.home1.net')).status).toBe(404)
  })

  it('names the network that answers in term-ioi, beside what the request said', () => {
    const one = cscf()
    const request = theRequest(one.receive(terminating('sip:user5_public1@home1.net'), 'icscf1.home1.net'))
    const sent = one.receive(answerTo(request, '200 OK', { Expires: '7200' }), 'ps.home1.net')
    expect(sent[0]!.to).toBe('icscf1.home1.net')
    expect(field(sip(sent), 'P-Charging-Vector')).toBe('icid-value="i9";orig-ioi=home9.net;term-ioi=home1.net')
  })
})

describe('TS 24.229 §5.4.3: a request within a dialog', () => {
  const notify = `
    NOTIFY ${contact} SIP/2.0
    Via: SIP/2.0/UDP ps.home2.net;branch=z9hG4bK1
    Max-Forwards: 70
    P-Charging-Vector: icid-value="n1";orig-ioi=home2.net
    Route: <sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net;lr>
    From: <sip:user2_public1@home2.net>;tag=151170
    To: <sip:user1_public1@home1.net>;tag=31415
    Call-ID: b89rjhnedlrfjflslj40a222
    CSeq: 42 NOTIFY
    Event: presence
    Subscription-State: active;expires=7200
    Contact: <sip:ps.home2.net>
  `

  it('follows its route: no criterion, no Record-Route, charging untouched', () => {
    const one = cscf()
    const [sent] = one.receive(notify, 'ps.home2.net')
    expect(sent!.to).toBe(pcscf)
    const request = sent!.message as SipRequest
    expect(field(request, 'Route')).toBe('<sip:pcscf1.home1.net;lr>')
    expect(field(request, 'Max-Forwards')).toBe('69')
    expect(field(request, 'P-Charging-Vector')).toBe('icid-value="n1";orig-ioi=home2.net')
    expect(names(request)).not.toContain('Record-Route')
    expect(one.decisions).toEqual([])
  })

  it('access information in the answer does not leave the network', () => {
    const one = cscf()
    const request = theRequest(one.receive(notify, 'ps.home2.net'))
    const more = {
      'P-Access-Network-Info': '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11',
      'P-Charging-Function-Addresses': 'ccf=[5555::1]',
    }
    const sent = one.receive(answerTo(request, '200 OK', more), pcscf)
    expect(sent[0]!.to).toBe('ps.home2.net')
    expect(names(sip(sent))).not.toContain('P-Access-Network-Info')
    expect(names(sip(sent))).not.toContain('P-Charging-Function-Addresses')
    expect(names(sip(sent))).not.toContain('P-Charging-Vector')
  })

  it('access information in the answer stays within the network', () => {
    const one = cscf()
    const request = theRequest(one.receive(notify.replaceAll('ps.home2.net', 'ps.home1.net'), 'ps.home1.net'))
    const more = { 'P-Access-Network-Info': '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11' }
    expect(names(sip(one.receive(answerTo(request, '200 OK', more), pcscf)))).toContain('P-Access-Network-Info')
  })

  it('access information in a refresh by the UE does not leave the network', () => {
    const refresh = edited(originating, {
      To: '<sip:user2_public1@home2.net>;tag=151170',
      Route: '<sip:scscf1.home1.net;lr>',
      'P-Asserted-Identity': undefined,
    }).replace('SUBSCRIBE sip:user2_public1@home2.net', 'SUBSCRIBE sip:ps.home2.net')
    const [sent] = cscf().receive(refresh, pcscf)
    expect(sent!.to).toBe('ps.home2.net')
    expect(names(sent!.message as SipRequest)).not.toContain('P-Access-Network-Info')
  })
})

describe('RFC 3261 §16.3: what the S-CSCF refuses as a proxy', () => {
  it('a request that has no hop left: 483', () => {
    expect(theResponse(cscf().receive(edited(originating, { 'Max-Forwards': '0' }), pcscf)).status).toBe(483)
  })

  it('an extension in Proxy-Require that it does not know: 420 with Unsupported', () => {
    const response = theResponse(cscf().receive(edited(originating, { 'Proxy-Require': 'foo' }), pcscf))
    expect(response.status).toBe(420)
    expect(field(response, 'Unsupported')).toBe('foo')
  })
})
