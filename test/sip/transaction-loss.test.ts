import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Link } from '../../src/sim/network.ts'
import { seconds } from '../../src/sim/time.ts'
import { radioTimers } from '../../src/sip/transaction/timers.ts'
import { networkLeg } from '../../src/sip/transaction/transaction-user.ts'
import { aRequest, Stage, type UserSettings } from './stage.ts'

const count = 8
const radioLeg = { ...networkLeg, timers: radioTimers }

/** Users of this kind in a row, `ua` first and `server` last, between which `ua` sends some requests. */
function storm(hosts: Readonly<Record<string, UserSettings>>, link: Link, seed: number): Stage {
  const stage = new Stage(hosts, [], seed)
  stage.simulation.world.network.otherwise = link
  const next = Object.keys(hosts)[1]!
  for (let i = 0; i < count; i++) stage.request(i * 1_700_000, 'ua', next, aRequest('OPTIONS', { callId: `call-${i}` }))
  stage.run()
  return stage
}

/** For each request of `ua`: when its outcome came, and what it was. */
function outcomes(stage: Stage): readonly { readonly after: number; readonly what: string }[][] {
  const { heard } = stage.layer('ua').user
  return Array.from({ length: count }, (_, i) =>
    heard
      .filter(({ what, message }) => what !== '100' && message?.headers.callId === `call-${i}`)
      .map(({ at, what }) => ({ after: at - i * 1_700_000, what })),
  )
}

const tableSizes = (stage: Stage, hosts: readonly string[]) =>
  hosts.flatMap((host) => [stage.layer(host).clients.size, stage.layer(host).servers.size])

/** No message takes longer than T1: the last retransmission of a request arrives before Timer J fires. */
const badLink = fc.record<Link>({
  latency: fc.nat(200_000),
  jitter: fc.nat(299_000),
  lossOneIn: fc.constantFrom(0, 2, 3, 4, 10),
  duplicateOneIn: fc.constantFrom(0, 2, 5),
})

describe('transactions over links that lose, double and delay', () => {
  it('with one datagram in three lost, each completes or times out by 64 times T1 (RFC 3261 §17.1.2.2)', () => {
    let completed = 0
    for (let seed = 0; seed < 40; seed++) {
      const link = { latency: 50_000, jitter: 20_000, lossOneIn: 3, duplicateOneIn: 0 }
      for (const heard of outcomes(storm({ ua: {}, server: { answer: 200 } }, link, seed))) {
        expect(heard).toHaveLength(1)
        const [{ after, what }] = heard as [{ readonly after: number; readonly what: string }]
        expect(after).toBeLessThanOrEqual(seconds(32))
        if (what === 'timeout') expect(after).toBe(seconds(32))
        else completed++
      }
    }
    // A round trip succeeds with 4/9: eleven attempts fail all together once in 640.
    expect(completed / (40 * count)).toBeGreaterThan(0.98)
  })

  it('each ends in exactly one outcome, reaches the server user at most once, and leaves nothing behind', () => {
    fc.assert(
      fc.property(badLink, fc.nat(1e6), (link, seed) => {
        const stage = storm({ ua: {}, server: { answer: 200 } }, link, seed)
        for (const heard of outcomes(stage)) expect(heard.map(({ what }) => what)).toHaveLength(1)
        const calls = stage.layer('server').user.heard.map(({ message }) => message!.headers.callId)
        expect(new Set(calls).size).toBe(calls.length)
        expect(tableSizes(stage, ['ua', 'server'])).toEqual([0, 0, 0, 0])
      }),
      { numRuns: 40 },
    )
  })

  it('the same holds through two proxies, one of them on a radio leg', () => {
    const hosts = {
      ua: { leg: radioLeg },
      pcscf: { next: 'scscf', legs: { ua: radioLeg } },
      scscf: { next: 'server' },
      server: { answer: 404 },
    }
    fc.assert(
      fc.property(badLink, fc.nat(1e6), (link, seed) => {
        const stage = storm(hosts, link, seed)
        for (const heard of outcomes(stage)) {
          expect(heard).toHaveLength(1)
          expect(heard[0]!.after).toBeLessThanOrEqual(seconds(128))
          expect(['404', 'timeout']).toContain(heard[0]!.what)
        }
        const calls = stage.layer('server').user.heard.map(({ message }) => message!.headers.callId)
        expect(new Set(calls).size).toBe(calls.length)
        expect(tableSizes(stage, Object.keys(hosts))).toEqual(new Array(8).fill(0))
      }),
      { numRuns: 25 },
    )
  })

  it('over a perfect link nothing is sent twice', () => {
    const stage = storm(
      { ua: {}, server: { answer: 200 } },
      { latency: 249_999, jitter: 0, lossOneIn: 0, duplicateOneIn: 0 },
      1,
    )
    expect([stage.told('ua', 'server').length, stage.told('server', 'ua').length]).toEqual([count, count])
  })

  it('a thousand transactions leave empty tables', () => {
    const stage = new Stage({ ua: {}, server: { answer: 200 } })
    stage.act(0, 'ua', (turn) => {
      for (let i = 0; i < 1000; i++) turn.request('server', aRequest('OPTIONS', { callId: `call-${i}` }))
    })
    stage.run(0)
    expect(tableSizes(stage, ['ua', 'server'])).toEqual([1000, 0, 0, 1000])
    stage.run()
    expect(tableSizes(stage, ['ua', 'server'])).toEqual([0, 0, 0, 0])
    expect(stage.heard('ua')).toHaveLength(1000)
  })
})
