import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readFlow } from '../../src/flow/flow.ts'
import { commandsOf, worldOf } from '../../src/flow/world.ts'
import { type Message, printMessage } from '../../src/message.ts'
import type { Simulation } from '../../src/sim/simulation.ts'
import { seconds } from '../../src/sim/time.ts'

const folder = join(import.meta.dirname, '../../flows')
const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.flow.yaml'))
const end = seconds(200)

/** A flow's world with all that its scripts have it do, and what its nodes are handed, message by message. */
function prepared(name: string, seed: number): { simulation: Simulation<Message>; handed: string[] } {
  const flow = readFlow(readFileSync(join(folder, name), 'utf8'), name)
  const handed: string[] = []
  // The wire sees every message that arrives, whether anybody listens or not; here it changes none.
  const wire = (message: Message): Message => {
    handed.push(printMessage(message))
    return message
  }
  const simulation = worldOf(flow.topology, { seed, wire })
  const begins = flow.precondition?.lasts ?? 0
  for (const { after, to, command } of commandsOf(flow.precondition?.script ?? [], flow.topology))
    simulation.command(after, to, command)
  for (const { after, to, command } of commandsOf(flow.script, flow.topology))
    simulation.command(begins + after, to, command)
  return { simulation, handed }
}

describe('a run to which nobody listens', () => {
  it.each(names)('%s: sends the same messages and ends in the same state as one with a listener', (name) => {
    const heard = prepared(name, 1)
    for (let due = heard.simulation.next; due !== undefined && due <= end; due = heard.simulation.next)
      heard.simulation.step()
    const quiet = prepared(name, 1)
    quiet.simulation.run(end)
    expect(quiet.handed).toEqual(heard.handed)
    expect(heard.handed.length).toBeGreaterThanOrEqual(4)
    expect(quiet.simulation.world.step).toBe(heard.simulation.world.step)
    const states = ({ simulation }: typeof heard) =>
      [...simulation.world.seats].map(([host, { state }]) => [host, state])
    expect(states(quiet)).toEqual(states(heard))
  })
})
