import { mergeCells, type Span, type Style, span } from './span.ts'
import { glyphsOf } from './width.ts'

/** One line of character cells: things are put at a column, later ones over earlier ones. */
export class Canvas {
  private readonly cells: Span[]

  constructor(width: number) {
    this.cells = new Array(width).fill(span(' '))
  }

  /** Puts a text at a column; what does not fit is left out. */
  put(x: number, text: string, style: Style = 'plain'): void {
    let column = x
    for (const glyph of glyphsOf(text)) {
      if (column < 0 || column + glyph.width > this.cells.length) return
      this.cells[column] = span(glyph.text, style)
      if (glyph.width === 2) this.cells[column + 1] = span('', style)
      column += glyph.width
    }
  }

  /** Fills the columns from `from` to `to`, both included. */
  fill(from: number, to: number, sign: string, style: Style = 'plain'): void {
    for (let x = Math.max(0, from); x <= Math.min(to, this.cells.length - 1); x++) this.cells[x] = span(sign, style)
  }

  /** The line as spans; blanks at the end are left out unless `full`. */
  spans(full = false): Span[] {
    let end = this.cells.length
    if (!full) while (end > 0 && this.cells[end - 1]!.text === ' ') end--
    return mergeCells(this.cells.slice(0, end))
  }
}
