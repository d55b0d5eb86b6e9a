import { usualNames, usualNameTrie } from './param-names.ts'
import { type Grammar, listOf, lowerCase, oneOf, type Scanner } from './scanner.ts'
import { byteCountOf } from './utf8.ts'

/**
 * The parameters of a header value: names in lower case (they compare without case, RFC 3261 §7.3.1), `true` for one
 * without a value; quoted values keep their quotes.
 */
export type Params = Readonly<Record<string, string | true>>

/** A word with parameters: a media type, an event package, a subscription state, a security mechanism, … */
export interface Parameterised {
  readonly value: string
  readonly params: Params
}

/** Parameters that may stand more than once, each with its values in order. */
export type ParamLists = Readonly<Record<string, readonly string[]>>

/** What stands where there are no parameters. */
export const noParams: Params = Object.freeze({})

/** Reads `;name=value;name…`. A name that stands twice does not follow the grammar (RFC 3261 §7.3.1). */
export function scanParams(scanner: Scanner): Params | undefined {
  let params: Record<string, string | true> | undefined
  while (scanner.take(0x3b)) {
    params ??= {}
    if (!scanParam(scanner, params)) return undefined
  }
  return params ?? noParams
}

/** Reads one `name=value` or `name` into `params`. */
export function scanParam(scanner: Scanner, params: Record<string, string | true>): boolean {
  const start = scanner.at
  const number = scanner.overName(usualNameTrie)
  const name = number >= 0 ? usualNames[number]! : lowerCase(scanner.text.slice(start, scanner.at))
  if (name === '' || (params[name] !== undefined && Object.hasOwn(params, name))) return false
  let value: string | true = true
  if (scanner.take(0x3d)) {
    value = scanner.peek() === 0x22 ? scanner.quoted() : scanner.value()
    if (value === '') return false
  }
  if (name === '__proto__') Object.defineProperty(params, name, { value, enumerable: true })
  else params[name] = value
  return true
}

/** Prints the parameters, each behind a semicolon. */
export function printParams(params: Params): string {
  let text = ''
  for (const name in params) {
    const value = params[name]
    text += value === true ? `;${name}` : `;${name}=${value}`
  }
  return text
}

/** The bytes that these parameters take when they are printed. */
export function lengthOfParams(params: Params): number {
  let length = 0
  for (const name in params) {
    const value = params[name]!
    length += ';'.length + name.length
    // Only a quoted value may hold anything but ASCII.
    if (value !== true) length += '='.length + (value.startsWith('"') ? byteCountOf(value) : value.length)
  }
  return length
}

/** Parameters that stand alone: `icid-value="…";orig-ioi=home1.net`. */
export const paramsAlone: Grammar<Params> = oneOf(
  (scanner) => {
    const params: Record<string, string | true> = {}
    do {
      if (!scanParam(scanner, params)) return undefined
    } while (scanner.take(0x3b))
    return params
  },
  (params) => printParams(params).slice(1),
)

/** Parameters separated by commas, as in Authentication-Info. */
export const paramsByComma: Grammar<Params> = oneOf(scanParamsByComma, printParamsByComma)

export function scanParamsByComma(scanner: Scanner): Params | undefined {
  const params: Record<string, string | true> = {}
  do {
    if (!scanParam(scanner, params)) return undefined
  } while (scanner.take(0x2c))
  return params
}

export function printParamsByComma(params: Params): string {
  return Object.keys(params)
    .map((name) => (params[name] === true ? name : `${name}=${params[name]}`))
    .join(', ')
}

/** Parameters that stand alone and may repeat: `ccf=[5555::1];ccf=[5555::2];ecf=…`. */
export const paramLists: Grammar<ParamLists> = oneOf(
  (scanner) => {
    const lists: Record<string, string[]> = {}
    do {
      const one: Record<string, string | true> = {}
      if (!scanParam(scanner, one)) return undefined
      const [name, value] = Object.entries(one)[0]!
      if (value === true || name === '__proto__') return undefined
      if (Object.hasOwn(lists, name)) lists[name]!.push(value)
      else lists[name] = [value]
    } while (scanner.take(0x3b) || scanner.take(0x2c))
    return lists
  },
  (lists) =>
    Object.keys(lists)
      .flatMap((name) => lists[name]!.map((value) => `${name}=${value}`))
      .join(';'),
)

const token = (scanner: Scanner): string => scanner.token()
const lowerToken = (scanner: Scanner): string => lowerCase(scanner.token())
const tokenOrQuoted = (scanner: Scanner): string => scanner.quoted() || scanner.token()
const word = (scanner: Scanner): string => scanner.value()

/** `type/subtype`, in lower case (media types compare without case, RFC 2045 §5.1); `*` stands for any. */
function mediaRange(scanner: Scanner): string {
  const { text, at: start } = scanner
  const middle = scanner.overToken()
  if (middle === start || !scanner.take(0x2f)) return ''
  const second = scanner.at
  const end = scanner.overToken()
  if (end === second) return ''
  if (second === middle + 1) return lowerCase(text.slice(start, end))
  return lowerCase(`${text.slice(start, middle)}/${text.slice(second, end)}`)
}

function parameterised(value: (scanner: Scanner) => string): (scanner: Scanner) => Parameterised | undefined {
  return (scanner) => {
    const text = value(scanner)
    if (text === '') return undefined
    const params = scanParams(scanner)
    return params === undefined ? undefined : { value: text, params }
  }
}

function printParameterised(value: Parameterised): string {
  return value.value + printParams(value.params)
}

/** A token with parameters. */
export const tokenWithParams: Grammar<Parameterised> = oneOf(parameterised(token), printParameterised)
/** A token that compares without case, in lower case, with parameters. */
export const lowerTokenWithParams: Grammar<Parameterised> = oneOf(parameterised(lowerToken), printParameterised)
/** A word of the wider kind (a Call-ID, a URN, Base64), with parameters. */
export const wordWithParams: Grammar<Parameterised> = oneOf(parameterised(word), printParameterised)
/** A media type with parameters. */
export const mediaType: Grammar<Parameterised> = oneOf(parameterised(mediaRange), printParameterised)
/** Tokens with parameters. */
export const tokensWithParams: Grammar<readonly Parameterised[]> = listOf(parameterised(token), printParameterised)
/** Tokens with parameters, possibly none at all. */
export const anyTokensWithParams: Grammar<readonly Parameterised[]> = listOf(
  parameterised(token),
  printParameterised,
  0,
)
/** Tokens that compare without case, with parameters. */
export const lowerTokensWithParams: Grammar<readonly Parameterised[]> = listOf(
  parameterised(lowerToken),
  printParameterised,
)
/** Tokens or quoted strings with parameters; quoted ones keep their quotes. */
export const namesWithParams: Grammar<readonly Parameterised[]> = listOf(
  parameterised(tokenOrQuoted),
  printParameterised,
)
/** Media ranges with parameters, possibly none at all. */
export const mediaRanges: Grammar<readonly Parameterised[]> = listOf(parameterised(mediaRange), printParameterised, 0)
