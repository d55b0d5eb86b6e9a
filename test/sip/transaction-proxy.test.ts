import { describe, expect, it } from 'vitest'
import { millis, seconds } from '../../src/sim/time.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message.ts'
import { radioTimers } from '../../src/sip/transaction/timers.ts'
import { networkLeg } from '../../src/sip/transaction/transaction-user.ts'
import { answerTo, because, nameAddr, received, Stage, type UserSettings } from './stage.ts'

/** A stateful proxy between the bare hosts `client` and `server`, to which `client` sends a request at 0. */
function proxied(settings: UserSettings = {}): { readonly stage: Stage; readonly forwarded: SipRequest } {
  const stage = new Stage({ proxy: { next: 'server', ...settings } }, ['client', 'server', 'other'])
  stage.send(0, 'client', 'proxy', fromClient)
  stage.run(0)
  return { stage, forwarded: stage.sent('proxy', 'server')[0]!.message as SipRequest }
}

const fromClient = received('z9hG4bKclient-1', undefined, 'client')
const upstream = (stage: Stage) => stage.told('proxy', 'client')
const tables = (stage: Stage) => {
  const { clients, servers } = stage.layer('proxy')
  return [[...clients.values()].map(({ state }) => state), [...servers.values()].map(({ state }) => state)]
}

describe('a transaction-stateful proxy (RFC 3261 §16)', () => {
  it('puts its own Via on top of those that are there, with a branch of its own (§16.6 step 8)', () => {
    const { via } = proxied().forwarded.headers
    expect(via).toHaveLength(2)
    expect(via![0]).toMatchObject({
      transport: 'UDP',
      host: 'proxy',
      params: { branch: expect.stringMatching(/^z9hG4bK/) },
    })
    expect(via![1]).toEqual(fromClient.headers.via![0])
    expect(via![0]!.params.branch).not.toBe(via![1]!.params.branch)
  })

  it('forwards the rest as it is', () => {
    const { headers, uri, method } = proxied().forwarded
    expect([method, uri, headers.with({ via: undefined }).fields.map(({ name }) => name)]).toEqual([
      'OPTIONS',
      'sip:bob@home2.net',
      fromClient.headers.with({ via: undefined }).fields.map(({ name }) => name),
    ])
  })

  it.each([200, 302, 404, 481, 503, 603])('relays %i without its own Via (§16.7 steps 3 and 9)', (status) => {
    const { stage, forwarded } = proxied()
    stage.send(millis(5), 'server', 'proxy', answerTo(forwarded, status))
    stage.run(millis(5))
    expect(upstream(stage)).toEqual([[0.005, String(status)]])
    const { headers } = stage.sent('proxy', 'client')[0]!.message as SipResponse
    expect(headers.via).toEqual(fromClient.headers.via)
    expect(headers.to).toEqual(nameAddr('sip:bob@home2.net', { tag: 'b1' }))
  })

  it('does not tell its own user of responses that it relays', () => {
    const { stage, forwarded } = proxied()
    stage.send(millis(5), 'server', 'proxy', answerTo(forwarded, 200))
    stage.run()
    expect(stage.heard('proxy').map(([, what]) => what)).toEqual(['OPTIONS'])
  })

  it('does not relay 100, which is meant for its hop alone (§16.7 step 5)', () => {
    const { stage, forwarded } = proxied()
    stage.send(seconds(1), 'server', 'proxy', answerTo(forwarded, 100))
    stage.run(seconds(3))
    expect([upstream(stage), tables(stage)]).toEqual([[], [['Proceeding'], ['Trying']]])
    stage.run(seconds(10))
    expect(stage.told('proxy', 'server').map(([at]) => at)).toEqual([0, 0.5, 1.5, 5.5, 9.5])
  })

  it('does not relay other provisional responses to a non-INVITE request either (RFC 4320 §4.1)', () => {
    const { stage, forwarded } = proxied()
    stage.send(seconds(1), 'server', 'proxy', answerTo(forwarded, 183))
    stage.run(seconds(3))
    expect(upstream(stage)).toEqual([])
    expect(stage.decisions('RFC 4320 §4.1').map(({ facts }) => facts)).toEqual([{ status: 183 }])
  })

  it('says 100 itself when Timer E of its client has come to T2, and relays the final response then (RFC 4320)', () => {
    const { stage, forwarded } = proxied()
    stage.send(seconds(20), 'server', 'proxy', answerTo(forwarded, 200))
    stage.run(seconds(20))
    expect(upstream(stage)).toEqual([
      [3.5, '100'],
      [20, '200'],
    ])
  })

  it('retransmits on its own, and takes no retransmission of its client for that', () => {
    const { stage } = proxied()
    for (const at of [100, 200, 300, 1600]) stage.send(millis(at), 'client', 'proxy', fromClient)
    stage.run(seconds(4))
    expect(stage.told('proxy', 'server').map(([at]) => at)).toEqual([0, 0.5, 1.5, 3.5])
    expect(upstream(stage)).toEqual([[3.5, '100']])
  })

  it('answers a retransmission of its client from memory, after the final response', () => {
    const { stage, forwarded } = proxied()
    stage.send(seconds(1), 'server', 'proxy', answerTo(forwarded, 200))
    stage.send(seconds(20), 'client', 'proxy', fromClient)
    stage.run(seconds(20))
    expect(upstream(stage)).toEqual([
      [1, '200'],
      [20, '200'],
    ])
    expect(stage.told('proxy', 'server')).toHaveLength(2)
  })

  it('relays a final response once, however often its server sends it', () => {
    const { stage, forwarded } = proxied()
    for (const at of [1, 2, 3]) stage.send(seconds(at), 'server', 'proxy', answerTo(forwarded, 200))
    stage.run(seconds(4))
    expect(upstream(stage)).toEqual([[1, '200']])
  })

  it('drops a response that matches none of its transactions (RFC 6026 §8.10 for what §16.7 forwarded)', () => {
    const { stage, forwarded } = proxied()
    stage.send(seconds(40), 'server', 'proxy', answerTo(forwarded, 200))
    stage.run()
    expect(upstream(stage)).toEqual([[3.5, '100']])
    expect(stage.decisions('RFC 3261 §17.1.3')).toHaveLength(1)
  })

  it('relays what its user makes of a response', () => {
    const relay: UserSettings['relay'] = (response, turn) => turn.amend(response, because, { organization: 'home1' })
    const { stage, forwarded } = proxied({ relay })
    stage.send(seconds(1), 'server', 'proxy', answerTo(forwarded, 200))
    stage.run(seconds(1))
    expect(stage.sent('proxy', 'client')[0]!.message.headers.organization).toBe('home1')
  })

  it('relays nothing where its user tries another way, whose answer it relays instead (§16.7 step 5)', () => {
    const relay: UserSettings['relay'] = (response, turn) => {
      if (response.status !== 503) return response
      turn.forward(fromClient, fromClient, 'other')
      return undefined
    }
    const { stage, forwarded } = proxied({ relay })
    stage.send(seconds(1), 'server', 'proxy', answerTo(forwarded, 503))
    stage.run(seconds(1))
    expect(upstream(stage)).toEqual([])
    const [again] = stage.sent('proxy', 'other')
    stage.send(seconds(2), 'other', 'proxy', answerTo(again!.message as SipRequest, 200))
    stage.run()
    expect(upstream(stage)).toEqual([[2, '200']])
    expect(stage.told('proxy', 'server')).toHaveLength(2)
    expect(tables(stage)).toEqual([[], []])
  })
})

describe('a proxy without an answer (RFC 4320 §4.2)', () => {
  it('sends no 408 and nothing else after 100 to its client', () => {
    const { stage } = proxied()
    stage.run()
    expect(stage.told('proxy', 'server')).toHaveLength(11)
    expect(upstream(stage)).toEqual([[3.5, '100']])
    expect(stage.decisions('RFC 4320 §4.2').map(({ outcome }) => outcome)).toEqual(['nothing is sent'])
  })

  it('tells its user once that nobody answered, who may try another way', () => {
    const { stage } = proxied()
    stage.run()
    expect(stage.heard('proxy').map(([, what]) => what)).toEqual(['OPTIONS', 'unanswered'])
  })

  it('still knows late retransmissions of its client for what they are', () => {
    const { stage } = proxied()
    stage.send(seconds(32) + 1, 'client', 'proxy', fromClient)
    stage.send(seconds(60), 'client', 'proxy', fromClient)
    stage.run()
    expect(stage.heard('proxy').map(([, what]) => what)).toEqual(['OPTIONS', 'unanswered'])
    expect(stage.told('proxy', 'server')).toHaveLength(11)
  })

  it('knows them as long as a UE sends them on the radio leg: 128 seconds', () => {
    const { stage } = proxied({ legs: { client: { ...networkLeg, timers: radioTimers } } })
    stage.send(seconds(129), 'client', 'proxy', fromClient)
    stage.run()
    expect(stage.heard('proxy').map(([, what]) => what)).toEqual(['OPTIONS', 'unanswered'])
  })

  it('forgets the transaction in the end', () => {
    const { stage } = proxied()
    stage.run()
    expect(tables(stage)).toEqual([[], []])
  })

  it('forgets it also when a provisional response came', () => {
    const { stage, forwarded } = proxied()
    stage.send(seconds(1), 'server', 'proxy', answerTo(forwarded, 100))
    stage.run()
    expect(upstream(stage)).toEqual([[3.5, '100']])
    expect(tables(stage)).toEqual([[], []])
  })
})
