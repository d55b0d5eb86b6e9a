/** Which rule `npm run mutants` has broken, and which rules the tests of a file have met. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect } from 'vitest'
import type { Rule } from '../../src/sim/rule.ts'

const root = join(import.meta.dirname, '../../')
const { BROKEN_RULE: broken, MET_RULES: notes } = process.env

/** The rules that the tests of this file have met, each with the test that met it. */
const met = new Set<string>()

export function meet(why: Rule): void {
  const { testPath, currentTestName } = expect.getState()
  if (notes === undefined || testPath === undefined || currentTestName === undefined) return
  met.add(`${why.id}\t${[testPath.slice(root.length), ...currentTestName.split(' > ')].join(' › ')}`)
}

export const isBroken = (why: unknown): boolean => (why as Rule).id === broken

afterAll(() => {
  if (notes !== undefined) appendFileSync(notes, [...met].map((line) => `${line}\n`).join(''))
})
