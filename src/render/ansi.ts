import type { Painter, Style } from './span.ts'

/** What the terminal can show: nothing but text, bold and inverse without colour, or its sixteen colours. */
export type Colours = 'none' | 'mono' | 'sixteen'

/** Select Graphic Rendition codes (ECMA-48 §8.3.117) of each style: with colour, and without. */
const looks: Readonly<Record<Style, readonly [sixteen: string, mono: string]>> = {
  plain: ['', ''],
  dim: ['2', '2'],
  strong: ['1', '1'],
  title: ['1', '1'],
  band: ['34', ''],
  lane: ['1', '1'],
  lifeline: ['90', '2'],
  number: ['', ''],
  time: ['90', '2'],
  pass: ['32', ''],
  fail: ['1;31', '1'],
  warn: ['33', '1'],
  read: ['32', ''],
  derived: ['36', ''],
  memory: ['33', ''],
  subscribe: ['36', ''],
  notify: ['35', ''],
  publish: ['33', ''],
  request: ['36', ''],
  success: ['32', ''],
  failure: ['31', '1'],
  cx: ['34', ''],
  http: ['33', ''],
  internal: ['94', ''],
  missing: ['31', '2'],
  'start-line': ['1', '1'],
  'header-name': ['36', '1'],
  value: ['', ''],
  uri: ['32', ''],
  parameter: ['33', ''],
  punctuation: ['90', '2'],
  element: ['34', '1'],
  attribute: ['33', ''],
  text: ['', ''],
  comment: ['90', '2'],
  key: ['1;36', '1'],
  unreached: ['90', '2'],
  selected: ['7', '7'],
}

/** A painter for terminals. Bright black stands for what may recede; nothing depends on colour alone. */
export function ansiPainter(colours: Colours): Painter {
  if (colours === 'none') return (text) => text
  const column = colours === 'sixteen' ? 0 : 1
  return (text, style) => {
    const codes = looks[style][column]
    return codes === '' ? text : `\x1b[${codes}m${text}\x1b[0m`
  }
}
