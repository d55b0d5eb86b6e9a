/**
 * Tree to text: printing, which keeps what was there and declares the namespaces that are missing, and the canonical
 * form, in which two texts of the same document are equal.
 */
import { namespaces } from './namespaces.ts'
import type { NamespaceScope, XmlAttribute, XmlDocument, XmlElement, XmlNode } from './tree.ts'
import {
  declaration,
  declaredPrefix,
  isDeclaration,
  isDeclaredIn,
  isElement,
  namespaceOf,
  scopeWithin,
} from './tree.ts'

/**
 * A document around a root element that was built: with the declaration of XML 1.0 in UTF-8, and with the namespaces
 * of the whole tree declared at the root.
 */
export function document(root: XmlElement): XmlDocument {
  return { kind: 'document', declaration: { encoding: 'UTF-8' }, prolog: [], root: withDeclarations(root), epilog: [] }
}

/** The element with each prefix that is used below it declared on it, unless one prefix stands for two namespaces. */
export function withDeclarations(root: XmlElement): XmlElement {
  const used = new Map<string, string>()
  collectPrefixes(root, undefined, used)
  const missing: XmlAttribute[] = []
  for (const [prefix, namespace] of used) if (namespace !== '') missing.push(declaration(prefix, namespace))
  return missing.length === 0 ? root : { ...root, attributes: [...missing, ...root.attributes] }
}

/** The prefixes that are used where nothing within the tree declares them. */
function collectPrefixes(element: XmlElement, outer: NamespaceScope | undefined, used: Map<string, string>): void {
  const { attributes, children } = element
  const scope = attributes.length === 0 ? outer : scopeWithin(element, outer)
  if (!used.has(element.prefix) && !isDeclaredIn(element.prefix, scope)) used.set(element.prefix, element.namespace)
  for (const { prefix, namespace } of attributes) {
    if (prefix === '' || prefix === 'xml' || prefix === 'xmlns' || used.has(prefix)) continue
    if (!isDeclaredIn(prefix, scope)) used.set(prefix, namespace)
  }
  for (const child of children) if (isElement(child)) collectPrefixes(child, scope, used)
}

/** The texts of elements that were printed before. */
export type PrintedElements = WeakMap<XmlElement, string>

/**
 * The text of a document or of an element. What was parsed comes back equal when parsed again; of a tree that was
 * built or patched, each name comes back with its namespace, with another prefix where the written one is taken.
 *
 * Throws a RangeError for what no XML document can carry: control characters, half surrogate pairs, `--` in a comment,
 * `?>` in an instruction.
 *
 * Elements that are `known` are not printed again; those that are printed are known from then on. Whoever passes the
 * same ones for another document has seen to it that what both share stands in the scope of the same declarations.
 */
export function printXml(tree: XmlDocument | XmlElement, known?: PrintedElements): string {
  if (tree.kind === 'element') return printElement(tree, undefined, known)
  let text = ''
  if (tree.declaration !== undefined) {
    const { encoding, standalone } = tree.declaration
    text += '<?xml version="1.0"'
    if (encoding !== undefined) text += ` encoding="${encoding}"`
    if (standalone !== undefined) text += ` standalone="${standalone}"`
    text += '?>\n'
  }
  for (const node of tree.prolog) text += `${printNode(node, undefined)}\n`
  text += printElement(tree.root, undefined, known)
  for (const node of tree.epilog) text += `\n${printNode(node, undefined)}`
  return text
}

/** The text of nodes as the content of an element within whose scope their prefixes are already declared. */
export function printFragment(nodes: readonly XmlNode[], scope: NamespaceScope | undefined): string {
  let text = ''
  for (const node of nodes) text += printNode(node, scope)
  return text
}

function printNode(node: XmlNode, scope: NamespaceScope | undefined, known?: PrintedElements): string {
  if (typeof node === 'string') return escapeText(node)
  if (node.kind === 'element') return printKnown(node, scope, known)
  requireCharacters(node.value)
  if (node.kind === 'cdata') return `<![CDATA[${node.value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`
  if (node.kind === 'comment') {
    if (/--|-$/.test(node.value)) throw new RangeError(`A comment cannot contain two hyphens: ${node.value}`)
    return `<!--${node.value}-->`
  }
  if (node.value.includes('?>')) throw new RangeError(`An instruction cannot contain ?>: ${node.value}`)
  return node.value === '' ? `<?${node.target}?>` : `<?${node.target} ${node.value}?>`
}

function printKnown(element: XmlElement, scope: NamespaceScope | undefined, known?: PrintedElements): string {
  if (known === undefined) return printElement(element, scope)
  let text = known.get(element)
  if (text === undefined) {
    text = printElement(element, scope, known)
    known.set(element, text)
  }
  return text
}

function printElement(given: XmlElement, outer: NamespaceScope | undefined, known?: PrintedElements): string {
  const element = given.namespace === '' ? withoutDefaultNamespace(given) : given
  const { attributes, children } = element
  let scope = attributes.length === 0 ? outer : scopeWithin(element, outer)
  let tag = element.prefix === '' ? element.name : `${element.prefix}:${element.name}`
  let added = ''
  if (namespaceOf(element.prefix, scope) !== element.namespace) {
    const prefix = prefixFor(element.namespace, element.prefix, element, scope, true)
    tag = prefix === '' ? element.name : `${prefix}:${element.name}`
    if (namespaceOf(prefix, scope) !== element.namespace) {
      scope = { prefix, namespace: element.namespace, outer: scope }
      added += printAttribute(declaration(prefix, element.namespace))
    }
  }
  let text = ''
  for (const each of attributes) {
    if (each.prefix === '' && each.namespace === '') {
      text += ` ${each.name}="${escapeValue(each.value)}"`
      continue
    }
    if (isDeclaration(each) || namespaceOf(each.prefix, scope) === each.namespace) {
      text += printAttribute(each)
      continue
    }
    const prefix = prefixFor(each.namespace, each.prefix, element, scope, false)
    if (namespaceOf(prefix, scope) !== each.namespace) {
      scope = { prefix, namespace: each.namespace, outer: scope }
      added += printAttribute(declaration(prefix, each.namespace))
    }
    text += printAttribute({ ...each, prefix })
  }
  const start = `<${tag}${added}${text}`
  if (children.length === 0) return `${start}/>`
  let content = ''
  for (const child of children) {
    content += typeof child === 'string' ? escapeText(child) : printNode(child, scope, known)
  }
  return content === '' ? `${start}/>` : `${start}>${content}</${tag}>`
}

/** An element in no namespace cannot keep a default namespace declared on itself, as a patch may have put it there. */
function withoutDefaultNamespace(element: XmlElement): XmlElement {
  const contradicts = (each: XmlAttribute) => isDeclaration(each) && each.prefix === '' && each.value !== ''
  if (!element.attributes.some(contradicts)) return element
  return { ...element, attributes: element.attributes.filter((each) => !contradicts(each)) }
}

/** A prefix for a namespace: the wanted one if the element leaves it free, else one in scope, else a new one. */
function prefixFor(
  namespace: string,
  wanted: string,
  element: XmlElement,
  scope: NamespaceScope | undefined,
  emptyAllowed: boolean,
): string {
  const taken = (prefix: string) =>
    element.attributes.some((each) => isDeclaration(each) && declaredPrefix(each) === prefix)
  if (namespace === '') return ''
  if (namespace === namespaces.xml) return 'xml'
  if ((wanted !== '' || emptyAllowed) && wanted !== 'xmlns' && wanted !== 'xml' && !taken(wanted)) return wanted
  for (let link = scope; link !== undefined; link = link.outer) {
    const fits = link.namespace === namespace && namespaceOf(link.prefix, scope) === namespace
    if (fits && (link.prefix !== '' || emptyAllowed)) return link.prefix
  }
  let serial = 1
  while (namespaceOf(`ns${serial}`, scope) !== undefined) serial++
  return `ns${serial}`
}

function printAttribute({ prefix, name, value }: XmlAttribute): string {
  return prefix === '' ? ` ${name}="${escapeValue(value)}"` : ` ${prefix}:${name}="${escapeValue(value)}"`
}

const unprintable = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDFFF]/u
const specialInText = /[^\t\n\u0020-\u0025\u0027-\u003B\u003D\u003F-\u007E\u00A0-\uD7FF]/
const specialInValue = /[^\u0020\u0021\u0023-\u0025\u0027-\u003B\u003D\u003F-\u007E\u00A0-\uD7FF]/

function requireCharacters(text: string): void {
  if (unprintable.test(text)) throw new RangeError(`No XML document can carry this: ${JSON.stringify(text)}`)
}

/** Character data as written: `>` too, so that `]]>` cannot arise, and carriage returns, which would be lost. */
export function escapeText(text: string): string {
  if (!specialInText.test(text)) return text
  requireCharacters(text)
  return text.replace(/[&<>\r]/g, (character) => references[character]!)
}

/** An attribute value as written between double quotes. */
export function escapeValue(value: string): string {
  if (!specialInValue.test(value)) return value
  requireCharacters(value)
  return value.replace(/[&<>"\t\n\r]/g, (character) => references[character]!)
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}
