import type { Micros } from './time.ts'

/**
 * A priority queue by (at, order) for times that never lie before the last one taken out. What is due soon stands in a
 * small heap, the `front`; what is due later waits unsorted in buckets. The buckets of level 0 span one microsecond
 * each, those of level k 64 times as much as those of level k - 1, and a bucket is only opened, into the next lower
 * level or into the front, when everything before it is gone: like a hierarchical timing wheel, but exact.
 */
export interface Calendar<E> {
  size: number
  /** Everything before this time is in the front. */
  frontEnd: Micros
  readonly front: Bucket<E>
  /** `levels[k][digit]`; made when first used. */
  readonly levels: (Bucket<E> | undefined)[][]
  /** Two words of 32 bits a level: which buckets hold something. */
  readonly occupied: Int32Array
  /** For each level, where the block of buckets ends that lies before the next change of a higher digit. */
  readonly blockEnd: Float64Array
}

/** Parallel arrays, one place an item. */
interface Bucket<E> {
  at: number[]
  order: number[]
  items: E[]
}

const digits = 64
/** Enough for every whole number: 64 to the power of 9 is 2^54. */
const levelCount = 9
/** The width of one bucket of each level, in microseconds: 64 to the power of the level. */
const width = Float64Array.from({ length: levelCount + 1 }, (_, level) => digits ** level)
/** A bucket with no more than this goes to the front at once. */
const frontSize = 160

export function emptyCalendar<E>(): Calendar<E> {
  const levels = Array.from({ length: levelCount }, () => new Array<Bucket<E> | undefined>(digits).fill(undefined))
  return {
    size: 0,
    frontEnd: 0,
    front: emptyBucket(),
    levels,
    occupied: new Int32Array(levelCount * 2),
    blockEnd: width.slice(1),
  }
}

/** A copy of a calendar that shares the items. */
export function copyOfCalendar<E>({ size, frontEnd, front, levels, occupied, blockEnd }: Calendar<E>): Calendar<E> {
  return {
    size,
    frontEnd,
    front: copyOfBucket(front),
    levels: levels.map((buckets) => buckets.map((bucket) => bucket && copyOfBucket(bucket))),
    occupied: occupied.slice(),
    blockEnd: blockEnd.slice(),
  }
}

const copyOfBucket = <E>({ at, order, items }: Bucket<E>): Bucket<E> => ({
  at: at.slice(),
  order: order.slice(),
  items: items.slice(),
})

const emptyBucket = <E>(): Bucket<E> => ({ at: [], order: [], items: [] })

export function pushCalendar<E>(calendar: Calendar<E>, at: Micros, order: number, item: E): void {
  calendar.size++
  if (at < calendar.frontEnd) insert(calendar.front, at, order, item)
  else put(calendar, at, order, item)
}

const nothing = { at: Number.POSITIVE_INFINITY, order: 0 }
const head = { at: 0, order: 0 }

/** The time and order of what comes next (infinity when empty); valid until the next call. */
export function calendarHead<E>(calendar: Calendar<E>): { readonly at: Micros; readonly order: number } {
  if (calendar.size === 0) return nothing
  if (calendar.front.at.length === 0) advance(calendar)
  head.at = calendar.front.at[0]!
  head.order = calendar.front.order[0]!
  return head
}

export function popCalendar<E>(calendar: Calendar<E>): E {
  const { front } = calendar
  if (front.at.length === 0) advance(calendar)
  calendar.size--
  const item = front.items[0]!
  const at = front.at.pop()!
  const order = front.order.pop()!
  const last = front.items.pop()!
  if (front.at.length > 0) sink(front, at, order, last)
  return item
}

function put<E>(calendar: Calendar<E>, at: Micros, order: number, item: E): void {
  const { blockEnd } = calendar
  let level = 0
  while (at >= blockEnd[level]!) level++
  const digit = ((at - (blockEnd[level]! - width[level + 1]!)) / width[level]!) | 0
  const buckets = calendar.levels[level]!
  let bucket = buckets[digit]
  if (bucket === undefined) {
    bucket = emptyBucket()
    buckets[digit] = bucket
  }
  if (bucket.at.length === 0) calendar.occupied[level * 2 + (digit >> 5)]! |= 1 << (digit & 31)
  bucket.at.push(at)
  bucket.order.push(order)
  bucket.items.push(item)
}

/** Opens the earliest bucket, and the earliest within it, until the front has something. */
function advance<E>(calendar: Calendar<E>): void {
  for (let level = 0; ; ) {
    const digit = firstDigit(calendar, level)
    if (digit < 0) {
      level++
      continue
    }
    const bucket = calendar.levels[level]![digit]!
    calendar.occupied[level * 2 + (digit >> 5)]! &= ~(1 << (digit & 31))
    calendar.levels[level]![digit] = undefined
    const start = calendar.blockEnd[level]! - width[level + 1]! + digit * width[level]!
    calendar.frontEnd = start + (level === 0 ? 1 : 0)
    for (let lower = 0; lower < level; lower++) calendar.blockEnd[lower] = start + width[lower + 1]!
    if (level === 0 || bucket.at.length <= frontSize) {
      calendar.frontEnd = start + width[level]!
      for (let lower = 0; lower < level; lower++) calendar.blockEnd[lower] = calendar.frontEnd
      for (let i = 0; i < bucket.at.length; i++)
        insert(calendar.front, bucket.at[i]!, bucket.order[i]!, bucket.items[i]!)
      return
    }
    for (let i = 0; i < bucket.at.length; i++) put(calendar, bucket.at[i]!, bucket.order[i]!, bucket.items[i]!)
    level = 0
  }
}

function firstDigit<E>(calendar: Calendar<E>, level: number): number {
  const low = calendar.occupied[level * 2]!
  if (low !== 0) return 31 - Math.clz32(low & -low)
  const high = calendar.occupied[level * 2 + 1]!
  return high === 0 ? -1 : 63 - Math.clz32(high & -high)
}

function insert<E>(heap: Bucket<E>, at: Micros, order: number, item: E): void {
  const { at: ats, order: orders, items } = heap
  let hole = ats.length
  ats.push(at)
  orders.push(order)
  items.push(item)
  while (hole > 0) {
    const parent = (hole - 1) >> 1
    const up = ats[parent]!
    if (up < at || (up === at && orders[parent]! < order)) break
    ats[hole] = up
    orders[hole] = orders[parent]!
    items[hole] = items[parent]!
    hole = parent
  }
  ats[hole] = at
  orders[hole] = order
  items[hole] = item
}

/** Puts an item where the root was and lets it sink. */
function sink<E>(heap: Bucket<E>, at: Micros, order: number, item: E): void {
  const { at: ats, order: orders, items } = heap
  const length = ats.length
  let hole = 0
  for (let child = 1; child < length; child = 2 * hole + 1) {
    const right = child + 1
    if (right < length && (ats[right]! < ats[child]! || (ats[right] === ats[child] && orders[right]! < orders[child]!)))
      child = right
    const down = ats[child]!
    if (at < down || (at === down && order < orders[child]!)) break
    ats[hole] = down
    orders[hole] = orders[child]!
    items[hole] = items[child]!
    hole = child
  }
  ats[hole] = at
  orders[hole] = order
  items[hole] = item
}
