import { describe, expect, it } from 'vitest'
import { parsePresence } from '../../src/documents/index.ts'
import { field, names } from '../ims/alone.ts'
import { presentity, TwoNetworks } from '../presence/world.ts'

const document = (basic: string) =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${presentity}"><tuple id="im"><status><basic>${basic}</basic></status></tuple></presence>`

/** Two networks in which the presentity has published. */
function published(expires = 7200): TwoNetworks {
  const world = new TwoNetworks()
  world.publish('UE#2a', document('open'), expires)
  return world
}

const sent = (world: TwoNetworks) => world.requests('PUBLISH', 'UE#2a', 'P-CSCF#2').map(({ message }) => message)

describe('TS 24.141 §5.3.1: the presence user agent', () => {
  it('R5.3.1.1-b a PUBLISH follows TS 24.229 as any request of a UE: route, preferred identity, security agreement', () => {
    const [publish] = sent(published())
    expect(field(publish!, 'Route')).toBe('<sip:pcscf.home2.net:7531;lr;comp=sigcomp>, <sip:orig@scscf.home2.net;lr>')
    expect(field(publish!, 'P-Preferred-Identity')).toBe(`<${presentity}>`)
    expect(field(publish!, 'P-Access-Network-Info')).toMatch(/^3GPP-UTRAN-TDD/)
    expect(field(publish!, 'Require')).toBe('sec-agree')
    expect(field(publish!, 'Proxy-Require')).toBe('sec-agree')
    expect(field(publish!, 'Security-Verify')).toMatch(/^ipsec-3gpp; ?q=0\.1/)
  })

  it('R5.3.1.1-b the network vouches for its identity before it reaches the presence server', () => {
    const [{ message }] = published().requests('PUBLISH', 'S-CSCF#2', 'PS#2') as [never]
    expect(field(message, 'P-Asserted-Identity')).toBe(`<${presentity}>`)
    for (const name of ['P-Preferred-Identity', 'Security-Verify', 'Require', 'Proxy-Require'])
      expect(names(message)).not.toContain(name)
  })

  it('R5.3.1.2-a the presentity publishes its own view with PUBLISH, outside any dialog', () => {
    const [publish] = sent(published())
    expect(publish!.method).toBe('PUBLISH')
    expect(publish!.uri).toBe(presentity)
    expect(field(publish!, 'To')).toBe(`<${presentity}>`)
    expect(field(publish!, 'From')).toMatch(new RegExp(`^<${presentity}>;tag=`))
    expect(field(publish!, 'Event')).toBe('presence')
    for (const name of ['Contact', 'Record-Route', 'SIP-If-Match']) expect(names(publish!)).not.toContain(name)
  })

  it('R5.3.1.2-c the view is a valid application/pidf+xml document', () => {
    const [publish] = sent(published())
    expect(field(publish!, 'Content-Type')).toBe('application/pidf+xml')
    expect(parsePresence(String(publish!.body)).kind).toBe('presence')
  })

  it('R5.3.1.2-m a publication is refreshed before it expires, each time with the entity-tag of the last 200', () => {
    const world = published(600)
    world.pass(2000)
    const requests = world.requests('PUBLISH', 'UE#2a', 'P-CSCF#2')
    const tags = world.responses('PUBLISH', 'P-CSCF#2', 'UE#2a').map(({ message }) => field(message, 'SIP-ETag'))
    expect(requests.length).toBeGreaterThan(4)
    for (const [i, { message, at }] of requests.entries()) {
      if (i === 0) continue
      expect(field(message, 'SIP-If-Match')).toBe(tags[i - 1])
      expect(message.body).toBe('')
      expect(at - requests[i - 1]!.at).toBeLessThan(600)
    }
  })

  it('R5.3.1.2-m a change is published conditionally, a removal with Expires 0', () => {
    const world = published()
    world.publish('UE#2a', document('closed'))
    world.do('UE#2a', { do: 'unpublish' })
    const [first, second] = world
      .responses('PUBLISH', 'P-CSCF#2', 'UE#2a')
      .map(({ message }) => field(message, 'SIP-ETag'))
    const [, change, removal] = sent(world)
    expect(field(change!, 'SIP-If-Match')).toBe(first)
    expect(change!.body).toContain('closed')
    expect(field(removal!, 'SIP-If-Match')).toBe(second)
    expect(field(removal!, 'Expires')).toBe('0')
    expect(removal!.body).toBe('')
  })

  it('R5.3.1.2-m after 412 the whole state is published anew, after 423 for longer', () => {
    const world = published()
    world.do('world', { do: 'restart', node: 'ps.home2.net' })
    world.publish('UE#2a', document('closed'), 30)
    const statuses = world.responses('PUBLISH', 'P-CSCF#2', 'UE#2a').map(({ message }) => message.status)
    expect(statuses).toEqual([200, 412, 423, 200])
    const last = sent(world).at(-1)!
    expect(names(last)).not.toContain('SIP-If-Match')
    expect(last.body).toContain('closed')
    expect(Number(field(last, 'Expires'))).toBeGreaterThanOrEqual(60)
  })
})
