/**
 * Documents with something broken in them, by the thousand: whatever comes, it is read or refused, and nothing is thrown
 * but what is documented. `PRESIM_FUZZ=100 npx vitest run test/documents` runs a hundred times as long.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Format } from '../../src/documents/index.ts'
import {
  applyPatch,
  applyPidfDiff,
  canonical,
  diff,
  filterSetFormat,
  isDocumentError,
  PatchError,
  parseMultipart,
  parseOnce,
  parsePidfDiff,
  parseSelector,
  parseXml,
  patchErrorFormat,
  pidfFormat,
  printXml,
  readOnce,
  reginfoFormat,
  resourceListsFormat,
  rlmiFormat,
  rlsServicesFormat,
  rulesetFormat,
  select,
  validateDocument,
  watcherinfoFormat,
  xcapCapsFormat,
  xcapDiffFormat,
  xcapErrorFormat,
} from '../../src/documents/index.ts'
import { examples, material } from './material.ts'

const runs = 400 * Number(process.env.PRESIM_FUZZ ?? 1)
const texts = examples.map((each) => material(each.file))
const formats = [
  pidfFormat,
  watcherinfoFormat,
  reginfoFormat,
  rlmiFormat,
  resourceListsFormat,
  rlsServicesFormat,
  rulesetFormat,
  filterSetFormat,
  xcapDiffFormat,
  xcapCapsFormat,
  xcapErrorFormat,
  patchErrorFormat,
] as unknown as Format<object>[]

/** Pieces that mean something to a parser. */
const pieces = fc.constantFrom(
  '<',
  '>',
  '&',
  '"',
  "'",
  '/',
  '/>',
  '</',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '?>',
  '<!DOCTYPE a>',
  '&lt;',
  '&#0;',
  '&#x10FFFF;',
  ' xmlns=""',
  ' xmlns:p="u"',
  'p:',
  ':',
  '\0',
  '\uFFFE',
  '\uD800',
  '\uDC00',
  '\r',
  '\n',
  '\t',
  ' ',
  '=',
  ' a="b"',
  '<a/>',
  '</a>',
  'é',
  '\u{1F600}',
  'id="t1"',
  'xml:lang="en"',
  '[',
  ']',
  '@',
  '*',
  '..',
  'text()',
)

/** A document with some cuts, repetitions and insertions. */
const mutants = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.nat(3), fc.nat(5000), fc.nat(200), pieces), { minLength: 1, maxLength: 4 }),
  )
  .map(([text, edits]) => {
    let mutant = text
    for (const [how, where, length, piece] of edits) {
      const at = where % (mutant.length + 1)
      const [before, middle, behind] = [mutant.slice(0, at), mutant.slice(at, at + length), mutant.slice(at + length)]
      if (how === 0) mutant = before + behind
      else if (how === 1) mutant = before + middle + middle + behind
      else if (how === 2) mutant = before + piece + middle + behind
      else mutant = before + piece + behind
    }
    return mutant
  })

describe('a document with something broken in it', () => {
  it('is read or refused by every reader; what is read can be printed, compared and read again', () => {
    fc.assert(
      fc.property(mutants, (text) => {
        const tree = parseXml(text)
        const verdict = validateDocument(text)
        if (isDocumentError(tree)) {
          expect(tree.line).toBeGreaterThan(0)
          expect(tree.reason).not.toBe('')
          expect(verdict.errors).toHaveLength(1)
        } else {
          expect(parseXml(printXml(tree))).toEqual(tree)
          expect(canonical(tree)).toBe(canonical(parseXml(canonical(tree)) as typeof tree))
        }
        for (const format of formats) {
          const value = format.parse(text)
          if (!isDocumentError(value)) expect(isDocumentError(format.parse(format.print(value)))).toBe(false)
        }
        expect(parsePidfDiff(text)).toHaveProperty('kind')
      }),
      { numRuns: runs },
    )
  })

  it('as bytes, with some of them changed', () => {
    const bytes = fc
      .tuple(fc.constantFrom(...texts), fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { maxLength: 4 }))
      .map(([text, edits]) => {
        const given = new TextEncoder().encode(text)
        for (const [at, byte] of edits) given[at % given.length] = byte
        return given
      })
    fc.assert(
      fc.property(bytes, (given) => {
        const tree = parseXml(given)
        if (!isDocumentError(tree)) expect(parseXml(printXml(tree))).toMatchObject({ kind: 'document' })
        expect(validateDocument(given)).toHaveProperty('errors')
      }),
      { numRuns: runs },
    )
  })

  it('can be told from another, or is not well-formed', () => {
    fc.assert(
      fc.property(mutants, mutants, (from, to) => {
        const [before, after] = [parseXml(from), parseXml(to)]
        if (isDocumentError(before) || isDocumentError(after)) expect(() => diff(from, to)).toThrow(RangeError)
        else expect(canonical(parseXml(applyPatch(from, diff(from, to))) as typeof after)).toBe(canonical(after))
      }),
      { numRuns: runs / 4 },
    )
  })

  it('as a patch changes a document or throws a PatchError', () => {
    const target = material('rfc5262/6-full-567.xml')
    fc.assert(
      fc.property(mutants, (patch) => {
        try {
          expect(parseXml(applyPatch(target, patch))).toMatchObject({ kind: 'document' })
        } catch (error) {
          expect(error).toBeInstanceOf(PatchError)
        }
        expect(applyPidfDiff(target, patch)).toHaveProperty('kind')
      }),
      { numRuns: runs },
    )
  })
})

describe('anything at all', () => {
  it('as a selector leads somewhere or is none', () => {
    const tree = parseXml(material('rfc5262/6-full-567.xml'))
    if (isDocumentError(tree)) return expect.unreachable()
    const selectors = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc
        .array(
          fc.oneof(pieces, fc.constantFrom('/', '//', 'tuple', '[1]', "[@id='x']", "id('x')", ' and ', '1', '.')),
          { maxLength: 8 },
        )
        .map((each) => each.join('')),
    )
    fc.assert(
      fc.property(selectors, fc.constantFrom('patch' as const, 'node' as const, 'filter' as const), (text, dialect) => {
        const selector = parseSelector(text, dialect, (prefix) =>
          prefix === 'q' ? undefined : 'urn:ietf:params:xml:ns:pidf',
        )
        if (selector.kind === 'selector') expect(Array.isArray(select(tree, selector))).toBe(true)
        else expect(selector.at).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: runs * 4 },
    )
  })

  it('as a body of several parts is taken apart or refused', () => {
    const bodies = fc.array(
      fc.oneof(pieces, fc.constantFrom('--b', '--b--', '\r\n', '\r\n\r\n', 'Content-Type: a/b', ': ')),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(bodies, fc.boolean(), (given, asBytes) => {
        const body = given.join('')
        const result = parseMultipart('multipart/mixed;boundary=b', asBytes ? new TextEncoder().encode(body) : body)
        expect(['multipart', 'document-error']).toContain(result.kind)
      }),
      { numRuns: runs * 4 },
    )
  })
})

describe('a body is parsed once', () => {
  it('the same text gives the same tree and the same value, bytes too', () => {
    const text = material('rfc3863/4.3.1-status-extensions.xml')
    expect(parseOnce(text)).toBe(parseOnce(`${text.slice(0, 10)}${text.slice(10)}`))
    expect(readOnce(pidfFormat, text)).toBe(readOnce(pidfFormat, text))
    expect(readOnce(pidfFormat, text)).toEqual(pidfFormat.parse(text))
    const bytes = new TextEncoder().encode(text)
    expect(parseOnce(bytes)).toBe(parseOnce(bytes))
    expect(readOnce(watcherinfoFormat, text)).toEqual(watcherinfoFormat.parse(text))
    expect(readOnce(pidfFormat, '<')).toMatchObject({ kind: 'document-error' })
  })

  it('what is asked for often is remembered, and only so many others', () => {
    const often = '<often/>'
    const first = parseOnce(often)
    const rare = parseOnce('<rare/>')
    for (let i = 0; i < 2000; i++) {
      parseOnce(`<a x="${i}"/>`)
      if (i % 100 === 0) parseOnce(often)
    }
    expect(parseOnce(often)).toBe(first)
    expect(parseOnce('<rare/>')).not.toBe(rare)
  })
})
