import { lengthOfParams, noParams, type Params, printParams, scanParams } from './params.ts'
import { type Grammar, listOf, oneOf, quote, type Scanner, unquote } from './scanner.ts'
import { byteCountOf } from './utf8.ts'

/** An address with what stands around it: `"Ann" <sip:ann@home1.net>;tag=31415` (RFC 3261 §20.10). */
export interface NameAddr {
  /** The display name without its quotes, escapes resolved. */
  readonly display: string | undefined
  /** The URI as written. */
  readonly uri: string
  /** The header parameters, not those of the URI; quoted values keep their quotes. */
  readonly params: Params
}

/** A URI with nothing around it. */
export const bareAddress = (uri: string): NameAddr => ({ display: undefined, uri, params: {} })

/** One address. */
export const nameAddr: Grammar<NameAddr> = oneOf(scanNameAddr, printNameAddr, lengthOfNameAddr)

/** A list of addresses. */
export const nameAddrs: Grammar<readonly NameAddr[]> = listOf(scanNameAddr, printNameAddr, 1, lengthOfNameAddr)

/** The addresses of a Contact: a list, or `*` alone, which stands for all bindings (RFC 3261 §10.2.2). */
export const contacts: Grammar<readonly NameAddr[]> = {
  parse: (text) => (text.trim() === '*' ? everyContact : nameAddrs.parse(text)),
  print: nameAddrs.print,
  length: nameAddrs.length!,
}

const everyContact: readonly NameAddr[] = [{ display: undefined, uri: '*', params: noParams }]

function scanNameAddr(scanner: Scanner): NameAddr | undefined {
  const { text } = scanner
  let display: string | undefined
  if (scanner.peek() === 0x22) {
    const quoted = scanner.quoted()
    if (quoted === '') return undefined
    display = unquote(quoted)
    scanner.space()
    if (scanner.peek() !== 0x3c) return undefined
  } else if (scanner.peek() !== 0x3c) {
    const start = scanner.at
    const end = scanTokens(scanner)
    if (scanner.peek() !== 0x3c) {
      scanner.at = start
      return scanAddrSpec(scanner)
    }
    display = text.slice(start, end)
  }
  const close = text.indexOf('>', scanner.at)
  if (close < 0) return undefined
  const uri = text.slice(scanner.at + 1, close)
  if (!looksLikeUri(uri)) return undefined
  scanner.at = close + 1
  const params = scanParams(scanner)
  return params === undefined ? undefined : { display, uri, params }
}

/** Goes over tokens and the white space between them; gives the place where the last of them ends. */
function scanTokens(scanner: Scanner): number {
  let end = scanner.at
  while (scanner.token() !== '') {
    end = scanner.at
    scanner.space()
  }
  return end
}

/**
 * An address without angle brackets. RFC 3261 §20.10: parameters behind it belong to the header, and a URI that
 * holds a comma, a question mark or a semicolon has to stand in brackets.
 */
function scanAddrSpec(scanner: Scanner): NameAddr | undefined {
  const { text } = scanner
  const start = scanner.at
  let at = start
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x3b || code === 0x2c || code === 0x20 || code === 0x09) break
    if (code === 0x3f || code === 0x3c || code === 0x3e || code === 0x22) return undefined
  }
  const uri = text.slice(start, at)
  scanner.at = at
  if (!looksLikeUri(uri)) return undefined
  const params = scanParams(scanner)
  return params === undefined ? undefined : { display: undefined, uri, params }
}

/** A scheme, a colon and something behind it, without white space or quotes. The whole URI is judged where used. */
function looksLikeUri(text: string): boolean {
  const colon = text.indexOf(':')
  if (colon < 1 || colon === text.length - 1) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code <= 0x20 || code === 0x22 || code === 0x3c || code === 0x7f) return false
  }
  return true
}

function printNameAddr(value: NameAddr): string {
  if (value.uri === '*') return '*'
  const display = value.display === undefined ? '' : `${quote(value.display)} `
  return `${display}<${value.uri}>${printParams(value.params)}`
}

/** The bytes that an address takes when it is printed. */
function lengthOfNameAddr(value: NameAddr): number {
  if (value.uri === '*') return 1
  const display = value.display === undefined ? 0 : byteCountOf(quote(value.display)) + ' '.length
  return display + '<>'.length + value.uri.length + lengthOfParams(value.params)
}
