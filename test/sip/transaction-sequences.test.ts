import { describe, expect, it } from 'vitest'
import { worldAddress } from '../../src/sim/simulation.ts'
import { millis, seconds } from '../../src/sim/time.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { type Leg, networkLeg } from '../../src/sip/transaction/transaction-user.ts'
import { answerTo, aRequest, nameAddr, received, Stage } from './stage.ts'

const tcp: Leg = { ...networkLeg, transport: 'TCP' }

/** What happens at a user agent, at a time in seconds. */
type Step =
  | readonly [at: number, does: 'sends', method: string]
  | readonly [at: number, does: 'hears', status: number, tag?: string]
  | readonly [at: number, does: 'gets', method: string, branch: string]
  | readonly [at: number, does: 'answers', status: number]

type Line = readonly [at: number, what: string]

/** A sequence from its first event to the last timer; afterwards no transaction is left. */
interface Sequence {
  readonly title: string
  readonly leg?: Leg
  readonly steps: readonly Step[]
  readonly sent: readonly Line[]
  readonly heard: readonly Line[]
}

const cookie = 'z9hG4bK-1'

const sequences: readonly Sequence[] = [
  {
    title: 'T1: an INVITE that nobody answers is repeated by Timer A and given up by Timer B',
    steps: [[0, 'sends', 'INVITE']],
    sent: [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5].map((at) => [at, 'INVITE'] as const),
    heard: [[32, 'timeout']],
  },
  {
    title: 'T2: a refusal is acknowledged by the transaction, each time it comes',
    steps: [
      [0, 'sends', 'INVITE'],
      [0.1, 'hears', 486],
      [1, 'hears', 486],
    ],
    sent: [
      [0, 'INVITE'],
      [0.1, 'ACK'],
      [1, 'ACK'],
    ],
    heard: [[0.1, '486']],
  },
  {
    title: 'T3, T4: a 200 is not acknowledged by the transaction, and that of a fork is heard too',
    steps: [
      [0, 'sends', 'INVITE'],
      [0.1, 'hears', 200],
      [0.2, 'hears', 200, 'b2'],
    ],
    sent: [[0, 'INVITE']],
    heard: [
      [0.1, '200'],
      [0.2, '200'],
    ],
  },
  {
    title: 'while it rings an INVITE waits without a limit: Timer B means nothing',
    steps: [
      [0, 'sends', 'INVITE'],
      [0.1, 'hears', 180],
      [60, 'hears', 200],
    ],
    sent: [[0, 'INVITE']],
    heard: [
      [0.1, '180'],
      [60, '200'],
    ],
  },
  {
    title: 'another request is repeated by Timer E, up to T2, and given up by Timer F',
    steps: [[0, 'sends', 'OPTIONS']],
    sent: [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5].map((at) => [at, 'OPTIONS'] as const),
    heard: [[32, 'timeout']],
  },
  {
    title: 'a final response is heard once; what comes until Timer K is absorbed',
    steps: [
      [0, 'sends', 'BYE'],
      [0.1, 'hears', 200],
      [4, 'hears', 200],
    ],
    sent: [[0, 'BYE']],
    heard: [[0.1, '200']],
  },
  {
    title: 'in Proceeding too it is given up by Timer F',
    steps: [
      [0, 'sends', 'REGISTER'],
      [0.1, 'hears', 100],
    ],
    sent: [0, 0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5].map((at) => [at, 'REGISTER'] as const),
    heard: [
      [0.1, '100'],
      [32, 'timeout'],
    ],
  },
  {
    title: 'timers that fire after the transaction is gone mean nothing',
    steps: [
      [0, 'sends', 'OPTIONS'],
      [0.1, 'hears', 200],
      [40, 'hears', 200],
    ],
    sent: [[0, 'OPTIONS']],
    heard: [[0.1, '200']],
  },
  {
    title: 'T5, T6: the user gets a request once; its retransmissions get the answer again',
    steps: [
      [0, 'gets', 'REGISTER', cookie],
      [0.5, 'gets', 'REGISTER', cookie],
      [1, 'answers', 200],
      [1.5, 'gets', 'REGISTER', cookie],
    ],
    sent: [
      [1, '200'],
      [1.5, '200'],
    ],
    heard: [[0, 'REGISTER']],
  },
  {
    title: 'T7, T11: 100 after 200 ms of silence; a refusal is repeated by Timer G until the ACK, which is absorbed',
    steps: [
      [0, 'gets', 'INVITE', cookie],
      [1, 'answers', 486],
      [2, 'gets', 'ACK', cookie],
    ],
    sent: [
      [0.2, '100'],
      [1, '486'],
      [1.5, '486'],
    ],
    heard: [[0, 'INVITE']],
  },
  {
    title: 'T8, T12: an answer within 200 ms goes without a 100; the ACK of a 200 is for the user',
    steps: [
      [0, 'gets', 'INVITE', cookie],
      [0.1, 'answers', 180],
      [1, 'answers', 200],
      [1.5, 'gets', 'ACK', cookie],
    ],
    sent: [
      [0.1, '180'],
      [1, '200'],
    ],
    heard: [
      [0, 'INVITE'],
      [1.5, 'ACK'],
    ],
  },
  {
    title: 'a refusal without an ACK is repeated up to T2, until Timer H',
    steps: [
      [0, 'gets', 'INVITE', cookie],
      [0.1, 'answers', 500],
    ],
    sent: [0.1, 0.6, 1.6, 3.6, 7.6, 11.6, 15.6, 19.6, 23.6, 27.6, 31.6].map((at) => [at, '500'] as const),
    heard: [[0, 'INVITE']],
  },
  {
    title: 'T9: over TCP nothing is repeated, and no transaction outlives its end: the client',
    leg: tcp,
    steps: [
      [0, 'sends', 'INVITE'],
      [1, 'hears', 486],
    ],
    sent: [
      [0, 'INVITE'],
      [1, 'ACK'],
    ],
    heard: [[1, '486']],
  },
  {
    title: 'T13: without the magic cookie a retransmission is known by what RFC 2543 compares',
    steps: [
      [0, 'gets', 'OPTIONS', '1'],
      [0.5, 'gets', 'OPTIONS', '1'],
      [1, 'answers', 200],
      [1.5, 'gets', 'OPTIONS', '1'],
    ],
    sent: [
      [1, '200'],
      [1.5, '200'],
    ],
    heard: [[0, 'OPTIONS']],
  },
  {
    title: 'T14: a CANCEL has a transaction of its own, and has the INVITE of its branch answered 487',
    steps: [
      [0, 'gets', 'INVITE', cookie],
      [0.1, 'gets', 'CANCEL', cookie],
      [0.2, 'gets', 'ACK', cookie],
    ],
    sent: [
      [0.1, '200'],
      [0.1, '487'],
    ],
    heard: [[0, 'INVITE']],
  },
  {
    title: 'a request that its user never answers is forgotten',
    steps: [[0, 'gets', 'REGISTER', cookie]],
    sent: [[3.5, '100']],
    heard: [[0, 'REGISTER']],
  },
]

/** Has a step happen; `request` is the one that the user agent sent last. */
function take(stage: Stage, step: Step, request: SipRequest | undefined): SipRequest | undefined {
  const at = Math.round(step[0] * millis(1000))
  if (step[1] === 'sends')
    return stage.request(at, 'ua', 'peer', aRequest(step[2], { route: [nameAddr('sip:peer;lr')] }))
  if (step[1] === 'answers') {
    stage.act(at, 'ua', (turn, { heard }) => {
      const got = heard.find(({ message }) => message?.kind === 'request')!.message as SipRequest
      turn.reply(got, step[2], { id: '', clause: '', title: '', serves: [], step: undefined })
    })
    return request
  }
  stage.run(at - 1)
  if (step[1] === 'gets') stage.send(at, 'peer', 'ua', received(step[3], aRequest(step[2])))
  else {
    const to = nameAddr('sip:bob@home2.net', { tag: step[3] ?? 'b1' })
    stage.send(at, 'peer', 'ua', answerTo(request!, step[2], { to }))
  }
  stage.run(at)
  return request
}

describe('RFC 3261 §17, RFC 6026: sequences of events, from the first to the last timer', () => {
  it.each(sequences.map((one) => [one.title, one] as const))('%s', (_, { steps, sent, heard, leg = networkLeg }) => {
    const stage = new Stage({ ua: { leg } }, ['peer'])
    let request: SipRequest | undefined
    for (const step of steps) request = take(stage, step, request)
    stage.run()
    expect(stage.told('ua', 'peer')).toEqual(sent)
    expect(stage.heard('ua')).toEqual(heard)
    expect(stage.layer('ua').clients.size + stage.layer('ua').servers.size).toBe(0)
  })

  it('T9: over TCP a server transaction is gone with its answer', () => {
    const stage = new Stage({ ua: { leg: tcp } }, ['peer'])
    stage.send(0, 'peer', 'ua', received(cookie, aRequest(), 'peer', 'TCP'), 'stream')
    stage.reply(seconds(1), 'ua', 200)
    expect(stage.layer('ua').servers.size).toBe(0)
  })

  it('a transport that fails ends the transaction, and its user is told at once', () => {
    const stage = new Stage({ ua: { leg: tcp } }, ['peer'])
    stage.simulation.command(0, worldAddress, { do: 'down', node: 'peer' })
    stage.request(0, 'ua', 'peer', aRequest('OPTIONS', { route: [nameAddr('sip:peer;lr')] }))
    stage.run(seconds(1))
    expect(stage.heard('ua')).toEqual([[0, 'timeout']])
    expect(stage.layer('ua').clients.size).toBe(0)
  })

  it('T10: ten thousand transactions leave empty tables', () => {
    const stage = new Stage({ ua: {}, server: { answer: 200 } })
    const route = [nameAddr('sip:server;lr')]
    for (let i = 0; i < 10_000; i++)
      stage.act(seconds(i), 'ua', (turn) => turn.request('server', aRequest('OPTIONS', { route, callId: `call-${i}` })))
    stage.run()
    for (const host of ['ua', 'server']) {
      const { clients, servers, ongoing } = stage.layer(host)
      expect([clients.size, servers.size, ongoing.size]).toEqual([0, 0, 0])
    }
    expect(stage.heard('ua')).toHaveLength(10_000)
  })
})
