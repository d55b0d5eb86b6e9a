import { describe, expect, it } from 'vitest'
import { check, gist } from './check.ts'
import { hop, inside, type Loose, ok, subscribe } from './rows.ts'

const a = hop('UE', 'P-CSCF', subscribe('Max-Forwards: 70'))
const b = hop('P-CSCF', 'PS', subscribe('Max-Forwards: 69'))
const c = hop('PS', 'P-CSCF', ok('61 SUBSCRIBE'))
/** Between a lane of the ladder and one that it does not name. */
const hidden = hop('PS', 'HSS', ok('9 OPTIONS'))
/** Between lanes of the ladder. */
const seen = hop('P-CSCF', 'UE', ok('9 OPTIONS'))
const known = inside('PS', 'authorize watcher')
const unknown = inside('PS', 'compose')
const stranger = inside('HSS', 'authorize watcher')

const ladder = `1 UE -> P-CSCF : SUBSCRIBE { Max-Forwards: 70 }
2 P-CSCF -> PS : SUBSCRIBE { Max-Forwards: 69 }
3 PS :: authorize watcher
4 PS -> P-CSCF : 200 (SUBSCRIBE)`

const ran: Record<string, Loose[]> = {
  'as expected': [a, b, known, c],
  'a message of other lanes between': [a, hidden, b, known, c],
  'an unnamed step between': [a, b, unknown, known, c],
  'a named step of another lane between': [a, b, stranger, known, c],
  'a message of its lanes between': [a, seen, b, known, c],
  'a message of its lanes before': [seen, a, b, known, c],
  'a message of its lanes after': [a, b, known, c, seen],
  'the last one missing': [a, b, known],
  'the last one missing, more after': [a, b, known, seen, hidden],
  'the first one missing': [b, known, c],
  'nothing at all': [],
  'two swapped': [a, known, b, c],
  'one with a wrong header': [a, hop('P-CSCF', 'PS', subscribe('Max-Forwards: 70')), known, c],
  'the last with another status, more after': [a, b, known, hop('PS', 'P-CSCF', ok('9 OPTIONS')), seen],
}

const pass = ['pass']
const all = ['missing 1', 'missing 2', 'missing 3', 'missing 4']
const truth: Record<string, [complete: string[], visible: string[], initial: string[], free: string[]]> = {
  'as expected': [pass, pass, pass, pass],
  'a message of other lanes between': [['extra at 1'], pass, ['extra at 1'], pass],
  'an unnamed step between': [['extra at 2'], pass, ['extra at 2'], pass],
  'a named step of another lane between': [['extra at 2'], pass, ['extra at 2'], pass],
  'a message of its lanes between': [['extra at 1'], ['extra at 1'], ['extra at 1'], pass],
  'a message of its lanes before': [['extra at 0'], ['extra at 0'], ['extra at 0'], pass],
  'a message of its lanes after': [['extra at 4'], ['extra at 4'], pass, pass],
  'the last one missing': [['missing 4'], ['missing 4'], ['missing 4'], ['missing 4']],
  'the last one missing, more after': [
    ['extra at 3', 'extra at 4', 'missing 4'],
    ['extra at 3', 'missing 4'],
    ['missing 4'],
    ['missing 4'],
  ],
  'the first one missing': [['missing 1'], ['missing 1'], ['missing 1'], ['missing 1']],
  'nothing at all': [all, all, all, all],
  'two swapped': [['reordered 3'], ['reordered 3'], ['reordered 3'], ['reordered 3']],
  'one with a wrong header': Array(4).fill(['wrong header 2: Max-Forwards']) as [
    string[],
    string[],
    string[],
    string[],
  ],
  'the last with another status, more after': [
    ['wrong message 4: message', 'extra at 4'],
    ['wrong message 4: message', 'extra at 4'],
    ['wrong message 4: message'],
    ['missing 4'],
  ],
}

describe.each(['complete', 'visible', 'initial', 'free'].map((mode, i) => [mode, i] as const))(
  'match %s',
  (mode, i) => {
    it.each(Object.keys(truth))('%s', (name) => {
      expect(gist(check(`match ${mode}\n${ladder}`, ran[name]!)).sort()).toEqual([...truth[name]![i]!].sort())
    })
  },
)

it('marks what a mode leaves out as free', () => {
  const marks = (mode: string, name: string) =>
    check(`match ${mode}\n${ladder}`, ran[name]!).rows.map(({ mark }) => mark)
  expect(marks('visible', 'an unnamed step between')).toEqual(['met', 'met', 'free', 'met', 'met'])
  expect(marks('initial', 'a message of its lanes after')).toEqual(['met', 'met', 'met', 'met', 'free'])
  expect(marks('free', 'a message of its lanes before')).toEqual(['free', 'met', 'met', 'met', 'met'])
})

it('sees the whole way of a ~> line, also through lanes that are not named', () => {
  const way = `match visible\n1 UE ~> PS : SUBSCRIBE`
  const verdict = check(way, [a, b, hidden])
  expect(gist(verdict)).toEqual(['pass'])
  expect(verdict.steps[0]!.rows).toEqual([0, 1])
  expect(gist(check(way, [a]))).toEqual(['missing 1'])
})
