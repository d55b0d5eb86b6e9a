/** What may be asked of whatever comes, and messages of the torture sets changed at random. */
import { readdirSync, readFileSync } from 'node:fs'
import { below, type Random, stream } from '../../src/sim/random.ts'
import {
  anyProxy,
  faultPlace,
  headerRows,
  judge,
  parse,
  parseStream,
  print,
  type SipMessage,
} from '../../src/sip/index.ts'
import { printText } from '../../src/sip/print.ts'

const material = new URL('./material/', import.meta.url)

/** The messages of RFC 4475 and RFC 5118. */
export const corpus: readonly Uint8Array[] = ['rfc4475/', 'rfc5118/'].flatMap((folder) =>
  readdirSync(new URL(folder, material))
    .toSorted()
    .map((file) => readFileSync(new URL(folder + file, material))),
)

/** What became of a message. */
export type Fate = 'malformed' | 'refused' | 'accepted'

/** Asks all that may be asked of these bytes. Throws if something does not hold. */
export function probe(input: Uint8Array): Fate {
  parseStream(input)
  const message = parse(input)
  if (message.kind === 'malformed') {
    check(message.status >= 400 && message.status < 700, 'a status of a refusal')
    check(message.at >= 0 && message.at <= input.length, 'a place in the message')
    return 'malformed'
  }
  const verdicts = [judge(message), judge(message, anyProxy)]
  for (const { row, text } of message.headers.malformed) {
    const place = faultPlace(headerRows[row]!.property, text!)!
    check(place >= 0 && place <= text!.length, 'a place in the header')
  }
  const text = printText(message)
  check(printText(parse(text) as SipMessage) === text, 'printed text that stays the same')
  const bytes = print(message)
  check(Buffer.compare(print(parse(bytes) as SipMessage), bytes) === 0, 'printed bytes that stay the same')
  return verdicts.every((verdict) => verdict === undefined) ? 'accepted' : 'refused'
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected ${what}`)
}

const marks = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '"',
  '<',
  '>',
  '\\',
  '@',
  '[',
  ']',
  '%',
  '=',
  '?',
  '/',
  '*',
]
const words = [
  '\r\n\r\n',
  '\0',
  '%00',
  '%zz',
  ';lr',
  ';tag=x',
  'sip:',
  'SIP/2.0',
  '99999999999999999999',
  '-1',
  '\xc3\x28',
]
const pieces = [...marks, ...words].map((text) => Buffer.from(text, 'latin1'))

/** Changed messages, the same ones for the same seed. */
export class Mutants {
  private readonly random: Random

  constructor(seed: number) {
    this.random = stream(seed, 'mutants')
  }

  /** A message of the corpus after one to six changes. */
  next(): Uint8Array {
    let message = this.one(corpus)
    for (let left = 1 + this.below(6); left > 0; left--) message = this.change(message)
    return message
  }

  private below(bound: number): number {
    return below(this.random, bound)
  }

  private one<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!
  }

  private change(message: Uint8Array): Uint8Array {
    const at = this.below(message.length + 1)
    const to = Math.min(message.length, at + 1 + this.below(40))
    const front = message.subarray(0, at)
    const back = message.subarray(at)
    switch (this.below(9)) {
      case 0:
        return Buffer.concat([front, this.one(pieces), back])
      case 1:
        return Buffer.concat([front, this.one(pieces), message.subarray(to)])
      case 2:
        return Buffer.concat([front, message.subarray(to)])
      case 3:
        return Buffer.concat([message.subarray(0, to), back])
      case 4:
        return this.below(4) === 0 ? front : message
      case 5:
        return Buffer.concat([
          front,
          Buffer.from([this.below(256)]),
          message.subarray(Math.min(message.length, at + 1)),
        ])
      case 6:
        return this.withLine(message)
      case 7:
        return this.shuffled(message)
      default:
        return Buffer.concat([front, Buffer.alloc(1 + this.below(300), this.one(pieces)), back])
    }
  }

  /** A line of another message put between two lines. */
  private withLine(message: Uint8Array): Uint8Array {
    const lines = linesOf(message)
    lines.splice(this.below(lines.length + 1), 0, this.one(linesOf(this.one(corpus))))
    return Buffer.from(lines.join('\n'), 'latin1')
  }

  /** Two lines in each other's place. */
  private shuffled(message: Uint8Array): Uint8Array {
    const lines = linesOf(message)
    const [one, other] = [this.below(lines.length), this.below(lines.length)]
    const kept = lines[one]!
    lines[one] = lines[other]!
    lines[other] = kept
    return Buffer.from(lines.join('\n'), 'latin1')
  }
}

const linesOf = (message: Uint8Array): string[] => Buffer.from(message).toString('latin1').split('\n')
