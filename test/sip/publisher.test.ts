import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/sim/time.ts'
import {
  type AfterAnswer,
  asPublish,
  onPublishResponse,
  type Publication,
  type PublishKind,
} from '../../src/sip/events/publisher.ts'
import type { HeaderChanges, SipRequest } from '../../src/sip/message.ts'
import { answerTo, aRequest, Stage } from './stage.ts'

const newPublication = (changes: Partial<Publication> = {}): Publication => ({
  event: 'presence',
  resource: 'sip:bob@home2.net',
  mediaType: 'application/pidf+xml',
  body: '<presence/>',
  duration: 1800,
  entityTag: undefined,
  expiresAt: 0,
  isOutstanding: false,
  next: undefined,
  ...changes,
})

const publish = (publication: Publication, kind: PublishKind): SipRequest =>
  new Stage({ ua: {} }).act(0, 'ua', (turn) => asPublish(aRequest('PUBLISH'), publication, kind, turn))

/** Sends a PUBLISH of this kind at 0 and takes its answer in at 10 s: what comes next. */
function answered(
  publication: Publication,
  kind: PublishKind,
  status: number,
  headers: HeaderChanges = {},
): AfterAnswer {
  const stage = new Stage({ ua: {} })
  const sent = stage.act(0, 'ua', (turn) => asPublish(aRequest('PUBLISH'), publication, kind, turn))
  const response = answerTo(sent, status, headers)
  return stage.act(seconds(10), 'ua', (turn) => onPublishResponse(publication, response, sent, turn))
}

describe('a PUBLISH (RFC 3903 Table 1)', () => {
  it.each<[PublishKind, boolean, string | undefined, number]>([
    ['initial', true, undefined, 1800],
    ['refresh', false, 'tag-1', 1800],
    ['modify', true, 'tag-1', 1800],
    ['remove', false, 'tag-1', 0],
  ])('that is %s: body %s, SIP-If-Match %s, Expires %i', (kind, hasBody, sipIfMatch, expires) => {
    const entityTag = kind === 'initial' ? undefined : 'tag-1'
    const { headers, body } = publish(newPublication({ entityTag }), kind)
    expect([headers.sipIfMatch, headers.expires]).toEqual([sipIfMatch, expires])
    expect(body).toBe(hasBody ? '<presence/>' : '')
    expect(headers.contentType?.value).toBe(hasBody ? 'application/pidf+xml' : undefined)
    expect(headers.contentLength).toBe(hasBody ? 11 : 0)
  })

  it.each<PublishKind>(['initial', 'refresh', 'modify', 'remove'])(
    'that is %s names the event package (§4.1)',
    (kind) => {
      expect(publish(newPublication({ entityTag: 'tag-1' }), kind).headers.event).toEqual({
        value: 'presence',
        params: {},
      })
    },
  )

  it('that is initial carries no entity-tag even if one was kept (§4.2)', () => {
    expect(publish(newPublication({ entityTag: 'tag-1' }), 'initial').headers.sipIfMatch).toBe(undefined)
  })

  it('is outstanding until it is answered, however it is answered (§4)', () => {
    for (const status of [200, 412, 423, 500]) {
      const publication = newPublication({ entityTag: 'tag-1' })
      publish(publication, 'refresh')
      expect(publication.isOutstanding).toBe(true)
      answered(publication, 'refresh', status)
      expect(publication.isOutstanding).toBe(false)
    }
  })
})

describe('the answer to a PUBLISH (RFC 3903 §4)', () => {
  it.each<PublishKind>(['initial', 'refresh', 'modify'])(
    '200 to one that is %s: the new entity-tag takes the place of the old one, and the granted time counts (§4.1)',
    (kind) => {
      const publication = newPublication({ entityTag: 'tag-1' })
      expect(answered(publication, kind, 200, { sipEtag: 'tag-2', expires: 900 })).toBe('done')
      expect(publication).toMatchObject({ entityTag: 'tag-2', expiresAt: seconds(910), duration: 1800 })
    },
  )

  it('200 to one that removes: there is no entity-tag any more (§4.5)', () => {
    const publication = newPublication({ entityTag: 'tag-1' })
    expect(answered(publication, 'remove', 200, { sipEtag: 'tag-2', expires: 0 })).toBe('done')
    expect(publication.entityTag).toBe(undefined)
  })

  it.each<PublishKind>(['refresh', 'modify'])(
    '412 to one that is %s: the entity-tag is forgotten and the state published anew',
    (kind) => {
      const publication = newPublication({ entityTag: 'tag-1' })
      expect(answered(publication, kind, 412)).toBe('initial')
      expect(publication.entityTag).toBe(undefined)
      expect(publish(publication, 'initial')).toMatchObject({ body: '<presence/>' })
    },
  )

  it('412 to one that removes: what was to be removed is gone already', () => {
    const publication = newPublication({ entityTag: 'tag-1' })
    expect(answered(publication, 'remove', 412)).toBe('done')
    expect(publication.entityTag).toBe(undefined)
  })

  it.each<[PublishKind, string | undefined]>([
    ['initial', undefined],
    ['refresh', 'tag-1'],
    ['modify', 'tag-1'],
  ])('423 to one that is %s: it is sent again and asks for Min-Expires', (kind, entityTag) => {
    const publication = newPublication({ entityTag })
    expect(answered(publication, kind, 423, { minExpires: 4000 })).toBe(kind)
    const { headers } = publish(publication, kind)
    expect([headers.expires, headers.sipIfMatch]).toEqual([4000, entityTag])
  })

  it.each([
    ['without Min-Expires', {}],
    ['with a Min-Expires that was asked for already', { minExpires: 1800 }],
  ])('423 %s: there is nothing to ask for, and it has failed rather than turn in circles', (_, headers) => {
    const publication = newPublication()
    expect(answered(publication, 'initial', 423, headers)).toBe('failed')
    expect(publication.duration).toBe(1800)
  })

  it.each([302, 400, 403, 404, 415, 489, 500, 503])(
    '%i: it has failed, and what was published stands as it was',
    (status) => {
      const publication = newPublication({ entityTag: 'tag-1', expiresAt: seconds(500) })
      expect(answered(publication, 'modify', status, { sipEtag: 'tag-2', expires: 5 })).toBe('failed')
      expect(publication).toEqual(newPublication({ entityTag: 'tag-1', expiresAt: seconds(500) }))
    },
  )
})
