import { describe, expect, it } from 'vitest'
import { ruleLines, testNames } from './rule-lines.ts'
import { idOf, isOfUt, knownTests, rulesToTest } from './tests-of-rules.ts'

describe('the table of clauses', () => {
  const lines = ruleLines()

  it('has the rules of the sources with their files, requirements and tests', () => {
    const one = lines.find(({ title }) => title === 'an initial PUBLISH carries the event state')
    expect(one).toMatchObject({ clause: 'RFC 3903 §4.2', file: 'src/sip/events/publisher.ts' })
    expect(one!.serves).toContain('R5.3.1.2-a')
    expect(one!.tests.some((test) => test.includes('R5.3.1.2-a'))).toBe(true)
  })
  it('has two rules of one name nowhere, since a run leaves rules out by clause and title', () => {
    const names = lines.map(idOf)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })
  it('names each rule of the roles of presence in a test', () => {
    const own = lines.filter(({ file }) => file.startsWith('src/presence/'))
    expect(own.length).toBeGreaterThan(170)
    expect(own.filter(({ tests }) => tests.length === 0).map(({ clause, title }) => `${clause}: ${title}`)).toEqual([])
  })
})

describe('the tests of the rules of SIP, of the IM CN subsystem and of Ut', () => {
  const known = knownTests()
  const rules = rulesToTest()

  it('there is one for each rule: npm run mutants -- new finds it, and whether it notices if the rule is broken', () => {
    const found = new Set(known.map(({ rule }) => rule))
    expect(rules.length).toBeGreaterThan(400)
    expect(rules.filter((line) => !found.has(idOf(line)) && line.tests.length === 0).map(idOf)).toEqual([])
  })

  it('of SIP and of the IM CN subsystem each was seen to be noticed when it is broken: npm run mutants -- met new', () => {
    const noticed = new Set(known.flatMap(({ rule, notice }) => (notice ? [rule] : [])))
    expect(rules.filter((line) => !isOfUt(line) && !noticed.has(idOf(line))).map(idOf)).toEqual([])
  })

  it('they are of rules that there are', () => {
    const ids = rules.map(idOf)
    expect(known.filter(({ rule }) => !ids.includes(rule))).toEqual([])
  })

  it('they are tests that there are', () => {
    const names = testNames()
    const isThere = (test: string): boolean => {
      const [file, title] = [test.split(' › ')[0], test.split(' › ').at(-1)!]
      return names.some((one) => one.file === file && asPattern(one.name).test(title))
    }
    expect(known.flatMap(({ tests }) => tests).filter((test) => !isThere(test))).toEqual([])
  })
})

/** The name of a test with whatever may stand in the places of its values. */
function asPattern(name: string): RegExp {
  const parts = name.replaceAll(/\\(['"`\\])/g, '$1').split(/%[a-z]|%%|\$\w+|\$\{[^}]*\}/)
  return new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's')
}
