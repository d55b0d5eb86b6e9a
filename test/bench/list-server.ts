/**
 * The resource list server alone, transactions and timers included: its peers, who watch lists and are their members,
 * are one bare user agent. What setting up a list costs, and a change of a member of several lists; CPU time.
 */
import { behaviours, isShared } from '../../src/flow/world.ts'
import type { Message } from '../../src/message.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import { millis, seconds } from '../../src/sim/time.ts'
import { request, type SipRequest } from '../../src/sip/message.ts'
import { sipNode } from '../../src/sip/transaction/transaction.ts'
import type { TransactionUser } from '../../src/sip/transaction/transaction-user.ts'
import type { Figure } from './figure.ts'
import { answered, listServerSettings, server, subscription } from './lists.ts'
import { address, longest } from './publication.ts'

const agent = 'agent.home1.net'
const memberOf = (number: number): string => `sip:member${number}@home1.net`

interface Peer {
  /** The subscriptions to each member, as the SUBSCRIBE that began each. */
  readonly members: Map<string, SipRequest[]>
  /** How many NOTIFYs about lists have come. */
  told: number
  sequence: number
}

/** A NOTIFY of a member. */
function notification({ uri, headers }: SipRequest, sequence: number): SipRequest {
  const body = `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${uri}"><tuple id="im"><status><basic>open</basic></status><contact priority="0.8">${uri}</contact><note>note ${sequence}</note></tuple></presence>`
  const kept = { callId: headers.callId!, event: { value: 'presence', params: {} } }
  return request(
    'NOTIFY',
    `sip:${server}`,
    {
      maxForwards: 70,
      from: { ...address(uri), params: { tag: 'member' } },
      to: headers.from!,
      ...kept,
      cseq: { number: sequence, method: 'NOTIFY' },
      subscriptionState: { value: 'active', params: { expires: String(longest) } },
      contact: [address(`sip:${agent}`)],
      contentType: { value: 'application/pidf+xml', params: {} },
    },
    body,
  )
}

/** Watches lists as it is commanded to, is every member, and answers everything. */
const peer: TransactionUser<Peer> = {
  title: 'bare user agent',
  clause: '',
  start: () => ({ members: new Map(), told: 0, sequence: 1 }),
  onCommand(state, command, turn) {
    if (command.do === 'send') return turn.request(server, command.request as SipRequest)
    state.sequence++
    for (const one of state.members.get(String(command.of)) ?? [])
      turn.request(server, notification(one, state.sequence))
  },
  onRequest(state, asked: SipRequest, turn) {
    if (asked.method === 'NOTIFY') {
      state.told++
      return turn.respond(asked, turn.answer(asked, 200, answered))
    }
    const to = { ...asked.headers.to!, params: { tag: 'member' } }
    const granted = { to, expires: longest, contact: [address(`sip:${agent}`)] }
    turn.respond(asked, turn.answer(asked, 200, answered, granted))
    const others = state.members.get(asked.uri)
    if (others === undefined) state.members.set(asked.uri, [asked])
    else others.push(asked)
    turn.request(server, notification(asked, state.sequence))
  },
  onResponse() {},
}

/** A server with lists, each of another watcher, whose members are by number. */
function world(lists: number, membersOf: (list: number) => readonly number[]): Simulation<Message> {
  const waits = { window: millis(500), gap: seconds(5) }
  const settings = listServerSettings(lists, (list) => membersOf(list).map(memberOf), waits)
  const simulation = new Simulation<Message>({
    behaviours: { ...behaviours, agent: sipNode(peer) },
    isShared,
    seed: 1,
  })
  simulation.world.network.otherwise = { latency: millis(2), jitter: 0, lossOneIn: 0, duplicateOneIn: 0 }
  simulation.add(agent, 'agent')
  simulation.add(server, 'resource-list-server', settings)
  return simulation
}

const peerOf = (simulation: Simulation<Message>): Peer =>
  (simulation.world.seats.get(agent)!.state as { user: Peer }).user

function watch(simulation: Simulation<Message>, list: number): void {
  simulation.command(0, agent, { do: 'send', request: subscription(list, agent, agent) })
  simulation.run(simulation.now + seconds(40))
}

/** CPU time of a work in milliseconds. */
function cpu(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** A list of ten, from SUBSCRIBE until its members are told, and all timers have fired; in milliseconds of CPU. */
function settingUp(): number {
  const [rounds, each] = [5, 200]
  const simulation = world(rounds * each, (list) => Array.from({ length: 10 }, (_, i) => list * 10 + i))
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const spent = cpu(() => {
      for (let i = 0; i < each; i++) watch(simulation, round * each + i)
    })
    least = Math.min(least, spent / each)
  }
  const { told } = peerOf(simulation)
  if (told !== 2 * rounds * each) throw new Error(`${told} NOTIFYs about ${rounds * each} lists`)
  return least
}

/** One change of somebody who is in ten lists, until all ten have told of it; in milliseconds of CPU. */
function telling(): number {
  const simulation = world(10, (list) => [0, ...Array.from({ length: 9 }, (_, i) => 1 + list * 9 + i)])
  for (let list = 0; list < 10; list++) watch(simulation, list)
  const [rounds, each] = [5, 200]
  const before = peerOf(simulation).told
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const spent = cpu(() => {
      for (let i = 0; i < each; i++) {
        simulation.command(0, agent, { do: 'change', of: memberOf(0) })
        simulation.run(simulation.now + seconds(40))
      }
    })
    least = Math.min(least, spent / each)
  }
  const told = peerOf(simulation).told - before
  if (told !== 10 * rounds * each) throw new Error(`${told} NOTIFYs of ${rounds * each} changes in 10 lists`)
  return least
}

export function* listServerFigures(): Generator<Figure> {
  yield { name: 'RLS alone: set-up of a list of 10, CPU (target 1)', value: settingUp(), unit: 'ms' }
  yield { name: 'RLS alone: one change told to 10 lists, CPU (target 0.4)', value: telling(), unit: 'ms' }
}
