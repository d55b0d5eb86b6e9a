import { describe, expect, it } from 'vitest'
import {
  algorithmOf,
  credentialsFor,
  type DigestAlgorithm,
  digestResponse,
  hashedName,
  isProof,
  type Protection,
  paramText,
  serverProof,
} from '../../src/sip/digest.ts'
import { fromBase64, toBase64 } from '../../src/sip/grammar/base64.ts'
import type { Authentication } from '../../src/sip/headers.ts'
import { headerValue } from '../../src/sip/message.ts'
import vectors from '../ims/material/digest.json' with { type: 'json' }

const octets = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair: string) => Number.parseInt(pair, 16))

const challenge = (text: string): Authentication => headerValue('wwwAuthenticate', text)![0]!

describe('RFC 7616 §3.4.1, RFC 3310 §3.3: the response to a challenge', () => {
  it.each(vectors.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const protection =
      row.qop === undefined ? undefined : { qop: row.qop as Protection, clientNonce: row.cnonce!, nonceCount: row.nc! }
    const password = row.passwordOctets === undefined ? row.password! : octets(row.passwordOctets)
    const { username, realm, nonce, method, uri } = row
    const algorithm = row.algorithm as DigestAlgorithm
    const input = { algorithm, username, realm, password, nonce, method, uri, protection, body: row.body ?? '' }
    expect(digestResponse(input)).toBe(row.response)
  })

  it('RFC 7616 §3.4.4: a hashed name', () => {
    const row = vectors.find(({ userhash }) => userhash !== undefined)!
    expect(hashedName(row.algorithm as DigestAlgorithm, row.username, row.realm)).toBe(row.userhash)
  })

  it('RFC 7616 §3.4.2: a session algorithm mixes both nonces into the secret, MD5 as RFC 2617 has it', () => {
    const input = {
      username: 'Mufasa',
      realm: 'testrealm@host.com',
      password: 'Circle Of Life',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      method: 'GET',
      uri: '/dir/index.html',
      protection: { qop: 'auth', clientNonce: '0a4f113b', nonceCount: '00000001' } as const,
    }
    // The secret of the plain example, hashed again with the nonces: H(939e…:dcd9…:0a4f113b), by md5sum.
    expect(digestResponse({ ...input, algorithm: 'MD5-sess' })).toBe('8e3825c57e897f5a0dec6c2d4e5059d0')
    expect(digestResponse({ ...input, algorithm: 'MD5' })).toBe('6629fae49393a05397450978507c4ef1')
  })
})

describe('RFC 7616 §3.4: credentials for a challenge', () => {
  const offered = 'Digest realm="home1.net", nonce="abc", algorithm=MD5, qop="auth,auth-int", opaque="5ccc"'
  const account = { username: 'user1_private@home1.net', password: 'secret' }
  const register = { method: 'REGISTER', uri: 'sip:home1.net', body: '' }
  const part = { clientNonce: '0a4f113b', count: 1 }

  it('repeat realm, nonce, algorithm and opaque, and count in eight digits', () => {
    const made = credentialsFor(challenge(offered), account, register, { ...part, count: 255 })!
    expect(made.scheme).toBe('Digest')
    expect(made.params).toMatchObject({
      username: '"user1_private@home1.net"',
      realm: '"home1.net"',
      nonce: '"abc"',
      uri: '"sip:home1.net"',
      algorithm: 'MD5',
      opaque: '"5ccc"',
      qop: 'auth',
      cnonce: '"0a4f113b"',
      nc: '000000ff',
    })
  })

  it('protect the body where there is one and the server offers it', () => {
    const withBody = { ...register, body: 'v=0\r\n' }
    expect(credentialsFor(challenge(offered), account, withBody, part)!.params.qop).toBe('auth-int')
    const alone = challenge(offered.replace('auth,auth-int', 'auth'))
    expect(credentialsFor(alone, account, withBody, part)!.params.qop).toBe('auth')
    const whole = challenge(offered.replace('auth,auth-int', 'auth-int'))
    expect(credentialsFor(whole, account, register, part)!.params.qop).toBe('auth-int')
  })

  it('have no qop, cnonce and nc where the challenge has no qop (RFC 2069)', () => {
    const { params } = credentialsFor(challenge('Digest realm="r", nonce="n"'), account, register, part)!
    for (const name of ['qop', 'cnonce', 'nc', 'opaque']) expect(params).not.toHaveProperty(name)
  })

  it.each([
    ['another scheme', 'Basic realm="r"'],
    ['an unknown algorithm', 'Digest realm="r", nonce="n", algorithm=MD7'],
    ['an unknown protection', 'Digest realm="r", nonce="n", qop="auth-conf"'],
    ['no nonce', 'Digest realm="r"'],
  ])('are not made for %s', (_what, text) => {
    expect(credentialsFor(challenge(text), account, register, part)).toBeUndefined()
  })

  it('the algorithm is MD5 unless named, and compares without case', () => {
    expect(algorithmOf(challenge('Digest realm="r", nonce="n"'))).toBe('MD5')
    expect(algorithmOf(challenge('Digest realm="r", nonce="n", algorithm=akav1-md5'))).toBe('AKAv1-MD5')
    expect(algorithmOf(challenge('Digest realm="r", nonce="n", algorithm="SHA-256"'))).toBe('SHA-256')
  })
})

describe('RFC 7616 §3.4.6: the proof in credentials', () => {
  const account = { username: 'user1_private@home1.net', realm: 'home1.net', password: octets('a54211d5e3ba50bf') }
  const nonce = 'I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M='
  const asked = challenge(`Digest realm="home1.net", nonce="${nonce}", algorithm=AKAv1-MD5, qop="auth,auth-int"`)
  const request = { method: 'REGISTER', uri: 'sip:home1.net', body: 'v=0\r\n' }
  const part = { clientNonce: '0a4f113b', count: 1 }
  const credentials = credentialsFor(asked, account, request, part)!
  const without = (change: Record<string, string>): Authentication => ({
    ...credentials,
    params: { ...credentials.params, ...change },
  })

  it('holds for who knows the password, on the wire too', () => {
    expect(isProof(credentials, account, request)).toBe(true)
    const wire = headerValue('authorization', 'Digest '.concat(...printed(credentials)))![0]!
    expect(isProof(wire, account, request)).toBe(true)
  })

  it.each([
    ['another password', {}, { password: octets('a54211d5e3ba50be') }, request],
    ['the password as text', {}, { password: 'a54211d5e3ba50bf' }, request],
    ['another user', {}, { username: 'user2_private@home1.net' }, request],
    ['another realm', {}, { realm: 'home2.net' }, request],
    ['another method', {}, {}, { ...request, method: 'SUBSCRIBE' }],
    ['another body', {}, {}, { ...request, body: 'v=1\r\n' }],
    ['another nonce', { nonce: '"abc"' }, {}, request],
    ['another count', { nc: '00000002' }, {}, request],
    ['another client nonce', { cnonce: '"1"' }, {}, request],
    ['another URI', { uri: '"sip:home2.net"' }, {}, request],
    ['less protection', { qop: 'auth' }, {}, request],
    ['no response', { response: '""' }, {}, request],
    ['an unknown protection', { qop: 'auth-conf' }, {}, request],
    ['an unknown algorithm', { algorithm: 'MD7' }, {}, request],
  ] as const)('fails for %s', (_what, change, other, asRequest) => {
    expect(isProof(without(change), { ...account, ...other }, asRequest)).toBe(false)
  })

  it('RFC 7616 §3.5: the proof of the server has no method', () => {
    const protection = { qop: 'auth-int', clientNonce: '0a4f113b', nonceCount: '00000001' } as const
    const input = { ...account, algorithm: 'AKAv1-MD5', nonce, uri: request.uri, protection } as const
    const expected = digestResponse({ ...input, method: '', body: 'answer' })
    expect(serverProof(credentials, account, 'answer')).toBe(expected)
    expect(expected).not.toBe(paramText(credentials, 'response'))
  })
})

function printed({ params }: Authentication): string {
  return Object.entries(params)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
}

describe('RFC 4648 §10: Base64', () => {
  const text = (words: string): Uint8Array => Uint8Array.from(words, (letter) => letter.charCodeAt(0))
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('%s is %s', (words, base64) => {
    expect(toBase64(text(words))).toBe(base64)
    expect(fromBase64(base64)).toEqual(text(words))
  })
  it('goes over all octets', () => {
    const all = Uint8Array.from({ length: 256 }, (_, octet) => octet)
    expect(toBase64(all)).toBe(Buffer.from(all).toString('base64'))
    expect(fromBase64(toBase64(all))).toEqual(all)
  })
  it.each(['Z', 'Zg=', 'Zm9v Zg==', 'Z===', 'Zg==Zg==', 'Zm9v\n'])('%j is none', (text) => {
    expect(fromBase64(text)).toBeUndefined()
  })
})
