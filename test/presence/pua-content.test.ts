import { describe, expect, it } from 'vitest'
import {
  applyPidfDiff,
  canonical,
  parseExternalBody,
  parseMultipart,
  parsePidfDiff,
  parseXml,
  partOf,
  rootPart,
} from '../../src/documents/index.ts'
import { nameAddr, radioLeg } from '../../src/ims/ue/ue.ts'
import { headerValue, type SipRequest } from '../../src/sip/message.ts'
import { Alone, answerTo, field, requests, type Sent, theRequest } from '../ims/alone.ts'
import { address, device, proxy, user } from './device.ts'

const document = (activity: string) =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${user}"><tuple id="im"><status><basic>open</basic></status></tuple><note>${activity}</note></presence>`

const publish = (ue: Alone, note: string, more = {}): Sent[] =>
  ue.command({ do: 'publish', document: document(note), ...more })

function answer(ue: Alone, request: SipRequest, status: string, more: Readonly<Record<string, string>> = {}): Sent[] {
  return ue.receive(answerTo(request, status, more), proxy)
}

const ok = (ue: Alone, request: SipRequest, entityTag: string): Sent[] =>
  answer(ue, request, '200 OK', { 'SIP-ETag': entityTag, Expires: field(request, 'Expires')! })

const sameDocument = (one: string, other: string): void => {
  const [a, b] = [parseXml(one), parseXml(other)]
  if (a.kind !== 'document' || b.kind !== 'document') throw new Error('no XML')
  expect(canonical(a.root)).toBe(canonical(b.root))
}

describe('RFC 5264: partial publication', () => {
  const partially = (ue: Alone, note: string) => publish(ue, note, { partial: true })

  function begun(): Alone {
    const ue = device()
    ok(ue, theRequest(partially(ue, 'one')), 't1')
    return ue
  }

  it('RFC 5264 §4.1: the first PUBLISH has the full state, no condition and no version', () => {
    const request = theRequest(partially(device(), 'one'))
    expect(field(request, 'Content-Type')).toBe('application/pidf-diff+xml')
    expect(field(request, 'SIP-If-Match')).toBeUndefined()
    const full = parsePidfDiff(request.body)
    if (full.kind !== 'pidf-full') throw new Error('no pidf-full')
    expect(full.version).toBeUndefined()
    expect(String(request.body)).toContain('<note>one</note>')
  })

  it('RFC 5264 §4.2: later ones have the change, under the entity-tag, and make the new document of the old', () => {
    const ue = begun()
    let before = document('one')
    for (const [i, note] of ['two', 'three', 'four'].entries()) {
      const request = theRequest(publish(ue, note))
      expect(field(request, 'SIP-If-Match')).toBe(`t${i + 1}`)
      expect(field(request, 'Content-Type')).toBe('application/pidf-diff+xml')
      const change = parsePidfDiff(request.body)
      if (change.kind !== 'pidf-diff') throw new Error('no pidf-diff')
      const applied = applyPidfDiff(before, change)
      if (applied.kind !== 'document') throw new Error(applied.phrase)
      const target = parseXml(document(note))
      if (target.kind !== 'document') throw new Error('no XML')
      expect(canonical(applied.root)).toBe(canonical(target.root))
      before = document(note)
      ok(ue, request, `t${i + 2}`)
    }
  })

  it('a change of nothing is a refresh', () => {
    const request = theRequest(publish(begun(), 'one'))
    expect([field(request, 'SIP-If-Match'), request.body]).toEqual(['t1', ''])
  })

  it('a refresh leaves the stored state as it is: the next change is one from it', () => {
    const ue = begun()
    ok(ue, theRequest(ue.pass(3050)), 't2')
    const request = theRequest(publish(ue, 'two'))
    expect(field(request, 'SIP-If-Match')).toBe('t2')
    expect(parsePidfDiff(request.body).kind).toBe('pidf-diff')
  })

  it('after 412 the full state is published', () => {
    const ue = begun()
    const request = theRequest(answer(ue, theRequest(publish(ue, 'two')), '412 Conditional Request Failed'))
    expect(field(request, 'SIP-If-Match')).toBeUndefined()
    expect(parsePidfDiff(request.body).kind).toBe('pidf-full')
  })

  it('RFC 5264 §4.3: 400 to a change: the full state under the same entity-tag; 400 to that: the plain document', () => {
    const ue = begun()
    const full = theRequest(answer(ue, theRequest(publish(ue, 'two')), '400 Bad Request'))
    expect(field(full, 'SIP-If-Match')).toBe('t1')
    expect(parsePidfDiff(full.body).kind).toBe('pidf-full')
    const plain = theRequest(answer(ue, full, '400 Bad Request'))
    expect(field(plain, 'SIP-If-Match')).toBe('t1')
    expect(field(plain, 'Content-Type')).toBe('application/pidf+xml')
    sameDocument(String(plain.body), document('two'))
    expect(answer(ue, plain, '400 Bad Request'), 'and then it gives up').toEqual([])
  })

  it('RFC 5264 §4.3: 415: the plain document, now and from now on', () => {
    const ue = device()
    const plain = theRequest(answer(ue, theRequest(partially(ue, 'one')), '415 Unsupported Media Type'))
    expect(field(plain, 'Content-Type')).toBe('application/pidf+xml')
    ok(ue, plain, 't1')
    expect(field(theRequest(partially(ue, 'two')), 'Content-Type')).toBe('application/pidf+xml')
  })

  it('a change that was never answered: what the compositor has is not known, so the whole comes next', () => {
    const ue = begun()
    publish(ue, 'two')
    ue.pass(129)
    expect(parsePidfDiff(theRequest(publish(ue, 'three')).body).kind).toBe('pidf-full')
  })
})

describe('TS 24.141 §5.3.1.4: objects that the document refers to', () => {
  const icon = { id: 'icon@home1.net', type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg"/>' }
  const withIcon = (ue: Alone, objects: readonly object[]) =>
    ue.command({ do: 'publish', attributes: { icon: 'cid:icon@home1.net' }, objects })

  it('direct content: multipart/related with the document as its root and a part for each cid', () => {
    const request = theRequest(withIcon(device(), [icon]))
    const contentType = field(request, 'Content-Type')!
    expect(contentType).toMatch(/^multipart\/related;.*type="application\/pidf\+xml"/)
    const parts = parseMultipart(contentType, request.body)
    if (parts.kind !== 'multipart') throw new Error(parts.reason)
    const root = rootPart(parts)!
    expect(root.contentType).toBe('application/pidf+xml')
    const [reference] = /cid:[^<]+/.exec(String(root.body))!
    expect(partOf(parts, reference)).toMatchObject({ contentType: 'image/svg+xml', body: icon.body })
  })

  it('content indirection: the part says where the object is', () => {
    const { id, type } = icon
    const url = 'http://xcap.home1.net/icons/1'
    const hash = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'
    const request = theRequest(withIcon(device(), [{ id, type, url, size: 512, hash }]))
    const parts = parseMultipart(field(request, 'Content-Type')!, request.body)
    if (parts.kind !== 'multipart') throw new Error(parts.reason)
    expect(parseExternalBody(partOf(parts, 'cid:icon@home1.net')!)).toMatchObject({
      url,
      size: 512,
      hash,
      contentType: type,
    })
  })

  it('RFC 2392 §2: a reference without its object is not published at all', () => {
    const ue = device()
    expect(withIcon(ue, [])).toEqual([])
    expect(ue.decisions.at(-1)).toMatchObject({ outcome: 'nothing is published' })
  })

  it('a partial publication carries its objects too', () => {
    const ue = device()
    const request = theRequest(
      ue.command({ do: 'publish', attributes: { icon: 'cid:icon@home1.net' }, objects: [icon], partial: true }),
    )
    expect(field(request, 'Content-Type')).toContain('type="application/pidf-diff+xml"')
  })
})

describe('TS 24.141 §5.3.1.2: the time between two PUBLISH requests', () => {
  /** A UE whose PUBLISH requests are ten seconds apart, and answered at once. */
  function spaced(): Alone {
    const ue = new Alone('ue', address, {
      identity: user,
      leg: radioLeg(1357, {}),
      route: [nameAddr('sip:pcscf1.home1.net:7531;lr')],
      contact: nameAddr(`sip:${address}:1357`),
      accessNetwork: headerValue('pAccessNetworkInfo', '3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11')!,
      privacy: ['none'],
      security: [],
      callIds: [],
      tags: [],
      firstSequence: 1,
      roles: { pua: { publishGap: 10_000_000 } },
    })
    let tags = 0
    ue.peers = (request) =>
      answerTo(request, '200 OK', { 'SIP-ETag': `t${++tags}`, Expires: field(request, 'Expires')! })
    return ue
  }
  const notes = (sent: readonly Sent[]) =>
    requests(sent, 'PUBLISH').map(({ body }) => /<note>(.*)<\/note>/.exec(String(body))?.[1])

  it('five changes in two seconds are two requests ten seconds apart; the last state wins', () => {
    const ue = spaced()
    const sent = publish(ue, 'one')
    for (const note of ['two', 'three', 'four', 'five']) sent.push(...publish(ue, note), ...ue.pass(0.5))
    sent.push(...ue.pass(60))
    expect(notes(sent)).toEqual(['one', 'five'])
    expect(sent[1]!.at - sent[0]!.at).toBe(10)
  })

  it('each pair of requests is that far apart, whatever they are for', () => {
    const ue = spaced()
    const sent = publish(ue, 'one', { expires: 12 })
    for (let i = 0; i < 20; i++) sent.push(...(i % 7 === 6 ? ue.command({ do: 'unpublish' }) : []), ...ue.pass(3))
    const times = sent.map(({ at }) => at)
    expect(times.length).toBeGreaterThan(1)
    for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(10)
  })

  it('what waits can be taken back', () => {
    const ue = device()
    const first = theRequest(publish(ue, 'one'))
    answer(ue, first, '503 Service Unavailable', { 'Retry-After': '30' })
    ue.command({ do: 'unpublish' })
    expect(ue.pass(600)).toEqual([])
  })
})

describe('RFC 3261 §20.33: a server that asks for patience', () => {
  it('503 with Retry-After: the same is published again after that time, not earlier', () => {
    const ue = device()
    answer(ue, theRequest(publish(ue, 'one')), '503 Service Unavailable', { 'Retry-After': '30' })
    const sent = ue.pass(60)
    expect(sent.map(({ at }) => at)).toEqual([30])
    expect(String(theRequest(sent).body)).toContain('one')
  })

  it('what changes meanwhile waits too, and is what is published', () => {
    const ue = device()
    answer(ue, theRequest(publish(ue, 'one')), '503 Service Unavailable', { 'Retry-After': '30' })
    expect(publish(ue, 'two')).toEqual([])
    expect(String(theRequest(ue.pass(60)).body)).toContain('two')
  })

  it('a refusal that is final is not tried again, whatever it says', () => {
    const ue = device()
    answer(ue, theRequest(publish(ue, 'one')), '403 Forbidden', { 'Retry-After': '30' })
    expect(ue.pass(600)).toEqual([])
  })
})
