import { describe, expect, it } from 'vitest'
import { runFlow } from '../../src/flow/run.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { flowOf } from '../flows/catalogue.ts'
import { answerTo, field, requests, theRequest } from '../ims/alone.ts'
import { leftOut } from '../left-out.ts'
import {
  accepted,
  again,
  entries,
  list,
  listServer,
  listsPath,
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
import { answered, server, statusOf, subscribed, told } from '../presence/list-told.ts'

const listDocument = (content: string) =>
  `<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">${content}</resource-lists>`

describe('TS 24.141 §5.3.4.3: subscriptions to the members', () => {
  it('R5.3.4.3-a each member is subscribed to, in a dialog of its own', () => {
    const { behind } = subscribed()
    expect(behind.map(({ uri }) => uri)).toEqual([member(2), member(3)])
    expect(new Set(behind.map(({ headers }) => headers.callId)).size).toBe(2)
    for (const one of behind) expect([field(one, 'Event'), field(one, 'Expires')]).toEqual(['presence', '7200'])
  })

  it('R5.3.4.3-a lists in lists, references and lists elsewhere in the store are opened; who is there twice counts once', () => {
    const inner = 'sip:inner@home1.net'
    const documents = {
      [servicesPath]: services({
        [list]: `${entries(member(2))}<rl:list name="a">${entries(member(2), member(3))}</rl:list>${entries(inner)}
          <rl:entry-ref ref="resource-lists/users/${watcher}/index/~~/resource-lists/list%5b@name=%22l%22%5d/entry"/>`,
        [inner]: `${root}/resource-lists/users/${watcher}/index/~~/resource-lists/list%5b@name=%22m%22%5d`,
      }),
      [listsPath]: listDocument(
        `<list name="l"><entry uri="${member(4)}"/></list><list name="m"><entry uri="${member(5)}"/><entry uri="${member(3)}"/></list>`,
      ),
    }
    expect(subscribed({ documents }).behind.map(({ uri }) => uri)).toEqual([2, 3, 5, 4].map(member))
  })

  it('R5.3.4.3-a a list of another server is fetched by XCAP before the subscription is answered', () => {
    const elsewhere = 'http://xcap.home9.net/resource-lists/users/x/index/~~/resource-lists/list'
    const documents = { [servicesPath]: services({ [list]: `<rl:external anchor="${elsewhere}"/>` }) }
    const alone = listServer({ documents })
    const [get] = alone.receive(subscribe(), server)
    expect(get).toMatchObject({ to: 'xcap.home9.net', message: { protocol: 'http', method: 'GET', target: elsewhere } })
    expect(statusOf(alone, subscribe({ 'Call-ID': 'other', 'P-Asserted-Identity': undefined })).status).toBe(403)
    const { exchange } = get!.message as { exchange: string }
    const body = `<list xmlns="urn:ietf:params:xml:ns:resource-lists"><entry uri="${member(7)}"/></list>`
    const sent = alone.receiveOther({
      protocol: 'http',
      kind: 'response',
      status: 200,
      reason: 'OK',
      headers: { 'content-type': 'application/xcap-el+xml', 'content-length': String(body.length) },
      body,
      exchange,
    })
    expect(requests(sent, 'SUBSCRIBE').map(({ uri }) => uri)).toEqual([member(7)])
  })

  it('R5.3.4.3-a a list of another server that does not come is a list that cannot be had: 502', () => {
    const documents = {
      [servicesPath]: services({
        [list]: '<rl:external anchor="http://xcap.home9.net/resource-lists/users/x/index/~~/a"/>',
      }),
    }
    const alone = listServer({ documents })
    alone.receive(subscribe(), server)
    const last = alone.pass(31).at(-1)!.message
    expect(last).toMatchObject({ kind: 'response', status: 502 })
  })

  it('R5.3.4.3-b the SUBSCRIBE is in the name of the watcher, by her S-CSCF, with her privacy', () => {
    const [one] = subscribed({}, { Privacy: 'id' }).behind as [SipRequest]
    expect(field(one, 'From')).toMatch(new RegExp(`^<${watcher}>;tag=`))
    expect(field(one, 'P-Asserted-Identity')).toBe(`<${watcher}>`)
    expect(field(one, 'Privacy')).toBe('id')
    expect(field(one, 'Route')).toBe('<sip:scscf1.home1.net;lr;orig>')
  })

  it('R5.3.4.3-b for a watcher of another network it goes to the network of the member at once', () => {
    const stranger = { 'P-Asserted-Identity': '<sip:x@home4.net>' }
    const parts = { more: { subscribers: { [list]: 'anybody' as const } }, domains: { 'home2.net': 'icscf.home2.net' } }
    const alone = listServer(parts)
    const behind = alone
      .receive(subscribe(stranger), server)
      .filter(({ message }) => 'method' in message && message.method === 'SUBSCRIBE')
    expect(behind.map(({ to }) => to)).toEqual(['icscf.home2.net', 'home3.net'])
    expect(field(behind[0]!.message as SipRequest, 'Route')).toBeUndefined()
    expect(field(behind[0]!.message as SipRequest, 'P-Asserted-Identity')).toBe('<sip:x@home4.net>')
  })

  it('R5.3.4.3-c a refresh of the list lets those behind be refreshed, and no other does', () => {
    const world = subscribed()
    answered(world)
    const silent = world.alone.pass(6500)
    expect(requests(silent, 'SUBSCRIBE')).toHaveLength(0)
    world.alone.receive(again(62, 7200), server)
    const refreshed = requests(world.alone.pass(200), 'SUBSCRIBE')
    expect(refreshed).toHaveLength(2)
    for (const one of refreshed) expect(Number(field(one, 'Expires'))).toBeGreaterThan(6900)
  })

  it.each([
    ['its watcher ends it', ({ alone }: ReturnType<typeof subscribed>) => alone.receive(again(62, 0), server)],
    ['it is not refreshed', ({ alone }: ReturnType<typeof subscribed>) => alone.pass(7201)],
  ])('R5.3.4.3-c when a subscription to a list ends, as %s, those behind end', (_, end) => {
    const world = subscribed()
    answered(world)
    const sent = end(world)
    const last = requests(sent, 'NOTIFY').at(-1)!
    expect(field(last, 'Subscription-State')).toBe('terminated;reason=timeout')
    expect(requests(sent, 'SUBSCRIBE').map((one) => field(one, 'Expires'))).toEqual(['0', '0'])
    world.alone.pass(33)
    expect([stateOf(world.alone).lists.size, stateOf(world.alone).backEnds.size]).toEqual([0, 0])
  })

  it('R5.3.4.3-c when a watcher does not answer any more, those behind end', () => {
    const world = subscribed()
    answered(world)
    world.alone.peers = (request) => (request.method === 'NOTIFY' ? answerTo(request, '481 Gone') : undefined)
    expect(requests(world.alone.pass(6), 'SUBSCRIBE').map((one) => field(one, 'Expires'))).toEqual(['0', '0'])
  })

  it('R5.3.4.3-c what was not answered yet when the list ends is ended once it is', () => {
    const { alone, behind } = subscribed()
    expect(requests(alone.receive(again(62, 0), server), 'SUBSCRIBE')).toHaveLength(0)
    expect(requests(accepted(alone, behind[0]!), 'SUBSCRIBE').map((one) => field(one, 'Expires'))).toEqual(['0'])
  })

  it('R5.3.4.3-c a member whose NOTIFY came before its 200 is told once that it is over, not again by the late 200', () => {
    const { alone, behind } = subscribed()
    for (const one of behind) alone.receive(notify(one, { body: pidf(one.uri, 'open') }), 'ps.example')
    const ended = requests(alone.receive(again(62, 0), server), 'SUBSCRIBE')
    expect(ended.map((one) => field(one, 'Expires'))).toEqual(['0', '0'])
    for (const one of behind) expect(requests(accepted(alone, one), 'SUBSCRIBE')).toEqual([])
    for (const one of ended) expect(requests(accepted(alone, one, 0), 'SUBSCRIBE')).toEqual([])
    alone.pass(33)
    expect(stateOf(alone).backEnds.size).toBe(0)
  })

  it('R5.3.4.3-c a member that is being refreshed when the list ends is told once that it is over', () => {
    const world = subscribed()
    answered(world)
    world.alone.pass(6500)
    world.alone.receive(again(62, 7200), server)
    const refreshed = requests(world.alone.pass(101), 'SUBSCRIBE')
    expect(refreshed).toHaveLength(2)
    const ended = requests(world.alone.receive(again(63, 0), server), 'SUBSCRIBE')
    expect(ended.map((one) => field(one, 'Expires'))).toEqual(['0', '0'])
    for (const one of refreshed) expect(requests(accepted(world.alone, one), 'SUBSCRIBE')).toEqual([])
  })

  it.each([
    ['404 Not Found', 'noresource'],
    ['410 Gone', 'noresource'],
    ['604 Does Not Exist Anywhere', 'noresource'],
    ['403 Forbidden', 'rejected'],
    ['603 Decline', 'rejected'],
    ['480 Temporarily Unavailable', 'probation'],
    ['503 Service Unavailable', 'probation'],
    ['408 Request Timeout', 'timeout'],
  ])('R5.3.4.3-d a member that answers %s is terminated: %s', (status, reason) => {
    const { alone, behind } = subscribed()
    alone.receive(answerTo(behind[0]!, status), server)
    expect(told(theRequest(alone.pass(6), 'NOTIFY'))).toEqual({ [member(2)]: `terminated ${reason}` })
  })

  it('R5.3.4.3-d a member from whom nothing comes is terminated: timeout', () => {
    const { alone } = subscribed()
    const sent = requests(alone.pass(40), 'NOTIFY')
    expect(told(sent.at(-1)!)).toEqual({ [member(2)]: 'terminated timeout', [member(3)]: 'terminated timeout' })
  })

  it.each([
    ['rejected', undefined, undefined],
    ['noresource', undefined, undefined],
    ['deactivated', undefined, 0],
    ['probation', '90', 90],
    ['giveup', undefined, 60],
  ])('R5.3.4.3-d a member that ends its subscription, %s, is told; tried again as it says', (reason, wait, after) => {
    const world = subscribed()
    answered(world)
    world.alone.pass(20)
    const [one] = world.behind as [SipRequest]
    const state = `terminated;reason=${reason}${wait === undefined ? '' : `;retry-after=${wait}`}`
    const sent = world.alone.receive(notify(one, { state, sequence: 2 }), 'ps.example')
    if (after === 0) return expect(requests(sent, 'SUBSCRIBE').map(({ uri }) => uri)).toEqual([one.uri])
    expect(told(theRequest(world.alone.pass(1), 'NOTIFY'))).toEqual({ [member(2)]: `terminated ${reason}` })
    const early = requests(world.alone.pass((after ?? 1000) - 3), 'SUBSCRIBE')
    expect(early).toHaveLength(0)
    expect(requests(world.alone.pass(4), 'SUBSCRIBE')).toHaveLength(after === undefined ? 0 : 1)
  })

  it('R5.3.4.3-d Retry-After of a refusal is waited for', () => {
    const { alone, behind } = subscribed()
    alone.receive(answerTo(behind[1]!, '404 Not Found'), server)
    alone.receive(answerTo(behind[0]!, '503 Busy', { 'Retry-After': '120' }), server)
    expect(requests(alone.pass(119), 'SUBSCRIBE')).toHaveLength(0)
    expect(requests(alone.pass(2), 'SUBSCRIBE').map(({ uri }) => uri)).toContain(member(2))
  })

  it('R5.3.4.3-d a member that is a list says so by 421, and is asked as a list', () => {
    const { alone, behind } = subscribed()
    const sent = alone.receive(answerTo(behind[0]!, '421 Extension Required', { Require: 'eventlist' }), server)
    const [as] = requests(sent, 'SUBSCRIBE') as [SipRequest]
    expect([as.uri, field(as, 'Supported')]).toEqual([member(2), 'eventlist'])
    expect(field(as, 'Accept')).toBe('application/pidf+xml, multipart/related, application/rlmi+xml')
  })

  it('R5.3.4.3-d lists of two servers that contain each other come to an end: each step has fewer hops left', () => {
    const [one] = subscribed({}, { 'Max-Forwards': '7' }).behind as [SipRequest]
    expect(field(one, 'Max-Forwards')).toBe('6')
  })
})

describe('TS 24.141 §5.3.4, annex A.3.3: the two ways to a list', () => {
  it('R5.3.4.x-a a list of another network has an application server in the place of an S-CSCF', () => {
    const stranger = { 'P-Asserted-Identity': '<sip:x@home4.net>', Route: '<sip:rls.home1.net;lr>' }
    const { alone, behind } = subscribed({ more: { subscribers: { [list]: 'anybody' } } }, stranger)
    expect([...stateOf(alone).lists.values()][0]!.server).toBeUndefined()
    expect(behind).toHaveLength(2)
  })

  it.each([
    // A.3.3.1: one's own list, by the filter criteria of the S-CSCF; A.3.3.2: one of another network, by its I-CSCF.
    ['A.3.3.1', ['UE P-CSCF', 'P-CSCF S-CSCF', 'S-CSCF RLS']],
    ['A.3.3.2', ['UE P-CSCF', 'P-CSCF S-CSCF', 'S-CSCF I-CSCF', 'I-CSCF RLS']],
  ])('R5.3.4.x-a the way of %s', (flow, expected) => {
    const run = runFlow(flowOf(flow), { without: leftOut })
    const ways = run.rows.flatMap((row) =>
      row.kind === 'message' &&
      row.message.protocol === 'sip' &&
      row.message.kind === 'request' &&
      row.message.method === 'SUBSCRIBE' &&
      row.from !== 'RLS'
        ? [`${row.from} ${row.to}`]
        : [],
    )
    expect(ways.slice(0, expected.length)).toEqual(expected)
  })
})
