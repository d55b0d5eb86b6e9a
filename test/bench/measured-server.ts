/** The XCAP port in a process of its own, what is asked of it, and what that costs. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { documentOf, entries, entryOf, pathOf, selectorOf, users } from './contact-lists.ts'
import type { Figure } from './figure.ts'
import type { Question, Usage } from './loopback-process.ts'
import { sendLoad } from './pipelining-client.ts'

const request = (method: string, target: string, type?: string, body = ''): string =>
  `${method} ${target} HTTP/1.1\r\nHost: xcap.home1.net\r\n${
    type === undefined ? '' : `Content-Type: ${type}\r\nContent-Length: ${body.length}\r\n`
  }\r\n${body}`

export const getElement = (number: number): string =>
  request('GET', pathOf(number % users) + selectorOf(number % entries))

export const putEntry = (number: number): string => {
  const entry = (number * 7) % entries
  const body = entryOf(entry, `Friend ${number}`)
  return request('PUT', pathOf(number % users) + selectorOf(entry), 'application/xcap-el+xml', body)
}

export const putDocument = (length: number) => {
  const bodies = Array.from({ length: 2 * users + 1 }, (_, version) => documentOf(version, length))
  return (number: number): string =>
    request('PUT', pathOf(number % users), 'application/resource-lists+xml', bodies[number % bodies.length])
}

/** A server in a process, and what it costs. */
export class MeasuredServer {
  readonly #child: ChildProcess
  readonly port: Promise<number>
  #sent = 0

  constructor(how: 'memory' | 'folder' | 'bare', argument: readonly string[] = []) {
    const file = new URL('./loopback-process.ts', import.meta.url)
    this.#child = fork(file, [how, ...argument], { execArgv: ['--expose-gc'] })
    this.port = once(this.#child, 'message').then(([port]) => port as number)
  }

  /** Gives each user a document. */
  async fill(): Promise<void> {
    await this.send(putDocument(entries), users)
  }

  /** Sends so many requests; their numbers go on where those of the last ones have ended. */
  async send(requestOf: (number: number) => string, requests: number): Promise<void> {
    const first = this.#sent
    this.#sent += requests
    const load = { requestOf: (number: number) => requestOf(first + number), requests, connections: 8, depth: 16 }
    await sendLoad({ port: await this.port, ...load })
  }

  async usage(question: Question = 'usage'): Promise<Usage> {
    const told = once(this.#child, 'message')
    this.#child.send(question)
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

  /** Two figures of a kind of request, with a target of so many a second, for which the server has one core. */
  async *figures(
    name: string,
    requestOf: (number: number) => string,
    requests: number,
    target?: number,
  ): AsyncGenerator<Figure> {
    const { rate, micros } = await this.rate(requestOf, requests)
    const wanted = (figure: number | undefined): string => (figure === undefined ? '' : ` (target ${figure})`)
    yield { name: `loopback: ${name}${wanted(target)}`, value: rate, unit: 'requests/s' }
    const share = wanted(target && 1_000_000 / target)
    yield { name: `loopback: ${name}, CPU${share}`, value: micros, unit: 'µs' }
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }
}
