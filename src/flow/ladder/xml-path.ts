/**
 * Paths into an XML body, in a small part of XPath 1.0: `/presence/tuple[@id='a']/status/basic`, `//person`,
 * `//tuple[2]/@id`, `//tuple[status/basic='open']`, `count(//tuple)`.
 *
 * A name without a prefix stands for that name in any namespace; a prefix is compared as it is written in the body.
 */
import { childElements, type XmlDocument, type XmlElement } from '../../documents/xml/tree.ts'

/** A path that was read. */
export interface XmlPath {
  readonly kind: 'path'
  /** True for `count(…)`. */
  readonly counts: boolean
  readonly steps: readonly PathStep[]
}

/** What is wrong with the text of a path, and at which of its characters (from 0). */
export interface PathError {
  readonly kind: 'path-error'
  readonly at: number
  readonly reason: string
  readonly expected: string
}

interface PathStep {
  /** `child` after `/`, `descendant` after `//`. */
  readonly axis: 'child' | 'descendant'
  /** An attribute (`@id`) ends a path. */
  readonly attribute: boolean
  readonly prefix: string | undefined
  /** A local name, or `*`. */
  readonly name: string
  readonly predicates: readonly Predicate[]
}

type Predicate =
  | { readonly kind: 'position'; readonly position: number }
  /** `[path]` or `[path='value']`; no steps for `[.='value']`. */
  | { readonly kind: 'test'; readonly steps: readonly PathStep[]; readonly value: string | undefined }

/** The texts that a path finds in documents, one a node; for `count(…)` a single one, the number of nodes. */
export function findInXml(path: XmlPath, ...documents: readonly XmlDocument[]): string[] {
  const above: XmlElement = { ...nameless, children: documents.map(({ root }) => root) }
  const found = walk([above], path.steps)
  return path.counts ? [String(found.length)] : found
}

/** Stands for the document, above its root element. */
const nameless: XmlElement = { kind: 'element', prefix: '', namespace: '', name: '', attributes: [], children: [] }

function walk(from: readonly XmlElement[], steps: readonly PathStep[]): string[] {
  const [step, ...rest] = steps
  if (step === undefined) return from.map((element) => textWithin(element).trim())
  const parents = step.axis === 'child' ? from : [...new Set(from.flatMap(withDescendants))]
  if (step.attribute) {
    return parents.flatMap(({ attributes }) => attributes.filter((one) => hasName(one, step)).map((one) => one.value))
  }
  const found = parents.flatMap((parent) => {
    const named = childElements(parent).filter((child) => hasName(child, step))
    return step.predicates.reduce(select, named)
  })
  if (step.axis === 'child') return walk(found, rest)
  const chosen = new Set(found)
  const inOrder = from.flatMap(withDescendants).filter((element) => chosen.delete(element))
  return walk(inOrder, rest)
}

function select(elements: readonly XmlElement[], predicate: Predicate): XmlElement[] {
  if (predicate.kind === 'position') return elements.slice(predicate.position - 1, predicate.position)
  return elements.filter((element) => {
    const found = walk([element], predicate.steps)
    return predicate.value === undefined ? found.length > 0 : found.includes(predicate.value)
  })
}

function hasName(node: { readonly prefix: string; readonly name: string }, step: PathStep): boolean {
  return (step.name === '*' || node.name === step.name) && (step.prefix === undefined || node.prefix === step.prefix)
}

function withDescendants(element: XmlElement): XmlElement[] {
  return [element, ...childElements(element).flatMap(withDescendants)]
}

function textWithin(element: XmlElement): string {
  return element.children
    .map((node) => {
      if (typeof node === 'string') return node
      if (node.kind === 'element') return textWithin(node)
      return node.kind === 'cdata' ? node.value : ''
    })
    .join('')
}

/** Reads a path. */
export function readXmlPath(text: string): XmlPath | PathError {
  const reader = new PathReader(text)
  try {
    const counts = reader.take(/count\(\s*/y) !== undefined
    const steps = reader.steps()
    if (counts) reader.expect(/\s*\)/y, ')')
    if (reader.at < text.length) reader.fail('this is not part of a path', counts ? 'the end' : '/, [ or the end')
    return { kind: 'path', counts, steps }
  } catch (error) {
    if (error instanceof BadPath) return error.problem
    throw error
  }
}

class BadPath extends Error {
  readonly problem: PathError
  constructor(problem: PathError) {
    super(problem.reason)
    this.problem = problem
  }
}

class PathReader {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#text)
    if (found === null) return undefined
    this.at = pattern.lastIndex
    return found[0]
  }

  expect(pattern: RegExp, expected: string): string {
    return (
      this.take(pattern) ??
      this.fail(this.at < this.#text.length ? 'this is out of place' : 'the path ends here', expected)
    )
  }

  fail(reason: string, expected: string): never {
    throw new BadPath({ kind: 'path-error', at: this.at, reason, expected })
  }

  /** `/a//b[…]/@c` */
  steps(): PathStep[] {
    const steps: PathStep[] = []
    do steps.push(this.#step(this.expect(/\/\/?/y, '/ or //') === '//' ? 'descendant' : 'child'))
    while (this.#text[this.at] === '/')
    return steps
  }

  #step(axis: 'child' | 'descendant'): PathStep {
    const attribute = this.take(/@/y) !== undefined
    const name = this.expect(/(?:[\w.-]+:)?(?:[A-Za-z_][\w.-]*|\*)/y, 'a name, @name or *')
    const colon = name.indexOf(':')
    const predicates: Predicate[] = []
    if (!attribute) while (this.take(/\[\s*/y) !== undefined) predicates.push(this.#predicate())
    else if (this.at < this.#text.length && /[/[]/.test(this.#text[this.at]!))
      this.fail('an attribute ends a path', 'the end')
    return {
      axis,
      attribute,
      prefix: colon < 0 ? undefined : name.slice(0, colon),
      name: name.slice(colon + 1),
      predicates,
    }
  }

  #predicate(): Predicate {
    const position = this.take(/[1-9]\d{0,5}(?=\s*\])/y)
    if (position !== undefined) {
      this.expect(/\s*\]/y, ']')
      return { kind: 'position', position: Number(position) }
    }
    const steps = this.take(/\.(?=\s*=)/y) === undefined ? this.#relative() : []
    const value =
      this.take(/\s*=\s*/y) === undefined ? undefined : this.expect(/'[^']*'|"[^"]*"/y, 'a quoted value').slice(1, -1)
    this.expect(/\s*\]/y, value === undefined ? '= or ]' : ']')
    return { kind: 'test', steps, value }
  }

  /** `status/basic`, `@id`, `.//basic` in a predicate. */
  #relative(): PathStep[] {
    if (this.take(/\.(?=\/)/y) !== undefined) return this.steps()
    const first = this.#step('child')
    return this.#text[this.at] === '/' ? [first, ...this.steps()] : [first]
  }
}
