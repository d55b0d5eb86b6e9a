import type { Speed } from '../play/playhead.ts'
import type { CommandName } from './keys.ts'
import { type State, type Tab, tabs, viewOf } from './model.ts'
import { catalogueLines, jumped, panesFor, played, withView } from './view.ts'

type Command = (state: State, key: string) => State

/** What each command of the table of keys does. */
export const commands: Readonly<Record<CommandName, Command>> = {
  'choose-next': (state) => ({ ...state, chosen: state.chosen + 1 }),
  'choose-previous': (state) => ({ ...state, chosen: state.chosen - 1 }),
  'choose-first': (state) => ({ ...state, chosen: 0 }),
  'choose-last': (state) => ({ ...state, chosen: state.catalogue.entries.length - 1 }),
  open,
  search: (state) => ({ ...state, prompt: { kind: 'search', text: '' } }),
  quit: (state) => ({ ...state, over: true }),

  next: (state) => played(state, { do: 'row', by: 1 }),
  previous: (state) => played(state, { do: 'row', by: -1 }),
  'next-event': (state) => played(state, { do: 'event', by: 1 }),
  'previous-event': (state) => played(state, { do: 'event', by: -1 }),
  play: (state) => played(state, { do: 'toggle' }),
  speed: (state, key) => played(state, { do: 'speed', speed: Number(key) as Speed }),
  start: (state) => played(state, { do: 'start' }),
  finish: (state) => played(state, { do: 'end' }),
  'go-to': (state) => ({ ...played(state, { do: 'pause' }), prompt: { kind: 'step', text: '' } }),
  cause,
  effect,
  'next-finding': (state) => toFinding(state, 1),
  'previous-finding': (state) => toFinding(state, -1),
  return: goBack,
  focus: (state) =>
    withView(state, (view) => ({ focus: view.focus === 'ladder' ? 'detail' : 'ladder', shown: 'both' })),
  'next-tab': (state) => turnTab(state, 1),
  'previous-tab': (state) => turnTab(state, -1),
  why: (state) => toTab(state, 'Why'),
  'next-node': (state) => turnNode(state, 1),
  'previous-node': (state) => turnNode(state, -1),
  fold: (state) =>
    withView(toTab(state, 'State'), ({ folded }) => ({ folded: state.view?.tab === 'State' ? !folded : folded })),
  unfold: (state) => withView(state, ({ unfolding }) => ({ unfolding: !unfolding })),
  'more-ladder': (state) => withView(state, ({ more }) => ({ more: Math.min(more + 1, 40) })),
  'less-ladder': (state) => withView(state, ({ more }) => ({ more: Math.max(more - 1, -40) })),
  detail: (state) =>
    withView(state, ({ shown }) => ({ shown: shown === 'ladder' ? 'both' : 'ladder', focus: 'ladder' })),
  zoom: (state) => withView(state, ({ shown, focus }) => ({ shown: shown === 'both' ? focus : 'both' })),
  'scroll-down': (state) => scrolled(state, 1),
  'scroll-up': (state) => scrolled(state, -1),
  'page-down': (state) => scrolled(state, detailHeight(state)),
  'page-up': (state) => scrolled(state, -detailHeight(state)),
  'half-down': (state) => played(state, { do: 'row', by: halfPage(state) }),
  'half-up': (state) => played(state, { do: 'row', by: -halfPage(state) }),
  back,

  help: (state) => ({ ...played(state, { do: 'pause' }), help: 0 }),
  'close-help': (state) => ({ ...state, help: undefined }),
  'help-down': (state) => ({ ...state, help: (state.help ?? 0) + Math.max(1, state.size.rows - 6) }),
  'help-up': (state) => ({ ...state, help: Math.max(0, (state.help ?? 0) - Math.max(1, state.size.rows - 6)) }),
  redraw: (state) => ({ ...state, redraws: state.redraws + 1 }),
}

function open(state: State): State {
  const entry = state.catalogue.entries[state.chosen]
  if (!entry) return state
  try {
    const session = state.catalogue.open(entry.id)
    const outcome = session.chart.verdict?.outcome ?? 'pass'
    return { ...state, view: viewOf(session), outcomes: new Map(state.outcomes).set(entry.id, outcome) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ...state, notice: `${entry.id}: ${reason}`, outcomes: new Map(state.outcomes).set(entry.id, 'error') }
  }
}

/** Leaves the message alone on the screen, then the focus on it, then the flow. */
function back(state: State): State {
  const { view } = state
  if (view && view.shown === 'detail') return withView(state, () => ({ shown: 'both' }))
  if (view && view.focus === 'detail') return withView(state, () => ({ focus: 'ladder' }))
  return state.direct ? { ...state, over: true } : { ...state, view: undefined }
}

function cause(state: State): State {
  const row = state.view?.session.chart.rows[state.view.head.row]
  if (!row) return state
  if (row.cause === undefined) return { ...state, notice: 'Nothing led to this: it is the start of something' }
  return jumped(state, row.cause)
}

function effect(state: State): State {
  const { head, session } = state.view!
  const found = session.chart.rows.find(({ cause, index }) => cause === head.row && index > head.row)
  return found ? jumped(state, found.index) : { ...state, notice: 'This led to nothing more' }
}

/** Goes to the nearest row in a direction that the check found fault with. */
function toFinding(state: State, by: number): State {
  const { head, session } = state.view!
  const rows = session.chart.verdict?.rows ?? []
  for (let row = head.row + by; row >= 0 && row < rows.length; row += by) {
    if (rows[row]!.findings.length > 0) return jumped(state, row)
  }
  return { ...state, notice: `${by > 0 ? 'Nothing more' : 'Nothing before this'} differs from what was expected` }
}

function goBack(state: State): State {
  const row = state.view?.jumps.at(-1)
  if (row === undefined) return { ...state, notice: 'There was no jump' }
  return withView(played(state, { do: 'to-row', row }), ({ jumps }) => ({ jumps: jumps.slice(0, -1) }))
}

function toTab(state: State, tab: Tab): State {
  return withView(state, (view) => ({ tab, scroll: 0, shown: view.shown === 'ladder' ? 'both' : view.shown }))
}

function turnTab(state: State, by: number): State {
  const at = tabs.indexOf(state.view!.tab)
  return toTab(state, tabs[(at + by + tabs.length) % tabs.length]!)
}

/** Shows the state of the next node in the order of the lanes; before the first one stands the node that acts. */
function turnNode(state: State, by: number): State {
  if (state.view?.tab !== 'State') return toTab(state, 'State')
  const lanes = [undefined, ...state.view.session.chart.lanes.map(({ name }) => name)]
  const at = lanes.indexOf(state.view.lane)
  return withView(state, () => ({ lane: lanes[(at + by + lanes.length) % lanes.length], scroll: 0 }))
}

function scrolled(state: State, by: number): State {
  return withView(state, ({ scroll }) => ({ scroll: Math.max(0, scroll + by) }))
}

function detailHeight(state: State): number {
  return Math.max(1, state.view ? panesFor(state, state.view).detail.height - 1 : 1)
}

function halfPage(state: State): number {
  const height = state.view ? panesFor(state, state.view).ladder.height : catalogueLines(state)
  return Math.max(1, Math.floor(height / 2))
}
