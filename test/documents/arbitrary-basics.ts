/** What values of every format are made of. */
import fc from 'fast-check'
import type { Note, OtherValue, XmlAttribute, XmlElement } from '../../src/documents/index.ts'
import { declaration } from '../../src/documents/index.ts'

/** A record of which the fields in `may` can be absent; absent, not undefined. */
export function having<T extends object, O extends object = object>(
  must: { [K in keyof T]: fc.Arbitrary<T[K]> },
  may: { [K in keyof O]: fc.Arbitrary<O[K]> } = {} as never,
): fc.Arbitrary<T & Partial<O>> {
  const all = { ...must, ...may }
  return fc.record(all, { requiredKeys: Object.keys(must) as never[] }) as never
}

/** Text that XML can carry, with markup, quotes, line ends and other scripts in it. */
export const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((given) => given.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '<'))
export const token = text.map((given) => given.replace(/[\s]+/g, ' ').trim())
export const uri = fc.constantFrom(
  'sip:user1_public1@home1.net',
  'tel:+1-555',
  'pres:a@b',
  'http://example.com/~a/b?c=d&e=f#g',
  'urn:x:y',
)
export const name = fc.constantFrom('a1', '_b', 'tuple-3', 'é')
export const lang = fc.constantFrom('en', 'de-AT', 'x-klingon')
export const dateTime = fc.constantFrom(
  '2026-01-01T10:00:00Z',
  '2004-02-29T23:59:59.123+14:00',
  '1999-12-31T24:00:00',
  '-0044-03-15T12:00:00-01:30',
)
export const count = fc.nat()
export const note: fc.Arbitrary<Note> = having({ text }, { lang })
export const notes = fc.array(note, { maxLength: 2 })

/** An element that presim knows nothing of, with its namespace declared on it. */
export const foreign: fc.Arbitrary<XmlElement> = fc
  .record({ prefix: fc.constantFrom('x', 'y'), name: fc.constantFrom('thing', 'note', 'status'), value: text })
  .map(({ prefix, name: local, value }) => ({
    kind: 'element',
    prefix,
    namespace: `urn:x-foreign:${prefix}`,
    name: local,
    attributes: [declaration(prefix, `urn:x-foreign:${prefix}`)],
    children: value === '' ? [] : [value.replace(/\r/g, ' ')],
  }))
export const others = fc.array(foreign, { maxLength: 2 })
export const unknown = foreign.map((element) => ({ kind: 'unknown' as const, element }))

/** An attribute of another namespace; the printer declares it. */
export const attributes: fc.Arbitrary<XmlAttribute[]> = text.map((value) => [
  { prefix: 'x', namespace: 'urn:x-foreign:x', name: 'flag', value },
])

export const other: fc.Arbitrary<OtherValue> = note.map((each) => ({ kind: 'other', ...each }))

/** Identifiers (xs:ID) are unique in a document, so they are numbered in the end. */
export function withIdentifiers<T>(value: T): T {
  let serial = 0
  const visit = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(visit)
    if (typeof each !== 'object' || each === null) return each
    return Object.fromEntries(
      Object.entries(each).map(([key, inner]) => [key, inner === 'unset' ? `i${serial++}` : visit(inner)]),
    )
  }
  return visit(value) as T
}
