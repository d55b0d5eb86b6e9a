/**
 * `npm run clauses`: the table clause → rule → file → test. Of SIP, of the IM CN subsystem and of Ut it has the tests
 * that were seen to fail with the rule broken, or else that meet it (`npm run mutants`); of the others those whose names
 * cite the clause, or a requirement that the rule serves.
 */
import { ruleLines } from './rule-lines.ts'
import { idOf, knownTests, rulesToTest } from './tests-of-rules.ts'

const lines = ruleLines()
const toTest = new Set(rulesToTest().map(idOf))
const known = new Map(knownTests().map((one) => [one.rule, one] as const))

function print(title: string, tests: readonly string[]): void {
  for (const test of tests.slice(0, 2)) process.stdout.write(`  ${title} ${test}\n`)
  if (tests.length > 2) process.stdout.write(`  and ${tests.length - 2} more tests\n`)
}

for (const line of lines) {
  const { clause, title, serves, file, tests } = line
  const ids = serves.length === 0 ? '' : ` [${serves.join(', ')}]`
  process.stdout.write(`${clause}  ${title}${ids}\n  ${file}\n`)
  const found = known.get(idOf(line))
  if (found !== undefined) print(found.notice ? 'noticed by' : 'met by', found.tests)
  else if (tests.length > 0) print('named by', tests)
  else process.stdout.write('  NO TEST\n')
}

const clauses = new Set(lines.map(({ clause }) => clause)).size
const noticed = [...known.values()].filter(({ notice }) => notice).length
const others = lines.filter((line) => !toTest.has(idOf(line)))
const named = others.filter(({ tests }) => tests.length > 0).length
process.stdout.write(`${lines.length} rules of ${clauses} clauses\n`)
process.stdout.write(`${toTest.size} of SIP, of the IM CN subsystem and of Ut: ${known.size} are met by a test, `)
process.stdout.write(`of ${noticed} one was seen to fail with the rule broken\n`)
process.stdout.write(`${others.length} others, of which ${named} are named by a test\n`)
