import { describe, expect, it } from 'vitest'
import { isDocumentError, type Presence, parsePresence } from '../../src/documents/index.ts'
import {
  type CompositionPolicy,
  composed,
  type Resolution,
  type Source,
  sphereOf,
  unionPolicy,
} from '../../src/presence/server/composition.ts'
import { field } from '../ims/alone.ts'
import {
  answered,
  pidf,
  presentity,
  publish,
  published,
  server,
  subscribe,
  subscribed,
  theNotify,
  tuplesOf,
  watcher,
} from './server.ts'

const namespaces =
  'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid"'

function source(inner: string, moment: number, origin = presentity): Source {
  const document = parsePresence(`<presence ${namespaces} entity="${presentity}">${inner}</presence>`)
  if (isDocumentError(document)) throw new Error(document.reason)
  return { document, origin, moment }
}

const tuple = (id: string, basic: string, more = '') =>
  `<tuple id="${id}"><status><basic>${basic}</basic></status>${more}</tuple>`
const person = (id: string, activity: string, more = '') =>
  `<dm:person id="${id}"><r:activities><r:${activity}/></r:activities>${more}</dm:person>`
const device = (id: string, urn: string, note: string) =>
  `<dm:device id="${id}"><dm:deviceID>${urn}</dm:deviceID><dm:note>${note}</dm:note></dm:device>`
const contact = '<contact>sip:im@x.net</contact>'
const policy = (resolution: Resolution, ranking = unionPolicy.ranking): CompositionPolicy => ({
  tuples: resolution,
  persons: resolution,
  devices: resolution,
  ranking,
})

const tuples = ({ tuples }: Presence) => tuples.map(({ id, status }) => `${id} ${status.basic}`)
const ids = ({ extensions }: Presence) => extensions.map((one) => ('id' in one ? one.id : one.kind))

describe('TS 23.141 §5.1: composing what several sources say', () => {
  it('union: all of it, in the order in which it was first said; of the same id what was said last', () => {
    const all = composed(presentity, [
      source(tuple('a', 'open') + tuple('b', 'open') + person('p', 'meeting'), 1),
      source(tuple('c', 'open') + tuple('a', 'closed') + person('q', 'travel') + person('p', 'meal'), 2),
    ])
    expect(tuples(all)).toEqual(['a closed', 'b open', 'c open'])
    expect(ids(all)).toEqual(['p', 'q'])
    expect(JSON.stringify(all.extensions[0])).toContain('meal')
  })

  it('newest: of tuples for the same contact the one with the latest timestamp, whenever it was published', () => {
    const old = source(tuple('a', 'open', `${contact}<timestamp>2016-03-01T10:00:00Z</timestamp>`), 2)
    const fresh = source(tuple('b', 'closed', `${contact}<timestamp>2016-03-01T11:00:00Z</timestamp>`), 1)
    expect(tuples(composed(presentity, [fresh, old], policy('newest')))).toEqual(['b closed'])
    expect(tuples(composed(presentity, [fresh, old], policy('union')))).toEqual(['b closed', 'a open'])
  })

  it('newest: without timestamps the one that was published last', () => {
    const of = [source(tuple('a', 'open', contact), 1), source(tuple('b', 'closed', contact), 2)]
    expect(tuples(composed(presentity, of, policy('newest')))).toEqual(['b closed'])
  })

  it('persons of different classes stand side by side, of the same class the newest', () => {
    const kind = (value: string) => `<r:class>${value}</r:class>`
    const of = [
      source(person('a', 'meeting', kind('work')), 1),
      source(person('b', 'meal', kind('private')), 2),
      source(person('c', 'travel', kind('work')), 3),
    ]
    expect(ids(composed(presentity, of, policy('newest')))).toEqual(['b', 'c'])
  })

  it('devices are the same by their URN', () => {
    const of = [
      source(device('a', 'urn:d:1', 'old'), 1),
      source(device('b', 'urn:d:1', 'new') + device('c', 'urn:d:2', 'x'), 2),
    ]
    expect(ids(composed(presentity, of, policy('newest')))).toEqual(['b', 'c'])
    expect(ids(composed(presentity, of))).toEqual(['a', 'b', 'c'])
  })

  it('priority: the strongest source overrides, whatever is newer', () => {
    const of = [
      source(tuple('a', 'open', contact), 3),
      source(tuple('a', 'closed', contact), 1, 'sip:network@x.net'),
      source(tuple('h', 'open', contact), 9, 'hard-state'),
    ]
    const ranked = (...ranking: string[]) => tuples(composed(presentity, of, policy('priority', ranking)))
    expect(ranked('hard-state', 'publication', 'sip:network@x.net')).toEqual(['a closed'])
    expect(ranked('sip:network@x.net', 'hard-state', 'publication')).toEqual(['a open'])
    expect(ranked('publication', 'sip:network@x.net', 'hard-state')).toEqual(['h open'])
  })

  it('each component has a policy of its own', () => {
    const of = [
      source(tuple('a', 'open', contact) + person('p', 'meal'), 1),
      source(tuple('b', 'open', contact) + person('q', 'tv'), 2),
    ]
    const mixed = composed(presentity, of, { ...policy('union'), persons: 'newest' })
    expect([tuples(mixed), ids(mixed)]).toEqual([['a open', 'b open'], ['q']])
  })

  it('RFC 5025 §3.1.2: the sphere is what all persons say, and unknown if they disagree', () => {
    const sphere = (id: string, value: string) => `<dm:person id="${id}"><r:sphere><r:${value}/></r:sphere></dm:person>`
    const of = (...inner: string[]) =>
      sphereOf(
        composed(
          presentity,
          inner.map((one, i) => source(one, i)),
        ),
      )
    expect(of(sphere('a', 'work'), person('b', 'meal'))).toBe('work')
    expect(of(sphere('a', 'work'), sphere('b', 'home'))).toBeUndefined()
    expect(of(person('b', 'meal'))).toBeUndefined()
  })
})

describe('RFC 4827 §3: hard state is one more source', () => {
  it('is there before any publication, gives way to what is published under the same id, and comes back after it', () => {
    const ps = server({ given: { hardState: pidf({ mail: 'open', im: 'closed' }) } })
    expect(tuplesOf(subscribed(ps).notifies[0]!)).toEqual(['mail open', 'im closed'])
    ps.pass(10)
    const { entityTag, sent } = published(ps, pidf({ im: 'open' }))
    expect(tuplesOf(theNotify(sent))).toEqual(['mail open', 'im open'])
    ps.pass(10)
    expect(tuplesOf(theNotify(published(ps, '', { 'SIP-If-Match': entityTag, Expires: '0' }).sent))).toEqual([
      'mail open',
      'im closed',
    ])
  })

  it('a change of it is told; without a document there is none', () => {
    const ps = server()
    subscribed(ps)
    ps.pass(10)
    expect(
      tuplesOf(theNotify(ps.command({ do: 'hard-state', of: presentity, document: pidf({ mail: 'open' }) }))),
    ).toEqual(['mail open'])
    ps.pass(10)
    expect(tuplesOf(theNotify(ps.command({ do: 'hard-state', of: presentity })))).toEqual([])
  })
})

describe('RFC 5264 §4.3: partial publication', () => {
  const type = { 'Content-Type': 'application/pidf-diff+xml' }
  const full = (inner: string) =>
    `<p:pidf-full xmlns="urn:ietf:params:xml:ns:pidf" xmlns:p="urn:ietf:params:xml:ns:pidf-diff" entity="${presentity}">${inner}</p:pidf-full>`
  const diff = (inner: string) =>
    `<p:pidf-diff xmlns="urn:ietf:params:xml:ns:pidf" xmlns:p="urn:ietf:params:xml:ns:pidf-diff" entity="${presentity}">${inner}</p:pidf-diff>`
  const close = diff(`<p:replace sel="*/tuple[@id='im']/status/basic/text()">closed</p:replace>`)

  /** A server to which the full state was published as pidf-full, and a watcher. */
  function begun() {
    const ps = server()
    const { entityTag } = published(ps, full(tuple('im', 'open') + tuple('mail', 'open')), type)
    subscribed(ps)
    ps.pass(10)
    return { ps, entityTag }
  }

  it('the first PUBLISH has the full state, later ones what changed', () => {
    const { ps, entityTag } = begun()
    const change = published(ps, close, { ...type, 'SIP-If-Match': entityTag })
    expect(tuplesOf(theNotify(change.sent))).toEqual(['im closed', 'mail open'])
    ps.pass(10)
    const removal = diff(`<p:remove sel="*/tuple[@id='mail']"/>`)
    expect(tuplesOf(theNotify(published(ps, removal, { ...type, 'SIP-If-Match': change.entityTag }).sent))).toEqual([
      'im closed',
    ])
  })

  it('a change applies to a publication in full state too, and the full state may come again', () => {
    const ps = server()
    const { entityTag } = published(ps, pidf({ im: 'open' }))
    const changed = published(ps, close, { ...type, 'SIP-If-Match': entityTag })
    expect(tuplesOf(subscribed(ps).notifies[0]!)).toEqual(['im closed'])
    ps.pass(10)
    expect(
      tuplesOf(theNotify(published(ps, full(tuple('x', 'open')), { ...type, 'SIP-If-Match': changed.entityTag }).sent)),
    ).toEqual(['x open'])
  })

  it.each([
    ['that selects nothing', diff(`<p:remove sel="*/tuple[@id='none']"/>`)],
    ['of which the second part fails', diff(`<p:remove sel="*/tuple[@id='im']"/><p:remove sel="*/tuple[@id='im']"/>`)],
    ['that leaves no presence document', diff(`<p:remove sel="*/tuple[@id='im']/status"/>`)],
  ])('a change %s is answered 400, says why, and leaves state and entity-tag as they were', (_case, body) => {
    const { ps, entityTag } = begun()
    const response = answered(ps, publish(body, { ...type, 'SIP-If-Match': entityTag }))
    expect(response.status).toBe(400)
    expect(field(response, 'Content-Type')).toBe('application/patch-ops-error+xml')
    expect(response.body).toContain('patch-ops-error')
    ps.pass(10)
    expect(tuplesOf(theNotify(published(ps, close, { ...type, 'SIP-If-Match': entityTag }).sent))).toEqual([
      'im closed',
      'mail open',
    ])
  })

  it('a change without anything to change is answered 400, one of a state that is gone 412', () => {
    expect(answered(server(), publish(close, type)).status).toBe(400)
    expect(answered(server(), publish(close, { ...type, 'SIP-If-Match': 'gone' })).status).toBe(412)
    expect(answered(server(), publish('<broken', type)).status).toBe(400)
  })

  it('its expiry takes all of it away', () => {
    const { ps } = begun()
    expect(tuplesOf(theNotify(ps.pass(3600)))).toEqual([])
  })
})

describe('RFC 2387 §3, RFC 2387 §3.1, RFC 4483 §4: documents with objects, and documents elsewhere', () => {
  const icon =
    '<dm:person xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" id="p"><r:status-icon>cid:icon@x</r:status-icon></dm:person>'
  const parts = (root: string, ...others: string[]) =>
    `${['', root, ...others].join('\r\n--b\r\n').trimStart()}\r\n--b--\r\n`
  const rootPart = (type = 'application/pidf+xml') =>
    `Content-Type: ${type}\r\nContent-ID: <root@x>\r\n\r\n${pidf({ im: 'open' }, icon)}`
  const iconPart = 'Content-Type: image/png\r\nContent-ID: <icon@x>\r\n\r\nPNG'
  const related = { 'Content-Type': 'multipart/related;type="application/pidf+xml";start="<root@x>";boundary=b' }
  const elsewhere = (url: string) => ({ 'Content-Type': `message/external-body;access-type="URL";URL="${url}"` })

  it('the objects are delivered beside the document to whoever takes them, and to nobody else', () => {
    const ps = server()
    published(ps, parts(rootPart(), iconPart), related)
    const body = (Accept: string) =>
      theNotify(ps.receive(subscribe({ Accept, From: `<${watcher}>;tag=${Accept.length}` }), 'scscf2.home2.net'))
    const plain = body('application/pidf+xml')
    expect(field(plain, 'Content-Type')).toBe('application/pidf+xml')
    expect(plain.body).not.toContain('PNG')
    const whole = body('application/pidf+xml, multipart/related')
    expect(field(whole, 'Content-Type')).toMatch(/^multipart\/related;.*type="application\/pidf\+xml"/)
    expect(whole.body).toMatch(/Content-ID: <icon@x>\r\n\r\nPNG/)
    expect(tuplesOf(whole)).toEqual(['im open'])
  })

  it('an object to which the watcher sees no reference is not delivered', () => {
    const ps = server({ otherwise: 'polite-block' })
    published(ps, parts(rootPart(), iconPart), related)
    const [notify] = subscribed(ps, { Accept: 'application/pidf+xml, multipart/related' }).notifies
    expect(field(notify!, 'Content-Type')).toBe('application/pidf+xml')
  })

  it('what stands elsewhere is fetched, if it can be', () => {
    const stored = { 'http://x/doc': { contentType: 'application/pidf+xml', body: pidf({ far: 'open' }) } }
    const ps = server({ more: { stored } })
    published(ps, 'Content-Type: application/pidf+xml\r\n\r\n', elsewhere('http://x/doc'))
    expect(tuplesOf(subscribed(ps).notifies[0]!)).toEqual(['far open'])
    expect(answered(ps, publish('Content-Type: application/pidf+xml\r\n\r\n', elsewhere('http://x/none'))).status).toBe(
      415,
    )
  })

  it.each([
    ['a root of another type', parts(rootPart('text/plain')), 415],
    ['no root', parts(iconPart), 400],
    [
      'a root that stands elsewhere and can not be fetched',
      parts(
        'Content-Type: message/external-body;access-type="URL";URL="http://x/none"\r\nContent-ID: <root@x>\r\n\r\nContent-Type: application/pidf+xml\r\n\r\n',
      ),
      415,
    ],
  ])('%s is refused', (_case, body, status) => {
    expect(answered(server(), publish(body, related)).status).toBe(status)
  })
})
