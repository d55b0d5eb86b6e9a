/** Whatever is written, reading it ends, throws nothing but what is wrong with it, and points into the file. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readFlow } from '../../src/flow/flow.ts'
import { FlowErrors, printFlowError, sourceText } from '../../src/flow/flow-error.ts'
import { readLadder } from '../../src/flow/ladder/ladder.ts'
import { readXmlPath } from '../../src/flow/ladder/xml-path.ts'
import { subscriptionLadder } from './rows.ts'

fc.configureGlobal({ seed: 24141 })

const words = [
  'UE',
  'PS',
  ' -> ',
  ' ~> ',
  ' <-> ',
  ' :: ',
  ' : ',
  'SUBSCRIBE ',
  'sip:a@b ',
  '200 ',
  'to $sub ',
  'as $sub ',
  '{',
  '}',
  '[read]',
  '[',
  ']',
  ';',
  ',',
  '\n',
  ' ',
  '#',
  '"',
  '<',
  '>',
  '/',
  '~',
  '=',
  ':',
  '$x',
  '(...)',
  '*',
  '...',
  'Event',
  '+To',
  '-To',
  'body ',
  '//a',
  'prev',
  '1 ',
  '5-7 ',
  'unordered ',
  'sequence ',
  'optional ',
  'absent ',
  'within 5 s ',
  '..',
  'until ',
  'match free\n',
  'via: ',
]

const soup = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 3 })), { maxLength: 60 })
  .map((all) => all.join(''))

/** A right ladder with a piece cut out and another put in. */
const broken = fc
  .tuple(fc.nat(subscriptionLadder.length), fc.nat(12), soup)
  .map(([at, length, more]) => subscriptionLadder.slice(0, at) + more + subscriptionLadder.slice(at + length))

describe('a ladder', () => {
  it.each([
    ['of any words', soup],
    ['broken in one place', broken],
  ])('%s', (_, texts) => {
    fc.assert(
      fc.property(texts, (text) => {
        const { ladder, problems } = readLadder(text, sourceText(text, 'x'), { line: 1, column: 1 }, ['UE', 'PS'])
        const lines = text.split('\n')
        for (const { line, column } of problems) {
          expect(lines[line - 1]).toBeDefined()
          expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1)
        }
        expect(ladder.steps.map((step) => step.index)).toEqual(ladder.steps.map((_, i) => i))
        if (ladder.items.length === 0) expect(problems.length + ladder.conditions.length).toBeGreaterThan(0)
      }),
      { numRuns: 1000 },
    )
  })
})

it('a path', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."/@*[]='.:ab1()count "), maxLength: 20 }), (text) => {
      const path = readXmlPath(text)
      if (path.kind === 'path-error') expect(path.at).toBeLessThanOrEqual(text.length)
    }),
    { numRuns: 1000 },
  )
})

describe('a flow file', () => {
  const flow = readFileSync(new URL('../../flows/A.4.2.1.flow.yaml', import.meta.url), 'utf8')
  const lines = flow.split('\n').length
  const places = fc.tuple(fc.nat(flow.length), fc.nat(20), fc.oneof(soup, fc.string()))
  it('broken in one place', () => {
    fc.assert(
      fc.property(places, ([at, length, more]) => {
        try {
          readFlow(flow.slice(0, at) + more + flow.slice(at + length), 'x')
        } catch (error) {
          if (!(error instanceof FlowErrors)) throw error
          expect(error.errors.some(({ severity }) => severity === 'error')).toBe(true)
          for (const one of error.errors) {
            expect(one.line).toBeLessThanOrEqual(lines + more.split(/\r\n|\r|\n/).length)
            expect(printFlowError(one)).toMatch(/^x:\d+:\d+: /)
          }
        }
      }),
      { numRuns: 300 },
    )
  })

  it('with aliases that would fill the world', () => {
    const names = Array.from('abcdefgh')
    const doubled = names.map((name, i) => `${name}: &${name} [${Array(9).fill(i === 0 ? 'x' : `*${names[i - 1]}`)}]`)
    expect(() => readFlow(doubled.join('\n'), 'x')).toThrow(/x:1:1: YAML: Excessive alias count/)
  })
})
