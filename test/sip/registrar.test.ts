import { describe, expect, it } from 'vitest'
import { durationGranted, expiryOf, requestedExpiry, withExpiry } from '../../src/sip/core/registrar.ts'
import { headerValue, request, type SipRequest, type SipResponse } from '../../src/sip/message.ts'

const register = (contact: string | undefined, expires?: number): SipRequest =>
  request('REGISTER', 'sip:home1.net', {
    ...(contact !== undefined && { contact: headerValue('contact', contact)! }),
    ...(expires !== undefined && { expires }),
  })
const response = (contact: string | undefined, expires?: number): SipResponse => ({
  ...register(contact, expires),
  kind: 'response',
  status: 200,
  reason: 'OK',
})

describe('RFC 3261 §10.2.1.1: the duration that a REGISTER asks for', () => {
  it.each([
    ['that of the contact', '<sip:a>;expires=60', 3600, 60],
    ['that of the request, if the contact has none', '<sip:a>', 3600, 3600],
    ['that of the request, if that of the contact is no number', '<sip:a>;expires=soon', 3600, 3600],
    ['zero', '<sip:a>;expires=0', 3600, 0],
    ['none, if none is said', '<sip:a>', undefined, undefined],
    ['that of the request, for all contacts', '*', 0, 0],
    ['that of the request, without a contact', undefined, 7, 7],
  ])('%s', (_which, contact, expires, expected) => {
    expect(requestedExpiry(register(contact, expires))).toBe(expected)
  })
})

describe('RFC 3261 §10.2.4: the duration that a 200 grants', () => {
  const [own] = headerValue('contact', '<sip:[5555::1]:1357;comp=sigcomp>')!
  it.each([
    ['that of the own contact among others', '<sip:b>;expires=1, <sip:[5555::1]:1357;comp=sigcomp>;expires=2', 3, 2],
    ['that of the response, if the contact has none', '<sip:[5555::1]:1357;comp=sigcomp>', 3, 3],
    ['none, if the own contact is not there', '<sip:[5555::1]:1358;comp=sigcomp>;expires=2', 3, undefined],
    ['none, if there is no contact', undefined, 3, undefined],
  ])('%s', (_which, contact, expires, expected) => {
    expect(durationGranted(response(contact, expires), own!)).toBe(expected)
  })
  it('is written beside the other parameters of the contact', () => {
    const [contact] = headerValue('contact', '"A" <sip:a>;q=0.5;expires=9')!
    const after = withExpiry(contact!, 60)
    expect([after.display, after.params, expiryOf(after)]).toEqual(['A', { q: '0.5', expires: '60' }, 60])
  })
})
