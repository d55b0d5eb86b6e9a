import type { Chart } from '../render/chart.ts'
import { type Layout, layOut } from '../render/layout.ts'

/** The size of the terminal in character cells. */
export interface Size {
  readonly columns: number
  readonly rows: number
}

/** Below this a ladder and a message can't be read side by side or one above the other. */
export const leastSize: Size = { columns: 60, rows: 15 }

/** True if the terminal is large enough. */
export function isLargeEnough({ columns, rows }: Size): boolean {
  return columns >= leastSize.columns && rows >= leastSize.rows
}

/** What decides how the screen is shared. */
export interface Sharing {
  readonly chart: Chart
  /** Steps by which the ladder was made larger than it is by itself. */
  readonly more: number
  readonly shown: 'both' | 'ladder' | 'detail'
}

/** The parts of the screen of a flow, between the title line and the line of hints. */
export interface Panes {
  readonly layout: Layout
  /** Lines above the ladder that stay: networks and lanes. */
  readonly header: number
  readonly ladder: { readonly width: number; readonly height: number }
  /** The message: `height` lines below its two lines of title. */
  readonly detail: { readonly width: number; readonly height: number }
  /** True if the message stands at the side of the ladder. */
  readonly beside: boolean
}

/** From this width on the message stands beside the ladder. */
const wideEnough = 130
const leastLadderLines = 3
const leastDetailLines = 4
const titleAndHints = 2
const detailTitle = 2

/** Shares the screen between ladder and message. */
export function panesOf(size: Size, sharing: Sharing): Panes {
  return size.columns >= wideEnough && sharing.shown === 'both' ? besides(size, sharing) : stacked(size, sharing)
}

function besides(size: Size, { chart, more }: Sharing): Panes {
  const wanted = Math.round(size.columns * 0.56) + more * 4
  const width = Math.max(61, Math.min(wanted, size.columns - 41))
  const layout = layoutOf(chart, width - 1)
  const header = headerHeight(layout)
  const height = size.rows - titleAndHints
  return {
    layout,
    header,
    ladder: { width, height: height - header },
    detail: { width: size.columns - width - 1, height: height - detailTitle },
    beside: true,
  }
}

function stacked(size: Size, { chart, more, shown }: Sharing): Panes {
  const width = size.columns
  const layout = layoutOf(chart, width)
  const header = headerHeight(layout)
  const space = size.rows - titleAndHints
  if (shown === 'ladder') return { ...alone(layout, width), ladder: { width, height: space - header } }
  if (shown === 'detail') return { ...alone(layout, width), detail: { width, height: space - detailTitle } }
  const rest = space - header - detailTitle
  const wanted = Math.min(Math.round(rest / 2), layout.lines.count) + more
  const height = Math.max(leastLadderLines, Math.min(wanted, rest - leastDetailLines))
  return {
    layout,
    header,
    ladder: { width, height },
    detail: { width, height: rest - height },
    beside: false,
  }
}

function alone(layout: Layout, width: number): Panes {
  const none = { width, height: 0 }
  return { layout, header: headerHeight(layout), ladder: none, detail: none, beside: false }
}

function headerHeight(layout: Layout): number {
  return layout.storeys + (layout.bands.length > 0 ? 1 : 0)
}

const layouts = new WeakMap<Chart, Map<number, Layout>>()

/** The layout of a chart for a width, made once. */
function layoutOf(chart: Chart, width: number): Layout {
  let ofChart = layouts.get(chart)
  if (!ofChart) {
    ofChart = new Map()
    layouts.set(chart, ofChart)
  }
  let layout = ofChart.get(width)
  if (!layout) {
    layout = layOut(chart, { width, cursor: true })
    ofChart.set(width, layout)
  }
  return layout
}
