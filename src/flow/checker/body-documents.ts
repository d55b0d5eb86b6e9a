import { isDocumentError, type MimePart, parseMultipart, parseOnce, type XmlDocument } from '../../documents/index.ts'

/**
 * The XML documents in a body: the body itself, or of one in parts those of its parts, in their order, with those of
 * parts within parts; or why there are none.
 */
export function documentsIn(
  contentType: string | undefined,
  body: MimePart['body'],
): XmlDocument[] | { reason: string } {
  if (!/^multipart\//i.test(contentType ?? '')) {
    const document = parseOnce(body)
    return isDocumentError(document) ? document : [document]
  }
  const parts = parseMultipart(contentType!, body)
  if (isDocumentError(parts)) return parts
  return parts.parts.flatMap((part) => {
    const found = documentsIn(part.contentType, part.body)
    return Array.isArray(found) ? found : []
  })
}
