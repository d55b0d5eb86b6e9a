import { isSameMessage, type Message } from '../../message.ts'
import type { Address, Decision } from '../../sim/node.ts'
import type { Micros } from '../../sim/time.ts'
import type { TraceEvent } from '../../sim/trace.ts'

/** One row of the ladder as it happened: a message on its way, or an internal step of a node. */
export type SequenceRow = MessageRow | InternalRow

interface Row {
  /** 0, 1, 2, … in the order in which things were sent or decided. */
  readonly index: number
  /** The trace step in which it was sent or decided. */
  readonly step: number
  /** Virtual time of sending or deciding. */
  readonly at: Micros
  /** The lane (name of a node in the topology) from which it goes. */
  readonly from: string
  readonly to: string
  /** The row whose arrival led to this one; undefined for what the script or a timer started. */
  readonly cause: number | undefined
}

export interface MessageRow extends Row {
  readonly kind: 'message'
  readonly message: Message
  /** Where it was taken in; undefined if it was lost or is still on its way. */
  readonly arrival: { readonly step: number; readonly at: Micros } | undefined
  readonly lost: boolean
  /** True if the same message went the same way before. */
  readonly repeated: boolean
}

export interface InternalRow extends Row {
  readonly kind: 'internal'
  /** `rule.step` is the name of the internal step. */
  readonly decision: Decision
}

type MessageDraft = { -readonly [Key in keyof MessageRow]: MessageRow[Key] }

/** Which part of a trace a ladder shows. */
export interface SequenceScope {
  /** The lane of an address. */
  readonly laneOf: (address: Address) => string
  /** The lanes shown: what goes from or to another is left out. */
  readonly lanes: ReadonlySet<string>
  /** The step with which the ladder begins. */
  readonly from: number
}

/** The rows of a ladder, from a trace: every message sent, and every decision that is an internal step. */
export function sequenceOf(trace: readonly TraceEvent<Message>[], scope: SequenceScope): SequenceRow[] {
  const rows: SequenceRow[] = []
  const way = new Way(scope.laneOf)
  for (const event of trace) {
    if (event.step < scope.from) continue
    const lane = scope.laneOf(event.node)
    const cause = way.take(event)
    if (!scope.lanes.has(lane)) continue
    const about = { step: event.step, at: event.at, from: lane, cause }
    for (const effect of event.effects) {
      const index = rows.length
      if (effect.kind === 'decide' && effect.rule.step !== undefined)
        rows.push({ ...about, kind: 'internal', index, to: lane, decision: effect })
      if (effect.kind !== 'send') continue
      const to = scope.laneOf(effect.to)
      if (!scope.lanes.has(to)) continue
      const lost = effect.arrives === undefined
      const repeated = way.isRepeated(effect.message, lane, to)
      const { message } = effect
      const row: MessageDraft = { ...about, kind: 'message', index, to, message, arrival: undefined, lost, repeated }
      rows.push(row)
      way.send(event.step, row)
    }
  }
  return rows
}

/** The messages on their way, by which arrivals find the rows they belong to. */
class Way {
  private readonly laneOf: SequenceScope['laneOf']
  /** By the step that sent it, in the order of sending. */
  private readonly sent = new Map<number, MessageDraft[]>()
  private readonly ways = new Map<Message, Set<string>>()

  constructor(laneOf: SequenceScope['laneOf']) {
    this.laneOf = laneOf
  }

  isRepeated(message: Message, from: string, to: string): boolean {
    const ways = this.ways.get(message) ?? new Set()
    const repeated = ways.has(`${from}>${to}`)
    this.ways.set(message, ways.add(`${from}>${to}`))
    return repeated
  }

  send(step: number, row: MessageDraft): void {
    const rows = this.sent.get(step)
    if (rows === undefined) this.sent.set(step, [row])
    else rows.push(row)
  }

  /** Notes the arrival of a message; returns the row it is of. */
  take(event: TraceEvent<Message>): number | undefined {
    const row = arrived(this.sent.get(event.cause) ?? [], event, this.laneOf)
    if (row === undefined) return undefined
    if (event.missed) row.lost = row.arrival === undefined
    else row.arrival ??= { step: event.step, at: event.at }
    return event.missed ? undefined : row.index
  }
}

/** The row that a turn took in: of those that the causing step sent to this lane, the one not yet taken in. */
function arrived(
  candidates: readonly MessageDraft[],
  event: TraceEvent<Message>,
  laneOf: (address: Address) => string,
): MessageDraft | undefined {
  if (event.input.kind !== 'message') return undefined
  const lane = laneOf(event.node)
  const { message } = event.input
  const here = candidates.filter((row) => row.to === lane && !(row.lost && row.arrival === undefined))
  return (
    here.find((row) => row.message === message) ??
    here.find((row) => row.arrival === undefined && isSameMessage(row.message, message)) ??
    here.find((row) => isSameMessage(row.message, message))
  )
}
