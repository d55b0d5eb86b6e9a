import { asciiSpans, fitSpans, type Painter, paint, type Span, span } from '../render/span.ts'
import { catalogueScreen } from './catalogue-screen.ts'
import { flowScreen } from './flow-screen.ts'
import { isUnicode } from './foot.ts'
import { helpScreen } from './help-screen.ts'
import type { State } from './model.ts'
import { isLargeEnough, leastSize } from './panes.ts'

/** The screen of a state: exactly as many lines as the terminal has rows, none wider than its columns. */
export function frame(state: State, painter: Painter): string[] {
  const { columns, rows } = state.size
  const lines = screenOf(state).slice(0, rows)
  while (lines.length < rows) lines.push([])
  return lines.map((line) => {
    const fitted = fitSpans(line, columns, state.glyphs.ellipsis)
    return paint(isUnicode(state) ? fitted : asciiSpans(fitted), painter)
  })
}

function screenOf(state: State): Span[][] {
  if (!isLargeEnough(state.size)) return tooSmall(state)
  if (state.help !== undefined) return helpScreen(state)
  return state.view ? flowScreen(state, state.view) : catalogueScreen(state)
}

/** What to do about a terminal that is too small, in lines that fit into it. */
function tooSmall({ size }: State): Span[][] {
  const text = [
    `presim needs ${leastSize.columns} columns and ${leastSize.rows} rows;`,
    `this terminal has ${size.columns} and ${size.rows}.`,
    'Please make it larger, or press q to quit.',
    'In a small one "presim run A.3.2.1" prints the ladder.',
  ]
  const lines = text.flatMap((line) => foldText(line, Math.max(1, size.columns - 2)))
  const above = Math.max(0, Math.floor((size.rows - lines.length) / 2))
  return [...new Array<Span[]>(above).fill([]), ...lines.map((line) => [span(` ${line}`)])]
}

function foldText(text: string, width: number): string[] {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
