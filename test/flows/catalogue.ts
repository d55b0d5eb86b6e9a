import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Flow, readFlow } from '../../src/flow/flow.ts'

const folder = join(import.meta.dirname, '../../flows')

/** Flows so large that once is enough: `scenarios.test.ts` runs them directly and over the wire. */
export const large: readonly string[] = ['rls/three-hundred-members']

/** The names of all other flow files, with their folder and without their ending. */
export const ids = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.flow.yaml'))
  .map((name) => name.slice(0, -'.flow.yaml'.length))
  .filter((name) => !large.includes(name))
  .toSorted()

if (ids.length === 0) throw new Error(`there are no flow files in ${folder}`)

/** Those of Annex A, whose ladders tell every header field that the annex tells. */
export const annex = ids.filter((id) => id.startsWith('A.'))

export const textOf = (id: string): string => readFileSync(join(folder, `${id}.flow.yaml`), 'utf8')

export const flowOf = (id: string): Flow => readFlow(textOf(id), `${id}.flow.yaml`)
