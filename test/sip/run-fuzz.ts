/** `npm run fuzz [-- count [seed]]`: so many changed torture messages; none throws, hangs or leaves memory behind. */
import { type Fate, Mutants, probe } from './fuzzing.ts'

const [count = 100_000, seed = 1] = process.argv.slice(2).map(Number)
const mutants = new Mutants(seed)
/** No message may take longer, in milliseconds. */
const longest = 20
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {})

const fates: Record<Fate, number> = { malformed: 0, refused: 0, accepted: 0 }
let faults = 0
let slowest = 0
let bytes = 0

function timed(message: Uint8Array): number {
  const start = performance.now()
  probe(message)
  return performance.now() - start
}

function fault(message: Uint8Array, what: string): void {
  faults++
  console.log(`${what}: ${JSON.stringify(Buffer.from(message).toString('latin1').slice(0, 2000))}`)
}

function take(message: Uint8Array): void {
  bytes += message.length
  try {
    const start = performance.now()
    fates[probe(message)]++
    let took = performance.now() - start
    // What took long is timed anew, lest it be the machine that was slow.
    for (let again = 0; again < 30 && took > longest / 10; again++) took = Math.min(took, timed(message))
    slowest = Math.max(slowest, took)
    if (took > longest) fault(message, `took ${took.toFixed(1)} ms`)
  } catch (error) {
    fault(message, error instanceof Error ? error.message : String(error))
  }
}

// What the first messages leave behind, such as compiled code, is no leak.
for (let i = 0; i < Math.min(count, 20_000); i++) take(mutants.next())
collect()
const before = process.memoryUsage().heapUsed
const start = performance.now()
for (let i = 20_000; i < count; i++) take(mutants.next())
const wall = (performance.now() - start) / 1000
collect()
const left = (process.memoryUsage().heapUsed - before) / 1e6

const { malformed, refused, accepted } = fates
console.log(
  `${count} messages, ${Math.round(bytes / count)} bytes each: ${malformed} malformed, ${refused} refused, ${accepted} accepted`,
)
console.log(`${wall.toFixed(1)} s; the slowest took ${slowest.toFixed(2)} ms; ${left.toFixed(2)} MB more than before`)
console.log(`${faults} faults`)
if (left > 20) console.log('memory was left behind')
process.exitCode = faults > 0 || left > 20 ? 1 : 0
