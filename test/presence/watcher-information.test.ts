import { describe, expect, it } from 'vitest'
import { isDocumentError, parseWatcherinfo } from '../../src/documents/index.ts'
import { seconds } from '../../src/sim/time.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { type Alone, field, requests, type Sent } from '../ims/alone.ts'
import { answered, presentity, type ServerParts, server, stateOf, subscribe } from './server.ts'

const home = 'scscf2.home2.net'
const parts: ServerParts = { packages: ['presence', 'presence.winfo'], otherwise: 'confirm' }
const owner = { 'P-Asserted-Identity': `<${presentity}>`, From: `<${presentity}>;tag=own`, 'Call-ID': 'own' }
const winfo = { ...owner, Event: 'presence.winfo', Accept: 'application/watcherinfo+xml' }

/** A SUBSCRIBE of some watcher to presence. */
const watch = (name: string, changes: Readonly<Record<string, string>> = {}) =>
  subscribe({
    'P-Asserted-Identity': `<sip:${name}@x.net>`,
    From: `<sip:${name}@x.net>;tag=${name}`,
    'Call-ID': name,
    ...changes,
  })

/** What the NOTIFYs of watcher information say: version, state, and each watcher with its status and event. */
function told(sent: readonly Sent[]): string[] {
  return requests(sent, 'NOTIFY')
    .filter(({ headers }) => headers.event!.value === 'presence.winfo')
    .map(infoOf)
}

function infoOf({ body }: SipRequest): string {
  const info = parseWatcherinfo(body)
  if (isDocumentError(info)) throw new Error(info.reason)
  const [list] = info.lists
  expect(list).toMatchObject({ resource: presentity, package: 'presence' })
  const watchers = list!.watchers.map(({ uri, status, event }) => `${/:(\w+)@/.exec(uri)![1]} ${status} ${event}`)
  return [`${info.version} ${info.state}`, ...watchers].join(', ')
}

/** A server whose presentity has subscribed to who watches her, long ago. */
function informed(more: Partial<ServerParts> = {}, before: readonly string[] = []): Alone {
  const ps = server({ ...parts, ...more })
  for (const name of before) ps.receive(watch(name), home)
  ps.receive(subscribe(winfo), home)
  ps.pass(100)
  return ps
}

const decide = (ps: Alone, watchers: Readonly<Record<string, string>>, otherwise = 'confirm') =>
  ps.command({ do: 'policy', of: presentity, policy: { watchers, otherwise } })

describe('RFC 3857 §4.6: who may see who watches', () => {
  it('the presentity itself, by any of her identities, and whom she names; nobody else', () => {
    const given = { identities: [presentity, 'tel:+15551234'], watcherInfo: ['sip:secretary@x.net'] }
    const status = (identity: string) =>
      answered(server({ ...parts, given }), subscribe({ ...winfo, 'P-Asserted-Identity': `<${identity}>` })).status
    const asking = [presentity, 'tel:+1-555-1234', 'sip:secretary@x.net', 'sip:other@x.net']
    expect(asking.map(status)).toEqual([200, 200, 200, 403])
  })

  it.each([
    ['allow', 200],
    ['polite-block', 200],
    ['confirm', 403],
    ['block', 403],
  ] as const)(
    'a watcher who is handled so: %s is answered %i, and told of its own subscription alone',
    (handling, status) => {
      const ps = server({ ...parts, otherwise: 'allow', watchers: { 'sip:anna@x.net': handling } })
      ps.receive(watch('bert'), home)
      ps.receive(watch('anna'), home)
      const sent = ps.receive(subscribe({ ...winfo, 'P-Asserted-Identity': '<sip:anna@x.net>' }), home)
      expect(sent[0]).toMatchObject({ message: { status } })
      expect(told(sent)).toEqual(status === 200 ? ['0 full, anna active subscribe'] : [])
      ps.pass(10)
      expect(told(ps.receive(watch('carl'), home))).toEqual([])
    },
  )

  it('a watcher who may not watch any more is not told any more', () => {
    const ps = server({ ...parts, otherwise: 'allow' })
    ps.receive(subscribe({ ...winfo, 'P-Asserted-Identity': '<sip:anna@x.net>' }), home)
    ps.pass(10)
    const [last] = requests(decide(ps, { 'sip:anna@x.net': 'block' }), 'NOTIFY')
    expect(stateOf(last!)).toBe('terminated;reason=rejected')
    expect(told(ps.receive(watch('bert'), home))).toEqual([])
  })

  it('identity comes before all, and a server without the package answers 489', () => {
    expect(answered(server(parts), subscribe({ ...winfo, 'P-Asserted-Identity': undefined })).status).toBe(403)
    expect(answered(server(parts), subscribe(winfo, 'sip:unknown@home2.net')).status).toBe(404)
    expect(answered(server(parts), subscribe({ ...winfo, Event: 'presence.winfo.winfo' })).status).toBe(489)
  })

  it('what accepts no watcher information is answered 406', () => {
    expect(answered(server(parts), subscribe({ ...winfo, Accept: 'application/pidf+xml' })).status).toBe(406)
  })
})

describe('RFC 3857 §4.7.2, RFC 3858: full, then partial', () => {
  it('the first NOTIFY tells of all watchers with version 0, later ones of those that changed', () => {
    const ps = server(parts)
    ps.receive(watch('anna'), home)
    expect(told(ps.receive(subscribe(winfo), home))).toEqual(['0 full, anna pending subscribe'])
    ps.pass(10)
    expect(told(ps.receive(watch('bert'), home))).toEqual(['1 partial, bert pending subscribe'])
    ps.pass(10)
    expect(told(decide(ps, { 'sip:anna@x.net': 'allow' }))).toEqual(['2 partial, anna active approved'])
  })

  it('a refresh is answered with the full state, whatever the pace', () => {
    const ps = informed({}, ['anna'])
    ps.receive(watch('bert'), home)
    const refresh = subscribe(
      { ...winfo, To: `<${presentity}>;tag=${tagOf(ps)}`, CSeq: '62 SUBSCRIBE', Route: '<sip:ps.home2.net;lr>' },
      'sip:ps.home2.net',
    )
    expect(told(ps.receive(refresh, home))).toEqual(['2 full, anna pending subscribe, bert pending subscribe'])
  })

  it('RFC 3857 §4.10: changes within five seconds are told together, each watcher with its last state', () => {
    const ps = informed({}, ['anna'])
    expect(told(ps.receive(watch('bert'), home))).toEqual(['1 partial, bert pending subscribe'])
    ps.pass(1)
    const sent = [
      ...ps.receive(watch('carl'), home),
      ...decide(ps, { 'sip:bert@x.net': 'allow', 'sip:anna@x.net': 'block' }),
    ]
    expect(told(sent)).toEqual([])
    const later = ps.pass(10)
    expect(told(later)).toEqual(['2 partial, carl pending subscribe, anna terminated rejected, bert active approved'])
    expect(later.at(-1)!.at).toBe(105)
  })

  it('each watcher keeps its id; expiration and duration are seconds', () => {
    const ps = informed({}, ['anna'])
    const [notify] = requests(decide(ps, { 'sip:anna@x.net': 'allow' }), 'NOTIFY').filter(
      ({ headers }) => headers.event!.value === 'presence.winfo',
    )
    const info = parseWatcherinfo(notify!.body)
    if (isDocumentError(info)) throw new Error(info.reason)
    expect(info.lists[0]!.watchers).toEqual([
      {
        id: '151170',
        status: 'active',
        event: 'approved',
        uri: 'sip:anna@x.net',
        expiration: 7100,
        durationSubscribed: 100,
      },
    ])
  })

  it('its own expiry ends it with a last NOTIFY', () => {
    const ps = server(parts)
    ps.receive(subscribe({ ...winfo, Expires: '60' }), home)
    const [last, ...more] = requests(ps.pass(100), 'NOTIFY')
    expect(more).toEqual([])
    expect([stateOf(last!), field(last!, 'Event')]).toEqual(['terminated;reason=timeout', 'presence.winfo'])
    expect(told(ps.receive(watch('anna'), home))).toEqual([])
  })

  it('a subscriber that refuses a NOTIFY is dropped', () => {
    const ps = informed({
      answer: ({ headers }) => (headers.event!.value === 'presence.winfo' ? '481 Gone' : '200 OK'),
    })
    expect(told(ps.receive(watch('anna'), home))).toEqual([])
  })
})

const tagOf = (ps: Alone): string => {
  const [tag] = [
    ...ps
      .state<{ roles: { presenceServer: { informed: Map<string, unknown> } } }>()
      .roles.presenceServer.informed.keys(),
  ]
  return tag!
}

describe('RFC 3857 §4.7.1: the states of a watcher', () => {
  it.each([
    ['allow', 'block', 'terminated rejected'],
    ['allow', 'confirm', 'terminated deactivated'],
    ['confirm', 'allow', 'active approved'],
    ['confirm', 'polite-block', 'active approved'],
    ['confirm', 'block', 'terminated rejected'],
    ['polite-block', 'block', 'terminated rejected'],
  ] as const)('from %s to %s: %s', (from, to, state) => {
    const ps = informed({ otherwise: from }, ['anna'])
    expect(told(decide(ps, {}, to))).toEqual([`1 partial, anna ${state}`])
  })

  it.each([
    [
      'unsubscribes',
      (ps: Alone) =>
        ps.receive(watch('anna', { To: `<${presentity}>;tag=151170`, CSeq: '62 SUBSCRIBE', Expires: '0' }), home),
    ],
    ['does not refresh', (ps: Alone) => ps.pass(7200)],
  ])('a pending watcher that %s is waiting, and stays in the list', (_case, leave) => {
    const ps = informed({}, ['anna'])
    expect(told(leave(ps)).at(0)).toMatch(/^1 \w+, anna waiting timeout$/)
  })

  it('an active watcher that leaves is terminated, and told once', () => {
    const ps = informed({ otherwise: 'allow' }, ['anna'])
    const bye = watch('anna', { To: `<${presentity}>;tag=151170`, CSeq: '62 SUBSCRIBE', Expires: '0' })
    expect(told(ps.receive(bye, home))).toEqual(['1 partial, anna terminated timeout'])
    ps.pass(10)
    expect(told(ps.receive(watch('bert'), home))).toEqual(['2 partial, bert active subscribe'])
  })

  it('a pending watcher that is given up is terminated, not waiting', () => {
    const ps = informed({ more: { giveUpAfter: seconds(600) } }, ['anna'])
    expect(told(ps.pass(700))).toEqual(['1 partial, anna terminated giveup'])
  })

  it('who fetches while there is no decision is waiting', () => {
    expect(told(informed().receive(watch('anna', { Expires: '0' }), home))).toEqual(['1 partial, anna waiting timeout'])
  })

  it('states that last no time are not told: a fetch that is allowed, a subscription that is refused', () => {
    const ps = informed({ watchers: { 'sip:anna@x.net': 'allow', 'sip:bert@x.net': 'block' } })
    const sent = [
      ...ps.receive(watch('anna', { Expires: '0' }), home),
      ...ps.receive(watch('bert'), home),
      ...ps.pass(20),
    ]
    expect(told(sent)).toEqual([])
  })

  it('a waiting watcher that comes again is waiting no more: that one is given up, the new one pending', () => {
    const ps = informed()
    ps.receive(watch('anna', { Expires: '0' }), home)
    ps.pass(1)
    const sent = [...ps.receive(watch('anna', { From: '<sip:anna@x.net>;tag=2' }), home), ...ps.pass(10)]
    expect(told(sent)).toEqual(['2 partial, anna terminated giveup, anna pending subscribe'])
  })

  it.each([
    ['allow', 'approved'],
    ['block', 'rejected'],
  ])('a waiting watcher about whom it is decided (%s) is terminated: %s', (handling, event) => {
    const ps = informed()
    ps.receive(watch('anna', { Expires: '0' }), home)
    ps.pass(10)
    expect(told(decide(ps, { 'sip:anna@x.net': handling }))).toEqual([`2 partial, anna terminated ${event}`])
  })

  it('a waiting watcher about whom nobody decides is forgotten in the end', () => {
    const ps = informed({ more: { rememberFor: seconds(600) } })
    ps.receive(watch('anna', { Expires: '0' }), home)
    expect(told(ps.pass(700))).toEqual(['2 partial, anna terminated giveup'])
  })
})

describe('RFC 4660 with RFC 3857: filters on watcher information', () => {
  const filter = `<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter">
    <ns-bindings><ns-binding prefix="w" urn="urn:ietf:params:xml:ns:watcherinfo"/></ns-bindings>
    <filter id="f"><what><include>/w:watcherinfo/w:watcher-list/w:watcher[@status="pending" or @status="waiting"]</include></what>
    <trigger><changed to="pending">/w:watcherinfo/w:watcher-list/w:watcher/@status</changed></trigger></filter></filter-set>`
  const filtering = (body: string, type = 'application/simple-filter+xml') =>
    `${subscribe({ ...winfo, 'Content-Type': type })}\n\n${body}`

  it('only watchers that are included are told, and only of changes that trigger', () => {
    const ps = server({ ...parts, watchers: { 'sip:friend@x.net': 'allow' } })
    ps.receive(watch('friend'), home)
    ps.receive(watch('anna'), home)
    expect(told(ps.receive(filtering(filter), home))).toEqual(['0 full, anna pending subscribe'])
    ps.pass(10)
    expect(told(decide(ps, { 'sip:anna@x.net': 'allow' })), 'active triggers nothing').toEqual([])
    expect(told(ps.receive(watch('bert'), home))).toEqual(['1 partial, bert pending subscribe'])
  })

  it('another type is answered 415, another expression 488', () => {
    expect(answered(server(parts), filtering(filter, 'text/plain')).status).toBe(415)
    expect(answered(server(parts), filtering(filter.replace('/w:watcher/@status', '/v:x'))).status).toBe(488)
  })
})
