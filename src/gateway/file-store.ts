/**
 * A store of documents on a folder, for one process at a time. A write is a new file beside the old one, brought to the
 * disk and then given the old one's name: whatever ends the process, or the machine, a document is wholly old or wholly
 * new, and one whose `write` has returned is new.
 */
import * as nodeFiles from 'node:fs'
import { dirname, join } from 'node:path'
import type { DocumentStore, StoredDocument } from '../xcap/document-store.ts'
import { bytesOfDocument, DamagedFile, documentOfBytes, fileNameOf, pathOf } from './document-file.ts'
import { lockFolder } from './folder-lock.ts'

/** What the store does with files; tests let it fail at each point. */
export type StoreFiles = Pick<
  typeof nodeFiles,
  | 'closeSync'
  | 'fsyncSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readdirSync'
  | 'readFileSync'
  | 'renameSync'
  | 'rmSync'
  | 'writeFileSync'
>

export interface FileStoreOptions {
  readonly files: StoreFiles
  /** How many bytes of documents are kept at hand. */
  readonly cacheBytes: number
}

/** A store that gives its folder free when it is done. */
export interface FileStore extends DocumentStore {
  close(): void
}

/** The beginning of the names of files that are being written; no document's file begins so. */
const unfinished = '+new-'

/**
 * Opens the store in a folder, which is made if there is none; files of writes that came to no end are removed. Throws
 * if the folder can not be written, if another process has it, or, as `DamagedFile`, if a file in it is no document.
 */
export function fileStore(folder: string, options: Partial<FileStoreOptions> = {}): FileStore {
  return new FolderStore(folder, { files: nodeFiles, cacheBytes: 64_000_000, ...options })
}

class FolderStore implements FileStore {
  readonly #folder: string
  readonly #files: StoreFiles
  readonly #cache: DocumentCache
  readonly #unlock: () => void
  /** The paths of all documents, sorted by code unit. */
  readonly #paths: string[]
  #writes = 0

  constructor(folder: string, { files, cacheBytes }: FileStoreOptions) {
    this.#folder = folder
    this.#files = files
    this.#cache = new DocumentCache(cacheBytes)
    makeFolder(folder, files)
    this.#unlock = lockFolder(folder)
    try {
      this.#paths = this.#recover()
    } catch (error) {
      this.#unlock()
      throw error
    }
  }

  read(path: string): StoredDocument | undefined {
    const known = this.#cache.get(path)
    if (known !== undefined) return known
    const place = placeIn(this.#paths, path)
    if (this.#paths[place] !== path) return undefined
    const read = this.#load(fileNameOf(path))
    if (read.path !== path) throw new DamagedFile(`${this.#file(fileNameOf(path))} is the file of ${read.path}`)
    this.#cache.set(path, read.document)
    return read.document
  }

  write(path: string, document: StoredDocument): void {
    const name = fileNameOf(path)
    const temporary = this.#file(`${unfinished}${this.#writes++}`)
    try {
      this.#bring(temporary, bytesOfDocument(path, document))
      this.#files.renameSync(temporary, this.#file(name))
    } catch (error) {
      this.#files.rmSync(temporary, { force: true })
      throw error
    }
    const place = placeIn(this.#paths, path)
    if (this.#paths[place] !== path) this.#paths.splice(place, 0, path)
    this.#cache.set(path, document)
    this.#syncFolder()
  }

  remove(path: string): void {
    const place = placeIn(this.#paths, path)
    if (this.#paths[place] !== path) return
    this.#files.rmSync(this.#file(fileNameOf(path)), { force: true })
    this.#paths.splice(place, 1)
    this.#cache.delete(path)
    this.#syncFolder()
  }

  paths(prefix: string): readonly string[] {
    const start = placeIn(this.#paths, prefix)
    let end = start
    while (end < this.#paths.length && this.#paths[end]!.startsWith(prefix)) end++
    return this.#paths.slice(start, end)
  }

  close(): void {
    this.#unlock()
  }

  #file(name: string): string {
    return join(this.#folder, name)
  }

  /** Writes a file and waits until the disk has it. */
  #bring(file: string, bytes: Uint8Array): void {
    const descriptor = this.#files.openSync(file, 'w')
    try {
      this.#files.writeFileSync(descriptor, bytes)
      this.#files.fsyncSync(descriptor)
    } finally {
      this.#files.closeSync(descriptor)
    }
  }

  /** Waits until the disk has the names in the folder. */
  #syncFolder(): void {
    // On Windows a folder can not be opened, and needs no such thing.
    if (process.platform === 'win32') return
    const descriptor = this.#files.openSync(this.#folder, 'r')
    try {
      this.#files.fsyncSync(descriptor)
    } finally {
      this.#files.closeSync(descriptor)
    }
  }

  /** Removes what was never finished, and finds the paths of all documents. Files of others are left alone. */
  #recover(): string[] {
    const paths: string[] = []
    for (const name of this.#files.readdirSync(this.#folder)) {
      const path = pathOf(name)
      if (name.startsWith(unfinished)) this.#files.rmSync(this.#file(name), { force: true })
      else if (path === 'hashed') paths.push(this.#load(name).path)
      else if (path !== undefined) paths.push(path)
    }
    return paths.sort(byUnit)
  }

  #load(name: string): ReturnType<typeof documentOfBytes> {
    const file = this.#file(name)
    return documentOfBytes(this.#files.readFileSync(file), file)
  }
}

/** Makes a folder and those above it. Node's own way of that never ends where the system refuses one by ENOENT. */
function makeFolder(folder: string, files: StoreFiles): void {
  try {
    files.mkdirSync(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error
    makeFolder(dirname(folder), files)
    files.mkdirSync(folder)
  }
}

const byUnit = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

/** Where a path is in a sorted list, or would be. */
function placeIn(paths: readonly string[], path: string): number {
  let low = 0
  let high = paths.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (paths[middle]! < path) low = middle + 1
    else high = middle
  }
  return low
}

/** The documents that were used last, as many as there is room for. */
class DocumentCache {
  readonly #room: number
  /** In the order of their last use. */
  readonly #documents = new Map<string, StoredDocument>()
  #size = 0

  constructor(room: number) {
    this.#room = room
  }

  get(path: string): StoredDocument | undefined {
    const document = this.#documents.get(path)
    if (document === undefined) return undefined
    this.#documents.delete(path)
    this.#documents.set(path, document)
    return document
  }

  set(path: string, document: StoredDocument): void {
    this.delete(path)
    this.#documents.set(path, document)
    this.#size += document.body.length
    for (const [oldest, { body }] of this.#documents) {
      if (this.#size <= this.#room) return
      this.#documents.delete(oldest)
      this.#size -= body.length
    }
  }

  delete(path: string): void {
    const document = this.#documents.get(path)
    if (document === undefined) return
    this.#documents.delete(path)
    this.#size -= document.body.length
  }
}
