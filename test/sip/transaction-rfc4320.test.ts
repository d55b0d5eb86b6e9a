import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/sim/time.ts'
import { radioTimers } from '../../src/sip/transaction/timers.ts'
import { networkLeg } from '../../src/sip/transaction/transaction-user.ts'
import { answerTo, aRequest, received, Stage, type UserSettings } from './stage.ts'

const radio: UserSettings = { leg: { ...networkLeg, timers: radioTimers } }

/** A user agent that gets a request at 0, over UDP or TCP. */
function asked(settings: UserSettings = {}, transport = 'UDP', method = 'OPTIONS'): Stage {
  const stage = new Stage({ ua: settings }, ['peer'])
  stage.send(0, 'peer', 'ua', received('z9hG4bK1', aRequest(method), 'peer', transport))
  stage.run(0)
  return stage
}

const answers = (stage: Stage) => stage.told('ua', 'peer')

describe('RFC 4320 §4.1: provisional responses to non-INVITE requests', () => {
  it.each([
    ['UDP', {}, 3.5],
    ['TCP', {}, 3.5],
    ['UDP on the radio leg', radio, 14],
  ])('over %s the layer says 100 when Timer E of the client has come to T2', (name, settings, at) => {
    const stage = asked(settings, name.slice(0, 3))
    stage.run(seconds(30))
    expect(answers(stage)).toEqual([[at, '100']])
  })

  it('a request that is answered before needs no 100', () => {
    const stage = asked()
    stage.reply(seconds(3.4), 'ua', 200)
    stage.run(seconds(30))
    expect(answers(stage)).toEqual([[3.4, '200']])
  })

  it.each([100, 180, 183, 199])('over UDP a %i of the user before that time is not sent', (status) => {
    const stage = asked()
    stage.reply(seconds(1), 'ua', status)
    stage.run(seconds(3))
    expect(answers(stage)).toEqual([])
    expect(stage.decisions('RFC 4320 §4.1').map(({ facts }) => facts)).toEqual([{ status }])
  })

  it('over TCP a 100 of the user may go at any time, but no other provisional response', () => {
    const stage = asked({}, 'TCP')
    stage.reply(seconds(1), 'ua', 183)
    stage.reply(seconds(1), 'ua', 100)
    stage.run(seconds(5))
    expect(answers(stage)).toEqual([[1, '100']])
  })
})

describe('RFC 4320 §4.2: final responses that come too late', () => {
  it.each([
    ['32 s', {}, 32],
    ['128 s on the radio leg', radio, 128],
  ])('%s after the request nobody waits for an answer, and none is sent', (_, settings, time) => {
    const stage = asked(settings)
    stage.reply(seconds(time) + 1, 'ua', 200)
    stage.run()
    expect(answers(stage).map(([, what]) => what)).toEqual(['100'])
    expect(stage.decisions('RFC 4320 §4.2').map(({ facts }) => facts)).toEqual([{ status: 200 }])
  })

  it('an answer just in time is sent', () => {
    const stage = asked()
    stage.reply(seconds(32) - 1, 'ua', 200)
    expect(answers(stage).at(-1)).toEqual([32 - 1e-6, '200'])
  })

  it('late retransmissions of the request are still absorbed, without an answer', () => {
    const stage = asked()
    for (const at of [33, 40, 60])
      stage.send(seconds(at), 'peer', 'ua', received('z9hG4bK1', aRequest(), 'peer', 'UDP'))
    stage.run()
    expect(stage.heard('ua')).toEqual([[0, 'OPTIONS']])
    expect(answers(stage).map(([, what]) => what)).toEqual(['100'])
  })

  it('a transaction whose user never answers is forgotten in the end', () => {
    for (const transport of ['UDP', 'TCP']) {
      const stage = asked({}, transport)
      stage.run()
      const { servers, clients, ongoing } = stage.layer('ua')
      expect([servers.size, clients.size, ongoing.size]).toEqual([0, 0, 0])
    }
  })

  it('a proxy does not forward a response that comes after the time of its client (§4.2)', () => {
    const radioLeg = { ...networkLeg, timers: radioTimers }
    const stage = new Stage({ proxy: { next: 'server', legs: { server: radioLeg } } }, ['client', 'server'])
    stage.send(0, 'client', 'proxy', received('z9hG4bK1', aRequest(), 'client'))
    stage.run(0)
    const forwarded = stage.sent('proxy', 'server')[0]!.message
    stage.send(seconds(60), 'server', 'proxy', answerTo(forwarded as never, 200))
    stage.run()
    expect(stage.told('proxy', 'client')).toEqual([[3.5, '100']])
    expect(stage.decisions('RFC 4320 §4.2').map(({ facts }) => facts)).toEqual([{ status: 200 }])
  })

  it('no 408 is ever sent to a non-INVITE request', () => {
    const stage = new Stage({ proxy: { next: 'server' } }, ['client', 'server'])
    stage.send(0, 'client', 'proxy', received('z9hG4bK1', aRequest(), 'client'))
    stage.run()
    expect(stage.told('proxy', 'client').map(([, what]) => what)).toEqual(['100'])
  })
})
