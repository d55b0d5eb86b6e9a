/** Traces of flows, and the same altered by hand: what a check has to find. */
import { from } from 'rxjs'
import type { Check, Violation } from '../../src/check/check.ts'
import { violations } from '../../src/check/checks.ts'
import { runFlow } from '../../src/flow/run.ts'
import type { Message } from '../../src/message.ts'
import type { Effect } from '../../src/sim/node.ts'
import { seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import type { HeaderName } from '../../src/sip/headers.ts'
import {
  type HeaderChanges,
  headerValue,
  type SipMessage,
  type SipRequest,
  type SipResponse,
} from '../../src/sip/message.ts'
import { flowOf } from '../flows/catalogue.ts'

export type Trace = readonly TraceEvent<Message>[]

/** All that a check finds in a trace; or all of them. */
export function found(trace: Trace, one?: Check): Violation[] {
  const all: Violation[] = []
  const found$ = one === undefined ? violations(from(trace)) : one.find(from(trace))
  found$.subscribe((violation) => all.push(violation))
  return all
}

/** A flow of the catalogue, and on for so many seconds. */
export const traceOf = (id: string, more = 0, without: readonly string[] = []): Trace => {
  const flow = flowOf(id)
  return runFlow({ ...flow, lasts: flow.lasts + seconds(more) }, { without }).trace
}

/** A trace with something wrong in it. */
export interface Fault {
  readonly title: string
  /** The check that finds it, and what it says at first. */
  readonly check: Check
  readonly what: string
  readonly trace: () => Trace
}

/** What becomes of a SIP message, wherever it is sent or taken; undefined takes it out. */
export type Change = (message: SipMessage) => SipMessage | undefined

/** A trace in which some messages are others. */
export function altered(trace: Trace, change: Change): Trace {
  const known = new Map<Message, Message | undefined>()
  const other = <M extends Message>(message: M): M | undefined => {
    if (message.protocol !== 'sip') return message
    if (!known.has(message)) known.set(message, change(message))
    return known.get(message) as M | undefined
  }
  return trace.flatMap((event) => {
    const effects = event.effects.flatMap((one): Effect<Message>[] => {
      const message = one.kind === 'send' ? other(one.message) : undefined
      return one.kind !== 'send' ? [one] : message === undefined ? [] : [{ ...one, message }]
    })
    if (event.input.kind !== 'message') return [{ ...event, effects }]
    const message = other(event.input.message)
    return message === undefined ? [] : [{ ...event, input: { ...event.input, message }, effects }]
  })
}

/** Changes the requests of a method alone. */
export const inRequests =
  (method: string, change: (request: SipRequest) => SipRequest | undefined): Change =>
  (message) =>
    message.kind === 'request' && message.method === method ? change(message) : message

/** Changes the responses to a method alone. */
export const inResponses =
  (method: string, change: (response: SipResponse) => SipResponse | undefined): Change =>
  (message) =>
    message.kind === 'response' && message.headers.cseq!.method === method ? change(message) : message

/** A message with another text in header fields; undefined takes a field out. */
export function saying<M extends SipMessage>(
  message: M,
  texts: { readonly [Name in HeaderName]?: string | undefined },
): M {
  const changes = Object.entries(texts).map(([name, text]) => [
    name,
    text === undefined ? undefined : headerValue(name as HeaderName, text)!,
  ])
  return { ...message, headers: message.headers.with(Object.fromEntries(changes) as HeaderChanges) }
}

/** Changes the text of a header field by a replacement, where it is there. */
export const replacing =
  (name: HeaderName, of: string | RegExp, by: string) =>
  <M extends SipMessage>(message: M): M => {
    const text = message.headers.text(name)
    return text === undefined ? message : saying(message, { [name]: text.replace(of, by) })
  }
