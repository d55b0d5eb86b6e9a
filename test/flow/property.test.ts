/**
 * A sequence meets the ladder that is written down from it, and no other sequence does that differs in one thing.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/message.ts'
import { textOf } from '../../src/sip/message.ts'
import { check } from './check.ts'
import { hop, inside, type Loose, lanes, sip } from './rows.ts'

fc.configureGlobal({ seed: 24141 })

/** A ladder that says all there is to say of a sequence. */
function written(rows: readonly Loose[], match: string): string {
  const lines = rows.map((row, i) => {
    if (row.kind === 'internal') {
      const facts = Object.entries(row.decision.facts).map(([name, value]) => `; ${name}: ${value}`)
      return `${i} ${row.from} :: ${row.decision.rule.step} { outcome: ${row.decision.outcome}${facts.join('')} }`
    }
    return `${i} ${row.from} -> ${row.to} : ${startLine(row.message)} {\n${fieldsOf(row.message).join('\n')}\n}`
  })
  return `match ${match}\n${lines.join('\n')}`
}

function startLine(message: Message): string {
  if (message.protocol === 'cx') return `Cx ${message.command}`
  if (message.protocol === 'http')
    return message.kind === 'request' ? `HTTP ${message.method} ${message.target}` : `HTTP ${message.status}`
  return message.kind === 'request' ? `${message.method} ${message.uri}` : `${message.status}`
}

const optionalHeaders = ['Event', 'Expires', 'Route', 'Contact']

function fieldsOf(message: Message): string[] {
  if (message.protocol === 'cx') return []
  if (message.protocol === 'http') return Object.entries(message.headers).map(([name, value]) => `  ${name}: ${value}`)
  const there = message.headers.fields.map((field) => `  ${field.name}: ${textOf(field).replaceAll('\n', ', ')}`)
  const absent = optionalHeaders.filter((name) => message.headers.field(name) === undefined)
  return [...there, ...absent.map((name) => `  -${name}`)]
}

const names = lanes.map(({ name }) => name)
const lane = fc.constantFrom(...names)
const ends = fc.tuple(lane, lane).filter(([from, to]) => from !== to)
const number = fc.integer({ min: 1, max: 3 })

const headers = fc.record({
  cseq: number,
  event: fc.option(fc.constantFrom('presence', 'presence;id=1', 'presence.winfo')),
  expires: fc.option(fc.integer({ min: 0, max: 9 })),
  route: fc.option(fc.uniqueArray(fc.constantFrom('<sip:a;lr>', '<sip:b;lr;x=1>', '<sip:c>'), { minLength: 1 })),
  contact: fc.option(fc.constantFrom('<sip:a@b;comp=sigcomp>', '<sip:a@b>;q=0.5', '"A; b, c" <sip:a@b>')),
})
type Values = typeof headers extends fc.Arbitrary<infer T> ? T : never

/** What a row is made of: so that a mutation can change one thing of it. */
type Seed =
  | { kind: 'request' | 'response'; ends: [string, string]; what: number; values: Values }
  | { kind: 'internal'; lane: string; name: string; outcome: string; fact: number }

const seed: fc.Arbitrary<Seed> = fc.oneof(
  fc.record({ kind: fc.constantFrom('request' as const, 'response' as const), ends, what: number, values: headers }),
  fc.record({
    kind: fc.constant('internal' as const),
    lane,
    name: fc.constantFrom('decide', 'ask'),
    outcome: fc.constantFrom('yes', 'no'),
    fact: number,
  }),
)

function rowOf(one: Seed): Loose {
  if (one.kind === 'internal') return inside(one.lane, one.name, one.outcome, { fact: one.fact })
  const { cseq, event, expires, route, contact } = one.values
  const method = ['SUBSCRIBE', 'NOTIFY', 'PUBLISH'][one.what - 1]!
  const start = one.kind === 'request' ? `${method} sip:u${one.what}@home.net SIP/2.0` : `SIP/2.0 ${one.what + 199} X`
  const fields = [
    'From: <sip:a>;tag=1',
    'Call-ID: c',
    `CSeq: ${cseq} ${method}`,
    ...(event === null ? [] : [`Event: ${event}`]),
    ...(expires === null ? [] : [`Expires: ${expires}`]),
    ...(route === null ? [] : [`Route: ${route.join(', ')}`]),
    ...(contact === null ? [] : [`Contact: ${contact}`]),
  ]
  return hop(one.ends[0], one.ends[1], sip(`${start}\n${fields.join('\n')}`))
}

const sequence = fc.array(seed, { minLength: 1, maxLength: 12 })

/** A sequence and the same one with one thing changed. */
const mutated = sequence.chain((seeds) =>
  fc
    .oneof(
      fc.nat(seeds.length - 1).map((at) => seeds.toSpliced(at, 1)),
      fc.tuple(fc.nat(seeds.length), seed).map(([at, one]) => seeds.toSpliced(at, 0, one)),
      fc.tuple(fc.nat(seeds.length - 1), seed).map(([at, one]) => seeds.with(at, one)),
      fc.tuple(fc.nat(seeds.length - 1), headers).map(([at, values]) => changed(seeds, at, { values })),
      fc.tuple(fc.nat(seeds.length - 1), ends).map(([at, ends]) => changed(seeds, at, { ends, lane: ends[0] })),
      fc.tuple(fc.nat(seeds.length - 1), number).map(([at, what]) => changed(seeds, at, { what, fact: what })),
      fc.nat(Math.max(0, seeds.length - 2)).map((at) => swapped(seeds, at)),
    )
    .filter((other) => JSON.stringify(other) !== JSON.stringify(seeds))
    .map((other) => [seeds, other] as const),
)

function changed(seeds: readonly Seed[], at: number, values: object): Seed[] {
  const one = seeds[at]!
  const known = Object.fromEntries(Object.entries(values).filter(([name]) => name in one))
  return seeds.with(at, { ...one, ...known } as Seed)
}

function swapped(seeds: readonly Seed[], at: number): Seed[] {
  return at + 1 < seeds.length ? seeds.toSpliced(at, 2, seeds[at + 1]!, seeds[at]!) : [...seeds]
}

describe('the ladder that is written down from a sequence', () => {
  it.each(['complete', 'visible', 'initial', 'free'])('is met by the sequence (match %s)', (match) => {
    fc.assert(
      fc.property(sequence, (seeds) => {
        const rows = seeds.map(rowOf)
        const verdict = check(written(rows, match), rows)
        expect(verdict.findings).toEqual([])
        expect(verdict.rows.map(({ row, step, mark }) => [row, step, mark])).toEqual(rows.map((_, i) => [i, i, 'met']))
      }),
      { numRuns: 100 },
    )
  })

  it('is not met by any that differs in one thing', () => {
    fc.assert(
      fc.property(mutated, ([seeds, other]) => {
        const verdict = check(written(seeds.map(rowOf), 'complete'), other.map(rowOf))
        expect(verdict.outcome).toBe('fail')
        expect(verdict.findings.length).toBeLessThanOrEqual(2)
      }),
      { numRuns: 400 },
    )
  })

  it('loses exactly one row if one is dropped, and finds exactly one if one is added', () => {
    fc.assert(
      fc.property(sequence, fc.nat(), seed, (seeds, place, added) => {
        const ladder = written(seeds.map(rowOf), 'complete')
        const at = place % seeds.length
        const dropped = check(ladder, seeds.toSpliced(at, 1).map(rowOf))
        expect(dropped.findings.map(({ kind }) => kind)).toEqual(['missing'])
        const more = check(ladder, seeds.toSpliced(at, 0, added).map(rowOf))
        expect(more.findings.map(({ kind }) => kind)).toEqual(['extra'])
      }),
      { numRuns: 200 },
    )
  })
})

it('aligns ten thousand rows with their ladder', () => {
  const seeds = fc.sample(seed, { numRuns: 10_000, seed: 1 })
  const rows = seeds.map(rowOf)
  const ladder = written(rows, 'complete')
  expect(check(ladder, rows).outcome).toBe('pass')
  const { findings } = check(ladder, rows.toSpliced(5000, 1).toSpliced(2000, 0, inside('PS', 'something new')))
  expect(findings.map(({ kind }) => kind)).toEqual(['extra', 'missing'])
}, 60_000)

it('ends in good time when nothing is as expected', () => {
  const [some, others] = [1, 2].map((seedNumber) => fc.sample(seed, { numRuns: 400, seed: seedNumber }).map(rowOf))
  const { outcome, steps, rows } = check(written(some!, 'complete'), others!)
  expect(outcome).toBe('fail')
  expect([steps.length, rows.length]).toEqual([400, 400])
}, 60_000)
