import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

const textsOf = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))

/** The ids of requirements that rules say they serve: `R5.3.3.2-b`. */
const served = new Set(textsOf('src', '.ts').flatMap((text) => text.match(/(?<=')R\d+(\.\d+)*-[a-z](?=')/g) ?? []))

/** The ids that a test of a clause begins with. */
const tested = new Set(
  textsOf('test/clauses', '.test.ts').flatMap((text) => text.match(/(?<=')R\d+(\.\d+)*-[a-z](?= )/g) ?? []),
)

describe('test/clauses', () => {
  it('finds the ids', () => {
    expect(served.size).toBeGreaterThan(10)
  })
  it.each([...served].toSorted())('%s, which a rule serves, has a test of its clause', (id) => {
    expect([...tested]).toContain(id)
  })
})
