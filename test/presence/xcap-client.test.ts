import { describe, expect, it } from 'vitest'
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts'
import { httpReason } from '../../src/http/status.ts'
import { nameAddr, radioLeg } from '../../src/ims/ue/ue.ts'
import type { XcapClient } from '../../src/presence/ut/xcap-client.ts'
import { headerValue } from '../../src/sip/message.ts'
import { Alone, type Sent } from '../ims/alone.ts'

const root = 'http://xcap.home1.net/services'
const server = 'xcap.home1.net'
const lists = 'resource-lists/users/sip:user1_public1@home1.net/index'

type Fields = Readonly<Record<string, string>>

/** A UE alone with its XCAP client; the test is the server. */
class Device {
  readonly alone = new Alone('ue', '[5555::a]', {
    identity: 'sip:user1_public1@home1.net',
    leg: radioLeg(1357, {}),
    route: [nameAddr('sip:pcscf1.home1.net:7531;lr')],
    contact: nameAddr('sip:[5555::a]:1357'),
    accessNetwork: headerValue('pAccessNetworkInfo', '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11')!,
    privacy: ['none'],
    security: [],
    callIds: [],
    tags: [],
    firstSequence: 1,
    // 1 March 2016, 08:00:00 UTC
    roles: { xcapClient: { root, userAgent: 'IMS subscriber', epoch: 1_456_819_200_000_000 } },
  })

  /** Gives a command; the request that it leads to. */
  ask(what: string, command: Readonly<Record<string, unknown>> = {}): HttpRequest {
    return only(this.alone.command({ do: `xcap-${what}`, document: lists, ...command }))
  }

  /** Answers a request; what the client asks then. */
  answer(request: HttpRequest, status: number, headers: Fields = {}, body = ''): HttpRequest[] {
    const { exchange } = request
    const reason = httpReason(status)
    const response: HttpResponse = { protocol: 'http', kind: 'response', status, reason, headers, body, exchange }
    return asked(this.alone.receive(response, server))
  }

  get client(): XcapClient {
    const { roles } = this.alone.state<{ roles: { xcapClient: XcapClient } }>()
    return roles.xcapClient
  }
  get known() {
    return Object.fromEntries(this.client.known)
  }
  get outcomes() {
    return Object.fromEntries(this.client.outcomes)
  }
  decided(title: string): string[] {
    return this.alone.decisions.filter(({ rule }) => rule.title.includes(title)).map(({ outcome }) => outcome)
  }
}

const asked = (sent: readonly Sent[]): HttpRequest[] =>
  sent.flatMap(({ message }) => (message.protocol === 'http' && message.kind === 'request' ? [message] : []))

function only(sent: readonly Sent[]): HttpRequest {
  const [request, ...others] = asked(sent)
  if (request === undefined || others.length > 0) throw new Error(`${sent.length} messages, not one request`)
  return request
}

const list = (...members: string[]): string =>
  `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="friends">${members.join('')}</list></resource-lists>`
const entry = (name: string): string => `<entry uri="sip:${name}@home1.net"/>`

describe('RFC 4825 §7: what an XCAP client asks', () => {
  const friends = 'resource-lists/list[@name="friends"]'
  it.each([
    ['get', {}, `GET ${lists}`, undefined],
    ['delete', {}, `DELETE ${lists}`, undefined],
    ['put', { body: list() }, `PUT ${lists}`, 'application/resource-lists+xml'],
    [
      'put',
      { document: 'pidf-manipulation/users/u/index', body: '<presence/>' },
      'PUT pidf-manipulation/users/u/index',
      'application/pidf+xml',
    ],
    [
      'put',
      { document: 'pres-rules/users/u/index', body: '<ruleset/>' },
      'PUT pres-rules/users/u/index',
      'application/auth-policy+xml',
    ],
    [
      'put',
      { document: 'org.openmobilealliance.pres-content/users/u/oma_status-icon/a.png', body: 'x', type: 'image/png' },
      'PUT org.openmobilealliance.pres-content/users/u/oma_status-icon/a.png',
      'image/png',
    ],
    [
      'put',
      { document: 'org.openmobilealliance.pres-content/users/u/oma_status-icon/a', body: 'x' },
      'PUT org.openmobilealliance.pres-content/users/u/oma_status-icon/a',
      'application/octet-stream',
    ],
    [
      'put',
      { select: `${friends}/entry[2]`, body: entry('a') },
      `PUT ${lists}/~~/resource-lists/list%5B@name=%22friends%22%5D/entry%5B2%5D`,
      'application/xcap-el+xml',
    ],
    [
      'put',
      { select: `${friends}/@name`, body: 'enemies' },
      `PUT ${lists}/~~/resource-lists/list%5B@name=%22friends%22%5D/@name`,
      'application/xcap-att+xml',
    ],
    [
      'get',
      { select: 'rl:resource-lists/rl:list', prefixes: { rl: 'urn:ietf:params:xml:ns:resource-lists' } },
      `GET ${lists}/~~/rl:resource-lists/rl:list?xmlns(rl=urn:ietf:params:xml:ns:resource-lists)`,
      undefined,
    ],
    [
      'get',
      { select: 'a:b[.="50% §"]', prefixes: { a: 'urn:a b' } },
      `GET ${lists}/~~/a:b%5B.=%2250%25%20%C2%A7%22%5D?xmlns(a=urn:a%20b)`,
      undefined,
    ],
  ])('%s %j', (what, command, line, type) => {
    const device = new Device()
    const request = device.ask(what, command)
    const [method, path] = line.split(' ') as [string, string]
    expect([request.method, request.target]).toEqual([method, `${root}/${path}`])
    expect(request.headers['content-type']).toBe(type)
    expect(request.headers['user-agent']).toBe('IMS subscriber')
    expect(request.headers.date).toBe('Tue, 01 Mar 2016 08:00:00 GMT')
    expect(request.headers.host).toBeUndefined()
  })

  it('a document of a usage that it knows nothing more of', () => {
    const document = 'org.openmobilealliance.group-usage-list/users/x/index'
    const request = new Device().ask('put', { document, body: '<a/>' })
    expect(request).toMatchObject({ method: 'PUT', target: `${root}/${document}`, body: '<a/>' })
    expect(request.headers['content-type']).toBe('application/vnd.oma.group-usage-list+xml')
  })

  it('RFC 9110 §10.1.5, RFC 9110 §6.6.1: it says what it is, and when it asks, by the wall clock', () => {
    const device = new Device()
    device.alone.pass(90)
    const { headers } = device.ask('get')
    expect([headers['user-agent'], headers.date]).toEqual(['IMS subscriber', 'Tue, 01 Mar 2016 08:01:30 GMT'])
  })
})

describe('RFC 4825 §7.11: conditions', () => {
  /** A device that has read the list as version v1. */
  function informed(): Device {
    const device = new Device()
    device.answer(device.ask('get'), 200, { etag: '"v1"', 'content-type': 'application/resource-lists+xml' }, list())
    return device
  }
  const conditions = ({ headers }: HttpRequest) => [headers['if-match'], headers['if-none-match']]

  it.each([
    ['put', { body: list(), only: 'match' }, ['"v1"', undefined]],
    ['put', { body: entry('a'), select: 'resource-lists/list/entry', only: 'match' }, ['"v1"', undefined]],
    ['delete', { only: 'match' }, ['"v1"', undefined]],
    ['get', { only: 'match' }, [undefined, '"v1"']],
    ['get', { only: 'match', select: 'resource-lists/list' }, [undefined, undefined]],
    ['put', { body: list() }, [undefined, undefined]],
    ['get', {}, [undefined, undefined]],
    ['put', { body: list(), only: 'new' }, [undefined, '*']],
  ])('of a document that is known: %s %j', (what, command, expected) => {
    expect(conditions(informed().ask(what, command))).toEqual(expected)
  })
  it.each(['get', 'put', 'delete'])('there is none on a document that is not known: %s', (what) => {
    expect(conditions(new Device().ask(what, { only: 'match' }))).toEqual([undefined, undefined])
  })
})

describe('what an XCAP client knows', () => {
  it('of a document that it has read: entity-tag, type and text', () => {
    const device = new Device()
    device.answer(device.ask('get'), 200, { etag: '"v1"', 'content-type': 'application/resource-lists+xml' }, list())
    expect(device.known).toEqual({
      [lists]: { etag: 'v1', contentType: 'application/resource-lists+xml', body: list() },
    })
  })
  it('of a document that it has written: what it has written', () => {
    const device = new Device()
    device.answer(device.ask('put', { body: list(entry('a')) }), 201, { etag: '"v1"' })
    expect(device.known[lists]).toMatchObject({ etag: 'v1', body: list(entry('a')) })
  })
  it('of a document in which it has changed an element: the entity-tag alone', () => {
    const device = new Device()
    device.answer(device.ask('put', { body: list() }), 201, { etag: '"v1"' })
    device.answer(device.ask('put', { select: 'a/b', body: '<b/>' }), 200, { etag: '"v2"' })
    expect(device.known).toEqual({ [lists]: { etag: 'v2' } })
  })
  it.each([
    ['that it has deleted', 'delete', 200],
    ['that is not there any more', 'get', 404],
  ])('nothing of a document %s', (_case, what, status) => {
    const device = new Device()
    device.answer(device.ask('put', { body: list() }), 201, { etag: '"v1"' })
    device.answer(device.ask(what), status)
    expect(device.known).toEqual({})
  })
  it('an element that is not there says nothing of the document', () => {
    const device = new Device()
    device.answer(device.ask('put', { body: list() }), 201, { etag: '"v1"' })
    device.answer(device.ask('get', { select: 'a/b' }), 404)
    expect(device.known[lists]).toMatchObject({ etag: 'v1' })
  })
  it('a 304 changes nothing, and an answer without an entity-tag neither', () => {
    const device = new Device()
    device.answer(device.ask('get'), 200, { etag: '"v1"' }, list())
    device.answer(device.ask('get', { only: 'match' }), 304, { etag: '"v1"' })
    device.answer(device.ask('put', { body: list(entry('a')) }), 200)
    expect(device.known[lists]).toMatchObject({ etag: 'v1', body: list() })
  })
  it('what became of its requests, by resource', () => {
    const device = new Device()
    device.answer(device.ask('get'), 404)
    device.answer(device.ask('put', { select: 'a/b', body: '<b/>' }), 409)
    expect(device.outcomes).toEqual({ [lists]: '404 Not Found', [`${lists}/~~/a/b`]: '409 Conflict' })
  })
})

describe('RFC 4825 §7.11: after 412', () => {
  /** A device that has read the list with one entry and wants another display name; the server has gone on. */
  function late(): { device: Device; read: HttpRequest } {
    const device = new Device()
    device.answer(device.ask('get'), 200, { etag: '"v1"' }, list(entry('a')))
    const body = list('<display-name>Mine</display-name>', entry('a'))
    const [read] = device.answer(device.ask('put', { only: 'match', body }), 412)
    return { device, read: read! }
  }

  it('the document is read again, without a condition', () => {
    const { read } = late()
    expect([read.method, read.target, read.headers['if-none-match']]).toEqual(['GET', `${root}/${lists}`, undefined])
  })
  it('the change is made to what others have made of it', () => {
    const { device, read } = late()
    const [put] = device.answer(read, 200, { etag: '"v2"' }, list(entry('a'), entry('b')))
    expect(put).toMatchObject({
      method: 'PUT',
      body: list('<display-name>Mine</display-name>', entry('a'), entry('b')),
      headers: { 'if-match': '"v2"', 'content-type': 'application/resource-lists+xml' },
    })
    device.answer(put!, 200, { etag: '"v3"' })
    expect(device.known[lists]).toMatchObject({ etag: 'v3', body: put!.body })
  })
  it('an element is put as it was', () => {
    const device = new Device()
    device.answer(device.ask('get'), 200, { etag: '"v1"' }, list(entry('a')))
    const command = { only: 'match', select: 'resource-lists/list/entry[1]', body: entry('z') }
    const [read] = device.answer(device.ask('put', command), 412)
    const [put] = device.answer(read!, 200, { etag: '"v2"' }, list(entry('b')))
    expect(put).toMatchObject({ method: 'PUT', body: entry('z'), headers: { 'if-match': '"v2"' } })
    expect(put!.target).toContain('/~~/')
  })
  it('a deletion is asked for again', () => {
    const device = new Device()
    device.answer(device.ask('get'), 200, { etag: '"v1"' }, list(entry('a')))
    const [read] = device.answer(device.ask('delete', { only: 'match' }), 412)
    const [again] = device.answer(read!, 200, { etag: '"v2"' }, list())
    expect([again!.method, again!.headers['if-match']]).toEqual(['DELETE', '"v2"'])
  })
  it.each([
    ['what is to be changed is gone', 200, '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"/>'],
    ['the document is gone', 404, ''],
    ['what came is no document', 200, 'oops'],
  ])('it is given up if %s', (_case, status, body) => {
    const { device, read } = late()
    expect(device.answer(read, status, { etag: '"v2"' }, body)).toEqual([])
    expect(device.decided('is given up')).toEqual(['given up'])
  })
  it('it is given up after four times', () => {
    const { device, read } = late()
    let reading: HttpRequest | undefined = read
    let puts = 1
    while (reading !== undefined) {
      const [put]: HttpRequest[] = device.answer(reading, 200, { etag: `"v${puts}"` }, list(entry('a')))
      puts++
      reading = device.answer(put!, 412)[0]
    }
    expect(puts).toBe(4)
    expect(device.decided('is given up')).toEqual(['given up'])
  })
  it('a change that was to be made only where there is nothing is not tried again', () => {
    const device = new Device()
    expect(device.answer(device.ask('put', { only: 'new', body: list() }), 412)).toEqual([])
    expect(device.outcomes[lists]).toBe('412 Precondition Failed')
  })
})

describe('RFC 9112 §9.5: an XCAP client that is not answered', () => {
  it('gives up after half a minute', () => {
    const device = new Device()
    device.ask('get')
    device.alone.pass(29)
    expect(device.outcomes).toEqual({})
    device.alone.pass(1)
    expect(device.outcomes).toEqual({ [lists]: 'no answer' })
    expect(device.decided('a request without an answer')).toEqual(['failed'])
    expect(device.client.waiting.size).toBe(0)
  })
  it('takes no notice of an answer that comes later, and of one that comes twice', () => {
    const device = new Device()
    const first = device.ask('get')
    device.alone.pass(31)
    device.answer(first, 200, { etag: '"late"' }, list())
    expect(device.known).toEqual({})
    const second = device.ask('get')
    device.answer(second, 200, { etag: '"v1"' }, list())
    device.answer(second, 200, { etag: '"twice"' }, list())
    expect(device.known[lists]?.etag).toBe('v1')
    device.alone.pass(40)
    expect(device.outcomes[lists]).toBe('200 OK')
  })
})

describe('RFC 4825 §12: an XCAP client that begins', () => {
  const directory = 'org.openmobilealliance.xcap-directory'
  const user = 'sip:user1_public1@home1.net'
  const capabilities = (...auids: string[]): string =>
    `<xcap-caps xmlns="urn:ietf:params:xml:ns:xcap-caps"><auids>${auids
      .map((auid) => `<auid>${auid}</auid>`)
      .join('')}</auids><namespaces><namespace>urn:a</namespace></namespaces></xcap-caps>`
  const paths = (requests: readonly HttpRequest[]): string[] =>
    requests.map(({ method, target }) => `${method} ${target.slice(root.length + 1)}`)

  it('asks what the server can do, and remembers it', () => {
    const device = new Device()
    const first = device.ask('begin')
    expect(paths([first])).toEqual(['GET xcap-caps/global/index'])
    device.answer(first, 200, {}, capabilities('xcap-caps', 'resource-lists'))
    expect(device.client.usages).toEqual(['xcap-caps', 'resource-lists'])
  })
  it('asks a server that has no directory for the documents that users have in its usages', () => {
    const device = new Device()
    const next = device.answer(device.ask('begin'), 200, {}, capabilities('pres-rules', 'resource-lists', 'other'))
    expect(paths(next)).toEqual([`GET ${lists}`, `GET pres-rules/users/${user}/index`])
  })
  it('asks a server that does not say what it can do for all that users have', () => {
    const device = new Device()
    const next = device.answer(device.ask('begin'), 404)
    expect(paths(next)).toEqual(
      ['resource-lists', 'rls-services', 'pres-rules', 'pidf-manipulation'].map(
        (auid) => `GET ${auid}/users/${user}/index`,
      ),
    )
    expect(device.client.usages).toBeUndefined()
  })
  it.each([401, 403, 500, 503])('asks nothing more of a server that answers %i', (status) => {
    const device = new Device()
    expect(device.answer(device.ask('begin'), status)).toEqual([])
  })
  it('reads what the directory lists: documents, but neither objects nor what is elsewhere', () => {
    const device = new Device()
    const [look] = device.answer(device.ask('begin'), 200, {}, capabilities(directory, 'resource-lists'))
    expect(paths([look!])).toEqual([`GET ${directory}/users/${user}/directory.xml`])
    const listed = (...uris: string[]) => uris.map((uri) => `<entry uri="${uri}" etag="&quot;1&quot;"/>`).join('')
    const next = device.answer(
      look!,
      200,
      {},
      `<xcap-directory xmlns="urn:oma:xml:xdm:xcap-directory"><folder auid="resource-lists">${listed(
        `${root}/${lists}`,
        `${root}/resource-lists/users/${user}/my%20friends`,
        'http://elsewhere.net/services/resource-lists/users/x/index',
        'no uri',
      )}<error-code>1</error-code></folder><folder auid="org.openmobilealliance.pres-content">${listed(
        `${root}/org.openmobilealliance.pres-content/users/${user}/a.png`,
      )}</folder></xcap-directory>`,
    )
    expect(paths(next)).toEqual([`GET ${lists}`, `GET resource-lists/users/${user}/my%20friends`])
  })
  it.each([
    ['is not there', 404, ''],
    ['is no document', 200, 'oops'],
  ])('reads the usual documents if the directory %s', (_case, status, body) => {
    const device = new Device()
    const [look] = device.answer(device.ask('begin'), 200, {}, capabilities(directory, 'pidf-manipulation'))
    expect(paths(device.answer(look!, status, {}, body))).toEqual([`GET pidf-manipulation/users/${user}/index`])
  })
})
