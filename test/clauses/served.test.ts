import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')

const textsOf = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'))

const found = (texts: readonly string[], pattern: RegExp): string[] =>
  [...new Set(texts.flatMap((text) => text.match(pattern) ?? []))].toSorted()

/** The ids of requirements that rules say they serve: `R5.3.3.2-b`. */
const served = found(textsOf('src', '.ts'), /(?<=')R\d+(\.(\d+|x))*-[a-z](?=')/g)

/** The ids that a test of a clause begins with. */
const tested = found(textsOf('test/clauses', '.test.ts'), /(?<=')R\d+(\.(\d+|x))*-[a-z](?= )/g)

describe('the requirements that rules serve', () => {
  it('have a test of their clause each, whose name begins with the id', () => {
    expect(served.length).toBeGreaterThan(100)
    expect(served.filter((id) => !tested.includes(id))).toEqual([])
  })
})
