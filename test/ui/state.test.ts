import { describe, expect, it } from 'vitest'
import type { State } from '../../src/ui/model.ts'
import { isPlaying, reduce } from '../../src/ui/state.ts'
import { panesFor, windowTop } from '../../src/ui/view.ts'
import { demoCatalogue, demoSession, longSession, wrongChart } from './demo.ts'
import { press, start, viewIn } from './walk.ts'

const flow = start('A.3.2.1')
const rowAfter = (keys: string, from: State = flow) => viewIn(press(from, keys)).head.row

describe('stepping', () => {
  it.each([
    ['', -1],
    ['n', 0],
    ['right', 0],
    ['j', 0],
    ['n n n N', 1],
    ['n n n k', 1],
    ['N', -1],
    ['G', 20],
    ['G n', 20],
    ['G g', -1],
    ['G N', 19],
    ['] ] ]', 2],
    ['G ] [ N', 19],
    ['n ctrl-d', 4],
    ['n ctrl-d ctrl-u', 0],
  ])('%j comes to row %i', (keys, row) => {
    expect(rowAfter(keys)).toBe(row)
  })

  it('by event goes on to what has no row', () => {
    const end = press(flow, 'G')
    expect(viewIn(end).head).toMatchObject({ row: 20, event: 21 })
    expect(viewIn(press(end, '[')).head).toMatchObject({ row: 20, event: 20 })
  })
})

describe('jumping', () => {
  it.each([
    [': 1 0 enter', 10, undefined],
    [': 5 enter', 4, undefined],
    [': # 1 2 enter', 11, undefined],
    [': 9 9 enter', -1, 'There is no step 99: no row has this number'],
    [': # 9 9 enter', -1, 'There is no step #99: there are 21 rows'],
    [': x enter', -1, 'There is no step x: no row has this number'],
    [': 1 0 escape', -1, undefined],
    [': 1 2 backspace enter', 0, undefined],
    [': backspace', -1, undefined],
    [': enter', -1, undefined],
  ])('%j comes to row %i', (keys, row, notice) => {
    const state = press(flow, keys)
    expect([viewIn(state).head.row, state.notice, state.prompt]).toEqual([row, notice, undefined])
  })

  it('to the cause and back', () => {
    const third = press(flow, ': 4 enter')
    expect(rowAfter('c', third)).toBe(1)
    expect(rowAfter('c c', third)).toBe(0)
    expect(rowAfter('c c backspace', third)).toBe(1)
    expect(rowAfter('c c backspace backspace', third)).toBe(3)
    expect(press(third, 'c c c').notice).toBe('Nothing led to this: it is the start of something')
    expect(press(flow, 'backspace').notice).toBe('There was no jump')
  })

  it('to what is not as expected', () => {
    const catalogue = { ...demoCatalogue(), open: () => demoSession('A.3.2.1', wrongChart()) }
    const wrong = start('A.3.2.1', undefined, catalogue)
    expect(rowAfter('>', wrong)).toBe(1)
    expect(rowAfter('G <', wrong)).toBe(1)
    expect(press(wrong, '> >').notice).toBe('Nothing more differs from what was expected')
    expect(press(flow, 'G <').notice).toBe('Nothing before this differs from what was expected')
  })

  it('to the first effect', () => {
    expect(rowAfter('n C')).toBe(1)
    expect(press(flow, 'G C').notice).toBe('This led to nothing more')
  })
})

describe('searching', () => {
  it('finds text in what a message says, whatever its case, and the next one again', () => {
    const found = press(flow, '/ n o t I f y enter')
    expect(viewIn(found).head.row).toBe(15)
    expect(rowAfter('/ enter', found)).toBe(16)
  })

  it('goes on at the start, and says so', () => {
    const again = press(press(flow, 'G / L I R enter'), '')
    expect([viewIn(again).head.row, again.notice]).toEqual([4, 'Search went on from the start'])
  })

  it('finds header values, bodies and outcomes', () => {
    expect(rowAfter('/ 5 5 5 5 : : a a a enter')).toBe(0)
    expect(rowAfter('/ m e e t i n g enter')).toBe(15)
    expect(rowAfter('/ a c c e p t e d enter')).toBe(9)
  })

  it('says what does not occur', () => {
    const state = press(flow, '/ space x q space enter')
    expect([viewIn(state).head.row, state.notice]).toEqual([-1, '" xq " does not occur'])
  })

  it('takes letters that are keys elsewhere as text, and leaves on Ctrl-C', () => {
    expect(press(flow, '/ q ? space G').prompt).toEqual({ kind: 'search', text: 'q? G' })
    expect(press(flow, '/ q ctrl-c').over).toBe(true)
  })

  it('of the catalogue looks at clause, title and purpose', () => {
    expect(press(start(), '/ p u b l i s h e s enter').chosen).toBe(1)
    expect(press(start(), '/ A . 5 enter').chosen).toBe(2)
    expect(press(start(), '/ a . 3 . 2 . 1 enter').chosen).toBe(0)
  })
})

describe('playing', () => {
  const tick = (state: State, millis: number) => reduce(state, { do: 'tick', millis })

  it('goes on with the clock, and stops at a key that steps', () => {
    const playing = press(flow, 'space')
    expect(isPlaying(playing)).toBe(true)
    expect(viewIn(tick(playing, 700)).head.row).toBe(0)
    expect(isPlaying(press(playing, 'n'))).toBe(false)
    expect(isPlaying(press(playing, 'space'))).toBe(false)
  })

  it('takes its speed from the digits', () => {
    expect(viewIn(press(flow, '9')).head).toMatchObject({ speed: 9, playing: false })
    expect(viewIn(press(flow, 'space 0')).head).toMatchObject({ speed: 0, playing: false })
  })

  it('rests while the help is open', () => {
    expect(isPlaying(press(flow, 'space ?'))).toBe(false)
  })
})

describe('the panes', () => {
  it('take turns in having the focus', () => {
    expect(viewIn(press(flow, 'tab')).focus).toBe('detail')
    expect(viewIn(press(flow, 'tab tab')).focus).toBe('ladder')
    expect(rowAfter('tab j')).toBe(-1)
    expect(rowAfter('tab n')).toBe(0)
  })

  it('are enlarged, zoomed and hidden', () => {
    const height = (keys: string) => panesFor(flow, viewIn(press(flow, keys))).ladder.height
    expect(height('+')).toBe(height('') + 1)
    expect(height('-')).toBe(height('') - 1)
    expect(height('t')).toBe(20)
    expect(height('enter')).toBe(20)
    expect(height('tab z')).toBe(0)
    expect(height('- - - - - - - - - - - -')).toBe(3)
  })

  it('turn through the views of a message', () => {
    const tab = (keys: string) => viewIn(press(flow, keys)).tab
    expect([tab(''), tab('l'), tab('l l l l l'), tab('h'), tab('!'), tab('o')]).toEqual([
      'Raw',
      'Headers',
      'Raw',
      'State',
      'Why',
      'State',
    ])
  })

  it('show the state of one node after the other, then of the one that acts', () => {
    const lane = (keys: string) => viewIn(press(flow, keys)).lane
    expect([lane('o'), lane('o o'), lane('o o o'), lane('o O')]).toEqual([undefined, 'UE', 'P-CSCF', 'PS'])
    expect(lane(`o${' o'.repeat(8)}`)).toBeUndefined()
  })

  it('scroll no further than their end, and begin anew with a new message', () => {
    const scrolled = press(flow, `n tab${' ctrl-d'.repeat(20)}`)
    const { scroll } = viewIn(scrolled)
    expect(scroll).toBeGreaterThan(0)
    expect(viewIn(press(scrolled, 'ctrl-d')).scroll).toBe(scroll)
    expect(viewIn(press(scrolled, 'n')).scroll).toBe(0)
    expect(viewIn(press(flow, 'n shift-down')).scroll).toBe(1)
  })
})

describe('the way back', () => {
  it('leads from the message to the ladder to the list, and out', () => {
    const opened = press(start(), 'enter')
    expect(viewIn(press(opened, 'tab q')).focus).toBe('ladder')
    expect(viewIn(press(opened, 'tab z q')).shown).toBe('both')
    expect(press(opened, 'q').view).toBeUndefined()
    expect(press(opened, 'q q').over).toBe(true)
    expect(press(opened, 'escape').view).toBeUndefined()
  })

  it('leads out at once from a flow that was asked for by name', () => {
    expect(press(flow, 'q').over).toBe(true)
  })

  it.each(['Q', 'ctrl-c'])('is %s from anywhere', (key) => {
    for (const state of [start(), flow, press(flow, '?')]) expect(press(state, key).over).toBe(true)
  })
})

describe('the catalogue', () => {
  it.each([
    ['j', 1],
    ['j j j j', 2],
    ['k', 0],
    ['G', 2],
    ['G g', 0],
  ])('after %j stands on flow %i', (keys, chosen) => {
    expect(press(start(), keys).chosen).toBe(chosen)
  })

  it('remembers how a flow came out, and says what went wrong', () => {
    const state = start(undefined, undefined, demoCatalogue(['A.4.2.1']))
    expect(press(state, 'enter').outcomes.get('A.3.2.1')).toBe('pass')
    const failed = press(state, 'j enter')
    expect(failed.view).toBeUndefined()
    expect(failed.outcomes.get('A.4.2.1')).toBe('error')
    expect(failed.notice).toBe('A.4.2.1: unknown node "S-CSCF#3"')
  })

  it('takes outcomes that come in later', () => {
    const state = reduce(start(), { do: 'outcome', id: 'A.5.2.1', outcome: 'fail' })
    expect(state.outcomes.get('A.5.2.1')).toBe('fail')
  })
})

describe('the window of the ladder', () => {
  it.each([
    [0, 0, 10, 100, 0],
    [0, 7, 10, 100, 0],
    [0, 8, 10, 100, 1],
    [50, 51, 10, 100, 49],
    [50, 99, 10, 100, 90],
    [0, 99, 10, 100, 90],
    [95, 99, 10, 100, 90],
    [0, 3, 10, 5, 0],
    [5, 0, 1, 10, 0],
    [0, 9, 1, 10, 9],
  ])('from %i with the cursor at %i, %i lines of %i, begins at %i', (top, cursor, height, count, expected) => {
    expect(windowTop(top, cursor, height, count)).toBe(expected)
  })

  it('follows the cursor through a hundred thousand messages', () => {
    const catalogue = { ...demoCatalogue(), open: () => longSession(100_000) }
    const end = press(start('A.3.2.1', undefined, catalogue), 'G')
    const { top, head } = viewIn(end)
    expect(head.row).toBe(99_999)
    expect(top).toBe(100_000 - panesFor(end, viewIn(end)).ladder.height)
  })
})
