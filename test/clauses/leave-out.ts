/**
 * `npm run left-out [-- folder]`: leaves out one rule after the other of a folder of src (`presence` if not said), runs
 * the tests whose names cite its clause or requirements, and lists the rules without which none of them fails.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type RuleLine, ruleLines } from './rule-lines.ts'

const root = join(import.meta.dirname, '../..')

/** A pattern for the names of tests that cite one of these clauses, and not a longer one. */
function patternFor({ clause, serves }: RuleLine): string {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return [clause, ...serves].map((one) => `${literal(one)}(?![\\d.]*\\d)`).join('|')
}

/** What the tests that name a rule say when it is left out. */
function withoutRule(line: RuleLine): 'caught' | 'missed' | 'not named' {
  const files = [...new Set(line.tests.map((test) => test.slice(0, test.indexOf(': '))))]
  if (files.length === 0) return 'not named'
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const given = ['run', '--config', 'test/vitest.config.ts', '--bail', '1', '-t', patternFor(line), ...files]
  const env = { ...process.env, PRESIM_WITHOUT: `${line.clause}: ${line.title}` }
  return spawnSync(process.execPath, [vitest, ...given], { cwd: root, env }).status === 0 ? 'missed' : 'caught'
}

const [folder = 'presence', only = ''] = process.argv.slice(2)
const lines = ruleLines().filter(({ file, title }) => file.startsWith(`src/${folder}/`) && title.includes(only))
let caught = 0
for (const line of lines) {
  const found = withoutRule(line)
  if (found === 'caught') caught++
  console.log(`${found.padEnd(9)}  ${line.clause}: ${line.title} (${line.file})`)
}
console.log(`${lines.length} rules left out, ${caught} caught by a test that names them`)
process.exitCode = caught === lines.length ? 0 : 1
