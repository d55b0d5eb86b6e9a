/**
 * The presence server alone, XML, rules, transactions and timers included: its peers are one bare user agent. What a
 * PUBLISH costs, a SUBSCRIBE with its NOTIFY, a NOTIFY of a fan-out, and a day of everything.
 */
import { person, presence, printPresence, rpidClass, tuple } from '../../src/documents/index.ts'
import { behaviours, isShared } from '../../src/flow/world.ts'
import type { ApplicationServerSettings } from '../../src/ims/application-server.ts'
import type { Message } from '../../src/message.ts'
import { publishedTypes } from '../../src/presence/server/published-state.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import { millis, seconds } from '../../src/sim/time.ts'
import { request, type SipRequest } from '../../src/sip/message.ts'
import { sipNode } from '../../src/sip/transaction/transaction.ts'
import type { TransactionUser } from '../../src/sip/transaction/transaction-user.ts'
import type { Figure } from './figure.ts'
import { address, publication } from './publication.ts'

const server = 'ps.home1.net'
const agent = 'agent.home1.net'
const presentityOf = (number: number): string => `sip:presentity${number}@home1.net`

/** A presence document of ordinary size: two services, a person with a class and a note. */
function documentOf(entity: string, note: string): string {
  const services = ['im', 'call'].map((id, i) =>
    tuple(id, i === 0 ? 'open' : 'closed', { contact: { uri: entity, priority: 0.8 }, notes: [{ text: note }] }),
  )
  const about = person('p', { extensions: [rpidClass('friends')], notes: [{ text: note }] })
  return printPresence(presence(entity, { tuples: services, extensions: [about] }))
}

/** Three rules, of which each watcher meets one: friends see all, colleagues the services, others wait. */
const rules = `<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules">
  <rule id="friends"><conditions><identity><many domain="home1.net"/></identity></conditions>
    <actions><pr:sub-handling>allow</pr:sub-handling></actions>
    <transformations><pr:provide-services><pr:all-services/></pr:provide-services>
      <pr:provide-persons><pr:class>friends</pr:class></pr:provide-persons>
      <pr:provide-note>true</pr:provide-note></transformations></rule>
  <rule id="colleagues"><conditions><identity><many domain="home2.net"/></identity></conditions>
    <actions><pr:sub-handling>allow</pr:sub-handling></actions>
    <transformations><pr:provide-services><pr:all-services/></pr:provide-services></transformations></rule>
  <rule id="others"><conditions><identity><many/></identity></conditions>
    <actions><pr:sub-handling>confirm</pr:sub-handling></actions></rule>
</ruleset>`

const strictRules = rules.replace('provide-note>true', 'provide-note>false')

/** Sends what it is commanded to, and answers every NOTIFY. */
const bareAgent: TransactionUser<{ lastTag: string | undefined; notified: number }> = {
  title: 'bare user agent',
  clause: '',
  start: () => ({ lastTag: undefined, notified: 0 }),
  onCommand(state, command, turn) {
    const asked = command.request as SipRequest
    const sipIfMatch = command.isModifying === true ? state.lastTag : undefined
    turn.request(server, sipIfMatch === undefined ? asked : withTag(asked, sipIfMatch))
  },
  onRequest(state, notify: SipRequest, turn) {
    state.notified++
    turn.respond(notify, turn.answer(notify, 200, answered))
  },
  onResponse(state, { headers }) {
    state.lastTag = headers.sipEtag ?? state.lastTag
  },
}

const answered = { id: '', clause: '', title: '', serves: [], step: undefined }
const withTag = (asked: SipRequest, sipIfMatch: string): SipRequest => ({
  ...asked,
  headers: asked.headers.with({ sipIfMatch }),
})

function settings(presentities: number): ApplicationServerSettings {
  const durations = { shortestDuration: 60, longestDuration: 600_000 }
  return {
    identity: `sip:${server}`,
    network: 'home1.net',
    tags: [],
    chargingIds: [],
    firstSequence: 1,
    roles: {
      presenceServer: {
        presentities: Object.fromEntries(Array.from({ length: presentities }, (_, i) => [presentityOf(i), { rules }])),
        subscribing: { packages: ['presence', 'presence.winfo'], ...durations },
        publishing: { packages: ['presence'], mediaTypes: publishedTypes, defaultDuration: 3600, ...durations },
        notifyAfter: 0,
      },
    },
  }
}

interface World {
  readonly simulation: Simulation<Message>
  /** How many NOTIFYs the agent has answered. */
  notified(): number
}

function world(presentities: number): World {
  const simulation = new Simulation<Message>({
    behaviours: { ...behaviours, agent: sipNode(bareAgent) },
    isShared,
    seed: 1,
  })
  simulation.world.network.otherwise = { latency: millis(2), jitter: 0, lossOneIn: 0, duplicateOneIn: 0 }
  simulation.add(agent, 'agent')
  simulation.add(server, 'presence-server', settings(presentities))
  const state = simulation.world.seats.get(agent)!.state as { user: { notified: number } }
  return { simulation, notified: () => state.user.notified }
}

let calls = 0

function subscription(watcher: string, of: string, partial: boolean): SipRequest {
  const number = ++calls
  return request('SUBSCRIBE', of, {
    maxForwards: 70,
    pAssertedIdentity: [address(watcher)],
    from: { ...address(watcher), params: { tag: `w${number}` } },
    to: address(of),
    callId: `call${number}`,
    cseq: { number: 1, method: 'SUBSCRIBE' },
    event: { value: 'presence', params: {} },
    expires: 600_000,
    ...(partial && { accept: ['pidf', 'pidf-diff'].map((type) => ({ value: `application/${type}+xml`, params: {} })) }),
    contact: [address(`sip:${agent}`)],
  })
}

const saying = (of: string, note: string): SipRequest => publication(of, ++calls, documentOf(of, note))

/** Has the agent send a request, and lets it be answered and all its timers fire. */
function send({ simulation }: World, asked: SipRequest, isModifying = false, pause = seconds(40)): void {
  simulation.command(0, agent, { do: 'send', request: asked, isModifying })
  simulation.run(simulation.now + pause)
}

/** The least of several rounds of a work, in microseconds a piece. */
function least(rounds: number, pieces: number, work: (piece: number) => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    for (let i = 0; i < pieces; i++) work(round * pieces + i)
    best = Math.min(best, performance.now() - start)
  }
  return (best / pieces) * 1000
}

/** A PUBLISH that modifies, each with another document; nobody watches. */
function publishing(): number {
  const alone = world(1)
  const each = 1000
  const requests = Array.from({ length: 6 * each }, (_, i) => saying(presentityOf(0), `note ${i}`))
  send(alone, requests[0]!)
  return least(5, each, (i) => send(alone, requests[i + 1]!, true))
}

/** A SUBSCRIBE and its NOTIFY, by rules: the watchers are of two kinds, and half of them want partial state. */
function subscribing(): number {
  const alone = world(1)
  send(alone, saying(presentityOf(0), 'note'))
  const each = 2000
  const watcher = (i: number): string => `sip:watcher${i}@home${1 + (i % 2)}.net`
  const requests = Array.from({ length: 5 * each }, (_, i) => subscription(watcher(i), presentityOf(0), i % 4 < 2))
  return least(5, each, (i) => send(alone, requests[i]!))
}

/** One PUBLISH that is told to all watchers of a presentity, in microseconds a NOTIFY, its answer included. */
function fanOut(watchers: number): number {
  const alone = world(1)
  send(alone, saying(presentityOf(0), 'first'))
  for (let i = 0; i < watchers; i++)
    send(alone, subscription(`sip:watcher${i}@home${1 + (i % 2)}.net`, presentityOf(0), i % 4 < 2), false, 0)
  alone.simulation.run(alone.simulation.now + seconds(100))
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 4; round++) {
    const changed = saying(presentityOf(0), `round ${round}`)
    const before = alone.notified()
    const start = performance.now()
    send(alone, changed, true, seconds(100))
    const each = (performance.now() - start) / (alone.notified() - before)
    best = Math.min(best, each)
  }
  return best * 1000
}

/** The garbage collector, if Node was started with --expose-gc. */
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {})

/** A day in which 100 presentities publish, refresh and change their rules, with 1,000 watchers each. */
function* mixedDay(): Generator<Figure> {
  const presentities = 100
  const watchers = 1000
  const alone = world(presentities)
  const { simulation } = alone
  collect()
  const heapBefore = process.memoryUsage().heapUsed
  const start = performance.now()
  const day = seconds(86_400)
  const schedule = (after: number, asked: SipRequest, to = agent): void =>
    simulation.command(after, to, { do: 'send', request: asked })
  for (let p = 0; p < presentities; p++) {
    const of = presentityOf(p)
    for (let i = 0; i < watchers; i++)
      schedule(
        millis(50 * (i * presentities + p)),
        subscription(`sip:watcher${i}@home${1 + (i % 3)}.net`, of, i % 2 === 0),
      )
    for (let hour = 0; hour < 24; hour += 6) schedule(seconds(hour * 3600) + millis(p), saying(of, `at ${hour}`))
    simulation.command(day / 2 + millis(10 * p), server, { do: 'policy', of, rules: strictRules })
  }
  const steps = simulation.run(day)
  const wall = performance.now() - start
  collect()
  const heap = process.memoryUsage().heapUsed - heapBefore
  yield { name: '100 k subscriptions, a mixed day: wall time', value: wall / 1000, unit: 's' }
  yield { name: '100 k subscriptions, a mixed day: NOTIFYs', value: alone.notified(), unit: '' }
  yield { name: '100 k subscriptions, a mixed day: steps', value: steps, unit: 'steps' }
  yield { name: '100 k subscriptions, a mixed day: live heap', value: heap / 1e6, unit: 'MB' }
}

export function* presenceServerFigures(): Generator<Figure> {
  yield { name: 'PS alone: PUBLISH (target 100)', value: publishing(), unit: 'µs' }
  yield { name: 'PS alone: SUBSCRIBE and NOTIFY by rules (target 40)', value: subscribing(), unit: 'µs' }
  yield { name: 'PS alone: NOTIFY of a fan-out to 10 k (target 15)', value: fanOut(10_000), unit: 'µs' }
  yield* mixedDay()
}
