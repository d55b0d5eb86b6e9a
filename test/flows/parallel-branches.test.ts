/** Ladders whose branches are independent of each other: the time to check them grows with their number, not more. */
import { describe, expect, it } from 'vitest'
import { checkSequence, lanesOf } from '../../src/flow/checker/checker.ts'
import type { Verdict } from '../../src/flow/checker/verdict.ts'
import { readFlow } from '../../src/flow/flow.ts'
import { runFlow } from '../../src/flow/run.ts'
import { textOf } from './catalogue.ts'

/** What becomes of a member's subscription: four messages, two of them in any order. */
const branch = (member: number): string => `
    sequence {
      RLS ~> PS#2 : SUBSCRIBE sip:member${member}@home2.net as $s${member}
      unordered {
        PS#2 ~> RLS : 200 to $s${member}
        sequence {
          PS#2 ~> RLS : NOTIFY as $n${member} { From: <sip:member${member}@home2.net>;tag=(...) }
          RLS ~> PS#2 : 200 to $n${member}
        }
      }
    }`

/** The list of so many members, with a ladder that has a branch for each. */
function ladderOf(members: number, match: string): string {
  const text = textOf('rls/three-hundred-members')
  const isIn = (line: string, number: string): string => (Number(number) <= members ? line : '')
  const topology = text
    .slice(0, text.indexOf('expect: |'))
    .replace('lanes: [UE, P-CSCF, S-CSCF, RLS]', 'lanes: [UE, P-CSCF, S-CSCF, RLS, I-CSCF#2, S-CSCF#2, PS#2]')
    .replaceAll(/ *<rl:entry uri="sip:member(\d+)@home2.net"\/>/g, isIn)
  const branches = Array.from({ length: members }, (_, i) => branch(i + 1)).join('')
  return `${topology}expect: |
  match ${match}

  UE ~> RLS : SUBSCRIBE as $list
  unordered {
    RLS ~> UE : 200 to $list
    sequence {
      RLS ~> UE : NOTIFY as $first { body /list/@version = 0 }
      UE ~> RLS : 200 to $first
    }
    sequence {
      RLS ~> UE : NOTIFY as $second { body /list/@version = 1 }
      UE ~> RLS : 200 to $second
    }${branches}
  }
`
}

function checked(text: string): Verdict {
  const flow = readFlow(text, 'parallel')
  const [first] = flow.expect.steps
  // The run does without its ladder, which is then held against it.
  const run = runFlow({ ...flow, expect: { ...flow.expect, match: 'free', items: [first!], steps: [first!] } })
  return checkSequence(flow.expect, run.rows, { lanes: lanesOf(flow.topology) })
}

const kinds = ({ findings }: Verdict) => findings.map(({ kind, expected }) => [kind, expected])

describe('branches that are independent of each other', () => {
  it.each(['free', 'visible'])(
    'a hundred of them: match %s',
    (match) => {
      const verdict = checked(ladderOf(100, match))
      expect(verdict.findings).toEqual([])
      expect(verdict.steps.filter(({ mark }) => mark === 'met')).toHaveLength(406)
    },
    30_000,
  )

  it('one line that is wrong among twenty branches is found, and nothing else is', () => {
    const wrong = ladderOf(20, 'visible').replace('SUBSCRIBE sip:member7@', 'SUBSCRIBE sip:nobody@')
    expect(kinds(checked(wrong))).toEqual([['wrong header', 'RLS ~> PS#2 : SUBSCRIBE sip:nobody@home2.net as $s7']])
  }, 30_000)

  it('a line that is not there leaves its rows extra, and no others', () => {
    const verdict = checked(ladderOf(10, 'visible').replace('        PS#2 ~> RLS : 200 to $s7\n', ''))
    expect(verdict.findings.map(({ kind }) => kind)).toEqual(['extra'])
    expect(verdict.findings[0]!.happened).toContain('200 (SUBSCRIBE)')
  }, 30_000)

  it('rows that no line is about do not multiply: each is extra', () => {
    const { findings } = checked(ladderOf(40, 'complete'))
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['extra']))
    expect(findings.every(({ happened }) => happened.includes(' :: '))).toBe(true)
  }, 30_000)
})
