import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpFault } from './http-fault.ts'
import type { HttpLimits } from './http-limits.ts'

/** What is going on on a connection. */
interface Use {
  /** The requests that were begun, and their responses, which have not gone out to the end. */
  readonly pending: Map<IncomingMessage, ServerResponse>
  /** How many of them the server has not answered yet. */
  unanswered: number
  /** When the connection was made, in milliseconds. */
  readonly since: number
  /** What came behind them and could not be read. */
  fault: HttpFault | undefined
}

/** What becomes of a connection on which something can not be read. */
export type Ending = { readonly kind: 'wait' | 'destroy' } | { readonly kind: 'answer'; readonly fault: HttpFault }

/**
 * The connections of a server, so many at most. Where a new one finds no room, one on which nothing has been asked for
 * a while ends for it, else the one that is idle for longest. If all are at work the new one is turned away: it stays
 * until it can be told so, and there are few of those.
 */
export class Connections {
  readonly #limits: HttpLimits
  readonly #uses = new Map<Socket, Use>()
  /** Those on which nothing was asked yet, in the order in which they were made. */
  readonly #silent = new Set<Socket>()
  /** Those on which all is answered, in the order in which they became so. */
  readonly #idle = new Set<Socket>()
  /** Those for which there was no room. */
  readonly #turnedAway = new Set<Socket>()

  constructor(limits: HttpLimits) {
    this.#limits = limits
  }

  /** How many there are, without those that are turned away. */
  get count(): number {
    return this.#uses.size
  }

  /** Whether a connection may ask for something. */
  isServed(socket: Socket): boolean {
    return this.#uses.has(socket)
  }

  add(socket: Socket): void {
    const now = performance.now()
    socket.once('close', () => this.#forget(socket))
    if (this.#uses.size >= this.#limits.mostConnections) {
      const dispensable = this.#dispensable(now)
      if (dispensable === undefined) return this.#turnAway(socket)
      this.#forget(dispensable)
      dispensable.destroy()
    }
    this.#uses.set(socket, { pending: new Map(), unanswered: 0, since: now, fault: undefined })
    this.#silent.add(socket)
  }

  /** The one that ends for a new one. */
  #dispensable(now: number): Socket | undefined {
    const [oldest] = this.#silent
    if (oldest !== undefined && now - this.#uses.get(oldest)!.since >= this.#limits.silentMillis) return oldest
    const [idle] = this.#idle
    return idle
  }

  #turnAway(socket: Socket): void {
    const [first] = this.#turnedAway
    if (first !== undefined && this.#turnedAway.size >= this.#limits.mostTurnedAway) {
      this.#forget(first)
      first.destroy()
    }
    this.#turnedAway.add(socket)
  }

  #forget(socket: Socket): void {
    this.#uses.delete(socket)
    this.#silent.delete(socket)
    this.#idle.delete(socket)
    this.#turnedAway.delete(socket)
  }

  /** A request has begun to come. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    const use = this.#uses.get(socket)
    if (use === undefined) return
    use.pending.set(request, response)
    use.unanswered++
    this.#silent.delete(socket)
    this.#idle.delete(socket)
  }

  /** A request has its answer, which may have to wait for those before it. */
  answer({ socket }: IncomingMessage): void {
    const use = this.#uses.get(socket)
    if (use !== undefined) use.unanswered--
  }

  /** Whether a request is the only one of its connection that is not answered. */
  isNext({ socket }: IncomingMessage): boolean {
    return this.#uses.get(socket)?.unanswered === 1
  }

  /** The response to a request has gone out. */
  finish(request: IncomingMessage): Ending {
    const { socket } = request
    const use = this.#uses.get(socket)
    if (use === undefined) return { kind: 'wait' }
    use.pending.delete(request)
    if (use.pending.size === 0) this.#idle.add(socket)
    return use.fault === undefined ? { kind: 'wait' } : endingOf(use, use.fault)
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
    for (const socket of [...this.#silent, ...this.#idle, ...this.#turnedAway]) socket.destroy()
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
