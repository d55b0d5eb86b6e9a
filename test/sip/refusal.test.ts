import { describe, expect, it } from 'vitest'
import type { Node } from '../../src/sim/node.ts'
import { Simulation } from '../../src/sim/simulation.ts'
import { seconds } from '../../src/sim/time.ts'
import type { TraceEvent } from '../../src/sim/trace.ts'
import { anyEndpoint, anyProxy, type Element, judge } from '../../src/sip/judge.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../src/sip/message.ts'
import { type Malformed, parse } from '../../src/sip/parse.ts'
import { print } from '../../src/sip/print.ts'
import { sipNode } from '../../src/sip/transaction/transaction.ts'
import { answerTo, aRequest, because, nameAddr, received, Stage } from './stage.ts'

const endpoint: Element = { ...anyEndpoint, methods: ['OPTIONS', 'NOTIFY'], options: ['path'] }

/** What an element answers to a request, and whether its user hears of it. */
function answered(element: Element, request: SipRequest) {
  const stage = new Stage({ ua: { element, answer: 200 } }, ['peer'])
  stage.send(0, 'peer', 'ua', request)
  stage.run(0)
  const sent = stage.sent('ua', 'peer').map(({ message }) => message as SipResponse)
  return { stage, response: sent[0], sent, isHeard: stage.heard('ua').length > 0 }
}

const without = (name: 'callId' | 'from' | 'to' | 'cseq') =>
  received('z9hG4bK1', aRequest('OPTIONS', { [name]: undefined }))

describe('a request that can not be accepted is answered by the transaction layer (RFC 3261 §8.2, §16.3)', () => {
  const rows: readonly (readonly [why: string, element: Element, request: SipRequest, status: number])[] = [
    ['no Call-ID', endpoint, without('callId'), 400],
    ['no From', endpoint, without('from'), 400],
    ['no To', endpoint, without('to'), 400],
    ['no CSeq', anyProxy, without('cseq'), 400],
    [
      'CSeq of another method',
      endpoint,
      received('z9hG4bK1', aRequest('OPTIONS', { cseq: { number: 1, method: 'X' } })),
      400,
    ],
    ['a method that is known but not served', endpoint, received('z9hG4bK1', aRequest('INVITE')), 405],
    ['a BYE of nothing (§15.1.2)', endpoint, received('z9hG4bK1', aRequest('BYE')), 481],
    ['a method that nobody knows', endpoint, received('z9hG4bK1', aRequest('FROB')), 501],
    ['a scheme that nobody knows', endpoint, { ...received('z9hG4bK1'), uri: 'isbn:123' }, 416],
    ['an unknown extension', endpoint, received('z9hG4bK1', aRequest('OPTIONS', { require: ['path', 'x'] })), 420],
    ['the same at a proxy', anyProxy, received('z9hG4bK1', aRequest('OPTIONS', { proxyRequire: ['x'] })), 420],
    ['no hop left', anyProxy, received('z9hG4bK1', aRequest('OPTIONS', { maxForwards: 0 })), 483],
  ]

  it.each(rows)('%s', (_, element, request, status) => {
    const { response, sent, isHeard, stage } = answered(element, request)
    expect([sent.length, response!.status, isHeard]).toEqual([1, status, false])
    expect(response!.reason).toBe(judge(request, element)!.reason)
    expect([...stage.layer('ua').servers.values()].map(({ state }) => state)).toEqual(['Completed'])
  })

  it('repeats what there is of Via, From, To, Call-ID and CSeq', () => {
    const { headers } = answered(endpoint, without('callId')).response!
    expect(headers.via).toEqual(received('z9hG4bK1').headers.via)
    expect([headers.from?.uri, headers.callId]).toEqual(['sip:alice@home1.net', undefined])
    expect(headers.to!.params.tag).toMatch(/./)
  })

  it('carries what its status asks for', () => {
    const at = (request: SipRequest) => answered(endpoint, request).response!.headers
    expect(at(received('z9hG4bK1', aRequest('INVITE'))).allow).toEqual(['OPTIONS', 'NOTIFY'])
    expect(at(received('z9hG4bK1', aRequest('OPTIONS', { require: ['x'] }))).unsupported).toEqual(['x'])
  })

  it('says by which rule', () => {
    const { stage, response } = answered(endpoint, received('z9hG4bK1', aRequest('REFER')))
    const amended = stage.trace
      .flatMap(({ effects }) => effects)
      .filter((effect) => effect.kind === 'amend' && effect.changed.includes('status'))
    expect(amended).toMatchObject([{ rule: { clause: 'RFC 3261 §8.2.1' } }])
    expect(response!.status).toBe(405)
  })

  it('is answered from memory when it comes again', () => {
    const { stage } = answered(endpoint, without('callId'))
    stage.send(seconds(1), 'peer', 'ua', without('callId'))
    stage.run(seconds(1))
    const [first, second] = stage.sent('ua', 'peer')
    expect(second!.message).toBe(first!.message)
  })

  it('an INVITE is refused by an INVITE transaction, which absorbs the ACK', () => {
    const { stage } = answered(endpoint, received('z9hG4bK1', aRequest('INVITE')))
    stage.send(
      seconds(1),
      'peer',
      'ua',
      received('z9hG4bK1', aRequest('ACK', { to: nameAddr('sip:bob@home2.net', { tag: 'x' }) })),
    )
    stage.run(seconds(10))
    expect(stage.told('ua', 'peer').map(([at]) => at)).toEqual([0, 0.5])
    expect([stage.heard('ua'), stage.layer('ua').servers.size]).toEqual([[], 0])
  })

  it('an ACK is dropped, whatever is wrong with it', () => {
    const { sent, isHeard } = answered(endpoint, received('z9hG4bK1', aRequest('ACK', { callId: undefined })))
    expect([sent, isHeard]).toEqual([[], false])
  })

  it('what has no Via can not be answered', () => {
    const { sent, stage } = answered(endpoint, aRequest())
    expect([sent, stage.decisions('RFC 3261 §8.2.6.2').length]).toEqual([[], 1])
  })

  it('a user that says nothing of itself hears all that a transaction can be kept of', () => {
    const stage = new Stage({ ua: { answer: 200 } }, ['peer'])
    stage.send(0, 'peer', 'ua', received('z9hG4bK1', aRequest('FROB', { maxForwards: 0, require: ['x'] })))
    stage.run(0)
    expect(stage.told('ua', 'peer')).toEqual([[0, '200']])
  })
})

describe('a response that can not be read (RFC 3261 §18.1.2)', () => {
  it.each(['from', 'to', 'callId'] as const)('without %s it is dropped, and the request is sent again', (name) => {
    const stage = new Stage({ ua: {} }, ['peer'])
    const request = stage.request(0, 'ua', 'peer', aRequest())
    stage.send(10, 'peer', 'ua', answerTo(request, 200, { [name]: undefined }))
    stage.run(seconds(1))
    expect([stage.heard('ua'), stage.told('ua', 'peer').length]).toEqual([[], 2])
    expect(stage.decisions('RFC 3261 §18.1.2')).toHaveLength(1)
  })

  it('with a second Via it was meant for somebody else (§8.1.3.3)', () => {
    const stage = new Stage({ ua: {} }, ['peer'])
    const request = stage.request(0, 'ua', 'peer', aRequest())
    const via = [...request.headers.via!, { transport: 'UDP', host: 'x', port: undefined, params: {} }]
    stage.send(10, 'peer', 'ua', answerTo(request, 200, { via }))
    stage.run(seconds(1))
    expect(stage.heard('ua')).toEqual([])
  })
})

describe('merged requests (RFC 3261 §8.2.2.2)', () => {
  const two = (element: Element | undefined, other: SipRequest, after = 0): readonly string[] => {
    const stage = new Stage({ ua: element === undefined ? {} : { element } }, ['peer'])
    stage.send(0, 'peer', 'ua', received('z9hG4bK1'))
    stage.send(after, 'peer', 'ua', other)
    stage.run(after)
    return stage.told('ua', 'peer').map(([, what]) => what)
  }

  it('a copy by another branch, while the first is being answered, is answered 482', () => {
    expect(two(endpoint, received('z9hG4bK2'))).toEqual(['482'])
  })

  it.each([
    ['with another CSeq', aRequest('OPTIONS', { cseq: { number: 2, method: 'OPTIONS' } })],
    ['with another From tag', aRequest('OPTIONS', { from: nameAddr('sip:alice@home1.net', { tag: 'a2' }) })],
    ['with another Call-ID', aRequest('OPTIONS', { callId: 'call-2' })],
    ['within a dialog', aRequest('OPTIONS', { to: nameAddr('sip:bob@home2.net', { tag: 'b1' }) })],
    ['of another method', aRequest('NOTIFY')],
  ])('a request %s is none', (_, request) => {
    expect(two({ ...endpoint, knowsMethods: true }, received('z9hG4bK2', request))).toEqual([])
  })

  it('a proxy forwards both: they may go different ways', () => {
    expect(two(anyProxy, received('z9hG4bK2'))).toEqual([])
  })

  it('a request that comes when the first is forgotten is a new one', () => {
    const stage = new Stage({ ua: { element: endpoint, answer: 200 } }, ['peer'])
    stage.send(0, 'peer', 'ua', received('z9hG4bK1'))
    stage.send(seconds(32) + 1, 'peer', 'ua', received('z9hG4bK2'))
    stage.run(seconds(33))
    expect(stage.told('ua', 'peer').map(([, what]) => what)).toEqual(['200', '200'])
  })

  it('the copy that was refused does not keep the first from being known', () => {
    const stage = new Stage({ ua: { element: endpoint } }, ['peer'])
    for (const branch of [1, 2, 3]) stage.send(0, 'peer', 'ua', received(`z9hG4bK${branch}`))
    stage.run(0)
    expect(stage.told('ua', 'peer').map(([, what]) => what)).toEqual(['482', '482'])
    stage.run()
    expect([...stage.layer('ua').ongoing]).toEqual([])
  })
})

/** A bus with a real wire: what is sent arrives as bytes make it, SIP or not. */
describe('what is no SIP message (RFC 3261 §21.4.1)', () => {
  const line = 'OPTIONS sip:bob@home2.net SIP/2.0'
  const headers = [
    'Via: SIP/2.0/UDP peer;branch=z9hG4bK1',
    'Max-Forwards: 70',
    'From: <sip:alice@home1.net>;tag=a1',
    'To: <sip:bob@home2.net>',
    'Call-ID: call-1',
    'CSeq: 1 OPTIONS',
  ]

  function overWire(
    lines: readonly string[],
    times = 1,
  ): { readonly replies: SipResponse[]; readonly dropped: number } {
    const ua = sipNode<null, Malformed>({
      title: 'ua',
      clause: '',
      start: () => null,
      onRequest: (_, request, turn) => turn.reply(request, 200, because),
    })
    const peer: Node<null, SipMessage | Malformed> = { title: 'peer', clause: '', start: () => null, handle() {} }
    const behaviours = { ua, peer } as Readonly<Record<string, Node<unknown, SipMessage | Malformed>>>
    const simulation = new Simulation<SipMessage | Malformed>({
      behaviours,
      seed: 1,
      isShared: (one) => 'protocol' in one,
    })
    simulation.add('ua', 'ua')
    simulation.add('peer', 'peer')
    const bytes = new TextEncoder().encode([...lines, '', ''].join('\r\n'))
    for (let i = 0; i < times; i++)
      simulation.schedule(i, { cause: -1, from: 'peer', to: 'ua', message: parse(bytes), isStream: false })
    const trace: TraceEvent<SipMessage | Malformed>[] = []
    while (simulation.next !== undefined && simulation.next <= seconds(1)) trace.push(simulation.step()!)
    const effects = trace.flatMap((event) => event.effects)
    return {
      replies: effects.flatMap((one) => (one.kind === 'send' ? [one.message as SipResponse] : [])),
      dropped: effects.filter((one) => one.kind === 'decide' && one.outcome === 'dropped').length,
    }
  }

  it.each([
    ['another version', ['OPTIONS sip:bob@home2.net SIP/3.0', ...headers], 505],
    ['stray spaces', ['OPTIONS  sip:bob@home2.net SIP/2.0', ...headers], 400],
    ['a line without a colon', [line, ...headers, 'nonsense'], 400],
    ['a Content-Length beyond the end', [line, ...headers, 'Content-Length: 10'], 400],
  ])('%s is answered, and the answer can be read', (_, lines, status) => {
    const { replies } = overWire(lines)
    expect(replies.map((one) => one.status)).toEqual([status])
    expect(replies[0]!.headers.via![0]!.params.branch).toBe('z9hG4bK1')
    expect(parse(print(replies[0]!)).kind).toBe('response')
  })

  it('says what is wrong in the reason phrase', () => {
    expect(overWire([line, ...headers, 'nonsense']).replies[0]!.reason).toBe('A header line without a colon')
  })

  it('is answered from memory when it comes again', () => {
    const { replies } = overWire([line, ...headers, 'nonsense'], 3)
    expect([replies.length, new Set(replies).size]).toEqual([3, 1])
  })

  it.each([
    ['an ACK', ['ACK sip:bob@home2.net SIP/2.0', ...headers, 'nonsense']],
    ['a response', ['SIP/2.0 2000 OK', ...headers]],
    ['what has no Via', [line, ...headers.slice(1), 'nonsense']],
    ['noise', ['\x00\x01\x02']],
  ])('%s is dropped', (_, lines) => {
    expect(overWire(lines)).toEqual({ replies: [], dropped: 1 })
  })

  it('what is right is taken', () => {
    expect(overWire([line, ...headers]).replies.map(({ status }) => status)).toEqual([200])
  })
})
