import { describe, expect, it } from 'vitest'
import { authenticationVector, nonceOf } from '../../src/ims/aka.ts'
import type { RegistrationSettings } from '../../src/ims/ue/registration-state.ts'
import { nameAddr, radioLeg, type Ue, type UeSettings } from '../../src/ims/ue/ue.ts'
import { paramText } from '../../src/sip/digest.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { Alone, answerTo, field, names, requests, type Sent, theRequest } from './alone.ts'
import vectors from './material/milenage-35207.json' with { type: 'json' }

const [vector, other] = vectors.sets
const octets = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const secret = { k: octets(vector!.k), opc: octets(vector!.opc) }
const ue = '[5555::1]'
const pcscf = 'pcscf1.home1.net'
const sqn = Number.parseInt(vector!.sqn, 16)

const registration: RegistrationSettings = {
  privateIdentity: 'p@home1.net',
  identity: 'sip:user1_public1@home1.net',
  registrar: 'home1.net',
  proxy: pcscf,
  bareContact: nameAddr(`sip:${ue}`),
  bareLeg: radioLeg(undefined, {}),
  duration: 600_000,
  secret: { k: vector!.k, opc: vector!.opc },
  sqn: sqn - 33,
  isFaulty: false,
  portServer: 1357,
  portClient: 2468,
  spis: [],
  algorithms: ['hmac-sha-1-96'],
  subscribes: false,
  callIds: [],
  tags: [],
}
const settings: UeSettings = {
  identity: registration.identity,
  leg: radioLeg(1357, {}),
  route: [nameAddr(`sip:${pcscf};lr`)],
  contact: nameAddr(`sip:${ue}:1357`),
  accessNetwork: { value: '3GPP-UTRAN-TDD', params: {} },
  privacy: ['none'],
  security: [],
  callIds: [],
  tags: [],
  firstSequence: 1,
  registration,
}
const server = 'ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;spi-c=98765432;spi-s=87654321;port-c=8642;port-s=7531'
const challengeOf = (nonce: string, more = 'algorithm=AKAv1-MD5') => ({
  'WWW-Authenticate': `Digest realm="home1.net", nonce="${nonce}", ${more}`,
  'Security-Server': server,
})

const phone = () => new Alone('ue', ue, settings)
const stateOf = (one: Alone) => one.state<Ue>().registration!

/** What the UE does when its REGISTER is answered 401. */
function challenged(headers: Record<string, string>, one = phone()): [Alone, Sent[]] {
  const first = theRequest(one.command({ do: 'register' }))
  return [one, one.receive(answerTo(first, '401 Unauthorized', headers), pcscf)]
}
const credentialsIn = (request: SipRequest) => request.headers.authorization![0]!

describe('TS 24.229 §5.1.1.2.1, §5.1.1.2.2: a first REGISTER', () => {
  const request = theRequest(phone().command({ do: 'register' }))

  it('goes to the P-CSCF without a Route, addressed to the home network', () => {
    expect(request.uri).toBe('sip:home1.net')
    expect(names(request)).not.toContain('Route')
    expect([field(request, 'To'), field(request, 'Contact'), field(request, 'Expires')]).toEqual([
      '<sip:user1_public1@home1.net>',
      `<sip:${ue}>`,
      '600000',
    ])
  })
  it('names the private identity and answers nothing', () => {
    expect(field(request, 'Authorization')).toBe(
      'Digest username="p@home1.net", realm="home1.net", nonce="", uri="sip:home1.net", response=""',
    )
  })
  it('takes another duration from the command', () => {
    expect(field(theRequest(phone().command({ do: 'register', expires: 3600 })), 'Expires')).toBe('3600')
  })
})

describe('TS 24.229 §5.1.1.5.1: a challenge', () => {
  it('of TS 35.208 test set 1 is answered with its RES, over associations with its IK and CK', () => {
    const [one, sent] = challenged(challengeOf(vector!.nonce))
    const answer = theRequest(sent)
    expect(stateOf(one).associations[0]).toMatchObject({
      state: 'temporary',
      integrityKey: vector!.f4,
      cipherKey: vector!.f3,
      proxy: { spiClient: 98765432, spiServer: 87654321, portClient: 8642, portServer: 7531 },
    })
    expect(field(answer, 'Security-Verify')).toBe(server)
    expect(field(answer, 'Contact')).toBe(`<sip:${ue}:1357>`)
    expect(answer.headers.via![0]!.port).toBe(1357)
    // RFC 2617 §3.2.2 by hand, without qop: MD5(MD5(user:realm:RES):nonce:MD5(REGISTER:uri)).
    expect(paramText(credentialsIn(answer), 'response')).toBe('8cc6cdcab52481b9227589213e1047e6')
  })
  it.each([
    ['no Security-Server', { 'WWW-Authenticate': challengeOf(vector!.nonce)['WWW-Authenticate'] }],
    ['a mechanism that it does not know', { ...challengeOf(vector!.nonce), 'Security-Server': 'tls;q=1' }],
    ['another algorithm', challengeOf(vector!.nonce, 'algorithm=MD5')],
    ['a nonce that is no challenge', challengeOf('abc')],
    ['nothing at all', {}],
  ])('with %s is given up', (_what, headers) => {
    const [one, sent] = challenged(headers as Record<string, string>)
    expect(requests(sent)).toEqual([])
    expect(stateOf(one)).toMatchObject({ state: 'not registered', failure: 'no usable challenge', associations: [] })
  })
  it('to a REGISTER that another one has followed is not answered', () => {
    const one = phone()
    const first = theRequest(one.command({ do: 'register' }))
    const text = answerTo(first, '401 Unauthorized', challengeOf(vector!.nonce))
    expect(requests(one.receive(text, pcscf))).toHaveLength(1)
    expect(requests(one.receive(text, pcscf))).toEqual([])
  })
})

describe('TS 24.229 §5.1.1.5.3: an invalid challenge', () => {
  it('of another secret gets no response and no AUTS', () => {
    const [one, sent] = challenged(challengeOf(other!.nonce))
    const answer = theRequest(sent)
    expect(paramText(credentialsIn(answer), 'response')).toBe('')
    expect(paramText(credentialsIn(answer), 'auts')).toBeUndefined()
    expect(paramText(credentialsIn(answer), 'nonce')).toBe(other!.nonce)
    expect(names(answer)).toContain('Security-Client')
    expect(names(answer)).not.toContain('Security-Verify')
    expect(answer.headers.via![0]!.port).toBeUndefined()
    expect(stateOf(one).associations).toEqual([])
  })
  it('that was taken before gets AUTS with the number of the ISIM, as in TS 35.208 test set 1', () => {
    const one = phone()
    challenged(challengeOf(vector!.nonce), one)
    stateOf(one).state = 'not registered'
    const answer = theRequest(challenged(challengeOf(vector!.nonce), one)[1])
    expect(paramText(credentialsIn(answer), 'auts')).toBe(Buffer.from(vector!.auts, 'hex').toString('base64'))
  })
  it('the third in a row is not answered any more', () => {
    const [one, sent] = challenged(challengeOf(other!.nonce))
    let [last] = requests(sent)
    const second = one.receive(answerTo(last!, '401 Unauthorized', challengeOf(other!.nonce)), pcscf)
    ;[last] = requests(second)
    expect(field(last!, 'CSeq')).toBe('3 REGISTER')
    const third = one.receive(answerTo(last!, '401 Unauthorized', challengeOf(other!.nonce)), pcscf)
    expect(requests(third)).toEqual([])
    expect(stateOf(one)).toMatchObject({ state: 'not registered', failure: 'wrong MAC' })
  })
  it('a valid one in between begins the count anew', () => {
    const [one, sent] = challenged(challengeOf(other!.nonce))
    const [last] = requests(sent)
    const fresh = nonceOf(authenticationVector(secret, octets(other!.rand), sqn + 330, octets('8000')))
    const answered = one.receive(answerTo(last!, '401 Unauthorized', challengeOf(fresh)), pcscf)
    expect(paramText(credentialsIn(theRequest(answered)), 'response')).toMatch(/^[0-9a-f]{32}$/)
    expect(stateOf(one).invalidChallenges).toBe(0)
  })
})

describe('TS 24.229 §5.1.1.2.1: the answer to the second REGISTER', () => {
  function answered(status: string, headers: Record<string, string>): [Alone, Sent[]] {
    const [one, sent] = challenged(challengeOf(vector!.nonce))
    return [one, one.receive(answerTo(theRequest(sent), status, headers), pcscf)]
  }
  it('200: the UE is registered as the network says', () => {
    const [one] = answered('200 OK', {
      Contact: `<sip:${ue}:1357>;expires=3600`,
      'P-Associated-URI': '<sip:user1_public2@home1.net>, <tel:+12125551111>',
      'Service-Route': '<sip:orig@scscf1.home1.net;lr>',
    })
    expect(stateOf(one)).toMatchObject({
      state: 'registered',
      identities: ['sip:user1_public2@home1.net', 'tel:+12125551111'],
      access: {
        // The identity that it registered is not among those that it may use.
        identity: 'sip:user1_public2@home1.net',
        route: [{ uri: `sip:${pcscf}:7531;lr` }, { uri: 'sip:orig@scscf1.home1.net;lr' }],
      },
    })
  })
  it('200 without its contact: the UE is not registered', () => {
    const [one] = answered('200 OK', { Contact: '<sip:[5555::2]>;expires=3600' })
    expect(stateOf(one)).toMatchObject({ state: 'not registered', failure: 'the contact is not registered' })
  })
  it('403: the UE is not registered, and does not try again by itself', () => {
    const [one, sent] = answered('403 Forbidden', {})
    expect(requests(sent)).toEqual([])
    expect(stateOf(one)).toMatchObject({ state: 'not registered', failure: '403' })
    expect(requests(one.pass(1000))).toEqual([])
  })
  it('none: the UE gives up when the transaction does', () => {
    const [one] = challenged(challengeOf(vector!.nonce))
    one.pass(129)
    expect(stateOf(one)).toMatchObject({ state: 'not registered', failure: 'no answer', associations: [] })
  })
})
