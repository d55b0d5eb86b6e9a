/** The ladders that the manual shows are ladders. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { sourceText } from '../../src/flow/flow-error.ts'
import { readLadder } from '../../src/flow/ladder/ladder.ts'

const manual = readFileSync(new URL('../../docs/flow-files.md', import.meta.url), 'utf8')

const problemsIn = (ladder: string): string[] =>
  readLadder(ladder, sourceText(ladder, 'x'), { line: 1, column: 1 }, undefined).problems.map(({ message }) => message)

/** What a ladder needs before a snippet, so that the lines and names are there that it refers to. */
const before = ['1 UE -> PS : SUBSCRIBE as $sub', '2 PS -> UE : NOTIFY as $notify', 'UE -> PS : HTTP PUT as $put'].join(
  '\n',
)

/** Text, language of a fence, text, language of the next fence, … : every second fence opens a block. */
const parts = manual.split(/^```(\w*)$/m)
const blocks = parts.flatMap((_, i) => (i % 4 === 1 && parts[i] === '' ? [parts[i + 1]!.trim()] : []))
const ladders = blocks.filter((text) => !/^ladder\s+=/.test(text) && !text.startsWith('my.flow.yaml'))

it.each(ladders.map((text) => [text.split('\n')[0]!, text]))('%s', (_, text) => {
  const onTheWhole = text.startsWith('absent') ? `\n4 UE -> PS : 200\n10 UE -> PS : 200` : ''
  expect(problemsIn(`${before}${onTheWhole}\n${text}`)).toEqual([])
})

const table = manual.slice(manual.indexOf('| line | expects |'), manual.indexOf('Lanes are the nodes'))
const lines = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, line]) => line!.replace(/^\d\S*/, ''))

it.each(lines)('%s', (line) => {
  expect(problemsIn(`${before}\n${line}`)).toEqual([])
})

const conditions = manual.slice(
  manual.indexOf('| condition | holds if |'),
  manual.indexOf('Header fields may be called'),
)
const cells = [...conditions.matchAll(/^\| ([^|]+) \|/gm)]
  .flatMap(([, cell]) => [...cell!.matchAll(/`([^`…]+)(?=`[,; ]|`$)/g)])
  .filter(([, text]) => /\w/.test(text!))

it.each(cells.map(([, condition]) => condition!))('%s', (condition) => {
  expect(problemsIn(`UE -> PS : 200 { ${condition} }`)).toEqual([])
})

it('are as many as the manual has', () => {
  expect(ladders.length).toBe(4)
  expect(lines.length).toBe(12)
  expect(cells.length).toBe(17)
})
