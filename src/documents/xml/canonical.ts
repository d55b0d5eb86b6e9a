/**
 * Exclusive canonical XML without comments (Exclusive XML Canonicalization 1.0 §3, Canonical XML 1.0 §2): the one form
 * that all texts of a document share, if they use the same prefixes. `sameXml` compares without regard to prefixes.
 */
import type { NamespaceScope, XmlAttribute, XmlDocument, XmlElement, XmlNode } from './tree.ts'
import { isDeclaration, isElement, isWhiteSpace, namespaceOf } from './tree.ts'

/** The canonical form of a document, or of an element on its own. Prefixes and white space count, comments do not. */
export function canonical(tree: XmlDocument | XmlElement): string {
  if (tree.kind === 'element') return canonicalElement(tree, undefined)
  let text = ''
  for (const node of tree.prolog) if (node.kind === 'instruction') text += `${canonicalNode(node, undefined)}\n`
  text += canonicalElement(tree.root, undefined)
  for (const node of tree.epilog) if (node.kind === 'instruction') text += `\n${canonicalNode(node, undefined)}`
  return text
}

function canonicalNode(node: XmlNode, rendered: NamespaceScope | undefined): string {
  if (typeof node === 'string') return canonicalText(node)
  if (node.kind === 'element') return canonicalElement(node, rendered)
  if (node.kind === 'cdata') return canonicalText(node.value)
  if (node.kind === 'comment') return ''
  return node.value === '' ? `<?${node.target}?>` : `<?${node.target} ${node.value}?>`
}

/** `rendered` are the declarations of the output's ancestors: the exclusive form declares what is used, where it is. */
function canonicalElement(element: XmlElement, rendered: NamespaceScope | undefined): string {
  const plain = element.attributes.filter((each) => !isDeclaration(each))
  const used = new Map([[element.prefix, element.namespace]])
  for (const { prefix, namespace } of plain) if (prefix !== '') used.set(prefix, namespace)
  used.delete('xml')
  let scope = rendered
  let text = ''
  for (const [prefix, namespace] of [...used].sort(([a], [b]) => compare(a, b))) {
    if (namespaceOf(prefix, rendered) === namespace) continue
    scope = { prefix, namespace, outer: scope }
    text += ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${canonicalValue(namespace)}"`
  }
  plain.sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name))
  for (const { prefix, name, value } of plain) {
    text += ` ${prefix === '' ? name : `${prefix}:${name}`}="${canonicalValue(value)}"`
  }
  const tag = element.prefix === '' ? element.name : `${element.prefix}:${element.name}`
  let content = ''
  for (const child of element.children) content += canonicalNode(child, scope)
  return `<${tag}${text}>${content}</${tag}>`
}

/** By code point, which is what the canonical form orders by; not by the UTF-16 units that `<` compares. */
function compare(a: string, b: string): number {
  if (a === b) return 0
  const left = [...a]
  const right = [...b]
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function canonicalText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => textReferences[character]!)
}

function canonicalValue(value: string): string {
  return value.replace(/[&<"\t\n\r]/g, (character) => valueReferences[character]!)
}

const textReferences: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }
const valueReferences: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

/** How `sameXml` compares. */
export interface Comparison {
  /** Whether white space between elements counts for nothing; without it every space counts. */
  readonly ignoreLayout?: boolean
}

/**
 * Whether two elements say the same to a reader that knows namespaces: prefixes, declarations, comments, the order of
 * attributes and the writing of character data do not count.
 */
export function sameXml(a: XmlElement, b: XmlElement, comparison: Comparison = {}): boolean {
  if (a === b) return true
  if (a.name !== b.name || a.namespace !== b.namespace || !sameAttributes(a, b)) return false
  const left = meaning(a, comparison)
  const right = meaning(b, comparison)
  if (left.length !== right.length) return false
  return left.every((node, i) => sameNode(node, right[i]!, comparison))
}

function sameNode(a: XmlNode, b: XmlNode, comparison: Comparison): boolean {
  if (isElement(a)) return isElement(b) && sameXml(a, b, comparison)
  if (typeof a === 'string' || typeof b === 'string') return a === b
  if (a.kind !== 'instruction' || b.kind !== 'instruction') return false
  return a.target === b.target && a.value === b.value
}

function sameAttributes(a: XmlElement, b: XmlElement): boolean {
  const plain = (element: XmlElement) => element.attributes.filter((each) => !isDeclaration(each))
  const left = plain(a)
  const right = plain(b)
  const same = (x: XmlAttribute, y: XmlAttribute) =>
    x.name === y.name && x.namespace === y.namespace && x.value === y.value
  return left.length === right.length && left.every((each) => right.some((other) => same(each, other)))
}

/** The content without comments, with runs of text and CDATA as one string. */
function meaning(element: XmlElement, { ignoreLayout = false }: Comparison): XmlNode[] {
  const nodes: XmlNode[] = []
  for (const child of element.children) {
    if (typeof child !== 'string' && child.kind === 'comment') continue
    const text = typeof child === 'string' ? child : child.kind === 'cdata' ? child.value : undefined
    const last = nodes.at(-1)
    if (text === undefined) nodes.push(child)
    else if (typeof last === 'string') nodes[nodes.length - 1] = last + text
    else nodes.push(text)
  }
  const empty = (node: XmlNode) => node === '' || (ignoreLayout && typeof node === 'string' && isWhiteSpace(node))
  return nodes.some((node) => isElement(node)) || nodes.length > 1
    ? nodes.filter((node) => !empty(node))
    : nodes.filter((node) => node !== '')
}
