import { behaviours } from '../../src/flow/world.ts'
import type { HttpMessage } from '../../src/http/message.ts'
import type { CxMessage } from '../../src/ims/cx.ts'
import { type Message, overTheWire } from '../../src/message.ts'
import type { Address, Decision, Node } from '../../src/sim/node.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import { seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../src/sip/message.ts'
import { parse } from '../../src/sip/parse.ts'
import { leftOut } from '../left-out.ts'

/** A message that the node sent, read back from the wire. */
export interface Sent {
  readonly to: Address
  /** In seconds of virtual time. */
  readonly at: number
  /** The turn in which it was sent. */
  readonly step: number
  readonly message: Message
}

/** Says what the test has it say, and never answers by itself. */
const peer: Node<null, Message> = {
  title: 'Peer',
  clause: '',
  start: () => null,
  handle(_state, input, turn) {
    if (input.kind === 'command') turn.send(String(input.command.to), input.command.message as Message, 'stream')
  },
}

/** One node alone on the bus: the test plays everybody else, with messages as text. */
export class Alone {
  readonly simulation: Simulation<Message>
  readonly host: Address
  /** How the others answer the requests of this node; `undefined` for not at all. */
  peers: (request: SipRequest) => string | undefined = () => undefined
  /** What the node has decided so far. */
  readonly decisions: Decision[] = []
  private readonly answered = new Set<string>()
  private repeats = false

  constructor(role: string, host: Address, settings: unknown) {
    this.host = host
    const isShared = (value: object): boolean => 'protocol' in value
    const all = { ...behaviours, peer }
    this.simulation = new Simulation<Message>({
      behaviours: all,
      isShared,
      seed: 1,
      wire: overTheWire,
      without: leftOut,
    })
    this.simulation.add(host, role, settings)
  }

  /** Hands over a message; returns what the node sends at once. */
  receive(message: string | CxMessage | HttpMessage, from: Address): Sent[] {
    this.say(typeof message === 'string' ? sip(message) : message, from)
    return this.run(0)
  }

  /** Hands over a message that is not SIP, from nobody in particular; returns what the node sends at once. */
  receiveOther(message: Message): Sent[] {
    this.say(message, 'elsewhere.net')
    return this.run(0)
  }

  /** Gives a command; returns what the node sends at once. */
  command(command: { readonly do: string; readonly [argument: string]: unknown }): Sent[] {
    this.simulation.command(0, this.host, command)
    return this.run(0)
  }

  /** Lets so many seconds pass; returns what the node sends meanwhile, each request once. */
  pass(time: number): Sent[] {
    return this.run(time)
  }

  /** As `pass`, but with the retransmissions. */
  passRepeating(time: number): Sent[] {
    this.repeats = true
    const sent = this.run(time)
    this.repeats = false
    return sent
  }

  /** The state of what sits on the transaction layer. */
  state<T>(): T {
    return (this.simulation.world.seats.get(this.host)!.state as { user: T }).user
  }

  private say(message: Message, from: Address): void {
    if (this.simulation.seat(from) === undefined) this.simulation.add(from, 'peer')
    this.simulation.command(0, from, { do: 'say', to: this.host, message })
  }

  private run(time: number): Sent[] {
    const until = this.simulation.now + seconds(time)
    const sent: Sent[] = []
    for (let due = this.simulation.next; due !== undefined && due <= until; due = this.simulation.next)
      this.note(this.simulation.step()!, sent)
    // The clock stands where the last thing happened: a command to nobody moves it on.
    this.simulation.command(until - this.simulation.now, 'world', { do: 'heal' })
    this.simulation.step()
    return sent
  }

  private note(event: TraceEvent<Message>, sent: Sent[]): void {
    if (event.node !== this.host) return
    for (const effect of event.effects) {
      if (effect.kind === 'decide') this.decisions.push(effect)
      if (effect.kind !== 'send') continue
      const message = overTheWire(effect.message)
      if (message.protocol === 'sip' && message.kind === 'request' && !this.isNew(message)) continue
      sent.push({ to: effect.to, at: event.at / seconds(1), step: event.step, message })
      const reply = message.protocol === 'sip' && message.kind === 'request' ? this.peers(message) : undefined
      if (reply !== undefined) this.say(sip(reply), effect.to)
    }
  }

  /** False for a retransmission. */
  private isNew(request: SipRequest): boolean {
    const branch = String(request.headers.via?.[0]?.params.branch)
    const isNew = this.repeats || !this.answered.has(branch)
    this.answered.add(branch)
    return isNew
  }
}

/** A message from its text; lines may be indented alike, and Content-Length may lack. */
export function sip(text: string): SipMessage {
  const parsed = parse(`${plain(text)}\r\n`)
  if (parsed.kind === 'malformed') throw new Error(`${parsed.reason}\n${plain(text)}`)
  return parsed
}

/** The text without the indentation of its first line; one empty line ends the head if none does. */
function plain(text: string): string {
  const lines = text.replace(/^\n+/, '').trimEnd().split(/\r?\n/)
  const indent = /^ */.exec(lines[0]!)![0]
  const flush = lines.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
  return flush.includes('') ? flush.join('\r\n') : `${flush.join('\r\n')}\r\n`
}

/** The text of a message with some header fields replaced, added (at the end of the head) or (undefined) removed. */
export function edited(text: string, changes: Readonly<Record<string, string | undefined>>): string {
  const [head, ...body] = plain(text).trimEnd().split('\r\n\r\n')
  const [start, ...fields] = head!.split('\r\n')
  const kept = fields.flatMap((line) => {
    const name = line.slice(0, line.indexOf(':'))
    if (!(name in changes)) return [line]
    return changes[name] === undefined ? [] : [`${name}: ${changes[name]}`]
  })
  for (const [name, value] of Object.entries(changes))
    if (value !== undefined && !fields.some((line) => line.startsWith(`${name}:`))) kept.push(`${name}: ${value}`)
  return [[start, ...kept].join('\n'), ...body].join('\n\n')
}

/** The text of an answer to a request: what RFC 3261 §8.2.6.2 has it repeat, Record-Route, and further fields. */
export function answerTo(
  request: SipRequest,
  status: string,
  more: Readonly<Record<string, string>> = {},
  body = '',
): string {
  const { headers } = request
  const to = headers.text('to')!
  const fields = {
    Via: headers.text('via'),
    'Record-Route': headers.text('recordRoute'),
    From: headers.text('from'),
    To: to.includes(';tag=') ? to : `${to};tag=peer`,
    'Call-ID': headers.text('callId'),
    CSeq: headers.text('cseq'),
    ...more,
  }
  const lines = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]))
  return [`SIP/2.0 ${status}`, ...lines, '', body].join('\n')
}

/** The only message sent, which must be a request. */
export function theRequest(sent: readonly Sent[], method?: string): SipRequest {
  const found = requests(sent, method)
  if (found.length !== 1) throw new Error(`expected one request, not ${found.length} of ${sent.length} messages`)
  return found[0]!
}

/** The only response sent. */
export function theResponse(sent: readonly Sent[]): SipResponse {
  const found = sent.flatMap(({ message }) =>
    message.protocol === 'sip' && message.kind === 'response' ? [message] : [],
  )
  if (found.length !== 1) throw new Error(`expected one response, not ${found.length} of ${sent.length} messages`)
  return found[0]!
}

export function requests(sent: readonly Sent[], method?: string): SipRequest[] {
  return sent.flatMap(({ message }) =>
    message.protocol === 'sip' && message.kind === 'request' && (method ?? message.method) === message.method
      ? [message]
      : [],
  )
}

/** The text of a header field as it stands on the wire. */
export const field = (message: SipMessage, name: string): string | undefined => message.headers.fieldText(name)

/** The names of the header fields of a message. */
export const names = (message: SipMessage): string[] => message.headers.fields.map(({ name }) => name)
