/**
 * Reading of what stands in the braces of a ladder's line: conditions on header fields, body, facts and AVPs.
 *
 *     { Event: presence; +Contact; -Route; From: <sip:user1@home1.net>;tag=$tag; body application/pidf+xml }
 *
 * Conditions end at a line end or at a `;` after which another condition starts, so that the parameters of a value
 * need no quotes. A value goes on in the next line if one of the two lines ends or starts with `;` or `,`.
 */
import { httpHeaders } from '../../http/headers.ts'
import { headerRows } from '../../sip/headers.ts'
import { nearest } from '../flow-error.ts'
import type { Constraint, Evidence, Template, ValueTest } from './expectation.ts'
import type { LadderText } from './ladder-text.ts'
import { readXmlPath } from './xml-path.ts'

/** What the conditions are about: a message of SIP or HTTP, or named facts (of an internal step, of a Cx message). */
export type Subject = 'message' | 'http' | 'facts'

const headerNames: readonly string[] = headerRows.map((row) => row.name)

const httpNames: readonly string[] = [...httpHeaders.values()].map(({ name }) => name)

const fullNames = new Map<string, string>([
  ...headerRows.flatMap((row) => (row.compact === undefined ? [] : [[row.compact, row.name] as const])),
  ...headerRows.map((row) => [row.name.toLowerCase(), row.name] as const),
])

/** What one line of the ladder gives to the reading of its conditions. */
export interface ConstraintReading {
  readonly subject: Subject
  readonly evidence: Evidence
  /** Tests the name of a lane that stands in a condition; notes a problem if there is none. */
  checkLane(name: string, offset: number): void
}

/** Reads a block `{ … }`; the cursor stands on its brace. */
export function readConstraints(ladder: LadderText, reading: ConstraintReading): Constraint[] {
  const open = ladder.at
  ladder.at++
  const constraints: Constraint[] = []
  for (;;) {
    ladder.skipLines()
    if (ladder.take(/;/y) !== undefined) continue
    if (ladder.take(/\}/y) !== undefined) return constraints
    if (ladder.atEnd) throw ladder.stop(open, 'this { is never closed', { expected: '}' })
    constraints.push(readConstraint(ladder, reading))
  }
}

const namePattern = /[A-Za-z][\w.!%*+`'~-]*/y

function readConstraint(ladder: LadderText, reading: ConstraintReading): Constraint {
  const start = ladder.at
  const sign = ladder.take(/[+-][ \t]*/y)?.[0][0]
  const nameAt = ladder.at
  if (reading.subject !== 'facts' && ladder.take(/body(?![\w-])[ \t]*/y) !== undefined) {
    return readBody(ladder, reading, start, sign)
  }
  const name = ladder.take(namePattern)?.[0]
  if (name === undefined) {
    throw ladder.stop(start, `a condition can not start with ${quote(ladder.ahead)}`, { expected: conditionForms })
  }
  const item = readItem(ladder)
  const test = readTest(ladder, reading, name, sign)
  const common = { evidence: reading.evidence, place: ladder.place(start), text: textFrom(ladder, start) }
  if (reading.subject === 'facts') {
    if (item !== undefined) ladder.note(nameAt, 'facts have no items')
    return { kind: 'fact', name, test, ...common }
  }
  return { kind: 'header', name: knownHeader(ladder, name, nameAt, reading.subject), item, test, ...common }
}

const conditionForms = 'Name: value, Name ~ pattern, Name <= 5, Name = prev, +Name, -Name or body …'

/** The name as the header table writes it; a name that it does not know gives a warning and is compared as text. */
function knownHeader(ladder: LadderText, name: string, offset: number, subject: Subject): string {
  const ofHttp = subject === 'http'
  const known = ofHttp ? httpHeaders.get(name.toLowerCase())?.name : fullNames.get(name.toLowerCase())
  if (known !== undefined) return known
  ladder.warn(offset, `no header field is called ${quote(name)}; it is compared as text`, {
    suggestion: nearest(name, ofHttp ? httpNames : headerNames),
  })
  return name
}

/** `[0]` after a name: one item of a list. */
function readItem(ladder: LadderText): number | undefined {
  const open = ladder.at
  if (ladder.take(/\[/y) === undefined) return undefined
  const index = ladder.take(/\s*(-?\d{1,3})\s*\]/y)
  if (index === undefined)
    throw ladder.stop(open, 'this is not the index of an item', { expected: '[0], [1], … or [-1]' })
  return Number(index[1])
}

function readTest(ladder: LadderText, reading: ConstraintReading, name: string, sign: string | undefined): ValueTest {
  ladder.take(/[ \t]*/y)
  if (sign !== undefined) {
    if (!endsHere(ladder, ladder.at)) {
      const says = sign === '+' ? 'is there' : 'is not there'
      throw ladder.stop(ladder.at, `${sign}${name} says that it ${says}, and takes no value`, { expected: '; or }' })
    }
    return { kind: sign === '+' ? 'present' : 'absent' }
  }
  if (ladder.take(/:[ \t]*/y) !== undefined) return readValue(ladder, reading, name)
  if (ladder.take(/~[ \t]*/y) !== undefined) return readPattern(ladder)
  const bound = readBound(ladder)
  if (bound !== undefined) return bound
  if (ladder.take(/=[ \t]*/y) !== undefined) {
    if (ladder.take(/prev(?![\w-])[ \t]*/y) !== undefined && endsHere(ladder, ladder.at)) return { kind: 'unchanged' }
    throw ladder.stop(ladder.at, 'only "= prev" (as on the hop before) can follow', {
      expected: `prev, or "${name}: value"`,
    })
  }
  throw ladder.stop(ladder.at, `${quote(name)} is followed by ${quote(ladder.ahead)}`, {
    expected: `":", "~", "<=", ">=" or "= prev" after the name, or +${name}`,
  })
}

/** `<= 7200`, `>= 60` */
function readBound(ladder: LadderText): ValueTest | undefined {
  const sign = ladder.take(/(<=|>=)[ \t]*/y)?.[1]
  if (sign === undefined) return undefined
  const number = ladder.take(/-?\d{1,15}(?:\.\d{1,6})?(?![\w.])[ \t]*/y)?.[0]
  if (number === undefined || !endsHere(ladder, ladder.at)) {
    throw ladder.stop(ladder.at, `${quote(ladder.ahead)} after ${sign}`, { expected: 'a number' })
  }
  return { kind: sign === '<=' ? 'at most' : 'at least', number: Number(number) }
}

function readValue(ladder: LadderText, reading: ConstraintReading, name: string): ValueTest {
  const start = ladder.at
  const template = takeValue(ladder)
  if (template.text === '') throw ladder.stop(start, `${name} has no value`, { expected: `a value, or +${name}` })
  const counted = /^prev\s*([+-]\s*\d{1,6})?$/.exec(template.text)
  if (counted !== null) {
    const by = Number((counted[1] ?? '0').replace(/\s/g, ''))
    return counted[1] === undefined ? { kind: 'unchanged' } : { kind: 'counted', by }
  }
  if (template.text === '*' || template.text === '(...)') return { kind: 'present' }
  const isVia = reading.subject === 'message' && fullNames.get(name.toLowerCase()) === 'Via'
  if (isVia && !/\bSIP\b|\(\.\.\.\)|\$/i.test(template.text)) return readLanes(ladder, reading, start, template.text)
  return { kind: 'equals', value: template }
}

/** `via: S-CSCF#1 / P-CSCF / UE`: the lanes whose hosts stand in Via, top first. */
function readLanes(ladder: LadderText, reading: ConstraintReading, start: number, text: string): ValueTest {
  const lanes: string[] = []
  for (const part of text.matchAll(/[^/]+/g)) {
    const name = part[0].trim()
    reading.checkLane(name, start + part.index + part[0].length - part[0].trimStart().length)
    lanes.push(name)
  }
  if (lanes.length === 0) throw ladder.stop(start, 'no lanes', { expected: 'lanes such as S-CSCF / P-CSCF / UE' })
  return { kind: 'lanes', lanes }
}

/** `/pattern/flags`, or words that must stand somewhere in the value. */
function readPattern(ladder: LadderText): ValueTest {
  const start = ladder.at
  if (ladder.text[start] !== '/') {
    const { text } = takeValue(ladder)
    if (text === '') throw ladder.stop(start, 'no pattern after ~', { expected: 'a word or /regular expression/' })
    return { kind: 'contains', text }
  }
  const found = ladder.take(/\/((?:\\[^\n]|\[(?:\\[^\n]|[^\]\n\\])*\]|[^/\\\n[])+)\/([a-z]*)[ \t]*/y)
  if (found === undefined) throw ladder.stop(start, 'this regular expression has no end', { expected: '/' })
  const [, pattern, flags] = found as unknown as [string, string, string]
  const wrong = /[^imsu]/.exec(flags)
  if (wrong !== null)
    throw ladder.stop(start, `regular expressions have no flag ${quote(wrong[0])}`, { expected: 'i, m, s or u' })
  try {
    new RegExp(pattern, flags)
  } catch (error) {
    throw ladder.stop(start, `this is not a regular expression: ${(error as Error).message.replace(/^.*: /, '')}`)
  }
  if (!endsHere(ladder, ladder.at))
    throw ladder.stop(ladder.at, `${quote(ladder.ahead)} after the pattern`, { expected: '; or }' })
  return { kind: 'matches', pattern, flags }
}

const bodyForms = 'empty, a media type, = prev, or a path such as //tuple/status/basic'

function readBody(ladder: LadderText, reading: ConstraintReading, start: number, sign: string | undefined): Constraint {
  const common = { kind: 'body' as const, evidence: reading.evidence, place: ladder.place(start) }
  const pathAt = ladder.at
  const path = takePath(ladder)
  if (path !== undefined) {
    const problem = readXmlPath(path)
    if (problem.kind === 'path-error')
      throw ladder.stop(pathAt + problem.at, problem.reason, { expected: problem.expected })
    const test = readPathTest(ladder, path, sign)
    return { ...common, what: { kind: 'path', path, test }, text: textFrom(ladder, start) }
  }
  if (sign === '+' || (sign === '-' && !endsHere(ladder, ladder.at))) {
    throw ladder.stop(pathAt, `${sign}body needs a path`, { expected: 'a path such as //tuple/status/basic' })
  }
  if (sign === '-' || ladder.take(/empty(?![\w/-])[ \t]*/y)) {
    return finish({ ...common, what: { kind: 'empty' }, text: '' })
  }
  if (ladder.take(/=[ \t]*prev(?![\w/-])[ \t]*/y)) return finish({ ...common, what: { kind: 'unchanged' }, text: '' })
  const type = ladder.take(/([\w.+-]+|\*)\/([\w.+-]+|\*)[ \t]*/y)
  if (type !== undefined) {
    return finish({ ...common, what: { kind: 'type', type: type[0].trim().toLowerCase() }, text: '' })
  }
  throw ladder.stop(pathAt, `a body can not be ${quote(ladder.ahead)}`, { expected: bodyForms })

  function finish(constraint: Constraint): Constraint {
    if (!endsHere(ladder, ladder.at))
      throw ladder.stop(ladder.at, `${quote(ladder.ahead)} after the body's condition`, { expected: '; or }' })
    return { ...constraint, text: textFrom(ladder, start) }
  }
}

/** `//tuple[@id='a']/status` or `count(//tuple)`, up to a blank, a `;` or a brace outside its brackets. */
function takePath(ladder: LadderText): string | undefined {
  const path = /(?:count\(\s*)?\/(?:'[^'\n]*'|"[^"\n]*"|\[(?:'[^'\n]*'|"[^"\n]*"|[^\]\n'"])*\]|[^\s;{}'"[~=<>]|\[)*/y
  return ladder.take(path)?.[0]
}

function readPathTest(ladder: LadderText, path: string, sign: string | undefined): ValueTest {
  ladder.take(/[ \t]*/y)
  if (endsHere(ladder, ladder.at)) return { kind: sign === '-' ? 'absent' : 'present' }
  if (sign !== undefined) throw ladder.stop(ladder.at, `${sign}body takes no value`, { expected: '; or }' })
  if (ladder.take(/~[ \t]*/y) !== undefined) return readPattern(ladder)
  const bound = readBound(ladder)
  if (bound !== undefined) return bound
  if (ladder.take(/=[ \t]*/y) === undefined) {
    throw ladder.stop(ladder.at, `${quote(ladder.ahead)} after the path ${path}`, { expected: '=, ~, <=, >=, ; or }' })
  }
  const start = ladder.at
  const value = takeValue(ladder)
  if (value.text === '') throw ladder.stop(start, 'no value after the path', { expected: 'a value' })
  if (/^(["']).*\1$/.test(value.text)) return { kind: 'equals', value: { ...value, text: value.text.slice(1, -1) } }
  return { kind: 'equals', value }
}

/** Takes the text up to the end of the condition; line ends and comments inside it become a blank. */
function takeValue(ladder: LadderText): Template {
  const { text } = ladder
  const start = ladder.at
  let value = ''
  let quoteAt = -1
  let angleAt = -1
  let at = start
  for (; at < text.length; at++) {
    const c = text[at]!
    if (c === '\n') {
      if (quoteAt >= 0 || angleAt >= 0 || !goesOnAfterLine(ladder, value, at)) break
    } else if (quoteAt >= 0) {
      if (c === '\\') value += text[at++]
      else if (c === '"') quoteAt = -1
    } else if (c === '"') quoteAt = at
    else if (angleAt >= 0) {
      if (c === '>') angleAt = -1
    } else if (c === '<' && /[A-Za-z*($]/.test(text[at + 1] ?? '')) angleAt = at
    else if (c === '}') break
    else if (ladder.commentAt(at)) {
      at = ladder.lineEnd(at) - 1
      continue
    } else if (c === ';' && !goesOnAfterSemicolon(ladder, at)) break
    value += text[at] ?? ''
  }
  if (quoteAt >= 0) throw ladder.stop(quoteAt, 'this quoted text has no end', { expected: '"' })
  if (angleAt >= 0) throw ladder.stop(angleAt, 'this < is never closed', { expected: '>' })
  ladder.at = Math.min(at, text.length)
  return { text: value.replace(/\s+/g, ' ').trim(), place: ladder.place(start) }
}

/** True if a value goes on in the next line: one of the two lines ends or starts with `;` or `,`. */
function goesOnAfterLine(ladder: LadderText, value: string, lineEnd: number): boolean {
  const next = ladder.following(lineEnd)
  if (ladder.sees(/[;,]/y, next)) return true
  return /[;,]\s*$/.test(value) && next < ladder.text.length && !startsCondition(ladder, next)
}

/** True if a parameter of the value stands after this `;`. What is neither that nor a condition is a mistake. */
function goesOnAfterSemicolon(ladder: LadderText, semicolon: number): boolean {
  const next = ladder.following(semicolon + 1)
  if (next >= ladder.text.length || ladder.sees(/[;}]/y, next) || startsCondition(ladder, next)) return false
  if (ladder.sees(parameterPattern, next)) return true
  if (next > ladder.lineEnd(semicolon)) return false
  ladder.at = next
  throw ladder.stop(next, `${quote(ladder.ahead)} is neither a condition nor a parameter of the value before it`, {
    expected: conditionForms,
  })
}

/** `name`, `name=value`, `name="value"`, `*` or `...`, as far as the next `;`, `,`, brace, comment or line end. */
const parameterPattern =
  /(?:\.\.\.|\*|[+\w.!%`'~$-]+(?:[ \t]*=[ \t]*(?:"(?:\\.|[^"\\\n])*"|[^\s;,{}"]+))?)[ \t\r]*(?=[;,}\n#]|$)/y

/** True at the end of a condition. */
function endsHere(ladder: LadderText, offset: number): boolean {
  return (
    offset >= ladder.text.length ||
    ladder.sees(/[ \t\r]*[;}\n]/y, offset) ||
    ladder.sees(/[ \t\r]*(?:$|(?<=\s)#)/y, offset)
  )
}

/** True if a condition starts at this offset. What is glued to a `;`, such as `;+audio`, must name a known header. */
function startsCondition(ladder: LadderText, offset: number): boolean {
  const sign = /[+-][ \t]*([A-Za-z][A-Za-z0-9-]*)[ \t\r]*(?=[;}\n]|$)/y
  sign.lastIndex = offset
  const name = sign.exec(ladder.text)?.[1]
  if (name !== undefined) return ladder.text[offset - 1] !== ';' || fullNames.has(name.toLowerCase())
  return (
    ladder.sees(/[+-]?body(?![\w-])[ \t]*(?:[=/*\w]|[;}\n])/y, offset) ||
    ladder.sees(/[A-Za-z][\w-]*(?:\[\s*-?\d+\s*\])?[ \t]*(?::(?=\s)|~|[<>]=|=[ \t]*prev(?![\w-]))/y, offset)
  )
}

function textFrom(ladder: LadderText, start: number): string {
  return ladder.text
    .slice(start, ladder.at)
    .replace(/\s#[^\n]*/g, '')
    .replace(/\s+/g, ' ')
    .trim()
}

function quote(text: string): string {
  return text.startsWith('the end') ? text : `"${text}"`
}
