import { describe, expect, it } from 'vitest'
import {
  device,
  extension,
  geoprivLocation,
  isDocumentError,
  namespaces,
  parsePresence,
  person,
  personsOf,
  presence,
  printPresence,
  serviceCapabilities,
  tuple,
  validateDocument,
} from '../../src/documents/index.ts'
import { material } from './material.ts'

function value<T extends object>(parsed: T): Exclude<T, { kind: 'document-error' }> {
  if (isDocumentError(parsed)) throw new Error(`${parsed.line}:${parsed.column} ${parsed.path} ${parsed.reason}`)
  return parsed as Exclude<T, { kind: 'document-error' }>
}

describe('PIDF and its extensions: the examples', () => {
  it('RFC 4480 §4: everything that the person does', () => {
    const parsed = value(parsePresence(material('rfc4480/4-example-corrected.xml')))
    expect(parsed.tuples.map((each) => [each.id, each.contact?.uri, each.contact?.priority])).toEqual([
      ['bs35r9', 'im:someone@mobile.example.net', 0.8],
      ['ty4658', 'mailto:secretary@example.com', 1],
      ['eg92n8', 'mailto:someone@example.com', 1],
    ])
    expect(parsed.tuples[0]?.notes).toEqual([
      { text: "Don't Disturb Please!", lang: 'en' },
      { text: "Ne derangez pas, s'il vous plait", lang: 'fr' },
    ])
    expect(parsed.tuples[0]?.extensions).toEqual([
      { kind: 'deviceID', value: 'urn:device:0003ba4811e3' },
      { kind: 'relationship', notes: [], values: ['self'] },
      { kind: 'service-class', notes: [], values: ['electronic'] },
    ])
    const [someone] = personsOf(parsed)
    expect(someone).toMatchObject({
      id: 'p1',
      notes: [{ text: 'Scoring 120' }],
      timestamp: '2005-05-30T16:09:44+05:00',
    })
    expect(someone!.extensions.map((each) => each.kind)).toEqual([
      'activities',
      'class',
      'mood',
      'place-is',
      'place-type',
      'privacy',
      'sphere',
      'status-icon',
      'time-offset',
    ])
    expect(extension(someone!.extensions, 'activities')).toEqual({
      kind: 'activities',
      from: '2005-05-30T12:00:00+05:00',
      until: '2005-05-30T17:00:00+05:00',
      notes: [{ text: 'Far away' }],
      values: ['away'],
    })
    expect(extension(someone!.extensions, 'mood')?.values).toEqual(['angry', { kind: 'other', text: 'brooding' }])
    expect(extension(someone!.extensions, 'place-is')).toMatchObject({ audio: 'noisy' })
    expect(extension(someone!.extensions, 'place-type')?.values).toMatchObject([
      { name: 'residence', namespace: namespaces.locationType },
    ])
    expect(extension(someone!.extensions, 'time-offset')?.minutes).toBe(-240)
    expect(parsed.extensions.find((each) => each.kind === 'device')).toMatchObject({
      deviceId: 'urn:device:0003ba4811e3',
      extensions: [{ kind: 'user-input', value: 'idle', idleThreshold: 600, lastInput: '2004-10-21T13:20:00-05:00' }],
    })
  })

  it('RFC 4481 §3: a status to come', () => {
    const parsed = value(parsePresence(material('rfc4481/4-timed-status.xml')))
    expect(extension(parsed.tuples[0]!.extensions, 'timed-status')).toEqual({
      kind: 'timed-status',
      from: '2005-08-15T10:20:00.000-05:00',
      until: '2005-08-22T19:30:00.000-05:00',
      basic: 'closed',
      extensions: [],
    })
  })

  it('RFC 4482 §4: where the card is', () => {
    const parsed = value(parsePresence(material('rfc4482/4-cipid.xml')))
    const all = parsed.tuples.flatMap((each) => each.extensions)
    expect(all.length + personsOf(parsed).flatMap((each) => each.extensions).length).toBeGreaterThan(0)
    const kinds = [...all, ...personsOf(parsed).flatMap((each) => each.extensions)].map((each) => each.kind)
    expect(kinds).toContain('card')
  })

  it('RFC 5196 §5: what the service and the device can do', () => {
    const parsed = value(parsePresence(material('rfc5196/5-capabilities.xml')))
    expect(extension(parsed.tuples[0]!.extensions, 'servcaps')).toMatchObject({
      audio: true,
      video: false,
      message: true,
      duplex: { supported: ['full'] },
      methods: { supported: ['ACK', 'BYE', 'INVITE', 'MESSAGE'] },
      priority: { supported: { lowerThan: [{ maximum: 10 }] } },
      schemes: { supported: ['sip'] },
    })
    expect(parsed.extensions).toMatchObject([
      { kind: 'device', extensions: [{ kind: 'devcaps', mobility: { supported: ['mobile'] } }] },
    ])
  })

  it('RFC 4119 §2: where, and what may be done with it', () => {
    const text = `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"
      xmlns:cl="urn:ietf:params:xml:ns:pidf:geopriv10:civicLoc" xmlns:gml="http://www.opengis.net/gml"
      xmlns:b="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy" entity="pres:geotarget@example.com">
      <tuple id="sg89ae"><status><gp:geopriv><gp:location-info>
        <cl:civicAddress><cl:country>US</cl:country><cl:A1>New York</cl:A1><cl:HNO>123</cl:HNO></cl:civicAddress>
        <gml:location><gml:Point srsName="epsg:4326"><gml:coordinates>37:46:30N 122:25:10W</gml:coordinates></gml:Point></gml:location>
      </gp:location-info><gp:usage-rules><b:retransmission-allowed>no</b:retransmission-allowed></gp:usage-rules>
      <gp:method>GPS</gp:method></gp:geopriv></status></tuple></presence>`
    // The RFC's own example says "no", which is no xs:boolean.
    expect(validateDocument(text).errors.map((each) => each.path)).toEqual([
      '/presence/tuple/status/gp:geopriv/gp:usage-rules/b:retransmission-allowed',
    ])
    const parsed = value(parsePresence(text.replace('>no<', '>false<')))
    expect(extension(parsed.tuples[0]!.status.extensions, 'geopriv')).toMatchObject({
      location: [
        {
          kind: 'civicLocation',
          fields: [
            { name: 'country', value: 'US' },
            { name: 'A1', value: 'New York' },
            { name: 'HNO', value: '123' },
          ],
        },
        { kind: 'unknown', element: { name: 'location', namespace: namespaces.gml } },
      ],
      usageRules: { retransmissionAllowed: false },
      method: { text: 'GPS' },
    })
  })

  it('what is built by hand is what it looks like', () => {
    const document = presence('sip:a@b', {
      tuples: [
        tuple('t', undefined, {
          extensions: [serviceCapabilities({ audio: true, methods: { notSupported: ['REFER'] } })],
        }),
      ],
      extensions: [
        person('p', {
          extensions: [
            geoprivLocation([{ kind: 'civicAddress', fields: [{ name: 'country', value: 'AT' }], others: [] }]),
          ],
        }),
        device('d', 'urn:x:d'),
      ],
    })
    const text = printPresence(document)
    expect(validateDocument(text).errors).toEqual([])
    expect(text).toContain(
      '<tuple id="t"><status/><caps:servcaps><caps:audio>true</caps:audio><caps:methods><caps:notsupported><caps:REFER/>' +
        '</caps:notsupported></caps:methods></caps:servcaps></tuple>',
    )
    expect(parsePresence(text)).toEqual(document)
  })
})
