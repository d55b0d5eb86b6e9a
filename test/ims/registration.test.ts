import { describe, expect, it } from 'vitest'
import { paramText } from '../../src/sip/digest.ts'
import type { SipMessage } from '../../src/sip/message.ts'
import { field, names } from './alone.ts'
import {
  commandsOver,
  identity,
  ladder,
  type Otherwise,
  privateIdentity,
  Registering,
  requestsOf,
  responsesOf,
} from './registering.ts'

/** A home network whose user has registered. */
function registered(otherwise: Otherwise = {}): Registering {
  const home = new Registering(otherwise)
  home.do({ do: 'register', node: 'UE' })
  return home
}

const texts = (messages: readonly SipMessage[], name: string) => messages.map((message) => field(message, name))

describe('TS 24.229 §5.1.1.2: a registration', () => {
  const home = registered({ user: { identities: [identity, 'sip:user1_public2@home1.net'] } })

  it('takes two REGISTERs of one call, and the HSS is asked four times', () => {
    expect(ladder(home.passed).filter((line) => line.startsWith('UE') || line.endsWith('R'))).toEqual([
      'UE -> P-CSCF : REGISTER',
      'P-CSCF -> I-CSCF : REGISTER',
      'I-CSCF -> HSS : UAR',
      'I-CSCF -> S-CSCF : REGISTER',
      'S-CSCF -> HSS : MAR',
      'UE -> P-CSCF : REGISTER',
      'P-CSCF -> I-CSCF : REGISTER',
      'I-CSCF -> HSS : UAR',
      'I-CSCF -> S-CSCF : REGISTER',
      'S-CSCF -> HSS : SAR',
    ])
    const requests = requestsOf(home.passed, 'UE', 'REGISTER')
    expect(new Set(texts(requests, 'Call-ID')).size).toBe(1)
    expect(texts(requests, 'CSeq')).toEqual(['1 REGISTER', '2 REGISTER'])
  })

  it('leaves the UE registered with all identities of the implicit set, the default one first', () => {
    const { state, identities, expiresAt, failure } = home.registration
    expect({ state, failure }).toEqual({ state: 'registered', failure: undefined })
    expect(identities).toEqual([identity, 'sip:user1_public2@home1.net'])
    expect(expiresAt).toBeGreaterThan(600_000_000_000)
  })

  it('TS 33.203 §7.1: leaves UE and P-CSCF with the same security associations, each with its own end', () => {
    const [ofUe] = home.registration.associations
    const [ofProxy] = home.proxy.access!.ues.get('[5555::1]')!.associations
    const { algorithm, integrityKey, cipherKey, ue, proxy } = ofUe!
    expect(ofProxy).toMatchObject({ state: 'established', algorithm, integrityKey, cipherKey, ue, proxy })
    expect(ofUe!.state).toBe('established')
    expect(integrityKey).toMatch(/^[0-9a-f]{32}$/)
    expect([ue.portServer, ue.portClient, proxy.portServer, proxy.portClient]).toEqual([1357, 2468, 7531, 8642])
    expect(new Set([ue.spiClient, ue.spiServer, proxy.spiClient, proxy.spiServer]).size).toBe(4)
    // TS 24.229 §5.2.2.2: 30 seconds longer than the registration.
    expect(ofProxy!.expiresAt - home.registration.expiresAt).toBeCloseTo(30_000_000, -6)
  })

  it('TS 33.203 §6.1: shows the keys to nobody but the P-CSCF', () => {
    const [toUe] = responsesOf(home.passed, 'P-CSCF', 'REGISTER')
    const challenge = toUe!.headers.wwwAuthenticate![0]!
    expect(paramText(challenge, 'ik')).toBeUndefined()
    expect(paramText(challenge, 'ck')).toBeUndefined()
    const [toProxy] = responsesOf(home.passed, 'I-CSCF', 'REGISTER')
    expect(paramText(toProxy!.headers.wwwAuthenticate![0]!, 'ik')).toBe(home.registration.associations[0]!.integrityKey)
    for (const request of requestsOf(home.passed, 'UE', 'REGISTER'))
      expect(field(request, 'Authorization')).not.toContain(home.registration.associations[0]!.integrityKey)
  })

  it('leaves the S-CSCF with a contact and its Path, and the HSS with the S-CSCF', () => {
    expect(home.serving.users.get('sip:user1_public2@home1.net')!.contact).toMatchObject({
      uri: 'sip:[5555::1]:1357',
      path: [{ uri: 'sip:term@pcscf1.home1.net;lr' }],
    })
    expect(home.subscriber).toMatchObject({
      serverName: 'sip:scscf1.home1.net',
      states: ['registered'],
      isAuthenticationPending: false,
    })
  })

  it('leaves the P-CSCF knowing the identities, the Service-Route and what it has offered', () => {
    const row = home.proxy.ues.get('[5555::1]')!
    expect(row.identities).toEqual([identity, 'sip:user1_public2@home1.net'])
    expect(row.serviceRoute.map(({ uri }) => uri)).toEqual(['sip:orig@scscf1.home1.net;lr'])
    expect(row.security).toEqual(home.registration.access!.security)
  })

  it('lets the UE route what it sends then by the protected port and the Service-Route', () => {
    expect(home.registration.access!.route.map(({ uri }) => uri)).toEqual([
      'sip:pcscf1.home1.net:7531;lr',
      'sip:orig@scscf1.home1.net;lr',
    ])
  })
})

describe('TS 24.229 §5.1.1.4: a refresh', () => {
  it.each([
    ['ten minutes before the end, if the registration lasts longer than twenty', 3600, 3000],
    ['at half time, if it lasts twenty minutes or less', 1200, 600],
  ])('comes %s', (_when, duration, due) => {
    const home = new Registering({ nodes: { UE: { registration: { subscribes: false, duration } } } })
    home.do({ do: 'register', node: 'UE' })
    const later = home.pass(due + 10)
    const [refresh] = requestsOf(later, 'UE', 'REGISTER')
    const at = later.find(({ message }) => message === refresh)!.at
    expect(at).toBeGreaterThan(due - 1)
    expect(at).toBeLessThan(due + 1)
    expect(commandsOver(later, 'MAR')).toEqual([])
    expect(commandsOver(later, 'SAR')[0]!.avps['Server-Assignment-Type']).toBe('RE_REGISTRATION')
  })

  it('keeps the user registered for as long as it goes on', () => {
    const home = new Registering({ nodes: { UE: { registration: { subscribes: false, duration: 600 } } } })
    home.do({ do: 'register', node: 'UE' })
    home.pass(86_400)
    expect(home.registration.state).toBe('registered')
    expect(home.registration.sequence).toBeGreaterThan(280)
    expect(home.serving.registrar!.sets.size).toBe(1)
    expect(home.proxy.ues.has('[5555::1]')).toBe(true)
  })

  it('§5.4.1.2.2: is challenged where every REGISTER is, and new associations take the place of the old', () => {
    const home = registered({ nodes: { 'S-CSCF': { registration: { authenticates: 'every' } } } })
    const before = home.registration.associations[0]!
    const later = home.do({ do: 'register', node: 'UE' })
    expect(commandsOver(later, 'MAR')).toHaveLength(1)
    expect(home.registration.state).toBe('registered')
    expect(home.registration.associations).toHaveLength(1)
    const after = home.registration.associations[0]!
    expect(after.integrityKey).not.toBe(before.integrityKey)
    expect(after.ue.portClient).toBe(before.ue.portClient + 1)
    const ofProxy = home.proxy.access!.ues.get('[5555::1]')!.associations
    expect(ofProxy.map(({ state, integrityKey }) => [state, integrityKey])).toEqual([
      ['old', before.integrityKey],
      ['established', after.integrityKey],
    ])
    // The first of the two goes over the old ones, the answer over the new ones.
    const [first, answer] = requestsOf(later, 'UE', 'REGISTER')
    expect(field(first!, 'Security-Verify')).toContain(String(before.proxy.spiServer))
    expect(field(answer!, 'Security-Verify')).toContain(String(after.proxy.spiServer))
  })

  it('§5.1.1.4.1: that nobody answers makes the UE register anew', () => {
    const home = registered()
    home.do({ do: 'down', node: 'P-CSCF' })
    home.do({ do: 'register', node: 'UE' }, 130)
    home.do({ do: 'up', node: 'P-CSCF' }, 40)
    expect(home.registration.state).toBe('registered')
    const calls = new Set(texts(requestsOf(home.passed, 'UE', 'REGISTER'), 'Call-ID'))
    expect(calls.size).toBe(2)
  })
})

describe('TS 24.229 §5.1.1.5.3: a challenge that is deemed invalid', () => {
  const imposter = { registration: { subscribes: false, isim: { key: '00112233445566778899aabbccddeeff' } } }

  it('with a wrong MAC gets an empty response, is refused, and leaves no trace in the HSS', () => {
    const home = registered({ nodes: { UE: imposter } })
    const [, answer] = requestsOf(home.passed, 'UE', 'REGISTER')
    expect(paramText(answer!.headers.authorization![0]!, 'response')).toBe('')
    expect(paramText(answer!.headers.authorization![0]!, 'auts')).toBeUndefined()
    expect(names(answer!)).not.toContain('Security-Verify')
    expect(responsesOf(home.passed, 'P-CSCF', 'REGISTER').map(({ status }) => status)).toEqual([401, 403])
    expect(home.registration).toMatchObject({ state: 'not registered', failure: '403', associations: [] })
    expect(commandsOver(home.passed, 'SAR')[0]!.avps['Server-Assignment-Type']).toBe('AUTHENTICATION_FAILURE')
    expect(home.subscriber).toMatchObject({ serverName: undefined, states: ['not registered'] })
  })

  it('does not end a registration that there is: a refresh that fails leaves it until its time is up', () => {
    const home = registered({ nodes: { 'S-CSCF': { registration: { authenticates: 'every' } } } })
    // The HSS is replaced by one that does not know the right key any more.
    ;(home.subscriber as { subscription: object }).subscription = {
      ...home.subscriber.subscription,
      secret: { k: '00'.repeat(16), opc: '00'.repeat(16) },
    }
    home.do({ do: 'register', node: 'UE' })
    expect(home.registration).toMatchObject({ state: 'registered', failure: '403' })
    expect(home.registration.associations).toHaveLength(1)
    expect(home.serving.registrar!.sets.size).toBe(1)
  })
})

describe('TS 24.229 §5.4.1.2.3: a wrong answer to the challenge', () => {
  const faulty = { registration: { subscribes: false, isim: { faulty: true } } }

  it('is answered 403, and P-CSCF and UE delete what they had set up', () => {
    const home = registered({ nodes: { UE: faulty } })
    expect(responsesOf(home.passed, 'S-CSCF', 'REGISTER').map(({ status }) => status)).toEqual([401, 403])
    expect(home.registration).toMatchObject({ state: 'not registered', associations: [] })
    expect(home.proxy.access!.ues.get('[5555::1]')!.associations).toEqual([])
    expect(home.proxy.ues.has('[5555::1]')).toBe(false)
    expect(home.serving.registrar!.pending.size).toBe(0)
  })
})

describe('who may not register', () => {
  it('TS 24.229 §5.3.1.3: a user whom the HSS does not know: 403', () => {
    const home = registered({
      nodes: {
        UE: { registration: { subscribes: false, registrar: 'home1.net' } },
        'S-CSCF#2': { role: 's-cscf', network: 'home2.net', host: 'scscf2.home2.net' },
      },
      user: { sCscf: 'S-CSCF#2' },
    })
    expect(ladder(home.passed)).toEqual([
      'UE -> P-CSCF : REGISTER',
      'P-CSCF -> I-CSCF : REGISTER',
      'I-CSCF -> HSS : UAR',
      'HSS -> I-CSCF : UAA',
      'I-CSCF -> P-CSCF : 403 (REGISTER)',
      'P-CSCF -> UE : 403 (REGISTER)',
    ])
    expect(commandsOver(home.passed, 'UAA')[0]!.avps).toEqual({
      'Experimental-Result-Code': 'DIAMETER_ERROR_USER_UNKNOWN',
    })
    expect(home.registration.state).toBe('not registered')
  })

  it('TS 29.228 §6.1.1.1: one in a network without roaming agreement: 403', () => {
    const home = registered({ user: { subscription: { roams: ['home2.net'] } } })
    expect(home.registration).toMatchObject({ state: 'not registered', failure: '403' })
    const allowed = registered({ user: { subscription: { roams: ['home2.net', 'home1.net'] } } })
    expect(allowed.registration.state).toBe('registered')
  })

  it('TS 29.228 §6.1.1.1: one whose identities are all barred: 403', () => {
    const home = registered({ user: { subscription: { barred: [identity] } } })
    expect(home.registration).toMatchObject({ state: 'not registered', failure: '403' })
  })

  it('TS 24.229 §5.2.2.1: one of a domain that can not be found: 404', () => {
    const home = registered({ nodes: { UE: { registration: { registrar: 'nowhere.net', subscribes: false } } } })
    expect(home.registration).toMatchObject({ state: 'not registered', failure: '404' })
    expect(ladder(home.passed)).toEqual(['UE -> P-CSCF : REGISTER', 'P-CSCF -> UE : 404 (REGISTER)'])
  })
})

describe('implicit registration', () => {
  const [second, third] = ['sip:user1_public2@home1.net', 'sip:user1_public3@home1.net'] as const

  it('TS 23.228 §5.2.1a: registers the set of the identity, and no other set of the subscription', () => {
    const home = registered({
      user: { identities: [identity, second, third], subscription: { sets: [[identity, second], [third]] } },
    })
    expect(home.registration.identities).toEqual([identity, second])
    expect(home.subscriber.states).toEqual(['registered', 'not registered'])
    expect([...home.serving.users.keys()]).toEqual([identity, second])
  })

  it('TS 24.229 §5.4.1.2.2F: a barred identity is registered, but told to nobody', () => {
    const home = registered({ user: { identities: [identity, second], subscription: { barred: [identity] } } })
    expect(home.registration).toMatchObject({ state: 'registered', identities: [second] })
    expect(home.registration.access!.identity).toBe(second)
    expect(home.proxy.ues.get('[5555::1]')!.identities).toEqual([second])
    expect(home.serving.users.get(identity)).toMatchObject({ isBarred: true })
  })

  it('TS 23.003 §13.4A: with a wildcarded identity, all that it stands for may be preferred and are found', () => {
    const wildcarded = 'sip:list!.*!@home1.net'
    const home = registered({ user: { identities: [identity, wildcarded] } })
    expect(home.registration.identities).toEqual([identity, wildcarded])
    expect(home.proxy.ues.get('[5555::1]')!.identities).toEqual([identity, wildcarded])
    expect(home.serving.wildcarded.get(wildcarded)!.contact!.uri).toBe('sip:[5555::1]:1357')
  })
})

describe('TS 24.229 §5.1.1.6: the end of a registration, asked for by the user', () => {
  const home = registered()
  const later = home.do({ do: 'deregister', node: 'UE' })

  it('goes over the security associations, with a duration of zero', () => {
    const [request] = requestsOf(later, 'UE', 'REGISTER')
    expect(field(request!, 'Expires')).toBe('0')
    expect(names(request!)).toContain('Security-Verify')
    expect(requestsOf(later, 'UE', 'REGISTER')).toHaveLength(1)
  })

  it('leaves nothing at the UE, the S-CSCF and the HSS', () => {
    expect(home.registration).toMatchObject({ state: 'not registered', associations: [], access: undefined })
    expect(home.serving.registrar!.sets.size).toBe(0)
    expect(home.serving.users.size).toBe(0)
    expect(home.subscriber).toMatchObject({ serverName: undefined, states: ['not registered'] })
  })

  it('leaves nothing at the P-CSCF, as soon as what is on its way has arrived', () => {
    expect(home.proxy.ues.get('[5555::1]')!.isEnding).toBe(true)
    home.pass(130)
    expect(home.proxy.ues.size).toBe(0)
    expect(home.proxy.access!.ues.size).toBe(0)
  })

  it('lets the user register again', () => {
    home.do({ do: 'register', node: 'UE' })
    expect(home.registration.state).toBe('registered')
  })

  it('is not what a UE does that is not registered', () => {
    const other = new Registering()
    expect(other.do({ do: 'deregister', node: 'UE' })).toEqual([])
  })
})

it('TS 24.229 §5.1.2A.1: a UE that is not registered does nothing else', () => {
  const home = new Registering()
  expect(home.do({ do: 'subscribe', node: 'UE', to: 'sip:user2_public1@home1.net' })).toEqual([])
  expect(home.decisions.at(-1)).toMatchObject({ node: 'UE', outcome: 'nothing is done' })
})

it('registers through a lossy radio link, whatever is lost', () => {
  for (let seed = 1; seed <= 25; seed++) {
    const links = [{ between: ['UE', 'P-CSCF'], latency: '40 ms', lossOneIn: 3 }]
    const home = new Registering({ seed, links })
    home.do({ do: 'register', node: 'UE' }, 300)
    expect(home.registration.state, `seed ${seed}`).toBe('registered')
    expect(home.subscriber.subscription.privateIdentity).toBe(privateIdentity)
  }
})
