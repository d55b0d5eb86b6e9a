/** The tests of each rule, as `npm run mutants` has found them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RuleLine, ruleLines } from './rule-lines.ts'

/** A line a rule: its id, `noticed` or `met`, and its tests, separated by tabs. */
const table = join(import.meta.dirname, 'tests-of-rules.tsv')

/** The tests of a rule, each as `file › describe › name`. */
export interface TestOfRule {
  readonly rule: string
  /** True if they were seen to fail with the rule broken; else they are only known to meet it. */
  readonly notice: boolean
  readonly tests: readonly string[]
}

export const knownTests = (): readonly TestOfRule[] =>
  readFileSync(table, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [rule, how, ...tests] = line.split('\t') as [string, string, ...string[]]
      return { rule, notice: how === 'noticed', tests }
    })

export function writeTests(known: readonly TestOfRule[]): void {
  const lines = known.map(({ rule, notice, tests }) => [rule, notice ? 'noticed' : 'met', ...tests].join('\t'))
  writeFileSync(table, lines.map((line) => `${line}\n`).join(''))
}

/** The name by which a run leaves a rule out. */
export const idOf = ({ clause, title }: Pick<RuleLine, 'clause' | 'title'>): string => `${clause}: ${title}`

/** The files of Ut, from the client of a UE over authentication to the documents. */
const ofUt =
  /^src\/(xcap|http|presence\/ut|ims\/gba)\/|^src\/ims\/hss\/bootstrapping|\/(content-fetching|referenced-content)\.ts$/

/** True of a rule of Ut, which tests of HTTP, XCAP and presence may notice too. */
export const isOfUt = ({ file }: Pick<RuleLine, 'file'>): boolean => ofUt.test(file)

/** The rules of SIP, of the IM CN subsystem and of Ut: of each of them a test is known. */
export const rulesToTest = (): RuleLine[] =>
  ruleLines().filter((line) => /^src\/(ims|sip)\//.test(line.file) || isOfUt(line))
