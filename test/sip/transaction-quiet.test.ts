import { describe, expect, it } from 'vitest'
import { counted, recorded } from '../../src/sip/core/proxy.ts'
import { printText } from '../../src/sip/print.ts'
import { networkLeg, type SipTurn } from '../../src/sip/transaction/transaction-user.ts'
import { aRequest, because, nameAddr, received, Stage, type UserSettings } from './stage.ts'

/** A proxy that changes what passes it by several rules, one after the other. */
const busy = (next: string): UserSettings => ({
  next,
  change: (request, turn) => {
    const one = recorded(counted(request, turn), nameAddr(`sip:${turn.self};lr`), turn)
    return turn.amend(turn.amend(one, because, { organization: turn.self }), because, { subject: 'onward' })
  },
  relay: (response, turn) => {
    const one = turn.amend(response, because, { organization: turn.self })
    return turn.amend(one, because, { body: `${response.body}seen by ${turn.self}. ` })
  },
})

const hosts = { ua: {}, p1: busy('p2'), p2: busy('server'), server: { answer: 200 } }

/** Sends five requests through two proxies over a bad link, with or without somebody who listens. */
function sendAll(seed: number, isHeard: boolean): Stage {
  const stage = new Stage(hosts, [], seed)
  stage.simulation.world.network.otherwise = { latency: 90_000, jitter: 90_000, lossOneIn: 4, duplicateOneIn: 4 }
  for (let i = 0; i < 5; i++) {
    const act = (turn: SipTurn): void => turn.request('p1', aRequest('OPTIONS', { callId: `call-${i}` }))
    stage.simulation.command(i * 300_000, 'ua', { do: 'act', act })
  }
  if (isHeard) stage.run()
  else stage.simulation.run(1e9)
  return stage
}

/** All that the users were told, with the messages as they are now. */
const told = (stage: Stage) =>
  Object.keys(hosts).map((host) =>
    stage.layer(host).user.heard.map(({ at, what, message }) => [at, what, message && printText(message)]),
  )

describe('with nobody listening, where messages change in place until they are sent', () => {
  it.each([1, 2, 3, 4, 5, 6])('everybody is told the same messages as with a listener (seed %i)', (seed) => {
    const quiet = told(sendAll(seed, false))
    expect(quiet).toEqual(told(sendAll(seed, true)))
    // Some were answered 100 before (RFC 4320 §4.1).
    expect(quiet[0]!.filter(([, what]) => what !== '100')).toHaveLength(5)
  })

  it('a message that was received is not changed by whoever forwards it', () => {
    const [, first, second] = told(sendAll(1, false))
    expect(first![0]![2]).not.toContain('Organization')
    expect(second![0]![2]).toContain('Organization: p1')
  })

  /** Acts in a turn to which nobody listens, and returns what two peers get. */
  const bothGet = (act: (turn: SipTurn) => void) => {
    const stage = new Stage({ ua: {}, x: {}, y: {} })
    stage.simulation.command(0, 'ua', { do: 'act', act })
    stage.simulation.run(100)
    return [stage.layer('x'), stage.layer('y')].map(({ user }) => user.heard[0]!.message!.headers)
  }

  it('a request that was sent is not changed by what is made from it afterwards', () => {
    const [x, y] = bothGet((turn) => {
      const first = turn.amend(aRequest(), because, { organization: 'one' })
      turn.request('x', first)
      turn.request('y', turn.amend(first, because, { organization: 'two' }))
    })
    expect([x!.organization, y!.organization]).toEqual(['one', 'two'])
  })

  it('a message that the user sends by itself is not changed afterwards either', () => {
    const [x, y] = bothGet((turn) => {
      const via = [{ transport: 'UDP', host: 'ua', port: undefined, params: { branch: 'z9hG4bK1' } }]
      const first = turn.amend(aRequest('OPTIONS', { via }), because, { organization: 'one' })
      turn.send('x', first)
      turn.send('y', turn.amend(first, because, { organization: 'two' }))
    })
    expect([x!.organization, y!.organization]).toEqual(['one', 'two'])
  })

  it('one request can be sent to two peers, each with one Via of its own', () => {
    const [x, y] = bothGet((turn) => {
      const request = turn.amend(aRequest(), because, { organization: 'both' })
      turn.request('x', request)
      turn.request('y', request)
    })
    expect([x!.via!.length, y!.via!.length]).toEqual([1, 1])
    expect(x!.via![0]!.params.branch).not.toBe(y!.via![0]!.params.branch)
  })

  it('one request can be forwarded to two peers, each with the Vias of its own way', () => {
    const stage = new Stage({ proxy: {}, x: {}, y: {} }, ['client'])
    const request = received('z9hG4bKclient', aRequest(), 'client')
    stage.send(0, 'client', 'proxy', request)
    const act = (turn: SipTurn): void => {
      const onward = counted(request, turn)
      for (const peer of ['x', 'y']) turn.forward(request, onward, peer)
    }
    stage.simulation.command(10, 'proxy', { do: 'act', act })
    stage.simulation.run(100)
    for (const peer of ['x', 'y']) {
      const { via } = stage.layer(peer).user.heard[0]!.message!.headers
      expect(via!.map(({ host }) => host)).toEqual(['proxy', 'client'])
    }
  })

  it('a request that comes back to its sender and is forwarded as it is keeps all its Vias (RFC 3261 §16.3)', () => {
    const stage = new Stage({ spiral: { next: 'server' }, server: {} })
    const act = (turn: SipTurn): void => turn.request('spiral', turn.amend(aRequest(), because, { subject: 'round' }))
    stage.simulation.command(0, 'spiral', { do: 'act', act })
    stage.simulation.run(100)
    const { via } = stage.layer('server').user.heard[0]!.message!.headers
    expect(via!.map(({ host }) => host)).toEqual(['spiral', 'spiral'])
  })

  it('a message that is kept for another turn, unsent, is not changed there', () => {
    const stage = new Stage({ ua: {}, other: {} })
    const kept: string[] = []
    let request = aRequest()
    const make = (turn: SipTurn): void => {
      request = turn.amend(request, because, { organization: 'one' })
    }
    const change = (turn: SipTurn): void => {
      turn.amend(request, because, { organization: 'two' })
      kept.push(request.headers.organization!)
    }
    stage.simulation.command(0, 'ua', { do: 'act', act: make })
    stage.simulation.command(1, 'ua', { do: 'act', act: change })
    stage.simulation.command(2, 'other', { do: 'act', act: change })
    stage.simulation.run(100)
    expect(kept).toEqual(['one', 'one'])
  })

  it('an answer that was sent is not changed by the next one', () => {
    // Over a stream a 100 may be sent at any time (RFC 4320 §4.1).
    const stage = new Stage({ ua: { leg: { ...networkLeg, transport: 'TCP' } }, server: {} })
    stage.simulation.command(0, 'ua', { do: 'act', act: (turn: SipTurn) => turn.request('server', aRequest()) })
    const act = (turn: SipTurn): void => {
      const [{ message }] = stage.layer('server').user.heard as never as [{ readonly message: never }]
      const trying = turn.answer(message, 100, because, { organization: 'one' })
      turn.respond(message, trying)
      turn.respond(message, { ...turn.amend(trying, because, { organization: 'two' }), status: 200 })
    }
    stage.simulation.command(10, 'server', { do: 'act', act })
    stage.simulation.run(100)
    expect(stage.layer('ua').user.heard.map(({ message }) => message!.headers.organization)).toEqual(['one', 'two'])
  })
})
