import { describe, expect, it } from 'vitest'
import { objects, presim, temporary } from './presim.ts'

const head = [
  'SUBSCRIBE sip:user2_public1@home2.net SIP/2.0',
  'Via: SIP/2.0/UDP [5555::1]:1357;branch=z9hG4bK1',
  'Max-Forwards: 70',
  'From: <sip:user1_public1@home1.net>;tag=31415',
  'To: <sip:user2_public1@home2.net>',
  'Call-ID: b89rjhnedlrfjflslj40a222',
  'CSeq: 61 SUBSCRIBE',
  'P-Asserted-Identity: <sip:user1_public1@home1.net>',
  'Event: presence',
  'X-Own: something',
  'Contact: <sip:[5555::1]:1357>',
  'Content-Length: 0',
]
const message = (lines: readonly string[], end = '\r\n'): string => `${lines.join(end)}${end}${end}`

describe('presim explain', () => {
  it('tells of a list what each resource is (RFC 4662 §5)', () => {
    const rlmi =
      '<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="sip:l@home1.net" version="0" fullState="true"><resource uri="sip:a@home1.net"/></list>'
    const lines = [
      'NOTIFY sip:w@home1.net SIP/2.0',
      'Via: SIP/2.0/UDP rls.home1.net;branch=z9hG4bK1',
      'Max-Forwards: 70',
      'From: <sip:l@home1.net>;tag=1',
      'To: <sip:w@home1.net>;tag=2',
      'Call-ID: c',
      'CSeq: 1 NOTIFY',
      'Event: presence',
      'Subscription-State: active;expires=60',
      'Contact: <sip:rls.home1.net>',
      'Content-Type: multipart/related;type="application/rlmi+xml";start="<r>";boundary=b',
      '',
      `--b\r\nContent-ID: <r>\r\nContent-Type: application/rlmi+xml\r\n\r\n${rlmi}\r\n--b--`,
    ]
    const { out } = presim(['explain', '-'], { input: lines.join('\r\n') })
    expect(out).toContain(
      'list sip:l@home1.net version 0, full state, 1 resource\n  sip:a@home1.net  nothing is known yet\n',
    )
  })

  it('says of each header what it is, who adds it, who removes it, and the clause', () => {
    const { status, out } = presim(['explain', temporary('good.sip', message(head))])
    expect(status).toBe(0)
    expect(out).toMatch(/^P-Asserted-Identity: <sip:user1_public1@home1\.net>\n(.*\n)*? {4}Added by: [^[]*P-CSCF/m)
    expect(out).toMatch(/^Event: presence\n(.*\n)*? {4}\[RFC 6665/m)
    expect(out).toContain('X-Own: something\n    Not known to presim')
    expect(out).toContain('A user agent and a proxy would take it.')
  })
  it('reads standard input and bare line feeds', () => {
    expect(presim(['explain', '-'], { input: message(head, '\n') }).status).toBe(0)
  })
  it('shows where a value leaves its grammar, and what an element would answer', () => {
    const broken = head.map((line) => line.replace('CSeq: 61', 'CSeq: sixty'))
    const { status, out } = presim(['explain', temporary('broken.sip', message(broken))])
    expect(status).toBe(1)
    expect(out).toContain('CSeq: sixty SUBSCRIBE\n      ^ here it leaves its grammar')
    expect(out).toMatch(/A user agent would answer 400 \(.*\), because of CSeq \[RFC 3261 §/)
  })
  it('shows the place of what can not be read as a message', () => {
    const broken = head.with(2, 'Max-Forwards 70')
    const { status, out } = presim(['explain', temporary('broken.sip', message(broken))])
    expect(status).toBe(1)
    expect(out).toMatch(/broken\.sip:3:\d+: .*\n {2}Max-Forwards 70\n {2,}\^\n.*answer 400/)
  })
  it('points behind the last line where something is missing', () => {
    const short = [...head.slice(0, -1), 'Content-Length: 500', '', 'v=0']
    const { out } = presim(['explain', temporary('short.sip', short.join('\r\n'))])
    expect(out).toMatch(/short\.sip:14:4: Content-Length is 500, but 3 bytes follow\n {2}v=0\n {5}\^\n/)
    expect(presim(['explain', '-'], { input: '\n' }).out).toMatch(/^-:1:1: There is no start line\n/)
  })
  it('--json prints an object a header, and the verdicts', () => {
    const found = objects(presim(['explain', '--json', temporary('good.sip', message(head))]).out)
    expect(found.filter(({ type }) => type === 'header').map(({ name }) => name)).toEqual(
      head.slice(1).map((line) => line.split(':')[0]),
    )
    expect(found.at(-1)).toMatchObject({ schemaVersion: 1, type: 'verdicts', verdicts: [] })
  })
  it('exits 2 for a file that is not there', () => {
    expect(presim(['explain', 'nothing.sip']).status).toBe(2)
  })
})
