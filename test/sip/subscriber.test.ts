import { describe, expect, it } from 'vitest'
import { type Micros, seconds } from '../../src/sim/time.ts'
import { requestOutsideDialog } from '../../src/sip/core/user-agent.ts'
import {
  awaitNotify,
  onNotify,
  onSubscribeResponse,
  onTimerN,
  type Subscription,
  subscribeAgain,
} from '../../src/sip/events/subscriber.ts'
import { type HeaderChanges, request, type SipRequest } from '../../src/sip/message.ts'
import { answerTo, nameAddr, Stage } from './stage.ts'

const hour = 3600
const uri = 'sip:bob@home2.net'
const presence = { value: 'presence', params: {} }
const contact = [nameAddr('sip:ps.home2.net')]
const recordRoute = ['sip:s.home1.net;lr', 'sip:p.home1.net;lr'].map((one) => nameAddr(one))

/** A subscriber that has just sent its SUBSCRIBE, and what the network may answer it. */
class Subscriber {
  readonly stage = new Stage({ ua: {} }, ['peer'])
  readonly sent: SipRequest
  readonly subscription: Subscription

  constructor(expires = hour) {
    ;[this.sent, this.subscription] = this.stage.act(0, 'ua', (turn) => {
      const bare = requestOutsideDialog('SUBSCRIBE', uri, 'sip:alice@home1.net', identifiers, turn)
      const sent = { ...bare, headers: bare.headers.with({ event: presence, expires }) }
      return [sent, awaitNotify(sent, 500_000, turn)] as const
    })
  }

  /** The response to the first SUBSCRIBE, or to another one. */
  answer(at: Micros, status: number, changes: HeaderChanges = {}, to = this.sent): void {
    const response = answerTo(to, status, { contact, ...changes })
    this.stage.act(at, 'ua', (turn) => onSubscribeResponse(this.subscription, response, to, turn))
  }

  /** A NOTIFY; its outcome is 200 if it was taken in, or the status that refuses it. */
  notify(at: Micros, state: string | undefined, changes: HeaderChanges = {}, number = 1): number {
    const [value = '', ...params] = state?.split(';') ?? []
    const told = { value, params: Object.fromEntries(params.map((one) => one.split('='))) }
    const notify = request('NOTIFY', 'sip:alice@host', {
      from: nameAddr(uri, { tag: 'b1' }),
      to: nameAddr('sip:alice@home1.net', { tag: 'a1' }),
      callId: 'call-1',
      cseq: { number, method: 'NOTIFY' },
      event: presence,
      contact,
      ...(state !== undefined && { subscriptionState: told }),
      ...changes,
    })
    const notified = this.stage.act(at, 'ua', (turn) => onNotify([this.subscription], notify, turn))
    if ('status' in notified) return notified.status
    expect(notified.subscription).toBe(this.subscription)
    return 200
  }

  again(at: Micros, duration: number): SipRequest | undefined {
    return this.stage.act(at, 'ua', (turn) => subscribeAgain(this.subscription, duration, turn))
  }

  timerN(at: Micros): boolean {
    return this.stage.act(at, 'ua', (turn) => onTimerN(this.subscription, turn))
  }

  get state(): string {
    const { state, reason } = this.subscription
    return reason === undefined ? state : `${state}: ${reason}`
  }
}

const identifiers = { callId: 'call-1', tag: 'a1', sequence: 61 }

/** A subscriber whose subscription is active for an hour. */
function active(): Subscriber {
  const subscriber = new Subscriber()
  subscriber.answer(1000, 200, { expires: hour, recordRoute })
  expect(subscriber.notify(2000, `active;expires=${hour}`)).toBe(200)
  return subscriber
}

describe('the request that begins a subscription (RFC 3261 §8.1.1)', () => {
  it('has To without a tag, From with one, Call-ID, CSeq and 70 hops', () => {
    const { method, uri: target, headers } = new Subscriber().sent
    expect([method, target, headers.maxForwards, headers.callId, headers.cseq]).toEqual([
      'SUBSCRIBE',
      uri,
      70,
      'call-1',
      { number: 61, method: 'SUBSCRIBE' },
    ])
    expect([headers.from, headers.to]).toEqual([nameAddr('sip:alice@home1.net', { tag: 'a1' }), nameAddr(uri)])
  })
})

describe('the states of a subscriber (RFC 6665 §4.1.2, Figure 1)', () => {
  it('waits for a NOTIFY at first, also when the SUBSCRIBE is answered', () => {
    const subscriber = new Subscriber()
    expect(subscriber.state).toBe('notify_wait')
    subscriber.answer(1000, 100)
    subscriber.answer(1000, 200, { expires: hour })
    expect(subscriber.state).toBe('notify_wait')
  })

  it.each([
    ['notify_wait', 'active;expires=600', 'active'],
    ['notify_wait', 'pending;expires=600', 'pending'],
    ['notify_wait', 'terminated;reason=rejected', 'terminated: rejected'],
    ['pending', 'active;expires=600', 'active'],
    ['pending', 'pending;expires=600', 'pending'],
    ['pending', 'terminated;reason=giveup', 'terminated: giveup'],
    ['active', 'active', 'active'],
    ['active', 'terminated;reason=timeout', 'terminated: timeout'],
    ['active', 'terminated', 'terminated: terminated'],
  ])('%s becomes, by a NOTIFY with Subscription-State %s, %s', (before, told, after) => {
    const subscriber = new Subscriber()
    if (before !== 'notify_wait') subscriber.notify(1000, before, {}, 1)
    expect(subscriber.notify(2000, told, {}, 2)).toBe(200)
    expect(subscriber.state).toBe(after)
  })

  it('notify_wait ends by Timer N, 64 times T1 after the SUBSCRIBE (§4.1.2.4)', () => {
    const subscriber = new Subscriber()
    subscriber.stage.run()
    expect(subscriber.stage.heard('ua')).toEqual([[32, 'Timer N']])
    expect([subscriber.timerN(seconds(32)), subscriber.state]).toEqual([true, 'terminated: no NOTIFY'])
  })

  it.each(['pending', 'active', 'terminated;reason=rejected'])('%s is not ended by Timer N', (told) => {
    const subscriber = new Subscriber()
    subscriber.notify(1000, told)
    const before = subscriber.state
    expect([subscriber.timerN(seconds(32)), subscriber.state]).toEqual([false, before])
  })

  it.each([302, 403, 404, 423, 481, 489, 500, 503, 603])(
    'notify_wait ends by a refusal with %i (§4.1.2.1)',
    (status) => {
      const subscriber = new Subscriber()
      subscriber.answer(1000, status)
      expect(subscriber.state).toBe(`terminated: ${status}`)
    },
  )

  it('terminated is the end: neither a response nor a NOTIFY brings it back', () => {
    const subscriber = new Subscriber()
    subscriber.notify(1000, 'terminated;reason=rejected')
    subscriber.answer(2000, 200, { expires: hour })
    expect(subscriber.notify(3000, 'active;expires=60', {}, 2)).toBe(481)
    expect([subscriber.state, subscriber.again(4000, hour)]).toEqual(['terminated: rejected', undefined])
  })

  it('has the time that the notifier tells, or else that of the response (§4.1.3)', () => {
    const subscriber = new Subscriber()
    subscriber.answer(seconds(1), 200, { expires: 1800 })
    expect(subscriber.subscription).toMatchObject({ duration: 1800, expiresAt: seconds(1801) })
    subscriber.notify(seconds(2), 'active;expires=599')
    expect(subscriber.subscription.expiresAt).toBe(seconds(601))
    subscriber.notify(seconds(3), 'active', {}, 2)
    subscriber.notify(seconds(4), 'active;expires=soon', {}, 3)
    expect(subscriber.subscription.expiresAt).toBe(seconds(601))
  })
})

describe('a refresh (RFC 6665 §4.1.2.2)', () => {
  it('is a SUBSCRIBE within the dialog: tags, route set in reverse, remote target, next number', () => {
    const again = active().again(seconds(60), 1800)!
    const { headers } = again
    expect([again.method, again.uri, headers.callId, headers.cseq]).toEqual([
      'SUBSCRIBE',
      'sip:ps.home2.net',
      'call-1',
      { number: 62, method: 'SUBSCRIBE' },
    ])
    expect([headers.from!.params.tag, headers.to!.params.tag]).toEqual(['a1', 'b1'])
    expect([headers.route, headers.event, headers.expires]).toEqual([recordRoute.toReversed(), presence, 1800])
  })

  it('takes a number of its own each time', () => {
    const subscriber = active()
    expect([1, 2, 3].map((at) => subscriber.again(seconds(at), hour)!.headers.cseq!.number)).toEqual([62, 63, 64])
  })

  it('prolongs the subscription by what the 200 grants', () => {
    const subscriber = active()
    subscriber.answer(seconds(100), 200, { expires: 900 }, subscriber.again(seconds(90), hour))
    expect(subscriber.subscription).toMatchObject({ duration: 900, expiresAt: seconds(1000), state: 'active' })
  })

  it('takes the Contact of the 200 as the new target, and leaves the route set (RFC 3261 §12.2.1.2)', () => {
    const subscriber = active()
    const changes = { expires: 900, contact: [nameAddr('sip:ps2.home2.net')], recordRoute: [nameAddr('sip:other;lr')] }
    subscriber.answer(seconds(100), 200, changes, subscriber.again(seconds(90), hour))
    const { remoteTarget, routeSet } = subscriber.subscription.dialog!
    expect([remoteTarget, routeSet]).toEqual(['sip:ps2.home2.net', recordRoute.toReversed()])
  })

  it('leaves also an empty route set', () => {
    const subscriber = new Subscriber()
    subscriber.answer(1000, 200, { expires: hour })
    subscriber.notify(2000, 'active')
    subscriber.answer(seconds(9), 200, { expires: hour, recordRoute }, subscriber.again(seconds(8), hour))
    expect(subscriber.subscription.dialog!.routeSet).toEqual([])
  })

  const ending = [404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]
  it.each(ending)('ends the subscription when it is answered %i (RFC 5057 §5.1)', (status) => {
    const subscriber = active()
    subscriber.answer(seconds(61), status, {}, subscriber.again(seconds(60), hour))
    expect(subscriber.state).toBe(`terminated: ${status}`)
  })

  it.each([400, 401, 403, 408, 415, 420, 423, 486, 500, 502, 503, 504, 600, 603])(
    'leaves the subscription as long as it lasts when it is answered %i',
    (status) => {
      const subscriber = active()
      const before = structuredClone({ ...subscriber.subscription, dialog: undefined })
      subscriber.answer(seconds(61), status, { expires: 5 }, subscriber.again(seconds(60), hour))
      expect({ ...subscriber.subscription, dialog: undefined }).toEqual(before)
    },
  )

  it('can not be sent before there is a dialog', () => {
    expect(new Subscriber().again(1000, hour)).toBe(undefined)
  })

  it('with 0 seconds ends the subscription, whose last NOTIFY is still taken in (§4.1.2.3)', () => {
    const subscriber = active()
    const end = subscriber.again(seconds(60), 0)!
    expect(end.headers.expires).toBe(0)
    subscriber.answer(seconds(61), 200, { expires: 0 }, end)
    expect(subscriber.subscription).toMatchObject({ duration: 0, expiresAt: seconds(61), state: 'active' })
    subscriber.answer(seconds(61), 200, { expires: 600 }, end)
    expect(subscriber.subscription.duration).toBe(0)
    expect(subscriber.notify(seconds(62), 'terminated;reason=timeout', {}, 2)).toBe(200)
    expect(subscriber.state).toBe('terminated: timeout')
  })
})

describe('a NOTIFY that comes before the 200 (RFC 6665 §4.4.1)', () => {
  const early = () => {
    const subscriber = new Subscriber()
    expect(subscriber.notify(1000, 'active;expires=600', { recordRoute })).toBe(200)
    return subscriber
  }

  it('makes the dialog, whose route set is its Record-Route in order', () => {
    const { dialog } = early().subscription
    expect(dialog).toMatchObject({
      callId: 'call-1',
      local: nameAddr('sip:alice@home1.net', { tag: 'a1' }),
      remote: nameAddr(uri, { tag: 'b1' }),
      remoteTarget: 'sip:ps.home2.net',
      routeSet: recordRoute,
      localSequence: 61,
      remoteSequence: 1,
    })
  })

  it('leaves to the 200 of the same notifier only the duration', () => {
    const subscriber = early()
    const { dialog } = subscriber.subscription
    subscriber.answer(2000, 200, { expires: 600, recordRoute: [nameAddr('sip:other;lr')] })
    expect(subscriber.subscription.dialog).toEqual(dialog)
    expect(subscriber.again(3000, hour)!.headers.cseq!.number).toBe(62)
  })

  it('without Record-Route leaves the route set to the 200', () => {
    const subscriber = new Subscriber()
    subscriber.notify(1000, 'active;expires=600')
    subscriber.answer(2000, 200, { expires: 600, recordRoute })
    expect(subscriber.subscription.dialog!.routeSet).toEqual(recordRoute.toReversed())
    expect(subscriber.notify(3000, 'active', {}, 2)).toBe(200)
  })

  it('keeps the dialog of its notifier when the 200 is that of another branch of a fork', () => {
    const subscriber = new Subscriber()
    subscriber.notify(1000, 'active;expires=600')
    const { dialog } = subscriber.subscription
    const other = nameAddr(uri, { tag: 'other' })
    subscriber.answer(2000, 200, { expires: 600, recordRoute, to: other, contact: [nameAddr('sip:other')] })
    expect(subscriber.subscription.dialog).toEqual(dialog)
    expect(subscriber.notify(3000, 'active', {}, 2)).toBe(200)
  })
})

describe('the answer to a NOTIFY (RFC 6665 §4.1.3)', () => {
  it.each([
    ['another Call-ID', { callId: 'call-2' }],
    ['another tag in To', { to: nameAddr('sip:alice@home1.net', { tag: 'a2' }) }],
    ['no tag in To', { to: nameAddr('sip:alice@home1.net') }],
    ['another event package that is known', { event: { value: 'reg', params: {} } }],
    ['a template of the package', { event: { value: 'presence.winfo', params: {} } }],
  ])('is 481 with %s: it belongs to no subscription', (_, changes) => {
    const subscriber = active()
    expect(subscriber.notify(seconds(1), 'active;expires=5', changes, 2)).toBe(481)
    expect(subscriber.subscription.expiresAt).toBe(2000 + seconds(hour))
  })

  it('is 481 for the other branches of a fork: the first notifier keeps the dialog (RFC 3856 §6.9)', () => {
    const other = { from: nameAddr(uri, { tag: 'other' }) }
    const afterNotify = new Subscriber()
    expect([afterNotify.notify(1, 'active'), afterNotify.notify(2, 'active', other)]).toEqual([200, 481])
    const afterResponse = new Subscriber()
    afterResponse.answer(1, 200, { expires: hour })
    expect([afterResponse.notify(2, 'active', other), afterResponse.notify(3, 'active')]).toEqual([481, 200])
  })

  it('is 489 for an event package that is not known, or none', () => {
    const subscriber = active()
    expect(subscriber.notify(seconds(1), 'active', { event: { value: 'weather', params: {} } }, 2)).toBe(489)
    expect(subscriber.notify(seconds(1), 'active', { event: undefined }, 2)).toBe(489)
  })

  it('is 400 without Subscription-State', () => {
    const subscriber = active()
    expect(subscriber.notify(seconds(1), undefined, {}, 2)).toBe(400)
    expect(subscriber.state).toBe('active')
  })

  it('is 500 for a lower number than the last, which changes nothing (RFC 3261 §12.2.2)', () => {
    const subscriber = active()
    expect(subscriber.notify(seconds(1), 'pending', {}, 9)).toBe(200)
    expect(subscriber.notify(seconds(2), 'terminated;reason=timeout', {}, 8)).toBe(500)
    expect(subscriber.state).toBe('pending')
    expect(subscriber.notify(seconds(3), 'active', {}, 10)).toBe(200)
  })

  it('is 200 over gaps in the numbers', () => {
    expect(active().notify(seconds(1), 'active', {}, 1000)).toBe(200)
  })

  it('takes the Contact of the NOTIFY as the new target (§4.4.1)', () => {
    const subscriber = active()
    subscriber.notify(seconds(1), 'active', { contact: [nameAddr('sip:ps3.home2.net')] }, 2)
    expect(subscriber.again(seconds(2), hour)!.uri).toBe('sip:ps3.home2.net')
  })

  it('goes by the subscription to which it belongs, among several', () => {
    const [one, other] = [active(), active()]
    Object.assign(other.subscription, { localTag: 'a2' })
    const notify = request('NOTIFY', 'sip:alice@host', {
      from: nameAddr(uri, { tag: 'b1' }),
      to: nameAddr('sip:alice@home1.net', { tag: 'a2' }),
      callId: 'call-1',
      cseq: { number: 2, method: 'NOTIFY' },
      event: presence,
      subscriptionState: { value: 'pending', params: {} },
    })
    one.stage.act(seconds(1), 'ua', (turn) => onNotify([one.subscription, other.subscription], notify, turn))
    expect([one.state, other.state]).toEqual(['active', 'pending'])
  })
})
