import { describe, expect, it } from 'vitest'
import { millis, seconds } from '../../src/sim/time.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { type Leg, networkLeg } from '../../src/sip/transaction/transaction-user.ts'
import { answerTo, aRequest, nameAddr, received, Stage } from './stage.ts'

const tcp: Leg = { ...networkLeg, transport: 'TCP' }

/** `ua` sends an INVITE to `peer` at 0; what it sent, and the stage. */
function inviting(leg = networkLeg): { readonly stage: Stage; readonly invite: SipRequest } {
  const stage = new Stage({ ua: { leg } }, ['peer'])
  const route = [nameAddr('sip:peer;lr')]
  return { stage, invite: stage.request(0, 'ua', 'peer', aRequest('INVITE', { route })) }
}

/** Has `peer` answer the INVITE at a time in seconds. */
const answer = (stage: Stage, invite: SipRequest, at: number, status: number, tag = 'b1'): void =>
  stage.send(seconds(at), 'peer', 'ua', answerTo(invite, status, { to: nameAddr('sip:bob@home2.net', { tag }) }))

const clientState = (stage: Stage) => [...stage.layer('ua').clients.values()].map(({ state }) => state)
const told = (stage: Stage) => stage.told('ua', 'peer')

describe('an INVITE client transaction (RFC 3261 §17.1.1, RFC 6026 §7.2)', () => {
  it('sends again after T1, 3, 7, … times T1, without a limit to the interval, and gives up after 64', () => {
    const { stage } = inviting()
    stage.run()
    expect(told(stage).map(([at]) => at)).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5])
    expect(stage.heard('ua')).toEqual([[32, 'timeout']])
    expect(clientState(stage)).toEqual([])
  })

  it('waits as long as it rings: after a 1xx nothing is sent again and Timer B means nothing', () => {
    const { stage, invite } = inviting()
    answer(stage, invite, 1, 180)
    answer(stage, invite, 100, 200)
    stage.run(seconds(100))
    expect(told(stage).map(([at]) => at)).toEqual([0, 0.5])
    expect(stage.heard('ua')).toEqual([
      [1, '180'],
      [100, '200'],
    ])
    expect(clientState(stage)).toEqual(['Accepted'])
  })

  it.each([302, 486, 503, 603])('acknowledges a %i itself, each time it comes, and tells its user once', (status) => {
    const { stage, invite } = inviting()
    answer(stage, invite, 1, status)
    answer(stage, invite, 2, status)
    stage.run(seconds(2))
    expect(told(stage).filter(([, what]) => what === 'ACK')).toEqual([
      [1, 'ACK'],
      [2, 'ACK'],
    ])
    expect(stage.heard('ua')).toEqual([[1, String(status)]])
    expect(clientState(stage)).toEqual(['Completed'])
  })

  it('makes the ACK of the request, with the To of the response (§17.1.1.3)', () => {
    const { stage, invite } = inviting()
    answer(stage, invite, 1, 486)
    stage.run(seconds(1))
    const ack = stage.sent('ua', 'peer').at(-1)!.message as SipRequest
    expect([ack.method, ack.uri, ack.headers.cseq]).toEqual(['ACK', invite.uri, { number: 1, method: 'ACK' }])
    for (const name of ['via', 'route', 'from', 'callId'] as const)
      expect(ack.headers[name]).toEqual(invite.headers[name])
    expect(ack.headers.to).toEqual(nameAddr('sip:bob@home2.net', { tag: 'b1' }))
    expect(ack.headers.field('Content-Length')?.value).toBe(0)
  })

  it('leaves the ACK of a 200 to its user, which hears each of them, also of another branch of a fork', () => {
    const { stage, invite } = inviting()
    answer(stage, invite, 1, 200, 'b1')
    answer(stage, invite, 2, 200, 'b2')
    answer(stage, invite, 3, 200, 'b1')
    stage.run(seconds(3))
    expect(told(stage).some(([, what]) => what === 'ACK')).toBe(false)
    expect(stage.heard('ua').map(([, what]) => what)).toEqual(['200', '200', '200'])
    expect(clientState(stage)).toEqual(['Accepted'])
    stage.run()
    expect([stage.now, clientState(stage)]).toEqual([seconds(33), []])
  })

  it('is Completed for 64 times T1 (Timer D), during which a 200 comes too late', () => {
    const { stage, invite } = inviting()
    answer(stage, invite, 1, 486)
    answer(stage, invite, 2, 200)
    stage.run(seconds(33) - 1)
    expect([stage.heard('ua'), clientState(stage)]).toEqual([[[1, '486']], ['Completed']])
    stage.run(seconds(33))
    expect(clientState(stage)).toEqual([])
  })

  it('over TCP sends once, and is gone with its ACK', () => {
    const { stage, invite } = inviting(tcp)
    answer(stage, invite, 10, 486)
    stage.run(seconds(10))
    expect([told(stage), clientState(stage)]).toEqual([
      [
        [0, 'INVITE'],
        [10, 'ACK'],
      ],
      [],
    ])
  })

  it('an ACK of the user goes as it is, with a branch of its own and without a transaction (§13.2.2.4)', () => {
    const { stage, invite } = inviting()
    answer(stage, invite, 1, 200)
    stage.act(seconds(2), 'ua', (turn) => turn.request('peer', aRequest('ACK')))
    const ack = stage.sent('ua', 'peer').at(-1)!.message as SipRequest
    expect(ack.method).toBe('ACK')
    expect(ack.headers.via![0]!.params.branch).not.toBe(invite.headers.via![0]!.params.branch)
    expect(clientState(stage)).toEqual(['Accepted'])
  })
})

const branch = 'z9hG4bKpeer-1'
const fromPeer = (method: string, transport = 'UDP', to = {}) =>
  received(branch, aRequest(method, { to: nameAddr('sip:bob@home2.net', to) }), 'peer', transport)

/** `peer` sends an INVITE to `ua` at 0. */
function invited(transport = 'UDP'): Stage {
  const stage = new Stage({ ua: {} }, ['peer'])
  stage.send(0, 'peer', 'ua', fromPeer('INVITE', transport))
  stage.run(0)
  return stage
}

const serverState = (stage: Stage) => [...stage.layer('ua').servers.values()].map(({ state }) => state)
const answers = (stage: Stage) => stage.told('ua', 'peer')

describe('an INVITE server transaction (RFC 3261 §17.2.1, RFC 6026 §7.1)', () => {
  it('says 100 after 200 ms if its user has said nothing, without a tag in To', () => {
    const stage = invited()
    stage.run(millis(200) - 1)
    expect(answers(stage)).toEqual([])
    stage.run(millis(200))
    expect(answers(stage)).toEqual([[0.2, '100']])
    expect(stage.sent('ua', 'peer')[0]!.message.headers.to!.params.tag).toBe(undefined)
  })

  it('says no 100 if its user has answered by then', () => {
    const stage = invited()
    stage.reply(millis(100), 'ua', 180)
    stage.run(seconds(1))
    expect(answers(stage)).toEqual([[0.1, '180']])
  })

  it('answers retransmissions with the provisional response sent last', () => {
    const stage = invited()
    stage.reply(millis(100), 'ua', 180)
    stage.send(millis(500), 'peer', 'ua', fromPeer('INVITE'))
    stage.run(seconds(1))
    expect(answers(stage).map(([, what]) => what)).toEqual(['180', '180'])
    expect(stage.heard('ua')).toHaveLength(1)
  })

  it('sends a refusal again until the ACK comes, which it absorbs', () => {
    const stage = invited()
    stage.reply(millis(100), 'ua', 486)
    stage.send(seconds(3), 'peer', 'ua', fromPeer('ACK', 'UDP', { tag: 'x' }))
    stage.send(seconds(4), 'peer', 'ua', fromPeer('ACK', 'UDP', { tag: 'x' }))
    stage.run(seconds(4))
    expect(answers(stage).map(([at]) => at)).toEqual([0.1, 0.6, 1.6])
    expect([stage.heard('ua'), serverState(stage)]).toEqual([[[0, 'INVITE']], ['Confirmed']])
    stage.run()
    // Timer I, T4 after the first ACK.
    expect(serverState(stage)).toEqual([])
  })

  it('sends a refusal at intervals up to T2, and gives up without an ACK after 64 times T1 (Timer H)', () => {
    const stage = invited()
    stage.reply(0, 'ua', 500)
    stage.run()
    expect(answers(stage).map(([at]) => at)).toEqual([0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5])
    expect(serverState(stage)).toEqual([])
  })

  it('over TCP sends a refusal once', () => {
    const stage = invited('TCP')
    stage.reply(0, 'ua', 500)
    stage.send(seconds(1), 'peer', 'ua', fromPeer('ACK', 'TCP', { tag: 'x' }))
    stage.run(seconds(1))
    expect([answers(stage).length, serverState(stage)]).toEqual([1, []])
  })

  it('hands the ACK of a 200 to its user, whose 200 may go again; and absorbs the INVITE meanwhile', () => {
    const stage = invited()
    stage.reply(0, 'ua', 200)
    stage.send(seconds(1), 'peer', 'ua', fromPeer('INVITE'))
    stage.reply(seconds(2), 'ua', 200)
    stage.send(seconds(3), 'peer', 'ua', fromPeer('ACK', 'UDP', { tag: 'x' }))
    stage.run(seconds(3))
    expect(answers(stage).map(([at]) => at)).toEqual([0, 2])
    expect(stage.heard('ua').map(([, what]) => what)).toEqual(['INVITE', 'ACK'])
    expect(serverState(stage)).toEqual(['Accepted'])
    stage.run()
    expect([stage.now, serverState(stage)]).toEqual([seconds(32), []])
  })

  it('hands an ACK with a branch of its own to its user, and never answers it', () => {
    const stage = new Stage({ ua: { answer: 500 } }, ['peer'])
    stage.send(0, 'peer', 'ua', received('z9hG4bKother', aRequest('ACK'), 'peer'))
    stage.run()
    expect([stage.heard('ua').length, answers(stage)]).toEqual([1, []])
  })

  it('a request of RFC 2543 and its ACK are one transaction, although To has a tag then (§17.2.3)', () => {
    const stage = new Stage({ ua: { answer: 486 } }, ['peer'])
    stage.send(0, 'peer', 'ua', received('1', aRequest('INVITE')))
    stage.send(1, 'peer', 'ua', received('1', aRequest('ACK', { to: nameAddr('sip:bob@home2.net', { tag: 'x' }) })))
    stage.run(seconds(1))
    expect([stage.heard('ua').map(([, what]) => what), serverState(stage)]).toEqual([['INVITE'], ['Confirmed']])
  })
})

describe('CANCEL at a user agent (RFC 3261 §9.2)', () => {
  it('is a transaction of its own, answered 200, and has the INVITE answered 487', () => {
    const stage = invited()
    stage.send(millis(100), 'peer', 'ua', fromPeer('CANCEL'))
    stage.run(millis(100))
    expect(stage.sent('ua', 'peer').map(({ message }) => [message.headers.cseq!.method, nameOf(message)])).toEqual([
      ['CANCEL', '200'],
      ['INVITE', '487'],
    ])
    expect(serverState(stage)).toEqual(['Completed', 'Completed'])
    expect(stage.heard('ua')).toEqual([[0, 'INVITE']])
  })

  it('comes too late for an INVITE that has its answer: 200, and nothing else', () => {
    const stage = invited()
    stage.reply(0, 'ua', 486)
    stage.send(millis(100), 'peer', 'ua', fromPeer('CANCEL'))
    stage.run(millis(100))
    expect(answers(stage).map(([, what]) => what)).toEqual(['486', '200'])
  })

  it('of nothing is answered 481', () => {
    const stage = new Stage({ ua: {} }, ['peer'])
    stage.send(0, 'peer', 'ua', fromPeer('CANCEL'))
    stage.run(0)
    expect([answers(stage), stage.heard('ua')]).toEqual([[[0, '481']], []])
  })
})

const nameOf = (message: { readonly kind: string }): string => String((message as { status?: number }).status)
