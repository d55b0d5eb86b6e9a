import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clip, glyphsOf, pad, textWidth } from '../../src/render/width.ts'

describe('the columns of a text', () => {
  it.each([
    ['', 0],
    ['SUBSCRIBE', 9],
    ['│├▶◆●◐○✓…', 9],
    ['日本', 4],
    ['한국어', 6],
    ['ｆｕｌｌ', 8],
    ['e\u0301te\u0301', 3],
    ['👩‍👩‍👧', 2],
    ['👍🏽', 2],
    ['🇫🇮🇸🇪', 4],
    ['❤\ufe0f', 2],
    ['a\u200bb', 2],
    ['\tx', 2],
  ])('%j takes %i', (text, width) => {
    expect(textWidth(text)).toBe(width)
  })

  it('shows control characters by pictures, so that no message steers the terminal', () => {
    const shown = glyphsOf('\x1b[2J\x07\x9b').map(({ text }) => text)
    expect(shown.join('')).toBe('␛[2J␇�')
  })
})

describe('clip and pad', () => {
  it.each([
    ['SUBSCRIBE', 9, 'SUBSCRIBE'],
    ['SUBSCRIBE', 5, 'SUBS…'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['日本語', 1, '…'],
    ['日本語', 0, ''],
  ])('%j at %i is %j', (text, width, clipped) => {
    expect(clip(text, width)).toBe(clipped)
  })

  it('never gives more than the width, and never changes what fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
        expect(textWidth(clip(text, width))).toBeLessThanOrEqual(width)
        if (textWidth(text) <= width) expect(textWidth(pad(text, width))).toBe(width)
      }),
    )
  })
})
