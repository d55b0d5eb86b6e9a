/**
 * The XCAP port over loopback: the server is a process of its own and has one thread, clients are this process. The CPU
 * time of a request is that of the server's whole process, system calls and garbage collection included; the floor is
 * Node's own server with one constant answer, asked by the same clients.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { documentOf, entries, entryOf, pathOf, selectorOf, users } from './contact-lists.ts'
import { type Figure, shortest } from './figure.ts'
import type { Usage } from './loopback-process.ts'
import { sendLoad } from './pipelining-client.ts'

const request = (method: string, target: string, type?: string, body = ''): string =>
  `${method} ${target} HTTP/1.1\r\nHost: xcap.home1.net\r\n${
    type === undefined ? '' : `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n`
  }\r\n${body}`

const getElement = (number: number): string => request('GET', pathOf(number % users) + selectorOf(number % entries))

const putEntry = (number: number): string => {
  const entry = (number * 7) % entries
  const body = entryOf(entry, `Friend ${number}`)
  return request('PUT', pathOf(number % users) + selectorOf(entry), 'application/xcap-el+xml', body)
}

const putDocument = (length: number) => {
  const bodies = Array.from({ length: 2 * users + 1 }, (_, version) => documentOf(version, length))
  return (number: number): string =>
    request('PUT', pathOf(number % users), 'application/resource-lists+xml', bodies[number % bodies.length])
}

/** A server in a process, and what it costs. */
class Measured {
  readonly #child: ChildProcess
  readonly #port: Promise<number>

  constructor(how: 'memory' | 'folder' | 'bare', argument: readonly string[] = []) {
    const file = new URL('./loopback-process.ts', import.meta.url)
    this.#child = fork(file, [how, ...argument], { execArgv: [] })
    this.#port = once(this.#child, 'message').then(([port]) => port as number)
  }

  async send(requestOf: (number: number) => string, requests: number): Promise<void> {
    await sendLoad({ port: await this.#port, requestOf, requests, connections: 8, depth: 16 })
  }

  async usage(): Promise<Usage> {
    const told = once(this.#child, 'message')
    this.#child.send('usage')
    return (await told)[0] as Usage
  }

  /** Requests a second, and the server's CPU time of each: the best of several goes, since others use the machine. */
  async rate(requestOf: (number: number) => string, requests: number): Promise<{ rate: number; micros: number }> {
    await this.send(requestOf, requests)
    const best = { rate: 0, micros: Number.POSITIVE_INFINITY }
    for (let go = 0; go < 3; go++) {
      const before = await this.usage()
      const start = performance.now()
      await this.send(requestOf, requests)
      best.rate = Math.max(best.rate, (requests * 1000) / (performance.now() - start))
      best.micros = Math.min(best.micros, ((await this.usage()).cpuMicros - before.cpuMicros) / requests)
    }
    return best
  }

  /** Two figures of a kind of request. */
  async *figures(
    name: string,
    requestOf: (number: number) => string,
    requests: number,
    target?: string,
  ): AsyncGenerator<Figure> {
    const { rate, micros } = await this.rate(requestOf, requests)
    const wanted = target === undefined ? '' : ` (target ${target})`
    yield { name: `loopback: ${name}${wanted}`, value: rate, unit: 'requests/s' }
    yield { name: `loopback: ${name}, CPU of the server`, value: micros, unit: 'µs' }
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }
}

export async function* loopbackFigures(): AsyncGenerator<Figure> {
  const bare = new Measured('bare')
  yield* bare.figures('floor: a constant from node:http', getElement, 20_000)
  await bare.end()
  const memory = new Measured('memory')
  await memory.send(putDocument(entries), users)
  yield* memory.figures('GET of an entry of 200', getElement, 20_000, '8000')
  yield* memory.figures('PUT of an entry of 200', putEntry, 10_000, '4000')
  yield* memory.figures('PUT of a document of 10 entries', putDocument(10), 10_000, '4000')
  yield* memory.figures('PUT of a document of 200 entries', putDocument(entries), 500)
  await memory.end()
  const folder = mkdtempSync(join(tmpdir(), 'presim-loopback-'))
  yield { name: 'loopback: floor: write and fsync of 20 kB', value: 1000 / syncing(folder), unit: 'writes/s' }
  const disk = new Measured('folder', [folder])
  await disk.send(putDocument(entries), users)
  yield* disk.figures('PUT of an entry of 200 into a folder', putEntry, 200)
  yield* disk.figures('PUT of a document of 10 entries into a folder', putDocument(10), 200)
  await disk.end()
  rmSync(folder, { recursive: true })
}

/** Milliseconds that the disk takes for one file. */
function syncing(folder: string): number {
  const file = join(folder, 'floor')
  const bytes = new Uint8Array(20_000)
  const writes = 200
  const millis = shortest(3, () => {
    for (let write = 0; write < writes; write++) {
      const descriptor = openSync(file, 'w')
      writeSync(descriptor, bytes)
      fsyncSync(descriptor)
      closeSync(descriptor)
    }
  })
  rmSync(file)
  return millis / writes
}
