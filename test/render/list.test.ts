import { describe, expect, it } from 'vitest'
import { listLines } from '../../src/render/list.ts'
import { paint } from '../../src/render/span.ts'
import { parse } from '../../src/sip/parse.ts'

const pidf = (what: string) =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" entity="sip:x@y">${what}</presence>`

/** A NOTIFY about a list with these resources, and these parts by their names. */
function notify(resources: string, parts: Readonly<Record<string, readonly [type: string, body: string]>> = {}) {
  const rlmi = `<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="sip:friends@home1.net" version="7" fullState="false">${resources}</list>`
  const all = [['root', 'application/rlmi+xml', rlmi], ...Object.entries(parts).map(([id, part]) => [id, ...part])]
  const body = all.map(([id, type, text]) => `--b\r\nContent-ID: <${id}>\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`)
  return message('multipart/related;type="application/rlmi+xml";start="<root>";boundary=b', `${body.join('')}--b--`)
}

function message(type: string, body: string) {
  const head = [
    'NOTIFY sip:w@home1.net SIP/2.0',
    'Via: SIP/2.0/UDP rls.home1.net;branch=z9hG4bK1',
    'From: <sip:friends@home1.net>;tag=1',
    'To: <sip:w@home1.net>;tag=2',
    'Call-ID: c',
    'CSeq: 1 NOTIFY',
    `Content-Type: ${type}`,
  ]
  const parsed = parse(new TextEncoder().encode(`${head.join('\r\n')}\r\n\r\n${body}`))
  if (parsed.kind === 'malformed') throw new Error(parsed.reason)
  return parsed
}

const shown = (of: Parameters<typeof listLines>[0]): string[] => listLines(of).map((line) => paint(line))

describe('RFC 4662 §5: a list as lines', () => {
  it('list, version, what it tells of how many; each resource with its name, its state and what its part says', () => {
    const resources =
      '<resource uri="sip:a@home1.net"><name>Ann</name><instance id="1" state="active" cid="p1"/></resource>' +
      '<resource uri="sip:b@home1.net"><instance id="1" state="terminated" reason="rejected"/></resource>' +
      '<resource uri="sip:c@home1.net"/><resource uri="sip:d@home1.net"><instance id="1" state="pending"/></resource>'
    const tuples = '<tuple id="im"><status><basic>open</basic></status></tuple><tuple id="sms"><status/></tuple>'
    const told = notify(resources, { p1: ['application/pidf+xml', pidf(`${tuples}<dm:person id="p"/>`)] })
    expect(shown(told)).toEqual([
      'list sip:friends@home1.net version 7, partial state, 4 resources',
      '  sip:a@home1.net "Ann"  active  im open, sms without a status, person  p1',
      '  sip:b@home1.net  terminated (rejected)',
      '  sip:c@home1.net  nothing is known yet',
      '  sip:d@home1.net  pending',
    ])
  })

  it('a list in the list stands further to the right', () => {
    const inner =
      '<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="sip:team@home2.net" version="0" fullState="true"><resource uri="sip:e@home2.net"/></list>'
    const body = `--i\r\nContent-ID: <r>\r\nContent-Type: application/rlmi+xml\r\n\r\n${inner}\r\n--i--`
    const type = 'multipart/related;type="application/rlmi+xml";start="<r>";boundary=i'
    const resource = '<resource uri="sip:team@home2.net"><instance id="1" state="active" cid="p1"/></resource>'
    expect(shown(notify(resource, { p1: [type, body] }))).toEqual([
      'list sip:friends@home1.net version 7, partial state, 1 resource',
      '  sip:team@home2.net  active  p1',
      '    list sip:team@home2.net version 0, full state, 1 resource',
      '      sip:e@home2.net  nothing is known yet',
    ])
  })

  it.each([
    ['application/pidf+xml', pidf(''), 'nothing'],
    ['application/pidf-diff+xml', '<p:pidf-diff xmlns:p="urn:ietf:params:xml:ns:pidf-diff"/>', 'a change of what was'],
    ['application/pidf-diff+xml', '<p:pidf-full xmlns:p="urn:ietf:params:xml:ns:pidf-diff"/>', 'all of it'],
    ['text/plain', 'hello', 'text/plain'],
  ])('a part of the type %s: %s', (type, body, words) => {
    const resource = '<resource uri="sip:a@home1.net"><instance id="1" state="active" cid="p1"/></resource>'
    expect(shown(notify(resource, { p1: [type, body] }))[1]).toContain(`  active  ${words}`)
  })

  it('what can not be put together is said', () => {
    const resource = '<resource uri="sip:a@home1.net"><instance id="1" state="active" cid="gone"/></resource>'
    expect(shown(notify(resource))[1]).toBe('  sip:a@home1.net  active  gone is no part of the message')
    expect(shown(message('multipart/related;type="application/rlmi+xml";boundary=b', 'x'))).toEqual([
      expect.stringContaining('its parts cannot be read'),
    ])
  })

  it('other messages have no such lines', () => {
    expect(shown(message('application/pidf+xml', pidf('')))).toEqual([])
  })
})
