/**
 * HTTP/1.1 on a real port (RFC 9112): requests become values with the target as it was sent, values become responses,
 * and what clients may take of time, connections and memory is bounded.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { HttpBody } from '../http/message.ts'
import { busyAnswer, type HttpAnswer, outgoing, plainAnswer } from './http-answer.ts'
import { Connections, type Ending } from './http-connections.ts'
import { faultOf, type HttpFault, printFault } from './http-fault.ts'
import { type HttpLimits, usualLimits } from './http-limits.ts'
import { faultOfHead, type HttpHead, hasBody, headOf, Room, receiveBody } from './http-request.ts'

/** Answers a head at once, or says how it answers when the body has come. */
export type HttpHandler = (head: HttpHead) => HttpAnswer | ((body: HttpBody) => HttpAnswer)

/** A request that was answered, for the log. */
export interface HttpExchange {
  readonly head: HttpHead
  readonly answer: HttpAnswer
  /** The client's address. */
  readonly from: string
  /** From the head to the answer, in microseconds. */
  readonly took: number
}

export interface HttpServerOptions {
  readonly limits: Partial<HttpLimits>
  /** Hears of each request that was answered. */
  readonly onExchange: (exchange: HttpExchange) => void
  /** Hears of what the handler has thrown; the client is answered 500. */
  readonly onFailure: (error: unknown, head: HttpHead) => void
}

/** A server that listens. */
export interface HttpServer {
  readonly host: string
  readonly port: number
  /** How many connections there are. */
  connections(): number
  /** Takes no more requests, answers those in flight, and ends; after the time of grace without them. */
  close(): Promise<void>
}

/** Listens on a port, 0 for any that is free. Rejects with the system's error if that can not be had. */
export function listen(
  handler: HttpHandler,
  port: number,
  host: string,
  options: Partial<HttpServerOptions> = {},
): Promise<HttpServer> {
  const limits = { ...usualLimits, ...options.limits }
  const server = createServer({
    maxHeaderSize: limits.largestHead,
    headersTimeout: limits.headMillis,
    requestTimeout: limits.requestMillis,
    keepAliveTimeout: limits.idleMillis,
    connectionsCheckingInterval: Math.min(1000, Math.ceil(Math.min(limits.headMillis, limits.requestMillis) / 4)),
    joinDuplicateHeaders: true,
    requireHostHeader: false,
    noDelay: true,
  })
  // A client that neither sends nor reads for twice that long, while it waits for an answer, does not want it.
  server.timeout = 2 * limits.requestMillis
  const front = new Front(server, handler, limits, options)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address() as AddressInfo
      resolve({
        host: address.address,
        port: address.port,
        connections: () => front.connections.count,
        close: () => front.close(),
      })
    })
  })
}

class Front {
  readonly connections: Connections
  readonly #server: Server
  readonly #handler: HttpHandler
  readonly #limits: HttpLimits
  readonly #options: Partial<HttpServerOptions>
  readonly #room: Room
  #isClosing = false

  constructor(server: Server, handler: HttpHandler, limits: HttpLimits, options: Partial<HttpServerOptions>) {
    this.#server = server
    this.#handler = handler
    this.#limits = limits
    this.#options = options
    this.connections = new Connections(limits)
    this.#room = new Room(limits.mostBodyBytes)
    server.on('connection', (socket: Socket) => this.connections.add(socket))
    server.on('request', (request, response) => this.#onRequest(request, response))
    server.on('checkContinue', (request, response) =>
      this.#onRequest(request, response, () => response.writeContinue()),
    )
    server.on('checkExpectation', (request, response) => this.#refuse(request, response, 417))
    server.on('connect', (_request, socket: Duplex) => end(socket, { status: 501, reason: 'there is no tunnel here' }))
    server.on('clientError', (error: Error, socket: Duplex) => {
      const fault = faultOf(error)
      finishBy(socket, fault === undefined ? { kind: 'destroy' } : this.connections.fail(socket as Socket, fault))
    })
  }

  close(): Promise<void> {
    this.#isClosing = true
    const late = setTimeout(() => this.#server.closeAllConnections(), this.#limits.graceMillis)
    return new Promise((resolve) => {
      this.#server.close(() => {
        clearTimeout(late)
        resolve()
      })
      this.connections.closeIdle()
    })
  }

  /** `expected` tells a client that waits for it to send the body (RFC 9110 §10.1.1). */
  #onRequest(request: IncomingMessage, response: ServerResponse, expected?: () => void): void {
    const start = performance.now()
    const head = headOf(request)
    this.#begin(request, response)
    const send = (answer: HttpAnswer, isComplete = request.complete): void => {
      this.#send(response, answer, isComplete)
      const took = Math.round((performance.now() - start) * 1000)
      this.#options.onExchange?.({ head, answer, from: request.socket.remoteAddress ?? '', took })
    }
    if (!this.connections.isServed(request.socket)) return send(busyAnswer, false)
    const fault = faultOfHead(head, request)
    if (fault !== undefined) return send(plainAnswer(fault), false)
    if (Number(head.headers['content-length'] ?? 0) > this.#limits.largestBody) return send(plainAnswer(413))
    const answered = this.#safely(head, () => this.#handler(head))
    // What is left of a body of known length is soon read over; a client that waits for 100 may never send it.
    const isShort = expected === undefined && head.headers['transfer-encoding'] === undefined
    if (typeof answered !== 'function') return send(answered, isShort)
    expected?.()
    // RFC 9112 §9.3.2: what was asked before is done before, so that only the next one can be answered at once.
    if (!hasBody(head) && this.connections.isNext(request))
      return send(
        this.#safely(head, () => answered('')),
        true,
      )
    receiveBody(request, this.#limits.largestBody, this.#room, (received) => {
      if (received.kind === 'body') return send(this.#safely(head, () => answered(received.body)))
      send(received.status === 503 ? busyAnswer : plainAnswer(received.status))
    })
  }

  #refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
    this.#begin(request, response)
    this.#send(response, plainAnswer(status), false)
  }

  #safely<T>(head: HttpHead, act: () => T): T | HttpAnswer {
    try {
      return act()
    } catch (error) {
      this.#options.onFailure?.(error, head)
      return plainAnswer(500)
    }
  }

  /** Sends an answer. What is still to come of the request is thrown away for a while, and that is the end. */
  #send(response: ServerResponse, answer: HttpAnswer, isComplete: boolean): void {
    // Node reads nothing behind a request that would change the protocol, which it answers as any other.
    const isLast = !isComplete || this.#isClosing || response.req.headers.upgrade !== undefined
    if (isLast) response.shouldKeepAlive = false
    this.connections.answer(response.req)
    const { fields, content } = outgoing(answer)
    response.writeHead(answer.status, fields)
    if (isComplete) return void response.end(content)
    response.write(content)
    response.req.resume()
    const done = (): void => void response.end()
    const late = setTimeout(done, this.#limits.lingerMillis)
    response.req.once('close', () => {
      clearTimeout(late)
      done()
    })
    response.req.once('end', () => {
      clearTimeout(late)
      done()
    })
  }

  #begin(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request
    this.connections.begin(request, response)
    response.once('close', () => finishBy(socket, this.connections.finish(request)))
  }
}

function finishBy(socket: Duplex, ending: Ending): void {
  if (ending.kind === 'destroy') socket.destroy()
  if (ending.kind === 'answer') end(socket, ending.fault)
}

/** Answers what was no request, and ends the connection. */
function end(socket: Duplex, fault: HttpFault): void {
  if (!socket.writable) return void socket.destroy()
  socket.end(printFault(fault, new Date()), () => socket.destroy())
}
