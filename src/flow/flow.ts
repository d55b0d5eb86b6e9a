/**
 * A flow file: what it is called, who takes part, who does what when, and what is expected to happen.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, Scalar } from 'yaml'
import { z } from 'zod'
import type { Micros } from '../sim/time.ts'
import { durationForm, readDuration } from './duration.ts'
import type { Ladder, Place } from './expectation.ts'
import { FlowError, FlowErrors, nearest, type SourceText, sourceText } from './flow-error.ts'
import { readLadder } from './ladder.ts'

/** A flow, as the simulator and the checker use it. */
export interface Flow {
  /** The flow's name on the command line: the clause of Annex A for those of the catalogue. */
  readonly id: string
  readonly title: string
  readonly clause: string
  /** What the flow shows and why it is as it is. */
  readonly about: string
  /** The file it was read from, as it was named. */
  readonly file: string
  readonly topology: FlowFile['topology']
  /** What happens before the flow begins; its rows are not part of the flow. */
  readonly precondition: Stage | undefined
  readonly script: FlowFile['script']
  /** How much virtual time the flow takes. */
  readonly lasts: Micros
  readonly seed: number
  readonly expect: Ladder
  /** What is doubtful in the file. */
  readonly warnings: readonly FlowError[]
}

/** A script with its duration. */
export interface Stage {
  readonly about: string
  readonly script: FlowFile['script']
  readonly lasts: Micros
}

const duration = z
  .string()
  .refine((text) => readDuration(text) !== undefined, { error: `Not a duration; expected ${durationForm}` })
  .meta({ description: 'A duration such as 5 s, 200 ms or 1.5 h.', examples: ['5 s', '200 ms'] })

/** The form of a flow file. The topology and the script are checked further when the world is built from them. */
export const flowFile = z
  .strictObject({
    flow: z
      .string()
      .regex(/^[\w.-]+$/, { error: 'A flow id has only letters, digits, ".", "-" and "_"' })
      .meta({ description: 'The id of the flow; for a flow of Annex A its clause.', examples: ['A.3.2.1'] }),
    title: z.string().min(1).meta({ description: 'The title, as it stands in the catalogue.' }),
    clause: z.string().min(1).meta({ description: 'The clause in which the flow stands.' }),
    about: z.string().meta({ description: 'What the flow shows, in the words of its author.' }),
    topology: z.unknown().meta({ description: 'The networks, nodes and users that take part.' }),
    precondition: z
      .strictObject({
        about: z.string().meta({ description: 'What has happened before the flow begins.' }),
        script: z.array(z.looseObject({})).meta({ description: 'Who does what, before the flow begins.' }),
        lasts: duration,
      })
      .optional()
      .meta({ description: 'What has happened before the flow begins; it is run, but is no part of the flow.' }),
    script: z.array(z.looseObject({})).meta({ description: 'Who does what, and when.' }),
    lasts: duration,
    seed: z.int().min(0).meta({ description: 'The seed of all that is left to chance.' }),
    expect: z.string().meta({ description: 'The expected ladder, one message or internal step a line.' }),
  })
  .meta({
    title: 'A presim flow',
    description: 'A flow of the presence service: who takes part, what they do, what is expected.',
  })

/** A flow file as written. */
export type FlowFile = z.infer<typeof flowFile>

/** Reads the text of a flow file. Throws `FlowErrors` with all that is wrong with it. */
export function readFlow(text: string, file: string): Flow {
  const source = sourceText(text, file)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = yamlProblems(document, source, lines)
  if (problems.some((one) => one.severity === 'error')) throw new FlowErrors(problems)
  if (!isMap(document.contents)) {
    const expected = 'keys such as flow:, title: and expect:'
    throw new FlowErrors([new FlowError(source, { line: 1, column: 1 }, 'this is not a flow file', { expected })])
  }
  const places = new DocumentPlaces(document, lines)
  const checked = flowFile.safeParse(document.toJS())
  if (!checked.success) {
    for (const issue of checked.error.issues) problems.push(...formProblems(issue, source, places))
  }
  const ladder = expectedLadder(document, source, places)
  problems.push(...ladder.problems)
  if (!checked.success || ladder.ladder === undefined || problems.some((one) => one.severity === 'error')) {
    throw new FlowErrors(problems)
  }
  return flowOf(checked.data, file, ladder.ladder, problems)
}

function flowOf(data: FlowFile, file: string, expect: Ladder, warnings: readonly FlowError[]): Flow {
  const { flow, title, clause, about, topology, precondition, script, seed } = data
  return {
    id: flow,
    title,
    clause,
    about,
    file,
    topology,
    precondition: precondition && { ...precondition, lasts: readDuration(precondition.lasts) ?? 0 },
    script,
    lasts: readDuration(data.lasts) ?? 0,
    seed,
    expect,
    warnings,
  }
}

function yamlProblems(document: Document, source: SourceText, lines: LineCounter): FlowError[] {
  const found = [
    ...document.errors.map((error) => ({ error, severity: 'error' as const })),
    ...document.warnings.map((error) => ({ error, severity: 'warning' as const })),
  ]
  return found.map(({ error, severity }) => {
    const { line, col } = lines.linePos(error.pos[0])
    return new FlowError(source, { line, column: col }, `YAML: ${error.message}`, { severity })
  })
}

/** Reads the `expect` block, whose lines stand in the file as they are written. */
function expectedLadder(
  document: Document,
  source: SourceText,
  places: DocumentPlaces,
): { ladder: Ladder | undefined; problems: readonly FlowError[] } {
  const node = document.get('expect', true)
  if (!isScalar(node) || typeof node.value !== 'string') return { ladder: undefined, problems: [] }
  if (node.type !== Scalar.BLOCK_LITERAL) {
    const problem = new FlowError(
      source,
      places.of(['expect']),
      'the ladder must be a block, so that its lines stay lines',
      {
        expected: '"expect: |" and the ladder in the lines below, indented',
      },
    )
    return { ladder: undefined, problems: [problem] }
  }
  return readLadder(node.value, source, blockOrigin(node.value, places.of(['expect']).line, source), undefined)
}

/** Where the first character of a literal block stands; all its lines are indented alike. */
function blockOrigin(value: string, headerLine: number, source: SourceText): Place {
  const first = value.split('\n').findIndex((line) => line.trim() !== '')
  const written = source.lines[headerLine + Math.max(first, 0)] ?? ''
  const text = value.split('\n')[Math.max(first, 0)] ?? ''
  return { line: headerLine + 1, column: written.length - text.length + 1 }
}

/** What zod found, at the place of the file that it is about. */
function formProblems(issue: z.core.$ZodIssue, source: SourceText, places: DocumentPlaces): FlowError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const suggestion = nearest(key, knownKeys(issue.path))
      return new FlowError(source, places.ofKey(issue.path, key), `there is no key "${key}" here`, { suggestion })
    })
  }
  const path = issue.path.map(String).join('.')
  if (issue.code === 'invalid_type' && !places.has(issue.path)) {
    return [
      new FlowError(source, places.of(issue.path.slice(0, -1)), `the key "${path}" is missing`, {
        expected: issue.expected,
      }),
    ]
  }
  const problem = issue.message.replace(/^Invalid input: /, '')
  return [new FlowError(source, places.of(issue.path), `${path}: ${problem}`)]
}

/** The keys that an object of the form may have, for suggestions. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = flowFile
  for (const key of path) schema = step(schema, key)
  return shapeOf(schema)

  function step(from: unknown, key: PropertyKey): unknown {
    const inner = unwrap(from)
    if (inner instanceof z.ZodObject) return inner.shape[String(key)]
    return inner instanceof z.ZodArray ? inner.element : undefined
  }
  function shapeOf(from: unknown): string[] {
    const inner = unwrap(from)
    return inner instanceof z.ZodObject ? Object.keys(inner.shape) : []
  }
  function unwrap(from: unknown): unknown {
    return from instanceof z.ZodOptional ? unwrap(from.unwrap()) : from
  }
}

/** The places of a YAML document's nodes. */
export class DocumentPlaces {
  readonly #document: Document
  readonly #lines: LineCounter

  constructor(document: Document, lines: LineCounter) {
    this.#document = document
    this.#lines = lines
  }

  /** True if there is a node at this path. */
  has(path: readonly PropertyKey[]): boolean {
    return this.#node(path) !== undefined
  }

  /** Where the node at a path starts, or the nearest one above it. */
  of(path: readonly PropertyKey[]): Place {
    for (let length = path.length; length > 0; length--) {
      const node = this.#node(path.slice(0, length))
      if (node?.range) return this.#place(node.range[0])
    }
    return { line: 1, column: 1 }
  }

  /** Where the key of a map at a path starts. */
  ofKey(path: readonly PropertyKey[], key: string): Place {
    const map = path.length === 0 ? this.#document.contents : this.#node(path)
    const pair = isMap(map) ? map.items.find((one) => isScalar(one.key) && String(one.key.value) === key) : undefined
    const range = isScalar(pair?.key) ? pair.key.range : undefined
    return range ? this.#place(range[0]) : this.of(path)
  }

  #node(path: readonly PropertyKey[]): Node | undefined {
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
