import { describe, expect, it } from 'vitest'
import { pidfDiff, pidfFull } from '../../src/documents/index.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { type Alone, answerTo, edited, field, theRequest, theResponse } from '../ims/alone.ts'
import {
  accepted,
  begin,
  device,
  granted,
  notify,
  pidf,
  proxy,
  subscribes,
  target,
  user,
  view,
  watchingOf,
} from './device.ts'

describe('RFC 6665 §4.1.2: the states of a subscription at the watcher', () => {
  it('waits for a NOTIFY, and follows what it says', () => {
    const { ue, subscribe } = accepted()
    expect(watchingOf(ue).state).toBe('notify_wait')
    ue.receive(notify(subscribe, 1, '', { 'Subscription-State': 'pending;expires=3600' }), proxy)
    expect(watchingOf(ue).state).toBe('pending')
    ue.receive(notify(subscribe, 2), proxy)
    expect(watchingOf(ue).state).toBe('active')
  })

  it('§4.1.2.4: a NOTIFY before the 200 makes the dialog; the 200 gives its route set', () => {
    const ue = device()
    const subscribe = begin(ue)
    expect(theResponse(ue.receive(notify(subscribe, 1), proxy)).status).toBe(200)
    expect(watchingOf(ue).state).toBe('active')
    const routes = { 'Record-Route': '<sip:scscf1.home1.net;lr>, <sip:pcscf1.home1.net:7531;lr>' }
    ue.receive(edited(granted(subscribe), routes), proxy)
    const last = theRequest(ue.command({ do: 'unsubscribe', to: target }))
    expect(last.uri).toBe('sip:ps.home2.net')
    expect(field(last, 'Route')).toBe('<sip:pcscf1.home1.net:7531;lr>, <sip:scscf1.home1.net;lr>')
    expect(field(last, 'To')).toBe(`<${target}>;tag=peer`)
  })

  it('§4.1.2.4: without a NOTIFY within Timer N, 64 times T1 of the radio leg, it has failed', () => {
    const { ue, subscribe } = accepted()
    ue.pass(127.9)
    expect(watchingOf(ue).state).toBe('notify_wait')
    ue.pass(0.2)
    expect(watchingOf(ue)).toMatchObject({ state: 'terminated', reason: 'no NOTIFY' })
    expect(theResponse(ue.receive(notify(subscribe, 1), proxy)).status, 'too late').toBe(481)
    expect(subscribes(ue.pass(10_000)), 'what has failed is not refreshed').toEqual([])
  })

  it('Timer N does not end a subscription that was notified', () => {
    const { ue, subscribe } = accepted()
    ue.receive(notify(subscribe, 1), proxy)
    ue.pass(200)
    expect(watchingOf(ue).state).toBe('active')
  })

  it.each(['403 Forbidden', '404 Not Found', '489 Bad Event', '603 Decline'])(
    '§4.1.2.1: a SUBSCRIBE refused %s has failed and is not refreshed',
    (status) => {
      const ue = device()
      ue.receive(answerTo(begin(ue), status), proxy)
      expect(watchingOf(ue)).toMatchObject({ state: 'terminated', reason: status.slice(0, 3) })
      expect(subscribes(ue.pass(10_000))).toEqual([])
    },
  )

  it.each(['deactivated', 'probation', 'rejected', 'timeout', 'giveup', 'noresource', 'invariant'])(
    '§4.1.3: a NOTIFY that says terminated;reason=%s ends it: what comes then is unknown',
    (reason) => {
      const { ue, subscribe } = accepted()
      ue.receive(notify(subscribe, 1), proxy)
      const last = notify(subscribe, 2, '', { 'Subscription-State': `terminated;reason=${reason}` })
      const answers = ue.receive(last, proxy).filter(({ message }) => message.kind === 'response')
      expect(theResponse(answers).status).toBe(200)
      expect(theResponse(ue.receive(notify(subscribe, 3), proxy)).status).toBe(481)
      const inDialog = subscribes(ue.pass(10_000)).filter(({ headers }) => headers.to!.params.tag === 'peer')
      expect(inDialog, 'and it is not refreshed').toEqual([])
    },
  )

  it.each(['rejected', 'noresource', 'invariant'])(
    '§4.1.3: after the reason %s the watcher does not subscribe again by itself',
    (reason) => {
      const { ue, subscribe } = accepted()
      const last = notify(subscribe, 1, '', { 'Subscription-State': `terminated;reason=${reason}` })
      expect(subscribes(ue.receive(last, proxy))).toEqual([])
      expect(subscribes(ue.pass(100_000))).toEqual([])
      expect(watchingOf(ue)).toMatchObject({ state: 'terminated', reason })
    },
  )

  it('the last NOTIFY still tells the presence', () => {
    const { ue, subscribe } = accepted()
    const state = { 'Subscription-State': 'terminated;reason=noresource' }
    ue.receive(notify(subscribe, 1, pidf({ im: 'open' }), state), proxy)
    expect(view(ue)).toEqual({ im: 'open' })
  })

  it('after the end the user can subscribe anew', () => {
    const { ue, subscribe } = accepted()
    ue.receive(notify(subscribe, 1, '', { 'Subscription-State': 'terminated;reason=rejected' }), proxy)
    const second = begin(ue)
    expect(second.headers.callId).not.toBe(subscribe.headers.callId)
    expect(watchingOf(ue).state).toBe('notify_wait')
  })
})

describe('RFC 6665 §4.1.2.2: a subscription is refreshed before it expires', () => {
  /** A UE with an active subscription. */
  function active(expires: number): Alone {
    const { ue, subscribe } = accepted(expires)
    ue.receive(notify(subscribe, 1, '', { 'Subscription-State': `active;expires=${expires}` }), proxy)
    return ue
  }

  it.each([60, 600, 1200, 1201, 7200])('granted for %i seconds', (expires) => {
    const [sent] = active(expires).pass(expires)
    const request = sent!.message as SipRequest
    expect(sent!.at).toBeGreaterThan(expires / 3)
    expect(sent!.at).toBeLessThan(expires)
    expect(request.method).toBe('SUBSCRIBE')
    expect(request.uri).toBe('sip:ps.home2.net')
    expect(field(request, 'To')).toBe(`<${target}>;tag=peer`)
    expect(field(request, 'From')).toMatch(`<${user}>;tag=`)
    expect(field(request, 'CSeq')).toBe('2 SUBSCRIBE')
    expect(field(request, 'Expires')).toBe(String(expires))
  })

  it('by the duration that was granted, not the one that was asked for', () => {
    const ue = device()
    ue.receive(granted(begin(ue, 7200), '100'), proxy)
    const [sent] = ue.pass(100)
    expect(sent!.at).toBeLessThan(100)
  })

  it('again and again', () => {
    const ue = active(600)
    ue.peers = (request) => granted(request)
    const times = [0, ...ue.pass(3000).map(({ at }) => at)]
    expect(times.length).toBeGreaterThan(5)
    for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeLessThan(600)
  })

  it('not once the user has ended it', () => {
    const ue = active(600)
    const last = theRequest(ue.command({ do: 'unsubscribe', to: target }))
    expect(field(last, 'Expires')).toBe('0')
    ue.receive(granted(last, '0'), proxy)
    expect(subscribes(ue.pass(10_000))).toEqual([])
  })

  it('a refresh answered 481 ends it: nothing more is sent or taken in its dialog', () => {
    const { ue, subscribe } = accepted(600)
    ue.receive(notify(subscribe, 1, '', { 'Subscription-State': 'active;expires=600' }), proxy)
    const refresh = theRequest(ue.pass(310))
    ue.receive(answerTo(refresh, '481 Subscription Does Not Exist'), proxy)
    expect(theResponse(ue.receive(notify(subscribe, 2), proxy)).status).toBe(481)
    const inDialog = subscribes(ue.pass(10_000)).filter(({ headers }) => headers.to!.params.tag === 'peer')
    expect(inDialog).toEqual([])
  })

  it.each([
    ['is answered 500', '500 Server Internal Error'],
    ['is not answered', undefined],
  ])('a refresh that %s leaves it as it is until it expires, and not longer', (_case, status) => {
    const { ue, subscribe } = accepted(600)
    ue.receive(notify(subscribe, 1, '', { 'Subscription-State': 'active;expires=600' }), proxy)
    ue.peers = (request) => (status === undefined ? undefined : answerTo(request, status))
    ue.pass(590)
    expect(theResponse(ue.receive(notify(subscribe, 2, '', { 'Subscription-State': 'active' }), proxy)).status).toBe(
      200,
    )
    ue.pass(20)
    expect(theResponse(ue.receive(notify(subscribe, 3), proxy)).status).toBe(481)
  })
})

describe('RFC 6665 §4.1.2.2: a refresh that failed', () => {
  it('does not end what another one has prolonged since', () => {
    const { ue, subscribe } = accepted(600)
    const active = { 'Subscription-State': 'active;expires=600' }
    ue.receive(notify(subscribe, 1, pidfFull(pidf({ im: 'open' }), 1), active), proxy)
    ue.peers = (request) => answerTo(request, '500 Server Internal Error')
    ue.pass(400)
    ue.peers = (request) => granted(request)
    // A gap is a reason to subscribe again, and that prolongs.
    const sent = ue.receive(notify(subscribe, 2, pidfDiff(pidf({}), pidf({ im: 'open' }), 9), active), proxy)
    expect(subscribes(sent)).toHaveLength(1)
    ue.pass(250)
    expect(theResponse(ue.receive(notify(subscribe, 3, '', active), proxy)).status).toBe(200)
  })
})

describe('RFC 6665 §4.1.3, RFC 3261 §12.2.2: a NOTIFY that is not in order', () => {
  it('of another notifier (RFC 3856 §6.9: one dialog of one SUBSCRIBE) is answered 481', () => {
    const { ue, subscribe } = accepted()
    ue.receive(notify(subscribe, 1, pidf({ im: 'open' })), proxy)
    const forked = notify(subscribe, 1, pidf({ im: 'closed' }), { From: `<${target}>;tag=fork` })
    expect(theResponse(ue.receive(forked, proxy)).status).toBe(481)
    expect(view(ue)).toEqual({ im: 'open' })
  })

  it('with a lower number than the last is answered 500 and not believed', () => {
    const { ue, subscribe } = accepted()
    ue.receive(notify(subscribe, 7, pidf({ im: 'open' })), proxy)
    expect(theResponse(ue.receive(notify(subscribe, 6, pidf({ im: 'closed' })), proxy)).status).toBe(500)
    expect(view(ue)).toEqual({ im: 'open' })
  })

  it('without Subscription-State is answered 400', () => {
    const { ue, subscribe } = accepted()
    expect(theResponse(ue.receive(notify(subscribe, 1, '', { 'Subscription-State': undefined }), proxy)).status).toBe(
      400,
    )
  })

  it('of another event package is answered 481', () => {
    const { ue, subscribe } = accepted()
    expect(theResponse(ue.receive(notify(subscribe, 1, '', { Event: 'presence.winfo' }), proxy)).status).toBe(481)
  })
})
