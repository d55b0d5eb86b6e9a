import { describe, expect, it } from 'vitest'
import { answerTo, field, requests, theRequest } from '../ims/alone.ts'
import { http } from '../presence/document-watching.ts'
import {
  again,
  entries,
  list,
  member,
  notify,
  pidf,
  root,
  services,
  servicesPath,
  stateOf,
  watcher,
} from '../presence/list-server.ts'
import { answered, rlmiOf, server, subscribed, told } from '../presence/list-told.ts'

/** The owner writes her document of services anew, or deletes it. */
function changed({ alone }: ReturnType<typeof subscribed>, members: readonly string[] | undefined) {
  const body = members === undefined ? '' : services({ [list]: entries(...members) })
  const request = http(members === undefined ? 'DELETE' : 'PUT', servicesPath, body, 'application/rls-services+xml')
  return alone.receiveOther({ ...request, headers: { ...request.headers, 'x-3gpp-intended-identity': `"${watcher}"` } })
}

/** Subscribed, answered, told of it, and quiet for longer than window and gap. */
function quiet() {
  const documentServer = { root, users: { [watcher]: [watcher] }, isProved: false }
  const world = subscribed({ roles: { documentServer } })
  answered(world)
  world.alone.pass(20)
  return world
}

describe('TS 24.141 §5.3.4.3: a list that changes while it is subscribed to', () => {
  it('R5.3.4.3-a who has come into the list is subscribed to, who has left it is not any more', () => {
    const world = quiet()
    const sent = requests(changed(world, [member(3), member(4)]), 'SUBSCRIBE')
    expect(sent.map((one) => [field(one, 'Expires'), one.headers.to!.uri])).toEqual([
      ['0', member(2)],
      [String(7200 - 20), member(4)],
    ])
  })

  it('R5.3.4.3-a the next NOTIFY tells of all members, as nothing else tells that somebody has left (RFC 4662 §5.2)', () => {
    const world = quiet()
    changed(world, [member(3)])
    const notification = theRequest(world.alone.pass(1), 'NOTIFY')
    expect(rlmiOf(notification).fullState).toBe(true)
    expect(told(notification)).toEqual({ [member(3)]: 'active open' })
  })

  it('R5.3.4.2-c a filter for somebody who comes into the list is not one for the others any more (RFC 4660 §4.1)', () => {
    const world = quiet()
    const filter = `<filter id="1" uri="${member(4)}"><what><include>/presence/a</include></what></filter>`
    const set = `<filter-set xmlns="urn:ietf:params:xml:ns:simple-filter">${filter}</filter-set>`
    const refresh = `${again(62, 7200)}\nContent-Type: application/simple-filter+xml\n\n${set}`
    const filtersTo = (sent: Parameters<typeof requests>[0]) =>
      requests(sent, 'SUBSCRIBE').map((one) => [one.headers.to!.uri, /<filter [^>]*>/.exec(String(one.body))?.[0]])
    const own = `<filter id="1" uri="${member(4)}">`
    expect(filtersTo(world.alone.receive(refresh, server)), 'it may be for somebody in a list that is in it').toEqual([
      [member(2), own],
      [member(3), own],
    ])
    expect(filtersTo(changed(world, [member(2), member(3), member(4)]))).toEqual([
      [member(2), '<filter id="1" remove="true"/>'],
      [member(3), '<filter id="1" remove="true"/>'],
      [member(4), own],
    ])
    expect(filtersTo(changed(world, [member(2), member(3)]))).toEqual([
      [member(2), own],
      [member(3), own],
    ])
  })

  it('R5.3.4.3-a a document that changes, and not who is in the list, is nothing to tell of', () => {
    const world = quiet()
    changed(world, [member(2), member(3), member(2)].slice(0, 2))
    expect(requests(world.alone.pass(30), 'NOTIFY')).toEqual([])
  })

  it('R5.3.4.3-a a list that is deleted ends its subscription as noresource (RFC 6665 §4.2.2), and those behind', () => {
    const world = quiet()
    const sent = changed(world, undefined)
    const last = theRequest(sent, 'NOTIFY')
    expect(field(last, 'Subscription-State')).toBe('terminated;reason=noresource')
    expect(requests(sent, 'SUBSCRIBE').map((one) => field(one, 'Expires'))).toEqual(['0', '0'])
    world.alone.pass(33)
    expect([stateOf(world.alone).lists.size, stateOf(world.alone).backEnds.size]).toEqual([0, 0])
  })
})

describe('RFC 4662 §5.2, RFC 4662 §4.8: when a change is told, and what of it', () => {
  it('R5.3.4.2-d a change is not told before the notification before it is answered', () => {
    const world = quiet()
    const news = (sequence: number, basic: string) =>
      world.alone.receive(notify(world.behind[0]!, { body: pidf(member(2), basic), sequence }), 'ps.example')
    world.alone.peers = () => undefined
    news(2, 'closed')
    const first = theRequest(world.alone.pass(0.6), 'NOTIFY')
    news(3, 'open')
    expect(requests(world.alone.pass(10), 'NOTIFY'), 'no answer, nothing else').toEqual([])
    const next = theRequest(world.alone.receive(answerTo(first, '200 OK'), server), 'NOTIFY')
    expect(told(next)).toEqual({ [member(2)]: 'active open' })
  })

  it('R5.3.4.2-d a later notification tells of the members that have changed, and of no other', () => {
    const world = quiet()
    world.alone.receive(notify(world.behind[0]!, { body: pidf(member(2), 'closed'), sequence: 2 }), 'ps.example')
    const notification = theRequest(world.alone.pass(1), 'NOTIFY')
    expect(rlmiOf(notification).fullState).toBe(false)
    expect(told(notification)).toEqual({ [member(2)]: 'active closed' })
  })
})
