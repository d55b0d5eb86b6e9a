/**
 * How a document lies in a file: one line of JSON that says what it is, then its body, so that entity-tag, content type
 * and body are written and replaced as one; and which file name belongs to which path.
 */
import { createHash } from 'node:crypto'
import type { StoredDocument } from '../xcap/document-store.ts'

/** The ending of the files that hold documents. */
const ending = '.xcap'

/** How many bytes a file name has at most; every file system takes 255. */
const longestName = 200

/**
 * The file name of a path. It has lower-case letters, digits and `-_.@%` only, so that no file system folds two into
 * one or finds a folder in it; a path whose name would be too long is named by its hash.
 */
export function fileNameOf(path: string): string {
  const escaped = path.replace(/^\.|[^a-z0-9\-_.@]/g, escapeUnit)
  if (escaped.length + ending.length <= longestName) return escaped + ending
  const digest = createHash('sha256').update(path, 'utf16le').digest('hex')
  return `${escaped.slice(0, longestName - ending.length - digest.length - 2)}%h${digest}${ending}`
}

/** `%2f` for a character of Latin-1, `%u4e00` for any other UTF-16 unit. */
function escapeUnit(unit: string): string {
  const code = unit.charCodeAt(0)
  return code < 0x100 ? `%${code.toString(16).padStart(2, '0')}` : `%u${code.toString(16).padStart(4, '0')}`
}

/** The path of a file name; `hashed` if only the file itself can tell, undefined if it is no name of a document. */
export function pathOf(fileName: string): string | 'hashed' | undefined {
  if (!/^[a-z0-9\-_.@%]*\.xcap$/.test(fileName)) return undefined
  if (/%h[0-9a-f]{64}\.xcap$/.test(fileName)) return 'hashed'
  const path = fileName
    .slice(0, -ending.length)
    .replace(/%(?:u([0-9a-f]{4})|([0-9a-f]{2}))/g, (_, wide: string | undefined, narrow: string | undefined) =>
      String.fromCharCode(Number.parseInt(wide ?? narrow!, 16)),
    )
  return fileNameOf(path) === fileName ? path : undefined
}

/** The first line of a file. */
interface FileHead {
  readonly path: string
  readonly etag: string
  readonly contentType: string
  /** Whether the body was text or bytes. */
  readonly kind: 'text' | 'bytes'
  /** How many bytes the body has. */
  readonly length: number
}

/** A document and its path, as the bytes of a file. */
export function bytesOfDocument(path: string, { etag, contentType, body }: StoredDocument): Uint8Array {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body
  const kind = typeof body === 'string' ? 'text' : 'bytes'
  const head: FileHead = { path, etag, contentType, kind, length: bytes.length }
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`, 'utf8'), bytes])
}

/** A file that is not as this store writes them. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile'
}

/** The document in the bytes of a file, and its path. Throws `DamagedFile` if they are no whole document. */
export function documentOfBytes(
  bytes: Buffer,
  file: string,
): { readonly path: string; readonly document: StoredDocument } {
  const end = bytes.indexOf(0x0a)
  const { path, etag, contentType, kind, length } = headOf(bytes.toString('utf8', 0, Math.max(0, end)), file)
  const body = bytes.subarray(end + 1)
  if (body.length !== length) throw new DamagedFile(`${file} has ${body.length} bytes of body, not ${length}`)
  const document = { etag, contentType, body: kind === 'text' ? body.toString('utf8') : new Uint8Array(body) }
  return { path, document }
}

function headOf(line: string, file: string): FileHead {
  try {
    const { path, etag, contentType, kind, length } = JSON.parse(line) as Partial<FileHead>
    const isWhole = [path, etag, contentType].every((text) => typeof text === 'string')
    if (isWhole && (kind === 'text' || kind === 'bytes') && typeof length === 'number')
      return { path: path!, etag: etag!, contentType: contentType!, kind, length }
  } catch {
    // The same as a line that is JSON of something else.
  }
  throw new DamagedFile(`${file} does not begin with a line that says what it is`)
}
