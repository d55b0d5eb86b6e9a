import type { Address, Effect, Input } from './node.ts'
import type { Micros } from './time.ts'

/** One turn: what a node was given and all that came of it. A trace is a list of turns. */
export interface TraceEvent<M> {
  /** 0, 1, 2, … in the order in which things happen. */
  readonly step: number
  /** The step whose effect this input is; -1 for what the script or a person did. */
  readonly cause: number
  readonly at: Micros
  readonly node: Address
  readonly input: Input<M>
  readonly effects: readonly Effect<M>[]
  /** True if the node never got the input: it was down, or takes no streams. */
  readonly missed: boolean
}

/**
 * A turn as text, for the digest of a run: when, where, what came in, what went out, which timers were started. What
 * is only recorded while somebody listens (amendments, decisions) is left out, so that listening changes nothing.
 */
export function printTurn<M>(event: TraceEvent<M>, printMessage: (message: M) => string): string {
  const { input } = event
  const lines = [`${event.step} ${event.cause} ${event.at} ${event.node}${event.missed ? ' down' : ''}`]
  if (input.kind === 'message') lines.push(`< ${input.from}`, printMessage(input.message))
  else if (input.kind === 'timer') lines.push(`timer ${input.timer.name} of ${input.timer.of}`)
  else if (input.kind === 'failure') lines.push(`failed to reach ${input.to}`, printMessage(input.message))
  else lines.push(`command ${JSON.stringify(input.command)}`)
  for (const effect of event.effects) {
    if (effect.kind === 'send') lines.push(`> ${effect.to} ${effect.arrives ?? 'lost'}`, printMessage(effect.message))
    else if (effect.kind === 'start') lines.push(`start ${effect.timer.name} of ${effect.timer.of} ${effect.after}`)
  }
  return `${lines.join('\n')}\n`
}
