/**
 * Selectors: the three subsets of XPath that the presence service uses, read into one form.
 *
 * - `patch`: RFC 5261 §4.1, the `sel` and `type` of a patch operation;
 * - `node`: RFC 4825 §6.3, the node selector of an XCAP URI after percent-decoding;
 * - `filter`: RFC 4661 §5, what a filter includes, excludes and is triggered by.
 */
import { ncNamePattern } from './datatypes.ts'
import { isWhiteSpace } from './tree.ts'
import { resolveReferences } from './xml.ts'

/** Which of the subsets a selector is written in. */
export type Dialect = 'patch' | 'node' | 'filter'

/** A selector: steps from the root of the document. */
export interface Selector {
  readonly kind: 'selector'
  readonly steps: readonly Step[]
}

/** One step: from each node found so far along an axis, to the nodes that pass the test and all predicates in order. */
export interface Step {
  readonly axis: 'child' | 'descendant' | 'attribute' | 'namespace'
  readonly test: NodeTest
  readonly predicates: readonly Predicate[]
}

/** What a step accepts. A namespace node is tested by the prefix it declares, `*` being all of them. */
export type NodeTest =
  | { readonly kind: 'name'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'text' }
  | { readonly kind: 'comment' }
  | { readonly kind: 'instruction'; readonly target?: string }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'id'; readonly value: string }

/** A condition on a node: its position, the value of something below it, or several of these. */
export type Predicate =
  | { readonly kind: 'position'; readonly position: number }
  | { readonly kind: 'exists'; readonly path: readonly Step[] }
  | {
      readonly kind: 'compare'
      /** Empty for the node itself. */
      readonly path: readonly Step[]
      readonly operator: '=' | '!=' | '<' | '<=' | '>' | '>='
      readonly value: string
    }
  | { readonly kind: 'and' | 'or'; readonly left: Predicate; readonly right: Predicate }

/** Why a text is no selector: not of the grammar, or with a prefix that nothing is known of. */
export interface SelectorError {
  readonly kind: 'selector-error'
  readonly cause: 'syntax' | 'prefix'
  readonly reason: string
  /** The index in the text, from 0. */
  readonly at: number
}

/** The namespace of a prefix where the selector stands; of the empty prefix, the one of names without a prefix. */
export type PrefixResolver = (prefix: string) => string | undefined

/** Reads a selector. Names of attributes without a prefix are in no namespace, whatever the empty prefix stands for. */
export function parseSelector(text: string, dialect: Dialect, resolve: PrefixResolver): Selector | SelectorError {
  if (text.length > longest) {
    return {
      kind: 'selector-error',
      cause: 'syntax',
      reason: `a selector has ${longest} characters at most`,
      at: longest,
    }
  }
  const parser: Parser = { text, dialect, resolve, at: 0 }
  try {
    skipSpace(parser)
    const steps = parsePath(parser, true)
    skipSpace(parser)
    if (parser.at < text.length) fail(parser, 'this is not part of a selector')
    return { kind: 'selector', steps }
  } catch (error) {
    if (error instanceof Failure) return { kind: 'selector-error', ...error.why }
    throw error
  }
}

/** Far longer than any selector with a purpose; what is longer would only take time. */
const longest = 4096

interface Parser {
  readonly text: string
  readonly dialect: Dialect
  readonly resolve: PrefixResolver
  at: number
}

/** Thrown where the text stops being a selector, and caught in `parseSelector`. */
class Failure {
  readonly why: Omit<SelectorError, 'kind'>
  constructor(why: Omit<SelectorError, 'kind'>) {
    this.why = why
  }
}

function fail(parser: Parser, reason: string, cause: SelectorError['cause'] = 'syntax'): never {
  throw new Failure({ cause, reason: `${reason}: ${parser.text}`, at: parser.at })
}

function accept(parser: Parser, token: string): boolean {
  if (!parser.text.startsWith(token, parser.at)) return false
  parser.at += token.length
  return true
}

function expect(parser: Parser, token: string): void {
  if (!accept(parser, token)) fail(parser, `${token} is missing`)
}

/** Only a filter may be spaced out (RFC 4661 §5). */
function skipSpace(parser: Parser): void {
  if (parser.dialect !== 'filter') return
  while (isWhiteSpace(parser.text.charAt(parser.at)) && parser.at < parser.text.length) parser.at++
}

function parsePath(parser: Parser, fromRoot: boolean): Step[] {
  const steps: Step[] = []
  if (parser.text === '') fail(parser, 'the selector is empty')
  let deep = false
  if (fromRoot && parser.dialect !== 'node' && accept(parser, '/')) deep = acceptDeep(parser)
  for (;;) {
    steps.push(parseStep(parser, deep, steps.length === 0 && fromRoot))
    const last = steps.at(-1)!
    if (parser.text[parser.at] !== '/') return steps
    if (last.axis !== 'child' && last.axis !== 'descendant') fail(parser, 'nothing follows an attribute')
    if (last.test.kind === 'text' || last.test.kind === 'comment') fail(parser, 'nothing follows a text')
    parser.at++
    deep = acceptDeep(parser)
  }
}

/** `//`: the abbreviation of the axis of all descendants, which only filters have. */
function acceptDeep(parser: Parser): boolean {
  return parser.dialect === 'filter' && accept(parser, '/')
}

function parseStep(parser: Parser, deep: boolean, first: boolean): Step {
  if (accept(parser, '@')) {
    const any = parser.dialect === 'filter' && accept(parser, '*')
    const test: NodeTest = any ? { kind: 'any' } : { kind: 'name', ...parseName(parser, true) }
    return { axis: 'attribute', test, predicates: [] }
  }
  if (parser.dialect !== 'filter' && accept(parser, 'namespace::')) {
    const all = parser.dialect === 'node'
    if (all) expect(parser, '*')
    const prefix = all ? '*' : parseNcName(parser)
    return { axis: 'namespace', test: { kind: 'prefix', prefix }, predicates: [] }
  }
  const test = parseNodeTest(parser, first)
  return { axis: deep ? 'descendant' : 'child', test, predicates: parsePredicates(parser, test) }
}

function parseNodeTest(parser: Parser, first: boolean): NodeTest {
  if (accept(parser, '*')) return { kind: 'any' }
  if (parser.dialect === 'patch') {
    if (accept(parser, 'text()')) return { kind: 'text' }
    if (accept(parser, 'comment()')) return { kind: 'comment' }
    if (accept(parser, 'processing-instruction(')) {
      const target = accept(parser, ')') ? undefined : parseLiteral(parser)
      if (target !== undefined) expect(parser, ')')
      return target === undefined ? { kind: 'instruction' } : { kind: 'instruction', target }
    }
    if (first && accept(parser, 'id(')) {
      const value = parseLiteral(parser)
      expect(parser, ')')
      return { kind: 'id', value }
    }
  }
  return { kind: 'name', ...parseName(parser, false) }
}

const namePattern = new RegExp(ncNamePattern, 'uy')

function parseNcName(parser: Parser): string {
  namePattern.lastIndex = parser.at
  const match = namePattern.exec(parser.text)
  if (match === null) return fail(parser, 'a name is missing')
  parser.at += match[0].length
  return match[0]
}

function parseName(parser: Parser, ofAttribute: boolean): { namespace: string; name: string } {
  const start = parser.at
  const first = parseNcName(parser)
  const prefixed = parser.text[parser.at] === ':' && parser.text[parser.at + 1] !== ':'
  const prefix = prefixed ? first : ''
  if (prefixed) parser.at++
  const name = prefixed ? parseNcName(parser) : first
  const namespace = ofAttribute && prefix === '' ? '' : parser.resolve(prefix)
  if (namespace !== undefined) return { namespace, name }
  parser.at = start
  return fail(parser, `the prefix ${prefix} is not declared`, 'prefix')
}

/** In a node selector a value is written as in XML (RFC 4825 §6.3, AttValue): references stand for characters. */
function parseLiteral(parser: Parser): string {
  const quote = parser.text[parser.at]
  if (quote !== '"' && quote !== "'") fail(parser, 'a quoted value is missing')
  const end = parser.text.indexOf(quote, parser.at + 1)
  if (end < 0) fail(parser, 'the quoted value does not end')
  const value = parser.text.slice(parser.at + 1, end)
  parser.at = end + 1
  return parser.dialect === 'node' && value.includes('&') ? resolveReferences(value) : value
}

function parsePredicates(parser: Parser, test: NodeTest): Predicate[] {
  const predicates: Predicate[] = []
  while (accept(parser, '[')) {
    skipSpace(parser)
    const predicate = parseAlternatives(parser)
    const ofElement = test.kind === 'name' || test.kind === 'any'
    if (!ofElement && (predicate.kind !== 'position' || predicates.length > 0 || test.kind === 'id')) {
      fail(parser, 'only elements have conditions')
    }
    predicates.push(predicate)
    skipSpace(parser)
    expect(parser, ']')
  }
  // RFC 4825 §6.3: a position comes first, and there is one condition of each sort at most.
  if (parser.dialect === 'node') {
    const [first, second] = predicates
    if (predicates.length > 2 || second?.kind === 'position' || (second && first?.kind !== 'position')) {
      fail(parser, 'a step has at most a position and then an attribute')
    }
  }
  return predicates
}

function parseAlternatives(parser: Parser): Predicate {
  let left = parseConjunction(parser)
  while (acceptWord(parser, /[ \t\n\r]+or[ \t\n\r]+/y)) {
    left = { kind: 'or', left, right: parseConjunction(parser) }
  }
  return left
}

/** A word with white space around it, which only filters have between conditions. */
function acceptWord(parser: Parser, word: RegExp): boolean {
  word.lastIndex = parser.at
  const match = parser.dialect === 'filter' ? word.exec(parser.text) : null
  if (match === null) return false
  parser.at += match[0].length
  return true
}

function parseConjunction(parser: Parser): Predicate {
  let left = parseCondition(parser)
  while (acceptWord(parser, /[ \t\n\r]+and[ \t\n\r]+/y)) {
    left = { kind: 'and', left, right: parseCondition(parser) }
  }
  return left
}

function parseCondition(parser: Parser): Predicate {
  if (parser.dialect === 'filter' && accept(parser, '(')) {
    skipSpace(parser)
    const inner = parseAlternatives(parser)
    skipSpace(parser)
    expect(parser, ')')
    return inner
  }
  const digits = /^\d+/.exec(parser.text.slice(parser.at, parser.at + 12))?.[0]
  if (digits !== undefined) {
    parser.at += digits.length
    return { kind: 'position', position: Number(digits) }
  }
  const path = parseComparedPath(parser)
  const before = parser.at
  skipSpace(parser)
  const operator = parseOperator(parser)
  if (operator === undefined) {
    if (parser.dialect !== 'filter' || path.length === 0) return fail(parser, '= is missing')
    parser.at = before
    return { kind: 'exists', path }
  }
  skipSpace(parser)
  return { kind: 'compare', path, operator, value: parseValue(parser) }
}

/** What a condition looks at: an attribute; besides that, in a patch the node or a child, in a filter a whole path. */
function parseComparedPath(parser: Parser): Step[] {
  if (parser.text[parser.at] === '@') return [parseStep(parser, false, false)]
  if (parser.dialect === 'node') return fail(parser, 'a condition names an attribute')
  if (accept(parser, '.')) return []
  // RFC 4661 §5.1: a path in a condition goes down by names and * alone; it has no conditions of its own.
  if (parser.dialect === 'filter') {
    const start = parser.at
    const path = parsePath(parser, false)
    if (path.every((step) => step.axis !== 'descendant' && step.predicates.length === 0)) return path
    parser.at = start
    return fail(parser, 'a condition has a plain path')
  }
  return [{ axis: 'child', test: { kind: 'name', ...parseName(parser, false) }, predicates: [] }]
}

function parseOperator(parser: Parser): '=' | '!=' | '<' | '<=' | '>' | '>=' | undefined {
  if (parser.dialect !== 'filter') return accept(parser, '=') ? '=' : undefined
  for (const each of ['<=', '>=', '!=', '=', '<', '>'] as const) if (accept(parser, each)) return each
  return undefined
}

function parseValue(parser: Parser): string {
  const number = parser.dialect === 'filter' ? /^-?\d+(\.\d+)?/.exec(parser.text.slice(parser.at))?.[0] : undefined
  if (number === undefined) return parseLiteral(parser)
  parser.at += number.length
  return number
}
