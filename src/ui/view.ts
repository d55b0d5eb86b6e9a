import { move, type PlayCommand, type Score } from '../play/playhead.ts'
import { linesOf } from '../render/chart.ts'
import { catalogueRows } from './catalogue-rows.ts'
import { detailLines } from './detail.ts'
import type { State, View } from './model.ts'
import { isLargeEnough, type Panes, panesOf } from './panes.ts'
import type { Session } from './session.ts'

/** What of a session the player moves over. */
export function scoreOf({ chart, trace, firstEvent }: Session): Score {
  return { rows: chart.rows, firstEvent, events: trace.length }
}

/** The state with its view changed; without a view nothing changes. */
export function withView(state: State, change: (view: View) => Partial<View>): State {
  return state.view ? { ...state, view: { ...state.view, ...change(state.view) } } : state
}

/** The state after a command to the player; a message that comes into view is shown from its first line. */
export function played(state: State, command: PlayCommand): State {
  return withView(state, (view) => {
    const head = move(view.head, command, scoreOf(view.session))
    const same = head.row === view.head.row && head.event === view.head.event
    return same ? { head } : { head, scroll: view.tab === 'State' || view.tab === 'Why' ? view.scroll : 0 }
  })
}

/** The state after a jump to a row, from which one can return. */
export function jumped(state: State, row: number): State {
  const from = state.view?.head.row
  if (from === undefined || from === row) return state
  const moved = played(state, { do: 'to-row', row })
  return withView(moved, ({ jumps }) => ({ jumps: [...jumps.slice(-99), from] }))
}

/** The panes of the open flow. */
export function panesFor(state: State, view: View): Panes {
  return panesOf(state.size, { chart: view.session.chart, more: view.more, shown: view.shown })
}

/** The state with everything in bounds: cursors on the screen, nothing scrolled beyond its end. */
export function settled(state: State): State {
  if (!isLargeEnough(state.size)) return state
  return state.view ? settledView(state, state.view) : settledCatalogue(state)
}

/** Lines of the catalogue beside its entries: titles, the description below, hints. */
export const catalogueFrame = 3
export const catalogueAbout = 7

/** How many rows the catalogue shows at a time. */
export function catalogueLines({ size, catalogue }: State): number {
  const count = catalogueRows(catalogue.entries).length
  return Math.max(1, Math.min(count, size.rows - catalogueFrame - catalogueAbout))
}

function settledCatalogue(state: State): State {
  const last = state.catalogue.entries.length - 1
  const chosen = Math.max(0, Math.min(state.chosen, last))
  const rows = catalogueRows(state.catalogue.entries)
  const cursor = rows.findIndex((row) => row.kind === 'entry' && row.index === chosen)
  const top = windowTop(state.top, cursor, catalogueLines(state), rows.length)
  return chosen === state.chosen && top === state.top ? state : { ...state, chosen, top }
}

function settledView(state: State, view: View): State {
  const panes = panesFor(state, view)
  const lines = linesOf(view.session.chart)
  const cursor = lines.indexOf(Math.max(0, view.head.row))
  const top = panes.ladder.height > 0 ? windowTop(view.top, cursor, panes.ladder.height, lines.count) : view.top
  let { scroll } = view
  if (scroll > 0 && panes.detail.height > 0) {
    const count = detailLines(view, panes.detail.width, state.glyphs).length
    scroll = Math.max(0, Math.min(scroll, count - panes.detail.height))
  }
  return top === view.top && scroll === view.scroll ? state : { ...state, view: { ...view, top, scroll } }
}

/** The first line of a window that shows the cursor with two lines around it, moved as little as possible. */
export function windowTop(top: number, cursor: number, height: number, count: number): number {
  const around = Math.min(2, Math.floor((height - 1) / 2))
  const lowest = Math.max(cursor - height + 1 + around, 0)
  const highest = Math.min(cursor - around, count - height)
  return Math.max(0, Math.max(Math.min(top, Math.max(highest, 0)), Math.min(lowest, Math.max(0, count - height))))
}
