/**
 * The XCAP port over loopback: the server is a process of its own and has one thread, clients are this process. The CPU
 * time of a request is that of the server's whole process, system calls and garbage collection included; the floor is
 * Node's own server with one constant answer, asked by the same clients.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { entries } from './contact-lists.ts'
import { type Figure, shortest } from './figure.ts'
import { manyConnectionsFigures } from './many-connections.ts'
import { getElement, MeasuredServer, putDocument, putEntry } from './measured-server.ts'

export async function* loopbackFigures(): AsyncGenerator<Figure> {
  const bare = new MeasuredServer('bare')
  yield* bare.figures('floor: a constant from node:http', getElement, 20_000)
  await bare.end()
  const memory = new MeasuredServer('memory')
  await memory.fill()
  yield* memory.figures('GET of an entry of 200', getElement, 20_000, 8000)
  yield* memory.figures('PUT of an entry of 200', putEntry, 10_000, 4000)
  yield* memory.figures('PUT of a document of 10 entries', putDocument(10), 10_000, 4000)
  yield* memory.figures('PUT of a document of 200 entries', putDocument(entries), 500)
  await memory.end()
  const folder = mkdtempSync(join(tmpdir(), 'presim-loopback-'))
  yield { name: 'loopback: floor: write and fsync of 20 kB', value: 1000 / syncing(folder), unit: 'writes/s' }
  const disk = new MeasuredServer('folder', [folder])
  await disk.fill()
  yield* disk.figures('PUT of an entry of 200 into a folder', putEntry, 200)
  yield* disk.figures('PUT of a document of 10 entries into a folder', putDocument(10), 200)
  await disk.end()
  rmSync(folder, { recursive: true })
  yield* manyConnectionsFigures()
}

/** Milliseconds that the disk takes for one file. */
function syncing(folder: string): number {
  const file = join(folder, 'floor')
  const bytes = new Uint8Array(20_000)
  const writes = 200
  const millis = shortest(3, () => {
    for (let write = 0; write < writes; write++) {
      const descriptor = openSync(file, 'w')
      writeSync(descriptor, bytes)
      fsyncSync(descriptor)
      closeSync(descriptor)
    }
  })
  rmSync(file)
  return millis / writes
}
