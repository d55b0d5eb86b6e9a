/** Input that is meant to hurt: each is refused with a clear error, and soon. */
import { describe, expect, it } from 'vitest'
import {
  applyPatch,
  isDocumentError,
  PatchError,
  parseMultipart,
  parsePidfDiff,
  parsePresence,
  parseSelector,
  parseXml,
  select,
  validateDocument,
  xmlLimits,
} from '../../src/documents/index.ts'

/** How much work something is, in milliseconds of this process alone: the machine may be busy with other things. */
function costOf(work: () => void): number {
  const start = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

/** The least cost of some runs, since a run may meet a garbage collection; over 100 ms is too much. */
function leastCost(work: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 8 && least >= patience; i++) least = Math.min(least, costOf(work))
  return least
}

const patience = 100

const million = 1_000_000
const laughs = Array.from({ length: 10 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('')
const pidf = 'xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:a@b"'
const utf16 = (text: string) => new Uint8Array([...text].flatMap((each) => [0, each.charCodeAt(0)]))

const hostile: [what: string, input: () => string | Uint8Array, reason: RegExp][] = [
  ['a billion laughs', () => `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><a>&l10;</a>`, /document type/],
  [
    'quadratic blow-up',
    () => `<!DOCTYPE a [<!ENTITY x "${'x'.repeat(50_000)}">]><a>${'&x;'.repeat(50_000)}</a>`,
    /document type/,
  ],
  ['an external entity', () => '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', /document type/],
  ['an external subset', () => '<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>', /document type/],
  ['a parameter entity', () => '<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///x"> %x;]><a/>', /document type/],
  ['100 000 open elements', () => '<a>'.repeat(100_000), /elements are open/],
  ['100 000 nested elements', () => '<a>'.repeat(100_000) + '</a>'.repeat(100_000), /elements are open/],
  ['a value of 10 MB', () => `<a b="${'x'.repeat(10 * million)}"/>`, /characters/],
  ['a value of 900 kB', () => `<a b="${'x'.repeat(0.9 * million)}"/>`, /attribute/],
  ['a name of 900 kB', () => `<${'a'.repeat(0.9 * million)}`, /./],
  ['100 000 attributes', () => `<a ${Array.from({ length: 100_000 }, (_, i) => `a${i}=""`).join(' ')}/>`, /attributes/],
  [
    '40 000 declarations',
    () => `<a ${Array.from({ length: 40_000 }, (_, i) => `xmlns:a${i}="u"`).join(' ')}/>`,
    /attributes/,
  ],
  ['a comment of 900 kB without an end', () => `<a><!--${'-x'.repeat(0.45 * million)}`, /./],
  ['a text of 900 kB without an end', () => `<a>${'x'.repeat(0.9 * million)}`, /nclosed/],
  ['900 kB of ampersands', () => `<a>${'&'.repeat(0.9 * million)}`, /./],
  ['900 kB of angle brackets', () => '<'.repeat(0.9 * million), /./],
  ['900 kB of quotes', () => `<a b=${'"'.repeat(0.9 * million)}`, /./],
  ['900 kB of white space', () => ' '.repeat(0.9 * million), /root element/],
  ['UTF-16 without a byte order mark', () => utf16('<?xml version="1.0" encoding="UTF-16"?><a/>'), /byte order mark/],
  ['NUL', () => '<a>\0</a>', /character/],
  ['NUL as bytes', () => new Uint8Array([0x3c, 0x61, 0x3e, 0, 0x3c, 0x2f, 0x61, 0x3e]), /character/],
  ['nothing but NUL', () => new Uint8Array(1000), /byte order mark/],
  ['half a surrogate pair', () => '<a>\uDFFF</a>', /surrogate/],
  ['a wrong encoding', () => new TextEncoder().encode('<?xml version="1.0" encoding="UTF-16"?><a/>'), /UTF-16/],
  ['a truncated document', () => `<presence ${pidf}><tuple id="a"><status><basic>op`, /nclosed/],
]

describe('hostile documents are refused in time', () => {
  it.each(hostile)('%s', (_, make, reason) => {
    const input = make()
    const took = leastCost(() => {
      const result = parseXml(input)
      expect(isDocumentError(result) && result.reason).toMatch(reason)
    })
    expect(took).toBeLessThan(patience)
  })

  it('whoever reads a document gets the same error', () => {
    const text = '<a>'.repeat(100_000)
    expect(validateDocument(text)).toMatchObject({ type: undefined, errors: [{ rule: /elements are open/ }] })
    expect(parsePresence(text)).toMatchObject({ kind: 'document-error' })
    expect(parsePidfDiff(text)).toMatchObject({ kind: 'document-error' })
    expect(() => applyPatch('<a/>', text)).toThrow(PatchError)
    expect(() => applyPatch(text, '<diff/>')).toThrow(RangeError)
  })
})

describe('well-formed documents that are meant to take long', () => {
  const within = (milliseconds: number, work: () => void) => {
    expect(costOf(work)).toBeLessThan(milliseconds)
  }
  const many = `<presence ${pidf}>\n${'<x/>\n'.repeat(100_000)}</presence>`

  it('70 000 errors are found in one go, and the first 1000 told', () => {
    within(5000, () => {
      const { errors } = validateDocument(`<presence ${pidf}>\n${'<note a=""/>\n'.repeat(70_000)}</presence>`)
      expect(errors).toHaveLength(1000)
      expect(errors[999]).toMatchObject({ line: 1001, column: 1, path: '/presence/note[1000]' })
    })
  })

  it('100 000 siblings are no problem to find something among', () => {
    within(3000, () => {
      expect(parsePresence(many)).toMatchObject({ kind: 'document-error', line: 2, path: '/presence/x[1]' })
    })
  })

  it('a filter of many descendants of descendants stays within bounds', () => {
    const depth = 150
    const deep = parseXml('<a>'.repeat(depth) + '</a>'.repeat(depth))
    const selector = parseSelector('//a'.repeat(40), 'filter', () => '')
    if (isDocumentError(deep) || selector.kind !== 'selector') return expect.unreachable()
    within(3000, () => {
      expect(select(deep, selector)).toHaveLength(depth - 39)
    })
  })

  it('a patch of more than 10 000 operations is refused', () => {
    const patch = `<diff>${'<remove sel="*/a[1]"/>'.repeat(10_001)}</diff>`
    within(1000, () => expect(() => applyPatch('<x/>', patch)).toThrow(/at most/))
  })
})

describe('limits', () => {
  it('200 elements deep is read, one more is not', () => {
    const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth)
    expect(parseXml(nested(xmlLimits.depth))).toMatchObject({ kind: 'document' })
    expect(parseXml(nested(xmlLimits.depth + 1))).toMatchObject({ kind: 'document-error', line: 1 })
  })

  it('limits can be set lower', () => {
    const limits = { ...xmlLimits, characters: 10 }
    expect(parseXml('<a>12</a>', limits)).toMatchObject({ kind: 'document' })
    expect(parseXml('<abcd>12</abcd>', limits)).toMatchObject({ kind: 'document-error' })
  })

  it('siblings are not depth', () => {
    expect(parseXml(`<a>${'<b/>'.repeat(10_000)}</a>`)).toMatchObject({ kind: 'document' })
  })
})

describe('hostile multiparts', () => {
  it.each([
    ['boundaries without parts', `${'--x\r\n'.repeat(200_000)}--x--\r\n`],
    ['lines that are almost boundaries', `--x\r\n\r\n${'--xy\r\n'.repeat(200_000)}`],
    ['a header without an end', `--x\r\n${'a: b\r\n c\r\n'.repeat(100_000)}`],
  ])('%s', (_, body) => {
    const took = leastCost(() => {
      expect(parseMultipart('multipart/mixed;boundary=x', body)).toMatchObject({ kind: 'document-error' })
    })
    expect(took).toBeLessThan(patience)
  })
})
