import { describe, expect, it } from 'vitest'
import { presence, tuple } from '../../src/documents/index.ts'
import { composed, type Source, unionPolicy } from '../../src/presence/server/composition.ts'
import { dateOf, momentOf } from '../../src/presence/wall-clock.ts'
import {
  Agent,
  documentIn,
  field,
  identity,
  presenceServer,
  reginfo,
  requests,
  statuses,
  theResponse,
} from './network-agent.ts'

const away = { phone: ['expired'] } as const

describe('a presence network agent and what it is told', () => {
  it('of every identity of the set there is a publication, but not of one with a wildcard', () => {
    const pna = new Agent()
    pna.register()
    const one = { phone: ['registered'] } as const
    const wildcard = '<wildcardedIdentity xmlns="urn:3gpp:ns:extRegExp:1.0">sip:desk!.*!@home1.net</wildcardedIdentity>'
    const all = reginfo(0, 'full', { [identity]: one, 'tel:+12125551111': one, 'sip:desk!.*!@home1.net': one })
    const at = all.lastIndexOf('</registration>')
    const sent = pna.notify(all.slice(0, at) + wildcard + all.slice(at))
    expect(requests(sent, 'PUBLISH').map(({ uri }) => uri)).toEqual([identity, 'tel:+12125551111'])
  })

  it('RFC 3680 §4.7.2: a document that does not follow from the last changes nothing: it asks for the whole', () => {
    const pna = new Agent()
    pna.registered()
    const sent = pna.notify(reginfo(5, 'partial', { [identity]: away }))
    expect(requests(sent, 'PUBLISH')).toEqual([])
    expect(requests(sent, 'SUBSCRIBE')).toHaveLength(1)
    expect(requests(pna.notify(reginfo(6, 'full', { [identity]: away })), 'PUBLISH').map(statuses)).toEqual([
      ['closed'],
    ])
  })

  it('a NOTIFY of no subscription is answered 481', () => {
    const pna = new Agent()
    pna.registered()
    const response = theResponse(pna.notify('', { 'Call-ID': 'other' }))
    expect(response.status).toBe(481)
  })

  it('a subscription that is over while the user may still be registered leaves nothing to say of her contacts', () => {
    const pna = new Agent()
    pna.registered()
    const ended = { 'Subscription-State': 'terminated;reason=rejected' }
    const sent = pna.notify(reginfo(1, 'partial', { [identity]: { phone: ['refreshed'] } }), ended)
    const [gone] = requests(sent, 'PUBLISH')
    expect([gone!.body, field(gone!, 'Expires')]).toEqual(['', '0'])
  })

  it.each([
    ['is refused', '403 Forbidden', 0],
    ['is not answered', undefined, 32],
  ])('a subscription that %s is asked for again when the S-CSCF tells of the user again', (_case, status, seconds) => {
    const pna = new Agent()
    pna.status = (request) => (request.method === 'SUBSCRIBE' ? status : '200 OK')
    pna.register()
    pna.alone.pass(seconds)
    expect(pna.state.listener.subscriptions.size).toBe(0)
    pna.status = () => '200 OK'
    expect(requests(pna.register(), 'SUBSCRIBE')).toHaveLength(1)
    expect(requests(pna.register(), 'SUBSCRIBE')).toEqual([])
  })

  it('the cell of the registration is a place, if it is known where it is', () => {
    const cells = { a1: { placeType: 'office' } }
    const at = (cell: string) => ({ 'P-Access-Network-Info': `3GPP-UTRAN-TDD; utran-cell-id-3gpp=${cell}` })
    const pna = new Agent({ cells })
    expect(requests(pna.register(600000, at('a1')), 'PUBLISH')).toEqual([])
    const sent = pna.notify(reginfo(0, 'full', { [identity]: { phone: ['registered'] } }))
    const [both] = requests(sent, 'PUBLISH')
    expect(statuses(both!)).toEqual(['open'])
    expect(both!.body).toContain('<lt:office/>')
    const other = new Agent({ cells })
    other.registered()
    expect(requests(other.register(600000, at('a2')), 'PUBLISH')).toEqual([])
    expect(requests(other.register(600000, at('a1')), 'PUBLISH')).toHaveLength(1)
  })
})

describe('a presence network agent and what it publishes', () => {
  it('events of one user are one publication, those of another user another', () => {
    const pna = new Agent()
    expect(pna.event({ call: 'active' })).toHaveLength(1)
    const [other] = requests(
      pna.alone.command({ do: 'network-event', of: 'sip:user9@home1.net', call: 'active' }),
      'PUBLISH',
    )
    expect([other!.uri, field(other!, 'SIP-If-Match')]).toEqual(['sip:user9@home1.net', undefined])
  })

  it('when nothing is left to say the publication is removed and the user forgotten', () => {
    const pna = new Agent()
    pna.event({ call: 'active', location: { placeType: 'office' } })
    const [rest] = pna.event({ call: 'idle' })
    expect(documentIn(rest!).extensions).toHaveLength(1)
    const [gone] = pna.event({ location: 'unknown' })
    expect([gone!.body, field(gone!, 'Expires')]).toEqual(['', '0'])
    expect([pna.state.subjects.size, pna.state.tags.size]).toEqual([0, 0])
    expect(pna.event({ call: 'idle' })).toEqual([])
    expect(pna.state.subjects.size).toBe(0)
  })

  it('a cell of which nothing is known says nothing', () => {
    expect(new Agent().event({ location: { cell: 'a9' } })).toEqual([])
  })

  it('a change waits for the answer to the publication before it', () => {
    const pna = new Agent()
    pna.status = (request) => (request.method === 'PUBLISH' ? undefined : '200 OK')
    expect(pna.event({ call: 'active' })).toHaveLength(1)
    expect(pna.event({ location: { placeType: 'office' } })).toEqual([])
    pna.status = () => '200 OK'
    const [next] = requests(pna.alone.pass(40), 'PUBLISH')
    expect(next!.body).toMatch(/on-the-phone.*office/s)
  })

  it('RFC 3261 §8.1.3.1: a publication that is not answered is tried again, later each time, until it is', () => {
    const pna = new Agent()
    pna.registered()
    pna.status = (request) => (request.method === 'PUBLISH' ? undefined : '200 OK')
    expect(pna.event({ call: 'active' })).toHaveLength(1)
    // Timer F after 32 s, a pause of 30 to 60 s; Timer F, a pause of 60 to 120 s.
    expect(requests(pna.alone.pass(61), 'PUBLISH')).toEqual([])
    const [again] = requests(pna.alone.pass(31), 'PUBLISH')
    expect(again!.body).toContain('on-the-phone')
    expect(requests(pna.alone.pass(61), 'PUBLISH')).toEqual([])
    pna.status = () => '200 OK'
    expect(requests(pna.alone.pass(92), 'PUBLISH')).toHaveLength(1)
    expect(requests(pna.alone.pass(1000), 'PUBLISH')).toEqual([])
    pna.status = (request) => (request.method === 'PUBLISH' ? undefined : '200 OK')
    const [refresh, second] = requests(pna.alone.pass(2300), 'PUBLISH')
    expect([refresh!.body, second!.body]).toEqual(['', ''])
    expect(field(second!, 'SIP-If-Match')).toBe(field(refresh!, 'SIP-If-Match'))
  })

  it('RFC 3903 §4.3: what could not be refreshed before it ran out is published anew', () => {
    const pna = new Agent({ duration: 60 })
    pna.registered()
    pna.status = (request) => (request.method === 'PUBLISH' ? undefined : '200 OK')
    const [refresh, anew] = requests(pna.alone.pass(160), 'PUBLISH')
    expect([refresh!.body, field(anew!, 'SIP-If-Match'), statuses(anew!)]).toEqual(['', undefined, ['open']])
    expect([...pna.state.tags]).toEqual([])
  })

  it('a removal that is not answered is given up when its state has run out, and the user is forgotten', () => {
    const pna = new Agent({ duration: 100 })
    pna.event({ call: 'active' })
    pna.status = (request) => (request.method === 'PUBLISH' ? undefined : '200 OK')
    const [removal] = pna.event({ call: 'idle' })
    expect(field(removal!, 'Expires')).toBe('0')
    pna.alone.pass(600)
    expect([pna.state.subjects.size, pna.state.tags.size]).toEqual([0, 0])
  })

  it('a publication that is refused is not tried again before there is something new', () => {
    const pna = new Agent()
    pna.status = (request) => (request.method === 'PUBLISH' ? '403 Forbidden' : '200 OK')
    expect(pna.event({ call: 'active' })).toHaveLength(1)
    expect(pna.event({ call: 'active' })).toEqual([])
    expect(requests(pna.alone.pass(7200), 'PUBLISH')).toEqual([])
    expect(pna.event({ location: { placeType: 'office' } })).toHaveLength(1)
  })

  it('after a restart nothing is known; the tuples have the same names again', () => {
    const pna = new Agent()
    const [before] = pna.registered()
    pna.alone.simulation.command(0, 'world', { do: 'restart', node: 'pna1.home1.net' })
    pna.alone.pass(1)
    expect(pna.state.subjects.size).toBe(0)
    expect(theResponse(pna.notify(reginfo(1, 'partial', { [identity]: away }))).status).toBe(481)
    const [after] = pna.registered()
    expect(field(after!, 'SIP-If-Match')).toBeUndefined()
    expect(documentIn(after!).tuples[0]!.id).toBe(documentIn(before!).tuples[0]!.id)
  })

  it('it sends to the presence server alone', () => {
    const pna = new Agent()
    const sent = pna.alone.command({ do: 'network-event', of: identity, call: 'active' })
    expect(sent.map(({ to }) => to)).toEqual([presenceServer])
  })
})

describe('TS 23.141 §5.1: what the network says among what others say', () => {
  const at = (basic: 'open' | 'closed') => presence(identity, { tuples: [tuple('t', basic)] })
  const own: Source = { document: at('open'), origin: identity, moment: 1 }
  const network: Source = { document: at('closed'), origin: 'sip:pna1.home1.net', moment: 2, isOfNetwork: true }
  const basics = (ranking: readonly string[], sources: readonly Source[]) =>
    composed(identity, sources, { ...unionPolicy, tuples: 'priority', ranking }).tuples.map(
      ({ status }) => status.basic,
    )

  it.each([
    [['hard-state', 'network', 'publication'], 'open'],
    [['hard-state', 'publication', 'network'], 'closed'],
    [['hard-state', 'publication'], 'closed'],
    [['hard-state', 'network', 'publication', 'sip:pna1.home1.net'], 'closed'],
    [['sip:pna1.home1.net', 'hard-state', 'publication', 'network'], 'open'],
  ] as const)('with the ranking %j the tuple is %s', (ranking, basic) => {
    expect(basics(ranking, [own, network])).toEqual([basic])
    expect(basics(ranking, [network, own])).toEqual([basic])
  })

  it('unless told otherwise the user is believed more than the network, and the network more than hard state', () => {
    expect(unionPolicy.ranking).toEqual(['hard-state', 'network', 'publication'])
    const hard: Source = { document: at('open'), origin: 'hard-state', moment: 3 }
    expect(basics(unionPolicy.ranking, [network, hard])).toEqual(['closed'])
  })
})

describe('RFC 3261 §20.17: the Date header field', () => {
  it.each([
    ['1970-01-01T00:00:00Z', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['2001-07-11T08:49:37Z', 'Wed, 11 Jul 2001 08:49:37 GMT'],
    ['2016-02-29T23:59:59Z', 'Mon, 29 Feb 2016 23:59:59 GMT'],
    ['2016-03-01T00:00:00Z', 'Tue, 01 Mar 2016 00:00:00 GMT'],
    ['2015-12-31T23:59:59.999Z', 'Thu, 31 Dec 2015 23:59:59 GMT'],
    ['2000-01-01T00:00:00Z', 'Sat, 01 Jan 2000 00:00:00 GMT'],
    ['1969-12-31T23:59:59Z', 'Wed, 31 Dec 1969 23:59:59 GMT'],
  ])('%s is %s', (dateTime, date) => {
    expect(dateOf(momentOf(dateTime)!)).toBe(date)
  })
})
