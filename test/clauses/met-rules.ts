/** Which rule `npm run mutants` has broken, and which rules the tests of a file have met. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect } from 'vitest'
import type { Rule } from '../../src/sim/rule.ts'

const root = join(import.meta.dirname, '../../')
const { BROKEN_RULE: broken, MET_RULES: notes } = process.env

/** The rules that the tests of this file have met, each with the test that met it, and what it was met for. */
const met = new Set<string>()
/** The same of the test that runs. */
let meeting = new Set<string>()
/** How many turns it has taken. */
let turns = 0

/** A test that takes more turns is no witness. */
const longestTest = 5000
/** A test that takes more turns with a rule broken comes to no end. */
const endless = 4 * longestTest

export function meet(why: Rule, what: 'change' | 'decision'): void {
  const { testPath, currentTestName } = expect.getState()
  if (notes === undefined || testPath === undefined || currentTestName === undefined) return
  const test = [testPath.slice(root.length), ...currentTestName.split(' > ')].join(' › ')
  meeting.add([why.id, test, what].join('\t'))
}

/** Counts a turn; throws if with a rule broken there is no end to them. */
export function countTurn(): void {
  if (++turns > endless && broken) throw new Error(`no end after ${endless} turns`)
}

beforeEach(() => {
  meeting = new Set()
  turns = 0
})
afterEach(() => {
  if (turns <= longestTest) for (const one of meeting) met.add(one)
})

export const isBroken = (why: unknown): boolean => (why as Rule).id === broken

afterAll(() => {
  if (notes !== undefined) appendFileSync(notes, [...met].map((line) => `${line}\n`).join(''))
})
