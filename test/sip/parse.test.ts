import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  anyEndpoint,
  anyProxy,
  judge,
  type Malformed,
  mostBytes,
  parse,
  parseStream,
  print,
  type SipMessage,
} from '../../src/sip/index.ts'
import { printText } from '../../src/sip/print.ts'

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A request with these header lines; those that RFC 3261 wants come first. */
function options(lines: readonly string[], body = ''): string {
  const head = [
    'OPTIONS sip:carol@chicago.com SIP/2.0',
    'Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKhjhs8ass877',
    'Max-Forwards: 70',
    'To: <sip:carol@chicago.com>',
    'From: Alice <sip:alice@atlanta.com>;tag=1928301774',
    'Call-ID: a84b4c76e66710',
    'CSeq: 63104 OPTIONS',
    ...lines,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

function parsed(input: string | Uint8Array): SipMessage {
  const message = parse(input)
  if (message.kind === 'malformed') throw new Error(`${message.reason} at ${message.at}`)
  return message
}

describe('RFC 3261 §24: every message of the examples is parsed and acceptable', () => {
  const file = new URL('./material/rfc3261-section24.json', import.meta.url)
  const { messages } = JSON.parse(readFileSync(file, 'utf8')) as {
    messages: { id: string; title: string; message: string }[]
  }
  it.each(messages.map(({ id, title, message }) => [`${id} ${title}`, message] as const))('%s', (_, text) => {
    // Their bodies are not in the RFC; a body of the length that is announced stands for them.
    const length = Number(/^Content-Length: (\d+)/m.exec(text)?.[1] ?? 0)
    const message = parsed(text + 'x'.repeat(length))
    // A response with more than one Via is on its way to a proxy.
    const isForProxy = message.kind === 'response' && message.headers.via!.length > 1
    expect(judge(message, isForProxy ? anyProxy : anyEndpoint)).toBeUndefined()
    expect(message.headers.malformed).toEqual([])
    expect(message.body).toHaveLength(length)
    expect(printText(parsed(printText(message)))).toBe(printText(message))
  })
})

describe('start lines', () => {
  it.each([
    ['SIP/2.0 200 OK', { kind: 'response', status: 200, reason: 'OK' }],
    ['SIP/2.0 404 Not Found', { kind: 'response', status: 404, reason: 'Not Found' }],
    ['SIP/2.0 100 ', { kind: 'response', status: 100, reason: '' }],
    ['sip/2.0 200 OK', { kind: 'response', status: 200, reason: 'OK' }],
    ['INVITE sip:a@b SIP/2.0', { kind: 'request', method: 'INVITE', uri: 'sip:a@b' }],
    ['INVITE sip:a@b sip/2.0', { kind: 'request', method: 'INVITE', uri: 'sip:a@b' }],
    ['%! nobody:knows SIP/2.0', { kind: 'request', method: '%!', uri: 'nobody:knows' }],
  ])('%s', (line, expected) => {
    expect(parse(`${line}\r\n\r\n`)).toMatchObject(expected)
  })

  it.each([
    ['', 400, 4],
    ['\r\n\r\n', 400, 8],
    ['hello', 400, 5],
    ['INVITE sip:a@b', 400, 14],
    ['INVITE  sip:a@b SIP/2.0', 400, 7],
    ['INVITE sip:a@b SIP/2.0 ', 400, 22],
    ['INVITE sip:a@b;x y SIP/2.0', 400, 16],
    ['INVITE sip:a@b SIP/3.0', 505, 15],
    ['INVITE sip:a@b HTTP/1.1', 400, 14],
    ['INV(ITE sip:a@b SIP/2.0', 400, 0],
    ['SIP/2.0 99 Low', 400, 8],
    ['SIP/2.0 700 High', 400, 8],
    ['SIP/2.0 2000 Long', 400, 8],
    ['SIP/2.0 2x0 Odd', 400, 8],
    ['SIP/1.0 200 OK', 505, 0],
  ])('%j is malformed: %i at %i', (line, status, at) => {
    expect(parse(`${line}\r\n\r\n`)).toMatchObject({ kind: 'malformed', status, at })
  })

  it('tells of a request what could be read, and nothing of a response', () => {
    const request = parse(options([]).replace(' SIP/2.0\r', ' SIP/9.0\r')) as Malformed
    expect(request.request).toMatchObject({ method: 'OPTIONS', uri: 'sip:carol@chicago.com' })
    expect(request.request?.headers.callId).toBe('a84b4c76e66710')
    expect((parse('SIP/2.0 1 x\r\nCall-ID: a\r\n\r\n') as Malformed).request).toBeUndefined()
  })
})

describe('header lines', () => {
  it('joins folded lines by one space (RFC 3261 §7.3.1)', () => {
    const { headers } = parsed(options(['Subject: I know you are there,  ', ' \t  pick up\r\n the phone']))
    expect(headers.subject).toBe('I know you are there, pick up the phone')
  })

  it('takes a folded line of white space for nothing, and keeps other space as it is', () => {
    expect(parsed(options(['Subject: a\u00a0', ' ', ' b'])).headers.subject).toBe('a\u00a0 b')
  })

  it('knows names without case, in compact form and with white space before the colon', () => {
    const { headers } = parsed(options(['SUBJECT \t:  x', 'k: path', 'o : presence', 'u:presence.winfo']))
    expect(headers.subject).toBe('x')
    expect(headers.supported).toEqual(['path'])
    expect(headers.event?.value).toBe('presence')
    expect(headers.fields.map(({ name }) => name)).toContain('Allow-Events')
  })

  it('makes one field of the lines of a list, in their order (§7.3.1)', () => {
    const message = parsed(options(['Route: <sip:a;lr>', 'Subject: x', 'route: <sip:b;lr>, <sip:c;lr>', 'Route:']))
    expect(message.headers.route?.map(({ uri }) => uri)).toEqual(['sip:a;lr', 'sip:b;lr', 'sip:c;lr'])
    expect(message.headers.text('route')).toBe('<sip:a;lr>, <sip:b;lr>, <sip:c;lr>')
    expect(message.headers.fields.filter(({ name }) => name === 'Route')).toHaveLength(1)
  })

  it('makes one field of challenges, printed on lines of their own (§7.3.1)', () => {
    const lines = ['WWW-Authenticate: Digest realm="a"', 'WWW-Authenticate: Digest realm="b"']
    const message = parsed(options([lines[0]!, 'Subject: x', lines[1]!]))
    expect(message.headers.wwwAuthenticate?.map(({ params }) => params.realm)).toEqual(['"a"', '"b"'])
    expect(printText(message)).toContain(`${lines.join('\r\n')}\r\nSubject`)
  })

  it('keeps what it does not know, in order, and what stands twice though it may not', () => {
    const { headers } = parsed(options(['X-One: 1', 'X-Two: :2:', 'X-One: 3', 'Subject: a', 'Subject: b']))
    expect(headers.fields.slice(6).map(({ name, text }) => [name, text])).toEqual([
      ['X-One', '1'],
      ['X-Two', ':2:'],
      ['X-One', '3'],
      ['Subject', 'a'],
      ['Subject', 'b'],
    ])
  })

  it('does not take names of objects for parameters', () => {
    const { headers } = parsed(options(['Event: x;__proto__=1;constructor;tostring=2']))
    expect(Object.keys(headers.event!.params)).toEqual(['__proto__', 'constructor', 'tostring'])
    expect(Object.getPrototypeOf(headers.event!.params)).toBe(Object.prototype)
    expect(headers.from!.params.constructor).toBe(Object)
  })

  it('accepts bare line feeds, and empty lines in front (§7.5)', () => {
    const message = parsed(`\r\n\r\n${options(['Subject: x'], 'body')}`.replaceAll('\r\n', '\n'))
    expect(message.headers.subject).toBe('x')
    expect(message.body).toBe('body')
  })

  it.each([
    ['no colon', 'Subject x', 'Subject x'],
    ['a name that is no token', 'Sub(ject: x', 'Sub(ject'],
    ['no name', ': x', ': x'],
    ['a line feed that is missing', 'Subject: a\rb', '\rb'],
    ['a line feed that is missing in a folded line', 'Subject: a\r\n b\rc', '\rc'],
    ['a carriage return too many before the end of a folded line', 'Subject: a\r\n b\r\r\n c', '\r\r\n c'],
  ])('%s is malformed where it stands', (_, line, place) => {
    const text = options(['X: ü', line])
    expect(parse(text)).toMatchObject({ kind: 'malformed', status: 400, at: Buffer.from(text).indexOf(place) })
    expect(parse(utf8(text))).toEqual(parse(text))
  })

  it('wants an empty line at the end', () => {
    const text = options([]).slice(0, -2)
    expect(parse(text)).toMatchObject({ kind: 'malformed', status: 400, at: text.length })
  })

  it('starts with a header, not with the rest of one', () => {
    expect(parse('OPTIONS sip:a SIP/2.0\r\n folded\r\n\r\n')).toMatchObject({ kind: 'malformed', at: 23 })
  })
})

describe('bodies (RFC 3261 §18.3)', () => {
  it('ends with the datagram when there is no Content-Length', () => {
    expect(parsed(options([], 'all of it')).body).toBe('all of it')
  })

  it('ends where the Content-Length says, counted in bytes', () => {
    expect(parsed(options(['l: 4'], 'äöü')).body).toBe('äö')
    expect(parsed(utf8(options(['l: 4'], 'äöü'))).body).toBe('äö')
    expect(parsed(options(['l: 0'], 'äöü')).body).toBe('')
  })

  it('is bytes when what is left of it is no text', () => {
    expect(parsed(options(['l: 3'], 'äö')).body).toEqual(new Uint8Array([0xc3, 0xa4, 0xc3]))
    expect(parsed(utf8(options(['l: 3'], 'äö'))).body).toEqual(new Uint8Array([0xc3, 0xa4, 0xc3]))
  })

  it('is refused when bytes are missing', () => {
    const text = options(['l: 7'], 'äöü')
    expect(parse(text)).toMatchObject({ kind: 'malformed', status: 400, at: utf8(text).length })
    expect(parse(utf8(text))).toEqual(parse(text))
  })

  it('keeps a byte order mark', () => {
    const message = parsed(utf8(options(['l: 4'], '\ufeffx')))
    expect(message.body).toBe('\ufeffx')
    expect(Buffer.from(print(message)).subarray(-4)).toEqual(Buffer.from('\ufeffx'))
  })

  it('keeps bytes that are no text, and does not share them with the input', () => {
    const body = [0x00, 0xff, 0xfe, 0x0d, 0x0a, 0x0d, 0x0a]
    const bytes = new Uint8Array([...utf8(options(['Content-Type: a/b', 'l: 7'])), ...body, 0xff])
    const message = parsed(bytes)
    bytes.fill(0)
    expect(message.body).toEqual(new Uint8Array(body))
    expect(print(message).slice(-7)).toEqual(new Uint8Array(body))
    expect(parsed(print(message)).body).toEqual(new Uint8Array(body))
    expect(printText(message)).toMatch(/\ufffd\ufffd\r\n\r\n$/)
    expect(printText(parsed(printText(message)))).toBe(printText(message))
  })

  it('does not take bytes in the header that are no text', () => {
    const bytes = utf8(options(['Subject: äx']))
    const stray = bytes.indexOf(0xc3)
    bytes[stray + 1] = 0x20
    expect(parse(bytes)).toMatchObject({ kind: 'malformed', status: 400, at: stray })
    bytes[stray] = 0xff
    expect(parse(bytes)).toMatchObject({ kind: 'malformed', status: 400, at: stray })
  })
})

describe('streams (RFC 3261 §18.3)', () => {
  const one = options(['l: 5'], 'first')
  const two = options(['Content-Length: 0'])

  it('takes one message after the other, wherever the bytes are cut', () => {
    const stream = utf8(`\r\n\r\n${one}${two}`)
    for (let cut = 0; cut < stream.length; cut++) {
      const framed = parseStream(stream.subarray(0, cut))
      if (cut < one.length + 4) expect(framed).toBeUndefined()
      else expect(framed).toMatchObject({ length: one.length + 4, message: { body: 'first' } })
    }
    expect(parseStream(stream.subarray(one.length + 4))).toMatchObject({ length: two.length, message: { body: '' } })
    expect(parseStream(new Uint8Array())).toBeUndefined()
  })

  it('is lost when nothing says how long the body is', () => {
    const stream = utf8(options([]) + one)
    expect(parseStream(stream)).toMatchObject({ length: stream.length, message: { kind: 'malformed', status: 400 } })
  })

  it('is lost when the Content-Length is no number (RFC 4475 §3.1.2.3)', () => {
    const stream = utf8(options(['l: -1']) + one)
    expect(parseStream(stream)).toMatchObject({ length: stream.length, message: { kind: 'malformed', status: 400 } })
  })

  it('gives up a header that does not end, and a body that is too long', () => {
    expect(parseStream(new Uint8Array(mostBytes + 1).fill(0x61))?.message).toMatchObject({ status: 513 })
    expect(parseStream(utf8(options([`l: ${mostBytes}`])))?.message).toMatchObject({ status: 513 })
  })
})

describe('limits', () => {
  it('refuses a message of too many bytes or too many lines with 513', () => {
    expect(parse(new Uint8Array(mostBytes + 1))).toMatchObject({ kind: 'malformed', status: 513 })
    expect(parse(options(new Array(20_000).fill('X: y')))).toMatchObject({ kind: 'malformed', status: 513 })
  })

  it('takes ten thousand lines of one list, and a header of a megabyte', () => {
    const many = parsed(options(new Array(10_000).fill('Route: <sip:a;lr>')))
    expect(many.headers.route).toHaveLength(10_000)
    const long = parsed(options([`Accept: ${new Array(100_000).fill('text/html').join(', ')}`]))
    expect(long.headers.accept).toHaveLength(100_000)
    expect(parsed(options([`Subject: x${' '.repeat(1_000_000)}`])).headers.subject).toBe('x')
  })
})

describe('printing', () => {
  it('prints the fields as they came, the list lines joined and the Content-Length counted and last', () => {
    const text = options(['l: 3', 'Accept:a/b ', 'accept: c/d', 'X-Y:z'], 'ä!')
    expect(printText(parsed(text))).toBe(
      `${options([]).slice(0, -2)}Accept: a/b, c/d\r\nX-Y: z\r\nContent-Length: 3\r\n\r\nä!`,
    )
  })

  it('prints what a node changed from its value, and the rest as it came', () => {
    const message = parsed(options(['Accept:  a/b;q=0.1 ,  c/d']))
    const changed = { ...message, headers: message.headers.with({ maxForwards: 69, expires: 60, to: undefined }) }
    const text = printText(changed as SipMessage)
    expect(text).toContain('Max-Forwards: 69\r\nFrom')
    expect(text).toContain('Expires: 60\r\nAccept: a/b;q=0.1 ,  c/d\r\n')
    expect(text).not.toContain('To:')
  })

  it('lets no value start a header field of its own', () => {
    const display = 'Ann\r\nX-Evil: 1'
    const message = parsed(options([]))
    const headers = message.headers.with({ subject: 'a\r\nX-Evil: 1', to: { display, uri: 'sip:a@b', params: {} } })
    const again = parsed(printText({ ...message, headers } as SipMessage))
    expect(again.headers.field('X-Evil')).toBeUndefined()
    expect(again.headers.subject).toBe('a X-Evil: 1')
    expect(again.headers.to?.display).toBe('Ann X-Evil: 1')
  })
})
