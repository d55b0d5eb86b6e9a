import { describe, expect, it } from 'vitest'
import { parseFilterSet, parseResourceLists, printMultipart, related } from '../../src/documents/index.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { type Alone, answerTo, edited, field, requests, type Sent, theRequest, theResponse } from '../ims/alone.ts'
import { address, device, pidf, proxy, target, user, watchingOf } from './device.ts'

const granted = (request: SipRequest, expires = field(request, 'Expires')!): string =>
  answerTo(request, '200 OK', { Expires: expires, Contact: '<sip:ps.home2.net>' })

let branches = 0

function notify(
  subscribe: SipRequest,
  sequence: number,
  body: string,
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const head = edited(
    `
    NOTIFY sip:${address}:1357 SIP/2.0
    Via: SIP/2.0/UDP pcscf1.home1.net:7531;branch=z9hG4bKw${++branches}
    Max-Forwards: 68
    From: <${subscribe.uri}>;tag=peer
    To: ${field(subscribe, 'From')}
    Call-ID: ${field(subscribe, 'Call-ID')}
    CSeq: ${sequence} NOTIFY
    Event: ${field(subscribe, 'Event')}
    Subscription-State: active;expires=3600
    Contact: <sip:ps.home2.net>
  `,
    changes,
  )
  return body === '' ? head : `${head}\n\n${body}`
}

const ended = (subscribe: SipRequest, state: string, sequence = 1): string =>
  notify(subscribe, sequence, '', { 'Subscription-State': `terminated;${state}` })

const subscribes = (sent: readonly Sent[]): SipRequest[] => requests(sent, 'SUBSCRIBE')

function subscribed(command: Readonly<Record<string, unknown>> = {}): { ue: Alone; subscribe: SipRequest } {
  const ue = device()
  const subscribe = theRequest(ue.command({ do: 'subscribe', to: target, expires: 3600, ...command }))
  ue.receive(granted(subscribe), proxy)
  return { ue, subscribe }
}

describe('RFC 6665 §4.4.3: fetch and poll', () => {
  it('a fetch has Expires 0, outside any dialog; its only NOTIFY is read, and nothing follows', () => {
    const ue = device()
    const fetch = theRequest(ue.command({ do: 'fetch', to: target }))
    expect([field(fetch, 'Expires'), field(fetch, 'Event')]).toEqual(['0', 'presence'])
    expect(field(fetch, 'To')).toBe(`<${target}>`)
    ue.receive(granted(fetch, '0'), proxy)
    const last = notify(fetch, 1, `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${target}"/>`, {
      'Content-Type': 'application/pidf+xml',
      'Subscription-State': 'terminated;reason=timeout',
    })
    expect(theResponse(ue.receive(last, proxy)).status).toBe(200)
    expect(watchingOf(ue)).toMatchObject({ state: 'terminated', known: { kind: 'view' } })
    expect(ue.pass(10_000)).toEqual([])
  })

  it('a poll is a fetch at regular times, as often as it was said', () => {
    const ue = device()
    const sent = [...ue.command({ do: 'poll', to: target, every: 600_000_000, times: 3 }), ...ue.pass(10_000)].filter(
      ({ message }) => message.kind === 'request',
    )
    expect(sent.map(({ at }) => at)).toEqual([0, 600, 1200])
    expect(new Set(subscribes(sent).map((one) => field(one, 'Call-ID'))).size).toBe(3)
    expect(subscribes(sent).map((one) => field(one, 'Expires'))).toEqual(['0', '0', '0'])
  })

  it('a poll without a number goes on until it is ended', () => {
    const ue = device()
    ue.command({ do: 'poll', to: target, every: 600_000_000 })
    expect(subscribes(ue.pass(6000))).toHaveLength(10)
    ue.command({ do: 'unsubscribe', to: target })
    expect(subscribes(ue.pass(6000))).toEqual([])
  })
})

describe('RFC 4660: filters', () => {
  const filter = (include: string) =>
    `<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter"><filter id="f"><what><include>${include}</include></what></filter></filter-set>`

  it('go in the body of the SUBSCRIBE', () => {
    const { subscribe } = subscribed({ filter: filter('/presence/tuple') })
    expect(field(subscribe, 'Content-Type')).toBe('application/simple-filter+xml')
    expect(parseFilterSet(subscribe.body)).toMatchObject({ filters: [{ id: 'f' }] })
  })

  it('stay over a refresh that has none, and are replaced by one that has', () => {
    const { ue, subscribe } = subscribed({ filter: filter('/presence/tuple') })
    ue.receive(notify(subscribe, 1, ''), proxy)
    const refresh = theRequest(ue.command({ do: 'refresh', to: target, filter: filter('/presence/note') }))
    expect(field(refresh, 'To')).toContain('tag=peer')
    expect(String(refresh.body)).toContain('/presence/note')
    ue.receive(granted(refresh), proxy)
    const later = subscribes(ue.pass(3500))
    expect(later.length).toBeGreaterThan(0)
    expect(later[0]!.body).toBe('')
  })

  it('RFC 4660 §3.4: an empty NOTIFY says that the filter leaves nothing of what was known', () => {
    const { ue, subscribe } = subscribed({ filter: filter('/presence/tuple') })
    ue.receive(notify(subscribe, 1, pidf({ im: 'open' })), proxy)
    expect(watchingOf(ue).known?.kind).toBe('view')
    ue.receive(notify(subscribe, 2, ''), proxy)
    expect(watchingOf(ue).known).toBeUndefined()
  })

  it('RFC 6446 §4: how often to be told is said with the event, and again with each refresh', () => {
    const ue = device()
    const rates = { 'max-rate': '0.05', 'min-rate': '0.01' }
    const first = theRequest(ue.command({ do: 'subscribe', to: target, rates }))
    expect(field(first, 'Event')).toBe('presence;max-rate=0.05;min-rate=0.01')
    ue.receive(granted(first), proxy)
    ue.receive(notify(first, 1, ''), proxy)
    expect(field(theRequest(ue.command({ do: 'refresh', to: target })), 'Event')).toBe(field(first, 'Event'))
    const { ue: plain, subscribe } = subscribed({})
    plain.receive(notify(subscribe, 1, ''), proxy)
    expect(field(theRequest(plain.command({ do: 'refresh', to: target })), 'Event')).toBe('presence')
  })

  it('RFC 4661 §7: what is no filter is not sent', () => {
    const ue = device()
    expect(ue.command({ do: 'subscribe', to: target, filter: '<filter-set/>' })).toEqual([])
    expect(ue.decisions.at(-1)?.outcome).toBe('nothing is sent')
  })

  it('the last one comes again with the subscription that follows', () => {
    const { ue, subscribe } = subscribed({ filter: filter('/presence/tuple') })
    ue.receive(notify(subscribe, 1, ''), proxy)
    ue.receive(granted(theRequest(ue.command({ do: 'refresh', to: target, filter: filter('/presence/note') }))), proxy)
    const anew = theRequest(ue.receive(ended(subscribe, 'reason=deactivated', 2), proxy), 'SUBSCRIBE')
    expect(String(anew.body)).toContain('/presence/note')
  })

  it('come again with the subscription that follows one that has ended', () => {
    const { ue, subscribe } = subscribed({ filter: filter('/presence/tuple') })
    const anew = theRequest(ue.receive(ended(subscribe, 'reason=deactivated'), proxy), 'SUBSCRIBE')
    expect(String(anew.body)).toContain('/presence/tuple')
  })
})

describe('RFC 6665 §4.1.3: what follows the end of a subscription, by its reason', () => {
  it.each([
    ['reason=deactivated', 0],
    ['reason=deactivated;retry-after=100', 0],
    ['reason=timeout', 0],
    ['reason=probation;retry-after=100', 100],
    ['reason=probation', 60],
    ['reason=giveup;retry-after=100', 100],
    ['reason=giveup', 60],
    ['reason=strange;retry-after=7', 7],
    ['reason=rejected', undefined],
    ['reason=rejected;retry-after=7', undefined],
    ['reason=noresource', undefined],
    ['reason=invariant', undefined],
  ])('terminated;%s: a new subscription after %s s', (state, after) => {
    const { ue, subscribe } = subscribed()
    const at = ue.simulation.now / 1e6
    const sent = [...ue.receive(ended(subscribe, state), proxy), ...ue.pass(500)]
    const anew = sent.filter(({ message }) => message.kind === 'request')
    expect(anew.map((one) => one.at - at)).toEqual(after === undefined ? [] : [after])
    if (after === undefined) return
    const [request] = subscribes(sent)
    expect(field(request!, 'To'), 'outside the old dialog').toBe(`<${target}>`)
    expect(field(request!, 'Call-ID')).not.toBe(field(subscribe, 'Call-ID'))
    expect(field(request!, 'Expires')).toBe('3600')
  })

  it('one that the user ends before it is granted is ended once it is, and not refreshed', () => {
    const ue = device()
    const subscribe = theRequest(ue.command({ do: 'subscribe', to: target, expires: 600 }))
    expect(ue.command({ do: 'unsubscribe', to: target })).toEqual([])
    const last = theRequest(ue.receive(granted(subscribe), proxy))
    expect([field(last, 'Expires'), field(last, 'To')]).toEqual(['0', `<${target}>;tag=peer`])
    ue.receive(granted(last, '0'), proxy)
    expect(subscribes(ue.pass(5000))).toEqual([])
  })

  it('one that the user ends while it is being refreshed is over', () => {
    const { ue, subscribe } = subscribed({ expires: 600 })
    ue.receive(notify(subscribe, 1, '', { 'Subscription-State': 'active;expires=600' }), proxy)
    const refresh = theRequest(ue.pass(301))
    const last = theRequest(ue.command({ do: 'unsubscribe', to: target }))
    ue.receive(granted(refresh), proxy)
    ue.receive(granted(last, '0'), proxy)
    expect(subscribes(ue.pass(5000))).toEqual([])
  })

  it('nothing follows the end that the user wanted', () => {
    const { ue, subscribe } = subscribed()
    ue.receive(notify(subscribe, 1, ''), proxy)
    ue.command({ do: 'unsubscribe', to: target })
    ue.receive(ended(subscribe, 'reason=deactivated', 2), proxy)
    expect(subscribes(ue.pass(500)).filter((one) => !field(one, 'To')!.includes('tag='))).toEqual([])
  })

  it('nor does one that the user takes back while she waits', () => {
    const { ue, subscribe } = subscribed()
    ue.receive(ended(subscribe, 'reason=probation;retry-after=100'), proxy)
    ue.command({ do: 'unsubscribe', to: target })
    expect(subscribes(ue.pass(500))).toEqual([])
  })

  it('RFC 6665 §4.1.2.2: a refresh answered 481 is followed by a new subscription', () => {
    const { ue, subscribe } = subscribed({ expires: 600 })
    ue.receive(notify(subscribe, 1, '', { 'Subscription-State': 'active;expires=600' }), proxy)
    const refresh = theRequest(ue.pass(301))
    const anew = theRequest(ue.receive(answerTo(refresh, '481 Subscription Does Not Exist'), proxy))
    expect(field(anew, 'To')).toBe(`<${target}>`)
  })

  it('RFC 6665 §4.1.2.1, RFC 3261 §20.33: asked again for Min-Expires after 423, later after 503 with Retry-After', () => {
    const ue = device()
    const first = theRequest(ue.command({ do: 'subscribe', to: target, expires: 60 }))
    const second = theRequest(ue.receive(answerTo(first, '423 Interval Too Brief', { 'Min-Expires': '900' }), proxy))
    expect(field(second, 'Expires')).toBe('900')
    expect(ue.receive(answerTo(second, '503 Service Unavailable', { 'Retry-After': '20' }), proxy)).toEqual([])
    const at = ue.simulation.now / 1e6
    const [third] = ue.pass(60)
    expect(third!.at - at).toBe(20)
  })
})

describe('RFC 3857, RFC 3858: watcher information', () => {
  const winfo = (version: number, state: string, ...watchers: readonly (readonly [string, string])[]) =>
    `<watcherinfo xmlns="urn:ietf:params:xml:ns:watcherinfo" version="${version}" state="${state}"><watcher-list resource="${user}" package="presence">${watchers
      .map(([id, status]) => `<watcher id="${id}" status="${status}" event="subscribe">sip:${id}@home2.net</watcher>`)
      .join('')}</watcher-list></watcherinfo>`

  function informed() {
    const { ue, subscribe } = subscribed({ to: user, event: 'presence.winfo' })
    const tell = (sequence: number, body: string): Sent[] =>
      ue.receive(notify(subscribe, sequence, body, { 'Content-Type': 'application/watcherinfo+xml' }), proxy)
    tell(1, winfo(0, 'full', ['a', 'active'], ['b', 'pending']))
    return { ue, subscribe, tell }
  }
  const seen = (ue: Alone): string[] => {
    const { known } = watchingOf(ue)
    const view = known?.kind === 'lost' ? known.before : known
    if (view?.kind !== 'watcherinfo') throw new Error('no watcher information')
    return view.lists.flatMap(({ watchers }) => watchers.map(({ id, status }) => `${id} ${status}`))
  }

  it('is subscribed to with Event presence.winfo', () => {
    const { subscribe } = informed()
    expect(field(subscribe, 'Event')).toBe('presence.winfo')
    expect([subscribe.uri, field(subscribe, 'To')]).toEqual([user, `<${user}>`])
  })

  it('partial state is merged by the id of the watcher; who has terminated is gone', () => {
    const { ue, tell } = informed()
    expect(seen(ue)).toEqual(['a active', 'b pending'])
    tell(2, winfo(1, 'partial', ['b', 'active'], ['c', 'pending']))
    expect(seen(ue)).toEqual(['a active', 'b active', 'c pending'])
    tell(3, winfo(2, 'partial', ['a', 'terminated']))
    expect(seen(ue)).toEqual(['b active', 'c pending'])
  })

  it('an old version is passed over', () => {
    const { ue, tell } = informed()
    expect(subscribes(tell(2, winfo(0, 'partial', ['b', 'terminated'])))).toEqual([])
    expect(seen(ue)).toEqual(['a active', 'b pending'])
  })

  it('a gap: full state is asked for within the dialog, once, and mends it', () => {
    const { ue, tell } = informed()
    const again = theRequest(tell(2, winfo(2, 'partial', ['b', 'active'])), 'SUBSCRIBE')
    expect([field(again, 'Event'), field(again, 'To')]).toEqual(['presence.winfo', `<${user}>;tag=peer`])
    expect(seen(ue)).toEqual(['a active', 'b pending'])
    expect(subscribes(tell(3, winfo(3, 'partial', ['c', 'active'])))).toEqual([])
    tell(4, winfo(4, 'full', ['c', 'active']))
    expect(seen(ue)).toEqual(['c active'])
  })

  it('one beside the presence of the same user is a subscription of its own', () => {
    const ue = device()
    const presence = theRequest(ue.command({ do: 'subscribe', to: user }))
    const watchers = theRequest(ue.command({ do: 'subscribe', to: user, event: 'presence.winfo' }))
    ue.receive(granted(presence), proxy)
    ue.receive(granted(watchers), proxy)
    const last = theRequest(ue.command({ do: 'unsubscribe', to: user, event: 'presence.winfo' }))
    expect(field(last, 'Call-ID')).toBe(field(watchers, 'Call-ID'))
  })
})

describe('RFC 5875: changes of XML documents', () => {
  const selector = `pres-rules/users/${user}/index`
  const diff = (body: string) =>
    `<xcap-diff xmlns="urn:ietf:params:xml:ns:xcap-diff" xcap-root="http://xcap.home1.net/">${body}</xcap-diff>`

  function informed() {
    const { ue, subscribe } = subscribed({ to: user, event: 'xcap-diff', documents: [selector] })
    let sequence = 0
    const tell = (body: string): Sent[] =>
      ue.receive(notify(subscribe, ++sequence, diff(body), { 'Content-Type': 'application/xcap-diff+xml' }), proxy)
    tell(`<document sel="${selector}" new-etag="e1"/>`)
    return { ue, subscribe, tell }
  }
  const documents = (ue: Alone) => {
    const { known } = watchingOf(ue)
    return known?.kind === 'xcap-diff' ? known.documents : undefined
  }

  it('the SUBSCRIBE lists what is watched', () => {
    const { subscribe } = informed()
    expect(field(subscribe, 'Event')).toBe('xcap-diff')
    expect(field(subscribe, 'Content-Type')).toBe('application/resource-lists+xml')
    expect(parseResourceLists(subscribe.body)).toMatchObject({ lists: [{ members: [{ uri: selector }] }] })
  })

  it('entity-tags are followed from one change to the next', () => {
    const { ue, tell } = informed()
    expect(documents(ue)).toEqual({ [selector]: { etag: 'e1', isStale: false } })
    tell(`<document sel="${selector}" previous-etag="e1" new-etag="e2"/>`)
    expect(documents(ue)).toEqual({ [selector]: { etag: 'e2', isStale: false } })
    tell(`<document sel="${selector}" previous-etag="e2"/>`)
    expect(documents(ue)).toEqual({})
  })

  it('RFC 5875 §4.7: what can not be read is asked for again, once', () => {
    const { tell } = informed()
    const asked = [tell('<document/>'), tell('<document/>')].map((sent) => subscribes(sent).length)
    expect(asked).toEqual([1, 0])
  })

  it('RFC 5875 §4.7: a change that does not follow from the last leaves the document to be fetched', () => {
    const { ue, tell } = informed()
    tell(`<document sel="${selector}" previous-etag="e7" new-etag="e8"/>`)
    expect(documents(ue)).toEqual({ [selector]: { etag: 'e8', isStale: true } })
  })
})

describe('TS 24.141 §5.3.2.2: notifications of several parts, and by reference', () => {
  const pidf = `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${target}"><note>cid:i@x</note></presence>`

  it('multipart/related: the root is the document, the rest is kept beside it', () => {
    const { ue, subscribe } = subscribed()
    const { contentType, body } = printMultipart(
      related([
        { contentType: 'application/pidf+xml', contentId: 'root@x', headers: [], body: pidf },
        { contentType: 'image/svg+xml', contentId: 'i@x', headers: [], body: '<svg/>' },
      ]),
    )
    ue.receive(notify(subscribe, 1, String(body), { 'Content-Type': contentType }), proxy)
    expect(watchingOf(ue).known).toMatchObject({ kind: 'view', objects: [{ contentId: 'i@x', body: '<svg/>' }] })
  })

  it('message/external-body: where the document is', () => {
    const { ue, subscribe } = subscribed()
    const url = 'http://xcap.home2.net/presence/1'
    const type = `message/external-body;access-type="URL";URL="${url}"`
    const sent = ue.receive(
      notify(subscribe, 1, 'Content-Type: application/pidf+xml\r\n\r\n', { 'Content-Type': type }),
      proxy,
    )
    expect(theResponse(sent).status).toBe(200)
    expect(watchingOf(ue).known).toMatchObject({
      kind: 'reference',
      body: { url, contentType: 'application/pidf+xml' },
    })
  })

  it('parts without a root are asked for again', () => {
    const { ue, subscribe } = subscribed()
    const type = 'multipart/related;type="application/pidf+xml";start="<other@x>";boundary="b"'
    const body = `--b\r\nContent-Type: application/pidf+xml\r\nContent-ID: <root@x>\r\n\r\n${pidf}\r\n--b--\r\n`
    const sent = ue.receive(notify(subscribe, 1, body, { 'Content-Type': type }), proxy)
    expect(subscribes(sent)).toHaveLength(1)
  })
})
