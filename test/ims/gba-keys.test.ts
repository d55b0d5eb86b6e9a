import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import {
  bootstrappedKey,
  bsfOf,
  derivedKey,
  httpDigestProtocol,
  nafId,
  nafKey,
  nafOf,
  nafPassword,
  printNafId,
  readNafId,
  transactionIdentifier,
} from '../../src/ims/gba/gba-keys.ts'
import vectors from './material/gba-keys.json' with { type: 'json' }

describe('TS 33.220 Annex B: the keys for NAFs', () => {
  it.each(vectors)('set $set, $naf, $protocol', ({ rand, ck, ik, privateIdentity, naf, protocol, ...expected }) => {
    const challenge = hexToBytes(rand)
    const ks = bootstrappedKey({ ck: hexToBytes(ck), ik: hexToBytes(ik) })
    const key = nafKey({ ks, rand: challenge, privateIdentity, naf: nafId(naf, protocol) })
    expect(bytesToHex(ks)).toBe(ck + ik)
    expect(bytesToHex(key)).toBe(expected.ksNaf)
    expect(nafPassword(key)).toBe(expected.password)
    expect(transactionIdentifier(challenge, 'bsf.home1.net')).toBe(expected.transaction)
  })

  it('B.2: each parameter is followed by its length, so that what is moved from one to the next gives another key', () => {
    const key = new Uint8Array(32)
    const octets = (text: string) => new TextEncoder().encode(text)
    const one = derivedKey(key, 1, [octets('ab'), octets('c')])
    const other = derivedKey(key, 1, [octets('a'), octets('bc')])
    expect(bytesToHex(one)).not.toBe(bytesToHex(other))
    expect(bytesToHex(derivedKey(key, 2, [octets('ab'), octets('c')]))).not.toBe(bytesToHex(one))
  })
})

describe('TS 33.220 §4.4.5, Annex H: the NAF_Id', () => {
  it('is the name, then five octets', () => {
    expect(bytesToHex(nafId('a.net', httpDigestProtocol))).toBe('612e6e65740100000002')
    expect(nafOf(nafId('a.net', '010001002f'))).toEqual({ name: 'a.net', protocol: '010001002f' })
  })

  it.each(['xcap.home1.net', '100%.net', 'naf-ü.net'])('survives as the text of an AVP: %s', (name) => {
    const id = nafId(name, httpDigestProtocol)
    expect(printNafId(id)).toMatch(/^[\x21-\x7e]+%01%00%00%00%02$/)
    expect(readNafId(printNafId(id))).toEqual(id)
    expect(nafOf(readNafId(printNafId(id))!)?.name).toBe(name)
  })

  it.each(['%0', '%zz', 'a b', 'ü'])('a text that is none: %s', (text) => expect(readNafId(text)).toBeUndefined())
  it('what is too short or no UTF-8 names no NAF', () => {
    expect(nafOf(hexToBytes('0100000002'))).toBeUndefined()
    expect(nafOf(hexToBytes('ff0100000002'))).toBeUndefined()
  })
})

describe('TS 33.220 §4.5.3: a NAF finds the BSF by the B-TID', () => {
  it.each([
    ['I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net', 'bsf.home1.net'],
    ['user1_private@home1.net', undefined],
    ['I1U8vpY3qJ0hiuZNrke/NQ==', undefined],
    ['I1U8@bsf.home1.net@evil.net', undefined],
    ['', undefined],
  ])('%s: %s', (transaction, bsf) => expect(bsfOf(transaction)).toBe(bsf))
})
