import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/sim/time.ts'
import {
  type CompositorPolicy,
  checkPublish,
  type EventState,
  published,
  replyPublished,
} from '../../src/sip/events/compositor.ts'
import { type HeaderChanges, headersOf, type SipRequest, type SipResponse } from '../../src/sip/message.ts'
import { parse } from '../../src/sip/parse.ts'
import type { SipTurn } from '../../src/sip/transaction/transaction-user.ts'
import { aRequest, received, Stage } from './stage.ts'

const policy: CompositorPolicy = {
  packages: ['presence'],
  mediaTypes: ['application/pidf+xml', 'application/pidf-diff+xml'],
  defaultDuration: 3600,
  shortestDuration: 60,
  longestDuration: 7200,
}
const pidf = { value: 'application/pidf+xml', params: {} }
const document = '<presence/>'
const stored: EventState = {
  entityTag: 'tag-1',
  resource: 'sip:bob@home2.net',
  mediaType: 'application/pidf+xml',
  body: document,
  expiresAt: seconds(500),
}
const find = (entityTag: string) => (entityTag === 'tag-1' ? stored : undefined)

const publish = (changes: HeaderChanges, body: string): SipRequest =>
  aRequest(
    'PUBLISH',
    { event: { value: 'presence', params: {} }, expires: 1800, ...(body !== '' && { contentType: pidf }), ...changes },
    body,
  )

/** What comes of a PUBLISH that a compositor received at 97 s, in a turn at 100 s. */
function took<T>(request: SipRequest, take: (request: SipRequest, turn: SipTurn) => T) {
  const stage = new Stage({ ps: {} }, ['peer'])
  const arrived = received('z9hG4bK1', request)
  stage.send(seconds(97), 'peer', 'ps', arrived)
  stage.run(seconds(97))
  const result = stage.act(seconds(100), 'ps', (turn) => take(arrived, turn))
  const [answer, ...more] = stage.sent('ps', 'peer').map(({ message }) => message as SipResponse)
  expect(more).toEqual([])
  return { result, answer }
}

const check = (changes: HeaderChanges, body: string, allowed: Partial<CompositorPolicy> = {}) =>
  took(publish(changes, body), (request, turn) => checkPublish(request, { ...policy, ...allowed }, find, turn))

const refused = (changes: HeaderChanges, body: string, allowed: Partial<CompositorPolicy> = {}) => {
  const { result, answer } = check(changes, body, allowed)
  expect(result).toBe(undefined)
  return answer!
}

describe('what a PUBLISH is (RFC 3903 Table 1)', () => {
  it.each([
    ['initial', 'a body and no SIP-If-Match', {}, document],
    ['refresh', 'SIP-If-Match and no body', { sipIfMatch: 'tag-1' }, ''],
    ['modify', 'SIP-If-Match and a body', { sipIfMatch: 'tag-1' }, document],
    ['remove', 'SIP-If-Match, no body and Expires 0', { sipIfMatch: 'tag-1', expires: 0 }, ''],
  ])('%s: %s', (kind, _, changes, body) => {
    const { result, answer } = check(changes, body)
    expect([result?.kind, result?.current, answer]).toEqual([
      kind,
      'sipIfMatch' in changes ? stored : undefined,
      undefined,
    ])
  })
})

describe('may a PUBLISH be carried out? (RFC 3903 §6)', () => {
  it.each([
    ['a package that is not served', { event: { value: 'dialog', params: {} } }],
    ['a template of a package that is', { event: { value: 'presence.winfo', params: {} } }],
    ['no package', { event: undefined }],
  ])('step 2: %s is answered 489 with Allow-Events', (_, changes) => {
    const { status, headers } = refused(changes, document)
    expect([status, headers.allowEvents]).toEqual([489, ['presence']])
  })

  it('step 3: an entity-tag that names no state is answered 412', () => {
    expect(refused({ sipIfMatch: 'tag-2' }, '').status).toBe(412)
    expect(refused({ sipIfMatch: 'tag-2' }, document).status).toBe(412)
    expect(refused({ sipIfMatch: 'tag-2', expires: 0 }, '').status).toBe(412)
  })

  it.each(['tag-1, tag-3', 'tag 1', ''])(
    'step 3: a SIP-If-Match that is not one entity-tag (%j) is answered 400',
    (text) => {
      const bare = publish({ sipIfMatch: 'x' }, document)
      const fields = bare.headers.fields.map((field) =>
        field.name === 'SIP-If-Match' ? { ...field, text, value: undefined } : field,
      )
      const { result, answer } = took({ ...bare, headers: headersOf(fields) }, (request, turn) =>
        checkPublish(request, policy, find, turn),
      )
      expect([result, answer!.status]).toEqual([undefined, 400])
    },
  )

  it('step 3: two lines of SIP-If-Match, as they come from the wire, are answered 400', () => {
    const lines = ['PUBLISH sip:bob@home2.net SIP/2.0', 'Via: SIP/2.0/UDP peer;branch=z9hG4bK1', 'Max-Forwards: 70']
    lines.push('From: <sip:bob@home2.net>;tag=a1', 'To: <sip:bob@home2.net>', 'Call-ID: call-1', 'CSeq: 1 PUBLISH')
    lines.push('Event: presence', 'SIP-If-Match: tag-1', 'SIP-If-Match: tag-2', 'Expires: 60', 'Content-Length: 0')
    const request = parse(new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n`))
    // A parser that refuses the message for it has answered 400 as well.
    if (request.kind === 'malformed') return expect(request.status).toBe(400)
    const { result, answer } = took(request as SipRequest, (one, turn) => checkPublish(one, policy, find, turn))
    expect([result, answer?.status]).toEqual([undefined, 400])
  })

  it('step 4: a duration below the shortest is answered 423 with Min-Expires, also above an hour', () => {
    const { status, headers } = refused({ expires: 59 }, document)
    expect([status, headers.minExpires]).toEqual([423, 60])
    expect(refused({ expires: 4000 }, document, { shortestDuration: 4001 }).status).toBe(423)
    expect(refused({ expires: 59, sipIfMatch: 'tag-1' }, '').status).toBe(423)
  })

  it('step 4: gets what it asks for, never more, at most the longest duration', () => {
    for (const expires of [60, 61, 3600, 7200, 7201, 2 ** 32 - 1])
      expect(check({ expires }, document).result!.duration).toBe(Math.min(expires, 7200))
  })

  it('step 4: without Expires gets the default duration, within what is allowed', () => {
    expect(check({ expires: undefined }, document).result!.duration).toBe(3600)
    expect(check({ expires: undefined }, document, { longestDuration: 600 }).result!.duration).toBe(600)
  })

  it('step 5: an initial one without a body is answered 400', () => {
    expect(refused({}, '').status).toBe(400)
    expect(refused({ expires: 0 }, '').status).toBe(400)
  })

  it.each([
    ['a type that is not understood', { value: 'text/plain', params: {} }],
    ['no Content-Type', undefined],
  ])('step 5: a body of %s is answered 415 with Accept', (_, contentType) => {
    for (const changes of [{}, { sipIfMatch: 'tag-1' }]) {
      const { status, headers } = refused({ contentType, ...changes }, 'hello')
      expect([status, headers.accept!.map(({ value }) => value)]).toEqual([415, policy.mediaTypes])
    }
  })

  it('step 5: media types compare without case, and parameters do not matter (RFC 2045 §5.1)', () => {
    const contentType = { value: 'Application/PIDF+xml', params: { charset: '"UTF-8"' } }
    expect(check({ contentType }, document).result?.kind).toBe('initial')
  })

  it('refuses in the order of the steps', () => {
    const event = { value: 'dialog', params: {} }
    const contentType = { value: 'text/plain', params: {} }
    const wrong = { event, sipIfMatch: 'tag-2', expires: 59, contentType }
    const right = { event: { value: 'presence', params: {} }, sipIfMatch: 'tag-1', expires: 1800 }
    const statuses = [
      refused(wrong, 'x'),
      refused({ ...wrong, event: right.event }, 'x'),
      refused({ ...wrong, event: right.event, sipIfMatch: right.sipIfMatch }, 'x'),
      refused({ ...wrong, ...right }, 'x'),
    ].map(({ status }) => status)
    expect(statuses).toEqual([489, 412, 423, 415])
  })
})

describe('the event state after a PUBLISH (RFC 3903 §6 step 6)', () => {
  const stateAfter = (changes: HeaderChanges, body: string) =>
    took(publish(changes, body), (request, turn) =>
      published(request, checkPublish(request, policy, find, turn)!, 'tag-9', turn),
    ).result

  it('initial: is new, for the Request-URI, until its duration is over', () => {
    expect(stateAfter({ expires: 1800 }, '<presence a="1"/>')).toEqual({
      entityTag: 'tag-9',
      resource: 'sip:bob@home2.net',
      mediaType: 'application/pidf+xml',
      body: '<presence a="1"/>',
      expiresAt: seconds(1900),
    })
  })

  it('refresh: has a new entity-tag and time, and the same document', () => {
    expect(stateAfter({ sipIfMatch: 'tag-1', expires: 600 }, '')).toEqual({
      ...stored,
      entityTag: 'tag-9',
      expiresAt: seconds(700),
    })
  })

  it('modify: has a new entity-tag, time and document', () => {
    expect(stateAfter({ sipIfMatch: 'tag-1', expires: 600 }, '<presence b="2"/>')).toEqual({
      ...stored,
      entityTag: 'tag-9',
      body: '<presence b="2"/>',
      expiresAt: seconds(700),
    })
  })

  it('remove: is gone', () => {
    expect(stateAfter({ sipIfMatch: 'tag-1', expires: 0 }, '')).toBe(undefined)
  })

  it('leaves what was stored as it was', () => {
    const before = structuredClone(stored)
    stateAfter({ sipIfMatch: 'tag-1' }, '')
    stateAfter({ sipIfMatch: 'tag-1' }, '<presence b="2"/>')
    expect(stored).toEqual(before)
  })
})

describe('the 200 to a PUBLISH (RFC 3903 §6 step 6)', () => {
  it('has one SIP-ETag and the duration granted, and makes no dialog', () => {
    const { answer } = took(publish({}, document), (request, turn) => replyPublished(request, 'tag-9', 1800, turn))
    expect([answer!.status, answer!.headers.sipEtag, answer!.headers.expires]).toEqual([200, 'tag-9', 1800])
    expect([answer!.headers.contact, answer!.body]).toEqual([undefined, ''])
  })
})
