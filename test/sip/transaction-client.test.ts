import { describe, expect, it } from 'vitest'
import { millis, seconds } from '../../src/sim/time.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { radioTimers } from '../../src/sip/transaction/timers.ts'
import { type Leg, networkLeg } from '../../src/sip/transaction/transaction-user.ts'
import { answerTo, aRequest, Stage } from './stage.ts'

/** A user agent `ua` that has just sent a request to the bare host `peer`. */
function asked(leg: Leg = networkLeg): { readonly stage: Stage; readonly request: SipRequest } {
  const stage = new Stage({ ua: { leg } }, ['peer'])
  return { stage, request: stage.request(0, 'ua', 'peer', aRequest()) }
}

const radioLeg: Leg = { ...networkLeg, timers: radioTimers }
const reliableLeg: Leg = { ...networkLeg, transport: 'TCP' }

const stateOf = (stage: Stage) => [...stage.layer('ua').clients.values()].map(({ state }) => state)
const timesSent = (stage: Stage) => stage.told('ua', 'peer').map(([at]) => at)

describe('a non-INVITE client transaction (RFC 3261 §17.1.2, Figure 6)', () => {
  it('sends the request when the user asks for it, and is Trying', () => {
    const { stage } = asked()
    stage.run(0)
    expect(stage.told('ua', 'peer')).toEqual([[0, 'OPTIONS']])
    expect(stateOf(stage)).toEqual(['Trying'])
    expect(stage.heard('ua')).toEqual([])
  })

  it('Trying, Timer E: sends again after 0.5, 1, 2, then every 4 seconds', () => {
    const { stage } = asked()
    stage.run()
    expect(timesSent(stage)).toEqual([0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5])
  })

  it('sends the very same request each time', () => {
    const { stage, request } = asked()
    stage.run()
    for (const { message } of stage.sent('ua', 'peer')) expect(message).toBe(request)
  })

  it('Trying, Timer F: informs the user after 64 times T1 and terminates', () => {
    const { stage } = asked()
    stage.run(seconds(32) - 1)
    expect([stage.heard('ua'), stateOf(stage)]).toEqual([[], ['Trying']])
    stage.run()
    expect(stage.heard('ua')).toEqual([[32, 'timeout']])
    expect(stateOf(stage)).toEqual([])
  })

  it('Trying, 1xx: the user hears it, and it is Proceeding', () => {
    const { stage, request } = asked()
    stage.send(millis(100), 'peer', 'ua', answerTo(request, 100))
    stage.run(millis(100))
    expect(stage.heard('ua')).toEqual([[0.1, '100']])
    expect(stateOf(stage)).toEqual(['Proceeding'])
  })

  it('Proceeding, Timer E: what was running fires at its time, then the request is sent every T2', () => {
    const { stage, request } = asked()
    stage.send(millis(100), 'peer', 'ua', answerTo(request, 100))
    stage.run()
    expect(timesSent(stage)).toEqual([0, 0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5])
  })

  it('Proceeding, Timer E: the interval is T2 however far it had grown in Trying', () => {
    const { stage, request } = asked()
    stage.send(millis(1600), 'peer', 'ua', answerTo(request, 100))
    stage.run(seconds(12))
    expect(timesSent(stage)).toEqual([0, 0.5, 1.5, 3.5, 7.5, 11.5])
  })

  it('Proceeding, Timer F: informs the user at the same 64 times T1, and terminates', () => {
    const { stage, request } = asked()
    stage.send(seconds(20), 'peer', 'ua', answerTo(request, 100))
    stage.run()
    expect(stage.heard('ua')).toEqual([
      [20, '100'],
      [32, 'timeout'],
    ])
    expect(stateOf(stage)).toEqual([])
  })

  it('Proceeding, 1xx: the user hears each, and it stays Proceeding', () => {
    const { stage, request } = asked()
    for (const at of [1, 2, 3]) stage.send(seconds(at), 'peer', 'ua', answerTo(request, 100))
    stage.run(seconds(3))
    expect(stage.heard('ua').map(([at]) => at)).toEqual([1, 2, 3])
    expect(stateOf(stage)).toEqual(['Proceeding'])
  })

  it.each([200, 202, 302, 404, 489, 500, 603])('Trying, 200-699: the user hears %i, and it is Completed', (status) => {
    const { stage, request } = asked()
    stage.send(millis(700), 'peer', 'ua', answerTo(request, status))
    stage.run(millis(700))
    expect(stage.heard('ua')).toEqual([[0.7, String(status)]])
    expect(stateOf(stage)).toEqual(['Completed'])
    stage.run()
    expect(timesSent(stage)).toEqual([0, 0.5])
    expect(stage.heard('ua')).toHaveLength(1)
  })

  it('Proceeding, 200-699: the user hears it, and it is Completed and silent', () => {
    const { stage, request } = asked()
    stage.send(seconds(1), 'peer', 'ua', answerTo(request, 100))
    stage.send(seconds(2), 'peer', 'ua', answerTo(request, 200))
    stage.run(seconds(2))
    expect(stateOf(stage)).toEqual(['Completed'])
    stage.run()
    expect(stage.heard('ua')).toEqual([
      [1, '100'],
      [2, '200'],
    ])
    expect(timesSent(stage)).toEqual([0, 0.5, 1.5])
  })

  it('Completed: absorbs further responses until Timer K fires after T4, then terminates', () => {
    const { stage, request } = asked()
    stage.send(seconds(1), 'peer', 'ua', answerTo(request, 200))
    stage.send(seconds(2), 'peer', 'ua', answerTo(request, 200))
    stage.send(seconds(6) - 1, 'peer', 'ua', answerTo(request, 500))
    stage.run(seconds(6) - 1)
    expect([stage.heard('ua').length, stateOf(stage)]).toEqual([1, ['Completed']])
    expect(stage.decisions('RFC 3261 §17.1.3')).toEqual([])
    stage.run()
    expect(stateOf(stage)).toEqual([])
  })

  it('Terminated: a response that comes after Timer K matches nothing any more and is dropped', () => {
    const { stage, request } = asked()
    stage.send(seconds(1), 'peer', 'ua', answerTo(request, 200))
    stage.send(seconds(6) + 1, 'peer', 'ua', answerTo(request, 200))
    stage.run()
    expect(stage.heard('ua')).toEqual([[1, '200']])
    expect(stage.decisions('RFC 3261 §17.1.3').map(({ outcome }) => outcome)).toEqual(['dropped'])
  })

  it('Terminated by Timer F: the response that comes too late is dropped', () => {
    const { stage, request } = asked()
    stage.send(seconds(33), 'peer', 'ua', answerTo(request, 200))
    stage.run()
    expect(stage.heard('ua')).toEqual([[32, 'timeout']])
    expect(stage.decisions('RFC 3261 §17.1.3')).toHaveLength(1)
  })
})

describe('matching responses to client transactions (RFC 3261 §17.1.3)', () => {
  it('drops a response whose CSeq has another method', () => {
    const { stage, request } = asked()
    stage.send(millis(1), 'peer', 'ua', answerTo(request, 200, { cseq: { number: 1, method: 'SUBSCRIBE' } }))
    stage.run(seconds(1))
    expect([stage.heard('ua'), stateOf(stage)]).toEqual([[], ['Trying']])
    expect(stage.decisions('RFC 3261 §17.1.3')).toHaveLength(1)
  })

  it.each([
    ['an unknown branch', [{ transport: 'UDP', host: 'ua', port: undefined, params: { branch: 'z9hG4bKother' } }]],
    ['no branch', [{ transport: 'UDP', host: 'ua', port: undefined, params: {} }]],
    ['no Via', undefined],
  ])('drops a response with %s', (_, via) => {
    const { stage, request } = asked()
    stage.send(millis(1), 'peer', 'ua', answerTo(request, 200, { via }))
    stage.run(seconds(1))
    expect([stage.heard('ua'), stateOf(stage)]).toEqual([[], ['Trying']])
  })

  it('gives each transaction its own response, in whatever order they come', () => {
    const stage = new Stage({ ua: {} }, ['peer'])
    const sent = ['OPTIONS', 'SUBSCRIBE', 'PUBLISH'].map((method) =>
      stage.request(0, 'ua', 'peer', aRequest(method, { callId: method })),
    )
    expect(new Set(sent.map(({ headers }) => headers.via![0]!.params.branch)).size).toBe(3)
    sent.toReversed().forEach((request, i) => {
      stage.send(millis(i + 1), 'peer', 'ua', answerTo(request, 200 + i))
    })
    stage.run(millis(10))
    const { heard } = stage.layer('ua').user
    expect(heard.map(({ what, message }) => [what, message!.headers.callId])).toEqual([
      ['200', 'PUBLISH'],
      ['201', 'SUBSCRIBE'],
      ['202', 'OPTIONS'],
    ])
  })

  it('begins each branch with the magic cookie and never uses one twice (§8.1.1.7)', () => {
    const stage = new Stage({ ua: {}, other: {} }, ['peer'])
    const branches = ['ua', 'ua', 'other', 'other', 'ua'].map((from) =>
      String(stage.request(0, from, 'peer', aRequest()).headers.via![0]!.params.branch),
    )
    for (const branch of branches) expect(branch).toMatch(/^z9hG4bK./)
    expect(new Set(branches).size).toBe(5)
  })

  it('puts transport, host, port and parameters of the leg in Via (§18.1.1)', () => {
    const leg: Leg = { ...networkLeg, port: 1357, params: { comp: 'sigcomp' } }
    const { via } = asked(leg).request.headers
    expect(via).toEqual([
      { transport: 'UDP', host: 'ua', port: 1357, params: { comp: 'sigcomp', branch: expect.any(String) } },
    ])
  })
})

describe('the radio leg (TS 24.229 §7.7)', () => {
  it('sends again after 2, 4, 8, then every 16 seconds, and gives up after 128', () => {
    const { stage } = asked(radioLeg)
    stage.run()
    expect(timesSent(stage)).toEqual([0, 2, 6, 14, 30, 46, 62, 78, 94, 110, 126])
    expect(stage.heard('ua')).toEqual([[128, 'timeout']])
  })

  it('sends every 16 seconds in Proceeding', () => {
    const { stage, request } = asked(radioLeg)
    stage.send(seconds(1), 'peer', 'ua', answerTo(request, 100))
    stage.run(seconds(40))
    expect(timesSent(stage)).toEqual([0, 2, 18, 34])
  })

  it('absorbs further responses for 17 seconds', () => {
    const { stage, request } = asked(radioLeg)
    stage.send(seconds(1), 'peer', 'ua', answerTo(request, 200))
    stage.run(seconds(18) - 1)
    expect(stateOf(stage)).toEqual(['Completed'])
    stage.run(seconds(18))
    expect(stateOf(stage)).toEqual([])
  })
})

describe('a reliable transport (RFC 3261 §17.1.2.2)', () => {
  it('has no Timer E: the request is sent once, and Timer F still fires', () => {
    const { stage } = asked(reliableLeg)
    stage.run()
    expect(timesSent(stage)).toEqual([0])
    expect(stage.heard('ua')).toEqual([[32, 'timeout']])
  })

  it('has no Timer K: the transaction is gone with the final response', () => {
    const { stage, request } = asked(reliableLeg)
    stage.send(seconds(1), 'peer', 'ua', answerTo(request, 200), 'stream')
    stage.run(seconds(1))
    expect([stage.heard('ua'), stateOf(stage)]).toEqual([[[1, '200']], []])
  })

  it('travels as a stream: no loss of datagrams touches it', () => {
    const stage = new Stage({ ua: { leg: reliableLeg }, server: { leg: reliableLeg, answer: 200 } })
    stage.simulation.world.network.otherwise = { latency: 10, jitter: 0, lossOneIn: 1, duplicateOneIn: 0 }
    stage.request(0, 'ua', 'server', aRequest())
    stage.run()
    expect(stage.heard('ua')).toEqual([[20 / 1e6, '200']])
  })
})
