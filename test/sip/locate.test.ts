import { describe, expect, it } from 'vitest'
import { seconds } from '../../src/sim/time.ts'
import { anyProxy } from '../../src/sip/judge.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { type DnsRecords, type DnsTable, type Hop, hopsTo } from '../../src/sip/transaction/locate.ts'
import { networkLeg } from '../../src/sip/transaction/transaction-user.ts'
import { answerTo, aRequest, nameAddr, received, Stage, type UserSettings } from './stage.ts'

const table = (records: Readonly<Record<string, DnsRecords>>, isShown = false): DnsTable => ({ isShown, records })

/** Looks a URI up; `lots` are what chance gives. */
function lookUp(uri: string, records: Readonly<Record<string, DnsRecords>>, lots: readonly number[] = []) {
  const drawn: number[] = []
  const random = (bound: number): number => {
    drawn.push(bound)
    return lots[drawn.length - 1] ?? 0
  }
  const host = /^sips?:(?:[^@]*@)?([^;:]+)/.exec(uri)![1]!
  const hops = hopsTo(host, { ...aRequest(), uri }, table(records), { random, decide: () => {} })
  return { hops: hops.map(shown), drawn }
}

const shown = ({ address, transport }: Hop): string => (transport === undefined ? address : `${address}/${transport}`)
const srv = (target: string, priority = 0, weight = 0, port = 5060) => ({ priority, weight, port, target })
const naptr = (order: number, preference: number, service: string, replacement: string) => ({
  order,
  preference,
  service,
  replacement,
})

describe('locating SIP servers (RFC 3263 §4)', () => {
  it('a host of which DNS knows nothing is its own address', () => {
    expect(lookUp('sip:home1.net', {}).hops).toEqual(['home1.net'])
  })

  it('A and AAAA records give addresses, in their order', () => {
    const records = { 'ps.home1.net': { addresses: ['[5555::1]', '192.0.2.1'] } }
    expect(lookUp('sip:ps.home1.net', records).hops).toEqual(['[5555::1]', '192.0.2.1'])
  })

  it('NAPTR chooses the transport, by order and then preference, of the services that it knows (§4.1)', () => {
    const records = {
      'home2.net': {
        naptr: [
          naptr(20, 10, 'SIP+D2U', '_sip._udp.home2.net'),
          naptr(10, 50, 'SIP+D2T', '_sip._tcp.home2.net'),
          naptr(10, 20, 'SIPS+D2T', '_sips._tcp.home2.net'),
          naptr(1, 1, 'SIP+D2W', '_sip._ws.home2.net'),
        ],
      },
      '_sips._tcp.home2.net': { srv: [srv('tls.home2.net')] },
      '_sip._tcp.home2.net': { srv: [srv('tcp.home2.net')] },
    }
    expect(lookUp('sip:user@home2.net', records).hops).toEqual(['tls.home2.net/TLS'])
  })

  it('without NAPTR, SRV is asked for, UDP first (§4.1)', () => {
    const records = {
      'home2.net': { addresses: ['fallback'] },
      '_sip._tcp.home2.net': { srv: [srv('tcp.home2.net')] },
    }
    expect(lookUp('sip:home2.net', records).hops).toEqual(['tcp.home2.net/TCP'])
    const both = { ...records, '_sip._udp.home2.net': { srv: [srv('udp.home2.net')] } }
    expect(lookUp('sip:home2.net', both).hops).toEqual(['udp.home2.net/UDP'])
  })

  it('a transport in the URI leaves out NAPTR, a port SRV as well (§4.1, §4.2)', () => {
    const records = {
      'home2.net': { naptr: [naptr(1, 1, 'SIP+D2U', '_sip._udp.home2.net')], addresses: ['direct'] },
      '_sip._udp.home2.net': { srv: [srv('udp.home2.net')] },
      '_sip._tcp.home2.net': { srv: [srv('tcp.home2.net')] },
    }
    expect(lookUp('sip:home2.net', records).hops).toEqual(['udp.home2.net/UDP'])
    expect(lookUp('sip:home2.net;transport=tcp', records).hops).toEqual(['tcp.home2.net/TCP'])
    expect(lookUp('sip:home2.net:5070', records).hops).toEqual(['direct'])
    expect(lookUp('sip:home2.net:5070;transport=tcp', records).hops).toEqual(['direct/TCP'])
  })

  it('servers are tried by priority, each at all its addresses (RFC 2782)', () => {
    const records = {
      'home2.net': {},
      '_sip._udp.home2.net': { srv: [srv('last', 30), srv('first', 10), srv('second', 20)] },
      second: { addresses: ['second-a', 'second-b'] },
    }
    expect(lookUp('sip:home2.net', records).hops).toEqual(['first/UDP', 'second-a/UDP', 'second-b/UDP', 'last/UDP'])
  })

  it('among equals the lot decides in proportion to the weights, those of 0 first in line (RFC 2782)', () => {
    const records = {
      'home2.net': {},
      '_sip._udp.home2.net': { srv: [srv('a', 0, 1), srv('b', 0, 3), srv('z', 0, 0)] },
    }
    const first = (lot: number) => lookUp('sip:home2.net', records, [lot]).hops[0]
    expect([0, 1, 2, 3, 4].map(first)).toEqual(['z/UDP', 'a/UDP', 'b/UDP', 'b/UDP', 'b/UDP'])
    expect(lookUp('sip:home2.net', records, [4, 1]).drawn).toEqual([5, 2])
  })

  it('names compare without case', () => {
    expect(lookUp('sip:Home2.NET', { 'home2.net': { addresses: ['x'] } }).hops).toEqual(['x'])
  })

  it('a name without any address leads nowhere', () => {
    expect(lookUp('sip:home2.net', { 'home2.net': { addresses: [] } }).hops).toEqual([])
  })
})

const servers: DnsTable = table({
  'home2.net': {},
  '_sip._udp.home2.net': { srv: [srv('one', 1), srv('two', 2)] },
})

/** A proxy that forwards to `home2.net`, which has two servers; `client` sends a request at 0. */
function proxied(settings: UserSettings = {}) {
  const proxy = { next: 'home2.net', element: anyProxy, dns: servers, ...settings }
  const stage = new Stage({ proxy }, ['client', 'one', 'two'])
  stage.send(0, 'client', 'proxy', received('z9hG4bK1', aRequest('SUBSCRIBE'), 'client'))
  stage.run(0)
  return stage
}
const tcp = { ...networkLeg, transport: 'TCP' } as const
const down = (stage: Stage, ...hosts: readonly string[]): void => {
  for (const node of hosts) stage.simulation.command(0, 'world', { do: 'down', node })
}
const tried = (stage: Stage) => ['one', 'two'].map((host) => stage.told('proxy', host).length)
const upstream = (stage: Stage) => stage.told('proxy', 'client').map(([, what]) => what)

describe('a server that fails (RFC 3263 §4.3, RFC 3261 §16.9)', () => {
  it('the first answers: the second is not asked', () => {
    const stage = proxied()
    stage.send(1, 'one', 'proxy', answerTo(stage.sent('proxy', 'one')[0]!.message as SipRequest, 404))
    stage.run()
    expect([tried(stage), upstream(stage)]).toEqual([[1, 0], ['404']])
  })

  it('503: the next one gets the request, in a transaction of its own, and its answer is relayed', () => {
    const stage = proxied()
    const first = stage.sent('proxy', 'one')[0]!.message as SipRequest
    stage.send(1, 'one', 'proxy', answerTo(first, 503))
    stage.run(1)
    const second = stage.sent('proxy', 'two')[0]!.message as SipRequest
    expect(second.headers.via!.map(({ host }) => host)).toEqual(['proxy', 'client'])
    expect(second.headers.via![0]!.params.branch).not.toBe(first.headers.via![0]!.params.branch)
    stage.send(2, 'two', 'proxy', answerTo(second, 200))
    stage.run()
    expect(upstream(stage)).toEqual(['200'])
  })

  it('503 of all: the last one is relayed', () => {
    const stage = proxied()
    for (const host of ['one', 'two']) {
      stage.send(1, host, 'proxy', answerTo(stage.sent('proxy', host)[0]!.message as SipRequest, 503))
      stage.run(stage.now + 1)
    }
    expect([tried(stage), upstream(stage)]).toEqual([[1, 1], ['503']])
  })

  it('no connection: the next one at once; none at all: 503', () => {
    const dns = table({ 'home2.net': {}, '_sip._tcp.home2.net': { srv: [srv('one', 1), srv('two', 2)] } })
    const some = new Stage({ proxy: { next: 'home2.net', dns } }, ['client', 'one', 'two'])
    down(some, 'one')
    some.send(1, 'client', 'proxy', received('z9hG4bK1', aRequest(), 'client'))
    some.run(1)
    expect([tried(some), upstream(some)]).toEqual([[1, 1], []])
    const none = new Stage({ proxy: { next: 'home2.net', dns } }, ['client', 'one', 'two'])
    down(none, 'one', 'two')
    none.send(1, 'client', 'proxy', received('z9hG4bK1', aRequest(), 'client'))
    none.run(1)
    expect([tried(none), upstream(none)]).toEqual([[1, 1], ['503']])
  })

  it('no answer: the next one after 64 times T1, if the client still waits; and nothing is said without one', () => {
    const radio = { ...networkLeg, timers: { t1: seconds(2), t2: seconds(16), t4: seconds(17) } }
    const stage = proxied({ legs: { client: radio } })
    stage.run(seconds(32))
    expect(tried(stage)).toEqual([11, 1])
    const second = stage.sent('proxy', 'two')[0]!.message as SipRequest
    stage.send(seconds(33), 'two', 'proxy', answerTo(second, 200))
    stage.run()
    expect(upstream(stage)).toEqual(['100', '200'])
  })

  it('no answer in the time of the client: nobody else is bothered (RFC 4320 §4.2)', () => {
    const stage = proxied()
    stage.run()
    expect([tried(stage)[0], upstream(stage)]).toEqual([11, ['100']])
  })

  it('no address: 503', () => {
    const stage = proxied({ dns: table({ 'home2.net': { addresses: [] } }) })
    expect([tried(stage), upstream(stage)]).toEqual([[0, 0], ['503']])
  })

  it('a request of its own goes to the next server as well, and fails with the last', () => {
    const dns = table({ 'home2.net': {}, '_sip._tcp.home2.net': { srv: [srv('one', 1), srv('two', 2)] } })
    const stage = new Stage({ ua: { dns } }, ['one', 'two'])
    down(stage, 'one', 'two')
    stage.act(1, 'ua', (turn) => turn.request('home2.net', aRequest()))
    stage.run()
    expect(['one', 'two'].map((host) => stage.told('ua', host).length)).toEqual([1, 1])
    expect(stage.heard('ua')).toEqual([[1e-6, 'timeout']])
  })
})

describe('a next hop that nobody answers for (§16.9)', () => {
  it('the user of the proxy may take another way', () => {
    const stage = new Stage({ proxy: { next: 'one', leg: tcp, isHelpful: true } }, ['client', 'one'])
    down(stage, 'one')
    stage.send(1, 'client', 'proxy', received('z9hG4bK1', aRequest(), 'client'))
    stage.run(1)
    expect([stage.heard('proxy').map(([, what]) => what), upstream(stage)]).toEqual([['OPTIONS', 'unanswered'], []])
    stage.reply(2, 'proxy', 480)
    expect(upstream(stage)).toEqual(['480'])
  })

  it('with patience, a hop that says nothing at all has failed sooner; one that says 100 has not', () => {
    for (const status of [undefined, 100]) {
      const stage = new Stage({ proxy: { next: 'one', patience: seconds(7), isHelpful: true } }, ['client', 'one'])
      stage.send(0, 'client', 'proxy', received('z9hG4bK1', aRequest(), 'client'))
      stage.run(0)
      const forwarded = stage.sent('proxy', 'one')[0]!.message as SipRequest
      if (status !== undefined) stage.send(seconds(4), 'one', 'proxy', answerTo(forwarded, status))
      stage.run(seconds(20))
      const isFailed = stage.heard('proxy').filter(([, what]) => what === 'unanswered')
      expect(isFailed).toEqual(status === undefined ? [[7, 'unanswered']] : [])
    }
  })

  it('a user that has lost patience does not hear the late answer', () => {
    const stage = new Stage({ proxy: { next: 'one', patience: seconds(7), isHelpful: true } }, ['client', 'one'])
    stage.send(0, 'client', 'proxy', received('z9hG4bK1', aRequest(), 'client'))
    stage.run(0)
    const forwarded = stage.sent('proxy', 'one')[0]!.message as SipRequest
    stage.send(seconds(8), 'one', 'proxy', answerTo(forwarded, 200))
    stage.run(seconds(9))
    expect(upstream(stage)).toEqual(['100'])
  })
})

describe('what a lookup leaves in the trace', () => {
  const decisions = (isShown: boolean) => {
    const stage = proxied({ dns: { ...servers, isShown } })
    return stage.decisions('RFC 3263 §4')
  }

  it('is a decision with what was found, and a step of the ladder only if that is wanted', () => {
    expect(decisions(false)).toMatchObject([{ outcome: 'one/UDP, two/UDP', facts: { name: 'home2.net' } }])
    expect([decisions(false)[0]!.rule.step, decisions(true)[0]!.rule.step]).toEqual([undefined, 'DNS query'])
  })

  it('is nothing where DNS has nothing to say', () => {
    expect(proxied({ dns: table({}) }).decisions('RFC 3263 §4')).toEqual([])
  })
})

it('a route by which to go counts before the Request-URI (RFC 3261 §16.6 step 7)', () => {
  const request = aRequest('OPTIONS', { route: [nameAddr('sip:p.net:5070;lr')] })
  const records = { 'p.net': { addresses: ['direct'] }, '_sip._udp.p.net': { srv: [srv('by-srv')] } }
  const hops = hopsTo('p.net', request, table(records), { random: () => 0, decide: () => {} })
  expect(hops.map(shown)).toEqual(['direct'])
})
