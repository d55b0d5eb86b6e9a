import type { DocumentChange } from '../../documents/index.ts'
import { parseRoot, targetOfReference } from '../../xcap/target.ts'

/** What the roles of one host tell each other of XML documents at an XCAP server. */
export type DocumentNews = DocumentsTold | DocumentRead

/** A NOTIFY of the xcap-diff package has told of changes (RFC 5875 §4.7), in this order. */
export interface DocumentsTold {
  readonly kind: 'told'
  /** The XCAP root, by its URI. */
  readonly root: string
  readonly documents: readonly ToldDocument[]
}

/** A change that was told. */
export interface ToldDocument extends DocumentChange {
  /** True if it does not follow from what was told before: a change between them was missed. */
  readonly isMissed: boolean
}

/** A document was read as a whole, or was found to be as it is known. */
export interface DocumentRead {
  readonly kind: 'read'
  readonly root: string
  /** The path below the root, decoded. */
  readonly path: string
}

/** The decoded path below the XCAP root of the document that a selector names; the selector if it names none. */
export const pathOfSelector = (selector: string): string => targetOfReference(selector)?.path ?? selector

/** True of two absolute HTTP URIs of one XCAP root. */
export function isSameRoot(one: string, other: string): boolean {
  if (![one, other].every((uri) => /^https?:\/\/[^?#]*$/i.test(uri))) return false
  const [a, b] = [parseRoot(one), parseRoot(other)]
  return a.origin === b.origin && a.path === b.path
}
