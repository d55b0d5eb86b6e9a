import type { Micros } from '../sim/time.ts'

const form = /^\s*(-?\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|([+-])(\d\d):(\d\d))?\s*$/

/**
 * The moment that an xs:dateTime names, in microseconds since the beginning of 1970 in UTC; undefined for a text that
 * is none. What has no time zone is taken as UTC (RFC 4745 §7.3 asks for one).
 */
export function momentOf(dateTime: string): Micros | undefined {
  const match = form.exec(dateTime)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const offset = (Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0)) * (match[9] === '-' ? -1 : 1)
  const whole = ((daysBefore(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second
  return whole * 1_000_000 + Number((match[7] ?? '').padEnd(6, '0').slice(0, 6))
}

/** The days from the beginning of 1970 to a day of the Gregorian calendar; March is the first month of its year. */
function daysBefore(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1
  const monthFromMarch = (month + 9) % 12
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468
}

const dayNames = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
// biome-ignore format: a list of names
const monthNames = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A moment as the Date header field has it (RFC 3261 §20.17): `Wed, 11 Jul 2001 08:49:37 GMT`. */
export function dateOf(moment: Micros): string {
  const { days, year, month, day, time } = partsOf(moment)
  const weekday = dayNames[((days % 7) + 7) % 7]!
  return `${weekday}, ${day} ${monthNames[month - 1]!} ${year} ${time} GMT`
}

/** A moment as an xs:dateTime, in UTC and whole seconds: `2001-07-11T08:49:37Z`. */
export function dateTimeOf(moment: Micros): string {
  const { year, month, day, time } = partsOf(moment)
  return `${year}-${two(month)}-${day}T${time}Z`
}

const two = (value: number): string => String(value).padStart(2, '0')

/** The parts of a moment in UTC: the days since the beginning of 1970, the month as a number, the others as text. */
function partsOf(moment: Micros) {
  const whole = Math.floor(moment / 1_000_000)
  const days = Math.floor(whole / 86_400)
  const rest = whole - days * 86_400
  const [year, month, day] = calendarDate(days)
  const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(':')
  return { days, year: String(year).padStart(4, '0'), month, day: two(day), time }
}

/** The year, month and day of the Gregorian calendar that is so many days after the beginning of 1970. */
function calendarDate(days: number): readonly [year: number, month: number, day: number] {
  let year = 1970 + Math.floor(days / 365.2425)
  while (daysBefore(year, 1, 1) > days) year--
  while (daysBefore(year + 1, 1, 1) <= days) year++
  let month = 12
  while (daysBefore(year, month, 1) > days) month--
  return [year, month, days - daysBefore(year, month, 1) + 1]
}
