import { describe, expect, it } from 'vitest'
import {
  allMatches,
  firstMatch,
  type InitialFilterCriterion,
  type RegistrationType,
  type ServicePointTrigger,
  type SessionCase,
} from '../../src/ims/s-cscf/filter-criteria.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { edited, sip } from './alone.ts'

const subscribe = `
  SUBSCRIBE sip:user2_public1@home2.net SIP/2.0
  Via: SIP/2.0/UDP icscf2.home2.net;branch=z9hG4bK1
  Max-Forwards: 66
  From: <sip:user1_public1@home1.net>;tag=31415
  To: <sip:user2_public1@home2.net>
  Call-ID: b89rjhnedlrfjflslj40a222
  CSeq: 61 SUBSCRIBE
  Event: presence
  Expires: 7200
  Contact: <sip:[5555::aaa:bbb:ccc:ddd]:1357;comp=sigcomp>
`
const request = sip(subscribe) as SipRequest

/** A trigger that holds for the request above, and one that does not: each plainly and by negation. */
const holds: readonly ServicePointTrigger[] = [
  { kind: 'method', method: 'SUBSCRIBE', negated: false },
  { kind: 'method', method: 'PUBLISH', negated: true },
]
const fails: readonly ServicePointTrigger[] = [
  { kind: 'method', method: 'PUBLISH', negated: false },
  { kind: 'method', method: 'SUBSCRIBE', negated: true },
]

function criterion(parts: Partial<InitialFilterCriterion>): InitialFilterCriterion {
  return {
    priority: 0,
    conditionType: 'CNF',
    groups: [],
    serverName: 'sip:as.home2.net',
    defaultHandling: 'continue',
    ...parts,
  }
}

/** True if a single trigger matches a request. */
function meets(trigger: ServicePointTrigger, text = subscribe, sessionCase: SessionCase = 'terminating'): boolean {
  return firstMatch([criterion({ groups: [[trigger]] })], sip(text) as SipRequest, sessionCase) !== undefined
}

describe('TS 29.228 Annex B.2.2: a trigger point is a formula in conjunctive or disjunctive normal form', () => {
  // Groups of triggers that hold (T) or fail (F); CNF is an AND of ORs, DNF an OR of ANDs.
  it.each([
    ['T', true, true],
    ['F', false, false],
    ['TF', true, false],
    ['FT', true, false],
    ['T F', false, true],
    ['F T', false, true],
    ['T T', true, true],
    ['F F', false, false],
    ['TT FF', false, true],
    ['FF TF', false, false],
    ['TF FT', true, false],
    ['TF TT', true, true],
    ['TF TF T', true, true],
    ['TF FF T', false, true],
    ['FFT FTF TFF', true, false],
  ])('%s is %s as CNF and %s as DNF', (text, cnf, dnf) => {
    for (const way of [0, 1]) {
      const groups = text.split(' ').map((group) => [...group].map((one) => (one === 'T' ? holds : fails)[way]!))
      const match = (conditionType: 'CNF' | 'DNF') =>
        firstMatch([criterion({ groups, conditionType })], request, 'terminating') !== undefined
      expect(match('CNF'), `CNF, way ${way}`).toBe(cnf)
      expect(match('DNF'), `DNF, way ${way}`).toBe(dnf)
    }
  })

  it('a criterion without trigger point matches every request', () => {
    for (const conditionType of ['CNF', 'DNF'] as const)
      expect(firstMatch([criterion({ conditionType })], request, 'originating')).toBeDefined()
  })
})

describe('TS 23.218 §6.5.2: criteria are met in the order of their priority', () => {
  const match = { groups: [[holds[0]!]] }
  const criteria = [
    criterion({ ...match, priority: 20, serverName: 'sip:second.home2.net' }),
    criterion({ priority: 5, groups: [[fails[0]!]], serverName: 'sip:never.home2.net' }),
    criterion({ ...match, priority: 30, serverName: 'sip:third.home2.net' }),
    criterion({ ...match, priority: 10, serverName: 'sip:first.home2.net' }),
  ]

  it('the lowest number goes first, wherever it stands in the profile', () => {
    expect(firstMatch(criteria, request, 'terminating')?.serverName).toBe('sip:first.home2.net')
  })

  it('after a server the next higher one goes, each once, until there is none', () => {
    const visited: string[] = []
    let after: number | undefined
    for (;;) {
      const next = firstMatch(criteria, request, 'terminating', after)
      if (next === undefined) break
      visited.push(next.serverName)
      after = next.priority
    }
    expect(visited).toEqual(['sip:first.home2.net', 'sip:second.home2.net', 'sip:third.home2.net'])
  })

  it('a criterion of priority 0 is not passed over', () => {
    expect(firstMatch([criterion(match)], request, 'terminating')?.priority).toBe(0)
  })
})

describe('TS 29.228 Annex B.2.3: each kind of service point trigger', () => {
  const negated = false

  it('RequestURI is met by the Request-URI, as a regular expression', () => {
    const list = { kind: 'requestUri', pattern: '^sip:user[0-9]+_list[0-9]+@home2\\.net$', negated } as const
    expect(meets(list)).toBe(false)
    expect(meets(list, subscribe.replace('sip:user2_public1@home2.net SIP', 'sip:user2_list1@home2.net SIP'))).toBe(
      true,
    )
    // The To header field alone says nothing.
    expect(meets(list, edited(subscribe, { To: '<sip:user2_list1@home2.net>' }))).toBe(false)
  })

  it('Method is met by that method alone', () => {
    expect(meets({ kind: 'method', method: 'SUBSCRIBE', negated })).toBe(true)
    expect(meets({ kind: 'method', method: 'NOTIFY', negated })).toBe(false)
    expect(meets({ kind: 'method', method: 'subscribe', negated })).toBe(false)
  })

  it('SIPHeader without Content is met by the presence of the header field, and negated by its absence', () => {
    const expires = { kind: 'sipHeader', header: 'Expires', content: undefined } as const
    const without = edited(subscribe, { Expires: undefined })
    expect(meets({ ...expires, negated: false })).toBe(true)
    expect(meets({ ...expires, negated: true })).toBe(false)
    expect(meets({ ...expires, negated: false }, without)).toBe(false)
    expect(meets({ ...expires, negated: true }, without)).toBe(true)
  })

  it('SIPHeader with Content tells the event packages apart', () => {
    const presence = { kind: 'sipHeader', header: 'Event', content: '^presence(;|$)', negated } as const
    expect(meets(presence)).toBe(true)
    expect(meets(presence, edited(subscribe, { Event: 'presence;id=7' }))).toBe(true)
    expect(meets(presence, edited(subscribe, { Event: 'presence.winfo' }))).toBe(false)
    expect(meets(presence, edited(subscribe, { Event: undefined }))).toBe(false)
  })

  it('SIPHeader finds a field by its name without case, in its compact form, and in a name that no table knows', () => {
    expect(meets({ kind: 'sipHeader', header: 'eVENT', content: '^presence$', negated })).toBe(true)
    const compact = edited(subscribe, { Event: undefined, o: 'presence' })
    expect(meets({ kind: 'sipHeader', header: 'Event', content: '^presence$', negated }, compact)).toBe(true)
    const unknown = edited(subscribe, { 'X-Service': 'gold' })
    expect(meets({ kind: 'sipHeader', header: 'X-Service', content: 'gold', negated }, unknown)).toBe(true)
    expect(meets({ kind: 'sipHeader', header: 'X-Service', content: 'gold', negated })).toBe(false)
  })

  it('SIPHeader sees all values of a field that stands on several lines', () => {
    const text = edited(subscribe, { Accept: 'application/pidf+xml\nAccept: application/pidf-diff+xml' })
    expect(meets({ kind: 'sipHeader', header: 'Accept', content: 'pidf-diff', negated }, text)).toBe(true)
  })

  it('SIPHeader: the name is a regular expression for the whole name, and Content is held against each line', () => {
    const header = (name: string, content?: string) => ({ kind: 'sipHeader', header: name, content, negated }) as const
    expect(meets(header('Ev[a-z]*t'))).toBe(true)
    expect(meets(header('vent'))).toBe(false)
    expect(meets(header('Event|Subject', '^presence$'))).toBe(true)
    expect(meets(header('Expires|Subject', '^presence$'))).toBe(false)
    expect(meets(header('x-.*', 'gold'), edited(subscribe, { 'X-Service': 'gold' }))).toBe(true)
    const twice = edited(subscribe, { 'X-Service': 'silver\nX-Service: gold' })
    expect(meets(header('X-Service', '^gold$'), twice)).toBe(true)
    const proofs = edited(subscribe, { Authorization: 'Digest username="a"\nAuthorization: Digest username="b"' })
    expect(meets(header('Authorization', '^Digest username="b"'), proofs)).toBe(true)
  })

  it('expressions are extended ones of IEEE 1003.1; a text that is none is met by nothing', () => {
    const uri = (pattern: string) => meets({ kind: 'requestUri', pattern, negated })
    expect(uri('^sip:[[:alpha:]]+[[:digit:]]_public[[:digit:]]@home2[.]net$')).toBe(true)
    expect(uri('^sip:[^[:space:][:punct:]]+_public')).toBe(true)
    expect(uri('^sip:[[:upper:]]')).toBe(false)
    expect(uri('[]@]home2')).toBe(true)
    expect(uri('home2\\[net')).toBe(false)
    expect(uri('user[2')).toBe(false)
    expect(uri('[[:letter:]]')).toBe(false)
    // A backslash between brackets is a backslash.
    expect(uri('user[\\d]_public')).toBe(false)
  })

  it('SessionCase is met by that case alone', () => {
    const cases = ['originating', 'terminating', 'terminating-unregistered', 'originating-unregistered'] as const
    for (const wanted of cases)
      for (const actual of cases)
        expect(meets({ kind: 'sessionCase', sessionCase: wanted, negated }, subscribe, actual)).toBe(wanted === actual)
  })

  it('SessionDescription is met by a line of that type, and by its content where one is given', () => {
    const video = edited(subscribe, { 'Content-Type': 'application/sdp' }).concat(
      '\n\nv=0\ns=video\nm=audio 49170 RTP/AVP 0\nm=video 51372 RTP/AVP 31',
    )
    const line = (content: string | undefined) => ({ kind: 'sessionDescription', line: 'm', content, negated }) as const
    expect(meets(line(undefined), video)).toBe(true)
    expect(meets(line('^video'), video)).toBe(true)
    expect(meets(line('^message'), video)).toBe(false)
    expect(meets({ kind: 'sessionDescription', line: 'a', content: undefined, negated }, video)).toBe(false)
    expect(meets(line(undefined))).toBe(false)
    // The type of the line is an expression too (TS 29.228 Annex B.2.3).
    expect(meets({ kind: 'sessionDescription', line: '[bm]', content: '^video', negated }, video)).toBe(true)
  })

  it('SessionDescription looks into session descriptions alone, also among the parts of a body', () => {
    const line = { kind: 'sessionDescription', line: 'm', content: '^video', negated } as const
    const withBody = (type: string, body: string) => `${edited(subscribe, { 'Content-Type': type })}\n\n${body}`
    const description = 'v=0\nm=audio 49170 RTP/AVP 0\nm=video 51372 RTP/AVP 31'
    expect(meets(line, withBody('text/plain', description))).toBe(false)
    expect(meets(line, withBody('Application/SDP', description))).toBe(true)
    const parts = (type: string) =>
      withBody(
        'multipart/mixed;boundary=b',
        `--b\nContent-Type: text/plain\n\nm=video\n--b\nContent-Type: ${type}\n\n${description}\n--b--\n`,
      )
    expect(meets(line, parts('application/sdp;charset=utf-8'))).toBe(true)
    expect(meets(line, parts('application/other'))).toBe(false)
    expect(meets(line, withBody('multipart/mixed', description))).toBe(false)
  })
})

describe('TS 29.228 Annex B.2.2, ProfilePartIndicator: a criterion for one part of the profile', () => {
  const cases = ['originating', 'terminating', 'terminating-unregistered', 'originating-unregistered'] as const
  it.each([
    ['registered', ['originating', 'terminating']],
    ['unregistered', ['terminating-unregistered', 'originating-unregistered']],
    [undefined, [...cases]],
  ] as const)('%s holds in the session cases %j', (profilePart, expected) => {
    const one = criterion(profilePart === undefined ? {} : { profilePart })
    expect(cases.filter((sessionCase) => firstMatch([one], request, sessionCase) !== undefined)).toEqual(expected)
  })
})

describe('TS 29.228 Annex B.2.3, RegistrationType: a trigger on some kinds of REGISTER', () => {
  const register = sip(
    edited(subscribe, { CSeq: '61 REGISTER' }).replace('SUBSCRIBE sip:', 'REGISTER sip:'),
  ) as SipRequest
  const kinds = ['initial', 're-registration', 'de-registration'] as const
  const on = (registrations: readonly RegistrationType[] | undefined) => [
    criterion({
      groups: [[{ kind: 'method', method: 'REGISTER', negated: false, ...(registrations && { registrations }) }]],
    }),
  ]
  it.each([
    [['initial'], ['initial']],
    [
      ['initial', 'de-registration'],
      ['initial', 'de-registration'],
    ],
    [undefined, [...kinds]],
  ] as const)('%j is met by %j', (registrations, expected) => {
    const criteria = on(registrations)
    expect(kinds.filter((kind) => allMatches(criteria, register, kind).length > 0)).toEqual(expected)
    expect(kinds.filter((kind) => firstMatch(criteria, register, 'originating', undefined, kind))).toEqual(expected)
  })

  it('TS 24.229 §5.4.1.7: a REGISTER is told to the server of every criterion that it meets, in their order', () => {
    const criteria = [
      criterion({ priority: 2, serverName: 'sip:second.home2.net' }),
      criterion({ priority: 3, groups: [[fails[0]!]], serverName: 'sip:never.home2.net' }),
      criterion({ priority: 1, serverName: 'sip:first.home2.net' }),
    ]
    expect(allMatches(criteria, register, 'initial').map(({ serverName }) => serverName)).toEqual([
      'sip:first.home2.net',
      'sip:second.home2.net',
    ])
  })
})

describe('TS 29.228 Annex B.2.2, B.2.3: what a criterion is limited to', () => {
  const register = sip(subscribe.replace(/SUBSCRIBE/g, 'REGISTER')) as SipRequest
  const initially = criterion({
    groups: [[{ kind: 'method', method: 'REGISTER', registrations: ['initial', 'de-registration'], negated: false }]],
  })

  it.each([
    ['initial', true],
    ['re-registration', false],
    ['de-registration', true],
    [undefined, true],
  ] as const)('the registration types: %s', (type, expected) => {
    expect(firstMatch([initially], register, 'originating', undefined, type) !== undefined).toBe(expected)
  })
  it('the part of the profile for registered users, or for those who are not', () => {
    const met = (profilePart: 'registered' | 'unregistered', sessionCase: SessionCase) =>
      firstMatch([criterion({ profilePart })], request, sessionCase) !== undefined
    expect(met('registered', 'terminating')).toBe(true)
    expect(met('registered', 'terminating-unregistered')).toBe(false)
    expect(met('unregistered', 'originating')).toBe(false)
    expect(met('unregistered', 'originating-unregistered')).toBe(true)
  })
  it('TS 24.229 §5.4.1.7: all that match, in the order of their priorities', () => {
    const all = [
      criterion({ priority: 9, serverName: 'sip:c' }),
      { ...initially, priority: 5, serverName: 'sip:b' },
      criterion({ priority: 1, serverName: 'sip:a' }),
    ]
    const names = (type: 'initial' | 're-registration') =>
      allMatches(all, register, type).map(({ serverName }) => serverName)
    expect(names('initial')).toEqual(['sip:a', 'sip:b', 'sip:c'])
    expect(names('re-registration')).toEqual(['sip:a', 'sip:c'])
  })
})
