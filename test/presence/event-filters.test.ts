import { describe, expect, it } from 'vitest'
import { requests } from '../ims/alone.ts'
import {
  again,
  answered,
  partial,
  pidf,
  presentity,
  published,
  server,
  stateOf,
  subscribe,
  theNotify,
  tuplesOf,
} from './server.ts'

const home = 'scscf2.home2.net'
const filterType = 'application/simple-filter+xml'

const bindings = `<ns-bindings><ns-binding prefix="p" urn="urn:ietf:params:xml:ns:pidf"/>
  <ns-binding prefix="r" urn="urn:ietf:params:xml:ns:pidf:rpid"/>
  <ns-binding prefix="dm" urn="urn:ietf:params:xml:ns:pidf:data-model"/></ns-bindings>`
const filters = (...all: readonly string[]) =>
  `<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter">${bindings}${all.join('')}</filter-set>`
const filter = (inner: string, attributes = 'id="f"') => `<filter ${attributes}>${inner}</filter>`
const include = (...paths: readonly string[]) =>
  `<what>${paths.map((path) => `<include>${path}</include>`).join('')}</what>`
const exclude = (path: string) => `<what><exclude>${path}</exclude></what>`

/** A second filter is for the resource by its name: there is one for each resource or domain (RFC 4660 §5.2). */
const second = 'id="g" domain="home2.net"'

const filtering = (body: string, changes: Readonly<Record<string, string>> = {}) =>
  `${subscribe({ 'Content-Type': filterType, ...changes })}\n\n${body}`
const filteringAgain = (sequence: number, body: string) =>
  `${again(sequence, 7200, { 'Content-Type': filterType })}\n\n${body}`

const person = `<dm:person xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" id="me"><r:activities><r:meeting/></r:activities><dm:note>busy</dm:note></dm:person>`
const document = pidf({ im: 'open', mail: 'closed' }, person).replace(
  '</status></tuple><tuple id="mail">',
  '</status><contact priority="0.5">sip:im@x.net</contact><note>hello</note></tuple><tuple id="mail">',
)

/** What a watcher with these filters is told first. */
function seen(...all: readonly string[]): string {
  const ps = server()
  published(ps, document)
  return String(theNotify(ps.receive(filtering(filters(...all)), home)).body)
}

describe('RFC 4661 §3.4: what of a document is delivered', () => {
  it('an include delivers what it selects, the way to it and what has to be there', () => {
    const body = seen(filter(include('/p:presence/p:tuple/p:contact')))
    expect(tuplesOf({ body } as never)).toEqual(['im open'])
    expect(body).toContain('<contact priority="0.5">sip:im@x.net</contact>')
    expect(body).toContain(`entity="${presentity}"`)
    expect(body).not.toMatch(/note|person/)
  })

  it('with a condition, only those that meet it', () => {
    expect(
      tuplesOf({ body: seen(filter(include('/p:presence/p:tuple[p:status/p:basic="closed"]'))) } as never),
    ).toEqual(['mail closed'])
  })

  it('several includes, and several filters, are a union', () => {
    const body = seen(filter(include('//p:tuple[@id="mail"]', '//dm:note')), filter(include('//p:contact'), second))
    expect(tuplesOf({ body } as never)).toEqual(['im open', 'mail closed'])
    expect(body).toMatch(/person.*busy/s)
    expect(body).not.toMatch(/meeting|hello/)
  })

  it('an exclude takes away what it selects, but not what has to be there', () => {
    const body = seen(filter(exclude('//p:note')), filter(exclude('//r:activities'), second))
    expect(body).not.toMatch(/hello|meeting/)
    expect(body).toMatch(/contact.*busy/s)
    expect(tuplesOf({ body: seen(filter(exclude('//p:basic'))) } as never)).toEqual(['im open', 'mail closed'])
  })

  it('a namespace stands for all of its elements', () => {
    const body = seen(filter('<what><include type="namespace">urn:ietf:params:xml:ns:pidf</include></what>'))
    expect(tuplesOf({ body } as never)).toEqual(['im open', 'mail closed'])
    expect(body).not.toMatch(/person|meeting/)
  })

  it('an empty what counts as none', () => {
    expect(seen(filter('<what/>'))).toContain('meeting')
    expect(seen(filter('<what/>'), filter(include('//p:contact'), second))).not.toContain('meeting')
  })

  it('an attribute can be left out', () => {
    expect(seen(filter(exclude('//p:contact/@priority')))).toContain('<contact>sip:im@x.net</contact>')
  })

  it.each([
    ['not enabled', 'id="f" enabled="false"'],
    ['for another resource', 'id="f" uri="sip:other@home2.net"'],
    ['for another domain', 'id="f" domain="home1.net"'],
  ])('a filter %s does nothing', (_case, attributes) => {
    expect(seen(filter(include('//p:contact'), attributes))).toContain('meeting')
  })

  it.each([`id="f" uri="${presentity}"`, 'id="f" domain="HOME2.net"'])(
    'one for this resource works: %s',
    (attributes) => {
      expect(seen(filter(include('//p:contact'), attributes))).not.toContain('meeting')
    },
  )

  it('it applies to what the rules permit, not to more', () => {
    const ps = server({ otherwise: 'polite-block' })
    published(ps, document)
    expect(theNotify(ps.receive(filtering(filters(filter(include('//p:tuple')))), home)).body).not.toContain('tuple')
  })

  it('partial notifications are of what is delivered', () => {
    const ps = server()
    const { entityTag } = published(ps, document)
    ps.receive(filtering(filters(filter(include('//p:basic'))), { Accept: partial }), home)
    ps.pass(10)
    const quiet = published(ps, document.replace('hello', 'bye'), { 'SIP-If-Match': entityTag })
    expect(requests(quiet.sent, 'NOTIFY'), 'a note is not delivered').toEqual([])
    const { body } = theNotify(
      published(ps, document.replace('closed', 'open'), { 'SIP-If-Match': quiet.entityTag }).sent,
    )
    expect(body).toMatch(/pidf-diff[^>]* version="2"/)
    expect(body).not.toMatch(/hello|bye/)
  })
})

describe('RFC 4661 §3.6: which changes are told', () => {
  /** Whether a watcher with this trigger is told of each of these documents in turn. */
  function hears(trigger: string, ...documents: readonly string[]): boolean[] {
    const ps = server()
    let { entityTag } = published(ps, pidf({ im: 'closed' }))
    ps.receive(filtering(filters(filter(trigger))), home)
    return documents.map((text) => {
      ps.pass(10)
      const step = published(ps, text, { 'SIP-If-Match': entityTag })
      entityTag = step.entityTag
      return requests(step.sent, 'NOTIFY').length > 0
    })
  }
  const basic = '/p:presence/p:tuple/p:status/p:basic'
  const changed = (attributes: string) => `<trigger><changed ${attributes}>${basic}</changed></trigger>`
  const tuple = (priority: string) =>
    pidf({ im: 'closed' }).replace('</status>', `</status><contact priority="${priority}">sip:im@x.net</contact>`)

  it.each([
    ['a value that changes', changed(''), [true, true, false]],
    ['to something', changed('to="open"'), [true, false, false]],
    ['from something', changed('from="open"'), [false, true, false]],
    ['from something to something else', changed('from="open" to="open"'), [false, false, false]],
    ['two triggers, of which one suffices', changed('from="open"') + changed('to="open"'), [true, true, false]],
    [
      'two conditions, which must hold together',
      `<trigger><changed>${basic}</changed><added>//p:note</added></trigger>`,
      [false, false, false],
    ],
  ])('%s', (_case, trigger, expected) => {
    expect(
      hears(trigger, pidf({ im: 'open' }), pidf({ im: 'closed' }), pidf({ im: 'closed' }, '<note>x</note>')),
    ).toEqual(expected)
  })

  it('something that comes, something that goes', () => {
    const texts = [pidf({ im: 'closed', mail: 'open' }), pidf({ mail: 'open' }), pidf({ mail: 'closed' })]
    expect(hears('<trigger><added>//p:tuple</added></trigger>', ...texts)).toEqual([true, false, false])
    expect(hears('<trigger><removed>//p:tuple</removed></trigger>', ...texts)).toEqual([false, true, false])
  })

  it('by at least a number', () => {
    const trigger = '<trigger><changed by="0.3">//p:contact/@priority</changed></trigger>'
    expect(hears(trigger, tuple('0.2'), tuple('0.4'), tuple('0.9'))).toEqual([false, false, true])
  })

  it('RFC 4660 §4.2: the NOTIFY that answers a SUBSCRIBE is sent whatever the trigger', () => {
    const ps = server()
    published(ps, pidf({ im: 'open' }))
    const body = filters(filter(`<trigger><added>//p:nothing</added></trigger>`))
    expect(requests(ps.receive(filtering(body), home), 'NOTIFY')).toHaveLength(1)
    expect(requests(ps.receive(again(62, 600), home), 'NOTIFY')).toHaveLength(1)
  })

  it('what was held back by a trigger is told with the next change that is not', () => {
    const ps = server()
    let { entityTag } = published(ps, pidf({ im: 'closed' }))
    ps.receive(filtering(filters(filter(changed('to="open"')))), home)
    ps.pass(10)
    const quiet = published(ps, pidf({ im: 'closed' }, '<note>x</note>'), { 'SIP-If-Match': entityTag })
    entityTag = quiet.entityTag
    expect(requests([...quiet.sent, ...ps.pass(10)], 'NOTIFY')).toEqual([])
    expect(
      theNotify(published(ps, pidf({ im: 'open' }, '<note>x</note>'), { 'SIP-If-Match': entityTag }).sent).body,
    ).toContain('<note>x')
  })
})

describe('RFC 4660 §4.3, §4.4: filters over the life of a subscription', () => {
  it('they last over a refresh without a body, are replaced by their id, and removed', () => {
    const ps = server()
    published(ps, document)
    ps.receive(filtering(filters(filter(include('//p:contact')))), home)
    const body = (text: string) => String(theNotify(ps.receive(text, home)).body)
    expect(body(again(62, 7200))).not.toContain('meeting')
    expect(body(filteringAgain(63, filters(filter(include('//r:activities')))))).toMatch(/^(?!.*contact).*meeting/s)
    const both = body(filteringAgain(64, filters(filter(include('//p:contact'), 'id="g" domain="home2.net"'))))
    expect(both).toMatch(/contact.*meeting/s)
    expect(body(filteringAgain(65, filters(filter('', 'id="f" remove="true"'))))).toMatch(/^(?!.*meeting).*contact/s)
    expect(body(filteringAgain(66, filters(filter('', 'id="g" remove="true"'))))).toMatch(/hello.*meeting.*busy/s)
  })

  it.each([
    ['a body of another type', subscribe({ 'Content-Type': 'text/plain' }), 'hello', 415],
    ['no XML', subscribe({ 'Content-Type': filterType }), '<filter-set', 488],
    [
      'no filters',
      subscribe({ 'Content-Type': filterType }),
      '<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter"/>',
      488,
    ],
    ['a prefix without a binding', subscribe({ 'Content-Type': filterType }), filters(filter(include('//q:x'))), 488],
    [
      'two filters for one resource',
      subscribe({ 'Content-Type': filterType }),
      filters(filter(''), filter('', 'id="g"')),
      488,
    ],
    [
      'two filters for one resource, in other words',
      subscribe({ 'Content-Type': filterType }),
      filters(filter(''), filter('', `id="g" uri="${presentity}"`)),
      488,
    ],
    ['no expression', subscribe({ 'Content-Type': filterType }), filters(filter(include('//p:tuple['))), 488],
    [
      'filters of another package',
      subscribe({ 'Content-Type': filterType }),
      filters(filter('')).replace('>', ' package="reg">'),
      488,
    ],
  ])('%s is answered %#', (_case, head, body, status) => {
    const response = answered(server(), `${head}\n\n${body}`)
    expect(response.status).toBe(status)
    if (status === 415) expect(response.headers.accept).toEqual([{ value: filterType, params: {} }])
  })

  it('RFC 4660 §5.2.2: another filter for the same resource, under another id, is answered 488', () => {
    const ps = server()
    ps.receive(filtering(filters(filter(include('//p:contact')))), home)
    expect(answered(ps, filteringAgain(62, filters(filter('', 'id="g"')))).status).toBe(488)
  })

  it('RFC 4660 §5.3.1: where a filter leaves nothing the first NOTIFY is empty; what comes later is told', () => {
    const ps = server()
    published(ps, pidf({ im: 'open' }))
    const [, notify] = ps.receive(filtering(filters(filter(include('//dm:person')))), home)
    expect(notify!.message).toMatchObject({ body: '' })
    expect(stateOf(notify!.message as never)).toBe('active;expires=7200')
    ps.pass(10)
    expect(theNotify(published(ps, document).sent).body).toContain('meeting')
    ps.pass(10)
    expect(theNotify(ps.receive(again(62, 600), home)).body).toContain('meeting')
  })

  it('RFC 4660 §5.3.1: nor can be told so who is blocked politely', () => {
    const bodies = ['allow', 'polite-block'].map((otherwise) => {
      const ps = server({ otherwise: otherwise as 'allow' })
      if (otherwise === 'polite-block') published(ps, document)
      const sent = ps.receive(filtering(filters(filter(include('//dm:person')))), home)
      return requests(sent, 'NOTIFY').map(({ body }) => body)
    })
    expect(bodies).toEqual([[''], ['']])
  })

  it('a refresh with filters that can not be understood is refused, and the subscription goes on as it was', () => {
    const ps = server()
    published(ps, document)
    ps.receive(filtering(filters(filter(include('//p:contact')))), home)
    expect(answered(ps, filteringAgain(62, '<broken')).status).toBe(488)
    const notify = theNotify(ps.receive(again(63, 600), home))
    expect(stateOf(notify)).toBe('active;expires=600')
    expect(notify.body).not.toContain('meeting')
  })

  it('those who ask for the same filters share one document, and each has its own state', () => {
    const ps = server()
    const { entityTag } = published(ps, document)
    for (const name of ['a', 'b'])
      ps.receive(
        filtering(filters(filter(include('//p:basic'))), { 'Call-ID': name, From: `<sip:${name}@x.net>;tag=${name}` }),
        home,
      )
    ps.receive(subscribe({ 'Call-ID': 'c', From: '<sip:c@x.net>;tag=c' }), home)
    ps.pass(10)
    const bodies = requests(
      published(ps, document.replace('closed', 'open'), { 'SIP-If-Match': entityTag }).sent,
      'NOTIFY',
    ).map(({ body }) => body)
    expect(bodies).toHaveLength(3)
    expect(bodies[0]).toBe(bodies[1])
    expect(bodies[2]).toContain('meeting')
  })
})
