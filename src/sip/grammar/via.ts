import { isHost } from './host.ts'
import { lengthOfParams, type Params, printParams, scanParams } from './params.ts'
import { type Grammar, listOf, type Scanner } from './scanner.ts'

/** One hop of a message's way (RFC 3261 §20.42). */
export interface Via {
  /** `UDP`, `TCP`, `TLS`, `SCTP`, … */
  readonly transport: string
  /** A name or an address; an IPv6 address stands in brackets. */
  readonly host: string
  readonly port: number | undefined
  /** With `branch`, `received`, `comp`, …; quoted values keep their quotes. */
  readonly params: Params
}

/** The list of hops, the nearest first. */
export const vias: Grammar<readonly Via[]> = listOf(scanVia, printVia, 1, lengthOfVia)

function scanVia(scanner: Scanner): Via | undefined {
  const transport = scanProtocol(scanner)
  if (transport === '') return undefined
  const before = scanner.at
  scanner.space()
  if (scanner.at === before) return undefined
  const host = scanHost(scanner)
  if (host === '') return undefined
  let port: number | undefined
  if (scanner.take(0x3a)) {
    const digits = scanner.digits()
    port = Number(digits)
    if (digits === '' || port > 65535) return undefined
  }
  const params = scanParams(scanner)
  return params === undefined ? undefined : { transport, host, port, params }
}

/** `SIP/2.0/UDP`, also with white space around the slashes; gives the transport. */
function scanProtocol(scanner: Scanner): string {
  const { text, at } = scanner
  if (text.startsWith('SIP/2.0/', at)) scanner.at += 8
  else {
    if (scanner.token().toUpperCase() !== 'SIP' || !scanner.take(0x2f)) return ''
    if (scanner.token() !== '2.0' || !scanner.take(0x2f)) return ''
  }
  return scanner.token()
}

function scanHost(scanner: Scanner): string {
  const { text, at } = scanner
  if (scanner.peek() !== 0x5b) {
    const host = scanner.token()
    return isHost(host) ? host : ''
  }
  const close = text.indexOf(']', at)
  if (close < 0) return ''
  scanner.at = close + 1
  const host = text.slice(at, scanner.at)
  return isHost(host) ? host : ''
}

function printVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`
  return `SIP/2.0/${via.transport} ${via.host}${port}${printParams(via.params)}`
}

/** The bytes that a Via takes when it is printed. */
export function lengthOfVia({ transport, host, port, params }: Via): number {
  const place = host.length + (port === undefined ? 0 : `:${port}`.length)
  return 'SIP/2.0/ '.length + transport.length + place + lengthOfParams(params)
}
