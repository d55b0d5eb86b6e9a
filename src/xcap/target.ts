import { namespaces } from '../documents/index.ts'
import { rule } from '../sim/rule.ts'
import { type Answer, refusal } from './answer.ts'

/** What a request target names, before it is known whether there is such a thing (RFC 4825 §6). */
export interface Target {
  readonly kind: 'target'
  readonly auid: string
  /** The tree, and in that of users whose part of it: the XCAP User Identifier. */
  readonly tree: 'users' | 'global'
  readonly xui: string | undefined
  /** The folders and the name of the document within the tree, decoded. */
  readonly names: readonly string[]
  /** The path below the root, decoded. */
  readonly path: string
  /** The node selector, decoded; undefined if the whole document is named. */
  readonly selector: string | undefined
  /** The query as it was sent, without the question mark; undefined if there is none. */
  readonly query: string | undefined
}

const unknown = rule('RFC 4825 §8', 'a tree or document that the server does not know is not found', ['R6.3.2.2-a'])
const malformed = rule('RFC 9110 §15.5.1', 'a target that is no URI is a bad request')
const tooLong = rule('RFC 9110 §15.5.15', 'a target that no document needs is too long')
const noNames = rule('RFC 3986 §3.3', 'dot segments and escaped slashes name no document')

/** How many characters a target may have. */
export const longestTarget = 8192

/** Where the XCAP resources begin: a path, and the authority if the root is an absolute URI. */
export interface Root {
  /** Such as `http://xcap.home1.net`; undefined if the root is a path. */
  readonly origin: string | undefined
  /** Without a slash at its end: empty for the top. */
  readonly path: string
}

/** The root that a path or an absolute HTTP URI says. */
export function parseRoot(text: string): Root {
  const [, origin, path] = /^(https?:\/\/[^/?#]*)?([^?#]*)$/i.exec(text) ?? []
  if (path === undefined || (origin === undefined && path !== '' && !path.startsWith('/'))) {
    throw new RangeError(`An XCAP root is a path or an http URI, not ${text}`)
  }
  return { origin: origin === undefined ? undefined : plainOrigin(origin), path: path.replace(/\/+$/, '') }
}

/** Scheme and authority in lower case and without the port that goes without saying (RFC 9110 §4.2.3). */
function plainOrigin(origin: string): string {
  const lower = origin.toLowerCase()
  return lower.startsWith('https:') ? lower.replace(/:443$/, '') : lower.replace(/:80$/, '')
}

/**
 * RFC 4825 §6, §8: what a target names. The target is taken as it was sent, so that nothing in it is ever resolved;
 * each segment is decoded on its own.
 */
export function parseTarget(text: string, root: Root): Target | Answer {
  if (text.length > longestTarget) return refusal(414, tooLong, `A target has ${longestTarget} characters at most`)
  if (/[\u0000-\u0020\u007f#]|[\ud800-\udfff]/u.test(text))
    return refusal(400, malformed, 'The target has a character that no URI has')
  const mark = text.indexOf('?')
  const query = mark < 0 ? undefined : text.slice(mark + 1)
  const below = pathBelow(mark < 0 ? text : text.slice(0, mark), root)
  if (below === undefined) return refusal(404, unknown, 'This is not below the XCAP root of this server')
  const [documentPart, nodePart] = splitAtNode(below)
  const segments: string[] = []
  for (const segment of documentPart.split('/')) {
    const decoded = decodeSegment(segment)
    if (decoded === undefined) return refusal(400, malformed, `This is not percent-encoded UTF-8: ${segment}`)
    const fault = faultOfName(decoded)
    if (fault !== undefined) return refusal(400, noNames, `${fault}: ${segment}`)
    segments.push(decoded)
  }
  const selector = nodePart === undefined ? undefined : decodeSegment(nodePart)
  if (nodePart !== undefined && selector === undefined) {
    return refusal(400, malformed, `This is not percent-encoded UTF-8: ${nodePart}`)
  }
  if (selector !== undefined && control.test(selector)) {
    return refusal(400, malformed, 'The node selector has a control character')
  }
  return named(segments, selector, query)
}

/** The part of a path behind the root and its slash; undefined if it is elsewhere. */
function pathBelow(text: string, root: Root): string | undefined {
  const [, origin, path] = /^(https?:\/\/[^/]*)?(.*)$/is.exec(text)!
  if (origin !== undefined && root.origin !== undefined && plainOrigin(origin) !== root.origin) return undefined
  return path!.startsWith(`${root.path}/`) ? path!.slice(root.path.length + 1) : undefined
}

/** RFC 4825 §6.1, §8: the first segment `~~` stands between document and node selector. */
function splitAtNode(path: string): [document: string, node: string | undefined] {
  const separator = /(?:^|\/)(?:~|%7e){2}(?:\/|$)/i.exec(path)
  if (separator === null) return [path, undefined]
  return [path.slice(0, separator.index), path.slice(separator.index + separator[0].length)]
}

const control = /[\u0000-\u001f\u007f]/

function faultOfName(name: string): string | undefined {
  if (name === '.' || name === '..') return 'A dot segment is no name'
  if (name.includes('/') || name.includes('\\')) return 'A slash is no part of a name'
  return control.test(name) ? 'A control character is no part of a name' : undefined
}

/** The characters of a part of a URI (RFC 3986 §2.1); undefined if its escapes are none or give no UTF-8. */
function decodeSegment(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** RFC 4825 §6.2: AUID, tree, user and names of a document selector. */
function named(segments: readonly string[], selector: string | undefined, query: string | undefined): Target | Answer {
  const [auid, tree, ...rest] = segments
  if (tree !== 'users' && tree !== 'global') {
    return refusal(404, unknown, 'A document is in the tree users or in the tree global')
  }
  const [xui, ...others] = rest
  const names = tree === 'global' ? rest : others
  if (names.length === 0 || segments.includes('')) return refusal(404, unknown, 'This names no document')
  return {
    kind: 'target',
    auid: auid!,
    tree,
    xui: tree === 'users' ? xui : undefined,
    names,
    path: segments.join('/'),
    selector,
    query,
  }
}

/**
 * What an absolute HTTP URI names below the XCAP root; undefined if it is elsewhere, or names nothing. Of a root that
 * is a path only, every host counts as this server.
 */
export function targetOfUri(uri: string, root: Root): Target | undefined {
  if (!/^https?:\/\/[^/?#]/i.test(uri)) return undefined
  const target = parseTarget(uri, root)
  return target.kind === 'target' ? target : undefined
}

/** What a reference relative to the XCAP root names (RFC 4826 §3.4.5); undefined if it names nothing. */
export function targetOfReference(reference: string): Target | undefined {
  const target = parseTarget(`/${reference}`, { origin: undefined, path: '' })
  return target.kind === 'target' ? target : undefined
}

/** A path below the root as part of a URI: what RFC 3986 §3.3 lets stand in a segment stays as it is. */
export function encodePath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/gu, (character) => encodeURIComponent(character))
}

/** RFC 4825 §6.4: the prefixes that the query declares, by `xmlns()`; undefined if it is no XPointer. */
export function queryBindings(query: string): ReadonlyMap<string, string> | undefined {
  const decoded = decodeSegment(query)
  if (decoded === undefined) return undefined
  const bindings = new Map<string, string>()
  let at = 0
  while (at < decoded.length) {
    const scheme = /^\s*([^\s()^]+)\(/.exec(decoded.slice(at))
    if (scheme === null) return decoded.slice(at).trim() === '' ? bindings : undefined
    const data = schemeData(decoded, at + scheme[0].length)
    if (data === undefined) return undefined
    at = data.end
    // Parts of other schemes are passed over.
    const binding = scheme[1] === 'xmlns' ? /^\s*([^\s=]+)\s*=\s*([\s\S]*)$/.exec(data.text) : null
    if (scheme[1] === 'xmlns' && binding === null) return undefined
    if (binding !== null && !/^xml(ns)?$/.test(binding[1]!) && binding[2] !== namespaces.xmlns)
      bindings.set(binding[1]!, binding[2]!)
  }
  return bindings
}

/** What is between the parentheses of an XPointer part, in which `^` escapes them and itself. */
function schemeData(text: string, from: number): { text: string; end: number } | undefined {
  let data = ''
  let depth = 1
  for (let i = from; i < text.length; i++) {
    const character = text[i]!
    if (character === '^') {
      const escaped = text[++i]
      if (escaped !== '^' && escaped !== '(' && escaped !== ')') return undefined
      data += escaped
      continue
    }
    if (character === '(') depth++
    if (character === ')' && --depth === 0) return { text: data, end: i + 1 }
    data += character
  }
  return undefined
}
