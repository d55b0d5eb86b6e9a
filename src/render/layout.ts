import { type Chart, type Line, type Lines, linesOf } from './chart.ts'
import { fitLanes, type LaneFit, type PlacedBand, type PlacedLane } from './lane-fit.ts'
import { type Survey, surveyOf } from './survey.ts'
import { formatSeconds } from './time.ts'
import { clip, textWidth } from './width.ts'

/** A column of the gutter to the left of the lanes. */
export interface GutterColumn {
  readonly kind: 'cursor' | 'number' | 'step' | 'marks' | 'time'
  readonly x: number
  readonly width: number
}

export interface PlacedText {
  readonly x: number
  readonly text: string
}

/** The drawing of a line between the lifelines. */
export type Shape =
  | {
      readonly kind: 'arrow'
      /** The columns of the two lifelines. */
      readonly from: number
      readonly to: number
      readonly label: PlacedText
      /** False if the label had to go beside the arrow. */
      readonly labelOnShaft: boolean
    }
  | { readonly kind: 'point'; readonly x: number; readonly label: PlacedText }

export interface PlacedLine {
  readonly line: Line
  readonly shape: Shape
  /** The texts of the number, step and time columns. */
  readonly number: string
  readonly step: string
  readonly time: string
}

/**
 * Where everything of a ladder stands, in character cells: printers of text, Mermaid, SVG and the terminal read it.
 * Lines are placed when asked for, so a ladder of 100 000 lines costs no more than the part that is looked at.
 */
export interface Layout {
  readonly width: number
  readonly gutter: readonly GutterColumn[]
  readonly bands: readonly PlacedBand[]
  readonly lanes: readonly PlacedLane[]
  /** Rows of lane names: 2 when names would touch. */
  readonly storeys: 1 | 2
  readonly lines: Lines
  place(index: number): PlacedLine
}

export interface LayoutOptions {
  readonly width: number
  /** A column for the cursor of the terminal UI. */
  readonly cursor?: boolean
}

/** The least width for which a ladder can be laid out. */
export const narrowest = 40

/** Lays out a chart: gaps between lanes follow from the names and from the labels that must stand between them. */
export function layOut(chart: Chart, options: LayoutOptions): Layout {
  const width = Math.max(narrowest, options.width)
  const lines = linesOf(chart)
  const survey = surveyOf(chart, lines)
  const gutters = guttersOf(survey, options.cursor ?? false)
  const fitted = fitLanes(survey, gutters.map(rightEdge), width)
  const gutter = gutters[fitted.choice]!
  const xOf = new Map(fitted.lanes.map(({ name, x }) => [name, x]))
  const numbered = gutter.some(({ kind }) => kind === 'number')
  return {
    width,
    gutter,
    bands: fitted.bands,
    lanes: fitted.lanes,
    storeys: fitted.lanes.some(({ storey }) => storey === 1) ? 2 : 1,
    lines,
    place(index) {
      const line = lines.line(index)
      return {
        line,
        shape: shapeOf(line, xOf, fitted, rightEdge(gutter), width),
        number: numbered && line.row !== undefined ? String(line.row + 1) : '',
        step: line.step ?? '',
        time: line.at === undefined ? '' : formatSeconds(line.at),
      }
    },
  }
}

/** The gutter with all its columns, then with fewer: without own numbers if there are steps, and without times. */
function guttersOf(survey: Survey, cursor: boolean): GutterColumn[][] {
  const columns: Column[] = []
  if (cursor) columns.push({ kind: 'cursor', width: 1 })
  // Where the steps of the clause say the same, own numbers are not needed.
  if (!survey.sameNumbers) columns.push({ kind: 'number', width: survey.number })
  if (survey.step > 0) columns.push({ kind: 'step', width: survey.step })
  if (survey.marked) columns.push({ kind: 'marks', width: 2 })
  columns.push({ kind: 'time', width: survey.time })
  const fewer = survey.step > 0 ? columns.filter(({ kind }) => kind !== 'number') : columns
  return [columns, fewer, fewer.filter(({ kind }) => kind !== 'time')].map(placeColumns)
}

type Column = Omit<GutterColumn, 'x'>

function placeColumns(columns: readonly Column[]): GutterColumn[] {
  let x = 0
  return columns.map((column) => {
    const placed = { ...column, x }
    x += column.width + (column.kind === 'cursor' ? 0 : 1)
    return placed
  })
}

function rightEdge(columns: readonly GutterColumn[]): number {
  const last = columns.at(-1)
  return last ? last.x + last.width + 2 : 0
}

function shapeOf(line: Line, xOf: ReadonlyMap<string, number>, fitted: LaneFit, left: number, right: number): Shape {
  const from = xOf.get(line.from) ?? left
  const to = xOf.get(line.to) ?? left
  const extra = line.repeated ? 2 : 0
  if (from === to) return { kind: 'point', x: from, label: beside(line.labels, from, from, extra, left, right) }
  const labels = fitted.fullLabels || line.labels.length === 1 ? line.labels : line.labels.slice(1)
  const first = Math.min(from, to)
  const room = Math.abs(from - to) - 3
  const onShaft = labels.find((label) => textWidth(label) + extra <= room)
  if (onShaft === undefined) {
    const label = beside(labels, first, Math.max(from, to), extra, left, right)
    return { kind: 'arrow', from, to, label, labelOnShaft: false }
  }
  const spare = Math.abs(from - to) - 2 - textWidth(onShaft) - extra
  const x = to > from ? first + 1 + Math.ceil(spare / 2) : first + 2 + Math.floor(spare / 2)
  return { kind: 'arrow', from, to, label: { x, text: onShaft }, labelOnShaft: true }
}

/** The longest label that fits right of a drawing, else left of it, else cut on the side with more room. */
function beside(
  labels: readonly string[],
  first: number,
  last: number,
  extra: number,
  left: number,
  right: number,
): PlacedText {
  const roomRight = right - last - 2 - extra
  const roomLeft = first - 1 - left - extra
  for (const label of labels) {
    const width = textWidth(label)
    if (width <= roomRight) return { x: last + 2, text: label }
    if (width <= roomLeft) return { x: first - 1 - width - extra, text: label }
  }
  const shortest = labels.at(-1)!
  if (roomRight >= roomLeft) return { x: last + 2, text: clip(shortest, roomRight) }
  const text = clip(shortest, roomLeft)
  return { x: first - 1 - textWidth(text) - extra, text }
}
