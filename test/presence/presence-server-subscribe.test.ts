import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/sim/time.ts'
import { field, names, requests } from '../ims/alone.ts'
import {
  again,
  answered,
  partial,
  pidf,
  presentity,
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

describe('TS 24.141 §5.3.3.2: identity, then authorization, then RFC 6665 and RFC 3856', () => {
  it('TS 24.229 §5.7.1.4: a request without an asserted identity is refused 403, whatever else is wrong', () => {
    const nobody = { 'P-Asserted-Identity': undefined }
    expect(answered(server(), subscribe(nobody)).status).toBe(403)
    expect(answered(server(), subscribe(nobody, 'sip:unknown@home2.net')).status).toBe(403)
    expect(answered(server(), subscribe({ ...nobody, Event: 'foo' })).status).toBe(403)
  })

  it('RFC 3856 §6.6.2: an unknown presentity is answered 404, but only to whom the network vouches for', () => {
    expect(answered(server(), subscribe({}, 'sip:unknown@home2.net')).status).toBe(404)
    expect(answered(server({ otherwise: 'block' }), subscribe({ Event: 'foo' }, 'sip:unknown@home2.net')).status).toBe(
      404,
    )
  })

  it('RFC 5025 §3.2.1: a blocked watcher is refused 403, before it learns anything of event packages', () => {
    for (const Event of ['presence', 'foo']) {
      const sent = server({ watchers: { [watcher]: 'block' } }).receive(subscribe({ Event }), home)
      expect(sent).toHaveLength(1)
      expect(sent[0]).toMatchObject({ to: home, message: { status: 403 } })
    }
  })

  it('RFC 6665 §8.3.2: an event package that is not served is answered 489 with Allow-Events', () => {
    for (const Event of ['foo', 'presence.winfo', 'reg', undefined]) {
      const response = answered(server(), subscribe({ Event }))
      expect(response.status, Event).toBe(489)
      expect(field(response, 'Allow-Events')).toBe('presence')
    }
  })

  it('RFC 6665 §4.2.1.1: a duration below the shortest is answered 423 with Min-Expires', () => {
    const response = answered(server(), subscribe({ Expires: '59' }))
    expect(response.status).toBe(423)
    expect(field(response, 'Min-Expires')).toBe('60')
    expect(answered(server(), subscribe({ Expires: '60' })).status).toBe(200)
  })

  it('RFC 3261 §8.1.1.8: a SUBSCRIBE without Contact is answered 400', () => {
    expect(answered(server(), subscribe({ Contact: undefined })).status).toBe(400)
  })

  it('a refused SUBSCRIBE leaves nothing behind: a change is told to nobody', () => {
    const ps = server({ watchers: { [watcher]: 'block' } })
    ps.receive(subscribe(), home)
    expect(requests(published(ps, pidf({ im: 'open' })).sent, 'NOTIFY')).toEqual([])
  })

  it('RFC 3261 §19.1.4: identities compare as URIs: the host without case', () => {
    const ps = server({ watchers: { [watcher]: 'block' } })
    const other = { 'P-Asserted-Identity': '<sip:user1_public1@HOME1.net>' }
    expect(answered(ps, subscribe(other)).status).toBe(403)
    expect(answered(server(), subscribe({}, 'sip:user2_public1@HOME2.net')).status).toBe(200)
  })
})

describe('RFC 6665 §4.2.1.1: an accepted SUBSCRIBE', () => {
  it('is answered 200 with Expires, Contact, a tag and the Record-Route as it came', () => {
    const { response } = subscribed(server())
    expect(response.status).toBe(200)
    expect(field(response, 'Expires')).toBe('7200')
    expect(field(response, 'Contact')).toBe('<sip:ps.home2.net>')
    expect(field(response, 'To')).toBe(`<${presentity}>;tag=151170`)
    expect(field(response, 'Record-Route')).toBe('<sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net;lr>')
  })

  it.each([
    ['less than the most', '3601', '3601'],
    ['more than the most', '90000', '7200'],
    ['nothing, which is an hour (RFC 3856 §6.4)', undefined, '3600'],
  ])('is granted, when it asks for %s, no more than that', (_case, asked, granted) => {
    const { response, notifies } = subscribed(server(), { Expires: asked })
    expect(field(response, 'Expires')).toBe(granted)
    expect(stateOf(notifies[0]!)).toBe(`active;expires=${granted}`)
  })

  it('§4.2.1.2: is followed by a NOTIFY in the same turn, behind the 200', () => {
    const { sent, notifies } = subscribed(server())
    expect(sent.map(({ message }) => message.kind)).toEqual(['response', 'request'])
    expect(sent[1]!.step).toBe(sent[0]!.step)
    expect(notifies).toHaveLength(1)
  })

  it('is followed by the NOTIFY later, where it takes a while to compose', () => {
    const ps = server({ notifyAfter: seconds(2) })
    expect(subscribed(ps).notifies).toEqual([])
    expect(requests(ps.pass(1.9), 'NOTIFY')).toEqual([])
    expect(stateOf(theNotify(ps.pass(0.2)))).toBe('active;expires=7198')
  })

  it('a refresh while it is still composing makes one NOTIFY, not two', () => {
    const ps = server({ notifyAfter: seconds(2) })
    subscribed(ps)
    ps.pass(1)
    const sent = ps.receive(again(62, 7200), home).concat(ps.pass(10))
    expect(requests(sent, 'NOTIFY')).toHaveLength(1)
  })

  it('TS 24.141 A.5.2.1: the NOTIFY goes along the route set of the dialog to the Contact of the watcher', () => {
    const { sent, notifies } = subscribed(server())
    const notify = notifies[0]!
    expect(sent[1]!.to).toBe('scscf1.home1.net')
    expect(notify.uri).toBe('sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp')
    expect(field(notify, 'Route')).toBe('<sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net;lr>')
    expect(field(notify, 'From')).toBe(`<${presentity}>;tag=151170`)
    expect(field(notify, 'To')).toBe(`<${watcher}>;tag=31415`)
    expect(field(notify, 'Call-ID')).toBe('b89rjhnedlrfjflslj40a222')
    expect(field(notify, 'CSeq')).toBe('42 NOTIFY')
    expect(field(notify, 'Max-Forwards')).toBe('70')
    expect(field(notify, 'Event')).toBe('presence')
    expect(field(notify, 'Contact')).toBe('<sip:ps.home2.net>')
    expect(field(notify, 'P-Charging-Vector')).toMatch(/^icid-value="[^"]+";orig-ioi=home2\.net$/)
    expect(names(notify)).not.toContain('P-Asserted-Identity')
    expect(names(notify)).not.toContain('Record-Route')
  })
})

describe('RFC 5025 §3.2.1: what a watcher sees, by how the presentity handles it', () => {
  const secret = pidf({ im: 'open' })

  /** A server that knows something of the presentity, and a watcher whom it handles so. */
  function handled(handling: 'allow' | 'confirm' | 'polite-block') {
    const ps = server({ watchers: { [watcher]: handling } })
    published(ps, secret)
    return ps
  }

  it('allow: active, with the document', () => {
    const { response, notifies } = subscribed(handled('allow'))
    expect(response.status).toBe(200)
    expect(stateOf(notifies[0]!)).toBe('active;expires=7200')
    expect(field(notifies[0]!, 'Content-Type')).toBe('application/pidf+xml')
    expect(tuplesOf(notifies[0]!)).toEqual(['im open'])
  })

  it('confirm: pending, without a body', () => {
    const { response, notifies } = subscribed(handled('confirm'))
    expect(response.status).toBe(200)
    expect(stateOf(notifies[0]!)).toBe('pending;expires=7200')
    expect(notifies[0]!.body).toBe('')
    expect(names(notifies[0]!)).not.toContain('Content-Type')
  })

  it('confirm: tells nothing in the NOTIFYs of a fetch, of an unsubscribe and of an expiry either', () => {
    const fetched = subscribed(handled('confirm'), { Expires: '0' }).notifies[0]!
    expect([stateOf(fetched), fetched.body]).toEqual(['terminated;reason=timeout', ''])

    const left = handled('confirm')
    subscribed(left)
    const last = theNotify(left.receive(again(62, 0), home))
    expect([stateOf(last), last.body]).toEqual(['terminated;reason=timeout', ''])

    const expired = handled('confirm')
    subscribed(expired, { Expires: '60' })
    const end = theNotify(expired.pass(61))
    expect([stateOf(end), end.body]).toEqual(['terminated;reason=timeout', ''])
  })

  it('confirm: a change of the presence is not told', () => {
    const ps = handled('confirm')
    subscribed(ps)
    ps.pass(10)
    expect(requests(published(ps, pidf({ call: 'open' })).sent, 'NOTIFY')).toEqual([])
    expect(requests(ps.pass(30), 'NOTIFY')).toEqual([])
  })

  it('polite-block: looks active, with a document that shows the presentity unavailable', () => {
    const { response, notifies } = subscribed(handled('polite-block'))
    expect(response.status).toBe(200)
    expect(stateOf(notifies[0]!)).toBe('active;expires=7200')
    expect(tuplesOf(notifies[0]!).every((tuple) => tuple.endsWith(' closed'))).toBe(true)
    expect(String(notifies[0]!.body)).toContain(`entity="${presentity}"`)
    expect(String(notifies[0]!.body)).not.toContain('"im"')
  })

  it('polite-block: never sees the document, in full or in part, however it asks', () => {
    for (const Accept of ['application/pidf+xml', partial])
      for (const Expires of ['0', '60', '7200']) {
        const ps = handled('polite-block')
        const sent = subscribed(ps, { Accept, Expires }).sent.concat(
          published(ps, pidf({ im: 'open', call: 'open' })).sent,
          ps.pass(100),
        )
        for (const { body } of requests(sent, 'NOTIFY')) expect(body).not.toMatch(/open|"im"|"call"/)
      }
  })
})

describe('RFC 6665 §4.2.1.3: a fetch (Expires 0 outside a dialog)', () => {
  it('is answered 200 with Expires 0 and one NOTIFY that has the state and ends it', () => {
    const ps = server()
    published(ps, pidf({ im: 'open' }))
    const { response, notifies } = subscribed(ps, { Expires: '0' })
    expect(response.status).toBe(200)
    expect(field(response, 'Expires')).toBe('0')
    expect(notifies).toHaveLength(1)
    expect(stateOf(notifies[0]!)).toBe('terminated;reason=timeout')
    expect(tuplesOf(notifies[0]!)).toEqual(['im open'])
  })

  it('leaves no subscription: nothing is told later, and the dialog is unknown', () => {
    const ps = server()
    subscribed(ps, { Expires: '0' })
    ps.pass(10)
    expect(requests(published(ps, pidf({ im: 'open' })).sent, 'NOTIFY')).toEqual([])
    expect(answered(ps, again(62, 600)).status).toBe(481)
  })
})

describe('RFC 6665 §4.2.1.2: a SUBSCRIBE within the dialog', () => {
  it('refreshes: 200 with the new duration, and a NOTIFY with the state', () => {
    const ps = server()
    published(ps, pidf({ im: 'open' }))
    subscribed(ps)
    ps.pass(1000)
    const sent = ps.receive(again(62, 600), home)
    expect(sent[0]).toMatchObject({ message: { status: 200 } })
    expect(field(sent[0]!.message as never, 'Expires')).toBe('600')
    expect(stateOf(theNotify(sent))).toBe('active;expires=600')
    expect(field(theNotify(sent), 'CSeq')).toBe('43 NOTIFY')
    expect(tuplesOf(theNotify(sent))).toEqual(['im open'])
  })

  it('prolongs: what is refreshed does not expire at its first time', () => {
    const ps = server()
    subscribed(ps, { Expires: '100' })
    ps.pass(90)
    ps.receive(again(62, 100), home)
    expect(requests(ps.pass(99), 'NOTIFY')).toEqual([])
    expect(stateOf(theNotify(ps.pass(2)))).toBe('terminated;reason=timeout')
  })

  it('may shorten too', () => {
    const ps = server()
    subscribed(ps)
    ps.receive(again(62, 60), home)
    expect(stateOf(theNotify(ps.pass(61)))).toBe('terminated;reason=timeout')
  })

  it('takes over the new Contact of the watcher (RFC 6665 §4.4.1)', () => {
    const ps = server()
    subscribed(ps)
    const sent = ps.receive(again(62, 600, { Contact: '<sip:[5555::2]:1357>' }), home)
    expect(theNotify(sent).uri).toBe('sip:[5555::2]:1357')
  })

  it('with Expires 0 ends the subscription: 200 and a last NOTIFY, terminated', () => {
    const ps = server()
    subscribed(ps)
    const sent = ps.receive(again(62, 0), home)
    expect(sent[0]).toMatchObject({ message: { status: 200 } })
    expect(stateOf(theNotify(sent))).toBe('terminated;reason=timeout')
    ps.pass(10)
    expect(requests(published(ps, pidf({ im: 'open' })).sent, 'NOTIFY')).toEqual([])
    expect(answered(ps, again(63, 600)).status).toBe(481)
  })

  it.each([
    ['an unknown tag', { To: `<${presentity}>;tag=other` }],
    ['another Call-ID', { 'Call-ID': 'other' }],
    ['another tag of the watcher', { From: `<${watcher}>;tag=other` }],
  ])('of %s is answered 481', (_case, changes) => {
    const ps = server()
    subscribed(ps)
    expect(answered(ps, again(62, 600, changes)).status).toBe(481)
  })

  it('RFC 3261 §12.2.2: with a lower number than the last is answered 500 and changes nothing', () => {
    const ps = server()
    subscribed(ps)
    expect(answered(ps, again(60, 0)).status).toBe(500)
    expect(requests(published(ps, pidf({ im: 'open' })).sent.concat(ps.pass(10)), 'NOTIFY')).toHaveLength(1)
  })

  it('that is too brief is answered 423, and the subscription goes on', () => {
    const ps = server()
    subscribed(ps)
    expect(answered(ps, again(62, 30)).status).toBe(423)
    ps.pass(10)
    expect(requests(published(ps, pidf({ im: 'open' })).sent, 'NOTIFY')).toHaveLength(1)
  })
})

describe('RFC 6665 §4.2.2: a subscription that is not refreshed', () => {
  it('ends with a NOTIFY, terminated by timeout, when its time is up and not before', () => {
    const ps = server()
    subscribed(ps, { Expires: '60' })
    expect(requests(ps.pass(59.9), 'NOTIFY')).toEqual([])
    const sent = ps.pass(0.2)
    expect(stateOf(theNotify(sent))).toBe('terminated;reason=timeout')
    expect(sent[0]!.at).toBe(60)
    expect(requests(ps.pass(7200), 'NOTIFY')).toEqual([])
  })

  it('is unknown afterwards', () => {
    const ps = server()
    subscribed(ps, { Expires: '60' })
    ps.pass(61)
    expect(answered(ps, again(62, 600)).status).toBe(481)
  })
})
