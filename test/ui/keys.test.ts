import { describe, expect, it } from 'vitest'
import { paint } from '../../src/render/span.ts'
import { footLine } from '../../src/ui/foot.ts'
import { helpLines } from '../../src/ui/help-screen.ts'
import { keysOf } from '../../src/ui/key-input.ts'
import { bindingFor, bindings, headings, keyNames } from '../../src/ui/keys.ts'
import { press, start } from './walk.ts'

describe('the table of keys', () => {
  it('gives a key one meaning in a place', () => {
    const all = bindings.flatMap(({ where, keys }) => keys.map((key) => `${where} ${key}`))
    expect(all.filter((one, index) => all.indexOf(one) !== index)).toEqual([])
  })

  it('is all that the help lists, under its headings', () => {
    const text = helpLines(start()).map((line) => paint(line).trimEnd())
    for (const [where, heading] of headings) {
      const from = text.indexOf(` ${heading}`)
      expect(from).toBeGreaterThanOrEqual(0)
      const listed = text.slice(from + 1, text.indexOf('', from + 1)).map((line) => line.trim().replace(/ {2,}/, ' = '))
      const expected = bindings
        .filter((binding) => binding.where === where)
        .map((binding) => `${keyNames(binding, true)} = ${binding.help}`)
      expect(listed).toEqual(expected)
    }
  })

  it('has a heading for every place', () => {
    expect(new Set(bindings.map(({ where }) => where))).toEqual(new Set(headings.map(([where]) => where)))
  })

  it('is where the hints at the foot come from, with help and way out at any width', () => {
    for (const columns of [60, 80, 160]) {
      const line = paint(footLine(start('A.3.2.1', { columns, rows: 24 })))
      const hints = bindings.flatMap(({ hint }) => (hint === undefined ? [] : [hint]))
      const shown = line.trim().split(/ {2,}/)
      for (const one of shown) expect(hints).toContain(one.split(' ')[1])
      expect(shown).toContain('? help')
      expect(shown).toContain('q list')
      expect(line.length).toBeLessThanOrEqual(columns)
    }
  })

  it.each([
    ['j', ['detail', 'flow', 'anywhere'], 'scroll-down'],
    ['j', ['ladder', 'flow', 'anywhere'], 'next'],
    ['n', ['detail', 'flow', 'anywhere'], 'next'],
    ['j', ['catalogue', 'anywhere'], 'choose-next'],
    ['ctrl-c', ['help', 'anywhere'], 'quit'],
    ['n', ['help', 'anywhere'], undefined],
  ] as const)('has for %s in %j: %s', (key, places, does) => {
    expect(bindingFor(key, places)?.does).toBe(does)
  })

  it('shows its keys in words where arrows can not be shown', () => {
    const shown = bindings.flatMap((binding) => keyNames(binding, false)).join('')
    expect(shown.replace('0…9', '')).toMatch(/^[\x20-\x7e]*$/)
    expect(press(start('A.3.2.1'), 'right').view?.head.row).toBe(0)
  })
})

describe('what the terminal reports', () => {
  const none = {
    ...{ upArrow: false, downArrow: false, leftArrow: false, rightArrow: false, pageDown: false, pageUp: false },
    ...{ home: false, end: false, return: false, escape: false, ctrl: false, shift: false, tab: false },
    ...{ backspace: false, delete: false, meta: false, super: false, hyper: false, capsLock: false, numLock: false },
  }

  it.each([
    ['n', {}, ['n']],
    ['N', { shift: true }, ['N']],
    ['nnn', {}, ['n', 'n', 'n']],
    [' ', {}, ['space']],
    ['12\r', {}, ['1', '2', 'enter']],
    ['', { upArrow: true }, ['up']],
    ['', { downArrow: true, shift: true }, ['shift-down']],
    ['', { tab: true, shift: true }, ['tab']],
    ['', { delete: true }, ['backspace']],
    ['d', { ctrl: true }, ['ctrl-d']],
    ['x', { meta: true }, []],
    ['', {}, []],
  ])('%j with %j is %j', (input, flags, keys) => {
    expect(keysOf(input, { ...none, ...flags })).toEqual(keys)
  })
})
