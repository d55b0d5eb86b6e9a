/**
 * A flow file: what it is called, who takes part, who does what when, and what is expected to happen.
 */
import { type Document, isMap, isScalar, LineCounter, parseDocument, Scalar } from 'yaml'
import { z } from 'zod'
import type { Micros } from '../sim/time.ts'
import { durationForm, readDuration } from './duration.ts'
import { FlowError, FlowErrors, nearest, type SourceText, sourceText } from './flow-error.ts'
import { danglingNames } from './form/dangling-names.ts'
import { type Script, scriptForm } from './form/deed-form.ts'
import { DocumentPlaces, formProblems } from './form/form-problem.ts'
import { type Topology, topologyForm } from './form/topology.ts'
import type { Ladder, Place } from './ladder/expectation.ts'
import { readLadder } from './ladder/ladder.ts'
import { oneOf } from './ladder/ladder-text.ts'

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
  readonly topology: Topology
  /** What happens before the flow begins; its rows are not part of the flow. */
  readonly precondition: Stage | undefined
  readonly script: Script
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
  readonly script: Script
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
    topology: topologyForm,
    precondition: z
      .strictObject({
        about: z.string().meta({ description: 'What has happened before the flow begins.' }),
        script: scriptForm.meta({ description: 'Who does what, before the flow begins.' }),
        lasts: duration,
      })
      .optional()
      .meta({ description: 'What has happened before the flow begins; it is run, but is no part of the flow.' }),
    script: scriptForm.meta({ description: 'Who does what, and when.' }),
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
  const checked = flowFile.safeParse(dataOf(document, source))
  if (checked.success) problems.push(...nameProblems(checked.data, source, places))
  else problems.push(...formProblems(flowFile, checked.error.issues, source, places))
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

/** The document as plain data. One whose aliases would make it endless has none. */
function dataOf(document: Document, source: SourceText): unknown {
  try {
    return document.toJS()
  } catch (error) {
    throw new FlowErrors([new FlowError(source, { line: 1, column: 1 }, `YAML: ${(error as Error).message}`)])
  }
}

/** What is no YAML, or doubtful YAML. */
export function yamlProblems(document: Document, source: SourceText, lines: LineCounter): FlowError[] {
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
  const nodes = document.getIn(['topology', 'nodes'], true)
  const lanes = isMap(nodes) ? nodes.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : undefined
  return readLadder(node.value, source, blockOrigin(node.value, places.of(['expect']).line, source), lanes)
}

/** Names in the topology and the scripts that name nothing. */
function nameProblems(data: FlowFile, source: SourceText, places: DocumentPlaces): FlowError[] {
  const scripts = { script: data.script, ...(data.precondition && { 'precondition.script': data.precondition.script }) }
  return danglingNames(data.topology, scripts).map(({ path, name, kind, known }) => {
    const suggestion = nearest(name, known)
    const advice = suggestion === undefined ? { expected: known.length > 0 ? oneOf(known) : undefined } : { suggestion }
    return new FlowError(source, places.of(path), `no ${kind} is called "${name}"`, advice)
  })
}

/** Where the first character of a literal block stands; all its lines are indented alike. */
function blockOrigin(value: string, headerLine: number, source: SourceText): Place {
  const first = value.split('\n').findIndex((line) => line.trim() !== '')
  const written = source.lines[headerLine + Math.max(first, 0)] ?? ''
  const text = value.split('\n')[Math.max(first, 0)] ?? ''
  return { line: headerLine + 1, column: written.length - text.length + 1 }
}
