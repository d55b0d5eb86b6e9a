/**
 * Comparison of header values as values: blanks and the order of parameters do not count, the order of list items
 * does. The expected value may have holes:
 *
 * - `(...)` stands for any text, `*` for any item, parameter value or whole value;
 * - `$name` stands for a text that must be the same wherever the name stands; `$$` is a dollar sign;
 * - `...` as the last item of a list, or as a parameter, stands for any further ones.
 */

/** What a `$name` stood for. */
export interface Capture {
  readonly name: string
  readonly value: string
}

/** What the holes of an expected value stand for in an actual one; undefined if the two differ. */
export function unify(expected: string, actual: string): Capture[] | undefined {
  const wanted = split(expected, ',')
  const found = split(actual, ',')
  const open = wanted.at(-1) === '...'
  if (open) wanted.pop()
  if (open ? found.length < wanted.length : found.length !== wanted.length) return undefined
  return all(wanted.map((item, i) => () => unifyItem(item, found[i]!)))
}

/** As `unify`, for a URI outside angle brackets. */
export function unifyUri(expected: string, actual: string): Capture[] | undefined {
  return isHole(expected) ? [] : unifyParts(split(expected, ';'), split(actual, ';'))
}

/** As `unify`, for a text without any structure. */
export function unifyText(expected: string, actual: string): Capture[] | undefined {
  if (expected === '*') return []
  const names: string[] = []
  const pattern = expected.replace(holePattern, (hole) => {
    if (hole === '(...)') return '[^]+?'
    if (hole === '$$') return '\\$'
    if (!hole.startsWith('$')) return hole.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    names.push(hole.slice(1))
    return '([^]+?)'
  })
  const match = new RegExp(`^${pattern}$`).exec(actual)
  if (match === null) return undefined
  const captures = names.map((name, i) => ({ name, value: match[i + 1]! }))
  return captures.every((one) => captures.find((first) => first.name === one.name)?.value === one.value)
    ? captures
    : undefined
}

/** The names of the holes in an expected value. */
export function holesOf(expected: string): string[] {
  return (expected.match(holePattern) ?? []).flatMap((hole) => (/^\$[A-Za-z]/.test(hole) ? [hole.slice(1)] : []))
}

/** True if there is nothing in an expected value that stands for something else. */
export function isLiteral(expected: string): boolean {
  return !/\(\.\.\.\)|\$|(?:^|[;,=]\s*"?)(?:\*|\.\.\.)"?\s*(?:$|[;,>])/.test(expected)
}

/** The items of a list header, the lines of a repeated one; commas in quotes and angle brackets do not count. */
export function itemsOf(text: string): string[] {
  return split(text, ',')
}

const holePattern = /\(\.\.\.\)|\$\$|\$[A-Za-z]\w*|[^($]+|[($]/g

function isHole(text: string): boolean {
  return text === '*' || text === '(...)'
}

function unifyItem(expected: string, actual: string): Capture[] | undefined {
  if (isHole(expected)) return []
  return unifyParts(split(expected, ';'), split(actual, ';'))
}

/** A value and its parameters. A value such as `icid-value="…"` is a parameter like those after it. */
function unifyParts(expected: string[], actual: string[]): Capture[] | undefined {
  const isParam = /^[\w.+-]+\s*=/
  const [wanted, found] = [expected, actual].map((parts) => (isParam.test(parts[0] ?? '') ? ['', ...parts] : parts))
  return all([() => unifyHead(wanted![0]!, found![0]!), () => unifyParams(wanted!.slice(1), found!.slice(1))])
}

/** `"Display" <uri>`, or any other text. */
function unifyHead(expected: string, actual: string): Capture[] | undefined {
  if (isHole(expected)) return []
  const [wanted, found] = [address(expected), address(actual)]
  if (found === undefined) return wanted === undefined ? unifyText(expected, actual) : undefined
  if (wanted === undefined) {
    return found.display === '' && /^[A-Za-z][\w+.-]*:/.test(expected) ? unifyUri(expected, found.uri) : undefined
  }
  return all([() => unifyText(wanted.display, found.display), () => unifyUri(wanted.uri, found.uri)])
}

function address(text: string): { display: string; uri: string } | undefined {
  const found = /^((?:[^<"]|"(?:\\.|[^"\\])*")*)<([^>]*)>\s*$/.exec(text)
  return found === null ? undefined : { display: unquoted(found[1]!.trim()), uri: found[2]!.trim() }
}

/** Parameters in any order; their names compare without case. */
function unifyParams(expected: readonly string[], actual: readonly string[]): Capture[] | undefined {
  const wanted = expected.filter((one) => one !== '...')
  const rest = actual.map(param)
  const open = wanted.length < expected.length
  const captures: Capture[] = []
  for (const one of wanted.map(param)) {
    const at = rest.findIndex((other) => other.name === one.name)
    const other = rest[at]
    if (other === undefined || (one.value === undefined) !== (other.value === undefined)) return undefined
    const found = one.value === undefined ? [] : unifyText(unquoted(one.value), unquoted(other.value!))
    if (found === undefined || quoted(one.value) !== quoted(other.value, one.value)) return undefined
    captures.push(...found)
    rest.splice(at, 1)
  }
  return open || rest.length === 0 ? captures : undefined
}

function param(text: string): { name: string; value: string | undefined } {
  const equals = text.indexOf('=')
  if (equals < 0) return { name: text.toLowerCase(), value: undefined }
  return { name: text.slice(0, equals).trim().toLowerCase(), value: text.slice(equals + 1).trim() }
}

/** Whether a value stands in quotes; one that is compared with a hole counts as that hole does. */
function quoted(value: string | undefined, hole?: string): boolean {
  if (hole !== undefined && !isLiteral(hole)) return quoted(hole)
  return value?.startsWith('"') ?? false
}

function unquoted(text: string): string {
  return /^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text
}

/** The parts between separators outside quotes and angle brackets, with single blanks; also split at line ends. */
function split(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = []
  let part = ''
  let inQuotes = false
  let inAngles = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (inQuotes) {
      if (c === '\\') part += text[i++]
      else if (c === '"') inQuotes = false
    } else if (c === '"') inQuotes = true
    else if (c === '<') inAngles = true
    else if (c === '>') inAngles = false
    else if (!inAngles && (c === separator || (separator === ',' && c === '\n'))) {
      parts.push(part)
      part = ''
      continue
    }
    part += text[i] ?? ''
  }
  return [...parts, part].map((one) => one.replace(/\s+/g, ' ').trim())
}

function all(tests: readonly (() => Capture[] | undefined)[]): Capture[] | undefined {
  const captures: Capture[] = []
  for (const test of tests) {
    const found = test()
    if (found === undefined) return undefined
    captures.push(...found)
  }
  return captures
}
