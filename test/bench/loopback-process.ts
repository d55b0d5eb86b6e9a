/**
 * The XCAP port in a process of its own, for measurements: it tells its parent the port, and what it has used whenever
 * it is asked. With a folder it keeps its documents there; with `bare` it answers everything by one constant instead,
 * as the floor of what Node's own server takes.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileStore } from '../../src/gateway/file-store.ts'
import { openXcapPort } from '../../src/gateway/xcap-port.ts'

/** What the process has used so far. */
export interface Usage {
  readonly cpuMicros: number
  /** What is alive, if the garbage was collected before. */
  readonly heapBytes: number
}

/** What the process can be asked for. */
export type Question = 'usage' | 'usage without garbage'

const [how, argument] = process.argv.slice(2)

function usage(): Usage {
  const { user, system } = process.cpuUsage()
  return { cpuMicros: user + system, heapBytes: process.memoryUsage().heapUsed }
}

async function portOf(): Promise<number> {
  if (how === 'bare') {
    const server = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(200, { 'Content-Length': 3 }).end('abc'))
    }).listen(0, '127.0.0.1')
    return await new Promise((resolve) => server.on('listening', () => resolve((server.address() as AddressInfo).port)))
  }
  const kept = how === 'folder' ? { store: fileStore(argument!) } : {}
  const mostConnections = how === 'memory' && argument !== undefined ? { mostConnections: Number(argument) } : {}
  return (await openXcapPort({ port: 0, root: '/xcap-root', ...kept }, { limits: mostConnections })).port
}

process.on('message', (question: Question) => {
  if (question === 'usage without garbage') globalThis.gc?.()
  process.send!(usage())
})
process.on('disconnect', () => process.exit())
process.send!(await portOf())
