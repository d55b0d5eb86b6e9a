import { describe, expect, it } from 'vitest'
import {
  choose,
  established,
  mechanismsOf,
  type SecurityAssociations,
  sameMechanisms,
  withoutTemporary,
} from '../../src/ims/ue/security-agreement.ts'
import { headerValue } from '../../src/sip/message.ts'

const end = { spiClient: 98765432, spiServer: 87654321, portClient: 8642, portServer: 7531 }
const offered = (text: string) => headerValue('securityServer', text)!
const one = 'spi-c=1;spi-s=2;port-c=3;port-s=4'

describe('RFC 3329 §2.2: the mechanisms of one side', () => {
  it('of a server: with preferences, the first the highest', () => {
    expect(mechanismsOf(['hmac-sha-1-96', 'hmac-md5-96'], end, true)).toEqual(
      offered(
        'ipsec-3gpp;q=0.2;alg=hmac-sha-1-96;spi-c=98765432;spi-s=87654321;port-c=8642;port-s=7531, ' +
          'ipsec-3gpp;q=0.1;alg=hmac-md5-96;spi-c=98765432;spi-s=87654321;port-c=8642;port-s=7531',
      ),
    )
  })
  it('of a client: without', () => {
    expect(mechanismsOf(['hmac-md5-96'], end, false)[0]!.params).not.toHaveProperty('q')
  })
})

describe('RFC 3329 §2.3.1: which mechanism is used', () => {
  it.each([
    ['the one offered', `ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;${one}`, 'hmac-sha-1-96'],
    [
      'the one that the other side prefers, wherever it stands',
      `ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;${one}, ipsec-3gpp;q=0.55;alg=hmac-md5-96;${one}`,
      'hmac-md5-96',
    ],
    [
      'the first of those that are preferred alike',
      `ipsec-3gpp;alg=hmac-md5-96;${one}, ipsec-3gpp;alg=hmac-sha-1-96;${one}`,
      'hmac-md5-96',
    ],
    [
      'one that this side knows',
      `tls;q=1, ipsec-3gpp;q=0.1;alg=hmac-sha-256;${one}, ipsec-3gpp;alg=hmac-md5-96;${one}`,
      'hmac-md5-96',
    ],
    [
      'with the usual protocol and mode, said or not',
      `ipsec-3gpp;alg=hmac-md5-96;prot=esp;mod=trans;${one}`,
      'hmac-md5-96',
    ],
    [
      'none of another protocol or mode',
      `ipsec-3gpp;alg=hmac-md5-96;prot=ah;${one}, ipsec-3gpp;alg=hmac-md5-96;mod=tun;${one}`,
      undefined,
    ],
    ['none without indexes and ports', 'ipsec-3gpp;alg=hmac-md5-96;spi-c=1;spi-s=2;port-c=3', undefined],
    [
      'none with indexes that are no numbers',
      'ipsec-3gpp;alg=hmac-md5-96;spi-c=x;spi-s=2;port-c=3;port-s=4',
      undefined,
    ],
    ['none at all', undefined, undefined],
  ])('%s', (_which, text, algorithm) => {
    const chosen = choose(text === undefined ? undefined : offered(text), ['hmac-sha-1-96', 'hmac-md5-96'])
    expect(chosen?.algorithm).toBe(algorithm)
    if (algorithm !== undefined)
      expect(chosen!.end).toEqual({ spiClient: 1, spiServer: 2, portClient: 3, portServer: 4 })
  })
})

describe('RFC 3329 §2.3.1: what was sent has to come back as it was', () => {
  const sent = `ipsec-3gpp;q=0.1;alg=hmac-sha-1-96;${one}`
  it.each([
    ['the same', sent, true],
    ['the parameters in another order', `ipsec-3gpp;alg=hmac-sha-1-96;${one};q=0.1`, true],
    ['another value', sent.replace('spi-s=2', 'spi-s=9'), false],
    ['a parameter less', sent.replace(';q=0.1', ''), false],
    ['a parameter more', `${sent};mod=trans`, false],
    ['a weaker mechanism', sent.replace('sha-1', 'md5'), false],
    ['another mechanism', sent.replace('ipsec-3gpp', 'ipsec-ike'), false],
    ['one mechanism more', `${sent}, ${sent}`, false],
  ])('%s', (_what, text, expected) => {
    expect(sameMechanisms(offered(sent), offered(text))).toBe(expected)
  })
  it('nothing is never the same', () => {
    expect(sameMechanisms(undefined, offered(sent))).toBe(false)
    expect(sameMechanisms(offered(sent), undefined)).toBe(false)
  })
})

describe('TS 33.203 §7.4: sets of associations, one after the other', () => {
  const set = (state: SecurityAssociations['state'], key: string): SecurityAssociations => ({
    state,
    ue: end,
    proxy: end,
    algorithm: 'hmac-sha-1-96',
    integrityKey: key,
    cipherKey: '',
    expiresAt: 0,
  })
  it('those in use are established, those before them old, and those before these gone', () => {
    const all = [set('old', 'a'), set('established', 'b'), set('temporary', 'c')]
    expect(established(all, all[2]!, 9)).toEqual([set('old', 'b'), { ...set('established', 'c'), expiresAt: 9 }])
    expect(established(all, all[1]!, 9)).toEqual([{ ...set('established', 'b'), expiresAt: 9 }])
  })
  it('those of a failed authentication are deleted', () => {
    const all = [set('established', 'b'), set('temporary', 'c')]
    expect(withoutTemporary(all)).toEqual([set('established', 'b')])
  })
})
