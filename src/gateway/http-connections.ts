import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpFault } from './http-fault.ts'

/** What is going on on a connection. */
interface Use {
  /** The requests that were begun, and their responses, which have not gone out to the end. */
  readonly pending: Map<IncomingMessage, ServerResponse>
  /** What came behind them and could not be read. */
  fault: HttpFault | undefined
}

/** What becomes of a connection on which something can not be read. */
export type Ending = { readonly kind: 'wait' | 'destroy' } | { readonly kind: 'answer'; readonly fault: HttpFault }

/** The connections of a server, so many at most: a new one takes the place of the one that is idle for longest. */
export class Connections {
  readonly #most: number
  /** In the order of their last use. */
  readonly #uses = new Map<Socket, Use>()

  constructor(most: number) {
    this.#most = most
  }

  get count(): number {
    return this.#uses.size
  }

  add(socket: Socket): void {
    if (this.#uses.size >= this.#most) {
      const idle = this.#longestIdle()
      if (idle === undefined) return void socket.destroy()
      this.#uses.delete(idle)
      idle.destroy()
    }
    this.#uses.set(socket, { pending: new Map(), fault: undefined })
    socket.once('close', () => this.#uses.delete(socket))
  }

  #longestIdle(): Socket | undefined {
    for (const [socket, { pending }] of this.#uses) if (pending.size === 0) return socket
    return undefined
  }

  /** A request has begun to come. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    const use = this.#uses.get(socket)
    if (use === undefined) return
    use.pending.set(request, response)
    this.#uses.delete(socket)
    this.#uses.set(socket, use)
  }

  /** The response to a request has gone out. */
  finish(request: IncomingMessage): Ending {
    const use = this.#uses.get(request.socket)
    use?.pending.delete(request)
    return use?.fault === undefined ? { kind: 'wait' } : endingOf(use, use.fault)
  }

  /** Something has come that can not be read. */
  fail(socket: Socket, fault: HttpFault): Ending {
    const use = this.#uses.get(socket)
    if (use === undefined) return { kind: 'answer', fault }
    use.fault ??= fault
    return endingOf(use, use.fault)
  }

  /** Ends the connections on which nobody waits for an answer. */
  closeIdle(): void {
    for (const [socket, { pending }] of this.#uses) if (pending.size === 0) socket.destroy()
  }
}

/**
 * RFC 9112 §9.3.2: a fault is answered when all whole requests before it have been. A request whose body is what can
 * not be read has its answer by that, unless it was refused before its body came.
 */
function endingOf({ pending }: Use, fault: HttpFault): Ending {
  const entries = [...pending]
  if (entries.some(([{ complete }]) => complete)) return { kind: 'wait' }
  return entries.some(([, { headersSent }]) => headersSent) ? { kind: 'destroy' } : { kind: 'answer', fault }
}
