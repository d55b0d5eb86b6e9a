import { describe, expect, it } from 'vitest'
import { sourceText } from '../../src/flow/flow-error.ts'
import { readLadder } from '../../src/flow/ladder/ladder.ts'

const read = (text: string) => readLadder(text, sourceText(text, 'x'), { line: 1, column: 1 }, ['UE', 'PS'])

/** `line:column problem (expected …) (did you mean …?)` */
const problemsIn = (text: string): string[] =>
  read(text).problems.map(({ line, column, problem, expected, suggestion, severity }) => {
    const more = [expected && `expected ${expected}`, suggestion && `meant ${suggestion}`].filter(Boolean).join('; ')
    return `${line}:${column} ${severity === 'warning' ? 'warning: ' : ''}${problem}${more === '' ? '' : ` | ${more}`}`
  })

describe('a line over HTTP', () => {
  const table: [string, object][] = [
    [
      'UE -> PS : XCAP PUT http://xcap.home1.net/services/resource-lists/users/user1/pf.xml as $put',
      {
        message: {
          kind: 'request',
          protocol: 'XCAP',
          method: 'PUT',
          uri: { text: 'http://xcap.home1.net/services/resource-lists/users/user1/pf.xml' },
          as: 'put',
        },
      },
    ],
    [
      'UE -> PS : XCAP GET /x/users/u/index/~~/list/entry%5b@uri=%22sip:a@b%22%5d { +If-None-Match }',
      {
        message: { protocol: 'XCAP', uri: { text: '/x/users/u/index/~~/list/entry%5b@uri=%22sip:a@b%22%5d' } },
        constraints: [{ kind: 'header', name: 'If-None-Match', test: { kind: 'present' } }],
      },
    ],
    ['UE -> PS : HTTP GET /', { message: { protocol: 'HTTP', method: 'GET', uri: { text: '/' } } }],
    [
      'UE -> PS : XCAP DELETE as $gone',
      { message: { protocol: 'XCAP', method: 'DELETE', uri: undefined, as: 'gone' } },
    ],
    [
      'PS -> UE : HTTP 201 (Created)',
      { message: { kind: 'response', protocol: 'HTTP', status: '201', to: undefined } },
    ],
    ['PS -> UE : HTTP 2xx { etag: $tag }', { message: { status: '2xx' }, constraints: [{ name: 'ETag' }] }],
  ]
  it.each(table)('%s', (text, step) => {
    const { ladder, problems } = read(text)
    expect(problems).toEqual([])
    expect(ladder.steps[0]).toMatchObject(step)
  })
})

describe('a line over HTTP that can not be read', () => {
  it.each([
    ['UE -> PS : XCAP PTU /a', ['1:17 warning: PTU is not a method of HTTP | meant PUT']],
    ['UE -> PS : HTTP', ['1:16 "the end" is no message over HTTP | expected PUT, GET, DELETE or a status']],
    [
      'UE -> PS : HTTP PUT index',
      ['1:21 "index" is no target | expected a URI such as http://xcap.home1.net/… or a path'],
    ],
    ['UE -> PS : XCAP 201', ['1:17 an answer over HTTP is named HTTP | meant HTTP 201']],
    ['UE -> PS : HTTP 201 (OK)', ['1:21 HTTP 201 is not called "OK" | meant Created']],
    [
      'UE -> PS : HTTP 200 { +Etga }',
      ['1:24 warning: no header field is called "Etga"; it is compared as text | meant ETag'],
    ],
    [
      'UE -> PS : HTTP PUT /a as $put\nPS -> UE : HTTP 200 to $pat',
      ['2:24 no request before this line is called $pat | meant $put'],
    ],
  ])('%j', (text, expected) => expect(problemsIn(text)).toEqual(expected))
})
