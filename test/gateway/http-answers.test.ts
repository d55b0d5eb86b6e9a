import { afterEach, describe, expect, it } from 'vitest'
import type { HttpAnswer } from '../../src/gateway/http-answer.ts'
import type { HttpHandler } from '../../src/gateway/http-server.ts'
import { closeAll, get, put, serving } from './echo-server.ts'
import { exchange, RawClient } from './raw-client.ts'

afterEach(closeAll)

/** The head of a response, line by line. */
const linesOf = (text: string): string[] => text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n')

describe('RFC 9110 §6.6.1: Date', () => {
  /** Answers by the status that the target says. */
  const byTarget: HttpHandler = ({ target }) => ({ status: Number(target.slice(1)), headers: {}, body: '' })
  const asked: [status: number, bytes: string][] = [
    ...[200, 201, 304, 401, 403, 404, 405, 409, 412, 500].map((status): [number, string] => [
      status,
      get(`/${status}`),
    ]),
    [400, 'nonsense\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\n\r\n'],
    [408, 'GET / HTTP/1.1\r\n'],
    [413, put('abc').replace('Length: 3', 'Length: 3000000')],
    [414, get(`/${'a'.repeat(20_000)}`)],
    [417, get('/', 'Expect: 200-ok\r\n')],
    [431, get('/', `X: ${'a'.repeat(20_000)}\r\n`)],
    [501, 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n'],
    [501, 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n'],
    [505, 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'],
  ]
  it.each(asked)('is in %d, once, and is the time: %j', async (status, bytes) => {
    const { port } = await serving({ headMillis: 200 }, byTarget)
    // The time of the server is given in whole seconds, rounded down.
    const before = Math.floor(Date.now() / 1000) * 1000
    const reply = await exchange(port, bytes)
    expect(reply.status).toBe(status)
    const dates = linesOf(reply.text).filter((line) => line.startsWith('Date: '))
    expect(dates.length).toBe(1)
    expect(dates[0]).toMatch(/^Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/)
    const time = Date.parse(dates[0]!.slice(6))
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(Date.now())
  })
})

describe('the header fields of an answer', () => {
  const answering = (answer: Partial<HttpAnswer>) =>
    serving({}, () => ({ status: 200, headers: {}, body: 'abc', ...answer }))

  it('are UTF-8 where they are not ASCII, and so is the text behind them', async () => {
    const { port } = await answering({ headers: { 'x-realm': 'zoë 一' }, body: 'ë\n' })
    const { text } = await exchange(port, get('/'))
    const read = Buffer.from(text, 'latin1').toString('utf8')
    expect(linesOf(read)).toContain('X-Realm: zoë 一')
    expect(linesOf(read)).toContain('Content-Length: 3')
    expect(read.endsWith('\r\n\r\në\n')).toBe(true)
  })

  it('are UTF-8 in challenges too', async () => {
    const { port } = await answering({ status: 401, challenges: ['Digest realm="一"'] })
    const read = Buffer.from((await exchange(port, get('/'))).text, 'latin1').toString('utf8')
    expect(linesOf(read)).toContain('WWW-Authenticate: Digest realm="一"')
  })

  it('count the bytes of a text, not its characters (RFC 9110 §8.6)', async () => {
    const { port } = await answering({ body: '一\u{1f600}' })
    const client = new RawClient(port).send(get('/') + get('/'))
    expect(await client.statusesWhen(2)).toEqual([200, 200])
    expect(client.received.match(/Content-Length: 7\r\n/g)?.length).toBe(2)
    await client.close()
  })

  it('of 304 say no length, and the next answer begins right behind them (RFC 9112 §6.3)', async () => {
    const { port } = await answering({ status: 304, headers: { etag: '"1"' }, body: '' })
    const client = new RawClient(port).send(get('/') + get('/'))
    await client.statusesWhen(2)
    const [first = '', second = ''] = client.received.split('\r\n\r\n')
    expect(linesOf(`${first}\r\n\r\n`)).toContain('ETag: "1"')
    expect(first).not.toMatch(/Content-Length|Transfer-Encoding/)
    expect(second).toMatch(/^HTTP\/1\.1 304 Not Modified\r\n/)
    await client.close()
  })
})

describe('clients of HTTP/1.0 (RFC 9112 §2.3, §9.3)', () => {
  it('need no Host, and are answered until the connection ends', async () => {
    const { port, got } = await serving()
    const client = new RawClient(port).send('GET /a HTTP/1.0\r\n\r\n')
    await client.ended()
    expect(client.statuses).toEqual([200])
    expect(linesOf(client.received)).toContain('Content-Length: 2')
    expect(linesOf(client.received)).toContain('Connection: close')
    expect(got[0]?.head.headers).toEqual({})
  })

  it('keep the connection if they ask for that', async () => {
    const { port } = await serving()
    const keep = 'GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'
    const client = new RawClient(port).send(keep)
    await client.statusesWhen(1)
    expect(await client.send(keep).statusesWhen(2)).toEqual([200, 200])
    expect(linesOf(client.received)).toContain('Connection: keep-alive')
    await client.close()
  })

  it('put what has a length, and are never told to go on (RFC 9110 §10.1.1)', async () => {
    const { port, got } = await serving()
    const client = new RawClient(port).send('PUT /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc')
    await client.ended()
    expect(client.statuses).toEqual([200])
    expect(got.map(({ body }) => body)).toEqual(['abc'])
  })
})

describe('a request that would change the protocol (RFC 9110 §7.8)', () => {
  const upgrade = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n'
  it.each([
    ['GET', get('/a', upgrade), ''],
    ['PUT', put('abc', upgrade), 'abc'],
  ])('is answered as any other %s, and is the last one of its connection', async (_method, bytes, body) => {
    const { port, got } = await serving()
    const client = new RawClient(port).send(bytes + get('/behind'))
    await client.ended()
    expect(client.statuses).toEqual([200])
    expect(linesOf(client.received)).toContain('Connection: close')
    expect(got.map(({ head, body: given }) => [head.target, given])).toEqual([['/a', body]])
  })
})

describe('a request without a body', () => {
  it('that waits to be told to go on is answered, and the connection stays', async () => {
    const { port } = await serving()
    const client = new RawClient(port).send(get('/a', 'Expect: 100-continue\r\n') + get('/b'))
    await client.until('answered', () => client.received.includes('\r\n\r\n/b'))
    expect(client.statuses.filter((status) => status !== 100)).toEqual([200, 200])
    await client.close()
  })

  it('is served behind the one before it, whose body has come with it (RFC 9112 §9.3.2)', async () => {
    const { port, got } = await serving()
    const all = put('1').replace('/a', '/1') + get('/2') + put('3').replace('/a', '/3') + get('/4') + get('/5')
    const client = new RawClient(port).send(all)
    expect(await client.statusesWhen(5)).toEqual([200, 200, 200, 200, 200])
    expect(got.map(({ head }) => head.target).join('')).toBe('/1/2/3/4/5')
    expect(client.received.match(/(?<=\r\n\r\n)\/\d/g)?.join('')).toBe('/1/2/3/4/5')
    await client.close()
  })
})
