/** RFC 6446: how often a subscriber wants to be told, and how long a notifier may be silent for it. */
import { rule } from '../../sim/rule.ts'
import { type Micros, seconds } from '../../sim/time.ts'
import { packages } from '../../sip/events/packages.ts'
import type { Params } from '../../sip/headers.ts'

/** What a subscriber asks for with its event, as times. */
export interface Rates {
  /** `max-rate`: the shortest time between two notifications. */
  readonly shortestGap?: Micros
  /** `min-rate`: the longest time between two notifications. */
  readonly longestGap?: Micros
  /** `adaptive-min-rate`: the time between two notifications on an average that moves along. */
  readonly averageGap?: Micros
  /** The parameters as they are repeated in Subscription-State (RFC 6446 §9), adjusted where they had to be. */
  readonly rates?: Readonly<Record<string, string>>
}

export const keepRate = rule('RFC 6446 §5', 'a watcher is not notified more often than it has asked for', [
  'R5.3.3.2-e',
])
export const remind = rule('RFC 6446 §6', 'a watcher is notified at least as often as it has asked for', ['R5.3.3.2-e'])
export const remindOnAverage = rule(
  'RFC 6446 §7',
  'who has been told much lately may be left without a notification for longer, who has not is told again sooner',
  ['R5.3.3.2-e'],
)

/** RFC 3856 §6.10: the shortest time between two notifications of presence. */
export const shortestGap: Micros = seconds(packages.presence!.shortestGap)

const rateForm = /^\d{1,2}(\.\d{1,10})?$/

/** RFC 6446 §4, §8: the rates among the parameters of Event; what is no rate above 0 is ignored. */
export function ratesOf({
  'max-rate': most,
  'min-rate': least,
  'adaptive-min-rate': adaptive,
}: Params): Rates | undefined {
  if (most === undefined && least === undefined && adaptive === undefined) return undefined
  const shortest = gapOf(most)
  // What contradicts the highest rate gives way to it, and what contradicts that of the package to this.
  const bound = Math.max(shortest ?? 0, shortestGap)
  const atMost = bound === shortest ? String(most) : packageRate
  const average = adjusted(adaptive, bound, atMost)
  const longest = adjusted(least, bound, atMost)
  // §8: a steady rate that is no lower than the average does not count.
  const isLower = longest !== undefined && (average === undefined || longest.gap > average.gap)
  return {
    ...(shortest !== undefined && { shortestGap: shortest }),
    ...(isLower && { longestGap: longest.gap }),
    ...(average !== undefined && { averageGap: average.gap }),
    rates: {
      ...(shortest !== undefined && { 'max-rate': String(most) }),
      ...(isLower && { 'min-rate': longest.rate }),
      ...(average !== undefined && { 'adaptive-min-rate': average.rate }),
    },
  }
}

/** The rate of the package, in notifications a second. */
const packageRate = String(1 / packages.presence!.shortestGap)

function adjusted(
  rate: Params[string] | undefined,
  bound: Micros,
  atMost: string,
): { gap: Micros; rate: string } | undefined {
  const gap = gapOf(rate)
  if (gap === undefined) return undefined
  return gap < bound ? { gap: bound, rate: atMost } : { gap, rate: String(rate) }
}

/** The gap of a rate, in whole microseconds. */
function gapOf(rate: Params[string] | undefined): Micros | undefined {
  if (typeof rate !== 'string' || !rateForm.test(rate) || Number(rate) === 0) return undefined
  return Math.ceil(seconds(1) / Number(rate))
}

/** RFC 6446 §7.4: the period over which the average goes is this many times the average gap. */
const periodInGaps = 5

/**
 * RFC 6446 §7.2: when a subscriber was told within the last period, after it has been told now. Before the first time,
 * the history is as if it had been told at the rate that it asks for.
 */
export function toldNow(history: readonly Micros[] | undefined, averageGap: Micros, now: Micros): readonly Micros[] {
  const before = history ?? Array.from({ length: periodInGaps }, (_, i) => now - (periodInGaps - i) * averageGap)
  return [...before.filter((moment) => moment > now - periodInGaps * averageGap), now]
}

/** RFC 6446 §7.4: the time to the next notification if nothing changes, by how often there was one lately. */
export const adaptedGap = (history: readonly Micros[], averageGap: Micros): Micros =>
  Math.max(shortestGap, Math.ceil((history.length * averageGap) / periodInGaps))
