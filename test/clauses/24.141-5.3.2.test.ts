import { describe, expect, it } from 'vitest'
import { externalBodyPart, parseFilterSet, parsePresence, printMultipart, related } from '../../src/documents/index.ts'
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts'
import { attributesOf, documentOf } from '../../src/presence/publisher/presence-attributes.ts'
import { answerTo, field, names, type Sent, theRequest, theResponse } from '../ims/alone.ts'
import { device, proxy, target, user, watchingOf } from '../presence/device.ts'
import { answered, server, subscribe } from '../presence/server.ts'
import { presentity, TwoNetworks, watcher } from '../presence/world.ts'

const partial = 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1'

const pidf = (basic: string, more = '') =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${presentity}"><tuple id="im"><status><basic>${basic}</basic></status></tuple>${more}</presence>`

/** Two networks in which the watcher has subscribed. */
function subscribed(accept?: string): TwoNetworks {
  const world = new TwoNetworks()
  world.publish('UE#2a', pidf('open'))
  world.subscribe(accept)
  return world
}

const first = (world: TwoNetworks) => world.requests('SUBSCRIBE', 'UE#1', 'P-CSCF#1')[0]!.message

/** The status of the only tuple that the watcher sees. */
function seen(world: TwoNetworks): string | undefined {
  const known = world.known()
  if (known?.kind !== 'view') return undefined
  const presence = parsePresence(known.document)
  return presence.kind === 'presence' ? presence.tuples[0]?.status.basic : undefined
}

describe('TS 24.141 §5.3.2: the watcher', () => {
  it('R5.3.2.1-b a SUBSCRIBE follows TS 24.229 as any request of a UE', () => {
    const subscribe = first(subscribed())
    expect(field(subscribe, 'Route')).toBe('<sip:pcscf.home1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf.home1.net;lr>')
    expect(field(subscribe, 'P-Preferred-Identity')).toBe(`<${watcher}>`)
    expect(field(subscribe, 'P-Access-Network-Info')).toMatch(/^3GPP-UTRAN-TDD/)
    for (const name of ['Require', 'Proxy-Require']) expect(field(subscribe, name)).toBe('sec-agree')
    expect(field(subscribe, 'Security-Verify')).toMatch(/^ipsec-3gpp/)
  })

  it('R5.3.2.1-b the network vouches for its identity before it reaches the presence server', () => {
    const [{ message }] = subscribed().requests('SUBSCRIBE', 'S-CSCF#2', 'PS#2') as [never]
    expect(field(message, 'P-Asserted-Identity')).toBe(`<${watcher}>`)
    for (const name of ['P-Preferred-Identity', 'Security-Verify', 'P-Access-Network-Info'])
      expect(names(message)).not.toContain(name)
  })

  it('R5.3.2.2-a a watcher subscribes to the presentity with Event presence, a duration and a Contact, in a dialog', () => {
    const world = subscribed()
    const subscribe = first(world)
    expect(`${subscribe.method} ${subscribe.uri}`).toBe(`SUBSCRIBE ${presentity}`)
    expect(field(subscribe, 'Event')).toBe('presence')
    expect(field(subscribe, 'Expires')).toBe('7200')
    expect(field(subscribe, 'Contact')).toBe('<sip:[5555::1]:1357;comp=sigcomp>')
    world.do('UE#1', { do: 'unsubscribe', to: presentity })
    const last = world.requests('SUBSCRIBE', 'UE#1', 'P-CSCF#1').at(-1)!.message
    const answer = world.responses('SUBSCRIBE', 'P-CSCF#1', 'UE#1')[0]!.message
    expect(field(last, 'Call-ID')).toBe(field(subscribe, 'Call-ID'))
    expect(field(last, 'To')).toBe(field(answer, 'To'))
    expect(field(last, 'Expires')).toBe('0')
  })

  it('R5.3.2.2-a a subscription is kept alive until the user ends it', () => {
    const world = subscribed()
    world.pass(20_000)
    expect(world.roles('UE#1').watcher.watching[0]!.state).toBe('active')
    world.do('UE#1', { do: 'unsubscribe', to: presentity })
    expect(world.roles('UE#1').watcher.watching[0]!.state).toBe('terminated')
    const count = world.requests('SUBSCRIBE', 'UE#1', 'P-CSCF#1').length
    world.pass(20_000)
    expect(world.requests('SUBSCRIBE', 'UE#1', 'P-CSCF#1')).toHaveLength(count)
  })

  it('R5.3.2.2-b a watcher takes application/pidf+xml and RPID, and bears extensions that it does not know', () => {
    const world = new TwoNetworks()
    world.subscribe('application/pidf+xml')
    const person =
      '<dm:person xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" id="p"><r:activities><r:meeting/></r:activities></dm:person>'
    world.publish('UE#2a', pidf('closed', `${person}<v:mood xmlns:v="urn:example:vendor">calm</v:mood>`))
    world.pass(10)
    expect(world.responses('NOTIFY', 'UE#1', 'P-CSCF#1').map(({ message }) => message.status)).toEqual([200, 200])
    const known = world.known()
    if (known?.kind !== 'view') throw new Error('the watcher knows nothing')
    const presence = parsePresence(known.document)
    expect(presence).toMatchObject({
      tuples: [{ id: 'im', status: { basic: 'closed' } }],
      extensions: [{ kind: 'person', id: 'p' }, {}],
    })
  })

  it('R5.3.2.2-e a watcher asks for partial state in Accept, beside full state', () => {
    expect(field(first(subscribed(partial)), 'Accept')).toBe(partial)
    expect(names(first(subscribed()))).not.toContain('Accept')
  })

  it('R5.3.2.2-e it merges what changed into what it knows', () => {
    const world = subscribed(partial)
    expect(seen(world)).toBe('open')
    world.pass(10)
    world.publish('UE#2a', pidf('closed'))
    const last = world.requests('NOTIFY', 'P-CSCF#1', 'UE#1').at(-1)!.message
    expect(last.body).toContain('pidf-diff')
    expect(seen(world)).toBe('closed')
  })

  it('R5.3.2.2-e it asks for full state when it has missed a change', () => {
    const world = subscribed(partial)
    world.pass(10)
    // As if a notification had come to nothing on its way.
    for (const watch of world.roles('PS#2').presenceServer.subscriptions.values())
      watch.version = (watch.version ?? 0) + 1
    world.publish('UE#2a', pidf('closed'))
    const bodies = world.requests('NOTIFY', 'P-CSCF#1', 'UE#1').map(({ message }) => String(message.body))
    expect(bodies.map((body) => /(pidf-full|pidf-diff)[^>]* version="(\d)"/.exec(body)?.slice(1).join(' '))).toEqual([
      'pidf-full 1',
      'pidf-diff 3',
      'pidf-full 4',
    ])
    expect(world.requests('SUBSCRIBE', 'UE#1', 'P-CSCF#1')).toHaveLength(2)
    expect(seen(world)).toBe('closed')
  })
})

/** The SUBSCRIBE of a UE alone, and the UE after a NOTIFY of this content. */
function told(contentType: string, body: string) {
  const ue = device()
  const subscribe = theRequest(ue.command({ do: 'subscribe', to: target }))
  ue.receive(answerTo(subscribe, '200 OK', { Expires: '3600', Contact: '<sip:ps.home2.net>' }), proxy)
  const head = `NOTIFY sip:ue SIP/2.0
Via: SIP/2.0/UDP pcscf1.home1.net:7531;branch=z9hG4bKtold
Max-Forwards: 68
From: <${target}>;tag=peer
To: ${field(subscribe, 'From')}
Call-ID: ${field(subscribe, 'Call-ID')}
CSeq: 1 NOTIFY
Event: presence
Subscription-State: active;expires=3600
Contact: <sip:ps.home2.net>
Content-Type: ${contentType}`
  const sent = ue.receive(`${head}\n\n${body}`, proxy)
  return { ue, sent, answer: theResponse(sent) }
}

describe('TS 24.141 §5.3.2.1 to §5.3.2.5: what else a watcher asks for', () => {
  it('R5.3.2.1-a a watcher subscribes, or fetches once', () => {
    const fetch = theRequest(device().command({ do: 'fetch', to: target }))
    expect([fetch.method, field(fetch, 'Expires'), field(fetch, 'Event')]).toEqual(['SUBSCRIBE', '0', 'presence'])
  })

  it.each([
    'R5.3.2.2-c it reads contact information and location',
    'R5.3.2.2-f it reads person and tuples as §5.3.1.3 has them written',
  ])('%s', () => {
    const attributes = {
      willingness: 'willing with limitations' as const,
      activities: ['meeting'],
      displayName: 'Two',
      location: { country: 'FI', A3: 'Oulu' },
      means: [{ id: 'im', status: 'online' as const, contact: target, priority: 0.5 }],
    }
    const world = new TwoNetworks()
    world.do('UE#2a', { do: 'publish', attributes })
    world.subscribe('application/pidf+xml')
    const known = world.known()
    if (known?.kind !== 'view') throw new Error('the watcher knows nothing')
    const document = parsePresence(known.document)
    if (document.kind !== 'presence') throw new Error(document.reason)
    const { means, ...person } = attributesOf(document)
    const { means: published, ...told } = attributes
    expect(person).toEqual(told)
    expect(means).toMatchObject(published.map(({ id: _id, ...one }) => one))
    expect(attributesOf(documentOf(target, attributes))).toEqual(attributes)
  })

  it('R5.3.2.2-d it puts filters in the body of the SUBSCRIBE', () => {
    const filter =
      '<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter"><filter id="f"><what><include>/presence/note</include></what></filter></filter-set>'
    const request = theRequest(device().command({ do: 'subscribe', to: target, filter }))
    expect(field(request, 'Content-Type')).toBe('application/simple-filter+xml')
    expect(parseFilterSet(request.body)).toMatchObject({ filters: [{ id: 'f' }] })
  })

  it('R5.3.2.2-g it takes multipart/related, and keeps what the document refers to', () => {
    const root = { contentType: 'application/pidf+xml', contentId: 'r@x', headers: [], body: pidf('open') }
    const icon = { contentType: 'image/png', contentId: 'i@x', headers: [], body: 'PNG' }
    const { contentType, body } = printMultipart(related([root, icon]))
    const { ue, answer } = told(contentType, String(body))
    expect(answer.status).toBe(200)
    expect(watchingOf(ue).known).toMatchObject({ kind: 'view', objects: [{ contentId: 'i@x', body: 'PNG' }] })
  })

  it('R5.3.2.2-g of a document by reference it knows where to fetch it', () => {
    const { ue } = told(
      'message/external-body;access-type="URL";URL="http://as.home2.net/p"',
      'Content-Type: application/pidf+xml\r\n\r\n',
    )
    expect(watchingOf(ue).known).toMatchObject({ kind: 'reference', body: { url: 'http://as.home2.net/p' } })
  })

  const httpIn = (sent: readonly Sent[]): HttpRequest[] =>
    sent.map(({ message }) => message).filter((one) => one.protocol === 'http' && one.kind === 'request')
  const fetched = (request: HttpRequest, type: string, body: string, status = 200): HttpResponse => ({
    ...{ protocol: 'http', kind: 'response', reason: '', exchange: request.exchange },
    ...{ status, headers: { 'content-type': type }, body },
  })
  it('R5.3.2.2-g RFC 4483 §5: a document by reference is fetched, and read as if it had come', () => {
    const type = 'message/external-body;access-type="URL";URL="http://as.home2.net/p"'
    const { ue, sent } = told(type, 'Content-Type: application/pidf+xml\r\n\r\n')
    const [get] = httpIn(sent)
    expect(get).toMatchObject({ method: 'GET', target: 'http://as.home2.net/p' })
    ue.receive(fetched(get!, 'application/pidf+xml', pidf('open')), 'as.home2.net')
    expect(watchingOf(ue).known).toMatchObject({ kind: 'view', document: { root: { name: 'presence' } } })
  })
  // RFC 3174 by another tool: `printf PNG | sha1sum`.
  const hash = '70fe60b7dfe0837f2c69677bfef128c134937b16'
  it.each<[string, { size?: number; hash?: string }, number, object]>([
    ['takes the place of its reference', {}, 200, { contentType: 'image/png', body: 'PNG', contentId: 'i@x' }],
    ['as long as was said is taken', { size: 3 }, 200, { body: 'PNG' }],
    ['of another length is not believed (RFC 4483 §5.9)', { size: 4 }, 200, { contentId: 'i@x' }],
    ['with the digest that was said is taken', { size: 3, hash: hash.toUpperCase() }, 200, { body: 'PNG' }],
    [
      'with another digest is not believed (RFC 4483 §5.12)',
      { size: 3, hash: hash.replace('7', '8') },
      200,
      { contentId: 'i@x' },
    ],
    ['that is not there stays a reference (RFC 4483 §7)', {}, 404, { contentId: 'i@x' }],
  ])('R5.3.2.2-g RFC 4483 §5: an object by reference %s', (_what, said, status, expected) => {
    const root = { contentType: 'application/pidf+xml', contentId: 'r@x', headers: [], body: pidf('open') }
    const url = 'http://as.home2.net/icon.png'
    const icon = externalBodyPart({ kind: 'external-body', url, ...said, contentType: 'image/png' }, 'i@x')
    const { contentType, body } = printMultipart(related([root, icon]))
    const { ue, sent } = told(contentType, String(body))
    const [get, ...more] = httpIn(sent)
    expect([get!.target, more]).toEqual([url, []])
    ue.receive(fetched(get!, 'image/png', 'PNG', status), 'as.home2.net')
    const { objects } = watchingOf(ue).known as unknown as { objects: [{ contentType: string }] }
    expect(objects).toMatchObject([expected])
    const isTaken = 'body' in expected
    expect(objects[0].contentType.startsWith('message/external-body')).toBe(!isTaken)
    expect(ue.decisions.at(-1)!.outcome).toBe(isTaken ? 'taken' : status === 404 ? 'stays' : 'something else')
  })

  it('R5.3.2.3-c a list in the request is not asked for, and a server that is asked for it answers 420', () => {
    expect(names(theRequest(device().command({ do: 'subscribe', to: target })))).not.toContain('Require')
    const response = answered(server(), subscribe({ Require: 'recipient-list-subscribe' }))
    expect([response.status, field(response, 'Unsupported')]).toEqual([420, 'recipient-list-subscribe'])
  })

  it('R5.3.2.4-a it asks for watcher information about itself with a filter on its own identity', () => {
    const filter = `<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter" package="presence.winfo"><filter id="me"><what><include>/watcherinfo/watcher-list/watcher[.="${user}"]</include></what></filter></filter-set>`
    const request = theRequest(device().command({ do: 'subscribe', to: target, event: 'presence.winfo', filter }))
    expect([request.uri, field(request, 'Event')]).toEqual([target, 'presence.winfo'])
    expect(String(request.body)).toContain(user)
  })

  it('R5.3.2.5-a it subscribes to changes of XML documents', () => {
    const documents = [`resource-lists/users/${user}/index`, `rls-services/users/${user}/index`]
    const request = theRequest(device().command({ do: 'subscribe', to: user, event: 'xcap-diff', documents }))
    expect(field(request, 'Event')).toBe('xcap-diff')
    for (const one of documents) expect(String(request.body)).toContain(one)
  })
})
