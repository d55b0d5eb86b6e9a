import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesBelow, root, textOf } from './repository.ts'

const list = 'docs/requirements.md'
const text = textOf(list)

/** An id of a requirement: the subclause and a letter. */
const idPattern = String.raw`R\d+(?:\.(?:\d+|x))*-[a-z]+`

/** A row of the list: the cells of a line of one of its tables. */
interface Row {
  readonly id: string
  readonly strength: string
  readonly sure: string
  readonly today: string
  readonly cells: readonly string[]
}

const isRow = (line: string): boolean => new RegExp(`^\\| *${idPattern} *\\|`).test(line)

const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim())

function rowOf(line: string): Row {
  const cells = cellsOf(line)
  return { id: cells[0]!, strength: cells[1]!, sure: cells[4]!, today: cells[5]!, cells }
}

const rows = text.split('\n').filter(isRow).map(rowOf)
const ids = new Set(rows.map(({ id }) => id))

/** The ids that stand as strings in a source: those that its rules serve. Comments do not count. */
function namedIn(file: string): string[] {
  const code = textOf(file)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '')
  return [...code.matchAll(new RegExp(`(['"\`])(${idPattern})\\1`, 'g'))].map((match) => match[2]!)
}

const sources = filesBelow('src', '.ts', '.tsx')
const named = new Set(sources.flatMap(namedIn))

/** The first words of the titles of tests that begin as an id does. */
const titledIn = (file: string): string[] =>
  [...textOf(file).matchAll(/\b(?:it|test)(?:\.\w+)*\(\s*['"`](R\d[^\s'"`:]*)/g)].map((match) => match[1]!)

/** The list as it should be: each row marked by what the rules name, and the rows counted. */
function marked(): string {
  const marks: string[] = []
  const lines = text.split('\n').map((line) => {
    if (!isRow(line)) return line
    const { id, today } = rowOf(line)
    const mark = named.has(id) ? 'served' : today === 'served' ? 'not yet' : today
    marks.push(mark)
    return line.replace(/\|[^|]*\|\s*$/, `| ${mark} |`)
  })
  const count = (mark: string): number => marks.filter((one) => one === mark).length
  const counts =
    `${marks.length} rows: ${count('served')} served, ${count('not yet')} not yet, ` +
    `${count('–')} with nothing to serve, ${count('outside')} outside.`
  return lines.join('\n').replace(/(<!-- counts -->\n)[\s\S]*?(\n<!-- \/counts -->)/, `$1${counts}$2`)
}

describe('the list of requirements', () => {
  it('has rows in every clause', () => {
    const clauses = new Set(rows.map(({ id }) => id.replace(/[.-].*/, '')))
    expect([...clauses].sort()).toEqual(['R3', 'R4', 'R5', 'R6', 'R7'])
    expect(rows.length).toBeGreaterThan(100)
  })

  it('names each id once', () => {
    const seen = new Set<string>()
    expect(rows.map(({ id }) => id).filter((id) => seen.size === seen.add(id).size)).toEqual([])
  })

  it('has six cells in each row', () => {
    expect(rows.filter(({ cells }) => cells.length !== 6).map(({ id }) => id)).toEqual([])
  })

  it('says of each row how strong it is, in words that it explains', () => {
    const strength = /^(stage 2|(shall|should|may|info)( \/ (shall|should|may))?( if)?( \?)?)$/
    expect(rows.filter((row) => !strength.test(row.strength)).map(({ id, strength }) => [id, strength])).toEqual([])
  })

  it('says of each row how sure it is', () => {
    const sure = /`(read|draft|annex|memory|\?)|^RFC \d+/
    expect(rows.filter((row) => !sure.test(row.sure)).map(({ id, sure }) => [id, sure])).toEqual([])
  })

  it('marks each row with a word that it explains; only overviews ask nothing of code', () => {
    const marks = ['served', 'not yet', 'outside', '–']
    const wrong = rows.filter(
      ({ today, strength }) => !marks.includes(today) || (today === '–' && !strength.startsWith('info')),
    )
    expect(wrong.map(({ id, today }) => [id, today])).toEqual([])
  })

  it('only points at rows that are there', () => {
    const pointed = [...text.matchAll(new RegExp(idPattern, 'g'))].map(([id]) => id)
    expect(pointed.filter((id) => !ids.has(id))).toEqual([])
  })
})

describe('rules and the list', () => {
  it('every id that a rule names is in the list', () => {
    const unknown = sources.flatMap((file) => namedIn(file).map((id) => ({ file, id })))
    expect(unknown.filter(({ id }) => !ids.has(id))).toEqual([])
  })

  it('what is marked as served is what a rule names, and is counted (vitest -u marks it)', async () => {
    const served = rows.filter(({ today }) => today === 'served').map(({ id }) => id)
    const wrong = {
      'a rule names it': [...named].filter((id) => ids.has(id) && !served.includes(id)),
      'no rule names it any more': served.filter((id) => !named.has(id)),
    }
    await expect(marked(), `vitest -u marks ${JSON.stringify(wrong)}`).toMatchFileSnapshot(join(root, list))
  })
})

describe('clause tests and the list', () => {
  it('every clause test that begins with an id begins with one of the list', () => {
    const titled = filesBelow('test/clauses', '.test.ts').flatMap((file) => titledIn(file).map((id) => ({ file, id })))
    expect(titled.filter(({ id }) => !ids.has(id))).toEqual([])
  })
})
