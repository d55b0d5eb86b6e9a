import { map } from 'rxjs'
import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it } from 'vitest'
import { frames, play } from '../../src/play/player.ts'
import type { PlayCommand, Score } from '../../src/play/playhead.ts'

const score: Score = {
  rows: Array.from({ length: 100 }, (_, step) => ({ step, at: step * 5_000 })),
  firstEvent: 0,
  events: 100,
}

const testing = () => new TestScheduler((actual, expected) => expect(actual).toEqual(expected))

const commands: Readonly<Record<string, PlayCommand>> = {
  n: { do: 'row', by: 1 },
  p: { do: 'toggle' },
  f: { do: 'speed', speed: 5 },
  x: { do: 'speed', speed: 9 },
  g: { do: 'to-row', row: 97 },
}

describe('a player', () => {
  it('shows a key at once and the rest of a burst in the next frame', () => {
    testing().run(({ hot, expectObservable }) => {
      const rows$ = play(score, hot('50ms (nnn) 100ms n', commands)).pipe(map(({ row }) => row))
      expectObservable(rows$, '^ 200ms !').toBe('a 49ms b 32ms c 71ms d', { a: -1, b: 0, c: 2, d: 3 })
    })
  })

  it('lets the clock go only while it plays', () => {
    testing().run(({ hot, expectObservable, flush }) => {
      // At speed 5 a row takes 400 ms: twelve ticks of 33 ms are not enough, the thirteenth is.
      const rows$ = play(score, hot('50ms (fp) 1000ms p', commands)).pipe(
        map(({ row, playing }) => `${row} ${playing}`),
      )
      const seen: string[] = []
      rows$.subscribe((one) => seen.at(-1) !== one && seen.push(one))
      expectObservable(hot('5s |')).toBe('5s |')
      flush()
      expect(seen).toEqual(['-1 false', '-1 true', '0 true', '1 true', '1 false'])
    })
  })

  it('stops by itself at the end', () => {
    testing().run(({ hot, expectObservable, flush }) => {
      const seen: string[] = []
      play(score, hot('(gxp)', commands)).subscribe(({ row, playing }) => seen.push(`${row} ${playing}`))
      expectObservable(hot('2s |')).toBe('2s |')
      flush()
      expect(seen.at(-1)).toBe('99 false')
      expect(seen.length).toBeLessThan(10)
    })
  })
})

describe('frames', () => {
  const counter = {
    initial: 0,
    reduce: (count: number, by: number) => {
      if (by < 0) throw new Error('less than nothing')
      return count + by
    },
    isPlaying: () => false,
    tick: () => 0,
  }

  it('tells of what goes wrong in making a state', () => {
    testing().run(({ hot, expectObservable }) => {
      const states$ = frames(hot('a 99ms b', { a: 1, b: -1 }), counter)
      expectObservable(states$).toBe('a 32ms b 66ms #', { a: 0, b: 1 }, new Error('less than nothing'))
    })
  })

  it('gives no frame for what changes nothing', () => {
    testing().run(({ hot, expectObservable }) => {
      expectObservable(frames(hot('a 99ms a', { a: 0 }), counter), '^ 1s !').toBe('x', { x: 0 })
    })
  })
})
