import { utf8Length } from './grammar/utf8.ts'
import { type HeaderName, type HeaderValues, headerRows, rowOf } from './headers.ts'

/**
 * One header field of a message: a row of the header table (or an unknown name), with its text, its value, or both.
 * Whichever is missing is made from the other when it is first asked for and then kept, so a header that travels
 * over six hops is parsed and printed once. All hops share the same field.
 */
export interface Field {
  /** The index of its row in the header table, -1 for a header that the table does not know. */
  readonly row: number
  /** The name on the wire; the table's own for a known row. */
  readonly name: string
  /** The text after the colon; lines of a repeated header are separated by `\n`. */
  text: string | undefined
  /** The parsed value, `malformed` when the text does not follow the grammar; `undefined` until asked for. */
  value: unknown
  /** The bytes that its lines take on the wire; 0 until counted. */
  size: number
}

/** Stands in a field whose text does not follow its row's grammar. */
export const malformed: unique symbol = Symbol('malformed')

/** Header values to set (a value) or to remove (`undefined`), by their names in the header table. */
export type HeaderChanges = { readonly [Name in HeaderName]?: HeaderValues[Name] | undefined }

/**
 * The header fields of one message, never changed once made. Every row of the header table is a typed property
 * (`headers.cseq`, `headers.route`), parsed when first read; `undefined` means absent or malformed.
 */
export interface Headers extends Readonly<Partial<HeaderValues>> {
  /** In the order of the wire. */
  readonly fields: readonly Field[]
  /** A copy with these values set or removed; a new field takes the place that the header table gives it. */
  with(changes: HeaderChanges): Headers
  /** The field of this name, whether the table knows it or not; names compare without case. */
  field(name: string): Field | undefined
  /** The text of a header as it stands on the wire, by its name in the table. */
  text(name: HeaderName): string | undefined
  /** The text of the field of this name, known or not. */
  fieldText(name: string): string | undefined
  /** The known headers whose text does not follow their grammar. */
  readonly malformed: readonly Field[]
}

/** A body: text when its bytes are UTF-8, else the bytes themselves. The empty string is no body. */
export type Body = string | Uint8Array

/** A SIP request (RFC 3261 §7.1). Shared by sender, bus, receiver and trace, and never changed. */
export interface SipRequest {
  readonly protocol: 'sip'
  readonly kind: 'request'
  readonly method: string
  /** The Request-URI as written. */
  readonly uri: string
  readonly headers: Headers
  readonly body: Body
}

/** A SIP response (RFC 3261 §7.2). Shared and never changed. */
export interface SipResponse {
  readonly protocol: 'sip'
  readonly kind: 'response'
  readonly status: number
  readonly reason: string
  readonly headers: Headers
  readonly body: Body
}

export type SipMessage = SipRequest | SipResponse

/** The rows of the table by the names on the wire, as the table writes them. */
const rowsByName: ReadonlyMap<string, number> = new Map(headerRows.map(({ name }, row) => [name, row] as const))

class FieldList {
  readonly fields: readonly Field[]
  constructor(fields: readonly Field[]) {
    this.fields = fields
  }

  with(changes: HeaderChanges): Headers {
    const fields = this.fields.slice()
    placeAll(fields, changes)
    return headersOf(fields)
  }

  field(name: string): Field | undefined {
    const known = rowsByName.get(name)
    if (known !== undefined) return this.fields.find(({ row }) => row === known)
    const wanted = name.toLowerCase()
    return this.fields.find((field) => field.name.toLowerCase() === wanted)
  }

  fieldText(name: string): string | undefined {
    const field = this.field(name)
    return field === undefined ? undefined : textOf(field)
  }

  text(name: HeaderName): string | undefined {
    const row = rowOf(name)
    for (const field of this.fields) if (field.row === row) return textOf(field)
    return undefined
  }

  get malformed(): readonly Field[] {
    return this.fields.filter((field) => field.row >= 0 && readField(field) === undefined)
  }
}

headerRows.forEach((row, index) => {
  Object.defineProperty(FieldList.prototype, row.property, {
    get(this: FieldList): unknown {
      const fields = this.fields
      for (let i = 0; i < fields.length; i++) if (fields[i]!.row === index) return readField(fields[i]!)
      return undefined
    },
  })
})

/** Headers made of these fields, in this order. */
export function headersOf(fields: readonly Field[]): Headers {
  return new FieldList(fields) as unknown as Headers
}

/** The headers of a message that has none yet. */
export const noHeaders: Headers = headersOf([])

/** The text of a field, printed from its value when it has none yet. */
export function textOf(field: Field): string {
  if (field.text === undefined) field.text = headerRows[field.row]!.grammar.print(field.value)
  return field.text
}

/** The value of a field, parsed from its text when it has none yet; `undefined` if the text is malformed. */
export function readField(field: Field): unknown {
  if (field.value === undefined) field.value = headerRows[field.row]!.grammar.parse(field.text!) ?? malformed
  return field.value === malformed ? undefined : field.value
}

function placeAll(fields: Field[], changes: HeaderChanges): void {
  for (const name in changes) {
    const row = rowOf(name as HeaderName)
    if (row !== undefined) place(fields, row, changes[name as HeaderName])
  }
}

/** Sets or removes one row. A new row goes before the first known row that the table lists after it. */
function place(fields: Field[], row: number, value: unknown): void {
  let index = 0
  while (index < fields.length && fields[index]!.row !== row) index++
  if (value === undefined) {
    if (index < fields.length) fields.splice(index, 1)
    return
  }
  const field: Field = { row, name: headerRows[row]!.name, text: undefined, value, size: 0 }
  if (index < fields.length) {
    fields[index] = field
    return
  }
  index = fields.length
  while (index > 0 && (fields[index - 1]!.row > row || fields[index - 1]!.row < 0)) index--
  fields.splice(index, 0, field)
}

/** What a rule may change in a message: header fields by their names in the table, the Request-URI, the body. */
export type MessageChanges = HeaderChanges & { readonly requestUri?: string; readonly body?: Body }

/** A request with these headers; its Content-Length follows from the body. */
export function request(method: string, uri: string, headers: HeaderChanges, body: Body = ''): SipRequest {
  const contentLength = byteLength(body)
  return { protocol: 'sip', kind: 'request', method, uri, headers: noHeaders.with({ ...headers, contentLength }), body }
}

/** A copy of a message with these changes. A new body brings its Content-Length along. */
export function changed<T extends SipMessage>(message: T, changes: MessageChanges): T {
  const { body, requestUri } = changes
  if (body === undefined && requestUri === undefined) {
    const headers = message.headers.with(changes)
    return (
      message.kind === 'request'
        ? { protocol: 'sip', kind: 'request', method: message.method, uri: message.uri, headers, body: message.body }
        : {
            protocol: 'sip',
            kind: 'response',
            status: message.status,
            reason: message.reason,
            headers,
            body: message.body,
          }
    ) as T
  }
  const headers = message.headers.with(body === undefined ? changes : { ...changes, contentLength: byteLength(body) })
  const after = { ...message, headers, body: body ?? message.body }
  return requestUri === undefined ? after : { ...after, uri: requestUri }
}

/**
 * Changes a message in place, like `changed`. Only for whoever has just made it, before anybody else has seen it: a
 * message that was sent is never changed.
 */
export function change(message: SipMessage, changes: MessageChanges): void {
  const { body, requestUri } = changes
  const fields = message.headers.fields as Field[]
  placeAll(fields, changes)
  const draft = message as { body: Body; uri: string }
  if (body !== undefined) {
    draft.body = body
    place(fields, rowOf('contentLength'), byteLength(body))
  }
  if (requestUri !== undefined) draft.uri = requestUri
}

const repeated = ['via', 'from', 'to', 'callId', 'cseq'] as const
const repeatedRows = repeated.map(rowOf)
const noBody: Field = { row: rowOf('contentLength'), name: 'Content-Length', text: '0', value: 0, size: 0 }

/** What a response repeats of its request, and that it has no body. */
export const responseFields: readonly HeaderName[] = [...repeated, 'contentLength']

/** RFC 3261 §8.2.6.2: a response to a request, with the fields that it repeats, still without a tag of its own. */
export function responseTo(request: SipRequest, status: number, reason: string): SipResponse {
  const fields = request.headers.fields.filter(({ row }) => repeatedRows.includes(row))
  fields.push(noBody)
  return { protocol: 'sip', kind: 'response', status, reason, headers: headersOf(fields), body: '' }
}

/** The length of a body in bytes, as Content-Length has it (RFC 3261 §20.14). */
export function byteLength(body: Body): number {
  return typeof body === 'string' ? utf8Length(body) : body.length
}

/** True if a response ends its transaction (RFC 3261 §7.2). */
export const isFinal = (response: SipResponse): boolean => response.status >= 200

/** The value of a header field from its text; undefined if the text does not follow the grammar of its row. */
export function headerValue<Name extends HeaderName>(name: Name, text: string): HeaderValues[Name] | undefined {
  return headerRows[rowOf(name)]!.grammar.parse(text) as HeaderValues[Name] | undefined
}
