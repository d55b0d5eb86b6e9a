import { spawn } from 'node:child_process'
import * as nodeFiles from 'node:fs'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DamagedFile, fileNameOf, pathOf } from '../../src/gateway/document-file.ts'
import { fileStore, type StoreFiles } from '../../src/gateway/file-store.ts'
import { FolderInUse } from '../../src/gateway/folder-lock.ts'
import type { DocumentStore, StoredDocument } from '../../src/xcap/document-store.ts'
import { documentsAfter, writingOf } from './writings.ts'

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'presim-store-'))

const list = 'resource-lists/users/sip:user1@home1.net/index'
const documentOf = (body: string | Uint8Array): StoredDocument => ({ etag: 'tag', contentType: 'text/plain', body })

/** All that a store holds. */
function contentsOf(store: DocumentStore): Map<string, StoredDocument> {
  return new Map(store.paths('').map((path) => [path, store.read(path)!]))
}

describe('the name of a file', () => {
  it.each([
    [list, 'resource-lists%2fusers%2fsip%3auser1@home1.net%2findex.xcap'],
    ['../../etc/passwd', '%2e.%2f..%2fetc%2fpasswd.xcap'],
    ['Index', '%49ndex.xcap'],
    ['a%2fb', 'a%252fb.xcap'],
    ['é', '%e9.xcap'],
    ['e\u0301', 'e%u0301.xcap'],
    ['\u4e00', '%u4e00.xcap'],
    ['\ud800', '%ud800.xcap'],
    ['', '.xcap'],
  ])('of %j is %s', (path, name) => {
    expect(fileNameOf(path)).toBe(name)
    expect(pathOf(name)).toBe(path)
  })

  it('is its own for any path, of harmless characters, and short', () => {
    const unit = fc.string({ unit: 'binary', maxLength: 120 })
    fc.assert(
      fc.property(unit, unit, (one, other) => {
        const name = fileNameOf(one)
        expect(name).toMatch(/^[a-z0-9\-_.@%]{0,195}\.xcap$/)
        expect([one, 'hashed']).toContain(pathOf(name))
        expect(fileNameOf(other) === name).toBe(one === other)
      }),
    )
  })

  it('of a long path is a hash, of paths that differ at their end or in case too', () => {
    const long = `resource-lists/users/sip:${'a'.repeat(400)}@home1.net/index`
    const names = new Set([long, `${long}2`, long.toUpperCase(), long.replace('aaa', 'Aaa')].map(fileNameOf))
    expect(names.size).toBe(4)
    for (const name of names) expect([name.length <= 200, pathOf(name)]).toEqual([true, 'hashed'])
  })

  it.each(['+lock', '+new-1', 'README', 'a.xcap~', 'A.xcap', '%2G.xcap', '%41b%.xcap', '%61.xcap'])(
    '%s is none',
    (name) => expect(pathOf(name)).toBeUndefined(),
  )
})

describe('a store on a folder', () => {
  it('keeps what it was given over a restart', () => {
    const folder = join(newFolder(), 'made', 'by', 'the', 'store')
    const bytes = Uint8Array.from({ length: 256 }, (_, octet) => octet)
    const documents = new Map<string, StoredDocument>([
      [list, { etag: '"odd\n', contentType: 'application/resource-lists+xml', body: '<a>\n\u4e00\u{1f600}</a>\n' }],
      ['presence-content/users/x/photo.jpg', documentOf(bytes)],
      ['empty', documentOf('')],
      [`long/${'A/'.repeat(300)}`, documentOf('long')],
      ['../up', documentOf('up')],
      ['CASE', documentOf('upper')],
      ['case', documentOf('lower')],
    ])
    const store = fileStore(folder)
    for (const [path, document] of documents) store.write(path, document)
    expect(contentsOf(store)).toEqual(documents)
    store.close()
    const again = fileStore(folder)
    expect(again.paths('')).toEqual([...documents.keys()].sort())
    expect(contentsOf(again)).toEqual(documents)
    again.remove('case')
    again.close()
    documents.delete('case')
    expect(contentsOf(fileStore(folder))).toEqual(documents)
    expect(readdirSync(join(folder, '..'))).toEqual(['store'])
  })

  it('finds paths by their beginning, sorted by code unit', () => {
    const store = fileStore(newFolder())
    for (const path of ['b/2', 'a/2', 'B/1', 'b/10', 'b', 'c']) store.write(path, documentOf(path))
    expect(store.paths('b')).toEqual(['b', 'b/10', 'b/2'])
    expect(store.paths('b/')).toEqual(['b/10', 'b/2'])
    expect(store.paths('')).toEqual(['B/1', 'a/2', 'b', 'b/10', 'b/2', 'c'])
    expect(store.paths('d')).toEqual([])
    expect(store.read('d')).toBeUndefined()
    store.remove('d')
  })

  it('gives the same object as long as nobody writes, and keeps no more at hand than it may', () => {
    const folder = newFolder()
    const reads: string[] = []
    const files: StoreFiles = {
      ...nodeFiles,
      readFileSync: ((file: string) => {
        reads.push(file)
        return readFileSync(file)
      }) as StoreFiles['readFileSync'],
    }
    const store = fileStore(folder, { files, cacheBytes: 25 })
    for (const path of ['a', 'b', 'c']) store.write(path, documentOf(path.repeat(10)))
    expect(store.read('c')).toBe(store.read('c'))
    expect(store.read('b')).toBe(store.read('b'))
    expect(reads).toEqual([])
    expect(store.read('a')?.body).toBe('aaaaaaaaaa')
    expect(reads.length).toBe(1)
    expect(store.read('b')).toBe(store.read('b'))
    expect(reads.length).toBe(1)
    store.write('big', documentOf('x'.repeat(100)))
    expect(store.read('big')?.body.length).toBe(100)
  })

  it('leaves files of others alone', () => {
    const folder = newFolder()
    writeFileSync(join(folder, 'README'), 'mine')
    const store = fileStore(folder)
    store.write('a', documentOf('a'))
    expect(store.paths('')).toEqual(['a'])
    store.close()
    expect(readdirSync(folder).sort()).toEqual(['README', 'a.xcap'])
  })

  it.each([
    ['cut off', (file: string) => truncateSync(file, statSync(file).size - 1), 'bytes of body'],
    ['emptied', (file: string) => writeFileSync(file, ''), 'does not begin with a line'],
    ['overwritten', (file: string) => writeFileSync(file, '[]\n'), 'does not begin with a line'],
    ['exchanged', (file: string) => writeFileSync(file, readFileSync(file.replace('/a.', '/b.'))), 'is the file of b'],
  ])('says which file was %s by others', (_what, damage, said) => {
    const folder = newFolder()
    const store = fileStore(folder)
    store.write('a', documentOf('a'.repeat(100)))
    store.write('b', documentOf('b'))
    store.close()
    damage(join(folder, 'a.xcap'))
    const again = fileStore(folder)
    expect(() => again.read('a')).toThrow(DamagedFile)
    expect(() => again.read('a')).toThrow(said)
    expect(again.read('b')?.body).toBe('b')
  })
})

describe('the lock of a folder', () => {
  it('lets one store in at a time', () => {
    const folder = newFolder()
    const store = fileStore(folder)
    expect(() => fileStore(folder)).toThrow(FolderInUse)
    store.close()
    fileStore(folder).close()
    expect(existsSync(join(folder, '+lock'))).toBe(false)
  })
  it('keeps out while another process has it, and names that', () => {
    const folder = newFolder()
    // The process that runs this one.
    writeFileSync(join(folder, '+lock'), JSON.stringify({ pid: process.ppid }))
    expect(() => fileStore(folder)).toThrow(`process ${process.ppid} uses ${folder}`)
  })
  it.each([
    ['that never was', JSON.stringify({ pid: 2 ** 30, since: '1' })],
    ['whose number another one has now', JSON.stringify({ pid: process.ppid, since: '1' })],
    ['that was not finished', '{"pi'],
    ['with the number of this one', JSON.stringify({ pid: process.pid, since: '1' })],
  ])('does not hold for a process %s', (what, text) => {
    if (what.startsWith('whose') && !existsSync('/proc/self/stat')) return
    const folder = newFolder()
    writeFileSync(join(folder, '+lock'), text)
    fileStore(folder).close()
  })
})

/** Files that fail for good at the operation of a number, and leave half of what was to be written there. */
function failingAt(number: number): { files: StoreFiles; count: () => number } {
  let count = 0
  const step = <A extends unknown[], R>(act: (...args: A) => R, half: (...args: A) => void = () => {}) =>
    ((...args: A) => {
      count++
      if (count === number) half(...args)
      if (count >= number) throw new Error('the machine has failed')
      return act(...args)
    }) as never
  const files: StoreFiles = {
    ...nodeFiles,
    openSync: step(nodeFiles.openSync),
    closeSync: step(nodeFiles.closeSync),
    fsyncSync: step(nodeFiles.fsyncSync),
    renameSync: step(nodeFiles.renameSync),
    rmSync: step(nodeFiles.rmSync),
    writeFileSync: step(nodeFiles.writeFileSync as never, (descriptor: number, bytes: Uint8Array) =>
      nodeFiles.writeSync(descriptor, bytes, 0, bytes.length >> 1),
    ),
  }
  return { files, count: () => count }
}

describe('a store that ends at any moment', () => {
  it('has each document wholly old or wholly new, and all that was acknowledged, wherever it fails', () => {
    const history = [1, 2, 3, 4, 5, 6]
    const calm = failingAt(Number.POSITIVE_INFINITY)
    let points = 1
    for (let point = 1; point <= points; point++) {
      const folder = newFolder()
      const { files } = point === 1 ? calm : failingAt(point - 1)
      const store = fileStore(folder, { files })
      let written = 0
      try {
        for (const number of history) {
          const { path, document } = writingOf(number)
          if (document === undefined) store.remove(path)
          else store.write(path, document)
          written = number
        }
      } catch (error) {
        expect(String(error)).toContain('the machine has failed')
      }
      if (point === 1) points += calm.count()
      else expect(written).toBeLessThan(history.length)
      store.close()
      const again = fileStore(folder)
      expect([documentsAfter(written), documentsAfter(written + 1)]).toContainEqual(contentsOf(again))
      again.close()
      expect(readdirSync(folder).filter((name) => !name.endsWith('.xcap'))).toEqual([])
    }
    expect(points).toBeGreaterThan(40)
  })

  it('has them so after each of 200 kills of the process that writes', { timeout: 300_000 }, async () => {
    const script = compiledScript()
    const lanes = [0, 1, 2, 3]
    const counts = await Promise.all(lanes.map((lane) => killOften(50, lane, script)))
    expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(200)
  })
})

/** The writing process without types: it starts in a third of the time. */
function compiledScript(): string {
  const to = newFolder()
  const root = join(import.meta.dirname, '../..')
  const files = ['document-file', 'file-store', 'folder-lock'].map((name) => `src/gateway/${name}`)
  for (const name of [...files, 'test/gateway/writings', 'test/gateway/writing-process']) {
    const code = stripTypeScriptTypes(readFileSync(join(root, `${name}.ts`), 'utf8'))
    mkdirSync(dirname(join(to, name)), { recursive: true })
    writeFileSync(join(to, `${name}.mjs`), code.replace(/(from '\.[^']*)\.ts'/g, "$1.mjs'"))
  }
  return join(to, 'test/gateway/writing-process.mjs')
}

/** Lets a process write into a folder and kills it, so many times; returns how many writings there were. */
async function killOften(times: number, lane: number, script: string): Promise<number> {
  const folder = newFolder()
  let done = 0
  for (let time = 0; time < times; time++) {
    const acknowledged = await killWhileWriting(script, folder, done + 1, ((time * 4 + lane) * 7919) % 25)
    expect(acknowledged).toBeGreaterThan(done)
    const store = fileStore(folder)
    const found = contentsOf(store)
    store.close()
    const isNewer = [...found].some(([, { etag }]) => etag === `tag-${acknowledged + 1}`)
    const isRemoved = writingOf(acknowledged + 1).document === undefined
    done = isNewer || (isRemoved && !found.has(writingOf(acknowledged + 1).path)) ? acknowledged + 1 : acknowledged
    expect(found).toEqual(documentsAfter(done))
  }
  return done
}

/** Kills a writing process some time after its first writing; returns the number of the last one that it told of. */
function killWhileWriting(script: string, folder: string, first: number, afterMillis: number): Promise<number> {
  const child = spawn(process.execPath, [script, folder, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (told === '') setTimeout(() => child.kill('SIGKILL'), afterMillis)
    told += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(Number(told.trimEnd().split('\n').at(-1))))
  })
}
