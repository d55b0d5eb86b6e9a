/**
 * Where everything in a message comes from: read off the amendments that the nodes recorded, with no bookkeeping of
 * its own.
 */
import { orderedFields, writtenName } from '../http/headers.ts'
import type { HttpMessage } from '../http/message.ts'
import { isSameMessage, type Message } from '../message.ts'
import type { Address, Amendment, Decision } from '../sim/node.ts'
import type { Rule } from '../sim/rule.ts'
import type { TraceEvent } from '../sim/trace.ts'
import { headerRows } from '../sip/headers.ts'
import type { SipMessage } from '../sip/message.ts'

/** Why a field of a message is as it is. */
export interface FieldOrigin {
  /** The name on the wire; `Request-URI`, `method`, `status` and `body` for what is no header field. */
  readonly field: string
  /** The node that set it. */
  readonly node: Address
  readonly rule: Rule
  /** The turn in which it was set. */
  readonly step: number
  /** The message from which the value was taken, as it was sent; undefined if it was made there. */
  readonly source: Message | undefined
}

interface Record {
  readonly amendment: Amendment<Message>
  readonly node: Address
  readonly step: number
}

/** What a trace knows of the making of its messages. */
export class Provenance {
  private readonly trace: readonly TraceEvent<Message>[]
  /** By message: how it was made, in order. */
  private readonly made = new Map<Message, Record[]>()
  /** A message as it was taken in, and as it had been sent: they differ only over the wire. */
  private readonly received = new Map<Message, Message>()

  constructor(trace: readonly TraceEvent<Message>[]) {
    this.trace = trace
    for (const event of trace) {
      if (event.input.kind === 'message') this.note(event, event.input.message)
      for (const effect of event.effects) {
        if (effect.kind !== 'amend') continue
        const record = { amendment: effect, node: event.node, step: event.step }
        const records = this.made.get(effect.after)
        if (records === undefined) this.made.set(effect.after, [record])
        else records.push(record)
      }
    }
  }

  /** The origin of one field, by its name on the wire or `Request-URI`, `method`, `status`, `body`. */
  originOf(message: Message, field: string): FieldOrigin | undefined {
    return this.find(message, field, true)
  }

  /** The rule by which a field was taken out of a message, or out of one it was made from. */
  removalOf(message: Message, field: string): FieldOrigin | undefined {
    return this.find(message, field, false)
  }

  /** The origins of the start line, of every header field and of the body, in the order of the wire. */
  originsOf(message: Message): { readonly field: string; readonly origin: FieldOrigin | undefined }[] {
    return fieldsOf(message).map((field) => ({ field, origin: this.originOf(message, field) }))
  }

  /** The decisions taken in the turn that sent a message, or took it in. */
  decisionsAt(step: number): readonly Decision[] {
    const event = this.trace[step]
    return event === undefined ? [] : event.effects.filter((effect): effect is Decision => effect.kind === 'decide')
  }

  /** The message as it was sent, from the message as it was taken in. */
  asSent(message: Message): Message {
    return this.received.get(message) ?? message
  }

  private note(event: TraceEvent<Message>, message: Message): void {
    if (this.received.has(message) || event.cause < 0) return
    for (const effect of this.trace[event.cause]!.effects)
      if (effect.kind === 'send' && isSameMessage(effect.message, message)) {
        if (effect.message !== message) this.received.set(message, effect.message)
        return
      }
  }

  private find(message: Message, field: string, isSet: boolean): FieldOrigin | undefined {
    const key = keyOf(message, field)
    let at: Message | undefined = message
    while (at !== undefined) {
      const records: readonly Record[] = this.made.get(at) ?? []
      for (let i = records.length - 1; i >= 0; i--) {
        const { amendment, node, step } = records[i]!
        if (!amendment.changed.includes(key) || (!isSet && amendment.before === undefined)) continue
        return { field, node, rule: amendment.rule, step, source: this.sourceOf(amendment) }
      }
      const before: Message | undefined = records.find(({ amendment }) => amendment.before !== at)?.amendment.before
      at = before ?? (records.length === 0 ? this.received.get(at) : undefined)
    }
    return undefined
  }

  /** The message named as a source, or the one that came in at the step named. */
  private sourceOf({ source }: Amendment<Message>): Message | undefined {
    if (typeof source !== 'number') return source === undefined ? undefined : this.asSent(source)
    const input = this.trace[source]?.input
    return input?.kind === 'message' ? this.asSent(input.message) : undefined
  }
}

const propertyByName = new Map(headerRows.map(({ name, property }) => [name.toLowerCase(), property as string]))

/** The name under which amendments note a field. */
function keyOf(message: Message, field: string): string {
  if (message.protocol === 'cx') return field
  if (message.protocol === 'http') return field === 'Request-URI' ? 'target' : field.toLowerCase()
  if (field === 'Request-URI') return 'requestUri'
  return propertyByName.get(field.toLowerCase()) ?? field
}

/** What there is to ask about in a message. */
function fieldsOf(message: Message): string[] {
  if (message.protocol === 'cx') return Object.keys(message.avps)
  if (message.protocol === 'http') {
    const written = orderedFields(message.headers).map(([name]) => writtenName(name))
    return [...startLine(message), ...written, ...(message.body.length === 0 ? [] : ['body'])]
  }
  const names = message.headers.fields.map(({ name }) => name)
  return [...startLine(message), ...names, ...(message.body === '' ? [] : ['body'])]
}

const startLine = (message: SipMessage | HttpMessage): string[] =>
  message.kind === 'request' ? ['method', 'Request-URI'] : ['status']
