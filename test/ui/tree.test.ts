import { describe, expect, it } from 'vitest'
import { paint } from '../../src/render/span.ts'
import { foldUnchanged, treeLines, treeSpans } from '../../src/ui/tree.ts'
import { cx } from '../render/rows.ts'

const shown = (now: unknown, before: unknown) => treeLines(now, before).map((line) => paint(treeSpans(line)))

describe('a state as a tree', () => {
  const before = {
    user: 'sip:user1@home1.net',
    dialogs: new Map([['a', { cseq: 1, routes: ['p', 's'] }]]),
    old: { gone: true },
  }

  it('has a line for each key, indented, with what changed marked', () => {
    const now = {
      ...before,
      dialogs: new Map<string, unknown>([
        ['a', { cseq: 2, routes: ['p', 's'] }],
        ['b', {}],
      ]),
    }
    expect(shown({ ...now, old: undefined }, before)).toEqual([
      '  user: sip:user1@home1.net',
      '~ dialogs',
      '~   a',
      '~     cseq: 2',
      '      routes',
      '        1: p',
      '        2: s',
      '+   b: none',
      '- old: none',
    ])
  })

  it.each([
    [undefined, ['  none']],
    ['text', ['  text']],
    [{}, []],
    [
      { a: '', b: null, c: new Uint8Array(3), d: [], e: new Set(['x']) },
      ['  a: ""', '  b: null', '  c: 3 bytes', '  d: none', '  e', '    1: x'],
    ],
    [{ last: cx('LIR') }, ['  last: Cx LIR']],
    [{ note: 'two\r\n  lines' }, ['  note: two lines']],
  ])('shows %j', (state, lines) => {
    expect(shown(state, state)).toEqual(lines)
  })

  it('marks all of what is new', () => {
    expect(shown({ a: { b: { c: 1 } } }, {})).toEqual(['+ a', '+   b', '+     c: 1'])
  })

  it('ends with a line saying so when there is too much', () => {
    const lines = treeLines(new Map(Array.from({ length: 5000 }, (_, index) => [`u${index}`, index])), new Map())
    expect(lines.length).toBeLessThan(2100)
    expect(paint(treeSpans(lines.at(-1)!))).toContain('and more')
  })

  it('folds what did not change', () => {
    const now = { a: { x: 1, y: { z: 2 } }, b: { c: 3 }, d: 4 }
    const lines = foldUnchanged(treeLines(now, { ...now, b: { c: 0 } }))
    expect(lines.map((line) => paint(treeSpans(line)))).toEqual(['  a 2 entries', '~ b', '~   c: 3', '  d: 4'])
  })
})
