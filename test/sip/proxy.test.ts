import { describe, expect, it } from 'vitest'
import { nextHop } from '../../src/sip/core/dialog.ts'
import { counted, mayMakeDialog, recorded, withoutOwnRoute } from '../../src/sip/core/proxy.ts'
import { anyProxy } from '../../src/sip/judge.ts'
import type { HeaderChanges, SipRequest, SipResponse } from '../../src/sip/message.ts'
import { aRequest, nameAddr, nameOf, received, Stage } from './stage.ts'

/**
 * A request from `client` on its way through a proxy named `p.home1.net` that stays on the path: what it sends, and to
 * whom.
 */
function through(changes: HeaderChanges, method = 'SUBSCRIBE', uri = 'sip:bob@home2.net') {
  const element = { ...anyProxy, options: ['sec-agree', 'path'] }
  const stage = new Stage({ proxy: { element } }, ['client', 'next.net', 'home2.net'])
  const request = received('z9hG4bKc', { ...aRequest(method, changes), uri }, 'client')
  stage.send(0, 'client', 'proxy', request)
  stage.run(0)
  if (stage.heard('proxy').length > 0)
    stage.act(0, 'proxy', (turn) => {
      const { request: bare } = withoutOwnRoute(request, (host) => host === 'p.home1.net', turn)
      const onward = counted(bare, turn)
      const kept = mayMakeDialog(onward) ? recorded(onward, nameAddr('sip:p.home1.net;lr'), turn) : onward
      turn.forward(request, kept, nextHop(kept))
    })
  const sent = stage.trace
    .filter(({ node }) => node === 'proxy')
    .flatMap(({ effects }) => effects.filter((effect) => effect.kind === 'send'))
  expect(sent).toHaveLength(1)
  return { to: sent[0]!.to, message: sent[0]!.message, request: sent[0]!.message as SipRequest }
}

const routeOf = ({ headers }: SipRequest) => headers.route?.map(({ uri }) => uri)

describe('the checks of a proxy (RFC 3261 §16.3)', () => {
  it('step 3: a request with Max-Forwards 0 is answered 483 and goes no further', () => {
    const { to, message } = through({ maxForwards: 0 })
    expect([to, nameOf(message)]).toEqual(['client', '483'])
  })

  it('step 3: a request with Max-Forwards 1 is forwarded', () => {
    const { to, request } = through({ maxForwards: 1 })
    expect([to, request.headers.maxForwards]).toEqual(['home2.net', 0])
  })

  it('step 5: option tags in Proxy-Require that it does not know are answered 420 and named in Unsupported', () => {
    const { to, message } = through({ proxyRequire: ['sec-agree', 'foo', 'path', 'bar'] })
    expect([to, nameOf(message), (message as SipResponse).headers.unsupported]).toEqual([
      'client',
      '420',
      ['foo', 'bar'],
    ])
  })

  it('step 5: option tags that it knows do not stop a request', () => {
    expect(through({ proxyRequire: ['path', 'sec-agree'] }).to).toBe('home2.net')
  })

  it('step 3 comes before step 5', () => {
    expect(nameOf(through({ maxForwards: 0, proxyRequire: ['foo'] }).message)).toBe('483')
  })

  it('step 1: a request without a mandatory header is answered 400, with what is missing', () => {
    const { to, message } = through({ callId: undefined })
    expect([to, nameOf(message), (message as SipResponse).reason]).toEqual(['client', '400', 'Missing Call-ID'])
  })

  it('step 2: a Request-URI of an unknown scheme is answered 416', () => {
    expect(nameOf(through({}, 'SUBSCRIBE', 'soap.beep://home2.net').message)).toBe('416')
  })

  it('does not care for Require, which is for the other end (§20.32)', () => {
    expect(through({ require: ['foo'] }).to).toBe('home2.net')
  })
})

describe('the own entry in Route (RFC 3261 §16.4)', () => {
  const own = nameAddr('sip:orig@p.home1.net:5060;lr')
  const next = nameAddr('sip:next.net;lr')

  it('is taken from the top, and the next entry leads on', () => {
    const { to, request } = through({ route: [own, next] })
    expect([to, routeOf(request)]).toEqual(['next.net', ['sip:next.net;lr']])
  })

  it('leaves no Route behind when it was the last, and the Request-URI leads on', () => {
    const { to, request } = through({ route: [own] })
    expect([to, request.headers.field('Route')]).toEqual(['home2.net', undefined])
  })

  it('is taken once, and only from the top', () => {
    expect(routeOf(through({ route: [own, own, next] }).request)).toEqual([
      'sip:orig@p.home1.net:5060;lr',
      'sip:next.net;lr',
    ])
    expect(routeOf(through({ route: [next, own] }).request)).toEqual([
      'sip:next.net;lr',
      'sip:orig@p.home1.net:5060;lr',
    ])
  })

  it('is recognised by its host without case (§19.1.4)', () => {
    expect(routeOf(through({ route: [nameAddr('sip:P.Home1.NET;lr'), next] }).request)).toEqual(['sip:next.net;lr'])
  })

  it('is handed to whoever wants to know by which entry it was reached', () => {
    const stage = new Stage({ proxy: {} })
    const take = (request: SipRequest) =>
      stage.act(0, 'proxy', (turn) => withoutOwnRoute(request, (host) => host === 'p.home1.net', turn))
    expect(take(aRequest('SUBSCRIBE', { route: [own, next] })).own).toEqual(own)
    for (const route of [undefined, [next]]) {
      const request = aRequest('SUBSCRIBE', { route })
      expect(take(request)).toEqual({ request, own: undefined })
    }
  })
})

describe('strict routers (RFC 3261 §16.4, §16.6 step 6)', () => {
  const target = nameAddr('sip:bob@[5555::1]:1357')

  it('before it: its own entry in the Request-URI gives way to the end of Route (§16.4)', () => {
    const { to, request } = through({ route: [nameAddr('sip:next.net;lr'), target] }, 'NOTIFY', 'sip:p.home1.net;lr')
    expect([to, request.uri, routeOf(request)]).toEqual(['next.net', target.uri, ['sip:next.net;lr']])
  })

  it('before it: without a Route left the request goes to its target', () => {
    const { request } = through({ route: [target] }, 'NOTIFY', 'sip:p.home1.net:5060;lr')
    expect([request.uri, request.headers.field('Route')]).toEqual([target.uri, undefined])
  })

  it.each([
    ['without lr', 'sip:p.home1.net', [target]],
    ['of another host', 'sip:q.home1.net;lr', [target]],
    ['without a Route', 'sip:home2.net;lr', undefined],
  ])('a Request-URI %s is left as it is', (_, uri, route) => {
    expect(through({ route: route && [nameAddr('sip:next.net;lr'), ...route] }, 'NOTIFY', uri).request.uri).toBe(uri)
  })

  it('after it: it comes into the Request-URI, and the target to the end of Route (§16.6 step 6)', () => {
    const { to, request } = through({ route: [nameAddr('sip:next.net'), nameAddr('sip:last.net;lr')] })
    expect([to, request.uri, routeOf(request)]).toEqual([
      'next.net',
      'sip:next.net',
      ['sip:last.net;lr', 'sip:bob@home2.net'],
    ])
  })

  it('both: what the router before has moved is moved back, and moved again for the one after', () => {
    const route = [nameAddr('sip:next.net'), target]
    const { to, request } = through({ route }, 'NOTIFY', 'sip:p.home1.net;lr')
    expect([to, request.uri, routeOf(request)]).toEqual(['next.net', 'sip:next.net', [target.uri]])
  })
})

describe('Max-Forwards (RFC 3261 §16.6 step 3)', () => {
  it.each([
    [70, 69],
    [2, 1],
    [255, 254],
  ])('is counted down from %i to %i', (before, after) => {
    expect(through({ maxForwards: before }).request.headers.maxForwards).toBe(after)
  })

  it('is 70 where there was none', () => {
    expect(through({ maxForwards: undefined }).request.headers.maxForwards).toBe(70)
  })
})

describe('Record-Route (RFC 3261 §16.6 step 4)', () => {
  const recordRouteOf = ({ headers }: SipRequest) => headers.recordRoute?.map(({ uri }) => uri)

  it('gets the own entry, alone or on top of the others', () => {
    expect(recordRouteOf(through({}).request)).toEqual(['sip:p.home1.net;lr'])
    expect(recordRouteOf(through({ recordRoute: [nameAddr('sip:first.net;lr')] }).request)).toEqual([
      'sip:p.home1.net;lr',
      'sip:first.net;lr',
    ])
  })

  it.each(['SUBSCRIBE', 'INVITE', 'REFER'])('is for a %s outside any dialog, which may make one', (method) => {
    expect(mayMakeDialog(aRequest(method))).toBe(true)
    expect(mayMakeDialog(aRequest(method, { to: nameAddr('sip:bob@home2.net', { tag: 'b1' }) }))).toBe(false)
  })

  it.each(['PUBLISH', 'MESSAGE', 'OPTIONS', 'REGISTER'])('is not for a %s, which makes no dialog', (method) => {
    expect(mayMakeDialog(aRequest(method))).toBe(false)
    expect(recordRouteOf(through({}, method).request)).toBe(undefined)
  })
})

describe('the next hop (RFC 3261 §8.1.2, §16.6 step 7)', () => {
  it.each([
    ['the first Route', { route: [nameAddr('sip:a.net;lr'), nameAddr('sip:b.net;lr')] }, 'a.net'],
    ['an IPv6 address in Route', { route: [nameAddr('sip:[5555::1]:7531;lr')] }, '[5555::1]'],
    ['the Request-URI, without Route', {}, 'home2.net'],
  ])('is the host of %s', (_, changes, expected) => {
    expect(nextHop(aRequest('SUBSCRIBE', changes))).toBe(expected)
  })
})

describe('what a proxy leaves as it was', () => {
  it('is all but Via, Route, Record-Route and Max-Forwards', () => {
    const touched = ['Via', 'Route', 'Record-Route', 'Max-Forwards']
    const untouched = (request: SipRequest) =>
      request.headers.fields.flatMap(({ name }) =>
        touched.includes(name) ? [] : [[name, request.headers.fieldText(name)]],
      )
    const changes: HeaderChanges = {
      event: { value: 'presence', params: {} },
      privacy: ['none'],
      contact: [nameAddr('sip:alice@host')],
      route: [nameAddr('sip:p.home1.net;lr')],
    }
    const { request } = through(changes)
    expect(untouched(request)).toEqual(untouched(aRequest('SUBSCRIBE', changes)))
    expect(request.uri).toBe('sip:bob@home2.net')
  })
})
