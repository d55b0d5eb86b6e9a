import { describe, expect, it } from 'vitest'
import { checkSequence } from '../../src/flow/checker/checker.ts'
import type { Reason } from '../../src/flow/checker/verdict.ts'
import { printVerdict, verdictData, wrap } from '../../src/flow/report.ts'
import { ladderOf } from './check.ts'
import {
  hop,
  inOrder,
  inside,
  type Loose,
  lanes,
  notify,
  ok,
  subscribe,
  subscription,
  subscriptionLadder,
} from './rows.ts'

const flow = (ladder: string) => ({
  id: 'X.1',
  title: 'A subscription',
  clause: 'TS 24.141 X.1',
  file: 'flows/X.1.flow.yaml',
  expect: ladderOf(ladder),
})

const whyOf = (row: number, field: string): Reason | undefined =>
  field === 'Max-Forwards'
    ? { node: `the node of row ${row}`, rule: 'counts hops', clause: 'RFC 3261 §16.6' }
    : undefined

function report(ladder: string, loose: Loose[], options = {}): string {
  const rows = inOrder(loose)
  const verdict = checkSequence(ladderOf(ladder), rows, { lanes, whyOf })
  return printVerdict(flow(ladder), verdict, rows, options)
}

/** Everything at once: a wrong value that is carried on, a missing row, an extra one, two swapped, one repeated. */
function muddle(): Loose[] {
  const rows = subscription()
  rows[1] = hop(
    'P-CSCF',
    'I-CSCF',
    subscribe('Via: SIP/2.0/UDP pcscf1.home1.net, SIP/2.0/UDP ue1.home1.net\nMax-Forwards: 70'),
  )
  rows[4] = hop('I-CSCF', 'S-CSCF', subscribe('Max-Forwards: 69\nRoute: <sip:scscf2.home2.net;lr>'))
  rows[6] = hop('S-CSCF', 'PS', subscribe('Max-Forwards: 68\nRoute: <sip:ps.home2.net;lr>'))
  rows[13] = hop('P-CSCF', 'UE', notify('Max-Forwards: 69\nSubscription-State: pending;expires=3600'))
  const first = rows[0] as Extract<Loose, { kind: 'message' }>
  return [
    first,
    { ...first, repeated: true },
    ...rows.slice(1, 5),
    rows[6]!,
    rows[5]!,
    inside('PS', 'compose document', 'full state'),
    ...rows.slice(8, 15),
  ]
}

const ladder = subscriptionLadder
  .replace('{ Max-Forwards: prev-1; body = prev }', '{ Subscription-State: active;... }')
  .replace('{ Max-Forwards: prev-1; via: P-CSCF / UE; Event = prev }', '[read] { Max-Forwards: 69; via: P-CSCF / UE }')
  .replace('Subscription-State: active;expires=$granted; ', 'Subscription-State: pending;... ; ')

describe('the report', () => {
  it('is short when all is well', () => {
    expect(report(subscriptionLadder, subscription())).toBe('X.1  pass: 15 of 15 steps met\n')
  })

  it('says of each finding what was expected, what happened, and why', () => {
    expect(report(ladder, muddle(), { beginsAt: -5_000 })).toMatchInlineSnapshot(`
      "X.1  fail: 6 findings, 9 of 15 steps met, 1 repeated

      1. wrong header at step 2 [read]                         flows/X.1.flow.yaml:3:1
         expected  P-CSCF -> I-CSCF : SUBSCRIBE
         happened  P-CSCF -> I-CSCF : SUBSCRIBE sip:user2@home2.net (row 2
                   at 25.000 ms)
         Max-Forwards
           expected  69 [read]
           got       70
           why       the node of row 2: counts hops (RFC 3261 §16.6)

      2. reordered at step 6 [derived]                         flows/X.1.flow.yaml:7:1
         expected  S-CSCF -> PS : SUBSCRIBE
         happened  S-CSCF -> PS : SUBSCRIBE sip:user2@home2.net (row 6 at 65.000 ms)
         order     expected after step 5

      3. wrong message at step 7 [derived]                     flows/X.1.flow.yaml:8:1
         expected  PS :: authorize watcher
         happened  PS :: compose document (row 8 at 85.000 ms)
         message
           expected  authorize watcher [derived]
           got       compose document

      4. wrong header at step 12 [derived]                    flows/X.1.flow.yaml:17:5
         expected  PS -> P-CSCF : NOTIFY as $notify
         happened  PS -> P-CSCF : NOTIFY sip:user1@ue1.home1.net (row 13
                   at 135.000 ms)
         Subscription-State
           expected  pending;... [derived]
           got       active;expires=3600

      5. wrong header at step 13 [derived]                    flows/X.1.flow.yaml:18:5
         expected  P-CSCF -> UE : NOTIFY
         happened  P-CSCF -> UE : NOTIFY sip:user1@ue1.home1.net (row 14
                   at 145.000 ms)
         Subscription-State
           expected  active;... [derived]
           got       pending;expires=3600

      6. missing at step 15 [derived]                         flows/X.1.flow.yaml:20:5
         expected  P-CSCF -> PS : 200 to $notify
         nearest   UE -> P-CSCF : 200 (NOTIFY) (row 15 at 155.000 ms), step 14
         from
           expected  P-CSCF [derived]
           got       UE
         to
           expected  PS [derived]
           got       P-CSCF

           expected                             | happened
         1 UE -> P-CSCF : SUBSCRIBE sip:user2@… | the same
      "  1                                      | UE -> P-CSCF : SUBSCRIBE sip:user2@…
      !  2 P-CSCF -> I-CSCF : SUBSCRIBE         | P-CSCF -> I-CSCF : SUBSCRIBE sip:us…
         3 I-CSCF <-> HSS : Cx LIR              | I-CSCF -> HSS : Cx LIR
         3   as above                           | HSS -> I-CSCF : Cx LIA
         4 I-CSCF -> S-CSCF : SUBSCRIBE         | the same
      ~  6 S-CSCF -> PS : SUBSCRIBE             | S-CSCF -> PS : SUBSCRIBE sip:user2@…
         5 S-CSCF :: evaluate initial filter c… | the same
      !  7 PS :: authorize watcher              | PS :: compose document
         8 PS -> S-CSCF : 200 to $sub           | the same
         9 S-CSCF -> I-CSCF : 200 to $sub       | the same
        10 I-CSCF -> P-CSCF : 200 to $sub       | the same
        11 P-CSCF -> UE : 200 to $sub           | the same
      ! 12 PS -> P-CSCF : NOTIFY                | PS -> P-CSCF : NOTIFY sip:user1@ue1…
      ! 13 P-CSCF -> UE : NOTIFY                | P-CSCF -> UE : NOTIFY sip:user1@ue1…
        14 UE -> P-CSCF : 200 to $notify        | the same
      - 15 P-CSCF -> PS : 200 to $notify        |
        " repeated   ! wrong   ~ reordered   - missing
      "
    `)
  })

  it('says since which hop a message is wrong', () => {
    const two = '1 UE -> P-CSCF : SUBSCRIBE { Expires: 60 }\n2 P-CSCF -> PS : SUBSCRIBE { Expires: 60 }'
    const rows = [hop('UE', 'P-CSCF', subscribe('Expires: 90')), hop('P-CSCF', 'PS', subscribe('Expires: 90'))]
    expect(report(two, rows, { sideBySide: false })).toMatchInlineSnapshot(`
      "X.1  fail: 2 findings, 0 of 2 steps met

      1. wrong header at step 1 [derived]                      flows/X.1.flow.yaml:1:1
         expected  UE -> P-CSCF : SUBSCRIBE
         happened  UE -> P-CSCF : SUBSCRIBE sip:user2@home2.net (row 0 at 0.000 ms)
         Expires
           expected  60 [derived]
           got       90

      2. wrong header at step 2 [derived]                      flows/X.1.flow.yaml:2:1
         since     row 0 (step 1): Expires
      "
    `)
  })

  it.each([60, 72, 80, 120])('keeps to %i columns', (width) => {
    const lines = report(ladder, muddle(), { width }).split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width)
  })

  it('has colours that change no text', () => {
    const inks = new Set<string>()
    const painted = report(ladder, muddle(), {
      paint: (ink: string, text: string) => {
        inks.add(ink)
        return `<${ink}>${text}</>`
      },
    })
    expect(painted.replace(/<(good|bad|doubtful|faint|strong)>|<\/>/g, '').replace(/ +$/gm, '')).toBe(
      report(ladder, muddle()),
    )
    expect([...inks].sort()).toEqual(['bad', 'faint', 'good', 'strong'])
  })

  it('leaves out long runs of what is as expected', () => {
    const rows = subscription().with(7, inside('PS', 'authorize watcher', 'block'))
    expect(report(subscriptionLadder, rows)).toContain('(6 lines left out)')
  })

  it('is data for programs', () => {
    const rows = inOrder([hop('UE', 'P-CSCF', ok('1 X'))])
    const verdict = checkSequence(ladderOf('1 UE -> P-CSCF : 404'), rows, { lanes })
    const data = JSON.parse(JSON.stringify(verdictData(flow('1 UE -> P-CSCF : 404'), verdict)))
    expect(data).toMatchObject({
      flow: 'X.1',
      file: 'flows/X.1.flow.yaml',
      outcome: 'fail',
      findings: [{ kind: 'wrong message', number: '1', place: { line: 1, column: 1 }, rows: [0] }],
      steps: [{ number: '1', mark: 'wrong', rows: [0], findings: [0] }],
      rows: [{ row: 0, mark: 'wrong', number: '1', findings: [0] }],
    })
  })
})

it('lines break at blanks, and long words anywhere', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three'])
  expect(wrap('a'.repeat(10), 4)).toEqual(['aaaa', 'aaaa', 'aa'])
  expect(wrap('', 4)).toEqual([''])
})
