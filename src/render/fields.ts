import { httpHeaders, orderedFields, writtenName } from '../http/headers.ts'
import type { HttpMessage } from '../http/message.ts'
import type { Message } from '../message.ts'
import { headerRows } from '../sip/headers.ts'
import { type Field, type SipMessage, textOf } from '../sip/message.ts'
import { listItems } from './syntax.ts'

/** One field of a message: a header field, an AVP, the Request-URI or the body, held against the hop before. */
export interface FieldRow {
  readonly name: string
  /** One entry a line; the elements of a list have a line each. */
  readonly values: readonly FieldValue[]
  /** The values that the hop before had and this one has not, where the field itself is still there. */
  readonly gone: readonly string[]
  /** What the last hop did to it; undefined where there is no hop before to compare with. */
  readonly change: 'added' | 'changed' | 'removed' | 'same' | undefined
  /** The specification and clause that define it, if the header table knows it. */
  readonly clause: string | undefined
}

export interface FieldValue {
  readonly text: string
  readonly isNew: boolean
}

/** The fields of a message in the order of the wire, with those that the hop before had and this one has not. */
export function fieldRows(message: Message, before?: Message): FieldRow[] {
  const now = partsOf(message)
  if (!before) return now.map((part) => fieldRow(part, undefined))
  const then = partsOf(before)
  const rows = now.map((part) => fieldRow(part, then.find(({ name }) => name === part.name) ?? 'absent'))
  const gone = then.filter(({ name }) => !now.some((part) => part.name === name))
  return [...rows, ...gone.map((part): FieldRow => ({ ...fieldRow(part, part), change: 'removed' }))]
}

interface Part {
  readonly name: string
  readonly values: readonly string[]
  readonly clause: string | undefined
}

function fieldRow({ name, values, clause }: Part, before: Part | 'absent' | undefined): FieldRow {
  if (before === undefined || before === 'absent') {
    const all = values.map((text) => ({ text, isNew: false }))
    return { name, values: all, gone: [], change: before === 'absent' ? 'added' : undefined, clause }
  }
  const gone = [...before.values]
  const marked = values.map((text) => {
    const at = gone.indexOf(text)
    if (at >= 0) gone.splice(at, 1)
    return { text, isNew: at < 0 }
  })
  const same = values.join('\n') === before.values.join('\n')
  return { name, values: marked, gone, change: same ? 'same' : 'changed', clause }
}

function partsOf(message: Message): Part[] {
  if (message.protocol === 'cx') {
    return Object.entries({ 'Session-Id': message.session, ...message.avps }).map(([name, value]) => {
      return { name, values: [String(value)], clause: 'TS 29.229 §6.3' }
    })
  }
  if (message.protocol === 'http') return httpParts(message)
  const parts = message.headers.fields.map(fieldPart)
  return message.kind === 'request' ? [requestUri(message), ...parts] : parts
}

function httpParts(message: HttpMessage): Part[] {
  const fields = orderedFields(message.headers).map(([name, value]) => {
    return { name: writtenName(name), values: [value], clause: httpHeaders.get(name)?.clause }
  })
  if (message.kind === 'response') return fields
  return [{ name: 'Request-URI', values: [message.target], clause: 'RFC 9112 §3.2' }, ...fields]
}

function requestUri(message: SipMessage & { kind: 'request' }): Part {
  return { name: 'Request-URI', values: [message.uri], clause: 'RFC 3261 §8.1.1.1' }
}

function fieldPart(field: Field): Part {
  const row = headerRows[field.row]
  const lines = textOf(field).split('\n')
  const values = row?.kind === 'list' ? lines.flatMap(listItems) : lines
  return { name: field.name, values, clause: row?.clause }
}
