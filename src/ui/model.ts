/** What the screen is made from: types and first values, without anything that happens to them. */
import type { Playhead } from '../play/playhead.ts'
import type { Glyphs } from '../render/glyphs.ts'
import type { Size } from './panes.ts'
import type { Catalogue, Session } from './session.ts'

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
