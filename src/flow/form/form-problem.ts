/**
 * What is wrong with the form of a flow file (keys, types, choices), said at the place of the file that it is about.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml'
import { z } from 'zod'
import { FlowError, nearest, type SourceText } from '../flow-error.ts'
import type { Place } from '../ladder/expectation.ts'
import { oneOf } from '../ladder/ladder-text.ts'

type Path = readonly PropertyKey[]

/** What zod has found, as errors of the file. */
export function formProblems(
  form: z.ZodType,
  issues: readonly z.core.$ZodIssue[],
  source: SourceText,
  places: DocumentPlaces,
): FlowError[] {
  return issues.flatMap((issue) => problemsOf(form, issue, source, places))
}

function problemsOf(form: z.ZodType, issue: z.core.$ZodIssue, source: SourceText, places: DocumentPlaces): FlowError[] {
  const { path } = issue
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const known = knownKeys(form, path)
      const suggestion = nearest(key, known)
      const advice = suggestion === undefined && known.length > 0 ? { expected: oneOf(known) } : { suggestion }
      return new FlowError(source, places.ofKey([...path, key]), `${nameOf(path, places)} has no key "${key}"`, advice)
    })
  }
  if (path.length > 0 && typeof path.at(-1) === 'string' && !places.has(path)) {
    const parent = path.slice(0, -1)
    const expected = choicesOf(issue) ?? ('expected' in issue ? typeName(issue.expected) : undefined)
    const problem = `${nameOf(parent, places)} lacks the key "${String(path.at(-1))}"`
    return [new FlowError(source, places.ofKey(parent), problem, { expected })]
  }
  const choices = choicesOf(issue)
  if (choices === undefined) {
    if (issue.code === 'invalid_type') {
      const problem = `${nameOf(path, places)} is ${typeName(typeOf(places.value(path)))}`
      return [new FlowError(source, places.of(path), problem, { expected: typeName(issue.expected) })]
    }
    const [problem, expected] = issue.message.split('; expected ')
    return [new FlowError(source, places.of(path), `${nameOf(path, places)}: ${lowerFirst(problem!)}`, { expected })]
  }
  const value = String(places.value(path))
  const suggestion = nearest(value, wordsOf(issue))
  const problem = `${nameOf(path, places)} can not be "${value}"`
  return [
    new FlowError(source, places.of(path), problem, suggestion === undefined ? { expected: choices } : { suggestion }),
  ]
}

/** The words from which a value must be chosen. */
function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options))
    return issue.options.map(String)
  return []
}

function choicesOf(issue: z.core.$ZodIssue): string | undefined {
  const words = wordsOf(issue)
  return words.length === 0 ? undefined : oneOf(words)
}

/** `topology.nodes.PS.host`, `script[0].do` */
function nameOf(path: Path, places: DocumentPlaces): string {
  const name = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')
  return name === '' ? places.whole : name.replace(/^\./, '')
}

const typeNames: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map',
  record: 'a map',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'empty',
}

/** A type of data in the words of a flow file. */
function typeName(type: unknown): string {
  return typeNames[String(type)] ?? String(type)
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

/** The keys that an object of the form may have. */
function knownKeys(form: z.ZodType, path: Path): string[] {
  let forms: z.ZodType[] = [form]
  for (const key of path) forms = forms.flatMap((one) => below(one, key))
  return [
    ...new Set(
      forms
        .flatMap((one) => alternatives(one))
        .flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : [])),
    ),
  ]
}

function below(form: z.ZodType, key: PropertyKey): z.ZodType[] {
  return alternatives(form).flatMap((one) => {
    if (one instanceof z.ZodObject) return (one.shape[String(key)] as z.ZodType | undefined) ?? []
    if (one instanceof z.ZodArray) return one.element as z.ZodType
    return one instanceof z.ZodRecord ? (one.valueType as z.ZodType) : []
  })
}

/** A form without what wraps it; the options of a union. */
function alternatives(form: z.ZodType): z.ZodType[] {
  if (form instanceof z.ZodOptional || form instanceof z.ZodDefault) return alternatives(form.unwrap() as z.ZodType)
  if (form instanceof z.ZodPipe) return alternatives(form.in as z.ZodType)
  if (form instanceof z.ZodUnion) return form.options.flatMap((one) => alternatives(one as z.ZodType))
  return [form]
}

/** The places of a YAML document's nodes. */
export class DocumentPlaces {
  readonly #document: Document
  readonly #lines: LineCounter
  /** What the document is, in a sentence. */
  readonly whole: string

  constructor(document: Document, lines: LineCounter, whole = 'the flow') {
    this.#document = document
    this.#lines = lines
    this.whole = whole
  }

  /** True if there is a node at this path. */
  has(path: Path): boolean {
    return this.#node(path) !== undefined
  }

  /** The value of the node at a path, as plain data. */
  value(path: Path): unknown {
    return this.#node(path)?.toJS(this.#document)
  }

  /** Where the node at a path starts, or the nearest one above it. */
  of(path: Path): Place {
    for (let length = path.length; length >= 0; length--) {
      const range = this.#node(path.slice(0, length))?.range
      if (range) return this.#place(range[0])
    }
    return { line: 1, column: 1 }
  }

  /** Where the key at the end of a path starts; for the item of a list the item itself. */
  ofKey(path: Path): Place {
    const map = this.#node(path.slice(0, -1))
    const key = String(path.at(-1))
    const pair = isMap(map) ? map.items.find((one) => isScalar(one.key) && String(one.key.value) === key) : undefined
    const range = isScalar(pair?.key) ? pair.key.range : undefined
    return range ? this.#place(range[0]) : this.of(path)
  }

  #node(path: Path): Node | undefined {
    let node: unknown = this.#document.contents
    for (const key of path) {
      if (isAlias(node)) node = node.resolve(this.#document)
      node = isMap(node) || isSeq(node) ? node.get(key, true) : undefined
    }
    return (node ?? undefined) as Node | undefined
  }

  #place(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset)
    return { line, column: col }
  }
}
