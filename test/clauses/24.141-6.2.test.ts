import { describe, expect, it } from 'vitest'
import { challengesIn } from '../../src/http/challenges.ts'
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts'
import { paramText } from '../../src/sip/digest.ts'
import { alice, names, other, proxySettings, server, UtWorld, usual } from '../ims/ut-world.ts'

const { ue, bsf, hss, ap, as } = names

describe('TS 24.141 §6.2.1: the UE proves who it is', () => {
  it('R6.2.1-b HTTP Digest AKA with the BSF of the home network, after a 401 with the bootstrapping realm', () => {
    const world = new UtWorld()
    expect(world.ask()).toBe(200)
    expect(world.ladder()).toEqual([
      `${ue} ${server} GET /doc HTTP/1.1`,
      `${ap} ${ue} HTTP/1.1 401 Unauthorized`,
      `${ue} ${bsf} GET / HTTP/1.1`,
      `${bsf} ${hss} Zh MAR`,
      `${hss} ${bsf} Zh MAA`,
      `${bsf} ${ue} HTTP/1.1 401 Unauthorized`,
      `${ue} ${bsf} GET / HTTP/1.1`,
      `${bsf} ${ue} HTTP/1.1 200 OK`,
      `${ue} ${server} GET /doc HTTP/1.1`,
      `${ap} ${bsf} Zn BIR`,
      `${bsf} ${ap} Zn BIA`,
      `${ap} ${as} GET /doc HTTP/1.1`,
      `${as} ${ap} HTTP/1.1 200 OK`,
      `${ap} ${ue} HTTP/1.1 200 OK`,
    ])
    const [first] = world.all(ap, ue)
    const [challenge] = challengesIn((first as HttpRequest).headers['www-authenticate']!)
    expect(paramText(challenge!, 'realm')).toBe('3GPP-bootstrapping@xcap.home1.net')
    expect(world.last(ue, server, 'request').headers['user-agent']).toBe('test 3gpp-gba')
  })

  it('R6.2.1-b a run on Ub may come first; keys are used again until they expire', () => {
    const world = new UtWorld({ bsf: { lifetime: 100 } })
    world.do({ do: 'bootstrap' })
    expect(world.all(ue, bsf)).toHaveLength(2)
    expect([world.ask(), world.ask()]).toEqual([200, 200])
    expect(world.all(ue, bsf)).toHaveLength(2)
    expect(world.all(ap, bsf).filter((one) => one.protocol === 'cx')).toHaveLength(1)
    world.pass(101)
    expect(world.ask()).toBe(200)
    expect(world.all(ue, bsf)).toHaveLength(4)
  })

  it('R6.2.1-d plain HTTP Digest, MD5 of what is offered; a wrong password is not tried again', () => {
    const world = new UtWorld({ ue: { method: 'digest' }, ap: { methods: ['digest'] } })
    expect([world.ask(), world.ask()]).toEqual([200, 200])
    const { authorization } = world.last(ue, server, 'request').headers
    expect(authorization).toContain('username="user1"')
    expect(authorization).toContain('algorithm=MD5')
    expect(authorization).toContain('nc=00000002')
    const wrong = new UtWorld({ ue: { method: 'digest', password: 'guess' }, ap: { methods: ['digest'] } })
    expect(wrong.ask()).toBe(401)
    expect(wrong.all(ue, server)).toHaveLength(2)
  })

  it.each([
    ['SHA-256', 64],
    ['SHA-512-256', 64],
    ['MD5-sess', 32],
  ] as const)(
    'R6.2.1-d plain HTTP Digest with %s, where the proxy offers it first (RFC 7616 §3.7)',
    (algorithm, digits) => {
      const world = new UtWorld({
        ue: { method: 'digest' },
        ap: { methods: ['digest'], algorithms: [algorithm, 'MD5'] },
      })
      expect([world.ask(), world.ask({ method: 'PUT', body: '<a/>' })]).toEqual([200, 200])
      const offered = challengesIn((world.all(ap, ue)[0] as HttpResponse).headers['www-authenticate']!)
      expect(offered.map((one) => paramText(one, 'algorithm'))).toEqual([algorithm, 'MD5'])
      const proofs = world.all(ue, server).map((one) => String((one as HttpRequest).headers.authorization))
      expect(proofs.map((text) => /algorithm=([^,]+)/.exec(text)?.[1])).toEqual([undefined, algorithm, algorithm])
      expect(proofs.at(-1)).toMatch(new RegExp(`response="[0-9a-f]{${digits}}"`))
      const { headers } = world.last(ap, ue, 'response')
      expect(headers['authentication-info']).toMatch(new RegExp(`^qop=auth-int, rspauth="[0-9a-f]{${digits}}"`))
    },
  )

  it.each(['3GPP-bootstrapping@evil.net', 'xcap.home1.net', '3GPP-bootstrapping-uicc@xcap.home1.net'])(
    'R6.2.1-e the UE answers no challenge for %s: it neither bootstraps nor proves anything',
    (realm) => {
      const challenge = `Digest realm="${realm}", nonce="n", qop="auth", algorithm=MD5`
      const world = new UtWorld({ said: { [ap]: [{ status: 401, headers: { 'www-authenticate': challenge } }] } })
      expect(world.ask()).toBe(401)
      expect(world.all(ue, server)).toHaveLength(1)
      expect(world.all(ue, bsf)).toEqual([])
    },
  )
})

describe('TS 24.141 §6.2.2: the application server knows who asks', () => {
  const behind = { kind: 'behind a proxy', proxies: [ap] } as const
  const own = (changes: Partial<typeof proxySettings>) =>
    ({ kind: 'on its own', own: { ...proxySettings, ...changes } }) as const

  it('R6.2.2-b behind a proxy it believes what the proxy asserts, and serves nobody else', () => {
    // The server has no documents: whoever is served hears of it.
    expect(new UtWorld({ service: behind }).ask()).toBe(404)
    const forged = { 'x-3gpp-asserted-identity': `"${alice}"` }
    const world = new UtWorld({ service: behind, isDirect: true, ue: { method: 'none', forged } })
    expect(world.ask()).toBe(403)
  })

  it.each([
    ['gba', 'with bootstrapped keys'],
    ['digest', 'with a name and a password'],
  ] as const)('R6.2.2-b on its own it authenticates the request itself (%s), %s', (method, _) => {
    const service = own({ methods: [method] })
    const nafs = [{ address: as, names: [server] }]
    const world = new UtWorld({ service, isDirect: true, ue: { method }, bsf: { nafs } })
    expect(world.ask()).toBe(404)
    expect(world.all(as, ue).map((one) => (one as HttpResponse).status)).toEqual([401, 404])
    expect(world.last(as, ue, 'response').headers['authentication-info']).toContain('rspauth=')
    expect(new UtWorld({ service, isDirect: true, ue: { method: 'none' } }).ask()).toBe(method === 'gba' ? 403 : 401)
  })
})

describe('TS 24.141 §6.2.3, TS 24.109 §7: the authentication proxy', () => {
  const forwarded = (world: UtWorld) => world.last(ap, as, 'request').headers

  it('R6.2.3-a stands at the name of the server: the UE names the server, the request arrives at the proxy', () => {
    const world = new UtWorld()
    expect(world.ask()).toBe(200)
    expect(world.all(ue, ap)).toEqual([])
    expect(world.all(ue, as)).toEqual([])
    expect(forwarded(world).host).toBe(server)
    expect(forwarded(world).via).toBe(`1.1 ${ap}`)
    expect(world.ask({ headers: { host: 'nowhere.home1.net' } })).toBe(421)
  })

  it('R6.2.3-b takes Authorization off: the server never sees it', () => {
    const world = new UtWorld()
    world.ask({ method: 'PUT', body: '<a/>' })
    expect(world.last(ue, server, 'request').headers.authorization).toContain('qop=auth-int')
    expect(forwarded(world)).not.toHaveProperty('authorization')
  })

  it.each(['/doc', '/none'])('R6.2.3-c adds Authentication-Info to the answer to %s', (target) => {
    const world = new UtWorld()
    world.ask({ target })
    expect(world.last(ap, ue, 'response').headers['authentication-info']).toMatch(
      /^qop=auth, rspauth="[0-9a-f]{32}", cnonce=".+", nc=00000001$/,
    )
    expect(world.last(as, ap, 'response').headers).not.toHaveProperty('authentication-info')
  })

  it('R6.2.3-d the UE says between quotation marks as whom it asks; without them it is a bad request', () => {
    const world = new UtWorld()
    world.ask()
    expect(world.last(ue, server, 'request').headers['x-3gpp-intended-identity']).toBe(`"${alice}"`)
    const bare = new UtWorld({ ue: { identity: undefined, forged: { 'x-3gpp-intended-identity': alice } } })
    expect(bare.ask()).toBe(400)
    expect(bare.all(ap, as)).toEqual([])
  })

  it('R6.2.3-e the identity of somebody else is refused with 403 and goes no further', () => {
    const world = new UtWorld({ ue: { identity: 'sip:user2_public1@home1.net' } })
    expect(world.ask()).toBe(403)
    expect(world.all(ap, as)).toEqual([])
    expect(world.decisions.at(-1)).toMatchObject({ outcome: 'not in this name' })
  })

  it.each([
    ['nothing is laid down', { services: [] }, undefined, 403],
    ['another service is', { services: [{ ...usual.services[0]!, service: '1' }] }, undefined, 403],
    ['the flag is missing', usual, '2', 403],
    ['the flag is there', usual, '1', 200],
  ] as const)('R6.2.3-f whether a subscriber may use the server: %s', (_, security, requires, status) => {
    const servers = [{ name: server, address: as, service: '3', requires }]
    const world = new UtWorld({ security, ap: { servers } })
    expect(world.ask()).toBe(status)
    expect(world.all(ap, as)).toHaveLength(status === 200 ? 1 : 0)
  })

  it('R6.2.3-g TS 24.109 §7.3: tells the server who asks, between quotation marks; what the UE forges is taken off', () => {
    const forged = { 'x-3gpp-asserted-identity': '"sip:boss@home1.net"', 'x-3gpp-authorization-flags': '"9"' }
    const world = new UtWorld({ ue: { forged } })
    expect(world.ask()).toBe(200)
    expect(world.last(ue, server, 'request').headers['x-3gpp-asserted-identity']).toBe('"sip:boss@home1.net"')
    expect(forwarded(world)['x-3gpp-asserted-identity']).toBe(`"${alice}"`)
    const all = new UtWorld({ ue: { identity: undefined } })
    all.ask()
    expect(forwarded(all)['x-3gpp-asserted-identity']).toBe(`"${alice}", "${other}"`)
  })

  it('R6.2.3-h tells the server the flags of the security settings', () => {
    const world = new UtWorld({ ue: { forged: { 'x-3gpp-authorization-flags': '"9"' } } })
    world.ask()
    expect(forwarded(world)['x-3gpp-authorization-flags']).toBe('"1"')
  })

  it('R6.2.3-g TS 24.109 §7.3: flags that the UE forges are taken off where the settings have none', () => {
    const [service] = usual.services
    const security = { services: [{ ...service!, flags: [] }] }
    const world = new UtWorld({ security, ue: { forged: { 'x-3gpp-authorization-flags': '"9"' } } })
    expect(world.ask()).toBe(200)
    expect(world.last(ue, server, 'request').headers['x-3gpp-authorization-flags']).toBe('"9"')
    expect(forwarded(world)).not.toHaveProperty('x-3gpp-authorization-flags')
  })

  it('R6.2.3-i whoever proves nothing too often is told to wait, and neither server nor BSF hear of it', () => {
    const world = new UtWorld({ ue: { method: 'none' }, ap: { limit: { requests: 3, within: 60_000_000 } } })
    const headers = { 'user-agent': 'flood 3gpp-gba', host: server }
    expect([1, 2, 3, 4].map(() => world.ask({ headers }))).toEqual([401, 401, 401, 429])
    expect(world.last(ap, ue, 'response').headers['retry-after']).toBe('60')
    const made =
      'Digest username="AAAA@bsf.home1.net", realm="3GPP-bootstrapping@xcap.home1.net", nonce="n", uri="/doc"'
    expect(world.ask({ headers: { ...headers, authorization: `${made}, response="0"` } })).toBe(429)
    expect([...world.all(ap, as), ...world.all(ap, bsf)]).toEqual([])
    world.pass(61)
    expect(world.ask({ headers })).toBe(401)
  })
})
