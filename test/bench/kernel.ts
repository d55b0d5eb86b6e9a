/** The event queue under the hold model: take one out, put one in, with a fixed number pending. */
import { emptyQueue, pop, push } from '../../src/sim/queue.ts'
import { type Figure, shortest } from './figure.ts'

/** The delays that signalling has: latencies and the timers of RFC 3261, in microseconds. */
const constant = [5_000, 500_000, 2_000_000, 32_000_000]

const exponential = (): number => Math.floor(-Math.log(1 - Math.random()) * 1_000_000)
const oneOfFew = (): number => constant[Math.floor(Math.random() * constant.length)]!

const samples = 1 << 16

function hold(pending: number, delay: () => number, operations: number): number {
  const delays = Float64Array.from({ length: samples }, delay)
  const queue = emptyQueue<number>()
  for (let i = 0; i < pending; i++) push(queue, delay(), i)
  const turn = (): void => {
    for (let i = 0; i < operations; i++) push(queue, delays[i & (samples - 1)]!, pop(queue)!)
  }
  // Until the queue is in the state in which it stays.
  for (let i = 0; i < 2 * pending; i += operations) turn()
  return operations / shortest(4, turn) / 1000
}

/** The floor: a plain binary heap of numbers, in the same loop. */
function bareHeap(pending: number, operations: number): number {
  const delays = Float64Array.from({ length: samples }, exponential)
  const heap = new Float64Array(pending + 1)
  for (let i = 0; i < pending; i++) heap[i] = exponential()
  heap.subarray(0, pending).sort()
  const turn = (): void => {
    for (let i = 0; i < operations; i++) sinkRoot(heap, pending, heap[0]! + delays[i & (samples - 1)]!)
  }
  turn()
  return operations / shortest(4, turn) / 1000
}

function sinkRoot(heap: Float64Array, length: number, value: number): void {
  let hole = 0
  for (let child = 1; child < length; child = 2 * hole + 1) {
    if (child + 1 < length && heap[child + 1]! < heap[child]!) child++
    if (heap[child]! >= value) break
    heap[hole] = heap[child]!
    hole = child
  }
  heap[hole] = value
}

export function* kernelFigures(): Generator<Figure> {
  for (const [name, pending, operations] of [
    ['100', 100, 4_000_000],
    ['10 k', 10_000, 4_000_000],
    ['1 M', 1_000_000, 3_000_000],
  ] as const) {
    const unit = 'M events/s'
    yield { name: `hold, exponential delays, ${name} pending`, value: hold(pending, exponential, operations), unit }
    yield { name: `hold, constant delays, ${name} pending`, value: hold(pending, oneOfFew, operations), unit }
    yield { name: `  floor: bare binary heap, ${name} pending`, value: bareHeap(pending, operations), unit }
  }
}
