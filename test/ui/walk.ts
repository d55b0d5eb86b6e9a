import { unicode } from '../../src/render/glyphs.ts'
import type { State, View } from '../../src/ui/model.ts'
import type { Size } from '../../src/ui/panes.ts'
import type { Catalogue } from '../../src/ui/session.ts'
import { begin, reduce } from '../../src/ui/state.ts'
import { demoCatalogue } from './demo.ts'

/** The state in which the terminal starts, in a flow or in the catalogue. */
export function start(flow?: string, size: Size = { columns: 80, rows: 24 }, catalogue?: Catalogue): State {
  return begin({ size, glyphs: unicode, catalogue: catalogue ?? demoCatalogue(), flow })
}

/** The state after some keys, told apart by blanks. */
export function press(state: State, keys: string): State {
  const names = keys.split(' ').filter((key) => key !== '')
  return names.reduce((now, key) => reduce(now, { do: 'key', key }), state)
}

/** The view of a state in a flow. */
export function viewIn(state: State): View {
  if (!state.view) throw new Error('no flow is open')
  return state.view
}
