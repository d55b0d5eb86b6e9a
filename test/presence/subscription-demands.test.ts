import { describe, expect, it } from 'vitest'
import { answerTo, field, requests } from '../ims/alone.ts'
import {
  again,
  answered,
  pidf,
  published,
  server,
  stateOf,
  subscribe,
  subscribed,
  theNotify,
  tuplesOf,
} from './server.ts'

const home = 'scscf2.home2.net'

describe('RFC 3261 §8.2.3, RFC 3261 §20.1, RFC 3856 §6.7: what a watcher accepts', () => {
  it.each([
    [undefined, 200],
    ['application/pidf+xml', 200],
    ['APPLICATION/PIDF+XML', 200],
    ['application/pidf-diff+xml', 200],
    ['application/*', 200],
    ['*/*;q=0.1', 200],
    ['text/plain, application/pidf+xml;q=0.1', 200],
    ['application/watcherinfo+xml', 406],
    ['text/*', 406],
    ['application/pidf+xml;q=0', 406],
    ['application/pidf+xml;q=0, */*', 200],
    ['application/pidf+xml;q=0, application/pidf-diff+xml;q=0, */*', 406],
  ])('Accept %s is answered %i', (Accept, status) => {
    const response = answered(server(), subscribe({ Accept }))
    expect(response.status).toBe(status)
    if (status === 406) expect(field(response, 'Accept')).toBe('application/pidf+xml, application/pidf-diff+xml')
  })

  it('partial state is only for whoever names it', () => {
    const [notify] = subscribed(server(), { Accept: '*/*' }).notifies
    expect(field(notify!, 'Content-Type')).toBe('application/pidf+xml')
  })

  it('a refresh that accepts nothing is refused, and the subscription goes on', () => {
    const ps = server()
    subscribed(ps)
    expect(answered(ps, again(62, 600, { Accept: 'text/plain' })).status).toBe(406)
    ps.pass(10)
    expect(requests(published(ps, pidf({ im: 'open' })).sent, 'NOTIFY')).toHaveLength(1)
  })
})

describe('RFC 6446: the rates that a watcher asks for', () => {
  /** The times of the NOTIFYs over a while in which the state changes every second. */
  function times(Event: string, changes: number, after: number) {
    const ps = server()
    const first = subscribed(ps, { Event })
    const sent = [...first.sent]
    for (let i = 0; i < changes; i++) sent.push(...ps.pass(1), ...published(ps, pidf({ [`t${i}`]: 'open' })).sent)
    sent.push(...ps.pass(after))
    return sent.filter(({ message }) => 'method' in message && message.method === 'NOTIFY')
  }

  it('RFC 6446 §5: max-rate stretches the gap between two notifications; what is told last has the last state', () => {
    const notifies = times('presence;max-rate=0.05', 30, 60)
    expect(notifies.map(({ at }) => at)).toEqual([0, 20, 40])
    expect(tuplesOf(notifies.at(-1)!.message as never)).toHaveLength(30)
  })

  it('§5: a rate above that of the package changes nothing', () => {
    expect(times('presence;max-rate=1', 6, 60).map(({ at }) => at)).toEqual([0, 5, 10])
  })

  it('RFC 6446 §6: min-rate has it told at least so often, changed or not', () => {
    expect(times('presence;min-rate=0.1', 0, 35).map(({ at }) => at)).toEqual([0, 10, 20, 30])
    expect(times('presence', 0, 35).map(({ at }) => at)).toEqual([0])
  })

  const at = (Event: string, changes: number, after: number) => times(Event, changes, after).map((one) => one.at)

  it('RFC 6446 §7: with an adaptive rate it is told so often on average: the more there was lately, the later', () => {
    const Event = 'presence;adaptive-min-rate=0.05'
    expect(at(Event, 0, 70)).toEqual([0, 20, 40, 60])
    // 13 notifications within the last 100 seconds, each worth a fifth of 20 seconds.
    expect(at(Event, 46, 60)).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 102])
  })

  it('RFC 6446 §8: a steady rate bounds an adaptive one from below, if it is lower', () => {
    expect(at('presence;adaptive-min-rate=0.05;min-rate=0.04', 46, 60).at(-1)).toBe(100)
    expect(at('presence;adaptive-min-rate=0.05;min-rate=0.1', 0, 50)).toEqual([0, 20, 40])
  })

  it('RFC 6446 §9.3: the answer to a NOTIFY changes the rates', () => {
    const ps = server()
    subscribed(ps, { Event: 'presence;min-rate=0.1' })
    ps.peers = (request) => answerTo(request, '200 OK', { Event: 'presence;min-rate=0.05' })
    const notifies = ps.pass(75)
    expect(notifies.map((one) => one.at)).toEqual([10, 30, 50, 70])
    expect(stateOf(notifies[1]!.message as never)).toContain(';min-rate=0.05')
  })

  it.each([
    ['max-rate=0.05;min-rate=0.1', 'max-rate=0.05;min-rate=0.05'],
    ['min-rate=1', 'min-rate=0.2'],
    ['max-rate=0.1;adaptive-min-rate=0.5', 'max-rate=0.1;adaptive-min-rate=0.1'],
    ['min-rate=0.02;adaptive-min-rate=0.02', 'adaptive-min-rate=0.02'],
  ])('RFC 6446 §8: %s is adjusted to %s', (asked, told) => {
    expect(stateOf(subscribed(server(), { Event: `presence;${asked}` }).notifies[0]!)).toBe(
      `active;expires=7200;${told}`,
    )
  })

  it('§9: Subscription-State repeats the rates; the NOTIFY that answers a SUBSCRIBE does not wait', () => {
    const ps = server()
    const [first] = subscribed(ps, { Event: 'presence;max-rate=0.05' }).notifies
    expect(stateOf(first!)).toBe('active;expires=7200;max-rate=0.05')
    ps.pass(1)
    const refreshed = theNotify(ps.receive(again(62, 600, { Event: 'presence;max-rate=0.01' }), home))
    expect(stateOf(refreshed)).toBe('active;expires=600;max-rate=0.01')
    expect(stateOf(theNotify(ps.receive(again(63, 600), home))), 'not asked for any more').toBe('active;expires=600')
  })

  it.each(['presence;max-rate=0', 'presence;max-rate=fast', 'presence;min-rate'])('%s asks for no rate', (Event) => {
    expect(stateOf(subscribed(server(), { Event }).notifies[0]!)).toBe('active;expires=7200')
  })

  it('the end of a subscription waits for no rate', () => {
    const ps = server()
    subscribed(ps, { Event: 'presence;max-rate=0.01', Expires: '60' })
    expect(ps.pass(61).map(({ at }) => at)).toEqual([60])
  })
})

describe('RFC 6665 §8.2.1: the id of Event', () => {
  it('is repeated in each NOTIFY, and tells subscriptions in one dialog apart', () => {
    const ps = server()
    const [first] = subscribed(ps, { Event: 'presence;id=7' }).notifies
    expect(field(first!, 'Event')).toBe('presence;id=7')
    expect(answered(ps, again(62, 600)).status).toBe(481)
    expect(answered(ps, again(62, 600, { Event: 'presence;id=8' })).status).toBe(481)
    expect(field(theNotify(ps.receive(again(62, 600, { Event: 'presence;id=7' }), home)), 'Event')).toBe(
      'presence;id=7',
    )
  })
})
