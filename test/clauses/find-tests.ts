/**
 * `npm run mutants`: breaks one rule of SIP, of the IM CN subsystem and of Ut after the other, runs the tests that meet
 * it, and writes which of them notice. With words behind it, only rules whose name has one of them; `new` stands for rules of
 * which no test is known yet.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { createVitest } from 'vitest/node'
import { root } from './rule-lines.ts'
import { idOf, isOfUt, knownTests, rulesToTest, type TestOfRule, writeTests } from './tests-of-rules.ts'

/** Where the tests are; those that only rules of Ut meet are in folders of their own. */
const folders = ['test/clauses', 'test/ims', 'test/sip']
const foldersOfUt = ['test/http', 'test/presence', 'test/xcap']
const scratch = mkdtempSync(join(tmpdir(), 'presim-mutants-'))

const vitest = await createVitest(
  'test',
  { config: 'test/clauses/mutants.config.ts', root, watch: false, reporters: [{}], bail: 0 },
  {},
)

/** Runs test files in the given environment; the full names of the tests that failed, each behind its file. */
async function failing(files: readonly string[], environment: Readonly<Record<string, string>>): Promise<string[]> {
  Object.assign(process.env, environment)
  const { testModules } = await vitest.runTestSpecifications(await vitest.getRelevantTestSpecifications([...files]))
  return testModules.flatMap((module) =>
    [...module.children.allTests('failed')].map((test) =>
      [relative(root, module.moduleId), ...test.fullName.split(' > ')].join(' › '),
    ),
  )
}

/** The tests that meet each rule: those in files that meet it beside few others first. */
async function testsByRule(where: readonly string[]): Promise<Map<string, string[]>> {
  const notes = join(scratch, 'met')
  writeFileSync(notes, '')
  await failing(where, { MET_RULES: notes })
  delete process.env.MET_RULES
  const met = readFileSync(notes, 'utf8').trim().split('\n')
  const breadth = new Map<string, number>()
  const tests = new Map<string, string[]>()
  for (const line of met) {
    const [id, test] = line.split('\t') as [string, string]
    breadth.set(fileOf(test), (breadth.get(fileOf(test)) ?? 0) + 1)
    tests.set(id, [...(tests.get(id) ?? []), test])
  }
  for (const all of tests.values()) all.sort((a, b) => breadth.get(fileOf(a))! - breadth.get(fileOf(b))!)
  return tests
}

const fileOf = (test: string): string => test.split(' › ')[0]!

/** The tests that notice that a rule is broken: those that name its clause, if there are any in the same files. */
async function testsOf(id: string, clause: string, files: readonly string[]): Promise<string[]> {
  for (const BREAK of ['end', 'outcome'])
    for (let at = 0; at < files.length; at += 3) {
      const some = files.slice(at, at + 3)
      const found = await failing(some, { BROKEN_RULE: id, BREAK })
      const named = found.filter((test) => test.includes(clause))
      if (named.length > 0) return named
      if (found.length === 0) continue
      // It may be that a test fails anyhow.
      const anyhow = await failing(some, { BROKEN_RULE: '' })
      const because = found.filter((test) => !anyhow.includes(test))
      if (because.length > 0) return because
    }
  return []
}

const words = process.argv.slice(2)
const known = new Map(knownTests().map((one) => [one.rule, one] as const))

function isMeant(word: string, id: string): boolean {
  if (word === 'new') return !known.has(id)
  return word === 'met' ? known.get(id)?.notice !== true : id.includes(word)
}

const rules = rulesToTest().map((line) => ({ id: idOf(line), clause: line.clause, isOfUt: isOfUt(line) }))
const chosen = rules.filter(({ id }) => (words.length === 0 ? true : words.some((word) => isMeant(word, id))))
const meeting = await testsByRule(chosen.some((one) => one.isOfUt) ? [...folders, ...foldersOfUt] : folders)
for (const [index, { id, clause }] of chosen.entries()) {
  const all = meeting.get(id) ?? []
  const noticing = await testsOf(id, clause, [...new Set(all.map(fileOf))])
  const notice = noticing.length > 0
  const named = all.filter((test) => test.includes(clause))
  const tests = (notice ? noticing : named.length > 0 ? named : all).slice(0, 2)
  if (tests.length > 0) known.set(id, { rule: id, notice, tests })
  else known.delete(id)
  process.stdout.write(`${index + 1} of ${chosen.length}  ${id}: ${notice ? tests[0] : 'no test notices'}\n`)
  writeTests(rules.flatMap(({ id: rule }): readonly TestOfRule[] => (known.has(rule) ? [known.get(rule)!] : [])))
}
rmSync(scratch, { recursive: true })
await vitest.close()
