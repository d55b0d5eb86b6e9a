import { describe, expect, it } from 'vitest'
import { packages } from '../../src/sip/events/packages.ts'
import { reasonPhrase } from '../../src/sip/status.ts'
import { networkTimers, radioTimers } from '../../src/sip/transaction/timers.ts'

describe('the values from which transaction timers are made', () => {
  it('are 500 ms, 4 s and 5 s between elements of the network (RFC 3261 Table 4)', () => {
    expect(networkTimers).toEqual({ t1: 500_000, t2: 4_000_000, t4: 5_000_000 })
  })

  it('are 2 s, 16 s and 17 s where the radio link takes its time (TS 24.229 §7.7)', () => {
    expect(radioTimers).toEqual({ t1: 2_000_000, t2: 16_000_000, t4: 17_000_000 })
  })
})

describe('event packages', () => {
  it.each([
    ['presence', 3600, 'application/pidf+xml', 5, 'RFC 3856'],
    ['presence.winfo', 3600, 'application/watcherinfo+xml', 5, 'RFC 3857'],
    ['reg', 3761, 'application/reginfo+xml', 5, 'RFC 3680'],
  ])('%s lasts %i seconds unless asked otherwise and tells %s at most every %i seconds (%s)', (...row) => {
    const [name, defaultDuration, mediaType, shortestGap, rfc] = row
    expect(packages[name]).toMatchObject({ name, defaultDuration, mediaType, shortestGap })
    expect(packages[name]!.clause).toContain(rfc)
  })

  it('xcap-diff tells documents of application/xcap-diff+xml (RFC 5875)', () => {
    expect(packages['xcap-diff']).toMatchObject({ name: 'xcap-diff', mediaType: 'application/xcap-diff+xml' })
  })

  it('each stand under their own name', () => {
    for (const [name, one] of Object.entries(packages)) expect(one.name).toBe(name)
  })
})

describe('reason phrases (RFC 3261 §21)', () => {
  it.each([
    [100, 'Trying'],
    [200, 'OK'],
    [202, 'Accepted'],
    [403, 'Forbidden'],
    [404, 'Not Found'],
    [408, 'Request Timeout'],
    [412, 'Conditional Request Failed'],
    [415, 'Unsupported Media Type'],
    [420, 'Bad Extension'],
    [423, 'Interval Too Brief'],
    [481, 'Call/Transaction Does Not Exist'],
    [483, 'Too Many Hops'],
    [489, 'Bad Event'],
    [500, 'Server Internal Error'],
    [503, 'Service Unavailable'],
    [606, 'Not Acceptable'],
  ])('%i is %s', (status, phrase) => {
    expect(reasonPhrase(status)).toBe(phrase)
  })

  it('an unknown status is as good as the x00 of its class (§8.1.3.2)', () => {
    expect([499, 299, 599].map(reasonPhrase)).toEqual(['Bad Request', 'OK', 'Server Internal Error'])
  })
})
