/**
 * Parts that are elsewhere (message/external-body, RFC 4483): a URL in the place of a body.
 */

import type { DocumentError } from '../xml/tree.ts'
import type { ContentType } from './content-type.ts'
import { parseContentType, printContentType } from './content-type.ts'
import type { MimePart } from './mime.ts'
import { mimeError, parseHead } from './mime.ts'

/** RFC 4483 §5: a body that is to be fetched. */
export interface ExternalBody {
  readonly kind: 'external-body'
  readonly url: string
  /** Until when it can be fetched, as a date of RFC 1123. */
  readonly expiration?: string
  /** Its size in bytes. */
  readonly size?: number
  /** Its SHA-1 digest, as 40 hexadecimal digits. */
  readonly hash?: string
  /** The content type of what is to be fetched. */
  readonly contentType?: string
  readonly contentId?: string
}

/**
 * The body that a part of type `message/external-body` stands for (RFC 4483 §5); undefined if it is of another type.
 */
export function parseExternalBody({ contentType, body }: MimePart): ExternalBody | DocumentError | undefined {
  const type = parseContentType(contentType ?? '')
  if (type?.type !== 'message/external-body') return undefined
  const { url, expiration, size, hash } = type.parameters
  if (type.parameters['access-type']?.toLowerCase() !== 'url') return mimeError('The access type is not URL')
  if (url === undefined) return mimeError('There is no URL')
  const number = size === undefined ? undefined : Number(size)
  if (number !== undefined && !/^\d{1,15}$/.test(size!)) return mimeError(`The size is no number: ${size}`)
  if (hash !== undefined && !/^[0-9A-Fa-f]{40}$/.test(hash)) return mimeError(`The hash has no 40 digits: ${hash}`)
  const inner = parseHead(body)
  if ('kind' in inner) return inner
  return {
    kind: 'external-body',
    // RFC 4483 §5.1: white space in a folded URL is no part of it.
    url: url.replace(/\s+/g, ''),
    ...(expiration === undefined ? {} : { expiration }),
    ...(number === undefined ? {} : { size: number }),
    ...(hash === undefined ? {} : { hash }),
    ...(inner.contentType === undefined ? {} : { contentType: inner.contentType }),
    ...(inner.contentId === undefined ? {} : { contentId: inner.contentId }),
  }
}

/** The part that stands for a body to be fetched. */
export function externalBodyPart(external: ExternalBody, contentId?: string): MimePart {
  const { url, expiration, size, hash, contentType } = external
  const parameters: ContentType['parameters'] = {
    'access-type': 'URL',
    url,
    ...(expiration === undefined ? {} : { expiration }),
    ...(size === undefined ? {} : { size: String(size) }),
    ...(hash === undefined ? {} : { hash }),
  }
  const own = external.contentId === undefined ? '' : `Content-ID: <${external.contentId}>\r\n`
  return {
    contentType: printContentType({ type: 'message/external-body', parameters }),
    ...(contentId === undefined ? {} : { contentId }),
    headers: [],
    body: `${contentType === undefined ? '' : `Content-Type: ${contentType}\r\n`}${own}\r\n`,
  }
}
