import type { Message } from '../message.ts'
import type { Address } from '../sim/node.ts'
import type { TraceEvent } from '../sim/trace.ts'
import { messageLabels } from './chart.ts'

/** A turn on one line: who was given what, and what came of it. */
export function describeEvent(event: TraceEvent<Message>, laneOf: (address: Address) => string): string {
  const given = describeInput(event.input, laneOf)
  const sent = event.effects.filter(({ kind }) => kind === 'send').length
  const timers = event.effects.flatMap((effect) => (effect.kind === 'start' ? [effect.timer.name] : []))
  const parts = [
    ...(sent > 0 ? [`sends ${sent === 1 ? 'a message' : `${sent} messages`}`] : []),
    ...(timers.length > 0 ? [`starts ${[...new Set(timers)].join(', ')}`] : []),
  ]
  const outcome = event.missed ? 'which is down' : parts.length > 0 ? parts.join(', ') : 'nothing more'
  return `${laneOf(event.node)} ${given}: ${outcome}`
}

function describeInput(input: TraceEvent<Message>['input'], laneOf: (address: Address) => string): string {
  if (input.kind === 'message') return `takes ${messageLabels(input.message)[0]} from ${laneOf(input.from)}`
  if (input.kind === 'failure') return `can not reach ${laneOf(input.to)}`
  if (input.kind === 'timer') return `wakes up for ${input.timer.name}`
  return `is told to ${input.command.do}`
}
