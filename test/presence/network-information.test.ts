import { describe, expect, it } from 'vitest'
import { parsePresence, printPresence, type RegisteredContact } from '../../src/documents/index.ts'
import {
  isAlive,
  isEmpty,
  type NetworkInformation,
  networkDocument,
  nothingKnown,
  withBearer,
  withoutRegistration,
  withRegistration,
} from '../../src/presence/network/network-information.ts'

const identity = 'sip:user1_public1@home1.net'
const phone = 'urn:uuid:00000000-0000-1000-8000-001122334455'

const contact = (id: string, state: 'active' | 'terminated' = 'active', q?: string): RegisteredContact => ({
  id,
  state,
  event: state === 'active' ? 'registered' : 'expired',
  uri: `sip:${id}`,
  ...(q !== undefined && { q }),
  unknownParameters: [],
  others: [],
})

const active = (...contacts: RegisteredContact[]) => ({ state: 'active' as const, contacts })
const over = (...contacts: RegisteredContact[]) => ({ state: 'terminated' as const, contacts })

/** The document, as it comes out of the wire. */
function documentOf(known: NetworkInformation) {
  const document = parsePresence(printPresence(networkDocument(identity, known)))
  if (document.kind !== 'presence') throw new Error(document.reason)
  return document
}
const textOf = (known: NetworkInformation): string => printPresence(networkDocument(identity, known))
const ways = (known: NetworkInformation) => documentOf(known).tuples.map(({ status }) => status.basic)

describe('the table of docs/decisions/network-agent.md: registration', () => {
  const one = withRegistration(nothingKnown, active(contact('c1')))
  const two = withRegistration(nothingKnown, active(contact('c1'), contact('c2')))

  it.each([
    ['nothing', nothingKnown, []],
    ['one contact', one, ['open']],
    ['two contacts', two, ['open', 'open']],
    ['one of two ended', withRegistration(two, active(contact('c1', 'terminated'), contact('c2'))), ['open']],
    ['the last one ended', withRegistration(one, over(contact('c1', 'terminated'))), ['closed']],
    ['both ended at once', withRegistration(two, over()), ['closed', 'closed']],
    ['told by REGISTER alone', withoutRegistration(two), ['closed', 'closed']],
    ['back again', withRegistration(withoutRegistration(one), active(contact('c3'))), ['open']],
    ['ended before anything was known', withRegistration(nothingKnown, over(contact('c1', 'terminated'))), []],
    ['never registered', withRegistration(nothingKnown, { state: 'init', contacts: [] }), []],
  ] as const)('%s', (_case, known, expected) => {
    expect(ways(known)).toEqual(expected)
  })

  it('the name of a tuple stays the same, differs from others, and tells nothing of the contact', () => {
    const names = (known: NetworkInformation) => documentOf(known).tuples.map(({ id }) => id)
    expect(names(withoutRegistration(two))).toEqual(names(two))
    expect(new Set(names(two)).size).toBe(2)
    for (const name of names(two)) expect(name).toMatch(/^ims-[0-9a-f]{16}$/)
    expect(textOf(two)).not.toMatch(/"c1|"c2|sip:c/)
  })

  it.each([
    ['0.7', 0.7],
    ['1', 1],
    [undefined, undefined],
    ['2', undefined],
    ['high', undefined],
  ])('the preference %s of the contact is the priority %s of the address', (q, priority) => {
    const known = withRegistration(nothingKnown, active(contact('c1', 'active', q)))
    const address = { uri: identity, ...(priority !== undefined && { priority }) }
    expect(documentOf(known).tuples[0]!.contact).toEqual(address)
  })
})

describe('the table of docs/decisions/network-agent.md: bearers', () => {
  const attached = withBearer(nothingKnown, { network: 'GPRS', device: phone, isAttached: true })

  it('a device by its URN, with each of its networks', () => {
    const known = withBearer(attached, { network: 'WLAN', device: phone, isAttached: true })
    const [device, ...more] = documentOf(known).extensions
    expect(more).toEqual([])
    expect(device).toMatchObject({ kind: 'device', deviceId: phone })
    expect(textOf(known)).toMatch(/network id="GPRS"><op:active\/>.*network id="WLAN"><op:active\/>/s)
  })

  it('a bearer that ends is terminated, the others stay as they are', () => {
    const both = withBearer(attached, { network: 'WLAN', device: phone, isAttached: true })
    const known = withBearer(both, { network: 'GPRS', device: phone, isAttached: false })
    expect(textOf(known)).toMatch(/network id="GPRS"><op:terminated\/>.*network id="WLAN"><op:active\/>/s)
  })

  it('two devices are two', () => {
    const known = withBearer(attached, { network: 'GPRS', device: 'urn:uuid:2', isAttached: true })
    const ids = documentOf(known).extensions.map((one) => ('id' in one ? one.id : undefined))
    expect(new Set(ids).size).toBe(2)
  })
})

describe('the table of docs/decisions/network-agent.md: place and call', () => {
  it('a place is its type, and a location that was found by the cell', () => {
    const text = textOf({ ...nothingKnown, place: { placeType: 'office', address: { A3: 'Oulu', country: 'FI' } } })
    expect(text).toMatch(/<dm:person id="network">.*<lt:office\/>/s)
    expect(text).toMatch(/<ca:country>FI<\/ca:country>\s*<ca:A3>Oulu<\/ca:A3>/)
    expect(text).toMatch(/<gp:method[^>]*>Cell<\/gp:method>/)
  })

  it('of a place of which only the type is known there is no location', () => {
    const text = textOf({ ...nothingKnown, place: { placeType: 'office' } })
    expect(text).not.toContain('geopriv')
  })

  it('a call is an activity', () => {
    expect(textOf({ ...nothingKnown, isCalling: true })).toMatch(/<rpid:activities>\s*<rpid:on-the-phone\/>/)
    expect(documentOf(nothingKnown).extensions).toEqual([])
  })
})

describe('what is alive is kept up, what is empty is not published', () => {
  const registered = withRegistration(nothingKnown, active(contact('c1')))
  const attached = withBearer(nothingKnown, { network: 'GPRS', device: phone, isAttached: true })

  it.each([
    ['nothing', nothingKnown, false, true],
    ['a registration', registered, true, false],
    ['a registration that has ended', withoutRegistration(registered), false, false],
    ['a bearer', attached, true, false],
    [
      'a bearer that has ended',
      withBearer(attached, { network: 'GPRS', device: phone, isAttached: false }),
      false,
      false,
    ],
    ['a place', { ...nothingKnown, place: { placeType: 'office' } }, true, false],
    ['a call', { ...nothingKnown, isCalling: true }, true, false],
  ] as const)('%s', (_case, known, alive, empty) => {
    expect([isAlive(known), isEmpty(known)]).toEqual([alive, empty])
  })
})
