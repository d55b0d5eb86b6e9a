/** What the process that is killed writes: a sequence that whoever looks at its folder afterwards knows as well. */
import type { StoredDocument } from '../../src/xcap/document-store.ts'

export interface Writing {
  readonly path: string
  /** Undefined if the document is removed. */
  readonly document: StoredDocument | undefined
}

/** The writing of a number, from 1: on four documents in turn, of up to 200 kB, each fifth one a removal. */
export function writingOf(number: number): Writing {
  const path = `resource-lists/users/sip:user${number % 4}@home1.net/index`
  if (number % 5 === 0) return { path, document: undefined }
  const body = `${number}:${'x'.repeat((number * 7919) % 200_000)}`
  return { path, document: { etag: `tag-${number}`, contentType: 'application/resource-lists+xml', body } }
}

/** The documents that are there after so many writings. */
export function documentsAfter(count: number): Map<string, StoredDocument> {
  const documents = new Map<string, StoredDocument>()
  // Each document is written at least once in 20 writings.
  for (let number = Math.max(1, count - 40); number <= count; number++) {
    const { path, document } = writingOf(number)
    if (document === undefined) documents.delete(path)
    else documents.set(path, document)
  }
  return documents
}
