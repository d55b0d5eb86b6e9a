/** A PUBLISH that comes to nothing for a reason that passes is sent again: what is published does not fade away. */
import { describe, expect, it } from 'vitest'
import type { SipRequest } from '../../src/sip/message.ts'
import { type Alone, answerTo, field, requests, type Sent, theRequest } from '../ims/alone.ts'
import { device, proxy, user } from './device.ts'

const document = (note: string) =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${user}"><note>${note}</note></presence>`

const publish = (ue: Alone, note: string, expires = 3600): Sent[] =>
  ue.command({ do: 'publish', document: document(note), expires })

function answer(ue: Alone, request: SipRequest, status: string, more: Readonly<Record<string, string>> = {}): Sent[] {
  return ue.receive(answerTo(request, status, more), proxy)
}

const ok = (ue: Alone, request: SipRequest, entityTag: string): Sent[] =>
  answer(ue, request, '200 OK', { 'SIP-ETag': entityTag, Expires: field(request, 'Expires')! })

/** What a PUBLISH is for: its entity-tag, its note, its duration. */
const wordsOf = (request: SipRequest): string => {
  const note = /<note>(.*)<\/note>/.exec(String(request.body))?.[1]
  return [field(request, 'SIP-If-Match') ?? 'new', note ?? 'bare', field(request, 'Expires')].join(' ')
}

/** What was published, and when, in seconds. */
const published = (sent: readonly Sent[]): [string, number][] =>
  sent.flatMap(({ message, at }) =>
    message.protocol === 'sip' && message.kind === 'request' && message.method === 'PUBLISH'
      ? [[wordsOf(message), at] as [string, number]]
      : [],
  )

/** Timer F of the radio leg: 64 times 2 s. */
const timerF = 128

/** Lets time pass until something is published. */
function next(ue: Alone): [words: string, at: number, request: SipRequest] {
  for (let second = 0; second < 4000; second++) {
    const sent = ue.pass(1)
    const [first] = published(sent)
    if (first !== undefined) return [...first, requests(sent, 'PUBLISH')[0]!]
  }
  throw new Error('nothing is published')
}

/** A UE whose publication was answered with the entity-tag `t1` at 0 s. */
function known(expires: number): Alone {
  const ue = device()
  ok(ue, theRequest(publish(ue, 'one', expires)), 't1')
  return ue
}

describe('RFC 3261 §8.1.3.1: a PUBLISH without an answer counts as answered 408, and is tried again', () => {
  it('an initial one, later each time: 30 to 60 s, then to 120 s, … and at most half an hour', () => {
    const ue = device()
    publish(ue, 'one')
    let given = timerF
    for (const longest of [60, 120, 240, 480, 960, 1800, 1800]) {
      const [words, at] = next(ue)
      expect(words).toBe('new one 3600')
      expect(at - given, `up to ${longest} s`).toBeGreaterThanOrEqual(longest / 2)
      expect(at - given, `up to ${longest} s`).toBeLessThan(longest)
      given = at + timerF
    }
  })

  it('an answer ends it, and what fails later is tried again as soon as the first time', () => {
    const ue = device()
    publish(ue, 'one', 7200)
    next(ue)
    ok(ue, next(ue)[2], 't1')
    expect(published(ue.pass(6000))).toEqual([])
    const [refresh, at] = next(ue)
    expect(refresh).toBe('t1 bare 7200')
    const [again, then] = next(ue)
    expect(again).toBe('t1 bare 7200')
    expect(then - at - timerF).toBeGreaterThanOrEqual(30)
    expect(then - at - timerF).toBeLessThan(60)
  })

  it('RFC 3903 §4.3: a refresh whose state has run out meanwhile publishes it anew, without the entity-tag', () => {
    const ue = known(200)
    expect(published(ue.pass(100)), 'half-way').toEqual([['t1 bare 200', 100]])
    const [words, at] = next(ue)
    expect(words).toBe('new one 200')
    expect(at).toBeGreaterThanOrEqual(258)
  })

  it('RFC 3903 §4.3: one that the server took in without being heard is answered 412, and published anew', () => {
    const ue = known(3600)
    publish(ue, 'two')
    const [words, , request] = next(ue)
    expect(words).toBe('t1 two 3600')
    expect(published(answer(ue, request, '412 Conditional Request Failed')).map(([one]) => one)).toEqual([
      'new two 3600',
    ])
  })

  it('a removal, until the state has run out anyway', () => {
    const ue = known(3600)
    ue.command({ do: 'unpublish' })
    expect(next(ue)[0]).toBe('t1 bare 0')
    const sent = published(ue.pass(7200))
    expect(sent.map(([words]) => words)).toEqual(sent.map(() => 't1 bare 0'))
    expect(sent.length).toBeGreaterThan(2)
    expect(sent.at(-1)![1]).toBeLessThan(3600)
  })

  it('no pause is longer than half of what is left of the state, so that it is tried again before that runs out', () => {
    const ue = known(3600)
    publish(ue, 'two')
    const sent = published(ue.pass(4000))
    const before = sent.filter(([words]) => words === 't1 two 3600')
    expect(sent.slice(before.length).map(([words]) => words)).toContain('new two 3600')
    expect(sent.slice(before.length).every(([words]) => words === 'new two 3600')).toBe(true)
    // After y it is tried again at y + 128 s + 30 s, or half of what is left, and that is after the end.
    expect(before.at(-1)![1]).toBeLessThan(3600)
    expect(before.at(-1)![1]).toBeGreaterThanOrEqual(3600 - 128 - 30)
  })

  it('what falls due to be refreshed while a change waits is changed', () => {
    const ue = known(200)
    answer(ue, theRequest(publish(ue, 'two', 200)), '500 Server Internal Error')
    for (let count = 0; count < 9; count++) {
      const [words, at, request] = next(ue)
      expect(words).toBe('t1 two 200')
      if (at === 100) return
      answer(ue, request, '500 Server Internal Error')
    }
    throw new Error('nothing is published half-way')
  })

  it('what changes meanwhile is published at once, and what was to be tried again is not', () => {
    const ue = device()
    publish(ue, 'one')
    expect(published(ue.pass(timerF + 1))).toEqual([])
    const sent = publish(ue, 'two')
    expect(published(sent)).toEqual([['new two 3600', 129]])
    ok(ue, theRequest(sent), 't1')
    expect(published(ue.pass(2800))).toEqual([])
  })

  it('a removal of what was never answered needs no request, and nothing is tried again', () => {
    const ue = device()
    publish(ue, 'one')
    ue.pass(timerF + 1)
    expect(published(ue.command({ do: 'unpublish' }))).toEqual([])
    expect(published(ue.pass(7200))).toEqual([])
  })
})

describe('RFC 3261 §21.4.9, §21.5: a PUBLISH that fails for a reason that passes is tried again', () => {
  it.each(['408 Request Timeout', '500 Server Internal Error', '503 Service Unavailable', '504 Server Time-out'])(
    '%s',
    (status) => {
      const ue = device()
      answer(ue, theRequest(publish(ue, 'one')), status)
      const [words, at] = next(ue)
      expect(words).toBe('new one 3600')
      expect(at).toBeGreaterThanOrEqual(30)
      expect(at).toBeLessThan(60)
    },
  )

  it('§20.33: where the server says when, then', () => {
    const ue = device()
    answer(ue, theRequest(publish(ue, 'one')), '503 Service Unavailable', { 'Retry-After': '7' })
    expect(published(ue.pass(100))).toEqual([['new one 3600', 7]])
  })

  it.each(['403 Forbidden', '404 Not Found', '489 Bad Event', '501 Not Implemented', '603 Decline'])(
    '%s is final',
    (status) => {
      const ue = device()
      answer(ue, theRequest(publish(ue, 'one')), status)
      expect(published(ue.pass(7200))).toEqual([])
    },
  )
})
