/**
 * The text of a ladder while it is being read: a cursor over it, and places in the flow file for what is wrong.
 */

import { FlowError, nearest, type SourceText } from '../flow-error.ts'
import type { Place } from './expectation.ts'

/** Leaves the line that is being read; what is wrong with it has been noted. */
export class Stop extends Error {}

/** What can be said of a problem beside the sentence itself. */
export interface Advice {
  readonly expected?: string | undefined
  readonly suggestion?: string | undefined
}

/** A cursor over a ladder's text. `at` is an offset; offsets become places of the flow file only in problems. */
export class LadderText {
  readonly text: string
  at = 0
  readonly problems: FlowError[] = []
  readonly #source: SourceText
  readonly #origin: Place
  readonly #lineStarts: number[] = [0]

  /** `origin` is the place of the text's first character; all its lines start in that column. */
  constructor(text: string, source: SourceText, origin: Place) {
    this.text = text
    this.#source = source
    this.#origin = origin
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#lineStarts.push(i + 1)
  }

  /** The place in the flow file of an offset. */
  place(offset = this.at): Place {
    let [low, high] = [0, this.#lineStarts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#lineStarts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    return { line: this.#origin.line + low, column: this.#origin.column + offset - this.#lineStarts[low]! }
  }

  /** Notes what is wrong and goes on. */
  note(offset: number, problem: string, advice: Advice = {}): void {
    this.problems.push(new FlowError(this.#source, this.place(offset), problem, advice))
  }

  /** Notes what is doubtful and goes on. */
  warn(offset: number, problem: string, advice: Advice = {}): void {
    this.problems.push(new FlowError(this.#source, this.place(offset), problem, { ...advice, severity: 'warning' }))
  }

  /** Notes what is wrong; the caller throws what this returns, to leave the line. */
  stop(offset: number, problem: string, advice: Advice = {}): Stop {
    this.note(offset, problem, advice)
    return new Stop(problem)
  }

  /** Notes a name that is not known, with the nearest one that is. */
  unknown(offset: number, problem: string, name: string, known: readonly string[]): void {
    const suggestion = nearest(name, known)
    this.note(offset, problem, suggestion === undefined ? { expected: oneOf(known) } : { suggestion })
  }

  /** Takes what a sticky expression finds at the cursor. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) return undefined
    this.at = pattern.lastIndex
    return found
  }

  /** True if a sticky expression finds something at an offset. */
  sees(pattern: RegExp, offset = this.at): boolean {
    pattern.lastIndex = offset
    return pattern.test(this.text)
  }

  /** Goes over blanks, and over a comment at the end of the line. */
  skipBlanks(): void {
    this.take(/[ \t\r]*/y)
    if (this.text[this.at] === '#' && this.#startsComment(this.at)) this.take(/[^\n]*/y)
  }

  /** Goes over blanks, comments and line ends. */
  skipLines(): void {
    do this.skipBlanks()
    while (this.take(/\n/y) !== undefined)
  }

  /** True at the end of a line or of the text; blanks and comments must have been skipped. */
  get atLineEnd(): boolean {
    return this.at >= this.text.length || this.text[this.at] === '\n'
  }

  get atEnd(): boolean {
    return this.at >= this.text.length
  }

  /** The rest of the word at the cursor, for messages. */
  get ahead(): string {
    const word = /[^\s;{}]+|[;{}]/y
    word.lastIndex = this.at
    return word.exec(this.text)?.[0] ?? (this.atEnd ? 'the end' : 'the end of the line')
  }

  /** The offset of the first thing at or after an offset that is not a blank, a comment or a line end. */
  following(offset: number): number {
    const before = this.at
    this.at = offset
    this.skipLines()
    const next = this.at
    this.at = before
    return next
  }

  /** The offset at which the line of an offset ends. */
  lineEnd(offset = this.at): number {
    const end = this.text.indexOf('\n', offset)
    return end < 0 ? this.text.length : end
  }

  /** True if a `#` starts a comment: at the start of a line or after a blank, so that `S-CSCF#1` stays a name. */
  #startsComment(offset: number): boolean {
    return offset === 0 || /\s/.test(this.text[offset - 1]!)
  }

  /** True if a comment starts at this offset. */
  commentAt(offset: number): boolean {
    return this.text[offset] === '#' && this.#startsComment(offset)
  }
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? 'nothing'
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
