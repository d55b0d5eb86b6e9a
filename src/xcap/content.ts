import {
  escapeValue,
  isDocumentError,
  isElement,
  type NamespaceScope,
  parseContentType,
  parseXml,
  resolveReferences,
  type XmlDocument,
  type XmlElement,
} from '../documents/index.ts'
import { decode } from '../documents/xml/encoding.ts'
import type { HttpBody } from '../http/message.ts'
import { rule } from '../sim/rule.ts'
import type { Conflict } from './answer.ts'

const utf8 = rule('RFC 4825 §8.2.2', 'content is in UTF-8')
const wellFormed = rule('RFC 4825 §8.2.2', 'a document is well-formed XML', ['R6.3.2.2-a'])
const fragment = rule('RFC 4825 §8.2.2', 'an element is a balanced region of XML')
const attributeValue = rule('RFC 4825 §8.2.2', 'an attribute is a value that XML can carry')

/** Content that was read: text, a tree, an element or a value; or why it could not be. */
export type Content<T> = { readonly kind: 'content'; readonly value: T } | (Conflict & { readonly kind: 'conflict' })

function content<T>(value: T): Content<T> {
  return { kind: 'content', value }
}

function conflict(why: Conflict['why'], kind: 'not-utf-8' | 'not-well-formed' | 'not-xml-frag' | 'not-xml-att-value') {
  return (phrase: string): Conflict & { readonly kind: 'conflict' } => ({
    kind: 'conflict',
    why,
    error: { kind, phrase },
  })
}

const notUtf8 = conflict(utf8, 'not-utf-8')
const notWellFormed = conflict(wellFormed, 'not-well-formed')
const notFragment = conflict(fragment, 'not-xml-frag')
const notValue = conflict(attributeValue, 'not-xml-att-value')

/** The characters of a body, without a byte order mark. */
function textOf(body: HttpBody, contentType: string): Content<string> {
  const charset = parseContentType(contentType)?.parameters.charset
  if (charset !== undefined && !/^(utf-8|us-ascii)$/i.test(charset)) return notUtf8(`The content says it is ${charset}`)
  const decoded = decode(body)
  if (decoded.kind === 'document-error') return notUtf8(`${decoded.reason}, line ${decoded.line}`)
  return decoded.encoding === 'UTF-16' ? notUtf8('The content is in UTF-16') : content(decoded.text)
}

/** RFC 4825 §8.2.2: a whole document, its text and its tree. */
export function readDocument(body: HttpBody, contentType: string): Content<{ text: string; tree: XmlDocument }> {
  const text = textOf(body, contentType)
  if (text.kind === 'conflict') return text
  const declared = /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)/.exec(text.value)?.[1]
  if (declared !== undefined && !/^utf-8$/i.test(declared)) return notUtf8(`The document says it is ${declared}`)
  const tree = parseXml(text.value)
  if (!isDocumentError(tree)) return content({ text: text.value, tree })
  return notWellFormed(`${tree.reason}, line ${tree.line}, column ${tree.column}`)
}

/**
 * RFC 4825 §8.2.2, §8.2.3: the one element of a body, within the scope of the declarations where it will stand. White
 * space around it is passed over.
 */
export function readElement(
  body: HttpBody,
  contentType: string,
  scope: NamespaceScope | undefined,
): Content<XmlElement> {
  const text = textOf(body, contentType)
  if (text.kind === 'conflict') return text
  const wrapper = '_'
  const start = `<${wrapper}${declarationsOf(scope)}>`
  const tree = parseXml(`${start}${text.value}</${wrapper}>`)
  if (isDocumentError(tree)) {
    const column = tree.line === 1 ? Math.max(1, tree.column - start.length) : tree.column
    return notFragment(`${tree.reason}, line ${tree.line}, column ${column}`)
  }
  const { children } = tree.root
  const elements = children.filter((child) => isElement(child))
  const [element] = elements
  const rest = children.filter((child) => !isElement(child) && !(typeof child === 'string' && child.trim() === ''))
  if (element === undefined || elements.length > 1) return notFragment(`There are ${elements.length} elements, not one`)
  return rest.length > 0 ? notFragment('There is something beside the element') : content(element)
}

function declarationsOf(scope: NamespaceScope | undefined): string {
  const known = new Set<string>()
  let text = ''
  for (let link = scope; link !== undefined; link = link.outer) {
    if (known.has(link.prefix)) continue
    known.add(link.prefix)
    const name = link.prefix === '' ? 'xmlns' : `xmlns:${link.prefix}`
    text += ` ${name}="${escapeValue(link.namespace)}"`
  }
  return text
}

/** No character that XML 1.0 §2.2 leaves out. */
const unprintable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDFFF]/u

/**
 * RFC 4825 §8.2.2: the value of an attribute, as a text of XML 1.0 §2.3 (AttValue) with its quotes or, as most clients
 * send it, without them.
 */
export function readAttribute(body: HttpBody, contentType: string): Content<string> {
  const text = textOf(body, contentType)
  if (text.kind === 'conflict') return text
  const quoted = /^\s*(?:"([^"]*)"|'([^']*)')\s*$/.exec(text.value)
  const raw = quoted === null ? text.value : (quoted[1] ?? quoted[2]!)
  if (raw.includes('<')) return notValue('A value has no <')
  const value = resolveReferences(raw.replace(/\r\n|[\t\n\r]/g, ' '))
  if (/&(?!(?:lt|gt|amp|apos|quot|#\d+|#x[\dA-Fa-f]+);)/.test(raw)) return notValue('An & begins no reference')
  return unprintable.test(value) ? notValue('A value has no control characters') : content(value)
}

/** The value of an attribute as the body of a response: without quotes, and so that reading it gives the same. */
export function printAttribute(value: string): string {
  return escapeValue(value).replace(/^'|'$/g, '&apos;')
}
