import { type Micros, millis, seconds } from '../sim/time.ts'

/** The units of a duration in a flow file, in µs. */
const units: Readonly<Record<string, Micros>> = {
  us: 1,
  µs: 1,
  ms: millis(1),
  s: seconds(1),
  min: seconds(60),
  h: seconds(3600),
}

/** What a duration looks like, for people. */
export const durationForm = 'a duration such as 5 s, 200 ms or 1.5 h'

/** The time that a text such as `5 s`, `200 ms` or `1.5h` stands for; undefined if it is not a duration. */
export function readDuration(text: string): Micros | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,6}))?\s*(us|µs|ms|s|min|h)$/.exec(text.trim())
  if (match === null) return undefined
  const unit = units[match[3]!]!
  const fraction = (match[2] ?? '').padEnd(6, '0')
  const micros = Number(match[1]) * unit + (Number(fraction) * unit) / 1_000_000
  return Number.isInteger(micros) ? micros : undefined
}

/** A duration as a person would write it: the largest unit that leaves a short number. */
export function printDuration(time: Micros): string {
  const name = time >= seconds(3600) ? 'h' : time >= seconds(60) ? 'min' : time >= seconds(1) ? 's' : 'ms'
  const inUnit = time / units[name]!
  return `${Number.isInteger(inUnit) ? inUnit : inUnit.toFixed(3)} ${name}`
}
