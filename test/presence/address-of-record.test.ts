import { describe, expect, it } from 'vitest'
import { addressOfRecord, ofIdentity } from '../../src/presence/address-of-record.ts'

describe('TS 23.003 §13.4, RFC 3261 §10.3 step 5: the canonical form of a public identity', () => {
  it.each([
    ['sip:user1_public1@home1.net', 'sip:user1_public1@home1.net'],
    ['sip:User1@HOME1.Net', 'sip:User1@home1.net'],
    ['SIP:user1@home1.net', 'sip:user1@home1.net'],
    ['sip:user1@home1.net:5060;user=phone;transport=udp', 'sip:user1@home1.net'],
    ['sip:user1@home1.net?subject=x', 'sip:user1@home1.net'],
    ['sip:us%65r1@home1.net', 'sip:user1@home1.net'],
    ['sips:user1@home1.net', 'sips:user1@home1.net'],
    ['sip:rls.home1.net;lr', 'sip:rls.home1.net'],
    ['tel:+1-212-555-1111', 'tel:+12125551111'],
    ['tel:+12125551111;ext=7', 'tel:+12125551111'],
    ['urn:service:sos', 'urn:service:sos'],
    ['no URI at all', 'no URI at all'],
  ])('of %s is %s', (uri, expected) => {
    expect(addressOfRecord(uri)).toBe(expected)
    expect(addressOfRecord(expected)).toBe(expected)
  })

  it('is what an identity is found by, however it is written', () => {
    const known = new Map([['sip:user1@home1.net', 1]])
    expect(ofIdentity(known, 'sip:user1@home1.net')).toBe(1)
    expect(ofIdentity(known, 'sip:user1@HOME1.net;user=phone')).toBe(1)
    expect(ofIdentity(known, 'sip:USER1@home1.net')).toBeUndefined()
  })
})
