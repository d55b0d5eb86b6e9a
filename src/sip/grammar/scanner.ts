import { type NameTrie, trieStart } from './name-trie.ts'

/**
 * What a header field's grammar is made of: reading its text into a value, and printing a value as text. `parse` gives
 * `undefined` for text that does not follow the grammar; it never throws. `parse(print(value))` equals the value.
 */
export interface Grammar<V> {
  parse(text: string): V | undefined
  print(value: V): string
  /** The bytes that the value takes when it is printed, where that is known sooner than its text. */
  length?(value: V): number
}

const tokenBit = 1
const valueBit = 2
const wordBit = 4
const digitBit = 8
const upperBit = 16

/** The classes of the ASCII characters (RFC 3261 §25.1). */
const classes = new Uint8Array(128)
const alphanum = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
mark(`${alphanum}-.!%*_+\`'~`, tokenBit | valueBit | wordBit)
// A parameter's value is a token, a host (with its brackets and colons) or quoted. Base64 and bare IPv6 addresses
// (RFC 5118 §4.5) stand there too on real networks, so their characters are let through.
mark('[]:/=@', valueBit)
mark('()<>:\\"/[]?{}', wordBit)
mark('0123456789', digitBit)
mark('ABCDEFGHIJKLMNOPQRSTUVWXYZ', upperBit)

function mark(characters: string, bits: number): void {
  for (let i = 0; i < characters.length; i++) classes[characters.charCodeAt(i)]! |= bits
}

/**
 * Reads one header field value from left to right. The methods that read something give the text that they went
 * over, and the empty string when it is not there.
 */
export class Scanner {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  /** True when nothing but white space is left. */
  get done(): boolean {
    this.space()
    return this.at === this.text.length
  }

  /** Goes over white space; line folding was undone by the parser of messages. */
  space(): void {
    const { text } = this
    let { at } = this
    for (;;) {
      const code = text.charCodeAt(at)
      if (code !== 0x20 && code !== 0x09) break
      at++
    }
    this.at = at
  }

  /** The code of the next character, NaN at the end. */
  peek(): number {
    return this.text.charCodeAt(this.at)
  }

  /** Goes over one character, with white space on both sides of it; false when something else stands there. */
  take(code: number): boolean {
    this.space()
    if (this.text.charCodeAt(this.at) !== code) return false
    this.at++
    this.space()
    return true
  }

  /** A token (RFC 3261 §25.1). */
  token(): string {
    return this.run(tokenBit)
  }

  /** Goes over a token that may be one of a set of names; gives its number, -1 when it is another one or none. */
  overName(trie: NameTrie): number {
    const { text } = this
    let { at } = this
    let state = trieStart
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code > 127 || (classes[code]! & tokenBit) === 0) break
      state = trie.step(state, code)
    }
    this.at = at
    return trie.numberAt(state)
  }

  /** Goes over a token; gives the place behind it, which is the present one when there is none. */
  overToken(): number {
    return this.over(tokenBit)
  }

  /** The unquoted value of a parameter. */
  value(): string {
    return this.run(valueBit)
  }

  /** A word, the half of a Call-ID. */
  word(): string {
    return this.run(wordBit)
  }

  digits(): string {
    return this.run(digitBit)
  }

  /** A quoted string with its quotes. */
  quoted(): string {
    const { text } = this
    const start = this.at
    if (text.charCodeAt(start) !== 0x22) return ''
    for (let i = start + 1; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === 0x5c) i++
      else if (code === 0x22) {
        this.at = i + 1
        return text.slice(start, this.at)
      }
    }
    return ''
  }

  private run(bits: number): string {
    const start = this.at
    return this.text.slice(start, this.over(bits))
  }

  private over(bits: number): number {
    const { text } = this
    let { at } = this
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code > 127 || (classes[code]! & bits) === 0) break
    }
    this.at = at
    return at
  }
}

/** True when the text is one token (RFC 3261 §25.1). */
export function isToken(text: string): boolean {
  return text !== '' && every(text, tokenBit)
}

/** The same text in lower case, without a copy when it already is. */
export function lowerCase(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 128 && (classes[code]! & upperBit) !== 0) return text.toLowerCase()
  }
  return text
}

function every(text: string, bits: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 127 || (classes[code]! & bits) === 0) return false
  }
  return true
}

/** The text between the quotes with its escapes resolved; text without quotes stays as it is. */
export function unquote(text: string): string {
  if (text.charCodeAt(0) !== 0x22) return text
  const inner = text.slice(1, -1)
  return inner.includes('\\') ? inner.replace(/\\([^\r\n])/g, '$1') : inner
}

/**
 * The text as a quoted string; quotes, backslashes and control characters are escaped. Line ends become spaces, as
 * nothing can stand for them there (RFC 3261 §25.1, quoted-pair).
 */
export function quote(text: string): string {
  if (!/["\\\x00-\x1f\x7f]/.test(text)) return `"${text}"`
  return `"${oneLine(text).replace(/["\\\x00-\x08\x0b-\x1f\x7f]/g, '\\$&')}"`
}

/** The text with a space for each line end: whatever a node puts into a header field, it stays one. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text
}

/** Where the grammar that last refused a text stopped reading it. */
let stopped = 0

function stopAt(scanner: Scanner): undefined {
  stopped = scanner.at
}

/** Counts the place of the last refusal from the start of a longer text. */
export function stopWithin(start: number): undefined {
  stopped += start
}

/** The place where a grammar stops reading a text that does not follow it; `undefined` when the text follows it. */
export function placeOfFault(grammar: Grammar<unknown>, text: string): number | undefined {
  stopped = 0
  return grammar.parse(text) === undefined ? stopped : undefined
}

/** A grammar whose values are one line of any text. */
export const anyText: Grammar<string> = { parse: (text) => text, print: oneLine }

/** A comma-separated list of what `item` reads at the scanner's place; empty elements do not follow the grammar. */
export function listOf<V>(
  item: (scanner: Scanner) => V | undefined,
  print: (value: V) => string,
  least: 0 | 1 = 1,
  length?: (value: V) => number,
): Grammar<readonly V[]> {
  return {
    ...(length && { length: (values) => lengthOfList(values, length) }),
    parse(text) {
      const scanner = new Scanner(text)
      const values: V[] = []
      if (scanner.done && least === 0) return values
      do {
        const value = item(scanner)
        if (value === undefined) return stopAt(scanner)
        values.push(value)
      } while (scanner.take(0x2c))
      return scanner.done ? values : stopAt(scanner)
    },
    print: (values) => (values.length === 1 ? print(values[0]!) : values.map(print).join(', ')),
  }
}

function lengthOfList<V>(values: readonly V[], length: (value: V) => number): number {
  let sum = (values.length - 1) * ', '.length
  for (const value of values) sum += length(value)
  return sum
}

/** Exactly one of what `item` reads. */
export function oneOf<V>(
  item: (scanner: Scanner) => V | undefined,
  print: (value: V) => string,
  length?: (value: V) => number,
): Grammar<V> {
  return {
    ...(length && { length }),
    parse(text) {
      const scanner = new Scanner(text)
      scanner.space()
      const value = item(scanner)
      return value !== undefined && scanner.done ? value : stopAt(scanner)
    },
    print,
  }
}
