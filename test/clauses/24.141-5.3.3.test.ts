import { describe, expect, it } from 'vitest'
import type { SubHandling } from '../../src/presence/notifier/authorization.ts'
import { field, names } from '../ims/alone.ts'
import { again, answered, pidf, presentity, publish, published, server, subscribe } from '../presence/server.ts'
import { TwoNetworks, watcher } from '../presence/world.ts'

const partial = 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1'

/** Two networks in which the watcher, handled so, has subscribed to what was published. */
function subscribed(accept?: string, handling: SubHandling = 'allow'): TwoNetworks {
  const world = new TwoNetworks({ watchers: { [watcher]: handling } })
  world.publish('UE#2a', pidf({ im: 'open' }))
  world.subscribe(accept)
  return world
}

const notifies = (world: TwoNetworks) => world.requests('NOTIFY', 'PS#2', 'S-CSCF#1')

describe('TS 24.141 §5.3.3.1: the presence server is an application server', () => {
  it('R5.3.3.1-b the S-CSCF routes to it by the filter criteria, and to itself behind it', () => {
    const world = subscribed()
    for (const method of ['SUBSCRIBE', 'PUBLISH']) {
      const [hop] = world.requests(method, 'S-CSCF#2', 'PS#2')
      expect(field(hop!.message, 'Route')).toMatch(/^<sip:ps\.home2\.net;lr>, <sip:[^@>]+@scscf\.home2\.net;lr>$/)
    }
  })

  it('R5.3.3.1-b its requests have a charging identifier and name its network, and no identity of its own', () => {
    const [{ message }] = notifies(subscribed()) as [never]
    expect(field(message, 'P-Charging-Vector')).toMatch(/^icid-value="[^"]+";orig-ioi=home2\.net$/)
    expect(names(message)).not.toContain('P-Asserted-Identity')
  })

  it('R5.3.3.1-b its answers go back by the Via and its notifications along the route of the dialog', () => {
    const world = subscribed()
    const hops = [...world.responses('SUBSCRIBE', 'PS#2', 'S-CSCF#2'), ...notifies(world)]
    expect(hops).toHaveLength(2)
    expect(field(notifies(world)[0]!.message, 'Route')).toBe('<sip:scscf.home1.net;lr>, <sip:pcscf.home1.net;lr>')
  })
})

describe('TS 24.141 §5.3.3.2: subscription to presence', () => {
  it('R5.3.3.2-a first the identity of the watcher is verified, then it is authorized, and only then comes the package', () => {
    const nobody = { 'P-Asserted-Identity': undefined }
    const bad = { Event: 'foo' }
    expect(answered(server({ otherwise: 'block' }), subscribe({ ...nobody, ...bad })).status).toBe(403)
    expect(answered(server(), subscribe(nobody, 'sip:unknown@home2.net')).status).toBe(403)
    expect(answered(server({ otherwise: 'block' }), subscribe(bad)).status).toBe(403)
    expect(answered(server(), subscribe(bad)).status).toBe(489)
  })

  it('R5.3.3.2-a the decision and what it was based on are told', () => {
    const decision = subscribed().decisions.find(({ rule }) => rule.step === 'authorize watcher')
    expect(decision).toMatchObject({ node: 'PS#2', outcome: 'allow', facts: { watcher, presentity } })
  })

  it.each([
    ['allow', 200, 'active', /<basic>open/],
    ['confirm', 200, 'pending', /^$/],
    ['polite-block', 200, 'active', /<presence [^>]*entity="[^"]+"\/>$/],
    ['block', 403, undefined, /^/],
  ] as const)('R5.3.3.2-b the policy "%s" answers %i and notifies %s', (handling, status, state, body) => {
    const world = subscribed(undefined, handling)
    expect(world.responses('SUBSCRIBE', 'P-CSCF#1', 'UE#1').map(({ message }) => message.status)).toEqual([status])
    const found = notifies(world).map(({ message }) => message)
    expect(found.map(({ headers }) => headers.subscriptionState!.value)).toEqual(state === undefined ? [] : [state])
    for (const notify of found) expect(notify.body).toMatch(body)
  })

  it('R5.3.3.2-b pending until the presentity decides: no change is told', () => {
    const world = subscribed(undefined, 'confirm')
    world.pass(10)
    world.publish('UE#2a', pidf({ im: 'closed' }))
    world.pass(10)
    expect(notifies(world)).toHaveLength(1)
    expect(world.known()).toBeUndefined()
  })

  it('R5.3.3.2-b an unknown presentity is answered 404', () => {
    expect(answered(server(), subscribe({}, 'sip:unknown@home2.net')).status).toBe(404)
  })

  it('R5.3.3.2-b the first NOTIFY follows at once, and the last one when the time is up', () => {
    const ps = server()
    const first = ps.receive(subscribe({ Expires: '60' }), 'scscf2.home2.net')
    expect(first.map(({ at }) => at)).toEqual([0, 0])
    const last = ps.pass(61)
    expect(last.map(({ at }) => at)).toEqual([60])
    expect(field(last[0]!.message as never, 'Subscription-State')).toBe('terminated;reason=timeout')
    expect(answered(ps, again(62, 60)).status).toBe(481)
  })

  it('R5.3.3.2-d a watcher that asks for it is told the full state first, then what changed', () => {
    const world = subscribed(partial)
    world.pass(10)
    world.publish('UE#2a', pidf({ im: 'open', call: 'open' }))
    const [full, change] = notifies(world).map(({ message }) => message)
    for (const notify of [full!, change!]) expect(field(notify, 'Content-Type')).toBe('application/pidf-diff+xml')
    expect(full!.body).toMatch(/pidf-full[^>]* version="1".*"im"/s)
    expect(change!.body).toMatch(/pidf-diff[^>]* version="2".*"call"/s)
    expect(change!.body).not.toContain('"im"')
  })

  it('R5.3.3.2-d a watcher that does not ask for it is told the full state each time', () => {
    const world = subscribed('application/pidf+xml')
    world.pass(10)
    world.publish('UE#2a', pidf({ im: 'open', call: 'open' }))
    for (const { message } of notifies(world)) expect(field(message, 'Content-Type')).toBe('application/pidf+xml')
    expect(notifies(world)[1]!.message.body).toMatch(/"im".*"call"/s)
  })

  it('R5.3.3.2-e a burst of changes is told once in five seconds, with the last state', () => {
    const world = subscribed()
    world.pass(10)
    for (const id of ['a', 'b', 'c', 'd']) world.publish('UE#2a', pidf({ [id]: 'open' }))
    world.pass(20)
    const [, second, third, ...more] = notifies(world)
    expect(more).toEqual([])
    expect(second!.message.body).toContain('"a"')
    expect(third!.message.body).toContain('"d"')
    expect(third!.at - second!.at).toBe(5)
  })
})

describe('TS 24.141 §5.3.3.3: publication of presence', () => {
  it('R5.3.3.3-a first the identity of the publisher is verified, then it is authorized, and only then comes RFC 3903', () => {
    const body = pidf({ im: 'open' })
    const bad = { Event: 'foo' }
    expect(answered(server(), publish(body, { 'P-Asserted-Identity': undefined, ...bad })).status).toBe(403)
    expect(answered(server(), publish(body, { 'P-Asserted-Identity': `<${watcher}>`, ...bad })).status).toBe(403)
    expect(answered(server(), publish(body, bad)).status).toBe(489)
  })

  it('R5.3.3.3-a the decision and what it was based on are told', () => {
    const told = (changes: Readonly<Record<string, string>>) => {
      const ps = server()
      ps.receive(publish(pidf({}), changes), 'scscf2.home2.net')
      return ps.decisions.find(({ rule }) => rule.step === 'authorize publication')
    }
    expect(told({})).toMatchObject({ outcome: 'allow', facts: { publisher: presentity, presentity } })
    const foreign = told({ 'P-Asserted-Identity': `<${watcher}>` })
    expect(foreign).toMatchObject({ outcome: 'refuse', facts: { publisher: watcher, presentity } })
  })

  it('R5.3.3.3-a an accepted publication is answered 200 with a new entity-tag and a duration', () => {
    const ps = server()
    const first = published(ps, pidf({ im: 'open' }))
    const second = published(ps, '', { 'SIP-If-Match': first.entityTag })
    expect(second.entityTag).not.toBe(first.entityTag)
    for (const { response } of [first, second]) expect(field(response, 'Expires')).toBe('3600')
  })

  it.each([
    [412, { 'SIP-If-Match': 'unknown' }, pidf({})],
    [423, { Expires: '10' }, pidf({})],
    [400, {}, ''],
    [400, {}, '<presence'],
  ] as const)('R5.3.3.3-a what can not be carried out is answered %i: %j', (status, changes, body) => {
    expect(answered(server(), publish(body, changes)).status).toBe(status)
  })

  it('R5.3.3.3-c a body of another type is answered 415, and Accept says what is taken', () => {
    const response = answered(server(), publish('hello', { 'Content-Type': 'text/plain' }))
    expect(response.status).toBe(415)
    expect(response.headers.accept!.map(({ value }) => value)).toContain('application/pidf+xml')
  })

  it('R5.3.3.3-d all live publications are composed; one that expires takes only its own part along, and that is told', () => {
    const ps = server()
    published(ps, pidf({ phone: 'open' }), { Expires: '60' })
    published(ps, pidf({ laptop: 'open' }))
    const first = ps.receive(subscribe(), 'scscf2.home2.net').at(-1)!.message
    expect((first as { body: string }).body).toMatch(/"phone".*"laptop"/s)
    const [sent, ...more] = ps.pass(61)
    expect(more).toEqual([])
    expect(sent!.at).toBe(60)
    expect((sent!.message as { body: string }).body).toContain('"laptop"')
    expect((sent!.message as { body: string }).body).not.toContain('"phone"')
  })
})
