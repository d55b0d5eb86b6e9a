import type { HttpBody, HttpMessage } from './http/message.ts'
import { parseHttpHead } from './http/parse.ts'
import { printHttpHead } from './http/print.ts'
import { type CxMessage, printCx } from './ims/cx.ts'
import { decodeUtf8, encodeUtf8, showUtf8 } from './sip/grammar/utf8.ts'
import type { SipMessage } from './sip/message.ts'
import { parse } from './sip/parse.ts'
import { print, printText } from './sip/print.ts'

/** Everything that travels on the bus. */
export type Message = SipMessage | CxMessage | HttpMessage

/** A message as text: as on the wire, or for Cx as a list of its AVPs. */
export function printMessage(message: Message): string {
  if (message.protocol === 'sip') return printText(message)
  if (message.protocol === 'cx') return printCx(message)
  const { body } = message
  return printHttpHead(message) + (typeof body === 'string' ? body : showUtf8(body))
}

/** What the wire makes of a message: printed to bytes and parsed again. Throws if presim can not read its own print. */
export function overTheWire(message: Message): Message {
  if (message.protocol === 'cx') return { ...message, avps: { ...message.avps } }
  const parsed = message.protocol === 'sip' ? parse(print(message)) : httpOverTheWire(message)
  if (parsed.kind === 'malformed') throw new Error(`a message does not survive the wire: ${parsed.reason}`)
  return parsed
}

/** The exchange is known to both ends by their connection, and so stays beside the bytes. */
function httpOverTheWire(message: HttpMessage): HttpMessage | { readonly kind: 'malformed'; readonly reason: string } {
  const head = parseHttpHead(showUtf8(encodeUtf8(printHttpHead(message))))
  if (head.kind === 'malformed') return head
  const { body, exchange } = message
  const bytes = typeof body === 'string' ? encodeUtf8(body) : body.slice()
  const text: HttpBody | undefined = decodeUtf8(bytes)
  return { ...head, body: text ?? bytes, exchange }
}

/** True if two messages are the same one, before and after the wire: known by what transactions know them by. */
export function isSameMessage(one: Message, other: Message): boolean {
  if (one.protocol !== 'sip' || other.protocol !== 'sip')
    return one.protocol === other.protocol && one.kind === other.kind && exchangeOf(one) === exchangeOf(other)
  const { via, cseq } = one.headers
  return (
    one.kind === other.kind &&
    via?.[0]?.params.branch === other.headers.via?.[0]?.params.branch &&
    cseq?.number === other.headers.cseq?.number &&
    cseq?.method === other.headers.cseq?.method
  )
}

/** What a question and its answer have in common, of a message that is not SIP. */
function exchangeOf(message: Message): string | undefined {
  if (message.protocol === 'sip') return undefined
  return message.protocol === 'cx' ? message.session : message.exchange
}
