import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/sim/time.ts'
import { headerRows } from '../../src/sip/headers.ts'
import { headersOf, type SipMessage, type SipRequest, type SipResponse } from '../../src/sip/message.ts'
import { parse } from '../../src/sip/parse.ts'
import { print, wireLength } from '../../src/sip/print.ts'
import { type Leg, networkLeg } from '../../src/sip/transaction/transaction-user.ts'
import { answerTo, aRequest, nameAddr, received, Stage, type UserSettings } from './stage.ts'

const viaOf = (request: SipRequest) => request.headers.via!.map(({ transport }) => transport)

/** A request that takes so many bytes on the wire when `ua` has added its Via. */
function sized(bytes: number): SipRequest {
  const bare = sentBy(aRequest('PUBLISH'))
  const request = aRequest('PUBLISH', {}, 'x'.repeat(bytes - print(bare).length))
  const off = bytes - print(sentBy(request)).length
  return aRequest('PUBLISH', {}, 'x'.repeat(request.body.length + off))
}

function sentBy(request: SipRequest, settings: UserSettings = {}): SipRequest {
  return new Stage({ ua: settings }, ['peer']).request(0, 'ua', 'peer', request)
}

describe('the transport by size (RFC 3261 §18.1.1)', () => {
  it.each([
    [1299, 'UDP'],
    [1300, 'UDP'],
    [1301, 'TCP'],
    [4000, 'TCP'],
  ])('a request of %i bytes goes over %s where the path MTU is not known', (bytes, transport) => {
    const sent = sentBy(sized(bytes))
    expect([print(sent).length, viaOf(sent)]).toEqual([bytes, [transport]])
  })

  it.each([
    [1500, 1300, 'UDP'],
    [1500, 1301, 'TCP'],
    [9000, 8800, 'UDP'],
    [9000, 8801, 'TCP'],
    [576, 377, 'TCP'],
  ])('with a path MTU of %i a request of %i bytes goes over %s', (mtu, bytes, transport) => {
    expect(viaOf(sentBy(sized(bytes), { mtu }))).toEqual([transport])
  })

  it('counts the Via that a proxy adds, with its port and parameters', () => {
    const leg: Leg = { ...networkLeg, port: 7531, params: { comp: 'sigcomp', keep: true } }
    const stage = new Stage({ proxy: { next: 'peer', leg } }, ['client', 'peer'])
    const small = received('z9hG4bK1', aRequest(), 'client')
    stage.send(0, 'client', 'proxy', small)
    stage.run(0)
    const first = stage.sent('proxy', 'peer')[0]!.message as SipRequest
    const room = 1300 - print(first).length
    // The branch has one digit more from the tenth request on.
    for (const [branch, more] of [
      ['z9hG4bK2', 0],
      ['z9hG4bK3', 1],
    ] as const) {
      const subject = 'x'.repeat(room - 'Subject: \r\n'.length + more)
      stage.send(0, 'client', 'proxy', received(branch, aRequest('OPTIONS', { subject }), 'client'))
    }
    stage.run(0)
    const [, fitting, larger] = stage.sent('proxy', 'peer').map(({ message }) => message as SipRequest)
    expect([print(fitting!).length, viaOf(fitting!)[0]]).toEqual([1300, 'UDP'])
    expect([print(larger!).length, viaOf(larger!)[0]]).toEqual([1301, 'TCP'])
  })

  it('what goes over TCP for its size is sent once: no Timer E, and gone with its answer', () => {
    const stage = new Stage({ ua: {} }, ['peer'])
    const request = stage.request(0, 'ua', 'peer', sized(2000))
    stage.run(seconds(10))
    expect(stage.told('ua', 'peer')).toHaveLength(1)
    stage.send(seconds(10), 'peer', 'ua', answerTo(request, 200), 'stream')
    stage.run(seconds(10))
    expect([stage.heard('ua'), stage.layer('ua').clients.size]).toEqual([[[10, '200']], 0])
    expect(stage.decisions('RFC 3261 §18.1.1').map(({ outcome }) => outcome)).toEqual(['TCP'])
  })

  it('is answered over TCP, and the server transaction is gone with the answer (§17.2.2)', () => {
    const stage = new Stage({ ua: {}, server: { answer: 200 } })
    const large = sized(2000)
    stage.act(0, 'ua', (turn) => turn.request('server', large))
    stage.run(0)
    expect(stage.heard('ua')).toEqual([[0, '200']])
    expect(stage.layer('server').servers.size).toBe(0)
  })

  it('crosses a link that loses every second datagram', () => {
    const stage = new Stage({ ua: {}, server: { answer: 200 } }, [], 7)
    stage.simulation.world.network.otherwise = { latency: 1000, jitter: 0, lossOneIn: 2, duplicateOneIn: 2 }
    const large = sized(2000)
    for (let i = 0; i < 20; i++) stage.act(i, 'ua', (turn) => turn.request('server', large))
    stage.run(seconds(1))
    expect(stage.heard('ua').map(([, what]) => what)).toEqual(new Array(20).fill('200'))
  })
})

describe('a next hop that takes no streams (RFC 3261 §18.1.1)', () => {
  it('gets a large request over UDP after all, with a new branch and retransmissions', () => {
    const stage = new Stage({ ua: {} }, ['peer'])
    stage.simulation.refuseStreams('peer')
    const first = stage.request(0, 'ua', 'peer', sized(2000))
    stage.run(seconds(1))
    const sent = stage.sent('ua', 'peer').map(({ message }) => message as SipRequest)
    expect(sent.map(viaOf)).toEqual([['TCP'], ['UDP'], ['UDP']])
    expect(sent[1]!.headers.via![0]!.params.branch).not.toBe(first.headers.via![0]!.params.branch)
    expect(sent[2]).toBe(sent[1])
    expect(stage.heard('ua')).toEqual([])
  })

  it('is told apart from one that is not there at all: after UDP too has had its time', () => {
    const stage = new Stage({ ua: {} }, ['peer'])
    stage.simulation.refuseStreams('peer')
    stage.request(0, 'ua', 'peer', sized(2000))
    stage.run()
    expect(stage.heard('ua')).toEqual([[32, 'timeout']])
    expect(stage.layer('ua').clients.size).toBe(0)
  })

  it('a request that was to go over TCP whatever its size fails (RFC 3261 §8.1.3.1)', () => {
    const stage = new Stage({ ua: { leg: { ...networkLeg, transport: 'TCP' } } }, ['peer'])
    stage.simulation.refuseStreams('peer')
    stage.request(0, 'ua', 'peer', aRequest())
    stage.run()
    expect([stage.told('ua', 'peer').length, stage.heard('ua')]).toEqual([1, [[0, 'timeout']]])
  })
})

describe('the transport that a URI names (RFC 3263 §4.1)', () => {
  it.each([
    ['sip:peer;transport=tcp', 'TCP'],
    ['sip:peer;transport=UDP', 'UDP'],
    ['sip:peer;transport=tls', 'TLS'],
    ['sips:peer', 'TLS'],
    ['sip:peer;transport=ws', 'UDP'],
    ['sip:peer', 'UDP'],
    ['tel:+1234', 'UDP'],
  ])('%s: %s', (uri, transport) => {
    expect(viaOf(sentBy({ ...aRequest(), uri }))).toEqual([transport])
    expect(viaOf(sentBy(aRequest('OPTIONS', { route: [nameAddr(uri)] })))).toEqual([transport])
  })

  it('does not count where it is of another host than the next', () => {
    expect(viaOf(sentBy({ ...aRequest(), uri: 'sip:elsewhere.net;transport=tcp' }))).toEqual(['UDP'])
  })
})

describe('the length of a message', () => {
  const material = new URL('./material/', import.meta.url)
  const corpus = ['rfc4475/', 'rfc5118/'].flatMap((folder) =>
    readdirSync(new URL(folder, material)).map((file) => readFileSync(new URL(folder + file, material))),
  )
  const messages = corpus.map((bytes) => parse(bytes)).filter((one): one is SipMessage => one.kind !== 'malformed')

  it('is that of its print, for all torture messages, from text and from values', () => {
    for (const message of messages) {
      expect(wireLength(message)).toBe(print(message).length)
      const values = message.headers.fields.map((field) => {
        const value = field.row < 0 ? undefined : headerRows[field.row]!.grammar.parse(field.text!)
        return value === undefined ? { ...field, size: 0 } : { ...field, text: undefined, value, size: 0 }
      })
      const anew = { ...message, headers: headersOf(values) }
      const counted = wireLength(anew)
      expect(counted).toBe(print(anew).length)
    }
  })

  it('is counted in bytes, also of names that are not ASCII', () => {
    const from = { display: 'Zoë 人 🙂', uri: 'sip:zoe@home1.net', params: { tag: '1', name: '"ü"' } }
    const request = aRequest('OPTIONS', { from, subject: 'Größe', contact: [from, from] }, 'häh')
    expect(wireLength(request)).toBe(print(request).length)
    const response: SipResponse = { ...answerTo(received('z9hG4bK1'), 200), reason: 'Schön' }
    expect(wireLength(response)).toBe(print(response).length)
  })
})
