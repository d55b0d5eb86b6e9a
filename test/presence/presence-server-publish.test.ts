import { describe, expect, it } from 'vitest'
import { field, names, requests } from '../ims/alone.ts'
import {
  answered,
  pidf,
  presentity,
  publish,
  published,
  server,
  subscribed,
  theNotify,
  tuplesOf,
  watcher,
} from './server.ts'

const open = pidf({ im: 'open' })

/** What a watcher would be told now: the tuples that a fetch shows. */
const seen = (alone: ReturnType<typeof server>): string[] =>
  tuplesOf(theNotify(subscribed(alone, { Expires: '0', 'Call-ID': `fetch-${alone.simulation.now}` }).sent))

describe('TS 24.141 §5.3.3.3: identity, then authorization, then RFC 3903', () => {
  it('TS 24.229 §5.7.1.4: a request without an asserted identity is refused 403, whatever else is wrong', () => {
    const nobody = { 'P-Asserted-Identity': undefined }
    expect(answered(server(), publish(open, nobody)).status).toBe(403)
    expect(answered(server(), publish(open, nobody, 'sip:unknown@home2.net')).status).toBe(403)
  })

  it('RFC 3903 §6 step 1: a resource that is not served is answered 404', () => {
    expect(answered(server(), publish(open, {}, 'sip:unknown@home2.net')).status).toBe(404)
  })

  it('whoever publishes for somebody else is refused 403, and nothing is published', () => {
    const ps = server()
    const foreign = { 'P-Asserted-Identity': `<${watcher}>` }
    expect(answered(ps, publish(open, foreign)).status).toBe(403)
    expect(answered(ps, publish(open, { ...foreign, Event: 'foo' })).status, 'before the event package').toBe(403)
    expect(seen(ps)).toEqual([])
  })

  it('step 2: an event package that is not served is answered 489 with Allow-Events', () => {
    for (const Event of ['foo', undefined]) {
      const response = answered(server(), publish(open, { Event }))
      expect(response.status, Event).toBe(489)
      expect(field(response, 'Allow-Events')).toBe('presence')
    }
  })

  it('step 3: an entity-tag that names no state is answered 412, whatever the body', () => {
    expect(answered(server(), publish(open, { 'SIP-If-Match': 'unknown' })).status).toBe(412)
    expect(answered(server(), publish('', { 'SIP-If-Match': 'unknown', Expires: '5' })).status).toBe(412)
  })

  it('step 3: a condition that is not a single entity-tag is answered 400', () => {
    const ps = server()
    const { entityTag } = published(ps, open)
    const several = [`${entityTag}, other`, `${entityTag}\nSIP-If-Match: other`]
    for (const tags of several) expect(answered(ps, publish(open, { 'SIP-If-Match': tags })).status, tags).toBe(400)
  })

  it('step 4: a duration below the shortest is answered 423 with Min-Expires', () => {
    const response = answered(server(), publish(open, { Expires: '59' }))
    expect(response.status).toBe(423)
    expect(field(response, 'Min-Expires')).toBe('60')
  })

  it('step 5: an initial PUBLISH without a body is answered 400', () => {
    expect(answered(server(), publish('')).status).toBe(400)
  })

  it.each(['text/plain', undefined])('step 5: a body of type %s is answered 415 with Accept', (type) => {
    const response = answered(server(), publish(open, { 'Content-Type': type }))
    expect(response.status).toBe(415)
    expect(field(response, 'Accept')).toContain('application/pidf+xml')
  })

  it('step 5: the type compares without case, and its parameters do not count', () => {
    expect(published(server(), open, { 'Content-Type': 'Application/PIDF+XML;charset="UTF-8"' }).response.status).toBe(
      200,
    )
  })

  it.each([
    ['is no XML', 'hello'],
    ['is broken off', '<presence xmlns="urn:ietf:params:xml:ns:pidf"'],
    ['is no presence document', '<html/>'],
    ['has a tuple without status', pidf({}, '<tuple id="x"/>')],
    ['has an unknown value', pidf({ im: 'ajar' })],
  ])('a body that %s is answered 400, and what was published stays', (_case, body) => {
    const ps = server()
    const { entityTag } = published(ps, open)
    expect(answered(ps, publish(body)).status).toBe(400)
    expect(answered(ps, publish(body, { 'SIP-If-Match': entityTag })).status).toBe(400)
    expect(seen(ps)).toEqual(['im open'])
    expect(published(ps, '', { 'SIP-If-Match': entityTag }).response.status, 'the entity-tag is alive').toBe(200)
  })
})

describe('RFC 3903 §6 step 6: the answer to a PUBLISH', () => {
  it('has a SIP-ETag and the duration, and neither Contact nor Record-Route', () => {
    const { response } = published(server(), open, { 'Record-Route': '<sip:scscf2.home2.net;lr>' })
    expect(field(response, 'SIP-ETag')).toMatch(/^\S+$/)
    expect(field(response, 'Expires')).toBe('3600')
    expect(names(response)).not.toContain('Contact')
    expect(names(response)).not.toContain('Record-Route')
  })

  it.each([
    ['7200', '7200'],
    ['90000', '7200'],
    [undefined, '3600'],
  ])('asked for %s seconds grants %s', (Expires, granted) => {
    expect(field(published(server(), open, { Expires }).response, 'Expires')).toBe(granted)
  })

  it('has a new entity-tag each time, and the one before is gone', () => {
    const ps = server()
    const tags = [published(ps, open).entityTag]
    for (const body of ['', pidf({ im: 'closed' }), '']) {
      tags.push(published(ps, body, { 'SIP-If-Match': tags.at(-1)! }).entityTag)
      expect(answered(ps, publish('', { 'SIP-If-Match': tags.at(-2)! })).status).toBe(412)
    }
    expect(new Set(tags).size).toBe(4)
  })

  it('an entity-tag of one presentity is unknown for another', () => {
    const other = 'sip:user3_public1@home2.net'
    const ps = server({ others: [other] })
    const { entityTag } = published(ps, open)
    const changes = { 'P-Asserted-Identity': `<${other}>`, 'SIP-If-Match': entityTag }
    expect(answered(ps, publish('', changes, other)).status).toBe(412)
    expect(published(ps, '', { 'SIP-If-Match': entityTag }).response.status).toBe(200)
  })
})

describe('RFC 3903 §4: what a PUBLISH does', () => {
  it('initial: adds its state to what others have published', () => {
    const ps = server()
    published(ps, pidf({ im: 'open' }))
    published(ps, pidf({ call: 'closed' }))
    expect(seen(ps)).toEqual(['im open', 'call closed'])
  })

  it('modify: replaces the state that it names, and no other', () => {
    const ps = server()
    const { entityTag } = published(ps, pidf({ im: 'open', mail: 'open' }))
    published(ps, pidf({ call: 'closed' }))
    published(ps, pidf({ im: 'closed' }), { 'SIP-If-Match': entityTag })
    expect(seen(ps).toSorted()).toEqual(['call closed', 'im closed'])
  })

  it('refresh: keeps the state alive for the new duration', () => {
    const ps = server()
    const { entityTag } = published(ps, open, { Expires: '100' })
    ps.pass(90)
    published(ps, '', { 'SIP-If-Match': entityTag, Expires: '100' })
    ps.pass(95)
    expect(seen(ps)).toEqual(['im open'])
    ps.pass(10)
    expect(seen(ps)).toEqual([])
  })

  it('remove: takes that state away, and no other', () => {
    const ps = server()
    const { entityTag } = published(ps, pidf({ im: 'open' }))
    published(ps, pidf({ call: 'closed' }))
    const { response } = published(ps, '', { 'SIP-If-Match': entityTag, Expires: '0' })
    expect(field(response, 'Expires')).toBe('0')
    expect(seen(ps)).toEqual(['call closed'])
    expect(answered(ps, publish('', { 'SIP-If-Match': entityTag })).status).toBe(412)
  })

  it('expiry: takes that state away when its time is up, and no other, and tells the watchers', () => {
    const ps = server()
    published(ps, pidf({ im: 'open' }), { Expires: '60' })
    published(ps, pidf({ call: 'closed' }))
    subscribed(ps)
    expect(requests(ps.pass(59.9), 'NOTIFY')).toEqual([])
    const sent = ps.pass(0.2)
    expect(sent[0]!.at).toBe(60)
    expect(tuplesOf(theNotify(sent))).toEqual(['call closed'])
  })

  it('an entity-tag that has expired is answered 412', () => {
    const ps = server()
    const { entityTag } = published(ps, open, { Expires: '60' })
    ps.pass(61)
    expect(answered(ps, publish('', { 'SIP-If-Match': entityTag })).status).toBe(412)
  })
})

describe('TS 23.141 §5.1: one document is composed from all publications', () => {
  it('where two say something of the same tuple, the later one stands', () => {
    const ps = server()
    published(ps, pidf({ im: 'closed' }))
    published(ps, pidf({ im: 'open' }))
    expect(seen(ps)).toEqual(['im open'])
  })

  it('when the later one goes, the earlier one is seen again', () => {
    const ps = server()
    published(ps, pidf({ im: 'closed' }))
    const { entityTag } = published(ps, pidf({ im: 'open' }))
    published(ps, '', { 'SIP-If-Match': entityTag, Expires: '0' })
    expect(seen(ps)).toEqual(['im closed'])
  })

  it('a modification is later than what was published before it', () => {
    const ps = server()
    const { entityTag } = published(ps, pidf({ im: 'open' }))
    published(ps, pidf({ im: 'closed' }))
    published(ps, pidf({ im: 'open' }), { 'SIP-If-Match': entityTag })
    expect(seen(ps)).toEqual(['im open'])
  })

  it('a refresh says nothing new: it makes no publication later than another', () => {
    const ps = server()
    const { entityTag } = published(ps, pidf({ im: 'closed' }))
    published(ps, pidf({ im: 'open' }))
    published(ps, '', { 'SIP-If-Match': entityTag })
    published(ps, pidf({ call: 'open' }))
    expect(seen(ps)).toEqual(['im open', 'call open'])
  })

  it('the entity of the document is the presentity, whatever the publisher wrote', () => {
    const ps = server()
    published(ps, open.replace(presentity, 'sip:somebody@else.net'))
    const notify = theNotify(subscribed(ps).sent)
    expect(notify.body).toContain(`entity="${presentity}"`)
    expect(notify.body).not.toContain('somebody')
  })

  it('elements of namespaces that nobody knows, and notes, reach the watcher as they were published', () => {
    const ps = server()
    const mood = '<v:mood xmlns:v="urn:example:vendor" v:level="3"><v:deep>äöü &amp; &lt;x&gt;</v:deep></v:mood>'
    const status = `<status><basic>open</basic><v:battery xmlns:v="urn:example:vendor">7</v:battery></status>`
    const tuple = `<tuple id="im">${status}<note xml:lang="en">back soon</note></tuple>`
    published(ps, pidf({}, `${tuple}<note>hello</note>${mood}`))
    published(ps, pidf({ call: 'open' }))
    const body = String(theNotify(subscribed(ps).sent).body)
    for (const part of [
      /<(\w+):mood [^>]*xmlns:\1="urn:example:vendor"|xmlns:v="urn:example:vendor"/,
      /:level="3"/,
      /:deep>äöü &amp; &lt;x(&gt;|>)<\//,
      /:battery[^>]*>7<\//,
      /<note xml:lang="en">back soon<\/note>/,
      /<note>hello<\/note>/,
      /<tuple id="call">/,
    ])
      expect(body).toMatch(part)
  })

  it('RFC 4479: persons of two publications stand beside each other, one person twice is the later one', () => {
    const ps = server()
    const person = (id: string, activity: string) =>
      `<dm:person xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" id="${id}"><r:activities><r:${activity}/></r:activities></dm:person>`
    published(ps, pidf({}, person('p1', 'meeting')))
    published(ps, pidf({}, person('p2', 'away')))
    published(ps, pidf({}, person('p1', 'busy')))
    const body = String(theNotify(subscribed(ps).sent).body)
    expect(body).toMatch(/:away\/>/)
    expect(body).toMatch(/:busy\/>/)
    expect(body).not.toContain('meeting')
  })
})
