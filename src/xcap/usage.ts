import { type Format, isDocumentError, readStrictly, type XmlDocument } from '../documents/index.ts'
import { byteLength } from '../http/exchange.ts'
import type { HttpBody } from '../http/message.ts'
import { rule } from '../sim/rule.ts'
import type { Conflict } from './answer.ts'
import type { DocumentStore } from './document-store.ts'
import type { Root, Target } from './target.ts'

/**
 * An application usage (RFC 4825 §5): what documents there are below an AUID, and what they must be.
 *
 * - `documents`: XML documents of one format, which can be read and changed as a whole and by their nodes;
 * - `generated`: XML documents that the server makes, which can only be read;
 * - `objects`: content of any type, kept byte for byte, which has no nodes (RFC 4483).
 */
export type Usage = DocumentUsage | GeneratedUsage | ObjectUsage

interface CommonUsage {
  readonly auid: string
  /** Where the usage is defined. */
  readonly clause: string
  /** The namespaces of its schemas, which `xcap-caps` lists. */
  readonly schemas: readonly string[]
}

export interface DocumentUsage extends CommonUsage {
  readonly kind: 'documents'
  /** The MIME type of its documents. */
  readonly contentType: string
  /** Of names in node selectors that have no prefix (RFC 4825 §5.2). */
  readonly defaultNamespace: string
  /** The only name that a document of a user may have; undefined if there may be several. */
  readonly onlyName?: string
  /** The first thing that a document is not, but must be (RFC 4825 §5.3); undefined if any well-formed one will do. */
  readonly conflict?: (tree: XmlDocument, around: Surroundings) => Conflict | undefined
  /** A document of the global tree that is made from those of the users, by its name. */
  readonly aggregate?: Readonly<Record<string, (around: Surroundings) => XmlDocument>>
}

export interface GeneratedUsage extends CommonUsage {
  readonly kind: 'generated'
  readonly contentType: string
  readonly defaultNamespace: string
  /** Whether all may read a document, or its user alone. */
  readonly isPublic: boolean
  /** The document that a target names; undefined if there is none. */
  readonly make: (target: Target, around: Surroundings) => XmlDocument | undefined
}

export interface ObjectUsage extends CommonUsage {
  readonly kind: 'objects'
}

/** What a usage can see besides the document that it checks or makes. */
export interface Surroundings {
  readonly store: DocumentStore
  readonly usages: readonly Usage[]
  readonly root: Root
  /** Whether a URI is that of something else than a service of a list. */
  readonly isTaken: (uri: string) => boolean
  /** The path of the document, decoded. */
  readonly path: string
  /** The XCAP User Identifier, of a document in the tree of users. */
  readonly xui: string | undefined
  /** The value of a stored document in a format; undefined if it is none. */
  readonly readAs: <T extends object>(path: string, format: Format<T>) => T | undefined
}

const schemaValid = rule('RFC 4825 §8.2.5', 'a document stays valid against the schema of its usage', ['R6.3.2.2-a'])

/** The check of a usage whose documents have a format, and perhaps further constraints on what they say. */
export function valid<T extends object>(
  format: Format<T>,
  further?: (value: T, around: Surroundings) => Conflict | undefined,
): (tree: XmlDocument, around: Surroundings) => Conflict | undefined {
  return (tree, around) => {
    const value = readStrictly(format, tree)
    if (!isDocumentError(value)) return further?.(value, around)
    const phrase = `${value.reason}, at ${value.path}`
    return { why: schemaValid, error: { kind: 'schema-validation-error', phrase } }
  }
}

/** Whether a body has more bytes than so many. */
export function isLarger(body: HttpBody, bytes: number): boolean {
  return body.length > bytes || (body.length * 3 > bytes && byteLength(body) > bytes)
}
