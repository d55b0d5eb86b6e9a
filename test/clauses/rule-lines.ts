/** The rules of the sources, and the names of the tests. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** A rule as it stands in a source file. */
export interface RuleLine {
  readonly clause: string
  readonly title: string
  readonly serves: readonly string[]
  readonly file: string
  /** The tests whose names cite the clause or one of the requirements, as `file: name`. */
  readonly tests: readonly string[]
}

const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)

const text = String.raw`'((?:\\.|[^'\\])*)'`
const ruleCall = new RegExp(String.raw`\brule\(\s*${text},\s*${text}(?:,\s*\[([^\]]*)\])?`, 'g')
const testName = /\b(?:it|test|describe)(?:\.each(?:<[^(]*>)?\([\s\S]*?\))?(?:\.\w+)*\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g

/** A test as its file names it; of a table of tests, with the places of its values. */
export interface TestName {
  readonly file: string
  readonly name: string
}

export function testNames(): TestName[] {
  return filesBelow('test')
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(testName)].map((match) => ({ file, name: match[2]! })),
    )
}

/** True if a test's name cites a clause, and not a longer one that begins alike. */
function cites(name: string, clause: string): boolean {
  const at = name.indexOf(clause)
  return at >= 0 && !/^[\d.]*\d/.test(name.slice(at + clause.length))
}

/** All rules of the sources, by clause. */
export function ruleLines(): RuleLine[] {
  const tests = testNames()
  const lines = filesBelow('src').flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(ruleCall)].map((match): RuleLine => {
      const clause = match[1]!
      const serves = [...(match[3] ?? '').matchAll(/'([^']+)'/g)].map((one) => one[1]!)
      const found = tests.filter(({ name }) => cites(name, clause) || serves.some((id) => cites(name, id)))
      const title = match[2]!.replaceAll("\\'", "'")
      return { clause, title, serves, file, tests: found.map((one) => `${one.file}: ${one.name}`) }
    }),
  )
  return lines.sort((a, b) => compare(a.clause, b.clause))
}

/** Clauses by document, then number by number. */
function compare(one: string, other: string): number {
  const parts = (clause: string): (string | number)[] =>
    clause.split(/(\d+)/).map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  const [a, b] = [parts(one), parts(other)]
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1
  return a.length - b.length
}
