import { type Calendar, calendarHead, copyOfCalendar, emptyCalendar, popCalendar, pushCalendar } from './calendar.ts'
import type { Micros } from './time.ts'

/**
 * What will happen, in order of (at, order): simultaneous things happen as they were scheduled. Things scheduled with a
 * delay that comes again and again (a timer of a spec, the latency of a link) wait in a first-in-first-out lane of
 * their delay, in which they fall due in the order of scheduling, so that only the heads of the lanes compete. Delays
 * that do not repeat wait in a calendar. Plain data throughout.
 */
export interface EventQueue<E> {
  size: number
  /** The time of what was taken out last. */
  now: Micros
  /** The number that the next thing scheduled will get. */
  order: number
  /** By delay; a lane that runs empty is kept for the next time. */
  readonly lanes: Map<Micros, Lane<E>>
  /** A binary heap of the lanes that hold something, by (at, order) of their heads. */
  readonly heads: Lane<E>[]
  /** Delays seen lately, by a hash of the delay: a delay seen twice gets a lane. */
  readonly recent: Float64Array
  readonly calendar: Calendar<E>
}

/** A ring of things that were scheduled with the same delay. */
interface Lane<E> {
  readonly delay: Micros
  at: Float64Array
  order: Float64Array
  items: (E | undefined)[]
  head: number
  count: number
}

const recentDelays = 256
const laneLimit = 64
const smallestRing = 16

export function emptyQueue<E>(): EventQueue<E> {
  return {
    size: 0,
    now: 0,
    order: 0,
    lanes: new Map(),
    heads: [],
    recent: new Float64Array(recentDelays).fill(-1),
    calendar: emptyCalendar(),
  }
}

/** Schedules an item `delay` from now. */
export function push<E>(queue: EventQueue<E>, delay: Micros, item: E): void {
  const order = queue.order++
  queue.size++
  const lane = laneFor(queue, delay)
  if (lane === undefined) pushCalendar(queue.calendar, queue.now + delay, order, item)
  else append(queue, lane, queue.now + delay, order, item)
}

/** The time at which the next thing is due; undefined when nothing is. */
export function nextAt<E>(queue: EventQueue<E>): Micros | undefined {
  if (queue.size === 0) return undefined
  const lane = queue.heads[0]
  const { at } = calendarHead(queue.calendar)
  if (lane === undefined) return at
  return Math.min(at, lane.at[lane.head]!)
}

/** Takes out what is due next and moves `now` there; undefined when nothing is due. */
export function pop<E>(queue: EventQueue<E>): E | undefined {
  if (queue.size === 0) return undefined
  queue.size--
  const lane = queue.heads[0]
  if (queue.calendar.size > 0) {
    const head = calendarHead(queue.calendar)
    if (lane === undefined || comesBefore(head, lane)) {
      queue.now = head.at
      return popCalendar(queue.calendar)
    }
  }
  queue.now = lane!.at[lane!.head]!
  return takeFrom(queue, lane!)
}

/** A copy of a queue that shares the items. */
export function copyOfQueue<E>({ size, now, order, lanes, heads, recent, calendar }: EventQueue<E>): EventQueue<E> {
  const copies = new Map<Micros, Lane<E>>()
  for (const lane of lanes.values()) {
    const { delay, at, items, head, count } = lane
    copies.set(delay, { delay, at: at.slice(), order: lane.order.slice(), items: items.slice(), head, count })
  }
  return {
    size,
    now,
    order,
    lanes: copies,
    heads: heads.map(({ delay }) => copies.get(delay)!),
    recent: recent.slice(),
    calendar: copyOfCalendar(calendar),
  }
}

function comesBefore<E>(head: { readonly at: Micros; readonly order: number }, lane: Lane<E>): boolean {
  const at = lane.at[lane.head]!
  return head.at < at || (head.at === at && head.order < lane.order[lane.head]!)
}

/**
 * The lane of a delay that has been seen lately; undefined for any other, or if too many lanes are in use. A delay that
 * has a lane but was not seen lately may miss it once: the order is the same, wherever a thing waits.
 */
function laneFor<E>(queue: EventQueue<E>, delay: Micros): Lane<E> | undefined {
  const place = (delay ^ (delay >>> 8)) & (recentDelays - 1)
  if (queue.recent[place] !== delay) {
    queue.recent[place] = delay
    return undefined
  }
  return queue.lanes.get(delay) ?? newLane(queue, delay)
}

function newLane<E>(queue: EventQueue<E>, delay: Micros): Lane<E> | undefined {
  if (queue.lanes.size >= laneLimit && !dropIdleLane(queue)) return undefined
  const lane: Lane<E> = {
    delay,
    at: new Float64Array(smallestRing),
    order: new Float64Array(smallestRing),
    items: new Array(smallestRing).fill(undefined),
    head: 0,
    count: 0,
  }
  queue.lanes.set(delay, lane)
  return lane
}

function dropIdleLane<E>(queue: EventQueue<E>): boolean {
  for (const lane of queue.lanes.values()) if (lane.count === 0) return queue.lanes.delete(lane.delay)
  return false
}

function append<E>(queue: EventQueue<E>, lane: Lane<E>, at: Micros, order: number, item: E): void {
  if (lane.count === lane.items.length) resize(lane, lane.items.length * 2)
  const place = (lane.head + lane.count++) & (lane.items.length - 1)
  lane.at[place] = at
  lane.order[place] = order
  lane.items[place] = item
  if (lane.count === 1) rise(queue.heads, queue.heads.push(lane) - 1)
}

function takeFrom<E>(queue: EventQueue<E>, lane: Lane<E>): E {
  const item = lane.items[lane.head]!
  lane.items[lane.head] = undefined
  lane.head = (lane.head + 1) & (lane.items.length - 1)
  if (--lane.count * 8 < lane.items.length && lane.items.length > smallestRing) resize(lane, lane.items.length >> 1)
  if (lane.count === 0) {
    const last = queue.heads.pop()!
    if (last === lane) return item
    queue.heads[0] = last
  } else if (queue.heads.length === 1) return item
  sink(queue.heads)
  return item
}

/** Gives a ring another size, a power of two that holds what it holds. */
function resize<E>(lane: Lane<E>, size: number): void {
  const at = new Float64Array(size)
  const order = new Float64Array(size)
  const items = new Array(size).fill(undefined)
  const mask = lane.items.length - 1
  for (let i = 0; i < lane.count; i++) {
    const from = (lane.head + i) & mask
    at[i] = lane.at[from]!
    order[i] = lane.order[from]!
    items[i] = lane.items[from]
  }
  lane.at = at
  lane.order = order
  lane.items = items
  lane.head = 0
}

function rise<E>(heads: Lane<E>[], from: number): void {
  const lane = heads[from]!
  let hole = from
  while (hole > 0) {
    const parent = (hole - 1) >> 1
    if (before(heads[parent]!, lane)) break
    heads[hole] = heads[parent]!
    hole = parent
  }
  heads[hole] = lane
}

function sink<E>(heads: Lane<E>[]): void {
  const lane = heads[0]!
  let hole = 0
  for (let child = 1; child < heads.length; child = 2 * hole + 1) {
    if (child + 1 < heads.length && before(heads[child + 1]!, heads[child]!)) child++
    if (before(lane, heads[child]!)) break
    heads[hole] = heads[child]!
    hole = child
  }
  heads[hole] = lane
}

function before<E>(x: Lane<E>, y: Lane<E>): boolean {
  const a = x.at[x.head]!
  const b = y.at[y.head]!
  return a < b || (a === b && x.order[x.head]! < y.order[y.head]!)
}
