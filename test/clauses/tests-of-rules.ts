/** The tests that notice if a rule is broken, as `npm run mutants` has found them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RuleLine, ruleLines } from './rule-lines.ts'

export const testsFile = join(import.meta.dirname, 'tests-of-rules.json')

/** Tests that fail if this rule is left out or wrong, each as `file › describe › name`. */
export interface TestOfRule {
  readonly rule: string
  readonly tests: readonly string[]
}

export const knownTests = (): readonly TestOfRule[] => JSON.parse(readFileSync(testsFile, 'utf8')) as TestOfRule[]

/** The name by which a run leaves a rule out. */
export const idOf = ({ clause, title }: Pick<RuleLine, 'clause' | 'title'>): string => `${clause}: ${title}`

/** The rules of SIP and of the IM CN subsystem: of each of them a test has to notice if it is broken. */
export const rulesToTest = (): RuleLine[] =>
  ruleLines().filter(({ file }) => file.startsWith('src/ims/') || file.startsWith('src/sip/'))
