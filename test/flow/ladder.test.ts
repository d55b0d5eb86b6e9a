import { describe, expect, it } from 'vitest'
import { sourceText } from '../../src/flow/flow-error.ts'
import type { Item } from '../../src/flow/ladder/expectation.ts'
import { readLadder } from '../../src/flow/ladder/ladder.ts'

const lanes = ['UE', 'P-CSCF', 'S-CSCF#1', 'S-CSCF#2', 'HSS', 'PS']

const read = (text: string) => readLadder(text, sourceText(text, 'x'), { line: 1, column: 1 }, lanes)

/** `line:column problem (expected …) (did you mean …?)` */
const problemsIn = (text: string): string[] =>
  read(text).problems.map(({ line, column, problem, expected, suggestion, severity }) => {
    const more = [expected && `expected ${expected}`, suggestion && `meant ${suggestion}`].filter(Boolean).join('; ')
    return `${line}:${column} ${severity === 'warning' ? 'warning: ' : ''}${problem}${more === '' ? '' : ` | ${more}`}`
  })

const outline = (items: readonly Item[]): unknown[] =>
  items.map((item) => ('items' in item ? { [item.kind]: outline(item.items) } : (item.number ?? item.text)))

describe('lines', () => {
  const table: [string, object][] = [
    ['UE -> P-CSCF : SUBSCRIBE', { kind: 'hop', from: 'UE', to: 'P-CSCF', number: undefined, evidence: 'derived' }],
    ['7a S-CSCF#1 -> S-CSCF#2 : SUBSCRIBE', { number: '7a', from: 'S-CSCF#1', to: 'S-CSCF#2' }],
    ['3. UE -> PS : PUBLISH', { number: '3', from: 'UE' }],
    ['UE->PS:PUBLISH', { kind: 'hop', from: 'UE', to: 'PS', message: { kind: 'request', method: 'PUBLISH' } }],
    ['5-7 PS ~> UE : 200', { kind: 'hops', number: '5-7', message: { kind: 'response', status: '200' } }],
    ['P-CSCF <-> HSS : Cx LIR', { kind: 'query', to: 'HSS', message: { kind: 'cx', command: 'LIR' } }],
    ['P-CSCF <-> HSS : Zn BIR', { kind: 'query', message: { kind: 'cx', interface: 'Zn', command: 'BIR' } }],
    ['HSS -> P-CSCF : Zh MAA', { kind: 'hop', message: { kind: 'cx', interface: 'Zh', command: 'MAA' } }],
    ['HSS -> P-CSCF : Cx LIA', { kind: 'hop', message: { kind: 'cx', command: 'LIA' } }],
    ['PS :: authorize watcher', { kind: 'internal', name: 'authorize watcher', from: 'PS', to: 'PS' }],
    ['S-CSCF#1 :: evaluate # why', { kind: 'internal', name: 'evaluate', text: 'S-CSCF#1 :: evaluate' }],
    ['UE -> PS : *', { message: { kind: 'any' } }],
    ['UE -> PS : 4xx (SUBSCRIBE)', { message: { kind: 'response', status: '4xx', method: 'SUBSCRIBE' } }],
    ['UE -> PS : SUBSCRIBE sip:a@b.net;x=1', { message: { method: 'SUBSCRIBE', uri: { text: 'sip:a@b.net;x=1' } } }],
    ['UE -> PS : NOTIFY sip:[5555::1]:1357 as $n', { message: { uri: { text: 'sip:[5555::1]:1357' }, as: 'n' } }],
    ['UE -> PS : NOTIFY $target', { message: { uri: { text: '$target' } } }],
    ['UE -> PS : SUBSCRIBE [read]', { evidence: 'read' }],
    ['UE -> PS : SUBSCRIBE [ memory ] [read]', { evidence: 'memory' }],
    ['UE -> PS : SUBSCRIBE\n  [memory] { +To }\n  [read] { +From }', { evidence: 'memory' }],
    ['UE -> PS : SUBSCRIBE # so { far }', { constraints: [] }],
  ]
  it.each(table)('%s', (text, step) => {
    const { ladder, problems } = read(text)
    expect(problems).toEqual([])
    expect(ladder.steps[0]).toMatchObject(step)
  })

  it('refer to a request by its name, and know its method', () => {
    const { ladder } = read(
      '1 UE -> PS : SUBSCRIBE as $sub\n2 PS -> UE : 200 to $sub\n3 PS -> UE : 202 (SUBSCRIBE) to $sub',
    )
    expect(ladder.steps.slice(1).map((step) => 'message' in step && step.message)).toMatchObject([
      { status: '200', method: 'SUBSCRIBE', to: 'sub' },
      { status: '202', method: 'SUBSCRIBE', to: 'sub' },
    ])
  })
})

describe('groups and the whole', () => {
  it('nest', () => {
    const { ladder, problems } = read(`match visible
      1 UE -> PS : A-REQUEST
      unordered { 2 PS -> UE : 200
        sequence {
          3 PS -> UE : NOTIFY
          4 UE -> PS : 200 }   # on the same line
      }
      optional { 5 PS :: rest }
      sequence {
      }`)
    expect(problems.map(({ problem }) => problem)).toEqual([
      'A-REQUEST is not a method that presim knows',
      'this sequence is empty',
    ])
    expect(outline(ladder.items)).toEqual([
      '1',
      { unordered: ['2', { sequence: ['3', '4'] }] },
      { optional: ['5'] },
      { sequence: [] },
    ])
    expect(ladder).toMatchObject({ match: 'visible', lanes: ['UE', 'PS'] })
    expect(ladder.steps.map((step) => [step.index, step.place])).toEqual([
      [0, { line: 2, column: 7 }],
      [1, { line: 3, column: 19 }],
      [2, { line: 5, column: 11 }],
      [3, { line: 6, column: 11 }],
      [4, { line: 8, column: 18 }],
    ])
  })

  it('has conditions on steps by their numbers, also those in a range', () => {
    const { ladder, problems } = read(`1 UE -> PS : SUBSCRIBE\n5-7 PS ~> UE : 200
      within 1.5 s 1 .. 6
      absent PS -> * : NOTIFY { Event: presence } # never
      absent * -> UE : 4xx (SUBSCRIBE) from 1 until 7`)
    expect(problems).toEqual([])
    expect(ladder.conditions).toMatchObject([
      { kind: 'within', time: 1_500_000, first: 0, last: 1, text: 'within 1.5 s 1 .. 6' },
      { kind: 'absent', from: 'PS', to: '*', after: undefined, until: undefined, constraints: [{ name: 'Event' }] },
      { kind: 'absent', from: '*', to: 'UE', message: { status: '4xx' }, after: 0, until: 1 },
    ])
  })

  it('is complete unless it says otherwise', () => {
    expect(read('UE -> PS : SUBSCRIBE').ladder.match).toBe('complete')
  })
})

describe('conditions', () => {
  const testsIn = (block: string, line = 'UE -> PS : SUBSCRIBE'): unknown[] => {
    const { ladder, problems } = read(`${line} ${block}`)
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    return ladder.steps[0]!.constraints.map((one) => {
      if (one.kind === 'body') return ['body', one.what]
      const item = one.kind === 'header' && one.item !== undefined ? [one.item] : []
      return [one.name, ...item, 'value' in one.test ? one.test.value.text : one.test]
    })
  }
  const table: [string, unknown[]][] = [
    [
      '{ Event: presence; Expires: 7200 }',
      [
        ['Event', 'presence'],
        ['Expires', '7200'],
      ],
    ],
    [
      '{ event: presence;expires: 7200;}',
      [
        ['Event', 'presence'],
        ['Expires', '7200'],
      ],
    ],
    [
      '{Event: presence} {Expires: 1}',
      [
        ['Event', 'presence'],
        ['Expires', '1'],
      ],
    ],
    ['{ v: SIP/2.0/UDP a }', [['Via', 'SIP/2.0/UDP a']]],
    [
      '{ From: <sip:a@b>;tag=$tag; To: "x; Event: y" <sip:c;lr> }',
      [
        ['From', '<sip:a@b>;tag=$tag'],
        ['To', '"x; Event: y" <sip:c;lr>'],
      ],
    ],
    ['{ Security-Verify: ipsec-3gpp; q=0.1;\n alg=hmac }', [['Security-Verify', 'ipsec-3gpp; q=0.1; alg=hmac']]],
    [
      '{ Route: <sip:a>, # first\n <sip:b>\n Event: presence }',
      [
        ['Route', '<sip:a>, <sip:b>'],
        ['Event', 'presence'],
      ],
    ],
    ['{ Route: <sip:a>\n  , <sip:b> }', [['Route', '<sip:a> , <sip:b>']]],
    [
      '{ Subscription-State: active;...; +To }',
      [
        ['Subscription-State', 'active;...'],
        ['To', { kind: 'present' }],
      ],
    ],
    [
      '{ Contact: <sip:a>;+sip.instance="<x>";+audio; -To }',
      [
        ['Contact', '<sip:a>;+sip.instance="<x>";+audio'],
        ['To', { kind: 'absent' }],
      ],
    ],
    [
      '{ Contact: *; To: (...) }',
      [
        ['Contact', { kind: 'present' }],
        ['To', { kind: 'present' }],
      ],
    ],
    [
      '{ Route[0] ~ pcscf1; Route[-1]: <sip:b> }',
      [
        ['Route', 0, { kind: 'contains', text: 'pcscf1' }],
        ['Route', -1, '<sip:b>'],
      ],
    ],
    [
      '{ To ~ /a;b}\\/[/]/i; +From }',
      [
        ['To', { kind: 'matches', pattern: 'a;b}\\/[/]', flags: 'i' }],
        ['From', { kind: 'present' }],
      ],
    ],
    [
      '{ Max-Forwards: prev-1; Route: prev; To = prev }',
      [
        ['Max-Forwards', { kind: 'counted', by: -1 }],
        ['Route', { kind: 'unchanged' }],
        ['To', { kind: 'unchanged' }],
      ],
    ],
    [
      '{ Expires <= 7200; Min-Expires >= 60 }',
      [
        ['Expires', { kind: 'at most', number: 7200 }],
        ['Min-Expires', { kind: 'at least', number: 60 }],
      ],
    ],
    [
      '{ via: S-CSCF#1 / P-CSCF/UE; Via[0]: UE }',
      [
        ['Via', { kind: 'lanes', lanes: ['S-CSCF#1', 'P-CSCF', 'UE'] }],
        ['Via', 0, { kind: 'lanes', lanes: ['UE'] }],
      ],
    ],
    [
      '{ body empty; body = prev; -body }',
      [
        ['body', { kind: 'empty' }],
        ['body', { kind: 'unchanged' }],
        ['body', { kind: 'empty' }],
      ],
    ],
    ['{ body application/PIDF+xml }', [['body', { kind: 'type', type: 'application/pidf+xml' }]]],
    [
      "{ body //a[@b='c;d}'] = 1; -body /x }",
      [
        ['body', { kind: 'path', path: "//a[@b='c;d}']", test: expect.objectContaining({ kind: 'equals' }) }],
        ['body', { kind: 'path', path: '/x', test: { kind: 'absent' } }],
      ],
    ],
    [
      '{ body count(//a) >= 2; body //b ~ open }',
      [
        ['body', { kind: 'path', path: 'count(//a)', test: { kind: 'at least', number: 2 } }],
        ['body', { kind: 'path', path: '//b', test: { kind: 'contains', text: 'open' } }],
      ],
    ],
  ]
  it.each(table)('%s', (block, tests) => {
    expect(testsIn(block)).toEqual(tests)
  })

  it('are facts in internal steps and Cx messages, whatever their names', () => {
    expect(testsIn('{ outcome ~ /no/; matchedPriority: 2; -body }', 'PS :: evaluate')).toEqual([
      ['outcome', { kind: 'matches', pattern: 'no', flags: '' }],
      ['matchedPriority', '2'],
      ['body', { kind: 'absent' }],
    ])
    expect(testsIn('{ Server-Name: sip:a@b }', 'P-CSCF <-> HSS : Cx LIR')).toEqual([['Server-Name', 'sip:a@b']])
  })

  it('have the evidence of the tag before their block, and their own places and texts', () => {
    const { ladder } = read('UE -> PS : SUBSCRIBE { +To } [read] { Event:  presence # so\n +From } { +Via }')
    expect(ladder.steps[0]).toMatchObject({
      evidence: 'read',
      constraints: [
        { evidence: 'derived', text: '+To', place: { line: 1, column: 24 } },
        { evidence: 'read', text: 'Event: presence', place: { line: 1, column: 39 } },
        { evidence: 'read', text: '+From', place: { line: 2, column: 2 } },
        { evidence: 'read', text: '+Via', place: { line: 2, column: 12 } },
      ],
    })
  })
})

describe('what is wrong', () => {
  const forms = 'METHOD, METHOD sip:…, 200, 200 (METHOD), 200 to $name, Cx LIR, XCAP PUT http://…, HTTP 201 or *'
  const conditions = 'Name: value, Name ~ pattern, Name <= 5, Name = prev, +Name, -Name or body …'
  const after = 'as $name, [read], [derived], [memory], { conditions } or the end of the line'
  const table: [string, string[]][] = [
    ['', ['1:1 the ladder has no lines | expected lines such as "1 UE -> P-CSCF : SUBSCRIBE"']],
    [
      'match visble\nUE -> PS : 200',
      ['1:7 "visble" is not a match mode | expected complete, visible, initial or free; meant visible'],
    ],
    ['match free now\nUE -> PS : 200', ['1:12 "now" after the match mode | expected the end of the line']],
    [
      'UE -> PS : 200\nmatch free',
      ['2:1 the match mode stands in the first line of the ladder | expected a line or a group'],
    ],
    ['UE -> PSS : 200', ['1:7 no lane is called "PSS" | meant PS']],
    ['1 UE1 -> PS : 200', ['1:3 no lane is called "UE1" | meant UE']],
    ['XYZ :: act', ['1:1 no lane is called "XYZ" | expected UE, P-CSCF, S-CSCF#1, S-CSCF#2, HSS or PS']],
    [
      'just words',
      [
        '1:1 this line is neither a message nor an internal step | expected "UE -> PS : message", "UE ~> PS : message", "PS <-> HSS : message" or "PS :: step"',
      ],
    ],
    ['UE -> PS', ['1:7 no message after "UE ->" | expected a lane, then ": message"']],
    ['UE -> PS :', [`1:11 no message after "UE ->" | expected ${forms}`]],
    ['UE -> PS : subscribe', [`1:12 "subscribe" is not a message | expected ${forms}`]],
    ['UE -> PS : SUBSRIBE', ['1:12 warning: SUBSRIBE is not a method that presim knows | meant SUBSCRIBE']],
    ['UE -> PS : SUBSCRIBE user@host', [`1:22 "user@host" is out of place | expected ${after}`]],
    ['UE -> PS : SUBSCRIBE as sub', ['1:25 "sub" is not a name | expected a name such as $sub']],
    ['UE -> PS : Zn FOO', ['1:15 "FOO" is not a Zn command | expected BIR or BIA']],
    ['UE -> PS : Cx FOO', ['1:15 "FOO" is not a Cx command | expected LIR, LIA, UAR, …']],
    ['UE <-> PS : 200', ['1:13 a query (<->) starts with a request | expected a request such as Cx LIR']],
    ['PS ::', ['1:6 no internal step after "PS ::" | expected a name such as authorize watcher']],
    [
      'UE -> PS : 200 to $sub',
      ['1:19 no request before this line is called $sub | expected a line "… as $sub" before this one'],
    ],
    [
      'UE -> PS : SUBSCRIBE as $sub\nPS -> UE : 200 to $sbu',
      ['2:19 no request before this line is called $sbu | meant $sub'],
    ],
    ['UE -> PS : SUBSCRIBE as $sub\nPS -> UE : 200 (NOTIFY) to $sub', ['2:28 $sub is a SUBSCRIBE, not a NOTIFY']],
    ['1 UE -> PS : 200\n1 UE -> PS : 200', ['2:1 two lines have the number 1; the first is line 1']],
    ['UE -> PS : 200 [raed]', ['1:16 [raed] does not say how sure the annex is | meant [read]']],
    [
      'UE -> PS : 200 [found]',
      ['1:16 [found] does not say how sure the annex is | expected [read], [derived] or [memory]'],
    ],
    ['UE -> PS : 200 [read', ['1:16 this [ is never closed | expected [read], [derived] or [memory]']],
    ['UE -> PS : 200 { +To', ['1:16 this { is never closed | expected }']],
    ['UE -> PS : 200 { +To } x', ['1:24 "x" is out of place | expected the end of the line']],
    ['unorderd {\nUE -> PS : 200 }', ['1:1 "unorderd {" opens no group | meant unordered']],
    ['unordered {\nUE -> PS : 200', ['1:1 this unordered is never closed | expected }']],
    ['UE -> PS : 200\n}\nUE -> PSS : 200', ['2:1 this } closes nothing', '3:7 no lane is called "PSS" | meant PS']],
    [
      '1 UE -> PS : 200\nwithin 5 x 1 .. 2',
      ['2:8 "5 x" is not a duration | expected a duration such as 5 s, 200 ms or 1.5 h'],
    ],
    ['1 UE -> PS : 200\nwithin 5 s 1 .. 2', ['2:17 no line has the number 2 | expected 1']],
    ['1 UE -> PS : 200\nwithin 5 s 1', ['2:13 "the end" is out of place | expected two numbers such as 4 .. 10']],
    [
      '1 UE -> PS : 200\nabsent PSS -> * : NOTIFY until 3',
      ['2:8 no lane is called "PSS" | meant PS', '2:32 no line has the number 3 | expected 1'],
    ],
    ['1 UE -> PS : 200\nabsent PS : NOTIFY', ['2:8 "PS" is out of place | expected absent PS -> * : NOTIFY until 10']],
    [
      'UE -> PS : 200 { Evnt: presence }',
      ['1:18 warning: no header field is called "Evnt"; it is compared as text | meant Event'],
    ],
    [
      'UE -> PS : 200 { Event presence }',
      ['1:24 "Event" is followed by "presence" | expected ":", "~", "<=", ">=" or "= prev" after the name, or +Event'],
    ],
    ['UE -> PS : 200 { Event: }', ['1:25 Event has no value | expected a value, or +Event']],
    [
      'UE -> PS : 200 { +Event: presence }',
      ['1:24 +Event says that it is there, and takes no value | expected ; or }'],
    ],
    [
      'UE -> PS : 200 { Event = presence }',
      ['1:26 only "= prev" (as on the hop before) can follow | expected prev, or "Event: value"'],
    ],
    [
      'UE -> PS : 200 { Event: a; Expires 7 }',
      [`1:28 "Expires" is neither a condition nor a parameter of the value before it | expected ${conditions}`],
    ],
    ['UE -> PS : 200 { ; ? }', [`1:20 a condition can not start with "?" | expected ${conditions}`]],
    ['UE -> PS : 200 { Route[x]: a }', ['1:23 this is not the index of an item | expected [0], [1], … or [-1]']],
    ['UE -> PS : 200 { To: "a }', ['1:22 this quoted text has no end | expected "']],
    ['UE -> PS : 200 { To: <sip:a }', ['1:22 this < is never closed | expected >']],
    ['UE -> PS : 200 { To ~ }', ['1:23 no pattern after ~ | expected a word or /regular expression/']],
    ['UE -> PS : 200 { To ~ /a }', ['1:23 this regular expression has no end | expected /']],
    ['UE -> PS : 200 { To ~ /a/x }', ['1:23 regular expressions have no flag "x" | expected i, m, s or u']],
    ['UE -> PS : 200 { To ~ /(/ }', ['1:23 this is not a regular expression: Unterminated group']],
    ['UE -> PS : 200 { To ~ /a/ b }', ['1:27 "b" after the pattern | expected ; or }']],
    ['UE -> PS : 200 { Expires <= many }', ['1:29 "many" after <= | expected a number']],
    ['UE -> PS : 200 { via: UE / PCSCF }', ['1:28 no lane is called "PCSCF" | meant P-CSCF']],
    [
      'UE -> PS : 200 { body }',
      ['1:23 a body can not be "}" | expected empty, a media type, = prev, or a path such as //tuple/status/basic'],
    ],
    ['UE -> PS : 200 { +body }', ['1:24 +body needs a path | expected a path such as //tuple/status/basic']],
    ['UE -> PS : 200 { body //a[ = 1 }', ['1:27 the path ends here | expected a name, @name or *']],
    ['UE -> PS : 200 { body //a[@b=c] }', ['1:30 this is out of place | expected a quoted value']],
    ['UE -> PS : 200 { body //a 1 }', ['1:27 "1" after the path //a | expected =, ~, <=, >=, ; or }']],
    ['UE -> PS : 200 { body text/plain now }', ['1:34 "now" after the body\'s condition | expected ; or }']],
    ['PS :: act { outcome[0]: a }', ['1:13 facts have no items']],
  ]
  it.each(table)('%j', (text, problems) => {
    expect(problemsIn(text)).toEqual(problems)
  })

  it('is said of all lines at once', () => {
    const text = `1 UE -> PSS : SUBSCRIBE {
        Event presence
        Expires: 1
      }
      2 UE -> PS
      unordered {
        3 US -> PS : 200
        4 PS -> UE : 200 { To ~ /(/; +From }
      }
      5 PS -> UE : 200 to $none`
    expect(problemsIn(text).map((one) => one.split(' ')[0])).toEqual(['1:9', '2:15', '5:15', '7:11', '8:33', '10:27'])
  })
})
