/**
 * An hour of lists: 10,000 watchers, each with a list of 50 among 20,000 presentities, so that each presentity is in 25
 * lists, and 500,000 subscriptions to members; each presentity changes every ten minutes, at a moment of its own.
 *
 * Of three nodes on the bus two are real, transactions and timers included: the resource list server and the presence
 * server, which keeps the publications and judges every watcher by the rules of the presentity. The third is a bare
 * user agent with a real transaction layer: it is all watchers and all presentities, subscribes and publishes as it is
 * told to, and answers every NOTIFY. There are no CSCFs, and no subscription is refreshed within the hour.
 */
import { isShared } from '../../src/flow/world.ts'
import {
  type ApplicationServerSettings,
  presenceServerNode,
  resourceListServerNode,
} from '../../src/ims/application-server.ts'
import type { Message } from '../../src/message.ts'
import type { ResourceListServerSettings } from '../../src/presence/lists/resource-list-state.ts'
import type { Node } from '../../src/sim/node.ts'
import { below, stream } from '../../src/sim/random.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import { millis, seconds } from '../../src/sim/time.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { sipNode } from '../../src/sip/transaction/transaction.ts'
import type { TransactionUser } from '../../src/sip/transaction/transaction-user.ts'
import type { Figure } from './figure.ts'
import { answered, listServerSettings, server, subscription } from './lists.ts'
import { showProgress } from './progress.ts'
import { longest, publication } from './publication.ts'

const agent = 'agent.home1.net'
const presenceServer = 'ps.home2.net'
const [lists, listLength, presentities] = [10_000, 50, 20_000]
const memberships = lists * listLength
const presentityOf = (number: number): string => `sip:presentity${number}@home2.net`

/** Half of a list are even and half are odd numbers, 199 steps apart: nobody is in it twice, everybody in 25. */
const membersOf = (list: number): string[] =>
  Array.from({ length: listLength }, (_, i) => presentityOf(2 * ((list + (i >> 1) * 199) % lists) + (i % 2)))

interface Agent {
  /** By presentity: the entity-tag of what is published of it. */
  readonly tags: Map<string, string>
  /** How many NOTIFYs about lists have come. */
  told: number
  publications: number
}

const bareAgent: TransactionUser<Agent> = {
  title: 'bare user agent',
  clause: '',
  start: () => ({ tags: new Map(), told: 0, publications: 0 }),
  onCommand(state, command, turn) {
    const { watcher, presentity } = command
    if (typeof watcher === 'number') return turn.request(server, subscription(watcher, agent))
    const uri = presentityOf(Number(presentity))
    const number = state.publications++
    turn.request(presenceServer, publication(uri, number, documentOf(uri, number), state.tags.get(uri)))
  },
  onRequest(state, notify: SipRequest, turn) {
    state.told++
    turn.respond(notify, turn.answer(notify, 200, answered))
  },
  onResponse(state, { headers, status }, asked) {
    if (status !== 200) throw new Error(`${asked.method} ${asked.uri} is answered ${status}`)
    if (asked.method === 'PUBLISH') state.tags.set(asked.uri, headers.sipEtag!)
  },
}

function documentOf(entity: string, number: number): string {
  const basic = number % 2 === 0 ? 'open' : 'closed'
  return `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${entity}"><tuple id="im"><status><basic>${basic}</basic></status><contact priority="0.8">${entity}</contact><note>note ${number}</note></tuple></presence>`
}

function presenceSettings(): ApplicationServerSettings {
  const durations = { shortestDuration: 60, longestDuration: longest }
  const numbers = Array.from({ length: presentities }, (_, number) => number)
  const mediaTypes = ['application/pidf+xml']
  return {
    identity: `sip:${presenceServer}`,
    network: 'home2.net',
    tags: [],
    chargingIds: [],
    firstSequence: 1,
    roles: {
      presenceServer: {
        presentities: Object.fromEntries(numbers.map((one) => [presentityOf(one), { otherwise: 'allow' }])),
        subscribing: { packages: ['presence'], ...durations },
        publishing: { packages: ['presence'], mediaTypes, defaultDuration: 3600, ...durations },
        notifyAfter: 0,
      },
    },
  }
}

interface World {
  readonly simulation: Simulation<Message>
  /** NOTIFYs that the list server has been sent, each counted once as nothing is lost. */
  behind: number
  readonly agent: Agent
}

function world(waits: Waits): World {
  // Nodes of its own: they keep in hand the state on which they worked last, of a world that is gone.
  const listServer: Node<unknown, Message> = sipNode(resourceListServerNode)
  const counting: Node<unknown, Message> = {
    ...listServer,
    handle(state, input, turn) {
      const message = input.kind === 'message' && input.message.protocol === 'sip' ? input.message : undefined
      if (message?.kind === 'request' && message.method === 'NOTIFY') made.behind++
      listServer.handle(state, input, turn)
    },
  }
  const simulation = new Simulation<Message>({
    behaviours: {
      agent: sipNode(bareAgent),
      'presence-server': sipNode(presenceServerNode),
      'resource-list-server': counting,
    },
    isShared,
    seed: 1,
  })
  simulation.world.network.otherwise = { latency: millis(2), jitter: 0, lossOneIn: 0, duplicateOneIn: 0 }
  simulation.add(agent, 'agent')
  const settings = listServerSettings(lists, membersOf, waits)
  simulation.add(server, 'resource-list-server', { ...settings, domains: { 'home2.net': presenceServer } })
  simulation.add(presenceServer, 'presence-server', presenceSettings())
  const { user } = simulation.world.seats.get(agent)!.state as { user: Agent }
  const made: World = { simulation, behind: 0, agent: user }
  return made
}

type Waits = Pick<ResourceListServerSettings, 'window' | 'gap'>

/** Lets time pass, a virtual second at a time; wall time in seconds and turns. */
function pass({ simulation }: World, time: number, what: string): { readonly wall: number; readonly steps: number } {
  const start = performance.now()
  const from = simulation.now
  let steps = 0
  for (let passed = 0; passed < time; passed += seconds(1)) {
    steps += simulation.run(from + Math.min(time, passed + seconds(1)))
    showProgress(what, passed + seconds(1), time)
  }
  return { wall: (performance.now() - start) / 1000, steps }
}

/** The garbage collector, if Node was started with --expose-gc. */
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {})

function liveHeap(): number {
  collect()
  return process.memoryUsage().heapUsed
}

function* hour(waits: Waits, how: string): Generator<Figure> {
  const random = stream(1, 'moments')
  const moments = Array.from({ length: presentities }, () => below(random, seconds(600)))
  const made = world(waits)
  const { simulation } = made
  for (let one = 0; one < presentities; one++)
    simulation.command(millis(one), agent, { do: 'publish', presentity: one })
  pass(made, seconds(60), `${how}: publishing`)
  const before = liveHeap()
  for (let one = 0; one < lists; one++) simulation.command(millis(10 * one), agent, { do: 'subscribe', watcher: one })
  const setUp = pass(made, seconds(200), `${how}: subscribing`)
  expect(made.behind, memberships, 'first NOTIFYs of members')
  const heap = liveHeap() - before
  yield { name: `500 k members, ${how}: set-up, wall time`, value: setUp.wall, unit: 's' }
  yield { name: `500 k members, ${how}: set-up, steps`, value: setUp.steps, unit: 'steps' }
  yield { name: `500 k members, ${how}: live heap a member, RLS and PS`, value: heap / memberships, unit: 'B' }
  const told = made.agent.told
  for (let round = 0; round < 6; round++)
    for (let one = 0; one < presentities; one++)
      simulation.command(seconds(600 * round) + moments[one]!, agent, { do: 'publish', presentity: one })
  const spent = pass(made, seconds(3600), how)
  yield { name: `500 k members, ${how}: the hour, wall time`, value: spent.wall, unit: 's' }
  yield { name: `500 k members, ${how}: the hour, steps`, value: spent.steps, unit: 'steps' }
  yield { name: `500 k members, ${how}: the hour, live heap`, value: (liveHeap() - before) / 1e6, unit: 'MB' }
  yield { name: `500 k members, ${how}: NOTIFYs of members`, value: made.behind - memberships, unit: '' }
  yield { name: `500 k members, ${how}: NOTIFYs of lists`, value: made.agent.told - told, unit: '' }
}

function expect(found: number, expected: number, what: string): void {
  if (found !== expected) throw new Error(`${found} ${what}, not ${expected}`)
}

export function* listHourFigures(): Generator<Figure> {
  yield* hour({ window: millis(500), gap: seconds(5) }, 'window of 0.5 s, gap of 5 s')
  yield* hour({ window: 0, gap: 0 }, 'no window')
}
