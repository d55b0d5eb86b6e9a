import { afterEach, describe, expect, it } from 'vitest'
import { closeAll, get, serving } from './echo-server.ts'
import { RawClient } from './raw-client.ts'

afterEach(closeAll)

/** A request that waits to be told to go on, so that it is at work until its three bytes are sent. */
const half = 'PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n'

const closing = (clients: readonly RawClient[]) => Promise.all(clients.map((client) => client.close()))

describe('connections above the limit', () => {
  it('take the place of those that are idle for longest', async () => {
    const { port, server } = await serving({ mostConnections: 50 })
    const clients: RawClient[] = []
    for (let number = 0; number < 200; number++) {
      const client = new RawClient(port).send(get(`/${number}`))
      clients.push(client)
      expect(await client.statusesWhen(1)).toEqual([200])
      expect(server.connections()).toBeLessThanOrEqual(50)
    }
    await clients[149]!.ended()
    expect(clients.slice(0, 150).every(({ isEnded }) => isEnded)).toBe(true)
    expect(clients.slice(150).some(({ isEnded }) => isEnded)).toBe(false)
    expect(await clients[150]!.send(get('/again')).statusesWhen(2)).toEqual([200, 200])
    await closing(clients)
  })

  it('are answered 503 where all others are at work (RFC 9110 §15.6.4), which go on', async () => {
    const { port, got } = await serving({ mostConnections: 2 })
    const busy = [new RawClient(port).send(half), new RawClient(port).send(half)]
    for (const client of busy) await client.statusesWhen(1)
    const late = new RawClient(port).send(get('/'))
    await late.ended()
    expect(late.statuses).toEqual([503])
    expect(late.received).toContain('Connection: close\r\n')
    expect(late.received).toContain('Retry-After: 1\r\n')
    expect(got).toEqual([])
    for (const client of busy) expect(await client.send('abc').statusesWhen(2)).toEqual([100, 200])
    expect(await new RawClient(port).send(get('/')).statusesWhen(1)).toEqual([200])
    await closing(busy)
  })

  it('take the place of one on which nothing was asked for a while, before that of one which is idle', async () => {
    const { port, server } = await serving({ mostConnections: 2, silentMillis: 400 })
    const idle = new RawClient(port).send(get('/'))
    await idle.statusesWhen(1)
    const silent = new RawClient(port)
    await silent.until('connected', () => server.connections() === 2)
    await new Promise((resolve) => setTimeout(resolve, 450))
    expect(await new RawClient(port).send(get('/')).statusesWhen(1)).toEqual([200])
    await silent.ended()
    expect([silent.received, idle.isEnded]).toEqual(['', false])
    expect(await new RawClient(port).send(get('/')).statusesWhen(1)).toEqual([200])
    await idle.ended()
  })

  it('do not take the place of one that has just come', async () => {
    const { port, server } = await serving({ mostConnections: 1, silentMillis: 5_000 })
    const first = new RawClient(port)
    await first.until('connected', () => server.connections() === 1)
    const second = new RawClient(port).send(get('/'))
    await second.ended()
    expect(second.statuses).toEqual([503])
    expect(await first.send(get('/')).statusesWhen(1)).toEqual([200])
    await first.close()
  })

  it('that ask for nothing are few', async () => {
    const { port, server } = await serving({ mostConnections: 1, mostTurnedAway: 3, silentMillis: 5_000 })
    const busy = new RawClient(port).send(half)
    await busy.statusesWhen(1)
    const late: RawClient[] = []
    for (let number = 0; number < 5; number++) {
      const client = new RawClient(port)
      await new Promise((resolve) => client.socket.once('connect', resolve))
      late.push(client)
    }
    await late[0]!.ended()
    await late[1]!.ended()
    expect(server.connections()).toBe(1)
    for (const client of late.slice(2)) expect(await client.send(get('/')).statusesWhen(1)).toEqual([503])
    expect(late.slice(0, 2).map(({ received }) => received)).toEqual(['', ''])
    await closing([...late, busy])
  })

  it('of 1,200 at a time 1,000 are served and 200 are answered 503', { timeout: 60_000 }, async () => {
    const { port, server, got } = await serving({ silentMillis: 30_000 })
    const clients = Array.from({ length: 1200 }, () => new RawClient(port).send(half))
    for (const client of clients) await client.statusesWhen(1)
    const served = clients.filter(({ statuses }) => statuses[0] === 100)
    const refused = clients.filter(({ statuses }) => statuses[0] === 503)
    expect([served.length, refused.length, server.connections()]).toEqual([1000, 200, 1000])
    for (const client of refused) await client.ended()
    for (const client of served) client.send('abc')
    for (const client of served) expect(await client.statusesWhen(2)).toEqual([100, 200])
    expect(got.length).toBe(1000)
    expect(await new RawClient(port).send(get('/after')).statusesWhen(1)).toEqual([200])
    await closing(clients)
  })
})
