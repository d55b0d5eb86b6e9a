import { describe, expect, it } from 'vitest'
import { atStart, move, type Playhead, pauseBefore, type Score } from '../../src/play/playhead.ts'

/** Five rows: two in step 4, a wait of an hour before the last; two events of the preconditions, one after the last. */
const score: Score = {
  rows: [
    { step: 2, at: 0 },
    { step: 4, at: 5_000 },
    { step: 4, at: 5_000 },
    { step: 7, at: 1_500_000 },
    { step: 8, at: 3_600_000_000 },
  ],
  firstEvent: 2,
  events: 10,
}
const start = atStart(score)
const at = (row: number, event: number): Playhead => ({ ...start, row, event })
const place = ({ row, event }: Playhead) => [row, event]

describe('the playhead', () => {
  it('starts after the preconditions', () => {
    expect(place(start)).toEqual([-1, 1])
  })

  it.each([
    ['forward by a row', start, { do: 'row', by: 1 } as const, [0, 2]],
    ['to the second row of a step', at(1, 4), { do: 'row', by: 1 } as const, [2, 4]],
    ['back by a row', at(3, 7), { do: 'row', by: -1 } as const, [2, 4]],
    ['not before the start', start, { do: 'row', by: -1 } as const, [-1, 1]],
    ['not beyond the last row', at(4, 8), { do: 'row', by: 1 } as const, [4, 8]],
    ['forward by an event without a row', at(0, 2), { do: 'event', by: 1 } as const, [0, 3]],
    ['forward by an event with two rows', at(0, 3), { do: 'event', by: 1 } as const, [2, 4]],
    ['back by an event', at(2, 4), { do: 'event', by: -1 } as const, [0, 3]],
    ['not into the preconditions', at(-1, 1), { do: 'event', by: -1 } as const, [-1, 1]],
    ['not beyond the last event', at(4, 9), { do: 'event', by: 1 } as const, [4, 9]],
    ['to a row', start, { do: 'to-row', row: 3 } as const, [3, 7]],
    ['to the end, with all events', start, { do: 'end' } as const, [4, 9]],
    ['to the start', at(4, 9), { do: 'start' } as const, [-1, 1]],
  ])('moves %s', (_, head, command, to) => {
    expect(place(move(head, command, score))).toEqual(to)
  })

  it('forward and back by as many events is where it was', () => {
    let head = start
    for (let n = 0; n < 7; n++) head = move(head, { do: 'event', by: 1 }, score)
    for (let n = 0; n < 7; n++) head = move(head, { do: 'event', by: -1 }, score)
    expect(place(head)).toEqual(place(start))
  })

  it('stops playing when it is moved by hand', () => {
    expect(move({ ...start, playing: true }, { do: 'row', by: 1 }, score).playing).toBe(false)
  })
})

describe('playing', () => {
  it.each([
    [1, 4, 700],
    [3, 4, 1400],
    [4, 4, 2800],
    [1, 1, 4000],
    [1, 9, 16],
  ] as const)('waits before row %i at speed %i for %i ms', (row, speed, millis) => {
    expect(pauseBefore(row, speed, score)).toBe(millis)
  })

  const playing: Playhead = { ...at(0, 2), playing: true, speed: 4 }

  it('lets a row happen when its time has come', () => {
    const before = move(playing, { do: 'tick', millis: 699 }, score)
    expect([before.row, before.waited]).toEqual([0, 699])
    const after = move(before, { do: 'tick', millis: 11 }, score)
    expect([after.row, after.waited]).toEqual([1, 10])
  })

  it('lets several rows happen in a long tick, and stops after the last', () => {
    const end = move(playing, { do: 'tick', millis: 60_000 }, score)
    expect([end.row, end.playing]).toEqual([4, false])
  })

  it('begins anew at the end', () => {
    expect(move(at(4, 9), { do: 'toggle' }, score)).toMatchObject({ row: -1, playing: true })
  })

  it('stands still at speed 0 and goes on at another', () => {
    const still = move(playing, { do: 'speed', speed: 0 }, score)
    expect(still).toMatchObject({ playing: false, speed: 0 })
    expect(move(still, { do: 'speed', speed: 7 }, score)).toMatchObject({ playing: true, speed: 7 })
    expect(move(still, { do: 'toggle' }, score)).toMatchObject({ playing: true, speed: 4 })
  })

  it('does not begin because of a speed', () => {
    expect(move(start, { do: 'speed', speed: 7 }, score)).toMatchObject({ playing: false, speed: 7 })
  })
})
