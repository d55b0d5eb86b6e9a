import { describe, expect, it } from 'vitest'
import { check, gist } from './check.ts'
import { cx, hop, inside, type Loose, notify, ok, subscribe, subscription, subscriptionLadder } from './rows.ts'

describe('the subscription as it should be', () => {
  it('passes, each line with its rows', () => {
    const verdict = check(subscriptionLadder, subscription())
    expect(gist(verdict)).toEqual(['pass'])
    expect(verdict.steps.map(({ number, rows }) => `${number}: ${rows}`)).toEqual([
      '1: 0',
      '2: 1',
      '3: 2,3',
      '4: 4',
      '5: 5',
      '6: 6',
      '7: 7',
      '8: 8',
      '9: 9',
      '10: 10',
      '11: 11',
      '12: 12',
      '13: 13',
      '14: 14',
      '15: 15',
    ])
    expect(verdict.rows.map(({ row, number, mark }) => `${row} ${number} ${mark}`)[3]).toBe('3 3 met')
  })

  it('passes in each order that the unordered group allows', () => {
    const rows = subscription()
    const [before, answers, notification] = [rows.slice(0, 8), rows.slice(8, 12), rows.slice(12)]
    const woven = answers.flatMap((row, i) => [notification[i]!, row])
    for (const order of [[...notification, ...answers], woven]) {
      expect(gist(check(subscriptionLadder, [...before, ...order]))).toEqual(['pass'])
    }
  })
})

describe('one row that did not happen', () => {
  const steps = ['1', '2', '3', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '13', '14', '15']
  it.each(steps.map((step, row) => [row, step] as const))('without row %i: step %s is missing', (row, step) => {
    expect(gist(check(subscriptionLadder, subscription().toSpliced(row, 1)))).toEqual([`missing ${step}`])
  })
})

describe('one line that nobody expected', () => {
  const lines = subscriptionLadder.split('\n')
  it.each(Array.from({ length: 15 }, (_, i) => i + 1))('without line %i in the ladder: its row is extra', (number) => {
    const at = lines.findIndex((line) => line.trim().startsWith(`${number} `))
    const ladder = lines
      .toSpliced(at, 1)
      .join('\n')
      .replace(number === 1 ? /to \$sub/g : /$^/, '(SUBSCRIBE)')
    const found = gist(check(number === 12 ? ladder.replace(/to \$notify/g, '(NOTIFY)') : ladder, subscription()))
    expect(found).toHaveLength(1)
    const first = number <= 3 ? number - 1 : number
    expect(found).toEqual([number === 3 ? 'extra at 2 3' : `extra at ${first}`])
  })

  it('says before which step it happened', () => {
    const rows = subscription()
    const found = check(subscriptionLadder, rows.toSpliced(5, 0, inside('PS', 'compose document'))).findings
    expect(found).toMatchObject([
      { kind: 'extra', order: 'before step 5', happened: 'PS :: compose document', rows: [5] },
    ])
  })

  it('takes the hops of an extra message together', () => {
    const second = [notify('Max-Forwards: 70', '43 NOTIFY'), notify('Max-Forwards: 69', '43 NOTIFY')]
    const extra = [hop('PS', 'P-CSCF', second[0]!), hop('P-CSCF', 'UE', second[1]!)]
    expect(gist(check(subscriptionLadder, [...subscription(), ...extra]))).toEqual(['extra at 16 17'])
  })
})

describe('two rows in the wrong order', () => {
  const swapped = (rows: readonly Loose[], at: number): Loose[] => rows.toSpliced(at, 2, rows[at + 1]!, rows[at]!)

  it.each([0, 1, 4, 5, 6, 9, 10, 12, 13, 14])('rows %i and the next: one is out of order', (at) => {
    const found = gist(check(subscriptionLadder, swapped(subscription(), at)))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^reordered/)
  })

  it('says where it was expected', () => {
    const [first] = check(subscriptionLadder, swapped(subscription(), 5)).findings
    expect(first).toMatchObject({ kind: 'reordered', number: '6', order: 'expected after step 5' })
  })

  it('is no fault between the parts of an unordered group', () => {
    expect(gist(check(subscriptionLadder, swapped(subscription(), 11)))).toEqual(['pass'])
  })

  it('is one finding for a query and its answer that moved', () => {
    const rows = subscription()
    const moved = [...rows.slice(0, 2), ...rows.slice(4, 8), ...rows.slice(2, 4), ...rows.slice(8)]
    expect(gist(check(subscriptionLadder, moved))).toEqual(['reordered 3'])
  })
})

describe('one thing that is different', () => {
  const changed = (at: number, row: Loose): Loose[] => subscription().with(at, row)
  const cases: [string, Loose[], string][] = [
    [
      'to',
      changed(6, hop('S-CSCF', 'UE', subscribe('Max-Forwards: 67\nRoute: <sip:ps.home2.net;lr>'))),
      'wrong lane 6: to',
    ],
    ['from', changed(14, hop('PS', 'P-CSCF', ok('42 NOTIFY'))), 'wrong lane 14: from'],
    ['lane of a step', changed(7, inside('S-CSCF', 'authorize watcher', 'allow')), 'wrong lane 7: from'],
    ['name of a step', changed(7, inside('PS', 'authorise watcher', 'allow')), 'wrong message 7: message'],
    ['outcome', changed(7, inside('PS', 'authorize watcher', 'block')), 'wrong fact 7: outcome'],
    [
      'fact',
      changed(5, inside('S-CSCF', 'evaluate initial filter criteria', 'to ps.home2.net', { priority: 2 })),
      'wrong fact 5: priority',
    ],
    ['method', changed(13, hop('P-CSCF', 'UE', ok('42 NOTIFY'))), 'wrong message 13: message'],
    [
      'header',
      changed(4, hop('I-CSCF', 'S-CSCF', subscribe('Max-Forwards: 68\nRoute: <sip:scscf1.home1.net;lr>'))),
      'wrong header 4: Route',
    ],
    ['header left out', changed(4, hop('I-CSCF', 'S-CSCF', subscribe('Max-Forwards: 68'))), 'wrong header 4: Route'],
    [
      'AVP of a query',
      changed(2, hop('I-CSCF', 'HSS', cx('LIR', { 'Public-Identity': 'sip:x@home2.net' }))),
      'wrong fact 3: Public-Identity',
    ],
    ['AVP of an answer', changed(3, hop('HSS', 'I-CSCF', cx('LIA', {}))), 'wrong fact 3: Server-Name'],
    [
      'session of an answer',
      changed(3, hop('HSS', 'I-CSCF', cx('LIA', { 'Server-Name': 'sip:scscf2.home2.net' }, 'x'))),
      'wrong fact 3: answer to',
    ],
    [
      'capture, the first',
      changed(8, hop('PS', 'S-CSCF', ok('61 SUBSCRIBE', 'Expires: 60'))),
      'wrong header 8: Expires',
    ],
    [
      'capture, a later one',
      changed(11, hop('P-CSCF', 'UE', ok('61 SUBSCRIBE', 'Expires: 60'))),
      'wrong header 11: Expires',
    ],
    [
      'transaction',
      changed(11, hop('P-CSCF', 'UE', ok('62 SUBSCRIBE', 'Expires: 3600'))),
      'wrong header 11: answer to',
    ],
  ]
  it.each(cases)('%s', (_, rows, finding) => {
    expect(gist(check(subscriptionLadder, rows))).toEqual([finding])
  })

  it('is found once, and its later hops say since when', () => {
    const rows = subscription()
    const old = 'Max-Forwards: 70\nSubscription-State: pending;expires=3600'
    rows[12] = hop('PS', 'P-CSCF', notify(old))
    rows[13] = hop('P-CSCF', 'UE', notify(old.replace('70', '69')))
    const ladder = subscriptionLadder.replace(
      '{ Max-Forwards: prev-1; body = prev }',
      '{ Subscription-State: active;... }',
    )
    const { findings } = check(ladder, rows)
    expect(findings.map((one) => [one.number, one.differences.map((d) => [d.what, d.got, d.inherited])])).toEqual([
      ['12', [['Subscription-State', 'pending;expires=3600', undefined]]],
      ['13', [['Subscription-State', 'pending;expires=3600', 12]]],
    ])
  })

  it('names the nearest row of what is missing', () => {
    const rows = subscription()
    rows[12] = hop('PS', 'UE', notify('Max-Forwards: 70'))
    rows.splice(13, 3)
    const ladder = `${subscriptionLadder.split('unordered')[0]}12 PS -> P-CSCF : NOTIFY`
    const { findings } = check(ladder, [...rows.slice(0, 8), inside('PS', 'wait'), rows[12]!])
    expect(findings.map(({ kind, rows }) => [kind, rows])).toEqual([
      ['extra', [8]],
      ['wrong lane', [9]],
    ])
    const dropped = check(ladder, rows.slice(0, 8)).findings
    expect(dropped).toMatchObject([{ kind: 'missing', number: '12', nearest: undefined }])
    const other = check(`1 UE -> P-CSCF : SUBSCRIBE\n2 P-CSCF -> I-CSCF : SUBSCRIBE`, rows.slice(0, 1)).findings
    expect(other).toMatchObject([
      { kind: 'missing', number: '2', nearest: 0, differences: [{ what: 'from' }, { what: 'to' }] },
    ])
  })
})

describe('retransmissions', () => {
  const again = { repeated: true } as const
  it('are never extra, and carry the number of what they repeat', () => {
    const rows = subscription()
    const first = rows[0] as Loose & { kind: 'message' }
    const verdict = check(subscriptionLadder, rows.toSpliced(4, 0, { ...first, ...again }))
    expect(gist(verdict)).toEqual(['pass'])
    expect(verdict.rows[4]).toMatchObject({ mark: 'repeated', number: '1', step: undefined })
  })

  it('stand for a line only if it asks for them', () => {
    const rows = subscription().slice(0, 1)
    const first = rows[0] as Loose & { kind: 'message' }
    const twice = '1 UE -> P-CSCF : SUBSCRIBE\n2 UE -> P-CSCF : SUBSCRIBE'
    expect(gist(check(twice, [first, { ...first, ...again }]))).toEqual(['pass'])
    expect(gist(check(twice, [first]))).toEqual(['missing 2'])
  })
})

describe('~>', () => {
  const ladder = `1-3 UE ~> S-CSCF : SUBSCRIBE as $sub { Event: presence }
    unordered { 4-7 PS ~> UE : 200 to $sub
      8-9 PS ~> UE : NOTIFY { Subscription-State: active;... } }`
  const rows = subscription().filter((row) => row.kind === 'message' && row.message.protocol === 'sip')
  const run = [...rows.slice(0, 3), ...rows.slice(4, 10)]

  it('takes all hops of a message', () => {
    const verdict = check(ladder, run)
    expect(gist(verdict)).toEqual(['pass'])
    expect(verdict.steps.map((step) => step.rows)).toEqual([
      [0, 1, 2],
      [3, 4, 5, 6],
      [7, 8],
    ])
  })

  it('takes hops that others come between', () => {
    expect(gist(check(ladder, [...run.slice(0, 3), run[7]!, run[3]!, run[4]!, run[8]!, run[5]!, run[6]!]))).toEqual([
      'pass',
    ])
  })

  it('is over only at its last hop', () => {
    const early = [run[0]!, run[1]!, run[7]!, run[2]!, run[8]!, ...run.slice(3, 7)]
    expect(gist(check(ladder, early))).toEqual(['reordered 8-9'])
  })

  it.each([
    ['first', 3, 'wrong lane 4-7: from'],
    ['middle', 4, 'missing 4-7'],
    ['last', 6, 'missing 4-7'],
  ])('finds its %s hop missing', (_, at, finding) => {
    const found = check(ladder, run.toSpliced(at, 1))
    expect(gist(found)).toEqual([finding])
  })

  it('finds a wrong value on any hop, once', () => {
    const wrong = run.with(8, hop('P-CSCF', 'UE', notify('Subscription-State: pending')))
    expect(gist(check(ladder, wrong))).toEqual(['wrong header 8-9: Subscription-State'])
  })

  it('is missing as a whole, and extra as a whole', () => {
    expect(gist(check(ladder, run.slice(0, 7)))).toEqual(['missing 8-9'])
    expect(gist(check(ladder.replace(/\n\s*8-9.*\}/, '}'), run))).toEqual(['extra at 7 8'])
  })
})

describe('optional', () => {
  const ladder = `1 UE -> P-CSCF : SUBSCRIBE
    optional {
      2 PS :: ask
      3 PS :: decide
    }
    4 P-CSCF -> I-CSCF : SUBSCRIBE`
  const [first, second] = subscription() as [Loose, Loose]
  const [ask, decide] = [inside('PS', 'ask'), inside('PS', 'decide')]
  it.each([
    ['all of it', [first, ask, decide, second], ['pass']],
    ['nothing of it', [first, second], ['pass']],
    ['a part of it', [first, ask, second], ['extra at 1']],
    ['the wrong order', [first, decide, ask, second], ['extra at 1', 'extra at 2']],
  ])('%s', (_, rows, found) => {
    expect(gist(check(ladder, rows))).toEqual(found)
  })

  it('blames nobody for an optional line', () => {
    const { steps } = check(ladder, [first, second])
    expect(steps.map((step) => step.mark)).toEqual(['met', 'skipped', 'skipped', 'met'])
  })
})

describe('conditions on the whole', () => {
  const notified = `${subscriptionLadder}`
  it('absent', () => {
    expect(gist(check(`${notified}\nabsent PS -> * : NOTIFY until 8`, subscription()))).toEqual(['pass'])
    expect(gist(check(`${notified}\nabsent PS -> * : NOTIFY until 15`, subscription()))).toEqual(['forbidden at 12'])
    expect(gist(check(`${notified}\nabsent PS -> * : NOTIFY from 12`, subscription()))).toEqual(['pass'])
    expect(gist(check(`${notified}\nabsent * -> UE : 4xx`, subscription()))).toEqual(['pass'])
    expect(gist(check(`${notified}\nabsent * -> UE : 2xx (SUBSCRIBE) { Expires: 60 }`, subscription()))).toEqual([
      'pass',
    ])
    expect(gist(check(`${notified}\nabsent * -> UE : 2xx (SUBSCRIBE)`, subscription()))).toEqual(['forbidden at 11'])
  })

  it('absent takes the place of extra', () => {
    const extra = hop('PS', 'UE', notify(''))
    const verdict = check(`1 PS :: wait\nabsent PS -> * : NOTIFY`, [inside('PS', 'wait'), extra])
    expect(gist(verdict)).toEqual(['forbidden at 1'])
    expect(verdict.rows[1]!.mark).toBe('forbidden')
  })

  it('within', () => {
    expect(gist(check(`${notified}\nwithin 70 ms 1 .. 7`, subscription()))).toEqual(['pass'])
    const verdict = check(`${notified}\nwithin 69 ms 1 .. 7`, subscription())
    expect(gist(verdict)).toEqual(['late at 7: time'])
    expect(verdict.findings[0]!.differences).toMatchObject([{ expected: 'at most 69 ms', got: '70 ms' }])
  })
})
