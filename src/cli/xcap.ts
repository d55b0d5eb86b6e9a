import { readFileSync } from 'node:fs'
import { DamagedFile } from '../gateway/document-file.ts'
import { type FileStore, fileStore } from '../gateway/file-store.ts'
import { FolderInUse } from '../gateway/folder-lock.ts'
import type { HttpExchange, HttpServer } from '../gateway/http-server.ts'
import { readUsers, type Users } from '../gateway/users-file.ts'
import { openXcapPort } from '../gateway/xcap-port.ts'
import { exitCode, Misuse } from './exit-code.ts'
import { type Output, schemaVersion } from './output.ts'

export interface XcapOptions {
  readonly port: number
  readonly host: string
  readonly root: string
  /** The folder of the documents; they are kept in memory without one. */
  readonly store?: string
  readonly auth?: 'digest' | 'none'
  readonly users?: string
  /** How many connections there are at most. */
  readonly connections: number
  readonly json?: boolean
  readonly quiet?: boolean
}

/** `presim xcap`: an XCAP server on a real port, with a line for each request, until it is told to stop. */
export async function xcap(options: XcapOptions, output: Output): Promise<number> {
  if (!/^(https?:\/\/[^/?#]+)?(\/[^?#]*)?$/i.test(options.root))
    throw new Misuse(`"${options.root}" is no XCAP root; expected a path such as /xcap-root, or an http URI`)
  const users = usersOf(options)
  const store = options.store === undefined ? undefined : storeOf(options.store)
  try {
    const log = new AccessLog(options, output)
    const server = await portOf(options, users, store, log)
    log.started(server, users)
    await untilToldToStop()
    await server.close()
    log.stopped()
    return exitCode.ok
  } finally {
    store?.close()
  }
}

function usersOf({ auth, users: file }: XcapOptions): Users | undefined {
  if (file === undefined && auth === 'digest') throw new Misuse('--auth digest needs --users <file>')
  if (file === undefined) return undefined
  if (auth === 'none') throw new Misuse('--auth none has no use for --users')
  return readUsers(textOf(file), file)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Misuse(`${file} can not be read: ${messageOf(error)}`)
  }
}

function storeOf(folder: string): FileStore {
  try {
    return fileStore(folder)
  } catch (error) {
    if (error instanceof FolderInUse || error instanceof DamagedFile) throw new Misuse(error.message)
    if (isSystemError(error)) throw new Misuse(`${folder} can not be used as a store: ${error.message}`)
    throw error
  }
}

async function portOf(
  { host, port, root, connections }: XcapOptions,
  users: Users | undefined,
  store: FileStore | undefined,
  log: AccessLog,
): Promise<HttpServer> {
  const options = {
    limits: { mostConnections: connections },
    onExchange: (exchange: HttpExchange) => log.answered(exchange),
    onFailure: (error: unknown, { method, target }: HttpExchange['head']) => log.failed(error, `${method} ${target}`),
  }
  try {
    return await openXcapPort({ host, port, root, users, ...(store && { store }) }, options)
  } catch (error) {
    if (!isSystemError(error)) throw error
    const why = reasons[error.code ?? ''] ?? error.message
    throw new Misuse(`port ${port} of ${host} can not be had: ${why}`)
  }
}

/** The usual reasons for which there is no port. */
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another server has it; --port 0 takes one that is free',
  EACCES: 'this user may not listen there; ports from 1024 on are for everybody',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such host',
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string'

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Waits for SIGINT or SIGTERM; the second one ends the process at once. */
function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM'] as const
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop)
      resolve()
    }
    for (const signal of signals) process.on(signal, stop)
  })
}

/** A line for each request, as text or NDJSON; those of one turn of the event loop are written together. */
class AccessLog {
  readonly #options: XcapOptions
  readonly #output: Output
  #requests = 0
  #lines: string[] = []

  constructor(options: XcapOptions, output: Output) {
    this.#options = options
    this.#output = output
  }

  started({ host, port }: HttpServer, users: Users | undefined): void {
    const { root, store, json } = this.#options
    const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const url = root.startsWith('/') || root === '' ? `http://${authority}${root}` : root
    const auth = users === undefined ? 'none' : 'digest'
    if (json)
      return this.#output.json({ type: 'listening', url, host, port, root, store, auth, users: users?.byName.size })
    const documents = store === undefined ? 'documents in memory' : `documents in ${store}`
    const who = users === undefined ? 'open to everybody' : `${users.byName.size} users of realm ${users.realm}`
    this.#output.line(`XCAP root ${url} on ${authority}; ${documents}; ${who}`)
  }

  answered({ head, answer, from, took }: HttpExchange): void {
    this.#requests++
    if (this.#options.quiet) return
    const { method, target } = head
    const { status, user } = answer
    const bytes = Buffer.byteLength(answer.body)
    const at = new Date().toISOString()
    const row = {
      type: 'request',
      at,
      from,
      user,
      method,
      target,
      status,
      bytes,
      etag: answer.headers.etag,
      micros: took,
    }
    this.#later(
      this.#options.json
        ? JSON.stringify({ schemaVersion, ...row })
        : `${at} ${from} ${user ?? '-'} ${method} ${target} ${status} ${bytes} ${(took / 1000).toFixed(1)} ms`,
    )
  }

  failed(error: unknown, request: string): void {
    this.#output.error(`presim xcap: ${request} failed: ${messageOf(error)}`)
  }

  stopped(): void {
    this.#flush()
    const requests = this.#requests
    if (this.#options.json) return this.#output.json({ type: 'stopped', requests })
    this.#output.line(`stopped after ${requests === 1 ? 'one request' : `${requests} requests`}`)
  }

  #later(line: string): void {
    this.#lines.push(line)
    if (this.#lines.length === 1) setImmediate(() => this.#flush())
  }

  #flush(): void {
    if (this.#lines.length > 0) this.#output.line(this.#lines.join('\n'))
    this.#lines = []
  }
}
