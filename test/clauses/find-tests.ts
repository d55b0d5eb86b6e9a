/**
 * `npm run mutants`: breaks one rule of SIP, of the IM CN subsystem and of Ut after the other, runs the tests that meet
 * it, and writes which of them notice. With words behind it, only rules whose name has one of them; `new` stands for rules of
 * which no test is known yet, `met` for those that no test notices, `stale` for those whose tests do not meet them.
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

/** A test as `file › describe › name`. */
type Named = string

/** Runs test files in the given environment; the tests that failed. */
async function failing(files: readonly string[], environment: Readonly<Record<string, string>>): Promise<Named[]> {
  Object.assign(process.env, environment)
  const { testModules } = await vitest.runTestSpecifications(await vitest.getRelevantTestSpecifications([...files]))
  // What vitest returns has the modules of earlier runs too.
  const own = testModules.filter(({ moduleId }) => files.includes(relative(root, moduleId)))
  return own.flatMap((module) =>
    [...module.children.allTests('failed')].map((test) =>
      [relative(root, module.moduleId), ...test.fullName.split(' > ')].join(' › '),
    ),
  )
}

/** What is known of a rule from a run with all rules as they are. */
interface Meeting {
  /** The tests that meet it: those in files that meet it beside few others first. */
  readonly tests: Named[]
  /** True if something is decided by it, which can be broken in two ways. */
  decides: boolean
}

async function meetings(where: readonly string[]): Promise<Map<string, Meeting>> {
  const notes = join(scratch, 'met')
  writeFileSync(notes, '')
  await failing(where, { MET_RULES: notes })
  delete process.env.MET_RULES
  const breadth = new Map<string, number>()
  const found = new Map<string, Meeting>()
  for (const line of readFileSync(notes, 'utf8').trim().split('\n')) {
    const [id, test, what] = line.split('\t') as [string, Named, string]
    breadth.set(fileOf(test), (breadth.get(fileOf(test)) ?? 0) + 1)
    const meeting = found.get(id) ?? { tests: [], decides: false }
    meeting.decides ||= what === 'decision'
    if (!meeting.tests.includes(test)) meeting.tests.push(test)
    found.set(id, meeting)
  }
  for (const { tests } of found.values()) tests.sort((a, b) => breadth.get(fileOf(a))! - breadth.get(fileOf(b))!)
  return found
}

const fileOf = (test: Named): string => test.split(' › ')[0]!

/** What vitest matches the names of tests against, so that others of their files do not run. */
function patternOf(tests: readonly Named[]): RegExp {
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const names = tests.map((test) => test.split(' › ').slice(1).map(literal).join('(?: | > )'))
  return new RegExp(`^(?:${[...new Set(names)].join('|')})$`)
}

/** The tests that notice that a rule is broken: those that name its clause, if there are any in the same files. */
async function noticing(id: string, clause: string, meeting: Meeting): Promise<Named[]> {
  vitest.setGlobalTestNamePattern(patternOf(meeting.tests))
  const found = await failingWithout(id, clause, meeting)
  vitest.resetGlobalTestNamePattern()
  if (found.length > 0 || meeting.tests.length === 0) return found
  // What is met while a file is read is met by no test of it, and may be what all of them are about.
  return await failingWithout(id, clause, meeting)
}

async function failingWithout(id: string, clause: string, { tests, decides }: Meeting): Promise<Named[]> {
  const files = [...new Set(tests.map(fileOf))]
  for (const BREAK of decides ? ['end', 'outcome'] : ['end'])
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
  if (word === 'stale') return known.get(id)?.tests.some((test) => met.get(id)?.tests.includes(test) !== true) === true
  return word === 'met' ? known.get(id)?.notice !== true : id.includes(word)
}

const rules = rulesToTest().map((line) => ({ id: idOf(line), clause: line.clause, isOfUt: isOfUt(line) }))
const isAboutUt = (one: (typeof rules)[number]): boolean =>
  one.isOfUt && (words.length === 0 || words.some((word) => word === 'stale' || isMeant(word, one.id)))
const met = await meetings(rules.some(isAboutUt) ? [...folders, ...foldersOfUt] : folders)
const chosen = rules.filter(({ id }) => (words.length === 0 ? true : words.some((word) => isMeant(word, id))))
for (const [index, { id, clause }] of chosen.entries()) {
  const meeting = met.get(id) ?? { tests: [], decides: false }
  const all = meeting.tests
  const failed = await noticing(id, clause, meeting)
  const notice = failed.length > 0
  const named = all.filter((test) => test.includes(clause))
  const tests = (notice ? failed : named.length > 0 ? named : all).slice(0, 2)
  if (tests.length > 0) known.set(id, { rule: id, notice, tests })
  else known.delete(id)
  process.stdout.write(`${index + 1} of ${chosen.length}  ${id}: ${notice ? tests[0] : 'no test notices'}\n`)
  writeTests(rules.flatMap(({ id: rule }): readonly TestOfRule[] => (known.has(rule) ? [known.get(rule)!] : [])))
}
rmSync(scratch, { recursive: true })
await vitest.close()
