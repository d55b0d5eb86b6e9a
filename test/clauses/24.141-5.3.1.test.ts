import { describe, expect, it } from 'vitest'
import {
  devicesOf,
  extension,
  type Presence,
  parseFilterSet,
  parseMultipart,
  parsePidfDiff,
  parsePresence,
  parseResourceLists,
  partOf,
  personsOf,
} from '../../src/documents/index.ts'
import { messageText } from '../../src/flow/checker/row-text.ts'
import { runFlow } from '../../src/flow/run.ts'
import type { PresenceAttributes } from '../../src/presence/publisher/presence-attributes.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { flowOf } from '../flows/catalogue.ts'
import { type Alone, answerTo, field, names, requests, theRequest } from '../ims/alone.ts'
import { device, proxy, user } from '../presence/device.ts'
import { presentity, TwoNetworks } from '../presence/world.ts'

const document = (basic: string) =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${presentity}"><tuple id="im"><status><basic>${basic}</basic></status></tuple></presence>`

/** Two networks in which the presentity has published. */
function published(expires = 7200): TwoNetworks {
  const world = new TwoNetworks()
  world.publish('UE#2a', document('open'), expires)
  return world
}

const sent = (world: TwoNetworks) => world.requests('PUBLISH', 'UE#2a', 'P-CSCF#2').map(({ message }) => message)

describe('TS 24.141 §5.3.1: the presence user agent', () => {
  it('R5.3.1.1-b a PUBLISH follows TS 24.229 as any request of a UE: route, preferred identity, security agreement', () => {
    const [publish] = sent(published())
    expect(field(publish!, 'Route')).toBe('<sip:pcscf.home2.net:7531;lr;comp=sigcomp>, <sip:orig@scscf.home2.net;lr>')
    expect(field(publish!, 'P-Preferred-Identity')).toBe(`<${presentity}>`)
    expect(field(publish!, 'P-Access-Network-Info')).toMatch(/^3GPP-UTRAN-TDD/)
    expect(field(publish!, 'Require')).toBe('sec-agree')
    expect(field(publish!, 'Proxy-Require')).toBe('sec-agree')
    expect(field(publish!, 'Security-Verify')).toMatch(/^ipsec-3gpp; ?q=0\.1/)
  })

  it('R5.3.1.1-b the network vouches for its identity before it reaches the presence server', () => {
    const [{ message }] = published().requests('PUBLISH', 'S-CSCF#2', 'PS#2') as [never]
    expect(field(message, 'P-Asserted-Identity')).toBe(`<${presentity}>`)
    for (const name of ['P-Preferred-Identity', 'Security-Verify', 'Require', 'Proxy-Require'])
      expect(names(message)).not.toContain(name)
  })

  it('R5.3.1.2-a the presentity publishes its own view with PUBLISH, outside any dialog', () => {
    const [publish] = sent(published())
    expect(publish!.method).toBe('PUBLISH')
    expect(publish!.uri).toBe(presentity)
    expect(field(publish!, 'To')).toBe(`<${presentity}>`)
    expect(field(publish!, 'From')).toMatch(new RegExp(`^<${presentity}>;tag=`))
    expect(field(publish!, 'Event')).toBe('presence')
    for (const name of ['Contact', 'Record-Route', 'SIP-If-Match']) expect(names(publish!)).not.toContain(name)
  })

  it('R5.3.1.2-c the view is a valid application/pidf+xml document', () => {
    const [publish] = sent(published())
    expect(field(publish!, 'Content-Type')).toBe('application/pidf+xml')
    expect(parsePresence(String(publish!.body)).kind).toBe('presence')
  })

  it('R5.3.1.2-m a publication is refreshed before it expires, each time with the entity-tag of the last 200', () => {
    const world = published(600)
    world.pass(2000)
    const requests = world.requests('PUBLISH', 'UE#2a', 'P-CSCF#2')
    const tags = world.responses('PUBLISH', 'P-CSCF#2', 'UE#2a').map(({ message }) => field(message, 'SIP-ETag'))
    expect(requests.length).toBeGreaterThan(4)
    for (const [i, { message, at }] of requests.entries()) {
      if (i === 0) continue
      expect(field(message, 'SIP-If-Match')).toBe(tags[i - 1])
      expect(message.body).toBe('')
      expect(at - requests[i - 1]!.at).toBeLessThan(600)
    }
  })

  it('R5.3.1.2-m a change is published conditionally, a removal with Expires 0', () => {
    const world = published()
    world.publish('UE#2a', document('closed'))
    world.do('UE#2a', { do: 'unpublish' })
    const [first, second] = world
      .responses('PUBLISH', 'P-CSCF#2', 'UE#2a')
      .map(({ message }) => field(message, 'SIP-ETag'))
    const [, change, removal] = sent(world)
    expect(field(change!, 'SIP-If-Match')).toBe(first)
    expect(change!.body).toContain('closed')
    expect(field(removal!, 'SIP-If-Match')).toBe(second)
    expect(field(removal!, 'Expires')).toBe('0')
    expect(removal!.body).toBe('')
  })

  it('R5.3.1.2-m after 412 the whole state is published anew, after 423 for longer', () => {
    const world = published()
    world.do('world', { do: 'restart', node: 'ps.home2.net' })
    world.publish('UE#2a', document('closed'), 30)
    const statuses = world.responses('PUBLISH', 'P-CSCF#2', 'UE#2a').map(({ message }) => message.status)
    expect(statuses).toEqual([200, 412, 423, 200])
    const last = sent(world).at(-1)!
    expect(names(last)).not.toContain('SIP-If-Match')
    expect(last.body).toContain('closed')
    expect(Number(field(last, 'Expires'))).toBeGreaterThanOrEqual(60)
  })
})

/** What a UE publishes for these attributes, as it goes on the wire. */
const publishes = (attributes: PresenceAttributes, more = {}): SipRequest =>
  theRequest(device().command({ do: 'publish', attributes, ...more }))

function publishedFor(attributes: PresenceAttributes): Presence {
  const document = parsePresence(publishes(attributes).body)
  if (document.kind !== 'presence') throw new Error(document.reason)
  return document
}

const granted = (ue: Alone, request: SipRequest, tag: string) =>
  ue.receive(answerTo(request, '200 OK', { 'SIP-ETag': tag, Expires: '3600' }), proxy)

describe('TS 24.141 §5.3.1.2: the document', () => {
  it('R5.3.1.1-a a PUA provides a presence server with presence information', () => {
    const [{ message }] = published().requests('PUBLISH', 'S-CSCF#2', 'PS#2') as [never]
    expect(String((message as SipRequest).body)).toContain('<basic>open</basic>')
  })

  it('each of two PUAs of a presentity publishes its own view, under an entity-tag of its own', () => {
    const world = published()
    world.publish('UE#2b', document('closed'))
    const tags = ['UE#2a', 'UE#2b'].map((name) =>
      field(world.responses('PUBLISH', 'P-CSCF#2', name)[0]!.message, 'SIP-ETag'),
    )
    expect(new Set(tags).size).toBe(2)
  })

  it('R5.3.1.2-d RPID: activities, mood, place, privacy, sphere, class, time offset', () => {
    const [person] = personsOf(
      publishedFor({
        activities: ['meeting'],
        mood: ['happy'],
        placeType: 'office',
        privacy: ['audio'],
        sphere: 'work',
        class: 'c',
        timeOffset: -60,
      }),
    )
    expect(person!.extensions.map(({ kind }) => kind)).toEqual([
      'activities',
      'mood',
      'place-type',
      'sphere',
      'privacy',
      'time-offset',
      'class',
    ])
  })

  it.each(['R5.3.1.2-e CIPID elements are published', 'R5.3.1.3-c CIPID elements stand in the person'])('%s', () => {
    const [person] = personsOf(publishedFor({ displayName: 'One', homepage: 'http://home1.net/' }))
    expect(person!.extensions).toEqual([
      { kind: 'display-name', value: 'One' },
      { kind: 'homepage', value: 'http://home1.net/' },
    ])
  })

  it.each(['R5.3.1.2-f a location is a PIDF-LO object', 'R5.3.1.3-f it stands beside the type of place'])('%s', () => {
    const [person] = personsOf(publishedFor({ location: { country: 'FI', A3: 'Oulu' }, placeType: 'cafe' }))
    expect(extension(person!.extensions, 'geopriv')!.location).toMatchObject([
      {
        fields: [
          { name: 'country', value: 'FI' },
          { name: 'A3', value: 'Oulu' },
        ],
      },
    ])
    expect(String(publishes({ placeType: 'cafe' }).body)).toMatch(/<rpid:place-type><lt:cafe\/>/)
  })

  it('R5.3.1.2-g what is true of the person stands in person, what is true of an address in its tuple', () => {
    const { tuples, extensions } = publishedFor({
      activities: ['away'],
      text: 'of her',
      means: [{ id: 'im', status: 'online', contact: user, priority: 0.5, text: 'of it' }],
    })
    expect(tuples).toMatchObject([
      { status: { basic: 'open' }, contact: { uri: user, priority: 0.5 }, notes: [{ text: 'of it' }] },
    ])
    expect(extensions).toMatchObject([{ kind: 'person', notes: [{ text: 'of her' }] }])
  })

  it('R5.3.1.2-h what a service can do is told by the capabilities of RFC 5196 in its tuple', () => {
    const [tuple] = publishedFor({ means: [{ id: 'im', media: ['message'], methods: ['MESSAGE'] }] }).tuples
    const capabilities = extension(tuple!.extensions, 'servcaps')
    expect(capabilities).toMatchObject({ message: true, methods: { supported: ['MESSAGE'] } })
    expect(tuple!.extensions).toHaveLength(1)
  })

  it('R5.3.1.2-i a PUA can publish partially, and does not unless it is told to', () => {
    expect(field(publishes({}), 'Content-Type')).toBe('application/pidf+xml')
    expect(field(publishes({}, { partial: true }), 'Content-Type')).toBe('application/pidf-diff+xml')
  })

  it('R5.3.1.2-j the first PUBLISH of a partial publication carries full state', () => {
    const first = publishes({ activities: ['away'] }, { partial: true })
    expect(parsePidfDiff(first.body).kind).toBe('pidf-full')
    expect(names(first)).not.toContain('SIP-If-Match')
  })

  it('R5.3.1.2-k partial state is application/pidf-diff+xml, under the entity-tag of what it changes', () => {
    const ue = device()
    granted(ue, theRequest(ue.command({ do: 'publish', attributes: { activities: ['away'] }, partial: true })), 't1')
    const second = theRequest(ue.command({ do: 'publish', attributes: { activities: ['meeting'] } }))
    expect(field(second, 'Content-Type')).toBe('application/pidf-diff+xml')
    expect(field(second, 'SIP-If-Match')).toBe('t1')
    expect(parsePidfDiff(second.body).kind).toBe('pidf-diff')
  })

  it('R5.3.1.2-l a PUA keeps the time between PUBLISH requests that is set; the last state wins', () => {
    const world = new TwoNetworks({}, { publishGap: '10 s' })
    for (const basic of ['open', 'closed', 'open', 'closed']) world.publish('UE#2a', document(basic))
    world.pass(30)
    const hops = world.requests('PUBLISH', 'UE#2a', 'P-CSCF#2')
    expect(hops.map(({ message }) => /basic>(\w+)</.exec(String(message.body))?.[1])).toEqual(['open', 'closed'])
    expect(hops[1]!.at - hops[0]!.at).toBeGreaterThanOrEqual(10)
  })
})

describe('TS 24.141 §5.3.1.3: the mapping of attributes', () => {
  it('R5.3.1.3-a address, status and priority: a tuple with basic status and contact', () => {
    const body = String(publishes({ means: [{ id: 'a', status: 'offline', contact: user, priority: 0.25 }] }).body)
    expect(body).toContain(`<basic>closed</basic>`)
    expect(body).toContain(`<contact priority="0.25">${user}</contact>`)
  })

  it('R5.3.1.3-b the status of the subscriber is told of the person; there is no contact-type', () => {
    const request = publishes({ willingness: 'willing with limitations', activities: ['busy'] })
    expect(String(request.body)).not.toContain('contact-type')
    expect(String(request.body)).toMatch(/<dm:person id="\w+"><rpid:activities><rpid:busy\/>/)
  })

  it('R5.3.1.3-d an alternate contact says what it is to the presentity; her own says nothing', () => {
    const { tuples } = publishedFor({
      means: [
        { id: 'own', contact: user },
        { id: 'other', contact: 'sip:boss@home1.net', relationship: 'supervisor' },
      ],
    })
    expect(tuples.map(({ extensions }) => extension(extensions, 'relationship')?.values)).toEqual([
      undefined,
      ['supervisor'],
    ])
  })

  it('R5.3.1.3-e a text is a note', () => {
    expect(String(publishes({ text: 'at lunch' }).body)).toContain('<dm:note>at lunch</dm:note>')
    expect(String(publishes({ means: [{ id: 'a', text: 'voice mail' }] }).body)).toContain('<note>voice mail</note>')
  })

  it('R5.3.1.3-g what is not given is not there, not even empty', () => {
    const document = publishedFor({})
    expect(document).toMatchObject({ tuples: [], notes: [], extensions: [] })
    expect(devicesOf(document)).toEqual([])
  })

  it.each([
    ['willing', 'open'],
    ['willing with limitations', 'open'],
    ['not willing', 'closed'],
    ['not disclosed', undefined],
  ] as const)('R5.3.1.3-h %s: each means without a status of its own is %s', (willingness, basic) => {
    const { tuples } = publishedFor({ willingness, means: [{ id: 'a' }] })
    expect(tuples[0]!.status.basic).toBe(basic)
  })
})

describe('TS 24.141 §5.3.1.4 to §5.3.1.6', () => {
  const reference = { id: 'icon@home1.net', type: 'image/png' }

  it('R5.3.1.4-a an object goes beside the document in multipart/related; each cid leads to a part', () => {
    const request = publishes({ icon: 'cid:icon@home1.net' }, { objects: [{ ...reference, body: 'PNG' }] })
    const parts = parseMultipart(field(request, 'Content-Type')!, request.body)
    if (parts.kind !== 'multipart') throw new Error(parts.reason)
    expect(parts).toMatchObject({ subtype: 'related', parameters: { type: 'application/pidf+xml' } })
    for (const [cid] of String(request.body).matchAll(/cid:[^<]+/g)) expect(partOf(parts, cid)).toBeDefined()
  })

  it('R5.3.1.4-b with content indirection the part says where the object is', () => {
    const url = 'http://as.home1.net/icon'
    const request = publishes({ icon: 'cid:icon@home1.net' }, { objects: [{ ...reference, url }] })
    expect(String(request.body)).toMatch(/message\/external-body;access-type="URL";url="http:\/\/as.home1.net\/icon"/i)
  })

  it('R5.3.1.4-b RFC 4483 §5.9, RFC 4483 §5.12: it says how long an object that it has is, and its digest', () => {
    const url = 'http://as.home1.net/icon'
    const part = (more: object) =>
      String(publishes({ icon: 'cid:icon@home1.net' }, { objects: [{ ...reference, url, ...more }] }).body)
    // RFC 3174 by another tool: `printf PNG | sha1sum`.
    expect(part({ body: 'PNG' })).toContain(';size="3";hash="70fe60b7dfe0837f2c69677bfef128c134937b16"')
    expect(part({ body: 'PNG', size: 4 })).toContain(';size="4";hash="70fe60b7dfe0837f2c69677bfef128c134937b16"')
    expect(part({})).not.toMatch(/;(size|hash)=/)
  })

  it('R5.3.1.4-c R5.3.1.4-b: the object is stored before it is referred to, where nothing is yet; else it is 412', () => {
    const flow = flowOf('A.8.4')
    const [put] = flow.script.filter((deed) => deed.do === 'xcap-put')
    const { rows } = runFlow({ ...flow, script: [...flow.script, { ...put!, at: '2 s' }] })
    const names = rows.map((row) => (row.kind === 'message' ? messageText(row.message).split(' ').slice(0, 2) : []))
    const told = names.filter(([first]) => first === 'HTTP' || first === 'PUBLISH').map((one) => one[1]!.slice(0, 20))
    expect(told).toEqual(['PUT', '201', ...Array(3).fill('sip:user1_public1@ho'), 'PUT', '412'])
  })

  const own = (more = {}): SipRequest =>
    theRequest(device().command({ do: 'subscribe', to: user, event: 'presence.winfo', expires: 7200, ...more }))

  it('R5.3.1.5-a a PUA subscribes to the watcher information of its own user', () => {
    const request = own()
    expect([request.uri, field(request, 'To'), field(request, 'Event')]).toEqual([user, `<${user}>`, 'presence.winfo'])
    expect(field(request, 'P-Preferred-Identity')).toBe(`<${user}>`)
    expect(field(request, 'Expires')).toBe('7200')
  })

  it('R5.3.1.5-b it merges what changed by version, and subscribes again when it has missed one', () => {
    const ue = device()
    const request = theRequest(ue.command({ do: 'subscribe', to: user, event: 'presence.winfo' }))
    ue.receive(answerTo(request, '200 OK', { Expires: '3600', Contact: '<sip:ps.home1.net>' }), proxy)
    const tell = (sequence: number, version: number, state: string) =>
      ue.receive(
        `NOTIFY sip:ue SIP/2.0
        Via: SIP/2.0/UDP pcscf1.home1.net:7531;branch=z9hG4bKwinfo${sequence}
        Max-Forwards: 68
        From: <${user}>;tag=peer
        To: ${field(request, 'From')}
        Call-ID: ${field(request, 'Call-ID')}
        CSeq: ${sequence} NOTIFY
        Event: presence.winfo
        Subscription-State: active;expires=3600
        Contact: <sip:ps.home1.net>
        Content-Type: application/watcherinfo+xml

<watcherinfo xmlns="urn:ietf:params:xml:ns:watcherinfo" version="${version}" state="${state}"/>`.replace(/^ +/gm, ''),
        proxy,
      )
    expect(requests(tell(1, 0, 'full'), 'SUBSCRIBE')).toEqual([])
    expect(requests(tell(2, 1, 'partial'), 'SUBSCRIBE')).toEqual([])
    const again = requests(tell(3, 3, 'partial'), 'SUBSCRIBE')
    expect(again.map((one) => field(one, 'Call-ID'))).toEqual([field(request, 'Call-ID')])
  })

  it('R5.3.1.5-c a filter may say which watchers it is about', () => {
    const filter =
      '<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter" package="presence.winfo"><filter id="f"><what><include>/watcherinfo</include></what></filter></filter-set>'
    const request = own({ filter })
    expect(field(request, 'Content-Type')).toBe('application/simple-filter+xml')
    expect(parseFilterSet(request.body)).toMatchObject({ package: 'presence.winfo' })
  })

  it('R5.3.1.6-a it subscribes to changes of its XML documents with Event xcap-diff and a list of them', () => {
    const selector = `pres-rules/users/${user}/index`
    const request = theRequest(
      device().command({ do: 'subscribe', to: user, event: 'xcap-diff', documents: [selector] }),
    )
    expect([field(request, 'Event'), field(request, 'Content-Type')]).toEqual([
      'xcap-diff',
      'application/resource-lists+xml',
    ])
    expect(parseResourceLists(request.body)).toMatchObject({ lists: [{ members: [{ uri: selector }] }] })
  })
})
