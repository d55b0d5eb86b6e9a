import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ansiPainter } from '../../src/render/ansi.ts'
import { fitSpans, mergeCells, paint, type Style, span, spansWidth, wrap } from '../../src/render/span.ts'

const someSpans = fc.array(
  fc.record({
    text: fc.string({ unit: fc.constantFrom('a', 'b', ' ', ',', ';', '日', 'é') }),
    style: fc.constantFrom<Style>('plain', 'uri', 'value'),
  }),
)

describe('fitSpans', () => {
  it('gives exactly the width', () => {
    fc.assert(
      fc.property(someSpans, fc.integer({ min: 1, max: 30 }), (spans, width) => {
        expect(spansWidth(fitSpans(spans, width))).toBe(width)
      }),
    )
  })

  it('shows the cut', () => {
    expect(paint(fitSpans([span('SUB', 'value'), span('SCRIBE', 'uri')], 6))).toBe('SUBSC…')
  })
})

describe('wrap', () => {
  it('breaks after a blank, comma or semicolon in the second half of a line', () => {
    const text = 'Via: SIP/2.0/UDP pcscf1.home1.net;branch=z9hG4bK1'
    expect(wrap([span(text)], 30, 2).map((line) => paint(line))).toEqual([
      'Via: SIP/2.0/UDP ',
      '  pcscf1.home1.net;',
      '  branch=z9hG4bK1',
    ])
  })

  it('loses nothing but blanks at breaks, and keeps every line within the width', () => {
    fc.assert(
      fc.property(someSpans, fc.integer({ min: 6, max: 30 }), (spans, width) => {
        const lines = wrap(spans, width, 2)
        for (const line of lines) expect(spansWidth(line)).toBeLessThanOrEqual(width)
        const squeezed = (text: string) => text.replaceAll(' ', '')
        expect(squeezed(lines.map((line) => paint(line)).join(''))).toBe(squeezed(paint(spans)))
      }),
    )
  })
})

describe('paint', () => {
  const line = [span('Via', 'header-name'), span(': ', 'punctuation'), span('x')]

  it('adds nothing without colours', () => {
    expect(paint(line, ansiPainter('none'))).toBe('Via: x')
  })

  it('uses no colour but bold and faint in mono', () => {
    expect(paint(line, ansiPainter('mono'))).toBe('\x1b[1mVia\x1b[0m\x1b[2m: \x1b[0mx')
  })

  it('joins cells of one style', () => {
    expect(mergeCells([span('a', 'uri'), span('b', 'uri'), span('c')])).toEqual([span('ab', 'uri'), span('c')])
  })
})
