/**
 * A document format: text or tree to typed value, and back.
 */
import { decode } from '../xml/encoding.ts'
import { document, printXml } from '../xml/print.ts'
import type { DocumentError, XmlDocument, XmlElement } from '../xml/tree.ts'
import { isDocumentError, isElement } from '../xml/tree.ts'
import { parseXml, placesOfElements } from '../xml/xml.ts'
import type { Problem, Shape } from './shape.ts'
import { reading, written } from './shape.ts'

/** A MIME type whose documents have one kind of root element. */
export interface Format<T extends object> {
  /** The MIME type of such a document. */
  readonly type: string
  readonly shape: Shape<T>
  /**
   * The value of a document, or the first thing that is wrong with it. Of a text, the error says line and column; of a
   * tree, which has none, it says 0 and 0 and the path. Extensions that are known but not as they should be are kept
   * as unknown ones, because a schema is not there to refuse them (RFC 3863 §4.4).
   */
  readonly parse: (input: string | Uint8Array | XmlDocument) => T | DocumentError
  /** The tree of a value, with its namespaces declared at the root. */
  readonly tree: (value: T) => XmlDocument
  /** The text of a value. */
  readonly print: (value: T) => string
}

/** The format of a MIME type whose root element has a shape. */
export function format<T extends object>(type: string, shape: Shape<T>): Format<T> {
  const tree = (value: T) => document(shape.write(value))
  return { type, shape, parse: (input) => parseShape(input, shape), tree, print: (value) => printXml(tree(value)) }
}

function parseShape<T extends object>(input: string | Uint8Array | XmlDocument, shape: Shape<T>): T | DocumentError {
  const isText = typeof input === 'string' || input instanceof Uint8Array
  const tree = isText ? parseXml(input) : input
  return isDocumentError(tree) ? tree : parseTree(tree, shape, isText ? input : undefined)
}

/** The value of a tree, or the first thing that is wrong with it, with its place in the text the tree came from. */
export function parseTree<T extends object>(
  tree: XmlDocument,
  shape: Shape<T>,
  source: string | Uint8Array | undefined,
): T | DocumentError {
  const pass = reading()
  const { root } = tree
  if (root.name !== shape.name || root.namespace !== shape.vocabulary.namespace) {
    const rule = `${shape.vocabulary.clause}: the root element is <${shape.name}>, not ${written(root)}`
    return located({ element: root, rule }, tree, textOf(source))
  }
  const value = shape.read(root, pass)
  const problem = pass.problems[0]
  return problem === undefined ? value : located(problem, tree, textOf(source))
}

function textOf(source: string | Uint8Array | undefined): string | undefined {
  if (typeof source !== 'object') return source
  const decoded = decode(source)
  return decoded.kind === 'text' ? decoded.text : undefined
}

function located(problem: Problem, tree: XmlDocument, text: string | undefined): DocumentError {
  return locate([problem], tree, text)[0]!
}

/** Problems with their places: the path in the tree, and line and column if there is a text. */
export function locate(problems: readonly Problem[], tree: XmlDocument, text: string | undefined): DocumentError[] {
  const found: Found = new Map(problems.map(({ element }) => [element, { ordinal: -1, path: '' }]))
  find(tree.root, `/${qualified(tree.root)}`, found, { ordinal: 0 })
  const ordinals = new Set([...found.values()].map((each) => each.ordinal))
  const places = text === undefined ? undefined : placesOfElements(text, ordinals)
  return problems.map(({ element, rule }) => {
    const { ordinal, path } = found.get(element)!
    const { line, column } = places?.get(ordinal) ?? { line: 0, column: 0 }
    return { kind: 'document-error', reason: rule, line, column, path }
  })
}

/** Elements with their number in document order, from 0, and their path. */
type Found = Map<XmlElement, { ordinal: number; path: string }>

/** Notes the elements that are looked for; paths are made only on the way to them. */
function find(element: XmlElement, path: string, found: Found, counter: { ordinal: number }): void {
  const wanted = found.get(element)
  if (wanted !== undefined && wanted.ordinal < 0) found.set(element, { ordinal: counter.ordinal, path })
  counter.ordinal++
  const elements = element.children.filter((child) => isElement(child))
  const totals = new Map<string, number>()
  for (const child of elements) totals.set(qualified(child), (totals.get(qualified(child)) ?? 0) + 1)
  const seen = new Map<string, number>()
  for (const child of elements) {
    const name = qualified(child)
    const index = (seen.get(name) ?? 0) + 1
    seen.set(name, index)
    find(child, totals.get(name) === 1 ? `${path}/${name}` : `${path}/${name}[${index}]`, found, counter)
  }
}

function qualified(element: XmlElement): string {
  return element.prefix === '' ? element.name : `${element.prefix}:${element.name}`
}
