import { describe, expect, it } from 'vitest'
import { parsePresence, printXml } from '../../src/documents/index.ts'
import { presentity, TwoNetworks } from './world.ts'

const partial = 'application/pidf+xml;q=0.3, application/pidf-diff+xml;q=1'

const pidf = (inner: string) =>
  `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${presentity}">${inner}</presence>`
const tuple = (id: string, basic: string, more = '') =>
  `<tuple id="${id}"><status><basic>${basic}</basic></status>${more}</tuple>`

/** What the watcher sees: each tuple with its status. */
function seen(world: TwoNetworks): Record<string, string | undefined> {
  const known = world.known()
  if (known?.kind !== 'view') throw new Error(`the watcher knows ${known?.kind ?? 'nothing'}`)
  const presence = parsePresence(known.document)
  if (presence.kind !== 'presence') throw new Error(presence.reason)
  return Object.fromEntries(presence.tuples.map(({ id, status }) => [id, status.basic]))
}

describe('TS 23.141 §5.1, R4-c: two devices of a presentity publish, a watcher in another network watches', () => {
  it.each([
    ['full', undefined],
    ['partial', partial],
  ])('with %s notifications it sees what both say, and each change', (_case, accept) => {
    const world = new TwoNetworks()
    world.publish('UE#2a', pidf(tuple('phone', 'open')))
    world.publish('UE#2b', pidf(tuple('laptop', 'closed')))
    world.subscribe(accept)
    expect(seen(world)).toEqual({ phone: 'open', laptop: 'closed' })
    world.pass(10)
    world.publish('UE#2b', pidf(tuple('laptop', 'open') + tuple('mail', 'open')))
    expect(seen(world)).toEqual({ phone: 'open', laptop: 'open', mail: 'open' })
    world.pass(10)
    world.publish('UE#2a', pidf(tuple('phone', 'closed')))
    expect(seen(world)).toEqual({ phone: 'closed', laptop: 'open', mail: 'open' })
    world.pass(10)
    world.do('UE#2b', { do: 'unpublish' })
    expect(seen(world)).toEqual({ phone: 'closed' })
  })

  it('a device that falls silent takes only its own tuples along, when its publication expires', () => {
    const world = new TwoNetworks()
    world.publish('UE#2a', pidf(tuple('phone', 'open')), 600)
    world.publish('UE#2b', pidf(tuple('laptop', 'open')), 7200)
    world.subscribe(partial)
    world.simulation.command(0, 'world', { do: 'down', node: '[5555::2a]' })
    world.pass(300)
    expect(seen(world)).toEqual({ phone: 'open', laptop: 'open' })
    world.pass(600)
    expect(seen(world)).toEqual({ laptop: 'open' })
  })

  it('as long as both refresh, nothing is lost and the watcher is not told of it', () => {
    const world = new TwoNetworks()
    world.publish('UE#2a', pidf(tuple('phone', 'open')), 600)
    world.publish('UE#2b', pidf(tuple('laptop', 'open')), 600)
    world.subscribe(partial)
    world.pass(3000)
    expect(world.requests('PUBLISH', 'UE#2a', 'P-CSCF#2').length).toBeGreaterThan(4)
    expect(world.requests('NOTIFY', 'PS#2', 'S-CSCF#1')).toHaveLength(1)
    expect(seen(world)).toEqual({ phone: 'open', laptop: 'open' })
  })

  it.each([
    ['full', undefined],
    ['partial', partial],
  ])('elements of unknown namespaces survive %s notifications, at each place that allows them', (_case, accept) => {
    const vendor = (name: string, text: string) =>
      `<v:${name} xmlns:v="urn:example:vendor" level="${text}">${text}</v:${name}>`
    const world = new TwoNetworks()
    world.subscribe(accept)
    world.publish('UE#2a', pidf(tuple('phone', 'open', vendor('charge', 'low')) + vendor('mood', 'calm')))
    world.pass(10)
    world.publish('UE#2b', pidf(tuple('laptop', 'open') + vendor('fan', 'äöü')))
    const known = world.known()
    if (known?.kind !== 'view') throw new Error('the watcher has lost track')
    const text = printXml(known.document)
    for (const [name, value] of [
      ['charge', 'low'],
      ['mood', 'calm'],
      ['fan', 'äöü'],
    ])
      expect(text).toMatch(new RegExp(`<(\\w+:)?${name}[^>]* level="${value}"[^>]*>${value}</(\\w+:)?${name}>`))
    expect(text).toContain('urn:example:vendor')
  })
})
