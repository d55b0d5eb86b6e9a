import { type CxMessage, printCx } from './ims/cx.ts'
import type { SipMessage } from './sip/message.ts'
import { parse } from './sip/parse.ts'
import { print, printText } from './sip/print.ts'

/** Everything that travels on the bus. */
export type Message = SipMessage | CxMessage

/** A message as text: as on the wire, or for Cx as a list of its AVPs. */
export const printMessage = (message: Message): string =>
  message.protocol === 'sip' ? printText(message) : printCx(message)

/** What the wire makes of a message: printed to bytes and parsed again. Throws if presim can not read its own print. */
export function overTheWire(message: Message): Message {
  if (message.protocol !== 'sip') return { ...message, avps: { ...message.avps } }
  const parsed = parse(print(message))
  if (parsed.kind === 'malformed') throw new Error(`a message does not survive the wire: ${parsed.reason}`)
  return parsed
}

/** True if two messages are the same one, before and after the wire: known by what transactions know them by. */
export function isSameMessage(one: Message, other: Message): boolean {
  if (one.protocol !== 'sip' || other.protocol !== 'sip')
    return one.protocol === other.protocol && one.kind === other.kind && sessionOf(one) === sessionOf(other)
  const { via, cseq } = one.headers
  return (
    one.kind === other.kind &&
    via?.[0]?.params.branch === other.headers.via?.[0]?.params.branch &&
    cseq?.number === other.headers.cseq?.number &&
    cseq?.method === other.headers.cseq?.method
  )
}

const sessionOf = (message: Message): string | undefined => ('session' in message ? message.session : undefined)
