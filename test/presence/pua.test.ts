import { describe, expect, it } from 'vitest'
import type { SipRequest } from '../../src/sip/message.ts'
import { type Alone, answerTo, field, names, requests, type Sent, theRequest } from '../ims/alone.ts'
import { device, proxy, user } from './device.ts'

const document = (note: string) =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${user}"><note>${note}</note></presence>`

const publish = (ue: Alone, note: string, expires = 3600): Sent[] =>
  ue.command({ do: 'publish', document: document(note), expires })

/** The compositor answers; returns what the UE sends next. */
function answer(ue: Alone, request: SipRequest, status: string, more: Readonly<Record<string, string>> = {}): Sent[] {
  return ue.receive(answerTo(request, status, more), proxy)
}

const ok = (ue: Alone, request: SipRequest, entityTag: string, expires = field(request, 'Expires')!): Sent[] =>
  answer(ue, request, '200 OK', { 'SIP-ETag': entityTag, Expires: expires })

/** What kind of PUBLISH a request is (RFC 3903 Table 1), with its condition and duration. */
function kindOf(request: SipRequest): string {
  const [tag, expires] = [field(request, 'SIP-If-Match'), field(request, 'Expires')]
  const body = /<note>(.*)<\/note>/.exec(String(request.body))?.[1]
  const kind = expires === '0' ? 'remove' : tag === undefined ? 'initial' : request.body === '' ? 'refresh' : 'modify'
  return [kind, tag, body, expires].filter((part) => part !== undefined).join(' ')
}

/** A UE whose first publication was answered with the entity-tag `t1`. */
function published(expires = 3600): Alone {
  const ue = device()
  ok(ue, theRequest(publish(ue, 'one', expires)), 't1')
  return ue
}

/** Lets time pass until the publication is refreshed. */
function refreshOf(ue: Alone): Sent[] {
  for (let second = 0; second < 3600; second++) {
    const sent = ue.pass(1)
    if (sent.length > 0) return sent
  }
  return []
}

const kinds = (sent: readonly Sent[]): string[] => requests(sent, 'PUBLISH').map(kindOf)

describe('RFC 3903 §4: what a PUA publishes', () => {
  it('§4.2: an initial PUBLISH has the state and a duration, for its own identity, and no condition', () => {
    const request = theRequest(publish(device(), 'one', 7200))
    expect(kindOf(request)).toBe('initial one 7200')
    expect(request.uri).toBe(user)
    expect(field(request, 'To')).toBe(`<${user}>`)
    expect(field(request, 'Event')).toBe('presence')
    expect(field(request, 'Content-Type')).toBe('application/pidf+xml')
    expect(names(request)).not.toContain('Contact')
  })

  it('§4.4: a modification has the entity-tag of the last 200 and the new state', () => {
    const ue = published()
    const second = theRequest(publish(ue, 'two'))
    expect(kindOf(second)).toBe('modify t1 two 3600')
    ok(ue, second, 't2')
    expect(kinds(publish(ue, 'three'))).toEqual(['modify t2 three 3600'])
  })

  it('§4.3: a refresh has the entity-tag and no body, and comes before the publication expires', () => {
    const ue = published()
    const [first] = ue.pass(3600)
    expect(kindOf(first!.message as SipRequest)).toBe('refresh t1 3600')
    expect(names(first!.message as SipRequest)).not.toContain('Content-Type')
    expect(first!.at).toBeGreaterThan(0)
    expect(first!.at).toBeLessThan(3600)
  })

  it('§4.3: each refresh takes the entity-tag of the one before', () => {
    const ue = published()
    ue.peers = (request) =>
      answerTo(request, '200 OK', { 'SIP-ETag': `after-${field(request, 'SIP-If-Match')}`, Expires: '3600' })
    const sent = ue.pass(10_000)
    expect(kinds(sent).slice(0, 3)).toEqual(['refresh t1 3600', 'refresh after-t1 3600', 'refresh after-after-t1 3600'])
    const times = [0, ...sent.map(({ at }) => at)]
    for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeLessThan(3600)
  })

  it.each([60, 600, 1200, 1201, 7200])('a publication granted for %i seconds is refreshed in time', (granted) => {
    const ue = device()
    ok(ue, theRequest(publish(ue, 'one', 7200)), 't1', String(granted))
    const [refresh] = ue.pass(granted)
    expect(refresh!.at).toBeGreaterThan(granted / 3)
    expect(refresh!.at).toBeLessThan(granted)
  })

  it('a modification puts off the refresh, which has its entity-tag', () => {
    const ue = published(1000)
    ue.pass(400)
    ok(ue, theRequest(publish(ue, 'two', 1000)), 't2')
    const sent = ue.pass(600)
    expect(kinds(sent)).toEqual(['refresh t2 1000'])
    expect(sent[0]!.at).toBeGreaterThan(500)
  })

  it('§4.5: a removal has the entity-tag, no body and Expires 0, and nothing is refreshed afterwards', () => {
    const ue = published()
    const request = theRequest(ue.command({ do: 'unpublish' }))
    expect(kindOf(request)).toBe('remove t1 0')
    expect(request.body).toBe('')
    ok(ue, request, 'gone', '0')
    expect(ue.pass(10_000)).toEqual([])
    expect(kinds(publish(ue, 'two')), 'what comes then is initial again').toEqual(['initial two 3600'])
  })

  it('without a publication there is nothing to remove', () => {
    expect(device().command({ do: 'unpublish' })).toEqual([])
  })
})

describe('RFC 3903 §4: what a PUA does with a failure', () => {
  it('412: forgets the entity-tag and publishes its full state anew', () => {
    const ue = published()
    const refresh = theRequest(refreshOf(ue))
    const sent = answer(ue, refresh, '412 Conditional Request Failed')
    expect(kinds(sent)).toEqual(['initial one 3600'])
    ok(ue, theRequest(sent), 't9')
    expect(kinds(publish(ue, 'two'))).toEqual(['modify t9 two 3600'])
  })

  it('412 of a modification: publishes the new state', () => {
    const ue = published()
    expect(kinds(answer(ue, theRequest(publish(ue, 'two')), '412 Conditional Request Failed'))).toEqual([
      'initial two 3600',
    ])
  })

  it('412 of a removal: there is nothing left to do', () => {
    const ue = published()
    const removal = theRequest(ue.command({ do: 'unpublish' }))
    expect(answer(ue, removal, '412 Conditional Request Failed')).toEqual([])
    expect(ue.pass(10_000)).toEqual([])
  })

  it.each([
    ['initial', 'initial one 900'],
    ['modify', 'modify t1 two 900'],
    ['refresh', 'refresh t1 900'],
  ])('423 of an %s PUBLISH: asks again for at least Min-Expires', (kind, expected) => {
    const ue = kind === 'initial' ? device() : published(60)
    const sent = kind === 'initial' ? publish(ue, 'one', 60) : kind === 'modify' ? publish(ue, 'two', 60) : ue.pass(40)
    const again = answer(ue, theRequest(sent), '423 Interval Too Brief', { 'Min-Expires': '900' })
    expect(kinds(again)).toEqual([expected])
  })

  it('423 without a Min-Expires that helps is not asked again for ever', () => {
    for (const more of [{}, { 'Min-Expires': '60' }]) {
      const ue = device()
      expect(kinds(answer(ue, theRequest(publish(ue, 'one', 60)), '423 Interval Too Brief', more as never))).toEqual([])
    }
  })

  it.each(['403 Forbidden', '489 Bad Event', '603 Decline'])('%s: it does not insist', (status) => {
    const ue = device()
    expect(answer(ue, theRequest(publish(ue, 'one')), status)).toEqual([])
    expect(ue.pass(10_000)).toEqual([])
    expect(kinds(publish(ue, 'two')), 'but a new state is published').toEqual(['initial two 3600'])
  })

  it('a 1xx is no answer', () => {
    const ue = device()
    const request = theRequest(publish(ue, 'one'))
    answer(ue, request, '100 Trying')
    expect(publish(ue, 'two')).toEqual([])
    expect(kinds(ok(ue, request, 't1'))).toEqual(['modify t1 two 3600'])
  })
})

describe('RFC 3903 §4: one PUBLISH at a time', () => {
  it('what changes in the meantime waits for the answer, and the last state wins', () => {
    const ue = device()
    const first = theRequest(publish(ue, 'one'))
    for (const note of ['two', 'three', 'four']) expect(publish(ue, note)).toEqual([])
    const sent = ok(ue, first, 't1')
    expect(kinds(sent)).toEqual(['modify t1 four 3600'])
    expect(ok(ue, theRequest(sent), 't2'), 'and is sent once').toEqual([])
  })

  it.each(['403 Forbidden', '500 Server Internal Error', '412 Conditional Request Failed'])(
    'what waited is not lost when the one before is answered %s',
    (status) => {
      const ue = device()
      const first = theRequest(publish(ue, 'one'))
      publish(ue, 'two')
      expect(kinds(answer(ue, first, status))).toEqual(['initial two 3600'])
    },
  )

  it('nor when the one before is never answered', () => {
    const ue = device()
    publish(ue, 'one')
    publish(ue, 'two')
    const sent = ue.pass(129)
    expect(kinds(sent)).toEqual(['initial two 3600'])
    expect(sent[0]!.at, 'Timer F of the radio leg').toBe(128)
    expect(kinds(ok(ue, theRequest(sent), 't1')), 'and is sent once').toEqual([])
  })

  it('a removal that waited follows the answer, with its entity-tag', () => {
    const ue = device()
    const first = theRequest(publish(ue, 'one'))
    expect(ue.command({ do: 'unpublish' })).toEqual([])
    expect(kinds(ok(ue, first, 't1'))).toEqual(['remove t1 0'])
  })

  it('a removal that waited needs no request when there is nothing published', () => {
    for (const status of ['403 Forbidden', '412 Conditional Request Failed']) {
      const ue = device()
      const first = theRequest(publish(ue, 'one'))
      ue.command({ do: 'unpublish' })
      expect(kinds(answer(ue, first, status)), status).toEqual([])
      expect(ue.pass(10_000)).toEqual([])
    }
  })

  it('a removal that waited for a refresh answered 412 does not publish again', () => {
    const ue = published()
    const refresh = theRequest(refreshOf(ue))
    ue.command({ do: 'unpublish' })
    expect(kinds(answer(ue, refresh, '412 Conditional Request Failed'))).toEqual([])
  })

  it('what was last asked for counts: published, removed, published', () => {
    const ue = device()
    const first = theRequest(publish(ue, 'one'))
    ue.command({ do: 'unpublish' })
    publish(ue, 'two')
    expect(kinds(ok(ue, first, 't1'))).toEqual(['modify t1 two 3600'])
  })

  it('a publication during a removal is initial after it', () => {
    const ue = published()
    const removal = theRequest(ue.command({ do: 'unpublish' }))
    expect(publish(ue, 'two')).toEqual([])
    expect(kinds(ok(ue, removal, 'gone', '0'))).toEqual(['initial two 3600'])
  })

  it('a refresh that falls due while a PUBLISH is on its way is not sent beside it', () => {
    const ue = published(200)
    ue.pass(99)
    const modification = theRequest(publish(ue, 'two', 200))
    expect(kinds(ue.pass(50))).toEqual([])
    ok(ue, modification, 't2')
    expect(kinds(ue.pass(150))).toEqual(['refresh t2 200'])
  })
})
