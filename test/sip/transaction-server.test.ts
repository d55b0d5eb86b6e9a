import { describe, expect, it } from 'vitest'
import { millis, seconds } from '../../src/sim/time.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message.ts'
import { radioTimers } from '../../src/sip/transaction/timers.ts'
import { type Leg, networkLeg } from '../../src/sip/transaction/transaction-user.ts'
import { aRequest, because, nameAddr, received, Stage } from './stage.ts'

const branch = 'z9hG4bKpeer-1'
/** The same request, as it comes over TCP. */
const overTcp = received(branch, aRequest(), 'peer', 'TCP')
const radioLeg: Leg = { ...networkLeg, timers: radioTimers }

/** A user agent `ua` to which the bare host `peer` sends the same request at these times, in seconds. */
function asking(times: readonly number[], request = received(branch), leg: Leg = networkLeg): Stage {
  const stage = new Stage({ ua: { leg } }, ['peer'])
  for (const at of times) stage.send(at * 1e6, 'peer', 'ua', request)
  return stage
}

const stateOf = (stage: Stage) => [...stage.layer('ua').servers.values()].map(({ state }) => state)
const answers = (stage: Stage) => stage.told('ua', 'peer')

describe('a non-INVITE server transaction (RFC 3261 §17.2.2, Figure 8)', () => {
  it('passes the request to the user, and is Trying', () => {
    const stage = asking([0])
    stage.run(0)
    expect(stage.heard('ua')).toEqual([[0, 'OPTIONS']])
    expect(stateOf(stage)).toEqual(['Trying'])
    expect(answers(stage)).toEqual([])
  })

  it('Trying, Request: a retransmission is ignored', () => {
    const stage = asking([0, 0.5, 1.5])
    stage.run(seconds(2))
    expect([stage.heard('ua'), answers(stage), stateOf(stage)]).toEqual([[[0, 'OPTIONS']], [], ['Trying']])
  })

  it('Trying, 1xx from the user, over TCP: it is sent, and it is Proceeding', () => {
    const stage = asking([0], overTcp)
    stage.reply(seconds(1), 'ua', 100)
    expect([answers(stage), stateOf(stage)]).toEqual([[[1, '100']], ['Proceeding']])
  })

  it('Trying, Timer 100, 3.5 s after the request: 100 is sent, and it is Proceeding (RFC 4320 §4.1)', () => {
    const stage = asking([0])
    stage.run(seconds(3.5) - 1)
    expect([answers(stage), stateOf(stage)]).toEqual([[], ['Trying']])
    stage.run(seconds(3.5))
    expect([answers(stage), stateOf(stage)]).toEqual([[[3.5, '100']], ['Proceeding']])
  })

  it('Trying, 200-699 from the user: it is sent, and it is Completed', () => {
    const stage = asking([0])
    stage.reply(seconds(1), 'ua', 489)
    expect([answers(stage), stateOf(stage)]).toEqual([[[1, '489']], ['Completed']])
  })

  it('Proceeding, Request: the 1xx sent last is sent again, and the user hears nothing', () => {
    const stage = asking([0, 7.5])
    stage.run(seconds(7.5))
    expect(answers(stage)).toEqual([
      [3.5, '100'],
      [7.5, '100'],
    ])
    expect([stage.heard('ua').length, stateOf(stage)]).toEqual([1, ['Proceeding']])
    expect(stage.sent('ua', 'peer')[1]!.message).toBe(stage.sent('ua', 'peer')[0]!.message)
  })

  it('Proceeding, 1xx from the user: it is sent and takes the place of the one before', () => {
    const stage = asking([0, 8])
    stage.reply(seconds(4), 'ua', 100)
    stage.run(seconds(8))
    const [first, second, third] = stage.sent('ua', 'peer').map(({ message }) => message)
    expect(answers(stage).map(([, what]) => what)).toEqual(['100', '100', '100'])
    expect([second === first, third === second]).toEqual([false, true])
    expect(stateOf(stage)).toEqual(['Proceeding'])
  })

  it('Proceeding, 200-699 from the user: it is sent, and it is Completed', () => {
    const stage = asking([0])
    stage.reply(seconds(5), 'ua', 200)
    expect(answers(stage).map(([, what]) => what)).toEqual(['100', '200'])
    expect(stateOf(stage)).toEqual(['Completed'])
  })

  it('Completed, Request: the final response is sent again each time, and the user hears nothing', () => {
    const stage = asking([0, 1.5, 3.5, 32])
    stage.reply(seconds(1), 'ua', 200)
    stage.run(seconds(32))
    expect(answers(stage)).toEqual([
      [1, '200'],
      [1.5, '200'],
      [3.5, '200'],
      [32, '200'],
    ])
    expect(new Set(stage.sent('ua', 'peer').map(({ message }) => message)).size).toBe(1)
    expect(stage.heard('ua')).toEqual([[0, 'OPTIONS']])
  })

  it('Completed: another final response of the user is thrown away', () => {
    const stage = asking([0, 3])
    stage.reply(seconds(1), 'ua', 200)
    stage.reply(seconds(2), 'ua', 500)
    stage.run(seconds(3))
    expect(answers(stage).map(([, what]) => what)).toEqual(['200', '200'])
  })

  it('Completed, Timer J: it terminates 64 times T1 after the final response', () => {
    const stage = asking([0])
    stage.reply(seconds(2), 'ua', 200)
    stage.run(seconds(34) - 1)
    expect(stateOf(stage)).toEqual(['Completed'])
    stage.run(seconds(34))
    expect(stateOf(stage)).toEqual([])
  })

  it('Terminated: the same request is a new one to the user', () => {
    const stage = asking([0, 33 + 1e-6])
    stage.reply(seconds(1), 'ua', 200)
    stage.run(seconds(40))
    expect(stage.heard('ua')).toEqual([
      [0, 'OPTIONS'],
      [33 + 1e-6, 'OPTIONS'],
    ])
  })

  it('Terminated: a response of the user finds no transaction and goes nowhere', () => {
    const stage = asking([0])
    stage.reply(seconds(1), 'ua', 200)
    stage.reply(seconds(40), 'ua', 200)
    expect(answers(stage)).toHaveLength(1)
  })

  it('lives 128 seconds after its final response on the radio leg (TS 24.229 §7.7)', () => {
    const stage = asking([0, 100], received(branch), radioLeg)
    stage.reply(seconds(1), 'ua', 200)
    stage.run(seconds(129) - 1)
    expect([answers(stage).length, stateOf(stage)]).toEqual([2, ['Completed']])
    stage.run()
    expect(stateOf(stage)).toEqual([])
  })

  it('has no Timer J over a reliable transport: it is gone with its final response', () => {
    const stage = asking([0], overTcp)
    stage.reply(seconds(1), 'ua', 100)
    expect(stateOf(stage)).toEqual(['Proceeding'])
    stage.reply(seconds(2), 'ua', 200)
    expect([answers(stage).length, stateOf(stage)]).toEqual([2, []])
  })
})

describe('matching requests to server transactions (RFC 3261 §17.2.3)', () => {
  const two = (one: SipRequest, other: SipRequest): number => {
    const stage = new Stage({ ua: { answer: 200 } }, ['peer'])
    stage.send(0, 'peer', 'ua', one)
    stage.send(millis(1), 'peer', 'ua', other)
    stage.run(seconds(1))
    return stage.heard('ua').length
  }
  const with2543 = (request: SipRequest) => received('1', request)

  it('the same branch, sent-by and method are one transaction, whatever else differs', () => {
    expect(two(received(branch), received(branch, aRequest('OPTIONS', { callId: 'other', maxForwards: 3 })))).toBe(1)
  })

  it('another branch is another transaction, though all else is the same', () => {
    expect(two(received(branch), received(`${branch}1`))).toBe(2)
  })

  it('another sent-by is another transaction, by host and by port', () => {
    const elsewhere = received(branch)
    const [via] = elsewhere.headers.via!
    const onPort = { ...elsewhere, headers: elsewhere.headers.with({ via: [{ ...via!, port: 5070 }] }) }
    expect(two(received(branch), received(branch, aRequest(), 'other'))).toBe(2)
    expect(two(received(branch), onPort)).toBe(2)
  })

  it('another method is another transaction', () => {
    expect(two(received(branch), received(branch, aRequest('SUBSCRIBE')))).toBe(2)
  })

  it('without the magic cookie, all that RFC 2543 compares makes a retransmission', () => {
    expect(two(with2543(aRequest()), with2543(aRequest()))).toBe(1)
  })

  it.each([
    ['Request-URI', { ...aRequest(), uri: 'sip:carol@home2.net' }],
    ['To tag', aRequest('OPTIONS', { to: nameAddr('sip:bob@home2.net', { tag: 'b9' }) })],
    ['From tag', aRequest('OPTIONS', { from: nameAddr('sip:alice@home1.net', { tag: 'a9' }) })],
    ['Call-ID', aRequest('OPTIONS', { callId: 'call-9' })],
    ['CSeq number', aRequest('OPTIONS', { cseq: { number: 9, method: 'OPTIONS' } })],
    ['CSeq method', aRequest('PUBLISH')],
  ])('without the magic cookie, another %s is another transaction', (_, other) => {
    expect(two(with2543(aRequest()), with2543(other))).toBe(2)
  })

  it('without the magic cookie, another Via is another transaction', () => {
    expect(two(received('1'), received('2'))).toBe(2)
    expect(two(received('1'), received('1', aRequest(), 'other'))).toBe(2)
  })

  it('without any branch at all, a retransmission is still answered from memory', () => {
    const bare = aRequest()
    const request = {
      ...bare,
      headers: bare.headers.with({ via: [{ transport: 'UDP', host: 'peer', port: undefined, params: {} }] }),
    }
    expect(two(request, request)).toBe(1)
  })
})

describe('a response (RFC 3261 §8.2.6.2)', () => {
  const answered = (request: SipRequest, status: number, body?: string): SipResponse => {
    const stage = asking([0], request)
    stage.run(0)
    stage.act(millis(1), 'ua', (turn) => turn.reply(request, status, because, body === undefined ? {} : { body }))
    return stage.sent('ua', 'peer')[0]!.message as SipResponse
  }

  it('repeats Via, From, Call-ID and CSeq of the request, and has no body unless told', () => {
    const request = received(branch)
    const { headers, body } = answered(request, 404)
    for (const name of ['via', 'from', 'callId', 'cseq'] as const) expect(headers[name]).toEqual(request.headers[name])
    expect([headers.contentLength, body]).toEqual([0, ''])
  })

  it('repeats all Vias in their order', () => {
    const request = received(branch)
    const via = [request.headers.via![0]!, { transport: 'TCP', host: 'ue', port: 1357, params: { branch: 'z9hG4bK0' } }]
    expect(answered({ ...request, headers: request.headers.with({ via }) }, 200).headers.via).toEqual(via)
  })

  it('has a tag in To that the answering side made, where the request had none', () => {
    const { to } = answered(received(branch), 200).headers
    expect(to).toEqual({ display: undefined, uri: 'sip:bob@home2.net', params: { tag: expect.stringMatching(/./) } })
  })

  it('keeps the tag in To that the request has', () => {
    const to = nameAddr('sip:bob@home2.net', { tag: 'b7' })
    expect(answered(received(branch, aRequest('OPTIONS', { to })), 481).headers.to).toEqual(to)
  })

  it('has no tag in To of its own when it is 100', () => {
    expect(answered(overTcp, 100).headers.to).toEqual(nameAddr('sip:bob@home2.net'))
  })

  it('has the usual reason phrase, and the length of its body', () => {
    const { reason, headers, body } = answered(received(branch), 489, 'häh')
    expect([reason, headers.contentLength, body]).toEqual(['Bad Event', 4, 'häh'])
  })

  it('goes back to where the request came from', () => {
    const stage = new Stage({ ua: { answer: 200 } }, ['peer', 'other'])
    stage.send(0, 'other', 'ua', received(branch))
    stage.run(0)
    expect([stage.told('ua', 'other').length, stage.told('ua', 'peer').length]).toEqual([1, 0])
  })
})
