/**
 * The grammar of the expected ladder (docs/flow-files.md has it as a whole), read by recursive descent: groups, lines,
 * and the conditions on the flow as a whole.
 */

import { durationForm, readDuration } from '../duration.ts'
import { type FlowError, nearest, type SourceText } from '../flow-error.ts'
import type { AbsentCondition, Condition, Group, Item, Ladder, MatchMode, Place, Step } from './expectation.ts'
import { type LineReading, readBlocks, readMessage, readStep, subjectOf } from './ladder-line.ts'
import { LadderText, oneOf, Stop } from './ladder-text.ts'

/** What came of reading a ladder. The ladder is usable if no problem is an error. */
export interface ReadLadder {
  readonly ladder: Ladder
  readonly problems: readonly FlowError[]
}

/**
 * Reads the text of a ladder. `origin` is where its first character stands in the flow file; `lanes` are the names
 * that it may use, undefined if they are not known.
 */
export function readLadder(
  text: string,
  source: SourceText,
  origin: Place,
  lanes: readonly string[] | undefined,
): ReadLadder {
  const reader = new LadderReader(new LadderText(text, source, origin), lanes)
  return { ladder: reader.read(), problems: reader.text.problems }
}

const matchModes: readonly MatchMode[] = ['complete', 'visible', 'initial', 'free']
const groupKinds: readonly Group['kind'][] = ['sequence', 'unordered', 'optional']

/** A condition as written, before the numbers in it were looked up. */
interface Pending {
  readonly resolve: () => Condition
}

class LadderReader implements LineReading {
  readonly text: LadderText
  readonly #lanes: readonly string[] | undefined
  readonly #steps: Step[] = []
  readonly #named = new Set<string>()
  readonly #pending: Pending[] = []
  /** The requests that have a name, by that name: the method each has. */
  readonly requests = new Map<string, string>()

  constructor(text: LadderText, lanes: readonly string[] | undefined) {
    this.text = text
    this.#lanes = lanes
  }

  read(): Ladder {
    const { text } = this
    text.skipLines()
    const match = this.#readMatch()
    const items: Item[] = []
    while (!text.atEnd) {
      items.push(...this.#items())
      if (!text.atEnd) {
        text.note(text.at, 'this } closes nothing')
        text.at++
      }
    }
    if (items.length === 0 && text.problems.length === 0) {
      text.note(text.at, 'the ladder has no lines', { expected: 'lines such as "1 UE -> P-CSCF : SUBSCRIBE"' })
    }
    const conditions = this.#resolveConditions()
    return { match, items, steps: this.#steps, conditions, lanes: [...this.#named], text: text.text }
  }

  /** The next index of a step. */
  get nextIndex(): number {
    return this.#steps.length
  }

  /** Notes a lane that the topology does not have; remembers one that it has. */
  checkLane(name: string, offset: number): void {
    if (this.#lanes !== undefined && !this.#lanes.includes(name)) {
      this.text.unknown(offset, `no lane is called "${name}"`, name, this.#lanes)
    }
  }

  #readMatch(): MatchMode {
    const { text } = this
    if (text.take(/match(?=\s)[ \t]*/y) === undefined) return 'complete'
    const at = text.at
    const word = text.take(/[\w-]+/y)?.[0] ?? ''
    text.skipBlanks()
    const mode = matchModes.find((one) => one === word)
    if (mode === undefined) {
      const suggestion = nearest(word, matchModes)
      text.note(at, `"${word}" is not a match mode`, { expected: oneOf(matchModes), suggestion })
    } else if (!text.atLineEnd)
      text.note(text.at, `"${text.ahead}" after the match mode`, { expected: 'the end of the line' })
    text.at = text.lineEnd(text.at)
    return mode ?? 'complete'
  }

  /** Items up to the `}` that closes their group, or to the end. What can not be read is noted and left out. */
  #items(): Item[] {
    const { text } = this
    const items: Item[] = []
    for (;;) {
      text.skipLines()
      if (text.atEnd || text.text[text.at] === '}') return items
      const start = text.at
      try {
        const item = this.#item()
        if (item !== undefined) items.push(item)
      } catch (stop) {
        if (!(stop instanceof Stop)) throw stop
        this.#recover(start)
      }
    }
  }

  #item(): Item | undefined {
    const { text } = this
    const start = text.at
    const opening = text.take(/([A-Za-z]+)[ \t]*(?=\{)/y)
    if (opening !== undefined) return this.#group(opening[1]!, start)
    if (text.sees(/match\s/y)) {
      throw text.stop(start, 'the match mode stands in the first line of the ladder', { expected: 'a line or a group' })
    }
    if (text.take(/absent(?=\s)[ \t]*/y)) return this.#absent(start)
    if (text.take(/within(?=\s)[ \t]*/y)) return this.#within(start)
    const step = readStep(this)
    const twin = step.number === undefined ? undefined : this.#steps.find((one) => one.number === step.number)
    if (twin !== undefined) {
      text.note(start, `two lines have the number ${step.number}; the first is line ${twin.place.line}`)
    }
    this.#steps.push(step)
    this.#named.add(step.from).add(step.to)
    return step
  }

  #group(word: string, start: number): Group {
    const { text } = this
    const kind = groupKinds.find((one) => one === word)
    if (kind === undefined) {
      const suggestion = nearest(word, groupKinds)
      text.note(
        start,
        `"${word} {" opens no group`,
        suggestion === undefined ? { expected: oneOf(groupKinds) } : { suggestion },
      )
    }
    text.at++
    const items = this.#items()
    if (text.take(/\}/y) === undefined) throw text.stop(start, `this ${word} is never closed`, { expected: '}' })
    if (items.length === 0) text.note(start, `this ${word} is empty`)
    this.#endOfLine()
    return { kind: kind ?? 'sequence', items, place: text.place(start) }
  }

  /** `absent PS -> * : NOTIFY from 4 until 10` */
  #absent(start: number): undefined {
    const { text } = this
    const from = this.#laneOrAny(/(\S.*?)\s*->\s*/y, 'absent PS -> * : NOTIFY until 10')
    const to = this.#laneOrAny(/(\S.*?)\s*:\s*/y, 'a lane or *, then ": message"')
    const message = readMessage(this)
    text.skipBlanks()
    const after = this.#numberAfter('from')
    const until = this.#numberAfter('until')
    const { constraints } = readBlocks(this, subjectOf(message))
    const written = text.text.slice(start, text.at).replace(/\s+/g, ' ').trim()
    this.#endOfLine()
    const place = text.place(start)
    const resolve = (): AbsentCondition => ({
      kind: 'absent',
      from,
      to,
      message,
      constraints,
      place,
      text: written,
      after: after === undefined ? undefined : this.#stepNumbered(after.number, after.at),
      until: until === undefined ? undefined : this.#stepNumbered(until.number, until.at),
    })
    this.#pending.push({ resolve })
    return undefined
  }

  #laneOrAny(pattern: RegExp, expected: string): string {
    const at = this.text.at
    const name = this.text.take(pattern)?.[1]
    if (name === undefined) throw this.text.stop(at, `"${this.text.ahead}" is out of place`, { expected })
    if (name !== '*') this.checkLane(name, at)
    return name
  }

  #numberAfter(word: 'from' | 'until'): { number: string; at: number } | undefined {
    const { text } = this
    if (text.take(word === 'from' ? /from(?=\s)\s*/y : /until(?=\s)\s*/y) === undefined) return undefined
    const at = text.at
    const number = text.take(numberPattern)?.[0]
    if (number === undefined)
      throw text.stop(at, `"${text.ahead}" is not the number of a line`, { expected: 'a number' })
    text.skipBlanks()
    return { number, at }
  }

  /** `within 5 s 4 .. 10` */
  #within(start: number): undefined {
    const { text } = this
    const timeAt = text.at
    const written = text.take(/[\d.]+\s*[a-zµ]+/y)?.[0] ?? text.ahead
    const time = readDuration(written)
    if (time === undefined) throw text.stop(timeAt, `"${written}" is not a duration`, { expected: durationForm })
    text.skipBlanks()
    const firstAt = text.at
    const first = text.take(numberPattern)?.[0]
    if (first === undefined || text.take(/\s*\.\.\s*/y) === undefined) {
      throw text.stop(text.at, `"${text.ahead}" is out of place`, { expected: 'two numbers such as 4 .. 10' })
    }
    const lastAt = text.at
    const last = text.take(numberPattern)?.[0]
    if (last === undefined)
      throw text.stop(lastAt, `"${text.ahead}" is not the number of a line`, { expected: 'a number' })
    const line = text.text.slice(start, text.at)
    this.#endOfLine()
    const place = text.place(start)
    const resolve = (): Condition => ({
      kind: 'within',
      time,
      place,
      text: line,
      first: this.#stepNumbered(first, firstAt),
      last: this.#stepNumbered(last, lastAt),
    })
    this.#pending.push({ resolve })
    return undefined
  }

  #resolveConditions(): Condition[] {
    return this.#pending.flatMap(({ resolve }) => {
      try {
        return [resolve()]
      } catch (stop) {
        if (!(stop instanceof Stop)) throw stop
        return []
      }
    })
  }

  /** The index of the step with this number; of `5-7` also by 5, 6 or 7. */
  #stepNumbered(number: string, offset: number): number {
    const exact = this.#steps.find((step) => step.number === number)
    if (exact !== undefined) return exact.index
    const wanted = Number.parseInt(number, 10)
    const range = this.#steps.find((step) => {
      const ends = /^(\d+)\D*-(\d+)/.exec(step.number ?? '')
      return ends !== null && Number(ends[1]) <= wanted && wanted <= Number(ends[2])
    })
    if (range !== undefined) return range.index
    const known = this.#steps.flatMap((step) => (step.number === undefined ? [] : [step.number]))
    throw this.text.stop(offset, `no line has the number ${number}`, {
      expected: known.length === 0 ? 'a line with a number' : oneOf(known),
    })
  }

  #endOfLine(): void {
    const { text } = this
    text.skipBlanks()
    if (text.atLineEnd || text.text[text.at] === '}') return
    throw text.stop(text.at, `"${text.ahead}" is out of place`, { expected: 'the end of the line' })
  }

  /** After a problem: goes to the end of the line, or of the block that was open there. */
  #recover(start: number): void {
    const { text } = this
    let depth = 0
    for (let at = start; at < text.text.length; at++) {
      const c = text.text[at]!
      if (c === '{') depth++
      else if (c === '}' && depth > 0) depth--
      else if (c === '\n' && depth === 0 && at >= text.at && !text.sees(/[[{]/y, text.following(at))) {
        text.at = at
        return
      }
    }
    text.at = depth === 0 ? text.text.length : text.lineEnd(Math.max(text.at, start))
  }
}

/** `4`, `7a`, `5-7` */
export const numberPattern = /\d+[a-z]?(?:-\d+[a-z]?)?(?![\w.-])/y
