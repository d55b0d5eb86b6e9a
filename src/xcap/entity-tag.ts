import type { HttpBody } from '../http/message.ts'
import type { StoredDocument } from './document-store.ts'

/** A document for which an entity-tag is made. */
export interface UntaggedDocument {
  readonly path: string
  readonly contentType: string
  readonly body: HttpBody
  /** What is there now; undefined if the document is new. */
  readonly before?: StoredDocument | undefined
  /** What is done to a node of it, such that it has one outcome only; undefined if the whole document is put. */
  readonly change?: string | undefined
}

/**
 * An entity-tag by the content: 64 bits over all of it, or, when a node was changed, over the entity-tag before and the
 * change. So a tag stands for one content, in another store and after a deletion too (RFC 9110 §8.8.3).
 */
export function contentTag({ contentType, body, before, change }: UntaggedDocument): string {
  const { one, other } =
    before !== undefined && change !== undefined
      ? mixText(mixText(mixText(seed, before.etag), '\0'), change)
      : mixContent(mixText(seed, contentType), body)
  return hexadecimal(one) + hexadecimal(other)
}

function mixContent(lanes: Lanes, body: HttpBody): Lanes {
  // A text is told apart from the same bytes.
  return typeof body === 'string' ? mixText(mixText(lanes, '\0'), body) : mixBytes(mixText(lanes, '\x01'), body)
}

/** Two lanes of 32 bits. */
interface Lanes {
  readonly one: number
  readonly other: number
}

const seed: Lanes = { one: 0x811c9dc5, other: 0x9e3779b9 }

function mixText({ one, other }: Lanes, text: string): Lanes {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    one = Math.imul(one ^ unit, 0x01000193)
    other = Math.imul((other >>> 15) ^ other ^ unit, 0x85ebca6b)
  }
  return { one, other }
}

function mixBytes({ one, other }: Lanes, bytes: Uint8Array): Lanes {
  for (let i = 0; i < bytes.length; i++) {
    one = Math.imul(one ^ bytes[i]!, 0x01000193)
    other = Math.imul((other >>> 15) ^ other ^ bytes[i]!, 0x85ebca6b)
  }
  return { one, other }
}

const hexadecimal = (lane: number): string => (lane >>> 0).toString(16).padStart(8, '0')
