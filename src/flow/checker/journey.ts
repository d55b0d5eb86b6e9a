/**
 * The ways of messages: which rows are hops of the same message, and what answers what.
 */
import type { Message } from '../../message.ts'
import type { MessageRow, SequenceRow } from './sequence.ts'

/** What all hops of a message have in common, and no other message has. */
export function messageKey(message: Message): string {
  if (message.protocol === 'cx') return `${message.session} ${message.command}`
  const what = message.kind === 'request' ? message.method : message.status
  return `${transactionKey(message)} ${what}`
}

/** What a request has in common with its answers, on all hops. */
export function transactionKey(message: Message): string {
  if (message.protocol === 'cx') return message.session
  if (message.protocol === 'http') return message.exchange
  const { cseq, callId } = message.headers
  return `${cseq?.number ?? '?'} ${cseq?.method ?? '?'} in ${callId ?? '?'}`
}

/** The rows of a run, by the messages whose hops they are. */
export class Journeys {
  readonly #hops = new Map<string, MessageRow[]>()

  constructor(rows: readonly SequenceRow[]) {
    for (const row of rows) {
      if (row.kind !== 'message') continue
      const key = messageKey(row.message)
      const hops = this.#hops.get(key)
      if (hops === undefined) this.#hops.set(key, [row])
      else hops.push(row)
    }
  }

  /** The hop before: the last row before this one that brought the same message here; else the first one after it. */
  before(row: SequenceRow): MessageRow | undefined {
    if (row.kind !== 'message') return undefined
    const hops = this.#hops.get(messageKey(row.message))?.filter((one) => one.to === row.from && one !== row)
    return hops?.findLast((one) => one.index < row.index) ?? hops?.[0]
  }

  /** The row that this one repeats: the first one of the same message between the same lanes. */
  original(row: MessageRow): MessageRow | undefined {
    const hops = this.#hops.get(messageKey(row.message))
    return hops?.find((one) => one.index < row.index && one.from === row.from && one.to === row.to)
  }

  /**
   * The way of a message from a row on: its hops up to the lane `to`, repeated ones left out. The way has a gap if a
   * hop starts where the one before did not end, and is incomplete if it does not reach `to`.
   */
  onwards(first: MessageRow, to: string): { rows: readonly MessageRow[]; gap: boolean; complete: boolean } {
    const rest = (this.#hops.get(messageKey(first.message)) ?? []).filter(
      (one) => one.index > first.index && !one.repeated,
    )
    const rows = [first]
    let gap = false
    while (rows.at(-1)!.to !== to && rest.length > 0) {
      const at = rest.findIndex((one) => one.from === rows.at(-1)!.to)
      if (at < 0) gap = true
      rows.push(...rest.splice(0, Math.max(at, 0) + 1).slice(-1))
    }
    return { rows, gap, complete: rows.at(-1)!.to === to && !gap }
  }
}
