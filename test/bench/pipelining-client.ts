/** A client of HTTP/1.1 that costs little: it sends requests ahead on several connections, and counts the answers. */
import { connect, type Socket } from 'node:net'

export interface Load {
  readonly port: number
  /** The text of the request of a number. */
  readonly requestOf: (number: number) => string
  readonly requests: number
  readonly connections: number
  /** How many requests a connection has on their way at a time. */
  readonly depth: number
}

/** Sends so many requests; resolves when each is answered, and rejects if one is not by 200 or 201. */
export async function sendLoad({ port, requestOf, requests, connections, depth }: Load): Promise<void> {
  let next = 0
  const take: Take = (most) => {
    const first = next
    next = Math.min(next + most, requests)
    let text = ''
    for (let number = first; number < next; number++) text += requestOf(number)
    return { text, count: next - first }
  }
  const shares = Array.from({ length: connections }, () => new Share(connect(port, '127.0.0.1'), take))
  await Promise.all(shares.map((share) => share.run(depth)))
}

/** The next requests of a load, as one text: so many at most, and none when all were taken. */
type Take = (most: number) => { readonly text: string; readonly count: number }

const start = 'HTTP/1.1 '

/** What one connection does of a load. */
class Share {
  readonly #socket: Socket
  readonly #take: Take
  #waiting = 0
  /** The end of what came last, in which a status line may begin. */
  #rest = ''

  constructor(socket: Socket, take: Take) {
    this.#socket = socket.setNoDelay().setEncoding('latin1')
    this.#take = take
  }

  run(depth: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.on('data', (text: string) => {
        const answers = this.#count(text)
        this.#waiting -= answers
        this.#send(answers)
      })
      this.#socket.on('error', reject)
      this.#socket.on('close', () => (this.#waiting === 0 ? resolve() : reject(new Error('Not all is answered'))))
      this.#socket.on('connect', () => this.#send(depth))
    })
  }

  #send(most: number): void {
    const { text, count } = this.#take(most)
    this.#waiting += count
    if (count > 0) this.#socket.write(text)
    else if (this.#waiting === 0) this.#socket.destroy()
  }

  /** How many answers begin in a piece of what comes. */
  #count(piece: string): number {
    const text = this.#rest + piece
    let answers = 0
    let at = text.indexOf(start)
    for (; at >= 0 && at + 12 <= text.length; at = text.indexOf(start, at + 12)) {
      const status = text.slice(at + start.length, at + 12)
      if (status !== '200' && status !== '201') this.#socket.destroy(new Error(`Answered ${text.slice(at)}`))
      answers++
    }
    this.#rest = at >= 0 ? text.slice(at) : text.slice(-start.length + 1)
    return answers
  }
}
