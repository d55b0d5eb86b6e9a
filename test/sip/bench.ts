/**
 * Measures parser and printer on messages of 700 to 2500 bytes as they pass between the nodes of an IMS core. Run as a
 * program it prints one line a figure.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { anyProxy, judge } from '../../src/sip/judge.ts'
import { type Field, headersOf, type SipMessage } from '../../src/sip/message.ts'
import { parse } from '../../src/sip/parse.ts'
import { print } from '../../src/sip/print.ts'

const via = (host: string, n: number) => `Via: SIP/2.0/UDP ${host};branch=z9hG4bK${n}a${host.length}`
const identity = [
  'From: <sip:user1_public1@home1.net>;tag=31415',
  'To: <sip:user2_public1@home2.net>',
  'Call-ID: b89rjhnedlrfjflslj40a222',
]
const watcherContact = 'Contact: <sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp>'
const charging = 'P-Charging-Vector: icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=023551024";orig-ioi=home1.net'

function message(lines: readonly string[], body = ''): Uint8Array {
  const text = `${lines.join('\r\n')}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  return new TextEncoder().encode(text)
}

const tuple = (n: number) =>
  `  <tuple id="t${n}"><status><basic>open</basic></status><rpid:class>friend${n}</rpid:class>` +
  `<contact priority="0.8">sip:user2_public1@home2.net;gr=urn:uuid:${n}</contact></tuple>\r\n`
const pidf =
  '<?xml version="1.0" encoding="UTF-8"?>\r\n<presence xmlns="urn:ietf:params:xml:ns:pidf" ' +
  `xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="pres:user2_public1@home2.net">\r\n` +
  `${[1, 2, 3, 4, 5, 6].map(tuple).join('')}</presence>\r\n`

/** From the UE, at the presence server, its answer, and a notification with a document. */
export const sample: readonly Uint8Array[] = [
  message([
    'SUBSCRIBE sip:user2_public1@home2.net SIP/2.0',
    'Via: SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp;branch=z9hG4bKnashds7',
    'Max-Forwards: 70',
    'P-Access-Network-Info: 3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11',
    'Route: <sip:pcscf1.visited1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf1.home1.net;lr>',
    'P-Preferred-Identity: <sip:user1_public1@home1.net>',
    'Privacy: none',
    ...identity,
    'CSeq: 61 SUBSCRIBE',
    'Require: sec-agree',
    'Proxy-Require: sec-agree',
    'Security-Verify: ipsec-3gpp; q=0.1; alg=hmac-sha-1-96; spi-c=98765432; spi-s=87654321; port-c=8642; port-s=7531',
    'Event: presence',
    'Expires: 7200',
    'Accept: application/pidf+xml, application/pidf-diff+xml;q=0.9',
    watcherContact,
  ]),
  message([
    'SUBSCRIBE sip:user2_public1@home2.net SIP/2.0',
    via('scscf2.home2.net', 1),
    via('icscf2_s.home2.net', 2),
    via('scscf1.home1.net', 3),
    via('pcscf1.visited1.net', 4),
    'Via: SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp;branch=z9hG4bKnashds7',
    'Max-Forwards: 66',
    charging,
    'Route: <sip:ps.home2.net;lr>, <sip:scscf2.home2.net;lr>',
    'Record-Route: <sip:scscf1.home1.net;lr>, <sip:pcscf1.visited1.net;lr>',
    'P-Asserted-Identity: <sip:user1_public1@home1.net>, <tel:+358504821437>',
    'Privacy: none',
    ...identity,
    'CSeq: 61 SUBSCRIBE',
    'Event: presence',
    'Expires: 7200',
    'Accept: application/pidf+xml, application/pidf-diff+xml;q=0.9',
    watcherContact,
  ]),
  message([
    'SIP/2.0 200 OK',
    via('scscf2.home2.net', 1),
    via('icscf2_s.home2.net', 2),
    via('scscf1.home1.net', 3),
    via('pcscf1.visited1.net', 4),
    'Via: SIP/2.0/UDP [5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp;branch=z9hG4bKnashds7',
    `${charging};term-ioi=home2.net`,
    'Record-Route: <sip:scscf1.home1.net;lr>, <sip:pcscf1.visited1.net;lr>',
    'From: <sip:user1_public1@home1.net>;tag=31415',
    'To: <sip:user2_public1@home2.net>;tag=151170',
    'Call-ID: b89rjhnedlrfjflslj40a222',
    'CSeq: 61 SUBSCRIBE',
    'Expires: 7200',
    'Contact: <sip:ps.home2.net>',
  ]),
  message(
    [
      'NOTIFY sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp SIP/2.0',
      via('scscf1.home1.net', 5),
      via('ps.home2.net', 6),
      'Max-Forwards: 69',
      charging,
      'Route: <sip:pcscf1.visited1.net;lr>',
      'Record-Route: <sip:scscf1.home1.net;lr>',
      'P-Asserted-Identity: <sip:user2_public1@home2.net>',
      'From: <sip:user2_public1@home2.net>;tag=151170',
      'To: <sip:user1_public1@home1.net>;tag=31415',
      'Call-ID: b89rjhnedlrfjflslj40a222',
      'CSeq: 42 NOTIFY',
      'Event: presence',
      'Subscription-State: active;expires=7200',
      'Contact: <sip:ps.home2.net>',
      'Content-Type: application/pidf+xml',
    ],
    pidf,
  ),
]

const texts = sample.map((bytes) => new TextDecoder().decode(bytes))
const received = sample.map((bytes) => parse(bytes) as SipMessage)
/** The values of those messages, as a node has them that builds a message. */
const built = received.map((message) => ({ message, values: readAll(message) }))
const material = new URL('./material/', import.meta.url)
const torture = ['rfc4475/', 'rfc5118/'].flatMap((folder) =>
  readdirSync(new URL(folder, material)).map((file) => readFileSync(new URL(folder + file, material))),
)
const manyLines = new TextEncoder().encode(`${texts[0]!.split('\r\n\r\n')[0]}\r\n${'X: y\r\n'.repeat(10_000)}\r\n`)
const longLine = new TextEncoder().encode(
  `${texts[0]!.split('\r\n\r\n')[0]}\r\nRoute: <sip:a;lr>${', <sip:b.home1.net;lr>'.repeat(45_000)}\r\n\r\n`,
)

function readAll(message: SipMessage): readonly Field[] {
  if (message.headers.malformed.length > 0) throw new Error('malformed')
  return message.headers.fields.map((field) => ({ ...field, text: undefined }))
}

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
}

/** Calls `work` with 0, 1, 2, … for about as long as given, three times; the best rate a second. */
function rate(work: (index: number) => void, milliseconds: number): number {
  let best = 0
  for (let round = 0; round < 4; round++) {
    const start = performance.now()
    let done = 0
    let spent = 0
    do {
      for (let i = 0; i < 2000; i++) work(done++)
      spent = performance.now() - start
    } while (spent < milliseconds)
    best = Math.max(best, (done / spent) * 1000)
  }
  return Math.round(best)
}

let sink = 0
const decoder = new TextDecoder('utf-8', { fatal: true })

function textLength(value: string | true | undefined): number {
  return typeof value === 'string' ? value.length : 0
}

function splitLines(index: number): void {
  sink += decoder.decode(sample[index % sample.length]!).split('\r\n').length
}

function parseOnly(index: number): void {
  const parsed = parse(sample[index % sample.length]!)
  if (parsed.kind === 'malformed') throw new Error(parsed.reason)
  sink += parsed.headers.fields.length
}

function parseAndReadEight(index: number): void {
  const parsed = parse(sample[index % sample.length]!) as SipMessage
  const { headers } = parsed
  sink += textLength(headers.via?.[0]?.params.branch)
  sink += headers.maxForwards ?? 0
  sink += headers.route?.[0]?.uri.length ?? 0
  sink += headers.recordRoute?.length ?? 0
  sink += textLength(headers.from?.params.tag)
  sink += textLength(headers.to?.params.tag)
  sink += headers.callId?.length ?? 0
  sink += headers.cseq?.number ?? 0
}

function parseAndReadAll(index: number): void {
  const parsed = parse(sample[index % sample.length]!) as SipMessage
  if (parsed.headers.malformed.length > 0) throw new Error('malformed')
  sink += parsed.headers.fields.length
}

function printReceived(index: number): void {
  sink += print(received[index % received.length]!).length
}

function printBuilt(index: number): void {
  const { message, values } = built[index % built.length]!
  const fields = values.map(({ row, name, value }) => ({ row, name, text: undefined, value, size: 0 }))
  sink += print({ ...message, headers: headersOf(fields) }).length
}

function overTheWire(index: number): void {
  sink += parse(print(received[index % received.length]!)).kind.length
}

function judgeAnew(bytes: Uint8Array): void {
  const message = parse(bytes)
  if (message.kind === 'malformed') sink += message.at
  else sink += (judge(message)?.status ?? 0) + (judge(message, anyProxy)?.status ?? 0)
}

/** The time of the slowest of the torture messages in µs, parsed and judged at an endpoint and at a proxy. */
function slowestTorture(): number {
  const times = torture.map((bytes) => {
    const each: number[] = []
    for (let round = 0; round < 200; round++) {
      const start = performance.now()
      judgeAnew(bytes)
      each.push(performance.now() - start)
    }
    return each.sort((a, b) => a - b)[100]!
  })
  return Math.round(Math.max(...times) * 10_000) / 10
}

function milliseconds(bytes: Uint8Array): number {
  const start = performance.now()
  const message = parse(bytes)
  if (message.kind === 'malformed' || message.headers.route === undefined) throw new Error('malformed')
  return Math.round((performance.now() - start) * 10) / 10
}

/** The figures, one after the other. */
export function* figures(duration = 400): Generator<Figure> {
  const unit = 'messages/s'
  yield { name: 'sip/floor: decode and split lines', value: rate(splitLines, duration), unit }
  yield { name: 'sip/parse', value: rate(parseOnly, duration), unit }
  yield { name: 'sip/parse, eight fields of a proxy', value: rate(parseAndReadEight, duration), unit }
  yield { name: 'sip/parse, all values', value: rate(parseAndReadAll, duration), unit }
  yield { name: 'sip/parse and judge', value: rate((index) => judgeAnew(sample[index % 4]!), duration), unit }
  yield { name: 'sip/print, as received', value: rate(printReceived, duration), unit }
  yield { name: 'sip/print, from values', value: rate(printBuilt, duration), unit }
  yield { name: 'sip/print and parse (--wire)', value: rate(overTheWire, duration), unit }
  yield { name: 'sip/slowest torture message', value: slowestTorture(), unit: 'µs' }
  yield { name: 'sip/parse 10 000 header lines', value: milliseconds(manyLines), unit: 'ms' }
  yield { name: 'sip/parse and read a header of 1 MB', value: milliseconds(longLine), unit: 'ms' }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, value, unit } of figures()) console.log(`${name.padEnd(48)} ${String(value).padStart(12)} ${unit}`)
  if (sink < 0) console.log(sink)
}
