import { describe, expect, it } from 'vitest'
import { parsePresence, pidfDiff, pidfFull } from '../../src/documents/index.ts'
import { headerValue, type SipRequest } from '../../src/sip/message.ts'
import { type Alone, answerTo, edited, field, requests, type Sent, theRequest, theResponse } from '../ims/alone.ts'
import { address, device, proxy, target, user, watchingOf } from './device.ts'

const partial = headerValue('accept', 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1')

const begin = (ue: Alone, expires = 3600): SipRequest =>
  theRequest(ue.command({ do: 'subscribe', to: target, expires, accept: partial }))

const granted = (request: SipRequest, expires = field(request, 'Expires')!): string =>
  answerTo(request, '200 OK', { Expires: expires, Contact: '<sip:ps.home2.net>' })

/** A UE whose SUBSCRIBE was granted; no NOTIFY has come yet. */
function accepted(expires = 3600): { ue: Alone; subscribe: SipRequest } {
  const ue = device()
  const subscribe = begin(ue, expires)
  ue.receive(granted(subscribe), proxy)
  return { ue, subscribe }
}

let branches = 0

/** A NOTIFY within the dialog that a SUBSCRIBE makes. */
function notify(
  subscribe: SipRequest,
  sequence: number,
  body = '',
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const text = `
    NOTIFY sip:${address}:1357 SIP/2.0
    Via: SIP/2.0/UDP pcscf1.home1.net:7531;branch=z9hG4bKn${++branches}
    Max-Forwards: 68
    From: <${target}>;tag=peer
    To: ${field(subscribe, 'From')}
    Call-ID: ${field(subscribe, 'Call-ID')}
    CSeq: ${sequence} NOTIFY
    Event: presence
    Subscription-State: active;expires=3600
    Contact: <sip:ps.home2.net>
  `
  const type = body.includes('pidf-full') || body.includes('pidf-diff') ? 'pidf-diff' : 'pidf'
  const head = edited(text, { ...(body !== '' && { 'Content-Type': `application/${type}+xml` }), ...changes })
  return body === '' ? head : `${head}\n\n${body}`
}

const pidf = (tuples: Readonly<Record<string, string>>, more = '') =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${target}">${Object.entries(tuples)
    .map(([id, basic]) => `<tuple id="${id}"><status><basic>${basic}</basic></status></tuple>`)
    .join('')}${more}</presence>`

/** What the watcher sees: each tuple with its status. */
function view(ue: Alone): Record<string, string | undefined> | undefined {
  const { known } = watchingOf(ue)
  const seen = known?.kind === 'lost' ? known.before : known
  if (seen?.kind !== 'view') return undefined
  const presence = parsePresence(seen.document)
  if (presence.kind !== 'presence') throw new Error(presence.reason)
  return Object.fromEntries(presence.tuples.map(({ id, status }) => [id, status.basic]))
}

const subscribes = (sent: readonly Sent[]): SipRequest[] => requests(sent, 'SUBSCRIBE')

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

describe('RFC 3856 §6.7: what a watcher knows of a presentity', () => {
  it('is what the last full document says', () => {
    const { ue, subscribe } = accepted()
    expect(view(ue)).toBeUndefined()
    ue.receive(notify(subscribe, 1, pidf({ im: 'open', call: 'open' })), proxy)
    ue.receive(notify(subscribe, 2, pidf({ im: 'closed' })), proxy)
    expect(view(ue)).toEqual({ im: 'closed' })
    ue.receive(notify(subscribe, 3), proxy)
    expect(view(ue), 'a NOTIFY without a body says nothing new').toEqual({ im: 'closed' })
  })

  it('R5.3.2.2-b: elements that it does not know do no harm', () => {
    const { ue, subscribe } = accepted()
    const strange = '<v:mood xmlns:v="urn:example:vendor" v:level="3"><v:deep/></v:mood>'
    expect(theResponse(ue.receive(notify(subscribe, 1, pidf({ im: 'open' }, strange)), proxy)).status).toBe(200)
    expect(view(ue)).toEqual({ im: 'open' })
  })

  it('does not change by a document that can not be read, and is not asked for again and again', () => {
    const { ue, subscribe } = accepted()
    ue.receive(notify(subscribe, 1, pidf({ im: 'open' })), proxy)
    let asked = 0
    for (let sequence = 2; sequence < 10; sequence++) {
      const sent = ue.receive(notify(subscribe, sequence, 'hello'), proxy)
      for (const request of subscribes(sent)) ue.receive(granted(request), proxy)
      asked += subscribes(sent).length
    }
    expect(view(ue)).toEqual({ im: 'open' })
    expect(asked).toBeLessThan(2)
  })
})

describe('RFC 5263 §4.4: partial notifications are merged by their version', () => {
  const documents = [
    pidf({ im: 'open' }),
    pidf({ im: 'closed' }),
    pidf({ im: 'closed', call: 'open' }),
    pidf({ call: 'open' }),
    pidf({ call: 'closed' }),
  ]
  /** The notification that makes version `n` out of the one before. */
  const change = (n: number): string => pidfDiff(documents[n - 2]!, documents[n - 1]!, n)

  /** A watcher that has the full state as version 1. */
  function informed() {
    const { ue, subscribe } = accepted()
    ue.receive(notify(subscribe, 1, pidfFull(documents[0]!, 1)), proxy)
    return { ue, subscribe }
  }

  it('each change applies to the version before it', () => {
    const { ue, subscribe } = informed()
    expect(view(ue)).toEqual({ im: 'open' })
    for (const [version, expected] of [
      [2, { im: 'closed' }],
      [3, { im: 'closed', call: 'open' }],
      [4, { call: 'open' }],
      [5, { call: 'closed' }],
    ] as const) {
      const sent = ue.receive(notify(subscribe, version, change(version)), proxy)
      expect(theResponse(sent).status).toBe(200)
      expect(subscribes(sent)).toEqual([])
      expect(view(ue)).toEqual(expected)
    }
  })

  it('a version that is not higher than the last is passed over', () => {
    const { ue, subscribe } = informed()
    ue.receive(notify(subscribe, 2, change(2)), proxy)
    ue.receive(notify(subscribe, 3, change(3)), proxy)
    for (const version of [3, 2]) {
      const sent = ue.receive(notify(subscribe, 7 - version, change(version)), proxy)
      expect(theResponse(sent).status).toBe(200)
      expect(subscribes(sent)).toEqual([])
    }
    expect(view(ue)).toEqual({ im: 'closed', call: 'open' })
  })

  it('a gap: the NOTIFY is answered 200, the watcher subscribes again in the dialog, and full state mends it', () => {
    const { ue, subscribe } = informed()
    const sent = ue.receive(notify(subscribe, 2, change(3)), proxy)
    expect(sent.map(({ message }) => message.kind)).toEqual(['response', 'request'])
    const again = theRequest(sent)
    expect(again.method).toBe('SUBSCRIBE')
    expect(field(again, 'To')).toBe(`<${target}>;tag=peer`)
    expect(Number(field(again, 'Expires'))).toBeGreaterThan(0)
    expect(view(ue), 'what is known is not spoilt').toEqual({ im: 'open' })
    ue.receive(granted(again), proxy)
    ue.receive(notify(subscribe, 3, pidfFull(documents[3]!, 4)), proxy)
    expect(view(ue)).toEqual({ call: 'open' })
    ue.receive(notify(subscribe, 4, change(5)), proxy)
    expect(view(ue)).toEqual({ call: 'closed' })
  })

  it('a gap is asked about once: what comes before the full state makes no more requests', () => {
    const { ue, subscribe } = informed()
    expect(subscribes(ue.receive(notify(subscribe, 2, change(3)), proxy))).toHaveLength(1)
    expect(subscribes(ue.receive(notify(subscribe, 3, change(4)), proxy))).toHaveLength(0)
    expect(subscribes(ue.receive(notify(subscribe, 4, change(5)), proxy))).toHaveLength(0)
    ue.receive(notify(subscribe, 5, pidfFull(documents[0]!, 6)), proxy)
    const later = ue.receive(notify(subscribe, 6, pidfDiff(documents[0]!, documents[1]!, 8)), proxy)
    expect(subscribes(later), 'a new gap is a new question').toHaveLength(1)
  })

  it('a change before any full state is a gap', () => {
    const { ue, subscribe } = accepted()
    expect(subscribes(ue.receive(notify(subscribe, 1, change(2)), proxy))).toHaveLength(1)
    expect(view(ue)).toBeUndefined()
  })

  it('a change that can not be applied is a gap', () => {
    const { ue, subscribe } = informed()
    const wrong = pidfDiff(pidf({ other: 'open' }), pidf({ other: 'closed' }), 2)
    expect(subscribes(ue.receive(notify(subscribe, 2, wrong), proxy))).toHaveLength(1)
    expect(view(ue)).toEqual({ im: 'open' })
  })

  it('a gap in a subscription that the user has just ended is not asked about', () => {
    const { ue, subscribe } = informed()
    ue.command({ do: 'unsubscribe', to: target })
    expect(subscribes(ue.receive(notify(subscribe, 2, change(3)), proxy))).toHaveLength(0)
  })

  it('full state of any version replaces what was known', () => {
    const { ue, subscribe } = informed()
    ue.receive(notify(subscribe, 2, pidfFull(documents[2]!, 40)), proxy)
    expect(view(ue)).toEqual({ im: 'closed', call: 'open' })
    ue.receive(notify(subscribe, 3, pidfDiff(documents[2]!, documents[3]!, 41)), proxy)
    expect(view(ue)).toEqual({ call: 'open' })
  })
})
