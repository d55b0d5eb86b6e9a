import { describe, expect, it } from 'vitest'
import { parsePresence } from '../../src/documents/index.ts'
import { field, names } from '../ims/alone.ts'
import { presentity, TwoNetworks, watcher } from '../presence/world.ts'

const partial = 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1'

const pidf = (basic: string, more = '') =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${presentity}"><tuple id="im"><status><basic>${basic}</basic></status></tuple>${more}</presence>`

/** Two networks in which the watcher has subscribed. */
function subscribed(accept?: string): TwoNetworks {
  const world = new TwoNetworks()
  world.publish('UE#2a', pidf('open'))
  world.subscribe(accept)
  return world
}

const first = (world: TwoNetworks) => world.requests('SUBSCRIBE', 'UE#1', 'P-CSCF#1')[0]!.message

/** The status of the only tuple that the watcher sees. */
function seen(world: TwoNetworks): string | undefined {
  const known = world.known()
  if (known?.kind !== 'view') return undefined
  const presence = parsePresence(known.document)
  return presence.kind === 'presence' ? presence.tuples[0]?.status.basic : undefined
}

describe('TS 24.141 §5.3.2: the watcher', () => {
  it('R5.3.2.1-b a SUBSCRIBE follows TS 24.229 as any request of a UE', () => {
    const subscribe = first(subscribed())
    expect(field(subscribe, 'Route')).toBe('<sip:pcscf.home1.net:7531;lr;comp=sigcomp>, <sip:orig@scscf.home1.net;lr>')
    expect(field(subscribe, 'P-Preferred-Identity')).toBe(`<${watcher}>`)
    expect(field(subscribe, 'P-Access-Network-Info')).toMatch(/^3GPP-UTRAN-TDD/)
    for (const name of ['Require', 'Proxy-Require']) expect(field(subscribe, name)).toBe('sec-agree')
    expect(field(subscribe, 'Security-Verify')).toMatch(/^ipsec-3gpp/)
  })

  it('R5.3.2.1-b the network vouches for its identity before it reaches the presence server', () => {
    const [{ message }] = subscribed().requests('SUBSCRIBE', 'S-CSCF#2', 'PS#2') as [never]
    expect(field(message, 'P-Asserted-Identity')).toBe(`<${watcher}>`)
    for (const name of ['P-Preferred-Identity', 'Security-Verify', 'P-Access-Network-Info'])
      expect(names(message)).not.toContain(name)
  })

  it('R5.3.2.2-a a watcher subscribes to the presentity with Event presence, a duration and a Contact, in a dialog', () => {
    const world = subscribed()
    const subscribe = first(world)
    expect(`${subscribe.method} ${subscribe.uri}`).toBe(`SUBSCRIBE ${presentity}`)
    expect(field(subscribe, 'Event')).toBe('presence')
    expect(field(subscribe, 'Expires')).toBe('7200')
    expect(field(subscribe, 'Contact')).toBe('<sip:[5555::1]:1357;comp=sigcomp>')
    world.do('UE#1', { do: 'unsubscribe', to: presentity })
    const last = world.requests('SUBSCRIBE', 'UE#1', 'P-CSCF#1').at(-1)!.message
    const answer = world.responses('SUBSCRIBE', 'P-CSCF#1', 'UE#1')[0]!.message
    expect(field(last, 'Call-ID')).toBe(field(subscribe, 'Call-ID'))
    expect(field(last, 'To')).toBe(field(answer, 'To'))
    expect(field(last, 'Expires')).toBe('0')
  })

  it('R5.3.2.2-a a subscription is kept alive until the user ends it', () => {
    const world = subscribed()
    world.pass(20_000)
    expect(world.roles('UE#1').watcher.watching[0]!.state).toBe('active')
    world.do('UE#1', { do: 'unsubscribe', to: presentity })
    expect(world.roles('UE#1').watcher.watching[0]!.state).toBe('terminated')
    const count = world.requests('SUBSCRIBE', 'UE#1', 'P-CSCF#1').length
    world.pass(20_000)
    expect(world.requests('SUBSCRIBE', 'UE#1', 'P-CSCF#1')).toHaveLength(count)
  })

  it('R5.3.2.2-b a watcher takes application/pidf+xml and RPID, and bears extensions that it does not know', () => {
    const world = new TwoNetworks()
    world.subscribe('application/pidf+xml')
    const person =
      '<dm:person xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" id="p"><r:activities><r:meeting/></r:activities></dm:person>'
    world.publish('UE#2a', pidf('closed', `${person}<v:mood xmlns:v="urn:example:vendor">calm</v:mood>`))
    world.pass(10)
    expect(world.responses('NOTIFY', 'UE#1', 'P-CSCF#1').map(({ message }) => message.status)).toEqual([200, 200])
    const known = world.known()
    if (known?.kind !== 'view') throw new Error('the watcher knows nothing')
    const presence = parsePresence(known.document)
    expect(presence).toMatchObject({
      tuples: [{ id: 'im', status: { basic: 'closed' } }],
      extensions: [{ kind: 'person', id: 'p' }, {}],
    })
  })

  it('R5.3.2.2-e a watcher asks for partial state in Accept, beside full state', () => {
    expect(field(first(subscribed(partial)), 'Accept')).toBe(partial)
    expect(names(first(subscribed()))).not.toContain('Accept')
  })

  it('R5.3.2.2-e it merges what changed into what it knows', () => {
    const world = subscribed(partial)
    expect(seen(world)).toBe('open')
    world.pass(10)
    world.publish('UE#2a', pidf('closed'))
    const last = world.requests('NOTIFY', 'P-CSCF#1', 'UE#1').at(-1)!.message
    expect(last.body).toContain('pidf-diff')
    expect(seen(world)).toBe('closed')
  })

  it('R5.3.2.2-e it asks for full state when it has missed a change', () => {
    const world = subscribed(partial)
    world.pass(10)
    // As if a notification had come to nothing on its way.
    for (const watch of world.roles('PS#2').presenceServer.subscriptions.values()) watch.version++
    world.publish('UE#2a', pidf('closed'))
    const bodies = world.requests('NOTIFY', 'P-CSCF#1', 'UE#1').map(({ message }) => String(message.body))
    expect(bodies.map((body) => /(pidf-full|pidf-diff)[^>]* version="(\d)"/.exec(body)?.slice(1).join(' '))).toEqual([
      'pidf-full 1',
      'pidf-diff 3',
      'pidf-full 4',
    ])
    expect(world.requests('SUBSCRIBE', 'UE#1', 'P-CSCF#1')).toHaveLength(2)
    expect(seen(world)).toBe('closed')
  })
})
