import { describe, expect, it } from 'vitest'
import {
  type Accepted,
  authenticationInfo,
  challengesOf,
  type DigestServer,
  type DigestSettings,
  digestServer,
  freshNonce,
  isRenewalDue,
  judgeCredentials,
  printAuthentication,
  type Rejection,
  readCredentials,
} from '../../src/http/digest-authentication.ts'
import { timeOfNonce, unusedNonce, withCount } from '../../src/http/digest-nonce.ts'
import { seconds } from '../../src/sim/time.ts'
import { type Account, credentialsFor, digestResponse, hashedPassword } from '../../src/sip/digest.ts'
import { headerValue } from '../../src/sip/message.ts'

const realm = 'xcap.home1.net'
const target = '/xcap-root/resource-lists/users/sip:user1@home1.net/index'
const account: Account = { username: 'user1', realm, password: 'secret' }
const put = { method: 'PUT', uri: target, body: '<resource-lists/>' }

const server = (changes: Partial<DigestSettings> = {}): DigestServer => digestServer(realm, 'the secret', changes)

interface Ask {
  readonly nonce?: string
  readonly count?: number
  readonly algorithm?: 'MD5' | 'SHA-256'
  readonly qop?: string
  readonly password?: string
  readonly username?: string
  readonly uri?: string
}

/** The Authorization of a client that was challenged with this nonce. */
function authorization(of: DigestServer, ask: Ask): string {
  const { nonce = freshNonce(of, 0, 'a'), count = 1, algorithm = 'MD5', qop = 'auth', ...own } = ask
  const offered = qop === '' ? '' : `, qop="${qop}"`
  const challenge = `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}${offered}`
  const user = { username: own.username ?? 'user1', password: own.password ?? 'secret' }
  const request = { ...put, uri: own.uri ?? target }
  const part = { clientNonce: '0a4f113b', count }
  return printAuthentication(credentialsFor(headerValue('wwwAuthenticate', challenge)![0]!, user, request, part)!)
}

function judged(of: DigestServer, text: string | undefined, now = 0, asked = put): Accepted | Rejection {
  const read = readCredentials(of, text, asked.uri)
  if (read.kind !== 'read') return read
  return judgeCredentials(of, read, read.username === 'user1' ? account : undefined, asked, now)
}

describe('RFC 7616 §3.3: the challenge', () => {
  it('offers each algorithm in a challenge of its own', () => {
    const texts = challengesOf(server(), 'n', false).map(printAuthentication)
    expect(texts).toEqual([
      'Digest realm="xcap.home1.net", nonce="n", algorithm=MD5, qop="auth,auth-int"',
      'Digest realm="xcap.home1.net", nonce="n", algorithm=SHA-256, qop="auth,auth-int"',
    ])
  })
  it('says when only the nonce was wrong', () => {
    const [text] = challengesOf(server({ algorithms: ['MD5'] }), 'n', true).map(printAuthentication)
    expect(text).toBe('Digest realm="xcap.home1.net", nonce="n", algorithm=MD5, qop="auth,auth-int", stale=true')
  })
})

describe('RFC 7616 §3.4.6: credentials', () => {
  it.each<Ask>([
    {},
    { qop: 'auth-int' },
    { qop: 'auth,auth-int' },
    { algorithm: 'SHA-256' },
    { algorithm: 'SHA-256', qop: 'auth-int' },
    { qop: '' },
    { uri: `http://xcap.home1.net${target}` },
  ])('%j are good', (ask) => {
    const of = server()
    expect(judged(of, authorization(of, ask))).toMatchObject({ kind: 'accepted', username: 'user1', givenAt: 0 })
  })

  it.each<[why: string, kind: Rejection['kind'], change: (good: string) => string | undefined]>([
    ['no credentials', 'refused', () => undefined],
    ['credentials of another scheme than Digest', 'refused', () => 'Basic dXNlcjE6c2VjcmV0'],
    ['credentials that do not follow the grammar', 'malformed', () => 'Digest username="user1'],
    ['credentials that do not follow the grammar', 'malformed', (good) => `${good}, ${good}`],
    ['credentials that do not follow the grammar', 'malformed', (good) => `${good}, nc=00000002`],
    ['credentials without username', 'malformed', (good) => good.replace('username=', 'usrname=')],
    ['credentials without response', 'malformed', (good) => good.replace('response=', 'answer=')],
    ['credentials without uri', 'malformed', (good) => good.replace('uri=', 'url=')],
    ['credentials for another realm', 'refused', (good) => good.replace(realm, 'home2.net')],
    ['another algorithm', 'refused', (good) => good.replace('=MD5', '=MD5-sess')],
    ['another algorithm', 'refused', (good) => good.replace('=MD5', '=MD7')],
    ['another quality of protection', 'refused', (good) => good.replace('qop=auth', 'qop=auth-conf')],
    [
      'credentials for another URI',
      'malformed',
      (good) => good.replace('user1@home1.net/index', 'user2@home1.net/index'),
    ],
    ['credentials for another URI', 'malformed', (good) => good.replace('user1@', 'user1%40')],
    ['a nonce count that is not one', 'malformed', (good) => good.replace('nc=00000001', 'nc=1')],
    ['a nonce count that is not one', 'malformed', (good) => good.replace('nc=00000001', 'nc=00000000')],
    ['a nonce count that is not one', 'malformed', (good) => good.replace(', nc=00000001', '')],
    ['nobody of that name', 'refused', (good) => good.replace('"user1"', '"user9"')],
    ['a wrong password', 'refused', (good) => good.replace(/response="./, 'response="x')],
    ['a wrong password', 'refused', (good) => good.replace('nc=00000001', 'nc=00000002')],
    ['a wrong password', 'refused', (good) => good.replace(/nonce="./, 'nonce="x')],
  ])('%s: %s', (why, kind, change) => {
    const of = server()
    expect(judged(of, change(authorization(of, {})))).toEqual({ kind, why })
    expect(of.uses.size).toBe(0)
  })

  it('with the whole body protected are good for that body alone', () => {
    const of = server()
    const changed = { ...put, body: '<resource-lists></resource-lists>' }
    expect(judged(of, authorization(of, { qop: 'auth-int' }), 0, changed)).toMatchObject({ why: 'a wrong password' })
    expect(judged(of, authorization(of, {}), 0, changed)).toMatchObject({ kind: 'accepted' })
  })

  it('are judged by the hash of a password too, where it was hashed by their algorithm', () => {
    const hashed = { MD5: hashedPassword('MD5', account)! }
    // By md5sum of `user1:xcap.home1.net:secret`.
    expect(hashed.MD5).toBe('ec15e025016cd5b5ef2183ce5f7730b1')
    const by = { ...account, password: { hashed } }
    for (const [algorithm, kind] of [
      ['MD5', 'accepted'],
      ['SHA-256', 'refused'],
    ] as const) {
      const of = server()
      const read = readCredentials(of, authorization(of, { algorithm }), target)
      expect(read.kind === 'read' && judgeCredentials(of, read, by, put, 0)).toMatchObject({ kind })
    }
  })
})

describe('RFC 7616 §3.3, stale: a nonce', () => {
  it('is good for as long as it lives', () => {
    const of = server({ nonceLife: seconds(10) })
    const nonce = freshNonce(of, seconds(100), 'a')
    const at = (now: number, count: number) => judged(of, authorization(of, { nonce, count }), now)
    expect(at(seconds(100), 1).kind).toBe('accepted')
    expect(at(seconds(110) - 1, 2).kind).toBe('accepted')
    expect(at(seconds(110), 3)).toEqual({ kind: 'stale', why: 'a nonce that has expired' })
    expect(at(seconds(99), 3)).toEqual({ kind: 'stale', why: 'a nonce that has expired' })
  })

  it.each([
    'abc',
    '',
    '0.a.00000000000000000000000000000000',
    freshNonce(digestServer(realm, 'another secret'), 0, 'a'),
  ])('%j of somebody else is stale if the password is right, so that a restart asks nobody for it again', (nonce) => {
    const of = server()
    const why = 'a nonce that this server does not know'
    expect(judged(of, authorization(of, { nonce }))).toEqual({ kind: 'stale', why })
    expect(judged(of, authorization(of, { nonce, password: 'guess' })).kind).toBe('refused')
    expect(of.uses.size).toBe(0)
  })

  it('says when it was given out', () => {
    const of = server()
    expect(timeOfNonce(of.secret, freshNonce(of, seconds(1_700_000_000), 'salt'))).toBe(seconds(1_700_000_000))
  })
})

describe('RFC 7616 §3.4, nc: replays', () => {
  const counted = (of: DigestServer, count: number) => judged(of, authorization(of, { count })).kind

  it('the same request is good once', () => {
    const of = server()
    const text = authorization(of, {})
    expect(judged(of, text).kind).toBe('accepted')
    expect(judged(of, text)).toEqual({ kind: 'stale', why: 'a nonce count that was used before' })
  })

  it('requests on several connections may overtake each other', () => {
    const of = server()
    const order = [3, 1, 2, 40, 39, 8, 7, 40, 8, 72, 40, 105, 72, 0xffff]
    const kinds = order.map((count) => counted(of, count))
    const good = [3, 1, 2, 40, 39, 8, 72, 105, 0xffff]
    expect(order.filter((_, at) => kinds[at] === 'accepted')).toEqual(good)
  })

  it('a window of 32 agrees with a set of all counts', () => {
    let use = unusedNonce(0)
    const used = new Set<number>()
    let [highest, chance] = [0, 1]
    for (let turn = 0; turn < 5000; turn++) {
      chance = (chance * 48271) % 2147483647
      const count = Math.max(1, highest - 40 + (chance % 80))
      const noted = withCount(use, count)
      const isNew = !used.has(count) && (count > highest || highest - count <= 32)
      expect(noted !== undefined).toBe(isNew)
      if (noted === undefined) continue
      use = noted
      used.add(count)
      highest = Math.max(highest, count)
    }
    expect(used.size).toBeGreaterThan(1000)
  })

  it('a client that does not count may use its nonce once', () => {
    const of = server()
    expect(judged(of, authorization(of, { qop: '' })).kind).toBe('accepted')
    expect(judged(of, authorization(of, { qop: '' })).kind).toBe('stale')
  })

  it('no more nonces are kept than the limit says, and a forgotten one is not good again', () => {
    const of = server({ mostNonces: 3 })
    const texts = [1, 2, 3, 4, 5].map((at) => authorization(of, { nonce: freshNonce(of, at, 'a') }))
    const neverUsed = authorization(of, { nonce: freshNonce(of, 2, 'b') })
    for (const text of texts) expect(judged(of, text, 10).kind).toBe('accepted')
    expect(of.uses.size).toBe(3)
    for (const text of [...texts, neverUsed]) expect(judged(of, text, 10).kind).toBe('stale')
  })

  it('expired ones are dropped', () => {
    const of = server({ nonceLife: 100 })
    for (let at = 0; at < 1000; at += 10) judged(of, authorization(of, { nonce: freshNonce(of, at, 'a') }), at)
    expect(of.uses.size).toBe(10)
    expect(of.forgotten).toBe(-1)
  })
})

describe('RFC 7616 §3.5: Authentication-Info', () => {
  const accepted = (qop: string, of = server()): Accepted => judged(of, authorization(of, { qop })) as Accepted

  it('proves that the server knows the password', () => {
    const good = accepted('auth-int')
    const protection = { qop: 'auth-int', clientNonce: '0a4f113b', nonceCount: '00000001' } as const
    const nonce = freshNonce(server(), 0, 'a')
    const input = { ...account, algorithm: 'MD5', nonce, method: '', uri: target, body: 'answer', protection } as const
    expect(authenticationInfo(good, 'answer', undefined)).toBe(
      `qop=auth-int, rspauth="${digestResponse(input)}", cnonce="0a4f113b", nc=00000001`,
    )
  })

  it('tells the next nonce when the one in use is half as old as it may become', () => {
    const of = server({ nonceLife: seconds(10) })
    const good = accepted('auth', of)
    expect(isRenewalDue(of, good, seconds(5) - 1)).toBe(false)
    expect(isRenewalDue(of, good, seconds(5))).toBe(true)
    expect(authenticationInfo(good, '', 'next')).toMatch(/^nextnonce="next", qop=auth, rspauth="[0-9a-f]{32}", /)
  })

  it('tells the next nonce at once to a client that does not count', () => {
    const of = server()
    const good = accepted('', of)
    expect(isRenewalDue(of, good, 0)).toBe(true)
    expect(authenticationInfo(good, '', 'next')).toBe('nextnonce="next"')
    expect(authenticationInfo(good, '', undefined)).toBeUndefined()
  })
})
