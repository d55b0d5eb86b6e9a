import type { Address, Decision, Node, Transport } from '../../src/sim/node.ts'
import { rule } from '../../src/sim/rule.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import type { Micros } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import type { NameAddr } from '../../src/sip/headers.ts'
import type { Element } from '../../src/sip/judge.ts'
import {
  type HeaderChanges,
  noHeaders,
  request,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../../src/sip/message.ts'
import type { DnsTable } from '../../src/sip/transaction/locate.ts'
import { type SipState, sipNode } from '../../src/sip/transaction/transaction.ts'
import { type Leg, networkLeg, type SipTurn } from '../../src/sip/transaction/transaction-user.ts'

/** What a transaction user was told, and when. */
export interface Heard {
  readonly at: Micros
  /** The method of a request, the status of a response, `timeout`, or the name of a timer. */
  readonly what: string
  readonly message: SipMessage | undefined
}

/** How the user of a test behaves. */
export interface UserSettings {
  /** The status with which it answers each request at once; without it, it only answers when told to. */
  readonly answer?: number
  readonly leg?: Leg
  /** What it is to requests. */
  readonly element?: Element
  /** The path MTU that it knows. */
  readonly mtu?: number
  /** What DNS would say. */
  readonly dns?: DnsTable
  /** How long it waits for a next hop that says nothing. */
  readonly patience?: Micros
  /** True if it takes another way when nobody answers what it forwarded. */
  readonly isHelpful?: boolean
  /** How it talks to particular peers. */
  readonly legs?: Readonly<Record<Address, Leg>>
  /** The host to which it forwards each request, as a proxy does. */
  readonly next?: Address
  /** What it does to requests that it forwards. */
  readonly change?: (request: SipRequest, turn: SipTurn) => SipRequest
  /** What it does to responses that it relays. */
  readonly relay?: (response: SipResponse, turn: SipTurn) => SipResponse | undefined
}

export interface User {
  readonly heard: Heard[]
  readonly settings: UserSettings
}

export const because = rule('the test', 'says so')

/** A transaction user that writes down what it is told and does what a test asks. */
const user = sipNode<User>({
  title: 'user',
  clause: 'the test',
  start: (_, settings) => ({ heard: [], settings: (settings ?? {}) as UserSettings }),
  leg: ({ settings }, peer) => settings.legs?.[peer] ?? settings.leg ?? networkLeg,
  element: ({ settings }) => settings.element,
  onRequest({ heard, settings }, message, turn) {
    heard.push({ at: turn.now, what: message.method, message })
    const { next, change } = settings
    if (next !== undefined) turn.forward(message, change?.(message, turn) ?? message, next, settings.patience)
    else if (settings.answer !== undefined) turn.reply(message, settings.answer, because)
  },
  onResponse({ heard }, message, _, turn) {
    heard.push({ at: turn.now, what: String(message.status), message })
  },
  onRelay: ({ settings }, response, _, turn) => (settings.relay ? settings.relay(response, turn) : response),
  onUnanswered({ heard, settings }, _forwarded, _received, turn) {
    heard.push({ at: turn.now, what: 'unanswered', message: undefined })
    return settings.isHelpful === true
  },
  onTimeout({ heard }, message, turn) {
    heard.push({ at: turn.now, what: 'timeout', message })
  },
  onTimer({ heard }, timer, turn) {
    heard.push({ at: turn.now, what: timer.name, message: undefined })
  },
  onCommand(state, command, turn) {
    ;(command as unknown as { act: (turn: SipTurn, state: User) => void }).act(turn, state)
  },
})

/** A host without a transaction layer: it sends just what it is told and answers nothing. */
const wire: Node<undefined, SipMessage> = {
  title: 'wire',
  clause: 'the test',
  start: () => undefined,
  handle(_, input, turn) {
    if (input.kind !== 'command') return
    const { to, message, transport } = input.command as unknown as {
      readonly to: Address
      readonly message: SipMessage
      readonly transport: Transport
    }
    turn.send(to, message, transport)
  },
}

/** What passed the network. */
export interface Passed {
  readonly at: Micros
  readonly to: Address
  readonly message: SipMessage
}

/** A small world on which a test plays: users with a transaction layer, and bare hosts. */
export class Stage {
  readonly simulation: Simulation<SipMessage>
  readonly trace: TraceEvent<SipMessage>[] = []

  constructor(users: Readonly<Record<Address, UserSettings>>, hosts: readonly Address[] = [], seed = 1) {
    const behaviours = { user, wire } as Readonly<Record<string, Node<unknown, SipMessage>>>
    this.simulation = new Simulation({ behaviours, seed, isShared: (value) => 'protocol' in value })
    for (const [address, settings] of Object.entries(users)) this.simulation.add(address, 'user', settings)
    for (const address of hosts) this.simulation.add(address, 'wire')
  }

  get now(): Micros {
    return this.simulation.now
  }

  /** Lets everything happen until a time, this time included. */
  run(until: Micros = Number.POSITIVE_INFINITY): void {
    for (let due = this.simulation.next; due !== undefined && due <= until; due = this.simulation.next)
      this.trace.push(this.simulation.step()!)
  }

  /** Runs up to a time, has a user do something in a turn of its own, and returns what came of it. */
  act<T>(at: Micros, address: Address, what: (turn: SipTurn, state: User) => T): T {
    this.run(at)
    const results: T[] = []
    const act = (turn: SipTurn, state: User): number => results.push(what(turn, state))
    this.simulation.command(at - this.now, address, { do: 'act', act })
    while (results.length === 0) {
      const event = this.simulation.step()
      if (event === undefined) throw new Error('the act has not come to its end')
      this.trace.push(event)
    }
    return results[0]!
  }

  /** Has a host send a message at a time. */
  send(at: Micros, from: Address, to: Address, message: SipMessage, transport: Transport = 'datagram'): void {
    this.simulation.command(at - this.now, from, { do: 'send', to, message, transport })
  }

  /** Has a user send a request in a client transaction, and returns it as it was sent. */
  request(at: Micros, from: Address, to: Address, message: SipRequest): SipRequest {
    this.act(at, from, (turn) => turn.request(to, message))
    return this.sent(from, to).at(-1)!.message as SipRequest
  }

  /** Has a user answer the request that it got last. */
  reply(at: Micros, address: Address, status: number): void {
    this.act(at, address, (turn, { heard }) => {
      const last = heard.findLast(({ message }) => message?.kind === 'request')!
      turn.reply(last.message as SipRequest, status, because)
    })
  }

  layer(address: Address): SipState<User> {
    return this.simulation.world.seats.get(address)!.state as SipState<User>
  }

  /** What a user was told, as `time in seconds` and `what`. */
  heard(address: Address): readonly (readonly [at: number, what: string])[] {
    return this.layer(address).user.heard.map(({ at, what }) => [at / 1e6, what])
  }

  /** All that one address sent to another, whether it arrived or not. */
  sent(from: Address, to: Address): readonly Passed[] {
    return this.trace.flatMap(({ node, at, effects }) =>
      effects.flatMap((one) =>
        node === from && one.kind === 'send' && one.to === to ? [{ at, to, message: one.message }] : [],
      ),
    )
  }

  /** All that one address sent to another, as `time in seconds` and `method or status`. */
  told(from: Address, to: Address): readonly (readonly [at: number, what: string])[] {
    return this.sent(from, to).map(({ at, message }) => [at / 1e6, nameOf(message)])
  }

  /** The decisions taken by rules of this clause. */
  decisions(clause: string): readonly Decision[] {
    return this.trace
      .flatMap(({ effects }) => effects)
      .filter((one) => one.kind === 'decide')
      .filter((one) => one.rule.clause === clause)
  }
}

export const nameOf = (message: SipMessage): string =>
  message.kind === 'request' ? message.method : String(message.status)

export const nameAddr = (uri: string, params: NameAddr['params'] = {}): NameAddr => ({
  display: undefined,
  uri,
  params,
})

/** A request outside any dialog, from Alice to Bob. */
export function aRequest(method = 'OPTIONS', changes: HeaderChanges = {}, body = ''): SipRequest {
  const headers = {
    maxForwards: 70,
    from: nameAddr('sip:alice@home1.net', { tag: 'a1' }),
    to: nameAddr('sip:bob@home2.net'),
    callId: 'call-1',
    cseq: { number: 1, method },
  }
  return request(method, 'sip:bob@home2.net', { ...headers, ...changes }, body)
}

/** A request as it comes from the network, with the branch of its sender. */
export const received = (
  branch: string,
  message: SipRequest = aRequest(),
  host = 'peer',
  transport = 'UDP',
): SipRequest => ({
  ...message,
  headers: message.headers.with({ via: [{ transport, host, port: undefined, params: { branch } }] }),
})

/** The answer of a peer to a request. */
export function answerTo(to: SipRequest, status: number, changes: HeaderChanges = {}): SipResponse {
  const { via, from, to: addressee, callId, cseq } = to.headers
  const tagged = { ...addressee!, params: { tag: 'b1', ...addressee!.params } }
  return {
    protocol: 'sip',
    kind: 'response',
    status,
    reason: 'Because',
    headers: noHeaders.with({ via, from, to: tagged, callId, cseq, contentLength: 0, ...changes }),
    body: '',
  }
}
