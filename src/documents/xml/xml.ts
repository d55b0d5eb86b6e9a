/**
 * Text to tree. Two parsers share the work: saxes reads the text strictly (XML 1.0 and Namespaces 1.0 well-formedness,
 * positions, limits), fast-xml-parser then builds the tree, and what it does not know (namespaces, references) is added
 * here. See docs/decisions/documents-xml.md. This file is the only importer of either.
 */
import { type X2jOptions, XMLParser } from 'fast-xml-parser'
import { SaxesParser } from 'saxes'
import { decode, encodingConflict } from './encoding.ts'
import type {
  DocumentError,
  NamespaceScope,
  XmlAttribute,
  XmlComment,
  XmlDeclaration,
  XmlDocument,
  XmlElement,
  XmlInstruction,
  XmlNode,
} from './tree.ts'
import { declaration, isWhiteSpace, namespaceOf } from './tree.ts'

/** What a document may be at most; beyond it parsing stops with an error, before time or memory is spent. */
export interface XmlLimits {
  /** Characters (UTF-16 units), or bytes if the document comes as bytes. */
  readonly characters: number
  /** Elements open at one time. */
  readonly depth: number
  /** Attributes of one element, namespace declarations among them. */
  readonly attributes: number
  /** Characters of one attribute value. */
  readonly attributeCharacters: number
}

/** Far above any document of the presence service, far below what hurts. */
export const xmlLimits: XmlLimits = { characters: 1_000_000, depth: 200, attributes: 500, attributeCharacters: 65_536 }

/**
 * The tree of a document, or the first thing that is wrong with it. Never throws, whatever the input is.
 *
 * Read are UTF-8, and UTF-16 with a byte order mark and a declaration; a string counts as decoded already. A document
 * type declaration is refused, so that there are no entities but the five of XML 1.0 §4.6.
 */
export function parseXml(input: string | Uint8Array, limits: XmlLimits = xmlLimits): XmlDocument | DocumentError {
  if (input.length > limits.characters) return documentError(`More than ${limits.characters} characters`, 1, 1)
  const decoded = decode(input)
  if (decoded.kind === 'document-error') return decoded
  const text = decoded.text
  // saxes would take a second byte order mark for the first.
  if (text.startsWith('\uFEFF')) return documentError('Text stands before the root element', 1, 1)
  const strict = readStrictly(text, limits)
  if (strict.kind === 'document-error') return strict
  const conflict = encodingConflict(strict.declaration?.encoding, decoded.encoding)
  if (conflict !== undefined) return documentError(conflict, 1, 1)
  return buildDocument(text, strict)
}

/**
 * Where some of the start tags of a well-formed text are, by their number in document order from 0: line and column,
 * both from 1.
 */
export function placesOfElements(
  text: string,
  ordinals: ReadonlySet<number>,
): Map<number, { line: number; column: number }> {
  const parser = new SaxesParser({ position: true })
  const places = new Map<number, { line: number; column: number }>()
  const breaks = /\r\n?|\n/g
  let ordinal = 0
  let line = 1
  let lineStart = 0
  let next = breaks.exec(text)
  parser.on('opentagstart', () => {
    if (!ordinals.has(ordinal++)) return
    const start = text.lastIndexOf('<', parser.position - 1)
    for (; next !== null && next.index < start; next = breaks.exec(text)) {
      line++
      lineStart = next.index + next[0].length
    }
    places.set(ordinal - 1, { line, column: start - lineStart + 1 })
  })
  parser.write(text).close()
  return places
}

function documentError(reason: string, line: number, column: number): DocumentError {
  return { kind: 'document-error', reason, line, column, path: '' }
}

/** Thrown through saxes, which has no other way to stop, and caught by the function that started it. */
class Stop {
  readonly place: { line: number; column: number }
  readonly reason: string
  constructor(place: { line: number; column: number }, reason = '') {
    this.place = place
    this.reason = reason
  }
}

/** What the strict pass hands to the tree: the declaration, and the instructions that fast-xml-parser takes apart. */
interface StrictReading {
  readonly kind: 'strict'
  readonly declaration?: XmlDeclaration
  readonly instructions: readonly (XmlInstruction & { readonly start: number; readonly end: number })[]
}

/** Reads a text for its errors alone. */
function readStrictly(text: string, limits: XmlLimits): StrictReading | DocumentError {
  const lone = /[\uD800-\uDFFF]/u.exec(text)
  if (lone !== null) return surrogateError(text, lone.index)
  const parser = new SaxesParser({ xmlns: true, position: true })
  const stop = (reason: string) => {
    throw new Stop({ line: parser.line, column: Math.max(1, parser.columnIndex) }, reason)
  }
  const instructions: (XmlInstruction & { start: number; end: number })[] = []
  let found: XmlDeclaration | undefined
  let depth = 0
  let attributes = 0
  parser.on('error', (error) => stop(sentence(error.message)))
  // The seventh handler turns a parser of saxes into a slow object (five times the time), so two are set when needed.
  if (text.includes('<!DOCTYPE')) parser.on('doctype', () => stop('A document type declaration is not allowed'))
  parser.on('xmldecl', ({ version, encoding, standalone }) => {
    if (version !== '1.0') stop(`XML ${version} is not read`)
    found = {
      ...(encoding === undefined ? {} : { encoding }),
      ...(standalone === 'yes' || standalone === 'no' ? { standalone } : {}),
    }
  })
  parser.on('opentagstart', () => {
    attributes = 0
    if (++depth > limits.depth) stop(`More than ${limits.depth} elements are open`)
  })
  parser.on('closetag', () => depth--)
  parser.on('attribute', ({ value }) => {
    if (++attributes > limits.attributes) stop(`More than ${limits.attributes} attributes`)
    if (value.length > limits.attributeCharacters) {
      stop(`An attribute of more than ${limits.attributeCharacters} characters`)
    }
  })
  if (text.includes('<?', /^<\?xml\s/.test(text) ? 1 : 0)) {
    parser.on('processinginstruction', ({ target, body }) => {
      const end = parser.position
      const start = text.lastIndexOf(`<?${target}`, end - body.length - target.length - 4)
      instructions.push({ kind: 'instruction', target, value: body, start, end })
    })
  }
  try {
    parser.write(text).close()
  } catch (error) {
    if (error instanceof Stop) return documentError(error.reason, error.place.line, error.place.column)
    throw error
  }
  return { kind: 'strict', instructions, ...(found === undefined ? {} : { declaration: found }) }
}

/** The message of saxes without the position in front and the full stop at the end. */
function sentence(message: string): string {
  const text = message.replace(/^(\d+:)*\d*:? ?/, '').replace(/\.$/, '')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function surrogateError(text: string, index: number): DocumentError {
  const before = text.slice(0, index)
  const column = index - Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r'))
  return documentError('Half a surrogate pair is no character', before.split(/\r\n?|\n/).length, column)
}

/** A node of fast-xml-parser in document order: one key, the tag name or `#text`, beside the attributes `:@`. */
type OrderedNode = { readonly ':@'?: Readonly<Record<string, string>> } & Readonly<Record<string, unknown>>

/** Nothing is trimmed, decoded or converted, and no name is special: all that is left to what follows. */
const options: X2jOptions = {
  preserveOrder: true,
  ignoreAttributes: false,
  ignoreDeclaration: true,
  attributeNamePrefix: '@',
  cdataPropName: '#cdata',
  commentPropName: '#comment',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  jPath: false,
  maxNestedTags: Number.MAX_SAFE_INTEGER,
  onDangerousProperty: (name) => name,
}
const builder = new XMLParser(options)

/** fast-xml-parser refuses elements of three names, so that they go through it in disguise; which takes its time. */
const disguisingBuilder = new XMLParser({
  ...options,
  transformTagName: (name) => (/^(__proto__|constructor|prototype)$/.test(name) ? `!${name}` : name),
})

function buildDocument(text: string, strict: StrictReading): XmlDocument {
  const building: Building = { instructions: strict.instructions, used: 0 }
  const nodes: XmlNode[] = []
  const parser = /__proto__|constructor|prototype/.test(text) ? disguisingBuilder : builder
  for (const node of parser.parse(withoutInstructions(text, strict.instructions)) as OrderedNode[]) {
    nodes.push(buildNode(node, undefined, building))
  }
  const markup = nodes.filter((node) => typeof node !== 'string')
  const at = markup.findIndex((node) => node.kind === 'element')
  const declared = strict.declaration
  return {
    kind: 'document',
    ...(declared === undefined ? {} : { declaration: printedDeclaration(declared) }),
    prolog: markup.slice(0, at) as XmlComment[],
    root: markup[at] as XmlElement,
    epilog: markup.slice(at + 1) as XmlComment[],
  }
}

/** A document is printed as UTF-8, whatever it was read from. */
function printedDeclaration(declared: XmlDeclaration): XmlDeclaration {
  return declared.encoding?.toUpperCase() === 'UTF-16' ? { ...declared, encoding: 'UTF-8' } : declared
}

/** fast-xml-parser reads instructions as if they had attributes, and stumbles over a quote; it is given empty ones. */
function withoutInstructions(text: string, instructions: StrictReading['instructions']): string {
  if (instructions.length === 0) return text
  let result = ''
  let from = 0
  for (const { start, end } of instructions) {
    result += `${text.slice(from, start)}<?i?>`
    from = end
  }
  return result + text.slice(from)
}

/** What building the tree of one document needs to remember. */
interface Building {
  readonly instructions: readonly XmlInstruction[]
  used: number
}

function buildNode(node: OrderedNode, outer: NamespaceScope | undefined, building: Building): XmlNode {
  for (const key in node) {
    if (key === ':@') continue
    const content = node[key]
    if (key === '#text') return resolve(content as string)
    if (key === '#cdata') return { kind: 'cdata', value: rawText(content) }
    if (key === '#comment') return { kind: 'comment', value: rawText(content) }
    if (key.charCodeAt(0) !== 0x3f) return buildElement(key, content as OrderedNode[], node[':@'], outer, building)
    const { target, value } = building.instructions[building.used++]!
    return { kind: 'instruction', target, value }
  }
  return ''
}

function rawText(content: unknown): string {
  return (content as readonly { '#text': string }[])[0]?.['#text'] ?? ''
}

function buildElement(
  tag: string,
  content: readonly OrderedNode[],
  raw: Readonly<Record<string, string>> | undefined,
  outer: NamespaceScope | undefined,
  building: Building,
): XmlElement {
  const qname = tag.charCodeAt(0) === 0x21 ? tag.slice(1) : tag
  const colon = qname.indexOf(':')
  const prefix = colon < 0 ? '' : qname.slice(0, colon)
  let scope = outer
  const attributes: XmlAttribute[] = []
  if (raw !== undefined) {
    scope = declare(raw, outer)
    for (const key in raw) attributes.push(buildAttribute(key.slice(1), raw[key]!, scope))
  }
  const children: XmlNode[] = []
  for (const node of content) children.push(buildNode(node, scope, building))
  const name = colon < 0 ? qname : qname.slice(colon + 1)
  return { kind: 'element', prefix, namespace: namespaceOf(prefix, scope) ?? '', name, attributes, children }
}

function declare(raw: Readonly<Record<string, string>>, outer: NamespaceScope | undefined) {
  let scope = outer
  for (const key in raw) {
    if (!key.startsWith('@xmlns')) continue
    if (key === '@xmlns') scope = { prefix: '', namespace: resolveValue(raw[key]!), outer: scope }
    else if (key[6] === ':') scope = { prefix: key.slice(7), namespace: resolveValue(raw[key]!), outer: scope }
  }
  return scope
}

function buildAttribute(qname: string, raw: string, scope: NamespaceScope | undefined): XmlAttribute {
  const value = resolveValue(raw)
  const colon = qname.indexOf(':')
  if (colon < 0) return qname === 'xmlns' ? declaration('', value) : { prefix: '', namespace: '', name: qname, value }
  const prefix = qname.slice(0, colon)
  return { prefix, namespace: namespaceOf(prefix, scope) ?? '', name: qname.slice(colon + 1), value }
}

/** Attribute values: literal white space becomes spaces before references are resolved (XML 1.0 §3.3.3). */
function resolveValue(raw: string): string {
  return resolve(/[\t\n\r]/.test(raw) ? raw.replace(/[\t\n\r]/g, ' ') : raw)
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' }

/** References to characters and to the five predefined entities (XML 1.0 §4.1); the strict pass saw no others. */
function resolve(raw: string): string {
  if (!raw.includes('&')) return raw
  return raw.replace(/&([^;]+);/g, (_, name: string) => {
    if (name.charCodeAt(0) !== 0x23) return entities[name]!
    return String.fromCodePoint(name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)))
  })
}

/** A value with its references resolved (XML 1.0 §4.1); what looks like one but stands for no character stays. */
export function resolveReferences(value: string): string {
  return value.replace(/&(?:lt|gt|amp|apos|quot|#\d{1,7}|#x[\dA-Fa-f]{1,6});/g, (reference) => {
    const digits = reference.slice(2, -1)
    if (reference[1] !== '#') return entities[reference.slice(1, -1)]!
    const code = digits[0] === 'x' ? Number.parseInt(digits.slice(1), 16) : Number(digits)
    return code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? reference : String.fromCodePoint(code)
  })
}

/** Whether a node is only there for the eye: white space between markup. */
export function isLayout(node: XmlNode): boolean {
  return typeof node === 'string' && isWhiteSpace(node)
}
