/**
 * The simple types of the schemas (XML Schema part 2): text to value and back. A type gives `undefined` for a text that
 * is none of its own, and says in its `name` what would have been one.
 */

/** A simple type: what its texts are called in an error, and how they are read and written. */
export interface DataType<V> {
  readonly name: string
  /** The value of a text, or undefined if the text is not one of this type. */
  readonly parse: (text: string) => V | undefined
  readonly print: (value: V) => string
  /** Whether values must be unique in a document (xs:ID). */
  readonly identifies?: true
}

/** White space facet `collapse` (XML Schema part 2 §4.3.6). */
export function collapse(text: string): string {
  return /^[\t\n\r ]|[\t\n\r]| {2}|[ ]$/.test(text) ? text.replace(/[\t\n\r ]+/g, ' ').replace(/^ | $/g, '') : text
}

function textual(name: string, accepts: (text: string) => boolean): DataType<string> {
  return {
    name,
    parse: (text) => {
      const value = collapse(text)
      return accepts(value) ? value : undefined
    },
    print: (value) => value,
  }
}

function numeric(name: string, pattern: RegExp, least: number, most: number): DataType<number> {
  return {
    name,
    parse: (text) => {
      const value = collapse(text)
      if (!pattern.test(value)) return undefined
      const number = Number(value)
      return number >= least && number <= most ? number : undefined
    },
    print: (value) => String(value),
  }
}

const nameStart =
  'A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F' +
  '\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD\\u{10000}-\\u{EFFFF}'
/** The source of a regular expression (flag `u`) for a name without a colon (Namespaces in XML 1.0 §3). */
export const ncNamePattern = `[${nameStart}][${nameStart}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040]*`
const ncNameTest = new RegExp(`^${ncNamePattern}$`, 'u')

/** xs:string: every text, as it is. */
export const text: DataType<string> = { name: 'a text', parse: (value) => value, print: (value) => value }
/** xs:token: every text, with its white space collapsed. */
export const token = textual('a token', () => true)
/** xs:NCName. */
export const ncName = textual('a name without a colon', (value) => ncNameTest.test(value))
/** xs:ID: a name that occurs once in a document. */
export const identifier: DataType<string> = { ...ncName, name: 'an identifier', identifies: true }
/** xs:anyURI: an absolute or relative reference of RFC 3986; spaces and other characters count as escaped. */
export const uri = textual('a URI', isUriReference)
/** xs:language (RFC 3066 as the schema has it). */
export const language = textual('a language tag', (value) => /^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$/.test(value))
/** xs:dateTime, kept as written. */
export const dateTime = textual('a date and time', isDateTime)
/** xs:decimal, kept as written, so that no digit is lost. */
export const decimal = textual('a decimal number', (value) => /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(value))
/** xs:integer, within what a number holds exactly. */
export const integer = numeric('an integer', /^[+-]?\d+$/, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
/** xs:nonNegativeInteger, within what a number holds exactly. */
export const count = numeric('a number from 0', /^(\+?\d+|-0+)$/, 0, Number.MAX_SAFE_INTEGER)
/** xs:positiveInteger, within what a number holds exactly. */
export const positive = numeric('a number from 1', /^\+?\d+$/, 1, Number.MAX_SAFE_INTEGER)
/** xs:unsignedInt: 32 bits. */
export const unsignedInt = numeric('a number from 0 to 4294967295', /^(\+?\d+|-0+)$/, 0, 4_294_967_295)

/** xs:boolean. */
export const boolean: DataType<boolean> = {
  name: 'true or false',
  parse: (given) => {
    const value = collapse(given)
    if (value === 'true' || value === '1') return true
    return value === 'false' || value === '0' ? false : undefined
  },
  print: (value) => (value ? 'true' : 'false'),
}

/** RFC 3863 §4.1.4: a priority from 0 to 1 with at most three decimals. */
export const priority: DataType<number> = {
  name: 'a number from 0 to 1 with at most three decimals',
  parse: (given) => {
    const value = collapse(given)
    return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(value) ? Number(value) : undefined
  },
  print: (value) => String(Math.round(value * 1000) / 1000),
}

/** One of a few texts, exactly as written (an enumeration of xs:string). */
export function oneOf<const V extends string>(values: readonly V[]): DataType<V> {
  return {
    name: `one of ${values.join(', ')}`,
    parse: (text) => values.find((each) => each === text),
    print: (value) => value,
  }
}

/** One of a few texts, white space around it apart (an enumeration of xs:token). */
export function oneTokenOf<const V extends string>(values: readonly V[]): DataType<V> {
  const exact = oneOf(values)
  return { ...exact, parse: (text) => exact.parse(collapse(text)) }
}

function isUriReference(value: string): boolean {
  if (/%(?![0-9A-Fa-f]{2})/.test(value) || /#.*#/.test(value)) return false
  const colon = value.search(/[:/?#]/)
  return colon < 0 || value[colon] !== ':' || /^[A-Za-z][A-Za-z0-9+.-]*$/.test(value.slice(0, colon))
}

const dateTimePattern =
  /^-?(\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?$/

function isDateTime(value: string): boolean {
  const match = dateTimePattern.exec(value)
  if (match === null) return false
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (year === 0 || (match[1]!.length > 4 && match[1]!.startsWith('0'))) return false
  if (month < 1 || month > 12 || day < 1 || day > daysOf(month, year)) return false
  if (hour === 24) return minute === 0 && second === 0 && /^(\.0+)?$/.test(match[7] ?? '')
  return hour < 24 && minute < 60 && second < 60
}

function daysOf(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
