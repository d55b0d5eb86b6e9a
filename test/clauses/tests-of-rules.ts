/** The tests of each rule, as `npm run mutants` has found them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RuleLine, ruleLines } from './rule-lines.ts'

export const testsFile = join(import.meta.dirname, 'tests-of-rules.json')

/** The tests of a rule, each as `file › describe › name`. */
export interface TestOfRule {
  readonly rule: string
  /** True if they were seen to fail with the rule broken; else they are only known to meet it. */
  readonly notice: boolean
  readonly tests: readonly string[]
}

export const knownTests = (): readonly TestOfRule[] => JSON.parse(readFileSync(testsFile, 'utf8')) as TestOfRule[]

/** The name by which a run leaves a rule out. */
export const idOf = ({ clause, title }: Pick<RuleLine, 'clause' | 'title'>): string => `${clause}: ${title}`

/** The rules of SIP and of the IM CN subsystem, HTTP aside: of each of them a test is known. */
export const rulesToTest = (): RuleLine[] =>
  ruleLines().filter(
    ({ file, clause }) =>
      (file.startsWith('src/ims/') || file.startsWith('src/sip/')) && !/^(RFC 9110|RFC 4825)/.test(clause),
  )
