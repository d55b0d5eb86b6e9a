import { readFileSync } from 'node:fs'
import { wrap } from '../flow/report.ts'
import { listLines } from '../render/list.ts'
import { paint } from '../render/span.ts'
import { headerCard } from '../sip/header-cards.ts'
import { faultPlace, headerRows } from '../sip/headers.ts'
import { anyEndpoint, anyProxy, judge, type Verdict } from '../sip/judge.ts'
import { type Field, type SipMessage, textOf } from '../sip/message.ts'
import { type Malformed, parse } from '../sip/parse.ts'
import { exitCode, Misuse } from './exit-code.ts'
import type { Output } from './output.ts'

/** `presim explain`: what each header of a SIP message is, who adds it and who removes it; or where it is malformed. */
export function explain(file: string, options: { readonly json?: boolean }, output: Output): number {
  const bytes = withLineEnds(bytesOf(file))
  const message = parse(bytes)
  if (message.kind === 'malformed') {
    if (options.json) output.json({ type: 'malformed', file, ...faultOf(message, bytes) })
    else writeMalformed(file, message, bytes, output)
    return exitCode.different
  }
  const verdicts = verdictsOn(message)
  if (options.json) {
    for (const field of message.headers.fields) output.json({ type: 'header', file, ...explained(field) })
    output.json({ type: 'verdicts', file, verdicts: verdicts.map(verdictData) })
  } else writeMessage(message, verdicts, output)
  return verdicts.length > 0 ? exitCode.different : exitCode.ok
}

interface ElementVerdict extends Verdict {
  readonly element: 'endpoint' | 'proxy'
}

/** What a user agent and a proxy would answer; nothing if both take the message. */
function verdictsOn(message: SipMessage): ElementVerdict[] {
  const elements = { endpoint: anyEndpoint, proxy: anyProxy } as const
  return (['endpoint', 'proxy'] as const).flatMap((element) => {
    const verdict = judge(message, elements[element])
    return verdict === undefined ? [] : [{ ...verdict, element }]
  })
}

const verdictData = ({ element, status, reason, about, why }: ElementVerdict) => {
  const header = about === undefined ? undefined : headerRows.find(({ property }) => property === about)!.name
  return { element, status, reason, header, clause: why.clause }
}

interface Explained {
  readonly name: string
  readonly value: string
  readonly clause: string | undefined
  readonly what: string
  readonly addedBy: string | undefined
  readonly removedBy: string | undefined
  /** The column of the value, from 1, at which it leaves its grammar. */
  readonly fault: number | undefined
}

function explained(field: Field): Explained {
  const value = textOf(field)
  const row = headerRows[field.row]
  if (row === undefined) {
    const what = 'Not known to presim; it is kept and passed on as it is.'
    return {
      name: field.name,
      value,
      clause: undefined,
      what,
      addedBy: undefined,
      removedBy: undefined,
      fault: undefined,
    }
  }
  const place = faultPlace(row.property, value)
  return { name: row.name, value, ...headerCard(row.property), fault: place === undefined ? undefined : place + 1 }
}

function writeMessage(message: SipMessage, verdicts: readonly ElementVerdict[], output: Output): void {
  const { painter } = output
  const start =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`
  output.line(painter(start, 'start-line'))
  for (const field of message.headers.fields) writeHeader(explained(field), output)
  if (message.body !== '') output.line(`\nThe body has ${message.body.length} characters.`)
  for (const line of listLines(message)) output.line(paint(line, painter))
  output.line()
  if (verdicts.length === 0) output.line(painter('A user agent and a proxy would take it.', 'pass'))
  for (const verdict of verdicts) {
    const { element, status, reason, header, clause } = verdictData(verdict)
    const doing = message.kind === 'request' ? `would answer ${status} (${reason})` : `would drop it (${reason})`
    const about = header === undefined ? '' : `, because of ${header}`
    output.line(painter(`${element === 'endpoint' ? 'A user agent' : 'A proxy'} ${doing}${about} [${clause}]`, 'fail'))
  }
}

function writeHeader({ name, value, clause, what, addedBy, removedBy, fault }: Explained, output: Output): void {
  const { painter } = output
  const width = Math.min(100, Math.max(60, output.columns)) - 4
  output.line()
  for (const line of value.split('\n')) output.line(`${painter(name, 'header-name')}: ${line}`)
  if (fault !== undefined)
    output.line(painter(`${' '.repeat(name.length + 1 + fault)}^ here it leaves its grammar`, 'fail'))
  const said = [
    what,
    addedBy && `Added by: ${addedBy}`,
    removedBy && `Removed by: ${removedBy}`,
    clause && `[${clause}]`,
  ]
  for (const sentence of said)
    if (sentence !== undefined && sentence !== '') for (const line of wrap(sentence, width)) output.line(`    ${line}`)
}

function writeMalformed(file: string, malformed: Malformed, bytes: Uint8Array, output: Output): void {
  const { line, column, text, status, reason } = faultOf(malformed, bytes)
  output.line(`${file}:${line}:${column}: ${reason}`)
  const start = Math.max(0, column - 60)
  if (text !== '') {
    output.line(`  ${text.slice(start, start + 76)}`)
    output.line(`  ${' '.repeat(column - 1 - start)}${output.painter('^', 'fail')}`)
  }
  output.line(malformed.request === undefined ? 'It would be dropped.' : `An element would answer ${status}.`)
}

/** The place of a fault, as line and column from 1, and the line that it is in; of an end, the last line with text. */
function faultOf({ at, status, reason }: Malformed, bytes: Uint8Array) {
  const before = new TextDecoder().decode(bytes.subarray(0, at)).split('\n')
  const rest = new TextDecoder().decode(bytes.subarray(at)).split('\n')[0]!
  if (rest.trim() === '') while (before.length > 1 && before.at(-1)!.trim() === '') before.pop()
  const column = (rest === '' ? before.at(-1)!.trimEnd() : before.at(-1)!).length + 1
  const text = (before.at(-1)! + rest).replaceAll(/[\r\t]/g, ' ').trimEnd()
  return { line: before.length, column, text, status, reason }
}

/** A message that was typed or pasted has LF where the wire has CRLF; its head gets them, its body stays. */
function withLineEnds(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1')
  if (text.includes('\r\n') || !text.trimStart().includes('\n')) return bytes
  const end = text.indexOf('\n\n')
  const head = (end < 0 ? text.trimEnd() : text.slice(0, end)).replaceAll('\n', '\r\n')
  return Buffer.from(`${head}\r\n\r\n${end < 0 ? '' : text.slice(end + 2)}`, 'latin1')
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file === '-' ? 0 : file)
  } catch (error) {
    throw new Misuse(`${file} can not be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
