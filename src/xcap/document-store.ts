import type { HttpBody } from '../http/message.ts'

/** A document as it is kept, and as a GET of it shows it. */
export interface StoredDocument {
  /** The opaque part of its strong entity-tag, without the quotes. */
  readonly etag: string
  readonly contentType: string
  readonly body: HttpBody
}

/**
 * Where documents are kept, by their paths below the XCAP root with all escapes decoded, such as
 * `resource-lists/users/sip:a@home1.net/index`. A server that gets the same object for a document as long as it is not
 * written parses it once.
 */
export interface DocumentStore {
  read(path: string): StoredDocument | undefined
  write(path: string, document: StoredDocument): void
  remove(path: string): void
  /** The paths that begin with a prefix, sorted by code unit. */
  paths(prefix: string): readonly string[]
}

/** One change of one document, as those who watch documents hear of it. */
export interface DocumentChange {
  readonly path: string
  /** Undefined if the document is new. */
  readonly before: StoredDocument | undefined
  /** Undefined if the document was deleted. */
  readonly after: StoredDocument | undefined
}

/** A store on plain data, so that the state of a simulated node can be copied and stepped back. */
export function memoryStore(documents: Map<string, StoredDocument> = new Map()): DocumentStore {
  return {
    read: (path) => documents.get(path),
    write: (path, document) => {
      documents.set(path, document)
    },
    remove: (path) => {
      documents.delete(path)
    },
    paths: (prefix) => [...documents.keys()].filter((path) => path.startsWith(prefix)).toSorted(),
  }
}
