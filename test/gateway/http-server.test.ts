import { afterEach, describe, expect, it } from 'vitest'
import type { HttpAnswer } from '../../src/gateway/http-answer.ts'
import type { HttpHandler } from '../../src/gateway/http-server.ts'
import { closeAll, get, put, serving } from './echo-server.ts'
import { exchange, RawClient } from './raw-client.ts'

afterEach(closeAll)

describe('a request', () => {
  it.each([
    '/a/../../etc/passwd',
    '/a/./b//c/',
    '/%2e%2e/%2F/%00/%zz',
    '/a/~~/b%5b@c=%22d%22%5d?xmlns(x=urn:y)',
    '/a/~~/b[@c="d"]',
    '/a\\b|c^d`e{f}',
    'http://xcap.home1.net:80/a/../b',
    '*',
  ])('has its target as it was sent: %s', async (target) => {
    const { port, got } = await serving()
    const { status, text } = await exchange(port, `OPTIONS ${target} HTTP/1.1\r\nHost: a\r\n\r\n`)
    expect([status, got[0]?.head.target]).toEqual([200, target])
    expect(text.endsWith(`\r\n\r\n${target}`)).toBe(true)
  })

  it('has names in lower case, values of UTF-8, and what stands twice joined', async () => {
    const { port, got } = await serving()
    const more = 'X-3GPP-Intended-Identity: "sip:zoë@home1.net"\r\nIF-MATCH: "1"\r\nif-match: "2"\r\n'
    await exchange(port, Buffer.from(get('/', `${more}Authorization: A\r\nAuthorization: B\r\nX-Odd: \r\n`)))
    expect(got[0]?.head.headers).toEqual({
      host: 'a',
      'x-3gpp-intended-identity': '"sip:zoë@home1.net"',
      'if-match': '"1", "2"',
      authorization: 'A, B',
      'x-odd': '',
    })
  })

  it('has its body as text where it is UTF-8, and as bytes where it is not', async () => {
    const { port, got } = await serving()
    await exchange(port, put('<a>\u4e00\r\n</a>'))
    const head = 'PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n'
    await exchange(port, Buffer.concat([Buffer.from(head), Uint8Array.of(0xff, 0, 0x80)]))
    expect(got.map(({ body }) => body)).toEqual(['<a>\u4e00\r\n</a>', Uint8Array.of(0xff, 0, 0x80)])
  })

  it('may come in chunks, byte by byte, and many at once; answers keep the order', async () => {
    const { port, got } = await serving()
    const chunked =
      'PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n'
    const client = new RawClient(port)
    for (const byte of chunked) client.send(byte)
    client.send([...'12345'].map((name) => get(`/${name}`)).join(''))
    expect(await client.statusesWhen(6)).toEqual([200, 200, 200, 200, 200, 200])
    expect(got.map(({ head, body }) => head.target + body)).toEqual(['/cabcde', '/1', '/2', '/3', '/4', '/5'])
    expect(client.received.match(/(?<=\r\n\r\n)\/\w/g)?.join('')).toBe('/c/1/2/3/4/5')
    await client.close()
  })

  it('with Expect is told to go on, or answered at once (RFC 9110 §10.1.1)', async () => {
    const { port, got } = await serving({ largestBody: 10 })
    const client = new RawClient(port)
    client.send('PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
    expect(await client.statusesWhen(1)).toEqual([100])
    client.send('abc')
    expect(await client.statusesWhen(2)).toEqual([100, 200])
    await client.close()
    const large = 'PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n'
    expect((await exchange(port, large)).status).toBe(413)
    expect((await exchange(port, get('/', 'Expect: 200-ok\r\n'))).status).toBe(417)
    expect(got.length).toBe(1)
  })

  it('by HEAD is told the length of what it is not sent', async () => {
    const { port } = await serving()
    const client = new RawClient(port).send(`HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n${get('/x')}`)
    await client.statusesWhen(2)
    const [head, body] = client.received.split('\r\n\r\n')
    expect(head).toMatch(/Content-Length: 4\r\n/)
    expect(head).toMatch(/ETag: "1"\r\n/)
    expect(body).toMatch(/^HTTP\/1\.1 200 OK/)
    await client.close()
  })

  it('that is refused by its head alone leaves the connection as it is', async () => {
    const handler: HttpHandler = ({ target }) => {
      const headers: HttpAnswer['headers'] = {}
      if (target === '/a')
        return { status: 401, headers, body: 'no', challenges: ['Digest realm="a, Digest b"', 'X y=1'] }
      return (body) => ({ status: 200, headers, body })
    }
    const { port } = await serving({}, handler)
    const client = new RawClient(port).send(put('abc') + get('/a') + put('<x/>').replace('/a', '/b'))
    expect(await client.statusesWhen(3)).toEqual([401, 401, 200])
    expect(client.received).toContain('WWW-Authenticate: Digest realm="a, Digest b"\r\nWWW-Authenticate: X y=1\r\n')
    await client.close()
  })

  it('on which the handler fails is answered 500, and the next one is served', async () => {
    const { port, failures } = await serving({}, ({ target }) => (body) => {
      if (target === '/a') throw new Error('the disk is full')
      return { status: 200, headers: {}, body }
    })
    const client = new RawClient(port).send(put('abc') + get('/b'))
    expect(await client.statusesWhen(2)).toEqual([500, 200])
    expect(failures.map(String)).toEqual(['Error: the disk is full'])
    expect(client.received).not.toContain('disk')
    await client.close()
  })
})

/** A request with three bytes in a chunk. */
const chunkedBy = (line: string, coding: string): string =>
  `${line}\r\nHost: a\r\nTransfer-Encoding: ${coding}\r\n\r\n3\r\nabc\r\n0\r\n\r\n`

describe('what is no request', () => {
  const rows: [what: string, bytes: string, status: number][] = [
    ['garbage', '\x16\x03\x01\x02\x00\x01\x00\x01', 400],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a target of other bytes than ASCII', 'GET /zo\xc3\xab HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['two lengths', 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
    ['a length that is none', 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n', 400],
    [
      'length and chunks',
      'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a chunk of no size', 'PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n', 400],
    ['a line break in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n', 400],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: a\r\n\r\n', 501],
    ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: a\r\n\r\n', 505],
    ['a version that is none', 'GET / HTTP/9.9\r\nHost: a\r\n\r\n', 505],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['the same Host twice', 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n', 400],
    ['a Host that is none', 'GET / HTTP/1.1\r\nHost: user@a/b\r\n\r\n', 400],
    ['two Hosts in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n', 400],
    ['a transfer coding besides chunks', chunkedBy('PUT / HTTP/1.1', 'gzip, chunked'), 501],
    ['chunks in HTTP/1.0', chunkedBy('PUT / HTTP/1.0', 'chunked'), 400],
    ['a body without its length in HTTP/1.0', 'PUT / HTTP/1.0\r\nHost: a\r\n\r\nabc', 411],
    ['a tunnel', 'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n', 501],
    ['too long a target', get(`/${'a'.repeat(20_000)}`), 414],
    ['too many header fields', get('/', `X: ${'a'.repeat(20_000)}\r\n`), 431],
  ]
  it.each(rows)('%s is refused, and nothing is served', async (_what, bytes, status) => {
    const { port, got } = await serving()
    expect((await exchange(port, Buffer.from(bytes, 'latin1'))).status).toBe(status)
    expect(got).toEqual([])
  })

  it('behind good requests is answered after them', async () => {
    const { port, got } = await serving()
    const client = new RawClient(port).send(`${put('abc')}${get('/b')}nonsense\r\n\r\n`)
    await client.ended()
    expect(client.statuses).toEqual([200, 200, 400])
    expect(got.length).toBe(2)
  })

  it('a body that is longer than it said is a next request, and none', async () => {
    const { port, got } = await serving()
    const client = new RawClient(port).send('PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabcd')
    await client.ended()
    expect(client.statuses).toEqual([200, 400])
    expect(got.map(({ body }) => body)).toEqual(['ab'])
  })

  it('a body that is cut off is not served', async () => {
    const { port, got, server } = await serving()
    const client = new RawClient(port).send('PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc')
    await client.until('connected', () => server.connections() === 1)
    client.socket.end()
    await client.ended()
    expect(got).toEqual([])
  })
})

describe('a body that is too long', () => {
  it.each([
    ['by its length', `Content-Length: ${10_000_000}\r\n\r\n`, (rest: Buffer) => rest],
    [
      'by its chunks',
      'Transfer-Encoding: chunked\r\n\r\n',
      (rest: Buffer) => Buffer.concat([Buffer.from('2710\r\n'), rest]),
    ],
  ])('is refused %s while it comes, and its sender reads why', async (_how, fields, wrap) => {
    const { port, got } = await serving({ largestBody: 100_000 })
    const client = new RawClient(port).send(`PUT /a HTTP/1.1\r\nHost: a\r\n${fields}`)
    const piece = wrap(
      Buffer.concat([Buffer.alloc(10_000, 'x'), Buffer.from('\r\n')]).subarray(0, fields[0] === 'T' ? 10_002 : 10_000),
    )
    let sent = 0
    for (; sent < 1000 && client.statuses.length === 0; sent++) {
      client.send(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.statusesWhen(1)).toEqual([413])
    expect(client.received).toContain('Connection: close')
    await client.ended()
    expect(got).toEqual([])
  })
})

describe('bodies for which there is no room', () => {
  const begin = (length: number): string => `PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`

  it('are answered 503, and the others come', async () => {
    const { port, got } = await serving({ mostBodyBytes: 2_000 })
    const first = new RawClient(port).send(begin(1_200) + 'x'.repeat(1_100))
    let second = await exchange(port, put('y'.repeat(1_000)))
    // The beginning of the first one may have been read a little later.
    for (let time = 0; time < 100 && second.status === 200; time++)
      second = await exchange(port, put('y'.repeat(1_000)))
    expect(second.status).toBe(503)
    expect(second.text).toContain('Connection: close\r\n')
    expect((await exchange(port, put('z'.repeat(100)))).status).toBe(200)
    expect(await first.send('x'.repeat(100)).statusesWhen(1)).toEqual([200])
    expect((await exchange(port, put('y'.repeat(1_000)))).status).toBe(200)
    expect(got.filter(({ body }) => body === 'x'.repeat(1_200)).length).toBe(1)
    await first.close()
  })

  it('leave theirs to others when their connection is lost', async () => {
    const { port, got } = await serving({ mostBodyBytes: 2_000 })
    for (let time = 0; time < 20; time++) {
      const client = new RawClient(port).send(begin(1_200) + 'x'.repeat(1_100))
      await new Promise((resolve) => setTimeout(resolve, 10))
      await client.close()
    }
    let status = 503
    for (let time = 0; time < 100 && status === 503; time++) ({ status } = await exchange(port, put('y'.repeat(1_500))))
    expect(status).toBe(200)
    expect(got.map(({ body }) => body.length)).toEqual([1_500])
  })

  it('may be of many small pieces, each of which takes more than its bytes', async () => {
    const { port, got } = await serving({ mostBodyBytes: 100_000 })
    const pieces = (count: number): string => `${'1\r\nx\r\n'.repeat(count)}0\r\n\r\n`
    const chunked = 'PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
    expect((await exchange(port, chunked + pieces(5_000))).status).toBe(503)
    expect((await exchange(port, chunked + pieces(500))).status).toBe(200)
    expect(got.map(({ body }) => body.length)).toEqual([500])
  })
})

describe('clients that take their time', () => {
  const limits = { headMillis: 300, requestMillis: 600, idleMillis: 200 }
  it.each([
    ['nothing at all', ''],
    ['half a head', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: '],
    ['a head without its body', 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nab'],
  ])('that send %s are answered 408', async (_what, bytes) => {
    const { port, got } = await serving(limits)
    const client = new RawClient(port)
    if (bytes !== '') client.send(bytes)
    await client.ended()
    expect(client.statuses).toEqual([408])
    expect(got).toEqual([])
  })

  it('that send a byte now and then are answered 408 all the same', async () => {
    const { port } = await serving(limits)
    const client = new RawClient(port).send('GET / HTTP/1.1\r\nX: ')
    const drip = setInterval(() => client.send('a'), 50)
    await client.ended()
    clearInterval(drip)
    expect(client.statuses).toEqual([408])
  })

  it('that are idle after an answer are let go', async () => {
    const { port } = await serving(limits)
    const client = new RawClient(port).send(get('/'))
    await client.ended()
    expect(client.statuses).toEqual([200])
  })
})

describe('a server that stops', () => {
  it('answers what is in flight, ends what is idle, and takes no more', async () => {
    const { port, server } = await serving({ graceMillis: 5000 })
    const idle = new RawClient(port).send(get('/'))
    await idle.statusesWhen(1)
    const half = 'PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n'
    const busy = new RawClient(port).send(half)
    await busy.statusesWhen(1)
    const closed = server.close()
    await idle.ended()
    const late = new RawClient(port).send(get('/'))
    await late.ended()
    expect(late.statuses).toEqual([])
    busy.send('abc')
    await busy.ended()
    expect(busy.statuses).toEqual([100, 200])
    expect(busy.received).toContain('Connection: close')
    await closed
  })

  it('does not wait for ever for a request that does not come', async () => {
    const { port, server } = await serving({ graceMillis: 200 })
    const busy = new RawClient(port).send(
      'PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
    )
    await busy.statusesWhen(1)
    await server.close()
    await busy.ended()
    expect(busy.statuses).toEqual([100])
  })
})
