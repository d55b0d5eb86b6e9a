/** Subscriptions through four nodes with all transaction timers, at the presence server alone, and by the 100,000. */
import { behaviours, isShared } from '../../src/flow/world.ts'
import type { Message } from '../../src/message.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import { millis, seconds } from '../../src/sim/time.ts'
import { request, type SipRequest, type SipResponse } from '../../src/sip/message.ts'
import { sipNode } from '../../src/sip/transaction/transaction.ts'
import type { TransactionUser } from '../../src/sip/transaction/transaction-user.ts'
import type { Figure } from './figure.ts'
import { population, presentity, serverSettings, subscribe } from './population.ts'

/** After so long all timers of a subscription have fired: 64 times the T1 of the radio link. */
const allTimers = seconds(130)

/** SUBSCRIBE, 200, NOTIFY, 200 through UE, P-CSCF, S-CSCF and PS, one subscription after the other. */
function endToEnd(): number {
  const rounds = 4
  const each = 1000
  const world = population(rounds * each)
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    for (let i = 0; i < each; i++) {
      subscribe(world, round * each + i, 0)
      world.simulation.run(world.simulation.now + allTimers)
    }
    least = Math.min(least, performance.now() - start)
  }
  return (least / each) * 1000
}

/** A bare user agent that subscribes and answers: what is left of the cost is the presence server's. */
const bareWatcher: TransactionUser<{ number: number }> = {
  title: 'bare watcher',
  clause: '',
  start: () => ({ number: 0 }),
  onCommand(state, _command, turn) {
    const number = state.number++
    turn.request('ps.home1.net', subscription(number))
  },
  onRequest(_state, notify: SipRequest, turn) {
    turn.respond(notify, turn.answer(notify, 200, answered))
  },
  onResponse(_state, _response: SipResponse) {},
}

const answered = { id: '', clause: '', title: '', serves: [], step: undefined }
const address = (uri: string) => ({ display: undefined, uri, params: {} })

function subscription(number: number): SipRequest {
  const watcher = `sip:watcher${number}@home1.net`
  return request('SUBSCRIBE', presentity, {
    maxForwards: 70,
    pAssertedIdentity: [address(watcher)],
    from: { ...address(watcher), params: { tag: `w${number}` } },
    to: address(presentity),
    callId: `call${number}`,
    cseq: { number: 1, method: 'SUBSCRIBE' },
    event: { value: 'presence', params: {} },
    expires: 600_000,
    contact: [address('sip:watcher.home1.net')],
  })
}

/** SUBSCRIBE and NOTIFY between a bare user agent and the presence server, transactions and timers included. */
function presenceServerAlone(): number {
  const simulation = new Simulation<Message>({
    behaviours: { ...behaviours, watcher: sipNode(bareWatcher) },
    isShared,
    seed: 1,
  })
  simulation.world.network.otherwise = { latency: millis(2), jitter: 0, lossOneIn: 0, duplicateOneIn: 0 }
  simulation.add('watcher.home1.net', 'watcher')
  simulation.add('ps.home1.net', 'presence-server', serverSettings)
  const each = 2000
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 4; round++) {
    const start = performance.now()
    for (let i = 0; i < each; i++) {
      simulation.command(0, 'watcher.home1.net', { do: 'subscribe' })
      simulation.run(simulation.now + seconds(40))
    }
    least = Math.min(least, performance.now() - start)
  }
  return (least / each) * 1000
}

/** The garbage collector, if Node was started with --expose-gc. */
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {})

function* manyWatchers(watchers: number): Generator<Figure> {
  const warm = 5000
  const world = population(watchers + warm)
  const { simulation } = world
  for (let i = 0; i < warm; i++) subscribe(world, watchers + i, i * millis(10))
  simulation.run(simulation.now + warm * millis(10) + 3 * allTimers)
  collect()
  const before = process.memoryUsage().heapUsed
  const start = performance.now()
  for (let i = 0; i < watchers; i++) subscribe(world, i, i * millis(10))
  const steps = simulation.run(simulation.now + watchers * millis(10) + 3 * allTimers)
  const wall = performance.now() - start
  collect()
  const heap = process.memoryUsage().heapUsed - before
  const name = `${watchers / 1000} k watchers`
  yield { name: `${name}: wall time`, value: wall / 1000, unit: 's' }
  yield { name: `${name}: steps`, value: steps, unit: 'steps' }
  yield { name: `${name}: live heap a watcher`, value: heap / watchers, unit: 'B' }
}

export function* subscriptionFigures(): Generator<Figure> {
  yield { name: 'one subscription end to end, 4 nodes, all timers', value: endToEnd(), unit: 'µs' }
  yield { name: 'SUBSCRIBE and NOTIFY at the PS alone', value: presenceServerAlone(), unit: 'µs' }
  yield* manyWatchers(100_000)
}
