import { describe, expect, it } from 'vitest'
import { field, requests, theResponse } from '../ims/alone.ts'
import { documentServer, http, list, lists, watching, owner as writer } from '../presence/document-watching.ts'
import { everybody, handle, rule, ruleset } from '../presence/rules.ts'
import {
  again,
  answered,
  pidf,
  presentity,
  publish,
  published,
  server,
  stateOf,
  subscribe,
  subscribed,
  theNotify,
  tuplesOf,
  watcher,
} from '../presence/server.ts'

const home = 'scscf2.home2.net'
const person = `<dm:person xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" id="me"><r:activities><r:meeting/></r:activities><r:status-icon>cid:icon@x</r:status-icon></dm:person>`
const filters = (include: string) =>
  `<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter"><ns-bindings><ns-binding prefix="p" urn="urn:ietf:params:xml:ns:pidf"/></ns-bindings><filter id="f"><what><include>${include}</include></what></filter></filter-set>`
const filterType = { 'Content-Type': 'application/simple-filter+xml' }
const packages = ['presence', 'presence.winfo']
const owner = { 'P-Asserted-Identity': `<${presentity}>`, From: `<${presentity}>;tag=own`, 'Call-ID': 'own' }
const winfo = { ...owner, Event: 'presence.winfo' }
const infos = (sent: Parameters<typeof requests>[0]): string[] =>
  requests(sent, 'NOTIFY')
    .filter(({ headers }) => headers.event!.value === 'presence.winfo')
    .map(({ body }) => String(body))

describe('TS 24.141 §5.3.3.1', () => {
  it('R5.3.3.1-a the presence server accepts, stores, composes and distributes presence information', () => {
    const ps = server()
    published(ps, pidf({ phone: 'open' }))
    published(ps, pidf({ desk: 'closed' }))
    const [first] = subscribed(ps).notifies
    expect(tuplesOf(first!)).toEqual(['phone open', 'desk closed'])
    ps.pass(10)
    expect(tuplesOf(theNotify(published(ps, pidf({ mail: 'open' })).sent))).toEqual([
      'phone open',
      'desk closed',
      'mail open',
    ])
  })
})

describe('TS 24.141 §5.3.3.2: what a watcher is told', () => {
  it('R5.3.3.2-c filters in a SUBSCRIBE are applied; another type is answered 415, a bad filter 488', () => {
    const ps = server()
    published(ps, pidf({ im: 'open' }, person))
    const asked = (include: string) =>
      `${subscribe({ ...filterType, 'Call-ID': include.slice(2, 3) })}\n\n${filters(include)}`
    const { body } = theNotify(ps.receive(asked('//p:tuple'), home))
    expect(body).toContain('"im"')
    expect(body).not.toContain('person')
    expect(answered(ps, asked('//q:tuple')).status).toBe(488)
    expect(answered(ps, `${subscribe({ 'Content-Type': 'text/plain', 'Call-ID': 'plain' })}\n\nhello`).status).toBe(415)
  })

  it('R5.3.3.2-f objects to which the document refers come with it to whoever accepts multipart/related, to nobody else', () => {
    const ps = server()
    const related = { 'Content-Type': 'multipart/related;type="application/pidf+xml";boundary=b' }
    const parts = [
      `Content-Type: application/pidf+xml\r\n\r\n${pidf({ im: 'open' }, person)}`,
      'Content-Type: image/png\r\nContent-ID: <icon@x>\r\n\r\nPNG',
    ]
    published(ps, `--b\r\n${parts.join('\r\n--b\r\n')}\r\n--b--\r\n`, related)
    const types = ['application/pidf+xml, multipart/related', 'application/pidf+xml'].map((Accept, i) => {
      const from = { From: `<${watcher}>;tag=${i}` }
      const notify = theNotify(ps.receive(subscribe({ Accept, ...from }), home))
      return [field(notify, 'Content-Type')!.split(';')[0], String(notify.body).includes('PNG')]
    })
    expect(types).toEqual([
      ['multipart/related', true],
      ['application/pidf+xml', false],
    ])
  })

  it('R5.3.3.2-g new rules reach running subscriptions: pending to active, less to be seen, terminated as rejected; watcher and presentity are told', () => {
    const ps = server({ packages, otherwise: 'confirm' })
    published(ps, pidf({ im: 'open' }, person))
    ps.receive(subscribe(winfo), home)
    subscribed(ps)
    ps.pass(10)
    const change = (command: object) => {
      const sent = ps.command({ do: 'policy', of: presentity, ...command })
      ps.pass(10)
      const [notify] = requests(sent, 'NOTIFY').filter(({ headers }) => headers.event!.value === 'presence')
      return { notify: notify!, info: infos(sent) }
    }
    const allowed = change({ policy: { watchers: {}, otherwise: 'allow' } })
    expect(stateOf(allowed.notify)).toMatch(/^active/)
    expect(allowed.notify.body).toContain('meeting')
    expect(allowed.info).toEqual([expect.stringMatching(/status="active" event="approved"/)])
    const services = '<pr:provide-services><pr:all-services/></pr:provide-services>'
    const fewer = change({ rules: ruleset(rule('few', everybody, handle('allow'), services)) })
    expect(fewer.notify.body).toContain('"im"')
    expect(fewer.notify.body).not.toContain('meeting')
    expect(fewer.info).toEqual([])
    const rejected = change({ policy: { watchers: {}, otherwise: 'block' } })
    expect([stateOf(rejected.notify), rejected.notify.body]).toEqual(['terminated;reason=rejected', ''])
    expect(rejected.info).toEqual([expect.stringMatching(/status="terminated" event="rejected"/)])
  })

  it('R5.3.3.2-h only authorized watchers are told of changes', () => {
    const ps = server({ watchers: { 'sip:c@x.net': 'confirm', 'sip:p@x.net': 'polite-block', 'sip:b@x.net': 'block' } })
    for (const name of ['a', 'b', 'c', 'p'])
      ps.receive(
        subscribe({ 'P-Asserted-Identity': `<sip:${name}@x.net>`, From: `<sip:${name}@x.net>;tag=${name}` }),
        home,
      )
    ps.pass(100)
    const told = requests([...published(ps, pidf({ im: 'open' })).sent, ...ps.pass(100)], 'NOTIFY')
    expect(told.map(({ headers }) => headers.to!.uri)).toEqual(['sip:a@x.net'])
  })
})

describe('TS 24.141 §5.3.3.3: what a publication may carry', () => {
  const type = { 'Content-Type': 'application/pidf-diff+xml' }
  const diff = (inner: string) =>
    `<p:pidf-diff xmlns="urn:ietf:params:xml:ns:pidf" xmlns:p="urn:ietf:params:xml:ns:pidf-diff" entity="${presentity}">${inner}</p:pidf-diff>`

  it('R5.3.3.3-b a partial publication changes what is there; one that fails is answered 400 and changes nothing', () => {
    const ps = server()
    const { entityTag } = published(ps, pidf({ im: 'open', mail: 'open' }))
    subscribed(ps)
    ps.pass(10)
    const bad = publish(diff(`<p:remove sel="*/tuple[@id='none']"/>`), { ...type, 'SIP-If-Match': entityTag })
    expect(answered(ps, bad).status).toBe(400)
    const good = published(ps, diff(`<p:remove sel="*/tuple[@id='im']"/>`), { ...type, 'SIP-If-Match': entityTag })
    expect(tuplesOf(theNotify(good.sent))).toEqual(['mail open'])
  })

  it('R5.3.3.3-c content that stands elsewhere is fetched; what can not be is answered 415', () => {
    const stored = { 'http://x/doc': { contentType: 'application/pidf+xml', body: pidf({ far: 'open' }) } }
    const ps = server({ more: { stored } })
    const at = (url: string) =>
      publish('Content-Type: application/pidf+xml\r\n\r\n', {
        'Content-Type': `message/external-body;access-type="URL";URL="${url}"`,
      })
    expect(answered(ps, at('http://x/none')).status).toBe(415)
    expect(answered(ps, at('http://x/doc')).status).toBe(200)
    expect(tuplesOf(subscribed(ps).notifies[0]!)).toEqual(['far open'])
  })

  // RFC 3174 by another tool: `printf PNG | sha1sum`.
  const digest = '70fe60b7dfe0837f2c69677bfef128c134937b16'
  it.each([
    ['as long as was said', 'size=3', true],
    ['of another length (RFC 4483 §5.9)', 'size=4', false],
    ['with the digest that was said', `hash=${digest}`, true],
    ['with another digest (RFC 4483 §5.12)', `hash=${digest.replace('7', '8')}`, false],
  ])('R5.3.3.3-c an object that stands elsewhere, %s', (_, said, isMeant) => {
    const ps = server({ more: { stored: { 'http://x/icon': { contentType: 'image/png', body: 'PNG' } } } })
    const root = `Content-Type: application/pidf+xml\r\nContent-ID: <r@x>\r\n\r\n${pidf({ im: 'open' }, person.replace('cid:icon@x', 'cid:i@x'))}`
    const reference = `Content-Type: message/external-body;access-type="URL";URL="http://x/icon";${said}\r\nContent-ID: <i@x>\r\n\r\nContent-Type: image/png\r\n\r\n`
    const body = `--b\r\n${root}\r\n--b\r\n${reference}\r\n--b--\r\n`
    published(ps, body, { 'Content-Type': 'multipart/related;type="application/pidf+xml";boundary=b' })
    const [notify] = subscribed(ps, { Accept: 'application/pidf+xml, multipart/related' }).notifies
    expect(String(notify!.body).includes('\r\n\r\nPNG')).toBe(isMeant)
    expect(String(notify!.body).includes('message/external-body')).toBe(!isMeant)
  })

  it('R5.3.3.3-c a document that stands elsewhere and has another digest is answered 415', () => {
    const stored = { 'http://x/doc': { contentType: 'application/pidf+xml', body: pidf({ far: 'open' }) } }
    const type = `message/external-body;access-type="URL";URL="http://x/doc";hash=${digest}`
    const request = publish('Content-Type: application/pidf+xml\r\n\r\n', { 'Content-Type': type })
    expect(answered(server({ more: { stored } }), request).status).toBe(415)
  })
})

describe('TS 24.141 §5.3.3.4: watcher information', () => {
  it('R5.3.3.4-a first the identity is verified, then it is authorized: the presentity sees all, a watcher itself, others 403', () => {
    const ps = server({ packages, otherwise: 'confirm', watchers: { [watcher]: 'allow' } })
    subscribed(ps)
    ps.receive(subscribe({ 'P-Asserted-Identity': '<sip:b@x.net>', From: '<sip:b@x.net>;tag=b' }), home)
    let calls = 0
    const asked = (identity: string | undefined) =>
      ps.receive(
        subscribe({
          ...winfo,
          'P-Asserted-Identity': identity,
          'Call-ID': `call-${++calls}`,
          From: `<${presentity}>;tag=own`,
        }),
        home,
      )
    const seen = (identity: string) => infos(asked(identity)).map((body) => body.match(/<watcher /g)?.length)
    expect(seen(`<${presentity}>`)).toEqual([2])
    expect(seen(`<${watcher}>`)).toEqual([1])
    expect(asked('<sip:b@x.net>')[0]).toMatchObject({ message: { status: 403 } })
    expect(asked(undefined)[0]).toMatchObject({ message: { status: 403 } })
  })

  it('R5.3.3.4-b the first NOTIFY has all watchers, a pending one too; later ones those that changed', () => {
    const ps = server({ packages, otherwise: 'confirm' })
    subscribed(ps)
    const [first] = infos(ps.receive(subscribe(winfo), home))
    expect(first).toMatch(/version="0" state="full".*status="pending" event="subscribe"/)
    ps.pass(10)
    const [second] = infos(
      ps.receive(subscribe({ 'P-Asserted-Identity': '<sip:b@x.net>', From: '<sip:b@x.net>;tag=b' }), home),
    )
    expect(second).toMatch(/version="1" state="partial".*sip:b@x\.net/)
    expect(second).not.toContain(watcher)
    ps.pass(10)
    const [third] = infos(ps.receive(again(62, 0), home))
    expect(third).toMatch(/version="2" state="partial".*status="waiting" event="timeout"[^>]*>sip:user1_public1/)
  })
})

describe('TS 24.141 §5.3.3.5: changes of XML documents', () => {
  const subscriber = (identity: string | undefined) => {
    const alone = documentServer()
    const asserted = { 'P-Asserted-Identity': identity && `<${identity}>` }
    return { alone, sent: alone.receive(watching([list], asserted), 'scscf2.home2.net') }
  }
  it('R5.3.3.5-a first the identity is verified, then the user is authorized: 403 for others', () => {
    expect(theResponse(subscriber(undefined).sent).status).toBe(403)
    expect(theResponse(subscriber('sip:x@elsewhere.net').sent).status).toBe(403)
    expect(theResponse(subscriber(writer).sent).status).toBe(200)
  })
  it('R5.3.3.5-a the documents that there are, then what becomes of them', () => {
    const { alone, sent } = subscriber(writer)
    expect(requests(sent, 'NOTIFY')[0]!.body).toContain(`sel="${list}" new-etag="one"`)
    alone.pass(6)
    const changed = alone.receive(http('PUT', list, lists('sip:c@d')), 'ue')
    expect(requests(changed, 'NOTIFY')[0]!.body).toMatch(/new-etag="(?!one)[^"]+" previous-etag="one"/)
  })
})
