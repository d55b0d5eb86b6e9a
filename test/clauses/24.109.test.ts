import { describe, expect, it } from 'vitest'
import type { HttpRequest } from '../../src/http/message.ts'
import { commandName } from '../../src/ims/cx.ts'
import vectors from '../ims/material/milenage-35207.json' with { type: 'json' }
import { names, type Said, server, UtWorld } from '../ims/ut-world.ts'

const { ue, bsf, ap, as } = names
const set = vectors.sets[0]!

describe('TS 24.109 §4, §5: what goes wrong on the way', () => {
  it('TS 24.109 §5.2.5: keys that the proxy does not take any more: the UE bootstraps anew and asks again', () => {
    const world = new UtWorld({ ap: { keyLife: 60_000_000 } })
    expect(world.ask()).toBe(200)
    world.pass(61)
    expect(world.ask()).toBe(200)
    expect(world.all(ue, bsf)).toHaveLength(4)
    expect(world.decisions.some(({ outcome }) => outcome === 'the keys are not good any more')).toBe(true)
  })

  it('TS 24.109 §5.2.5: a BSF that has forgotten the session: the same', () => {
    const world = new UtWorld()
    world.do({ do: 'bootstrap' })
    world.simulation.command(0, 'world', { do: 'restart', node: bsf })
    expect(world.ask()).toBe(200)
    const zn = world
      .all(bsf, ap)
      .map((one) => one.protocol === 'cx' && `${commandName(one)} ${JSON.stringify(one.avps)}`)
    expect(zn[0]).toContain('DIAMETER_ERROR_TRANSACTION_IDENTIFIER_INVALID')
    expect(world.all(ue, bsf)).toHaveLength(4)
  })

  it('TS 24.109 §4.3: a wrong response is refused with 403, and the request keeps its 401', () => {
    const world = new UtWorld({ isFaulty: true })
    expect(world.ask()).toBe(401)
    expect(world.last(bsf, ue, 'response')).toMatchObject({ status: 403 })
    expect(world.access.session).toBeUndefined()
  })

  it('TS 24.109 §4.4: a challenge with a wrong MAC ends the run: the UE sends no response', () => {
    const world = new UtWorld({ usimKey: '00000000000000000000000000000000' })
    expect(world.ask()).toBe(401)
    expect(world.all(ue, bsf)).toHaveLength(1)
    expect(world.decisions.some(({ outcome }) => outcome === 'wrong MAC')).toBe(true)
  })

  it('TS 24.109 §4.5: a sequence number out of range is answered with AUTS; the HSS goes on from there', () => {
    const world = new UtWorld({ usimSqn: 0xff9bb4d0ffff })
    expect(world.ask()).toBe(200)
    const requests = world.all(ue, bsf).map((one) => (one as HttpRequest).headers.authorization)
    expect(requests).toHaveLength(3)
    expect(requests[1]).toMatch(/, auts="[A-Za-z0-9+/]{19}="$/)
    expect(requests[2]).not.toContain('auts')
  })

  it('TS 33.220 §4.5.3: a B-TID of a BSF that is not trusted is not asked about', () => {
    const world = new UtWorld({ ap: { bsfs: ['bsf.home2.net'] } })
    expect(world.ask()).toBe(401)
    expect(world.all(ap, bsf)).toEqual([])
  })

  it('TS 29.109 §5.2, TS 29.109 §6.2.2.2: a NAF gets no key for a name that is not its own: 403', () => {
    const world = new UtWorld({ bsf: { nafs: [{ address: ap, names: ['other.home1.net'] }] } })
    expect(world.ask()).toBe(403)
  })

  /** The status that comes of a request while a node is down, or says nothing. */
  function without(world: UtWorld): number | 'failed' | 'nothing' {
    const answer = world.ask()
    world.pass(40)
    return answer === 'nothing' ? world.outcome() : answer
  }
  const down = (world: UtWorld, node: string): UtWorld => {
    world.simulation.command(0, 'world', { do: 'down', node })
    return world
  }

  it('RFC 7616 §3.4: credentials that can not be read are a bad request: 400', () => {
    const world = new UtWorld({ ue: { method: 'none' } })
    const headers = { 'user-agent': 'test 3gpp-gba', host: server }
    for (const authorization of ['Digest username="x"', 'Digest username'])
      expect(world.ask({ headers: { ...headers, authorization } })).toBe(400)
    expect([...world.all(ap, bsf), ...world.all(ap, as)]).toEqual([])
  })

  it('RFC 7616 §3.4: the request that is challenged is sent again, in an exchange of its own', () => {
    const world = new UtWorld({ ue: { method: 'digest' }, ap: { methods: ['digest'], nonceLife: 10_000_000 } })
    expect(world.ask()).toBe(200)
    world.pass(11)
    expect(world.ask()).toBe(200)
    const asked = world.all(ue, server) as HttpRequest[]
    const nonces = asked.map(({ headers }) => /nonce="([^"]+)"/.exec(headers.authorization ?? '')?.[1])
    expect(nonces.map((one) => nonces.indexOf(one))).toEqual([0, 1, 1, 3])
    expect(new Set(asked.map(({ exchange }) => exchange)).size).toBe(4)
    // Before it is answered, a challenge leaves nothing of the credentials that it did not take.
    const again = world.amended.filter(({ rule }) => rule.title === 'a request that is challenged is sent again')
    expect(again.map(({ after }) => (after as HttpRequest).headers.authorization)).toEqual([undefined, undefined])
  })

  it('RFC 9110 §15.6.3: a proxy whose server is down answers 502', () => {
    expect(without(down(new UtWorld(), names.as))).toBe(502)
  })

  it('RFC 9110 §15.6.5: a proxy whose server is silent answers 504', () => {
    const world = new UtWorld({ said: { [as]: [] } })
    expect(without(world)).toBe(504)
    expect(world.all(ap, as)).toHaveLength(1)
  })

  it('RFC 9110 §15.6.4: a proxy whose BSF is down can not know anybody: 503', () => {
    const world = new UtWorld()
    world.do({ do: 'bootstrap' })
    expect(without(down(world, bsf))).toBe(503)
    expect(world.all(ap, as)).toEqual([])
  })

  it('TS 24.109 §4.3: while the BSF is down or silent, a UE has no keys, and the request keeps its 401', () => {
    for (const world of [down(new UtWorld(), bsf), new UtWorld({ said: { [bsf]: [] } })]) {
      expect(without(world)).toBe(401)
      expect(world.all(ue, bsf)).toHaveLength(1)
      expect(world.access.session).toBeUndefined()
    }
  })

  it('RFC 7616 §3.3: a nonce that is over is stale: the same keys, another nonce', () => {
    const world = new UtWorld({ ap: { nonceLife: 10_000_000 } })
    expect(world.ask()).toBe(200)
    world.pass(11)
    expect(world.ask()).toBe(200)
    expect(world.all(ue, bsf)).toHaveLength(2)
    const stale = world.all(ap, ue).map((one) => (one as HttpRequest).headers['www-authenticate'] ?? '')
    expect(stale.filter((text) => text.includes('stale=true'))).toHaveLength(1)
  })
})

describe('TS 24.109 §4: what a UE does not take from a BSF', () => {
  const challenge = (changes: Readonly<Record<string, string>> = {}): Said => {
    const params = { realm: `"${bsf}"`, nonce: `"${set.nonce}"`, algorithm: 'AKAv1-MD5', qop: '"auth-int"', ...changes }
    const text = Object.entries(params).map(([name, value]) => `${name}=${value}`)
    return { status: 401, headers: { 'www-authenticate': `Digest ${text.join(', ')}` } }
  }
  const outcomes = (world: UtWorld): string[] => world.decisions.map(({ rule, outcome }) => `${rule.clause} ${outcome}`)

  it.each([
    ['of another realm', { realm: '"bsf.evil.net"' }],
    ['without AKA', { algorithm: 'MD5' }],
    ['that does not protect the body', { qop: '"auth"' }],
    ['whose nonce has no RAND and AUTN in it', { nonce: '"AAAA"' }],
  ])('TS 24.109 §4.2: a challenge %s: it says nothing more', (_, changes) => {
    const world = new UtWorld({ said: { [bsf]: [challenge(changes)] } })
    expect(world.ask()).toBe(401)
    expect(world.all(ue, bsf)).toHaveLength(1)
    expect(outcomes(world)).toEqual(['TS 24.109 §4.2 given up'])
  })

  it('TS 24.109 §4.5: a third challenge out of range: two were answered with AUTS', () => {
    const world = new UtWorld({ said: { [bsf]: [challenge()] }, usimSqn: 0xff9bb4d0ffff })
    expect(world.ask()).toBe(401)
    const requests = world.all(ue, bsf).map((one) => String((one as HttpRequest).headers.authorization))
    expect(requests.map((text) => text.includes('auts='))).toEqual([false, true, true])
    expect(outcomes(world).at(-1)).toBe('TS 24.109 §4.5 given up')
    expect(world.access.run).toBeUndefined()
  })

  it('TS 24.109 §4.3: a challenge after the right answer', () => {
    const world = new UtWorld({ said: { [bsf]: [challenge()] } })
    expect(world.ask()).toBe(401)
    expect(world.all(ue, bsf)).toHaveLength(2)
    expect(outcomes(world).at(-1)).toBe('TS 24.109 §4.3 given up')
  })

  it.each([
    ['none', {}],
    ['a wrong one', { 'authentication-info': `qop=auth-int, rspauth="${'0'.repeat(32)}", cnonce="c", nc=00000001` }],
  ])('RFC 3310 §3.3: keys without a proof that the server knows RES too: %s', (_, headers) => {
    const said = [challenge(), { status: 200, headers }]
    const world = new UtWorld({ said: { [bsf]: said } })
    expect(world.ask()).toBe(401)
    expect(outcomes(world).at(-1)).toBe('RFC 3310 §3.3 given up')
    expect(world.access.session).toBeUndefined()
  })
})

describe('RFC 7616 §3: what a UE does not take from a server that asks for a password', () => {
  const digest = { method: 'digest' } as const
  const challenge = (params: string): Said => ({
    status: 401,
    headers: { 'www-authenticate': `Digest realm="${server}", nonce="n", ${params}` },
  })

  it.each([
    ['an algorithm that it does not know', 'qop="auth", algorithm=SHA-3-256'],
    ['the algorithm of AKA', 'qop="auth", algorithm=AKAv1-MD5'],
    ['a protection that it does not know', 'qop="auth-conf", algorithm=MD5'],
  ])('RFC 7616 §3.3: a challenge with %s: it proves nothing', (_, params) => {
    const world = new UtWorld({ ue: digest, said: { [ap]: [challenge(params)] } })
    expect(world.ask()).toBe(401)
    expect(world.all(ue, server)).toHaveLength(1)
    expect(world.decisions).toMatchObject([{ rule: { clause: 'RFC 7616 §3.3' }, outcome: 'given up' }])
  })

  it('RFC 7616 §3.3: of several challenges it answers the first that it knows', () => {
    const [known, unknown] = ['qop="auth-conf,auth", algorithm=SHA-256', 'qop="auth", algorithm=SHA-3-256']
    const both = `${challenge(unknown).headers!['www-authenticate']}, ${challenge(known).headers!['www-authenticate']}`
    const said = [{ status: 401, headers: { 'www-authenticate': both } }, { status: 200 }]
    const world = new UtWorld({ ue: digest, said: { [ap]: said } })
    expect(world.ask()).toBe(200)
    const { authorization } = world.last(ue, server, 'request').headers
    expect(authorization).toMatch(/algorithm=SHA-256, cnonce="[^"]+", qop=auth, nc=00000001/)
  })

  it('RFC 7616 §3.5: an answer of a server that does not know the password: it is not believed', () => {
    const info = { 'authentication-info': `qop=auth, rspauth="${'0'.repeat(32)}", cnonce="c", nc=00000001` }
    const said = [challenge('qop="auth", algorithm=MD5'), { status: 200, headers: info, body: 'made up' }]
    const world = new UtWorld({ ue: digest, said: { [ap]: said } })
    expect(world.ask()).toBe('failed')
    expect(world.decisions.at(-1)).toMatchObject({ rule: { clause: 'RFC 7616 §3.5' }, outcome: 'not believed' })
  })
})

describe('TS 24.109 §5.2.4: how a proxy asks for proof', () => {
  it('TS 24.109 §5.2.4: a UE that does not offer bootstrapping is refused where nothing else will do', () => {
    const world = new UtWorld({ ue: { method: 'digest' } })
    expect(world.ask()).toBe(403)
    expect(world.last(ap, ue, 'response').headers['www-authenticate']).toBeUndefined()
  })

  it('TS 24.109 §5.2.4: where a password will do it is asked for one, and a UE that bootstraps is not', () => {
    const ap = { methods: ['gba', 'digest'] } as const
    const plain = new UtWorld({ ue: { method: 'digest' }, ap })
    expect(plain.ask()).toBe(200)
    expect(plain.last(ue, server, 'request').headers.authorization).toContain('username="user1"')
    const keyed = new UtWorld({ ap })
    expect(keyed.ask()).toBe(200)
    expect(keyed.last(ue, server, 'request').headers.authorization).toContain(`@${bsf}"`)
  })
})
