import type { Chart, Lane, Line, Lines } from './chart.ts'
import { formatSeconds } from './time.ts'
import { textWidth } from './width.ts'

/** What a layout must know of all lines of a chart: it is taken once, for whatever width. */
export interface Survey {
  /** The lanes of the flow, and at the end those that only the run has. */
  readonly lanes: readonly Lane[]
  /** The widest label between each pair of lanes, by `from * lanes + to` with `from < to`. */
  readonly longest: ReadonlyMap<number, number>
  readonly shortest: ReadonlyMap<number, number>
  /** Widths of the number, step and time columns. */
  readonly number: number
  readonly step: number
  readonly time: number
  /** True if every row has the step number that its own number would be. */
  readonly sameNumbers: boolean
  /** True if a check has something to say of the lines. */
  readonly marked: boolean
}

const surveys = new WeakMap<Chart, Survey>()

/** The survey of a chart, taken when it is first asked for. */
export function surveyOf(chart: Chart, lines: Lines): Survey {
  const known = surveys.get(chart)
  if (known) return known
  const survey = take(chart, lines)
  surveys.set(chart, survey)
  return survey
}

function take(chart: Chart, lines: Lines): Survey {
  const lanes = [...chart.lanes]
  const indexOf = new Map(lanes.map(({ name }, index) => [name, index]))
  const laneOf = (name: string): number => {
    const index = indexOf.get(name)
    if (index !== undefined) return index
    indexOf.set(name, lanes.length)
    return lanes.push({ name, network: undefined }) - 1
  }
  const needs: Need[] = []
  const seen = new Map<string, Need>()
  let [step, time] = [0, 4]
  let [sameNumbers, marked] = [true, false]
  for (let index = 0; index < lines.count; index++) {
    const line = lines.line(index)
    note(line, laneOf(line.from), laneOf(line.to), needs, seen)
    if (line.mark !== undefined) marked = true
    if (line.step !== undefined) step = Math.max(step, line.step.length)
    if (line.row === undefined || line.step !== String(line.row + 1)) sameNumbers = false
    if (line.at !== undefined) time = Math.max(time, formatSeconds(line.at).length)
  }
  return {
    lanes,
    longest: widest(needs, lanes.length, 'longest'),
    shortest: widest(needs, lanes.length, 'shortest'),
    number: Math.max(2, String(chart.rows.length).length),
    step: step === 0 ? 0 : Math.max(2, step),
    time,
    sameNumbers,
    marked,
  }
}

/** The widest labels of one pair of lanes. */
interface Need {
  readonly from: number
  readonly to: number
  longest: number
  shortest: number
}

function note(line: Line, from: number, to: number, needs: Need[], seen: Map<string, Need>): void {
  if (from === to) return
  const key = `${Math.min(from, to)} ${Math.max(from, to)}`
  let need = seen.get(key)
  if (!need) {
    need = { from: Math.min(from, to), to: Math.max(from, to), longest: 0, shortest: 0 }
    seen.set(key, need)
    needs.push(need)
  }
  need.longest = Math.max(need.longest, textWidth(line.labels[0]!))
  need.shortest = Math.max(need.shortest, textWidth(line.labels.at(-1)!))
}

function widest(needs: readonly Need[], lanes: number, which: 'longest' | 'shortest'): Map<number, number> {
  return new Map(needs.map((need) => [need.from * lanes + need.to, need[which]]))
}
