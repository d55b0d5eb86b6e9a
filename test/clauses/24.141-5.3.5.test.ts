import { describe, expect, it } from 'vitest'
import { runFlow } from '../../src/flow/run.ts'
import { presenceNetworkAgentRole } from '../../src/presence/network/presence-network-agent.ts'
import { flowOf } from '../flows/catalogue.ts'
import { leftOut } from '../left-out.ts'
import {
  Agent,
  documentIn,
  field,
  identity,
  reginfo,
  requests,
  scscf,
  statuses,
  theResponse,
} from '../presence/network-agent.ts'
import { answered, pidf, presentity, publish, server } from '../presence/server.ts'

describe('TS 24.141 §5.3.5.1: the presence network agent', () => {
  it('R5.3.5.1-a its information comes from the network: the registration, bearers, places and calls', () => {
    const pna = new Agent({ cells: { a1: { placeType: 'office' } } })
    const [registration] = pna.registered()
    const [bearer] = pna.event({ bearer: { network: 'GPRS', device: 'urn:uuid:1', state: 'attached' } })
    const [location] = pna.event({ location: { cell: 'a1' } })
    const [call] = pna.event({ call: 'active' })
    expect(registration!.body).toContain('<basic>open</basic>')
    expect(bearer!.body).toMatch(/network id="GPRS"><op:active\/>/)
    expect(location!.body).toContain('<lt:office/>')
    expect(call!.body).toContain('<rpid:on-the-phone/>')
    expect(pna.outcomes('learns from other parts')).toEqual(['bearer attached', 'location known', 'call active'])
  })

  it('R5.3.5.1-b a third-party REGISTER is answered 200 with the contact, its duration and the time', () => {
    const response = theResponse(new Agent().register().slice(0, 1))
    expect(response.status).toBe(200)
    expect(field(response, 'Contact')).toBe(`<sip:${scscf}>;expires=600000`)
    expect(field(response, 'Date')).toBe('Thu, 01 Jan 1970 00:00:00 GMT')
  })

  it('R5.3.5.1-b one without contact or duration tells nothing (RFC 3261 §10.3 step 5): 400, and nothing follows', () => {
    for (const name of ['Contact', 'Expires']) {
      const sent = new Agent().register(600000, { [name]: undefined })
      expect(theResponse(sent).status).toBe(400)
      expect(requests(sent)).toEqual([])
    }
  })
})

describe('TS 24.141 §5.3.5.2: subscription to the registration state', () => {
  it('R5.3.5.2-a after the 200 it subscribes straight at the S-CSCF, in its own name, to the identity of the REGISTER', () => {
    const sent = new Agent().register()
    expect(sent.map(({ to }) => to)).toEqual([scscf, scscf])
    const [subscribe] = requests(sent, 'SUBSCRIBE')
    expect(subscribe!.uri).toBe(identity)
    const fields = ['Event', 'To', 'From', 'P-Asserted-Identity', 'Route', 'Accept', 'Contact'] as const
    expect(fields.map((name) => field(subscribe!, name)!.replace(/;tag=.*/, ''))).toEqual([
      'reg',
      `<${identity}>`,
      '<sip:pna1.home1.net>',
      '<sip:pna1.home1.net>',
      `<sip:${scscf};lr>`,
      'application/reginfo+xml',
      '<sip:pna1.home1.net>',
    ])
  })

  it('R5.3.5.2-a it asks for the duration that it was told', () => {
    const [subscribe] = requests(new Agent().register(3000), 'SUBSCRIBE')
    expect(field(subscribe!, 'Expires')).toBe('3000')
  })

  it('R5.3.5.2-b A.7: the S-CSCF sends the third-party REGISTER because a criterion of the profile says so', () => {
    const run = runFlow(flowOf('A.7'), { without: leftOut })
    const step = run.verdict.steps.find(({ number }) => number === '24')!
    const row = run.rows[step.rows[0]!]!
    if (row.kind !== 'message' || row.message.protocol !== 'sip') throw new Error('step 24 is no SIP message')
    expect(field(row.message, 'Expires')).toBe('600000')
    expect(field(row.message, 'P-Visited-Network-ID')).toBe('"Visited Network Number 1"')
    const flow = flowOf('A.7')
    const user = flow.topology.users.user1!
    const without = { ...user, profiles: user.profiles.map((one) => ({ ...one, criteria: [] })) }
    const alone = runFlow({ ...flow, topology: { ...flow.topology, users: { user1: without } } })
    expect(alone.rows.filter((one) => one.kind === 'message' && one.to === 'PNA')).toEqual([])
  })

  it('R5.3.5.2-c the subscription is refreshed before it ends, again and again', () => {
    const pna = new Agent()
    pna.registered()
    const again = requests(pna.alone.pass(1_799_999), 'SUBSCRIBE')
    expect(again.map((request) => field(request, 'Expires'))).toEqual(['600000', '600000', '600000'])
    expect(new Set(again.map((request) => field(request, 'Call-ID')))).toEqual(
      new Set([field(pna.subscribed!, 'Call-ID')]),
    )
    expect(pna.outcomes('keeps its subscription up')).toEqual(['refreshed', 'refreshed', 'refreshed'])
  })

  it.each([
    ['deactivated', 0],
    ['timeout', 0],
    ['probation', 60],
    ['giveup', 60],
  ])('R5.3.5.2-c one that the S-CSCF ends as %s is followed by another, %i seconds later', (reason, seconds) => {
    const pna = new Agent()
    pna.registered()
    const at = pna.alone.simulation.now
    const ended = { 'Subscription-State': `terminated;reason=${reason}` }
    const sent = pna.notify(reginfo(1, 'partial', { [identity]: { phone: ['refreshed'] } }), ended)
    const [anew] = requests(seconds === 0 ? sent : pna.alone.pass(seconds), 'SUBSCRIBE')
    expect(anew!.headers.to!.params.tag).toBeUndefined()
    expect((pna.alone.simulation.now - at) / 1e6).toBe(seconds)
    expect(field(anew!, 'Expires')).toBe(String(600000 - seconds))
  })

  it('R5.3.5.2-c one that the S-CSCF does not know any more (481) is followed by another', () => {
    const pna = new Agent()
    pna.registered()
    pna.status = (request) => (field(request, 'To')!.includes(';tag=') ? '481 Gone' : '200 OK')
    const sent = requests(pna.alone.pass(599_999), 'SUBSCRIBE')
    expect(sent.map(({ headers }) => headers.to!.params.tag === undefined)).toEqual([false, true])
  })

  it.each([
    ['the registration is over', 'noresource'],
    ['the S-CSCF does not want it', 'rejected'],
  ])('R5.3.5.2-c there is none when %s', (_case, reason) => {
    const pna = new Agent()
    pna.registered()
    const ended = { 'Subscription-State': `terminated;reason=${reason}` }
    pna.notify(reginfo(1, 'partial', { [identity]: { phone: ['expired'] } }), ended)
    expect(requests(pna.alone.pass(1_000_000), 'SUBSCRIBE')).toEqual([])
  })
})

describe('TS 24.141 §5.3.5.3: publication of presence of the network', () => {
  it('R5.3.5.3-a a registered contact is an open tuple with the public identity as address', () => {
    const [request] = new Agent().registered({ phone: ['registered', '0.7'] })
    expect([request!.method, request!.uri]).toEqual(['PUBLISH', identity])
    expect(field(request!, 'Event')).toBe('presence')
    expect(field(request!, 'Content-Type')).toBe('application/pidf+xml')
    const { entity, tuples, extensions } = documentIn(request!)
    expect(entity).toBe(identity)
    expect(tuples.map(({ status, contact }) => [status.basic, contact])).toEqual([
      ['open', { uri: identity, priority: 0.7 }],
    ])
    expect(extensions).toEqual([])
  })

  it('R5.3.5.3-a several contacts are several tuples; one that ends while another stays is gone', () => {
    const pna = new Agent()
    const [both] = pna.registered({ phone: ['registered'], tablet: ['registered'] })
    expect(statuses(both!)).toEqual(['open', 'open'])
    const change = reginfo(1, 'partial', { [identity]: { phone: ['unregistered'], tablet: ['registered'] } })
    const [one] = requests(pna.notify(change), 'PUBLISH')
    expect(statuses(one!)).toEqual(['open'])
    expect(documentIn(one!).tuples[0]!.id).toBe(documentIn(both!).tuples[1]!.id)
  })

  it('R5.3.5.3-a after the last one the tuple is closed', () => {
    const pna = new Agent()
    const [open] = pna.registered()
    const [closed] = requests(pna.notify(reginfo(1, 'partial', { [identity]: { phone: ['expired'] } })), 'PUBLISH')
    expect(statuses(closed!)).toEqual(['closed'])
    expect(documentIn(closed!).tuples[0]!.id).toBe(documentIn(open!).tuples[0]!.id)
  })

  it('R5.3.5.3-a or the publication is removed, if the operator prefers that', () => {
    const pna = new Agent({ atLoss: 'removed' })
    pna.registered()
    const [gone] = requests(pna.notify(reginfo(1, 'partial', { [identity]: { phone: ['expired'] } })), 'PUBLISH')
    expect([gone!.body, field(gone!, 'Expires'), field(gone!, 'SIP-If-Match')]).toEqual(['', '0', 'tag1'])
    expect(pna.state.subjects.size).toBe(0)
  })

  it('R5.3.5.3-a a third-party REGISTER with a duration of zero says the same', () => {
    const pna = new Agent()
    pna.registered()
    expect(requests(pna.register(0), 'PUBLISH').map(statuses)).toEqual([['closed']])
    expect(requests(pna.notify(reginfo(1, 'partial', { [identity]: { phone: ['expired'] } })), 'PUBLISH')).toEqual([])
  })

  it('R5.3.5.3-a each publication has the entity-tag of the one before; it is refreshed while the user is there', () => {
    const pna = new Agent()
    const [initial] = pna.registered()
    expect(field(initial!, 'SIP-If-Match')).toBeUndefined()
    const [change] = pna.event({ call: 'active' })
    expect(field(change!, 'SIP-If-Match')).toBe('tag1')
    const [refresh] = requests(pna.alone.pass(3600), 'PUBLISH')
    expect([refresh!.body, field(refresh!, 'SIP-If-Match'), field(refresh!, 'Expires')]).toEqual(['', 'tag2', '3600'])
  })

  it('R5.3.5.3-a what has been said last of a user who is gone is not kept up, and forgotten', () => {
    const pna = new Agent()
    pna.registered()
    pna.register(0)
    expect(requests(pna.alone.pass(3599), 'PUBLISH')).toEqual([])
    expect(pna.state.subjects.size).toBe(1)
    pna.alone.pass(1)
    expect([pna.state.subjects.size, pna.state.tags.size]).toEqual([0, 0])
    expect(pna.outcomes('does not keep up')).toEqual(['not refreshed'])
  })

  it('R5.3.5.3-a after 412 the whole is published anew', () => {
    const pna = new Agent()
    pna.registered()
    pna.status = (request) => (field(request, 'SIP-If-Match') === undefined ? '200 OK' : '412 Conditional')
    const [refresh, anew] = requests(pna.alone.pass(3600), 'PUBLISH')
    expect(field(refresh!, 'SIP-If-Match')).toBe('tag1')
    expect(field(anew!, 'SIP-If-Match')).toBeUndefined()
    expect(statuses(anew!)).toEqual(['open'])
  })

  it('R5.3.5.3-a what has not changed is not published again', () => {
    const pna = new Agent()
    pna.registered()
    expect(requests(pna.register(), 'PUBLISH')).toEqual([])
    expect(requests(pna.notify(reginfo(1, 'partial', { [identity]: { phone: ['refreshed'] } })), 'PUBLISH')).toEqual([])
    expect(pna.outcomes('know already')).toContain('nothing is published')
  })

  it('R5.3.5.3-a within one server the publication is the same and no message', () => {
    const run = runFlow(flowOf('A.7'), { without: leftOut })
    const published = run.rows.filter((row) => row.kind === 'message' && /PUBLISH/.test(JSON.stringify(row.message)))
    expect(published).toEqual([])
    const state = run.stateAt(run.trace.length, 'PNA') as {
      user: { roles: { presenceServer: { publications: Map<string, { publisher: string }> } } }
    }
    const { publications } = state.user.roles.presenceServer
    expect([...publications.values()].map(({ publisher }) => publisher)).toEqual(['sip:ps.home1.net'])
  })

  it('R5.3.5.3-b it asserts its own identity, and goes straight to the presence server', () => {
    const pna = new Agent()
    pna.register()
    const sent = pna.notify(reginfo(0, 'full', { [identity]: { phone: ['registered'] } }))
    const [request] = requests(sent, 'PUBLISH')
    expect(field(request!, 'P-Asserted-Identity')).toBe('<sip:pna1.home1.net>')
    expect(field(request!, 'Route')).toBe('<sip:ps.home1.net;lr>')
    expect(sent.find(({ message }) => message === request)?.to ?? sent.at(-1)!.to).toBe('ps.home1.net')
    expect(field(request!, 'From')).toMatch(/^<sip:pna1\.home1\.net>;tag=/)
    expect(field(request!, 'P-Charging-Vector')).toMatch(/^icid-value="[^"]+";orig-ioi=home1\.net$/)
  })

  it.each([
    ['an agent that is named', ['sip:pna1.home2.net'], '<sip:pna1.home2.net>', 200],
    ['an agent that is not named', ['sip:pna1.home2.net'], '<sip:pna2.home2.net>', 403],
    ['a server, where none is named', undefined, '<sip:pna1.home2.net>', 403],
    ['a user, who is none', ['sip:pna1.home2.net'], '<sip:user9_public1@home2.net>', 403],
  ] as const)(
    'R5.3.5.3-b the presence server answers the publication of %s as it should',
    (_case, named, by, status) => {
      const ps = server({ more: named === undefined ? {} : { networkAgents: named } })
      const request = publish(pidf({ ims: 'open' }), { 'P-Asserted-Identity': by })
      expect(answered(ps, request).status).toBe(status)
      const decision = ps.decisions.find(({ rule }) => rule.step === 'authorize publication')
      const publisher = by.slice(1, -1)
      expect(decision).toMatchObject({ outcome: status === 200 ? 'allow' : 'refuse', facts: { publisher, presentity } })
    },
  )
})

describe('TS 24.141 §5.2.2: several roles in one application server', () => {
  it('R5.2.2-a the agent and the presence server of one host each take what is theirs', () => {
    const run = runFlow(flowOf('pna/co-located'), { without: leftOut })
    expect(run.verdict.outcome).toBe('pass')
    const outcomes = run.trace.flatMap(({ node, effects }) =>
      effects.flatMap((one) =>
        one.kind === 'decide' && one.rule.step === 'hand over within the server' ? [`${node} ${one.outcome}`] : [],
      ),
    )
    expect(outcomes).toEqual(['ps.home1.net handed over', 'ps.home1.net handed over'])
    expect(presenceNetworkAgentRole.clause).toBe('TS 24.141 §5.3.5')
  })
})
