import type { Authentication } from '../sip/headers.ts'

const token = String.raw`[!#$%&'*+.^_\x60|~0-9A-Za-z-]+`

/** A parameter of a challenge, with the scheme if it is the first one of its challenge. */
const parameter = new RegExp(
  [
    String.raw`[ \t]*(?:,[ \t]*)*`,
    String.raw`(?:(${token})[ \t]+(?=${token}[ \t]*=))?(${token})[ \t]*=[ \t]*`,
    String.raw`("(?:\\.|[^"\\])*"|${token})[ \t]*(?=,|$)`,
  ].join(''),
  'gy',
)

/**
 * RFC 9110 §11.6.1: the challenges in the value of WWW-Authenticate, which may have several, separated by commas as
 * their parameters are. Names of parameters are in lower case. What can not be read ends the list.
 */
export function challengesIn(text: string): Authentication[] {
  const found: { scheme: string; params: Record<string, string> }[] = []
  for (const [, scheme, name, value] of text.matchAll(parameter)) {
    if (scheme !== undefined) found.push({ scheme, params: {} })
    const last = found.at(-1)
    if (last === undefined) return []
    last.params[name!.toLowerCase()] = value!
  }
  return found
}
