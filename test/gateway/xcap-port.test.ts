import { mkdtempSync, readdirSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { fileStore } from '../../src/gateway/file-store.ts'
import type { HttpServer } from '../../src/gateway/http-server.ts'
import { readUsers } from '../../src/gateway/users-file.ts'
import { openXcapPort, type XcapPort } from '../../src/gateway/xcap-port.ts'
import { printAuthentication } from '../../src/http/digest-authentication.ts'
import { credentialsFor, digestResponse } from '../../src/sip/digest.ts'
import { headerValue } from '../../src/sip/message.ts'
import { exchange } from './raw-client.ts'

const list = '/xcap-root/resource-lists/users/sip:user1@home1.net/index'
const type = 'application/resource-lists+xml'
const lists = (...uris: string[]): string =>
  `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="l">${uris
    .map((uri) => `<entry uri="${uri}"/>`)
    .join('')}</list></resource-lists>`

interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The lines of WWW-Authenticate. */
  readonly challenges: readonly string[]
  readonly body: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 })
const open: HttpServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})
afterAll(() => agent.destroy())

async function opened(port: Partial<XcapPort> = {}): Promise<number> {
  const server = await openXcapPort({ port: 0, root: '/xcap-root', ...port }, { limits: { graceMillis: 300 } })
  open.push(server)
  return server.port
}

function ask(
  port: number,
  method: string,
  path: string,
  body = '',
  headers: Record<string, string> = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ port, host: '127.0.0.1', method, path, headers, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        const { statusCode = 0, headers: fields, headersDistinct } = response
        resolve({
          status: statusCode,
          headers: fields,
          challenges: headersDistinct['www-authenticate'] ?? [],
          body: text,
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const put = (port: number, body: string, headers: Record<string, string> = {}): Promise<Reply> =>
  ask(port, 'PUT', list, body, { 'Content-Type': type, ...headers })

describe('RFC 4825 over a real port', () => {
  it('documents, elements and conditions', async () => {
    const port = await opened()
    const created = await put(port, lists('sip:a@home1.net'))
    expect([created.status, created.body]).toEqual([201, ''])
    const whole = await ask(port, 'GET', list)
    expect([whole.status, whole.body, whole.headers['content-type']]).toEqual([200, lists('sip:a@home1.net'), type])
    expect(whole.headers.etag).toBe(created.headers.etag)
    const element = await ask(port, 'GET', `${list}/~~/resource-lists/list%5b@name=%22l%22%5d/entry%5b1%5d`)
    expect(element).toMatchObject({ status: 200, body: '<entry uri="sip:a@home1.net"/>' })
    const head = await ask(port, 'HEAD', list)
    expect([head.status, head.body, head.headers['content-length']]).toEqual([200, '', String(whole.body.length)])
    const known = await ask(port, 'GET', list, '', { 'If-None-Match': String(created.headers.etag) })
    expect([known.status, known.body, known.headers['content-length']]).toEqual([304, '', undefined])
    expect((await put(port, lists('sip:b@home1.net'), { 'If-Match': '"other"' })).status).toBe(412)
    expect((await put(port, '<a>')).status).toBe(409)
    expect(await ask(port, 'POST', list, 'x')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, OPTIONS, PUT, DELETE' },
    })
    expect((await ask(port, 'DELETE', list)).status).toBe(200)
    expect((await ask(port, 'GET', list)).status).toBe(404)
  })

  it.each([
    '/xcap-root/../../../etc/passwd',
    '/xcap-root/resource-lists/users/..%2f..%2fx/index',
    '/xcap-root/resource-lists/users/%2e%2e/index',
    '/xcap-root/resource-lists/users/a%2fb/index',
    '/xcap-root/resource-lists/users/a%00/index',
    '/xcap-root/resource-lists/users/a/%zz',
    '/xcap-root/resource-lists/users/a/%ff',
    '/xcap-root/resource-lists/users/zoë/index',
    '/xcap-root/resource-lists/users/a/in dex',
  ])('a target such as %s is a bad request, and nothing is written', async (target) => {
    const folder = mkdtempSync(join(tmpdir(), 'presim-port-'))
    const store = fileStore(folder)
    const port = await opened({ store })
    const body = lists('sip:a@home1.net')
    const head = `PUT ${target} HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`
    expect((await exchange(port, `${head}${body}`)).status).toBe(400)
    expect(readdirSync(folder)).toEqual(['+lock'])
    store.close()
  })

  it('keeps its documents in a folder over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'presim-port-'))
    const first = fileStore(folder)
    const { headers } = await put(await opened({ store: first }), lists('sip:a@home1.net'))
    first.close()
    const second = fileStore(folder)
    const again = await ask(await opened({ store: second }), 'GET', list)
    expect([again.body, again.headers.etag]).toEqual([lists('sip:a@home1.net'), headers.etag])
    second.close()
  })
})

describe('RFC 9110 §13.1.1: conditional changes at the same time', () => {
  it.each(['memory', 'a folder'])('lose none, in %s', async (where) => {
    const store = where === 'memory' ? undefined : fileStore(mkdtempSync(join(tmpdir(), 'presim-port-')))
    const port = await opened({ ...(store && { store }) })
    await put(port, lists())
    let lost = 0
    /** Adds entries, each on top of what is there; where another one was faster, once more. */
    const edit = async (client: number): Promise<void> => {
      for (let number = 0; number < 5; ) {
        const { body, headers } = await ask(port, 'GET', list)
        const changed = body.replace('</list>', `<entry uri="sip:c${client}n${number}@home1.net"/></list>`)
        const full = changed === body ? lists(`sip:c${client}n${number}@home1.net`) : changed
        const { status } = await put(port, full, { 'If-Match': String(headers.etag) })
        if (status === 200) number++
        else lost++
        expect([200, 412]).toContain(status)
      }
    }
    await Promise.all(Array.from({ length: 12 }, (_, client) => edit(client)))
    const { body } = await ask(port, 'GET', list)
    expect(body.match(/c\d+n\d+/g)?.toSorted()).toEqual(
      Array.from({ length: 60 }, (_, entry) => `c${Math.floor(entry / 5)}n${entry % 5}`).toSorted(),
    )
    expect(lost).toBeGreaterThan(0)
    store?.close()
  })

  it('If-None-Match: * lets one of many create', async () => {
    const port = await opened()
    const replies = await Promise.all(
      Array.from({ length: 30 }, (_, client) => put(port, lists(`sip:${client}@home1.net`), { 'If-None-Match': '*' })),
    )
    expect(replies.map(({ status }) => status).toSorted()).toEqual([201, ...Array(29).fill(412)])
  })
})

const users = readUsers(
  `realm: home1.net
users:
  - { name: user1, password: secret, identities: ["sip:user1@home1.net"] }
  - { name: user2, password: other, identities: ["sip:user2@home1.net"] }`,
  'users.yaml',
)

describe('RFC 7616 over a real port', () => {
  /** The Authorization that answers the challenge of an algorithm. */
  function answerTo(
    reply: Reply,
    method: string,
    path: string,
    count = 1,
    password = 'secret',
    algorithm = 'MD5',
    body = '',
  ) {
    const challenge = reply.challenges.find((one) => one.includes(`algorithm=${algorithm},`))!
    const account = { username: 'user1', password }
    const part = { clientNonce: 'abc', count }
    const made = credentialsFor(
      headerValue('wwwAuthenticate', challenge)![0]!,
      account,
      { method, uri: path, body },
      part,
    )!
    return { text: printAuthentication(made), params: made.params, account }
  }

  it.each(['MD5', 'SHA-256'] as const)(
    'lets in who knows the password, by %s, and proves the server',
    async (algorithm) => {
      const port = await opened({ users })
      const asked = await put(port, lists())
      expect(asked.status).toBe(401)
      expect(asked.challenges.length).toBe(2)
      const { text, params, account } = answerTo(asked, 'PUT', list, 1, 'secret', algorithm, lists())
      const reply = await put(port, lists(), { Authorization: text })
      expect(reply.status).toBe(201)
      const proof = digestResponse({
        ...account,
        realm: 'home1.net',
        algorithm,
        nonce: String(params.nonce).slice(1, -1),
        method: '',
        uri: list,
        protection: { qop: 'auth-int', clientNonce: 'abc', nonceCount: '00000001' },
      })
      expect(reply.headers['authentication-info']).toBe(`qop=auth-int, rspauth="${proof}", cnonce="abc", nc=00000001`)
    },
  )

  it('keeps out a wrong password, a replay, credentials of another target, and a changed body', async () => {
    const port = await opened({ users })
    const asked = await ask(port, 'GET', list)
    const send = (authorization: string, body = lists()) => put(port, body, { Authorization: authorization })
    const wrong = await send(answerTo(asked, 'PUT', list, 1, 'guess').text)
    expect([wrong.status, wrong.challenges.some((one) => one.includes('stale'))]).toEqual([401, false])
    expect((await send(answerTo(asked, 'PUT', `${list}2`, 1, 'secret', 'MD5', lists()).text)).status).toBe(400)
    const good = answerTo(asked, 'PUT', list, 1, 'secret', 'MD5', lists()).text
    expect((await send(good, lists('sip:mallory@home1.net'))).status).toBe(401)
    expect((await send(good)).status).toBe(201)
    const replay = await send(good)
    expect([replay.status, replay.challenges.every((one) => one.endsWith('stale=true'))]).toEqual([401, true])
    expect((await send(good.replace('Digest', 'Basic'))).status).toBe(401)
    expect((await send('Digest nonsense="')).status).toBe(400)
  })

  it('lets a user have her own documents and nobody else have them', async () => {
    const port = await opened({ users })
    const asked = await ask(port, 'GET', list)
    const get = async (path: string, count: number): Promise<number> =>
      (await ask(port, 'GET', path, '', { Authorization: answerTo(asked, 'GET', path, count).text })).status
    expect(await get(list, 1)).toBe(404)
    expect(await get(list.replace('user1', 'user2'), 2)).toBe(403)
    expect(await get(list.replace('user1', 'user3'), 3)).toBe(404)
    expect(await get('/xcap-root/xcap-caps/global/index', 4)).toBe(200)
  })

  it('many requests on several connections with one nonce are all let in', async () => {
    const port = await opened({ users })
    const asked = await ask(port, 'GET', list)
    const counts = Array.from({ length: 16 }, (_, at) => at + 1)
    const statuses = await Promise.all(
      counts.map(async (count) => {
        const authorization = answerTo(asked, 'GET', list, count).text
        return (await ask(port, 'GET', list, '', { Authorization: authorization })).status
      }),
    )
    expect(new Set(statuses)).toEqual(new Set([404]))
  })
})
