import { describe, expect, it } from 'vitest'
import { check, gist } from './check.ts'
import { hop, inside, notify, ok, sip, subscribe } from './rows.ts'

const holds = (condition: string, headers: string): boolean =>
  check(`1 UE -> P-CSCF : SUBSCRIBE { ${condition} }`, [hop('UE', 'P-CSCF', subscribe(headers))]).outcome === 'pass'

describe('a condition on a header', () => {
  const table: [condition: string, headers: string, holds: boolean][] = [
    ['Event: presence', '', true],
    ['event: presence', '', true],
    ['Event: dialog', '', false],
    ['+Event', '', true],
    ['-Event', '', false],
    ['+Accept', '', false],
    ['-Accept', '', true],
    ['Event: *', '', true],
    ['Accept: *', '', false],
    ['Event ~ pres', '', true],
    ['Event ~ /^PRES/', '', false],
    ['Event ~ /^PRES/i', '', true],
    ['Accept ~ x', '', false],
    ['Expires <= 7200', 'Expires: 7200', true],
    ['Expires <= 7200', 'Expires: 7201', false],
    ['Expires >= 60', 'Expires: 59', false],
    ['Expires <= 7200', '', false],
    ['Event <= 7200', '', false],
    ['Expires: 7200', 'Expires: 07200', true],
    ['Route[1]: <sip:b>', 'Route: <sip:a>, <sip:b>', true],
    ['Route[-1]: <sip:b>', 'Route: <sip:a>\nRoute: <sip:b>', true],
    ['Route[2]: <sip:b>', 'Route: <sip:a>, <sip:b>', false],
    ['-Route[2]', 'Route: <sip:a>, <sip:b>', true],
    ['Subscription-State: active', 'Subscription-State: Active', true],
    ['X-Own: Value', 'X-Own: Value', true],
    ['X-Own: Value', 'X-Own: value', false],
    ['x-own: Value', 'X-Own: Value', true],
    ['via: UE', 'Via: SIP/2.0/UDP ue1.home1.net:5060;branch=x', true],
    ['via: P-CSCF / UE', 'Via: SIP/2.0/TCP PCSCF1.home1.net, SIP/2.0/UDP ue1.home1.net', true],
    ['via: UE / P-CSCF', 'Via: SIP/2.0/TCP pcscf1.home1.net, SIP/2.0/UDP ue1.home1.net', false],
    ['via: P-CSCF', 'Via: SIP/2.0/TCP pcscf1.home1.net, SIP/2.0/UDP ue1.home1.net', false],
    ['via: P-CSCF', 'Via: SIP/2.0/TCP pcscf1.visited1.net', false],
    ['Via[0]: P-CSCF', 'Via: SIP/2.0/TCP pcscf1.home1.net, SIP/2.0/UDP ue1.home1.net', true],
    ['Via: SIP/2.0/UDP ue1.home1.net', 'Via: SIP/2.0/UDP ue1.home1.net', true],
    ['body empty', '', true],
    ['body */*', '', false],
  ]
  it.each(table)('%s | %s', (condition, headers, result) => {
    expect(holds(condition, headers)).toBe(result)
  })
})

describe('a condition on the body', () => {
  const table: [condition: string, result: boolean][] = [
    ['body application/pidf+xml', true],
    ['body application/*', true],
    ['body text/plain', false],
    ['body empty', false],
    ['-body', false],
    ['body //basic = open', true],
    ["body //tuple[@id='a']/status/basic = open", true],
    ['body //basic = "open"', true],
    ['body //basic ~ op', true],
    ['body //basic = closed', false],
    ['body //note', false],
    ['-body //note', true],
    ['-body //basic', false],
    ['body count(//tuple) = 1', true],
    ['body count(//tuple) >= 2', false],
  ]
  it.each(table)('%s', (condition, result) => {
    const verdict = check(`PS -> P-CSCF : NOTIFY { ${condition} }`, [hop('PS', 'P-CSCF', notify(''))])
    expect(verdict.outcome === 'pass').toBe(result)
    if (!result) expect(verdict.findings[0]!.kind).toBe('wrong body')
  })

  it('on a body that is no XML says so', () => {
    const bad = sip('MESSAGE sip:a SIP/2.0\nContent-Type: text/xml', '<a>')
    const { findings } = check('PS -> UE : MESSAGE { body //a }', [hop('PS', 'UE', bad)])
    expect(findings[0]!.differences[0]!.got).toMatch(/^no XML \(/)
  })
})

describe('a condition on the hop before', () => {
  const run = (first: string, second: string) => [
    hop('UE', 'P-CSCF', subscribe(first)),
    hop('P-CSCF', 'S-CSCF', subscribe(second)),
  ]
  const table: [condition: string, first: string, second: string, finding: string][] = [
    ['Max-Forwards: prev-1', 'Max-Forwards: 70', 'Max-Forwards: 69', 'pass'],
    ['Max-Forwards: prev-1', 'Max-Forwards: 70', 'Max-Forwards: 70', 'wrong header 2: Max-Forwards'],
    ['Max-Forwards: prev-1', '', 'Max-Forwards: 70', 'wrong header 2: Max-Forwards'],
    ['Route = prev', 'Route: <sip:a;lr;x=1>', 'Route: <sip:a;lr;x=1>', 'pass'],
    ['Contact = prev', 'Contact: <sip:a>;q=1;x', 'Contact: <sip:a>;x;q=1', 'pass'],
    ['Route = prev', 'Route: <sip:a>', 'Route: <sip:b>', 'wrong header 2: Route'],
    ['Route = prev', '', '', 'pass'],
    ['Route = prev', '', 'Route: <sip:b>', 'wrong header 2: Route'],
    ['Route = prev', 'Route: <sip:b>', '', 'wrong header 2: Route'],
    ['body = prev', '', '', 'pass'],
  ]
  it.each(table)('%s | %s | %s', (condition, first, second, finding) => {
    const ladder = `1 UE -> P-CSCF : SUBSCRIBE\n2 P-CSCF -> S-CSCF : SUBSCRIBE { ${condition} }`
    expect(gist(check(ladder, run(first, second)))).toEqual([finding])
  })

  it('can not be met by a message that has none', () => {
    const { findings } = check('1 UE -> P-CSCF : SUBSCRIBE { Max-Forwards: prev-1 }', [
      hop('UE', 'P-CSCF', subscribe('')),
    ])
    expect(findings[0]!.differences).toMatchObject([{ what: 'Max-Forwards', expected: 'a hop before this one' }])
  })
})

describe('$name', () => {
  const ladder = `1 UE -> PS : SUBSCRIBE { From: *;tag=$a }
2 PS -> UE : 200 (SUBSCRIBE) { From: *;tag=$a; To: *;tag=$b }
3 PS -> UE : 200 (NOTIFY) { From: *;tag=$a; To: *;tag=$b }`
  const tagged = (from: string, to: string, cseq: string) =>
    sip(`SIP/2.0 200 OK\nFrom: <sip:a>;tag=${from}\nTo: <sip:b>;tag=${to}\nCall-ID: c\nCSeq: ${cseq}`)
  const first = (tag: string) => sip(`SUBSCRIBE sip:b SIP/2.0\nFrom: <sip:a>;tag=${tag}\nCall-ID: c\nCSeq: 1 SUBSCRIBE`)
  const run = (a: string, b: string, c: string, d = 'x', e = 'x') => [
    hop('UE', 'PS', first(a)),
    hop('PS', 'UE', tagged(b, d, '1 SUBSCRIBE')),
    hop('PS', 'UE', tagged(c, e, '2 NOTIFY')),
  ]
  it.each([
    [run('1', '1', '1'), ['pass']],
    [run('2', '1', '1'), ['wrong header 1: From']],
    [run('1', '2', '1'), ['wrong header 2: From']],
    [run('1', '1', '2'), ['wrong header 3: From']],
    [run('1', '2', '3'), ['wrong header 2: From', 'wrong header 3: From']],
    [run('1', '1', '1', 'x', 'y'), ['wrong header 3: To']],
  ])('%#: has the value that most lines give it', (rows, found) => {
    expect(gist(check(ladder, rows))).toEqual(found)
  })

  it('says what it stands for', () => {
    const { findings } = check(ladder, run('1', '1', '2'))
    expect(findings[0]!.differences[0]).toMatchObject({ expected: '*;tag=$a with $a = 1', got: '<sip:a>;tag=2' })
  })

  it('tells transactions apart that look alike', () => {
    const two = `1 UE -> PS : SUBSCRIBE as $one
2 UE -> PS : SUBSCRIBE as $two
unordered { 3 PS -> UE : 200 to $two { Expires: 2 }
4 PS -> UE : 200 to $one { Expires: 1 } }`
    const ask = (cseq: string) => sip(`SUBSCRIBE sip:b SIP/2.0\nFrom: <sip:a>\nCall-ID: c\nCSeq: ${cseq} SUBSCRIBE`)
    const rows = [hop('UE', 'PS', ask('1')), hop('UE', 'PS', ask('2'))]
    const answers = [hop('PS', 'UE', ok('1 SUBSCRIBE', 'Expires: 1')), hop('PS', 'UE', ok('2 SUBSCRIBE', 'Expires: 2'))]
    const withCallId = answers.map((row, i) => ({
      ...row,
      message: sip(`SIP/2.0 200 OK\nFrom: <sip:a>\nCall-ID: c\nCSeq: ${i + 1} SUBSCRIBE\nExpires: ${i + 1}`),
    }))
    expect(gist(check(two, [...rows, ...withCallId]))).toEqual(['pass'])
    expect(gist(check(two, [...rows, ...withCallId.toReversed()]))).toEqual(['pass'])
    expect(gist(check(two.replace('to $two', 'to $one'), [...rows, ...withCallId]))).toEqual([
      'wrong header 3: answer to',
    ])
  })
})

it('facts and outcomes of an internal step', () => {
  const rows = [inside('PS', 'act', 'no match', { tried: 3 })]
  const found = (block: string) => gist(check(`1 PS :: act { ${block} }`, rows))[0]
  expect(found('outcome ~ /no/; tried: 3; tried <= 3; -left; +tried')).toBe('pass')
  expect(found('outcome: no')).toBe('wrong fact 1: outcome')
  expect(found('tried: 4; left: 1')).toBe('wrong fact 1: tried, left')
})
