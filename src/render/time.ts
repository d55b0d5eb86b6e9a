import type { Micros } from '../sim/time.ts'

/** Virtual time in seconds with three decimals, six when the milliseconds do not tell all: `7200.005`. */
export function formatSeconds(at: Micros): string {
  const sign = at < 0 ? '-' : ''
  const micros = Math.abs(at)
  const whole = Math.floor(micros / 1_000_000)
  const rest = String(micros % 1_000_000).padStart(6, '0')
  return `${sign}${whole}.${rest.endsWith('000') ? rest.slice(0, 3) : rest}`
}
