import type { Micros } from '../sim/time.ts'

/** What is played: the rows of a ladder by step and time, among the trace events of a run. */
export interface Score {
  readonly rows: readonly { readonly step: number; readonly at: Micros }[]
  /** The first event of the flow, after those of its preconditions. */
  readonly firstEvent: number
  /** How many events there are, those of the preconditions included. */
  readonly events: number
}

/** Where in a run one stands: after so much has happened, the rest is still to come. */
export interface Playhead {
  /** The last row that has happened; -1 before the first. */
  readonly row: number
  /** The last trace event that has happened: one less than the first one of the flow before anything has. */
  readonly event: number
  readonly playing: boolean
  /** 0 stands still, 1 is slow enough to read, 9 the fastest. */
  readonly speed: Speed
  /** Real milliseconds since the last row, while playing. */
  readonly waited: number
}

export type Speed = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9

/** What a key or the clock asks of the player. */
export type PlayCommand =
  | { readonly do: 'row' | 'event'; readonly by: number }
  | { readonly do: 'to-row'; readonly row: number }
  | { readonly do: 'start' | 'end' | 'toggle' | 'pause' }
  | { readonly do: 'speed'; readonly speed: Speed }
  | { readonly do: 'tick'; readonly millis: number }

const usualSpeed = 4

/** The playhead before anything of the flow has happened. */
export function atStart(score: Score): Playhead {
  return { row: -1, event: score.firstEvent - 1, playing: false, speed: usualSpeed, waited: 0 }
}

/** Real milliseconds from one message to the next at each speed. */
const pace: readonly number[] = [0, 4000, 2000, 1200, 700, 400, 200, 100, 40, 16]

/** The playhead after a command. Moving by hand stops playing. */
export function move(head: Playhead, command: PlayCommand, score: Score): Playhead {
  switch (command.do) {
    case 'row':
      return stopped(toRow(head, head.row + command.by, score))
    case 'event':
      return stopped(toEvent(head, head.event + command.by, score))
    case 'to-row':
      return stopped(toRow(head, command.row, score))
    case 'start':
      return stopped(toRow(head, -1, score))
    case 'end':
      return stopped(toEvent(head, score.events - 1, score))
    case 'pause':
      return stopped(head)
    case 'toggle':
      return toggled(head, score)
    case 'speed':
      return { ...head, speed: command.speed, playing: command.speed > 0 && (head.playing || head.speed === 0) }
    case 'tick':
      return head.playing ? ticked(head, command.millis, score) : head
  }
}

function stopped(head: Playhead): Playhead {
  return { ...head, playing: false, waited: 0 }
}

/** Playing begins again at the start once everything has happened. */
function toggled(head: Playhead, score: Score): Playhead {
  if (head.playing) return stopped(head)
  const from = head.row >= score.rows.length - 1 ? toRow(head, -1, score) : head
  return { ...from, playing: true, waited: 0, speed: head.speed === 0 ? usualSpeed : head.speed }
}

/** Lets as many rows happen as the time is good for; stops after the last one. */
function ticked(head: Playhead, millis: number, score: Score): Playhead {
  let { row, waited } = head
  waited += millis
  for (;;) {
    if (row >= score.rows.length - 1) return stopped(toRow(head, row, score))
    const pause = pauseBefore(row + 1, head.speed, score)
    if (waited < pause) return { ...toRow(head, row, score), playing: true, waited }
    waited -= pause
    row++
  }
}

/**
 * The real milliseconds before a row: the pace of the speed, twice that when a second or more of virtual time passes,
 * four times when a minute or more does, so that a wait can be felt and an hour does not take one.
 */
export function pauseBefore(row: number, speed: Speed, score: Score): number {
  const at = score.rows[row]?.at ?? 0
  const gap = at - (score.rows[row - 1]?.at ?? at)
  return pace[speed]! * (gap >= 60_000_000 ? 4 : gap >= 1_000_000 ? 2 : 1)
}

function toRow(head: Playhead, wanted: number, score: Score): Playhead {
  const row = Math.max(-1, Math.min(wanted, score.rows.length - 1))
  return { ...head, row, event: row < 0 ? score.firstEvent - 1 : score.rows[row]!.step }
}

function toEvent(head: Playhead, wanted: number, score: Score): Playhead {
  const event = Math.max(score.firstEvent - 1, Math.min(wanted, score.events - 1))
  return { ...head, event, row: rowsUpTo(event, score) - 1 }
}

/** How many rows have happened once an event has: rows stand in the order of their steps. */
function rowsUpTo(event: number, { rows }: Score): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle]!.step <= event) low = middle + 1
    else high = middle
  }
  return low
}
