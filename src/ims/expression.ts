/**
 * Extended regular expressions of IEEE 1003.1, as the profiles of users have them (TS 29.228 Annex B, TS 23.003
 * §13.4A).
 */

/** The classes of characters that ECMAScript does not have by these names, as what stands between brackets. */
const classes: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  xdigit: '0-9A-Fa-f',
}

/** All expressions by their text and flags, compiled once; they hold no state between tests. */
const compiled = new Map<string, RegExp | undefined>()

/** The expression; undefined for a text that is none, which matches nothing. */
export function expressionOf(text: string, flags: '' | 'i' = ''): RegExp | undefined {
  const key = `${flags}/${text}`
  if (!compiled.has(key)) compiled.set(key, compile(text, flags))
  return compiled.get(key)
}

function compile(text: string, flags: string): RegExp | undefined {
  try {
    return new RegExp(inEcmaScript(text), flags)
  } catch {
    return undefined
  }
}

/** A bracket expression: from `[`, with a `]` that may stand first, over classes, to the `]` that ends it. */
const bracket = /\[(\^?)(\]?(?:\[:[a-z]+:\]|[^\]])*)\]/g

/** In a bracket expression of IEEE 1003.1 a backslash is itself, as is an opening bracket. */
function inEcmaScript(text: string): string {
  // What is escaped outside brackets begins none.
  return text.replace(new RegExp(`\\\\.|${bracket.source}`, 'gs'), (whole, not?: string, inside?: string) =>
    inside === undefined ? whole : `[${not}${charactersOf(inside)}]`,
  )
}

const charactersOf = (inside: string): string =>
  inside.replace(/\[:([a-z]+):\]|[\]\\[]/g, (one, name?: string) => {
    if (name === undefined) return `\\${one}`
    if (!Object.hasOwn(classes, name)) throw new SyntaxError(`no class of characters is called ${name}`)
    return classes[name]!
  })

/** True of a text that is an expression. */
export const isExpression = (text: string): boolean => expressionOf(text) !== undefined
