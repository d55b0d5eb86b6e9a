import { describe, expect, it } from 'vitest'
import { millis, seconds } from '../../src/sim/time.ts'
import { anyProxy } from '../../src/sip/judge.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message.ts'
import { networkLeg } from '../../src/sip/transaction/transaction-user.ts'
import { answerTo, aRequest, nameAddr, nameOf, received, Stage, type UserSettings } from './stage.ts'

const branch = 'z9hG4bKcaller-1'
const fromCaller = (method: string, to = {}) =>
  received(branch, aRequest(method, { to: nameAddr('sip:bob@home2.net', to) }), 'caller')

/** `caller` sends an INVITE to `proxy`, which forwards it to `callee`. */
function called(settings: UserSettings = {}): { readonly stage: Stage; readonly invite: SipRequest } {
  const stage = new Stage({ proxy: { next: 'callee', element: anyProxy, ...settings } }, ['caller', 'callee'])
  stage.send(0, 'caller', 'proxy', fromCaller('INVITE'))
  stage.run(0)
  return { stage, invite: stage.sent('proxy', 'callee')[0]!.message as SipRequest }
}

const answer = (stage: Stage, to: SipRequest, at: number, status: number): void =>
  stage.send(seconds(at), 'callee', 'proxy', answerTo(to, status))
const upstream = (stage: Stage) => stage.told('proxy', 'caller')
const downstream = (stage: Stage) => stage.told('proxy', 'callee').map(([, what]) => what)
const tables = (stage: Stage) => {
  const { clients, servers } = stage.layer('proxy')
  return [[...clients.values()].map(({ state }) => state), [...servers.values()].map(({ state }) => state)]
}

describe('an INVITE through a proxy (RFC 3261 §16)', () => {
  it('is answered 100 after 200 ms; 1xx and 200 are relayed, 100 is not', () => {
    const { stage, invite } = called()
    for (const [at, status] of [
      [0.3, 100],
      [1, 180],
      [1.5, 183],
      [2, 200],
    ] as const)
      answer(stage, invite, at, status)
    stage.run(seconds(2))
    expect(upstream(stage)).toEqual([
      [0.2, '100'],
      [1, '180'],
      [1.5, '183'],
      [2, '200'],
    ])
    expect(tables(stage)).toEqual([['Accepted'], ['Accepted']])
  })

  it('every 200 goes on, as often as it comes (RFC 6026 §7)', () => {
    const { stage, invite } = called()
    for (const at of [1, 1.5, 2.5]) answer(stage, invite, at, 200)
    stage.run(seconds(3))
    expect(upstream(stage).filter(([, what]) => what === '200')).toHaveLength(3)
  })

  it('the ACK of a 200 passes without a transaction', () => {
    const { stage, invite } = called()
    answer(stage, invite, 1, 200)
    stage.send(seconds(2), 'caller', 'proxy', received('z9hG4bKcaller-2', fromCaller('ACK', { tag: 'b1' }), 'caller'))
    stage.run(seconds(3))
    expect(downstream(stage)).toEqual(['INVITE', 'INVITE', 'ACK'])
    const ack = stage.sent('proxy', 'callee').at(-1)!.message as SipRequest
    expect(ack.headers.via!.map(({ host }) => host)).toEqual(['proxy', 'caller'])
    expect(tables(stage)).toEqual([['Accepted'], ['Accepted']])
  })

  it('a refusal is acknowledged hop by hop, and relayed until its own ACK comes', () => {
    const { stage, invite } = called()
    answer(stage, invite, 0.1, 486)
    stage.send(seconds(1), 'caller', 'proxy', fromCaller('ACK', { tag: 'b1' }))
    stage.run(seconds(3))
    expect(downstream(stage)).toEqual(['INVITE', 'ACK'])
    expect(upstream(stage)).toEqual([
      [0.1, '486'],
      [0.6, '486'],
    ])
    expect(stage.heard('proxy').map(([, what]) => what)).toEqual(['INVITE'])
  })

  it('without any answer is answered 408 (§16.7 step 6)', () => {
    const { stage } = called()
    stage.run(seconds(32))
    expect(upstream(stage)).toEqual([
      [0.2, '100'],
      [32, '408'],
    ])
  })

  it('that can not be delivered is answered 503 (§16.9)', () => {
    const { stage } = called({ leg: { ...networkLeg, transport: 'TCP' } })
    stage.simulation.command(0, 'world', { do: 'down', node: 'callee' })
    stage.send(millis(50), 'caller', 'proxy', received('z9hG4bKcaller-2', aRequest('INVITE'), 'caller'))
    stage.run(millis(100))
    expect(upstream(stage)).toEqual([[0.05, '503']])
  })

  it('leaves nothing behind', () => {
    for (const status of [200, 486]) {
      const { stage, invite } = called()
      answer(stage, invite, 1, 180)
      answer(stage, invite, 2, status)
      stage.run()
      expect(tables(stage)).toEqual([[], []])
    }
  })
})

describe('CANCEL at a proxy (RFC 3261 §16.10)', () => {
  const cancels = (stage: Stage) =>
    stage.sent('proxy', 'callee').filter(({ message }) => nameOf(message) === 'CANCEL') as readonly {
      readonly at: number
      readonly message: SipRequest
    }[]

  it('is answered 200, and sent on for the INVITE once a provisional response has come (§9.1)', () => {
    const { stage, invite } = called()
    stage.send(millis(100), 'caller', 'proxy', fromCaller('CANCEL'))
    stage.run(millis(300))
    expect(upstream(stage).map(([, what]) => what)).toEqual(['200', '100'])
    expect(cancels(stage)).toEqual([])
    answer(stage, invite, 0.4, 180)
    stage.run(millis(400))
    expect(cancels(stage)).toHaveLength(1)
  })

  it('has the branch, the Request-URI and the identifiers of the INVITE that was forwarded', () => {
    const { stage, invite } = called()
    answer(stage, invite, 0.1, 180)
    stage.send(millis(200), 'caller', 'proxy', fromCaller('CANCEL'))
    stage.run(millis(200))
    const { headers, uri } = cancels(stage)[0]!.message
    expect([uri, headers.via, headers.cseq]).toEqual([
      invite.uri,
      invite.headers.via!.slice(0, 1),
      { number: 1, method: 'CANCEL' },
    ])
    for (const name of ['from', 'to', 'callId'] as const) expect(headers[name]).toEqual(invite.headers[name])
  })

  it('its answer stays here; the 487 that follows is relayed', () => {
    const { stage, invite } = called()
    answer(stage, invite, 0.1, 180)
    stage.send(millis(200), 'caller', 'proxy', fromCaller('CANCEL'))
    stage.run(millis(200))
    answer(stage, cancels(stage)[0]!.message, 0.3, 200)
    answer(stage, invite, 0.4, 487)
    stage.run(millis(400))
    expect(upstream(stage).map(([, what]) => what)).toEqual(['180', '200', '487'])
    const last = stage.sent('proxy', 'caller').at(-1)!.message as SipResponse
    expect(last.headers.cseq!.method).toBe('INVITE')
  })

  it('of an INVITE whose final response never comes: 408 after 64 times T1 (§9.1)', () => {
    const { stage, invite } = called()
    answer(stage, invite, 0.1, 180)
    stage.send(seconds(1), 'caller', 'proxy', fromCaller('CANCEL'))
    stage.run(seconds(33))
    expect(upstream(stage).at(-1)).toEqual([33, '408'])
  })

  it('of which it knows nothing is forwarded without a transaction, and its answer comes back', () => {
    const stage = new Stage({ proxy: { next: 'callee', element: anyProxy } }, ['caller', 'callee'])
    stage.send(0, 'caller', 'proxy', fromCaller('CANCEL'))
    stage.run(0)
    const cancel = stage.sent('proxy', 'callee')[0]!.message as SipRequest
    expect([cancel.method, tables(stage)]).toEqual(['CANCEL', [[], []]])
    answer(stage, cancel, 0.1, 481)
    stage.run(seconds(1))
    expect(upstream(stage)).toEqual([[0.1, '481']])
  })
})

describe('Timer C at a proxy (RFC 3261 §16.6 step 11, §16.8)', () => {
  it('cancels an INVITE that rings for longer than three minutes', () => {
    const { stage, invite } = called()
    answer(stage, invite, 1, 180)
    stage.run(seconds(182) - 1)
    expect(downstream(stage)).not.toContain('CANCEL')
    stage.run(seconds(182))
    expect(downstream(stage)).toContain('CANCEL')
  })

  it('begins anew with each provisional response but 100 (§16.7 step 2)', () => {
    const { stage, invite } = called()
    answer(stage, invite, 1, 180)
    answer(stage, invite, 100, 180)
    answer(stage, invite, 150, 100)
    stage.run(seconds(281) - 1)
    expect(downstream(stage)).not.toContain('CANCEL')
    stage.run(seconds(281))
    expect(downstream(stage)).toContain('CANCEL')
  })
})
