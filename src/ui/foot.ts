import { type Span, span } from '../render/span.ts'
import { type Binding, bindings, keyName, type Where } from './keys.ts'
import type { State } from './model.ts'
import { placesOf } from './state.ts'

/** The last line of the screen: what is being typed, a message to the person, or hints to the keys that hold here. */
export function footLine(state: State): Span[] {
  const { prompt, notice, size } = state
  if (prompt) {
    const question = prompt.kind === 'step' ? ' Step: ' : ' Find: '
    return [span(question, 'key'), span(prompt.text), span(isUnicode(state) ? '▏' : '_', 'strong')]
  }
  if (notice !== undefined) return [span(` ${notice}`, 'warn')]
  return hintLine(placesOf(state), size.columns, isUnicode(state))
}

/** True if signs beyond ASCII may be shown. */
export function isUnicode({ glyphs }: State): boolean {
  return glyphs.ellipsis === '…'
}

const always: readonly string[] = ['back', 'quit', 'help', 'close-help']

/** As many hints as fit; those to the help and to the way out always do. */
function hintLine(places: readonly Where[], width: number, unicode: boolean): Span[] {
  const hinted = bindings.filter(({ where, hint }) => hint !== undefined && places.includes(where))
  const needed = (some: readonly Binding[]) => some.reduce((sum, binding) => sum + hintWidth(binding, unicode), 0)
  const last = hinted.filter(({ does }) => always.includes(does))
  const shown: Binding[] = []
  for (const binding of hinted) {
    if (last.includes(binding)) continue
    if (needed([...shown, binding, ...last]) <= width - 1) shown.push(binding)
  }
  const line: Span[] = []
  for (const binding of [...shown, ...last]) {
    line.push(span(` ${keyName(binding.keys[0]!, unicode)}`, 'key'), span(` ${binding.hint} `, 'dim'))
  }
  return line
}

function hintWidth({ keys, hint = '' }: Binding, unicode: boolean): number {
  return keyName(keys[0]!, unicode).length + hint.length + 3
}
