/**
 * `npm run clauses`: the table clause → rule → file → test. Of SIP and of the IM CN subsystem it has the tests that fail
 * if the rule is broken, as `npm run mutants` has found them; of the others those whose names cite the clause, or a
 * requirement that the rule serves.
 */
import { ruleLines } from './rule-lines.ts'
import { idOf, knownTests, rulesToTest } from './tests-of-rules.ts'

const lines = ruleLines()
const toTest = new Set(rulesToTest().map(idOf))
const noticing = new Map(knownTests().map(({ rule, tests }) => [rule, tests] as const))

function print(title: string, tests: readonly string[]): void {
  for (const test of tests.slice(0, 2)) process.stdout.write(`  ${title} ${test}\n`)
  if (tests.length > 2) process.stdout.write(`  and ${tests.length - 2} more tests\n`)
}

for (const line of lines) {
  const { clause, title, serves, file, tests } = line
  const ids = serves.length === 0 ? '' : ` [${serves.join(', ')}]`
  process.stdout.write(`${clause}  ${title}${ids}\n  ${file}\n`)
  const found = noticing.get(idOf(line)) ?? []
  if (found.length > 0) print('noticed by', found)
  else print('named by', tests)
  if (toTest.has(idOf(line)) && found.length === 0) process.stdout.write('  NO TEST NOTICES IF IT IS BROKEN\n')
  else if (found.length === 0 && tests.length === 0) process.stdout.write('  no test names it\n')
}
const clauses = new Set(lines.map(({ clause }) => clause)).size
const noticed = lines.filter((line) => noticing.has(idOf(line))).length
const others = lines.filter((line) => !toTest.has(idOf(line)))
const named = others.filter(({ tests }) => tests.length > 0).length
process.stdout.write(`${lines.length} rules of ${clauses} clauses\n`)
process.stdout.write(
  `${toTest.size} of SIP and of the IM CN subsystem, of which ${noticed} break a test if they are broken\n`,
)
process.stdout.write(`${others.length} others, of which ${named} are named by a test\n`)
