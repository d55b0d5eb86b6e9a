import { describe, expect, it } from 'vitest'
import { type Message, printMessage } from '../../src/message.ts'
import { describeEvent } from '../../src/render/describe.ts'
import { fieldRows } from '../../src/render/fields.ts'
import { hopBefore } from '../../src/render/hop.ts'
import { bodyLines, rawLines } from '../../src/render/raw.ts'
import { paint, type Span } from '../../src/render/span.ts'
import { indentXml, listItems, valueSpans, xmlLines } from '../../src/render/syntax.ts'
import { a321, cx, messageRow, request, response } from './rows.ts'

const text = (lines: readonly Span[][]) => lines.map((line) => paint(line))
const styled = (spans: readonly Span[]) => spans.map((one) => `${one.style}:${one.text}`)
const messages = a321().flatMap((row) => (row.kind === 'message' ? [row.message] : []))

describe('a message as text', () => {
  it('is what stands on the wire, line by line', () => {
    for (const message of messages.filter(({ protocol }) => protocol === 'sip')) {
      const wire = printMessage(message).replaceAll('\r\n', '\n').trimEnd()
      // The printer adds the length of the body, and the lines say what was there before.
      const sent = wire.split('\n').filter((line) => !line.startsWith('Content-Length'))
      expect(text(rawLines(message)).filter((line) => !line.startsWith('Content-Length'))).toEqual(sent)
    }
  })

  it('names the command and the AVPs of a Cx message', () => {
    expect(text(rawLines(cx('LIR')))).toEqual([
      'LIR (Diameter Cx request, TS 29.228)',
      'Session-Id: icscf;1',
      'Public-Identity: sip:u@home2.net',
    ])
  })

  it('gives each piece the style of what it is', () => {
    const [start, to] = rawLines(request('SUBSCRIBE', 'sip:b@home2.net', [['To', '"B" <sip:b@home2.net>;tag=1']]))
    expect(styled(start!)).toEqual(['start-line:SUBSCRIBE', 'plain: ', 'uri:sip:b@home2.net', 'dim: SIP/2.0'])
    expect(styled(to!)).toEqual([
      'header-name:To',
      'punctuation:: ',
      'value:"B"',
      'value: ',
      'punctuation:<',
      'uri:sip:b@home2.net',
      'punctuation:>',
      'punctuation:;',
      'parameter:tag',
      'punctuation:=',
      'value:1',
    ])
  })

  it.each(['', ';', '<', '"open', 'a;b=c,d', '<sip:a@b;lr>, <sip:c@d;lr>', ';=;=', '日本;x="é,;"'])(
    'loses nothing of the value %j',
    (value) => {
      expect(paint(valueSpans(value))).toBe(value)
    },
  )
})

describe('a body', () => {
  const xml = '<?xml version="1.0"?>\n<a x="1&gt;2"><!-- c --><b/><d>t &amp; u</d><e></e></a>'

  it('of XML keeps every character', () => {
    for (const one of [xml, '<', '<a', '<a b="', 'text', '<![CDATA[ <x> ]]>', '<a>\n\n</a>']) {
      expect(text(xmlLines(one)).join('\n')).toBe(one)
    }
  })

  it('of XML can have a line for each element', () => {
    expect(indentXml(xml).split('\n')).toEqual([
      '<?xml version="1.0"?>',
      '<a x="1&gt;2">',
      '  <!-- c -->',
      '  <b/>',
      '  <d>t &amp; u</d>',
      '  <e></e>',
      '</a>',
    ])
  })

  it('of several parts shows boundaries, part headers and XML', () => {
    const part = '--b1\r\nContent-Type: application/rlmi+xml\r\n\r\n<list/>\r\n--b1--\r\n'
    const lines = bodyLines(part, 'multipart/related')
    expect(text(lines)).toEqual(['--b1', 'Content-Type: application/rlmi+xml', '', '<list/>', '--b1--'])
    expect(lines[3]!.map(({ style }) => style)).toContain('element')
  })

  it('of bytes is a dump', () => {
    const line = '000000  4d 5a 00 ff                                      MZ..'
    expect(text(bodyLines(new Uint8Array([0x4d, 0x5a, 0, 255]), 'application/sdp'))).toEqual([line])
  })
})

describe('fields against the hop before', () => {
  const before = request('SUBSCRIBE', 'sip:b@home2.net', [
    ['Via', 'SIP/2.0/UDP a;branch=1'],
    ['Max-Forwards', '70'],
    ['Route', '<sip:p;lr>, <sip:s;lr>'],
    ['Privacy', 'none'],
    ['Require', 'sec-agree'],
  ])
  const after = request('SUBSCRIBE', 'sip:b@home2.net', [
    ['Via', 'SIP/2.0/UDP p;branch="2,3", SIP/2.0/UDP a;branch=1'],
    ['Max-Forwards', '69'],
    ['Route', '<sip:s;lr>'],
    ['Record-Route', '<sip:p;lr>'],
    ['Privacy', 'none'],
  ])

  it('are added, changed, removed or the same', () => {
    const changes = Object.fromEntries(fieldRows(after, before).map(({ name, change }) => [name, change]))
    expect(changes).toEqual({
      'Request-URI': 'same',
      Via: 'changed',
      'Max-Forwards': 'changed',
      Route: 'changed',
      'Record-Route': 'added',
      Privacy: 'same',
      Require: 'removed',
    })
  })

  it('say of a list which elements came and went', () => {
    const [, via, forwards, route] = fieldRows(after, before)
    expect(via).toMatchObject({ values: [{ isNew: true }, { isNew: false }], gone: [] })
    expect(forwards).toMatchObject({ values: [{ text: '69', isNew: true }], gone: ['70'] })
    expect(route).toMatchObject({ values: [{ text: '<sip:s;lr>', isNew: false }], gone: ['<sip:p;lr>'] })
  })

  it('have no change without a hop before, and the clause that defines them', () => {
    const [uri, via] = fieldRows(before)
    expect([uri!.change, via!.change]).toEqual([undefined, undefined])
    expect([uri!.clause, via!.clause]).toEqual(['RFC 3261 §8.1.1.1', 'RFC 3261 §20.42'])
  })

  it.each([
    ['a, b', ['a', 'b']],
    ['"a,b", <sip:c,d>', ['"a,b"', '<sip:c,d>']],
    ['"a\\",b",c', ['"a\\",b"', 'c']],
    ['', ['']],
  ])('list %j has the elements %j', (value, items) => {
    expect(listItems(value)).toEqual(items)
  })
})

describe('the hop before', () => {
  it('is the same request or response, with internal steps in between', () => {
    const rows = a321()
    const before = rows.map((row) => (row.kind === 'message' ? hopBefore(rows, row)?.index : '-'))
    expect(before).toEqual([
      ...[undefined, 0, '-', 1, undefined, undefined, undefined, '-', 6, '-'],
      ...[undefined, 10, 11, 12, 13, undefined, 15, 16, undefined, 18, 19],
    ])
  })

  it('is not another message that was its cause', () => {
    const one: Message = response(200, 'OK', [['CSeq', '1 SUBSCRIBE']])
    const rows = [messageRow(0, 'UE', 'PS', request('SUBSCRIBE', 'sip:b')), messageRow(1, 'PS', 'UE', one)]
    expect(hopBefore(rows, rows[1] as never)).toBeUndefined()
  })
})

describe('a turn on one line', () => {
  const turn = { step: 1, cause: 0, at: 0, node: 'ps', effects: [], missed: false } as const
  const laneOf = (address: string) => address.toUpperCase()

  it.each([
    [{ kind: 'command', command: { do: 'subscribe' } } as const, 'PS is told to subscribe: nothing more'],
    [{ kind: 'timer', timer: { name: 'timer E', of: 'x' } } as const, 'PS wakes up for timer E: nothing more'],
    [{ kind: 'message', from: 'ue', message: cx('LIR') } as const, 'PS takes Cx LIR from UE: nothing more'],
  ])('says what was given', (input, line) => {
    expect(describeEvent({ ...turn, input }, laneOf)).toBe(line)
  })

  it('says what came of it, and that a node was down', () => {
    const input = { kind: 'command', command: { do: 'publish' } } as const
    const send = { kind: 'send', to: 'a', message: cx('LIR'), arrives: 1 } as const
    const start = { kind: 'start', timer: { name: 'timer F', of: 'x' }, after: 1 } as const
    expect(describeEvent({ ...turn, input, effects: [send, start, start] }, laneOf)).toBe(
      'PS is told to publish: sends a message, starts timer F',
    )
    expect(describeEvent({ ...turn, input, missed: true }, laneOf)).toBe('PS is told to publish: which is down')
  })
})
