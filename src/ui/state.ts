import type { Playhead } from '../play/playhead.ts'
import type { Glyphs } from '../render/glyphs.ts'
import { commands } from './commands.ts'
import { bindingFor, type Where } from './keys.ts'
import type { Size } from './panes.ts'
import { prompted } from './prompt.ts'
import type { Catalogue, Session } from './session.ts'
import { played, settled } from './view.ts'

/** Everything that the screen is made from. */
export interface State {
  readonly size: Size
  readonly glyphs: Glyphs
  readonly catalogue: Catalogue
  /** The flow that the cursor of the catalogue stands on, and the first one on the screen. */
  readonly chosen: number
  readonly top: number
  /** How the flows that were run so far came out, by their ids. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** The open flow; undefined in the catalogue. */
  readonly view: View | undefined
  /** True if the flow was asked for by name: leaving it leaves the program. */
  readonly direct: boolean
  /** Lines by which the help is scrolled; undefined while it is closed. */
  readonly help: number | undefined
  readonly prompt: Prompt | undefined
  /** The last text that was searched for. */
  readonly sought: string
  /** A message to the person, until the next key. */
  readonly notice: string | undefined
  /** Counts the wishes to have the screen drawn anew. */
  readonly redraws: number
  readonly over: boolean
}

/** How a flow came out: its verdict, or what went wrong when it was run. */
export type Outcome = 'pass' | 'fail' | 'error'

/** A line that is being typed at the foot of the screen. */
export interface Prompt {
  readonly kind: 'step' | 'search'
  readonly text: string
}

/** The views of a message. */
export const tabs = ['Raw', 'Headers', 'Body', 'Why', 'State'] as const
export type Tab = (typeof tabs)[number]

/** An open flow. */
export interface View {
  readonly session: Session
  readonly head: Playhead
  readonly focus: 'ladder' | 'detail'
  readonly tab: Tab
  /** The first line of the ladder on the screen. */
  readonly top: number
  /** Lines by which the message is scrolled. */
  readonly scroll: number
  readonly shown: 'both' | 'ladder' | 'detail'
  /** Steps by which the ladder was made larger. */
  readonly more: number
  /** True if what has not happened yet is dimmed. */
  readonly unfolding: boolean
  /** The lane whose state is shown; undefined for the one that acts. */
  readonly lane: string | undefined
  /** True if the state is shown without what did not change. */
  readonly folded: boolean
  /** Rows from which jumps began. */
  readonly jumps: readonly number[]
}

/** What can happen to the screen. */
export type Action =
  | { readonly do: 'key'; readonly key: string }
  | { readonly do: 'tick'; readonly millis: number }
  | { readonly do: 'resize'; readonly size: Size }
  | { readonly do: 'outcome'; readonly id: string; readonly outcome: Outcome }

/** The state after an action. Pure: flows are deterministic, so opening one is too. */
export function reduce(state: State, action: Action): State {
  switch (action.do) {
    case 'key':
      return settled(pressed({ ...state, notice: undefined }, action.key))
    case 'tick':
      return settled(played(state, { do: 'tick', millis: action.millis }))
    case 'resize':
      return settled({ ...state, size: action.size })
    case 'outcome':
      return { ...state, outcomes: new Map(state.outcomes).set(action.id, action.outcome) }
  }
}

function pressed(state: State, key: string): State {
  if (state.prompt && key !== 'ctrl-c') return prompted(state, state.prompt, key)
  const binding = bindingFor(key, placesOf(state))
  return binding ? commands[binding.does](state, key) : state
}

/** Where keys are looked up, the nearest place first. */
export function placesOf({ help, view }: State): Where[] {
  if (help !== undefined) return ['help', 'anywhere']
  return view ? [view.focus, 'flow', 'anywhere'] : ['catalogue', 'anywhere']
}

/** True while the clock moves the state. */
export function isPlaying({ view, help, over }: State): boolean {
  return view?.head.playing === true && help === undefined && !over
}

export interface Beginning {
  readonly size: Size
  readonly glyphs: Glyphs
  readonly catalogue: Catalogue
  /** The flow to open at once. */
  readonly flow?: string | undefined
}

/** The state in which the terminal starts; throws if the flow asked for can't be run. */
export function begin({ size, glyphs, catalogue, flow }: Beginning): State {
  const state: State = {
    size,
    glyphs,
    catalogue,
    chosen: 0,
    top: 0,
    outcomes: new Map(),
    view: undefined,
    direct: flow !== undefined,
    help: undefined,
    prompt: undefined,
    sought: '',
    notice: undefined,
    redraws: 0,
    over: false,
  }
  return settled(flow === undefined ? state : { ...state, view: viewOf(catalogue.open(flow)) })
}

/** A flow as it is first shown: nothing has happened yet. */
export function viewOf(session: Session): View {
  return {
    session,
    head: { row: -1, event: session.firstEvent - 1, playing: false, speed: 4, waited: 0 },
    focus: 'ladder',
    tab: 'Raw',
    top: 0,
    scroll: 0,
    shown: 'both',
    more: 0,
    unfolding: true,
    lane: undefined,
    folded: true,
    jumps: [],
  }
}
