import type { Glyphs } from '../render/glyphs.ts'
import { commands } from './commands.ts'
import { bindingFor, type Where } from './keys.ts'
import { type Outcome, type State, viewOf } from './model.ts'
import type { Size } from './panes.ts'
import { prompted } from './prompt.ts'
import type { Catalogue } from './session.ts'
import { played, settled } from './view.ts'

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
