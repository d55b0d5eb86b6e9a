import { describe, expect, it } from 'vitest'
import type { CxMessage } from '../../src/ims/cx.ts'
import type { HssSettings } from '../../src/ims/hss/hss.ts'
import { Alone } from './alone.ts'
import vectors from './material/milenage-35207.json' with { type: 'json' }

const set = vectors.sets[0]!

const settings: HssSettings = {
  users: {},
  challenges: [set.rand],
  subscriptions: [
    {
      privateIdentity: 'user1_private@home1.net',
      secret: { k: set.k, opc: set.opc },
      // One step of the counter before the number of the test set.
      sqn: 0xff9bb4d0b5e6,
      amf: set.amf,
      sets: [{ identities: [{ identity: 'sip:user1_public1@home1.net', isBarred: false }], criteria: [] }],
      capabilities: { mandatory: [], optional: [] },
      networks: undefined,
      chargingFunctions: [],
      state: 'not registered',
      serverName: 'sip:scscf1.home1.net',
      security: {
        lifetime: 3600,
        services: [{ service: '3', type: 3, identities: ['sip:user1_public1@home1.net'], flags: ['1'], others: [] }],
      },
    },
  ],
}

const request = (avps: CxMessage['avps']): CxMessage => ({
  protocol: 'cx',
  kind: 'request',
  interface: 'Zh',
  command: 'MAR',
  session: 'bsf.home1.net;1',
  avps,
})

const askOnce = (avps: CxMessage['avps'], given = settings): CxMessage =>
  new Alone('hss', 'hss.home1.net', given).receive(request(avps), 'bsf.home1.net')[0]!.message as CxMessage

describe('TS 29.109 §4.2: the HSS answers a BSF', () => {
  it('a known user: a vector, and the security settings', () => {
    const answer = askOnce({ 'User-Name': 'user1_private@home1.net' })
    expect(answer).toMatchObject({ kind: 'answer', interface: 'Zh', command: 'MAA', session: 'bsf.home1.net;1' })
    expect(answer.avps).toMatchObject({
      'Result-Code': 'DIAMETER_SUCCESS',
      'User-Name': 'user1_private@home1.net',
      'SIP-Authentication-Scheme': 'Digest-AKAv1-MD5',
      'SIP-Authenticate': set.rand + set.autn,
      'SIP-Authorization': set.f2,
      'Confidentiality-Key': set.f3,
      'Integrity-Key': set.f4,
    })
    expect(String(answer.avps['GBA-UserSecSettings'])).toContain('<uid>sip:user1_public1@home1.net</uid>')
  })

  it('a user for whom nothing is laid down: no settings', () => {
    const { security: _, ...bare } = settings.subscriptions![0]!
    const answer = askOnce({ 'User-Name': bare.privateIdentity }, { ...settings, subscriptions: [bare] })
    expect(answer.avps).not.toHaveProperty('GBA-UserSecSettings')
    expect(answer.avps['Result-Code']).toBe('DIAMETER_SUCCESS')
  })

  it('an unknown user: DIAMETER_ERROR_IDENTITY_UNKNOWN and no vector', () => {
    expect(askOnce({ 'User-Name': 'nobody@home1.net' }).avps).toEqual({
      'Experimental-Result-Code': 'DIAMETER_ERROR_IDENTITY_UNKNOWN',
    })
  })

  it('TS 33.102 §6.3.5: RAND and AUTS move the sequence number on, which the vectors of Cx go on from', () => {
    const hss = new Alone('hss', 'hss.home1.net', settings)
    const token = set.rand + set.auts
    hss.receive(request({ 'User-Name': 'user1_private@home1.net', 'SIP-Authorization': token }), 'bsf.home1.net')
    expect(hss.decisions).toMatchObject([
      { outcome: 'the sequence number is changed', facts: { from: 0xff9bb4d0b5e6, to: Number.parseInt(set.sqn, 16) } },
    ])
  })

  it('a Cx MAR of the same user is another question: it notes the S-CSCF', () => {
    const hss = new Alone('hss', 'hss.home1.net', settings)
    const onCx: CxMessage = { protocol: 'cx', kind: 'request', command: 'MAR', session: 's;1', avps: {} }
    const [sent] = hss.receive(onCx, 'scscf1.home1.net')
    expect((sent!.message as CxMessage).avps).toEqual({ 'Experimental-Result-Code': 'DIAMETER_ERROR_USER_UNKNOWN' })
  })
})
