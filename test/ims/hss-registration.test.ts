import { describe, expect, it } from 'vitest'
import { acceptedSequences, nextSqn, resynchronisationToken, takeChallenge } from '../../src/ims/aka.ts'
import type { Avps, CxMessage } from '../../src/ims/cx.ts'
import type { HssSettings } from '../../src/ims/hss/hss.ts'
import type { IdentityState, ImsSubscription } from '../../src/ims/hss/subscription.ts'
import { readUserData } from '../../src/ims/hss/user-data.ts'
import { Alone } from './alone.ts'
import vectors from './material/milenage-35207.json' with { type: 'json' }

const [vector] = vectors.sets
const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const identity = (name: string, isBarred = false) => ({ identity: `sip:${name}@home1.net`, isBarred })
const server = 'sip:scscf1.home1.net'
const unregisteredService = {
  priority: 0,
  conditionType: 'CNF',
  groups: [[{ kind: 'sessionCase', sessionCase: 'terminating-unregistered', negated: false }]],
  serverName: 'sip:ps.home1.net',
  defaultHandling: 'continue',
} as const

const subscription = (name: string, parts: Partial<ImsSubscription> = {}): ImsSubscription => ({
  privateIdentity: `${name}@home1.net`,
  secret: { k: vector!.k, opc: vector!.opc },
  sqn: Number.parseInt(vector!.sqn, 16) - 33,
  amf: vector!.amf,
  sets: [{ identities: [identity(`${name}_public1`), identity(`${name}_public2`)], criteria: [] }],
  capabilities: { mandatory: [1, 2], optional: [3] },
  networks: undefined,
  chargingFunctions: ['ccf1.home1.net'],
  state: 'not registered',
  serverName: server,
  ...parts,
})

const settings: HssSettings = {
  users: {},
  subscriptions: [
    subscription('new'),
    subscription('old', { state: 'registered' }),
    subscription('stored', { state: 'unregistered' }),
    subscription('roaming', { networks: ['visited2.net'] }),
    subscription('barred', { sets: [{ identities: [identity('barred_public1', true)], criteria: [] }] }),
    subscription('half', {
      sets: [{ identities: [identity('half_public1', true), identity('half_public2')], criteria: [] }],
    }),
    subscription('served', {
      sets: [{ identities: [identity('served_public1')], criteria: [unregisteredService] }],
    }),
    subscription('wild', { state: 'registered', sets: [{ identities: [identity('w!.*!')], criteria: [] }] }),
    subscription('two', {
      sets: [
        { identities: [identity('two_public1')], criteria: [] },
        { identities: [identity('two_public2')], criteria: [] },
      ],
    }),
  ],
  challenges: [vector!.rand],
}

/** An HSS that a test asks one thing after the other. */
class Asked {
  private readonly hss: Alone
  private session = 0

  constructor(given: HssSettings = settings) {
    this.hss = new Alone('hss', 'hss.home1.net', given)
  }

  ask(command: string, avps: Avps): Avps {
    const query: CxMessage = { protocol: 'cx', kind: 'request', command, session: `s${++this.session}`, avps }
    const [sent] = this.hss.receive(query, 'scscf1.home1.net')
    const answer = sent!.message as CxMessage
    expect(answer).toMatchObject({ kind: 'answer', command: `${command.slice(0, -1)}A`, session: query.session })
    return answer.avps
  }

  state(name: string): { states: readonly IdentityState[]; serverName: string | undefined } {
    // The HSS sits on no transaction layer.
    const seat = this.hss.simulation.world.seats.get('hss.home1.net')!.state as {
      subscribers: { byPrivate: Map<string, { states: IdentityState[]; serverName: string | undefined }> }
    }
    const { states, serverName } = seat.subscribers.byPrivate.get(`${name}@home1.net`)!
    return { states, serverName }
  }
}

const of = (name: string, number = 1): Avps => ({
  'User-Name': `${name}@home1.net`,
  'Public-Identity': `sip:${name}_public${number}@home1.net`,
})

describe('TS 29.228 §6.1.1.1: user authorization', () => {
  const uar = (avps: Avps, type = 'REGISTRATION') =>
    new Asked().ask('UAR', { 'Visited-Network-Identifier': 'visited1.net', 'User-Authorization-Type': type, ...avps })
  const failed = (name: string) => ({ 'Experimental-Result-Code': name })
  const capable = { 'Mandatory-Capability': '1, 2', 'Optional-Capability': '3' }
  const again = { 'Experimental-Result-Code': 'DIAMETER_SUBSEQUENT_REGISTRATION', 'Server-Name': server }

  it.each([
    [
      'an unknown public identity',
      { ...of('new'), 'Public-Identity': 'sip:x@home1.net' },
      'DIAMETER_ERROR_USER_UNKNOWN',
    ],
    ['an unknown private identity', { ...of('new'), 'User-Name': 'x@home1.net' }, 'DIAMETER_ERROR_USER_UNKNOWN'],
    ['identities of two users', { ...of('new'), 'User-Name': 'old@home1.net' }, 'DIAMETER_ERROR_IDENTITIES_DONT_MATCH'],
    ['a network where the user may not be', of('roaming'), 'DIAMETER_ERROR_ROAMING_NOT_ALLOWED'],
  ])('%s', (_what, avps, result) => {
    expect(uar(avps)).toEqual(failed(result))
  })
  it('a network where the user may be', () => {
    expect(uar({ ...of('roaming'), 'Visited-Network-Identifier': 'visited2.net' })).toEqual({
      ...failed('DIAMETER_FIRST_REGISTRATION'),
      ...capable,
    })
  })
  it('a first registration: what the S-CSCF must be able to do', () => {
    expect(uar(of('new'))).toEqual({ ...failed('DIAMETER_FIRST_REGISTRATION'), ...capable })
  })
  it.each(['old', 'stored'])('a further one: the S-CSCF (%s)', (name) => {
    expect(uar(of(name, 2))).toEqual(again)
  })
  it('asked for capabilities they are told, whoever serves the user', () => {
    expect(uar(of('old'), 'REGISTRATION_AND_CAPABILITIES')).toEqual({ 'Result-Code': 'DIAMETER_SUCCESS', ...capable })
  })
  it('a barred identity with nothing else in its set may not register, one with another may', () => {
    expect(uar(of('barred'))).toEqual({ 'Result-Code': 'DIAMETER_AUTHORIZATION_REJECTED' })
    expect(uar(of('half'))).toMatchObject(failed('DIAMETER_FIRST_REGISTRATION'))
  })
  it('a de-registration: the S-CSCF, or that there is none', () => {
    expect(uar(of('old'), 'DE_REGISTRATION')).toEqual({ 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': server })
    expect(uar(of('new'), 'DE_REGISTRATION')).toEqual(failed('DIAMETER_ERROR_IDENTITY_NOT_REGISTERED'))
  })
})

describe('TS 23.228 §4.3.3.4: a public identity that two private ones share', () => {
  const shared = [{ identities: [identity('old_public1')], criteria: [] }]
  const both = { ...settings, subscriptions: [subscription('card', { sets: shared }), ...settings.subscriptions!] }
  const card = { 'User-Name': 'card@home1.net', 'Public-Identity': 'sip:old_public1@home1.net' }
  const phone = { ...card, 'User-Name': 'old@home1.net' }
  const registration = { 'Visited-Network-Identifier': 'visited1.net', 'User-Authorization-Type': 'REGISTRATION' }

  it('each may register with it, and none else', () => {
    const hss = new Asked(both)
    expect(hss.ask('UAR', { ...registration, ...card })['Experimental-Result-Code']).toBe('DIAMETER_FIRST_REGISTRATION')
    expect(hss.ask('UAR', { ...registration, ...phone })['Server-Name']).toBe(server)
    const other = { ...card, 'User-Name': 'new@home1.net' }
    expect(hss.ask('UAR', { ...registration, ...other })).toEqual({
      'Experimental-Result-Code': 'DIAMETER_ERROR_IDENTITIES_DONT_MATCH',
    })
  })

  it('is found where one of them is registered', () => {
    const location = new Asked(both).ask('LIR', { 'Public-Identity': 'sip:old_public1@home1.net' })
    expect(location).toEqual({ 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': server })
  })

  it('one that registers or leaves changes nothing for the other', () => {
    const hss = new Asked(both)
    const assign = (type: string) => ({ ...card, 'Server-Name': server, 'Server-Assignment-Type': type })
    hss.ask('SAR', assign('REGISTRATION'))
    expect([hss.state('card').states, hss.state('old').states]).toEqual([['registered'], ['registered']])
    hss.ask('SAR', assign('USER_DEREGISTRATION'))
    expect([hss.state('card').states, hss.state('old').states]).toEqual([['not registered'], ['registered']])
  })
})

describe('TS 29.228 §6.3.1: authentication', () => {
  const aka = {
    ...of('new'),
    'SIP-Number-Auth-Items': 1,
    'SIP-Authentication-Scheme': 'Digest-AKAv1-MD5',
    'Server-Name': server,
  }

  it('a vector: that of TS 35.208 test set 1', () => {
    expect(new Asked().ask('MAR', aka)).toEqual({
      'Result-Code': 'DIAMETER_SUCCESS',
      ...of('new'),
      'SIP-Number-Auth-Items': 1,
      'SIP-Item-Number': 1,
      'SIP-Authentication-Scheme': 'Digest-AKAv1-MD5',
      'SIP-Authenticate': vector!.rand + vector!.autn,
      'SIP-Authorization': vector!.f2,
      'Confidentiality-Key': vector!.f3,
      'Integrity-Key': vector!.f4,
    })
  })
  it('the next vector is another one', () => {
    const hss = new Asked()
    const [one, other] = [hss.ask('MAR', aka), hss.ask('MAR', aka)]
    expect(other['SIP-Authenticate']).not.toBe(one['SIP-Authenticate'])
    expect(String(other['SIP-Authenticate'])).toMatch(/^[0-9a-f]{64}$/)
  })
  it('from then on the S-CSCF that authenticates the user is the one that is named', () => {
    const hss = new Asked()
    hss.ask('MAR', aka)
    const uar = { ...of('new'), 'User-Authorization-Type': 'REGISTRATION' }
    expect(hss.ask('UAR', uar)['Server-Name']).toBe(server)
  })
  describe('TS 33.102 §6.3.5: what an ISIM that is out of step tells', () => {
    const secret = { k: octets(vector!.k), opc: octets(vector!.opc) }
    const far = Number.parseInt(vector!.sqn, 16) + 32_000_000
    const auts = Buffer.from(resynchronisationToken(secret, octets(vector!.rand), far)).toString('hex')
    /** The sequence number in the vector that an HSS makes after this. */
    function sqnAfter(token: string): number {
      const answer = new Asked().ask('MAR', { ...aka, 'SIP-Authorization': token })
      const both = octets(String(answer['SIP-Authenticate']))
      const challenge = { rand: both.slice(0, 16), autn: both.slice(16) }
      const outcome = takeChallenge(secret, acceptedSequences(), challenge)
      return outcome.kind === 'wrong MAC' ? Number.NaN : outcome.sqn
    }
    it('sets the sequence number: the next vector is fresh', () => {
      expect(sqnAfter(vector!.rand + auts)).toBe(nextSqn(far))
    })
    it.each([
      ['a wrong MAC-S', `${vector!.rand}${auts.slice(0, -2)}${auts.endsWith('00') ? '01' : '00'}`],
      ['another RAND', `${vectors.sets[1]!.rand}${auts}`],
      ['too little', vector!.rand],
      ['no octets', 'no octets'],
    ])('with %s sets nothing', (_what, token) => {
      expect(sqnAfter(token)).toBe(Number.parseInt(vector!.sqn, 16))
    })
  })
  it('of an unknown user, or by another scheme: errors', () => {
    expect(new Asked().ask('MAR', { ...aka, 'User-Name': 'x@home1.net' })).toEqual({
      'Experimental-Result-Code': 'DIAMETER_ERROR_USER_UNKNOWN',
    })
    expect(new Asked().ask('MAR', { ...aka, 'SIP-Authentication-Scheme': 'SIP Digest' })).toEqual({
      'Experimental-Result-Code': 'DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED',
    })
  })
})

describe('TS 29.228 §6.1.2.1: assignment of an S-CSCF', () => {
  const sar = (avps: Avps, type: string, name = server): Avps => ({
    ...avps,
    'Server-Name': name,
    'Server-Assignment-Type': type,
  })

  it('a registration: the user is registered, and the profile of the set is handed over', () => {
    const hss = new Asked()
    const answer = hss.ask('SAR', sar(of('two'), 'REGISTRATION'))
    expect(answer).toMatchObject({
      'Result-Code': 'DIAMETER_SUCCESS',
      'User-Name': 'two@home1.net',
      'Primary-Charging-Collection-Function-Name': 'ccf1.home1.net',
    })
    expect(readUserData(String(answer['User-Data']))).toEqual({
      privateIdentity: 'two@home1.net',
      profiles: [{ identities: [identity('two_public1')], criteria: [] }],
    })
    expect(hss.state('two')).toEqual({ states: ['registered', 'not registered'], serverName: server })
  })
  it('not the profile, if the S-CSCF has it', () => {
    const has = { 'User-Data-Already-Available': 'USER_DATA_ALREADY_AVAILABLE' }
    const answer = new Asked().ask('SAR', sar({ ...of('old'), ...has }, 'RE_REGISTRATION'))
    expect(answer).not.toHaveProperty('User-Data')
    expect(answer['Result-Code']).toBe('DIAMETER_SUCCESS')
  })
  it('an unregistered user with services: the profile, and who serves her', () => {
    const hss = new Asked()
    const answer = hss.ask('SAR', sar({ 'Public-Identity': of('served')['Public-Identity']! }, 'UNREGISTERED_USER'))
    expect(answer).toHaveProperty('User-Data')
    expect(hss.state('served')).toEqual({ states: ['unregistered'], serverName: server })
  })
  it('an unregistered user who is registered stays so', () => {
    const hss = new Asked()
    hss.ask('SAR', sar({ 'Public-Identity': of('old')['Public-Identity']! }, 'UNREGISTERED_USER'))
    expect(hss.state('old').states).toEqual(['registered'])
  })
  it('another S-CSCF can not take a user away', () => {
    const hss = new Asked()
    expect(hss.ask('SAR', sar(of('old'), 'REGISTRATION', 'sip:scscf2.home1.net'))).toEqual({
      'Experimental-Result-Code': 'DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED',
    })
    expect(hss.state('old').serverName).toBe(server)
  })
  it.each([
    ['USER_DEREGISTRATION', 'not registered', undefined],
    ['TIMEOUT_DEREGISTRATION', 'not registered', undefined],
    ['ADMINISTRATIVE_DEREGISTRATION', 'not registered', undefined],
    ['DEREGISTRATION_TOO_MUCH_DATA', 'not registered', undefined],
    ['USER_DEREGISTRATION_STORE_SERVER_NAME', 'unregistered', server],
    ['TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME', 'unregistered', server],
  ])('%s: %s', (type, state, serverName) => {
    const hss = new Asked()
    expect(hss.ask('SAR', sar(of('old'), type))).toEqual({ 'Result-Code': 'DIAMETER_SUCCESS' })
    expect(hss.state('old')).toEqual({ states: [state], serverName })
  })
  it('several identities, or only the private one: all their sets', () => {
    const hss = new Asked()
    for (const number of [1, 2]) hss.ask('SAR', sar(of('two', number), 'REGISTRATION'))
    const both = { ...of('two'), 'Public-Identity': 'sip:two_public1@home1.net, sip:two_public2@home1.net' }
    hss.ask('SAR', sar(both, 'USER_DEREGISTRATION'))
    expect(hss.state('two')).toEqual({ states: ['not registered', 'not registered'], serverName: undefined })
    for (const number of [1, 2]) hss.ask('SAR', sar(of('two', number), 'REGISTRATION'))
    hss.ask('SAR', sar(of('two', 2), 'USER_DEREGISTRATION'))
    expect(hss.state('two')).toEqual({ states: ['registered', 'not registered'], serverName: server })
    hss.ask('SAR', sar({ 'User-Name': 'two@home1.net' }, 'TIMEOUT_DEREGISTRATION'))
    expect(hss.state('two')).toEqual({ states: ['not registered', 'not registered'], serverName: undefined })
  })
  it.each(['AUTHENTICATION_FAILURE', 'AUTHENTICATION_TIMEOUT'])('%s leaves the user as she was', (type) => {
    const hss = new Asked()
    const mar = { 'SIP-Authentication-Scheme': 'Digest-AKAv1-MD5', 'Server-Name': server }
    for (const name of ['new', 'old']) {
      hss.ask('MAR', { ...of(name), ...mar })
      // TS 29.228 §6.1.2.1: taken note of, and no profile is handed over.
      expect(hss.ask('SAR', sar(of(name), type))).toEqual({ 'Result-Code': 'DIAMETER_SUCCESS' })
    }
    expect(hss.state('new')).toEqual({ states: ['not registered'], serverName: undefined })
    expect(hss.state('old')).toEqual({ states: ['registered'], serverName: server })
  })
  it('NO_ASSIGNMENT: the profile and nothing else', () => {
    const hss = new Asked()
    expect(hss.ask('SAR', sar(of('new'), 'NO_ASSIGNMENT'))).toHaveProperty('User-Data')
    expect(hss.state('new')).toEqual({ states: ['not registered'], serverName: undefined })
  })
  it('of an unknown user, of identities that do not match, of an unknown kind: errors', () => {
    const hss = new Asked()
    const result = (avps: Avps, type: string) => hss.ask('SAR', sar(avps, type))['Experimental-Result-Code']
    expect(result({ ...of('new'), 'Public-Identity': 'sip:x@home1.net' }, 'REGISTRATION')).toBe(
      'DIAMETER_ERROR_USER_UNKNOWN',
    )
    expect(result({ ...of('new'), 'User-Name': 'old@home1.net' }, 'REGISTRATION')).toBe(
      'DIAMETER_ERROR_IDENTITIES_DONT_MATCH',
    )
    expect(result(of('new'), 'ANYTHING')).toBe('DIAMETER_ERROR_IN_ASSIGNMENT_TYPE')
  })
})

describe('TS 29.228 §6.1.4.1: location of a user with a subscription', () => {
  const lir = (identity: string) => new Asked().ask('LIR', { 'Public-Identity': identity })

  it.each([
    ['registered', 'old_public2', { 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': server }],
    ['unregistered', 'stored_public1', { 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': server }],
    [
      'not registered, with services for that case',
      'served_public1',
      {
        'Experimental-Result-Code': 'DIAMETER_UNREGISTERED_SERVICE',
        'Mandatory-Capability': '1, 2',
        'Optional-Capability': '3',
      },
    ],
    ['not registered', 'new_public1', { 'Experimental-Result-Code': 'DIAMETER_ERROR_IDENTITY_NOT_REGISTERED' }],
    [
      'of a wildcarded identity',
      'w42',
      {
        'Result-Code': 'DIAMETER_SUCCESS',
        'Server-Name': server,
        'Wildcarded-Public-Identity': 'sip:w!.*!@home1.net',
      },
    ],
  ])('%s', (_what, name, expected) => {
    expect(lir(`sip:${name}@home1.net`)).toEqual(expected)
  })
})

it('RFC 6733 §7.1.5: a command that the HSS does not serve is answered with an error', () => {
  expect(new Asked().ask('RTR', {})).toEqual({ 'Result-Code': 'DIAMETER_UNABLE_TO_COMPLY' })
})
