import { describe, expect, it } from 'vitest'
import { momentOf } from '../../src/presence/wall-clock.ts'
import { seconds } from '../../src/sim/time.ts'
import { requests } from '../ims/alone.ts'
import { everybody, everything, handle, one, openToAll, rule, ruleset } from './rules.ts'
import {
  again,
  answered,
  partial,
  pidf,
  presentity,
  published,
  server,
  stateOf,
  subscribe,
  subscribed,
  theNotify,
  tuplesOf,
  watcher,
} from './server.ts'

type Handling = 'allow' | 'confirm' | 'polite-block' | 'block'

/** A server with one watcher, handled so, who was told the first document long ago. */
function watched(handling: Handling, changes: Readonly<Record<string, string>> = {}) {
  const ps = server({ watchers: { [watcher]: handling } })
  published(ps, pidf({ im: 'open' }))
  const first = subscribed(ps, changes)
  ps.pass(100)
  return {
    ps,
    first,
    turn: (to: Handling) =>
      ps.command({ do: 'policy', of: presentity, policy: { watchers: { [watcher]: to }, otherwise: 'allow' } }),
  }
}

describe('RFC 5025 §3.2.1: new rules hold for running subscriptions', () => {
  it('pending → allow: active at once, with the document', () => {
    const notify = theNotify(watched('confirm').turn('allow'))
    expect(stateOf(notify)).toBe('active;expires=7100')
    expect(tuplesOf(notify)).toEqual(['im open'])
  })

  it('pending → polite-block: active, with nothing', () => {
    const notify = theNotify(watched('confirm').turn('polite-block'))
    expect(stateOf(notify)).toBe('active;expires=7100')
    expect(tuplesOf(notify)).toEqual([])
    expect(notify.body).toContain('<presence')
  })

  it.each(['confirm', 'allow', 'polite-block'] as const)(
    '%s → block: terminated, rejected, and nothing is shown',
    (from) => {
      const { ps, turn } = watched(from)
      const notify = theNotify(turn('block'))
      expect(stateOf(notify)).toBe('terminated;reason=rejected')
      expect(notify.body).toBe('')
      expect(answered(ps, again(62, 600)).status).toBe(481)
      expect(answered(ps, subscribe({ 'Call-ID': 'again' })).status).toBe(403)
    },
  )

  it('allow → confirm: deactivated, so that the watcher comes again and is pending', () => {
    const { ps, turn } = watched('allow')
    const notify = theNotify(turn('confirm'))
    expect([stateOf(notify), notify.body]).toEqual(['terminated;reason=deactivated', ''])
    expect(stateOf(subscribed(ps, { From: `<${watcher}>;tag=2` }).notifies[0]!)).toBe('pending;expires=7200')
  })

  it('allow → polite-block → allow: what is seen changes, the state does not', () => {
    const { ps, turn } = watched('allow')
    expect(tuplesOf(theNotify(turn('polite-block')))).toEqual([])
    ps.pass(10)
    expect(requests(published(ps, pidf({ call: 'open' })).sent, 'NOTIFY')).toEqual([])
    const notify = theNotify(turn('allow'))
    expect([stateOf(notify), tuplesOf(notify)]).toEqual(['active;expires=7090', ['im open', 'call open']])
  })

  it('the change of what is seen keeps the pace, the change of the state does not', () => {
    const { ps, turn } = watched('allow')
    published(ps, pidf({ call: 'open' }))
    ps.pass(1)
    expect(requests(turn('polite-block'), 'NOTIFY')).toEqual([])
    expect(tuplesOf(theNotify(ps.pass(4)))).toEqual([])
    expect(stateOf(theNotify(turn('block')))).toBe('terminated;reason=rejected')
  })

  it('rules under which a watcher sees the same are not told', () => {
    const { ps, turn } = watched('allow')
    expect(requests(turn('allow'), 'NOTIFY')).toEqual([])
    expect(requests(ps.command({ do: 'policy', of: presentity, rules: openToAll }), 'NOTIFY')).toEqual([])
    const noPersons = ruleset(
      rule('r', everybody, handle('allow'), '<pr:provide-services><pr:all-services/></pr:provide-services>'),
    )
    expect(requests(ps.command({ do: 'policy', of: presentity, rules: noPersons }), 'NOTIFY')).toEqual([])
    expect(requests(ps.pass(20), 'NOTIFY')).toEqual([])
  })

  it('partial notification goes on over a change of rules', () => {
    const { turn } = watched('allow', { Accept: partial })
    expect(theNotify(turn('polite-block')).body).toMatch(/pidf-diff[^>]* version="2"/)
  })

  it('nothing that comes after block reaches the watcher', () => {
    const { ps, turn } = watched('allow')
    published(ps, pidf({ a: 'open' }))
    ps.pass(1)
    published(ps, pidf({ b: 'open' }))
    turn('block')
    expect(requests(ps.pass(7300), 'NOTIFY')).toEqual([])
  })
})

describe('RFC 4745 §7.2, §7.3: rules that depend on the sphere and on the time', () => {
  const sphere = (value: string) =>
    `<dm:person xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" id="p"><r:sphere><r:${value}/></r:sphere></dm:person>`

  it('another sphere makes other rules apply, and the document that says so is not shown any more', () => {
    const rules = ruleset(rule('work', `${one(watcher)}<sphere value="work"/>`, handle('allow'), everything))
    const ps = server({ given: { rules } })
    const { entityTag } = published(ps, pidf({ im: 'open' }, sphere('work')))
    expect(tuplesOf(subscribed(ps).notifies[0]!)).toEqual(['im open'])
    ps.pass(10)
    const change = published(ps, pidf({ bed: 'open' }, sphere('home')), { 'SIP-If-Match': entityTag })
    const notify = theNotify(change.sent)
    expect([stateOf(notify), notify.body]).toEqual(['terminated;reason=rejected', ''])
    expect(answered(ps, subscribe({ 'Call-ID': 'another' })).status).toBe(403)
  })

  it('a rule that ceases to apply ends the subscription at that moment; one that begins lets it in', () => {
    const validity = '<validity><from>2016-03-01T08:00:00Z</from><until>2016-03-01T09:00:00Z</until></validity>'
    const rules = ruleset(
      rule('always', everybody, handle('confirm')),
      rule('office', everybody + validity, handle('allow'), everything),
    )
    const ps = server({ given: { rules }, more: { epoch: momentOf('2016-03-01T07:59:00Z')! } })
    published(ps, pidf({ im: 'open' }), { Expires: '7200' })
    expect(stateOf(subscribed(ps).notifies[0]!)).toMatch(/^pending/)
    const begun = ps.pass(100)
    expect([stateOf(theNotify(begun)), begun[0]!.at]).toEqual(['active;expires=7140', 60])
    const over = ps.pass(4000)
    expect([stateOf(theNotify(over)), over[0]!.at]).toEqual(['terminated;reason=deactivated', 3660])
  })
})

describe('RFC 6665 §4.1.3: how a notifier ends subscriptions', () => {
  it.each([
    ['deactivated', undefined, 'terminated;reason=deactivated'],
    ['probation', 300, 'terminated;reason=probation;retry-after=300'],
    ['giveup', 60, 'terminated;reason=giveup;retry-after=60'],
    ['noresource', undefined, 'terminated;reason=noresource'],
  ])('%s, retry-after %s', (reason, retryAfter, state) => {
    const { ps } = watched('allow')
    expect(stateOf(theNotify(ps.command({ do: 'terminate', of: presentity, reason, retryAfter })))).toBe(state)
    expect(answered(ps, again(62, 600)).status).toBe(481)
  })

  it('those of one watcher alone, if it is named', () => {
    const { ps } = watched('allow')
    ps.receive(subscribe({ 'P-Asserted-Identity': '<sip:x@y.net>', From: '<sip:x@y.net>;tag=x' }), 'scscf2.home2.net')
    const sent = ps.command({ do: 'terminate', of: presentity, reason: 'deactivated', watcher: 'sip:x@y.net' })
    expect(theNotify(sent).headers.to!.uri).toBe('sip:x@y.net')
  })

  it('RFC 3857 §4.7.1: a watcher about whom nobody decides is given up', () => {
    const ps = server({ watchers: { [watcher]: 'confirm' }, more: { giveUpAfter: seconds(600) } })
    subscribed(ps)
    const sent = ps.pass(700)
    expect([stateOf(theNotify(sent)), sent[0]!.at]).toEqual(['terminated;reason=giveup', 600])
  })
})

describe('RFC 5025 §3.2.1: polite blocking can not be told from a presentity who is not there', () => {
  it.each([undefined, partial])('with Accept %s: the same messages, byte for byte, over a day of changes', (Accept) => {
    const day = (handling: Handling, says: boolean) => {
      const ps = server({ watchers: { [watcher]: handling } })
      const publish = (id: string) => (says ? published(ps, pidf({ [id]: 'open' })).sent : [])
      const sent = [
        ...publish('a'),
        ...subscribed(ps, { Accept }).sent,
        ...ps.pass(20),
        ...publish('b'),
        ...ps.pass(20),
      ]
      sent.push(...ps.receive(again(62, 600), 'scscf2.home2.net'), ...publish('c'), ...ps.pass(700))
      return requests(sent, 'NOTIFY').map((notify) => [
        stateOf(notify),
        notify.headers.text('contentType'),
        notify.body,
      ])
    }
    const blocked = day('polite-block', true)
    expect(blocked).toHaveLength(3)
    expect(blocked).toEqual(day('allow', false))
  })
})
