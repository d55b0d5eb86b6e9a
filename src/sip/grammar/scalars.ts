import { type Params, printParams, printParamsByComma, scanParams, scanParamsByComma } from './params.ts'
import { type Grammar, listOf, oneOf, quote, type Scanner, stopWithin, unquote } from './scanner.ts'

/** The number and method of a CSeq (RFC 3261 §20.16). */
export interface CSeq {
  readonly number: number
  readonly method: string
}

/** What a PRACK acknowledges (RFC 3262 §7.2). */
export interface RAck {
  readonly response: number
  readonly number: number
  readonly method: string
}

/** A challenge, or the credentials that answer one (RFC 3261 §20.7, §20.44); quoted values keep their quotes. */
export interface Authentication {
  readonly scheme: string
  readonly params: Params
}

/** When to try again (RFC 3261 §20.33). */
export interface RetryAfter {
  readonly seconds: number
  readonly comment: string | undefined
  readonly params: Params
}

/** A word about the status of a response (RFC 3261 §20.43). */
export interface Warning {
  readonly code: number
  readonly agent: string
  readonly text: string
}

/** Seconds, at most 2^32-1 (RFC 3261 §25.1, delta-seconds). */
export const seconds: Grammar<number> = wholeNumber(4294967295)
/** A count of bytes. */
export const byteCount: Grammar<number> = wholeNumber(4294967295)
/** A number of hops, at most 255 (RFC 3261 §20.22). */
export const hopCount: Grammar<number> = wholeNumber(255)
/** The number of a reliable provisional response (RFC 3262 §7.1). */
export const responseNumber: Grammar<number> = wholeNumber(4294967295)

function wholeNumber(most: number): Grammar<number> {
  return oneOf((scanner) => scanNumber(scanner, most), String)
}

function scanNumber(scanner: Scanner, most: number): number | undefined {
  const digits = scanner.digits()
  const value = Number(digits)
  return digits === '' || value > most ? undefined : value
}

/** One token. */
export const token: Grammar<string> = oneOf(scanToken, String)
/** A list of tokens, at least one. */
export const tokens: Grammar<readonly string[]> = listOf(scanToken, String)
/** A list of tokens, possibly empty, which says that there are none. */
export const anyTokens: Grammar<readonly string[]> = listOf(scanToken, String, 0)
/** A list of words of the wider kind: URNs, Call-IDs, Base64. */
export const words: Grammar<readonly string[]> = listOf((scanner) => scanner.word() || undefined, String)

function scanToken(scanner: Scanner): string | undefined {
  return scanner.token() || undefined
}

/** The privacy types, separated by semicolons (RFC 3323 §4.2). */
export const privacyTypes: Grammar<readonly string[]> = oneOf(
  (scanner) => {
    const types: string[] = []
    do {
      const type = scanner.token()
      if (type === '') return undefined
      types.push(type.toLowerCase())
    } while (scanner.take(0x3b))
    return types
  },
  (types) => types.join(';'),
)

/** A Call-ID: a word, and possibly an `@` and a second word. */
export const callId: Grammar<string> = oneOf(scanCallId, String)
/** A list of Call-IDs. */
export const callIds: Grammar<readonly string[]> = listOf(scanCallId, String)

function scanCallId(scanner: Scanner): string | undefined {
  const start = scanner.at
  if (scanner.word() === '') return undefined
  if (scanner.peek() === 0x40) {
    scanner.at++
    if (scanner.word() === '') return undefined
  }
  return scanner.text.slice(start, scanner.at)
}

/** RFC 3261 §8.1.1.5: the number is less than 2^31. */
export const cseq: Grammar<CSeq> = oneOf(
  (scanner) => {
    const number = scanNumber(scanner, 2147483647)
    if (number === undefined) return undefined
    scanner.space()
    const method = scanner.token()
    return method === '' ? undefined : { number, method }
  },
  (value) => `${value.number} ${value.method}`,
)

export const rack: Grammar<RAck> = oneOf(
  (scanner) => {
    const response = scanNumber(scanner, 4294967295)
    scanner.space()
    const number = scanNumber(scanner, 2147483647)
    scanner.space()
    const method = scanner.token()
    return response === undefined || number === undefined || method === '' ? undefined : { response, number, method }
  },
  (value) => `${value.response} ${value.number} ${value.method}`,
)

/** One challenge or one set of credentials a line (RFC 3261 §7.3.1: these lines are never joined by commas). */
export const authentications: Grammar<readonly Authentication[]> = {
  parse(text) {
    const values: Authentication[] = []
    let start = 0
    for (const line of text.split('\n')) {
      const value = authentication.parse(line)
      if (value === undefined) return stopWithin(start)
      values.push(value)
      start += line.length + 1
    }
    return values
  },
  print: (values) => values.map(authentication.print).join('\n'),
}

const authentication: Grammar<Authentication> = oneOf(
  (scanner) => {
    const scheme = scanner.token()
    scanner.space()
    const params = scanParamsByComma(scanner)
    return scheme === '' || params === undefined ? undefined : { scheme, params }
  },
  (value) => `${value.scheme} ${printParamsByComma(value.params)}`,
)

export const retryAfter: Grammar<RetryAfter> = oneOf(
  (scanner) => {
    const value = scanNumber(scanner, 4294967295)
    if (value === undefined) return undefined
    scanner.space()
    const comment = scanner.peek() === 0x28 ? scanComment(scanner) : undefined
    const params = scanParams(scanner)
    return params === undefined || comment === '' ? undefined : { seconds: value, comment, params }
  },
  (value) => `${value.seconds}${value.comment === undefined ? '' : ` ${value.comment}`}${printParams(value.params)}`,
)

/** A comment with its parentheses, which may nest. */
function scanComment(scanner: Scanner): string {
  const { text, at: start } = scanner
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (code === 0x28) depth++
    else if (code === 0x29 && --depth === 0) {
      scanner.at = at + 1
      return text.slice(start, scanner.at)
    }
  }
  return ''
}

export const warnings: Grammar<readonly Warning[]> = listOf(
  (scanner) => {
    const digits = scanner.digits()
    scanner.space()
    const agent = scanner.value()
    scanner.space()
    const text = scanner.quoted()
    if (digits.length !== 3 || agent === '' || text === '') return undefined
    return { code: Number(digits), agent, text: unquote(text) }
  },
  (value) => `${value.code} ${value.agent} ${quote(value.text)}`,
)

/** `1.0` and the like. */
export const version: Grammar<string> = matching(/^[0-9]+\.[0-9]+$/)
/** Seconds with a fraction, and possibly the delay of the answer (RFC 3261 §20.38). */
export const timestamp: Grammar<string> = matching(/^[0-9]+(\.[0-9]*)?([ \t]+([0-9]+(\.[0-9]*)?|\.[0-9]+))?$/)
/** RFC 3261 §20.17: the time zone is always GMT. */
export const date: Grammar<string> = matching(
  new RegExp(
    '^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} ' +
      '([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60) GMT$',
  ),
)

function matching(pattern: RegExp): Grammar<string> {
  return { parse: (text) => (pattern.test(text) ? text : undefined), print: String }
}
