import type { Evidence } from '../flow/ladder/expectation.ts'
import { Canvas } from './canvas.ts'
import type { Chart, Line, Mark } from './chart.ts'
import type { Glyphs } from './glyphs.ts'
import { unicode } from './glyphs.ts'
import { type GutterColumn, type Layout, layOut, type PlacedLine, type Shape } from './layout.ts'
import { type Painter, paint, plain, type Span, type Style, span, spansWidth } from './span.ts'
import { clip, textWidth } from './width.ts'

export interface TextOptions {
  /** The columns of a line; at least 60. */
  readonly width: number
  /** Unicode signs unless told. */
  readonly glyphs?: Glyphs
  readonly painter?: Painter
}

/** The narrowest text ladder that is still readable. */
export const narrowestText = 60

/** The ladder as text: pinned header, one line a row, and a legend of the signs that occur. */
export function printLadder(chart: Chart, options: TextOptions): string[] {
  const { glyphs = unicode, painter = plain } = options
  const layout = layOut(chart, { width: Math.max(narrowestText, options.width) })
  const lines = headerLines(layout, glyphs)
  for (let index = 0; index < layout.lines.count; index++) lines.push(ladderLine(layout, layout.place(index), glyphs))
  const legend = legendOf(layout, glyphs)
  if (legend.length > 0) lines.push([], ...legend)
  return lines.map((line) => paint(line, painter))
}

/** The lines above the ladder: networks, and the names of lanes and columns; the lane that acts can be shown. */
export function headerLines(layout: Layout, glyphs: Glyphs, acting?: string): Span[][] {
  const lines: Span[][] = []
  if (layout.bands.length > 0) lines.push(bandLine(layout, glyphs))
  for (let storey = layout.storeys - 1; storey >= 0; storey--) {
    const canvas = new Canvas(layout.width)
    if (storey === 0 && layout.storeys === 2) {
      for (const lane of layout.lanes) if (lane.storey === 1) canvas.put(lane.x, glyphs.lifeline, 'lifeline')
    }
    for (const lane of layout.lanes) {
      if (lane.storey === storey) canvas.put(lane.textX, lane.text, lane.name === acting ? 'selected' : 'lane')
    }
    if (storey === 0) {
      for (const column of layout.gutter) putHeading(canvas, column, glyphs)
    }
    lines.push(canvas.spans())
  }
  return lines
}

function putHeading(canvas: Canvas, column: GutterColumn, glyphs: Glyphs): void {
  const titles = { cursor: '', number: '#', step: glyphs.step, marks: '', time: 'time' }
  const title = titles[column.kind]
  canvas.put(column.x + Math.max(0, column.width - title.length), title, 'dim')
}

function bandLine(layout: Layout, glyphs: Glyphs): Span[] {
  const canvas = new Canvas(layout.width)
  for (const { network, from, to } of layout.bands) {
    const room = to - from + 1
    if (room < 5) {
      canvas.put(from, clip(network, room, glyphs.ellipsis), 'band')
      continue
    }
    canvas.put(from, glyphs.bandLeft, 'band')
    canvas.fill(from + 1, to - 1, glyphs.bandLine, 'band')
    canvas.put(to, glyphs.bandRight, 'band')
    const text = room - 4 < textWidth(network) ? clip(network, room - 2, glyphs.ellipsis) : ` ${network} `
    canvas.put(from + Math.floor((room - textWidth(text)) / 2), text, 'band')
  }
  return canvas.spans()
}

/** One line of the ladder, gutter and lanes. */
export function ladderLine(layout: Layout, placed: PlacedLine, glyphs: Glyphs, cursor = false): Span[] {
  const canvas = new Canvas(layout.width)
  for (const lane of layout.lanes) canvas.put(lane.x, glyphs.lifeline, 'lifeline')
  for (const column of layout.gutter) putGutter(canvas, column, placed, glyphs, cursor)
  if (placed.shape.kind === 'arrow') putArrow(canvas, placed.line, placed.shape, glyphs)
  else putPoint(canvas, placed.line, placed.shape, glyphs)
  return canvas.spans()
}

function putGutter(canvas: Canvas, column: GutterColumn, placed: PlacedLine, glyphs: Glyphs, cursor: boolean): void {
  const { x, width } = column
  const right = (text: string, style: Style) => canvas.put(x + Math.max(0, width - text.length), text, style)
  if (column.kind === 'cursor') canvas.put(x, cursor ? glyphs.cursor : ' ', 'strong')
  else if (column.kind === 'number') right(placed.number, 'number')
  else if (column.kind === 'step') right(placed.step, 'number')
  else if (column.kind === 'time') right(placed.time, 'time')
  else
    for (const [offset, mark] of marksOf(placed.line, glyphs).entries()) canvas.put(x + offset, mark.text, mark.style)
}

/** The style of each mark of the check. */
export const markStyles: Readonly<Record<Mark, Style>> = {
  met: 'pass',
  wrong: 'fail',
  reordered: 'fail',
  extra: 'warn',
  forbidden: 'fail',
  repeated: 'dim',
  free: 'dim',
  missing: 'fail',
}

/** The two signs of a line: what the check says of it, and how sure the clause is about it. */
export function marksOf({ mark, evidence }: Line, glyphs: Glyphs): [Span, Span] {
  return [
    mark ? span(glyphs.mark[mark], markStyles[mark]) : span(' '),
    evidence ? span(glyphs.evidence[evidence], evidence) : span(' '),
  ]
}

function putArrow(canvas: Canvas, line: Line, shape: Extract<Shape, { kind: 'arrow' }>, glyphs: Glyphs): void {
  const toRight = shape.to > shape.from
  const [first, last] = toRight ? [shape.from, shape.to] : [shape.to, shape.from]
  canvas.fill(first + 1, last - 1, glyphs.stroke[line.stroke], line.style)
  const open = line.end === 'open'
  const head = toRight ? (open ? glyphs.rightOpen : glyphs.right) : open ? glyphs.leftOpen : glyphs.left
  canvas.put(toRight ? last - 1 : first + 1, line.end === 'lost' ? glyphs.lost : head, headStyle(line))
  const label = labelText(line, shape.label.text, glyphs)
  if (shape.labelOnShaft && last - first - textWidth(label) >= 8)
    canvas.put(shape.label.x - 1, ` ${label} `, line.style)
  else canvas.put(shape.label.x, label, line.style)
}

function headStyle(line: Line): Style {
  return line.end === 'lost' ? 'fail' : line.style
}

function putPoint(canvas: Canvas, line: Line, shape: Extract<Shape, { kind: 'point' }>, glyphs: Glyphs): void {
  canvas.put(shape.x, line.kind === 'internal' ? glyphs.internal : glyphs.self, line.style)
  canvas.put(shape.label.x, labelText(line, shape.label.text, glyphs), line.style)
}

function labelText(line: Line, text: string, glyphs: Glyphs): string {
  const shown = glyphs.ellipsis === '…' ? text : text.replace('…', glyphs.ellipsis)
  return line.repeated ? `${shown} ${glyphs.again}` : shown
}

const evidenceWords: readonly (readonly [Evidence, string])[] = [
  ['read', 'read in the standard'],
  ['derived', 'derived from its rules'],
  ['memory', 'from memory'],
]
const markWords: readonly (readonly [Mark, string])[] = [
  ['met', 'as expected'],
  ['wrong', 'differs'],
  ['reordered', 'out of order'],
  ['extra', 'not expected'],
  ['forbidden', 'must not happen'],
  ['missing', 'missing'],
]

/** What a check says of a row, in words. */
export function markWord(mark: Mark): Span[] {
  const words = { repeated: 'sent again', free: 'not compared' } as const
  const text = mark === 'repeated' || mark === 'free' ? words[mark] : markWords.find(([name]) => name === mark)![1]
  return [span(text, markStyles[mark])]
}

/** What the signs mean that occur in a ladder: evidence on one line, verdicts and odd arrows on another. */
export function legendOf(layout: Layout, glyphs: Glyphs): Span[][] {
  const seen = new Set<string>()
  for (let index = 0; index < layout.lines.count; index++) {
    const { kind, mark, evidence, end, repeated } = layout.lines.line(index)
    seen.add(kind).add(end)
    if (evidence) seen.add(evidence)
    if (mark) seen.add(mark)
    if (repeated) seen.add('repeated')
  }
  const above: Span[][] = evidenceWords
    .filter(([name]) => seen.has(name))
    .map(([name, words]) => entry(glyphs.evidence[name], words, name))
  const below: Span[][] = markWords
    .filter(([name]) => seen.has(name))
    .map(([name, words]) => entry(glyphs.mark[name], words, markStyles[name]))
  if (seen.has('internal')) below.push(entry(glyphs.internal, 'inside a node', 'internal'))
  if (seen.has('lost')) below.push(entry(glyphs.lost, 'lost on the way', 'fail'))
  if (seen.has('repeated')) below.push(entry(glyphs.again, 'sent again', 'plain'))
  if (layout.gutter.some(({ kind }) => kind === 'step')) above.unshift(entry(glyphs.step, 'step of the clause', 'dim'))
  return [...flowed(above, layout.width), ...flowed(below, layout.width)]
}

function entry(sign: string, words: string, style: Style): Span[] {
  return [span(sign, style), span(` ${words}`, 'dim')]
}

/** Entries side by side, as many on a line as fit. */
function flowed(entries: readonly Span[][], width: number): Span[][] {
  const lines: Span[][] = []
  for (const one of entries) {
    const last = lines.at(-1)
    if (last && spansWidth(last) + 3 + spansWidth(one) <= width) last.push(span('   '), ...one)
    else lines.push([...one])
  }
  return lines
}
