import { describe, expect, it } from 'vitest'
import {
  type Dialog,
  dialogAsClient,
  dialogAsServer,
  isOutOfOrder,
  nextHop,
  requestWithin,
  withTarget,
} from '../../src/sip/core/dialog.ts'
import type { SipRequest } from '../../src/sip/message.ts'
import { withTag } from '../../src/sip/transaction/message-turn.ts'
import { answerTo, aRequest, nameAddr, Stage } from './stage.ts'

const proxies = ['sip:p3.home2.net;lr', 'sip:p2.home1.net;lr', 'sip:p1.home1.net:7531;lr;comp=sigcomp']
const recordRoute = proxies.map((uri) => nameAddr(uri))
const alice = nameAddr('sip:alice@home1.net', { tag: 'a1' })
const bob = nameAddr('sip:bob@home2.net', { tag: 'b1' })
const aliceContact = 'sip:alice@[5555::1]:1357;comp=sigcomp'

const subscribe = aRequest('SUBSCRIBE', {
  recordRoute,
  contact: [nameAddr(aliceContact)],
  cseq: { number: 61, method: 'SUBSCRIBE' },
})
const accepted = answerTo(subscribe, 200, { recordRoute, contact: [nameAddr('sip:ps.home2.net')] })

const asServer = (request: SipRequest = subscribe) => dialogAsServer(request, withTag(request.headers.to!, 'b1'), 30, 5)
const asClient = () => dialogAsClient(subscribe, accepted, 9)

/** Two requests within a dialog, one after the other, and the dialog after them. */
function twoWithin(dialog: Dialog) {
  return new Stage({ ua: {} }).act(0, 'ua', (turn) => {
    const [first, between] = requestWithin(dialog, 'NOTIFY', turn)
    const [second, after] = requestWithin(between, 'NOTIFY', turn)
    return { first, second, after }
  })
}

describe('the dialog of the answering side (RFC 3261 §12.1.1)', () => {
  it('takes Call-ID, the remote number and both addresses, its own with the tag that it chose', () => {
    expect(asServer()).toMatchObject({
      callId: 'call-1',
      local: bob,
      remote: alice,
      localSequence: 30,
      remoteSequence: 61,
      since: 5,
    })
  })

  it('has the Contact of the request as its remote target', () => {
    expect(asServer().remoteTarget).toBe(aliceContact)
  })

  it('has the Record-Route of the request as its route set, in order and with all parameters', () => {
    expect(asServer().routeSet).toEqual(recordRoute)
  })

  it('has an empty route set without Record-Route, also after a dialog that had one', () => {
    asServer()
    expect(asServer(aRequest('SUBSCRIBE')).routeSet).toEqual([])
  })

  it('tells route sets of different requests apart', () => {
    const other = recordRoute.toReversed()
    expect(asServer({ ...subscribe, headers: subscribe.headers.with({ recordRoute: other }) }).routeSet).toEqual(other)
    expect(asServer().routeSet).toEqual(recordRoute)
    const shorter = recordRoute.slice(0, 2)
    expect(asServer({ ...subscribe, headers: subscribe.headers.with({ recordRoute: shorter }) }).routeSet).toEqual(
      shorter,
    )
  })
})

describe('the dialog of the asking side (RFC 3261 §12.1.2)', () => {
  it('takes Call-ID, the local number and both addresses, the remote one with the tag of the response', () => {
    expect(asClient()).toMatchObject({ callId: 'call-1', local: alice, remote: bob, localSequence: 61, since: 9 })
  })

  it('has the Contact of the response as its remote target', () => {
    expect(asClient().remoteTarget).toBe('sip:ps.home2.net')
  })

  it('has the Record-Route of the response, in reverse order, as its route set', () => {
    expect(asClient().routeSet.map(({ uri }) => uri)).toEqual(proxies.toReversed())
  })

  it('does not turn the Record-Route of the response itself around', () => {
    asClient()
    expect(accepted.headers.recordRoute).toEqual(recordRoute)
  })

  it('has no remote number yet: any first request of the other side is in order', () => {
    expect(isOutOfOrder(asClient(), aRequest('NOTIFY', { cseq: { number: 1, method: 'NOTIFY' } }))).toBe(false)
  })
})

describe('a request within a dialog (RFC 3261 §12.2.1.1)', () => {
  it('takes To, From and Call-ID from it, and the next number', () => {
    const { first, second, after } = twoWithin(asServer())
    expect([first.method, first.headers.cseq, second.headers.cseq]).toEqual([
      'NOTIFY',
      { number: 31, method: 'NOTIFY' },
      { number: 32, method: 'NOTIFY' },
    ])
    expect([first.headers.to, first.headers.from, first.headers.callId]).toEqual([alice, bob, 'call-1'])
    expect(after).toEqual({ ...asServer(), localSequence: 32 })
  })

  it('leaves the dialog before it as it was', () => {
    const dialog = asServer()
    const before = structuredClone(dialog)
    twoWithin(dialog)
    expect(dialog).toEqual(before)
  })

  it('is addressed to the remote target, with the route set as its Route, by loose routers', () => {
    const { first } = twoWithin(asServer())
    expect([first.uri, first.headers.route]).toEqual([aliceContact, recordRoute])
    expect(nextHop(first)).toBe('p3.home2.net')
  })

  it('has no Route when the route set is empty, and goes straight to the remote target', () => {
    const { first } = twoWithin(asServer(aRequest('SUBSCRIBE', { contact: [nameAddr(aliceContact)] })))
    expect([first.uri, first.headers.route, nextHop(first)]).toEqual([aliceContact, undefined, '[5555::1]'])
  })

  it('is addressed to a first strict router, with the remote target at the end of Route', () => {
    const routeSet = ['sip:strict.net', 'sip:p2.net;lr', 'sip:p3.net;lr'].map((uri) => nameAddr(uri))
    const { first } = twoWithin({ ...asServer(), routeSet })
    expect(first.uri).toBe('sip:strict.net')
    expect(first.headers.route!.map(({ uri }) => uri)).toEqual(['sip:p2.net;lr', 'sip:p3.net;lr', aliceContact])
  })

  it('takes a router for a loose one only by the parameter lr of its URI', () => {
    const routeSet = [nameAddr('sip:lr.net;xlr=lr', { lr: true })]
    expect(twoWithin({ ...asServer(), routeSet }).first.uri).toBe('sip:lr.net;xlr=lr')
  })

  it('has 70 hops before it (§8.1.1.6)', () => {
    expect(twoWithin(asServer()).first.headers.maxForwards).toBe(70)
  })

  it('names as its source the step in which the dialog was made', () => {
    const stage = new Stage({ ua: {} })
    stage.act(0, 'ua', (turn) => requestWithin(asServer(), 'NOTIFY', turn))
    expect(stage.trace.at(-1)!.effects[0]).toMatchObject({ kind: 'amend', before: undefined, source: 5 })
  })
})

describe('target refresh (RFC 3261 §12.2.1.2, §12.2.2)', () => {
  it('replaces the remote target by the Contact, and nothing else', () => {
    const dialog = asServer()
    expect(withTarget(dialog, [nameAddr('sip:new@host')])).toEqual({ ...dialog, remoteTarget: 'sip:new@host' })
  })

  it('changes nothing without a Contact, or with the same', () => {
    const dialog = asServer()
    expect(withTarget(dialog, undefined)).toBe(dialog)
    expect(withTarget(dialog, [nameAddr(aliceContact)])).toBe(dialog)
  })
})

describe('the order of requests within a dialog (RFC 3261 §12.2.2)', () => {
  it.each([
    [60, true],
    [61, false],
    [62, false],
    [9000, false],
  ])('after number 61, %i is out of order: %s', (number, expected) => {
    expect(isOutOfOrder(asServer(), aRequest('SUBSCRIBE', { cseq: { number, method: 'SUBSCRIBE' } }))).toBe(expected)
  })
})
