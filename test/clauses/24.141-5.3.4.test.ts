import { describe, expect, it } from 'vitest'
import { isDocumentError, parseMultipart, parsePidfDiff } from '../../src/documents/index.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { field, requests, theRequest, theResponse } from '../ims/alone.ts'
import { http } from '../presence/document-watching.ts'
import {
  accepted,
  again,
  entries,
  list,
  listServer,
  member,
  notify,
  pidf,
  root,
  services,
  servicesPath,
  stateOf,
  subscribe,
  watcher,
} from '../presence/list-server.ts'
import { answered, rlmiOf, server, statusOf, subscribed, told } from '../presence/list-told.ts'

describe('TS 24.141 §5.3.4.1: a resource list server', () => {
  it('R5.3.4.1-a takes one subscription to a list, has one to each member, and tells of all of them in one', () => {
    const world = subscribed()
    expect(world.behind.map(({ uri }) => uri)).toEqual([member(2), member(3)])
    answered(world)
    const notification = theRequest(world.alone.pass(6), 'NOTIFY')
    expect([notification.headers.callId, rlmiOf(notification).uri]).toEqual([world.notify.headers.callId, list])
    expect(told(notification)).toEqual({ [member(2)]: 'active open', [member(3)]: 'active open' })
  })
})

describe('TS 24.141 §5.3.4.2: subscriptions to lists', () => {
  it('R5.3.4.1-b a request of the list server is charged to its network, and has its own URI as Contact', () => {
    const { behind } = subscribed()
    expect(field(behind[0]!, 'P-Charging-Vector')).toMatch(/^icid-value=".+";orig-ioi=home1.net$/)
    expect(field(behind[0]!, 'Contact')).toBe('<sip:rls.home1.net>')
  })

  it('R5.3.4.2-a a subscription is answered 200 with Require: eventlist, and so is every NOTIFY marked', () => {
    const alone = listServer()
    const sent = alone.receive(subscribe(), server)
    const response = theResponse(sent)
    expect([response.status, field(response, 'Require'), field(response, 'Expires')]).toEqual([
      200,
      'eventlist',
      '7200',
    ])
    const first = theRequest(sent, 'NOTIFY')
    expect(field(first, 'Require')).toBe('eventlist')
    expect(field(first, 'Content-Type')).toMatch(/^multipart\/related;type="application\/rlmi\+xml";start="<.+>"/)
  })

  it.each([
    ['no asserted identity: 403', { 'P-Asserted-Identity': undefined }, list, 403, {}],
    ['no such list: 404', {}, 'sip:nobody@home1.net', 404, {}],
    [
      'a package that the list does not have: 489',
      { Event: 'presence.winfo' },
      list,
      489,
      { 'Allow-Events': 'presence' },
    ],
    ['somebody who may not: 403', { 'P-Asserted-Identity': '<sip:x@home1.net>' }, list, 403, {}],
    ['no eventlist in Supported: 421', { Supported: undefined }, list, 421, { Require: 'eventlist' }],
    ['an Accept that has no lists: 406', { Accept: 'application/pidf+xml' }, list, 406, {}],
    ['a duration that is too short: 423', { Expires: '10' }, list, 423, { 'Min-Expires': '60' }],
  ] as const)('R5.3.4.2-a %s', (_, changes, uri, status, fields) => {
    const alone = listServer()
    const response = statusOf(alone, subscribe(changes, uri))
    expect(response.status).toBe(status)
    for (const [name, value] of Object.entries(fields)) expect(field(response, name)).toBe(value)
    expect(stateOf(alone).lists.size).toBe(0)
  })

  it('R5.3.4.2-a the package comes before the authorization, and the list before both (RFC 4826 §4.5)', () => {
    const alone = listServer()
    const stranger = { 'P-Asserted-Identity': '<sip:x@home1.net>', Event: 'presence.winfo' }
    expect(statusOf(alone, subscribe(stranger)).status).toBe(489)
    expect(statusOf(alone, subscribe({ ...stranger, 'Call-ID': 'other' }, 'sip:nobody@home1.net')).status).toBe(404)
  })

  it('R5.3.4.2-a a service without packages has any; one with others than presence has not this', () => {
    const of = (packages: string) =>
      listServer({ documents: { [servicesPath]: services({ [list]: entries(member(2)) }, packages) } })
    expect(theResponse(of('').receive(subscribe(), server)).status).toBe(200)
    const other = of('<packages><package>message-summary</package></packages>')
    expect(statusOf(other, subscribe()).status).toBe(489)
  })

  it('R5.3.4.2-a whom the operator names may subscribe to a list of somebody else', () => {
    const changes = { 'P-Asserted-Identity': '<sip:x@home4.net>' }
    expect(subscribed({ more: { subscribers: { [list]: ['sip:x@home4.net'] } } }, changes).behind).toHaveLength(2)
    expect(subscribed({ more: { subscribers: { [list]: 'anybody' } } }, changes).behind).toHaveLength(2)
  })

  it.each([
    ['a resource-list that is not there', `${root}/resource-lists/users/${watcher}/index/~~/resource-lists/list`],
    ['an entry-ref that leads nowhere', '<rl:entry-ref ref="resource-lists/users/x/index/~~/a/b"/>'],
    ['a list within itself', entries(list)],
  ])('R5.3.4.2-a a list that cannot be had is answered 502: %s', (_, content) => {
    const alone = listServer({ documents: { [servicesPath]: services({ [list]: content }) } })
    expect(statusOf(alone, subscribe()).status).toBe(502)
  })

  it('R5.3.4.2-b Accept of the SUBSCRIBEs behind is that of the watcher, without lists', () => {
    const accept = 'application/pidf+xml;q=0.3, application/pidf-diff+xml, application/rlmi+xml, multipart/related'
    const { behind } = subscribed({}, { Accept: accept })
    expect(field(behind[0]!, 'Accept')).toBe('application/pidf+xml;q=0.3, application/pidf-diff+xml')
  })

  it('R5.3.4.2-b a change of a member is passed on as it came; several, or a refresh, give its whole state', () => {
    const both = 'application/pidf+xml, application/pidf-diff+xml, application/rlmi+xml, multipart/related'
    const { alone, behind } = subscribed({}, { Accept: both })
    const [one] = behind as [SipRequest]
    accepted(alone, one)
    const ns = `xmlns="urn:ietf:params:xml:ns:pidf" xmlns:p="urn:ietf:params:xml:ns:pidf-diff" entity="${one.uri}"`
    const full = `<p:pidf-full ${ns} version="1"><tuple id="t"><status><basic>open</basic></status></tuple></p:pidf-full>`
    const diff = (version: number, basic: string) =>
      `<p:pidf-diff ${ns} version="${version}"><p:replace sel="*/tuple/status/basic/text()">${basic}</p:replace></p:pidf-diff>`
    const tell = (sequence: number, body: string) =>
      alone.receive(notify(one, { body, sequence, type: 'application/pidf-diff+xml' }), 'ps.example')
    const next = () => {
      const request = theRequest(alone.pass(6), 'NOTIFY')
      const parts = parseMultipart(field(request, 'Content-Type')!, request.body)
      if (isDocumentError(parts)) throw new Error(parts.reason)
      return parsePidfDiff(String(parts.parts[1]!.body))
    }
    tell(1, full)
    expect(next()).toMatchObject({ kind: 'pidf-full', version: 1 })
    tell(2, diff(2, 'closed'))
    expect(next()).toMatchObject({ kind: 'pidf-diff', version: 2 })
    tell(3, diff(3, 'open'))
    tell(4, diff(4, 'closed'))
    expect(next()).toMatchObject({ kind: 'pidf-full', version: 4 })
    const asked = requests(tell(5, diff(7, 'open')), 'SUBSCRIBE')
    expect(asked.map(({ headers }) => headers.callId)).toEqual([one.headers.callId])
    expect(requests(tell(6, diff(8, 'closed')), 'SUBSCRIBE'), 'asked for once (RFC 5263 §4.4)').toEqual([])
    expect(requests(alone.pass(6), 'NOTIFY'), 'who has lost track tells nothing').toEqual([])
    tell(7, full.replace('version="1"', 'version="9"'))
    expect(next()).toMatchObject({ kind: 'pidf-full', version: 9 })
  })

  const filter = (id: string, more = '') =>
    `<filter id="${id}"${more}><what><include>/presence/a</include></what></filter>`
  const filters = (...all: string[]) =>
    `<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter" package="presence">${all.join('')}</filter-set>`
  const withFilters = (request: string, ...all: string[]) =>
    `${request}\nContent-Type: application/simple-filter+xml\n\n${filters(...all)}`
  /** The filters of a SUBSCRIBE by their ids, those that it takes back with a minus. */
  const idsOf = ({ body }: SipRequest) =>
    [...String(body).matchAll(/<filter [^>]*>/g)].map(([tag]) => {
      const [, id] = / id="(\d)"/.exec(tag)!
      return tag.includes('remove="true"') ? `-${id}` : id
    })

  it('R5.3.4.2-c filters go to the members that they are for: of one, of a domain, of all', () => {
    const given = [filter('1'), filter('2', ` uri="${member(2)}"`), filter('3', ' domain="home9.net"')]
    const behind = requests(listServer().receive(withFilters(subscribe(), ...given), server), 'SUBSCRIBE')
    expect(behind.map(idsOf)).toEqual([
      ['2', '3'],
      ['1', '3'],
    ])
    expect(field(behind[0]!, 'Content-Type')).toBe('application/simple-filter+xml')
  })

  it('R5.3.4.2-c filters that a refresh changes or takes back are changed or taken back behind (RFC 4660 §5.2.2)', () => {
    const alone = listServer()
    const first = alone.receive(withFilters(subscribe(), filter('1'), filter('3', ' domain="home9.net"')), server)
    for (const one of requests(first, 'SUBSCRIBE')) accepted(alone, one)
    const refresh = (sequence: number, ...all: string[]) =>
      requests(alone.receive(withFilters(again(sequence, 7200), ...all), server), 'SUBSCRIBE').map(idsOf)
    expect(refresh(62, filter('2', ` uri="${member(2)}"`)), 'one of her own takes the place of that of all').toEqual([
      ['-1', '2', '3'],
    ])
    expect(refresh(63, '<filter id="2" remove="true"/>')).toEqual([['-2', '1', '3']])
    expect(refresh(64, '<filter id="1" remove="true"/>', '<filter id="3" remove="true"/>')).toEqual([
      ['-1', '-3'],
      ['-1', '-3'],
    ])
  })

  it('R5.3.4.2-c a member that has not answered when the filters change is given them when it has', () => {
    const alone = listServer()
    const behind = requests(alone.receive(subscribe(), server), 'SUBSCRIBE')
    expect(requests(alone.receive(withFilters(again(62, 7200), filter('1')), server), 'SUBSCRIBE')).toEqual([])
    for (const one of behind) expect(requests(accepted(alone, one), 'SUBSCRIBE').map(idsOf)).toEqual([['1']])
    expect(requests(alone.receive(again(63, 7200), server), 'SUBSCRIBE'), 'no body, no change').toEqual([])
  })

  it('R5.3.4.2-c a body that is no filter is answered 415, filters that make no sense 488', () => {
    expect(statusOf(listServer(), `${subscribe({ 'Content-Type': 'text/plain' })}\n\nhello`).status).toBe(415)
    expect(
      statusOf(listServer(), `${subscribe({ 'Content-Type': 'application/simple-filter+xml' })}\n\n<a/>`).status,
    ).toBe(488)
  })

  it('R5.3.4.2-d what changes within the window, or within the gap, is told in one NOTIFY', () => {
    const world = subscribed()
    answered(world)
    const sent = requests(world.alone.pass(4.9), 'NOTIFY')
    expect(sent, 'the gap after the first NOTIFY').toHaveLength(0)
    expect(told(theRequest(world.alone.pass(0.2), 'NOTIFY'))).toEqual({
      [member(2)]: 'active open',
      [member(3)]: 'active open',
    })
    world.alone.pass(20)
    for (const one of world.behind)
      world.alone.receive(notify(one, { body: pidf(one.uri, 'closed'), sequence: 2 }), 'ps.example')
    expect(requests(world.alone.pass(0.4), 'NOTIFY'), 'the window').toHaveLength(0)
    expect(Object.keys(told(theRequest(world.alone.pass(0.2), 'NOTIFY')))).toHaveLength(2)
  })

  it('R5.3.4.2-d a watcher that asks for a lower rate is told at that rate (RFC 6446)', () => {
    const world = subscribed({}, { Event: 'presence;max-rate=0.02' })
    expect(field(world.notify, 'Subscription-State')).toContain('max-rate=0.02')
    answered(world)
    expect(requests(world.alone.pass(49), 'NOTIFY')).toHaveLength(0)
    expect(requests(world.alone.pass(2), 'NOTIFY')).toHaveLength(1)
  })

  it('R5.3.4.2-e the first NOTIFY comes at once, with all members and no instances, version 0', () => {
    const rlmi = rlmiOf(subscribed().notify)
    expect([rlmi.version, rlmi.fullState, rlmi.uri]).toEqual([0, true, list])
    expect(told(subscribed().notify)).toEqual({ [member(2)]: 'not known', [member(3)]: 'not known' })
  })

  it('R5.3.4.2-e the next ones are about what has changed, with versions that grow by one; a refresh has all again', () => {
    const world = subscribed()
    answered(world)
    expect(rlmiOf(theRequest(world.alone.pass(6), 'NOTIFY'))).toMatchObject({ version: 1, fullState: false })
    const [one] = world.behind as [SipRequest]
    world.alone.receive(notify(one, { body: pidf(one.uri, 'closed'), sequence: 2 }), 'ps.example')
    const partial = theRequest(world.alone.pass(6), 'NOTIFY')
    expect([rlmiOf(partial).version, told(partial)]).toEqual([2, { [member(2)]: 'active closed' }])
    const full = theRequest(world.alone.receive(again(62, 7200), server), 'NOTIFY')
    expect(rlmiOf(full)).toMatchObject({ version: 3, fullState: true })
    expect(told(full)).toEqual({ [member(2)]: 'active closed', [member(3)]: 'active open' })
  })
})

describe('TS 24.141 §5.3.4.4: changes of XML documents', () => {
  const settings = { root, users: { [watcher]: [watcher] } }
  const roles = {
    documentServer: { ...settings, isProved: false },
    documentNotifier: {
      ...settings,
      subscribing: { packages: ['xcap-diff'], shortestDuration: 60, longestDuration: 7200 },
    },
  }
  const watching = (identity = watcher): string =>
    subscribe({ Event: 'xcap-diff', Accept: 'application/xcap-diff+xml', 'P-Asserted-Identity': `<${identity}>` })

  it('R5.3.4.4-a a list server tells who owns a list of its changes, and nobody else', () => {
    expect(theResponse(listServer({ roles }).receive(watching('sip:x@home1.net'), server)).status).toBe(403)
    const alone = listServer({ roles })
    const sent = alone.receive(watching(), server)
    expect(theResponse(sent).status).toBe(200)
    const first = theRequest(sent, 'NOTIFY')
    expect(field(first, 'Content-Type')).toBe('application/xcap-diff+xml')
    const [, etag] = new RegExp(`sel="${servicesPath}" new-etag="([^"]+)"`).exec(String(first.body))!
    alone.pass(6)
    const put = http('PUT', servicesPath, services({ [list]: entries(member(2)) }), 'application/rls-services+xml')
    const changed = theRequest(alone.receive(put, 'ue'), 'NOTIFY')
    expect(changed.body).toMatch(new RegExp(`new-etag="(?!${etag})[^"]+" previous-etag="${etag}"`))
  })
})
