import { describe, expect, it } from 'vitest'
import { ruleLines } from './print-clauses.ts'

describe('the table of clauses', () => {
  const lines = ruleLines()

  it('has the rules of the sources with their files, requirements and tests', () => {
    const one = lines.find(({ title }) => title === 'an initial PUBLISH carries the event state')
    expect(one).toMatchObject({ clause: 'RFC 3903 §4.2', file: 'src/sip/publisher.ts' })
    expect(one!.serves).toContain('R5.3.1.2-a')
    expect(one!.tests.some((test) => test.includes('R5.3.1.2-a'))).toBe(true)
  })
  it('has two rules of one name nowhere, since a run leaves rules out by clause and title', () => {
    const names = lines.map(({ clause, title }) => `${clause}: ${title}`)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })
  it('names each rule of the roles of presence in a test', () => {
    // The notifier of document changes is not complete yet.
    const own = lines.filter(({ file }) => /^src\/presence\/(?!document-notifier)/.test(file))
    expect(own.length).toBeGreaterThan(90)
    expect(own.filter(({ tests }) => tests.length === 0).map(({ clause, title }) => `${clause}: ${title}`)).toEqual([])
  })
})
