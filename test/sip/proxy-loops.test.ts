import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/sim/time.ts'
import { counted } from '../../src/sip/core/proxy.ts'
import { anyProxy } from '../../src/sip/judge.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import type { SipTurn } from '../../src/sip/transaction/transaction-user.ts'
import { aRequest, nameAddr, received, Stage, type UserSettings } from './stage.ts'

/** A proxy that counts hops, changes a request as told, and forwards it to one host. */
const proxy = (next: string, change = (request: SipRequest, _: SipTurn) => request): UserSettings => ({
  next,
  element: anyProxy,
  change: (request, turn) => change(counted(request, turn), turn),
})

/** `client` sends a request to the first of these proxies. */
function sentThrough(hosts: Readonly<Record<string, UserSettings>>): Stage {
  const stage = new Stage(hosts, ['client', 'server'])
  stage.send(0, 'client', 'a', received('z9hG4bK1', aRequest(), 'client'))
  return stage
}

const answers = (stage: Stage) => stage.told('a', 'client').map(([, what]) => what)

describe('loops (RFC 3261 §16.3 step 4, RFC 5393)', () => {
  it('a request that comes back as it left is answered 482 by whom it comes back to', () => {
    const stage = sentThrough({ a: proxy('b'), b: proxy('a') })
    stage.run(seconds(1))
    expect(answers(stage)).toEqual(['482'])
    expect([stage.told('a', 'b').length, stage.told('b', 'a').length]).toEqual([2, 2])
  })

  it('a proxy that forwards to itself finds out at once', () => {
    const stage = sentThrough({ a: proxy('a') })
    stage.run(seconds(1))
    expect(answers(stage)).toEqual(['482'])
    expect(stage.heard('a').filter(([, what]) => what === 'OPTIONS')).toHaveLength(1)
  })

  it('a spiral, with another Request-URI, is legal', () => {
    const retarget = (request: SipRequest): SipRequest => ({ ...request, uri: 'sip:carol@home2.net' })
    const hosts = { a: proxy('b'), b: proxy('a', retarget) }
    const stage = new Stage({ ...hosts, a: { ...hosts.a, next: 'b' } }, ['client', 'server'])
    stage.send(0, 'client', 'a', received('z9hG4bK1', aRequest(), 'client'))
    stage.run(0)
    const second = stage.sent('b', 'a').map(({ message }) => message as SipRequest)
    expect(second[0]!.uri).toBe('sip:carol@home2.net')
    // The second round of `a` is a request of its own; only the third would be the second again.
    expect(stage.heard('a').filter(([, what]) => what === 'OPTIONS')).toHaveLength(2)
    stage.run(seconds(1))
    expect(answers(stage)).toEqual(['482'])
  })

  it('a spiral, with another Route, is legal', () => {
    const marks = ['sip:one@a;lr', 'sip:two@a;lr', undefined]
    let round = 0
    const b = proxy('a', (request) => {
      const mark = marks[round++]
      return { ...request, headers: request.headers.with({ route: mark === undefined ? undefined : [nameAddr(mark)] }) }
    })
    const stage = sentThrough({ a: proxy('b'), b })
    stage.run(0)
    expect(stage.heard('a').filter(([, what]) => what === 'OPTIONS')).toHaveLength(3)
  })

  it('the same request on its way twice, by two branches, is no loop', () => {
    const stage = new Stage({ a: proxy('server') }, ['client', 'server'])
    stage.send(0, 'client', 'a', received('z9hG4bK1', aRequest(), 'client'))
    stage.send(0, 'client', 'a', received('z9hG4bK2', aRequest(), 'client'))
    stage.run(0)
    expect([stage.told('a', 'server').length, answers(stage)]).toEqual([2, []])
  })

  it('what has lost its memory is stopped by Max-Forwards (§16.3 step 3)', () => {
    const stage = new Stage({ a: { ...proxy('b'), element: { ...anyProxy } }, b: proxy('a') }, ['client'])
    const forget = (turn: SipTurn): void => {
      stage.layer(turn.self).clients.clear()
      stage.layer(turn.self).servers.clear()
    }
    stage.send(0, 'client', 'a', received('z9hG4bK1', aRequest('OPTIONS', { maxForwards: 6 }), 'client'))
    for (let i = 0; i < 40 && stage.simulation.next === 0; i++) {
      stage.trace.push(stage.simulation.step()!)
      for (const host of ['a', 'b']) forget({ self: host } as SipTurn)
    }
    const refused = [...stage.told('a', 'b'), ...stage.told('b', 'a')].filter(([, what]) => what === '483')
    expect(refused).toHaveLength(1)
  })
})
