import { NameTrie, trieStart } from './grammar/name-trie.ts'
import { isToken } from './grammar/scanner.ts'
import { headerRows, rowOf } from './headers.ts'
import { type Body, type Field, headersOf, type SipMessage, type SipRequest } from './message.ts'

/** The most header field lines that a message may have. */
export const mostHeaderLines = 1 << 14

const contentLengthRow = rowOf('contentLength')
const rowNames = headerRows.map((row) => row.name)
const isSingle = headerRows.map((row) => row.kind === 'single')
const isList = headerRows.map((row) => row.kind === 'list')
/** The names of the header table and their compact forms, numbered by row. */
const rowTrie = new NameTrie()
headerRows.forEach((row, index) => {
  rowTrie.add(row.name, index)
  if (row.compact !== undefined) rowTrie.add(row.compact, index)
})

interface Fault {
  readonly status: number
  readonly reason: string
  /** In UTF-16 units of the text. */
  readonly at: number
}

/** The place of each row among the fields of the message being read, plus one. */
const places = new Int32Array(headerRows.length)

/** Start line and header fields of one message. */
export class Head {
  readonly text: string
  readonly fields: Field[] = []
  method = ''
  uri = ''
  status = 0
  reason = ''
  /** The first fault; what follows it was read as far as possible. */
  fault: Fault | undefined
  bodyAt = 0
  private contentLength: string | undefined

  constructor(text: string) {
    this.text = text
    let at = 0
    while (isLineEnd(text.charCodeAt(at))) at++
    this.readFields(this.readStartLine(at))
  }

  message(body: Body): SipMessage {
    const headers = headersOf(this.fields)
    if (this.status === 0) {
      return { protocol: 'sip', kind: 'request', method: this.method, uri: this.uri, headers, body }
    }
    return { protocol: 'sip', kind: 'response', status: this.status, reason: this.reason, headers, body }
  }

  /** What there is of a request; `undefined` for a response. */
  request(body: Body): SipRequest | undefined {
    if (this.status !== 0 || this.method === '') return undefined
    return {
      protocol: 'sip',
      kind: 'request',
      method: this.method,
      uri: this.uri,
      headers: headersOf(this.fields),
      body,
    }
  }

  /** The value of the first Content-Length; `undefined` when there is none or it is no number. */
  declaredLength(): number | undefined {
    const { contentLength } = this
    return contentLength !== undefined && /^[0-9]{1,10}$/.test(contentLength) ? Number(contentLength) : undefined
  }

  private fail(status: number, reason: string, at: number): void {
    this.fault ??= { status, reason, at }
  }

  /** Reads the first line; gives the place behind it. */
  private readStartLine(at: number): number {
    const { text } = this
    const lineFeed = text.indexOf('\n', at)
    const next = lineFeed < 0 ? text.length : lineFeed + 1
    let end = lineFeed < 0 ? text.length : lineFeed
    if (text.charCodeAt(end - 1) === 0x0d) end--
    if (text.startsWith('SIP/2.0 ', at)) {
      this.readStatus(at + 8, end)
      return next
    }
    const first = text.indexOf(' ', at)
    const second = text.indexOf(' ', first + 1)
    if (first > at && second > first + 1 && second + 8 === end && text.startsWith('SIP/2.0', second + 1)) {
      this.method = text.slice(at, first)
      this.uri = text.slice(first + 1, second)
      if (!isToken(this.method)) this.fail(400, 'The method is not a token', at)
      return next
    }
    this.explainStartLine(at, text.slice(at, end))
    return next
  }

  private readStatus(at: number, end: number): void {
    const { text } = this
    const code = Number(text.slice(at, at + 3))
    // RFC 3261 §7.2: three digits, and the first is 1 to 6.
    if (!(code >= 100 && code <= 699) || (at + 3 !== end && text.charCodeAt(at + 3) !== 0x20)) {
      this.status = -1
      this.fail(400, 'The status code is not a number from 100 to 699', at)
      return
    }
    this.status = code
    this.reason = text.slice(at + 4, end)
  }

  /** Reads a start line that is not as it should be, as far as it can be read. */
  private explainStartLine(at: number, line: string): void {
    const status = /^sip\/([0-9]+\.[0-9]+) +(.*)$/i.exec(line)
    if (status !== null) {
      this.status = -1
      if (status[1] !== '2.0') return this.fail(505, `Version SIP/${status[1]} is not supported`, at)
      return this.readStatus(at + line.length - status[2]!.length, at + line.length)
    }
    const words = line.split(' ')
    const version = /^sip\/([0-9]+\.[0-9]+)$/i.exec(words.at(-1)!)
    this.method = isToken(words[0]!) ? words[0]! : ''
    this.uri = words[1] ?? ''
    if (line === '') return this.fail(400, 'There is no start line', at)
    if (this.method === '') return this.fail(400, 'The method is not a token', at)
    if (version !== null && version[1] !== '2.0') {
      return this.fail(505, `Version SIP/${version[1]} is not supported`, at + line.length - version[0].length)
    }
    if (words.length === 3 && version !== null) return
    // RFC 3261 §7.1: single spaces, and none within the elements or at the end (RFC 4475 §3.1.2.8 to §3.1.2.10).
    if (version === null && words.length < 3) return this.fail(400, 'The request line has no version', at + line.length)
    const good = words[1] === '' ? 1 : /^sip\/2\.0$/i.test(words[2]!) ? 3 : 2
    this.fail(
      400,
      'The request line has stray spaces',
      at + words.slice(0, good).join(' ').length + (good === 1 ? 1 : 0),
    )
  }

  /** Reads header lines up to the empty line. */
  private readFields(start: number): void {
    const { text } = this
    let at = start
    let lines = 0
    let nextReturn = -1
    places.fill(0)
    for (;;) {
      const lineFeed = text.indexOf('\n', at)
      if (lineFeed < 0) {
        this.bodyAt = text.length
        return this.fail(400, 'No empty line ends the header', text.length)
      }
      if (nextReturn < at) nextReturn = placeOf(text, '\r', at)
      const end = nextReturn < lineFeed ? nextReturn : lineFeed
      if (end + 1 < lineFeed) this.fail(400, 'A carriage return without a line feed', end)
      if (end === at) {
        this.bodyAt = lineFeed + 1
        return
      }
      if (++lines > mostHeaderLines) return this.fail(513, `More than ${mostHeaderLines} header lines`, at)
      let colon = at
      let state = trieStart
      for (; colon < end; colon++) {
        const code = text.charCodeAt(colon)
        if (code === 0x3a) break
        state = rowTrie.step(state, code)
      }
      at = this.readField(at, colon, end, lineFeed + 1, rowTrie.numberAt(state))
    }
  }

  /**
   * Reads the header field whose first line stands between these places; gives the place behind its last line. The row
   * is that of the whole text before the colon.
   */
  private readField(at: number, colon: number, end: number, next: number, row: number): number {
    const { text } = this
    if (colon === end) {
      this.fail(400, 'A header line without a colon', at)
      return next
    }
    let from = colon + 1
    let to = end
    while (from < to && isBlank(text.charCodeAt(from))) from++
    while (to > from && isBlank(text.charCodeAt(to - 1))) to--
    let value = text.slice(from, to)
    // RFC 3261 §7.3.1: a line that starts with white space goes on with the line before it.
    if (isBlank(text.charCodeAt(next))) {
      next = foldedEnd(text, next)
      const stray = strayReturn(text, end, next)
      if (stray >= 0) this.fail(400, 'A carriage return without a line feed', stray)
      value = unfold(text.slice(from, next))
    }
    if (row >= 0) this.add(row, value)
    else this.addOddlyNamed(at, colon, value)
    return next
  }

  /** Adds a field whose name is unknown, or followed by white space. */
  private addOddlyNamed(at: number, colon: number, value: string): void {
    const { text } = this
    let end = colon
    while (end > at && isBlank(text.charCodeAt(end - 1))) end--
    const row = end === colon ? -1 : rowTrie.find(text, at, end)
    if (row >= 0) return this.add(row, value)
    const name = text.slice(at, end)
    if (isToken(name)) this.fields.push({ row: -1, name, text: value, value: undefined, size: 0 })
    else this.fail(400, 'The name of a header field is not a token', at)
  }

  /** Adds a field the table knows. Lists on several lines become one (RFC 3261 §7.3.1), other repeats stay. */
  private add(row: number, value: string): void {
    const place = places[row]!
    if (place === 0 || isSingle[row]) {
      if (row === contentLengthRow) this.contentLength ??= value
      this.fields.push({ row, name: rowNames[row]!, text: value, value: undefined, size: 0 })
      if (place === 0) places[row] = this.fields.length
      return
    }
    const field = this.fields[place - 1]!
    if (!isList[row]) field.text = `${field.text}\n${value}`
    else if (field.text === '') field.text = value
    else if (value !== '') field.text = `${field.text}, ${value}`
  }
}

/** The place behind the last of the lines that start with white space. */
function foldedEnd(text: string, start: number): number {
  let at = start
  while (isBlank(text.charCodeAt(at))) {
    const lineFeed = text.indexOf('\n', at)
    if (lineFeed < 0) return text.length
    at = lineFeed + 1
  }
  return at
}

/** The place of the first carriage return between two places that no line feed follows; -1 if there is none. */
function strayReturn(text: string, from: number, to: number): number {
  for (let at = text.indexOf('\r', from); at >= 0 && at < to; at = text.indexOf('\r', at + 1))
    if (text.charCodeAt(at + 1) !== 0x0a) return at
  return -1
}

/** Joins folded lines by single spaces. */
function unfold(text: string): string {
  return text.split('\n').map(trimLine).filter(Boolean).join(' ')
}

function trimLine(line: string): string {
  let from = 0
  let to = line.endsWith('\r') ? line.length - 1 : line.length
  while (from < to && isBlank(line.charCodeAt(from))) from++
  while (to > from && isBlank(line.charCodeAt(to - 1))) to--
  return line.slice(from, to)
}

function placeOf(text: string, character: string, from: number): number {
  const place = text.indexOf(character, from)
  return place < 0 ? text.length : place
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

function isLineEnd(code: number): boolean {
  return code === 0x0d || code === 0x0a
}
