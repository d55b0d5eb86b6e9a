/**
 * The tree that every document of presim is: plain data (it can be cloned, compared and shown), read-only, and true to
 * the namespaces of the text it came from. Text is a string; everything else is an object with a `kind`.
 *
 * Trees are shared between everybody who looks at a message, so nobody changes one: `patch.ts` builds a new tree that
 * shares the untouched branches with the old one.
 */
import { namespaces } from './namespaces.ts'

/** A node below an element: character data as a plain string, or one of the four kinds of markup. */
export type XmlNode = string | XmlElement | XmlCdata | XmlComment | XmlInstruction

/** An element. Two elements have the same name if `namespace` and `name` agree; `prefix` is only how it is written. */
export interface XmlElement {
  readonly kind: 'element'
  /** The prefix as written, without the colon; empty for none. */
  readonly prefix: string
  /** The namespace name; empty if the element is in no namespace. */
  readonly namespace: string
  /** The local name. */
  readonly name: string
  /** The attributes in the order of the document, namespace declarations among them. */
  readonly attributes: readonly XmlAttribute[]
  /** The content in the order of the document. A parsed element never has two strings side by side. */
  readonly children: readonly XmlNode[]
}

/** An attribute, or a namespace declaration, which has the namespace `namespaces.xmlns` (as in the DOM). */
export interface XmlAttribute {
  /** The prefix as written; empty for none, `xmlns` for the declaration of a prefix. */
  readonly prefix: string
  /** The namespace name; empty for an attribute without a prefix. */
  readonly namespace: string
  /** The local name; for a declaration the prefix that is declared, or `xmlns` for the default namespace. */
  readonly name: string
  /** The value after normalisation and with all references resolved (XML 1.0 §3.3.3). */
  readonly value: string
}

/** A CDATA section (XML 1.0 §2.7). It means the same as its text, and is kept because it was written so. */
export interface XmlCdata {
  readonly kind: 'cdata'
  readonly value: string
}

/** A comment (XML 1.0 §2.5): the text between `<!--` and `-->`. */
export interface XmlComment {
  readonly kind: 'comment'
  readonly value: string
}

/** A processing instruction (XML 1.0 §2.6): `<?target value?>`. */
export interface XmlInstruction {
  readonly kind: 'instruction'
  readonly target: string
  readonly value: string
}

/** A whole document (XML 1.0 §2.1). White space outside the root element carries nothing and is not kept. */
export interface XmlDocument {
  readonly kind: 'document'
  /** The XML declaration, if there was one. A text read from UTF-16 says UTF-8 here: that is how it will be printed. */
  readonly declaration?: XmlDeclaration
  /** Comments and processing instructions before the root element. */
  readonly prolog: readonly (XmlComment | XmlInstruction)[]
  readonly root: XmlElement
  /** Comments and processing instructions after the root element. */
  readonly epilog: readonly (XmlComment | XmlInstruction)[]
}

/** `<?xml version="1.0" encoding="…" standalone="…"?>` (XML 1.0 §2.8). */
export interface XmlDeclaration {
  readonly encoding?: string
  readonly standalone?: 'yes' | 'no'
}

/** What is wrong with a document that a peer sent: a value, because a bad document is no fault of ours. */
export interface DocumentError {
  readonly kind: 'document-error'
  /** What is wrong, in one sentence without a full stop. */
  readonly reason: string
  /** The line, counted from 1. */
  readonly line: number
  /** The column in UTF-16 units, counted from 1. */
  readonly column: number
  /** Where in the tree, as `/presence/tuple[2]/status`; empty while there is no tree yet. */
  readonly path: string
}

/** Whether a reader gave an error instead of a value. */
export function isDocumentError(value: object): value is DocumentError {
  return 'kind' in value && value.kind === 'document-error'
}

/** How a vocabulary's elements are named; made once per namespace by `vocabulary`. */
export type ElementBuilder = (
  name: string,
  attributes?: Readonly<Record<string, string | undefined>>,
  children?: readonly (XmlNode | undefined)[],
) => XmlElement

/**
 * A builder of elements in one namespace. Attributes without a value and children that are undefined are left out;
 * the only prefix an attribute name may have is `xml:`. No namespace is declared here: the printer declares what is
 * missing, and `document` gathers the declarations at the root.
 */
export function vocabulary(prefix: string, namespace: string): ElementBuilder {
  return (name, attributes = {}, children = []) => ({
    kind: 'element',
    prefix,
    namespace,
    name,
    attributes: builtAttributes(attributes),
    children: children.filter((child) => child !== undefined),
  })
}

function builtAttributes(attributes: Readonly<Record<string, string | undefined>>): XmlAttribute[] {
  const built: XmlAttribute[] = []
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue
    built.push(name.startsWith('xml:') ? xmlAttribute(name.slice(4), value) : plainAttribute(name, value))
  }
  return built
}

/** An attribute in no namespace. */
export function plainAttribute(name: string, value: string): XmlAttribute {
  return { prefix: '', namespace: '', name, value }
}

/** An attribute of the `xml:` prefix, such as `xml:lang`. */
export function xmlAttribute(name: string, value: string): XmlAttribute {
  return { prefix: 'xml', namespace: namespaces.xml, name, value }
}

/** The declaration of a prefix; of the default namespace if the prefix is empty. */
export function declaration(prefix: string, namespace: string): XmlAttribute {
  return prefix === ''
    ? { prefix: '', namespace: namespaces.xmlns, name: 'xmlns', value: namespace }
    : { prefix: 'xmlns', namespace: namespaces.xmlns, name: prefix, value: namespace }
}

/** Whether an attribute is a namespace declaration. */
export function isDeclaration(attribute: XmlAttribute): boolean {
  return attribute.namespace === namespaces.xmlns
}

/** The prefix that a namespace declaration declares; empty for the default namespace. */
export function declaredPrefix(attribute: XmlAttribute): string {
  return attribute.prefix === '' ? '' : attribute.name
}

/** Whether a node is an element, and, if a name is given, the element of that name. */
export function isElement(node: XmlNode, name?: string, namespace?: string): node is XmlElement {
  if (typeof node === 'string' || node.kind !== 'element') return false
  return (name === undefined || node.name === name) && (namespace === undefined || node.namespace === namespace)
}

/** The value of an attribute; by default of one in no namespace. */
export function attribute(element: XmlElement, name: string, namespace = ''): string | undefined {
  for (const each of element.attributes) if (each.name === name && each.namespace === namespace) return each.value
  return undefined
}

/** The child elements in order. */
export function childElements(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => isElement(child))
}

/** The child elements of a name, by default in the namespace of their parent. */
export function childrenNamed(element: XmlElement, name: string, namespace = element.namespace): XmlElement[] {
  return element.children.filter((child) => isElement(child, name, namespace))
}

/** The first child element of a name, by default in the namespace of its parent. */
export function childNamed(element: XmlElement, name: string, namespace = element.namespace): XmlElement | undefined {
  for (const child of element.children) if (isElement(child, name, namespace)) return child
  return undefined
}

/** The character data directly below an element, CDATA sections included, comments left out. */
export function textOf(element: XmlElement): string {
  let text = ''
  for (const child of element.children) {
    if (typeof child === 'string') text += child
    else if (child.kind === 'cdata') text += child.value
  }
  return text
}

/** Whether a string is nothing but XML white space (XML 1.0 §2.3). */
export function isWhiteSpace(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code !== 0x20 && code !== 0x0a && code !== 0x09 && code !== 0x0d) return false
  }
  return true
}

/** Prefixes in scope at an element: a chain of one link a declaration, the innermost first. */
export interface NamespaceScope {
  readonly prefix: string
  readonly namespace: string
  readonly outer: NamespaceScope | undefined
}

/** The scope below an element's declarations. */
export function scopeWithin(element: XmlElement, outer: NamespaceScope | undefined): NamespaceScope | undefined {
  let scope = outer
  for (const each of element.attributes) {
    if (isDeclaration(each)) scope = { prefix: declaredPrefix(each), namespace: each.value, outer: scope }
  }
  return scope
}

/** Whether a scope has a declaration of a prefix. */
export function isDeclaredIn(prefix: string, scope: NamespaceScope | undefined): boolean {
  for (let link = scope; link !== undefined; link = link.outer) if (link.prefix === prefix) return true
  return false
}

/** The namespace that a prefix stands for; '' for the empty prefix without a declaration, undefined if unbound. */
export function namespaceOf(prefix: string, scope: NamespaceScope | undefined): string | undefined {
  for (let link = scope; link !== undefined; link = link.outer) if (link.prefix === prefix) return link.namespace
  if (prefix === '') return ''
  if (prefix === 'xml') return namespaces.xml
  return prefix === 'xmlns' ? namespaces.xmlns : undefined
}
