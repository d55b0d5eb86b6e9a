import type { HttpBody } from '../http/message.ts'
import type { StoredDocument } from './document-store.ts'

/** A document for which an entity-tag is made. */
export interface UntaggedDocument {
  readonly path: string
  readonly contentType: string
  readonly body: HttpBody
  /** What is there now; undefined if the document is new. */
  readonly before?: StoredDocument | undefined
}

/**
 * An entity-tag that says what is in the document: 64 bits over its content, and its length. The same content has the
 * same tag, in another store and after a deletion too, and other content has another one (RFC 9110 §8.8.3).
 */
export function contentTag({ contentType, body }: UntaggedDocument): string {
  let one = 0x811c9dc5
  let other = 0x9e3779b9
  const mix = (unit: number) => {
    one = Math.imul(one ^ unit, 0x01000193)
    other = Math.imul(other ^ unit, 0x85ebca6b)
    other ^= other >>> 15
  }
  for (let i = 0; i < contentType.length; i++) mix(contentType.charCodeAt(i))
  // A body as text and the same one as bytes are told apart: they are not stored in both forms.
  mix(typeof body === 'string' ? 0x10000 : 0x10001)
  if (typeof body === 'string') for (let i = 0; i < body.length; i++) mix(body.charCodeAt(i))
  else for (const byte of body) mix(byte)
  const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, '0')
  return `${body.length.toString(36)}-${hex(one)}${hex(other)}`
}
