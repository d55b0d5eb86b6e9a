import { type Span, span } from '../render/span.ts'
import { pad } from '../render/width.ts'
import { evidenceWords } from './about.ts'
import { footLine, isUnicode } from './foot.ts'
import { bindings, headings, keyNames } from './keys.ts'
import type { State } from './model.ts'
import { placesOf } from './state.ts'

/** The help: every binding of the table of keys under its heading, and the signs of the ladder. */
export function helpScreen(state: State): Span[][] {
  const lines = helpLines(state)
  const height = state.size.rows - 2
  const from = Math.max(0, Math.min(state.help ?? 0, lines.length - height))
  const shown = lines.slice(from, from + height)
  while (shown.length < height) shown.push([])
  const place = lines.length > height ? `  ${from + 1}-${Math.min(from + height, lines.length)} of ${lines.length}` : ''
  return [[span(' Help', 'title'), span(place, 'dim')], ...shown, footLine(state)]
}

/** All lines of the help, what holds where one is first. */
export function helpLines(state: State): Span[][] {
  const unicode = isUnicode(state)
  const lines: Span[][] = []
  const width = Math.max(...bindings.map((binding) => keyNames(binding, unicode).length))
  const here = placesOf({ ...state, help: undefined })
  const rank = ([where]: (typeof headings)[number]) => (where === 'anywhere' || !here.includes(where) ? 1 : 0)
  for (const [where, heading] of headings.toSorted((a, b) => rank(a) - rank(b))) {
    lines.push([], [span(` ${heading}`, 'strong')])
    for (const binding of bindings.filter((one) => one.where === where)) {
      lines.push([span(`   ${pad(keyNames(binding, unicode), width)}  `, 'key'), span(binding.help)])
    }
  }
  return [...lines, [], ...signLines(state)]
}

function signLines({ glyphs }: State): Span[][] {
  const sign = (text: string, words: string, style: Span['style']): Span[] => [
    span(`   ${pad(text, 3)}`, style),
    span(words),
  ]
  return [
    [span(' Signs of the ladder', 'strong')],
    sign(glyphs.mark.met, 'happened as expected', 'pass'),
    sign(glyphs.mark.wrong, 'differs from what was expected', 'fail'),
    sign(glyphs.mark.reordered, 'happened out of order', 'fail'),
    sign(glyphs.mark.extra, 'was not expected', 'warn'),
    sign(glyphs.mark.missing, 'was expected and never happened', 'fail'),
    sign(glyphs.evidence.read, `the step was ${evidenceWords('read')}`, 'read'),
    sign(glyphs.evidence.derived, `the step is ${evidenceWords('derived')}`, 'derived'),
    sign(glyphs.evidence.memory, `the step is ${evidenceWords('memory')}: take it as a sketch`, 'memory'),
    sign(glyphs.internal, 'a step inside a node', 'internal'),
    sign(glyphs.lost, 'lost on the way', 'fail'),
    sign(glyphs.again, 'sent again', 'plain'),
    sign(`${glyphs.stroke.sip}${glyphs.right}`, 'SIP', 'subscribe'),
    sign(`${glyphs.stroke.cx}${glyphs.right}`, 'Diameter (Cx, Zh, Zn)', 'cx'),
    sign(`${glyphs.stroke.http}${glyphs.right}`, 'HTTP and XCAP', 'http'),
  ]
}
