import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { RawClient } from '../gateway/raw-client.ts'
import { objects, presim, root, temporary } from './presim.ts'

const list = 'resource-lists/users/sip:user1@home1.net/index'
const type = { 'Content-Type': 'application/resource-lists+xml' }
const document = (name: string): string =>
  `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="${name}"/></resource-lists>`

/** A running `presim xcap`. */
interface Running {
  readonly child: ChildProcess
  /** The XCAP root. */
  readonly url: string
  readonly output: () => string
  readonly errors: () => string
}

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

/** Starts the built command on a free port, and waits until it listens. */
async function start(...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [join(root, 'dist/cli/presim.js'), 'xcap', '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.push(child)
  let [output, errors] = ['', '']
  child.stdout!.setEncoding('utf8')
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(errors)))
    child.stdout!.on('data', (text: string) => {
      output += text
      const found = /http:\/\/127\.0\.0\.1:\d+[^\s"]*/.exec(output)
      if (found !== null) resolve(found[0])
    })
  })
  return { child, url, output: () => output, errors: () => errors }
}

/** Tells it to stop, and waits until it has; returns its exit code. */
async function stop({ child }: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  const exited = once(child, 'close')
  child.kill(signal)
  const [code] = (await exited) as [number | null]
  return code
}

describe('presim xcap', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('serves documents until %s, with a line for each request', async (signal) => {
    const server = await start()
    const put = await fetch(`${server.url}/${list}`, { method: 'PUT', body: document('a'), headers: type })
    expect(put.status).toBe(201)
    const element = await fetch(`${server.url}/${list}/~~/resource-lists/list%5b@name=%22a%22%5d`)
    expect([element.status, await element.text()]).toEqual([200, '<list name="a"/>'])
    expect(await stop(server, signal)).toBe(0)
    const lines = server.output().trimEnd().split('\n')
    expect(lines[0]).toMatch(
      /^XCAP root (http:\/\/(127\.0\.0\.1:\d+)\/xcap-root) on \2; documents in memory; open to everybody$/,
    )
    expect(lines[1]).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z 127\.0\.0\.1 - PUT \/xcap-root\/resource-lists\/users\/sip:user1@home1\.net\/index 201 0 [\d.]+ ms$/,
    )
    expect(lines[2]).toMatch(/ GET \S+\/~~\/resource-lists\/list%5b@name=%22a%22%5d 200 16 /)
    expect(lines.slice(3)).toEqual(['stopped after 2 requests'])
    expect(server.errors()).toBe('')
  })

  it('prints NDJSON with its version by --json, and nothing of requests by --quiet', async () => {
    const server = await start('--json', '--root', '/services')
    expect(server.url).toMatch(/\/services$/)
    await fetch(`${server.url}/${list}`)
    expect(await stop(server)).toBe(0)
    expect(objects(server.output())).toEqual([
      expect.objectContaining({
        schemaVersion: 1,
        type: 'listening',
        url: server.url,
        root: '/services',
        auth: 'none',
      }),
      expect.objectContaining({ schemaVersion: 1, type: 'request', method: 'GET', status: 404, from: '127.0.0.1' }),
      { schemaVersion: 1, type: 'stopped', requests: 1 },
    ])
    const quiet = await start('--quiet')
    await fetch(`${quiet.url}/${list}`)
    expect(await stop(quiet)).toBe(0)
    expect(quiet.output().split('\n').slice(1)).toEqual(['stopped after one request', ''])
  })

  it('has so many connections at most as --connections says, and answers 503 to one more', async () => {
    const server = await start('--connections', '2')
    const port = Number(new URL(server.url).port)
    const half = `PUT /xcap-root/${list} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n`
    const busy = [new RawClient(port).send(half), new RawClient(port).send(half)]
    for (const client of busy) expect(await client.statusesWhen(1)).toEqual([100])
    const late = await fetch(`${server.url}/${list}`)
    expect([late.status, late.headers.get('connection')]).toEqual([503, 'close'])
    await busy[0]!.close()
    // The server hears of that a little later.
    let status = 503
    for (let time = 0; time < 200 && status === 503; time++) status = (await fetch(`${server.url}/${list}`)).status
    expect(status).toBe(404)
    await busy[1]!.close()
    expect(await stop(server)).toBe(0)
    expect(server.output()).toMatch(/ GET \/xcap-root\/\S+ 503 /)
  })

  it('answers 401 where there are users', async () => {
    const file = temporary('users.yaml', 'realm: home1.net\nusers: [{ name: user1, password: secret }]\n')
    const server = await start('--users', file)
    const reply = await fetch(`${server.url}/${list}`)
    expect(reply.status).toBe(401)
    expect(reply.headers.get('www-authenticate')).toMatch(
      /^Digest realm="home1\.net", nonce="[^"]+", algorithm=MD5, qop=/,
    )
    expect(await stop(server)).toBe(0)
    expect(server.output()).toContain('; 1 users of realm home1.net')
  })

  it('has all that it acknowledged after it was killed, eight times, and its folder back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'presim-xcap-'))
    let acknowledged = 0
    for (let time = 0; time < 8; time++) {
      const server = await start('--store', folder, '--quiet')
      const found = /name="(\d+)"/.exec(await (await fetch(`${server.url}/${list}`)).text())
      if (time > 0) expect([acknowledged, acknowledged + 1]).toContain(Number(found?.[1] ?? 0))
      acknowledged = Number(found?.[1] ?? 0)
      const killed = once(server.child, 'close')
      const first = acknowledged + 1
      try {
        for (let number = acknowledged + 1; number < acknowledged + 10_000; number++) {
          const body = document(String(number)).replace(
            '/></',
            `><display-name>${'x'.repeat(20_000)}</display-name></list></`,
          )
          const reply = await fetch(`${server.url}/${list}`, { method: 'PUT', body, headers: type })
          expect([200, 201]).toContain(reply.status)
          acknowledged = number
          if (number === first) setTimeout(() => server.child.kill('SIGKILL'), time * 13)
        }
      } catch (error) {
        expect(String(error)).toContain('fetch failed')
      }
      await killed
    }
    expect(acknowledged).toBeGreaterThan(0)
  })
})

describe('presim xcap exits 2 and says why', () => {
  it('where the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const { status, error } = presim(['xcap', '--port', String(port)])
    other.close()
    expect([status, error]).toEqual([
      2,
      `presim: port ${port} of 127.0.0.1 can not be had: another server has it; --port 0 takes one that is free\n`,
    ])
  })

  it('where another one has the folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'presim-xcap-'))
    const server = await start('--store', folder)
    const { status, error } = presim(['xcap', '--port', '0', '--store', folder])
    expect([status, error]).toEqual([2, expect.stringContaining(`process ${server.child.pid} uses ${folder}`)])
    await stop(server)
  })

  it.each<[why: string, args: (place: string) => string[], said: string]>([
    ['a store that is a file', (place) => ['--store', join(place, 'file')], 'can not be used as a store'],
    ['a store below a file', (place) => ['--store', join(place, 'file/folder')], 'can not be used as a store'],
    ['a store of others', () => ['--store', '/proc/presim'], 'can not be used as a store'],
    ['a store with a damaged file', (place) => ['--store', join(place, 'damaged')], 'does not begin with a line'],
    ['no file of users', (place) => ['--users', join(place, 'none.yaml')], 'none.yaml can not be read'],
    [
      'a broken file of users',
      (place) => ['--users', join(place, 'broken.yaml')],
      'broken.yaml:2:20: users[0] has no key "pass"',
    ],
    ['digest without users', () => ['--auth', 'digest'], '--auth digest needs --users <file>'],
    [
      'users without digest',
      (place) => ['--auth', 'none', '--users', join(place, 'file')],
      '--auth none has no use for --users',
    ],
    ['another way', () => ['--auth', 'basic'], 'Allowed choices are digest, none'],
    ['a root that is none', () => ['--root', 'services'], '"services" is no XCAP root'],
    ['a port that is none', () => ['--port', '70000'], 'Expected a whole number from 0 to 65535'],
    ['no connections', () => ['--connections', '0'], 'Expected a whole number from 1'],
    ['an address of others', () => ['--host', '192.0.2.1'], 'this machine does not have that address'],
  ])('for %s', (_why, args, said) => {
    const place = mkdtempSync(join(tmpdir(), 'presim-xcap-'))
    writeFileSync(join(place, 'file'), '')
    writeFileSync(join(place, 'broken.yaml'), 'users:\n  - { name: user1, pass: secret }\n')
    const damaged = mkdtempSync(join(place, 'damaged'))
    writeFileSync(join(damaged, `${'a'.repeat(100)}%h${'0'.repeat(64)}.xcap`), 'nothing')
    chmodSync(join(place, 'file'), 0o600)
    const given = args(place).map((arg) => (arg.endsWith('/damaged') ? damaged : arg))
    const { status, out, error } = presim(['xcap', '--port', '0', ...given])
    expect([status, out]).toEqual([2, ''])
    expect(error).toContain(said)
  })

  it('--help has examples, and shows a file of users', () => {
    const { status, out } = presim(['xcap', '--help'])
    expect([status, out]).toEqual([0, expect.stringContaining('Examples:')])
    expect(out).toContain('A file of users:')
  })
})
