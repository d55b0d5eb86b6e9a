import { describe, expect, it } from 'vitest'
import { Alone, edited, field, names, theResponse } from '../ims/alone.ts'
import { identity, type Otherwise, Registering, requestsOf, responsesOf } from '../ims/registering.ts'

const second = 'sip:user1_public2@home1.net'
const watching = { registration: { subscribes: true } }

function registered(otherwise: Otherwise = {}): Registering {
  const home = new Registering(otherwise)
  home.do({ do: 'register', node: 'UE' }, 10)
  return home
}

/** What the operator has the HSS know of a user otherwise: these criteria, or identities. */
const decided = (home: Registering, title: string) => home.decisions.filter(({ rule }) => rule.title === title)

describe('TS 24.229 §5.1.1: the REGISTERs of a UE', () => {
  const [first, answer] = requestsOf(registered().passed, 'UE', 'REGISTER')

  it('TS 24.229 §5.1.1.2.1: the UE asks its home network to register one of its identities', () => {
    for (const request of [first!, answer!]) {
      expect(request.uri).toBe('sip:home1.net')
      expect(field(request, 'From')).toMatch(new RegExp(`^<${identity}>;tag=`))
      expect(field(request, 'To')).toBe(`<${identity}>`)
      expect(field(request, 'Expires')).toBe('600000')
    }
    expect(field(first!, 'Contact')).toBe('<sip:[5555::1]>')
    expect(field(answer!, 'Contact')).toBe('<sip:[5555::1]:1357>')
  })

  it('TS 24.229 §5.1.1.2.1: the UE supports Path', () => {
    for (const request of [first!, answer!]) expect(field(request, 'Supported')).toBe('path')
  })

  it('TS 24.229 §5.1.1.2.1: the UE tells its access network in P-Access-Network-Info', () => {
    for (const request of [first!, answer!])
      expect(field(request, 'P-Access-Network-Info')).toMatch(/^3GPP-UTRAN-TDD; ?utran-cell-id-3gpp=/)
  })

  it('TS 24.229 §5.1.1.2.2: the first REGISTER names the private identity, and answers nothing', () => {
    expect(field(first!, 'Authorization')).toBe(
      'Digest username="user1_private@home1.net", realm="home1.net", nonce="", uri="sip:home1.net", response=""',
    )
  })

  it('TS 24.229 §5.1.1.2.2: the UE offers its security mechanisms, indexes and ports', () => {
    const offer = /^ipsec-3gpp;alg=hmac-sha-1-96;spi-c=\d+;spi-s=\d+;port-c=2468;port-s=1357$/
    for (const request of [first!, answer!])
      expect(field(request, 'Security-Client')?.replaceAll('; ', ';')).toMatch(offer)
  })

  it('TS 24.229 §5.1.1.2.2: the UE requires the security agreement of the next hop', () => {
    for (const request of [first!, answer!])
      expect([field(request, 'Require'), field(request, 'Proxy-Require')]).toEqual(['sec-agree', 'sec-agree'])
  })

  it('TS 24.229 §5.1.1.2.1: a REGISTER that is refused or not answered leaves the UE unregistered, and it says why', () => {
    const title = 'a REGISTER that is refused or not answered leaves the UE unregistered'
    const faulty = { registration: { subscribes: false, isim: { faulty: true } } }
    const [refused] = decided(registered({ nodes: { UE: faulty } }), title)
    expect(refused).toMatchObject({ node: 'UE', outcome: 'not registered', facts: { because: '403' } })
    const alone = new Registering({ links: [{ between: ['UE', 'P-CSCF'], latency: '2 ms', lossOneIn: 1 }] })
    // TS 24.229 §7.7: Timer F at the UE is 128 s.
    alone.do({ do: 'register', node: 'UE' }, 130)
    expect(decided(alone, title)[0]).toMatchObject({ outcome: 'not registered', facts: { because: 'no answer' } })
    expect(alone.registration.state).toBe('not registered')
  })

  it('TS 24.229 §5.1.1.4.2: a further REGISTER repeats the credentials of the last one', () => {
    const home = registered()
    const [, , further] = [...home.passed, ...home.do({ do: 'register', node: 'UE' })].filter(
      ({ from, message }) => from === 'UE' && message.kind === 'request',
    ) as { message: typeof first }[]
    expect(field(further!.message!, 'Authorization')).toContain(
      /nonce="[^"]+"/.exec(field(answer!, 'Authorization')!)![0],
    )
  })

  it('TS 24.229 §9.2.1: the UE finds its P-CSCF, once for each call', () => {
    const home = registered()
    expect(decided(home, 'the UE finds its P-CSCF').map(({ outcome }) => outcome)).toEqual(['pcscf1.home1.net'])
  })
})

describe('TS 24.229 §5.1.1.3: the UE watches its registration', () => {
  it('TS 24.229 §5.1.1.3: the UE keeps the identities that the network tells as registered', () => {
    const home = registered({ nodes: { UE: watching }, user: { identities: [identity, second] } })
    expect(home.registration.identities).toEqual([identity, second])
    const profile = (isBarred: boolean) => ({
      ...home.subscriber.subscription.sets[0]!,
      identities: [
        { identity, isBarred: false },
        { identity: second, isBarred },
      ],
    })
    const { subscription } = home.subscriber
    home.subscriber.subscription = { ...subscription, sets: [profile(true)] }
    home.do({ do: 'change-profile', node: 'HSS', user: 'user1', criteria: [] } as never)
    expect(home.registration.identities).toEqual([identity])
    expect(decided(home, 'the UE keeps the identities that the network tells as registered')).toHaveLength(1)
    home.subscriber.subscription = { ...subscription, sets: [profile(false)] }
    home.do({ do: 'change-profile', node: 'HSS', user: 'user1', criteria: [] } as never, 10)
    expect(home.registration.identities).toEqual([identity, second])
  })

  it('TS 24.229 §5.2.5.2: what the network has ended is ended here too: a P-CSCF vouches for no identity that went', () => {
    const home = registered({ nodes: { 'P-CSCF': watching }, user: { identities: [identity, second] } })
    const { subscription } = home.subscriber
    const sets = [
      {
        ...subscription.sets[0]!,
        identities: [
          { identity, isBarred: false },
          { identity: second, isBarred: true },
        ],
      },
    ]
    home.subscriber.subscription = { ...subscription, sets }
    home.do({ do: 'change-profile', node: 'HSS', user: 'user1', criteria: [] } as never, 10)
    expect(home.proxy.ues.get('[5555::1]')!.identities).toEqual([identity])
    expect(decided(home, 'what the network has ended is ended here too')).toHaveLength(1)
  })

  it('RFC 6665 §4.2.2: a subscriber that does not answer a NOTIFY, or refuses it, is dropped', () => {
    const home = registered({ nodes: { UE: watching } })
    expect(home.serving.registrar!.watches.size).toBe(1)
    Object.assign(home.registration, { subscription: undefined })
    home.do({ do: 'register', node: 'UE' })
    expect(responsesOf(home.passed, 'UE', 'NOTIFY').map(({ status }) => status)).toEqual([200, 481])
    expect(home.serving.registrar!.watches.size).toBe(0)
    expect(home.serving.registrar!.watchers.size).toBe(0)
    expect(decided(home, 'a subscriber that does not answer a NOTIFY, or refuses it, is dropped')).toHaveLength(1)
  })
})

describe('TS 24.229 §5.2.5.1: the end of a registration at the P-CSCF', () => {
  it('TS 24.229 §5.2.5.1: what a UE sends is not accepted once its registration has ended', () => {
    const home = registered()
    home.do({ do: 'deregister', node: 'UE' })
    expect(home.proxy.ues.get('[5555::1]')).toMatchObject({ isEnding: true })
    const [end] = decided(home, 'what a UE sends is not accepted once its registration has ended')
    expect(end).toMatchObject({ outcome: 'the associations are deleted soon', facts: { ue: '[5555::1]' } })
  })

  it('TS 24.229 §5.2.5.1: of a UE that is not registered any more nothing is kept', () => {
    const home = registered()
    home.do({ do: 'deregister', node: 'UE' }, 200)
    expect(home.proxy.ues.size + home.proxy.access!.ues.size + home.proxy.access!.subscriptions.size).toBe(0)
    expect(decided(home, 'of a UE that is not registered any more nothing is kept')[0]!.outcome).toBe('forgotten')
  })
})

describe('TS 24.229 §5.3.1.2: the S-CSCF of a user', () => {
  it('TS 24.229 §5.3.1.2: the I-CSCF selects an S-CSCF by its capabilities, and says by which', () => {
    const serving = (host: string, capabilities: number[]) => ({
      role: 's-cscf',
      network: 'home1.net',
      host,
      capabilities,
    })
    const home = registered({
      nodes: { 'S-CSCF#2': serving('scscf2.home1.net', [1]), 'S-CSCF#3': serving('scscf3.home1.net', [1, 2, 3]) },
      user: { subscription: { mandatory: [1], optional: [2, 3] } },
    })
    const [selected] = decided(home, 'the I-CSCF selects an S-CSCF by its capabilities')
    expect(selected).toMatchObject({
      outcome: 'sip:scscf3.home1.net',
      facts: { mandatory: '1', optional: '2, 3' },
    })
    expect(requestsOf(home.passed, 'I-CSCF', 'REGISTER')[0]!.uri).toBe('sip:scscf3.home1.net')
  })
})

describe('TS 24.229 §5.7.1.1: an application server that is told of registrations', () => {
  const register = `
    REGISTER sip:as1.home1.net SIP/2.0
    Via: SIP/2.0/UDP scscf1.home1.net;branch=z9hG4bK1
    Max-Forwards: 70
    From: <sip:scscf1.home1.net>;tag=1
    To: <${identity}>
    Call-ID: a
    CSeq: 1 REGISTER
    Contact: <sip:scscf1.home1.net>
    Expires: 600000
  `
  const settings = {
    identity: 'sip:as1.home1.net',
    network: 'home1.net',
    tags: [],
    chargingIds: [],
    firstSequence: 1,
    roles: { registrationListener: { subscribes: false } },
  }
  const answered = (changes: Record<string, string | undefined>) => {
    const server = new Alone('application-server', 'as1.home1.net', settings)
    return theResponse(server.receive(edited(register, changes), 'scscf1.home1.net'))
  }

  it('RFC 3261 §10.3 step 5: a REGISTER without Contact or expiry tells an application server nothing: 400', () => {
    expect(answered({ Contact: undefined }).status).toBe(400)
    expect(answered({ Expires: undefined }).status).toBe(400)
    expect(field(answered({}), 'Contact')).toBe('<sip:scscf1.home1.net>;expires=600000')
    expect(names(answered({ Contact: undefined }))).not.toContain('Contact')
  })
})
