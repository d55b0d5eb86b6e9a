import { describe, expect, it } from 'vitest'
import { parsePresence, printXml } from '../../src/documents/index.ts'
import { runFlow } from '../../src/flow/run.ts'
import { flowOf } from '../flows/catalogue.ts'
import { leftOut } from '../left-out.ts'
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

  it('R4-a the home network manages presence, also while the user roams', () => {
    const flow = flowOf('registration/roaming')
    const run = runFlow(flow, { without: leftOut })
    const ways = run.rows.flatMap((row) =>
      row.kind === 'message' && row.message.protocol === 'sip' && row.message.kind === 'request'
        ? [`${row.message.method}: ${row.from} ${row.to}`]
        : [],
    )
    const network = (name: string) => flow.topology.nodes[name]!.network
    expect([network('P-CSCF'), network('S-CSCF'), network('PS')]).toEqual(['visited1.net', 'home1.net', 'home1.net'])
    expect(ways.filter((way) => way.startsWith('PUBLISH'))).toEqual([
      'PUBLISH: UE P-CSCF',
      'PUBLISH: P-CSCF S-CSCF',
      'PUBLISH: S-CSCF PS',
    ])
    const located = run.rows.flatMap((row) =>
      row.kind === 'internal' && row.decision.rule.step === 'locate the I-CSCF'
        ? [[row.from, row.decision.outcome]]
        : [],
    )
    expect(located[0]).toEqual(['P-CSCF', 'icscf1.home1.net'])
  })

  it('R4-b PUBLISH and XCAP change one document: soft state beside hard state', () => {
    const run = runFlow(flowOf('ut/hard-state'), { without: leftOut })
    const step = run.verdict.steps.find(({ number }) => number === '28-30')!
    const row = run.rows[step.rows.at(-1)!]!
    if (row.kind !== 'message' || row.message.protocol !== 'sip') throw new Error('step 30 is no SIP message')
    const read = parsePresence(String(row.message.body))
    if (read.kind !== 'presence') throw new Error(String(row.message.body))
    // RFC 4827: what a document at the XCAP server says is there beside what is published, until that expires.
    expect(read.tuples.map(({ status }) => status.basic).toSorted()).toEqual(['closed', 'open'])
  })
})

describe('TS 24.141 §5.2.1: the user equipment', () => {
  it('R5.2.1-a a UE is presence user agent and watcher at once', () => {
    const world = new TwoNetworks()
    const tuple = '<tuple id="a"><status><basic>open</basic></status></tuple>'
    world.publish('UE#2a', `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="${presentity}">${tuple}</presence>`)
    world.do('UE#2a', { do: 'subscribe', to: presentity, expires: 600 })
    expect(world.requests('PUBLISH', 'UE#2a', 'P-CSCF#2')).toHaveLength(1)
    expect(world.requests('SUBSCRIBE', 'UE#2a', 'P-CSCF#2')).toHaveLength(1)
    const [notify] = world.requests('NOTIFY', 'P-CSCF#2', 'UE#2a')
    expect(notify!.message.body).toContain('<basic>open</basic>')
  })
})
