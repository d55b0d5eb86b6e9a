import { describe, expect, it } from 'vitest'
import type { SipRequest } from '../../src/sip/message.ts'
import { edited, field, requests } from '../ims/alone.ts'
import {
  again,
  answered,
  partial,
  pidf,
  publish,
  published,
  server,
  stateOf,
  subscribe,
  subscribed,
  theNotify,
  tuplesOf,
  watcher,
} from './server.ts'

const home = 'scscf2.home2.net'
const notifiesOf = (sent: Parameters<typeof requests>[0]): SipRequest[] => requests(sent, 'NOTIFY')

/** A server with a watcher that was told the first document long ago. */
function watched(parts: Parameters<typeof server>[0] = {}, changes: Readonly<Record<string, string>> = {}) {
  const ps = server(parts)
  const { entityTag } = published(ps, pidf({ im: 'open' }))
  subscribed(ps, changes)
  ps.pass(100)
  return { ps, entityTag }
}

describe('TS 24.141 §5.3.3.2: a change of presence is told to the watchers', () => {
  it('at once, with the state that it leaves', () => {
    const { ps } = watched()
    const notify = theNotify(published(ps, pidf({ call: 'open' })).sent)
    expect(tuplesOf(notify)).toEqual(['im open', 'call open'])
    expect(stateOf(notify)).toBe('active;expires=7100')
    expect(field(notify, 'CSeq')).toBe('43 NOTIFY')
  })

  it('to each that is active, and to nobody else', () => {
    const ps = server({ watchers: { 'sip:c@x.net': 'confirm', 'sip:p@x.net': 'polite-block', 'sip:b@x.net': 'block' } })
    for (const name of ['a', 'b', 'c', 'p', 'd'])
      ps.receive(
        subscribe({ 'P-Asserted-Identity': `<sip:${name}@x.net>`, From: `<sip:${name}@x.net>;tag=${name}` }),
        home,
      )
    ps.pass(100)
    const told = notifiesOf(published(ps, pidf({ im: 'open' })).sent).map((notify) => notify.headers.to!.uri)
    expect(told.toSorted()).toEqual(['sip:a@x.net', 'sip:d@x.net'])
  })

  it('not when nothing has changed: a refresh, or the same state again', () => {
    const { ps, entityTag } = watched()
    const refreshed = published(ps, '', { 'SIP-If-Match': entityTag })
    const repeated = published(ps, pidf({ im: 'open' }), { 'SIP-If-Match': refreshed.entityTag })
    expect(notifiesOf([...refreshed.sent, ...repeated.sent, ...ps.pass(100)])).toEqual([])
  })

  it('also when a publication is removed, and when it expires', () => {
    const { ps, entityTag } = watched()
    expect(tuplesOf(theNotify(published(ps, '', { 'SIP-If-Match': entityTag, Expires: '0' }).sent))).toEqual([])
    ps.pass(100)
    published(ps, pidf({ call: 'open' }), { Expires: '60' })
    expect(tuplesOf(theNotify(ps.pass(61)))).toEqual([])
  })

  it('not when a PUBLISH was refused', () => {
    const { ps } = watched()
    for (const text of [publish('broken'), publish(pidf({ x: 'open' }), { 'P-Asserted-Identity': `<${watcher}>` })])
      expect(notifiesOf(ps.receive(text, home))).toEqual([])
  })
})

describe('RFC 3856 §6.10: a watcher is not notified more often than every five seconds', () => {
  it('changes in the meantime wait for the gap to pass, and the last state wins', () => {
    const { ps, entityTag } = watched()
    let tag = entityTag
    const times: number[] = []
    const bodies: string[][] = []
    for (const basic of ['closed', 'open', 'closed', 'open', 'closed']) {
      const step = published(ps, pidf({ im: basic, mail: basic }), { 'SIP-If-Match': tag })
      tag = step.entityTag
      for (const { at, message } of [...step.sent, ...ps.pass(1)])
        if (message.protocol === 'sip' && message.kind === 'request') {
          times.push(at)
          bodies.push(tuplesOf(message))
        }
    }
    for (const { at, message } of ps.pass(100)) {
      times.push(at)
      bodies.push(tuplesOf(message as SipRequest))
    }
    expect(times).toEqual([100, 105])
    expect(bodies).toEqual([
      ['im closed', 'mail closed'],
      ['im closed', 'mail closed'],
    ])
  })

  it('the NOTIFY that answers a SUBSCRIBE does not wait, and takes along what waited', () => {
    const { ps } = watched()
    published(ps, pidf({ a: 'open' }))
    ps.pass(1)
    expect(notifiesOf(published(ps, pidf({ b: 'open' })).sent), 'too early').toEqual([])
    expect(ps.decisions.at(-1)).toMatchObject({ outcome: 'the change waits', facts: { microseconds: 4_000_000 } })
    ps.pass(1)
    expect(tuplesOf(theNotify(ps.receive(again(62, 600), home)))).toEqual(['im open', 'a open', 'b open'])
    expect(notifiesOf(ps.pass(100)), 'nothing is left to tell').toEqual([])
  })

  it('the gap begins anew with such a NOTIFY', () => {
    const { ps } = watched()
    published(ps, pidf({ a: 'open' })) // told at 100
    ps.pass(1)
    published(ps, pidf({ b: 'open' })) // waits for 105
    ps.pass(2)
    ps.receive(again(62, 600), home) // told at 103
    ps.pass(1)
    published(ps, pidf({ c: 'open' })) // waits for 108
    const sent = ps.pass(100)
    expect(sent.map(({ at }) => at)).toEqual([108])
    expect(tuplesOf(theNotify(sent))).toEqual(['im open', 'a open', 'b open', 'c open'])
  })

  it('the end of a subscription is not held back', () => {
    const { ps } = watched()
    published(ps, pidf({ a: 'open' }))
    ps.pass(1)
    published(ps, pidf({ b: 'open' }))
    expect(stateOf(theNotify(ps.receive(again(62, 0), home)))).toBe('terminated;reason=timeout')
    expect(notifiesOf(ps.pass(100))).toEqual([])
  })
})

describe('RFC 5263: partial notification, for whoever accepts it', () => {
  it('§4.3: the first NOTIFY has the full state, the next ones what changed, each with the next version', () => {
    const ps = server()
    published(ps, pidf({ im: 'open' }))
    const first = theNotify(subscribed(ps, { Accept: partial }).sent)
    expect(field(first, 'Content-Type')).toBe('application/pidf-diff+xml')
    expect(first.body).toMatch(/<(\w+:)?pidf-full[^>]* version="1"/)
    expect(tuplesOf(first)).toEqual(['im open'])
    for (const [version, tuples] of [
      [2, { call: 'open' }],
      [3, { mail: 'open' }],
    ] as const) {
      ps.pass(10)
      const next = theNotify(published(ps, pidf(tuples)).sent)
      expect(field(next, 'Content-Type')).toBe('application/pidf-diff+xml')
      expect(next.body).toMatch(new RegExp(`<(\\w+:)?pidf-diff[^>]* version="${version}"`))
      expect(next.body).toContain(Object.keys(tuples)[0])
      expect(next.body).not.toContain('"im"')
    }
  })

  it('a refresh is answered with the full state again', () => {
    const { ps } = watched({}, { Accept: partial })
    const notify = theNotify(ps.receive(again(62, 600), home))
    expect(notify.body).toMatch(/<(\w+:)?pidf-full[^>]* version="2"/)
    expect(tuplesOf(notify)).toEqual(['im open'])
  })

  it.each([
    ['says nothing of it', undefined],
    ['accepts only full state', 'application/pidf+xml'],
    ['refuses it (RFC 3261 §20.1)', 'application/pidf+xml, application/pidf-diff+xml;q=0'],
    ['likes full state better', 'application/pidf+xml;q=1, application/pidf-diff+xml;q=0.3'],
  ])('a watcher that %s gets full state each time', (_case, Accept) => {
    const ps = server()
    published(ps, pidf({ im: 'open' }))
    const first = theNotify(subscribed(ps, { Accept }).sent)
    ps.pass(10)
    const second = theNotify(published(ps, pidf({ call: 'open' })).sent)
    for (const notify of [first, second]) expect(field(notify, 'Content-Type')).toBe('application/pidf+xml')
    expect(tuplesOf(second)).toEqual(['im open', 'call open'])
  })

  it('watchers of both kinds watch the same presentity, each at its own version', () => {
    const ps = server()
    const told = (name: string, Accept: string) =>
      theNotify(ps.receive(subscribe({ Accept, 'Call-ID': name, From: `<sip:${name}@x.net>;tag=${name}` }), home))
    told('one', partial)
    published(ps, pidf({ im: 'open' }))
    ps.pass(10)
    expect(told('two', partial).body).toMatch(/pidf-full[^>]* version="1"/)
    told('three', 'application/pidf+xml')
    ps.pass(10)
    const bodies = notifiesOf(published(ps, pidf({ call: 'open' })).sent).map(({ body }) => String(body))
    expect(
      bodies.map((body) => /<(?:\w+:)?(pidf-diff|presence)[^>]*?(?: version="(\d)")?[^>]*>/.exec(body)?.[1]),
    ).toEqual(['pidf-diff', 'pidf-diff', 'presence'])
    expect(bodies.map((body) => / version="(\d)"\/?>/.exec(body.replace(/<\?.*?\?>/, ''))?.[1])).toEqual([
      '3',
      '2',
      undefined,
    ])
  })

  it('two watchers at the same version are each told what changed since they were told last', () => {
    const ps = server()
    const start = (name: string) =>
      ps.receive(subscribe({ Accept: partial, 'Call-ID': name, From: `<sip:${name}@x.net>;tag=${name}` }), home)
    start('one') // full state at 0, without anything
    ps.pass(1)
    published(ps, pidf({ a: 'open' })) // waits for 5
    ps.pass(1)
    start('two') // full state at 2, with a
    ps.pass(1)
    published(ps, pidf({ b: 'open' })) // waits for 5, and for 7
    const told = notifiesOf(ps.pass(10)).map(({ headers, body }) => [
      headers.callId,
      / version="(\d)"/.exec(String(body))![1],
      tuplesOf({ body } as SipRequest),
    ])
    expect(told).toEqual([
      ['one', '2', ['a open', 'b open']],
      ['two', '2', ['b open']],
    ])
  })
})

describe('RFC 6665 §4.2.2: a watcher that is not there', () => {
  it.each([
    '404 Not Found',
    '410 Gone',
    '480 Temporarily Unavailable',
    '481 Subscription Does Not Exist',
    '489 Bad Event',
  ])('is dropped when it answers %s: nothing more is sent', (status) => {
    const { ps } = watched({ answer: () => status })
    expect(notifiesOf(published(ps, pidf({ call: 'open' })).sent)).toEqual([])
    expect(notifiesOf(ps.pass(7300)), 'no end of it is told either').toEqual([])
    expect(answered(ps, again(62, 600)).status).toBe(481)
  })

  it('is dropped when a NOTIFY times out (RFC 3261 §17.1.2.2: after 32 seconds)', () => {
    const { ps } = watched({ answer: () => undefined })
    expect(notifiesOf(published(ps, pidf({ call: 'open' })).sent)).toEqual([])
    expect(answered(ps, again(62, 600)).status).toBe(481)
  })

  it('is not dropped by another failure (RFC 5057 §5.1)', () => {
    const { ps } = watched({ answer: () => '500 Server Internal Error' })
    expect(notifiesOf(published(ps, pidf({ call: 'open' })).sent)).toHaveLength(1)
  })

  it('does not take others along', () => {
    const ps = server({ answer: (notify) => (notify.headers.callId === 'gone' ? '481 Gone' : '200 OK') })
    ps.receive(subscribe({ 'Call-ID': 'gone' }), home)
    ps.receive(edited(subscribe({ 'Call-ID': 'here' }), { From: '<sip:h@x.net>;tag=h' }), home)
    ps.pass(10)
    expect(notifiesOf(published(ps, pidf({ im: 'open' })).sent).map(({ headers }) => headers.callId)).toEqual(['here'])
  })
})

describe('RFC 3261 §8.2: what a presence server does not serve', () => {
  it('§8.2.2.3: an extension in Require that it does not know: 420 with Unsupported', () => {
    for (const text of [subscribe({ Require: 'foo, bar' }), publish(pidf({}), { Require: 'foo, bar' })]) {
      const response = answered(server(), text)
      expect(response.status).toBe(420)
      expect(field(response, 'Unsupported')).toBe('foo, bar')
    }
  })

  it.each([
    ['MESSAGE', 405],
    ['NOTIFY', 481],
  ])('%s is answered %i', (method, status) => {
    const text = publish('', { CSeq: `1 ${method}` }).replace('PUBLISH sip:', `${method} sip:`)
    const response = answered(server(), text)
    expect(response.status).toBe(status)
    if (status === 405) expect(response.headers.allow).toEqual(expect.arrayContaining(['SUBSCRIBE', 'PUBLISH']))
  })
})
