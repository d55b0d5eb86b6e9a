import { messageText } from '../flow/checker/row-text.ts'
import type { Message } from '../message.ts'
import { type Span, type Style, span } from '../render/span.ts'

/** A line of plain data shown as an indented tree, and what became of it since an earlier state. */
export interface TreeLine {
  readonly depth: number
  readonly key: string
  /** The value; undefined for a line that only heads the lines below it. */
  readonly text: string | undefined
  readonly change: 'new' | 'changed' | 'gone' | undefined
  /** True of a line that stands for all that is inside. */
  readonly folded?: boolean
}

const mostLines = 2000
const absent: unique symbol = Symbol('absent')

/** The lines of a state, held against an earlier one; data of which there is too much ends with a line saying so. */
export function treeLines(now: unknown, before: unknown): TreeLine[] {
  const lines: TreeLine[] = []
  if (!isContainer(now)) return [leaf(0, '', now, before)]
  children(lines, 0, now, before)
  return lines
}

/** The lines without those inside of what did not change; the line above them says how many they are. */
export function foldUnchanged(lines: readonly TreeLine[]): TreeLine[] {
  const folded: TreeLine[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    folded.push(line)
    if (line.text !== undefined || line.change !== undefined) continue
    let inside = at + 1
    while (inside < lines.length && lines[inside]!.depth > line.depth) inside++
    const count = lines.slice(at + 1, inside).filter(({ depth }) => depth === line.depth + 1).length
    folded[folded.length - 1] = { ...line, text: `${count} ${count === 1 ? 'entry' : 'entries'}`, folded: true }
    at = inside - 1
  }
  return folded
}

function leaf(depth: number, key: string, now: unknown, before: unknown): TreeLine {
  if (now === absent) return { depth, key, text: describeValue(before), change: 'gone' }
  const text = describeValue(now)
  const change = before === absent ? 'new' : describeValue(before) === text ? undefined : 'changed'
  return { depth, key, text, change }
}

function children(lines: TreeLine[], depth: number, now: object, before: unknown): void {
  const then = isContainer(before) ? entriesOf(before) : []
  const were = new Map(then)
  const have = new Set<string>()
  for (const [key, value] of entriesOf(now)) {
    have.add(key)
    if (lines.length >= mostLines) {
      lines.push({ depth, key: '…', text: 'and more', change: undefined })
      return
    }
    child(lines, depth, key, value, before === absent || !were.has(key) ? absent : were.get(key))
  }
  for (const [key, value] of then) if (!have.has(key)) lines.push(leaf(depth, key, absent, value))
}

function child(lines: TreeLine[], depth: number, key: string, now: unknown, before: unknown): void {
  if (!isContainer(now) || entriesOf(now).length === 0) {
    lines.push(leaf(depth, key, now, before))
    return
  }
  const heading = lines.length
  lines.push({ depth, key, text: undefined, change: undefined })
  children(lines, depth + 1, now, before)
  const changed = lines.slice(heading + 1).some(({ change }) => change !== undefined)
  const change = before === absent ? 'new' : changed ? 'changed' : undefined
  lines[heading] = { depth, key, text: undefined, change }
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !isMessage(value) && !(value instanceof Uint8Array)
}

function isMessage(value: object): value is Message {
  return 'protocol' in value && 'kind' in value
}

function entriesOf(value: object): (readonly [string, unknown])[] {
  if (value instanceof Map) return [...value].map(([key, one]) => [String(key), one] as const)
  if (value instanceof Set) return [...value].map((one, index) => [String(index + 1), one] as const)
  if (Array.isArray(value)) return value.map((one, index) => [String(index + 1), one] as const)
  return Object.entries(value).filter(([, one]) => one !== undefined)
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return value === '' ? '""' : value
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (typeof value === 'object' && value !== null) return isMessage(value) ? messageText(value) : 'none'
  return value === undefined ? 'none' : String(value)
}

const changeSigns = { new: ['+', 'pass'], changed: ['~', 'warn'], gone: ['-', 'fail'] } as const

/** A line of a tree in its styles: a sign for what changed, the key, the value. */
export function treeSpans({ depth, key, text, change, folded }: TreeLine): Span[] {
  const [sign, style]: readonly [string, Style] = change ? changeSigns[change] : [' ', 'plain']
  const marked: Style = change === undefined ? 'plain' : style
  const indent = span(`${sign} `, marked)
  const name = span(`${'  '.repeat(depth)}${key}`, text === undefined || folded ? 'strong' : 'header-name')
  if (text === undefined) return [indent, name]
  if (folded) return [indent, name, span(` ${text}`, 'dim')]
  const oneLine = text.replace(/\s*\r?\n\s*/g, ' ')
  return key === '' ? [indent, span(oneLine, marked)] : [indent, name, span(': ', 'punctuation'), span(oneLine, marked)]
}
