import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  escapeHeader,
  escapeParam,
  escapeUser,
  faultPlace,
  headerRows,
  parseUri,
  printUri,
  quote,
  rowOf,
  sameUri,
  unquote,
} from '../../src/sip/index.ts'
import { corpus, Mutants, probe } from './fuzzing.ts'

/** One change to a message: the place is a fraction of its length. */
interface Change {
  readonly kind: 'set' | 'insert' | 'delete' | 'repeat' | 'cut'
  readonly place: number
  readonly length: number
  readonly bytes: Uint8Array
}

const bytes = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 8 }),
  fc
    .constantFrom(
      '\r\n',
      '\n',
      '\r',
      ' ',
      ':',
      ';',
      ',',
      '"',
      '<',
      '>',
      '\\',
      '@',
      '[',
      ']',
      '%',
      '=',
      '\r\n\r\n',
      '\0',
    )
    .map((text) => new TextEncoder().encode(text)),
)
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('set', 'insert', 'delete', 'repeat', 'cut'),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.integer({ min: 1, max: 40 }),
  bytes,
})

function apply(message: Uint8Array, { kind, place, length, bytes }: Change): Uint8Array {
  const at = Math.floor(place * message.length)
  const front = message.subarray(0, at)
  if (kind === 'cut') return front
  const back = message.subarray(kind === 'delete' ? at + length : kind === 'set' ? at + bytes.length : at)
  const middle = kind === 'delete' ? [] : kind === 'repeat' ? message.subarray(at, at + length) : bytes
  return new Uint8Array([...front, ...middle, ...back])
}

describe('whatever comes', () => {
  it('takes changed torture messages', () => {
    const mutant = fc
      .tuple(fc.constantFrom(...corpus), fc.array(change, { minLength: 1, maxLength: 6 }))
      .map(([message, changes]) => changes.reduce(apply, message))
    fc.assert(
      fc.property(mutant, (message) => void probe(message)),
      { numRuns: 4000 },
    )
  })

  it('takes the first of the messages of npm run fuzz', () => {
    const mutants = new Mutants(1)
    const fates = new Set(Array.from({ length: 5000 }, () => probe(mutants.next())))
    expect(fates.size).toBe(3)
  })

  it('takes any bytes and any text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (message) => void probe(message)),
      { numRuns: 1000 },
    )
    const line = fc.string({ unit: 'binary', maxLength: 60 })
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        probe(new TextEncoder().encode(['OPTIONS sip:a@b SIP/2.0', ...lines, '', ''].join('\r\n')))
      }),
      { numRuns: 1000 },
    )
  })

  it('takes any text for any header, and prints a value it has read so that it is read the same', () => {
    const pieces = fc.constantFrom(
      'a',
      'SIP/2.0/UDP',
      ' ',
      ';',
      '=',
      ',',
      '"',
      '\\',
      '<sip:a@b>',
      '@',
      '/',
      '1',
      '*',
      '(',
      ')',
      ':',
    )
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((all) => all.join('').trim()),
      fc.string({ maxLength: 30 }),
    )
    fc.assert(
      fc.property(fc.constantFrom(...headerRows.map(({ property }) => property)), text, (name, one) => {
        const { grammar } = headerRows[rowOf(name)]!
        const value = grammar.parse(one)
        if (value === undefined) expect(faultPlace(name, one)).toBeLessThanOrEqual(one.length)
        else expect(grammar.parse(grammar.print(value))).toEqual(value)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('URIs', () => {
  const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  const host = fc.constantFrom('home1.net', 'A.b', '192.0.2.1', '[2001:db8::1]', '[::]')
  const port = fc.option(fc.integer({ min: 0, max: 65535 }), { nil: undefined })

  it('reads what it printed, and finds it equal', () => {
    fc.assert(
      fc.property(part, host, port, part, part, part, (user, place, number, name, value, header) => {
        const uri = {
          kind: 'sip' as const,
          scheme: 'sip' as const,
          user: escapeUser(user),
          password: undefined,
          host: place,
          port: number,
          params: { lr: true as const, [`x${name.toLowerCase()}`]: escapeParam(value) },
          headers: [{ name: escapeHeader(header), value: escapeHeader(value) }],
        }
        const text = printUri(uri)
        const again = parseUri(text)
        expect(again).toBeDefined()
        expect(printUri(again!)).toBe(text)
        expect(sameUri(text, text.replace('sip:', 'SIP:'))).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('takes any text', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc
        .array(
          fc.constantFrom('sip:', 'tel:', '+', 'a', '1', '@', ':', ';', '=', '?', '&', '[', ']', '.', '-', '%41'),
          {
            maxLength: 14,
          },
        )
        .map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, (one) => {
        const uri = parseUri(one)
        if (uri === undefined) return
        expect(parseUri(printUri(uri))).toEqual(uri)
        expect(sameUri(one, printUri(uri))).toBe(true)
      }),
      { numRuns: 4000 },
    )
  })
})

describe('quoted strings', () => {
  it('gives back what was quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/[\r\n]/.test(text))
        expect(unquote(quote(text))).toBe(text)
      }),
    )
  })
})
