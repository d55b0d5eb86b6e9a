import type { FieldRow } from '../render/fields.ts'
import type { Glyphs } from '../render/glyphs.ts'
import { type Span, type Style, span, wrap } from '../render/span.ts'
import { valueSpans } from '../render/syntax.ts'
import { clip, pad } from '../render/width.ts'

type Sign = '+' | '~' | '-' | ' '

const signStyles: Readonly<Record<Sign, Style>> = { '+': 'pass', '~': 'warn', '-': 'fail', ' ': 'plain' }

/** A field as lines of a table: a sign for what the last hop did, the name, a value a line. */
export function fieldLines(field: FieldRow, nameWidth: number, width: number, glyphs: Glyphs): Span[][] {
  const name = pad(clip(field.name, nameWidth, glyphs.ellipsis), nameWidth)
  const lines: Span[][] = []
  for (const [sign, value] of signedValues(field)) {
    const first = lines.length === 0
    const style: Style = field.change === 'removed' ? 'dim' : 'header-name'
    const left = [span(`${sign} `, signStyles[sign]), span(first ? name : ' '.repeat(nameWidth), style), span('  ')]
    const [start = [], ...rest] = wrap(value, Math.max(10, width - nameWidth - 4), 2)
    lines.push([...left, ...start], ...rest.map((more) => [span(' '.repeat(nameWidth + 4)), ...more]))
  }
  return lines
}

/** The values with their signs: a list loses and gains elements, another field changes from one value to the next. */
function signedValues({ change, values, gone }: FieldRow): [Sign, Span[]][] {
  if (change === 'removed') return values.map(({ text }) => ['-', [span(text, 'dim')]])
  if (change === 'added') return values.map(({ text }) => ['+', valueSpans(text)])
  if (change === 'changed' && values.length === 1 && values[0]!.isNew && gone.length === 1) {
    return [['~', [...valueSpans(values[0]!.text), span(`  was ${gone[0]}`, 'dim')]]]
  }
  const now = values.map(({ text, isNew }): [Sign, Span[]] => [isNew ? '+' : ' ', valueSpans(text)])
  const lost = gone.map((text): [Sign, Span[]] => ['-', [span(text, 'dim')]])
  // The same elements in another order.
  if (change === 'changed' && gone.length === 0 && !values.some(({ isNew }) => isNew) && now[0]) now[0][0] = '~'
  return [...now, ...lost]
}
