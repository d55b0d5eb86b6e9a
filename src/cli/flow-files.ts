import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseDocument } from 'yaml'
import { type Flow, readFlow } from '../flow/flow.ts'
import { nearest } from '../flow/flow-error.ts'
import { Misuse } from './exit-code.ts'

const ending = '.flow.yaml'

/** The folder of the flows that come with presim. */
export const flowsFolder = fileURLToPath(new URL('../../flows/', import.meta.url))

/** The names of the flows that come with presim, in the order of their clauses. */
export function flowNames(): string[] {
  const names = readdirSync(flowsFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length).replaceAll('\\', '/'))
  return names.sort(byClause)
}

/** Clauses compare number by number: A.3.2.1 comes before A.10. */
function byClause(one: string, other: string): number {
  const parts = (name: string): (string | number)[] =>
    name.split(/[./]/).map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  const [a, b] = [parts(one), parts(other)]
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] === b[i]) continue
    return a[i]! < b[i]! ? -1 : 1
  }
  return a.length - b.length
}

/** The file of a flow: a flow of the catalogue by its name, with or without its folder, or any file by its path. */
export function flowFileOf(name: string): string {
  const own = join(flowsFolder, `${name}${ending}`)
  if (existsSync(own)) return own
  if (existsSync(name) && statSync(name).isFile()) return name
  const names = flowNames()
  const alike = names.filter((one) => one.endsWith(`/${name}`))
  if (alike.length === 1) return join(flowsFolder, `${alike[0]}${ending}`)
  const suggestion = alike[0] ?? nearest(name, names)
  const hint = suggestion === undefined ? 'see `presim list` for the names' : `did you mean ${suggestion}?`
  throw new Misuse(`there is no flow "${name}", and no such file; ${hint}`)
}

/** Reads a flow by its name or path. Throws FlowErrors for what is wrong in the file, Misuse if there is none. */
export function loadFlow(name: string): Flow {
  const file = flowFileOf(name)
  return readFlow(textOf(file), shownName(file))
}

/** The title of a flow, from the beginning of its file: the list of flows shows many before any of them is read. */
export function titleOf(name: string): string {
  const head = textOf(flowFileOf(name)).split(/^topology:/m)[0]!
  const title: unknown = parseDocument(head).get('title')
  return typeof title === 'string' ? title : name
}

/** The name under which errors speak of a file: as short as it can be found by. */
function shownName(file: string): string {
  const fromHere = relative(process.cwd(), file)
  if (!fromHere.startsWith('..')) return fromHere
  const own = relative(flowsFolder, file)
  return own.startsWith('..') ? file : join('flows', own)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new Misuse(`${file} can not be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
