import type { Evidence } from '../flow/ladder/expectation.ts'
import type { Mark } from './chart.ts'

/** The signs a ladder is drawn with. Every sign takes one column. */
export interface Glyphs {
  readonly lifeline: string
  readonly stroke: Readonly<Record<'sip' | 'cx' | 'http', string>>
  readonly right: string
  readonly left: string
  /** Heads of an arrow that is still on its way when the run ends. */
  readonly rightOpen: string
  readonly leftOpen: string
  readonly lost: string
  readonly start: Readonly<Record<'right' | 'left', string>>
  readonly internal: string
  readonly self: string
  readonly again: string
  readonly bandLeft: string
  readonly bandLine: string
  readonly bandRight: string
  readonly rule: string
  readonly mark: Readonly<Record<Mark, string>>
  readonly evidence: Readonly<Record<Evidence, string>>
  /** Heading of the column of step numbers. */
  readonly step: string
  readonly cursor: string
  readonly ellipsis: string
  /** Between two panes side by side. */
  readonly side: string
  readonly arrow: string
  readonly dot: string
  readonly playing: string
  readonly paused: string
}

export const unicode: Glyphs = {
  lifeline: '│',
  stroke: { sip: '─', cx: '╌', http: '═' },
  right: '▶',
  left: '◀',
  rightOpen: '▷',
  leftOpen: '◁',
  lost: '✗',
  start: { right: '├', left: '┤' },
  internal: '◆',
  self: '↺',
  again: '↻',
  bandLeft: '╭',
  bandLine: '─',
  bandRight: '╮',
  rule: '─',
  mark: {
    met: '✓',
    wrong: '✗',
    reordered: '↕',
    extra: '+',
    forbidden: '⊘',
    repeated: '↻',
    free: ' ',
    missing: '−',
  },
  evidence: { read: '●', derived: '◐', memory: '○' },
  step: '§',
  cursor: '▸',
  ellipsis: '…',
  side: '│',
  arrow: '→',
  dot: '·',
  playing: '▶',
  paused: '‖',
}

export const ascii: Glyphs = {
  lifeline: '|',
  stroke: { sip: '-', cx: '.', http: '=' },
  right: '>',
  left: '<',
  rightOpen: ')',
  leftOpen: '(',
  lost: 'x',
  start: { right: '|', left: '|' },
  internal: '*',
  self: '@',
  again: '~',
  bandLeft: '+',
  bandLine: '-',
  bandRight: '+',
  rule: '-',
  mark: {
    met: '=',
    wrong: '!',
    reordered: '%',
    extra: '+',
    forbidden: '#',
    repeated: '~',
    free: ' ',
    missing: '-',
  },
  evidence: { read: 'R', derived: 'd', memory: 'm' },
  step: 'st',
  cursor: '>',
  ellipsis: '~',
  side: '|',
  arrow: '->',
  dot: '-',
  playing: '>',
  paused: '"',
}
