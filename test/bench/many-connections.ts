/** Ten thousand connections to the XCAP port: as many as it lets in, and ten times as many as it lets in. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { pathOf, selectorOf } from './contact-lists.ts'
import type { Figure } from './figure.ts'
import { MeasuredServer } from './measured-server.ts'

const attempts = 10_000

/** What has become of a connection: the status that it was answered first, or that it ended without one. */
type Outcome = number | 'ended'

interface Attempt {
  readonly socket: Socket
  readonly outcome: Promise<Outcome>
}

function attempt(port: number, bytes: string): Attempt {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  const outcome = new Promise<Outcome>((resolve) => {
    socket.on('data', (text: string) => resolve(Number(text.slice(9, 12))))
    socket.on('error', () => resolve('ended'))
    socket.on('close', () => resolve('ended'))
    socket.on('connect', () => socket.write(bytes))
  })
  return { socket, outcome }
}

/** Makes connections, some hundreds at a time as the system queues no more, and waits for what becomes of each. */
async function attemptMany(port: number, bytes: string): Promise<{ sockets: Socket[]; outcomes: Outcome[] }> {
  const sockets: Socket[] = []
  const outcomes: Outcome[] = []
  while (sockets.length < attempts) {
    const wave = Array.from({ length: 400 }, () => attempt(port, bytes))
    sockets.push(...wave.map(({ socket }) => socket))
    outcomes.push(...(await Promise.all(wave.map(({ outcome }) => outcome))))
  }
  return { sockets, outcomes }
}

const get = `GET ${pathOf(0)}${selectorOf(1)} HTTP/1.1\r\nHost: xcap.home1.net\r\n\r\n`

/** A request that is at work until its body is sent. */
const half = `PUT ${pathOf(0)} HTTP/1.1\r\nHost: xcap.home1.net\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n`

/** The slowest of some answers to new connections, in milliseconds, and their status. */
async function slowestAnswer(port: number): Promise<{ millis: number; status: Outcome }> {
  let millis = 0
  let status: Outcome = 'ended'
  for (let time = 0; time < 100; time++) {
    const start = performance.now()
    const { socket, outcome } = attempt(port, get)
    status = await outcome
    millis = Math.max(millis, performance.now() - start)
    socket.destroy()
  }
  return { millis, status }
}

/** All are at work, so that those above the limit find no room. */
async function* beyondTheLimit(): AsyncGenerator<Figure> {
  const server = new MeasuredServer('memory', ['1000'])
  const port = await server.port
  await slowestAnswer(port)
  const { sockets, outcomes } = await attemptMany(port, half)
  const { heapBytes } = await server.usage('usage without garbage')
  const { millis, status } = await slowestAnswer(port)
  if (status !== 503) throw new Error(`One more is answered ${status}`)
  const name = 'loopback: 10 k at a limit of 1000, all at work'
  const count = (wanted: Outcome): number => outcomes.filter((outcome) => outcome === wanted).length
  yield { name: `${name}: served`, value: count(100), unit: '' }
  yield { name: `${name}: answered 503`, value: count(503), unit: '' }
  yield { name: `${name}: slowest 503 of 100`, value: millis, unit: 'ms' }
  yield { name: `${name}: live heap`, value: heapBytes / 1e6, unit: 'MB' }
  const closed = sockets.filter((socket) => !socket.destroyed).map((socket) => once(socket, 'close'))
  for (const socket of sockets) socket.destroy()
  await Promise.all(closed)
  const after = await slowestAnswer(port)
  if (after.status !== 404) throw new Error(`Afterwards one is answered ${after.status}`)
  await server.end()
}

async function* withinTheLimit(): AsyncGenerator<Figure> {
  const server = new MeasuredServer('memory', [String(attempts + 10)])
  const port = await server.port
  await server.fill()
  await slowestAnswer(port)
  const before = await server.usage('usage without garbage')
  const { sockets, outcomes } = await attemptMany(port, get)
  const served = outcomes.filter((outcome) => outcome === 200).length
  const { heapBytes } = await server.usage('usage without garbage')
  const name = 'loopback: 10 k keep-alive connections'
  yield { name: `${name}: served`, value: served, unit: '' }
  yield { name: `${name}: live heap of one`, value: (heapBytes - before.heapBytes) / served, unit: 'B' }
  const { rate } = await server.rate(() => get, 10_000)
  yield { name: `${name}: GET of an entry beside them`, value: rate, unit: 'requests/s' }
  for (const socket of sockets) socket.destroy()
  await server.end()
}

export async function* manyConnectionsFigures(): AsyncGenerator<Figure> {
  yield* beyondTheLimit()
  yield* withinTheLimit()
}
