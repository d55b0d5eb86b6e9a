import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Link, perfectLink } from '../../src/sim/network.ts'
import type { Command, Node } from '../../src/sim/node.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import { type Micros, seconds } from '../../src/sim/time.ts'
import { printTurn } from '../../src/sim/trace.ts'
import { requestOutsideDialog } from '../../src/sip/core/user-agent.ts'
import { accepted, acceptedAgain, granted, isInOrder, notification, type Watch } from '../../src/sip/events/notifier.ts'
import {
  awaitNotify,
  endingStatuses,
  onNotify,
  onSubscribeResponse,
  onTimerN,
  type Subscription,
  subscribeAgain,
} from '../../src/sip/events/subscriber.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { parse } from '../../src/sip/parse.ts'
import { print, printText } from '../../src/sip/print.ts'
import { type SipState, sipNode } from '../../src/sip/transaction/transaction.ts'
import type { SipTurn } from '../../src/sip/transaction/transaction-user.ts'
import { because, nameAddr } from './stage.ts'

interface Watcher {
  subscription: Subscription | undefined
  /** The states that it went through, and the numbers of the NOTIFYs that it took in. */
  readonly story: string[]
  readonly numbers: number[]
  readonly messages: SipMessage[]
}

const contact = nameAddr('sip:watcher')

/** The smallest subscriber: it follows RFC 6665 §4.1 by the functions of subscriber.ts alone. */
const watcher = sipNode<Watcher>({
  title: 'watcher',
  clause: 'RFC 6665 §4.1',
  start: () => ({ subscription: undefined, story: [], numbers: [], messages: [] }),
  onCommand(state, { expires }: Command, turn) {
    if (state.subscription === undefined) {
      const identifiers = { callId: turn.identifier(), tag: turn.identifier(), sequence: 1 }
      const bare = requestOutsideDialog('SUBSCRIBE', 'sip:ps', 'sip:alice@home', identifiers, turn)
      const changes = { event: { value: 'presence', params: {} }, contact: [contact], expires: Number(expires) }
      const request = turn.amend(bare, because, changes)
      state.subscription = awaitNotify(request, seconds(0.5), turn)
      return turn.request('ps', request)
    }
    const again = subscribeAgain(state.subscription, Number(expires), turn)
    if (again !== undefined) turn.request('ps', turn.amend(again, because, { contact: [contact] }))
  },
  onResponse(state, response, request, turn) {
    state.messages.push(response)
    onSubscribeResponse(state.subscription!, response, request, turn)
  },
  onRequest(state, request, turn) {
    state.messages.push(request)
    const notified = onNotify([state.subscription!], request, turn)
    if ('status' in notified) return turn.reply(request, notified.status, notified.why)
    turn.reply(request, 200, notified.why)
    state.numbers.push(request.headers.cseq!.number)
    const { state: now } = state.subscription!
    if (state.story.at(-1) !== now) state.story.push(now)
  },
  onTimer(state, timer, turn) {
    if (timer.name === 'Timer N') onTimerN(state.subscription!, turn)
  },
})

interface Notifier {
  watch: Watch | undefined
  readonly dropped: string[]
  readonly messages: SipMessage[]
}

const policy = { packages: ['presence'], shortestDuration: 10, longestDuration: 600 }
const own = nameAddr('sip:ps')

/** The smallest notifier: it follows RFC 6665 §4.2 by the functions of notifier.ts alone. */
const notifier = sipNode<Notifier>({
  title: 'notifier',
  clause: 'RFC 6665 §4.2',
  start: () => ({ watch: undefined, dropped: [], messages: [] }),
  onRequest(state, request, turn) {
    state.messages.push(request)
    const { watch } = state
    if (request.headers.to!.params.tag !== undefined && !isInOrder(watch, request, turn)) return
    const duration = granted(request, policy, turn)
    if (duration === undefined) return
    if (watch !== undefined) {
      turn.respond(request, acceptedAgain(watch, request, duration, own, turn))
      watch.expiresAt = turn.now + seconds(duration)
      if (duration === 0) watch.state = 'terminated'
    } else {
      const local = { tag: turn.identifier(), contact: own, firstSequence: 1 }
      const [response, dialog] = accepted(request, duration, local, turn)
      turn.respond(request, response)
      const expiresAt = turn.now + seconds(duration)
      state.watch = { dialog, event: 'presence', state: duration === 0 ? 'terminated' : 'pending', expiresAt }
    }
    tell(state, turn)
    turn.start({ name: 'expiry', of: 'watch' }, seconds(duration))
  },
  onCommand(state, _, turn) {
    if (state.watch === undefined) return
    state.watch.state = 'active'
    tell(state, turn)
  },
  onResponse(state, response) {
    state.messages.push(response)
    if (endingStatuses.has(response.status)) drop(state, String(response.status))
  },
  onTimeout: (state) => drop(state, 'timeout'),
  onTimer(state, _, turn) {
    if (state.watch === undefined || turn.now < state.watch.expiresAt) return
    state.watch.state = 'terminated'
    tell(state, turn)
  },
})

function tell(state: Notifier, turn: SipTurn): void {
  const { watch } = state
  if (watch === undefined) return
  turn.request('watcher', turn.amend(notification(watch, own, undefined, turn), because, { body: watch.state }))
  if (watch.state === 'terminated') state.watch = undefined
}

function drop(state: Notifier, why: string): void {
  state.dropped.push(why)
  state.watch = undefined
}

type Deed = readonly [at: Micros, to: 'watcher' | 'ps', expires: number]

type Wire = (message: SipMessage) => SipMessage

function world(link: Partial<Link>, seed: number, deeds: readonly Deed[], wire?: Wire): Simulation<SipMessage> {
  const behaviours = { watcher, notifier } as Readonly<Record<string, Node<unknown, SipMessage>>>
  const simulation = new Simulation({
    behaviours,
    seed,
    isShared: (value) => 'protocol' in value,
    ...(wire && { wire }),
  })
  simulation.add('watcher', 'watcher')
  simulation.add('ps', 'notifier')
  simulation.world.network.otherwise = { ...perfectLink, ...link }
  for (const [at, to, expires] of deeds) simulation.command(at, to, { do: 'go', expires })
  return simulation
}

const stateOf = <S>(simulation: Simulation<SipMessage>, address: string): S =>
  (simulation.world.seats.get(address)!.state as SipState<S>).user

const whole: readonly Deed[] = [
  [0, 'watcher', 60],
  [seconds(1), 'ps', 0],
  [seconds(50), 'watcher', 60],
  [seconds(100), 'watcher', 0],
]

/** No message takes longer than T1: the last retransmission of a request arrives before Timer J fires. */
const badLink = fc.record<Link>({
  latency: fc.nat(200_000),
  jitter: fc.nat(299_000),
  lossOneIn: fc.constantFrom(0, 2, 3, 5),
  duplicateOneIn: fc.constantFrom(0, 2, 5),
})

describe('a subscription from end to end (RFC 6665)', () => {
  it('is pending, then active, is refreshed and ended, over a perfect link', () => {
    const simulation = world({ latency: 10_000 }, 1, whole)
    simulation.run(seconds(1000))
    expect(stateOf<Watcher>(simulation, 'watcher')).toMatchObject({
      story: ['pending', 'active', 'terminated'],
      numbers: [1, 2, 3, 4],
      subscription: { reason: 'timeout' },
    })
    expect(stateOf<Notifier>(simulation, 'ps')).toMatchObject({ watch: undefined, dropped: [] })
  })

  it('expires at both ends when it is not refreshed', () => {
    const simulation = world({ latency: 10_000 }, 1, whole.slice(0, 2))
    simulation.run(seconds(59))
    expect(stateOf<Notifier>(simulation, 'ps').watch?.state).toBe('active')
    simulation.run(seconds(1000))
    expect(stateOf<Watcher>(simulation, 'watcher').story).toEqual(['pending', 'active', 'terminated'])
    expect(stateOf<Notifier>(simulation, 'ps').watch).toBe(undefined)
  })

  it('with 0 seconds tells the state once and is over (§4.4.3)', () => {
    const simulation = world({}, 1, [[0, 'watcher', 0]])
    simulation.run(seconds(1000))
    expect(stateOf<Watcher>(simulation, 'watcher')).toMatchObject({ story: ['terminated'], numbers: [1] })
  })

  it('of which no NOTIFY arrives has failed after 32 seconds (§4.1.2.4)', () => {
    const simulation = world({}, 1, [[0, 'watcher', 60]])
    simulation.command(0, 'world', { do: 'link', one: 'ps', other: 'watcher', link: { ...perfectLink, lossOneIn: 1 } })
    simulation.run(seconds(32))
    expect(stateOf<Watcher>(simulation, 'watcher').subscription).toMatchObject({
      state: 'terminated',
      reason: 'no NOTIFY',
    })
  })

  it('over any link: NOTIFYs are taken in in order, and in the end neither side believes in it any more', () => {
    fc.assert(
      fc.property(badLink, fc.nat(1e6), (link, seed) => {
        const simulation = world(link, seed, whole)
        simulation.run(seconds(5000))
        const { numbers, subscription } = stateOf<Watcher>(simulation, 'watcher')
        expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
        expect(subscription!.state === 'terminated' || subscription!.expiresAt <= simulation.now).toBe(true)
        expect(stateOf<Notifier>(simulation, 'ps').watch).toBe(undefined)
      }),
      { numRuns: 60 },
    )
  })

  it('is the same, message by message, whether or not somebody listens', () => {
    const messages = (simulation: Simulation<SipMessage>) => [
      stateOf<Watcher>(simulation, 'watcher').messages.map(printText),
      stateOf<Notifier>(simulation, 'ps').messages.map(printText),
    ]
    fc.assert(
      fc.property(badLink, fc.nat(1e6), (link, seed) => {
        const [quiet, heard] = [world(link, seed, whole), world(link, seed, whole)]
        quiet.run(seconds(5000))
        const sent: (readonly [SipMessage, string])[] = []
        for (let event = heard.step(); event !== undefined; event = heard.step())
          for (const one of event.effects) if (one.kind === 'send') sent.push([one.message, printText(one.message)])
        expect(messages(quiet)).toEqual(messages(heard))
        for (const [message, text] of sent) expect(printText(message)).toBe(text)
      }),
      { numRuns: 30 },
    )
  })

  it('is the same, turn by turn, when every message is printed and parsed on its way', () => {
    const readAgain = (message: SipMessage): SipMessage => {
      const parsed = parse(print(message))
      if (parsed.kind === 'malformed') throw new Error(parsed.reason)
      return parsed
    }
    const turns = (simulation: Simulation<SipMessage>): string[] => {
      const lines: string[] = []
      for (let event = simulation.step(); event !== undefined; event = simulation.step())
        lines.push(printTurn(event, printText))
      return lines
    }
    const link = { latency: 30_000, jitter: 200_000, lossOneIn: 4, duplicateOneIn: 4 }
    for (const seed of [1, 2, 3]) {
      const plain = turns(world(link, seed, whole))
      expect(plain.length).toBeGreaterThan(20)
      expect(turns(world(link, seed, whole, readAgain))).toEqual(plain)
    }
  })

  it('never changes a message that was sent, with nobody listening', () => {
    const atArrival: (readonly [SipMessage, string])[] = []
    const simulation = world({ latency: 20_000, jitter: 50_000, duplicateOneIn: 3 }, 5, whole)
    const { options } = simulation
    const watched = new Simulation(
      {
        ...options,
        wire: (message) => {
          atArrival.push([message, printText(message)])
          return message
        },
      },
      simulation.world,
    )
    watched.run(seconds(5000))
    expect(atArrival.length).toBeGreaterThan(10)
    for (const [message, text] of atArrival) expect(printText({ ...message })).toBe(text)
  })
})
