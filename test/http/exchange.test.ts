import { describe, expect, it } from 'vitest'
import {
  answeredHttp,
  askHttp,
  byteLength,
  type HttpClient,
  type HttpTurn,
  hostOfRequest,
  httpAmended,
  httpRequest,
  httpResponse,
  isXcapTarget,
} from '../../src/http/exchange.ts'
import type { HttpMessage } from '../../src/http/message.ts'
import { overTheWire, printMessage } from '../../src/message.ts'
import { rule } from '../../src/sim/rule.ts'

const why = rule('RFC 4825 §7', 'a rule of the test')
const target = 'http://xcap.home1.net/services/resource-lists/users/user1/pf.xml'

/** A turn that keeps what it is told. */
class Told {
  readonly told: unknown[][] = []
  readonly sent: unknown[][] = []
  readonly started: unknown[] = []
  readonly left = new Set<string>()
  readonly listening = true
  identifier = (): string => `id-${this.told.length}`
  amended = (...all: unknown[]): void => void this.told.push(all)
  send = (...all: unknown[]): void => void this.sent.push(all)
  start = (...all: unknown[]): void => void this.started.push(all)
  without = ({ id }: { id: string }): boolean => this.left.has(id)
  get turn(): HttpTurn {
    return this as unknown as HttpTurn
  }
}

const put = (turn: HttpTurn) =>
  httpRequest(turn, why, 'PUT', target, { headers: { 'content-type': 'application/resource-lists+xml' }, body: '<ä/>' })

describe('a message over HTTP', () => {
  it('tells how long its body is in bytes, and by which rule each field came', () => {
    const told = new Told()
    const request = put(told.turn)
    expect(request).toMatchObject({ method: 'PUT', target, exchange: 'id-0', headers: { 'content-length': '5' } })
    expect(told.told).toEqual([
      [why, undefined, request, ['method', 'target', 'content-type', 'content-length', 'body'], undefined],
    ])
  })
  it('is answered in the same exchange, with the reason of the status', () => {
    const { turn } = new Told()
    const request = put(turn)
    expect(httpResponse(turn, request, 201, why, { headers: { etag: '"1"' } })).toMatchObject({
      status: 201,
      reason: 'Created',
      exchange: request.exchange,
      headers: { etag: '"1"', 'content-length': '0' },
    })
    expect(httpResponse(turn, request, 304, why).headers).toEqual({})
  })
  it('is changed by a rule, unless the run leaves the rule out', () => {
    const told = new Told()
    const request = put(told.turn)
    const after = httpAmended(told.turn, request, why, { headers: { 'content-type': undefined, host: 'a' } })
    expect(after.headers).toEqual({ 'content-length': '5', host: 'a' })
    expect(told.told.at(-1)).toEqual([why, request, after, ['content-type', 'host'], undefined])
    told.left.add(why.id)
    expect(httpAmended(told.turn, request, why, { body: '' })).toBe(request)
  })
  it('is awaited by its exchange, no longer than the patience lasts', () => {
    const told = new Told()
    const client: HttpClient<string> = { waiting: new Map() }
    const request = put(told.turn)
    askHttp(client, 'lists', 'xcap.home1.net', request, told.turn)
    expect(told.sent).toEqual([['xcap.home1.net', request, 'stream']])
    expect(told.started).toEqual([[{ name: 'HTTP answer', of: 'id-0' }, 30_000_000]])
    expect(answeredHttp(client, 'id-0')).toBe('lists')
    expect(answeredHttp(client, 'id-0')).toBeUndefined()
  })
  it('prints its fields in the order of the wire, under their usual names', () => {
    const { turn } = new Told()
    const headers = { 'x-3gpp-intended-identity': '"sip:a@b"', 'x-other': '1', etag: '"2"', host: 'xcap.home1.net' }
    const request = httpRequest(turn, why, 'GET', '/a', { headers })
    expect(printMessage(request)).toBe(
      'GET /a HTTP/1.1\r\nHost: xcap.home1.net\r\nX-3GPP-Intended-Identity: "sip:a@b"\r\nETag: "2"\r\nX-Other: 1\r\n\r\n',
    )
  })
  it.each<[string, Partial<HttpMessage>]>([
    ['text', { body: '<ä/>' }],
    ['bytes', { body: Uint8Array.of(0, 255, 13, 10) }],
    ['nothing', { body: '' }],
  ])('survives the wire with a body of %s', (_name, change) => {
    const { turn } = new Told()
    const request = { ...put(turn), ...change } as HttpMessage
    const response = { ...httpResponse(turn, put(turn), 201, why), ...change } as HttpMessage
    expect(overTheWire(request)).toEqual(request)
    expect(overTheWire(response)).toEqual(response)
  })
})

describe('a target', () => {
  it.each([
    [target, true],
    ['/services/pres-rules/users/sip:a@b/index/~~/ruleset', true],
    ['/xcap-caps/global/index', true],
    ['/org.openmobilealliance.pres-content/users/user1/icon.png', false],
    ['/', false],
    ['http://ps.home1.net/content/photo.jpg', false],
  ])('%s is that of a document: %s', (text, expected) => expect(isXcapTarget(text)).toBe(expected))
  it.each([
    ['http://XCAP.home1.net:80/a', '', 'xcap.home1.net'],
    ['/a', 'ps.home1.net:8080', 'ps.home1.net'],
    ['/a', '', ''],
  ])('%s with Host %j is for %j', (text, host, expected) => {
    const headers = host === '' ? {} : { host }
    expect(hostOfRequest(httpRequest(new Told().turn, why, 'GET', text, { headers }))).toBe(expected)
  })
  it.each([
    ['', 0],
    ['a', 1],
    ['é', 2],
    ['€', 3],
    ['😀', 4],
  ])('the body %j has %i bytes', (text, bytes) => expect(byteLength(text)).toBe(bytes))
})
