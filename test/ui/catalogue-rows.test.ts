import { describe, expect, it } from 'vitest'
import { catalogueRows } from '../../src/ui/catalogue-rows.ts'

const evidence = { read: 0, derived: 1, memory: 0 }
const entries = (...ids: string[]) =>
  ids.map((id) => ({ id, title: id, clause: undefined, about: undefined, evidence }) as never)
const shown = (...ids: string[]): string[] =>
  catalogueRows(entries(...ids)).map((row) => (row.kind === 'heading' ? row.group : `  ${row.index} ${row.name}`))

describe('the rows of the list of flows', () => {
  it('stand under the annex, or the folder of the flow, without repeating it', () => {
    expect(shown('A.3.2.1', 'A.6.2', 'presence/fetch', 'presence/filter', 'ut/gba')).toEqual([
      'Annex A',
      '  0 A.3.2.1',
      '  1 A.6.2',
      'presence',
      '  2 fetch',
      '  3 filter',
      'ut',
      '  4 gba',
    ])
  })
  it('have a flow of the name of a folder as the first one under it', () => {
    expect(shown('A.7', 'registration', 'registration/roaming')).toEqual([
      'Annex A',
      '  0 A.7',
      'registration',
      '  1 registration',
      '  2 roaming',
    ])
  })
  it('are without headings where all flows belong to the same', () => {
    expect(shown('A.3.2.1', 'A.4.2.1')).toEqual(['  0 A.3.2.1', '  1 A.4.2.1'])
  })
})
