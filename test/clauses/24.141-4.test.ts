import { describe, expect, it } from 'vitest'
import { printXml } from '../../src/documents/index.ts'
import { presentity, TwoNetworks } from '../presence/world.ts'

describe('TS 24.141 §4: the presence service', () => {
  it('R4-c the presence server of the home network composes what all agents of a presentity say, and passes on what it does not know', () => {
    const world = new TwoNetworks()
    const pidf = (id: string, more = '') =>
      `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${presentity}"><tuple id="${id}"><status><basic>open</basic></status></tuple>${more}</presence>`
    world.publish('UE#2a', pidf('phone'))
    world.publish('UE#2b', pidf('laptop', '<v:mood xmlns:v="urn:example:vendor">calm</v:mood>'))
    world.subscribe()
    expect(world.requests('PUBLISH', 'S-CSCF#2', 'PS#2')).toHaveLength(2)
    const notifies = world.requests('NOTIFY', 'PS#2', 'S-CSCF#1')
    expect(notifies).toHaveLength(1)
    const known = world.known()
    const text = known?.kind === 'view' ? printXml(known.document) : ''
    expect(text).toMatch(/id="phone".*id="laptop"/s)
    expect(text).toMatch(/mood[^>]*>calm</)
  })
})
