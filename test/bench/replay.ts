/** What the person at the terminal waits for: the replay of a flow, a step back, a frame, the first one. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { loadFlow } from '../../src/cli/flow-files.ts'
import { runFlow } from '../../src/flow/run.ts'
import { plain } from '../../src/render/span.ts'
import { Rewind } from '../../src/sim/rewind.ts'
import { frame } from '../../src/ui/frame.ts'
import { demoCatalogue, longSession } from '../ui/demo.ts'
import { press, start } from '../ui/walk.ts'
import { type Figure, shortest } from './figure.ts'
import { population, subscribe } from './population.ts'

/** Steps back to random places of a run of more than 10,000 events; the slowest of them in milliseconds. */
function stepBack(): number {
  const world = population(400)
  const run = new Rewind(world.simulation)
  for (let i = 0; i < 400; i++) subscribe(world, i, i * 1000)
  while (run.trace.length < 10_000 && run.forward() !== undefined);
  let slowest = 0
  for (let turns = 37; turns < run.trace.length; turns += 499)
    slowest = Math.max(
      slowest,
      shortest(1, () => run.at(turns)),
    )
  return slowest
}

/** From the start of the process to the ladder of the default flow, without a terminal, in milliseconds. */
function firstOutput(): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(process.execPath, [join(import.meta.dirname, '../../dist/cli/presim.js')])
    child.stdout.once('data', () => resolve(performance.now() - start))
    child.once('error', reject)
    child.once('exit', () => reject(new Error('presim printed nothing; run `npm run build` first')))
  })
}

/** From the start of the process to the first frame of the UI in a terminal, in milliseconds; undefined without one. */
function firstFrame(): Promise<number | undefined> {
  return new Promise((resolve) => {
    const start = performance.now()
    const command = `stty cols 100 rows 40; ${process.execPath} ${join(import.meta.dirname, '../../dist/cli/presim.js')}`
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] })
    let shown = ''
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString()
      if (!shown.includes('A.3.2.1')) return
      resolve(performance.now() - start)
      child.stdin.write('q')
      child.stdin.end()
    })
    child.once('error', () => resolve(undefined))
    child.once('exit', () => resolve(undefined))
  })
}

/** A step back at the end of a run of 100,000 messages and the frame after it, in milliseconds. */
function longFrame(): number {
  const catalogue = { ...demoCatalogue(), open: () => longSession(100_000) }
  let state = press(start('A.3.2.1', { columns: 160, rows: 45 }, catalogue), 'G')
  return shortest(50, () => {
    state = press(state, 'N')
    frame(state, plain)
  })
}

export async function* replayFigures(): AsyncGenerator<Figure> {
  const flow = loadFlow('A.3.2.1')
  for (let i = 0; i < 50; i++) runFlow(flow)
  yield { name: 'replay of A.3.2.1, checked', value: shortest(20, () => runFlow(flow)), unit: 'ms' }
  yield { name: 'step back in a run of 10 k events, slowest', value: stepBack(), unit: 'ms' }
  yield { name: 'frame of 100 k messages', value: longFrame(), unit: 'ms' }
  yield { name: 'first output of presim without a terminal', value: await firstOutput(), unit: 'ms' }
  const frame = await firstFrame()
  if (frame !== undefined) yield { name: 'first frame of the terminal UI', value: frame, unit: 'ms' }
}
