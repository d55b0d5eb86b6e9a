/** A client that sends exactly the bytes that it is told to, and gives back what comes. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export class RawClient {
  readonly socket: Socket
  received = ''
  /** True when the server has ended the connection. */
  isEnded = false

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.setEncoding('latin1')
    this.socket.on('data', (text: string) => {
      this.received += text
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.isEnded = true
    })
    this.socket.on('end', () => {
      this.isEnded = true
    })
  }

  send(bytes: string | Uint8Array): this {
    this.socket.write(bytes)
    return this
  }

  /** The statuses of the responses so far, those of 100 too. */
  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
  }

  /** Waits until something holds; fails after ten seconds. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = performance.now() + 10_000
    while (!holds()) {
      if (performance.now() > deadline) throw new Error(`not ${what} in ten seconds, after: ${this.received}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async statusesWhen(count: number): Promise<number[]> {
    await this.until(`${count} answers`, () => this.statuses.length >= count)
    return this.statuses
  }

  ended(): Promise<void> {
    return this.until('ended', () => this.isEnded)
  }

  async close(): Promise<void> {
    if (this.socket.destroyed) return
    this.socket.destroy()
    await once(this.socket, 'close')
  }
}

/** The whole answer to bytes after which the server ends the connection, or to one request. */
export async function exchange(port: number, bytes: string | Uint8Array): Promise<{ status: number; text: string }> {
  const client = new RawClient(port).send(bytes)
  const [status] = await client.statusesWhen(1)
  await client.close()
  return { status: status!, text: client.received }
}
