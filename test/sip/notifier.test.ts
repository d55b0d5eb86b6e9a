import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/sim/time.ts'
import {
  accepted,
  acceptedAgain,
  type EndReason,
  granted,
  isInOrder,
  type NotifierPolicy,
  type NotifierState,
  notification,
  type Watch,
} from '../../src/sip/events/notifier.ts'
import type { HeaderChanges, SipRequest, SipResponse } from '../../src/sip/message.ts'
import type { SipTurn } from '../../src/sip/transaction/transaction-user.ts'
import { aRequest, nameAddr, received, Stage } from './stage.ts'

const policy: NotifierPolicy = { packages: ['presence', 'reg'], shortestDuration: 60, longestDuration: 7200 }
const presence = { value: 'presence', params: {} }
const aliceContact = [nameAddr('sip:alice@[5555::1]:1357')]
const ownContact = nameAddr('sip:ps.home2.net')
const recordRoute = ['sip:s.home1.net;lr', 'sip:p.home1.net;lr'].map((uri) => nameAddr(uri))

const subscribe = (changes: HeaderChanges = {}): SipRequest =>
  aRequest('SUBSCRIBE', { event: presence, contact: aliceContact, expires: 3600, ...changes })

/** What comes of a SUBSCRIBE that a notifier has just received: the result of `take`, and the answer if there is one. */
function took<T>(request: SipRequest, take: (request: SipRequest, turn: SipTurn) => T) {
  const stage = new Stage({ ps: {} }, ['peer'])
  const arrived = received('z9hG4bK1', request)
  stage.send(0, 'peer', 'ps', arrived)
  stage.run(0)
  const result = stage.act(0, 'ps', (turn) => take(arrived, turn))
  const [answer, ...more] = stage.sent('ps', 'peer').map(({ message }) => message as SipResponse)
  expect(more).toEqual([])
  return { result, answer }
}

const grantedTo = (changes: HeaderChanges, allowed: Partial<NotifierPolicy> = {}) =>
  took(subscribe(changes), (request, turn) => granted(request, { ...policy, ...allowed }, turn))

describe('may a SUBSCRIBE be taken up? (RFC 6665 §4.2.1.1)', () => {
  it.each([
    ['a package that is not served', { event: { value: 'presence.winfo', params: {} } }],
    ['a package that nobody knows', { event: { value: 'weather', params: {} } }],
    ['a package by the name of a property that all objects have', { event: { value: 'constructor', params: {} } }],
    ['no package', { event: undefined }],
  ])('%s is answered 489, with what is served in Allow-Events', (_, changes) => {
    const { result, answer } = grantedTo(changes)
    expect([result, answer!.status, answer!.headers.allowEvents]).toEqual([undefined, 489, ['presence', 'reg']])
  })

  it('without Contact it is answered 400 (RFC 3261 §8.1.1.8)', () => {
    const { result, answer } = grantedTo({ contact: undefined })
    expect([result, answer!.status]).toEqual([undefined, 400])
  })

  it('a duration below the shortest is answered 423 with Min-Expires', () => {
    const { result, answer } = grantedTo({ expires: 59 })
    expect([result, answer!.status, answer!.headers.minExpires]).toEqual([undefined, 423, 60])
  })

  it.each([
    ['of the shortest duration', 60, {}, 60],
    ['that asks for nothing but the state now', 0, {}, 0],
    ['of an hour, which may not be called too brief', 3600, { shortestDuration: 4000 }, 3600],
    ['of more than an hour', 3601, { shortestDuration: 4000 }, 3601],
    ['of the longest duration', 7200, {}, 7200],
  ])('one %s is granted what it asks for: %i', (_, expires, allowed, expected) => {
    expect(grantedTo({ expires }, allowed)).toEqual({ result: expected, answer: undefined })
  })

  it('a duration just below an hour can still be too brief', () => {
    expect(grantedTo({ expires: 3599 }, { shortestDuration: 4000 }).answer!.status).toBe(423)
  })

  it('never gets more than it asks for, nor more than the longest duration', () => {
    for (const expires of [0, 60, 61, 3599, 3600, 7199, 7200, 7201, 600_000, 2 ** 32 - 1]) {
      const { result } = grantedTo({ expires })
      expect(result).toBe(Math.min(expires, 7200))
    }
  })

  it('without Expires gets the duration of the package: an hour (RFC 3856 §6.4), 3761 s (RFC 3680 §4.4)', () => {
    expect(grantedTo({ expires: undefined }).result).toBe(3600)
    expect(grantedTo({ expires: undefined, event: { value: 'reg', params: {} } }).result).toBe(3761)
    expect(grantedTo({ expires: undefined }, { longestDuration: 1800 }).result).toBe(1800)
  })
})

/** The 200 to a SUBSCRIBE, and the watch it makes. */
function subscribed(changes: HeaderChanges = {}, duration = 3600) {
  const { result } = took(subscribe(changes), (request, turn) =>
    accepted(request, duration, { tag: 'b1', contact: ownContact, firstSequence: 31 }, turn),
  )
  const [response, dialog] = result
  const watch: Watch = { dialog, event: 'presence', state: 'active', expiresAt: seconds(duration) }
  return { response, watch }
}

describe('the 200 to a SUBSCRIBE (RFC 6665 §4.2.1.1, RFC 3261 §12.1.1)', () => {
  it('has the duration granted, the Contact of the notifier and its tag in To', () => {
    const { status, headers } = subscribed({}, 1800).response
    expect([status, headers.expires, headers.contact]).toEqual([200, 1800, [ownContact]])
    expect(headers.to).toEqual(nameAddr('sip:bob@home2.net', { tag: 'b1' }))
  })

  it('repeats Record-Route in order, or has none', () => {
    expect(subscribed({ recordRoute }).response.headers.recordRoute).toEqual(recordRoute)
    expect(subscribed().response.headers.field('Record-Route')).toBe(undefined)
  })

  it('makes the dialog: first NOTIFY with the number wanted, along the route, to the Contact', () => {
    const { watch } = subscribed({ recordRoute, cseq: { number: 61, method: 'SUBSCRIBE' } })
    const { method, uri, headers } = told(watch, 0)
    expect([method, uri, headers.route, headers.cseq]).toEqual([
      'NOTIFY',
      'sip:alice@[5555::1]:1357',
      recordRoute,
      { number: 31, method: 'NOTIFY' },
    ])
    expect([headers.from, headers.to]).toEqual([
      nameAddr('sip:bob@home2.net', { tag: 'b1' }),
      nameAddr('sip:alice@home1.net', { tag: 'a1' }),
    ])
    expect(watch.dialog).toMatchObject({ remoteSequence: 61, localSequence: 31 })
  })
})

/** A NOTIFY after so many seconds. */
function told(watch: Watch, at: number, reason?: EndReason): SipRequest {
  const stage = new Stage({ ps: {} })
  return stage.act(Math.round(at * 1e6), 'ps', (turn) => notification(watch, ownContact, reason, turn))
}

describe('a NOTIFY (RFC 6665 §4.2.2)', () => {
  const stateOf = (request: SipRequest) => request.headers.text('subscriptionState')

  it('names the package and the Contact of the notifier, and still has no body', () => {
    const { headers, body } = told(subscribed().watch, 0)
    expect([headers.event, headers.contact, body]).toEqual([presence, [ownContact], ''])
  })

  it.each<[NotifierState, number, number, string]>([
    ['active', 3600, 0, 'active;expires=3600'],
    ['pending', 3600, 600, 'pending;expires=3000'],
    ['active', 3600, 3600, 'active;expires=0'],
    ['active', 3600, 4000, 'active;expires=0'],
  ])('of a subscription that is %s for %i s tells after %i s: %s', (state, duration, at, expected) => {
    const { watch } = subscribed({}, duration)
    expect(stateOf(told({ ...watch, state }, at))).toBe(expected)
  })

  it('never tells more seconds than were granted, nor a fraction of one', () => {
    const { watch } = subscribed({}, 10)
    for (const at of [0, 0.000001, 0.5, 0.999999, 1, 9.3, 9.999999, 10]) {
      const { expires } = told(watch, at).headers.subscriptionState!.params
      expect(expires).toMatch(/^\d+$/)
      expect(Math.abs(Number(expires) - (10 - at))).toBeLessThan(1)
      expect(Number(expires)).toBeLessThanOrEqual(10)
    }
  })

  it.each<[EndReason | undefined, string]>([
    [undefined, 'terminated;reason=timeout'],
    ['rejected', 'terminated;reason=rejected'],
    ['noresource', 'terminated;reason=noresource'],
  ])('that ends a subscription (%s) tells the reason and no time: %s', (reason, expected) => {
    expect(stateOf(told({ ...subscribed().watch, state: 'terminated' }, 5, reason))).toBe(expected)
  })

  it('has the next number each time', () => {
    const { watch } = subscribed()
    expect([1, 2, 3].map((at) => told(watch, at).headers.cseq!.number)).toEqual([31, 32, 33])
  })
})

describe('a SUBSCRIBE within the dialog (RFC 6665 §4.2.1.2)', () => {
  const tagged = nameAddr('sip:bob@home2.net', { tag: 'b1' })
  const again = (changes: HeaderChanges = {}, number = 62) =>
    subscribe({ to: tagged, cseq: { number, method: 'SUBSCRIBE' }, ...changes })
  const first = { cseq: { number: 61, method: 'SUBSCRIBE' }, recordRoute }
  const inOrder = (request: SipRequest, watch: Watch | undefined = subscribed(first).watch) => {
    const { result, answer } = took(request, (arrived, turn) => isInOrder(watch, arrived, turn))
    return [result, answer?.status]
  }

  it('is in order with the next number, or a later one', () => {
    expect([inOrder(again()), inOrder(again({}, 700))]).toEqual([
      [true, undefined],
      [true, undefined],
    ])
  })

  it('is answered 481 when there is no subscription', () => {
    const { result, answer } = took(again(), (arrived, turn) => isInOrder(undefined, arrived, turn))
    expect([result, answer!.status]).toEqual([false, 481])
  })

  it.each([
    ['Call-ID', { callId: 'call-9' }],
    ['tag in From', { from: nameAddr('sip:alice@home1.net', { tag: 'a9' }) }],
    ['event package', { event: { value: 'reg', params: {} } }],
    ['event package, which is missing', { event: undefined }],
  ])('is answered 481 with another %s', (_, changes) => {
    expect(inOrder(again(changes))).toEqual([false, 481])
  })

  it('is answered 500 with a lower number than the last (RFC 3261 §12.2.2)', () => {
    expect(inOrder(again({}, 60))).toEqual([false, 500])
  })

  it('gets a 200 with the new duration and the Contact, and keeps the tag', () => {
    const { watch } = subscribed(first)
    const { result } = took(again(), (arrived, turn) => acceptedAgain(watch, arrived, 1800, ownContact, turn))
    expect([result.status, result.headers.expires, result.headers.contact]).toEqual([200, 1800, [ownContact]])
    expect(result.headers.to).toEqual(tagged)
  })

  it('moves the target to its Contact and leaves the route set (RFC 3261 §12.2.2)', () => {
    const { watch } = subscribed(first)
    const moved = again({ contact: [nameAddr('sip:alice@new')], recordRoute: [nameAddr('sip:other;lr')] })
    took(moved, (arrived, turn) => acceptedAgain(watch, arrived, 1800, ownContact, turn))
    const { uri, headers } = told(watch, 1)
    expect([uri, headers.route]).toEqual(['sip:alice@new', recordRoute])
  })

  it('is the measure for the next one', () => {
    const { watch } = subscribed(first)
    took(again({}, 70), (arrived, turn) => acceptedAgain(watch, arrived, 1800, ownContact, turn))
    expect([inOrder(again({}, 69), watch), inOrder(again({}, 71), watch)]).toEqual([
      [false, 500],
      [true, undefined],
    ])
  })
})
