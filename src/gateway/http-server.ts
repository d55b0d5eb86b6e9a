/**
 * HTTP/1.1 on a real port (RFC 9112): requests become values with the target as it was sent, values become responses,
 * and what clients may take of time, connections and memory is bounded.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { writtenName } from '../http/headers.ts'
import type { HttpBody, HttpHeaders } from '../http/message.ts'
import { decodeUtf8 } from '../sip/utf8.ts'
import { Connections, type Ending } from './http-connections.ts'
import { faultOf, type HttpFault, printFault } from './http-fault.ts'
import { type HttpLimits, usualLimits } from './http-limits.ts'

/** A request before its body has come. */
export interface HttpHead {
  readonly method: string
  /** The request target exactly as it was sent. */
  readonly target: string
  readonly headers: HttpHeaders
}

/** What a request is answered. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: HttpHeaders
  readonly body: HttpBody
  /** The values of WWW-Authenticate, which are sent in header fields of their own. */
  readonly challenges?: readonly string[]
  /** Who asked, if that was proved. */
  readonly user?: string
}

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
  #isClosing = false

  constructor(server: Server, handler: HttpHandler, limits: HttpLimits, options: Partial<HttpServerOptions>) {
    this.#server = server
    this.#handler = handler
    this.#limits = limits
    this.#options = options
    this.connections = new Connections(limits.mostConnections)
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
    // Neither bytes beyond ASCII nor a fragment are part of a target (RFC 3986 §2).
    if (!/^[!-~]+$/.test(head.target)) return send(plain(400))
    const declared = Number(head.headers['content-length'] ?? 0)
    if (declared > this.#limits.largestBody) return send(plain(413))
    const answered = this.#safely(head, () => this.#handler(head))
    // What is left of a body of known length is soon read over; a client that waits for 100 may never send it.
    const isShort = expected === undefined && head.headers['transfer-encoding'] === undefined
    if (typeof answered !== 'function') return send(answered, isShort)
    expected?.()
    receive(request, this.#limits.largestBody, (body) =>
      send(body === undefined ? plain(413) : this.#safely(head, () => answered(body))),
    )
  }

  #refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
    this.#begin(request, response)
    this.#send(response, plain(status), false)
  }

  #safely<T>(head: HttpHead, act: () => T): T | HttpAnswer {
    try {
      return act()
    } catch (error) {
      this.#options.onFailure?.(error, head)
      return plain(500)
    }
  }

  /** Sends an answer. What is still to come of the request is thrown away for a while, and that is the end. */
  #send(response: ServerResponse, answer: HttpAnswer, isComplete: boolean): void {
    const { status, headers, challenges } = answer
    const bytes = Buffer.from(answer.body as string)
    if (!isComplete || this.#isClosing) response.shouldKeepAlive = false
    const fields: Record<string, string | string[]> = {}
    for (const name in headers) fields[writtenName(name)] = headers[name]!
    if (challenges !== undefined) fields['WWW-Authenticate'] = [...challenges]
    // RFC 9110 §8.6: a 304 may say the length of what it does not send; ours does not.
    if (status !== 304) fields['Content-Length'] = String(bytes.length)
    response.writeHead(status, fields)
    if (isComplete) return void response.end(bytes)
    response.write(bytes)
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

/** An answer that says no more than its status does. */
function plain(status: number): HttpAnswer {
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  return { status, headers, body: `${STATUS_CODES[status] ?? ''}\n` }
}

function finishBy(socket: Duplex, ending: Ending): void {
  if (ending.kind === 'destroy') socket.destroy()
  if (ending.kind === 'answer') end(socket, ending.fault)
}

/** Answers what was no request, and ends the connection. */
function end(socket: Duplex, fault: HttpFault): void {
  if (!socket.writable) return void socket.destroy()
  socket.end(printFault(fault), () => socket.destroy())
}

function headOf({ method, url, headers }: IncomingMessage): HttpHead {
  const read: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '')
    // Node reads header fields as Latin-1; those of IMS are UTF-8 where they are not ASCII.
    read[name] = /[\x80-\xff]/.test(text) ? (decodeUtf8(Buffer.from(text, 'latin1')) ?? text) : text
  }
  return { method: method ?? '', target: url ?? '', headers: read }
}

/** Reads a body; undefined as soon as it is too long. One that is cut off is never handed over. */
function receive(request: IncomingMessage, limit: number, done: (body: HttpBody | undefined) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  const onData = (chunk: Buffer): void => {
    length += chunk.length
    if (length <= limit) return void chunks.push(chunk)
    request.off('data', onData)
    request.off('end', onEnd)
    done(undefined)
  }
  const onEnd = (): void => {
    if (!request.complete) return
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    done(decodeUtf8(bytes) ?? new Uint8Array(bytes))
  }
  request.on('data', onData)
  request.on('end', onEnd)
  // A connection that is lost is the client's affair; the request was not whole, and nothing comes of it.
  request.on('error', () => {})
}
