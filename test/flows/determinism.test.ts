import { describe, expect, it } from 'vitest'
import type { Flow } from '../../src/flow/flow.ts'
import { runFlow } from '../../src/flow/run.ts'
import { type Message, printMessage } from '../../src/message.ts'
import { flowOf, ids } from './catalogue.ts'

describe.each(ids)('%s: the same again', (id) => {
  const flow = flowOf(id)
  const first = runFlow(flow, { seed: 7 })

  it('the same seed gives the same run', () => {
    const second = runFlow(flowOf(id), { seed: 7 })
    expect(second.digest).toBe(first.digest)
    expect(second.trace).toHaveLength(first.trace.length)
    expect(second.rows.map(({ at, from, to }) => [at, from, to])).toEqual(
      first.rows.map(({ at, from, to }) => [at, from, to]),
    )
  })

  it('the digest is 64 bits, and one over the wire is the same', () => {
    expect(first.digest).toMatch(/^[0-9a-f]{16}$/)
    expect(runFlow(flow, { seed: 7, wire: true }).digest).toBe(first.digest)
  })

  it('the digest tells runs apart: without one rule it is another', () => {
    const ofSip = 'RFC 3261 §16.6 step 3: each proxy counts Max-Forwards down by one'
    const ofHttp = 'RFC 9110 §10.1.5: a client says in User-Agent what it is'
    const without = [ofSip, ofHttp]
    expect(runFlow(flow, { seed: 7, without }).digest).not.toBe(first.digest)
  })

  it('the seed decides where something is left to chance, and only there', () => {
    const jittery: Flow = { ...flow, topology: { ...flow.topology, links: [jitter] } }
    expect(runFlow(jittery, { seed: 7 }).digest).toBe(runFlow(jittery, { seed: 7 }).digest)
    expect(runFlow(jittery, { seed: 7 }).digest).not.toBe(runFlow(jittery, { seed: 8 }).digest)
    expect(runFlow(jittery, { seed: 7, wire: true }).digest).toBe(runFlow(jittery, { seed: 7 }).digest)
  })

  it('a state of the past is what it was, however it is come by', () => {
    const lanes = flow.topology.lanes
    const again = runFlow(flow, { seed: 7 })
    const middle = Math.floor((first.firstEvent + first.trace.length) / 2)
    for (const turns of [first.trace.length, middle, 0, first.firstEvent])
      for (const lane of lanes)
        expect(printed(first.stateAt(turns, lane)), `${lane} after ${turns}`).toBe(printed(again.stateAt(turns, lane)))
    expect(printed(first.stateAt(0, lanes[0]!))).not.toBe(printed(first.stateAt(first.trace.length, lanes[0]!)))
  })
})

const jitter = { latency: '5 ms', jitter: '3 ms', lossOneIn: 0, duplicateOneIn: 0 }

/** A state as text: Maps as lists, messages as they stand on the wire. */
const printed = (state: unknown): string =>
  JSON.stringify(state, (_key, value: unknown) => {
    if (value instanceof Map) return [...value]
    if (value instanceof Set) return [...value]
    if (typeof value === 'object' && value !== null && 'protocol' in value) return printMessage(value as Message)
    return value
  })
