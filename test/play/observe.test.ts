import { lastValueFrom, take, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { observe } from '../../src/play/observe.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'

const event = (step: number): TraceEvent<string> => {
  const input = { kind: 'command', command: { do: 'nothing' } } as const
  return { step, cause: -1, at: step * 10, node: 'ue', input, effects: [], missed: false }
}

/** A run of so many turns, some of which have happened. */
function runOf(count: number, done: number) {
  const trace = Array.from({ length: done }, (_, step) => event(step))
  let asked = 0
  return {
    trace,
    get asked() {
      return asked
    },
    forward(until = Number.POSITIVE_INFINITY) {
      asked++
      const next = event(trace.length)
      if (next.step >= count || next.at > until) return undefined
      trace.push(next)
      return next
    },
  }
}

const steps = (run: Parameters<typeof observe<string>>[0], until?: number) =>
  lastValueFrom(observe(run, until).pipe(toArray())).then((events) => events.map(({ step }) => step))

describe('observing a run', () => {
  it('tells what has happened, then what happens', async () => {
    expect(await steps(runOf(5, 2))).toEqual([0, 1, 2, 3, 4])
  })

  it('tells a second reader the same', async () => {
    const run = runOf(3, 0)
    expect(await steps(run)).toEqual([0, 1, 2])
    expect(await steps(run)).toEqual([0, 1, 2])
  })

  it('goes no further than its reader asks', async () => {
    const run = runOf(1_000_000, 0)
    await lastValueFrom(observe(run).pipe(take(3)))
    expect(run.asked).toBe(3)
  })

  it('ends in time, of what is recorded too', async () => {
    expect(await steps(runOf(5, 0), 20)).toEqual([0, 1, 2])
    expect(await steps(runOf(5, 5), 20)).toEqual([0, 1, 2])
  })

  it('ends with a run that is over', async () => {
    expect(await steps({ trace: [event(0)] })).toEqual([0])
  })
})
