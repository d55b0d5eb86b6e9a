import { describe, expect, it } from 'vitest'
import { answerTo, requests } from '../ims/alone.ts'
import { partial, pidf, published, server, subscribed } from './server.ts'

const home = 'scscf2.home2.net'

describe('RFC 5263 §4.4: no partial NOTIFY while the one before is unanswered', () => {
  /** A server whose watcher answers nothing by itself; the first document has been told. */
  function silent(Accept: string) {
    const ps = server({ answer: () => undefined })
    const { entityTag } = published(ps, pidf({ im: 'open' }))
    const [first] = subscribed(ps, { Accept }).notifies
    ps.pass(10)
    return { ps, first: first!, entityTag }
  }

  it('a change waits for the answer, and is told at once when it comes, with the last state', () => {
    const { ps, first, entityTag } = silent(partial)
    const closed = published(ps, pidf({ im: 'closed' }), { 'SIP-If-Match': entityTag })
    ps.pass(2)
    const busy = published(ps, pidf({ im: 'closed', mail: 'open' }), { 'SIP-If-Match': closed.entityTag })
    expect(requests([...closed.sent, ...busy.sent], 'NOTIFY')).toEqual([])
    const [notify, ...more] = requests(ps.receive(answerTo(first, '200 OK'), home), 'NOTIFY')
    expect(more).toEqual([])
    expect(notify!.body).toMatch(/pidf-diff[^>]* version="2".*closed.*mail/s)
  })

  it('an answer before the shortest gap has passed does not shorten it', () => {
    const ps = server({ answer: () => undefined })
    const { entityTag } = published(ps, pidf({ im: 'open' }))
    const [first] = subscribed(ps, { Accept: partial }).notifies
    ps.pass(1)
    published(ps, pidf({ im: 'closed' }), { 'SIP-If-Match': entityTag })
    ps.pass(1)
    expect(requests(ps.receive(answerTo(first!, '200 OK'), home), 'NOTIFY')).toEqual([])
    expect(ps.pass(10).map(({ at }) => at)).toEqual([5])
  })

  it('an answer that never comes ends the subscription, as any', () => {
    const { ps, entityTag } = silent(partial)
    published(ps, pidf({ im: 'closed' }), { 'SIP-If-Match': entityTag })
    expect(requests(ps.pass(100), 'NOTIFY')).toEqual([])
  })

  it('full state does not wait', () => {
    const { ps, entityTag } = silent('application/pidf+xml')
    expect(requests(published(ps, pidf({ im: 'closed' }), { 'SIP-If-Match': entityTag }).sent, 'NOTIFY')).toHaveLength(
      1,
    )
  })
})
