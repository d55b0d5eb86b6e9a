import { type Span, span } from '../render/span.ts'
import { type Binding, bindings, keyName, type Where } from './keys.ts'
import { placesOf, type State } from './state.ts'

/** The last line of the screen: what is being typed, a message to the person, or hints to the keys that hold here. */
export function footLine(state: State): Span[] {
  const { prompt, notice, size } = state
  if (prompt) {
    const question = prompt.kind === 'step' ? ' Step: ' : ' Find: '
    return [span(question, 'key'), span(prompt.text), span('▏'.replace('▏', isUnicode(state) ? '▏' : '_'), 'strong')]
  }
  if (notice !== undefined) return [span(` ${notice}`, 'warn')]
  return hintLine(placesOf(state), size.columns, isUnicode(state))
}

/** True if signs beyond ASCII may be shown. */
export function isUnicode({ glyphs }: State): boolean {
  return glyphs.ellipsis === '…'
}

/** As many hints as fit; the one to the help always does. */
function hintLine(places: readonly Where[], width: number, unicode: boolean): Span[] {
  const hinted = bindings.filter(({ where, hint }) => hint !== undefined && places.includes(where))
  const help = hinted.filter(({ does }) => does === 'help')
  const line: Span[] = []
  let room = width - 1 - help.reduce((sum, binding) => sum + hintWidth(binding, unicode), 0)
  for (const binding of [...hinted.filter(({ does }) => does !== 'help'), ...help]) {
    const needed = hintWidth(binding, unicode)
    if (binding.does !== 'help' && needed > room) continue
    if (binding.does !== 'help') room -= needed
    line.push(span(` ${keyName(binding.keys[0]!, unicode)}`, 'key'), span(` ${binding.hint} `, 'dim'))
  }
  return line
}

function hintWidth({ keys, hint = '' }: Binding, unicode: boolean): number {
  return keyName(keys[0]!, unicode).length + hint.length + 3
}
