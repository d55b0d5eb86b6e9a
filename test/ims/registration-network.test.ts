import { describe, expect, it } from 'vitest'
import { isDocumentError, parseReginfo, type Reginfo } from '../../src/documents/index.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { field } from './alone.ts'
import {
  commandsOver,
  identity,
  ladder,
  type Otherwise,
  type Passed,
  Registering,
  requestsOf,
  responsesOf,
} from './registering.ts'

const second = 'sip:user1_public2@home1.net'
const watching = { registration: { subscribes: true } }
const watched: Otherwise = {
  nodes: { UE: watching, 'P-CSCF': watching },
  user: { identities: [identity, second] },
}

function registered(otherwise: Otherwise = {}, lasts = 10): Registering {
  const home = new Registering(otherwise)
  home.do({ do: 'register', node: 'UE' }, lasts)
  return home
}

/** The registration information in the NOTIFYs that the S-CSCF sent to the UE, or to the P-CSCF itself. */
function told(passed: readonly Passed[], target: 'UE' | 'P-CSCF'): Reginfo[] {
  const isFor = ({ uri }: SipRequest): boolean => uri.includes('pcscf1') === (target === 'P-CSCF')
  return requestsOf(passed, 'S-CSCF', 'NOTIFY')
    .filter(isFor)
    .map(({ body }) => {
      const document = parseReginfo(body as string)
      if (isDocumentError(document)) throw new Error(document.reason)
      return document
    })
}

/** Each contact as `identity state event`. */
const contactsIn = ({ registrations }: Reginfo): string[] =>
  registrations.flatMap(({ aor, contacts }) => contacts.map(({ state, event }) => `${aor} ${state} ${event}`))

describe('TS 24.229 §5.4.2.1.2: the registration state as it is told', () => {
  it('first to the P-CSCF and the UE: whole, what was registered expressly apart from what came along', () => {
    const home = registered(watched)
    for (const target of ['UE', 'P-CSCF'] as const) {
      const [first, ...more] = told(home.passed, target)
      expect(more).toEqual([])
      expect(first).toMatchObject({ state: 'full', version: 0 })
      expect(contactsIn(first!)).toEqual([`${identity} active registered`, `${second} active created`])
    }
  })

  it('after a refresh: the contacts that were refreshed', () => {
    const home = registered(watched)
    const [change] = told(home.do({ do: 'register', node: 'UE' }), 'UE')
    expect(change).toMatchObject({ state: 'partial', version: 1 })
    expect(contactsIn(change!)).toEqual([`${identity} active refreshed`, `${second} active refreshed`])
  })

  it('RFC 3680 §4.10: no more often than every five seconds, and then the latest', () => {
    const home = registered(watched)
    home.do({ do: 'register', node: 'UE' }, 1)
    const soon = home.do({ do: 'register', node: 'UE' }, 1)
    expect(told(soon, 'UE')).toEqual([])
    const late = told(home.pass(5), 'UE')
    expect(late).toHaveLength(1)
    expect(late[0]!.registrations[0]!.contacts[0]!.cseq).toBe(4)
  })

  it('does not name barred identities', () => {
    const home = registered({ ...watched, user: { ...watched.user, subscription: { barred: [identity] } } })
    expect(contactsIn(told(home.passed, 'UE')[0]!)).toEqual([`${second} active created`])
  })

  it('§7.10.2: names wildcarded identities in an extension', () => {
    const home = registered({ ...watched, user: { identities: [identity, 'sip:list!.*!@home1.net'] } })
    expect(told(home.passed, 'UE')[0]!.registrations[1]!.others[0]).toMatchObject({
      namespace: 'urn:3gpp:ns:extRegExp:1.0',
      name: 'wildcardedIdentity',
      children: ['sip:list!.*!@home1.net'],
    })
  })
})

describe('TS 24.229 §5.4.1.5: the end of a registration, brought about by the network', () => {
  it('rejected: the UE learns it by the registration state and does not come back', () => {
    const home = registered(watched)
    const later = home.do({ do: 'deregister', node: 'S-CSCF', user: 'user1', event: 'rejected' }, 200)
    expect(contactsIn(told(later, 'UE')[0]!)).toEqual([
      `${identity} terminated rejected`,
      `${second} terminated rejected`,
    ])
    expect(told(later, 'P-CSCF')).toHaveLength(1)
    expect(requestsOf(later, 'UE', 'REGISTER')).toEqual([])
    expect(commandsOver(later, 'SAR')[0]!.avps).toMatchObject({
      'Server-Assignment-Type': 'ADMINISTRATIVE_DEREGISTRATION',
      'Public-Identity': `${identity}, ${second}`,
    })
    expect(home.registration).toMatchObject({ state: 'not registered', failure: 'rejected', associations: [] })
    expect(home.proxy.ues.size).toBe(0)
    expect(home.subscriber.states).toEqual(['not registered'])
  })

  it('deactivated: the UE registers anew at once', () => {
    const home = registered(watched)
    const later = home.do({ do: 'deregister', node: 'S-CSCF', user: 'user1', event: 'deactivated' }, 20)
    expect(home.registration.state).toBe('registered')
    const [anew] = requestsOf(later, 'UE', 'REGISTER')
    expect(field(anew!, 'CSeq')).toBe('1 REGISTER')
    expect(home.proxy.ues.get('[5555::1]')!.isEnding).toBeUndefined()
    expect(home.subscriber.states).toEqual(['registered'])
  })

  it('on probation: the UE registers anew after a while', () => {
    const home = registered(watched)
    const soon = home.do({ do: 'deregister', node: 'S-CSCF', user: 'user1', event: 'probation' }, 50)
    expect(requestsOf(soon, 'UE', 'REGISTER')).toEqual([])
    home.pass(20)
    expect(home.registration.state).toBe('registered')
  })

  it.each([
    ['PERMANENT_TERMINATION', 'not registered', 'rejected'],
    ['SERVER_CHANGE', 'registered', 'deactivated'],
  ] as const)('TS 29.228 §6.1.3: by the HSS, for %s: the user is %s', (reason, state, event) => {
    const home = registered(watched)
    const later = home.do({ do: 'deregister', node: 'HSS', user: 'user1', reason }, 20)
    expect(commandsOver(later, 'RTA')[0]!.avps).toEqual({ 'Result-Code': 'DIAMETER_SUCCESS' })
    expect(contactsIn(told(later, 'UE')[0]!)[0]).toBe(`${identity} terminated ${event}`)
    expect(home.registration.state).toBe(state)
  })

  it('TS 29.228 §6.1.3: of a user who is not registered the HSS tells nobody', () => {
    const home = new Registering()
    expect(home.do({ do: 'deregister', node: 'HSS', user: 'user1' })).toEqual([])
    expect(home.decisions.map(({ node, rule, outcome }) => [node, rule.title, outcome])).toEqual([
      ['HSS', 'of a user whom nobody serves there is nobody to tell', 'nothing is sent'],
    ])
  })

  it('a UE that was away refreshes in vain, and registers anew', () => {
    const home = registered()
    home.do({ do: 'deregister', node: 'S-CSCF', user: 'user1' })
    // Without a subscription it has not heard of it: the S-CSCF knows no contact and challenges what came protected.
    const later = home.do({ do: 'register', node: 'UE' })
    expect(responsesOf(later, 'S-CSCF', 'REGISTER').map(({ status }) => status)).toEqual([401, 200])
    expect(home.registration.state).toBe('registered')
  })
})

describe('TS 24.229 §5.4.1.5: a registration that is not refreshed', () => {
  it('expires at the S-CSCF, which tells the HSS; the P-CSCF forgets the UE', () => {
    const home = registered()
    home.do({ do: 'down', node: 'UE' }, 599_980)
    expect(home.serving.registrar!.sets.size).toBe(1)
    const later = home.pass(60)
    expect(commandsOver(later, 'SAR')[0]!.avps['Server-Assignment-Type']).toBe('TIMEOUT_DEREGISTRATION')
    expect(home.serving.registrar!.sets.size).toBe(0)
    expect(home.subscriber).toMatchObject({ serverName: undefined, states: ['not registered'] })
    expect(home.proxy.ues.size).toBe(0)
    expect(home.proxy.access!.ues.size).toBe(0)
  })
})

describe('TS 24.229 §5.4.1.6: the network wants to see the user authenticated again', () => {
  it('shortens the registration; the UE refreshes in time, is challenged, and has new keys', () => {
    const home = registered(watched)
    const before = home.registration.associations[0]!.integrityKey
    const soon = home.do({ do: 'reauthenticate', node: 'S-CSCF', user: 'user1', expires: 60 }, 5)
    expect(contactsIn(told(soon, 'UE')[0]!)[0]).toBe(`${identity} active shortened`)
    expect(told(soon, 'UE')[0]!.registrations[0]!.contacts[0]!.expires).toBe(60)
    const later = home.pass(40)
    expect(commandsOver(later, 'MAR')).toHaveLength(1)
    expect(home.registration.state).toBe('registered')
    expect(home.registration.associations[0]!.integrityKey).not.toBe(before)
    home.pass(100)
    expect(home.serving.registrar!.sets.size).toBe(1)
  })
})

describe('TS 29.228 §6.2.1: the HSS pushes a profile', () => {
  const toServer = (server: string) => [{ priority: 0, groups: [[{ method: 'PUBLISH' }]], server }]

  it('whose criteria count from then on', () => {
    const home = registered({ user: { criteria: toServer('sip:one.home1.net') } })
    expect(home.serving.users.get(identity)!.criteria[0]!.serverName).toBe('sip:one.home1.net')
    const later = home.do({
      do: 'change-profile',
      node: 'HSS',
      user: 'user1',
      criteria: toServer('sip:two.home1.net'),
    })
    expect(ladder(later)).toEqual(['HSS -> S-CSCF : PPR', 'S-CSCF -> HSS : PPA'])
    expect(commandsOver(later, 'PPA')[0]!.avps).toEqual({ 'Result-Code': 'DIAMETER_SUCCESS' })
    expect(home.serving.users.get(identity)!.criteria[0]!.serverName).toBe('sip:two.home1.net')
    expect(home.serving.users.get(identity)!.contact!.uri).toBe('sip:[5555::1]:1357')
  })

  it('and of a user whom nobody serves keeps it for later', () => {
    const home = new Registering()
    const criteria = toServer('sip:two.home1.net')
    expect(home.do({ do: 'change-profile', node: 'HSS', user: 'user1', criteria })).toEqual([])
    home.do({ do: 'register', node: 'UE' })
    expect(home.serving.users.get(identity)!.criteria[0]!.serverName).toBe('sip:two.home1.net')
  })
})

describe('TS 24.229 §5.3.1.2: the S-CSCF for a user', () => {
  const servers = {
    'S-CSCF': { capabilities: [1] },
    'S-CSCF#2': { role: 's-cscf', network: 'home1.net', host: 'scscf2.home1.net', capabilities: [1, 2, 3] },
    'S-CSCF#3': { role: 's-cscf', network: 'home1.net', host: 'scscf3.home1.net', capabilities: [2, 4] },
  }

  it.each([
    ['the first, if nothing is asked for', {}, 'sip:scscf1.home1.net'],
    ['one that can do all that it must', { mandatory: [2] }, 'sip:scscf2.home1.net'],
    ['of those the one that can do most of what it should', { mandatory: [2], optional: [4] }, 'sip:scscf3.home1.net'],
  ])('is %s', (_which, subscription, serverName) => {
    const home = registered({ nodes: servers, user: { subscription } })
    expect(home.subscriber.serverName).toBe(serverName)
    expect(home.registration.state).toBe('registered')
  })

  it('§5.3.1.3: if none can do what it must: 600', () => {
    const home = registered({ nodes: servers, user: { subscription: { mandatory: [5] } } })
    expect(home.registration).toMatchObject({ state: 'not registered', failure: '600' })
  })

  it('§5.3.1.3: is another one, if the first does not answer', () => {
    const home = new Registering({ nodes: servers })
    home.do({ do: 'down', node: 'S-CSCF' })
    home.do({ do: 'register', node: 'UE' }, 60)
    expect(home.registration.state).toBe('registered')
    expect(home.subscriber.serverName).toBe('sip:scscf2.home1.net')
    const types = commandsOver(home.passed, 'UAR').map(({ avps }) => avps['User-Authorization-Type'])
    expect(types.slice(0, 2)).toEqual(['REGISTRATION', 'REGISTRATION_AND_CAPABILITIES'])
  })

  it('§5.3.1.3: that has challenged the UE and is gone is not replaced: the UE is told, and begins anew', () => {
    const home = registered({ nodes: servers })
    home.do({ do: 'down', node: 'S-CSCF' })
    const later = home.do({ do: 'register', node: 'UE' }, 90)
    const statuses = responsesOf(later, 'P-CSCF', 'REGISTER').map(({ status }) => status)
    expect(statuses.filter((status) => status > 100)).toEqual([504, 401, 200])
    expect(home.registration.state).toBe('registered')
    expect(home.subscriber.serverName).toBe('sip:scscf2.home1.net')
  })
})

describe('registration while the HSS can not be asked', () => {
  const cut = (node: string) => ({ do: 'partition' as const, some: [node], others: ['HSS'] })

  it('TS 24.229 §5.3.1.3: by the I-CSCF: 480 when its patience is at an end', () => {
    const home = new Registering()
    home.do(cut('I-CSCF'))
    home.do({ do: 'register', node: 'UE' }, 30)
    expect(home.registration).toMatchObject({ state: 'not registered', failure: '480' })
  })

  it('TS 24.229 §5.4.1.2: by the S-CSCF: 504', () => {
    const home = new Registering()
    home.do(cut('S-CSCF'))
    home.do({ do: 'register', node: 'UE' }, 30)
    expect(home.registration).toMatchObject({ state: 'not registered', failure: '504' })
  })

  it('the user may still leave', () => {
    const home = registered()
    home.do(cut('S-CSCF'))
    home.do({ do: 'deregister', node: 'UE' }, 30)
    expect(home.registration).toMatchObject({ state: 'not registered', failure: 'ended by the user' })
  })
})

describe('RFC 3261 §10.3 step 7: a duration that is too short', () => {
  it('is answered 423, and the UE asks for the shortest, without the associations of the failed attempt', () => {
    const home = registered({
      nodes: {
        UE: { registration: { subscribes: false, duration: 600 } },
        'S-CSCF': { registration: { shortest: 1800 } },
      },
    })
    expect(responsesOf(home.passed, 'P-CSCF', 'REGISTER').map(({ status }) => status)).toEqual([401, 423, 401, 200])
    const [, , again] = requestsOf(home.passed, 'UE', 'REGISTER')
    expect(field(again!, 'Expires')).toBe('1800')
    expect(field(again!, 'Security-Verify')).toBeUndefined()
    expect(home.registration.expiresAt / 1e6).toBeCloseTo(1800, -1)
  })

  it('one that is too long is cut', () => {
    const home = registered({ nodes: { 'S-CSCF': { registration: { longest: 3600 } } } })
    expect(home.registration.expiresAt / 1e6).toBeCloseTo(3600, -1)
  })
})
