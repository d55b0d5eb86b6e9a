import { describe, expect, it } from 'vitest'
import { parseResourceLists } from '../../src/documents/index.ts'
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts'
import { httpReason } from '../../src/http/status.ts'
import type { XcapClient } from '../../src/presence/ut/xcap-client.ts'
import { field, type Sent, theRequest } from '../ims/alone.ts'
import { address, device, granted, notify, proxy, user, watchingOf } from './device.ts'

const root = 'http://xcap.home1.net/services'
const server = 'xcap.home1.net'
const path = `resource-lists/users/${user}/index`
const list = (...names: string[]): string =>
  `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="a">${names
    .map((name) => `<entry uri="sip:${name}@home1.net"/>`)
    .join('')}</list></resource-lists>`
/** RFC 5261 §4.3: an entry more. */
const adding = (name: string): string =>
  `<add xmlns:l="urn:ietf:params:xml:ns:resource-lists" sel="*/l:list"><l:entry uri="sip:${name}@home1.net"/></add>`

/** A UE that watches a document, with an XCAP client. The test is the server. */
class Device {
  readonly alone = device({ xcapClient: { root, userAgent: 'x', epoch: 0 } })
  private readonly subscribe = theRequest(
    this.alone.command({ do: 'subscribe', to: user, event: 'xcap-diff', documents: [path], expires: 3600 }),
  )
  private sequence = 0

  constructor() {
    this.alone.receive(granted(this.subscribe), proxy)
    this.told('', 'e1')
  }

  /** Has the UE be told of a change of the document; what the client asks then. */
  told(previous: string, next: string, operations = '', by = root): HttpRequest[] {
    const etags = [next && `new-etag="${next}"`, previous && `previous-etag="${previous}"`].join(' ')
    const body = `<xcap-diff xmlns="urn:ietf:params:xml:ns:xcap-diff" xcap-root="${by}"><document sel="${path}" ${etags}>${operations}</document></xcap-diff>`
    const type = { Event: 'xcap-diff', 'Content-Type': 'application/xcap-diff+xml' }
    return asked(this.alone.receive(notify(this.subscribe, ++this.sequence, body, type), proxy))
  }
  ask(what: string, command: Readonly<Record<string, unknown>> = {}): HttpRequest {
    return asked(this.alone.command({ do: `xcap-${what}`, document: path, ...command }))[0]!
  }
  /** Answers a request; what the client asks then. */
  answer({ exchange }: HttpRequest, status: number, etag?: string, body = ''): HttpRequest[] {
    const headers = { ...(etag !== undefined && { etag: `"${etag}"` }), 'content-type': 'application/x' }
    const reason = httpReason(status)
    const response: HttpResponse = { protocol: 'http', kind: 'response', status, reason, headers, body, exchange }
    return asked(this.alone.receive(response, server))
  }
  /** Has the document been read as it is at first. */
  read(...names: string[]): this {
    this.answer(this.ask('get'), 200, 'e1', list(...names))
    return this
  }
  get known() {
    const { roles } = this.alone.state<{ roles: { xcapClient: XcapClient } }>()
    return roles.xcapClient.known.get(path)
  }
  get view() {
    const { known } = watchingOf(this.alone)
    return known?.kind === 'xcap-diff' ? known.documents[path] : undefined
  }
}

const asked = (sent: readonly Sent[]): HttpRequest[] =>
  sent.map(({ message }) => message).filter((one) => one.protocol === 'http' && one.kind === 'request')

describe('RFC 5875 §4.7: a client is told that a document that it knows has changed', () => {
  it('RFC 5875 §4.7: without a patch, it reads the document if it is another one', () => {
    const ue = new Device().read('a')
    const [get, ...more] = ue.told('e1', 'e2')
    expect(get).toMatchObject({ method: 'GET', target: `${root}/${path}`, headers: { 'if-none-match': '"e1"' } })
    expect(more).toEqual([])
    expect(ue.answer(get!, 200, 'e2', list('b'))).toEqual([])
    expect(ue.known).toMatchObject({ etag: 'e2', body: list('b') })
  })

  it('RFC 5874 §4: with a patch, it makes the change to what it knows, and asks nothing', () => {
    const ue = new Device().read('a')
    expect(ue.told('e1', 'e2', adding('b'))).toEqual([])
    expect(ue.known).toMatchObject({ etag: 'e2', contentType: 'application/x' })
    const after = parseResourceLists(ue.known!.body!)
    expect(after).toMatchObject({ lists: [{ members: [{ uri: 'sip:a@home1.net' }, { uri: 'sip:b@home1.net' }] }] })
    expect(ue.ask('put', { body: list(), only: 'match' }).headers['if-match']).toBe('"e2"')
  })

  it('RFC 5874 §4: that nothing but the entity-tag has changed', () => {
    const ue = new Device().read('a')
    expect(ue.told('e1', 'e2', '<body-not-changed/>')).toEqual([])
    expect(ue.known).toMatchObject({ etag: 'e2', body: list('a') })
  })

  it.each([
    ['can not be applied', 'e1', '<remove sel="*/none"/>'],
    ['is for another version', 'e0', adding('b')],
  ])('RFC 5875 §4.7: a patch that %s: it reads the document', (_, previous, operations) => {
    const ue = new Device().read('a')
    expect(ue.told(previous, 'e2', operations)).toHaveLength(1)
    expect(ue.known).toMatchObject({ etag: 'e1', body: list('a') })
  })

  it('its own change, which it knows already', () => {
    const ue = new Device().read('a')
    ue.answer(ue.ask('put', { body: list('b') }), 200, 'e2')
    expect(ue.told('e1', 'e2')).toEqual([])
  })

  it('that the document is gone', () => {
    const ue = new Device().read('a')
    expect(ue.told('e1', '')).toEqual([])
    expect([ue.known, ue.view]).toEqual([undefined, undefined])
  })

  it('at another server, or without a client: nothing is asked', () => {
    expect(new Device().read('a').told('e1', 'e2', '', 'http://xcap.home2.net/services')).toEqual([])
    expect(new Device().read('a').told('e1', 'e2', '', 'urn:none')).toEqual([])
    const plain = device()
    const subscribe = theRequest(plain.command({ do: 'subscribe', to: user, event: 'xcap-diff', documents: [path] }))
    plain.receive(granted(subscribe), proxy)
    for (const [sequence, etags] of ['new-etag="e1"', 'new-etag="e3" previous-etag="e2"'].entries()) {
      const body = `<xcap-diff xmlns="urn:ietf:params:xml:ns:xcap-diff" xcap-root="${root}"><document sel="${path}" ${etags}/></xcap-diff>`
      const type = { Event: 'xcap-diff', 'Content-Type': 'application/xcap-diff+xml' }
      expect(asked(plain.receive(notify(subscribe, sequence + 1, body, type), proxy))).toEqual([])
    }
    expect(field(subscribe, 'Contact')).toContain(address)
  })
})

describe('RFC 5875 §4.7: a client is told of a document that it has not read', () => {
  it('a change that follows from the last: nobody wants it', () => {
    expect(new Device().told('e1', 'e2')).toEqual([])
  })

  it.each([
    [200, false],
    [404, true],
    [500, true],
  ])('RFC 5875 §4.7: a change that does not: it is read, and then not out of date any more: %i', (status, isStale) => {
    const ue = new Device()
    const [get, ...more] = ue.told('e7', 'e8')
    expect(get!.headers).not.toHaveProperty('if-none-match')
    expect(more).toEqual([])
    expect(ue.view).toEqual({ etag: 'e8', isStale: true })
    expect(ue.answer(get!, status, 'e8', list())).toEqual([])
    expect(ue.view).toEqual({ etag: 'e8', isStale })
  })

  it('RFC 5875 §4.7: what has not changed after all is known to be so by 304', () => {
    const ue = new Device().read('a')
    const [get] = ue.told('e7', 'e8')
    expect(ue.view!.isStale).toBe(true)
    ue.answer(get!, 304)
    expect([ue.view!.isStale, ue.known!.body]).toEqual([false, list('a')])
  })

  it('RFC 5875 §4.7: while nobody answers it asks no more, until it is told again', () => {
    const ue = new Device()
    expect(ue.told('e7', 'e8')).toHaveLength(1)
    expect(asked(ue.alone.pass(40))).toEqual([])
    expect(ue.view!.isStale).toBe(true)
    expect(ue.told('e9', 'e10')).toHaveLength(1)
  })
})

describe('RFC 5875 §4.7: one request for a document at a time', () => {
  it('RFC 5875 §4.7: what is told while it is read is read once more, if the answer is older', () => {
    const ue = new Device().read('a')
    const [first] = ue.told('e1', 'e2')
    expect([...ue.told('e2', 'e3'), ...ue.told('e3', 'e4')]).toEqual([])
    const [second, ...more] = ue.answer(first!, 200, 'e2', list('b'))
    expect([second!.headers['if-none-match'], more]).toEqual(['"e2"', []])
    expect(ue.answer(second!, 200, 'e5', list('c'))).toEqual([])
  })

  it('RFC 5875 §4.7: and not, if the answer is what was told', () => {
    const ue = new Device().read('a')
    const [first] = ue.told('e1', 'e2')
    ue.told('e2', 'e3')
    expect(ue.answer(first!, 200, 'e3', list('c'))).toEqual([])
  })

  it.each([
    ['e2', 0],
    ['e3', 1],
  ])('RFC 5875 §4.7: what is told while it is changed here may be that change: %s', (etag, asks) => {
    const ue = new Device().read('a')
    const put = ue.ask('put', { body: list('b'), only: 'match' })
    expect(ue.told('e1', 'e2')).toEqual([])
    expect(ue.answer(put, 200, etag)).toHaveLength(asks)
  })
})

describe('RFC 5875 §4.3: how changes are to be told', () => {
  it.each(['no-patching', 'xcap-patching', 'aggregate'])('RFC 5875 §4.3: the subscriber says so: %s', (diffs) => {
    const command = { do: 'subscribe', to: user, event: 'xcap-diff', documents: [path], diffs }
    expect(field(theRequest(device().command(command)), 'Event')).toBe(`xcap-diff;diff-processing=${diffs}`)
  })
})
