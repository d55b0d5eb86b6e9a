import { describe, expect, it } from 'vitest'
import type { CxMessage } from '../../src/ims/cx.ts'
import type { HssSettings } from '../../src/ims/hss/hss.ts'
import { Alone } from './alone.ts'

const settings: HssSettings = {
  users: {
    'sip:user2_public1@home2.net': { serverName: 'sip:scscf2.home2.net', kind: 'user', isRegistered: true },
    'sip:user5_public1@home2.net': { serverName: undefined, kind: 'user', isRegistered: false },
    'sip:user2_list1@home2.net': { serverName: 'sip:rls.home2.net', kind: 'service', isRegistered: false },
  },
}

function ask(identity: string): { answer: CxMessage; to: string } {
  const query: CxMessage = {
    protocol: 'cx',
    kind: 'request',
    command: 'LIR',
    session: 'icscf2.home2.net;1',
    avps: { 'Public-Identity': identity },
  }
  const [sent] = new Alone('hss', 'hss.home2.net', settings).receive(query, 'icscf2.home2.net')
  return { answer: sent!.message as CxMessage, to: sent!.to }
}

describe('TS 29.228 §6.1.4: the HSS answers who serves an identity', () => {
  it('a served user: DIAMETER_SUCCESS and the name of the S-CSCF', () => {
    const { answer } = ask('sip:user2_public1@home2.net')
    expect(answer.avps).toEqual({ 'Result-Code': 'DIAMETER_SUCCESS', 'Server-Name': 'sip:scscf2.home2.net' })
  })

  it('a public service identity: the name of the application server itself', () => {
    expect(ask('sip:user2_list1@home2.net').answer.avps['Server-Name']).toBe('sip:rls.home2.net')
  })

  it('an identity that does not exist: DIAMETER_ERROR_USER_UNKNOWN and no server', () => {
    const { answer } = ask('sip:nobody@home2.net')
    expect(answer.avps).toEqual({ 'Experimental-Result-Code': 'DIAMETER_ERROR_USER_UNKNOWN' })
  })

  it('a user whom nobody serves: DIAMETER_ERROR_IDENTITY_NOT_REGISTERED and no server', () => {
    const { answer } = ask('sip:user5_public1@home2.net')
    expect(answer.avps).toEqual({ 'Experimental-Result-Code': 'DIAMETER_ERROR_IDENTITY_NOT_REGISTERED' })
  })

  it('the LIA goes to whoever asked, in the session of the LIR', () => {
    const { answer, to } = ask('sip:user2_public1@home2.net')
    expect(to).toBe('icscf2.home2.net')
    expect(answer).toMatchObject({ protocol: 'cx', kind: 'answer', command: 'LIA', session: 'icscf2.home2.net;1' })
  })

  it('TS 23.003 §13.4: hosts compare without case', () => {
    expect(ask('sip:user2_public1@HOME2.net').answer.avps['Server-Name']).toBe('sip:scscf2.home2.net')
  })
})
