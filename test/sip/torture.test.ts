import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  anyEndpoint,
  anyProxy,
  type Element,
  hasParam,
  judge,
  type Malformed,
  paramOf,
  parse,
  parseSipUri,
  print,
  type SipMessage,
  type SipRequest,
  userOf,
} from '../../src/sip/index.ts'

const material = new URL('./material/', import.meta.url)
const bytesOf = (name: string): Uint8Array => readFileSync(new URL(name, material))

/** One message of RFC 4475 or RFC 5118, as the RFC judges it; `strength` is the verb that it uses. */
interface Case {
  readonly name: string
  readonly kind?: 'request' | 'response'
  readonly syntax: 'valid' | 'invalid'
  readonly rfc_preferred_status: number | null
  readonly acceptable_statuses?: readonly number[]
  readonly liberal_acceptance_allowed?: boolean
  readonly action: 'accept' | 'respond' | 'discard'
}

const casesOf = (file: string): readonly Case[] =>
  (JSON.parse(readFileSync(new URL(file, material), 'utf8')) as { messages: Case[] }).messages

/** An endpoint as the RFC has it in mind: it knows SDP and plain text, and no more extensions than it must. */
const endpoint: Element = {
  ...anyEndpoint,
  contentTypes: ['application/sdp', 'text/plain', 'multipart/mixed', 'multipart/signed'],
}

/** What an element does with these bytes: a status for what it refuses, `drop` for a response, `accept`. */
function outcome(bytes: Uint8Array, element: Element): number | 'accept' | 'drop' {
  const message = parse(bytes)
  if (message.kind === 'malformed') return message.request === undefined ? 'drop' : message.status
  const verdict = judge(message, element)
  if (verdict === undefined) return 'accept'
  return message.kind === 'response' ? 'drop' : verdict.status
}

/** All that the RFC lets an endpoint do with it. */
function allowed(one: Case): readonly (number | 'accept' | 'drop')[] {
  if (one.action === 'discard') return ['drop']
  const statuses = [...(one.acceptable_statuses ?? []), ...(one.rfc_preferred_status ? [one.rfc_preferred_status] : [])]
  const isAccepted = one.action === 'accept' || one.liberal_acceptance_allowed || statuses.includes(200)
  return isAccepted ? [...statuses, 'accept'] : statuses
}

describe('RFC 4475: each message meets a verdict that the RFC allows', () => {
  const cases = casesOf('rfc4475-verdicts.json')
  it('has all 49 messages', () => expect(cases).toHaveLength(49))
  it.each(cases.map((one) => [one.name, one] as const))('%s', (name, one) => {
    expect(allowed(one)).toContain(outcome(bytesOf(`rfc4475/${name}.dat`), endpoint))
  })
})

describe('RFC 5118: each message meets a verdict that the RFC allows', () => {
  const cases = casesOf('rfc5118-verdicts.json')
  it('has all 12 messages', () => expect(cases).toHaveLength(12))
  it.each(cases.map((one) => [one.name, one] as const))('%s', (name, one) => {
    expect(allowed(one)).toContain(outcome(bytesOf(`rfc5118/${name}.dat`), endpoint))
  })
})

/** What this element does where the RFC leaves a choice or its roles differ: endpoint, proxy. */
const stance: readonly (readonly [name: string, atEndpoint: number | string, atProxy: number | string])[] = [
  // §3.1.1.2, §3.1.1.5: a proxy forwards methods that it does not know.
  ['intmeth', 501, 'accept'],
  ['esc02', 501, 'accept'],
  // §3.1.2.6 to §3.1.2.11, §3.1.2.14: refused rather than guessed at.
  ['quotbal', 400, 400],
  ['ltgtruri', 400, 400],
  ['lwsruri', 400, 400],
  ['lwsstart', 400, 400],
  ['trws', 400, 400],
  ['escruri', 400, 400],
  ['badaspec', 400, 400],
  // §3.1.2.12: an element that does not use the Date should ignore it.
  ['baddate', 'accept', 'accept'],
  // §3.1.2.13: a proxy does not look at the Contact of a REGISTER.
  ['regbadct', 400, 'accept'],
  // §3.1.2.18: an unknown method comes before its CSeq.
  ['mismatch02', 501, 400],
  ['badbranch', 400, 400],
  // §3.3.4: a proxy handles it as any other REGISTER.
  ['unksm2', 400, 'accept'],
  ['bext01', 420, 420],
  ['invut', 415, 'accept'],
  ['zeromf', 'accept', 483],
  // §3.3.10: an endpoint drops it for its two Vias.
  ['bcast', 'drop', 'accept'],
  ['inv2543', 'accept', 'accept'],
]

describe('where RFC 4475 leaves a choice', () => {
  it.each(stance)('%s: endpoint %s, proxy %s', (name, atEndpoint, atProxy) => {
    const bytes = bytesOf(`rfc4475/${name}.dat`)
    expect([outcome(bytes, endpoint), outcome(bytes, anyProxy)]).toEqual([atEndpoint, atProxy])
  })

  it('baddn is refused for its display name too, once the empty line is there that its file lacks', () => {
    const bytes = Buffer.concat([bytesOf('rfc4475/baddn.dat'), Buffer.from('\r\n')])
    expect(judge(parse(bytes) as SipMessage)).toMatchObject({ status: 400, about: 'from' })
  })

  it('bext01 names the extensions of Require at an endpoint, of Proxy-Require at a proxy', () => {
    const message = parse(bytesOf('rfc4475/bext01.dat')) as SipMessage
    expect(judge(message, endpoint)?.headers.unsupported).toEqual(['nothingSupportsThis', 'nothingSupportsThisEither'])
    expect(judge(message, anyProxy)?.headers.unsupported).toEqual([
      'noProxiesSupportThis',
      'norDoAnyProxiesSupportThis',
    ])
  })

  it('invut names what is accepted', () => {
    const message = parse(bytesOf('rfc4475/invut.dat')) as SipMessage
    expect(judge(message, endpoint)?.headers.accept?.map(({ value }) => value)).toEqual(endpoint.contentTypes)
  })
})

const parsed = (name: string): SipMessage => {
  const message = parse(bytesOf(`${name}.dat`))
  if (message.kind === 'malformed') throw new Error(message.reason)
  return message
}
const requestOf = (name: string): SipRequest => parsed(name) as SipRequest

describe('what RFC 4475 says that the valid messages mean', () => {
  it('§3.1.1.1 wsinv', () => {
    const { headers, body } = requestOf('rfc4475/wsinv')
    expect(headers.maxForwards).toBe(68)
    expect(headers.cseq).toEqual({ number: 9, method: 'INVITE' })
    expect(headers.from).toEqual({
      display: 'J Rosenberg \\"',
      uri: 'sip:jdrosen@example.com',
      params: { tag: '98asjd8' },
    })
    expect(headers.to).toMatchObject({ uri: 'sip:vivekg@chair-dnrc.example.com', params: { tag: '1918181833n' } })
    expect(headers.via).toEqual([
      { transport: 'UDP', host: '192.0.2.2', port: undefined, params: { branch: '390skdjuw' } },
      { transport: 'TCP', host: 'spindle.example.com', port: undefined, params: { branch: 'z9hG4bK9ikj8' } },
      { transport: 'UDP', host: '192.168.255.111', port: undefined, params: { branch: 'z9hG4bK30239' } },
    ])
    expect(headers.subject).toBe('')
    expect(headers.field('UnknownHeaderWithUnusualValue')?.text).toBe(';;,,;;,;')
    expect(headers.field('NewFangledHeader')?.text).toBe('newfangled value continued newfangled value')
    expect(headers.route?.map(({ uri }) => uri)).toEqual([
      'sip:services.example.com;lr;unknownwith=value;unknown-no-value',
    ])
    expect(headers.contact).toEqual([
      {
        display: 'Quoted string ""',
        uri: 'sip:jdrosen@example.com',
        params: { newparam: 'newvalue', secondparam: true, q: '0.33' },
      },
    ])
    expect(headers.contentLength).toBe(150)
    expect(body).toHaveLength(150)
  })

  it('§3.1.1.2 intmeth', () => {
    const { method, uri, headers } = requestOf('rfc4475/intmeth')
    expect(method).toBe("!interesting-Method0123456789_*+`.%indeed'~")
    expect(headers.cseq?.method).toBe(method)
    expect(headers.to?.display).toBe('BEL:\x07 NUL:\0 DEL:\x7f')
    expect(headers.from?.params["fromparam''~+*_!.-%"]).toBe('"работающий"')
    expect(parseSipUri(uri)).toMatchObject({
      user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
      password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
      host: 'example.com',
    })
  })

  it('§3.1.1.3 esc01', () => {
    const { uri, headers } = requestOf('rfc4475/esc01')
    expect(userOf(uri)).toBe('sips:user@example.com')
    expect(parseSipUri(uri)?.host).toBe('example.net')
    expect(userOf(headers.to!.uri)).toBe('user')
    expect(userOf(headers.from!.uri)).toBe('I have spaces')
    expect(hasParam(headers.contact![0]!.uri, 'lr')).toBe(true)
    expect(paramOf(headers.contact![0]!.uri, 'name')).toBe('value%41')
  })

  it('§3.1.1.4 escnull', () => {
    const { headers } = requestOf('rfc4475/escnull')
    expect(userOf(headers.to!.uri)).toBe('null-\0-null')
    expect(headers.contact!.map(({ uri }) => userOf(uri))).toEqual(['\0', '\0\0'])
  })

  it('§3.1.1.5 esc02', () => {
    const { method, headers } = requestOf('rfc4475/esc02')
    expect(method).toBe('RE%47IST%45R')
    expect(headers.from?.display).toBe('%Z%45')
    expect(headers.field('C%6Fntact')?.text).toBe('<sip:alias2@host2.example.com>')
    expect(headers.contact?.map(({ uri }) => uri)).toEqual([
      'sip:alias1@host1.example.com',
      'sip:alias3@host3.example.com',
    ])
  })

  it('§3.1.1.6 lwsdisp', () => {
    expect(requestOf('rfc4475/lwsdisp').headers.from).toMatchObject({
      display: 'caller',
      uri: 'sip:caller@example.com',
    })
  })

  it('§3.1.1.7 longreq', () => {
    const { headers } = requestOf('rfc4475/longreq')
    expect(headers.via).toHaveLength(34)
    expect(headers.malformed).toEqual([])
  })

  it('§3.1.1.8 dblreq: what follows the Content-Length in a datagram is not part of the message', () => {
    const message = requestOf('rfc4475/dblreq')
    expect(message.method).toBe('REGISTER')
    expect(message.body).toBe('')
    expect(new TextDecoder().decode(print(message))).not.toContain('INVITE')
  })

  it('§3.1.1.9 semiuri', () => {
    const { uri } = requestOf('rfc4475/semiuri')
    expect(userOf(uri)).toBe('user;par=u@example.net')
    expect(hasParam(uri, 'par')).toBe(false)
  })

  it('§3.1.1.10 transports', () => {
    const transports = requestOf('rfc4475/transports').headers.via?.map(({ transport }) => transport)
    expect(transports).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP'])
  })

  it('§3.1.1.11 mpart01: a body that is no text is kept byte by byte', () => {
    const { headers, body } = requestOf('rfc4475/mpart01')
    expect(headers.contentType?.value).toBe('multipart/mixed')
    expect(body).toBeInstanceOf(Uint8Array)
    expect(body).toHaveLength(headers.contentLength!)
    const bytes = bytesOf('rfc4475/mpart01.dat')
    expect(Buffer.compare(body as Uint8Array, bytes.subarray(bytes.length - body.length))).toBe(0)
  })

  it('§3.1.1.12 unreason and §3.1.1.13 noreason', () => {
    expect(parsed('rfc4475/unreason')).toMatchObject({
      status: 200,
      reason: '= 2**3 * 5**2 но сто девяносто девять - простое',
    })
    expect(parsed('rfc4475/noreason')).toMatchObject({ status: 100, reason: '' })
  })

  it('§3.1.2.16 badvers: the request can still be answered', () => {
    const broken = parse(bytesOf('rfc4475/badvers.dat')) as Malformed
    expect(broken).toMatchObject({ kind: 'malformed', status: 505, at: 33 })
    expect(broken.request?.headers.cseq).toEqual({ number: 1, method: 'OPTIONS' })
    expect(broken.request?.headers.text('via')).toBe('SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw')
  })

  it('§3.3.12 to §3.3.14: header parameters, URI parameters and URI headers of a Contact stay apart', () => {
    const contactOf = (name: string) => requestOf(name).headers.contact![0]!
    expect(contactOf('rfc4475/cparam01')).toMatchObject({ params: { unknownparam: true } })
    expect(hasParam(contactOf('rfc4475/cparam01').uri, 'unknownparam')).toBe(false)
    expect(hasParam(contactOf('rfc4475/cparam02').uri, 'unknownparam')).toBe(true)
    expect(parseSipUri(contactOf('rfc4475/regescrt').uri)?.headers).toEqual([
      { name: 'Route', value: '%3Csip:sip.example.com%3E' },
    ])
  })

  it('§3.4.1 inv2543: without a Content-Length the body goes to the end of the datagram', () => {
    const { body } = requestOf('rfc4475/inv2543')
    expect(body).toMatch(/^v=0\r\n/)
    expect(body).toMatch(/m=audio 49217 RTP\/AVP 0\r\n$/)
  })
})

describe('what RFC 5118 says that the valid messages mean', () => {
  it('§4.3 port-ambiguous: the last group belongs to the address', () => {
    expect(parseSipUri(requestOf('rfc5118/port-ambiguous').uri)).toMatchObject({
      host: '[2001:db8::10:5070]',
      port: undefined,
    })
  })

  it('§4.4 port-unambiguous', () => {
    expect(parseSipUri(requestOf('rfc5118/port-unambiguous').uri)).toMatchObject({ host: '[2001:db8::10]', port: 5070 })
  })

  it('§4.5: the received parameter with and without brackets', () => {
    const received = (name: string) => parsed(name).headers.via![0]!.params.received
    expect(received('rfc5118/via-received-param-with-delim')).toBe('[2001:db8::9:255]')
    expect(received('rfc5118/via-received-param-no-delim')).toBe('2001:db8::9:255')
  })

  it('§4.7 mult-ip-in-header: both kinds of address among the Vias', () => {
    const hosts = parsed('rfc5118/mult-ip-in-header').headers.via!.map(({ host }) => host)
    expect(hosts).toEqual(['[2001:db8::9:1]', '192.0.2.1', '[2001:db8::9:255]'])
  })

  it('§4.10: two colons, or the three that the grammar of RFC 3261 asks for', () => {
    for (const name of ['ipv6-bug-abnf-3-colons', 'ipv6-correct-abnf-2-colons']) {
      expect(parseSipUri(requestOf(`rfc5118/${name}`).uri)?.host).toMatch(/^\[2001:db8:{2,3}192\.0\.2\.1\]$/)
    }
  })
})

describe('printing what was parsed', () => {
  const files = ['rfc4475', 'rfc5118'].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, material)).map((file) => `${folder}/${file}`),
  )
  it.each(files)('%s means the same after printing, and prints the same from then on', (file) => {
    const message = parse(bytesOf(file))
    if (message.kind === 'malformed') return expect(message.at).toBeLessThanOrEqual(bytesOf(file).length)
    const bytes = print(message)
    const again = parse(bytes) as SipMessage
    const meaning = ({ headers, body, ...start }: SipMessage) => ({
      start,
      body,
      fields: headers.fields
        .filter(({ name }) => name !== 'Content-Length')
        .map(({ name, row, text }) => ({ name, row, text })),
    })
    expect(meaning(again)).toEqual(meaning(message))
    expect(Buffer.compare(print(again), bytes)).toBe(0)
  })
})
