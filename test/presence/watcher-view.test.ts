import { describe, expect, it } from 'vitest'
import { pidfDiff, pidfFull } from '../../src/documents/index.ts'
import { field, theRequest, theResponse } from '../ims/alone.ts'
import { accepted, granted, notify, pidf, proxy, subscribes, target, view } from './device.ts'

describe('RFC 3856 §6.7: what a watcher knows of a presentity', () => {
  it('is what the last full document says', () => {
    const { ue, subscribe } = accepted()
    expect(view(ue)).toBeUndefined()
    ue.receive(notify(subscribe, 1, pidf({ im: 'open', call: 'open' })), proxy)
    ue.receive(notify(subscribe, 2, pidf({ im: 'closed' })), proxy)
    expect(view(ue)).toEqual({ im: 'closed' })
    ue.receive(notify(subscribe, 3), proxy)
    expect(view(ue), 'a NOTIFY without a body says nothing new').toEqual({ im: 'closed' })
  })

  it('R5.3.2.2-b: elements that it does not know do no harm', () => {
    const { ue, subscribe } = accepted()
    const strange = '<v:mood xmlns:v="urn:example:vendor" v:level="3"><v:deep/></v:mood>'
    expect(theResponse(ue.receive(notify(subscribe, 1, pidf({ im: 'open' }, strange)), proxy)).status).toBe(200)
    expect(view(ue)).toEqual({ im: 'open' })
  })

  it('does not change by a document that can not be read, and is not asked for again and again', () => {
    const { ue, subscribe } = accepted()
    ue.receive(notify(subscribe, 1, pidf({ im: 'open' })), proxy)
    let asked = 0
    for (let sequence = 2; sequence < 10; sequence++) {
      const sent = ue.receive(notify(subscribe, sequence, 'hello'), proxy)
      for (const request of subscribes(sent)) ue.receive(granted(request), proxy)
      asked += subscribes(sent).length
    }
    expect(view(ue)).toEqual({ im: 'open' })
    expect(asked).toBeLessThan(2)
  })
})

describe('RFC 5263 §4.4: partial notifications are merged by their version', () => {
  const documents = [
    pidf({ im: 'open' }),
    pidf({ im: 'closed' }),
    pidf({ im: 'closed', call: 'open' }),
    pidf({ call: 'open' }),
    pidf({ call: 'closed' }),
  ]
  /** The notification that makes version `n` out of the one before. */
  const change = (n: number): string => pidfDiff(documents[n - 2]!, documents[n - 1]!, n)

  /** A watcher that has the full state as version 1. */
  function informed() {
    const { ue, subscribe } = accepted()
    ue.receive(notify(subscribe, 1, pidfFull(documents[0]!, 1)), proxy)
    return { ue, subscribe }
  }

  it('each change applies to the version before it', () => {
    const { ue, subscribe } = informed()
    expect(view(ue)).toEqual({ im: 'open' })
    for (const [version, expected] of [
      [2, { im: 'closed' }],
      [3, { im: 'closed', call: 'open' }],
      [4, { call: 'open' }],
      [5, { call: 'closed' }],
    ] as const) {
      const sent = ue.receive(notify(subscribe, version, change(version)), proxy)
      expect(theResponse(sent).status).toBe(200)
      expect(subscribes(sent)).toEqual([])
      expect(view(ue)).toEqual(expected)
    }
  })

  it('a version that is not higher than the last is passed over', () => {
    const { ue, subscribe } = informed()
    ue.receive(notify(subscribe, 2, change(2)), proxy)
    ue.receive(notify(subscribe, 3, change(3)), proxy)
    for (const version of [3, 2]) {
      const sent = ue.receive(notify(subscribe, 7 - version, change(version)), proxy)
      expect(theResponse(sent).status).toBe(200)
      expect(subscribes(sent)).toEqual([])
    }
    expect(view(ue)).toEqual({ im: 'closed', call: 'open' })
  })

  it('a gap: the NOTIFY is answered 200, the watcher subscribes again in the dialog, and full state mends it', () => {
    const { ue, subscribe } = informed()
    const sent = ue.receive(notify(subscribe, 2, change(3)), proxy)
    expect(sent.map(({ message }) => message.kind)).toEqual(['response', 'request'])
    const again = theRequest(sent)
    expect(again.method).toBe('SUBSCRIBE')
    expect(field(again, 'To')).toBe(`<${target}>;tag=peer`)
    expect(Number(field(again, 'Expires'))).toBeGreaterThan(0)
    expect(view(ue), 'what is known is not spoilt').toEqual({ im: 'open' })
    ue.receive(granted(again), proxy)
    ue.receive(notify(subscribe, 3, pidfFull(documents[3]!, 4)), proxy)
    expect(view(ue)).toEqual({ call: 'open' })
    ue.receive(notify(subscribe, 4, change(5)), proxy)
    expect(view(ue)).toEqual({ call: 'closed' })
  })

  it('a gap is asked about once: what comes before the full state makes no more requests', () => {
    const { ue, subscribe } = informed()
    expect(subscribes(ue.receive(notify(subscribe, 2, change(3)), proxy))).toHaveLength(1)
    expect(subscribes(ue.receive(notify(subscribe, 3, change(4)), proxy))).toHaveLength(0)
    expect(subscribes(ue.receive(notify(subscribe, 4, change(5)), proxy))).toHaveLength(0)
    ue.receive(notify(subscribe, 5, pidfFull(documents[0]!, 6)), proxy)
    const later = ue.receive(notify(subscribe, 6, pidfDiff(documents[0]!, documents[1]!, 8)), proxy)
    expect(subscribes(later), 'a new gap is a new question').toHaveLength(1)
  })

  it('a change before any full state is a gap', () => {
    const { ue, subscribe } = accepted()
    expect(subscribes(ue.receive(notify(subscribe, 1, change(2)), proxy))).toHaveLength(1)
    expect(view(ue)).toBeUndefined()
  })

  it('a change that can not be applied is a gap', () => {
    const { ue, subscribe } = informed()
    const wrong = pidfDiff(pidf({ other: 'open' }), pidf({ other: 'closed' }), 2)
    expect(subscribes(ue.receive(notify(subscribe, 2, wrong), proxy))).toHaveLength(1)
    expect(view(ue)).toEqual({ im: 'open' })
  })

  it('a gap in a subscription that the user has just ended is not asked about', () => {
    const { ue, subscribe } = informed()
    ue.command({ do: 'unsubscribe', to: target })
    expect(subscribes(ue.receive(notify(subscribe, 2, change(3)), proxy))).toHaveLength(0)
  })

  it('full state of any version replaces what was known', () => {
    const { ue, subscribe } = informed()
    ue.receive(notify(subscribe, 2, pidfFull(documents[2]!, 40)), proxy)
    expect(view(ue)).toEqual({ im: 'closed', call: 'open' })
    ue.receive(notify(subscribe, 3, pidfDiff(documents[2]!, documents[3]!, 41)), proxy)
    expect(view(ue)).toEqual({ call: 'open' })
  })
})
