/**
 * Content types with their parameters (RFC 2045 §5.1), as multipart messages need them.
 */

/** A media type and its parameters. Names of both are in lower case; values are as they were, without quotes. */
export interface ContentType {
  /** Such as `multipart/related`. */
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
}

const parameterPattern =
  /[ \t\r\n]*;[ \t\r\n]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t\r\n]*=[ \t\r\n]*(?:"((?:[^"\\]|\\[\s\S])*)"|([^;"\s]*))/y

/** The content type of a header field value; undefined if it is none. */
export function parseContentType(text: string): ContentType | undefined {
  const match = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+\/[!#$%&'*+.^_`|~0-9A-Za-z-]+)/.exec(text)
  if (match === null) return undefined
  const parameters: Record<string, string> = {}
  let at = match[0].length
  for (;;) {
    parameterPattern.lastIndex = at
    const found = parameterPattern.exec(text)
    if (found === null) break
    const value = found[2] === undefined ? found[3]! : found[2].replace(/\\([\s\S])/g, '$1')
    Object.defineProperty(parameters, found[1]!.toLowerCase(), { value, enumerable: true, configurable: true })
    at = parameterPattern.lastIndex
  }
  return /^[\s;]*$/.test(text.slice(at)) ? { type: match[1]!.toLowerCase(), parameters } : undefined
}

/** The header field value of a content type; all values are quoted. */
export function printContentType({ type, parameters }: ContentType): string {
  let text = type
  for (const name in parameters) text += `;${name}="${quotable(parameters[name]!)}"`
  return text
}

const quotable = (value: string): string =>
  value.includes('"') || value.includes('\\') ? value.replace(/["\\]/g, '\\$&') : value
