import { glyphsOf, textWidth } from './width.ts'

/** What a piece of text is, not how it looks: a painter gives it colour, an SVG writer a class. */
export type Style =
  | 'plain'
  | 'dim'
  | 'strong'
  | 'title'
  | 'band'
  | 'lane'
  | 'lifeline'
  | 'number'
  | 'time'
  | 'pass'
  | 'fail'
  | 'warn'
  | 'read'
  | 'derived'
  | 'memory'
  | 'subscribe'
  | 'notify'
  | 'publish'
  | 'request'
  | 'success'
  | 'failure'
  | 'cx'
  | 'http'
  | 'internal'
  | 'missing'
  | 'start-line'
  | 'header-name'
  | 'value'
  | 'uri'
  | 'parameter'
  | 'punctuation'
  | 'element'
  | 'attribute'
  | 'text'
  | 'comment'
  | 'key'
  | 'unreached'
  | 'selected'

/** A piece of a line in one style. */
export interface Span {
  readonly text: string
  readonly style: Style
}

/** Gives a piece of text the looks of its style. */
export type Painter = (text: string, style: Style) => string

/** The painter that adds nothing. */
export const plain: Painter = (text) => text

/** A span; the style is `plain` unless told. */
export function span(text: string, style: Style = 'plain'): Span {
  return { text, style }
}

/** A line of spans as a string in the looks of a painter. */
export function paint(spans: readonly Span[], painter: Painter = plain): string {
  let line = ''
  for (const { text, style } of spans) if (text !== '') line += painter(text, style)
  return line
}

/** The columns that a line takes. */
export function spansWidth(spans: readonly Span[]): number {
  let width = 0
  for (const { text } of spans) width += textWidth(text)
  return width
}

/** The line cut or filled to exactly a width. */
export function fitSpans(spans: readonly Span[], width: number, ellipsis = '…'): Span[] {
  const total = spansWidth(spans)
  if (total <= width) return total === width ? [...spans] : [...spans, span(' '.repeat(width - total))]
  const room = width - textWidth(ellipsis)
  const kept: Span[] = []
  let used = 0
  for (const { text, style } of spans) {
    let part = ''
    for (const glyph of glyphsOf(text)) {
      if (used + glyph.width > room) return fitSpans([...kept, span(part, style), span(ellipsis, 'dim')], width, '')
      used += glyph.width
      part += glyph.text
    }
    kept.push(span(part, style))
  }
  return kept
}

/**
 * The line broken into lines of at most a width; each further line starts with `indent` blanks. A break is made at
 * the last blank, comma or semicolon of the line, unless that would leave most of it empty, else where the line ends.
 */
export function wrap(spans: readonly Span[], width: number, indent = 0): Span[][] {
  if (spansWidth(spans) <= width) return [[...spans]]
  const cells = spans.flatMap(({ text, style }) => glyphsOf(text).map((glyph) => ({ ...glyph, style })))
  const lines: Span[][] = []
  let start = 0
  while (start < cells.length) {
    const room = width - (lines.length ? indent : 0)
    let end = start
    let used = 0
    while (end < cells.length && used + cells[end]!.width <= room) used += cells[end++]!.width
    if (end === start) end++
    if (end < cells.length) end = breakBefore(cells, start, end)
    const line = mergeCells(cells.slice(start, end))
    lines.push(lines.length && indent ? [span(' '.repeat(indent)), ...line] : line)
    start = end
    while (start < cells.length && cells[start]!.text === ' ') start++
  }
  return lines
}

function breakBefore(cells: readonly { text: string }[], start: number, end: number): number {
  if (cells[end]!.text === ' ') return end
  for (let at = end; at > start + (end - start) / 4; at--) if (' ,;'.includes(cells[at - 1]!.text)) return at
  return end
}

/** The line for a terminal that knows no more than ASCII: what it can't show is a sign of the same width. */
export function asciiSpans(spans: readonly Span[]): Span[] {
  return spans.map(({ text, style }) => (/^[\x20-\x7e]*$/.test(text) ? { text, style } : span(asciiText(text), style)))
}

function asciiText(text: string): string {
  const shown = glyphsOf(text).map((glyph) => {
    if (/^[\x20-\x7e]$/.test(glyph.text)) return glyph.text
    return glyph.text === '§' ? 'S' : '?'.repeat(glyph.width)
  })
  return shown.join('')
}

/** Cells of the same style side by side, joined into spans. */
export function mergeCells(cells: readonly Span[]): Span[] {
  const spans: { text: string; style: Style }[] = []
  for (const { text, style } of cells) {
    const last = spans.at(-1)
    if (last && last.style === style) last.text += text
    else spans.push({ text, style })
  }
  return spans
}
